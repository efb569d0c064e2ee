//! The Azure plan price list: product, SKU, meter, market and day to tiers and tags.

use std::borrow::Cow;
use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::day::{Day, Instant, Interval};
use crate::error::Error;
use crate::tier::Tier;

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
    /// The unit of measure, such as `1 Hour`; empty where the list names none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
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
        self.tags.iter().flat_map(|tags| tags.split([',', ';'])).any(|tag| {
            let letters = tag.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase());
            letters.eq(wanted.chars())
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
    pub currency: String,
    /// The unit of measure; empty where the list names none.
    #[serde(skip)]
    pub unit: String,
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
            currency: currency.to_owned(),
            unit: String::new(),
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

/// Any number of price lists, of any markets and months.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PriceList {
    // Shared: a list has many thousand rows, and calculators are made of the same one again and again.
    rows: Arc<Vec<PriceRow>>,
}

impl PriceList {
    /// A list of rows.
    #[must_use]
    pub fn new(rows: Vec<PriceRow>) -> Self {
        Self { rows: Arc::new(rows) }
    }

    /// The rows.
    #[must_use]
    pub fn rows(&self) -> &[PriceRow] {
        &self.rows
    }

    /// Adds the rows of another list.
    pub fn merge(&mut self, other: Self) {
        if self.rows.is_empty() {
            *self = other;
            return;
        }
        Arc::make_mut(&mut self.rows).extend(Arc::unwrap_or_clone(other.rows));
    }
}

/// Product, SKU and market in the one spelling that they are compared by.
type SkuKey = Box<str>;
/// What no id holds stands between the parts of a key.
pub(crate) const KEY_SEPARATOR: &str = "\u{1f}";
/// The prices of a SKU by its meters; an empty meter is any. There are few of them.
pub(crate) type Meters = Vec<(Box<str>, Vec<Price>)>;

/// The checked list, indexed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PriceIndex {
    prices: FxHashMap<SkuKey, Meters>,
    markets: Vec<String>,
    /// The meters that have tiers in any market at any time; the empty meter is any.
    tiered_meters: FxHashSet<Box<str>>,
    /// The meters that are left, in lower case, of a list that was restricted to some.
    left: Option<FxHashSet<Box<str>>>,
}

