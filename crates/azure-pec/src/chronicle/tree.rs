//! What stood under what, and when that is known.

use rustc_hash::{FxHashMap, FxHashSet};

use super::finding::{self, Findings};
use super::kept::{Observations, last_observed};
use super::places::{LogPlaces, compatible};
use super::spans::Spans;
use super::{Chronicle, Event, Listing, LoggedChange};
use crate::day::{Instant, Interval, IntervalSet};
use crate::grant::Evidence;
use crate::ids::{SubscriptionId, TenantId};
use crate::scope::{HierarchyEntry, Scope, ScopeLevel};

/// Levels of management groups below the root, and some more: a chain that is longer goes in circles.
const DEEPEST: usize = 16;

/// A parent, and when it is known to have been the parent; both ends inside.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Edge {
    tenant: Option<TenantId>,
    parent: Scope,
    from: Instant,
    until: Instant,
    /// `until`, where nothing is known of a change after it.
    seen_last: Option<Instant>,
}

impl Edge {
    fn times(&self) -> Interval {
        Interval { start: self.from, end: self.until.plus(1) }
    }

    /// The same as a history says it: to a last sight, without the tick after it.
    fn stated(&self) -> Interval {
        let end = if self.seen_last == Some(self.until) { self.until } else { self.until.plus(1) };
        Interval { start: self.from, end }
    }

    fn entry(&self, child: &Scope, start: Option<Instant>, end: Option<Instant>) -> HierarchyEntry {
        let (tenant_id, child, parent) = (self.tenant, child.clone(), self.parent.clone());
        HierarchyEntry { tenant_id, child, parent, start, end }
    }

    /// Its ends as moments, where no entry states them: they prove no time, but that something is known of the place,
    /// and that it stood nowhere else then, counts when the history is continued.
    fn moments(&self, child: &Scope, stated: &[HierarchyEntry]) -> Vec<HierarchyEntry> {
        let is_stated = |at: Instant| {
            let mut own = stated.iter().filter(|entry| entry.parent == self.parent);
            own.any(|entry| {
                entry.start.is_none_or(|start| start <= at) && entry.end.is_none_or(|end| at <= end)
            })
        };
        let mut ends = vec![self.from, self.until];
        ends.dedup();
        ends.retain(|at| *at > Instant::MIN && *at < Instant::MAX && !is_stated(*at));
        ends.into_iter().map(|at| self.entry(child, Some(at), Some(at))).collect()
    }
}

/// A moment at which a parent was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    at: Instant,
    parent: Scope,
    tenant: Option<TenantId>,
    evidence: Evidence,
    /// The last tick before an end that a history states: it was known until then, and not seen once more.
    is_end: bool,
}

/// What is said of one child.
#[derive(Debug, Default)]
struct Child {
    points: Vec<Point>,
    /// When its place changed: begun, done.
    changes: Vec<(Instant, Instant)>,
    /// When it began to change, and nothing tells whether it did.
    begun: Vec<Instant>,
}

/// A place: a subscription, or a management group of one tenant, for two tenants may have groups of one name.
type Place = (Scope, Option<TenantId>);

/// A child's edges in one tenant.
type InTenant = (Option<TenantId>, Vec<Edge>);

/// The hierarchy, as far as it is known.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// By child, and by tenant where it is a group.
    edges: FxHashMap<Scope, Vec<InTenant>>,
    parents: FxHashMap<Scope, FxHashSet<Option<TenantId>>>,
    /// Groups that data names, beside the root of a tenant that a chain implies.
    named: FxHashSet<Scope>,
}

