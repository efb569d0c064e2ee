//! Usage and invoices into a reconciliation, each file by its role.
//!
//! Daily rated usage is what the invoice is held against, and Cost Management the second witness; where there is only one
//! kind of usage, it is the first. The lines of invoices come after the usage.

use std::sync::atomic::AtomicU64;

use azure_pec::{Calculator, CreditBatch, Reconciliation, Statement, UsageBatch};

use crate::error::{Error, Fault, Place};
use crate::field_set::FieldSet;
use crate::inputs::{Inputs, UsageFile, summary_of};
use crate::invoice::InvoiceReader;
use crate::kind::Kind;
use crate::manifest::compare_rows;
use crate::overlap::{Sketch, refuse_invoices_twice, refuse_overlap};
use crate::queue;
use crate::rejects::RejectsWriter;
use crate::run::{BatchSink, Run, RunOptions};
use crate::usage::Reject;
use crate::worker::{FileRun, Job, OpenFile, Worker};

/// How a reconciliation is read.
#[derive(Debug)]
pub struct ReconcileOptions {
    /// How many files to work on at once, at least 1.
    pub threads: usize,
}

/// Everything read: [`Reconciliation::finish`] makes the document's body of it.
#[derive(Debug)]
pub struct Reconciled {
    /// The sums.
    pub reconciliation: Reconciliation,
    /// The rejects and the inputs; its statement is empty.
    pub run: Run,
}

/// Reads usage and invoices once through. `calculator` is the one of
/// [`Reconciliation::calculator`]. The result is the same whatever the number of threads.
///
/// # Errors
/// `input.usage_missing`; a file that cannot be read whole; `input.usage_overlap` where two files of one kind hold the same
/// usage, or the same lines of an invoice; `fx.overlap`. Rejected lines are no error here: see [`Run::check_rejects`].
pub fn reconcile(
    inputs: &Inputs,
    calculator: &Calculator,
    options: &ReconcileOptions,
    rejects: Option<&mut RejectsWriter>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Reconciled, Error> {
    let Some(first) = first_kind(inputs) else {
        return Err(inputs.usage_missing());
    };
    let second = (first == Kind::UsageDailyRated
        && inputs.usage.iter().any(|file| file.kind == Kind::UsageCostManagement))
    .then_some(Kind::UsageCostManagement);
    let empty = Reconciliation::new(second.is_some());
    let mut runs: Vec<Option<FileRun>> = inputs.usage.iter().map(|_| None).collect();
    let mut rejects = rejects;
    let mut whole = empty.clone();
    for kind in [Some(first), second].into_iter().flatten() {
        let files: Vec<(usize, &UsageFile)> =
            inputs.usage.iter().enumerate().filter(|(_, file)| file.kind == kind).collect();
        let reader = Reader { calculator, files: &files, witness: kind != first, progress };
        let (part, done) = reader.read(&empty, options.threads, rejects.as_deref_mut())?;
        whole.merge(part).map_err(value)?;
        for (at, run) in done {
            if let Some(place) = runs.get_mut(at) {
                *place = Some(run);
            }
        }
    }
    if whole.is_in_doubt() {
        for kind in [Some(first), second].into_iter().flatten() {
            look_again(&mut whole, inputs, calculator, (kind, kind != first))?;
        }
    }
    let mut summaries = inputs.files.clone();
    let (mut all_rejects, mut rejected, mut read) = (Vec::new(), 0, Vec::new());
    for (run, file) in runs.into_iter().zip(&inputs.usage) {
        let Some(summary) = summary_of(&mut summaries, file.source.name()) else { continue };
        let Some(run) = run else {
            summary.notes.push("not used: the other usage stands for it".to_owned());
            continue;
        };
        (summary.records, summary.used, summary.rejected) = (run.records, run.used, run.rejected);
        summary.notes.extend(run.notes);
        rejected += run.rejected;
        all_rejects.extend(run.rejects);
        read.push(file.source.name());
    }
    for (code, message) in compare_rows(&inputs.manifests, read.into_iter(), &mut summaries) {
        whole.note(code, message, 1);
    }
    let mut sketches = Vec::new();
    for file in &inputs.invoices {
        let mut reader = InvoiceReader::open(&file.source)?;
        let mut sketch = Sketch::new(Sketch::keys_for(inputs.invoices.len()));
        while let Some(next) = reader.next()? {
            match next {
                Ok(line) => {
                    sketch.add_invoice_line(&line);
                    whole.invoice(line);
                }
                Err(reject) => {
                    if let Some(writer) = rejects.as_deref_mut() {
                        writer.reject(&reject)?;
                    }
                    all_rejects.push(reject);
                }
            }
        }
        rejected += reader.rejected();
        if let Some(summary) = summary_of(&mut summaries, file.source.name()) {
            summary.records = reader.records();
            summary.rejected = reader.rejected();
            summary.used = summary.records - summary.rejected;
            summary.notes.extend(reader.notes());
        }
        sketches.push((file.source.name(), sketch));
    }
    refuse_invoices_twice(&sketches.iter().map(|(name, sketch)| (*name, sketch)).collect::<Vec<_>>())?;
    whole.exchange_rates(inputs.exchange_rates()?).map_err(value)?;
    for (code, message) in &inputs.warnings {
        whole.note(code, message, 1);
    }
    whole.note("rejects.allowed", "lines that could not be read were left out, as was allowed", rejected);
    let run = Run {
        statement: Statement::new(&[]),
        beside: None,
        rejects: all_rejects,
        rejected,
        inputs: summaries,
    };
    Ok(Reconciled { reconciliation: whole, run })
}

/// Reads the usage of a kind once more, for the days on which two exports differ.
fn look_again(
    whole: &mut Reconciliation,
    inputs: &Inputs,
    calculator: &Calculator,
    (kind, second): (Kind, bool),
) -> Result<(), Error> {
    let options = RunOptions::default();
    let reader = Reader { calculator, files: &[], witness: second, progress: &|_| () };
    let job = reader.job(&options, Reconciliation::fields().collect());
    let mut worker = Worker::for_sink(&job);
    let mut sink = SecondLook { reconciliation: whole, second };
    for file in inputs.usage.iter().filter(|file| file.kind == kind) {
        worker.file(&file.source, Some(&mut sink))?;
    }
    Ok(())
}

/// Hands batches to a reconciliation once more.
struct SecondLook<'w> {
    reconciliation: &'w mut Reconciliation,
    second: bool,
}

