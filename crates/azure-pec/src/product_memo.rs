//! What the products of lines are, worked out once for each, with what that means on any day.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::bundle::{Bundle, Combination};
use crate::calculator::Calculator;
use crate::day::{Day, Instant};
use crate::pieces::Pieces;
use crate::price::Price;
use crate::product::{Goods, Market, Product, Terms};
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
    /// Its last epoch, among those of all products; the earlier ones stand before it.
    last: u32,
}

/// What a product is from a day on. Every line looks at one twice: it lies in one line of the processor's cache.
#[derive(Debug, Clone, PartialEq, Default)]
#[repr(align(64))]
pub(crate) struct Epoch {
    from: i32,
    /// What the product rules out.
    pub reason: Option<Reason>,
    /// The list's price of a unit, where it has one price: here, where the line looks anyway, and not in the list.
    pub listed: Option<Amount>,
    /// Its price is one of several tiers.
    pub unrated: bool,
}

/// The first epoch of a product is from here on.
const EVER: i32 = i32::MIN;

/// The products of the lines of one pool of texts.
#[derive(Debug, Default)]
pub(crate) struct ProductMemo<'c> {
    /// By the place of the product.
    near: Pieces<AllNear>,
    /// Those that others took the place of: few, as a product is mostly charged in a few ways.
    far: FxHashMap<ProductKey, KnownProduct>,
    /// The epochs of products, one product's behind the other's. Products that differ in their terms alone mostly have the
    /// same.
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
        let known = known.unwrap_or_else(|| self.learn(calculator, (product, terms), market, batch, row));
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

    /// What a product is on a day, by its place; whoever asks for many of them asks for their places first.
    #[inline]
    pub fn on(&self, product: &KnownProduct, day: Day) -> Option<u32> {
        let mut at = product.last;
        while self.epoch(at)?.from > day.number() {
            // The first one of a product begins before every day.
            at = at.checked_sub(1)?;
        }
        Some(at)
    }

    /// What a product is, by its place.
    #[inline]
    pub fn epoch(&self, at: u32) -> Option<&Epoch> {
        self.epochs.get(at as usize)
    }

    fn learn(
        &mut self,
        calculator: &'c Calculator,
        (own, terms): (Combination, Combination),
        market: Market,
        batch: &UsageBatch,
        row: usize,
    ) -> KnownProduct {
        let text = |field| batch.text(field, row);
        let known = self.terms.get(terms.index()).copied().flatten();
        let judged = known.unwrap_or_else(|| Terms::new(text));
        if known.is_none() {
            put_at(&mut self.terms, terms.index(), Some(judged), None);
        }
        let at_hand = self.goods.get(own.index()).copied().flatten();
        let at_hand = at_hand.filter(|(number, _)| *number == market.number());
        let goods = at_hand.map_or_else(|| Goods::new(calculator, market, &text), |(_, goods)| goods);
        if at_hand.is_none() {
            self.goods.put(own.index(), Some((market.number(), goods)));
        }
        let product = Product::on_terms(&judged, &goods, calculator, &text);
        KnownProduct {
            line: product.line_reason(),
            market_assumed: market.assumed,
            tiered: product.is_tiered(),
            last: self.last_epoch(own, &epochs(&product, calculator)),
        }
    }

    /// Where the last of these epochs stands; they are added where nothing near the product has the same.
    fn last_epoch(&mut self, product: Combination, epochs: &[Epoch]) -> u32 {
        let near = self.near.get(product.index()).into_iter().flat_map(|AllNear(near)| near);
        let mut lasts = near.map(|near| near.known.last);
        let same = |last: &u32| {
            let start = (*last as usize + 1).checked_sub(epochs.len());
            start.is_some_and(|start| {
                epochs.iter().enumerate().all(|(at, epoch)| self.epochs.get(start + at) == Some(epoch))
            })
        };
        if let Some(last) = lasts.find(same) {
            return last;
        }
        epochs.iter().for_each(|epoch| self.epochs.push(std::slice::from_ref(epoch)));
        u32::try_from(self.epochs.len()).ok().and_then(|end| end.checked_sub(1)).unwrap_or(NONE)
    }
}

