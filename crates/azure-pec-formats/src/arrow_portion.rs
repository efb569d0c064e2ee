//! Record batches as portions of records: each column's cells as they stand in Arrow, and as texts where they are no texts.

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use azure_pec::{Amount, Combination, Day, TextId, TextPool, UsageBatch};
use csv::ByteRecord;

use crate::arrow_cells::Cells as Column;
use crate::bundle_texts::BundleTexts;
use crate::cells::{CellAndOn, Cells, Dialect};
use crate::column_memo::ColumnMemo;
use crate::combination_memo::CombinationMemo;
use crate::entry_ids::EntryIds;
use crate::error::{Error, Fault, Place};
use crate::header::Header;
use crate::mapping::Rule;

/// The names of a schema's columns, as a header.
pub(crate) fn header_of(schema: &Schema) -> Header {
    let names: ByteRecord = schema.fields().iter().map(|field| field.name().as_bytes()).collect();
    // Names of a schema are UTF-8.
    Header::new(&names).unwrap_or_default()
}

/// Record batches, one after the other, each with the row number of its first row; the first row of all is 1.
pub(crate) trait Batches: Send {
    /// The next batch; none at the end.
    fn next(&mut self) -> Result<Option<(u64, RecordBatch)>, Fault>;
}

/// A record batch in the hands of one reader.
pub(crate) struct ArrowPortion {
    name: String,
    header: Header,
    /// The columns that are read, in the order of the batches.
    wanted: Vec<usize>,
    /// The row group that it had last.
    row_group: Option<usize>,
    /// The batches of what was taken of the file, where that is more than one.
    batches: Option<Box<dyn Batches>>,
    batch: Option<(u64, RecordBatch)>,
    /// The columns wanted, by their place in the header.
    columns: Vec<Option<Cell>>,
    rows: usize,
    first_line: u64,
    known: RefCell<Known>,
}

/// A column of the batch.
struct Cell {
    column: Column,
    texts: OnceCell<Texts>,
}

/// The cells of a column that are no texts, as texts; those that say the same as the one before are there once.
#[derive(Default)]
struct Texts {
    text: String,
    ranges: Vec<Range<usize>>,
}

/// What was worked out of dictionaries.
#[derive(Default)]
struct Known {
    /// By column, and the rule by which its texts are made.
    columns: Vec<((usize, Rule), EntryIds)>,
    bundles: Vec<BundleTexts>,
}

impl ArrowPortion {
    /// Of a file with these columns, of which some are read.
    pub fn new(name: &str, header: &Header, mut wanted: Vec<usize>) -> Self {
        wanted.sort_unstable();
        wanted.dedup();
        Self {
            name: name.to_owned(),
            header: header.clone(),
            wanted,
            row_group: None,
            batches: None,
            batch: None,
            columns: Vec::new(),
            rows: 0,
            first_line: 1,
            known: RefCell::default(),
        }
    }

    /// The columns that its batches have to hold, in this order.
    #[cfg(feature = "parquet")]
    pub fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// Takes a batch with every column of the file.
    pub fn take_whole(&mut self, line: u64, batch: &RecordBatch) -> Result<(), Fault> {
        let wanted = batch.project(&self.wanted);
        let wanted = wanted.map_err(|error| Fault::Truncated { problem: error.to_string() })?;
        self.batch = Some((line, wanted));
        Ok(())
    }

    /// The row group that it had last.
    #[cfg(feature = "parquet")]
    pub const fn row_group(&self) -> Option<usize> {
        self.row_group
    }

    /// Takes the batches of a row group, which hold the columns wanted, to be read one after the other.
    #[cfg(feature = "parquet")]
    pub fn take_row_group(&mut self, number: usize, batches: Box<dyn Batches>) {
        self.row_group = Some(number);
        self.batches = Some(batches);
    }

    /// The next of the batches that were taken; none where they are at their end.
    pub fn advance(&mut self) -> Result<bool, Error> {
        let Some(batches) = &mut self.batches else { return Ok(false) };
        // What the records before stood in is not held while the next are unpacked.
        self.columns.clear();
        self.rows = 0;
        self.batch = batches.next().map_err(|fault| fault.at(Place::file(&self.name)))?;
        if self.batch.is_none() {
            self.batches = None;
        }
        Ok(self.batch.is_some())
    }

    /// Looks at the columns of the batch.
    pub fn open(&mut self) -> Result<Range<usize>, Error> {
        let Some((line, batch)) = self.batch.take() else { return Ok(0..0) };
        self.rows = batch.num_rows();
        self.first_line = line;
        self.columns.clear();
        self.columns.resize_with(self.header.names().len(), || None);
        for (at, array) in self.wanted.iter().zip(batch.columns()) {
            let column = Column::of(array)
                .map_err(|fault| fault.at(Place::file(&self.name).in_column(self.header.name(*at))))?;
            if let Some(place) = self.columns.get_mut(*at) {
                *place = Some(Cell { column, texts: OnceCell::new() });
            }
        }
        Ok(0..self.rows)
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        let Known { columns, bundles } = &*self.known.borrow();
        let of_columns: usize = columns.iter().map(|(_, entries)| entries.memory()).sum();
        of_columns + bundles.iter().map(BundleTexts::memory).sum::<usize>()
    }

