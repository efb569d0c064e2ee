//! Properties of the rule over small random worlds.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Amount, Calculator, Day, Field, Grant, GroupKey, HierarchyEntry, Instant, Observed,
    ObservedWindow, Outcome, Partner, Statement, StatementDocument, TICKS_PER_DAY, UsageBatch, UsageLine,
    WorkPiece,
};
use num_bigint::BigInt;
use proptest::prelude::*;

const SUB_A: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
const SUB_B: &str = "/subscriptions/bbbbbbbb-0000-0000-0000-000000000002";
const TENANT_A: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const TENANT_B: &str = "bbbbbbbb-bbbb-bbbb-bbbb-bbbbbbbbbbbb";
const GROUP: &str = "/providers/Microsoft.Management/managementGroups/Shared";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
const CUSTOM: &str = "cccccccc-1111-2222-3333-444444444444";
const FIRST_DAY: &str = "2026-10-01";

/// Half days after the first day.
fn moment(half_days: i64) -> Instant {
    FIRST_DAY.parse::<Instant>().unwrap().plus(half_days * TICKS_PER_DAY / 2)
}

fn day(number: i32) -> Day {
    Day::from_number(FIRST_DAY.parse::<Day>().unwrap().number() + number)
}

fn grant(
    id: usize,
    scope: &str,
    role: &str,
    partner: Option<&str>,
    start: Option<i64>,
    end: Option<i64>,
) -> Grant {
    let text = serde_json::json!({
        "id": format!("g{id}"), "path": "aobo", "scope": scope, "role_id": role, "partner_id": partner,
        "principal_id": "dddddddd-0000-0000-0000-000000000001", "principal_kind": "ForeignGroup",
        "tenant_id": if scope == GROUP { Some(TENANT_A) } else { None },
    });
    let mut grant: Grant = serde_json::from_value(text).unwrap();
    grant.start = start.map(moment);
    grant.end = end.map(moment);
    grant
}

fn scopes() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        GROUP.to_owned(),
        SUB_A.to_owned(),
        SUB_B.to_owned(),
        format!("{SUB_A}/resourceGroups/rg1"),
        format!("{SUB_A}/resourceGroups/rg10"),
        format!("{SUB_A}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
    ])
}

fn grants() -> impl Strategy<Value = Vec<Grant>> {
    let span = (prop::option::of(0i64..6), 1i64..6)
        .prop_map(|(start, length)| (start, start.map_or(length, |start| start + length)));
    let one = (
        scopes(),
        prop::sample::select(vec![OWNER, READER, CUSTOM]),
        prop::sample::select(vec![Some("1"), Some("2"), None]),
        span,
        any::<bool>(),
        prop::bool::weighted(0.2),
    )
        .prop_map(|(scope, role, partner, (start, end), open, eligible)| {
            let mut grant = grant(0, &scope, role, partner, start, (!open).then_some(end));
            grant.eligible_only = eligible;
            grant
        });
    prop::collection::vec(one, 0..5).prop_map(|mut grants| {
        for (at, grant) in grants.iter_mut().enumerate() {
            grant.id = format!("g{at}");
        }
        grants
    })
}

fn observed() -> impl Strategy<Value = Observed> {
    prop_oneof![
        3 => Just(Observed::Complete),
        1 => (0i64..4, 0i64..5).prop_map(|(start, length)| Observed::Windows(vec![ObservedWindow {
            tenant_id: None,
            scope: "/".parse().unwrap(),
            start: Some(moment(start)),
            end: Some(moment(start + length)),
            reaches: Vec::new(),
        }])),
    ]
}

