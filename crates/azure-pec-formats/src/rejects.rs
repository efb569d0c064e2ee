//! The table of rejected lines.

use std::path::Path;

use crate::error::Error;
use crate::output::TableFile;
use crate::sniff::REJECTS;
use crate::usage::Reject;

/// Writes what was rejected as `.csv` or `.csv.gz`: file, line, column, code, message and the record as it stood.
///
/// # Errors
/// `usage.arguments` for another ending, `output.write_failed`.
pub fn write_rejects(rejects: &[Reject], path: &Path) -> Result<(), Error> {
    let mut table = TableFile::create(path, &REJECTS)?;
    for Reject { error, record } in rejects {
        let place = &error.place;
        table.row([
            place.file.as_deref().unwrap_or_default(),
            &place.line.map(|line| line.to_string()).unwrap_or_default(),
            place.column.as_deref().unwrap_or_default(),
            error.code(),
            &error.fault.to_string(),
            record,
        ])?;
    }
    table.finish()
}
