//! Changes to what the calculator was given, so that a remedy can be tried before it is advised.

use serde::{Deserialize, Serialize};

use crate::calculator::{Calculator, CalculatorBuilder};
use crate::day::Instant;
use crate::error::Error;
use crate::grant::{Grant, Observed, ObservedWindow};
use crate::ids::{PartnerId, PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::partner::{AoboGroup, AoboGroupKind, Partner, PartnerLink, Principal, Span, Transfer};
use crate::policy::RolePolicy;
use crate::scope::Scope;

/// One change to access, partner data or policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Change {
    /// A role is assigned.
    AddGrant {
        /// The assignment.
        grant: Box<Grant>,
    },
    /// An assignment is removed.
    Revoke {
        /// The assignment; every span of it where a history holds several.
        grant_id: String,
        /// At which moment; none is as if it had never been.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Instant>,
    },
    /// A policy key gets another value.
    SetPolicy {
        /// The key.
        key: String,
        /// Its value, as in a policy file.
        value: String,
    },
    /// A subscription moves between partners when these say so, and at no other time.
    Transfers {
        /// The subscription.
        subscription_id: SubscriptionId,
        /// All of its transfers.
        transfers: Vec<Transfer>,
    },
    /// An eligible assignment is made permanent.
    MakePermanent {
        /// The assignment.
        grant_id: String,
    },
    /// An export shows that an assignment was held for all the time that it may have been.
    Prove {
        /// The assignment.
        grant_id: String,
    },
    /// A principal's partner admin link is made.
    Link {
        /// The principal.
        principal_id: PrincipalId,
        /// The tenant to make it in.
        tenant_id: Option<TenantId>,
        /// From when.
        start: Instant,
        /// Until when (excluded).
        end: Instant,
    },
    /// A deny assignment is lifted.
    LiftDeny {
        /// The deny assignment.
        deny_id: String,
    },
    /// The access is exported for a span at a scope, and shows what is known now.
    Observe {
        /// The scope.
        scope: Scope,
        /// From when.
        start: Instant,
        /// Until when (excluded).
        end: Instant,
    },
    /// The partner file names a principal as the billed partner's.
    NamePrincipal {
        /// The principal.
        principal_id: PrincipalId,
        /// Whether it is a group of another tenant (AdminAgents).
        foreign_group: bool,
    },
    /// The policy says that a role earns.
    RoleEarns {
        /// The role.
        role_id: RoleId,
    },
    /// The partner agreement is active for a span.
    Agreement {
        /// From when.
        start: Instant,
        /// Until when (excluded).
        end: Instant,
    },
}

impl Calculator {
    /// A calculator of the same inputs with the changes made.
    ///
    /// # Errors
    /// Those of [`crate::CalculatorBuilder::build`]; `partner.conflict` where a change needs a partner file and there
    /// is none.
    pub fn with(&self, changes: &[Change]) -> Result<Self, Error> {
        let mut builder = self.to_builder();
        for change in changes {
            match change {
                Change::AddGrant { grant } => builder.access_mut().grants.push((**grant).clone()),
                Change::Revoke { grant_id, at } => revoke(&mut builder.access_mut().grants, grant_id, *at)?,
                Change::SetPolicy { key, value } => builder.policy.set(key, value)?,
                Change::MakePermanent { grant_id } => {
                    for grant in builder.access_mut().grants.iter_mut().filter(|grant| grant.id == *grant_id)
                    {
                        grant.eligible_only = false;
                    }
                }
                Change::Prove { grant_id } => {
                    for grant in builder.access_mut().grants.iter_mut().filter(|grant| grant.id == *grant_id)
                    {
                        grant.start = grant.start_earliest.take().or(grant.start);
                        grant.end = grant.end_latest.take().or(grant.end);
                    }
                }
                Change::LiftDeny { deny_id } => {
                    builder.access_mut().denies.retain(|deny| deny.id != *deny_id);
                }
                Change::Observe { scope, start, end } => {
                    if let Observed::Windows(windows) = &mut builder.access_mut().observed {
                        windows.push(ObservedWindow {
                            tenant_id: None,
                            scope: scope.clone(),
                            start: Some(*start),
                            end: Some(*end),
                            reaches: Vec::new(),
                        });
                    }
                }
                Change::RoleEarns { role_id } => {
                    let mut roles = match std::mem::take(&mut builder.policy.unlisted_role) {
                        RolePolicy::Map(roles) => roles,
                        RolePolicy::Unknown | RolePolicy::Never => std::collections::BTreeMap::new(),
                    };
                    roles.insert(*role_id, true);
                    builder.policy.unlisted_role = RolePolicy::Map(roles);
                }
                Change::Link { principal_id, tenant_id, start, end } => {
                    let link = PartnerLink { tenant_id: *tenant_id, start: Some(*start), end: Some(*end) };
                    let partner_id = partner_of(&builder, *principal_id);
                    let linked = Principal { principal_id: *principal_id, partner_id, linked: Some(link) };
                    builder.access_mut().links.push(linked);
                }
                Change::NamePrincipal { .. } | Change::Agreement { .. } | Change::Transfers { .. } => {
                    let partner = builder.partner.as_mut().ok_or_else(|| Error::PartnerConflict {
                        what: "the change needs a partner file, and none is given".to_owned(),
                    })?;
                    change_partner(partner, change);
                }
            }
        }
        builder.build()
    }
}

