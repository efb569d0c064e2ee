//! JSON with places: every value knows the physical line it starts at and its path in the document.

use std::borrow::Cow;
use std::fmt;
use std::rc::Rc;

use azure_pec::{Instant, TICKS_PER_SECOND};
use serde::Deserialize;
use serde::de::{DeserializeOwned, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Fault, Place};
use crate::export::is_record_key;
use crate::fields::Fields;
use crate::refusal;

/// Deeper than any export; every reader below may then call itself without fear for the stack.
const DEEPEST: usize = 64;

/// A document's text. Lines are counted when something has to be told of one.
#[derive(Debug)]
pub(crate) struct Document<'d> {
    name: &'d str,
    text: &'d str,
}

/// The text without its byte order mark, if it is UTF-8.
pub(crate) fn utf8<'d>(name: &str, bytes: &'d [u8]) -> Result<&'d str, Error> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    std::str::from_utf8(bytes).map_err(|error| {
        let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        let fault = match error.error_len() {
            // A letter of several bytes that the end of the file cuts.
            None => Fault::Truncated { problem: "within a letter".to_owned() },
            Some(_) => Fault::Encoding,
        };
        fault.at(Place::file(name).at_line(line))
    })
}

impl<'d> Document<'d> {
    /// A JSON text, or several one after the other, not parsed yet.
    pub fn open(name: &'d str, bytes: &'d [u8]) -> Result<Self, Error> {
        let text = utf8(name, bytes)?;
        let document = Self { name, text };
        match too_deep(text) {
            Some(at) => Err(Fault::TooDeep.at(document.place(document.line_at(at), "".to_owned()))),
            None => Ok(document),
        }
    }

    /// The physical line of an offset in the text.
    fn line_at(&self, offset: usize) -> u64 {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1
    }

    fn line_of(&self, raw: &RawValue) -> u64 {
        let offset = raw.get().as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
        self.line_at(offset)
    }

    pub fn place(&self, line: u64, path: String) -> Place {
        Place {
            file: Some(self.name.to_owned()),
            line: Some(line),
            column: Some(path).filter(|path| !path.is_empty()),
        }
    }

    /// The values that stand in the text one after the other; one in most files, one a line in JSON lines.
    pub fn values(&'d self) -> Result<Vec<Value<'d>>, Error> {
        let stream = serde_json::Deserializer::from_str(self.text).into_iter::<&RawValue>();
        let mut values = Vec::new();
        for raw in stream {
            let raw = raw.map_err(|error| self.broken(&error))?;
            values.push(Value::new(self, raw, String::new(), None));
        }
        if values.is_empty() {
            let fault = Fault::Truncated { problem: "it holds nothing".to_owned() };
            return Err(fault.at(Place::file(self.name)));
        }
        Ok(values)
    }

    /// A wrapper that is the whole text, and the members of its list `value` or `data`, found in one pass; none where the
    /// text is anything else.
    pub fn wrapper(&'d self) -> Option<(Fields<'d>, Vec<Value<'d>>)> {
        let mut parser = serde_json::Deserializer::from_str(self.text);
        let Wrapper { entries, key, members } = Wrapper::deserialize(&mut parser).ok()?;
        parser.end().ok()?;
        // Only its path is asked for: what is wrong with a field is told at the field.
        let place = entries.first().map(|(_, raw)| *raw).or(members.first().copied())?;
        let fields = Fields::of(&Value::new(self, place, String::new(), None), entries).ok()?;
        let key: Rc<str> = key.into();
        let member = |(at, raw)| {
            let path = Path::Member(Rc::clone(&key), at);
            Value { document: self, raw, path, record: None }
        };
        Some((fields, members.into_iter().enumerate().map(member).collect()))
    }

    /// The only value of the text.
    pub fn value(&'d self) -> Result<Value<'d>, Error> {
        let mut values = self.values()?.into_iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Ok(value),
            (_, second) => {
                let problem = "expected one document, found another behind it".to_owned();
                let line = second.map_or(1, |value| value.line());
                Err(Fault::JsonMalformed { problem }.at(self.place(line, String::new())))
            }
        }
    }

    /// Text that is no JSON: the column is the one of the character.
    fn broken(&self, error: &serde_json::Error) -> Error {
        let place = self.place(error.line().max(1) as u64, error.column().to_string());
        refusal::json(error).at(place)
    }
}

/// A wrapper around a list: its other fields, the list's key, and what is in the list.
struct Wrapper<'d> {
    entries: Vec<(String, &'d RawValue)>,
    key: String,
    members: Vec<&'d RawValue>,
}

impl<'de> Deserialize<'de> for Wrapper<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WrapperVisitor;

