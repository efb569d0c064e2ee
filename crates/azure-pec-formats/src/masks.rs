//! Sixty-four bytes at a time: where among them a byte stands, as a bit for each.

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const WORD: usize = 64;

/// What finds bytes among sixty-four.
pub(crate) trait Vectors: Copy {
    /// A bit for each byte that is this one; the first byte's is the lowest.
    fn equal(self, word: &[u8; WORD], byte: u8) -> u64;

    /// A bit for each byte that is not ASCII.
    fn not_ascii(self, word: &[u8; WORD]) -> u64;
}

/// A loop over words. It is compiled for each kind of vectors, so all that it calls is to be inlined.
pub(crate) trait Loop {
    type Output;
    fn run(self, vectors: impl Vectors) -> Self::Output;
}

/// Runs a loop with the widest vectors that the processor at hand has.
pub(crate) fn dispatched<L: Loop>(work: L) -> L::Output {
    #[cfg(target_arch = "x86_64")]
    {
        if let Some(vectors) = pulp::x86::V4::try_new() {
            return vectors.vectorize(x86::Run { vectors, work });
        }
        if let Some(vectors) = pulp::x86::V3::try_new() {
            return vectors.vectorize(x86::Run { vectors, work });
        }
    }
    work.run(Plain)
}

/// Vectors of 16 bytes, which every processor of the kinds that we build for has.
#[derive(Clone, Copy)]
pub(crate) struct Plain;

impl Plain {
    #[inline(always)]
    fn bits(word: &[u8; WORD], bits: impl Fn(u8x16) -> i32) -> u64 {
        let mut all = 0;
        for (at, part) in word.as_chunks::<16>().0.iter().enumerate() {
            all |= u64::from(bits(u8x16::new(*part)).cast_unsigned() & 0xffff) << (16 * at);
        }
        all
    }
}

impl Vectors for Plain {
    #[inline(always)]
    fn equal(self, word: &[u8; WORD], byte: u8) -> u64 {
        let byte = u8x16::splat(byte);
        Self::bits(word, |part| part.cmp_eq(byte).move_mask())
    }

    #[inline(always)]
    fn not_ascii(self, word: &[u8; WORD]) -> u64 {
        Self::bits(word, u8x16::move_mask)
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! Vectors of 32 and 64 bytes, and what comes with them: counting and finding bits.

    use std::arch::x86_64::__m256i;

    use pulp::NullaryFnOnce;
    use pulp::x86::{V3, V4};

    use super::{Loop, Vectors, WORD};

    pub(super) struct Run<V, L> {
        pub vectors: V,
        pub work: L,
    }

    impl<V: Vectors, L: Loop> NullaryFnOnce for Run<V, L> {
        type Output = L::Output;

        #[inline(always)]
        fn call(self) -> L::Output {
            self.work.run(self.vectors)
        }
    }

    #[inline(always)]
    fn bits(word: &[u8; WORD], bits: impl Fn(__m256i) -> i32) -> u64 {
        let [low, high]: [__m256i; 2] = pulp::cast(*word);
        u64::from(bits(low).cast_unsigned()) | u64::from(bits(high).cast_unsigned()) << 32
    }

    impl Vectors for V3 {
        #[inline(always)]
        fn equal(self, word: &[u8; WORD], byte: u8) -> u64 {
            let byte = self.avx._mm256_set1_epi8(byte.cast_signed());
            bits(word, |half| self.avx2._mm256_movemask_epi8(self.avx2._mm256_cmpeq_epi8(half, byte)))
        }

        #[inline(always)]
        fn not_ascii(self, word: &[u8; WORD]) -> u64 {
            bits(word, |half| self.avx2._mm256_movemask_epi8(half))
        }
    }

    impl Vectors for V4 {
        #[inline(always)]
        fn equal(self, word: &[u8; WORD], byte: u8) -> u64 {
            let byte = self.avx512f._mm512_set1_epi8(byte.cast_signed());
            self.avx512bw._mm512_cmpeq_epi8_mask(pulp::cast(*word), byte)
        }

        #[inline(always)]
        fn not_ascii(self, word: &[u8; WORD]) -> u64 {
            self.avx512bw._mm512_movepi8_mask(pulp::cast(*word))
        }
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

impl Loop for Count<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self, vectors: impl Vectors) -> u64 {
        let (words, rest) = self.bytes.as_chunks::<WORD>();
        let of_words: u64 =
            words.iter().map(|word| u64::from(vectors.equal(word, self.byte).count_ones())).sum();
        of_words + rest.iter().filter(|other| **other == self.byte).count() as u64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places of a byte, and whether all are ASCII.
    struct Find<'b>(&'b [u8], u8);

    impl Loop for Find<'_> {
        type Output = (Vec<usize>, bool);

        fn run(self, vectors: impl Vectors) -> Self::Output {
            let (whole, rest) = self.0.as_chunks::<WORD>();
            let words: Vec<_> = whole.iter().copied().chain([padded(rest)]).collect();
            let found = words.iter().enumerate().flat_map(|(at, word)| {
                let bits = vectors.equal(word, self.1);
                (0..WORD).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| at * WORD + bit)
            });
            let found = found.filter(|at| *at < self.0.len()).collect();
            (found, words.iter().all(|word| vectors.not_ascii(word) == 0))
        }
    }

    #[test]
    fn masks_say_where_and_how_often_with_any_vectors() {
        let bytes: Vec<u8> = (0..9000u32).map(|at| (at * at % 251) as u8).collect();
        for length in [0, 1, 8, 15, 16, 63, 64, 65, 4080, 4081, 9000] {
            let bytes = &bytes[..length];
            for byte in [0, 7, 250, 255] {
                let places: Vec<usize> = (0..length).filter(|at| bytes[*at] == byte).collect();
                assert_eq!(count(bytes, byte), places.len() as u64);
                let expected = (places, bytes.is_ascii());
                assert_eq!(dispatched(Find(bytes, byte)), expected, "{length} {byte}");
                assert_eq!(Find(bytes, byte).run(Plain), expected, "{length} {byte}");
                #[cfg(target_arch = "x86_64")]
                if let Some(narrower) = pulp::x86::V3::try_new() {
                    assert_eq!(Find(bytes, byte).run(narrower), expected, "{length} {byte}");
                }
            }
        }
        assert_eq!(parity(0b1001_0010), !0 << 7 | 0b0000_1110);
    }
}
