//! What kind of document a JSON or TOML text is, told by its keys and never by its name.

use azure_pec::Policy;
use serde_json::value::RawValue;

use crate::error::Error;
use crate::export::{Export, is_record_key};
use crate::fields::Fields;
use crate::json::{Document, Value, first_key, first_value, text_of, utf8};
use crate::kind::Kind;

/// The kind of a JSON or TOML document.
///
/// A document that is broken, cut off or not UTF-8 still has the kind that its readable part shows, so that its reader
/// says what is wrong with it.
///
/// # Errors
/// Why the document is none of those that are read, in words for a person.
pub fn document_kind(name: &str, text: &[u8]) -> Result<Kind, String> {
    let broken = |error: Error| guess(text).ok_or_else(|| error.to_string());
    let content = match utf8(name, text) {
        Ok(content) => content,
        Err(error) => return broken(error),
    };
    if content.trim().is_empty() {
        return Err("no records".to_owned());
    }
    if is_toml(content) {
        return toml_kind(content).unwrap_or_else(|problem| guess(text).ok_or(problem));
    }
    match json_kind(name, text) {
        Ok(kind) => kind,
        Err(error) => broken(error),
    }
}

/// Whether the text can only be TOML. A `[` starts a JSON list or a TOML table.
pub(crate) fn is_toml(content: &str) -> bool {
    let content = content.trim_start_matches('\u{feff}').trim_start();
    let first_line = content.lines().next().unwrap_or_default().trim();
    match content.chars().next() {
        Some('{') => false,
        Some('[') => {
            let name = first_line.trim_start_matches('[').trim_end_matches(']');
            let fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
            name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fine)
        }
        _ => true,
    }
}

/// The kind of a TOML document; the outer error says that it is none.
fn toml_kind(content: &str) -> Result<Result<Kind, String>, String> {
    let table: toml::Table =
        toml::from_str(content).map_err(|_| "neither JSON nor TOML, nor a table that is read".to_owned())?;
    if let Some(schema) = table.get("schema").and_then(toml::Value::as_str) {
        return Ok(match own_form(schema) {
            Ok(kind @ (Kind::Partner | Kind::Policy)) => Ok(kind),
            Ok(kind) => Err(format!("{kind} is read as JSON only")),
            Err(reason) => Err(reason),
        });
    }
    let keys: Vec<&str> = table.keys().map(String::as_str).collect();
    Ok(if is_policy(&keys) { Ok(Kind::Policy) } else { Err(unknown(&keys)) })
}

/// The kind of a JSON document by its first record that tells; the outer error says that it is broken.
fn json_kind(name: &str, text: &[u8]) -> Result<Result<Kind, String>, Error> {
    if let Some(kind) = stated(text) {
        return Ok(Ok(kind));
    }
    // A log may be large: where the first record tells, what is behind it is not looked at here.
    if let Some(kind) =
        utf8(name, text).ok().and_then(first_record).and_then(|record| kind_of_text(name, record))
    {
        return Ok(Ok(kind));
    }
    let document = Document::open(name, text)?;
    document.check()?;
    let export = Export::read(&document)?;
    let commands = export.parts.iter().filter_map(|part| part.envelope.command.as_deref());
    let asked = commands.filter_map(command_kind).next();
    let mut reason = None;
    for record in export.records() {
        match record_kind(&record.fields()?)? {
            Ok(kind) => return Ok(Ok(kind)),
            Err(other) => reason = reason.or(Some(other)),
        }
    }
    match reason {
        Some(reason) => Ok(Err(reason)),
        None => Ok(asked.ok_or_else(|| "no records".to_owned())),
    }
}

/// The kind of a form of our own that says at its very beginning what it is: it may be large, and it is that kind whatever
/// is behind.
fn stated(text: &[u8]) -> Option<Kind> {
    const LOOKED_AT: usize = 256;
    let head = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let head = std::str::from_utf8(head.get(..LOOKED_AT)?).ok()?.trim_start();
    let inner = head.strip_prefix('{').map(str::trim_start).filter(|_| first_key(head) == Some("schema"))?;
    let schema = inner.strip_prefix("\"schema\"")?.trim_start().strip_prefix(':')?;
    own_form(&text_of(first_value(schema)?.get())?).ok()
}

/// The kind of a record that is read; none where it is of none, or broken.
fn kind_of_text(name: &str, record: &str) -> Option<Kind> {
    let document = Document::open(name, record.as_bytes()).ok()?;
    record_kind(&document.value().ok()?.fields().ok()?).ok()?.ok()
}

