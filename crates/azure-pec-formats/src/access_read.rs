//! What reading an export of access gives.

use azure_pec::AccessHistory;
use azure_pec::Instant;

/// An export of access, read whole.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessRead {
    /// What it says.
    pub history: AccessHistory,
    /// The records it holds.
    pub records: u64,
    /// The records that the history was made of.
    pub used: u64,
    /// What was passed over or kept with a doubt, each by name.
    pub notes: Vec<String>,
    /// When it was taken; the latest time where the file holds several exports.
    pub taken_at: Option<Instant>,
    /// Nobody says when it was taken: the newest time inside was.
    pub time_assumed: bool,
}

/// A note that names the records it is about.
pub(crate) fn note(notes: &mut Vec<String>, says: &str, names: &[String]) {
    if !names.is_empty() {
        notes.push(format!("{} {says}: {}", names.len(), names.join(", ")));
    }
}
