//! A named input: a file, standard input, bytes in memory, or an entry of a zip of these.
//!
//! Content decides, never the name: gzip is known by `1f 8b`, zip by `PK 03 04`. What is read is always the plain
//! text, without a UTF-8 byte order mark. A source can be opened any number of times: to look at, then to read.

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::read::MultiGzDecoder;
use tempfile::{Builder, NamedTempFile, TempPath};

use crate::ahead::{self, Ahead};
use crate::archive::{self, Entry};
#[cfg(feature = "arrow")]
use crate::arrow_source::ArrowSource;
use crate::error::{Error, Fault, Place};
use crate::steady::{Changed, Ended, OpenFile, SteadyFile};
use crate::tap::RECORD_LIMIT_BYTES;
use crate::watch::{Beyond, Bounded, Stopped, Watch, Watched};

const GZIP: &[u8] = &[0x1f, 0x8b];
const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];
/// Read at once from disk.
const BUFFER_BYTES: usize = 64 * 1024;
/// Of what is kept, a piece: of larger ones an allocator that takes its memory in blocks fits fewer into them.
const PIECE_BYTES: usize = 4 * 1024 * 1024;
/// Of what is kept whole, in memory or on the disk, a packed file may hold so much, or so many times its own size, whichever
/// is more. Exports hold 10 to 40 times theirs; deflate can hold 1,030 times.
const UNPACKED_BYTES: u64 = 64 * 1024 * 1024;
const UNPACKED_TIMES: u64 = 100;

/// What a source is read from: any bytes that can be read from any place.
pub(crate) trait Bytes: Read + Seek + Send {}
impl<T: Read + Seek + Send> Bytes for T {}

/// A named input that can be opened again and again.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    content: Content,
    entry: Option<Entry>,
    /// What is read of the underlying file is added here.
    counter: Option<Arc<AtomicU64>>,
    /// Stops the reading.
    watch: Option<Watch>,
    /// So much plain text is read at most.
    limit: Option<u64>,
    /// What is packed is unpacked ahead.
    ahead: bool,
}

#[derive(Debug, Clone)]
enum Content {
    File(SteadyFile),
    /// Standard input, kept on disk; the file goes with the last source that needs it.
    Spooled(Arc<TempPath>),
    Memory(Arc<[u8]>),
    /// No bytes at all, but record batches.
    #[cfg(feature = "arrow")]
    Arrow(ArrowSource),
}

/// Content that can be read from any place.
#[cfg(feature = "parquet")]
#[derive(Debug, Clone)]
pub(crate) enum Whole {
    File(SteadyFile),
    /// Our own, which nobody changes.
    Kept(Arc<TempPath>),
    Spooled(Arc<NamedTempFile>),
    Memory(Arc<[u8]>),
}

impl Content {
    /// Its bytes, and the file that they are of, which may change.
    fn open(&self) -> io::Result<(Box<dyn Bytes>, Option<OpenFile>)> {
        Ok(match self {
            Self::File(file) => {
                let file = file.open()?;
                (Box::new(BufReader::with_capacity(BUFFER_BYTES, Arc::clone(&file.file))), Some(file))
            }
            Self::Spooled(path) => {
                (Box::new(BufReader::with_capacity(BUFFER_BYTES, File::open(&**path)?)), None)
            }
            Self::Memory(bytes) => (Box::new(Cursor::new(Arc::clone(bytes))), None),
            #[cfg(feature = "arrow")]
            Self::Arrow(_) => (Box::new(io::empty()), None),
        })
    }
}

impl Source {
    /// Opens a file, or standard input for `-`: one source, or one for each file in a zip.
    ///
    /// # Errors
    /// `input.not_found` where it cannot be read, `input.unknown_kind` for an empty file, a pipe or a device, a
    /// workbook, and a zip that is empty or packed in a way that is not read; `input.truncated` for a broken zip.
    pub fn open(path: &Path) -> Result<Vec<Self>, Error> {
        Self::open_as(path.to_string_lossy().into_owned(), path)
    }

    /// As [`open`](Source::open), under another name than its path.
    pub(crate) fn open_as(name: String, path: &Path) -> Result<Vec<Self>, Error> {
        if path.as_os_str() == "-" {
            return Self::from_stdin();
        }
        let at = || Place::file(&name);
        let metadata = std::fs::metadata(path).map_err(|error| read_fault(&error).at(at()))?;
        if metadata.is_dir() {
            return Err(Fault::NotFound { problem: "it is a folder".to_owned() }.at(at()));
        }
        if !metadata.is_file() {
            return Err(Fault::UnknownKind { found: "a pipe or a device".to_owned() }.at(at()));
        }
        Self::unpack(name, Content::File(SteadyFile::new(path, &metadata)))
    }

