use azure_pec::{GrantPath, Observed};
use azure_pec_formats::{Kind, document_kind, read_access};

use crate::fixtures::*;

#[test]
fn what_the_service_answers() {
    let read =
        read(&format!("{{\"value\": [{}]}}", rest(1, &subscription(), "2023-08-23T13:05:57.6621925Z")));
    let read = read.unwrap();
    let grant = &read.history.grants[0];
    assert_eq!(grant.id, name(1));
    assert_eq!((grant.path, grant.eligible_only), (GrantPath::Aobo, false));
    assert_eq!(grant.scope.to_string(), subscription());
    assert_eq!((grant.role_id.to_string(), grant.principal_id.to_string()), (ROLE.into(), PRINCIPAL.into()));
    assert_eq!(grant.start.unwrap().to_string(), "2023-08-23T13:05:57.6621925Z");
    assert_eq!((grant.end, grant.condition.as_deref(), grant.reaches.len()), (None, None, 0));
    assert_eq!(grant.evidence[0].file, "ra.json");
    assert!(grant.evidence[0].record.ends_with(&name(1)));
    assert_eq!((read.records, read.used, read.time_assumed), (1, 1, true));
}

#[test]
fn what_az_prints_old_and_new() {
    let row =
        cli(1, &format!(r#"{CREATED}"condition": "@x", "principalType": "User", "principalName": "u@x","#));
    let nested = format!(
        r#"{{"id": "/subscriptions/{SUB}/providers/Microsoft.Authorization/roleAssignments/{id}", "name": "{id}",
          "properties": {{"createdOn": "2018-04-20T21:18:07Z", "principalId": "{PRINCIPAL}", "roleDefinitionId": "{ROLE}",
          "scope": "/subscriptions/{SUB}"}}}}"#,
        id = name(2)
    );
    let read = read(&format!("[{row},{nested}]")).unwrap();
    let [new, old] = read.history.grants.as_slice() else { panic!("two grants") };
    assert_eq!((new.path, new.principal_kind.as_deref()), (GrantPath::Directory, Some("User")));
    assert_eq!(new.condition.as_deref(), Some("@x"));
    // No `scope` in it: what stands before the assignment in its id.
    assert_eq!(new.scope.to_string(), format!("/subscriptions/{SUB}/resourcegroups/rg1"));
    assert_eq!((old.principal_kind.as_deref(), old.role_id.to_string()), (None, ROLE.to_owned()));
    assert!(read.notes.is_empty(), "{:?}", read.notes);
}

#[test]
fn every_form_of_time() {
    for (text, is) in [
        ("2023-08-23T13:05:57.6621925Z", "2023-08-23T13:05:57.6621925Z"),
        ("2024-12-20T01:36:45.022356+00:00", "2024-12-20T01:36:45.022356Z"),
        ("2024-06-19T15:53:15.98Z", "2024-06-19T15:53:15.98Z"),
        ("2023-08-23T13:04:44Z", "2023-08-23T13:04:44Z"),
        ("2023-08-23T13:04:44", "2023-08-23T13:04:44Z"),
        ("2026-05-27T02:00:00.000000+02:00", "2026-05-27T00:00:00Z"),
    ] {
        let read = read(&rest(1, "/", text)).unwrap();
        assert_eq!(read.history.grants[0].start.unwrap().to_string(), is, "{text}");
    }
}

#[test]
fn keys_in_any_case_and_a_byte_order_mark() {
    let text = format!("\u{feff}[{}]", cli(1, CREATED).replace("principalId", "PrincipalID"));
    let text = text.replace("createdOn", "CREATEDON").replace("\"id\"", "\"Id\"");
    assert_eq!(document_kind("x", text.as_bytes()), Ok(Kind::AccessRoleAssignments));
    assert_eq!(read(&text).unwrap().used, 1);
}

#[test]
fn a_grant_above_reaches_the_subscription_that_was_asked_about() {
    let group = "/providers/Microsoft.Management/managementGroups/Platform";
    let text = format!("[{},{}]", rest(1, group, "2024-01-01"), rest(2, "/", "2024-01-02"));
    let read = read(&text).unwrap();
    for grant in &read.history.grants {
        assert_eq!(grant.reaches[0].to_string(), SUB);
    }
    let Observed::Windows(windows) = &read.history.observed else { panic!("windows") };
    assert_eq!(windows[0].scope.to_string(), subscription());
    assert_eq!(
        (windows[0].start, windows[0].end.unwrap().to_string().as_str()),
        (windows[0].end, "2024-01-02T00:00:00Z")
    );
}

