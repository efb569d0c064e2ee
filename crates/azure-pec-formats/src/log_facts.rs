//! What a record of an activity log says of a change: which operation, where, and what was asked for or taken away.

use std::borrow::Cow;

use azure_pec::{Guid, Instant, PrincipalId, RoleId, Scope};
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use crate::json::text_of;
use crate::log_record::{Field, LogRecord};
use crate::record::last_segment;
use crate::sparse::Sparse;

/// The operations that change access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Operation {
    Assign,
    Unassign,
    Deny,
    Undeny,
    Delegate,
    Undelegate,
    /// The same, as the managing tenant's log tells it.
    Register,
    Unregister,
    PlaceSubscription,
    UnplaceSubscription,
    WriteGroup,
    DeleteGroup,
    MoveResources,
    ElevateAccess,
}

const OPERATIONS: &[(&str, Operation)] = &[
    ("Microsoft.Authorization/roleAssignments/write", Operation::Assign),
    ("Microsoft.Authorization/roleAssignments/delete", Operation::Unassign),
    ("Microsoft.Authorization/denyAssignments/write", Operation::Deny),
    ("Microsoft.Authorization/denyAssignments/delete", Operation::Undeny),
    ("Microsoft.Authorization/elevateAccess/action", Operation::ElevateAccess),
    ("Microsoft.ManagedServices/registrationAssignments/write", Operation::Delegate),
    ("Microsoft.ManagedServices/registrationAssignments/delete", Operation::Undelegate),
    ("Microsoft.Resources/tenants/register/action", Operation::Register),
    ("Microsoft.Resources/tenants/unregister/action", Operation::Unregister),
    ("Microsoft.Management/managementGroups/subscriptions/write", Operation::PlaceSubscription),
    ("Microsoft.Management/managementGroups/subscriptions/delete", Operation::UnplaceSubscription),
    ("Microsoft.Management/managementGroups/write", Operation::WriteGroup),
    ("Microsoft.Management/managementGroups/delete", Operation::DeleteGroup),
    ("Microsoft.Resources/subscriptions/resourceGroups/moveResources/action", Operation::MoveResources),
];

impl Operation {
    /// The operation of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        OPERATIONS.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, operation)| *operation)
    }

    /// What its target's id holds.
    const fn marks(self) -> &'static str {
        match self {
            Self::Assign | Self::Unassign => "/roleassignments/",
            Self::Deny | Self::Undeny => "/denyassignments/",
            Self::Delegate | Self::Undelegate | Self::Register | Self::Unregister => {
                "/registrationassignments/"
            }
            Self::PlaceSubscription | Self::UnplaceSubscription => "/subscriptions/",
            Self::WriteGroup | Self::DeleteGroup => "/managementgroups/",
            Self::MoveResources => "/resourcegroups/",
            Self::ElevateAccess => "/",
        }
    }
}

/// What is known of the target; both records of a pair may tell a part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Facts {
    pub role_id: Option<RoleId>,
    pub principal_id: Option<PrincipalId>,
    pub principal_kind: Option<String>,
    pub condition: Option<String>,
    pub scope: Option<Scope>,
    /// When the stored object was made and changed last: only what a delete answers says so truly.
    pub created: Option<Instant>,
    pub ended: Option<Instant>,
    /// The group above.
    pub parent: Option<Scope>,
    pub moved: Vec<Scope>,
    pub moved_to: Option<Scope>,
}

impl Facts {
    /// Adds what another record says, where this one says nothing.
    pub fn or(self, other: Self) -> Self {
        Self {
            role_id: self.role_id.or(other.role_id),
            principal_id: self.principal_id.or(other.principal_id),
            principal_kind: self.principal_kind.or(other.principal_kind),
            condition: self.condition.or(other.condition),
            scope: self.scope.or(other.scope),
            created: self.created.or(other.created),
            ended: self.ended.or(other.ended),
            parent: self.parent.or(other.parent),
            moved: if self.moved.is_empty() { other.moved } else { self.moved },
            moved_to: self.moved_to.or(other.moved_to),
        }
    }

    /// What a record's properties say.
    pub fn of(operation: Operation, properties: &Sparse<'_>) -> Self {
        let body = |key| properties.object(key);
        let (asked, answered) = (body("requestbody"), body("responseBody"));
        let of_text = |text: &str| Sparse::read(text).map(|body| Self::of_body(&body));
        let mut facts = asked.and_then(|asked| of_text(&asked)).unwrap_or_default();
        if let Some(says) = answered.and_then(|answered| of_text(&answered)) {
            // What a write answers claims another time of creation than the one that is stored.
            let kept = operation == Operation::Unassign;
            let (created, ended) = if kept { (says.created, says.ended) } else { (None, None) };
            facts = facts.or(Self { created: None, ended: None, ..says });
            (facts.created, facts.ended) = (created, ended);
        } else {
            (facts.created, facts.ended) = (None, None);
        }
        if operation == Operation::Unassign && properties.find("principalId").is_some() {
            // Deleted with what it stood on: the object itself stands among the properties.
            facts = facts.or(Self { created: None, ended: None, ..Self::of_body(properties) });
        }
        facts
    }

