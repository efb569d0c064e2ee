//! The header of a table: columns found by their names, never by their places.

use csv::ByteRecord;

use crate::error::Fault;

/// The names of a table's columns.
#[derive(Debug, Clone, Default)]
pub struct Header {
    names: Vec<String>,
    /// What stands in brackets at the end: `SubscriptionGuid` of `Abonnement-GUID (SubscriptionGuid)`.
    bracketed: Vec<String>,
}

impl Header {
    /// From the first record of a table.
    ///
    /// # Errors
    /// `input.encoding` where it is not UTF-8.
    pub fn new(record: &ByteRecord) -> Result<Self, Fault> {
        Self::of_fields(record.iter())
    }

    /// From the fields of the first record.
    pub(crate) fn of_fields(fields: impl Iterator<Item = impl AsRef<[u8]>>) -> Result<Self, Fault> {
        let mut header = Self::default();
        for field in fields {
            let name = clean(std::str::from_utf8(field.as_ref()).map_err(|_| Fault::Encoding)?);
            header.bracketed.push(bracketed(name).unwrap_or_default().to_owned());
            header.names.push(name.to_owned());
        }
        Ok(header)
    }

    /// Of names that are known.
    pub(crate) fn of<'n>(names: impl Iterator<Item = &'n str>) -> Self {
        let names: Vec<String> = names.map(str::to_owned).collect();
        Self { bracketed: vec![String::new(); names.len()], names }
    }

    /// The names as they stand, without quotes and spaces around them.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The name of a column; empty where there is none.
    #[must_use]
    pub fn name(&self, index: usize) -> &str {
        self.names.get(index).map_or("", String::as_str)
    }

    /// Whether there is a column of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.names.iter().chain(&self.bracketed).any(|other| other.eq_ignore_ascii_case(name))
    }

    /// The place of the first of these names that stands in the header, whatever its letter case. A name in brackets
    /// counts where no plain one matches: portals translate headers and leave the name behind the translation.
    ///
    /// # Errors
    /// `input.duplicate_column` where it stands twice: either could be meant.
    pub fn find(&self, names: &[&str]) -> Result<Option<usize>, Fault> {
        for columns in [&self.names, &self.bracketed] {
            for name in names {
                let mut places = columns.iter().enumerate().filter(|(_, c)| c.eq_ignore_ascii_case(name));
                match (places.next(), places.next()) {
                    (None, _) => {}
                    (Some((place, _)), None) => return Ok(Some(place)),
                    (Some((place, _)), Some(_)) => {
                        return Err(Fault::DuplicateColumn { column: self.name(place).to_owned() });
                    }
                }
            }
        }
        Ok(None)
    }

    /// As [`find`](Header::find), for a column that a `kind` of file must have.
    ///
    /// # Errors
    /// `input.missing_column`, `input.duplicate_column`.
    pub fn need(&self, kind: &'static str, names: &[&str]) -> Result<usize, Fault> {
        self.find(names)?.ok_or_else(|| Fault::MissingColumn {
            column: names.first().copied().unwrap_or_default().to_owned(),
            kind,
        })
    }
}

/// Without spaces and quotes around it: documents print straight quotes as curly ones, and people copy them.
fn clean(name: &str) -> &str {
    name.trim_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '“' | '”' | '„' | '\u{feff}'))
}

fn bracketed(name: &str) -> Option<&str> {
    let (_, inner) = name.strip_suffix(')')?.rsplit_once('(')?;
    Some(inner.trim())
}
