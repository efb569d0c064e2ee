//! What logs recorded, event by event.

use super::{ConditionSeen, DenyThread, Move, NamelessEvent, Threads, canonical, is_delegated};
use crate::chronicle::lives::Begun;
use crate::chronicle::trace::{Removal, Trace};
use crate::chronicle::{Event, Listing, Log, LoggedChange};
use crate::day::Instant;
use crate::grant::{DenyAssignment, Grant, GrantPath};
use crate::ids::TenantId;
use crate::scope::Scope;

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

impl<'c> Threads<'c> {
    /// Takes up what logs recorded; what tells the whole grant first, as others may name only the id.
    pub(super) fn logs(&mut self, logs: &'c [Log]) {
        let all = logs.iter();
        let mut events: Vec<Logged<'_>> = all
            .flat_map(|log| log.events.iter().map(|event| Logged { event, tenant: log.tenant_id }))
            .collect();
        events.sort_by_key(|logged| tells_less(&logged.event.change));
        for logged in events {
            self.event(logged);
        }
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
}
