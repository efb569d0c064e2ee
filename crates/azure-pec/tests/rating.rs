//! Tiers, rounded charges and exact products, against plainer ways to the same numbers.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Amount, Calculator, CalculatorBuilder, Day, Field, FxRates, Grant, GroupKey, Observed,
    Policy, PriceList, PriceRow, Statement, UsageBatch, UsageLine,
};
use num_bigint::BigInt;
use proptest::prelude::*;

const SUBS: [&str; 2] = ["aaaaaaaa-0000-0000-0000-000000000001", "aaaaaaaa-0000-0000-0000-000000000002"];
const CUSTOMER: &str = "cccccccc-0000-0000-0000-000000000002";
/// Price in cents of units in (0, 3], (3, 10] and above.
const TIERS: [(i64, Option<i64>, i64); 3] = [(1, Some(3), 100), (4, Some(10), 80), (11, None, 50)];

fn day(number: i32) -> Day {
    Day::from_number("2026-10-30".parse::<Day>().unwrap().number() + number)
}

fn cents(cents: i64) -> Amount {
    Amount::new(i128::from(cents), 2)
}

/// Owner at the group rg1 of the first subscription, all the time.
fn calculator(policy: &[(&str, &str)], prices: Vec<PriceRow>) -> Calculator {
    builder(policy, prices).build().unwrap()
}

fn builder(policy: &[(&str, &str)], prices: Vec<PriceRow>) -> CalculatorBuilder {
    let grant: Grant = serde_json::from_value(serde_json::json!({
        "id": "g", "path": "aobo", "scope": format!("/subscriptions/{}/resourceGroups/rg1", SUBS[0]),
        "role_id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "partner_id": "1", "start": "2019-01-01T00:00:00Z",
        "principal_id": "dddddddd-0000-0000-0000-000000000001",
    }))
    .unwrap();
    let access =
        AccessHistory { observed: Observed::Complete, grants: vec![grant], ..AccessHistory::default() };
    let mut chosen = Policy::default();
    policy.iter().for_each(|(key, value)| chosen.set(key, value).unwrap());
    let builder = Calculator::builder().access(access).policy(chosen);
    builder.prices(PriceList::new(prices))
}

fn prices() -> Vec<PriceRow> {
    let row = |(min, max, price): (i64, Option<i64>, i64)| {
        serde_json::from_value(serde_json::json!({
            "product_id": "P", "sku_id": "S", "meter_ids": ["m1"], "market": "US", "currency": "USD",
            "unit_price": cents(price), "tier_min": Amount::from(min), "tier_max": max.map(Amount::from),
        }))
        .unwrap()
    };
    TIERS.map(row).to_vec()
}

/// A line in half units.
#[derive(Debug, Clone)]
struct Usage {
    day: i32,
    resource: usize,
    halves: i64,
    plan: bool,
    customer: bool,
    refund: bool,
}

impl Usage {
    fn subscription(&self) -> &'static str {
        let [first, second] = SUBS;
        if self.resource == 3 { second } else { first }
    }

    fn resource_id(&self) -> String {
        // One of them in another spelling: the order does not regard case.
        let (group, name) = match self.resource {
            1 => ("rg2", "B"),
            2 => ("rg1", "c"),
            _ => ("rg1", "a"),
        };
        format!("/subscriptions/{}/resourceGroups/{group}/providers/x/y/{name}", self.subscription())
    }

    fn line(&self) -> UsageLine {
        let mut line = UsageLine::new(day(self.day), Amount::new(i128::from(self.halves * 5), 1));
        line.resource_id = self.resource_id();
        line.plan_id = if self.plan { "plan".to_owned() } else { String::new() };
        line.customer_id = if self.customer { CUSTOMER.to_owned() } else { String::new() };
        line.charge_type = if self.refund { "Refund".to_owned() } else { String::new() };
        (line.product_id, line.sku_id, line.meter_id) = ("P".to_owned(), "S".to_owned(), "m1".to_owned());
        line
    }
}

fn usages() -> impl Strategy<Value = Vec<Usage>> {
    let texts = (any::<bool>(), any::<bool>(), prop::bool::weighted(0.15));
    let one = (0i32..4, 0usize..4, -9i64..16, texts).prop_map(|(day, resource, halves, texts)| {
        let (plan, customer, refund) = texts;
        Usage { day, resource, halves, plan, customer, refund }
    });
    prop::collection::vec(one, 0..14)
}

