//! Documents of the project's own: partner, policy, rule data; and manifests of exports.

use azure_pec::{Calculator, Policy};
use azure_pec_formats::{
    document_kind, read_manifest, read_partner, read_policy, read_policy_entries, read_rule,
};

use crate::checks::{self, NAME};

/// The partner file.
pub fn partner(bytes: &[u8]) {
    assert_eq!(document_kind(NAME, bytes), document_kind(NAME, bytes));
    match read_partner(NAME, bytes) {
        Ok(partner) => {
            assert_eq!(Some(&partner), read_partner(NAME, bytes).ok().as_ref());
            if let Err(error) = Calculator::builder().partner(partner).build() {
                checks::is_code(error.code());
            }
        }
        Err(error) => checks::names(&error, bytes),
    }
}

/// A policy: its entries one by one make it, and what it says of itself is what it is.
pub fn policy(bytes: &[u8]) {
    let policy = match read_policy(NAME, bytes) {
        Ok(policy) => policy,
        Err(error) => return checks::names(&error, bytes),
    };
    let mut again = Policy::default();
    for entry in read_policy_entries(NAME, bytes).unwrap_or_default() {
        assert!(again.set(&entry.key, &entry.value).is_ok(), "{} = {}", entry.key, entry.value);
    }
    assert_eq!(again, policy, "its entries make another policy");
    let mut said = Policy::default();
    for (key, value) in policy.entries() {
        assert!(said.set(key, &value).is_ok(), "it says {key} = {value}, which is none");
    }
    assert_eq!(said, policy, "it says of itself what it is not");
}

/// The manifest of an export: read twice the same, and its parts are names, in no folder.
pub fn manifest(bytes: &[u8]) {
    match read_manifest(NAME, bytes) {
        Ok(manifest) => {
            assert_eq!(Some(&manifest), read_manifest(NAME, bytes).ok().as_ref());
            assert!(!manifest.parts().iter().any(|part| part.contains(['/', '\\'])), "{manifest:?}");
        }
        Err(error) => checks::names(&error, bytes),
    }
}

/// Rule data: read twice the same, and it makes a calculator.
pub fn rule(bytes: &[u8]) {
    match read_rule(NAME, bytes) {
        Ok(rule) => {
            let built = Calculator::builder().rule(rule).build();
            if let Err(error) = built {
                checks::is_code(error.code());
            }
        }
        Err(error) => checks::names(&error, bytes),
    }
}
