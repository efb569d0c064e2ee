//! Numbers that follow from a seed and a name, the same on every machine.
//!
//! Every fact of the data has a generator of its own, so that a line can be written without those before it: nothing
//! is kept between lines, and files of any length stream.

/// A stream of numbers (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Rng(u64);

const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

const fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

impl Rng {
    /// The stream of the `index`-th thing of a `kind`.
    #[must_use]
    pub const fn of(seed: u64, kind: u64, index: u64) -> Self {
        let kind = mix(seed.wrapping_add(STEP)).wrapping_add(kind.wrapping_mul(STEP));
        Self(mix(mix(kind) ^ index.wrapping_mul(STEP)))
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// A number below `limit`; 0 for a limit of 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        u64::try_from((u128::from(self.bits()) * u128::from(limit)) >> 64).unwrap_or(0)
    }

    /// True so many times in a thousand.
    pub fn chance(&mut self, per_mille: u64) -> bool {
        self.below(1000) < per_mille
    }

    /// One of a table's entries.
    pub fn pick<T: Copy, const N: usize>(&mut self, table: &[T; N]) -> T {
        *entry(table, self.below(N as u64))
    }
}

/// The entry of a table, which is never empty, at a number modulo its length.
#[expect(clippy::indexing_slicing, reason = "the index is taken modulo the length")]
pub fn entry<T>(table: &[T], number: u64) -> &T {
    let at = number % table.len() as u64;
    &table[usize::try_from(at).unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_always_gives_the_same_numbers() {
        let take = |kind, index| {
            let mut rng = Rng::of(1, kind, index);
            [rng.bits(), rng.below(10), rng.below(0)]
        };
        assert_eq!(take(1, 2), take(1, 2));
        assert!(take(1, 2) != take(2, 1) && take(1, 2) != take(1, 3));
        assert_eq!(take(1, 2)[2], 0);
    }
}
