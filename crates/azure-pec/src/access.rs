//! From grants, hierarchy and partner data to the answer for a day: who stood where, and did it cover the day?
//!
//! Scopes that carry a grant, a deny or an observation are nodes. What stands at and above a node is worked out once
//! as sets of intervals; a resource takes the nearest node above it, and a day is then a look into
//! those sets. Sets are united before the day is tested: 00-12 h from the subscription and 12-24 h from the resource
//! group make a whole day.

use std::sync::Arc;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use smallvec::SmallVec;

use crate::account::{Account, AccountKey};
use crate::day::{Instant, Interval, IntervalSet};
use crate::denial::{Denial, SparedRoles};
use crate::error::Error;
use crate::grant::{AccessHistory, Grant, Observed, ObservedWindow};
use crate::ids::{SubscriptionId, TenantId};
use crate::ownership::{ownership, role_times};
use crate::partner::Partner;
use crate::pieces::put_at;
use crate::policy::{Absence, Deny, ManagementGroup, Policy};
use crate::principals::PrincipalIndex;
use crate::reach::{Reach, reaching_tenants};
use crate::role_definition::RoleIndex;
use crate::scope::{Hierarchy, Scope};
use crate::standing::{Context, GrantStanding, Sight, Standing, StandingSets, together, unite};

/// The access history, checked and indexed by scope.
#[derive(Debug, Clone)]
pub(crate) struct AccessIndex {
    history: Arc<AccessHistory>,
    hierarchy: Hierarchy,
    principals: PrincipalIndex,
    spared: SparedRoles,
    nodes: IndexMap<Box<str>, Node, FxBuildHasher>,
    /// Whether any of their paths has so many bytes: most paths of resources are told to be none of them by that.
    lengths: Vec<bool>,
    /// The nearest node above each.
    parents: Vec<NodeAt>,
    above: Above,
}

/// A scope at which something stands; none is what stands above subscriptions.
pub(crate) type NodeAt = Option<usize>;

/// What a grant is, and when; no part is empty.
pub(crate) type Parts = SmallVec<[(Standing, IntervalSet); 2]>;

/// What the grants at and above scopes are for one account, before any deny; by the scope, and the first and last moment
/// that is observed where it was asked for. Places of a subscription have most of their grants in common.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    known: FxHashMap<(NodeAt, Instant, Instant), StandingSets>,
}

/// Places in the history. At most scopes one or two things stand.
type Places = SmallVec<[usize; 2]>;

/// What stands at one scope.
#[derive(Debug, Clone, Default)]
struct Node {
    grants: Places,
    denies: Places,
    windows: Places,
    nameless: Places,
}

/// What stands above subscriptions: root and management groups, of every tenant.
#[derive(Debug, Clone, Default)]
struct Above {
    all: Node,
    by_tenant: FxHashMap<Option<TenantId>, Node>,
    /// By the subscriptions that exports show below.
    by_subscription: FxHashMap<SubscriptionId, Node>,
}

