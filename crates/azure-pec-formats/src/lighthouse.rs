//! Azure Lighthouse: delegations of a subscription or resource group, with what they authorize.

use std::collections::BTreeMap;

use azure_pec::{Grant, GrantPath, Listing, PrincipalId, TenantId};

use crate::access::Shown;
use crate::access_read::Notes;
use crate::error::Error;
use crate::export::Envelope;
use crate::fields::Fields;
use crate::record::{Record, last_segment};

/// The registration assignments and definitions of a part of an export.
#[derive(Default)]
pub(crate) struct Lighthouse<'d> {
    assignments: Vec<Record<'d>>,
    /// By the last segment of the id.
    definitions: BTreeMap<String, (Record<'d>, bool)>,
    others: Vec<String>,
}

impl<'d> Lighthouse<'d> {
    /// Sorts a record out.
    pub fn add(&mut self, record: Record<'d>) -> Result<(), Error> {
        let kind = record.outer.text("type")?.unwrap_or_default().to_ascii_lowercase();
        let id = record.outer.text("id")?.unwrap_or_default().to_ascii_lowercase();
        let is = |part: &str| kind.contains(part) || kind.is_empty() && id.contains(part);
        if is("registrationassignments") || record.has("registrationDefinitionId") {
            self.assignments.push(record);
        } else if is("registrationdefinitions") || record.has("authorizations") {
            self.definitions.insert(record.name(&["name"], &["id"])?, (record, false));
        } else {
            self.others.push(record.label());
        }
        Ok(())
    }

    /// Grants of what the assignments authorize.
    pub fn finish(
        mut self,
        file: &str,
        envelope: &Envelope,
        notes: &mut Notes,
        listings: &mut BTreeMap<Listing, Shown>,
    ) -> Result<(), Error> {
        for record in std::mem::take(&mut self.assignments) {
            let shown = listings.entry(Listing::Delegations).or_default();
            let state = record.text("provisioningState")?;
            if let Some(state) = state.filter(|state| !state.trim().eq_ignore_ascii_case("Succeeded")) {
                notes.pass_over(
                    "passed over, delegations that are not in force",
                    format!("{} ({state})", record.label()),
                );
                continue;
            }
            let read = Delegation::new(&record, file, envelope);
            let Some(delegation) = notes.unread(read, &record)? else {
                shown.incomplete = true;
                continue;
            };
            shown.subscriptions.extend(delegation.scope.subscription_id());
            let nested = record.holder("registrationDefinition").below("registrationDefinition")?;
            let grants = match nested {
                Some(definition) => delegation.grants(&definition),
                None => match self.definitions.get_mut(&delegation.definition) {
                    Some((definition, seen)) => {
                        if !*seen {
                            *seen = true;
                            shown.used += 1;
                        }
                        delegation.grants(&definition.outer)
                    }
                    None => {
                        let says = "passed over, delegations without what they authorize: export them with \
                                    $expandRegistrationDefinition=true or --include-definition true";
                        notes.pass_over(says, record.label());
                        shown.incomplete = true;
                        continue;
                    }
                },
            };
            let Some(grants) = notes.unread(grants, &record)? else {
                shown.incomplete = true;
                continue;
            };
            shown.used += 1;
            shown.grants.extend(grants);
        }
        for (record, _) in self.definitions.into_values().filter(|(_, seen)| !seen) {
            notes.pass_over("passed over, definitions that no delegation here names", record.label());
        }
        for label in self.others {
            notes.pass_over("passed over, neither delegation nor definition", label);
        }
        Ok(())
    }
}

/// One registration assignment.
struct Delegation<'r> {
    record: &'r Record<'r>,
    file: &'r str,
    name: String,
    /// The last segment of its definition's id.
    definition: String,
    tenant_id: Option<TenantId>,
    scope: azure_pec::Scope,
    start: Option<azure_pec::Instant>,
}

impl<'r> Delegation<'r> {
    fn new(record: &'r Record<'_>, file: &'r str, envelope: &Envelope) -> Result<Self, Error> {
        let definition = record.text("registrationDefinitionId")?.unwrap_or_default();
        let system = record.outer.below("systemData")?;
        Ok(Self {
            name: record.name(&["name"], &["id"])?,
            definition: last_segment(&definition),
            tenant_id: envelope.tenant_id,
            scope: record.scope(&["id"])?,
            start: system.map(|system| system.time("createdAt")).transpose()?.flatten(),
            record,
            file,
        })
    }

    /// What the definition authorizes, for good and on request. A definition with a plan came from the Marketplace.
    fn grants(&self, definition: &Fields<'_>) -> Result<Vec<Grant>, Error> {
        let inner = definition.below("properties")?;
        let properties = inner.as_ref().unwrap_or(definition);
        let path = match definition.get("plan").is_some() || properties.get("plan").is_some() {
            true => GrantPath::LighthouseOffer,
            false => GrantPath::LighthouseTemplate,
        };
        let tenant = properties.parse("manageeTenantId")?.or(self.tenant_id);
        let mut grants = Vec::new();
        for (key, eligible) in [("authorizations", false), ("eligibleAuthorizations", true)] {
            let Some(list) = properties.get(key) else { continue };
            for item in list.items()? {
                let grant = self.grant(&Record { outer: item.record().fields()?, inner: None }, eligible)?;
                grants.push(Grant { path, tenant_id: tenant, ..grant });
            }
        }
        Ok(grants)
    }

    fn grant(&self, authorization: &Record<'_>, eligible: bool) -> Result<Grant, Error> {
        let (role_id, _) = authorization.role("roleDefinitionId")?;
        let principal_id: PrincipalId = authorization.needed("principalId", "the principal's object id")?;
        let eligible_mark = if eligible { "/eligible" } else { "" };
        Ok(Grant {
            // By what it says: the order of a definition's authorizations means nothing.
            id: format!("{}/{principal_id}/{role_id}{eligible_mark}", self.name),
            tenant_id: self.tenant_id,
            path: GrantPath::LighthouseTemplate,
            eligible_only: eligible,
            scope: self.scope.clone(),
            role_id,
            principal_id,
            principal_kind: None,
            partner_id: None,
            start: self.start,
            end: None,
            start_earliest: None,
            end_latest: None,
            condition: None,
            reaches: Vec::new(),
            custom_role: None,
            evidence: self.record.evidence(self.file),
        })
    }
}
