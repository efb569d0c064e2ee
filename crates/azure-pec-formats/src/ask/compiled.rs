//! Access, prices and partner loaded once, compiled once, and asked many times.

use std::sync::Arc;

use azure_pec::{Calculator, InputSummary, Policy};

use super::job::{Job, rating_bills};
use super::refused::Refused;
use super::request::{LoadRequest, Operation, Request, arguments};
use super::{answer, lines};
use crate::error::{Error, Fault, Place};
use crate::inputs::{Inputs, UsageFile};
use crate::kind::Kind;
use crate::load::{LoadOptions, Part, load, load_all, load_by_role, load_document};
use crate::sniff::{Shape, sniff};
use crate::source::Source;
use crate::watch::Watch;

/// Loads a part of some files, or a document in memory, once for any number of calculators.
///
/// # Errors
/// As [`load`](crate::load()); `input.nothing_usable` where the files hold nothing of the part; `usage.arguments` for
/// a document of a part that has none.
pub fn load_part(request: &LoadRequest, watch: &Watch) -> Result<Inputs, Error> {
    let options = request.load_options(watch);
    match &request.document {
        None => load(&request.paths, &options),
        Some(_) if !request.paths.is_empty() => Err(arguments("give paths or a document")),
        Some(document) => load_document(document.get().as_bytes(), &options),
    }
}

/// A calculator and what is to be told of the files it was made from. Share it between threads as it is.
#[derive(Debug)]
pub struct Compiled {
    calculator: Arc<Calculator>,
    /// Files, warnings and exchange rates; everything else the calculator has.
    given: Inputs,
}

impl Compiled {
    /// Puts parts together, with the policy and rule of `request` over those of the parts, and compiles them.
    ///
    /// # Errors
    /// As [`Inputs::calculator`]; `usage.arguments` for two access histories or partners, and for paths.
    pub fn new(parts: &[&Inputs], request: &LoadRequest) -> Result<Self, Error> {
        let watch = Watch::default();
        if !request.paths.is_empty() || request.document.is_some() {
            return Err(arguments("a calculator is made of what was loaded"));
        }
        let options = LoadOptions { part: Part::Given, ..request.load_options(&watch) };
        let mut given = load_all(&[], &options)?;
        for part in parts {
            absorb(&mut given, part)?;
        }
        for (key, value) in &options.policy {
            let set = given.policy.set(&key.replace('-', "_"), value);
            set.map_err(|error| Fault::Value(error).at(Place::default()))?;
        }
        let calculator = Arc::new(given.calculator()?);
        let Inputs { files, warnings, fx, policy, .. } = given;
        let given = Inputs { files, warnings, fx, policy, ..Inputs::default() };
        Ok(Self { calculator, given })
    }

    /// Of a calculator, and what is told of its files.
    pub(super) const fn of(calculator: Arc<Calculator>, given: Inputs) -> Self {
        Self { calculator, given }
    }

    /// The calculator.
    #[must_use]
    pub const fn calculator(&self) -> &Arc<Calculator> {
        &self.calculator
    }

    /// What is told of the files it was made from.
    pub(super) const fn given(&self) -> &Inputs {
        &self.given
    }

    /// Answers a question (`statement`, `explain`, `reconcile`, `whatif`, `advise`) whose paths are read for usage, invoices and exchange
    /// rates alone; other files there are listed as not asked for.
    ///
    /// # Errors
    /// As [`ask`](super::ask()); `usage.arguments` for another operation, and for options of loading: they were settled
    /// when the calculator was made.
    pub fn ask(&self, request: &Request, watch: &Watch) -> Result<String, Refused> {
        answer::of(&self.job(request, Vec::new(), watch)?, request)
    }

    /// As [`ask`](Compiled::ask), of usage in memory beside that of the paths.
    ///
    /// # Errors
    /// As there; `input.unknown_kind` for a source that holds no usage.
    pub fn ask_of(&self, request: &Request, usage: Vec<Source>, watch: &Watch) -> Result<String, Refused> {
        answer::of(&self.job(request, usage, watch)?, request)
    }

