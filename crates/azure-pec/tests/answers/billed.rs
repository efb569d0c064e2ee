//! What invoices say otherwise than the usage, and what to know before trusting either.

use azure_pec::{Amount, InvoiceLine, PriceAdjustment, PriceAdjustmentKind, PriceRow, UsageLine};

use crate::reconciled::{METERED, Piece, findings, finished, finished_in, invoice_line, rated, world};
use crate::world::*;

const UNLISTED_PRODUCT: &str = "DZH000000009";

/// Units that were billed and stand in no usage line are priced as the second export has them, else at the invoice's price.
#[test]
fn units_without_a_usage_line_are_found() {
    let told = |billed: InvoiceLine, more: &[Piece]| {
        let usual = Piece::Usage(rated(1, METERED, "I1", "0.15"));
        let pieces: Vec<Piece> =
            [usual, Piece::Invoice(Box::new(billed))].into_iter().chain(more.iter().cloned()).collect();
        let body = finished(&pieces);
        let money = |row: &azure_pec::Difference| (row.of.unwrap_or_default(), row.pricing.to_string());
        body.findings.iter().map(money).map(|(of, money)| format!("{of} {money}")).collect::<Vec<_>>()
    };
    let billed = |money| invoice_line("I1", METERED, money, true);
    assert_eq!(told(billed(("13", "22.1")), &[]), ["usage_line_absent 5.1"]);
    assert_eq!(told(billed(("8", "13.6")), &[]), ["usage_line_absent -3.4"]);
    // Without a price of a unit nothing says what they are.
    let unpriced = InvoiceLine { unit_price: None, ..billed(("13", "22.1")) };
    assert_eq!(told(unpriced, &[]), [" 5.1", "usage_line_absent 0"]);
    // The second export has just these, at the list's price, whatever the invoice's is.
    let three = UsageLine { quantity: amount("3"), ..rated(2, METERED, "I1", "0.15") };
    let second = [Piece::Second(rated(1, METERED, "I1", "0.15")), Piece::Second(three)];
    let dearer = InvoiceLine { unit_price: Some(amount("7")), ..billed(("13", "22.1")) };
    assert!(told(dearer.clone(), &second).contains(&"usage_line_absent 5.1".to_owned()));
    // Or shows more in the same line.
    let thirteen = UsageLine { quantity: amount("13"), ..rated(1, METERED, "I1", "0.15") };
    assert!(told(dearer, &[Piece::Second(thirteen)]).contains(&"usage_line_absent 5.1".to_owned()));
}

/// Where no line tells the exchange rate, what it leaves over is told as that, and not as something else.
#[test]
fn a_total_without_an_exchange_rate_is_told_as_that() {
    let told = |exchange: Option<&str>, subtotal: &str| {
        let usage = UsageLine {
            billing_currency: "EUR".to_owned(),
            exchange_rate: String::new(),
            ..rated(1, METERED, "I1", "0.15")
        };
        let billed = InvoiceLine {
            currency: "EUR".to_owned(),
            exchange_rate: exchange.map(amount),
            subtotal: amount(subtotal),
            ..invoice_line("I1", METERED, ("10", "17"), true)
        };
        let body = finished(&[Piece::Usage(usage), Piece::Invoice(Box::new(billed))]);
        body.findings.iter().map(|row| (row.outcome, row.of)).collect::<Vec<_>>()
    };
    assert_eq!(told(None, "15.3"), [("unexplained", Some("fx.missing"))]);
    assert!(told(Some("0.9"), "15.3").is_empty() && told(None, "0").is_empty());
}

/// How often a warning counts.
fn counted(code: &str, pieces: &[Piece]) -> u64 {
    finished(pieces).warnings.iter().filter(|one| one.code == code).map(|one| one.count).sum()
}

fn usage(line: UsageLine) -> Piece {
    Piece::Usage(line)
}

