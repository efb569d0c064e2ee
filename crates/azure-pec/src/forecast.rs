//! The open month: what was earned so far, what is to come as a range, and what ends before the month does.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::day::{Day, Instant};
use crate::error::Error;
use crate::grant::Observed;
use crate::group_key::GroupKey;
use crate::groups::{GroupSums, Groups};
use crate::partner::Transfer;
use crate::statement_document::StatementBody;
use crate::verdict::{Outcome, Verdict};
use crate::workload::{Judge, LOOKED_BACK, ListRange, Workload};

/// What the month comes to that the newest day of usage stands in.
#[derive(Debug, Clone, Serialize)]
pub struct Forecast {
    /// The month, as `2026-10`.
    pub month: String,
    /// The newest day of usage.
    pub known_to: Day,
    /// The last day of the month.
    pub last: Day,
    /// The days to come.
    pub days_to_come: u32,
    /// What is assumed of them.
    pub assumptions: Vec<String>,
    /// The money by currency.
    pub money: Vec<ForecastMoney>,
    /// What ends or moves before the month does, the most money first.
    pub risks: Vec<Risk>,
}

/// Money from the least to the most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct MoneyRange {
    /// The least.
    pub low: Amount,
    /// The most.
    pub high: Amount,
}

/// A month's money in a currency.
#[derive(Debug, Clone, Serialize)]
pub struct ForecastMoney {
    /// The pricing currency.
    pub currency: String,
    /// Up to the newest day of usage.
    pub so_far: OutcomeSums,
    /// The days to come.
    pub to_come: OutcomeRanges,
    /// Both together.
    pub month: OutcomeRanges,
    /// What of `to_come` is not earned only because something ends or moves before.
    pub at_risk: MoneyRange,
}

/// Money by outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeSums {
    /// Credit earned.
    pub earned: Amount,
    /// Credit missed.
    pub missed: Amount,
    /// Credit that is not provable either way.
    pub unknown: Amount,
}

/// Money by outcome, from the least to the most.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OutcomeRanges {
    /// Credit earned.
    pub earned: MoneyRange,
    /// Credit missed.
    pub missed: MoneyRange,
    /// Credit that is not provable either way.
    pub unknown: MoneyRange,
}

/// What puts credit at risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RiskKind {
    /// A grant ends, as was announced.
    GrantEnds,
    /// A subscription moves to another partner.
    Transfer,
}

impl Serialize for RiskKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::GrantEnds => "grant_ends",
            Self::Transfer => "transfer",
        })
    }
}

/// Something that ends or moves before the month does, alone.
#[derive(Debug, Clone, Serialize)]
pub struct Risk {
    /// What it is.
    pub kind: RiskKind,
    /// The grant, or the subscription.
    pub id: String,
    /// When.
    pub at: Instant,
    /// In words.
    pub says: String,
    /// The pricing currency.
    pub currency: String,
    /// The days of the month that it costs.
    pub days: u32,
    /// What it costs.
    pub costs: MoneyRange,
}

/// The days to come, each place of the workload on each: from the least to the most.
struct Coming<'w> {
    workload: &'w Workload,
    ranges: BTreeMap<(usize, usize), ListRange>,
    days: Vec<Day>,
}

impl Calculator {
    /// The month of the newest day of usage. `body` is grouped by [`Workload::KEYS`] and was made by this calculator; no
    /// forecast where it holds no usage.
    ///
    /// # Errors
    /// Those of [`with`](Calculator::with).
    pub fn forecast(&self, body: &StatementBody, workload: &Workload) -> Result<Option<Forecast>, Error> {
        let Some(known_to) = body.period.last else { return Ok(None) };
        let last = month_end(known_to);
        let days: Vec<Day> = (known_to.number() + 1..=last.number()).map(Day::from_number).collect();
        let coming = Coming { workload, ranges: workload.daily_ranges(known_to), days };
        let end = self.span(last).end;
        let stands = self.as_it_stands(end, &BTreeSet::new(), &[])?;
        let verdicts = coming.verdicts(&stands);
        let everything: BTreeSet<String> = self.ends_within(known_to, last).into_keys().collect();
        let leaving = self.leaving_from(self.span(known_to).end);
        let kept = coming.verdicts(&self.as_it_stands(end, &everything, &leaving)?);
        let so_far = so_far(body, known_to.month_start());
        let currencies: BTreeSet<&str> =
            so_far.keys().map(String::as_str).chain(workload.currencies.iter().map(String::as_str)).collect();
        let money = currencies.into_iter().map(|currency| {
            let so_far = so_far.get(currency).cloned().unwrap_or_default();
            let to_come = coming.outcomes(self, &verdicts, currency);
            ForecastMoney {
                currency: currency.to_owned(),
                month: to_come.plus(&so_far),
                at_risk: coming.lost(self, &kept, &verdicts, currency).0,
                so_far,
                to_come,
            }
        });
        Ok(Some(Forecast {
            month: known_to.month(),
            known_to,
            last,
            days_to_come: u32::try_from(coming.days.len()).unwrap_or_default(),
            assumptions: assumptions(known_to),
            money: money.collect(),
            risks: self.risks(&coming, &verdicts, known_to, last)?,
        }))
    }

