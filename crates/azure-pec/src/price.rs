//! The Azure plan price list and what it says: product, SKU, meter, market and day to tiers and tags.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::amount::Amount;
use crate::day::{Day, Instant, Interval};
use crate::tier::Tier;

/// One row of a price list: one tier of one price, for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// Product id, such as `DZH318Z0BNVX`.
    pub product_id: SmolStr,
    /// SKU id, such as `0003`.
    pub sku_id: SmolStr,
    /// The meters that the price is of; none is all of the SKU's.
    #[serde(default)]
    pub meter_ids: Vec<SmolStr>,
    /// Two letters.
    pub market: SmolStr,
    /// The pricing currency.
    pub currency: SmolStr,
    /// For one unit of measure, before any credit.
    pub unit_price: Amount,
    /// The unit of measure, such as `1 Hour`; empty where the list names none.
    #[serde(default, skip_serializing_if = "SmolStr::is_empty")]
    pub unit: SmolStr,
    /// First unit of the tier, counted from 1; none where there are no tiers.
    #[serde(default)]
    pub tier_min: Option<Amount>,
    /// Last unit of the tier.
    #[serde(default)]
    pub tier_max: Option<Amount>,
    /// Units before the tier, as price sheet and retail list count them (`tierMinimumUnits`, from 0); in place of the
    /// two above. Such a tier ends where the next begins.
    #[serde(default)]
    pub tier_above: Option<Amount>,
    /// From when.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded).
    #[serde(default)]
    pub end: Option<Instant>,
    /// Such as `Azure` and `Third Party`.
    #[serde(default)]
    pub tags: Vec<SmolStr>,
    /// `Microsoft` also where it resells: no test for anything.
    #[serde(default)]
    pub publisher: SmolStr,
}

impl PriceRow {
    pub(crate) fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }

    /// Whether it is tagged as a third party's, and as a reservation.
    pub(crate) fn tags(&self) -> (bool, bool) {
        let is = |tag: &str, wanted: &str| {
            let letters = tag.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase());
            letters.eq(wanted.chars())
        };
        let tags = self.tags.iter().flat_map(|tags| tags.split([',', ';']));
        tags.fold((false, false), |(third_party, reservation), tag| {
            let is_reservation = is(tag, "reservation") || is(tag, "reservations");
            (third_party || is(tag, "thirdparty"), reservation || is_reservation)
        })
    }
}

/// What a price list says of one SKU and meter in one market for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Price {
    /// When it holds.
    #[serde(skip)]
    pub span: Interval,
    /// The pricing currency.
    pub currency: SmolStr,
    /// The unit of measure; empty where the list names none.
    #[serde(skip)]
    pub unit: SmolStr,
    /// Its tiers, the lowest first; one where there are none.
    pub tiers: Vec<Tier>,
    /// Tagged Third Party.
    pub third_party: bool,
    /// Tagged as a reservation.
    pub reservation: bool,
}

impl Price {
    /// A price of such tiers that holds always, of what is neither a third party's nor a reservation.
    #[must_use]
    pub fn of_tiers(currency: &str, tiers: Vec<Tier>) -> Self {
        Self {
            span: Interval::new(None, None),
            currency: currency.into(),
            unit: SmolStr::default(),
            tiers,
            third_party: false,
            reservation: false,
        }
    }

    /// The price of a unit where one price is all there is.
    #[must_use]
    pub fn single(&self) -> Option<&Amount> {
        match self.tiers.as_slice() {
            [tier] => Some(&tier.unit_price),
            _ => None,
        }
    }
}

/// Where a row of a list stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RowPlace {
    part: u32,
    at: u32,
}

/// Any number of price lists, of any markets and months.
#[derive(Debug, Clone, Default)]
pub struct PriceList {
    // Shared: a list has many thousand rows, and calculators are made of the same one again and again. In the parts that they
    // came in: to put them together is to move each.
    parts: Arc<Vec<Vec<PriceRow>>>,
}

impl PartialEq for PriceList {
    fn eq(&self, other: &Self) -> bool {
        self.rows().eq(other.rows())
    }
}

impl Eq for PriceList {}

/// Parts of a list, one behind the other.
impl FromIterator<Vec<PriceRow>> for PriceList {
    fn from_iter<I: IntoIterator<Item = Vec<PriceRow>>>(parts: I) -> Self {
        Self { parts: Arc::new(parts.into_iter().collect()) }
    }
}

impl PriceList {
    /// A list of rows.
    #[must_use]
    pub fn new(rows: Vec<PriceRow>) -> Self {
        Self::from_iter([rows])
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = &PriceRow> + Clone {
        self.parts.iter().flatten()
    }

    /// The rows, each with the place where it is found again.
    pub(crate) fn places(&self) -> impl Iterator<Item = (RowPlace, &PriceRow)> {
        (0..)
            .zip(&*self.parts)
            .flat_map(|(part, rows)| (0..).zip(rows).map(move |(at, row)| (RowPlace { part, at }, row)))
    }

    /// The row at a place of this list.
    #[inline]
    pub(crate) fn row(&self, RowPlace { part, at }: RowPlace) -> Option<&PriceRow> {
        self.parts.get(part as usize)?.get(at as usize)
    }

    /// The number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.parts.iter().map(Vec::len).sum()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds the rows of another list.
    pub fn merge(&mut self, other: Self) {
        if self.is_empty() {
            *self = other;
            return;
        }
        Arc::make_mut(&mut self.parts).extend(Arc::unwrap_or_clone(other.parts));
    }
}

/// Whether any of the prices has tiers.
pub(crate) fn has_tiers(prices: &[Price]) -> bool {
    prices.iter().any(|price| price.tiers.len() > 1)
}

/// The price of the day.
pub(crate) fn on_day(prices: &[Price], day: Day) -> Option<&Price> {
    prices.iter().find(|price| price.span.contains(day.start()))
}
