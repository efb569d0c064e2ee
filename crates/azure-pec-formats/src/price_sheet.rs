//! The Cost Management price sheet of a partner's billing profile (CSV) and pages of the Retail Prices API (JSON).
//!
//! The sheet's `MarketPrice` is the list price ("The current list price for a given product or service",
//! MicrosoftDocs/azure-docs, price-sheet-mca); its `UnitPrice` is the account's own. Neither format names a market, so
//! their prices are of any, nor has it the tags that tell third-party products.

use azure_pec::{Amount, PriceList, PriceRow, SmolStr};

use crate::error::{Error, Fault};
use crate::header::Header;
use crate::json_records::Names;
use crate::kind::Kind;
use crate::records::Records;
use crate::source::Source;
use crate::table::Fields;
use crate::value;

/// A price list, and how many rows of the file are no price of usage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PricesRead {
    /// The prices of usage.
    pub list: PriceList,
    /// All rows.
    pub records: u64,
    /// What was passed over, and how often.
    pub notes: Vec<String>,
}

/// Reads a price sheet. Prices of savings plans and reservations are passed over and counted: they earn no credit.
///
/// # Errors
/// `input.missing_column`, `input.duplicate_column`; `csv.malformed`, `input.encoding`, `number.invalid`,
/// `number.too_precise`, `date.invalid` and `id.invalid` with the line and column; and what [`Source::reader`] says.
pub fn read_price_sheet(source: &Source) -> Result<PricesRead, Error> {
    read_prices(source, SHEET)
}

/// Reads pages of the Retail Prices API (JSON), one after the other or in a list. Prices of reservations and of
/// development and test subscriptions are passed over and counted: the one earn no credit, the other are not the list's.
///
/// # Errors
/// As [`read_price_sheet`], and `json.malformed`.
pub fn read_retail(source: &Source) -> Result<PricesRead, Error> {
    read_prices(source, RETAIL)
}

/// The columns of a format; the price is what is listed.
struct Layout {
    kind: Kind,
    product: Names,
    sku: Names,
    meter: Names,
    price: Names,
    currency: Names,
    tier: Names,
    start: Names,
    end: Names,
    price_type: Names,
}

const SHEET: &Layout = &Layout {
    kind: Kind::PricesPriceSheet,
    product: &["ProductId"],
    sku: &["SkuId"],
    meter: &["MeterId"],
    price: &["MarketPrice"],
    currency: &["Currency"],
    tier: &["TierMinimumUnits"],
    start: &["EffectiveStartDate"],
    end: &["EffectiveEndDate"],
    price_type: &["PriceType"],
};

const RETAIL: &Layout = &Layout {
    kind: Kind::PricesRetail,
    product: &["productId"],
    sku: &["skuId"],
    meter: &["meterId"],
    price: &["retailPrice"],
    currency: &["currencyCode"],
    tier: &["tierMinimumUnits"],
    start: &["effectiveStartDate"],
    end: &["effectiveEndDate"],
    price_type: &["type", "PriceType"],
};

fn read_prices(source: &Source, layout: &Layout) -> Result<PricesRead, Error> {
    let mut records = Records::open(source, || layout.columns().to_vec())?;
    let columns = Columns::find(records.header(), layout).map_err(|fault| source.error(fault))?;
    let (mut read, mut rows, mut passed_over) = (PricesRead::default(), Vec::new(), Vec::new());
    while let Some(row) = records.read()? {
        read.records += 1;
        let line = row.line;
        let tier =
            row.fields.and_then(|fields| columns.row(&fields).map_err(|(fault, at)| (fault, Some(at))));
        match tier {
            Ok(Ok(tier)) => rows.push(tier),
            Ok(Err(other)) => count(&mut passed_over, other),
            Err((fault, column)) => return Err(fault.at(records.place(line, column))),
        }
    }
    read.list = PriceList::new(rows);
    read.notes =
        passed_over.iter().map(|(kind, times)| format!("{times} prices of {kind} passed over")).collect();
    Ok(read)
}

/// Counts by name, in the order of the names.
fn count(counts: &mut Vec<(String, u64)>, name: String) {
    match counts.binary_search_by(|(known, _)| known.cmp(&name)) {
        Ok(at) => counts.get_mut(at).into_iter().for_each(|(_, times)| *times += 1),
        Err(at) => counts.insert(at, (name, 1)),
    }
}

