//! A deny assignment, as the service answers it and as PowerShell prints it.

use azure_pec::{DenyAssignment, Guid, Permission, PrincipalId};

use crate::access_read::Notes;
use crate::error::{Error, Fault};
use crate::export::Envelope;
use crate::record::Record;
use crate::role_definitions::permission;

const IDS: &[&str] = &["id", "DenyAssignmentId"];

/// The deny assignment.
pub(crate) fn deny(
    record: &Record<'_>,
    file: &str,
    envelope: &Envelope,
    notes: &mut Notes,
) -> Result<DenyAssignment, Error> {
    let id = record.name(&["name", "id"], IDS)?;
    let (principal_ids, everyone) = principals(record, "principals")?;
    let (exclude_principal_ids, _) = principals(record, "excludePrincipals")?;
    let blocks = match record.get("permissions") {
        Some(list) => {
            list.items()?.iter().map(|block| permission(&block.fields()?)).collect::<Result<_, _>>()?
        }
        None => vec![permission(&record.outer)?],
    };
    let not_actions = left_out(&blocks);
    if blocks.iter().any(|block| block.not_actions.iter().any(|action| !not_actions.contains(action))) {
        notes.keep(
            "of several blocks, one of which leaves out actions: they count as denied all the same",
            &id,
        );
    }
    let scope = record.scope(IDS)?;
    Ok(DenyAssignment {
        id,
        tenant_id: envelope.tenant_id,
        principal_ids,
        everyone,
        exclude_principal_ids,
        actions: blocks.iter().flat_map(|block| block.actions.clone()).collect(),
        not_actions,
        data_actions: blocks.iter().flat_map(|block| block.data_actions.clone()).collect(),
        applies_to_children: !record.truth("doNotApplyToChildScopes")?.unwrap_or(false),
        system_protected: record.truth("isSystemProtected")?.unwrap_or(false),
        start: record.time("createdOn")?,
        end: None,
        start_earliest: None,
        end_latest: None,
        reaches: Vec::new(),
        evidence: record.evidence(file),
        scope,
    })
}

/// The actions that every block leaves out.
fn left_out(blocks: &[Permission]) -> Vec<String> {
    let Some((first, others)) = blocks.split_first() else { return Vec::new() };
    let in_all = |action: &&String| others.iter().all(|block| block.not_actions.contains(action));
    first.not_actions.iter().filter(in_all).cloned().collect()
}

/// Whom a list names, and whether that is everyone: the GUID of zeros, of type `SystemDefined`.
fn principals(record: &Record<'_>, key: &str) -> Result<(Vec<PrincipalId>, bool), Error> {
    let (mut ids, mut everyone) = (Vec::new(), false);
    let Some(list) = record.get(key) else { return Ok((ids, everyone)) };
    let items = if list.is_list() { list.items()? } else { vec![list] };
    for item in items {
        let fields = item.fields()?;
        let id = fields.get("id").or_else(|| fields.get("objectId"));
        let id = id.ok_or_else(|| fields.missing("id", "the principal's object id"))?;
        let principal: PrincipalId =
            id.text()?.trim().parse().map_err(|error| id.fault(Fault::Value(error)))?;
        if principal.0 == Guid::NIL {
            everyone = true;
        } else {
            ids.push(principal);
        }
    }
    Ok((ids, everyone))
}
