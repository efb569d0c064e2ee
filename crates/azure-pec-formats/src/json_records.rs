//! JSON records as rows of a table: the keys that a reader asks for are its columns, in any case and order.

use std::borrow::Cow;
use std::fmt;
use std::io::Read;

use csv::ByteRecord;
use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Fault, Place};
use crate::header::Header;
use crate::json_split::{Splitter, is_by_line};
use crate::refusal;
use crate::source::Source;
use crate::table::{Fields, Row};

/// So much of the beginning says how the records stand.
const HEAD_BYTES: usize = 64 * 1024;
/// Spellings of keys that are remembered; records of one file have a few dozen.
const MOST_KEYS: usize = 1024;

/// The names of a column, the usual one first.
pub(crate) type Names = &'static [&'static str];

/// Records that are being read.
pub(crate) struct JsonRecords {
    name: String,
    splitter: Splitter,
    parser: JsonParser,
    raw: Vec<u8>,
    record: ByteRecord,
    failed: Option<Error>,
}

/// Makes the texts of columns out of records.
pub(crate) struct JsonParser {
    header: Header,
    keys: Keys,
    /// The texts of the record at hand, one for each column.
    texts: Vec<Text>,
}

/// A text of the record at hand, in room that the next one uses again.
#[derive(Default, Clone)]
struct Text {
    text: String,
    /// The place of its key among the names of its column, where there is a text.
    rank: usize,
}

/// Whose a key is: its column, and its place among the column's names; none where nobody asks for it.
type Column = Option<(usize, usize)>;

/// Which column a key belongs to.
struct Keys {
    columns: Vec<Names>,
    wanted: Vec<bool>,
    known: IndexMap<Box<str>, KnownKey, FxBuildHasher>,
    /// The key of the record at hand that was met last, by its place among those that are known.
    last: Option<usize>,
    /// The keys as the file writes them.
    spelled: Vec<Option<String>>,
}

struct KnownKey {
    column: Column,
    /// Which key came behind it the last time: records mostly have the same keys in the same order.
    next: usize,
}

impl JsonRecords {
    /// Opens a source. Its header has the first name of each column until a record shows how the file spells it.
    pub fn open(source: &Source, columns: Vec<Names>) -> Result<Self, Error> {
        Ok(Self {
            name: source.name().to_owned(),
            splitter: splitter(source, source.reader_to_keep()?)?,
            parser: JsonParser::new(columns),
            raw: Vec::new(),
            record: ByteRecord::new(),
            failed: None,
        })
    }

    pub fn header(&self) -> &Header {
        &self.parser.header
    }

    /// The columns that will be asked for.
    pub fn want(&mut self, wanted: &[usize]) {
        self.parser.want(wanted);
    }

    pub fn place(&self, line: u64) -> Place {
        Place::file(&self.name).at_line(line)
    }

    /// The key of a column as the file spells it.
    pub fn column_name(&self, column: usize) -> &str {
        self.parser.column_name(column)
    }

    /// The next record, none at the end.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        match self.splitter.next(&mut self.raw) {
            Ok(None) => Ok(None),
            Ok(Some(line)) => {
                let parsed = self.parser.parse(&self.raw);
                self.record.clear();
                self.parser.texts().for_each(|text| self.record.push_field(text.as_bytes()));
                let fields = parsed.and_then(|()| Fields::of(&self.record).map_err(|fault| (fault, None)));
                Ok(Some(Row { line, raw: &self.raw, fields }))
            }
            Err((fault, line)) => {
                let error = fault.at(self.place(line));
                self.failed = Some(error.clone());
                Err(error)
            }
        }
    }
}

/// The records of a source, one after the other.
pub(crate) fn splitter(source: &Source, reader: Box<dyn Read + Send>) -> Result<Splitter, Error> {
    let by_line = is_by_line(&source.head(HEAD_BYTES)?);
    Ok(Splitter::new(reader, by_line))
}

