//! Which bytes of CSV separate fields and records, as the `csv` crate reads them: those outside quotes. Quotes open at the
//! beginning of a field and nowhere else, two of them inside are one character, and what follows the closing one belongs to the
//! field.
//!
//! Where every quote opens at the beginning of a field, a byte is inside if the quotes before it are odd in number. A
//! word of 64 bytes in which one opens elsewhere is gone through byte by byte.

use crate::masks::{Loop, Marked, Vectors, WORD, below, dispatched, padded};

/// The separators of a run of whole records, as far as they were looked at.
#[derive(Debug, Default)]
pub(crate) struct Separators {
    /// Of each word of bytes a bit for each separator.
    words: Vec<u64>,
    lines: Vec<Lines>,
    /// The words that hold more than ASCII.
    beyond_ascii: Vec<u32>,
    /// So many words of bytes were whole.
    whole: usize,
    /// What was behind them.
    before: Before,
}

/// A word in which a line ends.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines {
    /// Which of the words it is.
    pub word: u32,
    /// A bit for each byte that ends a record.
    pub ends: u64,
    /// A bit for each line feed, inside quotes and outside.
    pub feeds: u64,
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
#[derive(Debug, Clone, Copy)]
struct Before {
    /// All ones inside quotes, else 0.
    inside: u64,
    /// 1 behind a quote that opens or closes, else 0.
    quote: u64,
    /// 1 behind a separator and at the beginning, else 0.
    separator: u64,
}

impl Default for Before {
    fn default() -> Self {
        Self { inside: 0, quote: 0, separator: 1 }
    }
}

impl Before {
    const fn state(self) -> State {
        match self {
            Self { inside: 1.., .. } => State::Inside,
            Self { quote: 1.., .. } => State::Quote,
            Self { separator: 1.., .. } => State::Start,
            _ => State::Text,
        }
    }
}

impl Separators {
    /// Forgets everything: a record begins.
    pub fn clear(&mut self) {
        self.words.clear();
        self.lines.clear();
        self.beyond_ascii.clear();
        self.whole = 0;
        self.before = Before::default();
    }

    /// Of each word of bytes a bit for each separator.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words in which a line ends, in their order.
    pub fn lines(&self) -> &[Lines] {
        &self.lines
    }

    /// The words that hold more than ASCII, in their order.
    pub fn beyond_ascii(&self) -> &[u32] {
        &self.beyond_ascii
    }

    /// The number of line feeds, inside quotes and outside.
    pub fn feeds(&self) -> u64 {
        self.lines.iter().map(|lines| u64::from(lines.feeds.count_ones())).sum()
    }

    /// Goes on to the end of the bytes, which begin as those before did. Says whether they end inside quotes.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        dispatched(Reading { separators: self, bytes })
    }

    /// Forgets what stands behind so many bytes. Nothing is read on.
    pub fn truncate(&mut self, length: usize) {
        let (whole, rest) = (length / WORD, below((length % WORD) as u32));
        self.forget(whole + usize::from(rest != 0));
        if let Some(word) = self.words.get_mut(whole) {
            *word &= rest;
        }
        if let Some(lines) = self.lines.last_mut().filter(|lines| lines.word as usize == whole) {
            lines.ends &= rest;
            lines.feeds &= rest;
        }
    }

    /// Keeps so many words.
    fn forget(&mut self, words: usize) {
        self.words.truncate(words);
        while self.lines.pop_if(|lines| lines.word as usize >= words).is_some() {}
        while self.beyond_ascii.pop_if(|word| *word as usize >= words).is_some() {}
    }

    #[inline(always)]
    fn read_words(&mut self, vectors: impl Vectors, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks::<WORD>();
        // The last word was a part of one.
        self.forget(self.whole);
        self.words.reserve(words.len() + 1);
        let mut before = self.before;
        for word in words.get(self.whole..).unwrap_or_default() {
            self.read_word(vectors, word, &mut before);
        }
        self.before = before;
        self.whole = words.len();
        if !rest.is_empty() {
            self.read_word(vectors, &padded(rest), &mut before);
        }
        before.inside != 0
    }

    #[inline(always)]
    fn read_word(&mut self, vectors: impl Vectors, word: &[u8; WORD], before: &mut Before) {
        let Marked { quotes, separators, rare } = vectors.marked(word);
        let mut inside = vectors.parity(quotes) ^ before.inside;
        // A quote behind one that closes: the two are a character.
        let opening = quotes & inside & !(quotes << 1 | before.quote);
        if opening & !(separators << 1 | before.separator) == 0 {
            *before = Before {
                inside: 0_u64.wrapping_sub(inside >> 63),
                quote: quotes >> 63,
                separator: separators >> 63,
            };
        } else {
            (inside, *before) = byte_by_byte(word, *before);
        }
        if rare != 0 {
            // Four thousand million words are far more than a block has.
            let at = self.words.len() as u32;
            let feeds = vectors.equal(word, b'\n');
            let ends = feeds | vectors.equal(word, b'\r');
            if ends != 0 {
                self.lines.push(Lines { word: at, ends: ends & !inside, feeds });
            }
            if vectors.not_ascii(word) != 0 {
                self.beyond_ascii.push(at);
            }
        }
        self.words.push(separators & !inside);
    }
}

