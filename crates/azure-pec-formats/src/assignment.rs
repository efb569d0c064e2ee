//! One role assignment, as the service answers it and as the tools print it.

use azure_pec::{Grant, GrantPath, PrincipalId, SubscriptionId};

use crate::error::Error;
use crate::export::Envelope;
use crate::record::Record;

/// The id and the name, as the service and `az` spell them and as PowerShell does.
const IDS: &[&str] = &["id", "RoleAssignmentId"];
const NAMES: &[&str] = &["RoleAssignmentName", "name"];

/// The grant, and the subscription that was asked about.
pub(crate) fn grant(
    record: &Record<'_>,
    file: &str,
    envelope: &Envelope,
) -> Result<(Grant, Option<SubscriptionId>), Error> {
    let (role_id, queried) = record.role("roleDefinitionId")?;
    let scope = record.scope(IDS)?;
    let kind = record.told(record.key(&["principalType", "ObjectType"]))?;
    let principal_kind = kind.map(|kind| kind.trim().to_owned());
    let principal: PrincipalId =
        record.needed(record.key(&["principalId", "ObjectId"]), "the principal's object id")?;
    let reaches = queried.filter(|_| scope.is_above_subscriptions());
    let grant = Grant {
        id: record.name(NAMES, IDS)?,
        tenant_id: envelope.tenant_id,
        path: path_of(principal_kind.as_deref()),
        eligible_only: false,
        scope,
        role_id,
        principal_id: principal,
        principal_kind,
        partner_id: None,
        start: record.time("createdOn")?,
        end: None,
        start_earliest: None,
        end_latest: None,
        condition: record.text("condition")?,
        reaches: reaches.into_iter().collect(),
        custom_role: None,
        evidence: record.evidence(file),
    };
    Ok((grant, queried))
}

/// A foreign group is one by its kind.
pub(crate) fn path_of(kind: Option<&str>) -> GrantPath {
    match kind {
        Some(kind) if kind.eq_ignore_ascii_case("ForeignGroup") => GrantPath::Aobo,
        _ => GrantPath::Directory,
    }
}

/// `az` writes an empty name for a principal that the directory does not know; a foreign group never has one.
pub(crate) fn is_nameless(record: &Record<'_>, grant: &Grant) -> Result<bool, Error> {
    let Some(name) = record.outer.get("principalName") else { return Ok(false) };
    Ok(name.text()?.trim().is_empty() && grant.path != GrantPath::Aobo)
}

/// `az` and PowerShell write no name for a role whose definition is gone.
pub(crate) fn is_of_role_gone(record: &Record<'_>) -> Result<bool, Error> {
    Ok(record.outer.has("roleDefinitionName") && record.outer.told("roleDefinitionName")?.is_none())
}

/// PowerShell writes `Unknown` where it cannot read the principal.
pub(crate) fn is_of_unknown_kind(grant: &Grant) -> bool {
    grant.principal_kind.as_ref().is_some_and(|kind| kind.eq_ignore_ascii_case("Unknown"))
}
