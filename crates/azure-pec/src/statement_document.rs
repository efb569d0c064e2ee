//! The statement as a document (`azure-pec/statement/1`).

use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::amount::Amount;
use crate::day::Day;
use crate::groups::Groups;
use crate::policy::Policy;
use crate::rule::RateRow;
use crate::verdict::Reason;

/// `azure-pec/statement/1`.
#[derive(Debug, Clone, Serialize)]
pub struct StatementDocument {
    /// `azure-pec/statement/1`.
    pub schema: &'static str,
    /// What the same data always gives, to the byte.
    pub body: StatementBody,
    /// SHA-256 of the body as compact JSON: `jq -cj .body | sha256sum`.
    pub body_sha256: String,
    /// What was read.
    pub inputs: Vec<InputSummary>,
}

impl StatementDocument {
    /// The document of a body and what it was read from.
    #[must_use]
    pub fn new(body: StatementBody, mut inputs: Vec<InputSummary>) -> Self {
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let body_sha256 = body.sha256();
        Self { schema: "azure-pec/statement/1", body, body_sha256, inputs }
    }

    /// The document as it is printed: two-space indents, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }

    /// Writes what [`to_json`](StatementDocument::to_json) gives, without holding it: a statement of many groups is large.
    ///
    /// # Errors
    /// What the writer says.
    pub fn write_json(&self, mut to: impl io::Write) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut to, self)?;
        to.write_all(b"\n")
    }
}

/// Takes a digest of what is written.
struct Digested(Sha256);

impl io::Write for Digested {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The body of a statement.
#[derive(Debug, Clone, Serialize)]
pub struct StatementBody {
    /// The first and last day of the usage.
    pub period: Period,
    /// By what rule.
    pub rule: RuleSummary,
    /// The sums by currency.
    pub totals: Vec<Totals>,
    /// The sums by currency, outcome and reason.
    pub reasons: Vec<ReasonSums>,
    /// The sums by the keys asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Groups>,
    /// What to know before trusting the numbers.
    pub warnings: Vec<Warning>,
}

impl StatementBody {
    /// SHA-256 of the body as compact JSON: `jq -cj .body | sha256sum`.
    #[must_use]
    pub fn sha256(&self) -> String {
        let mut digested = io::BufWriter::new(Digested(Sha256::new()));
        // Neither the body nor the digest refuses anything.
        let digest =
            serde_json::to_writer(&mut digested, self).ok().and_then(|()| digested.into_inner().ok());
        let digest = digest.map(|digested| digested.0.finalize()).unwrap_or_default();
        digest.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The days of the usage, both included.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Period {
    /// The first day.
    pub first: Option<Day>,
    /// The last day.
    pub last: Option<Day>,
}

/// The rule in a statement.
#[derive(Debug, Clone, Serialize)]
pub struct RuleSummary {
    /// The version of the rule data.
    pub version: String,
    /// The rates.
    pub rate: Vec<RateSummary>,
    /// The policy.
    pub policy: Policy,
}

/// A rate and its first day.
#[derive(Debug, Clone, Serialize)]
pub struct RateSummary {
    /// The first day.
    pub start: Day,
    /// The rate.
    pub rate: Amount,
}

impl From<&RateRow> for RateSummary {
    fn from(row: &RateRow) -> Self {
        Self { start: row.start, rate: row.rate.clone() }
    }
}

/// The sums of a currency.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    /// The pricing currency.
    pub currency: String,
    /// The number of lines.
    pub lines: u64,
    /// The list amounts.
    pub list_amount: Amount,
    /// The credits.
    pub earned: Amount,
    /// What the missed lines could have had.
    pub missed: Amount,
    /// What the unknown lines may have had.
    pub unknown: Amount,
    /// List amount less earned.
    pub net: Amount,
    /// Earned over earned, missed and unknown, cut to six decimals.
    pub coverage: Option<Amount>,
    /// What would be charged, by the policy `rounding`; none under `exact`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounded: Option<Vec<RoundedSums>>,
}

/// Sums as they are charged: rounded for each meter and month, then added up.
///
/// A charge is rounded once with and once without the credit; the credit is the difference. So it may be a cent more than
/// the exact one, and `list_amount` is always `credit` and `net` together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RoundedSums {
    /// The currency of the sums: the pricing currency, under `invoice_nested` the billing currency where the lines name
    /// their exchange rate.
    pub currency: String,
    /// The charge without any credit.
    pub list_amount: Amount,
    /// What the credit takes off, or would: in rows by reason.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub potential: Option<Amount>,
    /// What the credit takes off.
    pub credit: Amount,
    /// The charge.
    pub net: Amount,
}

impl Totals {
    pub(crate) fn of(currency: &str) -> Self {
        Self {
            currency: currency.to_owned(),
            lines: 0,
            list_amount: Amount::ZERO,
            earned: Amount::ZERO,
            missed: Amount::ZERO,
            unknown: Amount::ZERO,
            net: Amount::ZERO,
            coverage: None,
            rounded: None,
        }
    }
}

/// The sums of a reason.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonSums {
    /// The pricing currency.
    pub currency: String,
    /// The outcome.
    pub outcome: &'static str,
    /// The code of the reason.
    pub reason: &'static str,
    /// The number of lines.
    pub lines: u64,
    /// The list amounts.
    pub list_amount: Amount,
    /// List amount times rate; 0 for `never`.
    pub potential: Amount,
    /// The potential of what earned.
    pub credit: Amount,
    /// The same as charges, by the policy `rounding`; none under `exact` and in groups. Where several reasons without
    /// credit share a meter and month, which are charged as one, the sum of theirs may lie below the total's by less
    /// than the smallest coin for each of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounded: Option<Vec<RoundedSums>>,
}

impl ReasonSums {
    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        Reason::ALL.iter().find(|reason| reason.code() == self.reason).copied()
    }
}

/// Something to know before trusting the numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    /// The stable code.
    pub code: &'static str,
    /// In words; it names no file.
    pub message: String,
    /// How often.
    pub count: u64,
}

/// A file that was read or passed over.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InputSummary {
    /// The path, as it was given or found.
    pub path: String,
    /// The kind; none for a file that was passed over.
    pub kind: Option<String>,
    /// The records in it.
    pub records: u64,
    /// The records that took part.
    pub used: u64,
    /// The records that could not be read.
    pub rejected: u64,
    /// What there is to say of it.
    pub notes: Vec<String>,
}
