//! What the cells of several columns become together, each distinct combination worked out once.

use std::ops::Range;

use azure_pec::{Bundle, Combination, Field, TextId, TextPool, UsageBatch};
use hashbrown::HashTable;

use crate::cells::{Cells, Dialect, same};
#[cfg(feature = "arrow")]
use crate::code_memo::CodeMemo;
use crate::column_memo::hash;
use crate::error::Fault;
use crate::mapping::Column;

/// Turns the cells of a bundle's columns into combinations of a batch.
///
/// A record is told by the cells of a few columns, the leaders: what was last seen beside such cells is mostly there
/// again, and then a record costs one look-up and a comparison of its cells. Others are looked up by all their cells.
/// Memory follows the distinct combinations.
pub(crate) struct CombinationMemo {
    bundle: Bundle,
    /// The columns of its fields, each with the place of its field in the bundle.
    columns: Vec<(Column, usize)>,
    /// Where they are in a record, each once: two fields may be made of one. The leaders first.
    indices: Vec<usize>,
    /// So many are leaders.
    leaders: usize,
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    seen: Seen,
    /// What each of them became.
    made: Vec<Combination>,
    /// The texts of the cells of the last one.
    last: Vec<TextId>,
    /// The combination that the leaders' cells had last.
    by_leaders: HashTable<u32>,
    by_cells: HashTable<u32>,
    looks: Vec<Look>,
}

/// The cells of combinations, one behind the other: the number of the combination, how long each cell is, and the cells.
/// So a comparison waits for memory once.
#[derive(Default)]
struct Seen {
    width: usize,
    bytes: Vec<u8>,
    /// The number of combinations.
    count: u32,
    /// Where the last one stands.
    last: u32,
}

/// Combinations begin at multiples of so many bytes.
const STEP: usize = 8;

impl Seen {
    fn clear(&mut self) {
        *self = Self { width: self.width, ..Self::default() };
    }

    /// Whether there is no place for one more.
    const fn is_full(&self) -> bool {
        self.bytes.len() / STEP >= NONE as usize - 1
    }

    /// Adds a combination and says where it stands.
    fn push<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>) -> u32 {
        self.make_room();
        self.bytes.resize(self.bytes.len().next_multiple_of(STEP), 0);
        let start = self.bytes.len();
        let at = u32::try_from(start / STEP).unwrap_or(NONE);
        self.bytes.extend_from_slice(&self.count.to_le_bytes());
        self.bytes.resize(self.bytes.len() + self.width * SIZE, 0);
        for (place, cell) in cells.enumerate() {
            self.bytes.extend_from_slice(cell);
            let length =
                self.bytes.get_mut(start + (place + 1) * SIZE..).and_then(|rest| rest.first_chunk_mut());
            if let Some(length) = length {
                // A record is far shorter than that.
                *length = u32::try_from(cell.len()).unwrap_or(u32::MAX).to_le_bytes();
            }
        }
        self.count = self.count.saturating_add(1);
        self.last = at;
        at
    }

    /// Grows by quarters: what is doubled is half empty, and there may be many MiB of it.
    fn make_room(&mut self) {
        if self.bytes.capacity() - self.bytes.len() < ROOM {
            self.bytes.reserve_exact(ROOM.max(self.bytes.len() / 4));
        }
    }

    /// The bytes that it holds.
    const fn memory(&self) -> usize {
        self.bytes.capacity()
    }

    /// The number of a combination.
    #[inline]
    fn number(&self, at: u32) -> Option<u32> {
        let number = self.bytes.get(at as usize * STEP..)?.first_chunk()?;
        Some(u32::from_le_bytes(*number))
    }

    /// Bytes of a combination from each part of it that the processor fetches at once: whoever asks for them for many
    /// combinations, one after the other, waits once for all.
    #[inline]
    fn touch(&self, at: u32) -> u8 {
        let entry = self.bytes.get(at as usize * STEP..).unwrap_or_default();
        FETCHED.iter().fold(0, |all, place| all ^ entry.get(*place).copied().unwrap_or(0))
    }

    /// The cells of a combination; none of one that is not there.
    #[inline]
    fn cells(&self, at: u32) -> impl Iterator<Item = &[u8]> {
        let entry = self.bytes.get(at as usize * STEP + SIZE..).unwrap_or_default();
        let (lengths, mut rest) = entry.split_at_checked(self.width * SIZE).unwrap_or_default();
        lengths.as_chunks().0.iter().map(move |length| {
            let (cell, others) =
                rest.split_at_checked(u32::from_le_bytes(*length) as usize).unwrap_or_default();
            rest = others;
            cell
        })
    }
}