/// Usage of which many lines tie.
fn usages_alike() -> impl Strategy<Value = Usage> {
    (0i32..2, 0usize..2, -9i64..16, prop::bool::weighted(0.3)).prop_map(|(day, resource, halves, refund)| {
        Usage { day, resource, halves, plan: true, customer: false, refund }
    })
}

/// Texts that no line is judged by.
fn told() -> impl Strategy<Value = [&'static str; 4]> {
    [(); 4].map(|()| prop::sample::select(&["", "a", "b"][..]))
}

/// What a half unit costs, in half cents.
fn half_unit(position: i64) -> i64 {
    // The half unit from `position` to the next; below 0 the first tier goes on.
    let tier = TIERS.iter().find(|(_, max, _)| max.is_none_or(|max| position < max * 2)).unwrap();
    tier.2
}

/// Walks every half unit of every line, in the order of day, resource and content.
fn brute(usages: &[Usage], by_plan: bool) -> BTreeMap<(String, String, bool), Amount> {
    let mut ordered = usages.to_vec();
    ordered.sort_by_key(|one| {
        let plan = if one.plan { "plan" } else { "" };
        let customer = if one.customer { CUSTOMER } else { "" };
        let refund = if one.refund { "Refund" } else { "" };
        (one.day, one.resource_id().to_lowercase(), customer, plan, refund, one.halves)
    });
    let mut reached: BTreeMap<(String, String), i64> = BTreeMap::new();
    let mut sums: BTreeMap<(String, String, bool), Amount> = BTreeMap::new();
    for one in &ordered {
        let scope = if by_plan && one.plan { "plan".to_owned() } else { one.subscription().to_owned() };
        let place = reached.entry((scope, day(one.day).month())).or_default();
        let (mut at, mut half_cents) = (*place, 0);
        for _ in 0..one.halves.abs() {
            if one.halves > 0 {
                half_cents += half_unit(at);
                at += 1;
            } else {
                at -= 1;
                half_cents -= half_unit(at);
            }
        }
        if !one.refund {
            *place = at;
        }
        let key = (one.resource_id().to_lowercase(), day(one.day).to_string(), one.refund);
        // A price of cents for a unit is as many half cents for half a unit.
        *sums.entry(key).or_default() += &Amount::new(i128::from(half_cents) * 5, 3);
    }
    sums
}

fn statement(calculator: &Calculator, usages: &[Usage]) -> Statement {
    let mut batch = UsageBatch::new();
    usages.iter().for_each(|one| batch.push_line(&one.line(), 1));
    let mut statement = Statement::new(&[GroupKey::Resource, GroupKey::Date]).of_lines();
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement
}

/// Also of those that took such a statement in.
#[test]
fn only_statements_of_lines_rate_lines() {
    let calculator = calculator(&[("price_source", "list")], prices());
    let by = [GroupKey::Resource, GroupKey::Date];
    let mut plain = Statement::new(&by);
    assert!(plain.rating(&calculator).is_none());
    plain.merge(Statement::new(&by).of_lines()).unwrap();
    assert!(plain.rating(&calculator).is_some());
}

