//! Time: UTC days, instants of 100 ns, half-open intervals and merged sets of them.
//!
//! Azure Resource Manager writes times with seven decimals (.NET ticks), so 100 ns is the finest step there is. A day
//! is the UTC calendar day `[00:00, 24:00)`; no source states the boundary of the credit's day, so a policy may shift it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use smallvec::{SmallVec, smallvec};

use crate::error::Error;

/// 100 ns ticks in a second.
pub const TICKS_PER_SECOND: i64 = 10_000_000;
/// 100 ns ticks in a day.
pub const TICKS_PER_DAY: i64 = 86_400 * TICKS_PER_SECOND;
/// Days from 0001-01-01 to 1970-01-01, as chrono counts them.
const EPOCH_FROM_CE: i32 = 719_163;

const DATE_FORMS: &str = "a date such as 2026-10-31";
const TIME_FORMS: &str = "a time such as 2026-10-31T13:37:00.1234567Z, or a date";

/// A calendar day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i32);

impl Day {
    /// The day of a calendar date; none where there is no such date.
    #[must_use]
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Self> {
        NaiveDate::from_ymd_opt(year, month, day).map(Self::from)
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The day that is `number` days after 1970-01-01.
    #[must_use]
    pub const fn from_number(number: i32) -> Self {
        Self(number)
    }

    /// Its first instant, 00:00 UTC.
    #[must_use]
    pub const fn start(self) -> Instant {
        Instant(self.0 as i64 * TICKS_PER_DAY)
    }

    /// The day after.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The whole day `[00:00, 24:00)`.
    #[must_use]
    pub const fn interval(self) -> Interval {
        Interval { start: self.start(), end: self.next().start() }
    }

    /// The date.
    #[must_use]
    pub fn date(self) -> NaiveDate {
        NaiveDate::from_num_days_from_ce_opt(self.0.saturating_add(EPOCH_FROM_CE)).unwrap_or(NaiveDate::MIN)
    }

    /// The first day of its month.
    #[must_use]
    pub fn month_start(self) -> Self {
        self.date().with_day(1).map_or(self, Self::from)
    }

    /// The month, as `2026-10`.
    #[must_use]
    pub fn month(self) -> String {
        let date = self.date();
        format!("{:04}-{:02}", date.year(), date.month())
    }
}

impl From<NaiveDate> for Day {
    fn from(date: NaiveDate) -> Self {
        Self(date.num_days_from_ce() - EPOCH_FROM_CE)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.date();
        write!(f, "{:04}-{:02}-{:02}", date.year(), date.month(), date.day())
    }
}

impl FromStr for Day {
    type Err = Error;

    /// From `2026-10-31`.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse_date(text.as_bytes())
            .ok_or_else(|| Error::DateInvalid { expected: DATE_FORMS, found: text.to_owned() })
    }
}

/// `YYYY-MM-DD`, nothing more.
fn parse_date(text: &[u8]) -> Option<Day> {
    let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text else { return None };
    let year = number(&[*y1, *y2, *y3, *y4])?;
    Day::from_ymd(i32::try_from(year).ok()?, number(&[*m1, *m2])?, number(&[*d1, *d2])?)
}

/// The value of a few digits.
fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |value, byte| {
        byte.is_ascii_digit().then(|| value.checked_mul(10)?.checked_add(u32::from(byte - b'0')))?
    })
}

/// A moment, to 100 ns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Instant(i64);

impl Instant {
    /// Before everything: stands for an open start.
    pub const MIN: Self = Self(i64::MIN);
    /// After everything: stands for an open end.
    pub const MAX: Self = Self(i64::MAX);

