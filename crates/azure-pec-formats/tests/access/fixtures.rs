//! Small exports, written for these tests in the shapes that the service and the tools give.

use azure_pec::{AccessHistory, Instant, Observed, ObservedWindow};
use azure_pec_formats::{AccessRead, Error, read_access};

pub const SUB: &str = "0a0a0a0a-1111-4222-8333-444444444444";
pub const ROLE: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const PRINCIPAL: &str = "99999999-aaaa-4bbb-8ccc-dddddddddddd";
pub const TENANT: &str = "7e7e7e7e-1111-4222-8333-444444444444";

/// Changes bytes: another in place of one, one more, or one less.
pub fn edit(bytes: &mut Vec<u8>, edits: Vec<(proptest::sample::Index, u8, u8)>) {
    for (at, byte, how) in edits {
        let at = at.index(bytes.len());
        match how {
            0 => bytes[at] = byte,
            1 => bytes.insert(at, byte),
            _ => drop(bytes.remove(at)),
        }
    }
}

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

/// What was read, with all snapshots put into one history as they are.
#[derive(Debug)]
pub struct Seen {
    pub read: AccessRead,
    pub history: AccessHistory,
}

impl std::ops::Deref for Seen {
    type Target = AccessRead;

    fn deref(&self) -> &AccessRead {
        &self.read
    }
}

impl Seen {
    pub fn new(read: AccessRead) -> Self {
        let mut history = AccessHistory::default();
        for own in &read.chronicle.histories {
            history.merge(own.clone());
        }
        for snapshot in &read.chronicle.snapshots {
            let window = |scope: &azure_pec::Scope| ObservedWindow {
                tenant_id: snapshot.tenant_id,
                scope: scope.clone(),
                start: Some(snapshot.taken_at),
                end: Some(snapshot.taken_at),
                reaches: snapshot.reaches.clone(),
            };
            history.merge(AccessHistory {
                observed: Observed::Windows(snapshot.scopes.iter().map(window).collect()),
                grants: snapshot.grants.clone(),
                hierarchy: snapshot.hierarchy.clone(),
                ..AccessHistory::default()
            });
        }
        Self { read, history }
    }
}

pub fn read_at(text: &str, taken_at: Option<Instant>) -> Result<Seen, Error> {
    read_access("ra.json", text.as_bytes(), taken_at).map(Seen::new)
}

/// The project's own form.
pub fn read_history(name: &str, bytes: &[u8]) -> Result<Seen, Error> {
    azure_pec_formats::read_history(name, bytes).map(Seen::new)
}

pub fn read(text: &str) -> Result<Seen, Error> {
    read_at(text, None)
}

/// Code, file, line and column of an error.
pub fn told(error: &Error) -> (&'static str, &str, Option<u64>, Option<&str>) {
    let place = &error.place;
    (error.code(), place.file.as_deref().unwrap_or_default(), place.line, place.column.as_deref())
}
