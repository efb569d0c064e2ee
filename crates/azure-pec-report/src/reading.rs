//! Everything that a report tells, read from its files.

use azure_pec::{Calculator, GroupKey, Reconciliation, ReconciliationBody, Rule, Statement, StatementBody};
use azure_pec_formats::{
    BatchSink, Error, Fault, Inputs, Place, ReconcileOptions, RejectsWriter, Request, Run, RunOptions,
    UsageFile, Watch, body_on, first_kind, load_by_role, reconcile, run,
};

/// What a report sums by. A place has a name of its own beside its id, and there are few of all together: a report costs
/// what the statement by these keys costs.
const KEYS: [GroupKey; 5] = [
    GroupKey::Customer,
    GroupKey::CustomerName,
    GroupKey::Subscription,
    GroupKey::SubscriptionName,
    GroupKey::Date,
];

/// The files of a report; usage and invoices are still to be read.
#[derive(Debug)]
pub struct ReportJob {
    inputs: Inputs,
    calculator: Calculator,
    /// Usage of other kinds than the statement's, which a reconciliation takes by its role.
    beside: Vec<UsageFile>,
}

/// What the files said.
#[derive(Debug)]
pub struct Answers {
    /// The statement, by customer, subscription and day.
    pub statement: StatementBody,
    /// What was billed, held against the rule; where there is an invoice.
    pub reconciliation: Option<ReconciliationBody>,
    /// The rejected lines and every file with its counts; its statement is empty.
    pub run: Run,
    /// The rule that the lines were judged by.
    pub rule: Rule,
}

impl ReportJob {
    /// Reads everything but usage and invoices. With invoices, the statement is of the usage that they are held against.
    ///
    /// # Errors
    /// As [`load`](azure_pec_formats::load()), [`Request::check_outputs`] and [`Inputs::calculator`].
    pub fn open(request: &Request, watch: &Watch) -> Result<Self, Error> {
        let inputs = load_by_role(&request.paths, &request.load_options(watch))?;
        request.check_outputs(&inputs)?;
        let calculator = inputs.calculator()?;
        let mut job = Self { inputs, calculator, beside: Vec::new() };
        if job.is_billed() {
            job.set_aside();
        } else {
            job.inputs.choose_usage(None)?;
        }
        Ok(job)
    }

    /// Keeps the usage that invoices are held against, and sets the other aside.
    fn set_aside(&mut self) {
        let first = first_kind(&self.inputs);
        let files = std::mem::take(&mut self.inputs.usage).into_iter();
        (self.inputs.usage, self.beside) = files.partition(|file| Some(file.kind) == first);
    }

    /// The bytes of usage that are read, as the files are packed; with invoices, twice.
    #[must_use]
    pub fn packed_bytes(&self) -> u64 {
        let bytes = |files: &[UsageFile]| files.iter().map(|file| file.source.packed_bytes()).sum::<u64>();
        let own = bytes(&self.inputs.usage);
        if self.is_billed() { own * 2 + bytes(&self.beside) } else { own }
    }

    /// Reads usage and invoices through. Whether too many lines were rejected is for the caller to ask
    /// ([`Run::check_rejects`]). `progress` is told as in [`run`].
    ///
    /// # Errors
    /// As [`run`] and [`reconcile`](azure_pec_formats::reconcile()); `output.write_failed`.
    pub fn read(&mut self, request: &Request, progress: &(dyn Fn(u64) + Sync)) -> Result<Answers, Error> {
        let (allow_rejected, threads) = (request.allow_rejected, request.thread_count());
        let options = RunOptions { by: KEYS.to_vec(), allow_rejected, threads, ..RunOptions::default() };
        let mut writer = request.rejects.as_deref().map(RejectsWriter::create).transpose()?;
        // Rejected lines are told once: where there are invoices, by the reading that sees all of them.
        let sink = writer.as_mut().filter(|_| !self.is_billed()).map(|writer| writer as &mut dyn BatchSink);
        let mut run = run(&self.inputs, &self.calculator, &options, sink, progress)?;
        let statement = std::mem::replace(&mut run.statement, Statement::new(&[]));
        let statement = body_on(threads, statement, &self.calculator);
        let mut reconciliation = None;
        if self.is_billed() {
            self.inputs.usage.append(&mut self.beside);
            self.inputs.usage.sort_by(|a, b| a.source.name().cmp(b.source.name()));
            let calculator = Reconciliation::calculator(&self.calculator);
            let calculator = calculator.map_err(|error| Fault::Value(error).at(Place::default()))?;
            let options =
                ReconcileOptions { threads: request.threads.map_or(1, std::num::NonZeroUsize::get) };
            let read = reconcile(&self.inputs, &calculator, &options, writer.as_mut(), progress)?;
            reconciliation = Some(read.reconciliation.finish(&calculator));
            run = read.run;
            self.set_aside();
        }
        writer.map_or(Ok(()), RejectsWriter::finish)?;
        Ok(Answers { statement, reconciliation, run, rule: self.calculator.rule().clone() })
    }

    /// Ends the job without giving its memory back piece by piece: for a process that ends now, and takes it along at
    /// once.
    pub fn leave(self) {
        std::mem::forget(self);
    }

    fn is_billed(&self) -> bool {
        !self.inputs.invoices.is_empty()
    }
}