proptest! {
    /// Sums by resource and day are those of a walk over every half unit, whatever the order and the parts.
    #[test]
    fn tiers_are_a_walk_unit_by_unit(
        usages in usages(), by_plan in any::<bool>(), cut in 0usize..14, turned in any::<bool>(),
    ) {
        let scope = if by_plan { "plan" } else { "subscription" };
        let calculator = calculator(&[("price_source", "list"), ("tier_scope", scope)], prices());
        let whole = statement(&calculator, &usages);
        let body = whole.body(&calculator);
        let mut found: BTreeMap<(String, String, bool), Amount> = BTreeMap::new();
        for group in body.groups.as_ref().unwrap() {
            let values: Vec<String> = group.values().map(|(_, value)| value.to_owned()).collect();
            let key = (values[0].clone(), values[1].clone(), group.outcome == "never");
            *found.entry(key).or_default() += &group.list_amount;
        }
        prop_assert_eq!(&found, &brute(&usages, by_plan));

        // Parts in either order, and statements that sum a place and day up, say the same to the byte.
        let (one, two) = usages.split_at(cut.min(usages.len()));
        let (one, two) = if turned { (two, one) } else { (one, two) };
        let mut parts = statement(&calculator, one);
        parts.merge(statement(&calculator, two)).unwrap();
        let shown = |statement: &Statement| serde_json::to_string(&statement.body(&calculator)).unwrap();
        prop_assert_eq!(shown(&parts), shown(&whole));
        let mut plain = Statement::new(&[GroupKey::Resource, GroupKey::Date]);
        let mut batch = UsageBatch::new();
        usages.iter().rev().for_each(|one| batch.push_line(&one.line(), 1));
        let mut credits = calculator.credit_batch(&batch);
        plain.add(&batch, &credits);
        prop_assert_eq!(shown(&plain), shown(&whole));
        prop_assert_eq!(plain.lines(), usages.len() as u64);

        // Line by line: nothing is left unrated, the sums are the same, and each can be rated alone.
        prop_assert!((0..batch.len()).all(|row| credits.needs_rating(row)));
        whole.rating(&calculator).unwrap().rate(&batch, &mut credits);
        let mut again = Statement::new(&[GroupKey::Resource, GroupKey::Date]);
        again.add(&batch, &credits);
        // What is rated already says nothing of how.
        let mut unsaid = body.clone();
        unsaid.warnings.retain(|warning| warning.code != "price.tier_start");
        prop_assert_eq!(shown(&again), serde_json::to_string(&unsaid).unwrap());
        for row in 0..batch.len() {
            prop_assert!(!credits.needs_rating(row));
            let line = batch.line(row).unwrap();
            prop_assert_eq!(calculator.credit(&line).unwrap_err().code(), "price.tiered");
            let alone = calculator.credit_after(&line, credits.quantity_before(row).unwrap()).unwrap();
            prop_assert_eq!(Some(alone.clone()), credits.credit(row, calculator.rule()));
            if let Some(price) = credits.tier_price(row) {
                prop_assert_eq!(&line.quantity * price, alone.list_amount.unwrap());
            }
        }
    }

    /// Lines that tie differ in texts that a statement by these keys does not ask for: without them every sum is the same.
    #[test]
    fn what_a_statement_does_not_read_changes_no_sum(
        lines in prop::collection::vec((usages_alike(), told()), 0..14),
        by in prop::sample::subsequence(GroupKey::ALL.to_vec(), 0..4),
    ) {
        let calculator = calculator(&[("price_source", "list")], prices());
        let further = Statement::further_fields(&calculator, &by);
        let read: Vec<&str> = Calculator::fields()
            .chain(Statement::fields(&by))
            .chain(further)
            .map(Field::name)
            .chain(["date", "quantity", "list_price"])
            .collect();
        let (mut whole, mut bare) = (UsageBatch::new(), UsageBatch::new());
        for (usage, told) in &lines {
            let mut line = usage.line();
            let [name, service, invoice, unit] = told.each_ref().map(ToString::to_string);
            (line.customer_name, line.service, line.invoice_id, line.unit) = (name, service, invoice, unit);
            let mut texts = serde_json::to_value(&line).unwrap();
            texts.as_object_mut().unwrap().retain(|key, _| read.contains(&key.as_str()));
            whole.push_line(&line, 1);
            bare.push_line(&serde_json::from_value(texts).unwrap(), 1);
        }
        let shown = |batch: &UsageBatch, of_lines: bool| {
            let statement = Statement::new(&by);
            let mut statement = if of_lines { statement.of_lines() } else { statement };
            statement.add(batch, &calculator.credit_batch(batch));
            serde_json::to_string(&statement.body(&calculator)).unwrap()
        };
        prop_assert_eq!(shown(&bare, false), shown(&whole, false));
        prop_assert_eq!(shown(&bare, false), shown(&whole, true));
    }

    /// A statement that begins within the month has the sums that the whole month's has of its days.
    #[test]
    fn earlier_days_of_the_month_move_tiers(usages in usages(), first in 0i32..4) {
        let calculator = calculator(&[("price_source", "list")], prices());
        let mut batch = UsageBatch::new();
        usages.iter().for_each(|one| batch.push_line(&one.line(), 1));
        let by = [GroupKey::Resource, GroupKey::Date];
        let mut late = Statement::new(&by).starting(Some(day(first)));
        late.add(&batch, &calculator.credit_batch(&batch));
        let own = batch.dates().iter().filter(|date| day(first) <= **date).count();
        prop_assert_eq!(late.lines(), own as u64);
        let shown = |statement: &Statement| -> Vec<String> {
            let groups = statement.body(&calculator).groups.unwrap();
            let own = groups.iter().filter(|group| *group.values().nth(1).unwrap().1 >= *day(first).to_string());
            own.map(|group| serde_json::to_string(&group).unwrap()).collect()
        };
        prop_assert_eq!(shown(&late), shown(&statement(&calculator, &usages)));
        prop_assert_eq!(late.body(&calculator).groups.unwrap().len(), shown(&late).len());
    }

    /// Prices of 22 decimals, quantities of 15, rates of 17 digits: every digit of the product is there.
    #[test]
    fn products_lose_no_digit(
        price in 0u128..10u128.pow(24), quantity in any::<i64>(), rate in 1u64..10u64.pow(17),
    ) {
        let price_amount = Amount::new(price as i128, 22);
        let quantity_amount = Amount::new(i128::from(quantity), 15);
        let month = day(0);
        let mut rates = FxRates::new();
        rates.insert(month, "AED", Amount::new(i128::from(rate), 17)).unwrap();
        let usd = rates.to_usd(month, "AED", &(&price_amount * &quantity_amount)).unwrap();
        let scaled = &usd * &"1e27".parse().unwrap();
        let scaled = &scaled * &"1e27".parse().unwrap();
        let whole = BigInt::from(price) * quantity * rate;
        prop_assert_eq!(scaled.to_string(), whole.to_string());
    }
}

