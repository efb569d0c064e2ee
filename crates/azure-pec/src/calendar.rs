//! A subscription day by day: when its credit broke, why, and what that costs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::amount::{Amount, Rounding};
use crate::day::Day;
use crate::group_key::GroupKey;
use crate::groups::{GroupRow, Groups};
use crate::rule::Rule;
use crate::statement_document::{Period, ReasonSums, StatementBody, Totals};
use crate::verdict::Outcome;

/// `azure-pec/explanation/1`: one subscription over the days of its usage.
#[derive(Debug, Clone, Serialize)]
pub struct Calendar {
    /// `azure-pec/explanation/1`.
    pub schema: &'static str,
    /// The subscription's id; empty for lines that name none.
    pub subscription: String,
    /// Its name of the newest day, where the statement was grouped by name too and any line says it.
    pub name: Option<String>,
    /// The first and last day of its usage.
    pub period: Period,
    /// The sums by currency.
    pub totals: Vec<Totals>,
    /// The sums by currency, outcome and reason.
    pub reasons: Vec<ReasonSums>,
    /// The days that have usage.
    pub days: Vec<CalendarDay>,
    /// Every run of days that something was missed or unknown for one reason.
    pub breaks: Vec<Break>,
}

/// A day of a subscription.
#[derive(Debug, Clone, Serialize)]
pub struct CalendarDay {
    /// The day.
    pub date: Day,
    /// What became of it.
    pub mark: DayMark,
    /// Its sums by currency, outcome and reason.
    pub reasons: Vec<ReasonSums>,
}

/// What became of a day. Lines that can never earn are set aside, except where there are no others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DayMark {
    /// Everything earned.
    Earned,
    /// Everything was missed.
    Missed,
    /// Everything is unknown.
    Unknown,
    /// Nothing could earn.
    Never,
    /// A part earned, the rest was missed.
    PartMissed,
    /// A part earned, the rest is unknown.
    PartUnknown,
    /// Some was missed and some is unknown.
    MissedAndUnknown,
}

impl DayMark {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
            Self::Never => "never",
            Self::PartMissed => "part_missed",
            Self::PartUnknown => "part_unknown",
            Self::MissedAndUnknown => "missed_and_unknown",
        }
    }

    /// What pages say of such a day.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Missed => "missed",
            Self::Unknown => "unknown",
            Self::Never => "never earns",
            Self::PartMissed => "a part missed",
            Self::PartUnknown => "a part unknown",
            Self::MissedAndUnknown => "some missed, some unknown",
        }
    }

    fn of(rows: &[ReasonSums]) -> Self {
        let any = |outcome: Outcome| rows.iter().any(|row| row.outcome == outcome.as_str());
        match (any(Outcome::Earned), any(Outcome::Missed), any(Outcome::Unknown)) {
            (_, true, true) => Self::MissedAndUnknown,
            (true, true, false) => Self::PartMissed,
            (true, false, true) => Self::PartUnknown,
            (false, true, false) => Self::Missed,
            (false, false, true) => Self::Unknown,
            (true, false, false) => Self::Earned,
            (false, false, false) => Self::Never,
        }
    }
}

impl Serialize for DayMark {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A run of days that something was missed or unknown for one reason. Days without usage do not end it.
#[derive(Debug, Clone, Serialize)]
pub struct Break {
    /// The first of the days.
    pub first: Day,
    /// The last of them.
    pub last: Day,
    /// How many days of usage it holds.
    pub days: usize,
    /// `missed` or `unknown`.
    pub outcome: &'static str,
    /// The code of the reason.
    pub reason: &'static str,
    /// The reason in words.
    pub says: String,
    /// What would mend it, in the words of the rule.
    pub mend: String,
    /// The pricing currency.
    pub currency: String,
    /// The number of lines.
    pub lines: u64,
    /// What the days could have earned.
    pub potential: Amount,
    /// What the last of them could have earned: the price of each further day like it.
    pub last_day_potential: Amount,
    /// Whether it lasts to the newest day of the usage.
    pub open: bool,
    /// How many resources it holds; none where the statement was not grouped by resource.
    pub resources: Option<usize>,
    /// The resource with the most at stake on the first day.
    pub resource: Option<String>,
}

/// What a break is told apart by: currency, outcome, reason.
type Kind = (String, &'static str, &'static str);
/// The rows of a subscription, each with its resource, by day.
type Days<'b> = BTreeMap<Day, Vec<(Option<&'b str>, &'b ReasonSums)>>;

/// Which of several names stands: that of the newest day, and of several that day the first in order, so that it hangs on no
/// order. Days are anything that compares as they do.
#[derive(Debug, Clone, Copy)]
pub struct NewestName<'t, D>(Option<(D, &'t str)>);

