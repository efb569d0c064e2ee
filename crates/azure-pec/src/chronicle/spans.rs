//! Spans of time with both ends inside, as logs have them.

use crate::day::{Instant, Interval, IntervalSet};

/// Sorted spans that neither overlap nor touch; both ends lie inside.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Spans(Vec<(Instant, Instant)>);

impl Spans {
    /// The span that holds the moment.
    pub fn around(&self, at: Instant) -> Option<(Instant, Instant)> {
        let before = self.0.partition_point(|(start, _)| *start <= at).checked_sub(1)?;
        self.0.get(before).copied().filter(|(_, end)| at <= *end)
    }

    /// The spans, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Instant, Instant)> {
        self.0.iter().copied()
    }

    /// The stretches between them.
    pub fn holes(&self) -> impl Iterator<Item = Interval> {
        self.0.iter().zip(self.0.iter().skip(1)).map(|(one, two)| Interval { start: one.1, end: two.0 })
    }

    /// Without what lies between the two moments.
    pub fn without(&self, from: Instant, to: Instant) -> Self {
        let parts = self.iter().flat_map(|(start, end)| match end <= from || to <= start {
            true => [Some((start, end)), None],
            // A part that would end before it begins vanishes.
            false => [Some((start, from)), Some((to, end))],
        });
        parts.flatten().collect()
    }

    /// What lies in either.
    pub fn with(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// As half-open intervals; a moment alone vanishes.
    pub fn intervals(&self) -> IntervalSet {
        self.iter().map(|(start, end)| Interval { start, end }).collect()
    }
}

impl FromIterator<(Instant, Instant)> for Spans {
    /// Sorts, and joins what overlaps or touches.
    fn from_iter<I: IntoIterator<Item = (Instant, Instant)>>(spans: I) -> Self {
        let mut spans: Vec<_> = spans.into_iter().filter(|(start, end)| start <= end).collect();
        spans.sort_unstable();
        let mut joined: Vec<(Instant, Instant)> = Vec::with_capacity(spans.len());
        for (start, end) in spans {
            match joined.last_mut() {
                Some(last) if start <= last.1 => last.1 = last.1.max(end),
                _ => joined.push((start, end)),
            }
        }
        Self(joined)
    }
}
