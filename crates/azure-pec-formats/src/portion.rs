//! Portions of a file, handed out in order to whoever works on it: what is done by one at a time, and what each does for
//! itself.

use std::borrow::Cow;
use std::ops::Range;

use azure_pec::{TextId, TextPool, UsageBatch};
use rustc_hash::FxHashMap;

#[cfg(feature = "arrow")]
use crate::arrow_portion::{ArrowPortion, Batches};
use crate::blocks::{BLOCK_BYTES, Block, Blocks};
use crate::cells::{CellAndOn, Cells, Neighbours, alone, unquoted};
use crate::column_memo::ColumnMemo;
use crate::error::{Error, Fault};
use crate::further::Further;
use crate::header::Header;
use crate::json_records::{JsonParser, Names};
use crate::json_split::{LineFault, Splitter};
use crate::put::{Put, Putter};
use crate::record_index::{RecordAt, RecordIndex};
use crate::table::Fields;

/// A header, and the line at which it stands; none in a file without a record.
type FoundHeader = Option<(Result<Header, Fault>, u64)>;

/// A file that is handed out.
pub(crate) enum Supply {
    Csv(CsvSupply),
    Json {
        splitter: Splitter,
        number: u64,
        failed: Option<LineFault>,
    },
    /// Record batches with every column, and the fault that ended them.
    #[cfg(feature = "arrow")]
    Arrow(Box<dyn Batches>, Option<Fault>),
    /// The row groups of a file.
    #[cfg(feature = "parquet")]
    Parquet(crate::parquet_file::RowGroups),
}

/// A file of CSV that is handed out block by block.
pub(crate) struct CsvSupply {
    blocks: Blocks,
    /// The block that the header stands in, and so many records to pass over there.
    first: Option<(Box<Block>, usize)>,
}

/// Some records, in the hands of one reader, and the room to work on them.
pub(crate) enum Portion {
    Csv(CsvPortion),
    Json(Box<JsonPortion>),
    #[cfg(feature = "arrow")]
    Arrow(Box<ArrowPortion>),
}

/// A block of CSV.
#[derive(Default)]
pub(crate) struct CsvPortion {
    block: Box<Block>,
    index: RecordIndex,
    /// The number of columns, and those that are looked at record by record.
    columns: usize,
    by_record: Vec<usize>,
    /// So many records are no lines: the header.
    skip: usize,
    /// Texts of cells that are not as they stand.
    texts: FxHashMap<(usize, usize), Vec<u8>>,
    /// Records that are faulty whatever their columns hold.
    faulty: Vec<(usize, Fault)>,
}

/// Records of JSON.
pub(crate) struct JsonPortion {
    raw: Vec<u8>,
    /// Where each record ends, and the line at which it starts.
    records: Vec<(usize, u64)>,
    number: u64,
    parser: JsonParser,
    names: fn() -> Vec<Names>,
    wanted: Vec<usize>,
    texts: String,
    /// Where the text of each column of each record ends.
    ends: Vec<usize>,
    faulty: Vec<(usize, Fault, Option<usize>)>,
}

impl CsvSupply {
    /// From the beginning, and the header with the line at which it stands; none in a file without a record.
    pub fn open(mut blocks: Blocks) -> Result<(Self, FoundHeader), LineFault> {
        let (mut block, mut index) = (Box::<Block>::default(), RecordIndex::default());
        while blocks.next(&mut block)? {
            index.read(&block);
            let Some(first) = index.records().first() else { continue };
            let fields = (0..first.fields as usize).map(|column| index.field(block.bytes(), first, column));
            let header = Header::of_fields(fields.map(unquoted));
            let line = block.line + u64::from(first.line);
            return Ok((Self { blocks, first: Some((block, 1)) }, Some((header, line))));
        }
        Ok((Self { blocks, first: None }, None))
    }

    /// As [`Supply::next`].
    pub fn next(&mut self, portion: &mut CsvPortion) -> Result<bool, LineFault> {
        portion.skip = 0;
        if let Some((block, skip)) = self.first.take() {
            portion.block = block;
            portion.skip = skip;
            return Ok(true);
        }
        self.blocks.next(&mut portion.block)
    }
}

