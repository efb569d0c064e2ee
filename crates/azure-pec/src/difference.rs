//! What changes between two statements of the same usage: by day, by subscription, by reason.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::amount::Amount;
use crate::day::Day;
use crate::group_key::GroupKey;
use crate::groups::{GroupSums, Groups};
use crate::statement_document::{ReasonSums, StatementBody};
use crate::verdict::Outcome;

/// What the second of two statements says more than the first; less is negative. Rows in which nothing changes are left
/// out, but for those of `totals`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementDifference {
    /// By currency.
    pub totals: Vec<MoneyDifference>,
    /// By day.
    pub days: Vec<DayDifference>,
    /// By subscription.
    pub subscriptions: Vec<SubscriptionDifference>,
    /// By outcome and reason.
    pub reasons: Vec<ReasonDifference>,
    /// By day, subscription, outcome and reason.
    pub groups: Vec<GroupDifference>,
}

/// Money in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MoneyDifference {
    /// The pricing currency.
    pub currency: String,
    /// List amounts.
    pub list_amount: Amount,
    /// Credit earned.
    pub earned: Amount,
    /// Credit missed.
    pub missed: Amount,
    /// Credit that is not provable either way.
    pub unknown: Amount,
    /// List amount less credit.
    pub net: Amount,
}

/// A day's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayDifference {
    /// The day.
    pub date: Day,
    /// Its money.
    #[serde(flatten)]
    pub money: MoneyDifference,
}

/// A subscription's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubscriptionDifference {
    /// The subscription; empty for lines that name none.
    pub subscription: String,
    /// Its money.
    #[serde(flatten)]
    pub money: MoneyDifference,
}

/// The lines and money of a reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReasonDifference {
    /// The pricing currency.
    pub currency: String,
    /// The outcome.
    pub outcome: &'static str,
    /// The code of the reason.
    pub reason: &'static str,
    /// The number of lines.
    pub lines: i64,
    /// List amounts.
    pub list_amount: Amount,
    /// List amount times rate; 0 for `never`.
    pub potential: Amount,
    /// The potential of what earned.
    pub credit: Amount,
}

/// The lines and money of a reason on a day in a subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupDifference {
    /// The day.
    pub date: Day,
    /// The subscription; empty for lines that name none.
    pub subscription: String,
    /// The row.
    #[serde(flatten)]
    pub sums: ReasonDifference,
}

type Key = (Day, String, String, &'static str, &'static str);

impl StatementDifference {
    /// What `after` says more than `before`, both grouped by at least date and subscription.
    #[must_use]
    pub fn new(before: &StatementBody, after: &StatementBody) -> Self {
        let mut rows: BTreeMap<Key, ReasonDifference> = BTreeMap::new();
        add(&mut rows, before, false);
        add(&mut rows, after, true);
        let kept = || rows.iter().filter(|(_, row)| !row.is_nothing());
        let groups = kept().map(|((date, subscription, ..), sums)| GroupDifference {
            date: *date,
            subscription: subscription.clone(),
            sums: sums.clone(),
        });
        let mut reasons: BTreeMap<_, ReasonDifference> = BTreeMap::new();
        for ((_, _, currency, outcome, reason), row) in &rows {
            let sum = reasons.entry((currency, outcome, reason));
            sum.or_insert_with(|| ReasonDifference::of(currency, outcome, reason)).add(row, true);
        }
        let by_day = money(kept().map(|((date, ..), row)| (*date, row)));
        let by_subscription = money(kept().map(|((_, subscription, ..), row)| (subscription.clone(), row)));
        Self {
            totals: money(rows.values().map(|row| ((), row))).into_iter().map(|(_, money)| money).collect(),
            days: by_day.into_iter().map(|(date, money)| DayDifference { date, money }).collect(),
            subscriptions: by_subscription
                .into_iter()
                .map(|(subscription, money)| SubscriptionDifference { subscription, money })
                .collect(),
            reasons: reasons.into_values().filter(|row| !row.is_nothing()).collect(),
            groups: groups.collect(),
        }
    }

