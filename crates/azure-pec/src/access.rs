//! From grants, hierarchy and partner data to the answer for a day: who stood where, and did it cover the day?
//!
//! Scopes that carry a grant, a deny or an observation are nodes. What stands at and above a node is worked out once
//! as sets of intervals; a resource takes the nearest node above it, and a day is then a look into
//! those sets. Sets are united before the day is tested: 00-12 h from the subscription and 12-24 h from the resource
//! group make a whole day.

use rustc_hash::FxHashMap;

use crate::account::{Account, AccountKey};
use crate::day::{Instant, Interval, IntervalSet};
use crate::error::Error;
use crate::grant::{AccessHistory, DenyAssignment, Grant, Observed, ObservedWindow};
use crate::ids::{SubscriptionId, TenantId};
use crate::ownership::{ownership, role_times};
use crate::policy::{Absence, Deny, ManagementGroup, Policy};
use crate::scope::{Hierarchy, Scope, ScopeLevel};
use crate::standing::{Context, GrantStanding, Sight, Standing};

/// Where something above subscriptions stands over an account's subscription.
struct Reach {
    /// When it surely does.
    sure: IntervalSet,
    /// When it may, for want of hierarchy data.
    maybe: IntervalSet,
}

/// The access history, checked and indexed by scope.
#[derive(Debug, Clone)]
pub(crate) struct AccessIndex {
    history: AccessHistory,
    hierarchy: Hierarchy,
    nodes: FxHashMap<Box<str>, Node>,
    above: Node,
}

/// What stands at one scope.
#[derive(Debug, Clone, Default)]
struct Node {
    grants: Vec<usize>,
    denies: Vec<usize>,
    windows: Vec<usize>,
}

impl AccessIndex {
    /// Checks and indexes the history.
    pub fn new(history: AccessHistory) -> Result<Self, Error> {
        history.check()?;
        let hierarchy = Hierarchy::new(&history.hierarchy)?;
        let mut index = Self {
            hierarchy,
            nodes: FxHashMap::default(),
            above: Node::default(),
            history: AccessHistory::default(),
        };
        for (at, grant) in history.grants.iter().enumerate() {
            index.node(&grant.scope).grants.push(at);
        }
        for (at, deny) in history.denies.iter().enumerate() {
            index.node(&deny.scope).denies.push(at);
        }
        if let Observed::Windows(windows) = &history.observed {
            for (at, window) in windows.iter().enumerate() {
                index.node(&window.scope).windows.push(at);
            }
        }
        index.history = history;
        Ok(index)
    }

    fn node(&mut self, scope: &Scope) -> &mut Node {
        if scope.is_above_subscriptions() {
            &mut self.above
        } else {
            self.nodes.entry(scope.as_str().into()).or_default()
        }
    }

    /// The grants.
    pub fn grants(&self) -> &[Grant] {
        &self.history.grants
    }

    /// Everything that was given.
    pub const fn history(&self) -> &AccessHistory {
        &self.history
    }

