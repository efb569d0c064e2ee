//! What the products of lines are, worked out once for each, with what that means on any day.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::bundle::{Bundle, Combination};
use crate::calculator::Calculator;
use crate::day::Day;
use crate::pieces::{Pieces, put_at};
use crate::product::{Goods, Market, Marks, Product, Terms};
use crate::rule::Rule;
use crate::usage_batch::UsageBatch;
use crate::verdict::Reason;

/// The texts that tell what is used and how it is charged, and the number of the market whose list says what it costs.
type ProductKey = (Combination, Combination, u32);

/// So many items of a product are near: it is mostly charged in a few ways.
const NEAR: usize = 4;
/// No place.
const NONE: u32 = u32::MAX;

/// What a product is with some terms in a market: all that a line looks at where it has these. So it is small, and those of
/// one product lie in one line of the processor's cache.
#[derive(Debug, Clone, Copy)]
struct Near {
    terms: Combination,
    /// [`NONE`] where there is nothing near.
    market: u32,
    known: KnownProduct,
}

/// Those of one product.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
struct AllNear([Near; NEAR]);

impl Default for AllNear {
    fn default() -> Self {
        Self([Near { terms: Combination::EMPTY, market: NONE, known: KnownProduct::NOTHING }; NEAR])
    }
}

/// What is to be known of a line's product, whatever the day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct KnownProduct {
    /// What the line itself rules out.
    pub line: Option<Reason>,
    /// The market was taken because it is the only one given.
    pub market_assumed: bool,
    /// Its quantity moves the tiers of its meter.
    pub tiered: bool,
    /// What the list and the days may make of it: those of one product with the same have the same epochs.
    marks: Marks,
    /// Its first epoch, among those of all products.
    first: u32,
}

/// What a product is for some days. Every line looks at one twice: it lies in one line of the processor's cache.
#[derive(Debug, Clone, Default)]
#[repr(align(64))]
pub(crate) struct Epoch {
    /// From this day on.
    from: i32,
    /// Up to this day, which is not among them.
    until: i32,
    /// Another of the same product; [`NONE`] behind the last.
    next: u32,
    /// What the product rules out.
    pub reason: Option<Reason>,
    /// The list's price of a unit, where it has one price: here, where the line looks anyway, and not in the list.
    pub listed: Option<Amount>,
    /// Its price is one of several tiers.
    pub unrated: bool,
}

/// The products of the lines of one pool of texts.
#[derive(Debug, Default)]
pub(crate) struct ProductMemo<'c> {
    /// By the place of the product.
    near: Pieces<AllNear>,
    /// Those that others took the place of: few, as a product is mostly charged in a few ways.
    far: FxHashMap<ProductKey, KnownProduct>,
    /// The epochs of products, each made when a line of its days comes: usage is mostly of one month, a price of many, so most
    /// products have one. Products that differ in their terms alone mostly have the same.
    epochs: Pieces<Epoch>,
    /// What is used, judged, by the place of the product, in the market with this number: mostly all lines of it are of one.
    goods: Pieces<Option<(u32, Goods<'c>)>>,
    /// Terms, judged.
    terms: Vec<Option<Terms>>,
}

impl<'c> ProductMemo<'c> {
    /// The number of distinct products.
    pub fn len(&self) -> usize {
        let near = (0..self.near.len()).filter_map(|at| self.near.get(at)).flat_map(|AllNear(near)| near);
        self.far.len() + near.filter(|near| near.market != NONE).count()
    }

    /// The product of a line, whose price list is that of the market.
    pub fn find(
        &mut self,
        calculator: &'c Calculator,
        batch: &UsageBatch,
        row: usize,
        market: Market,
    ) -> KnownProduct {
        let of = |bundle| batch.combination(bundle, row);
        let (product, terms) = (of(Bundle::Product), of(Bundle::Terms));
        let number = market.number();
        let is_it = |near: &&Near| near.terms == terms && near.market == number;
        let own = terms.index() % NEAR;
        // Mostly it stands at its own place, else at one that was free.
        let near = self.near.get(product.index());
        let near =
            near.and_then(|AllNear(near)| near.get(own).filter(is_it).or_else(|| near.iter().find(is_it)));
        if let Some(near) = near {
            return near.known;
        }
        let known = self.far.remove(&(product, terms, number));
        let known = known.unwrap_or_else(|| self.learn(calculator, market, batch, row));
        self.put_near(product, own, Near { terms, market: number, known });
        known
    }

