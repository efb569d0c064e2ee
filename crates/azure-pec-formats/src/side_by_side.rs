//! Pieces of work, each on a thread of its own.

use std::sync::{Mutex, PoisonError};

/// A thread more is worth its start for so many packed bytes.
const WORTH_A_THREAD: u64 = 128 * 1024;

/// So many threads are worth their start to read so many packed bytes.
pub(crate) fn worth(bytes: u64) -> usize {
    usize::try_from((bytes / WORTH_A_THREAD).saturating_add(1)).unwrap_or(usize::MAX)
}

/// Does all of them at once, the first on the caller's thread; what came of each, in their order.
pub(crate) fn side_by_side<T: Send>(work: Vec<impl FnOnce() -> T + Send>) -> Vec<T> {
    let mut work = work.into_iter();
    let Some(first) = work.next() else { return Vec::new() };
    std::thread::scope(|scope| {
        let others: Vec<_> = work.map(|piece| scope.spawn(piece)).collect();
        let own = first();
        let joined = others.into_iter().map(|other| match other.join() {
            Ok(done) => done,
            // A piece that panicked says what it panicked over, not that it did.
            Err(panic) => std::panic::resume_unwind(panic),
        });
        std::iter::once(own).chain(joined).collect()
    })
}

/// Does something with each item, on so many threads; whoever is done with one takes the next.
pub(crate) fn each_side_by_side<T: Send>(threads: usize, items: Vec<T>, each: impl Fn(T) + Sync) {
    let threads = threads.clamp(1, items.len().max(1));
    let items = Mutex::new(items.into_iter());
    let work = || {
        loop {
            // Nothing is left half taken where a thread panics.
            let next = items.lock().unwrap_or_else(PoisonError::into_inner).next();
            match next {
                Some(item) => each(item),
                None => return,
            }
        }
    };
    side_by_side(vec![work; threads]);
}
