//! What stood under what and when, at the very edges of lists, records and logs.

use azure_pec::{
    AccessHistory, Chronicle, Event, Finding, HierarchyEntry, Instant, Log, LoggedChange, Observed, Snapshot,
};

use crate::by_hand::{NAME, OTHER, codes, grant};
use crate::exporter::evidence;
use crate::short::{
    SECOND, TAKES, begun, dated, day, done, done_by, empty, held, listed_at, lives, messages, placed,
    put_together, stands, text, undated, whole, whole_of,
};
use crate::world::{LEFT, RIGHT, SUB_A, SUB_B, TENANT, TOP, other_tenant, scope, sub, tenant};

fn joins(child: &str, parent: &str) -> LoggedChange {
    LoggedChange::Placed { child: scope(child), parent: scope(parent) }
}

fn leaves(child: &str) -> LoggedChange {
    LoggedChange::Unplaced { child: scope(child) }
}

fn told(snapshots: Vec<Snapshot>, logs: Vec<Log>) -> Vec<String> {
    let (history, _) = put_together(snapshots, logs);
    history.check().unwrap();
    placed(&history)
}

/// A list of the subscription at the end of the month, so that spans that end before it have their ends.
fn last() -> Snapshot {
    empty(day(30))
}

#[test]
fn a_parent_seen_once_is_known_at_that_moment() {
    assert_eq!(told(vec![stands(day(5), &[(SUB_A, LEFT)]), last()], vec![]), ["a<left: 5 to 5"]);
    // At the end of what is observed it stays.
    assert_eq!(told(vec![stands(day(5), &[(SUB_A, LEFT)]), empty(day(5))], vec![]), ["a<left: 5 to -"]);
    assert_eq!(told(vec![stands(day(5), &[(SUB_A, LEFT)])], vec![]), ["a<left: 5 to -"]);
}

#[test]
fn a_log_of_its_parent_proves_the_time_around_a_sight() {
    let logs = || vec![whole_of(LEFT, day(1), day(20), vec![])];
    for taken in [day(1), day(10), day(20)] {
        let told = told(vec![stands(taken, &[(SUB_A, LEFT)]), last()], logs());
        assert_eq!(told, ["a<left: 1 to 20"], "{taken}");
    }
    let outside = day(20).plus(1);
    assert_eq!(told(vec![stands(outside, &[(SUB_A, LEFT)]), last()], logs()), ["a<left: 20+1 to 20+1"]);
    // The subscription's own log does not show where it stands.
    let own = vec![whole(day(1), day(20), vec![])];
    assert_eq!(told(vec![stands(day(10), &[(SUB_A, LEFT)]), last()], own), ["a<left: 10 to 10"]);
}

#[test]
fn a_record_of_joining_ends_the_one_parent_and_begins_the_other() {
    let moved = || done(day(12), joins(SUB_A, RIGHT));
    let lists = || vec![stands(day(5), &[(SUB_A, LEFT)]), last()];
    let left = |events| whole_of(LEFT, day(1), day(20), events);
    let right = |events| whole_of(RIGHT, day(1), day(20), events);
    let both = ["a<left: 1 to 12", "a<right: 12+5s to 20"];
    assert_eq!(told(lists(), vec![left(vec![moved()]), right(vec![moved()])]), both);
    // Only the log of the group that it left: where it stands then is known at that moment.
    assert_eq!(told(lists(), vec![left(vec![moved()])]), ["a<left: 1 to 12", "a<right: 12+5s to 12+5s"]);
    // Only that of the group that it joined: where it stood before is known at the list's moment.
    assert_eq!(told(lists(), vec![right(vec![moved()])]), ["a<left: 5 to 5", "a<right: 12+5s to 20"]);
}

