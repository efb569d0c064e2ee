//! The facts of all exports, sorted by the grant or deny assignment that they speak of.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::finding::{self, Findings};
use super::lives::Begun;
use super::trace::{Held, Removal, Sight, Trace};
use super::{Chronicle, Event, Listing, LoggedChange, Snapshot};
use crate::day::Instant;
use crate::grant::{AccessHistory, DenyAssignment, Evidence, Grant, GrantPath, NamelessGrant, ResourceMove};
use crate::ids::{Guid, PartnerId, PrincipalId, RoleId, TenantId};
use crate::scope::Scope;

/// What a grant's condition was at a moment; whether a log recorded that it was written then, begun at that moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ConditionSeen {
    pub at: Instant,
    pub begun: Option<Instant>,
    pub condition: Option<String>,
}

/// One grant and everything that is said of it.
#[derive(Debug)]
pub(super) struct GrantThread<'c> {
    /// As the best of its records describes it; its evidence stands beside it.
    pub grant: Grant,
    pub evidence: Vec<&'c Evidence>,
    rank: (u8, Instant, Option<&'c Evidence>),
    pub trace: Trace,
    pub conditions: SmallVec<[ConditionSeen; 1]>,
    /// A schedule that is known by the name of its role assignment.
    pub is_twin: bool,
    /// Whose it is, as histories say.
    partners: BTreeSet<PartnerId>,
}

/// One deny assignment with one content.
#[derive(Debug)]
pub(super) struct DenyThread {
    pub deny: DenyAssignment,
    pub trace: Trace,
}

/// A delegation or assignment that a log names and nothing describes.
#[derive(Debug)]
pub(super) struct NamelessEvent {
    pub id: String,
    pub scope: Scope,
    pub listing: Listing,
    /// Surely there at this moment.
    pub at: Instant,
    pub created: Option<Instant>,
    /// Gone by then, where it was removed.
    pub gone: Option<Instant>,
    pub evidence: Vec<Evidence>,
}

/// Resources that moved away, as a log recorded it.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub begun: Instant,
    /// The log has its beginning; else it began no earlier than `begun`.
    pub begun_seen: bool,
    /// The latest moment where nothing tells whether it was done.
    pub done: Instant,
    pub evidence: Vec<Evidence>,
}

/// The threads.
#[derive(Debug, Default)]
pub(super) struct Threads<'c> {
    pub grants: Vec<GrantThread<'c>>,
    pub denies: Vec<DenyThread>,
    pub nameless: Vec<NamelessEvent>,
    pub moves: FxHashMap<Box<str>, Vec<Move>>,
    grant_ids: FxHashMap<String, SmallVec<[usize; 1]>>,
    /// The grants of delegations by the delegation's name.
    delegations: FxHashMap<String, Vec<usize>>,
    deny_keys: FxHashMap<(String, Scope), Vec<usize>>,
    /// From schedules to the role assignments that they made.
    twins: FxHashMap<String, String>,
}

/// An id in its one spelling.
fn canonical(id: &str) -> Cow<'_, str> {
    let is_so = id.len() == 36 && !id.bytes().any(|byte| byte.is_ascii_uppercase());
    match Guid::parse(id.as_bytes()) {
        Some(guid) if !is_so => Cow::Owned(guid.to_string()),
        _ => Cow::Borrowed(id),
    }
}

/// A grant without its times.
fn described(id: &str, grant: &Grant) -> Grant {
    Grant {
        id: id.to_owned(),
        tenant_id: grant.tenant_id,
        path: grant.path,
        eligible_only: grant.eligible_only,
        scope: grant.scope.clone(),
        role_id: grant.role_id,
        principal_id: grant.principal_id,
        principal_kind: grant.principal_kind.clone(),
        partner_id: grant.partner_id.clone(),
        start: None,
        end: None,
        start_earliest: None,
        end_latest: None,
        condition: None,
        reaches: Vec::new(),
        custom_role: grant.custom_role,
        evidence: Vec::new(),
    }
}

