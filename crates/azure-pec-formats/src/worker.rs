//! One worker of a run: file after file, batch after batch, with one memory of what it has seen.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use azure_pec::{
    Calculator, CreditBatch, Day, Field, GroupKey, Rating, Session, Statement, UsageBatch, WorkPiece,
};

use crate::error::{Error, Fault, Place};
use crate::field_set::FieldSet;
use crate::further::Further;
use crate::overlap::{Sketch, Sketcher};
use crate::run::{BatchSink, RunOptions};
use crate::side_by_side::each_side_by_side;
use crate::source::Source;
use crate::usage::{Reject, UsageInput, UsageReader};

/// Lines worked on at once: enough to pay for a batch, few enough to stay in the processor's cache.
const BATCH_LINES: usize = 8192;
/// So many rejects of a file are kept; all are counted, and a sink sees all.
const KEPT_REJECTS: usize = 1000;
/// A pool of more texts is let go between two batches: resource names of many files would stay otherwise.
const POOL_TEXTS: usize = 1_000_000;

/// What a reader doubts of a line, and the warning of it.
const DOUBTS: &[(Field, &str, &str)] = &[
    (
        Field::PriceBasis,
        "price.billing_currency",
        "the list price stands in the billing currency and does not come out even in the pricing currency: the \
         amounts are in the billing currency",
    ),
    (
        Field::QuantityDoubt,
        "quantity.block_size",
        "the quantity contradicts the line's own list cost, as in exports made before 2024-11, where it was divided by \
         the pricing block: the amounts may be far too small; export the period again",
    ),
];

/// What all workers have in common.
pub(crate) struct Job<'r> {
    pub calculator: &'r Calculator,
    pub options: &'r RunOptions,
    pub wanted: FieldSet,
    /// Those that only lines of tiered meters need.
    pub further: FieldSet,
    pub progress: &'r (dyn Fn(u64) + Sync),
    /// The number of keys of a file's sketch; none where no sketch is wanted.
    pub sketch_keys: Option<usize>,
    /// A file without list prices is to say so.
    pub says_prices: bool,
    /// The lines' own list prices are wanted.
    pub list_prices: bool,
    /// The bytes that all workers hold, where there is a limit to them.
    pub held: AtomicU64,
}

impl Job<'_> {
    /// The sums that every worker starts with.
    pub fn statements(&self) -> Statements {
        // Where tiers are rated, lines before the first day are seen, and count for tiers only.
        let start = self.options.from.filter(|_| self.calculator.rates_tiers());
        let by = |keys: &[GroupKey]| Statement::new(keys).starting(start);
        let beside = &self.options.beside;
        Statements { asked: by(&self.options.by), beside: (!beside.is_empty()).then(|| by(beside)) }
    }

    /// The first day to read: where tiers are rated, that of the month.
    fn first_read(&self) -> Option<Day> {
        let from = self.options.from;
        if self.calculator.rates_tiers() { from.map(Day::month_start) } else { from }
    }
}

/// The sums of a run.
#[derive(Debug, Clone)]
pub(crate) struct Statements {
    /// By the keys asked for.
    pub asked: Statement,
    /// The same lines by other keys.
    pub beside: Option<Statement>,
}

impl Statements {
    fn all(&mut self) -> impl Iterator<Item = &mut Statement> {
        std::iter::once(&mut self.asked).chain(&mut self.beside)
    }

    /// The same, of which single lines can be rated.
    pub fn of_lines(self) -> Self {
        Self { asked: self.asked.of_lines(), beside: self.beside }
    }

    /// Adds what another worker summed up in the same run, on so many threads.
    pub fn merge(&mut self, other: Self, threads: usize) -> Result<(), Error> {
        let others = std::iter::once(other.asked).chain(other.beside);
        let all = |pieces: Vec<WorkPiece<'_>>| each_side_by_side(threads, pieces, WorkPiece::work);
        let merged = self.all().zip(others).try_for_each(|(own, other)| own.merge_by(other, all));
        merged.map_err(|error| Fault::Value(error).at(Place::default()))
    }

    fn memory(&self) -> usize {
        self.asked.memory() + self.beside.as_ref().map_or(0, Statement::memory)
    }
}

/// What became of a file, or of a share of it.
#[derive(Debug, Default)]
pub(crate) struct FileRun {
    pub records: u64,
    pub used: u64,
    pub rejected: u64,
    pub rejects: Vec<Reject>,
    /// The portion of the file that each of them stands in.
    places: Vec<u64>,
    pub notes: Vec<String>,
    pub sketch: Option<Sketch>,
    strange_rates: u64,
}