    fn risks(
        &self,
        coming: &Coming<'_>,
        verdicts: &[Verdict],
        known_to: Day,
        last: Day,
    ) -> Result<Vec<Risk>, Error> {
        let end = self.span(last).end;
        let mut risks = Vec::new();
        let mut price = |kind, id: &str, at: Instant, says: String, kept: &Self| {
            let kept = coming.verdicts(kept);
            for currency in &coming.workload.currencies {
                let (costs, days) = coming.lost(self, &kept, verdicts, currency);
                if days > 0 {
                    let (id, says, currency) = (id.to_owned(), says.clone(), currency.clone());
                    risks.push(Risk { kind, id, at, says, currency, days, costs });
                }
            }
        };
        for (id, at) in self.ends_within(known_to, last) {
            let grant = self.access.grants().iter().find(|grant| grant.id == id);
            let says = grant
                .map(|grant| format!("{} at {} ends at {at}", self.role_name(grant.role_id), grant.scope));
            let kept = self.as_it_stands(end, &BTreeSet::from([id.clone()]), &[])?;
            price(RiskKind::GrantEnds, &id, at, says.unwrap_or_default(), &kept);
        }
        for transfer in self.leaving_from(self.span(known_to).end) {
            let says =
                format!("{} moves to {} at {}", transfer.subscription_id, transfer.to_partner, transfer.at);
            let (id, at) = (transfer.subscription_id.to_string(), transfer.at);
            let kept = self.as_it_stands(end, &BTreeSet::new(), &[transfer])?;
            price(RiskKind::Transfer, &id, at, says, &kept);
        }
        risks.sort_by(|a, b| b.costs.high.cmp(&a.costs.high).then(a.at.cmp(&b.at)).then(a.id.cmp(&b.id)));
        Ok(risks)
    }

    /// The grants whose announced end lies in the days to come, and when.
    fn ends_within(&self, known_to: Day, last: Day) -> BTreeMap<String, Instant> {
        let (from, to) = (self.span(known_to).end, self.span(last).end);
        let ends = self.access.grants().iter().filter_map(|grant| Some((grant.id.clone(), grant.end?)));
        ends.filter(|(_, end)| from <= *end && *end < to).collect()
    }

    /// The transfers from a moment on by which a subscription leaves us. One that comes to us takes nothing away.
    fn leaving_from(&self, from: Instant) -> Vec<Transfer> {
        let Some(partner) = &self.partner else { return Vec::new() };
        let leaves = |transfer: &&Transfer| {
            let ours = |at: Instant| partner.bills_us(transfer.subscription_id, at);
            from <= transfer.at && ours(transfer.at.plus(-1)) && !ours(transfer.at)
        };
        // One that the partner file tells twice is one.
        let mut told = BTreeSet::new();
        let is_new = |transfer: &&Transfer| told.insert((transfer.subscription_id, transfer.at));
        partner.data.transfers.iter().filter(leaves).filter(is_new).cloned().collect()
    }

    /// The same with the access as it was last seen, until a moment; some grants are kept beyond their end, and some
    /// subscriptions stay where they are from a transfer on.
    pub(crate) fn as_it_stands(
        &self,
        until: Instant,
        kept: &BTreeSet<String>,
        staying: &[Transfer],
    ) -> Result<Self, Error> {
        let mut builder = self.to_builder();
        if let Observed::Windows(windows) = &mut builder.access_mut().observed {
            let newest: Vec<_> =
                windows.iter().map(|window| (window.scope.clone(), window.interval().end)).collect();
            for window in windows.iter_mut() {
                let end = window.interval().end;
                let later = newest.iter().any(|(scope, other)| *scope == window.scope && end < *other);
                if !later {
                    window.end = Some(end.max(until));
                }
            }
        }
        for grant in builder.access_mut().grants.iter_mut().filter(|grant| kept.contains(&grant.id)) {
            grant.end = None;
            grant.end_latest = None;
        }
        if let Some(partner) = &mut builder.partner {
            let stays = |of: &Transfer| {
                staying.iter().any(|from| from.subscription_id == of.subscription_id && from.at <= of.at)
            };
            partner.transfers.retain(|transfer| !stays(transfer));
        }
        builder.build()
    }
}

