//! CSV in blocks of whole records, one after the other: what has to be done in the order of the file, and no more.

use std::io::{self, Read};

use crate::error::Fault;
use crate::json_split::LineFault;
use crate::masks::{WORD, count};
use crate::separators::Separators;
use crate::source::read_fault;
use crate::tap::RECORD_LIMIT_BYTES;

/// Large enough to pay for handing it over, small enough to stay in the processor's cache.
pub(crate) const BLOCK_BYTES: usize = 256 * 1024;
const LIMIT: usize = RECORD_LIMIT_BYTES as usize;
pub(crate) const BYTE_ORDER_MARK: &[u8] = &[0xef, 0xbb, 0xbf];

/// A file that is cut into blocks.
pub(crate) struct Blocks {
    input: Box<dyn Read + Send>,
    /// What is read at once; a block is longer where a record is.
    size: usize,
    /// What was read behind the last block.
    tail: Vec<u8>,
    /// The line at which the next block starts.
    line: u64,
    /// The number of blocks so far.
    number: u64,
    ended: bool,
    /// A file that failed stays failed.
    failed: Option<LineFault>,
}

/// Some whole records.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The records, and room behind them.
    buffer: Vec<u8>,
    length: usize,
    pub separators: Separators,
    /// The line of the file at which it starts.
    pub line: u64,
    /// Its place among the blocks of the file.
    pub number: u64,
    /// The file ends here without a line end.
    pub is_cut: bool,
}

impl Block {
    pub fn bytes(&self) -> &[u8] {
        self.buffer.get(..self.length).unwrap_or_default()
    }

    /// Whether its bytes are UTF-8. Only what is not ASCII is looked at: no character reaches from it into a word that is.
    pub fn is_text(&self) -> bool {
        let next = |one: &u32, other: &u32| one.wrapping_add(1) == *other;
        self.separators.beyond_ascii().chunk_by(next).all(|words| {
            let start = words.first().map_or(0, |start| *start as usize * WORD);
            let end = self.length.min(start + words.len() * WORD);
            simdutf8::basic::from_utf8(self.buffer.get(start..end).unwrap_or_default()).is_ok()
        })
    }

