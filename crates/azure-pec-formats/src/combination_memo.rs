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
    /// The columns of its fields, each with the place of its field in the bundle.
    columns: Vec<(Column, usize)>,
    /// The column that is looked up, and its place among them.
    leader: (usize, usize),
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    /// The cells of all combinations as texts of the pool, one combination behind the other, and what each became.
    cells: Vec<TextId>,
    made: Vec<Combination>,
    /// The combination that each cell of the leader had last.
    by_leader: HashTable<u32>,
    by_cells: HashTable<u32>,
    looks: Vec<Look>,
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
        let columns: Vec<(Column, usize)> =
            columns.iter().filter_map(|column| Some((*column, place(column)?.1))).collect();
        let leads = |(column, _): &(Column, usize)| column.field == bundle.leader();
        let leader = columns.iter().position(leads).unwrap_or_default();
        let index = columns.get(leader)?.0.index;
        Some(Self {
            bundle,
            columns,
            leader: (index, leader),
            dialect,
            pool: None,
            cells: Vec::new(),
            made: Vec::new(),
            by_leader: HashTable::new(),
            by_cells: HashTable::new(),
            looks: Vec::new(),
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
            let leader = cells.cell(row, self.leader.0);
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
            let known = if self.is(near, cells, row, batch.texts()) {
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
            self.cells.clear();
            self.made.clear();
            self.by_leader.clear();
            self.by_cells.clear();
        }
    }

    /// The cells of what is known.
    fn known(&self, known: u32) -> Option<&[TextId]> {
        let start = (known as usize).checked_mul(self.columns.len())?;
        self.cells.get(start..start.checked_add(self.columns.len())?)
    }

    /// Whether a record has the cells of what is known.
    #[inline]
    fn is<C: Cells>(&self, known: u32, cells: &C, row: usize, pool: &TextPool) -> bool {
        let Some(texts) = self.known(known) else { return false };
        let mut columns = texts.iter().zip(&self.columns);
        columns.all(|(text, (column, _))| same(pool.get(*text).as_bytes(), cells.cell(row, column.index)))
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
        let known = self.by_cells.find(hash_all, |known| self.is(*known, cells, row, batch.texts())).copied();
        let Some(known) = known.or_else(|| self.learn(cells, row, hash_all, batch, on_fault)) else {
            return NONE;
        };
        self.lead(cells.cell(row, self.leader.0), known, batch.texts());
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
        let mut texts = vec![TextId::EMPTY; self.bundle.fields().len()];
        let (mut seen, mut is_good) = (Vec::with_capacity(self.columns.len()), true);
        for (column, place) in &self.columns {
            let cell = cells.cell(row, column.index);
            match self.text(cell, column, batch.texts_mut()) {
                Ok((cell, made)) => {
                    seen.push(cell);
                    // Of two columns of one field the later one counts where it has a text.
                    if let Some(text) = texts.get_mut(*place).filter(|_| !made.is_empty()) {
                        *text = made;
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
        let known = u32::try_from(self.made.len()).ok().filter(|known| *known != NONE)?;
        self.made.push(batch.combine(self.bundle, &texts));
        self.cells.extend_from_slice(&seen);
        let Self { by_cells, cells: all, columns, .. } = self;
        let width = columns.len();
        by_cells.insert_unique(hash_all, known, |known| {
            let texts = all.iter().skip(*known as usize * width).take(width);
            texts.fold(0, |hash, text| mixed(hash, batch.texts().get(*text).as_bytes()))
        });
        Some(known)
    }

    /// A cell as a text of the pool, and the text that is made of it.
    fn text(&self, cell: &[u8], column: &Column, pool: &mut TextPool) -> Result<(TextId, TextId), Fault> {
        let text = self.dialect.text(cell)?;
        let made = pool.intern(&column.rule.make(&text)?);
        // A cell whose text can be read is a text itself.
        Ok((pool.intern(std::str::from_utf8(cell).map_err(|_| Fault::Encoding)?), made))
    }

    /// Remembers what a leader had last.
    fn lead(&mut self, cell: &[u8], known: u32, pool: &TextPool) {
        let Self { by_leader, cells, columns, leader: (_, leader), .. } = self;
        let (width, leader) = (columns.len(), *leader);
        let cell_of = |known: u32| {
            let text = cells.get(known as usize * width + leader).copied().unwrap_or_default();
            pool.get(text).as_bytes()
        };
        let of = hash(cell);
        match by_leader.find_mut(of, |other| same(cell_of(*other), cell)) {
            Some(last) => *last = known,
            None => {
                by_leader.insert_unique(of, known, |known| hash(cell_of(*known)));
            }
        }
    }
}

/// The hash of cells so far and one more.
fn mixed(all: u64, cell: &[u8]) -> u64 {
    (all.rotate_left(5) ^ hash(cell)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}
