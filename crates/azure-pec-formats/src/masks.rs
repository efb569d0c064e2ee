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

    /// What CSV is made of.
    #[inline(always)]
    fn marked(self, word: &[u8; WORD]) -> Marked {
        let ends = self.equal(word, b'\n') | self.equal(word, b'\r');
        Marked {
            quotes: self.equal(word, b'"'),
            separators: self.equal(word, b',') | ends,
            rare: ends | self.not_ascii(word),
        }
    }

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

    /// Of each bit whether the number of bits up to it, itself included, is odd.
    #[inline(always)]
    fn parity(self, bits: u64) -> u64 {
        [1, 2, 4, 8, 16, 32].into_iter().fold(bits, |bits, further| bits ^ bits << further)
    }

    /// A word in the processor's hands.
    type Word: Copy;

    /// So many bytes of a word, at most all; the others are 0.
    fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word;

    /// Sums of products with each set of keys.
    type Sums: Copy;

    /// Nothing added.
    fn nothing(self) -> Self::Sums;

    /// Adds a word's products: with each of its numbers goes a key, and of each two of these sums the product. Numbers have four
    /// bytes or eight, and all is modulo the powers of two that they fit; or eight, and nothing is carried (polynomials over bits).
    fn add_products(self, sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums;

    /// What tells these sums from others: as many words that differ have the same with a chance of at most 2^-128.
    fn totals(self, sums: Self::Sums) -> [u64; SETS];
}

/// A bit for each byte of a word that is such a one.
pub(crate) struct Marked {
    pub quotes: u64,
    /// Commas and what ends lines.
    pub separators: u64,
    /// What ends lines, what is not ASCII, and maybe other control characters: seldom there, and then looked at again.
    pub rare: u64,
}

/// So many places of a word are written whether they are there or not: most words have fewer, and no jump is missed.
const AT_ONCE: usize = 8;

/// More than this is never written of a word's places.
pub(crate) const PLACES_ROOM: usize = 2 * WORD;

/// So many sets of keys there are.
pub(crate) const SETS: usize = 4;

/// Of each set a key for each four bytes of a word.
pub(crate) type Keys = [[u32; WORD / 4]; SETS];

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
        if let Some(vectors) = x86::Newest::try_new() {
            return vectors.vectorize(work);
        }
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

    /// As few bits are taken out of vectors as may be: that takes long on some processors.
    #[inline(always)]
    fn marked(self, word: &[u8; WORD]) -> Marked {
        let is = |part: u8x16, byte| part.cmp_eq(u8x16::splat(byte));
        let ends = |part| is(part, b'\n') | is(part, b'\r');
        Marked {
            quotes: self.equal(word, b'"'),
            separators: Self::bits(word, |part| (ends(part) | is(part, b',')).move_mask()),
            rare: Self::bits(word, |part| (ends(part) | part).move_mask()),
        }
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

    /// Two sums of 128 bits: the products of numbers of eight bytes, with carries, tell as much as twice as many of shorter ones.
    type Sums = [u128; 2];

    #[inline(always)]
    fn nothing(self) -> Self::Sums {
        [0; 2]
    }

    #[inline(always)]
    fn add_products(self, mut sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
        for (sum, keys) in sums.iter_mut().zip(keys) {
            for (numbers, keys) in word.as_chunks().0.iter().zip(keys.as_chunks().0) {
                let [one, other]: [u64; 2] = *numbers;
                let [low, high, other_low, other_high] = *keys;
                let one = one.wrapping_add(u64::from(low) | u64::from(high) << 32);
                let other = other.wrapping_add(u64::from(other_low) | u64::from(other_high) << 32);
                *sum = sum.wrapping_add(u128::from(one) * u128::from(other));
            }
        }
        sums
    }

    #[inline(always)]
    fn totals(self, [one, other]: Self::Sums) -> [u64; SETS] {
        [one as u64, (one >> 64) as u64, other as u64, (other >> 64) as u64]
    }
}

#[cfg(target_arch = "x86_64")]
mod x86;

