//! The Azure plan price list: product, SKU, meter, market and day to tiers and tags.

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::day::{Day, Instant, Interval};
use crate::error::Error;

/// One row of a price list: one tier of one price, for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRow {
    /// Product id, such as `DZH318Z0BNVX`.
    pub product_id: String,
    /// SKU id, such as `0003`.
    pub sku_id: String,
    /// The meters that the price is of; none is all of the SKU's.
    #[serde(default)]
    pub meter_ids: Vec<String>,
    /// Two letters.
    pub market: String,
    /// The pricing currency.
    pub currency: String,
    /// For one unit of measure, before any credit.
    pub unit_price: Amount,
    /// First unit of the tier, counted from 1; none where there are no tiers.
    #[serde(default)]
    pub tier_min: Option<Amount>,
    /// Last unit of the tier.
    #[serde(default)]
    pub tier_max: Option<Amount>,
    /// From when.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded).
    #[serde(default)]
    pub end: Option<Instant>,
    /// Such as `Azure` and `Third Party`.
    #[serde(default)]
    pub tags: Vec<String>,
    /// `Microsoft` also where it resells: no test for anything.
    #[serde(default)]
    pub publisher: String,
}

impl PriceRow {
    fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }

    fn has_tag(&self, wanted: &str) -> bool {
        self.tags.iter().any(|tag| {
            let letters = tag.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase());
            letters.eq(wanted.chars())
        })
    }
}

/// A tier: so many units, each at this price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// Units before the tier: it holds the quantity in `(above, up_to]`.
    pub above: Amount,
    /// The last unit; none is without end.
    pub up_to: Option<Amount>,
    /// For one unit of measure.
    pub unit_price: Amount,
}

/// What a price list says of one SKU and meter in one market for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Price {
    /// When it holds.
    #[serde(skip)]
    pub span: Interval,
    /// The pricing currency.
    pub currency: String,
    /// Its tiers, the lowest first; one where there are none.
    pub tiers: Vec<Tier>,
    /// Tagged Third Party.
    pub third_party: bool,
    /// Tagged as a reservation.
    pub reservation: bool,
}

impl Price {
    /// The price of a unit where one price is all there is.
    #[must_use]
    pub fn single(&self) -> Option<&Amount> {
        match self.tiers.as_slice() {
            [tier] => Some(&tier.unit_price),
            _ => None,
        }
    }
}

/// Any number of price lists, of any markets and months.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceList {
    rows: Vec<PriceRow>,
}

impl PriceList {
    /// A list of rows.
    #[must_use]
    pub const fn new(rows: Vec<PriceRow>) -> Self {
        Self { rows }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[PriceRow] {
        &self.rows
    }

    /// Adds the rows of another list.
    pub fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
    }
}

type SkuKey = (String, String, String);

/// The checked list, indexed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PriceIndex {
    /// By product, SKU and market; then by meter (an empty meter is any).
    prices: FxHashMap<SkuKey, FxHashMap<String, Vec<Price>>>,
    skus: FxHashMap<(String, String), ()>,
    markets: Vec<String>,
}

impl PriceIndex {
    /// Checks and indexes the list.
    pub fn new(list: &PriceList) -> Result<Self, Error> {
        type Ladders<'a> =
            IndexMap<(String, Option<Instant>, Option<Instant>), Vec<&'a PriceRow>, FxBuildHasher>;
        let mut grouped: IndexMap<SkuKey, Ladders<'_>, FxBuildHasher> = IndexMap::default();
        let mut index = Self::default();
        for row in &list.rows {
            if row.interval().is_empty() {
                return Err(Error::GrantInverted {
                    what: "the price of",
                    id: format!("{} {}", row.product_id, row.sku_id),
                    start: row.interval().start,
                    end: row.interval().end,
                });
            }
            let key = sku_key(&row.product_id, &row.sku_id, &row.market);
            if !index.markets.contains(&key.2) {
                index.markets.push(key.2.clone());
            }
            index.skus.insert((key.0.clone(), key.1.clone()), ());
            let ladders = grouped.entry(key).or_default();
            let any = [String::new()];
            let meters = if row.meter_ids.is_empty() { any.as_slice() } else { &row.meter_ids };
            for meter in meters {
                let ladder = ladders.entry((meter.to_ascii_lowercase(), row.start, row.end)).or_default();
                if !ladder.iter().any(|other| same_row(other, row)) {
                    ladder.push(row);
                }
            }
        }
        index.markets.sort_unstable();
        for (key, ladders) in grouped {
            let meters = index.prices.entry(key).or_default();
            for ((meter, ..), rows) in ladders {
                let price = price_of(&rows, &meter)?;
                let prices = meters.entry(meter.clone()).or_default();
                if let Some(rival) = prices.iter().find(|p| p.span.intersection(&price.span).is_some()) {
                    // Identical prices over overlapping spans say the same thing; joined, they are one.
                    if !same_price(rival, &price) {
                        return Err(overlap(&rows, &meter, &describe(rival), &describe(&price)));
                    }
                }
                prices.push(price);
            }
        }
        for prices in index.prices.values_mut().flat_map(FxHashMap::values_mut) {
            prices.sort_by_key(|price| price.span);
        }
        Ok(index)
    }

