//! Suggestions over small random worlds: each brings what it promised, and no set of up to three candidates brings more.
//! The search here weighs every set by crediting every usage line anew; it shares nothing with the one it checks.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Amount, Calculator, Change, Day, DenyAssignment, Grant, GroupKey, Instant, Observed,
    Partner, ServiceRole, Statement, StatementBody, StatementDifference, Suggestions, TICKS_PER_DAY,
    UsageBatch, UsageLine, WhatIfBody, Workload,
};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

const SUB_A: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
const SUB_B: &str = "/subscriptions/bbbbbbbb-0000-0000-0000-000000000002";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const MONITORING: &str = "749f88d5-cbae-40b8-bcfc-e573ddc772fa";
const OUR_GROUP: &str = "dddddddd-0000-0000-0000-000000000001";
const OTHER_GROUP: &str = "dddddddd-0000-0000-0000-000000000002";
const UNLINKED: &str = "eeeeeeee-0000-0000-0000-000000000001";
const LINKED: &str = "eeeeeeee-0000-0000-0000-000000000002";
const FIRST_DAY: &str = "2026-10-01";
const DAYS: i32 = 5;

/// Half days after the first day.
fn moment(half_days: i64) -> Instant {
    FIRST_DAY.parse::<Instant>().unwrap().plus(half_days * TICKS_PER_DAY / 2)
}

fn day(number: i32) -> Day {
    Day::from_number(FIRST_DAY.parse::<Day>().unwrap().number() + number)
}

#[derive(Debug, Clone)]
struct World {
    calculator: Calculator,
    lines: Vec<UsageLine>,
    services: Vec<ServiceRole>,
}

fn grant(id: usize, scope: &str, role: &str, (principal, path): (&str, &str), eligible: bool) -> Grant {
    serde_json::from_value(serde_json::json!({
        "id": format!("g{id}"), "path": path, "scope": scope, "role_id": role, "principal_id": principal,
        "principal_kind": if path == "aobo" { "ForeignGroup" } else { "User" }, "eligible_only": eligible,
    }))
    .unwrap()
}

fn partner(agreement: Option<i64>) -> Partner {
    let agreement = agreement.map(
        |until| serde_json::json!([{"start": "2026-09-01T00:00:00Z", "end": moment(until).to_string()}]),
    );
    serde_json::from_value(serde_json::json!({
        "schema": "azure-pec/partner/1", "bill_to": {"partner_id": "1", "agreement": agreement},
        "aobo_groups": [{"principal_id": OUR_GROUP, "partner_id": "1", "group": "AdminAgents"}],
        "principals": [
            {"principal_id": UNLINKED, "partner_id": "1", "linked": null},
            {"principal_id": LINKED, "partner_id": "1", "linked": {"tenant_id": null, "start": null, "end": null}},
        ],
    }))
    .unwrap()
}

fn scopes() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "/".to_owned(),
        SUB_A.to_owned(),
        SUB_B.to_owned(),
        format!("{SUB_A}/resourceGroups/rg1"),
        format!("{SUB_A}/resourceGroups/rg2"),
    ])
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let holders = vec![
        (OUR_GROUP, "aobo"),
        (OUR_GROUP, "aobo"),
        (OTHER_GROUP, "aobo"),
        (UNLINKED, "directory"),
        (LINKED, "directory"),
    ];
    let one = (
        scopes(),
        prop::sample::select(vec![OWNER, CONTRIBUTOR, READER]),
        prop::sample::select(holders),
        (0_i64..9, 1_i64..6),
        prop::bool::weighted(0.2),
    );
    prop::collection::vec(one, 0..5).prop_map(|parts| {
        let built =
            parts.into_iter().enumerate().map(|(at, (scope, role, holder, (start, length), eligible))| {
                let mut grant = grant(at, &scope, role, holder, eligible);
                grant.start = Some(moment(start));
                grant.end = Some(moment(start + length));
                grant
            });
        built.collect()
    })
}

fn denies() -> impl Strategy<Value = Vec<DenyAssignment>> {
    let deny = (0_i64..8, scopes()).prop_map(|(start, scope)| {
        let mut deny: DenyAssignment = serde_json::from_value(serde_json::json!({
            "id": "deny", "scope": scope, "everyone": true, "actions": ["*"],
        }))
        .unwrap();
        deny.start = Some(moment(start));
        deny.end = Some(moment(start + 3));
        deny
    });
    prop::collection::vec(deny, 0..2)
}

