//! The usage and the invoice lines of a plan's product in a month, brought together on the published keys.
//!
//! Daily usage and invoice share ProductId, SkuId and AvailabilityId within a plan (MicrosoftDocs/partner-center,
//! daily-rated-usage-recon-files); Cost Management has no availability.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::{Amount, Rounding};
use crate::calculator::Calculator;
use crate::day::Day;
use crate::invoice::{InvoiceLine, PriceAdjustmentKind};
use crate::ledger::{Ledger, LotKey};
use crate::parcel::{Origin, Parcel, ParcelKey, expected_rate};
use crate::price::Price;
use crate::rating::rate;
use crate::reconcile::{Reconciliation, differs};
use crate::usage::Field;
use crate::verdict::Outcome;

/// What an invoice line is of, its rate of credit aside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MeterKey {
    pub month: String,
    pub customer: String,
    pub product: String,
    pub sku: String,
    pub plan: String,
    pub availability: String,
    /// Empty while unbilled.
    pub invoice: String,
    pub pricing_currency: String,
    pub billing_currency: String,
}

/// Lines of one origin, verdict and day or month.
#[derive(Debug)]
pub(crate) struct Lines<'r> {
    pub key: ParcelKey,
    pub origin: &'r Origin,
    pub parcel: Parcel,
    /// Dated before the month of their invoice.
    pub correction: bool,
    /// None where the rule cannot say.
    pub expected: Option<Amount>,
}

impl Lines<'_> {
    /// The rate that was applied; of a line that does not say, what is expected.
    pub fn applied(&self) -> Amount {
        self.origin.applied.clone().or_else(|| self.expected.clone()).unwrap_or_default()
    }

    /// The rate that should be; where the rule cannot say, what was applied.
    pub fn should(&self) -> Amount {
        self.expected.clone().unwrap_or_else(|| self.applied())
    }
}

/// A quantity of a tiered meter at its place in the month.
#[derive(Debug)]
pub(crate) struct Climb {
    pub applied: Amount,
    pub before: Amount,
    pub quantity: Amount,
    pub price: Option<Price>,
    /// The same quantity, not moving the ladder, so many times.
    pub times: u64,
}

/// Everything of one key.
#[derive(Debug, Default)]
pub(crate) struct ChargedMeter<'r> {
    pub usage: Vec<Lines<'r>>,
    pub invoice: Vec<&'r InvoiceLine>,
    pub climbs: Vec<Climb>,
    /// Pricing to billing currency: of most lines.
    pub exchange: Option<Amount>,
    /// The invoice of the usage is at hand.
    pub invoiced: bool,
    pub reseller: String,
    pub name: String,
}

/// The months of the invoices: the latest day that they charge or that usage under their number has.
pub(crate) struct Invoices {
    last: BTreeMap<String, Day>,
    /// Those that there are lines of.
    at_hand: BTreeSet<String>,
    /// By customer and month, where there is only one.
    only: BTreeMap<(String, String), Option<String>>,
}

impl Invoices {
    fn new(reconciliation: &Reconciliation) -> Self {
        let mut last: BTreeMap<String, Day> = BTreeMap::new();
        let mut see = |invoice: &str, day: Day| {
            if !invoice.is_empty() {
                let known = last.entry(invoice.to_owned()).or_insert(day);
                *known = day.max(*known);
            }
        };
        for line in reconciliation.invoice_lines.iter().filter(|line| is_usage(line) || is_credit(line)) {
            if let Some(day) = line.charge_end.or(line.charge_start) {
                see(line.invoice_number.trim(), day);
            }
        }
        for (key, parcel) in &reconciliation.parcels {
            let origin = reconciliation.origins.get_index(key.origin as usize);
            for (origin, (_, day)) in origin.into_iter().zip(parcel.days) {
                see(&origin.invoice, day);
            }
        }
        for (key, _) in reconciliation.ledger.lots() {
            see(reconciliation.ledger.text(key, Field::InvoiceId).trim(), key.day);
        }
        let mut invoices = Self { last, at_hand: BTreeSet::new(), only: BTreeMap::new() };
        let used: BTreeSet<(&str, &str)> =
            reconciliation.origins.iter().map(|origin| (&*origin.customer, &*origin.invoice)).collect();
        for line in reconciliation.invoice_lines.iter().filter(|line| is_usage(line)) {
            let (number, customer) = (line.invoice_number.trim().to_owned(), line.customer_id.clone());
            invoices.at_hand.insert(number.clone());
            let Some(month) = invoices.month(&number) else { continue };
            if !used.contains(&(customer.as_str(), number.as_str())) {
                let only = invoices.only.entry((customer, month)).or_insert_with(|| Some(number.clone()));
                if only.as_ref() != Some(&number) {
                    *only = None;
                }
            }
        }
        invoices
    }

