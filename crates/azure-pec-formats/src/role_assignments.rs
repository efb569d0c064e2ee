//! Role assignments as Azure Resource Manager answers them and as `az role assignment list` prints them.

use std::collections::BTreeSet;

use azure_pec::Instant;
use azure_pec::Scope;
use azure_pec::{AccessHistory, Evidence, Grant, GrantPath, Observed, ObservedWindow};
use azure_pec::{Guid, PrincipalId, RoleId, SubscriptionId};

use crate::access_read::{AccessRead, note};
use crate::error::{Error, Fault, Place};
use crate::export::{Envelope, Export, Part};
use crate::json::{Document, Fields, Value};

/// Reads a list of role assignments: each is a grant from its `createdOn` on, still held when the list was taken.
///
/// When that was is read from the collector's envelope, else it is `taken_at`, else the newest time inside, which
/// [`AccessRead::time_assumed`] tells. What was observed is that one moment, at the envelope's scope or else at each
/// subscription that the records name.
///
/// # Errors
/// What is wrong with the document or a record in it, with file, line and field; `grant.no_dates` where no record
/// says when it was created. Some without are passed over by name.
pub fn read_role_assignments(
    name: &str,
    text: &[u8],
    taken_at: Option<Instant>,
) -> Result<AccessRead, Error> {
    let document = Document::open(name, text)?;
    let export = Export::read(&document)?;
    let mut list = List { file: name, ..List::default() };
    let mut parts = Vec::with_capacity(export.parts.len());
    for part in &export.parts {
        parts.push((&part.envelope, list.part(part)?));
    }
    list.refuse_if_undated()?;
    let mut read = AccessRead { records: export.records().count() as u64, ..AccessRead::default() };
    let mut windows = Vec::new();
    for (envelope, subscriptions) in parts {
        let stated = envelope.taken_at.or(taken_at);
        let Some(at) = stated.or(list.newest) else { continue };
        let more = observed(envelope, &subscriptions, at);
        if more.is_empty() && subscriptions.is_empty() {
            continue;
        }
        read.time_assumed |= stated.is_none();
        read.taken_at = read.taken_at.max(Some(at));
        windows.extend(more);
    }
    list.finish(export.notes, windows, read)
}

/// What is gathered on the way through the records.
#[derive(Default)]
struct List<'n> {
    file: &'n str,
    grants: Vec<Grant>,
    /// The newest time of any record.
    newest: Option<Instant>,
    undated: Vec<(String, Place)>,
    nameless: Vec<String>,
    passed_over: Vec<String>,
}

impl List<'_> {
    /// Reads the records of a part; the subscriptions that they name.
    fn part(&mut self, part: &Part<'_>) -> Result<BTreeSet<SubscriptionId>, Error> {
        let mut subscriptions = BTreeSet::new();
        for value in &part.records {
            let record = Record::new(value)?;
            if let Some(kind) = record.other_kind()? {
                self.passed_over.push(kind);
                continue;
            }
            let (grant, queried) = record.grant(self.file, &part.envelope)?;
            subscriptions.extend(queried.into_iter().chain(grant.scope.subscription_id()));
            self.newest = self.newest.max(grant.start).max(record.parse("updatedOn")?);
            if record.is_nameless(&grant)? {
                self.nameless.push(grant.id.clone());
            }
            if grant.start.is_some() {
                self.grants.push(grant);
            } else {
                self.undated.push((grant.id, record.missing("createdOn", "when it was created").place));
            }
        }
        Ok(subscriptions)
    }

    fn refuse_if_undated(&self) -> Result<(), Error> {
        match self.undated.first() {
            Some((id, place)) if self.grants.is_empty() => {
                Err(Fault::GrantNoDates { id: id.clone() }.at(place.clone()))
            }
            _ => Ok(()),
        }
    }

    fn finish(
        self,
        notes: Vec<String>,
        windows: Vec<ObservedWindow>,
        mut read: AccessRead,
    ) -> Result<AccessRead, Error> {
        read.used = self.grants.len() as u64;
        read.notes = notes;
        let undated: Vec<String> = self.undated.into_iter().map(|(id, _)| id).collect();
        note(&mut read.notes, "passed over, without createdOn", &undated);
        note(&mut read.notes, "passed over, no role assignments", &self.passed_over);
        let nameless = "kept, of principals without a name (deleted, or not readable)";
        note(&mut read.notes, nameless, &self.nameless);
        let later = self.grants.iter().filter(|grant| grant.start > read.taken_at);
        let later: Vec<String> = later.map(|grant| grant.id.clone()).collect();
        note(&mut read.notes, "created after the list was taken, as it is said", &later);
        if windows.is_empty() && !self.grants.is_empty() {
            read.notes.push(
                "nothing is proved by it: no subscription is named; state the scope in an envelope"
                    .to_owned(),
            );
        }
        read.history = AccessHistory { grants: self.grants, ..AccessHistory::default() };
        // Pages and several subscriptions' lists repeat what is granted above them: one grant, once.
        read.history
            .merge(AccessHistory { observed: Observed::Windows(windows), ..AccessHistory::default() });
        Ok(read)
    }
}