impl Supply {
    pub fn json(splitter: Splitter) -> Self {
        Self::Json { splitter, number: 0, failed: None }
    }

    /// Fills the portion with the next records and says yes; no at the end.
    pub fn next(&mut self, portion: &mut Portion) -> Result<bool, LineFault> {
        match (self, portion) {
            (Self::Csv(supply), Portion::Csv(portion)) => supply.next(portion),
            (Self::Json { splitter, number, failed }, Portion::Json(portion)) => {
                portion.number = *number;
                *number += 1;
                portion.take(splitter, failed)
            }
            #[cfg(feature = "arrow")]
            (Self::Arrow(batches, failed), Portion::Arrow(portion)) => {
                if let Some(fault) = failed {
                    return Err((fault.clone(), 0));
                }
                let taken = batches.next().and_then(|next| match next {
                    Some((line, batch)) => portion.take_whole(line, &batch).map(|()| true),
                    None => Ok(false),
                });
                taken.map_err(|fault| (failed.insert(fault).clone(), 0))
            }
            #[cfg(feature = "parquet")]
            (Self::Parquet(groups), Portion::Arrow(portion)) => {
                let group = groups.next(portion.wanted(), portion.row_group());
                Ok(group.map(|group| portion.take_row_group(group.number(), Box::new(group))).is_some())
            }
            // A portion is always of its own file.
            _ => Ok(false),
        }
    }
}

impl Portion {
    pub fn csv(columns: usize, by_record: Vec<usize>) -> Self {
        Self::Csv(CsvPortion::new(columns, by_record))
    }

    pub fn json(names: fn() -> Vec<Names>, wanted: Vec<usize>) -> Self {
        let mut parser = JsonParser::new(names());
        parser.want(&wanted);
        Self::Json(Box::new(JsonPortion {
            raw: Vec::new(),
            records: Vec::new(),
            number: 0,
            parser,
            names,
            wanted,
            texts: String::new(),
            ends: Vec::new(),
            faulty: Vec::new(),
        }))
    }

    /// About the bytes that it remembers from one of them to the next.
    pub fn memory(&self) -> usize {
        match self {
            Self::Csv(_) | Self::Json(_) => 0,
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => portion.memory(),
        }
    }

    /// Goes on to more records of what was taken of the file, and says whether there are any.
    pub fn advance(&mut self) -> Result<bool, Error> {
        match self {
            Self::Csv(_) | Self::Json(_) => Ok(false),
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => portion.advance(),
        }
    }

    /// Finds its records, and says which of them are to be read.
    pub fn open(&mut self) -> Result<Range<usize>, Error> {
        Ok(match self {
            Self::Csv(portion) => portion.open(),
            Self::Json(portion) => portion.open(),
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => return portion.open(),
        })
    }

    /// Its place among the portions of the file.
    pub fn number(&self) -> u64 {
        match self {
            Self::Csv(portion) => portion.number(),
            Self::Json(portion) => portion.number,
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => portion.number(),
        }
    }

    /// The line at which a record starts, and the record as it stands.
    pub fn record(&self, row: usize) -> (u64, Cow<'_, [u8]>) {
        match self {
            Self::Csv(portion) => (portion.line(row), portion.raw(row).into()),
            Self::Json(portion) => (portion.line(row), portion.raw(row).into()),
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => (portion.line(row), portion.raw(row).into()),
        }
    }

    /// The name of a column in a record, where the record itself says it.
    pub fn column_name(&self, row: usize, column: usize) -> Option<String> {
        match self {
            Self::Csv(_) => None,
            #[cfg(feature = "arrow")]
            Self::Arrow(_) => None,
            Self::Json(portion) => Some(portion.column_name(row, column)),
        }
    }