    fn month(&self, invoice: &str) -> Option<String> {
        self.last.get(invoice).map(|day| day.month())
    }

    /// Whether usage of a day is set right by an invoice of a later month.
    fn is_correction(&self, invoice: &str, day: Day) -> bool {
        self.last.get(invoice).is_some_and(|last| day.month_start() < last.month_start())
    }

    /// The invoice of usage: its own, else the only one of its customer and month that no usage names.
    fn of<'i>(&'i self, origin: &'i Origin, day: Day) -> &'i str {
        if !origin.invoice.is_empty() {
            return &origin.invoice;
        }
        let only = self.only.get(&(origin.customer.clone(), day.month()));
        only.and_then(Option::as_deref).unwrap_or_default()
    }
}

/// Whether an invoice line is usage of the Azure plan at the meter's own price.
pub(crate) fn is_usage(line: &InvoiceLine) -> bool {
    is_ours(line) && !is_credit_type(line)
}

/// Whether it is a credit to the customer.
pub(crate) fn is_credit(line: &InvoiceLine) -> bool {
    is_ours(line) && is_credit_type(line)
}

fn is_credit_type(line: &InvoiceLine) -> bool {
    line.charge_type.trim().eq_ignore_ascii_case("customerCredit")
}

fn is_ours(line: &InvoiceLine) -> bool {
    let publisher = line.publisher_name.trim().to_ascii_lowercase();
    let plan = line.plan_name.trim().to_ascii_lowercase();
    (publisher.is_empty() || publisher.starts_with("microsoft"))
        && line.reservation_order_id.trim().is_empty()
        && (plan.is_empty() || plan.contains("azure plan"))
}

/// Whether it holds a text on its price that is not understood.
pub(crate) fn is_strange(line: &InvoiceLine) -> bool {
    is_usage(line) && line.adjustments.iter().any(|one| one.kind == PriceAdjustmentKind::Other)
}

/// Every key with its usage and invoice lines.
pub(crate) fn charged_meters<'r>(
    reconciliation: &'r Reconciliation,
    calculator: &Calculator,
) -> BTreeMap<MeterKey, ChargedMeter<'r>> {
    let invoices = Invoices::new(reconciliation);
    let by_availability = reconciliation.origins.iter().any(|origin| !origin.availability.is_empty());
    let mut meters: BTreeMap<MeterKey, ChargedMeter<'r>> = BTreeMap::new();
    let mut add = |at: u32, key: ParcelKey, parcel: Parcel, climb: Option<Climb>| {
        let Some(origin) = reconciliation.origins.get_index(at as usize) else { return };
        let Some((_, last)) = parcel.days else { return };
        let meter_key = usage_key(origin, &invoices, last);
        let meter = meters.entry(meter_key).or_default();
        meter.invoiced = invoices.at_hand.contains(invoices.of(origin, last));
        meter.climbs.extend(climb);
        meter.usage.push(Lines {
            key,
            origin,
            correction: invoices.is_correction(&origin.invoice, last),
            expected: expected_rate(key.slot, calculator.rule()),
            parcel,
        });
    };
    for (key, parcel) in &reconciliation.parcels {
        add(key.origin, *key, parcel.clone(), None);
    }
    for (key, parcel, climb) in tiered(reconciliation, calculator, &invoices) {
        add(key.origin, key, parcel, climb);
    }
    for line in reconciliation.invoice_lines.iter().filter(|line| is_usage(line) || is_credit(line)) {
        let key = invoice_key(line, &invoices, by_availability);
        let meter = meters.entry(key).or_default();
        meter.invoice.push(line);
        meter.invoiced = true;
    }
    let names = meter_names(reconciliation);
    for (key, meter) in &mut meters {
        describe(key, meter, reconciliation, &names);
    }
    meters
}

