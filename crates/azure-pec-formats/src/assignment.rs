//! One role assignment, as the service answers it or as `az` prints it.

use azure_pec::Scope;
use azure_pec::{Evidence, Grant, GrantPath};
use azure_pec::{Guid, PrincipalId, RoleId, SubscriptionId};

use crate::error::{Error, Fault};
use crate::export::Envelope;
use crate::fields::Fields;
use crate::json::Value;

/// A record: fields under `properties` in what the service answers, beside the id in what `az` prints.
pub(crate) struct Record<'d> {
    outer: Fields<'d>,
    inner: Option<Fields<'d>>,
}

impl<'d> Record<'d> {
    pub fn new(value: &Value<'d>) -> Result<Self, Error> {
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

    pub fn parse<T: std::str::FromStr<Err = azure_pec::Error>>(&self, key: &str) -> Result<Option<T>, Error> {
        self.holder(key).parse(key)
    }

    pub fn missing(&self, key: &str, expected: &str) -> Error {
        self.holder(key).missing(key, expected)
    }

    /// What it is, where it is no role assignment: the classic administrators that `az` appends, and the like.
    pub fn other_kind(&self) -> Result<Option<String>, Error> {
        let Some(kind) = self.outer.text("type")? else { return Ok(None) };
        if kind.to_ascii_lowercase().ends_with("/roleassignments") {
            return Ok(None);
        }
        let name = self.outer.text("name")?.or(self.outer.text("id")?).unwrap_or_default();
        Ok(Some(format!("{} ({kind})", name.trim())))
    }

    /// The grant, and the subscription that was asked about.
    pub fn grant(&self, file: &str, envelope: &Envelope) -> Result<(Grant, Option<SubscriptionId>), Error> {
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
            start_earliest: None,
            end_latest: None,
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
    pub fn is_nameless(&self, grant: &Grant) -> Result<bool, Error> {
        let Some(name) = self.outer.get("principalName") else { return Ok(false) };
        Ok(name.text()?.trim().is_empty() && grant.path != GrantPath::Aobo)
    }
}
