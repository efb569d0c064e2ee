//! Results to standard output, everything else to standard error. A reader that closes its pipe has seen enough.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::Path;

use azure_pec::StatementBody;
use azure_pec_formats::{Error, Fault, Place};

use crate::failure::ErrorDocument;

/// Prints a result.
pub fn print(text: &str) -> Result<(), Error> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(failed("standard output", &error)),
        _ => Ok(()),
    }
}

/// Says something beside the result. Where standard error is closed nobody listens.
pub fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says an error as JSON on one line, under a name.
pub fn say_json(name: &str, error: &Error) {
    // Not by way of a JSON value: it would sort the keys.
    let document = serde_json::to_string(&ErrorDocument::from(error)).unwrap_or_default();
    say(&format!("{{\"{name}\":{document}}}"));
}

/// The sums by reason as CSV.
pub fn reasons_csv(body: &StatementBody) -> Result<String, Error> {
    let mut bytes = Vec::new();
    write_table(&mut bytes, &SUMS, body.reasons.iter().map(|row| sums(row)))
        .map_err(|error| failed("standard output", &error))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Writes the groups as CSV.
pub fn write_groups(path: &Path, body: &StatementBody) -> Result<(), Error> {
    let groups = body.groups.as_deref().unwrap_or_default();
    let keys = groups.first().map(|row| row.keys.as_slice()).unwrap_or_default();
    let header: Vec<&str> = keys.iter().map(|(key, _)| key.name()).chain(SUMS).collect();
    let rows = groups.iter().map(|row| {
        row.keys.iter().map(|(_, value)| value.clone()).chain(sums(&row.sums)).collect::<Vec<String>>()
    });
    write_file(path, &header, rows)
}

/// Writes a table to a file as CSV.
pub fn write_file<R: AsRef<[String]>>(
    path: &Path,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> Result<(), Error> {
    File::create(path)
        .and_then(|file| write_table(BufWriter::new(file), header, rows))
        .map_err(|error| failed(&path.to_string_lossy(), &error))
}

const SUMS: [&str; 7] = ["currency", "outcome", "reason", "lines", "list_amount", "potential", "credit"];

fn sums(row: &azure_pec::ReasonSums) -> [String; 7] {
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

fn write_table<R: AsRef<[String]>>(
    out: impl Write,
    header: &[&str],
    rows: impl Iterator<Item = R>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.as_ref())?;
    }
    writer.flush()
}

fn failed(what: &str, error: &io::Error) -> Error {
    Fault::WriteFailed { problem: error.to_string() }.at(Place::file(what))
}
