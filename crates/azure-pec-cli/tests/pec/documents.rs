//! Documents and tables are the core's, to the byte.

use std::fs;
use std::path::PathBuf;

use azure_pec::{GroupKey, StatementDocument};
use azure_pec_formats::{LoadOptions, Request, RunOptions, Watch, ask, load, run};
use serde_json::Value;

use crate::pec::{CONTOSO, page, pec, root};

/// The document as the library gives it.
fn by_library(by: &[GroupKey]) -> StatementDocument {
    let paths = [PathBuf::from(CONTOSO)];
    let inputs = load(&paths, &LoadOptions::default()).unwrap();
    let calculator = inputs.calculator().unwrap();
    let options = RunOptions { by: by.to_vec(), ..RunOptions::default() };
    let done = run(&inputs, &calculator, &options, None, &|_| ()).unwrap();
    StatementDocument::new(done.statement.body(&calculator), done.inputs)
}

#[test]
fn statements_are_the_cores() {
    std::env::set_current_dir(root()).unwrap();
    let by = [GroupKey::Subscription, GroupKey::Date];
    let printed =
        page(&["statement", CONTOSO, "--by", "subscription,date", "--format", "json", "--threads", "2"]);
    assert_eq!(printed, by_library(&by).to_json());
    let document: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(document["body"]["totals"][0]["missed"], "181.098");
}

#[test]
fn csv_is_the_reasons() {
    let done = pec(&["statement", CONTOSO, "--format", "csv"]);
    // The table has no place for what to know of its sums.
    let warning = "warning[price.missing]: 66 lines without a list price; they count as 0 in every sum\n";
    assert_eq!((done.status, done.err.as_str()), (0, warning));
    let printed = done.out;
    let mut lines = printed.lines();
    assert_eq!(lines.next(), Some("currency,outcome,reason,lines,list_amount,potential,credit"));
    assert_eq!(lines.clone().count(), 20);
    assert!(lines.any(|line| line == "USD,missed,access.none,125,504.48,75.672,0"), "{printed}");
}

#[test]
fn groups_and_lines_go_into_files() {
    let folder = tempfile::tempdir().unwrap();
    let [groups, lines] = ["groups.csv", "lines.csv"].map(|name| folder.path().join(name));
    let (groups_path, lines_path) = (groups.to_str().unwrap(), lines.to_str().unwrap());
    page(&[
        "statement",
        CONTOSO,
        "--by",
        "subscription,month",
        "--groups",
        groups_path,
        "--lines",
        lines_path,
    ]);
    let groups = fs::read_to_string(groups).unwrap();
    assert!(groups.starts_with("subscription,month,currency,outcome,reason,lines,"), "{groups}");
    let lines = fs::read_to_string(lines).unwrap();
    assert!(lines.starts_with("file,line,date,customer_id,"), "{lines}");
    assert!(lines.lines().count() >= 2673);
}

#[test]
fn explanations_are_documents() {
    let of = |args: &[&str]| -> Value {
        let printed = page(&[&["explain", CONTOSO, "--format", "json"], args].concat());
        serde_json::from_str(&printed).unwrap()
    };
    let calendar = of(&["--subscription", "fabrikam-just-in-time"]);
    assert_eq!(calendar["schema"], "azure-pec/explanation/1");
    assert_eq!(calendar["days"].as_array().unwrap().len(), 31);
    let breaks: Vec<_> = calendar["breaks"].as_array().unwrap().iter().map(|one| &one["reason"]).collect();
    assert_eq!(breaks, ["access.eligible_only", "access.partial_day", "access.eligible_only"]);
    let third = &calendar["breaks"][2];
    assert_eq!((&third["potential"], &third["last_day_potential"]), (&"7.2".into(), &"0.72".into()));
    assert_eq!((&third["open"], &third["first"]), (&true.into(), &"2026-10-22".into()));

    let resource = third["resource"].as_str().unwrap();
    let day = of(&["--resource", resource, "--date", "2026-10-22"]);
    assert_eq!(day["schema"], "azure-pec/explanation/1");
    assert_eq!((&day["lines"][0]["potential"], &day["access"]["reason"]), (&"0.72".into(), &third["reason"]));
    assert_eq!(day["remedy"]["changes"][0]["change"], "make_permanent");
}

#[test]
fn questions_as_documents_are_answered_as_the_command_answers() {
    std::env::set_current_dir(root()).unwrap();
    let clean = "examples/contoso-reconcile/clean";
    for (args, question) in [
        (
            vec!["statement", CONTOSO, "--absence", "assume"],
            r#""operation": "statement", "policy": {"absence": "assume"}"#,
        ),
        (
            vec!["explain", CONTOSO, "--subscription", "fabrikam-just-in-time"],
            r#""operation": "explain", "subscription": "fabrikam-just-in-time""#,
        ),
        (vec!["reconcile", clean], r#""operation": "reconcile""#),
        (vec!["inspect", CONTOSO], r#""operation": "inspect""#),
    ] {
        let printed = page(&[args.as_slice(), &["--format", "json"]].concat());
        let request = Request::from_json(&format!("{{{question}, \"paths\": [\"{}\"]}}", args[1])).unwrap();
        assert!(printed == ask(&request, &Watch::default()).unwrap(), "{question}");
    }
    let out = tempfile::tempdir().unwrap().path().join("access.json");
    fs::create_dir_all(out.parent().unwrap()).unwrap();
    pec(&["history", CONTOSO, "--out", out.to_str().unwrap()]);
    let request =
        Request::from_json(&format!(r#"{{"operation": "history", "paths": ["{CONTOSO}"]}}"#)).unwrap();
    assert!(fs::read_to_string(&out).unwrap() == ask(&request, &Watch::default()).unwrap());
    fs::remove_dir_all(out.parent().unwrap()).unwrap();
}