impl Layout {
    fn columns(&self) -> [Names; 9] {
        let Self { product, sku, meter, price, currency, tier, start, end, price_type, .. } = self;
        [product, sku, meter, price, currency, tier, start, end, price_type]
    }
}

/// Where the columns are.
struct Columns {
    product: usize,
    sku: Option<usize>,
    meter: usize,
    price: usize,
    currency: usize,
    tier: usize,
    start: usize,
    end: Option<usize>,
    price_type: Option<usize>,
}

impl Columns {
    fn find(header: &Header, layout: &Layout) -> Result<Self, Fault> {
        let need = |names| header.need(layout.kind.name(), names);
        Ok(Self {
            product: need(layout.product)?,
            sku: header.find(layout.sku)?,
            meter: need(layout.meter)?,
            price: need(layout.price)?,
            currency: need(layout.currency)?,
            tier: need(layout.tier)?,
            start: need(layout.start)?,
            end: header.find(layout.end)?,
            price_type: header.find(layout.price_type)?,
        })
    }

    /// A price, or the kind of what is none of usage; where it fails, the column at fault.
    fn row(&self, fields: &Fields<'_>) -> Result<Result<PriceRow, String>, (Fault, usize)> {
        let text = |column: usize| fields.get(column).map_err(|fault| (fault, column));
        let optional = |column: Option<usize>| column.map_or(Ok(""), text);
        let kind = optional(self.price_type)?;
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("consumption") {
            return Ok(Err(kind.to_owned()));
        }
        let (product, sku) = product_and_sku(text(self.product)?, optional(self.sku)?);
        let filled = |text: &str, column| match text {
            "" => {
                Err((azure_pec::Error::IdInvalid { expected: "a text", found: String::new() }.into(), column))
            }
            _ => Ok(SmolStr::from(text)),
        };

        let end = self.end.map_or(Ok(None), |column| made(fields, column, value::price_end))?;
        let meter = text(self.meter)?;
        Ok(Ok(PriceRow {
            product_id: filled(product, self.product)?,
            sku_id: filled(sku, self.sku.unwrap_or(self.product))?,
            meter_ids: Some(meter).filter(|meter| !meter.is_empty()).into_iter().map(SmolStr::from).collect(),
            market: SmolStr::default(),
            currency: filled(text(self.currency)?, self.currency)?,
            unit_price: text(self.price)
                .and_then(|text| value::number(text).map_err(|fault| (fault, self.price)))?,
            unit: SmolStr::default(),
            tier_min: None,
            tier_max: None,
            tier_above: Some(made(fields, self.tier, tier_start)?),
            start: made(fields, self.start, value::price_start)?,
            end,
            tags: Vec::new(),
            publisher: SmolStr::default(),
        }))
    }
}

/// What is made of a column's text; where it fails, the column at fault.
fn made<T>(
    fields: &Fields<'_>,
    column: usize,
    make: fn(&str) -> Result<T, Fault>,
) -> Result<T, (Fault, usize)> {
    fields.get(column).and_then(make).map_err(|fault| (fault, column))
}

/// The units above which a tier begins; 0 where nothing is said.
fn tier_start(text: &str) -> Result<Amount, Fault> {
    if text.is_empty() {
        return Ok(Amount::ZERO);
    }
    let above = value::number(text)?;
    if above.is_negative() {
        return Err(azure_pec::Error::NumberInvalid { found: text.to_owned() }.into());
    }
    Ok(above)
}

/// Product and SKU, each alone, or both in one as `DZH318Z0BQPS/00TG` or `DZH318Z0BQPS00TG`.
fn product_and_sku<'t>(product: &'t str, sku: &'t str) -> (&'t str, &'t str) {
    let (product, sku) = (value::id(product), value::id(sku));
    if sku.contains('/') {
        return value::product_and_sku(sku);
    }
    if sku.is_empty() || product.contains('/') {
        return value::product_and_sku(product);
    }
    match product.strip_suffix(sku) {
        Some(alone) if !alone.is_empty() && sku.len() == 4 && product.len() == 16 => (alone, sku),
        _ => (product, sku),
    }
}
