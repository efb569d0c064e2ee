//! The readings of exports, one example each.

use azure_pec::{
    AccessHistory, Chronicle, DenyAssignment, Event, Finding, Grant, GrantPath, HierarchyEntry, Instant,
    Listing, Log, LoggedChange, Observed, ObservedWindow, Snapshot, Twin,
};

use crate::exporter::{evidence, snapshot};
use crate::world::{LEFT, OWNER, RIGHT, SUB_A, SUB_B, scope, sub, tenant};

const NAME: &str = "11111111-0000-0000-0000-000000000001";
const OTHER: &str = "22222222-0000-0000-0000-000000000002";
const EARLIEST: &str = "0001-01-01T00:00:00Z";
const LATEST: &str = "9999-12-31T23:59:59.9999999Z";

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn grant(id: &str, place: &str, start: Option<&str>) -> Grant {
    let text = serde_json::json!({
        "id": id, "path": "aobo", "scope": place, "role_id": OWNER,
        "principal_id": "dddddddd-0000-0000-0000-000000000001", "principal_kind": "ForeignGroup", "start": start,
    });
    Grant { evidence: vec![evidence(id)], ..serde_json::from_value(text).unwrap() }
}

fn list(taken: &str, grants: Vec<Grant>) -> Snapshot {
    Snapshot { grants, ..snapshot(Listing::RoleAssignments, vec![scope(SUB_A)], at(taken)) }
}

fn log(start: &str, end: &str, events: Vec<Event>) -> Log {
    Log {
        file: "log.json".to_owned(),
        tenant_id: Some(tenant()),
        scopes: vec![scope(SUB_A)],
        start: at(start),
        end: at(end),
        asked_at: None,
        span_assumed: false,
        complete: true,
        events,
    }
}

fn event(begun: &str, done: &str, change: LoggedChange) -> Event {
    Event { begun: at(begun), done: at(done), change, evidence: evidence("event") }
}

fn granted(begun: &str, done: &str, id: &str) -> Event {
    event(begun, done, LoggedChange::Granted(Box::new(grant(id, SUB_A, None))))
}

fn revoked(begun: &str, done: &str, id: &str, created: Option<&str>, ended: Option<&str>) -> Event {
    let known = grant(id, SUB_A, None);
    let change = LoggedChange::Revoked {
        id: id.to_owned(),
        scope: scope(SUB_A),
        role_id: Some(known.role_id),
        principal_id: Some(known.principal_id),
        principal_kind: None,
        created: created.map(at),
        ended: ended.map(at),
    };
    event(begun, done, change)
}

fn history(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> (AccessHistory, Vec<Finding>) {
    Chronicle { snapshots, logs, ..Chronicle::default() }.history()
}

type Times = (Option<String>, Option<String>, Option<String>, Option<String>);

/// Start, end, earliest start, latest end of the only grant.
fn only(history: &AccessHistory) -> Times {
    assert_eq!(history.grants.len(), 1, "{:#?}", history.grants);
    times(&history.grants[0])
}

fn times(grant: &Grant) -> Times {
    let text = |at: Option<Instant>| at.map(|at| at.to_string());
    (text(grant.start), text(grant.end), text(grant.start_earliest), text(grant.end_latest))
}

fn expect(start: Option<&str>, end: Option<&str>, earliest: Option<&str>, latest: Option<&str>) -> Times {
    let text = |text: Option<&str>| text.map(str::to_owned);
    (text(start), text(end), text(earliest), text(latest))
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

fn windows(history: &AccessHistory) -> Vec<(String, String, String)> {
    let Observed::Windows(windows) = &history.observed else { return Vec::new() };
    let text = |at: Option<Instant>| at.map_or_else(String::new, |at| at.to_string());
    windows.iter().map(|one| (one.scope.to_string(), text(one.start), text(one.end))).collect()
}

fn window(place: &str, start: &str, end: &str) -> (String, String, String) {
    (scope(place).to_string(), start.to_owned(), end.to_owned())
}

// --- lists ---

#[test]
fn a_list_proves_from_the_stored_start_to_its_moment() {
    let (history, _) = history(
        vec![list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))])],
        vec![],
    );
    assert_eq!(only(&history), expect(Some("2026-03-01T00:00:00Z"), None, None, None));
    assert_eq!(windows(&history), [window(SUB_A, "2026-10-20T00:00:00Z", "2026-10-20T00:00:00Z")]);
}

#[test]
fn present_in_two_lists_held_through_and_gone_from_the_newer_ended_between() {
    let both = || grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"));
    let gone = || grant(OTHER, &format!("{SUB_A}/resourceGroups/rg"), Some("2026-03-01T00:00:00Z"));
    let lists =
        vec![list("2026-10-10T00:00:00Z", vec![both(), gone()]), list("2026-10-20T00:00:00Z", vec![both()])];
    let (history, findings) = history(lists, vec![]);
    assert_eq!(times(&history.grants[0]), expect(Some("2026-03-01T00:00:00Z"), None, None, None));
    assert_eq!(
        times(&history.grants[1]),
        expect(
            Some("2026-03-01T00:00:00Z"),
            Some("2026-10-10T00:00:00Z"),
            None,
            Some("2026-10-20T00:00:00Z")
        )
    );
    assert!(findings.is_empty());
}

