//! The project's own access history (`azure-pec/access/1`): JSON, or JSON lines with one grant a line.

use std::io::Write;
use std::path::Path;

use azure_pec::Error as Core;
use azure_pec::{AccessHistory, DenyAssignment, Evidence, Grant, NamelessGrant, Observed, ObservedWindow};
use azure_pec::{Chronicle, HierarchyEntry, Principal, ResourceMove, RoleDefinition};
use serde::Serialize;

use crate::access_read::AccessRead;
use crate::error::{Error, Fault, Place};
use crate::fields::Fields;
use crate::json::{Document, Value};
use crate::kind::Kind;
use crate::output::whole_file;

const SCHEMA: &str = "azure-pec/access/1";
const KEYS: &[&str] =
    &["schema", "observed", "grants", "denies", "hierarchy", "roles", "links", "nameless", "moves"];

/// Reads an access history.
///
/// In JSON lines the first line is an object with `schema` and `observed`, and may hold the other keys too; each line
/// after it is a grant. A grant or deny without `evidence` gets the file and its own place in it as that.
///
/// # Errors
/// What is wrong, with file, line and field; `json.malformed` at `observed` where it is not stated.
pub fn read_history(name: &str, text: &[u8]) -> Result<AccessRead, Error> {
    read_history_on(name, text, 1)
}

/// The same on so many threads.
pub(crate) fn read_history_on(name: &str, text: &[u8], threads: usize) -> Result<AccessRead, Error> {
    let document = Document::open(name, text)?;
    let mut reader = Reader::new(name);
    if reader.whole(&document, threads).is_none() {
        // JSON lines, or something is wrong, which is told with its place.
        reader = Reader::new(name);
        reader.one_by_one(&document)?;
    }
    let Reader { mut history, observed, records, .. } = reader;
    // Histories behind one another may repeat a grant.
    let observed =
        observed.into_iter().map(|observed| AccessHistory { observed, ..AccessHistory::default() });
    history.merge_all(observed);
    history.check().map_err(|error| Fault::Value(error).at(Place::file(name)))?;
    let chronicle = Chronicle { histories: vec![history], ..Chronicle::default() };
    let kind = Some(Kind::AccessHistory);
    Ok(AccessRead { kind, chronicle, records, used: records, ..AccessRead::default() })
}

struct Reader<'n> {
    file: &'n str,
    history: AccessHistory,
    /// What each document says of it.
    observed: Vec<Observed>,
    records: u64,
}

impl<'n> Reader<'n> {
    fn new(file: &'n str) -> Self {
        Self { file, history: AccessHistory::default(), observed: Vec::new(), records: 0 }
    }

    /// Reads one document in which nothing is wrong, its grants side by side.
    fn whole(&mut self, document: &Document<'_>, threads: usize) -> Option<()> {
        let file = self.file;
        let (fields, grants) = document.object_with("grants", threads, |at, grant: Grant| {
            let evidence = match grant.evidence.is_empty() {
                true => vec![evidence(file, format!("grants[{at}]"))],
                false => grant.evidence,
            };
            Some(Grant { evidence, ..grant }).filter(|grant| !grant.is_inverted())
        })?;
        self.history.grants = grants;
        self.records = self.history.grants.len() as u64;
        self.document(&fields).ok()
    }

    /// Reads documents, and grants behind them.
    fn one_by_one(&mut self, document: &Document<'_>) -> Result<(), Error> {
        let mut started = false;
        for (at, value) in document.values()?.into_iter().enumerate() {
            let fields = value.fields()?;
            if fields.has("schema") || !started && fields.has("observed") {
                self.document(&fields)?;
                started = true;
            } else if started {
                self.grant(&value.record(), &format!("grants[{}]", at.saturating_sub(1)))?;
            } else {
                return Err(fields.missing("schema", SCHEMA));
            }
        }
        Ok(())
    }

