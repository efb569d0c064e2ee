//! Exports of access, and histories.

use azure_pec::{AccessHistory, Calculator, Chronicle};
use azure_pec_formats::{AccessRead, Error, document_kind, read_access, read_history, write_history};

use crate::checks::{self, NAME};

/// Any export of access: read twice the same; its history is one that is written and read again as it was.
pub fn exports(bytes: &[u8]) {
    assert_eq!(document_kind(NAME, bytes), document_kind(NAME, bytes));
    read_by(bytes, |bytes| read_access(NAME, bytes, None));
    let taken_at = "2026-11-01T06:00:00Z".parse().ok();
    if let Ok(read) = read_access(NAME, bytes, taken_at) {
        assert!(!read.time_assumed || taken_at.is_none(), "a time was given and another assumed");
    }
}

/// A history in the project's own form.
pub fn history(bytes: &[u8]) {
    assert_eq!(document_kind(NAME, bytes), document_kind(NAME, bytes));
    read_by(bytes, |bytes| read_history(NAME, bytes));
}

fn read_by(bytes: &[u8], read: impl Fn(&[u8]) -> Result<AccessRead, Error>) {
    let once = read(bytes);
    assert_eq!(once, read(bytes), "read twice, two answers");
    let read = match once {
        Ok(read) => read,
        Err(error) => return checks::names(&error, bytes),
    };
    assert!(read.used <= read.records, "more records used than there are");
    if let Some(error) = &read.undated {
        checks::names(error, bytes);
    }
    let (history, findings) = read.chronicle.history();
    assert_eq!(findings, read.chronicle.history().1, "put together twice, two findings");
    match Calculator::builder().access(history.clone()).build() {
        Ok(_) => written(&history),
        Err(error) => checks::is_code(error.code()),
    }
}

/// What is written is read, and written again it is the same to the byte.
fn written(history: &AccessHistory) {
    let text = |history: &AccessHistory| {
        let mut bytes = Vec::new();
        assert!(write_history(history, &mut bytes).is_ok());
        bytes
    };
    let bytes = text(history);
    match read_history(NAME, &bytes) {
        Ok(read) => {
            let (kept, _) =
                Chronicle { histories: read.chronicle.histories, ..Chronicle::default() }.into_history();
            let again = text(&kept);
            assert_eq!(
                String::from_utf8_lossy(&again),
                String::from_utf8_lossy(&bytes),
                "written, read and written again, the history is another"
            );
        }
        Err(error) => assert_eq!(error.to_string(), "", "a history that was written is not read"),
    }
}