#[test]
fn a_record_of_leaving_ends_the_parent_and_begins_none() {
    let left = || vec![whole_of(LEFT, day(1), day(20), vec![done(day(12), leaves(SUB_A))])];
    assert_eq!(told(vec![stands(day(5), &[(SUB_A, LEFT)]), last()], left()), ["a<left: 1 to 12"]);
    // Seen there again it came back, after the leaving was done.
    let back = vec![stands(day(5), &[(SUB_A, LEFT)]), stands(day(15), &[(SUB_A, LEFT)]), last()];
    assert_eq!(told(back, left()), ["a<left: 1 to 12", "a<left: 12+5s to 20"]);
    // A sight at the end of both its parent and the log is the end that is stated.
    let sights = vec![stands(day(5), &[(SUB_A, LEFT)]), stands(day(12), &[(SUB_A, LEFT)]), last()];
    let at_once = done_by(day(12), day(12), leaves(SUB_A));
    let log = vec![whole_of(LEFT, day(1), day(12), vec![at_once])];
    assert_eq!(told(sights, log), ["a<left: 1 to 12"]);
    // Seen there when it was done it had come back by then.
    let at_once =
        |at| told(vec![stands(day(5), &[(SUB_A, LEFT)]), stands(at, &[(SUB_A, LEFT)]), last()], left());
    assert_eq!(at_once(day(12).plus(TAKES)), ["a<left: 1 to 12", "a<left: 12+5s to 20"]);
}

#[test]
fn a_beginning_without_an_outcome_leaves_the_place_unknown_from_then_to_the_next_sight() {
    let log = || vec![whole_of(LEFT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))])];
    let list = |at: Instant| stands(at, &[(SUB_A, LEFT)]);
    assert_eq!(told(vec![list(day(5)), last()], log()), ["a<left: 1 to 12"]);
    assert_eq!(
        told(vec![list(day(5)), list(day(15)), last()], log()),
        ["a<left: 1 to 12", "a<left: 15 to 20"]
    );
    // Whether it had stood there before the beginning nothing says.
    assert_eq!(told(vec![list(day(15)), last()], log()), ["a<left: 15 to 20"]);
    let leaving = vec![whole_of(LEFT, day(1), day(20), vec![begun(day(12), leaves(SUB_A))])];
    assert_eq!(told(vec![list(day(5)), last()], leaving), ["a<left: 1 to 12"]);
    // A sight at that very moment proves the moment and nothing after it.
    assert_eq!(
        told(vec![list(day(5)), list(day(12)), last()], log()),
        ["a<left: 1 to 12", "a<left: 12 to 12+1"]
    );
}

/// What one parent is twice, by two lists of one moment, it is once.
#[test]
fn two_lists_of_the_moment_at_which_a_move_began_say_the_same() {
    let list = |at: Instant| stands(at, &[(SUB_A, LEFT)]);
    let log = vec![whole_of(LEFT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))])];
    assert_eq!(
        told(vec![list(day(5)), list(day(12)), list(day(12)), last()], log),
        ["a<left: 1 to 12", "a<left: 12 to 12+1"]
    );
}

/// It may have stood there before, or since: what began is no matter.
#[test]
fn sights_before_and_after_a_beginning_without_an_outcome_each_say_the_same() {
    let list = |at: Instant| stands(at, &[(SUB_A, LEFT)]);
    let log = || vec![whole_of(RIGHT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))])];
    let put = |one, two| told(vec![list(day(one)), list(day(two)), last()], log());
    assert_eq!(put(5, 8), ["a<left: 5 to 8"]);
    assert_eq!(put(14, 18), ["a<left: 14 to 18"]);
    assert_eq!(put(8, 14), ["a<left: 8 to 8", "a<left: 14 to 14"]);
}

#[test]
fn a_beginning_in_one_log_and_the_whole_pair_in_another_are_one_move() {
    let moved = || done(day(12), joins(SUB_A, RIGHT));
    let logs = vec![
        whole_of(LEFT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))]),
        whole_of(RIGHT, day(1), day(20), vec![moved()]),
    ];
    assert_eq!(
        told(vec![stands(day(5), &[(SUB_A, LEFT)]), last()], logs.clone()),
        ["a<left: 1 to 12", "a<right: 12+5s to 20"]
    );
    // A list while it was under way shows that it was not done.
    let under_way = stands(day(12).plus(SECOND), &[(SUB_A, LEFT)]);
    let lists = || vec![stands(day(5), &[(SUB_A, LEFT)]), under_way.clone(), last()];
    assert_eq!(told(lists(), logs), ["a<left: 1 to 12+10000001", "a<right: 12+5s to 20"]);
    // That another move was done says nothing of this one.
    let logs = vec![
        whole_of(LEFT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))]),
        whole_of(RIGHT, day(1), day(20), vec![done(day(16), joins(SUB_A, RIGHT))]),
    ];
    assert_eq!(told(lists(), logs), ["a<left: 1 to 12", "a<left: 12+1s to 16", "a<right: 16+5s to 20"]);
}

