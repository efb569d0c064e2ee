//! What to know of a meter before trusting its numbers.

use std::collections::BTreeSet;

use crate::charged_meter::{ChargedMeter, Lines, MeterKey, listed_rate};
use crate::findings::Work;
use crate::names::Name;
use crate::unit::{is_known_unit, unit_spelling};

pub(crate) fn warnings_of(work: &mut Work<'_>, key: &MeterKey, meter: &ChargedMeter<'_>) {
    let reconciliation = work.reconciliation;
    let sum = |pick: &dyn Fn(&Lines<'_>) -> u64| meter.usage.iter().map(pick).sum::<u64>();
    work.note(
        "price.unlisted",
        "lines that the price list of their market and month does not hold; their own price was taken",
        sum(&|lines| lines.parcel.own_price),
    );
    work.note(
        "price.missing",
        "lines without any price; they count as 0 in every sum",
        sum(&|lines| lines.parcel.without_price),
    );
    work.note(
        "rate.missing",
        "lines that do not say which rate of credit was applied; they are taken as expected",
        sum(&|lines| if lines.origin.applied.is_none() { lines.parcel.lines } else { 0 }),
    );
    let listed = listed_rate(key, reconciliation);
    let other = |lines: &Lines<'_>| {
        let own = lines.exchange_rate.filter(|_| !lines.correction);
        listed.as_ref().zip(own).is_some_and(|(listed, own)| listed != own)
    };
    work.note(
        "fx.differs",
        "lines whose exchange rate is not the list's for their month",
        sum(&|lines| if other(lines) { lines.parcel.lines } else { 0 }),
    );
    let rates: BTreeSet<_> =
        meter.usage.iter().filter(|lines| !lines.correction).map(|lines| lines.exchange_rate).collect();
    work.note(
        "fx.mixed",
        "invoice lines whose usage names several exchange rates",
        u64::from(rates.len() > 1),
    );
    units(work, meter);
    let strange = meter.invoice.iter().filter(|line| line.is_strange).count();
    work.note(
        "adjustment.unknown",
        "invoice lines with a price adjustment that is not understood",
        strange as u64,
    );
    let usage_lacks = meter.usage.is_empty() && meter.invoice.iter().any(|line| !line.is_credit);
    work.note(
        "input.period_mismatch",
        "invoice lines without any usage in the files",
        u64::from(usage_lacks),
    );
    let others = meter.invoice.is_empty() && !key.invoice.is_empty() && !meter.invoiced;
    work.note(
        "invoice.missing",
        "meters billed by an invoice that is not among the files",
        u64::from(others && reconciliation.has_invoices),
    );
}

/// Units that nobody knows, that the price list has otherwise, or that usage and invoice do not share.
fn units(work: &mut Work<'_>, meter: &ChargedMeter<'_>) {
    let reconciliation = work.reconciliation;
    let text = |unit: Name| reconciliation.names.text(unit);
    for (line, listed) in meter.usage.iter().filter_map(|lines| {
        let listed = reconciliation.other_units.get(&lines.key.origin)?;
        Some((lines, *listed))
    }) {
        let message = format!(
            "lines in a unit other than the price list's: {:?} and {:?}",
            text(line.origin.unit),
            text(listed)
        );
        work.note("unit.unlisted", &message, line.parcel.lines);
    }
    let usage = meter.usage.iter().map(|lines| lines.origin.unit);
    let invoice = meter.invoice.iter().filter(|line| !line.is_credit).map(|line| line.unit);
    let written: BTreeSet<&str> = usage.chain(invoice).map(text).filter(|unit| !unit.is_empty()).collect();
    let spelled: BTreeSet<String> = written.iter().map(|unit| unit_spelling(unit)).collect();
    work.note("unit.differs", "invoice lines in another unit than their usage", u64::from(spelled.len() > 1));
    for unit in written.into_iter().filter(|unit| !is_known_unit(&unit_spelling(unit))) {
        work.note("unit.unknown", &format!("meters in a unit that is none that is known: {unit:?}"), 1);
    }
}
