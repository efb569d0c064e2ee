//! Cells told by a number in place of their bytes.
//!
//! NH (Black, Halevi, Krawczyk, Krovetz, Rogaway, UMAC 1999) with words of 32 bits, under four sets of keys, which are drawn
//! at random for each reader: any two different rows of cells have the same number with a chance of at most 2^-124. Of ten
//! million different rows two are taken for one once in 10^23 runs, and nobody who writes a file can change that: the keys are
//! drawn when it is opened. A processor without such vectors does so with words of 64 bits under two sets, and one that
//! multiplies polynomials over bits many at a time with those (Lemire, Kaser, CLHASH 2015): the chance is no greater.
//!
//! Cells are filled up with zeros to whole words. Where a separator ends each, it is taken with it: so it is said where they end,
//! and rows that differ have other words, or more. Where none does, their lengths come first, each with the same keys in every
//! row: rows that differ in a length differ there, whatever follows, and all others have their bytes at the same places.
//!
//! (Rows of as many words: 2^-128. Where one has a word more, a product of two keys drawn for it alone is what it has to be with
//! a chance of less than 2^-31, in each of four sets; or 2^-63 in each of two.)

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;

use crate::cells::CellAndOn;
use crate::masks::{Keys, Loop, SETS, Vectors, WORD, dispatched, padded};

/// What rows of cells are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Fingerprint([u64; SETS]);

impl Fingerprint {
    /// Where it is looked for.
    #[inline]
    pub const fn place(self) -> u64 {
        let Self([one, other, ..]) = self;
        // A sum of products alone has few different bits at its ends.
        (one ^ other.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// The keys of fingerprints; those of others mean nothing beside them.
pub(crate) struct Fingerprints {
    source: RandomState,
    /// Those of each word.
    keys: Vec<Keys>,
}

/// So many words a cell has at most with its length, and mostly a row too; more keys are drawn when they are needed.
const WORDS: usize = 8;

impl Default for Fingerprints {
    fn default() -> Self {
        Self { source: RandomState::new(), keys: Vec::new() }
    }
}

impl Fingerprints {
    fn draw(&mut self, words: usize) {
        let Self { source, keys } = self;
        let drawn = (keys.len()..words).map(|word| {
            let mut own = Keys::default();
            for (at, pair) in own.iter_mut().flat_map(|set| set.as_chunks_mut().0).enumerate() {
                let drawn = source.hash_one((word, at));
                *pair = [drawn as u32, (drawn >> 32) as u32];
            }
            own
        });
        keys.extend(drawn);
    }

    /// The fingerprints of rows, of the cells in these columns; `cells` tells those of a row by their columns. Of one reader all
    /// are `separated`, or none: whether a separator stands behind every cell, but for the last of a file.
    pub fn of_rows<'c, K: Copy, R: Fn(K) -> CellAndOn<'c>>(
        &mut self,
        cells: impl Fn(usize) -> R,
        mut rows: Range<usize>,
        columns: &[K],
        separated: bool,
        mut take: impl FnMut(Fingerprint),
    ) {
        while !rows.is_empty() {
            let (keys, some) = (&self.keys, rows.clone());
            rows.start =
                dispatched(Rows { cells: &cells, rows: some, columns, separated, keys, take: &mut take });
            if !rows.is_empty() {
                self.draw(WORDS.max(self.keys.len() * 2));
            }
        }
    }
}

/// Rows as far as there are keys for them; says where it stopped.
struct Rows<'r, C, K, T> {
    cells: C,
    rows: Range<usize>,
    columns: &'r [K],
    separated: bool,
    keys: &'r [Keys],
    take: T,
}

impl<'c, C, R, K, T> Loop for Rows<'_, C, K, T>
where
    C: Fn(usize) -> R,
    R: Fn(K) -> CellAndOn<'c>,
    K: Copy,
    T: FnMut(Fingerprint),
{
    type Output = usize;

    #[inline(always)]
    fn run(self, vectors: impl Vectors) -> usize {
        if self.separated { self.with_separators(vectors) } else { self.with_lengths(vectors) }
    }
}

impl<'c, C, R, K, T> Rows<'_, C, K, T>
where
    C: Fn(usize) -> R,
    R: Fn(K) -> CellAndOn<'c>,
    K: Copy,
    T: FnMut(Fingerprint),
{
    #[inline(always)]
    fn with_separators(mut self, vectors: impl Vectors) -> usize {
        for row in self.rows.clone() {
            let mut sums = Sums { vectors, sums: vectors.nothing(), keys: self.keys.iter() };
            let cell = (self.cells)(row);
            for column in self.columns {
                let (bytes, length) = cell(*column);
                if sums.add_cell(bytes, length + 1).is_none() {
                    return row;
                }
            }
            (self.take)(Fingerprint(vectors.totals(sums.sums)));
        }
        self.rows.end
    }

    #[inline(always)]
    fn with_lengths(mut self, vectors: impl Vectors) -> usize {
        // The keys of the lengths stand before the others.
        let (of_lengths, of_cells) =
            self.keys.split_at(self.columns.len().div_ceil(LENGTHS).min(self.keys.len()));
        for row in self.rows.clone() {
            let mut sums = Sums { vectors, sums: vectors.nothing(), keys: of_cells.iter() };
            let (cell, mut lengths) = ((self.cells)(row), of_lengths.iter());
            for columns in self.columns.chunks(LENGTHS) {
                let mut word = [0; WORD];
                for (column, place) in columns.iter().zip(word.as_chunks_mut().0) {
                    let (bytes, length) = cell(*column);
                    *place = (length as u32).to_le_bytes();
                    if length > 0 && sums.add_cell(bytes, length).is_none() {
                        return row;
                    }
                }
                let Some(keys) = lengths.next() else { return row };
                sums.add(vectors.beginning(&word, WORD), keys);
            }
            (self.take)(Fingerprint(vectors.totals(sums.sums)));
        }
        self.rows.end
    }
}

/// So many lengths a word says.
const LENGTHS: usize = WORD / 4;

/// The sums of a row so far, and the keys that are left for it.
struct Sums<'k, V: Vectors> {
    vectors: V,
    sums: V::Sums,
    keys: std::slice::Iter<'k, Keys>,
}

impl<V: Vectors> Sums<'_, V> {
    /// Adds a cell, the first so many of these bytes, of which there is one at least; none where there are no keys for it.
    #[inline(always)]
    fn add_cell(&mut self, mut bytes: &[u8], mut length: usize) -> Option<()> {
        loop {
            let keys = self.keys.next()?;
            let Some((word, rest)) = bytes.split_first_chunk() else {
                // So the cell ends here too.
                self.add(self.vectors.beginning(&padded(bytes), length), keys);
                return Some(());
            };
            self.add(self.vectors.beginning(word, length), keys);
            if length <= WORD {
                return Some(());
            }
            (bytes, length) = (rest, length - WORD);
        }
    }

