//! A packed file, unpacked on a thread of its own ahead of whoever reads it. Unpacking is one stream, which takes longer than
//! all that is made of the text: it goes on while others work, and what it remembers stays with one processor.

use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::Builder;

/// Text is handed on in pieces of so many bytes, which stay in the processor's cache.
const PIECE_BYTES: usize = 128 * 1024;
/// So many pieces are unpacked before they are asked for: whoever reads may be busy for a while, and unpacking goes on.
const PIECES: usize = 32;
/// A packed file is worth a thread from so many bytes on.
const WORTH_A_THREAD: u64 = 1024 * 1024;

/// Whether it pays to unpack so many bytes ahead.
pub(crate) const fn pays(packed_bytes: u64) -> bool {
    packed_bytes >= WORTH_A_THREAD
}

/// What is read of another reader on a thread of its own.
pub(crate) struct Ahead {
    /// The text in order, then an empty piece; or what ended it. A thread that is gone without either has told nothing.
    pieces: Receiver<io::Result<Vec<u8>>>,
    /// Pieces that are read, to be filled again.
    used: SyncSender<Vec<u8>>,
    piece: Vec<u8>,
    /// So many bytes of the piece are read.
    read: usize,
    ended: bool,
}

impl Ahead {
    /// Begins to read.
    ///
    /// # Errors
    /// Where the system has no thread to give.
    pub fn new(inner: Box<dyn Read + Send>) -> io::Result<Self> {
        let (sender, pieces) = sync_channel(PIECES);
        let (used, again) = sync_channel(PIECES);
        Builder::new().spawn(move || unpack(inner, &sender, &again))?;
        Ok(Self { pieces, used, piece: Vec::new(), read: 0, ended: false })
    }

    /// Goes on to the next piece; says no at the end.
    fn advance(&mut self) -> io::Result<bool> {
        if self.ended {
            return Ok(false);
        }
        // Where nobody fills pieces any more it is not needed.
        let _ = self.used.try_send(std::mem::take(&mut self.piece));
        self.read = 0;
        let next = self.pieces.recv().unwrap_or_else(|_| Err(io::Error::other("unpacking has stopped")));
        self.ended = next.as_ref().map_or(true, Vec::is_empty);
        self.piece = next?;
        Ok(!self.ended)
    }
}

impl Read for Ahead {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.piece.len() && !self.advance()? {
            return Ok(0);
        }
        let mut rest = self.piece.get(self.read..).unwrap_or_default();
        let length = rest.read(buffer)?;
        self.read += length;
        Ok(length)
    }
}

/// Reads all there is, until it ends, fails, or nobody wants more.
fn unpack(
    mut inner: Box<dyn Read + Send>,
    pieces: &SyncSender<io::Result<Vec<u8>>>,
    again: &Receiver<Vec<u8>>,
) {
    loop {
        let mut piece = again.try_recv().unwrap_or_default();
        piece.resize(PIECE_BYTES, 0);
        let (length, failed) = fill(&mut *inner, &mut piece);
        piece.truncate(length);
        let is_last = piece.is_empty();
        // What was read before it failed comes first.
        let wanted = (is_last && failed.is_some()) || pieces.send(Ok(piece)).is_ok();
        if let Some(error) = failed {
            let _ = pieces.send(Err(error));
            return;
        }
        if is_last || !wanted {
            return;
        }
    }
}

/// Fills a piece, less only at the end or where reading fails.
fn fill(inner: &mut dyn Read, piece: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut length = 0;
    while let Some(room) = piece.get_mut(length..).filter(|room| !room.is_empty()) {
        match inner.read(room) {
            Ok(0) => break,
            Ok(more) => length += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (length, Some(error)),
        }
    }
    (length, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives so many bytes, some at a time, and then ends or fails or panics.
    struct Slow {
        left: usize,
        most: usize,
        end: fn() -> io::Result<usize>,
    }

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.left.min(self.most).min(buffer.len());
            if length == 0 {
                return (self.end)();
            }
            for place in buffer.iter_mut().take(length) {
                *place = (self.left % 251) as u8;
                self.left -= 1;
            }
            Ok(length)
        }
    }

    fn read(left: usize, most: usize, end: fn() -> io::Result<usize>) -> (Vec<u8>, Option<io::ErrorKind>) {
        let mut text = Vec::new();
        let mut ahead = Ahead::new(Box::new(Slow { left, most, end })).unwrap();
        let failed = ahead.read_to_end(&mut text).err().map(|error| error.kind());
        // It stays at its end.
        assert_eq!(ahead.read(&mut [0; 8]).unwrap(), 0);
        (text, failed)
    }

    #[test]
    fn what_is_read_ahead_is_what_is_there() {
        for left in [0, 1, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 11 * PIECE_BYTES + 7] {
            let expected: Vec<u8> = (1..=left).rev().map(|at| (at % 251) as u8).collect();
            for most in [1 << 20, 4099] {
                assert!(read(left, most, || Ok(0)) == (expected.clone(), None), "{left} {most}");
                let failed = read(left, most, || Err(io::ErrorKind::UnexpectedEof.into()));
                assert!(failed == (expected.clone(), Some(io::ErrorKind::UnexpectedEof)), "{left} {most}");
            }
        }
    }

    /// A thread that panics has not come to the end of the text.
    #[test]
    fn a_thread_that_stops_is_no_end() {
        let (text, failed) = read(PIECE_BYTES + 1, 4096, || panic!("as it is meant to"));
        assert_eq!((text.len(), failed), (PIECE_BYTES, Some(io::ErrorKind::Other)));
    }

    #[test]
    fn nobody_has_to_read_to_the_end() {
        let endless = Slow { left: usize::MAX, most: 1 << 20, end: || Ok(0) };
        let mut ahead = Ahead::new(Box::new(endless)).unwrap();
        ahead.read_exact(&mut [0; 1000]).unwrap();
    }
}
