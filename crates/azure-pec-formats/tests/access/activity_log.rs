//! The activity log in its four shapes.

use azure_pec::{Event, Grant, GrantPath, Log, LoggedChange};
use azure_pec_formats::{AccessRead, Kind, document_kind, read_access};
use serde_json::{Value, json};

use crate::fixtures::*;

const OPERATION: &str = "3b3b3b3b-1111-4222-8333-444444444444";
const GROUPS: &str = "/providers/Microsoft.Management/managementGroups";
const WRITE: &str = "Microsoft.Authorization/roleAssignments/write";
const DELETE: &str = "Microsoft.Authorization/roleAssignments/delete";
const BEGUN: &str = "2026-10-02T08:00:00.1234567Z";
const DONE: &str = "2026-10-02T08:00:04.5Z";

fn assignment(n: u32) -> String {
    format!(
        "/subscriptions/{SUB}/resourceGroups/Rg1/providers/Microsoft.Authorization/roleAssignments/{}",
        name(n)
    )
}

fn role() -> String {
    format!("/providers/Microsoft.Authorization/roleDefinitions/{ROLE}")
}

fn request() -> Value {
    json!({"properties": {"roleDefinitionId": role(), "principalId": PRINCIPAL, "principalType": "ForeignGroup"}})
}

/// As the service answers and the portal saves.
#[expect(clippy::needless_pass_by_value, reason = "what is put in is made for it")]
fn rest(operation: &str, resource: &str, status: &str, time: &str, properties: Value) -> Value {
    json!({
        "authorization": {"action": operation, "scope": resource, "evidence": {"role": "Owner", "principalId": TENANT}},
        "caller": "somebody@example.com", "operationId": OPERATION, "correlationId": OPERATION,
        "eventDataId": format!("event-{status}-{time}"),
        "eventName": {"value": if status == "Started" { "BeginRequest" } else { "EndRequest" }},
        "operationName": {"value": operation, "localizedValue": "Do it"},
        "status": {"value": status, "localizedValue": status}, "resourceId": resource,
        "eventTimestamp": time, "subscriptionId": SUB, "tenantId": TENANT, "properties": properties
    })
}

fn pair(n: u32) -> Vec<Value> {
    let at = assignment(n);
    vec![
        rest(WRITE, &at, "Succeeded", DONE, json!({"statusCode": "Created"})),
        rest(WRITE, &at, "Started", BEGUN, json!({"requestbody": request().to_string()})),
    ]
}

/// Around it, from when to when and whose.
fn wrapped(events: &[Value]) -> String {
    json!({"taken_at": "2026-11-01", "start": "2026-08-01", "tenant_id": TENANT,
           "scope": format!("/subscriptions/{SUB}"), "value": events})
    .to_string()
}

fn read_log(text: &str) -> AccessRead {
    assert_eq!(document_kind("log.json", text.as_bytes()), Ok(Kind::AccessActivityLog), "{text}");
    read_access("log.json", text.as_bytes(), None).unwrap()
}

fn log(read: &AccessRead) -> &Log {
    let [log] = read.chronicle.logs.as_slice() else { panic!("one log: {read:?}") };
    log
}

fn granted(event: &Event) -> &Grant {
    let LoggedChange::Granted(grant) = &event.change else { panic!("no grant: {event:?}") };
    grant
}

fn only(read: &AccessRead) -> &Event {
    let [event] = log(read).events.as_slice() else { panic!("one event: {read:?}") };
    event
}

