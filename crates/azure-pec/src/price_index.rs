//! The price list, checked and looked up in: product, SKU, meter and market to prices.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::error::Error;
use crate::ladder::prices_of;
use crate::price::{Price, PriceList, PriceRow, has_tiers};
use crate::work_piece::{WorkPiece, one_by_one};

/// Product, SKU and market in the one spelling that they are compared by.
type SkuKey = Box<str>;
/// What no id holds stands between the parts of a key.
pub(crate) const KEY_SEPARATOR: &str = "\u{1f}";
/// The prices of a meter, the oldest first: mostly one.
pub(crate) type Prices = SmallVec<[Price; 1]>;
/// The prices of a SKU by its meters; an empty meter is any. There are few of them, mostly one, and it stands where the SKU
/// stands: whoever asks for it waits for memory once.
pub(crate) type Meters = SmallVec<[(Box<str>, Prices); 1]>;

/// The checked list, indexed.
#[derive(Debug, Clone, Default)]
pub(crate) struct PriceIndex {
    /// Each share of all SKUs as it was made.
    shares: Vec<FxHashMap<SkuKey, Meters>>,
    markets: Vec<String>,
    /// The meters that have tiers in any market at any time; the empty meter is any.
    tiered_meters: FxHashSet<Box<str>>,
    /// The meters that are left, in lower case, of a list that was restricted to some.
    left: Option<FxHashSet<Box<str>>>,
}

impl PriceIndex {
    /// Checks and indexes the list.
    pub fn new(list: &PriceList) -> Result<Self, Error> {
        Self::by(list, 1, one_by_one)
    }

