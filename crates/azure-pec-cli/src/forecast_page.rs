//! The open month for people.

use azure_pec::Forecast;

use crate::look::{Look, Tone};
use crate::number::{cents, counted};
use crate::table::{Align, Columns};
use crate::transfer_page::range;

impl Look {
    /// What the month comes to.
    pub fn forecast(&self, forecast: &Forecast) -> String {
        let days = counted(u64::from(forecast.days_to_come), "day");
        let heading = format!(
            "{}, known to {}: {days} to come, to {}",
            forecast.month, forecast.known_to, forecast.last
        );
        let columns = [
            ("", Align::Left),
            ("so far", Align::Right),
            ("to come", Align::Right),
            ("the month", Align::Right),
            ("", Align::Left),
        ];
        let mut table = Columns::new(self, &columns);
        for money in &forecast.money {
            let rows = [
                ("earned", &money.so_far.earned, &money.to_come.earned, &money.month.earned, Tone::Good),
                ("missed", &money.so_far.missed, &money.to_come.missed, &money.month.missed, Tone::Bad),
                (
                    "unknown",
                    &money.so_far.unknown,
                    &money.to_come.unknown,
                    &money.month.unknown,
                    Tone::Doubtful,
                ),
            ];
            for (name, so_far, to_come, month, tone) in rows {
                table.row(&[
                    (name.to_owned(), tone),
                    (cents(so_far), Tone::Plain),
                    (range(to_come), Tone::Plain),
                    (range(month), tone),
                    (money.currency.clone(), Tone::Quiet),
                ]);
            }
            table.row(&[
                ("at risk by ends and moves".to_owned(), Tone::Bad),
                (String::new(), Tone::Plain),
                (range(&money.at_risk), Tone::Bad),
                (String::new(), Tone::Plain),
                (money.currency.clone(), Tone::Quiet),
            ]);
        }
        let mut page = self.heading(&heading) + &table.render();
        if !forecast.risks.is_empty() {
            page += &self.heading("What ends or moves before the month does");
        }
        for risk in &forecast.risks {
            let money = format!(
                "  {} {} on {}  ",
                range(&risk.costs),
                risk.currency,
                counted(u64::from(risk.days), "day")
            );
            page += &self.hang(&money, 4, &risk.says);
        }
        page += &self.heading("What is assumed");
        for assumption in &forecast.assumptions {
            page += &self.hang("  - ", 4, assumption);
        }
        page
    }
}