impl PriceIndex {
    /// Checks and indexes the list.
    pub fn new(list: &PriceList) -> Result<Self, Error> {
        // The rows of each SKU with the meter that each is of, in the order of the list.
        let mut grouped: IndexMap<SkuKey, Vec<(Cow<'_, str>, &PriceRow)>, FxBuildHasher> =
            IndexMap::default();
        let mut index = Self::default();
        for row in list.rows() {
            let span = row.interval();
            if span.is_empty() {
                return Err(Error::GrantInverted {
                    what: "the price of",
                    id: format!("{} {}", row.product_id, row.sku_id),
                    start: span.start,
                    end: span.end,
                });
            }
            if !index.markets.iter().any(|market| market.eq_ignore_ascii_case(&row.market)) {
                index.markets.push(row.market.to_ascii_uppercase());
            }
            let key = sku_key(&row.product_id, &row.sku_id, &row.market);
            let of_sku = grouped.entry(key).or_default();
            if row.meter_ids.is_empty() {
                of_sku.push(("".into(), row));
            }
            of_sku.extend(row.meter_ids.iter().map(|meter| (in_lower_case(meter), row)));
        }
        index.markets.sort_unstable();
        index.prices.reserve(grouped.len());
        for (key, mut rows) in grouped {
            // A stable sort: the rows of a meter stay in the order of the list.
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
            let mut meters = Meters::new();
            for of_meter in rows.chunk_by(|(one, _), (other, _)| one == other) {
                let Some((meter, _)) = of_meter.first() else { continue };
                let rows: Vec<&PriceRow> = of_meter.iter().map(|(_, row)| *row).collect();
                let prices = prices_of(&rows, meter)?;
                if has_tiers(&prices) {
                    index.tiered_meters.insert((**meter).into());
                }
                meters.push(((**meter).into(), prices));
            }
            index.prices.insert(key, meters);
        }
        Ok(index)
    }

    /// The same index, made of what is left of a list for these meters; `bare` are the keys of SKUs without a row left.
    pub fn restricted(mut self, meters: FxHashSet<Box<str>>, bare: Vec<String>) -> Self {
        for key in bare {
            let market = key.rsplit(KEY_SEPARATOR).next().unwrap_or_default().to_ascii_uppercase();
            if !self.markets.contains(&market) {
                self.markets.push(market);
            }
            self.prices.entry(key.into()).or_default();
        }
        self.markets.sort_unstable();
        self.left = Some(meters);
        self
    }

    /// The meters that are left of a restricted list.
    pub const fn restricted_to(&self) -> Option<&FxHashSet<Box<str>>> {
        self.left.as_ref()
    }

    /// The prices of every SKU, in no order.
    pub fn skus(&self) -> impl Iterator<Item = (&str, &Meters)> {
        self.prices.iter().map(|(key, meters)| (&**key, meters))
    }

    pub fn markets(&self) -> &[String] {
        &self.markets
    }

    /// Whether any price of the list has tiers.
    pub fn has_tiers(&self) -> bool {
        !self.tiered_meters.is_empty()
    }

    /// Whether the quantity of a meter decides on prices: some price of it has tiers, whatever product, market or day.
    pub fn has_tiered_meter(&self, meter: &str) -> bool {
        self.has_tiers()
            && (self.tiered_meters.contains("")
                || self.tiered_meters.contains(meter.to_ascii_lowercase().as_str()))
    }

    /// Whether any market's list holds the SKU.
    pub fn has_sku(&self, product: &str, sku: &str) -> bool {
        self.markets.iter().any(|market| self.prices.contains_key(&sku_key(product, sku, market)))
    }

    /// Every price of the SKU and meter in the market, the oldest first. A line without a meter takes the SKU's prices
    /// where all its meters cost the same.
    pub fn find(&self, product: &str, sku: &str, meter: &str, market: &str) -> &[Price] {
        let Some(meters) = self.prices.get(&sku_key(product, sku, market)) else { return &[] };
        // Of any other meter it is not known what the whole list says.
        if self.left.as_ref().is_some_and(|left| !left.contains(meter.to_ascii_lowercase().as_str())) {
            return &[];
        }
        if meter.is_empty() {
            let mut all = meters.iter().map(|(_, prices)| prices);
            let Some(first) = all.next() else { return &[] };
            return if all.all(|prices| prices == first) { first } else { &[] };
        }
        let of = |wanted: &str| meters.iter().find(|(own, _)| own.eq_ignore_ascii_case(wanted));
        of(meter).or_else(|| of("")).map(|(_, prices)| prices.as_slice()).unwrap_or_default()
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

fn in_lower_case(id: &str) -> Cow<'_, str> {
    if id.bytes().any(|byte| byte.is_ascii_uppercase()) { id.to_ascii_lowercase().into() } else { id.into() }
}

fn sku_key(product: &str, sku: &str, market: &str) -> SkuKey {
    let mut key = String::with_capacity(product.len() + sku.len() + market.len() + 2);
    for part in [product, KEY_SEPARATOR, sku, KEY_SEPARATOR, market] {
        key.push_str(part);
    }
    key.make_ascii_lowercase();
    key.into()
}

/// The prices of one SKU and meter over time: at each moment the rows that hold then make one ladder. Rows that say
/// the same may stand twice, and over each other.
fn prices_of(rows: &[&PriceRow], meter: &str) -> Result<Vec<Price>, Error> {
    if let [only] = rows {
        return Ok(vec![price_of(rows, meter, only.interval())?]);
    }
    let mut points: Vec<Instant> =
        rows.iter().flat_map(|row| [row.interval().start, row.interval().end]).collect();
    points.sort_unstable();
    points.dedup();
    let mut prices: Vec<Price> = Vec::new();
    for (start, end) in points.iter().zip(points.iter().skip(1)) {
        let span = Interval { start: *start, end: *end };
        let holding: Vec<&PriceRow> =
            rows.iter().filter(|row| row.interval().contains(*start)).copied().collect();
        if holding.is_empty() {
            continue;
        }
        let price = price_of(&holding, meter, span)?;
        match prices.last_mut() {
            Some(last) if last.span.end == *start && same_price(last, &price) => last.span.end = *end,
            _ => prices.push(price),
        }
    }
    Ok(prices)
}

fn same_price(one: &Price, two: &Price) -> bool {
    (&one.currency, &one.tiers, one.third_party, one.reservation)
        == (&two.currency, &two.tiers, two.third_party, two.reservation)
}

fn overlap(meter: &str, first: &PriceRow, second: &PriceRow) -> Error {
    let shown = |row: &PriceRow| format!("{} {} in {}", row.unit_price, row.currency, row.interval());
    Error::PriceOverlap {
        price: format!(
            "product {}, SKU {}, meter {meter}, market {}",
            first.product_id, first.sku_id, first.market
        ),
        first: shown(first),
        second: shown(second),
    }
}

/// Puts the rows of one span together into one ladder of tiers.
///
/// The list's ranges are 1-based and inclusive (1-100, 101-100000); for broken quantities a tier holds `(min - 1, max]`.
/// Price sheet and retail list give where a tier begins, counted from 0, and no end: the next tier's begin is it.
fn price_of(rows: &[&PriceRow], meter: &str, span: Interval) -> Result<Price, Error> {
    let tags = |row: &PriceRow| {
        (row.has_tag("thirdparty"), row.has_tag("reservation") || row.has_tag("reservations"))
    };
    let price = |first: Option<&PriceRow>, (third_party, reservation), tiers| Price {
        span,
        currency: first.map(|row| row.currency.clone()).unwrap_or_default(),
        unit: first.map(|row| row.unit.clone()).unwrap_or_default(),
        tiers,
        third_party,
        reservation,
    };
    // Nearly every price is one row that holds for any quantity.
    if let [only] = rows {
        let tier = tier_of(only)?;
        if tier.above.is_zero() && tier.up_to.is_none() {
            return Ok(price(Some(only), tags(only), vec![tier]));
        }
    }
    let mut tiers: Vec<(Tier, &PriceRow)> = Vec::with_capacity(rows.len());
    for row in rows {
        let tier = tier_of(row)?;
        let rival = tiers.iter().find(|(other, _)| other.above == tier.above && other.up_to == tier.up_to);
        match rival {
            None => tiers.push((tier, row)),
            Some((other, first)) => {
                let same = other.unit_price == tier.unit_price
                    && first.currency == row.currency
                    && tags(first) == tags(row);
                if !same {
                    return Err(overlap(meter, first, row));
                }
            }
        }
    }
    tiers.sort_by(|(a, _), (b, _)| a.above.cmp(&b.above));
    let begins: Vec<Amount> = tiers.iter().skip(1).map(|(tier, _)| tier.above.clone()).collect();
    for ((tier, row), next) in tiers.iter_mut().zip(begins) {
        if row.tier_above.is_some() {
            tier.up_to = Some(next);
        }
    }
    check_ladder(&tiers, meter)?;
    let all_tags = tiers
        .iter()
        .map(|(_, row)| tags(row))
        .fold((false, false), |all, one| (all.0 || one.0, all.1 || one.1));
    let first = tiers.first().map(|(_, row)| *row);
    Ok(price(first, all_tags, tiers.into_iter().map(|(tier, _)| tier).collect()))
}

fn tier_of(row: &PriceRow) -> Result<Tier, Error> {
    if let Some(above) = &row.tier_above {
        if row.tier_min.is_some() || row.tier_max.is_some() {
            return Err(tier_invalid(row, "its tier is counted from 0 and from 1".to_owned()));
        }
        return Ok(Tier { above: above.clone(), up_to: None, unit_price: row.unit_price.clone() });
    }
    let above = match &row.tier_min {
        Some(min) if !min.is_zero() => min - &Amount::ONE,
        _ => Amount::ZERO,
    };
    // The list's last tier ends at the largest 64-bit number, seen after a trip through a double.
    let endless = Amount::from(9_000_000_000_000_000_000);
    let up_to = row.tier_max.clone().filter(|max| *max < endless);
    Ok(Tier { above, up_to, unit_price: row.unit_price.clone() })
}

/// Tiers follow each other from 0 without gap or overlap, the last without end.
fn check_ladder(tiers: &[(Tier, &PriceRow)], meter: &str) -> Result<(), Error> {
    let mut reached = Some(Amount::ZERO);
    let mut below: Option<&PriceRow> = None;
    for (tier, row) in tiers {
        if tier.above.is_negative() || tier.up_to.as_ref().is_some_and(|end| *end <= tier.above) {
            return Err(tier_invalid(row, format!("the tier above {} ends before it begins", tier.above)));
        }
        match (&reached, below) {
            (Some(end), _) if *end == tier.above => {}
            (Some(end), _) if *end < tier.above => {
                return Err(tier_invalid(
                    row,
                    format!("no tier holds the units from {end} to {}", tier.above),
                ));
            }
            (_, Some(below)) => return Err(overlap(meter, below, row)),
            (_, None) => {}
        }
        if below.is_some_and(|below| below.currency != row.currency) {
            return Err(tier_invalid(row, "its tiers are in two currencies".to_owned()));
        }
        reached.clone_from(&tier.up_to);
        below = Some(row);
    }
    match (reached, below) {
        (Some(end), Some(row)) => Err(tier_invalid(row, format!("no tier holds more than {end} units"))),
        _ => Ok(()),
    }
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
            unit: String::new(),
            tier_min: number(min),
            tier_max: number(max),
            tier_above: None,
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
    fn tiers_counted_from_nought_end_where_the_next_begins() {
        // retail prices: tierMinimumUnits 0, 100.5 and 1000, in no order.
        let retail = |price: &str, above: &str| PriceRow {
            tier_above: Some(above.parse().unwrap()),
            ..row(price, "", "", "", "")
        };
        let rows = vec![retail("0.5", "1000"), retail("1", "0.0"), retail("0.8", "100.5")];
        let shown: Vec<_> = index(rows.clone()).unwrap().find("DDD123456ABC", "01AB", "m1", "DE")[0]
            .tiers
            .iter()
            .map(|tier| (tier.above.to_string(), tier.up_to.as_ref().map(ToString::to_string)))
            .collect();
        let text = |text: &str| text.to_owned();
        let wanted = [("0", Some("100.5")), ("100.5", Some("1000")), ("1000", None)];
        assert_eq!(shown, wanted.map(|(above, up_to)| (text(above), up_to.map(text))));
        assert!(index(vec![rows[0].clone(), rows[2].clone()]).is_err(), "no tier from 0");
        assert_eq!(
            index([rows.clone(), vec![retail("2", "0")]].concat()).unwrap_err().code(),
            "price.overlap"
        );
        let both = PriceRow { tier_min: Some(Amount::ONE), ..retail("1", "0") };
        assert_eq!(index(vec![both]).unwrap_err().code(), "price.tier_invalid");
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
            vec![row("1", "1", "100", "", ""), row("2", "51", "", "", "")],
        ] {
            assert_eq!(index(rows).unwrap_err().code(), "price.overlap");
        }
        for rows in [
            vec![row("1", "1", "100", "", ""), row("2", "102", "", "", "")],
            vec![row("1", "2", "", "", "")],
            vec![row("1", "1", "100", "", "")],
        ] {
            assert_eq!(index(rows).unwrap_err().code(), "price.tier_invalid");
        }
        assert_eq!(
            index(vec![row("1", "", "", "2026-10-15", "2026-10-15")]).unwrap_err().code(),
            "grant.inverted"
        );
    }
}
