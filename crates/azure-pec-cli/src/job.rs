//! A question of the command: progress while the files are read, and a word on what could not be.

use azure_pec_formats::{BatchSink, Error, Inputs, Job, Reconciled, Request, Run, RunOptions};

use crate::args::InputArgs;
use crate::progress::Progress;
use crate::rejects;

/// What the arguments say for every operation.
pub fn request(args: &InputArgs) -> Request {
    Request {
        paths: args.paths.clone(),
        usage: args.usage,
        newest_run: args.newest_run,
        taken_at: args.taken_at,
        policy: args.policy.clone().into(),
        policy_file: args.policy_file.clone(),
        rule: args.rule.clone(),
        allow_rejected: args.allow_rejected,
        rejects: args.rejects.clone(),
        threads: args.threads,
        amounts: args.amounts.into(),
        ..Request::default()
    }
}

/// Shows how far the reading of usage is.
pub fn progress(inputs: &Inputs) -> Progress {
    Progress::start(inputs.usage.iter().map(|file| file.source.packed_bytes()).sum())
}

/// Reads the usage through. Rejected lines are shown before too many of them end the command.
pub fn read(
    job: &Job,
    request: &Request,
    json: bool,
    options: RunOptions,
    sink: Option<&mut dyn BatchSink>,
) -> Result<Run, Error> {
    ask(job, request, json, |tell| job.run(request, options, sink, tell), |run| run)
}

/// Reads usage and invoices through, and shows rejected lines as [`read`] does.
pub fn reconcile(job: &Job, request: &Request, json: bool) -> Result<Reconciled, Error> {
    ask(job, request, json, |tell| job.reconcile(request, tell), |read| &read.run)
}

/// Reads the usage through for a question, and shows rejected lines as [`read`] does.
pub fn ask<A>(
    job: &Job,
    request: &Request,
    json: bool,
    read: impl FnOnce(&(dyn Fn(u64) + Sync)) -> Result<A, Error>,
    run: impl Fn(&A) -> &Run,
) -> Result<A, Error> {
    let progress = progress(&job.inputs);
    let answer = read(&|bytes| progress.add(bytes));
    drop(progress);
    let answer = answer?;
    rejects::show(run(&answer), json);
    run(&answer).check_rejects(request.allow_rejected)?;
    Ok(answer)
}
