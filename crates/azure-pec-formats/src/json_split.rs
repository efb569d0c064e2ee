//! JSON records cut out of a stream, however large: one a line, members of a list, or members of the list in pages
//! (`{"items": [...]}`), several pages one after the other. Only the record at hand is in memory.

use std::io::{BufRead, BufReader, Read};

use crate::error::Fault;
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
        let mut escaped = false;
        let mut byte = self.take()?;
        loop {
            self.keep(byte, raw, keep)?;
            byte = self.take()?;
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => return self.keep(byte, raw, keep),
                _ => {}
            }
        }
    }

    fn nested(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        let mut depth = 0;
        loop {
            match self.peek()?.ok_or_else(|| self.cut())? {
                b'"' => {
                    self.string(raw, keep)?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            if depth > DEEPEST {
                return Err((Fault::TooDeep, self.line));
            }
            let byte = self.take()?;
            self.keep(byte, raw, keep)?;
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn scalar(&mut self, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        while let Some(byte) = self.peek()?.filter(|byte| is_scalar(*byte)) {
            self.take()?;
            self.keep(byte, raw, keep)?;
        }
        match self.peek()? {
            Some(byte) if !is_scalar_end(byte) => Err(self.unexpected(byte)),
            _ => Ok(()),
        }
    }

    fn keep(&self, byte: u8, raw: &mut Vec<u8>, keep: bool) -> Result<(), LineFault> {
        if keep {
            raw.push(byte);
        }
        if raw.len() as u64 > RECORD_LIMIT_BYTES { Err((too_large(), self.line)) } else { Ok(()) }
    }

    /// The next byte that is no space.
    fn next_sign(&mut self) -> Result<Option<u8>, LineFault> {
        while let Some(byte) = self.peek()? {
            if !byte.is_ascii_whitespace() {
                return Ok(Some(byte));
            }
            self.take()?;
        }
        Ok(None)
    }

    fn peek(&mut self) -> Result<Option<u8>, LineFault> {
        let buffer = self.input.fill_buf().map_err(|error| (read_fault(&error), self.line))?;
        Ok(buffer.first().copied())
    }

    fn take(&mut self) -> Result<u8, LineFault> {
        let byte = self.peek()?.ok_or_else(|| self.cut())?;
        self.input.consume(1);
        self.line += u64::from(byte == b'\n');
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
