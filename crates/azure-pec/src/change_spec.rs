//! Changes as people write them: `role=Contributor,scope=/subscriptions/...,start=2026-10-05`.

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};

use crate::calculator::Calculator;
use crate::change::Change;
use crate::day::Instant;
use crate::error::Error;
use crate::grant::{Grant, GrantPath};
use crate::ids::{Guid, PartnerId, PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::partner::{AoboGroupKind, Transfer};
use crate::scope::Scope;

const GRANT_KEYS: &[&str] = &[
    "role",
    "scope",
    "path",
    "start",
    "end",
    "id",
    "principal",
    "partner",
    "tenant",
    "eligible_only",
    "condition",
];
const REVOKE_KEYS: &[&str] = &["id", "at"];
const TRANSFER_KEYS: &[&str] = &["subscription", "at", "to", "from"];

/// Keys and values with commas between them, or an object of texts. A comma within a value is one as long as no key of
/// the change follows it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SpecText(Vec<(String, String)>);

impl FromStr for SpecText {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let mut fields: Vec<(String, String)> = Vec::new();
        for part in text.split(',') {
            let first = fields.is_empty();
            match (part.split_once('='), fields.last_mut()) {
                (Some((key, value)), _) if first || is_key(key.trim()) => {
                    fields.push((key.trim().to_owned(), value.trim().to_owned()));
                }
                (_, Some((_, value))) => {
                    value.push(',');
                    value.push_str(part);
                }
                _ => {
                    return Err(malformed(format!("expected key=value with commas between, found {text:?}")));
                }
            }
        }
        Ok(Self(fields))
    }
}

fn is_key(text: &str) -> bool {
    [GRANT_KEYS, REVOKE_KEYS, TRANSFER_KEYS].iter().any(|keys| keys.contains(&text))
}

impl<'de> Deserialize<'de> for SpecText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Either {
            Text(String),
            Fields(BTreeMap<String, Option<Value>>),
        }
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Value {
            Text(String),
            Flag(bool),
        }
        match Either::deserialize(deserializer)? {
            Either::Text(text) => text.parse().map_err(D::Error::custom),
            Either::Fields(fields) => {
                let text = |value| match value {
                    Value::Text(text) => text,
                    Value::Flag(flag) => flag.to_string(),
                };
                let given = fields.into_iter().filter_map(|(key, value)| Some((key, text(value?))));
                Ok(Self(given.collect()))
            }
        }
    }
}

impl SpecText {
    /// One key and its value, where they are written so: `absence=assume`.
    #[must_use]
    pub fn pair(key: &str, value: &str) -> Self {
        Self(vec![(key.to_owned(), value.to_owned())])
    }

    fn check(&self, what: &str, keys: &[&str], needed: &[&str]) -> Result<(), Error> {
        let list = keys.join(", ");
        for (at, (key, value)) in self.0.iter().enumerate() {
            if !keys.contains(&key.as_str()) {
                return Err(malformed(format!("{what} has no key {key:?}; its keys are {list}")));
            }
            if self.0.iter().skip(at + 1).any(|(other, _)| other == key) {
                return Err(malformed(format!("{what} names {key} twice")));
            }
            if value.is_empty() {
                return Err(malformed(format!("{what} leaves {key} empty")));
            }
        }
        match needed.iter().find(|key| self.text(key).is_none()) {
            Some(missing) => Err(malformed(format!("{what} needs {missing}; its keys are {list}"))),
            None => Ok(()),
        }
    }

    fn text(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, value)| value.as_str())
    }

    fn parsed<T: FromStr<Err = Error>>(&self, key: &str) -> Result<Option<T>, Error> {
        self.text(key).map(str::parse).transpose()
    }
}

fn malformed(problem: String) -> Error {
    Error::ChangeInvalid { problem }
}

