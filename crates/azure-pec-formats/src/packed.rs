//! Data as bytes for another process: small, of a stated form, and proved whole by a digest.
//!
//! Records are turned into columns and every text is written once, in order, so that what is alike stands together; then
//! it is deflated. Half of what is left of a grant is its id.

use std::collections::BTreeSet;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::error::{Error, Fault, Place};

/// The keys of what JSON values become: a number, an object, a table of objects. A text becomes its number in the pool.
const NUMBER: &str = "n";
const OBJECT: &str = "o";
const TABLE: &str = "t";
const ROWS: &str = "rows";

/// Writes data under a name and version such as `azure-pec/calculator/1`.
pub(crate) fn pack(form: &str, data: &impl Serialize) -> Result<Vec<u8>, Error> {
    let failed = |problem: String| Fault::WriteFailed { problem }.at(Place::file(form));
    let value = serde_json::to_value(data).map_err(|error| failed(error.to_string()))?;
    let mut texts = BTreeSet::new();
    gather(&value, &mut texts);
    let texts: Vec<&str> = texts.into_iter().collect();
    let packed = packed(&value, &texts);
    let plain = serde_json::to_vec(&(&texts, packed)).map_err(|error| failed(error.to_string()))?;
    let mut bytes = format!("{form}\n").into_bytes();
    bytes.extend(Sha256::digest(&plain));
    let mut deflated = DeflateEncoder::new(bytes, Compression::default());
    deflated.write_all(&plain).map_err(|error| failed(error.to_string()))?;
    deflated.finish().map_err(|error| failed(error.to_string()))
}

/// Reads what [`pack`] wrote.
///
/// # Errors
/// `input.unknown_kind` for bytes of another form or version, `input.truncated` where they are not whole.
pub(crate) fn unpack<T: DeserializeOwned>(form: &str, bytes: &[u8]) -> Result<T, Error> {
    let at = || Place::file(form);
    let broken = |problem: String| Fault::Truncated { problem }.at(at());
    let rest = bytes.strip_prefix(form.as_bytes()).and_then(|rest| rest.strip_prefix(b"\n"));
    let (digest, deflated) = rest.and_then(|rest| rest.split_at_checked(32)).ok_or_else(|| {
        let found =
            format!("bytes that are no {form}: they were written by another version, or are something else");
        Fault::UnknownKind { found }.at(at())
    })?;
    let mut plain = Vec::new();
    DeflateDecoder::new(deflated).read_to_end(&mut plain).map_err(|error| broken(error.to_string()))?;
    if *Sha256::digest(&plain) != *digest {
        return Err(broken("the bytes are not those that were written".to_owned()));
    }
    let (texts, packed): (Vec<String>, Value) =
        serde_json::from_slice(&plain).map_err(|error| broken(error.to_string()))?;
    let value = unpacked(&packed, &texts).ok_or_else(|| broken("a value refers to none".to_owned()))?;
    serde_json::from_value(value).map_err(|error| broken(error.to_string()))
}