impl Coming<'_> {
    /// The verdict of each place and currency on each day.
    fn verdicts(&self, calculator: &Calculator) -> Vec<Verdict> {
        let mut judge = Judge::new(calculator);
        let mut verdicts = Vec::new();
        for (place, _) in self.ranges.keys() {
            let Some(place) = self.workload.places.get(*place) else { continue };
            verdicts.extend(self.days.iter().map(|day| judge.verdict(place, *day)));
        }
        verdicts
    }

    /// Each day's range at its place in `verdicts`, in a currency.
    fn potentials<'a>(
        &'a self,
        calculator: &'a Calculator,
        currency: &'a str,
    ) -> impl Iterator<Item = (usize, Day, MoneyRange)> + 'a {
        let each =
            self.ranges.iter().flat_map(|(key, range)| self.days.iter().map(move |day| (key, range, *day)));
        let own = self.workload.currencies.iter().position(|own| own == currency);
        each.enumerate().filter(move |(_, ((_, of), ..))| Some(*of) == own).map(|(at, (_, range, day))| {
            let rate = calculator.rule().rate(day);
            (at, day, MoneyRange { low: &range.low * &rate, high: &range.high * &rate })
        })
    }

    fn outcomes(&self, calculator: &Calculator, verdicts: &[Verdict], currency: &str) -> OutcomeRanges {
        let mut sums = OutcomeRanges::default();
        for (at, _, range) in self.potentials(calculator, currency) {
            let sum = match verdicts.get(at).map(|verdict| verdict.outcome) {
                Some(Outcome::Earned) => &mut sums.earned,
                Some(Outcome::Missed) => &mut sums.missed,
                Some(Outcome::Unknown) => &mut sums.unknown,
                _ => continue,
            };
            sum.add(&range);
        }
        sums
    }

    /// What is earned by the first verdicts and not by the second, and on how many days.
    fn lost(
        &self,
        calculator: &Calculator,
        kept: &[Verdict],
        verdicts: &[Verdict],
        currency: &str,
    ) -> (MoneyRange, u32) {
        let (mut sum, mut days) = (MoneyRange::default(), BTreeSet::new());
        let earned =
            |of: &[Verdict], at: usize| of.get(at).is_some_and(|verdict| verdict.outcome == Outcome::Earned);
        for (at, day, range) in self.potentials(calculator, currency) {
            if earned(kept, at) && !earned(verdicts, at) {
                sum.add(&range);
                days.insert(day);
            }
        }
        (sum, u32::try_from(days.len()).unwrap_or(u32::MAX))
    }
}

impl MoneyRange {
    pub(crate) fn add(&mut self, other: &Self) {
        self.low += &other.low;
        self.high += &other.high;
    }

    fn plus(&self, sum: &Amount) -> Self {
        Self { low: &self.low + sum, high: &self.high + sum }
    }
}

impl OutcomeRanges {
    fn plus(&self, sums: &OutcomeSums) -> Self {
        Self {
            earned: self.earned.plus(&sums.earned),
            missed: self.missed.plus(&sums.missed),
            unknown: self.unknown.plus(&sums.unknown),
        }
    }
}

pub(crate) fn month_end(day: Day) -> Day {
    // 31 days after its first a month is over.
    let next = Day::from_number(day.month_start().number() + 31).month_start();
    Day::from_number(next.number() - 1)
}

fn assumptions(known_to: Day) -> Vec<String> {
    let first = Day::from_number(known_to.number() - LOOKED_BACK + 1);
    vec![
        format!(
            "each place uses on each day to come no less than on its least and no more than on its most of the days \
             from {first} to {known_to}, at the prices of those days; a day without usage counts as none"
        ),
        "access stays as it was last seen, but for ends that are announced; transfers happen as the partner file says"
            .to_owned(),
        "what is new, and what no price list places, is not in what is to come".to_owned(),
    ]
}

/// The money of the days from the first of the month on, by currency.
fn so_far(body: &StatementBody, first: Day) -> BTreeMap<String, OutcomeSums> {
    let mut sums: BTreeMap<String, OutcomeSums> = BTreeMap::new();
    for row in body.groups.iter().flat_map(Groups::iter) {
        let GroupSums { keys, sums: row } = GroupSums::from(row);
        let date =
            keys.iter().find(|(key, _)| *key == GroupKey::Date).and_then(|(_, date)| date.parse().ok());
        if date.is_none_or(|date: Day| date < first) {
            continue;
        }
        let sum = sums.entry(row.currency).or_default();
        sum.earned += &row.credit;
        match row.outcome {
            "missed" => sum.missed += &row.potential,
            "unknown" => sum.unknown += &row.potential,
            _ => {}
        }
    }
    sums
}