fn billed(line: InvoiceLine) -> Piece {
    Piece::Invoice(Box::new(line))
}

/// As it is usually billed.
fn bill() -> InvoiceLine {
    invoice_line("I1", METERED, ("10", "17"), true)
}

fn usual() -> UsageLine {
    rated(1, METERED, "I1", "0.15")
}

#[test]
fn prices_and_rates_that_nothing_tells_are_warned_of() {
    let other =
        |price: Option<Amount>| UsageLine { list_price: price, ..rated(1, UNLISTED_PRODUCT, "I1", "0.15") };
    assert_eq!(counted("price.unlisted", &[usage(usual())]), 0);
    assert_eq!(counted("price.missing", &[usage(usual()), usage(other(None))]), 1);
    // The list has tiers of any meter: where quantities decide, a line's own price is of no use.
    assert_eq!(counted("price.missing", &[usage(other(Some(amount("2"))))]), 1);
    let own_price = |price: &str| usage(UsageLine { effective_unit_price: price.to_owned(), ..usual() });
    assert_eq!(counted("price.effective_missing", &[own_price(""), own_price(""), own_price("1.7")]), 2);
    assert_eq!(counted("price.effective_missing", &[own_price("1.7")]), 0);
    assert_eq!(counted("price.effective_missing", &[own_price(""), billed(bill())]), 0);
    let unsaid = || usage(UsageLine { observed_rate: String::new(), ..usual() });
    assert_eq!(counted("rate.missing", &[usage(usual()), unsaid(), unsaid()]), 2);
    assert_eq!(counted("rate.missing", &[usage(usual())]), 0);
}

#[test]
fn exchange_rates_are_held_against_the_list_and_each_other() {
    let at = |rate: &str| {
        usage(UsageLine { billing_currency: "EUR".to_owned(), exchange_rate: rate.to_owned(), ..usual() })
    };
    // The list says how many dollars a euro is.
    let listed = || Piece::Rate(10, "1.25");
    assert_eq!(counted("fx.differs", &[at("0.8"), listed()]), 0);
    assert_eq!(counted("fx.differs", &[at("1.2"), at("0.8"), at("1.2"), listed()]), 2);
    assert_eq!(counted("fx.differs", &[at(""), listed()]), 0);
    assert_eq!(counted("fx.differs", &[at("1.2")]), 0);
    assert_eq!(counted("fx.differs", &[at("1.2"), Piece::Rate(9, "1.25")]), 0);
    assert_eq!(counted("fx.mixed", &[at("0.8"), at("0.8")]), 0);
    assert_eq!(counted("fx.mixed", &[at("1.2"), at("0.8"), at("1.2")]), 1);
}

#[test]
fn invoice_lines_that_are_not_understood_are_counted() {
    let with = |kinds: &[PriceAdjustmentKind]| {
        let adjustment = |kind: &PriceAdjustmentKind| PriceAdjustment {
            kind: *kind,
            percent: Some(amount("15")),
            text: "15.0%".to_owned(),
        };
        InvoiceLine { adjustments: kinds.iter().map(adjustment).collect(), ..bill() }
    };
    let (credit, tier, other) = (
        PriceAdjustmentKind::PartnerEarnedCredit,
        PriceAdjustmentKind::TierDiscount(2),
        PriceAdjustmentKind::Other,
    );
    let count = |kinds: &[PriceAdjustmentKind]| {
        counted("adjustment.unknown", &[usage(usual()), billed(with(kinds)), billed(bill())])
    };
    assert_eq!(count(&[credit, tier]), 0);
    assert_eq!(count(&[other, credit, other]), 1);
}

