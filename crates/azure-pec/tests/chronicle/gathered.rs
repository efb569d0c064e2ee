//! Which records speak of one assignment, and what is taken from which.

use azure_pec::{
    AccessHistory, Chronicle, DenyAssignment, Event, Grant, GrantPath, Instant, Listing, Log, LoggedChange,
    NamelessGrant, Snapshot, Twin,
};

use crate::by_hand::{EARLIEST, NAME, OTHER, at, codes, delegation, grant};
use crate::exporter::{evidence, snapshot};
use crate::short::{
    TAKES, begun, dated, day, deleting, deleting_unsaid, denials, done, done_by, empty, held, lives,
    messages, mine, put_together, shown, span, undated, whole, writing,
};
use crate::world::{LEFT, OWNER, READER, SUB_A, SUB_B, other_tenant, scope, sub, tenant};

const PRINCIPAL: &str = "dddddddd-0000-0000-0000-000000000001";

// --- conditions ---

fn under(condition: &str) -> Grant {
    Grant { condition: Some(condition.to_owned()), ..mine(Some(day(3))) }
}

fn rewritten(condition: Option<&str>) -> LoggedChange {
    LoggedChange::Granted(Box::new(Grant { condition: condition.map(str::to_owned), ..mine(None) }))
}

/// The spans of the one assignment, each with its condition.
fn conditions(snapshots: Vec<Snapshot>, events: Vec<Event>) -> Vec<(String, Option<String>)> {
    let logs = if events.is_empty() { vec![] } else { vec![whole(day(1), day(20), events)] };
    let (history, _) = put_together(snapshots, logs);
    history.grants.iter().map(|grant| (held(grant), grant.condition.clone())).collect()
}

fn with(spans: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
    let condition = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    spans.iter().map(|(span, text)| ((*span).to_owned(), condition(text))).collect()
}

#[test]
fn between_two_lists_that_differ_the_condition_that_is_there_is_taken() {
    let free = |taken| dated(taken, day(3));
    let bound = |taken, text| shown(taken, vec![under(text)]);
    let two = |one, other| conditions(vec![one, other], vec![]);
    assert_eq!(two(free(day(10)), bound(day(20), "a")), with(&[("3 to 10", ""), ("10 to -", "a")]));
    assert_eq!(two(bound(day(10), "a"), free(day(20))), with(&[("3 to 20", "a"), ("20 to -", "")]));
    assert_eq!(two(bound(day(10), "a"), bound(day(20), "b")), with(&[("3 to 20", "a"), ("20 to -", "b")]));
    assert_eq!(two(bound(day(10), "a"), bound(day(20), "a")), with(&[("3 to -", "a")]));
}

#[test]
fn a_record_tells_when_the_condition_changed() {
    let changed =
        |list: Instant| conditions(vec![dated(list, day(3))], vec![done(day(15), rewritten(Some("a")))]);
    assert_eq!(changed(day(10)), with(&[("3 to 15", ""), ("15 to -", "a")]));
    // A list while it was changed still shows none.
    assert_eq!(changed(day(15).plus(1)), with(&[("3 to 15+1", ""), ("15+1 to -", "a")]));
}

#[test]
fn the_condition_before_a_change_is_not_known_unless_none_was_ever_there() {
    let changed = |text: Option<&str>| {
        let list = match text {
            Some(text) => shown(day(18), vec![under(text)]),
            None => dated(day(18), day(3)),
        };
        conditions(vec![list], vec![done(day(15), rewritten(text))])
    };
    let unknown = "changed later; not known";
    assert_eq!(changed(Some("a")), with(&[("3 to 15+5s", unknown), ("15+5s to -", "a")]));
    assert_eq!(changed(None), with(&[("3 to -", "")]));
    // The record of the making itself changed nothing.
    let made = conditions(vec![shown(day(18), vec![under("a")])], vec![done(day(3), rewritten(Some("a")))]);
    assert_eq!(made, with(&[("3 to -", "a")]));
}

#[test]
fn a_condition_from_the_first_sight_on_is_the_whole_lifes() {
    let lists =
        vec![empty(day(5)), undated(day(10)), shown(day(20), vec![Grant { start: None, ..under("a") }])];
    assert_eq!(conditions(lists, vec![]), with(&[("5~10 to -", "a")]));
}

#[test]
fn the_first_condition_of_a_life_holds_since_the_life_may_have_begun() {
    let bound = shown(day(20), vec![Grant { start: None, ..under("a") }]);
    let lists = vec![empty(day(5)), undated(day(10)), undated(day(12)), bound];
    assert_eq!(conditions(lists, vec![]), with(&[("5~10 to 12", ""), ("12 to -", "a")]));
}

