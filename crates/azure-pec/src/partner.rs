//! Who is billed, who the reseller is, whose a principal is, and when.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};

use crate::day::{Instant, Interval, IntervalSet};
use crate::error::Error;
use crate::ids::{PartnerId, PrincipalId, SubscriptionId, TenantId};

/// The partner file (`azure-pec/partner/1`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Partner {
    /// `azure-pec/partner/1`.
    pub schema: String,
    /// Who Microsoft bills.
    pub bill_to: BillTo,
    /// Partner ids of one organisation: any one of them and the others.
    #[serde(default)]
    pub organisation: BTreeMap<PartnerId, Vec<PartnerId>>,
    /// The customers, their markets and subscriptions.
    #[serde(default)]
    pub customers: Vec<Customer>,
    /// The resellers of record.
    #[serde(default)]
    pub resellers_of_record: Vec<ResellerOfRecord>,
    /// The AdminAgents and HelpdeskAgents groups: complete, if given.
    #[serde(default)]
    pub aobo_groups: Option<Vec<AoboGroup>>,
    /// The partner's own users, service principals and groups: complete, if given.
    #[serde(default)]
    pub principals: Option<Vec<Principal>>,
    /// Subscriptions that moved from one partner to another.
    #[serde(default)]
    pub transfers: Vec<Transfer>,
}

/// Who Microsoft bills.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BillTo {
    /// The partner id.
    pub partner_id: PartnerId,
    /// The partner's tenant.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// `direct_bill` or `indirect_provider`: only these earn.
    #[serde(default)]
    pub kind: Option<PartnerKind>,
    /// When the program agreement was active; left out, always.
    #[serde(default)]
    pub agreement: Option<Vec<Span>>,
}

/// The kinds of partner that Microsoft bills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartnerKind {
    /// Bills its customers itself.
    DirectBill,
    /// Sells through resellers.
    IndirectProvider,
}

/// A half-open span; an absent end is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// From when.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded).
    #[serde(default)]
    pub end: Option<Instant>,
}

/// A customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The customer's tenant.
    pub customer_id: TenantId,
    /// Two letters: which price list is the customer's.
    #[serde(default)]
    pub market: Option<String>,
    /// The customer's Azure subscriptions.
    #[serde(default)]
    pub subscriptions: Vec<SubscriptionId>,
}

/// The reseller of record of a customer, or of one of its plans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResellerOfRecord {
    /// The customer.
    pub customer_id: TenantId,
    /// The Azure plan; none is all of them.
    #[serde(default)]
    pub plan_id: Option<String>,
    /// The reseller.
    pub partner_id: PartnerId,
    /// The reseller's own tenant, where known.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Since when.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded).
    #[serde(default)]
    pub end: Option<Instant>,
}

/// A group whose members administer on behalf of customers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AoboGroup {
    /// The group's object id in the partner's tenant; display names are not unique.
    pub principal_id: PrincipalId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// Which of the two groups.
    pub group: AoboGroupKind,
}

/// The two groups that can administer on behalf of customers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AoboGroupKind {
    /// `AdminAgents`.
    AdminAgents,
    /// `HelpdeskAgents`: one page leaves it out.
    HelpdeskAgents,
}

/// A user, service principal or group of a partner.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Principal {
    /// Its object id.
    pub principal_id: PrincipalId,
    /// Whose it is.
    pub partner_id: PartnerId,
    /// The partner admin link; none where there is none.
    #[serde(default)]
    pub linked: Option<PartnerLink>,
}

/// A partner admin link (PAL): made per principal and tenant.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerLink {
    /// The tenant that it was made in: the customer's, or for Lighthouse the partner's own.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Since when.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded).
    #[serde(default)]
    pub end: Option<Instant>,
}

/// A subscription that moved from one partner to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Transfer {
    /// The subscription.
    pub subscription_id: SubscriptionId,
    /// When.
    pub at: Instant,
    /// Who was billed before.
    #[serde(default)]
    pub from_partner: Option<PartnerId>,
    /// Who is billed from then on.
    pub to_partner: PartnerId,
}

/// The checked partner data, indexed.
#[derive(Debug, Clone)]
pub(crate) struct PartnerIndex {
    pub data: Partner,
    sisters: FxHashMap<PartnerId, FxHashSet<PartnerId>>,
    pub tenants: FxHashMap<SubscriptionId, TenantId>,
    markets: FxHashMap<TenantId, String>,
    aobo: Option<FxHashMap<PrincipalId, AoboGroup>>,
    transfers: FxHashMap<SubscriptionId, Vec<Transfer>>,
    agreement: Option<IntervalSet>,
}

