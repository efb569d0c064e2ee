//! Price tiers that are counted from 0, as Cost Management and the Retail Prices API write them, as the tiers of a price
//! list, which are counted from 1.

use azure_pec::{Amount, Interval, PriceRow};
use rustc_hash::FxHashMap;

use crate::error::Fault;
use crate::value;

/// A price whose tier begins above so many units.
pub(crate) struct TierRow {
    pub row: PriceRow,
    pub above: Amount,
}

/// The units above which a tier begins; 0 where nothing is said.
pub(crate) fn tier_start(text: &str) -> Result<Amount, Fault> {
    if text.is_empty() {
        return Ok(Amount::ZERO);
    }
    let above = value::number(text)?;
    if above.is_negative() {
        return Err(azure_pec::Error::NumberInvalid { found: text.to_owned() }.into());
    }
    Ok(above)
}

/// Gives each row its range. A tier ends where the next begins, among the rows of the same product, SKU, meter, market
/// and currency that hold at the same time. A list's range is 1-based and inclusive and holds `(min - 1, max]`; so the
/// tier above 100 begins at 101, and the one before it ends at 100.
pub(crate) fn ranged(rows: Vec<TierRow>) -> Vec<PriceRow> {
    let mut starts: FxHashMap<Key, Vec<(Amount, Interval)>> = FxHashMap::default();
    for tier in &rows {
        let known = starts.entry(key(&tier.row)).or_default();
        known.push((tier.above.clone(), span(&tier.row)));
    }
    let ranged = |TierRow { mut row, above }: TierRow| {
        let times = span(&row);
        let meets = |other: &Interval| other.start < times.end && times.start < other.end;
        let rivals = starts.get(&key(&row)).map(Vec::as_slice).unwrap_or_default();
        let later = rivals.iter().filter(|(start, at)| *start > above && meets(at)).map(|(start, _)| start);
        row.tier_max = later.min().cloned();
        row.tier_min = (!above.is_zero() || row.tier_max.is_some()).then(|| &above + &Amount::ONE);
        row
    };
    rows.into_iter().map(ranged).collect()
}

type Key = [String; 5];

fn key(row: &PriceRow) -> Key {
    let meter = row.meter_ids.first().map(String::as_str).unwrap_or_default();
    [&row.product_id, &row.sku_id, meter, &row.market, &row.currency].map(str::to_ascii_lowercase)
}

fn span(row: &PriceRow) -> Interval {
    Interval::new(row.start, row.end)
}