impl Tree {
    pub fn new(chronicle: &Chronicle, logs: &LogPlaces, findings: &mut Findings) -> Self {
        let mut gathered = Gathered::default();
        for snapshot in chronicle.snapshots.iter().filter(|one| one.listing == Listing::Hierarchy) {
            for entry in &snapshot.hierarchy {
                let evidence = Evidence { file: snapshot.file.clone(), record: entry.child.to_string() };
                gathered.entry(entry, snapshot.tenant_id, snapshot.taken_at, evidence, false);
            }
        }
        for history in &chronicle.histories {
            let (observed, last) = (Observations::of_history(history), last_observed(history));
            for entry in &history.hierarchy {
                let around = observed.around(&entry.child, entry.tenant_id);
                // Where nothing else was observed of its place, a parent was seen once, when its entry begins.
                let last = around.map_or(entry.start.unwrap_or(last), |(_, last)| last);
                let evidence = Evidence { file: String::new(), record: entry.child.to_string() };
                let start = entry.start.unwrap_or(Instant::MIN);
                gathered.entry(entry, None, start, evidence.clone(), false);
                let end = entry.end.map_or(last, |end| end.plus(-1)).max(start);
                // One that ends when it starts is a moment at which it was seen.
                let is_end = entry.end.is_some_and(|end| start < end);
                gathered.entry(entry, None, end, evidence, is_end);
            }
        }
        for log in &chronicle.logs {
            log.events.iter().for_each(|event| gathered.event(event, log.tenant_id));
        }
        gathered.settle_tenants();
        let mut tree = Self { named: gathered.named, ..Self::default() };
        for ((child, tenant), said) in gathered.children {
            let edges = edges(&child, said, logs, findings);
            for edge in &edges {
                tree.parents.entry(edge.parent.clone()).or_default().insert(edge.tenant);
            }
            tree.edges.entry(child).or_default().push((tenant, edges));
        }
        tree
    }

    /// What stood above a place of the tenant; of any, where none is named.
    fn edges(&self, child: &Scope, tenant: Option<TenantId>) -> impl Iterator<Item = &Edge> {
        let places = self.edges.get(child).into_iter().flatten();
        places.filter(move |(own, _)| compatible(*own, tenant)).flat_map(|(_, edges)| edges)
    }

    /// Whether anything is known of what stands above it.
    pub fn knows(&self, child: &Scope) -> bool {
        self.edges.contains_key(child)
    }

    /// The subscriptions of which anything is known.
    pub fn subscriptions(&self) -> impl Iterator<Item = SubscriptionId> {
        self.edges.keys().filter_map(Scope::subscription_id)
    }

    /// Whether anything is known to have stood below the group.
    pub fn has_below(&self, group: &Scope, tenant: Option<TenantId>) -> bool {
        let tenants = self.parents.get(group);
        tenants.is_some_and(|tenants| tenants.iter().any(|own| compatible(*own, tenant)))
    }

    /// The tenant that the hierarchy puts a subscription in; none where it went from one to another.
    pub fn tenant(&self, subscription: SubscriptionId) -> Option<TenantId> {
        let own = Scope::subscription(subscription);
        let mut tenants = self.edges(&own, None).filter_map(|edge| edge.tenant);
        tenants.next().filter(|first| tenants.all(|other| other == *first))
    }

    /// Every group above a subscription, and when it was.
    pub fn above(&self, child: &Scope) -> Vec<(Place, IntervalSet)> {
        let mut groups: Vec<(Place, IntervalSet)> = Vec::new();
        let mut frontier = vec![(child, None, Interval::ALL)];
        for _ in 0..DEEPEST {
            let mut next = Vec::new();
            for (scope, tenant, times) in frontier {
                for edge in self.edges(scope, tenant) {
                    let Some(both) = times.intersection(&edge.times()) else { continue };
                    let place = (edge.parent.clone(), edge.tenant.or(tenant));
                    next.push((&edge.parent, place.1, both));
                    match groups.iter_mut().find(|(group, _)| *group == place) {
                        Some((_, known)) => *known = known.union(&IntervalSet::from(both)),
                        None => groups.push((place, IntervalSet::from(both))),
                    }
                }
            }
            frontier = next;
        }
        groups
    }

    /// Whether the group is known to have stood above it at the moment, in the tenant where one is named.
    pub fn is_above(&self, group: &Scope, child: &Scope, tenant: Option<TenantId>, at: Instant) -> bool {
        let (mut scope, mut tenant) = (child, tenant);
        for _ in 0..DEEPEST {
            let mut edges = self.edges(scope, tenant).filter(|edge| edge.times().contains(at));
            let Some(edge) = edges.next() else { return false };
            // A group of which nobody says whose it is, and two tenants have one.
            if edges.next().is_some() || !compatible(edge.tenant, tenant) {
                return false;
            }
            if edge.parent == *group {
                return true;
            }
            (scope, tenant) = (&edge.parent, edge.tenant.or(tenant));
        }
        false
    }

