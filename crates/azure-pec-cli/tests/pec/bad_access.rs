//! Exports of access that lack something or do not agree: named in `inspect`, warned of, and unknown where it matters.

use std::fs;

use serde_json::{Value, json};

use crate::pec::pec;

const SUB: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
const TENANT: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
const GROUP: &str = "dddddddd-0000-0000-0000-000000000001";
const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
const NAME: &str = "11111111-0000-0000-0000-000000000001";

fn assignment(scope: &str, role: &str, kind: &str) -> Value {
    json!({
        "id": format!("{scope}/providers/Microsoft.Authorization/roleAssignments/{NAME}"),
        "name": NAME,
        "type": "Microsoft.Authorization/roleAssignments",
        "scope": scope,
        "roleDefinitionId": format!("{SUB}/providers/Microsoft.Authorization/roleDefinitions/{role}"),
        "roleDefinitionName": "Owner",
        "principalId": GROUP,
        "principalType": kind,
        "createdOn": "2026-09-01T00:00:00.000000+00:00",
    })
}

fn ours() -> Value {
    assignment(SUB, OWNER, "ForeignGroup")
}

fn list(at: &str, grants: &[Value]) -> Value {
    json!({"taken_at": at, "tenant_id": TENANT, "scope": SUB, "command": "az role assignment list", "value": grants})
}

fn log(start: &str, end: &str) -> Value {
    let command = "az monitor activity-log list";
    json!({"taken_at": end, "start": start, "tenant_id": TENANT, "scope": SUB, "command": command, "value": []})
}

/// What `inspect` says of the exports, and the statement of a line on each day of October: its warnings' codes, and the
/// reason of each day.
fn answers(exports: &[Value]) -> (String, Vec<String>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: String| fs::write(folder.path().join(name), text).unwrap();
    for (number, export) in exports.iter().enumerate() {
        put(&format!("export{number}.json"), export.to_string());
    }
    let partner = json!({
        "schema": "azure-pec/partner/1",
        "bill_to": {"partner_id": "1111111", "tenant_id": null, "kind": "direct_bill"},
        "aobo_groups": [{"principal_id": GROUP, "partner_id": "1111111", "group": "AdminAgents"}],
        "principals": [],
    });
    put("partner.json", partner.to_string());
    put("usage.csv", usage());
    let path = folder.path().to_str().unwrap();
    let inspected = pec(&["inspect", path, "--format", "json"]);
    let stated = pec(&["statement", path, "--by", "date", "--format", "json"]);
    if stated.status != 0 {
        return (inspected.out, vec![stated.err], Vec::new());
    }
    let body = serde_json::from_str::<Value>(&stated.out).unwrap()["body"].take();
    let texts = |list: &str, key: &str| -> Vec<String> {
        body[list].as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
    };
    (inspected.out, texts("warnings", "code"), texts("groups", "reason"))
}

fn usage() -> String {
    let mut text =
        "customerTenantId,date,productOrderName,meterId,ProductId,SubscriptionId,publisherType,ResourceId,\
                    quantity,chargeType,billingCurrency,pricingCurrency,partnerEarnedCreditRate,\
                    partnerEarnedCreditApplied,PayGPrice\n"
            .to_owned();
    let subscription = SUB.trim_start_matches("/subscriptions/");
    let resource = format!("{SUB}/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm");
    for day in 1..=31 {
        text += &format!(
            "{TENANT},10/{day:02}/2026,Azure plan,{NAME},DZH318Z0BQ4B00FX,{subscription},Microsoft,{resource},1,Usage,\
             USD,USD,0.15,True,1\n"
        );
    }
    text
}

/// The reason of a day of October.
fn on(reasons: &[String], day: usize) -> &str {
    &reasons[day - 1]
}

