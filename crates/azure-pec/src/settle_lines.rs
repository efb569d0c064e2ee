//! Usage line by usage line: the rate that was applied held against the rate that the rule expects.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::charged_meter::{ChargedMeter, ChargedMeters, Lines, MeterKey};
use crate::day::Day;
use crate::names::Name;
use crate::parcel::{ParcelKey, References};
use crate::reconcile::Reconciliation;
use crate::verdict::{Outcome, Reason};

/// What usage lines have in common that make one finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinesKey<'m> {
    pub outcome: &'static str,
    pub of: Option<&'static str>,
    pub subscription: &'m str,
}

/// Their sums.
#[derive(Debug, Default)]
pub(crate) struct LinesFound {
    pub lines: u64,
    pub days: Option<(Day, Day)>,
    pub pricing: Amount,
    pub parcels: Vec<ParcelKey>,
    pub references: Vec<References>,
}

impl LinesFound {
    pub fn add(&mut self, lines: &Lines<'_>) {
        self.lines += lines.parcel.lines;
        if let Some((first, last)) = lines.parcel.days {
            let (known_first, known_last) = self.days.unwrap_or((first, last));
            self.days = Some((known_first.min(first), known_last.max(last)));
        }
        self.parcels.push(lines.key);
        self.references.push(lines.parcel.references);
    }
}

/// Month, product and SKU.
type ProductKey = (Option<Day>, Name, Name);

/// Outcomes of usage lines.
#[derive(Debug)]
pub(crate) struct LineOutcomes<'r, 'c> {
    reconciliation: &'r Reconciliation,
    calculator: &'c Calculator,
    /// Products and SKUs (by month) that look as if they were taken for ones that earn nothing.
    excluded: FxHashMap<ProductKey, bool>,
    newest: Option<Day>,
}

impl<'r, 'c> LineOutcomes<'r, 'c> {
    pub fn new(
        reconciliation: &'r Reconciliation,
        calculator: &'c Calculator,
        meters: &ChargedMeters<'_>,
    ) -> Self {
        let newest = reconciliation.days.map(|(_, last)| last);
        let mut outcomes = Self { reconciliation, calculator, excluded: FxHashMap::default(), newest };
        outcomes.excluded = outcomes.excluded_products(meters);
        outcomes
    }

    /// The outcome of lines, the first that holds, and which of several.
    pub fn of(
        &self,
        key: &MeterKey,
        meter: &ChargedMeter<'_>,
        lines: &Lines<'_>,
    ) -> (&'static str, Option<&'static str>) {
        if lines.correction {
            return ("correction", Some("usage_lines"));
        }
        let (Some(expected), applied) = (&lines.expected, &lines.applied) else { return ("agrees", None) };
        if applied == expected {
            return ("agrees", None);
        }
        let rate = self.calculator.rule().rate_at(lines.key.slot.1);
        if !applied.is_zero() && *applied != rate {
            return ("difference.rate", Some("credit_rate"));
        }
        if applied.is_zero() {
            if self.is_pending(meter, lines) {
                return ("observed.pending", None);
            }
            if self.excluded.get(&(key.month, key.product, key.sku)).is_some_and(|looks| *looks) {
                return ("difference.product", Some("excluded"));
            }
            return ("observed.missing", None);
        }
        let reason = lines.key.slot.0.reason;
        let by_product = matches!(reason, Reason::Spot | Reason::ThirdParty);
        if by_product { ("difference.product", Some("included")) } else { ("observed.unexpected", None) }
    }

    /// Unbilled; or of the newest two usage days, while the invoice is not at hand.
    fn is_pending(&self, meter: &ChargedMeter<'_>, lines: &Lines<'_>) -> bool {
        let newest = self.newest.map(|day| Day::from_number(day.number() - 1));
        let is_new = lines.parcel.days.zip(newest).is_some_and(|((first, _), newest)| newest <= first);
        !meter.invoiced && (lines.origin.invoice.is_empty() || is_new)
    }

    /// Products whose earning lines all have 0 in the month, while on each of those days another product's line in the
    /// same Azure subscription has its credit.
    fn excluded_products(&self, meters: &ChargedMeters<'_>) -> FxHashMap<ProductKey, bool> {
        let mut looks: FxHashMap<ProductKey, bool> = FxHashMap::default();
        for (key, meter) in meters.iter() {
            for lines in meter.usage.iter().filter(|lines| !lines.correction) {
                if lines.key.slot.0.outcome != Outcome::Earned {
                    continue;
                }
                let as_if = lines.applied.is_zero() && self.others_credited(lines);
                *looks.entry((key.month, key.product, key.sku)).or_insert(true) &= as_if;
            }
        }
        looks
    }

    fn others_credited(&self, lines: &Lines<'_>) -> bool {
        let origin = lines.origin;
        let credited = self.reconciliation.credited.get(&(origin.subscription, lines.key.day));
        let other = |product: &(Name, Name)| *product != (origin.product, origin.sku);
        credited.is_some_and(|products| products.iter().flatten().any(other))
    }
}