#[test]
fn a_create_is_joined_from_its_two_records() {
    let read = read_log(&wrapped(&pair(1)));
    let event = only(&read);
    assert_eq!((event.begun.to_string().as_str(), event.done.to_string().as_str()), (BEGUN, DONE));
    let grant = granted(event);
    assert_eq!((grant.id.as_str(), grant.path), (name(1).as_str(), GrantPath::Aobo));
    assert_eq!(grant.scope.to_string(), format!("/subscriptions/{SUB}/resourcegroups/rg1"));
    // Not what the caller held.
    assert_eq!((grant.principal_id.to_string(), grant.role_id.to_string()), (PRINCIPAL.into(), ROLE.into()));
    assert_eq!((grant.start, grant.end), (None, None));
    assert_eq!(event.evidence.record, format!("event-Succeeded-{DONE}"));
    let log = log(&read);
    assert_eq!(
        (log.start.to_string().as_str(), log.end.to_string().as_str()),
        ("2026-08-01T00:00:00Z", "2026-11-01T00:00:00Z")
    );
    assert_eq!((log.complete, log.span_assumed, log.scopes[0].to_string()), (true, false, subscription()));
    assert_eq!((read.records, read.used), (2, 2));
    assert_eq!(read.notes, Vec::<String>::new());
}

#[test]
fn the_four_shapes_say_the_same() {
    let (at, body) = (assignment(1), request().to_string());
    let portal_body = json!({"Id": name(1), "Properties": {"PrincipalId": PRINCIPAL, "RoleDefinitionId": role(),
        "PrincipalType": "ForeignGroup", "Scope": format!("/subscriptions/{SUB}/resourceGroups/rg1")}});
    let diagnostic = |result: &str, time: &str, properties: Value| {
        json!({"time": time, "resourceId": at.to_uppercase(), "operationName": WRITE.to_uppercase(), "resultType": result,
               "correlationId": OPERATION, "properties": properties,
               "identity": {"authorization": {"scope": at, "action": WRITE, "evidence": {"principalId": TENANT}}}})
    };
    let named = |result: &str, time: &str, properties: Value| {
        let mut record = diagnostic(result, time, properties);
        record["operationName"] = json!({"value": WRITE});
        record
    };
    let row = |status: &str, time: &str, properties: Value| {
        json!({"TenantId": OPERATION, "TimeGenerated": time, "OperationNameValue": WRITE.to_uppercase(),
               "ActivityStatusValue": status, "OperationId": OPERATION, "_ResourceId": format!("/subscriptions/{SUB}"),
               "Authorization": json!({"scope": at, "action": WRITE}).to_string(), "SubscriptionId": SUB,
               "Properties": properties.to_string(), "Properties_d": properties, "Type": "AzureActivity"})
    };
    let powershell = |status: &str, time: &str, content: Value| {
        json!({"Authorization": {"Action": WRITE, "Scope": at}, "Caller": "x", "EventTimestamp": time,
               "OperationId": OPERATION, "OperationName": "Create role assignment", "ResourceId": at, "Status": status,
               "SubscriptionId": SUB, "Properties": {"Content": content}})
    };
    let none = || json!({"statusCode": "Created"});
    let asked = |body: &str| json!({"requestbody": body});
    let ticks = |time: &str| {
        let time: azure_pec::Instant = time.parse().unwrap();
        format!("/Date({})/", time.ticks() / 10_000)
    };
    let shapes = [
        wrapped(&pair(1)),
        wrapped(&[diagnostic("Success", DONE, none()), diagnostic("Start", BEGUN, asked(&body))]),
        wrapped(&[named("Start", BEGUN, asked(&portal_body.to_string())), named("Success", DONE, none())]),
        wrapped(&[row("Start", BEGUN, asked(&body)), row("Success", DONE, none())]),
        wrapped(&[powershell("Started", BEGUN, asked(&body)), powershell("Succeeded", DONE, none())]),
        wrapped(&[
            powershell("Started", &ticks(BEGUN), asked(&body)),
            powershell("Succeeded", &ticks(DONE), none()),
        ]),
    ];
    let whole = read_log(&shapes[0]);
    for text in &shapes {
        let read = read_log(text);
        assert_eq!(granted(only(&read)), granted(only(&whole)), "{text}");
        assert_eq!(only(&read).done, only(&whole).done);
        assert_eq!((read.records, read.used, &read.notes), (2, 2, &Vec::new()), "{text}");
    }
    // A record a line, as a diagnostic setting writes them; whose log it is comes from the ids.
    let lines =
        format!("{}\n{}\n", diagnostic("Start", BEGUN, asked(&body)), diagnostic("Success", DONE, none()));
    let read = read_log(&lines);
    assert_eq!(granted(only(&read)).id, name(1));
    assert_eq!((log(&read).scopes[0].to_string(), log(&read).span_assumed), (subscription(), true));
    assert!(read.time_assumed && read.notes.iter().any(|note| note.contains("from when the log reaches")));
}

