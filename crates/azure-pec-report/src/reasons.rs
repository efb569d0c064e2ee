//! Credit by reason.

use azure_pec::ReasonSums;
use maud::{Markup, html};

use crate::chart::bar;
use crate::frame::{Column, ColumnKind, column, outcome, section, table};
use crate::report::Report;
use crate::scale::Scale;
use crate::text::{count, money};

const COLUMNS: [Column; 7] = [
    column("Outcome", ColumnKind::Text),
    column("Reason", ColumnKind::Text),
    column("Compared", ColumnKind::Drawing),
    column("Credit", ColumnKind::Sorted),
    column("List price", ColumnKind::Number),
    column("Lines", ColumnKind::Number),
    column("Currency", ColumnKind::Text),
];

/// Every reason that a line had.
pub fn by_reason(report: &Report) -> Markup {
    let mut rows: Vec<&ReasonSums> = report.statement.reasons.iter().collect();
    rows.sort_by(|a, b| b.potential.cmp(&a.potential));
    // The earned credit is much the largest: the others are drawn beside each other.
    let lost = rows.iter().filter(|row| row.outcome != "earned").map(|row| row.potential.clone());
    let scale = Scale::to(lost);
    let lead = html! {
        "Each usage line has one outcome and one reason. What never earns has no credit to lose. The bars compare what was "
        "missed and what is unknown; a reason's breaks are behind its code."
    };
    let content = table(
        "reasons-table",
        "Credit by reason",
        report.columns(&COLUMNS),
        &html! {
            @for row in &rows { (reason(row, report, &scale)) }
        },
    );
    section("reasons", "Why", &lead, &content)
}

fn reason(row: &ReasonSums, report: &Report, scale: &Scale) -> Markup {
    let words = row.reason().and_then(|reason| report.rule.words(reason));
    let class = if row.outcome == "missed" { "m" } else { "u" };
    html! {
        tr {
            td { (outcome(row.outcome)) }
            th scope="row" {
                @if let Some(words) = words { span.says { (words.says) } }
                @if matches!(row.outcome, "missed" | "unknown") {
                    a.code href="#breaks" data-table="breaks-table" data-filter=(row.reason) { (row.reason) }
                } @else { span.code { (row.reason) } }
            }
            td.drawing { @if matches!(row.outcome, "missed" | "unknown") { (bar(class, &row.potential, scale)) } }
            td.n { (money(&row.potential, &row.currency)) }
            td.n { (money(&row.list_amount, &row.currency)) }
            td.n { (count(row.lines)) }
            @if report.has_several_currencies() { td { (row.currency) } }
        }
    }
}