#[test]
fn a_grant_that_an_earlier_list_should_have_shown_is_a_contradiction() {
    let lists = vec![
        list("2026-10-10T00:00:00Z", vec![]),
        list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-01T00:00:00Z"))]),
    ];
    let (history, findings) = history(lists, vec![]);
    assert_eq!(
        only(&history),
        expect(Some("2026-10-20T00:00:00Z"), None, Some("2026-10-01T00:00:00Z"), None)
    );
    assert_eq!(codes(&findings), ["access.contradiction"]);
}

#[test]
fn an_unfinished_list_disproves_nothing() {
    let lists = vec![
        Snapshot { complete: false, ..list("2026-10-10T00:00:00Z", vec![]) },
        list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-01T00:00:00Z"))]),
    ];
    let (history, findings) = history(lists, vec![]);
    assert_eq!(only(&history), expect(Some("2026-10-01T00:00:00Z"), None, None, None));
    assert!(findings.is_empty());
}

#[test]
fn the_finer_of_two_stored_starts_counts() {
    let lists = vec![
        list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-01T00:00:00.123456Z"))]),
        list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-01T00:00:00.1234567Z"))]),
    ];
    let (history, findings) = history(lists, vec![]);
    assert_eq!(only(&history), expect(Some("2026-10-01T00:00:00.1234567Z"), None, None, None));
    assert_eq!(history.grants[0].evidence.len(), 1);
    assert!(findings.is_empty());
}

#[test]
fn a_name_used_again_is_another_life() {
    let lists = vec![
        list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]),
        list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-15T00:00:00Z"))]),
    ];
    let (history, _) = history(lists, vec![]);
    assert_eq!(
        times(&history.grants[0]),
        expect(
            Some("2026-03-01T00:00:00Z"),
            Some("2026-10-10T00:00:00Z"),
            None,
            Some("2026-10-15T00:00:00Z")
        )
    );
    assert_eq!(times(&history.grants[1]), expect(Some("2026-10-15T00:00:00Z"), None, None, None));
}

// --- grants without dates ---

#[test]
fn a_list_without_dates_proves_its_moment() {
    let (history, _) = history(vec![list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, None)])], vec![]);
    // The first thing observed is that moment.
    assert_eq!(only(&history), expect(None, None, None, None));
}

#[test]
fn two_lists_without_dates_prove_the_time_between() {
    let lists = vec![
        list("2026-10-01T00:00:00Z", vec![]),
        list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, None)]),
        list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, None)]),
    ];
    let (history, _) = history(lists, vec![]);
    assert_eq!(
        only(&history),
        expect(Some("2026-10-10T00:00:00Z"), None, Some("2026-10-01T00:00:00Z"), None)
    );
}

#[test]
fn a_log_without_its_making_proves_that_it_was_there_before() {
    let lists = vec![list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, None)])];
    let (history, findings) =
        history(lists, vec![log("2026-08-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![])]);
    assert_eq!(only(&history), expect(None, None, None, None));
    assert_eq!(windows(&history), [window(SUB_A, "2026-08-01T00:00:00Z", "2026-10-20T00:00:00Z")]);
    assert_eq!(codes(&findings), ["access.no_hierarchy"]);
}

// --- logs ---

/// Times measured in a recorded session that put, read and deleted one assignment.
#[test]
fn the_measured_sequence_put_get_delete() {
    let put = || granted("2023-08-23T13:00:14.987Z", "2023-08-23T13:00:20.315Z", NAME);
    let whole = |events| log("2023-08-20T00:00:00Z", "2023-08-30T00:00:00Z", events);
    // The answer to the put claims 15.069; a list shows 16.344, and that counts.
    let stored = "2023-08-23T13:00:16.344Z";
    let seen = list("2023-08-24T00:00:00Z", vec![grant(NAME, SUB_A, Some(stored))]);
    let (with_list, findings) = history(vec![seen], vec![whole(vec![put()])]);
    assert_eq!(only(&with_list), expect(Some(stored), None, None, None));
    assert_eq!(codes(&findings), ["access.no_hierarchy"]);

    // A deletion by itself answers with the stored object: both ends are exact.
    let ended = "2023-08-25T09:00:01.5Z";
    let direct = revoked("2023-08-25T09:00:00Z", "2023-08-25T09:00:05Z", NAME, Some(stored), Some(ended));
    let (direct, _) = history(vec![], vec![whole(vec![put(), direct])]);
    assert_eq!(only(&direct), expect(Some(stored), Some(ended), None, None));

    // From the log alone: sure when it was done, possible since it began. A list before shows that it made it.
    let cascade = revoked("2023-08-25T09:00:00Z", "2023-08-25T09:00:05Z", NAME, None, None);
    let empty = list("2023-08-21T00:00:00Z", vec![]);
    let (from_log, _) = history(vec![empty], vec![whole(vec![put(), cascade.clone()])]);
    assert_eq!(
        only(&from_log),
        expect(
            Some("2023-08-23T13:00:20.315Z"),
            Some("2023-08-25T09:00:00Z"),
            Some("2023-08-23T13:00:14.987Z"),
            Some("2023-08-25T09:00:05Z")
        )
    );

    // Without such a list the record may have changed an older assignment.
    let (older, _) = history(vec![], vec![whole(vec![put(), cascade])]);
    assert_eq!(only(&older).2.as_deref(), Some(EARLIEST));
}

#[test]
fn a_deletion_ends_what_a_list_shows() {
    let seen = list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
    let gone = revoked("2026-10-15T09:00:00Z", "2026-10-15T09:00:05Z", NAME, None, None);
    let (history, _) =
        history(vec![seen], vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone])]);
    assert_eq!(
        only(&history),
        expect(
            Some("2026-03-01T00:00:00Z"),
            Some("2026-10-15T09:00:00Z"),
            None,
            Some("2026-10-15T09:00:05Z")
        )
    );
}

