//! A move between partners for people.

use azure_pec::{MoneyRange, Move, TransferCheck, TransferSums};

use crate::look::{Look, Tone};
use crate::number::cents;
use crate::table::{Align, Columns};

/// Days shown.
const FEW: usize = 31;

impl Look {
    /// What a move does to the credit.
    pub fn transfer(&self, check: &TransferCheck) -> String {
        let heading = format!("{} moves to {} at {}", check.subscription, check.to_partner, check.at);
        let mut page = self.heading(&heading);
        page += &self.hang(
            "  ",
            2,
            &format!("{} is the first day billed by {}", check.first_day, check.to_partner),
        );
        page += &self.sums(&[("before", &check.before), ("from then on", &check.after)]);
        if check.moves == Move::FromUs {
            return page + "  from then on the credit is not yours to earn\n";
        }
        if !check.days_at_risk.is_empty() {
            page += &self.heading("Days at risk");
            let columns =
                [("day", Align::Left), ("at risk", Align::Right), ("", Align::Left), ("reason", Align::Left)];
            let mut table = Columns::new(self, &columns);
            for day in check.days_at_risk.iter().take(FEW) {
                table.row(&[
                    (day.date.to_string(), Tone::Plain),
                    (cents(&day.potential), Tone::of_outcome(day.outcome.as_str())),
                    (day.currency.clone(), Tone::Quiet),
                    (day.reason.code().to_owned(), Tone::Plain),
                ]);
            }
            page += &table.render();
        }
        for open in &check.open_day {
            page += &format!("  each open day costs {} {}\n", range(&open.costs), open.currency);
        }
        if check.open_day.is_empty() && check.days_at_risk.is_empty() {
            page += "  nothing is at risk: the access is in place\n";
        }
        for suggestions in
            check.grant_before.iter().filter(|all| !all.brings.is_zero() || !all.left.is_empty())
        {
            page += &self.heading("To be granted before it moves");
            page += &self.suggestions(suggestions);
        }
        page
    }

    fn sums(&self, parts: &[(&str, &Vec<TransferSums>)]) -> String {
        let columns = [
            ("", Align::Left),
            ("days", Align::Right),
            ("earned", Align::Right),
            ("missed", Align::Right),
            ("unknown", Align::Right),
            ("not billed to you", Align::Right),
            ("", Align::Left),
        ];
        let mut table = Columns::new(self, &columns);
        for (name, sums) in parts {
            for sum in *sums {
                table.row(&[
                    ((*name).to_owned(), Tone::Plain),
                    (sum.days.to_string(), Tone::Plain),
                    (cents(&sum.sums.earned), Tone::Good),
                    (cents(&sum.sums.missed), Tone::Bad),
                    (cents(&sum.sums.unknown), Tone::Doubtful),
                    (cents(&sum.not_billed), Tone::Quiet),
                    (sum.currency.clone(), Tone::Quiet),
                ]);
            }
        }
        table.render()
    }
}

/// From the least to the most, or the one amount where they are the same.
pub fn range(range: &MoneyRange) -> String {
    let (low, high) = (cents(&range.low), cents(&range.high));
    if low == high { low } else { format!("{low} to {high}") }
}