/// Usage in two groups of one subscription and in another one, in two currencies, with corrections.
fn lines() -> impl Strategy<Value = Vec<UsageLine>> {
    let quantities = prop::collection::vec(-1_i64..5, DAYS as usize * 3);
    (quantities, any::<bool>()).prop_map(|(quantities, euros)| {
        let places = [
            format!("{SUB_A}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
            format!("{SUB_A}/resourceGroups/rg2/providers/Microsoft.Compute/virtualMachines/vm"),
            format!("{SUB_B}/resourceGroups/rg1/providers/Microsoft.Sql/servers/sql"),
        ];
        let mut lines = Vec::new();
        for (at, quantity) in quantities.iter().enumerate() {
            let mut line = UsageLine::new(day(at as i32 / 3), Amount::from(*quantity));
            line.resource_id = places[at % 3].clone();
            line.list_price = Some(["0.1", "0.7", "1.3"][at % 3].parse().unwrap());
            line.currency = if euros && at % 3 == 2 { "EUR" } else { "USD" }.to_owned();
            lines.push(line);
        }
        lines
    })
}

fn worlds() -> impl Strategy<Value = World> {
    let services = prop::sample::subsequence(vec![CONTRIBUTOR, MONITORING], 0..=2);
    let agreement = prop::option::weighted(0.3, 2_i64..9);
    let policies =
        (prop::sample::select(vec!["entire", "any", "end_of_day"]), prop::sample::select(vec!["0s", "12h"]));
    (grants(), denies(), lines(), services, agreement, policies).prop_map(
        |(grants, denies, lines, services, agreement, (rule, gap))| {
            let access =
                AccessHistory { observed: Observed::Complete, grants, denies, ..AccessHistory::default() };
            let mut policy = azure_pec::Policy::default();
            for (key, value) in [("day", rule), ("gap_tolerance", gap), ("deny", "block")] {
                policy.set(key, value).unwrap();
            }
            let calculator = Calculator::builder()
                .access(access)
                .partner(partner(agreement))
                .policy(policy)
                .build()
                .unwrap();
            let services = services.into_iter().map(|role| ServiceRole {
                service: format!("service of {role}"),
                role_id: role.parse().unwrap(),
            });
            World { calculator, lines, services: services.collect() }
        },
    )
}

fn body(calculator: &Calculator, lines: &[UsageLine], by: &[GroupKey]) -> StatementBody {
    let mut batch = UsageBatch::new();
    for (at, line) in lines.iter().enumerate() {
        batch.push_line(line, at as u64 + 1);
    }
    let mut statement = Statement::new(by);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement.body(calculator)
}

impl World {
    fn earned_with(&self, changes: &[Change]) -> BTreeMap<String, Amount> {
        let changed = self.calculator.with(changes).unwrap();
        let totals = body(&changed, &self.lines, &[]).totals;
        totals.into_iter().map(|total| (total.currency, total.earned)).collect()
    }

    /// What changes bring, in a currency.
    fn brings(&self, before: &BTreeMap<String, Amount>, changes: &[Change], currency: &str) -> Amount {
        &self.earned_with(changes)[currency] - &before[currency]
    }
}

fn keeps_its_promises(world: &World, before: &BTreeMap<String, Amount>, found: &Suggestions) {
    let currency = found.currency.as_str();
    for suggestion in found.best.iter().chain(&found.others) {
        let brought = world.brings(before, &suggestion.changes, currency);
        assert_eq!(brought, suggestion.brings, "{}", suggestion.says);
        let by_day: Amount = suggestion.days.iter().map(|day| &day.brings).sum();
        assert_eq!(by_day, suggestion.brings, "{}", suggestion.says);
    }
    let (mut made, mut sum) = (Vec::new(), Amount::ZERO);
    for suggestion in &found.best {
        made.extend(suggestion.changes.iter().cloned());
        sum += &suggestion.brings_on_top;
        assert_eq!(world.brings(before, &made, currency), sum, "{}", suggestion.says);
    }
    assert_eq!(sum, found.brings);
    for other in &found.others {
        let with: Vec<Change> = made.iter().chain(&other.changes).cloned().collect();
        assert_eq!(&world.brings(before, &with, currency) - &sum, other.brings_on_top, "{}", other.says);
    }
}

/// Every set of one, two or three of so many.
fn sets(count: usize) -> Vec<Vec<usize>> {
    let mut sets = Vec::new();
    for a in 0..count {
        sets.push(vec![a]);
        for b in a + 1..count {
            sets.push(vec![a, b]);
            sets.extend((b + 1..count).map(|c| vec![a, b, c]));
        }
    }
    sets
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_global_rejects: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn no_three_changes_bring_more(world in worlds()) {
        let grouped = body(&world.calculator, &world.lines, &Workload::KEYS);
        let workload = Workload::new(&grouped, &world.calculator);
        let candidates = world.calculator.suggestible(&workload, &world.services);
        prop_assume!(candidates.len() <= 12);
        let found = world.calculator.suggest(&workload, &world.services).unwrap();
        let before = world.earned_with(&[]);
        for one in &found {
            prop_assert!(one.exhaustive);
            prop_assert!(one.best.len() <= 3);
            keeps_its_promises(&world, &before, one);
        }
        for set in sets(candidates.len()) {
            let changes: Vec<Change> = set.iter().flat_map(|at| candidates[*at].clone()).collect();
            let earned = world.earned_with(&changes);
            for one in &found {
                let brought = &earned[&one.currency] - &before[&one.currency];
                prop_assert!(brought <= one.brings, "{set:?} brings {brought}, the best {}", one.brings);
            }
        }
    }

    /// Making changes and taking them back gives the first statement, to the byte; so does the difference of a
    /// statement with itself give nothing.
    #[test]
    fn undone_changes_leave_no_trace(world in worlds(), pick in any::<prop::sample::Index>(), at in 0_i64..10) {
        let by = [GroupKey::Date, GroupKey::Subscription];
        let first = body(&world.calculator, &world.lines, &by);
        let mut changes = vec![
            Change::AddGrant { grant: Box::new(grant(99, SUB_A, OWNER, (OUR_GROUP, "aobo"), false)) },
            Change::SetPolicy { key: "day".to_owned(), value: "any".to_owned() },
            Change::Transfers {
                subscription_id: SUB_B.trim_start_matches("/subscriptions/").parse().unwrap(),
                transfers: vec![serde_json::from_value(serde_json::json!({
                    "subscription_id": SUB_B.trim_start_matches("/subscriptions/"),
                    "at": moment(at).to_string(), "from_partner": "1", "to_partner": "2",
                })).unwrap()],
            },
        ];
        let ids: Vec<String> = world.calculator.access_history().grants.iter().map(|one| one.id.clone()).collect();
        if !ids.is_empty() {
            changes.push(Change::Revoke { grant_id: pick.get(&ids).clone(), at: None });
        }
        let changed = world.calculator.with(&changes).unwrap();
        let undo = world.calculator.undo(&changes).unwrap().unwrap();
        let undone = body(&changed.with(&undo).unwrap(), &world.lines, &by);
        prop_assert_eq!(undone.sha256(), first.sha256());
        prop_assert!(StatementDifference::new(&first, &undone).is_nothing());
        // What is lost one way comes back the other way.
        let second = body(&changed, &world.lines, &by);
        let there = WhatIfBody::new(changes, &first, second.clone());
        let back = WhatIfBody::new(undo, &second, first);
        for (there, back) in there.difference.totals.iter().zip(&back.difference.totals) {
            prop_assert_eq!(&there.earned, &-&back.earned);
            prop_assert_eq!(&there.missed, &-&back.missed);
        }
    }
}

/// The worlds are worth searching: in some a set of three is best, in some changes bring something only together, in some
/// they bring the same.
#[test]
fn worlds_hold_what_is_hard() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut threes, mut together, mut overlapping, mut many) = (0, 0, 0, 0);
    for _ in 0..300 {
        let world = worlds().new_tree(&mut runner).unwrap().current();
        let grouped = body(&world.calculator, &world.lines, &Workload::KEYS);
        let workload = Workload::new(&grouped, &world.calculator);
        many += usize::from(world.calculator.suggestible(&workload, &world.services).len() > 5);
        for found in world.calculator.suggest(&workload, &world.services).unwrap() {
            let alone: Amount = found.best.iter().map(|one| &one.brings).sum();
            threes += usize::from(found.best.len() == 3);
            together += usize::from(alone < found.brings);
            overlapping += usize::from(alone > found.brings);
        }
    }
    assert!(
        threes > 10 && together > 3 && overlapping > 1 && many > 10,
        "{threes} {together} {overlapping} {many}"
    );
}

