//! One worker's memory: what a distinct product or place is gets worked out when it is first seen, and a line is then a
//! few look-ups by id, one multiplication and one verdict that is kept by day.

use std::fmt;
use std::ops::Range;

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::coverage::day_span;
use crate::credits::{CreditBatch, Flags};
use crate::day::Day;
use crate::day_answers::DayAnswer;
use crate::evidence::{DayEvidence, EvidenceMemory};
use crate::place_memo::{Known, PlaceMemo};
use crate::product::list_price;
use crate::product_memo::{KnownProduct, ProductMemo};
use crate::usage_batch::UsageBatch;
use crate::verdict::{Reason, Verdict};

/// Lines for which everything is looked up before any of them is judged or added, so that look-ups that wait for memory wait
/// together.
pub(crate) const AT_ONCE: usize = 256;

/// One worker's memory of what it has seen; a calculator may have any number of them at once.
pub struct Session<'c> {
    calculator: &'c Calculator,
    pool: Option<u64>,
    products: ProductMemo<'c>,
    places: PlaceMemo,
    /// What was looked up for some lines.
    found: Vec<Found>,
    /// The day of the last line, and the place of its rate.
    rate: Option<(Day, Option<usize>)>,
    evidence: EvidenceMemory<'c>,
}

/// What a line is judged by, as far as it is known.
struct Found {
    product: KnownProduct,
    /// What the product is on the day, by its place among the epochs of all.
    epoch: Option<u32>,
    place: Known,
    /// The answer of access, where it was worked out before.
    answer: Option<DayAnswer>,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("products", &self.products.len())
            .field("places", &self.places.len())
            .field("coverages", &self.places.coverages())
            .finish_non_exhaustive()
    }
}

impl<'c> Session<'c> {
    pub(crate) fn new(calculator: &'c Calculator) -> Self {
        Self {
            calculator,
            pool: None,
            products: ProductMemo::default(),
            places: PlaceMemo::default(),
            found: Vec::new(),
            rate: None,
            evidence: EvidenceMemory::default(),
        }
    }

    /// Fills `credits` with the answers for the lines of the batch, in their order.
    pub fn credit_batch(&mut self, batch: &UsageBatch, credits: &mut CreditBatch) {
        credits.clear();
        credits.set_rounding(self.calculator.policy());
        self.know_pool(batch);
        let mut found = std::mem::take(&mut self.found);
        for start in (0..batch.len()).step_by(AT_ONCE) {
            let rows = start..batch.len().min(start + AT_ONCE);
            self.look_up(batch, rows.clone(), &mut found);
            for (row, found) in rows.zip(&found) {
                self.credit_row(batch, row, found, credits);
            }
        }
        self.found = found;
    }

    /// One kind of look after the other: each waits for a memory of its own.
    fn look_up(&mut self, batch: &UsageBatch, rows: Range<usize>, found: &mut Vec<Found>) {
        let Self { calculator, products, places, .. } = self;
        found.clear();
        found.extend(rows.clone().map(|row| {
            let place = places.find(calculator, batch, row);
            Found { product: KnownProduct::NOTHING, epoch: None, place, answer: None }
        }));
        for (row, found) in rows.clone().zip(&mut *found) {
            found.product = products.find(calculator, batch, row, found.place.market);
        }
        let days = batch.dates().get(rows.clone()).unwrap_or_default();
        for ((row, day), found) in rows.zip(days).zip(found) {
            let known = products.on(&found.product, *day);
            found.epoch = known
                .or_else(|| products.on_day_of(calculator, batch, row, found.place.market, &found.product));
            found.answer = found.place.place.and_then(|place| places.known_answer(place, *day));
        }
    }

    /// Ids of another pool mean other texts.
    fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.products = ProductMemo::default();
            self.places.forget_texts();
        }
    }

    /// The list price that a line's amount was made with; none where there is none or several tiers made it.
    pub fn list_price<'s>(&'s mut self, batch: &'s UsageBatch, row: usize) -> Option<&'s Amount> {
        self.know_pool(batch);
        let Known { market, .. } = self.places.find(self.calculator, batch, row);
        let product = self.products.find(self.calculator, batch, row, market);
        let own = batch.list_prices().get(row).and_then(Option::as_ref);
        let epoch = self.products.on_day_of(self.calculator, batch, row, market, &product);
        let epoch = epoch.and_then(|at| self.products.epoch(at));
        let listed = epoch.and_then(|epoch| epoch.listed.as_ref());
        list_price(self.calculator.policy().price_source, own, listed)
    }

    /// What stands behind the access on a line's day; nothing for a line that stands nowhere.
    pub fn evidence(&mut self, batch: &UsageBatch, row: usize) -> DayEvidence<'_> {
        self.know_pool(batch);
        let nothing = DayEvidence::default();
        let Some(day) = batch.dates().get(row).copied() else { return nothing };
        let Known { place, .. } = self.places.find(self.calculator, batch, row);
        let Some(place) = place else { return nothing };
        let Some((known, account)) = self.places.coverage(place) else { return nothing };
        let standings = || self.calculator.standings(account, known.node, known.exact);
        let span = day_span(self.calculator.policy(), day);
        let grants = self.calculator.access.grants();
        self.evidence.of(place.coverage(), &span, &known.coverage, grants, standings)
    }

    fn credit_row(&mut self, batch: &UsageBatch, row: usize, found: &Found, credits: &mut CreditBatch) {
        let Some(day) = batch.dates().get(row).copied() else { return };
        let (calculator, product) = (self.calculator, &found.product);
        let epoch = found.epoch.and_then(|at| self.products.epoch(at));
        let own = batch.list_prices().get(row).and_then(Option::as_ref);
        let listed = epoch.and_then(|epoch| epoch.listed.as_ref());
        let price = list_price(calculator.policy().price_source, own, listed);
        let list_amount = price.zip(batch.quantities().get(row)).map(|(price, quantity)| quantity * price);
        let mut flags = Flags {
            market_assumed: product.market_assumed,
            tiered: product.tiered,
            unrated: product.tiered && epoch.is_some_and(|epoch| epoch.unrated),
            ..Flags::default()
        };
        let excluded = epoch.and_then(|epoch| epoch.reason);
        let verdict = self.verdict(found, excluded, day, &mut flags);
        credits.push(verdict, list_amount, self.rate(day), flags);
    }

    /// The tests in the order of the contract; the first that holds is given.
    fn verdict(&mut self, found: &Found, excluded: Option<Reason>, day: Day, flags: &mut Flags) -> Verdict {
        if let Some(reason) = found.product.line {
            return Verdict::of(reason);
        }
        let answer = found.place.place.and_then(|place| {
            let answer = found.answer.or_else(|| self.places.answer(self.calculator, place, day));
            Some((place, answer?))
        });
        let Some((place, answer)) = answer else { return Verdict::of(Reason::NoScope) };
        flags.reseller_conflict = answer.reseller_conflict;
        if let Some(reason) = excluded {
            return Verdict::of(reason);
        }
        if !place.tenant_fits {
            return Verdict::of(Reason::NotBilled);
        }
        answer.verdict
    }

    fn rate(&mut self, day: Day) -> Option<usize> {
        match self.rate {
            Some((known, rate)) if known == day => rate,
            _ => {
                let rate = self.calculator.rule().rate_index(day);
                self.rate = Some((day, rate));
                rate
            }
        }
    }
}