fn usage_key(origin: &Origin, invoices: &Invoices, day: Day) -> MeterKey {
    let invoice = invoices.of(origin, day);
    MeterKey {
        month: invoices.month(invoice).unwrap_or_else(|| day.month()),
        customer: origin.customer.clone(),
        product: origin.product.clone(),
        sku: origin.sku.clone(),
        plan: origin.plan.clone(),
        availability: origin.availability.clone(),
        invoice: invoice.to_owned(),
        pricing_currency: origin.pricing_currency.clone(),
        billing_currency: origin.billing_currency.clone(),
    }
}

fn invoice_key(line: &InvoiceLine, invoices: &Invoices, by_availability: bool) -> MeterKey {
    let invoice = line.invoice_number.trim();
    let billing = line.currency.trim().to_ascii_uppercase();
    let pricing = match line.pricing_currency.trim() {
        "" => "USD".to_owned(),
        code => code.to_ascii_uppercase(),
    };
    let availability = if by_availability { line.availability_id.trim() } else { "" };
    MeterKey {
        month: invoices.month(invoice).unwrap_or_default(),
        customer: line.customer_id.trim().to_ascii_lowercase(),
        product: line.product_id.trim().to_ascii_uppercase(),
        sku: line.sku_id.trim().to_ascii_uppercase(),
        plan: line.plan_id.trim().to_ascii_lowercase(),
        availability: availability.to_ascii_uppercase(),
        invoice: invoice.to_owned(),
        billing_currency: if billing.is_empty() { pricing.clone() } else { billing },
        pricing_currency: pricing,
    }
}

/// The lines of tiered meters, rated. Corrections do not move the ladder of the month that they correct.
fn tiered(
    reconciliation: &Reconciliation,
    calculator: &Calculator,
    invoices: &Invoices,
) -> Vec<(ParcelKey, Parcel, Option<Climb>)> {
    let corrects = |ledger: &Ledger, key: &LotKey| {
        invoices.is_correction(ledger.text(key, Field::InvoiceId).trim(), key.day)
    };
    let origin_of = |ledger: &Ledger, key: &LotKey| {
        let at = reconciliation.origins.get_index_of(&Origin::new(&|field| ledger.text(key, field)));
        at.and_then(|at| u32::try_from(at).ok())
    };
    let mut found = Vec::new();
    let ledger = reconciliation.ledger.only(|ledger, key| !corrects(ledger, key));
    for lot in rate(&ledger, calculator) {
        let slot = (lot.lot.verdict, calculator.rule().rate_index(lot.key.day));
        let Some(at) = origin_of(&ledger, lot.key) else { continue };
        let Some(origin) = reconciliation.origins.get_index(at as usize) else { continue };
        let top = lot.price.and_then(|price| price.tiers.iter().map(|tier| &tier.unit_price).max());
        let rated = lot.list_amount();
        let mut parcel = Parcel {
            lines: lot.lot.lines,
            quantity: lot.lot.quantity.clone(),
            list: top.map_or(Amount::ZERO, |top| top * &lot.lot.quantity),
            without_price: if rated.is_none() { lot.lot.lines } else { 0 },
            rated: rated.unwrap_or_default(),
            ..Parcel::default()
        };
        parcel.see(lot.key.day);
        let alone = lot.key.line.as_ref().filter(|_| lot.lot.verdict.outcome == Outcome::Never);
        let climb = Climb {
            applied: origin
                .applied
                .clone()
                .unwrap_or_else(|| expected_rate(slot, calculator.rule()).unwrap_or_default()),
            before: lot.before.clone(),
            quantity: alone.map_or_else(|| lot.lot.quantity.clone(), |line| line.0.clone()),
            price: lot.price.cloned(),
            times: alone.map_or(1, |_| lot.lot.lines),
        };
        found.push((key_of(at, origin, lot.key.day, slot, calculator), parcel, Some(climb)));
    }
    for (key, lot) in reconciliation.ledger.lots().filter(|(key, _)| corrects(&reconciliation.ledger, key)) {
        let slot = (lot.verdict, calculator.rule().rate_index(key.day));
        let Some(at) = origin_of(&reconciliation.ledger, key) else { continue };
        let Some(origin) = reconciliation.origins.get_index(at as usize) else { continue };
        let mut parcel = Parcel { lines: lot.lines, quantity: lot.quantity.clone(), ..Parcel::default() };
        parcel.see(key.day);
        found.push((key_of(at, origin, key.day, slot, calculator), parcel, None));
    }
    found
}

