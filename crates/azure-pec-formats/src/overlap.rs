//! The same usage twice among the files of a run.

use azure_pec::UsageBatch;

use crate::error::Error;

/// What is kept of a file.
#[derive(Debug)]
pub(crate) struct Sketch;

impl Sketch {
    pub fn keys_for(_files: usize) -> usize {
        0
    }
    pub fn new(_keys: usize) -> Self {
        Self
    }
}

/// Adds batches to sketches.
#[derive(Debug, Default)]
pub(crate) struct Sketcher;

impl Sketcher {
    pub fn add(&mut self, _batch: &UsageBatch, _sketch: &mut Sketch) {}
}

/// Refuses.
pub(crate) fn refuse_overlap(_files: &[(&str, &Sketch)]) -> Result<(), Error> {
    Ok(())
}
