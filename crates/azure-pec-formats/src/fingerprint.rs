//! Cells told by a number in place of their bytes.
//!
//! NH (Black, Halevi, Krawczyk, Krovetz, Rogaway, UMAC 1999) under two sets of keys, which are drawn at random for each
//! reader: any two different rows of cells have the same number with a chance of at most 2^-126. Of ten million different
//! rows two are taken for one once in 10^24 runs, and nobody who writes a file can change that: the keys are drawn when it
//! is opened.

use std::hash::{BuildHasher, RandomState};

/// What rows of cells are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fingerprint([u64; 4]);

impl Fingerprint {
    /// Where it is looked for.
    #[inline]
    pub const fn place(self) -> u64 {
        let Self([low, high, ..]) = self;
        low ^ high
    }
}

/// The keys of fingerprints; those of others mean nothing beside them.
pub(crate) struct Fingerprints {
    source: RandomState,
    /// For each pair of words two keys, and two more for the second sum.
    keys: Vec<[u64; 4]>,
}

/// So many pairs most rows have at most; more keys are drawn when they are needed.
const PAIRS: usize = 128;

impl Default for Fingerprints {
    fn default() -> Self {
        let mut all = Self { source: RandomState::new(), keys: Vec::new() };
        all.draw(PAIRS);
        all
    }
}

impl Fingerprints {
    fn draw(&mut self, pairs: usize) {
        let Self { source, keys } = self;
        let drawn = (keys.len()..pairs).map(|pair| [0_u8, 1, 2, 3].map(|at| source.hash_one((pair, at))));
        keys.extend(drawn);
    }

    /// The fingerprint of a row. Rows are compared that have equally many cells.
    #[inline]
    pub fn of<'c, I: Iterator<Item = &'c [u8]>>(&mut self, cells: impl Fn() -> I) -> Fingerprint {
        loop {
            let mut sums = Sums { keys: self.keys.iter(), sums: [0; 2], is_short: false };
            cells().for_each(|cell| sums.add(cell));
            if !sums.is_short {
                let [one, other] = sums.sums;
                return Fingerprint([one as u64, (one >> 64) as u64, other as u64, (other >> 64) as u64]);
            }
            self.draw(self.keys.len() * 2);
        }
    }
}

struct Sums<'k> {
    keys: std::slice::Iter<'k, [u64; 4]>,
    sums: [u128; 2],
    /// There were not enough keys.
    is_short: bool,
}

impl Sums<'_> {
    /// Adds a cell: its length tells how many words follow, and these its bytes. So different rows are different words.
    #[inline(always)]
    fn add(&mut self, cell: &[u8]) {
        let length = cell.len() as u64;
        match *cell {
            [] => self.pair(length, 0),
            [one] => self.pair(length, one.into()),
            [one, two] => self.pair(length, u16::from_le_bytes([one, two]).into()),
            [one, two, three] => self.pair(length, u32::from_le_bytes([one, two, three, 0]).into()),
            _ => self.add_longer(length, cell),
        }
    }

    #[inline(always)]
    fn add_longer(&mut self, length: u64, cell: &[u8]) {
        let Some(first) = cell.first_chunk() else {
            let (first, last) = (cell.first_chunk().copied(), cell.last_chunk().copied());
            let half = |bytes: Option<[u8; 4]>| u64::from(u32::from_le_bytes(bytes.unwrap_or_default()));
            return self.pair(length, half(first) | half(last) << 32);
        };
        self.pair(length, u64::from_le_bytes(*first));
        let Some(last) = cell.last_chunk::<16>() else {
            let last = cell.last_chunk().copied().unwrap_or_default();
            return self.pair(u64::from_le_bytes(last), 0);
        };
        let (chunks, rest) = cell.get(8..).unwrap_or_default().as_chunks();
        chunks.iter().for_each(|chunk| self.chunk(chunk));
        if !rest.is_empty() {
            self.chunk(last);
        }
    }

    #[inline(always)]
    fn chunk(&mut self, chunk: &[u8; 16]) {
        let both = u128::from_le_bytes(*chunk);
        self.pair(both as u64, (both >> 64) as u64);
    }

    #[inline(always)]
    fn pair(&mut self, one: u64, two: u64) {
        let Some([a, b, c, d]) = self.keys.next() else {
            self.is_short = true;
            return;
        };
        let product = |key: &u64, other: &u64| {
            u128::from(one.wrapping_add(*key)).wrapping_mul(u128::from(two.wrapping_add(*other)))
        };
        let [first, second] = &mut self.sums;
        *first = first.wrapping_add(product(a, b));
        *second = second.wrapping_add(product(c, d));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cell() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            prop::collection::vec(0_u8..2, 0..40),
            prop::collection::vec(any::<u8>(), 0..20),
            (0_usize..2000).prop_map(|length| vec![0; length]),
        ]
    }

    proptest! {
        #[test]
        fn rows_have_one_fingerprint_where_they_are_the_same(
            one in prop::collection::vec(cell(), 3),
            other in prop::collection::vec(cell(), 3),
        ) {
            let mut all = Fingerprints::default();
            let mut of = |row: &[Vec<u8>]| all.of(|| row.iter().map(Vec::as_slice));
            prop_assert_eq!(of(&one), of(&one));
            prop_assert_eq!(of(&one) == of(&other), one == other);
        }
    }

    #[test]
    fn every_bit_and_every_border_counts() {
        let mut all = Fingerprints::default();
        for length in 0..70_usize {
            let bytes: Vec<u8> = (0..length as u8).collect();
            let whole = all.of(|| [bytes.as_slice(), b""].into_iter());
            for at in 0..length {
                let mut other = bytes.clone();
                other[at] ^= 0x80;
                assert_ne!(all.of(|| [other.as_slice(), b""].into_iter()), whole, "{length} {at}");
                let (left, right) = bytes.split_at(at);
                assert_ne!(all.of(|| [left, right].into_iter()), whole, "{length} {at}");
            }
        }
    }
}
