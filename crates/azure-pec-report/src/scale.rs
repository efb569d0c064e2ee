//! Where amounts stand in a drawing: per cent of its length, exact decimals until they are cut for the page.
//!
//! Charting libraries (plotters, charming) place by binary floats and paint by fixed colours; here places are decimals,
//! and colours are the style sheet's, so that a drawing follows light, dark and paper.

use azure_pec::{Amount, Rounding};

/// Decimals of a place in per cent: a thousandth of a pixel of any screen.
const DECIMALS: u32 = 3;
/// About so many lines are drawn across a chart.
const LINES: i64 = 6;

/// An axis from 0 to an amount.
#[derive(Debug, Clone)]
pub struct Scale {
    most: Amount,
}

impl Scale {
    /// An axis that ends with the largest of the amounts; 1 where none is above 0.
    pub fn to(amounts: impl Iterator<Item = Amount>) -> Self {
        let most = amounts.max().filter(|most| !most.is_negative() && !most.is_zero());
        Self { most: most.unwrap_or(Amount::ONE) }
    }

    /// The place of an amount, in per cent; amounts below 0 have none.
    pub fn place(&self, amount: &Amount) -> Amount {
        part(amount, &self.most)
    }

    /// The amounts that lines are drawn for: steps of 1, 2 or 5 times a power of ten, 0 not among them.
    pub fn ticks(&self) -> Vec<Amount> {
        let step = self.step();
        let mut ticks: Vec<Amount> = Vec::new();
        let mut at = step.clone();
        while at <= self.most && ticks.len() < 16 {
            ticks.push(at.clone());
            at += &step;
        }
        ticks
    }

    /// The smallest step that makes no more than a few.
    fn step(&self) -> Amount {
        let fits = |step: &Amount| step * &Amount::from(LINES) >= self.most;
        let ten = Amount::from(10);
        let mut power = Amount::new(1, 12);
        // Amounts beyond 28 digits are refused where they are read.
        for _ in 0..48 {
            for times in [1, 2, 5] {
                let step = &power * &Amount::from(times);
                if fits(&step) {
                    return step;
                }
            }
            power = &power * &ten;
        }
        self.most.clone()
    }
}

/// A part of a whole in per cent, between 0 and 100.
pub fn part(amount: &Amount, whole: &Amount) -> Amount {
    if amount.is_negative() || whole.is_negative() {
        return Amount::ZERO;
    }
    let hundred = Amount::from(100);
    let place = (amount * &hundred).divide(whole, DECIMALS, Rounding::HalfAwayFromZero);
    place.unwrap_or_default().min(hundred)
}

/// The place of one of several equal parts, in per cent.
pub fn nth(at: usize, of: usize) -> Amount {
    let amount = |number: usize| Amount::from(i64::try_from(number).unwrap_or(i64::MAX));
    part(&amount(at), &amount(of))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn ticks(most: &str) -> Vec<String> {
        Scale::to([amount(most)].into_iter()).ticks().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_stand_at_round_amounts() {
        assert_eq!(ticks("67.3"), ["20", "40", "60"]);
        assert_eq!(ticks("100"), ["20", "40", "60", "80", "100"]);
        assert_eq!(ticks("0.013"), ["0.005", "0.01"]);
        assert_eq!(ticks("123456789"), ["50000000", "100000000"]);
        assert_eq!(ticks("0"), ["0.2", "0.4", "0.6", "0.8", "1"], "an empty chart has an axis");
    }

    #[test]
    fn places_keep_within_the_drawing() {
        let scale = Scale::to(["1", "3", "-5"].map(amount).into_iter());
        let place = |text: &str| scale.place(&amount(text)).to_string();
        assert_eq!(["0", "1", "3", "-1"].map(place), ["0", "33.333", "100", "0"]);
        assert_eq!(part(&amount("2"), &amount("1")).to_string(), "100");
        assert_eq!(part(&amount("1"), &Amount::ZERO).to_string(), "0");
        assert_eq!(nth(1, 31).to_string(), "3.226");
    }
}
