//! Exports beside role assignments of the service: PowerShell, Resource Graph, role definitions, denies, PIM,
//! Lighthouse, partner admin links.

use azure_pec::{GrantPath, Listing};
use azure_pec_formats::{AccessRead, Kind, document_kind, read_access};
use serde_json::{Value, json};

use crate::fixtures::*;

#[expect(clippy::needless_pass_by_value, reason = "what is put in is made for it")]
fn enveloped(records: Value) -> String {
    json!({"taken_at": "2026-11-01T00:00:00Z", "tenant_id": TENANT, "scope": subscription(), "value": records}).to_string()
}

fn read_kind(kind: Kind, text: &str) -> AccessRead {
    assert_eq!(document_kind("x.json", text.as_bytes()), Ok(kind), "{text}");
    let read = read_access("x.json", text.as_bytes(), None).unwrap();
    assert_eq!(read.kind, Some(kind));
    read
}

fn powershell(n: u32) -> Value {
    json!({"RoleAssignmentName": name(n),
        "RoleAssignmentId": format!("{}/providers/Microsoft.Authorization/roleAssignments/{}", subscription(), name(n)),
        "Scope": subscription(), "DisplayName": null, "SignInName": null, "RoleDefinitionName": "Owner",
        "RoleDefinitionId": ROLE, "ObjectId": PRINCIPAL, "ObjectType": "Unknown", "CanDelegate": false,
        "Description": null, "ConditionVersion": null, "Condition": null})
}

#[test]
fn powershell_has_no_dates() {
    let read = read_kind(Kind::AccessRoleAssignments, &enveloped(json!([powershell(1), powershell(2)])));
    let snapshot = &read.chronicle.snapshots[0];
    let grant = &snapshot.grants[0];
    assert_eq!(
        (grant.id.as_str(), grant.start, grant.principal_kind.as_deref()),
        (name(1).as_str(), None, Some("Unknown"))
    );
    assert_eq!((grant.principal_id.to_string(), grant.scope.to_string()), (PRINCIPAL.into(), subscription()));
    assert_eq!(
        (snapshot.listing, snapshot.complete, snapshot.time_assumed),
        (Listing::RoleAssignments, true, false)
    );
    assert_eq!(read.undated.as_ref().unwrap().code(), "grant.no_dates");
    assert!(read.notes.iter().any(|note| note.contains("unknown kind")), "{:?}", read.notes);
    // One row is one object, and nothing says when it was taken.
    let alone = read_kind(Kind::AccessRoleAssignments, &powershell(1).to_string());
    assert_eq!((alone.chronicle.snapshots.len(), alone.records, alone.used), (0, 1, 0));
    assert!(alone.notes.iter().any(|note| note.contains("--taken-at") && note.contains(&name(1))));
    let place = &alone.undated.unwrap().place;
    assert_eq!((place.line, place.column.as_deref()), (Some(1), Some("createdOn")));
}

#[test]
fn powershell_five_writes_times_of_its_own() {
    let mut record = powershell(1);
    record["CreatedOn"] = json!("/Date(1692795957662)/");
    let read = read_kind(Kind::AccessRoleAssignments, &enveloped(json!([record])));
    assert_eq!(read.chronicle.snapshots[0].grants[0].start.unwrap().to_string(), "2023-08-23T13:05:57.662Z");
    record = powershell(1);
    record["CreatedOn"] = json!({"value": "/Date(1692795957662)/", "DateTime": "Wednesday"});
    let read = read_kind(Kind::AccessRoleAssignments, &enveloped(json!([record])));
    assert!(read.undated.is_none() && read.chronicle.snapshots[0].grants[0].start.is_some());
}

#[test]
fn resource_graph_rows_of_two_kinds() {
    let row = |cut: &str| {
        json!({"totalRecords": 2, "count": 2, "resultTruncated": cut, "facets": [], "data": [
            {"id": format!("/subscriptions/{SUB}/providers/microsoft.authorization/roleassignments/{}", name(1)),
             "name": name(1), "type": "microsoft.authorization/roleassignments", "tenantId": TENANT,
             "properties": {"principalId": PRINCIPAL, "principalType": "ServicePrincipal", "scope": subscription(),
                "roleDefinitionId": format!("/providers/microsoft.authorization/roledefinitions/{ROLE}"),
                "createdOn": "2024-01-01T00:00:00.123Z"}},
            {"id": format!("/providers/microsoft.authorization/roledefinitions/{ROLE}"), "name": ROLE,
             "type": "microsoft.authorization/roledefinitions",
             "properties": {"roleName": "Owner", "type": "BuiltInRole", "permissions": [{"actions": ["*"], "notActions": []}],
                "assignableScopes": ["/"]}}]})
        .to_string()
    };
    let read = read_kind(Kind::AccessRoleAssignments, &row("false"));
    assert_eq!((read.records, read.used, read.chronicle.roles.len()), (2, 2, 1));
    assert_eq!(read.chronicle.roles[0].name, "Owner");
    assert!(read.chronicle.snapshots[0].complete);
    let read = read_kind(Kind::AccessRoleAssignments, &row("true"));
    assert!(
        !read.chronicle.snapshots[0].complete && read.notes[0].contains("resultTruncated"),
        "{:?}",
        read.notes
    );
}

