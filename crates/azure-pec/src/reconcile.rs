//! Reconciliation: what the rule expects held against what the partner was billed.
//!
//! Lines are summed as they come, by what an invoice line is made of: memory follows subscriptions, products and days,
//! never lines. Lines of tiered meters are kept as a [`Statement`](crate::Statement) keeps them. What every step is, and
//! what is published of it, stands in `examples/contoso-reconcile/BRIDGE.md`.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::day::Day;
use crate::disputed_lines::DisputedLines;
use crate::error::Error;
use crate::fx::FxRates;
use crate::invoice::InvoiceLine;
use crate::ledger::Ledger;
use crate::parcel::{ORIGIN_FIELDS, Origin, Parcel, ParcelKey, expected_rate, is_outside, origin_of};
use crate::policy::PriceSource;
use crate::reconciliation_document::ReconciliationBody;
use crate::settle::settle;
use crate::sheet::{Slot, intern};
use crate::usage::{Field, TextId, UsageBatch};

/// What is held against the invoice: a usage line's place in the other export.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WitnessKey {
    pub invoice: String,
    pub customer: String,
    pub plan: String,
    pub subscription: String,
    pub product: String,
    pub sku: String,
    pub day: Day,
    pub rate: Amount,
}

/// What the second export has more of than the first.
#[derive(Debug, Clone, Default)]
pub(crate) struct WitnessSums {
    pub lines: i64,
    pub quantity: Amount,
    pub rated: Amount,
}

/// Puts usage, invoices and exchange rates together, in any order; parts merge to the whole.
#[derive(Clone, Default)]
pub struct Reconciliation {
    pub(crate) origins: IndexSet<Origin, FxBuildHasher>,
    pub(crate) parcels: IndexMap<ParcelKey, Parcel, FxBuildHasher>,
    /// Lines of tiered meters.
    pub(crate) ledger: Ledger,
    /// Lines that are no usage at their meter's price, by whether they are a credit to the customer.
    pub(crate) outside: u64,
    pub(crate) usage_credits: u64,
    /// Up to two products that were credited in a subscription on a day.
    pub(crate) credited: FxHashMap<(u32, Day), Vec<u32>>,
    /// Names of subscriptions and of products with their SKUs.
    pub(crate) names: IndexSet<Box<str>, FxBuildHasher>,
    pub(crate) files: IndexSet<Box<str>, FxBuildHasher>,
    pub(crate) invoice_lines: Vec<InvoiceLine>,
    pub(crate) fx: FxRates,
    /// The second export less the first; empty unless there is a second.
    pub(crate) witness: FxHashMap<WitnessKey, WitnessSums>,
    /// The invoices (and customers) that the second export has lines of.
    pub(crate) witnessed: FxHashSet<(String, String)>,
    has_witness: bool,
    pub(crate) days: Option<(Day, Day)>,
    pub(crate) notes: BTreeMap<(&'static str, String), u64>,
    pool: Option<u64>,
    seen: FxHashMap<[TextId; ORIGIN_FIELDS.len()], u32>,
    /// Of each origin: the names of its subscription, and of product and SKU.
    named: Vec<(u32, u32)>,
}

impl fmt::Debug for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconciliation")
            .field("parcels", &self.parcels.len())
            .field("invoice_lines", &self.invoice_lines.len())
            .finish_non_exhaustive()
    }
}

impl Reconciliation {
    /// Nothing yet. `has_witness` where a second export of the same usage will be given, by [`witness`](Self::witness).
    #[must_use]
    pub fn new(has_witness: bool) -> Self {
        Self { has_witness, ..Self::default() }
    }

    /// The calculator that a reconciliation goes by: as given, but rating by the price list, which is what bills are
    /// made with. A line that the list does not hold is taken at its own price.
    ///
    /// # Errors
    /// As [`CalculatorBuilder::build`](crate::CalculatorBuilder::build).
    pub fn calculator(given: &Calculator) -> Result<Calculator, Error> {
        let mut policy = given.policy().clone();
        policy.price_source = PriceSource::List;
        given.to_builder().policy(policy).build()
    }

    /// The texts of a line that it needs, beside those of the rule.
    pub fn fields() -> impl Iterator<Item = Field> {
        ORIGIN_FIELDS.into_iter()
    }

    /// Adds usage lines with their credits by [`calculator`](Self::calculator)'s.
    pub fn usage(&mut self, file: &str, batch: &UsageBatch, credits: &CreditBatch, calculator: &Calculator) {
        self.know_pool(batch);
        let file = intern(&mut self.files, file);
        for row in 0..batch.len().min(credits.len()) {
            self.add_row(file, batch, credits, row, calculator);
        }
    }