#[test]
fn usage_and_invoices_of_which_the_other_is_not_there_are_told() {
    let of = |invoice: &str| invoice_line(invoice, METERED, ("10", "17"), true);
    let mismatch = |pieces: &[Piece]| counted("input.period_mismatch", pieces);
    assert_eq!(mismatch(&[usage(usual()), billed(bill())]), 0);
    assert_eq!(mismatch(&[usage(usual()), billed(bill()), billed(of("I2"))]), 1);
    assert_eq!(mismatch(&[usage(usual())]), 0);
    let missing = |pieces: &[Piece]| counted("invoice.missing", pieces);
    assert_eq!(missing(&[usage(usual())]), 0);
    assert_eq!(missing(&[usage(usual()), billed(bill())]), 0);
    assert_eq!(missing(&[usage(usual()), billed(of("I2"))]), 1);
    let unbilled = UsageLine { invoice_id: String::new(), ..rated(31, METERED, "", "0") };
    assert_eq!(missing(&[usage(unbilled), usage(usual()), billed(bill())]), 0);
}

#[test]
fn units_of_usage_and_invoice_are_held_against_each_other() {
    let pair = |of_usage: &str, of_invoice: &str| {
        [
            usage(UsageLine { unit: of_usage.to_owned(), ..usual() }),
            billed(InvoiceLine { unit: of_invoice.to_owned(), ..bill() }),
        ]
    };
    let differs = |one: &str, other: &str| counted("unit.differs", &pair(one, other));
    assert_eq!([differs("1 Hour", "1 hour"), differs("1 Hour", ""), differs("", "1 Hour")], [0; 3]);
    assert_eq!(differs("1 Hour", "100 Hours"), 1);
    let unknown = |one: &str, other: &str| counted("unit.unknown", &pair(one, other));
    assert_eq!([unknown("1 Hour", "1 Hour"), unknown("", "")], [0; 2]);
    assert_eq!(
        [unknown("1 Moon", "1 Moon"), unknown("1 Hour", "1 Moon"), unknown("1 Moon", "1 Sun")],
        [1, 1, 2]
    );
}

/// A list may have a unit until a day and another from then on, at the same price.
#[test]
fn units_of_usage_are_held_against_the_list_of_their_day() {
    let mut world = world();
    world.prices.retain(|row| row.product_id == METERED);
    let change = "2026-10-10T00:00:00Z".parse().ok();
    let later = PriceRow { unit: "10 Hours".into(), start: change, ..world.prices[0].clone() };
    world.prices[0].end = change;
    world.prices.push(later);
    let unlisted = |number, unit: &str| {
        let line = UsageLine { unit: unit.to_owned(), ..rated(number, METERED, "I1", "0") };
        let body = finished_in(&world, &[usage(line)]);
        body.warnings.iter().any(|warning| warning.code == "unit.unlisted")
    };
    assert_eq!([unlisted(9, "1 Hour"), unlisted(10, "10 Hours"), unlisted(10, "")], [false; 3]);
    assert_eq!([unlisted(9, "10 Hours"), unlisted(10, "1 Hour")], [true; 2]);
}

/// A charge is cut to the decimals of its own currency, then to those that it is billed in; each step is told.
#[test]
fn the_bridge_goes_from_the_list_price_to_the_total() {
    let line = UsageLine {
        quantity: amount("3.333"),
        billing_currency: "JPY".to_owned(),
        exchange_rate: "150.5".to_owned(),
        ..usual()
    };
    let body = finished(&[
        usage(line),
        billed(InvoiceLine {
            currency: "JPY".to_owned(),
            exchange_rate: Some(amount("150.5")),
            subtotal: amount("851"),
            effective_unit_price: Some(amount("1.69817")),
            ..invoice_line("I1", METERED, ("3.333", "5.66"), true)
        }),
    ]);
    assert!(!body.differs(), "{:?}", body.findings);
    let bridge = &body.bridges[0];
    let steps = [
        &bridge.list,
        &bridge.tiers,
        &bridge.credit,
        &bridge.cents,
        &bridge.charge,
        &bridge.exchanged,
        &bridge.exchange_cut,
        &bridge.total,
    ];
    // 3.333 at 2, less 15 %, cut to cents; at 150.5, cut to yen.
    let expected = ["6.666", "0", "-0.9999", "-0.0061", "5.66", "851.83", "-0.83", "851"];
    assert_eq!(steps.map(ToString::to_string), expected);
    assert_eq!(bridge.exchange_rate, Some(amount("150.5")));
    assert_eq!(
        (bridge.observed.charge.clone(), bridge.observed.total.clone()),
        (amount("5.66"), Some(amount("851")))
    );
    assert_eq!(
        (bridge.residual.charge.clone(), bridge.residual.total.clone()),
        (Amount::ZERO, Some(Amount::ZERO))
    );
}

