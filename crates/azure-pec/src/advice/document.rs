//! `azure-pec/advice/1`.

use serde::{Serialize, Serializer};

use crate::amount::Amount;
use crate::change::Change;
use crate::day::Day;
use crate::fix::{Actor, FAIRNESS};
use crate::ids::{PrincipalId, RoleId, SubscriptionId};
use crate::rule::Rule;
use crate::scope::Scope;
use crate::statement_document::{InputSummary, Period};
use crate::what_if::digest;

use super::catalogue::{Service, ServingRole, earns};

/// `azure-pec/advice/1`.
#[derive(Debug, Clone, Serialize)]
pub struct AdviceDocument {
    /// `azure-pec/advice/1`.
    pub schema: &'static str,
    /// What the same data always gives, to the byte.
    pub body: AdviceBody,
    /// SHA-256 of the body as compact JSON.
    pub body_sha256: String,
    /// What was read.
    pub inputs: Vec<InputSummary>,
}

impl AdviceDocument {
    /// The document of a body and what it was read from.
    #[must_use]
    pub fn new(body: AdviceBody, mut inputs: Vec<InputSummary>) -> Self {
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let body_sha256 = digest(&body);
        Self { schema: "azure-pec/advice/1", body, body_sha256, inputs }
    }

    /// The document as it is printed: two-space indents, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The body of an advice.
#[derive(Debug, Clone, Serialize)]
pub struct AdviceBody {
    /// The days of the usage.
    pub period: Period,
    /// The services that are delivered, by their ids; none were named where it is empty.
    pub delivered: Vec<String>,
    /// The catalogue: all of it, or what is delivered.
    pub services: Vec<ServiceAdvice>,
    /// The partner's access, grant by grant.
    pub access: Vec<AccessAdvice>,
    /// Access that a service delivered needs and that is not there.
    pub proposals: Vec<Proposal>,
    /// To whom access belongs.
    pub fairness: &'static str,
}

impl AdviceBody {
    pub(super) const FAIRNESS: &'static str = FAIRNESS;
}

/// A service of the catalogue.
#[derive(Debug, Clone, Serialize)]
pub struct ServiceAdvice {
    /// What it is called in options.
    pub service: String,
    /// The family.
    pub family: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub what: String,
    /// The day of the source.
    pub as_of: Day,
    /// The source.
    pub source: String,
    /// The roles that serve it, the narrowest first.
    pub roles: Vec<ServingRoleAdvice>,
    /// The narrowest that earns.
    pub narrowest: Option<ServingRoleAdvice>,
}

/// A role that serves a service.
#[derive(Debug, Clone, Serialize)]
pub struct ServingRoleAdvice {
    /// The role.
    pub role: String,
    /// Its id.
    pub role_id: RoleId,
    /// Whether it earns; none where no table says.
    pub earns: Option<bool>,
    /// The narrowest scope at which it serves.
    pub level: String,
    /// What it lets do.
    pub does: String,
    /// The day of the source.
    pub as_of: Day,
    /// The source.
    pub source: String,
}

impl ServiceAdvice {
    pub(super) fn new(service: &Service, rule: &Rule) -> Self {
        let told = |role: &ServingRole| ServingRoleAdvice {
            role: role.name.clone(),
            role_id: role.role_id,
            earns: earns(rule, role.role_id),
            level: role.level.clone(),
            does: role.does.clone(),
            as_of: role.as_of,
            source: role.source.clone(),
        };
        Self {
            service: service.id.clone(),
            family: service.family.clone(),
            name: service.name.clone(),
            what: service.what.clone(),
            as_of: service.as_of,
            source: service.source.clone(),
            roles: service.roles.iter().map(told).collect(),
            narrowest: service.narrowest(rule).map(told),
        }
    }
}

/// What to do with a grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AdviceKind {
    /// It is the least that serves what is delivered.
    Keep,
    /// Less would serve what is delivered.
    Narrow,
    /// It serves no service that is delivered.
    GiveBack,
    /// No catalogue says what its role serves: a custom role, or one that no table holds.
    Unknown,
    /// No service was named: what it is needed for is not known.
    NameServices,
}

impl AdviceKind {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Narrow => "narrow",
            Self::GiveBack => "give_back",
            Self::Unknown => "unknown",
            Self::NameServices => "name_services",
        }
    }
}

impl Serialize for AdviceKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Money in a currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Money {
    /// The pricing currency.
    pub currency: String,
    /// The amount.
    pub amount: Amount,
}

/// A grant of the partner's, what it is for and whether less would do.
#[derive(Debug, Clone, Serialize)]
pub struct AccessAdvice {
    /// The grant.
    pub grant_id: String,
    /// Its role.
    pub role: String,
    /// Its id.
    pub role_id: RoleId,
    /// Where.
    pub scope: Scope,
    /// Who holds it.
    pub principal_id: PrincipalId,
    /// Whether the role earns; none where no table says.
    pub earns: Option<bool>,
    /// The credit of these days that would not be earned without it.
    pub credit: Vec<Money>,
    /// The services of the catalogue that its role serves.
    pub serves: Vec<String>,
    /// The services delivered that it is needed for.
    pub needed_for: Vec<String>,
    /// What to do.
    pub advice: AdviceKind,
    /// In words.
    pub says: String,
    /// What would do in its place.
    pub narrower: Option<Narrower>,
}

/// Less access that serves the same.
#[derive(Debug, Clone, Serialize)]
pub struct Narrower {
    /// The roles.
    pub roles: Vec<String>,
    /// Their ids.
    pub role_ids: Vec<RoleId>,
    /// Where.
    pub scope: Scope,
    /// Whether the credit of these days is the same with it.
    pub credit_survives: bool,
    /// How the credit of these days changes; less is negative.
    pub credit_change: Vec<Money>,
    /// The changes that were tried.
    pub changes: Vec<Change>,
}

/// Access that a service delivered needs.
#[derive(Debug, Clone, Serialize)]
pub struct Proposal {
    /// The service delivered.
    pub service: String,
    /// The subscription.
    pub subscription: SubscriptionId,
    /// The narrowest role that serves it and earns.
    pub role: String,
    /// Its id.
    pub role_id: RoleId,
    /// The narrowest scope above the usage.
    pub scope: Scope,
    /// Who decides.
    pub who: Actor,
    /// In words.
    pub says: String,
}