/// Takes an assignment away, at a moment or altogether.
fn revoke(grants: &mut Vec<Grant>, id: &str, at: Option<Instant>) -> Result<(), Error> {
    if !grants.iter().any(|grant| grant.id == id) {
        return Err(Error::IdInvalid {
            expected: "the id of a grant of the access given",
            found: id.to_owned(),
        });
    }
    let Some(at) = at else {
        grants.retain(|grant| grant.id != id);
        return Ok(());
    };
    let held = |grant: &Grant| grant.id == id && grant.interval().contains(at);
    if !grants.iter().any(held) {
        return Err(Error::DateInvalid {
            expected: "a moment at which the grant is held",
            found: format!("{at} for {id}"),
        });
    }
    // A span that begins at or after that moment never came to be; one that may have begun before it, may have.
    let begins = |grant: &Grant| grant.start_earliest.or(grant.start);
    grants.retain(|grant| grant.id != id || begins(grant).is_none_or(|start| start < at));
    for grant in grants.iter_mut().filter(|grant| grant.id == id) {
        grant.start = grant.start.map(|start| start.min(at));
        let end = grant.end.map_or(at, |end| end.min(at));
        grant.end_latest = grant.end_latest.map(|latest| latest.min(at)).filter(|latest| end < *latest);
        grant.end = Some(end);
    }
    Ok(())
}

impl Calculator {
    /// The changes that take back `changes`, to be made in their order after them; none where one of them cannot be
    /// taken back by a change (what was shown stays shown).
    ///
    /// # Errors
    /// Those of [`with`](Calculator::with).
    pub fn undo(&self, changes: &[Change]) -> Result<Option<Vec<Change>>, Error> {
        let mut undone = Vec::new();
        let mut state = self.clone();
        for change in changes {
            let Some(mut back) = state.inverse(change) else { return Ok(None) };
            back.append(&mut undone);
            undone = back;
            state = state.with(std::slice::from_ref(change))?;
        }
        Ok(Some(undone))
    }

    fn inverse(&self, change: &Change) -> Option<Vec<Change>> {
        let gone = |id: &str| Change::Revoke { grant_id: id.to_owned(), at: None };
        let own = |id: &str| {
            let grants = self.access.grants().iter().filter(|grant| grant.id == *id);
            let add = |grant: &Grant| Change::AddGrant { grant: Box::new(grant.clone()) };
            grants.map(add).collect::<Vec<_>>()
        };
        match change {
            Change::AddGrant { grant } => Some([gone(&grant.id)].into_iter().chain(own(&grant.id)).collect()),
            Change::Revoke { grant_id, at: None } => Some(own(grant_id)),
            Change::Revoke { grant_id, .. }
            | Change::MakePermanent { grant_id }
            | Change::Prove { grant_id } => Some([gone(grant_id)].into_iter().chain(own(grant_id)).collect()),
            Change::SetPolicy { key, .. } => {
                let entries = self.policy().entries();
                let (key, value) = entries.into_iter().find(|(own, _)| own == key)?;
                Some(vec![Change::SetPolicy { key: key.to_owned(), value }])
            }
            Change::Transfers { subscription_id, .. } => {
                let transfers = self.transfers_of(*subscription_id);
                Some(vec![Change::Transfers { subscription_id: *subscription_id, transfers }])
            }
            _ => None,
        }
    }

    /// The transfers of a subscription that the partner file tells of.
    pub(crate) fn transfers_of(&self, subscription: SubscriptionId) -> Vec<Transfer> {
        let transfers = self.partner.iter().flat_map(|partner| &partner.data.transfers);
        transfers.filter(|transfer| transfer.subscription_id == subscription).cloned().collect()
    }
}

/// Whose a principal is, as far as partner file and exports say; else the billed partner's.
fn partner_of(builder: &CalculatorBuilder, principal: PrincipalId) -> PartnerId {
    let partner = builder.partner.as_ref();
    let listed = partner.and_then(|partner| partner.principals.as_deref()).unwrap_or_default();
    let known = listed.iter().chain(&builder.access.links).find(|one| one.principal_id == principal);
    let groups = partner.and_then(|partner| partner.aobo_groups.as_deref()).unwrap_or_default();
    let group = groups.iter().find(|group| group.principal_id == principal);
    let placed = known.map(|one| &one.partner_id).or(group.map(|group| &group.partner_id));
    let billed = partner.map(|partner| &partner.bill_to.partner_id);
    placed.or(billed).cloned().unwrap_or_else(PartnerId::placeholder)
}

fn change_partner(partner: &mut Partner, change: &Change) {
    let own = partner.bill_to.partner_id.clone();
    match change {
        Change::NamePrincipal { principal_id, foreign_group: true } => {
            let group =
                AoboGroup { principal_id: *principal_id, partner_id: own, group: AoboGroupKind::AdminAgents };
            partner.aobo_groups.get_or_insert_default().push(group);
        }
        Change::NamePrincipal { principal_id, foreign_group: false } => {
            let linked = Some(PartnerLink { tenant_id: None, start: None, end: None });
            let principal = Principal { principal_id: *principal_id, partner_id: own, linked };
            partner.principals.get_or_insert_default().push(principal);
        }
        Change::Agreement { start, end } => {
            let spans = partner.bill_to.agreement.get_or_insert_default();
            spans.push(Span { start: Some(*start), end: Some(*end) });
        }
        Change::Transfers { subscription_id, transfers } => {
            partner.transfers.retain(|transfer| transfer.subscription_id != *subscription_id);
            partner.transfers.extend(transfers.iter().cloned());
        }
        _ => {}
    }
}