impl<D> Default for NewestName<'_, D> {
    fn default() -> Self {
        Self(None)
    }
}

impl<'t, D: Ord> NewestName<'t, D> {
    /// One more name; an empty one is none.
    pub fn see(&mut self, day: D, name: &'t str) {
        let newer = |(known_day, known): &(D, &str)| (&day, Reverse(name)) > (known_day, Reverse(known));
        if !name.is_empty() && self.0.as_ref().is_none_or(newer) {
            self.0 = Some((day, name));
        }
    }

    /// The name that stands; none where there was none.
    #[must_use]
    pub fn name(&self) -> Option<&'t str> {
        self.0.as_ref().map(|(_, name)| *name)
    }
}

/// The rows of a subscription, and its name.
#[derive(Default)]
struct Rows<'b> {
    days: Days<'b>,
    name: NewestName<'b, Day>,
}

impl<'b> Rows<'b> {
    fn add(&mut self, row: &'b PlacedRow<'b>) {
        self.days.entry(row.day).or_default().push((row.resource, &row.sums));
        self.name.see(row.day, row.name);
    }
}

impl Calendar {
    /// What a statement has to be grouped by for calendars with names.
    pub const KEYS: [GroupKey; 3] = [GroupKey::Subscription, GroupKey::Date, GroupKey::SubscriptionName];

    /// The calendar of every subscription in a statement by `subscription` and `date` (and `resource`, so that breaks
    /// name one), the most missed and unknown first.
    #[must_use]
    pub fn all(body: &StatementBody, rule: &Rule) -> Vec<Self> {
        let mut subscriptions: BTreeMap<&str, Rows<'_>> = BTreeMap::new();
        let rows: Vec<PlacedRow<'_>> = body.groups.iter().flat_map(Groups::iter).filter_map(placed).collect();
        // Rows of one subscription mostly follow each other.
        for rows in rows.chunk_by(|one, next| one.subscription == next.subscription) {
            let Some(first) = rows.first() else { continue };
            let own = subscriptions.entry(first.subscription).or_default();
            rows.iter().for_each(|row| own.add(row));
        }
        let mut calendars: Vec<Self> =
            subscriptions.iter().map(|(subscription, rows)| Self::new(subscription, rows, rule)).collect();
        // A stable sort: subscriptions with the same at stake stay in the order of their ids.
        calendars.sort_by_key(|calendar| Reverse(calendar.at_stake()));
        calendars
    }

    fn new(subscription: &str, Rows { days: rows, name }: &Rows<'_>, rule: &Rule) -> Self {
        let days: Vec<CalendarDay> = rows
            .iter()
            .map(|(date, rows)| {
                let reasons = summed(rows.iter().map(|(_, row)| *row));
                CalendarDay { date: *date, mark: DayMark::of(&reasons), reasons }
            })
            .collect();
        let reasons = summed(days.iter().flat_map(|day| &day.reasons));
        let period =
            Period { first: days.first().map(|day| day.date), last: days.last().map(|day| day.date) };
        Self {
            schema: "azure-pec/explanation/1",
            subscription: subscription.to_owned(),
            name: name.name().map(ToOwned::to_owned),
            period,
            totals: totals(&reasons),
            breaks: breaks(&days, rows, rule),
            reasons,
            days,
        }
    }

    /// Missed and unknown together, in the currency that has the most of them.
    #[must_use]
    pub fn at_stake(&self) -> Amount {
        let sums = self.totals.iter().map(|total| &total.missed + &total.unknown);
        sums.max().unwrap_or_default()
    }
}

/// A group, and what of its keys a calendar is made by.
struct PlacedRow<'g> {
    subscription: &'g str,
    /// Empty where no line says it.
    name: &'g str,
    day: Day,
    resource: Option<&'g str>,
    sums: ReasonSums,
}