impl FileRun {
    /// Two shares of one file.
    pub fn together(one: Self, other: Self) -> Self {
        Self {
            records: one.records + other.records,
            used: one.used + other.used,
            rejected: one.rejected + other.rejected,
            rejects: one.rejects.into_iter().chain(other.rejects).collect(),
            places: one.places.into_iter().chain(other.places).collect(),
            // Both say the same.
            notes: one.notes,
            sketch: one.sketch.zip(other.sketch).map(|(one, other)| one.merged(other)),
            strange_rates: one.strange_rates + other.strange_rates,
        }
        .with_first_rejects()
    }

    /// Keeps a reject of a portion, as long as it may be among the first. A worker has portions in any order.
    fn keep(&mut self, reject: Reject, place: u64) {
        self.rejects.push(reject);
        self.places.push(place);
        if self.rejects.len() > 2 * KEPT_REJECTS {
            *self = std::mem::take(self).with_first_rejects();
        }
    }

    /// Lets go of all rejects but the first.
    fn with_first_rejects(mut self) -> Self {
        let mut rejects: Vec<_> = self.places.into_iter().zip(self.rejects).collect();
        rejects.sort_by_key(|(place, _)| *place);
        rejects.truncate(KEPT_REJECTS);
        (self.places, self.rejects) = rejects.into_iter().unzip();
        self
    }

    /// The whole of a file, with what its counts say.
    pub fn finished(mut self) -> Self {
        if self.strange_rates > 0 {
            let count = self.strange_rates;
            self.notes.push(format!(
                "rate.unknown: {count} lines state a rate of credit that is neither 0 nor one of the rule"
            ));
        }
        self
    }
}

/// A file that workers share.
pub(crate) struct OpenFile {
    name: String,
    input: Arc<UsageInput>,
    /// The bytes read of it, and those that were told.
    counter: Arc<AtomicU64>,
    told: AtomicU64,
}

impl OpenFile {
    pub fn open(job: &Job<'_>, source: &Source) -> Result<Self, Error> {
        let (source, counter) = source.counted();
        let wanted = job.wanted.union(job.further).union(doubted());
        let input = Arc::new(UsageInput::open(&source, wanted, job.list_prices)?);
        Ok(Self { name: source.name().to_owned(), input, counter, told: AtomicU64::new(0) })
    }

    fn tell(&self, progress: &(dyn Fn(u64) + Sync)) {
        let read = self.counter.load(Ordering::Relaxed);
        progress(read.saturating_sub(self.told.fetch_max(read, Ordering::Relaxed)));
    }
}

/// The fields that doubts are told by.
pub(crate) fn doubted() -> FieldSet {
    DOUBTS.iter().map(|(field, ..)| *field).collect()
}

/// A worker and its memory.
pub(crate) struct Worker<'r> {
    job: &'r Job<'r>,
    session: Session<'r>,
    statements: Statements,
    /// Gives lines the amounts that an earlier pass has found; then nothing is summed up.
    rating: Option<Rating<'r>>,
    /// Lines are added up here; else they are for a sink alone.
    adds_up: bool,
    batch: UsageBatch,
    credits: CreditBatch,
    sketcher: Sketcher,
    /// The bytes that it holds, as it last told.
    held: u64,
}

impl<'r> Worker<'r> {
    /// A worker that adds lines up.
    pub fn new(job: &'r Job<'r>, statements: Statements) -> Self {
        Self {
            job,
            session: job.calculator.session(),
            statements,
            rating: None,
            adds_up: true,
            batch: UsageBatch::new(),
            credits: CreditBatch::default(),
            sketcher: Sketcher::default(),
            held: 0,
        }
    }

    /// A worker that only rates lines, for a sink.
    pub fn rating(job: &'r Job<'r>, rating: Option<Rating<'r>>) -> Self {
        Self { rating, ..Self::new(job, job.statements()) }
    }

    /// A worker that hands lines to a sink as the calculator credits them, unrated where tiers rate them.
    pub fn for_sink(job: &'r Job<'r>) -> Self {
        Self { adds_up: false, ..Self::new(job, job.statements()) }
    }

    /// The sums of every file so far.
    pub fn into_statements(self) -> Statements {
        self.statements
    }

    /// Reads a file to its end.
    pub fn file(&mut self, source: &Source, sink: Option<&mut dyn BatchSink>) -> Result<FileRun, Error> {
        let file = OpenFile::open(self.job, source)?;
        Ok(self.share(&file, sink)?.finished())
    }

