//! The part of the statement's page that says where the money is and what to do about it.

use azure_pec::{Calendar, ReasonSums};

use crate::look::{Tone, shorten};
use crate::number::cents;
use crate::statement_page::{StatementPage, name};
use crate::table::{Align, Columns};

/// Subscriptions and steps shown.
const FEW: usize = 5;
/// A subscription's name is shown so far.
const NAME_WIDTH: usize = 30;

impl StatementPage<'_> {
    /// The subscriptions with the most missed and unknown.
    pub fn worst(&self) -> String {
        let worst: Vec<&Calendar> =
            self.calendars.iter().filter(|calendar| !calendar.at_stake().is_zero()).take(FEW).collect();
        if worst.len() < 2 {
            return String::new();
        }
        let mut table = Columns::new(
            &self.look,
            &[
                ("subscription", Align::Left),
                ("missed", Align::Right),
                ("unknown", Align::Right),
                ("", Align::Left),
                ("mostly", Align::Words),
            ],
        );
        for calendar in worst {
            for total in &calendar.totals {
                let most = self
                    .rows_at_stake(&calendar.reasons)
                    .into_iter()
                    .find(|row| row.currency == total.currency);
                table.row(&[
                    (shorten(&name(calendar), NAME_WIDTH), Tone::Plain),
                    (cents(&total.missed), Tone::Bad),
                    (cents(&total.unknown), Tone::Doubtful),
                    (total.currency.clone(), Tone::Plain),
                    (most.map_or("", |row| row.reason).to_owned(), Tone::Plain),
                ]);
            }
        }
        self.look.heading("Subscriptions with the most missed or unknown") + &table.render()
    }

    /// The missed and unknown rows that have money in them, the most first.
    fn rows_at_stake<'r>(&self, rows: &'r [ReasonSums]) -> Vec<&'r ReasonSums> {
        let at_stake =
            |row: &&ReasonSums| ["missed", "unknown"].contains(&row.outcome) && !row.potential.is_zero();
        let mut rows: Vec<&ReasonSums> = rows.iter().filter(at_stake).collect();
        rows.sort_by(|a, b| b.potential.cmp(&a.potential));
        rows
    }

    /// What would mend the most, with the command that shows it.
    pub fn next_steps(&self) -> String {
        let rows = self.rows_at_stake(&self.body.reasons);
        if rows.is_empty() {
            return String::new();
        }
        let mut page = self.look.heading("What to do next, most money first");
        for row in rows.into_iter().take(FEW) {
            let remedy =
                row.reason().and_then(|reason| self.rule.words(reason)).map(|row| row.remedy.as_str());
            let money = format!("  {:>9} {}  ", cents(&row.potential), row.currency);
            let remedy = remedy.map_or(row.reason.to_owned(), |words| format!("{words} ({})", row.reason));
            page += &self.look.wrap(&money, &remedy);
            if let Some(calendar) = self.most_of(row) {
                let subscription = self.shortest_name(calendar);
                let since = self.since.map(|day| day.to_string());
                let since = since.as_deref().map(|day| ("since", day));
                let options: Vec<_> =
                    [("subscription", subscription.as_str())].into_iter().chain(since).collect();
                let command = self.command.line(&self.look, 4, "explain", &options);
                page += &self.look.paint(Tone::Quiet, &command);
            }
        }
        page
    }

    /// The subscription that holds the most of a row.
    fn most_of(&self, row: &ReasonSums) -> Option<&Calendar> {
        let own = |calendar: &Calendar| {
            let mut rows = calendar.reasons.iter();
            let same = |one: &&ReasonSums| (&one.currency, one.reason) == (&row.currency, row.reason);
            rows.find(same).map(|row| row.potential.clone())
        };
        let known = self.calendars.iter().rev().filter(|calendar| !calendar.subscription.is_empty());
        known
            .filter_map(|calendar| Some((own(calendar)?, calendar)))
            .max_by(|a, b| a.0.cmp(&b.0))
            .map(|best| best.1)
    }

    /// What `--subscription` finds the subscription by: its name where no other has the same, else its id.
    fn shortest_name(&self, calendar: &Calendar) -> String {
        let same = self.calendars.iter().filter(|other| other.name == calendar.name).count();
        calendar.name.clone().filter(|_| same == 1).unwrap_or_else(|| calendar.subscription.clone())
    }
}