    /// How much more is earned in a currency.
    #[must_use]
    pub fn earned(&self, currency: &str) -> Amount {
        self.totals.iter().filter(|total| total.currency == currency).map(|total| &total.earned).sum()
    }

    /// Whether nothing changes.
    #[must_use]
    pub const fn is_nothing(&self) -> bool {
        self.groups.is_empty()
    }
}

/// The money of rows by any key, sorted by it and the currency.
fn money<'r, K: Ord>(rows: impl Iterator<Item = (K, &'r ReasonDifference)>) -> Vec<(K, MoneyDifference)> {
    let mut sums: BTreeMap<(K, &str), MoneyDifference> = BTreeMap::new();
    for (key, row) in rows {
        let sum = sums.entry((key, &row.currency)).or_insert_with(|| MoneyDifference::of(&row.currency));
        sum.list_amount += &row.list_amount;
        sum.earned += &row.credit;
        sum.net += &(&row.list_amount - &row.credit);
        if row.outcome == Outcome::Missed.as_str() {
            sum.missed += &row.potential;
        }
        if row.outcome == Outcome::Unknown.as_str() {
            sum.unknown += &row.potential;
        }
    }
    sums.into_iter().map(|((key, _), sum)| (key, sum)).collect()
}

fn add(rows: &mut BTreeMap<Key, ReasonDifference>, body: &StatementBody, more: bool) {
    for row in body.groups.iter().flat_map(Groups::iter) {
        let GroupSums { keys, sums } = GroupSums::from(row);
        let value = |wanted: GroupKey| keys.iter().find(|(key, _)| *key == wanted).map(|(_, value)| value);
        let Some(date) = value(GroupKey::Date).and_then(|date| date.parse().ok()) else { continue };
        let subscription = value(GroupKey::Subscription).cloned().unwrap_or_default();
        let key = (date, subscription, sums.currency.clone(), sums.outcome, sums.reason);
        let sum = rows.entry(key);
        let sum = sum.or_insert_with(|| ReasonDifference::of(&sums.currency, sums.outcome, sums.reason));
        sum.add(&ReasonDifference::from(&sums), more);
    }
}

impl MoneyDifference {
    fn of(currency: &str) -> Self {
        let zero = || Amount::ZERO;
        Self {
            currency: currency.to_owned(),
            list_amount: zero(),
            earned: zero(),
            missed: zero(),
            unknown: zero(),
            net: zero(),
        }
    }
}

impl From<&ReasonSums> for ReasonDifference {
    fn from(sums: &ReasonSums) -> Self {
        Self {
            lines: i64::try_from(sums.lines).unwrap_or(i64::MAX),
            list_amount: sums.list_amount.clone(),
            potential: sums.potential.clone(),
            credit: sums.credit.clone(),
            ..Self::of(&sums.currency, sums.outcome, sums.reason)
        }
    }
}

impl ReasonDifference {
    fn of(currency: &str, outcome: &'static str, reason: &'static str) -> Self {
        let (list_amount, potential, credit) = (Amount::ZERO, Amount::ZERO, Amount::ZERO);
        Self { currency: currency.to_owned(), outcome, reason, lines: 0, list_amount, potential, credit }
    }

    fn add(&mut self, other: &Self, more: bool) {
        let sign = |amount: &Amount| if more { amount.clone() } else { -amount };
        self.lines = self.lines.saturating_add(if more { other.lines } else { -other.lines });
        self.list_amount += &sign(&other.list_amount);
        self.potential += &sign(&other.potential);
        self.credit += &sign(&other.credit);
    }

    fn is_nothing(&self) -> bool {
        self.lines == 0 && [&self.list_amount, &self.potential, &self.credit].iter().all(|sum| sum.is_zero())
    }
}
