//! The table of groups of a statement.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::ScopedJoinHandle;

use azure_pec::{Calculator, Groups, Statement, StatementBody, WorkPiece};

use crate::csv_rows::Known;
use crate::error::{Error, Fault, Place};
use crate::output::{Amounts, Room, RowsApart, RowsFile, TableFile};
use crate::side_by_side::each_side_by_side;

/// The columns behind the keys.
const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];
/// Groups that are put together at once.
const STRETCH: usize = 1 << 13;
/// Stretches that a thread may be ahead of the one that writes.
const AHEAD: usize = 4;
/// Outcomes, reasons and currencies that are remembered as they stand in a stretch: there are few of them.
const CLASSES: usize = 32;

/// The [body](Statement::into_body) of a statement that is done, its groups put in order on so many threads; it is the same
/// whatever the number.
#[must_use]
pub fn body_on(threads: usize, statement: Statement, calculator: &Calculator) -> StatementBody {
    statement.into_body_by(calculator, |pieces| {
        each_side_by_side(threads, pieces, WorkPiece::work);
    })
}

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

/// Each thread puts every so-manieth stretch together, and this one adds them to the table in their order. What it wrote is
/// brought to the disk meanwhile, which spares the end the wait.
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
        let (written, awaited) = sync_channel(1);
        let settled = table.file().map(|file| {
            scope.spawn(move || awaited.iter().try_for_each(|()| -> io::Result<()> { file.sync_data() }))
        });
        let in_order = (0..count).zip(workers.iter().cycle());
        for (_, worker) in in_order {
            // A worker ends early only where it panics, and then its scope does.
            let Ok(rows) = worker.recv() else { break };
            table.add(rows?)?;
            // Whoever is not done with what was written before will see to this with the next.
            let _ = written.try_send(());
        }
        drop(written);
        match settled.map(ScopedJoinHandle::join) {
            Some(Ok(done)) => done.map_err(|error| table.failed(&error)),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    })
}

fn rows(groups: &Groups, stretch: Range<usize>, room: &Room) -> Result<RowsApart, Error> {
    let mut rows = room.rows(stretch.len());
    let (mut heads, mut classes) = (Known::at_most(1), Known::at_most(CLASSES));
    // The last key tells groups apart that stand side by side; those before it are mostly the same.
    let before = groups.keys().len().saturating_sub(1);
    groups.range(stretch).try_for_each(|group| {
        let mut values = group.values().map(|(_, value)| value);
        rows.fields(&mut heads, values.by_ref().take(before))?;
        values.try_for_each(|value| rows.field(value))?;
        rows.fields(&mut classes, [group.currency, group.outcome, group.reason].into_iter())?;
        rows.number(group.lines)?;
        rows.amount(&group.list_amount)?;
        // What earned is its potential.
        rows.amounts(&group.potential, &group.credit)?;
        rows.end_row();
        Ok(())
    })?;
    Ok(rows)
}
