//! Puts a reconciliation together: findings, invoice lines, bridges.

use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::bridge::{Currencies, Steps};
use crate::calculator::Calculator;
use crate::charged_meter::{
    ChargedMeter, Lines, MeterKey, charged_meters, is_credit, is_strange, listed_rate,
};
use crate::disputed_lines::DisputedLines;
use crate::parcel::ParcelKey;
use crate::reconcile::{Reconciliation, WitnessSums, name_of};
use crate::reconciliation_document::{
    Bridge, ChargeAndTotal, ChargedLine, Corrected, Difference, LineReference, ReconciliationBody, Undecided,
};
use crate::settle_invoice::{
    LineFinding, Settled, Witnesses, compare, is_correction, observed_charge, settle_meter,
};
use crate::settle_lines::{LineOutcomes, LinesFound, LinesKey};
use crate::statement_document::{Period, RateSummary, RuleSummary, Warning};

/// The order in which findings are told.
const ORDER: [&str; 10] = [
    "observed.missing",
    "observed.unexpected",
    "observed.pending",
    "difference.rate",
    "difference.price",
    "difference.product",
    "correction",
    "unexplained",
    "rounding",
    "agrees",
];

/// The most lines that a finding names.
const REFERENCES: usize = 3;

/// What a bridge is of: month, customer, reseller, pricing and billing currency.
type BridgeKey = (String, String, String, String, String);

/// A bridge that is being put together.
#[derive(Debug, Default)]
struct Span {
    expected: Steps,
    applied: Steps,
    observed_charge: Amount,
    observed_total: Amount,
    unbilled: bool,
    /// The right exchange rates of its meters.
    rates: BTreeSet<Amount>,
    /// Those of the invoice where there is no usage.
    other_rates: BTreeSet<Amount>,
    plans: BTreeSet<String>,
}

/// A finding with the usage behind it.
#[derive(Debug)]
struct Found {
    difference: Difference,
    reseller: String,
    parcels: Vec<ParcelKey>,
    origins: Vec<u32>,
}