impl PartnerIndex {
    /// Checks and indexes the partner data.
    pub fn new(data: Partner) -> Result<Self, Error> {
        if data.schema != "azure-pec/partner/1" {
            return Err(Error::PartnerConflict {
                what: format!("expected schema azure-pec/partner/1, found {:?}", data.schema),
            });
        }
        let mut tenants = FxHashMap::default();
        let mut markets = FxHashMap::default();
        let mut customers = FxHashSet::default();
        for customer in &data.customers {
            if !customers.insert(customer.customer_id) {
                return Err(Error::PartnerDuplicate {
                    what: format!("the customer {}", customer.customer_id),
                });
            }
            if let Some(market) = &customer.market {
                markets.insert(customer.customer_id, market.to_ascii_uppercase());
            }
            for subscription in &customer.subscriptions {
                if tenants.insert(*subscription, customer.customer_id).is_some() {
                    return Err(Error::PartnerDuplicate { what: format!("the subscription {subscription}") });
                }
            }
        }
        let aobo = data.aobo_groups.as_deref().map(index_groups).transpose()?;
        let agreement = match &data.bill_to.agreement {
            None => None,
            Some(spans) => Some(
                spans
                    .iter()
                    .map(|span| {
                        checked_span("the agreement of", &data.bill_to.partner_id, span.start, span.end)
                    })
                    .collect::<Result<IntervalSet, Error>>()?,
            ),
        };
        for entry in &data.resellers_of_record {
            checked_span("the reseller entry of", &entry.partner_id, entry.start, entry.end)?;
        }
        let transfers = index_transfers(&data.transfers)?;
        let sisters = organisations(&data.organisation);
        Ok(Self { sisters, tenants, markets, aobo, transfers, agreement, data })
    }

    /// The partner and its organisation.
    pub fn family(&self, partner: &PartnerId) -> FxHashSet<PartnerId> {
        let mut family = self.sisters.get(partner).cloned().unwrap_or_default();
        family.insert(partner.clone());
        family
    }

    pub fn market(&self, customer: TenantId) -> Option<&str> {
        self.markets.get(&customer).map(String::as_str)
    }

    /// Who was billed for the subscription at a moment; none where the transfers say only who it went to.
    pub fn billed_at(&self, subscription: SubscriptionId, at: Instant) -> Option<&PartnerId> {
        let Some(transfers) = self.transfers.get(&subscription) else {
            return Some(&self.data.bill_to.partner_id);
        };
        let after = transfers.partition_point(|transfer| transfer.at <= at);
        match after.checked_sub(1) {
            Some(last) => transfers.get(last).map(|transfer| &transfer.to_partner),
            None => transfers.first().and_then(|transfer| transfer.from_partner.as_ref()),
        }
    }

    /// Whether the billed partner at a moment is ours.
    pub fn bills_us(&self, subscription: SubscriptionId, at: Instant) -> bool {
        let own = &self.data.bill_to.partner_id;
        self.billed_at(subscription, at).is_some_and(|billed| {
            billed == own || self.sisters.get(own).is_some_and(|family| family.contains(billed))
        })
    }

    /// Whether the agreement was active on any part of the day.
    pub fn has_agreement(&self, day: &Interval) -> bool {
        self.agreement.as_ref().is_none_or(|times| times.overlaps(day))
    }

    /// The group, or none where the list is complete and does not hold it; the outer none where there is no list.
    pub fn aobo_group(&self, principal: PrincipalId) -> Option<Option<&AoboGroup>> {
        self.aobo.as_ref().map(|groups| groups.get(&principal))
    }
}

/// The span, where it is none that ends before it starts.
pub(crate) fn checked_span(
    what: &'static str,
    id: &PartnerId,
    start: Option<Instant>,
    end: Option<Instant>,
) -> Result<Interval, Error> {
    let span = Interval::new(start, end);
    if span.is_empty() {
        return Err(Error::GrantInverted { what, id: id.to_string(), start: span.start, end: span.end });
    }
    Ok(span)
}

fn index_groups(groups: &[AoboGroup]) -> Result<FxHashMap<PrincipalId, AoboGroup>, Error> {
    let mut index: FxHashMap<PrincipalId, AoboGroup> = FxHashMap::default();
    for group in groups {
        if index.insert(group.principal_id, group.clone()).is_some() {
            return Err(Error::PartnerDuplicate { what: format!("the group {}", group.principal_id) });
        }
    }
    Ok(index)
}