/// From the first day that is given on, also where a part of a month was asked for.
#[test]
fn tiers_that_are_counted_from_within_a_month_are_told() {
    let warned = |from: Option<i32>, days: &[i32], prices: Vec<PriceRow>| {
        let calculator = calculator(&[("price_source", "list")], prices);
        let read = |days: &[i32]| {
            let used = |day| Usage { day, resource: 0, halves: 2, plan: true, customer: true, refund: false };
            let mut batch = UsageBatch::new();
            days.iter().for_each(|day| batch.push_line(&used(*day).line(), 1));
            let mut statement = Statement::new(&[]).starting(from.map(day));
            statement.add(&batch, &calculator.credit_batch(&batch));
            statement
        };
        let told = |statement: &Statement| {
            let warnings = statement.body(&calculator).warnings;
            let own = warnings.into_iter().filter(|warning| warning.code == "price.tier_start");
            own.map(|warning| (warning.count, warning.message)).collect::<Vec<_>>()
        };
        let (whole, halves) = (read(days), days.split_at(days.len() / 2));
        let mut merged = Statement::of_part(read(halves.1).into_part(), &calculator, |_| "").unwrap();
        merged.merge(read(halves.0)).unwrap();
        assert_eq!(told(&whole), told(&merged), "{days:?}");
        told(&whole)
    };
    let within = |from, days: &[i32]| {
        let told = warned(from, days, prices());
        told.first().map(|(count, says)| {
            (*count, says.split("on ").nth(1).unwrap().split(",").next().unwrap().to_owned())
        })
    };
    let october = |number: i32| number - 30;
    let on = |count, day: &str| Some((count, day.to_owned()));
    assert_eq!(within(None, &[october(30), october(31), october(32)]), on(2, "2026-10-30"));
    assert_eq!(within(None, &[october(1), october(30)]), None);
    assert_eq!(within(None, &[october(32), october(33)]), None);
    assert_eq!(within(Some(0), &[october(1), october(30)]), None);
    assert_eq!(within(Some(0), &[october(29), october(30), october(32)]), on(1, "2026-10-29"));
    let untiered = PriceRow { tier_min: None, tier_max: None, ..prices()[0].clone() };
    assert_eq!(warned(None, &[0], vec![untiered]), []);
}

fn charged(policy: &str, lines: &[UsageLine]) -> serde_json::Value {
    let calculator = calculator(&[("rounding", policy)], Vec::new());
    let mut batch = UsageBatch::new();
    lines.iter().for_each(|line| batch.push_line(line, 1));
    let mut statement = Statement::new(&[]);
    statement.add(&batch, &calculator.credit_batch(&batch));
    serde_json::to_value(statement.body(&calculator)).unwrap()
}

