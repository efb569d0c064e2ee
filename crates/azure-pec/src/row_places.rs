//! Where rows are found again: their numbers, by hashes of what they hold.

/// The numbers of rows by hashes. A number stands with as many bits of the hash as it leaves of 32: so a row, which waits for
/// memory, is looked at only where it is most likely the one, and a look waits for memory once where it finds nothing.
///
/// Rows are numbered as they come, from 0, and all that come are put in: so there are fewer than places, and their numbers
/// have no more bits.
#[derive(Debug, Clone, Default)]
pub(crate) struct RowPlaces {
    /// [`FREE`], or a row. A power of two of them, of which a quarter at least is free.
    slots: Vec<u32>,
    len: usize,
}

/// No row: its number would be that of the last place, and there are fewer rows.
const FREE: u32 = u32::MAX;
/// So many places there are at first.
const FEW: usize = 8;

impl RowPlaces {
    pub const fn new() -> Self {
        Self { slots: Vec::new(), len: 0 }
    }

    /// With room for so many rows, and as many more.
    pub fn with_room(rows: usize) -> Self {
        let slots = rows.saturating_mul(2).max(FEW).next_power_of_two();
        Self { slots: vec![FREE; slots], len: 0 }
    }

    /// The number of rows.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is room for one more.
    pub const fn has_room(&self) -> bool {
        self.len < self.slots.len() / 4 * 3
    }

    /// The bytes that they take.
    pub const fn memory(&self) -> usize {
        self.slots.capacity() * size_of::<u32>()
    }

    /// The bits that a number may have.
    #[inline]
    fn number_mask(&self) -> u32 {
        u32::try_from(self.place_mask()).unwrap_or(u32::MAX)
    }

    #[inline]
    const fn place_mask(&self) -> usize {
        self.slots.len().wrapping_sub(1)
    }

    /// The row with this hash that is the one.
    #[inline]
    pub fn find(&self, hash: u64, mut is_it: impl FnMut(u32) -> bool) -> Option<u32> {
        let (numbers, places) = (self.number_mask(), self.place_mask());
        let tag = (hash >> 32) as u32 & !numbers;
        let mut at = hash as usize & places;
        // Where nothing was put in, nothing is anywhere; else some place is free.
        while let Some(slot) = self.slots.get(at).filter(|slot| **slot != FREE) {
            let row = slot & numbers;
            if slot & !numbers == tag && is_it(row) {
                return Some(row);
            }
            at = (at + 1) & places;
        }
        None
    }

    /// Puts a row in, for which there is room; it is not there yet.
    #[inline]
    pub fn insert(&mut self, hash: u64, row: u32) {
        let (numbers, places) = (self.number_mask(), self.place_mask());
        let mut at = hash as usize & places;
        while self.slots.get(at).is_some_and(|slot| *slot != FREE) {
            at = (at + 1) & places;
        }
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = (hash >> 32) as u32 & !numbers | row & numbers;
            self.len += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_is_found_where_nothing_was_put_in() {
        let places = RowPlaces::new();
        assert_eq!((places.len(), places.memory(), places.has_room()), (0, 0, false));
        assert_eq!(places.find(u64::MAX, |_| true), None);
        assert_eq!(RowPlaces::with_room(0).find(7, |_| true), None);
    }

    proptest! {
        /// Hashes that are the same, that have the same place or the same tag, and at the end of the places.
        #[test]
        fn every_row_is_found_by_its_hash(
            hashes in prop::collection::vec((0_u64..4, 0_u64..9, any::<bool>()), 0..300),
        ) {
            let hash = |(tag, place, last): (u64, u64, bool)| tag << 61 | if last { u64::from(u32::MAX) - place } else { place };
            let hashes: Vec<u64> = hashes.into_iter().map(hash).collect();
            let mut places = RowPlaces::new();
            for (row, hash) in (0_u32..).zip(&hashes) {
                let before = hashes.iter().take(row as usize);
                let same: Vec<u32> = (0..).zip(before).filter(|(_, own)| *own == hash).map(|(row, _)| row).collect();
                let mut seen = Vec::new();
                prop_assert_eq!(places.find(*hash, |row| { seen.push(row); false }), None);
                prop_assert!(same.iter().all(|row| seen.contains(row)));
                if !places.has_room() {
                    places = RowPlaces::with_room(row as usize);
                    (0_u32..row).zip(&hashes).for_each(|(row, hash)| places.insert(*hash, row));
                }
                places.insert(*hash, row);
                for (row, hash) in (0_u32..).zip(&hashes).take(row as usize + 1) {
                    prop_assert_eq!(places.find(*hash, |own| own == row), Some(row));
                }
            }
            prop_assert_eq!(places.len(), hashes.len());
        }
    }
}
