//! Vectors of 32 and 64 bytes, and what comes with them: counting and finding bits.

#![expect(
    unsafe_code,
    reason = "instructions of newer processors, each called where it is known to be there"
)]

use std::arch::x86_64::{
    __m128i, __m256i, __m512i, _mm_clmulepi64_si128, _mm512_clmulepi64_epi128, _mm512_maskz_compress_epi8,
};

use pulp::NullaryFnOnce;
use pulp::x86::{V3, V4};

use super::{Keys, Loop, Marked, SETS, Vectors, WORD, staying};

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

/// The four bytes of CSV by their lowest four bits, which differ; and at other places what has others.
const BY_LOWEST: [u8; 16] = *b"\xff\xff\"\xff\xff\xff\xff\xff\xff\xff\n\xff,\r\xff\0";

/// The places of a word.
const PLACES: [u8; WORD] = {
    let mut places = [0; WORD];
    let mut at = 0;
    while at < WORD {
        #[expect(clippy::indexing_slicing, reason = "worked out at compile time")]
        {
            places[at] = at as u8;
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

    type Sums = [[__m256i; 2]; SETS];

    #[inline(always)]
    fn nothing(self) -> Self::Sums {
        [[self.avx._mm256_setzero_si256(); 2]; SETS]
    }

    #[inline(always)]
    fn add_products(self, mut sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
        let [low_word, high_word] = word;
        let product = |word, keys| {
            let with_keys = self.avx2._mm256_add_epi32(word, keys);
            self.avx2._mm256_mul_epu32(with_keys, self.avx2._mm256_srli_epi64::<32>(with_keys))
        };
        for ([low, high], keys) in sums.iter_mut().zip(keys) {
            let [low_keys, high_keys]: [__m256i; 2] = pulp::cast(*keys);
            *low = self.avx2._mm256_add_epi64(*low, product(low_word, low_keys));
            *high = self.avx2._mm256_add_epi64(*high, product(high_word, high_keys));
        }
        sums
    }

    #[inline(always)]
    fn totals(self, sums: Self::Sums) -> [u64; SETS] {
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
    fn marked(self, word: &[u8; WORD]) -> Marked {
        let bytes = pulp::cast(*word);
        // Of each byte that which is looked for and has its lowest four bits; none where it is not ASCII.
        let looked_for = self.avx512bw._mm512_shuffle_epi8(pulp::cast([BY_LOWEST; 4]), bytes);
        let quotes = self.equal(word, b'"');
        Marked {
            quotes,
            separators: self.avx512bw._mm512_cmpeq_epi8_mask(looked_for, bytes) & !quotes,
            // Control characters, and below them what is not ASCII, as signs count.
            rare: self.avx512bw._mm512_cmplt_epi8_mask(bytes, self.avx512f._mm512_set1_epi8(0x20)),
        }
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

    type Sums = [__m512i; SETS];

    #[inline(always)]
    fn nothing(self) -> Self::Sums {
        [self.avx512f._mm512_setzero_si512(); SETS]
    }

    #[inline(always)]
    fn add_products(self, mut sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
        for (sum, keys) in sums.iter_mut().zip(keys) {
            let with_keys = self.avx512f._mm512_add_epi32(word, pulp::cast(*keys));
            let others = self.avx512f._mm512_srli_epi64::<32>(with_keys);
            *sum = self.avx512f._mm512_add_epi64(*sum, self.avx512f._mm512_mul_epu32(with_keys, others));
        }
        sums
    }

    #[inline(always)]
    fn totals(self, sums: Self::Sums) -> [u64; SETS] {
        // They fit the narrower vectors as well as these.
        let narrower: V3 = *self;
        narrower.totals(sums.map(pulp::cast))
    }
}

/// [`V4`], bytes put together by a mask (VBMI2), and products in which nothing is carried (VPCLMULQDQ): processors of Intel since
/// Ice Lake (2019), of AMD since Zen 4 (2022).
///
/// The crate that proves what a processor has (`pulp`) knows these two, and none of their instructions: so they are called here.
#[derive(Clone, Copy)]
pub(super) struct Newest {
    narrower: V4,
}

impl Newest {
    /// Where the processor at hand has all of it: nobody else makes one.
    pub fn try_new() -> Option<Self> {
        let has_all = is_x86_feature_detected!("avx512vbmi2")
            && is_x86_feature_detected!("pclmulqdq")
            && is_x86_feature_detected!("vpclmulqdq");
        V4::try_new().filter(|_| has_all).map(|narrower| Self { narrower })
    }

    /// Runs a loop compiled for such a processor.
    #[inline(always)]
    pub fn vectorize<L: Loop>(self, work: L) -> L::Output {
        #[target_feature(
            enable = "sse,sse2,fxsr,sse3,ssse3,sse4.1,sse4.2,popcnt,avx,avx2,bmi1,bmi2,fma,lzcnt"
        )]
        #[target_feature(
            enable = "avx512f,avx512bw,avx512cd,avx512dq,avx512vl,avx512vbmi2,pclmulqdq,vpclmulqdq"
        )]
        fn run<L: Loop>(vectors: Newest, work: L) -> L::Output {
            work.run(vectors)
        }
        // SAFETY: there is one only where the processor has all of these.
        unsafe { run(self, work) }
    }
}

