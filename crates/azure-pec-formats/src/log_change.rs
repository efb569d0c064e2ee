//! What a succeeded operation of an activity log changed.

use azure_pec::{Grant, LoggedChange, Scope};

use crate::activity_log::Joined;
use crate::assignment::path_of;
use crate::export::Envelope;
use crate::log_facts::Operation;
use crate::record::{last_segment, scope_of};

/// What the records of an operation come to.
pub(crate) enum Told {
    Change(LoggedChange),
    /// Nothing that is followed; why.
    Nothing(&'static str),
    /// Access changed, and the log does not say where.
    Unknown(&'static str),
}

const NO_TARGET: &str = "passed over, changes that do not say what they changed, or name it by an id that is no path: the log proves no absence";

/// The change that the records tell.
pub(crate) fn change(operation: Operation, joined: &Joined, envelope: &Envelope) -> Told {
    let (id, scope) = (last_segment(&joined.target), scope_of(&joined.target).ok());
    let facts = &joined.facts;
    let named =
        operation != Operation::Assign || joined.target.to_ascii_lowercase().contains("/roleassignments/");
    let Some(scope) = scope.filter(|_| named) else { return Told::Unknown(NO_TARGET) };
    match operation {
        Operation::Assign => match grant(id.clone(), scope.clone(), joined, envelope) {
            Some(grant) => Told::Change(LoggedChange::Granted(Box::new(grant))),
            None => Told::Change(LoggedChange::Assigned { id, scope }),
        },
        Operation::Unassign => Told::Change(LoggedChange::Revoked {
            id,
            // What went with what it stood on says itself where it held.
            scope: facts.scope.clone().unwrap_or(scope),
            role_id: facts.role_id,
            principal_id: facts.principal_id,
            principal_kind: facts.principal_kind.clone(),
            created: facts.created,
            ended: facts.ended,
        }),
        Operation::Deny => Told::Change(LoggedChange::Denied { id, scope }),
        Operation::Undeny => Told::Change(LoggedChange::Undenied { id, scope }),
        Operation::Delegate | Operation::Register => Told::Change(LoggedChange::Delegated { id, scope }),
        Operation::Undelegate | Operation::Unregister => {
            Told::Change(LoggedChange::Undelegated { id, scope })
        }
        Operation::PlaceSubscription
        | Operation::UnplaceSubscription
        | Operation::WriteGroup
        | Operation::DeleteGroup => hierarchy(operation, joined),
        Operation::MoveResources => match &facts.moved_to {
            Some(to) if !facts.moved.is_empty() => {
                Told::Change(LoggedChange::Moved { from: facts.moved.clone(), to: to.clone() })
            }
            _ => Told::Nothing("passed over, moves of resources that do not say what moved where"),
        },
        Operation::ElevateAccess => Told::Nothing(
            "noted, access elevated to User Access Administrator at the root: what it gave is in its own role assignment",
        ),
    }
}

fn grant(id: String, scope: Scope, joined: &Joined, envelope: &Envelope) -> Option<Grant> {
    let facts = &joined.facts;
    Some(Grant {
        id,
        tenant_id: envelope.tenant_id,
        path: path_of(facts.principal_kind.as_deref()),
        eligible_only: false,
        scope,
        role_id: facts.role_id?,
        principal_id: facts.principal_id?,
        principal_kind: facts.principal_kind.clone(),
        partner_id: None,
        start: None,
        end: None,
        start_earliest: None,
        end_latest: None,
        condition: facts.condition.clone(),
        reaches: Vec::new(),
        custom_role: None,
        evidence: Vec::new(),
    })
}

/// `/providers/Microsoft.Management/managementGroups/{group}`, with `/subscriptions/{id}` behind it.
fn hierarchy(operation: Operation, joined: &Joined) -> Told {
    let lower = joined.target.to_ascii_lowercase();
    let at = if lower.starts_with("/subscriptions/") { None } else { lower.rfind("/subscriptions/") };
    let split = at.and_then(|at| joined.target.split_at_checked(at));
    let change = match (operation, split) {
        (Operation::PlaceSubscription, Some((group, subscription))) => group
            .parse()
            .ok()
            .zip(subscription.parse().ok())
            .map(|(parent, child)| LoggedChange::Placed { child, parent }),
        (Operation::UnplaceSubscription, Some((_, subscription))) => {
            subscription.parse().ok().map(|child| LoggedChange::Unplaced { child })
        }
        (Operation::WriteGroup, None) => {
            let Some(parent) = joined.facts.parent.clone() else {
                return Told::Nothing("passed over, changes of management groups that name no parent");
            };
            joined.target.parse().ok().map(|child| LoggedChange::Placed { child, parent })
        }
        (Operation::DeleteGroup, None) => {
            joined.target.parse().ok().map(|child| LoggedChange::Unplaced { child })
        }
        _ => None,
    };
    change.map_or(Told::Unknown(NO_TARGET), Told::Change)
}
