//! The activity log: its records joined to changes that happened.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use azure_pec::{Event, Evidence, Instant, Log, LoggedChange, Scope, SubscriptionId};
use rustc_hash::FxHashMap;

use crate::access_read::{AccessRead, Notes};
use crate::error::{Error, Fault, Place};
use crate::export::{Envelope, Export, Part};
use crate::kind::Kind;
use crate::log_chains::Chains;
use crate::log_change::{Told, change};
use crate::log_facts::{Facts, Operation, target};
use crate::log_record::{Field, LogRecord, Phase};
use crate::sparse::Sparse;

/// Reads an activity log. `Export` holds its records, each read once, in one pass.
///
/// Only what succeeded counts. What a create grants is in the record of its beginning, that it succeeded in another:
/// the two are joined by their operation. What does not concern access is counted by the operation's name.
pub(crate) fn read_log(
    name: &str,
    export: &Export<'_>,
    taken_at: Option<Instant>,
) -> Result<AccessRead, Error> {
    let mut read = AccessRead { kind: Some(Kind::AccessActivityLog), ..AccessRead::default() };
    let mut notes = Notes::default();
    for note in &export.notes {
        notes.say(note.clone());
    }
    let mut strangers = FxHashMap::default();
    for part in &export.parts {
        let mut reader = Reader::new(name, &part.envelope, &mut strangers);
        for (at, value) in part.records.iter().enumerate() {
            reader.record(&LogRecord::new(value)?, at)?;
        }
        read.records += part.records.len() as u64;
        reader.finish(part, export.is_lone_record, taken_at, &mut notes, &mut read)?;
    }
    if let Some(says) = counted(strangers) {
        notes.say(says);
    }
    read.notes = notes.finish();
    Ok(read)
}

/// The operations that do not concern access, the most frequent first.
fn counted(operations: FxHashMap<String, u64>) -> Option<String> {
    const SHOWN: usize = 12;
    let mut operations: Vec<(String, u64)> = operations.into_iter().collect();
    operations.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let all: u64 = operations.iter().map(|(_, count)| count).sum();
    let shown: Vec<String> =
        operations.iter().take(SHOWN).map(|(name, count)| format!("{name} ({count})")).collect();
    let more = match operations.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more operations"),
    };
    (all > 0).then(|| format!("{all} passed over, which do not concern access: {}{more}", shown.join(", ")))
}

/// The records of one operation on one target.
#[derive(Default)]
pub(crate) struct Joined {
    pub target: String,
    pub facts: Facts,
    pub begun: Option<Instant>,
    pub done: Option<Instant>,
    /// The time of its first record.
    first: Option<Instant>,
    failed: bool,
    records: u64,
    pub label: String,
}

type JoinKey = (Operation, String, String);

struct Reader<'p, 'd> {
    file: &'p str,
    envelope: &'p Envelope,
    joined: BTreeMap<JoinKey, Joined>,
    strangers: &'p mut FxHashMap<String, u64>,
    chains: Chains,
    subscriptions: BTreeSet<SubscriptionId>,
    /// As the last record named it.
    last_subscription: Option<Cow<'d, str>>,
    groups: BTreeSet<Scope>,
    oldest: Option<Instant>,
    newest: Option<Instant>,
    used: u64,
}

impl<'p, 'd> Reader<'p, 'd> {
    fn new(file: &'p str, envelope: &'p Envelope, strangers: &'p mut FxHashMap<String, u64>) -> Self {
        Self {
            file,
            envelope,
            joined: BTreeMap::new(),
            strangers,
            chains: Chains::default(),
            subscriptions: BTreeSet::new(),
            last_subscription: None,
            groups: BTreeSet::new(),
            oldest: None,
            newest: None,
            used: 0,
        }
    }

