//! One record of an activity log, in any of its four shapes: as the service answers it, as a diagnostic setting writes
//! it, as a row of the AzureActivity table, as PowerShell prints it.

use std::borrow::Cow;
use std::fmt;

use azure_pec::Instant;
use serde::Deserialize;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::error::{Error, Fault};
use crate::json::{Value, text_of};
use crate::key_names::KeyNames;
use crate::sparse::{Sparse, unfolded};

const FIELD_COUNT: usize = 23;

/// The fields that are looked at, by length; every other one is skipped. A record has few of them, whatever its shape.
const FIELDS: KeyNames<FIELD_COUNT> = KeyNames::new([
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
]);

/// A field.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Field(usize);

macro_rules! fields {
    ($($name:ident = $key:literal;)*) => {
        impl Field {
            $(pub const $name: Self = Self(FIELDS.place($key));)*
        }
    };
}

fields! {
    TIME = "time";
    STATUS = "status";
    HIERARCHY = "hierarchy";
    PROPERTIES = "properties";
    RESULT = "resultType";
    RESOURCE = "resourceId";
    OPERATION_ID = "operationId";
    TABLE_RESOURCE = "_resourceId";
    EVENT = "eventDataId";
    DESCRIPTION = "description";
    TABLE_PROPERTIES = "properties_d";
    OPERATION_NAME = "operationName";
    AUTHORIZATION = "authorization";
    TIME_GENERATED = "timeGenerated";
    CORRELATION = "correlationId";
    ACTIVITY_STATUS = "activityStatus";
    EVENT_TIME = "eventTimestamp";
    SUBSCRIPTION = "subscriptionId";
    TABLE_AUTHORIZATION = "authorization_d";
    OPERATION_NAME_VALUE = "operationNameValue";
    ACTIVITY_STATUS_VALUE = "activityStatusValue";
}

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
pub(crate) struct LogRecord<'v, 'd> {
    of: &'v Value<'d>,
    slots: [Option<&'d RawValue>; FIELD_COUNT],
}

impl<'v, 'd> LogRecord<'v, 'd> {
    pub fn new(of: &'v Value<'d>) -> Result<Self, Error> {
        if !of.is_object() {
            return Err(of.expected("an object"));
        }
        let Slots { slots, twice } = of.plain()?;
        if let Some(key) = twice.map(|at| FIELDS.name(at)) {
            let problem = format!("the key {key:?} stands twice");
            return Err(of.fault(Fault::JsonMalformed { problem }));
        }
        Ok(Self { of, slots })
    }

    fn raw(&self, field: Field) -> Option<&'d RawValue> {
        self.slots.get(field.0).copied().flatten().filter(|raw| raw.get() != "null")
    }

    fn child(&self, field: Field, raw: &'d RawValue) -> Value<'d> {
        self.of.child(FIELDS.name(field.0), raw)
    }

    /// A text, or the `value` of a text that is told in two languages.
    pub fn text(&self, field: Field) -> Result<Option<Cow<'d, str>>, Error> {
        let Some(raw) = self.raw(field) else { return Ok(None) };
        let raw = match raw.get().starts_with('{') {
            true => pick(raw, &VALUE).unwrap_or(raw),
            false => raw,
        };
        let text = text_of(raw.get()).ok_or_else(|| self.child(field, raw).expected("text"))?;
        Ok(Some(text).filter(|text| !text.trim().is_empty()))
    }

