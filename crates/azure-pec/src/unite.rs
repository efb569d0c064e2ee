//! What several exports say of one thing, put together: each thing once, with the evidence of all.

use std::hash::{BuildHasher, Hash};

use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use smallvec::SmallVec;

use crate::day::Instant;
use crate::grant::{DenyAssignment, Evidence, Grant};
use crate::ids::SubscriptionId;
use crate::role_definition::RoleDefinition;

/// A thing that several exports may show.
pub(crate) trait Shown: Sized {
    /// The same for things of one id. Things of one id need not be the same.
    fn key(&self) -> u64;

    /// Takes over what the other says, if it is the same thing; else gives it back.
    fn take(&mut self, other: Self) -> Option<Self>;

    /// Keeps each evidence, and each subscription it was shown for, once.
    fn tidy(&mut self);
}

/// Makes one of the things that are the same; the first of them stays in its place.
pub(crate) fn unite<T: Shown>(items: &mut Vec<T>) {
    // Mostly no two are the same, and then nothing is moved.
    let mut keys: FxHashSet<u64> = FxHashSet::with_capacity_and_hasher(items.len(), FxBuildHasher);
    if items.iter().all(|item| keys.insert(item.key())) {
        items.iter_mut().for_each(T::tidy);
        return;
    }
    let mut places: FxHashMap<u64, SmallVec<[usize; 1]>> = FxHashMap::default();
    places.reserve(items.len());
    let mut kept: Vec<T> = Vec::with_capacity(items.len());
    for item in items.drain(..) {
        let same = places.entry(item.key()).or_default();
        let mut rest = Some(item);
        for at in same.iter() {
            rest = match (rest, kept.get_mut(*at)) {
                (Some(item), Some(one)) => one.take(item),
                (rest, _) => rest,
            };
        }
        if let Some(item) = rest {
            same.push(kept.len());
            kept.push(item);
        }
    }
    kept.iter_mut().for_each(T::tidy);
    *items = kept;
}

/// Keeps the first of equal items.
pub(crate) fn keep_first<T: Hash + Eq + Clone>(items: &mut Vec<T>) {
    if items.len() < 2 {
        return;
    }
    let mut seen: FxHashSet<T> = FxHashSet::default();
    items.retain(|item| seen.insert(item.clone()));
}

fn tidy(evidence: &mut Vec<Evidence>, reaches: &mut Vec<SubscriptionId>) {
    keep_first(evidence);
    keep_first(reaches);
}

/// A time from the command line has lost its seventh decimal.
fn within_a_microsecond(one: Option<Instant>, two: Option<Instant>) -> bool {
    matches!((one, two), (Some(one), Some(two)) if one.ticks().abs_diff(two.ticks()) <= 10)
}

impl Shown for Grant {
    fn key(&self) -> u64 {
        FxBuildHasher.hash_one(&self.id)
    }

    fn take(&mut self, mut other: Self) -> Option<Self> {
        let Self {
            id,
            tenant_id,
            path,
            eligible_only,
            scope,
            role_id,
            principal_id,
            principal_kind,
            partner_id,
            start,
            end,
            start_earliest,
            end_latest,
            condition,
            reaches: _,
            custom_role,
            evidence: _,
        } = &other;
        let close = within_a_microsecond(self.start, *start);
        let no_rival = |one: Option<_>, two: Option<_>| one.is_none() || two.is_none() || one == two;
        let same = self.id == *id
            && no_rival(self.tenant_id, *tenant_id)
            && (self.path, self.eligible_only, self.role_id, self.principal_id, self.custom_role)
                == (*path, *eligible_only, *role_id, *principal_id, *custom_role)
            && (&self.scope, &self.principal_kind, &self.partner_id, &self.condition)
                == (scope, principal_kind, partner_id, condition)
            && (close || self.start == *start)
            && (self.end, self.start_earliest, self.end_latest) == (*end, *start_earliest, *end_latest);
        if !same {
            return Some(other);
        }
        self.tenant_id = self.tenant_id.or(*tenant_id);
        if close {
            // The finer of the two.
            self.start = self.start.max(*start);
        }
        self.evidence.append(&mut other.evidence);
        self.reaches.append(&mut other.reaches);
        None
    }

    fn tidy(&mut self) {
        tidy(&mut self.evidence, &mut self.reaches);
    }
}

impl Shown for DenyAssignment {
    fn key(&self) -> u64 {
        FxBuildHasher.hash_one(&self.id)
    }

    fn take(&mut self, mut other: Self) -> Option<Self> {
        let (mut evidence, mut reaches) =
            (std::mem::take(&mut other.evidence), std::mem::take(&mut other.reaches));
        let (own_evidence, own_reaches) =
            (std::mem::take(&mut self.evidence), std::mem::take(&mut self.reaches));
        let same = *self == other;
        (self.evidence, self.reaches) = (own_evidence, own_reaches);
        if !same {
            (other.evidence, other.reaches) = (evidence, reaches);
            return Some(other);
        }
        self.evidence.append(&mut evidence);
        self.reaches.append(&mut reaches);
        None
    }

    fn tidy(&mut self) {
        tidy(&mut self.evidence, &mut self.reaches);
    }
}

impl Shown for RoleDefinition {
    fn key(&self) -> u64 {
        FxBuildHasher.hash_one(self.role_id)
    }

    fn take(&mut self, mut other: Self) -> Option<Self> {
        let mut evidence = std::mem::take(&mut other.evidence);
        let own = std::mem::take(&mut self.evidence);
        let same = *self == other;
        self.evidence = own;
        if !same {
            other.evidence = evidence;
            return Some(other);
        }
        self.evidence.append(&mut evidence);
        None
    }

    fn tidy(&mut self) {
        keep_first(&mut self.evidence);
    }
}
