//! Which exports show a place: logs that record its changes, lists that would name what stands there.

use rustc_hash::FxHashMap;

use super::spans::Spans;
use super::tree::Tree;
use super::{Chronicle, Listing, Snapshot};
use crate::day::Instant;
use crate::ids::{SubscriptionId, TenantId};
use crate::scope::{Scope, ScopeLevel};

/// Whether two tenants may be the same.
pub(super) fn compatible(one: Option<TenantId>, two: Option<TenantId>) -> bool {
    one.is_none() || two.is_none() || one == two
}

/// The spans of whole logs by place.
#[derive(Debug, Default)]
pub(super) struct LogPlaces {
    below: FxHashMap<Box<str>, Spans>,
    above: FxHashMap<Scope, Vec<(Option<TenantId>, Instant, Instant)>>,
}

impl LogPlaces {
    pub fn new(chronicle: &Chronicle) -> Self {
        let mut spans: FxHashMap<&Scope, Vec<(Instant, Instant)>> = FxHashMap::default();
        let mut above: FxHashMap<Scope, Vec<(Option<TenantId>, Instant, Instant)>> = FxHashMap::default();
        for log in chronicle.logs.iter().filter(|log| log.complete && log.start <= log.whole_until()) {
            let end = log.whole_until();
            for scope in &log.scopes {
                match scope.is_above_subscriptions() {
                    true => above.entry(scope.clone()).or_default().push((log.tenant_id, log.start, end)),
                    false => spans.entry(scope).or_default().push((log.start, end)),
                }
            }
        }
        let below = spans
            .into_iter()
            .map(|(scope, spans)| (scope.as_str().into(), spans.into_iter().collect()))
            .collect();
        Self { below, above }
    }

    /// When every change at a scope was recorded. A subscription's log shows what happens at and below it, a management
    /// group's only what happens at the group.
    pub fn covered(&self, scope: &Scope, tenant: Option<TenantId>) -> Spans {
        if scope.is_above_subscriptions() {
            let logs = self.above.get(scope).into_iter().flatten();
            return logs
                .filter(|(own, ..)| compatible(*own, tenant))
                .map(|(_, start, end)| (*start, *end))
                .collect();
        }
        let mut covered: Option<Spans> = None;
        if self.below.is_empty() {
            return Spans::default();
        }
        for path in scope.ancestors() {
            let Some(spans) = self.below.get(path) else { continue };
            covered = Some(covered.map_or_else(|| spans.clone(), |known| known.with(spans)));
        }
        covered.unwrap_or_default()
    }

    /// The places of logs, from subscriptions downward.
    pub fn below(&self) -> impl Iterator<Item = (Scope, &Spans)> {
        self.below.iter().filter_map(|(path, spans)| Some((path.parse().ok()?, spans)))
    }