    /// The first of these fields that holds a text.
    pub fn first(&self, fields: &[Field]) -> Result<Option<Cow<'d, str>>, Error> {
        for field in fields {
            if let Some(text) = self.text(*field)? {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }

    /// The operation's name, `Microsoft.Authorization/roleAssignments/write`; where only a name for people is given,
    /// the action that was authorized.
    pub fn operation(&self) -> Result<Option<Cow<'d, str>>, Error> {
        let mut named = None;
        for field in [Field::OPERATION_NAME_VALUE, Field::OPERATION_NAME] {
            match self.text(field)? {
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
        for field in [Field::EVENT_TIME, Field::TIME, Field::TIME_GENERATED] {
            if let Some(raw) = self.raw(field) {
                // As most are written; where it is not, what is wrong is told with its place.
                let time = text_of(raw.get()).and_then(|text| text.parse().ok());
                return time.map_or_else(|| self.child(field, raw).time(), Ok);
            }
        }
        let mut missing = self.of.fault(Fault::JsonMalformed {
            problem: "eventTimestamp is missing: expected when the event happened".to_owned(),
        });
        missing.place.column = Some(self.of.path_to("eventTimestamp"));
        Err(missing)
    }

    pub fn phase(&self) -> Result<Phase, Error> {
        let told = [Field::ACTIVITY_STATUS_VALUE, Field::ACTIVITY_STATUS, Field::RESULT, Field::STATUS];
        let word = self.first(&told)?;
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
        let object = self.object(Field::AUTHORIZATION).or_else(|| self.object(Field::TABLE_AUTHORIZATION))?;
        Sparse::read(&object)?.text(key).map(Cow::into_owned)
    }

    /// The text of the properties, out of a JSON text or PowerShell's `Content` where they stand in one.
    pub fn properties(&self) -> Option<Cow<'d, str>> {
        let object = self.object(Field::PROPERTIES).or_else(|| self.object(Field::TABLE_PROPERTIES))?;
        fn content(text: &str) -> Option<&str> {
            Sparse::read(text)?.find("content").filter(|content| content.starts_with('{'))
        }
        Some(match object {
            Cow::Borrowed(text) => Cow::Borrowed(content(text).unwrap_or(text)),
            Cow::Owned(text) => Cow::Owned(content(&text).map(str::to_owned).unwrap_or(text)),
        })
    }

    fn object(&self, field: Field) -> Option<Cow<'d, str>> {
        unfolded(self.raw(field)?.get())
    }

    /// `tenant/group/.../subscription`, where the record says it.
    pub fn hierarchy(&self) -> Option<Cow<'d, str>> {
        if let Some(raw) = self.raw(Field::HIERARCHY) {
            return text_of(raw.get());
        }
        // Looked for before it is parsed: few records have it.
        let says = |raw: &&RawValue| memchr::memmem::find(raw.get().as_bytes(), b"ierarchy").is_some();
        let raw = self.raw(Field::PROPERTIES).filter(says);
        let raw = raw.or_else(|| self.raw(Field::TABLE_PROPERTIES).filter(says))?;
        if raw.get().starts_with('{') {
            return text_of(pick(raw, &HIERARCHY)?.get());
        }
        Sparse::read(&self.properties()?)?.text("hierarchy").map(|text| Cow::Owned(text.into_owned()))
    }

    /// What a person finds it by.
    pub fn label(&self, number: usize) -> String {
        let id = self.first(&[Field::EVENT, Field::OPERATION_ID, Field::CORRELATION]).ok().flatten();
        id.map_or_else(|| format!("event {number}"), |id| id.trim().to_owned())
    }
}

/// The field of an object, in any case.
#[cfg(test)]
pub(crate) fn find<'v>(value: &'v serde_json::Value, key: &str) -> Option<&'v serde_json::Value> {
    let mut fields = value.as_object()?.iter();
    fields.find(|(own, value)| own.eq_ignore_ascii_case(key) && !value.is_null()).map(|(_, value)| value)
}

/// Of a text that is told in two languages the one that programs take.
const VALUE: KeyNames<1> = KeyNames::new(["value"]);
const HIERARCHY: KeyNames<1> = KeyNames::new(["hierarchy"]);

/// The field of an object, not looked into.
fn pick<'d>(object: &'d RawValue, key: &KeyNames<1>) -> Option<&'d RawValue> {
    let mut parser = serde_json::Deserializer::from_str(object.get());
    Pick(key).deserialize(&mut parser).ok().flatten()
}

struct Pick<'k>(&'k KeyNames<1>);

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
        while let Some(place) = map.next_key_seed(self.0)? {
            match place {
                Some(_) => found = Some(map.next_value()?),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

#[derive(Default)]
struct Slots<'d> {
    slots: [Option<&'d RawValue>; FIELD_COUNT],
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
                while let Some(place) = map.next_key_seed(&FIELDS)? {
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
