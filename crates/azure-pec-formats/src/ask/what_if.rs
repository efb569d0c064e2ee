//! What would be, had something been otherwise: the usage read once as it is and once with the changes.

use azure_pec::{
    Calculator, Change, Error as Core, GroupKey, ServiceRole, Statement, StatementBody, Suggestions, WhatIfBody,
    WhatIfDocument, Workload,
};

use super::job::Job;
use super::request::Request;
use crate::error::{Error, Fault, Place};
use crate::run::Run;

/// An answer, and how reading the usage for it came out: whether too many lines were rejected is for the caller to ask
/// ([`Run::check_rejects`]).
#[derive(Debug)]
pub struct WhatIf {
    /// The answer.
    pub document: WhatIfDocument,
    /// The run over the usage as it is; its statement was taken out.
    pub run: Run,
}

/// What differs by day and subscription needs no more.
const KEYS: [GroupKey; 2] = [GroupKey::Date, GroupKey::Subscription];

/// Answers a what-if. Whatever is suggested is made, and the usage read again with it: `changes` and `statement` are
/// then those of all that is best.
///
/// # Errors
/// Those of [`Calculator::changes`] and [`Job::run`]; `date.invalid` for changes that no day of the usage could tell of.
pub fn what_if(job: &Job, request: &Request, progress: &(dyn Fn(u64) + Sync)) -> Result<WhatIf, Error> {
    let changes = job.calculator.changes(&request.changes()).map_err(told)?;
    let keys: &[GroupKey] = if request.suggest { &Workload::KEYS } else { &KEYS };
    let (before, run) = read(job, &job.calculator, request, keys, progress)?;
    job.calculator.check_within(&changes, &before.period).map_err(told)?;
    let suggestions = match request.suggest {
        true => {
            let workload = Workload::new(&before, &job.calculator);
            Some(job.calculator.suggest(&workload, &services(request)).map_err(told)?)
        }
        false => None,
    };
    let changes = suggestions.as_deref().map_or(changes, best);
    let changed = job.calculator.with(&changes).map_err(told)?;
    job.expect_again();
    let (after, _) = read(job, &changed, request, &KEYS, progress)?;
    let mut body = WhatIfBody::new(changes, &before, after);
    body.suggestions = suggestions;
    Ok(WhatIf { document: WhatIfDocument::new(body, run.inputs.clone()), run })
}

fn read(
    job: &Job,
    calculator: &Calculator,
    request: &Request,
    keys: &[GroupKey],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(StatementBody, Run), Error> {
    let mut run = job.run_by(calculator, request, keys, (None, None), None, progress)?;
    let statement = std::mem::replace(&mut run.statement, Statement::new(&[]));
    Ok((statement.into_body(calculator), run))
}

/// The changes of what is best in each currency, each once.
fn best(suggestions: &[Suggestions]) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for change in suggestions.iter().flat_map(|one| &one.best).flat_map(|one| &one.changes) {
        if !changes.contains(change) {
            changes.push(change.clone());
        }
    }
    changes
}

fn services(_request: &Request) -> Vec<ServiceRole> {
    Vec::new()
}

/// What the core says of the changes: a change that is not written as one is a wrong argument.
fn told(error: Core) -> Error {
    match error {
        Core::ChangeInvalid { problem } => Fault::Arguments { problem }.at(Place::default()),
        error => Fault::Value(error).at(Place::default()),
    }
}