    /// Adds the records of these rows to a batch.
    pub fn put(
        &self,
        putter: &mut Putter,
        rows: Range<usize>,
        further: Further<'_>,
        batch: &mut UsageBatch,
    ) -> Put {
        match self {
            Self::Csv(portion) => {
                let known = portion.faulty.iter().filter(|(row, _)| rows.contains(row));
                let known = known.map(|(row, fault)| (*row, fault.clone(), None));
                putter.put(portion, rows.clone(), known, further, batch)
            }
            Self::Json(portion) => {
                let known = portion.faulty.iter().filter(|(row, ..)| rows.contains(row)).cloned();
                putter.put(portion.as_ref(), rows.clone(), known, further, batch)
            }
            #[cfg(feature = "arrow")]
            Self::Arrow(portion) => putter.put(portion.as_ref(), rows, std::iter::empty(), further, batch),
        }
    }
}

impl CsvPortion {
    pub fn new(columns: usize, by_record: Vec<usize>) -> Self {
        Self { columns, by_record, ..Self::default() }
    }

    /// Its place among the blocks of the file.
    pub const fn number(&self) -> u64 {
        self.block.number
    }

    /// The fields of a record, or what is wrong with it. Only of the columns that are looked at record by record.
    pub fn fields(&self, row: usize) -> Result<Fields<'_>, Fault> {
        match self.faulty.iter().find(|(at, _)| *at == row) {
            Some((_, fault)) => Err(fault.clone()),
            None => Ok(Fields::of_row(self, row, false)),
        }
    }

    /// As [`Portion::open`].
    pub fn open(&mut self) -> Range<usize> {
        self.index.read(&self.block);
        self.faulty.clear();
        self.texts.clear();
        let records = self.index.records();
        let is_text = self.block.is_text();
        for (row, record) in records.iter().enumerate() {
            if record.fields as usize != self.columns {
                let is_last = row + 1 == records.len();
                self.faulty
                    .push((row, miscounted(record.fields, self.columns, is_last && self.block.is_cut)));
            } else if !is_text && !self.is_text(record) {
                self.faulty.push((row, Fault::Encoding));
            }
        }
        for (row, record) in records.iter().enumerate() {
            for column in &self.by_record {
                let cell = self.index.field(self.block.bytes(), record, *column);
                if let Cow::Owned(text) = unquoted(cell) {
                    self.texts.insert((row, *column), text);
                }
            }
        }
        self.skip.min(records.len())..records.len()
    }

    /// Whether every field of a record is UTF-8.
    fn is_text(&self, record: &RecordAt) -> bool {
        let bytes = self.block.bytes();
        let mut fields = (0..self.columns).map(|column| self.index.field(bytes, record, column));
        fields.all(|field| std::str::from_utf8(&unquoted(field)).is_ok())
    }

    fn raw(&self, row: usize) -> &[u8] {
        let record = self.index.records().get(row);
        record.map_or(&[], |record| self.index.raw(self.block.bytes(), record))
    }
}

fn miscounted(found: u32, expected: usize, is_cut: bool) -> Fault {
    let cut = if is_cut { "; the file ends here without a line end" } else { "" };
    Fault::CsvMalformed { problem: format!("{found} fields where the header has {expected}{cut}") }
}

impl Cells for CsvPortion {
    #[inline]
    fn cell(&self, row: usize, column: usize) -> &[u8] {
        let record = self.index.records().get(row);
        record.map_or(&[], |record: &RecordAt| self.index.field(self.block.bytes(), record, column))
    }

    #[inline(always)]
    fn cell_and_on(&self, row: usize, column: usize) -> CellAndOn<'_> {
        let Some(record) = self.index.records().get(row) else { return (&[], 0) };
        self.index.field_and_on(self.block.bytes(), record, column)
    }

    #[inline]
    fn are_separated(&self) -> bool {
        true
    }

    #[inline(always)]
    fn neighbours_and_on<'c>(&'c self, row: usize) -> impl Fn(Neighbours) -> CellAndOn<'c> {
        self.index.neighbours_and_on(self.block.bytes(), self.index.records().get(row))
    }

    fn text(&self, row: usize, column: usize) -> Result<&str, Fault> {
        let made = self.texts.get(&(row, column)).map(Vec::as_slice);
        let bytes = made.unwrap_or_else(|| {
            // Those that do not stand there plainly, or between two quotes, were all made before.
            let cell = self.cell(row, column);
            cell.strip_prefix(b"\"").and_then(|inner| inner.strip_suffix(b"\"")).unwrap_or(cell)
        });
        std::str::from_utf8(bytes).map_err(|_| Fault::Encoding)
    }

    #[inline]
    fn line(&self, row: usize) -> u64 {
        self.block.line + self.index.records().get(row).map_or(0, |record| u64::from(record.line))
    }

    fn fill(
        &self,
        rows: Range<usize>,
        column: usize,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        memo.fill(self.index.column(self.block.bytes(), rows, column), pool, ids, on_fault);
    }
}

