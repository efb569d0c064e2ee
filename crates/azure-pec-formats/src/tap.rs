//! A reader that remembers what it read, so that a record can be shown as it stood in the file.

use std::io::{self, Read};

/// A record may hold so many bytes. An unclosed quote would otherwise take the rest of the file for one field.
pub(crate) const RECORD_LIMIT_BYTES: u64 = 16 * 1024 * 1024;

/// Passes bytes on and keeps those from [`keep_from`](Tap::keep_from) on.
pub(crate) struct Tap {
    inner: Box<dyn Read + Send>,
    kept: Vec<u8>,
    /// The place in the file of the first byte kept.
    start: u64,
    keep_from: u64,
    ended: bool,
}

impl Tap {
    pub fn new(inner: Box<dyn Read + Send>) -> Self {
        Self { inner, kept: Vec::new(), start: 0, keep_from: 0, ended: false }
    }

    /// Bytes before this place in the file are not asked for again.
    pub fn keep_from(&mut self, place: u64) {
        self.keep_from = place;
    }

    /// The bytes between two places of the file, as far as they are kept.
    pub fn between(&self, start: u64, end: u64) -> &[u8] {
        self.kept.get(self.index(start)..self.index(end)).unwrap_or_default()
    }

    /// Whether the end of the file was reached.
    pub fn ended(&self) -> bool {
        self.ended
    }

    fn index(&self, place: u64) -> usize {
        usize::try_from(place.saturating_sub(self.start)).unwrap_or(usize::MAX)
    }
}

impl Read for Tap {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let gone = self.index(self.keep_from).min(self.kept.len());
        self.kept.drain(..gone);
        self.start += u64::try_from(gone).unwrap_or(0);
        if u64::try_from(self.kept.len()).unwrap_or(u64::MAX) > RECORD_LIMIT_BYTES {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let length = self.inner.read(buffer)?;
        self.kept.extend_from_slice(buffer.get(..length).unwrap_or_default());
        self.ended = length == 0 && !buffer.is_empty();
        Ok(length)
    }
}