#[test]
fn a_deletion_of_what_no_list_shows_was_there_before_the_log() {
    let gone = revoked("2026-10-15T09:00:00Z", "2026-10-15T09:00:05Z", NAME, None, None);
    let whole = || log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone.clone()]);
    let (anchored, _) = history(vec![list("2026-10-18T00:00:00Z", vec![])], vec![whole()]);
    assert_eq!(
        only(&anchored),
        expect(None, Some("2026-10-15T09:00:00Z"), None, Some("2026-10-15T09:00:05Z"))
    );
    // A list before the log shows when observation began; in between it is possible.
    let lists = vec![list("2026-09-01T00:00:00Z", vec![]), list("2026-10-18T00:00:00Z", vec![])];
    let (earlier, _) = history(lists, vec![whole()]);
    assert_eq!(
        only(&earlier),
        expect(
            Some("2026-10-01T00:00:00Z"),
            Some("2026-10-15T09:00:00Z"),
            Some("2026-09-01T00:00:00Z"),
            Some("2026-10-15T09:00:05Z")
        )
    );
}

#[test]
fn an_update_is_no_new_start_and_may_change_the_condition() {
    let mut changed = grant(NAME, SUB_A, None);
    changed.condition = Some("true".to_owned());
    let update =
        event("2026-10-12T00:00:00Z", "2026-10-12T00:00:02Z", LoggedChange::Granted(Box::new(changed)));
    let lists = || vec![list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))])];
    let whole = |events| log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", events);
    let plain = granted("2026-10-12T00:00:00Z", "2026-10-12T00:00:02Z", NAME);
    let (same, findings) = history(lists(), vec![whole(vec![plain])]);
    assert_eq!(only(&same), expect(Some("2026-03-01T00:00:00Z"), None, None, None));
    assert_eq!(codes(&findings), ["access.no_hierarchy"]);
    let (history, _) = history(lists(), vec![whole(vec![update])]);
    let conditions: Vec<_> =
        history.grants.iter().map(|grant| (times(grant), grant.condition.as_deref())).collect();
    assert_eq!(
        conditions,
        [
            (expect(Some("2026-03-01T00:00:00Z"), Some("2026-10-12T00:00:00Z"), None, None), None),
            (expect(Some("2026-10-12T00:00:00Z"), None, None, None), Some("true")),
        ]
    );
}

#[test]
fn a_cascade_ends_many_and_names_are_compared_without_dashes() {
    let group = format!("{SUB_A}/resourceGroups/rg");
    let change = LoggedChange::Revoked {
        id: NAME.replace('-', ""),
        scope: scope(&group),
        role_id: None,
        principal_id: None,
        principal_kind: None,
        created: None,
        ended: None,
    };
    let seen = list("2026-10-10T00:00:00Z", vec![grant(NAME, &group, Some("2026-03-01T00:00:00Z"))]);
    let cascade = event("2026-10-15T00:00:00Z", "2026-10-15T00:01:00Z", change);
    let (history, findings) =
        history(vec![seen], vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![cascade])]);
    assert_eq!(only(&history).1.as_deref(), Some("2026-10-15T00:00:00Z"));
    assert_eq!(codes(&findings), ["access.no_hierarchy"]);
}

#[test]
fn what_nothing_describes_ends_what_was_observed() {
    let change = LoggedChange::Revoked {
        id: NAME.to_owned(),
        scope: scope(SUB_A),
        role_id: None,
        principal_id: None,
        principal_kind: None,
        created: Some(at("2026-10-05T00:00:00Z")),
        ended: None,
    };
    let gone = event("2026-10-08T00:00:00Z", "2026-10-08T00:00:05Z", change);
    let whole = log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone]);
    let (history, findings) = history(vec![list("2026-10-18T00:00:00Z", vec![])], vec![whole]);
    assert!(history.grants.is_empty());
    assert_eq!(
        windows(&history),
        [
            window(SUB_A, "2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z"),
            window(SUB_A, "2026-10-08T00:00:05Z", "2026-10-20T00:00:00Z"),
        ]
    );
    assert_eq!(codes(&findings), ["access.nameless_event", "access.no_hierarchy"]);
}

