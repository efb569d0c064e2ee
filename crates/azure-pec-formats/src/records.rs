//! Records of a file, a CSV table or JSON: what the readers above see is the same.

#[cfg(feature = "arrow")]
use crate::arrow_records::ArrowRecords;
use crate::error::{Error, Place};
use crate::header::Header;
use crate::json_records::{JsonRecords, Names};
use crate::source::Source;
use crate::table::{Row, Table};

/// So many bytes before the first that says what a text is.
const SPACE_BYTES: usize = 256;

/// Records that are being read.
pub(crate) enum Records {
    Table(Box<Table>),
    Json(Box<JsonRecords>),
    #[cfg(feature = "arrow")]
    Arrow(Box<ArrowRecords>),
}

/// Whether a text of this beginning is JSON and no table.
pub(crate) fn is_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

impl Records {
    /// Opens a source. JSON has the columns given, a table those of its header.
    pub fn open(source: &Source, columns: impl FnOnce() -> Vec<Names>) -> Result<Self, Error> {
        #[cfg(feature = "arrow")]
        if let Some(batches) = source.arrow() {
            return Ok(Self::Arrow(Box::new(batches.records(source.name())?)));
        }
        let head = source.head(SPACE_BYTES)?;
        #[cfg(feature = "parquet")]
        if crate::parquet_file::is_parquet(&head) {
            let file = crate::parquet_file::ParquetFile::open(source)?;
            return Ok(Self::Arrow(Box::new(file.records())));
        }
        if is_json(&head) {
            return Ok(Self::Json(Box::new(JsonRecords::open(source, columns())?)));
        }
        Ok(Self::Table(Box::new(Table::open(source)?)))
    }

    pub fn header(&self) -> &Header {
        match self {
            Self::Table(table) => table.header(),
            Self::Json(records) => records.header(),
            #[cfg(feature = "arrow")]
            Self::Arrow(records) => records.header(),
        }
    }

    /// Takes the text `NULL` for none.
    pub fn without_nulls(&mut self) {
        match self {
            Self::Table(table) => table.without_nulls(),
            Self::Json(_) => {}
            #[cfg(feature = "arrow")]
            Self::Arrow(records) => records.without_nulls(),
        }
    }

    /// The columns that will be asked for.
    pub fn want(&mut self, columns: &[usize]) {
        match self {
            Self::Table(_) => {}
            Self::Json(records) => records.want(columns),
            #[cfg(feature = "arrow")]
            Self::Arrow(records) => records.want(columns),
        }
    }

    /// The next record, none at the end.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, Error> {
        match self {
            Self::Table(table) => table.read(),
            Self::Json(records) => records.read(),
            #[cfg(feature = "arrow")]
            Self::Arrow(records) => records.read(),
        }
    }

    /// The place of a record, and of a column in it.
    pub fn place(&self, line: u64, column: Option<usize>) -> Place {
        let (mut place, name) = match self {
            Self::Table(table) => (table.place(line), column.map(|at| table.header().name(at))),
            Self::Json(records) => (records.place(line), column.map(|at| records.column_name(at))),
            #[cfg(feature = "arrow")]
            Self::Arrow(records) => (records.place(line), column.map(|at| records.header().name(at))),
        };
        place.column = name.map(str::to_owned);
        place
    }
}
