//! What a grant's role earns and whose the grant is, as sets of time.

use crate::account::Account;
use crate::day::{Interval, IntervalSet};
use crate::grant::{Grant, GrantPath};
use crate::ids::{PartnerId, TenantId};
use crate::partner::{AoboGroup, AoboGroupKind, PartnerIndex, PartnerLink, Principal};
use crate::policy::{Condition, ForeignGroup, HelpdeskGroup, Policy, RolePolicy};
use crate::principals::PrincipalIndex;
use crate::role::RoleTimes;
use crate::standing::Context;

/// Whose a grant is, as a partition of time; the rest is nobody's that matters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ownership {
    pub linked: IntervalSet,
    pub unlinked: IntervalSet,
    pub other: IntervalSet,
    pub unknown: IntervalSet,
}

/// When the grant's role earns and never earns, and when that is not known.
pub(crate) fn role_times(context: Context<'_>, grant: &Grant) -> (RoleTimes, IntervalSet) {
    let policy = context.policy;
    let mut times = match context.rule.roles().times(grant.role_id) {
        Some(times) => times,
        None => {
            let earns = match grant.custom_role {
                Some(true) => policy.custom_role.earns(grant.role_id),
                Some(false) => policy.unlisted_role.earns(grant.role_id),
                None => unplaced_role(policy, grant),
            };
            match earns {
                Some(true) => RoleTimes { earns: IntervalSet::all(), never: IntervalSet::empty() },
                Some(false) => RoleTimes { earns: IntervalSet::empty(), never: IntervalSet::all() },
                None => RoleTimes::default(),
            }
        }
    };
    let conditional = grant.condition.as_ref().is_some_and(|text| !text.trim().is_empty());
    if conditional && policy.condition == Condition::Unknown {
        times.earns = IntervalSet::empty();
    }
    let unknown = times.earns.union(&times.never).complement();
    (times, unknown)
}

/// A role that no role definition places: a map that names it settles it, else it counts as unlisted.
fn unplaced_role(policy: &Policy, grant: &Grant) -> Option<bool> {
    let named = |policy: &RolePolicy| match policy {
        RolePolicy::Map(roles) => roles.get(&grant.role_id).copied(),
        RolePolicy::Unknown | RolePolicy::Never => None,
    };
    let named = named(&policy.unlisted_role).or_else(|| named(&policy.custom_role));
    named.or_else(|| policy.unlisted_role.earns(grant.role_id))
}

/// Whose a grant is.
pub(crate) fn ownership(
    context: Context<'_>,
    principals: &PrincipalIndex,
    account: &Account,
    grant: &Grant,
) -> Ownership {
    let linked_to = |id: &PartnerId| {
        let linked = account.times(id);
        Ownership { other: linked.complement(), linked, ..Ownership::default() }
    };
    let helpdesk_ignored = |group: &AoboGroup| {
        group.group == AoboGroupKind::HelpdeskAgents && context.policy.helpdesk_group == HelpdeskGroup::Ignore
    };
    let listed = context.partner.and_then(|partner| partner.aobo_group(grant.principal_id));
    if listed.flatten().is_some_and(helpdesk_ignored) {
        return Ownership::default();
    }
    if let Some(partner) = &grant.partner_id {
        return linked_to(partner);
    }
    let unknown = || Ownership { unknown: IntervalSet::all(), ..Ownership::default() };
    let other = || Ownership { other: IntervalSet::all(), ..Ownership::default() };
    if grant.is_foreign_group() {
        return match listed {
            None if context.policy.foreign_group == ForeignGroup::Trust => {
                Ownership { linked: IntervalSet::all(), ..Ownership::default() }
            }
            None => unknown(),
            // The list of groups is complete: this one is another partner's.
            Some(None) => other(),
            Some(Some(group)) => linked_to(&group.partner_id),
        };
    }
    match (principals.of(grant.principal_id), listed) {
        (entries @ [_, ..], _) => owned_by_link(context.partner, account, grant, entries),
        (_, Some(Some(group))) => match grant.path {
            GrantPath::Aobo | GrantPath::LighthouseOffer => linked_to(&group.partner_id),
            // The group is ours, and nothing says that anybody in it is linked.
            // PowerShell writes `Unknown` for what it cannot read, as a group of another tenant: then it may be one.
            GrantPath::Directory if is_of_unknown_kind(grant) => {
                let Ownership { linked: unknown, other, .. } = linked_to(&group.partner_id);
                Ownership { unknown, other, ..Ownership::default() }
            }
            GrantPath::Directory | GrantPath::LighthouseTemplate => {
                let Ownership { linked: unlinked, other, .. } = linked_to(&group.partner_id);
                Ownership { unlinked, other, ..Ownership::default() }
            }
        },
        _ if !principals.is_complete() => unknown(),
        // The list is complete. Who comes from another tenant is another partner's; anybody else is the customer's own.
        _ if grant.path != GrantPath::Directory => other(),
        _ => Ownership::default(),
    }
}

