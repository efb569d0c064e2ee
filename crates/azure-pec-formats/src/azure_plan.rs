//! The Azure plan price list that Partner Center exports: 18 columns, one row a price, tier and span of time.
//!
//! Source: MicrosoftDocs/partner-center, azure-plan-price-list, and partner-rest, get-a-price-sheet.

use azure_pec::{Amount, Instant, PriceList, PriceRow, SmolStr};

use crate::cells::same;
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::kind::Kind;
use crate::source::Source;
use crate::table::Fields;
use crate::table_blocks::TableBlocks;
use crate::value;

/// Reads a price list. A price list with a broken row is not used at all: a missing price is a wrong statement.
///
/// # Errors
/// `input.missing_column`, `input.duplicate_column`; `csv.malformed`, `input.encoding`, `number.invalid`,
/// `number.too_precise`, `date.invalid` and `id.invalid` with the line and column; and what [`Source::reader`] says.
pub fn read_azure_plan(source: &Source) -> Result<PriceList, Error> {
    read_azure_plan_on(source, 1)
}

/// The same on so many threads.
pub(crate) fn read_azure_plan_on(source: &Source, threads: usize) -> Result<PriceList, Error> {
    let table = TableBlocks::open(source, source.reader_to_keep()?)?;
    let columns = Columns::find(&table.header).map_err(|fault| source.error(fault))?;
    table
        .read(threads, &columns.all(), |last: &mut LastRow, fields| columns.row(last, fields))
        .map(|parts| parts.into_iter().collect())
}

/// Where the columns of the list are.
struct Columns {
    product: usize,
    sku: usize,
    meters: usize,
    market: usize,
    currency: usize,
    unit_price: usize,
    unit: Option<usize>,
    tier_min: usize,
    tier_max: usize,
    start: usize,
    end: usize,
    tags: usize,
    publisher: Option<usize>,
}

impl Columns {
    fn find(header: &Header) -> Result<Self, Fault> {
        let need = |name: &'static str| header.need(Kind::PricesAzurePlan.name(), &[name]);
        Ok(Self {
            product: need("ProductId")?,
            sku: need("SkuId")?,
            meters: need("MeterIds")?,
            market: need("Market")?,
            currency: need("Currency")?,
            unit_price: need("UnitPrice")?,
            unit: header.find(&["UnitOfMeasure"])?,
            tier_min: need("PricingTierRangeMin")?,
            tier_max: need("PricingTierRangeMax")?,
            start: need("EffectiveStartDate")?,
            end: need("EffectiveEndDate")?,
            // Without the tags a third-party product would pass for one that earns.
            tags: need("Tags")?,
            publisher: header.find(&["Publisher"])?,
        })
    }

    fn all(&self) -> Vec<usize> {
        let product = [self.product, self.sku, self.meters, self.market, self.tags];
        let price = [self.currency, self.unit_price, self.tier_min, self.tier_max, self.start, self.end];
        product.into_iter().chain(price).chain(self.unit).chain(self.publisher).collect()
    }

    /// One row; where it fails, the column at fault.
    fn row(&self, last: &mut LastRow, fields: &Fields<'_>) -> Result<PriceRow, (Fault, usize)> {
        Ok(PriceRow {
            product_id: read(fields, self.product, filled)?,
            sku_id: read(fields, self.sku, filled)?,
            meter_ids: read(fields, self.meters, list)?,
            market: last.market.read(fields, self.market, filled)?,
            currency: last.currency.read(fields, self.currency, filled)?,
            unit_price: read(fields, self.unit_price, value::number)?,
            unit: last.unit.read_any(fields, self.unit, text)?,
            tier_min: last.tier_min.read(fields, self.tier_min, tier_end)?,
            tier_max: last.tier_max.read(fields, self.tier_max, tier_end)?,
            tier_above: None,
            start: last.start.read(fields, self.start, value::price_start)?,
            end: last.end.read(fields, self.end, value::price_end)?,
            tags: last.tags.read(fields, self.tags, list)?,
            publisher: last.publisher.read_any(fields, self.publisher, text)?,
        })
    }
}

/// What rows mostly have in common with the row before: it is not read again then.
#[derive(Default)]
struct LastRow {
    market: Last<SmolStr>,
    currency: Last<SmolStr>,
    unit: Last<SmolStr>,
    tier_min: Last<Option<Amount>>,
    tier_max: Last<Option<Amount>>,
    start: Last<Option<Instant>>,
    end: Last<Option<Instant>>,
    tags: Last<Vec<SmolStr>>,
    publisher: Last<SmolStr>,
}

/// What was read of a column last, and as what it stood there.
#[derive(Default)]
struct Last<T> {
    raw: Vec<u8>,
    /// None before the first.
    value: Option<T>,
}

