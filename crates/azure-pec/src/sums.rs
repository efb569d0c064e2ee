//! Exact sums of lines as the rows of a statement.

use std::collections::BTreeMap;

use crate::amount::{Amount, Rounding};
use crate::cells::Tally;
use crate::rounded::RoundedSheet;
use crate::statement_document::{ReasonSums, RoundedSums, Totals};
use crate::verdict::{Outcome, Verdict};

/// What rows of a statement are told apart and sorted by, behind their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct RowKey<'s> {
    pub currency: &'s str,
    pub outcome: &'static str,
    pub reason: &'static str,
}

impl<'s> RowKey<'s> {
    pub const fn new(currency: &'s str, verdict: Verdict) -> Self {
        Self { currency, outcome: verdict.outcome.as_str(), reason: verdict.reason.code() }
    }
}

/// Exact sums of lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sums {
    pub lines: u64,
    pub list_amount: Amount,
    pub potential: Amount,
    pub credit: Amount,
}

impl Sums {
    pub fn new(tally: Tally, verdict: Verdict, rate: &Amount) -> Self {
        let potential = verdict.outcome.potential(&tally.list, rate);
        let credit = if verdict.outcome == Outcome::Earned { potential.clone() } else { Amount::ZERO };
        Self { lines: tally.lines, list_amount: tally.list, potential, credit }
    }

    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.list_amount += &other.list_amount;
        self.potential += &other.potential;
        self.credit += &other.credit;
    }
}

/// A row of the statement; `rounded` stands beside it.
pub(crate) fn reason_sums(key: &RowKey<'_>, sums: &Sums, rounded: Option<Vec<RoundedSums>>) -> ReasonSums {
    ReasonSums {
        currency: key.currency.to_owned(),
        outcome: key.outcome,
        reason: key.reason,
        lines: sums.lines,
        list_amount: sums.list_amount.clone(),
        potential: sums.potential.clone(),
        credit: sums.credit.clone(),
        rounded,
    }
}

/// The sums by currency of the sums by reason.
pub(crate) fn totals(
    reasons: &BTreeMap<RowKey<'_>, Sums>,
    rounded: Option<&RoundedSheet<'_>>,
) -> Vec<Totals> {
    let mut totals: BTreeMap<&str, Totals> = BTreeMap::new();
    for (key, sums) in reasons {
        let total = totals.entry(key.currency).or_insert_with(|| Totals::of(key.currency));
        total.lines += sums.lines;
        total.list_amount += &sums.list_amount;
        total.earned += &sums.credit;
        if key.outcome == Outcome::Missed.as_str() {
            total.missed += &sums.potential;
        }
        if key.outcome == Outcome::Unknown.as_str() {
            total.unknown += &sums.potential;
        }
    }
    let mut totals: Vec<Totals> = totals.into_values().collect();
    for total in &mut totals {
        total.net = &total.list_amount - &total.earned;
        let could = &(&total.earned + &total.missed) + &total.unknown;
        total.coverage = total.earned.divide(&could, 6, Rounding::TowardZero);
        total.rounded = rounded.map(|rounded| rounded.total(&total.currency));
    }
    totals
}
