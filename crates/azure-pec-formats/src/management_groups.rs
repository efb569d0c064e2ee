//! Management groups: one shown with all below it (`--expand --recurse`), or the list of entities.

use std::collections::BTreeMap;

use azure_pec::{HierarchyEntry, Listing, Scope, ScopeLevel, TenantId};

use crate::access::Shown;
use crate::access_read::Notes;
use crate::error::Error;
use crate::fields::Fields;
use crate::json::Value;

/// What stands below what. An export says how it is, not since when.
#[derive(Default)]
pub(crate) struct Tree {
    entries: Vec<HierarchyEntry>,
    pub records: u64,
    passed_over: Vec<String>,
    childless: Vec<String>,
    /// Something in it could not be used.
    pub is_cut: bool,
}

impl Tree {
    /// A group that was shown, or an entity of the list.
    pub fn top(&mut self, record: &Value<'_>, tenant: Option<TenantId>) -> Result<(), Error> {
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

    /// What was read as a listing. A group without its children leaves a listing unfinished.
    pub fn finish(self, notes: &mut Notes, listings: &mut BTreeMap<Listing, Shown>) {
        let passed_over = self.passed_over.len() as u64;
        for name in self.passed_over {
            notes.pass_over("passed over, neither group nor subscription", name);
        }
        let incomplete = self.is_cut || !self.childless.is_empty();
        for name in self.childless {
            let says = "without children: shown without --expand --recurse, or without the right to see them";
            notes.pass_over(says, name);
        }
        if self.records > 0 {
            let shown = listings.entry(Listing::Hierarchy).or_default();
            shown.incomplete |= incomplete;
            // One that stands under nothing is used too: it is where the chains end.
            shown.used += self.records - passed_over;
            let ids = self.entries.iter().filter_map(|entry| entry.child.subscription_id());
            shown.subscriptions.extend(ids);
            shown.hierarchy.extend(self.entries);
        }
    }
}
