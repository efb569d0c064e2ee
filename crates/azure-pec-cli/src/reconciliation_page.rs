//! A reconciliation as a page for people.

use azure_pec::{Amount, Bridge, Difference, ReconciliationDocument};

use crate::look::{Look, Tone};
use crate::number::{cents, count, counted};
use crate::table::{Align, Columns};

/// Findings shown; all of them are in the JSON, the CSV and the dispute pack.
const MANY: usize = 50;

/// Everything that the page tells.
#[derive(Debug)]
pub struct ReconciliationPage<'a> {
    pub document: &'a ReconciliationDocument,
    pub look: Look,
}

impl ReconciliationPage<'_> {
    pub fn render(&self) -> String {
        [self.headline(), self.findings(), self.bridges(), self.undecided(), self.warnings()].concat()
    }

    fn headline(&self) -> String {
        let body = &self.document.body;
        let (Some(first), Some(last)) = (body.period.first, body.period.last) else {
            return "Reconciliation: no usage lines\n".to_owned();
        };
        let title = format!("Reconciliation, usage of {first} to {last}");
        let mut page = self.look.paint(Tone::Heading, &title) + "\n\n";
        let mut table = Columns::new(&self.look, &[("", Align::Left), ("lines", Align::Right)]);
        for (outcome, lines) in &body.lines {
            table.row(&[((*outcome).to_owned(), tone(outcome)), (count(*lines), Tone::Plain)]);
        }
        page += &table.render();
        if !body.differs() {
            let undecided: u64 = body.undecided.iter().map(|row| row.lines).sum();
            page += &match undecided {
                0 => "\nWhat was billed is what the rule expects.\n".to_owned(),
                lines => format!(
                    "\nWhat was billed is what the rule expects, but for {} on which it cannot decide.\n",
                    counted(lines, "line")
                ),
            };
        }
        page
    }

    fn findings(&self) -> String {
        let rows = &self.document.body.findings;
        if rows.is_empty() {
            return String::new();
        }
        let mut page = self.look.heading("Findings (above 0: the partner paid too much)");
        let mut table = Columns::new(
            &self.look,
            &[
                ("", Align::Left),
                ("month", Align::Left),
                ("what", Align::Words),
                ("days", Align::Left),
                ("lines", Align::Right),
                ("list currency", Align::Right),
                ("billed", Align::Right),
            ],
        );
        for row in rows.iter().take(MANY) {
            let billed = |amount: &Amount| format!("{} {}", row.billing_currency, cents(amount));
            table.row(&[
                (row.outcome.to_owned(), tone(row.outcome)),
                (row.month.clone(), Tone::Plain),
                (what(row), Tone::Plain),
                (days(row), Tone::Plain),
                (if row.lines == 0 { String::new() } else { count(row.lines) }, Tone::Plain),
                (format!("{} {}", row.pricing_currency, cents(&row.pricing)), Tone::Plain),
                (row.billing.as_ref().map(billed).unwrap_or_default(), Tone::Plain),
            ]);
        }
        page += &table.render();
        let more = rows.len().saturating_sub(MANY);
        if more > 0 {
            page += &format!("  and {} more (--format csv)\n", counted(more as u64, "finding"));
        }
        page
    }

    fn bridges(&self) -> String {
        let mut page = String::new();
        for bridge in &self.document.body.bridges {
            let reseller = match bridge.reseller.as_str() {
                "" => String::new(),
                id => format!(", reseller {id}"),
            };
            page += &self.look.heading(&format!("{}, customer {}{reseller}", bridge.month, bridge.customer));
            let columns = [("", Align::Left), ("", Align::Right), ("", Align::Right)];
            let mut table = Columns::new(&self.look, &columns);
            for (step, pricing, billing) in steps(bridge) {
                let shown = |amount: Option<&Amount>, currency: &str| {
                    amount.map(|amount| format!("{currency} {amount}")).unwrap_or_default()
                };
                let tone = if matches!(step, "total" | "billed") { Tone::Heading } else { Tone::Plain };
                table.row(&[
                    (step.to_owned(), tone),
                    (shown(pricing, &bridge.pricing_currency), Tone::Plain),
                    (shown(billing, &bridge.billing_currency), Tone::Plain),
                ]);
            }
            page += &table.render();
        }
        page
    }

    fn undecided(&self) -> String {
        let rows = &self.document.body.undecided;
        if rows.is_empty() {
            return String::new();
        }
        let lines: u64 = rows.iter().map(|row| row.lines).sum();
        let reasons: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.reason).collect();
        let reasons: Vec<&str> = reasons.into_iter().collect();
        let words = format!(
            "{} on which the rule cannot decide agree with whatever was applied: {}.",
            counted(lines, "line"),
            reasons.join(", ")
        );
        format!("\n{}", self.look.wrap("", &words))
    }

    fn warnings(&self) -> String {
        let rows = &self.document.body.warnings;
        if rows.is_empty() {
            return String::new();
        }
        let mut page = self.look.heading("Before trusting these numbers");
        for row in rows {
            page += &self
                .look
                .wrap(&format!("  {}: ", row.code), &format!("{} ({})", row.message, count(row.count)));
        }
        page
    }
}

fn tone(outcome: &str) -> Tone {
    match outcome {
        "agrees" => Tone::Good,
        "observed.pending" | "rounding" | "outside" => Tone::Quiet,
        "correction" => Tone::Doubtful,
        _ => Tone::Bad,
    }
}

/// The meter of a finding, or the beginning of its customer's id; ids stand whole in the CSV.
fn what(row: &Difference) -> String {
    let of = row.of.map(|of| format!("({})", of.replace('_', " ")));
    let begin = |id: &str| id.split('-').next().unwrap_or_default().to_owned();
    let name = row.meter.clone().unwrap_or_else(|| format!("customer {}", begin(&row.customer)));
    [Some(name), of].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn days(row: &Difference) -> String {
    match (row.first, row.last) {
        (Some(first), Some(last)) if first == last => first.to_string(),
        (Some(first), Some(last)) => {
            format!("{first} to {}", last.to_string().split('-').next_back().unwrap_or_default())
        }
        _ => String::new(),
    }
}

/// The steps of a bridge, in the pricing and in the billing currency.
fn steps(bridge: &Bridge) -> Vec<(&'static str, Option<&Amount>, Option<&Amount>)> {
    let unbilled = bridge.observed.total.is_none();
    let total = |amount| if unbilled { None } else { Some(amount) };
    vec![
        ("list price", Some(&bridge.list), None),
        ("tiers", Some(&bridge.tiers), None),
        ("credit", Some(&bridge.credit), None),
        ("cut to cents", Some(&bridge.cents), None),
        ("charge", Some(&bridge.charge), total(&bridge.exchanged)),
        ("cut after exchange", None, total(&bridge.exchange_cut)),
        ("total", Some(&bridge.charge), total(&bridge.total)),
        ("differences", Some(&bridge.differences.charge), bridge.differences.total.as_ref()),
        ("residual", Some(&bridge.residual.charge), bridge.residual.total.as_ref()),
        ("billed", Some(&bridge.observed.charge), bridge.observed.total.as_ref()),
    ]
}
