//! Role definitions: what a role may do.

use serde::{Deserialize, Serialize};

use crate::grant::Evidence;
use crate::ids::{RoleId, TenantId};

/// A built-in or custom role, as an export of role definitions shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
    /// What it permits. A block's `not_actions` are taken from that block alone.
    #[serde(default)]
    pub permissions: Vec<Permission>,
    /// Where it was read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
}

/// One block of a role's permissions; `*` stands for any text, segment borders included.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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
