//! What might mend the missed days: candidates for change, out of what stands there and does not count.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Serialize, Serializer};

use crate::account::Account;
use crate::calculator::Calculator;
use crate::change::Change;
use crate::day::{Interval, TICKS_PER_DAY};
use crate::grant::{Grant, GrantPath};
use crate::ids::{PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::policy::Deny;
use crate::scope::Scope;
use crate::standing::{GrantStanding, Standing};
use crate::verdict::{Outcome, Reason, Verdict};
use crate::workload::{WorkPlace, Workload};

/// What a change gives the partner that it does not have, the smallest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// No access: a link, an agreement.
    Nothing,
    /// What it holds at another time, at this time too.
    Held,
    /// Always what it may take when it needs it.
    Standing,
    /// What a deny assignment shuts it out from.
    Undenied,
    /// A role that earns in place of one that does not, where it has access.
    Wider,
    /// Access where it has none.
    New,
}

impl Right {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Held => "held",
            Self::Standing => "standing",
            Self::Undenied => "undenied",
            Self::Wider => "wider",
            Self::New => "new",
        }
    }
}

impl Serialize for Right {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Who can make a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Actor {
    /// The customer, who decides on all access to what is the customer's.
    Customer,
    /// The partner.
    Partner,
}

impl Actor {
    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Partner => "partner",
        }
    }
}

impl Serialize for Actor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// A service that the partner delivers, and the narrowest role that serves it and earns. Without one no access is
/// suggested beyond what was held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceRole {
    /// The service's name in the catalogue.
    pub service: String,
    /// The role.
    pub role_id: RoleId,
}

/// What tells candidates apart, in their order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Agreement,
    Link(PrincipalId, Option<TenantId>),
    Held { scope: String, role: RoleId, principal: PrincipalId, path: u8, grant: usize },
    Standing(String),
    Undenied(String),
    Wider { scope: String, role: RoleId, principal: PrincipalId, grant: usize },
    New { subscription: SubscriptionId, role: RoleId },
}

/// The missed days that a candidate is for, from the first to the last, and the places.
#[derive(Debug, Clone)]
struct Need {
    span: Interval,
    /// The narrowest scope above all the places.
    scope: Scope,
    tenant: Option<TenantId>,
    services: Vec<String>,
}

/// A change, or changes that go together, that one party can make.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub says: String,
    pub who: Actor,
    pub right: Right,
    pub services: Vec<String>,
    pub changes: Vec<Change>,
    /// Where it may change anything.
    scopes: Vec<Scope>,
    /// When it may change anything.
    span: Interval,
}

impl Candidate {
    /// The grant that it adds, where it adds one.
    pub fn grant(&self) -> Option<&Grant> {
        self.changes.iter().find_map(|change| match change {
            Change::AddGrant { grant } => Some(&**grant),
            _ => None,
        })
    }

    /// The subscriptions in which it may change anything; none is all.
    pub fn subscriptions(&self) -> Option<BTreeSet<SubscriptionId>> {
        self.scopes.iter().map(Scope::subscription_id).collect()
    }

    /// Whether it may change the answer of a place on a day.
    pub fn reaches(&self, place: &WorkPlace, day: &Interval, slack: i64) -> bool {
        let near = Interval { start: self.span.start.plus(-slack), end: self.span.end.plus(slack) };
        near.intersection(day).is_some_and(|both| !both.is_empty())
            && self.scopes.iter().any(|scope| scope.is_above_subscriptions() || scope.contains(&place.scope))
    }
}

/// Puts candidates together.
struct Gathering<'c> {
    calculator: &'c Calculator,
    services: &'c [ServiceRole],
    needs: BTreeMap<Key, Need>,
}

impl Calculator {
    /// What might mend the missed cells of a workload, in a fixed order.
    pub(crate) fn fix_candidates(
        &self,
        workload: &Workload,
        verdicts: &[Verdict],
        services: &[ServiceRole],
    ) -> Vec<Candidate> {
        let mut gathering = Gathering { calculator: self, services, needs: BTreeMap::new() };
        let mut missed: BTreeMap<usize, Vec<(Interval, Verdict)>> = BTreeMap::new();
        for (cell, verdict) in workload.cells.iter().zip(verdicts) {
            if verdict.outcome == Outcome::Missed && !cell.potential.is_zero() {
                missed.entry(cell.place).or_default().push((self.span(cell.day), *verdict));
            }
        }
        for (place, days) in &missed {
            if let Some(place) = workload.places.get(*place) {
                gathering.place(place, days);
            }
        }
        let needs = std::mem::take(&mut gathering.needs);
        let candidates = needs.iter().filter_map(|(key, need)| gathering.candidate(key, need));
        candidates.collect()
    }
}

