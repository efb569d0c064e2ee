//! What access says at each place day by day: a byte for each, since lines come in any order of places and days, and each
//! line waits for the memory that its answer lies in.

use crate::day::Day;
use crate::verdict::Verdict;

/// What access says on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DayAnswer {
    pub verdict: Verdict,
    /// The reseller of the line is not the partner file's.
    pub reseller_conflict: bool,
}

/// The days of a page.
const DAYS: i32 = 64;
/// So many pages are kept; days of further ones are worked out anew each time.
const PAGES: usize = 64;

/// Answers by place and day, as far as they were asked for.
#[derive(Debug, Default)]
pub(crate) struct DayAnswers {
    /// Distinct answers; there are few.
    kinds: Vec<DayAnswer>,
    pages: Vec<Page>,
    /// The page that was looked at last.
    last: usize,
}

/// Some days of all places.
#[derive(Debug)]
struct Page {
    number: i32,
    /// The days of the first place, then those of the second ...: 0 where nothing is known, else the kind and one.
    known: Vec<u8>,
}

/// The page of a day, and where the day of a place is on it.
fn place_of(place: usize, day: Day) -> (i32, usize) {
    let within = usize::try_from(day.number().rem_euclid(DAYS)).unwrap_or_default();
    (day.number().div_euclid(DAYS), place * DAYS as usize + within)
}

impl DayAnswers {
    /// The answer, where it was worked out before.
    #[inline]
    pub fn get(&mut self, place: usize, day: Day) -> Option<DayAnswer> {
        let (number, at) = place_of(place, day);
        let page = self.page(number)?;
        let known = &self.pages.get(page)?.known;
        let kind = usize::from(*known.get(at)?).checked_sub(1)?;
        self.kinds.get(kind).copied()
    }

    /// Keeps an answer.
    pub fn keep(&mut self, place: usize, day: Day, answer: DayAnswer) {
        let (number, at) = place_of(place, day);
        let kind = self.kinds.iter().position(|known| *known == answer).unwrap_or_else(|| {
            self.kinds.push(answer);
            self.kinds.len() - 1
        });
        let Ok(kind) = u8::try_from(kind + 1) else { return };
        let page = match self.page(number) {
            Some(page) => page,
            None if self.pages.len() < PAGES => {
                self.pages.push(Page { number, known: Vec::new() });
                self.pages.len() - 1
            }
            None => return,
        };
        let Some(Page { known, .. }) = self.pages.get_mut(page) else { return };
        if known.len() <= at {
            known.resize((place + 1) * DAYS as usize, 0);
        }
        if let Some(own) = known.get_mut(at) {
            *own = kind;
        }
    }

    /// Lines of one page mostly follow one another.
    #[inline]
    fn page(&mut self, number: i32) -> Option<usize> {
        if self.pages.get(self.last).is_some_and(|page| page.number == number) {
            return Some(self.last);
        }
        self.last = self.pages.iter().position(|page| page.number == number)?;
        Some(self.last)
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
        for page in 0..PAGES as i32 + 1 {
            answers.keep(0, Day::from_number(page * DAYS), answer);
        }
        assert_eq!(answers.get(0, Day::from_number((PAGES as i32 - 1) * DAYS)), Some(answer));
        assert_eq!(answers.get(0, Day::from_number(PAGES as i32 * DAYS)), None);
    }
}
