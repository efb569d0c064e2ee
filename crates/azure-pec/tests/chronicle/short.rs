//! Exports and histories in short: days of October 2026, and spans as one line of text.

use azure_pec::{
    AccessHistory, Chronicle, Event, Finding, Grant, Instant, Listing, Log, LoggedChange, Observed, Scope,
    ScopeLevel, Snapshot, TICKS_PER_DAY, TICKS_PER_SECOND,
};

use crate::by_hand::{EARLIEST, LATEST, NAME, at, event, grant, list, log, tree};
use crate::exporter::snapshot;
use crate::world::{SUB_A, TENANT, scope};

pub const SECOND: i64 = TICKS_PER_SECOND;
pub const MINUTE: i64 = 60 * SECOND;
/// So long the operations of these tests take.
pub const TAKES: i64 = 5 * SECOND;

/// Midnight of a day of October 2026; of days before it where the number is not positive.
pub fn day(number: i64) -> Instant {
    at("2026-09-30T00:00:00Z").plus(number * TICKS_PER_DAY)
}

/// A moment: the nearest midnight, and the seconds or ticks between.
pub fn text(moment: Instant) -> String {
    if moment == at(EARLIEST) || moment == at(LATEST) {
        return "?".to_owned();
    }
    let since = moment.ticks() - day(0).ticks();
    let number = (since + TICKS_PER_DAY / 2).div_euclid(TICKS_PER_DAY);
    match since - number * TICKS_PER_DAY {
        0 => number.to_string(),
        ticks if ticks % SECOND == 0 => format!("{number}{:+}s", ticks / SECOND),
        ticks => format!("{number}{ticks:+}"),
    }
}

/// An end of a span: nothing where it is open, `possible~sure` or `sure~possible` where it is not exact.
fn bound(sure: Option<Instant>, possible: Option<Instant>, start: bool) -> String {
    match (sure.map(text), possible.map(text)) {
        (None, _) => "-".to_owned(),
        (Some(sure), None) => sure,
        (Some(sure), Some(earliest)) if start => format!("{earliest}~{sure}"),
        (Some(sure), Some(latest)) => format!("{sure}~{latest}"),
    }
}

/// `start to end`.
pub fn span(
    start: Option<Instant>,
    earliest: Option<Instant>,
    end: Option<Instant>,
    latest: Option<Instant>,
) -> String {
    format!("{} to {}", bound(start, earliest, true), bound(end, latest, false))
}

pub fn held(grant: &Grant) -> String {
    span(grant.start, grant.start_earliest, grant.end, grant.end_latest)
}

/// The span of each grant.
pub fn lives(history: &AccessHistory) -> Vec<String> {
    history.grants.iter().map(held).collect()
}

pub fn denials(history: &AccessHistory) -> Vec<String> {
    let denies = history.denies.iter();
    denies.map(|deny| span(deny.start, deny.start_earliest, deny.end, deny.end_latest)).collect()
}

/// What a finding says after the name and place that it begins with.
pub fn messages(findings: &[Finding], code: &str) -> Vec<String> {
    let own = findings.iter().filter(|finding| finding.code == code);
    own.map(|finding| finding.message.clone()).collect()
}