fn index_transfers(transfers: &[Transfer]) -> Result<FxHashMap<SubscriptionId, Vec<Transfer>>, Error> {
    let mut index: FxHashMap<SubscriptionId, Vec<Transfer>> = FxHashMap::default();
    for transfer in transfers {
        index.entry(transfer.subscription_id).or_default().push(transfer.clone());
    }
    for (subscription, chain) in &mut index {
        chain.sort_by_key(|transfer| transfer.at);
        for (one, two) in chain.iter().zip(chain.iter().skip(1)) {
            if one.at == two.at && one != two {
                return Err(Error::PartnerDuplicate {
                    what: format!("the transfer of {subscription} at {}", one.at),
                });
            }
            if one.at != two.at && two.from_partner.as_ref().is_some_and(|from| *from != one.to_partner) {
                return Err(Error::PartnerConflict {
                    what: format!(
                        "{subscription} went to {} at {} and left another partner at {}",
                        one.to_partner, one.at, two.at
                    ),
                });
            }
        }
    }
    Ok(index)
}

/// An organisation is a set: ids that any entry names together belong together.
fn organisations(
    entries: &BTreeMap<PartnerId, Vec<PartnerId>>,
) -> FxHashMap<PartnerId, FxHashSet<PartnerId>> {
    let mut families: Vec<FxHashSet<PartnerId>> = Vec::new();
    for (one, others) in entries {
        let mut family: FxHashSet<PartnerId> = others.iter().chain([one]).cloned().collect();
        families.retain(|known| {
            let related = !known.is_disjoint(&family);
            if related {
                family.extend(known.iter().cloned());
            }
            !related
        });
        families.push(family);
    }
    let mut sisters = FxHashMap::default();
    for family in families {
        for member in &family {
            sisters.insert(member.clone(), family.clone());
        }
    }
    sisters
}

#[cfg(test)]
mod tests {
    use super::*;

    fn partner(extra: &str) -> Result<PartnerIndex, Error> {
        let text = format!(
            r#"{{"schema":"azure-pec/partner/1","bill_to":{{"partner_id":"1","agreement":[{{"start":"2019-11-01","end":"2026-10-10"}}]}}{extra}}}"#
        );
        PartnerIndex::new(serde_json::from_str(&text).unwrap())
    }

    #[test]
    fn who_is_billed_follows_the_transfers() {
        let sub: SubscriptionId = "11111111-1111-1111-1111-111111111111".parse().unwrap();
        let index = partner(&format!(
            r#","organisation":{{"1":["3"]}},"transfers":[{{"subscription_id":"{sub}","at":"2026-10-10T12:00:00Z","from_partner":"9","to_partner":"3"}}]"#
        ))
        .unwrap();
        assert!(!index.bills_us(sub, "2026-10-10T11:59:59Z".parse().unwrap()));
        assert!(index.bills_us(sub, "2026-10-10T12:00:00Z".parse().unwrap()));
        let day = |text: &str| text.parse::<crate::day::Day>().unwrap().interval();
        assert!(index.has_agreement(&day("2026-10-09")) && !index.has_agreement(&day("2026-10-10")));
    }

    #[test]
    fn an_organisation_is_a_set() {
        let index = partner(r#","organisation":{"5":["6"],"6":["7"],"8":["1"]}"#).unwrap();
        assert_eq!(index.family(&"7".parse().unwrap()).len(), 3);
        assert_eq!(index.family(&"1".parse().unwrap()).len(), 2);
    }

    #[test]
    fn one_thing_said_twice_differently_is_refused() {
        let id = "11111111-1111-1111-1111-111111111111";
        for extra in [
            format!(r#","aobo_groups":[{{"principal_id":"{id}","partner_id":"1","group":"AdminAgents"}},{{"principal_id":"{id}","partner_id":"2","group":"AdminAgents"}}]"#),
            r#","customers":[{"customer_id":"11111111-1111-1111-1111-111111111111","subscriptions":["22222222-2222-2222-2222-222222222222"]},{"customer_id":"33333333-3333-3333-3333-333333333333","subscriptions":["22222222-2222-2222-2222-222222222222"]}]"#.to_owned(),
        ] {
            assert_eq!(partner(&extra).unwrap_err().code(), "partner.duplicate", "{extra}");
        }
    }
}