#[test]
fn a_move_that_took_no_time_is_one_with_its_beginning_in_another_log() {
    let logs = vec![
        whole_of(LEFT, day(1), day(20), vec![begun(day(12), joins(SUB_A, RIGHT))]),
        whole_of(RIGHT, day(1), day(20), vec![done_by(day(12), day(12), joins(SUB_A, RIGHT))]),
    ];
    let lists = vec![stands(day(5), &[(SUB_A, LEFT)]), last()];
    assert_eq!(told(lists, logs), ["a<left: 1 to 12", "a<right: 12 to 20"]);
}

#[test]
fn two_parents_that_no_record_parts_contradict_the_log_between_them() {
    let lists = || vec![stands(day(5), &[(SUB_A, LEFT)]), stands(day(15), &[(SUB_A, RIGHT)]), last()];
    let put = |logs| -> (Vec<String>, Vec<Finding>) {
        let (history, findings) = put_together(lists(), logs);
        (placed(&history), findings)
    };
    let right = |start| vec![whole_of(RIGHT, start, day(20), vec![])];
    let (told, findings) = put(right(day(1)));
    assert_eq!(told, ["a<left: 5 to 5", "a<right: 15 to 20"]);
    let place = SUB_A.to_ascii_lowercase();
    let (left, joined) = (LEFT.to_ascii_lowercase(), RIGHT.to_ascii_lowercase());
    assert_eq!(
        messages(&findings, "access.contradiction"),
        [format!(
            "{place} stood under {left} at 2026-10-05T00:00:00Z and under {joined} at 2026-10-15T00:00:00Z, and the log \
             that covers the time shows no move"
        )]
    );
    let files: Vec<&str> = findings[0].evidence.iter().map(|one| one.record.as_str()).collect();
    assert_eq!(files, [place.as_str()]);
    // From the sight of the one on it is the other's log.
    assert!(codes(&put(right(day(5))).1).contains(&"access.contradiction"));
    let (told, findings) = put(right(day(5).plus(1)));
    assert_eq!(told, ["a<left: 5 to 5+1", "a<right: 5+1 to 20"]);
    assert!(!codes(&findings).contains(&"access.contradiction"));
    // The log of the group that it left reaches past the sight of the other: it is known until its own last sight.
    let (told, _) = put(vec![whole_of(LEFT, day(1), day(15), vec![])]);
    assert_eq!(told, ["a<left: 1 to 5", "a<right: 15 to 15"]);
    let (told, _) = put(vec![whole_of(LEFT, day(1), day(15).plus(-1), vec![])]);
    assert_eq!(told, ["a<left: 1 to 15", "a<right: 15 to 15"]);
}

#[test]
fn two_parents_at_one_moment_are_neither_and_no_contradiction_of_a_log() {
    let lists = vec![stands(day(5), &[(SUB_A, LEFT)]), stands(day(5), &[(SUB_A, RIGHT)]), last()];
    let (history, findings) = put_together(lists, vec![]);
    assert_eq!(placed(&history), Vec::<String>::new());
    assert!(!codes(&findings).contains(&"access.contradiction"));
}

#[test]
fn what_two_logs_claim_for_two_parents_is_known_of_neither() {
    let lists = vec![stands(day(5), &[(SUB_A, LEFT)]), stands(day(15), &[(SUB_A, RIGHT)]), last()];
    let logs = vec![whole_of(LEFT, day(1), day(12), vec![]), whole_of(RIGHT, day(8), day(20), vec![])];
    assert_eq!(told(lists, logs), ["a<left: 1 to 8", "a<right: 12+1 to 20"]);
}

#[test]
fn a_subscription_is_placed_only_while_what_stands_above_its_group_is_known() {
    let lists = |top| {
        vec![
            stands(day(5), &[(SUB_A, LEFT)]),
            stands(day(25), &[(SUB_A, LEFT)]),
            stands(top, &[(LEFT, TOP)]),
            last(),
        ]
    };
    assert_eq!(told(lists(day(10)), vec![]), ["left<top: 10 to 10", "a<left: 5 to 5", "a<left: 25 to 25"]);
    let of_group = vec![whole_of(LEFT, day(8), day(12), vec![])];
    assert_eq!(
        told(lists(day(10)), of_group),
        ["left<top: 8 to 12", "a<left: 5 to 5", "a<left: 8 to 12", "a<left: 25 to 25"]
    );
}

