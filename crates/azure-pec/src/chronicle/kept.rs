//! What histories that were put together before observed, and until when their open ends are proved.

use rustc_hash::FxHashMap;

use super::places::compatible;
use crate::day::Instant;
use crate::grant::{AccessHistory, Observed, ObservedWindow};
use crate::ids::{SubscriptionId, TenantId};
use crate::scope::{Scope, ScopeLevel};

/// The last moment that a history observed anywhere. One that observed nothing and still says something says it of all
/// times.
pub(super) fn last_observed(history: &AccessHistory) -> Instant {
    match &history.observed {
        Observed::Complete => Instant::MAX,
        Observed::Windows(windows) => {
            windows.iter().map(|window| window.interval().end).max().unwrap_or(Instant::MAX)
        }
    }
}

/// The first and the last moment.
type Reach = (Instant, Instant);

/// The first and last moments observed, by place.
#[derive(Debug, Default)]
pub(super) struct Observations<'h> {
    subscriptions: FxHashMap<SubscriptionId, Reach>,
    above: Vec<(&'h ObservedWindow, Reach)>,
    complete: bool,
    /// What stood above what at any time; none where every scope above is taken to reach every subscription.
    parents: Option<FxHashMap<&'h Scope, Vec<&'h Scope>>>,
    /// The tenants of what has a parent.
    tenants: FxHashMap<&'h Scope, TenantId>,
}

impl<'h> Observations<'h> {
    /// Of windows; a window above subscriptions is taken to reach all of its tenant.
    pub fn of_windows(windows: &'h [ObservedWindow]) -> Self {
        let mut known = Self::default();
        for window in windows {
            let span = (window.interval().start, window.interval().end);
            match window.scope.subscription_id() {
                Some(id) => {
                    let reach = known.subscriptions.entry(id).or_insert(span);
                    *reach = (reach.0.min(span.0), reach.1.max(span.1));
                }
                None => known.above.push((window, span)),
            }
        }
        known
    }

    /// Of a history; a window above subscriptions reaches those that the history puts below it.
    pub fn of_history(history: &'h AccessHistory) -> Self {
        let mut known = match &history.observed {
            Observed::Complete => Self { complete: true, ..Self::default() },
            Observed::Windows(windows) => Self::of_windows(windows),
        };
        let mut parents: FxHashMap<&Scope, Vec<&Scope>> = FxHashMap::default();
        for entry in &history.hierarchy {
            parents.entry(&entry.child).or_default().push(&entry.parent);
            known.tenants.extend(entry.tenant_id.map(|tenant| (&entry.child, tenant)));
        }
        known.parents = Some(parents);
        known
    }

    /// The first and last moments observed at a place, above or below it.
    pub fn around(&self, scope: &Scope, tenant: Option<TenantId>) -> Option<Reach> {
        if self.complete {
            return Some((Instant::MIN, Instant::MAX));
        }
        let mut reaches: Vec<Reach> = Vec::new();
        let own = scope.subscription_id();
        match own {
            Some(id) => reaches.extend(self.subscriptions.get(&id)),
            None => {
                let below =
                    self.subscriptions.iter().filter(|(id, _)| self.stands_over(scope, tenant, &[], **id));
                reaches.extend(below.map(|(_, reach)| *reach));
            }
        }
        for (window, reach) in &self.above {
            let touches = match own {
                // A grant that names its tenant stands below that tenant's root, whatever the hierarchy says.
                Some(_)
                    if window.scope == Scope::root() && tenant.is_some() && window.tenant_id == tenant =>
                {
                    true
                }
                Some(id) => self.stands_over(&window.scope, window.tenant_id, &window.reaches, id),
                None => compatible(window.tenant_id, tenant) && self.related(&window.scope, scope),
            };
            if touches {
                reaches.push(*reach);
            }
        }
        let first = reaches.iter().map(|(first, _)| *first).min()?;
        let last = reaches.iter().map(|(_, last)| *last).max()?;
        Some((first, last))
    }

    /// Whether a scope above subscriptions stands over one.
    fn stands_over(
        &self,
        scope: &Scope,
        tenant: Option<TenantId>,
        reaches: &[SubscriptionId],
        id: SubscriptionId,
    ) -> bool {
        let Some(parents) = &self.parents else { return true };
        let own = Scope::subscription(id);
        let root = scope.level() == ScopeLevel::Root
            && (tenant.is_none() || tenant == self.tenants.get(&own).copied());
        root || reaches.contains(&id) || is_under(parents, &own, scope)
    }

    /// Whether two scopes above subscriptions are one, or one stands over the other.
    fn related(&self, one: &Scope, two: &Scope) -> bool {
        let Some(parents) = &self.parents else { return true };
        one == two || *one == Scope::root() || is_under(parents, two, one) || is_under(parents, one, two)
    }
}

fn is_under(parents: &FxHashMap<&Scope, Vec<&Scope>>, child: &Scope, group: &Scope) -> bool {
    let mut frontier = vec![child];
    // No deeper than groups go.
    for _ in 0..16 {
        let above: Vec<&Scope> =
            frontier.iter().filter_map(|scope| parents.get(*scope)).flatten().copied().collect();
        if above.contains(&group) {
            return true;
        }
        if above.is_empty() {
            return false;
        }
        frontier = above;
        frontier.sort_unstable();
        frontier.dedup();
    }
    false
}
