//! What the codes of several columns become together: keys of dictionaries, ids of other texts. Codes are as short as
//! cells are long, so a record costs a look-up by a few numbers.

use std::ops::Range;

use azure_pec::{Bundle, Combination, TextId, TextPool, UsageBatch};
use hashbrown::HashTable;

use crate::arrow_cells::{Cells as Cell, NO_ENTRY};
use crate::arrow_portion::ArrowPortion;
use crate::cells::{Cells, Dialect};
use crate::column_memo::ColumnMemo;
use crate::entry_ids::EntryIds;
use crate::error::Fault;
use crate::mapping::Column;

/// Turns the codes of a bundle's columns into combinations of a batch. Memory follows the distinct combinations of a row
/// group.
pub(crate) struct CodeMemo {
    bundle: Bundle,
    columns: Vec<Coded>,
    pool: Option<u64>,
    /// The codes of what is known, one row behind the other, and what each became.
    known: Vec<u32>,
    made: Vec<Combination>,
    places: HashTable<u32>,
    looks: Looks,
}

/// A column, and what its codes mean.
struct Coded {
    column: Column,
    /// The place of its field in the bundle.
    place: usize,
    memo: ColumnMemo,
    entries: EntryIds,
    /// Its texts where it has no dictionary, and those of them that cannot be read.
    ids: Vec<TextId>,
    faulty: Vec<(usize, Fault)>,
}

/// Records that are looked up together, so that look-ups that wait for memory wait together.
#[derive(Default)]
struct Looks {
    /// Their codes, one record behind the other.
    codes: Vec<u32>,
    hashes: Vec<u64>,
    /// What may be known of each.
    known: Vec<Option<u32>>,
}

const AT_ONCE: usize = 256;
/// The code of a cell that cannot be read: no combination is known with it.
const FAULTY: u32 = u32::MAX - 1;

impl CodeMemo {
    pub fn new(bundle: Bundle, columns: &[(Column, usize)], dialect: Dialect) -> Self {
        let coded = |(column, place): &(Column, usize)| Coded {
            column: *column,
            place: *place,
            memo: ColumnMemo::new(column.rule, dialect),
            entries: EntryIds::default(),
            ids: Vec::new(),
            faulty: Vec::new(),
        };
        Self {
            bundle,
            columns: columns.iter().map(coded).collect(),
            pool: None,
            known: Vec::new(),
            made: Vec::new(),
            places: HashTable::new(),
            looks: Looks::default(),
        }
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        let codes = self.known.capacity() * size_of::<u32>();
        codes + self.made.capacity() * size_of::<Combination>() + self.places.allocation_size()
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
        self.begin(cells, batch.texts());
        for start in rows.clone().step_by(AT_ONCE) {
            let some = start..rows.end.min(start + AT_ONCE);
            self.look(cells, some.clone(), batch.texts_mut());
            for (at, row) in some.enumerate() {
                let known = self.looks.known.get(at).copied().flatten().filter(|known| self.is(*known, at));
                let known = known.or_else(|| {
                    let mut tell = |fault, column| on_fault(row - rows.start, fault, column);
                    self.look_up(cells, (at, row), batch, &mut tell)
                });
                let made = known.and_then(|known| self.made.get(known as usize));
                found.push(made.copied().unwrap_or_default());
            }
        }
    }

    /// Codes of another dictionary or pool mean other texts.
    fn begin(&mut self, cells: &ArrowPortion, pool: &TextPool) {
        let mut stays = self.pool.replace(pool.id()) == Some(pool.id());
        for coded in &mut self.columns {
            if let Some(Cell::Entries(entries)) = cells.column(coded.column.index) {
                stays &= coded.entries.begin(entries, pool);
            }
        }
        if !stays {
            self.known.clear();
            self.made.clear();
            self.places.clear();
        }
    }