    #[inline(always)]
    fn add(&mut self, word: V::Word, keys: &Keys) {
        self.sums = self.vectors.add_products(self.sums, word, keys);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(0_u8..2, 0..40),
            prop::collection::vec(any::<u8>().prop_map(without_separator), 0..20),
            (0_usize..2000).prop_map(|length| vec![0; length]),
        ]
    }

    const SEPARATOR: u8 = b',';

    fn without_separator(byte: u8) -> u8 {
        if byte == SEPARATOR { b'-' } else { byte }
    }

    /// Rows whose cells stand one behind the other, with a separator behind each or with none.
    struct Table {
        bytes: Vec<u8>,
        rows: Vec<Vec<Range<usize>>>,
        separated: bool,
    }

    impl Table {
        fn of(rows: &[Vec<Vec<u8>>], separated: bool) -> Self {
            let mut bytes = Vec::new();
            let mut place = |cell: &Vec<u8>| {
                let start = bytes.len();
                bytes.extend_from_slice(cell);
                let end = bytes.len();
                bytes.extend(separated.then_some(SEPARATOR));
                start..end
            };
            let rows = rows.iter().map(|row| row.iter().map(&mut place).collect()).collect();
            Self { bytes, rows, separated }
        }

        fn fingerprints(&self, all: &mut Fingerprints) -> Vec<Fingerprint> {
            let (columns, mut found) = ((0..self.rows[0].len()).collect::<Vec<_>>(), Vec::new());
            let cells = |row: usize| {
                move |column: usize| {
                    let place = self.rows[row][column].clone();
                    (&self.bytes[place.start..], place.len())
                }
            };
            all.of_rows(cells, 0..self.rows.len(), &columns, self.separated, |found_one| {
                found.push(found_one);
            });
            found
        }
    }

    proptest! {
        #[test]
        fn rows_have_one_fingerprint_where_they_are_the_same(
            rows in (1_usize..40).prop_flat_map(|width| {
                prop::collection::vec(prop::collection::vec(cell(), width), 1..6)
            }),
        ) {
            for separated in [false, true] {
                let mut all = Fingerprints::default();
                let found = Table::of(&rows, separated).fingerprints(&mut all);
                prop_assert_eq!(found.len(), rows.len());
                for (one, row) in found.iter().zip(&rows) {
                    for (other, others) in found.iter().zip(&rows) {
                        prop_assert_eq!(one == other, row == others);
                    }
                    // Whatever stands behind a cell, and wherever it stands.
                    let alone = Table::of(std::slice::from_ref(row), separated);
                    prop_assert_eq!(&alone.fingerprints(&mut all), &[*one]);
                }
            }
        }
    }

    #[test]
    fn every_bit_and_every_border_counts() {
        for (separated, length) in
            [false, true].into_iter().flat_map(|one| (0..140_usize).map(move |two| (one, two)))
        {
            let mut all = Fingerprints::default();
            let bytes: Vec<u8> = (0..length as u8).map(without_separator).collect();
            let mut rows = vec![vec![bytes.clone(), Vec::new()]];
            for at in 0..length {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                let (left, right) = bytes.split_at(at);
                rows.extend([vec![other, Vec::new()], vec![left.to_vec(), right.to_vec()]]);
            }
            let found = Table::of(&rows, separated).fingerprints(&mut all);
            assert!(found[1..].iter().all(|other| *other != found[0]), "{length}");
        }
    }
}
