//! Credit by day: a chart for each currency, and its table.

use maud::{Markup, html};

use crate::chart;
use crate::frame::{Column, ColumnKind, column, keyword, section, table};
use crate::money::Money;
use crate::report::Report;
use crate::text::{count, day, money, percent};

const COLUMNS: [Column; 6] = [
    column("Day", ColumnKind::ByDay),
    column("Earned", ColumnKind::Number),
    column("Missed", ColumnKind::Number),
    column("Unknown", ColumnKind::Number),
    column("Coverage", ColumnKind::Number),
    column("Lines", ColumnKind::Number),
];

/// Every day of usage.
pub fn by_day(report: &Report) -> Markup {
    let lead = html! {
        "Above the line what was " (keyword("e", "earned")) ", below it what was " (keyword("m", "missed")) " and what is "
        (keyword("u", "unknown")) ", all by one measure. Each bar leads to its day."
    };
    let content = html! {
        @for (currency, days) in &report.days {
            @let id = format!("day-{}", currency.to_lowercase());
            @let list: Vec<_> = days.iter().map(|(day, money)| (*day, money)).collect();
            @if report.has_several_currencies() { h3 { (currency) } }
            (chart::days(&list, currency, &id))
            @if days.values().any(Money::is_negative) {
                p.note { "Corrections made a sum of some day negative: it has no bar, and stands in the table." }
            }
            details {
                summary { "The days as a table" }
                (table(&format!("{id}-table"), &format!("Credit by day in {currency}"), &COLUMNS, &html! {
                    @for (date, sums) in days {
                        tr id={ (id) "-" (date) } tabindex="-1" {
                            th scope="row" { (day(*date)) }
                            td.n { (money(&sums.earned, currency)) }
                            td.n { (money(&sums.missed, currency)) }
                            td.n { (money(&sums.unknown, currency)) }
                            td.n { (percent(sums.coverage().as_ref())) }
                            td.n { (count(sums.lines)) }
                        }
                    }
                }))
            }
        }
    };
    section("days", "Day by day", &lead, &content)
}