    /// Adds lines of a second export of the same usage. They are held against those of the first, and priced nowhere.
    pub fn witness(&mut self, batch: &UsageBatch, credits: &CreditBatch) {
        self.know_pool(batch);
        for row in 0..batch.len().min(credits.len()) {
            let (Some(day), Some(verdict), Some(quantity)) =
                (batch.dates().get(row), credits.verdicts().get(row), batch.quantities().get(row))
            else {
                continue;
            };
            let at = self.origin(batch, row);
            let Some(origin) = self.origins.get_index(at as usize) else { continue };
            if is_outside(origin, verdict.reason) {
                continue;
            }
            let rated = rated_of(batch, credits, row).map_or(Amount::ZERO, |(rated, _)| rated);
            self.witnessed.insert((origin.invoice.clone(), origin.customer.clone()));
            let sums = self.witness.entry(witness_key(origin, *day)).or_default();
            sums.lines += 1;
            sums.quantity += quantity;
            sums.rated += &rated;
        }
    }

    /// Adds a line of an invoice.
    pub fn invoice(&mut self, line: InvoiceLine) {
        self.invoice_lines.push(line);
    }

    /// Adds exchange rates, which the lines' own are checked by.
    ///
    /// # Errors
    /// `fx.overlap`.
    pub fn exchange_rates(&mut self, rates: FxRates) -> Result<(), Error> {
        self.fx.merge(rates)
    }

    /// Notes something that whoever reads the document must know.
    pub fn note(&mut self, code: &'static str, message: &str, count: u64) {
        if count > 0 {
            *self.notes.entry((code, message.to_owned())).or_default() += count;
        }
    }

    /// The body of the document, once everything was added. The calculator is the one that the lines were credited by.
    #[must_use]
    pub fn finish(&self, calculator: &Calculator) -> ReconciliationBody {
        settle(self, calculator).0
    }

    /// As [`finish`](Self::finish), and what tells the lines of each finding in a second pass over the usage.
    #[must_use]
    pub fn finish_with_lines(&self, calculator: &Calculator) -> (ReconciliationBody, DisputedLines) {
        settle(self, calculator)
    }