impl Gathering<'_> {
    fn place(&mut self, place: &WorkPlace, days: &[(Interval, Verdict)]) {
        let calculator = self.calculator;
        let account = calculator.access.account(calculator.context(), &place.key);
        let (node, exact) = calculator.access.nearest(&place.scope);
        let standings = calculator.standings(&account, node, exact);
        let mut note = |key: Key, span: &Interval, services: Option<&str>| {
            note(&mut self.needs, key, span, (place, &account), services);
        };
        for (span, verdict) in days {
            if verdict.reason == Reason::NoAgreement {
                note(Key::Agreement, span, None);
            }
            for one in &standings {
                let Some(key) = self.calculator.mend(one, &standings, span, &account) else { continue };
                note(key, span, None);
            }
            if calculator.policy().deny == Deny::Block {
                for denial in calculator.access.denials(&account, node, exact) {
                    if denial.reach.sure.overlaps(span) || denial.reach.maybe.overlaps(span) {
                        note(Key::Undenied(denial.deny.id.clone()), span, None);
                    }
                }
            }
            for service in self.services {
                for one in standings.iter().filter(|one| one.times.overlaps(span)) {
                    let grant = calculator.access.grants().get(one.grant);
                    let Some(grant) = grant.filter(|_| one.standing == Standing::RoleNotEligible) else {
                        continue;
                    };
                    let (scope, principal) = (grant.scope.to_string(), grant.principal_id);
                    let key = Key::Wider { scope, role: service.role_id, principal, grant: one.grant };
                    note(key, span, Some(&service.service));
                }
                let key = Key::New { subscription: place.key.subscription, role: service.role_id };
                note(key, span, Some(&service.service));
            }
        }
    }

    fn candidate(&self, key: &Key, need: &Need) -> Option<Candidate> {
        let calculator = self.calculator;
        let grants = calculator.access.grants();
        let span = need.span;
        let from_to = format!("from {} to {}", span.start, span.end);
        let new_grant = |right, says: String, grant: Grant| Candidate {
            says,
            who: Actor::Customer,
            right,
            services: need.services.clone(),
            scopes: vec![grant.scope.clone()],
            changes: vec![Change::AddGrant { grant: Box::new(grant) }],
            span,
        };
        let simple = |says, who, right, scopes, changes| Candidate {
            says,
            who,
            right,
            services: Vec::new(),
            scopes,
            changes,
            span,
        };
        Some(match key {
            Key::Agreement => simple(
                format!("have the partner agreement active {from_to}"),
                Actor::Partner,
                Right::Nothing,
                vec![Scope::root()],
                vec![Change::Agreement { start: span.start, end: span.end }],
            ),
            Key::Link(principal_id, tenant_id) => {
                let own = grants.iter().filter(|grant| grant.principal_id == *principal_id);
                let (principal_id, tenant_id) = (*principal_id, *tenant_id);
                let link = Change::Link { principal_id, tenant_id, start: span.start, end: span.end };
                simple(
                    format!("link the partner id for {principal_id} (partner admin link) {from_to}"),
                    Actor::Partner,
                    Right::Nothing,
                    own.map(|grant| grant.scope.clone()).collect(),
                    vec![link],
                )
            }
            Key::Held { grant, .. } => {
                let held = grants.get(*grant)?;
                let role = calculator.role_name(held.role_id);
                let says = format!(
                    "have {role} held at {} by {} {from_to} too, as at other times",
                    held.scope, held.principal_id
                );
                new_grant(Right::Held, says, held_for(held, held.role_id, span, "held"))
            }
            Key::Standing(id) => {
                let own: Vec<&Grant> = grants.iter().filter(|grant| grant.id == *id).collect();
                let first = own.first()?;
                let role = calculator.role_name(first.role_id);
                let says = format!(
                    "make the eligible assignment of {role} at {} to {} permanent",
                    first.scope, first.principal_id
                );
                let scopes = own.iter().map(|grant| grant.scope.clone()).collect();
                let changes = vec![Change::MakePermanent { grant_id: id.clone() }];
                Candidate {
                    span: Interval::ALL,
                    ..simple(says, Actor::Customer, Right::Standing, scopes, changes)
                }
            }
            Key::Undenied(id) => {
                let denies = &calculator.access.history().denies;
                let own = denies.iter().filter(|deny| deny.id == *id);
                Candidate {
                    span: Interval::ALL,
                    ..simple(
                        format!("have the deny assignment {id} lifted"),
                        Actor::Customer,
                        Right::Undenied,
                        own.map(|deny| deny.scope.clone()).collect(),
                        vec![Change::LiftDeny { deny_id: id.clone() }],
                    )
                }
            }
            Key::Wider { role, grant, .. } => {
                let held = grants.get(*grant)?;
                let (name, before) = (calculator.role_name(*role), calculator.role_name(held.role_id));
                let says = format!(
                    "have {name} in place of {before} held at {} by {} {from_to}, for {}",
                    held.scope,
                    held.principal_id,
                    need.services.join(", ")
                );
                new_grant(Right::Wider, says, held_for(held, *role, span, "wider"))
            }
            Key::New { role, .. } => {
                let id = format!("new-{role}-{}", need.scope);
                let grant = calculator.new_grant(id, *role, &need.scope, need.tenant, need.span);
                let says = format!(
                    "have {} held at {} by {} {from_to}, for {}",
                    calculator.role_name(*role),
                    grant.scope,
                    grant.principal_id,
                    need.services.join(", ")
                );
                new_grant(Right::New, says, grant)
            }
        })
    }
}

