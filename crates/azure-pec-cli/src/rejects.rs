//! The lines that could not be read: the first few are shown, all are written where asked.

use std::path::Path;

use azure_pec_formats::{Error, Reject, Run};

use crate::number::counted;
use crate::output;

const SHOWN: usize = 20;
const COLUMNS: [&str; 6] = ["file", "line", "column", "code", "message", "record"];

/// Shows the first of them on standard error.
pub fn show(run: &Run, json: bool) {
    for Reject { error, .. } in run.rejects.iter().take(SHOWN) {
        if json {
            output::say_json("rejected", error);
        } else {
            output::say(&format!("rejected[{}]: {error}", error.code()));
        }
    }
    let more = run.rejected.saturating_sub(SHOWN as u64);
    if more > 0 && !json {
        output::say(&format!("... and {} more", counted(more, "rejected line")));
    }
}

/// Writes all of them as CSV.
pub fn write(path: &Path, rejects: &[Reject]) -> Result<(), Error> {
    let rows = rejects.iter().map(|Reject { error, record }| {
        let place = error.place.clone();
        [
            place.file.unwrap_or_default(),
            place.line.map(|line| line.to_string()).unwrap_or_default(),
            place.column.unwrap_or_default(),
            error.code().to_owned(),
            error.fault.to_string(),
            record.trim_end().to_owned(),
        ]
    });
    output::write_file(path, &COLUMNS, rows)
}
