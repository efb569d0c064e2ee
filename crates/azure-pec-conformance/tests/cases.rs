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

/// What differs in a case; none where all is as it says.
fn difference(case: &Case) -> Option<String> {
    let is_of = |kind: &str| case.question.contains_key(kind);
    if is_of("arithmetic") {
        replay_arithmetic(case)
    } else if is_of("files") {
        let folder = tempfile::tempdir().unwrap();
        replay_files(case, folder.path())
    } else {
        replay(case)
    }
}

/// The quick kinds first. `PEC_DIFFERENCES=1` stops at the first difference, as a run over mutants wants it.
#[test]
fn every_case_is_answered_as_it_says() {
    let most = std::env::var("PEC_DIFFERENCES").map_or(usize::MAX, |most| most.parse().unwrap());
    let cases = cases();
    let kind =
        |case: &Case| ["arithmetic", "files"].iter().position(|kind| case.question.contains_key(*kind));
    let (mut checked, mut wrong) = ([0; 3], Vec::new());
    for (at, of) in [Some(0), Some(1), None].into_iter().enumerate() {
        for (file, case) in cases.iter().filter(|(_, case)| kind(case) == of) {
            checked[at] += 1;
            if let Some(what) = difference(case) {
                wrong.push(format!("{}: {}: {what}", file.display(), case.title));
                assert!(wrong.len() < most, "{}", wrong.join("\n"));
            }
        }
    }
    let [arithmetic, files, lines] = checked;
    println!("{} cases checked, {} differ, 0 files cases passed over", cases.len(), wrong.len());
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(lines >= 1_900 && arithmetic >= 900 && files >= 40, "{lines}, {arithmetic}, {files}");
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