fn gather<'v>(value: &'v Value, texts: &mut BTreeSet<&'v str>) {
    match value {
        Value::String(text) => {
            texts.insert(text);
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, texts)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn packed(value: &Value, texts: &[&str]) -> Value {
    match value {
        Value::Null | Value::Bool(_) => value.clone(),
        Value::Number(_) => one(NUMBER, value.clone()),
        Value::String(text) => texts.binary_search(&text.as_str()).unwrap_or_default().into(),
        Value::Object(fields) => one(OBJECT, object(fields, |field| packed(field, texts))),
        Value::Array(items) => {
            let records: Option<Vec<&Map<String, Value>>> = items.iter().map(Value::as_object).collect();
            match records {
                Some(records) if records.len() > 1 => table(&records, texts),
                _ => items.iter().map(|item| packed(item, texts)).collect(),
            }
        }
    }
}

/// Records as columns. What a record lacks is an empty object, which stands for nothing else.
fn table(records: &[&Map<String, Value>], texts: &[&str]) -> Value {
    let names: BTreeSet<&String> = records.iter().flat_map(|record| record.keys()).collect();
    let column = |name: &String| -> Value {
        let cell = |field: Option<&Value>| {
            field.map_or_else(|| Value::Object(Map::new()), |field| packed(field, texts))
        };
        records.iter().map(|record| cell(record.get(name))).collect()
    };
    let columns = names.into_iter().map(|name| (name.clone(), column(name))).collect();
    let mut table = Map::from_iter([(ROWS.to_owned(), records.len().into())]);
    table.insert(TABLE.to_owned(), Value::Object(columns));
    Value::Object(table)
}

fn one(key: &str, value: Value) -> Value {
    Value::Object(Map::from_iter([(key.to_owned(), value)]))
}

fn object(fields: &Map<String, Value>, each: impl Fn(&Value) -> Value) -> Value {
    Value::Object(fields.iter().map(|(key, value)| (key.clone(), each(value))).collect())
}

/// None where it refers to what is not there.
fn unpacked(value: &Value, texts: &[String]) -> Option<Value> {
    match value {
        Value::Number(id) => {
            let id = usize::try_from(id.as_u64()?).ok()?;
            Some(Value::String(texts.get(id)?.clone()))
        }
        Value::Array(items) => items.iter().map(|item| unpacked(item, texts)).collect(),
        Value::Object(packed) => {
            if let Some(number) = packed.get(NUMBER) {
                return Some(number.clone());
            }
            if let Some(columns) = packed.get(TABLE) {
                return records(packed.get(ROWS)?.as_u64()?, columns.as_object()?, texts);
            }
            let fields = packed.get(OBJECT)?.as_object()?.iter();
            fields.map(|(key, field)| Some((key.clone(), unpacked(field, texts)?))).collect()
        }
        Value::Null | Value::Bool(_) | Value::String(_) => Some(value.clone()),
    }
}

fn records(rows: u64, columns: &Map<String, Value>, texts: &[String]) -> Option<Value> {
    let record = |row: usize| -> Option<Value> {
        let mut record = Map::new();
        for (name, cells) in columns {
            let cell = cells.as_array()?.get(row)?;
            if cell.as_object().is_none_or(|cell| !cell.is_empty()) {
                record.insert(name.clone(), unpacked(cell, texts)?);
            }
        }
        Some(Value::Object(record))
    };
    (0..usize::try_from(rows).ok()?).map(record).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            "[a-c]{0,3}".prop_map(Value::String),
        ];
        leaf.prop_recursive(4, 40, 5, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
                proptest::collection::btree_map("[a-c]|n|o|t|rows", inner, 0..4)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(value in value()) {
            let bytes = pack("azure-pec/test/1", &value).unwrap();
            prop_assert_eq!(unpack::<Value>("azure-pec/test/1", &bytes).unwrap(), value);
        }
    }

    #[test]
    fn bytes_of_another_form_and_broken_ones_are_refused() {
        let bytes = pack("azure-pec/test/1", &json!({"a": ["b", 1]})).unwrap();
        let code = |form: &str, bytes: &[u8]| unpack::<Value>(form, bytes).unwrap_err().code();
        assert_eq!(code("azure-pec/test/2", &bytes), "input.unknown_kind");
        assert_eq!(code("azure-pec/test/1", b""), "input.unknown_kind");
        for cut in 17..bytes.len() {
            let told = code("azure-pec/test/1", bytes.get(..cut).unwrap());
            assert!(["input.unknown_kind", "input.truncated"].contains(&told), "{told}");
        }
        for at in 17..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1;
            let told = unpack::<Value>("azure-pec/test/1", &bytes).err().map(|error| error.code());
            // The last bits of the last byte say nothing.
            assert!(told == Some("input.truncated") || at + 1 == bytes.len(), "{at}");
        }
    }
}
