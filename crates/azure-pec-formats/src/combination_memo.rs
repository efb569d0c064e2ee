//! What the cells of several columns become together, each distinct combination worked out once.

use std::ops::Range;

use azure_pec::{Bundle, Combination, TextId, TextPool, UsageBatch};
use hashbrown::HashTable;

use crate::cells::{Cells, Dialect, same};
use crate::column_memo::hash;
use crate::error::Fault;
use crate::mapping::Column;

/// Turns the cells of a bundle's columns into combinations of a batch.
///
/// A record is told by the cell of one column, the leader: what was last seen beside such a cell is mostly there again,
/// and then a record costs one look-up and a comparison of its cells. Others are looked up by all their cells. Memory
/// follows the distinct combinations.
pub(crate) struct CombinationMemo {
    bundle: Bundle,
    /// The columns of its fields, the leader first, each with the place of its field in the bundle.
    columns: Vec<(Column, usize)>,
    leader: usize,
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    seen: Seen,
    /// What each of them became.
    made: Vec<Combination>,
    /// The texts of the cells of the last one.
    last: Vec<TextId>,
    /// The combination that each cell of the leader had last.
    by_leader: HashTable<u32>,
    by_cells: HashTable<u32>,
    looks: Vec<Look>,
}

/// The cells of combinations, one behind the other: a comparison reads on where it is.
#[derive(Default)]
struct Seen {
    width: usize,
    bytes: Vec<u8>,
    /// Where the cells of each combination begin, and how long each cell is.
    starts: Vec<usize>,
    lengths: Vec<u32>,
}

impl Seen {
    fn clear(&mut self) {
        self.bytes.clear();
        self.starts.clear();
        self.lengths.clear();
    }

    /// Adds a combination.
    fn push<'c>(&mut self, cells: impl Iterator<Item = &'c [u8]>) {
        self.starts.push(self.bytes.len());
        for cell in cells {
            self.bytes.extend_from_slice(cell);
            // A record is far shorter than that.
            self.lengths.push(u32::try_from(cell.len()).unwrap_or(u32::MAX));
        }
    }

    /// The cells of a combination; none of one that is not there.
    #[inline]
    fn cells(&self, at: u32) -> impl Iterator<Item = &[u8]> {
        let start = self.starts.get(at as usize).copied();
        let mut rest = start.and_then(|start| self.bytes.get(start..)).unwrap_or_default();
        let first = at as usize * self.width;
        let lengths = self.lengths.get(first..first + self.width).unwrap_or_default();
        lengths.iter().map(move |length| {
            let (cell, others) = rest.split_at_checked(*length as usize).unwrap_or_default();
            rest = others;
            cell
        })
    }

    fn leader(&self, at: u32) -> &[u8] {
        self.cells(at).next().unwrap_or_default()
    }
}

/// A record that is looked up.
#[derive(Clone, Copy)]
struct Look {
    /// None where its leader is that of the record before.
    hash: Option<u64>,
    /// What may be known of it.
    known: u32,
}

/// Nothing is known.
const NONE: u32 = u32::MAX;

