//! The timeline of each break, with its remedy and its price.

use azure_pec::{Break, Calendar, Day};
use maud::{Markup, html};

use crate::chart::span;
use crate::frame::{Column, ColumnKind, column, left_out, outcome, section, table};
use crate::report::Report;
use crate::text::{capital, count, days, money, own};

/// Breaks that are shown.
const MOST: usize = 400;

const COLUMNS: [Column; 5] = [
    column("Subscription", ColumnKind::Text),
    column("When", ColumnKind::Day),
    column("Price", ColumnKind::Sorted),
    column("Each day on", ColumnKind::Number),
    column("Why, and what mends it", ColumnKind::Text),
];

/// Every run of days that something was missed or unknown for one reason, the costliest first.
pub fn breaks(report: &Report) -> Markup {
    let (Some(first), Some(last)) = (report.statement.period.first, report.statement.period.last) else {
        return html! {};
    };
    let mut all: Vec<(&Calendar, &Break)> =
        report.calendars.iter().flat_map(|one| one.breaks.iter().map(move |own| (one, own))).collect();
    all.sort_by(|(_, a), (_, b)| (&b.potential, a.first).cmp(&(&a.potential, b.first)));
    let lead = html! {
        "A break is a run of days on which something was missed, or is unknown, for one reason: " (count(all.len() as u64))
        " of them, the costliest first. Where one is still open, each further day costs as much as its last. One of them hour by hour: " code { (report.command("explain", "--subscription ID")) }
    };
    let content = html! {
        (table("breaks-table", "Breaks with their remedies and prices", &COLUMNS, &html! {
            @for (calendar, one) in all.iter().take(MOST) { (a_break(calendar, one, report, (first, last))) }
        }))
        (left_out(MOST, all.len(), "breaks", &html! { code { (report.command("explain", "--subscription ID")) } }))
    };
    section("breaks", "When it broke", &lead, &content)
}

fn a_break(calendar: &Calendar, one: &Break, report: &Report, period: (Day, Day)) -> Markup {
    let class = if one.outcome == "missed" { "m" } else { "u" };
    let id = calendar.subscription.as_str();
    let customer = report.places.customer(report.places.customer_of(id));
    html! {
        tr data-also=(id) {
            th scope="row" { (own(report.places.subscription(id))) span.id { (own(customer)) } @if report.places.subscription(id) != id { span.id { (id) } } }
            td.when { (days(one.first, one.last)) ", " (crate::text::counted(one.days as u64, "day")) (span(class, (one.first, one.last), period)) }
            td.n { (money(&one.potential, &one.currency)) @if report.has_several_currencies() { " " (one.currency) } }
            td.n { @if one.open { (money(&one.last_day_potential, &one.currency)) } @else { span.ended { "ended" } } }
            td.why {
                (outcome(one.outcome)) " " span.says { (one.says) } " " span.code { (one.reason) }
                p.mend { (capital(&one.mend)) }
            }
        }
    }
}