impl<T: Clone + Default> Last<T> {
    /// As [`read`].
    fn read(
        &mut self,
        fields: &Fields<'_>,
        column: usize,
        parse: fn(&str) -> Result<T, Fault>,
    ) -> Result<T, (Fault, usize)> {
        let raw = fields.raw(column);
        if let Some(value) = self.value.as_ref().filter(|_| same(&self.raw, raw)) {
            return Ok(value.clone());
        }
        let value = read(fields, column, parse)?;
        self.raw.clear();
        self.raw.extend_from_slice(raw);
        self.value = Some(value.clone());
        Ok(value)
    }

    /// The same of a column that may not be there.
    fn read_any(
        &mut self,
        fields: &Fields<'_>,
        column: Option<usize>,
        parse: fn(&str) -> Result<T, Fault>,
    ) -> Result<T, (Fault, usize)> {
        column.map_or_else(|| Ok(T::default()), |column| self.read(fields, column, parse))
    }
}

fn read<T>(
    fields: &Fields<'_>,
    column: usize,
    parse: fn(&str) -> Result<T, Fault>,
) -> Result<T, (Fault, usize)> {
    fields.get(column).and_then(parse).map_err(|fault| (fault, column))
}

fn text(text: &str) -> Result<SmolStr, Fault> {
    Ok(text.into())
}

/// A text without which the price belongs to nothing.
fn filled(text: &str) -> Result<SmolStr, Fault> {
    match text {
        "" => Err(azure_pec::Error::IdInvalid { expected: "a text", found: String::new() }.into()),
        _ => Ok(text.into()),
    }
}

fn tier_end(text: &str) -> Result<Option<Amount>, Fault> {
    if text.is_empty() { Ok(None) } else { value::number(text).map(Some) }
}

/// Several values in one field.
fn list(text: &str) -> Result<Vec<SmolStr>, Fault> {
    let only = text.trim();
    // Mostly there is one, and room for one is enough.
    if !only.is_empty() && !only.bytes().any(|byte| matches!(byte, b',' | b';')) {
        return Ok(vec![only.into()]);
    }
    let values = text.split([',', ';']).map(str::trim).filter(|value| !value.is_empty());
    Ok(values.map(SmolStr::from).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEADER: &str = "ProductId,SkuId,MeterIds,Market,Currency,UnitPrice,UnitOfMeasure,PricingTierRangeMin,PricingTierRangeMax,\
                          EffectiveStartDate,EffectiveEndDate,Tags,Publisher\n";

    fn rows(records: &[String]) -> Result<Vec<PriceRow>, Error> {
        let text = HEADER.to_owned() + &records.concat();
        let list = read_azure_plan(&Source::from_bytes("p.csv", text.as_bytes())?.remove(0))?;
        Ok(list.rows().cloned().collect())
    }

    proptest! {
        /// Whatever the row before said; and what is wrong with one is told where it stands.
        #[test]
        fn rows_read_together_are_those_read_one_by_one(
            picked in prop::collection::vec(prop::collection::vec(0_usize..4, 12), 1..12),
        ) {
            let cells: [&[&str]; 12] = [
                &["0001", "0002", "\"0001\"", " 0001"],
                &["m1", "\"m1,M2\"", "", "m1;;m2"],
                &["DE", "\"DE\"", "US", "DE"],
                &["EUR", "USD", " EUR", "EUR"],
                &["1", "2.5", "0", "1"],
                &["1 Hour", "", "\"1 \"\"Hour\"\"\"", "10 GB"],
                &["", "1", "101", ""],
                &["", "100", "", "9223372036854775807"],
                &["3/1/2018 12:00:00 AM", "", "2026-10-01", "3/1/2018"],
                &["11/30/9999 11:59:59 PM", "", "2026-10-31", "10/31/2026 11:59:59 PM"],
                &["Azure", "\"Azure,Third Party\"", "", "Azure"],
                &["Microsoft", "", " Microsoft", "\"\""],
            ];
            let record = |picked: &Vec<usize>| {
                let own = picked.iter().zip(cells).map(|(at, cells)| cells[*at]);
                std::iter::once("P").chain(own).collect::<Vec<_>>().join(",") + "\n"
            };
            let mut records: Vec<String> = picked.iter().map(record).collect();
            let alone: Vec<PriceRow> =
                records.iter().flat_map(|record| rows(std::slice::from_ref(record)).unwrap()).collect();
            prop_assert_eq!(rows(&records).unwrap(), alone);
            for (column, name) in [(3, "Market"), (4, "Currency"), (9, "EffectiveStartDate"), (7, "PricingTierRangeMin")] {
                let wrong = if column < 5 { "" } else { "x" };
                let mut broken: Vec<&str> = "P,1,m1,DE,EUR,1,1 Hour,,,,,Azure,Microsoft\n".split(',').collect();
                broken[column] = wrong;
                records.push(broken.join(","));
                let place = rows(&records).unwrap_err().place;
                prop_assert_eq!((place.line, place.column.as_deref()), (Some(records.len() as u64 + 1), Some(name)));
                records.pop();
            }
        }
    }
}
