//! What might mend missed days, one thing at a time, and how it is told with its money.

use azure_pec::{
    Calculator, Change, GroupKey, ServiceRole, Statement, StatementBody, Suggestion, Suggestions, UsageBatch,
    UsageLine, Workload,
};
use serde_json::{Value, json};

use crate::world::*;

pub fn body(calculator: &Calculator, lines: &[UsageLine], by: &[GroupKey]) -> StatementBody {
    let mut batch = UsageBatch::new();
    for (at, line) in lines.iter().enumerate() {
        batch.push_line(line, at as u64 + 1);
    }
    let mut statement = Statement::new(by);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement.body(calculator)
}

pub fn workload(calculator: &Calculator, lines: &[UsageLine]) -> Workload {
    Workload::new(&body(calculator, lines, &Workload::KEYS), calculator)
}

/// The usual line on a day of October.
pub fn on(number: u32) -> UsageLine {
    UsageLine { date: day(&format!("2026-10-{number:02}")), ..line() }
}

/// The first moment of a day of October.
fn at(number: u32) -> String {
    format!("2026-10-{number:02}T00:00:00Z")
}

/// Held on these days of October, from the first until the second.
fn held(id: &str, (from, until): (u32, u32), more: &Value) -> azure_pec::Grant {
    grant(id, &with(json!({"start": at(from), "end": at(until)}), more))
}

fn serving(service: &str, role: &str) -> ServiceRole {
    ServiceRole { service: service.to_owned(), role_id: role.parse().unwrap() }
}

/// Every candidate in short: its kind, what it is about, and the days of October from which until which.
fn candidates(world: &World, lines: &[UsageLine], services: &[ServiceRole]) -> Vec<String> {
    let calculator = world.calculator();
    let all = calculator.suggestible(&workload(&calculator, lines), services);
    let days = |start: azure_pec::Instant, end: azure_pec::Instant| format!("{}..{}", start.day(), end.day());
    let short = |change: &Change| match change {
        Change::AddGrant { grant } => {
            let span = days(grant.start.unwrap(), grant.end.unwrap());
            format!("add {} {span}", grant.id)
        }
        Change::MakePermanent { grant_id } => format!("permanent {grant_id}"),
        Change::LiftDeny { deny_id } => format!("lift {deny_id}"),
        Change::Agreement { start, end } => format!("agreement {}", days(*start, *end)),
        Change::Link { principal_id, tenant_id, start, end } => {
            let tenant = tenant_id.map(|id| id.to_string()).unwrap_or_default();
            format!("link {principal_id} {tenant} {}", days(*start, *end))
        }
        other => panic!("{other:?}"),
    };
    all.iter().map(|changes| changes.iter().map(short).collect::<Vec<_>>().join(" and ")).collect()
}

#[test]
fn what_was_held_at_another_time_is_held_on_the_missed_days() {
    let plain = json!({});
    let of = |grants: Vec<azure_pec::Grant>, days: &[u32]| {
        let lines: Vec<UsageLine> = days.iter().map(|day| on(*day)).collect();
        candidates(&World::of(grants), &lines, &[])
    };
    assert_eq!(of(vec![held("g", (1, 5), &plain)], &[4]), Vec::<String>::new());
    assert_eq!(of(vec![held("g", (1, 5), &plain)], &[4, 5, 9, 7]), ["add g-held 2026-10-05..2026-10-10"]);
    // Two spans of one assignment are one candidate, named by the first of them.
    let twice = vec![held("g", (8, 9), &plain), held("g2", (1, 2), &plain)];
    assert_eq!(of(twice, &[5, 6]), ["add g-held 2026-10-05..2026-10-07"]);
    // Whatever tells two apart makes two.
    for more in [
        json!({"condition": "c"}),
        json!({"tenant_id": THEIR_TENANT}),
        json!({"partner_id": "1"}),
        json!({"role_id": CONTRIBUTOR}),
        json!({"scope": GROUP}),
        json!({"principal_id": HELPDESK}),
        json!({"path": "lighthouse_offer"}),
    ] {
        let named = UsageLine { customer_id: THEIR_TENANT.to_owned(), ..on(5) };
        let two = vec![held("g", (8, 9), &plain), held("g2", (1, 2), &more)];
        let mut all = candidates(&World::of(two), &[named], &[]);
        all.sort();
        let expected = ["add g-held 2026-10-05..2026-10-06", "add g2-held 2026-10-05..2026-10-06"];
        assert_eq!(all, expected, "{more}");
    }
    // What does not count was never held for this.
    let others = vec![
        held("reader", (1, 2), &json!({"role_id": READER})),
        held("theirs", (1, 2), &json!({"principal_id": OTHER_GROUP})),
    ];
    assert!(of(others, &[5]).is_empty());
}