/// None for groups that are not by subscription and day.
fn placed(row: GroupRow<'_>) -> Option<PlacedRow<'_>> {
    let (mut subscription, mut day, mut resource, mut name) = (None, None, None, "");
    for (key, value) in row.values() {
        match key {
            GroupKey::Subscription => subscription = Some(value),
            GroupKey::Date => day = value.parse().ok(),
            GroupKey::Resource => resource = Some(value),
            GroupKey::SubscriptionName => name = value,
            _ => {}
        }
    }
    Some(PlacedRow { subscription: subscription?, name, day: day?, resource, sums: ReasonSums::from(row) })
}

/// The rows, one for each currency, outcome and reason.
fn summed<'r>(rows: impl Iterator<Item = &'r ReasonSums>) -> Vec<ReasonSums> {
    // A day has few kinds.
    let mut sums: Vec<ReasonSums> = Vec::new();
    for row in rows {
        match sums.iter_mut().find(|sum| kind(sum) == kind(row)) {
            None => sums.push(row.clone()),
            Some(sum) => {
                sum.lines += row.lines;
                sum.list_amount += &row.list_amount;
                sum.potential += &row.potential;
                sum.credit += &row.credit;
            }
        }
    }
    sums.sort_by(|one, other| kind(one).cmp(&kind(other)));
    sums
}

/// What tells rows apart.
fn kind(row: &ReasonSums) -> (&str, &'static str, &'static str) {
    (&row.currency, row.outcome, row.reason)
}

fn totals(reasons: &[ReasonSums]) -> Vec<Totals> {
    let currencies: BTreeSet<&str> = reasons.iter().map(|row| row.currency.as_str()).collect();
    let total = |currency: &str| {
        let own = || reasons.iter().filter(|row| row.currency == currency);
        let potential = |outcome: Outcome| -> Amount {
            own().filter(|row| row.outcome == outcome.as_str()).map(|row| &row.potential).sum()
        };
        let list_amount: Amount = own().map(|row| &row.list_amount).sum();
        let earned: Amount = own().map(|row| &row.credit).sum();
        let (missed, unknown) = (potential(Outcome::Missed), potential(Outcome::Unknown));
        let could = &(&earned + &missed) + &unknown;
        Totals {
            currency: currency.to_owned(),
            lines: own().map(|row| row.lines).sum(),
            net: &list_amount - &earned,
            coverage: earned.divide(&could, 6, Rounding::TowardZero),
            list_amount,
            earned,
            missed,
            unknown,
            rounded: None,
        }
    };
    currencies.into_iter().map(total).collect()
}

/// Every run of days of usage with one reason, in the order of their first days, the costliest first.
fn breaks(days: &[CalendarDay], rows: &Days<'_>, rule: &Rule) -> Vec<Break> {
    let mut runs: BTreeMap<Kind, Vec<Vec<usize>>> = BTreeMap::new();
    for (at, day) in days.iter().enumerate() {
        for row in &day.reasons {
            if ![Outcome::Missed.as_str(), Outcome::Unknown.as_str()].contains(&row.outcome) {
                continue;
            }
            let own = runs.entry((row.currency.clone(), row.outcome, row.reason)).or_default();
            match own.last_mut() {
                Some(run) if run.last().is_some_and(|last| last + 1 == at) => run.push(at),
                _ => own.push(vec![at]),
            }
        }
    }
    let mut breaks: Vec<Break> = runs
        .iter()
        .flat_map(|(kind, runs)| runs.iter().filter_map(|run| a_break(kind, run, days, rows, rule)))
        .collect();
    breaks.sort_by(|a, b| (a.first, &b.potential).cmp(&(b.first, &a.potential)));
    breaks
}