/// A change as a person writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeSpec {
    /// `role`, `scope`, and where they are not as usual `path` (`aobo`), `start` (since ever), `end` (still held),
    /// `principal` (the partner's AdminAgents group), `partner` (the billed one), `tenant`, `id`, `eligible_only`,
    /// `condition`.
    Grant(SpecText),
    /// `id`, and `at` for a removal at a moment.
    Revoke(SpecText),
    /// A policy key and its value.
    Set(SpecText),
    /// `subscription`, and `at`, `to` and `from` where it is another move than the partner file's.
    Transfer(SpecText),
}

impl Calculator {
    /// The changes that are meant, each told with what was made before it in mind.
    ///
    /// # Errors
    /// `usage.arguments` for keys that do not exist or are missing; `id.invalid` for a role, scope, id or grant that is
    /// none; `date.invalid`, `grant.inverted`, `policy.invalid`; those of [`with`](Calculator::with).
    pub fn changes(&self, specs: &[ChangeSpec]) -> Result<Vec<Change>, Error> {
        let (mut changes, mut state) = (Vec::new(), self.clone());
        for spec in specs {
            let change = state.change(spec)?;
            state = state.with(std::slice::from_ref(&change))?;
            changes.push(change);
        }
        Ok(changes)
    }

    fn change(&self, spec: &ChangeSpec) -> Result<Change, Error> {
        match spec {
            ChangeSpec::Grant(text) => Ok(Change::AddGrant { grant: Box::new(self.granted(text)?) }),
            ChangeSpec::Revoke(text) => {
                text.check("a revocation", REVOKE_KEYS, &["id"])?;
                let grant_id = text.text("id").unwrap_or_default().to_owned();
                Ok(Change::Revoke { grant_id, at: text.parsed("at")? })
            }
            ChangeSpec::Set(SpecText(fields)) => match fields.as_slice() {
                [(key, value)] => {
                    Ok(Change::SetPolicy { key: key.replace('-', "_"), value: value.to_owned() })
                }
                _ => Err(malformed("a policy is set as key=value".to_owned())),
            },
            ChangeSpec::Transfer(text) => self.transferred(text),
        }
    }

    fn granted(&self, text: &SpecText) -> Result<Grant, Error> {
        text.check("a grant", GRANT_KEYS, &["role", "scope"])?;
        let scope: Scope = text.parsed("scope")?.unwrap_or_else(Scope::root);
        let path = match text.text("path").unwrap_or("aobo") {
            "aobo" => GrantPath::Aobo,
            "lighthouse_offer" => GrantPath::LighthouseOffer,
            "lighthouse_template" => GrantPath::LighthouseTemplate,
            "directory" => GrantPath::Directory,
            other => {
                return Err(Error::IdInvalid {
                    expected: "a path: aobo, lighthouse_offer, lighthouse_template or directory",
                    found: other.to_owned(),
                });
            }
        };
        let eligible_only = match text.text("eligible_only").unwrap_or("false") {
            "true" => true,
            "false" => false,
            other => return Err(malformed(format!("eligible_only is true or false, found {other:?}"))),
        };
        let principal: Option<PrincipalId> = text.parsed("principal")?;
        let partner_id: Option<PartnerId> = text.parsed("partner")?;
        Ok(Grant {
            id: self.free_id(text.text("id"))?,
            tenant_id: text.parsed("tenant")?.or_else(|| self.tenant_of(&scope)),
            path,
            eligible_only,
            role_id: self.role(text.text("role").unwrap_or_default())?,
            principal_id: principal.unwrap_or_else(|| self.own_group()),
            principal_kind: (path == GrantPath::Aobo).then(|| "ForeignGroup".to_owned()),
            // A principal that is named is whose the partner data says; else it is the billed partner's own.
            partner_id: partner_id.or_else(|| principal.is_none().then(|| self.own_partner())),
            start: text.parsed("start")?,
            end: text.parsed("end")?,
            start_earliest: None,
            end_latest: None,
            condition: text.text("condition").map(ToOwned::to_owned),
            reaches: Vec::new(),
            custom_role: None,
            evidence: Vec::new(),
            scope,
        })
    }

