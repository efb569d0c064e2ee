//! What the cells of a column become, each distinct one worked out once.

use azure_pec::{TextId, TextPool};
use hashbrown::HashTable;
use rustc_hash::FxHasher;

use crate::cells::{Dialect, same};
use crate::error::Fault;
use crate::mapping::Rule;

/// Turns the cells of one column into texts of a pool. A cell like the one before costs a comparison, one that was seen
/// before a look-up; only a new one is read. Memory follows the distinct cells.
pub(crate) struct ColumnMemo {
    rule: Rule,
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    known: HashTable<Known>,
    /// So many runs had the last column.
    runs: usize,
}

/// Cells that are the same, one below the other.
struct Run<'c> {
    cell: &'c [u8],
    row: u32,
    hash: u64,
    /// What is known of the cell; at first only what may be.
    known: Known,
}

/// A cell that was seen: its bytes as a text of the pool, and the text that was made of it, mostly the same.
#[derive(Clone, Copy)]
struct Known {
    cell: TextId,
    made: TextId,
}

/// The empty cell is looked up.
const NOTHING: Known = Known { cell: TextId::EMPTY, made: TextId::EMPTY };

impl ColumnMemo {
    pub fn new(rule: Rule, dialect: Dialect) -> Self {
        Self { rule, dialect, pool: None, known: HashTable::new(), runs: 0 }
    }

    /// How the texts are made.
    #[cfg(feature = "arrow")]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Adds the id of each cell. Where one cannot be read, tells its place among these and adds the empty text.
    ///
    /// First it is found where cells change, then what may be known of them, then where that stands, then whether it is: so
    /// look-ups that wait for memory wait together.
    pub fn fill<'c>(
        &mut self,
        cells: impl Iterator<Item = &'c [u8]>,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        mut on_fault: impl FnMut(usize, Fault),
    ) {
        self.know(pool);
        let mut runs: Vec<Run<'c>> = Vec::with_capacity(self.runs);
        let (mut last, mut rows): (Option<&[u8]>, u32) = (None, 0);
        for cell in cells {
            if !last.is_some_and(|last| same(last, cell)) {
                runs.push(Run { cell, row: rows, hash: hash(cell), known: NOTHING });
                last = Some(cell);
            }
            rows = rows.wrapping_add(1);
        }
        self.runs = runs.len();
        for run in &mut runs {
            run.known = self.known.find(run.hash, |_| true).copied().unwrap_or(NOTHING);
        }
        let texts: Vec<&str> = runs.iter().map(|run| pool.get(run.known.cell)).collect();
        for (run, text) in runs.iter_mut().zip(texts) {
            // Nothing is known of a cell but the empty one where it is not the text that is known.
            if !same(text.as_bytes(), run.cell) {
                run.known = NOTHING;
            }
        }
        let ends = runs.iter().skip(1).map(|run| run.row).chain([rows]);
        for (run, end) in runs.iter().zip(ends) {
            let id = if run.known.cell.is_empty() {
                self.look_up(run.cell, run.hash, pool).unwrap_or_else(|fault| {
                    (run.row..end).for_each(|row| on_fault(row as usize, fault.clone()));
                    TextId::EMPTY
                })
            } else {
                run.known.made
            };
            for _ in run.row..end {
                ids.push(id);
            }
        }
    }

    /// The id of one cell.
    #[cfg(feature = "arrow")]
    pub fn id(&mut self, cell: &[u8], pool: &mut TextPool) -> Result<TextId, Fault> {
        self.know(pool);
        self.look_up(cell, hash(cell), pool)
    }

    /// Ids of another pool mean other texts.
    fn know(&mut self, pool: &TextPool) {
        if self.pool != Some(pool.id()) {
            self.pool = Some(pool.id());
            self.known.clear();
        }
    }

    fn look_up(&mut self, cell: &[u8], hash: u64, pool: &mut TextPool) -> Result<TextId, Fault> {
        let is_it = |known: &Known| same(pool.get(known.cell).as_bytes(), cell);
        if let Some(known) = self.known.find(hash, is_it) {
            return Ok(known.made);
        }
        let text = self.dialect.text(cell)?;
        let made = pool.intern(&self.rule.make(&text)?);
        // A cell whose text can be read is a text itself.
        let cell = pool.intern(std::str::from_utf8(cell).map_err(|_| Fault::Encoding)?);
        self.known
            .insert_unique(hash, Known { cell, made }, |known| self::hash(pool.get(known.cell).as_bytes()));
        Ok(made)
    }
}

fn hash(cell: &[u8]) -> u64 {
    use std::hash::Hasher;
    let mut hasher = FxHasher::default();
    hasher.write(cell);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: Dialect = Dialect { quotes: true, nulls: false };

    #[test]
    fn a_cell_is_read_once_and_means_the_same_in_every_pool() {
        let cells = ["DZH318Z0BQPM0015", "DZH318Z0BQPM0015", "\"DZH318Z0BQPM0016\"", "", "DZH318Z0BQPM0015"];
        let mut memo = ColumnMemo::new(Rule::Sku, CSV);
        for _ in 0..2 {
            let (mut pool, mut ids) = (TextPool::default(), Vec::new());
            pool.intern("another");
            for _ in 0..2 {
                let cells = cells.iter().map(|cell| cell.as_bytes());
                memo.fill(cells, &mut pool, &mut ids, |_, _| panic!("every cell is good"));
            }
            let texts: Vec<_> = ids.iter().map(|id| pool.get(*id)).collect();
            assert_eq!(texts, ["0015", "0015", "0016", "", "0015"].repeat(2));
        }
    }

    #[test]
    fn a_bad_cell_is_told_each_time_and_never_taken_for_another() {
        let (mut pool, mut ids) = (TextPool::default(), Vec::new());
        let mut memo = ColumnMemo::new(Rule::Number, CSV);
        let mut faulty = Vec::new();
        for cells in [&["1.50", "x", "x", "1.50"][..], &["x", "\"1.5\"", " 1.5 "]] {
            let cells = cells.iter().map(|cell| cell.as_bytes());
            memo.fill(cells, &mut pool, &mut ids, |row, _| faulty.push(row));
        }
        let texts: Vec<_> = ids.iter().map(|id| pool.get(*id)).collect();
        assert_eq!(faulty, [1, 2, 0]);
        assert_eq!(texts, ["1.5", "", "", "1.5", "", "1.5", "1.5"]);
        let mut faults = Vec::new();
        let bad = std::iter::repeat_n(b"\xff".as_slice(), 2);
        memo.fill(bad, &mut pool, &mut ids, |row, fault| faults.push((row, fault)));
        assert_eq!(faults, [(0, Fault::Encoding), (1, Fault::Encoding)]);
    }
}