struct Reading<'q> {
    separators: &'q mut Separators,
    bytes: &'q [u8],
}

impl Loop for Reading<'_> {
    type Output = bool;

    #[inline(always)]
    fn run(self, vectors: impl Vectors) -> bool {
        self.separators.read_words(vectors, self.bytes)
    }
}

/// The bytes inside quotes of a word, the opening quotes too, and what the next one needs to know.
#[cold]
fn byte_by_byte(bytes: &[u8; WORD], before: Before) -> (u64, Before) {
    let (mut inside, mut state) = (0, before.state());
    for (at, byte) in bytes.iter().enumerate() {
        state = state.after(*byte);
        inside |= u64::from(state == State::Inside) << at;
    }
    let [.., last] = *bytes;
    let before = Before {
        inside: 0_u64.wrapping_sub(inside >> 63),
        quote: u64::from(last == b'"' && state != State::Text),
        separator: u64::from(state == State::Start),
    };
    (inside, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The separators, the line ends that end records, whether the bytes end inside quotes.
    fn slowly(bytes: &[u8]) -> (Vec<usize>, Vec<usize>, bool) {
        let (mut state, mut separators, mut ends) = (State::Start, Vec::new(), Vec::new());
        for (at, byte) in bytes.iter().enumerate() {
            state = state.after(*byte);
            if state == State::Start {
                separators.push(at);
                ends.extend((*byte != b',').then_some(at));
            }
        }
        (separators, ends, state == State::Inside)
    }

    fn places(bits: impl Iterator<Item = (usize, u64)>) -> Vec<usize> {
        let of_word = |(word, bits): (usize, u64)| {
            (0..WORD).filter(move |bit| bits >> bit & 1 == 1).map(move |bit| word * WORD + bit)
        };
        bits.flat_map(of_word).collect()
    }

    #[test]
    fn words_are_read_as_bytes_are() {
        let mut seed = 7_u64;
        let mut next = |end: usize| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as usize % end
        };
        let mut read = Separators::default();
        for round in 0..4000 {
            let alphabet =
                [b"a\",\n\r\"".as_slice(), b"abcdefghijklmnopq,,,\"\n", b"\"a", b"ab,\n\xe9\""][round % 4];
            let bytes: Vec<u8> = (0..round % 400).map(|_| alphabet[next(alphabet.len())]).collect();
            let (_, _, ends_inside) = slowly(&bytes);
            read.clear();
            // In two steps, as a block that grows is read, and then cut.
            read.read(&bytes[..bytes.len() / 3]);
            assert_eq!(read.read(&bytes), ends_inside);
            for bytes in [&bytes[..], &bytes[..next(bytes.len() + 1)]] {
                read.truncate(bytes.len());
                let (separators, ends, _) = slowly(bytes);
                let feeds = (0..bytes.len()).filter(|at| bytes[*at] == b'\n').collect::<Vec<_>>();
                assert_eq!(read.feeds(), feeds.len() as u64);
                assert_eq!(read.words().len(), bytes.len().div_ceil(WORD));
                let lines = |bits: fn(&Lines) -> u64| {
                    places(read.lines().iter().map(|lines| (lines.word as usize, bits(lines))))
                };
                assert_eq!(places(read.words().iter().copied().enumerate()), separators, "{bytes:?}");
                assert_eq!(
                    (lines(|lines| lines.ends), lines(|lines| lines.feeds)),
                    (ends, feeds),
                    "{bytes:?}"
                );
                let words = bytes.chunks(WORD).enumerate().filter(|(_, word)| !word.is_ascii());
                let words: Vec<u32> = words.map(|(at, _)| at as u32).collect();
                // A word that is cut may have held more.
                let is_cut = |at: &u32| *at as usize == bytes.len() / WORD;
                let beyond = read.beyond_ascii();
                assert!(words.iter().all(|at| beyond.contains(at)), "{bytes:?}");
                assert!(beyond.iter().all(|at| words.contains(at) || is_cut(at)), "{bytes:?}");
            }
        }
    }
}
