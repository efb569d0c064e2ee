//! Where the records and fields of a block stand.

use crate::blocks::Block;
use crate::masks::{WORD, below, words};

/// The places of separators in a block. Filled again and again, it allocates once.
#[derive(Debug, Default)]
pub(crate) struct RecordIndex {
    /// The place behind each separator outside quotes, 0 before the first. A field lies between two of them.
    marks: Vec<u32>,
    /// So many of them count.
    length: usize,
    records: Vec<RecordAt>,
    /// Every byte is ASCII.
    pub is_ascii: bool,
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

/// So many marks of a word are written whether they are there or not: most words have fewer, and no jump is missed.
const AT_ONCE: usize = 8;

impl RecordIndex {
    /// Finds the records of a block.
    pub fn read(&mut self, block: &Block) {
        self.records.clear();
        self.is_ascii = true;
        self.reserve(0);
        if let Some(first) = self.marks.first_mut() {
            *first = 0;
        }
        let (mut length, mut open) = (1, Open { first: 0, line: 0 });
        let (mut base, mut lines) = (0, 0);
        for (word, inside) in words(block.bytes()).zip(block.quotes.inside()) {
            let feeds = word.equal(b'\n');
            let ends = (feeds | word.equal(b'\r')) & !inside;
            let marks = (word.equal(b',') & !inside) | ends;
            self.is_ascii &= word.is_ascii();
            self.reserve(length);
            let after = self.mark(length, base, marks);
            if ends != 0 {
                self.end_records(&mut open, ends, (marks, length), (feeds, lines));
            }
            if feeds != 0 {
                lines += feeds.count_ones();
            }
            length = after;
            base += WORD as u32;
        }
        self.length = length;
        self.end_last(block, &open);
    }

    fn reserve(&mut self, length: usize) {
        if self.marks.len() < length + WORD + AT_ONCE + 1 {
            self.marks.resize((length + WORD + AT_ONCE + 1) * 2, 0);
        }
    }

    /// Writes the marks of a word, and says how many there are now.
    #[inline]
    fn mark(&mut self, length: usize, base: u32, mut marks: u64) -> usize {
        let count = marks.count_ones() as usize;
        let mut at = length;
        while at < length + count {
            if let Some(places) = self.marks.get_mut(at..).and_then(|room| room.first_chunk_mut::<AT_ONCE>())
            {
                for place in places {
                    *place = base.wrapping_add(marks.trailing_zeros()).wrapping_add(1);
                    marks &= marks.wrapping_sub(1);
                }
            }
            at += AT_ONCE;
        }
        length + count
    }

    /// Ends a record at each of these line ends. An empty line is none.
    fn end_records(
        &mut self,
        open: &mut Open,
        mut ends: u64,
        (marks, length): (u64, usize),
        (feeds, lines): (u64, u32),
    ) {
        while ends != 0 {
            let bit = ends.trailing_zeros();
            ends &= ends - 1;
            let last = length as u32 + (marks & below(bit)).count_ones();
            self.end_record(open, last);
            open.first = last;
            open.line = lines + (feeds & (below(bit) | 1 << bit)).count_ones();
        }
    }

    fn end_record(&mut self, open: &Open, last: u32) {
        let fields = last - open.first;
        let place = |mark: u32| self.marks.get(mark as usize).copied().unwrap_or(0);
        let is_empty = fields == 1 && place(last) == place(open.first) + 1;
        if !is_empty {
            self.records.push(RecordAt { first: open.first, fields, line: open.line });
        }
    }

    /// The last record of a file may have no line end.
    fn end_last(&mut self, block: &Block, open: &Open) {
        let end = block.bytes().len() as u32;
        if self.marks.get(open.first as usize).is_some_and(|start| *start < end) {
            self.reserve(self.length);
            if let Some(place) = self.marks.get_mut(self.length) {
                *place = end + 1;
            }
            self.end_record(open, self.length as u32);
            self.length += 1;
        }
    }

    /// The records.
    pub fn records(&self) -> &[RecordAt] {
        &self.records
    }

    /// A field of a record.
    #[inline]
    pub fn field<'b>(&self, bytes: &'b [u8], record: &RecordAt, column: usize) -> &'b [u8] {
        let mark = record.first as usize + column;
        let Some([start, end]) = self.marks.get(mark..).and_then(|marks| marks.first_chunk()) else {
            return &[];
        };
        bytes.get(*start as usize..(*end as usize).wrapping_sub(1)).unwrap_or_default()
    }

    /// A record as it stands, without its line end.
    pub fn raw<'b>(&self, bytes: &'b [u8], record: &RecordAt) -> &'b [u8] {
        let place = |mark: u32| self.marks.get(mark as usize).map_or(0, |place| *place as usize);
        bytes
            .get(place(record.first)..place(record.first + record.fields).wrapping_sub(1))
            .unwrap_or_default()
    }
}

/// The record that is being read.
struct Open {
    first: u32,
    line: u32,
}
