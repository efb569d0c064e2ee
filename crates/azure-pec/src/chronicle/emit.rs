//! From lives to what a history says of them.

use super::gather::ConditionSeen;
use super::lives::Life;
use super::trace::{EARLIEST, LATEST};
use crate::day::Instant;
use crate::grant::Grant;

/// The four times of a grant or deny assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stated {
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    pub start_earliest: Option<Instant>,
    pub end_latest: Option<Instant>,
}

impl Stated {
    /// Of a life at a place that was first and last observed at these moments; none where nothing of it is left.
    pub fn new(life: &Life, observed: Option<(Instant, Instant)>) -> Option<Self> {
        if life.possible {
            return Some(Self::possible(life));
        }
        let (first, last) = observed.unzip();
        let (start, start_earliest) = if life.lower == life.from {
            ((life.from > Instant::MIN).then_some(life.from), None)
        } else if life.lower > Instant::MIN {
            (Some(life.from), Some(life.lower))
        } else if first.is_some_and(|first| first >= life.from) {
            (None, None)
        } else {
            (Some(life.from), Some(EARLIEST))
        };
        let to_the_last = last.is_none_or(|last| life.until >= last);
        let (end, end_latest) = if life.latest == life.until {
            ((life.until < Instant::MAX).then_some(life.until), None)
        } else if life.latest == Instant::MAX {
            if to_the_last { (None, None) } else { (Some(life.until.max(EARLIEST)), Some(LATEST)) }
        } else if life.announced && to_the_last {
            (Some(life.latest), None)
        } else {
            (Some(life.until), Some(life.latest))
        };
        let moment = start.is_some() && start == end && start_earliest.is_none() && end_latest.is_none();
        (!moment).then_some(Self { start, end, start_earliest, end_latest })
    }

    /// Of a life that may be no life at all: possible from its first moment to its last, and sure at none.
    pub fn possible(life: &Life) -> Self {
        let earliest = if life.lower > Instant::MIN { life.lower } else { EARLIEST };
        let latest = if life.latest < Instant::MAX { life.latest } else { LATEST };
        let at = Some(life.from);
        Self { start: at, end: at, start_earliest: Some(earliest), end_latest: Some(latest) }
    }

    /// Puts the times and the condition on a grant.
    fn on(self, grant: Grant, condition: Option<String>) -> Grant {
        let Self { start, end, start_earliest, end_latest } = self;
        Grant { start, end, start_earliest, end_latest, condition, ..grant }
    }
}

/// The grants of some lives, of which the last takes over what was given: there are many, and most have one life.
pub(super) fn grants(
    grant: Grant,
    lives: &[Life],
    conditions: &[ConditionSeen],
    observed: Option<(Instant, Instant)>,
    grants: &mut Vec<Grant>,
) {
    let parts = lives.iter().flat_map(|life| parts(life, conditions, observed));
    let mut held: Option<(Stated, Option<String>)> = None;
    for part in parts {
        if let Some((stated, condition)) = held.replace(part) {
            grants.push(stated.on(grant.clone(), condition));
        }
    }
    grants.extend(held.map(|(stated, condition)| stated.on(grant, condition)));
}

/// The times of one life, and its condition: several where that changed in it.
fn parts(
    life: &Life,
    conditions: &[ConditionSeen],
    observed: Option<(Instant, Instant)>,
) -> Vec<(Stated, Option<String>)> {
    let steps = condition_steps(life, conditions);
    if let [] | [_] = steps.as_slice() {
        let condition = steps.into_iter().next().and_then(|(_, condition)| condition);
        return Stated::new(life, observed).map(|stated| (stated, condition)).into_iter().collect();
    }
    let mut parts = Vec::with_capacity(steps.len());
    for (at, (from, condition)) in steps.iter().enumerate() {
        let next = steps.get(at + 1).map(|(next, _)| *next);
        let mut part = *life;
        if at > 0 {
            (part.lower, part.from) = (*from, *from);
        }
        if let Some(next) = next {
            (part.until, part.latest) = (next, next);
        }
        parts.extend(Stated::new(&part, observed).map(|stated| (stated, condition.clone())));
    }
    parts
}

/// From when which condition was on a grant. Between two sights that differ, and before a change, the one that is there
/// is taken: a condition is the more doubtful of the two.
fn condition_steps(life: &Life, conditions: &[ConditionSeen]) -> Vec<(Instant, Option<String>)> {
    let seen: Vec<&ConditionSeen> = conditions
        .iter()
        .filter(|seen| seen.at >= life.from && seen.at <= life.until.max(life.from))
        .collect();
    let Some(first) = seen.first() else {
        return conditions.first().map(|only| (life.from, only.condition.clone())).into_iter().collect();
    };
    // A change, not the making: what was there before it is not known.
    let changed = first.begun.is_some_and(|begun| begun > life.from);
    let unknown = || Some("changed later; not known".to_owned());
    let mut steps = vec![(
        life.from,
        if changed && seen.iter().any(|one| one.condition.is_some()) {
            unknown()
        } else {
            first.condition.clone()
        },
    )];
    if changed {
        steps.push((first.at, first.condition.clone()));
    }
    for (one, two) in seen.iter().zip(seen.iter().skip(1)) {
        if one.condition == two.condition {
            continue;
        }
        let doubtful = one.condition.clone().or_else(|| two.condition.clone());
        steps.push((two.begun.unwrap_or(one.at).max(one.at), doubtful));
        steps.push((two.at, two.condition.clone()));
    }
    // Of steps at one moment the last holds; steps that change nothing are none.
    let mut tidy: Vec<(Instant, Option<String>)> = Vec::with_capacity(steps.len());
    for (at, condition) in steps {
        while tidy.pop_if(|(last, _)| *last >= at).is_some() {}
        if tidy.last().is_none_or(|(_, last)| *last != condition) {
            tidy.push((at, condition));
        }
    }
    tidy
}
