//! The brackets of a JSON text: how deep they go, and where the members of the list stand that is wrapped in it. One pass
//! with wide vectors finds both; what stands between the brackets is not looked at.

use std::ops::Range;

use crate::masks::{Loop, Vectors, WORD, dispatched, padded};

/// A list of objects that a field of the whole document holds.
#[derive(Debug)]
pub(crate) struct WrappedList {
    /// From its opening bracket to behind its closing one.
    pub range: Range<usize>,
    /// Its members, with nothing but commas between them. They are not parsed: whoever takes one has to.
    pub members: Vec<Range<usize>>,
}

/// Goes through a text. Gives the longest wrapped list, if the text is one object and has one; else where the text goes
/// deeper than `deepest`.
pub(crate) fn outline(text: &str, deepest: usize) -> Result<Option<WrappedList>, usize> {
    dispatched(Outline { bytes: text.as_bytes(), deepest })
}

struct Outline<'t> {
    bytes: &'t [u8],
    deepest: usize,
}

impl Loop for Outline<'_> {
    type Output = Result<Option<WrappedList>, usize>;

    #[inline(always)]
    fn run(self, vectors: impl Vectors) -> Self::Output {
        let mut brackets = Brackets { bytes: self.bytes, deepest: self.deepest, ..Brackets::default() };
        let mut strings = Strings::default();
        let (words, rest) = self.bytes.as_chunks::<WORD>();
        for (at, word) in words.iter().chain(std::iter::once(&padded(rest))).enumerate() {
            let mut places = strings.brackets(vectors, word);
            while places != 0 {
                brackets.take(at * WORD + places.trailing_zeros() as usize)?;
                places &= places - 1;
            }
        }
        Ok(brackets.finish())
    }
}

/// What a word needs to know of the bytes before it.
#[derive(Default)]
struct Strings {
    /// All ones within a string, else 0.
    inside: u64,
    /// 1 where the first byte is escaped, else 0.
    escaped: u64,
}

impl Strings {
    /// A bit for each bracket that stands outside of strings.
    #[inline(always)]
    fn brackets(&mut self, vectors: impl Vectors, word: &[u8; WORD]) -> u64 {
        let escaped = self.escaped(vectors.equal(word, b'\\'));
        let inside = vectors.parity(vectors.equal(word, b'"') & !escaped) ^ self.inside;
        self.inside = 0_u64.wrapping_sub(inside >> 63);
        let open = vectors.equal(word, b'{') | vectors.equal(word, b'[');
        let close = vectors.equal(word, b'}') | vectors.equal(word, b']');
        (open | close) & !inside
    }

    /// A bit for each byte behind a backslash that is not escaped itself: every second byte behind the beginning of a run
    /// of them. A sum carries that through each run.
    /// Source: simdjson, `json_escape_scanner`.
    #[inline(always)]
    const fn escaped(&mut self, backslashes: u64) -> u64 {
        const ODD: u64 = 0xaaaa_aaaa_aaaa_aaaa;
        if backslashes == 0 {
            return std::mem::replace(&mut self.escaped, 0);
        }
        let backslashes = backslashes & !self.escaped;
        let behind = backslashes << 1 | self.escaped;
        let odd_starts = backslashes & ODD & !behind;
        let (from_even, carried) = odd_starts.overflowing_add(backslashes);
        self.escaped = carried as u64;
        (!ODD ^ from_even << 1) & behind
    }
}

/// The brackets so far.
#[derive(Default)]
struct Brackets<'t> {
    bytes: &'t [u8],
    deepest: usize,
    depth: usize,
    /// The text is one object, as far as it was read.
    is_object: bool,
    values: usize,
    /// The list that is open, and where its open member begins.
    list: Option<WrappedList>,
    member: usize,
    longest: Option<WrappedList>,
}

impl Brackets<'_> {
    #[inline(always)]
    fn take(&mut self, at: usize) -> Result<(), usize> {
        let byte = self.bytes.get(at).copied().unwrap_or_default();
        if matches!(byte, b'{' | b'[') {
            self.depth += 1;
            if self.depth > self.deepest {
                return Err(at);
            }
            if self.depth <= 3 {
                self.open(at, byte);
            }
        } else {
            if self.depth <= 3 {
                self.close(at, byte);
            }
            self.depth = self.depth.saturating_sub(1);
        }
        Ok(())
    }

    fn open(&mut self, at: usize, byte: u8) {
        match (self.depth, byte) {
            (1, _) => {
                self.is_object = byte == b'{' && self.values == 0;
                self.values += 1;
            }
            (2, b'[') if self.is_object => {
                self.list = Some(WrappedList { range: at..at, members: Vec::new() });
            }
            (3, b'{') => self.member = at,
            // A list of something else.
            (3, _) => self.list = None,
            _ => {}
        }
    }

    fn close(&mut self, at: usize, byte: u8) {
        match (self.depth, byte) {
            (3, b'}') => {
                if let Some(list) = &mut self.list {
                    list.members.push(self.member..at + 1);
                }
            }
            (2, b']') => {
                let Some(mut list) = self.list.take() else { return };
                list.range.end = at + 1;
                let longest = self.longest.as_ref().map_or(0, |longest| longest.members.len());
                if list.members.len() > longest && is_list(self.bytes, &list) {
                    self.longest = Some(list);
                }
            }
            _ => self.list = None,
        }
    }

    fn finish(self) -> Option<WrappedList> {
        self.longest.filter(|_| self.is_object && self.values == 1)
    }
}

