//! A table of ours on its way into a Parquet file.

use std::io::{self, BufWriter};

use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_writer::ArrowWriterOptions;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;

use crate::arrow_rows::{ArrowRows, BATCH_ROWS};
use crate::error::Fault;
use crate::new_file::NewFile;
use crate::output::Amounts;

/// Rows of a row group: what is kept in memory, packed, until it is written.
const GROUP_ROWS: usize = 131_072;

/// Where the bytes go.
pub(crate) type Output = BufWriter<NewFile>;

/// A Parquet file that is being written, packed with zstd.
pub(crate) struct ParquetTable {
    rows: ArrowRows,
    writer: ArrowWriter<Output>,
}

impl ParquetTable {
    pub fn create(output: Output, header: &[&str], amounts: Amounts) -> io::Result<Self> {
        let rows = ArrowRows::new(header, amounts);
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(GROUP_ROWS))
            .build();
        // Types that every reader knows: no schema of Arrow's own beside Parquet's.
        let options = ArrowWriterOptions::new().with_properties(properties).with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(output, rows.schema(), options).map_err(io_error)?;
        Ok(Self { rows, writer })
    }

    /// The next field; where it does not fit its column, the column's name.
    pub fn field(&mut self, text: &str) -> Result<(), (Fault, String)> {
        self.rows.field(text)
    }

    /// Ends a row.
    pub fn end_row(&mut self) -> io::Result<()> {
        self.rows.end_row();
        if self.rows.rows() >= BATCH_ROWS { self.write() } else { Ok(()) }
    }

    /// The types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// Adds rows that were put together elsewhere.
    pub fn add(&mut self, rows: &mut ArrowRows) -> io::Result<()> {
        let batch = rows.take().map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io_error)
    }

    fn write(&mut self) -> io::Result<()> {
        let batch = self.rows.take().map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io_error)
    }

    /// Writes what is left and the footer.
    pub fn finish(mut self) -> io::Result<NewFile> {
        self.write()?;
        let output = self.writer.into_inner().map_err(io_error)?;
        output.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(inner) => match inner.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(inner) => io::Error::other(inner),
        },
        other => io::Error::other(other),
    }
}
