//! A subscription day by day, and what differs between two statements.

use std::collections::BTreeMap;

use azure_pec::{Calculator, Calendar, Credit, GroupKey, StatementDifference, UsageLine};
use serde_json::{Value, json};

use crate::fixes::{body, on};
use crate::world::*;

/// Usage in a group of the subscription.
fn in_group(name: &str, number: u32) -> UsageLine {
    UsageLine { resource_id: format!("{SUBSCRIPTION}/resourceGroups/{name}/providers/x/y/z"), ..on(number) }
}

/// Held is ours, strange is under a role that nobody knows; of other groups there is nothing.
fn world() -> World {
    World::of(vec![
        grant("g", &json!({"scope": format!("{SUBSCRIPTION}/resourceGroups/held")})),
        grant("s", &json!({"scope": format!("{SUBSCRIPTION}/resourceGroups/strange"), "role_id": UNLISTED})),
    ])
}

fn purchase(number: u32) -> UsageLine {
    UsageLine { charge_type: "Purchase".to_owned(), ..in_group("held", number) }
}

fn lines() -> Vec<UsageLine> {
    let of = |number: u32, names: &[&str]| -> Vec<UsageLine> {
        names.iter().map(|name| in_group(name, number)).collect()
    };
    let mut lines = [
        of(1, &["held"]),
        of(2, &["bare"]),
        of(3, &["strange"]),
        of(5, &["held", "bare"]),
        of(6, &["held", "strange"]),
        of(7, &["bare", "strange"]),
        of(8, &["held", "bare", "strange"]),
        of(9, &["held"]),
    ]
    .concat();
    lines.extend([purchase(4), purchase(9)]);
    lines
}

fn calendars(lines: &[UsageLine], by: &[GroupKey]) -> Vec<Calendar> {
    let calculator = world().calculator();
    Calendar::all(&body(&calculator, lines, by), calculator.rule())
}

#[test]
fn each_day_has_the_mark_of_what_it_holds() {
    let calendar = calendars(&lines(), &Calendar::KEYS).remove(0);
    let marks: Vec<(&str, &str)> =
        calendar.days.iter().map(|day| (day.mark.as_str(), day.mark.words())).collect();
    let expected = [
        ("earned", "earned"),
        ("missed", "missed"),
        ("unknown", "unknown"),
        ("never", "never earns"),
        ("part_missed", "a part missed"),
        ("part_unknown", "a part unknown"),
        ("missed_and_unknown", "some missed, some unknown"),
        ("missed_and_unknown", "some missed, some unknown"),
        ("earned", "earned"),
    ];
    assert_eq!(marks, expected);
    assert_eq!(serde_json::to_value(&calendar).unwrap()["days"][4]["mark"], json!("part_missed"));
    let period = (calendar.period.first.unwrap(), calendar.period.last.unwrap());
    assert_eq!(period, (day("2026-10-01"), day("2026-10-09")));
    assert_eq!(calendar.subscription, SUBSCRIPTION_ID);
}

/// Five lines earned, four each missed and unknown; of fifteen lines at 20 two are purchases.
#[test]
fn a_calendar_sums_what_was_earned_of_what_could_have_been() {
    let calendar = calendars(&lines(), &Calendar::KEYS).remove(0);
    let total = serde_json::to_value(&calendar.totals).unwrap()[0].clone();
    let expected = json!({"currency": "USD", "lines": 15, "list_amount": "300", "earned": "15", "missed": "12",
        "unknown": "12", "net": "285", "coverage": "0.384615"});
    for (key, value) in expected.as_object().unwrap() {
        assert_eq!(total[key], *value, "{key}");
    }
    assert_eq!(calendar.at_stake().to_string(), "24");
    let reasons: Vec<(&str, u64, String, String)> = calendar
        .reasons
        .iter()
        .map(|row| (row.reason, row.lines, row.potential.to_string(), row.credit.to_string()))
        .collect();
    let row = |reason, lines, potential: &str, credit: &str| {
        (reason, lines, potential.to_owned(), credit.to_owned())
    };
    assert_eq!(
        reasons,
        [
            row("earned", 5, "15", "15"),
            row("access.none", 4, "12", "0"),
            row("line.not_usage", 2, "0", "0"),
            row("access.role_unknown", 4, "12", "0"),
        ]
    );
}