#[test]
fn only_what_succeeded_counts_and_the_rest_is_named() {
    let at = assignment(1);
    let begun = || rest(WRITE, &at, "Started", BEGUN, json!({"requestbody": request().to_string()}));
    for (events, note, used) in [
        (vec![begun()], "neither done nor failed", 1),
        (vec![begun(), rest(WRITE, &at, "Failed", DONE, json!({}))], "changes that failed", 0),
        (vec![rest(WRITE, &at, "Succeeded", DONE, json!({}))], "whose request is not in the log", 1),
        (
            vec![
                rest(WRITE, &at, "Started", BEGUN, json!({"requestbody": "{\"properties\": {\"roleDefi..."})),
                rest(WRITE, &at, "Succeeded", DONE, json!({})),
            ],
            "whose request is not in the log",
            2,
        ),
    ] {
        let read = read_log(&wrapped(&events));
        assert_eq!(
            (log(&read).events.len(), read.used, log(&read).complete),
            (used.min(1), used as u64, true)
        );
        assert!(
            read.notes.iter().any(|said| said.contains(note) && said.contains("event-")),
            "{:?}",
            read.notes
        );
    }
}

#[test]
fn what_is_cut_at_the_ends_of_a_log_is_in_doubt() {
    let at = assignment(1);
    let begun = || rest(WRITE, &at, "Started", BEGUN, json!({"requestbody": request().to_string()}));
    let read = read_log(&wrapped(&[begun()]));
    let LoggedChange::Begun(change) = &only(&read).change else { panic!("begun") };
    assert!(matches!(**change, LoggedChange::Granted(_)));
    // The beginning of what ends in the first minutes of a log may lie before it; elsewhere it would be there.
    let done = |time: &str| read_log(&wrapped(&[rest(DELETE, &at, "Succeeded", time, json!({}))]));
    let first = |read: &AccessRead| (only(read).begun.to_string(), only(read).begun_seen);
    assert_eq!(first(&done("2026-08-01T00:00:01Z")), ("2026-07-31T23:40:00Z".to_owned(), false));
    assert_eq!(first(&done("2026-08-01T00:20:01Z")), ("2026-08-01T00:20:01Z".to_owned(), true));
    // Of what ends behind the whole part it may be late.
    let asked = |time: &str| {
        let record = rest(DELETE, &at, "Succeeded", time, json!({}));
        let (taken, start) = ("2026-11-01T00:00:00Z", "2026-08-01T00:00:00Z");
        read_log(
            &json!({"taken_at": taken, "start": start, "asked_at": taken, "value": [record]}).to_string(),
        )
    };
    assert_eq!(first(&asked("2026-10-31T23:50:00Z")), ("2026-10-31T23:40:00Z".to_owned(), false));
    assert_eq!(first(&asked("2026-10-31T23:30:00Z")), ("2026-10-31T23:30:00Z".to_owned(), true));
}

