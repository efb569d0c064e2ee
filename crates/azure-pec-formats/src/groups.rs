//! The table of groups of a statement.

use std::fmt::Write;
use std::ops::Range;
use std::path::Path;

use azure_pec::{GroupRow, Groups, StatementBody};

use crate::error::{Error, Fault, Place};
use crate::output::TableFile;

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];
/// Groups that one thread writes out at once.
const STRETCH: usize = 1 << 15;

/// Writes the groups as `.csv` or `.csv.gz`, with the names that they have in the JSON. The rows are put together on so
/// many threads; they are the same whatever the number.
///
/// # Errors
/// `usage.arguments` for a statement without groups and for another ending, `output.write_failed`.
pub fn write_groups(body: &StatementBody, path: &Path, threads: usize) -> Result<(), Error> {
    let Some(groups) = &body.groups else {
        let problem = "the statement has no groups; name the keys to group by".to_owned();
        return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
    };
    let header: Vec<&str> = groups.keys().iter().map(|key| key.name()).chain(SUMS).collect();
    let mut table = TableFile::create(path, &header)?.into_records()?;
    let stretches: Vec<Range<usize>> =
        (0..groups.len()).step_by(STRETCH).map(|start| start..(start + STRETCH).min(groups.len())).collect();
    for round in stretches.chunks(threads.max(1)) {
        for records in records_of(groups, round) {
            table.write(records.as_bytes())?;
        }
    }
    table.finish()
}

/// The records of each stretch, in the order of the stretches.
fn records_of(groups: &Groups, stretches: &[Range<usize>]) -> Vec<String> {
    let [first, others @ ..] = stretches else { return Vec::new() };
    std::thread::scope(|scope| {
        let others: Vec<_> =
            others.iter().map(|stretch| scope.spawn(|| records(groups.range(stretch.clone())))).collect();
        let own = records(groups.range(first.clone()));
        let joined = others.into_iter().map(|worker| match worker.join() {
            Ok(records) => records,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    })
}

fn records<'g>(rows: impl Iterator<Item = GroupRow<'g>>) -> String {
    let mut records = String::new();
    for row in rows {
        for (_, value) in row.values() {
            push_text(&mut records, value);
        }
        for text in [row.currency, row.outcome, row.reason] {
            push_text(&mut records, text);
        }
        // A text takes whatever is written to it.
        let _ = write!(records, "{},{},", row.lines, row.list_amount);
        let start = records.len();
        let _ = write!(records, "{}", row.potential);
        // What earned is credited whole.
        let potential = start..records.len();
        records.push(',');
        if row.credit == row.potential {
            records.extend_from_within(potential);
        } else {
            let _ = write!(records, "{}", row.credit);
        }
        records.push('\n');
    }
    records
}

/// A text and the comma behind it, in quotes where it needs them.
fn push_text(records: &mut String, text: &str) {
    if text.bytes().any(|byte| matches!(byte, b'"' | b',' | b'\n' | b'\r')) {
        records.push('"');
        records.push_str(&text.replace('"', "\"\""));
        records.push('"');
    } else {
        records.push_str(text);
    }
    records.push(',');
}