#[test]
fn two_lives_have_each_its_own_condition() {
    let second = Grant { start: Some(day(15)), ..under("a") };
    let lists = vec![dated(day(10), day(3)), shown(day(20), vec![second])];
    assert_eq!(conditions(lists, vec![]), with(&[("3 to 10~15", ""), ("15 to -", "a")]));
    let first = vec![shown(day(10), vec![under("a")]), dated(day(20), day(15))];
    assert_eq!(conditions(first, vec![]), with(&[("3 to 10~15", "a"), ("15 to -", "")]));
    // What no list saw alive has the condition that is known of its name.
    let gone = deleting_unsaid(NAME, Some(day(2)), Some(day(4)));
    let second = Grant { start: Some(day(15)), ..under("a") };
    let both = conditions(vec![shown(day(20), vec![second])], vec![done(day(4), gone)]);
    assert_eq!(both, with(&[("2 to 4", "a"), ("15 to -", "a")]));
}

#[test]
fn a_condition_that_began_to_be_written_may_hold_since() {
    let events = vec![begun(day(15), rewritten(Some("a")))];
    let told = conditions(vec![dated(day(10), day(3)), dated(day(18), day(3))], events);
    assert_eq!(told, with(&[("3 to 15", ""), ("15 to 18", "a"), ("18 to -", "")]));
}

// --- names ---

#[test]
fn one_name_in_any_spelling_is_one_assignment() {
    let name = "abcdefab-0000-0000-0000-00000000000f";
    for spelling in [name.to_uppercase(), name.replace('-', ""), name.to_owned()] {
        let gone = deleting_unsaid(&spelling, None, None);
        let listed = Grant { start: Some(day(3)), ..grant(name, SUB_A, None) };
        let written = LoggedChange::Granted(Box::new(grant(&spelling, SUB_A, None)));
        let events = vec![done(day(12), written), done(day(15), gone)];
        let (history, findings) =
            put_together(vec![shown(day(10), vec![listed])], vec![whole(day(1), day(20), events)]);
        assert_eq!(lives(&history), ["3 to 15~15+5s"], "{spelling}");
        assert_eq!(history.grants[0].id, name);
        assert_eq!(codes(&findings), ["access.no_hierarchy"]);
    }
}

fn with_role(role: &str, principal: &str) -> Grant {
    let grant = mine(Some(day(3)));
    Grant { role_id: role.parse().unwrap(), principal_id: principal.parse().unwrap(), ..grant }
}

#[test]
fn a_record_that_names_role_or_principal_speaks_of_that_assignment_alone() {
    let other = "dddddddd-0000-0000-0000-000000000002";
    let all = || vec![with_role(OWNER, PRINCIPAL), with_role(READER, PRINCIPAL), with_role(OWNER, other)];
    let gone = |role: Option<&str>, principal: Option<&str>| {
        let change = LoggedChange::Revoked {
            id: NAME.to_owned(),
            scope: scope(SUB_A),
            role_id: role.map(|role| role.parse().unwrap()),
            principal_id: principal.map(|principal| principal.parse().unwrap()),
            principal_kind: None,
            created: None,
            ended: None,
        };
        let log = whole(day(1), day(20), vec![done(day(15), change)]);
        let (history, _) = put_together(vec![shown(day(10), all())], vec![log]);
        let ended = history.grants.into_iter().filter(|grant| grant.end.is_some());
        let mut ended: Vec<(String, String)> =
            ended.map(|grant| (grant.role_id.to_string(), grant.principal_id.to_string())).collect();
        ended.sort();
        ended
    };
    let pair = |role: &str, principal: &str| (role.to_owned(), principal.to_owned());
    assert_eq!(gone(Some(READER), None), [pair(READER, PRINCIPAL)]);
    assert_eq!(gone(None, Some(other)), [pair(OWNER, other)]);
    assert_eq!(gone(Some(OWNER), None), [pair(OWNER, PRINCIPAL), pair(OWNER, other)]);
    assert_eq!(gone(None, None).len(), 3);
}

#[test]
fn a_deletion_of_a_role_assignment_leaves_eligible_ones_and_delegations_of_its_name() {
    let eligible = Snapshot {
        grants: vec![Grant { eligible_only: true, ..mine(Some(day(3))) }],
        ..snapshot(Listing::EligibleSchedules, vec![scope(SUB_A)], day(10))
    };
    let delegations = Snapshot {
        grants: vec![Grant { id: NAME.to_owned(), role_id: READER.parse().unwrap(), ..delegation() }],
        ..snapshot(Listing::Delegations, vec![scope(SUB_A)], day(10))
    };
    let put = |list| {
        put_together(
            vec![list, empty(day(18))],
            vec![whole(day(1), day(20), vec![done(day(15), deleting())])],
        )
    };
    let (history, _) = put(eligible);
    let spans: Vec<_> = history.grants.iter().map(|grant| (grant.eligible_only, held(grant))).collect();
    assert_eq!(spans, [(false, "- to 15~15+5s".to_owned()), (true, "3 to 10~?".to_owned())]);
    let (history, _) = put(delegations);
    let spans: Vec<_> = history.grants.iter().map(|grant| (grant.path, held(grant))).collect();
    assert!(spans.contains(&(GrantPath::LighthouseTemplate, "- to -".to_owned())), "{spans:?}");
    assert!(spans.contains(&(GrantPath::Directory, "- to 15~15+5s".to_owned())), "{spans:?}");
}