    /// Puts the codes of some records side by side, and finds what may be known of them.
    fn look(&mut self, cells: &ArrowPortion, rows: Range<usize>, pool: &mut TextPool) {
        let (width, Looks { codes, hashes, known }) = (self.columns.len(), &mut self.looks);
        codes.clear();
        codes.resize(rows.len() * width, NO_ENTRY);
        hashes.clear();
        hashes.resize(rows.len(), 0);
        for (at, coded) in self.columns.iter_mut().enumerate() {
            let places = codes.iter_mut().skip(at).step_by(width).zip(&mut *hashes);
            let put = |((place, hash), code): ((&mut u32, &mut u64), u32)| {
                *place = code;
                *hash = mixed(*hash, code);
            };
            match cells.column(coded.column.index) {
                Some(Cell::Entries(entries)) => {
                    let keys = entries.keys.get(rows.clone()).unwrap_or_default();
                    places.zip(keys.iter().copied()).for_each(put);
                }
                _ => places.zip(coded.texts(cells, rows.clone(), pool)).for_each(put),
            }
        }
        known.clear();
        known.extend(hashes.iter().map(|hash| self.places.find(*hash, |_| true).copied()));
    }

    /// Whether a record that is looked up has the codes of what is known.
    #[inline]
    fn is(&self, known: u32, at: usize) -> bool {
        of_row(&self.known, self.columns.len(), known as usize).eq(of_row(
            &self.looks.codes,
            self.columns.len(),
            at,
        ))
    }

    /// What is known of a record, told by all its codes; nothing where a cell cannot be read.
    #[cold]
    fn look_up(
        &mut self,
        cells: &ArrowPortion,
        (at, row): (usize, usize),
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> Option<u32> {
        let hash = self.looks.hashes.get(at).copied()?;
        let known = self.places.find(hash, |known| self.is(*known, at)).copied();
        known.or_else(|| self.learn(cells, (at, row), hash, batch, on_fault))
    }

    /// Works a combination out.
    fn learn(
        &mut self,
        cells: &ArrowPortion,
        (at, row): (usize, usize),
        hash: u64,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> Option<u32> {
        let mut texts = vec![TextId::EMPTY; self.bundle.fields().len()];
        let mut is_good = true;
        for coded in &mut self.columns {
            match coded.text(cells, (at, row), batch.texts_mut()) {
                Ok(text) => {
                    // Of two columns of one field the later one counts where it has a text.
                    if let Some(made) = texts.get_mut(coded.place).filter(|_| !text.is_empty()) {
                        *made = text;
                    }
                }
                Err(fault) => {
                    on_fault(fault, coded.column.index);
                    is_good = false;
                }
            }
        }
        // As many as there are lines of a row group at most.
        let number = u32::try_from(self.made.len()).ok().filter(|_| is_good)?;
        let width = self.columns.len();
        self.known.extend_from_slice(of_row(&self.looks.codes, width, at));
        self.made.push(batch.combine(self.bundle, &texts));
        let known = &self.known;
        let hash_of = |number: &u32| {
            of_row(known, width, *number as usize).iter().fold(0, |all, code| mixed(all, *code))
        };
        self.places.insert_unique(hash, number, hash_of);
        Some(number)
    }
}

impl Coded {
    /// The codes of some rows of a column without a dictionary.
    fn texts(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        pool: &mut TextPool,
    ) -> impl Iterator<Item = u32> {
        let Self { column, memo, ids, faulty, .. } = self;
        ids.clear();
        faulty.clear();
        let texts = rows.map(|row| cells.cell(row, column.index));
        memo.fill(texts, pool, ids, |at, fault| faulty.push((at, fault)));
        let code = |(at, id): (usize, &TextId)| match id.index() {
            0 if faulty.iter().any(|(row, _)| *row == at) => FAULTY,
            id => u32::try_from(id).unwrap_or(FAULTY),
        };
        ids.iter().enumerate().map(code)
    }

    /// The text of a record, or what is wrong with it.
    fn text(
        &mut self,
        cells: &ArrowPortion,
        (at, row): (usize, usize),
        pool: &mut TextPool,
    ) -> Result<TextId, Fault> {
        if let Some(Cell::Entries(entries)) = cells.column(self.column.index) {
            return self.entries.id(entries, row, &mut self.memo, pool);
        }
        match self.faulty.iter().find(|(row, _)| *row == at) {
            Some((_, fault)) => Err(fault.clone()),
            None => Ok(self.ids.get(at).copied().unwrap_or_default()),
        }
    }
}

/// A row of codes.
#[inline]
fn of_row(codes: &[u32], width: usize, row: usize) -> &[u32] {
    codes.get(row * width..(row + 1) * width).unwrap_or_default()
}

/// The hash of codes so far and one more.
#[inline]
fn mixed(all: u64, code: u32) -> u64 {
    (all.rotate_left(5) ^ u64::from(code)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
