//! `azure-pec/inspection/1`: what was found among the files, and what is missing for an answer.

use serde::Serialize;

use crate::calculator::Calculator;
use crate::day::{Day, Instant, Interval};
use crate::error::Error;
use crate::grant::ObservedWindow;
use crate::statement_document::InputSummary;
use crate::usage::UsageLine;

/// `azure-pec/inspection/1`.
#[derive(Debug, Clone, Serialize)]
pub struct Inspection {
    /// `azure-pec/inspection/1`.
    pub schema: &'static str,
    /// What there is of each kind, in the order of their names.
    pub kinds: Vec<KindInspection>,
    /// From when to when access was observed, by place; a moment where both are the same, open where one is null.
    pub observed: Vec<ObservedWindow>,
    /// What is missing for an answer to everything, in words: usage, access, prices, partner, in this order.
    pub missing: Vec<String>,
    /// What could not be read: the rest is told as if it were not there.
    pub broken: Vec<InspectionFault>,
    /// Every file read or passed over, in the order of their paths.
    pub inputs: Vec<InputSummary>,
}

/// What could not be read, where and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InspectionFault {
    /// The stable code.
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// The file; none for what the files say together.
    pub file: Option<String>,
    /// The line.
    pub line: Option<u64>,
    /// The column or field.
    pub column: Option<String>,
    /// What to do.
    pub help: &'static str,
}

/// The files of one kind together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct KindInspection {
    /// The kind.
    pub kind: String,
    /// How many files.
    pub files: u64,
    /// The records in them.
    pub records: u64,
    /// The records that could not be read.
    pub rejected: u64,
    /// The first day: of usage, of any price, of what was observed. None where there is none or it is open.
    pub first: Option<Day>,
    /// The last day, itself included.
    pub last: Option<Day>,
    /// When access was exported, each time once, in order.
    pub taken_at: Vec<Instant>,
}

/// How far an absence of access could be proved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// Whether anything was observed of the place at any time, if only for a moment.
    pub any: bool,
    /// The parts of the time asked for of which nothing was observed, in order.
    pub gaps: Vec<Interval>,
}

impl Calculator {
    /// What was observed of the place of a line over a span of time; the line's date does not matter.
    ///
    /// # Errors
    /// `id.invalid` where the line names no place.
    pub fn observation(&self, line: &UsageLine, span: &Interval) -> Result<Observation, Error> {
        let sight = self.facts(line)?.sight;
        Ok(Observation {
            any: sight.first <= sight.last,
            gaps: sight.times.complement().within(span).intervals().to_vec(),
        })
    }
}