fn priced(group: &str, day_number: i32, quantity: &str, price: &str) -> UsageLine {
    let mut line = UsageLine::new(day(day_number), quantity.parse().unwrap());
    line.resource_id = format!("/subscriptions/{}/resourceGroups/{group}/providers/x/y/z", SUBS[0]);
    line.list_price = Some(price.parse().unwrap());
    line.meter_id = "m1".to_owned();
    line
}

#[test]
fn a_month_of_a_meter_is_cut_once() {
    // effective-unit-price-calculation: 29 units at 0.868 less 15 % are charged 21.39; here in two lines.
    let lines = [priced("rg1", 0, "20", "0.868"), priced("rg1", 1, "9", "0.868")];
    let body = charged("meter_month_cents", &lines);
    let total = &body["totals"][0];
    assert_eq!((total["list_amount"].as_str(), total["net"].as_str()), (Some("25.172"), Some("21.3962")));
    assert_eq!(
        total["rounded"],
        serde_json::json!([{"currency": "USD", "list_amount": "25.17", "credit": "3.78", "net": "21.39"}])
    );
    let of_reason = &body["reasons"][0]["rounded"][0];
    assert_eq!((of_reason["potential"].as_str(), of_reason["net"].as_str()), (Some("3.78"), Some("21.39")));
    assert!(charged("exact", &lines)["totals"][0].get("rounded").is_none());

    // Another month, another meter, and what earns nothing are each cut for themselves; negative sums toward zero.
    let mut other = priced("rg2", 0, "-1", "0.019");
    other.meter_id = "m2".to_owned();
    let lines = [
        priced("rg1", 0, "1", "0.019"),
        priced("rg1", 2, "1", "0.019"),
        priced("rg2", 0, "1", "0.019"),
        other,
    ];
    let rounded = &charged("meter_month_cents", &lines)["totals"][0]["rounded"];
    // 0.01615 twice, 0.019 and -0.019: each is a cent; the credit is in the digits that nobody is charged.
    assert_eq!(
        *rounded,
        serde_json::json!([{"currency": "USD", "list_amount": "0.02", "credit": "0", "net": "0.02"}])
    );
}

#[test]
fn the_invoice_cuts_before_and_after_the_exchange_rate() {
    let billed = |currency: &str, rate: &str| {
        let mut line = priced("rg1", 0, "29", "0.868");
        (line.billing_currency, line.exchange_rate) = (currency.to_owned(), rate.to_owned());
        line
    };
    // 21.39 x 0.846202666 = 18.1002..., 25.17 x 0.846202666 = 21.2989...; 21.39 x 149.5 = 3197.805.
    for (currency, rate, list, net) in [
        ("EUR", "0.846202666", "21.29", "18.1"),
        ("JPY", "149.5", "3762", "3197"),
        ("KWD", "0.3071", "7.729", "6.568"),
        ("USD", "1", "25.17", "21.39"),
        ("", "", "25.17", "21.39"),
    ] {
        let body = charged("invoice_nested", &[billed(currency, rate)]);
        let rounded = &body["totals"][0]["rounded"][0];
        let shown = if currency.is_empty() { "USD" } else { currency };
        assert_eq!(rounded["currency"], shown);
        assert_eq!((rounded["list_amount"].as_str(), rounded["net"].as_str()), (Some(list), Some(net)));
        assert!(!body["warnings"].to_string().contains("fx.missing"));
    }
    // No rate: not converted, and said. A currency of unknown decimals: not cut, and said.
    let body = charged("invoice_nested", &[billed("EUR", ""), billed("XTS", "0.33333")]);
    let rounded = &body["totals"][0]["rounded"];
    let currencies: Vec<_> = rounded.as_array().unwrap().iter().map(|row| row["currency"].as_str()).collect();
    assert_eq!(currencies, [Some("USD"), Some("XTS")]);
    assert_eq!((rounded[0]["net"].as_str(), rounded[1]["net"].as_str()), (Some("21.39"), Some("7.1299287")));
    let codes: Vec<_> =
        body["warnings"].as_array().unwrap().iter().map(|warning| warning["code"].as_str()).collect();
    assert!(codes.contains(&Some("fx.missing")) && codes.contains(&Some("currency.unknown")));
}

