//! Records into the columns of a batch, a column at a time.

use std::ops::Range;

use azure_pec::{Amount, Bundle, Combination, Day, Field, LineColumns, TextId, TextPool, UsageBatch};
use rustc_hash::FxHashMap;

use crate::cells::{Cells, Dialect, same};
use crate::column_memo::ColumnMemo;
use crate::combination_memo::CombinationMemo;
use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::further::{Further, Needing};
use crate::mapping::Mapping;
use crate::table::Fields;
use crate::value;

/// So many spellings of days are remembered; a month has a few dozen.
const MOST_DAYS: usize = 4096;

/// A record that cannot be a line: its row, what is wrong, and in which column.
pub(crate) type Faulty = (usize, Fault, Option<usize>);

/// What reads the columns of one file into batches.
pub(crate) struct Putter {
    pub mapping: Mapping,
    dialect: Dialect,
    /// For each column of the mapping, but those that are read in a bundle.
    memos: Vec<ColumnMemo>,
    bundles: Vec<CombinationMemo>,
    days: Days,
    lines: Lines,
    faults: Faults,
    needing: Needing,
}

/// Lines that are put together.
#[derive(Default)]
struct Lines {
    dates: Vec<Day>,
    quantities: Vec<Amount>,
    list_prices: Vec<Option<Amount>>,
    numbers: Vec<u64>,
    /// The texts of each column of the mapping.
    columns: Vec<Vec<TextId>>,
    /// The texts of each bundle that is read as one.
    bundles: Vec<Vec<Combination>>,
    /// And of the fields that are made record by record.
    made: Made,
}

/// Texts that are made of several columns together.
#[derive(Default)]
pub(crate) struct Made {
    columns: Vec<(Field, Vec<TextId>)>,
    row: usize,
}

impl Made {
    /// Sets a text of the record at hand.
    pub fn set(&mut self, field: Field, text: &str, pool: &mut TextPool) {
        let id = pool.intern(text);
        let place = self.columns.iter().position(|(known, _)| *known == field).unwrap_or(self.columns.len());
        if place == self.columns.len() {
            self.columns.push((field, Vec::new()));
        }
        if let Some((_, column)) = self.columns.get_mut(place) {
            column.resize(self.row, TextId::EMPTY);
            column.push(id);
        }
    }
}

/// The first fault of each record of some.
#[derive(Default)]
struct Faults {
    /// One for each row.
    rows: Vec<bool>,
    found: Vec<Faulty>,
}

impl Faults {
    fn add(&mut self, row: usize, fault: Fault, column: Option<usize>) {
        if let Some(mark) = self.rows.get_mut(row)
            && !std::mem::replace(mark, true)
        {
            self.found.push((row, fault, column));
        }
    }

    fn has(&self, row: usize) -> bool {
        self.rows.get(row).copied().unwrap_or(false)
    }
}

/// What became of some records.
#[derive(Debug, Default)]
pub(crate) struct Put {
    /// The lines that were added.
    pub lines: usize,
    /// How many of them state a rate of credit that is neither 0 nor one of the rule.
    pub strange: u64,
    /// The records that are none, in their order.
    pub faulty: Vec<Faulty>,
}

impl Putter {
    pub fn new(mut mapping: Mapping, dialect: Dialect) -> Self {
        // Bundles come first in any case, so that of two faults of a record the same one is told.
        mapping.columns.sort_by_key(|column| {
            Bundle::of(column.field).map_or(Bundle::ALL.len(), |(bundle, _)| bundle as usize)
        });
        // FOCUS makes some of their fields record by record.
        let as_bundles = mapping.focus.is_none();
        let memos = mapping.columns.iter().map(|column| ColumnMemo::new(column.rule, dialect)).collect();
        let bundle = |bundle| CombinationMemo::new(bundle, &mapping.columns, dialect);
        let bundles = Bundle::ALL.into_iter().filter(|_| as_bundles).filter_map(bundle).collect();
        Self {
            mapping,
            dialect,
            memos,
            bundles,
            days: Days::default(),
            lines: Lines::default(),
            faults: Faults::default(),
            needing: Needing::default(),
        }
    }

    /// The same, with no bundle read as one.
    #[cfg(test)]
    pub fn by_columns(self) -> Self {
        Self { bundles: Vec::new(), ..self }
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        let bundles: usize = self.bundles.iter().map(CombinationMemo::memory).sum();
        bundles + self.memos.iter().map(ColumnMemo::memory).sum::<usize>()
    }

