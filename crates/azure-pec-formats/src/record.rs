//! A record of an export: fields under `properties` in what the service answers, beside the id in what tools print.

use std::borrow::Cow;

use azure_pec::{Evidence, Guid, Instant, RoleId, Scope, SubscriptionId};

use crate::error::{Error, Fault};
use crate::fields::Fields;
use crate::json::Value;

/// The fields of a record, outer and inner ones.
pub(crate) struct Record<'d> {
    pub outer: Fields<'d>,
    pub inner: Option<Fields<'d>>,
}

impl<'d> Record<'d> {
    pub fn new(value: &Value<'d>) -> Result<Self, Error> {
        let outer = value.fields()?;
        let inner = outer.get("properties").filter(Value::is_object);
        Ok(Self { inner: inner.map(|value| value.fields()).transpose()?, outer })
    }

    /// The fields that hold the key, the inner ones first.
    pub fn holder(&self, key: &str) -> &Fields<'d> {
        match &self.inner {
            Some(inner) if inner.has(key) || !self.outer.has(key) => inner,
            _ => &self.outer,
        }
    }

    /// The first of these keys that is there; the first of all where none is.
    pub fn key(&self, keys: &[&'static str]) -> &'static str {
        let found = keys.iter().find(|key| self.holder(key).holds(key));
        found.or(keys.first()).copied().unwrap_or_default()
    }

    pub fn has(&self, key: &str) -> bool {
        self.outer.has(key) || self.inner.as_ref().is_some_and(|inner| inner.has(key))
    }

    pub fn get(&self, key: &str) -> Option<Value<'d>> {
        self.holder(key).get(key)
    }

    pub fn text(&self, key: &str) -> Result<Option<String>, Error> {
        self.holder(key).text(key)
    }

    /// The same, as it is written where nothing in it is escaped.
    pub fn told(&self, key: &str) -> Result<Option<Cow<'d, str>>, Error> {
        self.holder(key).told(key)
    }

    pub fn parse<T: std::str::FromStr<Err = azure_pec::Error>>(&self, key: &str) -> Result<Option<T>, Error> {
        self.holder(key).parse(key)
    }

    pub fn time(&self, key: &str) -> Result<Option<Instant>, Error> {
        self.holder(key).time(key)
    }

    pub fn truth(&self, key: &str) -> Result<Option<bool>, Error> {
        self.holder(key).truth(key)
    }

    /// A value that has to be there.
    pub fn needed<T: std::str::FromStr<Err = azure_pec::Error>>(
        &self,
        key: &str,
        expected: &str,
    ) -> Result<T, Error> {
        self.parse(key)?.ok_or_else(|| self.missing(key, expected))
    }

    pub fn missing(&self, key: &str, expected: &str) -> Error {
        self.holder(key).missing(key, expected)
    }

    /// The last segment of the name, or of the id where the name is left out; a GUID in its one spelling.
    pub fn name(&self, names: &[&'static str], ids: &[&'static str]) -> Result<String, Error> {
        let (name_key, id_key) = (self.outer_key(names), self.outer_key(ids));
        let name = match self.outer.told(name_key)? {
            Some(name) => Some(name),
            None => self.outer.told(id_key)?,
        };
        let name = name.ok_or_else(|| self.outer.missing(name_key, "the record's name"))?;
        Ok(last_segment(&name))
    }

    fn outer_key(&self, keys: &[&'static str]) -> &'static str {
        let found = keys.iter().find(|key| self.outer.holds(key));
        found.or(keys.first()).copied().unwrap_or_default()
    }

    /// What people find it by: its id, or its name.
    pub fn label(&self) -> String {
        let keys = ["id", "RoleAssignmentId", "name", "RoleAssignmentName"];
        let found = keys.iter().find_map(|key| self.outer.told(key).ok().flatten());
        found.map_or_else(|| self.outer.path().into_owned(), |label| label.trim().to_owned())
    }

    pub fn evidence(&self, file: &str) -> Vec<Evidence> {
        vec![Evidence { file: file.to_owned(), record: self.label() }]
    }

    /// The role: the last segment only, since the path before it names the subscription that was asked about, even for
    /// a grant above it. And that subscription.
    pub fn role(&self, key: &str) -> Result<(RoleId, Option<SubscriptionId>), Error> {
        let path = self.told(key)?.ok_or_else(|| self.missing(key, "the role definition's id"))?;
        let path = path.trim();
        let role = path.rsplit('/').next().unwrap_or(path).parse().map_err(|error| {
            let mut refused = Fault::Value(error).at(self.missing(key, "").place);
            if let Some(value) = self.get(key) {
                refused.place.column = Some(value.path().into_owned());
            }
            refused
        })?;
        Ok((role, path.parse().ok().and_then(|scope: Scope| scope.subscription_id())))
    }

    /// Where it holds: as it says, else what stands before the provider in its id.
    pub fn scope(&self, ids: &[&'static str]) -> Result<Scope, Error> {
        if let Some(scope) = self.parse("scope")? {
            return Ok(scope);
        }
        let key = self.outer_key(ids);
        let value = self.outer.get(key);
        let value = value.ok_or_else(|| self.missing("scope", "a scope, or an id to read it from"))?;
        let id = value.text()?;
        scope_of(&id).map_err(|error| value.fault(Fault::Value(error)))
    }
}

/// The last segment of a path; a GUID in its one spelling, dashes or not.
pub(crate) fn last_segment(path: &str) -> String {
    let name = path.trim().trim_end_matches('/').rsplit('/').next().unwrap_or_default().trim();
    let is_so = name.len() == 36 && !name.bytes().any(|byte| byte.is_ascii_uppercase());
    match Guid::parse(name.as_bytes()) {
        Some(guid) if !is_so => guid.to_string(),
        _ => name.to_owned(),
    }
}

/// The providers whose records stand at a scope; what is before them in an id is the scope.
const PROVIDERS: &[&str] = &["/providers/microsoft.authorization/", "/providers/microsoft.managedservices/"];

/// What an id says of where its record holds.
pub(crate) fn scope_of(id: &str) -> Result<Scope, azure_pec::Error> {
    let lower = id.to_ascii_lowercase();
    let at = PROVIDERS.iter().filter_map(|provider| lower.rfind(provider)).max();
    match at.and_then(|at| id.get(..at)).map(str::trim) {
        Some("") => Ok(Scope::root()),
        Some(scope) => scope.parse(),
        None => id.parse(),
    }
}
