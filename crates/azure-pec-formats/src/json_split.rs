//! JSON records cut out of a stream, however large: one a line, members of a list, or members of the list in pages
//! (`{"items": [...]}`), several pages one after the other. Only the record at hand is in memory.

use std::io::{BufRead, BufReader, Read};

use memchr::memchr2;

use crate::error::Fault;
use crate::masks::count;
use crate::source::read_fault;
use crate::tap::RECORD_LIMIT_BYTES;

const BUFFER_BYTES: usize = 64 * 1024;
/// Deeper than any record of these files.
const DEEPEST: usize = 64;
/// The lists that pages hold their records in, in any case.
const LISTS: [&[u8]; 2] = [b"items", b"value"];

/// A fault and the line at which it stands.
pub(crate) type LineFault = (Fault, u64);

/// The records of a stream, one after the other.
pub(crate) struct Splitter {
    input: BufReader<Box<dyn Read + Send>>,
    /// One record a line: a broken one spoils no other.
    by_line: bool,
    /// The line of the next byte.
    line: u64,
    /// The lists and pages that are open.
    open: Vec<Level>,
    /// A value stands before: a comma or an end has to follow.
    after_value: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    List,
    Page,
}

/// Whether a text of this beginning holds one record a line: its first line is a whole object that is no page, or a
/// broken one before another line that begins an object.
pub(crate) fn is_by_line(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    let Some(first) = lines.next().filter(|line| line.starts_with(b"{") && line.len() > 1) else {
        return false;
    };
    let mut alone = Splitter::new(Box::new(std::io::Cursor::new(first.to_vec())), false);
    match alone.next(&mut Vec::new()) {
        Ok(Some(_)) => alone.open.is_empty() && alone.next(&mut Vec::new()).is_ok_and(|more| more.is_none()),
        Ok(None) => false,
        Err(_) => alone.open.is_empty() && lines.next().is_some_and(|line| line.starts_with(b"{\"")),
    }
}

impl Splitter {
    pub fn new(input: Box<dyn Read + Send>, by_line: bool) -> Self {
        let input = BufReader::with_capacity(BUFFER_BYTES, input);
        Self { input, by_line, line: 1, open: Vec::new(), after_value: false }
    }

    /// Puts the next record into `raw` and says at which line it starts; none at the end.
    pub fn next(&mut self, raw: &mut Vec<u8>) -> Result<Option<u64>, LineFault> {
        raw.clear();
        if self.by_line { self.next_line(raw) } else { self.next_member(raw) }
    }

    fn next_line(&mut self, raw: &mut Vec<u8>) -> Result<Option<u64>, LineFault> {
        loop {
            raw.clear();
            let start = self.line;
            let limited = (&mut self.input).take(RECORD_LIMIT_BYTES + 1).read_until(b'\n', raw);
            let length = limited.map_err(|error| (read_fault(&error), start))?;
            if length as u64 > RECORD_LIMIT_BYTES {
                return Err((too_large(), start));
            }
            self.line += u64::from(raw.last() == Some(&b'\n'));
            let end = raw.trim_ascii_end().len();
            raw.truncate(end);
            if length == 0 {
                return Ok(None);
            }
            if !raw.trim_ascii().is_empty() {
                return Ok(Some(start));
            }
        }
    }

    /// The next object of a list, of a page's list, or of the stream itself.
    fn next_member(&mut self, raw: &mut Vec<u8>) -> Result<Option<u64>, LineFault> {
        loop {
            let Some(byte) = self.next_sign()? else {
                return if self.open.is_empty() { Ok(None) } else { Err(self.cut()) };
            };
            match (self.open.last(), byte) {
                (Some(_), b',') if self.after_value => {
                    self.take()?;
                    self.after_value = false;
                }
                (Some(Level::List), b']') | (Some(Level::Page), b'}') => {
                    self.take()?;
                    self.open.pop();
                    self.after_value = !self.open.is_empty();
                }
                (None, b'[') => {
                    self.take()?;
                    self.open.push(Level::List);
                }
                (None | Some(Level::List), b'{') if !self.after_value => {
                    let line = self.line;
                    if self.object(raw)? {
                        self.after_value = !self.open.is_empty();
                        return Ok(Some(line));
                    }
                }
                (Some(Level::Page), b'"') if !self.after_value => {
                    raw.clear();
                    if !self.member(raw, false)? {
                        self.after_value = true;
                    }
                    raw.clear();
                }
                (_, other) => return Err(self.unexpected(other)),
            }
        }
    }