    /// Keeps standard input on disk and opens it.
    fn from_stdin() -> Result<Vec<Self>, Error> {
        let name = "standard input".to_owned();
        let file = kept(&mut io::stdin().lock()).map_err(|fault| fault.at(Place::file(&name)))?;
        Self::unpack(name, Content::Spooled(Arc::new(file.into_temp_path())))
    }

    /// Opens bytes in memory under a name.
    ///
    /// # Errors
    /// As [`Source::open`].
    pub fn from_bytes(name: &str, bytes: impl Into<Arc<[u8]>>) -> Result<Vec<Self>, Error> {
        Self::unpack(name.to_owned(), Content::Memory(bytes.into()))
    }

    const fn new(name: String, content: Content, entry: Option<Entry>) -> Self {
        Self { name, content, entry, counter: None, watch: None, limit: None, ahead: false }
    }

    fn unpack(name: String, content: Content) -> Result<Vec<Self>, Error> {
        let faulty = |fault: Fault| fault.at(Place::file(&name));
        let (mut bytes, file) = content.open().map_err(|error| faulty(read_fault(&error)))?;
        let head = take(&mut bytes, 4).map_err(|error| faulty(read_fault(&error)))?;
        if head.is_empty() {
            return Err(faulty(Fault::UnknownKind { found: "an empty file".to_owned() }));
        }
        if !archive::is_zip(&head) {
            return Ok(vec![Self::new(name, content, None)]);
        }
        let entries = archive::entries(bytes).map_err(|fault| {
            // A change may be why the archive is broken, and is then what to tell.
            let has_changed = file.is_some_and(|file| file.check().is_err());
            faulty(if has_changed { Fault::Changed } else { fault })
        })?;
        Ok(entries
            .into_iter()
            .map(|entry| Self::new(format!("{name}/{}", entry.name), content.clone(), Some(entry)))
            .collect())
    }

    #[cfg(feature = "arrow")]
    pub(crate) fn of_arrow(name: &str, batches: ArrowSource) -> Self {
        Self::new(name.to_owned(), Content::Arrow(batches), None)
    }

    /// Its record batches, where it is made of such.
    #[cfg(feature = "arrow")]
    pub(crate) fn arrow(&self) -> Option<&ArrowSource> {
        match &self.content {
            Content::Arrow(batches) => Some(batches),
            _ => None,
        }
    }

