//! What serde says when it refuses a document, turned into the project's errors.

use azure_pec::Error as Core;
use azure_pec::Instant;
use serde_path_to_error::Segment;

use crate::error::Fault;

/// The fault that an error of serde_json stands for; its place is told apart.
pub(crate) fn json(error: &serde_json::Error) -> Fault {
    let mut text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    if let Some(problem) = text.strip_suffix(&place) {
        text.truncate(problem.len());
    }
    if error.is_eof() {
        return Fault::Truncated { problem: text };
    }
    if text.starts_with("recursion limit") {
        return Fault::TooDeep;
    }
    of_text(text)
}

/// The fault of a value that its type refused: `[code] message` where the core said so.
pub(crate) fn of_text(text: String) -> Fault {
    let coded = text.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    let known = coded.and_then(|(code, problem)| {
        let sample = samples().into_iter().find(|sample| sample.code() == code)?;
        Some(Fault::Coded { code: sample.code(), help: sample.help(), problem: problem.to_owned() })
    });
    known.unwrap_or(Fault::JsonMalformed { problem: text })
}

/// One of each error that a value of the core may carry through serde: its code and help are asked of it.
fn samples() -> [Core; 6] {
    let found = String::new;
    [
        Core::IdInvalid { expected: "", found: found() },
        Core::DateInvalid { expected: "", found: found() },
        Core::NumberInvalid { found: found() },
        Core::NumberTooPrecise { found: found() },
        Core::PolicyInvalid { key: found(), expected: found(), found: found() },
        Core::GrantInverted { what: "", id: found(), start: Instant::MIN, end: Instant::MIN },
    ]
}

/// The path of the field that was refused, below `base`.
pub(crate) fn path(base: &str, below: &serde_path_to_error::Path, message: &str) -> String {
    let mut path = base.to_owned();
    let mut last = "";
    for segment in below.iter() {
        match segment {
            Segment::Seq { index } => path.push_str(&format!("[{index}]")),
            Segment::Map { key: name } | Segment::Enum { variant: name } => {
                push(&mut path, name);
                last = name;
            }
            Segment::Unknown => {}
        }
    }
    // A field that is not there has no segment of its own; the message names it.
    if let Some(name) = named_field(message).filter(|name| *name != last) {
        push(&mut path, name);
    }
    path
}

fn push(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}

/// The field that "missing field `x`", "unknown field `x`" and "duplicate field `x`" name.
fn named_field(message: &str) -> Option<&str> {
    let rest = ["missing field `", "unknown field `", "duplicate field `"]
        .iter()
        .find_map(|start| message.strip_prefix(start))?;
    rest.split('`').next()
}
