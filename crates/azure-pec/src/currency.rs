//! The decimals of currencies.
//!
//! Source: `data/currencies.csv`, made from ISO 4217 list one as published on 2026-01-01 (SIX, current currencies and
//! funds); and HRK and BGN, which gave way to the euro since, with their last days. Amounts
//! are "trimmed to 0-2 decimal places, depending on the currency (e.g., USD is 2 decimal places, JPY is 0)" (a
//! maintainer of microsoft/finops-toolkit, issue 1231); of currencies with three no page speaks, and they keep three.

use std::sync::LazyLock;

/// A row for each currency: code, decimals, date of the list.
const TABLE: &str = include_str!("../data/currencies.csv");

/// How many decimals amounts of a currency are charged in: 2 for USD, 0 for JPY, 3 for KWD. None for a code that the
/// table does not hold: its amounts are not rounded, since nobody knows where.
///
/// ```
/// use azure_pec::minor_units;
/// assert_eq!(["USD", "jpy", "KWD", "XXX"].map(minor_units), [Some(2), Some(0), Some(3), None]);
/// ```
#[must_use]
pub fn minor_units(currency: &str) -> Option<u32> {
    /// The codes in upper case, in order.
    static UNITS: LazyLock<Vec<(&str, Option<u32>)>> = LazyLock::new(|| {
        let rows = TABLE.lines().skip(1).filter_map(|line| line.split_once(','));
        rows.map(|(code, rest)| (code, rest.split(',').next().and_then(|units| units.parse().ok()))).collect()
    });
    let wanted = currency.trim().to_ascii_uppercase();
    let at = UNITS.binary_search_by(|(code, _)| (*code).cmp(&wanted)).ok()?;
    UNITS.get(at)?.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_of_the_table_is_one() {
        let codes: Vec<&str> = TABLE.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
        assert!(codes.len() > 165 && codes.is_sorted_by(|a, b| a < b));
        assert!(
            codes.iter().all(|code| code.len() == 3 && minor_units(code).is_some_and(|units| units <= 4))
        );
        assert_eq!(
            ["EUR", "HRK", "BHD", "KRW", ""].map(minor_units),
            [Some(2), Some(2), Some(3), Some(0), None]
        );
    }
}