        impl<'de> Visitor<'de> for WrapperVisitor {
            type Value = Wrapper<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a wrapper around a list")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut entries, mut list) = (Vec::new(), None);
                while let Some(key) = map.next_key::<String>()? {
                    if ["value", "data"].iter().any(|name| key.eq_ignore_ascii_case(name)) {
                        if list.replace((key, map.next_value()?)).is_some() {
                            return Err(serde::de::Error::custom("two lists"));
                        }
                    } else if is_record_key(&key) {
                        return Err(serde::de::Error::custom("a record"));
                    } else {
                        entries.push((key, map.next_value()?));
                    }
                }
                let (key, members) = list.ok_or_else(|| serde::de::Error::custom("no list"))?;
                Ok(Wrapper { entries, key, members })
            }
        }

        deserializer.deserialize_map(WrapperVisitor)
    }
}

/// Where the text goes deeper than is read, outside of its strings.
fn too_deep(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut depth, mut at) = (0usize, 0usize);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => at = string_end(bytes, at + 1),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// Where the quote stands that ends the string; behind the text where none does.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(rest) = bytes.get(at..) {
        match memchr::memchr2(b'"', b'\\', rest) {
            Some(next) if rest.get(next) == Some(&b'"') => return at + next,
            // What is escaped is skipped.
            Some(next) => at += next + 2,
            None => break,
        }
    }
    bytes.len()
}

/// The first key of an object, where nothing in it is escaped.
pub(crate) fn first_key(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('{')?.trim_start().strip_prefix('"')?;
    inner.split('"').next().filter(|key| !key.contains('\\'))
}

/// `/Date(1692795957662)/`, as PowerShell 5 writes a time, with or without a zone, which changes nothing.
fn epoch_milliseconds(text: &str) -> Option<Instant> {
    let inner = text.strip_prefix("/Date(")?.strip_suffix(")/")?;
    let zone = inner.rfind(['+', '-']).filter(|at| *at > 0);
    let digits = zone.and_then(|at| inner.get(..at)).unwrap_or(inner);
    let milliseconds: i64 = digits.parse().ok()?;
    milliseconds.checked_mul(TICKS_PER_SECOND / 1000).map(Instant::from_ticks)
}

/// Where a value stands. Of a million members of a list hardly one is told of, so theirs are not written out.
#[derive(Debug, Clone)]
enum Path {
    Written(String),
    Member(Rc<str>, usize),
}

/// A value in its place.
#[derive(Debug, Clone)]
pub(crate) struct Value<'d> {
    document: &'d Document<'d>,
    raw: &'d RawValue,
    path: Path,
    /// The record it is a part of, whose line is told in place of its own.
    record: Option<&'d RawValue>,
}

impl<'d> Value<'d> {
    fn new(
        document: &'d Document<'d>,
        raw: &'d RawValue,
        path: String,
        record: Option<&'d RawValue>,
    ) -> Self {
        Self { document, raw, path: Path::Written(path), record }
    }

    /// The line it starts at; within a record, the line of the record.
    fn line(&self) -> u64 {
        self.document.line_of(self.record.unwrap_or(self.raw))
    }

    /// The same as a record: what is wrong within it is told with the line at which it starts.
    pub fn record(mut self) -> Self {
        self.record = self.record.or(Some(self.raw));
        self
    }

    /// The path of a field below it.
    pub fn path_to(&self, key: &str) -> String {
        let path = self.path();
        if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
    }