    /// What is to be read for a question.
    pub(super) fn job(&self, request: &Request, usage: Vec<Source>, watch: &Watch) -> Result<Job, Refused> {
        request.check()?;
        let Request { taken_at, policy, policy_file, rule, .. } = request;
        if taken_at.is_some() || !policy.0.is_empty() || policy_file.is_some() || rule.is_some() {
            return Err(arguments("policy, rule and times were settled when the calculator was made").into());
        }
        let options = LoadOptions { part: Part::Usage, ..request.load_options(watch) };
        let (mut inputs, calculator) = match request.operation {
            Operation::Statement | Operation::Explain | Operation::Whatif | Operation::Advise => {
                (load(&request.paths, &options)?, Arc::clone(&self.calculator))
            }
            Operation::Reconcile => {
                (load_by_role(&request.paths, &options)?, Arc::new(rating_bills(&self.calculator)?))
            }
            Operation::Inspect | Operation::History | Operation::Report => {
                return Err(arguments("inspect, history and report are asked of files alone").into());
            }
        };
        add_usage(&mut inputs, usage, request.usage, watch)?;
        absorb(&mut inputs, &self.given)?;
        request.check_outputs(&inputs)?;
        Ok(Job::new(inputs, calculator, watch))
    }

    /// The credits of lines that stand in no file, one for each in their order, as a JSON list of `outcome`, `reason`,
    /// `list_amount`, `rate`, `potential`, `credit`, `net`. `lines` is a JSON list of objects with the fields of
    /// [`UsageLine`](azure_pec::UsageLine). They are rated together: under tiers the amount of one depends on the others.
    ///
    /// # Errors
    /// The code of the value that is wrong, with `lines[3].quantity` for a column; amounts that are no texts are
    /// `number.invalid`.
    pub fn credits(&self, lines: &str) -> Result<String, Error> {
        lines::credits(&self.calculator, lines)
    }
}

/// Takes in usage that stands in no file.
fn add_usage(
    inputs: &mut Inputs,
    usage: Vec<Source>,
    chosen: Option<Kind>,
    watch: &Watch,
) -> Result<(), Error> {
    if usage.is_empty() {
        return Ok(());
    }
    for source in usage {
        let kind = match sniff(&source)? {
            Shape::Table(kind) if kind.is_usage() => kind,
            Shape::Table(kind) => {
                return Err(
                    source.error(Fault::UnknownKind { found: format!("{kind}, which holds no usage") })
                );
            }
            Shape::Document => {
                return Err(source.error(Fault::UnknownKind { found: "a document".to_owned() }));
            }
            Shape::Other(found) => return Err(source.error(Fault::UnknownKind { found })),
        };
        let (path, notes) = (source.name().to_owned(), Vec::new());
        let name = Some(kind.name().to_owned());
        inputs.files.push(InputSummary { path, kind: name, records: 0, used: 0, rejected: 0, notes });
        inputs.usage.push(UsageFile { source: source.watched(watch, None), kind });
    }
    inputs.files.sort_by(|a, b| a.path.cmp(&b.path));
    inputs.usage.sort_by(|a, b| a.source.name().cmp(b.source.name()));
    inputs.choose_usage(chosen)
}

/// Takes in what a part holds. A file that another part was read from too is listed by what it was used for.
fn absorb(inputs: &mut Inputs, part: &Inputs) -> Result<(), Error> {
    let twice = |what: &str| arguments(format!("two of them were given: {what}"));
    if part.access.as_ref().and_then(|access| inputs.access.replace(access.clone())).is_some() {
        return Err(twice("access histories"));
    }
    if part.partner.as_ref().and_then(|partner| inputs.partner.replace(partner.clone())).is_some() {
        return Err(twice("partners"));
    }
    if let Some(prices) = &part.prices {
        inputs.prices.get_or_insert_default().merge(prices.clone());
    }
    if let Some(rule) = &part.rule {
        inputs.rule.get_or_insert_with(|| rule.clone());
    }
    if part.policy != Policy::default() {
        inputs.policy = part.policy.clone();
    }
    inputs.fx.extend(part.fx.iter().cloned());
    inputs.warnings.extend(part.warnings.iter().cloned());
    for file in &part.files {
        match inputs.files.iter_mut().find(|known| known.path == file.path) {
            None => inputs.files.push(file.clone()),
            Some(known) if known.kind.is_none() => *known = file.clone(),
            Some(_) => {}
        }
    }
    inputs.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(())
}