    /// Puts it to its own place near a product, or to a free one where that is taken; where none is free, what is there goes.
    fn put_near(&mut self, product: Combination, own: usize, new: Near) {
        let AllNear(mut near) = self.near.get(product.index()).copied().unwrap_or_default();
        let is_free = |at: &usize| near.get(*at).is_some_and(|near| near.market == NONE);
        let at = std::iter::once(own).chain(0..NEAR).find(is_free).unwrap_or(own);
        if let Some(place) = near.get_mut(at) {
            let before = std::mem::replace(place, new);
            if before.market != NONE {
                self.far.insert((product, before.terms, before.market), before.known);
            }
        }
        self.near.put(product.index(), AllNear(near));
    }

    /// What a product is on a day, by its place, where a line of such a day came before; whoever asks for many of them asks for
    /// their places first.
    #[inline]
    pub fn on(&self, product: &KnownProduct, day: Day) -> Option<u32> {
        let (mut at, day) = (product.first, day.number());
        loop {
            let epoch = self.epoch(at)?;
            if (epoch.from..epoch.until).contains(&day) {
                return Some(at);
            }
            at = epoch.next;
        }
    }

    /// The same of a line's product, whether or not one came before.
    pub fn on_day_of(
        &mut self,
        calculator: &'c Calculator,
        batch: &UsageBatch,
        row: usize,
        market: Market,
        known: &KnownProduct,
    ) -> Option<u32> {
        let day = *batch.dates().get(row)?;
        self.on(known, day).or_else(|| {
            let product = self.judge(calculator, market, batch, row);
            self.add_epoch(known.first, Epoch::new(&product, calculator.rule(), day))
        })
    }

    /// What a product is, by its place.
    #[inline]
    pub fn epoch(&self, at: u32) -> Option<&Epoch> {
        self.epochs.get(at as usize)
    }

    fn learn(
        &mut self,
        calculator: &'c Calculator,
        market: Market,
        batch: &UsageBatch,
        row: usize,
    ) -> KnownProduct {
        let product = self.judge(calculator, market, batch, row);
        let own = batch.combination(Bundle::Product, row);
        let near = self.near.get(own.index()).into_iter().flat_map(|AllNear(near)| near);
        let same = |near: &&Near| near.market == market.number() && near.known.marks == product.marks();
        let first = near.clone().find(same).map(|near| near.known.first);
        let first = first.or_else(|| {
            let day = batch.dates().get(row)?;
            self.add_epoch(NONE, Epoch::new(&product, calculator.rule(), *day))
        });
        KnownProduct {
            line: product.line_reason(),
            market_assumed: market.assumed,
            tiered: product.is_tiered(),
            marks: product.marks(),
            first: first.unwrap_or(NONE),
        }
    }

    /// The product of a line, of what was judged before.
    fn judge(
        &mut self,
        calculator: &'c Calculator,
        market: Market,
        batch: &UsageBatch,
        row: usize,
    ) -> Product<'c> {
        let text = |field| batch.text(field, row);
        let of = |bundle| batch.combination(bundle, row).index();
        let (own, terms) = (of(Bundle::Product), of(Bundle::Terms));
        let known = self.terms.get(terms).copied().flatten();
        let judged = known.unwrap_or_else(|| Terms::new(text));
        if known.is_none() {
            put_at(&mut self.terms, terms, Some(judged), None);
        }
        let at_hand = self.goods.get(own).copied().flatten();
        let at_hand = at_hand.filter(|(number, _)| *number == market.number());
        let goods = at_hand.map_or_else(|| Goods::new(calculator, market, &text), |(_, goods)| goods);
        if at_hand.is_none() {
            self.goods.put(own, Some((market.number(), goods)));
        }
        Product::on_terms(&judged, &goods, calculator, &text)
    }

    /// Adds an epoch right behind the first of its product, as the next lines are mostly of its days too, and says its place.
    fn add_epoch(&mut self, first: u32, mut epoch: Epoch) -> Option<u32> {
        let new = u32::try_from(self.epochs.len()).ok().filter(|new| *new != NONE)?;
        if let Some(first) = self.epochs.row_mut(first as usize).first_mut() {
            epoch.next = std::mem::replace(&mut first.next, new);
        }
        self.epochs.push(&[epoch]);
        Some(new)
    }
}

impl KnownProduct {
    /// Of no product.
    pub const NOTHING: Self =
        Self { line: None, market_assumed: false, tiered: false, marks: Marks::NONE, first: NONE };
}

impl Epoch {
    /// The product's answers change where a price begins or ends, and where an exclusion begins; between them one day tells.
    fn new(product: &Product<'_>, rule: &Rule, day: Day) -> Self {
        let (mut from, mut until) = (i32::MIN, i32::MAX);
        for change in product.changes().chain(rule.exclusion_days()).map(Day::number) {
            if change <= day.number() {
                from = from.max(change);
            } else {
                until = until.min(change);
            }
        }
        let (reason, quote) = product.on(rule, day);
        Self {
            from,
            until,
            next: NONE,
            reason,
            listed: quote.and_then(|quote| quote.unit_price).cloned(),
            unrated: quote.is_some_and(|quote| quote.unit_price.is_none()),
        }
    }
}

