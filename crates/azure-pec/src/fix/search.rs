//! The sets of up to three candidates that bring back most.

use std::collections::BTreeSet;
use std::collections::HashMap;

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::change::Change;
use crate::error::Error;
use crate::fix::candidate::Candidate;
use crate::verdict::{Outcome, Verdict};
use crate::workload::Workload;

/// The most changes in a set.
pub(super) const FEW: usize = 3;
/// So many sets are judged at most for one answer.
const MOST_JUDGED: usize = 20_000;
/// Among so many candidates, sets that bring the same are weighed by their rights; among more the first found stays.
const MOST_TIED: usize = 64;

/// What candidates bring, alone and together: judged, and kept.
pub(super) struct Search<'s> {
    calculator: &'s Calculator,
    workload: &'s Workload,
    before: &'s [Verdict],
    pub candidates: Vec<Candidate>,
    /// The cells that each may change.
    reach: Vec<Vec<usize>>,
    /// Those that share a cell that is not earned yet: what they bring together may be more or less than each alone.
    near: Vec<BTreeSet<usize>>,
    known: HashMap<Vec<usize>, Vec<Amount>>,
}

/// Cells, with their verdicts before and after a set of changes.
pub(super) struct Judged {
    pub cells: Vec<usize>,
    pub before: Vec<Verdict>,
    pub after: Vec<Verdict>,
}

impl<'s> Search<'s> {
    pub fn new(
        calculator: &'s Calculator,
        workload: &'s Workload,
        before: &'s [Verdict],
        candidates: Vec<Candidate>,
    ) -> Self {
        let slack = calculator.slack();
        let everywhere: Vec<usize> = (0..workload.cells.len()).collect();
        let by_subscription = workload.by_subscription();
        let reach = |candidate: &Candidate| {
            let near: Vec<&[usize]> = match candidate.subscriptions() {
                None => vec![&everywhere],
                Some(ids) => ids.iter().filter_map(|id| by_subscription.get(id)).map(Vec::as_slice).collect(),
            };
            let may_change = |at: &usize| {
                let cell = workload.cells.get(*at);
                let place = cell.and_then(|cell| Some((workload.places.get(cell.place)?, cell.day)));
                place.is_some_and(|(place, day)| candidate.reaches(place, &calculator.span(day), slack))
            };
            near.into_iter().flatten().copied().filter(may_change).collect::<Vec<_>>()
        };
        let reach: Vec<Vec<usize>> = candidates.iter().map(reach).collect();
        let near = neighbours(&reach, before);
        Self { calculator, workload, before, candidates, reach, near, known: HashMap::new() }
    }

    /// What a set brings in each currency: the sum of what its parts bring that have nothing to do with each other.
    pub fn gains(&mut self, set: &[usize]) -> Result<Vec<Amount>, Error> {
        let mut sums = vec![Amount::ZERO; self.workload.currencies.len()];
        for part in self.parts(set) {
            for (sum, gain) in sums.iter_mut().zip(self.judged(&part)?) {
                *sum += &gain;
            }
        }
        Ok(sums)
    }

    /// The set in parts that share no cell with each other.
    fn parts(&self, set: &[usize]) -> Vec<Vec<usize>> {
        let mut left: Vec<usize> = set.to_vec();
        let mut parts = Vec::new();
        while let Some(first) = left.pop() {
            let mut part = vec![first];
            let mut at = 0;
            while let Some(one) = part.get(at).copied() {
                let near = self.near.get(one);
                let (joined, others) =
                    left.into_iter().partition(|other| near.is_some_and(|near| near.contains(other)));
                left = others;
                let joined: Vec<usize> = joined;
                part.extend(joined);
                at += 1;
            }
            part.sort_unstable();
            parts.push(part);
        }
        parts
    }

    fn judged(&mut self, part: &[usize]) -> Result<Vec<Amount>, Error> {
        if let Some(known) = self.known.get(part) {
            return Ok(known.clone());
        }
        let Judged { cells, before, after } = self.verdicts(part)?;
        let gains = self.workload.gain(&cells, &before, &after);
        self.known.insert(part.to_vec(), gains.clone());
        Ok(gains)
    }

    /// The cells that a set may change, with their verdicts before and after it.
    pub fn verdicts(&self, set: &[usize]) -> Result<Judged, Error> {
        let cells: BTreeSet<usize> =
            set.iter().filter_map(|at| self.reach.get(*at)).flatten().copied().collect();
        let cells: Vec<usize> = cells.into_iter().collect();
        let before = cells.iter().filter_map(|at| self.before.get(*at)).copied().collect();
        let here = self.calculator.narrowed(&self.workload.subscriptions(&cells))?;
        let changed = here.with(&self.changes(set))?;
        let after = self.workload.judge(&changed, &cells);
        Ok(Judged { cells, before, after })
    }