/// A world whose price list has no tiers.
pub fn without_tiers() -> World {
    let mut world = world();
    world.prices.retain(|row| row.product_id == METERED);
    world
}

#[test]
fn lines_at_their_own_price_are_counted() {
    let own =
        || usage(UsageLine { list_price: Some(amount("2")), ..rated(1, UNLISTED_PRODUCT, "I1", "0.15") });
    let body = finished_in(&without_tiers(), &[usage(usual()), own(), own()]);
    let counts: Vec<(&str, u64)> = body.warnings.iter().map(|one| (one.code, one.count)).collect();
    assert!(counts.contains(&("price.unlisted", 2)), "{counts:?}");
}

/// What an invoice at hand has no line of is told, also where no exchange rate says what it comes to.
#[test]
fn usage_without_an_invoice_line_is_found() {
    let other = || billed(invoice_line("I1", UNLISTED_PRODUCT, ("10", "17"), true));
    let told = |line: UsageLine, of: Piece| -> Vec<String> {
        let found = findings(&finished(&[usage(line), of]));
        found.into_iter().filter(|text| text.contains("invoice_line_absent")).collect()
    };
    let absent = ["unexplained invoice_line_absent I1 2026-10-01..2026-10-01 1 lines -17"];
    assert_eq!(told(usual(), other()), absent);
    assert!(told(usual(), billed(bill())).is_empty());
    let euros = UsageLine { billing_currency: "EUR".to_owned(), exchange_rate: String::new(), ..usual() };
    assert_eq!(told(euros, other()), absent);
    let nothing = UsageLine { quantity: Amount::ZERO, ..usual() };
    assert!(told(nothing, other()).is_empty());
}

/// A charge or a total that is more than a coin off is told; of usage without an invoice the charge.
#[test]
fn a_coin_more_or_less_is_no_difference() {
    let told = |pieces: &[Piece]| {
        let rows = finished(pieces).findings;
        rows.iter().map(|row| format!("{} {}", row.outcome, row.pricing)).collect::<Vec<_>>()
    };
    let of = |subtotal: &str| billed(invoice_line("I1", METERED, ("10", subtotal), true));
    assert!(
        told(&[usage(usual()), of("17.01")]).is_empty() && told(&[usage(usual()), of("16.99")]).is_empty()
    );
    assert_eq!(told(&[usage(usual()), of("17.02")]), ["unexplained 0.02"]);
    let only_total = InvoiceLine { subtotal: amount("18"), ..bill() };
    assert_eq!(told(&[usage(usual()), billed(only_total)]), ["unexplained 0"]);
    let only_charge = InvoiceLine { effective_unit_price: Some(amount("1.6")), ..bill() };
    assert_eq!(told(&[usage(usual()), billed(only_charge)]), ["unexplained -1"]);
    let at = |price: &str| usage(UsageLine { effective_unit_price: price.to_owned(), ..usual() });
    assert!(told(&[at("1.7")]).is_empty() && told(&[at("1.701")]).is_empty());
    assert_eq!(told(&[at("1.9")]), ["unexplained 2"]);
}

