//! Partner Center's invoice reconciliation of the new commerce: CSV, API v1 (pages of `items`), and JSON lines.
//!
//! 46 columns as of 2022-01; 41 and 40 before 2021-06 and 2021-04. The case of `MPNID` changed, and one page spells
//! `PriceAdjusmentDescription`. Source: MicrosoftDocs/partner-center, modern-invoice-reconciliation-file, and
//! partner-center-sdk, get-invoice-billed-consumption-lineitems.

use azure_pec::{Amount, Day, Instant, InvoiceLine, PriceAdjustmentKind};

use crate::error::{Error, Fault};
use crate::header::Header;
use crate::json_records::Names;
use crate::kind::Kind;
use crate::price_adjustment::price_adjustments;
use crate::records::Records;
use crate::source::Source;
use crate::table::Fields;
use crate::usage::{Reject, shown};
use crate::value;

/// Reads the lines of an invoice, one at a time.
pub struct InvoiceReader {
    records_in: Records,
    columns: Columns,
    name: String,
    records: u64,
    rejected: u64,
    not_understood: u64,
}

/// The lines of an invoice file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InvoiceRead {
    /// The lines in the order of the file.
    pub lines: Vec<InvoiceLine>,
    /// The records that could not be read.
    pub rejects: Vec<Reject>,
    /// What whoever reads the lines must know.
    pub notes: Vec<String>,
}

impl std::fmt::Debug for InvoiceReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InvoiceReader")
            .field("records", &self.records)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

impl InvoiceReader {
    /// Opens an invoice reconciliation file.
    ///
    /// # Errors
    /// `input.missing_column`, `input.duplicate_column`, `input.encoding` for the header; and what [`Source::reader`]
    /// says.
    pub fn open(source: &Source) -> Result<Self, Error> {
        let mut records_in = Records::open(source, || COLUMNS.to_vec())?;
        let columns = Columns::find(records_in.header()).map_err(|fault| source.error(fault))?;
        records_in.want(&columns.0.iter().copied().flatten().collect::<Vec<_>>());
        let name = source.name().to_owned();
        Ok(Self { records_in, columns, name, records: 0, rejected: 0, not_understood: 0 })
    }

    /// The next line, or a record that is none; nothing at the end.
    ///
    /// # Errors
    /// Where the file cannot be read on: `input.truncated`, `input.too_large`, `json.malformed` between records,
    /// `input.not_found`.
    #[expect(clippy::should_implement_trait, reason = "a broken file is another error than a broken record")]
    pub fn next(&mut self) -> Result<Option<Result<InvoiceLine, Reject>>, Error> {
        let Some(row) = self.records_in.read()? else { return Ok(None) };
        self.records += 1;
        let read = row
            .fields
            .and_then(|fields| self.columns.line(&fields).map_err(|(fault, column)| (fault, Some(column))));
        match read {
            Ok(mut line) => {
                line.file.clone_from(&self.name);
                line.line = row.line;
                let other = line.adjustments.iter().any(|one| one.kind == PriceAdjustmentKind::Other);
                self.not_understood += u64::from(other);
                Ok(Some(Ok(line)))
            }
            Err((fault, column)) => {
                self.rejected += 1;
                let (line, record) = (row.line, shown(row.raw));
                Ok(Some(Err(Reject { error: fault.at(self.records_in.place(line, column)), record })))
            }
        }
    }

    /// Records read so far, the rejected ones included.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Records rejected so far.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// What whoever reads the lines must know of those read so far.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        match self.not_understood {
            0 => Vec::new(),
            count => {
                vec![format!("{count} lines with price adjustments other than credit and tier discounts")]
            }
        }
    }
}

/// Reads a whole invoice reconciliation file. Licences and reservations are lines of it too.
///
/// # Errors
/// As [`InvoiceReader::open`] and [`InvoiceReader::next`]; broken records are in [`InvoiceRead::rejects`].
pub fn read_invoice(source: &Source) -> Result<InvoiceRead, Error> {
    let mut reader = InvoiceReader::open(source)?;
    let mut read = InvoiceRead::default();
    while let Some(next) = reader.next()? {
        match next {
            Ok(line) => read.lines.push(line),
            Err(reject) => read.rejects.push(reject),
        }
    }
    read.notes = reader.notes();
    Ok(read)
}

macro_rules! columns {
    ($($name:ident $names:expr;)*) => {
        /// The columns, by name.
        #[derive(Debug, Clone, Copy)]
        enum Column { $($name,)* }

        const COLUMNS: &[Names] = &[$(&$names,)*];
    };
}

