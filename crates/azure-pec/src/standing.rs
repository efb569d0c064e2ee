//! What a grant is for a stretch of time, and what was observed of a place.

use crate::day::{Instant, IntervalSet};
use crate::partner::PartnerIndex;
use crate::policy::Policy;
use crate::rule::Rule;

/// What a grant is judged by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'c> {
    pub rule: &'c Rule,
    pub policy: &'c Policy,
    pub partner: Option<&'c PartnerIndex>,
}

/// What a grant is for a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Standing {
    /// It surely qualifies.
    Qualifies,
    /// It would, but for a deny assignment.
    Denied,
    /// It would, if the time or the place were proved.
    Unproven,
    /// It would, if its partner were the billed one.
    PartnerUnknown,
    /// It would, if its role earned.
    RoleUnknown,
    /// Only eligible, for an earning role.
    EligibleOnly,
    /// The partner's earning role, without a link.
    PalMissing,
    /// Another partner's earning role.
    OtherPartner,
    /// The partner's, by a role that does not earn.
    RoleNotEligible,
}

impl Standing {
    /// Every standing, in the order of the codes.
    pub const ALL: [Self; 9] = [
        Self::Qualifies,
        Self::Denied,
        Self::Unproven,
        Self::PartnerUnknown,
        Self::RoleUnknown,
        Self::EligibleOnly,
        Self::PalMissing,
        Self::OtherPartner,
        Self::RoleNotEligible,
    ];
}

/// A grant and what it is, when.
#[derive(Debug, Clone)]
pub(crate) struct GrantStanding {
    /// Its place in the history.
    pub grant: usize,
    /// What it is.
    pub standing: Standing,
    /// When.
    pub times: IntervalSet,
}

/// When grants are what, all of them together: a set for each standing.
pub(crate) type StandingSets = [IntervalSet; Standing::ALL.len()];

/// The sets of several grants together.
pub(crate) fn together<'s>(parts: impl IntoIterator<Item = (Standing, &'s IntervalSet)>) -> StandingSets {
    let mut sets = StandingSets::default();
    for (standing, times) in parts {
        unite(&mut sets, standing, times);
    }
    sets
}

/// Adds the times of one more grant.
pub(crate) fn unite(sets: &mut StandingSets, standing: Standing, times: &IntervalSet) {
    if let Some(set) = sets.get_mut(standing as usize) {
        *set = if set.is_empty() { times.clone() } else { set.union(times) };
    }
}

/// What was observed of a place.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// The first moment observed.
    pub first: Instant,
    /// The end of what is observed.
    pub last: Instant,
    /// When an absence is proved.
    pub times: IntervalSet,
}
