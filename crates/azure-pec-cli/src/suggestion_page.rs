//! Suggestions for people.

use azure_pec::{Suggestion, Suggestions};

use crate::look::{Look, Tone};
use crate::number::{cents, counted};

/// Further suggestions shown.
const FEW: usize = 12;

impl Look {
    /// Suggestions with their money.
    pub fn suggestions(&self, all: &Suggestions) -> String {
        let heading = format!("What would bring back most, in {}", all.currency);
        let mut page = self.heading(&heading);
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
            page += &self.hang(&sum, 4, proof);
        }
        if !all.others.is_empty() {
            page += &self.heading("What else brings something");
            for suggestion in all.others.iter().take(FEW) {
                page += &self.suggestion(suggestion, &all.currency);
            }
        }
        if !all.left.is_empty() {
            page += &self.heading("What stays missed: nothing that was held before brings it back");
            for left in &all.left {
                page += &format!("  {:>9} {}  {}\n", cents(&left.missed), all.currency, left.reason);
            }
        }
        page + "\n" + &self.hang("  ", 2, all.fairness)
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
        let says = self.hang("  ", 4, &suggestion.says);
        says + &self.paint(Tone::Good, &self.hang("    ", 6, &money))
    }
}
