//! Access grants and deny assignments over time, and what was observed of them.

use serde::{Deserialize, Serialize};

use crate::bounds::Bounds;
use crate::day::{Instant, Interval};
use crate::error::Error;
use crate::ids::{PartnerId, PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::partner::Principal;
use crate::role_definition::RoleDefinition;
use crate::scope::{HierarchyEntry, Scope};
use crate::unite::{keep_first, unite};

/// The way by which a grant reaches the customer's resources.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantPath {
    /// Admin on behalf of: a foreign principal of the partner's AdminAgents or HelpdeskAgents group.
    Aobo,
    /// Azure Lighthouse through a Marketplace managed-service offer; the partner is recognised without a link.
    LighthouseOffer,
    /// Azure Lighthouse through a template; needs a link in the partner's own tenant.
    LighthouseTemplate,
    /// A user, guest, group or service principal in the customer's tenant; needs a link there.
    Directory,
}

/// Where a fact was read: the file and the record in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The record: an id, or its number.
    pub record: String,
}

/// One role assignment, or one authorization of a Lighthouse delegation, for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The assignment's name, or another id that tells it apart.
    pub id: String,
    /// The customer's tenant, where known.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// The way by which it reaches.
    pub path: GrantPath,
    /// Only eligible (just in time), not active.
    #[serde(default)]
    pub eligible_only: bool,
    /// Where it holds, downward.
    pub scope: Scope,
    /// The role.
    pub role_id: RoleId,
    /// Who holds it.
    pub principal_id: PrincipalId,
    /// `User`, `Group`, `ServicePrincipal`, `ForeignGroup` ...: an open text.
    #[serde(default)]
    pub principal_kind: Option<String>,
    /// Whose it is, where the history says so; then no link is needed besides.
    #[serde(default)]
    pub partner_id: Option<PartnerId>,
    /// Since when; none is since before anything observed.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded); none is still held at the end of what is observed.
    #[serde(default)]
    pub end: Option<Instant>,
    /// The earliest moment at which it may have started, where `start` is only the first at which it surely held. Not
    /// without a `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_earliest: Option<Instant>,
    /// The latest moment until which it may have held, where `end` is only the last until which it surely did. Not
    /// without an `end`. Where a bound is given, `end` may be the same as `start`: seen at that one moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_latest: Option<Instant>,
    /// A condition on the assignment.
    #[serde(default)]
    pub condition: Option<String>,
    /// Subscriptions that an export names below a scope above them, beside what the hierarchy says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<SubscriptionId>,
    /// Whether the role is a custom one, where role definitions say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_role: Option<bool>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl Grant {
    /// From its start to its end, open where they are not stated.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }

    /// When it surely held, and when it may have.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::new(self.start, self.end, self.start_earliest, self.end_latest)
    }

    /// Whether it ends before it starts, or a bound of an end lies on the wrong side of it.
    #[must_use]
    pub fn is_inverted(&self) -> bool {
        self.bounds().inverted().is_some()
    }

    /// Whether the principal is a group of another tenant, as the AOBO group is.
    #[must_use]
    pub fn is_foreign_group(&self) -> bool {
        match &self.principal_kind {
            Some(kind) => kind.eq_ignore_ascii_case("ForeignGroup"),
            None => self.path == GrantPath::Aobo,
        }
    }
}

/// A deny assignment for a span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DenyAssignment {
    /// The assignment's name.
    pub id: String,
    /// The customer's tenant, where known.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Where it holds.
    pub scope: Scope,
    /// Whom it denies; members of groups are not resolved.
    #[serde(default)]
    pub principal_ids: Vec<PrincipalId>,
    /// It denies everyone, whatever `principal_ids` says.
    #[serde(default)]
    pub everyone: bool,
    /// Whom it does not deny.
    #[serde(default)]
    pub exclude_principal_ids: Vec<PrincipalId>,
    /// The control-plane actions that it denies; data actions alone do not count.
    #[serde(default)]
    pub actions: Vec<String>,
    /// Those that it does not deny, of all `actions`. An assignment of several blocks has one list for each: then only
    /// what stands in all of them is not denied.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_actions: Vec<String>,
    /// The data-plane actions that it denies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub data_actions: Vec<String>,
    /// Whether it holds below its scope too.
    #[serde(default = "yes")]
    pub applies_to_children: bool,
    /// Set by Azure itself.
    #[serde(default)]
    pub system_protected: bool,
    /// Since when; none is since ever.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when (excluded); none is still so.
    #[serde(default)]
    pub end: Option<Instant>,
    /// The earliest moment at which it may have started, where `start` is only the first at which it surely held: a
    /// list of deny assignments has no dates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_earliest: Option<Instant>,
    /// The latest moment until which it may have held, where `end` is only the last until which it surely did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end_latest: Option<Instant>,
    /// Subscriptions that an export names below a scope above them, beside what the hierarchy says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<SubscriptionId>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

const fn yes() -> bool {
    true
}

impl DenyAssignment {
    /// From its start to its end.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }

    /// When it surely held, and when it may have.
    pub(crate) fn bounds(&self) -> Bounds {
        Bounds::new(self.start, self.end, self.start_earliest, self.end_latest)
    }

    /// Whether it ends before it starts, or a bound of an end lies on the wrong side of it.
    #[must_use]
    pub fn is_inverted(&self) -> bool {
        self.bounds().inverted().is_some()
    }

    /// Whether it denies the principal something that counts.
    #[must_use]
    pub fn reaches_principal(&self, principal: PrincipalId) -> bool {
        !self.actions.is_empty()
            && (self.everyone || self.principal_ids.contains(&principal))
            && !self.exclude_principal_ids.contains(&principal)
    }
}

