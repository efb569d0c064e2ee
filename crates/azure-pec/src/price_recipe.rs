//! A price list as data, as far as it decides on anything: spellings and texts that nobody compares are left out.

use std::borrow::Cow;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

use crate::day::{Instant, Interval};
use crate::error::Error;
use crate::price::{Price, PriceList, PriceRow};
use crate::price_index::{KEY_SEPARATOR, Meters, PriceIndex, Prices};

/// The rows of a price list.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PriceRecipe {
    /// A row for each tier of each price.
    pub rows: Vec<PriceRow>,
    /// Of a list that was restricted: the meters that are left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meters: Option<Vec<String>>,
    /// Products, SKUs and markets that are in the list, and of which no row is left.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bare: Vec<String>,
}

impl PriceIndex {
    /// The list as data; with `meters` only what lines of these need.
    pub fn recipe(&self, meters: Option<&[&str]>) -> PriceRecipe {
        let lower = |meters: &[&str]| meters.iter().map(|meter| meter.to_ascii_lowercase().into()).collect();
        let wanted: Option<FxHashSet<Box<str>>> = match (meters.map(lower), self.restricted_to()) {
            (Some(wanted), Some(left)) => Some(left.intersection(&wanted).cloned().collect()),
            (wanted, left) => wanted.or_else(|| left.cloned()),
        };
        let is_wanted = |meter: &str| {
            meter.is_empty()
                || wanted.as_ref().is_none_or(|wanted: &FxHashSet<Box<str>>| wanted.contains(meter))
        };
        let mut recipe = PriceRecipe::default();
        let mut skus: Vec<(Cow<'_, str>, &Meters)> = self.skus().collect();
        // The same list is the same bytes.
        skus.sort_unstable_by(|(one, _), (other, _)| one.cmp(other));
        for (key, meters) in skus {
            let before = recipe.rows.len();
            let wanted: Vec<_> = meters.iter().filter(|(meter, _)| is_wanted(meter)).collect();
            let mut alike: Vec<(Vec<SmolStr>, &Prices)> = Vec::new();
            for (meter, prices) in wanted {
                match alike
                    .iter_mut()
                    .find(|(of, same)| *same == prices && !meter.is_empty() && !of.is_empty())
                {
                    Some((of, _)) => of.push((**meter).into()),
                    None if meter.is_empty() => alike.push((Vec::new(), prices)),
                    None => alike.push((vec![(**meter).into()], prices)),
                }
            }
            for (meters, prices) in alike {
                recipe.rows.extend(prices.iter().flat_map(|price| rows(&key, &meters, price)));
            }
            if recipe.rows.len() == before {
                recipe.bare.push(key.into_owned());
            }
        }
        recipe.meters = wanted.map(|wanted| {
            let mut wanted: Vec<String> = wanted.into_iter().map(String::from).collect();
            wanted.sort_unstable();
            wanted
        });
        recipe
    }
}

/// The rows of one price, one for each tier.
fn rows<'p>(key: &'p str, meters: &'p [SmolStr], price: &'p Price) -> impl Iterator<Item = PriceRow> + 'p {
    let mut parts = key.split(KEY_SEPARATOR).map(SmolStr::from);
    let mut part = move || parts.next().unwrap_or_default();
    let (product_id, sku_id, market) = (part(), part(), part());
    let Interval { start, end } = price.span;
    let tags = [(price.third_party, "Third Party"), (price.reservation, "Reservation")];
    let tags: Vec<SmolStr> = tags.iter().filter(|(has, _)| *has).map(|(_, tag)| (*tag).into()).collect();
    price.tiers.iter().map(move |tier| PriceRow {
        product_id: product_id.clone(),
        sku_id: sku_id.clone(),
        meter_ids: meters.to_vec(),
        market: market.clone(),
        currency: price.currency.clone(),
        unit_price: tier.unit_price.clone(),
        unit: price.unit.clone(),
        tier_min: None,
        tier_max: None,
        tier_above: (price.tiers.len() > 1).then(|| tier.above.clone()),
        start: (start != Instant::MIN).then_some(start),
        end: (end != Instant::MAX).then_some(end),
        tags: tags.clone(),
        publisher: SmolStr::default(),
    })
}

impl PriceRecipe {
    /// The list, checked and indexed.
    pub(crate) fn index(self) -> Result<PriceIndex, Error> {
        let index = PriceIndex::new(&PriceList::new(self.rows))?;
        let Some(meters) = self.meters else { return Ok(index) };
        Ok(index.restricted(meters.into_iter().map(Into::into).collect(), self.bare))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(meters: &[&str], price: &str, tier: Option<&str>) -> PriceRow {
        serde_json::from_value(serde_json::json!({
            "product_id": "P", "sku_id": "S", "meter_ids": meters, "market": "DE", "currency": "USD",
            "unit_price": price, "tier_above": tier,
        }))
        .unwrap()
    }

    /// A price for any meter names none, and has a row of its own.
    #[test]
    fn meters_of_one_price_share_its_rows() {
        let rows = vec![
            row(&["m3"], "2", None),
            row(&["m2"], "1", None),
            row(&["m1"], "1", None),
            row(&[], "1", None),
            row(&["m4"], "1", Some("0")),
            row(&["m4"], "0.5", Some("10")),
        ];
        let index = PriceIndex::new(&PriceList::new(rows)).unwrap();
        let shown: Vec<(String, String, Option<String>)> = index
            .recipe(None)
            .rows
            .iter()
            .map(|row| {
                let tier = row.tier_above.as_ref().map(ToString::to_string);
                (row.meter_ids.join(" "), row.unit_price.to_string(), tier)
            })
            .collect();
        let own = |meters: &str, price: &str, tier: Option<&str>| {
            (meters.to_owned(), price.to_owned(), tier.map(str::to_owned))
        };
        let expected = [
            own("", "1", None),
            own("m1 m2", "1", None),
            own("m3", "2", None),
            own("m4", "1", Some("0")),
            own("m4", "0.5", Some("10")),
        ];
        assert_eq!(shown, expected);
        assert!(index.recipe(None).rows[0].meter_ids.is_empty());
        // What is left of it for some meters answers these alone.
        let left = index.recipe(Some(&["M1"])).index().unwrap();
        assert_eq!(left.find("p", "s", "M1", "de"), index.find("p", "s", "M1", "de"));
        assert!(!left.find("p", "s", "m1", "de").is_empty() && left.find("p", "s", "m3", "de").is_empty());
    }
}
