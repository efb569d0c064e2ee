//! Deny assignments: when they hold over a place, which roles they leave alone, and what they leave of a grant.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::access::Parts;
use crate::account::Account;
use crate::action::Actions;
use crate::day::IntervalSet;
use crate::grant::{AccessHistory, DenyAssignment, Grant};
use crate::ids::{RoleId, TenantId};
use crate::policy::{Absence, Deny, Policy};
use crate::reach::Reach;
use crate::role_definition::{RoleDefinition, RoleIndex};
use crate::standing::Standing;

/// A deny assignment over a place, and when it holds there.
#[derive(Debug, Clone)]
pub(crate) struct Denial<'a> {
    /// Its place in the history.
    pub at: usize,
    pub deny: &'a DenyAssignment,
    pub reach: Reach,
}

impl<'a> Denial<'a> {
    /// Of a deny assignment over the account. What is uncertain of its span it may deny.
    pub fn new(at: usize, deny: &'a DenyAssignment, account: &Account) -> Self {
        let bounds = deny.bounds();
        let reach = Reach::new(&deny.scope, deny.tenant_id, &deny.reaches, account);
        let sure = reach.sure.intersection(&bounds.sure.into());
        let widest = reach.sure.union(&reach.maybe).intersection(&bounds.widest.into());
        Self { at, deny, reach: Reach { maybe: widest.difference(&sure), sure } }
    }
}

/// A role as a grant names it.
type RoleKey = (RoleId, Option<TenantId>);

/// The roles of which role definitions show that a deny assignment takes nothing from them.
#[derive(Debug, Clone, Default)]
pub(crate) struct SparedRoles {
    /// Of each deny assignment, which of the distinct lists of actions it denies.
    lists: Vec<usize>,
    spared: FxHashSet<(RoleKey, usize)>,
}

impl SparedRoles {
    /// Compares every distinct list of denied actions with every role that grants hold.
    pub fn new(history: &AccessHistory, roles: &RoleIndex) -> Self {
        let mut numbers: FxHashMap<Actions, usize> = FxHashMap::default();
        let lists = history.denies.iter().map(|deny| {
            let next = numbers.len();
            *numbers.entry(Actions::new(&deny.actions, &deny.not_actions)).or_insert(next)
        });
        let lists = lists.collect();
        let mut spared = FxHashSet::default();
        let keys: FxHashSet<RoleKey> =
            history.grants.iter().map(|grant| (grant.role_id, grant.tenant_id)).collect();
        for key in keys {
            let known: Vec<&RoleDefinition> = roles.of(key.0, key.1).collect();
            for (denied, number) in &numbers {
                if !known.is_empty() && !known.iter().any(|role| role.permits_any_of(denied)) {
                    spared.insert((key, *number));
                }
            }
        }
        Self { lists, spared }
    }

    fn holds(&self, grant: &Grant, deny: usize) -> bool {
        let number = self.lists.get(deny);
        number.is_some_and(|number| self.spared.contains(&((grant.role_id, grant.tenant_id), *number)))
    }

    /// Takes the denied time out of what a grant is.
    pub fn subtract(&self, policy: &Policy, grant: &Grant, parts: Parts, denials: &[Denial<'_>]) -> Parts {
        let reaching = || {
            let of_principal = denials.iter().filter(|one| one.deny.reaches_principal(grant.principal_id));
            of_principal.filter(|one| !self.holds(grant, one.at))
        };
        if reaching().next().is_none() {
            return parts;
        }
        let sure: IntervalSet = reaching().flat_map(|one| one.reach.sure.intervals()).copied().collect();
        let maybe: IntervalSet = reaching().flat_map(|one| one.reach.maybe.intervals()).copied().collect();
        let maybe = match policy.absence {
            Absence::RequireProof => maybe.difference(&sure),
            Absence::Assume => IntervalSet::empty(),
        };
        let mut result = Parts::new();
        let mut add = |standing, times: IntervalSet| {
            if !times.is_empty() {
                result.push((standing, times));
            }
        };
        for (standing, times) in parts {
            let hopeful = standing <= Standing::RoleUnknown;
            if !hopeful {
                add(standing, times);
                continue;
            }
            let denied = times.intersection(&sure);
            let doubtful = times.intersection(&maybe);
            if policy.deny == Deny::Unknown || standing == Standing::Qualifies {
                add(Standing::Denied, denied.clone());
            }
            // That the deny stands above this subscription, or held then, is not proved.
            add(Standing::Unproven, doubtful.clone());
            add(standing, times.difference(&denied).difference(&doubtful));
        }
        result
    }
}