impl Vectors for Newest {
    #[inline(always)]
    fn equal(self, word: &[u8; WORD], byte: u8) -> u64 {
        self.narrower.equal(word, byte)
    }

    #[inline(always)]
    fn not_ascii(self, word: &[u8; WORD]) -> u64 {
        self.narrower.not_ascii(word)
    }

    #[inline(always)]
    fn marked(self, word: &[u8; WORD]) -> Marked {
        self.narrower.marked(word)
    }

    #[inline(always)]
    fn put_places(self, bits: u64, first: u32, room: &mut [u32]) {
        let avx512f = self.narrower.avx512f;
        // SAFETY: there is one only where the processor has VBMI2.
        let places = unsafe { _mm512_maskz_compress_epi8(bits, pulp::cast(PLACES)) };
        let first = avx512f._mm512_set1_epi32(first.cast_signed());
        let quarter = |places| {
            let places = avx512f._mm512_add_epi32(first, avx512f._mm512_cvtepu8_epi32(places));
            pulp::cast::<_, [u32; WORD / 4]>(places)
        };
        let Some(([room, more @ ..], _)) = room.as_chunks_mut().0.split_first_chunk_mut::<4>() else {
            return;
        };
        *room = quarter(avx512f._mm512_castsi512_si128(places));
        // Hardly a word has more.
        if bits.count_ones() > 16 {
            let [second, third, fourth] = more;
            *second = quarter(avx512f._mm512_extracti32x4_epi32::<1>(places));
            *third = quarter(avx512f._mm512_extracti32x4_epi32::<2>(places));
            *fourth = quarter(avx512f._mm512_extracti32x4_epi32::<3>(places));
        }
    }

    #[inline(always)]
    fn parity(self, bits: u64) -> u64 {
        // SAFETY: there is one only where the processor has CLMUL.
        let product: [u64; 2] = pulp::cast(unsafe {
            _mm_clmulepi64_si128::<0>(pulp::cast([bits, 0]), pulp::cast([u64::MAX, 0]))
        });
        let [parity, _] = product;
        parity
    }

    type Word = __m512i;

    #[inline(always)]
    fn beginning(self, word: &[u8; WORD], length: usize) -> Self::Word {
        self.narrower.beginning(word, length)
    }

    /// Each has four sums of 128 bits. Two tell as much as four of those with carries do.
    type Sums = [__m512i; 2];

    #[inline(always)]
    fn nothing(self) -> Self::Sums {
        [self.narrower.avx512f._mm512_setzero_si512(); 2]
    }

    #[inline(always)]
    fn add_products(self, mut sums: Self::Sums, word: Self::Word, keys: &Keys) -> Self::Sums {
        let avx512f = self.narrower.avx512f;
        for (sum, keys) in sums.iter_mut().zip(keys) {
            let with_keys = avx512f._mm512_xor_si512(word, pulp::cast(*keys));
            // SAFETY: there is one only where the processor has VPCLMULQDQ.
            let products = unsafe { _mm512_clmulepi64_epi128::<0x10>(with_keys, with_keys) };
            *sum = avx512f._mm512_xor_si512(*sum, products);
        }
        sums
    }

    #[inline(always)]
    fn totals(self, sums: Self::Sums) -> [u64; SETS] {
        let narrower: V3 = *self.narrower;
        let of_set = |sums| {
            let [low, high]: [__m256i; 2] = pulp::cast(sums);
            let [low, high]: [__m128i; 2] = pulp::cast(narrower.avx2._mm256_xor_si256(low, high));
            pulp::cast::<_, [u64; 2]>(narrower.sse2._mm_xor_si128(low, high))
        };
        let [[one, two], [three, four]] = sums.map(of_set);
        [one, two, three, four]
    }
}
