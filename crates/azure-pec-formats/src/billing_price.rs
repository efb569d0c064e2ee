//! List prices that stand in the billing currency, back in the pricing currency where an exact way leads there.

use azure_pec::{Amount, Rounding};

use crate::error::Fault;
use crate::focus::text;
use crate::table::Fields;
use crate::value;

/// A quotient of more decimals is no price that was ever listed.
const DECIMALS: u32 = 22;

/// Where the currencies and the rate between them stand.
pub(crate) struct BillingPrice {
    pub pricing_currency: Option<usize>,
    pub billing_currency: Option<usize>,
    pub exchange_rate: Option<usize>,
    /// The last price and rate, and the price that they came from: both repeat from line to line.
    pub last: Option<(Amount, String, Option<Amount>)>,
}

/// A list price and the currency it is in.
pub(crate) struct Price<'f> {
    pub amount: Option<Amount>,
    pub currency: &'f str,
    /// It is in the billing currency though the line is priced in another.
    pub is_billing: bool,
}

impl BillingPrice {
    /// The price divided by the line's exchange rate where that comes out even: Microsoft made it by a multiplication.
    /// Where it does not, or no rate is there, nobody can tell the listed price to the last digit, and it stays in the
    /// billing currency.
    pub fn back<'f>(
        &mut self,
        fields: &Fields<'f>,
        price: Option<Amount>,
    ) -> Result<Price<'f>, (Fault, usize)> {
        let (pricing, billing) = (text(fields, self.pricing_currency)?, text(fields, self.billing_currency)?);
        let Some(price) = price else {
            let currency = if pricing.is_empty() { billing } else { pricing };
            return Ok(Price { amount: None, currency, is_billing: false });
        };
        if pricing.is_empty() || billing.is_empty() || pricing.eq_ignore_ascii_case(billing) {
            let currency = if billing.is_empty() { pricing } else { billing };
            return Ok(Price { amount: Some(price), currency, is_billing: false });
        }
        let rate = text(fields, self.exchange_rate)?;
        let listed = match &self.last {
            Some((known, by, listed)) if *known == price && by == rate => listed.clone(),
            _ => {
                let listed =
                    divided(&price, rate).map_err(|fault| (fault, self.exchange_rate.unwrap_or(0)))?;
                self.last = Some((price.clone(), rate.to_owned(), listed.clone()));
                listed
            }
        };
        Ok(match listed {
            Some(listed) => Price { amount: Some(listed), currency: pricing, is_billing: false },
            None => Price { amount: Some(price), currency: billing, is_billing: true },
        })
    }
}

/// The quotient, where it is exact.
fn divided(price: &Amount, rate: &str) -> Result<Option<Amount>, Fault> {
    if rate.is_empty() {
        return Ok(None);
    }
    let rate = value::number(rate)?;
    let quotient = price.divide(&rate, DECIMALS, Rounding::TowardZero);
    Ok(quotient.filter(|quotient| &(quotient * &rate) == price))
}
