//! Where the records and fields of a block stand.

use std::ops::Range;

use crate::blocks::Block;
use crate::cells::{CellAndOn, Neighbours, alone};
use crate::masks::{Loop, PLACES_ROOM, Vectors, WORD, below, dispatched};
use crate::separators::{Lines, Separators};

/// The places of separators in a block. Filled again and again, it allocates once.
#[derive(Debug, Default)]
pub(crate) struct RecordIndex {
    /// The place behind each separator outside quotes, 0 before the first. A field lies between two of them.
    marks: Vec<u32>,
    /// So many of them count.
    length: usize,
    records: Vec<RecordAt>,
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
        let separators = &block.separators;
        self.records.clear();
        // A separator in every byte, and one at the end.
        self.reserve(block.bytes().len() + 2);
        if let Some(first) = self.marks.first_mut() {
            *first = 0;
        }
        let (mut length, mut read, mut open) = (1, 0, Open::default());
        for lines in separators.lines() {
            let end = lines.word as usize + 1;
            length = self.put(vectors, separators, read..end, length);
            read = end;
            self.end_records(separators, lines, length, &mut open);
        }
        self.length = self.put(vectors, separators, read..separators.words().len(), length);
        self.end_last(block, &open);
    }

    /// Writes the places of these words behind so many that are written, and says how many there are then.
    #[inline(always)]
    fn put(
        &mut self,
        vectors: impl Vectors,
        separators: &Separators,
        words: Range<usize>,
        mut length: usize,
    ) -> usize {
        let mut first = (words.start * WORD) as u32;
        for bits in separators.words().get(words).unwrap_or_default() {
            let Some(room) = self.marks.get_mut(length..length.wrapping_add(PLACES_ROOM)) else { break };
            vectors.put_places(*bits, first.wrapping_add(1), room);
            length = length.wrapping_add(bits.count_ones() as usize);
            first = first.wrapping_add(WORD as u32);
        }
        length
    }

    fn reserve(&mut self, marks: usize) {
        let wanted = marks + PLACES_ROOM;
        if self.marks.len() < wanted {
            self.marks.resize(wanted, 0);
        }
    }

    /// Ends a record at each line end of a word, behind which there are so many marks. An empty line is none.
    fn end_records(&mut self, separators: &Separators, lines: &Lines, length: usize, open: &mut Open) {
        let marks = separators.words().get(lines.word as usize).copied().unwrap_or(0);
        let before = length as u32 - marks.count_ones();
        let mut ends = lines.ends;
        while ends != 0 {
            let bit = ends.trailing_zeros();
            ends &= ends - 1;
            let last = before + (marks & below(bit)).count_ones();
            self.end_record(open, last);
            open.first = last;
            open.line = open.lines + (lines.feeds & (below(bit) | 1 << bit)).count_ones();
        }
        open.lines += lines.feeds.count_ones();
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

    /// The same for the fields of several columns with the separators between them: what is the same for all of a record is
    /// worked out once.
    #[inline(always)]
    pub fn neighbours_and_on<'b>(
        &'b self,
        bytes: &'b [u8],
        record: Option<&RecordAt>,
    ) -> impl Fn(Neighbours) -> CellAndOn<'b> {
        let marks = record.and_then(|record| self.marks.get(record.first as usize..)).unwrap_or_default();
        move |columns| {
            let ends = marks.get(columns.first).zip(marks.get(columns.last.wrapping_add(1)));
            ends.map_or((&[], 0), |(start, end)| between(bytes, *start, *end))
        }
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
    between(bytes, *start, *end)
}

/// What stands between two marks.
#[inline(always)]
fn between(bytes: &[u8], start: u32, end: u32) -> CellAndOn<'_> {
    // A separator stands before the second; behind the last record marks of a block before may stand.
    let length = (end as usize).wrapping_sub(start as usize).wrapping_sub(1);
    match bytes.get(start as usize..) {
        Some(onwards) if length <= onwards.len() => (onwards, length),
        _ => (&[], 0),
    }
}

/// The record that is being read.
#[derive(Default)]
struct Open {
    /// The mark before it, and the line ends of the block before it.
    first: u32,
    line: u32,
    /// Line ends so far.
    lines: u32,
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
