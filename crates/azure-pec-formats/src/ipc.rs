//! Arrow IPC streams: record batches as bytes, for faces that have no pointer to hand over.

use std::fmt;
use std::io::Cursor;
use std::sync::Arc;

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_ipc::reader::StreamReader;
use arrow_ipc::writer::StreamWriter;
use arrow_schema::{ArrowError, SchemaRef};

use crate::ask::{LineBatches, Refused};
use crate::error::{Error, Fault, Place};
use crate::quiet::guarded;
use crate::source::Source;

/// The first bytes of a file of Arrow, which is a stream with a table of contents around it.
const FILE_MAGIC: &[u8] = b"ARROW1";

impl Source {
    /// An Arrow IPC stream in memory, under a name, as [`from_batches`](Source::from_batches).
    ///
    /// # Errors
    /// `input.unknown_kind` for bytes that begin no such stream.
    pub fn from_ipc(name: &str, bytes: Vec<u8>) -> Result<Self, Error> {
        let unknown = |found: &str| Fault::UnknownKind { found: found.to_owned() }.at(Place::file(name));
        if bytes.starts_with(FILE_MAGIC) {
            return Err(unknown("an Arrow file; write it as an Arrow IPC stream"));
        }
        let bytes: Arc<[u8]> = bytes.into();
        let schema = IpcReader::begin(&bytes).map_err(|_| unknown("bytes that begin no Arrow IPC stream"))?;
        let schema = schema.schema();
        let named = name.to_owned();
        Ok(Self::from_batches(name, schema, move || match IpcReader::begin(&bytes) {
            Ok(reader) => Ok(Box::new(reader)),
            Err(error) => Err(Fault::Truncated { problem: error.to_string() }.at(Place::file(&named))),
        }))
    }
}

/// Reads a stream; where its data contradicts itself, it ends with an error.
struct IpcReader(StreamReader<Cursor<Arc<[u8]>>>);

impl IpcReader {
    fn begin(bytes: &Arc<[u8]>) -> Result<Self, ArrowError> {
        let begin = || StreamReader::try_new(Cursor::new(Arc::clone(bytes)), None);
        Ok(Self(guarded(begin).unwrap_or_else(|| Err(contradiction()))?))
    }
}

impl Iterator for IpcReader {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let inner = &mut self.0;
        guarded(|| inner.next()).unwrap_or_else(|| Some(Err(contradiction())))
    }
}

impl RecordBatchReader for IpcReader {
    fn schema(&self) -> SchemaRef {
        self.0.schema()
    }
}

fn contradiction() -> ArrowError {
    ArrowError::IpcError("its data contradicts itself".to_owned())
}

/// The table of lines as an Arrow IPC stream, piece by piece: the pieces together are the stream. Dropped, the work stops.
pub struct LinesIpc {
    batches: LineBatches,
    /// None once the stream has ended.
    writer: Option<StreamWriter<Vec<u8>>>,
}

impl fmt::Debug for LinesIpc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LinesIpc").field("batches", &self.batches).finish_non_exhaustive()
    }
}

impl LinesIpc {
    /// Writes these batches.
    ///
    /// # Errors
    /// `output.write_failed`, for a schema that has no such form; ours have.
    pub fn new(batches: LineBatches) -> Result<Self, Refused> {
        let writer = StreamWriter::try_new(Vec::new(), &batches.schema()).map_err(|error| failed(&error))?;
        Ok(Self { batches, writer: Some(writer) })
    }

    fn piece(&mut self) -> Result<Option<Vec<u8>>, Refused> {
        let Some(writer) = &mut self.writer else { return Ok(None) };
        let Some(batch) = self.batches.next().transpose()? else {
            let Some(mut ended) = self.writer.take() else { return Ok(None) };
            ended.finish().map_err(|error| failed(&error))?;
            return Ok(Some(std::mem::take(ended.get_mut())));
        };
        writer.write(&batch).map_err(|error| failed(&error))?;
        Ok(Some(std::mem::take(writer.get_mut())))
    }
}

impl Iterator for LinesIpc {
    type Item = Result<Vec<u8>, Refused>;

    /// The next piece; what went wrong is told once, and ends it.
    fn next(&mut self) -> Option<Self::Item> {
        let piece = self.piece().transpose();
        if matches!(piece, Some(Err(_))) {
            self.writer = None;
        }
        piece
    }
}

fn failed(error: &ArrowError) -> Refused {
    Fault::WriteFailed { problem: error.to_string() }.at(Place::file("lines")).into()
}
