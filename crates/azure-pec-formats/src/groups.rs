//! The table of groups of a statement.

use std::path::Path;

use azure_pec::StatementBody;

use crate::error::{Error, Fault, Place};
use crate::output::TableFile;

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];

/// Writes the groups as `.csv` or `.csv.gz`, with the names that they have in the JSON.
///
/// # Errors
/// `usage.arguments` for a statement without groups and for another ending, `output.write_failed`.
pub fn write_groups(body: &StatementBody, path: &Path) -> Result<(), Error> {
    let Some(groups) = &body.groups else {
        let problem = "the statement has no groups; name the keys to group by".to_owned();
        return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
    };
    let keys = groups.first().map(|group| group.keys.as_slice()).unwrap_or_default();
    let header: Vec<&str> = keys.iter().map(|(key, _)| key.name()).chain(SUMS).collect();
    let mut table = TableFile::create(path, &header)?;
    for group in groups {
        for (_, value) in &group.keys {
            table.field(value)?;
        }
        let sums = &group.sums;
        table.row([
            sums.currency.as_str(),
            sums.outcome,
            sums.reason,
            &sums.lines.to_string(),
            &sums.list_amount.to_string(),
            &sums.potential.to_string(),
            &sums.credit.to_string(),
        ])?;
    }
    table.finish()
}
