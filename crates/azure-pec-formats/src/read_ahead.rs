//! Files read side by side: each for itself, before anything is put together in their order.

use std::sync::atomic::{AtomicUsize, Ordering};

use azure_pec::{Partner, PriceList, Rule};

use crate::access_read::AccessRead;
use crate::azure_plan::read_azure_plan_on;
use crate::document_kind::document_kind;
use crate::error::{Error, Fault};
use crate::exchange_rates::ExchangeRate;
use crate::history::read_history_on;
use crate::kind::Kind;
use crate::load::{DOCUMENT_BYTES, LoadOptions};
use crate::manifest::{ExportManifest, read_manifest};
use crate::policy::{PolicyEntry, read_policy_entries};
use crate::price_sheet::{PricesRead, read_price_sheet, read_retail};
use crate::side_by_side::side_by_side;
use crate::sniff::{Shape, sniff};
use crate::source::Source;
use crate::walk::Found;
use crate::{read_access, read_exchange_rates, read_partner, read_rule};

/// A file, or one of an archive, and what is in it.
pub(crate) type ReadSource = (Source, Result<Content, Error>);

/// What a source turned out to be.
pub(crate) enum Content {
    /// What other programs put into archives for themselves.
    Hidden,
    /// Nothing that is read, and why.
    Other(String),
    /// Something of a known kind.
    Of(Kind, Held),
}

/// What a source of a known kind holds.
pub(crate) enum Held {
    NotAskedFor,
    /// Read later, for an answer.
    Usage,
    /// The same.
    Invoice,
    Rates(Vec<ExchangeRate>),
    Prices(PriceList),
    UntaggedPrices(PricesRead),
    Access(Box<AccessRead>),
    Partner(Box<Partner>),
    Policy(Vec<PolicyEntry>),
    Manifest(Box<ExportManifest>),
    /// None where other rule data was named.
    Rule(Option<Box<Rule>>),
}

/// Reads the files, as many at once as the options say; what became of each, in their order. `to_first_broken`: nobody asks
/// for those behind the first that is broken, and some of them are missing.
pub(crate) fn read_all(
    files: &[Found],
    options: &LoadOptions,
    to_first_broken: bool,
) -> Vec<Result<Vec<ReadSource>, Error>> {
    let (next, broken) = (AtomicUsize::new(0), AtomicUsize::new(usize::MAX));
    let work = || {
        let mut read = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(found) = files.get(at).filter(|_| at < broken.load(Ordering::Relaxed)) else {
                return read;
            };
            let file = read_file(found, options);
            if to_first_broken && is_broken(found, &file) {
                broken.fetch_min(at, Ordering::Relaxed);
            }
            read.push((at, file));
        }
    };
    let threads = options.threads.min(files.len()).max(1);
    let mut read: Vec<_> = side_by_side(vec![work; threads]).into_iter().flatten().collect();
    read.sort_unstable_by_key(|(at, _)| *at);
    read.into_iter().map(|(_, read)| read).collect()
}

/// Whether what became of a file ends the work of whoever does not go on past what is broken.
fn is_broken(found: &Found, read: &Result<Vec<ReadSource>, Error>) -> bool {
    match read {
        Ok(sources) => sources.iter().any(|(_, content)| content.is_err()),
        Err(error) => found.by_name || !matches!(error.fault, Fault::UnknownKind { .. }),
    }
}

/// A file, or each file in an archive, up to the first that is broken.
fn read_file(found: &Found, options: &LoadOptions) -> Result<Vec<ReadSource>, Error> {
    let name = options.name(&found.path);
    let sources = Source::open_as(name.clone(), &found.path)?;
    let is_archive = !matches!(sources.as_slice(), [only] if only.name() == name || name == "-");
    let mut read = Vec::with_capacity(sources.len());
    for source in sources {
        let source = source.watched(&options.watch, options.max_file_bytes);
        let is_hidden = is_archive && is_hidden_entry(source.name());
        let content = if is_hidden { Ok(Content::Hidden) } else { content(&source, options) };
        let is_broken = content.is_err();
        read.push((source, content));
        if is_broken {
            break;
        }
    }
    Ok(read)
}

/// Reads a source, or says why it is of no kind that is read.
fn content(source: &Source, options: &LoadOptions) -> Result<Content, Error> {
    let (kind, held) = match sniff(source)? {
        Shape::Other(reason) => return Ok(Content::Other(reason)),
        Shape::Document => return document(source, options),
        Shape::Table(kind) if !options.part.takes(kind) => (kind, Held::NotAskedFor),
        Shape::Table(kind) if kind.is_usage() => (kind, Held::Usage),
        Shape::Table(kind) => {
            let held = match kind {
                Kind::InvoiceReconciliation => Held::Invoice,
                Kind::PricesFx => Held::Rates(read_exchange_rates(source)?),
                Kind::PricesPriceSheet => Held::UntaggedPrices(read_price_sheet(source)?),
                Kind::PricesRetail => Held::UntaggedPrices(read_retail(source)?),
                _ => Held::Prices(read_azure_plan_on(source, options.threads)?),
            };
            (kind, held)
        }
    };
    Ok(Content::Of(kind, held))
}

fn document(source: &Source, options: &LoadOptions) -> Result<Content, Error> {
    let (name, text) = (source.name(), source.read_to_limit(DOCUMENT_BYTES)?);
    let kind = match document_kind(name, &text) {
        Ok(kind) => kind,
        Err(reason) => return Ok(Content::Other(reason)),
    };
    let held = match kind {
        kind if !options.part.takes(kind) => Held::NotAskedFor,
        Kind::AccessHistory => Held::Access(Box::new(read_history_on(name, &text, options.threads)?)),
        kind if kind.is_access() => Held::Access(Box::new(read_access(name, &text, options.taken_at)?)),
        Kind::Partner => Held::Partner(Box::new(read_partner(name, &text)?)),
        Kind::ExportManifest => Held::Manifest(Box::new(read_manifest(name, &text)?)),
        Kind::Policy => Held::Policy(read_policy_entries(name, &text)?),
        Kind::Rule => {
            let is_chosen = options.rule_file.is_none();
            Held::Rule(is_chosen.then(|| read_rule(name, &text)).transpose()?.map(Box::new))
        }
        _ => return Ok(Content::Other(format!("{kind} as a document, which is not read"))),
    };
    Ok(Content::Of(kind, held))
}

/// Finder and others put files of their own into archives.
fn is_hidden_entry(name: &str) -> bool {
    name.split('/').any(|part| part == "__MACOSX")
        || name.rsplit('/').next().is_some_and(|last| last.starts_with('.'))
}
