//! Records of a file, a CSV table or JSON: what the readers above see is the same.

use crate::error::{Error, Place};
use crate::header::Header;
use crate::json_records::{JsonRecords, Names};
use crate::source::Source;
use crate::table::{Row, Table};

/// So many bytes before the first that says what a text is.
pub(crate) const SPACE_BYTES: usize = 256;

/// Records that are being read.
pub(crate) enum Records {
    Table(Box<Table>),
    Json(Box<JsonRecords>),
}

/// Whether a text of this beginning is JSON and no table.
pub(crate) fn is_json(head: &[u8]) -> bool {
    matches!(head.trim_ascii_start().first(), Some(b'{' | b'['))
}

impl Records {
    /// Opens a source. JSON has the columns given, a table those of its header.
    pub fn open(source: &Source, columns: impl FnOnce() -> Vec<Names>) -> Result<Self, Error> {
        if is_json(&source.head(SPACE_BYTES)?) {
            return Ok(Self::Json(Box::new(JsonRecords::open(source, columns())?)));
        }
        Ok(Self::Table(Box::new(Table::open(source)?)))
    }

    pub fn header(&self) -> &Header {
        match self {
            Self::Table(table) => table.header(),
            Self::Json(records) => records.header(),
        }
    }

    /// The columns that will be asked for.
    pub fn want(&mut self, columns: &[usize]) {
        if let Self::Json(records) = self {
            records.want(columns);
        }
    }

    /// The next record, none at the end.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, Error> {
        match self {
            Self::Table(table) => table.read(),
            Self::Json(records) => records.read(),
        }
    }

    /// The place of a record, and of a column in it.
    pub fn place(&self, line: u64, column: Option<usize>) -> Place {
        let (mut place, name) = match self {
            Self::Table(table) => (table.place(line), column.map(|at| table.header().name(at))),
            Self::Json(records) => (records.place(line), column.map(|at| records.column_name(at))),
        };
        place.column = name.map(str::to_owned);
        place
    }
}
