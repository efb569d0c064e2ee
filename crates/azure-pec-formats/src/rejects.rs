//! The table of rejected lines.

use std::path::Path;

use azure_pec::{Calculator, CreditBatch, UsageBatch};

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::output::{Amounts, TableFile};
use crate::run::BatchSink;
use crate::sniff::REJECTS;
use crate::usage::Reject;

/// Writes every rejected line as it comes, as `.csv` or `.csv.gz`: file, line, column, code, message and the record as
/// it stood. Memory does not grow with them.
pub struct RejectsWriter {
    table: TableFile,
}

impl std::fmt::Debug for RejectsWriter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RejectsWriter").finish_non_exhaustive()
    }
}

impl RejectsWriter {
    /// Begins the table.
    ///
    /// # Errors
    /// `usage.arguments` for another ending, `output.write_failed`.
    pub fn create(path: &Path) -> Result<Self, Error> {
        Ok(Self { table: TableFile::create(path, &REJECTS, Amounts::default())? })
    }

    /// Puts the whole table in its place.
    ///
    /// # Errors
    /// `output.write_failed`.
    pub fn finish(self) -> Result<(), Error> {
        self.table.finish()
    }
}

impl BatchSink for RejectsWriter {
    fn fields(&self) -> FieldSet {
        FieldSet::EMPTY
    }

    fn list_prices(&self) -> bool {
        false
    }

    fn take(&mut self, _: &str, _: &UsageBatch, _: &CreditBatch, _: &Calculator) -> Result<(), Error> {
        Ok(())
    }

    fn reject(&mut self, Reject { error, record }: &Reject) -> Result<(), Error> {
        let place = &error.place;
        self.table.row([
            place.file.as_deref().unwrap_or_default(),
            &place.line.map(|line| line.to_string()).unwrap_or_default(),
            place.column.as_deref().unwrap_or_default(),
            error.code(),
            &error.fault.to_string(),
            record,
        ])
    }
}
