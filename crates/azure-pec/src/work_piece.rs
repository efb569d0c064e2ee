//! Pieces of work that others do, on as many threads as they have: the core knows no thread.

use std::fmt;

/// A piece of work, to be done beside the others or after them, in any order.
///
/// One that is dropped is done then: so none can be left out.
///
/// ```
/// use azure_pec::{Calculator, GroupKey, Statement, WorkPiece};
///
/// // All on this thread; a service would hand them to its own.
/// let one_by_one = |pieces: Vec<WorkPiece<'_>>| pieces.into_iter().for_each(WorkPiece::work);
/// let calculator = Calculator::builder().build()?;
/// let body = Statement::new(&[GroupKey::Date]).into_body_by(&calculator, one_by_one);
/// assert!(body.groups.is_some_and(|groups| groups.is_empty()));
/// # Ok::<(), azure_pec::Error>(())
/// ```
pub struct WorkPiece<'w>(Option<Box<dyn FnOnce() + Send + 'w>>);

impl<'w> WorkPiece<'w> {
    pub(crate) fn new(work: impl FnOnce() + Send + 'w) -> Self {
        Self(Some(Box::new(work)))
    }

    /// Does it.
    pub fn work(self) {
        drop(self);
    }
}

impl fmt::Debug for WorkPiece<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WorkPiece").finish_non_exhaustive()
    }
}

impl Drop for WorkPiece<'_> {
    fn drop(&mut self) {
        if let Some(work) = self.0.take() {
            work();
        }
    }
}

/// Does all of them, one after the other.
pub(crate) fn one_by_one(pieces: Vec<WorkPiece<'_>>) {
    pieces.into_iter().for_each(WorkPiece::work);
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn every_piece_is_done_once() {
        let done = AtomicUsize::new(0);
        let pieces = || {
            let piece = |_| WorkPiece::new(|| _ = done.fetch_add(1, Ordering::Relaxed));
            (0..3).map(piece).collect::<Vec<_>>()
        };
        one_by_one(pieces());
        assert_eq!(done.swap(0, Ordering::Relaxed), 3);
        pieces().into_iter().skip(1).for_each(WorkPiece::work);
        assert_eq!(done.load(Ordering::Relaxed), 3);
    }
}