    /// Adds what another holds.
    ///
    /// # Errors
    /// `fx.overlap` where their exchange rates contradict each other.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.fx.merge(other.fx)?;
        let origins: Vec<u32> = other.origins.into_iter().map(|origin| self.origin_id(origin)).collect();
        let files: Vec<u32> = other.files.iter().map(|name| intern(&mut self.files, name)).collect();
        let names: Vec<u32> = other.names.iter().map(|name| intern(&mut self.names, name)).collect();
        let moved = |ids: &[u32], id: u32| ids.get(id as usize).copied().unwrap_or_default();
        for (key, parcel) in other.parcels {
            let key = ParcelKey { origin: moved(&origins, key.origin), ..key };
            let own = self.parcels.entry(key).or_default();
            own.add(&parcel);
            for (file, line) in parcel.references {
                own.refer((moved(&files, file), line), |file| name_of(&self.files, file));
            }
        }
        for ((subscription, day), products) in other.credited {
            for product in products {
                remember(&mut self.credited, (moved(&names, subscription), day), moved(&names, product));
            }
        }
        for (key, sums) in other.witness {
            let own = self.witness.entry(key).or_default();
            own.lines += sums.lines;
            own.quantity += &sums.quantity;
            own.rated += &sums.rated;
        }
        self.has_witness |= other.has_witness;
        self.witnessed.extend(other.witnessed);
        self.ledger.merge(other.ledger);
        self.outside += other.outside;
        self.usage_credits += other.usage_credits;
        self.invoice_lines.extend(other.invoice_lines);
        for (note, count) in other.notes {
            *self.notes.entry(note).or_default() += count;
        }
        for day in other.days.into_iter().flat_map(|(first, last)| [first, last]) {
            self.see(day);
        }
        Ok(())
    }

    fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
    }

    fn see(&mut self, day: Day) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    fn origin(&mut self, batch: &UsageBatch, row: usize) -> u32 {
        let ids = ORIGIN_FIELDS.map(|field| batch.id(field, row));
        if let Some(known) = self.seen.get(&ids) {
            return *known;
        }
        let at = self.origin_id(origin_of(batch, row));
        self.seen.insert(ids, at);
        at
    }

    fn origin_id(&mut self, origin: Origin) -> u32 {
        let names = (origin.subscription.clone(), format!("{}/{}", origin.product, origin.sku));
        let (at, new) = self.origins.insert_full(origin);
        if new {
            let subscription = intern(&mut self.names, &names.0);
            self.named.push((subscription, intern(&mut self.names, &names.1)));
        }
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// The names of the subscription, and of product and SKU, of an origin.
    pub(crate) fn names_of(&self, origin: u32) -> (u32, u32) {
        self.named.get(origin as usize).copied().unwrap_or_default()
    }

    fn add_row(
        &mut self,
        file: u32,
        batch: &UsageBatch,
        credits: &CreditBatch,
        row: usize,
        calculator: &Calculator,
    ) {
        let (Some(day), Some(verdict), Some(quantity)) =
            (batch.dates().get(row), credits.verdicts().get(row), batch.quantities().get(row))
        else {
            return;
        };
        let at = self.origin(batch, row);
        let names = self.names_of(at);
        self.see(*day);
        let Some(origin) = self.origins.get_index(at as usize) else { return };
        if origin.customer_credit {
            self.usage_credits += 1;
            return;
        }
        if is_outside(origin, verdict.reason) {
            self.outside += 1;
            return;
        }
        let slot: Slot = (*verdict, credits.rates().get(row).copied().flatten());
        if origin.applied.as_ref().is_some_and(|rate| !rate.is_zero()) {
            remember(&mut self.credited, (names.0, *day), names.1);
        }
        if self.has_witness {
            let sums = self.witness.entry(witness_key(origin, *day)).or_default();
            sums.lines -= 1;
            sums.quantity = &sums.quantity - quantity;
            if let Some((rated, _)) = rated_of(batch, credits, row) {
                sums.rated = &sums.rated - &rated;
            }
        }
        if credits.flags().get(row).is_some_and(|flags| flags.tiered) {
            self.ledger.add(batch, row, *day, *verdict);
            return;
        }
        let differs = differs(origin, slot, calculator);
        let key = ParcelKey { origin: at, day: if differs { *day } else { day.month_start() }, slot };
        let parcel = self.parcels.entry(key).or_default();
        parcel.lines += 1;
        parcel.quantity += quantity;
        parcel.see(*day);
        match rated_of(batch, credits, row) {
            Some((rated, own)) => {
                parcel.list += &rated;
                parcel.rated += &rated;
                parcel.own_price += u64::from(own);
            }
            None => parcel.without_price += 1,
        }
        let line = batch.lines().get(row).copied().unwrap_or_default();
        if parcel.references.len() < 3 || differs {
            let files = &self.files;
            parcel.refer((file, line), |file| name_of(files, file));
        }
    }
}

/// What a line costs by the list, else by its own price, and whether it is the latter.
fn rated_of(batch: &UsageBatch, credits: &CreditBatch, row: usize) -> Option<(Amount, bool)> {
    if let Some(Some(amount)) = credits.list_amounts().get(row) {
        return Some((amount.clone(), false));
    }
    let price = batch.list_prices().get(row)?.as_ref()?;
    Some((price * batch.quantities().get(row)?, true))
}

fn witness_key(origin: &Origin, day: Day) -> WitnessKey {
    WitnessKey {
        invoice: origin.invoice.clone(),
        customer: origin.customer.clone(),
        plan: origin.plan.clone(),
        subscription: origin.subscription.clone(),
        product: origin.product.clone(),
        sku: origin.sku.clone(),
        day,
        rate: origin.applied.clone().unwrap_or_default(),
    }
}

/// Whether another rate was applied than the rule expects.
pub(crate) fn differs(origin: &Origin, slot: Slot, calculator: &Calculator) -> bool {
    match (&origin.applied, expected_rate(slot, calculator.rule())) {
        (Some(applied), Some(expected)) => *applied != expected,
        _ => false,
    }
}

/// Two products are enough to know one other than the one asked about; the least are kept, whatever their order.
fn remember(credited: &mut FxHashMap<(u32, Day), Vec<u32>>, key: (u32, Day), product: u32) {
    let known = credited.entry(key).or_default();
    if known.len() < 2 && !known.contains(&product) {
        known.push(product);
    }
}

pub(crate) fn name_of(names: &IndexSet<Box<str>, FxBuildHasher>, at: u32) -> String {
    names.get_index(at as usize).map_or_else(String::new, ToString::to_string)
}
