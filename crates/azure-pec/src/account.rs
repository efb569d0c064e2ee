//! Whom a line's access is judged for.

use rustc_hash::FxHashSet;

use crate::day::{Instant, Interval, IntervalSet};
use crate::ids::{PartnerId, SubscriptionId, TenantId};
use crate::partner::PartnerIndex;
use crate::scope::{GroupAbove, Hierarchy};
use crate::standing::Context;

/// The subscription, its tenant, and the partners that count, when.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub subscription: SubscriptionId,
    /// The tenant by the partner file.
    pub filed_tenant: Option<TenantId>,
    /// The tenant that the line names as its customer.
    pub named_tenant: Option<TenantId>,
    /// The families of partners that count, when; none is every partner, where there is no partner file.
    families: Option<Vec<Family>>,
    /// The resellers of the partner file.
    filed_resellers: Vec<(PartnerId, Interval)>,
    /// The reseller that the line names.
    named_reseller: Option<PartnerId>,
    /// The management groups above the subscription.
    pub groups: Vec<GroupAbove>,
    /// When the subscription's parent is known, and in which tenant.
    pub parents: Vec<(Option<TenantId>, IntervalSet)>,
}

/// The ids of one organisation, and when they count.
type Family = (FxHashSet<PartnerId>, IntervalSet);

/// What a line says of its account.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct AccountKey {
    pub subscription: SubscriptionId,
    /// The customer's tenant.
    pub customer: Option<TenantId>,
    /// The plan, in lower case.
    pub plan: String,
    /// The reseller.
    pub reseller: Option<PartnerId>,
}

impl Account {
    pub fn new(context: Context<'_>, hierarchy: &Hierarchy, key: &AccountKey) -> Self {
        let filed_tenant =
            context.partner.and_then(|partner| partner.tenants.get(&key.subscription).copied());
        let customer = key.customer.or(filed_tenant);
        let filed_resellers = context.partner.map(|partner| filed_resellers(partner, customer, &key.plan));
        Self {
            subscription: key.subscription,
            filed_tenant,
            named_tenant: key.customer,
            families: context
                .partner
                .map(|partner| families(partner, key, customer, filed_resellers.as_deref())),
            filed_resellers: filed_resellers.unwrap_or_default(),
            named_reseller: key.reseller.clone(),
            groups: hierarchy.above(key.subscription),
            parents: hierarchy.parent_known(key.subscription),
        }
    }

    /// When the partner id counts as the billed partner's, its organisation's or the reseller's.
    pub fn times(&self, partner: &PartnerId) -> IntervalSet {
        let Some(families) = &self.families else { return IntervalSet::all() };
        let mine = families.iter().filter(|(family, _)| family.contains(partner));
        mine.flat_map(|(_, times)| times.intervals()).copied().collect()
    }

    /// The tenant, as the line names it or the partner file says; where neither does, the hierarchy's if it names one.
    pub fn tenant(&self) -> Option<TenantId> {
        let by_hierarchy = || {
            let mut tenants = self.parents.iter().filter_map(|(tenant, _)| *tenant);
            tenants.next().filter(|first| tenants.all(|other| other == *first))
        };
        self.named_tenant.or(self.filed_tenant).or_else(by_hierarchy)
    }

    /// Whether the reseller that the line names is another than the partner file's of that moment.
    pub fn reseller_conflicts(&self, at: Instant) -> bool {
        let filed = |named: &PartnerId| {
            self.filed_resellers.iter().any(|(id, span)| id == named && span.contains(at))
        };
        !self.filed_resellers.is_empty() && self.named_reseller.as_ref().is_some_and(|named| !filed(named))
    }
}

/// The resellers of record that the partner file gives the customer and plan.
fn filed_resellers(
    partner: &PartnerIndex,
    customer: Option<TenantId>,
    plan: &str,
) -> Vec<(PartnerId, Interval)> {
    let entries = partner.data.resellers_of_record.iter();
    entries
        .filter(|entry| Some(entry.customer_id) == customer)
        .filter(|entry| entry.plan_id.as_deref().is_none_or(|id| id.eq_ignore_ascii_case(plan)))
        .map(|entry| (entry.partner_id.clone(), Interval::new(entry.start, entry.end)))
        .collect()
}

fn families(
    partner: &PartnerIndex,
    key: &AccountKey,
    customer: Option<TenantId>,
    filed: Option<&[(PartnerId, Interval)]>,
) -> Vec<Family> {
    let mut families = vec![(partner.family(&partner.data.bill_to.partner_id), IntervalSet::all())];
    for (reseller, span) in filed.unwrap_or_default() {
        families.push((partner.family(reseller), IntervalSet::from(*span)));
    }
    // Any entry for the customer, of whatever plan, silences the line's own.
    let silenced = partner.data.resellers_of_record.iter().any(|entry| Some(entry.customer_id) == customer);
    if let Some(named) = key.reseller.as_ref().filter(|_| !silenced) {
        families.push((partner.family(named), IntervalSet::all()));
    }
    families
}