    /// The row number of the first row.
    pub fn number(&self) -> u64 {
        self.first_line
    }

    /// The texts of a row's columns that are read, with commas between them.
    pub fn raw(&self, row: usize) -> Vec<u8> {
        let cells: Vec<&[u8]> = self.wanted.iter().map(|column| self.cell(row, *column)).collect();
        cells.join(&b',')
    }

    fn place(&self, column: usize) -> Option<&Cell> {
        self.columns.get(column).and_then(Option::as_ref)
    }

    /// The cells of a column; none where it is not there.
    pub fn column(&self, column: usize) -> Option<&Column> {
        self.place(column).map(|cell| &cell.column)
    }
}

impl Cell {
    fn text(&self, row: usize, rows: usize) -> &str {
        match &self.column {
            Column::Entries(entries) if entries.cells().is_text() => {
                entries.key(row).map_or("", |key| entries.cells().as_text(key))
            }
            column if column.is_text() => column.as_text(row),
            column => self.texts.get_or_init(|| Texts::of(column, rows)).get(row),
        }
    }
}

impl Texts {
    fn of(column: &Column, rows: usize) -> Self {
        let (mut texts, mut room) = (Self::default(), String::new());
        let mut last: Option<(i64, Range<usize>)> = None;
        for row in 0..rows {
            let mark = column.mark(row);
            let range = match (&last, mark) {
                (Some((known, range)), Some(mark)) if *known == mark => range.clone(),
                _ => {
                    let start = texts.text.len();
                    texts.text.push_str(column.text(row, &mut room));
                    start..texts.text.len()
                }
            };
            last = mark.map(|mark| (mark, range.clone()));
            texts.ranges.push(range);
        }
        texts
    }

    fn get(&self, row: usize) -> &str {
        self.ranges.get(row).and_then(|range| self.text.get(range.clone())).unwrap_or_default()
    }
}

impl Cells for ArrowPortion {
    fn cell(&self, row: usize, column: usize) -> &[u8] {
        self.place(column).map_or("", |cell| cell.text(row, self.rows)).as_bytes()
    }

    fn cell_and_on(&self, row: usize, column: usize) -> CellAndOn<'_> {
        match self.column(column) {
            Some(column) if column.is_text() => column.text_and_on(row),
            _ => {
                let cell = self.cell(row, column);
                (cell, cell.len())
            }
        }
    }

    fn text(&self, row: usize, column: usize) -> Result<&str, Fault> {
        Ok(self.place(column).map_or("", |cell| cell.text(row, self.rows)))
    }

    fn line(&self, row: usize) -> u64 {
        self.first_line + row as u64
    }

    /// Decimals are taken as they are.
    fn number(&self, row: usize, column: usize, dialect: Dialect) -> Result<Amount, Fault> {
        match self.column(column).and_then(|cells| cells.decimal(row)) {
            Some(amount) => Ok(amount),
            None => dialect.number(self.cell_and_on(row, column)),
        }
    }

    fn number_if_any(&self, row: usize, column: usize, dialect: Dialect) -> Result<Option<Amount>, Fault> {
        match self.column(column).and_then(|cells| cells.decimal(row)) {
            Some(amount) => Ok(Some(amount)),
            None => dialect.number_if_any(self.cell_and_on(row, column)),
        }
    }

    fn day(&self, row: usize, column: usize) -> Option<Day> {
        self.column(column)?.day(row)
    }

    /// An entry of a dictionary is looked up once, however many rows name it.
    fn fill(
        &self,
        rows: Range<usize>,
        column: usize,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        let Some(Column::Entries(entries)) = self.column(column) else {
            return memo.fill(rows.map(|row| self.cell_and_on(row, column)), pool, ids, on_fault);
        };
        let Known { columns, .. } = &mut *self.known.borrow_mut();
        // Two fields may be made of one column, by different rules.
        let of = (column, memo.rule());
        let place = columns.iter().position(|(known, _)| *known == of).unwrap_or(columns.len());
        if place == columns.len() {
            columns.push((of, EntryIds::default()));
        }
        let Some((_, known)) = columns.get_mut(place) else { return };
        known.fill(entries, entries.keys(rows), memo, pool, ids, on_fault);
    }

    /// By the texts of its columns.
    fn combine(
        &self,
        rows: Range<usize>,
        memo: &mut CombinationMemo,
        batch: &mut UsageBatch,
        found: &mut Vec<Combination>,
        on_fault: &mut dyn FnMut(usize, Fault, usize),
    ) {
        let Known { bundles, .. } = &mut *self.known.borrow_mut();
        let place = bundles.iter().position(|known| known.bundle() == memo.bundle()).unwrap_or(bundles.len());
        if place == bundles.len() {
            bundles.push(memo.of_dictionaries());
        }
        if let Some(known) = bundles.get_mut(place) {
            known.fill(self, rows, batch, found, on_fault);
        }
    }
}
