//! Puts a reconciliation together: findings, invoice lines, bridges.

use std::collections::BTreeMap;

use crate::calculator::Calculator;
use crate::charged_meter::{ChargedMeter, ChargedMeters, MeterKey};
use crate::corrections::{corrections, what_is_corrected};
use crate::disputed_lines::DisputedLines;
use crate::findings::{Found, Work, describe, evidence, only, only_subscription, place};
use crate::invoice_months::InvoiceMonths;
use crate::other_export::OtherExport;
use crate::reconcile::Reconciliation;
use crate::reconciliation_document::{InvoiceComparison, ReconciliationBody, Undecided};
use crate::settle_bridges::{bridges, rounding};
use crate::settle_invoice::{LineFinding, Settled, settle_meter};
use crate::settle_lines::{LineOutcomes, LinesFound, LinesKey};
use crate::settle_warnings::warnings_of;
use crate::statement_document::{Period, RateSummary, RuleSummary, Warning};
use crate::tiered_usage::TieredUsage;

/// The body, and what tells the lines of its findings where that is wanted.
pub(crate) fn settle(
    reconciliation: &Reconciliation,
    calculator: &Calculator,
    with_lines: bool,
) -> (ReconciliationBody, DisputedLines) {
    let months = InvoiceMonths::new(reconciliation);
    let tiered = TieredUsage::new(reconciliation, calculator, &months);
    let meters = ChargedMeters::new(reconciliation, calculator, &months, &tiered);
    let outcomes = LineOutcomes::new(reconciliation, calculator, &meters);
    let mut work = Work::new(reconciliation, calculator);
    let mut other = OtherExport::new(reconciliation);
    let mut before: Option<MeterKey> = None;
    for (key, meter) in meters.iter() {
        usage_lines(&mut work, &key, &meter, &outcomes);
        let settled = settle_meter(&reconciliation.names, &key, &meter, &other);
        invoice_lines(&mut work, &key, &meter, settled, &mut other);
        corrections(&mut work, &key, &meter);
        warnings_of(&mut work, &key, &meter);
        other.know(&key, &meter);
        if before.is_some_and(|before| before.is_other_currency(&key)) {
            work.note("currency.mixed", "invoice lines in several currencies; they are kept apart", 1);
        }
        before = Some(key);
    }
    for (name, count) in [("outside", reconciliation.outside), ("correction", reconciliation.usage_credits)] {
        if count > 0 {
            *work.lines.entry(name).or_default() += count;
        }
    }
    other.find(&mut work);
    what_is_corrected(&mut work.found);
    rounding(&mut work);
    finish(work, with_lines)
}

/// Sorted, and in the form of the document.
fn finish(mut work: Work<'_>, with_lines: bool) -> (ReconciliationBody, DisputedLines) {
    let (reconciliation, calculator) = (work.reconciliation, work.calculator);
    let bridges = bridges(&work);
    work.found.sort_by(|a, b| place(&a.difference).cmp(&place(&b.difference)));
    let lines =
        if with_lines { DisputedLines::new(reconciliation, &work.found) } else { DisputedLines::default() };
    work.comparisons.sort_by(|a, b| {
        let place = |row: &InvoiceComparison| {
            (row.month.clone(), row.customer.clone(), row.product.clone(), row.sku.clone(), row.plan.clone())
        };
        place(a)
            .cmp(&place(b))
            .then_with(|| b.rate.cmp(&a.rate))
            .then_with(|| a.correction.cmp(&b.correction))
    });
    let rule = calculator.rule().data();
    let (first, last) = reconciliation.days.unzip();
    let body = ReconciliationBody {
        period: Period { first, last },
        rule: RuleSummary {
            version: rule.version.clone(),
            rate: rule.rate.iter().map(RateSummary::from).collect(),
            policy: calculator.policy().clone(),
        },
        lines: work.lines,
        undecided: work
            .undecided
            .into_iter()
            .map(|((customer, subscription, reason), (lines, list_amount, potential))| Undecided {
                customer,
                subscription,
                reason,
                lines,
                list_amount,
                potential,
            })
            .collect(),
        findings: work.found.into_iter().map(|found| found.difference).collect(),
        invoice_lines: work.comparisons,
        bridges,
        warnings: work
            .notes
            .into_iter()
            .map(|((code, message), count)| Warning { code, message, count })
            .collect(),
    };
    (body, lines)
}

