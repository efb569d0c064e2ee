//! Files and their portions, worked on by several threads: one file keeps all of them busy, as do many.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::error::Error;
use crate::side_by_side::{side_by_side, worth};
use crate::source::Source;
use crate::worker::{FileRun, Job, OpenFile};

/// The files of a run that are still to be worked on.
struct Queue<'f> {
    files: &'f [&'f Source],
    /// There are more threads than files: one that unpacks a file holds all others up.
    unpacks_ahead: bool,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// The next file to open. Files are opened in order and finished once opened: the first that fails is the same in
    /// every run.
    next: usize,
    /// Files that are being opened: whoever has nothing to do waits for them.
    opening: usize,
    /// Files of which there may be more to read.
    open: Vec<(usize, Arc<OpenFile>)>,
    failed: bool,
}

enum Task<'f> {
    Open(usize, &'f Source),
    Share(usize, Arc<OpenFile>),
}

/// Works through the files on so many threads. Each begins with a worker's memory and takes a new file, or else a share in
/// one that is open. Gives the memories, and what became of each file that was opened, in their order.
pub(crate) fn in_parallel<M: Send>(
    job: &Job<'_>,
    files: &[&Source],
    threads: usize,
    begin: impl Fn() -> M + Sync,
    share: impl Fn(&mut M, &OpenFile) -> Result<FileRun, Error> + Sync,
) -> (Vec<M>, Vec<Result<FileRun, Error>>) {
    let bytes: u64 = files.iter().map(|file| file.packed_bytes()).sum();
    let threads = threads.clamp(1, worth(bytes));
    let unpacks_ahead = files.len() < threads;
    let queue = Queue { files, unpacks_ahead, state: Mutex::default(), changed: Condvar::new() };
    let work = || {
        let (mut memory, mut done) = (begin(), Vec::new());
        while let Some(task) = queue.next() {
            let (at, file) = match task {
                Task::Share(at, file) => (at, Ok(file)),
                Task::Open(at, source) => (at, queue.open(job, at, source)),
            };
            let run = file.and_then(|file| share(&mut memory, &file));
            queue.close(at, run.is_err());
            done.push((at, run));
        }
        (memory, done)
    };
    let (mut memories, mut runs) = (Vec::new(), BTreeMap::new());
    for (memory, done) in side_by_side(vec![work; threads]) {
        memories.push(memory);
        for (at, run) in done {
            let whole = match (runs.remove(&at), run) {
                (Some(Ok(whole)), Ok(part)) => Ok(FileRun::together(whole, part)),
                (Some(Err(error)), _) | (_, Err(error)) => Err(error),
                (None, run) => run,
            };
            runs.insert(at, whole);
        }
    }
    (memories, runs.into_values().map(|run| run.map(FileRun::finished)).collect())
}

impl<'f> Queue<'f> {
    fn state(&self) -> MutexGuard<'_, State> {
        // No state is left half changed where a thread panics.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to do next; nothing where all files are worked on to their ends.
    fn next(&self) -> Option<Task<'f>> {
        let mut state = self.state();
        loop {
            let at = state.next;
            if let Some(source) = self.files.get(at).filter(|_| !state.failed) {
                state.next += 1;
                state.opening += 1;
                return Some(Task::Open(at, source));
            }
            if let Some((at, file)) = state.open.first() {
                return Some(Task::Share(*at, Arc::clone(file)));
            }
            if state.opening == 0 {
                return None;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn open(&self, job: &Job<'_>, at: usize, source: &Source) -> Result<Arc<OpenFile>, Error> {
        // Also where opening panics, nobody is to wait for it.
        let _opened = Opening(self);
        let ahead = self.unpacks_ahead.then(|| source.unpacked_ahead());
        let file = Arc::new(OpenFile::open(job, ahead.as_ref().unwrap_or(source))?);
        self.state().open.push((at, Arc::clone(&file)));
        Ok(file)
    }

    /// Nothing is left to read of a file.
    fn close(&self, at: usize, failed: bool) {
        let mut state = self.state();
        state.open.retain(|(other, _)| *other != at);
        state.failed |= failed;
    }
}

struct Opening<'q>(&'q Queue<'q>);

impl Drop for Opening<'_> {
    fn drop(&mut self) {
        self.0.state().opening -= 1;
        self.0.changed.notify_all();
    }
}