/// A line without a resource stands at its group, or at its subscription.
#[test]
fn lines_without_a_resource_are_missed_too() {
    let of = |group: &str| UsageLine {
        resource_id: String::new(),
        resource_group: group.to_owned(),
        subscription_id: SUBSCRIPTION_ID.to_owned(),
        ..on(5)
    };
    for (scope, group, found) in [(SUBSCRIPTION, "", true), (GROUP, "", false), (GROUP, "rg", true)] {
        let world = World::of(vec![held("g", (1, 3), &json!({"scope": scope}))]);
        let suggested = candidates(&world, &[of(group)], &[]);
        let expected = found.then(|| "add g-held 2026-10-05..2026-10-06".to_owned());
        assert_eq!(suggested, Vec::from_iter(expected), "{scope} {group}");
    }
}

/// What was activated was no right that was held; what it was activated from is.
#[test]
fn an_activation_is_no_right_that_was_held() {
    let eligible = |more: &Value| grant("e", &with(json!({"eligible_only": true}), more));
    let active = || held("active", (1, 2), &json!({}));
    let of = |grants: Vec<azure_pec::Grant>| candidates(&World::of(grants), &[on(5)], &[]);
    assert_eq!(of(vec![active(), eligible(&json!({}))]), ["permanent e"]);
    let kept = "add active-held 2026-10-05..2026-10-06".to_owned();
    for more in [json!({"role_id": CONTRIBUTOR}), json!({"scope": GROUP}), json!({"principal_id": HELPDESK})]
    {
        assert_eq!(of(vec![active(), eligible(&more)]), [kept.clone(), "permanent e".to_owned()], "{more}");
    }
    // Eligible at another time is no help on the missed day.
    let before = eligible(&json!({"end": at(5)}));
    let after = eligible(&json!({"start": at(6)}));
    assert!(of(vec![before]).is_empty() && of(vec![after]).is_empty());
}

#[test]
fn links_are_missing_on_the_days_that_they_would_serve() {
    let of = |more: &Value, customer: &str| {
        let named = UsageLine { customer_id: customer.to_owned(), ..on(5) };
        candidates(&World::of(vec![user("u", more)]), &[named], &[])
    };
    let link = |tenant: &str| vec![format!("link {UNLINKED} {tenant} 2026-10-05..2026-10-06")];
    assert_eq!(of(&json!({}), ""), link(""));
    assert_eq!(of(&json!({}), THEIR_TENANT), link(THEIR_TENANT));
    assert_eq!(of(&json!({"tenant_id": THEIR_TENANT}), THEIR_TENANT), link(THEIR_TENANT));
    assert_eq!(of(&json!({"path": "lighthouse_template"}), THEIR_TENANT), link(OUR_TENANT));
    assert!(of(&json!({"end": at(5)}), "").is_empty() && of(&json!({"start": at(6)}), "").is_empty());
}

#[test]
fn an_agreement_is_missing_from_the_first_missed_day_to_the_last() {
    let bill_to = json!({"partner_id": "1", "agreement": [{"end": at(5)}]});
    let ended = Some(partner(&json!({"bill_to": bill_to})));
    let world = World { partner: ended, ..World::of(vec![grant("g", &json!({}))]) };
    assert_eq!(candidates(&world, &[on(4), on(6), on(8)], &[]), ["agreement 2026-10-06..2026-10-09"]);
    assert!(candidates(&world, &[on(4)], &[]).is_empty());
    // A day that brings nothing lacks nothing.
    let nothing = UsageLine { quantity: azure_pec::Amount::ZERO, ..on(9) };
    assert_eq!(candidates(&world, &[on(6), nothing], &[]), ["agreement 2026-10-06..2026-10-07"]);
}

/// Only where denies block; else the day is unknown, not missed. One that only may hold counts too. The grant that is denied does
/// not hold all day either.
#[test]
fn denies_over_missed_days_may_be_lifted() {
    let denies = || {
        vec![
            deny("before", &json!({"end": at(5)})),
            deny("sure", &json!({"start": at(5), "end": "2026-10-05T12:00:00Z"})),
            deny("maybe", &json!({"start": at(20), "start_earliest": "2026-10-05T18:00:00Z"})),
            deny("after", &json!({"start": at(6), "end": at(7)})),
        ]
    };
    let of = |policy| {
        let policy = vec![("deny", policy), ("absence", "assume")];
        let world = World { denies: denies(), policy, ..World::of(vec![grant("g", &json!({}))]) };
        candidates(&world, &[on(5)], &[])
    };
    assert_eq!(of("block"), ["add g-held 2026-10-05..2026-10-06", "lift maybe", "lift sure"]);
    assert!(of("unknown").is_empty() && of("ignore").is_empty());
}