impl Calculator {
    /// What a grant lacks over a span, as far as it was had or can be had without more access.
    fn mend(
        &self,
        one: &GrantStanding,
        all: &[GrantStanding],
        span: &Interval,
        account: &Account,
    ) -> Option<Key> {
        let grant = self.access.grants().get(one.grant)?;
        match one.standing {
            // An activation is no right that was held: what it comes from is.
            Standing::Qualifies if !one.times.covers(span) && !self.is_activation(grant, all) => {
                Some(Key::Held {
                    scope: grant.scope.to_string(),
                    role: grant.role_id,
                    principal: grant.principal_id,
                    path: grant.path as u8,
                    grant: self.first_of(grant, one.grant, all),
                })
            }
            Standing::EligibleOnly if one.times.overlaps(span) => Some(Key::Standing(grant.id.clone())),
            Standing::PalMissing if one.times.overlaps(span) => {
                Some(Key::Link(grant.principal_id, self.tenant_to_link_in(grant, account)))
            }
            _ => None,
        }
    }

    /// The first of the grants that say the same of another time: one candidate for all.
    fn first_of(&self, grant: &Grant, at: usize, all: &[GrantStanding]) -> usize {
        let same = |other: &Grant| {
            (&other.scope, other.role_id, other.principal_id, other.path)
                == (&grant.scope, grant.role_id, grant.principal_id, grant.path)
                && (&other.partner_id, other.tenant_id, &other.condition)
                    == (&grant.partner_id, grant.tenant_id, &grant.condition)
        };
        let qualified = all.iter().filter(|one| one.standing == Standing::Qualifies);
        let alike = qualified.filter(|one| self.access.grants().get(one.grant).is_some_and(same));
        alike.map(|one| one.grant).min().unwrap_or(at)
    }

    fn is_activation(&self, grant: &Grant, all: &[GrantStanding]) -> bool {
        all.iter().filter_map(|one| self.access.grants().get(one.grant)).any(|other| {
            other.eligible_only
                && (&other.scope, other.role_id, other.principal_id)
                    == (&grant.scope, grant.role_id, grant.principal_id)
        })
    }

    fn tenant_to_link_in(&self, grant: &Grant, account: &Account) -> Option<TenantId> {
        match grant.path {
            GrantPath::LighthouseTemplate => self.partner.as_ref().and_then(|p| p.data.bill_to.tenant_id),
            _ => grant.tenant_id.or_else(|| account.tenant()),
        }
    }

    pub(crate) fn role_name(&self, role: RoleId) -> String {
        self.rule().roles().name(role).map_or_else(|| role.to_string(), ToOwned::to_owned)
    }

    /// How far beyond its ends a change may tell: gaps up to the tolerance are closed.
    pub(crate) fn slack(&self) -> i64 {
        TICKS_PER_DAY.saturating_add(self.policy().gap_tolerance_ticks)
    }
}

/// The same grant for a span, by a role.
fn held_for(held: &Grant, role_id: RoleId, span: Interval, how: &str) -> Grant {
    Grant {
        id: format!("{}-{how}", held.id),
        role_id,
        eligible_only: false,
        start: Some(span.start),
        end: Some(span.end),
        start_earliest: None,
        end_latest: None,
        custom_role: None,
        evidence: Vec::new(),
        ..held.clone()
    }
}

fn note(
    needs: &mut BTreeMap<Key, Need>,
    key: Key,
    span: &Interval,
    (place, account): (&WorkPlace, &Account),
    service: Option<&str>,
) {
    let need = needs.entry(key).or_insert_with(|| Need {
        span: *span,
        scope: place.above(),
        tenant: account.tenant(),
        services: Vec::new(),
    });
    need.span = Interval { start: need.span.start.min(span.start), end: need.span.end.max(span.end) };
    if !need.scope.contains(&place.scope) {
        need.scope = Scope::subscription(place.key.subscription);
    }
    if let Some(service) = service.filter(|service| !need.services.iter().any(|own| own == service)) {
        need.services.push(service.to_owned());
    }
}
