//! What invoices say otherwise than the usage, and what to know before trusting either.

use azure_pec::{Amount, InvoiceLine, PriceAdjustment, PriceAdjustmentKind, UsageLine};

use crate::reconciled::{METERED, Piece, finished, invoice_line, rated};
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
    assert!(told(dearer, &second).contains(&"usage_line_absent 5.1".to_owned()));
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