    /// The places of logs above subscriptions, each tenant's by itself.
    pub fn above(&self) -> Vec<(Scope, Option<TenantId>)> {
        let mut places = Vec::new();
        for (scope, logs) in &self.above {
            places.extend(logs.iter().map(|(tenant, ..)| (scope.clone(), *tenant)));
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

/// A list: when it was taken, and which of the snapshots it is.
pub(super) type Shot = (Instant, u32);

/// The complete lists by place.
#[derive(Debug)]
pub(super) struct ListPlaces<'c> {
    chronicle: &'c Chronicle,
    tree: &'c Tree,
    at: FxHashMap<Box<str>, Vec<(Listing, Shot)>>,
    /// Those taken at a place below: a list shows what stands above it too.
    under: FxHashMap<Box<str>, Vec<(Listing, Shot)>>,
    /// Those taken at groups above a subscription.
    over: FxHashMap<(Listing, SubscriptionId), Vec<Shot>>,
}

impl<'c> ListPlaces<'c> {
    pub fn new(chronicle: &'c Chronicle, tree: &'c Tree) -> Self {
        let mut places = Self {
            chronicle,
            tree,
            at: FxHashMap::default(),
            under: FxHashMap::default(),
            over: FxHashMap::default(),
        };
        let subscriptions: Vec<SubscriptionId> = tree.subscriptions().collect();
        for (index, snapshot) in (0u32..).zip(&chronicle.snapshots) {
            if !snapshot.complete {
                continue;
            }
            let shot = (snapshot.taken_at, index);
            for scope in &snapshot.scopes {
                if scope.is_above_subscriptions() && !shows_below(snapshot) {
                    continue;
                }
                if scope.is_above_subscriptions() {
                    let below = subscriptions
                        .iter()
                        .copied()
                        .filter(|id| places.stands_over(scope, snapshot.tenant_id, *id, snapshot.taken_at));
                    let below: Vec<SubscriptionId> = below.chain(snapshot.reaches.iter().copied()).collect();
                    for id in below {
                        places.over.entry((snapshot.listing, id)).or_default().push(shot);
                    }
                    continue;
                }
                places.at.entry(scope.as_str().into()).or_default().push((snapshot.listing, shot));
                for path in scope.ancestors().skip(1) {
                    places.under.entry(path.into()).or_default().push((snapshot.listing, shot));
                }
            }
        }
        places
    }

    fn stands_over(&self, group: &Scope, tenant: Option<TenantId>, id: SubscriptionId, at: Instant) -> bool {
        match group.level() {
            ScopeLevel::Root => tenant.is_some() && self.tree.tenant(id) == tenant,
            _ => {
                compatible(tenant, self.tree.tenant(id))
                    && self.tree.is_above(group, &Scope::subscription(id), tenant, at)
            }
        }
    }

    /// The lists that would show what stands at a scope, in order of time.
    pub fn showing(&self, listing: Listing, scope: &Scope, tenant: Option<TenantId>) -> Vec<Shot> {
        let mut shots = if scope.is_above_subscriptions() {
            self.showing_group(listing, scope, tenant)
        } else {
            self.showing_place(listing, scope)
        };
        shots.sort_unstable();
        shots.dedup();
        shots
    }

    /// The lists that show everything at and below a place: taken there or above, as the windows need them.
    pub fn at_or_above(&self, listing: Listing, scope: &Scope) -> Vec<Shot> {
        let mut shots = Vec::new();
        for path in scope.ancestors() {
            shots.extend(of(listing, self.at.get(path)));
        }
        let over = scope.subscription_id().and_then(|id| self.over.get(&(listing, id)));
        shots.extend(over.into_iter().flatten());
        shots
    }

    fn showing_place(&self, listing: Listing, scope: &Scope) -> Vec<Shot> {
        let mut shots = self.at_or_above(listing, scope);
        shots.extend(of(listing, self.under.get(scope.as_str())));
        shots
    }

    /// Lists taken at the group, above it, or at what stood below it at that moment.
    fn showing_group(&self, listing: Listing, group: &Scope, tenant: Option<TenantId>) -> Vec<Shot> {
        let mut shots = Vec::new();
        for (index, snapshot) in (0u32..).zip(&self.chronicle.snapshots) {
            if snapshot.listing != listing || !snapshot.complete || !compatible(snapshot.tenant_id, tenant) {
                continue;
            }
            let at = snapshot.taken_at;
            let same_tenant = tenant.is_some() && snapshot.tenant_id == tenant;
            let shows_below = shows_below(snapshot);
            let shows = snapshot.scopes.iter().any(|place| {
                let own = place.subscription_id().map(Scope::subscription);
                let place = own.as_ref().unwrap_or(place);
                let above = place.is_above_subscriptions();
                place == group
                    || *group == Scope::root() && same_tenant
                    || self.tree.is_above(group, place, tenant.or(snapshot.tenant_id), at)
                    || above
                        && shows_below
                        && (*place == Scope::root() && same_tenant
                            || self.tree.is_above(place, group, tenant.or(snapshot.tenant_id), at))
            });
            if shows {
                shots.push((at, index));
            }
        }
        shots
    }
}

/// Whether a list of a group or a tenant shows what stands below it: the service lists what is granted at a group and
/// above it, Resource Graph everything.
fn shows_below(snapshot: &Snapshot) -> bool {
    snapshot.grants.iter().any(|grant| !grant.scope.is_above_subscriptions())
        || snapshot.denies.iter().any(|deny| !deny.scope.is_above_subscriptions())
}

fn of(listing: Listing, shots: Option<&Vec<(Listing, Shot)>>) -> impl Iterator<Item = Shot> {
    shots.into_iter().flatten().filter(move |(own, _)| *own == listing).map(|(_, shot)| *shot)
}