    /// The name that errors and lists show; `archive.zip/entry.csv` in a zip.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole source as a place.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::file(&self.name)
    }

    /// The same source, and a counter of the bytes that are read of the underlying file, packed as they are.
    pub(crate) fn counted(&self) -> (Self, Arc<AtomicU64>) {
        let counter = Arc::new(AtomicU64::new(0));
        (Self { counter: Some(Arc::clone(&counter)), ..self.clone() }, counter)
    }

    /// The same source, which unpacks on a thread of its own where that pays.
    pub(crate) fn unpacked_ahead(&self) -> Self {
        Self { ahead: true, ..self.clone() }
    }

    /// Whether its watch lets the work go on.
    ///
    /// # Errors
    /// What is read as `cancelled`.
    #[cfg(feature = "arrow")]
    pub(crate) fn go_on(&self) -> io::Result<()> {
        let stopped = self.watch.as_ref().is_some_and(Watch::is_stopped);
        if stopped { Err(io::Error::other(Stopped)) } else { Ok(()) }
    }

    /// The same source, stopped by a watch, and by a limit of its plain text.
    pub(crate) fn watched(self, watch: &Watch, limit: Option<u64>) -> Self {
        Self { watch: Some(watch.clone()), limit, ..self }
    }

    /// The bytes that reading it to the end takes from the underlying file, packed as they are; 0 where nobody knows.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        if let Some(entry) = &self.entry {
            return entry.packed_bytes;
        }
        match &self.content {
            Content::File(file) => file.len(),
            Content::Spooled(path) => std::fs::metadata(&**path).map_or(0, |metadata| metadata.len()),
            Content::Memory(bytes) => bytes.len() as u64,
            #[cfg(feature = "arrow")]
            Content::Arrow(_) => 0,
        }
    }

    /// Refuses plain content of so many bytes, where that is beyond the limit.
    #[cfg(feature = "parquet")]
    pub(crate) fn allow(&self, bytes: i64) -> Result<(), Fault> {
        match self.limit {
            Some(limit) if u64::try_from(bytes).unwrap_or(u64::MAX) > limit => {
                Err(Fault::TooLarge { what: "the file", limit })
            }
            _ => Ok(()),
        }
    }

    /// Tells that so many bytes of the underlying file were read elsewhere.
    #[cfg(feature = "parquet")]
    pub(crate) fn count(&self, bytes: u64) {
        if let Some(counter) = &self.counter {
            counter.fetch_add(bytes, Ordering::Relaxed);
        }
    }

    /// The plain content as a whole, to read any part of. What is packed is unpacked to the disk.
    #[cfg(feature = "parquet")]
    pub(crate) fn whole(&self) -> Result<Whole, Fault> {
        let faulty = |error: io::Error| read_fault(&error);
        let is_gzip = || take(&mut self.content.open()?.0, GZIP.len()).map(|head| head == GZIP);
        if self.entry.is_some() || is_gzip().map_err(faulty)? {
            let uncounted = Self { counter: None, ..self.clone() };
            let file = kept(&mut uncounted.plain(true).map_err(faulty)?)?;
            return Ok(Whole::Spooled(Arc::new(file)));
        }
        Ok(match &self.content {
            Content::File(file) => Whole::File(file.clone()),
            Content::Spooled(path) => Whole::Kept(Arc::clone(path)),
            Content::Memory(bytes) => Whole::Memory(Arc::clone(bytes)),
            Content::Arrow(_) => Whole::Memory(Arc::from([])),
        })
    }

    /// The fault, with the name of the source.
    pub(crate) fn error(&self, fault: Fault) -> Error {
        fault.at(self.place())
    }

    /// The plain text from its beginning: unzipped, gunzipped, without a byte order mark.
    ///
    /// Reading may fail later, with `UnexpectedEof` or `InvalidData` where a packed file is cut or broken, and at the end
    /// where the file changed meanwhile.
    ///
    /// # Errors
    /// `input.not_found`, `input.truncated`, `input.changed`.
    pub fn reader(&self) -> Result<Box<dyn Read + Send>, Error> {
        self.plain(false).map_err(|error| self.error(read_fault(&error)))
    }

    /// As [`reader`](Self::reader), for what is kept whole: a packed file that holds far more than its size is no export.
    ///
    /// # Errors
    /// As there; reading may fail with `input.too_large`.
    pub(crate) fn reader_to_keep(&self) -> Result<Box<dyn Read + Send>, Error> {
        self.plain(true).map_err(|error| self.error(read_fault(&error)))
    }

    fn plain(&self, is_kept: bool) -> io::Result<Box<dyn Read + Send>> {
        let (mut bytes, file) = self.content.open()?;
        if let Some(counter) = &self.counter {
            bytes = Box::new(Counted { inner: bytes, counter: Arc::clone(counter) });
        }
        if let Some(watch) = &self.watch {
            bytes = Box::new(Watched { inner: bytes, watch: watch.clone() });
        }
        let unzipped: Box<dyn Read + Send> = match &self.entry {
            None => Box::new(bytes),
            Some(entry) => entry.open(bytes)?,
        };
        let (head, packed) = look_ahead(unzipped, GZIP.len())?;
        let is_gzip = head == GZIP;
        let mut text: Box<dyn Read + Send> =
            if is_gzip { Box::new(MultiGzDecoder::new(packed)) } else { packed };
        if let Some(file) = file {
            text = Box::new(Ended { inner: text, file });
        }
        let (head, mut text) = look_ahead(text, BYTE_ORDER_MARK.len())?;
        if head == BYTE_ORDER_MARK {
            take(&mut text, head.len())?;
        }
        if is_kept && (is_gzip || self.entry.is_some()) {
            let limit = self.packed_bytes().saturating_mul(UNPACKED_TIMES).max(UNPACKED_BYTES);
            text = Box::new(Bounded::new(text, Beyond::Unpacked(limit)));
        }
        if let Some(limit) = self.limit {
            text = Box::new(Bounded::new(text, Beyond::File(limit)));
        }
        let is_packed = is_gzip || self.entry.is_some();
        if self.ahead && is_packed && ahead::pays(self.packed_bytes()) {
            text = Box::new(Ahead::new(text)?);
        }
        Ok(text)
    }

    /// The first bytes of the plain text, `most` at most. A look at them is not counted as reading.
    ///
    /// # Errors
    /// As [`Source::reader`].
    pub fn head(&self, most: usize) -> Result<Vec<u8>, Error> {
        let uncounted = Self { counter: None, ahead: false, ..self.clone() };
        take(&mut uncounted.reader()?, most).map_err(|error| self.error(read_fault(&error)))
    }

    /// The whole plain text, for documents.
    ///
    /// # Errors
    /// `input.too_large` beyond `limit` bytes of plain text, for a packed file that holds far more than its size, and for a
    /// field of more than 16 MiB; else as [`Source::reader`].
    pub fn read_to_limit(&self, limit: u64) -> Result<Vec<u8>, Error> {
        let text = Fields { inner: self.reader_to_keep()?, unquoted: 0 };
        let pieces = pieces(text.take(limit.saturating_add(1)));
        let pieces = pieces.map_err(|error| self.error(read_fault(&error)))?;
        let length = pieces.iter().map(|piece| piece.len() as u64).sum::<u64>();
        if length > limit {
            return Err(self.error(Fault::TooLarge { what: "the document", limit }));
        }
        Ok(joined(pieces))
    }
}