/// A charge that is right at the price of the list that the invoice names is told as another price, before the credit.
#[test]
fn a_list_price_that_explains_a_charge_is_told() {
    let told = |price: &str, subtotal: &str| {
        let line = invoice_line("I1", METERED, ("10", subtotal), true);
        let line = InvoiceLine { unit_price: Some(amount(price)), ..line };
        let rows = finished_in(&without_tiers(), &[usage(usual()), billed(line)]).findings;
        let short = |row: &azure_pec::Difference| {
            format!("{} {} {}", row.outcome, row.of.unwrap_or_default(), row.pricing)
        };
        rows.iter().map(short).collect::<Vec<_>>()
    };
    assert_eq!(told("3", "25.5"), ["difference.price list_price 8.5"]);
    assert_eq!(told("3", "26"), ["unexplained  9"]);
    assert!(told("3", "17").is_empty());
}

#[test]
fn the_exchange_rate_is_that_of_most_lines() {
    let rate = |rates: &[&str]| {
        let line = |rate: &&str| UsageLine {
            billing_currency: "EUR".to_owned(),
            exchange_rate: (*rate).to_owned(),
            ..usual()
        };
        let body = finished(&rates.iter().map(line).map(usage).collect::<Vec<_>>());
        body.bridges[0].exchange_rate.clone()
    };
    assert_eq!(rate(&["0.8", "1.2", "1.2"]), Some(amount("1.2")));
    assert_eq!(rate(&["1.2", "0.8", "0.8"]), Some(amount("0.8")));
    // Of as many of each, the lower.
    assert_eq!([rate(&["0.8", "1.2"]), rate(&["1.2", "0.8"])], [Some(amount("0.8")), Some(amount("0.8"))]);
}

#[test]
fn a_meter_of_several_names_is_told_by_the_first_of_them() {
    let named = |name: &str| usage(UsageLine { meter_name: name.to_owned(), ..rated(1, METERED, "I1", "0") });
    for names in [["a", "b", "c"], ["c", "b", "a"], ["b", "a", "c"]] {
        let body = finished(&names.map(named));
        assert_eq!(body.findings[0].meter.as_deref(), Some("a"), "{names:?}");
    }
}