    fn record(&mut self, record: &LogRecord<'_, 'd>, at: usize) -> Result<(), Error> {
        let time = record.time()?;
        self.oldest = Some(self.oldest.map_or(time, |oldest| oldest.min(time)));
        self.newest = self.newest.max(Some(time));
        self.place(record)?;
        let chained = record.hierarchy().is_some_and(|text| self.chains.see(&text, time, at));
        let name = record.operation()?.unwrap_or_default();
        let Some(operation) = Operation::named(&name) else {
            self.used += u64::from(chained);
            match self.strangers.get_mut(&*name) {
                Some(count) => *count += 1,
                None => drop(self.strangers.insert(name.into_owned(), 1)),
            }
            return Ok(());
        };
        let properties = record.properties();
        let properties = properties.as_deref().and_then(Sparse::read).unwrap_or_default();
        let target = target(operation, record);
        let label = record.label(at);
        let phase = record.phase()?;
        let id = record.first(&[Field::OPERATION_ID, Field::CORRELATION])?;
        let id = id.map_or_else(|| label.clone(), |id| id.to_ascii_lowercase());
        let facts = Facts::of(operation, &properties);
        let key = (operation, id, target.to_ascii_lowercase());
        let joined = self.joined.entry(key).or_default();
        joined.target = target;
        joined.records += 1;
        joined.first = Some(joined.first.map_or(time, |first| first.min(time)));
        joined.facts = std::mem::take(&mut joined.facts).or(facts);
        match phase {
            Phase::Begun => joined.begun = Some(joined.begun.map_or(time, |begun| begun.min(time))),
            Phase::Succeeded => {
                joined.done = joined.done.max(Some(time));
                joined.label.clone_from(&label);
            }
            Phase::Failed => joined.failed = true,
            Phase::Under => {}
        }
        if joined.label.is_empty() {
            joined.label = label;
        }
        Ok(())
    }

    /// Whose log it is, as far as the record tells.
    fn place(&mut self, record: &LogRecord<'_, 'd>) -> Result<(), Error> {
        let subscription = record.text(Field::SUBSCRIPTION)?;
        // The same one over and over.
        if subscription.is_some() && subscription == self.last_subscription {
            return Ok(());
        }
        if let Some(id) = subscription.as_ref().and_then(|id| id.trim().parse().ok()) {
            self.subscriptions.insert(id);
            self.last_subscription = subscription;
            return Ok(());
        }
        let path = record.first(&[Field::RESOURCE, Field::TABLE_RESOURCE])?.unwrap_or_default();
        let Ok(scope) = path.parse::<Scope>() else { return Ok(()) };
        match scope.subscription_id() {
            Some(id) => drop(self.subscriptions.insert(id)),
            None => {
                let above = scope.ancestors().filter_map(|path| path.parse().ok());
                let mut groups = above.filter(|scope: &Scope| scope.management_group().is_some());
                self.groups.extend(groups.next());
            }
        }
        Ok(())
    }

    fn finish(
        mut self,
        part: &Part<'_>,
        lone: bool,
        taken_at: Option<Instant>,
        notes: &mut Notes,
        read: &mut AccessRead,
    ) -> Result<(), Error> {
        let (start, stated) = (self.envelope.start.or(self.oldest), self.envelope.taken_at.or(taken_at));
        // Events come late: those before the newest may still be missing.
        let newest = self.newest.map(|newest| newest.plus(-Log::LATE).max(start.unwrap_or(newest)));
        let (Some(start), Some(end)) = (start, stated.or(newest)) else { return Ok(()) };
        if end < start {
            let problem = format!("the log reaches from {start} to {end}, which is before it");
            return Err(Fault::JsonMalformed { problem }.at(Place::file(self.file).in_column("start")));
        }
        read.time_assumed |= stated.is_none();
        read.taken_at = read.taken_at.max(Some(end));
        if stated.is_none() {
            notes.say(
                "nothing says until when the log is whole: 20 minutes before its newest event, for events come late; \
                 state taken_at and asked_at in an envelope",
            );
        }
        if self.envelope.start.is_none() {
            notes.say(
                "nothing says from when the log reaches: the oldest event in it is taken for that; state start in an \
                 envelope",
            );
        }
        let asked_late = self.envelope.asked_at.map_or(end, |asked| asked.plus(-Log::LATE));
        let (events, complete) = self.events(start, end.min(asked_late), notes);
        let scopes = match &self.envelope.scope {
            Some(scope) => vec![scope.clone()],
            None => {
                notes.say(
                    "nothing says whose log it is: it is taken for the whole log of each subscription that it names",
                );
                let groups = std::mem::take(&mut self.groups);
                self.subscriptions.iter().map(|id| Scope::subscription(*id)).chain(groups).collect()
            }
        };
        if lone {
            notes.say("one event, not a log: others may have happened that it does not show");
        }
        read.used += self.used;
        read.chronicle.logs.push(Log {
            file: self.file.to_owned(),
            tenant_id: self.envelope.tenant_id,
            scopes,
            start,
            end,
            asked_at: self.envelope.asked_at,
            span_assumed: self.envelope.start.is_none() || stated.is_none(),
            complete: complete && part.complete && !lone,
            events: self.chained(events, part),
        });
        Ok(())
    }

