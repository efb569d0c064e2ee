//! The fields of a JSON object, found by name in any case, each in its place.

use std::borrow::Cow;
use std::fmt;

use azure_pec::Instant;
use rustc_hash::FxHashSet;
use serde::Deserialize;
use serde::de::{DeserializeSeed, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Fault};
use crate::json::{Value, text_of};

/// A field as it is written.
pub(crate) type Entry<'d> = (Cow<'d, str>, &'d RawValue);

/// The fields of an object. Azure's tools differ in the case of keys, so they are found in any case.
#[derive(Debug)]
pub(crate) struct Fields<'d> {
    of: Value<'d>,
    entries: Vec<Entry<'d>>,
}

impl<'d> Fields<'d> {
    /// The fields of a value that is an object; no key twice, whatever its case.
    pub fn read(of: &Value<'d>) -> Result<Self, Error> {
        let Entries(entries) = of.plain()?;
        Self::of(of, entries)
    }

    /// The entries of an object.
    pub fn of(of: &Value<'d>, entries: Vec<Entry<'d>>) -> Result<Self, Error> {
        if let Some((key, raw)) = twice(&entries) {
            let problem = format!("the key {key:?} stands twice");
            return Err(of.child(key, raw).fault(Fault::JsonMalformed { problem }));
        }
        Ok(Self { entries, of: of.clone() })
    }

    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(key, _)| &**key)
    }

    pub fn has(&self, key: &str) -> bool {
        self.keys().any(|own| own.eq_ignore_ascii_case(key))
    }

    /// Every field with its value, null too.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'d>)> {
        self.entries.iter().map(|(key, raw)| (&**key, self.of.child(key, raw)))
    }

    /// A field that is there and not null, as it is written.
    fn entry(&self, key: &str) -> Option<&Entry<'d>> {
        let entry = self.entries.iter().find(|(own, _)| own.eq_ignore_ascii_case(key))?;
        (entry.1.get() != "null").then_some(entry)
    }

    /// Whether a field is there and not null.
    pub fn holds(&self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// A field that is there and not null.
    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        self.entry(key).map(|(own, raw)| self.of.child(own, raw))
    }

    /// The fields of an object below; none where there is none.
    pub fn below(&self, key: &str) -> Result<Option<Self>, Error> {
        self.get(key).map(|value| value.fields()).transpose()
    }

    /// A text; none where it is absent, null or blank.
    pub fn text(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(self.told(key)?.map(Cow::into_owned))
    }

    /// The same, as it is written where nothing in it is escaped.
    pub fn told(&self, key: &str) -> Result<Option<Cow<'d, str>>, Error> {
        let Some((own, raw)) = self.entry(key) else { return Ok(None) };
        let text = text_of(raw.get()).ok_or_else(|| self.of.child(own, raw).expected("text"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// A value of the model that is written as text; none where it is absent, null or blank.
    pub fn parse<T: std::str::FromStr<Err = azure_pec::Error>>(&self, key: &str) -> Result<Option<T>, Error> {
        let Some(text) = self.told(key)? else { return Ok(None) };
        let placed = |error| match self.get(key) {
            Some(value) => value.fault(Fault::Value(error)),
            None => self.of.fault(Fault::Value(error)),
        };
        text.trim().parse().map(Some).map_err(placed)
    }

    /// A time: as everywhere, or as PowerShell 5 writes it, `/Date(1692795957662)/`, also within an object. A time
    /// that is written for a place (`4/20/2018 9:18:07 PM`) is refused: its zone is not known.
    pub fn time(&self, key: &str) -> Result<Option<Instant>, Error> {
        let Some((own, raw)) = self.entry(key) else { return Ok(None) };
        // As most are written.
        if let Some(time) = text_of(raw.get()).and_then(|text| text.trim().parse().ok()) {
            return Ok(Some(time));
        }
        let value = self.of.child(own, raw);
        if value.is_object() {
            return value.fields()?.time("value");
        }
        match value.text()?.trim() {
            "" => Ok(None),
            _ => value.time().map(Some),
        }
    }

    /// Yes or no, also as a text.
    pub fn truth(&self, key: &str) -> Result<Option<bool>, Error> {
        let Some(value) = self.get(key) else { return Ok(None) };
        let text = value.text().ok().map(|text| text.trim().to_ascii_lowercase());
        match text.as_deref().unwrap_or(value.written()) {
            "true" => Ok(Some(true)),
            "false" => Ok(Some(false)),
            "" => Ok(None),
            _ => Err(value.expected("true or false")),
        }
    }

    /// Texts in a list; one alone may stand without it.
    pub fn texts(&self, key: &str) -> Result<Vec<String>, Error> {
        match self.get(key) {
            None => Ok(Vec::new()),
            Some(value) if value.is_list() => value.items()?.iter().map(Value::text).collect(),
            Some(value) => Ok(vec![value.text()?]),
        }
    }

    /// Where the object stands in its document.
    pub fn path(&self) -> Cow<'_, str> {
        self.of.path()
    }

    /// The error for a field that has to be there.
    pub fn missing(&self, key: &str, expected: &str) -> Error {
        let mut error =
            self.of.fault(Fault::JsonMalformed { problem: format!("{key} is missing: expected {expected}") });
        error.place.column = Some(self.of.path_to(key));
        error
    }

    /// Refuses a field that is none of these.
    pub fn only(&self, known: &[&str]) -> Result<(), Error> {
        match self.iter().find(|(key, _)| !known.contains(key)) {
            None => Ok(()),
            Some((key, value)) => Err(value.fault(Fault::JsonMalformed {
                problem: format!("unknown field {key:?}: expected {}", known.join(", ")),
            })),
        }
    }
}

/// A key that stands there before, in whatever case. Records have few keys, and wide ones are looked up.
fn twice<'e, 'd>(entries: &'e [Entry<'d>]) -> Option<&'e Entry<'d>> {
    const FEW: usize = 24;
    if entries.len() > FEW {
        let mut seen = FxHashSet::default();
        return entries.iter().find(|(key, _)| !seen.insert(key.to_ascii_lowercase()));
    }
    let mut before: &[Entry<'_>] = &[];
    entries.iter().enumerate().find_map(|(at, entry)| {
        let met = before.iter().any(|(key, _)| key.eq_ignore_ascii_case(&entry.0));
        before = entries.get(..=at).unwrap_or_default();
        met.then_some(entry)
    })
}

/// A key, as it is written where nothing in it is escaped.
pub(crate) struct KeyText;

impl<'de> DeserializeSeed<'de> for KeyText {
    type Value = Cow<'de, str>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for KeyText {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(key))
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(key.to_owned()))
    }
}

/// The entries of an object in their order, not looked at yet.
struct Entries<'d>(Vec<Entry<'d>>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor;

        impl<'de> Visitor<'de> for EntriesVisitor {
            type Value = Entries<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(key) = map.next_key_seed(KeyText)? {
                    entries.push((key, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor)
    }
}
