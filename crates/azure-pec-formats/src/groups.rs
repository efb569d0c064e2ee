//! The table of groups of a statement.

use std::borrow::Borrow;
use std::path::Path;

use azure_pec::{GroupKey, GroupSums, StatementBody};

use crate::error::{Error, Fault, Place};
use crate::output::{Amounts, TableFile};

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];

/// Writes the groups as `.csv`, `.csv.gz` or, with the feature of that name, `.parquet`, with the names that they have in
/// the JSON.
///
/// # Errors
/// `usage.arguments` for a statement without groups and for another ending, `output.write_failed`,
/// `amount.too_precise`.
pub fn write_groups(body: &StatementBody, path: &Path, amounts: Amounts) -> Result<(), Error> {
    let Some(groups) = &body.groups else {
        let problem = "the statement has no groups; name the keys to group by".to_owned();
        return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
    };
    let first = groups.first().map(|group| group.keys.as_slice()).unwrap_or_default();
    let keys: Vec<GroupKey> = first.iter().map(|(key, _)| *key).collect();
    write_group_rows(&keys, groups, path, amounts)
}

/// Writes groups one by one as they come, each with the values of these keys.
///
/// # Errors
/// As [`write_groups`].
pub fn write_group_rows<G: Borrow<GroupSums>>(
    keys: &[GroupKey],
    groups: impl IntoIterator<Item = G>,
    path: &Path,
    amounts: Amounts,
) -> Result<(), Error> {
    let header: Vec<&str> = keys.iter().map(|key| key.name()).chain(SUMS).collect();
    let mut table = TableFile::create(path, &header, amounts)?;
    for group in groups {
        let GroupSums { keys, sums } = group.borrow();
        for (_, value) in keys {
            table.field(value)?;
        }
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