    /// An id that no grant has.
    fn free_id(&self, wanted: Option<&str>) -> Result<String, Error> {
        let taken = |id: &str| self.access.grants().iter().any(|grant| grant.id == id);
        match wanted {
            Some(id) if taken(id) => Err(Error::IdInvalid {
                expected: "an id that no grant of the access given has",
                found: id.to_owned(),
            }),
            Some(id) => Ok(id.to_owned()),
            None => {
                let mut ids = (1_u64..).map(|number| format!("what-if-{number}"));
                Ok(ids.find(|id| !taken(id)).unwrap_or_default())
            }
        }
    }

    /// A role by its name in the table of roles or in the definitions given, or by its id.
    ///
    /// # Errors
    /// `id.invalid`.
    pub fn role(&self, text: &str) -> Result<RoleId, Error> {
        if let Ok(id) = text.parse() {
            return Ok(id);
        }
        let wanted = text.trim();
        let known = self.rule().roles().all().into_iter().find(|row| row.name.eq_ignore_ascii_case(wanted));
        let defined = || {
            let mut roles = self.access.history().roles.iter();
            roles.find(|role| role.name.eq_ignore_ascii_case(wanted)).map(|role| role.role_id)
        };
        known.map(|row| row.role_id).or_else(defined).ok_or_else(|| Error::IdInvalid {
            expected: "a role of the published table or of the definitions given, by its name, or any by its id",
            found: text.to_owned(),
        })
    }

    /// The tenant of what stands below a subscription, as far as partner file and hierarchy say.
    pub(crate) fn tenant_of(&self, scope: &Scope) -> Option<TenantId> {
        let subscription = scope.subscription_id()?;
        let filed = self.partner.as_ref().and_then(|partner| partner.tenants.get(&subscription).copied());
        let entries = self.access.history().hierarchy.iter();
        let below = || {
            entries
                .filter(|entry| entry.child.subscription_id() == Some(subscription))
                .find_map(|entry| entry.tenant_id)
        };
        filed.or_else(below)
    }

    /// The billed partner's AdminAgents group; no principal where no partner file names one.
    pub(crate) fn own_group(&self) -> PrincipalId {
        let groups = self.partner.iter().flat_map(|partner| {
            let own = &partner.data.bill_to.partner_id;
            let groups = partner.data.aobo_groups.iter().flatten();
            groups.filter(move |group| group.partner_id == *own)
        });
        let admins = groups.filter(|group| group.group == AoboGroupKind::AdminAgents);
        admins.map(|group| group.principal_id).next().unwrap_or(PrincipalId(Guid::NIL))
    }

    fn transferred(&self, text: &SpecText) -> Result<Change, Error> {
        text.check("a transfer", TRANSFER_KEYS, &["subscription"])?;
        let wanted = text.text("subscription").unwrap_or_default();
        let subscription_id: SubscriptionId = match wanted.parse::<Scope>() {
            Ok(scope) => scope
                .subscription_id()
                .ok_or_else(|| Error::IdInvalid { expected: "a subscription", found: wanted.to_owned() })?,
            Err(_) => wanted.parse()?,
        };
        let filed = self.transfers_of(subscription_id);
        let (at, to): (Option<Instant>, Option<PartnerId>) = (text.parsed("at")?, text.parsed("to")?);
        let from: Option<PartnerId> = text.parsed("from")?;
        if at.is_none() && to.is_none() && from.is_none() && !filed.is_empty() {
            return Ok(Change::Transfers { subscription_id, transfers: filed });
        }
        let at = at.ok_or_else(|| {
            malformed(format!("a transfer needs at: the partner file tells of none of {subscription_id}"))
        })?;
        let own = self.own_partner();
        let to_partner = to.unwrap_or_else(|| own.clone());
        // Who leaves us leaves us; who comes to us comes from somebody who is not.
        let from_partner = from.or_else(|| (to_partner != own).then_some(own));
        let transfer = Transfer { subscription_id, at, from_partner, to_partner };
        Ok(Change::Transfers { subscription_id, transfers: vec![transfer] })
    }
}
