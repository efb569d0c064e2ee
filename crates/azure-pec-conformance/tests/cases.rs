//! Every shared case is answered as it says.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use std::path::Path;

use azure_pec_conformance::{Case, read_cases, replay, replay_files};

/// Every case that is replayed: `later/` waits for what it is about.
fn cases() -> Vec<(std::path::PathBuf, Case)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases = read_cases(&folder.join("good")).unwrap();
    cases.extend(read_cases(&folder.join("bad")).unwrap());
    cases
}

#[test]
fn every_case_of_lines_is_answered_as_it_says() {
    let cases = cases();
    let lines: Vec<_> = cases.iter().filter(|(_, case)| !case.question.contains_key("files")).collect();
    let wrong: Vec<String> = lines
        .iter()
        .filter_map(|(file, case)| {
            replay(case).map(|what| format!("{}: {}: {what}", file.display(), case.title))
        })
        .collect();
    println!("{} cases of lines, {} differ", lines.len(), wrong.len());
    assert!(lines.len() >= 463 && wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
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
