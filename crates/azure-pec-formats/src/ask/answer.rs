//! The document that answers each operation.

use azure_pec::{Calendar, Day, ReconciliationDocument, Scope, StatementDocument};
use serde::Serialize;

use super::job::Job;
use super::refused::Refused;
use super::request::{Operation, Request, arguments};
use super::what_if::{advise, what_if};
use crate::day_sink::DaySink;
use crate::dispute::write_dispute_pack;
use crate::error::{Error, Fault, Place};
use crate::groups::{body_on, write_groups};
use crate::history::{write_history, write_history_file};
use crate::lines::LinesWriter;
use crate::load::{load, load_all};
use crate::run::{BatchSink, Run, RunOptions};
use crate::subscription_sink::SubscriptionSink;
use crate::watch::Watch;

/// Answers a question that runs over usage.
pub(super) fn of(job: &Job, request: &Request) -> Result<String, Refused> {
    match (request.operation, &request.resource, request.date, &request.subscription) {
        (Operation::Reconcile, ..) => reconciliation(job, request),
        (Operation::Whatif, ..) => {
            let read = what_if(job, request, &|_| ())?;
            checked(read.run, request)?;
            Ok(read.document.to_json())
        }
        (Operation::Advise, ..) => {
            let read = advise(job, request, &|_| ())?;
            checked(read.run, request)?;
            Ok(read.document.to_json())
        }
        (Operation::Explain, Some(scope), Some(date), _) => explain_day(job, request, scope, date),
        (Operation::Explain, _, _, Some(wanted)) => explain_subscription(job, request, wanted),
        _ => statement(job, request),
    }
}

fn statement(job: &Job, request: &Request) -> Result<String, Refused> {
    let writer = |path| LinesWriter::create(path, &job.calculator, request.amounts);
    let mut lines = request.lines.as_deref().map(writer).transpose()?;
    let sink = lines.as_mut().map(|lines| lines as &mut dyn BatchSink);
    let run = checked(
        job.run(request, RunOptions::by(&request.by, (request.from, request.to)), sink, &|_| ())?,
        request,
    )?;
    lines.map(LinesWriter::finish).transpose()?;
    let body = body_on(request.thread_count(), run.statement, &job.calculator);
    if let Some(path) = &request.groups {
        write_groups(&body, path, request.thread_count(), request.amounts)?;
    }
    Ok(StatementDocument::new(body, run.inputs).to_json())
}

fn explain_day(job: &Job, request: &Request, scope: &Scope, date: Day) -> Result<String, Refused> {
    let mut sink = DaySink::new(scope, date);
    checked(job.run(request, RunOptions::default(), Some(&mut sink), &|_| ())?, request)?;
    let explanation = job.calculator.explain(sink.context(), &sink.lines);
    Ok(json(&explanation.map_err(|error| Fault::Value(error).at(Place::default()))?))
}

fn explain_subscription(job: &Job, request: &Request, wanted: &str) -> Result<String, Refused> {
    let mut sink = SubscriptionSink::one(wanted);
    checked(
        job.run(request, RunOptions::by(&[], (request.since, None)), Some(&mut sink), &|_| ())?,
        request,
    )?;
    Ok(json(&only(wanted, &sink.calendars(&job.calculator))?))
}

/// The one calendar that a subscription's id or name stands for.
///
/// # Errors
/// `usage.arguments` where there is none or several.
pub fn only<'c>(wanted: &str, calendars: &'c [Calendar]) -> Result<&'c Calendar, Error> {
    match calendars {
        [one] => Ok(one),
        [] => Err(arguments(format!("no usage line names the subscription {wanted}"))),
        [first, ..] => {
            let ids: Vec<&str> = calendars.iter().map(|one| one.subscription.as_str()).collect();
            let name = first.name.as_deref().unwrap_or(wanted);
            let ids = ids.join(", ");
            Err(arguments(format!("several subscriptions are called {name}: {ids}; give the id of one")))
        }
    }
}

fn reconciliation(job: &Job, request: &Request) -> Result<String, Refused> {
    let read = job.reconcile(request, &|_| ())?;
    let run = checked(read.run, request)?;
    let Some(path) = &request.out else {
        let body = read.reconciliation.finish(&job.calculator);
        return Ok(ReconciliationDocument::new(body, run.inputs).to_json());
    };
    let (body, disputed) = read.reconciliation.finish_with_lines(&job.calculator);
    let document = ReconciliationDocument::new(body, run.inputs);
    write_dispute_pack(path, &document, &disputed, &job.inputs, &job.calculator)?;
    Ok(document.to_json())
}

pub(super) fn inspect(request: &Request, watch: &Watch) -> Result<String, Refused> {
    let inputs = load_all(&request.paths, &request.load_options(watch))?;
    watch.add_total(inputs.usage.iter().map(|file| file.source.packed_bytes()).sum());
    let inspection = crate::inspect::inspect(inputs, &|bytes| watch.add(bytes));
    // An inspection goes on past what cannot be read, as everything is once it was stopped.
    if watch.is_stopped() {
        return Err(Fault::Cancelled.at(Place::default()).into());
    }
    Ok(json(&inspection))
}

pub(super) fn history(request: &Request, watch: &Watch) -> Result<String, Refused> {
    let inputs = load(&request.paths, &request.load_options(watch))?;
    request.check_outputs(&inputs)?;
    // What cannot be reckoned with later is refused now.
    inputs.calculator()?;
    let Some(history) = &inputs.access else {
        let passed_over = inputs.files.len();
        return Err(Fault::NothingUsable { passed_over }.at(Place::default()).into());
    };
    if let Some(path) = &request.out {
        write_history_file(history, path)?;
    }
    let mut text = Vec::new();
    write_history(history, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn checked(run: Run, request: &Request) -> Result<Run, Refused> {
    Refused::over_rejects(&run, request.allow_rejected)?;
    Ok(run)
}

/// A document as every face prints it: two-space indents, a newline at the end.
fn json(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}