impl JsonPortion {
    /// Takes the next records of the file, and says whether there were any.
    fn take(&mut self, splitter: &mut Splitter, failed: &mut Option<LineFault>) -> Result<bool, LineFault> {
        self.raw.clear();
        self.records.clear();
        let mut record = Vec::new();
        while failed.is_none() && self.raw.len() < BLOCK_BYTES {
            match splitter.next(&mut record) {
                Ok(None) => break,
                Ok(Some(line)) => {
                    self.raw.extend_from_slice(&record);
                    self.records.push((self.raw.len(), line));
                }
                Err(fault) => *failed = Some(fault),
            }
        }
        match failed {
            Some(fault) if self.records.is_empty() => Err(fault.clone()),
            _ => Ok(!self.records.is_empty()),
        }
    }

    fn open(&mut self) -> Range<usize> {
        self.texts.clear();
        self.ends.clear();
        self.faulty.clear();
        let mut start = 0;
        for (row, (end, _)) in self.records.iter().enumerate() {
            let raw = self.raw.get(start..*end).unwrap_or_default();
            start = *end;
            if let Err((fault, column)) = self.parser.parse(raw) {
                self.faulty.push((row, fault, column));
            }
            for text in self.parser.texts() {
                self.texts.push_str(text);
                self.ends.push(self.texts.len());
            }
        }
        0..self.records.len()
    }

    fn raw(&self, row: usize) -> &[u8] {
        let end = |row: usize| self.records.get(row).map_or(0, |(end, _)| *end);
        let start = row.checked_sub(1).map_or(0, end);
        self.raw.get(start..end(row)).unwrap_or_default()
    }

    /// As the record itself spells its key: what others spelled depends on who read them.
    fn column_name(&self, row: usize, column: usize) -> String {
        let mut parser = JsonParser::new((self.names)());
        parser.want(&self.wanted);
        let _ = parser.parse(self.raw(row));
        parser.column_name(column).to_owned()
    }
}

impl Cells for JsonPortion {
    #[inline]
    fn cell(&self, row: usize, column: usize) -> &[u8] {
        alone(self.cell_and_on(row, column))
    }

