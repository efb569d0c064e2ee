//! Every shared case of lines, asked as the bindings ask: by request documents.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::path::Path;

use azure_pec_conformance::{Case, read_cases};
use azure_pec_formats::{Compiled, Error, LoadRequest, Watch, load_part};
use serde_json::{Map, Value, json};

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    ["good", "bad"]
        .iter()
        .flat_map(|kind| read_cases(&folder.join(kind)).unwrap())
        .map(|(_, case)| case)
        .collect()
}

/// Whether all that is written in `expected` is so in `found`.
fn holds(found: &Value, expected: &Value) -> bool {
    expected.as_object().unwrap().iter().all(|(key, value)| found[key] == *value)
}

fn credits(question: &Map<String, Value>) -> Result<Value, Error> {
    let mut parts = Vec::new();
    for part in ["access", "prices", "partner"] {
        if let Some(document) = question.get(part) {
            let request = json!({"part": part, "document": document}).to_string();
            parts.push(load_part(&LoadRequest::from_json(&request)?, &Watch::default())?);
        }
    }
    let policy = question.get("policy").cloned().unwrap_or_else(|| json!({}));
    let request = LoadRequest::from_json(&json!({"policy": policy}).to_string())?;
    let compiled = Compiled::new(&parts.iter().collect::<Vec<_>>(), &request)?;
    Ok(serde_json::from_str(&compiled.credits(&question["lines"].to_string())?).unwrap())
}

#[test]
fn lines_are_answered_as_their_cases_say() {
    let cases: Vec<Case> = cases().into_iter().filter(|case| case.question.contains_key("lines")).collect();
    for case in &cases {
        let expected = case.question.get("expect");
        match (credits(&case.question), expected.and_then(Value::as_array)) {
            (Ok(Value::Array(found)), Some(expected)) => {
                let same = found.iter().zip(expected).all(|(found, expected)| holds(found, expected));
                assert!(same && found.len() == expected.len(), "{}: {found:?}", case.title);
            }
            (Err(error), None) => assert_eq!(case.question["error"]["code"], error.code(), "{}", case.title),
            (answer, _) => panic!("{}: {answer:?}", case.title),
        }
    }
    assert!(cases.len() >= 1_900);
}
