//! A sum in 17 bytes: statements may hold many million of them.

use crate::amount::{Amount, widened};

/// A sum of amounts whose mantissa fits 128 bits and whose scale fits 8. It takes no amount that it cannot hold exactly.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CompactSum {
    // In halves: a 128-bit integer would have every cell begin at a multiple of 16 bytes.
    low: u64,
    high: i64,
    scale: u8,
}

impl CompactSum {
    /// Adds an amount and says so; where the sum does not fit, nothing is added.
    #[must_use]
    pub fn add(&mut self, amount: &Amount) -> bool {
        let sum = amount.small().and_then(|(mantissa, scale)| self.sum_with(mantissa, scale));
        sum.map(|sum| *self = sum).is_some()
    }

    /// The same for another sum.
    #[must_use]
    pub fn add_sum(&mut self, other: &Self) -> bool {
        self.sum_with(other.mantissa(), u32::from(other.scale)).map(|sum| *self = sum).is_some()
    }

    fn sum_with(&self, mantissa: i128, scale: u32) -> Option<Self> {
        let own = u32::from(self.scale);
        let (a, b) = if own == scale {
            (self.mantissa(), mantissa)
        } else if own < scale {
            (widened(self.mantissa(), scale - own)?, mantissa)
        } else {
            (self.mantissa(), widened(mantissa, own - scale)?)
        };
        let sum = a.checked_add(b)?;
        let (low, high) = (sum as u64, (sum >> 64) as i64);
        Some(Self { low, high, scale: u8::try_from(own.max(scale)).ok()? })
    }

    const fn mantissa(&self) -> i128 {
        (self.high as i128) << 64 | self.low as i128
    }

    /// The sum.
    pub fn amount(&self) -> Amount {
        Amount::new(self.mantissa(), u32::from(self.scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_amounts_or_refused() {
        let texts =
            ["0.1", "-3", "170141183460469231731687303.5", "0.0000000000000000000000000000001", "-0.25"];
        let (mut compact, mut exact) = (CompactSum::default(), Amount::ZERO);
        for text in texts.iter().cycle().take(40) {
            let amount: Amount = text.parse().unwrap();
            let before = compact;
            if compact.add(&amount) {
                exact += &amount;
            } else {
                assert_eq!(compact.amount(), before.amount(), "{text}");
            }
            assert_eq!(compact.amount(), exact, "{text}");
            let (mut other, mut whole) = (CompactSum::default(), before);
            assert!(other.add(&amount) && whole.add_sum(&other) == (compact.amount() != before.amount()));
            assert_eq!(whole.amount(), compact.amount(), "{text}");
        }
        let mut full = CompactSum::default();
        assert!(full.add(&Amount::new(i128::MIN, 0)) && full.amount() == Amount::new(i128::MIN, 0));
        assert!(!full.add(&Amount::new(-1, 0)) && full.add(&Amount::ONE));
        assert!(!CompactSum::default().add(&Amount::new(1, 300)));
    }
}
