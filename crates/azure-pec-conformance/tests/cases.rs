//! Every shared case is answered as it says.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::path::{Path, PathBuf};

use azure_pec_conformance::{CODES, Case, case_files, read_case_file, replay, replay_arithmetic};

/// Every file of cases.
fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    ["good", "bad"].iter().flat_map(|kind| case_files(&folder.join(kind)).unwrap()).collect()
}

/// What differs in a case; none where all is as it says.
fn difference(case: &Case) -> Option<String> {
    let known: &[&str] = match kind(case) {
        Some("arithmetic") => &["arithmetic", "answer", "error"],
        Some("files") => &["policy", "request", "files", "totals", "warnings", "error"],
        _ => &["policy", "partner", "access", "prices", "lines", "expect", "error"],
    };
    if let Some(key) = case.question.keys().find(|key| !known.contains(&key.as_str())) {
        return Some(format!("no runner knows the key {key:?}"));
    }
    match kind(case) {
        Some("arithmetic") => replay_arithmetic(case),
        #[cfg(feature = "files")]
        Some("files") => {
            let folder = tempfile::tempdir().unwrap();
            azure_pec_conformance::replay_files(case, folder.path())
        }
        _ => replay(case),
    }
}

fn kind(case: &Case) -> Option<&'static str> {
    ["arithmetic", "files"].into_iter().find(|kind| case.question.contains_key(*kind))
}

/// Every so-manieth file. `PEC_DIFFERENCES=1` stops at the first difference, as a run over mutants wants it; without the feature
/// `files` cases of files are passed over.
fn are_answered_as_they_say(first: usize) {
    let most = std::env::var("PEC_DIFFERENCES").map_or(usize::MAX, |most| most.parse().unwrap());
    let mut wrong = Vec::new();
    for file in files().iter().skip(first).step_by(PARTS) {
        for case in read_case_file(file).unwrap() {
            if kind(&case) == Some("files") && !cfg!(feature = "files") {
                continue;
            }
            if let Some(what) = difference(&case) {
                wrong.push(format!("{}: {}: {what}", file.display(), case.title));
                assert!(wrong.len() < most, "{}", wrong.join("\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The files in parts, each a test of its own: they run side by side, and a mutant is caught by the first.
macro_rules! parts {
    ($($name:ident $part:literal,)*) => {
        const PARTS: usize = [$($part),*].len();

        $(#[test]
        fn $name() {
            are_answered_as_they_say($part);
        })*
    };
}

parts! {
    cases_of_part_0 0,
    cases_of_part_1 1,
    cases_of_part_2 2,
    cases_of_part_3 3,
    cases_of_part_4 4,
    cases_of_part_5 5,
    cases_of_part_6 6,
    cases_of_part_7 7,
    cases_of_part_8 8,
    cases_of_part_9 9,
    cases_of_part_10 10,
    cases_of_part_11 11,
    cases_of_part_12 12,
    cases_of_part_13 13,
    cases_of_part_14 14,
    cases_of_part_15 15,
}

/// Codes that no case can bring about, or whose cases are tests of the crates: of faces that can be stopped (`cancelled`), of a
/// file that changes while it is read, of columns of Arrow and Parquet, of conversions and ratings that Rust alone asks for.
const WITHOUT_A_CASE: &[&str] = &[
    "input.changed",
    "input.column_type",
    "number.binary_float",
    "price.tiered",
    "price.missing",
    "fx.missing",
    "fx.overlap",
    "cancelled",
];

/// The smallest input for each reason and each error code that is reached so far.
#[test]
fn every_reason_and_every_error_code_has_its_case() {
    let cases: Vec<Case> = files().iter().flat_map(|file| read_case_file(file).unwrap()).collect();
    assert!(cases.len() >= 5_000, "{}", cases.len());
    let text = |case: &Case, key: &str| case.question.get(key).map(ToString::to_string).unwrap_or_default();
    for reason in azure_pec::Reason::ALL {
        let wanted = format!("\"reason\":\"{reason}\"");
        assert!(cases.iter().any(|case| text(case, "expect").contains(&wanted)), "no case of {reason}");
    }
    for code in CODES.iter().filter(|code| !WITHOUT_A_CASE.contains(code)) {
        let wanted = format!("\"code\":\"{code}\"");
        assert!(cases.iter().any(|case| text(case, "error").contains(&wanted)), "no case of {code}");
    }
}
