//! Distinct rows of ids.

use std::hash::{Hash, Hasher};

use hashbrown::HashTable;
use rustc_hash::FxHasher;

/// Rows of ids, all of one width, each distinct row once: numbered as they come, from 0.
#[derive(Debug, Clone)]
pub(crate) struct IdRows<T> {
    width: usize,
    /// The ids of all rows, one row behind the other.
    ids: Vec<T>,
    len: u32,
    places: HashTable<u32>,
}

impl<T: Copy + Eq + Hash> IdRows<T> {
    pub fn new(width: usize) -> Self {
        Self { width, ids: Vec::new(), len: 0, places: HashTable::new() }
    }

    /// The number of rows.
    pub const fn len(&self) -> usize {
        self.len as usize
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
        ids_at(&self.ids, self.width, row)
    }

    /// The number of the row of these ids, where there is one.
    #[inline]
    pub fn find(&self, ids: &[T]) -> Option<u32> {
        self.places.find(hash_of(ids), |row| self.is(*row, ids)).copied()
    }

    /// The number of the row, a new one where the ids are new.
    pub fn row(&mut self, ids: &[T]) -> u32 {
        let Self { width, ids: all, places, len } = self;
        let (hash, width) = (hash_of(ids), *width);
        if let Some(row) = places.find(hash, |row| same(ids_at(all, width, *row), ids)) {
            return *row;
        }
        // Four thousand million rows do not fit the memory of any machine this runs on.
        let row = *len;
        *len = row.saturating_add(1);
        all.extend_from_slice(ids);
        places.insert_unique(hash, row, |row| hash_of(ids_at(all, width, *row)));
        row
    }

    /// The bytes that they take.
    pub fn memory(&self) -> usize {
        self.ids.capacity() * size_of::<T>() + self.places.allocation_size()
    }

    /// Lets go of what only finding needs.
    pub fn close(&mut self) {
        self.places = HashTable::new();
    }
}

#[inline]
fn ids_at<T>(all: &[T], width: usize, row: u32) -> &[T] {
    let start = row as usize * width;
    all.get(start..start + width).unwrap_or_default()
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
