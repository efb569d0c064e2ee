//! Every shared case is answered as it says.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::path::Path;

use azure_pec_conformance::{CODES, Case, read_cases, replay, replay_arithmetic};

/// Every case.
fn cases() -> Vec<(std::path::PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases = read_cases(&folder.join("good")).unwrap();
    cases.extend(read_cases(&folder.join("bad")).unwrap());
    cases
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

/// Arithmetic first, as nothing is right without it. `PEC_DIFFERENCES=1` stops at the first difference, as a run over
/// mutants wants it; without the feature `files` cases of files are passed over.
#[test]
fn every_case_is_answered_as_it_says() {
    let most = std::env::var("PEC_DIFFERENCES").map_or(usize::MAX, |most| most.parse().unwrap());
    let cases = cases();
    let (mut checked, mut passed_over, mut wrong) = (Vec::new(), 0, Vec::new());
    for of in [Some("arithmetic"), Some("files"), None] {
        let of_kind: Vec<_> = cases.iter().filter(|(_, case)| kind(case) == of).collect();
        if of == Some("files") && !cfg!(feature = "files") {
            passed_over = of_kind.len();
            continue;
        }
        for (file, case) in &of_kind {
            if let Some(what) = difference(case) {
                wrong.push(format!("{}: {}: {what}", file.display(), case.title));
                assert!(wrong.len() < most, "{}", wrong.join("\n"));
            }
        }
        checked.push(of_kind.len());
    }
    let all = checked.iter().sum::<usize>();
    println!("{all} cases checked, {} differ, {passed_over} passed over", wrong.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases.len() >= 5_000 && all + passed_over == cases.len(), "{checked:?}");
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
    let cases = cases();
    let text = |case: &Case, key: &str| case.question.get(key).map(ToString::to_string).unwrap_or_default();
    for reason in azure_pec::Reason::ALL {
        let wanted = format!("\"reason\":\"{reason}\"");
        assert!(cases.iter().any(|(_, case)| text(case, "expect").contains(&wanted)), "no case of {reason}");
    }
    for code in CODES.iter().filter(|code| !WITHOUT_A_CASE.contains(code)) {
        let wanted = format!("\"code\":\"{code}\"");
        assert!(cases.iter().any(|(_, case)| text(case, "error").contains(&wanted)), "no case of {code}");
    }
}