#[test]
fn a_list_of_a_deleted_grant_is_late_or_a_contradiction() {
    let gone = || revoked("2026-10-15T09:00:00Z", "2026-10-15T09:00:05Z", NAME, None, None);
    let whole = || log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone()]);
    let seen = |taken| list(taken, vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
    let (late, findings) = history(vec![seen("2026-10-15T09:05:00Z")], vec![whole()]);
    assert_eq!(
        only(&late),
        expect(
            Some("2026-03-01T00:00:00Z"),
            Some("2026-10-15T09:00:00Z"),
            None,
            Some("2026-10-15T09:05:00Z")
        )
    );
    assert!(codes(&findings).contains(&"access.contradiction"));
    let (later, _) = history(vec![seen("2026-10-18T00:00:00Z")], vec![whole()]);
    assert_eq!(
        only(&later),
        expect(Some("2026-03-01T00:00:00Z"), Some("2026-10-15T09:00:00Z"), None, None).with_latest(LATEST)
    );
}

trait WithLatest {
    fn with_latest(self, latest: &str) -> Self;
}

impl WithLatest for Times {
    fn with_latest(mut self, latest: &str) -> Self {
        self.3 = Some(latest.to_owned());
        self
    }
}

// --- what was observed ---

#[test]
fn a_log_without_a_list_proves_no_absence() {
    let (history, findings) =
        history(vec![], vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![])]);
    assert_eq!(windows(&history), []);
    assert_eq!(codes(&findings), ["access.log_without_list"]);
}

#[test]
fn logs_that_touch_join_and_a_hole_parts_them() {
    let parts = |second: &str| {
        vec![
            log("2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z", vec![]),
            log(second, "2026-10-20T00:00:00Z", vec![]),
        ]
    };
    let lists = || vec![list("2026-10-05T00:00:00Z", vec![])];
    let (joined, _) = history(lists(), parts("2026-10-10T00:00:00Z"));
    assert_eq!(windows(&joined), [window(SUB_A, "2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z")]);
    let (parted, findings) = history(lists(), parts("2026-10-11T00:00:00Z"));
    assert_eq!(windows(&parted), [window(SUB_A, "2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z")]);
    assert_eq!(codes(&findings), ["access.log_hole", "access.log_without_list", "access.no_hierarchy"]);
}

#[test]
fn an_unfinished_log_proves_its_events_alone() {
    let gone = revoked("2026-10-15T09:00:00Z", "2026-10-15T09:00:05Z", NAME, None, None);
    let unfinished =
        Log { complete: false, ..log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone]) };
    let seen = list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
    let (history, findings) = history(vec![seen], vec![unfinished]);
    assert_eq!(only(&history).1.as_deref(), Some("2026-10-15T09:00:00Z"));
    assert_eq!(windows(&history), [window(SUB_A, "2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z")]);
    assert_eq!(codes(&findings), ["access.log_incomplete"]);
}

#[test]
fn a_list_at_the_end_of_a_log_is_told() {
    let whole = || log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![]);
    let (_, findings) = history(vec![list("2026-10-19T23:45:00Z", vec![])], vec![whole()]);
    assert_eq!(codes(&findings), ["access.log_tail", "access.no_hierarchy"]);
    let (_, findings) = history(vec![list("2026-10-19T23:30:00Z", vec![])], vec![whole()]);
    assert_eq!(codes(&findings), ["access.no_hierarchy"]);
}

#[test]
fn what_nobody_timed_is_told() {
    let guessed = Snapshot { time_assumed: true, ..list("2026-10-10T00:00:00Z", vec![]) };
    let log = Log { span_assumed: true, ..log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![]) };
    let (_, findings) = history(vec![guessed], vec![log]);
    assert_eq!(codes(&findings), ["access.no_hierarchy", "access.time_assumed", "access.time_assumed"]);
}

// --- management groups ---

fn tree(taken: &str, entries: &[(&str, &str)]) -> Snapshot {
    let entry = |(child, parent): &(&str, &str)| HierarchyEntry {
        tenant_id: Some(tenant()),
        child: scope(child),
        parent: scope(parent),
        start: None,
        end: None,
    };
    let hierarchy = entries.iter().map(entry).collect();
    Snapshot { hierarchy, ..snapshot(Listing::Hierarchy, vec![], at(taken)) }
}

fn log_of(place: &str, start: &str, end: &str, events: Vec<Event>) -> Log {
    Log { scopes: vec![scope(place)], ..log(start, end, events) }
}

fn spans(history: &AccessHistory) -> Vec<(String, String, String, String)> {
    let text = |at: Option<Instant>| at.map_or_else(String::new, |at| at.to_string());
    let last = |place: &azure_pec::Scope| place.as_str().rsplit('/').next().unwrap().to_owned();
    let entries = history.hierarchy.iter();
    entries.map(|one| (last(&one.child), last(&one.parent), text(one.start), text(one.end))).collect()
}