#[test]
fn a_record_may_name_the_scope_that_it_was_deleted_with_where_the_name_is_known_once() {
    let group = format!("{SUB_A}/resourceGroups/rg");
    let at = |place: &str| Grant { start: Some(day(3)), ..grant(NAME, place, None) };
    let gone = deleting_unsaid(NAME, None, None);
    let put = |grants| {
        put_together(
            vec![shown(day(10), grants)],
            vec![whole(day(1), day(20), vec![done(day(15), gone.clone())])],
        )
    };
    assert_eq!(lives(&put(vec![at(&group)]).0), ["3 to 15~15+5s"]);
    // Known at two places, and neither is the record's: then it is nobody's.
    let (history, findings) = put(vec![at(&group), at(&format!("{group}2"))]);
    assert_eq!(lives(&history), ["3 to -", "3 to -"]);
    assert!(codes(&findings).contains(&"access.nameless_event"));
    // Known at the record's own place, it is that one.
    let (history, _) = put(vec![at(SUB_A), at(&group)]);
    assert_eq!(lives(&history), ["3 to 15~15+5s", "3 to -"]);
}

#[test]
fn a_deletion_before_the_record_that_describes_it_ends_it_too() {
    let Grant { id, scope, .. } = mine(None);
    let gone = LoggedChange::Revoked {
        id,
        scope,
        role_id: None,
        principal_id: None,
        principal_kind: None,
        created: None,
        ended: None,
    };
    let events = || vec![done(day(15), gone.clone()), done(day(12), writing())];
    let (history, _) = put_together(vec![empty(day(5))], vec![whole(day(1), day(20), events())]);
    assert_eq!(lives(&history), ["12~12+5s to 15~15+5s"]);
    // So does what began to be written, of which nothing tells the outcome.
    let events = vec![done(day(15), gone.clone()), begun(day(12), writing())];
    let (history, _) = put_together(vec![empty(day(5))], vec![whole(day(1), day(20), events)]);
    assert_eq!(lives(&history), ["12~15 to 15~15+5s"]);
}

#[test]
fn a_deletion_that_describes_it_tells_what_a_record_of_writing_wrote() {
    let Grant { id, scope, .. } = mine(None);
    let events = vec![done(day(12), LoggedChange::Assigned { id, scope }), done(day(15), deleting())];
    let (history, _) = put_together(vec![empty(day(5))], vec![whole(day(1), day(20), events)]);
    assert_eq!(lives(&history), ["12~12+5s to 15~15+5s"]);
    assert!(history.nameless.is_empty());
    // So of what began to be written.
    let Grant { id, scope, .. } = mine(None);
    let events = vec![begun(day(12), LoggedChange::Assigned { id, scope }), done(day(15), deleting())];
    let (history, _) = put_together(vec![empty(day(5))], vec![whole(day(1), day(20), events)]);
    assert_eq!(lives(&history), ["12~15 to 15~15+5s"]);
    assert!(history.nameless.is_empty());
}

#[test]
fn a_deleted_foreign_group_was_admin_on_behalf_of_another_principal_in_the_directory() {
    let path = |kind: Option<&str>| {
        let Grant { id, scope, role_id, principal_id, .. } = mine(None);
        let change = LoggedChange::Revoked {
            id,
            scope,
            role_id: Some(role_id),
            principal_id: Some(principal_id),
            principal_kind: kind.map(str::to_owned),
            created: None,
            ended: None,
        };
        let (history, _) = put_together(vec![], vec![whole(day(1), day(20), vec![done(day(15), change)])]);
        let grant = &history.grants[0];
        assert_eq!(
            (grant.principal_kind.as_deref(), grant.tenant_id, grant.eligible_only),
            (kind, None, false)
        );
        assert_eq!(grant.evidence, [evidence("event")]);
        grant.path
    };
    assert_eq!(path(Some("foreigngroup")), GrantPath::Aobo);
    assert_eq!(path(Some("Group")), GrantPath::Directory);
    assert_eq!(path(None), GrantPath::Directory);
}

// --- which record describes it ---

