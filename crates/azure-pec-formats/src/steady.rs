//! Whether a file is still the one that was looked at: a file is opened several times, and an answer that is made of two
//! states of it would be wrong without a word.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

/// What a read fails with where the file has changed.
#[derive(Debug, thiserror::Error)]
#[error("the file changed")]
pub(crate) struct Changed;

/// A file as it was when it was looked at.
#[derive(Debug, Clone)]
pub(crate) struct SteadyFile {
    path: PathBuf,
    stamp: Stamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Device and number of the file, where files have them: another file may have taken its name.
    identity: (u64, u64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino())
        };
        #[cfg(not(unix))]
        let identity = (0, 0);
        Self { length: metadata.len(), modified: metadata.modified().ok(), identity }
    }
}

impl SteadyFile {
    pub fn new(path: &Path, metadata: &Metadata) -> Self {
        Self { path: path.to_owned(), stamp: Stamp::of(metadata) }
    }

    /// Its length when it was looked at.
    pub const fn len(&self) -> u64 {
        self.stamp.length
    }

    /// Opens it once more.
    ///
    /// # Errors
    /// [`Changed`], and what the system says.
    pub fn open(&self) -> io::Result<OpenFile> {
        let open = OpenFile { file: Arc::new(File::open(&self.path)?), stamp: self.stamp };
        open.check()?;
        Ok(open)
    }
}

/// A steady file that is open.
#[derive(Debug, Clone)]
pub(crate) struct OpenFile {
    pub file: Arc<File>,
    stamp: Stamp,
}

impl OpenFile {
    /// Whether it is still as it was.
    ///
    /// # Errors
    /// [`Changed`].
    pub fn check(&self) -> io::Result<()> {
        let now = Stamp::of(&self.file.metadata()?);
        if now == self.stamp { Ok(()) } else { Err(io::Error::other(Changed)) }
    }
}

/// What is read of a file, whatever it is packed in: at its end the file has to be as it was.
pub(crate) struct Ended<R> {
    pub inner: R,
    pub file: OpenFile,
}

impl<R: Read> Read for Ended<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer);
        // A change may be why packed data is broken, and is then what to tell.
        if !buffer.is_empty() && !matches!(read, Ok(1..)) {
            self.file.check()?;
        }
        read
    }
}
