//! Where the records and fields of a block stand.

use std::ops::Range;

use crate::blocks::Block;
use crate::cells::{CellAndOn, alone};
use crate::masks::{Loop, PLACES_ROOM, Vectors, WORD, below, dispatched, padded};

/// The places of separators in a block. Filled again and again, it allocates once.
#[derive(Debug, Default)]
pub(crate) struct RecordIndex {
    /// The place behind each separator outside quotes, 0 before the first. A field lies between two of them.
    marks: Vec<u32>,
    /// So many of them count.
    length: usize,
    records: Vec<RecordAt>,
    /// Where words begin that hold more than ASCII.
    beyond_ascii: Vec<u32>,
}

/// Where a record stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RecordAt {
    /// The mark before its first field.
    first: u32,
    pub fields: u32,
    /// Line ends of the block before it.
    pub line: u32,
}

impl RecordIndex {
    /// Finds the records of a block.
    pub fn read(&mut self, block: &Block) {
        dispatched(Reading { index: self, block });
    }

    #[inline(always)]
    fn read_words(&mut self, vectors: impl Vectors, block: &Block) {
        self.records.clear();
        self.beyond_ascii.clear();
        // A separator in every byte, and one at the end.
        self.reserve(block.bytes().len() + 2);
        if let Some(first) = self.marks.first_mut() {
            *first = 0;
        }
        let mut at = At { length: 1, base: 0, lines: 0, first: 0, line: 0 };
        let (words, rest) = block.bytes().as_chunks::<WORD>();
        let mut insides = block.quotes.inside().iter();
        for (word, inside) in words.iter().zip(&mut insides) {
            self.read_word(vectors, &mut at, word, *inside);
        }
        if let Some(inside) = insides.next() {
            self.read_word(vectors, &mut at, &padded(rest), *inside);
        }
        self.length = at.length;
        self.end_last(block, &at);
    }

    #[inline(always)]
    fn read_word(&mut self, vectors: impl Vectors, at: &mut At, word: &[u8; WORD], inside: u64) {
        let is = |byte| vectors.equal(word, byte);
        let feeds = is(b'\n');
        let ends = (feeds | is(b'\r')) & !inside;
        let marks = (is(b',') & !inside) | ends;
        if vectors.not_ascii(word) != 0 {
            self.beyond_ascii.push(at.base);
        }
        let room = self.marks.get_mut(at.length..).unwrap_or_default();
        vectors.put_places(marks, at.base.wrapping_add(1), room);
        if ends != 0 {
            self.end_records(at, ends, marks, feeds);
        }
        if feeds != 0 {
            at.lines = at.lines.wrapping_add(feeds.count_ones());
        }
        at.length = at.length.wrapping_add(marks.count_ones() as usize);
        at.base = at.base.wrapping_add(WORD as u32);
    }

    fn reserve(&mut self, marks: usize) {
        let wanted = marks + PLACES_ROOM;
        if self.marks.len() < wanted {
            self.marks.resize(wanted, 0);
        }
    }

    /// Ends a record at each of these line ends. An empty line is none.
    fn end_records(&mut self, at: &mut At, mut ends: u64, marks: u64, feeds: u64) {
        while ends != 0 {
            let bit = ends.trailing_zeros();
            ends &= ends - 1;
            let last = at.length as u32 + (marks & below(bit)).count_ones();
            self.end_record(at, last);
            at.first = last;
            at.line = at.lines + (feeds & (below(bit) | 1 << bit)).count_ones();
        }
    }

    fn end_record(&mut self, at: &At, last: u32) {
        let fields = last - at.first;
        let place = |mark: u32| self.marks.get(mark as usize).copied().unwrap_or(0);
        let is_empty = fields == 1 && place(last) == place(at.first) + 1;
        if !is_empty {
            self.records.push(RecordAt { first: at.first, fields, line: at.line });
        }
    }

    /// The last record of a file may have no line end.
    fn end_last(&mut self, block: &Block, at: &At) {
        let end = block.bytes().len() as u32;
        if self.marks.get(at.first as usize).is_some_and(|start| *start < end) {
            if let Some(place) = self.marks.get_mut(self.length) {
                *place = end + 1;
            }
            self.end_record(at, self.length as u32);
            self.length += 1;
        }
    }