fn usage_lines(
    work: &mut Work<'_>,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    outcomes: &LineOutcomes<'_, '_>,
) {
    let mut sums: BTreeMap<LinesKey<'_>, LinesFound> = BTreeMap::new();
    for lines in &meter.usage {
        let (outcome, of) = outcomes.of(key, meter, lines);
        *work.lines.entry(outcome).or_default() += lines.parcel.lines;
        if lines.expected.is_none() && !lines.correction {
            let reason = lines.key.slot.0.reason.code();
            let customer = work.names().text(key.customer).to_owned();
            let rate = work.calculator.rule().rate_at(lines.key.slot.1);
            let undecided =
                work.undecided.entry((customer, lines.subscription.to_owned(), reason)).or_default();
            let list = lines.parcel.list();
            undecided.0 += lines.parcel.lines;
            undecided.2 += &(&list * &rate);
            undecided.1 += &list;
        }
        if matches!(outcome, "agrees" | "correction") {
            continue;
        }
        let found = sums.entry(LinesKey { outcome, of, subscription: lines.subscription }).or_default();
        found.add(lines);
        found.pricing += &(&lines.parcel.rated * &(&lines.should() - &lines.applied));
    }
    for (lines, found) in sums {
        let billing = meter.exchange.as_ref().map(|exchange| &found.pricing * exchange);
        let money = (found.pricing.clone(), billing);
        let mut own = work.finding((key, meter), (lines.outcome, lines.of), money);
        own.difference.subscription = Some(lines.subscription.to_owned()).filter(|id| !id.is_empty());
        describe(&mut own.difference, &found, work.names());
        own.parcels = found.parcels;
        work.found.push(own);
    }
}

fn invoice_lines(
    work: &mut Work<'_>,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    settled: Settled,
    other: &mut OtherExport<'_>,
) {
    let names = work.names();
    for finding in settled.findings {
        let found = invoice_finding(work, key, meter, finding, other);
        work.found.push(found);
    }
    work.comparisons.extend(settled.comparisons);
    let span = work.span(key, meter);
    span.expected.add(&settled.expected);
    span.applied.add(&settled.applied);
    span.observed_charge += &settled.observed_charge;
    span.observed_total += &settled.observed_total;
    span.unbilled |= !meter.invoiced;
    span.plans.insert(names.text(key.plan).to_owned());
    if meter.usage.iter().any(|lines| !lines.correction) {
        span.rates.extend(meter.exchange.clone());
    } else {
        let stated = meter.invoice.iter().filter_map(|line| line.exchange_rate);
        span.other_rates.extend(stated.map(|rate| names.number(rate).clone()));
    }
    if settled.lacks_exchange {
        let lines = meter.usage.iter().map(|lines| lines.parcel.lines).sum();
        work.note("fx.missing", "lines that name no exchange rate to the currency of their invoice", lines);
    }
    let message =
        "lines without an effective unit price and without an invoice: taken as charged by the rates applied";
    work.note("price.effective_missing", message, settled.unobserved);
}

fn invoice_finding(
    work: &Work<'_>,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    finding: LineFinding,
    other: &mut OtherExport<'_>,
) -> Found {
    let names = work.names();
    let mut own =
        work.finding((key, meter), (finding.outcome, finding.of), (finding.pricing, finding.billing));
    let row = &mut own.difference;
    row.rate = Some(finding.rate.clone());
    if finding.without_usage {
        let days = || finding.witnessed.iter().map(|entry| entry.day);
        (row.first, row.last) = (days().min(), days().max());
        let lines: i64 = finding.witnessed.iter().map(|entry| entry.lines).sum();
        row.lines = u64::try_from(lines).unwrap_or_default();
        row.subscription = only(finding.witnessed.iter().map(|entry| names.text(entry.place.subscription)));
        let references: Vec<_> = finding.witnessed.iter().map(|entry| entry.references).collect();
        row.evidence = evidence(names, &references);
        other.take(&finding.witnessed);
    } else {
        let mut found = LinesFound::default();
        let lines = || meter.usage.iter().filter(|lines| !lines.correction && lines.applied == finding.rate);
        lines().for_each(|lines| found.add(lines));
        own.origins = lines().map(|lines| lines.key.origin).collect();
        describe(row, &found, names);
        row.subscription = only_subscription(lines());
    }
    own
}