#[test]
fn a_log_is_whole_until_late_events_are_in() {
    let newest = |text: &str| log(&read_log(text)).whole_until().to_string();
    let lines = pair(1).iter().map(Value::to_string).collect::<Vec<_>>().join("\n");
    assert_eq!(newest(&lines), BEGUN);
    let asked = |asked_at: &str| {
        json!({"taken_at": "2026-11-01T00:00:00Z", "asked_at": asked_at, "value": pair(1)}).to_string()
    };
    assert_eq!(newest(&asked("2026-11-01T00:05:00Z")), "2026-10-31T23:45:00Z");
    assert_eq!(newest(&asked("2026-11-01T00:20:00Z")), "2026-11-01T00:00:00Z");
    let read =
        read_access("log.json", lines.as_bytes(), Some("2026-11-01T00:00:00Z".parse().unwrap())).unwrap();
    assert_eq!(log(&read).whole_until().to_string(), "2026-11-01T00:00:00Z");
}

#[test]
fn a_delete_tells_both_ends() {
    let stored = json!({"properties": {"roleDefinitionId": role(), "principalId": PRINCIPAL, "principalType": "Group",
        "scope": format!("/subscriptions/{SUB}/resourceGroups/rg1"),
        "createdOn": "2026-09-01T00:00:00.1234567Z", "updatedOn": "2026-10-02T08:00:02.7654321Z"}});
    let at = assignment(1);
    let mut events = vec![
        rest(DELETE, &at, "Started", BEGUN, json!({})),
        rest(DELETE, &at, "Succeeded", DONE, json!({"responseBody": stored.to_string()})),
    ];
    let read = read_log(&wrapped(&events));
    let LoggedChange::Revoked { id, scope, role_id, principal_id, principal_kind, created, ended } =
        &only(&read).change
    else {
        panic!("revoked")
    };
    assert_eq!((id, scope.to_string()), (&name(1), format!("/subscriptions/{SUB}/resourcegroups/rg1")));
    assert_eq!(
        (role_id.unwrap().to_string(), principal_id.unwrap().to_string()),
        (ROLE.into(), PRINCIPAL.into())
    );
    assert_eq!(principal_kind.as_deref(), Some("Group"));
    assert_eq!(created.unwrap().to_string(), "2026-09-01T00:00:00.1234567Z");
    assert_eq!(ended.unwrap().to_string(), "2026-10-02T08:00:02.7654321Z");
    // A grant without its request is told by its deletion, so nothing is left out.
    let mut create = rest(WRITE, &at, "Succeeded", "2026-09-01T00:00:02Z", json!({}));
    create["operationId"] = json!("another");
    events.push(create);
    assert!(log(&read_log(&wrapped(&events))).complete);
}

#[test]
fn what_a_write_answers_gives_no_time() {
    let at = assignment(1);
    let answer = json!({"properties": {"roleDefinitionId": role(), "principalId": PRINCIPAL,
        "createdOn": "2026-10-02T07:59:00Z", "updatedOn": "2026-10-02T07:59:00Z"}});
    let read = read_log(&wrapped(&[rest(
        WRITE,
        &at,
        "Succeeded",
        DONE,
        json!({"responseBody": answer.to_string()}),
    )]));
    assert_eq!((granted(only(&read)).start, only(&read).done.to_string().as_str()), (None, DONE));
    assert!(read.notes[0].contains("kind is not in the log"), "{:?}", read.notes);
}

#[test]
fn a_deleted_group_takes_its_assignments_with_it() {
    let undashed = name(7).replace('-', "");
    let at = format!(
        "/subscriptions/{SUB}/resourcegroups/RG1/providers/Microsoft.Authorization/roleAssignments/{undashed}"
    );
    let properties = json!({"id": undashed, "principalId": PRINCIPAL.replace('-', ""), "roleDefinitionId": ROLE.replace('-', ""),
        "scope": format!("/subscriptions/{SUB}/resourcegroups/RG1/providers/x.y/z/w")});
    let mut event = rest(DELETE, &at, "Succeeded", DONE, properties);
    event["authorization"]["action"] = json!("Microsoft.Resources/subscriptions/resourcegroups/delete");
    let read = read_log(&wrapped(&[event]));
    let LoggedChange::Revoked { id, scope, role_id, principal_id, created, .. } = &only(&read).change else {
        panic!("revoked")
    };
    assert_eq!((id, *created), (&name(7), None));
    assert_eq!(scope.to_string(), format!("/subscriptions/{SUB}/resourcegroups/rg1/providers/x.y/z/w"));
    assert_eq!(
        (role_id.unwrap().to_string(), principal_id.unwrap().to_string()),
        (ROLE.into(), PRINCIPAL.into())
    );
}

