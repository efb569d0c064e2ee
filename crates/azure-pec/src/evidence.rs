//! What stands behind the access of a place on a day, for tables that show it line by line.

use rustc_hash::FxHashMap;

use crate::coverage::Coverage;
use crate::day::{Interval, IntervalSet};
use crate::grant::Grant;
use crate::standing::{GrantStanding, Standing};

/// What stands behind the access on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DayEvidence<'s> {
    /// The ids of the grants that qualify in the day or a part of it, sorted.
    pub grants: &'s [&'s str],
    /// The first stretch of the day that they leave uncovered.
    pub gap: Option<Interval>,
}

/// Days of places that are kept; then the memory starts again. Lines come by day or by place, and come back soon.
const KEPT_DAYS: usize = 100_000;

/// A grant that qualifies, and when.
type Qualifying<'c> = (&'c str, IntervalSet);

/// The grants and the gap of a day.
type KeptDay<'c> = (Box<[&'c str]>, Option<Interval>);

/// What was worked out before. It grows with places and days, never with lines, and not beyond its limit.
#[derive(Debug, Default)]
pub(crate) struct EvidenceMemory<'c> {
    places: FxHashMap<usize, Vec<Qualifying<'c>>>,
    days: FxHashMap<(usize, Interval), KeptDay<'c>>,
}

impl<'c> EvidenceMemory<'c> {
    /// The evidence of a day at a place, by the number of its coverage.
    pub fn of(
        &mut self,
        place: usize,
        day: &Interval,
        coverage: &Coverage,
        grants: &'c [Grant],
        standings: impl FnOnce() -> Vec<GrantStanding>,
    ) -> DayEvidence<'_> {
        if self.days.len() > KEPT_DAYS {
            self.days.clear();
            self.places.clear();
        }
        let places = &mut self.places;
        let (grants, gap) = self.days.entry((place, *day)).or_insert_with(|| {
            let here = places.entry(place).or_insert_with(|| qualifying(grants, standings()));
            let counting = here.iter().filter(|(_, times)| times.overlaps(day)).map(|(id, _)| *id);
            // The list is sorted; a grant may qualify by several parts.
            let mut ids: Vec<&str> = counting.collect();
            ids.dedup();
            (ids.into(), coverage.qualified().first_gap(day))
        });
        DayEvidence { grants, gap: *gap }
    }
}

fn qualifying(grants: &[Grant], standings: Vec<GrantStanding>) -> Vec<Qualifying<'_>> {
    let counting = standings.into_iter().filter(|one| one.standing == Standing::Qualifies);
    let mut list: Vec<Qualifying<'_>> =
        counting.filter_map(|one| Some((grants.get(one.grant)?.id.as_str(), one.times))).collect();
    list.sort_by_key(|(id, _)| *id);
    list
}
