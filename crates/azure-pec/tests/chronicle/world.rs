//! Small true worlds: who held what where and when, to the tick.

use azure_pec::{
    AccessHistory, Day, DenyAssignment, Grant, GrantPath, HierarchyEntry, Instant, Observed, Scope,
    SubscriptionId, TICKS_PER_DAY, TenantId,
};
use proptest::prelude::*;

pub const TENANT: &str = "aaaaaaaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa";
/// Another customer's, which has a group of the same name.
pub const OTHER_TENANT: &str = "eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee";
pub const SUB_A: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
pub const SUB_B: &str = "/subscriptions/bbbbbbbb-0000-0000-0000-000000000002";
pub const SUB_C: &str = "/subscriptions/cccccccc-0000-0000-0000-000000000003";
/// The virtual machine that may move to another resource group.
pub const MACHINE: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001/resourceGroups/rg1/providers/\
                           Microsoft.Compute/virtualMachines/vm";
pub const TOP: &str = "/providers/Microsoft.Management/managementGroups/top";
pub const LEFT: &str = "/providers/Microsoft.Management/managementGroups/left";
pub const RIGHT: &str = "/providers/Microsoft.Management/managementGroups/right";
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
/// The days that are looked at.
pub const DAYS: i32 = 10;

pub fn scope(text: &str) -> Scope {
    text.parse().unwrap()
}

pub fn sub(text: &str) -> SubscriptionId {
    scope(text).subscription_id().unwrap()
}

pub fn tenant() -> TenantId {
    TENANT.parse().unwrap()
}

pub fn other_tenant() -> TenantId {
    OTHER_TENANT.parse().unwrap()
}

pub fn first_day() -> Day {
    "2026-10-01".parse().unwrap()
}

pub fn day(number: i32) -> Day {
    Day::from_number(first_day().number() + number)
}

/// Quarters of a day after the first, and some ticks.
pub fn moment(quarters: i64, ticks: i64) -> Instant {
    first_day().start().plus(quarters * TICKS_PER_DAY / 4 + ticks)
}

/// A change, and how long before and after it the log has its records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    pub at: Instant,
    pub before: i64,
    pub after: i64,
}

impl Change {
    pub fn begun(&self) -> Instant {
        self.at.plus(-self.before)
    }

    pub fn done(&self) -> Instant {
        self.at.plus(self.after)
    }
}

/// One assignment's life.
#[derive(Debug, Clone)]
pub struct Life {
    pub tenant: TenantId,
    /// A Lighthouse delegation, which lists of its own show, without a date.
    pub delegated: bool,
    pub name: String,
    pub scope: Scope,
    pub role: &'static str,
    pub principal: u8,
    pub made: Change,
    pub ended: Option<Change>,
    /// The record of its end holds the stored assignment.
    pub direct: bool,
    /// Its description was changed.
    pub updated: Option<Change>,
    /// A schedule of Privileged Identity Management: its announced end.
    pub announced: Option<Instant>,
}

impl Life {
    pub fn holds(&self, at: Instant) -> bool {
        self.made.at <= at && self.ended.is_none_or(|end| at < end.at)
    }

    pub fn id(&self) -> String {
        match self.delegated {
            true => format!("{}/{}/{}", self.name, self.principal_id(), self.role),
            false => self.name.clone(),
        }
    }

    pub fn principal_id(&self) -> String {
        format!("dddddddd-0000-0000-0000-00000000000{}", self.principal)
    }

    pub fn grant(&self) -> Grant {
        Grant {
            id: self.id(),
            tenant_id: self.scope.is_above_subscriptions().then_some(self.tenant),
            path: if self.delegated { GrantPath::LighthouseOffer } else { GrantPath::Aobo },
            eligible_only: false,
            scope: self.scope.clone(),
            role_id: self.role.parse().unwrap(),
            principal_id: self.principal_id().parse().unwrap(),
            principal_kind: Some("ForeignGroup".to_owned()),
            partner_id: None,
            start: Some(self.made.at),
            end: self.ended.map(|end| end.at),
            start_earliest: None,
            end_latest: None,
            condition: None,
            reaches: Vec::new(),
            custom_role: None,
            evidence: Vec::new(),
        }
    }
}

/// A deny assignment's life. Lists show it without a date, logs without its content.
#[derive(Debug, Clone)]
pub struct Denial {
    pub name: String,
    pub scope: Scope,
    /// Whom it denies; none for everybody.
    pub principal: Option<u8>,
    pub made: Change,
    pub ended: Option<Change>,
}

impl Denial {
    pub fn holds(&self, at: Instant) -> bool {
        self.made.at <= at && self.ended.is_none_or(|end| at < end.at)
    }

    pub fn deny(&self) -> DenyAssignment {
        let text = serde_json::json!({
            "id": self.name, "scope": self.scope.to_string(), "everyone": self.principal.is_none(),
            "principal_ids": self.principal.map(|one| format!("dddddddd-0000-0000-0000-00000000000{one}")).into_iter()
                .collect::<Vec<_>>(),
            "exclude_principal_ids": [], "actions": ["*"], "applies_to_children": true, "system_protected": false,
        });
        let (start, end) = (Some(self.made.at), self.ended.map(|end| end.at));
        let tenant_id = self.scope.is_above_subscriptions().then(tenant);
        DenyAssignment { tenant_id, start, end, ..serde_json::from_value(text).unwrap() }
    }
}