/// The first record below the wrappers, where the beginning of the text shows it by itself.
fn first_record(text: &str) -> Option<&str> {
    let mut rest = text.trim_start();
    // Lists and wrappers; more of them are none that an export has.
    for _ in 0..16 {
        rest = match rest.strip_prefix('[') {
            Some(inner) => inner.trim_start(),
            None if first_key(rest).is_some_and(is_record_key) => {
                return first_value(rest).map(RawValue::get);
            }
            None => wrapped_in(rest)?,
        };
    }
    None
}

/// What follows `"value":` or `"data":` in a wrapper, behind the envelope's fields.
fn wrapped_in(wrapper: &str) -> Option<&str> {
    let mut rest = wrapper.strip_prefix('{')?.trim_start();
    loop {
        let key = first_value(rest)?.get();
        rest = rest.get(key.len()..)?.trim_start().strip_prefix(':')?.trim_start();
        let key = key.trim_matches('"');
        let inner = ["value", "data"].iter().any(|name| key.eq_ignore_ascii_case(name));
        if inner && rest.starts_with(['[', '{']) {
            return Some(rest);
        }
        if is_record_key(key) {
            return None;
        }
        let value = first_value(rest)?.get();
        rest = rest.get(value.len()..)?.trim_start().strip_prefix(',')?.trim_start();
    }
}

/// What is said of our own results.
pub(crate) const WRITTEN: &str = "written by pec, passed over";
/// How what is said of a form that is none ends.
pub(crate) const IS_READ: &str = "is read: access, partner, policy and rule are";
/// The form of a policy, which may say so.
pub(crate) const POLICY_FORM: &str = "azure-pec/policy/1";
/// The forms that are written and not read.
const RESULTS: [&str; 9] = [
    "statement",
    "statement-part",
    "explanation",
    "reconciliation",
    "what-if",
    "advice",
    "inspection",
    "calculator",
    "cases",
];
pub(crate) const CLASSIC: &str = "classic administrators: retired, they never counted";

/// Kinds by a key of the record itself.
const BY_OUTER_KEY: &[(&str, Kind)] = &[
    ("eventTimestamp", Kind::AccessActivityLog),
    ("operationNameValue", Kind::AccessActivityLog),
    ("operationName", Kind::AccessActivityLog),
];

/// Kinds by a part of the record's `type`.
const BY_TYPE: &[(&str, Kind)] = &[
    ("denyassignments", Kind::AccessDenyAssignments),
    ("roleassignmentschedule", Kind::AccessPim),
    ("roleeligibilityschedule", Kind::AccessPim),
    ("microsoft.managedservices", Kind::AccessLighthouse),
    ("microsoft.managementpartner", Kind::AccessPartnerLink),
    ("microsoft.authorization/roledefinitions", Kind::AccessRoleDefinitions),
    ("microsoft.authorization/roleassignments", Kind::AccessRoleAssignments),
];

/// Kinds by a key of the record or of its `properties`.
const BY_KEY: &[(&str, Kind)] = &[
    ("denyAssignmentName", Kind::AccessDenyAssignments),
    ("roleAssignmentScheduleId", Kind::AccessPim),
    ("roleEligibilityScheduleId", Kind::AccessPim),
    ("linkedRoleEligibilityScheduleId", Kind::AccessPim),
    ("registrationDefinitionId", Kind::AccessLighthouse),
    ("managedByTenantId", Kind::AccessLighthouse),
    ("roleAssignmentId", Kind::AccessRoleAssignments),
    ("assignableScopes", Kind::AccessRoleDefinitions),
];

/// Kinds that are named but not read, by a key of the record or of its `properties`.
const NOT_READ: &[(&str, &str)] = &[
    ("retailPrice", "retail prices in this form"),
    ("usageDate", "daily rated usage as JSON in this form"),
    ("unitPrice", "usage or prices as JSON"),
];

/// What an export holds by the command that took it, where it holds no record that would say so: an empty list says
/// that there was nothing.
const BY_COMMAND: &[(&str, Kind)] = &[
    ("denyassignment", Kind::AccessDenyAssignments),
    // As the service names them, and in the singular as PowerShell does.
    ("roleassignmentschedule", Kind::AccessPim),
    ("roleeligibilityschedule", Kind::AccessPim),
    ("registrationassignments", Kind::AccessLighthouse),
    ("managedservices assignment list", Kind::AccessLighthouse),
    ("managedservicesassignment", Kind::AccessLighthouse),
    ("roledefinition", Kind::AccessRoleDefinitions),
    ("role definition list", Kind::AccessRoleDefinitions),
    ("azureactivity", Kind::AccessActivityLog),
    ("activity-log list", Kind::AccessActivityLog),
    ("azactivitylog", Kind::AccessActivityLog),
    ("eventtypes/management", Kind::AccessActivityLog),
    ("diagnostic setting", Kind::AccessActivityLog),
    ("role assignment list", Kind::AccessRoleAssignments),
    ("roleassignment", Kind::AccessRoleAssignments),
    ("management-group", Kind::AccessManagementGroups),
    ("managementgroup", Kind::AccessManagementGroups),
];

