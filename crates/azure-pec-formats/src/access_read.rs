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

/// A note about records that are used all the same: the first few are enough to find them by.
pub(crate) fn note_some(notes: &mut Vec<String>, says: &str, names: &[String]) {
    const FEW: usize = 20;
    let Some(first) = names.get(..FEW).filter(|first| first.len() < names.len()) else {
        return note(notes, says, names);
    };
    let rest = names.len() - first.len();
    notes.push(format!("{} {says}: {} and {rest} more", names.len(), first.join(", ")));
}
