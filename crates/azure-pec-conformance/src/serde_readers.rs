//! The parts of a question without the readers of files: where nothing but the core is built, as over its mutants.

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, DenyAssignment, Grant, HierarchyEntry, NamelessGrant, Observed, ObservedWindow, Partner,
    Policy, Principal, ResourceMove, RoleDefinition,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::request::{Refusal, refusal, typed};

#[derive(Deserialize)]
#[serde(untagged)]
enum Says {
    Text(String),
    Roles(BTreeMap<String, String>),
}

pub(crate) fn policy(raw: &RawValue) -> Result<Policy, Refusal> {
    let mut policy = Policy::default();
    for (key, says) in typed::<BTreeMap<String, Says>>(raw)? {
        let value = match says {
            Says::Text(text) => text,
            Says::Roles(roles) if roles.is_empty() => "unknown".to_owned(),
            Says::Roles(roles) => {
                let pairs: Vec<String> = roles.iter().map(|(role, says)| format!("{role}={says}")).collect();
                pairs.join(",")
            }
        };
        policy.set(&key, &value).map_err(refusal)?;
    }
    Ok(policy)
}

pub(crate) fn partner(raw: &RawValue) -> Result<Partner, Refusal> {
    typed(raw)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Access {
    #[serde(rename = "schema")]
    _schema: String,
    observed: Windows,
    grants: Option<Vec<Grant>>,
    denies: Option<Vec<DenyAssignment>>,
    hierarchy: Option<Vec<HierarchyEntry>>,
    roles: Option<Vec<RoleDefinition>>,
    links: Option<Vec<Principal>>,
    nameless: Option<Vec<NamelessGrant>>,
    moves: Option<Vec<ResourceMove>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Complete {
    Complete,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Windows {
    Complete(Complete),
    These(Vec<ObservedWindow>),
}

pub(crate) fn access(raw: &RawValue) -> Result<AccessHistory, Refusal> {
    let access: Access = typed(raw)?;
    let history = AccessHistory {
        observed: match access.observed {
            Windows::Complete(Complete::Complete) => Observed::Complete,
            Windows::These(windows) => Observed::Windows(windows),
        },
        grants: access.grants.unwrap_or_default(),
        denies: access.denies.unwrap_or_default(),
        hierarchy: access.hierarchy.unwrap_or_default(),
        roles: access.roles.unwrap_or_default(),
        links: access.links.unwrap_or_default(),
        nameless: access.nameless.unwrap_or_default(),
        moves: access.moves.unwrap_or_default(),
    };
    history.check().map_err(refusal)?;
    Ok(history)
}
