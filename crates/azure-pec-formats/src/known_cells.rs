//! What cells became, found again by their fingerprints.

use azure_pec::Pieces;
use hashbrown::HashTable;

use crate::fingerprint::Fingerprint;

/// Cells that were seen, and what was made of them. Memory follows their number, and not how long they are.
pub(crate) struct KnownCells<T> {
    cells: Pieces<(Fingerprint, T)>,
    places: HashTable<u32>,
}

/// Cells that are looked up.
pub(crate) struct Look<T> {
    pub cells: Fingerprint,
    /// Where that stands which may be known of them.
    place: Option<u32>,
    /// What was made of them, where that was found at the first look.
    pub found: Option<T>,
}

impl<T> Look<T> {
    pub const fn of(cells: Fingerprint) -> Self {
        Self { cells, place: None, found: None }
    }
}

impl<T> Default for KnownCells<T> {
    fn default() -> Self {
        Self { cells: Pieces::default(), places: HashTable::new() }
    }
}

impl<T: Copy + Default> KnownCells<T> {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Finds what may be known of each, then whether it is: so look-ups that wait for memory wait together.
    pub fn find(&self, looks: &mut [Look<T>]) {
        for look in &mut *looks {
            look.place = self.places.find(look.cells.place(), |_| true).copied();
        }
        for look in looks {
            look.found = look.place.and_then(|place| self.made(place, look.cells));
        }
    }

    /// What was made of cells.
    pub fn get(&self, cells: Fingerprint) -> Option<T> {
        let mut made = None;
        self.places.find(cells.place(), |place| {
            made = self.made(*place, cells);
            made.is_some()
        });
        made
    }

    pub fn add(&mut self, cells: Fingerprint, made: T) {
        let Self { cells: all, places } = self;
        // Four thousand million of them do not fit the memory of any machine this runs on.
        let Ok(place) = u32::try_from(all.len()) else { return };
        all.push(&[(cells, made)]);
        places.insert_unique(cells.place(), place, |at| {
            all.get(*at as usize).map_or(0, |(own, _)| own.place())
        });
    }

    /// About the bytes that they take.
    pub fn memory(&self) -> usize {
        self.cells.memory() + self.places.allocation_size()
    }

    /// What was made of these cells, where they are those of a place.
    #[inline]
    fn made(&self, place: u32, cells: Fingerprint) -> Option<T> {
        self.cells.get(place as usize).filter(|(own, _)| *own == cells).map(|(_, made)| *made)
    }
}
