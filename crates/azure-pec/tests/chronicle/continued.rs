//! Histories kept before and continued: what is to outlive the exports that they were made of, one example each.

use azure_pec::{
    AccessHistory, Chronicle, Finding, Grant, HierarchyEntry, Instant, Listing, Log, LoggedChange, Observed,
    ObservedWindow, Outcome, Reason, Snapshot, TenantId, UsageLine,
};

use crate::by_hand::{
    NAME, at, codes, delegation, event, grant, list, log, log_of, span, spans, tree, window,
};
use crate::compare::calculator;
use crate::exporter::snapshot;
use crate::world::{LEFT, MACHINE, RIGHT, SUB_A, SUB_B, TOP, other_tenant, scope, sub, tenant};

fn first_month() -> (Vec<Snapshot>, Vec<Log>) {
    let made = LoggedChange::Delegated { id: NAME.to_owned(), scope: scope(SUB_A) };
    let made = event("2026-10-10T00:00:00Z", "2026-10-10T00:00:20Z", made);
    let lists = vec![list("2026-10-02T00:00:00Z", vec![]), delegations("2026-10-02T00:00:00Z", vec![])];
    (lists, vec![log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![made])])
}

fn delegations(taken: &str, grants: Vec<Grant>) -> Snapshot {
    Snapshot { grants, ..snapshot(Listing::Delegations, vec![scope(SUB_A)], at(taken)) }
}

fn second_month() -> (Vec<Snapshot>, Vec<Log>) {
    (
        vec![list("2026-11-02T00:00:00Z", vec![])],
        vec![log("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", vec![])],
    )
}

fn put_together((snapshots, logs): (Vec<Snapshot>, Vec<Log>)) -> AccessHistory {
    Chronicle { snapshots, logs, ..Chronicle::default() }.history().0
}

fn continued(
    kept: AccessHistory,
    (snapshots, logs): (Vec<Snapshot>, Vec<Log>),
) -> (AccessHistory, Vec<Finding>) {
    Chronicle { histories: vec![kept], snapshots, logs, ..Chronicle::default() }.history()
}

fn reason(history: &AccessHistory, date: &str) -> (Outcome, Reason) {
    let mut line = UsageLine::new(date.parse().unwrap(), "1".parse().unwrap());
    line.resource_id = format!("{SUB_A}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/one");
    let credit = calculator(history.clone()).credit(&line).unwrap();
    (credit.outcome, credit.reason)
}

/// Start and end of each grant that is known by its name only.
fn nameless(history: &AccessHistory) -> Vec<(Option<Instant>, Option<Instant>)> {
    history.nameless.iter().map(|nameless| (nameless.start, nameless.end)).collect()
}

#[test]
fn a_delegation_that_only_a_log_named_is_not_forgotten() {
    let kept = put_together(first_month());
    assert_eq!(nameless(&kept), [(Some(at("2026-10-02T00:00:00Z")), None)]);
    // The next month's exports have no list of delegations: whether there is one nobody says.
    let (history, findings) = continued(kept.clone(), second_month());
    assert_eq!(nameless(&history), nameless(&kept));
    assert_eq!(reason(&history, "2026-11-10"), (Outcome::Unknown, Reason::Unobserved));
    assert!(codes(&findings).contains(&"access.nameless_event"));
    // Nor do two histories that are only put beside each other.
    let mut merged = kept.clone();
    merged.merge(put_together(second_month()));
    assert_eq!(reason(&merged, "2026-11-10"), (Outcome::Unknown, Reason::Unproven));
    // A list without it says that it had ended by then.
    let (mut lists, logs) = second_month();
    lists.push(delegations("2026-11-05T00:00:00Z", vec![]));
    let (history, _) = continued(kept.clone(), (lists, logs));
    assert_eq!(nameless(&history), [(Some(at("2026-10-02T00:00:00Z")), Some(at("2026-11-05T00:00:00Z")))]);
    assert_eq!(reason(&history, "2026-11-10"), (Outcome::Missed, Reason::NoAccess));
    assert_eq!(reason(&history, "2026-11-04"), (Outcome::Unknown, Reason::Unproven));
    // And a list with it says what it grants.
    let (mut lists, logs) = second_month();
    lists.push(delegations("2026-11-05T00:00:00Z", vec![delegation()]));
    let (history, _) = continued(kept, (lists, logs));
    assert_eq!((nameless(&history), history.grants.len()), (vec![], 1));
}

