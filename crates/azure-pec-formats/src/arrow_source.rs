//! Record batches in memory as a source, read like a file.

use std::fmt;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::SchemaRef;

use crate::arrow_portion::{Batches, header_of};
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::source::{Source, read_fault};

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
        header_of(&self.schema)
    }

    /// Begins to read them.
    pub fn batches(&self, source: &Source) -> Result<Box<dyn Batches>, Error> {
        Ok(Box::new(Stream { source: source.clone(), reader: (self.begin)()?, next_line: 1 }))
    }
}

/// A stream that is being read.
struct Stream {
    source: Source,
    reader: Box<dyn RecordBatchReader + Send>,
    next_line: u64,
}

impl Batches for Stream {
    fn next(&mut self) -> Result<Option<(u64, RecordBatch)>, Fault> {
        self.source.go_on().map_err(|error| read_fault(&error))?;
        let next = self.reader.next().transpose();
        let Some(batch) = next.map_err(|error| Fault::Truncated { problem: error.to_string() })? else {
            return Ok(None);
        };
        let line = self.next_line;
        self.next_line += batch.num_rows() as u64;
        Ok(Some((line, batch)))
    }
}
