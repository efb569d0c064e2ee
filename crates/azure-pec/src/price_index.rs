//! The price list, checked and looked up in: product, SKU, meter and market to prices.

use std::borrow::Cow;
use std::hash::Hasher;
use std::sync::OnceLock;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use rustc_hash::{FxHashMap, FxHashSet, FxHasher};
use smallvec::SmallVec;
use smol_str::SmolStr;

use crate::day::Interval;
use crate::error::Error;
use crate::ladder::prices_of;
use crate::listed::Listed;
use crate::price::{Price, PriceList, PriceRow, RowPlace, has_tiers};

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
///
/// A list has many more SKUs than a month's usage is of. So the rows of each are found and checked, and its prices are made
/// when the first asks for them; those of rows that could contradict each other are made to check them.
#[derive(Debug, Clone, Default)]
pub(crate) struct PriceIndex {
    list: PriceList,
    /// In the order of their first rows.
    skus: Vec<Sku>,
    /// The places of these.
    places: HashTable<u32>,
    markets: Vec<String>,
    /// The meters that have tiers in any market at any time; the empty meter is any.
    tiered_meters: FxHashSet<Box<str>>,
    /// The meters that are left, in lower case, of a list that was restricted to some.
    left: Option<FxHashSet<Box<str>>>,
    /// The SKUs of a restricted list of which no row is left.
    bare: FxHashMap<SkuKey, Meters>,
}

/// A product's SKU in a market.
#[derive(Debug, Clone)]
struct Sku {
    /// Its rows, in the order of the list; never none.
    rows: SmallVec<[RowPlace; 1]>,
    /// Made of them, where somebody asked.
    meters: OnceLock<Box<Meters>>,
}

impl Sku {
    fn rows<'p>(&'p self, list: &'p PriceList) -> impl Iterator<Item = &'p PriceRow> + Clone {
        self.rows.iter().filter_map(|place| list.row(*place))
    }

    /// Whether nothing can be wrong with the rows together: none has tiers, and no two hold at one moment.
    fn is_plain(&self, list: &PriceList) -> bool {
        if self.rows(list).any(has_range) {
            return false;
        }
        let mut spans: SmallVec<[Interval; 4]> = self.rows(list).map(PriceRow::interval).collect();
        spans.sort_unstable_by_key(|span| span.start);
        spans.iter().zip(spans.iter().skip(1)).all(|(one, next)| one.end <= next.start)
    }

    /// Its row, where it has one and that holds for any quantity.
    fn only_row<'p>(&self, list: &'p PriceList) -> Option<&'p PriceRow> {
        let [only] = self.rows.as_slice() else { return None };
        list.row(*only).filter(|row| !has_range(row))
    }

    /// Its prices, which were checked: making those of plain rows cannot fail, and all others are made already.
    fn meters(&self, list: &PriceList) -> &Meters {
        self.meters.get_or_init(|| meters_of(self.rows(list)).map(Box::new).unwrap_or_default())
    }

    /// The prices of a meter; of none, where all meters cost the same.
    fn prices(&self, list: &PriceList, meter: &str) -> &[Price] {
        let meters = self.meters(list);
        if meter.is_empty() {
            let mut all = meters.iter().map(|(_, prices)| prices);
            let Some(first) = all.next() else { return &[] };
            return if all.all(|prices| prices == first) { first } else { &[] };
        }
        let of = |wanted: &str| meters.iter().find(|(own, _)| own.eq_ignore_ascii_case(wanted));
        of(meter).or_else(|| of("")).map(|(_, prices)| prices.as_slice()).unwrap_or_default()
    }
}

fn has_range(row: &PriceRow) -> bool {
    row.tier_min.is_some() || row.tier_max.is_some() || row.tier_above.is_some()
}

