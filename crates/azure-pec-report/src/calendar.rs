//! The coverage calendar: a row for each subscription, a mark for each day.

use azure_pec::{Calendar, CalendarDay, Day, DayMark};
use maud::{Markup, html};

use crate::chart::day_names;
use crate::frame::{Column, ColumnKind, column, left_out, section, table, table_with_foot};
use crate::report::Report;
use crate::scale::nth;
use crate::text::{day_text, own, percent};

/// Subscriptions that are drawn.
const MOST: usize = 120;
/// Days that are drawn: more are the newest of them.
const MOST_DAYS: i64 = 124;

const MARKS: [DayMark; 7] = [
    DayMark::Earned,
    DayMark::PartMissed,
    DayMark::Missed,
    DayMark::PartUnknown,
    DayMark::Unknown,
    DayMark::MissedAndUnknown,
    DayMark::Never,
];
const COLUMNS: [Column; 3] = [
    column("Subscription", ColumnKind::Text),
    column("Days", ColumnKind::Drawing),
    column("Coverage", ColumnKind::Number),
];

const WORDS: [Column; 2] = [column("Subscription", ColumnKind::Text), column("Days", ColumnKind::Text)];

/// Every subscription with its days.
pub fn calendar(report: &Report) -> Markup {
    let Some((first, last)) = drawn(report) else { return html! {} };
    let lead = html! {
        "A mark for each day of usage from " (crate::text::days(first, last)) ", the most missed and unknown first. Lines that never earn are set aside."
    };
    let content = html! {
        ul.legend {
            @for one in MARKS {
                li { svg width="14" height="16" viewBox="0 0 14 16" aria-hidden="true" { (mark(one, "0", "14")) } " " (one.words()) }
            }
        }
        (table_with_foot("calendar-table", "Coverage by subscription and day", &COLUMNS, &html! {
            @for one in report.calendars.iter().take(MOST) { (row(one, report, (first, last))) }
        }, &html! {
            tr { td {} td.drawing { (day_names(first, last)) } td {} }
        }))
        details {
            summary { "The days in words" }
            (table("runs-table", "Coverage in words", &WORDS, &html! {
                @for one in report.calendars.iter().take(MOST) {
                    tr {
                        th scope="row" { (own(report.places.subscription(&one.subscription))) }
                        td { (runs(&within(one, first))) }
                    }
                }
            }))
        }
        (left_out(MOST, report.calendars.len(), "subscriptions", &html! {
            code { (report.command("explain", "--subscription ID")) }
        }))
    };
    section("calendar", "Coverage calendar", &lead, &content)
}

/// The days that are drawn.
pub fn drawn(report: &Report) -> Option<(Day, Day)> {
    let (first, last) = (report.statement.period.first?, report.statement.period.last?);
    let newest = Day::from_number(last.number() - i32::try_from(MOST_DAYS - 1).unwrap_or_default());
    Some((first.max(newest), last))
}

fn row(calendar: &Calendar, report: &Report, (first, last): (Day, Day)) -> Markup {
    let all = usize::try_from(last.number() - first.number() + 1).unwrap_or(1);
    let days = within(calendar, first);
    let coverage = calendar.totals.first().filter(|_| calendar.totals.len() == 1);
    let says = runs(&days);
    html! {
        tr {
            th scope="row" {
                a href="#breaks" data-table="breaks-table" data-filter=(calendar.subscription) {
                    (own(report.places.subscription(&calendar.subscription)))
                }
            }
            td.drawing {
                svg.strip role="img" aria-label=(says) width="100%" height="16" {
                    @for day in &days {
                        @let at = usize::try_from(day.date.number() - first.number()).unwrap_or_default();
                        @let width = &nth(1, all) * &azure_pec::Amount::new(86, 2);
                        (mark(day.mark, &format!("{}%", nth(at, all)), &format!("{width}%")))
                    }
                }
            }
            td.n { (percent(coverage.and_then(|total| total.coverage.as_ref()))) }
        }
    }
}

fn within(calendar: &Calendar, first: Day) -> Vec<&CalendarDay> {
    calendar.days.iter().filter(|day| first <= day.date).collect()
}

/// A mark told by its form as much as by its colour.
fn mark(mark: DayMark, x: &str, width: &str) -> Markup {
    let (ground, above) = match mark {
        DayMark::Earned => ("e", None),
        DayMark::Missed => ("m", None),
        DayMark::Unknown => ("u", None),
        DayMark::Never => ("v", None),
        DayMark::PartMissed => ("e", Some("m")),
        DayMark::PartUnknown => ("e", Some("u")),
        DayMark::MissedAndUnknown => ("m", Some("u")),
    };
    html! {
        @if mark == DayMark::Never { rect class="v" x=(x) width=(width) y="6" height="4" {} }
        @else { rect class=(ground) x=(x) width=(width) height="16" {} }
        @if let Some(above) = above { rect class=(above) x=(x) width=(width) y="8" height="8" {} }
    }
}

/// The days in words, equal neighbours together.
fn runs(days: &[&CalendarDay]) -> String {
    let mut runs: Vec<(Day, Day, DayMark)> = Vec::new();
    for day in days {
        match runs.last_mut() {
            Some(run) if run.2 == day.mark && run.1.next() == day.date => run.1 = day.date,
            _ => runs.push((day.date, day.date, day.mark)),
        }
    }
    let one = |(first, last, mark): &(Day, Day, DayMark)| {
        let until = if first == last { String::new() } else { format!(" to {}", day_text(*last)) };
        format!("{}{until}: {}", day_text(*first), mark.words())
    };
    runs.iter().map(one).collect::<Vec<_>>().join("; ")
}