    /// What a request or answer says; its fields may stand under `properties`.
    fn of_body(body: &Sparse<'_>) -> Self {
        let below = body.find("properties").filter(|below| below.starts_with('{')).and_then(Sparse::read);
        let inner = below.as_ref().unwrap_or(body);
        let said = |key: &str| text_of(inner.find(key).or_else(|| body.find(key))?);
        fn text<'t>(said: &'t Option<Cow<'_, str>>) -> Option<&'t str> {
            said.as_deref().map(str::trim).filter(|text| !text.is_empty())
        }
        let details = inner.find("details").map(|details| Sparse::read(details).unwrap_or_default());
        let parent = details.as_ref().unwrap_or(inner).find("parent").or_else(|| inner.find("parent"));
        let resources: Option<Vec<&RawValue>> =
            body.find("resources").and_then(|list| serde_json::from_str(list).ok());
        let paths = resources.into_iter().flatten().filter_map(|path| text_of(path.get())?.parse().ok());
        Self {
            role_id: text(&said("roleDefinitionId")).and_then(|path| last_segment(path).parse().ok()),
            principal_id: text(&said("principalId")).and_then(|id| id.parse().ok()),
            principal_kind: text(&said("principalType")).map(str::to_owned),
            condition: text(&said("condition")).map(str::to_owned),
            scope: text(&said("scope")).and_then(|scope| scope.parse().ok()),
            created: text(&said("createdOn")).and_then(|time| time.parse().ok()),
            ended: text(&said("updatedOn")).and_then(|time| time.parse().ok()),
            parent: parent.and_then(|parent| Sparse::read(parent)?.text("id")?.trim().parse().ok()),
            moved: paths.collect(),
            moved_to: text(&said("targetResourceGroup")).and_then(|path| path.parse().ok()),
        }
    }
}

/// The id of what the operation is about.
pub(crate) fn target(operation: Operation, record: &LogRecord<'_, '_>) -> String {
    if matches!(operation, Operation::Register | Operation::Unregister)
        && let Some(id) = delegation(record)
    {
        return id;
    }
    let told = [Field::RESOURCE, Field::TABLE_RESOURCE].map(|field| record.text(field).ok().flatten());
    let is_marked = |id: &str| id.to_ascii_lowercase().contains(operation.marks());
    let marked = told.iter().flatten().find(|id| is_marked(id));
    if let Some(id) = marked {
        return id.trim().to_owned();
    }
    // Looked into only where it is needed.
    let authorized = record.authorization("scope").map(Cow::Owned);
    let marked = authorized.iter().find(|id| is_marked(id));
    let target = marked.or(told.iter().flatten().next()).or(authorized.as_ref());
    target.map(|id| id.trim().to_owned()).unwrap_or_default()
}

/// The delegation that the managing tenant's log names, in a JSON text.
fn delegation(record: &LogRecord<'_, '_>) -> Option<String> {
    // Under its own key it is a text, whatever the text is.
    let told = record.text(Field::DESCRIPTION).ok().flatten();
    let told = told.filter(|text| serde_json::from_str::<IgnoredAny>(text).is_ok());
    let told = match told {
        Some(text) => text.into_owned(),
        None => Sparse::read(&record.properties()?)?.object("description")?.into_owned(),
    };
    let told = Sparse::read(&told)?;
    let (id, subscription) = (told.text("delegationResourceId"), told.text("subscriptionId"));
    match (id.as_deref().map(str::trim), subscription.as_deref().map(str::trim)) {
        (Some(id), _) if id.to_ascii_lowercase().contains("/subscriptions/") => Some(id.to_owned()),
        (Some(id), Some(subscription)) => Some(format!(
            "/subscriptions/{subscription}/providers/Microsoft.ManagedServices/registrationAssignments/{}",
            last_segment(id)
        )),
        _ => None,
    }
}

/// The management groups of `tenant/group/.../subscription`, from the root down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    pub tenant_id: Option<azure_pec::TenantId>,
    pub subscription: azure_pec::SubscriptionId,
    pub groups: Vec<Scope>,
}

impl Chain {
    /// Reads it; none where it does not end in a subscription.
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('/').map(str::trim).filter(|part| !part.is_empty()).collect();
        let (last, groups) = parts.split_last()?;
        let subscription = Guid::parse(last.as_bytes()).map(azure_pec::SubscriptionId)?;
        // The root group has the name of its tenant.
        let tenant_id = Guid::parse(groups.first()?.as_bytes()).map(azure_pec::TenantId);
        let group =
            |name: &&str| format!("/providers/Microsoft.Management/managementGroups/{name}").parse().ok();
        let groups: Option<Vec<Scope>> = groups.iter().map(group).collect();
        Some(Self { tenant_id, subscription, groups: groups? })
    }
}
