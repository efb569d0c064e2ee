//! The usage and the invoice lines of a plan's product in a month, brought together on the published keys.
//!
//! Daily usage and invoice share ProductId, SkuId and AvailabilityId within a plan (MicrosoftDocs/partner-center,
//! daily-rated-usage-recon-files); Cost Management has no availability. One meter is put together at a time.

use std::cmp::Ordering;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::{Amount, Rounding};
use crate::billed_line::BilledLine;
use crate::calculator::Calculator;
use crate::day::Day;
use crate::invoice_months::InvoiceMonths;
use crate::names::{Name, Names};
use crate::origin::Origin;
use crate::parcel::{Parcel, ParcelKey, expected_rate};
use crate::reconcile::Reconciliation;
use crate::tiered_usage::{Climb, TieredUsage};

/// What an invoice line is of, its rate of credit aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct MeterKey {
    /// Its first day; none of an invoice without any day.
    pub month: Option<Day>,
    pub customer: Name,
    pub product: Name,
    pub sku: Name,
    pub plan: Name,
    pub availability: Name,
    /// Empty while unbilled.
    pub invoice: Name,
    pub pricing_currency: Name,
    pub billing_currency: Name,
}

impl MeterKey {
    const fn names(&self) -> [Name; 8] {
        [
            self.customer,
            self.product,
            self.sku,
            self.plan,
            self.availability,
            self.invoice,
            self.pricing_currency,
            self.billing_currency,
        ]
    }

    /// By month, and then by what the names say.
    fn compare(&self, other: &Self, names: &Names) -> Ordering {
        let differing = self.names().into_iter().zip(other.names()).find(|(one, other)| one != other);
        let by_names =
            || differing.map_or(Ordering::Equal, |(one, other)| names.text(one).cmp(names.text(other)));
        self.month.cmp(&other.month).then_with(by_names)
    }

    /// Whether two differ in their currencies alone.
    pub fn is_other_currency(&self, other: &Self) -> bool {
        let Self { pricing_currency, billing_currency, .. } = *other;
        self != other && Self { pricing_currency, billing_currency, ..*self } == *other
    }

    /// The month as it is written.
    pub fn month_text(&self) -> String {
        self.month.map(Day::month).unwrap_or_default()
    }
}

/// Lines of one origin, verdict and day or month.
#[derive(Debug)]
pub(crate) struct Lines<'r> {
    pub key: ParcelKey,
    pub origin: &'r Origin,
    pub parcel: &'r Parcel,
    /// Dated before the month of their invoice.
    pub correction: bool,
    /// None where the rule cannot say.
    pub expected: Option<Amount>,
    /// The rate that was applied; of a line that does not say, what is expected.
    pub applied: Amount,
    pub exchange_rate: Option<&'r Amount>,
    pub effective_price: Option<&'r Amount>,
    pub subscription: &'r str,
}

impl Lines<'_> {
    /// The rate that should be; where the rule cannot say, what was applied.
    pub fn should(&self) -> Amount {
        self.expected.as_ref().unwrap_or(&self.applied).clone()
    }
}

/// Everything of one key.
#[derive(Debug, Default)]
pub(crate) struct ChargedMeter<'r> {
    pub usage: Vec<Lines<'r>>,
    pub invoice: Vec<&'r BilledLine>,
    pub climbs: Vec<&'r Climb<'r>>,
    /// Pricing to billing currency: of most lines.
    pub exchange: Option<Amount>,
    /// The invoice of the usage is at hand.
    pub invoiced: bool,
    pub reseller: Name,
    pub name: Name,
}

/// What a meter is put together of: places among parcels, tiered parcels and invoice lines.
#[derive(Debug, Clone, Copy)]
enum Part {
    Usage(u32),
    Tiered(u32),
    Invoice(u32),
}

/// Every key with the parts of its meter.
pub(crate) struct ChargedMeters<'r> {
    reconciliation: &'r Reconciliation,
    calculator: &'r Calculator,
    months: &'r InvoiceMonths,
    tiered: &'r TieredUsage<'r>,
    parts: Vec<(MeterKey, Part)>,
    /// The meter's name of each product and SKU.
    meter_names: FxHashMap<(Name, Name), Name>,
}

impl<'r> ChargedMeters<'r> {
    pub fn new(
        reconciliation: &'r Reconciliation,
        calculator: &'r Calculator,
        months: &'r InvoiceMonths,
        tiered: &'r TieredUsage<'r>,
    ) -> Self {
        let names = &reconciliation.names;
        let by_availability = reconciliation.origins.iter().any(|origin| !origin.availability.is_empty());
        let usage = |(key, parcel): (&ParcelKey, &Parcel)| {
            let origin = reconciliation.origins.get_index(key.origin as usize)?;
            Some(usage_key(origin, months, parcel.days?.1))
        };
        let plain = (0..).zip(reconciliation.parcels.iter().map(usage));
        let plain = plain.filter_map(|(at, key)| Some((key?, Part::Usage(at))));
        let climbing = (0..).zip(tiered.parcels().map(|(key, tiered)| usage((key, &tiered.parcel))));
        let climbing = climbing.filter_map(|(at, key)| Some((key?, Part::Tiered(at))));
        let invoices = (0..).zip(&reconciliation.billed);
        let invoices =
            invoices.map(|(at, line)| (invoice_key(line, months, by_availability), Part::Invoice(at)));
        let mut parts: Vec<(MeterKey, Part)> = plain.chain(climbing).chain(invoices).collect();
        // Parts of one meter keep the order in which they came.
        parts.sort_by(|(one, _), (other, _)| one.compare(other, names));
        Self { reconciliation, calculator, months, tiered, parts, meter_names: meter_names(reconciliation) }
    }

