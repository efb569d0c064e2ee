//! The keys of several dictionaries side by side, as one number, and what is known of each.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use arrow_array::{Array, ArrayRef};

use crate::arrow_cells::Cells as Column;
use crate::arrow_portion::ArrowPortion;

/// What is known of records by the keys of their cells. Which entries they name tells which texts they have, so no text is looked
/// at; what is known is known for as long as the dictionaries are the same.
pub(crate) struct KnownKeys<T> {
    /// The pool that it hangs on.
    pool: Option<u64>,
    /// The columns of dictionaries. One of which every record is empty does not have to be among them.
    columns: Vec<Keys>,
    /// What is known, by the lowest bits of the number; [`NOTHING`] at first.
    known: Vec<(u64, T)>,
    /// The numbers of the records that are looked up.
    numbers: Vec<u64>,
}

/// The keys of a column.
struct Keys {
    column: usize,
    dictionary: ArrayRef,
    /// The key of an empty record: that behind the last.
    empty: u32,
    /// The bits of its keys start here.
    shift: u32,
}

/// No number, as numbers have fewer bits.
const NOTHING: u64 = u64::MAX;

/// Numbers are no longer.
const MOST_BITS: u32 = 63;

/// What is known is found by so many bits of its number at least, and at most; by as many as the largest dictionary needs where
/// that lies between them.
const INDEX_BITS: RangeInclusive<u32> = 12..=16;

impl<T: Copy + Default> KnownKeys<T> {
    pub const fn new() -> Self {
        Self { pool: None, columns: Vec::new(), known: Vec::new(), numbers: Vec::new() }
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.known.capacity() * size_of::<(u64, T)>()
    }

    /// Whether the records of a batch can be told by their keys in these columns, each named once: there are keys, and few
    /// enough of them. What was known of other dictionaries, or hangs on another pool, is forgotten.
    pub fn begin(&mut self, cells: &ArrowPortion, columns: &[usize], pool: u64) -> bool {
        self.numbers.clear();
        let found = || columns.iter().filter_map(|at| Some((*at, cells.column(*at)?)));
        if !found().all(|(_, column)| matches!(column, Column::Entries(_) | Column::Empty)) {
            return false;
        }
        let entries = || {
            found().filter_map(|(at, column)| match column {
                Column::Entries(entries) => Some((at, entries)),
                _ => None,
            })
        };
        let is_known = self.pool == Some(pool)
            && entries().all(|(at, entries)| {
                let known = self.columns.iter_mut().find(|known| known.column == at);
                known.is_some_and(|known| entries.are_of(&mut known.dictionary))
            });
        if !is_known {
            self.pool = Some(pool);
            self.columns.clear();
            self.columns.extend(entries().map(|(column, entries)| Keys {
                column,
                dictionary: Arc::clone(&entries.values),
                empty: u32::try_from(entries.values.len()).unwrap_or(u32::MAX),
                shift: 0,
            }));
            self.arrange();
        }
        self.bits() <= MOST_BITS
    }

    /// Gives each column its bits, the largest dictionary the lowest of them, and forgets what was known.
    fn arrange(&mut self) {
        self.columns.sort_by_key(|keys| std::cmp::Reverse(keys.bits()));
        let mut shift = 0;
        for keys in &mut self.columns {
            keys.shift = shift;
            shift += keys.bits();
        }
        let largest = self.columns.first().map_or(0, Keys::bits);
        let index = largest.clamp(*INDEX_BITS.start(), *INDEX_BITS.end()).min(shift);
        self.known.clear();
        if shift <= MOST_BITS {
            self.known.resize(1 << index, (NOTHING, T::default()));
        }
    }

    /// The bits of all columns.
    fn bits(&self) -> u32 {
        self.columns.last().map_or(0, |keys| keys.shift + keys.bits())
    }

    /// Adds what is known of each of some records, and nothing of the others, whose places among these it tells.
    pub fn find(
        &mut self,
        cells: &ArrowPortion,
        rows: Range<usize>,
        found: &mut Vec<T>,
        unknown: &mut Vec<usize>,
    ) {
        let Self { columns, known, numbers, .. } = self;
        numbers.clear();
        numbers.resize(rows.len(), 0);
        for Keys { column, empty, shift, .. } in &*columns {
            let (empty, shift) = (*empty, *shift);
            let Some(Column::Entries(entries)) = cells.column(*column) else {
                numbers.iter_mut().for_each(|number| *number |= u64::from(empty) << shift);
                continue;
            };
            // Fewer bits than numbers have, so nothing is asked at each: many are done at once.
            for (number, key) in numbers.iter_mut().zip(entries.keys(rows.clone())) {
                *number |= u64::from(key.min(empty)).wrapping_shl(shift);
            }
        }
        found.extend(numbers.iter().enumerate().map(|(at, number)| match known.get(place(known, *number)) {
            Some((own, what)) if own == number => *what,
            _ => {
                unknown.push(at);
                T::default()
            }
        }));
    }

    /// Remembers what a record is, by its place among those that were looked up last; nothing where none were.
    pub fn learn(&mut self, at: usize, what: T) {
        let Some(number) = self.numbers.get(at) else { return };
        let place = place(&self.known, *number);
        if let Some(known) = self.known.get_mut(place) {
            *known = (*number, what);
        }
    }
}

/// Where a number is; there are as many places as so many bits tell.
fn place<T>(known: &[T], number: u64) -> usize {
    number as usize & known.len().wrapping_sub(1)
}

impl Keys {
    /// So many bits hold any of its keys.
    const fn bits(&self) -> u32 {
        u32::BITS - self.empty.leading_zeros()
    }
}