    /// When everything above it is known, up to a group that nothing puts under another.
    pub fn chain_known(&self, child: &Scope) -> IntervalSet {
        self.known(child, None, Edge::times, DEEPEST)
    }

    fn known(
        &self,
        child: &Scope,
        tenant: Option<TenantId>,
        times: fn(&Edge) -> Interval,
        depth: usize,
    ) -> IntervalSet {
        let mut edges = self.edges(child, tenant).peekable();
        if edges.peek().is_none() {
            let top = child.is_above_subscriptions() && !self.has_own(child, tenant);
            return if top { IntervalSet::all() } else { IntervalSet::empty() };
        }
        if depth == 0 {
            return IntervalSet::empty();
        }
        let parts = edges.flat_map(|edge| {
            let above = self.known(&edge.parent, edge.tenant.or(tenant), times, depth - 1);
            above.within(&times(edge)).intervals().to_vec()
        });
        parts.collect()
    }

    /// Whether anything is said of the place, though perhaps nothing that holds.
    fn has_own(&self, child: &Scope, tenant: Option<TenantId>) -> bool {
        self.edges.get(child).is_some_and(|places| places.iter().any(|(own, _)| compatible(*own, tenant)))
    }

    /// Whether its log and its list are needed to know what stands below it: a management group that data names.
    pub fn is_named_group(&self, group: &Scope) -> bool {
        group.level() == ScopeLevel::ManagementGroup && self.named.contains(group)
    }

    /// Whether data puts a named management group above it at any time.
    pub fn is_under_groups(&self, child: &Scope) -> bool {
        self.above(child).iter().any(|((group, _), _)| self.is_named_group(group))
    }

    /// The entries of a history; `last` says when the place of a child was last observed. A subscription stands under
    /// its parent only while what stands above that is known too: else a group between them would not count. What else
    /// is known is stated as moments.
    pub fn entries(&self, last: impl Fn(&Scope) -> Option<Instant>) -> Vec<HierarchyEntry> {
        let mut entries = Vec::new();
        let places = self.edges.iter().flat_map(|(child, places)| places.iter().map(move |one| (child, one)));
        for (child, (_, edges)) in places {
            let (last, mut stated) = (last(child), Vec::new());
            let mut spans: Vec<(Interval, &Edge)> = Vec::new();
            for edge in edges {
                let known = match child.is_above_subscriptions() {
                    true => IntervalSet::all(),
                    false => self.known(&edge.parent, edge.tenant, Edge::stated, DEEPEST),
                };
                spans.extend(known.within(&edge.times()).intervals().iter().map(|span| (*span, edge)));
            }
            for (at, (span, edge)) in spans.iter().enumerate() {
                let next = spans.get(at + 1).map(|(next, _)| next.start);
                // What a sight ended, and no change, is proved to the sight; the tick after it is no matter.
                let seen = span.end.plus(-1);
                let until =
                    if edge.seen_last == Some(seen) && next != Some(span.end) { seen } else { span.end };
                // A moment at the end of what is observed still is a span without an end.
                let open = next.is_none() && last.is_none_or(|last| span.end >= last);
                let end = (!open).then_some(until);
                let start = (span.start > Instant::MIN).then_some(span.start);
                if end.is_none() || start < end {
                    stated.push(edge.entry(child, start, end));
                }
            }
            let moments: Vec<HierarchyEntry> =
                edges.iter().flat_map(|edge| edge.moments(child, &stated)).collect();
            entries.extend(stated.into_iter().chain(moments));
        }
        let key = |entry: &HierarchyEntry| {
            (entry.child.clone(), entry.tenant_id, entry.start, entry.end, entry.parent.clone())
        };
        entries.sort_by_cached_key(key);
        entries
    }
}

#[derive(Default)]
struct Gathered {
    children: FxHashMap<Place, Child>,
    named: FxHashSet<Scope>,
}