columns! {
    InvoiceNumber ["InvoiceNumber"];
    CustomerId ["CustomerId"];
    CustomerName ["CustomerName"];
    ResellerId ["ResellerMpnId", "Tier2MpnId"];
    PlanId ["SubscriptionId"];
    PlanName ["SubscriptionDescription"];
    ProductId ["ProductId"];
    SkuId ["SkuId"];
    AvailabilityId ["AvailabilityId"];
    ProductName ["ProductName"];
    SkuName ["SkuName"];
    MeterName ["MeterDescription"];
    PublisherName ["PublisherName", "ProviderName"];
    ChargeType ["ChargeType"];
    ChargeStart ["ChargeStartDate"];
    ChargeEnd ["ChargeEndDate"];
    UnitPrice ["UnitPrice"];
    EffectiveUnitPrice ["EffectiveUnitPrice"];
    Unit ["UnitType"];
    BillableQuantity ["BillableQuantity"];
    Subtotal ["Subtotal"];
    Tax ["TaxTotal"];
    Total ["Total", "TotalForCustomer"];
    Currency ["Currency"];
    PricingCurrency ["PricingCurrency"];
    ExchangeRate ["PCToBCExchangeRate"];
    ExchangeRateDate ["PCToBCExchangeRateDate"];
    ReservationOrderId ["ReservationOrderId"];
    CreditReason ["CreditReasonCode"];
    Adjustments ["PriceAdjustmentDescription", "PriceAdjusmentDescription"];
}

/// Without these columns nothing can be held against a line.
const NEEDED: [Column; 7] = [
    Column::CustomerId,
    Column::PlanId,
    Column::ProductId,
    Column::SkuId,
    Column::Subtotal,
    Column::Currency,
    Column::Adjustments,
];

/// Where the columns of a file are, in the order of [`COLUMNS`].
struct Columns(Vec<Option<usize>>);

type At<T> = Result<T, (Fault, usize)>;

impl Columns {
    fn find(header: &Header) -> Result<Self, Fault> {
        for column in NEEDED {
            let names = COLUMNS.get(column as usize).copied().unwrap_or_default();
            header.need(Kind::InvoiceReconciliation.name(), names)?;
        }
        COLUMNS.iter().map(|names| header.find(names)).collect::<Result<_, _>>().map(Self)
    }

    fn read<T>(&self, fields: &Fields<'_>, column: Column, make: impl Fn(&str) -> Result<T, Fault>) -> At<T> {
        match self.0.get(column as usize).copied().flatten() {
            Some(at) => fields.get(at).and_then(make).map_err(|fault| (fault, at)),
            None => make("").map_err(|fault| (fault, 0)),
        }
    }

    fn line(&self, fields: &Fields<'_>) -> At<InvoiceLine> {
        let text = |column| self.read(fields, column, |text| Ok(text.to_owned()));
        let id = |column| self.read(fields, column, |text| Ok(value::id(text).to_owned()));
        let tenant = |text: &str| value::placing(text, "a tenant id (GUID)").map(str::to_owned);
        let amount = |column| self.read(fields, column, optional);
        let day = |column| self.read(fields, column, day);
        Ok(InvoiceLine {
            file: String::new(),
            line: 0,
            invoice_number: id(Column::InvoiceNumber)?,
            customer_id: self.read(fields, Column::CustomerId, tenant)?,
            customer_name: text(Column::CustomerName)?,
            reseller_id: id(Column::ResellerId)?,
            plan_id: id(Column::PlanId)?,
            plan_name: text(Column::PlanName)?,
            product_id: id(Column::ProductId)?,
            sku_id: id(Column::SkuId)?,
            availability_id: id(Column::AvailabilityId)?,
            product_name: text(Column::ProductName)?,
            sku_name: text(Column::SkuName)?,
            meter_name: text(Column::MeterName)?,
            publisher_name: text(Column::PublisherName)?,
            charge_type: text(Column::ChargeType)?,
            charge_start: day(Column::ChargeStart)?,
            charge_end: day(Column::ChargeEnd)?,
            unit_price: amount(Column::UnitPrice)?,
            effective_unit_price: amount(Column::EffectiveUnitPrice)?,
            unit: text(Column::Unit)?,
            billable_quantity: amount(Column::BillableQuantity)?,
            subtotal: self.read(fields, Column::Subtotal, value::number)?,
            tax: amount(Column::Tax)?,
            total: amount(Column::Total)?,
            currency: text(Column::Currency)?,
            pricing_currency: text(Column::PricingCurrency)?,
            exchange_rate: amount(Column::ExchangeRate)?,
            exchange_rate_date: day(Column::ExchangeRateDate)?,
            reservation_order_id: id(Column::ReservationOrderId)?,
            credit_reason: text(Column::CreditReason)?,
            adjustments: self.read(fields, Column::Adjustments, |text| Ok(price_adjustments(text)))?,
        })
    }
}

/// A number, or nothing; `NA` is how licences' columns say that they do not apply.
fn optional(text: &str) -> Result<Option<Amount>, Fault> {
    if text.is_empty() || text.eq_ignore_ascii_case("NA") { Ok(None) } else { value::number(text).map(Some) }
}

/// A day, or nothing; 0001-01-01 and 9999-12-31 are none.
fn day(text: &str) -> Result<Option<Day>, Fault> {
    if text.eq_ignore_ascii_case("NA") {
        return Ok(None);
    }
    Ok(value::price_start(text)?.map(Instant::day))
}