/// Counts what is read.
struct Counted {
    inner: Box<dyn Bytes>,
    counter: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.counter.fetch_add(length as u64, Ordering::Relaxed);
        Ok(length)
    }
}

impl Seek for Counted {
    fn seek(&mut self, place: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(place)
    }
}

/// A document, of which no field may be so long that keeping it is a burden: as far as that is told by the quotes around
/// fields, none of which may be farther from the next one.
struct Fields<R> {
    inner: R,
    /// The bytes since the last quote.
    unquoted: u64,
}

impl<R: Read> Read for Fields<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        let read = buffer.get(..length).unwrap_or_default();
        self.unquoted = match memchr::memrchr(b'"', read) {
            Some(at) => (length - at) as u64,
            None => self.unquoted.saturating_add(length as u64),
        };
        if self.unquoted > RECORD_LIMIT_BYTES {
            return Err(io::Error::other(Beyond::Field(RECORD_LIMIT_BYTES)));
        }
        Ok(length)
    }
}

/// What is read, in a file of our own that goes with its last user.
fn kept(from: &mut dyn Read) -> Result<NamedTempFile, Fault> {
    let no_room = |error: io::Error| {
        // Not the name of the file, which nobody asked for.
        let own = error.get_ref().and_then(std::error::Error::source).map(ToString::to_string);
        let said = own.unwrap_or_else(|| error.to_string());
        Fault::WriteFailed { problem: format!("there is no room to keep it among temporary files: {said}") }
    };
    let mut file = Builder::new().prefix(".pec-").suffix(".tmp").tempfile().map_err(no_room)?;
    let mut buffer = vec![0; BUFFER_BYTES];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(file),
            Ok(length) => {
                file.write_all(buffer.get(..length).unwrap_or_default()).map_err(no_room)?;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(read_fault(&error)),
        }
    }
}

/// All of a text, in pieces: what turns out to be too large has taken its own size and no more, whoever allocates.
fn pieces(mut text: impl Read) -> io::Result<Vec<Vec<u8>>> {
    let (mut pieces, mut room) = (Vec::new(), BUFFER_BYTES);
    loop {
        let mut piece = Vec::with_capacity(room);
        text.by_ref().take(room as u64).read_to_end(&mut piece)?;
        let is_last = piece.len() < room;
        pieces.push(piece);
        if is_last {
            return Ok(pieces);
        }
        room = room.saturating_mul(2).min(PIECE_BYTES);
    }
}

/// Each piece goes as soon as it is copied.
fn joined(pieces: Vec<Vec<u8>>) -> Vec<u8> {
    let length: usize = pieces.iter().map(Vec::len).sum();
    let mut pieces = pieces.into_iter();
    let mut bytes = pieces.next().unwrap_or_default();
    bytes.reserve_exact(length - bytes.len());
    for piece in pieces {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

/// At most `most` bytes; fewer only at the end.
fn take(reader: &mut impl Read, most: usize) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    reader.take(u64::try_from(most).unwrap_or(u64::MAX)).read_to_end(&mut head)?;
    Ok(head)
}

/// The first bytes, and the reader as it was.
fn look_ahead(mut reader: Box<dyn Read + Send>, most: usize) -> io::Result<(Vec<u8>, Box<dyn Read + Send>)> {
    let head = take(&mut reader, most)?;
    Ok((head.clone(), Box::new(Cursor::new(head).chain(reader))))
}

/// What a failed read says about the file: packed files that are cut or broken come as these kinds of error.
pub(crate) fn read_fault(error: &io::Error) -> Fault {
    if error.get_ref().and_then(|inner| inner.downcast_ref::<Stopped>()).is_some() {
        return Fault::Cancelled;
    }
    if error.get_ref().and_then(|inner| inner.downcast_ref::<Changed>()).is_some() {
        return Fault::Changed;
    }
    match error.get_ref().and_then(|inner| inner.downcast_ref()) {
        Some(Beyond::File(limit)) => return Fault::TooLarge { what: "the file", limit: *limit },
        Some(Beyond::Field(limit)) => return Fault::TooLarge { what: "a field", limit: *limit },
        Some(Beyond::Unpacked(limit)) => return Fault::Unpacked { limit: *limit },
        None => {}
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => {
            Fault::Truncated { problem: "the packed data stops before its end".to_owned() }
        }
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => {
            Fault::Truncated { problem: error.to_string() }
        }
        _ => Fault::NotFound { problem: error.to_string() },
    }
}