impl Gathered {
    fn entry(
        &mut self,
        entry: &HierarchyEntry,
        tenant: Option<TenantId>,
        at: Instant,
        evidence: Evidence,
        is_end: bool,
    ) {
        self.named.extend([entry.child.clone(), entry.parent.clone()]);
        let tenant = entry.tenant_id.or(tenant);
        self.point(entry.child.clone(), Point { at, parent: entry.parent.clone(), tenant, evidence, is_end });
    }

    fn point(&mut self, child: Scope, point: Point) {
        self.child(child, point.tenant).points.push(point);
    }

    fn child(&mut self, child: Scope, tenant: Option<TenantId>) -> &mut Child {
        let tenant = tenant.filter(|_| child.is_above_subscriptions());
        self.children.entry((child, tenant)).or_default()
    }

    /// What names no tenant speaks of the only one that has a group of the name.
    fn settle_tenants(&mut self) {
        let unnamed: Vec<Scope> = self
            .children
            .keys()
            .filter(|(_, tenant)| tenant.is_none())
            .map(|(child, _)| child.clone())
            .collect();
        let mut tenants: FxHashMap<Scope, Vec<TenantId>> = FxHashMap::default();
        for (child, tenant) in self.children.keys() {
            tenants.entry(child.clone()).or_default().extend(*tenant);
        }
        for child in unnamed {
            let Some([only]) = tenants.get(&child).map(Vec::as_slice) else { continue };
            let Some(said) = self.children.remove(&(child.clone(), None)) else { continue };
            let known = self.child(child, Some(*only));
            known.points.extend(said.points);
            known.changes.extend(said.changes);
            known.begun.extend(said.begun);
        }
    }

    fn event(&mut self, event: &Event, tenant: Option<TenantId>) {
        match &event.change {
            LoggedChange::Placed { child, parent } => {
                self.named.extend([child.clone(), parent.clone()]);
                let said = self.child(child.clone(), tenant);
                said.changes.push((event.begun, event.done));
                let evidence = event.evidence.clone();
                said.points.push(Point {
                    at: event.done,
                    parent: parent.clone(),
                    tenant,
                    evidence,
                    is_end: false,
                });
            }
            LoggedChange::Unplaced { child } => {
                self.child(child.clone(), tenant).changes.push((event.begun, event.done));
            }
            LoggedChange::Begun(change) => match &**change {
                LoggedChange::Placed { child, .. } | LoggedChange::Unplaced { child } => {
                    self.child(child.clone(), tenant).begun.push(event.begun);
                }
                _ => {}
            },
            LoggedChange::Chain { tenant_id, subscription, groups } => {
                self.chain(event, *tenant_id, *subscription, groups);
            }
            _ => {}
        }
    }

    /// A chain begins at the root of the tenant, whose group bears the tenant's id.
    fn chain(
        &mut self,
        event: &Event,
        tenant: Option<TenantId>,
        subscription: SubscriptionId,
        groups: &[Scope],
    ) {
        self.named.extend(groups.iter().cloned());
        let root = tenant
            .and_then(|id| format!("/providers/microsoft.management/managementgroups/{id}").parse().ok());
        let root: Option<Scope> = root.or_else(|| groups.is_empty().then(Scope::root));
        let own = Scope::subscription(subscription);
        let chain: Vec<&Scope> =
            root.iter().filter(|root| groups.first() != Some(root)).chain(groups).collect();
        for (parent, child) in chain.iter().zip(chain.iter().skip(1).copied().chain([&own])) {
            let point = Point {
                at: event.done,
                parent: (*parent).clone(),
                tenant,
                evidence: event.evidence.clone(),
                is_end: false,
            };
            self.point(child.clone(), point);
        }
    }
}

