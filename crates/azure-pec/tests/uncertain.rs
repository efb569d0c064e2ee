//! What is known within bounds only: how it is told, what would mend it, and what exports say together.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use azure_pec::{
    AccessHistory, Calculator, DenyAssignment, Evidence, Explanation, Grant, HierarchyEntry, Observed,
    RoleDefinition, UsageLine,
};

const SUBSCRIPTION: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";

fn grant(role: &str, more: &str) -> Grant {
    let text = format!(
        r#"{{"id": "g", "path": "aobo", "scope": "{SUBSCRIPTION}", "role_id": "{role}",
            "principal_id": "dddddddd-0000-0000-0000-000000000001", "partner_id": "1"{more}}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn explain(access: AccessHistory) -> Explanation {
    let calculator = Calculator::builder().access(access).build().unwrap();
    let mut line = UsageLine::new("2026-10-05".parse().unwrap(), "1".parse().unwrap());
    line.resource_id = SUBSCRIPTION.to_owned();
    calculator.explain(&line, &[]).unwrap()
}

fn complete(grants: Vec<Grant>) -> AccessHistory {
    AccessHistory { observed: Observed::Complete, grants, ..AccessHistory::default() }
}

const UNCERTAIN: &str =
    r#", "start": "2026-01-01", "end": "2026-10-05T09:00:00Z", "end_latest": "2026-10-07T09:00:00Z""#;

#[test]
fn an_uncertain_end_is_told_with_both_its_bounds_and_mended_by_proof() {
    let explained = explain(complete(vec![grant(OWNER, UNCERTAIN)]));
    assert_eq!(explained.access.reason.code(), "access.unproven");
    let told = "from 2026-01-01T00:00:00Z, to between 2026-10-05T09:00:00Z and 2026-10-07T09:00:00Z";
    assert_eq!(explained.grants[0].grant.held(), told);
    let why = "counts (00:00 to 09:00); not proved to reach or to have been there (09:00 to 24:00)";
    assert!(
        explained.grants[0].why.contains("counts (00:00 to 09:00)")
            && explained.grants[0].why.contains("not proved to reach or to have been there (09:00 to 24:00)"),
        "{why}: {}",
        explained.grants[0].why
    );
    assert!(explained.not_proved.iter().any(|note| note.contains(told)), "{:?}", explained.not_proved);
    let remedy = explained.remedy.unwrap();
    let changes = serde_json::to_string(&remedy.changes).unwrap();
    assert_eq!(changes, r#"[{"change":"prove","grant_id":"g"}]"#);
    assert!(remedy.says.contains("between 2026-10-05T09:00:00Z and 2026-10-07T09:00:00Z"), "{}", remedy.says);
}

#[test]
fn what_could_not_have_helped_is_told_without_a_claim() {
    let perhaps = UNCERTAIN.replace("2026-10-05T09", "2026-10-04T09");
    let explained = explain(complete(vec![grant(READER, &perhaps)]));
    assert_eq!(explained.access.reason.code(), "access.none");
    let why =
        "ended between 2026-10-04T09:00:00Z and 2026-10-07T09:00:00Z, and is not taken to have held that day";
    assert_eq!(explained.grants[0].why, why);
    // Nor is its end anything to prove: a reader who was there until some hour of the day.
    let noted = |role: &str| {
        let explained = explain(complete(vec![grant(role, UNCERTAIN)]));
        explained.not_proved.iter().filter(|note| note.starts_with("whether g was held all day")).count()
    };
    assert_eq!([noted(OWNER), noted(READER)], [1, 0]);
    // Before its earliest start, and after its latest end.
    for (span, why) in [
        (
            r#", "start": "2026-11-01", "start_earliest": "2026-10-20""#,
            "starts between 2026-10-20T00:00:00Z and 2026-11-01T00:00:00Z",
        ),
        (
            r#", "end": "2026-09-01", "end_latest": "2026-09-02""#,
            "ended between 2026-09-01T00:00:00Z and 2026-09-02T00:00:00Z",
        ),
        (r#", "end": "2026-09-01""#, "ended at 2026-09-01T00:00:00Z"),
    ] {
        assert_eq!(explain(complete(vec![grant(OWNER, span)])).grants[0].why, why);
    }
}

#[test]
fn a_deny_that_may_hold_is_mended_by_showing_that_it_did_not() {
    let mut access = complete(vec![grant(OWNER, "")]);
    let deny = format!(
        r#"{{"id": "d", "scope": "{SUBSCRIPTION}", "everyone": true, "actions": ["*"], "start": "2026-11-01",
            "start_earliest": "2026-09-01"}}"#
    );
    access.denies.push(serde_json::from_str(&deny).unwrap());
    let explained = explain(access);
    assert_eq!(explained.access.reason.code(), "access.unproven");
    let remedy = explained.remedy.unwrap();
    assert_eq!(remedy.says, "give an export that shows that the deny assignment d did not hold");
}

#[test]
fn a_link_mends_without_a_partner_file() {
    let mut user = grant(OWNER, r#", "principal_kind": "User""#);
    user.path = azure_pec::GrantPath::Directory;
    user.partner_id = None;
    let link =
        r#"{"principal_id": "dddddddd-0000-0000-0000-000000000001", "partner_id": "7", "linked": null}"#;
    let mut access = complete(vec![user]);
    access.links.push(serde_json::from_str(link).unwrap());
    let explained = explain(access);
    assert_eq!(explained.access.reason.code(), "access.pal_missing");
    assert!(explained.remedy.unwrap().says.starts_with("link your partner id"));
}

#[test]
fn exports_together_say_each_thing_once() {
    let seen = |file: &str, start: &str| {
        let mut grant = grant(OWNER, &format!(r#", "start": "{start}""#));
        grant.evidence = vec![Evidence { file: file.to_owned(), record: "1".to_owned() }];
        complete(vec![grant])
    };
    let mut all = AccessHistory::default();
    let fine = "2026-01-01T00:00:00.1234567Z";
    all.merge_all([seen("a", "2026-01-01T00:00:00.123456Z"), seen("b", fine), seen("a", fine)]);
    assert_eq!((all.grants.len(), all.grants[0].evidence.len()), (1, 2));
    assert_eq!(all.grants[0].start, Some(fine.parse().unwrap()));
    // Other bounds are another word; both stand.
    let bounded = grant(OWNER, &format!(r#", "start": "{fine}", "start_earliest": "2025-01-01""#));
    all.merge(complete(vec![bounded]));
    assert_eq!(all.grants.len(), 2);
}

#[test]
fn a_role_that_two_exports_define_alike_is_one_with_each_evidence_once() {
    let seen = |file: &str| {
        let text = format!(r#"{{"role_id": "{OWNER}", "name": "Owner", "custom": false}}"#);
        let mut role: RoleDefinition = serde_json::from_str(&text).unwrap();
        role.evidence = vec![Evidence { file: file.to_owned(), record: "1".to_owned() }];
        AccessHistory { roles: vec![role], ..AccessHistory::default() }
    };
    let files = |others: &[&str]| {
        let mut all = AccessHistory::default();
        all.merge_all(others.iter().map(|file| seen(file)));
        assert_eq!(all.roles.len(), 1);
        all.roles.remove(0).evidence.into_iter().map(|one| one.file).collect::<Vec<_>>()
    };
    assert_eq!(files(&["a", "a"]), ["a"]);
    assert_eq!(files(&["a", "b", "a"]), ["a", "b"]);
}

#[test]
fn a_deny_assignment_that_ends_before_it_starts_is_inverted() {
    let inverted = |times: &str| {
        let text = format!(
            r#"{{"id": "d", "scope": "{SUBSCRIPTION}", "everyone": true, "actions": ["*"], {times}}}"#
        );
        serde_json::from_str::<DenyAssignment>(&text).unwrap().is_inverted()
    };
    assert!(inverted(r#""start": "2026-10-05", "end": "2026-10-04""#));
    assert!(inverted(r#""start": "2026-10-05", "start_earliest": "2026-10-06""#));
    assert!(!inverted(r#""start": "2026-10-05", "end": "2026-10-06""#));
}

/// A log may have it at one moment.
#[test]
fn a_nameless_grant_ends_no_earlier_than_it_starts() {
    let checked = |end: &str| {
        let text = format!(
            r#"{{"id": "n", "scope": "{SUBSCRIPTION}", "at": "2026-10-05", "start": "2026-10-05", "end": "{end}"}}"#
        );
        let nameless = vec![serde_json::from_str(&text).unwrap()];
        AccessHistory { nameless, ..complete(Vec::new()) }.check().map_err(|error| error.code())
    };
    assert_eq!([checked("2026-10-06"), checked("2026-10-05")], [Ok(()), Ok(())]);
    assert_eq!(checked("2026-10-04"), Err("grant.inverted"));
}

/// Two hundred thousand of everything; a comparison of each with each would not come to an end.
#[test]
fn large_histories_are_put_together() {
    let many = 200_000;
    let one = grant(OWNER, "");
    let half = |from: usize| AccessHistory {
        grants: (from..from + many).map(|n| Grant { id: format!("g{n}"), ..one.clone() }).collect(),
        hierarchy: (from..from + many)
            .map(|n| HierarchyEntry {
                tenant_id: None,
                child: format!("/subscriptions/aaaaaaaa-0000-0000-0000-{n:012}").parse().unwrap(),
                parent: "/providers/Microsoft.Management/managementGroups/mg".parse().unwrap(),
                start: None,
                end: None,
            })
            .collect(),
        ..AccessHistory::default()
    };
    let mut all = half(0);
    all.merge(half(many / 2));
    assert_eq!((all.grants.len(), all.hierarchy.len()), (many + many / 2, many + many / 2));
}