    /// The nearest scope at or above `scope` at which anything stands; whether it is the scope itself.
    pub fn nearest_node<'s>(&self, scope: &'s Scope) -> (&'s str, bool) {
        match scope.ancestors().find(|path| self.nodes.contains_key(*path)) {
            Some(path) => (path, path.len() == scope.as_str().len()),
            None => ("", false),
        }
    }

    /// The account of a line.
    pub fn account(&self, context: Context<'_>, key: &AccountKey) -> Account {
        Account::new(context, &self.hierarchy, key)
    }

    /// When a scope above subscriptions stands over the account's subscription.
    fn reach(
        &self,
        scope: &Scope,
        tenant: Option<TenantId>,
        reaches: &[SubscriptionId],
        account: &Account,
    ) -> Reach {
        if reaches.contains(&account.subscription) {
            return Reach { sure: IntervalSet::all(), maybe: IntervalSet::empty() };
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
        Reach { sure, maybe }
    }

    /// What was observed of a place: the union of the windows at or above it.
    pub fn sight(&self, account: &Account, scope: &str) -> Sight {
        let Observed::Windows(windows) = &self.history.observed else {
            return Sight { first: Instant::MIN, last: Instant::MAX, times: IntervalSet::all() };
        };
        let mut spans: Vec<Interval> = Vec::new();
        for window in self.at_or_above(scope).flat_map(|node| &node.windows).filter_map(|at| windows.get(*at))
        {
            self.window_spans(window, account, &mut spans);
        }
        Sight {
            first: spans.iter().map(|span| span.start).min().unwrap_or(Instant::MAX),
            last: spans.iter().map(|span| span.end).max().unwrap_or(Instant::MIN),
            times: spans.into_iter().collect(),
        }
    }

    /// A window's times over the account; a snapshot stays as a span without length.
    fn window_spans(&self, window: &ObservedWindow, account: &Account, spans: &mut Vec<Interval>) {
        let span = window.interval();
        if !window.scope.is_above_subscriptions() {
            spans.push(span);
            return;
        }
        let reach = self.reach(&window.scope, window.tenant_id, &window.reaches, account);
        if span.is_empty() && reach.sure.contains(span.start) {
            spans.push(span);
        }
        spans.extend(reach.sure.within(&span).intervals());
    }

    /// The nodes at and above a scope; what stands above subscriptions last.
    fn at_or_above<'s>(&'s self, scope: &'s str) -> impl Iterator<Item = &'s Node> {
        prefixes(scope).filter_map(|path| self.nodes.get(path)).chain([&self.above])
    }

    /// What every grant at or above the node is, for the account. `exact`: the line stands at the node itself.
    pub fn standings(
        &self,
        context: Context<'_>,
        account: &Account,
        node: &str,
        exact: bool,
        sight: &Sight,
    ) -> Vec<GrantStanding> {
        let denies: Vec<(&DenyAssignment, Reach)> = if context.policy.deny == Deny::Ignore {
            Vec::new()
        } else {
            self.denies_over(account, node, exact)
        };
        let mut standings = Vec::new();
        for at in self.at_or_above(node).flat_map(|place| &place.grants) {
            let Some(grant) = self.history.grants.get(*at) else { continue };
            let reach = if grant.scope.is_above_subscriptions() {
                if context.policy.management_group == ManagementGroup::Ignore {
                    continue;
                }
                self.reach(&grant.scope, grant.tenant_id, &grant.reaches, account)
            } else {
                Reach { sure: IntervalSet::all(), maybe: IntervalSet::empty() }
            };
            let parts = self.judge(context, account, grant, &reach, sight);
            let parts = subtract_denies(context.policy, grant, parts, &denies);
            standings.extend(
                parts
                    .into_iter()
                    .filter(|(_, times)| !times.is_empty())
                    .map(|(standing, times)| GrantStanding { grant: *at, standing, times }),
            );
        }
        standings
    }

    /// Every grant that reaches a place at some time, or may.
    pub fn reaching(&self, account: &Account, scope: &Scope) -> Vec<usize> {
        let all = self.at_or_above(scope.as_str()).flat_map(|node| &node.grants).copied();
        all.filter(|at| {
            self.history.grants.get(*at).is_some_and(|grant| {
                !grant.scope.is_above_subscriptions() || {
                    let reach = self.reach(&grant.scope, grant.tenant_id, &grant.reaches, account);
                    !reach.sure.is_empty() || !reach.maybe.is_empty()
                }
            })
        })
        .collect()
    }

    /// The ids of the deny assignments that hold over a place.
    pub fn denies_at(&self, account: &Account, scope: &Scope) -> Vec<String> {
        self.denies_over(account, scope.as_str(), true).into_iter().map(|(deny, _)| deny.id.clone()).collect()
    }

    /// The deny assignments that hold over a node, and when.
    fn denies_over(&self, account: &Account, node: &str, exact: bool) -> Vec<(&DenyAssignment, Reach)> {
        let mut over = Vec::new();
        for at in self.at_or_above(node).flat_map(|place| &place.denies) {
            let Some(deny) = self.history.denies.get(*at) else { continue };
            let here = exact && deny.scope.as_str() == node;
            if !deny.applies_to_children && !here {
                continue;
            }
            let span = IntervalSet::from(deny.interval());
            let reach = if deny.scope.is_above_subscriptions() {
                self.reach(&deny.scope, deny.tenant_id, &deny.reaches, account)
            } else {
                Reach { sure: IntervalSet::all(), maybe: IntervalSet::empty() }
            };
            let reach =
                Reach { sure: reach.sure.intersection(&span), maybe: reach.maybe.intersection(&span) };
            over.push((deny, reach));
        }
        over
    }

    /// What one grant is, before any deny: a sure defect is never unknown; of two unknowns the earlier counts.
    fn judge(
        &self,
        context: Context<'_>,
        account: &Account,
        grant: &Grant,
        reach: &Reach,
        sight: &Sight,
    ) -> Vec<(Standing, IntervalSet)> {
        let held = Interval {
            start: grant.start.unwrap_or(sight.first),
            end: grant.end.unwrap_or(Instant::MAX).min(sight.last),
        };
        let held = IntervalSet::from(held);
        // Under `assume`, what is not shown was not there, neither are parents. (A grant without a start was there at the
        // first observation; the time before it is unproven for everybody.)
        let doubtful = match context.policy.absence {
            Absence::RequireProof => held.intersection(&reach.maybe),
            Absence::Assume => IntervalSet::empty(),
        };
        let sure = held.intersection(&reach.sure);
        let (role, role_unknown) = role_times(context, grant);
        let owner = ownership(context, account, grant);
        let not_other = owner.linked.union(&owner.unlinked).union(&owner.unknown);
        let may_earn = role.earns.union(&role_unknown);
        // The sure defects, one after the other: the role, the partner, only eligible, the link.
        let mut parts = vec![
            (Standing::RoleNotEligible, sure.intersection(&role.never).intersection(&not_other)),
            (Standing::OtherPartner, sure.intersection(&may_earn).intersection(&owner.other)),
        ];
        if grant.eligible_only {
            parts.push((Standing::EligibleOnly, sure.intersection(&may_earn).intersection(&not_other)));
            return parts;
        }
        let may_own = owner.linked.union(&owner.unknown);
        parts.extend([
            (Standing::PalMissing, sure.intersection(&may_earn).intersection(&owner.unlinked)),
            (Standing::Qualifies, sure.intersection(&role.earns).intersection(&owner.linked)),
            (Standing::Unproven, doubtful.intersection(&may_earn).intersection(&may_own)),
            (Standing::PartnerUnknown, sure.intersection(&may_earn).intersection(&owner.unknown)),
            (Standing::RoleUnknown, sure.intersection(&role_unknown).intersection(&owner.linked)),
        ]);
        parts
    }
}