#[test]
fn one_event_in_a_history_and_in_a_log_is_one() {
    let kept = put_together(first_month());
    let (_, logs) = first_month();
    let (history, _) = continued(kept.clone(), (second_month().0, logs));
    assert_eq!(nameless(&history), nameless(&kept));
}

#[test]
fn a_parent_seen_once_is_not_forgotten() {
    let seen = put_together((
        vec![
            tree("2026-10-01T00:00:00Z", &[(SUB_A, LEFT)]),
            tree("2026-10-05T00:00:00Z", &[(SUB_A, RIGHT)]),
            list("2026-10-20T00:00:00Z", vec![]),
        ],
        vec![],
    ));
    let moments = ["2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z"];
    let entries = [span(SUB_A, LEFT, moments[0], moments[0]), span(SUB_A, RIGHT, moments[1], moments[1])];
    assert_eq!(spans(&seen), entries);
    // Without them it would have stood under the one group all the time.
    let later = vec![tree("2026-11-05T00:00:00Z", &[(SUB_A, LEFT)]), list("2026-11-05T00:00:00Z", vec![])];
    let (history, _) = continued(seen, (later, vec![]));
    let expected = [&entries[..], &[span(SUB_A, LEFT, "2026-11-05T00:00:00Z", "")]].concat();
    assert_eq!(spans(&history), expected);
}

/// What a month observed of a subscription.
fn october() -> Observed {
    let (scope, start, end) = window(SUB_A, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z");
    let month = serde_json::json!({"scope": scope, "start": start, "end": end});
    Observed::Windows(vec![serde_json::from_value(month).unwrap()])
}

#[test]
fn what_was_proved_for_one_subscription_begins_and_ends_there_alone() {
    let all = |start: Option<&str>| {
        let whole = Grant { tenant_id: Some(tenant()), ..grant(NAME, LEFT, start) };
        let (from, until) = (Some(at("2026-10-01T00:00:00Z")), Some(at("2026-10-05T00:00:00Z")));
        let part = Grant { reaches: vec![sub(SUB_B)], start: from, end: until, ..whole.clone() };
        let kept = AccessHistory {
            observed: october(),
            grants: vec![whole.clone(), part],
            ..AccessHistory::default()
        };
        let shown = Snapshot { scopes: vec![scope(LEFT)], ..list("2026-11-02T00:00:00Z", vec![whole]) };
        let below = tree("2026-10-02T00:00:00Z", &[(SUB_A, LEFT)]);
        let (history, findings) = continued(kept, (vec![shown, below], vec![]));
        assert!(!codes(&findings).contains(&"access.contradiction"), "{findings:?}");
        let all = history.grants.iter().find(|grant| grant.reaches.is_empty()).unwrap();
        (all.start, all.start_earliest, all.end)
    };
    let long_ago = "2026-03-01T00:00:00Z";
    assert_eq!(all(Some(long_ago)), (Some(at(long_ago)), None, None));
    assert_eq!(all(None), (None, None, None));
}

#[test]
fn a_grant_that_ended_at_a_resource_may_be_what_a_move_left_behind() {
    let listed = |place: &str| {
        let ended = Grant {
            end: Some(at("2026-10-05T00:00:00Z")),
            ..grant(NAME, place, Some("2026-10-02T00:00:00Z"))
        };
        let kept = AccessHistory { observed: october(), grants: vec![ended], ..AccessHistory::default() };
        let shown = list("2026-11-10T00:00:00Z", vec![grant(NAME, place, None)]);
        let (history, _) = continued(kept, (vec![shown], vec![]));
        let last = history.grants.last().unwrap().clone();
        assert_eq!((history.grants.len(), last.start), (2, Some(at("2026-11-10T00:00:00Z"))));
        last.end
    };
    // At a resource it may have been left behind by a move: no moment is sure. Elsewhere it was made anew.
    assert_eq!(listed(MACHINE), Some(at("2026-11-10T00:00:00Z")));
    assert_eq!(listed(SUB_A), None);
}

#[test]
fn a_grant_that_a_log_deleted_at_a_resource_is_none_that_a_move_left_behind() {
    let end = at("2026-10-05T00:00:00Z");
    let ended = Grant { end: Some(end), ..grant(NAME, MACHINE, Some("2026-10-02T00:00:00Z")) };
    let gone = LoggedChange::Revoked {
        id: NAME.to_owned(),
        scope: scope(MACHINE),
        role_id: None,
        principal_id: None,
        principal_kind: None,
        created: None,
        ended: Some(end),
    };
    let gone = event("2026-10-05T00:00:00Z", "2026-10-05T00:00:05Z", gone);
    let kept = AccessHistory { observed: october(), grants: vec![ended], ..AccessHistory::default() };
    let shown = list("2026-11-10T00:00:00Z", vec![grant(NAME, MACHINE, None)]);
    let log = log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![gone]);
    let (history, _) = continued(kept, (vec![shown], vec![log]));
    // It was made anew.
    let last = history.grants.last().unwrap();
    assert_eq!((last.start, last.end), (Some(at("2026-11-10T00:00:00Z")), None));
}