#[test]
fn a_group_of_which_two_parents_are_said_is_no_top() {
    let lists = vec![
        stands(day(5), &[(SUB_A, LEFT)]),
        stands(day(10), &[(LEFT, TOP)]),
        stands(day(10), &[(LEFT, RIGHT)]),
        stands(day(25), &[(SUB_A, LEFT)]),
        last(),
    ];
    assert_eq!(told(lists, vec![]), ["a<left: 5 to 5", "a<left: 25 to 25"]);
}

#[test]
fn groups_that_stand_under_each_other_place_nothing() {
    let ring = |at| stands(at, &[(SUB_A, LEFT), (LEFT, RIGHT), (RIGHT, LEFT)]);
    assert_eq!(
        told(vec![ring(day(5)), ring(day(8)), last()], vec![]),
        ["left<right: 5 to 8", "right<left: 5 to 8", "a<left: 5 to 5", "a<left: 8 to 8"]
    );
}

#[test]
fn a_chain_begins_at_the_root_of_its_tenant() {
    let chain = |tenant_id, groups: &[&str]| LoggedChange::Chain {
        tenant_id,
        subscription: sub(SUB_A),
        groups: groups.iter().map(|group| scope(group)).collect(),
    };
    let put = |change| told(vec![last()], vec![whole(day(1), day(20), vec![done(day(10), change)])]);
    assert_eq!(
        put(chain(Some(tenant()), &[LEFT])),
        ["left<tenant: 10+5s to 10+5s", "a<left: 10+5s to 10+5s"]
    );
    // The root may be in it already, and nothing else may be.
    let root = format!("/providers/microsoft.management/managementgroups/{TENANT}");
    assert_eq!(
        put(chain(Some(tenant()), &[&root, LEFT])),
        ["left<tenant: 10+5s to 10+5s", "a<left: 10+5s to 10+5s"]
    );
    assert_eq!(put(chain(Some(tenant()), &[])), ["a<tenant: 10+5s to 10+5s"]);
    assert_eq!(put(chain(None, &[])), ["a</: 10+5s to 10+5s"]);
    assert_eq!(put(chain(None, &[LEFT])), ["a<left: 10+5s to 10+5s"]);
}

#[test]
fn a_root_in_its_two_spellings_is_one_parent() {
    let root = format!("/providers/Microsoft.Management/managementGroups/{TENANT}");
    let lists = vec![stands(day(5), &[(SUB_A, "/")]), stands(day(15), &[(SUB_A, &root)]), last()];
    assert_eq!(told(lists, vec![]), ["a<tenant: 5 to 15"]);
}

/// What names no tenant.
fn anybodys(list: Snapshot) -> Snapshot {
    let hierarchy = list.hierarchy.into_iter().map(|entry| HierarchyEntry { tenant_id: None, ..entry });
    Snapshot { tenant_id: None, hierarchy: hierarchy.collect(), ..list }
}

fn theirs(list: Snapshot) -> Snapshot {
    let tenant_id = Some(other_tenant());
    let hierarchy = list.hierarchy.into_iter().map(|entry| HierarchyEntry { tenant_id, ..entry });
    Snapshot { hierarchy: hierarchy.collect(), ..list }
}

#[test]
fn a_list_without_a_tenant_speaks_of_the_only_group_of_the_name() {
    let ours = || stands(day(5), &[(LEFT, TOP)]);
    let unnamed = || anybodys(stands(day(15), &[(LEFT, TOP)]));
    assert_eq!(told(vec![ours(), unnamed()], vec![]), ["left<top: 5 to -"]);
    // Two tenants have one: whose it is nobody says.
    let three = told(vec![ours(), theirs(stands(day(6), &[(LEFT, RIGHT)])), unnamed()], vec![]);
    assert_eq!(three, ["left<top: 15 to -", "left<top: 5 to -", "left<right: 6 to -"]);
}

