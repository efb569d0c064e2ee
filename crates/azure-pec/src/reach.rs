//! Where something above subscriptions stands over an account's subscription, and when.

use crate::account::Account;
use crate::day::IntervalSet;
use crate::ids::{SubscriptionId, TenantId};
use crate::scope::{Scope, ScopeLevel};

/// When a scope stands at or above a place.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    /// When it surely does.
    pub sure: IntervalSet,
    /// When it may, for want of hierarchy data.
    pub maybe: IntervalSet,
}

impl Reach {
    /// Of a scope, of a tenant or of whichever, over the account's subscription. `reaches` names subscriptions that an
    /// export shows below it. What stands at or below a subscription reaches at all times.
    pub fn new(
        scope: &Scope,
        tenant: Option<TenantId>,
        reaches: &[SubscriptionId],
        account: &Account,
    ) -> Self {
        if !scope.is_above_subscriptions() || reaches.contains(&account.subscription) {
            return Self { sure: IntervalSet::all(), maybe: IntervalSet::empty() };
        }
        let known: IntervalSet =
            account.parents.iter().flat_map(|(_, times)| times.intervals()).copied().collect();
        // What the hierarchy proves holds for its spans only; the partner file's word, else the line's, at all times.
        let stated = account.filed_tenant.or(account.named_tenant);
        let wrong_tenant = tenant.is_some() && stated.is_some() && tenant != stated;
        let right_tenant = tenant.is_some() && tenant == account.filed_tenant;
        let (mut sure, mut maybe) = (IntervalSet::empty(), known.complement());
        match scope.level() {
            ScopeLevel::Root => {
                // The root of no named tenant is above everything.
                if right_tenant || tenant.is_none() {
                    sure = IntervalSet::all();
                }
                for (label, times) in &account.parents {
                    match (tenant, label) {
                        (Some(one), Some(other)) if one == *other => sure = sure.union(times),
                        (Some(_), None) => maybe = maybe.union(times),
                        _ => {}
                    }
                }
            }
            _ => {
                let name = scope.management_group();
                for group in account.groups.iter().filter(|group| group.group.as_deref() == name) {
                    match (tenant, group.tenant) {
                        (None, _) => sure = sure.union(&group.times),
                        (Some(one), Some(other)) if one == other => sure = sure.union(&group.times),
                        (Some(_), None) if right_tenant => sure = sure.union(&group.times),
                        (Some(_), None) => maybe = maybe.union(&group.times),
                        _ => {}
                    }
                }
            }
        }
        if wrong_tenant {
            maybe = IntervalSet::empty();
        }
        let maybe = maybe.difference(&sure);
        Self { sure, maybe }
    }

    /// Whether it does at any time, or may.
    pub fn is_any(&self) -> bool {
        !self.sure.is_empty() || !self.maybe.is_empty()
    }
}

/// The tenants whose scopes may stand over the account at any time, none among them for scopes of no named tenant;
/// nothing where those of every tenant may.
pub(crate) fn reaching_tenants(account: &Account) -> Option<Vec<Option<TenantId>>> {
    // What contradicts the tenant that is stated may not reach for want of data.
    account.filed_tenant.or(account.named_tenant)?;
    let by_hierarchy = account.parents.iter().filter_map(|(tenant, _)| *tenant);
    let by_hierarchy = by_hierarchy.chain(account.groups.iter().filter_map(|group| group.tenant));
    let stated = account.filed_tenant.into_iter().chain(account.named_tenant);
    Some(stated.chain(by_hierarchy).map(Some).chain([None]).collect())
}