#[test]
fn lists_of_role_assignments_describe_best_then_schedules_then_histories_then_logs() {
    let as_seen = |path, kind: Option<&str>| Grant {
        path,
        principal_kind: kind.map(str::to_owned),
        ..mine(Some(day(3)))
    };
    let listed = shown(day(10), vec![as_seen(GrantPath::Aobo, None)]);
    let later = Snapshot {
        twins: vec![Twin { schedule: NAME.to_owned(), assignment: NAME.to_owned() }],
        grants: vec![as_seen(GrantPath::Directory, Some("User"))],
        ..snapshot(Listing::ActiveSchedules, vec![scope(SUB_A)], day(11))
    };
    let (history, _) = put_together(vec![listed.clone(), later.clone()], vec![]);
    // The list says by which way, and the schedule beside it of what kind.
    assert_eq!(history.grants[0].path, GrantPath::Aobo);
    assert_eq!(history.grants[0].principal_kind.as_deref(), Some("User"));
    assert_eq!(history.grants.len(), 1);

    let kept = AccessHistory {
        grants: vec![as_seen(GrantPath::Aobo, Some("ForeignGroup"))],
        ..AccessHistory::default()
    };
    let chronicle =
        Chronicle { histories: vec![kept.clone()], snapshots: vec![later], ..Chronicle::default() };
    assert_eq!(chronicle.history().0.grants[0].path, GrantPath::Directory);

    let written = LoggedChange::Granted(Box::new(as_seen(GrantPath::Directory, Some("User"))));
    let logs = vec![whole(day(1), day(20), vec![done(day(12), written)])];
    let chronicle = Chronicle { histories: vec![kept], logs, ..Chronicle::default() };
    assert_eq!(chronicle.history().0.grants[0].path, GrantPath::Aobo);

    // Of two lists the later describes it, unless it does not say of what kind it is.
    let two = |kind| {
        let lists = vec![
            shown(day(10), vec![as_seen(GrantPath::Aobo, Some("ForeignGroup"))]),
            shown(day(20), vec![as_seen(GrantPath::Directory, kind)]),
        ];
        let forth = put_together(lists.clone(), vec![]).0.grants[0].path;
        let back = put_together(lists.into_iter().rev().collect(), vec![]).0.grants[0].path;
        assert_eq!(forth, back);
        forth
    };
    assert_eq!(two(Some("User")), GrantPath::Directory);
    assert_eq!(two(None), GrantPath::Aobo);
}

#[test]
fn whether_a_role_is_custom_and_whose_tenant_it_is_any_record_may_tell() {
    let one = |custom_role, tenant_id| Grant { custom_role, tenant_id, ..mine(Some(day(3))) };
    let lists = vec![
        Snapshot { tenant_id: None, ..shown(day(10), vec![one(Some(true), Some(tenant()))]) },
        Snapshot { tenant_id: None, ..shown(day(20), vec![one(None, None)]) },
    ];
    for lists in [lists.clone(), lists.into_iter().rev().collect()] {
        let (history, _) = put_together(lists, vec![]);
        assert_eq!(history.grants[0].custom_role, Some(true));
        assert_eq!(history.grants[0].tenant_id, Some(tenant()));
    }
    // A list says whose it is where the grant does not.
    let (history, _) = put_together(vec![dated(day(10), day(3))], vec![]);
    assert_eq!(history.grants[0].tenant_id, Some(tenant()));
    let own = shown(day(10), vec![one(None, Some(other_tenant()))]);
    assert_eq!(put_together(vec![own], vec![]).0.grants[0].tenant_id, Some(other_tenant()));
}

#[test]
fn a_log_says_whose_a_grant_above_subscriptions_is() {
    let put = |place: &str, tenant_id| {
        let written = LoggedChange::Granted(Box::new(grant(NAME, place, None)));
        let log = Log {
            tenant_id,
            scopes: vec![scope(place)],
            ..whole(day(1), day(20), vec![done(day(12), written)])
        };
        put_together(vec![], vec![log]).0.grants[0].tenant_id
    };
    assert_eq!(put(LEFT, Some(tenant())), Some(tenant()));
    assert_eq!(put(SUB_A, Some(tenant())), None);
    assert_eq!(put(LEFT, None), None);
}

#[test]
fn evidence_of_all_records_stands_once_each_in_order() {
    let by = |record: &str| Grant { evidence: vec![evidence(record)], ..mine(Some(day(3))) };
    let lists = vec![shown(day(10), vec![by("two"), by("one")]), shown(day(20), vec![by("two")])];
    let silent = LoggedChange::Granted(Box::new(Grant { evidence: vec![], ..mine(None) }));
    let told = LoggedChange::Granted(Box::new(by("three")));
    let events = vec![done(day(12), silent), done(day(13), told)];
    let (history, _) = put_together(lists, vec![whole(day(1), day(20), events)]);
    // A record that brings its own evidence needs not be named as an event besides.
    assert_eq!(history.grants[0].evidence, ["event", "one", "three", "two"].map(evidence));
}

// --- schedules, delegations ---

#[test]
fn an_eligible_schedule_is_no_twin_of_the_role_assignment() {
    let schedule = "33333333-0000-0000-0000-000000000003";
    let listed = Snapshot {
        twins: vec![Twin { schedule: schedule.to_owned(), assignment: NAME.to_owned() }],
        grants: vec![
            Grant { eligible_only: true, start: Some(day(3)), ..grant(schedule, SUB_A, None) },
            Grant { start: Some(day(4)), ..grant(schedule, SUB_A, None) },
        ],
        ..snapshot(Listing::ActiveSchedules, vec![scope(SUB_A)], day(10))
    };
    let (history, _) = put_together(vec![listed], vec![]);
    let told: Vec<_> =
        history.grants.iter().map(|grant| (grant.id.as_str(), grant.eligible_only, held(grant))).collect();
    assert_eq!(told, [(NAME, false, "4 to -".to_owned()), (schedule, true, "3 to -".to_owned())]);
}