    /// The records.
    pub fn records(&self) -> &[RecordAt] {
        &self.records
    }

    /// Whether the bytes of the block are UTF-8. Only what is not ASCII is looked at: no character reaches from it into a
    /// word that is.
    pub fn is_text(&self, bytes: &[u8]) -> bool {
        let next = |one: &u32, other: &u32| one.wrapping_add(WORD as u32) == *other;
        self.beyond_ascii.chunk_by(next).all(|words| {
            let start = words.first().map_or(0, |start| *start as usize);
            let end = bytes.len().min(start + words.len() * WORD);
            simdutf8::basic::from_utf8(bytes.get(start..end).unwrap_or_default()).is_ok()
        })
    }

    /// A column of some records.
    pub fn column<'b>(
        &'b self,
        bytes: &'b [u8],
        rows: Range<usize>,
        column: usize,
    ) -> impl Iterator<Item = CellAndOn<'b>> {
        let (marks, records) = (self.marks.as_slice(), self.records.get(rows).unwrap_or_default());
        records.iter().map(move |record| field_and_on(marks, bytes, record, column))
    }

    /// A field of a record.
    #[inline]
    pub fn field<'b>(&self, bytes: &'b [u8], record: &RecordAt, column: usize) -> &'b [u8] {
        field(&self.marks, bytes, record, column)
    }

    /// A field of a record and what stands behind it, and how many bytes the field has.
    #[inline]
    pub fn field_and_on<'b>(&self, bytes: &'b [u8], record: &RecordAt, column: usize) -> CellAndOn<'b> {
        field_and_on(&self.marks, bytes, record, column)
    }

    /// A record as it stands, without its line end.
    pub fn raw<'b>(&self, bytes: &'b [u8], record: &RecordAt) -> &'b [u8] {
        let place = |mark: u32| self.marks.get(mark as usize).map_or(0, |place| *place as usize);
        bytes
            .get(place(record.first)..place(record.first + record.fields).wrapping_sub(1))
            .unwrap_or_default()
    }
}

#[inline(always)]
fn field<'b>(marks: &[u32], bytes: &'b [u8], record: &RecordAt, column: usize) -> &'b [u8] {
    alone(field_and_on(marks, bytes, record, column))
}

#[inline(always)]
fn field_and_on<'b>(marks: &[u32], bytes: &'b [u8], record: &RecordAt, column: usize) -> CellAndOn<'b> {
    let mark = (record.first as usize).wrapping_add(column);
    let Some([start, end]) = marks.get(mark..).and_then(|marks| marks.first_chunk()) else { return (&[], 0) };
    // A separator stands between the two; behind the last record marks of a block before may stand.
    let (start, end) = (*start as usize, (*end as usize).wrapping_sub(1));
    match bytes.get(start..) {
        Some(onwards) if start <= end && end <= bytes.len() => (onwards, end - start),
        _ => (&[], 0),
    }
}

/// How far a block was read.
struct At {
    /// The number of marks so far.
    length: usize,
    /// The place of the word at hand.
    base: u32,
    /// Line ends so far.
    lines: u32,
    /// The mark before the record that is being read, and the line ends before it.
    first: u32,
    line: u32,
}

struct Reading<'i> {
    index: &'i mut RecordIndex,
    block: &'i Block,
}

impl Loop for Reading<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self, vectors: impl Vectors) {
        self.index.read_words(vectors, self.block);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::blocks::Blocks;

    /// The bytes of a file's first block, and where its records stand.
    fn read(bytes: Vec<u8>) -> (Block, RecordIndex) {
        let (mut block, mut index) = (Block::default(), RecordIndex::default());
        Blocks::new(Box::new(std::io::Cursor::new(bytes))).next(&mut block).unwrap();
        index.read(&block);
        (block, index)
    }

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
            let (block, index) = read(bytes.clone());
            prop_assert!(bytes.is_empty() || block.bytes() == bytes);
            prop_assert_eq!(index.is_text(block.bytes()), std::str::from_utf8(block.bytes()).is_ok());
        }
    }
}