/// New access is for a service, in the group of the missed days, or the subscription where there are several groups.
#[test]
fn access_that_was_never_held_is_for_a_service_delivered() {
    let services =
        [serving("backup", CONTRIBUTOR), serving("web", CONTRIBUTOR), serving("watch", MONITORING)];
    let new = |role: &str, scope: &str| format!("add new-{role}-{scope} 2026-10-05..2026-10-06");
    let other =
        UsageLine { resource_id: format!("{SUBSCRIPTION}/resourceGroups/rg2/providers/x/y/z"), ..on(5) };
    let bare = World::default();
    assert!(candidates(&bare, &[on(5)], &[]).is_empty());
    let mut all = candidates(&bare, &[on(5)], &services);
    all.sort();
    assert_eq!(all, [new(MONITORING, GROUP), new(CONTRIBUTOR, GROUP)]);
    assert_eq!(candidates(&bare, &[on(5), other.clone()], &services[..1]), [new(CONTRIBUTOR, SUBSCRIPTION)]);
    assert_eq!(candidates(&bare, &[other, on(5)], &services[..1]), [new(CONTRIBUTOR, SUBSCRIPTION)]);
    let elsewhere = UsageLine { resource_id: format!("{OTHER_SUBSCRIPTION}/resourceGroups/rg"), ..on(5) };
    let mut two = candidates(&bare, &[on(5), elsewhere], &services[..1]);
    two.sort();
    let theirs = format!("{OTHER_SUBSCRIPTION}/resourcegroups/rg");
    assert_eq!(two, [new(CONTRIBUTOR, GROUP), new(CONTRIBUTOR, &theirs)]);
    // A role that does not earn may be widened, on the days that it was held.
    let grants = vec![
        grant("reader", &json!({"role_id": READER, "end": "2026-10-05T01:00:00Z"})),
        grant("gone", &json!({"role_id": READER, "end": at(5), "scope": GROUP})),
        grant("theirs", &json!({"principal_id": OTHER_GROUP})),
        user("unlinked", &json!({"end": at(5)})),
    ];
    let all = candidates(&World::of(grants), &[on(5)], &services[..1]);
    assert_eq!(all, ["add reader-wider 2026-10-05..2026-10-06".to_owned(), new(CONTRIBUTOR, GROUP)]);
}

/// It is assigned for the missed days alone, active, and by a role of the table.
#[test]
fn what_is_held_for_other_days_is_an_assignment_of_its_own() {
    let more = json!({
        "role_id": READER, "eligible_only": true, "custom_role": true,
        "start": at(4), "start_earliest": at(3), "end": at(8), "end_latest": at(9),
    });
    let world = World::of(vec![grant("r", &more)]);
    let calculator = world.calculator();
    let all = calculator.suggestible(&workload(&calculator, &[on(5)]), &[serving("backup", CONTRIBUTOR)]);
    let added = all.iter().flatten().find_map(|change| match change {
        Change::AddGrant { grant } if grant.id == "r-wider" => Some(serde_json::to_value(grant).unwrap()),
        _ => None,
    });
    let expected = json!({"role_id": CONTRIBUTOR, "start": at(5), "end": at(6)});
    let plain = serde_json::to_value(grant("r-wider", &expected)).unwrap();
    assert_eq!(added, Some(plain));
}

fn suggested(world: &World, lines: &[UsageLine], services: &[ServiceRole]) -> Vec<Suggestions> {
    let calculator = world.calculator();
    calculator.suggest(&workload(&calculator, lines), services).unwrap()
}

fn only(world: &World, lines: &[UsageLine], services: &[ServiceRole]) -> Suggestion {
    let mut all = suggested(world, lines, services);
    assert_eq!(all.len(), 1);
    let mut best = all.remove(0).best;
    assert_eq!(best.len(), 1, "{best:?}");
    best.remove(0)
}