#[test]
fn the_end_of_a_delegation_ends_every_grant_of_it() {
    let part = |name: &str| Grant { id: name.to_owned(), ..delegation() };
    let listed =
        |taken, grants| Snapshot { grants, ..snapshot(Listing::Delegations, vec![scope(SUB_A)], taken) };
    let parts = vec![
        part(&format!("{NAME}/one")),
        part(&format!("{}/two", NAME.to_uppercase())),
        part(&format!("{OTHER}/one")),
    ];
    let (id, place) = (NAME.replace('-', ""), scope(SUB_A));
    let gone = LoggedChange::Undelegated { id, scope: place };
    let log = whole(day(1), day(20), vec![done(day(15), gone)]);
    let (history, findings) = put_together(vec![listed(day(10), parts), listed(day(0), vec![])], vec![log]);
    assert_eq!(
        lives(&history),
        ["0~1 to 15~15+5s", "0~1 to 15~15+5s", "0~1 to 20~?"].map(|text| text.replace("20~?", "-"))
    );
    assert!(!codes(&findings).contains(&"access.nameless_event"));
}

#[test]
fn a_delegation_of_which_an_operation_began_is_in_doubt() {
    let listed =
        |taken, grants| Snapshot { grants, ..snapshot(Listing::Delegations, vec![scope(SUB_A)], taken) };
    let (id, place) = (NAME.to_owned(), scope(SUB_A));
    let ending = LoggedChange::Undelegated { id: id.clone(), scope: place.clone() };
    let giving = LoggedChange::Delegated { id, scope: place };
    let put = |lists, change| {
        let log = whole(day(1), day(20), vec![begun(day(15), change)]);
        lives(&put_together(lists, vec![log]).0)
    };
    assert_eq!(put(vec![empty(day(5)), listed(day(10), vec![delegation()])], ending), ["- to 15~?"]);
    let lists = vec![listed(day(10), vec![]), listed(day(18), vec![delegation()])];
    assert_eq!(put(lists, giving), ["15~18 to -"]);
}

// --- what only a name is known of ---

fn nameless(history: &AccessHistory) -> Vec<(String, bool, String)> {
    let told = history.nameless.iter();
    told.map(|one| (one.id.clone(), one.delegated, span(one.start, None, one.end, None))).collect()
}

fn unknown(name: &str) -> LoggedChange {
    LoggedChange::Assigned { id: name.to_owned(), scope: scope(SUB_A) }
}

#[test]
fn what_nothing_describes_was_there_between_the_lists_that_lack_it() {
    let lists = || vec![empty(day(2)), empty(day(5)), empty(day(15)), empty(day(18))];
    let put = |change, at| put_together(lists(), vec![whole(day(1), day(20), vec![done(at, change)])]);
    let (history, findings) = put(unknown(&NAME.to_uppercase()), day(10));
    assert_eq!(nameless(&history), [(NAME.to_owned(), false, "5 to 15".to_owned())]);
    let place = SUB_A.to_ascii_lowercase();
    assert_eq!(
        messages(&findings, "access.nameless_event"),
        [format!(
            "no export says what the role assignment {NAME} at {place} granted, which was there at 2026-10-10T00:00:05Z: \
             nothing is proved absent there while it may have been"
        )]
    );
    assert_eq!(history.nameless[0].evidence, [evidence("event")]);
    // Lists at the very moment tell neither before nor after.
    let (history, _) = put(unknown(NAME), day(5).plus(-TAKES));
    assert_eq!(nameless(&history), [(NAME.to_owned(), false, "2 to 15".to_owned())]);
    // What was to be made may be there, and lists of role assignments tell nothing of delegations.
    let delegated = LoggedChange::Delegated { id: NAME.to_owned(), scope: scope(SUB_A) };
    let (history, findings) = put(delegated, day(10));
    assert_eq!(nameless(&history), [(NAME.to_owned(), true, "- to -".to_owned())]);
    assert!(messages(&findings, "access.nameless_event")[0].contains("what the delegation "));
}

#[test]
fn what_nothing_describes_and_a_record_ended_was_there_until_then() {
    let gone = |created, ended| deleting_unsaid(NAME, created, ended);
    let put = |change| {
        let lists = vec![empty(day(5)), empty(day(15))];
        put_together(lists, vec![whole(day(1), day(20), vec![done(day(10), change)])]).0
    };
    let told = |history: &AccessHistory| (history.nameless[0].at, nameless(history)[0].2.clone());
    assert_eq!(told(&put(gone(None, None))), (day(10), "5 to 10+5s".to_owned()));
    assert_eq!(told(&put(gone(Some(day(7)), None))), (day(10), "7 to 10+5s".to_owned()));
    let stored = day(10).plus(TAKES / 5);
    assert_eq!(told(&put(gone(Some(day(7)), Some(stored)))), (stored, "7 to 10+1s".to_owned()));
    // A delegation too.
    let undelegated = LoggedChange::Undelegated { id: NAME.to_owned(), scope: scope(SUB_A) };
    assert_eq!(told(&put(undelegated)), (day(10), "- to 10+5s".to_owned()));
    let delegated = LoggedChange::Delegated { id: NAME.to_owned(), scope: scope(SUB_A) };
    assert_eq!(told(&put(delegated)), (day(10).plus(TAKES), "- to -".to_owned()));
}