    pub fn markets(&self) -> &[String] {
        &self.markets
    }

    /// Whether any price of the list has tiers.
    pub fn has_tiers(&self) -> bool {
        self.prices.values().flat_map(FxHashMap::values).flatten().any(|price| price.tiers.len() > 1)
    }

    /// Whether any market's list holds the SKU.
    pub fn has_sku(&self, product: &str, sku: &str) -> bool {
        self.skus.contains_key(&(product.to_ascii_lowercase(), sku.to_ascii_lowercase()))
    }

    /// Every price of the SKU and meter in the market, the oldest first. A line without a meter takes the SKU's prices
    /// where all its meters cost the same.
    pub fn find(&self, product: &str, sku: &str, meter: &str, market: &str) -> &[Price] {
        let Some(meters) = self.prices.get(&sku_key(product, sku, market)) else { return &[] };
        if meter.is_empty() {
            let mut all = meters.values();
            let Some(first) = all.next() else { return &[] };
            return if all.all(|prices| prices == first) { first } else { &[] };
        }
        meters
            .get(&meter.to_ascii_lowercase())
            .or_else(|| meters.get(""))
            .map(Vec::as_slice)
            .unwrap_or_default()
    }
}

/// The price of the day.
pub(crate) fn on_day(prices: &[Price], day: Day) -> Option<&Price> {
    prices.iter().find(|price| price.span.contains(day.start()))
}

fn sku_key(product: &str, sku: &str, market: &str) -> SkuKey {
    (product.to_ascii_lowercase(), sku.to_ascii_lowercase(), market.to_ascii_uppercase())
}

fn same_row(one: &PriceRow, two: &PriceRow) -> bool {
    (
        &one.unit_price,
        &one.tier_min,
        &one.tier_max,
        &one.currency,
        one.has_tag("thirdparty"),
        one.has_tag("reservation"),
    ) == (
        &two.unit_price,
        &two.tier_min,
        &two.tier_max,
        &two.currency,
        two.has_tag("thirdparty"),
        two.has_tag("reservation"),
    )
}

fn same_price(one: &Price, two: &Price) -> bool {
    (&one.currency, &one.tiers, one.third_party, one.reservation)
        == (&two.currency, &two.tiers, two.third_party, two.reservation)
}

fn describe(price: &Price) -> String {
    let tiers: Vec<_> = price.tiers.iter().map(|tier| tier.unit_price.to_string()).collect();
    format!("{} {} in {}", tiers.join("/"), price.currency, price.span)
}

fn overlap(rows: &[&PriceRow], meter: &str, first: &str, second: &str) -> Error {
    let row = rows.first();
    let text = |get: fn(&PriceRow) -> &String| row.map(|row| get(row).clone()).unwrap_or_default();
    Error::PriceOverlap {
        product: text(|row| &row.product_id),
        sku: text(|row| &row.sku_id),
        market: text(|row| &row.market),
        meter: meter.to_owned(),
        first: first.to_owned(),
        second: second.to_owned(),
    }
}

/// Puts the rows of one span together into one ladder of tiers.
///
/// The list's ranges are 1-based and inclusive (1-100, 101-100000); for broken quantities a tier holds `(min - 1, max]`.
fn price_of(rows: &[&PriceRow], meter: &str) -> Result<Price, Error> {
    let mut tiers: Vec<(Tier, &PriceRow)> = Vec::with_capacity(rows.len());
    for row in rows {
        let above = row
            .tier_min
            .as_ref()
            .map_or(Amount::ZERO, |min| if min.is_zero() { Amount::ZERO } else { min - &Amount::ONE });
        // The list's last tier ends at the largest 64-bit number, seen after a trip through a double.
        let endless = Amount::from(9_000_000_000_000_000_000);
        let up_to = row.tier_max.clone().filter(|max| *max < endless);
        tiers.push((Tier { above, up_to, unit_price: row.unit_price.clone() }, row));
    }
    tiers.sort_by(|(a, _), (b, _)| a.above.cmp(&b.above));
    for ((low, first), (high, second)) in tiers.iter().zip(tiers.iter().skip(1)) {
        let shown = |row: &PriceRow| format!("{} {} in {}", row.unit_price, row.currency, row.interval());
        if low.above == high.above && low.up_to == high.up_to {
            return Err(overlap(rows, meter, &shown(first), &shown(second)));
        }
        if low.up_to.as_ref() != Some(&high.above) {
            let end = low.up_to.as_ref().map_or_else(|| "without end".to_owned(), ToString::to_string);
            return Err(tier_invalid(
                first,
                format!("one tier ends at {end}, the next begins above {}", high.above),
            ));
        }
        if first.currency != second.currency {
            return Err(tier_invalid(first, format!("{} and {}", first.currency, second.currency)));
        }
    }
    let Some((lowest, row)) = tiers.first() else {
        return Err(Error::PriceTierInvalid {
            product: String::new(),
            sku: String::new(),
            problem: "no row".to_owned(),
        });
    };
    if !lowest.above.is_zero() {
        return Err(tier_invalid(row, format!("the first tier begins above {}, not above 0", lowest.above)));
    }
    for (tier, row) in &tiers {
        if tier.up_to.as_ref().is_some_and(|end| *end <= tier.above) || tier.above.is_negative() {
            return Err(tier_invalid(row, format!("the tier above {} ends before it begins", tier.above)));
        }
    }
    if let Some((Tier { up_to: Some(end), .. }, row)) = tiers.last() {
        return Err(tier_invalid(row, format!("no tier holds more than {end} units")));
    }
    Ok(Price {
        span: row.interval(),
        currency: row.currency.clone(),
        third_party: rows.iter().any(|row| row.has_tag("thirdparty")),
        reservation: rows.iter().any(|row| row.has_tag("reservation") || row.has_tag("reservations")),
        tiers: tiers.into_iter().map(|(tier, _)| tier).collect(),
    })
}

