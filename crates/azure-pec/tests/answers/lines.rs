//! What an explanation says of usage lines and of the rule, and what times and amounts it reads.

use azure_pec::{
    CreditBatch, Day, Explanation, GroupKey, Instant, LocatedLine, Outcome, PriceRow, ReasonSums,
    TICKS_PER_DAY, TICKS_PER_SECOND, UsageBatch, UsageLine,
};
use serde_json::{Value, json};

use crate::fixes::body;
use crate::world::*;

fn price(more: &Value) -> PriceRow {
    let usual = json!({
        "product_id": "DZH000000001", "sku_id": "0001", "market": "DE", "currency": "USD", "unit_price": "2",
    });
    read(with(usual, more))
}

fn listed() -> UsageLine {
    let (product_id, sku_id) = ("DZH000000001".to_owned(), "0001".to_owned());
    UsageLine { product_id, sku_id, list_price: None, meter_id: "m".to_owned(), ..line() }
}

/// What is said of one line, with so much of its meter before it.
fn told(world: &World, line: &UsageLine, before: Option<&str>) -> Value {
    let located = LocatedLine {
        file: "usage.csv".to_owned(),
        number: 7,
        line: line.clone(),
        quantity_before: before.map(amount),
    };
    let explained = world.calculator().explain(line, &[located]).unwrap();
    serde_json::to_value(explained).unwrap()["lines"][0].clone()
}

/// Ids of texts mean something else in each batch that has texts of its own.
#[test]
fn a_session_says_of_each_batch_what_a_new_one_says() {
    let prices = vec![price(&json!({}))];
    let policy = vec![("price_source", "list")];
    let world = World { prices, policy, ..World::of(vec![grant("g", &json!({"scope": GROUP}))]) };
    let calculator = world.calculator();
    let elsewhere = UsageLine { resource_id: OTHER_SUBSCRIPTION.to_owned(), ..listed() };
    let unlisted = UsageLine { product_id: "DZH000000002".to_owned(), ..listed() };
    let mut session = calculator.session();
    for line in [listed(), elsewhere, unlisted, listed()] {
        let mut batch = UsageBatch::new();
        batch.push_line(&line, 1);
        let said = |credits: &CreditBatch| format!("{:?}", credits.credit(0, calculator.rule()).unwrap());
        let mut credits = CreditBatch::default();
        session.credit_batch(&batch, &mut credits);
        assert_eq!(said(&credits), said(&calculator.credit_batch(&batch)), "{line:?}");
    }
}

/// Days of a place are worked out together, and each is answered by itself.
#[test]
fn each_day_of_a_place_has_its_own_answer() {
    let calculator = World::of(vec![grant("g", &json!({"end": "2026-10-20T00:00:00Z"}))]).calculator();
    for first in ["2026-10-01", "2026-10-12"] {
        let mut batch = UsageBatch::new();
        let days: Vec<Day> = (0..20).map(|at| Day::from_number(day(first).number() + at)).collect();
        for (at, date) in days.iter().enumerate() {
            batch.push_line(&UsageLine { date: *date, ..line() }, at as u64 + 1);
        }
        let credits = calculator.credit_batch(&batch);
        for (row, date) in days.iter().enumerate() {
            let credit = credits.credit(row, calculator.rule()).unwrap();
            let earned = *date < day("2026-10-20");
            assert_eq!(credit.outcome == Outcome::Earned, earned, "{date} of those from {first}");
        }
    }
}