#[test]
fn role_definitions_in_every_spelling() {
    let id = format!("{}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}", subscription());
    let block =
        json!([{"actions": ["a/*"], "notActions": ["a/b"], "dataActions": ["d"], "notDataActions": []}]);
    let service = json!({"id": id, "name": ROLE, "type": "Microsoft.Authorization/roleDefinitions",
        "properties": {"roleName": "Mine", "type": "CustomRole", "permissions": block, "assignableScopes": ["/"]}});
    let cli = json!({"id": id, "name": ROLE, "type": "Microsoft.Authorization/roleDefinitions", "roleName": "Mine",
        "roleType": "CustomRole", "permissions": block, "assignableScopes": ["/"]});
    let shell = json!({"Name": "Mine", "Id": ROLE, "IsCustom": true, "Actions": ["a/*"], "NotActions": ["a/b"],
        "DataActions": "d", "NotDataActions": [], "AssignableScopes": ["/"]});
    let roles: Vec<_> = [service, cli, shell]
        .into_iter()
        .map(|record| {
            let read = read_kind(Kind::AccessRoleDefinitions, &enveloped(json!([record])));
            assert_eq!((read.records, read.used, read.notes.len()), (1, 1, 0));
            let mut role = read.chronicle.roles[0].clone();
            role.evidence.clear();
            role
        })
        .collect();
    assert!(roles[0] == roles[1] && roles[1] == roles[2], "{roles:#?}");
    assert_eq!((roles[0].custom, roles[0].tenant_id.unwrap().to_string()), (true, TENANT.to_owned()));
    assert_eq!(
        (&roles[0].permissions[0].not_actions, roles[0].role_id.to_string()),
        (&vec!["a/b".to_owned()], ROLE.to_owned())
    );
    let silent = json!([{"roleName": "x", "id": id, "permissions": []}]);
    let read = read_kind(Kind::AccessRoleDefinitions, &silent.to_string());
    assert!(
        read.used == 0 && read.notes[0].contains("whether they are custom") && read.notes[0].contains(ROLE)
    );
}

#[test]
fn deny_assignments() {
    let zeros = "00000000-0000-0000-0000-000000000000";
    let service = json!({"id": format!("{}/providers/Microsoft.Authorization/denyAssignments/{}", subscription(), name(1)),
        "name": name(1), "type": "Microsoft.Authorization/denyAssignments",
        "properties": {"denyAssignmentName": "no", "permissions": [{"actions": ["*"], "notActions": ["*/read"], "dataActions": ["d"]}],
            "scope": subscription(), "doNotApplyToChildScopes": true, "isSystemProtected": true,
            "principals": [{"id": zeros, "type": "SystemDefined"}], "excludePrincipals": [{"id": PRINCIPAL, "type": "User"}]}});
    let shell = json!({"Id": format!("{}/providers/Microsoft.Authorization/denyAssignments/{}", subscription(), name(1)),
        "DenyAssignmentName": "no", "Actions": ["*"], "NotActions": ["*/read"], "DataActions": ["d"], "NotDataActions": [],
        "Scope": subscription(), "DoNotApplyToChildScopes": true, "IsSystemProtected": true,
        "Principals": [{"DisplayName": "All Principals", "ObjectType": "SystemDefined", "ObjectId": zeros}],
        "ExcludePrincipals": [{"ObjectType": "User", "ObjectId": PRINCIPAL}]});
    for record in [service, shell] {
        let read = read_kind(Kind::AccessDenyAssignments, &enveloped(json!([record])));
        let snapshot = &read.chronicle.snapshots[0];
        let deny = &snapshot.denies[0];
        assert_eq!((snapshot.listing, deny.id.as_str()), (Listing::DenyAssignments, name(1).as_str()));
        assert_eq!((deny.everyone, deny.principal_ids.len(), deny.applies_to_children), (true, 0, false));
        assert_eq!(deny.exclude_principal_ids[0].to_string(), PRINCIPAL);
        assert_eq!(
            (&deny.actions[..], &deny.not_actions[..]),
            (&["*".to_owned()][..], &["*/read".to_owned()][..])
        );
        assert_eq!((&deny.data_actions[..], deny.system_protected), (&["d".to_owned()][..], true));
        assert_eq!((read.used, read.notes.len()), (1, 0));
    }
    let text = enveloped(
        json!([{"properties": {"denyAssignmentName": "n", "scope": "/", "principals": [{"id": "p"}]}, "name": "n"}]),
    );
    let error = read_access("x.json", text.as_bytes(), None).unwrap_err();
    assert_eq!(told(&error), ("id.invalid", "x.json", Some(1), Some("value[0].properties.principals[0].id")));
}