fn key_of(
    at: u32,
    origin: &Origin,
    day: Day,
    slot: crate::sheet::Slot,
    calculator: &Calculator,
) -> ParcelKey {
    let day = if differs(origin, slot, calculator) { day } else { day.month_start() };
    ParcelKey { origin: at, day, slot }
}

/// The meter's name of each product and SKU.
fn meter_names(reconciliation: &Reconciliation) -> FxHashMap<(&str, &str), &str> {
    let mut names: FxHashMap<(&str, &str), &str> = FxHashMap::default();
    for origin in reconciliation.origins.iter().filter(|origin| !origin.meter.is_empty()) {
        let name = names.entry((&origin.product, &origin.sku)).or_insert(&origin.meter);
        *name = (*name).min(&origin.meter);
    }
    names
}

fn describe(
    key: &MeterKey,
    meter: &mut ChargedMeter<'_>,
    reconciliation: &Reconciliation,
    names: &FxHashMap<(&str, &str), &str>,
) {
    let resellers = meter.usage.iter().map(|lines| lines.origin.reseller.as_str());
    let resellers = resellers.chain(meter.invoice.iter().map(|line| line.reseller_id.trim()));
    meter.reseller = resellers.filter(|id| !id.is_empty()).min().unwrap_or_default().to_owned();
    let invoice_name = || meter.invoice.first().map(|line| line.meter_name.as_str()).unwrap_or_default();
    let name = names.get(&(key.product.as_str(), key.sku.as_str())).copied();
    meter.name = name.unwrap_or_else(invoice_name).to_owned();
    let mut rates: IndexMap<&Amount, u64, FxBuildHasher> = IndexMap::default();
    for lines in meter.usage.iter().filter(|lines| !lines.correction) {
        if let Some(rate) = &lines.origin.exchange_rate {
            *rates.entry(rate).or_default() += lines.parcel.lines;
        }
    }
    let most = rates.iter().max_by(|(a, x), (b, y)| (x, b).cmp(&(y, a))).map(|(rate, _)| (*rate).clone());
    meter.exchange = most
        .or_else(|| listed_rate(key, reconciliation))
        .or_else(|| meter.invoice.iter().find_map(|line| line.exchange_rate.clone()))
        .or_else(|| (key.pricing_currency == key.billing_currency).then_some(Amount::ONE));
}

/// The rate of the list of exchange rates, as lines print it: to nine decimals.
pub(crate) fn listed_rate(key: &MeterKey, reconciliation: &Reconciliation) -> Option<Amount> {
    let month: Day = format!("{}-01", key.month).parse().ok()?;
    let currencies = (key.pricing_currency.as_str(), key.billing_currency.as_str());
    reconciliation.fx.convert(month, currencies, &Amount::ONE, 9, Rounding::HalfAwayFromZero).ok()
}