    /// Reads until it holds so many bytes, and says whether there may be more.
    fn fill(&mut self, input: &mut dyn Read, wanted: usize) -> io::Result<bool> {
        if self.buffer.len() < wanted {
            self.buffer.resize(wanted, 0);
        }
        while self.length < wanted {
            let room = self.buffer.get_mut(self.length..wanted).unwrap_or_default();
            match input.read(room) {
                Ok(0) => return Ok(false),
                Ok(length) => self.length += length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    fn find_separators(&mut self) -> bool {
        self.separators.read(self.buffer.get(..self.length).unwrap_or_default())
    }

    /// The place behind the last line end that ends a record.
    fn last_end(&self) -> Option<usize> {
        let last = self.separators.lines().iter().rfind(|lines| lines.ends != 0)?;
        Some((last.word as usize + 1) * WORD - last.ends.leading_zeros() as usize)
    }

    /// The length of its first record.
    fn first_record(&self) -> usize {
        let bytes = self.bytes();
        let begin = bytes.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let mut places = self.separators.lines().iter().flat_map(|lines| {
            let ends = (0..WORD).filter(|bit| lines.ends >> bit & 1 == 1);
            ends.map(|bit| lines.word as usize * WORD + bit)
        });
        places.find(|end| *end >= begin).unwrap_or(bytes.len()) - begin
    }

    /// Ends it behind so many bytes.
    fn cut(&mut self, length: usize) {
        self.length = length;
        self.separators.truncate(length);
    }
}

impl Blocks {
    pub fn new(input: Box<dyn Read + Send>) -> Self {
        Self { input, size: BLOCK_BYTES, tail: Vec::new(), line: 1, number: 0, ended: false, failed: None }
    }

    /// Blocks of another size, for tests: nothing may depend on it.
    #[cfg(test)]
    pub fn of_size(self, size: usize) -> Self {
        Self { size: size.max(1), ..self }
    }

    /// Fills the block with the next records and says yes; no at the end.
    pub fn next(&mut self, block: &mut Block) -> Result<bool, LineFault> {
        while self.failed.is_none() && !self.ended {
            self.advance(block);
            if block.length > 0 {
                return Ok(true);
            }
        }
        block.cut(0);
        self.failed.clone().map_or(Ok(false), Err)
    }

    fn advance(&mut self, block: &mut Block) {
        block.length = 0;
        block.line = self.line;
        block.number = self.number;
        block.is_cut = false;
        block.separators.clear();
        self.number += 1;
        if block.buffer.len() < self.tail.len() {
            block.buffer.resize(self.tail.len(), 0);
        }
        if let Some(place) = block.buffer.get_mut(..self.tail.len()) {
            place.copy_from_slice(&self.tail);
        }
        block.length = self.tail.len();
        let is_first = block.number == 0;
        let mut wanted =
            block.length + if is_first { self.size.max(BYTE_ORDER_MARK.len()) } else { self.size };
        let mut may_be_marked = is_first;
        let mut fault = None;
        let end = loop {
            let more = block.fill(&mut self.input, wanted);
            if std::mem::take(&mut may_be_marked) && block.bytes().starts_with(BYTE_ORDER_MARK) {
                block.buffer.drain(..BYTE_ORDER_MARK.len());
                block.length -= BYTE_ORDER_MARK.len();
            }
            let is_open = block.find_separators();
            let end = block.last_end();
            match more {
                Ok(true) if end.is_none() && block.length <= LIMIT => {
                    wanted = block.length + self.size.max(block.length);
                    continue;
                }
                Ok(true) => {}
                Ok(false) => {
                    self.ended = true;
                    if is_open {
                        let open = block.bytes().get(end.unwrap_or(0)..).unwrap_or_default();
                        fault = Some(never_closed(open));
                    } else {
                        block.is_cut = end != Some(block.length);
                        break block.length;
                    }
                }
                Err(error) => fault = Some(read_fault(&error)),
            }
            break end.unwrap_or(0);
        };
        // Only the first record of a block can be longer than what is read at once.
        if block.length > LIMIT && block.first_record() > LIMIT {
            fault = Some(Fault::TooLarge { what: "a record", limit: RECORD_LIMIT_BYTES });
            self.leave(block, 0, fault);
            return;
        }
        self.leave(block, end, fault);
    }

    /// Keeps what follows the block for the next one, or says what is wrong with it.
    fn leave(&mut self, block: &mut Block, end: usize, fault: Option<Fault>) {
        let whole = block.length;
        block.cut(end);
        self.line += block.separators.feeds();
        let rest = block.buffer.get(end..whole).unwrap_or_default();
        self.tail.clear();
        if let Some(fault) = fault {
            let empty = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            let line = self.line + count(rest.get(..empty).unwrap_or_default(), b'\n');
            self.failed = Some((fault, line));
        } else {
            self.tail.extend_from_slice(rest);
        }
    }
}

/// The last record stops inside quotes.
fn never_closed(record: &[u8]) -> Fault {
    let curly = std::str::from_utf8(record).is_ok_and(|text| text.contains(['“', '”', '„']));
    let hint = if curly { ": it has curly quotes where straight ones belong" } else { "" };
    Fault::Truncated { problem: format!("a quoted field is never closed{hint}") }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Characters lie over the ends of words, and some are cut or changed.
        #[test]
        fn a_block_is_text_where_its_bytes_are(
            parts in prop::collection::vec(("a{0,130}", "[é日😀]{0,3}"), 1..8),
            bad in prop::option::weighted(0.5, (any::<prop::sample::Index>(), any::<u8>())),
            cut in 0_usize..3,
        ) {
            let mut bytes: Vec<u8> = parts.into_iter().flat_map(|(plain, other)| (plain + &other).into_bytes()).collect();
            bytes.truncate(bytes.len() - cut.min(bytes.len()));
            if let Some((place, byte)) = bad && !bytes.is_empty() && !matches!(byte, b'"' | b'\r' | b'\n') {
                let at = place.index(bytes.len());
                bytes[at] = byte;
            }
            let mut block = Block::default();
            Blocks::new(Box::new(io::Cursor::new(bytes.clone()))).next(&mut block).unwrap();
            prop_assert!(bytes.is_empty() || block.bytes() == bytes);
            prop_assert_eq!(block.is_text(), std::str::from_utf8(block.bytes()).is_ok());
        }
    }
}
