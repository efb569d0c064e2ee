//! What was observed where, which lists show what, and what is told of that.

use azure_pec::{
    AccessHistory, Chronicle, DenyAssignment, Event, Evidence, Finding, Grant, GrantPath, HierarchyEntry,
    Instant, Listing, Log, LoggedChange, Observed, ObservedWindow, Principal, RoleDefinition, Snapshot,
    SubscriptionId, TICKS_PER_DAY, Twin,
};

use crate::by_hand::{NAME, OTHER, codes, delegation, grant};
use crate::exporter::snapshot;
use crate::short::{
    MINUTE, begun, dated, day, deleting, deleting_named, done, empty, held, listed_at, lives, messages, mine,
    observed, put_together, scheduled, shown, stands, undated, whole, whole_of, writing,
};
use crate::world::{LEFT, OWNER, RIGHT, SUB_A, SUB_B, TOP, other_tenant, scope, sub, tenant};

fn group(name: &str) -> String {
    format!("{SUB_A}/resourceGroups/{name}")
}

fn seen(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> Vec<String> {
    let (history, _) = put_together(snapshots, logs);
    history.check().unwrap();
    observed(&history)
}

// --- windows ---

#[test]
fn lists_of_grants_observe_their_moment_and_no_other_list_does() {
    let of = |listing| seen(vec![snapshot(listing, vec![scope(SUB_A)], day(5))], vec![]);
    for listing in
        [Listing::RoleAssignments, Listing::ActiveSchedules, Listing::EligibleSchedules, Listing::Delegations]
    {
        assert_eq!(of(listing), ["a: 5 to 5"], "{listing:?}");
    }
    assert!(of(Listing::DenyAssignments).is_empty());
    assert!(of(Listing::Hierarchy).is_empty());
}

#[test]
fn a_list_anchors_a_log_from_its_first_moment_to_its_last() {
    let log = || vec![whole(day(1), day(20), vec![])];
    for taken in [day(1), day(10), day(20)] {
        assert_eq!(seen(vec![empty(taken)], log()), ["a: 1 to 20"], "{taken}");
    }
    assert_eq!(seen(vec![empty(day(20).plus(1))], log()), ["a: 20+1 to 20+1"]);
    assert_eq!(seen(vec![empty(day(1).plus(-1))], log()), ["a: 1-1 to 1-1"]);
    // Neither does one that is not whole, nor one of another kind.
    assert_eq!(seen(vec![Snapshot { complete: false, ..empty(day(10)) }], log()), ["a: 10 to 10"]);
    assert_eq!(seen(vec![scheduled(day(10), day(3), day(30))], log()), ["a: 10 to 10"]);
    // A list of a part of it shows no more than that part.
    assert_eq!(seen(vec![listed_at(&group("rg"), day(10), vec![])], log()), ["rg: 10 to 10"]);
    assert_eq!(seen(vec![listed_at(SUB_B, day(10), vec![])], log()), ["b: 10 to 10"]);
}

#[test]
fn a_log_of_a_resource_group_observes_no_subscription() {
    let log = |end| whole_of(&group("rg"), day(1), end, vec![]);
    assert_eq!(seen(vec![empty(day(5))], vec![log(day(20))]), ["a: 5 to 5"]);
    // Holes in it are told all the same.
    let logs = vec![log(day(10)), whole_of(&group("rg"), day(12), day(20), vec![])];
    let (_, findings) = put_together(vec![empty(day(5))], logs);
    assert_eq!(codes(&findings), ["access.log_hole"]);
}

#[test]
fn windows_that_overlap_or_touch_are_one() {
    let kept = |start, end| AccessHistory {
        observed: windows(vec![window(SUB_A, start, end)]),
        ..AccessHistory::default()
    };
    let put = |start, end| {
        let (snapshots, logs) = (vec![empty(day(10))], vec![whole(day(5), day(15), vec![])]);
        let (history, _) =
            Chronicle { histories: vec![kept(start, end)], snapshots, logs, ..Chronicle::default() }
                .history();
        observed(&history)
    };
    assert_eq!(put(Some(day(1)), Some(day(5))), ["a: 1 to 15"]);
    assert_eq!(put(Some(day(1)), Some(day(5).plus(-1))), ["a: 1 to 5-1", "a: 5 to 15"]);
    assert_eq!(put(None, Some(day(7))), ["a: - to 15"]);
    assert_eq!(put(Some(day(15)), None), ["a: 5 to -"]);
}

fn window(place: &str, start: Option<Instant>, end: Option<Instant>) -> ObservedWindow {
    ObservedWindow { tenant_id: None, scope: scope(place), start, end, reaches: Vec::new() }
}

fn windows(windows: Vec<ObservedWindow>) -> Observed {
    Observed::Windows(windows)
}

#[test]
fn what_a_history_observed_anchors_a_log_that_it_meets() {
    let put = |kept: ObservedWindow| {
        let kept = AccessHistory { observed: windows(vec![kept]), ..AccessHistory::default() };
        let logs = vec![whole(day(5), day(15), vec![])];
        let (history, findings) = Chronicle { histories: vec![kept], logs, ..Chronicle::default() }.history();
        (observed(&history), codes(&findings).contains(&"access.log_without_list"))
    };
    let told = |one: &[&str], alone| (one.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>(), alone);
    assert_eq!(put(window(SUB_A, Some(day(1)), Some(day(5)))), told(&["a: 1 to 15"], false));
    assert_eq!(put(window(SUB_A, Some(day(15)), Some(day(20)))), told(&["a: 5 to 20"], false));
    assert_eq!(put(window(SUB_A, Some(day(1)), Some(day(4)))), told(&["a: 1 to 4"], true));
    assert_eq!(put(window(SUB_A, Some(day(16)), Some(day(20)))), told(&["a: 16 to 20"], true));
    // A moment does not say whether its list was complete.
    assert_eq!(put(window(SUB_A, Some(day(10)), Some(day(10)))), told(&["a: 10 to 10"], true));
    // What was observed of a part of it, or elsewhere, does not say what else was there.
    assert!(put(window(&group("rg"), Some(day(1)), Some(day(10)))).1);
    assert!(put(window(SUB_B, Some(day(1)), Some(day(10)))).1);
    // The root of a tenant is above it, and so is a group that names it.
    assert!(!put(window("/", Some(day(1)), Some(day(10)))).1);
    let reaching = ObservedWindow { reaches: vec![sub(SUB_A)], ..window(LEFT, Some(day(1)), Some(day(10))) };
    assert!(!put(reaching).1);
    assert!(put(window(LEFT, Some(day(1)), Some(day(10)))).1);
    let elsewhere =
        ObservedWindow { tenant_id: Some(other_tenant()), ..window("/", Some(day(1)), Some(day(10))) };
    assert!(put(elsewhere).1);
}

#[test]
fn what_a_history_observed_above_a_subscription_anchors_its_log_while_it_stood_there() {
    let put = |kept: ObservedWindow, left: Instant| {
        let entry = |parent: &str, start, end| HierarchyEntry {
            tenant_id: Some(tenant()),
            child: scope(SUB_A),
            parent: scope(parent),
            start,
            end,
        };
        let hierarchy = vec![entry(LEFT, Some(day(1)), Some(left)), entry(RIGHT, Some(left), None)];
        let kept = AccessHistory { observed: windows(vec![kept]), hierarchy, ..AccessHistory::default() };
        let logs = vec![whole(day(5), day(15), vec![])];
        let (_, findings) = Chronicle { histories: vec![kept], logs, ..Chronicle::default() }.history();
        !codes(&findings).contains(&"access.log_without_list")
    };
    let of =
        |place: &str, tenant_id| ObservedWindow { tenant_id, ..window(place, Some(day(1)), Some(day(10))) };
    assert!(put(of(LEFT, None), day(10)));
    assert!(put(of(LEFT, None), day(11)));
    assert!(!put(of(LEFT, None), day(9)));
    // The root of its tenant is above it wherever it stands, and so is that of a tenant that nobody named.
    assert!(put(of("/", None), day(9)));
    assert!(put(of("/", Some(tenant())), day(9)));
    assert!(!put(of("/", Some(other_tenant())), day(9)));
}

/// It went from one tenant to another, which has a group of the same name.
#[test]
fn what_a_history_observed_of_one_tenant_anchors_no_log_of_what_went_to_another() {
    let put = |place: &str, tenant_id| {
        let entry = |tenant_id, start, end| HierarchyEntry {
            tenant_id: Some(tenant_id),
            child: scope(SUB_A),
            parent: scope(LEFT),
            start,
            end,
        };
        let hierarchy =
            vec![entry(tenant(), Some(day(1)), Some(day(3))), entry(other_tenant(), Some(day(3)), None)];
        let kept =
            ObservedWindow { tenant_id: Some(tenant_id), ..window(place, Some(day(4)), Some(day(10))) };
        let kept = AccessHistory { observed: windows(vec![kept]), hierarchy, ..AccessHistory::default() };
        let logs = vec![whole(day(5), day(15), vec![])];
        let (_, findings) = Chronicle { histories: vec![kept], logs, ..Chronicle::default() }.history();
        !codes(&findings).contains(&"access.log_without_list")
    };
    assert!(!put("/", tenant()));
    assert!(!put(LEFT, tenant()));
    assert!(put(LEFT, other_tenant()));
}

#[test]
fn windows_of_two_tenants_above_subscriptions_are_two() {
    let root = |tenant_id, at| Snapshot { tenant_id, ..listed_at("/", at, vec![]) };
    assert_eq!(
        seen(
            vec![
                root(Some(tenant()), day(5)),
                root(Some(other_tenant()), day(6)),
                root(Some(tenant()), day(7))
            ],
            vec![]
        ),
        ["/: 5 to 5", "/: 7 to 7", "/: 6 to 6"]
    );
    // At a subscription the tenant tells nothing apart, and the one that is named is kept.
    let lists = vec![Snapshot { tenant_id: None, ..empty(day(5)) }, empty(day(5))];
    let (history, _) = put_together(lists, vec![]);
    let Observed::Windows(windows) = &history.observed else { panic!("windows") };
    assert_eq!(windows.len(), 1);
    assert_eq!(windows[0].tenant_id, Some(tenant()));
}

#[test]
fn a_list_at_a_group_names_the_subscriptions_that_it_reaches() {
    let reaching = |place: &str, reaches: &[&str]| -> Vec<SubscriptionId> {
        let reaches = reaches.iter().map(|id| sub(id)).collect();
        let list = Snapshot { reaches, ..listed_at(place, day(5), vec![]) };
        let (history, _) = put_together(vec![list], vec![]);
        let Observed::Windows(windows) = history.observed else { panic!("windows") };
        windows.into_iter().flat_map(|window| window.reaches).collect()
    };
    assert_eq!(reaching(LEFT, &[SUB_B, SUB_A, SUB_B]), [sub(SUB_A), sub(SUB_B)]);
    assert!(reaching(SUB_A, &[SUB_B]).is_empty());
}

// --- findings of logs ---

fn told(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> Vec<(&'static str, String)> {
    let (_, findings) = put_together(snapshots, logs);
    let place = SUB_A.to_ascii_lowercase();
    findings.into_iter().map(|one| (one.code, one.message.replace(&place, "a"))).collect()
}

const NO_HIERARCHY: (&str, &str) = (
    "access.no_hierarchy",
    "nothing says which management groups stand above a: its log is taken to show all",
);

fn said(one: (&'static str, &str)) -> (&'static str, String) {
    (one.0, one.1.to_owned())
}

#[test]
fn a_list_in_the_last_twenty_minutes_of_a_log_is_told() {
    let tail = "the list of a was taken in the last 20 minutes of its log, which ends at 2026-10-20T00:00:00Z: events come \
                minutes late, so the newest changes may be missing from both";
    let log = || vec![whole(day(1), day(20), vec![])];
    let late = |ticks: i64| day(20).plus(-ticks);
    assert_eq!(told(vec![empty(late(20 * MINUTE))], log()), [said(NO_HIERARCHY)]);
    assert_eq!(
        told(vec![empty(late(20 * MINUTE - 1))], log()),
        [said(("access.log_tail", tail)), said(NO_HIERARCHY)]
    );
    // An earlier list in the log anchors it as well; one before the log does not.
    assert_eq!(told(vec![empty(day(10)), empty(late(1))], log()), [said(NO_HIERARCHY)]);
    let before = told(vec![empty(day(0)), empty(late(1))], log());
    assert_eq!(before, [said(("access.log_tail", tail)), said(NO_HIERARCHY)]);
    // So does a history that observed some of it.
    let kept = AccessHistory {
        observed: windows(vec![window(SUB_A, Some(day(0)), Some(day(2)))]),
        ..AccessHistory::default()
    };
    let chronicle = Chronicle {
        histories: vec![kept],
        snapshots: vec![empty(late(1))],
        logs: log(),
        ..Chronicle::default()
    };
    assert_eq!(codes(&chronicle.history().1), ["access.no_hierarchy"]);
}

#[test]
fn a_log_that_was_asked_for_late_enough_has_no_tail() {
    let asked = |at: Instant| Log { asked_at: Some(at), ..whole(day(1), day(20), vec![]) };
    let list = || vec![empty(day(20).plus(-MINUTE))];
    let enough = day(20).plus(20 * MINUTE);
    assert_eq!(told(list(), vec![asked(enough)]), [said(NO_HIERARCHY)]);
    // Asked for a tick too early it is whole a tick less, which is all that it says.
    assert_eq!(told(list(), vec![asked(enough.plus(-1))]), [said(NO_HIERARCHY)]);
    assert_eq!(seen(list(), vec![asked(enough.plus(-1))]), ["a: 1 to 20-1"]);
    // That another log, of another time or place, was asked for late says nothing of this one.
    let another = Log { end: day(15), ..asked(enough) };
    let codes = |logs| told(list(), logs).into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(
        codes(vec![another, whole(day(15), day(20), vec![])]),
        ["access.log_tail", "access.no_hierarchy"]
    );
    let elsewhere = Log { scopes: vec![scope(SUB_B)], ..asked(enough) };
    assert!(codes(vec![elsewhere, whole(day(1), day(20), vec![])]).contains(&"access.log_tail"));
}

#[test]
fn a_log_that_is_not_whole_or_that_ends_before_it_begins_observes_nothing() {
    let unfinished = Log { complete: false, ..whole(day(1), day(20), vec![]) };
    assert_eq!(seen(vec![empty(day(10))], vec![unfinished]), ["a: 10 to 10"]);
    // Asked for in its first minutes.
    let asked =
        |ticks| Log { asked_at: Some(day(1).plus(20 * MINUTE + ticks)), ..whole(day(1), day(20), vec![]) };
    let codes = |log| told(vec![], vec![log]).into_iter().map(|one| one.0).collect::<Vec<_>>();
    assert_eq!(codes(asked(0)), ["access.log_without_list"]);
    assert!(codes(asked(-1)).is_empty());
}

#[test]
fn what_is_told_of_logs_names_their_times_and_files() {
    let logs = vec![
        Log { file: "first".to_owned(), span_assumed: true, ..whole(day(1), day(5), vec![]) },
        Log { file: "second".to_owned(), ..whole(day(6), day(9), vec![]) },
        Log { file: "third".to_owned(), complete: false, ..whole(day(6), day(10), vec![]) },
        Log { file: "other".to_owned(), ..whole_of(SUB_B, day(1), day(2), vec![]) },
    ];
    let guessed = Snapshot { time_assumed: true, file: "list".to_owned(), ..empty(day(3)) };
    let (_, findings) = put_together(vec![guessed], logs);
    let (a, b) = (SUB_A.to_ascii_lowercase(), SUB_B.to_ascii_lowercase());
    let by = |files: &[&str], place: &str| -> Vec<Evidence> {
        files.iter().map(|file| Evidence { file: (*file).to_owned(), record: place.to_owned() }).collect()
    };
    let finding = |code, message: &str, evidence| Finding {
        code,
        message: message.replace("{a}", &a).replace("{b}", &b),
        evidence,
    };
    let all = ["first", "second", "third"];
    let expected = [
        finding(
            "access.log_hole",
            "no log of {a} covers the time between 2026-10-05T00:00:00Z and 2026-10-06T00:00:00Z",
            by(&all, &a),
        ),
        finding(
            "access.log_incomplete",
            "a log lacks events of its span, 2026-10-06T00:00:00Z to 2026-10-10T00:00:00Z: it proves no absence",
            by(&["third"], &a),
        ),
        finding(
            "access.log_without_list",
            "the log of {a}, whole from 2026-10-06T00:00:00Z to 2026-10-09T00:00:00Z, proves no absence: no complete list of \
             role assignments was taken in that time",
            by(&all, &a),
        ),
        finding(
            "access.log_without_list",
            "the log of {b}, whole from 2026-10-01T00:00:00Z to 2026-10-02T00:00:00Z, proves no absence: no complete list of \
             role assignments was taken in that time",
            by(&["other"], &b),
        ),
        finding(
            "access.no_hierarchy",
            "nothing says which management groups stand above {a}: its log is taken to show all",
            by(&all, &a),
        ),
        finding(
            "access.time_assumed",
            "nobody said what span a log has: from its oldest event to its newest, 2026-10-01T00:00:00Z to \
             2026-10-05T00:00:00Z, is taken for it",
            by(&["first"], &a),
        ),
        finding(
            "access.time_assumed",
            "nobody said when a list was taken: 2026-10-03T00:00:00Z, the newest time in it, is taken for it",
            by(&["list"], &a),
        ),
    ];
    assert_eq!(findings, expected);
}

#[test]
fn a_hole_between_the_logs_of_a_group_is_told() {
    let logs = vec![whole_of(LEFT, day(1), day(5), vec![]), whole_of(LEFT, day(8), day(20), vec![])];
    let (_, findings) = put_together(vec![], logs);
    let (place, times) = (LEFT.to_ascii_lowercase(), "2026-10-05T00:00:00Z and 2026-10-08T00:00:00Z");
    assert_eq!(
        messages(&findings, "access.log_hole"),
        [format!("no log of {place} covers the time between {times}")]
    );
}

#[test]
fn no_more_than_sixteen_records_are_named_for_a_finding_and_each_once() {
    let logs: Vec<Log> =
        (0..20).map(|at| Log { file: format!("{:02}", at % 18), ..whole(day(1), day(20), vec![]) }).collect();
    let (_, findings) = put_together(vec![], logs);
    let files: Vec<&str> = findings[0].evidence.iter().map(|one| one.file.as_str()).collect();
    assert_eq!(
        files,
        ["00", "01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "11", "12", "13", "14", "15"]
    );
}

// --- management groups ---

/// The subscription stands under a group, and that under another, all of the time.
fn under_groups() -> Vec<Snapshot> {
    vec![stands(day(0), &[(SUB_A, LEFT), (LEFT, TOP)]), stands(day(30), &[(SUB_A, LEFT), (LEFT, TOP)])]
}

#[test]
fn a_subscription_is_observed_while_each_group_above_it_is() {
    let put = |left: Option<(i64, i64)>, top: Option<(i64, i64)>| {
        let log = |place: &str, span: Option<(i64, i64)>| {
            span.map(|(start, end)| whole_of(place, day(start), day(end), vec![]))
        };
        let logs = [Some(whole(day(1), day(20), vec![])), log(LEFT, left), log(TOP, top)];
        let lists = [under_groups(), vec![empty(day(10))]].concat();
        let (history, findings) = put_together(lists, logs.into_iter().flatten().collect());
        (observed(&history), codes(&findings).contains(&"access.group_uncovered"))
    };
    let told = |one: &str, cut| (vec![one.to_owned()], cut);
    assert_eq!(put(Some((1, 20)), Some((1, 20))), told("a: 1 to 20", false));
    assert_eq!(put(Some((3, 20)), Some((1, 17))), told("a: 3 to 17", true));
    assert_eq!(put(Some((1, 20)), None), told("a: 10 to 10", true));
    assert_eq!(put(None, Some((1, 20))), told("a: 10 to 10", true));
    // A group's log counts where a list of the subscription below it lies in it.
    assert_eq!(put(Some((1, 9)), Some((1, 20))), told("a: 10 to 10", true));
}

#[test]
fn what_a_history_observed_anchors_the_log_of_a_group_too() {
    let put = |kept: ObservedWindow| {
        let histories = vec![AccessHistory { observed: windows(vec![kept]), ..AccessHistory::default() }];
        // The list of the subscription lies behind the log of its group.
        let logs = vec![whole(day(1), day(20), vec![]), whole_of(LEFT, day(1), day(9), vec![])];
        let snapshots = vec![
            stands(day(0), &[(SUB_A, LEFT), (SUB_B, RIGHT)]),
            stands(day(30), &[(SUB_A, LEFT), (SUB_B, RIGHT)]),
            empty(day(10)),
        ];
        let chronicle = Chronicle { histories, snapshots, logs, ..Chronicle::default() };
        observed(&chronicle.history().0).contains(&"a: 1 to 9".to_owned())
    };
    let kept = |place: &str| window(place, Some(day(2)), Some(day(5)));
    assert!(put(kept(LEFT)));
    assert!(put(ObservedWindow { tenant_id: Some(tenant()), ..kept(LEFT) }));
    assert!(put(kept(SUB_A)));
    // What was observed of another group, of another tenant's, of a part of it or elsewhere does not.
    assert!(!put(kept(RIGHT)));
    assert!(!put(ObservedWindow { tenant_id: Some(other_tenant()), ..kept(LEFT) }));
    assert!(!put(kept(&group("rg"))));
    assert!(!put(kept(SUB_B)));
}

/// The logs end where the history ends: where the subscription stood after that nothing says.
#[test]
fn what_a_history_observed_anchors_the_log_of_a_group_that_ends_with_it() {
    let put = |until| {
        let entry = HierarchyEntry {
            tenant_id: Some(tenant()),
            child: scope(SUB_A),
            parent: scope(LEFT),
            start: Some(day(3)),
            end: None,
        };
        let observed = windows(vec![window(SUB_A, Some(day(3)), Some(until))]);
        let kept = AccessHistory { observed, hierarchy: vec![entry], ..AccessHistory::default() };
        let logs = vec![whole(day(15), day(20), vec![]), whole_of(LEFT, day(15), day(20), vec![])];
        codes(&Chronicle { histories: vec![kept], logs, ..Chronicle::default() }.history().1)
    };
    assert_eq!(put(day(20)), Vec::<&str>::new());
}

#[test]
fn what_is_told_of_groups_without_a_log() {
    let lists = [under_groups(), vec![empty(day(10))]].concat();
    let message = "a stands under management groups whose logs and lists do not cover all of the time of its own log: \
                   grants there may have come and gone unseen";
    assert_eq!(
        told(lists, vec![whole(day(1), day(20), vec![])]),
        [said(("access.group_uncovered", message))]
    );
}

#[test]
fn the_root_of_a_tenant_that_only_chains_imply_needs_no_log() {
    let chain = LoggedChange::Chain { tenant_id: Some(tenant()), subscription: sub(SUB_A), groups: vec![] };
    let log = whole(day(1), day(20), vec![done(day(5), chain)]);
    let (history, findings) = put_together(vec![empty(day(10))], vec![log]);
    assert_eq!(observed(&history), ["a: 1 to 20"]);
    assert!(codes(&findings).is_empty());
}

#[test]
fn a_subscription_is_observed_only_while_its_place_is_known() {
    let logs = || vec![whole(day(1), day(20), vec![]), whole_of(LEFT, day(1), day(20), vec![])];
    let lists =
        |first, last| vec![empty(day(10)), stands(first, &[(SUB_A, LEFT)]), stands(last, &[(SUB_A, LEFT)])];
    assert_eq!(seen(lists(day(10), day(10)), logs()), ["a: 1 to 20"]);
    let moved = || done(day(15), LoggedChange::Unplaced { child: scope(SUB_A) });
    let logs = vec![whole(day(1), day(20), vec![]), whole_of(LEFT, day(1), day(20), vec![moved()])];
    assert_eq!(seen(lists(day(10), day(10)), logs), ["a: 1 to 15"]);
}

#[test]
fn a_name_that_nothing_describes_cuts_what_was_observed_where_it_may_reach() {
    let assigned = |place: &str| LoggedChange::Assigned { id: NAME.to_owned(), scope: scope(place) };
    let logs = |event: &Event, groups: bool| {
        let log = |place| whole_of(place, day(1), day(20), vec![event.clone()]);
        let own = log(SUB_A);
        if groups { vec![own, log(LEFT), log(RIGHT)] } else { vec![own] }
    };
    let put = |place: &str, tree: bool| {
        let event = done(day(10), assigned(place));
        let mut lists = vec![empty(day(5)), empty(day(15))];
        if tree {
            lists.push(stands(day(10), &[(SUB_A, LEFT), (SUB_B, RIGHT)]));
        }
        seen(lists, logs(&event, tree))
    };
    let cut = ["a: 1 to 5", "a: 15 to 20"];
    let all = ["a: 1 to 20"];
    assert_eq!(put(SUB_A, false), cut);
    assert_eq!(put(&group("rg"), false), cut);
    assert_eq!(put(SUB_B, false), all);
    // Above it, where it stands is not known: it may reach it.
    assert_eq!(put(LEFT, false), ["a: 5 to 5", "a: 15 to 15"]);
    assert_eq!(put(LEFT, true), cut);
    assert_eq!(put(RIGHT, true), all);
}

// --- which logs and lists show a place ---

#[test]
fn logs_of_a_place_and_of_what_stands_above_it_record_its_changes() {
    let on = |place: &str| grant(NAME, place, None);
    let (rg, other) = (group("rg"), group("rg2"));
    let put = |logs: Vec<Log>| {
        let lists = vec![empty(day(0)), shown(day(10), vec![on(&rg)]), empty(day(25))];
        lives(&put_together(lists, logs).0)
    };
    assert_eq!(put(vec![]), ["0~10 to 10~25"]);
    assert_eq!(put(vec![whole_of(&rg, day(1), day(20), vec![])]), ["0~1 to 20~25"]);
    assert_eq!(put(vec![whole_of(SUB_A, day(1), day(20), vec![])]), ["0~1 to 20~25"]);
    assert_eq!(
        put(vec![whole_of(SUB_A, day(1), day(10), vec![]), whole_of(&rg, day(9), day(20), vec![])]),
        ["0~1 to 20~25"]
    );
    assert_eq!(put(vec![whole_of(&other, day(1), day(20), vec![])]), ["0~10 to 10~25"]);
    assert_eq!(put(vec![whole_of(SUB_B, day(1), day(20), vec![])]), ["0~10 to 10~25"]);
    let below = format!("{rg}/providers/Microsoft.Compute/virtualMachines/vm");
    assert_eq!(put(vec![whole_of(&below, day(1), day(20), vec![])]), ["0~10 to 10~25"]);
}

#[test]
fn a_groups_own_log_records_its_changes_and_no_subscriptions_does() {
    let on = || Grant { tenant_id: Some(tenant()), ..grant(NAME, LEFT, None) };
    let put = |log: Log| {
        let lists = vec![
            listed_at(LEFT, day(0), vec![]),
            listed_at(LEFT, day(10), vec![on()]),
            listed_at(LEFT, day(25), vec![]),
        ];
        lives(&put_together(lists, vec![log]).0)
    };
    assert_eq!(put(whole_of(LEFT, day(1), day(20), vec![])), ["0~1 to 20~25"]);
    assert_eq!(put(whole_of(SUB_A, day(1), day(20), vec![])), ["0~10 to 10~25"]);
    assert_eq!(put(whole_of(RIGHT, day(1), day(20), vec![])), ["0~10 to 10~25"]);
    let of = |tenant_id| Log { tenant_id, ..whole_of(LEFT, day(1), day(20), vec![]) };
    assert_eq!(put(of(Some(other_tenant()))), ["0~10 to 10~25"]);
    assert_eq!(put(of(None)), ["0~1 to 20~25"]);
}

#[test]
fn a_list_shows_what_stands_at_its_place_above_it_and_below_it() {
    let (rg, vm) = (group("rg"), format!("{}/providers/Microsoft.Compute/virtualMachines/vm", group("rg")));
    let put = |at: &str, list: &str| {
        let on = grant(NAME, at, Some("2026-10-03T00:00:00Z"));
        lives(&put_together(vec![shown(day(10), vec![on]), listed_at(list, day(20), vec![])], vec![]).0)
    };
    let ended = ["3 to 10~20"];
    for list in [SUB_A, &rg, &vm] {
        for at in [SUB_A, &rg, &vm] {
            assert_eq!(put(at, list), ended, "{at} {list}");
        }
    }
    // Beside it and elsewhere it shows nothing. The window of the other group is one of the subscription.
    for list in [group("rg2"), SUB_B.to_owned()] {
        assert_ne!(put(&rg, &list), ended, "{list}");
    }
}

#[test]
fn a_list_at_a_group_shows_what_is_below_it_where_it_lists_something_there() {
    let on = |place: &str| grant(NAME, place, Some("2026-10-03T00:00:00Z"));
    let other = || grant(OTHER, SUB_B, Some("2026-10-03T00:00:00Z"));
    let tree = || stands(day(20), &[(SUB_A, LEFT), (SUB_B, LEFT), (LEFT, TOP)]);
    let put = |list: Snapshot| {
        let (history, _) = put_together(vec![shown(day(10), vec![on(SUB_A)]), list, tree()], vec![]);
        history.grants.iter().filter(|grant| grant.id == NAME).map(held).collect::<Vec<_>>()
    };
    assert_eq!(put(listed_at(LEFT, day(20), vec![other()])), ["3 to 10~20"]);
    assert_eq!(put(listed_at(TOP, day(20), vec![other()])), ["3 to 10~20"]);
    assert_eq!(put(listed_at("/", day(20), vec![other()])), ["3 to 10~20"]);
    let open = ["3 to 10~?"];
    assert_eq!(put(listed_at(LEFT, day(20), vec![])), open);
    assert_eq!(put(listed_at(RIGHT, day(20), vec![other()])), open);
    // When it stood there nobody knows of another moment.
    assert_eq!(put(listed_at(LEFT, day(21), vec![other()])), open);
    let elsewhere =
        |place| Snapshot { tenant_id: Some(other_tenant()), ..listed_at(place, day(20), vec![other()]) };
    assert_eq!(put(elsewhere("/")), open);
    assert_eq!(put(elsewhere(LEFT)), open);
    // A list that names it below itself needs no hierarchy.
    let naming = Snapshot { reaches: vec![sub(SUB_A)], ..listed_at(RIGHT, day(20), vec![other()]) };
    assert_eq!(put(naming), ["3 to 10~20"]);
}

#[test]
fn a_deny_list_at_a_group_shows_what_is_below_it_where_it_lists_something_there() {
    let deny = |id: &str, place: &str| -> DenyAssignment {
        serde_json::from_value(
            serde_json::json!({"id": id, "scope": place, "everyone": true, "actions": ["*"]}),
        )
        .unwrap()
    };
    let list = |place: &str, at, denies| Snapshot {
        denies,
        ..snapshot(Listing::DenyAssignments, vec![scope(place)], at)
    };
    let tree = || stands(day(20), &[(SUB_A, LEFT), (SUB_B, LEFT)]);
    let put = |denies| {
        let lists = vec![list(SUB_A, day(10), vec![deny(NAME, SUB_A)]), list(LEFT, day(20), denies), tree()];
        let (history, _) = put_together(lists, vec![]);
        let own = history.denies.iter().find(|deny| deny.id == NAME).unwrap();
        (own.end, own.end_latest)
    };
    assert_eq!(put(vec![deny(OTHER, SUB_B)]), (Some(day(10)), Some(day(20))));
    assert_eq!(put(vec![deny(OTHER, LEFT)]), (None, None));
}

#[test]
fn a_grant_at_a_group_ends_by_a_list_at_the_group_above_it_or_below_it() {
    let on =
        |place: &str| Grant { tenant_id: Some(tenant()), ..grant(NAME, place, Some("2026-10-03T00:00:00Z")) };
    let below = || grant(OTHER, SUB_B, Some("2026-10-03T00:00:00Z"));
    let tree = |at| stands(at, &[(SUB_A, LEFT), (SUB_B, LEFT), (LEFT, TOP)]);
    let put = |at: &str, list: Snapshot| {
        let lists = vec![listed_at(at, day(10), vec![on(at)]), list, tree(day(20))];
        let (history, _) = put_together(lists, vec![]);
        history.grants.iter().filter(|grant| grant.id == NAME).map(held).collect::<Vec<_>>()
    };
    let ended = ["3 to 10~20"];
    assert_eq!(put(LEFT, listed_at(LEFT, day(20), vec![])), ended);
    assert_eq!(put(LEFT, listed_at(SUB_A, day(20), vec![])), ended);
    assert_eq!(put(LEFT, listed_at(&group("rg"), day(20), vec![])), ended);
    assert_eq!(put(LEFT, listed_at(TOP, day(20), vec![below()])), ended);
    assert_eq!(put(LEFT, listed_at("/", day(20), vec![below()])), ended);
    assert_eq!(put(TOP, listed_at(LEFT, day(20), vec![])), ended);
    assert_eq!(put("/", listed_at(SUB_A, day(20), vec![])), ended);
    // What lists nothing below it shows only itself and what is above; and the moment must be that of the hierarchy.
    let not_ended = |told: Vec<String>| assert!(told == ["3 to 10~?"] || told == ["3 to -"], "{told:?}");
    not_ended(put(LEFT, listed_at(TOP, day(20), vec![])));
    not_ended(put(LEFT, listed_at("/", day(20), vec![])));
    not_ended(put(LEFT, listed_at(RIGHT, day(20), vec![below()])));
    not_ended(put(LEFT, listed_at(SUB_A, day(21), vec![])));
    not_ended(put(LEFT, Snapshot { complete: false, ..listed_at(LEFT, day(20), vec![]) }));
    let elsewhere =
        |place| Snapshot { tenant_id: Some(other_tenant()), ..listed_at(place, day(20), vec![below()]) };
    not_ended(put(LEFT, elsewhere(LEFT)));
    not_ended(put("/", elsewhere(SUB_B)));
    not_ended(put(LEFT, elsewhere("/")));
    // A list of another kind does not either.
    not_ended(put(LEFT, snapshot(Listing::Delegations, vec![scope(LEFT)], day(20))));
}

// --- what histories say beside lists ---

fn kept_window(start: Option<Instant>, end: Option<Instant>, place: &str) -> AccessHistory {
    AccessHistory { observed: windows(vec![window(place, start, end)]), ..AccessHistory::default() }
}

#[test]
fn a_history_that_observed_the_place_and_does_not_know_it_speaks_against_its_date() {
    let put = |kept: AccessHistory, on: Grant| {
        let snapshots = vec![shown(day(20), vec![on])];
        let (history, findings) =
            Chronicle { histories: vec![kept], snapshots, ..Chronicle::default() }.history();
        let own = history.grants.iter().find(|grant| grant.id == NAME).map(held).unwrap();
        (own, codes(&findings).contains(&"access.contradiction"))
    };
    let october = |place: &str| kept_window(Some(day(1)), Some(day(10)), place);
    let mine = || mine(Some(day(3)));
    let doubted = ("3~20 to -".to_owned(), true);
    let sure = ("3 to -".to_owned(), false);
    assert_eq!(put(october(SUB_A), mine()), doubted);
    // It lies in the last tick of what was observed, not at its end.
    let at = |start| Grant { start: Some(start), ..mine() };
    assert!(put(october(SUB_A), at(day(10).plus(-2))).1);
    assert!(!put(october(SUB_A), at(day(10).plus(-1))).1);
    // Another place, the part of a place, a moment, and what goes on for ever say nothing.
    assert_eq!(put(october(SUB_B), mine()), sure);
    assert_eq!(put(october(&group("rg")), mine()), sure);
    assert_eq!(put(october(LEFT), mine()), sure);
    assert_eq!(put(kept_window(Some(day(10)), Some(day(10)), SUB_A), mine()), sure);
    assert!(!put(kept_window(Some(day(1)), None, SUB_A), mine()).1);
    // What it knows, under this name or another, it does not speak against.
    let knows =
        |id: &str| AccessHistory { grants: vec![Grant { id: id.to_owned(), ..mine() }], ..october(SUB_A) };
    assert!(!put(knows(NAME), mine()).1);
    assert!(!put(knows("our own name"), mine()).1);
    // Of schedules and delegations a history may know less.
    let delegated = Grant { path: GrantPath::LighthouseOffer, ..mine() };
    assert!(!put(october(SUB_A), delegated.clone()).1);
    for (listing, grant) in [(Listing::Delegations, delegated), (Listing::ActiveSchedules, mine())] {
        let list = Snapshot { grants: vec![grant], ..snapshot(listing, vec![scope(SUB_A)], day(20)) };
        let (histories, snapshots) = (vec![october(SUB_A)], vec![list]);
        let (history, _) = Chronicle { histories, snapshots, ..Chronicle::default() }.history();
        assert_eq!(lives(&history), ["3 to -"], "{listing:?}");
    }
}

#[test]
fn a_log_would_have_the_end_of_what_a_history_knows_by_its_real_name() {
    let put = |id: &str, snapshots: Vec<Snapshot>, events: Vec<Event>| {
        let grants = vec![Grant { id: id.to_owned(), ..mine(Some(day(3))) }];
        let kept = AccessHistory { grants, ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
        let logs = vec![whole(day(8), day(20), events)];
        let (history, _) =
            Chronicle { histories: vec![kept], snapshots, logs, ..Chronicle::default() }.history();
        history.grants.iter().filter(|grant| grant.id == id).map(held).collect::<Vec<_>>()
    };
    assert_eq!(put(NAME, vec![], vec![]), ["3 to -"]);
    // A name of its own is in no log: until when it holds nobody says.
    assert_eq!(put("our own name", vec![], vec![]), ["3 to 10~?"]);
    // Another name of the same was deleted, or one that nothing describes: it may be this.
    let other = deleting_named(OTHER, None, None);
    assert_eq!(put(NAME, vec![], vec![done(day(15), other)]), ["3 to 10~?"]);
    let unknown = |place: &str| LoggedChange::Assigned { id: OTHER.to_owned(), scope: scope(place) };
    let later = || vec![snapshot(Listing::Delegations, vec![scope(SUB_A)], day(19))];
    assert_eq!(put(NAME, later(), vec![done(day(15), unknown(SUB_A))]), ["3 to 10~?"]);
    assert_eq!(put(NAME, later(), vec![done(day(15), unknown(&group("rg")))]), ["3 to -"]);
    // A list that shows the same under another name does not end it; one that shows none does.
    let same = shown(day(18), vec![Grant { id: OTHER.to_owned(), ..mine(Some(day(3))) }]);
    assert_eq!(put("our own name", vec![same], vec![]), ["3 to 10~?"]);
    assert_eq!(put("our own name", vec![empty(day(18))], vec![]), ["3 to 10~18"]);
}

#[test]
fn a_log_records_no_end_of_what_only_schedules_show() {
    let listed = |listing, eligible_only| Snapshot {
        grants: vec![Grant { eligible_only, ..mine(Some(day(3))) }],
        ..snapshot(listing, vec![scope(SUB_A)], day(10))
    };
    let put = |list: Snapshot| {
        let later = Snapshot { grants: vec![], taken_at: day(25), ..list.clone() };
        let log = whole(day(1), day(20), vec![]);
        lives(&put_together(vec![list, later], vec![log]).0)
    };
    assert_eq!(put(listed(Listing::RoleAssignments, false)), ["3 to 20~25"]);
    assert_eq!(put(listed(Listing::ActiveSchedules, false)), ["3 to 10~25"]);
    assert_eq!(put(listed(Listing::EligibleSchedules, true)), ["3 to 10~25"]);
    let delegated = |eligible_only| Snapshot {
        grants: vec![Grant { eligible_only, ..delegation() }],
        ..snapshot(Listing::Delegations, vec![scope(SUB_A)], day(10))
    };
    assert_eq!(put(delegated(false)), ["- to 20~25"]);
    assert_eq!(put(delegated(true)), ["- to 20~25"]);
}

#[test]
fn a_later_list_of_role_assignments_shows_what_only_a_log_wrote() {
    let events = |event| vec![whole(day(1), day(20), vec![event])];
    let lists = || vec![empty(day(5)), empty(day(15))];
    let (history, findings) = put_together(lists(), events(done(day(10), writing())));
    assert_eq!(lives(&history), ["10~10+5s to 10+5s~15"]);
    assert!(codes(&findings).contains(&"access.contradiction"));
    let (history, _) = put_together(lists(), events(begun(day(10), deleting())));
    assert!(history.grants.is_empty());
    assert_eq!(history.nameless.len(), 1);
}

#[test]
fn what_a_log_names_is_missed_by_a_list_that_shows_the_same_under_another_name() {
    let same = |at| shown(at, vec![Grant { id: OTHER.to_owned(), ..mine(Some(day(4))) }]);
    let put = |at, event| {
        let (history, _) = put_together(vec![same(at)], vec![whole(day(1), day(20), vec![event])]);
        history.grants.iter().filter(|grant| grant.id == NAME).map(held).collect::<Vec<_>>()
    };
    assert_eq!(put(day(15), done(day(10), writing())), ["?~10+5s to 10+5s~15"]);
    assert_eq!(put(day(10), done(day(15), deleting())), ["10~15 to 15~15+5s"]);
    assert_eq!(put(day(15), begun(day(12), writing())), ["12~12 to 12~15"]);
}

#[test]
fn a_log_records_the_end_of_what_it_or_a_list_names_whatever_else_stands_there() {
    let other = deleting_named(OTHER, Some(day(2)), Some(day(3)));
    let gone = || done(day(3), other.clone());
    let put = |first: Vec<Snapshot>, events| {
        let lists = [first, vec![empty(day(25))]].concat();
        let (history, _) = put_together(lists, vec![whole(day(1), day(20), events)]);
        history.grants.iter().filter(|grant| grant.id == NAME).map(held).collect::<Vec<_>>()
    };
    assert_eq!(put(vec![dated(day(10), day(3))], vec![gone()]), ["3 to 20~25"]);
    assert_eq!(put(vec![empty(day(5))], vec![gone(), done(day(10), writing())]), ["10~10+5s to 20~25"]);
    let twins = vec![Twin { schedule: NAME.to_owned(), assignment: NAME.to_owned() }];
    let schedule = Snapshot { twins, ..scheduled(day(10), day(9), day(40)) };
    assert_eq!(put(vec![schedule], vec![gone()]), ["9 to 20~25"]);
}

#[test]
fn a_log_records_the_end_of_what_a_schedule_made_whoever_else_names_it() {
    let twins = vec![Twin { schedule: OTHER.to_owned(), assignment: NAME.to_owned() }];
    let by_schedule = Grant { id: OTHER.to_owned(), end: Some(day(40)), ..mine(Some(day(3))) };
    let schedule = Snapshot { twins, grants: vec![by_schedule], ..scheduled(day(10), day(3), day(40)) };
    let kept =
        AccessHistory { grants: vec![mine(Some(day(3)))], ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
    let rival = deleting_named("33333333-0000-0000-0000-000000000003", Some(day(2)), Some(day(3)));
    let chronicle = Chronicle {
        histories: vec![kept],
        snapshots: vec![schedule, empty(day(25))],
        logs: vec![whole(day(1), day(20), vec![done(day(3), rival)])],
        ..Chronicle::default()
    };
    let (history, _) = chronicle.history();
    let own: Vec<_> = history.grants.iter().filter(|grant| grant.id == NAME).map(held).collect();
    assert_eq!(own, ["3 to 20~25"]);
}

#[test]
fn complete_histories_know_everything_at_all_times() {
    let stated = AccessHistory {
        observed: Observed::Complete,
        grants: vec![mine(Some(day(3)))],
        ..AccessHistory::default()
    };
    let snapshots = vec![undated(day(5))];
    let (history, findings) =
        Chronicle { histories: vec![stated], snapshots, ..Chronicle::default() }.history();
    assert_eq!(
        (lives(&history), observed(&history)),
        (vec!["3 to -".to_owned()], vec!["everything".to_owned()])
    );
    assert!(findings.is_empty());
    // What else is listed there does not end it.
    let stated = AccessHistory {
        observed: Observed::Complete,
        grants: vec![mine(Some(day(3)))],
        ..AccessHistory::default()
    };
    let snapshots = vec![snapshot(Listing::Delegations, vec![scope(SUB_A)], day(5))];
    let (history, _) = Chronicle { histories: vec![stated], snapshots, ..Chronicle::default() }.history();
    assert_eq!(lives(&history), ["3 to -"]);
}

#[test]
fn what_may_have_ended_long_ago_goes_on_once_it_is_seen_again() {
    let ever = at_day("9999-12-31T23:59:59.9999999Z");
    let doubtful = Grant { end: Some(day(8)), end_latest: Some(ever), ..mine(Some(day(3))) };
    let kept = AccessHistory { grants: vec![doubtful], ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
    let snapshots = vec![undated(day(15))];
    let (history, _) = Chronicle { histories: vec![kept], snapshots, ..Chronicle::default() }.history();
    assert_eq!(lives(&history), ["3 to -"]);
}

/// Logs would have the end of a delegation that is active, and of none that is only eligible.
#[test]
fn a_kept_delegation_goes_on_in_a_log_that_would_have_its_end() {
    let put = |eligible_only| {
        let one = Grant { eligible_only, start: Some(day(3)), ..delegation() };
        let kept = AccessHistory { grants: vec![one], ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
        let (histories, logs) = (vec![kept], vec![whole(day(5), day(20), vec![])]);
        lives(&Chronicle { histories, logs, ..Chronicle::default() }.history().0)
    };
    assert_eq!(put(false), ["3 to -"]);
    assert_eq!(put(true), ["3 to 10~?"]);
}

#[test]
fn a_kept_end_and_a_kept_doubt_stand() {
    let put = |grant: Grant| {
        let kept = AccessHistory { grants: vec![grant], ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
        let chronicle =
            Chronicle { histories: vec![kept], snapshots: vec![empty(day(20))], ..Chronicle::default() };
        lives(&chronicle.history().0)
    };
    let grant =
        |start, start_earliest, end, end_latest| Grant { start_earliest, end, end_latest, ..mine(start) };
    let (three, eight) = (Some(day(3)), Some(day(8)));
    assert_eq!(put(grant(three, None, eight, None)), ["3 to 8"]);
    assert_eq!(put(grant(three, Some(day(2)), eight, Some(day(9)))), ["2~3 to 8~9"]);
    assert_eq!(put(grant(None, None, eight, None)), ["- to 8"]);
    assert_eq!(put(grant(three, None, None, None)), ["3 to 10~20"]);
    assert_eq!(put(grant(None, None, None, None)), ["- to 10~20"]);
    // Announced for after what was observed: the list that lacks it cuts it only where it says so before.
    assert_eq!(put(grant(three, None, Some(day(15)), None)), ["3 to 10~15"]);
    assert_eq!(put(grant(three, None, Some(day(25)), None)), ["3 to 10~20"]);
    assert_eq!(put(grant(three, None, Some(day(10)), None)), ["3 to 10"]);
    // Possible, and sure at no moment.
    let never = || at_day("0001-01-01T00:00:00Z");
    let ever = || at_day("9999-12-31T23:59:59.9999999Z");
    assert_eq!(put(grant(three, Some(day(2)), three, eight)), ["2~3 to 3~8"]);
    assert_eq!(put(grant(three, Some(never()), three, Some(ever()))), ["?~3 to 3~20"]);
    assert_eq!(put(grant(three, Some(never()), eight, Some(ever()))), ["?~3 to 8~20"]);
}

fn at_day(text: &str) -> Instant {
    text.parse().unwrap()
}

// --- grants above subscriptions ---

fn above(place: &str, reaches: &[&str]) -> Grant {
    Grant {
        tenant_id: Some(tenant()),
        start: Some(day(3)),
        reaches: reaches.iter().map(|id| sub(id)).collect(),
        ..grant(NAME, place, None)
    }
}

/// Each grant's span and the subscriptions that it names.
fn reached(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> (Vec<(String, Vec<SubscriptionId>)>, bool) {
    let (history, findings) = put_together(snapshots, logs);
    let told = history.grants.iter().map(|grant| (held(grant), grant.reaches.clone())).collect();
    (told, codes(&findings).contains(&"access.reach_unproven"))
}

#[test]
fn a_group_grant_counts_for_a_subscription_of_which_nothing_says_where_it_stands() {
    let lists = vec![listed_at(SUB_A, day(10), vec![above(LEFT, &[])])];
    assert_eq!(reached(lists, vec![]), (vec![("3 to -".to_owned(), vec![sub(SUB_A)])], false));
}

#[test]
fn a_group_grant_counts_by_the_hierarchy_where_that_puts_the_subscription_below_it_in_time() {
    let put = |trees: &[(i64, &str)], lists: &[i64]| {
        let mut all: Vec<Snapshot> =
            lists.iter().map(|at| listed_at(SUB_A, day(*at), vec![above(LEFT, &[])])).collect();
        all.extend(trees.iter().map(|(at, parent)| stands(day(*at), &[(SUB_A, parent)])));
        reached(all, vec![])
    };
    let whole = || ("3 to -".to_owned(), vec![]);
    assert_eq!(put(&[(10, LEFT)], &[10]), (vec![whole()], false));
    assert_eq!(put(&[(5, LEFT), (15, LEFT)], &[10]), (vec![whole()], false));
    assert_eq!(put(&[(10, LEFT), (15, LEFT)], &[10, 15]), (vec![whole()], false));
    // Listed beyond that time it counts from list to list.
    assert_eq!(
        put(&[(10, LEFT)], &[10, 15]),
        (vec![whole(), ("10 to -".to_owned(), vec![sub(SUB_A)])], true)
    );
    assert_eq!(put(&[(10, RIGHT)], &[10]), (vec![whole(), ("10 to -".to_owned(), vec![sub(SUB_A)])], true));
}

#[test]
fn a_group_grant_that_reaches_from_list_to_list_is_told_no_longer() {
    let mut lists: Vec<Snapshot> =
        [8, 10].map(|at| listed_at(SUB_A, day(at), vec![above(LEFT, &[])])).to_vec();
    lists.push(stands(day(5), &[(SUB_A, LEFT)]));
    lists.push(snapshot(Listing::Delegations, vec![scope(SUB_A)], day(20)));
    let (whole, part) = (("3 to 10~?".to_owned(), vec![]), ("8 to 10".to_owned(), vec![sub(SUB_A)]));
    assert_eq!(reached(lists, vec![]), (vec![whole, part], true));
}

#[test]
fn what_began_to_be_given_again_leaves_the_reach_of_a_group_grant_proved() {
    let mut lists: Vec<Snapshot> =
        [9, 11].map(|at| listed_at(SUB_A, day(at), vec![above(LEFT, &[])])).to_vec();
    lists.push(empty(day(14)));
    lists.extend([8, 12].map(|at| stands(day(at), &[(SUB_A, LEFT)])));
    let again = LoggedChange::Granted(Box::new(Grant { start: None, ..above(LEFT, &[]) }));
    let log = Log { complete: false, ..whole_of(LEFT, day(1), day(20), vec![begun(day(15), again)]) };
    assert_eq!(reached(lists, vec![log]), (vec![("3 to 11~?".to_owned(), vec![])], false));
}

/// What begins and ends for one subscription does so for others below the group, if nothing tells of them.
#[test]
fn what_a_history_tells_for_one_subscription_alone_is_told_of_the_whole() {
    let one = Grant { end: Some(day(8)), ..above(LEFT, &[SUB_A]) };
    let kept = AccessHistory { grants: vec![one], ..kept_window(Some(day(1)), Some(day(10)), SUB_A) };
    let snapshots = vec![stands(day(10), &[(SUB_B, LEFT)])];
    let (history, _) = Chronicle { histories: vec![kept], snapshots, ..Chronicle::default() }.history();
    let told: Vec<_> = history.grants.iter().map(|grant| (held(grant), grant.reaches.clone())).collect();
    assert_eq!(told, [("3 to 8".to_owned(), vec![]), ("3 to 8".to_owned(), vec![sub(SUB_A)])]);
}

#[test]
fn a_list_of_nobodys_tenant_says_nothing_of_a_tenants_root() {
    let put = |tenant_id| {
        let lists = vec![
            listed_at("/", day(5), vec![above("/", &[])]),
            Snapshot { tenant_id, ..listed_at(SUB_B, day(15), vec![]) },
        ];
        reached(lists, vec![]).0
    };
    assert_eq!(put(Some(tenant())), [("3 to 5~15".to_owned(), vec![])]);
    assert_eq!(put(None), [("3 to 5~?".to_owned(), vec![])]);
    assert_eq!(put(Some(other_tenant())), [("3 to 5~?".to_owned(), vec![])]);
}

#[test]
fn what_is_told_of_a_reach_that_nothing_proves() {
    let lists = vec![listed_at(SUB_A, day(10), vec![above(LEFT, &[])]), stands(day(10), &[(SUB_A, RIGHT)])];
    let (_, findings) = put_together(lists, vec![]);
    let place = LEFT.to_ascii_lowercase();
    assert_eq!(
        messages(&findings, "access.reach_unproven"),
        [format!(
            "the grant {NAME} at {place} is listed for subscriptions whose place in the hierarchy is not known for all of \
             the time: it counts for them from list to list, and where the hierarchy proves it"
        )]
    );
}

#[test]
fn a_grant_at_the_root_reaches_what_lists_name_wherever_that_stands() {
    let lists = vec![listed_at(SUB_A, day(10), vec![above("/", &[])]), stands(day(12), &[(SUB_A, RIGHT)])];
    let (told, unproven) = reached(lists, vec![]);
    assert!(told.contains(&("3 to -".to_owned(), vec![sub(SUB_A)])), "{told:?}");
    assert!(!unproven);
}

#[test]
fn grants_stand_in_order_of_their_places_and_names() {
    let on = |id: &str, place: &str| Grant { start: Some(day(3)), ..grant(id, place, None) };
    let (rg, other) = (group("rg"), group("rg2"));
    let grants = vec![on(OTHER, &other), on(OTHER, &rg), on(NAME, &rg), on(OTHER, SUB_A), on(NAME, &other)];
    let (history, _) = put_together(vec![shown(day(10), grants)], vec![]);
    let order: Vec<(&str, &str)> =
        history.grants.iter().map(|grant| (grant.scope.as_str(), grant.id.as_str())).collect();
    let (a, rg, other) = (SUB_A.to_ascii_lowercase(), rg.to_ascii_lowercase(), other.to_ascii_lowercase());
    let expected: [(&str, &str); 5] =
        [(&a, OTHER), (&rg, NAME), (&rg, OTHER), (&other, NAME), (&other, OTHER)];
    assert_eq!(order, expected);
}

#[test]
fn the_lateness_of_events_is_twenty_minutes() {
    assert_eq!(Log::LATE, TICKS_PER_DAY / 72);
    let log = Log { asked_at: Some(day(3)), ..whole(day(1), day(2), vec![]) };
    assert_eq!(log.whole_until(), day(2));
    let asked = Log { asked_at: Some(day(2)), ..log };
    assert_eq!(asked.whole_until(), day(2).plus(-20 * MINUTE));
}

// --- roles and links ---

#[test]
fn roles_and_links_come_from_histories_and_from_what_was_read_beside_them() {
    let role = |name: &str| -> RoleDefinition {
        serde_json::from_value(serde_json::json!({"role_id": OWNER, "name": name, "custom": false})).unwrap()
    };
    let link = |partner: &str| -> Principal {
        let text = serde_json::json!({
            "principal_id": "dddddddd-0000-0000-0000-000000000001", "partner_id": partner,
        });
        serde_json::from_value(text).unwrap()
    };
    let histories =
        vec![AccessHistory { roles: vec![role("kept")], links: vec![link("1")], ..AccessHistory::default() }];
    let put = |snapshots, roles, links| {
        let chronicle =
            Chronicle { histories: histories.clone(), snapshots, roles, links, ..Chronicle::default() };
        let (history, _) = chronicle.history();
        (history.roles, history.links)
    };
    for snapshots in [vec![], vec![empty(day(10))]] {
        let (roles, links) = (vec![role("kept"), role("new")], vec![link("1"), link("2")]);
        assert_eq!(put(snapshots.clone(), vec![role("new")], vec![link("2")]), (roles, links));
        assert_eq!(put(snapshots.clone(), vec![role("new")], vec![]).0.len(), 2);
        assert_eq!(put(snapshots, vec![], vec![link("2")]).1.len(), 2);
    }
}