/// What a command asks for.
pub(crate) fn command_kind(command: &str) -> Option<Kind> {
    let lower = command.to_ascii_lowercase();
    BY_COMMAND.iter().find(|(part, _)| lower.contains(part)).map(|(_, kind)| *kind)
}

/// What a record is; the outer error says that it is broken.
pub(crate) fn record_kind(fields: &Fields<'_>) -> Result<Result<Kind, String>, Error> {
    let properties = fields.get("properties").filter(Value::is_object);
    let properties = properties.map(|value| value.fields()).transpose()?;
    kind_of(fields, properties.as_ref())
}

/// The same of a record whose `properties` are read.
pub(crate) fn kind_of(
    fields: &Fields<'_>,
    properties: Option<&Fields<'_>>,
) -> Result<Result<Kind, String>, Error> {
    if let Some(schema) = fields.get("schema").and_then(|schema| schema.text().ok()) {
        return Ok(own_form(&schema));
    }
    if fields.has("blobs") && (fields.has("blobCount") || fields.has("manifestVersion")) {
        return Ok(Ok(Kind::ExportManifest));
    }
    if fields.has("parameters") && fields.has("responses") {
        return Ok(Err("a REST example, not an export".to_owned()));
    }
    if let Some(items) = fields.get("items").filter(Value::is_list) {
        return match items.items()?.first() {
            Some(item) => record_kind(&item.fields()?),
            None => Ok(Err("no records".to_owned())),
        };
    }
    if let Some((_, kind)) = BY_OUTER_KEY.iter().find(|(key, _)| fields.has(key)) {
        return Ok(Ok(*kind));
    }
    let has = |key: &str| fields.has(key) || properties.is_some_and(|inner| inner.has(key));
    let kind = fields.get("type").and_then(|value| value.text().ok()).unwrap_or_default();
    Ok(azure_kind(&kind, has).unwrap_or_else(|| own_keys(fields)))
}

/// The kind of the last record: those of one list have the same keys, and need not be told apart anew.
#[derive(Default)]
pub(crate) struct KindMemo {
    outer: Vec<String>,
    inner: Vec<String>,
    /// The record's `type`, as it was told.
    named: String,
    kind: Option<Kind>,
}

impl KindMemo {
    /// As [`kind_of`].
    pub fn kind_of(
        &mut self,
        fields: &Fields<'_>,
        properties: Option<&Fields<'_>>,
    ) -> Result<Result<Kind, String>, Error> {
        let named = fields.told("type").ok().flatten().unwrap_or_default();
        let inner = || properties.into_iter().flat_map(Fields::keys);
        if let Some(kind) = self.kind
            && self.named == named
            && fields.keys().eq(self.outer.iter().map(String::as_str))
            && inner().eq(self.inner.iter().map(String::as_str))
        {
            return Ok(Ok(kind));
        }
        let kind = kind_of(fields, properties)?;
        // What more than its keys and its type tells is looked at each time.
        let is_told = !fields.has("schema") && !fields.has("items");
        self.kind = kind.as_ref().ok().copied().filter(|_| is_told);
        self.outer = fields.keys().map(str::to_owned).collect();
        self.inner = inner().map(str::to_owned).collect();
        self.named = named.into_owned();
        Ok(kind)
    }
}

fn azure_kind(kind: &str, has: impl Fn(&str) -> bool) -> Option<Result<Kind, String>> {
    let lower = kind.to_ascii_lowercase();
    if lower.contains("classicadministrators") || has("emailAddress") {
        return Some(Err(CLASSIC.to_owned()));
    }
    let typed = BY_TYPE.iter().find(|(part, _)| lower.contains(part));
    if let Some((_, kind)) = typed.or_else(|| BY_KEY.iter().find(|(key, _)| has(key))) {
        return Some(Ok(*kind));
    }
    if let Some((_, what)) = NOT_READ.iter().find(|(key, _)| has(key)) {
        return Some(Err(format!("{what}: not read yet")));
    }
    if has("roleDefinitionId") && (has("principalId") || has("principalName")) {
        return Some(Ok(Kind::AccessRoleAssignments));
    }
    if has("permissions") && (has("roleName") || has("roleType")) || has("IsCustom") && has("Actions") {
        return Some(Ok(Kind::AccessRoleDefinitions));
    }
    let group = lower.ends_with("microsoft.management/managementgroups");
    let chained = has("parentNameChain") && has("parent");
    (group || chained).then_some(Ok(Kind::AccessManagementGroups))
}

