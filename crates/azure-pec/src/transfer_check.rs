//! A subscription moves between partners: what is at risk from then on, what to grant before, what each open day costs.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::day::{Day, Instant};
use crate::error::Error;
use crate::fix::{ServiceRole, Suggestions};
use crate::forecast::{MoneyRange, OutcomeSums};
use crate::ids::{PartnerId, SubscriptionId};
use crate::partner::Transfer;
use crate::verdict::{Outcome, Reason, Verdict};
use crate::workload::{WorkCell, Workload};

/// Which way a subscription moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Move {
    /// To the billed partner or its organisation.
    ToUs,
    /// Away from it.
    FromUs,
    /// Between others, or within the organisation.
    Elsewhere,
}

impl Serialize for Move {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::ToUs => "to_us",
            Self::FromUs => "from_us",
            Self::Elsewhere => "elsewhere",
        })
    }
}

/// A move and what it does to the credit.
#[derive(Debug, Clone, Serialize)]
pub struct TransferCheck {
    /// The subscription.
    pub subscription: SubscriptionId,
    /// When it moves.
    pub at: Instant,
    /// From whom, where known.
    pub from_partner: Option<PartnerId>,
    /// To whom.
    pub to_partner: PartnerId,
    /// Which way.
    pub moves: Move,
    /// The first day that is billed by the one whom it moves to: the billed partner of a day is the one at its end.
    pub first_day: Day,
    /// The days of usage before that day, by currency.
    pub before: Vec<TransferSums>,
    /// The days from then on.
    pub after: Vec<TransferSums>,
    /// The days from then on on which something of the partner's is not earned, by currency and reason.
    pub days_at_risk: Vec<DayAtRisk>,
    /// What each open day costs, from the least to the most of the last days of usage, by currency: nothing is open where
    /// the access is in place.
    pub open_day: Vec<OpenDay>,
    /// What to grant before, with what it brings on the days of usage from then on; where no usage reaches so far, on
    /// the first day, at the most of the last days.
    pub grant_before: Vec<Suggestions>,
}

/// Money of some days in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TransferSums {
    /// The pricing currency.
    pub currency: String,
    /// The number of days with usage.
    pub days: usize,
    /// By outcome.
    #[serde(flatten)]
    pub sums: OutcomeSums,
    /// What is not the partner's to earn, as somebody else is billed.
    pub not_billed: Amount,
}

/// A day that is not earned whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayAtRisk {
    /// The day.
    pub date: Day,
    /// The pricing currency.
    pub currency: String,
    /// The outcome.
    pub outcome: Outcome,
    /// The code of the reason.
    pub reason: Reason,
    /// The money.
    pub potential: Amount,
}

/// What an open day costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenDay {
    /// The pricing currency.
    pub currency: String,
    /// The money.
    pub costs: MoneyRange,
}

impl Calculator {
    /// What a move does to the credit of a workload's subscription. The calculator is one that knows of the move.
    ///
    /// # Errors
    /// Those of [`with`](Calculator::with).
    pub fn check_transfer(
        &self,
        workload: &Workload,
        transfer: &Transfer,
        last: Day,
        services: &[ServiceRole],
    ) -> Result<TransferCheck, Error> {
        let first_day = self.first_billed_day(transfer.at);
        let is_own = |cell: &&WorkCell| {
            let place = workload.places.get(cell.place);
            place.is_some_and(|place| place.key.subscription == transfer.subscription_id)
        };
        let own = workload.of_cells(workload.cells.iter().filter(is_own).cloned().collect());
        let verdicts = own.judge(self, &(0..own.cells.len()).collect::<Vec<_>>());
        let (before, after): (Vec<_>, Vec<_>) =
            own.cells.iter().zip(&verdicts).partition(|(cell, _)| cell.day < first_day);
        let moves = self.direction(transfer);
        let open = self.open_cells(&own, first_day, last)?;
        let grant_before = match moves {
            Move::ToUs => self.to_grant(&own, first_day, &open, services)?,
            Move::FromUs | Move::Elsewhere => Vec::new(),
        };
        Ok(TransferCheck {
            subscription: transfer.subscription_id,
            at: transfer.at,
            from_partner: transfer.from_partner.clone(),
            to_partner: transfer.to_partner.clone(),
            moves,
            first_day,
            days_at_risk: days_at_risk(&own, &after),
            before: sums(&own, &before),
            after: sums(&own, &after),
            open_day: open_days(&own, &open),
            grant_before,
        })
    }

    /// The day whose last tick is the first at or after the moment.
    fn first_billed_day(&self, at: Instant) -> Day {
        let day = at.day();
        let near = (-1..=1).map(|shift| Day::from_number(day.number() + shift));
        near.into_iter().find(|day| at <= self.span(*day).end.plus(-1)).unwrap_or(day)
    }

