//! From list price to the invoice's total, where an invoice was given; and what does not agree.

use azure_pec::{Amount, Bridge, Difference, ReconciliationBody};
use maud::{Markup, html};

use crate::frame::{Column, ColumnKind, column, left_out, section, table};
use crate::report::Report;
use crate::scale::part;
use crate::text::{count, days, money, own, plain};

/// Bridges that are drawn, and findings that are shown.
const MOST_BRIDGES: usize = 12;
const MOST_FINDINGS: usize = 200;

const FINDINGS: [Column; 8] = [
    column("Outcome", ColumnKind::Text),
    column("Days", ColumnKind::Text),
    column("Invoice", ColumnKind::Text),
    column("Customer", ColumnKind::Text),
    column("Meter", ColumnKind::Text),
    column("Lines", ColumnKind::Number),
    column("Pricing", ColumnKind::Sorted),
    column("Billing", ColumnKind::Number),
];

/// The reconciliation; nothing where no invoice was given.
pub fn bridge(report: &Report) -> Markup {
    let Some(body) = &report.reconciliation else { return html! {} };
    let lead = html! {
        "What was billed, held against what the rule expects. " strong { @if body.differs() { "The bill is not what it should be." } @else { "Nothing differs but what is pending or rounded." } }
        " Above 0, too much was paid."
    };
    let mut bridges: Vec<&Bridge> = body.bridges.iter().collect();
    let size = |amount: &Amount| if amount.is_negative() { -amount } else { amount.clone() };
    bridges.sort_by_cached_key(|one| std::cmp::Reverse((size(&one.differences.charge), one.list.clone())));
    let content = html! {
        h3 { "What does not agree" }
        @if body.findings.is_empty() { p.note { "Everything agrees." } } @else { (findings(body, report)) }
        @for one in bridges.iter().take(MOST_BRIDGES) { (drawn(one, report)) }
        (left_out(MOST_BRIDGES, bridges.len(), "bridges", &html! { code { (report.command("reconcile", "--format json")) } }))
        @if !body.warnings.is_empty() {
            h3 { "Before you trust the bill" }
            ul.plain { @for warning in &body.warnings { li { (warning.message) " " span.code { (warning.code) } } } }
        }
    };
    section("bridge", "From list price to invoice", &lead, &content)
}

fn findings(body: &ReconciliationBody, report: &Report) -> Markup {
    let mut rows: Vec<&Difference> = body.findings.iter().collect();
    rows.sort_by(|a, b| b.pricing.cmp(&a.pricing));
    html! {
        (table("findings-table", "What does not agree", &FINDINGS, &html! {
            @for row in rows.iter().take(MOST_FINDINGS) { (finding(row, report)) }
        }))
        (left_out(MOST_FINDINGS, rows.len(), "findings", &html! { code { (report.command("reconcile", "--format csv")) } }))
    }
}

fn finding(row: &Difference, report: &Report) -> Markup {
    html! {
        tr {
            th scope="row" { span.code { (row.outcome) } @if let Some(of) = row.of { span.id { (of) } } }
            td { @if let (Some(first), Some(last)) = (row.first, row.last) { (days(first, last)) } @else { (row.month) } }
            td { @match &row.invoice { Some(invoice) => (own(invoice)), None => "" } }
            td { (own(report.places.customer(&row.customer))) }
            td { (own(row.meter.as_deref().unwrap_or_default())) }
            td.n { (count(row.lines)) }
            td.n { (money(&row.pricing, &row.pricing_currency)) " " (row.pricing_currency) }
            td.n { @if let Some(billing) = &row.billing { (money(billing, &row.billing_currency)) " " (row.billing_currency) } }
        }
    }
}

/// A step of a bridge: what it adds, and where the sum stands before and after.
struct Step<'b> {
    name: &'static str,
    amount: &'b Amount,
    span: (Amount, Amount),
    /// A sum that steps lead to, not a step.
    is_sum: bool,
}

fn sum<'b>(name: &'static str, amount: &'b Amount) -> Step<'b> {
    Step { name, amount, span: (Amount::ZERO, amount.clone()), is_sum: true }
}

/// Steps one after the other, from a sum on.
fn walk<'b>(from: &Amount, steps: &[(&'static str, &'b Amount)]) -> Vec<Step<'b>> {
    let mut at = from.clone();
    let mut step = |(name, amount): &(&'static str, &'b Amount)| {
        let next = &at + amount;
        let before = std::mem::replace(&mut at, next.clone());
        Step { name, amount, span: (before, next), is_sum: false }
    };
    steps.iter().map(&mut step).collect()
}

fn drawn(one: &Bridge, report: &Report) -> Markup {
    let mut pricing = vec![sum("List price", &one.list)];
    pricing.extend(walk(
        &one.list,
        &[("Tiers", &one.tiers), ("Credit", &one.credit), ("Cut to cents", &one.cents)],
    ));
    pricing.push(sum("Charge", &one.charge));
    let mut billing = vec![sum("Exchanged", &one.exchanged)];
    billing.extend(walk(&one.exchanged, &[("Cut to cents", &one.exchange_cut)]));
    billing.push(sum("Total as it should be", &one.total));
    let after = [("Differences", &one.differences), ("Left over", &one.residual)];
    let after: Vec<_> =
        after.into_iter().filter_map(|(name, both)| Some((name, both.total.as_ref()?))).collect();
    billing.extend(walk(&one.total, &after));
    billing.extend(one.observed.total.as_ref().map(|total| sum("As it was billed", total)));
    let customer = report.places.customer(&one.customer);
    html! {
        div.bridge {
            h3 { (own(customer)) ", " (one.month) }
            p.note {
                @if let Some(rate) = &one.exchange_rate { "1 " (one.pricing_currency) " is " (plain(rate)) " " (one.billing_currency) "." }
            }
            div.halves {
                (half(&pricing, &one.pricing_currency, customer))
                (half(&billing, &one.billing_currency, customer))
            }
        }
    }
}

fn half(steps: &[Step<'_>], currency: &str, customer: &str) -> Markup {
    let most =
        steps.iter().flat_map(|step| [step.span.0.clone(), step.span.1.clone()]).max().unwrap_or_default();
    html! {
        table.bridge-table {
            caption { "In " (currency) span.visually-hidden { ", for " (customer) } }
            tbody {
                @for step in steps {
                    tr.sum[step.is_sum] {
                        th scope="row" { (step.name) }
                        td.drawing { (stretch(step, &most)) }
                        td.n { (money(step.amount, currency)) }
                    }
                }
            }
        }
    }
}

fn stretch(step: &Step<'_>, most: &Amount) -> Markup {
    let (from, to) = (part(&step.span.0, most), part(&step.span.1, most));
    let (start, end) = if from <= to { (&from, &to) } else { (&to, &from) };
    let class = match (step.is_sum, step.name) {
        (true, _) => "s",
        (false, "Credit") => "e",
        (false, "Differences") => "m",
        _ => "v",
    };
    html! {
        svg.stripe aria-hidden="true" width="100%" height="12" {
            rect class=(class) x={ (start) "%" } width={ (&(end - start)) "%" } height="12" {}
        }
    }
}