/// The prices of a SKU by its meters.
fn meters_of<'p>(rows: impl Iterator<Item = &'p PriceRow>) -> Result<Meters, Error> {
    let mut by_meter: SmallVec<[(Cow<'p, str>, &PriceRow); 1]> = SmallVec::new();
    for row in rows {
        if row.meter_ids.is_empty() {
            by_meter.push(("".into(), row));
        }
        by_meter.extend(row.meter_ids.iter().map(|meter| (in_lower_case(meter), row)));
    }
    // A stable sort: the rows of a meter stay in the order of the list.
    by_meter.sort_by(|(one, _), (other, _)| one.cmp(other));
    let of_meters = by_meter.chunk_by(|(one, _), (other, _)| one == other);
    let made = of_meters.filter_map(|of_meter| {
        let (meter, _) = of_meter.first()?;
        let rows: SmallVec<[&PriceRow; 1]> = of_meter.iter().map(|(_, row)| *row).collect();
        Some(prices_of(&rows, meter).map(|prices| ((**meter).into(), prices)))
    });
    made.collect()
}

impl PriceIndex {
    /// Checks and indexes the list.
    pub fn new(list: &PriceList) -> Result<Self, Error> {
        let mut index = Self {
            list: list.clone(),
            // Most SKUs have one row.
            skus: Vec::with_capacity(list.len()),
            places: HashTable::with_capacity(list.len()),
            ..Self::default()
        };
        // SKUs with a range or of several rows: nothing can be wrong with any other.
        let mut doubtful = Vec::new();
        for (place, row) in list.places() {
            let span = row.interval();
            if span.is_empty() {
                let id = format!("{} {}", row.product_id, row.sku_id);
                return Err(Error::GrantInverted {
                    what: "the price of",
                    id,
                    start: span.start,
                    end: span.end,
                });
            }
            if !index.markets.iter().any(|market| market.eq_ignore_ascii_case(&row.market)) {
                index.markets.push(row.market.to_ascii_uppercase());
            }
            let (sku, is_new) = index.add(place, row);
            if !is_new || has_range(row) {
                doubtful.push(sku);
            }
        }
        index.markets.sort_unstable();
        doubtful.sort_unstable();
        doubtful.dedup();
        for sku in doubtful.iter().filter_map(|at| index.skus.get(*at as usize)) {
            if sku.is_plain(list) {
                continue;
            }
            let meters = meters_of(sku.rows(list))?;
            let tiered = meters.iter().filter(|(_, prices)| has_tiers(prices));
            index.tiered_meters.extend(tiered.map(|(meter, _)| meter.clone()));
            // Nobody else has made it.
            let _ = sku.meters.set(Box::new(meters));
        }
        Ok(index)
    }

    /// Adds a row to those of its SKU, and says the place of that, and whether it is new.
    fn add(&mut self, place: RowPlace, row: &PriceRow) -> (u32, bool) {
        let id = sku_id(row);
        let Self { list, skus, places, .. } = self;
        let first = |at: &u32| skus.get(*at as usize).and_then(|sku| sku.rows(list).next());
        let is_it = |at: &u32| first(at).is_some_and(|row| is_same(sku_id(row), id));
        let hash = |at: &u32| first(at).map_or(0, |row| hash_of(sku_id(row)));
        match places.entry(hash_of(id), is_it, hash) {
            Entry::Occupied(known) => {
                let at = *known.get();
                skus.get_mut(at as usize).into_iter().for_each(|sku| sku.rows.push(place));
                (at, false)
            }
            Entry::Vacant(new) => {
                let at = u32::try_from(skus.len()).unwrap_or(u32::MAX);
                new.insert(at);
                skus.push(Sku { rows: SmallVec::from_buf([place]), meters: OnceLock::new() });
                (at, true)
            }
        }
    }

    /// The place of a SKU.
    fn place(&self, id: SkuId<'_>) -> Option<usize> {
        let is_it = |place: &u32| {
            let sku = self.skus.get(*place as usize);
            let first = sku.and_then(|sku| sku.rows(&self.list).next());
            first.is_some_and(|row| is_same(sku_id(row), id))
        };
        self.places.find(hash_of(id), is_it).map(|place| *place as usize)
    }

    /// The same index, made of what is left of a list for these meters; `bare` are the keys of SKUs without a row left.
    pub fn restricted(mut self, meters: FxHashSet<Box<str>>, bare: Vec<String>) -> Self {
        for key in bare {
            let market = key.rsplit(KEY_SEPARATOR).next().unwrap_or_default().to_ascii_uppercase();
            if !self.markets.contains(&market) {
                self.markets.push(market);
            }
            self.bare.insert(key.into(), Meters::new());
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
    pub fn skus(&self) -> impl Iterator<Item = (Cow<'_, str>, &Meters)> {
        let made = self.skus.iter().filter_map(|sku| {
            let first = sku.rows(&self.list).next()?;
            Some((sku_key(sku_id(first)).into(), sku.meters(&self.list)))
        });
        made.chain(self.bare.iter().map(|(key, meters)| ((**key).into(), meters)))
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
        self.markets.iter().any(|market| {
            let id = [product, sku, market.as_str()];
            self.sku(id).is_some() || self.is_bare(id)
        })
    }

    fn sku(&self, id: SkuId<'_>) -> Option<&Sku> {
        self.place(id).and_then(|place| self.skus.get(place))
    }

    /// Whether it is a SKU of a restricted list of which no row is left.
    fn is_bare(&self, id: SkuId<'_>) -> bool {
        !self.bare.is_empty() && self.bare.contains_key(sku_key(id).as_str())
    }

    /// What is listed of the SKU and meter in the market. A line without a meter takes the SKU's prices where all its
    /// meters cost the same.
    pub fn listed(&self, product: &str, sku: &str, meter: &str, market: &str) -> Listed<'_> {
        let Some(sku) = self.sku_with([product, sku, market], meter) else { return Listed::NOTHING };
        match sku.only_row(&self.list) {
            Some(row) => {
                let mut meters = row.meter_ids.iter().map(SmolStr::as_str);
                let is_of_any = meter.is_empty() || row.meter_ids.is_empty();
                let fits = is_of_any || meters.any(|own| own.is_empty() || own.eq_ignore_ascii_case(meter));
                if fits { Listed::Row(row) } else { Listed::NOTHING }
            }
            None => Listed::Prices(sku.prices(&self.list, meter)),
        }
    }

    /// The same as prices, the oldest first.
    pub fn find(&self, product: &str, sku: &str, meter: &str, market: &str) -> &[Price] {
        let sku = self.sku_with([product, sku, market], meter);
        sku.map(|sku| sku.prices(&self.list, meter)).unwrap_or_default()
    }

    /// The SKU, where it is known what the whole list says of the meter.
    fn sku_with(&self, id: SkuId<'_>, meter: &str) -> Option<&Sku> {
        let is_left =
            self.left.as_ref().is_none_or(|left| left.contains(meter.to_ascii_lowercase().as_str()));
        self.sku(id).filter(|_| is_left)
    }
}

/// Product, SKU and market, in any case.
type SkuId<'t> = [&'t str; 3];

fn sku_id(row: &PriceRow) -> SkuId<'_> {
    [&row.product_id, &row.sku_id, &row.market]
}

fn is_same(one: SkuId<'_>, other: SkuId<'_>) -> bool {
    one.iter().zip(other).all(|(one, other)| one.eq_ignore_ascii_case(other))
}

/// The same in any case.
fn hash_of(id: SkuId<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    for part in id {
        let (words, rest) = part.as_bytes().as_chunks();
        // The bit that letters differ in by their case is set in every byte.
        let in_one_case = |word: u64| word | u64::from_ne_bytes([b' '; 8]);
        words.iter().for_each(|word| hasher.write_u64(in_one_case(u64::from_le_bytes(*word))));
        let rest = rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte));
        hasher.write_u64(in_one_case(rest));
        hasher.write_usize(part.len());
    }
    hasher.finish()
}