/// An event, and the tenant whose log it is of.
#[derive(Clone, Copy)]
struct Logged<'c> {
    event: &'c Event,
    tenant: Option<TenantId>,
}

/// What has to wait for others to be told of.
fn tells_less(change: &LoggedChange) -> u8 {
    match change {
        LoggedChange::Granted(_) => 0,
        LoggedChange::Begun(what) if matches!(**what, LoggedChange::Granted(_)) => 1,
        LoggedChange::Revoked { .. } => 2,
        _ => 3,
    }
}

/// Two tenants may have groups of one name; a subscription is in one.
fn tenant_above(tenant: Option<TenantId>, scope: &Scope) -> Option<TenantId> {
    tenant.filter(|_| scope.is_above_subscriptions())
}

fn is_delegated(path: GrantPath) -> bool {
    matches!(path, GrantPath::LighthouseOffer | GrantPath::LighthouseTemplate)
}

/// What an operation did to its target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Did {
    Gave,
    Took,
    /// It began, and nothing tells its outcome.
    Began {
        giving: bool,
    },
}

impl Did {
    fn note(self, event: &Event, trace: &mut Trace) {
        let (begun, done, begun_seen) = (event.begun.min(event.done), event.done, event.begun_seen);
        match self {
            Self::Gave => trace.writes.push((begun, done)),
            Self::Took => {
                trace.removals.push(Removal { begun, begun_seen, done, created: None, ended: None });
            }
            Self::Began { giving } => trace.begun.push(Begun { at: begun, gives: giving }),
        }
    }
}

impl GrantThread<'_> {
    /// With its evidence, as a history holds it.
    pub fn told(&self) -> Grant {
        Grant { evidence: self.evidence.iter().copied().cloned().collect(), ..self.grant.clone() }
    }
}

impl<'c> Threads<'c> {
    pub fn new(chronicle: &'c Chronicle, findings: &mut Findings) -> Self {
        let mut threads = Self::default();
        for twin in chronicle.snapshots.iter().flat_map(|snapshot| &snapshot.twins) {
            let (schedule, assignment) = (canonical(&twin.schedule), canonical(&twin.assignment));
            threads.twins.insert(schedule.into_owned(), assignment.into_owned());
        }
        for (index, snapshot) in (0u32..).zip(&chronicle.snapshots) {
            threads.snapshot(index, snapshot);
        }
        for (index, history) in (0u32..).zip(&chronicle.histories) {
            threads.history(index, history);
        }
        let logs = chronicle.logs.iter();
        let mut events: Vec<Logged<'_>> = logs
            .flat_map(|log| log.events.iter().map(|event| Logged { event, tenant: log.tenant_id }))
            .collect();
        // What tells the whole grant first: others may name only the id.
        events.sort_by_key(|logged| tells_less(&logged.event.change));
        for logged in events {
            threads.event(logged);
        }
        for moved in chronicle.histories.iter().flat_map(|history| &history.moves) {
            let (begun, begun_seen, evidence) = (moved.start, !moved.start_assumed, moved.evidence.clone());
            let done = moved.end.unwrap_or(Instant::MAX);
            let place = threads.moves.entry(moved.scope.as_str().into()).or_default();
            place.push(Move { begun, begun_seen, done, evidence });
        }
        for nameless in chronicle.histories.iter().flat_map(|history| &history.nameless) {
            threads.kept_nameless(nameless);
        }
        threads.settle_nameless();
        let traces = threads.grants.iter_mut().map(|thread| &mut thread.trace);
        traces.chain(threads.denies.iter_mut().map(|thread| &mut thread.trace)).for_each(Trace::settle);
        for thread in &mut threads.grants {
            thread.conditions.sort_unstable();
            thread.conditions.dedup();
            thread.grant.partner_id = thread.partners.first().cloned();
            if thread.partners.len() > 1 {
                // Which of them it is decides whose credit it is: then it is nobody's for sure.
                thread.grant.partner_id = None;
                let message = format!("histories name different partners for the grant {}", thread.grant.id);
                findings.add(finding::PARTNER_CONFLICT, message, thread.evidence.iter().copied());
            }
            thread.evidence.sort_unstable();
            thread.evidence.dedup();
        }
        for thread in &mut threads.denies {
            thread.deny.evidence.sort_unstable();
            thread.deny.evidence.dedup();
        }
        threads
    }