    /// Adds the records of these rows to a batch. `known` are those that are faulty whatever their columns hold.
    pub fn put<C: Cells>(
        &mut self,
        cells: &C,
        rows: Range<usize>,
        known: impl Iterator<Item = Faulty>,
        further: Further<'_>,
        batch: &mut UsageBatch,
    ) -> Put {
        self.faults.rows.clear();
        self.faults.rows.resize(rows.len(), false);
        for (row, fault, column) in known {
            self.faults.add(row - rows.start, fault, column);
        }
        self.days(cells, rows.clone());
        self.numbers(cells, rows.clone());
        self.combinations(cells, rows.clone(), batch);
        // Of a format whose products are not read as one, all need everything.
        let product = self.bundles.iter().position(|memo| memo.bundle() == Bundle::Product);
        let products = product.and_then(|at| self.lines.bundles.get(at)).map(Vec::as_slice);
        self.needing.find(products, further, batch);
        self.texts(cells, rows.clone(), further.fields, batch.texts_mut());
        let strange = self.record_by_record(cells, rows.clone(), batch.texts_mut());
        let lines = self.lines.add_to(batch, &self.mapping, &self.bundles, &self.faults);
        let mut faulty = std::mem::take(&mut self.faults.found);
        faulty.sort_by_key(|(row, ..)| *row);
        faulty.iter_mut().for_each(|(row, ..)| *row += rows.start);
        Put { lines, strange, faulty }
    }

    fn days<C: Cells>(&mut self, cells: &C, rows: Range<usize>) {
        let column = self.mapping.date;
        self.lines.dates.clear();
        self.lines.numbers.clear();
        let mut last: Option<(&[u8], Day)> = None;
        for (at, row) in rows.enumerate() {
            self.lines.numbers.push(cells.line(row));
            if let Some(day) = cells.day(row, column) {
                self.lines.dates.push(day);
                continue;
            }
            let cell = cells.cell(row, column);
            let day = match last {
                Some((known, day)) if same(known, cell) => Ok(day),
                _ => self.days.day(cell, self.dialect),
            };
            let day = day.unwrap_or_else(|fault| {
                self.faults.add(at, fault, Some(column));
                Day::from_number(0)
            });
            if !self.faults.has(at) {
                last = Some((cell, day));
            }
            self.lines.dates.push(day);
        }
    }

    fn numbers<C: Cells>(&mut self, cells: &C, rows: Range<usize>) {
        let column = self.mapping.quantity;
        self.lines.quantities.clear();
        for (at, row) in rows.clone().enumerate() {
            let amount = cells.number(row, column, self.dialect).or_else(|fault| {
                let may_lack = self.mapping.focus.as_ref().is_some_and(|focus| {
                    let fields = Fields::of_row(cells, row, self.dialect.nulls);
                    fields.get(column) == Ok("") && focus.may_lack_quantity(&fields)
                });
                if may_lack { Ok(Amount::ZERO) } else { Err(fault) }
            });
            self.lines.quantities.push(amount.unwrap_or_else(|fault| {
                self.faults.add(at, fault, Some(column));
                Amount::ZERO
            }));
        }
        self.lines.list_prices.clear();
        let Some(column) = self.mapping.list_price else {
            self.lines.list_prices.resize(rows.len(), None);
            return;
        };
        for (at, row) in rows.enumerate() {
            let amount = cells.number_if_any(row, column, self.dialect);
            self.lines.list_prices.push(amount.unwrap_or_else(|fault| {
                self.faults.add(at, fault, Some(column));
                None
            }));
        }
    }

    fn combinations<C: Cells>(&mut self, cells: &C, rows: Range<usize>, batch: &mut UsageBatch) {
        self.lines.bundles.resize_with(self.bundles.len(), Vec::new);
        let faults = &mut self.faults;
        for (memo, found) in self.bundles.iter_mut().zip(&mut self.lines.bundles) {
            found.clear();
            let mut on_fault = |at, fault, column| faults.add(at, fault, Some(column));
            cells.combine(rows.clone(), memo, batch, found, &mut on_fault);
        }
    }

    fn texts<C: Cells>(&mut self, cells: &C, rows: Range<usize>, further: FieldSet, pool: &mut TextPool) {
        self.lines.columns.resize_with(self.mapping.columns.len(), Vec::new);
        let (faults, bundles) = (&mut self.faults, &self.bundles);
        let columns = self.mapping.columns.iter().zip(&mut self.memos).zip(&mut self.lines.columns);
        let alone = columns.filter(|((column, _), _)| !is_in(column.field, bundles));
        for ((column, memo), ids) in alone {
            ids.clear();
            let index = column.index;
            if !further.contains(column.field) {
                let mut on_fault = |at, fault| faults.add(at, fault, Some(index));
                cells.fill(rows.clone(), index, memo, pool, ids, &mut on_fault);
                continue;
            }
            for (stretch, needs) in self.needing.stretches(rows.len()) {
                if needs {
                    let mut on_fault = |at, fault| faults.add(stretch.start + at, fault, Some(index));
                    let own = rows.start + stretch.start..rows.start + stretch.end;
                    cells.fill(own, index, memo, pool, ids, &mut on_fault);
                } else {
                    ids.resize(stretch.end, TextId::EMPTY);
                }
            }
        }
    }

