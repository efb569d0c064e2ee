//! JSON with places: every value knows the physical line it starts at and its path in the document.

use std::borrow::Cow;
use std::ops::Range;
use std::rc::Rc;

use azure_pec::{Instant, TICKS_PER_SECOND};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use crate::error::{Error, Fault, Place};
use crate::export::is_record_key;
use crate::fields::{Entry, Fields};
use crate::json_outline::{WrappedList, outline};
use crate::refusal;
use crate::side_by_side::side_by_side;

/// Deeper than any export; every reader below may then call itself without fear for the stack.
const DEEPEST: usize = 64;
/// A thread more is worth its start for so many members of a list.
const WORTH_A_THREAD: usize = 4096;

/// A document's text. Lines are counted when something has to be told of one.
#[derive(Debug)]
pub(crate) struct Document<'d> {
    name: &'d str,
    text: &'d str,
    list: Option<WrappedList>,
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
        let mut document = Self { name, text, list: None };
        match outline(text, DEEPEST) {
            Err(at) => Err(Fault::TooDeep.at(document.place(document.line_at(at), "".to_owned()))),
            Ok(list) => {
                document.list = list;
                Ok(document)
            }
        }
    }

    /// The physical line of an offset in the text.
    fn line_at(&self, offset: usize) -> u64 {
        let before = self.text.as_bytes().get(..offset).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() as u64 + 1
    }

    fn line_of(&self, raw: &str) -> u64 {
        let offset = raw.as_ptr().addr().saturating_sub(self.text.as_ptr().addr());
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
            values.push(Value::new(self, raw.get(), String::new(), None));
        }
        if values.is_empty() {
            let fault = Fault::Truncated { problem: "it holds nothing".to_owned() };
            return Err(fault.at(Place::file(self.name)));
        }
        Ok(values)
    }

    /// A wrapper that is the whole text, and the members of its list `value` or `data`; none where the text is anything
    /// else. The members are not parsed yet: the text is known to be JSON only when every one of them was read, or
    /// [`Self::check`] finds nothing wrong.
    pub fn wrapper(&'d self) -> Option<(Fields<'d>, Vec<Value<'d>>)> {
        let list = self.list.as_ref()?;
        let is_list = |key: &str| ["value", "data"].iter().any(|name| key.eq_ignore_ascii_case(name));
        let Wrapper { key, entries } = Wrapper::around(self.text, list, is_list, is_record_key)?;
        let raw = |range: &Range<usize>| self.text.get(range.clone());
        // Only its path is asked for: what is wrong with a field is told at the field.
        let place = entries.first().map(|(_, raw)| raw.get()).or(list.members.first().and_then(raw))?;
        let fields = Fields::of(&Value::new(self, place, String::new(), None), entries).ok()?;
        let members = list.members.iter().enumerate().map(|(at, range)| {
            let path = Path::Member(Rc::clone(&key), at);
            Some(Value { document: self, raw: raw(range)?, path, record: None })
        });
        Some((fields, members.collect::<Option<_>>()?))
    }

    /// The fields of the one object that the text is, and its list of this name, whose members are read on so many threads
    /// and made into something, each with its place; none where the text is anything else, the list is not the longest of
    /// its objects, or something in it is wrong.
    pub fn object_with<T: Deserialize<'d>, M: Send>(
        &'d self,
        list: &str,
        threads: usize,
        make: impl Fn(usize, T) -> Option<M> + Sync,
    ) -> Option<(Fields<'d>, Vec<M>)> {
        let found = self.list.as_ref()?;
        let Wrapper { entries, .. } = Wrapper::around(self.text, found, |key| key == list, |_| false)?;
        let read = |(start, members): (usize, &[Range<usize>])| -> Option<Vec<M>> {
            let read = members.iter().enumerate().map(|(at, member)| {
                let member = serde_json::from_str(self.text.get(member.clone())?).ok()?;
                make(start + at, member)
            });
            read.collect()
        };
        let share = found.members.len().div_ceil(threads.max(1)).max(WORTH_A_THREAD);
        let shares = found.members.chunks(share).enumerate().map(|(at, members)| (at * share, members));
        let parts = side_by_side(shares.map(|share| move || read(share)).collect());
        let mut all = Vec::with_capacity(found.members.len());
        for part in parts {
            all.append(&mut part?);
        }
        let of = Value::new(self, blank(self.text), String::new(), None);
        Some((Fields::of(&of, entries).ok()?, all))
    }

    /// Parses the whole text.
    ///
    /// # Errors
    /// `json.malformed` where it is no JSON, `input.truncated` where it ends early.
    pub fn check(&self) -> Result<(), Error> {
        let mut stream = serde_json::Deserializer::from_str(self.text).into_iter::<&RawValue>();
        stream.try_for_each(|raw| raw.map(drop).map_err(|error| self.broken(&error)))
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

/// A wrapper around a list: the list's key, and the other fields.
struct Wrapper<'d> {
    key: Rc<str>,
    entries: Vec<Entry<'d>>,
}

