//! What the cells of a column become, each distinct one worked out once.

use azure_pec::{TextId, TextPool};

use crate::cells::{CellAndOn, Dialect, alone, same};
use crate::error::Fault;
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::known_cells::{KnownCells, Look};
use crate::mapping::Rule;

/// Turns the cells of one column into texts of a pool. A cell like the one before costs a comparison, one that was seen
/// before a look-up; only a new one is read. Memory follows the distinct cells.
pub(crate) struct ColumnMemo {
    rule: Rule,
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    fingerprints: Fingerprints,
    known: KnownCells<TextId>,
    looks: Vec<Look<TextId>>,
    /// So many runs had the last column.
    runs: usize,
}

/// Cells that are the same, one below the other.
struct Run<'c> {
    cell: CellAndOn<'c>,
    row: u32,
}

impl ColumnMemo {
    pub fn new(rule: Rule, dialect: Dialect) -> Self {
        Self {
            rule,
            dialect,
            pool: None,
            fingerprints: Fingerprints::default(),
            known: KnownCells::default(),
            looks: Vec::new(),
            runs: 0,
        }
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.known.memory()
    }

    /// How the texts are made.
    #[cfg(feature = "arrow")]
    pub fn rule(&self) -> Rule {
        self.rule
    }

    /// Adds the id of each cell. Where one cannot be read, tells its place among these and adds the empty text.
    ///
    /// First it is found where cells change, then what is known of them: so look-ups that wait for memory wait together.
    pub fn fill<'c>(
        &mut self,
        cells: impl Iterator<Item = CellAndOn<'c>>,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        mut on_fault: impl FnMut(usize, Fault),
    ) {
        self.know(pool);
        let mut runs: Vec<Run<'c>> = Vec::with_capacity(self.runs);
        let (mut last, mut rows): (Option<&[u8]>, u32) = (None, 0);
        for cell in cells {
            let bytes = alone(cell);
            if !last.is_some_and(|last| same(last, bytes)) {
                runs.push(Run { cell, row: rows });
                last = Some(bytes);
            }
            rows = rows.wrapping_add(1);
        }
        self.runs = runs.len();
        let mut looks = std::mem::take(&mut self.looks);
        looks.clear();
        let cells = |run: usize| {
            let cell = runs.get(run).map_or((&[][..], 0), |run| run.cell);
            move |_| cell
        };
        self.fingerprints.of_rows(cells, 0..runs.len(), &[0], false, |cell| looks.push(Look::of(cell)));
        self.known.find(&mut looks);
        let ends = runs.iter().skip(1).map(|run| run.row).chain([rows]);
        for ((run, look), end) in runs.iter().zip(&looks).zip(ends) {
            let known = look.found.map_or_else(|| self.look_up(run.cell, look.cells, pool), Ok);
            let id = known.unwrap_or_else(|fault| {
                (run.row..end).for_each(|row| on_fault(row as usize, fault.clone()));
                TextId::EMPTY
            });
            for _ in run.row..end {
                ids.push(id);
            }
        }
        self.looks = looks;
    }

    /// The id of one cell.
    #[cfg(feature = "arrow")]
    pub fn id(&mut self, cell: &[u8], pool: &mut TextPool) -> Result<TextId, Fault> {
        let (mut id, mut failed) = (Vec::with_capacity(1), None);
        self.fill(std::iter::once((cell, cell.len())), pool, &mut id, |_, fault| failed = Some(fault));
        failed.map_or_else(|| Ok(id.first().copied().unwrap_or_default()), Err)
    }

    /// Ids of another pool mean other texts.
    fn know(&mut self, pool: &TextPool) {
        if self.pool != Some(pool.id()) {
            self.pool = Some(pool.id());
            self.known.clear();
        }
    }

    #[cold]
    fn look_up(
        &mut self,
        cell: CellAndOn<'_>,
        of: Fingerprint,
        pool: &mut TextPool,
    ) -> Result<TextId, Fault> {
        if let Some(made) = self.known.get(of) {
            return Ok(made);
        }
        let text = self.dialect.text(alone(cell))?;
        let made = pool.intern(&self.rule.make(&text)?);
        self.known.add(of, made);
        Ok(made)
    }
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
                let cells = cells.iter().map(|cell| (cell.as_bytes(), cell.len()));
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
            let cells = cells.iter().map(|cell| (cell.as_bytes(), cell.len()));
            memo.fill(cells, &mut pool, &mut ids, |row, _| faulty.push(row));
        }
        let texts: Vec<_> = ids.iter().map(|id| pool.get(*id)).collect();
        assert_eq!(faulty, [1, 2, 0]);
        assert_eq!(texts, ["1.5", "", "", "1.5", "", "1.5", "1.5"]);
        let mut faults = Vec::new();
        let bad = std::iter::repeat_n((b"\xff".as_slice(), 1), 2);
        memo.fill(bad, &mut pool, &mut ids, |row, fault| faults.push((row, fault)));
        assert_eq!(faults, [(0, Fault::Encoding), (1, Fault::Encoding)]);
    }
}