    /// 100 ns ticks since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn ticks(self) -> i64 {
        self.0
    }

    /// From 100 ns ticks since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn from_ticks(ticks: i64) -> Self {
        Self(ticks)
    }

    /// The moment `ticks` of 100 ns later; open ends stay open.
    #[must_use]
    pub const fn plus(self, ticks: i64) -> Self {
        if self.0 == i64::MIN || self.0 == i64::MAX { self } else { Self(self.0.saturating_add(ticks)) }
    }

    /// The UTC day it falls on.
    #[must_use]
    pub fn day(self) -> Day {
        // So many ticks are in a day that the days of all of them fit.
        Day(self.0.div_euclid(TICKS_PER_DAY) as i32)
    }
}

impl From<DateTime<Utc>> for Instant {
    /// Cut to 100 ns.
    fn from(time: DateTime<Utc>) -> Self {
        let ticks = i64::from(time.timestamp_subsec_nanos() / 100);
        Self(time.timestamp().saturating_mul(TICKS_PER_SECOND).saturating_add(ticks))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC, with as many decimals as it takes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::MIN {
            return f.write_str("-infinity");
        }
        if *self == Self::MAX {
            return f.write_str("infinity");
        }
        let within = self.0.rem_euclid(TICKS_PER_DAY);
        let (seconds, ticks) = (within / TICKS_PER_SECOND, within % TICKS_PER_SECOND);
        write!(f, "{}T{:02}:{:02}:{:02}", self.day(), seconds / 3600, seconds / 60 % 60, seconds % 60)?;
        if ticks != 0 {
            write!(f, ".{}", format!("{ticks:07}").trim_end_matches('0'))?;
        }
        f.write_str("Z")
    }
}

impl FromStr for Instant {
    type Err = Error;

    /// RFC 3339 with 0 to 9 decimals, `Z`, an offset or no zone (then UTC), or a date, which means its midnight UTC.
    fn from_str(text: &str) -> Result<Self, Error> {
        parse_time(text).ok_or_else(|| Error::DateInvalid { expected: TIME_FORMS, found: text.to_owned() })
    }
}

fn parse_time(text: &str) -> Option<Instant> {
    if text.len() == 10 {
        return parse_date(text.as_bytes()).map(Day::start);
    }
    if let Some(time) = parse_utc(text.as_bytes()) {
        return Some(time);
    }
    // Without a zone management group details and some billing rows are written: UTC.
    let time =
        DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_rfc3339(&format!("{text}Z")));
    let time = Instant::from(time.ok()?.with_timezone(&Utc));
    // Other years are written with a sign, which nobody reads; a leap second may lead to one.
    (0..=9999).contains(&time.day().date().year()).then_some(time)
}

/// `2026-10-31T13:37:00Z`, with up to seven decimals: what nearly all times look like, and lists have millions of them. None
/// for any other form, and for what is no time in this one.
fn parse_utc(text: &[u8]) -> Option<Instant> {
    let (date, rest) = text.split_at_checked(10)?;
    let [b'T', h1, h2, b':', m1, m2, b':', s1, s2, fraction @ .., b'Z'] = rest else { return None };
    let (hour, minute, second) = (number(&[*h1, *h2])?, number(&[*m1, *m2])?, number(&[*s1, *s2])?);
    // A leap second is left to the library.
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let ticks = match fraction {
        [] => 0,
        [b'.', digits @ ..] if digits.len() <= 7 => {
            (digits.len()..7).fold(number(digits)?, |ticks, _| ticks * 10)
        }
        _ => return None,
    };
    let seconds = i64::from(hour * 3600 + minute * 60 + second);
    Some(parse_date(date)?.start().plus(seconds * TICKS_PER_SECOND + i64::from(ticks)))
}

/// A half-open span of time `[start, end)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval {
    /// The first instant inside.
    pub start: Instant,
    /// The first instant after.
    pub end: Instant,
}

impl Interval {
    /// All of time.
    pub const ALL: Self = Self { start: Instant::MIN, end: Instant::MAX };

