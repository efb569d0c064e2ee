//! Distinct rows of ids.

use std::hash::{Hash, Hasher};

use rustc_hash::FxHasher;

use crate::pieces::Pieces;
use crate::row_places::RowPlaces;

/// Rows of ids, all of one width, each distinct row once: numbered as they come, from 0. Behind the ids of a row may stand
/// what belongs to it, which is looked at right after them.
#[derive(Debug, Clone)]
pub(crate) struct IdRows<T> {
    width: usize,
    rows: Pieces<T>,
    places: RowPlaces,
}

impl<T: Copy + Default + Eq + Hash> IdRows<T> {
    pub const fn new(width: usize) -> Self {
        Self::with(width, 0)
    }

    /// Rows that have so many items behind their ids.
    pub const fn with(width: usize, behind: usize) -> Self {
        Self { width, rows: Pieces::new(width + behind), places: RowPlaces::new() }
    }

    /// The number of rows.
    pub const fn len(&self) -> usize {
        self.rows.len()
    }

    /// The number of ids of a row.
    pub const fn width(&self) -> usize {
        self.width
    }

    /// Whether a row is of these ids.
    #[inline]
    pub fn is(&self, row: u32, ids: &[T]) -> bool {
        same(self.ids(row), ids)
    }

    /// The ids of a row.
    #[inline]
    pub fn ids(&self, row: u32) -> &[T] {
        ids_at(&self.rows, self.width, row)
    }

    /// The ids of a row, and what stands behind them.
    #[inline]
    pub fn whole(&self, row: u32) -> &[T] {
        self.rows.row(row as usize)
    }

    /// The same, to be changed where the ids are not.
    #[inline]
    pub fn whole_mut(&mut self, row: u32) -> &mut [T] {
        self.rows.row_mut(row as usize)
    }

    /// The number of the row of these ids, where there is one.
    #[inline]
    pub fn find(&self, ids: &[T]) -> Option<u32> {
        self.places.find(hash_of(ids), |row| self.is(row, ids))
    }

    /// The number of the row, a new one where the ids are new.
    pub fn row(&mut self, ids: &[T]) -> u32 {
        if let Some(row) = self.find(ids) {
            return row;
        }
        let is_open = self.places.len() == self.rows.len();
        self.make_room();
        if let Some(row) = self.find(ids).filter(|_| !is_open) {
            return row;
        }
        // Four thousand million rows do not fit the memory of any machine this runs on.
        let row = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        self.rows.push(ids);
        self.places.insert(hash_of(ids), row);
        row
    }

    /// Adds a row with all that stands behind its ids, which no other row has. None is found until the next is
    /// [asked for](Self::row).
    pub fn push(&mut self, whole: &[T]) {
        if self.places.len() > 0 {
            self.close();
        }
        self.rows.push(whole);
    }

    /// Makes a larger table of places before the one there is full, or one where it was let go of.
    fn make_room(&mut self) {
        if self.places.has_room() {
            return;
        }
        let mut places = RowPlaces::with_room(self.rows.len());
        for row in 0..u32::try_from(self.rows.len()).unwrap_or(u32::MAX) {
            places.insert(hash_of(self.ids(row)), row);
        }
        self.places = places;
    }

    /// The bytes that they take.
    pub fn memory(&self) -> usize {
        self.rows.memory() + self.places.memory()
    }

    /// Changes the ids of all rows, by their places in a row; different ones stay different. None is found until the next is
    /// [asked for](Self::row).
    pub fn change_ids(&mut self, change: impl Fn(usize, T) -> T) {
        self.close();
        for row in 0..self.rows.len() {
            let ids = self.rows.row_mut(row).iter_mut().take(self.width);
            ids.enumerate().for_each(|(place, id)| *id = change(place, *id));
        }
    }

    /// Puts the rows in this order, which names each once, and numbers them by it. None is found until the next is
    /// [asked for](Self::row).
    pub fn put_in_order(&mut self, order: impl Iterator<Item = u32>) {
        self.close();
        self.rows.put_in_order(order.map(|row| row as usize));
    }

    /// Lets go of what only finding needs.
    pub fn close(&mut self) {
        self.places = RowPlaces::new();
    }
}

#[inline]
fn ids_at<T>(rows: &Pieces<T>, width: usize, row: u32) -> &[T] {
    rows.row(row as usize).get(..width).unwrap_or_default()
}

/// Whether two rows of one width are the same; they are short, and a call costs more than the look.
#[inline]
fn same<T: Copy + Eq>(one: &[T], other: &[T]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
}

fn hash_of<T: Hash>(ids: &[T]) -> u64 {
    let mut hasher = FxHasher::default();
    ids.iter().for_each(|id| id.hash(&mut hasher));
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_distinct_row_stands_once() {
        let mut rows: IdRows<u64> = IdRows::new(2);
        assert_eq!((rows.len(), rows.width(), rows.memory(), rows.find(&[1, 2])), (0, 2, 0, None));
        for (ids, number) in [([1, 2], 0), ([2, 1], 1), ([1, 2], 0), ([1, 1], 2), ([2, 1], 1)] {
            assert_eq!(rows.row(&ids), number);
            assert_eq!(rows.find(&ids), Some(number));
            assert_eq!(rows.ids(number), ids);
        }
        assert_eq!((rows.len(), rows.ids(3)), (3, [].as_slice()));
        assert!(rows.is(1, &[2, 1]) && !rows.is(1, &[1, 2]) && !rows.is(1, &[2]) && !rows.is(3, &[1, 1]));
        rows.close();
        assert_eq!((rows.len(), rows.ids(1), rows.find(&[1, 2])), (3, [2, 1].as_slice(), None));
        rows.change_ids(|place, id| id * 10 + place as u64);
        assert_eq!((rows.len(), rows.ids(1), rows.find(&[20, 11])), (3, [20, 11].as_slice(), None));
        for (ids, number) in [([20, 11], 1), ([2, 1], 3), ([10, 21], 0), ([10, 11], 2), ([2, 1], 3)] {
            assert_eq!((rows.row(&ids), rows.find(&ids)), (number, Some(number)));
        }
    }

    /// What is told is no less than what is held, and not much more: tables grow by doubling.
    #[test]
    fn memory_follows_rows() {
        for count in [448, 1792, 5000] {
            let mut rows: IdRows<usize> = IdRows::new(3);
            (0..count).for_each(|id| {
                rows.row(&[id, id, 0]);
            });
            let ids = count * 3 * size_of::<usize>();
            let held = ids + count * size_of::<u32>();
            assert!((held..=held * 5 / 2).contains(&rows.memory()), "{} of {held}", rows.memory());
            rows.close();
            assert!((ids..=ids * 2).contains(&rows.memory()), "{} of {ids}", rows.memory());
        }
    }
}