#[test]
fn when_it_was_taken() {
    let row = rest(1, &subscription(), "2024-01-01");
    let given = Some("2024-02-02".parse().unwrap());
    let stated =
        format!(r#"{{"taken_at": "2024-03-03", "tenant_id": "{TENANT}", "scope": "/", "value": [{row}]}}"#);
    for (text, given, taken, assumed) in [
        (&row, None, "2024-01-01T00:00:00Z", true),
        (&row, given, "2024-02-02T00:00:00Z", false),
        (&stated, given, "2024-03-03T00:00:00Z", false),
    ] {
        let read = read_at(text, given).unwrap();
        assert_eq!((read.taken_at.unwrap().to_string().as_str(), read.time_assumed), (taken, assumed));
    }
    let read = read(&stated).unwrap();
    let Observed::Windows(windows) = &read.history.observed else { panic!("windows") };
    assert_eq!((windows.len(), windows[0].scope.to_string().as_str()), (1, "/"));
    assert_eq!(windows[0].reaches[0].to_string(), SUB);
    assert_eq!(windows[0].tenant_id.unwrap().to_string(), TENANT);
    assert_eq!(read.history.grants[0].tenant_id.unwrap().to_string(), TENANT);
}

#[test]
fn an_empty_list_in_an_envelope_is_an_answer_too() {
    let text = format!(
        r#"{{"command": "az role assignment list --all", "taken_at": "2024-03-03", "scope": "/subscriptions/{SUB}", "value": []}}"#
    );
    let read = read(&text).unwrap();
    let Observed::Windows(windows) = &read.history.observed else { panic!("windows") };
    assert_eq!((read.records, windows.len()), (0, 1));
}

#[test]
fn what_is_passed_over_or_doubtful_is_named() {
    let classic = r#"{"id": "NA", "name": "classic-1", "principalName": "a@b", "roleDefinitionName": "ServiceAdministrator", "type": "Microsoft.Authorization/classicAdministrators"}"#;
    let gone = cli(2, &format!(r#"{CREATED}"principalName": "","principalType": "User","#));
    let foreign = cli(3, &format!(r#"{CREATED}"principalName": "","principalType": "ForeignGroup","#));
    let text = format!("[{classic},{},{gone},{foreign}]", cli(1, ""));
    assert_eq!(document_kind("x", text.as_bytes()), Ok(Kind::AccessRoleAssignments));
    let read = read(&text).unwrap();
    assert_eq!((read.records, read.used, read.undated.is_some()), (4, 3, false));
    let has = |part: &str| read.notes.iter().any(|note| note.contains(part));
    assert!(has(&format!("since when is not in it: {}", name(1))), "{:?}", read.notes);
    assert!(has("of no kind that is read: NA (classic administrators"), "{:?}", read.notes);
    assert!(has(&format!("not readable): {}", name(2))));
    assert!(!has(&name(3)));
}

#[test]
fn ids_that_are_none_are_passed_over_and_the_list_proves_no_absence() {
    let row =
        |from: &str, to: &str| format!("[\n{},\n\n{}]", cli(1, CREATED), cli(2, CREATED).replace(from, to));
    for (text, place) in [
        (row(PRINCIPAL, "nobody"), "(line 4, [1].principalId: "),
        (row(ROLE, "owner"), "(line 4, [1].roleDefinitionId: "),
        (row(&format!("{SUB}/resourceGroups"), "x/y"), "(line 4, [1].id: "),
    ] {
        let read = read_access("ra.json", text.as_bytes(), None).unwrap();
        let named = |note: &String| note.contains(place) && note.contains(&name(2));
        assert!(read.notes.iter().any(named), "{:?}", read.notes);
        assert_eq!((read.records, read.used, read.doubts[0].0), (2, 1, "id.invalid"));
        assert!(!read.chronicle.snapshots[0].complete);
    }
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let row =
        |from: &str, to: &str| format!("[\n{},\n\n{}]", cli(1, CREATED), cli(2, CREATED).replace(from, to));
    let bad_time = row("2024-12-20", "2024-13-20");
    let rest_bad = format!("{{\"value\": [{},\n{}]}}", rest(1, "/", "2024-01-01"), rest(2, "/", "yesterday"));
    for (text, code, line, column) in [
        (bad_time, "date.invalid", 4, "[1].createdOn"),
        (rest_bad, "date.invalid", 6, "value[1].properties.createdOn"),
        (row(&format!("\"{PRINCIPAL}\""), "null"), "json.malformed", 4, "[1].principalId"),
        (row(&format!("\"{PRINCIPAL}\""), "5"), "json.malformed", 4, "[1].principalId"),
        (row("\"name\"", "\"ID\": 1, \"name\""), "json.malformed", 4, "[1].ID"),
        (format!("{}{}", "[".repeat(100), "]".repeat(100)), "input.too_deep", 1, ""),
    ] {
        let error = read(&text).unwrap_err();
        let (is, file, at, field) = told(&error);
        assert_eq!((is, file, at), (code, "ra.json", Some(line)), "{error}");
        assert_eq!(field.unwrap_or_default(), column, "{error}");
    }
}

#[test]
fn cut_off_and_not_utf8() {
    let text = format!("[\n{},\n{}]", cli(1, CREATED), cli(2, CREATED));
    for end in [1, 40, text.len() - 1] {
        let error = read_access("ra.json", &text.as_bytes()[..end], None).unwrap_err();
        assert_eq!(error.code(), "input.truncated", "{end}: {error}");
    }
    // It is still known what it would have been.
    assert_eq!(document_kind("x", &text.as_bytes()[..text.len() - 1]), Ok(Kind::AccessRoleAssignments));
    // PowerShell 5 redirects into UTF-16.
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let wide = [&[0xff, 0xfe], wide.as_slice()].concat();
    assert_eq!(document_kind("x", &wide), Ok(Kind::AccessRoleAssignments));
    assert_eq!(read_access("x", &wide, None).unwrap_err().code(), "input.encoding");
    assert_eq!(read("").unwrap_err().code(), "input.truncated");
    let mut bytes = text.replace("roleAssignments/", "roleAssignments/\u{e9}").into_bytes();
    let at = bytes.iter().position(|byte| *byte == 0xc3).unwrap();
    bytes[at] = 0xe9;
    let error = read_access("ra.json", &bytes, None).unwrap_err();
    assert_eq!(told(&error), ("input.encoding", "ra.json", Some(2), None));
}

#[test]
fn broken_text_is_told_with_line_and_character() {
    let error = read(&format!("[\n{}\n  oops]", cli(1, CREATED))).unwrap_err();
    assert_eq!(told(&error), ("json.malformed", "ra.json", Some(3), Some("3")));
    assert_eq!(error.to_string(), "ra.json, line 3, column 3: the document is broken: expected `,` or `]`");
}

#[test]
fn many_names_are_cut_short_where_the_records_are_used() {
    let rows: Vec<_> = (0..30).map(|n| cli(n, &format!("{CREATED}\"principalName\": \"\","))).collect();
    let read = read(&format!("[{}]", rows.join(","))).unwrap();
    assert!(
        read.notes[0].starts_with("30 kept") && read.notes[0].ends_with(" and 10 more"),
        "{:?}",
        read.notes
    );
}

#[test]
fn fields_beside_properties_and_newer_changes_count() {
    let text = rest(1, &subscription(), "2024-01-01").replace("\"createdBy\": \"\"", "\"createdBy\": null");
    let text = text.replace("\"updatedOn\": \"2024-01-01\"", "\"updatedOn\": \"2024-05-05\"");
    let text = text.replace("\"createdOn\": \"2024-01-01\", ", "");
    let text = text.replace("\"type\"", "\"createdOn\": \"2024-01-02\", \"type\"");
    let read = read(&format!("[{text}]")).unwrap();
    assert_eq!(read.history.grants[0].start.unwrap().to_string(), "2024-01-02T00:00:00Z");
    assert_eq!(read.taken_at.unwrap().to_string(), "2024-05-05T00:00:00Z");
}

#[test]
fn brackets_within_text_are_no_depth() {
    let brackets = "[".repeat(200);
    let row = cli(1, &format!("{CREATED}\"description\": \"a \\\" {brackets}\","));
    assert_eq!(read(&format!("[{row}]")).unwrap().used, 1);
}
