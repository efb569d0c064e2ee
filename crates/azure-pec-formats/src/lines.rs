//! The table of lines: every usage line with its answer and what stands behind it (contract 3.2).

use std::fmt::Write;
use std::path::Path;

use azure_pec::{Amount, Calculator, CreditBatch, Field, Session, UsageBatch};

#[cfg(feature = "arrow")]
use crate::arrow_rows::Emit;
use crate::error::Error;
use crate::field_set::FieldSet;
use crate::output::{Amounts, TableFile};
use crate::run::BatchSink;

const HEADER: [&str; 30] = [
    "file",
    "line",
    "date",
    "customer_id",
    "customer_name",
    "reseller_id",
    "plan_id",
    "subscription_id",
    "subscription_name",
    "resource_id",
    "meter_id",
    "meter_name",
    "product_id",
    "sku_id",
    "quantity",
    "list_price",
    "currency",
    "outcome",
    "reason",
    "rate",
    "list_amount",
    "potential",
    "credit",
    "net",
    "observed_rate",
    "billing_currency",
    "exchange_rate",
    "grant_ids",
    "gap_start",
    "gap_end",
];

/// The texts before the quantity.
const BEFORE: [Field; 11] = [
    Field::CustomerId,
    Field::CustomerName,
    Field::ResellerId,
    Field::PlanId,
    Field::SubscriptionId,
    Field::SubscriptionName,
    Field::ResourceId,
    Field::MeterId,
    Field::MeterName,
    Field::ProductId,
    Field::SkuId,
];
/// And those behind the amounts.
const BEHIND: [Field; 3] = [Field::ObservedRate, Field::BillingCurrency, Field::ExchangeRate];

/// Writes a row for each usage line, as a sink of [`run`](crate::run()). Its memory follows the number of distinct
/// places and products, never that of lines.
///
/// The grants and the gap are given where the access decided the line; a product that never earns has neither.
pub struct LinesWriter<'c> {
    table: TableFile,
    session: Session<'c>,
    text: String,
}

impl std::fmt::Debug for LinesWriter<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinesWriter").field("session", &self.session).finish_non_exhaustive()
    }
}

impl<'c> LinesWriter<'c> {
    /// Begins the table: `.csv`, `.csv.gz` or, with the feature of that name, `.parquet`. The calculator is the one that
    /// the run is made with.
    ///
    /// # Errors
    /// `usage.arguments` for another ending, `output.write_failed`.
    pub fn create(path: &Path, calculator: &'c Calculator, amounts: Amounts) -> Result<Self, Error> {
        Ok(Self {
            table: TableFile::create(path, &HEADER, amounts)?,
            session: calculator.session(),
            text: String::new(),
        })
    }

    /// Begins a table in record batches, which are handed to `emit` as they come.
    #[cfg(feature = "arrow")]
    pub(crate) fn batches(calculator: &'c Calculator, amounts: Amounts, emit: Emit) -> Self {
        let table = TableFile::batches(&HEADER, amounts, emit);
        Self { table, session: calculator.session(), text: String::new() }
    }

    /// The schema of the table in record batches.
    #[cfg(feature = "arrow")]
    pub(crate) fn schema(amounts: Amounts) -> arrow_schema::Schema {
        crate::arrow_rows::schema(&HEADER, amounts)
    }

    /// Puts the table in its place, to be called once the run is done; without it nothing is left behind.
    ///
    /// # Errors
    /// `output.write_failed`.
    pub fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }

    fn line(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        row: usize,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        let Some(credit) = credits.credit(row, calculator.rule()) else { return Ok(()) };
        self.table.field(file)?;
        self.plain(batch.lines().get(row))?;
        self.plain(batch.dates().get(row))?;
        for field in BEFORE {
            self.table.field(batch.text(field, row))?;
        }
        self.plain(batch.quantities().get(row))?;
        // Where tiers rated the line: the price of the one tier that made its amount.
        let price = credits.tier_price(row).or_else(|| self.session.list_price(batch, row));
        shown(&mut self.text, price);
        self.table.field(&self.text)?;
        self.table.field(currency(batch.text(Field::Currency, row)))?;
        self.table.field(credit.outcome.as_str())?;
        self.table.field(credit.reason.code())?;
        self.plain(Some(&credit.rate))?;
        for amount in [&credit.list_amount, &credit.potential, &credit.credit, &credit.net] {
            self.plain::<Amount>(amount.as_ref())?;
        }
        for field in BEHIND {
            self.table.field(batch.text(field, row))?;
        }
        if !credit.reason.is_mended_by_access() {
            return self.table.row(["", "", ""]);
        }
        let evidence = self.session.evidence(batch, row);
        self.text.clear();
        for (at, id) in evidence.grants.iter().enumerate() {
            if at > 0 {
                self.text.push(';');
            }
            self.text.push_str(id);
        }
        let (start, end) =
            evidence.gap.map(|gap| (gap.start.to_string(), gap.end.to_string())).unwrap_or_default();
        self.table.row([&self.text, &start, &end])
    }

    /// One field in plain text; empty where there is none.
    fn plain<T: std::fmt::Display>(&mut self, value: Option<&T>) -> Result<(), Error> {
        shown(&mut self.text, value);
        self.table.field(&self.text)
    }
}

fn shown<T: std::fmt::Display>(text: &mut String, value: Option<&T>) {
    text.clear();
    if let Some(value) = value {
        // Writing to a text cannot fail.
        let _ = write!(text, "{value}");
    }
}

/// An absent pricing currency is USD, as in the sums.
fn currency(text: &str) -> String {
    match text.trim() {
        "" => "USD".to_owned(),
        code => code.to_ascii_uppercase(),
    }
}

impl BatchSink for LinesWriter<'_> {
    fn fields(&self) -> FieldSet {
        BEFORE.into_iter().chain(BEHIND).chain([Field::Currency]).collect()
    }

    /// A price that counted is the session's to tell.
    fn list_prices(&self) -> bool {
        false
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        (0..batch.len()).try_for_each(|row| self.line(file, batch, row, credits, calculator))
    }
}
