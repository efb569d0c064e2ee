//! `pec statement`.

use std::process::ExitCode;

use azure_pec::{StatementBody, StatementDocument};
use azure_pec_formats::{BatchSink, Error};

use crate::args::{StatementArgs, StatementFormat};
use crate::command_text::CommandText;
use crate::job::Job;
use crate::look::Look;
use crate::statement_page::StatementPage;
use crate::subscription_sink::SubscriptionSink;
use crate::{failure, output};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 80;

/// Reads the usage once and prints the statement.
pub fn statement(args: &StatementArgs) -> Result<ExitCode, Error> {
    let job = Job::open(&args.input, args.format == StatementFormat::Json)?;
    let mut subscriptions = SubscriptionSink::all();
    let is_page = args.format == StatementFormat::Table;
    let sink = is_page.then_some(&mut subscriptions as &mut dyn BatchSink);
    let run = job.run(&args.by, (args.from, args.to), sink)?;
    let document = StatementDocument::new(run.statement.body(&job.calculator), run.inputs);
    if let Some(path) = &args.groups {
        output::write_groups(path, &document.body)?;
    }
    output::print(&match args.format {
        StatementFormat::Json => document.to_json(),
        StatementFormat::Csv => output::reasons_csv(&document.body)?,
        StatementFormat::Table => StatementPage {
            document: &document,
            calendars: &subscriptions.calendars(&job.calculator),
            rule: job.calculator.rule(),
            command: &CommandText::new(&args.input),
            look: Look::of_stdout(PIPED_WIDTH),
        }
        .render(),
    })?;
    Ok(limit(args, &document.body))
}

/// The status, with a word on the limit where it was met.
fn limit(args: &StatementArgs, body: &StatementBody) -> ExitCode {
    let Some(limit) = &args.fail_on_missed else { return ExitCode::SUCCESS };
    let over: Vec<String> = body
        .totals
        .iter()
        .filter(|total| total.missed > *limit)
        .map(|total| format!("{} {}", total.missed, total.currency))
        .collect();
    if over.is_empty() {
        return ExitCode::SUCCESS;
    }
    output::say(&format!("missed {}: more than {limit} (--fail-on-missed)", over.join(", ")));
    ExitCode::from(failure::LIMIT)
}