    /// The same in so many pieces, which `all` does.
    pub fn by(list: &PriceList, pieces: usize, all: impl FnOnce(Vec<WorkPiece<'_>>)) -> Result<Self, Error> {
        let share = |own| Share { list, own, of: pieces.max(1) };
        let mut made: Vec<Option<Result<Self, Found>>> = (0..pieces.max(1)).map(|_| None).collect();
        let asked = made.iter_mut().enumerate();
        let asked = asked.map(|(own, made)| WorkPiece::new(move || *made = Some(share(own).index())));
        all(asked.collect());
        let (mut index, mut first) = (Self::default(), None::<Found>);
        for (own, made) in made.into_iter().enumerate() {
            // Every piece is done, even where it is dropped; one that is forgotten for good is made here.
            match made.unwrap_or_else(|| share(own).index()) {
                Ok(part) => index.join(part),
                Err(found) if first.as_ref().is_none_or(|first| found.place < first.place) => {
                    first = Some(found);
                }
                Err(_) => {}
            }
        }
        index.markets.sort_unstable();
        first.map_or(Ok(index), |found| Err(found.error))
    }

    /// Adds the index of the next share.
    fn join(&mut self, other: Self) {
        for market in other.markets {
            if !self.markets.contains(&market) {
                self.markets.push(market);
            }
        }
        self.tiered_meters.extend(other.tiered_meters);
        self.shares.extend(other.shares);
    }

    /// The same index, made of what is left of a list for these meters; `bare` are the keys of SKUs without a row left.
    pub fn restricted(mut self, meters: FxHashSet<Box<str>>, bare: Vec<String>) -> Self {
        for key in bare {
            let market = key.rsplit(KEY_SEPARATOR).next().unwrap_or_default().to_ascii_uppercase();
            if !self.markets.contains(&market) {
                self.markets.push(market);
            }
            let share = share_of(key.split(KEY_SEPARATOR).take(2), self.shares.len());
            if let Some(share) = self.shares.get_mut(share) {
                share.entry(key.into()).or_default();
            }
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
        self.shares.iter().flatten().map(|(key, meters)| (&**key, meters))
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
        self.markets.iter().any(|market| self.meters(product, sku, market).is_some())
    }

    /// The meters of the SKU in the market.
    fn meters(&self, product: &str, sku: &str, market: &str) -> Option<&Meters> {
        let share = self.shares.get(share_of([product, sku], self.shares.len()))?;
        share.get(&sku_key(product, sku, market))
    }

    /// Every price of the SKU and meter in the market, the oldest first. A line without a meter takes the SKU's prices
    /// where all its meters cost the same.
    pub fn find(&self, product: &str, sku: &str, meter: &str, market: &str) -> &[Price] {
        let Some(meters) = self.meters(product, sku, market) else { return &[] };
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

/// What is wrong with a list, and where it is found: among what is wrong in one row before what is wrong with several, then
/// by the row where its SKU stands first. So the same is told whatever the number of pieces.
#[derive(Debug)]
struct Found {
    place: (bool, usize),
    error: Error,
}

/// The rows of a part of all SKUs.
#[derive(Debug, Clone, Copy)]
struct Share<'p> {
    list: &'p PriceList,
    /// Its number among so many shares.
    own: usize,
    of: usize,
}

/// The rows of a SKU with the meter that each is of, in the order of the list, and the number of the first.
type Grouped<'p> = (usize, SmallVec<[(Cow<'p, str>, &'p PriceRow); 1]>);

impl<'p> Share<'p> {
    /// Whether the rows of this product and SKU, in any case, are of it.
    fn holds(self, row: &PriceRow) -> bool {
        share_of([&*row.product_id, &*row.sku_id], self.of) == self.own
    }

    fn index(self) -> Result<PriceIndex, Found> {
        let mut grouped: IndexMap<SkuKey, Grouped<'p>, FxBuildHasher> = IndexMap::default();
        let mut index = PriceIndex::default();
        for (number, row) in self.list.rows().enumerate().filter(|(_, row)| self.holds(row)) {
            let span = row.interval();
            if span.is_empty() {
                let id = format!("{} {}", row.product_id, row.sku_id);
                let error =
                    Error::GrantInverted { what: "the price of", id, start: span.start, end: span.end };
                return Err(Found { place: (false, number), error });
            }
            if !index.markets.iter().any(|market| market.eq_ignore_ascii_case(&row.market)) {
                index.markets.push(row.market.to_ascii_uppercase());
            }
            let key = sku_key(&row.product_id, &row.sku_id, &row.market);
            let (_, of_sku) = grouped.entry(key).or_insert_with(|| (number, SmallVec::new()));
            if row.meter_ids.is_empty() {
                of_sku.push(("".into(), row));
            }
            of_sku.extend(row.meter_ids.iter().map(|meter| (in_lower_case(meter), row)));
        }
        let mut prices = FxHashMap::default();
        prices.reserve(grouped.len());
        for (key, (first, mut rows)) in grouped {
            // A stable sort: the rows of a meter stay in the order of the list.
            rows.sort_by(|(one, _), (other, _)| one.cmp(other));
            let mut meters = Meters::new();
            for of_meter in rows.chunk_by(|(one, _), (other, _)| one == other) {
                let Some((meter, _)) = of_meter.first() else { continue };
                let rows: SmallVec<[&PriceRow; 1]> = of_meter.iter().map(|(_, row)| *row).collect();
                let prices = prices_of(&rows, meter);
                let prices = prices.map_err(|error| Found { place: (true, first), error })?;
                if has_tiers(&prices) {
                    index.tiered_meters.insert((**meter).into());
                }
                meters.push(((**meter).into(), prices));
            }
            prices.insert(key, meters);
        }
        index.shares.push(prices);
        Ok(index)
    }
}

/// The share of so many that a product and SKU are of, in any case.
fn share_of<'t>(parts: impl IntoIterator<Item = &'t str>, of: usize) -> usize {
    if of <= 1 {
        return 0;
    }
    let letters = parts.into_iter().flat_map(str::bytes).map(|letter| usize::from(letter | 0x20));
    letters.fold(0, |sum: usize, letter| sum.wrapping_mul(31).wrapping_add(letter)) % of
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use smol_str::SmolStr;

    use super::*;
    use crate::amount::Amount;
    use crate::price::on_day;

    fn row(price: &str, min: &str, max: &str, start: &str, end: &str) -> PriceRow {
        let number = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
        PriceRow {
            product_id: "DDD123456ABC".into(),
            sku_id: "01AB".into(),
            meter_ids: vec!["M1".into(), "m2".into()],
            market: "DE".into(),
            currency: "USD".into(),
            unit_price: price.parse().unwrap(),
            unit: SmolStr::default(),
            tier_min: number(min),
            tier_max: number(max),
            tier_above: None,
            start: (!start.is_empty()).then(|| start.parse().unwrap()),
            end: (!end.is_empty()).then(|| end.parse().unwrap()),
            tags: vec!["Azure".into()],
            publisher: SmolStr::default(),
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

    /// Whichever of its rows says it.
    #[test]
    fn a_ladder_is_tagged_as_any_of_its_tiers_is() {
        let tagged = |at: usize, tag: &str| {
            let mut rows = vec![row("2", "1", "100", "", ""), row("1", "101", "", "", "")];
            rows[at].tags.push(tag.into());
            let index = index(rows).unwrap();
            let price = &index.find("DDD123456ABC", "01AB", "m1", "DE")[0];
            (price.third_party, price.reservation)
        };
        for at in [0, 1] {
            assert_eq!(tagged(at, "Third Party"), (true, false));
            assert_eq!(tagged(at, "Reservation"), (false, true));
            assert_eq!(tagged(at, "Azure"), (false, false));
        }
    }

    /// A list that counts from 0 means the first unit, and an end beyond anything that is used is none.
    #[test]
    fn a_ladder_goes_from_nothing_to_no_end() {
        let tiers = |rows: Vec<PriceRow>| {
            let index = index(rows).map_err(|error| error.code())?;
            let tiers = index.find("DDD123456ABC", "01AB", "m1", "DE")[0].tiers.iter();
            Ok(tiers.map(|tier| (tier.above.to_string(), tier.up_to.is_none())).collect::<Vec<_>>())
        };
        let told = |above: &str, endless| (above.to_owned(), endless);
        assert_eq!(tiers(vec![row("1", "0", "", "", "")]), Ok(vec![told("0", true)]));
        let two = |max: &str| vec![row("2", "0", "100", "", ""), row("1", "101", max, "", "")];
        assert_eq!(tiers(two("9000000000000000000")), Ok(vec![told("0", false), told("100", true)]));
        assert_eq!(tiers(two("8999999999999999999")), Err("price.tier_invalid"));
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
        assert_eq!(index(vec![retail("1", "-1")]).unwrap_err().code(), "price.tier_invalid");
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

    /// However its price over time is written.
    #[test]
    fn a_line_without_a_meter_has_the_price_that_all_meters_share() {
        let of = |meter: &str, price: &str, start: &str, end: &str| PriceRow {
            meter_ids: vec![meter.into()],
            ..row(price, "", "", start, end)
        };
        let found = |rows: &[PriceRow]| {
            let index = index(rows.to_vec()).unwrap();
            let prices = index.find("DDD123456ABC", "01AB", "", "DE");
            prices.iter().map(|price| price.single().map(ToString::to_string)).collect::<Vec<_>>()
        };
        let one = || of("m1", "1", "2026-01-01", "2027-01-01");
        let same = || vec![Some("1".to_owned())];
        assert_eq!(found(&[one()]), same());
        assert_eq!(found(&[one(), of("m2", "1", "2026-01-01", "2027-01-01")]), same());
        let [first, second] = [("2026-01-01", "2026-07-01"), ("2026-07-01", "2027-01-01")]
            .map(|(start, end)| of("m2", "1", start, end));
        assert_eq!(found(&[one(), first.clone(), second]), same());
        assert!(found(&[one(), of("m2", "2", "2026-01-01", "2027-01-01")]).is_empty());
        assert!(found(&[one(), first]).is_empty());
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

    /// So each is made once, on whatever thread.
    #[test]
    fn a_row_is_the_work_of_one_piece() {
        let rows: Vec<PriceRow> = (0..20)
            .map(|sku| PriceRow { sku_id: format!("{sku:04}").into(), ..row("1", "", "", "", "") })
            .collect();
        let list = PriceList::new(rows.clone());
        assert_eq!(list, rows.chunks(7).map(<[PriceRow]>::to_vec).collect(), "in whatever parts");
        assert_ne!(list, PriceList::new(rows.into_iter().skip(1).collect()));
        for of in 1..5 {
            let shares: Vec<Share<'_>> = (0..of).map(|own| Share { list: &list, own, of }).collect();
            for row in list.rows() {
                let own: Vec<bool> = shares.iter().map(|share| share.holds(row)).collect();
                assert_eq!(own.iter().filter(|own| **own).count(), 1, "{of}");
                // In whatever case it is written.
                let other = PriceRow { product_id: row.product_id.to_lowercase().into(), ..row.clone() };
                assert!(shares.iter().map(|share| share.holds(&other)).eq(own), "{of}");
            }
            // None has nothing to do.
            assert!(shares.iter().all(|share| list.rows().any(|row| share.holds(row))), "{of}");
        }
        let whole = Share { list: &list, own: 0, of: 1 }.index();
        assert_eq!(whole.unwrap().skus().count(), list.len());
    }

    proptest! {
        /// Also what is wrong with it, and where pieces are left.
        #[test]
        fn a_list_says_the_same_in_any_number_of_pieces(
            picked in prop::collection::vec((0_usize..6, 0_usize..8, prop::sample::select(&["DE", "de", "US"])), 0..12),
            pieces in 0_usize..5,
            left in 0_usize..6,
        ) {
            let of = |(sku, kind, market): (usize, usize, &'static str)| {
                let (price, min, max, start, end) = [
                    ("1", "", "", "2026-01-01", "2026-10-15"),
                    ("1", "", "", "", ""),
                    ("2", "", "", "2026-10-15", ""),
                    ("1", "1", "100", "", ""),
                    ("0.5", "101", "", "", ""),
                    // Each is wrong, the first by itself.
                    ("1", "", "", "2026-10-15", "2026-10-15"),
                    ("1", "2", "", "", ""),
                    ("3", "", "", "", ""),
                ][kind];
                let own = row(price, min, max, start, end);
                PriceRow { sku_id: ["01AB", "01ab", "0002", "0003", "0004", "0005"][sku].into(), market: market.into(), ..own }
            };
            let list = PriceList::new(picked.into_iter().map(of).collect());
            let mut of_pieces = PriceIndex::by(&list, pieces, |all| all.into_iter().skip(left).for_each(WorkPiece::work));
            match (&mut of_pieces, PriceIndex::new(&list)) {
                (Ok(own), Ok(other)) => {
                    let all: BTreeMap<&str, &Meters> = other.skus().collect();
                    prop_assert_eq!(own.skus().collect::<BTreeMap<_, _>>(), all);
                    for row in list.rows() {
                        let of = |index: &PriceIndex| index.find(&row.product_id, &row.sku_id, "", &row.market).to_vec();
                        prop_assert!(own.has_sku(&row.product_id, &row.sku_id) && of(own) == of(&other));
                    }
                    prop_assert_eq!((&own.markets, &own.tiered_meters), (&other.markets, &other.tiered_meters));
                }
                (Err(own), Err(other)) => prop_assert_eq!(own, &other),
                (own, other) => prop_assert!(false, "{own:?} {other:?}"),
            }
        }
    }
}
