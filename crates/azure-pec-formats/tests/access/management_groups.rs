use azure_pec_formats::{Kind, document_kind, read_access};

use crate::fixtures::*;

const GROUPS: &str = "/providers/Microsoft.Management/managementGroups";

fn pairs(text: &str) -> Vec<(String, String)> {
    assert_eq!(document_kind("x", text.as_bytes()), Ok(Kind::AccessManagementGroups), "{text}");
    let read = read(text).unwrap();
    let tenant = read.history.hierarchy.iter().map(|entry| entry.tenant_id.unwrap().to_string());
    assert!(tenant.into_iter().all(|tenant| tenant == TENANT));
    let short = |text: &str| text.rsplit('/').next().unwrap_or_default().to_owned();
    let entries = read.history.hierarchy.iter();
    entries.map(|e| (short(e.child.as_str()), short(e.parent.as_str()))).collect()
}

fn properties() -> String {
    format!(
        r#""tenantId": "{TENANT}", "displayName": "A",
          "details": {{"updatedTime": "0001-01-01T00:00:00", "parent": {{"id": "{GROUPS}/Root", "name": "Root"}}}},
          "children": [{{"id": "{GROUPS}/B", "type": "Microsoft.Management/managementGroups", "name": "B", "children": [
            {{"id": " /subscriptions/{SUB}", "type": "/subscriptions", "name": "{SUB}", "displayName": "s"}}]}},
            {{"id": "{GROUPS}/C", "type": "/providers/Microsoft.Management/managementGroups", "name": "C", "children": null}}]"#
    )
}

#[test]
fn a_group_shown_with_all_below_it() {
    let head = format!(r#""id": "{GROUPS}/A", "type": "Microsoft.Management/managementGroups", "name": "A""#);
    let rest = format!(r#"{{{head}, "properties": {{{}}}}}"#, properties());
    let flat = format!(r#"{{{head}, {}}}"#, properties());
    let tree = [("a", "root"), ("b", "a"), (SUB, "b"), ("c", "a")].map(|(c, p)| (c.to_owned(), p.to_owned()));
    assert_eq!(pairs(&rest), tree);
    assert_eq!(pairs(&flat), tree);
    let bare = format!(r#"{{{head}, "tenantId": "{TENANT}", "children": null}}"#);
    let read = read_access("mg.json", bare.as_bytes(), None).unwrap();
    assert!(read.notes[1].contains("without children") && read.notes[1].contains("/a"), "{:?}", read.notes);
}

#[test]
fn the_list_of_entities() {
    let row = |id: &str, kind: &str, parent: &str, flat: bool| {
        let says = format!(r#""tenantId": "{TENANT}", "parent": {{"id": {parent}}}, "parentNameChain": []"#);
        let says = if flat { says } else { format!(r#""properties": {{{says}}}"#) };
        format!(r#"{{"id": "{id}", "type": "{kind}", "name": "n", {says}}}"#)
    };
    for flat in [true, false] {
        let rows = [
            row(&format!("{GROUPS}/root"), "Microsoft.Management/managementGroups", "null", flat),
            row(
                &format!("{GROUPS}/a"),
                "Microsoft.Management/managementGroups",
                &format!("\" {GROUPS}/root\""),
                flat,
            ),
            row(&format!("/subscriptions/{SUB}"), "/subscriptions", &format!("\"{GROUPS}/a\""), flat),
        ];
        let text = format!(r#"{{"count": 3, "value": [{}]}}"#, rows.join(","));
        assert_eq!(pairs(&text), [("a".into(), "root".into()), (SUB.to_owned(), "a".to_owned())]);
    }
}

#[test]
fn a_wrong_child_is_passed_over_with_its_own_line() {
    let text = format!(
        "{{\"id\": \"{GROUPS}/A\",\n\"type\": \"Microsoft.Management/managementGroups\", \"children\": [\n{{\"id\": \"nowhere\"}}]}}"
    );
    let read = read_access("mg.json", text.as_bytes(), None).unwrap();
    assert!(read.notes.iter().any(|note| note.contains("(line 3, children[0].id: ")), "{:?}", read.notes);
    assert_eq!(read.doubts[0].0, "id.invalid");
}
