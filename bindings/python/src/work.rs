//! Long work: without the interpreter's lock, stopped by Ctrl-C, told of as it goes on.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use azure_pec_formats::Watch;
use pyo3::prelude::*;

/// So often Ctrl-C is looked for and progress told.
const TICK: Duration = Duration::from_millis(50);

/// Does the work on a thread of its own. `progress` is called with the bytes read and all bytes to read.
///
/// # Errors
/// `KeyboardInterrupt`, or what `progress` raised; the work is stopped first.
pub fn watched<T: Send>(
    py: Python<'_>,
    progress: Option<Py<PyAny>>,
    work: impl FnOnce(&Watch) -> T + Send,
) -> PyResult<T> {
    let watch = Watch::default();
    py.detach(|| {
        std::thread::scope(|scope| {
            let (done, is_done) = channel::<()>();
            let worker = scope.spawn(|| {
                let answer = work(&watch);
                drop(done);
                answer
            });
            let mut raised = None;
            while raised.is_none() && is_done.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                raised = Python::attach(|py| tick(py, progress.as_ref(), &watch)).err();
            }
            if raised.is_some() {
                watch.stop();
            }
            let answer = match worker.join() {
                Ok(answer) => answer,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            match raised {
                Some(error) => Err(error),
                None => {
                    Python::attach(|py| tick(py, progress.as_ref(), &watch))?;
                    Ok(answer)
                }
            }
        })
    })
}

fn tick(py: Python<'_>, progress: Option<&Py<PyAny>>, watch: &Watch) -> PyResult<()> {
    py.check_signals()?;
    if let Some(progress) = progress {
        progress.call1(py, (watch.read(), watch.total()))?;
    }
    Ok(())
}