/// A subscription or group under a parent, and where it moved if it did.
#[derive(Debug, Clone)]
pub struct Place {
    pub tenant: TenantId,
    pub child: Scope,
    pub parent: Scope,
    pub moved: Option<(Change, Scope)>,
}

impl Place {
    pub fn parent_at(&self, at: Instant) -> &Scope {
        match &self.moved {
            Some((change, to)) if change.at <= at => to,
            _ => &self.parent,
        }
    }
}

#[derive(Debug, Clone)]
pub struct World {
    pub lives: Vec<Life>,
    pub denials: Vec<Denial>,
    pub places: Vec<Place>,
    /// When the machine moved away.
    pub moved: Option<Change>,
}

impl World {
    /// The scopes above a subscription at a moment, the nearest first, `top` last.
    pub fn chain(&self, child: &Scope, tenant: TenantId, at: Instant) -> Vec<Scope> {
        let mut chain = Vec::new();
        let mut scope = child.clone();
        let is = |place: &&Place, scope: &Scope| place.child == *scope && place.tenant == tenant;
        while let Some(place) = self.places.iter().find(|place| is(place, &scope)) {
            scope = place.parent_at(at).clone();
            chain.push(scope.clone());
        }
        chain
    }

    /// Whether a subscription came back under a group that it had left: then what was seen before and after says
    /// nothing of the time between.
    pub fn comes_back(&self) -> bool {
        let mut times: Vec<Instant> =
            self.places.iter().filter_map(|place| Some(place.moved.as_ref()?.0.at)).collect();
        times.push(Instant::MIN);
        times.sort_unstable();
        [SUB_A, SUB_B].iter().any(|child| {
            [TOP, LEFT, RIGHT].iter().any(|group| {
                let under: Vec<bool> = times
                    .iter()
                    .map(|at| self.chain(&scope(child), tenant(), *at).contains(&scope(group)))
                    .collect();
                under.windows(2).filter(|pair| pair[0] != pair[1]).count() > 1
            })
        })
    }

    pub fn truth(&self) -> AccessHistory {
        let mut hierarchy = Vec::new();
        for place in &self.places {
            let entry = |parent: &Scope, start, end| HierarchyEntry {
                tenant_id: Some(place.tenant),
                child: place.child.clone(),
                parent: parent.clone(),
                start,
                end,
            };
            match &place.moved {
                Some((change, to)) => {
                    hierarchy.push(entry(&place.parent, None, Some(change.at)));
                    hierarchy.push(entry(to, Some(change.at), None));
                }
                None => hierarchy.push(entry(&place.parent, None, None)),
            }
        }
        // What was granted at the machine did not move with it.
        let cut = |life: &Life| {
            let end = life.ended.map(|end| end.at);
            let moved = self.moved.filter(|_| scope(MACHINE).contains(&life.scope)).map(|moved| moved.at);
            let end = match (end, moved) {
                (Some(end), Some(moved)) => Some(end.min(moved)),
                (end, moved) => end.or(moved),
            };
            Grant { end, ..life.grant() }
        };
        AccessHistory {
            observed: Observed::Complete,
            grants: self.lives.iter().map(cut).collect(),
            denies: self.denials.iter().map(Denial::deny).collect(),
            hierarchy,
            ..AccessHistory::default()
        }
    }
}

/// At a quarter of a day, give or take some ticks; most often exactly.
pub fn instants(quarters: std::ops::Range<i64>) -> impl Strategy<Value = Instant> {
    (quarters, prop::sample::select(vec![0, 0, 0, 1, -1, 36_000_000_001]))
        .prop_map(|(at, ticks)| moment(at, ticks))
}

