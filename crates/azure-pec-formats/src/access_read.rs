//! What reading an export of access gives.

use std::collections::BTreeMap;

use azure_pec::{Chronicle, Instant};

use crate::access::ID_INVALID;
use crate::error::Error;
use crate::kind::Kind;
use crate::record::Record;

/// An export of access, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessRead {
    /// What most of it is; none where it holds no record of access.
    pub kind: Option<Kind>,
    /// What it says.
    pub chronicle: Chronicle,
    /// The records it holds.
    pub records: u64,
    /// The records that something was made of.
    pub used: u64,
    /// What was passed over or kept with a doubt, each by name.
    pub notes: Vec<String>,
    /// What an answer must warn of: code and message, without names.
    pub doubts: Vec<(&'static str, &'static str)>,
    /// When it was taken; the latest time where the file holds several exports.
    pub taken_at: Option<Instant>,
    /// Nobody says when it was taken: the newest time inside was.
    pub time_assumed: bool,
    /// A list of role assignments without a single date: `grant.no_dates` at its first record, unless other files date
    /// it.
    pub undated: Option<Error>,
}

/// Names of records under what is to be said of them, in the order in which it is to be said.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    said: Vec<String>,
    named: BTreeMap<&'static str, Vec<String>>,
    kept: BTreeMap<&'static str, Vec<String>>,
    doubts: BTreeMap<&'static str, &'static str>,
}

impl Notes {
    /// A sentence.
    pub fn say(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.said.contains(&text) {
            self.said.push(text);
        }
    }

    /// A record that is not used: each is named.
    pub fn pass_over(&mut self, says: &'static str, name: impl Into<String>) {
        self.named.entry(says).or_default().push(name.into());
    }

    /// A record that is used all the same: the first few are enough to find them by.
    pub fn keep(&mut self, says: &'static str, name: impl Into<String>) {
        self.kept.entry(says).or_default().push(name.into());
    }

    /// What an answer must warn of.
    pub fn warn(&mut self, code: &'static str, says: &'static str) {
        self.doubts.insert(code, says);
    }

    /// What was read of a record; none where an id in it is none, which is then passed over by name, with a warning.
    pub fn unread<T>(&mut self, read: Result<T, Error>, record: &Record<'_>) -> Result<Option<T>, Error> {
        match read {
            Ok(read) => Ok(Some(read)),
            Err(error) if error.code() == ID_INVALID => {
                let (line, column) = (error.place.line.unwrap_or(1), error.place.column.unwrap_or_default());
                let says = "passed over, of an id that is none: the export proves no absence";
                self.pass_over(says, format!("{} (line {line}, {column}: {})", record.label(), error.fault));
                let warns = "records of access with an id that is none were passed over: their exports prove no absence";
                self.warn(ID_INVALID, warns);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    pub fn take_doubts(&mut self) -> Vec<(&'static str, &'static str)> {
        std::mem::take(&mut self.doubts).into_iter().collect()
    }

    /// All of them as sentences.
    pub fn finish(self) -> Vec<String> {
        let mut notes = self.said;
        for (says, names) in &self.named {
            notes.push(format!("{} {says}: {}", names.len(), names.join(", ")));
        }
        for (says, names) in &self.kept {
            notes.push(some(says, names));
        }
        notes
    }
}

fn some(says: &str, names: &[String]) -> String {
    const FEW: usize = 20;
    match names.get(..FEW).filter(|first| first.len() < names.len()) {
        None => format!("{} {says}: {}", names.len(), names.join(", ")),
        Some(first) => {
            let rest = names.len() - first.len();
            format!("{} {says}: {} and {rest} more", names.len(), first.join(", "))
        }
    }
}
