//! Results to standard output, everything else to standard error. A reader that closes its pipe has seen enough.

use std::io::{self, ErrorKind, Write};

use azure_pec::{ReasonSums, ReconciliationBody, StatementBody, Warning};
use azure_pec_formats::{Error, ErrorDocument, Fault, Place, findings_table};
use serde::Serialize;

use crate::number::count;

/// Prints a result.
pub fn print(text: &str) -> Result<(), Error> {
    write(|out| out.write_all(text.as_bytes()))
}

/// Prints a result that is written piece by piece.
pub fn write(result: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Error> {
    let mut out = io::BufWriter::new(io::stdout().lock());
    match result(&mut out).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(failed("standard output", &error)),
        _ => Ok(()),
    }
}

/// Says something beside the result. Where standard error is closed nobody listens.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says what to know of the numbers, beside a result that has no place for it.
pub fn say_warnings(warnings: &[Warning]) {
    for warning in warnings {
        let (words, times) = told(warning);
        let times = times.map(|times| format!(" ({times})")).unwrap_or_default();
        say(&format!("warning[{}]: {words}{times}", warning.code));
    }
}

/// What a warning says, and how often where its words do not say it.
pub fn told(warning: &Warning) -> (String, Option<String>) {
    let (message, times) = (&warning.message, count(warning.count));
    // Some messages go on from their count, others are whole sentences.
    match message.starts_with("lines ") {
        true => (format!("{times} {message}"), None),
        false => (message.clone(), (warning.count != 1).then(|| format!("{times} times"))),
    }
}

/// Says an error as JSON on one line, under a name.
pub fn say_json(name: &str, error: &Error) {
    // Not by way of a JSON value: it would sort the keys.
    let document = serde_json::to_string(&ErrorDocument::from(error)).unwrap_or_default();
    say(&format!("{{\"{name}\":{document}}}"));
}

/// The sums by reason as CSV.
pub fn reasons_csv(body: &StatementBody) -> Result<String, Error> {
    let table = || -> io::Result<Vec<u8>> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(SUMS)?;
        for row in &body.reasons {
            writer.write_record(sums(row))?;
        }
        writer.into_inner().map_err(csv::IntoInnerError::into_error)
    };
    let bytes = table().map_err(|error| failed("standard output", &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The findings of a reconciliation as CSV.
pub fn findings_csv(body: &ReconciliationBody) -> String {
    String::from_utf8_lossy(&findings_table(body)).into_owned()
}

/// A document as every face prints it: two-space indents, a newline at the end.
pub fn json(document: &impl Serialize) -> String {
    serde_json::to_string_pretty(document).unwrap_or_default() + "\n"
}

const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];

fn sums(row: &ReasonSums) -> [String; 7] {
    [
        row.currency.clone(),
        row.outcome.to_owned(),
        row.reason.to_owned(),
        row.lines.to_string(),
        row.list_amount.to_string(),
        row.potential.to_string(),
        row.credit.to_string(),
    ]
}

fn failed(what: &str, error: &io::Error) -> Error {
    Fault::WriteFailed { problem: error.to_string() }.at(Place::file(what))
}
