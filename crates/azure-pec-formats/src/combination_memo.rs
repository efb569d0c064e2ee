//! What the cells of several columns become together, each distinct combination worked out once.

use std::ops::Range;

use azure_pec::{Bundle, Combination, TextId, TextPool, UsageBatch};

#[cfg(feature = "arrow")]
use crate::bundle_texts::BundleTexts;
use crate::cells::{Cells, Dialect, Neighbours, same};
use crate::error::Fault;
use crate::fingerprint::{Fingerprint, Fingerprints};
use crate::known_cells::{KnownCells, Look};
use crate::mapping::Column;

/// Turns the cells of a bundle's columns into combinations of a batch. A record costs the fingerprint of its cells and a
/// look-up. Memory follows the distinct combinations, and not how long their cells are.
pub(crate) struct CombinationMemo {
    bundle: Bundle,
    /// The columns of its fields, each with the place of its field in the bundle.
    columns: Vec<(Column, usize)>,
    /// Where they are in a record, each once: two fields may be made of one.
    indices: Vec<Neighbours>,
    /// The same, those side by side together.
    neighbours: Vec<Neighbours>,
    dialect: Dialect,
    /// The pool whose ids are kept.
    pool: Option<u64>,
    fingerprints: Fingerprints,
    known: KnownCells<Combination>,
    /// The cells of the columns that were read last, and the texts they became.
    last: Vec<(Vec<u8>, TextId)>,
    looks: Vec<Look<Combination>>,
}

impl CombinationMemo {
    /// For those of the columns that are of the bundle; none where there are none.
    pub fn new(bundle: Bundle, columns: &[Column], dialect: Dialect) -> Option<Self> {
        let place = |column: &Column| Bundle::of(column.field).filter(|(of, _)| *of == bundle);
        let columns: Vec<(Column, usize)> =
            columns.iter().filter_map(|column| Some((*column, place(column)?.1))).collect();
        let mut indices: Vec<usize> = columns.iter().map(|(column, _)| column.index).collect();
        // In the order of the file: what stands side by side is at hand together.
        indices.sort_unstable();
        indices.dedup();
        indices.first()?;
        let together =
            |columns: &[usize]| Some(Neighbours { first: *columns.first()?, last: *columns.last()? });
        let neighbours = indices.chunk_by(|one, other| one + 1 == *other).filter_map(together).collect();
        let indices = indices.chunks(1).filter_map(together).collect();
        Some(Self {
            bundle,
            dialect,
            pool: None,
            fingerprints: Fingerprints::default(),
            known: KnownCells::default(),
            last: Vec::new(),
            looks: Vec::new(),
            columns,
            indices,
            neighbours,
        })
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// The same, for columns whose distinct cells are told apart already.
    #[cfg(feature = "arrow")]
    pub fn of_dictionaries(&self) -> BundleTexts {
        BundleTexts::new(self.bundle, &self.columns, self.dialect)
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.known.memory()
    }

    /// Adds the combination of each record. Where a cell cannot be read, tells the record's place among these, the fault
    /// and the column, and adds the empty combination.
    ///
    /// First the fingerprint of each is made, then what may be known of it is looked up: so look-ups that wait for memory
    /// wait together.
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
        let separated = cells.are_separated();
        let columns = if separated { &self.neighbours } else { &self.indices };
        let take = |cells| looks.push(Look::of(cells));
        self.fingerprints.of_rows(|row| cells.neighbours_and_on(row), rows.clone(), columns, separated, take);
        self.known.find(&mut looks);
        for (at, (row, look)) in rows.zip(&looks).enumerate() {
            let made = look.found.or_else(|| {
                self.look_up(look.cells, cells, row, batch, &mut |fault, column| on_fault(at, fault, column))
            });
            found.push(made.unwrap_or_default());
        }
        self.looks = looks;
    }

    /// Ids of another pool mean other texts.
    fn know(&mut self, pool: &TextPool) {
        if self.pool != Some(pool.id()) {
            self.pool = Some(pool.id());
            self.last.clear();
            self.known.clear();
        }
    }

    /// What a record is; nothing where one of its cells cannot be read.
    #[cold]
    fn look_up<C: Cells>(
        &mut self,
        of: Fingerprint,
        cells: &C,
        row: usize,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> Option<Combination> {
        if let Some(made) = self.known.get(of) {
            return Some(made);
        }
        let made = self.learn(cells, row, batch, on_fault)?;
        self.known.add(of, made);
        Some(made)
    }

    /// Works a combination out.
    fn learn<C: Cells>(
        &mut self,
        cells: &C,
        row: usize,
        batch: &mut UsageBatch,
        on_fault: &mut dyn FnMut(Fault, usize),
    ) -> Option<Combination> {
        let mut texts = vec![TextId::EMPTY; self.bundle.fields().len()];
        let mut is_good = true;
        // The empty cell is read each time, as the first of a column is.
        self.last.resize_with(self.columns.len(), Default::default);
        for ((column, place), (last, known)) in self.columns.iter().zip(&mut self.last) {
            let cell = cells.cell(row, column.index);
            // Most cells are those of the combination before.
            if cell.is_empty() || !same(last, cell) {
                match text(self.dialect, cell, column, batch.texts_mut()) {
                    Ok(text) => *known = text,
                    Err(fault) => {
                        on_fault(fault, column.index);
                        is_good = false;
                        continue;
                    }
                }
                last.clear();
                last.extend_from_slice(cell);
            }
            // Of two columns of one field the later one counts where it has a text.
            if let Some(made) = texts.get_mut(*place).filter(|_| !known.is_empty()) {
                *made = *known;
            }
        }
        is_good.then(|| batch.combine(self.bundle, &texts))
    }
}

/// The text that is made of a cell.
fn text(dialect: Dialect, cell: &[u8], column: &Column, pool: &mut TextPool) -> Result<TextId, Fault> {
    let text = dialect.text(cell)?;
    Ok(pool.intern(&column.rule.make(&text)?))
}

#[cfg(test)]
pub(crate) mod tests {
    use azure_pec::{Field, UsageLine};
    use proptest::prelude::*;

    use super::*;
    use crate::further::Further;
    use crate::mapping::{Mapping, Rule};
    use crate::put::{Faulty, Putter};

    /// Records in memory: cells by row and column.
    pub struct Rows(pub Vec<Vec<String>>);

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

    pub const QUOTED: Dialect = Dialect { quotes: true, nulls: true };

    pub fn mapping() -> Mapping {
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
            faults.extend(putter.put(rows, part, std::iter::empty(), Further::NONE, &mut batch).faulty);
            lines.extend((0..batch.len()).filter_map(|row| batch.line(row)));
        }
        (lines, faults)
    }

    pub fn row() -> impl Strategy<Value = Vec<String>> {
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
