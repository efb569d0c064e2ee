//! Reconciliations in parts, and two exports of the same usage held against each other.

use std::collections::BTreeMap;

use azure_pec::{
    Amount, Calculator, Day, FxRates, InvoiceLine, PriceAdjustment, PriceAdjustmentKind, PriceRow,
    Reconciliation, ReconciliationBody, ReconciliationDocument, Rounding, UsageBatch, UsageLine,
};
use proptest::prelude::*;
use serde_json::json;

use crate::fixes::on;
use crate::world::*;

pub const METERED: &str = "DZH000000001";
pub const TIERED: &str = "DZH000000002";

fn prices() -> Vec<PriceRow> {
    let row = |product: &str, more: &serde_json::Value| {
        let usual = json!({
            "product_id": product, "sku_id": "0001", "market": "DE", "currency": "USD", "unit_price": "2",
            "unit": "1 Hour",
        });
        read(with(usual, more))
    };
    vec![
        row(METERED, &json!({})),
        row(TIERED, &json!({"tier_min": "1", "tier_max": "10"})),
        row(TIERED, &json!({"tier_min": "11", "unit_price": "1"})),
    ]
}

/// Ours until the 15th; from then on nothing is held.
pub fn world() -> World {
    let held = grant("g", &json!({"end": "2026-10-15T00:00:00Z", "scope": "/"}));
    World { prices: prices(), ..World::of(vec![held]) }
}

fn calculator() -> Calculator {
    Reconciliation::calculator(&world().calculator()).unwrap()
}

/// Daily rated usage: ten units of a product, billed by an invoice with the credit that Microsoft applied.
pub fn rated(number: u32, product: &str, invoice: &str, applied: &str) -> UsageLine {
    UsageLine {
        product_id: product.to_owned(),
        sku_id: "0001".to_owned(),
        customer_id: THEIR_TENANT.to_owned(),
        plan_id: "plan".to_owned(),
        invoice_id: invoice.to_owned(),
        observed_rate: applied.to_owned(),
        meter_id: format!("meter of {product}"),
        meter_name: format!("meter of {product}"),
        unit: "1 Hour".to_owned(),
        currency: "USD".to_owned(),
        billing_currency: "USD".to_owned(),
        exchange_rate: "1".to_owned(),
        ..on(number)
    }
}

pub fn invoice_line(
    invoice: &str,
    product: &str,
    (quantity, subtotal): (&str, &str),
    credit: bool,
) -> InvoiceLine {
    let adjustment = PriceAdjustment {
        kind: PriceAdjustmentKind::PartnerEarnedCredit,
        percent: Some(amount("15")),
        text: "15.0% Partner earned credit for services managed".to_owned(),
    };
    InvoiceLine {
        file: "invoice.csv".to_owned(),
        line: 2,
        invoice_number: invoice.to_owned(),
        customer_id: THEIR_TENANT.to_owned(),
        customer_name: String::new(),
        reseller_id: String::new(),
        plan_id: "plan".to_owned(),
        plan_name: String::new(),
        product_id: product.to_owned(),
        sku_id: "0001".to_owned(),
        availability_id: String::new(),
        product_name: String::new(),
        sku_name: String::new(),
        meter_name: format!("meter of {product}"),
        publisher_name: String::new(),
        charge_type: "new".to_owned(),
        charge_start: Some(day("2026-10-01")),
        charge_end: Some(day("2026-10-31")),
        unit_price: Some(amount("2")),
        effective_unit_price: amount(subtotal).divide(&amount(quantity), 6, Rounding::TowardZero),
        unit: "1 Hour".to_owned(),
        billable_quantity: Some(amount(quantity)),
        subtotal: amount(subtotal),
        tax: None,
        total: None,
        currency: "USD".to_owned(),
        pricing_currency: "USD".to_owned(),
        exchange_rate: Some(Amount::ONE),
        exchange_rate_date: None,
        reservation_order_id: String::new(),
        credit_reason: String::new(),
        adjustments: credit.then_some(adjustment).into_iter().collect(),
    }
}