/// The known spans of a child. A parent seen twice held in between unless a log says otherwise; a log that covers a sight
/// and would show a move proves the time around it.
fn edges(child: &Scope, mut said: Child, logs: &LogPlaces, findings: &mut Findings) -> Vec<Edge> {
    let tenants: FxHashSet<TenantId> = said.points.iter().filter_map(|point| point.tenant).collect();
    let only = if tenants.len() == 1 { tenants.into_iter().next() } else { None };
    for point in &mut said.points {
        point.tenant = point.tenant.or(only);
        // The root of a tenant in its two spellings is one place.
        let root = point.tenant.map(|id| format!("/providers/microsoft.management/managementgroups/{id}"));
        if let Some(root) = root.and_then(|root| root.parse().ok()).filter(|_| point.parent == Scope::root())
        {
            point.parent = root;
        }
    }
    said.points.sort();
    said.changes.sort_unstable();
    // One log has the beginning, another the whole of it.
    said.begun.retain(|at| !said.changes.iter().any(|(begun, _)| begun == at));
    let mut edges: Vec<Edge> = Vec::new();
    let mut at = 0;
    while let Some(point) = said.points.get(at) {
        let same = |other: &&Point| other.parent == point.parent && compatible(other.tenant, point.tenant);
        let rest = said.points.get(at + 1..).unwrap_or_default();
        let calm = |from: Instant, to: Instant| {
            !said.changes.iter().any(|(_, done)| from < *done && *done <= to)
                && !said.begun.iter().any(|begun| from <= *begun && *begun <= to)
        };
        let mut run = 0;
        let mut until = point.at;
        while let Some(next) = rest.get(run).filter(same).filter(|next| calm(until, next.at)) {
            until = next.at;
            run += 1;
        }
        let covered = covered(child, point, logs);
        let (before, after) = (at.checked_sub(1).and_then(|at| said.points.get(at)), rest.get(run));
        let changed_before =
            said.changes.iter().map(|(_, done)| *done).filter(|done| *done <= point.at).max();
        let changes = said.changes.iter().filter(|(_, done)| *done > until).map(|(begun, _)| *begun);
        let changed_after = changes.chain(said.begun.iter().copied().filter(|begun| *begun >= until)).min();
        let mut from = covered.around(point.at).map_or(point.at, |(start, _)| start);
        from = from.max(changed_before.unwrap_or(Instant::MIN));
        // Whether it had changed by then only the sight itself says.
        if said.begun.iter().any(|begun| from <= *begun && *begun <= point.at) {
            from = point.at;
        }
        let mut to = covered.around(until).map_or(until, |(_, end)| end);
        let changed = changed_after.map_or(Instant::MAX, |begun| begun.plus(-1)).max(until);
        to = to.min(changed);
        if let Some(before) = before.filter(|before| before.at >= from) {
            if changed_before.is_none_or(|changed| changed <= before.at) && before.at < point.at {
                findings.add(
                    finding::CONTRADICTION,
                    contradiction(child, before, point),
                    [&before.evidence, &point.evidence],
                );
            }
            from = point.at;
        }
        if after.is_some_and(|after| after.at <= to) {
            to = until;
        }
        let ends = said.points.get(at + run).is_some_and(|last| last.is_end && last.at == to);
        let seen_last = Some(to).filter(|to| *to != changed && !ends);
        edges.push(Edge { tenant: point.tenant, parent: point.parent.clone(), from, until: to, seen_last });
        at += run + 1;
    }
    apart(edges)
}

fn contradiction(child: &Scope, before: &Point, after: &Point) -> String {
    format!(
        "{child} stood under {} at {} and under {} at {}, and the log that covers the time shows no move",
        before.parent, before.at, after.parent, after.at
    )
}

/// The logs that would show a move: of a subscription those of its parent, of a group its own, whose write it is.
fn covered(child: &Scope, point: &Point, logs: &LogPlaces) -> Spans {
    let shows = if child.is_above_subscriptions() { child } else { &point.parent };
    logs.covered(shows, point.tenant)
}

/// What two parents both claim is known of neither.
fn apart(mut edges: Vec<Edge>) -> Vec<Edge> {
    let mut kept: Vec<Edge> = Vec::with_capacity(edges.len());
    for mut edge in edges.drain(..) {
        if let Some(last) = kept.last_mut().filter(|last| last.until >= edge.from) {
            if last.parent == edge.parent && last.tenant == edge.tenant {
                last.until = last.until.max(edge.until);
                continue;
            }
            let (until, from) = (edge.from.plus(-1), last.until.plus(1));
            (last.until, edge.from) = (until, from);
        }
        if edge.from <= edge.until {
            kept.push(edge);
        }
    }
    kept.retain(|edge| edge.from <= edge.until);
    kept
}