#[test]
fn a_line_of_no_invoice_names_none() {
    let of = |invoice: &str| {
        let body = finished(&[usage(rated(1, METERED, invoice, "0"))]);
        body.invoice_lines.iter().map(|line| line.invoice.clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("I1"), [Some("I1".to_owned()), Some("I1".to_owned())]);
    assert_eq!(of(""), [None, None]);
}

/// Where no whole cent of it is left, and it is of the same customer, plan and product in an earlier month.
#[test]
fn a_correction_names_the_finding_that_it_takes_back() {
    let line = |text: &str| InvoiceLine {
        charge_type: "customerCredit".to_owned(),
        charge_start: Some(day("2026-11-01")),
        charge_end: Some(day("2026-11-30")),
        ..invoice_line("I2", METERED, ("1", text), false)
    };
    let credit = |text: &str| billed(line(text));
    let told = |more: Vec<Piece>| -> Vec<Option<String>> {
        let october =
            [usage(rated(1, METERED, "I1", "0")), billed(invoice_line("I1", METERED, ("10", "20"), false))];
        let body = finished(&october.into_iter().chain(more).collect::<Vec<_>>());
        let corrections = body.findings.iter().filter(|row| row.outcome == "correction");
        let of = |row: &azure_pec::Difference| {
            let corrected = row.corrects.as_ref()?;
            Some(format!("{} {} left {}", corrected.outcome, corrected.pricing, corrected.left))
        };
        corrections.map(of).collect()
    };
    let missing = |left: &str| Some(format!("observed.missing 3 left {left}"));
    assert_eq!(told(vec![credit("-3")]), [missing("0")]);
    assert_eq!(told(vec![credit("-2.99")]), [None]);
    assert_eq!(told(vec![credit("-3.01")]), [None]);
    assert_eq!(told(vec![credit("3")]), [None]);
    let of = |change: fn(&mut InvoiceLine)| {
        let mut own = line("-3");
        change(&mut own);
        told(vec![billed(own)])
    };
    let others: [fn(&mut InvoiceLine); 5] = [
        |line| line.charge_end = Some(day("2026-10-31")),
        |line| line.customer_id = OUR_TENANT.to_owned(),
        |line| line.plan_id = "another".to_owned(),
        |line| line.product_id = UNLISTED_PRODUCT.to_owned(),
        |line| line.sku_id = "0002".to_owned(),
    ];
    assert_eq!(others.map(of), [(); 5].map(|()| [None]));
    // A credit of no product may be for any.
    assert_eq!(of(|line| line.product_id.clear()), [missing("0")]);
}

/// Its money is what the invoice bills; while there is none, what the usage says that it is charged.
#[test]
fn usage_of_an_earlier_month_is_a_correction() {
    let charged = |line: UsageLine| usage(UsageLine { effective_unit_price: "1.7".to_owned(), ..line });
    let earlier = || charged(UsageLine { date: day("2026-09-30"), ..usual() });
    let told = |pieces: &[Piece]| {
        let found = findings(&finished(pieces));
        found.into_iter().filter(|text| text.starts_with("correction")).collect::<Vec<_>>()
    };
    let row = |money: &str| format!("correction usage_lines I1 2026-09-30..2026-09-30 1 lines {money}");
    assert_eq!(told(&[earlier(), charged(usual())]), [row("17")]);
    let correction = InvoiceLine {
        charge_end: Some(day("2026-09-30")),
        ..invoice_line("I1", METERED, ("10", "15"), true)
    };
    assert_eq!(told(&[earlier(), usage(usual()), billed(bill()), billed(correction)]), [row("15")]);
}

/// A finding names the subscription of its usage where there is one, and only one.
#[test]
fn a_finding_of_one_subscription_names_it() {
    let told = |places: &[&str]| {
        let at = |place: &&str| usage(UsageLine { resource_id: (*place).to_owned(), ..usual() });
        let bill = billed(invoice_line("I1", METERED, (&(10 * places.len()).to_string(), "99"), true));
        let body = finished(&places.iter().map(at).chain([bill]).collect::<Vec<_>>());
        assert_eq!(body.findings.len(), 1, "{:?}", body.findings);
        body.findings[0].subscription.clone()
    };
    assert_eq!(told(&[MACHINE, SUBSCRIPTION]).as_deref(), Some(SUBSCRIPTION_ID));
    assert_eq!(told(&[SUBSCRIPTION, OTHER_SUBSCRIPTION]), None);
    assert_eq!(told(&[""]), None);
}

/// With every digit, also where our own quotient has fewer.
#[test]
fn an_effective_price_is_told_as_the_invoice_prints_it() {
    let printed = amount("0.666666666666666667");
    let line = InvoiceLine {
        effective_unit_price: Some(printed.clone()),
        ..invoice_line("I1", METERED, ("3", "2"), true)
    };
    let three = UsageLine { quantity: amount("3"), ..usual() };
    let body = finished(&[usage(three), billed(line)]);
    let observed = body.invoice_lines[0].observed.clone().unwrap();
    assert_eq!((observed.charge, observed.effective_unit_price), (amount("2"), Some(printed)));
}

#[test]
fn a_product_that_one_export_alone_holds_is_counted() {
    let other = || rated(1, UNLISTED_PRODUCT, "I1", "0.15");
    let both = || vec![usage(usual()), Piece::Second(usual())];
    let count = |more: Vec<Piece>| counted("usage.export_only", &[both(), more].concat());
    assert_eq!([count(vec![]), count(vec![usage(other()), Piece::Second(other())])], [0; 2]);
    assert_eq!(count(vec![Piece::Second(other())]), 1);
}
