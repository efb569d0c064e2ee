//! Partner Center's exchange rates: how many US dollars a unit of a currency is worth, month by month.
//!
//! Source: MicrosoftDocs/partner-rest, get-foreign-exchange-rates.

use azure_pec::{Amount, Day};

use crate::error::{Error, Fault};
use crate::header::Header;
use crate::kind::Kind;
use crate::records::Records;
use crate::source::Source;
use crate::table::Fields;
use crate::value;

/// One exchange rate of a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExchangeRate {
    /// Three letters.
    pub currency: String,
    /// US dollars for one unit of the currency.
    pub usd_per_unit: Amount,
    /// The first day of the month.
    pub month: Day,
}

/// Reads a file of exchange rates, of any number of months.
///
/// # Errors
/// `input.missing_column`, `input.duplicate_column`; `csv.malformed`, `input.encoding`, `number.invalid`,
/// `number.too_precise`, `date.invalid` and `id.invalid` with the line and column; and what [`Source::reader`] says.
pub fn read_exchange_rates(source: &Source) -> Result<Vec<ExchangeRate>, Error> {
    let mut records = Records::open(source, || vec![CURRENCY, USD, MONTH])?;
    let columns = Columns::find(records.header()).map_err(|fault| source.error(fault))?;
    let mut rates = Vec::new();
    while let Some(row) = records.read()? {
        let read =
            row.fields.and_then(|fields| columns.rate(&fields).map_err(|(fault, at)| (fault, Some(at))));
        let line = row.line;
        match read {
            Ok(rate) => rates.push(rate),
            Err((fault, column)) => return Err(fault.at(records.place(line, column))),
        }
    }
    Ok(rates)
}

const CURRENCY: &[&str] = &["CurrencyCode"];
const USD: &[&str] = &["USDPerUnit"];
const MONTH: &[&str] = &["Month"];

struct Columns {
    currency: usize,
    usd: usize,
    month: usize,
}

impl Columns {
    fn find(header: &Header) -> Result<Self, Fault> {
        let need = |names| header.need(Kind::PricesFx.name(), names);
        Ok(Self { currency: need(CURRENCY)?, usd: need(USD)?, month: need(MONTH)? })
    }

    fn rate(&self, fields: &Fields<'_>) -> Result<ExchangeRate, (Fault, usize)> {
        Ok(ExchangeRate {
            currency: fields.get(self.currency).and_then(currency).map_err(|fault| (fault, self.currency))?,
            usd_per_unit: fields.get(self.usd).and_then(positive).map_err(|fault| (fault, self.usd))?,
            month: fields.get(self.month).and_then(month).map_err(|fault| (fault, self.month))?,
        })
    }
}

fn currency(text: &str) -> Result<String, Fault> {
    let code = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_alphabetic());
    let wrong =
        || azure_pec::Error::IdInvalid { expected: "a currency of three letters", found: text.to_owned() };
    if code { Ok(text.to_ascii_uppercase()) } else { Err(wrong().into()) }
}

fn positive(text: &str) -> Result<Amount, Fault> {
    let rate = value::number(text)?;
    let wrong = || azure_pec::Error::NumberInvalid { found: text.to_owned() };
    if rate > Amount::ZERO { Ok(rate) } else { Err(wrong().into()) }
}

/// The first day of `202610`; a year alone, as one published page prints it, is of no month.
fn month(text: &str) -> Result<Day, Fault> {
    let digits = text.replace('-', "");
    let number: Option<u32> = if digits.len() == 6 { digits.parse().ok() } else { None };
    let day = number.and_then(|number| Day::from_ymd(i32::try_from(number / 100).ok()?, number % 100, 1));
    let wrong =
        || azure_pec::Error::DateInvalid { expected: "a month such as 202610", found: text.to_owned() };
    day.ok_or_else(|| wrong().into())
}
