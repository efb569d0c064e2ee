//! Libraries that panic over broken data.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught where it is expected.
    static IS_EXPECTED: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs a reader that is not proof against every broken file; none where it panicked. Nothing of that panic is told on
/// standard error: it is the file's fault, and told as such. Panics of everybody else are told as before.
pub(crate) fn guarded<T>(read: impl FnOnce() -> T) -> Option<T> {
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !IS_EXPECTED.get() {
                before(panic);
            }
        }));
    });
    let outer = IS_EXPECTED.replace(true);
    let done = catch_unwind(AssertUnwindSafe(read));
    IS_EXPECTED.set(outer);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_nothing_read_and_what_is_read_is_given() {
        assert_eq!(guarded(|| 1), Some(1));
        assert_eq!(guarded(|| Vec::<u8>::new().remove(0)), None);
        assert!(!IS_EXPECTED.get());
    }
}