impl<'d> Wrapper<'d> {
    /// What stands around the list in a text that is one object; none where the list has another key than one of its own,
    /// where there are two such keys, or one that no wrapper has.
    fn around(
        text: &'d str,
        list: &WrappedList,
        is_list: impl Fn(&str) -> bool,
        is_foreign: impl Fn(&str) -> bool,
    ) -> Option<Self> {
        let (mut entries, mut found): (Vec<Entry<'_>>, Option<Rc<str>>) = (Vec::new(), None);
        let mut rest = blank(text).strip_prefix('{')?;
        loop {
            let key = first_value(blank(rest)).filter(|key| key.get().starts_with('"'))?;
            rest = blank(blank(rest).get(key.get().len()..)?);
            rest = blank(rest.strip_prefix(':')?);
            let key = text_of(key.get())?;
            let is_list = is_list(&key);
            if is_list && text.len() - rest.len() == list.range.start {
                found = Some((&*key).into());
                rest = text.get(list.range.end..)?;
            } else if is_list || is_foreign(&key) {
                return None;
            } else {
                let value = first_value(rest)?;
                entries.push((key, value));
                rest = rest.get(value.get().len()..)?;
            }
            rest = blank(rest);
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        let is_whole = blank(rest.strip_prefix('}')?).is_empty();
        Some(Self { key: found.filter(|_| is_whole)?, entries })
    }
}

/// A text without the blanks at its beginning.
fn blank(text: &str) -> &str {
    text.trim_start_matches([' ', '\t', '\n', '\r'])
}

/// The JSON value at the beginning of a text.
pub(crate) fn first_value(text: &str) -> Option<&RawValue> {
    serde_json::Deserializer::from_str(text).into_iter::<&RawValue>().next()?.ok()
}

/// The text that a JSON value is; as it is written, where nothing in it is escaped.
pub(crate) fn text_of(raw: &str) -> Option<Cow<'_, str>> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    match inner.contains('\\') {
        true => serde_json::from_str(raw).ok().map(Cow::Owned),
        false => Some(Cow::Borrowed(inner)),
    }
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
    raw: &'d str,
    path: Path,
    /// The record it is a part of, whose line is told in place of its own.
    record: Option<&'d str>,
}

impl<'d> Value<'d> {
    fn new(document: &'d Document<'d>, raw: &'d str, path: String, record: Option<&'d str>) -> Self {
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
        self.raw
    }

    pub fn is_list(&self) -> bool {
        self.raw.starts_with('[')
    }

    pub fn is_object(&self) -> bool {
        self.raw.starts_with('{')
    }

    /// The first key of an object, where nothing in it is escaped.
    pub fn first_key(&self) -> Option<&'d str> {
        first_key(self.raw)
    }

    pub fn place(&self) -> Place {
        self.document.place(self.line(), self.path().into_owned())
    }

    pub fn fault(&self, fault: Fault) -> Error {
        fault.at(self.place())
    }

    pub fn expected(&self, expected: &str) -> Error {
        let found = match self.raw.bytes().next() {
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
        let own = |(at, raw): (usize, &'d RawValue)| {
            Self::new(self.document, raw.get(), format!("{}[{at}]", self.path()), None)
        };
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
        serde_json::from_str(self.raw).map_err(|error| self.fault(refusal::json(&error)))
    }

    /// The field of that name; it belongs to the same record.
    pub fn child(&self, key: &str, raw: &'d RawValue) -> Self {
        Self::new(self.document, raw.get(), self.path_to(key), self.record)
    }

    /// A text.
    pub fn text(&self) -> Result<String, Error> {
        serde_json::from_str(self.raw).map_err(|_| self.expected("text"))
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
        // Most is as it should be: only what is not is gone through again, with its path.
        if let Ok(value) = serde_json::from_str(self.raw) {
            return Ok(value);
        }
        let mut parser = serde_json::Deserializer::from_str(self.raw);
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