#[test]
fn one_event_of_two_logs_is_one_with_what_both_know() {
    let gone = |created| deleting_unsaid(NAME, created, None);
    let one = done_by(day(10), day(11), gone(Some(day(7))));
    let other = Event { evidence: evidence("other"), ..done_by(day(10), day(12), gone(Some(day(6)))) };
    for events in [[one.clone(), other.clone()], [other, one]] {
        let logs = events.map(|event| whole(day(1), day(20), vec![event])).to_vec();
        let (history, _) = put_together(vec![], logs);
        assert_eq!(nameless(&history), [(NAME.to_owned(), false, "7 to 11".to_owned())]);
        assert_eq!(history.nameless[0].evidence, [evidence("event"), evidence("other")]);
    }
}

#[test]
fn a_name_that_a_history_kept_is_told_until_something_describes_it() {
    let kept = |id: &str, delegated| AccessHistory {
        nameless: vec![NamelessGrant {
            id: id.to_owned(),
            delegated,
            scope: scope(SUB_A),
            at: day(4),
            start: None,
            end: None,
            evidence: vec![],
        }],
        ..AccessHistory::default()
    };
    let put = |kept, listed| {
        let (history, _) =
            Chronicle { histories: vec![kept], snapshots: vec![listed], ..Chronicle::default() }.history();
        history.nameless.len()
    };
    let delegations = || Snapshot {
        grants: vec![delegation()],
        ..snapshot(Listing::Delegations, vec![scope(SUB_A)], day(10))
    };
    let upper = NAME.to_uppercase();
    assert_eq!(put(kept(&upper, false), undated(day(10))), 0);
    assert_eq!(put(kept(OTHER, false), undated(day(10))), 1);
    assert_eq!(put(kept(&upper, true), undated(day(10))), 1);
    assert_eq!(put(kept(&upper, true), delegations()), 0);
    assert_eq!(put(kept(&upper, false), delegations()), 1);
}

// --- deny assignments ---

fn deny(reads: bool) -> DenyAssignment {
    let actions = if reads { "*/read" } else { "*" };
    let text = serde_json::json!({"id": NAME, "scope": SUB_A, "everyone": true, "actions": [actions]});
    serde_json::from_value(text).unwrap()
}

fn deny_list(taken: Instant, denies: Vec<DenyAssignment>) -> Snapshot {
    Snapshot { denies, ..snapshot(Listing::DenyAssignments, vec![scope(SUB_A)], taken) }
}

fn denied() -> LoggedChange {
    LoggedChange::Denied { id: NAME.replace('-', ""), scope: scope(SUB_A) }
}

fn undenied() -> LoggedChange {
    LoggedChange::Undenied { id: NAME.to_uppercase(), scope: scope(SUB_A) }
}

#[test]
fn a_listed_deny_assignment_takes_its_times_from_the_log() {
    let put = |lists, events| denials(&put_together(lists, vec![whole(day(1), day(20), events)]).0);
    let lists = || vec![deny_list(day(5), vec![]), deny_list(day(14), vec![deny(false)])];
    let events = vec![done(day(12), denied()), done(day(15), undenied())];
    assert_eq!(put(lists(), events), ["12~12+5s to 15~15+5s"]);
    // Of what nothing says since when, only the log proves its own time.
    let listed = || vec![empty(day(5)), deny_list(day(14), vec![deny(false)])];
    assert_eq!(put(listed(), vec![]), ["?~1 to -"]);
    assert_eq!(put(listed(), vec![begun(day(15), undenied())]), ["?~1 to 15~?"]);
    // One that began to be made is possible until it is missed.
    let never = vec![deny_list(day(5), vec![]), deny_list(day(18), vec![])];
    assert_eq!(put(never, vec![begun(day(12), denied())]), ["12~12 to 12~18"]);
}

#[test]
fn a_deny_assignment_that_only_a_log_names_is_sure_at_no_moment() {
    let put = |lists, events| put_together(lists, vec![whole(day(1), day(20), events)]).0;
    let lists = || vec![deny_list(day(5), vec![]), deny_list(day(18), vec![])];
    let history = put(lists(), vec![done(day(12), denied()), done(day(15), undenied())]);
    assert_eq!(denials(&history), ["12~12+5s to 12+5s~15+5s"]);
    let told = &history.denies[0];
    assert_eq!((told.id.as_str(), told.everyone, told.tenant_id), (NAME, true, None));
    assert_eq!(
        (told.actions.as_slice(), told.applies_to_children, told.system_protected),
        (&["*".to_owned()][..], true, false)
    );
    assert_eq!(told.evidence, [evidence("event")]);
    // It began to be removed: it may have been there since the list before, and until the list after.
    assert_eq!(denials(&put(lists(), vec![begun(day(12), undenied())])), ["5~12 to 12~18"]);
}