    /// Reads of a file what no other worker does, until nothing is left.
    pub fn share(&mut self, file: &OpenFile, mut sink: Option<&mut dyn BatchSink>) -> Result<FileRun, Error> {
        let mut reader = UsageReader::of(Arc::clone(&file.input))?.with_rule(self.job.calculator.rule());
        let mut run = FileRun { sketch: self.job.sketch_keys.map(Sketch::new), ..FileRun::default() };
        if self.job.says_prices && !reader.has_list_price() {
            let note = "it has no list prices, and no price list was given: no amount is known of its lines";
            run.notes.push(note.to_owned());
        }
        loop {
            self.fresh_batch();
            let mut refused = Ok(());
            let calculator = self.job.calculator;
            let is_needed = |meter: &str| calculator.may_rate_by_tiers(meter);
            let further = Further { fields: self.job.further, is_needed: &is_needed };
            let lines =
                reader.fill_in_order(&mut self.batch, BATCH_LINES, further, &mut |place, reject| {
                    if let (Some(sink), Ok(())) = (&mut sink, &refused) {
                        refused = sink.reject(&reject);
                    }
                    run.keep(reject, place);
                })?;
            refused?;
            file.tell(self.job.progress);
            if lines == 0 {
                break;
            }
            self.batch(&mut run);
            self.weigh(&file.name, reader.memory())?;
            if let Some(sink) = &mut sink {
                sink.take(&file.name, &self.batch, &self.credits, self.job.calculator)?;
            }
        }
        run.records = reader.records();
        run.rejected = reader.rejected();
        run.strange_rates = reader.strange_rates();
        Ok(run.with_first_rejects())
    }

    /// Ends the run where all workers together hold more than they may.
    fn weigh(&mut self, file: &str, read: usize) -> Result<(), Error> {
        let Some(limit) = self.job.options.max_memory else { return Ok(()) };
        let now = (self.statements.memory() + self.batch.memory() + read) as u64;
        self.job.held.fetch_add(now, Ordering::Relaxed);
        let all = self.job.held.fetch_sub(self.held, Ordering::Relaxed).saturating_sub(self.held);
        self.held = now;
        if all > limit { Err(Fault::MemoryExceeded { limit }.at(Place::file(file))) } else { Ok(()) }
    }

    fn fresh_batch(&mut self) {
        if self.batch.remembered() > POOL_TEXTS {
            self.batch = UsageBatch::new();
        }
        self.batch.clear();
    }

    /// Credits the lines of the batch and adds them up.
    fn batch(&mut self, run: &mut FileRun) {
        let RunOptions { from, to, .. } = self.job.options;
        let first = if self.rating.is_some() { *from } else { self.job.first_read() };
        self.batch.retain_days(|day| first.is_none_or(|first| first <= day) && to.is_none_or(|to| day <= to));
        let early = |day: &&Day| from.is_some_and(|from| **day < from);
        run.used += (self.batch.len() - self.batch.dates().iter().filter(early).count()) as u64;
        self.session.credit_batch(&self.batch, &mut self.credits);
        match &mut self.rating {
            Some(rating) => rating.rate(&self.batch, &mut self.credits),
            None if !self.adds_up => {}
            None => {
                self.statements.all().for_each(|statement| statement.add(&self.batch, &self.credits));
                for (field, code, message) in DOUBTS {
                    self.statements.asked.note_times(code, message, self.batch.count(*field) as u64);
                }
            }
        }
        if let Some(sketch) = &mut run.sketch {
            self.sketcher.add(&self.batch, sketch);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever order a worker has the portions in, and whoever has which.
    #[test]
    fn the_first_rejects_of_a_file_are_kept() {
        let reject = |place: u64, number: u64| Reject {
            error: Fault::Encoding.at(Place::default()),
            record: format!("{place} {number}"),
        };
        let run = |places: &[u64]| {
            let mut run = FileRun::default();
            for place in places {
                (0..600).for_each(|number| run.keep(reject(*place, number), *place));
            }
            run.with_first_rejects()
        };
        let first = (0..600).map(|number| reject(0, number));
        let first: Vec<Reject> = first.chain((0..400).map(|number| reject(1, number))).collect();
        for (one, other) in
            [(&[5, 4, 3, 2, 1, 0][..], &[][..]), (&[4, 2, 0], &[5, 3, 1]), (&[1], &[3, 2, 5, 4, 0])]
        {
            assert_eq!(FileRun::together(run(one), run(other)).rejects, first);
            assert_eq!(FileRun::together(run(other), run(one)).rejects, first);
        }
    }
}
