//! Names of fields that are looked for among the keys of JSON objects, in any case.

use std::fmt;

use serde::de::{DeserializeSeed, Visitor};

/// So long are the longest.
const LONGEST: usize = 20;

/// Names by length, the shortest first, so that most are told apart by it.
#[derive(Debug)]
pub(crate) struct KeyNames<const N: usize> {
    names: [&'static str; N],
    /// So many names are shorter than each length.
    shorter: [u8; LONGEST + 2],
}

impl<const N: usize> KeyNames<N> {
    /// Of names that stand by length.
    #[expect(clippy::indexing_slicing, reason = "names that are too many or too long do not compile")]
    pub const fn new(names: [&'static str; N]) -> Self {
        let mut shorter = [0; LONGEST + 2];
        let mut at = 0;
        while at < N {
            assert!(at == 0 || names[at - 1].len() <= names[at].len(), "names stand by length");
            let mut length = names[at].len() + 1;
            while length < shorter.len() {
                shorter[length] += 1;
                length += 1;
            }
            at += 1;
        }
        assert!(N == 0 || names[N - 1].len() <= LONGEST, "the longest names are shorter");
        Self { names, shorter }
    }

    /// The name of a place.
    pub fn name(&self, place: usize) -> &'static str {
        self.names.get(place).copied().unwrap_or_default()
    }

    /// The place of a name, looked for when this is compiled.
    #[expect(clippy::indexing_slicing, reason = "a name that is none of them does not compile")]
    pub const fn place(&self, name: &str) -> usize {
        let mut at = 0;
        while !is_same(self.names[at].as_bytes(), name.as_bytes()) {
            at += 1;
        }
        at
    }

    /// The place of a key that is one of the names but for its case.
    #[inline]
    pub fn find(&self, key: &str) -> Option<usize> {
        let [first, behind] = [key.len(), key.len() + 1].map(|length| self.shorter.get(length).copied());
        let (first, behind) = (usize::from(first?), usize::from(behind?));
        let names = self.names.get(first..behind)?;
        names.iter().position(|own| own.eq_ignore_ascii_case(key)).map(|at| first + at)
    }
}

#[expect(clippy::indexing_slicing, reason = "below the length of both")]
const fn is_same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// Reads a key as the place of the name that it is; none where it is none of them.
impl<'de, const N: usize> DeserializeSeed<'de> for &KeyNames<N> {
    type Value = Option<usize>;

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl<const N: usize> Visitor<'_> for &KeyNames<N> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    #[inline]
    fn visit_str<E: serde::de::Error>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.find(key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        const NAMES: KeyNames<5> = KeyNames::new(["id", "no", "ids", "status", "delegationResourceId"]);
        for (at, key) in ["ID", "nO", "ids", "Status", "DELEGATIONRESOURCEID"].iter().enumerate() {
            assert_eq!(NAMES.find(key), Some(at), "{key}");
            assert!(NAMES.name(at).eq_ignore_ascii_case(key));
        }
        const STATUS: usize = NAMES.place("status");
        assert_eq!(STATUS, 3);
        for key in
            ["", "i", "xx", "statuses", "a name longer than the longest of them", "delegationResourceIds"]
        {
            assert_eq!(NAMES.find(key), None, "{key}");
        }
    }
}
