//! `pec statement`.

use std::process::ExitCode;

use azure_pec::{Calculator, Calendar, Statement, StatementBody, StatementDocument};
use azure_pec_formats::{
    BatchSink, Error, Job, LinesWriter, Request, RunOptions, Watch, body_on, write_groups,
};

use crate::args::{StatementArgs, StatementFormat};
use crate::command_text::CommandText;
use crate::job::{read, request};
use crate::look::Look;
use crate::statement_page::StatementPage;
use crate::{failure, output};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 80;

/// Reads the usage once and prints the statement.
pub fn statement(args: &StatementArgs) -> Result<ExitCode, Error> {
    let (lines, groups) = (args.lines.clone(), args.groups.clone());
    let request = Request { max_memory: args.max_memory, lines, groups, ..request(&args.input) };
    let json = args.format == StatementFormat::Json;
    let job = Job::open(&request, &Watch::default())?;
    let amounts = request.amounts;
    let mut lines =
        args.lines.as_ref().map(|path| LinesWriter::create(path, &job.calculator, amounts)).transpose()?;
    // Without a sink the files are read on all threads.
    let sink = lines.as_mut().map(|lines| lines as &mut dyn BatchSink);
    let mut options = RunOptions::by(&args.by, (args.from, args.to));
    if args.format == StatementFormat::Table {
        options.beside = Calendar::KEYS.to_vec();
    }
    let mut run = read(&job, &request, json, options, sink)?;
    let beside = run.beside.take();
    lines.map(LinesWriter::finish).transpose()?;
    let body = body_on(request.thread_count(), run.statement, &job.calculator);
    if let Some(path) = &args.groups {
        write_groups(&body, path, request.thread_count(), amounts)?;
    }
    let exit = limit(args, &body);
    match args.format {
        StatementFormat::Json => {
            let document = StatementDocument::new(body, run.inputs);
            output::write(|out| document.write_json(out))?;
        }
        StatementFormat::Csv => {
            output::print(&output::reasons_csv(&body)?)?;
            output::say_warnings(&body.warnings);
        }
        StatementFormat::Table => output::print(
            &StatementPage {
                body: &body,
                inputs: &run.inputs,
                calendars: &calendars(beside, &job.calculator),
                rule: job.calculator.rule(),
                command: &CommandText::new(&args.input),
                since: args.from,
                look: Look::of_stdout(PIPED_WIDTH),
            }
            .render(),
        )?,
    }
    job.leave();
    Ok(exit)
}

/// Every subscription day by day, of sums by the keys of calendars.
fn calendars(sums: Option<Statement>, calculator: &Calculator) -> Vec<Calendar> {
    sums.map_or_else(Vec::new, |sums| Calendar::all(&sums.into_body(calculator), calculator.rule()))
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

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Args, Command};

    /// The page of the example as a terminal of so many columns shows it.
    fn page(width: usize) -> String {
        // Tests run in the crate's folder; the path is the same on every machine.
        let folder = "../../examples/contoso";
        let Command::Statement(args) = Args::parse_from(["pec", "statement", folder]).command else {
            panic!()
        };
        let request = request(&args.input);
        let job = Job::open(&request, &Watch::default()).unwrap();
        let options = RunOptions { beside: Calendar::KEYS.to_vec(), ..RunOptions::default() };
        let run = read(&job, &request, false, options, None).unwrap();
        let page = StatementPage {
            body: &run.statement.into_body(&job.calculator),
            inputs: &run.inputs,
            calendars: &calendars(run.beside, &job.calculator),
            rule: job.calculator.rule(),
            command: &CommandText::new(&args.input),
            since: None,
            look: Look { width, color: false },
        };
        page.render()
    }

    #[test]
    fn pages_keep_to_their_width() {
        insta::assert_snapshot!(page(100));
        for width in [72, 80, 95, 96, 100] {
            // Advised commands are not cut within a word, and the folder's path is as long as it is.
            let page = page(width);
            let pages = page.lines().filter(|line| !line.contains("examples/contoso"));
            let widest = pages.map(|line| line.chars().count()).max();
            assert!(widest.is_some_and(|widest| widest <= width), "{widest:?} of {width}:\n{page}");
        }
    }
}
