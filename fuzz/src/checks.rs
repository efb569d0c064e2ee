//! What holds of every error.

use azure_pec_conformance::CODES;
use azure_pec_formats::{Error, Reject};

/// The name of whatever is read.
pub const NAME: &str = "input";

/// Asserts that a code is one of those that are promised.
pub fn is_code(code: &str) {
    assert!(CODES.contains(&code), "the code {code:?} is none that is promised");
}

/// Asserts that an error has a code, help, one line of words, and a place that can be.
pub fn tells(error: &Error, bytes: &[u8]) {
    is_code(error.code());
    assert!(!error.help().is_empty(), "no help: {error}");
    let words = error.to_string();
    assert!(!words.trim().is_empty() && !words.contains(['\n', '\r']), "not one line: {words:?}");
    if let Some(line) = error.place.line {
        let lines = memchr_lines(bytes);
        // What is packed has other lines than its bytes.
        let plain =
            !bytes.starts_with(b"\x1f\x8b") && !bytes.starts_with(b"PK") && !bytes.starts_with(b"PAR1");
        assert!(line >= 1 && (!plain || line <= lines), "line {line} of {lines}: {error}");
    }
}

/// The same of an error of what was read under [`NAME`], which names it.
pub fn names(error: &Error, bytes: &[u8]) {
    tells(error, bytes);
    let file = error.place.file.as_deref().unwrap_or_default();
    assert!(file.starts_with(NAME), "no file is named: {error}");
}

/// Asserts that a rejected record is told with its line.
pub fn rejects(reject: &Reject, bytes: &[u8]) {
    names(&reject.error, bytes);
    assert!(reject.error.place.line.is_some(), "rejected without a line: {}", reject.error);
}

/// The lines of a text, at least one.
fn memchr_lines(bytes: &[u8]) -> u64 {
    1 + bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() as u64
}