pub fn changes(quarters: std::ops::Range<i64>) -> impl Strategy<Value = Change> {
    let lag = || prop::sample::select(vec![0i64, 10_000_000, 45_000_000]);
    (instants(quarters), lag(), lag()).prop_map(|(at, before, after)| Change { at, before, after })
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let mine = [SUB_A, SUB_A, &format!("{SUB_A}/resourceGroups/rg1"), MACHINE, SUB_B, LEFT, RIGHT, TOP]
        .map(|place| (scope(place), tenant()));
    let theirs = [SUB_C, LEFT].map(|place| (scope(place), other_tenant()));
    let one = (
        (prop::sample::select([mine.as_slice(), &theirs].concat()), prop::bool::weighted(0.15)),
        prop::bool::weighted(0.8),
        1u8..3,
        changes(-8..36),
        prop::option::weighted(0.7, (changes(1..30), any::<bool>())),
        prop::option::weighted(0.2, changes(1..20)),
        prop::bool::weighted(0.15),
        // Made anew with the same name, so many quarters after its end.
        prop::option::weighted(0.25, (1i64..8, any::<bool>())),
    );
    prop::collection::vec(one, 0..5).prop_map(|drafts| {
        let mut lives: Vec<Life> = Vec::new();
        for (at, (((place, tenant), delegated), owner, principal, made, end, updated, pim, again)) in
            drafts.into_iter().enumerate()
        {
            let delegated = delegated && !place.is_above_subscriptions();
            let owner = owner || delegated;
            let (updated, pim) = (updated.filter(|_| !delegated), pim && !delegated);
            let length = |change: &Change| change.at.ticks() - moment(0, 0).ticks();
            let ended = end.map(|(end, direct)| {
                (Change { at: made.at.plus(length(&end).max(200_000_000)), ..end }, direct)
            });
            let announced = pim.then(|| {
                ended.map_or(moment(60, 0), |(end, _)| {
                    end.at.plus(if at % 2 == 0 { 0 } else { TICKS_PER_DAY })
                })
            });
            let mut life = Life {
                tenant,
                delegated,
                name: format!("00000000-0000-0000-0000-0000000000{at}0"),
                scope: place,
                role: if owner { OWNER } else { READER },
                principal,
                made,
                ended: ended.map(|(end, _)| end),
                direct: ended.is_some_and(|(_, direct)| direct),
                updated: None,
                announced,
            };
            life.updated = updated
                .map(|change| Change { at: made.at.plus(length(&change).max(200_000_000)), ..change })
                .filter(|change| life.holds(change.done().plus(50_000_000)) && announced.is_none());
            let next = again.zip(life.ended).map(|((quarters, same_name), end)| Life {
                name: if same_name {
                    life.name.clone()
                } else {
                    format!("00000000-0000-0000-0000-0000000000{at}1")
                },
                made: Change { at: end.at.plus(quarters * TICKS_PER_DAY / 4), ..made },
                ended: None,
                updated: None,
                announced: None,
                ..life.clone()
            });
            for life in [Some(life), next].into_iter().flatten() {
                // Azure holds one assignment of a role to a principal at a scope.
                let overlaps = lives.iter().any(|other| {
                    (&other.scope, other.role, other.principal, other.tenant, other.delegated)
                        == (&life.scope, life.role, life.principal, life.tenant, life.delegated)
                        && other.ended.is_none_or(|end| end.done().plus(1) > life.made.begun())
                        && life.ended.is_none_or(|end| end.done().plus(1) > other.made.begun())
                });
                if !overlaps {
                    lives.push(life);
                }
            }
        }
        lives
    })
}

fn places() -> impl Strategy<Value = Vec<Place>> {
    let groups = || prop::sample::select(vec![TOP, LEFT, RIGHT]);
    let one = || (groups(), prop::option::weighted(0.4, (changes(2..38), groups())));
    (one(), one(), prop::option::weighted(0.2, changes(2..38))).prop_map(|(a, b, left)| {
        let place = |child: &str, (parent, moved): (&str, Option<(Change, &str)>)| Place {
            tenant: tenant(),
            child: scope(child),
            parent: scope(parent),
            moved: moved.filter(|(_, to)| *to != parent).map(|(change, to)| (change, scope(to))),
        };
        vec![
            place(SUB_A, a),
            place(SUB_B, b),
            place(LEFT, (TOP, left.map(|change| (change, RIGHT)))),
            place(RIGHT, (TOP, None)),
            Place { tenant: other_tenant(), ..place(SUB_C, (LEFT, None)) },
        ]
    })
}

fn denials() -> impl Strategy<Value = Vec<Denial>> {
    let places =
        vec![SUB_A.to_owned(), format!("{SUB_A}/resourceGroups/rg1"), SUB_B.to_owned(), LEFT.to_owned()];
    let one = (
        prop::sample::select(places),
        prop::option::weighted(0.5, 1u8..3),
        changes(-8..36),
        prop::option::weighted(0.7, changes(1..30)),
    );
    prop::collection::vec(one, 0..2).prop_map(|drafts| {
        let denials = drafts.into_iter().enumerate().map(|(at, (place, principal, made, end))| {
            let length = |change: &Change| change.at.ticks() - moment(0, 0).ticks();
            let ended = end.map(|end| Change { at: made.at.plus(length(&end).max(200_000_000)), ..end });
            let name = format!("11111111-0000-0000-0000-0000000000{at}0");
            Denial { name, scope: scope(&place), principal, made, ended }
        });
        denials.collect()
    })
}

pub fn worlds() -> impl Strategy<Value = World> {
    let denials = prop_oneof![3 => Just(Vec::new()), 1 => denials()];
    let moved = prop::option::weighted(0.15, changes(2..38));
    (lives(), denials, places(), moved).prop_map(|(lives, denials, places, moved)| {
        let mut world = World { lives, denials, places, moved };
        // Nothing is granted, or changed, at a machine that is not there any more.
        let gone = |change: &Change| moved.is_some_and(|moved| moved.begun() <= change.done());
        let stood = |life: &Life| scope(MACHINE).contains(&life.scope);
        world.lives.retain(|life| !gone(&life.made) || !stood(life));
        for life in world.lives.iter_mut().filter(|life| stood(life)) {
            life.updated = life.updated.filter(|change| !gone(change));
        }
        world
    })
}
