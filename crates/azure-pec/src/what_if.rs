//! `azure-pec/what-if/1`: what would be, had something been otherwise.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::calculator::Calculator;
use crate::change::Change;
use crate::day::{Instant, Interval};
use crate::difference::StatementDifference;
use crate::error::Error;
use crate::fix::Suggestions;
use crate::forecast::{Forecast, month_end};
use crate::statement_document::{InputSummary, Period, StatementBody, Totals};
use crate::transfer_check::TransferCheck;

/// `azure-pec/what-if/1`.
#[derive(Debug, Clone, Serialize)]
pub struct WhatIfDocument {
    /// `azure-pec/what-if/1`.
    pub schema: &'static str,
    /// What the same data and changes always give, to the byte.
    pub body: WhatIfBody,
    /// SHA-256 of the body as compact JSON.
    pub body_sha256: String,
    /// What was read.
    pub inputs: Vec<InputSummary>,
}

/// The body of a what-if.
#[derive(Debug, Clone, Serialize)]
pub struct WhatIfBody {
    /// The changes, in the order in which they were made.
    pub changes: Vec<Change>,
    /// The sums by currency without them.
    pub before: Vec<Totals>,
    /// What the statement with the changes says more.
    pub difference: StatementDifference,
    /// What was suggested; the changes are then the best of each currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suggestions: Option<Vec<Suggestions>>,
    /// The moves asked for, each checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transfers: Option<Vec<TransferCheck>>,
    /// The open month, with the changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forecast: Option<Forecast>,
    /// The statement with the changes, as [`StatementDocument`](crate::StatementDocument) has it.
    pub statement: StatementBody,
}

impl WhatIfBody {
    /// Of two statements of the same usage, without and with the changes, both grouped by at least date and subscription.
    #[must_use]
    pub fn new(changes: Vec<Change>, before: &StatementBody, after: StatementBody) -> Self {
        let difference = StatementDifference::new(before, &after);
        let statement = StatementBody { groups: None, ..after };
        let (suggestions, transfers, forecast) = (None, None, None);
        let before = before.totals.clone();
        Self { changes, before, difference, suggestions, transfers, forecast, statement }
    }
}

impl WhatIfDocument {
    /// The document of a body and what it was read from.
    #[must_use]
    pub fn new(body: WhatIfBody, mut inputs: Vec<InputSummary>) -> Self {
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let body_sha256 = digest(&body);
        Self { schema: "azure-pec/what-if/1", body, body_sha256, inputs }
    }

    /// The document as it is printed: two-space indents, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

impl Calculator {
    /// Refuses grants and revocations that no day of the usage could tell of; `forecast`: nor any other of its last month.
    ///
    /// # Errors
    /// `date.invalid`.
    pub fn check_within(&self, changes: &[Change], period: &Period, forecast: bool) -> Result<(), Error> {
        let (Some(first), Some(last)) = (period.first, period.last) else { return Ok(()) };
        let last = if forecast { month_end(last) } else { last };
        let usage = Interval { start: self.span(first).start, end: self.span(last).end };
        for change in changes {
            let span = match change {
                Change::AddGrant { grant } => grant.interval(),
                Change::Revoke { at: Some(at), .. } => Interval { start: *at, end: Instant::MAX },
                _ => continue,
            };
            if span.intersection(&usage).is_none_or(|both| both.is_empty()) {
                return Err(Error::DateInvalid {
                    expected: "a span that meets the days of the usage",
                    found: format!("{span}, and usage from {first} to {last}"),
                });
            }
        }
        Ok(())
    }
}

/// SHA-256 of a body as compact JSON.
pub(crate) fn digest(body: &impl Serialize) -> String {
    let text = serde_json::to_vec(body).unwrap_or_default();
    Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect()
}