#[test]
fn a_line_has_the_price_that_made_its_amount() {
    let world = |prices: Vec<PriceRow>, source: &'static str| World {
        prices,
        policy: vec![("price_source", source)],
        ..World::of(vec![grant("g", &json!({}))])
    };
    let single = || vec![price(&json!({"start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}))];
    let own = UsageLine { list_price: Some(amount("5")), ..listed() };
    let of = |source, line: &UsageLine| {
        let line = told(&world(single(), source), line, None);
        assert_eq!(
            (&line["file"], &line["line"], &line["meter_id"]),
            (&json!("usage.csv"), &json!(7), &json!("m"))
        );
        assert_eq!(
            (&line["price"]["start"], &line["price"]["end"]),
            (&json!("2026-10-01T00:00:00Z"), &json!("2026-11-01T00:00:00Z"))
        );
        assert_eq!(
            (&line["says"], &line["currency"]),
            (&json!("eligible access covered the whole day"), &json!("USD"))
        );
        assert_eq!(line.get("quantity_before"), None);
        (line["list_price"].clone(), line["list_amount"].clone())
    };
    assert_eq!(of("line", &own), (json!("5"), json!("50")));
    assert_eq!(of("line", &listed()), (json!("2"), json!("20")));
    assert_eq!(of("list", &own), (json!("2"), json!("20")));
    // A price that holds always has no ends; a line of another currency says so.
    let euros = UsageLine { currency: "EUR".to_owned(), ..own };
    let line = told(&world(vec![price(&json!({"currency": "EUR"}))], "line"), &euros, None);
    assert_eq!((&line["price"]["start"], &line["price"]["end"]), (&Value::Null, &Value::Null));
    assert_eq!(line["currency"], json!("EUR"));
    assert_eq!(told(&World::default(), &listed(), None)["price"], Value::Null);
}

/// From the 11th unit on a unit costs 1: a line within a tier has its price, one over two tiers has none.
#[test]
fn a_tier_gives_the_price_of_what_lies_in_it() {
    let tier = |more: Value| price(&with(json!({"meter_ids": ["m"]}), &more));
    let prices = vec![
        tier(json!({"tier_min": "1", "tier_max": "10"})),
        tier(json!({"tier_min": "11", "unit_price": "1"})),
    ];
    let world =
        World { prices, policy: vec![("price_source", "list")], ..World::of(vec![grant("g", &json!({}))]) };
    let of = |quantity: &str, before: &str| {
        let line = told(&world, &UsageLine { quantity: amount(quantity), ..listed() }, Some(before));
        assert_eq!(line["quantity_before"], json!(before));
        (line["list_price"].clone(), line["list_amount"].clone())
    };
    assert_eq!(of("3", "5"), (json!("2"), json!("6")));
    assert_eq!(of("5", "5"), (json!("2"), json!("10")));
    assert_eq!(of("6", "5"), (Value::Null, json!("11")));
    assert_eq!(of("3", "10"), (json!("1"), json!("3")));
    let unrated = told(&world, &listed(), None);
    assert_eq!((&unrated["list_price"], &unrated["list_amount"]), (&Value::Null, &Value::Null));
}

fn rules(explained: &Explanation) -> Vec<(String, Option<String>, String)> {
    let start = |row: &azure_pec::RuleUsed| row.start.map(|day| day.to_string());
    explained.rules.iter().map(|row| (row.says.clone(), start(row), row.source.clone())).collect()
}

/// The rate of the day, and each reason once: an exclusion with the day from which it holds, all with where it is written.
#[test]
fn the_rows_of_the_rule_are_told_with_their_sources() {
    let spot = UsageLine { pricing_model: "Spot".to_owned(), ..line() };
    let explained = World::default().explained(&line(), &[spot.clone(), line(), spot]);
    let told = rules(&explained);
    let heads: Vec<(&str, Option<&str>)> =
        told.iter().map(|(says, start, _)| (says.as_str(), start.as_deref())).collect();
    let expected = [
        ("the rate is 0.15", Some("2019-11-01")),
        ("product.spot: a Spot machine", Some("2020-09-09")),
        ("access.none: no partner's access reached the resource", None),
    ];
    assert_eq!(heads, expected);
    assert!(told[0].2.starts_with("learn.microsoft.com/partner-center/daily-rated-usage-recon-files"));
    assert!(told[1].2.starts_with("learn.microsoft.com/partner-center/partner-earned-credit-explanation"));
    assert_eq!(explained.access.says, "no partner's access reached the resource");
    assert_eq!(explained.lines[0].says, "a Spot machine");
    // Before there was a credit there was no rate of it.
    let early =
        |date: &str| rules(&World::default().explained(&UsageLine { date: day(date), ..line() }, &[])).len();
    assert_eq!((early("2019-10-31"), early("2019-11-01")), (1, 2));
}

#[test]
fn a_place_that_no_subscription_holds_is_not_explained() {
    let calculator = World::default().calculator();
    for (resource, subscription) in [("", ""), ("/", ""), ("/providers/x/y", ""), ("", "no-guid")] {
        let line = UsageLine {
            resource_id: resource.to_owned(),
            subscription_id: subscription.to_owned(),
            ..UsageLine::new(day(DAY), amount("1"))
        };
        let error = calculator.explain(&line, &[]).unwrap_err();
        assert_eq!(error.code(), "id.invalid", "{resource} {subscription}");
    }
}

/// The plan and the reseller of the line decide whose a grant is.
#[test]
fn whose_a_grant_is_follows_the_line_and_the_file() {
    let reason = |resellers: Value, line: &UsageLine| {
        let theirs = grant("g", &json!({"partner_id": "7"}));
        let partner = Some(partner(&json!({"resellers_of_record": resellers})));
        World { partner, ..World::of(vec![theirs]) }.explained(line, &[]).access.reason.code().to_owned()
    };
    let customer = UsageLine { customer_id: THEIR_TENANT.to_owned(), plan_id: " PLAN ".to_owned(), ..line() };
    let named = UsageLine { reseller_id: "7".to_owned(), ..customer.clone() };
    let entry = |more: Value| json!([with(json!({"customer_id": THEIR_TENANT, "partner_id": "7"}), &more)]);
    let (earned, other) = ("earned", "access.other_partner");
    assert_eq!(reason(json!([]), &customer), other);
    assert_eq!(reason(json!([]), &named), earned);
    assert_eq!(reason(entry(json!({})), &customer), earned);
    assert_eq!(reason(entry(json!({"plan_id": "plan"})), &customer), earned);
    assert_eq!(reason(entry(json!({"plan_id": "another"})), &customer), other);
    assert_eq!(reason(entry(json!({"customer_id": OUR_TENANT})), &customer), other);
    // An entry for the customer, of whatever plan and partner, silences the line; one for another customer does not.
    assert_eq!(reason(entry(json!({"plan_id": "another"})), &named), other);
    assert_eq!(reason(entry(json!({"partner_id": "8"})), &named), other);
    assert_eq!(reason(entry(json!({"customer_id": OUR_TENANT})), &named), earned);
}

/// A line that names another reseller than the file's of that day is told in a warning; one that names none is not.
#[test]
fn another_reseller_than_that_of_record_is_counted() {
    let entry = json!([{"customer_id": THEIR_TENANT, "partner_id": "7", "end": "2026-10-30T12:00:00Z"}]);
    let counted = |resellers: &Value, date: &str, reseller: &str, customer: &str| {
        let world =
            World { partner: Some(partner(&json!({"resellers_of_record": resellers}))), ..World::default() };
        let line = UsageLine {
            date: day(date),
            reseller_id: reseller.to_owned(),
            customer_id: customer.to_owned(),
            ..line()
        };
        let warnings = body(&world.calculator(), &[line], &[]).warnings;
        let own = warnings.iter().filter(|warning| warning.code == "partner.conflict");
        own.map(|warning| warning.count).sum::<u64>()
    };
    assert_eq!(counted(&entry, "2026-10-29", "7", THEIR_TENANT), 0);
    assert_eq!(counted(&entry, "2026-10-29", "8", THEIR_TENANT), 1);
    // At its last tick the day has no reseller of record any more; what ends with the day was one all day.
    assert_eq!(counted(&entry, "2026-10-30", "7", THEIR_TENANT), 1);
    let midnight = json!([{"customer_id": THEIR_TENANT, "partner_id": "7", "end": DAY_START}]);
    assert_eq!(counted(&midnight, "2026-10-29", "7", THEIR_TENANT), 0);
    assert_eq!(counted(&midnight, "2026-10-30", "7", THEIR_TENANT), 1);
    assert_eq!(counted(&entry, "2026-10-29", "", THEIR_TENANT), 0);
    assert_eq!(counted(&entry, "2026-10-29", "8", OUR_TENANT), 0);
    assert_eq!(counted(&json!([]), "2026-10-29", "8", THEIR_TENANT), 0);
}

#[test]
fn open_ends_stay_open_and_times_that_are_none_are_refused() {
    for ticks in [1, -1, TICKS_PER_DAY] {
        assert_eq!(Instant::MIN.plus(ticks), Instant::MIN);
        assert_eq!(Instant::MAX.plus(ticks), Instant::MAX);
    }
    let at = |text: &str| text.parse::<Instant>();
    assert_eq!(at("1970-01-01T00:00:01.0000001Z").unwrap().ticks(), TICKS_PER_SECOND + 1);
    assert_eq!(at("2026-10-30T23:59:59Z").unwrap().plus(TICKS_PER_SECOND), at("2026-10-31").unwrap());
    for text in [
        "2026-10-30T24:00:00Z",
        "2026-10-30T23:60:00Z",
        "2026-10-30T23:59:61Z",
        "2026-10-30T13:37:99Z",
        "2026-10-32T00:00:00Z",
        "2026-10-30T00:00:00.Z",
    ] {
        assert_eq!(at(text).unwrap_err().code(), "date.invalid", "{text}");
    }
}

/// What two calculators say of one reason stays apart: a deny may make a day unknown, or missed.
#[test]
fn one_reason_of_two_outcomes_is_two_rows() {
    let world = |policy| World {
        denies: vec![deny("d", &json!({}))],
        policy: vec![("deny", policy)],
        ..World::of(vec![grant("g", &json!({}))])
    };
    let mut batch = UsageBatch::new();
    batch.push_line(&line(), 1);
    let mut statement = azure_pec::Statement::new(&[GroupKey::Date]);
    for policy in ["unknown", "block", "unknown"] {
        statement.add(&batch, &world(policy).calculator().credit_batch(&batch));
    }
    let body = statement.body(&world("block").calculator());
    let rows: Vec<(&str, &str, u64)> =
        body.reasons.iter().map(|row: &ReasonSums| (row.outcome, row.reason, row.lines)).collect();
    assert_eq!(rows, [("missed", "access.denied", 1), ("unknown", "access.denied", 2)]);
}