    fn record_by_record<C: Cells>(&mut self, cells: &C, rows: Range<usize>, pool: &mut TextPool) -> u64 {
        let Lines { quantities, list_prices, made, .. } = &mut self.lines;
        made.columns.iter_mut().for_each(|(_, column)| column.clear());
        let Mapping { observed, focus, .. } = &mut self.mapping;
        if observed.is_none() && focus.is_none() {
            return 0;
        }
        let mut all_strange = 0;
        for (at, row) in rows.enumerate() {
            made.row = at;
            if self.faults.has(at) {
                continue;
            }
            let fields = Fields::of_row(cells, row, self.dialect.nulls);
            let Some((quantity, list_price)) = quantities.get(at).zip(list_prices.get_mut(at)) else {
                continue;
            };
            let mut strange = false;
            if let Some(observed) = observed {
                match observed.read(&fields, quantity) {
                    Ok(seen) => {
                        made.set(Field::ObservedRate, seen.rate, pool);
                        made.set(Field::ObservedBasis, seen.basis, pool);
                        strange = seen.strange;
                    }
                    Err((fault, column)) => self.faults.add(at, fault, Some(column)),
                }
            }
            if let Some(focus) = focus.as_mut().filter(|_| !self.faults.has(at)) {
                let mut set = |field, text: &str| made.set(field, text, pool);
                match focus.put(&fields, quantity, list_price.take(), &mut set) {
                    Ok(price) => *list_price = price,
                    Err((fault, column)) => self.faults.add(at, fault, Some(column)),
                }
            }
            all_strange += u64::from(strange && !self.faults.has(at));
        }
        all_strange
    }
}

impl Lines {
    /// Adds the lines that are not faulty, and says how many.
    fn add_to(
        &mut self,
        batch: &mut UsageBatch,
        mapping: &Mapping,
        bundles: &[CombinationMemo],
        faults: &Faults,
    ) -> usize {
        let rows = faults.rows.len();
        let Made { columns: made, .. } = &mut self.made;
        for (_, column) in made.iter_mut() {
            column.resize(rows, TextId::EMPTY);
        }
        if !faults.found.is_empty() {
            without(&mut self.dates, &faults.rows);
            without(&mut self.quantities, &faults.rows);
            without(&mut self.list_prices, &faults.rows);
            without(&mut self.numbers, &faults.rows);
            let columns = self.columns.iter_mut().chain(made.iter_mut().map(|(_, column)| column));
            columns.for_each(|column| without(column, &faults.rows));
            self.bundles.iter_mut().for_each(|column| without(column, &faults.rows));
        }
        fold_twins(&mut self.columns, mapping);
        let plain = mapping.columns.iter().map(|column| column.field).zip(&self.columns);
        let plain = plain.filter(|(field, column)| !column.is_empty() && !is_in(*field, bundles));
        let made = made.iter().map(|(field, column)| (*field, column));
        let texts: Vec<(Field, &[TextId])> =
            plain.chain(made).map(|(field, column)| (field, column.as_slice())).collect();
        let combinations = bundles.iter().map(CombinationMemo::bundle).zip(&self.bundles);
        let combinations: Vec<(Bundle, &[Combination])> =
            combinations.map(|(bundle, column)| (bundle, column.as_slice())).collect();
        let lines = LineColumns {
            dates: &self.dates,
            quantities: &self.quantities,
            list_prices: &self.list_prices,
            lines: &self.numbers,
            texts: &texts,
            combinations: &combinations,
        };
        // Every column has as many as there are rows.
        if batch.append(&lines).is_ok() { self.dates.len() } else { 0 }
    }
}

/// Whether a field is read in one of these bundles.
fn is_in(field: Field, bundles: &[CombinationMemo]) -> bool {
    Bundle::of(field).is_some_and(|(of, _)| bundles.iter().any(|memo| memo.bundle() == of))
}

/// Of two columns of one field the later one counts where it has a text.
fn fold_twins(columns: &mut [Vec<TextId>], mapping: &Mapping) {
    for (at, column) in mapping.columns.iter().enumerate() {
        let twin = mapping.columns.iter().skip(at + 1).position(|other| other.field == column.field);
        let Some(twin) = twin else { continue };
        let Some((first, later)) = columns.split_at_mut_checked(at + 1) else { continue };
        let (Some(first), Some(later)) = (first.last_mut(), later.get_mut(twin)) else { continue };
        for (id, earlier) in later.iter_mut().zip(first.drain(..)) {
            if id.is_empty() {
                *id = earlier;
            }
        }
    }
}

/// Keeps the items of rows that are not marked.
fn without<T>(items: &mut Vec<T>, marked: &[bool]) {
    let mut marks = marked.iter();
    items.retain(|_| !marks.next().copied().unwrap_or(false));
}

/// Spellings of days that were seen.
#[derive(Default)]
struct Days {
    known: FxHashMap<Box<[u8]>, Day>,
}

impl Days {
    fn day(&mut self, cell: &[u8], dialect: Dialect) -> Result<Day, Fault> {
        if let Some(day) = self.known.get(cell) {
            return Ok(*day);
        }
        let day = value::usage_day(&dialect.text(cell)?)?;
        if self.known.len() < MOST_DAYS {
            self.known.insert(Box::from(cell), day);
        }
        Ok(day)
    }
}