fn span(child: &str, parent: &str, start: &str, end: &str) -> (String, String, String, String) {
    let last = |place: &str| place.to_ascii_lowercase().rsplit('/').next().unwrap().to_owned();
    (last(child), last(parent), start.to_owned(), end.to_owned())
}

#[test]
fn groups_above_a_subscription_are_to_be_covered_too() {
    let lists = || vec![list("2026-10-10T00:00:00Z", vec![]), tree("2026-10-10T00:00:00Z", &[(SUB_A, LEFT)])];
    let own = || log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![]);
    let (alone, findings) = history(lists(), vec![own()]);
    assert_eq!(windows(&alone), [window(SUB_A, "2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z")]);
    assert_eq!(codes(&findings), ["access.group_uncovered"]);
    let group = log_of(LEFT, "2026-10-05T00:00:00Z", "2026-10-25T00:00:00Z", vec![]);
    let (covered, _) = history(lists(), vec![own(), group]);
    assert_eq!(windows(&covered), [window(SUB_A, "2026-10-05T00:00:00Z", "2026-10-20T00:00:00Z")]);
}

#[test]
fn the_same_parent_in_two_trees_stood_between() {
    let trees = |second| {
        vec![tree("2026-10-01T00:00:00Z", &[(SUB_A, LEFT)]), tree("2026-10-20T00:00:00Z", &[(SUB_A, second)])]
    };
    let lists = |second| [trees(second), vec![list("2026-10-20T00:00:00Z", vec![])]].concat();
    let (same, _) = history(lists(LEFT), vec![]);
    assert_eq!(spans(&same), [span(SUB_A, LEFT, "2026-10-01T00:00:00Z", "")]);
    // Of a change that no log shows neither parent is known.
    let (changed, _) = history(lists(RIGHT), vec![]);
    assert_eq!(spans(&changed), [span(SUB_A, RIGHT, "2026-10-20T00:00:00Z", "")]);
}

