//! Which bytes of CSV stand inside quotes, as the `csv` crate reads them: quotes open at the beginning of a field and
//! nowhere else, two of them inside are one character, and what follows the closing one belongs to the field.
//!
//! Where every quote opens at the beginning of a field, a byte is inside if the quotes before it are odd in number. A
//! word of 64 bytes in which one opens elsewhere is gone through byte by byte.

use crate::masks::{Loop, Vectors, WORD, dispatched, padded, parity};

/// The quotes of a run of whole records, as far as they were looked at.
#[derive(Debug, Default)]
pub(crate) struct Quotes {
    /// A bit for each byte: inside quotes. The opening quote is, the closing one is not.
    inside: Vec<u64>,
    /// So many words of bytes were whole.
    whole: usize,
    /// They end with a quote that is a character like any other.
    ends_in_character: bool,
    /// Line feeds in those words, and in what follows them.
    feeds: u64,
    feeds_behind: u64,
}

/// Where a field stands after a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Behind a separator.
    Start,
    /// In text where a quote is a character like any other.
    Text,
    Inside,
    /// Behind a quote that closes, if no second one follows.
    Quote,
}

impl State {
    const fn after(self, byte: u8) -> Self {
        match (self, byte) {
            (Self::Inside, b'"') => Self::Quote,
            (Self::Inside, _) | (Self::Start | Self::Quote, b'"') => Self::Inside,
            (_, b',' | b'\n' | b'\r') => Self::Start,
            _ => Self::Text,
        }
    }
}

/// What a word needs to know of the bytes before it.
#[derive(Clone, Copy)]
struct Before {
    /// All ones inside quotes, else 0.
    inside: u64,
    /// The last byte; a line end at the beginning.
    last: u8,
    /// It is a quote, and a character like any other.
    is_character: bool,
}

impl Before {
    fn state(self) -> State {
        match self.last {
            _ if self.inside != 0 => State::Inside,
            b'"' if !self.is_character => State::Quote,
            last => State::Text.after(last),
        }
    }
}

impl Quotes {
    /// Forgets everything: a record begins.
    pub fn clear(&mut self) {
        self.inside.clear();
        self.whole = 0;
        self.ends_in_character = false;
        self.feeds = 0;
        self.feeds_behind = 0;
    }

    /// The number of line feeds, inside quotes and outside.
    pub const fn feeds(&self) -> u64 {
        self.feeds + self.feeds_behind
    }

    /// A bit for each byte inside quotes, a word of bytes each.
    pub fn inside(&self) -> &[u64] {
        &self.inside
    }

    /// Goes on to the end of the bytes, which begin as those before did. Says whether they end inside quotes.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        dispatched(Reading { quotes: self, bytes })
    }

    #[inline(always)]
    fn read_words(&mut self, vectors: impl Vectors, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks::<WORD>();
        // The last word was a part of one.
        self.inside.truncate(self.whole);
        let last = |at: usize| at.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'\n');
        let is_inside = |inside: Option<&u64>| inside.map_or(0, |inside| 0_u64.wrapping_sub(inside >> 63));
        let mut before = Before {
            inside: is_inside(self.inside.last()),
            last: last(self.whole * WORD),
            is_character: self.ends_in_character,
        };
        self.inside.resize(words.len(), 0);
        let places = self.inside.get_mut(self.whole..).unwrap_or_default();
        let feeds = |word: &[u8; WORD]| u64::from(vectors.equal(word, b'\n').count_ones());
        for (inside, word) in places.iter_mut().zip(words.get(self.whole..).unwrap_or_default()) {
            *inside = of_word(vectors, word, &mut before);
            self.feeds += feeds(word);
        }
        self.whole = words.len();
        self.ends_in_character = before.is_character;
        self.feeds_behind = 0;
        if rest.is_empty() {
            return before.inside != 0;
        }
        let rest = padded(rest);
        self.inside.push(of_word(vectors, &rest, &mut before));
        self.feeds_behind = feeds(&rest);
        before.inside != 0
    }
}

struct Reading<'q> {
    quotes: &'q mut Quotes,
    bytes: &'q [u8],
}

impl Loop for Reading<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self, vectors: impl Vectors) -> bool {
        self.quotes.read_words(vectors, self.bytes)
    }
}

/// The bytes inside quotes of a word.
#[inline(always)]
fn of_word(vectors: impl Vectors, word: &[u8; WORD], before: &mut Before) -> u64 {
    let quotes = vectors.equal(word, b'"');
    let [.., last] = *word;
    if quotes == 0 {
        *before = Before { last, is_character: false, ..*before };
        return before.inside;
    }
    let inside = parity(quotes) ^ before.inside;
    // A quote behind one that closes: the two are a character.
    let closed = before.last == b'"' && !before.is_character;
    let mut opening = quotes & inside & !(quotes << 1 | u64::from(closed));
    while opening != 0 {
        let bit = opening.trailing_zeros() as usize;
        let behind = bit.checked_sub(1).and_then(|at| word.get(at)).unwrap_or(&before.last);
        if !matches!(behind, b',' | b'\n' | b'\r') {
            return byte_by_byte(word, before);
        }
        opening &= opening - 1;
    }
    *before = Before { inside: 0_u64.wrapping_sub(inside >> 63), last, is_character: false };
    inside
}

#[cold]
fn byte_by_byte(bytes: &[u8; WORD], before: &mut Before) -> u64 {
    let (mut inside, mut state) = (0, before.state());
    for (at, byte) in bytes.iter().enumerate() {
        state = state.after(*byte);
        inside |= u64::from(state == State::Inside) << at;
    }
    let [.., last] = *bytes;
    let is_character = last == b'"' && state == State::Text;
    *before = Before { inside: 0_u64.wrapping_sub(inside >> 63), last, is_character };
    inside
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slowly(bytes: &[u8]) -> (Vec<bool>, bool) {
        let mut state = State::Start;
        let inside: Vec<bool> = bytes
            .iter()
            .map(|byte| {
                state = state.after(*byte);
                state == State::Inside
            })
            .collect();
        (inside, state == State::Inside)
    }

    #[test]
    fn words_are_read_as_bytes_are() {
        let mut seed = 7u64;
        let mut quotes = Quotes::default();
        for round in 0..3000 {
            let length = round % 400;
            let alphabet = [b"a\",\n\r\"".as_slice(), b"abcdefghijklmnopq,,,\"\n", b"\"a"][round % 3];
            let bytes: Vec<u8> = (0..length)
                .map(|_| {
                    seed =
                        seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    alphabet[(seed >> 33) as usize % alphabet.len()]
                })
                .collect();
            let (expected, ends_inside) = slowly(&bytes);
            quotes.clear();
            // In two steps, as a block that grows is read.
            quotes.read(&bytes[..length / 3]);
            assert_eq!(quotes.read(&bytes), ends_inside);
            assert_eq!(quotes.inside().len(), length.div_ceil(WORD));
            assert_eq!(quotes.feeds(), bytes.iter().filter(|byte| **byte == b'\n').count() as u64);
            for (at, inside) in expected.iter().enumerate() {
                assert_eq!(quotes.inside()[at / WORD] >> (at % WORD) & 1 == 1, *inside, "{at} of {bytes:?}");
            }
        }
    }
}