    pub fn path(&self) -> Cow<'_, str> {
        match &self.path {
            Path::Written(path) => Cow::Borrowed(path),
            Path::Member(list, at) => Cow::Owned(format!("{list}[{at}]")),
        }
    }

    /// As it is written.
    pub fn written(&self) -> &'d str {
        self.raw.get()
    }

    pub fn is_list(&self) -> bool {
        self.raw.get().starts_with('[')
    }

    pub fn is_object(&self) -> bool {
        self.raw.get().starts_with('{')
    }

    /// The first key of an object, where nothing in it is escaped.
    pub fn first_key(&self) -> Option<&'d str> {
        first_key(self.raw.get())
    }

    pub fn place(&self) -> Place {
        self.document.place(self.line(), self.path().into_owned())
    }

    pub fn fault(&self, fault: Fault) -> Error {
        fault.at(self.place())
    }

    pub fn expected(&self, expected: &str) -> Error {
        let found = match self.raw.get().bytes().next() {
            Some(b'{') => "an object",
            Some(b'[') => "a list",
            Some(b'"') => "text",
            Some(b'n') => "null",
            Some(b't' | b'f') => "true or false",
            _ => "a number",
        };
        self.fault(Fault::JsonMalformed { problem: format!("expected {expected}, found {found}") })
    }

    /// The members of a list.
    pub fn items(&self) -> Result<Vec<Self>, Error> {
        if !self.is_list() {
            return Err(self.expected("a list"));
        }
        let items: Vec<&'d RawValue> = self.plain()?;
        let own = |(at, raw)| Self::new(self.document, raw, format!("{}[{at}]", self.path()), None);
        Ok(items.into_iter().enumerate().map(own).collect())
    }

    /// The fields of an object.
    pub fn fields(&self) -> Result<Fields<'d>, Error> {
        if !self.is_object() {
            return Err(self.expected("an object"));
        }
        Fields::read(self)
    }

    /// As serde reads it, with no path below it.
    pub fn plain<T: Deserialize<'d>>(&self) -> Result<T, Error> {
        serde_json::from_str(self.raw.get()).map_err(|error| self.fault(refusal::json(&error)))
    }

    /// The field of that name; it belongs to the same record.
    pub fn child(&self, key: &str, raw: &'d RawValue) -> Self {
        Self::new(self.document, raw, self.path_to(key), self.record)
    }

    /// A text.
    pub fn text(&self) -> Result<String, Error> {
        serde_json::from_str(self.raw.get()).map_err(|_| self.expected("text"))
    }

    /// A time: as everywhere, or `/Date(1692795957662)/`.
    pub fn time(&self) -> Result<Instant, Error> {
        let text = self.text()?;
        let text = text.trim();
        let parsed = epoch_milliseconds(text).map_or_else(|| text.parse(), Ok);
        parsed.map_err(|error| self.fault(Fault::Value(error)))
    }

    /// A value of the model. What is wrong in it is told with the path below this value.
    pub fn typed<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.typed_at(|_, _| self.line())
    }

    /// The same for a whole document: told with the line of the list member it is in, or else of the field itself.
    pub fn typed_document<T: DeserializeOwned>(&self) -> Result<T, Error> {
        self.typed_at(|path, line_within| {
            let member = self.first_list_member(path);
            member.unwrap_or_else(|| self.line().saturating_add(line_within).saturating_sub(1))
        })
    }

    fn typed_at<T: DeserializeOwned>(
        &self,
        line: impl Fn(&serde_path_to_error::Path, u64) -> u64,
    ) -> Result<T, Error> {
        let mut parser = serde_json::Deserializer::from_str(self.raw.get());
        serde_path_to_error::deserialize(&mut parser).map_err(|error| {
            let path = refusal::path(&self.path(), error.path(), &error.inner().to_string());
            let line = line(error.path(), error.inner().line().max(1) as u64);
            refusal::json(error.inner()).at(self.document.place(line, path))
        })
    }

    /// The line of the first member of a list on the way.
    fn first_list_member(&self, path: &serde_path_to_error::Path) -> Option<u64> {
        use serde_path_to_error::Segment;
        let mut value = self.clone();
        for segment in path.iter() {
            match segment {
                Segment::Map { key } => value = value.fields().ok()?.get(key)?,
                Segment::Seq { index } => {
                    return value.items().ok()?.get(*index).map(Self::line);
                }
                Segment::Enum { .. } | Segment::Unknown => return None,
            }
        }
        None
    }
}
