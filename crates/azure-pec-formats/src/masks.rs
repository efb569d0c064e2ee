//! Sixty-four bytes at a time: where among them a byte stands, as a bit for each, and what they are multiplied by keys.

use wide::u8x16;

/// Bytes that are looked at together.
pub(crate) const WORD: usize = 64;

/// What finds bytes among sixty-four, and multiplies them by keys.
pub(crate) trait Vectors: Copy {
    /// A bit for each byte that is this one; the first byte's is the lowest.
    fn equal(self, word: &[u8; WORD], byte: u8) -> u64;

    /// A bit for each byte that is not ASCII.
    fn not_ascii(self, word: &[u8; WORD]) -> u64;

    /// Writes the place of each bit, counted from `first`. Behind them the room is written over, so there is to be
    /// [`PLACES_ROOM`] of it.
    #[inline(always)]
    fn put_places(self, mut bits: u64, first: u32, mut room: &mut [u32]) {
        loop {
            let Some((places, more)) = room.split_first_chunk_mut::<AT_ONCE>() else { return };
            for place in places {
                *place = first.wrapping_add(bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
            }
            if bits == 0 {
                return;
            }
            room = more;
        }
    }

    /// A word in the processor's hands.
    type Word: Copy;

    /// So many bytes of a word, at most all; the others are 0.
    fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word;

    /// Sums of eight lanes.
    type Sums: Copy;

    /// Nothing added.
    fn nothing(self) -> Self::Sums;

    /// Adds a word's products: with each of its four-byte numbers goes a key, and of each two of these sums the product, all
    /// modulo the powers of two that they fit.
    fn add_products(self, sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums;

    /// The lanes of each together.
    fn totals(self, sums: [Self::Sums; 4]) -> [u64; 4];
}

/// So many places of a word are written whether they are there or not: most words have fewer, and no jump is missed.
const AT_ONCE: usize = 8;

/// More than this is never written of a word's places.
pub(crate) const PLACES_ROOM: usize = 2 * WORD;

/// A key for each four bytes of a word.
pub(crate) type Keys = [u32; WORD / 4];

/// The lanes of sums: two numbers of four bytes each.
const LANES: usize = WORD / 8;

/// Ones for bytes that stay, and behind them zeros for those that do not.
const STAYING: [u8; 2 * WORD] = {
    let mut bytes = [0; 2 * WORD];
    let (ones, _) = bytes.split_at_mut(WORD);
    let mut at = 0;
    while at < WORD {
        #[expect(clippy::indexing_slicing, reason = "worked out at compile time")]
        {
            ones[at] = 0xff;
        }
        at += 1;
    }
    bytes
};

/// Ones for so many bytes at the beginning of a word.
#[inline(always)]
fn staying(length: usize) -> &'static [u8; WORD] {
    const NONE: &[u8; WORD] = &[0; WORD];
    STAYING.get(WORD.saturating_sub(length)..).and_then(|mask| mask.first_chunk()).unwrap_or(NONE)
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

    type Word = [u64; LANES];

    #[inline(always)]
    fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word {
        let mut lanes = [0; LANES];
        let masks = staying(length).as_chunks().0.iter();
        for ((lane, bytes), mask) in lanes.iter_mut().zip(word.as_chunks().0).zip(masks) {
            *lane = u64::from_le_bytes(*bytes) & u64::from_le_bytes(*mask);
        }
        lanes
    }

    type Sums = [u64; LANES];

    #[inline(always)]
    fn nothing(self) -> Self::Sums {
        [0; LANES]
    }

    #[inline(always)]
    fn add_products(self, mut sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
        for ((sum, lane), [low, high]) in sums.iter_mut().zip(word).zip(keys.as_chunks().0) {
            let (one, other) = ((lane as u32).wrapping_add(*low), ((lane >> 32) as u32).wrapping_add(*high));
            *sum = sum.wrapping_add(u64::from(one) * u64::from(other));
        }
        sums
    }

    #[inline(always)]
    fn totals(self, sums: [Self::Sums; 4]) -> [u64; 4] {
        sums.map(|lanes| lanes.into_iter().fold(0, u64::wrapping_add))
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    //! Vectors of 32 and 64 bytes, and what comes with them: counting and finding bits.

    use std::arch::x86_64::{__m256i, __m512i};

    use pulp::NullaryFnOnce;
    use pulp::x86::{V3, V4};

    use super::{Keys, Loop, Vectors, WORD, staying};

    /// The places of a word, sixteen and sixteen.
    const QUARTERS: [[u32; 16]; 4] = {
        let mut places = [[0; 16]; 4];
        let mut at = 0;
        while at < WORD {
            #[expect(clippy::indexing_slicing, reason = "worked out at compile time")]
            {
                places[at / 16][at % 16] = at as u32;
            }
            at += 1;
        }
        places
    };

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

        type Word = [__m256i; 2];

        #[inline(always)]
        fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word {
            let [low, high]: Self::Word = pulp::cast(*word);
            let [low_mask, high_mask]: Self::Word = pulp::cast(*staying(length));
            [self.avx2._mm256_and_si256(low, low_mask), self.avx2._mm256_and_si256(high, high_mask)]
        }

        type Sums = [__m256i; 2];

        #[inline(always)]
        fn nothing(self) -> Self::Sums {
            [self.avx._mm256_setzero_si256(); 2]
        }

        #[inline(always)]
        fn add_products(self, [low, high]: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
            let [low_keys, high_keys]: [__m256i; 2] = pulp::cast(*keys);
            let [low_word, high_word] = word;
            let product = |word, keys| {
                let with_keys = self.avx2._mm256_add_epi32(word, keys);
                self.avx2._mm256_mul_epu32(with_keys, self.avx2._mm256_srli_epi64::<32>(with_keys))
            };
            [
                self.avx2._mm256_add_epi64(low, product(low_word, low_keys)),
                self.avx2._mm256_add_epi64(high, product(high_word, high_keys)),
            ]
        }

        #[inline(always)]
        fn totals(self, sums: [Self::Sums; 4]) -> [u64; 4] {
            let halves = sums.map(|[low, high]| self.avx2._mm256_add_epi64(low, high));
            let pair = |one, other| {
                let low = self.avx2._mm256_unpacklo_epi64(one, other);
                self.avx2._mm256_add_epi64(low, self.avx2._mm256_unpackhi_epi64(one, other))
            };
            let [a, b, c, d] = halves;
            let [one, two, one_more, two_more]: [u64; 4] = pulp::cast(pair(a, b));
            let [three, four, three_more, four_more]: [u64; 4] = pulp::cast(pair(c, d));
            [
                one.wrapping_add(one_more),
                two.wrapping_add(two_more),
                three.wrapping_add(three_more),
                four.wrapping_add(four_more),
            ]
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

        #[inline(always)]
        fn put_places(self, bits: u64, first: u32, room: &mut [u32]) {
            let first = self.avx512f._mm512_set1_epi32(first.cast_signed());
            let mut written = 0;
            for (quarter, places) in QUARTERS.iter().enumerate() {
                let own = (bits >> (16 * quarter)) as u16;
                let places = self.avx512f._mm512_add_epi32(first, pulp::cast(*places));
                let places = self.avx512f._mm512_maskz_compress_epi32(own, places);
                let Some(room) = room.get_mut(written..).and_then(|room| room.first_chunk_mut()) else {
                    return;
                };
                *room = pulp::cast::<_, [u32; 16]>(places);
                written += own.count_ones() as usize;
            }
        }

        type Word = __m512i;

        #[inline(always)]
        fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word {
            let mask = if length < WORD { (1 << length) - 1 } else { u64::MAX };
            self.avx512bw._mm512_maskz_mov_epi8(mask, pulp::cast(*word))
        }

        type Sums = __m512i;

        #[inline(always)]
        fn nothing(self) -> Self::Sums {
            self.avx512f._mm512_setzero_si512()
        }

        #[inline(always)]
        fn add_products(self, sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
            let with_keys = self.avx512f._mm512_add_epi32(word, pulp::cast(*keys));
            let others = self.avx512f._mm512_srli_epi64::<32>(with_keys);
            self.avx512f._mm512_add_epi64(sums, self.avx512f._mm512_mul_epu32(with_keys, others))
        }

        #[inline(always)]
        fn totals(self, sums: [Self::Sums; 4]) -> [u64; 4] {
            // They fit the narrower vectors as well as these.
            let narrower: V3 = *self;
            narrower.totals(sums.map(pulp::cast))
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

    /// The places of bits, behind what was there before.
    struct Put(u64);

    impl Loop for Put {
        type Output = Vec<u32>;

        fn run(self, vectors: impl Vectors) -> Vec<u32> {
            let mut room = vec![0; PLACES_ROOM];
            vectors.put_places(self.0, 7, &mut room);
            room.truncate(self.0.count_ones() as usize);
            room
        }
    }

    #[test]
    fn places_are_the_same_with_any_vectors() {
        let mut bits = [0, 1, 1 << 63, u64::MAX, 0x8000_0001_0001_8000].to_vec();
        bits.extend(
            (0..200_u64).map(|at| (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & (u64::MAX >> (at % 64))),
        );
        for bits in bits {
            let expected: Vec<u32> = (0..64).filter(|bit| bits >> bit & 1 == 1).map(|bit| bit + 7).collect();
            assert_eq!(dispatched(Put(bits)), expected, "{bits:x}");
            assert_eq!(Put(bits).run(Plain), expected, "{bits:x}");
        }
    }

    /// The sums of a word's products with some keys, added once to four times, so many of its bytes taken.
    struct Multiply<'w>(&'w [u8; WORD], usize, &'w Keys);

    impl Loop for Multiply<'_> {
        type Output = [u64; 4];

        fn run(self, vectors: impl Vectors) -> [u64; 4] {
            let word = vectors.beginning(self.0, self.1);
            let mut sums = vectors.nothing();
            let times = [(); 4].map(|()| {
                sums = vectors.add_products(sums, word, self.2);
                sums
            });
            vectors.totals(times)
        }
    }

    #[test]
    fn products_are_the_same_with_any_vectors() {
        let word: [u8; WORD] = std::array::from_fn(|at| (at * at % 251) as u8 ^ 0xa5);
        let keys: Keys = std::array::from_fn(|at| 0x9e37_79b9_u32.wrapping_mul(at as u32 + 1));
        for length in 0..=WORD + 1 {
            let number = |at: usize| {
                let byte = |at: usize| if at < length { word[at] } else { 0 };
                u32::from_le_bytes(std::array::from_fn(|part| byte(4 * at + part)))
            };
            let with_key = |at: usize| u64::from(number(at).wrapping_add(keys[at]));
            let products = (0..8).map(|lane| with_key(2 * lane).wrapping_mul(with_key(2 * lane + 1)));
            let once = products.fold(0_u64, u64::wrapping_add);
            let expected = [1, 2, 3, 4].map(|times| once.wrapping_mul(times));
            let multiply = || Multiply(&word, length, &keys);
            assert_eq!(dispatched(multiply()), expected, "{length}");
            assert_eq!(multiply().run(Plain), expected, "{length}");
            #[cfg(target_arch = "x86_64")]
            if let Some(narrower) = pulp::x86::V3::try_new() {
                assert_eq!(multiply().run(narrower), expected, "{length}");
            }
        }
    }
}
