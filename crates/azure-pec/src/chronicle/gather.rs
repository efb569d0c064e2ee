//! The facts of all exports, sorted by the grant or deny assignment that they speak of.

mod logged;

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use super::finding::{self, Findings};
use super::trace::{Held, Sight, Trace};
use super::{Chronicle, Listing, Snapshot};
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

fn is_delegated(path: GrantPath) -> bool {
    matches!(path, GrantPath::LighthouseOffer | GrantPath::LighthouseTemplate)
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
        threads.logs(&chronicle.logs);
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

    /// Whether more than one content is known of a deny assignment: then a log does not say which it was when.
    pub fn changed_deny(&self, deny: &DenyAssignment) -> bool {
        self.deny_keys.get(&(deny.id.clone(), deny.scope.clone())).is_some_and(|places| places.len() > 1)
    }
}