/// Places of a combination that are fetched one by one; nearly all are shorter than one more.
const FETCHED: [usize; 4] = [64, 128, 192, 256];
/// Room for some more combinations.
const ROOM: usize = 1 << 14;
/// The bytes of a number.
const SIZE: usize = size_of::<u32>();

/// A record that is looked up.
#[derive(Clone, Copy)]
struct Look {
    /// None where its leaders are those of the record before.
    hash: Option<u64>,
    /// Where that stands which may be known of it, and its number.
    known: u32,
    number: Option<u32>,
}

/// Nothing is known.
const NONE: u32 = u32::MAX;

impl CombinationMemo {
    /// For those of the columns that are of the bundle; none where there are none.
    pub fn new(bundle: Bundle, columns: &[Column], dialect: Dialect) -> Option<Self> {
        let place = |column: &Column| Bundle::of(column.field).filter(|(of, _)| *of == bundle);
        let columns: Vec<(Column, usize)> =
            columns.iter().filter_map(|column| Some((*column, place(column)?.1))).collect();
        let mut indices = Vec::with_capacity(columns.len());
        let add = |indices: &mut Vec<usize>, column: &(Column, usize)| {
            if !indices.contains(&column.0.index) {
                indices.push(column.0.index);
            }
        };
        let leads = |field: &Field| columns.iter().find(|column| column.0.field == *field);
        bundle.leaders().iter().filter_map(leads).for_each(|column| add(&mut indices, column));
        let leaders = indices.len().max(1);
        columns.iter().for_each(|column| add(&mut indices, column));
        indices.first()?;
        Some(Self {
            bundle,
            leaders,
            dialect,
            pool: None,
            seen: Seen { width: indices.len(), ..Seen::default() },
            made: Vec::new(),
            last: Vec::new(),
            by_leaders: HashTable::new(),
            by_cells: HashTable::new(),
            looks: Vec::new(),
            columns,
            indices,
        })
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// The same, for columns that tell their distinct cells apart by themselves.
    #[cfg(feature = "arrow")]
    pub fn by_codes(&self) -> CodeMemo {
        CodeMemo::new(self.bundle, &self.columns, self.dialect)
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        let tables = self.by_leaders.allocation_size() + self.by_cells.allocation_size();
        self.seen.memory() + self.made.capacity() * size_of::<Combination>() + tables
    }

    /// Adds the combination of each record. Where a cell cannot be read, tells the record's place among these, the fault
    /// and the column, and adds the empty combination.
    ///
    /// First it is found what may be known of each record, then whether it is that: so look-ups that wait for memory wait
    /// together.
    pub fn fill<C: Cells>(
        &mut self,
        cells: &C,
        rows: Range<usize>,
        batch: &mut UsageBatch,
        found: &mut Vec<Combination>,
        mut on_fault: impl FnMut(usize, Fault, usize),
    ) {
        self.know(batch.texts());
        let mut looks = std::mem::take(&mut self.looks);
        looks.clear();
        let mut last = None;
        for row in rows.clone() {
            let hash = self.leaders(cells, row).fold(0, mixed);
            // Of equal hashes too the cells are compared, as of all that may be known.
            looks.push(Look { hash: (last != Some(hash)).then_some(hash), known: NONE, number: None });
            last = Some(hash);
        }
        for look in &mut looks {
            if let Some(hash) = look.hash {
                look.known = self.by_leaders.find(hash, |_| true).copied().unwrap_or(NONE);
            }
        }
        let mut touched = 0;
        for look in &mut looks {
            look.number = self.seen.number(look.known);
            touched ^= self.seen.touch(look.known);
        }
        std::hint::black_box(touched);
        let mut before = (NONE, None);
        for (at, (row, look)) in rows.zip(&looks).enumerate() {
            let near = if look.hash.is_none() { before } else { (look.known, look.number) };
            let known = if near.1.is_some() && self.is(near.0, cells, row) {
                near
            } else {
                let known = self.look_up(cells, row, batch, &mut |fault, column| on_fault(at, fault, column));
                (known, self.seen.number(known))
            };
            let made = known.1.and_then(|number| self.made.get(number as usize));
            found.push(made.copied().unwrap_or_default());
            before = known;
        }
        self.looks = looks;
    }

    /// Ids of another pool mean other texts.
    fn know(&mut self, pool: &TextPool) {
        if self.pool != Some(pool.id()) {
            self.pool = Some(pool.id());
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.seen.clear();
        self.last.clear();
        self.made.clear();
        self.by_leaders.clear();
        self.by_cells.clear();
    }

    /// Whether a record has the cells of what is known.
    #[inline]
    fn is<C: Cells>(&self, known: u32, cells: &C, row: usize) -> bool {
        let mut seen = self.seen.cells(known).zip(&self.indices);
        seen.all(|(seen, index)| same(seen, cells.cell(row, *index)))
    }

    /// What is known of a record, told by all its cells; nothing where one of them cannot be read.
    #[cold]
    fn look_up<C: Cells>(
        &mut self,
        cells: &C,
        row: usize,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> u32 {
        let hash_all = self.indices.iter().fold(0, |all, index| mixed(all, cells.cell(row, *index)));
        let known = self.by_cells.find(hash_all, |known| self.is(*known, cells, row)).copied();
        let Some(known) = known.or_else(|| self.learn(cells, row, hash_all, batch, on_fault)) else {
            return NONE;
        };
        self.lead(cells, row, known);
        known
    }

    /// The leaders' cells of a record.
    #[inline]
    fn leaders<'c, C: Cells>(&self, cells: &'c C, row: usize) -> impl Iterator<Item = &'c [u8]> {
        self.indices.iter().take(self.leaders).map(move |index| cells.cell(row, *index))
    }

    /// Works a combination out.
    fn learn<C: Cells>(
        &mut self,
        cells: &C,
        row: usize,
        hash_all: u64,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> Option<u32> {
        let mut texts = vec![TextId::EMPTY; self.bundle.fields().len()];
        let (mut own, mut is_good) = (Vec::with_capacity(self.columns.len()), true);
        // Most cells are those of the combination before.
        let before: Vec<&[u8]> = self.seen.cells(self.seen.last).collect();
        let mut last = self.last.iter();
        for (column, place) in &self.columns {
            let cell = cells.cell(row, column.index);
            let at = self.indices.iter().position(|index| *index == column.index);
            let known = last.next().filter(|_| {
                let seen = at.and_then(|at| before.get(at));
                seen.is_some_and(|seen| same(seen, cell))
            });
            let known = known.copied();
            match known.map_or_else(|| self.text(cell, column, batch.texts_mut()), Ok) {
                Ok(text) => {
                    own.push(text);
                    // Of two columns of one field the later one counts where it has a text.
                    if let Some(made) = texts.get_mut(*place).filter(|_| !text.is_empty()) {
                        *made = text;
                    }
                }
                Err(fault) => {
                    on_fault(fault, column.index);
                    is_good = false;
                }
            }
        }
        if !is_good {
            return None;
        }
        let made = batch.combine(self.bundle, &texts);
        if self.seen.is_full() {
            self.forget();
        }
        let known = self.seen.push(self.indices.iter().map(|index| cells.cell(row, *index)));
        self.made.push(made);
        self.last = own;
        let seen = &self.seen;
        self.by_cells.insert_unique(hash_all, known, |known| seen.cells(*known).fold(0, mixed));
        Some(known)
    }

    /// The text that is made of a cell.
    fn text(&self, cell: &[u8], column: &Column, pool: &mut TextPool) -> Result<TextId, Fault> {
        let text = self.dialect.text(cell)?;
        Ok(pool.intern(&column.rule.make(&text)?))
    }

    /// Remembers what a record's leaders had last.
    fn lead<C: Cells>(&mut self, cells: &C, row: usize, known: u32) {
        let of = self.leaders(cells, row).fold(0, mixed);
        let (seen, indices) = (&self.seen, self.indices.iter().take(self.leaders));
        let leaders = |at: u32| seen.cells(at).take(self.leaders);
        let is_it = |other: &u32| {
            leaders(*other).zip(indices.clone()).all(|(own, index)| same(own, cells.cell(row, *index)))
        };
        match self.by_leaders.find_mut(of, is_it) {
            Some(last) => *last = known,
            None => {
                self.by_leaders.insert_unique(of, known, |known| leaders(*known).fold(0, mixed));
            }
        }
    }
}

/// The hash of cells so far and one more.
fn mixed(all: u64, cell: &[u8]) -> u64 {
    (all.rotate_left(5) ^ hash(cell)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use azure_pec::UsageLine;
    use proptest::prelude::*;

    use super::*;
    use crate::mapping::{Mapping, Rule};
    use crate::put::{Faulty, Putter};

    /// Records in memory: cells by row and column.
    struct Rows(Vec<Vec<String>>);

    impl Cells for Rows {
        fn cell(&self, row: usize, column: usize) -> &[u8] {
            self.0[row][column].as_bytes()
        }

        fn text(&self, row: usize, column: usize) -> Result<&str, Fault> {
            Ok(&self.0[row][column])
        }

        fn line(&self, row: usize) -> u64 {
            row as u64
        }
    }

    const QUOTED: Dialect = Dialect { quotes: true, nulls: true };

    fn mapping() -> Mapping {
        let column = |field, index, rule| Column { field, index, rule };
        Mapping {
            date: 0,
            quantity: 1,
            list_price: None,
            columns: vec![
                column(Field::Currency, 2, Rule::Text),
                column(Field::MeterId, 3, Rule::Text),
                // Two fields of one column, and two columns of one field.
                column(Field::ProductId, 4, Rule::Product),
                column(Field::SkuId, 4, Rule::Sku),
                column(Field::SkuId, 5, Rule::Text),
                column(Field::CreditPercentage, 6, Rule::Percentage),
                column(Field::CustomerId, 7, Rule::Placing("a tenant id (GUID)")),
                column(Field::ResourceGroup, 8, Rule::Id),
            ],
            observed: None,
            focus: None,
        }
    }

    /// The lines and faults of some records, which come in two portions, the second into another pool now and then.
    fn read(rows: &Rows, cut: usize, mut putter: Putter, fresh: bool) -> (Vec<UsageLine>, Vec<Faulty>) {
        let (mut batch, mut lines, mut faults) = (UsageBatch::new(), Vec::new(), Vec::new());
        for part in [0..cut, cut..rows.0.len()] {
            if fresh {
                batch = UsageBatch::new();
            }
            batch.clear();
            faults.extend(putter.put(rows, part, std::iter::empty(), &mut batch).faulty);
            lines.extend((0..batch.len()).filter_map(|row| batch.line(row)));
        }
        (lines, faults)
    }

    fn row() -> impl Strategy<Value = Vec<String>> {
        let few = |texts: &'static [&'static str]| prop::sample::select(texts).prop_map(str::to_owned);
        (
            few(&["2026-10-01", "10/01/2026", "x"]),
            few(&["1", "1.5", "y"]),
            few(&["EUR", "USD", ""]),
            few(&["m1", "m2", "\"m1\"", ""]),
            few(&["DZH318Z0BQPM0015", "DZH318Z0BQPM", ""]),
            few(&["", "0015", "0016"]),
            few(&["100", "", "z"]),
            few(&["11111111-1111-1111-1111-111111111111", "", "nobody"]),
            few(&["rg", "RG", "NULL", ""]),
        )
            .prop_map(|(a, b, c, d, e, f, g, h, i)| vec![a, b, c, d, e, f, g, h, i])
    }

    proptest! {
        #[test]
        fn fields_read_together_are_those_read_one_by_one(
            rows in prop::collection::vec(row(), 0..60),
            cut in 0_usize..60,
            fresh in any::<bool>(),
        ) {
            let (rows, cut) = (Rows(rows.clone()), cut.min(rows.len()));
            let putter = || Putter::new(mapping(), QUOTED);
            prop_assert_eq!(read(&rows, cut, putter(), fresh), read(&rows, cut, putter().by_columns(), fresh));
        }
    }
}
