//! A minimal stand-in until the core puts histories together.

use azure_pec::{AccessHistory, Chronicle, Finding, Observed, ObservedWindow};

pub(crate) fn history(chronicle: &Chronicle) -> (AccessHistory, Vec<Finding>) {
    let mut all = AccessHistory::default();
    for history in &chronicle.histories {
        all.merge(history.clone());
    }
    for snapshot in &chronicle.snapshots {
        let window = |scope: &azure_pec::Scope| ObservedWindow {
            tenant_id: snapshot.tenant_id,
            scope: scope.clone(),
            start: Some(snapshot.taken_at),
            end: Some(snapshot.taken_at),
            reaches: snapshot.reaches.clone(),
        };
        all.merge(AccessHistory {
            observed: Observed::Windows(snapshot.scopes.iter().map(window).collect()),
            grants: snapshot.grants.clone(),
            denies: snapshot.denies.clone(),
            hierarchy: snapshot.hierarchy.clone(),
            ..AccessHistory::default()
        });
    }
    all.merge(AccessHistory {
        roles: chronicle.roles.clone(),
        links: chronicle.links.clone(),
        ..AccessHistory::default()
    });
    (all, Vec::new())
}
