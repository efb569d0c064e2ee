//! Small exports, written for these tests in the shapes that the service and the tools give.

use azure_pec_formats::{AccessRead, Error, read_role_assignments};

pub const SUB: &str = "0a0a0a0a-1111-4222-8333-444444444444";
pub const ROLE: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const PRINCIPAL: &str = "99999999-aaaa-4bbb-8ccc-dddddddddddd";
pub const TENANT: &str = "7e7e7e7e-1111-4222-8333-444444444444";

/// The name of the n-th assignment.
pub fn name(n: u32) -> String {
    format!("00000000-0000-4000-8000-{n:012}")
}

/// As the service answers.
pub fn rest(n: u32, scope: &str, created: &str) -> String {
    let prefix = if scope == "/" { "" } else { scope };
    let name = name(n);
    format!(
        r#"{{"properties": {{"roleDefinitionId": "/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}",
  "principalId": "{PRINCIPAL}", "principalType": "ForeignGroup", "scope": "{scope}", "condition": null,
  "createdOn": "{created}", "updatedOn": "{created}", "createdBy": ""}},
 "id": "{prefix}/providers/Microsoft.Authorization/roleAssignments/{name}",
 "type": "Microsoft.Authorization/roleAssignments", "name": "{name}"}}"#
    )
}

/// As `az` prints, in a line; `more` are further fields, each ended by a comma.
pub fn cli(n: u32, more: &str) -> String {
    let name = name(n);
    format!(
        r#"{{{more}"id": "/subscriptions/{SUB}/resourceGroups/RG1/providers/Microsoft.Authorization/roleAssignments/{name}", "name": "{name}", "principalId": "{PRINCIPAL}", "roleDefinitionId": "/subscriptions/{SUB}/providers/Microsoft.Authorization/roleDefinitions/{ROLE}", "type": "Microsoft.Authorization/roleAssignments"}}"#
    )
}

pub const CREATED: &str = r#""createdOn": "2024-12-20T01:36:45.022356+00:00","#;

pub fn subscription() -> String {
    format!("/subscriptions/{SUB}")
}

pub fn read(text: &str) -> Result<AccessRead, Error> {
    read_role_assignments("ra.json", text.as_bytes(), None)
}

/// Code, file, line and column of an error.
pub fn told(error: &Error) -> (&'static str, &str, Option<u64>, Option<&str>) {
    let place = &error.place;
    (error.code(), place.file.as_deref().unwrap_or_default(), place.line, place.column.as_deref())
}
