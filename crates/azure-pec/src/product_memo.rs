//! What the products of lines are, worked out once for each, with what that means on any day.

use std::hash::BuildHasher;

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

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

/// A distinct product. There may be hundreds of thousands of them, and every line looks at one: it is small.
#[derive(Debug)]
struct Item {
    key: ProductKey,
    known: KnownProduct,
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

/// The first epoch of a product is from here on.
const EVER: i32 = i32::MIN;

/// The products of the lines of one pool of texts.
#[derive(Debug, Default)]
pub(crate) struct ProductMemo {
    items: Vec<Item>,
    /// The items that a product had last, by some of its terms and whatever the market: one look where there is one.
    near: Vec<u32>,
    by_key: HashTable<u32>,
    /// The epochs of products, one product's behind the other's. Products that differ in their terms alone mostly have the
    /// same.
    epochs: Vec<Epoch>,
}

impl ProductMemo {
    /// The number of distinct products.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The product of a line, whose price list is that of the market.
    pub fn find(
        &mut self,
        calculator: &Calculator,
        batch: &UsageBatch,
        row: usize,
        market: Market,
    ) -> KnownProduct {
        let of = |bundle| batch.combination(bundle, row);
        let key = (of(Bundle::Product), of(Bundle::Terms), market);
        let place = key.0.index() * NEAR + key.1.index() % NEAR;
        let near = self.near.get(place).and_then(|at| self.items.get(*at as usize));
        if let Some(item) = near.filter(|item| item.key == key) {
            return item.known;
        }
        let is_it = |at: &u32| self.items.get(*at as usize).is_some_and(|item| item.key == key);
        let at = match self.by_key.find(hash_of(&key), is_it) {
            Some(at) => *at,
            None => self.add(calculator, key, batch, row),
        };
        put_at(&mut self.near, place, at, NONE);
        // It was found, or has just been put there.
        self.items.get(at as usize).map_or(KnownProduct::NOTHING, |item| item.known)
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

    fn add(&mut self, calculator: &Calculator, key: ProductKey, batch: &UsageBatch, row: usize) -> u32 {
        let product = Product::new(calculator, key.2, |field| batch.text(field, row));
        let known = KnownProduct {
            line: product.line_reason(),
            market_assumed: key.2.assumed,
            tiered: product.is_tiered(),
            last: self.last_epoch(key.0, epochs(&product, calculator)),
        };
        let Self { items, by_key, .. } = self;
        let at = u32::try_from(items.len()).unwrap_or(NONE);
        items.push(Item { key, known });
        by_key.insert_unique(hash_of(&key), at, |at| {
            items.get(*at as usize).map_or(0, |item| hash_of(&item.key))
        });
        at
    }

    /// Where the last of these epochs stands; they are added where none of the items near the product has the same.
    fn last_epoch(&mut self, product: Combination, epochs: Vec<Epoch>) -> u32 {
        let near = self.near.iter().skip(product.index() * NEAR).take(NEAR);
        let mut lasts = near.filter_map(|at| Some(self.items.get(*at as usize)?.known.last));
        let same = |last: &u32| {
            let end = *last as usize + 1;
            let own = end.checked_sub(epochs.len()).and_then(|start| self.epochs.get(start..end));
            own == Some(&epochs)
        };
        if let Some(last) = lasts.find(same) {
            return last;
        }
        make_room(&mut self.epochs, epochs.len());
        self.epochs.extend(epochs);
        u32::try_from(self.epochs.len()).ok().and_then(|end| end.checked_sub(1)).unwrap_or(NONE)
    }
}

fn hash_of(key: &ProductKey) -> u64 {
    FxBuildHasher.hash_one(key)
}

/// Makes room for so many more by quarters: there may be many MiB of them.
fn make_room<T>(items: &mut Vec<T>, more: usize) {
    if items.capacity() - items.len() < more {
        items.reserve_exact(more + items.len() / 4);
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
