//! The table of lines in record batches, worked out on a thread of its own while they are read.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;

use super::compiled::Compiled;
use super::refused::Refused;
use super::request::{Request, arguments};
use crate::error::{Fault, Place};
use crate::lines::LinesWriter;
use crate::run::{BatchSink, RunOptions};
use crate::source::Source;
use crate::watch::Watch;

/// Batches that may be ready before somebody takes them.
const AHEAD: usize = 2;

/// The rows of `--lines`, as record batches with the contract's columns and types. Dropped, the work stops.
#[derive(Debug)]
pub struct LineBatches {
    schema: SchemaRef,
    batches: Receiver<RecordBatch>,
    work: Option<JoinHandle<Result<(), Refused>>>,
    watch: Watch,
}

impl LineBatches {
    /// Begins a run over the usage of the request's paths and over `usage`.
    ///
    /// # Errors
    /// As [`Compiled::ask`], for what is known before the first line; `usage.arguments` for tables that the request
    /// wants besides.
    pub fn begin(
        compiled: &Compiled,
        request: Request,
        usage: Vec<Source>,
        watch: Watch,
    ) -> Result<Self, Refused> {
        if request.lines.is_some() || request.groups.is_some() {
            return Err(arguments("lines that are handed on are not written too").into());
        }
        let job = compiled.job(&request, usage, &watch)?;
        let (sender, batches) = sync_channel(AHEAD);
        let schema = Arc::new(LinesWriter::schema(request.amounts));
        let work = move || -> Result<(), Refused> {
            // Where nobody takes the lines any more, the work ends.
            let emit = move |batch| sender.send(batch).map_err(|_| Fault::Cancelled.at(Place::default()));
            let calculator = Arc::clone(&job.calculator);
            let mut lines = LinesWriter::batches(&calculator, request.amounts, Box::new(emit));
            let sink: Option<&mut dyn BatchSink> = Some(&mut lines);
            let run = job.run(&request, RunOptions::by(&[], (request.from, request.to)), sink, &|_| ())?;
            lines.finish()?;
            Refused::over_rejects(&run, request.allow_rejected)
        };
        let work = Some(std::thread::spawn(work));
        Ok(Self { schema, batches, work, watch })
    }

    /// The columns and their types.
    #[must_use]
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}

impl Iterator for LineBatches {
    type Item = Result<RecordBatch, Refused>;

    /// The next batch; at the end, once, what went wrong.
    fn next(&mut self) -> Option<Self::Item> {
        if let Ok(batch) = self.batches.recv() {
            return Some(Ok(batch));
        }
        match self.work.take()?.join() {
            Ok(Ok(())) => None,
            Ok(Err(refused)) => Some(Err(refused)),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for LineBatches {
    fn drop(&mut self) {
        self.watch.stop();
    }
}
