//! The files of a question, loaded and compiled, and a run over their usage.

use std::sync::Arc;

use azure_pec::{Calculator, Reconciliation};

use super::request::{Request, arguments};
use crate::error::{Error, Fault, Place};
use crate::inputs::Inputs;
use crate::load::{load, load_by_role};
use crate::reconcile::{ReconcileOptions, Reconciled, reconcile};
use crate::rejects::RejectsWriter;
use crate::run::{BatchSink, Run, RunOptions, Sinks, run};
use crate::watch::Watch;

/// Everything that a question needs but its usage, read.
#[derive(Debug)]
pub struct Job {
    /// What the files said, and the usage to read.
    pub inputs: Inputs,
    /// The calculator of it.
    pub calculator: Arc<Calculator>,
    watch: Watch,
}

impl Job {
    /// Reads everything but the usage.
    ///
    /// # Errors
    /// As [`load`](crate::load()), [`Request::check_outputs`] and [`Inputs::calculator`].
    pub fn open(request: &Request, watch: &Watch) -> Result<Self, Error> {
        let inputs = load(&request.paths, &request.load_options(watch))?;
        request.check_outputs(&inputs)?;
        let calculator = Arc::new(inputs.calculator()?);
        Ok(Self::new(inputs, calculator, watch))
    }

    /// Reads everything but usage and invoices, of every kind by its role; the calculator rates by the price list, as
    /// bills are made.
    ///
    /// # Errors
    /// As [`load_by_role`](crate::load_by_role()), [`Request::check_outputs`] and [`Inputs::calculator`].
    pub fn open_by_role(request: &Request, watch: &Watch) -> Result<Self, Error> {
        let inputs = load_by_role(&request.paths, &request.load_options(watch))?;
        request.check_outputs(&inputs)?;
        let calculator = rating_bills(&inputs.calculator()?)?;
        Ok(Self::new(inputs, Arc::new(calculator), watch))
    }

    pub(super) fn new(inputs: Inputs, calculator: Arc<Calculator>, watch: &Watch) -> Self {
        watch.add_total(inputs.usage.iter().map(|file| file.source.packed_bytes()).sum());
        Self { inputs, calculator, watch: watch.clone() }
    }

    /// Reads the usage through. Rejected lines go into the table that the request names; whether they are too many is
    /// for the caller to ask ([`Run::check_rejects`]). Of the options only keys and days count: the request says the
    /// others. `progress` is told as in [`run`](crate::run()).
    ///
    /// # Errors
    /// As [`run`](crate::run()); `usage.arguments` for days that are none; `output.write_failed`.
    pub fn run(
        &self,
        request: &Request,
        options: RunOptions,
        sink: Option<&mut dyn BatchSink>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Run, Error> {
        self.run_by(&self.calculator, request, options, sink, progress)
    }

    /// As [`run`](Job::run), by another calculator than the job's own.
    pub(super) fn run_by(
        &self,
        calculator: &Calculator,
        request: &Request,
        options: RunOptions,
        sink: Option<&mut dyn BatchSink>,
        progress: &(dyn Fn(u64) + Sync),
    ) -> Result<Run, Error> {
        if let (Some(from), Some(to)) = (options.from, options.to)
            && to < from
        {
            return Err(arguments(format!("no day is from {from} to {to}")));
        }
        let (allow_rejected, threads) = (request.allow_rejected, request.thread_count());
        let options = RunOptions { allow_rejected, threads, max_memory: request.max_memory, ..options };
        let mut writer = request.rejects.as_deref().map(RejectsWriter::create).transpose()?;
        let mut sinks = Sinks::default();
        sinks.0.extend(sink.map(|sink| sink as &mut dyn BatchSink));
        sinks.0.extend(writer.as_mut().map(|writer| writer as &mut dyn BatchSink));
        // Without a sink the files are read on all threads.
        let sink = (!sinks.0.is_empty()).then_some(&mut sinks as &mut dyn BatchSink);
        let run = run(&self.inputs, calculator, &options, sink, &|bytes| self.tell(bytes, progress))?;
        writer.map_or(Ok(()), RejectsWriter::finish)?;
        Ok(run)
    }

    /// Reads usage and invoices through; rejected lines as in [`run`](Job::run).
    ///
    /// # Errors
    /// As [`reconcile`](crate::reconcile()); `output.write_failed`.
    pub fn reconcile(&self, request: &Request, progress: &(dyn Fn(u64) + Sync)) -> Result<Reconciled, Error> {
        let mut writer = request.rejects.as_deref().map(RejectsWriter::create).transpose()?;
        // Each thread keeps sums of its own: one, unless more are asked for.
        let threads = request.threads.map_or(1, std::num::NonZeroUsize::get);
        let options = ReconcileOptions { threads };
        let progress = |bytes| self.tell(bytes, progress);
        let read = reconcile(&self.inputs, &self.calculator, &options, writer.as_mut(), &progress)?;
        writer.map_or(Ok(()), RejectsWriter::finish)?;
        Ok(read)
    }

    /// Ends the job without giving its memory back piece by piece: for a process that ends now, and takes it along at
    /// once.
    pub fn leave(self) {
        let Self { inputs, calculator, .. } = self;
        std::mem::forget((calculator, inputs.prices, inputs.access));
    }

    /// Looks forward to reading the usage once more.
    pub(super) fn expect_again(&self) {
        self.watch.add_total(self.inputs.usage.iter().map(|file| file.source.packed_bytes()).sum());
    }

    fn tell(&self, bytes: u64, progress: &dyn Fn(u64)) {
        self.watch.add(bytes);
        progress(bytes);
    }
}

/// The calculator that bills are rated by.
pub(super) fn rating_bills(calculator: &Calculator) -> Result<Calculator, Error> {
    Reconciliation::calculator(calculator).map_err(|error| Fault::Value(error).at(Place::default()))
}
