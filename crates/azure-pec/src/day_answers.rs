//! What access says at each place day by day: a byte for each, since each line waits for the memory that its answer lies
//! in. The places of a day lie side by side, as usage mostly comes day by day.

use rustc_hash::FxHashMap;

use crate::day::Day;
use crate::pieces::put_at;
use crate::verdict::Verdict;

/// What access says on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DayAnswer {
    pub verdict: Verdict,
    /// The reseller of the line is not the partner file's.
    pub reseller_conflict: bool,
}

/// So many days are kept; what is said on further ones is worked out anew each time.
const DAYS: usize = 4096;

/// Answers by place and day, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct DayAnswers {
    /// Distinct answers; there are few.
    kinds: Vec<DayAnswer>,
    /// The places of each day: 0 where nothing is known, else the kind and one.
    days: Vec<Vec<u8>>,
    at: FxHashMap<Day, usize>,
    /// The day that was looked at last.
    last: Option<(Day, usize)>,
}

impl DayAnswers {
    /// The answer, where it was worked out before.
    #[inline]
    pub fn get(&mut self, place: usize, day: Day) -> Option<DayAnswer> {
        let at = self.day(day)?;
        let kind = usize::from(*self.days.get(at)?.get(place)?).checked_sub(1)?;
        self.kinds.get(kind).copied()
    }

    /// Keeps an answer.
    pub fn keep(&mut self, place: usize, day: Day, answer: DayAnswer) {
        let kind = self.kinds.iter().position(|known| *known == answer).unwrap_or_else(|| {
            self.kinds.push(answer);
            self.kinds.len() - 1
        });
        let Ok(kind) = u8::try_from(kind + 1) else { return };
        let at = match self.day(day) {
            Some(at) => at,
            None if self.days.len() < DAYS => {
                self.days.push(Vec::new());
                self.at.insert(day, self.days.len() - 1);
                self.days.len() - 1
            }
            None => return,
        };
        if let Some(places) = self.days.get_mut(at) {
            put_at(places, place, kind, 0);
        }
    }

    #[inline]
    fn day(&mut self, day: Day) -> Option<usize> {
        match self.last {
            Some((last, at)) if last == day => Some(at),
            _ => {
                let at = *self.at.get(&day)?;
                self.last = Some((day, at));
                Some(at)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::{Outcome, Reason};

    #[test]
    fn answers_are_kept_by_place_and_day() {
        let reasons = [Reason::Earned, Reason::NoAccess, Reason::Denied];
        let answer = |place: usize, day: i32| DayAnswer {
            verdict: Verdict::of(reasons[(place * 7 + day.unsigned_abs() as usize) % 3]),
            reseller_conflict: day % 2 == 0,
        };
        let mut answers = DayAnswers::default();
        let days = || (-200..200).step_by(3).chain([i32::MIN, i32::MAX, 20_000, 20_743]);
        for (place, day) in (0..40).rev().flat_map(|place| days().map(move |day| (place, day))) {
            assert_eq!(answers.get(place, Day::from_number(day)), None);
            answers.keep(place, Day::from_number(day), answer(place, day));
        }
        for (place, day) in (0..40).flat_map(|place| days().map(move |day| (place, day))) {
            assert_eq!(answers.get(place, Day::from_number(day)), Some(answer(place, day)));
            assert_eq!(answers.get(place, Day::from_number(201)), None);
            assert_eq!(answers.get(place + 40, Day::from_number(day)), None);
        }
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let answer = DayAnswer {
            verdict: Verdict { outcome: Outcome::Unknown, reason: Reason::Denied },
            reseller_conflict: false,
        };
        let mut answers = DayAnswers::default();
        for day in 0..DAYS as i32 + 1 {
            answers.keep(0, Day::from_number(day), answer);
        }
        assert_eq!(answers.get(0, Day::from_number(DAYS as i32 - 1)), Some(answer));
        assert_eq!(answers.get(0, Day::from_number(DAYS as i32)), None);
    }
}
