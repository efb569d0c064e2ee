//! The answers for a batch of usage lines, in columns.

use crate::amount::Amount;
use crate::rule::Rule;
use crate::verdict::{Credit, Verdict};

/// The answers for the lines of a batch, in columns.
#[derive(Debug, Clone, Default)]
pub struct CreditBatch {
    verdicts: Vec<Verdict>,
    list_amounts: Vec<Option<Amount>>,
    rates: Vec<Option<usize>>,
    flags: Vec<Flags>,
}

/// What is to be warned of, line by line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// The reseller of the line is not the partner file's.
    pub reseller_conflict: bool,
    /// The only market given was taken for the customer's.
    pub market_assumed: bool,
}

impl CreditBatch {
    /// The number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.verdicts.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    /// Outcome and reason of each line.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The list amount of each line; none where no price is known.
    #[must_use]
    pub fn list_amounts(&self) -> &[Option<Amount>] {
        &self.list_amounts
    }

    /// The place of each line's rate in the rate table; none where the rate is 0.
    pub(crate) fn rates(&self) -> &[Option<usize>] {
        &self.rates
    }

    pub(crate) fn flags(&self) -> &[Flags] {
        &self.flags
    }

    /// The whole answer for one line.
    #[must_use]
    pub fn credit(&self, row: usize, rule: &Rule) -> Option<Credit> {
        let rate = rule.rate_at(self.rates.get(row).copied().flatten());
        Some(Credit::new(*self.verdicts.get(row)?, self.list_amounts.get(row)?.clone(), rate))
    }

    pub(crate) fn push(
        &mut self,
        verdict: Verdict,
        list_amount: Option<Amount>,
        rate: Option<usize>,
        flags: Flags,
    ) {
        self.verdicts.push(verdict);
        self.list_amounts.push(list_amount);
        self.rates.push(rate);
        self.flags.push(flags);
    }

    pub(crate) fn clear(&mut self) {
        self.verdicts.clear();
        self.list_amounts.clear();
        self.rates.clear();
        self.flags.clear();
    }
}
