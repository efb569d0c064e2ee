//! A what-if for people.

use azure_pec::{Amount, MoneyDifference, WhatIfBody};

use crate::look::{Look, Tone};
use crate::number::cents;
use crate::table::{Align, Columns};

/// Rows of a table shown.
const FEW: usize = 12;

/// What is shown of a what-if.
#[derive(Debug)]
pub struct WhatIfPage<'p> {
    pub body: &'p WhatIfBody,
    pub look: Look,
}

impl WhatIfPage<'_> {
    /// The page.
    pub fn render(&self) -> String {
        let mut page = String::new();
        for suggestions in self.body.suggestions.iter().flatten() {
            page += &self.look.suggestions(suggestions);
        }
        for transfer in self.body.transfers.iter().flatten() {
            page += &self.look.transfer(transfer);
        }
        if !self.body.changes.is_empty() || self.body.forecast.is_none() {
            page += &self.difference();
        }
        if let Some(forecast) = &self.body.forecast {
            page += &self.look.forecast(forecast);
        }
        page
    }

    fn difference(&self) -> String {
        let difference = &self.body.difference;
        let mut page = self.look.heading("With the changes, in place of what is");
        page += &self.money("", difference.totals.iter().map(|total| (String::new(), total)));
        if difference.is_nothing() {
            return page + "  nothing changes\n";
        }
        page += &self.look.heading("By day");
        page += &self.money("day", difference.days.iter().map(|row| (row.date.to_string(), &row.money)));
        page += &self.look.heading("By subscription");
        let subscriptions = difference.subscriptions.iter();
        page += &self.money("subscription", subscriptions.map(|row| (row.subscription.clone(), &row.money)));
        page += &self.look.heading("By reason");
        page + &self.reasons()
    }

    fn reasons(&self) -> String {
        let columns = [
            ("outcome", Align::Left),
            ("reason", Align::Left),
            ("lines", Align::Right),
            ("potential", Align::Right),
            ("credit", Align::Right),
            ("", Align::Left),
        ];
        let mut table = Columns::new(&self.look, &columns);
        for row in &self.body.difference.reasons {
            let tone = Tone::of_outcome(row.outcome);
            let lines = if row.lines > 0 { format!("+{}", row.lines) } else { row.lines.to_string() };
            table.row(&[
                (row.outcome.to_owned(), tone),
                (row.reason.to_owned(), Tone::Plain),
                (lines, Tone::Plain),
                (signed(&row.potential), Tone::Plain),
                (signed(&row.credit), Tone::Plain),
                (row.currency.clone(), Tone::Quiet),
            ]);
        }
        table.render()
    }

    fn money<'r>(&self, heading: &str, rows: impl Iterator<Item = (String, &'r MoneyDifference)>) -> String {
        let columns = [
            (heading, Align::Left),
            ("earned", Align::Right),
            ("missed", Align::Right),
            ("unknown", Align::Right),
            ("net", Align::Right),
            ("", Align::Left),
        ];
        let mut table = Columns::new(&self.look, &columns);
        let rows: Vec<_> = rows.collect();
        for (name, money) in rows.iter().take(FEW) {
            table.row(&[
                (name.clone(), Tone::Plain),
                (signed(&money.earned), Tone::Good),
                (signed(&money.missed), Tone::Bad),
                (signed(&money.unknown), Tone::Doubtful),
                (signed(&money.net), Tone::Plain),
                (money.currency.clone(), Tone::Quiet),
            ]);
        }
        let more = rows.len().saturating_sub(FEW);
        let more = if more > 0 { format!("  and {more} more (--format json)\n") } else { String::new() };
        table.render() + &more
    }
}

fn signed(amount: &Amount) -> String {
    if amount.is_zero() || amount.is_negative() { cents(amount) } else { format!("+{}", cents(amount)) }
}
