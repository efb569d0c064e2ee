//! What became of some lines, in one currency.

use azure_pec::{Amount, Rounding, Totals};

/// The sums of some lines by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Money {
    /// The number of lines.
    pub lines: u64,
    /// Quantity times list price.
    pub list: Amount,
    /// The credits.
    pub earned: Amount,
    /// What the missed lines could have had.
    pub missed: Amount,
    /// What the unknown lines may have had.
    pub unknown: Amount,
}

impl Money {
    /// Adds lines of an outcome.
    pub fn add(&mut self, outcome: &str, lines: u64, list: &Amount, potential: &Amount) {
        self.lines += lines;
        self.list += list;
        match outcome {
            "earned" => self.earned += potential,
            "missed" => self.missed += potential,
            "unknown" => self.unknown += potential,
            _ => {}
        }
    }

    /// Adds other sums of the same currency.
    pub fn add_all(&mut self, other: &Self) {
        self.lines += other.lines;
        self.list += &other.list;
        self.earned += &other.earned;
        self.missed += &other.missed;
        self.unknown += &other.unknown;
    }

    /// What was or might have been lost.
    pub fn at_stake(&self) -> Amount {
        &self.missed + &self.unknown
    }

    /// What could be earned: all but what never earns.
    pub fn could(&self) -> Amount {
        &self.earned + &self.at_stake()
    }

    /// Earned over what could be, cut to six decimals as a statement cuts it.
    pub fn coverage(&self) -> Option<Amount> {
        self.earned.divide(&self.could(), 6, Rounding::TowardZero)
    }

    /// Whether the bars that show it cannot: corrections made a sum negative.
    pub fn is_negative(&self) -> bool {
        [&self.earned, &self.missed, &self.unknown].into_iter().any(Amount::is_negative)
    }
}

impl From<&Totals> for Money {
    fn from(totals: &Totals) -> Self {
        Self {
            lines: totals.lines,
            list: totals.list_amount.clone(),
            earned: totals.earned.clone(),
            missed: totals.missed.clone(),
            unknown: totals.unknown.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn outcomes_are_kept_apart() {
        let mut money = Money::default();
        for (outcome, potential) in [("earned", "2"), ("missed", "0.5"), ("unknown", "0.5"), ("never", "9")] {
            money.add(outcome, 1, &amount("10"), &amount(potential));
        }
        assert_eq!((money.lines, money.list.clone()), (4, amount("40")));
        assert_eq!((money.at_stake(), money.could()), (amount("1"), amount("3")));
        assert_eq!(money.coverage(), Some(amount("0.666666")), "cut, not rounded");
        assert_eq!(Money::default().coverage(), None);
    }
}