#[test]
fn of_a_deny_assignment_with_two_contents_a_log_does_not_say_which_was_written() {
    let lists = || vec![deny_list(day(5), vec![deny(false)]), deny_list(day(15), vec![deny(true)])];
    let events = vec![done(day(12), denied())];
    let (history, _) = put_together(lists(), vec![whole(day(1), day(20), events)]);
    assert_eq!(denials(&history), ["?~5 to 5~15", "5~15 to -"]);
    assert_eq!(history.denies[0].actions, ["*"]);
    assert_eq!(history.denies[1].actions, ["*/read"]);
}

#[test]
fn a_deny_assignment_is_one_however_it_is_spelled_and_wherever_it_is_shown() {
    let put = |one: DenyAssignment, other: DenyAssignment| {
        let of = |taken, deny| Snapshot { tenant_id: None, ..deny_list(taken, vec![deny]) };
        let (history, _) = put_together(vec![of(day(5), one), of(day(15), other)], vec![]);
        assert_eq!(denials(&history), ["?~5 to -"]);
        history.denies[0].clone()
    };
    let spelled = DenyAssignment { id: NAME.replace('-', ""), ..deny(false) };
    assert_eq!(put(spelled.clone(), deny(false)).id, NAME);
    assert_eq!(put(deny(false), spelled).id, NAME);
    let above = |place, tenant_id| DenyAssignment {
        scope: scope(LEFT),
        reaches: vec![sub(place)],
        tenant_id,
        ..deny(false)
    };
    assert_eq!(put(above(SUB_A, None), above(SUB_B, None)).reaches, [sub(SUB_A), sub(SUB_B)]);
    for (one, other) in [(None, Some(tenant())), (Some(tenant()), None)] {
        assert_eq!(put(above(SUB_A, one), above(SUB_A, other)).tenant_id, Some(tenant()));
    }
}

#[test]
fn a_deny_assignment_bears_the_evidence_of_all_that_show_it_once_each() {
    let by = |record: &str| DenyAssignment { evidence: vec![evidence(record)], ..deny(false) };
    let lists = [("two", 5), ("one", 10), ("two", 15)];
    let lists = lists.map(|(record, at)| deny_list(day(at), vec![by(record)])).to_vec();
    let (history, _) = put_together(lists, vec![]);
    assert_eq!(denials(&history), ["?~5 to -"]);
    assert_eq!(history.denies[0].evidence, ["one", "two"].map(evidence));
    // So it does where two histories are only put beside each other.
    let one = AccessHistory { denies: vec![by("one")], ..AccessHistory::default() };
    let histories = vec![one.clone(), one];
    let (history, _) = Chronicle { histories, ..Chronicle::default() }.history();
    assert_eq!(history.denies, [by("one")]);
}

#[test]
fn a_list_goes_on_with_the_deny_assignment_that_a_history_kept() {
    let put = |start_earliest, end, end_latest| {
        let kept = DenyAssignment { start: Some(day(3)), start_earliest, end, end_latest, ..deny(false) };
        let histories = vec![AccessHistory { denies: vec![kept], ..AccessHistory::default() }];
        let snapshots = vec![deny_list(day(15), vec![deny(false)])];
        denials(&Chronicle { histories, snapshots, ..Chronicle::default() }.history().0)
    };
    assert_eq!(put(Some(day(2)), None, None), ["2~3 to -"]);
    assert_eq!(put(None, Some(day(8)), None), ["3 to 8", "8~15 to -"]);
    assert_eq!(put(None, Some(day(8)), Some(day(9))), ["3 to 8~9", "9~15 to -"]);
}

/// At no moment sure and at any moment possible, in a history and in the log that the history was made of.
#[test]
fn what_a_history_and_a_log_leave_possible_is_one() {
    let logs = || vec![whole(day(1), day(20), vec![begun(day(12), undenied())])];
    let (kept, _) = put_together(vec![empty(day(5))], logs());
    assert_eq!(denials(&kept), ["?~12 to 12~?"]);
    let again = Chronicle { histories: vec![kept], logs: logs(), ..Chronicle::default() };
    assert_eq!(denials(&again.history().0), ["?~12 to 12~?"]);
}

#[test]
fn a_deny_assignment_at_a_group_reaches_the_subscriptions_that_lists_name() {
    let above = |reaches: Vec<&str>| DenyAssignment {
        scope: scope(LEFT),
        reaches: reaches.into_iter().map(sub).collect(),
        ..deny(false)
    };
    let put = |deny| put_together(vec![deny_list(day(10), vec![deny])], vec![]).0.denies.remove(0);
    assert_eq!(put(above(vec![])).reaches, [sub(SUB_A)]);
    assert_eq!(put(above(vec![SUB_B, SUB_B])).reaches, [sub(SUB_B)]);
    assert_eq!(put(above(vec![])).tenant_id, Some(tenant()));
    // What stands at or below a subscription reaches no other.
    assert!(put(deny(false)).reaches.is_empty());
}