#[test]
fn a_move_in_the_log_is_exact() {
    let placed = event(
        "2026-10-12T08:00:00Z",
        "2026-10-12T08:00:30Z",
        LoggedChange::Placed { child: scope(SUB_A), parent: scope(RIGHT) },
    );
    let snapshots =
        vec![tree("2026-10-05T00:00:00Z", &[(SUB_A, LEFT)]), list("2026-10-20T00:00:00Z", vec![])];
    let logs = vec![
        log_of(LEFT, "2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![placed.clone()]),
        log_of(RIGHT, "2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", vec![placed]),
    ];
    let (history, findings) = history(snapshots, logs);
    assert_eq!(
        spans(&history),
        [
            span(SUB_A, LEFT, "2026-10-01T00:00:00Z", "2026-10-12T08:00:00Z"),
            span(SUB_A, RIGHT, "2026-10-12T08:00:30Z", ""),
        ]
    );
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn chains_in_records_are_sights_of_the_hierarchy() {
    let chain = |taken: &str| {
        let (subscription, groups) = (sub(SUB_A), vec![scope(LEFT), scope(RIGHT)]);
        event(taken, taken, LoggedChange::Chain { tenant_id: Some(tenant()), subscription, groups })
    };
    let events = vec![chain("2026-10-03T00:00:00Z"), chain("2026-10-20T00:00:00Z")];
    let (history, _) = history(
        vec![list("2026-10-20T00:00:00Z", vec![])],
        vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", events)],
    );
    let root = format!("/providers/Microsoft.Management/managementGroups/{}", tenant());
    assert_eq!(
        spans(&history),
        [
            span(LEFT, &root, "2026-10-03T00:00:00Z", ""),
            span(RIGHT, LEFT, "2026-10-03T00:00:00Z", ""),
            span(SUB_A, RIGHT, "2026-10-03T00:00:00Z", ""),
        ]
    );
}

#[test]
fn a_group_grant_seen_in_two_subscriptions_is_one_where_its_times_are_one() {
    let seen = |place: &str, taken: &str| {
        let mut seen = grant(NAME, LEFT, Some("2026-03-01T00:00:00Z"));
        seen.reaches = vec![sub(place)];
        Snapshot { grants: vec![seen], ..snapshot(Listing::RoleAssignments, vec![scope(place)], at(taken)) }
    };
    let none = |place: &str, taken: &str| snapshot(Listing::RoleAssignments, vec![scope(place)], at(taken));
    let (same, _) =
        history(vec![seen(SUB_A, "2026-10-10T00:00:00Z"), seen(SUB_B, "2026-10-10T00:00:00Z")], vec![]);
    assert_eq!(only(&same), expect(Some("2026-03-01T00:00:00Z"), None, None, None));
    assert_eq!(same.grants[0].reaches, [sub(SUB_A), sub(SUB_B)]);

    let lists = vec![
        seen(SUB_A, "2026-10-10T00:00:00Z"),
        seen(SUB_B, "2026-10-10T00:00:00Z"),
        seen(SUB_A, "2026-10-20T00:00:00Z"),
        none(SUB_B, "2026-10-20T00:00:00Z"),
    ];
    let (differ, _) = history(lists, vec![]);
    let found: Vec<_> = differ.grants.iter().map(|grant| (times(grant), grant.reaches.clone())).collect();
    let start = Some("2026-03-01T00:00:00Z");
    assert_eq!(
        found,
        [
            (expect(start, None, None, None), vec![sub(SUB_A)]),
            (
                expect(start, Some("2026-10-10T00:00:00Z"), None, Some("2026-10-20T00:00:00Z")),
                vec![sub(SUB_B)]
            ),
        ]
    );
}

// --- moves, schedules, delegations, denies ---

#[test]
fn a_move_leaves_grants_behind() {
    let vm = format!("{SUB_A}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm");
    let moved =
        LoggedChange::Moved { from: vec![scope(&vm)], to: scope(&format!("{SUB_A}/resourceGroups/new")) };
    let orphan = || {
        let on_it = grant(NAME, &vm, Some("2026-03-01T00:00:00Z"));
        let below = grant(OTHER, &format!("{vm}/extensions/one"), Some("2026-03-01T00:00:00Z"));
        vec![on_it, below]
    };
    // The list still shows what became an orphan.
    let lists = vec![list("2026-10-05T00:00:00Z", orphan()), list("2026-10-18T00:00:00Z", orphan())];
    let events = vec![event("2026-10-10T00:00:00Z", "2026-10-10T00:03:00Z", moved)];
    let (history, findings) =
        history(lists, vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", events)]);
    assert_eq!(history.grants.len(), 2);
    for grant in &history.grants {
        let end = Some("2026-10-10T00:00:00Z");
        assert_eq!(
            times(grant),
            expect(Some("2026-03-01T00:00:00Z"), end, None, Some("2026-10-10T00:03:00Z"))
        );
    }
    assert_eq!(codes(&findings), ["access.moved", "access.moved", "access.no_hierarchy"]);
}

#[test]
fn a_schedule_and_its_role_assignment_are_one_grant_with_the_announced_end() {
    let schedule = "33333333-0000-0000-0000-000000000003";
    let mut active = grant(schedule, SUB_A, Some("2026-10-09T08:00:00Z"));
    active.end = Some(at("2026-10-10T16:00:00Z"));
    let twins = vec![Twin { schedule: schedule.to_owned(), assignment: NAME.to_owned() }];
    let schedules = Snapshot {
        twins,
        grants: vec![active],
        ..snapshot(Listing::ActiveSchedules, vec![scope(SUB_A)], at("2026-10-10T00:00:00Z"))
    };
    let lists =
        vec![schedules, list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-09T08:00:01Z"))])];
    let (seen, findings) = history(lists.clone(), vec![]);
    // The end lies after the last observation, which cuts it.
    assert_eq!(only(&seen), expect(Some("2026-10-09T08:00:01Z"), Some("2026-10-10T16:00:00Z"), None, None));
    assert!(findings.is_empty());
    // Taken back before its time.
    let gone = revoked("2026-10-10T09:00:00Z", "2026-10-10T09:00:00Z", NAME, None, None);
    let (early, _) = history(lists, vec![log("2026-10-09T00:00:00Z", "2026-10-20T00:00:00Z", vec![gone])]);
    assert_eq!(only(&early).1.as_deref(), Some("2026-10-10T09:00:00Z"));
}

#[test]
fn eligible_schedules_stay_eligible() {
    let eligible = Grant { eligible_only: true, ..grant(NAME, SUB_A, Some("2026-10-01T00:00:00Z")) };
    let list = Snapshot {
        grants: vec![eligible],
        ..snapshot(Listing::EligibleSchedules, vec![scope(SUB_A)], at("2026-10-10T00:00:00Z"))
    };
    let (history, _) = history(vec![list], vec![]);
    assert!(history.grants[0].eligible_only);
    assert_eq!(only(&history), expect(Some("2026-10-01T00:00:00Z"), None, None, None));
}

fn delegation() -> Grant {
    Grant { path: GrantPath::LighthouseTemplate, ..grant(&format!("{NAME}/one"), SUB_A, None) }
}

#[test]
fn a_list_of_role_assignments_says_nothing_of_delegations() {
    let delegations = |taken| Snapshot {
        grants: vec![delegation()],
        ..snapshot(Listing::Delegations, vec![scope(SUB_A)], at(taken))
    };
    let lists = vec![
        delegations("2026-10-01T00:00:00Z"),
        list("2026-10-05T00:00:00Z", vec![]),
        delegations("2026-10-20T00:00:00Z"),
    ];
    let (history, findings) = history(lists, vec![]);
    assert_eq!(only(&history), expect(None, None, None, None));
    assert!(findings.is_empty());
}

#[test]
fn a_delegation_takes_its_times_from_the_log() {
    let seen = Snapshot {
        grants: vec![delegation()],
        ..snapshot(Listing::Delegations, vec![scope(SUB_A)], at("2026-10-12T00:00:00Z"))
    };
    let none = snapshot(Listing::Delegations, vec![scope(SUB_A)], at("2026-10-02T00:00:00Z"));
    let (id, place) = (NAME.to_owned(), scope(SUB_A));
    let made = LoggedChange::Delegated { id: id.clone(), scope: place.clone() };
    let ended = LoggedChange::Undelegated { id, scope: place };
    let events = vec![
        event("2026-10-10T00:00:00Z", "2026-10-10T00:00:20Z", made),
        event("2026-10-15T00:00:00Z", "2026-10-15T00:00:20Z", ended),
    ];
    let (history, _) =
        history(vec![none, seen], vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", events)]);
    assert_eq!(
        only(&history),
        expect(
            Some("2026-10-10T00:00:20Z"),
            Some("2026-10-15T00:00:00Z"),
            Some("2026-10-10T00:00:00Z"),
            Some("2026-10-15T00:00:20Z")
        )
    );
}

fn deny(id: &str) -> DenyAssignment {
    let text = serde_json::json!({"id": id, "scope": SUB_A, "everyone": true, "actions": ["*"]});
    serde_json::from_value(text).unwrap()
}

#[test]
fn denies_are_proved_from_list_to_list_and_by_the_log() {
    let denies = |taken, denies| Snapshot {
        denies,
        ..snapshot(Listing::DenyAssignments, vec![scope(SUB_A)], at(taken))
    };
    let lists = vec![
        denies("2026-10-01T00:00:00Z", vec![]),
        denies("2026-10-10T00:00:00Z", vec![deny(NAME)]),
        denies("2026-10-20T00:00:00Z", vec![deny(NAME)]),
        denies("2026-10-25T00:00:00Z", vec![]),
    ];
    let (history, _) = history(lists, vec![]);
    let found = &history.denies[0];
    let text = |at: Option<Instant>| at.map(|at| at.to_string()).unwrap_or_default();
    assert_eq!(
        [text(found.start_earliest), text(found.start), text(found.end), text(found.end_latest)],
        ["2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z", "2026-10-20T00:00:00Z", "2026-10-25T00:00:00Z"]
    );
}

#[test]
fn a_deny_that_only_a_log_names_may_deny_anybody() {
    let change = LoggedChange::Denied { id: NAME.to_owned(), scope: scope(SUB_A) };
    let events = vec![event("2026-10-10T00:00:00Z", "2026-10-10T00:00:05Z", change)];
    let (history, _) = history(vec![], vec![log("2026-10-01T00:00:00Z", "2026-10-20T00:00:00Z", events)]);
    let found = &history.denies[0];
    assert!(found.everyone && found.start == found.end && found.start_earliest < found.start);
    history.check().unwrap();
}

// --- histories kept before ---

#[test]
fn an_open_end_goes_on_where_the_newer_exports_say_so() {
    let month = |first: &str, last: &str, events| {
        let seen = list(last, vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
        (vec![seen], vec![log(first, last, events)])
    };
    let (snapshots, logs) = month("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z", vec![]);
    let (kept, _) = history(snapshots, logs);
    let gone = revoked("2026-10-15T09:00:00Z", "2026-10-15T09:00:00Z", NAME, None, None);
    let newer = vec![log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![gone])];
    let (history, _) = Chronicle { histories: vec![kept], logs: newer, ..Chronicle::default() }.history();
    assert_eq!(
        only(&history),
        expect(Some("2026-03-01T00:00:00Z"), Some("2026-10-15T09:00:00Z"), None, None)
    );
    assert_eq!(windows(&history), [window(SUB_A, "2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z")]);
}

#[test]
fn complete_stays_complete() {
    let stated = AccessHistory {
        observed: Observed::Complete,
        grants: vec![grant(NAME, SUB_A, None)],
        ..AccessHistory::default()
    };
    let (history, _) = Chronicle {
        histories: vec![stated],
        snapshots: vec![list("2026-10-10T00:00:00Z", vec![])],
        ..Chronicle::default()
    }
    .history();
    assert_eq!(history.observed, Observed::Complete);
}

#[test]
fn a_stated_grant_under_its_own_name_is_not_ended_by_its_real_name() {
    let window = ObservedWindow {
        tenant_id: None,
        scope: scope(SUB_A),
        start: Some(at("2026-09-01T00:00:00Z")),
        end: Some(at("2026-10-01T00:00:00Z")),
        reaches: Vec::new(),
    };
    let stated = AccessHistory {
        observed: Observed::Windows(vec![window]),
        grants: vec![grant("our admins", SUB_A, Some("2026-03-01T00:00:00Z"))],
        ..AccessHistory::default()
    };
    let snapshots =
        vec![list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))])];
    let (history, findings) =
        Chronicle { histories: vec![stated], snapshots, ..Chronicle::default() }.history();
    let ends: Vec<_> =
        history.grants.iter().map(|grant| (grant.id.as_str(), times(grant).1, times(grant).3)).collect();
    assert_eq!(
        ends,
        [
            (NAME, None, None),
            ("our admins", Some("2026-10-01T00:00:00Z".to_owned()), Some(LATEST.to_owned()))
        ]
    );
    assert!(findings.is_empty());
}

#[test]
fn partners_that_contradict_each_other_are_none() {
    let stated = |partner: &str| AccessHistory {
        observed: Observed::Complete,
        grants: vec![Grant { partner_id: Some(partner.parse().unwrap()), ..grant(NAME, SUB_A, None) }],
        ..AccessHistory::default()
    };
    let chronicle = Chronicle {
        histories: vec![stated("1111111"), stated("2222222")],
        snapshots: vec![list("2026-10-10T00:00:00Z", vec![grant(NAME, SUB_A, None)])],
        ..Chronicle::default()
    };
    let (history, findings) = chronicle.history();
    assert_eq!(history.grants[0].partner_id, None);
    assert_eq!(codes(&findings), ["access.partner_conflict"]);
}

// --- late events ---

fn begun(at_: &str, change: LoggedChange) -> Event {
    event(at_, at_, LoggedChange::Begun(Box::new(change)))
}

#[test]
fn what_began_without_an_outcome_is_in_doubt_since() {
    let empty = list("2026-10-02T00:00:00Z", vec![]);
    let month = |event: Event| log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![event]);
    let giving = begun("2026-10-10T00:00:00Z", LoggedChange::Granted(Box::new(grant(NAME, SUB_A, None))));
    let (given, _) = history(vec![empty.clone()], vec![month(giving.clone())]);
    let moment = Some("2026-10-10T00:00:00Z");
    assert_eq!(only(&given), expect(moment, moment, moment, Some(LATEST)));
    // A list that shows it tells that it was done, one that lacks it that it was not.
    let seen = list("2026-10-20T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-10-10T00:00:01Z"))]);
    let (given, _) = history(vec![empty.clone(), seen], vec![month(giving.clone())]);
    assert_eq!(times(given.grants.last().unwrap()), expect(Some("2026-10-10T00:00:01Z"), None, None, None));
    let (given, _) = history(vec![empty, list("2026-10-20T00:00:00Z", vec![])], vec![month(giving)]);
    assert_eq!(only(&given), expect(moment, moment, moment, Some("2026-10-20T00:00:00Z")));
    // What was to be taken away was sure before.
    let held = list("2026-10-02T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
    let Event { change, .. } = revoked("2026-10-10T00:00:00Z", "2026-10-10T00:00:00Z", NAME, None, None);
    let (taken, _) = history(vec![held], vec![month(begun("2026-10-10T00:00:00Z", change))]);
    assert_eq!(only(&taken), expect(Some("2026-03-01T00:00:00Z"), moment, None, Some(LATEST)));
}