fn calculator(observed: &Observed, grants: &[Grant]) -> Calculator {
    let entry = |child: &str, tenant: &str| HierarchyEntry {
        tenant_id: Some(tenant.parse().unwrap()),
        child: child.parse().unwrap(),
        parent: GROUP.parse().unwrap(),
        start: None,
        end: None,
    };
    let partner: Partner =
        serde_json::from_str(r#"{"schema":"azure-pec/partner/1","bill_to":{"partner_id":"1"}}"#).unwrap();
    let access = AccessHistory {
        observed: observed.clone(),
        grants: grants.to_vec(),
        denies: Vec::new(),
        hierarchy: vec![entry(SUB_A, TENANT_A), entry(SUB_B, TENANT_B)],
        ..AccessHistory::default()
    };
    Calculator::builder().access(access).partner(partner).build().unwrap()
}

fn resources() -> Vec<String> {
    vec![
        format!("{SUB_A}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
        format!("{SUB_A}/resourceGroups/rg10/providers/Microsoft.Compute/disks/d"),
        format!("{SUB_B}/resourceGroups/rg1/providers/Microsoft.Compute/virtualMachines/vm"),
        SUB_A.to_owned(),
    ]
}

/// Every resource on every day of a small window.
fn lines(quantity: &Amount) -> Vec<UsageLine> {
    let mut lines = Vec::new();
    for resource in resources() {
        for number in 0..4 {
            let mut line = UsageLine::new(day(number), quantity.clone());
            line.resource_id.clone_from(&resource);
            line.list_price = Some("0.1".parse().unwrap());
            lines.push(line);
        }
    }
    lines
}

fn batch(lines: &[UsageLine]) -> UsageBatch {
    let mut batch = UsageBatch::new();
    for (at, line) in lines.iter().enumerate() {
        batch.push_line(line, at as u64 + 1);
    }
    batch
}

/// Credit and missed potential of every line.
fn answers(calculator: &Calculator, lines: &[UsageLine]) -> Vec<(Outcome, Amount, Amount)> {
    let answer = |line: &UsageLine| {
        let credit = calculator.credit(line).unwrap();
        let potential = credit.potential.unwrap();
        let missed = if credit.outcome == Outcome::Missed { potential } else { Amount::ZERO };
        (credit.outcome, credit.credit.unwrap(), missed)
    };
    lines.iter().map(answer).collect()
}

/// A decimal as an integer and its decimals, worked out from the text alone.
fn big(text: &str, scale: usize) -> BigInt {
    let (integer, decimals) = text.split_once('.').unwrap_or((text, ""));
    format!("{integer}{decimals:0<scale$}").parse().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_qualifying_grant_more_never_hurts(grants in grants(), observed in observed(), scope in scopes(), start in 0i64..6, length in 1i64..6) {
        let before = calculator(&observed, &grants);
        let mut more = grants.clone();
        more.push(grant(99, &scope, OWNER, Some("1"), Some(start), Some(start + length)));
        let after = calculator(&observed, &more);
        for (quantity, sign) in [("3", Amount::ONE), ("-3", Amount::from(-1))] {
            let lines = lines(&quantity.parse().unwrap());
            for ((_, credit, missed), (_, credit_after, missed_after)) in
                answers(&before, &lines).into_iter().zip(answers(&after, &lines))
            {
                prop_assert!(&credit_after * &sign >= &credit * &sign);
                prop_assert!(&missed_after * &sign <= &missed * &sign);
            }
        }
    }

    #[test]
    fn days_that_are_asked_together_are_those_asked_alone(
        grants in grants(),
        observed in observed(),
        order in prop::collection::vec((0_usize..4, -2_i32..8), 2..600),
    ) {
        let calculator = calculator(&observed, &grants);
        let resources = resources();
        let line = |(resource, number): &(usize, i32)| {
            let mut line = UsageLine::new(day(*number), Amount::ONE);
            line.resource_id = resources.get(*resource).cloned().unwrap();
            line.list_price = Some("0.1".parse().unwrap());
            line
        };
        let lines: Vec<UsageLine> = order.iter().map(line).collect();
        let together = calculator.credit_batch(&batch(&lines));
        for (line, verdict) in lines.iter().zip(together.verdicts()) {
            let alone = calculator.credit(line).unwrap();
            prop_assert_eq!((alone.outcome, alone.reason), (verdict.outcome, verdict.reason), "{:?}", line);
        }
    }

    #[test]
    fn a_whole_grant_earns_and_no_grant_does_not(observed in observed(), scope in scopes()) {
        // The rule that ignored coverage would fail here, and in the properties above and below.
        let none = calculator(&observed, &[]);
        for line in lines(&Amount::ONE) {
            prop_assert!(none.credit(&line).unwrap().outcome != Outcome::Earned);
        }
        let all = calculator(&Observed::Complete, &[grant(0, &scope, OWNER, Some("1"), None, None)]);
        for line in lines(&Amount::ONE) {
            let below = line.resource_id == scope.as_str()
                || line.resource_id.starts_with(&format!("{scope}/"))
                || (scope == GROUP && line.resource_id.starts_with(SUB_A));
            prop_assert_eq!(all.credit(&line).unwrap().outcome == Outcome::Earned, below, "{} over {}", scope, line.resource_id);
        }
    }

    #[test]
    fn how_grants_are_written_changes_nothing(grants in grants(), observed in observed(), cut in 1i64..9, seed in any::<u64>()) {
        let lines = lines(&Amount::ONE);
        let before = answers(&calculator(&observed, &grants), &lines);
        // Each grant cut in two that touch, where the cut falls inside it.
        let mut split = Vec::new();
        for grant in &grants {
            let (start, end) = (grant.start, grant.end);
            let at = moment(cut);
            if start.is_some_and(|start| start < at) && end.is_none_or(|end| at < end) {
                split.push(Grant { end: Some(at), id: format!("{}-1", grant.id), ..grant.clone() });
                split.push(Grant { start: Some(at), id: format!("{}-2", grant.id), ..grant.clone() });
            } else {
                split.push(grant.clone());
            }
        }
        // A cut after the last observation would announce an end, which proves nothing.
        if observed == Observed::Complete {
            prop_assert_eq!(&answers(&calculator(&observed, &split), &lines), &before);
        }
        let mut shuffled = grants.clone();
        shuffled.reverse();
        if !shuffled.is_empty() {
            let turn = usize::try_from(seed % 7).unwrap() % shuffled.len();
            shuffled.rotate_left(turn);
        }
        let twice: Vec<Grant> = shuffled.iter().chain(&shuffled).cloned().collect();
        prop_assert_eq!(&answers(&calculator(&observed, &twice), &lines), &before);
        let mut upper = Vec::new();
        for grant in &grants {
            upper.push(Grant { scope: grant.scope.as_str().to_uppercase().parse().unwrap(), ..grant.clone() });
        }
        let mut loud = lines.clone();
        for line in &mut loud {
            line.resource_id = line.resource_id.to_uppercase();
        }
        prop_assert_eq!(&answers(&calculator(&observed, &upper), &loud), &before);
    }

    #[test]
    fn a_tick_missing_anywhere_breaks_the_day(start in 0i64..TICKS_PER_DAY, length in 1i64..1000) {
        let from = day(1).start().plus(start);
        let mut first = grant(0, SUB_A, OWNER, Some("1"), None, None);
        first.end = Some(from);
        let mut second = grant(1, SUB_A, OWNER, Some("1"), None, None);
        second.start = Some(from);
        let mut line = UsageLine::new(day(1), Amount::ONE);
        line.resource_id = SUB_A.to_owned();
        let whole = calculator(&Observed::Complete, &[first.clone(), second.clone()]);
        prop_assert_eq!(whole.credit(&line).unwrap().reason.code(), "earned");
        first.end = Some(from.plus(-1));
        let broken = calculator(&Observed::Complete, &[first.clone(), second.clone()]);
        // Where the tick before `from` falls on the day before, that day breaks and not this one.
        let expected = if start == 0 { "earned" } else { "access.partial_day" };
        prop_assert_eq!(broken.credit(&line).unwrap().reason.code(), expected);
        second.start = Some(from.plus(length));
        let gap = calculator(&Observed::Complete, &[first, second]);
        prop_assert_ne!(gap.credit(&line).unwrap().reason.code(), "earned");
    }

    #[test]
    fn statements_merge_to_the_same_bytes(grants in grants(), cuts in prop::collection::vec(0usize..17, 0..4), by in prop::sample::subsequence(GroupKey::ALL.to_vec(), 0..4)) {
        let calculator = calculator(&Observed::Complete, &grants);
        let lines = lines(&"0.0000000123".parse().unwrap());
        let of = |lines: &[UsageLine]| {
            let batch = batch(lines);
            let mut statement = Statement::new(&by);
            statement.add(&batch, &calculator.credit_batch(&batch));
            statement
        };
        let text = |statement: &Statement| StatementDocument::new(statement.body(&calculator), Vec::new()).to_json();
        let whole = text(&of(&lines));
        let mut cuts = cuts;
        cuts.extend([0, lines.len()]);
        cuts.sort_unstable();
        let parts: Vec<&[UsageLine]> = cuts.windows(2).map(|pair| &lines[pair[0].min(16)..pair[1].min(16)]).collect();
        let mut left = Statement::new(&by);
        for part in &parts {
            left.merge(of(part)).unwrap();
        }
        prop_assert_eq!(&text(&left), &whole);
        let mut right = Statement::new(&by);
        for part in parts.iter().rev() {
            let mut next = of(part);
            // WorkPiece by piece, in whatever order.
            next.merge_by(right, |pieces| pieces.into_iter().rev().for_each(WorkPiece::work)).unwrap();
            right = next;
        }
        prop_assert_eq!(&text(&right), &whole);
    }

    #[test]
    fn sums_equal_big_integers(numbers in prop::collection::vec(("-?[0-9]{1,28}(\\.[0-9]{1,40})?", "[0-9]{1,28}(\\.[0-9]{1,40})?"), 1..20)) {
        let calculator = calculator(&Observed::Complete, &[grant(0, SUB_A, OWNER, Some("1"), None, None)]);
        let mut lines = Vec::new();
        let mut expected = BigInt::from(0);
        for (quantity, price) in &numbers {
            let mut line = UsageLine::new(day(0), quantity.parse().unwrap());
            line.list_price = Some(price.parse().unwrap());
            line.resource_id = SUB_A.to_owned();
            lines.push(line);
            expected += big(quantity, 40) * big(price, 40) * 15;
        }
        let batch = batch(&lines);
        let mut statement = Statement::new(&[]);
        statement.add(&batch, &calculator.credit_batch(&batch));
        let body = statement.body(&calculator);
        let earned = body.totals[0].earned.to_string();
        prop_assert_eq!(big(&earned, 82), expected);
    }

    #[test]
    fn amounts_read_back_what_they_print(text in "-?[0-9]{1,28}(\\.[0-9]{1,40})?", other in "-?[0-9]{1,28}(\\.[0-9]{1,40})?") {
        let amount: Amount = text.parse().unwrap();
        prop_assert_eq!(&amount.to_string().parse::<Amount>().unwrap(), &amount);
        prop_assert_eq!(big(&amount.to_string(), 40), big(&text, 40));
        let other: Amount = other.parse().unwrap();
        prop_assert_eq!(&(&amount + &other) - &other, amount.clone());
        prop_assert_eq!(&amount * &other, &other * &amount);
        prop_assert_eq!(amount.cmp(&other), big(&amount.to_string(), 40).cmp(&big(&other.to_string(), 40)));
    }

    #[test]
    fn no_text_makes_amounts_or_scopes_panic(text in "\\PC{0,60}") {
        let _ = text.parse::<Amount>();
        let _ = text.parse::<azure_pec::Scope>();
        let _ = text.parse::<Instant>();
        let _ = text.parse::<Day>();
        let _ = text.parse::<azure_pec::Guid>();
    }
}

#[test]
fn groups_of_one_name_in_two_tenants_are_two() {
    let calculator = calculator(&Observed::Complete, &[grant(0, GROUP, OWNER, Some("1"), None, None)]);
    let mut seen = BTreeMap::new();
    for line in lines(&Amount::ONE) {
        let batch = batch(std::slice::from_ref(&line));
        let credits = calculator.credit_batch(&batch);
        let subscription = batch.text(Field::ResourceId, 0).get(15..51).unwrap().to_owned();
        seen.entry(subscription).or_insert_with(Vec::new).push(credits.verdicts()[0].reason.code());
    }
    assert!(seen["aaaaaaaa-0000-0000-0000-000000000001"].iter().all(|reason| *reason == "earned"));
    assert!(seen["bbbbbbbb-0000-0000-0000-000000000002"].iter().all(|reason| *reason == "access.none"));
}
