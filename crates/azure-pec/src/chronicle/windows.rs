//! What was observed: moments of lists, and the spans of logs that a list inside them anchors.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use super::finding::{self, Findings};
use super::places::{ListPlaces, LogPlaces, compatible};
use super::spans::Spans;
use super::tree::Tree;
use super::{Chronicle, Listing, Log};
use crate::day::{Instant, Interval, IntervalSet};
use crate::grant::{Evidence, NamelessGrant, Observed, ObservedWindow};
use crate::ids::{SubscriptionId, TenantId};
use crate::scope::{Scope, ScopeLevel};

/// Everything that tells what was observed.
pub(super) struct Observer<'o> {
    pub chronicle: &'o Chronicle,
    pub logs: &'o LogPlaces,
    pub lists: &'o ListPlaces<'o>,
    pub tree: &'o Tree,
    pub nameless: &'o [NamelessGrant],
}

/// The spans of windows that are the same but for their time, and the tenant that one of them names.
type Gathered =
    BTreeMap<(Scope, Option<TenantId>, Vec<SubscriptionId>), (Option<TenantId>, Vec<(Instant, Instant)>)>;

impl Observer<'_> {
    /// The windows, joined where they touch.
    pub fn windows(&self, findings: &mut Findings) -> Vec<ObservedWindow> {
        let mut gathered = Gathered::new();
        for snapshot in &self.chronicle.snapshots {
            if matches!(snapshot.listing, Listing::DenyAssignments | Listing::Hierarchy) {
                continue;
            }
            for scope in &snapshot.scopes {
                let at = snapshot.taken_at;
                let reaches = if scope.is_above_subscriptions() { snapshot.reaches.as_slice() } else { &[] };
                add(&mut gathered, scope, snapshot.tenant_id, reaches, (at, at));
            }
        }
        for window in self.kept() {
            let span = window.interval();
            add(&mut gathered, &window.scope, window.tenant_id, &window.reaches, (span.start, span.end));
        }
        let mut groups = FxHashMap::default();
        for (scope, spans) in self.logs.below() {
            self.tell_holes(&scope, spans, findings);
            if scope.level() == ScopeLevel::Subscription {
                let times = self.subscription(&scope, spans, &mut groups, findings);
                for span in times.intervals() {
                    add(&mut gathered, &scope, None, &[], (span.start, span.end));
                }
            }
        }
        for (scope, tenant) in self.logs.above() {
            self.tell_holes(&scope, &self.logs.covered(&scope, tenant), findings);
        }
        let mut windows = Vec::new();
        for ((scope, _, reaches), (tenant_id, spans)) in gathered {
            for (start, end) in spans.into_iter().collect::<Spans>().iter() {
                let start = (start > Instant::MIN).then_some(start);
                let end = (end < Instant::MAX).then_some(end);
                windows.push(ObservedWindow {
                    tenant_id,
                    scope: scope.clone(),
                    start,
                    end,
                    reaches: reaches.clone(),
                });
            }
        }
        windows
    }

    fn kept(&self) -> impl Iterator<Item = &ObservedWindow> {
        self.chronicle.histories.iter().flat_map(|history| match &history.observed {
            Observed::Windows(windows) => windows.as_slice(),
            Observed::Complete => &[],
        })
    }

    /// When everything at and below a subscription was seen: its logs, with a list or an earlier history inside to say
    /// what was there before, while each management group above it was seen too.
    fn subscription(
        &self,
        scope: &Scope,
        spans: &Spans,
        groups: &mut FxHashMap<(Scope, Option<TenantId>), IntervalSet>,
        findings: &mut Findings,
    ) -> IntervalSet {
        let shots = self.lists.at_or_above(Listing::RoleAssignments, scope);
        let lists: Vec<Instant> = shots.into_iter().map(|(at, _)| at).collect();
        let kept: Vec<Interval> =
            self.kept().filter(|window| self.holds(window, scope)).map(ObservedWindow::interval).collect();
        let anchored = anchored(spans, &lists, &kept);
        self.tell_anchors(scope, spans, &anchored, &lists, &kept, findings);
        let mut times = anchored.intervals();
        if self.tree.is_under_groups(scope) {
            let mut seen = times.intersection(&self.tree.chain_known(scope));
            let groups_above = self.tree.above(scope);
            for (group, above) in
                groups_above.iter().filter(|((group, _), _)| self.tree.is_named_group(group))
            {
                let known = groups.entry(group.clone()).or_insert_with(|| self.group(&group.0, group.1));
                seen = seen.difference(&above.difference(known));
            }
            if seen != times {
                let evidence = self.log_files(scope);
                let message = format!(
                    "{scope} stands under management groups whose logs and lists do not cover all of the time of its own \
                     log: grants there may have come and gone unseen"
                );
                findings.add(finding::GROUP_UNCOVERED, message, &evidence);
            }
            times = seen;
        } else if !self.tree.knows(scope) && !times.is_empty() {
            let message = format!(
                "nothing says which management groups stand above {scope}: its log is taken to show all"
            );
            findings.add(finding::NO_HIERARCHY, message, &self.log_files(scope));
        }
        for nameless in self.nameless {
            let touches = match nameless.scope.is_above_subscriptions() {
                true => {
                    !self.tree.knows(scope)
                        || self.tree.above(scope).iter().any(|((group, _), _)| *group == nameless.scope)
                        || nameless.scope == Scope::root()
                }
                false => scope.contains(&nameless.scope) || nameless.scope.contains(scope),
            };
            if touches {
                times = times.difference(&IntervalSet::from(nameless.interval()));
            }
        }
        times
    }

    /// When everything at a management group was seen.
    fn group(&self, group: &Scope, tenant: Option<TenantId>) -> IntervalSet {
        let shots = self.lists.showing(Listing::RoleAssignments, group, tenant);
        let lists: Vec<Instant> = shots.into_iter().map(|(at, _)| at).collect();
        let holds = |window: &&ObservedWindow| {
            let at = window.interval().end.plus(-1);
            let own = window.scope.subscription_id().map(Scope::subscription);
            window.scope == *group && compatible(window.tenant_id, tenant)
                || own.is_some_and(|own| own == window.scope && self.tree.is_above(group, &own, tenant, at))
        };
        let kept: Vec<Interval> = self.kept().filter(holds).map(ObservedWindow::interval).collect();
        anchored(&self.logs.covered(group, tenant), &lists, &kept).intervals()
    }

    /// Whether an earlier window is at or above a subscription.
    fn holds(&self, window: &ObservedWindow, scope: &Scope) -> bool {
        if !window.scope.is_above_subscriptions() {
            return window.scope.contains(scope);
        }
        let id = scope.subscription_id();
        let tenant = id.and_then(|id| self.tree.tenant(id));
        id.is_some_and(|id| window.reaches.contains(&id))
            || window.scope == Scope::root() && (window.tenant_id.is_none() || window.tenant_id == tenant)
            || compatible(window.tenant_id, tenant)
                && self.tree.is_above(
                    &window.scope,
                    scope,
                    window.tenant_id.or(tenant),
                    window.interval().end.plus(-1),
                )
    }

    fn tell_holes(&self, scope: &Scope, spans: &Spans, findings: &mut Findings) {
        for hole in spans.holes() {
            let message =
                format!("no log of {scope} covers the time between {} and {}", hole.start, hole.end);
            findings.add(finding::LOG_HOLE, message, &self.log_files(scope));
        }
    }

    fn tell_anchors(
        &self,
        scope: &Scope,
        spans: &Spans,
        anchored: &Spans,
        lists: &[Instant],
        kept: &[Interval],
        findings: &mut Findings,
    ) {
        for (start, end) in spans.iter() {
            let evidence = self.log_files(scope);
            if anchored.around(start).is_none() {
                let message = format!(
                    "the log of {scope}, whole from {start} to {end}, proves no absence: no complete list of role \
                     assignments was taken in that time"
                );
                findings.add(finding::NO_LIST, message, &evidence);
                continue;
            }
            let first = lists.iter().filter(|at| start <= **at && **at <= end).min();
            let late = first.is_some_and(|at| end.ticks() - at.ticks() < Log::LATE);
            if late
                && !self.is_asked_late(scope, end)
                && !kept.iter().any(|window| touches(window, start, end))
            {
                let message = format!(
                    "the list of {scope} was taken in the last 20 minutes of its log, which ends at {end}: events come \
                     minutes late, so the newest changes may be missing from both"
                );
                findings.add(finding::LOG_TAIL, message, &evidence);
            }
        }
    }

    /// Whether a log that is whole until then says that it was asked for late enough.
    fn is_asked_late(&self, scope: &Scope, end: Instant) -> bool {
        let mut logs = self.chronicle.logs.iter().filter(|log| log.scopes.contains(scope));
        logs.any(|log| log.asked_at.is_some() && log.whole_until() == end)
    }

    /// The logs of a place, as evidence.
    fn log_files(&self, scope: &Scope) -> Vec<Evidence> {
        let logs = self.chronicle.logs.iter().filter(|log| log.scopes.contains(scope));
        logs.map(|log| Evidence { file: log.file.clone(), record: scope.to_string() }).collect()
    }
}

fn add(
    gathered: &mut Gathered,
    scope: &Scope,
    tenant: Option<TenantId>,
    reaches: &[SubscriptionId],
    span: (Instant, Instant),
) {
    let mut reaches = reaches.to_vec();
    reaches.sort_unstable();
    reaches.dedup();
    // Below a subscription the tenant tells nothing apart.
    let key = if scope.is_above_subscriptions() { tenant } else { None };
    let (known, spans) = gathered.entry((scope.clone(), key, reaches)).or_default();
    *known = (*known).max(tenant);
    spans.push(span);
}

/// The spans that hold a list, or time that an earlier history observed.
fn anchored(spans: &Spans, lists: &[Instant], kept: &[Interval]) -> Spans {
    let holds = |start: Instant, end: Instant| {
        lists.iter().any(|at| start <= *at && *at <= end)
            || kept.iter().any(|window| touches(window, start, end))
    };
    spans.iter().filter(|(start, end)| holds(*start, *end)).collect()
}

/// A moment kept from a list proves nothing: an earlier history does not say whether the list was complete.
fn touches(window: &Interval, start: Instant, end: Instant) -> bool {
    window.start < window.end && window.start <= end && start <= window.end
}
