//! Cases of whole files: laid into an empty folder, and a statement of that folder asked for.

use std::path::Path;

use azure_pec::Statement;
use azure_pec_formats::{Error, LoadOptions, RunOptions, load, run};
use serde_json::Value;

use crate::case::Case;

/// Replays a case of files in an empty folder; none where all is as expected.
#[must_use]
pub fn replay_files(case: &Case, folder: &Path) -> Option<String> {
    if let Err(problem) = lay_out(case, folder) {
        return Some(problem);
    }
    match (body(case, folder), case.question.get("error"), case.question.get("totals")) {
        (Err(error), Some(expected), _) => differs(&error, expected, folder),
        (Err(error), None, _) => Some(format!("error {}: {error}", error.code())),
        (Ok(_), Some(expected), _) => Some(format!("answered, expected the error {expected}")),
        (Ok(body), None, Some(expected)) => rows_differ(&body, "totals", expected)
            .or_else(|| rows_differ(&body, "warnings", case.question.get("warnings")?)),
        (Ok(_), None, None) => Some("neither totals nor error".to_owned()),
    }
}

/// Lays the files of a case into a folder.
///
/// # Errors
/// What the case lacks, or what cannot be written.
pub fn lay_out(case: &Case, folder: &Path) -> Result<(), String> {
    let files = case.question.get("files").and_then(Value::as_array).ok_or("no files")?;
    for file in files {
        let text = |key: &str| file.get(key).and_then(Value::as_str);
        let path = folder.join(text("name").ok_or("a file without a name")?);
        let content = match (text("text"), text("base64")) {
            (Some(text), _) => text.as_bytes().to_vec(),
            (None, Some(code)) => from_base64(code).ok_or("broken base64")?,
            (None, None) => return Err("a file without content".to_owned()),
        };
        path.parent().map_or(Ok(()), std::fs::create_dir_all).map_err(|error| error.to_string())?;
        std::fs::write(&path, content).map_err(|error| error.to_string())?;
    }
    Ok(())
}

/// The body of the folder's statement; the first rejected line's error where one was rejected.
fn body(case: &Case, folder: &Path) -> Result<Value, Error> {
    let policy = case.question.get("policy").and_then(Value::as_object);
    let policy = policy.into_iter().flatten().map(|(key, value)| {
        (key.clone(), value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned))
    });
    let options = LoadOptions { policy: policy.collect(), ..LoadOptions::default() };
    let inputs = load(&[folder.to_path_buf()], &options)?;
    let calculator = inputs.calculator()?;
    let options = RunOptions::default();
    let mut run = run(&inputs, &calculator, &options, None, &|_| {})?;
    if !run.rejects.is_empty() {
        return Err(run.rejects.swap_remove(0).error);
    }
    let statement: Statement = run.statement;
    Ok(serde_json::to_value(statement.body(&calculator)).unwrap_or_default())
}

/// Whether the error is another than expected, or stands elsewhere.
fn differs(error: &Error, expected: &Value, folder: &Path) -> Option<String> {
    let text = |key: &str| expected.get(key).and_then(Value::as_str);
    let file = error.place.file.as_deref().map(|name| {
        Path::new(name)
            .strip_prefix(folder)
            .map_or_else(|_| name.to_owned(), |path| path.display().to_string())
    });
    let wrong = text("code") != Some(error.code())
        || text("file").is_some_and(|expected| file.as_deref() != Some(expected))
        || text("column").is_some_and(|expected| error.place.column.as_deref() != Some(expected))
        || expected.get("line").and_then(Value::as_u64).is_some_and(|line| error.place.line != Some(line));
    wrong.then(|| format!("error {} at {:?} ({error}), expected {expected}", error.code(), error.place))
}

/// Whether the rows of a part of the body are others than expected, as far as fields are written there.
fn rows_differ(body: &Value, part: &str, expected: &Value) -> Option<String> {
    let rows = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (found, wanted) = (rows(body.get(part)), rows(Some(expected)));
    let same = found.len() == wanted.len()
        && found.iter().zip(&wanted).all(|(found, wanted)| {
            wanted.as_object().into_iter().flatten().all(|(key, value)| found.get(key) == Some(value))
        });
    (!same).then(|| format!("{part} {}, expected {expected}", Value::Array(found)))
}

/// Plain base64: enough for the cases, which hold a few broken files.
fn from_base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for letter in text.bytes().filter(|letter| *letter != b'=') {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(bytes)
}
