//! The answers for a batch of usage lines, in columns.

use rustc_hash::FxHashMap;

use crate::amount::Amount;
use crate::policy::{Policy, RoundingPolicy, TierScope};
use crate::rule::Rule;
use crate::verdict::{Credit, Verdict};

/// The answers for the lines of a batch, in columns.
///
/// Under `price_source = list` the amount of a line whose meter has tiers depends on the month before it. Such a line
/// [needs rating](CreditBatch::needs_rating): it has no list amount until a [`Rating`](crate::Rating) gave it one. A
/// [`Statement`](crate::Statement) takes both and rates what is not rated itself.
#[derive(Debug, Clone, Default)]
pub struct CreditBatch {
    verdicts: Vec<Verdict>,
    list_amounts: Vec<Option<Amount>>,
    rates: Vec<Option<usize>>,
    flags: Vec<Flags>,
    /// The rows that were rated by tiers.
    rated: FxHashMap<usize, RatedLine>,
    /// How sums are rounded and over what; none where they are not.
    rounding: Option<(RoundingPolicy, TierScope)>,
}

/// What is to be known of a line beside its answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// The reseller of the line is not the partner file's.
    pub reseller_conflict: bool,
    /// The only market given was taken for the customer's.
    pub market_assumed: bool,
    /// The line moves the tiers of its meter, and the month is still to be put in order.
    pub tiered: bool,
    /// Its amount is not known before that.
    pub unrated: bool,
}

/// Where in its month a line was rated.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RatedLine {
    before: Amount,
    unit_price: Option<Amount>,
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

    /// The list amount of each line; none where no price is known, and where the line [needs
    /// rating](CreditBatch::needs_rating).
    #[must_use]
    pub fn list_amounts(&self) -> &[Option<Amount>] {
        &self.list_amounts
    }

    /// Whether the amounts of a line are not known yet, since tiers rate it. Outcome and reason stand.
    #[must_use]
    pub fn needs_rating(&self, row: usize) -> bool {
        self.flags.get(row).is_some_and(|flags| flags.unrated)
    }

    /// The month's quantity of the meter before a line that was rated by tiers; none for any other.
    #[must_use]
    pub fn quantity_before(&self, row: usize) -> Option<&Amount> {
        self.rated.get(&row).map(|line| &line.before)
    }

    /// The price of a unit of a line that was rated by tiers, where one tier alone made its amount.
    #[must_use]
    pub fn tier_price(&self, row: usize) -> Option<&Amount> {
        self.rated.get(&row)?.unit_price.as_ref()
    }

    /// The place of each line's rate in the rate table; none where the rate is 0.
    pub(crate) fn rates(&self) -> &[Option<usize>] {
        &self.rates
    }

    pub(crate) fn flags(&self) -> &[Flags] {
        &self.flags
    }

    pub(crate) const fn rounding(&self) -> Option<(RoundingPolicy, TierScope)> {
        self.rounding
    }

    pub(crate) fn set_rounding(&mut self, policy: &Policy) {
        let rounds = policy.rounding != RoundingPolicy::Exact;
        self.rounding = rounds.then_some((policy.rounding, policy.tier_scope));
    }

    /// The whole answer for one line. A line that [needs rating](CreditBatch::needs_rating) has no amounts.
    #[must_use]
    pub fn credit(&self, row: usize, rule: &Rule) -> Option<Credit> {
        let rate = rule.rate_at(self.rates.get(row).copied().flatten());
        Some(Credit::new(*self.verdicts.get(row)?, self.list_amounts.get(row)?.clone(), rate))
    }

    /// Takes over the answer for a line of another batch, to go with a copy of the line.
    pub fn push_row(&mut self, from: &Self, row: usize) {
        let (Some(verdict), Some(flags)) = (from.verdicts.get(row), from.flags.get(row)) else { return };
        if let Some(rated) = from.rated.get(&row) {
            self.rated.insert(self.len(), rated.clone());
        }
        self.rounding = from.rounding;
        let list_amount = from.list_amounts.get(row).cloned().flatten();
        self.push(*verdict, list_amount, from.rates.get(row).copied().flatten(), *flags);
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

    /// Gives a line its place in the month, and the amounts that it has there.
    pub(crate) fn set_rated(
        &mut self,
        row: usize,
        before: Amount,
        list_amount: Option<Amount>,
        unit_price: Option<Amount>,
    ) {
        if let (Some(place), Some(flags)) = (self.list_amounts.get_mut(row), self.flags.get_mut(row)) {
            *place = list_amount;
            flags.tiered = false;
            flags.unrated = false;
            self.rated.insert(row, RatedLine { before, unit_price });
        }
    }

    /// Takes the lines out.
    pub fn clear(&mut self) {
        self.verdicts.clear();
        self.list_amounts.clear();
        self.rates.clear();
        self.flags.clear();
        self.rated.clear();
    }
}
