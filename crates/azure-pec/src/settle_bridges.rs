//! Bridges: the steps of a customer's month, what was billed, and what cutting to cents makes of the findings.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::bridge::Steps;
use crate::findings::{Found, Work, only};
use crate::reconciliation_document::{Bridge, ChargeAndTotal, Difference};

/// What a bridge is of: month, customer, reseller, pricing and billing currency.
pub(crate) type BridgeKey = (String, String, String, String, String);

/// A bridge that is being put together.
#[derive(Debug, Default)]
pub(crate) struct Span {
    pub expected: Steps,
    pub applied: Steps,
    pub observed_charge: Amount,
    pub observed_total: Amount,
    pub unbilled: bool,
    /// The right exchange rates of its meters.
    pub rates: BTreeSet<Amount>,
    /// Those of the invoice where there is no usage.
    pub other_rates: BTreeSet<Amount>,
    pub plans: BTreeSet<String>,
}

/// What cutting to cents makes of the findings, by customer and month: computed from the cuts, never put in.
pub(crate) fn rounding(work: &mut Work<'_>) {
    for ((month, customer, reseller, pricing, billing), span) in &work.spans {
        let cents = &span.applied.cents() - &span.expected.cents();
        let exchanged = &(&span.applied.cents_exchanged - &span.expected.cents_exchanged)
            + &(&span.applied.exchange_cut() - &span.expected.exchange_cut());
        if cents.is_zero() && (span.unbilled || exchanged.is_zero()) {
            continue;
        }
        let plan = only(span.plans.iter().map(String::as_str).filter(|plan| !plan.is_empty()));
        let difference = Difference {
            outcome: "rounding",
            of: Some("cents"),
            month: month.clone(),
            invoice: None,
            customer: customer.clone(),
            reseller: Some(reseller.clone()).filter(|id| !id.is_empty()),
            plan,
            subscription: None,
            product: None,
            sku: None,
            meter: None,
            first: None,
            last: None,
            lines: 0,
            pricing_currency: pricing.clone(),
            pricing: cents,
            billing_currency: billing.clone(),
            billing: (!span.unbilled).then_some(exchanged),
            rate: None,
            corrects: None,
            evidence: Vec::new(),
        };
        work.found.push(Found::alone(difference, reseller.clone()));
    }
}

pub(crate) fn bridges(work: &Work<'_>) -> Vec<Bridge> {
    let mut sums: FxHashMap<BridgeKey, (Amount, Amount)> = FxHashMap::default();
    for Found { difference: row, reseller, .. } in &work.found {
        let key = (
            row.month.clone(),
            row.customer.clone(),
            reseller.clone(),
            row.pricing_currency.clone(),
            row.billing_currency.clone(),
        );
        let sum = sums.entry(key).or_default();
        sum.0 += &row.pricing;
        if let Some(billing) = &row.billing {
            sum.1 += billing;
        }
    }
    let one = |rates: &BTreeSet<Amount>| (rates.len() == 1).then(|| rates.first().cloned()).flatten();
    let bridge = |(key, span): (&BridgeKey, &Span)| {
        let (charge, total) = sums.get(key).cloned().unwrap_or_default();
        let billed = |amount: Amount| (!span.unbilled).then_some(amount);
        let steps = &span.expected;
        let rates = if span.rates.is_empty() { &span.other_rates } else { &span.rates };
        Bridge {
            month: key.0.clone(),
            customer: key.1.clone(),
            reseller: key.2.clone(),
            pricing_currency: key.3.clone(),
            billing_currency: key.4.clone(),
            exchange_rate: one(rates),
            list: steps.list.clone(),
            tiers: steps.tiers(),
            credit: -&steps.credit,
            cents: steps.cents(),
            charge: steps.charge.clone(),
            exchanged: steps.exchanged.clone(),
            exchange_cut: steps.exchange_cut(),
            total: steps.total.clone(),
            residual: ChargeAndTotal {
                charge: &(&span.observed_charge - &steps.charge) - &charge,
                total: billed(&(&span.observed_total - &steps.total) - &total),
            },
            differences: ChargeAndTotal { charge, total: billed(total) },
            observed: ChargeAndTotal {
                charge: span.observed_charge.clone(),
                total: billed(span.observed_total.clone()),
            },
        }
    };
    work.spans.iter().map(bridge).collect()
}
