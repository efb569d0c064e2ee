//! Numbers as people read them: cents, thousands, per cent. Rounded here for reading, never for reckoning.

use azure_pec::{Amount, Rounding};
use azure_pec_report::{rounded, thousands};

/// `16,228.76`
pub fn cents(amount: &Amount) -> String {
    rounded(amount, 2)
}

/// `2,672`
pub fn count(number: u64) -> String {
    thousands(&number.to_string())
}

/// `2,672 lines`, `1 line`
pub fn counted(number: u64, what: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {what}{s}", count(number))
}

/// `88.57 %`, cut: nothing short of everything is shown as 100 %.
pub fn percent(fraction: &Amount) -> String {
    let hundred = Amount::from(100);
    format!("{} %", cents(&(fraction * &hundred).round(2, Rounding::TowardZero)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let show = |text: &str| cents(&text.parse().unwrap());
        let shown = ["0", "-0.005", "-5.52", "999.995", "16228.756885399640396151956", "1234567"].map(show);
        assert_eq!(shown, ["0.00", "-0.01", "-5.52", "1,000.00", "16,228.76", "1,234,567.00"]);
        assert_eq!((percent(&"0.999999".parse().unwrap()), count(1_000)), ("99.99 %".into(), "1,000".into()));
    }
}
