//! From grants, hierarchy and partner data to the answer for a day: who stood where, and did it cover the day?
//!
//! Scopes that carry a grant, a deny or an observation are nodes. What stands at and above a node is worked out once
//! as sets of intervals ([`Coverage`]); a resource takes the nearest node above it, and a day is then a look into
//! those sets. Sets are united before the day is tested: 00-12 h from the subscription and 12-24 h from the resource
//! group make a whole day.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::day::{Day, Instant, Interval, IntervalSet, TICKS_PER_SECOND};
use crate::error::Error;
use crate::grant::{AccessHistory, DenyAssignment, Grant, GrantPath, Observed, ObservedWindow};
use crate::ids::{PartnerId, SubscriptionId, TenantId};
use crate::partner::{AoboGroupKind, PartnerIndex, Principal};
use crate::policy::{Condition, DayRule, Deny, ForeignGroup, HelpdeskGroup, ManagementGroup, Policy};
use crate::role::RoleTimes;
use crate::rule::Rule;
use crate::scope::{GroupAbove, Hierarchy, Scope, ScopeLevel};
use crate::verdict::{Outcome, Reason, Verdict};

/// What a grant is for a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Standing {
    /// It surely qualifies.
    Qualifies,
    /// It would, but for a deny assignment.
    Denied,
    /// It would, if the time or the place were proved.
    Unproven,
    /// It would, if its partner were the billed one.
    PartnerUnknown,
    /// It would, if its role earned.
    RoleUnknown,
    /// Only eligible, for an earning role.
    EligibleOnly,
    /// The partner's earning role, without a link.
    PalMissing,
    /// Another partner's earning role.
    OtherPartner,
    /// The partner's, by a role that does not earn.
    RoleNotEligible,
}

impl Standing {
    const COUNT: usize = 9;
}

/// A grant and what it is, when.
#[derive(Debug, Clone)]
pub(crate) struct GrantStanding {
    /// Its place in the history.
    pub grant: usize,
    /// What it is.
    pub standing: Standing,
    /// When.
    pub times: IntervalSet,
}

/// Whose a grant is, as a partition of time; the rest is nobody's that matters.
#[derive(Debug, Clone, Default)]
struct Ownership {
    linked: IntervalSet,
    unlinked: IntervalSet,
    other: IntervalSet,
    unknown: IntervalSet,
}

/// Whom a line's access is judged for: the subscription, its tenant, and the partners that count, when.
#[derive(Debug, Clone)]
pub(crate) struct Account {
    pub subscription: SubscriptionId,
    /// The tenant by the partner file or the hierarchy.
    proved_tenant: Option<TenantId>,
    /// The tenant that the line names as its customer.
    named_tenant: Option<TenantId>,
    /// The families of partners that count; none is every partner, where there is no partner file.
    families: Option<Vec<(FxHashSet<PartnerId>, IntervalSet)>>,
    /// The resellers of the partner file, where the line names another.
    rivals: Vec<(PartnerId, Interval)>,
    named_reseller: Option<PartnerId>,
    groups: Vec<GroupAbove>,
    parents: Vec<(Option<TenantId>, IntervalSet)>,
}

impl Account {
    /// When the partner id counts as the billed partner's, its organisation's or the reseller's.
    fn times(&self, partner: &PartnerId) -> IntervalSet {
        let Some(families) = &self.families else { return IntervalSet::all() };
        let mine = families.iter().filter(|(family, _)| family.contains(partner));
        mine.flat_map(|(_, times)| times.intervals()).copied().collect()
    }

    fn tenant(&self) -> Option<TenantId> {
        self.proved_tenant.or(self.named_tenant)
    }

    /// Whether the reseller that the line names is another than the partner file's of that moment.
    pub fn reseller_conflicts(&self, at: Instant) -> bool {
        self.named_reseller.as_ref().is_some_and(|named| {
            !self.rivals.is_empty() && !self.rivals.iter().any(|(id, span)| id == named && span.contains(at))
        })
    }
}

