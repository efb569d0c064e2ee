//! The whole page, and the policy that keeps everything else out of it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use crate::report::Report;
use crate::{breaks, bridge, calendar, chart, days, files, headline, places_tables, reasons, remedies};

const STYLE: &str = include_str!("../assets/report.css");
const SCRIPT: &str = include_str!("../assets/report.js");

/// The page of a report.
pub fn page(report: &Report) -> Markup {
    let title = match (report.statement.period.first, report.statement.period.last) {
        (Some(first), Some(last)) => format!("Partner earned credit, {first} to {last}"),
        _ => "Partner earned credit".to_owned(),
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(content_policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#main" { "Skip to the report" }
                (chart::patterns())
                (navigation(report))
                main id="main" tabindex="-1" {
                    (headline::headline(report))
                    (remedies::remedies(report))
                    (days::by_day(report))
                    (reasons::by_reason(report))
                    (places_tables::by_place(report))
                    (calendar::calendar(report))
                    (breaks::breaks(report))
                    (bridge::bridge(report))
                    (files::not_proved(report))
                    (files::files(report))
                }
                footer {
                    p {
                        "Amounts are rounded for reading only; a pointer on a number, or " q { "Exact values" } ", shows all its digits. "
                        "Days are UTC. Made by pec " (env!("CARGO_PKG_VERSION")) "; this page asks no network for anything."
                    }
                }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn navigation(report: &Report) -> Markup {
    let sections = [
        ("fixes", "What to do", true),
        ("days", "Days", true),
        ("reasons", "Why", true),
        ("places", "Where", true),
        ("calendar", "Calendar", true),
        ("breaks", "Breaks", true),
        ("bridge", "Invoice", report.reconciliation.is_some()),
        ("proof", "Not proved", true),
        ("files", "Read", true),
    ];
    html! {
        nav aria-label="Sections" {
            ul { @for (id, name, _) in sections.iter().filter(|one| one.2) { li { a href={ "#" (id) } { (name) } } } }
            button id="exact" type="button" aria-pressed="false" hidden { "Exact values" }
        }
    }
}

/// Nothing but the page's own style and script, told by their digests.
fn content_policy() -> String {
    let source = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {}; script-src {}; base-uri 'none'; form-action 'none'",
        source(STYLE),
        source(SCRIPT)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What would end the element that holds it would be no script any more, and its digest another.
    #[test]
    fn style_and_script_stand_as_they_are_written() {
        for text in [STYLE, SCRIPT] {
            assert!(!text.contains("</") && !text.contains("<!--"), "{text}");
            assert!(!text.contains('\r'), "a parser would change it");
        }
        assert!(content_policy().starts_with("default-src 'none'; style-src 'sha256-"));
    }
}
