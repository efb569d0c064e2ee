//! The texts of a bundle's columns side by side, record by record, and what they become together: for columns that come as
//! dictionaries, whose entries are looked up once however many rows name them.

use std::ops::Range;

use azure_pec::{Bundle, Combination, TextId, TextPool, UsageBatch};

use crate::arrow_cells::Cells as Cell;
use crate::arrow_portion::ArrowPortion;
use crate::cells::{Cells, Dialect};
use crate::column_memo::ColumnMemo;
use crate::entry_ids::EntryIds;
use crate::error::Fault;
use crate::mapping::Column;

/// Turns a bundle's columns into combinations of a batch. Memory follows the distinct texts.
pub(crate) struct BundleTexts {
    bundle: Bundle,
    columns: Vec<ColumnTexts>,
    /// The texts of some records, one record behind the other.
    texts: Vec<TextId>,
    /// The records of these that cannot be read, why, and in which column.
    faulty: Vec<(usize, Fault, usize)>,
}

/// A column, and what its texts are.
struct ColumnTexts {
    column: Column,
    /// The place of its field in the bundle.
    place: usize,
    memo: ColumnMemo,
    entries: EntryIds,
    /// The texts of some records.
    ids: Vec<TextId>,
}

/// Records that are read together: their texts stay in the processor's cache.
const AT_ONCE: usize = 256;

impl BundleTexts {
    pub fn new(bundle: Bundle, columns: &[(Column, usize)], dialect: Dialect) -> Self {
        let texts = |(column, place): &(Column, usize)| ColumnTexts {
            column: *column,
            place: *place,
            memo: ColumnMemo::new(column.rule, dialect),
            entries: EntryIds::default(),
            ids: Vec::new(),
        };
        Self { bundle, columns: columns.iter().map(texts).collect(), texts: Vec::new(), faulty: Vec::new() }
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.columns.iter().map(|column| column.entries.memory() + column.memo.memory()).sum()
    }

    /// Adds the combination of each record. Where a cell cannot be read, tells the record's place among these, the fault
    /// and the column, and adds the empty combination.
    pub fn fill(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        batch: &mut UsageBatch,
        found: &mut Vec<Combination>,
        on_fault: &mut dyn FnMut(usize, Fault, usize),
    ) {
        let Self { bundle, columns, texts, faulty } = self;
        let width = bundle.fields().len();
        for start in rows.clone().step_by(AT_ONCE) {
            let some = start..rows.end.min(start + AT_ONCE);
            texts.clear();
            texts.resize(some.len() * width, TextId::EMPTY);
            faulty.clear();
            for column in &mut *columns {
                let index = column.column.index;
                column.read(cells, some.clone(), batch.texts_mut(), &mut |at, fault| {
                    faulty.push((at, fault, index));
                });
                let places = texts.iter_mut().skip(column.place).step_by(width);
                // Of two columns of one field the later one counts where it has a text.
                for (place, id) in places.zip(&column.ids).filter(|(_, id)| !id.is_empty()) {
                    *place = *id;
                }
            }
            // Record by record, as they are told of any file.
            faulty.sort_by_key(|(at, ..)| *at);
            for (at, fault, column) in faulty.drain(..) {
                texts.iter_mut().skip(at * width).take(width).for_each(|text| *text = TextId::EMPTY);
                on_fault(start - rows.start + at, fault, column);
            }
            batch.combine_all(*bundle, texts, found);
        }
    }
}

impl ColumnTexts {
    /// Reads some records of the column.
    fn read(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        pool: &mut TextPool,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        let Self { column, memo, entries: known, ids, .. } = self;
        ids.clear();
        match cells.column(column.index) {
            Some(Cell::Entries(entries)) => known.fill(entries, rows, memo, pool, ids, on_fault),
            _ => memo.fill(rows.map(|row| cells.cell_and_on(row, column.index)), pool, ids, on_fault),
        }
    }
}
