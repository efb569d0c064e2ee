//! The four numbers first.

use azure_pec::Totals;
use maud::{Markup, html};

use crate::chart::stripe;
use crate::money::Money;
use crate::report::Report;
use crate::text::{count, counted, days, money, percent};

/// The title, and four numbers for each currency, each a link to what is behind it.
pub fn headline(report: &Report) -> Markup {
    let statement = &report.statement;
    html! {
        header.head {
            p.kicker { "Microsoft partner earned credit" }
            h1 {
                @if let (Some(first), Some(last)) = (statement.period.first, statement.period.last) {
                    (days(first, last))
                } @else { "No usage" }
            }
            @for total in &statement.totals { (four(total, report)) }
            @if statement.totals.is_empty() { p.lead { "The files hold no usage lines." } }
        }
    }
}

fn four(total: &Totals, report: &Report) -> Markup {
    let currency = total.currency.as_str();
    let lines = |outcome: &str| {
        let own =
            report.statement.reasons.iter().filter(|row| row.currency == currency && row.outcome == outcome);
        own.map(|row| row.lines).sum::<u64>()
    };
    let money = |amount| money(amount, currency);
    html! {
        div.four role="group" aria-label={ "The four numbers in " (currency) } {
            a.tile.coverage href="#days" {
                span.name { "Coverage" }
                span.value id={ "coverage-" (currency) } { (percent(total.coverage.as_ref())) }
                span.what { "of what could be earned" }
            }
            a.tile.earned href="#reasons" data-table="reasons-table" data-filter="earned" {
                span.name { "Earned" }
                span.value id={ "earned-" (currency) } { (money(&total.earned)) " " small { (currency) } }
                span.what { (counted(lines("earned"), "line")) }
            }
            a.tile.missed href="#reasons" data-table="reasons-table" data-filter="missed" {
                span.name { "Missed" }
                span.value id={ "missed-" (currency) } { (money(&total.missed)) " " small { (currency) } }
                span.what { (counted(lines("missed"), "line")) ": the access was not there" }
            }
            a.tile.unknown href="#reasons" data-table="reasons-table" data-filter="unknown" {
                span.name { "Unknown" }
                span.value id={ "unknown-" (currency) } { (money(&total.unknown)) " " small { (currency) } }
                span.what { (counted(lines("unknown"), "line")) ": not provable either way" }
            }
        }
        div.whole {
            (stripe(&Money::from(total)))
            p {
                "List price " strong id={ "list-" (currency) } { (money(&total.list_amount)) " " (currency) }
                ", after the credit " strong id={ "net-" (currency) } { (money(&total.net)) " " (currency) }
                ". Of " (counted(total.lines, "line")) ", " (count(lines("never"))) " can never earn."
                @for rounded in total.rounded.iter().flatten() {
                    " Rounded as it is charged: " strong { (crate::text::money(&rounded.net, &rounded.currency)) " " (rounded.currency) } "."
                }
            }
        }
    }
}
