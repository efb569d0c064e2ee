//! What exports of access say, each as it says it: snapshots of a moment, logs of a span, histories kept before; and
//! the history that they prove together ([`Chronicle::history`]).
//!
//! Never more is said than is proved; what is not is left open between bounds. How the exports are read:
//!
//! - **A list** taken at T proves each grant in it at T, and since the stored time of its making, which nothing observed
//!   later cuts. Without that time: at T alone. What one complete list has and the next one of the place lacks ended
//!   between the two; what an earlier complete list should have shown contradicts it, and is only possible until the
//!   list that shows it. A list of one kind says nothing of another kind. Lists may come out of a cache for ten minutes.
//! - **One name is one assignment**, as long as nothing says otherwise: two sights of it prove the time between. A second
//!   time of making is a second life, for templates make assignments anew under their old name.
//! - **A log** that is whole over a span proves what it does not record: what was there at one moment of the span was
//!   there in all of it but for the records. A stored time of making goes before the record's (the answer to a write
//!   claims another). From the record alone a start is sure when it was done and possible since it began, if something
//!   shows that the assignment was not there before: else the record may have changed an older one, and the time before
//!   it is possible too. An end is exact where the record has the deleted object; else sure until the deletion began and
//!   possible until it was done. What was written after a time that no log covers may have been made anew.
//! - **Events come late**, up to 20 minutes as published. A log is whole until that long before it was asked for
//!   ([`Log::end`]); what it has of later is read, and proves no absence. A list must lie in the whole part to anchor it.
//! - **An operation that began, and of which the log tells no outcome,** leaves its target unknown from its beginning: what
//!   it was to give is possible, what it was to take away is not sure any more, until a list or a record tells again.
//! - **A role that was assigned, and no export says which** ends what was observed, like a deletion of that kind.
//! - **What was observed**: the moment of each list of grants; and a log's whole span, where a complete list of role
//!   assignments, or time that a kept history observed, lies in it. A log shows what happens at and below a subscription
//!   and at one management group. So where any export puts management groups above a subscription, its log counts while
//!   each of them is covered by its own; where none does, by itself, and a finding says so. A list at a management group
//!   shows what is below it only where it lists something there.
//! - **A grant at a management group** counts for a subscription where the hierarchy proves it below, and from list to
//!   list that show it there. Where no export says anything of the subscription's place, it counts since it was made.
//! - **The hierarchy**: a parent seen twice held in between. So did one that was seen in a whole log which would show a move:
//!   a subscription's is in the logs of the group that is left and of the one that is joined, a group's in its own.
//!   Otherwise only its moment is proved.
//! - **An operation of which the log has the end alone** began no earlier than where its beginning would be in the log, nor
//!   than the last sight of its target ([`Event::begun_seen`]).
//! - **A kept history's** spans stand. Its open ends are sights until the end of what it observed there, to be continued,
//!   ended or put in doubt. Its names may be its own: such a grant is not ended by a list that shows the same role,
//!   principal and scope under another name. An end at a resource may be that of a move: what a list shows there later
//!   without a date is only possible. What only two logs together would prove it leaves open.
//! - **Schedules** of Privileged Identity Management are one grant with the role assignment that they made, and bear its
//!   name; an announced end counts unless something seen speaks against it, after the last observation too, which cuts it.
//! - **Delegations and deny assignments** are read like grants without dates. A deny assignment that only a log names may
//!   deny anybody: it is possible, never sure. A grant of which only a name is known ends what was observed, from the last
//!   list without it, or its making, to its end, and a history keeps it ([`NamelessGrant`](crate::NamelessGrant)).
//! - **A move of resources** ends the grants made at them and below; without an outcome it leaves them in doubt. A history
//!   keeps it.

mod emit;
mod finding;
mod gather;
mod history;
mod kept;
mod lives;
mod places;
mod spans;
mod trace;
mod tree;
mod windows;

use crate::day::{Instant, TICKS_PER_SECOND};
use crate::grant::{AccessHistory, DenyAssignment, Evidence, Grant};
use crate::ids::{PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::partner::Principal;
use crate::role_definition::RoleDefinition;
use crate::scope::{HierarchyEntry, Scope};

/// The facts of any number of exports, from which an [`AccessHistory`] is put together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chronicle {
    /// Histories that were put together before, and stated ones.
    pub histories: Vec<AccessHistory>,
    /// What was there at a moment.
    pub snapshots: Vec<Snapshot>,
    /// What changed in a span.
    pub logs: Vec<Log>,
    /// Role definitions.
    pub roles: Vec<RoleDefinition>,
    /// Partner admin links.
    pub links: Vec<Principal>,
}

/// What a snapshot lists. It shows and disproves nothing else: a list of role assignments says nothing of Lighthouse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Listing {
    /// Active role assignments.
    RoleAssignments,
    /// Active assignments of Privileged Identity Management, with their ends.
    ActiveSchedules,
    /// Eligible assignments of Privileged Identity Management.
    EligibleSchedules,
    /// Lighthouse delegations.
    Delegations,
    /// Deny assignments.
    DenyAssignments,
    /// Management groups and the subscriptions under them.
    Hierarchy,
}

