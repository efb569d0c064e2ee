//! A span whose ends are known only within bounds.

use crate::day::{Instant, Interval, IntervalSet};

/// The span in which something surely held, inside the widest in which it may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bounds {
    /// When it surely held. A single moment, `start` and `end` the same, where nothing but that moment was seen.
    pub sure: Interval,
    /// When it may have held.
    pub widest: Interval,
}

impl Bounds {
    /// From the stated ends; an absent bound is the end itself, an absent end is open.
    pub fn new(
        start: Option<Instant>,
        end: Option<Instant>,
        earliest: Option<Instant>,
        latest: Option<Instant>,
    ) -> Self {
        Self { sure: Interval::new(start, end), widest: Interval::new(earliest.or(start), latest.or(end)) }
    }

    /// The ends that lie the wrong way round, if any do: earliest <= start <= end <= latest, and some time between the
    /// outermost. So an open start or end takes no bound: there is nothing outside it.
    pub fn inverted(&self) -> Option<Interval> {
        let Self { sure, widest } = *self;
        let pairs = [
            Interval { start: widest.start, end: sure.start },
            sure,
            Interval { start: sure.end, end: widest.end },
        ];
        let inverted = pairs.into_iter().find(|pair| pair.start > pair.end);
        inverted.or_else(|| widest.is_empty().then_some(widest))
    }

    /// When it may have held, but did not surely.
    pub fn uncertain(&self) -> IntervalSet {
        let before = Interval { start: self.widest.start, end: self.sure.start };
        let after = Interval { start: self.sure.end, end: self.widest.end };
        [before, after].into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: i64) -> Option<Instant> {
        Some(Instant::from_ticks(day))
    }

    #[test]
    fn bounds_lie_in_order() {
        let ordered = [
            (at(2), at(4), at(1), at(5)),
            (at(2), at(4), at(2), at(4)),
            (at(2), at(2), at(1), None),
            (at(2), at(2), None, at(3)),
            (None, None, None, None),
        ];
        for (start, end, earliest, latest) in ordered {
            assert_eq!(Bounds::new(start, end, earliest, latest).inverted(), None, "{start:?} {end:?}");
        }
        let inverted = [
            (at(2), at(2), None, None),
            (at(4), at(2), at(1), at(5)),
            (at(2), at(4), at(3), None),
            (at(2), at(4), None, at(3)),
            (None, at(4), at(1), None),
            (at(2), None, None, at(9)),
        ];
        for (start, end, earliest, latest) in inverted {
            assert!(Bounds::new(start, end, earliest, latest).inverted().is_some(), "{start:?} {end:?}");
        }
    }

    #[test]
    fn a_moment_alone_is_uncertain_on_both_sides() {
        let bounds = Bounds::new(at(2), at(2), at(1), at(3));
        assert_eq!(bounds.uncertain(), IntervalSet::from(Interval::new(at(1), at(3))));
    }
}