#[test]
fn a_group_that_moved_shows_in_its_own_log() {
    let trees = || vec![tree("2026-10-20T00:00:00Z", &[(LEFT, RIGHT)])];
    let of = |place: &str| log_of(place, "2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", vec![]);
    let of_parent = put_together((trees(), vec![of(RIGHT)]));
    let of_itself = put_together((trees(), vec![of(LEFT)]));
    assert_eq!(spans(&of_parent), [span(LEFT, RIGHT, "2026-10-20T00:00:00Z", "")]);
    assert_eq!(spans(&of_itself), [span(LEFT, RIGHT, "2026-10-01T00:00:00Z", "")]);
}

#[test]
fn a_move_is_not_forgotten_before_anything_is_known_to_stand_there() {
    let moved =
        LoggedChange::Moved { from: vec![scope(MACHINE)], to: scope(&format!("{SUB_A}/resourceGroups/new")) };
    let moved = event("2026-10-10T00:00:00Z", "2026-10-10T00:03:00Z", moved);
    let kept = put_together((vec![], vec![log("2026-10-05T00:00:00Z", "2026-11-01T00:00:00Z", vec![moved])]));
    let (lists, logs) = second_month();
    let made = |start: Option<&str>| {
        let orphan = vec![list("2026-11-02T00:00:00Z", vec![grant(NAME, MACHINE, start)])];
        let (history, _) = continued(kept.clone(), (orphan, logs.clone()));
        assert_eq!((history.moves.clone(), history.grants.len()), (kept.moves.clone(), 1));
        (history.grants[0].start, history.grants[0].end)
    };
    // Made before it, as it says itself, it ended with it; without a date it may have been made since.
    let long_ago = "2026-03-01T00:00:00Z";
    assert_eq!(made(Some(long_ago)), (Some(at(long_ago)), Some(at("2026-10-10T00:00:00Z"))));
    let moment = lists[0].taken_at;
    assert_eq!(made(None), (Some(moment), Some(moment)));
}

