//! The sum of lines in 24 bytes: statements may hold many million of them.

use crate::amount::{Amount, widened};

/// The sum of the amounts of some lines, whose mantissa fits 128 bits, whose scale fits 8 and whose number fits 32. It takes
/// nothing that it cannot hold exactly.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CompactSum {
    // In halves: a 128-bit integer would have every sum begin at a multiple of 16 bytes.
    low: u64,
    high: i64,
    lines: u32,
    scale: u8,
    has_more: bool,
}

/// The words of a sum.
pub(crate) const WORDS: usize = 6;

impl CompactSum {
    /// The sum that stands in words.
    #[inline]
    pub const fn of(words: [u32; WORDS]) -> Self {
        let [low, low_high, high, high_high, lines, last] = words;
        Self {
            low: whole(low, low_high),
            high: whole(high, high_high).cast_signed(),
            lines,
            scale: last as u8,
            has_more: last >> 8 != 0,
        }
    }

    /// The words that it stands in.
    #[inline]
    pub const fn words(self) -> [u32; WORDS] {
        let ([low, low_high], [high, high_high]) = (halves(self.low), halves(self.high.cast_unsigned()));
        [low, low_high, high, high_high, self.lines, (self.has_more as u32) << 8 | self.scale as u32]
    }

    /// Adds lines and says so; where the sum does not fit, nothing is added.
    #[must_use]
    pub fn add(&mut self, lines: u32, amount: &Amount) -> bool {
        let sum = amount.small().and_then(|(mantissa, scale)| self.sum_with(lines, mantissa, scale));
        sum.map(|sum| *self = sum).is_some()
    }

    /// The same for another sum.
    #[must_use]
    pub fn add_sum(&mut self, other: &Self) -> bool {
        let sum = self.sum_with(other.lines, other.mantissa(), u32::from(other.scale));
        sum.map(|sum| *self = sum).is_some()
    }

    fn sum_with(&self, lines: u32, mantissa: i128, scale: u32) -> Option<Self> {
        // Both are widened, one of them by nothing: no jump waits for the sum, which comes from memory, and so several sums do
        // not wait for each other.
        let own = u32::from(self.scale);
        let all = own.max(scale);
        let (a, b) = (widened(self.mantissa(), all - own)?, widened(mantissa, all - scale)?);
        let sum = a.checked_add(b)?;
        Some(Self {
            low: sum as u64,
            high: (sum >> 64) as i64,
            lines: self.lines.checked_add(lines)?,
            scale: u8::try_from(all).ok()?,
            has_more: self.has_more,
        })
    }

    /// Says that something else belongs to it, which stands elsewhere.
    pub const fn mark(&mut self) {
        self.has_more = true;
    }

    /// Whether something else belongs to it.
    pub const fn has_more(&self) -> bool {
        self.has_more
    }

    /// The number of lines.
    pub const fn lines(&self) -> u32 {
        self.lines
    }

    const fn mantissa(&self) -> i128 {
        (self.high as i128) << 64 | self.low as i128
    }

    /// The sum.
    pub fn amount(&self) -> Amount {
        Amount::new(self.mantissa(), u32::from(self.scale))
    }
}

const fn whole(low: u32, high: u32) -> u64 {
    (high as u64) << 32 | low as u64
}

const fn halves(whole: u64) -> [u32; 2] {
    [whole as u32, (whole >> 32) as u32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_amounts_or_refused() {
        let texts =
            ["0.1", "-3", "170141183460469231731687303.5", "0.0000000000000000000000000000001", "-0.25"];
        let (mut compact, mut exact, mut lines) = (CompactSum::default(), Amount::ZERO, 0);
        for text in texts.iter().cycle().take(40) {
            let amount: Amount = text.parse().unwrap();
            let before = compact;
            if compact.add(2, &amount) {
                exact += &amount;
                lines += 2;
            } else {
                assert_eq!(compact.amount(), before.amount(), "{text}");
            }
            assert_eq!((compact.amount(), compact.lines()), (exact.clone(), lines), "{text}");
            let again = CompactSum::of(compact.words());
            assert_eq!((again.amount(), again.lines(), again.has_more()), (exact.clone(), lines, false));
            let (mut other, mut whole) = (CompactSum::default(), before);
            assert!(other.add(2, &amount) && whole.add_sum(&other) == (compact.amount() != before.amount()));
            assert_eq!((whole.amount(), whole.lines()), (compact.amount(), lines), "{text}");
        }
        let mut full = CompactSum::default();
        assert!(full.add(1, &Amount::new(i128::MIN, 0)) && full.amount() == Amount::new(i128::MIN, 0));
        assert!(!full.add(1, &Amount::new(-1, 0)) && full.add(1, &Amount::ONE));
        assert!(!CompactSum::default().add(1, &Amount::new(1, 300)));
    }

    #[test]
    fn lines_are_counted_or_refused_and_marks_stay() {
        let mut many = CompactSum::default();
        assert!(many.add(u32::MAX, &Amount::ONE) && !many.has_more());
        assert!(!many.add(1, &Amount::ONE) && many.add(0, &Amount::ONE));
        assert_eq!((many.lines(), many.amount()), (u32::MAX, Amount::from(2)));
        many.mark();
        assert!(many.add(0, &Amount::ONE) && many.has_more());
        let again = CompactSum::of(many.words());
        assert!(again.has_more() && again.lines() == u32::MAX && again.amount() == many.amount());
        // It is not the other's mark.
        let mut other = CompactSum::default();
        assert!(other.add_sum(&many) && !other.has_more());
        assert_eq!(size_of::<CompactSum>(), 24);
    }
}