/// Where something above subscriptions stands over an account's subscription.
struct Reach {
    /// When it surely does.
    sure: IntervalSet,
    /// When it may, for want of hierarchy data.
    maybe: IntervalSet,
}

/// What was observed of a place.
#[derive(Debug, Clone)]
pub(crate) struct Sight {
    /// The first moment observed.
    pub first: Instant,
    /// The end of what is observed.
    pub last: Instant,
    /// When an absence is proved.
    pub times: IntervalSet,
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

/// What the index works with: the other inputs of the calculator.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'c> {
    pub rule: &'c Rule,
    pub policy: &'c Policy,
    pub partner: Option<&'c PartnerIndex>,
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
    pub fn account(
        &self,
        context: Context<'_>,
        subscription: SubscriptionId,
        customer: Option<TenantId>,
        plan: &str,
        reseller: Option<PartnerId>,
    ) -> Account {
        let parents = self.hierarchy.parent_known(subscription);
        let by_hierarchy = || {
            let mut tenants = parents.iter().filter_map(|(tenant, _)| *tenant);
            tenants.next().filter(|first| tenants.all(|other| other == *first))
        };
        let proved_tenant =
            context.partner.and_then(|p| p.tenants.get(&subscription).copied()).or_else(by_hierarchy);
        let (families, rivals) = match context.partner {
            None => (None, Vec::new()),
            Some(partner) => {
                let customer = customer.or(proved_tenant);
                let own = &partner.data.bill_to.partner_id;
                let mut families = vec![(partner.family(own), IntervalSet::all())];
                let listed = || {
                    let all = partner.data.resellers_of_record.iter();
                    all.filter(|entry| Some(entry.customer_id) == customer)
                };
                let mut rivals = Vec::new();
                for entry in listed() {
                    if entry.plan_id.as_deref().is_none_or(|id| id.eq_ignore_ascii_case(plan)) {
                        let span = Interval::new(entry.start, entry.end);
                        families.push((partner.family(&entry.partner_id), IntervalSet::from(span)));
                        rivals.push((entry.partner_id.clone(), span));
                    }
                }
                // Any entry for the customer silences the line's own.
                if listed().next().is_none()
                    && let Some(named) = &reseller
                {
                    families.push((partner.family(named), IntervalSet::all()));
                }
                (Some(families), rivals)
            }
        };
        Account {
            subscription,
            proved_tenant,
            named_tenant: customer,
            families,
            rivals,
            named_reseller: reseller,
            groups: self.hierarchy.above(subscription),
            parents,
        }
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
        let wrong_tenant = tenant.is_some() && account.tenant().is_some() && tenant != account.tenant();
        let right_tenant = tenant.is_some() && tenant == account.proved_tenant;
        let (mut sure, mut maybe) = (IntervalSet::empty(), known.complement());
        match scope.level() {
            ScopeLevel::Root => {
                if right_tenant {
                    sure = IntervalSet::all();
                }
                for (label, times) in &account.parents {
                    match (tenant, label) {
                        (None, _) => sure = sure.union(times),
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
        let span = Interval { start: window.start, end: window.end };
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
            let parts = subtract_denies(context.policy.deny, grant, parts, &denies);
            standings.extend(
                parts
                    .into_iter()
                    .filter(|(_, times)| !times.is_empty())
                    .map(|(standing, times)| GrantStanding { grant: *at, standing, times }),
            );
        }
        standings
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
        // A grant without a start was there at the first observation; before it, nobody knows.
        let before = match grant.start {
            None => IntervalSet::from(Interval { start: Instant::MIN, end: sight.first.min(sight.last) }),
            Some(_) => IntervalSet::empty(),
        };
        let sure = held.intersection(&reach.sure);
        let doubtful =
            held.intersection(&reach.maybe).union(&before.intersection(&reach.sure.union(&reach.maybe)));

        let (role, role_unknown) = role_times(context, grant);
        let owner = ownership(context, account, grant);
        let ours = owner.linked.union(&owner.unlinked);
        if grant.eligible_only {
            return vec![(Standing::EligibleOnly, sure.intersection(&role.earns).intersection(&ours))];
        }
        let may_earn = role.earns.union(&role_unknown);
        let may_own = owner.linked.union(&owner.unknown);
        vec![
            (Standing::Qualifies, sure.intersection(&role.earns).intersection(&owner.linked)),
            (Standing::Unproven, doubtful.intersection(&may_earn).intersection(&may_own)),
            (Standing::PartnerUnknown, sure.intersection(&may_earn).intersection(&owner.unknown)),
            (Standing::RoleUnknown, sure.intersection(&role_unknown).intersection(&owner.linked)),
            (Standing::PalMissing, sure.intersection(&role.earns).intersection(&owner.unlinked)),
            (Standing::OtherPartner, sure.intersection(&role.earns).intersection(&owner.other)),
            (Standing::RoleNotEligible, sure.intersection(&role.never).intersection(&ours)),
        ]
    }
}

/// A path and its prefixes at segment borders, the longest first.
fn prefixes(path: &str) -> impl Iterator<Item = &str> {
    let own = (!path.is_empty()).then_some(path);
    own.into_iter()
        .chain(path.rmatch_indices('/').filter(|(at, _)| *at > 0).filter_map(|(at, _)| path.get(..at)))
}

/// When the grant's role earns and never earns, and when that is not known.
fn role_times(context: Context<'_>, grant: &Grant) -> (RoleTimes, IntervalSet) {
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

/// A role that neither the table nor a role definition tells: custom or built-in is not known. A map that names it
/// settles it; else the two policies must agree.
fn unplaced_role(policy: &Policy, grant: &Grant) -> Option<bool> {
    let (custom, unlisted) =
        (policy.custom_role.earns(grant.role_id), policy.unlisted_role.earns(grant.role_id));
    match (custom, unlisted) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        (Some(false), None) if matches!(policy.custom_role, crate::policy::RolePolicy::Map(_)) => Some(false),
        (None, Some(false)) if matches!(policy.unlisted_role, crate::policy::RolePolicy::Map(_)) => {
            Some(false)
        }
        _ => None,
    }
}

/// Whose a grant is.
fn ownership(context: Context<'_>, account: &Account, grant: &Grant) -> Ownership {
    let linked_to = |id: &PartnerId| {
        let linked = account.times(id);
        Ownership { other: linked.complement(), linked, ..Ownership::default() }
    };
    if let Some(partner) = &grant.partner_id {
        return linked_to(partner);
    }
    let unknown = || Ownership { unknown: IntervalSet::all(), ..Ownership::default() };
    let other = || Ownership { other: IntervalSet::all(), ..Ownership::default() };
    if grant.is_foreign_group() {
        return match context.partner.and_then(|partner| partner.aobo_group(grant.principal_id)) {
            None if context.policy.foreign_group == ForeignGroup::Trust => {
                Ownership { linked: IntervalSet::all(), ..Ownership::default() }
            }
            None => unknown(),
            // The list of groups is complete: this one is another partner's.
            Some(None) => other(),
            Some(Some(group))
                if group.group == AoboGroupKind::HelpdeskAgents
                    && context.policy.helpdesk_group == HelpdeskGroup::Ignore =>
            {
                Ownership::default()
            }
            Some(Some(group)) => linked_to(&group.partner_id),
        };
    }
    let Some(partner) = context.partner else { return unknown() };
    let delegated = matches!(grant.path, GrantPath::LighthouseOffer | GrantPath::LighthouseTemplate);
    match partner.principal(grant.principal_id) {
        None => unknown(),
        // The list is complete. Lighthouse always reaches out to another tenant; anybody else is the customer's own.
        Some([]) if delegated => other(),
        Some([]) => Ownership::default(),
        Some(entries) => owned_by_link(partner, account, grant, entries),
    }
}

/// A principal of a partner: the partner admin link decides, except for Marketplace offers.
fn owned_by_link(
    partner: &PartnerIndex,
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
    let needed = match grant.path {
        GrantPath::LighthouseTemplate => link_tenant_of(partner, &first.partner_id),
        _ => grant.tenant_id.or_else(|| account.tenant()),
    };
    let mut linked = Vec::new();
    let mut doubtful = Vec::new();
    for link in entries.iter().filter_map(|entry| entry.linked.as_ref()) {
        let span = Interval::new(link.start, link.end);
        match (link.tenant_id, needed) {
            (Some(made), Some(needed)) if made != needed => {}
            (Some(_), None) if grant.path != GrantPath::LighthouseTemplate => doubtful.push(span),
            _ => linked.push(span),
        }
    }
    let linked = ours.intersection(&linked.into_iter().collect());
    // A link in a tenant that is not known to be this one: whose access it is stays unknown.
    let unknown = ours.intersection(&doubtful.into_iter().collect()).difference(&linked);
    let unlinked = ours.difference(&linked).difference(&unknown);
    Ownership { linked, unlinked, other, unknown }
}

/// The tenant in which a Lighthouse template's link must be made: the partner's own, where it is known.
fn link_tenant_of(partner: &PartnerIndex, id: &PartnerId) -> Option<TenantId> {
    if *id == partner.data.bill_to.partner_id {
        return partner.data.bill_to.tenant_id;
    }
    partner
        .data
        .resellers_of_record
        .iter()
        .find(|entry| entry.partner_id == *id)
        .and_then(|entry| entry.tenant_id)
}

/// Takes the denied time out of what a grant is.
fn subtract_denies(
    policy: Deny,
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
    let maybe = maybe.difference(&sure);
    let mut result = Vec::with_capacity(parts.len() + 2);
    for (standing, times) in parts {
        let hopeful = standing <= Standing::RoleUnknown;
        if !hopeful {
            result.push((standing, times));
            continue;
        }
        let denied = times.intersection(&sure);
        let doubtful = times.intersection(&maybe);
        if policy == Deny::Unknown || standing == Standing::Qualifies {
            result.push((Standing::Denied, denied.clone()));
        }
        // Whether the deny stands above this subscription is not proved.
        result.push((Standing::Unproven, doubtful.clone()));
        result.push((standing, times.difference(&denied).difference(&doubtful)));
    }
    result
}

/// The access at one node for one account: what covers a day is looked up in these sets.
#[derive(Debug, Clone)]
pub(crate) struct Coverage {
    sets: [IntervalSet; Standing::COUNT],
    /// Each kind of unknown in the order of the reasons: the set itself, and united with what qualifies.
    unknowns: Vec<(Reason, IntervalSet, IntervalSet)>,
    /// What qualifies, gaps closed.
    qualified: IntervalSet,
    /// What qualifies or is denied under `deny = block`, gaps closed.
    unblocked: Option<IntervalSet>,
    /// Everything that may be, gaps closed.
    possible: IntervalSet,
    rule: DayRule,
}

impl Coverage {
    /// Puts the standings together.
    pub fn new(policy: &Policy, standings: &[GrantStanding], sight: &Sight) -> Self {
        let set = |wanted: Standing| -> IntervalSet {
            let of_kind = standings.iter().filter(|one| one.standing == wanted);
            of_kind.flat_map(|one| one.times.intervals()).copied().collect()
        };
        let close = |set: IntervalSet| {
            if policy.gap_tolerance_ticks == 0 { set } else { set.close_gaps(policy.gap_tolerance_ticks) }
        };
        let mut sets: [IntervalSet; Standing::COUNT] = std::array::from_fn(|_| IntervalSet::empty());
        for standing in ALL_STANDINGS {
            if let Some(place) = sets.get_mut(standing as usize) {
                *place = set(standing);
            }
        }
        let of = |standing: Standing| sets.get(standing as usize).cloned().unwrap_or_default();
        let qualified = of(Standing::Qualifies);
        let unobserved = IntervalSet::from(Interval { start: sight.last, end: Instant::MAX });
        let mut unproven = of(Standing::Unproven);
        if policy.absence == crate::policy::Absence::RequireProof {
            unproven = unproven.union(&sight.times.complement().difference(&unobserved));
        }
        let denied = of(Standing::Denied);
        let mut kinds = Vec::with_capacity(5);
        if policy.deny == Deny::Unknown {
            kinds.push((Reason::Denied, denied.clone()));
        }
        kinds.push((Reason::Unobserved, unobserved));
        kinds.push((Reason::Unproven, unproven));
        kinds.push((Reason::PartnerUnknown, of(Standing::PartnerUnknown)));
        kinds.push((Reason::RoleUnknown, of(Standing::RoleUnknown)));
        let possible = kinds.iter().fold(qualified.clone(), |all, (_, set)| all.union(set));
        let unknowns = kinds
            .into_iter()
            .filter(|(_, set)| !set.is_empty())
            .map(|(reason, set)| (reason, set.clone(), close(qualified.union(&set))))
            .collect();
        let unblocked =
            (policy.deny == Deny::Block && !denied.is_empty()).then(|| close(qualified.union(&denied)));
        Self {
            sets,
            unknowns,
            qualified: close(qualified),
            unblocked,
            possible: close(possible),
            rule: policy.day,
        }
    }

    fn fills(&self, set: &IntervalSet, day: &Interval) -> bool {
        match self.rule {
            DayRule::Entire => set.covers(day),
            DayRule::Any => set.overlaps(day),
            DayRule::EndOfDay => set.contains(day.end.plus(-1)),
        }
    }

    /// What qualifies, gaps within the tolerance closed.
    pub const fn qualified(&self) -> &IntervalSet {
        &self.qualified
    }

    /// The answer for a day.
    pub fn verdict(&self, day: &Interval) -> Verdict {
        if self.fills(&self.qualified, day) {
            return Verdict::of(Reason::Earned);
        }
        if self.unblocked.as_ref().is_some_and(|set| self.fills(set, day)) {
            return Verdict { outcome: Outcome::Missed, reason: Reason::Denied };
        }
        let unknown = |reason| Verdict { outcome: Outcome::Unknown, reason };
        for (reason, _, with) in &self.unknowns {
            if self.fills(with, day) {
                return unknown(*reason);
            }
        }
        if self.fills(&self.possible, day) {
            let qualifies = self.set(Standing::Qualifies);
            let adds = |(_, set, _): &&(Reason, IntervalSet, IntervalSet)| {
                set.within(day).intervals().iter().any(|part| !qualifies.covers(part))
            };
            if let Some((reason, ..)) = self.unknowns.iter().find(adds) {
                return unknown(*reason);
            }
        }
        let missed = [
            (Reason::PartialDay, Standing::Qualifies),
            (Reason::EligibleOnly, Standing::EligibleOnly),
            (Reason::PalMissing, Standing::PalMissing),
            (Reason::OtherPartner, Standing::OtherPartner),
            (Reason::RoleNotEligible, Standing::RoleNotEligible),
            // Access for a part of the day, and even that denied: not nobody's, and not enough.
            (Reason::Denied, Standing::Denied),
        ];
        let held = |(_, standing): &&(Reason, Standing)| self.set(*standing).overlaps(day);
        let reason = missed.iter().find(held).map_or(Reason::NoAccess, |(reason, _)| *reason);
        Verdict { outcome: Outcome::Missed, reason }
    }

    fn set(&self, standing: Standing) -> &IntervalSet {
        static EMPTY: IntervalSet = IntervalSet::empty();
        self.sets.get(standing as usize).unwrap_or(&EMPTY)
    }
}

const ALL_STANDINGS: [Standing; Standing::COUNT] = [
    Standing::Qualifies,
    Standing::Denied,
    Standing::Unproven,
    Standing::PartnerUnknown,
    Standing::RoleUnknown,
    Standing::EligibleOnly,
    Standing::PalMissing,
    Standing::OtherPartner,
    Standing::RoleNotEligible,
];

/// The day's span, with its boundary where the policy puts it.
pub(crate) fn day_span(policy: &Policy, day: Day) -> Interval {
    let shift = -i64::from(policy.day_offset_minutes) * 60 * TICKS_PER_SECOND;
    let Interval { start, end } = day.interval();
    Interval { start: start.plus(shift), end: end.plus(shift) }
}
