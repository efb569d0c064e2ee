//! The table of groups of a statement.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use azure_pec::{GroupRow, Groups, StatementBody};

use crate::error::{Error, Fault, Place};
use crate::output::{Amounts, RowsApart, RowsFile, TableFile};

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];
/// Groups that one thread writes out at once.
const STRETCH: usize = 1 << 15;

/// Writes the groups as `.csv`, `.csv.gz` or, with the feature of that name, `.parquet`, with the names that they have in
/// the JSON. The rows are put together on so many threads; they are the same whatever the number.
///
/// # Errors
/// `usage.arguments` for a statement without groups and for another ending, `output.write_failed`,
/// `amount.too_precise`.
pub fn write_groups(
    body: &StatementBody,
    path: &Path,
    threads: usize,
    amounts: Amounts,
) -> Result<(), Error> {
    let Some(groups) = &body.groups else {
        let problem = "the statement has no groups; name the keys to group by".to_owned();
        return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
    };
    let header: Vec<&str> = groups.keys().iter().map(|key| key.name()).chain(SUMS).collect();
    let mut table = TableFile::create(path, &header, amounts)?.into_rows()?;
    let stretches: Vec<Range<usize>> =
        (0..groups.len()).step_by(STRETCH).map(|start| start..(start + STRETCH).min(groups.len())).collect();
    for round in stretches.chunks(threads.max(1)) {
        for rows in rows_of(groups, round, &table) {
            table.add(rows.map_err(|error| in_file(error, path))?)?;
        }
    }
    table.finish()
}

fn in_file(mut error: Error, path: &Path) -> Error {
    error.place.file = Some(path.to_string_lossy().into_owned());
    error
}

/// The rows of each stretch, in the order of the stretches.
fn rows_of(groups: &Groups, stretches: &[Range<usize>], table: &RowsFile) -> Vec<Result<RowsApart, Error>> {
    let [first, others @ ..] = stretches else { return Vec::new() };
    std::thread::scope(|scope| {
        let others: Vec<_> = others
            .iter()
            .map(|stretch| {
                let room = table.apart();
                scope.spawn(|| rows(groups.range(stretch.clone()), room))
            })
            .collect();
        let own = rows(groups.range(first.clone()), table.apart());
        let joined = others.into_iter().map(|worker| match worker.join() {
            Ok(rows) => rows,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    })
}

fn rows<'g>(groups: impl Iterator<Item = GroupRow<'g>>, mut rows: RowsApart) -> Result<RowsApart, Error> {
    let mut number = String::new();
    for group in groups {
        for (_, value) in group.values() {
            rows.field(value)?;
        }
        for text in [group.currency, group.outcome, group.reason] {
            rows.field(text)?;
        }
        let numbers: [&dyn std::fmt::Display; 4] =
            [&group.lines, &group.list_amount, &group.potential, &group.credit];
        for shown in numbers {
            number.clear();
            // A text takes whatever is written to it.
            let _ = write!(number, "{shown}");
            rows.field(&number)?;
        }
        rows.end_row()?;
    }
    Ok(rows)
}