#[test]
fn a_group_grant_reaches_the_subscription_whose_list_shows_it_unless_it_says_where_itself() {
    let above = |reaches: Vec<&str>| Grant {
        start: Some(day(3)),
        reaches: reaches.into_iter().map(sub).collect(),
        ..grant(NAME, LEFT, None)
    };
    let reaches = |grant| {
        let (history, _) = put_together(vec![shown(day(10), vec![grant])], vec![]);
        history.grants.iter().flat_map(|grant| grant.reaches.clone()).collect::<Vec<_>>()
    };
    assert_eq!(reaches(above(vec![])), [sub(SUB_A)]);
    assert_eq!(reaches(above(vec![SUB_B])), [sub(SUB_B)]);
    let below = Grant { reaches: vec![sub(SUB_B)], ..mine(Some(day(3))) };
    assert!(reaches(below).is_empty());
}

// --- moves ---

#[test]
fn a_move_is_kept_with_its_beginning_and_end() {
    let vm = format!("{SUB_A}/resourcegroups/rg/providers/microsoft.compute/virtualmachines/vm");
    let moved =
        || LoggedChange::Moved { from: vec![scope(&vm)], to: scope(&format!("{SUB_A}/resourceGroups/new")) };
    let put = |event: Event| {
        let (history, _) = put_together(vec![], vec![whole(day(1), day(20), vec![event])]);
        let told = &history.moves[0];
        assert_eq!((told.scope.as_str(), &told.evidence), (vm.as_str(), &vec![evidence("event")]));
        (span(Some(told.start), None, told.end, None), told.start_assumed)
    };
    assert_eq!(put(done(day(10), moved())), ("10 to 10+5s".to_owned(), false));
    assert_eq!(put(Event { begun_seen: false, ..done(day(10), moved()) }), ("10 to 10+5s".to_owned(), true));
    assert_eq!(put(begun(day(10), moved())), ("10 to -".to_owned(), false));
}

#[test]
fn what_a_list_shows_at_a_resource_that_moved_is_only_possible() {
    let vm = format!("{SUB_A}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm");
    let there = |start| Grant { start, ..grant(NAME, &vm, None) };
    let put = |grants: Vec<(Instant, Grant)>, event: Event| {
        let lists = grants.into_iter().map(|(taken, grant)| shown(taken, vec![grant])).collect();
        let (history, findings) = put_together(lists, vec![whole(day(1), day(20), vec![event])]);
        (lives(&history), messages(&findings, "access.moved").len())
    };
    let moved =
        || LoggedChange::Moved { from: vec![scope(&vm)], to: scope(&format!("{SUB_A}/resourceGroups/new")) };
    let both = |start| vec![(day(5), there(start)), (day(15), there(start))];
    assert_eq!(put(both(Some(day(3))), done(day(10), moved())), (vec!["3 to 10~10+5s".to_owned()], 1));
    // Made after the move it does count; and made as the move began, it did not move.
    let later = vec![(day(15), there(Some(day(10).plus(1))))];
    assert_eq!(put(later, done(day(10), moved())), (vec!["10+1 to -".to_owned()], 0));
    let (told, moves) = put(vec![(day(15), there(Some(day(10))))], done(day(10), moved()));
    assert_eq!((told, moves), (vec!["10 to 10~10+5s".to_owned()], 1));
    // Without a date nothing says whether it was made since.
    assert_eq!(
        put(vec![(day(5), there(None)), (day(15), there(None))], done(day(10), moved())),
        (vec!["- to 10~10+5s".to_owned(), "?~15 to 15~?".to_owned()], 1)
    );
}

/// The history saw it there and not since when; the log that has the move was read after it.
#[test]
fn what_a_history_saw_at_a_resource_after_a_move_is_only_possible() {
    let vm = format!("{SUB_A}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm");
    let seen = |place: &str| {
        let (start, start_earliest) = (Some(day(15)), Some(at(EARLIEST)));
        let grants = vec![Grant { start, start_earliest, ..grant(NAME, place, None) }];
        let moved =
            LoggedChange::Moved { from: vec![scope(&vm)], to: scope(&format!("{SUB_A}/resourceGroups/new")) };
        let histories = vec![AccessHistory { grants, ..AccessHistory::default() }];
        let logs = vec![whole(day(1), day(12), vec![done(day(10), moved)])];
        lives(&Chronicle { histories, logs, ..Chronicle::default() }.history().0)
    };
    assert_eq!(seen(&vm), ["?~15 to 15~?"]);
    // At another machine nothing moved.
    assert_eq!(seen(&format!("{vm}2")), ["?~15 to -"]);
}