#[expect(clippy::needless_pass_by_value, reason = "what is put in is made for it")]
fn instance(n: u32, kind: &str, more: Value) -> Value {
    let mut record = json!({"id": format!("{}/providers/Microsoft.Authorization/{kind}/{}", subscription(), name(n)), "name": name(n),
        "type": format!("Microsoft.Authorization/{kind}"),
        "properties": {"scope": subscription(), "principalId": PRINCIPAL, "principalType": "User", "status": "Provisioned",
            "roleDefinitionId": format!("{}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}", subscription()),
            "startDateTime": "2026-10-01T08:00:00.98Z", "endDateTime": "2026-10-01T16:00:00.98Z", "createdOn": "2026-10-01T08:00:00.98Z"}});
    for (key, value) in more.as_object().unwrap() {
        record["properties"][key] = value.clone();
    }
    record
}

#[test]
fn pim_shows_ends_twins_and_the_eligible() {
    let origin = format!("{}/providers/Microsoft.Authorization/roleAssignments/{}", subscription(), name(9));
    let active = instance(
        1,
        "RoleAssignmentScheduleInstances",
        json!({"originRoleAssignmentId": origin, "assignmentType": "Activated"}),
    );
    let eligible = instance(2, "roleEligibilityScheduleInstances", json!({"endDateTime": null}));
    let request = instance(3, "RoleAssignmentScheduleRequests", json!({"requestType": "SelfActivate"}));
    let schedule = instance(4, "RoleAssignmentSchedules", json!({}));
    let revoked = instance(5, "RoleAssignmentScheduleInstances", json!({"status": "Revoked"}));
    let read = read_kind(Kind::AccessPim, &enveloped(json!([active, eligible, request, schedule, revoked])));
    let listed: Vec<_> = read.chronicle.snapshots.iter().map(|snapshot| snapshot.listing).collect();
    assert_eq!(listed, [Listing::ActiveSchedules, Listing::EligibleSchedules]);
    let grant = &read.chronicle.snapshots[0].grants[0];
    assert_eq!((grant.id.as_str(), grant.eligible_only), (name(1).as_str(), false));
    assert_eq!(grant.end.unwrap().to_string(), "2026-10-01T16:00:00.98Z");
    let twin = &read.chronicle.snapshots[0].twins[0];
    assert_eq!((&twin.schedule, &twin.assignment), (&name(1), &name(9)));
    let grant = &read.chronicle.snapshots[1].grants[0];
    assert_eq!((grant.eligible_only, grant.end, read.records, read.used), (true, None, 5, 2));
    for (n, part) in [(3, "requests"), (4, "schedules"), (5, "do not hold")] {
        assert!(
            read.notes.iter().any(|note| note.contains(part) && note.contains(&name(n))),
            "{:?}",
            read.notes
        );
    }
}

fn delegation(n: u32, definition: Option<Value>) -> Value {
    let id =
        |what: &str, n| format!("{}/providers/Microsoft.ManagedServices/{what}/{}", subscription(), name(n));
    let mut record = json!({"id": id("registrationAssignments", n), "name": name(n),
        "type": "Microsoft.ManagedServices/registrationAssignments",
        "properties": {"registrationDefinitionId": id("registrationDefinitions", 50), "provisioningState": "Succeeded"}});
    if let Some(definition) = definition {
        record["properties"]["registrationDefinition"] = definition;
    }
    record
}

fn definition() -> Value {
    json!({"id": format!("{}/providers/Microsoft.ManagedServices/registrationDefinitions/{}", subscription(), name(50)),
        "name": name(50), "type": "Microsoft.ManagedServices/registrationDefinitions",
        "properties": {"managedByTenantId": SUB, "manageeTenantId": TENANT,
            "authorizations": [{"principalId": PRINCIPAL, "roleDefinitionId": ROLE}],
            "eligibleAuthorizations": [{"principalId": PRINCIPAL, "roleDefinitionId": ROLE,
                "justInTimeAccessPolicy": {"maximumActivationDuration": "PT8H"}}]}})
}

