//! Reconciliation: what the rule expects held against what the partner was billed.
//!
//! Lines are summed as they come, by what an invoice line is made of: memory follows subscriptions, products and days,
//! never lines. Lines of tiered meters are kept as a [`Statement`](crate::Statement) keeps them. What every step is, and
//! what is published of it, stands in `examples/contoso-reconcile/BRIDGE.md`.

use std::collections::BTreeMap;
use std::fmt;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::billed_line::BilledLine;
use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::day::Day;
use crate::disputed_lines::DisputedLines;
use crate::error::Error;
use crate::fx::FxRates;
use crate::invoice::InvoiceLine;
use crate::ledger::Ledger;
use crate::names::{Name, Names};
use crate::origin::{ORIGIN_FIELDS, Origin};
use crate::parcel::{Parcel, ParcelKey, References, expected_rate};
use crate::pieces::put_at;
use crate::policy::PriceSource;
use crate::price::Price;
use crate::product::listed_prices;
use crate::reconciliation_document::ReconciliationBody;
use crate::settle::settle;
use crate::sheet_key::Slot;
use crate::text_pool::TextId;
use crate::unit::unit_spelling;
use crate::usage::Field;
use crate::usage_batch::UsageBatch;
use crate::witness::{Place, Seen, Witness};

/// Puts usage, invoices and exchange rates together, in any order; parts merge to the whole.
#[derive(Clone, Default)]
pub struct Reconciliation {
    pub(crate) names: Names,
    pub(crate) origins: IndexSet<Origin, FxBuildHasher>,
    pub(crate) parcels: IndexMap<ParcelKey, Parcel, FxBuildHasher>,
    /// Lines of tiered meters.
    pub(crate) ledger: Ledger,
    /// The first of them.
    pub(crate) tiered: FxHashMap<ParcelKey, References>,
    /// The unit of the price list, of origins that have another.
    pub(crate) other_units: FxHashMap<u32, Name>,
    /// The origins whose units were looked at, by place: a line of a second export is no reason to.
    looked_at: Vec<bool>,
    /// Lines that are no usage at their meter's price, by whether they are a credit to the customer.
    pub(crate) outside: u64,
    pub(crate) usage_credits: u64,
    /// Up to two products and SKUs that were credited in a subscription on a day.
    pub(crate) credited: FxHashMap<(Name, Day), Credited>,
    pub(crate) billed: Vec<BilledLine>,
    pub(crate) has_invoices: bool,
    pub(crate) fx: FxRates,
    pub(crate) witness: Witness,
    has_witness: bool,
    pub(crate) days: Option<(Day, Day)>,
    pub(crate) notes: BTreeMap<(&'static str, String), u64>,
    pool: Option<u64>,
    seen: FxHashMap<[TextId; ORIGIN_FIELDS.len()], u32>,
}

/// Two products and SKUs are enough to know one other than the one asked about.
pub(crate) type Credited = [Option<(Name, Name)>; 2];

impl fmt::Debug for Reconciliation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reconciliation")
            .field("parcels", &self.parcels.len())
            .field("invoice_lines", &self.billed.len())
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
        let file = self.names.put(file);
        for row in 0..batch.len().min(credits.len()) {
            self.add_row(file, batch, credits, row, calculator);
        }
    }

    /// Adds lines of a second export of the same usage. They are held against those of the first, and priced nowhere.
    pub fn witness(&mut self, batch: &UsageBatch, credits: &CreditBatch) {
        self.know_pool(batch);
        for row in 0..batch.len().min(credits.len()) {
            if let Some((place, seen)) = self.witnessed(batch, credits, row) {
                self.witness.weigh(place, seen, true);
            }
        }
    }

    /// Whether the two exports differ, so that both are wanted once more, by [`look_again`](Self::look_again): without it the
    /// days on which they do are not known.
    #[must_use]
    pub fn is_in_doubt(&self) -> bool {
        self.witness.differs()
    }

    /// Looks again at lines of the first or of the second export where the two differ.
    pub fn look_again(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        (second, calculator): (bool, &Calculator),
    ) {
        self.know_pool(batch);
        let file = self.names.put(file);
        for row in 0..batch.len().min(credits.len()) {
            let Some((place, seen)) = self.witnessed(batch, credits, row) else { continue };
            if !self.witness.is_in_doubt(&place) {
                continue;
            }
            let slot = credits.verdicts().get(row).zip(credits.rates().get(row));
            let expected =
                slot.and_then(|(verdict, rate)| expected_rate((*verdict, *rate), calculator.rule()));
            let rated = rated_of(batch, credits, row).map_or(Amount::ZERO, |(rated, _)| rated);
            let own = seen.price.map_or(Amount::ZERO, |price| price * seen.quantity);
            let day = self.witness.days.entry((place, seen.day)).or_default();
            day.expected = expected;
            if second {
                day.lines += 1;
                day.shown += 1;
                day.quantity += seen.quantity;
                day.rated += &rated;
                day.own += &own;
                day.references.add(file, batch.lines().get(row).copied().unwrap_or_default(), &self.names);
            } else {
                day.lines -= 1;
                day.quantity = &day.quantity - seen.quantity;
                day.rated = &day.rated - &rated;
                day.own = &day.own - &own;
            }
        }
    }

    /// A line as the exports are compared; none that is no usage at its meter's price.
    fn witnessed<'b>(
        &mut self,
        batch: &'b UsageBatch,
        credits: &CreditBatch,
        row: usize,
    ) -> Option<(Place, Seen<'b>)> {
        let (day, verdict) = (batch.dates().get(row)?, credits.verdicts().get(row)?);
        let at = self.origin(batch, row);
        let origin = self.origins.get_index(at as usize)?;
        if origin.customer_credit || origin.is_outside(verdict.reason) {
            return None;
        }
        let price = batch.list_prices().get(row)?.as_ref();
        let seen = Seen { day: *day, quantity: batch.quantities().get(row)?, price };
        Some((Place::of(origin, &mut self.names), seen))
    }

    /// Adds a line of an invoice.
    #[expect(clippy::needless_pass_by_value, reason = "a line that was added is used up")]
    pub fn invoice(&mut self, line: InvoiceLine) {
        self.has_invoices = true;
        self.billed.extend(BilledLine::new(&mut self.names, &line));
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
        settle(self, calculator, false).0
    }

    /// As [`finish`](Self::finish), and what tells the lines of each finding in a second pass over the usage.
    #[must_use]
    pub fn finish_with_lines(&self, calculator: &Calculator) -> (ReconciliationBody, DisputedLines) {
        settle(self, calculator, true)
    }

    /// Adds what another holds.
    ///
    /// # Errors
    /// `fx.overlap` where their exchange rates contradict each other.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.fx.merge(other.fx)?;
        let names = self.names.merge(&other.names);
        let origins: Vec<u32> =
            other.origins.into_iter().map(|origin| self.origin_id(origin.moved(&names))).collect();
        let moved = |key: ParcelKey| ParcelKey {
            origin: origins.get(key.origin as usize).copied().unwrap_or_default(),
            ..key
        };
        for (key, parcel) in other.parcels {
            let own = self.parcels.entry(moved(key)).or_default();
            own.add(&parcel);
            for (file, line) in parcel.references.iter() {
                own.references.add(file.moved(&names), line, &self.names);
            }
        }
        for (key, references) in other.tiered {
            let own = self.tiered.entry(moved(key)).or_default();
            for (file, line) in references.iter() {
                own.add(file.moved(&names), line, &self.names);
            }
        }
        for (at, unit) in other.other_units {
            let at = origins.get(at as usize).copied().unwrap_or_default();
            self.other_units.insert(at, unit.moved(&names));
        }
        for ((subscription, day), products) in other.credited {
            let own = self.credited.entry((subscription.moved(&names), day)).or_default();
            for (product, sku) in products.into_iter().flatten() {
                remember(own, (product.moved(&names), sku.moved(&names)));
            }
        }
        self.witness.merge(other.witness, &names);
        self.has_witness |= other.has_witness;
        self.billed.extend(other.billed.into_iter().map(|line| line.moved(&names)));
        self.has_invoices |= other.has_invoices;
        self.ledger.merge(other.ledger);
        self.outside += other.outside;
        self.usage_credits += other.usage_credits;
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
        let origin = Origin::new(&mut self.names, &|field| batch.text(field, row));
        let at = self.origin_id(origin);
        self.seen.insert(ids, at);
        at
    }

    fn origin_id(&mut self, origin: Origin) -> u32 {
        u32::try_from(self.origins.insert_full(origin).0).unwrap_or(u32::MAX)
    }

    /// Keeps the unit that the price list has for a line, where the line has another.
    fn look_at_unit(&mut self, at: u32, day: Day, batch: &UsageBatch, row: usize, calculator: &Calculator) {
        let own = unit_spelling(batch.text(Field::Unit, row));
        let prices = listed_prices(calculator, &|field| batch.text(field, row));
        let other = |price: &&Price| {
            let counts = price.span.contains(day.start()) && !price.unit.is_empty();
            counts && unit_spelling(&price.unit) != own
        };
        if let (false, Some(price)) = (own.is_empty(), prices.iter().find(other)) {
            self.other_units.insert(at, self.names.put(&price.unit));
        }
    }

    fn add_row(
        &mut self,
        file: Name,
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
        if !self.looked_at.get(at as usize).copied().unwrap_or_default() {
            put_at(&mut self.looked_at, at as usize, true, false);
            self.look_at_unit(at, *day, batch, row, calculator);
        }
        self.see(*day);
        let Some(origin) = self.origins.get_index(at as usize) else { return };
        if origin.customer_credit {
            self.usage_credits += 1;
            return;
        }
        if origin.is_outside(verdict.reason) {
            self.outside += 1;
            return;
        }
        let slot: Slot = (*verdict, credits.rates().get(row).copied().flatten());
        if origin.applied.is_some_and(|rate| !self.names.number(rate).is_zero()) {
            let own = self.credited.entry((origin.subscription, *day)).or_default();
            remember(own, (origin.product, origin.sku));
        }
        if self.has_witness {
            let price = batch.list_prices().get(row).and_then(Option::as_ref);
            let place = Place::of(origin, &mut self.names);
            self.witness.weigh(place, Seen { day: *day, quantity, price }, false);
        }
        let differs = differs(&self.names, origin, slot, calculator);
        let key = ParcelKey { origin: at, day: if differs { *day } else { day.month_start() }, slot };
        let line = batch.lines().get(row).copied().unwrap_or_default();
        if credits.flags().get(row).is_some_and(|flags| flags.tiered) {
            self.ledger.add(batch, row, *day, *verdict);
            self.tiered.entry(key).or_default().add(file, line, &self.names);
            return;
        }
        let parcel = self.parcels.entry(key).or_default();
        parcel.lines += 1;
        parcel.quantity += quantity;
        parcel.see(*day);
        match rated_of(batch, credits, row) {
            Some((rated, own)) => {
                parcel.rated += &rated;
                parcel.own_price += u64::from(own);
            }
            None => parcel.without_price += 1,
        }
        parcel.references.add(file, line, &self.names);
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

/// Whether another rate was applied than the rule expects.
pub(crate) fn differs(names: &Names, origin: &Origin, slot: Slot, calculator: &Calculator) -> bool {
    match (origin.applied, expected_rate(slot, calculator.rule())) {
        (Some(applied), Some(expected)) => *names.number(applied) != expected,
        _ => false,
    }
}

fn remember(credited: &mut Credited, product: (Name, Name)) {
    for known in credited {
        match known {
            Some(known) if *known == product => return,
            Some(_) => {}
            None => {
                *known = Some(product);
                return;
            }
        }
    }
}