#[test]
fn breaks_are_runs_of_days_for_one_reason() {
    let calendar = calendars(&lines(), &Calendar::KEYS).remove(0);
    let told = |calendar: &Calendar| -> Vec<(String, String, usize, &'static str, String, String, bool)> {
        let row = |one: &azure_pec::Break| {
            let (money, last) = (one.potential.to_string(), one.last_day_potential.to_string());
            (one.first.to_string(), one.last.to_string(), one.days, one.reason, money, last, one.open)
        };
        calendar.breaks.iter().map(row).collect()
    };
    let row = |first: u32, last: u32, days, reason, money: &str, last_day: &str, open| {
        let date = |number: u32| format!("2026-10-{number:02}");
        (date(first), date(last), days, reason, money.to_owned(), last_day.to_owned(), open)
    };
    let (none, role) = ("access.none", "access.role_unknown");
    assert_eq!(
        told(&calendar),
        [
            row(2, 2, 1, none, "3", "3", false),
            row(3, 3, 1, role, "3", "3", false),
            row(5, 5, 1, none, "3", "3", false),
            row(6, 8, 3, role, "9", "3", false),
            row(7, 8, 2, none, "6", "3", false),
        ]
    );
    let [first, ..] = calendar.breaks.as_slice() else { panic!() };
    assert_eq!((first.outcome, first.lines, first.currency.as_str()), ("missed", 1, "USD"));
    assert_eq!(first.says, "no partner's access reached the resource");
    assert_eq!(first.mend, "have the customer grant the access again");
    assert_eq!((first.resources, &first.resource), (None, &None));
    // Of two that begin on one day the costlier comes first; what lasts to the newest day is open.
    let both = [in_group("bare", 1), in_group("strange", 1), in_group("strange", 3), in_group("strange", 3)];
    let calendar = calendars(&both, &Calendar::KEYS).remove(0);
    assert_eq!(told(&calendar), [row(1, 3, 2, role, "9", "6", true), row(1, 1, 1, none, "3", "3", false)]);
    // By resource a break names the one with the most at stake on its first day; of equals the first by name.
    let by = [GroupKey::Subscription, GroupKey::Date, GroupKey::Resource];
    let resources = |lines: &[UsageLine]| {
        let calendar = calendars(lines, &by).remove(0);
        let [one] = calendar.breaks.as_slice() else { panic!("{:?}", calendar.breaks) };
        (one.resources, one.resource.clone().unwrap())
    };
    let path = |name: &str| format!("{SUBSCRIPTION}/resourcegroups/{name}/providers/x/y/z");
    assert_eq!(resources(&[in_group("b", 1), in_group("a", 1), in_group("c", 2)]), (Some(3), path("a")));
    let two_of_b = [in_group("a", 1), in_group("b", 1), in_group("b", 1), in_group("a", 2), in_group("a", 2)];
    assert_eq!(resources(&two_of_b), (Some(2), path("b")));
}

/// What is at stake is that of the currency with the most, and subscriptions with more of it come first.
#[test]
fn the_subscription_with_the_most_at_stake_comes_first() {
    let at = |subscription: &str, quantity: &str, currency: &str| UsageLine {
        resource_id: subscription.to_owned(),
        quantity: amount(quantity),
        currency: currency.to_owned(),
        ..on(1)
    };
    let third = "/subscriptions/cccccccc-0000-0000-0000-000000000003";
    let lines = [
        at(SUBSCRIPTION, "10", ""),
        at(OTHER_SUBSCRIPTION, "20", ""),
        at(OTHER_SUBSCRIPTION, "30", "EUR"),
        at(third, "10", "EUR"),
    ];
    let all = calendars(&lines, &Calendar::KEYS);
    let told: Vec<(String, String)> =
        all.iter().map(|one| (one.subscription.clone(), one.at_stake().to_string())).collect();
    let row =
        |path: &str, stake: &str| (path.trim_start_matches("/subscriptions/").to_owned(), stake.to_owned());
    assert_eq!(told, [row(OTHER_SUBSCRIPTION, "9"), row(SUBSCRIPTION, "3"), row(third, "3")]);
    assert_eq!(all[0].totals.len(), 2);
    // Without a day or a subscription there is no calendar.
    assert!(calendars(&lines, &[GroupKey::Subscription]).is_empty());
    assert!(calendars(&lines, &[GroupKey::Date]).is_empty());
}

type Row = (String, String, String, &'static str, &'static str);
/// Lines, list amount, potential, credit.
type Money = [azure_pec::Amount; 4];

/// The rows of lines, each credited alone: what is earned by day, subscription, currency, outcome and reason.
fn rows(calculator: &Calculator, lines: &[UsageLine], sign: i64, into: &mut BTreeMap<Row, Money>) {
    for line in lines {
        let Credit { outcome, reason, list_amount, potential, credit, .. } = calculator.credit(line).unwrap();
        let subscription = line.scope().unwrap().subscription_id().unwrap().to_string();
        let currency = if line.currency.is_empty() { "USD" } else { &line.currency };
        let key = (line.date.to_string(), subscription, currency.to_owned(), outcome.as_str(), reason.code());
        let sum = into.entry(key).or_default();
        let sign = azure_pec::Amount::from(sign);
        let parts = [azure_pec::Amount::ONE, list_amount.unwrap(), potential.unwrap(), credit.unwrap()];
        for (sum, part) in sum.iter_mut().zip(parts) {
            *sum += &(&part * &sign);
        }
    }
}