/// A path and its prefixes at segment borders, the longest first.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let own = (!path.is_empty()).then_some(path);
    own.into_iter()
        .chain(path.rmatch_indices('/').filter(|(at, _)| *at > 0).filter_map(|(at, _)| path.get(..at)))
}

/// Takes the denied time out of what a grant is.
fn subtract_denies(
    policy: &Policy,
    grant: &Grant,
    parts: Vec<(Standing, IntervalSet)>,
    denies: &[(&DenyAssignment, Reach)],
) -> Vec<(Standing, IntervalSet)> {
    let reaching = || denies.iter().filter(|(deny, _)| deny.reaches_principal(grant.principal_id));
    if reaching().next().is_none() {
        return parts;
    }
    let sure: IntervalSet = reaching().flat_map(|(_, reach)| reach.sure.intervals()).copied().collect();
    let maybe: IntervalSet = reaching().flat_map(|(_, reach)| reach.maybe.intervals()).copied().collect();
    let maybe = match policy.absence {
        Absence::RequireProof => maybe.difference(&sure),
        Absence::Assume => IntervalSet::empty(),
    };
    let mut result = Vec::with_capacity(parts.len() + 2);
    for (standing, times) in parts {
        let hopeful = standing <= Standing::RoleUnknown;
        if !hopeful {
            result.push((standing, times));
            continue;
        }
        let denied = times.intersection(&sure);
        let doubtful = times.intersection(&maybe);
        if policy.deny == Deny::Unknown || standing == Standing::Qualifies {
            result.push((Standing::Denied, denied.clone()));
        }
        // Whether the deny stands above this subscription is not proved.
        result.push((Standing::Unproven, doubtful.clone()));
        result.push((standing, times.difference(&denied).difference(&doubtful)));
    }
    result
}
