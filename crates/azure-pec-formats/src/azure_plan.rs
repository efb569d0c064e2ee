//! The Azure plan price list that Partner Center exports: 18 columns, one row a price, tier and span of time.
//!
//! Source: MicrosoftDocs/partner-center, azure-plan-price-list, and partner-rest, get-a-price-sheet.

use azure_pec::{Amount, Instant, PriceList, PriceRow, SmolStr};

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
        .read(threads, &columns.all(), |last: &mut Spans, fields| columns.row(last, fields))
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
    fn row(&self, last: &mut Spans, fields: &Fields<'_>) -> Result<PriceRow, (Fault, usize)> {
        Ok(PriceRow {
            product_id: filled(fields, self.product)?,
            sku_id: filled(fields, self.sku)?,
            meter_ids: read(fields, self.meters, list)?,
            market: filled(fields, self.market)?,
            currency: filled(fields, self.currency)?,
            unit_price: read(fields, self.unit_price, value::number)?,
            unit: self.unit.map_or(Ok(SmolStr::default()), |column| read(fields, column, text))?,
            tier_min: read(fields, self.tier_min, tier_end)?,
            tier_max: read(fields, self.tier_max, tier_end)?,
            tier_above: None,
            start: last.start.read(fields, self.start, value::price_start)?,
            end: last.end.read(fields, self.end, value::price_end)?,
            tags: read(fields, self.tags, list)?,
            publisher: self.publisher.map_or(Ok(SmolStr::default()), |column| read(fields, column, text))?,
        })
    }
}

/// The span of the row before: rows mostly have the same, which is then not read again.
#[derive(Default)]
struct Spans {
    start: LastTime,
    end: LastTime,
}

/// A time as it was read last, and from which text.
#[derive(Default)]
struct LastTime {
    text: String,
    time: Option<Instant>,
}

impl LastTime {
    /// As [`read`]; an empty text is no time, as at the beginning.
    fn read(
        &mut self,
        fields: &Fields<'_>,
        column: usize,
        parse: fn(&str) -> Result<Option<Instant>, Fault>,
    ) -> Result<Option<Instant>, (Fault, usize)> {
        let text = fields.get(column).map_err(|fault| (fault, column))?;
        if text != self.text {
            self.time = parse(text).map_err(|fault| (fault, column))?;
            text.clone_into(&mut self.text);
        }
        Ok(self.time)
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
fn filled(fields: &Fields<'_>, column: usize) -> Result<SmolStr, (Fault, usize)> {
    read(fields, column, |text| match text {
        "" => Err(azure_pec::Error::IdInvalid { expected: "a text", found: String::new() }.into()),
        _ => Ok(text.into()),
    })
}

fn tier_end(text: &str) -> Result<Option<Amount>, Fault> {
    if text.is_empty() { Ok(None) } else { value::number(text).map(Some) }
}

/// Several values in one field.
fn list(text: &str) -> Result<Vec<SmolStr>, Fault> {
    let values = text.split([',', ';']).map(str::trim).filter(|value| !value.is_empty());
    Ok(values.map(SmolStr::from).collect())
}
