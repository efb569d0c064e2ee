//! Which bytes of CSV stand inside quotes, as the `csv` crate reads them: quotes open at the beginning of a field and
//! nowhere else, two of them inside are one character, and what follows the closing one belongs to the field.
//!
//! Where every quote opens at the beginning of a field, a byte is inside if the quotes before it are odd in number. A
//! word of 64 bytes in which one opens elsewhere is gone through byte by byte.

use crate::masks::{WORD, Word, padded, parity};

/// The quotes of a run of whole records, as far as they were looked at.
#[derive(Debug, Default)]
pub(crate) struct Quotes {
    /// A bit for each byte: inside quotes. The opening quote is, the closing one is not.
    inside: Vec<u64>,
    /// So many words of bytes were whole.
    whole: usize,
    /// How the whole words end.
    end: State,
}

/// Where a field stands after a byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Behind a separator.
    #[default]
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

impl Quotes {
    /// Forgets everything: a record begins.
    pub fn clear(&mut self) {
        self.inside.clear();
        self.whole = 0;
        self.end = State::Start;
    }

    /// A bit for each byte inside quotes, a word of bytes each.
    pub fn inside(&self) -> &[u64] {
        &self.inside
    }

    /// Goes on to the end of the bytes, which begin as those before did. Says whether they end inside quotes.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        let (words, rest) = bytes.as_chunks::<WORD>();
        // The last word was a part of one.
        self.inside.truncate(self.whole);
        let mut state = self.end;
        for word in words.iter().skip(self.whole) {
            let (inside, end) = of_word(word, state);
            self.inside.push(inside);
            state = end;
        }
        (self.whole, self.end) = (words.len(), state);
        if !rest.is_empty() {
            let (inside, _) = of_word(&padded(rest), state);
            self.inside.push(inside);
            state = rest.iter().fold(state, |state, byte| state.after(*byte));
        }
        state == State::Inside
    }
}

/// The bytes inside quotes of a word before which the state is this one, and the state after it.
#[inline]
fn of_word(bytes: &[u8; WORD], before: State) -> (u64, State) {
    let carried = if before == State::Inside { u64::MAX } else { 0 };
    let word = Word::new(bytes);
    let quotes = word.equal(b'"');
    let [.., last] = *bytes;
    if quotes == 0 {
        let after = if before == State::Inside { before } else { State::Text.after(last) };
        return (carried, after);
    }
    let inside = parity(quotes) ^ carried;
    let separators = word.equal(b',') | word.equal(b'\n') | word.equal(b'\r');
    // A quote may open behind a separator, or behind one that closed: then the two are a character.
    let may_open = (separators | quotes) << 1 | u64::from(before != State::Text);
    if quotes & inside & !may_open != 0 {
        return byte_by_byte(bytes, before);
    }
    let after = match last {
        _ if inside >> 63 == 1 => State::Inside,
        b'"' => State::Quote,
        last => State::Text.after(last),
    };
    (inside, after)
}

#[cold]
fn byte_by_byte(bytes: &[u8; WORD], mut state: State) -> (u64, State) {
    let mut inside = 0;
    for (at, byte) in bytes.iter().enumerate() {
        state = state.after(*byte);
        inside |= u64::from(state == State::Inside) << at;
    }
    (inside, state)
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
            for (at, inside) in expected.iter().enumerate() {
                assert_eq!(quotes.inside()[at / WORD] >> (at % WORD) & 1 == 1, *inside, "{at} of {bytes:?}");
            }
        }
    }
}
