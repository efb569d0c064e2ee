//! Rows of ids with their sums, held as small as they can be: a statement may have many million of them.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::compact_sum::{CompactSum, WORDS};
use crate::id_rows::IdRows;

/// What falls into one row.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub lines: u64,
    pub without_price: u64,
    pub list: Amount,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.without_price += other.without_price;
        self.list += &other.list;
    }
}

/// Sums by rows of ids, all of one width.
#[derive(Debug, Clone)]
pub(crate) struct Cells {
    /// The sum of a row stands behind its ids: whoever finds a row mostly asks for its sum.
    rows: IdRows<u32>,
    /// What the sum of a row cannot hold, and is marked for: lines without a price, and sums of many digits.
    beside: FxHashMap<u32, Tally>,
}

impl Cells {
    pub fn new(width: usize) -> Self {
        Self { rows: IdRows::with(width, WORDS), beside: FxHashMap::default() }
    }

    /// The number of rows.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of ids of a row.
    pub const fn width(&self) -> usize {
        self.rows.width()
    }

    /// The ids of a row.
    pub fn ids(&self, row: u32) -> &[u32] {
        self.rows.ids(row)
    }

    #[inline]
    fn sum(&self, row: u32) -> Option<CompactSum> {
        self.rows.whole(row).last_chunk().map(|words| CompactSum::of(*words))
    }

    /// Changes the sum of a row, and says whether it was changed; what the change refuses leaves it as it is.
    #[inline]
    fn change(&mut self, row: u32, change: impl FnOnce(&mut CompactSum) -> bool) -> bool {
        let Some(words) = self.rows.whole_mut(row).last_chunk_mut() else { return false };
        let mut sum = CompactSum::of(*words);
        let is_changed = change(&mut sum);
        *words = sum.words();
        is_changed
    }

    /// The sums of a row.
    pub fn tally(&self, row: u32) -> Tally {
        let sum = self.sum(row).unwrap_or_default();
        let mut tally = Tally { lines: sum.lines().into(), without_price: 0, list: sum.amount() };
        if sum.has_more()
            && let Some(beside) = self.beside.get(&row)
        {
            tally.add(beside);
        }
        tally
    }

    /// Adds a line to a row; none is a line without a price.
    pub fn add_line_to(&mut self, row: u32, list: Option<&Amount>) {
        if let Some(list) = list
            && self.change(row, |sum| sum.add(1, list))
        {
            return;
        }
        let line = Tally {
            lines: 1,
            without_price: u64::from(list.is_none()),
            list: list.cloned().unwrap_or_default(),
        };
        self.add_beside(row, &line);
    }

    /// Adds the sums of lines.
    pub fn add_tally(&mut self, ids: &[u32], tally: &Tally) {
        let row = self.row(ids);
        self.add_tally_to(row, tally);
    }

    /// Adds the sums of lines to a row.
    pub fn add_tally_to(&mut self, row: u32, tally: &Tally) {
        if tally.without_price == 0
            && let Ok(lines) = u32::try_from(tally.lines)
            && self.change(row, |sum| sum.add(lines, &tally.list))
        {
            return;
        }
        self.add_beside(row, tally);
    }

    #[cold]
    fn add_beside(&mut self, row: u32, tally: &Tally) {
        self.beside.entry(row).or_default().add(tally);
        self.change(row, |sum| {
            sum.mark();
            true
        });
    }

    /// Adds to a row what a row of others holds.
    pub fn add_row_of(&mut self, row: u32, others: &Self, at: u32) {
        if let Some(other) = others.sum(at)
            && !other.has_more()
            && self.change(row, |sum| sum.add_sum(&other))
        {
            return;
        }
        self.add_tally_to(row, &others.tally(at));
    }

    /// Adds a row of others, whose ids no own row has; none is found until the next is asked for.
    pub fn push_row_of(&mut self, others: &Self, at: u32) {
        if let Some(beside) = others.beside.get(&at) {
            let own = u32::try_from(self.len()).unwrap_or(u32::MAX);
            self.beside.insert(own, beside.clone());
        }
        self.rows.push(others.rows.whole(at));
    }

    /// The row of the ids, where there is one.
    #[inline]
    pub fn find(&self, ids: &[u32]) -> Option<u32> {
        self.rows.find(ids)
    }

    /// The row of the ids, a new one where they are new.
    pub fn row(&mut self, ids: &[u32]) -> u32 {
        self.rows.row(ids)
    }

    /// Changes the ids of all rows, by their places in a row; different ones stay different.
    pub fn change_ids(&mut self, change: impl Fn(usize, u32) -> u32) {
        self.rows.change_ids(change);
    }

    /// About the bytes that they take.
    pub fn memory(&self) -> usize {
        let beside = self.beside.capacity() * size_of::<(u32, Tally)>();
        self.rows.memory() + beside
    }

