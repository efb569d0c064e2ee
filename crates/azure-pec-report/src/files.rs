//! What was read, and what is not proved.

use azure_pec::{InputSummary, ReasonSums};
use maud::{Markup, html};

use crate::frame::{Column, ColumnKind, column, left_out, section, table};
use crate::report::Report;
use crate::text::{count, day, money, own, percent};

/// Files that are listed.
const MOST: usize = 300;

const COLUMNS: [Column; 5] = [
    column("File", ColumnKind::Text),
    column("Taken for", ColumnKind::Text),
    column("Records", ColumnKind::Number),
    column("Used", ColumnKind::Number),
    column("Rejected", ColumnKind::Number),
];

/// What is not proved: the unknown money, the warnings, and the questions that the policy answers.
pub fn not_proved(report: &Report) -> Markup {
    let statement = &report.statement;
    let mut unknown: Vec<&ReasonSums> =
        statement.reasons.iter().filter(|row| row.outcome == "unknown").collect();
    unknown.sort_by(|a, b| b.potential.cmp(&a.potential));
    let lead = html! { "What could not be shown is unknown, never a guess. It would change with what is named here." };
    let content = html! {
        @if unknown.is_empty() { p { "Every line was proved either way." } } @else {
            ul.plain {
                @for row in unknown {
                    @let words = row.reason().and_then(|reason| report.rule.words(reason));
                    li {
                        strong { (money(&row.potential, &row.currency)) " " (row.currency) }
                        @if let Some(words) = words { ": " (words.says) ". To settle it: " (words.remedy) "." }
                    }
                }
            }
        }
        @if report.rejected > 0 {
            p.note { (crate::text::counted(report.rejected, "line")) " could not be read and are in no sum." }
        }
        @if !statement.warnings.is_empty() {
            h3 { "Before you trust the numbers" }
            ul.plain {
                @for warning in &statement.warnings {
                    li { (warning.message) " (" (count(warning.count)) ") " span.code { (warning.code) } }
                }
            }
        }
        h3 { "By which rule" }
        p {
            "Rule data " (statement.rule.version) "."
            @for rate in &statement.rule.rate { " From " (day(rate.start)) " the rate is " (percent(Some(&rate.rate))) "." }
            " That the rule is Microsoft's rests on its published pages, not on a comparison with Microsoft's own answer. "
            "Where the pages leave room, these answers were taken:"
        }
        dl.policy {
            @for (key, value) in statement.rule.policy.entries() { div { dt { (key) } dd { (value) } } }
        }
    };
    section("proof", "What is not proved", &lead, &content)
}

/// Every file, what it was taken for, and what was taken of it.
pub fn files(report: &Report) -> Markup {
    let (read, passed_over): (Vec<&InputSummary>, Vec<&InputSummary>) =
        report.inputs.iter().partition(|input| input.kind.is_some());
    let lead = html! {
        "What a file is, its content says. " (crate::text::counted(read.len() as u64, "file")) " read, "
        (count(passed_over.len() as u64)) " passed over."
    };
    let content = html! {
        (table("files-table", "Files read and passed over", &COLUMNS, &html! {
            @for input in read.iter().chain(&passed_over).take(MOST) { (file(input)) }
        }))
        (left_out(MOST, report.inputs.len(), "files", &html! { code { (report.command("inspect", "")) } }))
        p.note { "The same statement again, exact: " code { (report.command("statement", "--format json")) } }
        p.note { "SHA-256 of its body: " code.digest { (report.sha256) } }
    };
    section("files", "What was read", &lead, &content)
}

fn file(input: &InputSummary) -> Markup {
    html! {
        tr {
            th scope="row" { (own(&input.path)) @for note in &input.notes { span.id { (own(note)) } } }
            td { @match &input.kind { Some(kind) => span.code { (kind) }, None => "passed over" } }
            td.n { (count(input.records)) }
            td.n { (count(input.used)) }
            td.n { (count(input.rejected)) }
        }
    }
}
