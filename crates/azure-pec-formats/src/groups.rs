//! The table of groups of a statement.

use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};

use azure_pec::{Amount, Groups, StatementBody};

use crate::error::{Error, Fault, Place};
use crate::output::{Amounts, Room, RowsApart, RowsFile, TableFile};

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];
/// Groups that are put together at once.
const STRETCH: usize = 1 << 13;
/// After so many stretches they are brought to the disk, while others are put together.
const SETTLED: usize = 16;
/// Stretches that a thread may be ahead of the one that writes.
const AHEAD: usize = 4;

/// Writes the groups as `.csv`, `.csv.gz` or, with the feature of that name, `.parquet`, with the names that they have in
/// the JSON. The rows are put together on so many threads beside the one that writes, none where there is one; they are
/// the same whatever the number.
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
    let count = groups.len().div_ceil(STRETCH);
    if threads <= 1 {
        for at in 0..count {
            let rows = rows(groups, stretch(groups, at), &table.room());
            table.add(rows.map_err(|error| in_file(error, path))?)?;
        }
    } else {
        in_parallel(groups, threads.min(count), count, &mut table).map_err(|error| in_file(error, path))?;
    }
    table.finish()
}

fn in_file(mut error: Error, path: &Path) -> Error {
    error.place.file = Some(path.to_string_lossy().into_owned());
    error
}

/// The places of the groups of a stretch.
fn stretch(groups: &Groups, at: usize) -> Range<usize> {
    at * STRETCH..((at + 1) * STRETCH).min(groups.len())
}

/// Each thread puts every so-manieth stretch together, and this one adds them to the table in their order.
fn in_parallel(groups: &Groups, threads: usize, count: usize, table: &mut RowsFile) -> Result<(), Error> {
    std::thread::scope(|scope| {
        let workers: Vec<Receiver<Result<RowsApart, Error>>> = (0..threads)
            .map(|first| {
                let (done, taken) = sync_channel(AHEAD);
                let (own, room) = ((first..count).step_by(threads), table.room());
                scope.spawn(move || {
                    for at in own {
                        // Stops where nobody takes the rows any more.
                        if done.send(rows(groups, stretch(groups, at), &room)).is_err() {
                            return;
                        }
                    }
                });
                taken
            })
            .collect();
        let in_order = (0..count).zip(workers.iter().cycle());
        for (at, worker) in in_order {
            // A worker ends early only where it panics, and then its scope does.
            let Ok(rows) = worker.recv() else { break };
            table.add(rows?)?;
            if at % SETTLED == SETTLED - 1 {
                table.settle()?;
            }
        }
        Ok(())
    })
}

fn rows(groups: &Groups, stretch: Range<usize>, room: &Room) -> Result<RowsApart, Error> {
    let mut rows = room.rows(stretch.len());
    groups.range(stretch).try_for_each(|group| {
        for (_, value) in group.values() {
            rows.field(value)?;
        }
        rows.field(group.currency)?;
        rows.name(group.outcome)?;
        rows.name(group.reason)?;
        rows.amount(&Amount::new(group.lines.into(), 0))?;
        rows.amount(&group.list_amount)?;
        // What earned is its potential.
        rows.amounts(&group.potential, &group.credit)?;
        rows.end_row();
        Ok(())
    })?;
    Ok(rows)
}