#[test]
fn a_log_with_a_hole() {
    let exports = [
        list("2026-10-05T00:00:00Z", &[ours()]),
        list("2026-10-25T00:00:00Z", &[]),
        log("2026-10-01T00:00:00Z", "2026-10-10T00:00:00Z"),
        log("2026-10-20T00:00:00Z", "2026-11-01T00:00:00Z"),
    ];
    let (inspected, warnings, reasons) = answers(&exports);
    assert!(inspected.contains("access.log_hole"), "{inspected}");
    assert!(warnings.contains(&"access.log_hole".to_owned()), "{warnings:?}");
    assert_eq!([9, 15, 26].map(|day| on(&reasons, day)), ["earned", "access.unproven", "access.none"]);
}

#[test]
fn two_exports_that_contradict_each_other() {
    let exports = [
        list("2026-10-05T00:00:00Z", &[ours()]),
        list("2026-10-25T00:00:00Z", &[]),
        log("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z"),
    ];
    let (inspected, warnings, reasons) = answers(&exports);
    assert!(inspected.contains("access.contradiction"), "{inspected}");
    assert!(warnings.contains(&"access.contradiction".to_owned()), "{warnings:?}");
    assert_eq!([4, 15, 26].map(|day| on(&reasons, day)), ["earned", "access.unproven", "access.none"]);
}

#[test]
fn a_role_definition_that_is_gone() {
    let mut gone = assignment(SUB, "99999999-0000-0000-0000-000000000001", "ForeignGroup");
    gone["roleDefinitionName"] = Value::Null;
    let exports =
        [list("2026-11-01T00:00:00Z", &[gone]), log("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z")];
    let (inspected, warnings, reasons) = answers(&exports);
    assert!(inspected.contains("of roles whose definition is gone"), "{inspected}");
    assert!(warnings.contains(&"access.role_gone".to_owned()), "{warnings:?}");
    assert!(reasons.iter().all(|reason| reason == "access.role_unknown"), "{reasons:?}");
}

#[test]
fn a_principal_of_unknown_kind() {
    let unread = assignment(SUB, OWNER, "Unknown");
    let exports =
        [list("2026-11-01T00:00:00Z", &[unread]), log("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z")];
    let (inspected, warnings, reasons) = answers(&exports);
    assert!(inspected.contains("of principals of unknown kind"), "{inspected}");
    assert!(warnings.contains(&"access.principal_unknown".to_owned()), "{warnings:?}");
    assert!(reasons.iter().all(|reason| reason == "access.partner_unknown"), "{reasons:?}");
}

#[test]
fn an_id_that_is_no_path() {
    let odd = assignment("nowhere", OWNER, "ForeignGroup");
    let month = || log("2026-09-01T00:00:00Z", "2026-11-01T00:00:00Z");
    let (inspected, warnings, reasons) =
        answers(&[list("2026-10-20T00:00:00Z", &[odd.clone(), ours()]), month()]);
    let named =
        format!("nowhere/providers/Microsoft.Authorization/roleAssignments/{NAME} (line 1, value[0].scope");
    assert!(inspected.contains(&named), "{inspected}");
    assert!(warnings.contains(&"id.invalid".to_owned()), "{warnings:?}");
    // What the other record shows is proved; that nothing else was there is not.
    assert_eq!([3, 19].map(|day| on(&reasons, day)), ["earned", "earned"]);
    let (_, _, reasons) = answers(&[list("2026-10-20T00:00:00Z", std::slice::from_ref(&odd)), month()]);
    assert!(reasons.iter().all(|reason| !reason.starts_with("access.none")), "{reasons:?}");
    // A list that can be read proves by itself.
    let whole = list("2026-10-25T00:00:00Z", &[]);
    let (_, warnings, reasons) = answers(&[list("2026-10-20T00:00:00Z", &[odd]), whole, month()]);
    assert!(warnings.contains(&"id.invalid".to_owned()), "{warnings:?}");
    assert_eq!(on(&reasons, 15), "access.none");
}

#[test]
fn a_snapshot_without_a_time() {
    let (inspected, warnings, reasons) = answers(&[json!([ours()])]);
    assert!(inspected.contains("nothing says when it was taken"), "{inspected}");
    assert!(warnings.contains(&"access.time_assumed".to_owned()), "{warnings:?}");
    assert!(reasons.iter().all(|reason| reason == "access.unobserved"), "{reasons:?}");
}
