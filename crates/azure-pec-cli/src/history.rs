//! `pec history`.

use std::process::ExitCode;

use azure_pec::{AccessHistory, Finding, InputSummary, Observed};
use azure_pec_formats::{Error, Fault, Inputs, Operation, Place, Request, Watch, load, write_history_file};

use crate::args::HistoryArgs;
use crate::job::request;
use crate::number::counted;
use crate::output;

/// Puts all exports of access together, writes the history, and says what it was made of on standard error.
pub fn history(args: &HistoryArgs) -> Result<ExitCode, Error> {
    let out = Some(args.out.clone());
    let request = Request { operation: Operation::History, out, ..request(&args.input) };
    let inputs = load(&request.paths, &request.load_options(&Watch::default()))?;
    request.check_outputs(&inputs)?;
    // What cannot be reckoned with later is refused now.
    inputs.calculator()?;
    for file in &inputs.files {
        output::say(&line(file));
        for note in &file.notes {
            output::say(&format!("  - {note}"));
        }
    }
    let Inputs { access: Some(history), findings, .. } = &inputs else {
        let passed_over = inputs.files.len();
        return Err(Fault::NothingUsable { passed_over }.at(Place::default()));
    };
    for finding in findings {
        output::say(&warning(finding));
    }
    write_history_file(history, &args.out)?;
    output::say(&format!("{}: {}", args.out.display(), counts(history)));
    Ok(ExitCode::SUCCESS)
}

fn line(file: &InputSummary) -> String {
    match file.kind.as_deref() {
        Some(kind) if kind.starts_with("access.") => {
            format!("{}: {kind}, {}, {} used", file.path, counted(file.records, "record"), file.used)
        }
        Some(kind) => format!("{}: {kind}, not a part of the history", file.path),
        None => format!("{}: passed over", file.path),
    }
}

fn warning(finding: &Finding) -> String {
    format!("warning[{}]: {}", finding.code, finding.message)
}

fn counts(history: &AccessHistory) -> String {
    let observed = match &history.observed {
        Observed::Complete => "observed completely".to_owned(),
        Observed::Windows(windows) => counted(windows.len() as u64, "observed window"),
    };
    let parts = [
        (history.grants.len(), "grant"),
        (history.denies.len(), "deny assignment"),
        (history.hierarchy.len(), "management group link"),
        (history.roles.len(), "role definition"),
        (history.links.len(), "partner admin link"),
        (history.nameless.len(), "grant of which only the name is known"),
        (history.moves.len(), "resource that moved away"),
    ];
    let parts =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| counted(*count as u64, what));
    parts.chain([observed]).collect::<Vec<_>>().join(", ")
}