fn is_of_unknown_kind(grant: &Grant) -> bool {
    grant.principal_kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("Unknown"))
}

/// A principal of a partner: the partner admin link decides, except for Marketplace offers.
fn owned_by_link(
    partner: Option<&PartnerIndex>,
    account: &Account,
    grant: &Grant,
    entries: &[Principal],
) -> Ownership {
    let Some(first) = entries.first() else { return Ownership::default() };
    let ours = account.times(&first.partner_id);
    let other = ours.complement();
    if grant.path == GrantPath::LighthouseOffer {
        return Ownership { linked: ours, other, ..Ownership::default() };
    }
    let serving = entries.iter().filter_map(|entry| entry.linked.as_ref()).flat_map(|link| {
        let span = IntervalSet::from(Interval::new(link.start, link.end));
        let serves = match grant.path {
            GrantPath::LighthouseTemplate => span.intersection(&template_times(partner, first, link)),
            _ => span.intersection(&directory_times(account, grant, link)),
        };
        serves.intervals().to_vec()
    });
    let linked = ours.intersection(&serving.collect());
    Ownership { unlinked: ours.difference(&linked), linked, other, unknown: IntervalSet::empty() }
}

fn always(serves: bool) -> IntervalSet {
    if serves { IntervalSet::all() } else { IntervalSet::empty() }
}

/// A Lighthouse template's link is made in the partner's own tenant; where that is not known it is not tested.
fn template_times(partner: Option<&PartnerIndex>, principal: &Principal, link: &PartnerLink) -> IntervalSet {
    let Some(partner) = partner else { return IntervalSet::all() };
    let own = &principal.partner_id;
    let homes: Vec<TenantId> = if *own == partner.data.bill_to.partner_id {
        partner.data.bill_to.tenant_id.into_iter().collect()
    } else {
        let entries = partner.data.resellers_of_record.iter().filter(|entry| entry.partner_id == *own);
        entries.filter_map(|entry| entry.tenant_id).collect()
    };
    always(homes.is_empty() || link.tenant_id.is_none_or(|made| homes.contains(&made)))
}

/// A directory grant's link is made in the customer's tenant; while that is not known it is not tested.
fn directory_times(account: &Account, grant: &Grant, link: &PartnerLink) -> IntervalSet {
    let Some(made) = link.tenant_id else { return IntervalSet::all() };
    match grant.tenant_id.or(account.named_tenant).or(account.filed_tenant) {
        Some(home) => always(home == made),
        None => {
            let elsewhere = account.parents.iter().filter(|(tenant, _)| tenant.is_some_and(|id| id != made));
            let elsewhere: IntervalSet =
                elsewhere.flat_map(|(_, times)| times.intervals()).copied().collect();
            elsewhere.complement()
        }
    }
}
