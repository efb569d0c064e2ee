//! One record of an activity log, in any of its four shapes: as the service answers it, as a diagnostic setting writes
//! it, as a row of the AzureActivity table, as PowerShell prints it.

use std::borrow::Cow;
use std::fmt;

use azure_pec::Instant;
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Fault};
use crate::json::Value;

/// The fields that are looked at, by length; every other one is skipped. A record has few of them, whatever its shape.
const FIELDS: [&str; 23] = [
    "time",
    "status",
    "caller",
    "tenantId",
    "hierarchy",
    "properties",
    "resultType",
    "resourceId",
    "operationId",
    "_resourceId",
    "eventDataId",
    "description",
    "properties_d",
    "operationName",
    "authorization",
    "timeGenerated",
    "correlationId",
    "activityStatus",
    "eventTimestamp",
    "subscriptionId",
    "authorization_d",
    "operationNameValue",
    "activityStatusValue",
];

/// How far an operation had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    Begun,
    Succeeded,
    Failed,
    /// Accepted, running, or a word that says nothing of these.
    Under,
}

/// A record whose fields stand in their places, not looked into yet.
#[derive(Debug)]
pub(crate) struct LogRecord<'d> {
    of: Value<'d>,
    slots: [Option<&'d RawValue>; FIELDS.len()],
}

impl<'d> LogRecord<'d> {
    pub fn new(of: &Value<'d>) -> Result<Self, Error> {
        if !of.is_object() {
            return Err(of.expected("an object"));
        }
        let Slots { slots, twice } = of.plain()?;
        if let Some(key) = twice.and_then(|at| FIELDS.get(at)) {
            let problem = format!("the key {key:?} stands twice");
            return Err(of.fault(Fault::JsonMalformed { problem }));
        }
        Ok(Self { of: of.clone(), slots })
    }

    fn raw(&self, key: &str) -> Option<&'d RawValue> {
        let at = FIELDS.iter().position(|field| *field == key)?;
        self.slots.get(at).copied().flatten().filter(|raw| raw.get() != "null")
    }

    /// A text, or the `value` of a text that is told in two languages.
    pub fn text(&self, key: &str) -> Result<Option<Cow<'d, str>>, Error> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        let raw = match raw.get().starts_with('{') {
            true => pick(raw, "value").unwrap_or(raw),
            false => raw,
        };
        let text = text_of(raw).ok_or_else(|| self.of.child(key, raw).expected("text"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// The first of these fields that holds a text.
    pub fn first(&self, keys: &[&str]) -> Result<Option<Cow<'d, str>>, Error> {
        for key in keys {
            if let Some(text) = self.text(key)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The operation's name, `Microsoft.Authorization/roleAssignments/write`; where only a name for people is given,
    /// the action that was authorized.
    pub fn operation(&self) -> Result<Option<Cow<'d, str>>, Error> {
        let mut named = None;
        for key in ["operationNameValue", "operationName"] {
            match self.text(key)? {
                Some(text) if text.contains('/') => return Ok(Some(text)),
                text => named = named.or(text),
            }
        }
        match self.authorization("action") {
            Some(action) if action.contains('/') => Ok(Some(Cow::Owned(action))),
            _ => Ok(named),
        }
    }

    /// When the event happened.
    pub fn time(&self) -> Result<Instant, Error> {
        for key in ["eventTimestamp", "time", "timeGenerated"] {
            if let Some(raw) = self.raw(key) {
                return self.of.child(key, raw).time();
            }
        }
        let mut missing = self.of.fault(Fault::JsonMalformed {
            problem: "eventTimestamp is missing: expected when the event happened".to_owned(),
        });
        missing.place.column = Some(self.of.path_to("eventTimestamp"));
        Err(missing)
    }

    pub fn phase(&self) -> Result<Phase, Error> {
        let word = self.first(&["activityStatusValue", "activityStatus", "resultType", "status"])?;
        Ok(match word.unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "start" | "started" | "begin" => Phase::Begun,
            "success" | "succeeded" | "succeed" => Phase::Succeeded,
            "failed" | "failure" | "fail" | "error" | "canceled" | "cancelled" => Phase::Failed,
            _ => Phase::Under,
        })
    }

    /// A text of the authorization, which the table holds as a JSON text too. What it says under `evidence` is the
    /// caller's own right and never asked for.
    pub fn authorization(&self, key: &str) -> Option<String> {
        let value = self.object("authorization").or_else(|| self.object("authorization_d"))?;
        find(&value, key)?.as_str().map(str::to_owned)
    }

    /// The properties, out of a JSON text or PowerShell's `Content` where they stand in one.
    pub fn properties(&self) -> serde_json::Value {
        let value = self.object("properties").or_else(|| self.object("properties_d")).unwrap_or_default();
        match find(&value, "Content") {
            Some(content) if content.is_object() => content.clone(),
            _ => value,
        }
    }

    fn object(&self, key: &str) -> Option<serde_json::Value> {
        let value: serde_json::Value = serde_json::from_str(self.raw(key)?.get()).ok()?;
        Some(unfold(value)).filter(serde_json::Value::is_object)
    }

    /// `tenant/group/.../subscription`, where the record says it.
    pub fn hierarchy(&self) -> Option<Cow<'d, str>> {
        if let Some(raw) = self.raw("hierarchy") {
            return text_of(raw);
        }
        // Looked for before it is parsed: few records have it.
        let says = |raw: &&RawValue| raw.get().contains("ierarchy");
        let raw = self.raw("properties").filter(says).or_else(|| self.raw("properties_d").filter(says))?;
        if raw.get().starts_with('{') {
            return text_of(pick(raw, "hierarchy")?);
        }
        find(&self.properties(), "hierarchy")?.as_str().map(|text| Cow::Owned(text.to_owned()))
    }

    /// What a person finds it by.
    pub fn label(&self, number: usize) -> String {
        let id = self.first(&["eventDataId", "operationId", "correlationId"]).ok().flatten();
        id.map_or_else(|| format!("event {number}"), |id| id.trim().to_owned())
    }
}

