//! Role definitions: what a role may do.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::action::Actions;
use crate::grant::{Evidence, Grant};
use crate::ids::{RoleId, TenantId};

/// A built-in or custom role, as an export of role definitions shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDefinition {
    /// The role's GUID, the last segment of its id.
    pub role_id: RoleId,
    /// The tenant of a custom role, where known.
    #[serde(default)]
    pub tenant_id: Option<TenantId>,
    /// Its name, for display: names change, ids do not.
    pub name: String,
    /// A custom role, which the published table of earning roles cannot hold.
    pub custom: bool,
    /// What it permits. A block's `not_actions` are taken from that block alone. No block at all says nothing.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// One block of a role's permissions; `*` stands for any text, segment borders included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Permission {
    /// Control-plane actions.
    pub actions: Vec<String>,
    /// Those that are taken out again.
    pub not_actions: Vec<String>,
    /// Data-plane actions.
    pub data_actions: Vec<String>,
    /// Those that are taken out again.
    pub not_data_actions: Vec<String>,
}

impl RoleDefinition {
    /// Whether it permits any of the control-plane actions, or may: without a block it does not say what it permits.
    pub(crate) fn permits_any_of(&self, actions: &Actions) -> bool {
        let mut blocks = self.permissions.iter();
        self.permissions.is_empty()
            || blocks.any(|block| Actions::new(&block.actions, &block.not_actions).overlap(actions))
    }
}

/// Role definitions by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct RoleIndex(FxHashMap<RoleId, Vec<RoleDefinition>>);

impl RoleIndex {
    pub fn new(roles: &[RoleDefinition]) -> Self {
        let mut index: FxHashMap<RoleId, Vec<RoleDefinition>> = FxHashMap::default();
        for role in roles {
            index.entry(role.role_id).or_default().push(role.clone());
        }
        Self(index)
    }

    /// What is given of a role as a tenant has it. A custom role is its tenant's, where both tenants are known.
    pub fn of(&self, role: RoleId, tenant: Option<TenantId>) -> impl Iterator<Item = &RoleDefinition> {
        let given = self.0.get(&role).map(Vec::as_slice).unwrap_or_default();
        given.iter().filter(move |one| {
            !one.custom || one.tenant_id.is_none() || tenant.is_none() || one.tenant_id == tenant
        })
    }

    /// Whether a grant's role is a custom one: as the grant says, else as all its definitions do.
    pub fn is_custom(&self, grant: &Grant) -> Option<bool> {
        let mut given = self.of(grant.role_id, grant.tenant_id).map(|role| role.custom);
        grant.custom_role.or_else(|| given.next().filter(|first| given.all(|other| other == *first)))
    }
}
