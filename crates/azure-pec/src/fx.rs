//! Exchange rates: the list that Partner Center gives out, and the rate of a usage line.
//!
//! The list says how many USD a unit of a currency is (`USDPerUnit`, 17 digits), month by month. A line says how many
//! units of its billing currency a unit of its pricing currency is (`PCToBCExchangeRate`): the reciprocal. The line's own
//! rate goes before any list: pages disagree whether rates are monthly (azure-plan-billing, 2019 to 2021) or daily
//! (azure-plan-price-list, 2023).

use std::collections::BTreeMap;

use crate::amount::{Amount, Rounding};
use crate::day::Day;
use crate::error::Error;

/// How many USD a unit of each currency is, by month. USD itself is always 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FxRates {
    /// By the first day of the month, and by currency.
    rates: BTreeMap<(Day, String), Amount>,
}

impl FxRates {
    /// No rate but that of USD.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the rate of a currency in the month of a day.
    ///
    /// # Errors
    /// `number.invalid` for a rate that is not above 0, `fx.overlap` where another is known already.
    pub fn insert(&mut self, month: Day, currency: &str, usd_per_unit: Amount) -> Result<(), Error> {
        positive(&usd_per_unit)?;
        let key = (month.month_start(), code(currency));
        match self.usd_per_unit(month, currency) {
            Ok(known) if known != usd_per_unit => Err(Error::FxOverlap {
                currency: key.1,
                month: month.month(),
                first: known.to_string(),
                second: usd_per_unit.to_string(),
            }),
            _ => {
                self.rates.insert(key, usd_per_unit);
                Ok(())
            }
        }
    }

    /// Adds the rates of another list.
    ///
    /// # Errors
    /// `fx.overlap` where the two differ.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        other.rates.into_iter().try_for_each(|((month, currency), rate)| self.insert(month, &currency, rate))
    }

    /// Every rate: the month, the currency, USD for a unit.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (Day, String, Amount)> {
        self.rates.iter().map(|((month, currency), rate)| (*month, currency.clone(), rate.clone()))
    }

    /// Whether there is no rate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rates.is_empty()
    }

    /// How many USD a unit of the currency is in the month of a day.
    ///
    /// # Errors
    /// `fx.missing`.
    pub fn usd_per_unit(&self, month: Day, currency: &str) -> Result<Amount, Error> {
        let key = (month.month_start(), code(currency));
        if key.1 == "USD" {
            return Ok(Amount::ONE);
        }
        self.rates.get(&key).cloned().ok_or_else(|| Error::FxMissing {
            from: key.1,
            to: "USD".to_owned(),
            month: Some(month.month()),
        })
    }

    /// An amount of a currency in USD, exact.
    ///
    /// # Errors
    /// `fx.missing`.
    pub fn to_usd(&self, month: Day, currency: &str, amount: &Amount) -> Result<Amount, Error> {
        Ok(amount * &self.usd_per_unit(month, currency)?)
    }

    /// An amount of USD in a currency: a quotient, to so many decimals by a named rounding.
    ///
    /// # Errors
    /// `fx.missing`.
    pub fn from_usd(
        &self,
        month: Day,
        currency: &str,
        amount: &Amount,
        decimals: u32,
        rounding: Rounding,
    ) -> Result<Amount, Error> {
        self.convert(month, ("USD", currency), amount, decimals, rounding)
    }

    /// An amount of one currency in another, through USD: multiplied exactly and divided once, to so many decimals by a
    /// named rounding.
    ///
    /// # Errors
    /// `fx.missing`.
    pub fn convert(
        &self,
        month: Day,
        (from, to): (&str, &str),
        amount: &Amount,
        decimals: u32,
        rounding: Rounding,
    ) -> Result<Amount, Error> {
        let usd = self.to_usd(month, from, amount)?;
        let missing = || Error::FxMissing { from: code(from), to: code(to), month: Some(month.month()) };
        usd.divide(&self.usd_per_unit(month, to)?, decimals, rounding).ok_or_else(missing)
    }
}