#[test]
fn lighthouse_denies_groups_and_moves() {
    let delegation = format!(
        "/subscriptions/{SUB}/providers/Microsoft.ManagedServices/registrationAssignments/{}",
        name(3)
    );
    let deny = format!("/subscriptions/{SUB}/providers/Microsoft.Authorization/denyAssignments/{}", name(4));
    let under = format!("{GROUPS}/Mg/subscriptions/{SUB}");
    let group = format!("/subscriptions/{SUB}/resourceGroups/a");
    let moved = format!("{group}/providers/Microsoft.Compute/disks/d");
    let to = format!("/subscriptions/{SUB}/resourceGroups/b");
    let mut registered =
        rest("Microsoft.Resources/tenants/register/action", "/", "Succeeded", DONE, json!({}));
    registered["description"] = json!(
        json!({"delegationResourceId": delegation, "subscriptionTenantId": TENANT, "subscriptionId": SUB})
            .to_string()
    );
    let mut unregistered = registered.clone();
    unregistered["operationName"] = json!("Microsoft.Resources/tenants/unregister/action");
    let done =
        |operation: &str, at: &str, properties: Value| rest(operation, at, "Succeeded", DONE, properties);
    let scope = |text: &str| text.parse::<azure_pec::Scope>().unwrap();
    let asked = |body: Value| json!({"requestbody": body.to_string()});
    let sub = || scope(&format!("/subscriptions/{SUB}"));
    for (event, change) in [
        (
            done("Microsoft.ManagedServices/registrationAssignments/write", &delegation, json!({})),
            LoggedChange::Delegated { id: name(3), scope: sub() },
        ),
        (
            done("MICROSOFT.MANAGEDSERVICES/REGISTRATIONASSIGNMENTS/DELETE", &delegation, json!({})),
            LoggedChange::Undelegated { id: name(3), scope: sub() },
        ),
        (registered, LoggedChange::Delegated { id: name(3), scope: sub() }),
        (unregistered, LoggedChange::Undelegated { id: name(3), scope: sub() }),
        (
            done("Microsoft.Authorization/denyAssignments/write", &deny, json!({})),
            LoggedChange::Denied { id: name(4), scope: sub() },
        ),
        (
            done("Microsoft.Authorization/denyAssignments/delete", &deny, json!({})),
            LoggedChange::Undenied { id: name(4), scope: sub() },
        ),
        (
            done("Microsoft.Management/managementGroups/subscriptions/write", &under, json!({})),
            LoggedChange::Placed { child: sub(), parent: scope(&format!("{GROUPS}/Mg")) },
        ),
        (
            done("Microsoft.Management/managementGroups/subscriptions/delete", &under, json!({})),
            LoggedChange::Unplaced { child: sub() },
        ),
        (
            done(
                "Microsoft.Management/managementGroups/write",
                &format!("{GROUPS}/Low"),
                asked(json!({"properties": {"details": {"parent": {"id": format!("{GROUPS}/Mg")}}}})),
            ),
            LoggedChange::Placed {
                child: scope(&format!("{GROUPS}/low")),
                parent: scope(&format!("{GROUPS}/mg")),
            },
        ),
        (
            done(
                "Microsoft.Resources/subscriptions/resourceGroups/moveResources/action",
                &group,
                asked(json!({"resources": [moved], "targetResourceGroup": to})),
            ),
            LoggedChange::Moved { from: vec![scope(&moved)], to: scope(&to) },
        ),
    ] {
        assert_eq!(only(&read_log(&wrapped(std::slice::from_ref(&event)))).change, change, "{event}");
    }
}