    fn direction(&self, transfer: &Transfer) -> Move {
        let Some(partner) = &self.partner else { return Move::Elsewhere };
        let family = partner.family(&partner.data.bill_to.partner_id);
        let from = transfer.from_partner.as_ref().is_some_and(|from| family.contains(from));
        match (from, family.contains(&transfer.to_partner)) {
            (false, true) => Move::ToUs,
            (true, false) => Move::FromUs,
            _ => Move::Elsewhere,
        }
    }

    /// What is not earned on the first day, with the access as it stands, and what a day of it may cost.
    fn open_cells(
        &self,
        own: &Workload,
        first_day: Day,
        last: Day,
    ) -> Result<Vec<(WorkCell, MoneyRange)>, Error> {
        let stands = self.as_it_stands(self.span(first_day).end, &BTreeSet::new(), &[])?;
        let rate = self.rule().rate(first_day);
        let mut open = Vec::new();
        for ((place, currency), range) in own.daily_ranges(last) {
            let cell = WorkCell {
                place,
                day: first_day,
                currency,
                potential: &range.high * &rate,
                list_amount: range.high.clone(),
                verdict: Verdict::of(Reason::NoAccess),
                fixed: false,
            };
            open.push((cell, MoneyRange { low: &range.low * &rate, high: &range.high * &rate }));
        }
        let cells = own.of_cells(open.iter().map(|(cell, _)| cell.clone()).collect());
        let verdicts = cells.judge(&stands, &(0..cells.cells.len()).collect::<Vec<_>>());
        for ((cell, _), verdict) in open.iter_mut().zip(verdicts) {
            cell.verdict = verdict;
        }
        open.retain(|(cell, _)| matches!(cell.verdict.outcome, Outcome::Missed | Outcome::Unknown));
        Ok(open)
    }

    fn to_grant(
        &self,
        own: &Workload,
        first_day: Day,
        open: &[(WorkCell, MoneyRange)],
        services: &[ServiceRole],
    ) -> Result<Vec<Suggestions>, Error> {
        let used: Vec<WorkCell> = own.cells.iter().filter(|cell| first_day <= cell.day).cloned().collect();
        if !used.is_empty() {
            return self.suggest(&own.of_cells(used), services);
        }
        let stands = self.as_it_stands(self.span(first_day).end, &BTreeSet::new(), &[])?;
        stands.suggest(&own.of_cells(open.iter().map(|(cell, _)| cell.clone()).collect()), services)
    }
}

fn sums(workload: &Workload, cells: &[(&WorkCell, &Verdict)]) -> Vec<TransferSums> {
    let mut sums: BTreeMap<&str, (BTreeSet<Day>, OutcomeSums, Amount)> = BTreeMap::new();
    for (cell, verdict) in cells {
        let Some(currency) = workload.currencies.get(cell.currency) else { continue };
        let (days, sum, not_billed) = sums.entry(currency).or_default();
        days.insert(cell.day);
        let own = match verdict.outcome {
            Outcome::Earned => &mut sum.earned,
            Outcome::Missed => &mut sum.missed,
            Outcome::Unknown => &mut sum.unknown,
            Outcome::Never => not_billed,
        };
        *own += &cell.potential;
    }
    let told = sums.into_iter().map(|(currency, (days, sums, not_billed))| TransferSums {
        currency: currency.to_owned(),
        days: days.len(),
        sums,
        not_billed,
    });
    told.collect()
}

fn days_at_risk(workload: &Workload, cells: &[(&WorkCell, &Verdict)]) -> Vec<DayAtRisk> {
    let mut days: BTreeMap<(Day, &str, Outcome, Reason), Amount> = BTreeMap::new();
    for (cell, verdict) in cells {
        let Some(currency) = workload.currencies.get(cell.currency) else { continue };
        if matches!(verdict.outcome, Outcome::Missed | Outcome::Unknown) {
            *days.entry((cell.day, currency, verdict.outcome, verdict.reason)).or_default() +=
                &cell.potential;
        }
    }
    let told = days.into_iter().map(|((date, currency, outcome, reason), potential)| DayAtRisk {
        date,
        currency: currency.to_owned(),
        outcome,
        reason,
        potential,
    });
    told.collect()
}

fn open_days(workload: &Workload, open: &[(WorkCell, MoneyRange)]) -> Vec<OpenDay> {
    let mut sums: BTreeMap<&str, MoneyRange> = BTreeMap::new();
    for (cell, range) in open {
        if let Some(currency) = workload.currencies.get(cell.currency) {
            sums.entry(currency).or_default().add(range);
        }
    }
    let told = sums.into_iter().map(|(currency, costs)| OpenDay { currency: currency.to_owned(), costs });
    told.collect()
}
