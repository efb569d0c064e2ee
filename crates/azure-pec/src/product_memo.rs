//! What the products of lines are, worked out once for each, with what that means on any day.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::bundle::{Bundle, Combination};
use crate::calculator::Calculator;
use crate::day::{Day, Instant};
use crate::price::Price;
use crate::product::{Market, Product};
use crate::usage_batch::UsageBatch;
use crate::verdict::Reason;

/// The texts that tell what is used and how it is charged, and the market whose list says what it costs.
type ProductKey = (Combination, Combination, Market);

/// So many items of a product are near: it is mostly charged in a few ways.
const NEAR: usize = 4;
/// No place.
const NONE: u32 = u32::MAX;

/// A distinct product.
#[derive(Debug)]
struct Item {
    key: ProductKey,
    known: KnownProduct,
    /// Its last epoch: here, where every line looks.
    last: Epoch,
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
    item: u32,
    /// Its epochs but the last, among those of all products.
    epochs: (u32, u32),
}

/// What a product is from a day on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Epoch {
    from: i32,
    /// What the product rules out.
    pub reason: Option<Reason>,
    /// The list's price of a unit, where it has one price: here, where the line looks anyway, and not in the list.
    pub listed: Option<Amount>,
    /// Its price is one of several tiers.
    pub unrated: bool,
}

/// The products of the lines of one pool of texts.
#[derive(Debug, Default)]
pub(crate) struct ProductMemo {
    /// The market of each place.
    markets: Vec<Option<Market>>,
    items: Vec<Item>,
    /// The items that a product had last, by some of its terms and whatever the market: one look where there is one.
    near: Vec<u32>,
    by_key: FxHashMap<ProductKey, u32>,
    epochs: Vec<Epoch>,
}

impl ProductMemo {
    /// The number of distinct products.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The product of a line.
    pub fn find(&mut self, calculator: &Calculator, batch: &UsageBatch, row: usize) -> KnownProduct {
        let market = self.market(calculator, batch, row);
        let of = |bundle| batch.combination(bundle, row);
        let key = (of(Bundle::Product), of(Bundle::Terms), market);
        let place = key.0.index() * NEAR + key.1.index() % NEAR;
        let near = self.near.get(place).and_then(|at| self.items.get(*at as usize));
        if let Some(item) = near.filter(|item| item.key == key) {
            return item.known;
        }
        let at = match self.by_key.get(&key) {
            Some(at) => *at,
            None => self.add(calculator, key, batch, row),
        };
        put_at(&mut self.near, place, at, NONE);
        // It was found, or has just been put there.
        self.items.get(at as usize).map_or(KnownProduct::NOTHING, |item| item.known)
    }

    /// What a product is on a day.
    pub fn on(&self, product: &KnownProduct, day: Day) -> Option<&Epoch> {
        let last = self.items.get(product.item as usize).map(|item| &item.last);
        if last.is_some_and(|last| last.from <= day.number()) {
            return last;
        }
        let (start, end) = product.epochs;
        let epochs = self.epochs.get(start as usize..end as usize)?;
        epochs.iter().rev().find(|epoch| epoch.from <= day.number())
    }

    /// The customer decides; without one the place tells whose market it is.
    fn market(&mut self, calculator: &Calculator, batch: &UsageBatch, row: usize) -> Market {
        let place = batch.combination(Bundle::Place, row).index();
        if let Some(Some(market)) = self.markets.get(place) {
            return *market;
        }
        let market = Market::of(calculator, &|field| batch.text(field, row));
        put_at(&mut self.markets, place, Some(market), None);
        market
    }

    fn add(&mut self, calculator: &Calculator, key: ProductKey, batch: &UsageBatch, row: usize) -> u32 {
        let product = Product::new(calculator, key.2, |field| batch.text(field, row));
        let first = self.epochs.len();
        let last = add_epochs(&product, calculator, &mut self.epochs);
        let place = |at: usize| u32::try_from(at).unwrap_or(NONE);
        let known = KnownProduct {
            line: product.line_reason(),
            market_assumed: key.2.assumed,
            tiered: product.is_tiered(),
            item: place(self.items.len()),
            epochs: (place(first), place(self.epochs.len())),
        };
        let at = known.item;
        self.items.push(Item { key, known, last });
        self.by_key.insert(key, at);
        at
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
    pub const NOTHING: Self =
        Self { line: None, market_assumed: false, tiered: false, item: NONE, epochs: (0, 0) };
}

/// The product's answers change where a price begins or ends, and where an exclusion begins; between them one day tells.
/// The last epoch is handed back, those before it are put to the others.
fn add_epochs(product: &Product<'_>, calculator: &Calculator, epochs: &mut Vec<Epoch>) -> Epoch {
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
    let mut last = epoch(i32::MIN, Day::from_number(before));
    for day in days {
        let next = epoch(day.number(), day);
        if (Epoch { from: last.from, ..next.clone() }) != last {
            epochs.push(std::mem::replace(&mut last, next));
        }
    }
    last
}