/// The moment of a list, at every place that it was taken of.
fn observed(
    envelope: &Envelope,
    subscriptions: &BTreeSet<SubscriptionId>,
    at: Instant,
) -> Vec<ObservedWindow> {
    let window = |scope: Scope| {
        let reaches = match scope.is_above_subscriptions() {
            true => subscriptions.iter().copied().collect(),
            false => Vec::new(),
        };
        ObservedWindow { tenant_id: envelope.tenant_id, scope, start: Some(at), end: Some(at), reaches }
    };
    match &envelope.scope {
        Some(scope) => vec![window(scope.clone())],
        None => subscriptions.iter().map(|id| window(Scope::subscription(*id))).collect(),
    }
}

/// A record: fields under `properties` in what the service answers, beside the id in what `az` prints.
struct Record<'d> {
    outer: Fields<'d>,
    inner: Option<Fields<'d>>,
}

impl<'d> Record<'d> {
    fn new(value: &Value<'d>) -> Result<Self, Error> {
        let outer = value.fields()?;
        Ok(Self { inner: outer.below("properties")?, outer })
    }

    /// The fields that hold the key, the inner ones first.
    fn holder(&self, key: &str) -> &Fields<'d> {
        match &self.inner {
            Some(inner) if inner.has(key) || !self.outer.has(key) => inner,
            _ => &self.outer,
        }
    }

    fn text(&self, key: &str) -> Result<Option<String>, Error> {
        self.holder(key).text(key)
    }

    fn parse<T: std::str::FromStr<Err = azure_pec::Error>>(&self, key: &str) -> Result<Option<T>, Error> {
        self.holder(key).parse(key)
    }

    fn missing(&self, key: &str, expected: &str) -> Error {
        self.holder(key).missing(key, expected)
    }

    /// What it is, where it is no role assignment: the classic administrators that `az` appends, and the like.
    fn other_kind(&self) -> Result<Option<String>, Error> {
        let Some(kind) = self.outer.text("type")? else { return Ok(None) };
        if kind.to_ascii_lowercase().ends_with("/roleassignments") {
            return Ok(None);
        }
        let name = self.outer.text("name")?.or(self.outer.text("id")?).unwrap_or_default();
        Ok(Some(format!("{} ({kind})", name.trim())))
    }

    /// The grant, and the subscription that was asked about.
    fn grant(&self, file: &str, envelope: &Envelope) -> Result<(Grant, Option<SubscriptionId>), Error> {
        let (role_id, queried) = self.role()?;
        let scope = self.scope()?;
        let principal_kind = self.text("principalType")?.map(|kind| kind.trim().to_owned());
        let foreign = principal_kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("ForeignGroup"));
        let principal_id: Option<PrincipalId> = self.parse("principalId")?;
        let id = self.id()?;
        let record = self.outer.text("id")?.map_or_else(|| id.clone(), |id| id.trim().to_owned());
        let reaches = queried.filter(|_| scope.is_above_subscriptions());
        let grant = Grant {
            id,
            tenant_id: envelope.tenant_id,
            path: if foreign { GrantPath::Aobo } else { GrantPath::Directory },
            eligible_only: false,
            scope,
            role_id,
            principal_id: principal_id
                .ok_or_else(|| self.missing("principalId", "the principal's object id"))?,
            principal_kind,
            partner_id: None,
            start: self.parse("createdOn")?,
            end: None,
            condition: self.text("condition")?,
            reaches: reaches.into_iter().collect(),
            custom_role: None,
            evidence: vec![Evidence { file: file.to_owned(), record }],
        };
        Ok((grant, queried))
    }

    /// The assignment's name, a GUID; the last segment of its id where the name is left out.
    fn id(&self) -> Result<String, Error> {
        let name = match self.outer.text("name")? {
            Some(name) => Some(name),
            None => self.outer.text("id")?.as_deref().and_then(|id| id.rsplit('/').next()).map(str::to_owned),
        };
        let name = name.ok_or_else(|| self.outer.missing("name", "the assignment's name"))?;
        let name = name.trim();
        Ok(Guid::parse(name.as_bytes()).map_or_else(|| name.to_owned(), |guid| guid.to_string()))
    }

    /// The role: the last segment only, since the path before it names the subscription that was asked about, even for
    /// a grant above it.
    fn role(&self) -> Result<(RoleId, Option<SubscriptionId>), Error> {
        let key = "roleDefinitionId";
        let path = self.text(key)?.ok_or_else(|| self.missing(key, "the role definition's id"))?;
        let path = path.trim();
        let role = path.rsplit('/').next().unwrap_or(path).parse().map_err(|error| {
            let mut refused = Fault::Value(error).at(self.missing(key, "").place);
            if let Some(value) = self.holder(key).get(key) {
                refused.place.column = Some(value.path().to_owned());
            }
            refused
        })?;
        Ok((role, path.parse().ok().and_then(|scope: Scope| scope.subscription_id())))
    }

    fn scope(&self) -> Result<Scope, Error> {
        match self.parse("scope")? {
            Some(scope) => Ok(scope),
            None => self
                .outer
                .parse("id")?
                .ok_or_else(|| self.missing("scope", "a scope, or an id to read it from")),
        }
    }

    /// `az` writes an empty name for a principal that the directory does not know; a foreign group never has one.
    fn is_nameless(&self, grant: &Grant) -> Result<bool, Error> {
        let Some(name) = self.outer.get("principalName") else { return Ok(false) };
        Ok(name.text()?.trim().is_empty() && grant.path != GrantPath::Aobo)
    }
}