/// A link is missing and the agreement has ended: neither brings anything alone.
#[test]
fn what_is_needed_together_is_found_together() {
    let mut held = grant(0, SUB_A, CONTRIBUTOR, (UNLINKED, "directory"), false);
    held.start = Some(moment(0));
    let access =
        AccessHistory { observed: Observed::Complete, grants: vec![held], ..AccessHistory::default() };
    let calculator = Calculator::builder().access(access).partner(partner(Some(-2))).build().unwrap();
    let mut line = UsageLine::new(day(1), Amount::from(10));
    line.resource_id = format!("{SUB_A}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm");
    (line.list_price, line.currency) = (Some("2".parse().unwrap()), "USD".to_owned());
    let workload = Workload::new(&body(&calculator, &[line], &Workload::KEYS), &calculator);
    let found = calculator.suggest(&workload, &[]).unwrap().remove(0);
    let told: Vec<(&str, String, String)> = found
        .best
        .iter()
        .map(|one| (one.who.as_str(), one.brings.to_string(), one.brings_on_top.to_string()))
        .collect();
    assert_eq!(
        told,
        [("partner", "0".to_owned(), "0".to_owned()), ("partner", "0".to_owned(), "3".to_owned())]
    );
    assert_eq!(found.brings.to_string(), "3");
}