#[test]
fn the_groups_above_are_kept_where_they_change() {
    let chain = |group: &str| format!("{TENANT}/{group}/{SUB}");
    let event = |day: u32, group: &str| {
        let time = format!("2026-10-{day:02}T00:00:00Z");
        let mut event = rest(
            "Microsoft.Compute/disks/write",
            "/x",
            "Succeeded",
            &time,
            json!({"hierarchy": chain(group)}),
        );
        event["eventDataId"] = json!(format!("day-{day}"));
        event
    };
    let events: Vec<Value> =
        (1..=9).rev().map(|day| event(day, if day < 5 { "old" } else { "new" })).collect();
    let read = read_log(&wrapped(&events));
    let seen: Vec<(String, String)> = log(&read)
        .events
        .iter()
        .map(|event| match &event.change {
            LoggedChange::Chain { tenant_id, subscription, groups } => {
                assert_eq!(
                    (tenant_id.unwrap().to_string(), subscription.to_string()),
                    (TENANT.into(), SUB.into())
                );
                assert_eq!(groups[0].to_string(), format!("{}/{TENANT}", GROUPS.to_lowercase()));
                (event.evidence.record.clone(), groups[1].to_string().rsplit('/').next().unwrap().to_owned())
            }
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [("day-1", "old"), ("day-4", "old"), ("day-5", "new"), ("day-9", "new")];
    assert_eq!(seen, expected.map(|(record, group)| (record.to_owned(), group.to_owned())));
    assert_eq!((read.records, read.used), (9, 9));
    assert_eq!(read.notes, ["9 passed over, which do not concern access: Microsoft.Compute/disks/write (9)"]);
}

#[test]
fn access_that_was_elevated_is_noted() {
    let event = rest("Microsoft.Authorization/elevateAccess/action", "/", "Succeeded", DONE, json!({}));
    let read = read_log(&wrapped(&[event]));
    assert!(read.notes[0].contains("elevated"), "{:?}", read.notes);
}

#[test]
fn more_pages_and_single_events_prove_no_absence() {
    let page =
        json!({"taken_at": "2026-11-01", "start": "2026-08-01", "value": pair(1), "nextLink": "https://x"});
    assert!(!log(&read_log(&page.to_string())).complete);
    assert!(!log(&read_log(&pair(1)[0].to_string())).complete);
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let bad = |key: &str, value: Value| {
        let mut events = pair(1);
        events[1][key] = value;
        let lines: Vec<String> = events.iter().map(Value::to_string).collect();
        lines.join("\n")
    };
    let twice = pair(1)[0].to_string().replacen('{', "{\"EVENTTIMESTAMP\": 1, ", 1);
    for (text, code, line, column) in [
        (bad("eventTimestamp", json!("yesterday")), "date.invalid", 2, "eventTimestamp"),
        (bad("eventTimestamp", json!("10/31/2026 9:18:07 PM")), "date.invalid", 2, "eventTimestamp"),
        (bad("eventTimestamp", json!(5)), "json.malformed", 2, "eventTimestamp"),
        (bad("eventTimestamp", json!(null)), "json.malformed", 2, "eventTimestamp"),
        (bad("status", json!([])), "json.malformed", 2, "status"),
        (bad("operationName", json!(true)), "json.malformed", 2, "operationName"),
        (twice, "json.malformed", 1, "eventTimestamp"),
    ] {
        let error = read_access("log.json", text.as_bytes(), None).unwrap_err();
        assert_eq!(told(&error), (code, "log.json", Some(line), Some(column)), "{error}");
    }
    let text = wrapped(&pair(1)).replace("2026-08-01", "2026-12-01");
    let error = read_access("log.json", text.as_bytes(), None).unwrap_err();
    assert_eq!((error.code(), error.place.column.as_deref()), ("json.malformed", Some("start")));
}