fn in_lower_case(id: &str) -> Cow<'_, str> {
    if id.bytes().any(|byte| byte.is_ascii_uppercase()) { id.to_ascii_lowercase().into() } else { id.into() }
}

fn sku_key(id: SkuId<'_>) -> String {
    let mut key = id.join(KEY_SEPARATOR);
    key.make_ascii_lowercase();
    key
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

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

    /// Each of its rows is there, wherever it stands, in whatever case it is written.
    #[test]
    fn every_row_of_every_part_is_found() {
        let rows: Vec<PriceRow> = (0..50)
            .map(|sku| PriceRow {
                sku_id: format!("{sku:04x}").into(),
                ..row(&sku.to_string(), "", "", "", "")
            })
            .collect();
        let list = PriceList::new(rows.clone());
        assert_eq!(list, rows.chunks(7).map(<[PriceRow]>::to_vec).collect(), "in whatever parts");
        assert_ne!(list, PriceList::new(rows.iter().skip(1).cloned().collect()));
        let of_parts = rows.chunks(7).map(<[PriceRow]>::to_vec).collect();
        let [whole, of_parts] = [list, of_parts].map(|list| PriceIndex::new(&list).unwrap());
        for row in &rows {
            for (product, sku) in [
                (row.product_id.to_uppercase(), row.sku_id.to_uppercase()),
                (row.product_id.to_lowercase(), row.sku_id.to_lowercase()),
            ] {
                let prices = whole.find(&product, &sku, "M2", "de");
                assert_eq!(prices.first().and_then(Price::single), Some(&row.unit_price), "{sku}");
                assert_eq!(of_parts.find(&product, &sku, "M2", "de"), prices);
            }
        }
        assert!(!whole.has_sku("DDD123456ABC", "0032") && whole.skus().count() == rows.len());
    }

    proptest! {
        /// Also what is wrong with it, of which the first is told.
        #[test]
        fn what_is_made_when_asked_for_is_what_would_be_made_at_once(
            picked in prop::collection::vec((0_usize..6, 0_usize..10, prop::sample::select(&["DE", "de", "US"]), 0_usize..4), 0..12),
            cut in 1_usize..5,
        ) {
            let of = |(sku, kind, market, meters): (usize, usize, &'static str, usize)| {
                let (price, min, max, start, end) = [
                    ("1", "", "", "2026-01-01", "2026-10-15"),
                    ("1", "", "", "", ""),
                    ("2", "", "", "2026-10-15", ""),
                    ("2", "", "", "2026-10-15", "2027-01-01"),
                    ("2", "", "", "2025-10-15", "2026-01-01"),
                    ("1", "1", "100", "", ""),
                    ("0.5", "101", "", "", ""),
                    // Each is wrong, the first by itself.
                    ("1", "", "", "2026-10-15", "2026-10-15"),
                    ("1", "2", "", "", ""),
                    ("3", "", "", "", ""),
                ][kind];
                let meters: &[&str] = [&[][..], &["m1"], &["M1", "m2"], &["m2"]][meters];
                PriceRow {
                    tags: [&["Azure"][..], &["Azure", "Third Party"], &[], &["reservation"]][kind % 4].iter().map(|tag| (*tag).into()).collect(),
                    sku_id: ["01AB", "01ab", "0002", "0003", "0004", "0005"][sku].into(),
                    market: market.into(),
                    meter_ids: meters.iter().copied().map(Into::into).collect(),
                    ..row(price, min, max, start, end)
                }
            };
            let rows: Vec<PriceRow> = picked.into_iter().map(of).collect();
            let list: PriceList = rows.chunks(cut).map(<[PriceRow]>::to_vec).collect();
            let mut by_key: Vec<(String, Vec<&PriceRow>)> = Vec::new();
            for row in &rows {
                let key = sku_key(sku_id(row));
                match by_key.iter_mut().find(|(own, _)| *own == key) {
                    Some((_, rows)) => rows.push(row),
                    None => by_key.push((key, vec![row])),
                }
            }
            let at_once: Result<Vec<_>, Error> = by_key
                .iter()
                .map(|(key, rows)| Ok((key.as_str(), meters_of(rows.iter().copied())?)))
                .collect();
            let index = PriceIndex::new(&list);
            if rows.iter().any(|row| row.interval().is_empty()) {
                prop_assert_eq!(index.unwrap_err().code(), "grant.inverted");
            } else {
                match (index, at_once) {
                    (Ok(index), Ok(at_once)) => {
                        let made: BTreeMap<_, _> = index.skus().collect();
                        let expected: BTreeMap<_, _> =
                            at_once.iter().map(|(key, meters)| (Cow::from(*key), meters)).collect();
                        prop_assert_eq!(&made, &expected);
                        let all = made.values().flat_map(|meters| meters.iter());
                        let tiered: FxHashSet<_> =
                            all.filter(|(_, prices)| has_tiers(prices)).map(|(meter, _)| meter.clone()).collect();
                        prop_assert_eq!(&index.tiered_meters, &tiered);
                        for (row, meter) in rows.iter().flat_map(|row| ["", "m1", "M2", "m3"].map(|meter| (row, meter))) {
                            let [product, sku, market] = sku_id(row);
                            let prices = index.find(product, sku, meter, market);
                            let listed = index.listed(product, sku, meter, market);
                            prop_assert_eq!(listed.has_tiers(), has_tiers(prices));
                            for day in ["2025-12-31", "2026-01-01", "2026-10-14", "2026-10-15", "2027-01-01"] {
                                let day = day.parse().unwrap();
                                let told = listed.on(day);
                                let told = told.map(|quote| (quote.unit_price, quote.third_party, quote.reservation));
                                let price = on_day(prices, day);
                                let price = price.map(|price| (price.single(), price.third_party, price.reservation));
                                prop_assert_eq!(told, price);
                            }
                        }
                    }
                    (Err(own), Err(other)) => prop_assert_eq!(own, other),
                    (own, other) => prop_assert!(false, "{own:?} {other:?}"),
                }
            }
        }
    }
}