/// Something that is put into a reconciliation.
#[derive(Debug, Clone)]
pub enum Piece {
    Usage(UsageLine),
    Second(UsageLine),
    Invoice(Box<InvoiceLine>),
    Rate(u32, &'static str),
    Note(&'static str, u64),
}

fn batch_of(line: &UsageLine, number: u64) -> UsageBatch {
    let mut batch = UsageBatch::new();
    batch.push_line(line, number);
    batch
}

fn put(into: &mut Reconciliation, calculator: &Calculator, (at, piece): (usize, &Piece)) {
    let number = at as u64 + 2;
    match piece {
        Piece::Usage(line) => {
            let batch = batch_of(line, number);
            // Two files, the second of which comes first.
            let file = format!("usage-{}.csv", at % 2);
            into.usage(&file, &batch, &calculator.credit_batch(&batch), calculator);
        }
        Piece::Second(line) => {
            let batch = batch_of(line, number);
            into.witness(&batch, &calculator.credit_batch(&batch));
        }
        Piece::Invoice(line) => into.invoice((**line).clone()),
        Piece::Rate(month, rate) => {
            let mut rates = FxRates::new();
            rates.insert(Day::from_ymd(2026, *month, 1).unwrap(), "EUR", amount(rate)).unwrap();
            into.exchange_rates(rates).unwrap();
        }
        Piece::Note(message, count) => into.note("rejects.allowed", message, *count),
    }
}

fn look_again(into: &mut Reconciliation, calculator: &Calculator, pieces: &[Piece]) {
    if !into.is_in_doubt() {
        return;
    }
    for (at, piece) in pieces.iter().enumerate() {
        let (line, file, second) = match piece {
            Piece::Usage(line) => (line, "usage.csv", false),
            Piece::Second(line) => (line, "second.csv", true),
            _ => continue,
        };
        let batch = batch_of(line, at as u64 + 2);
        into.look_again(file, &batch, &calculator.credit_batch(&batch), (second, calculator));
    }
}

fn document(one: &Reconciliation, calculator: &Calculator) -> String {
    ReconciliationDocument::new(one.finish(calculator), Vec::new()).to_json()
}

fn usage() -> impl Strategy<Value = UsageLine> {
    let kinds = (
        1_u32..32,
        prop::sample::select(vec![METERED, METERED, TIERED]),
        prop::sample::select(vec!["I1", "I1", "I2", ""]),
        prop::sample::select(vec!["0.15", "0", "0.15", "0.1", ""]),
        prop::sample::select(vec!["Usage", "Usage", "Usage", "Usage", "Refund", "customerCredit"]),
        prop::sample::select(vec!["1 Hour", "1 Hour", "100 Hours"]),
        prop::sample::select(vec!["10", "-1", "3.5"]),
    );
    kinds.prop_map(|(number, product, invoice, applied, charge_type, unit, quantity)| UsageLine {
        charge_type: charge_type.to_owned(),
        unit: unit.to_owned(),
        quantity: amount(quantity),
        ..rated(number, product, invoice, applied)
    })
}

fn piece() -> impl Strategy<Value = Piece> {
    let invoices = (
        prop::sample::select(vec!["I1", "I2", "I3"]),
        prop::sample::select(vec![METERED, TIERED]),
        prop::sample::select(vec![("10", "17"), ("10", "20"), ("3", "6")]),
        any::<bool>(),
    );
    prop_oneof![
        8 => usage().prop_map(Piece::Usage),
        2 => usage().prop_map(Piece::Second),
        2 => invoices.prop_map(|(invoice, product, money, credit)| {
            Piece::Invoice(Box::new(invoice_line(invoice, product, money, credit)))
        }),
        1 => (1_u32..4).prop_map(|month| Piece::Rate(month, "1.1")),
        1 => (prop::sample::select(vec!["a", "b"]), 0_u64..3).prop_map(|(text, count)| Piece::Note(text, count)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever is put into which part, and whichever part takes in the other.
    #[test]
    fn parts_merge_to_the_whole(
        pieces in prop::collection::vec((piece(), 0_usize..3), 0..14), order in Just([0_usize, 1, 2]).prop_shuffle(),
    ) {
        let calculator = calculator();
        let all: Vec<Piece> = pieces.iter().map(|(piece, _)| piece.clone()).collect();
        let has_second = all.iter().any(|piece| matches!(piece, Piece::Second(_)));
        let mut whole = Reconciliation::new(has_second);
        all.iter().enumerate().for_each(|one| put(&mut whole, &calculator, one));
        let mut parts: Vec<Reconciliation> = (0..3).map(|_| Reconciliation::new(has_second)).collect();
        for (at, (piece, part)) in pieces.iter().enumerate() {
            put(&mut parts[*part], &calculator, (at, piece));
        }
        // One that knows of no second export takes in those that do.
        let mut merged = Reconciliation::new(false);
        for at in order {
            merged.merge(parts[at].clone()).unwrap();
        }
        prop_assert_eq!(merged.is_in_doubt(), whole.is_in_doubt());
        look_again(&mut whole, &calculator, &all);
        look_again(&mut merged, &calculator, &all);
        prop_assert_eq!(document(&merged, &calculator), document(&whole, &calculator));
    }

    /// The exports differ where on some day the lines, the quantities or the prices times quantities do.
    #[test]
    fn two_exports_differ_where_a_day_does(
        lines in prop::collection::vec((any::<bool>(), 1_u32..4, 1_i64..4, prop::option::of(1_i64..3)), 0..7),
    ) {
        let calculator = calculator();
        let mut one = Reconciliation::new(true);
        let mut days: BTreeMap<u32, (i64, i64, i64)> = BTreeMap::new();
        let mut seconds = 0;
        for (at, (second, number, quantity, price)) in lines.iter().enumerate() {
            let line = UsageLine {
                quantity: Amount::from(*quantity),
                list_price: price.map(Amount::from),
                ..rated(*number, METERED, "I1", "0.15")
            };
            let sign = if *second { 1 } else { -1 };
            seconds += i64::from(*second);
            let (count, sum, own) = days.entry(*number).or_default();
            *count += sign;
            *sum += sign * quantity;
            *own += sign * quantity * price.unwrap_or_default();
            let piece = if *second { Piece::Second(line) } else { Piece::Usage(line) };
            put(&mut one, &calculator, (at, &piece));
        }
        // Of an invoice that the second export does not show at all nothing is said.
        let differs = seconds > 0 && days.values().any(|day| *day != (0, 0, 0));
        prop_assert_eq!(one.is_in_doubt(), differs);
    }
}

pub fn finished(pieces: &[Piece]) -> ReconciliationBody {
    finished_in(&world(), pieces)
}

pub fn finished_in(world: &World, pieces: &[Piece]) -> ReconciliationBody {
    let calculator = Reconciliation::calculator(&world.calculator()).unwrap();
    let has_second = pieces.iter().any(|piece| matches!(piece, Piece::Second(_)));
    let mut one = Reconciliation::new(has_second);
    pieces.iter().enumerate().for_each(|piece| put(&mut one, &calculator, piece));
    look_again(&mut one, &calculator, pieces);
    one.finish(&calculator)
}

/// The findings in short: outcome, of what, invoice, days, lines and money in the pricing currency.
pub fn findings(body: &ReconciliationBody) -> Vec<String> {
    let date = |day: Option<Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let short = |row: &azure_pec::Difference| {
        let of = row.of.unwrap_or_default();
        let invoice = row.invoice.as_deref().unwrap_or("unbilled");
        let days = format!("{}..{}", date(row.first), date(row.last));
        format!("{} {of} {invoice} {days} {} lines {}", row.outcome, row.lines, row.pricing)
    };
    body.findings.iter().map(short).collect()
}

#[test]
fn what_was_billed_as_it_should_be_agrees() {
    let body = finished(&[
        Piece::Usage(rated(1, METERED, "I1", "0.15")),
        Piece::Usage(rated(20, METERED, "I1", "0")),
        Piece::Invoice(Box::new(invoice_line("I1", METERED, ("10", "17"), true))),
        Piece::Invoice(Box::new(invoice_line("I1", METERED, ("10", "20"), false))),
    ]);
    assert_eq!(findings(&body), Vec::<String>::new());
    assert!(!body.differs());
    assert_eq!(body.lines, BTreeMap::from([("agrees", 2)]));
    assert_eq!((body.period.first, body.period.last), (Some(day("2026-10-01")), Some(day("2026-10-20"))));
    let bridge = &body.bridges[0];
    assert_eq!(bridge.observed.charge.to_string(), "37");
    let steps = [&bridge.list, &bridge.tiers, &bridge.credit, &bridge.cents, &bridge.charge, &bridge.total];
    assert_eq!(steps.map(ToString::to_string), ["40", "0", "-3", "0", "37", "37"]);
}

/// A credit that was earned and not given is missing, one that was given and not earned is unexpected, each on its days.
#[test]
fn a_rate_that_should_be_another_is_found() {
    let body = finished(&[
        Piece::Usage(rated(1, METERED, "I1", "0")),
        Piece::Usage(rated(2, METERED, "I1", "0")),
        Piece::Usage(rated(20, METERED, "I1", "0.15")),
        Piece::Usage(rated(31, METERED, "I1", "0")),
        Piece::Invoice(Box::new(invoice_line("I1", METERED, ("30", "60"), false))),
        Piece::Invoice(Box::new(invoice_line("I1", METERED, ("10", "17"), true))),
    ]);
    assert_eq!(
        findings(&body),
        [
            "observed.missing  I1 2026-10-01..2026-10-02 2 lines 6",
            "observed.unexpected  I1 2026-10-20..2026-10-20 1 lines -3",
        ]
    );
    assert!(body.differs());
}

#[test]
fn what_is_no_usage_at_its_meters_price_is_counted_apart() {
    let charged =
        |charge_type: &str| UsageLine { charge_type: charge_type.to_owned(), ..rated(1, METERED, "I1", "") };
    let pieces = ["Refund", "Purchase", "Purchase", "customerCredit"].map(|kind| Piece::Usage(charged(kind)));
    let body = finished(&pieces);
    assert_eq!(body.lines.get("outside"), Some(&3));
    assert_eq!(body.lines.get("correction"), Some(&1));
}

/// What a second export shows otherwise carries no money: usage that one of them lacks, another price, another rate than the rule
/// expects. Where the second shows what the rule expects, the first is told already.
#[test]
fn what_a_second_export_says_otherwise_is_found() {
    let first = |line: UsageLine| Piece::Usage(line);
    let second = |line: UsageLine| Piece::Second(line);
    let usual = |number: u32| rated(number, METERED, "I1", if number < 15 { "0.15" } else { "0" });
    let of = |number: u32, applied: &str| rated(number, METERED, "I1", applied);
    let quantity = |number: u32, text: &str| UsageLine { quantity: amount(text), ..usual(number) };
    let cheaper = UsageLine { list_price: Some(amount("1")), ..usual(2) };
    let told = |pieces: &[Piece]| -> Vec<String> {
        let body = finished(pieces);
        let other = body.findings.iter().filter(|row| row.of == Some("other_export"));
        let days = |row: &azure_pec::Difference| [row.first, row.last].map(|day| day.unwrap().to_string());
        other
            .map(|row| {
                assert!(row.pricing.is_zero());
                let [first, last] = days(row);
                format!("{} {first}..{last} at {}", row.outcome, row.rate.as_ref().unwrap())
            })
            .collect()
    };
    let day_2 = |outcome: &str, rate: &str| vec![format!("{outcome} 2026-10-02..2026-10-02 at {rate}")];
    assert!(told(&[first(usual(2)), second(usual(2)), second(usual(20)), first(usual(20))]).is_empty());
    // A line more, a line less, as much in two lines, another quantity in as many.
    let more = [first(usual(1)), second(usual(1)), second(usual(2))];
    assert_eq!(told(&more), day_2("unexplained", "0.15"));
    let less = [first(usual(1)), second(usual(1)), first(usual(2))];
    assert_eq!(told(&less), day_2("unexplained", "0.15"));
    let halves = [first(usual(2)), second(quantity(2, "5")), second(quantity(2, "5"))];
    assert_eq!(told(&halves), day_2("unexplained", "0.15"));
    assert_eq!(told(&[first(usual(2)), second(quantity(2, "12"))]), day_2("unexplained", "0.15"));
    assert_eq!(told(&[first(usual(2)), second(cheaper)]), day_2("difference.price", "0.15"));
    // As many units and as high prices, but the higher price for more of them.
    let at = |text: &str, price: &str| UsageLine { list_price: Some(amount(price)), ..quantity(2, text) };
    let dearer = [first(at("1", "2")), first(at("3", "1")), second(at("1", "1")), second(at("3", "2"))];
    assert_eq!(told(&dearer), day_2("difference.price", "0.15"));
    // The same line on another day, and in another subscription.
    let moved = [first(usual(2)), second(usual(3))];
    assert_eq!(told(&moved), ["unexplained 2026-10-02..2026-10-03 at 0.15"]);
    let elsewhere = UsageLine { resource_id: OTHER_SUBSCRIPTION.to_owned(), ..usual(2) };
    assert_eq!(told(&[first(usual(2)), second(elsewhere)]), day_2("unexplained", "0.15"));
    // The same usage at another rate; before the 15th it earns.
    assert_eq!(told(&[first(usual(2)), second(of(2, "0"))]), day_2("observed.missing", "0"));
    assert_eq!(told(&[first(usual(2)), second(of(2, "0.1"))]), day_2("difference.rate", "0.1"));
    assert!(told(&[first(of(2, "0")), second(usual(2))]).is_empty());
    let given = told(&[first(usual(20)), second(of(20, "0.15"))]);
    assert_eq!(given, ["observed.unexpected 2026-10-20..2026-10-20 at 0.15"]);
    // A correction, whose quantity is below zero, at another rate; and the same number of lines, more of them at the other rate.
    let correction = |applied: &str| UsageLine { quantity: amount("-1"), ..of(2, applied) };
    assert_eq!(told(&[first(correction("0.15")), second(correction("0"))]), day_2("observed.missing", "0"));
    assert!(told(&[first(correction("0")), second(correction("0.15"))]).is_empty());
    let five = |applied: &str| UsageLine { quantity: amount("5"), ..of(2, applied) };
    let moved = [first(of(2, "0.15")), first(five("0")), second(five("0.15")), second(of(2, "0"))];
    assert_eq!(told(&moved), day_2("observed.missing", "0"));
    // An invoice of which the second shows nothing is not in question.
    let other_invoice = UsageLine { invoice_id: "I2".to_owned(), ..usual(2) };
    assert!(told(&[first(usual(2)), first(other_invoice), second(usual(2))]).is_empty());
}

/// As soon as one of its parts knows of it.
#[test]
fn a_whole_holds_its_usage_against_the_second_export() {
    let calculator = calculator();
    let line = rated(1, METERED, "I1", "0.15");
    let mut part = Reconciliation::new(true);
    put(&mut part, &calculator, (0, &Piece::Second(line.clone())));
    let mut whole = Reconciliation::new(false);
    whole.merge(part).unwrap();
    assert!(whole.is_in_doubt());
    put(&mut whole, &calculator, (1, &Piece::Usage(line)));
    assert!(!whole.is_in_doubt());
}

/// Products that earn and were credited on no line of the month, while on each of those days another product of the
/// subscription was. What was credited of the product itself is no other's.
#[test]
fn a_product_that_looks_left_out_is_told_as_that() {
    let of = |number, applied| rated(number, METERED, "I1", applied);
    let other = |number| rated(number, TIERED, "I1", "0.15");
    let spot = || UsageLine { pricing_model: "Spot".to_owned(), ..of(2, "0.15") };
    let told = |lines: &[UsageLine]| -> Vec<String> {
        // Of the newest days nothing is said yet.
        let lines = lines.iter().cloned().chain([other(10)]);
        let body = finished(&lines.map(Piece::Usage).collect::<Vec<_>>());
        let short = |row: &azure_pec::Difference| format!("{} {}", row.outcome, row.of.unwrap_or_default());
        body.findings.iter().map(short).filter(|text| !text.starts_with("unexplained")).collect()
    };
    let left_out = || "difference.product excluded".to_owned();
    assert_eq!(told(&[of(2, "0"), of(3, "0"), other(2), other(3)]), [left_out()]);
    assert_eq!(told(&[of(2, "0"), of(3, "0"), other(2)]), ["observed.missing "]);
    assert_eq!(told(&[of(2, "0"), of(3, "0.15"), other(2), other(3)]), ["observed.missing "]);
    let included = || "difference.product included".to_owned();
    assert_eq!(told(&[spot(), spot(), other(2), of(2, "0")]), [left_out(), included()]);
    assert_eq!(told(&[spot(), of(2, "0")]), ["observed.missing ".to_owned(), included()]);
}

/// A credit that usage lacks may still come while its invoice is not there: that of the newest two days, and any of what names
/// no invoice yet.
#[test]
fn a_credit_may_come_until_the_invoice_is_there() {
    let told = |number: u32, invoice: &str, more: Option<Piece>| {
        let usage = [rated(number, METERED, invoice, "0"), rated(10, METERED, "I1", "0.15")];
        let pieces: Vec<Piece> = usage.map(Piece::Usage).into_iter().chain(more).collect();
        let outcomes = finished(&pieces).findings.into_iter().map(|row| row.outcome);
        outcomes.filter(|outcome| outcome.starts_with("observed")).collect::<Vec<_>>()
    };
    assert_eq!(told(10, "I1", None), ["observed.pending"]);
    assert_eq!(told(9, "I1", None), ["observed.pending"]);
    assert_eq!(told(8, "I1", None), ["observed.missing"]);
    assert_eq!(told(8, "", None), ["observed.pending"]);
    let bill = Piece::Invoice(Box::new(invoice_line("I1", METERED, ("20", "37"), true)));
    assert_eq!(told(9, "I1", Some(bill)), ["observed.missing"]);
}

/// What cannot be decided is told at the price of a unit without any tier's favour.
#[test]
fn undecided_usage_is_told_at_its_first_price() {
    let unseen = World { observed: seen(&[]), ..world() };
    let body = finished_in(&unseen, &[1, 2].map(|number| Piece::Usage(rated(number, TIERED, "I1", "0.15"))));
    let [undecided] = &body.undecided[..] else { panic!("{:?}", body.undecided) };
    assert_eq!((undecided.reason, undecided.lines), ("access.unobserved", 2));
    assert_eq!((undecided.list_amount.clone(), undecided.potential.clone()), (amount("40"), amount("6")));
}

/// A tier that was left out is found by what all usage of the month is charged then, also where the price list has other tiers,
/// or none, from some day on.
#[test]
fn a_tier_that_was_left_out_is_told() {
    let change = "2026-10-10T00:00:00Z";
    let tier = |of: [&str; 3], more: serde_json::Value| -> PriceRow {
        let [min, max, price] = of.map(|text| Some(text).filter(|text| !text.is_empty()));
        let usual = json!({"product_id": TIERED, "sku_id": "0001", "market": "DE", "currency": "USD",
            "unit_price": price, "unit": "1 Hour", "tier_min": min, "tier_max": max});
        read(with(usual, &more))
    };
    let before = |of| tier(of, json!({"end": change}));
    let after = |of| tier(of, json!({"start": change}));
    let two = || vec![before(["1", "10", "2"]), before(["11", "", "1"])];
    let told = |later: Vec<PriceRow>, pieces: Vec<Piece>| {
        let world = World { prices: two().into_iter().chain(later).collect(), ..world() };
        let rows = finished_in(&world, &pieces).findings;
        let short = |row: &azure_pec::Difference| {
            format!("{} {} {}", row.outcome, row.of.unwrap_or_default(), row.pricing)
        };
        rows.iter().map(short).collect::<Vec<_>>()
    };
    let twenty = UsageLine { quantity: amount("20"), ..rated(12, TIERED, "I1", "0.15") };
    let usage = || [rated(1, TIERED, "I1", "0.15"), rated(2, TIERED, "I1", "0.15"), twenty.clone()];
    let billed = |subtotal: &str| {
        let bill = Piece::Invoice(Box::new(invoice_line("I1", TIERED, ("40", subtotal), true)));
        usage().map(Piece::Usage).into_iter().chain([bill]).collect::<Vec<_>>()
    };
    // 20, 10 and 60 by the list; without the first tier 10, 10 and 60; without the second 20, 20 and 60.
    let flat = || vec![after(["", "", "3"])];
    assert!(told(flat(), billed("76.5")).is_empty());
    assert_eq!(told(flat(), billed("68")), ["difference.price tier -8.5"]);
    assert_eq!(told(flat(), billed("85")), ["difference.price tier 8.5"]);
    // 20, 10 and 20 by the list; without the third tier 20, 10 and 40.
    let three = || vec![after(["1", "10", "3"]), after(["11", "20", "2"]), after(["21", "", "1"])];
    assert!(told(three(), billed("42.5")).is_empty());
    assert_eq!(told(three(), billed("59.5")), ["difference.price tier 17"]);
    // While there is no invoice, effective prices say what is charged.
    let at = |line: UsageLine, price: &str| {
        Piece::Usage(UsageLine { effective_unit_price: price.to_owned(), ..line })
    };
    let unbilled = |price: &str| usage().map(|line| at(line, price)).to_vec();
    assert!(told(flat(), unbilled("1.9125")).is_empty());
    assert_eq!(told(flat(), unbilled("1.7")), ["difference.price tier -8.5"]);
}

/// Names have other numbers in another part.
#[test]
fn an_invoice_line_of_another_part_keeps_its_names() {
    let calculator = calculator();
    let usage = UsageLine { availability_id: "AV0".to_owned(), ..rated(1, METERED, "I1", "0.15") };
    let billed = InvoiceLine {
        reseller_id: "7777".to_owned(),
        availability_id: "AV1".to_owned(),
        meter_name: "another meter".to_owned(),
        ..invoice_line("I1", "DZH000000009", ("10", "17"), true)
    };
    let mut whole = Reconciliation::new(false);
    for piece in [Piece::Usage(usage), Piece::Invoice(Box::new(billed))] {
        let mut part = Reconciliation::new(false);
        put(&mut part, &calculator, (0, &piece));
        whole.merge(part).unwrap();
    }
    let body = whole.finish(&calculator);
    let found = body.findings.iter().find(|row| row.of == Some("usage_line_absent")).unwrap();
    assert_eq!((found.reseller.as_deref(), found.meter.as_deref()), (Some("7777"), Some("another meter")));
    let line = body.invoice_lines.iter().find(|line| line.product == "DZH000000009").unwrap();
    assert_eq!((line.availability.as_str(), line.meter.as_str()), ("AV1", "another meter"));
}

#[test]
fn the_lines_of_each_finding_are_known_again() {
    let calculator = calculator();
    let lines = [
        rated(1, METERED, "I1", "0"),
        rated(20, METERED, "I1", "0.15"),
        rated(31, METERED, "I1", "0"),
        UsageLine { charge_type: "Refund".to_owned(), ..rated(1, METERED, "I1", "0") },
    ];
    let mut one = Reconciliation::new(false);
    lines
        .iter()
        .enumerate()
        .for_each(|(at, line)| put(&mut one, &calculator, (at, &Piece::Usage(line.clone()))));
    let (body, disputed) = one.finish_with_lines(&calculator);
    let outcomes: Vec<&str> = body.findings.iter().map(|row| row.outcome).collect();
    assert_eq!(outcomes, ["observed.missing", "observed.unexpected"]);
    let of = |line: &UsageLine| {
        let batch = batch_of(line, 2);
        let credits = calculator.credit_batch(&batch);
        assert!(!credits.is_empty() && credits.len() == 1);
        disputed.of(&batch, &credits, 0, &calculator)
    };
    let stranger = UsageLine { plan_id: "another".to_owned(), ..rated(1, METERED, "I1", "0") };
    let places: Vec<Vec<usize>> = lines.iter().chain([&stranger]).map(of).collect();
    assert_eq!(places, [vec![0], vec![1], vec![], vec![], vec![]]);
    assert!(calculator.credit_batch(&UsageBatch::new()).is_empty());
}

/// A meter of one invoice in two pricing currencies is told as such.
#[test]
fn a_meter_in_two_currencies_is_told() {
    let mixed = |currency: &str| {
        let other = UsageLine { currency: currency.to_owned(), ..rated(2, METERED, "I1", "0.15") };
        let body = finished(&[Piece::Usage(rated(1, METERED, "I1", "0.15")), Piece::Usage(other)]);
        body.warnings.iter().filter(|one| one.code == "currency.mixed").map(|one| one.count).sum::<u64>()
    };
    assert_eq!((mixed("USD"), mixed("EUR")), (0, 1));
}

/// The same unit in other spellings is one; another is told, whichever export's lines come first.
#[test]
fn a_unit_is_held_against_the_price_lists() {
    let units = |unit: &str, second_first: bool| {
        let line = UsageLine { unit: unit.to_owned(), ..rated(1, METERED, "I1", "0.15") };
        let mut pieces = vec![Piece::Usage(line.clone()), Piece::Second(line)];
        if second_first {
            pieces.reverse();
        }
        finished(&pieces).warnings.iter().filter(|one| one.code.contains("unit")).count()
    };
    for second_first in [false, true] {
        assert_eq!(
            (units("1 hour", second_first), units("100 Hours", second_first)),
            (0, 1),
            "{second_first}"
        );
        assert_eq!(units("", second_first), 0);
    }
}

/// Of an invoice the lines of the Azure plan count that Microsoft sells at their meters' prices.
#[test]
fn lines_of_others_and_of_commitments_are_not_ours() {
    // Billed without the credit that was applied: a difference, if it is billed to us at all.
    let counts = |change: fn(&mut InvoiceLine)| {
        let mut billed = invoice_line("I1", METERED, ("10", "20"), false);
        change(&mut billed);
        finished(&[Piece::Usage(rated(1, METERED, "I1", "0.15")), Piece::Invoice(Box::new(billed))]).differs()
    };
    assert!(counts(|_| ()));
    assert!(counts(|line| line.publisher_name = " Microsoft Corporation".to_owned()));
    assert!(counts(|line| line.plan_name = "Azure Plan".to_owned()));
    let others: [fn(&mut InvoiceLine); 3] = [
        |line| line.publisher_name = "Contoso".to_owned(),
        |line| line.plan_name = "Microsoft 365".to_owned(),
        |line| line.reservation_order_id = "r".to_owned(),
    ];
    assert_eq!(others.map(counts), [false; 3]);
}