/// Puts an item at a place, and `nothing` before it where there was none.
pub(crate) fn put_at<T: Clone>(items: &mut Vec<T>, place: usize, item: T, nothing: T) {
    if items.len() <= place {
        items.resize(place + 1, nothing);
    }
    if let Some(at) = items.get_mut(place) {
        *at = item;
    }
}

impl KnownProduct {
    /// Of no product.
    pub const NOTHING: Self = Self { line: None, market_assumed: false, tiered: false, last: NONE };
}

/// The product's answers change where a price begins or ends, and where an exclusion begins; between them one day tells.
fn epochs(product: &Product<'_>, calculator: &Calculator) -> Vec<Epoch> {
    let bounded = |at: &Instant| *at != Instant::MIN && *at != Instant::MAX;
    let prices = product.prices().iter().flat_map(|price| [price.span.start, price.span.end]);
    // A price counts on the days whose first instant it holds.
    let changes = prices.filter(bounded).flat_map(|at| [at.day(), at.day().next()]);
    let mut days: Vec<Day> = changes.chain(calculator.rule().exclusion_days()).collect();
    days.sort_unstable();
    days.dedup();
    let epoch = |from: i32, day: Day| {
        let price = product.price(day);
        Epoch {
            from,
            reason: product.product_reason(calculator.rule(), day),
            listed: price.and_then(Price::single).cloned(),
            unrated: price.is_some_and(|price| price.single().is_none()),
        }
    };
    let before = days.first().map_or(0, |first| first.number().saturating_sub(1));
    let mut all = vec![epoch(EVER, Day::from_number(before))];
    for day in days {
        let next = epoch(day.number(), day);
        if all.last().is_none_or(|last| Epoch { from: last.from, ..next.clone() } != *last) {
            all.push(next);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Field;

    const CHARGES: [&str; 4] = ["Usage", "Purchase", "Refund", "Tax"];
    const MODELS: [&str; 3] = ["OnDemand", "SavingsPlan", "Spot"];

    type Said = (Option<Reason>, bool, bool, Option<Epoch>);

    fn said<'c>(
        memo: &mut ProductMemo<'c>,
        calculator: &'c Calculator,
        batch: &UsageBatch,
        row: usize,
    ) -> Said {
        let market = Market::of(calculator, &|field| batch.text(field, row));
        let known = memo.find(calculator, batch, row, market);
        let epoch = memo.on(&known, Day::from_number(20_000)).and_then(|at| memo.epoch(at)).cloned();
        (known.line, known.market_assumed, known.tiered, epoch)
    }

    /// More terms than are near, of two products, in an order in which each comes again after it went and before.
    #[test]
    fn a_product_is_the_same_wherever_it_is_found() {
        let calculator = Calculator::builder().build().unwrap();
        let mut batch = UsageBatch::new();
        let orders = [(1, 60), (7, 60), (5, 60), (0, 10)];
        let all = orders.iter().flat_map(|(step, count)| (0..*count).map(move |at| at * step));
        for (row, at) in all.enumerate() {
            batch.set(Field::MeterId, ["one", "two"][at % 2]);
            batch.set(Field::ChargeType, CHARGES[at / 2 % 4]);
            batch.set(Field::PricingModel, MODELS[at / 8 % 3]);
            batch.push(Day::from_number(20_000), Amount::ONE, None, row as u64 + 1);
        }
        let mut memo = ProductMemo::default();
        let reasons: Vec<_> = (0..batch.len())
            .map(|row| {
                let found = said(&mut memo, &calculator, &batch, row);
                assert_eq!(found, said(&mut ProductMemo::default(), &calculator, &batch, row), "{row}");
                (found.0, found.3.map(|epoch| epoch.reason))
            })
            .collect();
        assert!(reasons.iter().any(|other| *other != reasons[0]));
        // Each was worked out once.
        assert_eq!(memo.len(), 2 * CHARGES.len() * MODELS.len());
    }
}
