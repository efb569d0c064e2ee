//! The best fixes, as a list to work through.

use maud::{Markup, html};

use crate::command::quoted;
use crate::fixes::Fix;
use crate::frame::{keyword, outcome, section};
use crate::report::Report;
use crate::text::{capital, counted, money, own};

/// Fixes that are shown, and those that are seen at once.
const MOST: usize = 16;
const FIRST: usize = 4;

/// What would bring the most, the most first.
pub fn remedies(report: &Report) -> Markup {
    if report.fixes.is_empty() {
        let lead = html! { "Nothing was missed and nothing is unknown." };
        return section("fixes", "What to do", &lead, &html! {});
    }
    let lead = html! {
        "The most money first. Fixing what was " (keyword("m", "missed")) " earns the like from the day of the fix on; what is "
        (keyword("u", "unknown")) " needs proof, not access."
    };
    let (first, others) = report.fixes.split_at(report.fixes.len().min(FIRST));
    let content = html! {
        ol.fixes { @for fix in first { (one(fix, report)) } }
        @if !others.is_empty() {
            details {
                summary { (others.len()) " more" }
                ol.fixes start=(FIRST + 1) { @for fix in others.iter().take(MOST) { (one(fix, report)) } }
            }
        }
    };
    section("fixes", "What to do", &lead, &content)
}

fn one(fix: &Fix, report: &Report) -> Markup {
    html! {
        li.fix {
            p.amount { (money(&fix.amount, &fix.currency)) " " small { (fix.currency) } }
            div {
                h3 { (capital(&fix.says)) }
                p {
                    (outcome(fix.outcome)) " " (fix.because) ", in "
                    a href="#breaks" data-table="breaks-table" data-filter=(fix.reason) {
                        (counted(fix.subscriptions as u64, "subscription"))
                    }
                    @if fix.subscriptions > 1 { ", most of it in " (own(&fix.name)) } @else { ": " (own(&fix.name)) }
                }
                @if !fix.subscription.is_empty() {
                    details {
                        summary { "Look into it" }
                        code { (report.command("explain", &format!("--subscription {}", quoted(&fix.subscription)))) }
                    }
                }
            }
        }
    }
}