    #[inline]
    fn cell_and_on(&self, row: usize, column: usize) -> CellAndOn<'_> {
        let at = row * self.parser.header().names().len() + column;
        let end = |at: usize| self.ends.get(at).copied().unwrap_or(0);
        let start = at.checked_sub(1).map_or(0, end);
        (self.texts.as_bytes().get(start..).unwrap_or_default(), end(at).saturating_sub(start))
    }

    fn text(&self, row: usize, column: usize) -> Result<&str, Fault> {
        std::str::from_utf8(self.cell(row, column)).map_err(|_| Fault::Encoding)
    }

    fn line(&self, row: usize) -> u64 {
        self.records.get(row).map_or(0, |(_, line)| *line)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use proptest::prelude::*;

    use super::*;
    use crate::source::Source;
    use crate::table::Table;

    /// A record as a reader sees it: its line, its bytes, and its fields or what is wrong.
    type Seen = (u64, Vec<u8>, Result<Vec<String>, Fault>);
    /// The records of a file, and the fault and line at which it breaks off.
    type Whole = (Vec<Seen>, Option<(Fault, u64)>);

    /// What the `csv` crate makes of a file; none where there is no header.
    fn by_the_csv_crate(bytes: &[u8]) -> Option<Whole> {
        let source = Source::from_bytes("f", bytes).ok()?.remove(0);
        let mut table = Table::open(&source).ok()?;
        let columns = table.header().names().len();
        let mut seen = Vec::new();
        loop {
            match table.read() {
                Err(error) => return Some((seen, Some((error.fault, error.place.line.unwrap())))),
                Ok(None) => return Some((seen, None)),
                Ok(Some(row)) => {
                    let fields = row.fields.map_err(|(fault, _)| fault);
                    let texts = fields.and_then(|fields| {
                        (0..columns).map(|column| fields.get(column).map(str::to_owned)).collect()
                    });
                    seen.push((row.line, row.raw.to_vec(), texts));
                }
            }
        }
    }

    fn in_blocks(bytes: &[u8], size: usize) -> Option<Whole> {
        let blocks = Blocks::new(Box::new(Cursor::new(bytes.to_vec()))).of_size(size);
        let (mut supply, header) = CsvSupply::open(blocks).ok()?;
        let columns = header?.0.ok()?.names().len();
        let mut portion = CsvPortion::new(columns, (0..columns).collect());
        let mut seen = Vec::new();
        loop {
            match supply.next(&mut portion) {
                Err(fault) => return Some((seen, Some(fault))),
                Ok(false) => return Some((seen, None)),
                Ok(true) => {}
            }
            for row in portion.open() {
                let faulty = portion.faulty.iter().find(|(at, _)| *at == row);
                let text = |column| portion.text(row, column).map(|text| text.trim().to_owned());
                let texts: Result<Vec<String>, Fault> = match faulty {
                    Some((_, fault)) => Err(fault.clone()),
                    None => (0..columns).map(text).collect(),
                };
                let dialect = crate::cells::Dialect { quotes: true, nulls: false };
                if let Ok(texts) = &texts {
                    let cells = (0..columns).map(|column| dialect.text(portion.cell(row, column)).unwrap());
                    assert!(cells.eq(texts.iter().map(String::as_str)));
                }
                // Of a record with too few fields too.
                for column in 0..columns {
                    let (onwards, length) = portion.cell_and_on(row, column);
                    assert_eq!(portion.cell(row, column), &onwards[..length]);
                }
                seen.push((portion.line(row), portion.raw(row).to_vec(), texts));
            }
        }
    }

    fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
        let piece = prop_oneof![
            8 => Just(b",".to_vec()),
            6 => Just(b"\"".to_vec()),
            3 => Just(b"\n".to_vec()),
            2 => Just(b"\r\n".to_vec()),
            1 => Just(b"\r".to_vec()),
            3 => Just(b"\"\"".to_vec()),
            2 => Just(b",\"".to_vec()),
            2 => Just(b"\",".to_vec()),
            8 => "[a-z ]{1,9}".prop_map(String::into_bytes),
            1 => "[a-z]{60,200}".prop_map(String::into_bytes),
            1 => Just("\u{e9}\u{201c}".as_bytes().to_vec()),
            1 => any::<u8>().prop_map(|byte| vec![byte]),
            1 => Just(b"\xef\xbb\xbf".to_vec()),
            2 => Just(b"x,y\nx,y\n".to_vec()),
        ];
        // Most files begin like one; records have as many fields as the header now and then.
        let begin = prop_oneof![
            2 => Just(Vec::new()),
            2 => Just(b"a,b\n".to_vec()),
            1 => Just(b"\xef\xbb\xbf\xef\xbb\xbfa,\"b\"\r\n".to_vec()),
            1 => Just(b"\n\r\na\n".to_vec()),
        ];
        (begin, prop::collection::vec(piece, 0..60))
            .prop_map(|(begin, pieces)| [begin, pieces.concat()].concat())
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_hold_what_the_csv_crate_reads(
            bytes in some_bytes(),
            size in prop_oneof![Just(1_usize), 2_usize..200, Just(BLOCK_BYTES)],
        ) {
            // Packed by chance, or a mark that the source itself takes away.
            let bare = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
            prop_assume!(!bytes.starts_with(b"\x1f\x8b") && !bytes.starts_with(b"PK"));
            prop_assert_eq!(in_blocks(bare, size), by_the_csv_crate(&bytes));
        }
    }
}
