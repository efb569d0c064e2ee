//! The wrappers around an export: pages, JSON lines, the collector's envelope. What is left are records.

use azure_pec::Instant;
use azure_pec::Scope;
use azure_pec::TenantId;

use crate::error::Error;
use crate::fields::Fields;
use crate::json::{Document, Value};

/// What an export does not say of itself, written around it by whoever took it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Envelope {
    /// When it was taken.
    pub taken_at: Option<Instant>,
    /// The tenant.
    pub tenant_id: Option<TenantId>,
    /// What was asked for: everything at and below it, and above.
    pub scope: Option<Scope>,
    /// From when a log reaches.
    pub start: Option<Instant>,
    /// When a log was asked for, where it was asked for events until `taken_at`.
    pub asked_at: Option<Instant>,
    /// How it was taken.
    pub command: Option<String>,
}

impl Envelope {
    /// The envelope that a wrapper states; what it leaves out is that of the wrapper around it.
    fn within(&self, fields: &Fields<'_>) -> Result<Self, Error> {
        Ok(Self {
            taken_at: fields.time("taken_at")?.or(self.taken_at),
            tenant_id: fields.parse("tenant_id")?.or(self.tenant_id),
            scope: fields.parse("scope")?.or_else(|| self.scope.clone()),
            start: fields.time("start")?.or(self.start),
            asked_at: fields.time("asked_at")?.or(self.asked_at),
            command: fields.text("command")?.or_else(|| self.command.clone()),
        })
    }
}

/// Records under one envelope.
#[derive(Debug)]
pub(crate) struct Part<'d> {
    pub envelope: Envelope,
    pub records: Vec<Value<'d>>,
    /// Nothing says that there is more than these.
    pub complete: bool,
}

/// All the records of a document.
#[derive(Debug, Default)]
pub(crate) struct Export<'d> {
    pub parts: Vec<Part<'d>>,
    pub notes: Vec<String>,
    /// The document is one record and nothing around it.
    pub is_lone_record: bool,
    /// The last page says that there are more after it.
    more_pages: Option<(Envelope, &'static str)>,
}

impl<'d> Export<'d> {
    /// Takes the wrappers off: a list, `{"value": [...]}`, `{"data": [...]}`, a single object, JSON lines, pages as a
    /// list or one after the other, and the collector's envelope around any of them. Records need not be of JSON until they
    /// are read: see [`Document::wrapper`].
    pub fn read(document: &'d Document<'d>) -> Result<Self, Error> {
        let mut export = Self::default();
        // What most exports are: one wrapper around all records.
        if let Some((fields, members)) = document.wrapper() {
            let envelope = Envelope::default().within(&fields)?;
            export.page(&fields, &envelope);
            export.open(&envelope);
            members.into_iter().try_for_each(|member| export.unwrap(member, &envelope))?;
            export.note_more_pages();
            return Ok(export);
        }
        let values = document.values()?;
        export.is_lone_record = matches!(values.as_slice(), [only] if only.is_object());
        for value in values {
            export.unwrap(value, &Envelope::default())?;
        }
        export.note_more_pages();
        Ok(export)
    }

    pub fn records(&self) -> impl Iterator<Item = &Value<'d>> {
        self.parts.iter().flat_map(|part| &part.records)
    }

    /// Goes no deeper than the document does, which is bounded.
    fn unwrap(&mut self, value: Value<'d>, envelope: &Envelope) -> Result<(), Error> {
        if value.is_list() {
            self.open(envelope);
            return value.items()?.into_iter().try_for_each(|item| self.unwrap(item, envelope));
        }
        if value.first_key().is_some_and(is_record_key) {
            self.push(envelope, value.record());
            return Ok(());
        }
        let fields = value.fields()?;
        let Some(inner) = wrapped(&fields) else {
            self.push(envelope, value.record());
            return Ok(());
        };
        self.is_lone_record = false;
        let envelope = envelope.within(&fields)?;
        self.page(&fields, &envelope);
        self.unwrap(inner, &envelope)
    }

    /// Opens a part under the envelope, unless the last one is. A part may stay empty: nothing was there, then.
    fn open(&mut self, envelope: &Envelope) {
        if self.parts.last().is_none_or(|part| part.envelope != *envelope) {
            self.parts.push(Part { envelope: envelope.clone(), records: Vec::new(), complete: true });
        }
    }

    fn push(&mut self, envelope: &Envelope, record: Value<'d>) {
        self.open(envelope);
        if let Some(part) = self.parts.last_mut() {
            part.records.push(record);
        }
    }

    /// Pages of one export stand under one envelope: what a page says of the next is settled when that one follows.
    fn page(&mut self, fields: &Fields<'_>, envelope: &Envelope) {
        if self.more_pages.as_ref().is_some_and(|(other, _)| other != envelope) {
            self.note_more_pages();
        }
        let next = NEXT_PAGE.iter().find(|key| {
            let value = fields.get(key);
            value.is_some_and(|value| value.text().is_ok_and(|text| !text.is_empty()))
        });
        self.more_pages = next.map(|key| (envelope.clone(), *key));
        let cut = fields.get("resultTruncated").and_then(|value| value.text().ok());
        if cut.is_some_and(|text| text.trim().eq_ignore_ascii_case("true")) {
            self.open(envelope);
            self.notes.push("the export is cut short: resultTruncated is set".to_owned());
            self.mark_incomplete(envelope);
        }
    }

    fn mark_incomplete(&mut self, envelope: &Envelope) {
        for part in self.parts.iter_mut().filter(|part| part.envelope == *envelope) {
            part.complete = false;
        }
    }

    fn note_more_pages(&mut self) {
        if let Some((envelope, key)) = self.more_pages.take() {
            self.mark_incomplete(&envelope);
            self.notes.push(format!("the export has more pages: {key} is set"));
        }
    }
}

/// Where a page names the one after it.
const NEXT_PAGE: &[&str] = &["nextLink", "@odata.nextLink", "skipToken", "$skipToken", "skip_token"];

/// Keys that no wrapper has. Most records begin with one, and then need not be looked through to know them.
const RECORD_KEYS: &[&str] = &[
    "properties",
    "schema",
    "id",
    "name",
    "type",
    "authorization",
    "caller",
    "time",
    "TimeGenerated",
    "operationName",
    "eventTimestamp",
    "RoleAssignmentName",
    "RoleAssignmentId",
    "roleDefinitionId",
    "canDelegate",
    "condition",
    "principalId",
    "createdBy",
    "createdOn",
];

pub(crate) fn is_record_key(key: &str) -> bool {
    RECORD_KEYS.iter().any(|own| own.eq_ignore_ascii_case(key))
}

/// What a wrapper holds; none where the object is a record itself.
fn wrapped<'d>(fields: &Fields<'d>) -> Option<Value<'d>> {
    if fields.has("properties") || fields.has("roleDefinitionId") || fields.has("schema") {
        return None;
    }
    let value = fields.get("value").filter(|value| value.is_list() || value.is_object());
    value.or_else(|| fields.get("data").filter(Value::is_list))
}
