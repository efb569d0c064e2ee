//! A second export of the same usage, held against the first.
//!
//! Of every place (subscription, product and rate of an invoice) one number is kept, which is 0 where both exports have the
//! same lines on the same days: memory follows places, not days or lines. Only where it is not 0 are days looked at, in a
//! second pass over the files.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::amount::Amount;
use crate::day::Day;
use crate::names::{Moved, Name, Names, Number};
use crate::origin::Origin;
use crate::parcel::References;

/// What lines of either export are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub invoice: Name,
    pub customer: Name,
    pub plan: Name,
    pub subscription: Name,
    pub product: Name,
    pub sku: Name,
    pub rate: Number,
}

impl Place {
    pub fn of(origin: &Origin, names: &mut Names) -> Self {
        Self {
            invoice: origin.invoice,
            customer: origin.customer,
            plan: origin.plan,
            subscription: origin.subscription,
            product: origin.product,
            sku: origin.sku,
            rate: origin.applied.unwrap_or_else(|| names.put_number(&Amount::ZERO)),
        }
    }

    fn moved(self, moved: &Moved) -> Self {
        Self {
            invoice: self.invoice.moved(moved),
            customer: self.customer.moved(moved),
            plan: self.plan.moved(moved),
            subscription: self.subscription.moved(moved),
            product: self.product.moved(moved),
            sku: self.sku.moved(moved),
            rate: self.rate.moved(moved),
        }
    }
}

/// A line, as far as the exports are compared.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seen<'l> {
    pub day: Day,
    pub quantity: &'l Amount,
    /// Its own list price.
    pub price: Option<&'l Amount>,
}

/// What the second export has more of than the first, on a day.
#[derive(Debug, Clone, Default)]
pub(crate) struct DayBalance {
    pub lines: i64,
    /// All lines of the second export.
    pub shown: u64,
    pub quantity: Amount,
    /// At the price that the list has for them.
    pub rated: Amount,
    /// At their own list prices.
    pub own: Amount,
    /// The rate that should be; none where the rule cannot say.
    pub expected: Option<Amount>,
    /// Lines of the second export.
    pub references: References,
}

impl DayBalance {
    /// Whether both exports have the same.
    pub fn is_even(&self) -> bool {
        self.lines == 0 && self.quantity.is_zero() && self.own.is_zero()
    }
}

/// Both exports.
#[derive(Debug, Clone, Default)]
pub(crate) struct Witness {
    /// The second less the first.
    balances: IndexMap<Place, Amount, FxBuildHasher>,
    /// The invoices (and customers) that the second has lines of.
    invoices: FxHashSet<(Name, Name)>,
    pub days: FxHashMap<(Place, Day), DayBalance>,
}

impl Witness {
    /// Adds a line of the second export, or takes away one of the first.
    pub fn weigh(&mut self, place: Place, seen: Seen<'_>, second: bool) {
        if second {
            self.invoices.insert((place.invoice, place.customer));
        }
        let weight = weigh(seen);
        let balance = self.balances.entry(place).or_default();
        if second {
            *balance += &weight;
        } else {
            *balance = &*balance - &weight;
        }
    }

    /// Whether the two exports differ there, on an invoice of which both show something.
    pub fn is_in_doubt(&self, place: &Place) -> bool {
        self.invoices.contains(&(place.invoice, place.customer))
            && self.balances.get(place).is_some_and(|balance| !balance.is_zero())
    }

    pub fn differs(&self) -> bool {
        self.balances.keys().any(|place| self.is_in_doubt(place))
    }

    pub fn merge(&mut self, other: Self, moved: &Moved) {
        for (place, balance) in other.balances {
            *self.balances.entry(place.moved(moved)).or_default() += &balance;
        }
        let invoices = other.invoices.into_iter();
        self.invoices.extend(invoices.map(|(invoice, of)| (invoice.moved(moved), of.moved(moved))));
    }
}

/// A number for a line, so that sums are the same where the lines of each day are. A sum that comes out even otherwise takes
/// a chance of one in thousands of millions.
fn weigh(seen: Seen<'_>) -> Amount {
    let weight = |part: u64| {
        let mut bits =
            (u64::from(seen.day.number().unsigned_abs()) << 2 | part).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        Amount::new(i128::from(bits >> 32 | 1), 0)
    };
    let mut unit = weight(1);
    if let Some(price) = seen.price {
        unit += &(price * &weight(2));
    }
    &weight(0) + &(seen.quantity * &unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day's number, a quantity and a price.
    fn of(day: i32, quantity: i64, price: Option<i64>) -> Amount {
        let (quantity, price) = (Amount::from(quantity), price.map(Amount::from));
        weigh(Seen { day: Day::from_number(day), quantity: &quantity, price: price.as_ref() })
    }

    /// Sums that come out even where days are taken for each other would hide that exports differ.
    #[test]
    fn lines_of_other_days_do_not_even_out() {
        let days = 20_500..20_531;
        for (one, other) in days.clone().flat_map(|one| (one + 1..days.end).map(move |other| (one, other))) {
            assert_ne!(of(one, 1, None), of(other, 1, None));
            // Quantities, and prices, that stand at the other's day.
            assert_ne!(&of(one, 1, None) + &of(other, 2, None), &of(one, 2, None) + &of(other, 1, None));
            let priced = |day: i32, price: i64| of(day, 1, Some(price));
            assert_ne!(&priced(one, 1) + &priced(other, 2), &priced(one, 2) + &priced(other, 1));
            // As far apart, and so the same together if days counted as they are.
            let (before, after) = (one - 3, other + 3);
            assert_ne!(&of(one, 1, None) + &of(other, 1, None), &of(before, 1, None) + &of(after, 1, None));
        }
    }

    #[test]
    fn a_line_counts_with_its_quantity_and_its_price() {
        let all = [
            of(1, 1, None),
            of(1, 2, None),
            of(1, 0, None),
            of(1, 1, Some(1)),
            of(1, 1, Some(2)),
            of(1, 2, Some(1)),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all[at + 1..].iter().all(|other| other != one), "{at}");
        }
        // Lines add up: a line in two halves is one line more, and nothing else.
        let line = &of(1, 2, None) - &of(1, 1, None);
        assert_eq!(&of(1, 3, None) - &of(1, 2, None), line);
        // A price of nothing is none.
        assert_eq!(of(1, 1, Some(0)), of(1, 1, None));
    }
}