#[test]
fn an_end_in_another_log_completes_what_began() {
    let held = list("2026-10-02T00:00:00Z", vec![grant(NAME, SUB_A, Some("2026-03-01T00:00:00Z"))]);
    let end = |begun: &str| revoked(begun, "2026-10-10T00:00:05Z", NAME, None, None);
    let Event { change, .. } = end("2026-10-10T00:00:00Z");
    let logs = |second: Event| {
        let first = begun("2026-10-10T00:00:00Z", change.clone());
        vec![
            log("2026-10-01T00:00:00Z", "2026-10-10T00:00:01Z", vec![first]),
            log("2026-10-10T00:00:01Z", "2026-11-01T00:00:00Z", vec![second]),
        ]
    };
    let expected = expect(
        Some("2026-03-01T00:00:00Z"),
        Some("2026-10-10T00:00:00Z"),
        None,
        Some("2026-10-10T00:00:05Z"),
    );
    for begun in ["2026-10-10T00:00:00Z", "2026-10-10T00:00:05Z"] {
        assert_eq!(only(&history(vec![held.clone()], logs(end(begun))).0), expected);
    }
}

#[test]
fn a_deny_assignment_that_began_to_be_removed_may_have_been_there() {
    let undenied = LoggedChange::Undenied { id: NAME.to_owned(), scope: scope(SUB_A) };
    let month =
        log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![begun("2026-10-10T00:00:00Z", undenied)]);
    let (history, _) = history(vec![list("2026-10-02T00:00:00Z", vec![])], vec![month]);
    let [deny] = history.denies.as_slice() else { panic!("one: {:?}", history.denies) };
    let text = |at: Option<Instant>| at.unwrap().to_string();
    assert_eq!((text(deny.start_earliest), text(deny.end_latest)), (EARLIEST.to_owned(), LATEST.to_owned()));
}

#[test]
fn a_log_that_was_asked_for_early_is_whole_until_late_events_are_in() {
    let taken = |asked: &str| Log {
        asked_at: Some(at(asked)),
        ..log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![])
    };
    let listed = || vec![list("2026-10-31T23:50:00Z", vec![])];
    let (early, findings) = history(listed(), vec![taken("2026-11-01T00:05:00Z")]);
    // The list lies behind the whole part: it anchors nothing.
    assert_eq!(windows(&early), [window(SUB_A, "2026-10-31T23:50:00Z", "2026-10-31T23:50:00Z")]);
    assert!(codes(&findings).contains(&"access.log_without_list"));
    let (late, findings) = history(listed(), vec![taken("2026-11-01T00:20:00Z")]);
    assert_eq!(windows(&late), [window(SUB_A, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z")]);
    assert!(!codes(&findings).contains(&"access.log_tail"));
}
