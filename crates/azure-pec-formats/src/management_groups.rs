//! Management groups: one shown with all below it (`--expand --recurse`), or the list of entities.

use azure_pec::AccessHistory;
use azure_pec::Instant;
use azure_pec::TenantId;
use azure_pec::{HierarchyEntry, Scope, ScopeLevel};

use crate::access_read::{AccessRead, note};
use crate::error::Error;
use crate::export::Export;
use crate::fields::Fields;
use crate::json::{Document, Value};

/// Reads what stands below what. An export says how it is, not since when: the entries hold since before anything
/// observed.
///
/// # Errors
/// What is wrong with the document or a record in it, with file, line and field.
pub fn read_management_groups(
    name: &str,
    text: &[u8],
    taken_at: Option<Instant>,
) -> Result<AccessRead, Error> {
    let document = Document::open(name, text)?;
    let export = Export::read(&document)?;
    let mut tree = Tree::default();
    let mut taken = None;
    for part in &export.parts {
        for record in &part.records {
            tree.top(record, part.envelope.tenant_id)?;
        }
        taken = taken.max(part.envelope.taken_at);
    }
    let mut read = AccessRead {
        records: tree.records,
        used: tree.entries.len() as u64,
        notes: export.notes,
        taken_at: taken.or(taken_at),
        ..AccessRead::default()
    };
    note(&mut read.notes, "passed over, neither group nor subscription", &tree.passed_over);
    let childless = "without children: shown without --expand --recurse, or without the right to see them";
    note(&mut read.notes, childless, &tree.childless);
    // One group is often shown by itself and below the one above it.
    read.history.merge(AccessHistory { hierarchy: tree.entries, ..AccessHistory::default() });
    Ok(read)
}

#[derive(Default)]
struct Tree {
    entries: Vec<HierarchyEntry>,
    records: u64,
    passed_over: Vec<String>,
    childless: Vec<String>,
}

impl Tree {
    /// A group that was shown, or an entity of the list.
    fn top(&mut self, record: &Value<'_>, tenant: Option<TenantId>) -> Result<(), Error> {
        let outer = record.fields()?;
        let inner = outer.below("properties")?;
        let fields = inner.as_ref().unwrap_or(&outer);
        let tenant = fields.parse("tenantId")?.or(tenant);
        let Some(scope) = self.placed(&outer)? else { return Ok(()) };
        let details = fields.below("details")?;
        let entity = fields.has("parent") || fields.has("parentNameChain");
        let holder = if entity { Some(fields) } else { details.as_ref() };
        let above = holder.map(|fields| fields.below("parent")).transpose()?.flatten();
        if let Some(parent) = above.map(|parent| parent.parse("id")).transpose()?.flatten() {
            self.entry(tenant, scope.clone(), parent);
        }
        match fields.get("children") {
            Some(children) => self.children(&children, tenant, &scope)?,
            None if entity => {}
            None => self.childless.push(scope.to_string()),
        }
        Ok(())
    }

    /// Goes no deeper than the document does, which is bounded.
    fn children(&mut self, list: &Value<'_>, tenant: Option<TenantId>, parent: &Scope) -> Result<(), Error> {
        for child in list.items()? {
            let fields = child.record().fields()?;
            let Some(scope) = self.placed(&fields)? else { continue };
            self.entry(tenant, scope.clone(), parent.clone());
            if let Some(below) = fields.get("children") {
                self.children(&below, tenant, &scope)?;
            }
        }
        Ok(())
    }

    /// Where it stands; none where it is neither a group nor a subscription.
    fn placed(&mut self, fields: &Fields<'_>) -> Result<Option<Scope>, Error> {
        self.records += 1;
        let scope: Scope = fields.parse("id")?.ok_or_else(|| fields.missing("id", "the group's id"))?;
        if matches!(scope.level(), ScopeLevel::ManagementGroup | ScopeLevel::Subscription) {
            return Ok(Some(scope));
        }
        self.passed_over.push(scope.to_string());
        Ok(None)
    }

    fn entry(&mut self, tenant_id: Option<TenantId>, child: Scope, parent: Scope) {
        self.entries.push(HierarchyEntry { tenant_id, child, parent, start: None, end: None });
    }
}
