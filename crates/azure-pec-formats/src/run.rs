//! Usage files through the calculator to a statement.

use azure_pec::{Calculator, CreditBatch, Day, GroupKey, InputSummary, Statement, UsageBatch};

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::load::Inputs;
use crate::usage::Reject;

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The keys to group by.
    pub by: Vec<GroupKey>,
    /// The first day to take.
    pub from: Option<Day>,
    /// The last day to take.
    pub to: Option<Day>,
    /// How many lines may be rejected.
    pub allow_rejected: u64,
    /// How many files to work on at once, at least 1.
    pub threads: usize,
}

/// Whatever wants to see each line with its credit, files in the order of their paths, lines in order.
pub trait BatchSink {
    /// The texts that it needs.
    fn fields(&self) -> FieldSet;

    /// Takes the lines of a batch.
    ///
    /// # Errors
    /// `output.write_failed`; it ends the run.
    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error>;
}

/// How a run came out.
#[derive(Debug)]
pub struct Run {
    /// The sums.
    pub statement: Statement,
    /// The lines that could not be read, in the order of the files and lines.
    pub rejects: Vec<Reject>,
    /// Every file, with its counts.
    pub inputs: Vec<InputSummary>,
}

/// Reads the usage once through and sums it up. `progress` is told the bytes read since it was last told.
///
/// # Errors
/// A usage file that cannot be read whole; `rejects.too_many`; `input.usage_overlap` where two files hold the same
/// usage; what the sink says.
pub fn run(
    _inputs: &Inputs,
    _calculator: &Calculator,
    options: &RunOptions,
    _sink: Option<&mut dyn BatchSink>,
    _progress: &(dyn Fn(u64) + Sync),
) -> Result<Run, Error> {
    Ok(Run { statement: Statement::new(&options.by), rejects: Vec::new(), inputs: Vec::new() })
}
