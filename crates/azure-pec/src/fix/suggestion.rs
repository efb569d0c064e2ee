//! Suggestions with their money.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::amount::{Amount, Rounding};
use crate::calculator::Calculator;
use crate::change::Change;
use crate::day::{Day, Instant};
use crate::error::Error;
use crate::fix::candidate::{Actor, Right, ServiceRole};
use crate::fix::search::{Judged, Search};
use crate::ids::{PrincipalId, RoleId};
use crate::scope::Scope;
use crate::verdict::{Outcome, Reason, Verdict};
use crate::workload::Workload;

/// What to know before asking anybody for access.
pub(crate) const FAIRNESS: &str = "Access is the customer's to give and to take back. A partner may not press a \
    customer to give access for the credit's sake, and may lose its eligibility if it does; nothing here proposes \
    access without a service that it serves.";

/// Changes that bring money back, told in one currency.
#[derive(Debug, Clone, Serialize)]
pub struct Suggestions {
    /// The pricing currency.
    pub currency: String,
    /// Whether no set of up to three candidates brings more than `best`: every one was weighed, or ruled out.
    pub exhaustive: bool,
    /// What `best` brings together.
    pub brings: Amount,
    /// The set of up to three changes that brings most; the most money by day first, of the same the smallest right.
    pub best: Vec<Suggestion>,
    /// What else brings something, in the same order.
    pub others: Vec<Suggestion>,
    /// What is missed and nothing suggested would bring back, by reason: it takes access that was never held, and that
    /// is suggested only for a service delivered.
    pub left: Vec<LeftMissed>,
    /// To whom access belongs.
    pub fairness: &'static str,
}

/// What stays missed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftMissed {
    /// The code of the reason.
    pub reason: &'static str,
    /// The money.
    pub missed: Amount,
}

/// A change, what it brings and what it takes.
#[derive(Debug, Clone, Serialize)]
pub struct Suggestion {
    /// In words.
    pub says: String,
    /// Who can make it.
    pub who: Actor,
    /// What it gives the partner that it has not.
    pub right: Right,
    /// The role, where it is about one.
    pub role: Option<String>,
    /// Its id.
    pub role_id: Option<RoleId>,
    /// Where.
    pub scope: Option<Scope>,
    /// Who holds it.
    pub principal_id: Option<PrincipalId>,
    /// From when.
    pub start: Option<Instant>,
    /// Until when (excluded).
    pub end: Option<Instant>,
    /// The services that it is for, where it gives more than was held.
    pub services: Vec<String>,
    /// What it brings alone.
    pub brings: Amount,
    /// What it brings on top of those before it in `best`.
    pub brings_on_top: Amount,
    /// The days on which it brings something alone.
    pub days: Vec<DayMoney>,
    /// `brings` by day, cut to six decimals; none where it brings nothing alone.
    pub per_day: Option<Amount>,
    /// The changes, which were made and brought that.
    pub changes: Vec<Change>,
}

/// A day's money.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DayMoney {
    /// The day.
    pub date: Day,
    /// The money.
    pub brings: Amount,
}

impl Calculator {
    /// The few changes that bring back most of what a workload misses, for each currency; access beyond what was held
    /// only for the services given.
    ///
    /// # Errors
    /// Those of [`with`](Calculator::with).
    pub fn suggest(&self, workload: &Workload, services: &[ServiceRole]) -> Result<Vec<Suggestions>, Error> {
        let all: Vec<usize> = (0..workload.cells.len()).collect();
        let before = workload.judge(self, &all);
        let candidates = self.fix_candidates(workload, &before, services);
        let mut search = Search::new(self, workload, &before, candidates);
        let mut suggestions = Vec::new();
        for currency in 0..workload.currencies.len() {
            suggestions.push(self.suggest_in(workload, &mut search, &before, currency)?);
        }
        suggestions.sort_by(|a, b| a.currency.cmp(&b.currency));
        Ok(suggestions)
    }

    /// Every candidate's changes, in their order: what [`suggest`](Calculator::suggest) chooses from.
    #[must_use]
    pub fn suggestible(&self, workload: &Workload, services: &[ServiceRole]) -> Vec<Vec<Change>> {
        let all: Vec<usize> = (0..workload.cells.len()).collect();
        let before = workload.judge(self, &all);
        self.fix_candidates(workload, &before, services).into_iter().map(|one| one.changes).collect()
    }

