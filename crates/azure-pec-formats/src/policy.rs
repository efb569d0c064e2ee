//! The policy file: TOML or JSON whose keys are the policy's.

use azure_pec::Policy;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::document_kind::{POLICY_FORM, is_toml};
use crate::error::{Error, Fault, Place};
use crate::json::{Document, Value, utf8};
use crate::own_document::{broken_toml, toml_place};

/// One answer of a policy file, where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyEntry {
    /// The key, one of [`Policy::KEYS`].
    pub key: String,
    /// The value as [`Policy::set`] reads it.
    pub value: String,
    /// File, line and key.
    pub place: Place,
}

/// Reads a policy file: what it does not say keeps its default.
///
/// # Errors
/// What is wrong, with file, line and key; `policy.invalid` for a key or value that does not exist.
pub fn read_policy(name: &str, text: &[u8]) -> Result<Policy, Error> {
    let mut policy = Policy::default();
    for entry in read_policy_entries(name, text)? {
        set(&mut policy, &entry)?;
    }
    Ok(policy)
}

/// The same entry by entry, each checked, in the order of their keys (TOML) or of the file (JSON).
///
/// # Errors
/// As [`read_policy`].
pub fn read_policy_entries(name: &str, text: &[u8]) -> Result<Vec<PolicyEntry>, Error> {
    let content = utf8(name, text)?;
    let entries = match content.trim().is_empty() || is_toml(content) {
        true => from_toml(name, content)?,
        false => from_json(&Document::open(name, text)?.value()?)?,
    };
    let mut scratch = Policy::default();
    entries.iter().try_for_each(|entry| set(&mut scratch, entry))?;
    Ok(entries)
}

/// Whether an entry only says that the file is a policy, as other forms say what they are.
fn is_form(key: &str, value: &str) -> bool {
    key == "schema" && value == POLICY_FORM
}

fn set(policy: &mut Policy, entry: &PolicyEntry) -> Result<(), Error> {
    policy.set(&entry.key, &entry.value).map_err(|error| Fault::Value(error).at(entry.place.clone()))
}

fn from_toml(name: &str, content: &str) -> Result<Vec<PolicyEntry>, Error> {
    let table = DeTable::parse(content).map_err(|error| broken_toml(name, content, &error))?;
    let mut entries = Vec::new();
    for (key, value) in table.get_ref() {
        let key_text = key.get_ref().to_string();
        let place = toml_place(name, content, Some(key.span())).in_column(&key_text);
        let value = match value.get_ref() {
            DeValue::Table(roles) => joined(roles.iter().map(|(role, says)| {
                let says = source_text(content, says);
                (role.get_ref().to_string(), says)
            })),
            _ => source_text(content, value),
        };
        if !is_form(&key_text, &value) {
            entries.push(PolicyEntry { key: key_text, value, place });
        }
    }
    Ok(entries)
}

/// A text as it is; anything else as the file spells it.
fn source_text(content: &str, value: &Spanned<DeValue<'_>>) -> String {
    match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        _ => content.get(value.span()).unwrap_or_default().to_owned(),
    }
}

fn from_json(value: &Value<'_>) -> Result<Vec<PolicyEntry>, Error> {
    let mut entries = Vec::new();
    for (key, value) in value.fields()?.iter() {
        let text = match value.is_object() {
            true => {
                let mut roles = Vec::new();
                for (role, says) in value.fields()?.iter() {
                    roles.push((role.to_owned(), says.text()?));
                }
                joined(roles.into_iter())
            }
            false => value.text()?,
        };
        if !is_form(key, &text) {
            entries.push(PolicyEntry { key: key.to_owned(), value: text, place: value.place() });
        }
    }
    Ok(entries)
}

/// A map from role to answer in the form that [`Policy::set`] reads.
fn joined(roles: impl Iterator<Item = (String, String)>) -> String {
    let pairs: Vec<String> = roles.map(|(role, says)| format!("{role}={says}")).collect();
    // A map that names no role leaves every role unknown.
    if pairs.is_empty() { "unknown".to_owned() } else { pairs.join(",") }
}