    pub fn changes(&self, set: &[usize]) -> Vec<Change> {
        set.iter().filter_map(|at| self.candidates.get(*at)).flat_map(|one| one.changes.clone()).collect()
    }

    /// The most that adding a candidate to any set may bring in a currency: what it brings alone where it shares no
    /// cell with another, else all that is not earned in its reach.
    fn bound(&mut self, at: usize, currency: usize) -> Result<Amount, Error> {
        if self.near.get(at).is_some_and(BTreeSet::is_empty) {
            return Ok(self.gains(&[at])?.get(currency).cloned().unwrap_or_default());
        }
        let cells = self.reach.get(at).into_iter().flatten();
        let open = cells.filter(|cell| !is_earned(self.before, **cell));
        let open = open.filter_map(|cell| self.workload.cells.get(*cell));
        let positive = open.filter(|cell| cell.currency == currency && !cell.potential.is_negative());
        Ok(positive.map(|cell| &cell.potential).sum())
    }

    /// The set of up to [`FEW`] candidates that brings most in a currency; of those that bring the same the one of the
    /// smallest rights, then of the fewest changes ([`MOST_TIED`]). Whether every set was weighed or ruled out.
    ///
    /// Adding a change never takes from what others bring; so a set that a further change could not lift to the best
    /// found is passed over with all that contain it.
    pub fn best(&mut self, currency: usize) -> Result<(Vec<usize>, bool), Error> {
        let mut bounds = Vec::with_capacity(self.candidates.len());
        for at in 0..self.candidates.len() {
            let bound = self.bound(at, currency)?;
            if !bound.is_zero() && !bound.is_negative() {
                bounds.push((bound, at));
            }
        }
        let right = |at: usize| self.candidates.get(at).map(|one| one.right);
        bounds.sort_by(|a, b| b.0.cmp(&a.0).then(right(a.1).cmp(&right(b.1))).then(a.1.cmp(&b.1)));
        let mut best = Best { set: Vec::new(), gain: Amount::ZERO, rights: 0 };
        let whole = self.extend(&bounds, 0, &mut Vec::new(), &Amount::ZERO, currency, &mut best)?;
        best.set.sort_unstable();
        Ok((best.set, whole))
    }

    fn extend(
        &mut self,
        bounds: &[(Amount, usize)],
        from: usize,
        set: &mut Vec<usize>,
        gain: &Amount,
        currency: usize,
        best: &mut Best,
    ) -> Result<bool, Error> {
        let left = FEW - set.len();
        for (at, (_, candidate)) in bounds.iter().enumerate().skip(from) {
            let reachable: Amount = bounds.iter().skip(at).take(left).map(|(bound, _)| bound).sum();
            let most = gain + &reachable;
            if most < best.gain || bounds.len() > MOST_TIED && most == best.gain {
                return Ok(true);
            }
            if self.known.len() > MOST_JUDGED {
                return Ok(false);
            }
            set.push(*candidate);
            let own = self.gains(set)?.get(currency).cloned().unwrap_or_default();
            best.offer(set, &own, self.rights(set));
            let whole = set.len() == FEW || self.extend(bounds, at + 1, set, &own, currency, best)?;
            set.pop();
            if !whole {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn rights(&self, set: &[usize]) -> u32 {
        set.iter().filter_map(|at| self.candidates.get(*at)).map(|one| one.right as u32).sum()
    }
}

struct Best {
    set: Vec<usize>,
    gain: Amount,
    rights: u32,
}

impl Best {
    fn offer(&mut self, set: &[usize], gain: &Amount, rights: u32) {
        let better = gain.cmp(&self.gain).then(self.rights.cmp(&rights)).then(self.set.len().cmp(&set.len()));
        // Nothing is suggested that brings nothing.
        if better.is_gt() && !gain.is_zero() {
            *self = Self { set: set.to_vec(), gain: gain.clone(), rights };
        }
    }
}

fn is_earned(verdicts: &[Verdict], cell: usize) -> bool {
    verdicts.get(cell).is_some_and(|verdict| verdict.outcome == Outcome::Earned)
}

fn neighbours(reach: &[Vec<usize>], before: &[Verdict]) -> Vec<BTreeSet<usize>> {
    let mut by_cell: HashMap<usize, Vec<usize>> = HashMap::new();
    for (at, cells) in reach.iter().enumerate() {
        for cell in cells.iter().filter(|cell| !is_earned(before, **cell)) {
            by_cell.entry(*cell).or_default().push(at);
        }
    }
    let mut near = vec![BTreeSet::new(); reach.len()];
    for sharing in by_cell.values().filter(|sharing| sharing.len() > 1) {
        for one in sharing {
            if let Some(near) = near.get_mut(*one) {
                near.extend(sharing.iter().filter(|other| *other != one));
            }
        }
    }
    near
}
