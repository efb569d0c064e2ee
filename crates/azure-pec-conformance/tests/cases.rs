//! Every shared case is answered as it says.

use std::path::Path;

use azure_pec_conformance::{read_cases, replay};

#[test]
fn every_case_is_answered_as_it_says() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut cases = read_cases(&folder.join("good")).unwrap();
    cases.extend(read_cases(&folder.join("bad")).unwrap());
    let lines: Vec<_> = cases.iter().filter(|(_, case)| !case.question.contains_key("files")).collect();
    assert!(lines.len() >= 463, "only {} cases", lines.len());
    let mut wrong = Vec::new();
    for (file, case) in &lines {
        if let Some(what) = replay(case) {
            wrong.push(format!("{}: {}: {what}", file.display(), case.title));
        }
    }
    println!("{} cases of lines, {} differ", lines.len(), wrong.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), lines.len(), wrong.join("\n"));
}
