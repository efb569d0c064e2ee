//! Cases of whole files: laid into an empty folder, and a statement of that folder asked for, by a request document as the
//! bindings send it.

use std::path::Path;

use azure_pec_formats::{Refused, Request, Watch, ask};
use serde_json::{Map, Value, json};

use crate::case::Case;

/// Replays a case of files in an empty folder; none where all is as expected.
#[must_use]
pub fn replay_files(case: &Case, folder: &Path) -> Option<String> {
    if let Err(problem) = lay_out(case, folder) {
        return Some(problem);
    }
    match (ask_files(case, folder), case.question.get("error"), case.question.get("totals")) {
        (Err(told), Some(expected), _) => {
            (!holds(&told, expected)).then(|| format!("{told}, expected {expected}"))
        }
        (Err(told), None, _) => Some(told.to_string()),
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

/// The question: a statement of the folder, with what the case adds. Paths of the case lie in the folder.
fn request(case: &Case, folder: &Path) -> Map<String, Value> {
    let inside = |path: &Value| path.as_str().map_or(Value::Null, |path| json!(folder.join(path)));
    let own = [("paths", json!([folder])), ("base", json!(folder)), ("threads", json!(1))];
    let mut request: Map<String, Value> =
        own.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    request.extend(case.question.get("policy").map(|policy| ("policy".to_owned(), policy.clone())));
    let more = case.question.get("request").and_then(Value::as_object).into_iter().flatten();
    request.extend(more.map(|(key, value)| {
        let value = match key.as_str() {
            "paths" => value.as_array().into_iter().flatten().map(inside).collect(),
            "groups" | "lines" | "rejects" => inside(value),
            _ => value.clone(),
        };
        (key.clone(), value)
    }));
    request
}

/// Puts the question of a case of files that are laid into the folder.
///
/// # Errors
/// What is wrong, as a JSON document: of rejected lines the first one's error, unless the case allows for some.
pub fn ask_files(case: &Case, folder: &Path) -> Result<Value, Value> {
    let request = request(case, folder);
    let allows = request.contains_key("allow_rejected");
    let told = |refused: Refused| {
        let mut told: Value = serde_json::from_str(&refused.to_json()).unwrap_or_default();
        let first =
            told.get_mut("rejected").and_then(|all| all.get_mut(0)).filter(|_| !allows).map(Value::take);
        first.unwrap_or(told)
    };
    let asked = Request::from_json(&Value::Object(request).to_string()).map_err(Refused::from);
    let answer = asked.and_then(|request| ask(&request, &Watch::default())).map_err(told)?;
    let mut answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    Ok(answer.get_mut("body").map(Value::take).unwrap_or_default())
}

/// Whether the rows of a part of the body are others than expected, as far as fields are written there.
fn rows_differ(body: &Value, part: &str, expected: &Value) -> Option<String> {
    let rows = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (found, wanted) = (rows(body.get(part)), rows(Some(expected)));
    let same =
        found.len() == wanted.len() && found.iter().zip(&wanted).all(|(found, wanted)| holds(found, wanted));
    (!same).then(|| format!("{part} {}, expected {expected}", Value::Array(found)))
}

/// Whether all that is written in `expected` is so in `found`.
fn holds(found: &Value, expected: &Value) -> bool {
    expected.as_object().into_iter().flatten().all(|(key, value)| found.get(key) == Some(value))
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
