//! Role assignments as Azure Resource Manager answers them and as `az role assignment list` prints them.

use std::collections::BTreeSet;

use azure_pec::Instant;
use azure_pec::Scope;
use azure_pec::SubscriptionId;
use azure_pec::{AccessHistory, Grant, Observed, ObservedWindow};

use crate::access_read::{AccessRead, note, note_some};
use crate::assignment::Record;
use crate::error::{Error, Fault, Place};
use crate::export::{Envelope, Export, Part};
use crate::json::Document;

/// Reads a list of role assignments: each is a grant from its `createdOn` on, still held when the list was taken.
///
/// When that was is read from the collector's envelope, else it is `taken_at`, else the newest time inside, which
/// [`AccessRead::time_assumed`] tells. What was observed is that one moment, at the envelope's scope or else at each
/// subscription that the records name.
///
/// # Errors
/// What is wrong with the document or a record in it, with file, line and field; `grant.no_dates` where no record
/// says when it was created. Some without are passed over by name.
pub fn read_role_assignments(
    name: &str,
    text: &[u8],
    taken_at: Option<Instant>,
) -> Result<AccessRead, Error> {
    let document = Document::open(name, text)?;
    let export = Export::read(&document)?;
    let mut list = List { file: name, ..List::default() };
    let mut parts = Vec::with_capacity(export.parts.len());
    for part in &export.parts {
        parts.push((&part.envelope, list.part(part)?));
    }
    list.refuse_if_undated()?;
    let mut read = AccessRead { records: export.records().count() as u64, ..AccessRead::default() };
    let mut windows = Vec::new();
    list.lone = export.is_lone_record;
    for (envelope, subscriptions) in parts {
        let stated = envelope.taken_at.or(taken_at);
        let Some(at) = stated.or(list.newest) else { continue };
        let more = observed(envelope, &subscriptions, at);
        if more.is_empty() && subscriptions.is_empty() {
            continue;
        }
        read.time_assumed |= stated.is_none();
        read.taken_at = read.taken_at.max(Some(at));
        windows.extend(more);
    }
    list.finish(export.notes, windows, read)
}

/// What is gathered on the way through the records.
#[derive(Default)]
struct List<'n> {
    file: &'n str,
    grants: Vec<Grant>,
    /// The newest time of any record.
    newest: Option<Instant>,
    undated: Vec<(String, Place)>,
    nameless: Vec<String>,
    passed_over: Vec<String>,
    /// One record without a list around it: the answer about one assignment, not about a scope.
    lone: bool,
}

impl List<'_> {
    /// Reads the records of a part; the subscriptions that they name.
    fn part(&mut self, part: &Part<'_>) -> Result<BTreeSet<SubscriptionId>, Error> {
        let mut subscriptions = BTreeSet::new();
        for value in &part.records {
            let record = Record::new(value)?;
            if let Some(kind) = record.other_kind()? {
                self.passed_over.push(kind);
                continue;
            }
            let (grant, queried) = record.grant(self.file, &part.envelope)?;
            subscriptions.extend(queried.into_iter().chain(grant.scope.subscription_id()));
            self.newest = self.newest.max(grant.start).max(record.parse("updatedOn")?);
            if record.is_nameless(&grant)? {
                self.nameless.push(grant.id.clone());
            }
            if grant.start.is_some() {
                self.grants.push(grant);
            } else {
                self.undated.push((grant.id, record.missing("createdOn", "when it was created").place));
            }
        }
        Ok(subscriptions)
    }

    fn refuse_if_undated(&self) -> Result<(), Error> {
        match self.undated.first() {
            Some((id, place)) if self.grants.is_empty() => {
                Err(Fault::GrantNoDates { id: id.clone() }.at(place.clone()))
            }
            _ => Ok(()),
        }
    }

    fn finish(
        self,
        notes: Vec<String>,
        windows: Vec<ObservedWindow>,
        mut read: AccessRead,
    ) -> Result<AccessRead, Error> {
        read.used = self.grants.len() as u64;
        read.notes = notes;
        let undated: Vec<String> = self.undated.into_iter().map(|(id, _)| id).collect();
        note(&mut read.notes, "passed over, without createdOn", &undated);
        note(&mut read.notes, "passed over, no role assignments", &self.passed_over);
        let nameless = "kept, of principals without a name (deleted, or not readable)";
        note_some(&mut read.notes, nameless, &self.nameless);
        let later = self.grants.iter().filter(|grant| grant.start > read.taken_at);
        let later: Vec<String> = later.map(|grant| grant.id.clone()).collect();
        note_some(&mut read.notes, "created after the list was taken, as it is said", &later);
        if windows.is_empty() && !self.grants.is_empty() {
            read.notes.push(
                "nothing is proved by it: no subscription is named; state the scope in an envelope"
                    .to_owned(),
            );
        }
        if self.lone {
            read.notes.push(
                "one assignment, not a list: other grants may be there that it does not show".to_owned(),
            );
        }
        read.history = AccessHistory { grants: self.grants, ..AccessHistory::default() };
        // Pages and several subscriptions' lists repeat what is granted above them: one grant, once.
        read.history
            .merge(AccessHistory { observed: Observed::Windows(windows), ..AccessHistory::default() });
        Ok(read)
    }
}

/// The moment of a list, at every place that it was taken of.
fn observed(
    envelope: &Envelope,
    subscriptions: &BTreeSet<SubscriptionId>,
    at: Instant,
) -> Vec<ObservedWindow> {
    let window = |scope: Scope| {
        let reaches = match scope.is_above_subscriptions() {
            true => subscriptions.iter().copied().collect(),
            false => Vec::new(),
        };
        ObservedWindow { tenant_id: envelope.tenant_id, scope, start: Some(at), end: Some(at), reaches }
    };
    match &envelope.scope {
        Some(scope) => vec![window(scope.clone())],
        None => subscriptions.iter().map(|id| window(Scope::subscription(*id))).collect(),
    }
}