    /// The thread of a grant, which takes over what this record knows better.
    fn grant(
        &mut self,
        grant: &Grant,
        evidence: &'c [Evidence],
        tenant: Option<TenantId>,
        rank: u8,
        at: Instant,
    ) -> Option<&mut GrantThread<'c>> {
        let own = canonical(&grant.id);
        let twin = self.twins.get(&*own).filter(|_| !grant.eligible_only).cloned();
        let is_twin = twin.is_some();
        let id = twin.map_or(own, Cow::Owned);
        let known = self.grant_ids.get(&*id).into_iter().flatten();
        let place = known.copied().find(|place| {
            self.grants.get(*place).is_some_and(|GrantThread { grant: known, .. }| {
                (known.role_id, known.principal_id, known.eligible_only)
                    == (grant.role_id, grant.principal_id, grant.eligible_only)
                    && known.scope == grant.scope
            })
        });
        let rank = rank + u8::from(grant.principal_kind.is_some());
        let place = match place {
            Some(place) => place,
            None => {
                let place = self.grants.len();
                self.grant_ids.entry(id.clone().into_owned()).or_default().push(place);
                if is_delegated(grant.path) {
                    let name = canonical(id.split('/').next().unwrap_or(&id)).into_owned();
                    self.delegations.entry(name).or_default().push(place);
                }
                self.grants.push(GrantThread {
                    grant: described(&id, grant),
                    evidence: Vec::with_capacity(2),
                    rank: (rank, at, evidence.first()),
                    trace: Trace::default(),
                    conditions: SmallVec::new(),
                    is_twin,
                    partners: BTreeSet::new(),
                });
                place
            }
        };
        let thread = self.grants.get_mut(place)?;
        thread.is_twin |= is_twin;
        if (rank, at, evidence.first()) > thread.rank {
            thread.rank = (rank, at, evidence.first());
            let better = described(&id, grant);
            let old = std::mem::replace(&mut thread.grant, better);
            thread.grant.tenant_id = thread.grant.tenant_id.max(old.tenant_id);
            thread.grant.principal_kind = thread.grant.principal_kind.take().or(old.principal_kind);
            thread.grant.custom_role = thread.grant.custom_role.or(old.custom_role);
        }
        thread.grant.tenant_id = thread.grant.tenant_id.max(grant.tenant_id).max(tenant);
        thread.grant.custom_role = thread.grant.custom_role.or(grant.custom_role);
        if thread.grant.principal_kind.is_none() {
            thread.grant.principal_kind.clone_from(&grant.principal_kind);
        }
        thread.partners.extend(grant.partner_id.clone());
        thread.evidence.extend(evidence);
        Some(thread)
    }

    fn snapshot(&mut self, index: u32, snapshot: &'c Snapshot) {
        let at = snapshot.taken_at;
        let rank = match snapshot.listing {
            Listing::RoleAssignments | Listing::Delegations => 6,
            _ => 4,
        };
        let shown: Vec<_> = snapshot.scopes.iter().filter_map(Scope::subscription_id).collect();
        for grant in &snapshot.grants {
            let reaches = match (grant.scope.is_above_subscriptions(), grant.reaches.is_empty()) {
                (true, true) => shown.clone(),
                (true, false) => grant.reaches.clone(),
                (false, _) => Vec::new(),
            };
            let tenant = if grant.tenant_id.is_none() { snapshot.tenant_id } else { None };
            let Some(thread) = self.grant(grant, &grant.evidence, tenant, rank, at) else { continue };
            let (listing, start, end) = (snapshot.listing, grant.start, grant.end);
            thread.trace.sights.push(Sight { listing, shot: index, at, start, end, reaches });
            thread.conditions.push(ConditionSeen { at, begun: None, condition: grant.condition.clone() });
        }
        for deny in &snapshot.denies {
            let tenant_id = deny.tenant_id.or(snapshot.tenant_id);
            let reaches = if deny.reaches.is_empty() { shown.clone() } else { deny.reaches.clone() };
            let thread = self.deny(&DenyAssignment { tenant_id, ..deny.clone() });
            let Some(thread) = thread else { continue };
            let (listing, start, end) = (snapshot.listing, deny.start, deny.end);
            thread.trace.sights.push(Sight { listing, shot: index, at, start, end, reaches });
        }
    }

    fn history(&mut self, index: u32, history: &'c AccessHistory) {
        for grant in &history.grants {
            let Some(thread) =
                self.grant(grant, &grant.evidence, None, 2, grant.start.unwrap_or(Instant::MIN))
            else {
                continue;
            };
            thread.trace.held.push(Held {
                history: index,
                start: grant.start,
                end: grant.end,
                earliest: grant.start_earliest,
                latest: grant.end_latest,
                reaches: grant.reaches.clone(),
            });
            let at = grant.start.unwrap_or(Instant::MIN);
            thread.conditions.push(ConditionSeen { at, begun: None, condition: grant.condition.clone() });
        }
        for deny in &history.denies {
            let Some(thread) = self.deny(deny) else { continue };
            thread.trace.held.push(Held {
                history: index,
                start: deny.start,
                end: deny.end,
                earliest: deny.start_earliest,
                latest: deny.end_latest,
                reaches: deny.reaches.clone(),
            });
        }
    }

    /// What a history knows only the name of, unless something describes it by now.
    fn kept_nameless(&mut self, nameless: &NamelessGrant) {
        let NamelessGrant { id, delegated, scope, at, start, end, evidence } = nameless;
        let id = canonical(id).into_owned();
        let (described, listing) = match delegated {
            true => (self.delegations.contains_key(&id), Listing::Delegations),
            false => (!self.assignments(&id, scope, None, None).is_empty(), Listing::RoleAssignments),
        };
        if !described {
            let (scope, evidence) = (scope.clone(), evidence.clone());
            let event = NamelessEvent { id, scope, listing, at: *at, created: *start, gone: *end, evidence };
            self.nameless.push(event);
        }
    }

    /// The moves, as a history holds them.
    pub fn moves(&self) -> Vec<ResourceMove> {
        let mut told: BTreeMap<(Scope, Instant, bool, Instant), Vec<Evidence>> = BTreeMap::new();
        for (path, moves) in &self.moves {
            let Ok(scope) = path.parse::<Scope>() else { continue };
            for Move { begun, begun_seen, done, evidence } in moves {
                let key = (scope.clone(), *begun, *begun_seen, *done);
                told.entry(key).or_default().extend(evidence.iter().cloned());
            }
        }
        let told = told.into_iter().map(|((scope, start, begun_seen, done), mut evidence)| {
            evidence.sort_unstable();
            evidence.dedup();
            let end = (done < Instant::MAX).then_some(done);
            ResourceMove { scope, start, start_assumed: !begun_seen, end, evidence }
        });
        told.collect()
    }

    /// What several logs and histories have of one event is one.
    fn settle_nameless(&mut self) {
        let mut events: BTreeMap<(String, Scope, Listing, Instant), NamelessEvent> = BTreeMap::new();
        for event in self.nameless.drain(..) {
            match events.entry((event.id.clone(), event.scope.clone(), event.listing, event.at)) {
                Entry::Vacant(place) => {
                    place.insert(event);
                }
                Entry::Occupied(mut known) => {
                    let known = known.get_mut();
                    known.created = known.created.max(event.created);
                    known.gone = known.gone.into_iter().chain(event.gone).min();
                    known.evidence.extend(event.evidence);
                }
            }
        }
        self.nameless.extend(events.into_values());
        for event in &mut self.nameless {
            event.evidence.sort_unstable();
            event.evidence.dedup();
        }
    }

    fn deny(&mut self, deny: &DenyAssignment) -> Option<&mut DenyThread> {
        let id = canonical(&deny.id).into_owned();
        let content = DenyAssignment {
            id: id.clone(),
            reaches: Vec::new(),
            evidence: Vec::new(),
            start: None,
            end: None,
            start_earliest: None,
            end_latest: None,
            ..deny.clone()
        };
        let places = self.deny_keys.entry((id, deny.scope.clone())).or_default();
        let same = |place: &usize| {
            self.denies.get(*place).is_some_and(|thread| {
                let own = &thread.deny;
                DenyAssignment { evidence: Vec::new(), tenant_id: content.tenant_id, ..own.clone() }
                    == content
            })
        };
        let place = match places.iter().copied().find(|place| same(place)) {
            Some(place) => place,
            None => {
                let place = self.denies.len();
                places.push(place);
                self.denies.push(DenyThread { deny: content, trace: Trace::default() });
                place
            }
        };
        let thread = self.denies.get_mut(place)?;
        thread.deny.tenant_id = thread.deny.tenant_id.or(deny.tenant_id);
        thread.deny.evidence.extend(deny.evidence.iter().cloned());
        Some(thread)
    }

    fn event(&mut self, logged: Logged<'c>) {
        let Logged { event, tenant } = logged;
        let (begun, done) = (event.begun.min(event.done), event.done);
        match &event.change {
            LoggedChange::Granted(grant) => {
                let condition = grant.condition.clone();
                let tenant = tenant_above(grant.tenant_id.or(tenant), &grant.scope);
                let Some(thread) = self.grant(grant, &grant.evidence, tenant, 0, done) else { return };
                if grant.evidence.is_empty() {
                    thread.evidence.push(&event.evidence);
                }
                thread.trace.writes.push((begun, done));
                thread.conditions.push(ConditionSeen { at: done, begun: Some(begun), condition });
            }
            LoggedChange::Revoked { .. } => self.revoked(logged, begun),
            LoggedChange::Assigned { id, scope } => self.assigned(event, id, scope, true),
            LoggedChange::Begun(change) => self.begun(logged, change),
            LoggedChange::Delegated { id, scope } => self.delegated(event, id, scope, Did::Gave),
            LoggedChange::Undelegated { id, scope } => self.delegated(event, id, scope, Did::Took),
            LoggedChange::Denied { id, scope } => self.denied(logged, id, scope, Did::Gave),
            LoggedChange::Undenied { id, scope } => self.denied(logged, id, scope, Did::Took),
            LoggedChange::Moved { from, .. } => {
                for scope in from {
                    let (begun_seen, evidence) = (event.begun_seen, vec![event.evidence.clone()]);
                    let moved = Move { begun, begun_seen, done, evidence };
                    self.moves.entry(scope.as_str().into()).or_default().push(moved);
                }
            }
            LoggedChange::Chain { .. } | LoggedChange::Placed { .. } | LoggedChange::Unplaced { .. } => {}
        }
    }

    /// The role assignments of this name at the scope, as far as a record tells them apart.
    fn assignments(
        &self,
        id: &str,
        scope: &Scope,
        role_id: Option<RoleId>,
        principal_id: Option<PrincipalId>,
    ) -> Vec<usize> {
        let known = self.grant_ids.get(&*canonical(id)).into_iter().flatten().copied();
        let known: Vec<usize> = known
            .filter(|place| {
                self.grants.get(*place).is_some_and(|GrantThread { grant, .. }| {
                    !is_delegated(grant.path)
                        && !grant.eligible_only
                        && role_id.is_none_or(|role| role == grant.role_id)
                        && principal_id.is_none_or(|principal| principal == grant.principal_id)
                })
            })
            .collect();
        let here =
            |place: &&usize| self.grants.get(**place).is_some_and(|thread| thread.grant.scope == *scope);
        let mut places: Vec<usize> = known.iter().filter(here).copied().collect();
        // A record may tell the scope of what it was deleted with.
        if let ([only], true) = (known.as_slice(), places.is_empty()) {
            places.push(*only);
        }
        places
    }

    /// A role assignment of which a record tells only the name was written, or began to be written or deleted.
    fn assigned(&mut self, event: &'c Event, id: &str, scope: &Scope, done: bool) {
        let places = self.assignments(id, scope, None, None);
        for place in &places {
            let Some(thread) = self.grants.get_mut(*place) else { continue };
            match done {
                true => thread.trace.writes.push((event.begun.min(event.done), event.done)),
                false => thread.trace.begun.push(Begun { at: event.begun, gives: true }),
            }
            thread.evidence.push(&event.evidence);
        }
        if places.is_empty() {
            self.nameless.push(NamelessEvent {
                id: canonical(id).into_owned(),
                scope: scope.clone(),
                listing: Listing::RoleAssignments,
                at: event.done,
                created: None,
                gone: None,
                evidence: vec![event.evidence.clone()],
            });
        }
    }

    /// What began without an outcome leaves its target in doubt.
    fn begun(&mut self, logged: Logged<'c>, change: &'c LoggedChange) {
        let Logged { event, tenant } = logged;
        let at = event.begun;
        match change {
            LoggedChange::Granted(grant) => {
                let tenant = tenant_above(grant.tenant_id.or(tenant), &grant.scope);
                let Some(thread) = self.grant(grant, &grant.evidence, tenant, 0, at) else { return };
                thread.trace.begun.push(Begun { at, gives: true });
                thread.evidence.push(&event.evidence);
                if grant.condition.is_some() {
                    let condition = grant.condition.clone();
                    thread.conditions.push(ConditionSeen { at, begun: Some(at), condition });
                }
            }
            LoggedChange::Assigned { id, scope } => self.assigned(event, id, scope, false),
            LoggedChange::Revoked { id, scope, role_id, principal_id, .. } => {
                let places = self.assignments(id, scope, *role_id, *principal_id);
                for place in &places {
                    let Some(thread) = self.grants.get_mut(*place) else { continue };
                    thread.trace.begun.push(Begun { at, gives: false });
                    thread.evidence.push(&event.evidence);
                }
                if places.is_empty() {
                    self.assigned(event, id, scope, false);
                }
            }
            LoggedChange::Delegated { id, scope } => {
                self.delegated(event, id, scope, Did::Began { giving: true });
            }
            LoggedChange::Undelegated { id, scope } => {
                self.delegated(event, id, scope, Did::Began { giving: false });
            }
            LoggedChange::Denied { id, scope } => self.denied(logged, id, scope, Did::Began { giving: true }),
            LoggedChange::Undenied { id, scope } => {
                self.denied(logged, id, scope, Did::Began { giving: false });
            }
            LoggedChange::Moved { from, .. } => {
                for scope in from {
                    let (done, evidence) = (Instant::MAX, vec![event.evidence.clone()]);
                    let moved = Move { begun: at, begun_seen: true, done, evidence };
                    self.moves.entry(scope.as_str().into()).or_default().push(moved);
                }
            }
            LoggedChange::Begun(_)
            | LoggedChange::Chain { .. }
            | LoggedChange::Placed { .. }
            | LoggedChange::Unplaced { .. } => {}
        }
    }

    fn revoked(&mut self, logged: Logged<'c>, begun: Instant) {
        let Logged { event, tenant } = logged;
        let LoggedChange::Revoked { id, scope, role_id, principal_id, principal_kind, created, ended } =
            &event.change
        else {
            return;
        };
        let (begun_seen, done) = (event.begun_seen, event.done);
        let removal = Removal { begun, begun_seen, done, created: *created, ended: *ended };
        let mut places = self.assignments(id, scope, *role_id, *principal_id);
        if let (true, Some(role_id), Some(principal_id)) = (places.is_empty(), *role_id, *principal_id) {
            let foreign =
                principal_kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("ForeignGroup"));
            let grant = Grant {
                id: canonical(id).into_owned(),
                tenant_id: tenant_above(tenant, scope),
                path: if foreign { GrantPath::Aobo } else { GrantPath::Directory },
                eligible_only: false,
                scope: scope.clone(),
                role_id,
                principal_id,
                principal_kind: principal_kind.clone(),
                partner_id: None,
                start: None,
                end: None,
                start_earliest: None,
                end_latest: None,
                condition: None,
                reaches: Vec::new(),
                custom_role: None,
                evidence: Vec::new(),
            };
            self.grant(&grant, &[], None, 0, event.done);
            places.push(self.grants.len().saturating_sub(1));
        }
        for place in &places {
            if let Some(thread) = self.grants.get_mut(*place) {
                thread.trace.removals.push(removal);
                thread.evidence.push(&event.evidence);
            }
        }
        if places.is_empty() {
            self.nameless.push(NamelessEvent {
                id: canonical(id).into_owned(),
                scope: scope.clone(),
                listing: Listing::RoleAssignments,
                at: ended.unwrap_or(begun),
                created: *created,
                gone: Some(ended.unwrap_or(event.done)),
                evidence: vec![event.evidence.clone()],
            });
        }
    }

    fn delegated(&mut self, event: &'c Event, id: &str, scope: &Scope, did: Did) {
        let (begun, done) = (event.begun.min(event.done), event.done);
        let name = canonical(id).into_owned();
        let places = self.delegations.get(&name).cloned().unwrap_or_default();
        let mut met = false;
        for place in places {
            let Some(thread) = self.grants.get_mut(place).filter(|thread| is_delegated(thread.grant.path))
            else {
                continue;
            };
            met = true;
            did.note(event, &mut thread.trace);
            thread.evidence.push(&event.evidence);
        }
        if !met {
            self.nameless.push(NamelessEvent {
                id: name,
                scope: scope.clone(),
                listing: Listing::Delegations,
                at: if did == Did::Took { begun } else { done },
                created: None,
                gone: (did == Did::Took).then_some(done),
                evidence: vec![event.evidence.clone()],
            });
        }
    }

    fn denied(&mut self, logged: Logged<'c>, id: &str, scope: &Scope, did: Did) {
        let Logged { event, tenant } = logged;
        let key = (canonical(id).into_owned(), scope.clone());
        if !self.deny_keys.contains_key(&key) {
            // Whom it denied nobody says: it may have been everybody.
            let deny = DenyAssignment {
                id: key.0.clone(),
                tenant_id: tenant_above(tenant, scope),
                scope: scope.clone(),
                principal_ids: Vec::new(),
                everyone: true,
                exclude_principal_ids: Vec::new(),
                actions: vec!["*".to_owned()],
                not_actions: Vec::new(),
                data_actions: Vec::new(),
                applies_to_children: true,
                system_protected: false,
                start: None,
                end: None,
                start_earliest: None,
                end_latest: None,
                reaches: Vec::new(),
                evidence: Vec::new(),
            };
            self.deny_keys.insert(key.clone(), vec![self.denies.len()]);
            self.denies.push(DenyThread { deny, trace: Trace::default() });
        }
        for place in self.deny_keys.get(&key).into_iter().flatten() {
            let Some(thread) = self.denies.get_mut(*place) else { continue };
            did.note(event, &mut thread.trace);
            thread.deny.evidence.push(event.evidence.clone());
        }
    }

    /// Whether more than one content is known of a deny assignment: then a log does not say which it was when.
    pub fn changed_deny(&self, deny: &DenyAssignment) -> bool {
        self.deny_keys.get(&(deny.id.clone(), deny.scope.clone())).is_some_and(|places| places.len() > 1)
    }
}