/// Until when a grant is sure that a history of October has without an end, where the next lists lack it.
fn sure_until(
    grant: Grant,
    observed: Observed,
    hierarchy: &[(&str, &str, Option<TenantId>)],
) -> Option<Instant> {
    let entry = |&(child, parent, tenant_id): &(&str, &str, Option<TenantId>)| {
        let (child, parent) = (scope(child), scope(parent));
        HierarchyEntry { tenant_id, child, parent, start: None, end: None }
    };
    let hierarchy = hierarchy.iter().map(entry).collect();
    let kept = AccessHistory { observed, hierarchy, grants: vec![grant], ..AccessHistory::default() };
    let taken = "2026-11-10T00:00:00Z";
    let lists = vec![list(taken, vec![]), Snapshot { scopes: vec![scope(SUB_B)], ..list(taken, vec![]) }];
    let (history, _) = continued(kept, (lists, vec![]));
    assert_eq!(history.grants.len(), 1);
    history.grants[0].end
}

const MADE: &str = "2026-10-03T00:00:00Z";
const MONTHS_END: &str = "2026-11-01T00:00:00Z";

#[test]
fn a_group_was_observed_as_long_as_what_is_known_to_stand_below_it() {
    let ours = Some(tenant());
    let until = |place: &str, tenant_id: Option<TenantId>, hierarchy: &[(&str, &str, Option<TenantId>)]| {
        sure_until(Grant { tenant_id, ..grant(NAME, place, Some(MADE)) }, october(), hierarchy)
    };
    let below = [(SUB_A, LEFT, ours), (LEFT, TOP, ours), (SUB_B, RIGHT, ours)];
    for place in [LEFT, TOP] {
        assert_eq!(until(place, ours, &below), Some(at(MONTHS_END)), "{place}");
    }
    // Of what stands elsewhere nothing was observed: it is sure when it was made.
    assert_eq!(until(RIGHT, ours, &below), Some(at(MADE)));
    assert_eq!(until(LEFT, ours, &[]), Some(at(MADE)));
    // The root is above all of its tenant, and above nothing of another.
    assert_eq!(until("/", ours, &below), Some(at(MONTHS_END)));
    assert_eq!(until("/", Some(other_tenant()), &below), Some(at(MADE)));
    assert_eq!(until("/", ours, &[]), Some(at(MADE)));
}

#[test]
fn a_window_of_a_group_is_of_what_is_known_to_stand_below_it() {
    let ours = Some(tenant());
    let seen = |place: &str, reaches: &[&str]| {
        let window = ObservedWindow {
            tenant_id: ours,
            scope: scope(place),
            start: Some(at("2026-10-01T00:00:00Z")),
            end: Some(at(MONTHS_END)),
            reaches: reaches.iter().map(|place| sub(place)).collect(),
        };
        Observed::Windows(vec![window])
    };
    let until = |place: &str, observed: Observed| {
        let hierarchy = [(SUB_A, LEFT, ours), (LEFT, TOP, ours)];
        sure_until(Grant { tenant_id: ours, ..grant(NAME, place, Some(MADE)) }, observed, &hierarchy)
    };
    for place in [LEFT, TOP, "/"] {
        assert_eq!(until(SUB_A, seen(place, &[])), Some(at(MONTHS_END)), "{place}");
    }
    assert_eq!(until(SUB_A, seen(RIGHT, &[])), Some(at(MADE)));
    assert_eq!(until(SUB_B, seen(LEFT, &[])), Some(at(MADE)));
    // The root of the tenant that it names is above it, wherever the hierarchy puts it.
    let named = |tenant_id| {
        let grant = Grant { tenant_id: Some(tenant_id), ..grant(NAME, SUB_B, Some(MADE)) };
        sure_until(grant, seen("/", &[]), &[])
    };
    assert_eq!(named(tenant()), Some(at(MONTHS_END)));
    assert_eq!(named(other_tenant()), Some(at(MADE)));
    // Lists named the subscription there.
    assert_eq!(until(SUB_B, seen(LEFT, &[SUB_B])), Some(at(MONTHS_END)));
    // A group's own window, and those of groups above and below it.
    for (place, window) in [(LEFT, LEFT), (LEFT, TOP), (TOP, LEFT), (LEFT, "/")] {
        assert_eq!(until(place, seen(window, &[])), Some(at(MONTHS_END)), "{place} {window}");
    }
    assert_eq!(until(LEFT, seen(RIGHT, &[])), Some(at(MADE)));
}