/// One candidate of each kind: what it says, who can make it, what right it gives, and whom and what it is about.
#[test]
fn each_suggestion_says_who_gives_what_to_whom() {
    let (from, to) = (at(5), at(6));
    let span = format!("from {from} to {to}");
    let bill_to = json!({"partner_id": "1", "agreement": [{"end": at(5)}]});
    let ended = Some(partner(&json!({"bill_to": bill_to})));
    let block = vec![("deny", "block")];
    let backup = [serving("backup", CONTRIBUTOR)];
    let nobody = json!([null, null, null, null, null]);
    let dated = |role: &str, scope: &str, who: &str| json!([role, scope, who, from, to]);
    let undated = |role: &str, scope: &str, who: &str| json!([role, scope, who, null, null]);
    for (world, services, says, actor, right, about) in [
        (
            World { partner: ended, ..World::of(vec![grant("g", &json!({}))]) },
            &[][..],
            format!("have the partner agreement active {span}"),
            "partner",
            "nothing",
            nobody.clone(),
        ),
        (
            World::of(vec![user("u", &json!({}))]),
            &[],
            format!("link the partner id for {UNLINKED} (partner admin link) {span}"),
            "partner",
            "nothing",
            undated("Owner", SUBSCRIPTION, UNLINKED),
        ),
        (
            World::of(vec![held("g", (1, 2), &json!({}))]),
            &[],
            format!("have Owner held at {SUBSCRIPTION} by {OUR_GROUP} {span} too, as at other times"),
            "customer",
            "held",
            dated("Owner", SUBSCRIPTION, OUR_GROUP),
        ),
        (
            World::of(vec![grant("e", &json!({"eligible_only": true}))]),
            &[],
            format!("make the eligible assignment of Owner at {SUBSCRIPTION} to {OUR_GROUP} permanent"),
            "customer",
            "standing",
            undated("Owner", SUBSCRIPTION, OUR_GROUP),
        ),
        (
            World {
                denies: vec![deny("d", &json!({}))],
                policy: block,
                ..World::of(vec![grant("g", &json!({}))])
            },
            &[],
            "have the deny assignment d lifted".to_owned(),
            "customer",
            "undenied",
            nobody,
        ),
        (
            World::of(vec![grant("r", &json!({"role_id": READER, "scope": GROUP}))]),
            &backup,
            format!("have Contributor in place of Reader held at {GROUP} by {OUR_GROUP} {span}, for backup"),
            "customer",
            "wider",
            dated("Contributor", GROUP, OUR_GROUP),
        ),
        (
            World::default(),
            &backup,
            format!("have Contributor held at {GROUP} by {OUR_GROUP} {span}, for backup"),
            "customer",
            "new",
            dated("Contributor", GROUP, OUR_GROUP),
        ),
    ] {
        let one = only(&world, &[on(5)], services);
        let told = serde_json::to_value(&one).unwrap();
        assert_eq!((&told["who"], &told["right"]), (&json!(actor), &json!(right)));
        assert_eq!(one.says, says);
        let whom = ["role", "scope", "principal_id", "start", "end"].map(|key| told[key].clone());
        assert_eq!(json!(whom), about, "{says}");
        assert_eq!((one.brings.to_string(), one.brings_on_top.to_string()), ("3".into(), "3".into()));
        assert_eq!(one.services.len(), services.len());
    }
}

#[test]
fn what_a_suggestion_brings_is_told_by_day() {
    let world = World::of(vec![held("g", (1, 3), &json!({}))]);
    let cheap = |number| UsageLine { list_price: Some(amount("0.1")), ..on(number) };
    // Two lines on the 5th; a correction of nothing on the 8th.
    let nothing = UsageLine { quantity: azure_pec::Amount::ZERO, ..on(8) };
    let lines = [on(2), on(5), cheap(5), cheap(6), cheap(7), nothing];
    let one = only(&world, &lines, &[]);
    let days: Vec<(String, String)> =
        one.days.iter().map(|day| (day.date.to_string(), day.brings.to_string())).collect();
    let expected = [("2026-10-05", "3.15"), ("2026-10-06", "0.15"), ("2026-10-07", "0.15")];
    assert_eq!(days, expected.map(|(day, money)| (day.to_owned(), money.to_owned())));
    assert_eq!(one.per_day, Some(amount("1.15")));
    let thirds = [on(5), cheap(6), UsageLine { list_price: Some(amount("0.001")), ..on(7) }];
    assert_eq!(only(&world, &thirds, &[]).per_day, Some(amount("1.050500")));
    let uneven = [UsageLine { list_price: Some(amount("0.00001")), ..on(5) }, cheap(6), cheap(7)];
    // 0.300015 by three days, cut.
    assert_eq!(only(&world, &uneven, &[]).per_day, Some(amount("0.100005")));
}

