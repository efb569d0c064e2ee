//! Findings while they are put together, and the usage behind them.

use std::collections::{BTreeMap, BTreeSet};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::charged_meter::{ChargedMeter, Lines, MeterKey};
use crate::names::{Name, Names};
use crate::parcel::{ParcelKey, References};
use crate::reconcile::Reconciliation;
use crate::reconciliation_document::{Difference, InvoiceComparison, LineReference};
use crate::settle_bridges::{BridgeKey, Span};
use crate::settle_lines::LinesFound;

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

/// A finding with the usage behind it.
#[derive(Debug)]
pub(crate) struct Found {
    pub difference: Difference,
    pub reseller: String,
    pub parcels: Vec<ParcelKey>,
    pub origins: Vec<u32>,
}

impl Found {
    /// One that no usage line stands behind.
    pub const fn alone(difference: Difference, reseller: String) -> Self {
        Self { difference, reseller, parcels: Vec::new(), origins: Vec::new() }
    }
}

/// Lines, list price and potential of what the rule cannot say.
pub(crate) type UndecidedSums = (u64, Amount, Amount);

/// A reconciliation that is being settled.
pub(crate) struct Work<'r> {
    pub reconciliation: &'r Reconciliation,
    pub calculator: &'r Calculator,
    pub found: Vec<Found>,
    pub spans: BTreeMap<BridgeKey, Span>,
    pub lines: BTreeMap<&'static str, u64>,
    /// By customer, subscription and reason.
    pub undecided: BTreeMap<(String, String, &'static str), UndecidedSums>,
    pub comparisons: Vec<InvoiceComparison>,
    pub notes: BTreeMap<(&'static str, String), u64>,
}

impl<'r> Work<'r> {
    pub fn new(reconciliation: &'r Reconciliation, calculator: &'r Calculator) -> Self {
        Self {
            reconciliation,
            calculator,
            found: Vec::new(),
            spans: BTreeMap::new(),
            lines: BTreeMap::new(),
            undecided: BTreeMap::new(),
            comparisons: Vec::new(),
            notes: reconciliation.notes.clone(),
        }
    }

    pub const fn names(&self) -> &'r Names {
        &self.reconciliation.names
    }

    pub fn note(&mut self, code: &'static str, message: &str, count: u64) {
        if count > 0 {
            *self.notes.entry((code, message.to_owned())).or_default() += count;
        }
    }

    /// A finding of a meter with everything that the meter says of it.
    pub fn finding(
        &self,
        (key, meter): (&MeterKey, &ChargedMeter<'_>),
        outcome: (&'static str, Option<&'static str>),
        money: (Amount, Option<Amount>),
    ) -> Found {
        MeterNames { key: *key, reseller: meter.reseller, name: meter.name }.finding(
            self.names(),
            outcome,
            money,
        )
    }

    /// By place of the bridge that a meter belongs to.
    pub fn span(&mut self, key: &MeterKey, meter: &ChargedMeter<'_>) -> &mut Span {
        let names = self.names();
        let text = |name: Name| names.text(name).to_owned();
        let place = (
            key.month_text(),
            text(key.customer),
            text(meter.reseller),
            text(key.pricing_currency),
            text(key.billing_currency),
        );
        self.spans.entry(place).or_default()
    }
}

/// What findings say of a meter.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MeterNames {
    pub key: MeterKey,
    pub reseller: Name,
    pub name: Name,
}

impl MeterNames {
    /// A finding that no usage line stands behind yet.
    pub fn finding(
        &self,
        names: &Names,
        (outcome, of): (&'static str, Option<&'static str>),
        (pricing, billing): (Amount, Option<Amount>),
    ) -> Found {
        let key = &self.key;
        let text = |name: Name| names.text(name).to_owned();
        let some = |name: Name| (!name.is_empty()).then(|| text(name));
        let difference = Difference {
            outcome,
            of,
            month: key.month_text(),
            invoice: some(key.invoice),
            customer: text(key.customer),
            reseller: some(self.reseller),
            plan: some(key.plan),
            subscription: None,
            product: some(key.product),
            sku: some(key.sku),
            meter: some(self.name),
            first: None,
            last: None,
            lines: 0,
            pricing_currency: text(key.pricing_currency),
            pricing,
            billing_currency: text(key.billing_currency),
            billing,
            rate: None,
            corrects: None,
            evidence: Vec::new(),
        };
        Found::alone(difference, text(self.reseller))
    }
}

/// Names the usage of a finding.
pub(crate) fn describe(row: &mut Difference, found: &LinesFound, names: &Names) {
    row.lines = found.lines;
    (row.first, row.last) = found.days.unzip();
    row.evidence = evidence(names, &found.references);
}

/// The first lines of all.
pub(crate) fn evidence(names: &Names, references: &[References]) -> Vec<LineReference> {
    let named = |(file, line): (Name, u64)| LineReference { file: names.text(file).to_owned(), line };
    let mut lines: Vec<LineReference> = references.iter().flat_map(References::iter).map(named).collect();
    lines.sort();
    lines.truncate(REFERENCES);
    lines
}

/// The one subscription of usage; none where there are several.
pub(crate) fn only_subscription<'l>(lines: impl Iterator<Item = &'l Lines<'l>>) -> Option<String> {
    only(lines.map(|lines| lines.subscription))
}

/// The one text of several, where it is the only one and not empty.
pub(crate) fn only<'t>(texts: impl Iterator<Item = &'t str>) -> Option<String> {
    let all: BTreeSet<&str> = texts.collect();
    let mut all = all.into_iter();
    match (all.next(), all.next()) {
        (Some(only), None) if !only.is_empty() => Some(only.to_owned()),
        _ => None,
    }
}

/// By what findings are sorted.
pub(crate) fn place(row: &Difference) -> impl Ord + '_ {
    let rank = ORDER.iter().position(|outcome| *outcome == row.outcome).unwrap_or(ORDER.len());
    (
        (&row.month, &row.customer, rank, row.of, &row.plan),
        (&row.product, &row.sku, &row.subscription, &row.rate, row.first),
        (&row.invoice, &row.pricing_currency, &row.billing_currency, &row.pricing, &row.meter),
    )
}