impl CombinationMemo {
    /// For those of the columns that are of the bundle; none where there are none.
    pub fn new(bundle: Bundle, columns: &[Column], dialect: Dialect) -> Option<Self> {
        let place = |column: &Column| Bundle::of(column.field).filter(|(of, _)| *of == bundle);
        let mut columns: Vec<(Column, usize)> =
            columns.iter().filter_map(|column| Some((*column, place(column)?.1))).collect();
        columns.sort_by_key(|(column, _)| column.field != bundle.leader());
        let leader = columns.first()?.0.index;
        Some(Self {
            bundle,
            leader,
            dialect,
            pool: None,
            seen: Seen { width: columns.len(), ..Seen::default() },
            made: Vec::new(),
            last: Vec::new(),
            by_leader: HashTable::new(),
            by_cells: HashTable::new(),
            looks: Vec::new(),
            columns,
        })
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
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
        let mut last: Option<&[u8]> = None;
        for row in rows.clone() {
            let leader = cells.cell(row, self.leader);
            let is_next = !last.is_some_and(|last| same(last, leader));
            looks.push(Look { hash: is_next.then(|| hash(leader)), known: NONE });
            last = Some(leader);
        }
        for look in &mut looks {
            if let Some(hash) = look.hash {
                look.known = self.by_leader.find(hash, |_| true).copied().unwrap_or(NONE);
            }
        }
        let mut before = NONE;
        for (at, (row, look)) in rows.zip(&looks).enumerate() {
            let near = if look.hash.is_none() { before } else { look.known };
            let known = if self.is(near, cells, row) {
                near
            } else {
                self.look_up(cells, row, batch, &mut |fault, column| on_fault(at, fault, column))
            };
            found.push(self.made.get(known as usize).copied().unwrap_or_default());
            before = known;
        }
        self.looks = looks;
    }

    /// Ids of another pool mean other texts.
    fn know(&mut self, pool: &TextPool) {
        if self.pool != Some(pool.id()) {
            self.pool = Some(pool.id());
            self.seen.clear();
            self.last.clear();
            self.made.clear();
            self.by_leader.clear();
            self.by_cells.clear();
        }
    }

    /// Whether a record has the cells of what is known.
    #[inline]
    fn is<C: Cells>(&self, known: u32, cells: &C, row: usize) -> bool {
        (known as usize) < self.made.len()
            && self
                .seen
                .cells(known)
                .zip(&self.columns)
                .all(|(seen, (column, _))| same(seen, cells.cell(row, column.index)))
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
        let hash_all =
            self.columns.iter().fold(0, |all, (column, _)| mixed(all, cells.cell(row, column.index)));
        let known = self.by_cells.find(hash_all, |known| self.is(*known, cells, row)).copied();
        let Some(known) = known.or_else(|| self.learn(cells, row, hash_all, batch, on_fault)) else {
            return NONE;
        };
        self.lead(cells.cell(row, self.leader), known);
        known
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
        let cell_of = |column: &Column| cells.cell(row, column.index);
        let mut texts = vec![TextId::EMPTY; self.bundle.fields().len()];
        let (mut own, mut is_good) = (Vec::with_capacity(self.columns.len()), true);
        // Most cells are those of the combination before.
        let before = u32::try_from(self.made.len()).unwrap_or(NONE).wrapping_sub(1);
        let mut before = self.seen.cells(before).zip(&self.last);
        for (column, place) in &self.columns {
            let cell = cell_of(column);
            let known = before.next().filter(|(seen, _)| same(seen, cell)).map(|(_, text)| *text);
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
        drop(before);
        if !is_good {
            return None;
        }
        let known = u32::try_from(self.made.len()).ok().filter(|known| *known != NONE)?;
        self.made.push(batch.combine(self.bundle, &texts));
        self.last = own;
        self.seen.push(self.columns.iter().map(|(column, _)| cell_of(column)));
        let seen = &self.seen;
        self.by_cells.insert_unique(hash_all, known, |known| seen.cells(*known).fold(0, mixed));
        Some(known)
    }

    /// The text that is made of a cell.
    fn text(&self, cell: &[u8], column: &Column, pool: &mut TextPool) -> Result<TextId, Fault> {
        let text = self.dialect.text(cell)?;
        Ok(pool.intern(&column.rule.make(&text)?))
    }

    /// Remembers what a leader had last.
    fn lead(&mut self, cell: &[u8], known: u32) {
        let (of, seen) = (hash(cell), &self.seen);
        match self.by_leader.find_mut(of, |other| same(seen.leader(*other), cell)) {
            Some(last) => *last = known,
            None => {
                self.by_leader.insert_unique(of, known, |known| hash(seen.leader(*known)));
            }
        }
    }
}

/// The hash of cells so far and one more.
fn mixed(all: u64, cell: &[u8]) -> u64 {
    (all.rotate_left(5) ^ hash(cell)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