    fn document(&mut self, fields: &Fields<'_>) -> Result<(), Error> {
        match fields.text("schema")? {
            Some(schema) if schema == SCHEMA => {}
            _ => return Err(fields.missing("schema", SCHEMA)),
        }
        fields.only(KEYS)?;
        self.observed.push(observed(fields)?);
        for grant in list(fields, "grants")? {
            self.grant(&grant, &grant.path())?;
        }
        for deny in list(fields, "denies")? {
            self.deny(&deny)?;
        }
        for entry in list(fields, "hierarchy")? {
            let entry: HierarchyEntry = entry.typed()?;
            self.count();
            self.history.hierarchy.push(entry);
        }
        for role in list(fields, "roles")? {
            let role: RoleDefinition = role.typed()?;
            self.count();
            self.history.roles.push(role);
        }
        for link in list(fields, "links")? {
            let link: Principal = link.typed()?;
            self.count();
            self.history.links.push(link);
        }
        for nameless in list(fields, "nameless")? {
            self.nameless(&nameless)?;
        }
        for moved in list(fields, "moves")? {
            self.moved(&moved)?;
        }
        Ok(())
    }

    fn count(&mut self) {
        self.records += 1;
    }

    fn evidence(&self, record: &str) -> Vec<Evidence> {
        vec![evidence(self.file, record.to_owned())]
    }

    fn grant(&mut self, value: &Value<'_>, record: &str) -> Result<(), Error> {
        let mut grant: Grant = value.typed()?;
        if grant.is_inverted() {
            checked(value, AccessHistory { grants: vec![grant.clone()], ..AccessHistory::default() })?;
        }
        if grant.evidence.is_empty() {
            grant.evidence = self.evidence(record);
        }
        self.count();
        self.history.grants.push(grant);
        Ok(())
    }

    fn deny(&mut self, value: &Value<'_>) -> Result<(), Error> {
        let mut deny: DenyAssignment = value.typed()?;
        if deny.is_inverted() {
            checked(value, AccessHistory { denies: vec![deny.clone()], ..AccessHistory::default() })?;
        }
        if deny.evidence.is_empty() {
            deny.evidence = self.evidence(&value.path());
        }
        self.count();
        self.history.denies.push(deny);
        Ok(())
    }

    fn nameless(&mut self, value: &Value<'_>) -> Result<(), Error> {
        let mut nameless: NamelessGrant = value.typed()?;
        checked(value, AccessHistory { nameless: vec![nameless.clone()], ..AccessHistory::default() })?;
        if nameless.evidence.is_empty() {
            nameless.evidence = self.evidence(&value.path());
        }
        self.count();
        self.history.nameless.push(nameless);
        Ok(())
    }

    fn moved(&mut self, value: &Value<'_>) -> Result<(), Error> {
        let mut moved: ResourceMove = value.typed()?;
        checked(value, AccessHistory { moves: vec![moved.clone()], ..AccessHistory::default() })?;
        if moved.evidence.is_empty() {
            moved.evidence = self.evidence(&value.path());
        }
        self.count();
        self.history.moves.push(moved);
        Ok(())
    }
}

fn evidence(file: &str, record: String) -> Evidence {
    Evidence { file: file.to_owned(), record }
}

/// What was observed: it has to be said, since nothing follows from a grant that is not there otherwise.
fn observed(fields: &Fields<'_>) -> Result<Observed, Error> {
    let expected = "\"complete\" or a list of windows";
    let value = fields.get("observed").ok_or_else(|| fields.missing("observed", expected))?;
    if value.text().is_ok_and(|text| text == "complete") {
        return Ok(Observed::Complete);
    }
    if !value.is_list() {
        return Err(value.expected(expected));
    }
    let mut windows = Vec::new();
    for item in value.items()? {
        let window: ObservedWindow = item.typed()?;
        let alone = Observed::Windows(vec![window.clone()]);
        checked(&item, AccessHistory { observed: alone, ..AccessHistory::default() })?;
        windows.push(window);
    }
    Ok(Observed::Windows(windows))
}

/// The members of a list that may be left out.
fn list<'d>(fields: &Fields<'d>, key: &str) -> Result<Vec<Value<'d>>, Error> {
    fields.get(key).map_or(Ok(Vec::new()), |value| value.items())
}

/// The core's check of one record, told with the record's place.
#[expect(clippy::needless_pass_by_value, reason = "made for this call only")]
fn checked(value: &Value<'_>, alone: AccessHistory) -> Result<(), Error> {
    alone.check().map_err(|error: Core| value.fault(Fault::Value(error)))
}