    /// From `start` to `end`; an absent end is open.
    #[must_use]
    pub fn new(start: Option<Instant>, end: Option<Instant>) -> Self {
        Self { start: start.unwrap_or(Instant::MIN), end: end.unwrap_or(Instant::MAX) }
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start >= self.end
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.start <= at && at < self.end
    }

    /// What both hold, if anything.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        let both = Self { start: self.start.max(other.start), end: self.end.min(other.end) };
        (!both.is_empty()).then_some(both)
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}, {})", self.start, self.end)
    }
}

/// Most sets are of one interval or none: those take no room of their own.
type Intervals = SmallVec<[Interval; 1]>;

/// A set of instants as sorted, disjoint, non-touching intervals.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct IntervalSet(Intervals);

impl IntervalSet {
    /// Nothing.
    #[must_use]
    pub const fn empty() -> Self {
        Self(SmallVec::new_const())
    }

    /// All of time.
    #[must_use]
    pub fn all() -> Self {
        Self(smallvec![Interval::ALL])
    }

    /// The intervals, in order.
    #[must_use]
    pub fn intervals(&self) -> &[Interval] {
        &self.0
    }

    /// Whether nothing lies inside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first interval that ends after `at`, and those behind it.
    fn ending_after(&self, at: Instant) -> &[Interval] {
        let first = self.0.partition_point(|interval| interval.end <= at);
        self.0.get(first..).unwrap_or_default()
    }

    /// Whether the whole of `span` lies inside.
    #[must_use]
    pub fn covers(&self, span: &Interval) -> bool {
        span.is_empty()
            || self
                .ending_after(span.start)
                .first()
                .is_some_and(|i| i.start <= span.start && i.end >= span.end)
    }

    /// Whether any instant of `span` lies inside.
    #[must_use]
    pub fn overlaps(&self, span: &Interval) -> bool {
        !span.is_empty() && self.ending_after(span.start).first().is_some_and(|i| i.start < span.end)
    }

    /// Whether `at` lies inside.
    #[must_use]
    pub fn contains(&self, at: Instant) -> bool {
        self.ending_after(at).first().is_some_and(|i| i.contains(at))
    }

    /// The first moment after this one at which the set begins or ends.
    pub(crate) fn next_change(&self, after: Instant) -> Option<Instant> {
        let open = self.intervals().partition_point(|span| span.end <= after);
        let span = self.intervals().get(open)?;
        Some(if span.start > after { span.start } else { span.end })
    }

    /// The first stretch of `span` that does not lie inside.
    #[must_use]
    pub fn first_gap(&self, span: &Interval) -> Option<Interval> {
        let mut at = span.start;
        for interval in self.ending_after(span.start) {
            if interval.start > at {
                break;
            }
            at = interval.end;
        }
        if at >= span.end {
            return None;
        }
        let end = self.ending_after(at).first().map_or(span.end, |next| next.start.min(span.end));
        Some(Interval { start: at, end })
    }

    /// What lies in either.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return other.clone();
        }
        self.0.iter().chain(&other.0).copied().collect()
    }

    /// What lies in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut both = Intervals::new();
        for interval in &self.0 {
            for rival in other.ending_after(interval.start) {
                match interval.intersection(rival) {
                    Some(part) => both.push(part),
                    None => break,
                }
            }
        }
        Self(both)
    }

    /// What lies in neither.
    #[must_use]
    pub fn complement(&self) -> Self {
        let mut rest = Intervals::new();
        let mut at = Instant::MIN;
        for interval in &self.0 {
            if interval.start > at {
                rest.push(Interval { start: at, end: interval.start });
            }
            at = interval.end;
        }
        if at < Instant::MAX {
            rest.push(Interval { start: at, end: Instant::MAX });
        }
        Self(rest)
    }

    /// What lies in this one and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        if other.is_empty() || self.is_empty() {
            self.clone()
        } else {
            self.intersection(&other.complement())
        }
    }

    /// What lies inside `span`.
    #[must_use]
    pub fn within(&self, span: &Interval) -> Self {
        Self(self.ending_after(span.start).iter().map_while(|interval| interval.intersection(span)).collect())
    }

    /// The same with every gap of at most `ticks` of 100 ns between two of its intervals closed.
    #[must_use]
    pub fn close_gaps(&self, ticks: i64) -> Self {
        let mut closed = Intervals::new();
        for interval in &self.0 {
            match closed.last_mut() {
                Some(last) if last.end.plus(ticks) >= interval.start => last.end = interval.end,
                _ => closed.push(*interval),
            }
        }
        Self(closed)
    }
}

