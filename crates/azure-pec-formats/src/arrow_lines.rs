//! Columns of a record batch as columns of a usage batch.
//!
//! A text is looked up once for each entry of a dictionary, or for each change from row to row, never for each row. Where
//! any cell is faulty nothing is added, and the records are read one by one to say which.

use std::ops::Range;

use arrow_array::{Array, ArrayRef};
use azure_pec::{Amount, Day, Field, LineColumns, TextId, TextPool, UsageBatch};

use crate::arrow_cells::{Cells, Entries};
use crate::error::Fault;
use crate::mapping::{Column, Mapping};
use crate::value;

/// What is kept of the columns from batch to batch, and room for the columns that are made.
#[derive(Default)]
pub(crate) struct Columns {
    dates: Vec<Day>,
    quantities: Vec<Amount>,
    list_prices: Vec<Option<Amount>>,
    lines: Vec<u64>,
    texts: Vec<(Field, Vec<TextId>)>,
    known: Vec<Known>,
    /// The pool that the known ids are of.
    pool: Option<u64>,
    room: String,
}

/// The dictionary of a column and the ids of its entries so far.
#[derive(Default)]
struct Known {
    dictionary: Option<ArrayRef>,
    ids: Vec<Option<TextId>>,
}

impl Known {
    /// Keeps the ids where the dictionary is the one of the batch before: readers of files share it through a row group.
    fn begin(&mut self, values: &ArrayRef) {
        let same = self.dictionary.as_ref().is_some_and(|known| known.to_data().ptr_eq(&values.to_data()));
        if !same {
            self.dictionary = Some(values.clone());
            self.ids.clear();
            self.ids.resize(values.len(), None);
        }
    }
}

impl Columns {
    /// Whether the mapping makes each field of one column by itself.
    pub fn serve(mapping: &Mapping) -> bool {
        mapping.observed.is_none() && mapping.focus.is_none()
    }

    /// Adds the rows to the lines, all or, where one is faulty, none.
    pub fn append(
        &mut self,
        cells: &[Cells],
        wanted: &[usize],
        rows: Range<usize>,
        first_line: u64,
        mapping: &mut Mapping,
        lines: &mut UsageBatch,
    ) -> bool {
        if self.pool != Some(lines.texts().id()) {
            self.pool = Some(lines.texts().id());
            self.known.clear();
        }
        let of = |column: usize| wanted.binary_search(&column).ok().and_then(|at| cells.get(at));
        let numbers = self.numbers(of(mapping.quantity), mapping.list_price.and_then(of), rows.clone());
        if numbers.is_err() || self.days(of(mapping.date), rows.clone()).is_err() {
            return false;
        }
        self.lines.clear();
        self.lines.extend((first_line..).take(rows.len()));
        self.texts.resize_with(mapping.columns.len(), || (Field::CustomerId, Vec::new()));
        self.known.resize_with(mapping.columns.len(), Known::default);
        let places = self.texts.iter_mut().zip(&mut self.known);
        for (column, ((field, ids), known)) in mapping.columns.iter_mut().zip(places) {
            *field = column.field;
            ids.clear();
            let Some(cells) = of(column.index) else { continue };
            let mut pool = Pool { texts: lines.texts_mut(), room: &mut self.room };
            let put = match cells {
                Cells::Empty => pool.text(column, "").map(|id| ids.resize(rows.len(), id)),
                Cells::Entries(entries) => {
                    known.begin(&entries.values);
                    pool.entries(column, entries, rows.clone(), &mut known.ids, ids)
                }
                cells => pool.rows(column, cells, rows.clone(), ids),
            };
            if put.is_err() {
                return false;
            }
        }
        let texts: Vec<(Field, &[TextId])> =
            self.texts.iter().map(|(field, ids)| (*field, ids.as_slice())).collect();
        let columns = LineColumns {
            dates: &self.dates,
            quantities: &self.quantities,
            list_prices: &self.list_prices,
            lines: &self.lines,
            texts: &texts,
        };
        lines.append(&columns).is_ok()
    }

    fn numbers(
        &mut self,
        quantity: Option<&Cells>,
        price: Option<&Cells>,
        rows: Range<usize>,
    ) -> Result<(), Fault> {
        self.quantities.clear();
        self.list_prices.clear();
        for row in rows {
            let quantity = match quantity {
                Some(cells) => cells.amount(row, &mut self.room)?,
                None => None,
            };
            // A line without a quantity is refused, as an empty text is.
            self.quantities.push(quantity.map_or_else(|| value::number(""), Ok)?);
            self.list_prices.push(match price {
                Some(cells) => cells.amount(row, &mut self.room)?,
                None => None,
            });
        }
        Ok(())
    }

    fn days(&mut self, dates: Option<&Cells>, rows: Range<usize>) -> Result<(), Fault> {
        self.dates.clear();
        let mut last: Option<(i64, Day)> = None;
        let mut last_text: Option<(String, Day)> = None;
        for row in rows {
            let mark = dates.and_then(|cells| cells.day_mark(row));
            if let (Some(mark), Some((known, day))) = (mark, last)
                && mark == known
            {
                self.dates.push(day);
                continue;
            }
            let text = dates.map_or("", |cells| cells.text(row, &mut self.room)).trim();
            let day = match &last_text {
                Some((known, day)) if known == text => *day,
                _ => value::usage_day(text)?,
            };
            match mark {
                Some(mark) => last = Some((mark, day)),
                None if last_text.as_ref().is_none_or(|(known, _)| known != text) => {
                    last_text = Some((text.to_owned(), day));
                }
                None => {}
            }
            self.dates.push(day);
        }
        Ok(())
    }
}

/// Where texts get their ids.
struct Pool<'p> {
    texts: &'p mut TextPool,
    room: &'p mut String,
}

impl Pool<'_> {
    /// The id of what the column makes of a text.
    fn text(&mut self, column: &mut Column, text: &str) -> Result<TextId, Fault> {
        column.made(text.trim()).map(|made| self.texts.intern(made))
    }

    fn cell(&mut self, column: &mut Column, cells: &Cells, row: usize) -> Result<TextId, Fault> {
        let text = cells.text(row, self.room).trim();
        column.made(text).map(|made| self.texts.intern(made))
    }

    fn entries(
        &mut self,
        column: &mut Column,
        entries: &Entries,
        rows: Range<usize>,
        known: &mut [Option<TextId>],
        ids: &mut Vec<TextId>,
    ) -> Result<(), Fault> {
        for row in rows {
            let id = match entries.key(row).and_then(|key| known.get_mut(key).map(|place| (key, place))) {
                None => self.text(column, "")?,
                Some((_, Some(id))) => *id,
                Some((key, place)) => *place.insert(self.cell(column, entries.cells(), key)?),
            };
            ids.push(id);
        }
        Ok(())
    }

    fn rows(
        &mut self,
        column: &mut Column,
        cells: &Cells,
        rows: Range<usize>,
        ids: &mut Vec<TextId>,
    ) -> Result<(), Fault> {
        let (mut last, mut id) = (String::new(), self.text(column, "")?);
        for row in rows {
            let text = cells.text(row, self.room).trim();
            if text != last {
                text.clone_into(&mut last);
                id = column.made(text).map(|made| self.texts.intern(made))?;
            }
            ids.push(id);
        }
        Ok(())
    }
}
