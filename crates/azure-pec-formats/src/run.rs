//! Usage files through the calculator to a statement.

use std::sync::atomic::AtomicU64;

use azure_pec::{
    Calculator, CreditBatch, Day, Field, GroupKey, InputSummary, PriceSource, Statement, UsageBatch,
};

use crate::error::{Error, Fault, Place};
use crate::field_set::FieldSet;
use crate::inputs::{Inputs, UsageFile, summary_of};
use crate::manifest::compare_rows;
use crate::overlap::{Sketch, refuse_overlap};
use crate::queue;
use crate::usage::Reject;
use crate::worker::{FileRun, Job, OpenFile, Statements, Worker, doubted};

/// What a run is to do.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// The keys to group by.
    pub by: Vec<GroupKey>,
    /// The keys of a second statement of the same lines, [`Run::beside`]; none where there are none.
    pub beside: Vec<GroupKey>,
    /// The first day to take.
    pub from: Option<Day>,
    /// The last day to take.
    pub to: Option<Day>,
    /// How many lines may be rejected: what the caller hands to [`Run::check_rejects`].
    pub allow_rejected: u64,
    /// How many threads work at once, at least 1.
    pub threads: usize,
    /// So many bytes may sums and what is remembered of texts take, about; more ends the run. None is no limit.
    pub max_memory: Option<u64>,
}

impl Default for RunOptions {
    /// Every line, in one sum, on one thread.
    fn default() -> Self {
        Self {
            by: Vec::new(),
            beside: Vec::new(),
            from: None,
            to: None,
            allow_rejected: 0,
            threads: 1,
            max_memory: None,
        }
    }
}

impl RunOptions {
    /// The lines of these days, summed up by these keys.
    #[must_use]
    pub fn by(keys: &[GroupKey], (from, to): (Option<Day>, Option<Day>)) -> Self {
        Self { by: keys.to_vec(), from, to, ..Self::default() }
    }
}

/// Whatever wants to see each line with its credit, files in the order of their paths, lines in order.
pub trait BatchSink {
    /// The texts that it needs.
    fn fields(&self) -> FieldSet;

    /// Whether it looks at the lines' own list prices. Under `price_source = list` they are of no weight, and not read for
    /// the sake of a sink that says no.
    fn list_prices(&self) -> bool {
        true
    }

    /// Takes the lines of a batch.
    ///
    /// # Errors
    /// `output.write_failed`; it ends the run.
    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error>;

    /// Takes a line that could not be read; passed over where a sink does not care.
    ///
    /// # Errors
    /// `output.write_failed`; it ends the run.
    fn reject(&mut self, _reject: &Reject) -> Result<(), Error> {
        Ok(())
    }
}

/// Several sinks of one run.
#[derive(Default)]
pub struct Sinks<'s>(pub Vec<&'s mut dyn BatchSink>);

impl std::fmt::Debug for Sinks<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Sinks").field(&self.0.len()).finish()
    }
}

impl BatchSink for Sinks<'_> {
    fn fields(&self) -> FieldSet {
        self.0.iter().fold(FieldSet::EMPTY, |all, sink| all.union(sink.fields()))
    }

    fn list_prices(&self) -> bool {
        self.0.iter().any(|sink| sink.list_prices())
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|sink| sink.take(file, batch, credits, calculator))
    }

    fn reject(&mut self, reject: &Reject) -> Result<(), Error> {
        self.0.iter_mut().try_for_each(|sink| sink.reject(reject))
    }
}

/// How a run came out. Before anything of the statement is shown, [`Run::check_rejects`] has to be asked.
#[derive(Debug)]
pub struct Run {
    /// The sums.
    pub statement: Statement,
    /// The same lines by the keys of [`RunOptions::beside`], without what the statement has to note.
    pub beside: Option<Statement>,
    /// The lines that could not be read, in the order of the files and lines; the first 1,000 of each file; a
    /// [`RejectsWriter`](crate::RejectsWriter) sees all.
    pub rejects: Vec<Reject>,
    /// How many lines could not be read, all counted.
    pub rejected: u64,
    /// Every file, with its counts.
    pub inputs: Vec<InputSummary>,
}

impl Run {
    /// Whether so few lines were rejected that the statement may be shown. The run itself does not fail over them, so
    /// that the rejects can be written down first.
    ///
    /// # Errors
    /// `rejects.too_many`.
    pub fn check_rejects(&self, allowed: u64) -> Result<(), Error> {
        if self.rejected <= allowed {
            return Ok(());
        }
        Err(Fault::TooManyRejects { rejected: self.rejected, allowed }.at(Place::default()))
    }
}