#[test]
fn a_list_without_a_tenant_places_a_subscription_in_the_only_one_that_is_named() {
    let ours = || stands(day(15), &[(SUB_A, LEFT)]);
    let unnamed = || anybodys(stands(day(5), &[(SUB_A, LEFT)]));
    let tenants = |lists| {
        let (history, _) = put_together(lists, vec![]);
        history.hierarchy.iter().map(|entry| entry.tenant_id).collect::<Vec<_>>()
    };
    assert_eq!(tenants(vec![unnamed(), ours()]), [Some(tenant())]);
    let theirs = theirs(stands(day(20), &[(SUB_A, RIGHT)]));
    assert_eq!(tenants(vec![unnamed(), ours(), theirs]), [None, Some(other_tenant())]);
}

/// A subscription went to another tenant, which has a group of the same name.
#[test]
fn a_list_of_one_tenants_group_says_nothing_of_what_stands_in_anothers() {
    let list = |at| stands(at, &[(SUB_A, LEFT)]);
    let of_group = || listed_at(LEFT, day(15), vec![grant(OTHER, SUB_B, None)]);
    let put = |then: [Snapshot; 2]| {
        let lists = [vec![list(day(5)), dated(day(10), day(3)), of_group()], then.to_vec()].concat();
        lives(&put_together(lists, vec![]).0)
    };
    assert_eq!(put([list(day(12)), list(day(18))])[0], "3 to 10~15");
    assert_eq!(put([theirs(list(day(12))), theirs(list(day(18)))])[0], "3 to 10~?");
}

#[test]
fn a_list_of_a_whole_tenant_says_nothing_of_a_subscription_that_went_to_another() {
    let list = |at| stands(at, &[(SUB_A, LEFT)]);
    let put = |place: &str, tenant_id| {
        let all = listed_at(place, day(15), vec![grant(OTHER, SUB_B, None)]);
        let lists = vec![
            list(day(5)),
            theirs(list(day(9))),
            theirs(list(day(18))),
            undated(day(10)),
            undated(day(18)),
            Snapshot { tenant_id: Some(tenant_id), ..all },
        ];
        let (history, _) = put_together(lists, vec![]);
        let own = history.grants.into_iter().filter(|grant| grant.id == NAME);
        own.map(|grant| held(&grant)).collect::<Vec<_>>()
    };
    assert_eq!(put("/", tenant()), ["- to -"]);
    assert_eq!(put(LEFT, tenant()), ["- to -"]);
    // The list of the group that it stands under would show it.
    assert_eq!(put(LEFT, other_tenant()), ["- to 10~15", "15~18 to -"]);
}

#[test]
fn groups_of_one_name_in_two_tenants_are_two() {
    let lists = vec![
        stands(day(5), &[(LEFT, TOP)]),
        theirs(stands(day(6), &[(LEFT, RIGHT)])),
        stands(day(7), &[(LEFT, TOP)]),
        theirs(stands(day(8), &[(LEFT, RIGHT)])),
    ];
    assert_eq!(told(lists, vec![]), ["left<top: 5 to -", "left<right: 6 to -"]);
    // A move in the one tenant's log leaves the other tenant's group.
    let lists = vec![stands(day(5), &[(LEFT, TOP)]), theirs(stands(day(6), &[(LEFT, RIGHT)])), last()];
    let log = whole_of(LEFT, day(1), day(20), vec![done(day(12), joins(LEFT, RIGHT))]);
    assert_eq!(
        told(lists, vec![log]),
        ["left<top: 1 to 12", "left<right: 12+5s to 20", "left<right: 6 to 6"]
    );
}

// --- histories kept before ---

fn entry(child: &str, parent: &str, start: Option<Instant>, end: Option<Instant>) -> HierarchyEntry {
    HierarchyEntry { tenant_id: Some(tenant()), child: scope(child), parent: scope(parent), start, end }
}

fn continued(
    entries: Vec<HierarchyEntry>,
    observed: Option<Instant>,
    snapshots: Vec<Snapshot>,
    logs: Vec<Log>,
) -> Vec<String> {
    let (month, _) = put_together(observed.map(empty).into_iter().collect(), vec![]);
    let kept = AccessHistory { hierarchy: entries, ..month };
    let (history, _) = Chronicle { histories: vec![kept], snapshots, logs, ..Chronicle::default() }.history();
    placed(&history)
}