fn is_even(money: &Money) -> bool {
    money.iter().all(azure_pec::Amount::is_zero)
}

fn number(amount: &azure_pec::Amount) -> Value {
    json!(amount.to_string())
}

fn reason_row(key: &Row, money: &Money) -> Value {
    let lines: i64 = money[0].to_string().parse().unwrap();
    json!({"currency": key.2, "outcome": key.3, "reason": key.4, "lines": lines, "list_amount": number(&money[1]),
        "potential": number(&money[2]), "credit": number(&money[3])})
}

/// Money by a key of rows; those that do not change count for `all` alone.
fn money_by(rows: &BTreeMap<Row, Money>, all: bool, key: impl Fn(&Row) -> Value) -> Vec<Value> {
    let mut sums: BTreeMap<(String, String), (Value, [azure_pec::Amount; 5])> = BTreeMap::new();
    for (row, money) in rows.iter().filter(|(_, money)| all || !is_even(money)) {
        let own = key(row);
        let (_, sum) = sums
            .entry((own.to_string(), row.2.clone()))
            .or_insert_with(|| (own, std::array::from_fn(|_| azure_pec::Amount::ZERO)));
        sum[0] += &money[1];
        sum[1] += &money[3];
        sum[2] += &(if row.3 == "missed" { money[2].clone() } else { azure_pec::Amount::ZERO });
        sum[3] += &(if row.3 == "unknown" { money[2].clone() } else { azure_pec::Amount::ZERO });
        sum[4] += &(&money[1] - &money[3]);
    }
    let told = sums.into_iter().map(|((_, currency), (key, sum))| {
        let money = json!({"currency": currency, "list_amount": number(&sum[0]), "earned": number(&sum[1]),
            "missed": number(&sum[2]), "unknown": number(&sum[3]), "net": number(&sum[4])});
        with(key, &money)
    });
    told.collect()
}

#[test]
fn a_difference_is_the_second_less_the_first_row_by_row() {
    let before = world();
    let mut after = world();
    after.grants.remove(1);
    after.grants[0].end = Some("2026-10-08T12:00:00Z".parse().unwrap());
    let euros = |number| UsageLine { currency: "EUR".to_owned(), ..in_group("held", number) };
    let elsewhere = |number| UsageLine { resource_id: OTHER_SUBSCRIPTION.to_owned(), ..on(number) };
    let mut first = lines();
    first.extend([euros(8), elsewhere(2)]);
    let mut second = lines();
    // A line less, one more, one that costs nothing, and one in place of another of the same money.
    second.remove(0);
    let free = UsageLine { list_price: Some(azure_pec::Amount::ZERO), ..in_group("bare", 2) };
    second.extend([euros(8), elsewhere(3), in_group("held", 9), free]);
    for (one, other) in [(&first, &second), (&first, &first), (&second, &first)] {
        let (before, after) = (before.calculator(), after.calculator());
        let by = [GroupKey::Date, GroupKey::Subscription];
        let told = StatementDifference::new(&body(&before, one, &by), &body(&after, other, &by));
        let mut expected = BTreeMap::new();
        rows(&before, one, -1, &mut expected);
        rows(&after, other, 1, &mut expected);
        let told_json = serde_json::to_value(&told).unwrap();
        assert_eq!(told_json["totals"], json!(money_by(&expected, true, |_| json!({}))));
        assert_eq!(told_json["days"], json!(money_by(&expected, false, |row| json!({"date": row.0}))));
        let by_subscription = money_by(&expected, false, |row| json!({"subscription": row.1}));
        assert_eq!(told_json["subscriptions"], json!(by_subscription));
        let changed = expected.iter().filter(|(_, money)| !is_even(money));
        let groups: Vec<Value> = changed
            .map(|(key, money)| with(json!({"date": key.0, "subscription": key.1}), &reason_row(key, money)))
            .collect();
        assert_eq!(told_json["groups"], json!(groups));
        let mut reasons: BTreeMap<Row, Money> = BTreeMap::new();
        for ((_, _, currency, outcome, reason), money) in &expected {
            let key = (String::new(), String::new(), currency.clone(), *outcome, *reason);
            let sum = reasons.entry(key).or_default();
            sum.iter_mut().zip(money).for_each(|(sum, part)| *sum += part);
        }
        let reasons: Vec<Value> = reasons
            .iter()
            .filter(|(_, money)| !is_even(money))
            .map(|(key, money)| reason_row(key, money))
            .collect();
        assert_eq!(told_json["reasons"], json!(reasons));
        assert_eq!(told.is_nothing(), groups.is_empty());
        for total in &told.totals {
            assert_eq!(told.earned(&total.currency), total.earned);
        }
        assert!(told.earned("GBP").is_zero());
    }
}
