//! A role definition, as the service answers it and as the tools print it.

use azure_pec::{Permission, RoleDefinition, RoleId};

use crate::access_read::Notes;
use crate::error::{Error, Fault};
use crate::export::Envelope;
use crate::fields::Fields;
use crate::record::{Record, last_segment};

/// The role; none where the record does not say whether it is a custom one.
pub(crate) fn role(
    record: &Record<'_>,
    file: &str,
    envelope: &Envelope,
    notes: &mut Notes,
) -> Result<Option<RoleDefinition>, Error> {
    let Some(custom) = is_custom(record)? else {
        notes.pass_over("passed over, which do not say whether they are custom roles", record.label());
        return Ok(None);
    };
    let name = match record.text("roleName")? {
        Some(name) => Some(name),
        None => record.outer.text("name")?,
    };
    Ok(Some(RoleDefinition {
        role_id: role_id(record)?,
        tenant_id: envelope.tenant_id.filter(|_| custom),
        name: name.unwrap_or_default().trim().to_owned(),
        custom,
        permissions: permissions(record)?,
        evidence: record.evidence(file),
    }))
}

/// The service says `properties.type`, `az` says `roleType`, PowerShell says `IsCustom`.
fn is_custom(record: &Record<'_>) -> Result<Option<bool>, Error> {
    if let Some(custom) = record.truth("IsCustom")? {
        return Ok(Some(custom));
    }
    let inner = record.inner.as_ref().map(|inner| inner.text("type")).transpose()?.flatten();
    let kind = match inner {
        Some(kind) => Some(kind),
        None => record.text("roleType")?,
    };
    Ok(kind.and_then(|kind| match kind.trim().to_ascii_lowercase().as_str() {
        "customrole" => Some(true),
        "builtinrole" => Some(false),
        _ => None,
    }))
}

/// The last segment of the id: before it stands the subscription that was asked.
fn role_id(record: &Record<'_>) -> Result<RoleId, Error> {
    let value = record.outer.get("id").or_else(|| record.outer.get("name"));
    let value = value.ok_or_else(|| record.outer.missing("id", "the role definition's id"))?;
    last_segment(&value.text()?).parse().map_err(|error| value.fault(Fault::Value(error)))
}

fn permissions(record: &Record<'_>) -> Result<Vec<Permission>, Error> {
    match record.get("permissions") {
        Some(list) => list.items()?.iter().map(|block| permission(&block.fields()?)).collect(),
        // PowerShell puts the blocks together.
        None => Ok(vec![permission(&record.outer)?]),
    }
}

/// One block of permissions.
pub(crate) fn permission(fields: &Fields<'_>) -> Result<Permission, Error> {
    Ok(Permission {
        actions: fields.texts("actions")?,
        not_actions: fields.texts("notActions")?,
        data_actions: fields.texts("dataActions")?,
        not_data_actions: fields.texts("notDataActions")?,
    })
}