/// Reads the usage through and sums it up: once, and where tiers are rated and a sink wants the lines, twice, as a line's
/// amount is known when its whole month was seen. Under tiers, days of the first month before `from` are read too: they
/// move the tiers. `progress` is told the bytes read since it was last told, of the files
/// as they are packed ([`Source::packed_bytes`](crate::Source::packed_bytes)).
///
/// The statement, the rejects and the inputs are the same whatever the number of threads. With a sink there is one
/// thread, since a sink sees the lines in order.
///
/// # Errors
/// `input.usage_missing`; a usage file that cannot be read whole; `memory.exceeded`; `input.usage_overlap` where two files hold the same
/// usage; what the sink says. Rejected lines are no error here: see [`Run::check_rejects`].
pub fn run(
    inputs: &Inputs,
    calculator: &Calculator,
    options: &RunOptions,
    sink: Option<&mut dyn BatchSink>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Run, Error> {
    if inputs.usage.is_empty() {
        return Err(inputs.usage_missing());
    }
    let by: Vec<GroupKey> = options.by.iter().chain(&options.beside).copied().collect();
    let mut wanted: FieldSet = Calculator::fields().chain(Statement::fields(&by)).collect();
    if let Some(sink) = &sink {
        wanted = wanted.union(sink.fields());
    }
    let mut further: FieldSet = match calculator.rates_tiers() && sink.is_some() {
        true => Field::ALL.iter().copied().collect(),
        false => Statement::further_fields(calculator, &by).into_iter().collect(),
    };
    // Those of tiers are read of lines of tiered meters alone.
    if !calculator.rates_tiers() {
        wanted = wanted.union(std::mem::take(&mut further));
    }
    let by_line = calculator.policy().price_source == PriceSource::Line;
    let job = Job {
        calculator,
        options,
        wanted,
        further: further.difference(wanted.union(doubted())),
        progress,
        // One file cannot overlap, and a sketch costs time.
        sketch_keys: (inputs.usage.len() > 1).then(|| Sketch::keys_for(inputs.usage.len())),
        says_prices: by_line && !calculator.has_prices(),
        // Where tiers are rated, lines are told apart by them.
        list_prices: by_line
            || calculator.rates_tiers()
            || sink.as_ref().is_some_and(|sink| sink.list_prices()),
        held: AtomicU64::new(0),
    };
    let (mut statements, files) = match sink {
        Some(sink) if calculator.rates_tiers() => in_two_passes(&job, &inputs.usage, sink)?,
        Some(sink) => in_order(&job, &inputs.usage, sink)?,
        None => in_parallel(&job, &inputs.usage, &job.statements())?,
    };
    let sketches = files
        .iter()
        .zip(&inputs.usage)
        .filter_map(|(run, file)| run.sketch.as_ref().map(|sketch| (file.source.name(), sketch)));
    refuse_overlap(&sketches.collect::<Vec<_>>())?;
    for (code, message) in &inputs.warnings {
        statements.asked.note(code, message);
    }
    Ok(put_together(inputs, statements, files))
}

fn put_together(inputs: &Inputs, statements: Statements, files: Vec<FileRun>) -> Run {
    let Statements { asked: mut statement, beside } = statements;
    let mut summaries = inputs.files.clone();
    let (mut rejects, mut rejected) = (Vec::new(), 0);
    for (run, file) in files.into_iter().zip(&inputs.usage) {
        rejected += run.rejected;
        rejects.extend(run.rejects);
        if let Some(summary) = summary_of(&mut summaries, file.source.name()) {
            summary.records = run.records;
            summary.used = run.used;
            summary.rejected = run.rejected;
            summary.notes.extend(run.notes);
        }
    }
    let read = inputs.usage.iter().map(|file| file.source.name());
    for (code, message) in compare_rows(&inputs.manifests, read, &mut summaries) {
        statement.note(code, message);
    }
    let message = "lines that could not be read were left out, as was allowed";
    statement.note_times("rejects.allowed", message, rejected);
    Run { statement, beside, rejects, rejected, inputs: summaries }
}

fn in_order(
    job: &Job<'_>,
    files: &[UsageFile],
    sink: &mut dyn BatchSink,
) -> Result<(Statements, Vec<FileRun>), Error> {
    let mut worker = Worker::new(job, job.statements());
    let runs: Result<Vec<FileRun>, Error> =
        files.iter().map(|file| worker.file(&file.source, Some(&mut *sink))).collect();
    Ok((worker.into_statements(), runs?))
}

/// The sums first, on all threads; then every line with the amounts that the sums gave it.
fn in_two_passes(
    job: &Job<'_>,
    files: &[UsageFile],
    sink: &mut dyn BatchSink,
) -> Result<(Statements, Vec<FileRun>), Error> {
    // The bytes are told as they are read for the sink.
    let sums = Job { progress: &|_| {}, sketch_keys: None, held: AtomicU64::new(0), ..*job };
    let (statements, _) = in_parallel(&sums, files, &job.statements().of_lines())?;
    let rating = statements.asked.rating(job.calculator);
    let runs: Result<Vec<FileRun>, Error> = {
        let mut worker = Worker::rating(job, rating);
        files.iter().map(|file| worker.file(&file.source, Some(&mut *sink))).collect()
    };
    let runs = runs?;
    Ok((statements, runs))
}

/// `empty` are sums without lines, as each worker starts with.
fn in_parallel(
    job: &Job<'_>,
    files: &[UsageFile],
    empty: &Statements,
) -> Result<(Statements, Vec<FileRun>), Error> {
    let sources: Vec<_> = files.iter().map(|file| &file.source).collect();
    let begin = || Worker::new(job, empty.clone());
    let share = |worker: &mut Worker<'_>, file: &OpenFile| worker.share(file, None);
    let (workers, runs) = queue::in_parallel(job, &sources, job.options.threads, begin, share);
    let (mut statements, threads) = (empty.clone(), workers.len());
    for worker in workers {
        statements.merge(worker.into_statements(), threads)?;
    }
    let runs: Result<Vec<FileRun>, Error> = runs.into_iter().collect();
    Ok((statements, runs?))
}
