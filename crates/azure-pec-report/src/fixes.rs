//! What would bring the most, the most first.

use azure_pec::{Amount, Calendar, ReasonSums, Rule};

use crate::places::Places;

/// One thing to do.
#[derive(Debug, Clone)]
pub struct Fix {
    /// In words.
    pub says: String,
    /// Missed, or unknown.
    pub outcome: &'static str,
    /// The code of the reason that it mends.
    pub reason: &'static str,
    /// The reason in words.
    pub because: String,
    /// What it would bring: missed credit that would be had, or unknown credit that would be settled.
    pub amount: Amount,
    /// The pricing currency.
    pub currency: String,
    /// How many subscriptions it concerns.
    pub subscriptions: usize,
    /// The subscription with the most of it.
    pub subscription: String,
    /// That one's name.
    pub name: String,
}

/// The fixes that the reasons name: one for each reason that something was missed or unknown for.
pub fn of_reasons(reasons: &[ReasonSums], calendars: &[Calendar], places: &Places, rule: &Rule) -> Vec<Fix> {
    let open = |row: &&ReasonSums| matches!(row.outcome, "missed" | "unknown") && !row.potential.is_zero();
    let mut fixes: Vec<Fix> =
        reasons.iter().filter(open).map(|row| of_reason(row, calendars, places, rule)).collect();
    fixes.sort_by(|a, b| b.amount.cmp(&a.amount));
    fixes
}

fn of_reason(row: &ReasonSums, calendars: &[Calendar], places: &Places, rule: &Rule) -> Fix {
    let words = row.reason().and_then(|reason| rule.words(reason));
    let own = |calendar: &Calendar| -> Option<Amount> {
        let same = |one: &&ReasonSums| {
            (one.currency.as_str(), one.outcome, one.reason)
                == (row.currency.as_str(), row.outcome, row.reason)
        };
        calendar.reasons.iter().find(same).map(|one| one.potential.clone())
    };
    let touched: Vec<(Amount, &str)> = calendars
        .iter()
        .filter_map(|calendar| Some((own(calendar)?, calendar.subscription.as_str())))
        .collect();
    let (_, most) = touched.iter().rev().max_by(|a, b| a.0.cmp(&b.0)).cloned().unwrap_or_default();
    Fix {
        says: words.map_or_else(|| row.reason.to_owned(), |words| words.remedy.clone()),
        outcome: row.outcome,
        reason: row.reason,
        because: words.map(|words| words.says.clone()).unwrap_or_default(),
        amount: row.potential.clone(),
        currency: row.currency.clone(),
        subscriptions: touched.len(),
        subscription: most.to_owned(),
        name: places.subscription(most).to_owned(),
    }
}