/// How many units of the billing currency a unit of the pricing currency is, as a usage line says (`1`, `0.846202666`):
/// multiply by it. Without a text it is 1 where the two are one currency.
///
/// ```
/// use azure_pec::line_rate;
/// assert_eq!(line_rate("USD", "EUR", "0.846202666")?.to_string(), "0.846202666");
/// assert_eq!(line_rate("USD", "EUR", "").unwrap_err().code(), "fx.missing");
/// # Ok::<(), azure_pec::Error>(())
/// ```
///
/// # Errors
/// `fx.missing` where a rate is needed and not named, `number.invalid` and `number.too_precise` for what is no rate.
pub fn line_rate(pricing: &str, billing: &str, exchange_rate: &str) -> Result<Amount, Error> {
    let (pricing, billing) = (code(pricing), code(billing));
    match exchange_rate.trim() {
        _ if pricing == billing => Ok(Amount::ONE),
        "" => Err(Error::FxMissing { from: pricing, to: billing, month: None }),
        text => {
            let rate: Amount = text.parse()?;
            positive(&rate)?;
            Ok(rate)
        }
    }
}

fn positive(rate: &Amount) -> Result<(), Error> {
    if rate.is_zero() || rate.is_negative() {
        return Err(Error::NumberInvalid { found: rate.to_string() });
    }
    Ok(())
}

fn code(currency: &str) -> String {
    currency.trim().to_ascii_uppercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    /// The published row (fxrates, September 2019) and one of our own.
    fn rates() -> FxRates {
        let mut rates = FxRates::new();
        rates.insert(day("2019-09-01"), "AED", amount("0.27224589249009701")).unwrap();
        rates.insert(day("2019-09-30"), "eur", amount("1.25")).unwrap();
        rates
    }

    #[test]
    fn products_keep_every_digit_and_quotients_are_rounded_by_name() {
        let rates = rates();
        let month = day("2019-09-17");
        assert_eq!(rates.to_usd(month, "AED", &amount("3")).unwrap(), amount("0.81673767747029103"));
        let euro =
            |rounding| rates.from_usd(month, "EUR", &amount("-2.01"), 2, rounding).unwrap().to_string();
        assert_eq!(euro(Rounding::TowardZero), "-1.6");
        assert_eq!(euro(Rounding::HalfAwayFromZero), "-1.61");
        // 100 AED are 27.224589249009701 USD, and these 21.77967139920776 euros.
        let converted =
            rates.convert(month, ("aed", "EUR"), &amount("100"), 14, Rounding::TowardZero).unwrap();
        assert_eq!(converted, amount("21.77967139920776"));
    }

    #[test]
    fn what_is_not_known_is_said_and_not_taken_from_another_month() {
        let mut rates = rates();
        assert!(FxRates::new().is_empty() && !rates.is_empty());
        let missing = rates.to_usd(day("2019-10-01"), "AED", &Amount::ONE).unwrap_err();
        assert_eq!(missing.code(), "fx.missing");
        assert_eq!(missing.to_string(), "no exchange rate from AED to USD for 2019-10");
        assert!(rates.to_usd(day("2031-01-01"), "usd", &Amount::ONE).is_ok());
        let month = day("2019-09-02");
        assert!(rates.insert(month, "EUR", amount("1.250")).is_ok());
        assert_eq!(rates.insert(month, "EUR", amount("1.26")).unwrap_err().code(), "fx.overlap");
        assert_eq!(rates.insert(month, "USD", amount("2")).unwrap_err().code(), "fx.overlap");
        for text in ["0", "-1"] {
            assert_eq!(rates.insert(month, "CHF", amount(text)).unwrap_err().code(), "number.invalid");
            assert_eq!(line_rate("USD", "EUR", text).unwrap_err().code(), "number.invalid");
        }
        assert_eq!(line_rate("usd", "USD ", "").unwrap(), Amount::ONE);
        assert_eq!(line_rate("USD", "EUR", " ").unwrap_err().code(), "fx.missing");
        assert_eq!(line_rate("USD", "EUR", "n/a").unwrap_err().code(), "number.invalid");
    }
}