fn tier_invalid(row: &PriceRow, problem: String) -> Error {
    Error::PriceTierInvalid { product: row.product_id.clone(), sku: row.sku_id.clone(), problem }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(price: &str, min: &str, max: &str, start: &str, end: &str) -> PriceRow {
        let number = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        PriceRow {
            product_id: "DDD123456ABC".into(),
            sku_id: "01AB".into(),
            meter_ids: vec!["M1".into(), "m2".into()],
            market: "DE".into(),
            currency: "USD".into(),
            unit_price: price.parse().unwrap(),
            tier_min: number(min),
            tier_max: number(max),
            start: (!start.is_empty()).then(|| start.parse().unwrap()),
            end: (!end.is_empty()).then(|| end.parse().unwrap()),
            tags: vec!["Azure".into()],
            publisher: String::new(),
        }
    }

    fn index(rows: Vec<PriceRow>) -> Result<PriceIndex, Error> {
        PriceIndex::new(&PriceList::new(rows))
    }

    #[test]
    fn the_published_tiers_make_one_ladder() {
        // azure-plan-price-list, in the order of the page.
        let index = index(vec![
            row(".50", "100001", "9223372036854780000", "", ""),
            row(".80", "101", "100000", "", ""),
            row("1", "1", "100", "", ""),
        ])
        .unwrap();
        let prices = index.find("ddd123456abc", "01ab", "M2", "de");
        let tiers = &prices[0].tiers;
        let shown: Vec<_> = tiers.iter().map(|t| (t.above.to_string(), t.unit_price.to_string())).collect();
        assert_eq!(
            shown,
            [("0", "1"), ("100", "0.8"), ("100000", "0.5")].map(|(a, p)| (a.to_owned(), p.to_owned()))
        );
        assert_eq!(tiers[2].up_to, None);
    }

    #[test]
    fn a_price_change_is_found_by_day() {
        let rows = vec![row("1", "", "", "2026-01-01", "2026-10-15"), row("2", "", "", "2026-10-15", "")];
        let index = index(rows).unwrap();
        let prices = index.find("DDD123456ABC", "01AB", "m1", "DE");
        let on =
            |day: &str| on_day(prices, day.parse().unwrap()).and_then(Price::single).map(ToString::to_string);
        assert_eq!(on("2026-10-14").as_deref(), Some("1"));
        assert_eq!(on("2026-10-15").as_deref(), Some("2"));
        assert_eq!(on("2025-12-31"), None);
        assert!(index.find("DDD123456ABC", "01AB", "m3", "DE").is_empty());
        assert!(index.find("DDD123456ABC", "01AB", "m1", "US").is_empty());
    }

    #[test]
    fn contradictions_are_refused_and_repetitions_are_not() {
        let one = row("1", "", "", "2026-01-01", "2026-10-15");
        assert!(index(vec![one.clone(), one.clone()]).is_ok());
        assert!(index(vec![one.clone(), row("1", "", "", "2026-02-01", "2026-11-01")]).is_ok());
        for rows in [
            vec![one.clone(), row("2", "", "", "2026-01-01", "2026-10-15")],
            vec![one.clone(), row("2", "", "", "2026-10-14", "")],
        ] {
            assert_eq!(index(rows).unwrap_err().code(), "price.overlap");
        }
        for rows in [
            vec![row("1", "1", "100", "", ""), row("2", "102", "", "", "")],
            vec![row("1", "2", "", "", "")],
            vec![row("1", "1", "100", "", "")],
            vec![row("1", "1", "100", "", ""), row("2", "51", "", "", "")],
        ] {
            assert_eq!(index(rows).unwrap_err().code(), "price.tier_invalid");
        }
        assert_eq!(
            index(vec![row("1", "", "", "2026-10-15", "2026-10-15")]).unwrap_err().code(),
            "grant.inverted"
        );
    }
}