    fn suggest_in(
        &self,
        workload: &Workload,
        search: &mut Search<'_>,
        before: &[Verdict],
        currency: usize,
    ) -> Result<Suggestions, Error> {
        let (chosen, exhaustive) = search.best(currency)?;
        let mut best = Vec::new();
        for at in &chosen {
            best.push((*at, self.suggestion(workload, search, *at, currency)?));
        }
        best.sort_by(|(_, a), (_, b)| a.rank(b));
        let (mut told, mut set, mut sum) = (Vec::new(), Vec::new(), Amount::ZERO);
        for (at, mut suggestion) in best {
            set.push(at);
            let gain = search.gains(&set)?.get(currency).cloned().unwrap_or_default();
            suggestion.brings_on_top = &gain - &sum;
            sum = gain;
            told.push(suggestion);
        }
        let mut others = Vec::new();
        for at in (0..search.candidates.len()).filter(|at| !chosen.contains(at)) {
            let mut other = self.suggestion(workload, search, at, currency)?;
            if !other.brings.is_zero() {
                set.push(at);
                let gain = search.gains(&set)?.get(currency).cloned().unwrap_or_default();
                other.brings_on_top = &gain - &sum;
                set.pop();
                others.push(other);
            }
        }
        others.sort_by(Suggestion::rank);
        Ok(Suggestions {
            currency: workload.currencies.get(currency).cloned().unwrap_or_default(),
            exhaustive,
            brings: sum,
            best: told,
            others,
            left: left(workload, search, before, currency)?,
            fairness: FAIRNESS,
        })
    }

    fn suggestion(
        &self,
        workload: &Workload,
        search: &mut Search<'_>,
        at: usize,
        currency: usize,
    ) -> Result<Suggestion, Error> {
        let brings = search.gains(&[at])?.get(currency).cloned().unwrap_or_default();
        let Judged { cells, before, after } = search.verdicts(&[at])?;
        let mut days: BTreeMap<Day, Amount> = BTreeMap::new();
        for ((cell, before), after) in cells.iter().zip(&before).zip(&after) {
            let gains = before.outcome != Outcome::Earned && after.outcome == Outcome::Earned;
            if let Some(cell) = workload.cells.get(*cell).filter(|cell| gains && cell.currency == currency) {
                *days.entry(cell.day).or_default() += &cell.potential;
            }
        }
        days.retain(|_, brings| !brings.is_zero());
        let count = Amount::from(i64::try_from(days.len()).unwrap_or(i64::MAX));
        let candidate = search.candidates.get(at);
        let grant = candidate.and_then(|one| one.grant());
        let named = candidate.and_then(|one| self.named(&one.changes));
        let of = grant.or(named);
        Ok(Suggestion {
            says: candidate.map(|one| one.says.clone()).unwrap_or_default(),
            who: candidate.map_or(Actor::Customer, |one| one.who),
            right: candidate.map_or(Right::New, |one| one.right),
            role: of.map(|grant| self.role_name(grant.role_id)),
            role_id: of.map(|grant| grant.role_id),
            scope: of.map(|grant| grant.scope.clone()),
            principal_id: of.map(|grant| grant.principal_id),
            start: grant.and_then(|grant| grant.start),
            end: grant.and_then(|grant| grant.end),
            services: candidate.map(|one| one.services.clone()).unwrap_or_default(),
            per_day: brings.divide(&count, 6, Rounding::TowardZero).filter(|_| !days.is_empty()),
            brings_on_top: brings.clone(),
            brings,
            days: days.into_iter().map(|(date, brings)| DayMoney { date, brings }).collect(),
            changes: search.changes(&[at]),
        })
    }

    /// The grant that changes are about which add none.
    fn named(&self, changes: &[Change]) -> Option<&crate::grant::Grant> {
        changes.iter().find_map(|change| {
            self.access.grants().iter().find(|grant| match change {
                Change::MakePermanent { grant_id } => grant.id == *grant_id,
                Change::Link { principal_id, .. } => grant.principal_id == *principal_id,
                _ => false,
            })
        })
    }
}

/// What no candidate brings back, even all of them together.
fn left(
    workload: &Workload,
    search: &Search<'_>,
    before: &[Verdict],
    currency: usize,
) -> Result<Vec<LeftMissed>, Error> {
    let everything: Vec<usize> = (0..search.candidates.len()).collect();
    let Judged { cells, after, .. } = search.verdicts(&everything)?;
    let mut verdicts = before.to_vec();
    for (cell, after) in cells.iter().zip(after) {
        if let Some(verdict) = verdicts.get_mut(*cell) {
            *verdict = after;
        }
    }
    let mut sums: BTreeMap<Reason, Amount> = BTreeMap::new();
    for (cell, verdict) in workload.cells.iter().zip(&verdicts) {
        if verdict.outcome == Outcome::Missed && cell.currency == currency {
            *sums.entry(verdict.reason).or_default() += &cell.potential;
        }
    }
    let left = sums.into_iter().filter(|(_, missed)| !missed.is_zero());
    Ok(left.map(|(reason, missed)| LeftMissed { reason: reason.code(), missed }).collect())
}

impl Suggestion {
    /// The most money by day first, compared without dividing; then the smallest right, then the most money.
    fn rank(&self, other: &Self) -> std::cmp::Ordering {
        let days = |one: &Self| Amount::from(i64::try_from(one.days.len().max(1)).unwrap_or(i64::MAX));
        let by_day = (&other.brings * &days(self)).cmp(&(&self.brings * &days(other)));
        by_day.then(self.right.cmp(&other.right)).then_with(|| other.brings.cmp(&self.brings))
    }
}