/// What an export showed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What it lists.
    pub listing: Listing,
    /// The file, as it was named to the reader.
    pub file: String,
    /// The tenant, where the envelope says.
    pub tenant_id: Option<TenantId>,
    /// Where it was taken: everything at, below and above these scopes; of a management group or a tenant what is below
    /// only if it lists something there. Empty where nothing says.
    pub scopes: Vec<Scope>,
    /// When it was taken.
    pub taken_at: Instant,
    /// Nobody said when; the newest time inside was taken for it.
    pub time_assumed: bool,
    /// It shows everything that was there. A single answer, or pages that go on elsewhere, prove no absence.
    pub complete: bool,
    /// The grants. `start` is the stored creation time, none where the export has no dates; `end` an announced one.
    pub grants: Vec<Grant>,
    /// The deny assignments, which carry no dates.
    pub denies: Vec<DenyAssignment>,
    /// The hierarchy, which carries no dates.
    pub hierarchy: Vec<HierarchyEntry>,
    /// Subscriptions that it names below `scopes` that stand above them.
    pub reaches: Vec<SubscriptionId>,
    /// Which role assignments its grants of Privileged Identity Management stand behind.
    pub twins: Vec<Twin>,
}

/// A schedule of Privileged Identity Management and the plain role assignment that it made, which lists of role
/// assignments show without its end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Twin {
    /// The id of the schedule's grant.
    pub schedule: String,
    /// The name of the role assignment, the last segment of `originRoleAssignmentId`.
    pub assignment: String,
}

/// Something that the exports do not agree on, do not show, or that was assumed of them.
///
/// `code` is stable. The message names no file; the evidence does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// What kind of finding: see [`Chronicle::history`].
    pub code: &'static str,
    /// What was found.
    pub message: String,
    /// The files and records that show it.
    pub evidence: Vec<Evidence>,
}

/// What a log recorded of a span of time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The tenant, where the envelope says.
    pub tenant_id: Option<TenantId>,
    /// Whose log it is: a subscription's shows what happens at and below it, a management group's only what happens at
    /// the group. Empty where nothing says.
    pub scopes: Vec<Scope>,
    /// From when it is whole.
    pub start: Instant,
    /// Until when: events come late, so it is no later than [`Log::LATE`] before it was asked for.
    pub end: Instant,
    /// When it was asked for, where that is said; else `end` is taken at its word.
    pub asked_at: Option<Instant>,
    /// Nobody said from when or until when; the oldest or newest event was taken for it.
    pub span_assumed: bool,
    /// It has every event of the span.
    pub complete: bool,
    /// The events that matter to access.
    pub events: Vec<Event>,
}

impl Log {
    /// So many ticks after it happened an event is in the log.
    /// Source: "Activity log in Azure Monitor", Microsoft Learn: available after 3 to 20 minutes.
    pub const LATE: i64 = 20 * 60 * TICKS_PER_SECOND;

    /// Until when it has every event: what was asked for too early is not all there.
    #[must_use]
    pub fn whole_until(&self) -> Instant {
        self.asked_at.map_or(self.end, |asked| self.end.min(asked.plus(-Self::LATE)))
    }
}

/// A change that happened, as a log recorded it: successful, its paired records joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When it began; the cautious end of what it took away.
    pub begun: Instant,
    /// The log has its beginning. Else `begun` is the earliest moment at which it may have begun: what an operation took
    /// away was there later than that if it was made, or seen, in between.
    pub begun_seen: bool,
    /// When it was done; the cautious start of what it gave.
    pub done: Instant,
    /// What happened.
    pub change: LoggedChange,
    /// Where it was read.
    pub evidence: Evidence,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoggedChange {
    /// A role was assigned, or an assignment's condition or description changed. Its `start` and `end` are not set.
    Granted(Box<Grant>),
    /// A role was assigned, or an assignment changed, and the record does not say which role to whom.
    Assigned {
        /// The assignment's name.
        id: String,
        /// Where.
        scope: Scope,
    },
    /// This began, and the log tells neither that it was done nor that it failed. `begun` and `done` are its beginning.
    Begun(Box<LoggedChange>),
    /// An assignment, named by its id and scope, was deleted, by itself or with what it stood on.
    Revoked {
        /// The assignment's name.
        id: String,
        /// Where it held.
        scope: Scope,
        /// Its role, where the record says.
        role_id: Option<RoleId>,
        /// Its principal, where the record says.
        principal_id: Option<PrincipalId>,
        /// `ForeignGroup` and the like, where the record says.
        principal_kind: Option<String>,
        /// When the stored assignment was made, where the record holds it.
        created: Option<Instant>,
        /// When the stored assignment ended, where the record holds it.
        ended: Option<Instant>,
    },
    /// A Lighthouse delegation was made or renewed at the scope. What it grants is in a snapshot.
    Delegated {
        /// The delegation's name.
        id: String,
        /// The subscription or resource group.
        scope: Scope,
    },
    /// A Lighthouse delegation was removed.
    Undelegated {
        /// The delegation's name.
        id: String,
        /// The subscription or resource group.
        scope: Scope,
    },
    /// A deny assignment was made; logs do not say whom it denies.
    Denied {
        /// Its name.
        id: String,
        /// Where.
        scope: Scope,
    },
    /// A deny assignment was removed.
    Undenied {
        /// Its name.
        id: String,
        /// Where.
        scope: Scope,
    },
    /// The record named the management groups above the subscription at that moment, the nearest last.
    Chain {
        /// The tenant, where the chain begins with it.
        tenant_id: Option<TenantId>,
        /// The subscription.
        subscription: SubscriptionId,
        /// The groups from the root down.
        groups: Vec<Scope>,
    },
    /// A subscription or management group was put under a parent.
    Placed {
        /// The subscription or group.
        child: Scope,
        /// Its parent from then on.
        parent: Scope,
    },
    /// A subscription or management group was taken from under its parent.
    Unplaced {
        /// The subscription or group.
        child: Scope,
    },
    /// Resources moved: grants made at them do not move with them.
    Moved {
        /// From where.
        from: Vec<Scope>,
        /// The resource group that they moved to.
        to: Scope,
    },
}