#[cfg(test)]
mod tests {
    use smol_str::SmolStr;

    use super::*;
    use crate::price::{PriceList, PriceRow};
    use crate::usage::Field;

    const CHARGES: [&str; 4] = ["Usage", "Purchase", "Refund", "Tax"];
    const MODELS: [&str; 3] = ["OnDemand", "SavingsPlan", "Spot"];

    type Said = (Option<Reason>, bool, bool, Option<(Option<Reason>, Option<Amount>, bool)>);

    fn said<'c>(
        memo: &mut ProductMemo<'c>,
        calculator: &'c Calculator,
        batch: &UsageBatch,
        row: usize,
    ) -> Said {
        let market = Market::of(calculator, &|field| batch.text(field, row));
        let known = memo.find(calculator, batch, row, market);
        let at = memo.on_day_of(calculator, batch, row, market, &known);
        assert_eq!(memo.on(&known, batch.dates()[row]), at);
        let epoch = at.and_then(|at| memo.epoch(at));
        let epoch = epoch.map(|epoch| (epoch.reason, epoch.listed.clone(), epoch.unrated));
        (known.line, known.market_assumed, known.tiered, epoch)
    }

    fn price(meter: &str, price: i32, start: &str, end: &str) -> PriceRow {
        PriceRow {
            product_id: "DDD123456ABC".into(),
            sku_id: "0001".into(),
            meter_ids: vec![meter.into()],
            market: "DE".into(),
            currency: "USD".into(),
            unit_price: Amount::from(i64::from(price)),
            unit: SmolStr::default(),
            tier_min: None,
            tier_max: None,
            tier_above: None,
            start: start.parse().ok(),
            end: end.parse().ok(),
            tags: vec!["Azure".into()],
            publisher: SmolStr::default(),
        }
    }

    /// More terms than are near, of two products, in an order in which each comes again after it went and before, on days on
    /// which prices and exclusions begin and end and others between, and without a list.
    #[test]
    fn a_product_is_the_same_wherever_and_whenever_it_is_found() {
        let rows = vec![
            price("one", 1, "2021-01-01T00:00:00Z", "2023-05-03T00:00:00Z"),
            price("one", 2, "2023-05-03T00:00:00Z", ""),
            price("two", 3, "2023-05-03T12:00:00Z", "2024-01-01T00:00:00Z"),
        ];
        let list = PriceList::new(rows);
        for calculator in [Calculator::builder(), Calculator::builder().prices(list)] {
            let calculator = calculator.build().unwrap();
            let mut batch = UsageBatch::new();
            let orders = [(1, 600), (7, 600), (5, 600), (0, 10)];
            let all = orders.iter().flat_map(|(step, count)| (0..*count).map(move |at| at * step));
            let starts: Vec<Day> = calculator.rule().exclusion_days().collect();
            let days = ["2020-06-01", "2023-05-02", "2023-05-03", "2023-05-04", "2023-12-31", "2024-01-01"];
            let days = days.map(|day| day.parse().unwrap()).into_iter();
            let days: Vec<Day> = days
                .chain(starts.iter().flat_map(|day| [Day::from_number(day.number() - 1), *day]))
                .collect();
            for (row, at) in all.enumerate() {
                batch.set(Field::ProductId, "DDD123456ABC");
                batch.set(Field::SkuId, "0001");
                batch.set(Field::MeterId, ["one", "two"][at % 2]);
                batch.set(Field::ChargeType, CHARGES[at / 2 % 4]);
                batch.set(Field::PricingModel, MODELS[at / 8 % 3]);
                batch.push(days[at % 97 % days.len()], Amount::ONE, None, row as u64 + 1);
            }
            let mut memo = ProductMemo::default();
            let mut told = Vec::new();
            for row in 0..batch.len() {
                let found = said(&mut memo, &calculator, &batch, row);
                assert_eq!(found, said(&mut ProductMemo::default(), &calculator, &batch, row), "{row}");
                told.push(found.3);
            }
            let told: std::collections::HashSet<_> = told.iter().map(|told| format!("{told:?}")).collect();
            assert!(told.len() >= if calculator.has_prices() { 6 } else { 3 }, "{told:?}");
            // Each was worked out once.
            assert_eq!(memo.len(), 2 * CHARGES.len() * MODELS.len());
        }
    }
}
