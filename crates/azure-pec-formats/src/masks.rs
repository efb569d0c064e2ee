//! Sixty-four bytes at a time: where among them a byte stands, as a bit for each.

use pulp::{Arch, NullaryFnOnce};
use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const WORD: usize = 64;

/// Runs a loop over words as it was compiled for the processor at hand: with AVX2 and the like, or with what every
/// processor of its kind has. What it calls is to be inlined.
pub(crate) fn dispatched<F: NullaryFnOnce>(work: F) -> F::Output {
    Arch::new().dispatch(work)
}

/// Sixty-four bytes.
#[derive(Clone, Copy)]
pub(crate) struct Word([u8x16; 4]);

impl Word {
    #[inline(always)]
    pub fn new(bytes: &[u8; WORD]) -> Self {
        let part = |at: usize| {
            let part = bytes.get(at..).and_then(|bytes| bytes.first_chunk::<16>());
            u8x16::new(part.copied().unwrap_or_default())
        };
        Self([part(0), part(16), part(32), part(48)])
    }

    /// A bit for each byte that is this one; the first byte's is the lowest.
    #[inline(always)]
    pub fn equal(self, byte: u8) -> u64 {
        let byte = u8x16::splat(byte);
        let bits = |part: u8x16| u64::from(part.cmp_eq(byte).move_mask().cast_unsigned() & 0xffff);
        let [a, b, c, d] = self.0;
        bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48
    }

    /// No bit in any byte.
    pub const ZERO: Self = Self([u8x16::ZERO; 4]);

    /// The bits of either.
    #[inline(always)]
    pub fn with(self, other: Self) -> Self {
        let ([a, b, c, d], [e, f, g, h]) = (self.0, other.0);
        Self([a | e, b | f, c | g, d | h])
    }

    /// Whether every byte is ASCII.
    #[inline(always)]
    pub fn is_ascii(self) -> bool {
        let [a, b, c, d] = self.0;
        (a | b | c | d).move_mask() == 0
    }
}

/// Fewer bytes than a word has, filled up with zeros.
pub(crate) fn padded(bytes: &[u8]) -> [u8; WORD] {
    let mut word = [0; WORD];
    word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    word
}

/// Of each bit whether the number of bits up to it, itself included, is odd.
#[inline(always)]
pub(crate) const fn parity(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

/// The bits below one.
#[inline(always)]
pub(crate) const fn below(bit: u32) -> u64 {
    (1 << bit) - 1
}

/// How often a byte stands among some.
pub(crate) fn count(bytes: &[u8], byte: u8) -> u64 {
    dispatched(Count { bytes, byte })
}

struct Count<'b> {
    bytes: &'b [u8],
    byte: u8,
}

impl NullaryFnOnce for Count<'_> {
    type Output = u64;

    #[inline(always)]
    fn call(self) -> u64 {
        let splat = u8x16::splat(self.byte);
        let mut all = 0;
        // A lane of a sum holds 255 at most.
        for run in self.bytes.chunks(16 * 255) {
            let (parts, rest) = run.as_chunks::<16>();
            let mut sum = u8x16::ZERO;
            for part in parts {
                sum -= u8x16::new(*part).cmp_eq(splat);
            }
            all += sum.to_array().iter().map(|lane| u64::from(*lane)).sum::<u64>();
            all += rest.iter().filter(|other| **other == self.byte).count() as u64;
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_say_where_and_how_often() {
        let bytes: Vec<u8> = (0..9000u32).map(|at| (at * at % 251) as u8).collect();
        for length in [0, 1, 15, 16, 63, 64, 65, 4080, 4081, 9000] {
            let bytes = &bytes[..length];
            for byte in [0, 7, 250, 255] {
                let places: Vec<usize> = (0..length).filter(|at| bytes[*at] == byte).collect();
                assert_eq!(count(bytes, byte), places.len() as u64);
                let (whole, rest) = bytes.as_chunks::<WORD>();
                let words = whole.iter().copied().chain([padded(rest)]);
                let found = words.enumerate().flat_map(|(at, word)| {
                    let bits = Word::new(&word).equal(byte);
                    assert_eq!(Word::new(&word).is_ascii(), word.is_ascii());
                    (0..64).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| at * WORD + bit)
                });
                assert!(found.filter(|at| *at < length).eq(places), "{length} {byte}");
            }
        }
        assert_eq!(parity(0b1001_0010), !0 << 7 | 0b0000_1110);
    }
}