#[test]
fn a_list_of_rates_stands_in_for_lines_without_one() {
    let mut line = priced("rg1", 0, "29", "0.868");
    line.billing_currency = "EUR".to_owned();
    let mut rates = FxRates::new();
    // 1 / 1.25 is 0.8 EUR for a USD: 21.39 comes to 17.112, cut to 17.11.
    rates.insert(line.date, "EUR", "1.25".parse().unwrap()).unwrap();
    let policy = [("rounding", "invoice_nested")];
    let calculator = builder(&policy, Vec::new()).exchange_rates(rates).build().unwrap();
    let body = |line: &UsageLine| {
        let mut batch = UsageBatch::new();
        batch.push_line(line, 1);
        let mut statement = Statement::new(&[]);
        statement.add(&batch, &calculator.credit_batch(&batch));
        serde_json::to_value(statement.body(&calculator)).unwrap()
    };
    let found = body(&line);
    assert_eq!(found["totals"][0]["rounded"][0]["net"], "17.11");
    let codes = |found: &serde_json::Value| found["warnings"].to_string();
    assert!(codes(&found).contains("fx.listed") && !codes(&found).contains("fx.missing"));
    // The line's own rate goes before the list; a text that is no rate is not guessed at, nor another month's taken.
    line.exchange_rate = "0.9".to_owned();
    assert_eq!(body(&line)["totals"][0]["rounded"][0]["net"], "19.25");
    line.exchange_rate = "n/a".to_owned();
    assert!(codes(&body(&line)).contains("fx.missing"));
    line.exchange_rate.clear();
    line.date = day(60);
    assert!(codes(&body(&line)).contains("fx.missing"));
}

proptest! {
    /// Rounded sums are those of the merged whole, and list, credit and net go up.
    #[test]
    fn rounded_parts_merge_to_the_whole(
        halves in prop::collection::vec((0i32..4, any::<bool>(), -99i64..99, 0usize..3), 0..10), cut in 0usize..10,
    ) {
        let calculator = calculator(&[("rounding", "invoice_nested")], Vec::new());
        let lines: Vec<UsageLine> = halves.iter().map(|(day, earns, thousandths, meter)| {
            let price = Amount::new(i128::from(*thousandths), 3).to_string();
            let mut line = priced(if *earns { "rg1" } else { "rg2" }, *day, "1", &price);
            line.meter_id = format!("m{meter}");
            (line.billing_currency, line.exchange_rate) = ("EUR".to_owned(), "0.9".to_owned());
            line
        }).collect();
        let of = |lines: &[UsageLine]| {
            let mut batch = UsageBatch::new();
            lines.iter().for_each(|line| batch.push_line(line, 1));
            let mut statement = Statement::new(&[]);
            statement.add(&batch, &calculator.credit_batch(&batch));
            statement
        };
        let (one, two) = lines.split_at(cut.min(lines.len()));
        let mut parts = of(two);
        parts.merge(of(one)).unwrap();
        let shown = |statement: &Statement| serde_json::to_string(&statement.body(&calculator)).unwrap();
        prop_assert_eq!(shown(&parts), shown(&of(&lines)));

        // The plain way: thousandths by meter, month and whether it earned.
        let mut cells: BTreeMap<(usize, String, bool), i64> = BTreeMap::new();
        for (at, earns, thousandths, meter) in &halves {
            *cells.entry((*meter, day(*at).month(), *earns)).or_default() += thousandths;
        }
        let (mut list, mut net) = (0, 0);
        for ((_, _, earns), thousandths) in cells {
            let charge = |share: i64| thousandths * share / 1000 * 9 / 10;
            list += charge(100);
            net += charge(if earns { 85 } else { 100 });
        }
        let body = parts.body(&calculator);
        let rounded = body.totals.first().and_then(|total| total.rounded.clone()).unwrap_or_default();
        let found = rounded.first().map_or((Amount::ZERO, Amount::ZERO), |row| {
            (row.list_amount.clone(), row.net.clone())
        });
        prop_assert_eq!(found, (cents(list), cents(net)));
        prop_assert!(rounded.iter().all(|row| &row.list_amount - &row.credit == row.net));
    }
}
