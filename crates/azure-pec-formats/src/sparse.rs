//! Objects of what a log's record holds, of which only the fields are kept that are ever looked at.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::fields::Entry;
use crate::json::text_of;
use crate::key_names::KeyNames;

/// The fields that are looked at.
const WANTED: KeyNames<21> = KeyNames::new([
    "id",
    "scope",
    "action",
    "parent",
    "content",
    "details",
    "condition",
    "createdOn",
    "hierarchy",
    "resources",
    "updatedOn",
    "properties",
    "principalId",
    "description",
    "requestbody",
    "responseBody",
    "principalType",
    "subscriptionId",
    "roleDefinitionId",
    "targetResourceGroup",
    "delegationResourceId",
]);

/// An object.
#[derive(Debug, Default)]
pub(crate) struct Sparse<'t>(Vec<Entry<'t>>);

impl<'t> Sparse<'t> {
    /// Of its text; none where that is no object.
    pub fn read(text: &'t str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// A field that is there and not null, as it is written. Of several that differ in case the first by its bytes is taken,
    /// whatever their order.
    pub fn find(&self, key: &str) -> Option<&'t str> {
        debug_assert!(WANTED.find(key).is_some(), "{key} is not kept");
        let named = self.0.iter().filter(|(own, raw)| own.eq_ignore_ascii_case(key) && raw.get() != "null");
        named.min_by(|one, other| one.0.cmp(&other.0)).map(|(_, raw)| raw.get())
    }

    /// A text.
    pub fn text(&self, key: &str) -> Option<Cow<'t, str>> {
        text_of(self.find(key)?)
    }

    /// An object, also in a text.
    pub fn object(&self, key: &str) -> Option<Cow<'t, str>> {
        unfolded(self.find(key)?)
    }
}

/// The text of an object, which may stand in a JSON text itself.
pub(crate) fn unfolded(raw: &str) -> Option<Cow<'_, str>> {
    if raw.starts_with('{') {
        return Some(Cow::Borrowed(raw));
    }
    let text = text_of(raw)?;
    let is_object = text.trim_start().starts_with('{') && Sparse::read(&text).is_some();
    is_object.then_some(text)
}

impl<'de> Deserialize<'de> for Sparse<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SparseVisitor;

        impl<'de> Visitor<'de> for SparseVisitor {
            type Value = Sparse<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut kept: Vec<Entry<'de>> = Vec::new();
                while let Some(key) = map.next_key_seed(WantedKey)? {
                    let Some(key) = key else {
                        map.next_value::<IgnoredAny>()?;
                        continue;
                    };
                    let raw: &RawValue = map.next_value()?;
                    // Of one key that stands there twice the last counts.
                    match kept.iter_mut().find(|(own, _)| *own == key) {
                        Some(before) => before.1 = raw,
                        None => kept.push((key, raw)),
                    }
                }
                Ok(Sparse(kept))
            }
        }

        deserializer.deserialize_map(SparseVisitor)
    }
}

/// A key, if it is wanted.
struct WantedKey;

impl<'de> serde::de::DeserializeSeed<'de> for WantedKey {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for WantedKey {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_borrowed_str<E: serde::de::Error>(self, key: &'de str) -> Result<Self::Value, E> {
        Ok(WANTED.find(key).map(|_| Cow::Borrowed(key)))
    }

    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(WANTED.find(key).map(|_| Cow::Owned(key.to_owned())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn objects_in_texts_are_found_too() {
        let text = r#"{"x": {"id": 1}, "requestBody": "{\"Scope\": \"\\/a\", \"id\": null}", "content": "[1]", "details": "no"}"#;
        let sparse = Sparse::read(text).unwrap();
        let body = sparse.object("requestbody").unwrap();
        let body = Sparse::read(&body).unwrap();
        assert_eq!(body.text("scope").unwrap(), "/a");
        assert_eq!(body.find("id"), None);
        assert_eq!((sparse.object("content"), sparse.object("details")), (None, None));
        assert!(Sparse::read("[]").is_none() && Sparse::read("{").is_none());
    }

    proptest! {
        /// A field is the one that the library's sorted objects show first.
        #[test]
        fn fields_are_those_of_the_whole_object(
            fields in prop::collection::vec(
                (prop::sample::select(vec!["id", "Id", "ID", "iD", "scope", "x"]), prop::sample::select(vec!["null", "1", "\"a\"", "{}"])),
                0..6,
            ),
        ) {
            let written: Vec<String> = fields.iter().map(|(key, value)| format!("\"{key}\": {value}")).collect();
            let text = format!("{{{}}}", written.join(", "));
            let whole: serde_json::Value = serde_json::from_str(&text).unwrap();
            let expected = crate::log_record::find(&whole, "id").map(ToString::to_string);
            prop_assert_eq!(Sparse::read(&text).unwrap().find("id").map(str::to_owned), expected);
        }
    }
}
