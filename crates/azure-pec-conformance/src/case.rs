//! Cases in files, and their replay.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::request::{Request, answer};

/// A file of cases.
#[derive(Debug, Deserialize)]
pub struct CaseFile {
    /// `azure-pec/cases/1`.
    pub schema: String,
    /// The cases.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// What it is about.
    pub title: String,
    /// Where the expected answer comes from.
    pub source: String,
    /// The question.
    #[serde(flatten)]
    pub question: Map<String, Value>,
}

/// A case whose answer is not the expected one.
#[derive(Debug)]
pub struct Difference {
    /// The file.
    pub file: PathBuf,
    /// The case.
    pub title: String,
    /// What differs.
    pub what: String,
}

/// Every case below a folder, in the order of the files' paths.
///
/// # Errors
/// A file that cannot be read, or is of another form.
pub fn read_cases(folder: &Path) -> Result<Vec<(PathBuf, Case)>, String> {
    let mut cases = Vec::new();
    for path in case_files(folder)? {
        cases.extend(read_case_file(&path)?.into_iter().map(|case| (path.clone(), case)));
    }
    Ok(cases)
}

/// The files of cases below a folder, in the order of their paths.
///
/// # Errors
/// A folder that cannot be read.
pub fn case_files(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        let entries = std::fs::read_dir(&next).map_err(|error| format!("{}: {error}", next.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}

/// The cases of a file.
///
/// # Errors
/// As [`read_cases`].
pub fn read_case_file(path: &Path) -> Result<Vec<Case>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let file: CaseFile =
        serde_json::from_str(&text).map_err(|error| format!("{}: {error}", path.display()))?;
    if file.schema != "azure-pec/cases/1" {
        return Err(format!("{}: schema {:?}", path.display(), file.schema));
    }
    Ok(file.cases)
}

/// Replays a case of lines; none where all is as expected.
#[must_use]
pub fn replay(case: &Case) -> Option<String> {
    let question = Value::Object(case.question.clone()).to_string();
    let request: Request = match serde_json::from_str(&question) {
        Ok(request) => request,
        Err(error) => return Some(format!("not a case: {error}")),
    };
    let expected_error =
        case.question.get("error").and_then(|error| error.get("code")).and_then(Value::as_str);
    let answers = match (answer(&request), expected_error) {
        (Err((code, _)), Some(expected)) if code == expected => return None,
        (Err((code, message)), expected) => {
            return Some(format!("error {code} ({message}), expected {}", expected.unwrap_or("answers")));
        }
        (Ok(_), Some(expected)) => return Some(format!("answered, expected the error {expected}")),
        (Ok(answers), None) => answers,
    };
    let Some(expected) = case.question.get("expect").and_then(Value::as_array) else {
        return Some("neither expect nor error".to_owned());
    };
    if expected.len() != answers.len() {
        return Some(format!("{} answers, expected {}", answers.len(), expected.len()));
    }
    for (at, (answer, expected)) in answers.iter().zip(expected).enumerate() {
        let answer = serde_json::to_value(answer).unwrap_or_default();
        for (field, value) in expected.as_object().into_iter().flatten() {
            if answer.get(field) != Some(value) {
                let found = answer.get(field).cloned().unwrap_or_default();
                return Some(format!("line {}: {field} is {found}, expected {value} ({answer})", at + 1));
            }
        }
    }
    None
}
