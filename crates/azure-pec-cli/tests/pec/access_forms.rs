//! The same grants in every form that they are exported in, all at once and month by month.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::pec::{CONTOSO, Done, pec, root};

/// Contoso's access in five forms, written by the example's own script.
fn forms(out: &Path) {
    let script = root().join("examples/contoso-access/make.py");
    let done = Command::new("python3").arg(script).arg("--out").arg(out).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

/// The hash of the body of Contoso's statement over this access.
fn body(access: &[&Path]) -> String {
    let own = ["usage", "prices", "partner.json"].map(|name| format!("{CONTOSO}/{name}"));
    let access = access.iter().map(|path| path.to_str().unwrap());
    let args: Vec<&str> = ["statement", "--format", "json"]
        .into_iter()
        .chain(own.iter().map(String::as_str))
        .chain(access)
        .collect();
    hash(&pec(&args))
}

fn hash(done: &Done) -> String {
    assert_eq!(done.status, 0, "{}", done.err);
    let document: Value = serde_json::from_str(&done.out).unwrap();
    document["body_sha256"].as_str().unwrap().to_owned()
}

#[test]
fn five_forms_of_the_same_grants_are_one_statement() {
    let folder = tempfile::tempdir().unwrap();
    forms(folder.path());
    let stated = hash(&pec(&["statement", CONTOSO, "--format", "json"]));
    for form in ["rest", "cli", "powershell", "resource-graph", "history"] {
        assert_eq!(body(&[&folder.path().join(form)]), stated, "{form}");
    }
    grows_month_by_month(folder.path(), &stated);
}

/// October's exports kept as a history, and November's put to them, say what all exports together say.
fn grows_month_by_month(folder: &Path, stated: &str) {
    let [october, november] = ["october", "november"].map(|month| folder.join(month));
    for file in files(&folder.join("rest")) {
        let path = file.strip_prefix(folder.join("rest")).unwrap();
        let mut export: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
        if path.ends_with("activity-log.json") {
            // Each month's run takes the log back to before the run before.
            let (cut, from) = ("2026-10-21T12:10:00Z", "2026-10-01T00:00:00Z");
            let mut earlier = export.clone();
            earlier["taken_at"] = cut.into();
            keep(&mut earlier, |at| at < cut);
            write(&october.join(path), &earlier);
            export["start"] = from.into();
            keep(&mut export, |at| at >= from);
            write(&november.join(path), &export);
        } else if export["taken_at"].as_str().unwrap() < "2026-11" {
            write(&october.join(path), &export);
        } else {
            write(&november.join(path), &export);
        }
    }
    assert_eq!(body(&[&october, &november]), stated);
    let [first, second] = ["access.json", "access2.json"].map(|name| folder.join(name));
    let text = |path: &PathBuf| path.to_str().unwrap().to_owned();
    for (paths, out) in [(vec![text(&october)], &first), (vec![text(&first), text(&november)], &second)] {
        let mut args: Vec<&str> = vec!["history", "--out", out.to_str().unwrap()];
        args.extend(paths.iter().map(String::as_str));
        let done = pec(&args);
        assert_eq!(done.status, 0, "{}", done.err);
        assert!(!done.err.contains("access.contradiction"), "{}", done.err);
    }
    assert_eq!(body(&[&second]), stated);
    assert_eq!(body(&[&first, &november]), stated);
}

fn keep(export: &mut Value, wanted: impl Fn(&str) -> bool) {
    let events = export["value"].as_array_mut().unwrap();
    events.retain(|event| wanted(event["eventTimestamp"].as_str().unwrap()));
}

fn write(path: &Path, export: &Value) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, export.to_string()).unwrap();
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found
}
