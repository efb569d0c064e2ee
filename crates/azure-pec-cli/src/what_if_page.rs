//! A what-if for people.

use azure_pec::{Amount, MoneyDifference, Suggestion, Suggestions, WhatIfBody};

use crate::look::{Look, Tone};
use crate::number::{cents, counted};
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
            page += &self.suggestions(suggestions);
        }
        page + &self.difference()
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

    fn suggestions(&self, all: &Suggestions) -> String {
        let heading = format!("What would bring back most, in {}", all.currency);
        let mut page = self.look.heading(&heading);
        if all.best.is_empty() {
            page += "  nothing that was held before, and that you can ask for, brings anything back\n";
        }
        for suggestion in &all.best {
            page += &self.suggestion(suggestion, &all.currency);
        }
        if !all.best.is_empty() {
            let proof = if all.exhaustive {
                "no three of the candidates bring more: every set was weighed, or ruled out"
            } else {
                "the best that was found; there are too many candidates to weigh every set"
            };
            let sum = format!("  together {} {}: ", cents(&all.brings), all.currency);
            page += &self.look.hang(&sum, 4, proof);
        }
        if !all.others.is_empty() {
            page += &self.look.heading("What else brings something");
            for suggestion in all.others.iter().take(FEW) {
                page += &self.suggestion(suggestion, &all.currency);
            }
        }
        if !all.left.is_empty() {
            page += &self.look.heading("What stays missed: nothing that was held before brings it back");
            for left in &all.left {
                page += &format!("  {:>9} {}  {}\n", cents(&left.missed), all.currency, left.reason);
            }
        }
        page + "\n" + &self.look.hang("  ", 2, all.fairness)
    }

    fn suggestion(&self, suggestion: &Suggestion, currency: &str) -> String {
        let days = u64::try_from(suggestion.days.len()).unwrap_or_default();
        let by_day = suggestion.per_day.as_ref().map(|money| format!(" ({} a day)", cents(money)));
        let money = format!(
            "{} {currency} on {}{}; the {} can do it",
            cents(&suggestion.brings),
            counted(days, "day"),
            by_day.unwrap_or_default(),
            suggestion.who.as_str(),
        );
        let says = self.look.hang("  ", 4, &suggestion.says);
        says + &self.look.paint(Tone::Good, &self.look.hang("    ", 6, &money))
    }
}

fn signed(amount: &Amount) -> String {
    if amount.is_zero() || amount.is_negative() { cents(amount) } else { format!("+{}", cents(amount)) }
}
