//! Whether the access at a place covers a day, and if not, why.

use crate::day::{Day, Instant, Interval, IntervalSet, TICKS_PER_SECOND};
use crate::policy::{Absence, DayRule, Deny, Policy};
use crate::standing::{Sight, Standing, StandingSets};
use crate::verdict::{Outcome, Reason, Verdict};

/// The access at one node for one account: what covers a day is looked up in these sets.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    sets: StandingSets,
    /// Each kind of unknown in the order of the reasons: the set itself, and united with what qualifies.
    unknowns: Vec<(Reason, IntervalSet, IntervalSet)>,
    /// What qualifies, gaps closed.
    qualified: IntervalSet,
    /// What qualifies or is denied under `deny = block`, gaps closed.
    unblocked: Option<IntervalSet>,
    /// Everything that may be, gaps closed.
    possible: IntervalSet,
    rule: DayRule,
}

impl Coverage {
    /// Puts what all grants are together with what was observed.
    pub fn new(policy: &Policy, sets: StandingSets, sight: &Sight) -> Self {
        let close = |set: IntervalSet| {
            if policy.gap_tolerance_ticks == 0 { set } else { set.close_gaps(policy.gap_tolerance_ticks) }
        };
        let of = |standing: Standing| sets.get(standing as usize).cloned().unwrap_or_default();
        let qualified = of(Standing::Qualifies);
        let unobserved = IntervalSet::from(Interval { start: sight.last, end: Instant::MAX });
        // Under `assume`, what is not shown was not there.
        let unproven = match policy.absence {
            Absence::RequireProof => {
                of(Standing::Unproven).union(&sight.times.complement().difference(&unobserved))
            }
            Absence::Assume => IntervalSet::empty(),
        };
        let denied = of(Standing::Denied);
        let mut kinds = Vec::with_capacity(5);
        if policy.deny == Deny::Unknown {
            kinds.push((Reason::Denied, denied.clone()));
        }
        kinds.push((Reason::Unobserved, unobserved));
        kinds.push((Reason::Unproven, unproven));
        kinds.push((Reason::PartnerUnknown, of(Standing::PartnerUnknown)));
        kinds.push((Reason::RoleUnknown, of(Standing::RoleUnknown)));
        let possible = kinds.iter().fold(qualified.clone(), |all, (_, set)| all.union(set));
        let unknowns = kinds
            .into_iter()
            .filter(|(_, set)| !set.is_empty())
            .map(|(reason, set)| (reason, set.clone(), close(qualified.union(&set))))
            .collect();
        let unblocked =
            (policy.deny == Deny::Block && !denied.is_empty()).then(|| close(qualified.union(&denied)));
        Self {
            sets,
            unknowns,
            qualified: close(qualified),
            unblocked,
            possible: close(possible),
            rule: policy.day,
        }
    }

    fn fills(&self, set: &IntervalSet, day: &Interval) -> bool {
        match self.rule {
            DayRule::Entire => set.covers(day),
            DayRule::Any => set.overlaps(day),
            DayRule::EndOfDay => set.contains(day.end.plus(-1)),
        }
    }

    /// What qualifies, gaps within the tolerance closed.
    pub const fn qualified(&self) -> &IntervalSet {
        &self.qualified
    }

    /// The answer for a day.
    pub fn verdict(&self, day: &Interval) -> Verdict {
        if self.fills(&self.qualified, day) {
            return Verdict::of(Reason::Earned);
        }
        if self.unblocked.as_ref().is_some_and(|set| self.fills(set, day)) {
            return Verdict { outcome: Outcome::Missed, reason: Reason::Denied };
        }
        let unknown = |reason| Verdict { outcome: Outcome::Unknown, reason };
        for (reason, _, with) in &self.unknowns {
            if self.fills(with, day) {
                return unknown(*reason);
            }
        }
        // Without anything unknown all that may be is what qualifies.
        if !self.unknowns.is_empty() && self.fills(&self.possible, day) {
            let qualifies = self.set(Standing::Qualifies);
            let adds = |(_, set, _): &&(Reason, IntervalSet, IntervalSet)| {
                set.within(day).intervals().iter().any(|part| !qualifies.covers(part))
            };
            // What closes gaps from outside the day adds nothing in it.
            if let Some((reason, ..)) = self.unknowns.iter().find(adds).or_else(|| self.unknowns.first()) {
                return unknown(*reason);
            }
        }
        Verdict { outcome: Outcome::Missed, reason: self.missed(day) }
    }

    /// The first moment after this one from which on anything may be otherwise.
    ///
    /// Days that hold no such moment but at their starts, and with none between them, have the same answer.
    pub fn next_change(&self, after: Instant) -> Option<Instant> {
        let unknowns = self.unknowns.iter().flat_map(|(_, set, with)| [set, with]);
        let sets = self.sets.iter().chain(unknowns).chain([&self.qualified, &self.possible]);
        sets.chain(&self.unblocked).filter_map(|set| set.next_change(after)).min()
    }

    /// The reason of a proven no.
    fn missed(&self, day: &Interval) -> Reason {
        let held = |standing: Standing| self.set(standing).overlaps(day);
        // Time that another grant covers is not denied.
        let denied = || self.set(Standing::Denied).difference(self.set(Standing::Qualifies));
        if self.unblocked.is_some() && denied().overlaps(day) {
            return Reason::Denied;
        }
        let missed = [
            (Reason::PartialDay, Standing::Qualifies),
            (Reason::EligibleOnly, Standing::EligibleOnly),
            (Reason::PalMissing, Standing::PalMissing),
            (Reason::OtherPartner, Standing::OtherPartner),
            (Reason::RoleNotEligible, Standing::RoleNotEligible),
            // A grant that might count reaches the resource, and even if it did count: for a part of the day only.
            (Reason::PartialDay, Standing::Denied),
            (Reason::PartialDay, Standing::Unproven),
            (Reason::PartialDay, Standing::PartnerUnknown),
            (Reason::PartialDay, Standing::RoleUnknown),
        ];
        missed.iter().find(|(_, standing)| held(*standing)).map_or(Reason::NoAccess, |(reason, _)| *reason)
    }

    fn set(&self, standing: Standing) -> &IntervalSet {
        static EMPTY: IntervalSet = IntervalSet::empty();
        self.sets.get(standing as usize).unwrap_or(&EMPTY)
    }
}

/// The day's span, with its boundary where the policy puts it.
pub(crate) fn day_span(policy: &Policy, day: Day) -> Interval {
    let shift = -i64::from(policy.day_offset_minutes) * 60 * TICKS_PER_SECOND;
    let Interval { start, end } = day.interval();
    Interval { start: start.plus(shift), end: end.plus(shift) }
}
