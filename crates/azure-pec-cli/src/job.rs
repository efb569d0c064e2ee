//! The files of the arguments, loaded and compiled, and a run over their usage.

use azure_pec::{Calculator, Day, GroupKey, Reconciliation};
use azure_pec_formats::{
    BatchSink, Error, Fault, Inputs, LoadOptions, Place, ReconcileOptions, Reconciled, RejectsWriter, Run,
    RunOptions, Sinks, load, load_by_role, reconcile, run,
};

use crate::args::InputArgs;
use crate::progress::Progress;
use crate::{failure, rejects};

/// Everything but the usage, read.
#[derive(Debug)]
pub struct Job<'a> {
    args: &'a InputArgs,
    json: bool,
    pub inputs: Inputs,
    pub calculator: Calculator,
}

/// What files and options say, for loading.
pub fn load_options(args: &InputArgs) -> LoadOptions {
    LoadOptions {
        usage: args.usage,
        taken_at: args.taken_at,
        policy_file: args.policy_file.clone(),
        policy: args.policy.0.clone(),
        rule_file: args.rule.clone(),
    }
}

impl<'a> Job<'a> {
    /// Reads everything but the usage.
    pub fn open(args: &'a InputArgs, json: bool) -> Result<Self, Error> {
        let inputs = load(&args.paths, &load_options(args))?;
        let calculator = inputs.calculator()?;
        Ok(Self { args, json, inputs, calculator })
    }

    /// Reads everything but usage and invoices, of every kind by its role; the calculator rates by the price list, as
    /// bills are made.
    pub fn open_by_role(args: &'a InputArgs, json: bool) -> Result<Self, Error> {
        let inputs = load_by_role(&args.paths, &load_options(args))?;
        let calculator = Reconciliation::calculator(&inputs.calculator()?);
        let calculator = calculator.map_err(|error| Fault::Value(error).at(Place::default()))?;
        Ok(Self { args, json, inputs, calculator })
    }

    /// How many threads work at once.
    pub fn threads(&self) -> usize {
        self.args.threads.map_or_else(available_threads, std::num::NonZeroUsize::get)
    }

    /// Reads usage and invoices once through.
    pub fn reconcile(&self) -> Result<Reconciled, Error> {
        let threads = self.threads();
        let progress = Progress::start(self.inputs.usage.iter().map(|file| file.source.packed_bytes()).sum());
        let mut writer = self.args.rejects.as_deref().map(RejectsWriter::create).transpose()?;
        let options = ReconcileOptions { threads };
        let read = reconcile(&self.inputs, &self.calculator, &options, writer.as_mut(), &|bytes| {
            progress.add(bytes);
        });
        drop(progress);
        let read = read?;
        rejects::show(&read.run, self.json);
        writer.map_or(Ok(()), RejectsWriter::finish)?;
        read.run.check_rejects(self.args.allow_rejected)?;
        Ok(read)
    }

    /// Reads the usage once through. Rejected lines are shown and written before too many of them end the command.
    pub fn run(
        &self,
        by: &[GroupKey],
        (from, to): (Option<Day>, Option<Day>),
        sink: Option<&mut dyn BatchSink>,
    ) -> Result<Run, Error> {
        if let (Some(from), Some(to)) = (from, to)
            && to < from
        {
            return Err(failure::arguments(format!("no day is from {from} to {to}")));
        }
        let threads = self.threads();
        let options =
            RunOptions { by: by.to_vec(), from, to, allow_rejected: self.args.allow_rejected, threads };
        let progress = Progress::start(self.inputs.usage.iter().map(|file| file.source.packed_bytes()).sum());
        let mut writer = self.args.rejects.as_deref().map(RejectsWriter::create).transpose()?;
        let mut sinks = Sinks::default();
        sinks.0.extend(sink.map(|sink| sink as &mut dyn BatchSink));
        sinks.0.extend(writer.as_mut().map(|writer| writer as &mut dyn BatchSink));
        let sink = (!sinks.0.is_empty()).then_some(&mut sinks as &mut dyn BatchSink);
        let run = run(&self.inputs, &self.calculator, &options, sink, &|bytes| progress.add(bytes));
        drop(progress);
        let run = run?;
        rejects::show(&run, self.json);
        writer.map_or(Ok(()), RejectsWriter::finish)?;
        run.check_rejects(self.args.allow_rejected)?;
        Ok(run)
    }
}

fn available_threads() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZeroUsize::get)
}