impl JsonParser {
    pub fn new(columns: Vec<Names>) -> Self {
        let names = columns.iter().map(|names| names.first().copied().unwrap_or_default());
        let header = Header::of(names);
        let texts = vec![Text::default(); columns.len()];
        Self { header, keys: Keys::new(columns), texts }
    }

    /// The first name of each column.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The columns that will be asked for; the others are not even looked at.
    pub fn want(&mut self, wanted: &[usize]) {
        for (at, place) in self.keys.wanted.iter_mut().enumerate() {
            *place = wanted.contains(&at);
        }
    }

    /// The key of a column as the first record that has it spells it.
    pub fn column_name(&self, column: usize) -> &str {
        let spelled = self.keys.spelled.get(column).and_then(Option::as_deref);
        spelled.unwrap_or_else(|| self.header.name(column))
    }

    /// The texts of the last record that was parsed, one for each column.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| text.text.as_str())
    }

    /// Reads a record.
    pub fn parse(&mut self, record: &[u8]) -> Result<(), (Fault, Option<usize>)> {
        self.texts.iter_mut().for_each(|text| text.text.clear());
        self.keys.last = None;
        let text = simdutf8::basic::from_utf8(record).map_err(|_| (Fault::Encoding, None))?;
        let mut faulty = None;
        let mut parser = serde_json::Deserializer::from_str(text);
        let record = Record { keys: &mut self.keys, texts: &mut self.texts, faulty: &mut faulty };
        let read = record.deserialize(&mut parser).and_then(|()| parser.end());
        match faulty {
            Some(faulty) => Err(faulty),
            None => read.map_err(|error| (refusal::json(&error), None)),
        }
    }
}

impl Text {
    /// Keeps a text. Of two names of one column the usual one counts, where it has a text.
    fn put(&mut self, rank: usize, text: &str) -> Result<(), Fault> {
        if text.is_empty() {
            return Ok(());
        }
        if self.text.is_empty() || rank < self.rank {
            self.text.clear();
            self.text.push_str(text);
            self.rank = rank;
        } else if rank == self.rank && self.text != text {
            return Err(Fault::JsonMalformed {
                problem: "the field stands twice, with two values".to_owned(),
            });
        }
        Ok(())
    }
}

impl Keys {
    fn new(columns: Vec<Names>) -> Self {
        let (wanted, spelled) = (vec![true; columns.len()], vec![None; columns.len()]);
        Self { columns, wanted, known: IndexMap::default(), last: None, spelled }
    }

    /// Whose the next key of the record at hand is.
    fn next(&mut self, key: &str) -> Column {
        let before = self.last.and_then(|last| self.known.get_index(last));
        let guess = before.map_or(0, |(_, before)| before.next);
        if let Some((_, known)) = self.known.get_index(guess).filter(|(known, _)| ***known == *key) {
            self.last = Some(guess);
            return known.column;
        }
        let place = self.known.get_index_of(key).or_else(|| self.learn(key));
        if let Some(place) = place
            && let Some((_, before)) = self.last.and_then(|last| self.known.get_index_mut(last))
        {
            before.next = place;
        }
        self.last = place;
        match place.and_then(|place| self.known.get_index(place)) {
            Some((_, known)) => known.column,
            None => self.column(key),
        }
    }

    /// Remembers a key, unless there are too many.
    fn learn(&mut self, key: &str) -> Option<usize> {
        if self.known.len() == MOST_KEYS {
            return None;
        }
        let column = self.column(key);
        Some(self.known.insert_full(Box::from(key), KnownKey { column, next: 0 }).0)
    }

    fn column(&mut self, key: &str) -> Column {
        let place = |names: &Names| names.iter().position(|name| name.eq_ignore_ascii_case(key));
        let mut columns =
            self.columns.iter().zip(&self.wanted).enumerate().filter(|(_, (_, wanted))| **wanted);
        let column = columns.find_map(|(at, (names, _))| Some((at, place(names)?)));
        if let Some(spelled) = column.and_then(|(at, _)| self.spelled.get_mut(at)) {
            spelled.get_or_insert_with(|| key.to_owned());
        }
        column
    }
}

