//! The command `pec` as a library: arguments in, pages out. The rule is the core's, files are the formats'; nothing here
//! judges a line.
#![forbid(unsafe_code)]

mod advice_page;
mod advise;
mod args;
mod at_stake;
mod calendar_page;
mod command_text;
mod day_page;
mod explain;
mod failure;
mod forecast_page;
mod history;
mod huge_pages;
mod inspect;
mod job;
mod look;
mod number;
mod output;
mod policy_args;
mod progress;
mod reconcile;
mod reconciliation_page;
mod rejects;
mod report;
mod statement;
mod statement_page;
mod suggestion_page;
mod table;
mod timeline;
mod transfer_page;
mod what_if;
mod what_if_page;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};

/// Runs the command of these words, the program's name first; answers go to standard output, what is wrong to standard error.
pub fn run(words: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args = match Args::try_parse_from(words) {
        Ok(args) => args,
        Err(error) => return failure::of_arguments(&error),
    };
    let json = args.command.is_json();
    // There may be millions of groups, which take much memory anyhow; nothing else does.
    if !matches!(&args.command, Command::Statement(args) if !args.by.is_empty()) {
        huge_pages::do_without();
    }
    let done = match &args.command {
        Command::Statement(args) => statement::statement(args),
        Command::Explain(args) => explain::explain(args),
        Command::Reconcile(args) => reconcile::reconcile(args),
        Command::Whatif(args) => what_if::what_if(args),
        Command::Advise(args) => advise::advise(args),
        Command::Inspect(args) => inspect::inspect(args),
        Command::History(args) => history::history(args),
        Command::Report(args) => report::report(args),
    };
    done.unwrap_or_else(|error| failure::report(&error, json))
}

/// What these words are understood as, for debuggers; nothing is run.
///
/// # Errors
/// What is wrong with them on one line, as [`run`] says it; the page where help or the version is asked for.
pub fn understood(words: impl IntoIterator<Item = OsString>) -> Result<String, String> {
    match Args::try_parse_from(words) {
        Ok(args) => Ok(format!("{:?}", args.command)),
        Err(error) if error.use_stderr() => Err(failure::one_line(&error.render().to_string())),
        Err(error) => Err(error.render().to_string()),
    }
}