/// Fewer bytes than a word has, filled up with zeros.
pub(crate) fn padded(bytes: &[u8]) -> [u8; WORD] {
    let mut word = [0; WORD];
    word.iter_mut().zip(bytes).for_each(|(place, byte)| *place = *byte);
    word
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

    /// What comes out with vectors of 32 and 64 bytes, as far as the processor at hand has them.
    fn with_wider<L: Loop>(work: impl Fn() -> L) -> Vec<L::Output> {
        #[cfg(target_arch = "x86_64")]
        return {
            use pulp::x86::{V3, V4};
            let wide = V3::try_new().map(|own| own.vectorize(x86::Run { vectors: own, work: work() }));
            let wider = V4::try_new().map(|own| own.vectorize(x86::Run { vectors: own, work: work() }));
            wide.into_iter().chain(wider).collect()
        };
        #[cfg(not(target_arch = "x86_64"))]
        return Vec::new();
    }

    /// And with those of the newest.
    fn with_newest<L: Loop>(work: impl Fn() -> L) -> Option<L::Output> {
        #[cfg(target_arch = "x86_64")]
        return x86::Newest::try_new().map(|own| own.vectorize(work()));
        #[cfg(not(target_arch = "x86_64"))]
        return None;
    }

    fn with_any<L: Loop>(work: impl Fn() -> L) -> Vec<L::Output> {
        with_wider(&work).into_iter().chain(with_newest(&work)).chain([work().run(Plain)]).collect()
    }

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
                for found in with_any(|| Find(bytes, byte)) {
                    assert_eq!(found, expected, "{length} {byte}");
                }
            }
        }
    }

    struct Mark<'w>(&'w [u8; WORD]);

    impl Loop for Mark<'_> {
        type Output = Marked;

        fn run(self, vectors: impl Vectors) -> Marked {
            vectors.marked(self.0)
        }
    }

    #[test]
    fn what_csv_is_made_of_is_marked_with_any_vectors() {
        for first in 0..=255_u8 {
            // Every byte at some place, and each of the four beside it.
            let word: [u8; WORD] = std::array::from_fn(|at| match at % 8 {
                5 => b",\n\r\""[at / 8 % 4],
                _ => first.wrapping_add(at as u8 * 3),
            });
            let of = |is: fn(u8) -> bool| {
                (0..WORD).filter(|at| is(word[*at])).fold(0, |all, at| all | 1_u64 << at)
            };
            for Marked { quotes, separators, rare } in with_any(|| Mark(&word)) {
                assert_eq!(quotes, of(|byte| byte == b'"'), "{first}");
                assert_eq!(separators, of(|byte| matches!(byte, b',' | b'\n' | b'\r')), "{first}");
                let needed = of(|byte| matches!(byte, b'\n' | b'\r') || !byte.is_ascii());
                assert_eq!((rare & needed, rare & of(|byte| byte.is_ascii() && byte >= b' ')), (needed, 0));
            }
        }
    }

    struct Parity(u64);

    impl Loop for Parity {
        type Output = u64;

        fn run(self, vectors: impl Vectors) -> u64 {
            vectors.parity(self.0)
        }
    }

    #[test]
    fn parities_are_those_of_the_bits_before() {
        for bits in some_bits() {
            let odd = |at: &u32| (bits & (below(*at) | 1 << at)).count_ones() % 2 == 1;
            let expected = (0..64).filter(odd).fold(0, |all, at| all | 1_u64 << at);
            for parity in with_any(|| Parity(bits)) {
                assert_eq!(parity, expected, "{bits:x}");
            }
        }
    }

    fn some_bits() -> impl Iterator<Item = u64> {
        let bits = |at: u64| (at + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) & (u64::MAX >> (at % 64));
        [0, 1, 1 << 63, u64::MAX, 0x8000_0001_0001_8000].into_iter().chain((0..200).map(bits))
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
        for bits in some_bits() {
            let expected: Vec<u32> = (0..64).filter(|bit| bits >> bit & 1 == 1).map(|bit| bit + 7).collect();
            for places in with_any(|| Put(bits)) {
                assert_eq!(places, expected, "{bits:x}");
            }
        }
    }

    /// What tells a word that was added so often, of which so many bytes are taken.
    struct Multiply<'w>(&'w [u8; WORD], usize, &'w Keys, usize);

    impl Loop for Multiply<'_> {
        type Output = [u64; SETS];

        fn run(self, vectors: impl Vectors) -> Self::Output {
            let Self(word, length, keys, times) = self;
            let word = vectors.beginning(word, length);
            let add = |sums, _| vectors.add_products(sums, word, keys);
            vectors.totals((0..times).fold(vectors.nothing(), add))
        }
    }

    /// With numbers of four bytes.
    fn with_carries(bytes: &[u8; WORD], keys: &Keys) -> [u64; SETS] {
        let number = |at: usize| u32::from_le_bytes(bytes.as_chunks().0[at]);
        keys.map(|keys| {
            let with_key = |at: usize| u64::from(number(at).wrapping_add(keys[at]));
            let products = (0..LANES).map(|lane| with_key(2 * lane).wrapping_mul(with_key(2 * lane + 1)));
            products.fold(0, u64::wrapping_add)
        })
    }

    /// With numbers of eight bytes.
    fn with_carries_of_long(bytes: &[u8; WORD], keys: &Keys) -> [u128; 2] {
        let number = |at: usize| u64::from_le_bytes(bytes.as_chunks().0[at]);
        [0, 1].map(|set: usize| {
            let key = |at: usize| u64::from(keys[set][2 * at]) | u64::from(keys[set][2 * at + 1]) << 32;
            let with_key = |at: usize| u128::from(number(at).wrapping_add(key(at)));
            let products = (0..LANES / 2).map(|lane| with_key(2 * lane) * with_key(2 * lane + 1));
            products.fold(0, u128::wrapping_add)
        })
    }

    fn in_halves([one, other]: [u128; 2]) -> [u64; SETS] {
        [one as u64, (one >> 64) as u64, other as u64, (other >> 64) as u64]
    }

    /// With numbers of eight bytes, and nothing carried.
    fn without_carries(bytes: &[u8; WORD], keys: &Keys) -> [u64; SETS] {
        let number = |at: usize| u64::from_le_bytes(bytes.as_chunks().0[at]);
        let of_set = |keys: &[u32; WORD / 4]| {
            let key = |at: usize| u64::from(keys[2 * at]) | u64::from(keys[2 * at + 1]) << 32;
            (0..LANES / 2).fold(0_u128, |sum, at| {
                let (one, other) = (number(2 * at) ^ key(2 * at), number(2 * at + 1) ^ key(2 * at + 1));
                (0..64).filter(|bit| other >> bit & 1 == 1).fold(sum, |sum, bit| sum ^ u128::from(one) << bit)
            })
        };
        in_halves([of_set(&keys[0]), of_set(&keys[1])])
    }

    #[test]
    fn products_are_what_they_are_with_any_vectors() {
        let word: [u8; WORD] = std::array::from_fn(|at| (at * at % 251) as u8 ^ 0xa5);
        let mut seed = 0_u32;
        let keys: Keys = std::array::from_fn(|_| {
            std::array::from_fn(|_| {
                seed = seed.wrapping_add(0x9e37_79b9);
                seed.rotate_left(seed % 32)
            })
        });
        for length in 0..=WORD + 1 {
            let taken = std::array::from_fn(|at| if at < length { word[at] } else { 0 });
            for times in 0..4 {
                let multiply = || Multiply(&word, length, &keys, times);
                let expected = with_carries(&taken, &keys).map(|once| once.wrapping_mul(times as u64));
                for found in with_wider(multiply) {
                    assert_eq!(found, expected, "{length}");
                }
                let once = with_carries_of_long(&taken, &keys);
                let expected = in_halves(once.map(|once| once.wrapping_mul(times as u128)));
                assert_eq!(multiply().run(Plain), expected, "{length}");
                let once = without_carries(&taken, &keys);
                let expected = once.map(|once| if times % 2 == 1 { once } else { 0 });
                assert!(with_newest(multiply).is_none_or(|found| found == expected), "{length}");
            }
        }
    }
}
