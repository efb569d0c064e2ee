//! What cells became, found again by their fingerprints.

use hashbrown::HashTable;

use crate::fingerprint::Fingerprint;

/// Cells that were seen, and what was made of them. Memory follows their number, and not how long they are.
pub(crate) struct KnownCells<T> {
    cells: Vec<Fingerprint>,
    made: Vec<T>,
    places: HashTable<u32>,
}

/// Cells that are looked up.
pub(crate) struct Look {
    pub cells: Fingerprint,
    /// Where that stands which may be known of them, and whether it is that.
    place: Option<u32>,
    is_it: bool,
}

impl Look {
    pub const fn of(cells: Fingerprint) -> Self {
        Self { cells, place: None, is_it: false }
    }
}

/// Room for some.
const ROOM: usize = 1 << 8;

impl<T> Default for KnownCells<T> {
    fn default() -> Self {
        Self { cells: Vec::new(), made: Vec::new(), places: HashTable::new() }
    }
}

impl<T: Copy> KnownCells<T> {
    pub fn clear(&mut self) {
        *self = Self::default();
    }

    /// Finds what may be known of each, then whether it is: so look-ups that wait for memory wait together.
    pub fn find(&self, looks: &mut [Look]) {
        for look in &mut *looks {
            look.place = self.places.find(look.cells.place(), |_| true).copied();
        }
        for look in looks {
            look.is_it = look.place.is_some_and(|place| self.is(place, look.cells));
        }
    }

    /// What was made of cells that were looked up, where that was found at the first look.
    #[inline]
    pub fn found(&self, look: &Look) -> Option<T> {
        look.place.filter(|_| look.is_it).and_then(|place| self.made(place))
    }

    /// What was made of cells.
    pub fn get(&self, cells: Fingerprint) -> Option<T> {
        self.places.find(cells.place(), |place| self.is(*place, cells)).and_then(|place| self.made(*place))
    }

    pub fn add(&mut self, cells: Fingerprint, made: T) {
        let Self { cells: all, made: all_made, places } = self;
        // Four thousand million of them do not fit the memory of any machine this runs on.
        let Ok(place) = u32::try_from(all.len()) else { return };
        // They grow by quarters: what is doubled is half empty.
        if all.len() == all.capacity() {
            let more = ROOM.max(all.len() / 4);
            all.reserve_exact(more);
            all_made.reserve_exact(more);
        }
        all.push(cells);
        all_made.push(made);
        places.insert_unique(cells.place(), place, |at| all.get(*at as usize).map_or(0, |own| own.place()));
    }

    /// About the bytes that they take.
    pub fn memory(&self) -> usize {
        self.cells.capacity() * (size_of::<Fingerprint>() + size_of::<T>()) + self.places.allocation_size()
    }

    /// Whether these cells are known at a place.
    #[inline]
    fn is(&self, place: u32, cells: Fingerprint) -> bool {
        self.cells.get(place as usize) == Some(&cells)
    }

    #[inline]
    fn made(&self, place: u32) -> Option<T> {
        self.made.get(place as usize).copied()
    }
}
