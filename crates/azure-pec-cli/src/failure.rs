//! What is said, and with which status the command ends, where something is wrong.

use std::process::ExitCode;

use azure_pec_formats::{Error, Fault, Place};

use crate::output;

/// The input cannot be answered for.
const INPUT: u8 = 1;
/// The arguments are wrong.
const USAGE: u8 = 2;
/// A limit that the user set was met.
pub const LIMIT: u8 = 3;

/// Says what is wrong on standard error; gives the status to end with.
pub fn report(error: &Error, json: bool) -> ExitCode {
    if json {
        output::say_json("error", error);
    } else {
        output::say(&format!("error[{}]: {error}\nhelp: {}", error.code(), error.help()));
    }
    ExitCode::from(if matches!(error.fault, Fault::Arguments { .. }) { USAGE } else { INPUT })
}

/// Arguments that do not go together.
pub fn arguments(problem: impl Into<String>) -> Error {
    Fault::Arguments { problem: problem.into() }.at(Place::default())
}

/// What clap refuses, in the same form as every other error; help and version as they are.
pub fn of_arguments(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let text = error.render().to_string();
        return output::print(&text).map_or_else(|error| report(&error, false), |()| ExitCode::SUCCESS);
    }
    // Without a subcommand clap shows the help; that it is missing is said by the status.
    if error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        output::say(error.render().to_string().trim_end());
        return ExitCode::from(USAGE);
    }
    report(&arguments(one_line(&error.render().to_string())), asks_for_json())
}

/// What is wrong on one line, with clap's tip; usage and the pointer to `--help` are left out.
pub fn one_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let paragraphs = text.split("\n\n").filter(|part| {
        let part = part.trim_start();
        !part.starts_with("Usage:") && !part.starts_with("For more information")
    });
    let lines = paragraphs.map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ")
}

/// The format asked for, where the arguments could not be read.
fn asks_for_json() -> bool {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    words.iter().any(|word| word == "--format=json")
        || words
            .iter()
            .zip(words.iter().skip(1))
            .any(|(option, value)| option == "--format" && value == "json")
}
