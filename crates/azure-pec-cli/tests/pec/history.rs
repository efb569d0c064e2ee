//! `pec history`: exports of access put together, read again, and continued.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use crate::pec::{CONTOSO, page, pec};

const SUB: &str = "5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10";
const ROLE: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";

fn write(folder: &Path, name: &str, document: &Value) -> String {
    let path = folder.join(name);
    fs::write(&path, document.to_string()).unwrap();
    path.to_str().unwrap().to_owned()
}

fn assignment(n: u32) -> String {
    format!("/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/{}", name(n))
}

fn name(n: u32) -> String {
    format!("0a0a0a0a-7d3e-4f60-9a11-{n:012}")
}

fn list(taken_at: &str, of: &[(u32, &str)]) -> Value {
    let rows: Vec<Value> = of
        .iter()
        .map(|(n, created)| {
            json!({"id": assignment(*n), "name": name(*n), "scope": format!("/subscriptions/{SUB}"), "createdOn": created,
                   "roleDefinitionId": ROLE, "principalId": "22222222-2222-2222-2222-222222222222",
                   "principalType": "ForeignGroup", "type": "Microsoft.Authorization/roleAssignments"})
        })
        .collect();
    json!({"taken_at": taken_at, "scope": format!("/subscriptions/{SUB}"), "command": "az role assignment list", "value": rows})
}

fn log(start: &str, taken_at: &str, deleted: &[(u32, &str, &str)]) -> Value {
    let events: Vec<Value> = deleted
        .iter()
        .map(|(n, created, ended)| {
            let stored = json!({"properties": {"roleDefinitionId": ROLE, "principalType": "ForeignGroup",
                "principalId": "22222222-2222-2222-2222-222222222222", "createdOn": created, "updatedOn": ended}});
            json!({"operationName": {"value": "Microsoft.Authorization/roleAssignments/delete"}, "resourceId": assignment(*n),
                   "operationId": format!("op-{n}"), "eventDataId": format!("event-{n}"), "status": {"value": "Succeeded"},
                   "eventTimestamp": ended, "subscriptionId": SUB, "properties": {"responseBody": stored.to_string()}})
        })
        .collect();
    json!({"start": start, "taken_at": taken_at, "scope": format!("/subscriptions/{SUB}"),
           "command": "az monitor activity-log list", "value": events})
}

fn read(path: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn ends(history: &Value) -> Vec<(String, Option<String>)> {
    let grants = history["grants"].as_array().unwrap().iter();
    let end = |grant: &Value| grant["end"].as_str().map(str::to_owned);
    grants.map(|grant| (grant["id"].as_str().unwrap().to_owned(), end(grant))).collect()
}

#[test]
fn what_is_written_reads_back_to_the_byte_and_answers_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let [one, two] =
        ["one.json", "two.json"].map(|name| folder.path().join(name).to_str().unwrap().to_owned());
    let done = pec(&["history", CONTOSO, "--out", &one]);
    assert_eq!((done.status, done.out.as_str()), (0, ""), "{}", done.err);
    assert!(done.err.contains("access/history.json: access.history, 40 records, 40 used"), "{}", done.err);
    assert!(done.err.contains("partner.json: partner, not a part of the history"), "{}", done.err);
    assert_eq!(pec(&["history", &one, "--out", &two]).status, 0);
    assert_eq!(fs::read(&one).unwrap(), fs::read(&two).unwrap());
    let rest = ["usage", "prices", "partner.json"].map(|name| format!("{CONTOSO}/{name}"));
    let of = |access: &str| {
        let text = page(&["statement", &rest[0], &rest[1], &rest[2], access, "--format", "json"]);
        let document: Value = serde_json::from_str(&text).unwrap();
        document["body"]["reasons"].clone()
    };
    assert_eq!(of(&one), of(&format!("{CONTOSO}/access")));
}

#[test]
fn a_history_grows_month_by_month() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let (old, new) = ("2024-01-01T00:00:00.1234567Z", "2026-10-05T10:00:00.7654321Z");
    let first = [
        write(at, "list-1.json", &list("2026-10-01T00:00:00Z", &[(1, old), (2, old)])),
        write(at, "log-1.json", &log("2026-07-10T00:00:00Z", "2026-10-01T01:00:00Z", &[])),
    ];
    let kept = at.join("access.json").to_str().unwrap().to_owned();
    let done = pec(&["history", &first[0], &first[1], "--out", &kept]);
    assert_eq!(done.status, 0, "{}", done.err);
    let second = [
        write(at, "list-2.json", &list("2026-11-01T00:00:00Z", &[(1, old), (3, new)])),
        write(
            at,
            "log-2.json",
            &log("2026-09-25T00:00:00Z", "2026-11-01T01:00:00Z", &[(2, old, "2026-10-20T12:00:00Z")]),
        ),
    ];
    // The kept file itself may be replaced.
    let done = pec(&["history", &kept, &second[0], &second[1], "--out", &kept]);
    assert_eq!(done.status, 0, "{}", done.err);
    let history = read(&kept);
    let expected = [(name(1), None), (name(2), Some("2026-10-20T12:00:00Z".to_owned())), (name(3), None)];
    assert_eq!(ends(&history), expected, "{history:#}");
    let window = &history["observed"][0];
    assert_eq!(
        (&window["start"], &window["end"]),
        (&json!("2026-07-10T00:00:00Z"), &json!("2026-11-01T01:00:00Z"))
    );
    // All at once is the same.
    let whole = at.join("whole.json").to_str().unwrap().to_owned();
    let all = ["history", &first[0], &first[1], &second[0], &second[1], "--out", &whole];
    assert_eq!(pec(&all).status, 0);
    let bare = |path: &str| {
        let mut history = read(path);
        for grant in history["grants"].as_array_mut().unwrap() {
            grant.as_object_mut().unwrap().remove("evidence");
        }
        history
    };
    assert_eq!(bare(&kept), bare(&whole));
}

#[test]
fn what_is_wrong_leaves_the_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let out = at.join("access.json").to_str().unwrap().to_owned();
    fs::write(&out, "as it was").unwrap();
    let powershell = json!({"RoleAssignmentName": name(1), "RoleAssignmentId": assignment(1), "RoleDefinitionId": ROLE,
        "Scope": format!("/subscriptions/{SUB}"), "ObjectId": "22222222-2222-2222-2222-222222222222", "ObjectType": "User"});
    let undated = write(at, "ps.json", &powershell);
    let done = pec(&["history", &undated, "--out", &out]);
    assert_eq!((done.status, done.err.starts_with("error[grant.no_dates]: ")), (1, true), "{}", done.err);
    let done = pec(&["history", &format!("{CONTOSO}/partner.json"), "--out", &out]);
    assert_eq!((done.status, done.err.contains("error[input.nothing_usable]: ")), (1, true), "{}", done.err);
    assert_eq!(fs::read_to_string(&out).unwrap(), "as it was");
    let done = pec(&["history", CONTOSO, "--out", &at.join("no/such/folder.json").to_string_lossy()]);
    assert_eq!((done.status, done.err.contains("error[output.write_failed]: ")), (1, true), "{}", done.err);
    assert_eq!(pec(&["history", CONTOSO]).status, 2);
    // With a list of another moment that has dates, the undated one is a list among others.
    let dated = write(at, "list.json", &list("2026-10-01T00:00:00Z", &[(1, "2024-01-01T00:00:00Z")]));
    assert_eq!(pec(&["history", &undated, &dated, "--out", &out]).status, 0);
}