impl BatchSink for SecondLook<'_> {
    fn fields(&self) -> FieldSet {
        Reconciliation::fields().collect()
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        self.reconciliation.look_again(file, batch, credits, (self.second, calculator));
        Ok(())
    }
}

/// The usage that invoices are held against.
#[must_use]
pub fn first_kind(inputs: &Inputs) -> Option<Kind> {
    let kinds = [Kind::UsageDailyRated, Kind::UsageCostManagement, Kind::UsageFocus];
    kinds.into_iter().find(|kind| inputs.usage.iter().any(|file| file.kind == *kind))
}

fn value(error: azure_pec::Error) -> Error {
    Fault::Value(error).at(Place::default())
}

/// Files of one kind and what they are read for.
pub(crate) struct Reader<'r> {
    pub calculator: &'r Calculator,
    pub files: &'r [(usize, &'r UsageFile)],
    pub witness: bool,
    pub progress: &'r (dyn Fn(u64) + Sync),
}

type Done = Vec<(usize, FileRun)>;

impl Reader<'_> {
    fn read(
        &self,
        empty: &Reconciliation,
        threads: usize,
        rejects: Option<&mut RejectsWriter>,
    ) -> Result<(Reconciliation, Done), Error> {
        let options = RunOptions { threads, ..RunOptions::default() };
        let job = self.job(&options, Reconciliation::fields().collect());
        let (mut whole, mut done) = (empty.clone(), Vec::new());
        if threads == 1 || rejects.is_some() {
            let mut worker = Worker::for_sink(&job);
            let mut sink = Filler { reconciliation: whole, witness: self.witness, rejects };
            for (at, file) in self.files {
                done.push((*at, worker.file(&file.source, Some(&mut sink))?));
            }
            whole = sink.reconciliation;
        } else {
            let sources: Vec<_> = self.files.iter().map(|(_, file)| &file.source).collect();
            let begin = || {
                let sink = Filler { reconciliation: empty.clone(), witness: self.witness, rejects: None };
                (Worker::for_sink(&job), sink)
            };
            let share = |(worker, sink): &mut (Worker<'_>, Filler<'_>), file: &OpenFile| {
                worker.share(file, Some(sink))
            };
            let (shares, runs) = queue::in_parallel(&job, &sources, threads, begin, share);
            for (_, sink) in shares {
                whole.merge(sink.reconciliation).map_err(value)?;
            }
            let places = self.files.iter().map(|(at, _)| *at);
            done = places.zip(runs).map(|(at, run)| Ok((at, run?))).collect::<Result<Done, Error>>()?;
        }
        let sketches = done
            .iter()
            .zip(self.files)
            .filter_map(|((_, run), (_, file))| Some((file.source.name(), run.sketch.as_ref()?)));
        refuse_overlap(&sketches.collect::<Vec<_>>())?;
        Ok((whole, done))
    }

    pub(crate) fn job<'j>(&'j self, options: &'j RunOptions, more: FieldSet) -> Job<'j> {
        let wanted: FieldSet = Calculator::fields().collect();
        Job {
            calculator: self.calculator,
            options,
            wanted: wanted.union(more),
            further: FieldSet::EMPTY,
            progress: self.progress,
            sketch_keys: (self.files.len() > 1).then(|| Sketch::keys_for(self.files.len())),
            says_prices: false,
            list_prices: true,
            held: AtomicU64::new(0),
        }
    }
}

/// Hands batches to a reconciliation.
struct Filler<'w> {
    reconciliation: Reconciliation,
    witness: bool,
    rejects: Option<&'w mut RejectsWriter>,
}

impl BatchSink for Filler<'_> {
    fn fields(&self) -> FieldSet {
        Reconciliation::fields().collect()
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        if self.witness {
            self.reconciliation.witness(batch, credits);
        } else {
            self.reconciliation.usage(file, batch, credits, calculator);
        }
        Ok(())
    }

    fn reject(&mut self, reject: &Reject) -> Result<(), Error> {
        self.rejects.as_deref_mut().map_or(Ok(()), |writer| writer.reject(reject))
    }
}