impl Above {
    /// What may reach the account: a partner's customers are many, and each has management groups of its own.
    fn over(&self, account: &Account, pick: fn(&Node) -> &Places) -> Vec<usize> {
        let Some(tenants) = reaching_tenants(account) else { return pick(&self.all).to_vec() };
        let of_tenants = tenants.iter().filter_map(|tenant| self.by_tenant.get(tenant));
        let nodes = of_tenants.chain(self.by_subscription.get(&account.subscription));
        let mut found: Vec<usize> = nodes.flat_map(pick).copied().collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

impl AccessIndex {
    /// Checks and indexes the history, and with it whose the principals are.
    pub fn new(mut history: Arc<AccessHistory>, partner: Option<&Partner>) -> Result<Self, Error> {
        history.check()?;
        let hierarchy = Hierarchy::new(&history.hierarchy)?;
        let principals = PrincipalIndex::new(partner, &history.links)?;
        let roles = RoleIndex::new(&history.roles);
        // Without definitions grants say themselves whether their roles are custom.
        if !history.roles.is_empty() {
            for grant in &mut Arc::make_mut(&mut history).grants {
                grant.custom_role = roles.is_custom(grant);
            }
        }
        let spared = SparedRoles::new(&history, &roles);
        let mut index = Self {
            hierarchy,
            principals,
            spared,
            nodes: IndexMap::default(),
            lengths: Vec::new(),
            parents: Vec::new(),
            above: Above::default(),
            history: Arc::default(),
        };
        for (at, grant) in history.grants.iter().enumerate() {
            index.put(&grant.scope, grant.tenant_id, &grant.reaches, |node| node.grants.push(at));
        }
        for (at, deny) in history.denies.iter().enumerate() {
            index.put(&deny.scope, deny.tenant_id, &deny.reaches, |node| node.denies.push(at));
        }
        if let Observed::Windows(windows) = &history.observed {
            for (at, window) in windows.iter().enumerate() {
                index.put(&window.scope, window.tenant_id, &window.reaches, |node| node.windows.push(at));
            }
            for (at, nameless) in history.nameless.iter().enumerate() {
                index.put(&nameless.scope, None, &[], |node| node.nameless.push(at));
            }
        }
        index.history = history;
        let parent = |path: &str| prefixes(path).find_map(|path| index.nodes.get_index_of(path));
        index.parents = index.nodes.keys().map(|path| parent(path)).collect();
        Ok(index)
    }

    /// Puts something at its scope.
    fn put(
        &mut self,
        scope: &Scope,
        tenant: Option<TenantId>,
        reaches: &[SubscriptionId],
        push: impl Fn(&mut Node),
    ) {
        if !scope.is_above_subscriptions() {
            push(self.nodes.entry(scope.as_str().into()).or_default());
            put_at(&mut self.lengths, scope.as_str().len(), true, false);
            return;
        }
        push(&mut self.above.all);
        push(self.above.by_tenant.entry(tenant).or_default());
        for subscription in reaches {
            push(self.above.by_subscription.entry(*subscription).or_default());
        }
    }

    /// The grants.
    pub fn grants(&self) -> &[Grant] {
        &self.history.grants
    }

    /// Everything that was given.
    pub const fn history(&self) -> &Arc<AccessHistory> {
        &self.history
    }

    /// The nearest scope at or above `scope` at which anything stands; whether it is the scope itself.
    pub fn nearest(&self, scope: &Scope) -> (NodeAt, bool) {
        let has_length = |path: &&str| self.lengths.get(path.len()).copied().unwrap_or(false);
        let paths = scope.ancestors().filter(has_length);
        let mut found = paths.filter_map(|path| Some((self.nodes.get_index_of(path)?, path)));
        found.next().map_or((None, false), |(at, path)| (Some(at), path.len() == scope.as_str().len()))
    }

    /// The path of such a scope; nothing for what stands above subscriptions.
    fn path(&self, at: NodeAt) -> &str {
        at.and_then(|at| self.nodes.get_index(at)).map_or("", |(path, _)| path)
    }

    /// The account of a line.
    pub fn account(&self, context: Context<'_>, key: &AccountKey) -> Account {
        Account::new(context, &self.hierarchy, key)
    }

    /// What was observed of a place: the union of the windows at or above it, but for the time in which a grant may have
    /// held there of which only the name is known.
    pub fn sight(&self, account: &Account, node: NodeAt) -> Sight {
        let Observed::Windows(windows) = &self.history.observed else {
            return Sight { first: Instant::MIN, last: Instant::MAX, times: IntervalSet::all() };
        };
        let mut spans: Vec<Interval> = Vec::new();
        for at in self.over(node, account, |node| &node.windows) {
            let Some(window) = windows.get(at) else { continue };
            window_spans(window, account, &mut spans);
        }
        Sight {
            first: spans.iter().map(|span| span.start).min().unwrap_or(Instant::MAX),
            last: spans.iter().map(|span| span.end).max().unwrap_or(Instant::MIN),
            times: IntervalSet::from_iter(spans).difference(&self.nameless(account, node)),
        }
    }

    /// When a grant may have held at or above a place of which only the name is known.
    fn nameless(&self, account: &Account, node: NodeAt) -> IntervalSet {
        let mut times = IntervalSet::empty();
        let over = self.over(node, account, |node| &node.nameless);
        for nameless in over.into_iter().filter_map(|at| self.history.nameless.get(at)) {
            let Reach { sure, maybe } = Reach::new(&nameless.scope, None, &[], account);
            times = times.union(&sure.union(&maybe).within(&nameless.interval()));
        }
        times
    }

    /// A node and those above it, up to its subscription.
    fn at_or_within(&self, node: NodeAt) -> impl Iterator<Item = &Node> {
        let nodes = std::iter::successors(node, |at| self.parents.get(*at).copied().flatten());
        nodes.filter_map(|at| self.nodes.get_index(at).map(|(_, node)| node))
    }

    /// What stands at or above a node and may reach the account; what stands above subscriptions last.
    fn over(&self, node: NodeAt, account: &Account, pick: fn(&Node) -> &Places) -> Vec<usize> {
        let mut found: Vec<usize> = self.at_or_within(node).flat_map(pick).copied().collect();
        found.extend(self.above.over(account, pick));
        found
    }

    /// What every grant at or above the node is, for the account. `exact`: the line stands at the node itself.
    pub fn standings(
        &self,
        context: Context<'_>,
        account: &Account,
        node: NodeAt,
        exact: bool,
        sight: &Sight,
    ) -> Vec<GrantStanding> {
        let denials = self.counting_denials(context.policy, account, node, exact);
        let mut standings = Vec::new();
        for at in self.over(node, account, |place| &place.grants) {
            let Some((grant, parts)) = self.judge(context, account, at, sight) else { continue };
            let parts = self.spared.subtract(context.policy, grant, parts, &denials);
            standings.extend(parts.into_iter().map(|(standing, times)| GrantStanding {
                grant: at,
                standing,
                times,
            }));
        }
        standings
    }

    /// The same, of all grants together. `judged` holds what was worked out for this account before.
    pub fn standing_sets(
        &self,
        context: Context<'_>,
        account: &Account,
        node: NodeAt,
        exact: bool,
        sight: &Sight,
        judged: &mut Judged,
    ) -> StandingSets {
        if self.counting_denials(context.policy, account, node, exact).is_empty() {
            return self.undenied_sets(context, account, node, sight, judged);
        }
        let standings = self.standings(context, account, node, exact, sight);
        together(standings.iter().map(|one| (one.standing, &one.times)))
    }

    /// What the grants at or above the node are together, before any deny: what stands above it is worked out once.
    fn undenied_sets(
        &self,
        context: Context<'_>,
        account: &Account,
        node: NodeAt,
        sight: &Sight,
        judged: &mut Judged,
    ) -> StandingSets {
        let mut sets = StandingSets::default();
        let mut add = |at: usize| {
            let parts = self.judge(context, account, at, sight).map(|(_, parts)| parts);
            for (standing, times) in parts.iter().flatten() {
                unite(&mut sets, *standing, times);
            }
        };
        let found = node.and_then(|node| Some((self.nodes.get_index(node)?.1, *self.parents.get(node)?)));
        let Some((own, above)) = found else {
            self.above.over(account, |place| &place.grants).into_iter().for_each(add);
            return sets;
        };
        own.grants.iter().for_each(|at| add(*at));
        let key = (above, sight.first, sight.last);
        if !judged.known.contains_key(&key) {
            let of_above = self.undenied_sets(context, account, above, sight, judged);
            judged.known.insert(key, of_above);
        }
        for (standing, times) in Standing::ALL.into_iter().zip(judged.known.get(&key).into_iter().flatten()) {
            if !times.is_empty() {
                unite(&mut sets, standing, times);
            }
        }
        sets
    }

    /// The grants at or above a place.
    pub fn grants_over<'s>(&'s self, scope: &'s Scope) -> impl Iterator<Item = usize> {
        let nodes = self.at_or_within(self.nearest(scope).0).chain([&self.above.all]);
        nodes.flat_map(|node| &node.grants).copied()
    }

    /// Those that count by the policy.
    fn counting_denials(
        &self,
        policy: &Policy,
        account: &Account,
        node: NodeAt,
        exact: bool,
    ) -> Vec<Denial<'_>> {
        match policy.deny {
            _ if self.history.denies.is_empty() => Vec::new(),
            Deny::Ignore => Vec::new(),
            Deny::Unknown | Deny::Block => self.denials(account, node, exact),
        }
    }