/// Writes the history in its normal form: two-space indents, sorted by id, a newline at the end. What is read back is
/// the same, save for the order.
///
/// # Errors
/// `output.write_failed`.
pub fn write_history(history: &AccessHistory, mut out: impl Write) -> Result<(), Error> {
    let failed = |problem: String| Fault::WriteFailed { problem }.at(Place::default());
    let form = Form {
        schema: SCHEMA,
        observed: match &history.observed {
            Observed::Complete => ObservedForm::Complete("complete"),
            Observed::Windows(windows) => ObservedForm::Windows(sorted(windows, |w| w.scope.to_string())),
        },
        grants: sorted(&history.grants, |grant| grant.id.clone()),
        denies: sorted(&history.denies, |deny| deny.id.clone()),
        hierarchy: sorted(&history.hierarchy, |entry| entry.child.to_string()),
        roles: sorted(&history.roles, |role| role.role_id.to_string()),
        links: sorted(&history.links, |link| link.principal_id.to_string()),
        nameless: sorted(&history.nameless, |nameless| nameless.id.clone()),
        moves: sorted(&history.moves, |moved| moved.scope.to_string()),
    };
    let mut text = serde_json::to_vec_pretty(&form).map_err(|error| failed(error.to_string()))?;
    text.push(b'\n');
    out.write_all(&text).and_then(|()| out.flush()).map_err(|error| failed(error.to_string()))
}

/// The same into a file, which stands under its name only when it is whole.
///
/// # Errors
/// `output.write_failed`; then what stood there before still does.
pub fn write_history_file(history: &AccessHistory, path: &Path) -> Result<(), Error> {
    let named = |mut error: Error| {
        error.place = Place::file(&path.to_string_lossy());
        error
    };
    whole_file(path, |out| write_history(history, out).map_err(named))
}

#[derive(Serialize)]
struct Form<'h> {
    schema: &'static str,
    observed: ObservedForm<'h>,
    grants: Vec<&'h Grant>,
    denies: Vec<&'h DenyAssignment>,
    hierarchy: Vec<&'h HierarchyEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    roles: Vec<&'h RoleDefinition>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    links: Vec<&'h Principal>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    nameless: Vec<&'h NamelessGrant>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    moves: Vec<&'h ResourceMove>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum ObservedForm<'h> {
    Complete(&'static str),
    Windows(Vec<&'h ObservedWindow>),
}

/// By id, and by all they say where ids are the same, so that one history has one text.
fn sorted<T: Serialize>(items: &[T], id: impl Fn(&T) -> String) -> Vec<&T> {
    let text = |item: &T| serde_json::to_string(item).unwrap_or_default();
    let mut items: Vec<&T> = items.iter().collect();
    items.sort_by_cached_key(|item| (id(item), text(item)));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A history of many grants, one of them as it is told.
    fn text(count: usize, odd: (usize, &str)) -> String {
        let grant = |at: usize| {
            let more = if at == odd.0 { odd.1 } else { "" };
            format!(
                r#"{{"id": "{at}", "path": "aobo", "scope": "/subscriptions/11111111-1111-1111-1111-{at:012}",
                   "role_id": "8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "start": "2026-01-01T00:00:00Z",
                   "principal_id": "22222222-2222-2222-2222-222222222222"{more}}}"#
            )
        };
        let grants: Vec<String> = (0..count).map(grant).collect();
        let grants = grants.join(",\n");
        format!(r#"{{"schema": "azure-pec/access/1", "grants": [{grants}], "observed": "complete"}}"#)
    }

    #[test]
    fn threads_change_nothing() {
        let long = text(13_000, (9_000, r#", "evidence": [{"file": "f", "record": "r"}]"#));
        let one = read_history("access.json", long.as_bytes()).unwrap();
        let grants = &one.chronicle.histories[0].grants;
        let record = |at: usize| (grants[at].id.as_str(), grants[at].evidence[0].record.as_str());
        assert_eq!(grants.len(), 13_000);
        assert_eq!((record(8_999), record(9_000)), (("8999", "grants[8999]"), ("9000", "r")));
        for threads in [0, 2, 3, 16] {
            assert_eq!(read_history_on("access.json", long.as_bytes(), threads).unwrap(), one);
        }
    }

    #[test]
    fn what_is_wrong_is_told_on_any_number_of_threads() {
        for wrong in
            [r#", "end": "2025-01-01T00:00:00Z""#, r#", "condition": 5"#, r#", "else": null"#, "]", r#""""#]
        {
            let long = text(9_000, (8_999, wrong));
            let one = read_history("access.json", long.as_bytes()).unwrap_err();
            assert!(one.place.line.is_some_and(|line| line > 26_000), "{one}");
            assert_eq!(read_history_on("access.json", long.as_bytes(), 3).unwrap_err(), one);
        }
    }
}