#[derive(Debug, Default)]
struct Work {
    found: Vec<Found>,
    spans: BTreeMap<BridgeKey, Span>,
    lines: BTreeMap<&'static str, u64>,
    undecided: BTreeMap<(String, String, &'static str), (u64, Amount, Amount)>,
    comparisons: Vec<crate::reconciliation_document::InvoiceComparison>,
    notes: BTreeMap<(&'static str, String), u64>,
}

impl Work {
    fn note(&mut self, code: &'static str, message: &str, count: u64) {
        if count > 0 {
            *self.notes.entry((code, message.to_owned())).or_default() += count;
        }
    }
}

/// The body, and what tells the lines of its findings.
pub(crate) fn settle(
    reconciliation: &Reconciliation,
    calculator: &Calculator,
) -> (ReconciliationBody, DisputedLines) {
    let meters = charged_meters(reconciliation, calculator);
    let outcomes = LineOutcomes::new(reconciliation, calculator, &meters);
    let mut work = Work { notes: reconciliation.notes.clone(), ..Work::default() };
    let mut witnesses = witnesses(reconciliation);
    for (key, meter) in &meters {
        usage_lines(&mut work, key, meter, &outcomes, (reconciliation, calculator));
        let settled = settle_meter(key, meter, &witnesses);
        invoice_lines(&mut work, key, meter, settled, reconciliation, &mut witnesses);
        corrections(&mut work, key, meter, reconciliation);
        warnings_of(&mut work, key, meter, reconciliation);
    }
    for (name, count) in [("outside", reconciliation.outside), ("correction", reconciliation.usage_credits)] {
        if count > 0 {
            *work.lines.entry(name).or_default() += count;
        }
    }
    let currencies =
        meters.keys().zip(meters.keys().skip(1)).filter(|(one, two)| is_other_currency(one, two));
    let message = "invoice lines in several currencies; they are kept apart";
    work.note("currency.mixed", message, currencies.count() as u64);
    other_export(&mut work, &meters, &witnesses);
    what_is_corrected(&mut work.found);
    rounding(&mut work);
    let bridges = bridges(&work);
    finish(work, bridges, reconciliation, calculator)
}

/// Whether two keys, the one behind the other, differ in their currencies alone.
fn is_other_currency(one: &MeterKey, two: &MeterKey) -> bool {
    let same = |key: &MeterKey| MeterKey {
        pricing_currency: String::new(),
        billing_currency: String::new(),
        ..key.clone()
    };
    same(one) == same(two)
}

/// Sorted, and in the form of the document.
fn finish(
    mut work: Work,
    bridges: Vec<Bridge>,
    reconciliation: &Reconciliation,
    calculator: &Calculator,
) -> (ReconciliationBody, DisputedLines) {
    work.found.sort_by(|a, b| place(&a.difference).cmp(&place(&b.difference)));
    let mut lines = DisputedLines::default();
    for (origin, at) in reconciliation.origins.iter().zip(0u32..) {
        lines.origins.insert(origin.clone(), at);
    }
    for (at, found) in work.found.iter().enumerate() {
        lines.by_parcel.extend(found.parcels.iter().map(|key| (*key, at)));
        for origin in &found.origins {
            let known: &mut Vec<usize> = lines.by_origin.entry(*origin).or_default();
            if !known.contains(&at) {
                known.push(at);
            }
        }
    }
    work.comparisons.sort_by(|a, b| {
        let place = |row: &crate::reconciliation_document::InvoiceComparison| {
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

/// By what findings are sorted.
fn place(row: &Difference) -> impl Ord + '_ {
    let rank = ORDER.iter().position(|outcome| *outcome == row.outcome).unwrap_or(ORDER.len());
    (
        (&row.month, &row.customer, rank, row.of, &row.plan),
        (&row.product, &row.sku, &row.subscription, &row.rate, row.first),
        (&row.invoice, &row.pricing_currency, &row.billing_currency, &row.pricing, &row.meter),
    )
}

fn bridge_key(key: &MeterKey, meter: &ChargedMeter<'_>) -> BridgeKey {
    (
        key.month.clone(),
        key.customer.clone(),
        meter.reseller.clone(),
        key.pricing_currency.clone(),
        key.billing_currency.clone(),
    )
}

/// A finding of a meter with everything that the meter says of it.
fn difference(
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    outcome: &'static str,
    of: Option<&'static str>,
    (pricing, billing): (Amount, Option<Amount>),
) -> Difference {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Difference {
        outcome,
        of,
        month: key.month.clone(),
        invoice: some(&key.invoice),
        customer: key.customer.clone(),
        reseller: some(&meter.reseller),
        plan: some(&key.plan),
        subscription: None,
        product: some(&key.product),
        sku: some(&key.sku),
        meter: some(&meter.name),
        first: None,
        last: None,
        lines: 0,
        pricing_currency: key.pricing_currency.clone(),
        pricing,
        billing_currency: key.billing_currency.clone(),
        billing,
        rate: None,
        corrects: None,
        evidence: Vec::new(),
    }
}

/// Names the usage of a finding.
fn describe(row: &mut Difference, found: &LinesFound, reconciliation: &Reconciliation) {
    row.lines = found.lines;
    (row.first, row.last) = found.days.unzip();
    let name = |(file, line): &(u32, u64)| LineReference {
        file: name_of(&reconciliation.files, *file),
        line: *line,
    };
    row.evidence = found.references.iter().map(name).collect();
    row.evidence.sort();
    row.evidence.truncate(REFERENCES);
}

/// The one subscription of usage; none where there are several.
fn only_subscription<'l>(lines: impl Iterator<Item = &'l Lines<'l>>) -> Option<String> {
    let all: BTreeSet<&str> = lines.map(|lines| lines.origin.subscription.as_str()).collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(only), None) if !only.is_empty() => Some(only.to_owned()),
        _ => None,
    }
}

fn usage_lines(
    work: &mut Work,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    outcomes: &LineOutcomes<'_, '_>,
    (reconciliation, calculator): (&Reconciliation, &Calculator),
) {
    let mut sums: BTreeMap<LinesKey<'_>, LinesFound> = BTreeMap::new();
    for lines in &meter.usage {
        let (outcome, of) = outcomes.of(key, meter, lines);
        *work.lines.entry(outcome).or_default() += lines.parcel.lines;
        if lines.expected.is_none() && !lines.correction {
            let reason = lines.key.slot.0.reason.code();
            let place = (key.customer.clone(), lines.origin.subscription.clone(), reason);
            let undecided = work.undecided.entry(place).or_default();
            undecided.0 += lines.parcel.lines;
            undecided.1 += &lines.parcel.list;
            undecided.2 += &(&lines.parcel.list * &calculator.rule().rate_at(lines.key.slot.1));
        }
        if matches!(outcome, "agrees" | "correction") {
            continue;
        }
        let subscription = lines.origin.subscription.as_str();
        let found = sums.entry(LinesKey { meter: key, outcome, of, subscription }).or_default();
        found.add(lines);
        found.pricing += &(&lines.parcel.rated * &(&lines.should() - &lines.applied()));
    }
    for (lines, found) in sums {
        let billing = meter.exchange.as_ref().map(|exchange| &found.pricing * exchange);
        let mut row = difference(key, meter, lines.outcome, lines.of, (found.pricing.clone(), billing));
        row.subscription = Some(lines.subscription.to_owned()).filter(|id| !id.is_empty());
        describe(&mut row, &found, reconciliation);
        let reseller = meter.reseller.clone();
        work.found.push(Found { difference: row, reseller, parcels: found.parcels, origins: Vec::new() });
    }
}

fn invoice_lines(
    work: &mut Work,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    settled: Settled,
    reconciliation: &Reconciliation,
    witnesses: &mut Witnesses,
) {
    for finding in settled.findings {
        let found = invoice_finding(key, meter, finding, reconciliation, witnesses);
        work.found.push(found);
    }
    work.comparisons.extend(settled.comparisons);
    let span = work.spans.entry(bridge_key(key, meter)).or_default();
    span.expected.add(&settled.expected);
    span.applied.add(&settled.applied);
    span.observed_charge += &settled.observed_charge;
    span.observed_total += &settled.observed_total;
    span.unbilled |= !meter.invoiced;
    span.plans.insert(key.plan.clone());
    if meter.usage.iter().any(|lines| !lines.correction) {
        span.rates.extend(meter.exchange.clone());
    } else {
        span.other_rates.extend(meter.invoice.iter().filter_map(|line| line.exchange_rate.clone()));
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
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    finding: LineFinding,
    reconciliation: &Reconciliation,
    witnesses: &mut Witnesses,
) -> Found {
    let money = (finding.pricing, finding.billing);
    let mut row = difference(key, meter, finding.outcome, finding.of, money);
    row.rate = Some(finding.rate.clone());
    let mut origins = Vec::new();
    if finding.without_usage {
        let days: Vec<_> = finding.witnessed.iter().map(|(at, _)| at.day).collect();
        (row.first, row.last) = (days.iter().min().copied(), days.iter().max().copied());
        let lines: i64 = finding.witnessed.iter().map(|(_, sums)| sums.lines).sum();
        row.lines = u64::try_from(lines).unwrap_or_default();
        let subscriptions: BTreeSet<&str> =
            finding.witnessed.iter().map(|(at, _)| at.subscription.as_str()).collect();
        if let (1, Some(only)) = (subscriptions.len(), subscriptions.first()) {
            row.subscription = Some((*only).to_owned());
        }
        let used: BTreeSet<_> = finding.witnessed.iter().map(|(at, _)| at).collect();
        for entries in witnesses.values_mut() {
            entries.retain(|(at, _)| !used.contains(at));
        }
    } else {
        let mut found = LinesFound::default();
        let own = || meter.usage.iter().filter(|lines| !lines.correction && lines.applied() == finding.rate);
        own().for_each(|lines| found.add(lines));
        origins = own().map(|lines| lines.key.origin).collect();
        describe(&mut row, &found, reconciliation);
        row.subscription = only_subscription(own());
    }
    Found { difference: row, reseller: meter.reseller.clone(), parcels: Vec::new(), origins }
}

/// What an invoice sets right of earlier months: its money is what it bills.
fn corrections(work: &mut Work, key: &MeterKey, meter: &ChargedMeter<'_>, reconciliation: &Reconciliation) {
    let currencies = Currencies::new(&key.pricing_currency, &key.billing_currency);
    let mut rates: BTreeMap<Amount, (Vec<_>, Vec<&Lines<'_>>)> = BTreeMap::new();
    for line in meter.invoice.iter().filter(|line| !is_credit(line) && is_correction(key, line)) {
        rates.entry(line.credit_rate()).or_default().0.push(*line);
    }
    for lines in meter.usage.iter().filter(|lines| lines.correction) {
        rates.entry(lines.applied()).or_default().1.push(lines);
    }
    let (mut pricing, mut billing, mut found) = (Amount::ZERO, Amount::ZERO, LinesFound::default());
    for (rate, (invoice, usage)) in &rates {
        usage.iter().for_each(|lines| found.add(lines));
        let charge = if meter.invoiced {
            observed_charge(invoice, currencies.pricing)
        } else {
            effective_charge(usage, &currencies)
        };
        let total: Amount = invoice.iter().map(|line| &line.subtotal).sum();
        if !invoice.is_empty() {
            let quantity = invoice.iter().filter_map(|line| line.billable_quantity.as_ref()).sum();
            let observed = ChargedLine {
                quantity,
                charge: charge.clone(),
                effective_unit_price: invoice.first().and_then(|line| line.effective_unit_price.clone()),
                subtotal: Some(total.clone()),
            };
            let mut settled = Settled::default();
            compare(key, meter, rate, true, (None, Some(observed)), &mut settled);
            work.comparisons.extend(settled.comparisons);
        }
        pricing += &charge;
        billing += &total;
    }
    if !rates.is_empty() {
        let money = (pricing.clone(), meter.invoiced.then(|| billing.clone()));
        let mut row = difference(key, meter, "correction", Some("usage_lines"), money);
        describe(&mut row, &found, reconciliation);
        row.subscription = only_subscription(meter.usage.iter().filter(|lines| lines.correction));
        let reseller = meter.reseller.clone();
        work.found.push(Found { difference: row, reseller, parcels: found.parcels, origins: Vec::new() });
    }
    let credits: Vec<_> = meter.invoice.iter().filter(|line| is_credit(line)).copied().collect();
    if !credits.is_empty() {
        let charge = observed_charge(&credits, currencies.pricing);
        let total: Amount = credits.iter().map(|line| &line.subtotal).sum();
        pricing += &charge;
        billing += &total;
        let row = difference(key, meter, "correction", Some("customer_credit"), (charge, Some(total)));
        let reseller = meter.reseller.clone();
        work.found.push(Found { difference: row, reseller, parcels: Vec::new(), origins: Vec::new() });
    }
    let span = work.spans.entry(bridge_key(key, meter)).or_default();
    span.observed_charge += &pricing;
    span.observed_total += &billing;
}

fn effective_charge(usage: &[&Lines<'_>], currencies: &Currencies) -> Amount {
    let price =
        |lines: &&Lines<'_>| Some((lines.origin.effective_price.clone()?, lines.parcel.quantity.clone()));
    let prices: Vec<(Amount, Amount)> = usage.iter().filter_map(price).collect();
    crate::effective_price::charge_behind(&prices, currencies.pricing)
}

fn warnings_of(work: &mut Work, key: &MeterKey, meter: &ChargedMeter<'_>, reconciliation: &Reconciliation) {
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
        let own = lines.origin.exchange_rate.as_ref().filter(|_| !lines.correction);
        listed.as_ref().zip(own).is_some_and(|(listed, own)| listed != own)
    };
    work.note(
        "fx.differs",
        "lines whose exchange rate is not the list's for their month",
        sum(&|lines| if other(lines) { lines.parcel.lines } else { 0 }),
    );
    let rates: BTreeSet<_> = meter
        .usage
        .iter()
        .filter(|lines| !lines.correction)
        .map(|lines| &lines.origin.exchange_rate)
        .collect();
    work.note(
        "fx.mixed",
        "invoice lines whose usage names several exchange rates",
        u64::from(rates.len() > 1),
    );
    let units: BTreeSet<String> = meter
        .usage
        .iter()
        .map(|lines| &lines.origin.unit)
        .chain(meter.invoice.iter().filter(|line| !is_credit(line)).map(|line| &line.unit))
        .map(|unit| unit.trim().to_ascii_lowercase())
        .filter(|unit| !unit.is_empty())
        .collect();
    work.note("unit.differs", "invoice lines in another unit than their usage", u64::from(units.len() > 1));
    let unknown = units.iter().any(|unit| !unit.starts_with(|c: char| c.is_ascii_digit()));
    work.note("unit.unknown", "meters whose unit is none that is known", u64::from(unknown));
    let strange = meter.invoice.iter().filter(|line| is_strange(line)).count();
    work.note(
        "adjustment.unknown",
        "invoice lines with a price adjustment that is not understood",
        strange as u64,
    );
    let usage_lacks = meter.usage.is_empty() && meter.invoice.iter().any(|line| !is_credit(line));
    work.note(
        "input.period_mismatch",
        "invoice lines without any usage in the files",
        u64::from(usage_lacks),
    );
    let others = meter.invoice.is_empty() && !key.invoice.is_empty() && !meter.invoiced;
    work.note(
        "invoice.missing",
        "meters billed by an invoice that is not among the files",
        u64::from(others && !reconciliation.invoice_lines.is_empty()),
    );
}

/// What one export shows and the other does not, by invoice line; only of invoices and customers that both hold.
fn witnesses(reconciliation: &Reconciliation) -> Witnesses {
    let mut found = Witnesses::new();
    for (at, sums) in &reconciliation.witness {
        let both = reconciliation.witnessed.contains(&(at.invoice.clone(), at.customer.clone()));
        if both && !(sums.quantity.is_zero() && sums.lines == 0) {
            let place = (
                at.invoice.clone(),
                at.customer.clone(),
                at.plan.clone(),
                at.product.clone(),
                at.sku.clone(),
                at.rate.clone(),
            );
            found.entry(place).or_default().push((at.clone(), sums.clone()));
        }
    }
    found.values_mut().for_each(|entries| entries.sort_by(|a, b| a.0.cmp(&b.0)));
    found
}

/// What the two exports do not agree on, and no invoice line is about.
fn other_export(work: &mut Work, meters: &BTreeMap<MeterKey, ChargedMeter<'_>>, witnesses: &Witnesses) {
    for ((invoice, customer, plan, product, sku, rate), entries) in witnesses {
        let Some((_, first)) = entries.first() else { continue };
        let meter = meters.iter().find(|(key, _)| {
            (&key.invoice, &key.customer, &key.plan, &key.product, &key.sku)
                == (invoice, customer, plan, product, sku)
        });
        let Some((key, meter)) = meter else {
            work.note("usage.export_only", "products in one usage export that the other does not hold", 1);
            continue;
        };
        let lines = |sums: &WitnessSums| sums.lines.unsigned_abs();
        let mut row = difference(key, meter, "unexplained", Some("other_export"), (Amount::ZERO, None));
        row.rate = Some(rate.clone());
        row.lines = entries.iter().map(|(_, sums)| lines(sums)).sum::<u64>().max(lines(first));
        row.first = entries.iter().map(|(at, _)| at.day).min();
        row.last = entries.iter().map(|(at, _)| at.day).max();
        let reseller = meter.reseller.clone();
        work.found.push(Found { difference: row, reseller, parcels: Vec::new(), origins: Vec::new() });
    }
}

/// Names the earlier finding whose money a correction takes back to within a cent.
fn what_is_corrected(found: &mut [Found]) {
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

/// What cutting to cents makes of the findings, by customer and month: computed from the cuts, never put in.
fn rounding(work: &mut Work) {
    for ((month, customer, reseller, pricing, billing), span) in &work.spans {
        let cents = &span.applied.cents() - &span.expected.cents();
        let exchanged = &(&span.applied.cents_exchanged - &span.expected.cents_exchanged)
            + &(&span.applied.exchange_cut() - &span.expected.exchange_cut());
        if cents.is_zero() && (span.unbilled || exchanged.is_zero()) {
            continue;
        }
        let mut plans = span.plans.iter().filter(|plan| !plan.is_empty());
        let plan = match (plans.next(), plans.next()) {
            (Some(only), None) => Some(only.clone()),
            _ => None,
        };
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
        let reseller = reseller.clone();
        work.found.push(Found { difference, reseller, parcels: Vec::new(), origins: Vec::new() });
    }
}

fn bridges(work: &Work) -> Vec<Bridge> {
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