    /// Puts the rows in this order, which names each once, and numbers them by it. None is found any more.
    pub fn put_in_order(&mut self, order: impl Iterator<Item = u32> + Clone) {
        self.rows.put_in_order(order.clone());
        if !self.beside.is_empty() {
            let moved = (0..).zip(order).filter_map(|(to, from)| Some((to, self.beside.remove(&from)?)));
            self.beside = moved.collect();
        }
    }

    /// Lets go of what only adding needs.
    pub fn close(&mut self) {
        self.rows.close();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn amount() -> impl Strategy<Value = Amount> {
        prop_oneof![
            (-1000_i128..1000, 0_u32..4).prop_map(|(mantissa, scale)| Amount::new(mantissa, scale)),
            // Digits that no compact sum holds.
            (any::<i128>(), 0_u32..300).prop_map(|(mantissa, scale)| Amount::new(mantissa, scale)),
        ]
    }

    /// What is told is no less than what is held, and not much more: tables grow by doubling.
    #[test]
    fn memory_follows_rows_and_what_stands_beside_them() {
        let told = |rows: u32, list: Option<&Amount>| {
            let mut cells = Cells::new(2);
            for id in 0..rows {
                let row = cells.row(&[id, id / 2]);
                cells.add_line_to(row, list);
            }
            cells.memory()
        };
        let row = 3 * size_of::<u32>() + size_of::<CompactSum>();
        let beside = size_of::<(u32, Tally)>();
        // The most rows that a table of places holds before it grows: there is no room to spare.
        for rows in [448, 1792, 4000] {
            let held = rows as usize * row;
            let short = told(rows, Some(&Amount::ONE));
            assert!((held..=held * 5 / 2).contains(&short), "{rows}: {short} of {held}");
            let more = told(rows, None) - short;
            assert!(
                (rows as usize * beside..=rows as usize * beside * 5 / 2).contains(&more),
                "{rows}: {more}"
            );
        }
        assert_eq!(told(0, None), 0);
    }

    #[test]
    fn what_only_finding_needs_is_let_go() {
        let mut cells = Cells::new(1);
        (0..1000).for_each(|id| {
            cells.row(&[id]);
        });
        let before = cells.memory();
        cells.close();
        // The numbers of the rows stood there.
        assert!(cells.memory() + 1000 * size_of::<u32>() <= before);
        assert_eq!((cells.len(), cells.ids(999)), (1000, [999].as_slice()));
    }

    #[test]
    fn what_stands_beside_a_row_moves_with_it() {
        let amounts = [None, Some(Amount::ONE), Some(Amount::new(1, 300)), None, Some(Amount::from(2))];
        let mut cells = Cells::new(1);
        for (id, list) in (0..).zip(&amounts) {
            let row = cells.row(&[id]);
            cells.add_line_to(row, list.as_ref());
        }
        let order = [3, 1, 4, 0, 2];
        cells.put_in_order(order.into_iter());
        for (to, from) in (0..).zip(order) {
            let (tally, list) = (cells.tally(to), &amounts[from as usize]);
            assert_eq!((cells.ids(to), tally.lines), ([from].as_slice(), 1));
            assert_eq!(tally.without_price, u64::from(list.is_none()));
            assert_eq!(tally.list, list.clone().unwrap_or_default());
        }
        assert_eq!((cells.len(), cells.beside.len(), cells.find(&[3])), (5, 3, None));
    }

    proptest! {
        #[test]
        fn every_line_is_in_the_sum_of_its_row(
            lines in proptest::collection::vec((0_u32..4, 0_u32..3, proptest::option::of(amount())), 0..200),
            cut in 0_usize..200,
        ) {
            let (mut cells, mut other) = (Cells::new(2), Cells::new(2));
            let mut expected: BTreeMap<[u32; 2], Tally> = BTreeMap::new();
            for (at, (one, two, list)) in lines.iter().enumerate() {
                let to = if at < cut { &mut cells } else { &mut other };
                let at = to.row(&[*one, *two]);
                to.add_line_to(at, list.as_ref());
                expected.entry([*one, *two]).or_default().add(&Tally {
                    lines: 1,
                    without_price: u64::from(list.is_none()),
                    list: list.clone().unwrap_or_default(),
                });
            }
            for row in 0..other.len() as u32 {
                let to = cells.row(other.ids(row));
                cells.add_row_of(to, &other, row);
            }
            prop_assert_eq!(cells.len(), expected.len());
            for row in 0..cells.len() as u32 {
                let (found, wanted) = (cells.tally(row), &expected[cells.ids(row)]);
                prop_assert_eq!((found.lines, found.without_price), (wanted.lines, wanted.without_price));
                prop_assert_eq!(&found.list, &wanted.list);
            }
        }
    }
}