    /// Takes a record whole and says yes; where the object is a page, stops in its list and says no.
    fn object(&mut self, raw: &mut Vec<u8>) -> Result<bool, LineFault> {
        raw.clear();
        raw.push(self.take()?);
        let mut after_value = false;
        loop {
            match self.next_sign()?.ok_or_else(|| self.cut())? {
                b'}' => {
                    raw.push(self.take()?);
                    return Ok(true);
                }
                b',' if after_value => {
                    raw.push(self.take()?);
                    after_value = false;
                }
                b'"' if !after_value => {
                    if self.member(raw, true)? {
                        raw.clear();
                        return Ok(false);
                    }
                    after_value = true;
                }
                other => return Err(self.unexpected(other)),
            }
        }
    }

    /// Takes a key and its value. Where the value is the list of a page, goes into it and says yes.
    fn member(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<bool, LineFault> {
        let key = raw.len();
        self.string(raw, true)?;
        let is_list = raw.get(key + 1..raw.len() - 1).is_some_and(is_list_key);
        match self.next_sign()? {
            Some(b':') => raw.push(self.take()?),
            Some(other) => return Err(self.unexpected(other)),
            None => return Err(self.cut()),
        }
        let begins = self.next_sign()?.ok_or_else(|| self.cut())?;
        if is_list && begins == b'[' {
            self.take()?;
            let in_page = !keep;
            if !in_page {
                self.open.push(Level::Page);
            }
            self.open.push(Level::List);
            self.after_value = false;
            return Ok(true);
        }
        self.value(begins, raw, keep)?;
        Ok(false)
    }

    fn value(&mut self, begins: u8, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        match begins {
            b'"' => self.string(raw, keep),
            b'{' | b'[' => self.nested(raw, keep),
            _ => self.scalar(raw, keep),
        }
    }

    fn string(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        self.take_to(raw, keep)?;
        loop {
            self.take_until(raw, keep, |bytes| memchr2(b'"', b'\\', bytes))?;
            if self.take_to(raw, keep)? == b'"' {
                return Ok(());
            }
            // What a backslash stands before ends nothing.
            self.take_to(raw, keep)?;
        }
    }

    fn nested(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        let mut depth = 0;
        loop {
            let sign = |bytes: &[u8]| bytes.iter().position(|byte| b"\"{}[]".contains(byte));
            match self.take_until(raw, keep, sign)?.ok_or_else(|| self.cut())? {
                b'"' => {
                    self.string(raw, keep)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                _ => depth -= 1,
            }
            if depth > DEEPEST {
                return Err((Fault::TooDeep, self.line));
            }
            self.take_to(raw, keep)?;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn scalar(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        match self.take_until(raw, keep, |bytes| bytes.iter().position(|byte| !is_scalar(*byte)))? {
            Some(byte) if !is_scalar_end(byte) => Err(self.unexpected(byte)),
            _ => Ok(()),
        }
    }

    /// Takes all that stands before the first byte that is found, and says which that is; none where the text ends before.
    fn take_until(
        &mut self,
        raw: &mut Vec<u8>,
        keep: bool,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) -> Result<Option<u8>, LineFault> {
        loop {
            let buffer = self.buffer()?;
            if buffer.is_empty() {
                return Ok(None);
            }
            let end = find(buffer);
            let found = end.and_then(|end| buffer.get(end).copied());
            let run = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            if keep {
                raw.extend_from_slice(run);
            }
            let (length, lines) = (run.len(), count(run, b'\n'));
            self.pass(length, lines);
            self.check(raw)?;
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    /// Takes a byte, and keeps it.
    fn take_to(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<u8, LineFault> {
        let byte = self.take()?;
        if keep {
            raw.push(byte);
        }
        self.check(raw)?;
        Ok(byte)
    }

    fn check(&self, raw: &[u8]) -> Result<(), LineFault> {
        if raw.len() as u64 > RECORD_LIMIT_BYTES { Err((too_large(), self.line)) } else { Ok(()) }
    }

    /// The next byte that is no space.
    fn next_sign(&mut self) -> Result<Option<u8>, LineFault> {
        let sign = |bytes: &[u8]| bytes.iter().position(|byte| !byte.is_ascii_whitespace());
        self.take_until(&mut Vec::new(), false, sign)
    }

    /// What is read and not taken; empty at the end alone.
    fn buffer(&mut self) -> Result<&[u8], LineFault> {
        let line = self.line;
        self.input.fill_buf().map_err(|error| (read_fault(&error), line))
    }

    fn pass(&mut self, length: usize, lines: u64) {
        self.input.consume(length);
        self.line += lines;
    }

    fn peek(&mut self) -> Result<Option<u8>, LineFault> {
        Ok(self.buffer()?.first().copied())
    }

    fn take(&mut self) -> Result<u8, LineFault> {
        let byte = self.peek()?.ok_or_else(|| self.cut())?;
        self.pass(1, u64::from(byte == b'\n'));
        Ok(byte)
    }

    fn cut(&self) -> LineFault {
        (Fault::Truncated { problem: "a list or record is never closed".to_owned() }, self.line)
    }

    fn unexpected(&self, byte: u8) -> LineFault {
        let problem = format!("unexpected {:?} between records or fields", char::from(byte));
        (Fault::JsonMalformed { problem }, self.line)
    }
}

fn too_large() -> Fault {
    Fault::TooLarge { what: "a record", limit: RECORD_LIMIT_BYTES }
}

fn is_list_key(key: &[u8]) -> bool {
    LISTS.iter().any(|list| key.eq_ignore_ascii_case(list))
}

fn is_scalar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.')
}

fn is_scalar_end(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b'}' | b']')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Gives so many bytes at a time.
    struct Slowly {
        text: Vec<u8>,
        at: usize,
        most: usize,
    }

    impl Read for Slowly {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let mut rest = self.text.get(self.at..).unwrap_or_default().take(self.most as u64);
            let length = rest.read(buffer)?;
            self.at += length;
            Ok(length)
        }
    }

    /// The records with the lines at which they start, and what ended them.
    type Split = (Vec<(u64, String)>, Option<LineFault>);

    fn split(text: &str, most: usize) -> Split {
        let input = Slowly { text: text.into(), at: 0, most };
        let mut splitter = Splitter::new(Box::new(input), false);
        let (mut records, mut raw) = (Vec::new(), Vec::new());
        loop {
            match splitter.next(&mut raw) {
                Ok(Some(line)) => records.push((line, String::from_utf8_lossy(&raw).into_owned())),
                Ok(None) => return (records, None),
                Err(fault) => return (records, Some(fault)),
            }
        }
    }

    /// A value as files write them, spread over lines or not.
    fn value() -> impl Strategy<Value = String> {
        let scalars =
            vec!["1", "-2.5e3", "true", "null", "\"\"", "\"a\"", r#""a\"}]""#, r#""\\""#, "\"{[\\u0022,:\""];
        let leaf = prop::sample::select(scalars).prop_map(str::to_owned);
        leaf.prop_recursive(3, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..3)
                    .prop_map(|items| format!("[{}]", items.join(",\n"))),
                prop::collection::vec(inner, 0..3).prop_map(|items| object(&items)),
            ]
        })
    }

    fn object(values: &[String]) -> String {
        let members = values.iter().enumerate().map(|(at, value)| format!("\"k{at}\":{value}"));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    proptest! {
        /// However many bytes come at a time, and wherever the text is cut or changed.
        #[test]
        fn records_are_those_of_the_text(
            records in prop::collection::vec(prop::collection::vec(value(), 0..4), 0..6),
            shape in prop::sample::select(vec![("[", "]"), ("{\"count\": 2, \"items\": [", "], \"next\": {\"a\": [\"]\"]}}\n"), ("", "")]),
            most in 1usize..40,
            cut in any::<prop::sample::Index>(),
            sign in prop::sample::select(vec!['"', '\\', '{', '}', '[', ']', ',', '\n', 'x']),
        ) {
            let records: Vec<String> = records.iter().map(|values| object(values)).collect();
            let between = if shape.0.is_empty() { "\n" } else { ",\n" };
            let text = format!("{}{}{}", shape.0, records.join(between), shape.1);
            let (found, ended) = split(&text, most);
            let texts: Vec<&String> = found.iter().map(|(_, record)| record).collect();
            prop_assert_eq!(&texts, &records.iter().collect::<Vec<_>>());
            prop_assert_eq!(ended, None);
            for (line, record) in &found {
                let before = text.lines().take(*line as usize - 1).map(|line| line.len() + 1).sum::<usize>();
                prop_assert!(text.get(before..).is_some_and(|rest| rest.contains(record.as_str())));
            }
            let at = cut.index(text.len() + 1);
            let (head, tail) = text.split_at(at);
            for broken in [head.to_owned(), format!("{head}{sign}{tail}")] {
                prop_assert_eq!(split(&broken, most), split(&broken, 1), "{}", broken);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        let code = |text: &str| split(text, 7).1.map(|(fault, line)| (fault.code(), line));
        assert_eq!(code("[{\"a\": 1},\n{\"a\": \"never closed\n}"), Some(("input.truncated", 3)));
        assert_eq!(code("[{\"a\": 1}\n{\"a\": 2}]"), Some(("json.malformed", 2)));
        assert_eq!(code("[{\"a\": 1?}]"), Some(("json.malformed", 1)));
        let deep = format!("[\n{{\"a\": {}", "[".repeat(100));
        assert_eq!(code(&deep), Some(("input.too_deep", 2)));
        let long = format!("[\n{{\"a\": \"{}\"}}]", "x".repeat(RECORD_LIMIT_BYTES as usize));
        assert_eq!(
            split(&long, 1 << 16).1.map(|(fault, line)| (fault.code(), line)),
            Some(("input.too_large", 2))
        );
    }
}