#[test]
fn a_kept_parent_stands_to_the_end_of_what_was_observed_and_goes_on_where_it_is_seen_again() {
    let open = || vec![entry(SUB_A, LEFT, Some(day(3)), None)];
    assert_eq!(continued(open(), Some(day(20)), vec![last()], vec![]), ["a<left: 3 to 20"]);
    assert_eq!(
        continued(open(), Some(day(20)), vec![stands(day(25), &[(SUB_A, LEFT)]), last()], vec![]),
        ["a<left: 3 to 25"]
    );
    // Nothing else was observed of its place: it was seen once, when its entry begins.
    assert_eq!(continued(open(), None, vec![last()], vec![]), ["a<left: 3 to 3"]);
    // One that ended stands to its last tick.
    let ended =
        vec![entry(SUB_A, LEFT, Some(day(3)), Some(day(12))), entry(SUB_A, RIGHT, Some(day(12)), None)];
    assert_eq!(
        continued(ended, Some(day(20)), vec![last()], vec![]),
        ["a<left: 3 to 12", "a<right: 12 to 20"]
    );
    // Since ever, as it says.
    let ever = vec![entry(SUB_A, LEFT, None, None)];
    assert_eq!(continued(ever, Some(day(20)), vec![last()], vec![]), ["a<left: - to 20"]);
}

#[test]
fn a_kept_parent_and_a_later_record_of_leaving() {
    let log = |at| vec![whole_of(LEFT, day(20), day(30), vec![done(at, leaves(SUB_A))])];
    let open = || vec![entry(SUB_A, LEFT, Some(day(3)), None)];
    assert_eq!(continued(open(), Some(day(20)), vec![last()], log(day(25))), ["a<left: 3 to 25"]);
}

#[test]
fn records_name_where_a_sight_of_the_hierarchy_was_read() {
    let moved = Event { evidence: evidence("moved"), ..done(day(12), joins(SUB_A, RIGHT)) };
    let lists = vec![stands(day(15), &[(SUB_A, LEFT)]), last()];
    let logs = vec![whole_of(LEFT, day(1), day(20), vec![moved]), whole_of(RIGHT, day(1), day(20), vec![])];
    let (history, findings) = put_together(lists, logs);
    assert_eq!(placed(&history), ["a<right: 12+5s to 12+5s", "a<left: 15 to 20"]);
    let told = findings.iter().find(|finding| finding.code == "access.contradiction").unwrap();
    let records: Vec<&str> = told.evidence.iter().map(|one| one.record.as_str()).collect();
    assert_eq!(records, [SUB_A.to_ascii_lowercase().as_str(), "moved"]);
}

#[test]
fn two_subscriptions_stand_each_for_itself() {
    let lists = vec![
        stands(day(5), &[(SUB_A, LEFT), (SUB_B, RIGHT)]),
        stands(day(15), &[(SUB_A, LEFT), (SUB_B, LEFT)]),
        last(),
    ];
    let spans = told(lists, vec![]);
    assert_eq!(spans, ["a<left: 5 to 15", "b<right: 5 to 5", "b<left: 15 to -"]);
    assert_eq!(text(day(5)), "5");
}

#[test]
fn what_stood_there_at_all_times_has_no_first_and_no_last_moment() {
    let kept = AccessHistory {
        observed: Observed::Complete,
        hierarchy: vec![entry(SUB_A, LEFT, None, None), entry(LEFT, TOP, Some(day(5)), Some(day(8)))],
        ..AccessHistory::default()
    };
    let (histories, snapshots) = (vec![kept], vec![last()]);
    let (history, _) = Chronicle { histories, snapshots, ..Chronicle::default() }.history();
    assert_eq!(placed(&history), ["left<top: 5 to 8", "a<left: 5 to 8"]);
}

#[test]
fn a_history_that_is_continued_again_and_again_keeps_its_places() {
    let kept = AccessHistory {
        observed: Observed::Complete,
        hierarchy: vec![
            entry(LEFT, TOP, Some(day(1)), Some(day(8))),
            entry(SUB_A, LEFT, Some(day(1)), Some(day(5))),
        ],
        ..AccessHistory::default()
    };
    let first = placed(&kept);
    let mut history = kept;
    for _ in 0..3 {
        let (histories, snapshots) = (vec![history], vec![last()]);
        history = Chronicle { histories, snapshots, ..Chronicle::default() }.history().0;
        assert_eq!(placed(&history), first);
    }
}