/// What nothing suggested brings back is left, by reason and currency, and what is earned or unknown is not.
#[test]
fn what_stays_missed_is_left() {
    let euros = UsageLine { currency: "EUR".to_owned(), ..on(6) };
    let reader = || grant("r", &json!({"role_id": READER, "start": at(7), "end": at(8)}));
    let world = World::of(vec![held("g", (1, 5), &json!({"scope": GROUP})), reader()]);
    let elsewhere = |number| UsageLine { resource_id: SUBSCRIPTION.to_owned(), ..on(number) };
    let lines = [on(4), on(5), elsewhere(6), elsewhere(7), elsewhere(7), euros];
    let told: Vec<Value> =
        suggested(&world, &lines, &[]).iter().map(|one| serde_json::to_value(one).unwrap()).collect();
    let left = |at: usize| told[at]["left"].clone();
    assert_eq!((&told[0]["currency"], &told[1]["currency"]), (&json!("EUR"), &json!("USD")));
    assert_eq!((&told[0]["brings"], left(0)), (&json!("3"), json!([])));
    let expected = json!([
        {"reason": "access.role_not_eligible", "missed": "6"},
        {"reason": "access.none", "missed": "3"},
    ]);
    assert_eq!((&told[1]["brings"], left(1)), (&json!("3"), expected));
    assert!(told[0]["exhaustive"] == json!(true) && told[1]["exhaustive"] == json!(true));
}

/// Of two that bring the same the smaller right is chosen; the other is told, and brings nothing on top.
#[test]
fn the_smaller_right_is_chosen_of_two_that_bring_the_same() {
    let grants = vec![grant("r", &json!({"role_id": READER})), user("u", &json!({}))];
    let found = suggested(&World::of(grants), &[on(5)], &[serving("backup", CONTRIBUTOR)]).remove(0);
    let rights = |of: &[Suggestion]| -> Vec<(String, String, String)> {
        of.iter()
            .map(|one| (one.right.as_str().to_owned(), one.brings.to_string(), one.brings_on_top.to_string()))
            .collect()
    };
    let row =
        |right: &str, brings: &str, on_top: &str| (right.to_owned(), brings.to_owned(), on_top.to_owned());
    assert_eq!(rights(&found.best), [row("nothing", "3", "3")]);
    assert_eq!(rights(&found.others), [row("wider", "3", "0"), row("new", "3", "0")]);
}

/// Two small rights are smaller than one that is wider.
#[test]
fn the_smaller_rights_are_chosen_of_sets_that_bring_the_same() {
    let group = |name: &str| format!("{SUBSCRIPTION}/resourceGroups/{name}");
    let gone = |name: &str| held(name, (1, 3), &json!({"scope": group(name)}));
    let lines =
        ["a", "b"].map(|name| UsageLine { resource_id: format!("{}/providers/x/y/z", group(name)), ..on(5) });
    let world = World::of(vec![grant("r", &json!({"role_id": READER})), gone("a"), gone("b")]);
    let found = suggested(&world, &lines, &[serving("backup", CONTRIBUTOR)]).remove(0);
    let rights: Vec<&str> = found.best.iter().map(|one| one.right.as_str()).collect();
    assert_eq!((rights, found.brings.to_string()), (vec!["held", "held"], "6".to_owned()));
}

/// More money by day comes first, whatever the sums are.
#[test]
fn suggestions_are_told_by_the_money_of_a_day() {
    let at_machine = |name: &str, number, price: &str| UsageLine {
        resource_id: format!("{SUBSCRIPTION}/resourceGroups/{name}/providers/x/y/z"),
        list_price: Some(amount(price)),
        ..on(number)
    };
    let scope = |name: &str| json!({"scope": format!("{SUBSCRIPTION}/resourceGroups/{name}")});
    let world = World::of(vec![held("long", (1, 3), &scope("a")), held("short", (1, 3), &scope("b"))]);
    let mut lines: Vec<UsageLine> = (5..9).map(|number| at_machine("a", number, "2")).collect();
    lines.push(at_machine("b", 5, "3"));
    let found = suggested(&world, &lines, &[]).remove(0);
    let brings: Vec<(String, String)> =
        found.best.iter().map(|one| (one.brings.to_string(), one.brings_on_top.to_string())).collect();
    let pair = |one: &str| (one.to_owned(), one.to_owned());
    assert_eq!(brings, [pair("4.5"), pair("12")]);
    assert_eq!(found.brings.to_string(), "16.5");
}
