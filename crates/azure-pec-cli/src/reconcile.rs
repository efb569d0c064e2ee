//! `pec reconcile`.

use std::process::ExitCode;

use azure_pec::ReconciliationDocument;
use azure_pec_formats::{Error, Job, Request, Watch, write_dispute_pack};

use crate::args::{ReconcileArgs, ReconciliationFormat};
use crate::look::Look;
use crate::reconciliation_page::ReconciliationPage;
use crate::{failure, job, output};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 100;

/// Holds what was billed against what the rule expects.
pub fn reconcile(args: &ReconcileArgs) -> Result<ExitCode, Error> {
    let request = Request { out: args.out.clone(), ..job::request(&args.input) };
    let opened = Job::open_by_role(&request, &Watch::default())?;
    let read = job::reconcile(&opened, &request, args.format == ReconciliationFormat::Json)?;
    let document = if let Some(path) = &args.out {
        let (body, disputed) = read.reconciliation.finish_with_lines(&opened.calculator);
        let document = ReconciliationDocument::new(body, read.run.inputs);
        write_dispute_pack(path, &document, &disputed, &opened.inputs, &opened.calculator)?;
        document
    } else {
        ReconciliationDocument::new(read.reconciliation.finish(&opened.calculator), read.run.inputs)
    };
    output::print(&match args.format {
        ReconciliationFormat::Json => document.to_json(),
        ReconciliationFormat::Csv => output::findings_csv(&document.body),
        ReconciliationFormat::Table => {
            ReconciliationPage { document: &document, look: Look::of_stdout(PIPED_WIDTH) }.render()
        }
    })?;
    if args.format == ReconciliationFormat::Csv {
        output::say_warnings(&document.body.warnings);
    }
    if args.fail_on_difference && document.body.differs() {
        output::say("the bill is not what it should be (--fail-on-difference)");
        return Ok(ExitCode::from(failure::LIMIT));
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    /// The page of a month of the example.
    fn page(month: &str) -> String {
        // Tests run in the crate's folder; the path is the same on every machine.
        let folder = format!("../../examples/contoso-reconcile/{month}");
        let Command::Reconcile(args) = Args::parse_from(["pec", "reconcile", &folder]).command else {
            panic!()
        };
        let request = job::request(&args.input);
        let opened = Job::open_by_role(&request, &Watch::default()).unwrap();
        let read = job::reconcile(&opened, &request, false).unwrap();
        let body = read.reconciliation.finish(&opened.calculator);
        let document = ReconciliationDocument::new(body, read.run.inputs);
        ReconciliationPage { document: &document, look: Look { width: 100, color: false } }.render()
    }

    #[test]
    fn pages_keep_to_their_width() {
        for month in ["clean", "pending", "breaks/1-withheld", "breaks/5-corrected-later"] {
            let page = page(month);
            let widest = page.lines().map(|line| line.chars().count()).max();
            assert!(widest.is_some_and(|widest| widest <= 100), "{widest:?}:\n{page}");
        }
        let page = page("breaks/1-withheld");
        for said in ["observed.missing", "2026-10-05 to 06", "USD 6.62", "EUR 6.04", "EUR 1540.07"] {
            assert!(page.contains(said), "{said}:\n{page}");
        }
    }
}
