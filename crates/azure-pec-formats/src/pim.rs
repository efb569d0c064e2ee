//! Assignments of Privileged Identity Management: active ones with their ends, and eligible ones.

use azure_pec::{Grant, Listing, SubscriptionId, Twin};

use crate::access_read::Notes;
use crate::assignment::path_of;
use crate::error::Error;
use crate::export::Envelope;
use crate::record::{Record, last_segment};

/// A schedule instance.
pub(crate) struct Instance {
    pub listing: Listing,
    pub grant: Grant,
    /// The subscription that was asked about.
    pub queried: Option<SubscriptionId>,
    pub twin: Option<Twin>,
}

/// What a schedule instance grants; none where the record is no instance that holds.
///
/// With an active instance comes the name of the role assignment that it made (`originRoleAssignmentId`): the two are one
/// grant, and only the instance shows its end.
pub(crate) fn grant(
    record: &Record<'_>,
    file: &str,
    envelope: &Envelope,
    notes: &mut Notes,
) -> Result<Option<Instance>, Error> {
    let label = record.label();
    let what = format!("{label} {}", record.outer.text("type")?.unwrap_or_default()).to_ascii_lowercase();
    if what.contains("schedulerequest") || record.has("requestType") {
        notes.pass_over("passed over, requests: what they led to is in the schedule instances", label);
        return Ok(None);
    }
    let instance = what.contains("scheduleinstance") || !what.contains("schedule");
    if !instance {
        notes.pass_over("passed over, schedules: what holds of them is in the schedule instances", label);
        return Ok(None);
    }
    if let Some(status) = record.text("status")?.filter(|status| !holds(status)) {
        notes.pass_over("passed over, which do not hold", format!("{label} ({})", status.trim()));
        return Ok(None);
    }
    let eligible = what.contains("roleeligibility") || record.has("roleEligibilityScheduleId");
    let origin = record.text("originRoleAssignmentId")?.filter(|_| !eligible);
    let id = record.name(&["name"], &["id"])?;
    let twin = origin.map(|origin| Twin { schedule: id.clone(), assignment: last_segment(&origin) });
    let (role_id, queried) = record.role("roleDefinitionId")?;
    let scope = record.scope(&["id"])?;
    let kind = record.text("principalType")?.map(|kind| kind.trim().to_owned());
    let created = record.time("createdOn")?;
    let reaches = queried.filter(|_| scope.is_above_subscriptions());
    let grant = Grant {
        id,
        tenant_id: envelope.tenant_id,
        path: path_of(kind.as_deref()),
        eligible_only: eligible,
        scope,
        role_id,
        principal_id: record.needed("principalId", "the principal's object id")?,
        principal_kind: kind,
        partner_id: None,
        start: record.time("startDateTime")?.or(created),
        end: record.time("endDateTime")?,
        start_earliest: None,
        end_latest: None,
        condition: record.text("condition")?,
        reaches: reaches.into_iter().collect(),
        custom_role: None,
        evidence: record.evidence(file),
    };
    if grant.interval().is_empty() {
        notes.pass_over("passed over, which end before they start", label);
        return Ok(None);
    }
    let listing = if eligible { Listing::EligibleSchedules } else { Listing::ActiveSchedules };
    Ok(Some(Instance { listing, grant, queried, twin }))
}

/// What did not come about, or was taken back.
fn holds(status: &str) -> bool {
    let status = status.trim().to_ascii_lowercase();
    let not = ["denied", "failed", "revoked", "canceled", "timedout", "invalid", "pending", "adminden"];
    !not.iter().any(|word| status.contains(word))
}
