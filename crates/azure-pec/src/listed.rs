//! What a price list says of a product, as far as a line asks that no tier decides on.

use crate::amount::Amount;
use crate::day::{Day, Interval};
use crate::price::{Price, PriceRow, has_tiers, on_day};

/// The prices of one SKU and meter in one market.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Listed<'l> {
    /// One row, which holds for any quantity: it says all, and nothing is made of it.
    Row(&'l PriceRow),
    /// The oldest first.
    Prices(&'l [Price]),
}

/// What they say on a day.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Quote<'l> {
    /// The price of a unit; none where there are several tiers.
    pub unit_price: Option<&'l Amount>,
    /// Tagged Third Party.
    pub third_party: bool,
    /// Tagged as a reservation.
    pub reservation: bool,
}

impl<'l> Listed<'l> {
    /// Nothing.
    pub const NOTHING: Self = Self::Prices(&[]);

    /// What they say on a day, where one holds.
    pub fn on(self, day: Day) -> Option<Quote<'l>> {
        match self {
            Self::Row(row) if row.interval().contains(day.start()) => {
                let (third_party, reservation) = row.tags();
                Some(Quote { unit_price: Some(&row.unit_price), third_party, reservation })
            }
            Self::Row(_) => None,
            Self::Prices(prices) => on_day(prices, day).map(|price| Quote {
                unit_price: price.single(),
                third_party: price.third_party,
                reservation: price.reservation,
            }),
        }
    }

    /// When they hold.
    pub fn spans(self) -> impl Iterator<Item = Interval> {
        let (row, prices) = match self {
            Self::Row(row) => (Some(row.interval()), &[][..]),
            Self::Prices(prices) => (None, prices),
        };
        row.into_iter().chain(prices.iter().map(|price| price.span))
    }

    /// Whether any of them has tiers.
    pub fn has_tiers(self) -> bool {
        match self {
            Self::Row(_) => false,
            Self::Prices(prices) => has_tiers(prices),
        }
    }
}