    /// The deny assignments that hold over a node, and when.
    pub fn denials(&self, account: &Account, node: NodeAt, exact: bool) -> Vec<Denial<'_>> {
        let (mut over, path) = (Vec::new(), self.path(node));
        for at in self.over(node, account, |place| &place.denies) {
            let Some(deny) = self.history.denies.get(at) else { continue };
            let here = exact && deny.scope.as_str() == path;
            if deny.applies_to_children || here {
                over.push(Denial::new(at, deny, account));
            }
        }
        over
    }

    /// What one grant is, before any deny: a sure defect is never unknown; of two unknowns the earlier counts. None of a
    /// grant that does not count.
    fn judge(
        &self,
        context: Context<'_>,
        account: &Account,
        at: usize,
        sight: &Sight,
    ) -> Option<(&Grant, Parts)> {
        let grant = self.history.grants.get(at)?;
        let ignored = context.policy.management_group == ManagementGroup::Ignore;
        if ignored && grant.scope.is_above_subscriptions() {
            return None;
        }
        let reach = Reach::new(&grant.scope, grant.tenant_id, &grant.reaches, account);
        let bounds = grant.bounds();
        // Nothing is known before the first observation of a grant without a start, nor of any after the last.
        let seen = |span: Interval| {
            let start = if grant.start.is_none() { sight.first } else { span.start };
            IntervalSet::from(Interval { start, end: span.end.min(sight.last) })
        };
        let sure = seen(bounds.sure).intersection(&reach.sure);
        // Under `assume`, what is not shown was not there: neither parents nor what lies between the bounds of an end.
        // (A grant without a start was there at the first observation; the time before it is unproven for everybody.)
        let doubtful = match context.policy.absence {
            Absence::RequireProof => {
                seen(bounds.widest).intersection(&reach.sure.union(&reach.maybe)).difference(&sure)
            }
            Absence::Assume => IntervalSet::empty(),
        };
        let (role, role_unknown) = role_times(context, grant);
        let owner = ownership(context, &self.principals, account, grant);
        let not_other = owner.linked.union(&owner.unlinked).union(&owner.unknown);
        let may_earn = role.earns.union(&role_unknown);
        // The sure defects, one after the other: the role, the partner, only eligible, the link. They are told of sure
        // time only; where the grant only may have held, one with a defect could not have helped, and is nothing.
        let mut parts = Parts::new();
        let mut add = |standing, times: IntervalSet| {
            if !times.is_empty() {
                parts.push((standing, times));
            }
        };
        add(Standing::RoleNotEligible, sure.intersection(&role.never).intersection(&not_other));
        let sure_role = sure.intersection(&may_earn);
        add(Standing::OtherPartner, sure_role.intersection(&owner.other));
        if grant.eligible_only {
            add(Standing::EligibleOnly, sure_role.intersection(&not_other));
            return Some((grant, parts));
        }
        let may_own = owner.linked.union(&owner.unknown);
        add(Standing::PalMissing, sure_role.intersection(&owner.unlinked));
        add(Standing::Qualifies, sure.intersection(&role.earns).intersection(&owner.linked));
        add(Standing::Unproven, doubtful.intersection(&may_earn).intersection(&may_own));
        add(Standing::PartnerUnknown, sure_role.intersection(&owner.unknown));
        add(Standing::RoleUnknown, sure.intersection(&role_unknown).intersection(&owner.linked));
        Some((grant, parts))
    }
}

/// The prefixes of a path at segment borders, the longest first.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').filter(|(at, _)| *at > 0).filter_map(|(at, _)| path.get(..at))
}

/// A window's times over the account; a snapshot stays as a span without length.
fn window_spans(window: &ObservedWindow, account: &Account, spans: &mut Vec<Interval>) {
    let span = window.interval();
    let reach = Reach::new(&window.scope, window.tenant_id, &window.reaches, account);
    if span.is_empty() && reach.sure.contains(span.start) {
        spans.push(span);
    }
    spans.extend(reach.sure.within(&span).intervals());
}