    /// The changes that happened, or may have; whether nothing was left out that is one.
    fn events(&mut self, start: Instant, whole_until: Instant, notes: &mut Notes) -> (Vec<Event>, bool) {
        let mut events = Vec::new();
        let mut whole = true;
        for ((operation, ..), joined) in std::mem::take(&mut self.joined) {
            let Some((begun, done)) = joined.times(start, whole_until) else {
                notes.pass_over("passed over, changes that failed", joined.label);
                continue;
            };
            match change(operation, &joined, self.envelope) {
                Told::Change(change) => {
                    self.used += joined.records;
                    tell(&change, &joined.label, notes);
                    let joined_begun = joined.begun.is_some();
                    let evidence = Evidence { file: self.file.to_owned(), record: joined.label };
                    let change = match done {
                        Some(_) => change,
                        None => {
                            let says = "begun, and neither done nor failed in the log: what they change is in doubt since";
                            notes.keep(says, &evidence.record);
                            LoggedChange::Begun(Box::new(change))
                        }
                    };
                    let done = done.unwrap_or(begun);
                    // Where it should be in the log and is not, the end is all that was exported.
                    let begun_seen = joined_begun || begun == done;
                    events.push(Event { begun, begun_seen, done, change, evidence });
                }
                Told::Nothing(says) => notes.pass_over(says, joined.label),
                Told::Unknown(says) => {
                    notes.pass_over(says, joined.label);
                    whole = false;
                }
            }
        }
        (events, whole)
    }

    /// The changes and the chains of groups, in the order of time.
    fn chained(&self, mut events: Vec<Event>, part: &Part<'_>) -> Vec<Event> {
        events.extend(self.chains.events(self.file, part));
        events.sort_by(|a, b| (a.done, &a.evidence).cmp(&(b.done, &b.evidence)));
        events
    }
}

impl Joined {
    /// When it began and when it was done; none where it failed. A beginning that is not in the log may lie before it, if
    /// the end is at its beginning, and may be late, if the end is behind the whole part: then the earliest moment.
    fn times(&self, start: Instant, whole_until: Instant) -> Option<(Instant, Option<Instant>)> {
        let Some(done) = self.done else {
            return self.first.filter(|_| !self.failed).map(|first| (self.begun.unwrap_or(first), None));
        };
        let first = start.plus(-Log::LATE);
        let unseen = if done.plus(-Log::LATE) < start { first } else { whole_until }.min(done);
        Some((self.begun.unwrap_or(unseen).min(done), Some(done)))
    }
}

/// What a person may want to know of a change that is read.
fn tell(change: &LoggedChange, label: &str, notes: &mut Notes) {
    match change {
        LoggedChange::Granted(grant) if grant.principal_kind.is_none() => {
            notes.keep("granted to a principal whose kind is not in the log", &grant.id);
        }
        LoggedChange::Assigned { .. } => {
            notes.keep(
                "assignments whose request is not in the log: which role to whom only other exports say",
                label,
            );
        }
        _ => {}
    }
}
