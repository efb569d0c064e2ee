//! Record batches in memory as a source, read like a file.

use std::fmt;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;

use crate::arrow_records::{ArrowRecords, Batches};
use crate::error::{Error, Fault, Place};
use crate::header::Header;
use crate::source::Source;

/// What begins a stream anew each time that it is called.
type Begin = dyn Fn() -> Result<Box<dyn RecordBatchReader + Send>, Error> + Send + Sync;

/// Record batches that can be read, and mostly again and again.
#[derive(Clone)]
pub(crate) struct ArrowSource {
    schema: SchemaRef,
    begin: Arc<Begin>,
}

impl fmt::Debug for ArrowSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ArrowSource").field("schema", &self.schema).finish_non_exhaustive()
    }
}

impl Source {
    /// Record batches of one schema under a name; `begin` is called for each time that they are read. A schema's column
    /// names are the header, and the line of a row is its number, from 1.
    pub fn from_batches(
        name: &str,
        schema: SchemaRef,
        begin: impl Fn() -> Result<Box<dyn RecordBatchReader + Send>, Error> + Send + Sync + 'static,
    ) -> Self {
        Self::of_arrow(name, ArrowSource { schema, begin: Arc::new(begin) })
    }
}

impl ArrowSource {
    pub fn header(&self) -> Header {
        crate::arrow_records::header_of(&self.schema)
    }

    pub fn records(&self, name: &str) -> Result<ArrowRecords, Error> {
        let reader = (self.begin)()?;
        let batches = Stream { name: name.to_owned(), reader, columns: Vec::new(), next_line: 1 };
        Ok(ArrowRecords::new(name, &self.schema, Box::new(batches)))
    }
}

/// A stream that is being read.
struct Stream {
    name: String,
    reader: Box<dyn RecordBatchReader + Send>,
    columns: Vec<usize>,
    next_line: u64,
}

impl Batches for Stream {
    fn want(&mut self, columns: &[usize]) {
        self.columns = columns.to_vec();
    }

    fn next(&mut self) -> Result<Option<(u64, RecordBatch)>, Error> {
        let Some(next) = self.reader.next() else { return Ok(None) };
        let batch = next.and_then(|batch| batch.project(&self.columns));
        let batch = batch
            .map_err(|error| Fault::Truncated { problem: error.to_string() }.at(Place::file(&self.name)))?;
        let line = self.next_line;
        self.next_line += batch.num_rows() as u64;
        Ok(Some((line, batch)))
    }
}
