//! What is there, and what is missing.

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Day, Inspection, InspectionFault, Instant, Interval, KindInspection, Observed,
    ObservedWindow, Scope,
};

use crate::error::{Error, Place};
use crate::inputs::{Inputs, InvoiceFile, summary_of};
use crate::invoice::InvoiceReader;
use crate::kind::Kind;
use crate::manifest::compare_rows;
use crate::missing::missing;
use crate::source::Source;
use crate::usage_survey::Survey;

/// Reads the usage through and says what the files are about and what is missing for an answer to everything.
/// [`load_all`](crate::load_all) finds the usage of every kind. `progress` is told as in [`run`](crate::run()).
///
/// What cannot be read, file by file or together, is told and the rest is inspected all the same.
#[must_use]
pub fn inspect(mut inputs: Inputs, progress: &dyn Fn(u64)) -> Inspection {
    let (survey, broken) = Survey::read(&inputs.usage, &mut inputs.files, progress);
    let read = inputs.usage.iter().map(|file| file.source.name());
    compare_rows(&inputs.manifests, read, &mut inputs.files);
    let broken: Vec<Error> = broken.into_iter().chain(read_invoices(&mut inputs)).collect();
    for error in broken {
        inputs.name_broken("", error);
    }
    let missing = inputs.calculator().and_then(|calculator| missing(&inputs, &calculator, &survey));
    let missing = missing.unwrap_or_else(|error| {
        inputs.broken.push(error);
        Vec::new()
    });
    let inputs = &inputs;
    let files = inputs.files.clone();
    let mut kinds: BTreeMap<&str, KindInspection> = BTreeMap::new();
    for file in &files {
        let Some(name) = file.kind.as_deref() else { continue };
        let kind = kinds.entry(name).or_insert_with(|| empty(name));
        kind.files += 1;
        kind.records += file.records;
        kind.rejected += file.rejected;
        kind.taken_at.extend(inputs.taken_at.get(&file.path));
    }
    for (kind, (first, last)) in periods(inputs, &survey) {
        if let Some(kind) = kinds.get_mut(kind.name()) {
            (kind.first, kind.last) = (first, last);
        }
    }
    for kind in kinds.values_mut() {
        kind.taken_at.sort_unstable();
        kind.taken_at.dedup();
    }
    Inspection {
        schema: "azure-pec/inspection/1",
        kinds: kinds.into_values().collect(),
        observed: observed(inputs),
        missing,
        broken: inputs.broken.iter().map(fault).collect(),
        inputs: files,
    }
}

/// Reads the invoices through and counts in their summaries; what cannot be read is told.
fn read_invoices(inputs: &mut Inputs) -> Vec<Error> {
    let count = |source: &Source| -> Result<InvoiceReader, Error> {
        let mut reader = InvoiceReader::open(source)?;
        while reader.next()?.is_some() {}
        Ok(reader)
    };
    let mut broken = Vec::new();
    for InvoiceFile { source } in &inputs.invoices {
        match (count(source), summary_of(&mut inputs.files, source.name())) {
            (Err(error), _) => broken.push(error),
            (Ok(_), None) => {}
            (Ok(reader), Some(summary)) => {
                (summary.records, summary.rejected) = (reader.records(), reader.rejected());
                summary.used = summary.records - summary.rejected;
                summary.notes.extend(reader.notes());
            }
        }
    }
    broken
}

/// The windows that were observed, in the order of places.
fn observed(inputs: &Inputs) -> Vec<ObservedWindow> {
    let mut windows = match inputs.access.as_ref().map(|access| &access.observed) {
        None => Vec::new(),
        Some(Observed::Windows(windows)) => windows.clone(),
        Some(Observed::Complete) => vec![ObservedWindow {
            tenant_id: None,
            scope: Scope::root(),
            start: None,
            end: None,
            reaches: Vec::new(),
        }],
    };
    windows.sort_by(|a, b| {
        (&a.scope, a.tenant_id, a.start, a.end).cmp(&(&b.scope, b.tenant_id, b.start, b.end))
    });
    windows
}

fn fault(error: &Error) -> InspectionFault {
    let Place { file, line, column } = error.place.clone();
    let (message, help) = (error.fault.to_string(), error.help());
    InspectionFault { code: error.code(), message, file, line, column, help }
}

fn empty(kind: &str) -> KindInspection {
    KindInspection {
        kind: kind.to_owned(),
        files: 0,
        records: 0,
        rejected: 0,
        first: None,
        last: None,
        taken_at: Vec::new(),
    }
}

/// A first and a last day; none where there is none or it is open.
type Period = (Option<Day>, Option<Day>);

/// The first and last day of each kind that has days.
fn periods(inputs: &Inputs, survey: &Survey) -> Vec<(Kind, Period)> {
    let usage = survey.periods.iter().map(|(kind, (first, last))| (*kind, (Some(*first), Some(*last))));
    let mut periods: Vec<_> = usage.collect();
    if let Some(prices) = &inputs.prices {
        let spans = prices.rows().map(|row| Interval::new(row.start, row.end));
        periods.push((Kind::PricesAzurePlan, days_of(spans)));
    }
    if let Some(AccessHistory { observed: Observed::Windows(windows), .. }) = inputs.access.as_deref() {
        // A moment, as an export proves it, is no span; it stands among the times taken.
        let spans = windows.iter().map(ObservedWindow::interval).filter(|span| !span.is_empty());
        periods.push((Kind::AccessHistory, days_of(spans)));
    }
    periods
}

/// The first and last day that any of the spans touches; none where one is open.
pub(crate) fn days_of(spans: impl Iterator<Item = Interval> + Clone) -> Period {
    let first = spans.clone().map(|span| span.start).min().filter(|start| *start > Instant::MIN);
    let last = spans.map(|span| span.end).max().filter(|end| *end < Instant::MAX);
    (first.map(Instant::day), last.map(|end| end.plus(-1).day()))
}
