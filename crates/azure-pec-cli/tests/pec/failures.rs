//! Errors on one line with their help, exit statuses, and pipes that close early.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use insta::assert_snapshot;

use crate::pec::{CONTOSO, command, pec, root};

#[test]
fn a_missing_file() {
    let done = pec(&["statement", "nowhere"]);
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    assert!(done.err.starts_with("error[input.not_found]: nowhere: "), "{}", done.err);
    assert!(done.err.contains("\nhelp: "), "{}", done.err);
}

#[test]
fn a_missing_file_as_json() {
    let done = pec(&["statement", "nowhere", "--format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&done.err).unwrap();
    assert_eq!((done.status, &document["error"]["code"]), (1, &"input.not_found".into()));
    assert_eq!(document["error"]["file"], "nowhere");
    assert!(done.err.starts_with(r#"{"error":{"code":"#), "{}", done.err);
}

#[test]
fn more_memory_than_allowed() {
    let grouped = ["statement", CONTOSO, "--by", "resource,date,meter", "--format", "csv", "--max-memory"];
    let done = pec(&[&grouped[..], &["8KiB"]].concat());
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    assert!(done.err.starts_with("error[memory.exceeded]: "), "{}", done.err);
    assert!(done.err.contains("\nhelp: group by fewer keys"), "{}", done.err);
    assert_eq!(pec(&[&grouped[..], &["1GiB"]].concat()).status, 0);
}

#[test]
fn wrong_usage() {
    let said = |args: &[&str]| {
        let done = pec(args);
        assert_eq!((done.status, done.out.as_str()), (2, ""), "{args:?}: {}", done.err);
        done.err
    };
    assert_snapshot!(said(&["statement", CONTOSO, "--bogus"]), @r"
    error[usage.arguments]: unexpected argument '--bogus' found; tip: a similar argument exists: '--groups'
    help: see --help
    ");
    assert_snapshot!(said(&["statement"]), @r"
    error[usage.arguments]: the following required arguments were not provided: <PATH>...
    help: see --help
    ");
    assert_snapshot!(said(&["statement", CONTOSO, "--day-offset", "noon"]), @r"
    error[usage.arguments]: invalid value 'noon' for '--day-offset <VALUE>': expected an offset from UTC such as +00:00 or -05:30
    help: see --help
    ");
    assert_snapshot!(said(&["statement", CONTOSO, "--from", "2026-10-02", "--to", "2026-10-01"]), @r"
    error[usage.arguments]: no day is from 2026-10-02 to 2026-10-01
    help: see --help
    ");
    assert_snapshot!(said(&["explain", CONTOSO, "--subscription", "nobody"]), @r"
    error[usage.arguments]: no usage line names the subscription nobody
    help: see --help
    ");
    let json = said(&["statement", CONTOSO, "--bogus", "--format", "json"]);
    assert!(json.starts_with(r#"{"error":{"code":"usage.arguments","#), "{json}");
    for args in [
        &["statement", CONTOSO, "--by", "moon"][..],
        &["statement", CONTOSO, "--groups", "g.csv"],
        &["statement", CONTOSO, "--threads", "0"],
        &["explain", CONTOSO],
        &["explain", CONTOSO, "--resource", "/", "--date", "2026-10-01"],
        &["explain", CONTOSO, "--subscription", "x", "--date", "2026-10-01"],
    ] {
        said(args);
    }
}

#[test]
fn every_policy_key_is_an_option() {
    let help = pec(&["statement", "--help"]).out;
    for key in azure_pec::Policy::KEYS {
        assert!(help.contains(&format!("--{} <VALUE>", key.replace('_', "-"))), "{key}");
    }
    // A value that begins with a hyphen.
    let done = pec(&["statement", CONTOSO, "--day-offset", "-05:30", "--format", "json"]);
    assert_eq!(done.status, 0, "{}", done.err);
    assert!(done.out.contains(r#""day_offset": "-05:30""#));
}

/// The first part of the example's usage with one quantity that is no number, beside what else a statement needs.
fn broken() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(root().join(CONTOSO).join("usage/part_1_0001.csv")).unwrap();
    let broken = text.replacen(",24,1 Hour,", ",much,1 Hour,", 1);
    assert_ne!(text, broken);
    fs::write(folder.path().join("usage.csv"), broken).unwrap();
    folder
}

#[test]
fn a_broken_line() {
    let folder = broken();
    let path = folder.path().to_str().unwrap();
    let rejects = folder.path().join("rejects.csv");
    let done = pec(&["statement", path, "--rejects", rejects.to_str().unwrap()]);
    assert_eq!((done.status, done.out.as_str()), (1, ""));
    let said = done.err.replace(path, "FOLDER");
    assert_snapshot!(said, @r#"
    rejected[number.invalid]: FOLDER/usage.csv, line 2, column quantity: expected a number in plain digits, found "much"
    error[rejects.too_many]: 1 lines were rejected, 0 are allowed
    help: see each with --rejects FILE; allow them with --allow-rejected N
    "#);
    let table = fs::read_to_string(&rejects).unwrap();
    assert!(table.starts_with("file,line,column,code,message,record\n"), "{table}");
    assert_eq!(table.matches("number.invalid").count(), 1, "{table}");

    fs::remove_file(rejects).unwrap();
    let done = pec(&["statement", path, "--allow-rejected", "1", "--format", "csv"]);
    assert_eq!(done.status, 0, "{}", done.err);
    let left_out = "warning[rejects.allowed]: 1 lines that could not be read were left out, as was allowed\n";
    assert!(
        done.err.starts_with("rejected[number.invalid]: ") && done.err.contains(left_out),
        "{}",
        done.err
    );
}

#[test]
fn a_limit_that_is_met() {
    let done = pec(&["statement", CONTOSO, "--fail-on-missed", "181.097", "--format", "csv"]);
    let met = "missed 181.098 USD: more than 181.097 (--fail-on-missed)\n";
    assert_eq!((done.status, done.err.starts_with(met)), (3, true), "{}", done.err);
    assert!(done.out.starts_with("currency,outcome,reason,"));
    let done = pec(&["statement", CONTOSO, "--fail-on-missed", "181.098"]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
}

#[test]
fn two_kinds_of_usage() {
    let both = ["statement", CONTOSO, "examples/contoso-daily-rated"];
    let done = pec(&both);
    assert_eq!(done.status, 1);
    assert!(done.err.starts_with("error[input.usage_overlap]: "), "{}", done.err);
    let one = pec(&[&both[..], &["--usage", "usage.daily_rated", "--format", "csv"]].concat());
    assert_eq!((one.status, one.err.contains("error")), (0, false), "{}", one.err);
}

/// The example month of one day, and beside it a file of usage that is not read as it is.
fn beside(name: &str, bytes: &[u8]) -> tempfile::TempDir {
    let folder = broken();
    let text = fs::read_to_string(folder.path().join("usage.csv")).unwrap();
    fs::write(folder.path().join("usage.csv"), text.replace(",much,", ",24,")).unwrap();
    fs::write(folder.path().join(name), bytes).unwrap();
    folder
}

#[test]
fn what_may_be_an_export_is_not_passed_over_in_silence() {
    let folder = beside("more.csv", b"\xff\xfed\0a\0t\0e\0");
    let path = folder.path().to_str().unwrap();
    let done = pec(&["statement", path]);
    assert_eq!((done.status, done.err.as_str()), (0, ""));
    assert!(done.out.contains("(input.passed_over)"), "{}", done.out);
    let reason = "  passed over:\n    more.csv: text in UTF-16; save it as UTF-8\n";
    assert!(done.out.contains(reason), "{}", done.out);
    let csv = pec(&["statement", path, "--format", "csv"]);
    assert!(csv.err.contains("warning[input.passed_over]: a file that may be an export"), "{}", csv.err);
}

#[test]
fn without_usage_what_was_passed_over_is_told() {
    let folder = beside("more.csv", b"date;quantity;meterId\n");
    let path = folder.path().to_str().unwrap();
    let said = pec(&["statement", path, "--usage", "usage.focus"]).err.replace(path, "FOLDER");
    assert_snapshot!(said, @r"
    error[input.usage_missing]: no usage file among the 2 files given; passed over: FOLDER/usage.csv (usage.cost_management, not chosen), FOLDER/more.csv (a table with semicolons between its columns; save it with commas)
    help: add a Cost Management, daily rated or FOCUS usage export
    ");
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut child = command(&["statement", CONTOSO, "--by", "resource,date", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let done = child.wait_with_output().unwrap();
    assert_eq!((done.status.code(), done.stderr.as_slice()), (Some(0), &b""[..]));
}

/// What is broken is named, and the rest is looked at all the same; a statement of it is refused.
#[test]
fn inspect_goes_on_past_a_broken_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::copy(root().join(CONTOSO).join("usage/part_1_0001.csv"), folder.path().join("usage.csv")).unwrap();
    fs::write(folder.path().join("partner.json"), r#"{"schema": "azure-pec/partner/1", "bill_to": {}}"#)
        .unwrap();
    let path = folder.path().to_str().unwrap();
    let done = pec(&["inspect", path]);
    assert_eq!(done.status, 1, "{}", done.err);
    assert!(
        done.out.contains("What cannot be read") && done.out.contains("(json.malformed)"),
        "{}",
        done.out
    );
    assert!(done.out.contains("usage.cost_management, 517 records"), "{}", done.out);
    let done = pec(&["statement", path]);
    assert!(done.status == 1 && done.err.starts_with("error[json.malformed]"), "{}", done.err);
}
