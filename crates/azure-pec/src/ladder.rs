//! Rows of a price list put together: over time, and at each moment as one ladder of tiers.

use std::cmp::Ordering;

use smallvec::smallvec;

use crate::amount::Amount;
use crate::day::{Instant, Interval};
use crate::error::Error;
use crate::price::{Price, PriceRow};
use crate::price_index::Prices;
use crate::tier::Tier;

/// The prices of one SKU and meter over time: at each moment the rows that hold then make one ladder. Rows that say
/// the same may stand twice, and over each other.
pub(crate) fn prices_of(rows: &[&PriceRow], meter: &str) -> Result<Prices, Error> {
    if let [only] = rows {
        return Ok(smallvec![price_of(rows, meter, only.interval())?]);
    }
    let mut points: Vec<Instant> =
        rows.iter().flat_map(|row| [row.interval().start, row.interval().end]).collect();
    points.sort_unstable();
    points.dedup();
    let mut prices = Prices::new();
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
    (&one.currency, &one.unit, &one.tiers, one.third_party, one.reservation)
        == (&two.currency, &two.unit, &two.tiers, two.third_party, two.reservation)
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
            return Ok(price(Some(only), only.tags(), vec![tier]));
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
                    && first.tags() == row.tags();
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
        .map(|(_, row)| row.tags())
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
        if tier.above.is_negative() {
            return Err(tier_invalid(
                row,
                format!("a tier begins above {}, and units are counted from 0", tier.above),
            ));
        }
        if tier.up_to.as_ref().is_some_and(|end| *end <= tier.above) {
            return Err(tier_invalid(row, format!("the tier above {} ends before it begins", tier.above)));
        }
        match (reached.as_ref().map(|end| (end, end.cmp(&tier.above))), below) {
            (Some((_, Ordering::Equal)), _) => {}
            (Some((end, Ordering::Less)), _) => {
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
    Error::PriceTierInvalid { product: row.product_id.to_string(), sku: row.sku_id.to_string(), problem }
}
