//! A partner admin link (PAL), as the linked account itself reads it.

use azure_pec::{PartnerLink, Principal};

use crate::access_read::Notes;
use crate::error::Error;
use crate::record::Record;

/// The link; none where it is not active.
///
/// It says when the link was made and when it was changed last, not which partner it named in between: a link that was
/// changed holds for its partner from the change on.
pub(crate) fn link(record: &Record<'_>, notes: &mut Notes) -> Result<Option<Principal>, Error> {
    let label = record.label();
    let state = record.text("state")?;
    if state.is_some_and(|state| !state.trim().eq_ignore_ascii_case("Active")) {
        notes.pass_over("passed over, links that are not active", label);
        return Ok(None);
    }
    let (made, changed) = (record.time("createdTime")?, record.time("updatedTime")?);
    let versions = record.get("version").map_or("1", |value| value.written());
    let changed = changed.filter(|changed| Some(*changed) > made && versions != "1");
    if changed.is_some() {
        notes.keep(
            "changed since it was made: counted from the change on, as the partner before is not in it",
            &label,
        );
    }
    let start = changed.or(made);
    if start.is_none() {
        notes.keep("which do not say since when they are linked: taken for always", &label);
    }
    Ok(Some(Principal {
        principal_id: record.needed("objectId", "the linked principal's object id")?,
        partner_id: record.needed("partnerId", "the partner id")?,
        linked: Some(PartnerLink { tenant_id: record.parse("tenantId")?, start, end: None }),
    }))
}