/// The project's own forms that have no schema in them: policies, and grants of a history without its first line.
fn own_keys(fields: &Fields<'_>) -> Result<Kind, String> {
    let keys: Vec<&str> = fields.keys().collect();
    if ["path", "role_id", "principal_id"].iter().all(|key| keys.contains(key)) {
        return Ok(Kind::AccessHistory);
    }
    if is_policy(&keys) { Ok(Kind::Policy) } else { Err(unknown(&keys)) }
}

/// Half of the keys are enough: a key with a slip of the pen is then named by the reader and not passed over.
fn is_policy(keys: &[&str]) -> bool {
    let known = keys.iter().filter(|key| Policy::KEYS.contains(key)).count();
    known > 0 && known * 2 >= keys.len()
}

fn own_form(schema: &str) -> Result<Kind, String> {
    match schema {
        "azure-pec/access/1" => Ok(Kind::AccessHistory),
        "azure-pec/partner/1" => Ok(Kind::Partner),
        POLICY_FORM => Ok(Kind::Policy),
        "azure-pec/rule/1" => Ok(Kind::Rule),
        _ => match schema.strip_prefix("azure-pec/").and_then(|form| form.split('/').next()) {
            Some("access" | "partner" | "policy" | "rule") => {
                Err(format!("{schema}: only version 1 {IS_READ}"))
            }
            Some(form) if RESULTS.contains(&form) => Err(format!("{schema}: {WRITTEN}")),
            Some(_) => Err(format!("{schema}: no such form {IS_READ}")),
            None => Err(format!("a document of schema {schema:?}")),
        },
    }
}

fn unknown(keys: &[&str]) -> String {
    match keys {
        [] => "no records".to_owned(),
        _ => {
            let first: Vec<&str> = keys.iter().copied().take(6).collect();
            format!("a document with the keys {}: no kind that is read", first.join(", "))
        }
    }
}

/// What a broken document would have been, by the words at its beginning.
fn guess(text: &[u8]) -> Option<Kind> {
    const LOOKED_AT: usize = 1 << 20;
    // Without zeros UTF-16, which PowerShell writes, shows its words too.
    let text = String::from_utf8_lossy(text.get(..LOOKED_AT).unwrap_or(text));
    let text = text.replace('\0', "").to_ascii_lowercase();
    let has = |word: &str| text.contains(word);
    let own = [
        ("access", Kind::AccessHistory),
        ("partner", Kind::Partner),
        ("policy", Kind::Policy),
        ("rule", Kind::Rule),
    ];
    if let Some((_, kind)) = own.into_iter().find(|(form, _)| has(&format!("\"azure-pec/{form}/1\""))) {
        return Some(kind);
    }
    let has_key = |key: &str| has(&format!("\"{}\"", key.to_ascii_lowercase()));
    if NOT_READ.iter().any(|(key, _)| has_key(key)) {
        return None;
    }
    // A list of assignments names role definitions and may end in classic administrators.
    let by_key = |table: &[(&str, Kind)]| table.iter().find(|(key, _)| has_key(key)).map(|(_, kind)| *kind);
    let vague = [Kind::AccessRoleDefinitions, Kind::AccessRoleAssignments];
    let by_type = BY_TYPE.iter().filter(|(_, kind)| !vague.contains(kind)).find(|(part, _)| has(part));
    let known = by_key(BY_OUTER_KEY).or_else(|| by_key(BY_KEY)).or(by_type.map(|(_, kind)| *kind));
    if known.is_some() {
        return known;
    }
    if has_key("roleDefinitionId") && (has_key("principalId") || has_key("principalName")) {
        return Some(Kind::AccessRoleAssignments);
    }
    if has("\"type\"") && has("microsoft.management/managementgroups\"") {
        return Some(Kind::AccessManagementGroups);
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let is_policy_line = |line: &str| {
        let key = line.split_once('=').map(|(key, _)| key.trim());
        matches!(line, "[custom_role]" | "[unlisted_role]")
            || key.is_some_and(|key| Policy::KEYS.contains(&key))
    };
    lines.next().is_some_and(is_policy_line).then_some(Kind::Policy)
}