/// A span of time for which everything at and below a scope was seen: within it, what is not there was not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ObservedWindow {
    /// The tenant that `scope` belongs to, where it stands above subscriptions.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Where.
    pub scope: Scope,
    /// From when; none is since ever.
    #[serde(default)]
    pub start: Option<Instant>,
    /// To when (excluded). The same as `start` for a snapshot, which proves one moment and no absence before it. None
    /// is for ever.
    #[serde(default)]
    pub end: Option<Instant>,
    /// Subscriptions that an export names below a scope above them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reaches: Vec<SubscriptionId>,
}

impl ObservedWindow {
    /// From its start to its end.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }
}

/// A grant of which only the name is known: a log has it, and no export says what was granted to whom. While it may have
/// held, nothing is proved absent at its scope.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NamelessGrant {
    /// The name of the role assignment, or of the delegation.
    pub id: String,
    /// A Lighthouse delegation; else a role assignment.
    #[serde(default)]
    pub delegated: bool,
    /// Where it holds, downward.
    pub scope: Scope,
    /// The moment at which the log has it.
    pub at: Instant,
    /// Since when it may have held; none is since ever.
    #[serde(default)]
    pub start: Option<Instant>,
    /// Until when it may have held (excluded); none is still so.
    #[serde(default)]
    pub end: Option<Instant>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

impl NamelessGrant {
    /// When it may have held.
    #[must_use]
    pub fn interval(&self) -> Interval {
        Interval::new(self.start, self.end)
    }
}

/// A resource that moved away, as a log recorded it: grants made at it and below stay behind and count no more. What a
/// history holds of them has ended with it; that it is stated counts when newer exports show one that was not known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResourceMove {
    /// Where it stood.
    pub scope: Scope,
    /// When the move began.
    pub start: Instant,
    /// `start` is the earliest moment at which it may have begun: the log has its end alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub start_assumed: bool,
    /// When it was done; none where nothing tells whether it was.
    #[serde(default)]
    pub end: Option<Instant>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// What was observed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// Everything, at all times.
    Complete,
    /// These windows.
    Windows(Vec<ObservedWindow>),
}

impl Default for Observed {
    fn default() -> Self {
        Self::Windows(Vec::new())
    }
}

/// Who held what where and when, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessHistory {
    /// What was observed.
    pub observed: Observed,
    /// The grants.
    pub grants: Vec<Grant>,
    /// The deny assignments.
    pub denies: Vec<DenyAssignment>,
    /// The management group hierarchy.
    pub hierarchy: Vec<HierarchyEntry>,
    /// Role definitions: which roles are custom, and what a role may do, so that a deny of other actions does not count.
    pub roles: Vec<RoleDefinition>,
    /// Partner admin links that exports show, beside those of the partner file.
    pub links: Vec<Principal>,
    /// Grants of which only the name is known: they cut what was observed, unless everything was.
    pub nameless: Vec<NamelessGrant>,
    /// Resources that moved away.
    pub moves: Vec<ResourceMove>,
}

impl AccessHistory {
    /// Adds what another export says: windows are united; a grant that both hold is one, with the evidence of both.
    pub fn merge(&mut self, other: Self) {
        self.merge_all([other]);
    }

    /// Adds what any number of exports say, which takes as long as they are large together.
    pub fn merge_all(&mut self, others: impl IntoIterator<Item = Self>) {
        for other in others {
            match (&mut self.observed, other.observed) {
                (Observed::Complete, _) => {}
                (own, Observed::Complete) => *own = Observed::Complete,
                (Observed::Windows(own), Observed::Windows(more)) => own.extend(more),
            }
            if self.grants.is_empty() {
                self.grants = other.grants;
            } else {
                self.grants.extend(other.grants);
            }
            self.denies.extend(other.denies);
            self.hierarchy.extend(other.hierarchy);
            self.roles.extend(other.roles);
            self.links.extend(other.links);
            self.nameless.extend(other.nameless);
            self.moves.extend(other.moves);
        }
        unite(&mut self.grants);
        unite(&mut self.denies);
        unite(&mut self.roles);
        keep_first(&mut self.hierarchy);
        keep_first(&mut self.links);
        keep_first(&mut self.nameless);
        keep_first(&mut self.moves);
    }

    /// Checks every span.
    ///
    /// # Errors
    /// `grant.inverted` where one ends before it starts.
    pub fn check(&self) -> Result<(), Error> {
        let inverted = |what, id: &str, span: Interval| Error::GrantInverted {
            what,
            id: id.to_owned(),
            start: span.start,
            end: span.end,
        };
        for grant in &self.grants {
            if let Some(span) = grant.bounds().inverted() {
                return Err(inverted("the grant", &grant.id, span));
            }
        }
        for deny in &self.denies {
            if let Some(span) = deny.bounds().inverted() {
                return Err(inverted("the deny assignment", &deny.id, span));
            }
        }
        for nameless in &self.nameless {
            let span = nameless.interval();
            if span.end < span.start {
                return Err(inverted("the nameless grant", &nameless.id, span));
            }
        }
        for moved in &self.moves {
            let span = Interval::new(Some(moved.start), moved.end);
            if span.end < span.start {
                return Err(inverted("the move of", moved.scope.as_str(), span));
            }
        }
        if let Observed::Windows(windows) = &self.observed {
            for window in windows {
                let span = window.interval();
                if span.end < span.start {
                    return Err(inverted("the observed window of", window.scope.as_str(), span));
                }
            }
        }
        Ok(())
    }
}
