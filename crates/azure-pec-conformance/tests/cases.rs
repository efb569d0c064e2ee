//! Every shared case is answered as it says.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::path::Path;

use azure_pec_conformance::{Case, read_cases, replay, replay_arithmetic, replay_files};

/// Every case.
fn cases() -> Vec<(std::path::PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases = read_cases(&folder.join("good")).unwrap();
    cases.extend(read_cases(&folder.join("bad")).unwrap());
    cases
}

#[test]
fn every_case_of_lines_is_answered_as_it_says() {
    let cases = cases();
    let is_other = |case: &Case| ["files", "arithmetic"].iter().any(|kind| case.question.contains_key(*kind));
    let lines: Vec<_> = cases.iter().filter(|(_, case)| !is_other(case)).collect();
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(file, case)| {
            replay(case).map(|what| format!("{}: {}: {what}", file.display(), case.title))
        })
        .collect();
    println!("{} cases of lines, {} differ", lines.len(), wrong.len());
    assert!(lines.len() >= 1_900 && wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_of_arithmetic_is_exact() {
    let cases = cases();
    let sums: Vec<_> = cases.iter().filter(|(_, case)| case.question.contains_key("arithmetic")).collect();
    let wrong: Vec<String> = sums
        .iter()
        .filter_map(|(file, case)| {
            replay_arithmetic(case).map(|what| format!("{}: {}: {what}", file.display(), case.title))
        })
        .collect();
    println!("{} cases of arithmetic, {} differ", sums.len(), wrong.len());
    assert!(sums.len() >= 900 && wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_of_files_comes_out_as_it_says() {
    let cases = cases();
    let files: Vec<_> = cases.iter().filter(|(_, case)| case.question.contains_key("files")).collect();
    let mut wrong = Vec::new();
    for (file, case) in &files {
        let folder = tempfile::tempdir().unwrap();
        if let Some(what) = replay_files(case, folder.path()) {
            wrong.push(format!("{}: {}: {what}", file.display(), case.title));
        }
    }
    println!("{} cases of files, {} differ", files.len(), wrong.len());
    assert!(files.len() >= 40 && wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// The smallest input for each reason and each error code that is reached so far.
#[test]
fn every_reason_and_every_error_code_has_its_case() {
    let cases = cases();
    let text = |case: &Case, key: &str| case.question.get(key).map(ToString::to_string).unwrap_or_default();
    for reason in azure_pec::Reason::ALL {
        let wanted = format!("\"reason\":\"{reason}\"");
        assert!(cases.iter().any(|(_, case)| text(case, "expect").contains(&wanted)), "no case of {reason}");
    }
    let codes = [
        "input.nothing_usable",
        "input.missing_column",
        "input.duplicate_column",
        "input.encoding",
        "input.truncated",
        "input.too_deep",
        "input.usage_overlap",
        "input.usage_missing",
        "csv.malformed",
        "json.malformed",
        "number.invalid",
        "number.too_precise",
        "amount.too_precise",
        "date.invalid",
        "id.invalid",
        "price.overlap",
        "price.tier_invalid",
        "grant.inverted",
        "grant.no_dates",
        "hierarchy.cycle",
        "hierarchy.two_parents",
        "partner.duplicate",
        "partner.conflict",
        "policy.invalid",
        "rule.invalid",
    ];
    for code in codes {
        let wanted = format!("\"code\":\"{code}\"");
        assert!(cases.iter().any(|(_, case)| text(case, "error").contains(&wanted)), "no case of {code}");
    }
    // Of the command and the readers, in their own tests: input.not_found, input.unknown_kind, input.too_large,
    // rejects.too_many, output.write_failed, usage.arguments.
}
