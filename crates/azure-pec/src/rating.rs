//! Rates the lines of tiered meters: month by month, in the order of day, resource id and content.
//!
//! Tiers count the month-to-date quantity of a meter in its plan or subscription (policy `tier_scope`). Lines that can
//! never earn are priced at the quantity reached and do not move it; negative lines walk back down. A price that changes
//! within the month goes on from the quantity reached. Ties go by the content of lines, so that it does not matter how
//! usage was split into files.

use std::fmt;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::day::Day;
use crate::ids::TenantId;
use crate::ledger::{Ledger, Lot, LotKey, Seen};
use crate::policy::TierScope;
use crate::price::{Price, on_day};
use crate::product::listed_prices;
use crate::sheet::intern;
use crate::usage::Field;
use crate::usage_batch::UsageBatch;

/// A lot with its place in the month.
#[derive(Debug)]
pub(crate) struct RatedLot<'l, 'c> {
    pub key: &'l LotKey,
    pub lot: &'l Lot,
    /// The month's quantity before it.
    pub before: Amount,
    /// The price of the day; none where it is not known.
    pub price: Option<&'c Price>,
}

impl RatedLot<'_, '_> {
    /// A quantity, and how often it stands at its place: lines that do not move the month's quantity all stand at the same.
    pub fn step(&self) -> (&Amount, u64) {
        match &self.key.line {
            Some(line) if !self.lot.counts() => (&line.0, self.lot.lines),
            _ => (&self.lot.quantity, 1),
        }
    }

    /// What its lines cost; none where no price is known.
    pub fn list_amount(&self) -> Option<Amount> {
        let (quantity, times) = self.step();
        Some(&self.price?.amount(&self.before, quantity) * &Amount::new(i128::from(times), 0))
    }
}

/// What a lot's resource and content tell, worked out once.
#[derive(Debug, Clone, Copy)]
struct Ladder<'c> {
    /// Its meter in its tier scope.
    id: u32,
    prices: &'c [Price],
}

/// Every lot in the order of the months, each with the quantity before it.
pub(crate) fn rate<'l, 'c>(ledger: &'l Ledger, calculator: &'c Calculator) -> Vec<RatedLot<'l, 'c>> {
    let mut ids: IndexSet<Box<str>, FxBuildHasher> = IndexSet::default();
    let mut known: FxHashMap<(u32, Option<u32>), Ladder<'c>> = FxHashMap::default();
    let mut said: FxHashMap<u32, bool> = FxHashMap::default();
    let mut lots: Vec<(Ladder<'c>, &LotKey, &Lot)> = Vec::new();
    for (key, lot) in ledger.lots() {
        let text = |field: Field| ledger.text(key, field);
        // A plan and a customer say where a line counts and what it costs, whatever its resource is.
        let is_said = *said.entry(key.content).or_insert_with(|| {
            calculator.policy().tier_scope == TierScope::Plan
                && TierScope::plan(&text).is_some()
                && text(Field::CustomerId).parse::<TenantId>().is_ok()
        });
        let ladder = known.entry((key.content, (!is_said).then_some(key.resource))).or_insert_with(|| {
            let id = intern(&mut ids, &ladder_text(calculator, &text));
            Ladder { id, prices: listed_prices(calculator, &text) }
        });
        lots.push((*ladder, key, lot));
    }
    let order = ledger.order();
    lots.sort_unstable_by(|(a, x, _), (b, y, _)| {
        (a.id, x.day).cmp(&(b.id, y.day)).then_with(|| order.of(x, y))
    });
    let mut reached = Amount::ZERO;
    let mut month: Option<(u32, Day)> = None;
    lots.into_iter()
        .map(|(ladder, key, lot)| {
            let now = Some((ladder.id, key.day.month_start()));
            if month != now {
                month = now;
                reached = Amount::ZERO;
            }
            let before = reached.clone();
            if lot.counts() {
                reached += &lot.quantity;
            }
            RatedLot { key, lot, before, price: on_day(ladder.prices, key.day) }
        })
        .collect()
}

/// The meter in its tier scope; a line without a meter counts for its product and SKU.
fn ladder_text<'t>(calculator: &Calculator, text: &impl Fn(Field) -> &'t str) -> String {
    let scope = calculator.policy().tier_scope.value(text);
    let [meter, product, sku] =
        [Field::MeterId, Field::ProductId, Field::SkuId].map(|field| text(field).trim().to_ascii_lowercase());
    if meter.is_empty() { format!("{scope}\n{product}/{sku}") } else { format!("{scope}\n{meter}") }
}

/// Gives lines that tiers rate their amounts, one by one: made of a [`Statement`](crate::Statement) that has seen the
/// whole month, for a second pass over the same lines.
///
/// Lines that are the same in every text, quantity and price have their places in the order in which they come.
pub struct Rating<'s> {
    ledger: &'s Ledger,
    /// The quantity before the next line of each lot, and the price of its day.
    next: FxHashMap<&'s LotKey, (Amount, Option<&'s Price>)>,
    seen: Seen,
}

impl fmt::Debug for Rating<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rating").field("lots", &self.next.len()).finish_non_exhaustive()
    }
}

impl<'s> Rating<'s> {
    pub(crate) fn new(ledger: &'s Ledger, calculator: &'s Calculator) -> Self {
        let lots = rate(ledger, calculator);
        let next = lots.into_iter().map(|lot| (lot.key, (lot.before, lot.price))).collect();
        Self { ledger, next, seen: Seen::default() }
    }

    /// Gives the lines of the batch that tiers rate their amounts. A line that the statement has not seen stays as it
    /// is: [`CreditBatch::needs_rating`] says so.
    pub fn rate(&mut self, batch: &UsageBatch, credits: &mut CreditBatch) {
        for row in 0..batch.len().min(credits.len()) {
            if credits.flags().get(row).is_some_and(|flags| flags.tiered) {
                self.rate_row(batch, row, credits);
            }
        }
    }

    fn rate_row(&mut self, batch: &UsageBatch, row: usize, credits: &mut CreditBatch) {
        let (Some(day), Some(quantity)) = (batch.dates().get(row), batch.quantities().get(row)) else {
            return;
        };
        let Some(key) = self.ledger.find(&mut self.seen, batch, row, *day) else { return };
        let Some((next, price)) = self.next.get_mut(&key) else { return };
        let list = price.map(|price| price.amount(next, quantity));
        let unit_price = price.and_then(|price| price.unit_price(next, quantity)).cloned();
        let before = next.clone();
        if credits.verdicts().get(row).is_some_and(|verdict| verdict.outcome != crate::Outcome::Never) {
            *next += quantity;
        }
        credits.set_rated(row, before, list, unit_price);
    }
}