#[test]
fn lighthouse_delegations_and_their_definitions() {
    let mut offer = definition();
    offer["plan"] = json!({"name": "p", "product": "x", "publisher": "y", "version": "1"});
    let mut dated = delegation(1, Some(offer));
    dated["systemData"] = json!({"createdAt": "2026-09-01T00:00:00Z"});
    let mut pending = delegation(2, Some(definition()));
    pending["properties"]["provisioningState"] = json!("Deleting");
    let text = enveloped(json!([dated, pending, delegation(3, None)]));
    let read = read_kind(Kind::AccessLighthouse, &text);
    let snapshot = &read.chronicle.snapshots[0];
    assert_eq!((snapshot.listing, snapshot.complete, read.used), (Listing::Delegations, false, 1));
    let [active, eligible] = snapshot.grants.as_slice() else { panic!("two: {snapshot:?}") };
    assert_eq!(
        (active.path, active.eligible_only, eligible.eligible_only),
        (GrantPath::LighthouseOffer, false, true)
    );
    assert_eq!(active.start.unwrap().to_string(), "2026-09-01T00:00:00Z");
    assert_eq!(
        (active.scope.to_string(), active.tenant_id.unwrap().to_string()),
        (subscription(), TENANT.to_owned())
    );
    assert_eq!(active.id, format!("{}/{PRINCIPAL}/{ROLE}", name(1)));
    assert!(
        read.notes.iter().any(|note| note.contains("not in force") && note.contains(&name(2))),
        "{:?}",
        read.notes
    );
    assert!(read.notes.iter().any(|note| note.contains("what they authorize") && note.contains(&name(3))));
    // The definition stands beside, and nobody says since when.
    let read = read_kind(Kind::AccessLighthouse, &enveloped(json!([delegation(3, None), definition()])));
    let grant = &read.chronicle.snapshots[0].grants[0];
    assert_eq!((grant.path, grant.start, read.used), (GrantPath::LighthouseTemplate, None, 2));
    let read = read_kind(Kind::AccessLighthouse, &enveloped(json!([definition()])));
    assert!(read.used == 0 && read.notes[0].contains("no delegation here names"), "{:?}", read.notes);
}

#[test]
fn partner_admin_links() {
    let link = |state: &str, version: u32| {
        json!({"id": "/providers/microsoft.managementpartner/partners/1234567", "name": "1234567", "etag": 3,
            "type": "Microsoft.ManagementPartner/partner",
            "properties": {"partnerId": "1234567", "tenantId": TENANT, "objectId": PRINCIPAL, "version": version,
                "createdTime": "2026-01-20T01:23:40.5280496Z", "updatedTime": "2026-02-20T01:23:40Z", "state": state}})
    };
    let read = read_kind(Kind::AccessPartnerLink, &link("Active", 1).to_string());
    let principal = &read.chronicle.links[0];
    let linked = principal.linked.as_ref().unwrap();
    assert_eq!(
        (principal.principal_id.to_string(), principal.partner_id.as_str()),
        (PRINCIPAL.to_owned(), "1234567")
    );
    assert_eq!(linked.start.unwrap().to_string(), "2026-01-20T01:23:40.5280496Z");
    assert_eq!(linked.tenant_id.unwrap().to_string(), TENANT);
    let read = read_kind(Kind::AccessPartnerLink, &link("Active", 3).to_string());
    let start = read.chronicle.links[0].linked.as_ref().unwrap().start.unwrap();
    assert_eq!(start.to_string(), "2026-02-20T01:23:40Z");
    assert!(read.notes[0].contains("changed since it was made"));
    let read = read_kind(Kind::AccessPartnerLink, &json!([link("Deleted", 1)]).to_string());
    assert_eq!((read.chronicle.links.len(), read.used, read.records), (0, 0, 1));
    assert!(read.notes[0].contains("not active"));
}

#[test]
fn an_empty_listing_is_known_by_its_command() {
    let text = format!(
        r#"{{"taken_at": "2026-11-01", "scope": "/subscriptions/{SUB}", "command": "az rest .../registrationAssignments", "value": []}}"#
    );
    let read = read_access("x", text.as_bytes(), None).unwrap();
    let snapshot = &read.chronicle.snapshots[0];
    assert_eq!(
        (snapshot.listing, snapshot.complete, snapshot.scopes[0].to_string()),
        (Listing::Delegations, true, subscription())
    );
}