pub fn put_together(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> (AccessHistory, Vec<Finding>) {
    Chronicle { snapshots, logs, ..Chronicle::default() }.history()
}

/// The one assignment of most of these tests, as a list shows it.
pub fn mine(start: Option<Instant>) -> Grant {
    Grant { start, ..grant(NAME, SUB_A, None) }
}

pub fn shown(taken_at: Instant, grants: Vec<Grant>) -> Snapshot {
    Snapshot { taken_at, ..list("2026-10-01T00:00:00Z", grants) }
}

/// A list that shows the one assignment, made then.
pub fn dated(taken_at: Instant, start: Instant) -> Snapshot {
    shown(taken_at, vec![mine(Some(start))])
}

/// A list that shows the one assignment, and not when it was made.
pub fn undated(taken_at: Instant) -> Snapshot {
    shown(taken_at, vec![mine(None)])
}

/// A list that lacks it.
pub fn empty(taken_at: Instant) -> Snapshot {
    shown(taken_at, vec![])
}

/// A list of schedules that shows the one assignment with its announced end.
pub fn scheduled(taken_at: Instant, start: Instant, end: Instant) -> Snapshot {
    Snapshot {
        grants: vec![Grant { end: Some(end), ..mine(Some(start)) }],
        ..snapshot(Listing::ActiveSchedules, vec![scope(SUB_A)], taken_at)
    }
}

pub fn whole(start: Instant, end: Instant, events: Vec<Event>) -> Log {
    Log { start, end, ..log("2026-10-01T00:00:00Z", "2026-10-02T00:00:00Z", events) }
}

/// An operation that took its time.
pub fn done(begun: Instant, change: LoggedChange) -> Event {
    done_by(begun, begun.plus(TAKES), change)
}

pub fn done_by(begun: Instant, done: Instant, change: LoggedChange) -> Event {
    Event { begun, done, ..event("2026-10-01T00:00:00Z", "2026-10-01T00:00:00Z", change) }
}

/// An operation of which nothing tells the outcome.
pub fn begun(at: Instant, change: LoggedChange) -> Event {
    done_by(at, at, LoggedChange::Begun(Box::new(change)))
}

/// An operation of which the log has the end alone.
pub fn ended(earliest: Instant, done: Instant, change: LoggedChange) -> Event {
    Event { begun_seen: false, ..done_by(earliest, done, change) }
}

pub fn writing() -> LoggedChange {
    LoggedChange::Granted(Box::new(mine(None)))
}

pub fn deleting() -> LoggedChange {
    deleting_of(None, None)
}

/// A deletion whose record holds the stored times.
pub fn deleting_of(created: Option<Instant>, ended: Option<Instant>) -> LoggedChange {
    deleting_named(NAME, created, ended)
}

/// The same of another name.
pub fn deleting_named(id: &str, created: Option<Instant>, ended: Option<Instant>) -> LoggedChange {
    let Grant { scope, role_id, principal_id, .. } = mine(None);
    let (id, role_id, principal_id) = (id.to_owned(), Some(role_id), Some(principal_id));
    LoggedChange::Revoked { id, scope, role_id, principal_id, principal_kind: None, created, ended }
}

/// The same, which says nothing of whose it was.
pub fn deleting_unsaid(id: &str, created: Option<Instant>, ended: Option<Instant>) -> LoggedChange {
    let (id, scope) = (id.to_owned(), mine(None).scope);
    LoggedChange::Revoked {
        id,
        scope,
        role_id: None,
        principal_id: None,
        principal_kind: None,
        created,
        ended,
    }
}

/// A place by its last name; subscriptions by their first letter.
pub fn name(place: &Scope) -> String {
    let last = place.as_str().rsplit('/').next().unwrap_or_default();
    match (place.level(), last) {
        (ScopeLevel::Root, _) => "/".to_owned(),
        (ScopeLevel::Subscription, id) => id[..1].to_owned(),
        (_, TENANT) => "tenant".to_owned(),
        (_, last) => last.to_owned(),
    }
}

/// What was observed: `place: start to end`.
pub fn observed(history: &AccessHistory) -> Vec<String> {
    let Observed::Windows(windows) = &history.observed else { return vec!["everything".to_owned()] };
    windows
        .iter()
        .map(|one| format!("{}: {}", name(&one.scope), span(one.start, None, one.end, None)))
        .collect()
}

/// What stood under what: `child<parent: start to end`.
pub fn placed(history: &AccessHistory) -> Vec<String> {
    let entries = history.hierarchy.iter();
    entries
        .map(|one| {
            let (child, parent) = (name(&one.child), name(&one.parent));
            format!("{child}<{parent}: {}", span(one.start, None, one.end, None))
        })
        .collect()
}

/// What stands under what, as a list of the hierarchy shows it.
pub fn stands(taken_at: Instant, entries: &[(&str, &str)]) -> Snapshot {
    Snapshot { taken_at, ..tree("2026-10-01T00:00:00Z", entries) }
}

/// A complete list of role assignments taken somewhere.
pub fn listed_at(place: &str, taken_at: Instant, grants: Vec<Grant>) -> Snapshot {
    Snapshot { scopes: vec![scope(place)], ..shown(taken_at, grants) }
}

pub fn whole_of(place: &str, start: Instant, end: Instant, events: Vec<Event>) -> Log {
    Log { scopes: vec![scope(place)], ..whole(start, end, events) }
}