/// A text as it is written, where nothing in it is escaped.
fn text_of(raw: &RawValue) -> Option<Cow<'_, str>> {
    let inner = raw.get().strip_prefix('"')?.strip_suffix('"')?;
    if inner.contains('\\') {
        serde_json::from_str(raw.get()).ok().map(Cow::Owned)
    } else {
        Some(Cow::Borrowed(inner))
    }
}

/// The JSON in a text; anything else as it is.
pub(crate) fn unfold(value: serde_json::Value) -> serde_json::Value {
    let inner = value.as_str().and_then(|text| serde_json::from_str(text).ok());
    inner.unwrap_or(value)
}

/// The field of an object, in any case.
pub(crate) fn find<'v>(value: &'v serde_json::Value, key: &str) -> Option<&'v serde_json::Value> {
    let mut fields = value.as_object()?.iter();
    fields.find(|(own, value)| own.eq_ignore_ascii_case(key) && !value.is_null()).map(|(_, value)| value)
}

/// The field of an object, not looked into.
fn pick<'d>(object: &'d RawValue, key: &str) -> Option<&'d RawValue> {
    let mut parser = serde_json::Deserializer::from_str(object.get());
    Pick(key).deserialize(&mut parser).ok().flatten()
}

struct Pick<'k>(&'k str);

impl<'de> DeserializeSeed<'de> for Pick<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Pick<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(place) = map.next_key_seed(KeyAmong(&[self.0]))? {
            match place {
                Some(_) => found = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// The place of a key among some that stand by length, in any case.
struct KeyAmong<'k>(&'k [&'k str]);

impl<'de> DeserializeSeed<'de> for KeyAmong<'_> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for KeyAmong<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        // They stand by length, so that most keys are told apart by it.
        let first = self.0.partition_point(|own| own.len() < key.len());
        let long = self.0.iter().enumerate().skip(first).take_while(|(_, own)| own.len() == key.len());
        Ok(long.into_iter().find(|(_, own)| own.eq_ignore_ascii_case(key)).map(|(at, _)| at))
    }
}

#[derive(Default)]
struct Slots<'d> {
    slots: [Option<&'d RawValue>; FIELDS.len()],
    twice: Option<usize>,
}

impl<'de> Deserialize<'de> for Slots<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SlotsVisitor;

        impl<'de> Visitor<'de> for SlotsVisitor {
            type Value = Slots<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut read = Slots::default();
                while let Some(place) = map.next_key_seed(KeyAmong(&FIELDS))? {
                    match place.and_then(|at| Some((at, read.slots.get_mut(at)?))) {
                        None => drop(map.next_value::<IgnoredAny>()?),
                        Some((at, slot)) => {
                            if slot.replace(map.next_value()?).is_some() {
                                read.twice = Some(at);
                            }
                        }
                    }
                }
                Ok(read)
            }
        }

        deserializer.deserialize_map(SlotsVisitor)
    }
}