/// Whether nothing but one comma stands between members, and nothing around them.
fn is_list(bytes: &[u8], list: &WrappedList) -> bool {
    let is_blank = |range: Range<usize>| {
        let mut between = bytes.get(range).unwrap_or(b"?").iter();
        between.all(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
    };
    let mut before = list.range.start;
    for member in &list.members {
        // The opening bracket, or the comma.
        let gap = bytes.get(before..member.start).unwrap_or_default();
        let separator = if before == list.range.start { b'[' } else { b',' };
        let Some(comma) = memchr::memchr(separator, gap) else { return false };
        if !is_blank(before..before + comma) || !is_blank(before + comma + 1..member.start) {
            return false;
        }
        before = member.end;
    }
    is_blank(before..list.range.end - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The same byte by byte.
    fn too_deep(text: &str, deepest: usize) -> Option<usize> {
        let (mut depth, mut inside, mut escaped) = (0usize, false, false);
        for (at, byte) in text.bytes().enumerate() {
            let is_escaped = std::mem::replace(&mut escaped, false);
            match byte {
                b'\\' => escaped = !is_escaped,
                b'"' => inside ^= !is_escaped,
                b'[' | b'{' if !inside => depth += 1,
                b']' | b'}' if !inside => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth > deepest {
                return Some(at);
            }
        }
        None
    }

    fn members(text: &str) -> Option<Vec<&str>> {
        let list = outline(text, 64).unwrap()?;
        list.members.into_iter().map(|range| text.get(range)).collect()
    }

    #[test]
    fn the_members_of_a_wrapped_list_are_found() {
        let text =
            r#" {"a": [1], "value" : [ {"b": "]}\\\"{", "c": [{}]} ,{}, {"d": {"e": 1}} ], "z": {"y": []}} "#;
        let found = [r#"{"b": "]}\\\"{", "c": [{}]}"#, "{}", r#"{"d": {"e": 1}}"#];
        assert_eq!(members(text).unwrap(), found);
        for (text, why) in [
            (r#"[{"a": 1}]"#, "no object"),
            (r#"{"value": []}"#, "nothing in it"),
            (r#"{"value": [{}, 1]}"#, "a number"),
            (r#"{"value": [1, {}]}"#, "a number before"),
            (r#"{"value": [{}, []]}"#, "a list"),
            (r#"{"value": [{} {}]}"#, "no comma"),
            (r#"{"value": [{},, {}]}"#, "two commas"),
            (r#"{"value": [{},]}"#, "a comma behind"),
            (r#"{"value": [,{}]}"#, "a comma before"),
            (r#"{"value": [{}}}"#, "another bracket"),
            (r#"{"value": [{]]}"#, "another bracket of a member"),
            (r#"{"value": [{}]} {"value": [{}]}"#, "two documents"),
            (r#"{"value": [{}"#, "an open list"),
            ("", "nothing"),
        ] {
            assert_eq!(members(text), None, "{why}");
        }
    }

    proptest! {
        #[test]
        fn any_vectors_see_the_brackets_that_a_byte_after_the_other_shows(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", "\"", "\\", "\\\\", "\"x\"", ",", " ", "aaaaaaaaaaaaaaaaa", "{\"value\":[", "{},", "ä",
                ]),
                0..120,
            ),
            deepest in 1usize..6,
        ) {
            let text = parts.concat();
            let expected = too_deep(&text, deepest);
            prop_assert_eq!(outline(&text, deepest).err(), expected);
            let plain = Outline { bytes: text.as_bytes(), deepest }.run(crate::masks::Plain);
            prop_assert_eq!(plain.err(), expected);
        }

        /// What is found is what the library finds.
        #[test]
        fn members_are_those_of_the_document(
            records in prop::collection::vec("[ -~]{0,40}", 0..6),
            gap in "[ \n\t]{0,3}",
        ) {
            let records: Vec<_> = records.iter().map(|text| serde_json::json!({"a": [text, {"b": text}]})).collect();
            let written: Vec<String> = records.iter().map(ToString::to_string).collect();
            let text = format!("{{\"x\": 1,{gap}\"value\"{gap}:{gap}[{gap}{}{gap}]}}", written.join(&format!("{gap},{gap}")));
            let found: Vec<serde_json::Value> =
                members(&text).unwrap_or_default().iter().map(|text| serde_json::from_str(text).unwrap()).collect();
            prop_assert_eq!(found, records);
        }
    }
}
