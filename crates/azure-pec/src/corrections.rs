//! Corrections: what an invoice charges or gives back for earlier months, and what that takes back.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::charged_meter::{ChargedMeter, Lines, MeterKey};
use crate::findings::{Found, Work, describe, only_subscription};
use crate::reconciliation_document::{ChargedLine, Corrected, Difference};
use crate::settle_invoice::{compare, currencies, effective_charge, is_correction, observed_charge};
use crate::settle_lines::LinesFound;

/// What an invoice sets right of earlier months: its money is what it bills.
pub(crate) fn corrections(work: &mut Work<'_>, key: &MeterKey, meter: &ChargedMeter<'_>) {
    let corrected = earlier_usage(work, key, meter);
    let credits: Vec<_> = meter.invoice.iter().filter(|line| line.is_credit).copied().collect();
    let mut all = corrected;
    if !credits.is_empty() {
        let currencies = currencies(work.names(), key);
        let charge = observed_charge(work.names(), &credits, currencies.pricing);
        let total: Amount = credits.iter().map(|line| &line.subtotal).sum();
        all = (&all.0 + &charge, &all.1 + &total);
        let own = work.finding((key, meter), ("correction", Some("customer_credit")), (charge, Some(total)));
        work.found.push(own);
    }
    let span = work.span(key, meter);
    span.observed_charge += &all.0;
    span.observed_total += &all.1;
}

/// Usage of earlier months, and the invoice lines that charge it; what they charge in all.
fn earlier_usage(work: &mut Work<'_>, key: &MeterKey, meter: &ChargedMeter<'_>) -> (Amount, Amount) {
    let names = work.names();
    let currencies = currencies(names, key);
    let mut rates: BTreeMap<Amount, (Vec<_>, Vec<&Lines<'_>>)> = BTreeMap::new();
    for line in meter.invoice.iter().filter(|line| !line.is_credit && is_correction(key, line)) {
        rates.entry(names.number(line.credit_rate).clone()).or_default().0.push(*line);
    }
    for lines in meter.usage.iter().filter(|lines| lines.correction) {
        rates.entry(lines.applied.clone()).or_default().1.push(lines);
    }
    let (mut pricing, mut billing, mut found) = (Amount::ZERO, Amount::ZERO, LinesFound::default());
    for (rate, (invoice, usage)) in &rates {
        usage.iter().for_each(|lines| found.add(lines));
        let charge = if meter.invoiced {
            observed_charge(names, invoice, currencies.pricing)
        } else {
            effective_charge(usage, currencies.pricing)
        };
        let total: Amount = invoice.iter().map(|line| &line.subtotal).sum();
        if let Some(first) = invoice.first() {
            let price = first.effective_unit_price.map(|price| names.number(price).clone());
            let observed = ChargedLine {
                quantity: invoice.iter().filter_map(|line| line.billable_quantity.as_ref()).sum(),
                charge: charge.clone(),
                effective_unit_price: price,
                subtotal: Some(total.clone()),
            };
            work.comparisons.extend(compare(names, (key, meter), (rate, true), (None, Some(observed))));
        }
        pricing += &charge;
        billing += &total;
    }
    if !rates.is_empty() {
        let money = (pricing.clone(), meter.invoiced.then(|| billing.clone()));
        let mut own = work.finding((key, meter), ("correction", Some("usage_lines")), money);
        describe(&mut own.difference, &found, names);
        own.difference.subscription = only_subscription(meter.usage.iter().filter(|lines| lines.correction));
        own.parcels = found.parcels;
        work.found.push(own);
    }
    (pricing, billing)
}

/// Names the earlier finding whose money a correction takes back to within a cent.
pub(crate) fn what_is_corrected(found: &mut [Found]) {
    let cent = Amount::new(1, 2);
    let earlier: Vec<Difference> = found
        .iter()
        .map(|found| &found.difference)
        .filter(|row| !matches!(row.outcome, "correction" | "rounding"))
        .cloned()
        .collect();
    let mut taken = vec![false; earlier.len()];
    for row in found.iter_mut().map(|found| &mut found.difference) {
        if row.outcome != "correction" {
            continue;
        }
        let fits = |other: &Difference| {
            let left = &other.pricing + &row.pricing;
            other.month < row.month
                && other.customer == row.customer
                && other.plan == row.plan
                && (row.product.is_none() || (&other.product, &other.sku) == (&row.product, &row.sku))
                && (row.subscription.is_none() || other.subscription == row.subscription)
                && left < cent
                && -&left < cent
        };
        let at = earlier.iter().zip(&taken).position(|(other, taken)| !taken && fits(other));
        let Some((at, other)) = at.and_then(|at| Some((at, earlier.get(at)?))) else { continue };
        if let Some(taken) = taken.get_mut(at) {
            *taken = true;
        }
        row.corrects = Some(Corrected {
            outcome: other.outcome,
            month: other.month.clone(),
            first: other.first,
            last: other.last,
            pricing: other.pricing.clone(),
            left: &other.pricing + &row.pricing,
        });
    }
}