/// Reads one record into the texts of its columns.
struct Record<'r> {
    keys: &'r mut Keys,
    texts: &'r mut [Text],
    faulty: &'r mut Option<(Fault, Option<usize>)>,
}

impl<'de> DeserializeSeed<'de> for Record<'_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Record<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(column) = map.next_key_seed(Key(self.keys))? {
            let Some((column, rank)) = column else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            let read = text(map.next_value::<&RawValue>()?);
            let Some(place) = self.texts.get_mut(column) else { continue };
            match read.and_then(|text| place.put(rank, &text)) {
                Ok(()) => {}
                Err(fault) => {
                    self.faulty.get_or_insert((fault, Some(column)));
                }
            }
        }
        Ok(())
    }
}

/// A key, looked up without a copy of it.
struct Key<'k>(&'k mut Keys);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Column;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.next(key))
    }
}

/// A text, or a number, true or false as it stands, digit by digit; null is none, as an empty text is.
fn text(raw: &RawValue) -> Result<Cow<'_, str>, Fault> {
    let raw = raw.get();
    match raw.bytes().next() {
        Some(b'n') => Ok("".into()),
        Some(b'"') if !raw.contains('\\') => Ok(raw.get(1..raw.len() - 1).unwrap_or_default().into()),
        Some(b'"') => serde_json::from_str(raw).map(Cow::Owned).map_err(|error| refusal::json(&error)),
        Some(b'{' | b'[') => {
            Err(Fault::JsonMalformed { problem: "expected a text or a number, found more".to_owned() })
        }
        _ => Ok(raw.into()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parser() -> JsonParser {
        let mut parser = JsonParser::new(vec![&["One", "Uno"], &["Two"], &["Three"], &["Unasked"]]);
        parser.want(&[0, 1, 2]);
        parser
    }

    /// What it makes of a record.
    fn read(parser: &mut JsonParser, record: &str) -> Result<Vec<String>, (Fault, Option<usize>)> {
        parser.parse(record.as_bytes())?;
        Ok(parser.texts().map(str::to_owned).collect())
    }

    proptest! {
        /// Which keys came before, and in what order, changes nothing: some are left out, stand twice or are strange.
        #[test]
        fn a_record_says_what_it_says_alone(
            records in prop::collection::vec(
                prop::collection::vec(
                    (
                        prop::sample::select(vec!["One", "ONE", "Uno", "Two", "two", "Three", "Unasked", "other", ""]),
                        prop::sample::select(vec!["1", "\"1\"", "null", "\"\"", "\"a\\\"b\"", "true", "2.50", "[1]", "{}"]),
                    ),
                    0..9,
                ),
                1..12,
            ),
        ) {
            let mut one = parser();
            for record in records {
                let members: Vec<_> = record.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
                let record = format!("{{{}}}", members.join(", "));
                prop_assert_eq!(read(&mut one, &record), read(&mut parser(), &record), "{}", record);
            }
        }
    }

    #[test]
    fn values_are_texts_as_they_stand() {
        let record =
            r#"{"Two": 1.50, "uno": "a\"b\u00e9", "three": true, "One": null, "Unasked": {"Two": 3}}"#;
        assert_eq!(read(&mut parser(), record).unwrap(), ["a\"bé", "1.50", "true", ""]);
        let record = r#"{"Uno": "the other name", "One": "the usual one", "Two": "2", "two": "2"}"#;
        assert_eq!(read(&mut parser(), record).unwrap(), ["the usual one", "2", "", ""]);
        let twice = read(&mut parser(), r#"{"Two": "2", "two": "3"}"#).unwrap_err();
        assert_eq!((twice.0.code(), twice.1), ("json.malformed", Some(1)));
    }
}
