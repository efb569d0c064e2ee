//! What would be, had something been otherwise: the usage read once as it is and once with the changes.

use azure_pec::{
    AdviceDocument, Calculator, Catalogue, Change, Error as Core, Forecast, GroupKey, ServiceRole, Statement,
    StatementBody, Suggestions, TransferCheck, WhatIfBody, WhatIfDocument, Workload,
};

use super::job::Job;
use super::request::Request;
use crate::error::{Error, Fault, Place};
use crate::run::{Run, RunOptions};

/// An answer, and how reading the usage for it came out: whether too many lines were rejected is for the caller to ask
/// ([`Run::check_rejects`]).
#[derive(Debug)]
pub struct WhatIf {
    /// The answer.
    pub document: WhatIfDocument,
    /// The run over the usage as it is; its statement was taken out.
    pub run: Run,
}

/// An advice, and how reading the usage for it came out, as in [`WhatIf`].
#[derive(Debug)]
pub struct Advised {
    /// The answer.
    pub document: AdviceDocument,
    /// The run over the usage; its statement was taken out.
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
    let services = services(job, request)?;
    let (before, run) = read(job, &job.calculator, request, keys(request.suggest), progress)?;
    job.calculator.check_within(&changes, &before.period, request.forecast).map_err(told)?;
    let suggestions = match request.suggest {
        true => {
            let workload = Workload::new(&before, &job.calculator);
            Some(job.calculator.suggest(&workload, &services).map_err(told)?)
        }
        false => None,
    };
    let changes = suggestions.as_deref().map_or(changes, best);
    let changed = job.calculator.with(&changes).map_err(told)?;
    job.expect_again();
    let looks_on = request.forecast || !request.transfer.is_empty();
    let (after, _) = read(job, &changed, request, keys(looks_on), progress)?;
    let (transfers, forecast) = match looks_on {
        true => looked_on(&changed, &changes, &after, request, &services)?,
        false => (None, None),
    };
    let body = WhatIfBody { suggestions, transfers, forecast, ..WhatIfBody::new(changes, &before, after) };
    Ok(WhatIf { document: WhatIfDocument::new(body, run.inputs.clone()), run })
}

const fn keys(whole: bool) -> &'static [GroupKey] {
    if whole { &Workload::KEYS } else { &KEYS }
}

/// The moves, checked, and the month to come.
fn looked_on(
    changed: &Calculator,
    changes: &[Change],
    after: &StatementBody,
    request: &Request,
    services: &[ServiceRole],
) -> Result<(Option<Vec<TransferCheck>>, Option<Forecast>), Error> {
    let workload = Workload::new(after, changed);
    let mut checks = Vec::new();
    for change in changes {
        let (Change::Transfers { transfers, .. }, Some(last)) = (change, after.period.last) else { continue };
        for transfer in transfers {
            checks.push(changed.check_transfer(&workload, transfer, last, services).map_err(told)?);
        }
    }
    let forecast = match request.forecast {
        true => changed.forecast(after, &workload).map_err(told)?,
        false => None,
    };
    Ok(((!request.transfer.is_empty()).then_some(checks), forecast))
}

fn read(
    job: &Job,
    calculator: &Calculator,
    request: &Request,
    keys: &[GroupKey],
    progress: &(dyn Fn(u64) + Sync),
) -> Result<(StatementBody, Run), Error> {
    let mut run = job.run_by(calculator, request, RunOptions::by(keys, (None, None)), None, progress)?;
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

fn services(job: &Job, request: &Request) -> Result<Vec<ServiceRole>, Error> {
    let catalogue = Catalogue::published().map_err(told)?;
    catalogue.earning_roles(&request.service, job.calculator.rule()).map_err(told)
}

/// Answers what the access is for, and whether less would do.
///
/// # Errors
/// Those of [`Job::run`]; `id.invalid` for a service that the catalogue does not hold.
pub fn advise(job: &Job, request: &Request, progress: &(dyn Fn(u64) + Sync)) -> Result<Advised, Error> {
    let catalogue = Catalogue::published().map_err(told)?;
    // A service that is none is told before the usage is read.
    request.service.iter().try_for_each(|name| catalogue.find(name).map(|_| ())).map_err(told)?;
    let (body, run) = read(job, &job.calculator, request, &Workload::KEYS, progress)?;
    let workload = Workload::new(&body, &job.calculator);
    let advice = job.calculator.advise(&workload, body.period, &request.service).map_err(told)?;
    Ok(Advised { document: AdviceDocument::new(advice, run.inputs.clone()), run })
}

/// What the core says of the changes: a change that is not written as one is a wrong argument.
fn told(error: Core) -> Error {
    match error {
        Core::ChangeInvalid { problem } => Fault::Arguments { problem }.at(Place::default()),
        error => Fault::Value(error).at(Place::default()),
    }
}
