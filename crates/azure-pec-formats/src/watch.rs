//! Long work watched from outside: how far it is, and a word to stop it.

use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// Watches work that goes on elsewhere; a clone watches the same work.
///
/// Work is stopped where it reads: the next read of a file fails, everything read so far is let go, and the error is
/// `cancelled`.
#[derive(Debug, Clone, Default)]
pub struct Watch(Arc<State>);

#[derive(Debug, Default)]
struct State {
    stopped: AtomicBool,
    read: AtomicU64,
    total: AtomicU64,
}

impl Watch {
    /// Has the work stop at its next read.
    pub fn stop(&self) {
        self.0.stopped.store(true, Ordering::Relaxed);
    }

    /// Whether it is to stop.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.0.stopped.load(Ordering::Relaxed)
    }

    /// The bytes of usage read so far, packed as the files are.
    #[must_use]
    pub fn read(&self) -> u64 {
        self.0.read.load(Ordering::Relaxed)
    }

    /// The bytes of usage to read; 0 until the files are found.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.0.total.load(Ordering::Relaxed)
    }

    /// More to read has been found.
    pub(crate) fn add_total(&self, bytes: u64) {
        self.0.total.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, bytes: u64) {
        self.0.read.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// What a read fails with once its watch says stop.
#[derive(Debug, thiserror::Error)]
#[error("stopped")]
pub(crate) struct Stopped;

/// What a read fails with beyond a limit of so many bytes.
#[derive(Debug, Clone, Copy, thiserror::Error)]
pub(crate) enum Beyond {
    #[error("a file of more than {0} bytes")]
    File(u64),
    #[error("a field of more than {0} bytes")]
    Field(u64),
    #[error("a packed file that holds more than {0} bytes")]
    Unpacked(u64),
}

/// Bytes of which only so many are read, however small the packed file is.
pub(crate) struct Bounded<R> {
    inner: R,
    beyond: Beyond,
    read: u64,
}

impl<R> Bounded<R> {
    pub const fn new(inner: R, beyond: Beyond) -> Self {
        Self { inner, beyond, read: 0 }
    }
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.read = self.read.saturating_add(length as u64);
        let (Beyond::File(limit) | Beyond::Field(limit) | Beyond::Unpacked(limit)) = self.beyond;
        if self.read > limit { Err(io::Error::other(self.beyond)) } else { Ok(length) }
    }
}

/// Bytes that are watched.
pub(crate) struct Watched<R> {
    pub inner: R,
    pub watch: Watch,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.watch.is_stopped() {
            return Err(io::Error::other(Stopped));
        }
        self.inner.read(buffer)
    }
}

impl<R: Seek> Seek for Watched<R> {
    fn seek(&mut self, place: io::SeekFrom) -> io::Result<u64> {
        self.inner.seek(place)
    }
}