impl From<Interval> for IntervalSet {
    fn from(interval: Interval) -> Self {
        Self(if interval.is_empty() { SmallVec::new() } else { smallvec![interval] })
    }
}

impl FromIterator<Interval> for IntervalSet {
    /// Sorts and merges; empty intervals vanish, touching ones become one.
    fn from_iter<I: IntoIterator<Item = Interval>>(intervals: I) -> Self {
        let mut intervals: Intervals = intervals.into_iter().filter(|i| !i.is_empty()).collect();
        if intervals.len() < 2 {
            return Self(intervals);
        }
        intervals.sort_unstable();
        let mut merged = Intervals::new();
        for interval in intervals {
            match merged.last_mut() {
                Some(last) if interval.start <= last.end => last.end = last.end.max(interval.end),
                _ => merged.push(interval),
            }
        }
        Self(merged)
    }
}

/// Reads a value from its text, which need not be kept.
pub(crate) struct TextVisitor<T>(pub std::marker::PhantomData<T>);

impl<T: FromStr<Err = Error>> serde::de::Visitor<'_> for TextVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.trim().parse().map_err(crate::error::serde_error)
    }
}

macro_rules! serde_as_text {
    ($($type:ty),*) => {$(
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(crate::day::TextVisitor(std::marker::PhantomData))
            }
        }
    )*};
}
pub(crate) use serde_as_text;
serde_as_text!(Day, Instant);

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn no_time_is_refused_in_the_form_that_most_have() {
        for time in ["24:00:00", "25:00:00", "23:60:00", "23:61:00", "23:59:61", "99:99:99"] {
            assert!(format!("2026-10-31T{time}Z").parse::<Instant>().is_err(), "{time}");
        }
        assert_eq!(at("2026-10-31T23:59:59Z").plus(TICKS_PER_SECOND), at("2026-11-01T00:00:00Z"));
    }

    #[test]
    fn a_set_changes_next_where_it_begins_or_ends() {
        let span =
            |from: i64, to: i64| Interval { start: Instant::from_ticks(from), end: Instant::from_ticks(to) };
        let set: IntervalSet = [span(10, 20), span(30, 40)].into_iter().collect();
        let next = |after| set.next_change(Instant::from_ticks(after)).map(Instant::ticks);
        let expected = [(9, 10), (10, 20), (19, 20), (20, 30), (29, 30), (30, 40), (39, 40)];
        assert!(expected.iter().all(|(after, at)| next(*after) == Some(*at)));
        assert_eq!(next(40), None);
    }

    #[test]
    fn a_span_is_shown_by_its_ends() {
        let span = Interval { start: at("2026-10-01T00:00:00Z"), end: at("2026-10-02T12:00:00Z") };
        assert_eq!(span.to_string(), "[2026-10-01T00:00:00Z, 2026-10-02T12:00:00Z)");
    }

    #[test]
    fn open_ends_stay_open() {
        assert_eq!([Instant::MIN.plus(1), Instant::MAX.plus(-1)], [Instant::MIN, Instant::MAX]);
        assert_eq!(Instant::from_ticks(1).plus(2), Instant::from_ticks(3));
    }

    #[test]
    fn reads_the_forms_that_exports_hold() {
        for (text, shown) in [
            ("2023-08-23T13:05:57.6621925Z", "2023-08-23T13:05:57.6621925Z"),
            ("2024-12-20T01:36:45.022356+00:00", "2024-12-20T01:36:45.022356Z"),
            ("2024-06-19T15:53:15.98Z", "2024-06-19T15:53:15.98Z"),
            ("2019-02-04T09:22:40.1767993-08:00", "2019-02-04T17:22:40.1767993Z"),
            ("0001-01-01T00:00:00", "0001-01-01T00:00:00Z"),
            ("2021-05-01", "2021-05-01T00:00:00Z"),
        ] {
            assert_eq!(at(text).to_string(), shown);
        }
        for text in [
            "",
            "2026-02-30",
            "2026-13-01",
            "10/31/2026",
            "2026-1-1",
            "2026-10-31T25:00:00Z",
            "yesterday",
            // Years that are not written in four digits, also only in UTC.
            "-184-1-05T15:00:0",
            "-0184-01-05T15:00:00",
            "0000-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "9999-12-31T23:59:60.5Z",
            "12026-10-31T00:00:00Z",
        ] {
            assert_eq!(text.parse::<Instant>().unwrap_err().code(), "date.invalid", "{text}");
        }
    }

    #[test]
    fn the_form_that_most_have_is_read_as_the_library_reads_it() {
        let mut texts: Vec<String> = Vec::new();
        for date in
            ["2026-10-31", "2024-02-29", "2026-02-29", "0000-01-01", "9999-12-31", "2026-1o-01", "1969-12-31"]
        {
            for time in ["00:00:00", "23:59:59", "24:00:00", "12:60:00", "23:59:60", "1:02:03", "01:0a:03"] {
                let fractions = [
                    "",
                    ".",
                    ".5",
                    ".1234567",
                    ".0000001",
                    ".12345678",
                    ".123456789",
                    ".1234567890",
                    ".12a",
                    ".-1",
                    "5",
                ];
                for fraction in fractions {
                    texts.extend(
                        ["Z", "z", "", " Z", "ZZ", "+00:00"]
                            .map(|zone| format!("{date}T{time}{fraction}{zone}")),
                    );
                }
            }
        }
        let mut read = 0;
        for text in &texts {
            let library =
                DateTime::parse_from_rfc3339(text).ok().map(|time| Instant::from(time.with_timezone(&Utc)));
            if let Some(own) = parse_utc(text.as_bytes()) {
                assert_eq!(Some(own), library, "{text}");
                read += 1;
            }
        }
        // Two times of day, five fractions, one zone.
        assert_eq!(read, 5 * 2 * 4);
    }

    #[test]
    fn what_is_no_text_is_told_so() {
        let told = serde_json::from_str::<Day>("20261031").unwrap_err().to_string();
        assert!(told.contains("expected a string"), "{told}");
    }

    #[test]
    fn one_tick_short_of_midnight_is_not_the_day() {
        let day = Day::from_ymd(2026, 10, 5).unwrap();
        let short = Interval { end: day.next().start().plus(-1), ..day.interval() };
        assert!(IntervalSet::from(day.interval()).covers(&day.interval()));
        assert!(!IntervalSet::from(short).covers(&day.interval()));
        assert_eq!(
            IntervalSet::from(short).first_gap(&day.interval()),
            Some(Interval { start: day.next().start().plus(-1), end: day.next().start() })
        );
    }

    #[test]
    fn gaps_close_up_to_the_tolerance() {
        let set: IntervalSet = [
            Interval { start: at("2026-10-01"), end: at("2026-10-02T23:58:00Z") },
            Interval { start: at("2026-10-03T00:03:00Z"), end: at("2026-10-04") },
        ]
        .into_iter()
        .collect();
        assert_eq!(set.close_gaps(299 * TICKS_PER_SECOND), set);
        assert_eq!(set.close_gaps(300 * TICKS_PER_SECOND).intervals().len(), 1);
    }
}