    /// Each meter in the order of its key.
    pub fn iter(&self) -> impl Iterator<Item = (MeterKey, ChargedMeter<'_>)> {
        self.parts.chunk_by(|(one, _), (other, _)| one == other).filter_map(|parts| {
            let (key, _) = parts.first()?;
            let mut meter = ChargedMeter::default();
            for (_, part) in parts {
                self.add(&mut meter, *part);
            }
            self.describe(key, &mut meter);
            Some((*key, meter))
        })
    }

    fn add<'m>(&'m self, meter: &mut ChargedMeter<'m>, part: Part) {
        match part {
            Part::Usage(at) => {
                if let Some((key, parcel)) = self.reconciliation.parcels.get_index(at as usize) {
                    self.add_usage(meter, key, parcel);
                }
            }
            Part::Tiered(at) => {
                if let Some((key, tiered)) = self.tiered.get(at as usize) {
                    self.add_usage(meter, key, &tiered.parcel);
                    meter.climbs.extend(&tiered.climbs);
                }
            }
            Part::Invoice(at) => {
                meter.invoice.extend(self.reconciliation.billed.get(at as usize));
                meter.invoiced = true;
            }
        }
    }

    fn add_usage<'m>(&'m self, meter: &mut ChargedMeter<'m>, key: &ParcelKey, parcel: &'m Parcel) {
        let Some(origin) = self.reconciliation.origins.get_index(key.origin as usize) else { return };
        let Some((_, last)) = parcel.days else { return };
        let names = &self.reconciliation.names;
        let expected = expected_rate(key.slot, self.calculator.rule());
        let applied = origin.applied.map(|rate| names.number(rate).clone());
        meter.invoiced |= self.months.is_at_hand(self.months.of(origin, last));
        meter.usage.push(Lines {
            key: *key,
            origin,
            parcel,
            correction: self.months.is_correction(origin.invoice, last),
            applied: applied.or_else(|| expected.clone()).unwrap_or_default(),
            expected,
            exchange_rate: origin.exchange_rate.map(|rate| names.number(rate)),
            effective_price: origin.effective_price.map(|price| names.number(price)),
            subscription: names.text(origin.subscription),
        });
    }

    fn describe(&self, key: &MeterKey, meter: &mut ChargedMeter<'_>) {
        let names = &self.reconciliation.names;
        let resellers = meter.usage.iter().map(|lines| lines.origin.reseller);
        let resellers = resellers.chain(meter.invoice.iter().map(|line| line.reseller));
        let least = resellers.filter(|id| !id.is_empty()).min_by_key(|id| names.text(*id));
        meter.reseller = least.unwrap_or_default();
        let invoice_name = || meter.invoice.first().map(|line| line.meter).unwrap_or_default();
        let name = self.meter_names.get(&(key.product, key.sku)).copied();
        meter.name = name.unwrap_or_else(invoice_name);
        let mut rates: IndexMap<&Amount, u64, FxBuildHasher> = IndexMap::default();
        for lines in meter.usage.iter().filter(|lines| !lines.correction) {
            if let Some(rate) = lines.exchange_rate {
                *rates.entry(rate).or_default() += lines.parcel.lines;
            }
        }
        let most = rates.iter().max_by(|(a, x), (b, y)| (x, b).cmp(&(y, a))).map(|(rate, _)| (*rate).clone());
        let stated = meter.invoice.iter().find_map(|line| line.exchange_rate);
        meter.exchange = most
            .or_else(|| listed_rate(key, self.reconciliation))
            .or_else(|| stated.map(|rate| names.number(rate).clone()))
            .or_else(|| (key.pricing_currency == key.billing_currency).then_some(Amount::ONE));
    }
}

fn usage_key(origin: &Origin, months: &InvoiceMonths, day: Day) -> MeterKey {
    let invoice = months.of(origin, day);
    MeterKey {
        month: Some(months.month(invoice).unwrap_or_else(|| day.month_start())),
        customer: origin.customer,
        product: origin.product,
        sku: origin.sku,
        plan: origin.plan,
        availability: origin.availability,
        invoice,
        pricing_currency: origin.pricing_currency,
        billing_currency: origin.billing_currency,
    }
}

fn invoice_key(line: &BilledLine, months: &InvoiceMonths, by_availability: bool) -> MeterKey {
    MeterKey {
        month: months.month(line.invoice),
        customer: line.customer,
        product: line.product,
        sku: line.sku,
        plan: line.plan,
        availability: if by_availability { line.availability } else { Name::default() },
        invoice: line.invoice,
        pricing_currency: line.pricing_currency,
        billing_currency: line.billing_currency,
    }
}

fn meter_names(reconciliation: &Reconciliation) -> FxHashMap<(Name, Name), Name> {
    let text = |name: Name| reconciliation.names.text(name);
    let mut names: FxHashMap<(Name, Name), Name> = FxHashMap::default();
    for origin in reconciliation.origins.iter().filter(|origin| !origin.meter.is_empty()) {
        let name = names.entry((origin.product, origin.sku)).or_insert(origin.meter);
        if text(origin.meter) < text(*name) {
            *name = origin.meter;
        }
    }
    names
}

/// The rate of the list of exchange rates, as lines print it: to nine decimals.
pub(crate) fn listed_rate(key: &MeterKey, reconciliation: &Reconciliation) -> Option<Amount> {
    let names = &reconciliation.names;
    let currencies = (names.text(key.pricing_currency), names.text(key.billing_currency));
    reconciliation.fx.convert(key.month?, currencies, &Amount::ONE, 9, Rounding::HalfAwayFromZero).ok()
}