fn a_break(kind: &Kind, run: &[usize], days: &[CalendarDay], rows: &Days<'_>, rule: &Rule) -> Option<Break> {
    let is_kind =
        |row: &ReasonSums| (row.currency.as_str(), row.outcome, row.reason) == (&kind.0, kind.1, kind.2);
    let own: Vec<(Day, &ReasonSums)> = run
        .iter()
        .filter_map(|at| days.get(*at))
        .flat_map(|day| day.reasons.iter().filter(|row| is_kind(row)).map(|row| (day.date, row)))
        .collect();
    let ((first, first_row), (last, last_row)) = (own.first()?, own.last()?);
    let resources: BTreeSet<&str> = rows
        .range(*first..=*last)
        .flat_map(|(_, rows)| {
            rows.iter().filter(|(_, row)| is_kind(row)).filter_map(|(resource, _)| *resource)
        })
        .collect();
    // Of equals the first by name: `max_by` would take the last.
    let of_first_day = rows.get(first)?.iter().rev().filter(|(_, row)| is_kind(row));
    let resource = of_first_day.max_by(|(_, a), (_, b)| a.potential.cmp(&b.potential))?.0;
    let words = first_row.reason().and_then(|reason| rule.words(reason));
    Some(Break {
        first: *first,
        last: *last,
        days: run.len(),
        outcome: kind.1,
        reason: kind.2,
        says: words.map(|row| row.says.clone()).unwrap_or_default(),
        mend: words.map(|row| row.remedy.clone()).unwrap_or_default(),
        currency: kind.0.clone(),
        lines: own.iter().map(|(_, row)| row.lines).sum(),
        potential: own.iter().map(|(_, row)| &row.potential).sum(),
        last_day_potential: last_row.potential.clone(),
        open: run.last() == days.len().checked_sub(1).as_ref(),
        resources: resource.map(|_| resources.len()),
        resource: resource.map(ToOwned::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{AccessHistory, Calculator, Grant, Observed, Statement, UsageBatch, UsageLine};

    /// One grant until noon of the 2nd; usage on the 1st, 2nd, 3rd and 5th, a machine and a disk.
    fn calendars() -> Vec<Calendar> {
        let subscription = "/subscriptions/11111111-1111-1111-1111-111111111111";
        let grant: Grant = serde_json::from_str(&format!(
            r#"{{"id": "owner", "path": "aobo", "scope": "{subscription}", "start": "2026-01-01T00:00:00Z",
                "end": "2026-10-02T12:00:00Z", "role_id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
                "principal_id": "22222222-2222-2222-2222-222222222222", "partner_id": "1111111"}}"#
        ))
        .unwrap();
        let access =
            AccessHistory { observed: Observed::Complete, grants: vec![grant], ..AccessHistory::default() };
        let calculator = Calculator::builder().access(access).build().unwrap();
        let mut batch = UsageBatch::new();
        for day in ["2026-10-01", "2026-10-02", "2026-10-03", "2026-10-05"] {
            for (name, quantity) in [("disk", "1"), ("vm", "2")] {
                let mut line = UsageLine::new(day.parse().unwrap(), quantity.parse().unwrap());
                line.resource_id = format!("{subscription}/resourceGroups/web/providers/a/b/{name}");
                line.list_price = Some("10".parse().unwrap());
                batch.push_line(&line, 1);
            }
        }
        let mut statement = Statement::new(&[GroupKey::Subscription, GroupKey::Date, GroupKey::Resource]);
        statement.add(&batch, &calculator.credit_batch(&batch));
        Calendar::all(&statement.body(&calculator), calculator.rule())
    }

    #[test]
    fn a_subscription_has_the_name_of_its_newest_day() {
        let calculator = Calculator::builder().build().unwrap();
        let name = |days: &[(&str, &str)]| {
            let mut batch = UsageBatch::new();
            for (day, name) in days {
                let mut line = UsageLine::new(day.parse().unwrap(), "1".parse().unwrap());
                line.subscription_id = "11111111-1111-1111-1111-111111111111".to_owned();
                line.subscription_name = (*name).to_owned();
                batch.push_line(&line, 1);
            }
            let mut statement = Statement::new(&Calendar::KEYS);
            statement.add(&batch, &calculator.credit_batch(&batch));
            let calendars = Calendar::all(&statement.body(&calculator), calculator.rule());
            let [calendar] = calendars.as_slice() else { panic!("{}", calendars.len()) };
            calendar.name.clone()
        };
        let (first, second) = ("2026-10-01", "2026-10-02");
        assert_eq!(name(&[(first, "")]), None);
        assert_eq!(name(&[(second, "new"), (first, "old"), (second, "")]).as_deref(), Some("new"));
        assert_eq!(name(&[(second, "b"), (second, "a"), (first, "c")]).as_deref(), Some("a"));
    }

    #[test]
    fn a_run_of_days_is_one_break() {
        let calendars = calendars();
        let [calendar] = calendars.as_slice() else { panic!("{}", calendars.len()) };
        let marks: Vec<&str> = calendar.days.iter().map(|day| day.mark.as_str()).collect();
        assert_eq!(marks, ["earned", "missed", "missed", "missed"]);
        assert_eq!(calendar.at_stake().to_string(), "13.5");
        let [partial, none] = calendar.breaks.as_slice() else { panic!("{:?}", calendar.breaks) };
        assert_eq!((partial.reason, partial.days, partial.open), ("access.partial_day", 1, false));
        // The 4th has no usage; it does not end the break.
        assert_eq!((none.reason, none.days, none.open), ("access.none", 2, true));
        assert_eq!(
            (none.first.to_string(), none.last.to_string()),
            ("2026-10-03".into(), "2026-10-05".into())
        );
        assert_eq!(
            (none.potential.to_string(), none.last_day_potential.to_string()),
            ("9".into(), "4.5".into())
        );
        assert_eq!(none.resources, Some(2));
        assert!(none.resource.as_ref().is_some_and(|path| path.ends_with("/vm")), "{:?}", none.resource);
    }
}
