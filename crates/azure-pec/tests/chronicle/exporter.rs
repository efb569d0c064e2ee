//! What a collector would have exported of a world.

use azure_pec::{
    Chronicle, Event, Evidence, Grant, HierarchyEntry, Instant, Listing, Log, LoggedChange, Scope, Snapshot,
    Twin,
};

use crate::world::{Change, Life, Place, SUB_A, SUB_B, World, scope, tenant};

pub fn evidence(record: &str) -> Evidence {
    Evidence { file: "export.json".to_owned(), record: record.to_owned() }
}

pub fn snapshot(listing: Listing, scopes: Vec<Scope>, at: Instant) -> Snapshot {
    Snapshot {
        listing,
        file: format!("{listing:?}-{at}.json"),
        tenant_id: Some(tenant()),
        scopes,
        taken_at: at,
        time_assumed: false,
        complete: true,
        grants: Vec::new(),
        denies: Vec::new(),
        hierarchy: Vec::new(),
        reaches: Vec::new(),
        twins: Vec::new(),
    }
}

/// The list of a subscription's role assignments, with those above it.
pub fn list(world: &World, place: &str, at: Instant, dated: bool) -> Snapshot {
    let place = scope(place);
    let chain = world.chain(&place, at);
    let mut list = snapshot(Listing::RoleAssignments, vec![place.clone()], at);
    for life in world.lives.iter().filter(|life| life.holds(at)) {
        let below = place.subscription_id().is_some() && place.contains(&life.scope);
        if below || life.scope == place || chain.contains(&life.scope) {
            let mut grant = Grant { start: dated.then_some(life.made.at), end: None, ..life.grant() };
            if life.scope.is_above_subscriptions() {
                grant.reaches = place.subscription_id().into_iter().collect();
            }
            grant.evidence = vec![evidence(&life.name)];
            list.grants.push(grant);
        }
    }
    list
}

/// The schedules of a subscription and above it.
pub fn schedules(world: &World, place: &str, at: Instant) -> Snapshot {
    let mut list = Snapshot { listing: Listing::ActiveSchedules, ..list(world, place, at, true) };
    list.grants.retain_mut(|grant| {
        let life = world.lives.iter().find(|life| life.name == grant.id && life.holds(at));
        let Some(life) = life.filter(|life| life.announced.is_some()) else { return false };
        grant.end = life.announced;
        grant.id = format!("5{}", &life.name[1..]);
        list.twins.push(Twin { schedule: grant.id.clone(), assignment: life.name.clone() });
        true
    });
    list
}

/// Where everything stands.
pub fn tree(world: &World, at: Instant) -> Snapshot {
    let mut tree = snapshot(Listing::Hierarchy, Vec::new(), at);
    tree.hierarchy = world
        .places
        .iter()
        .map(|place| HierarchyEntry {
            tenant_id: Some(tenant()),
            child: place.child.clone(),
            parent: place.parent_at(at).clone(),
            start: None,
            end: None,
        })
        .collect();
    tree
}

/// What records of logs hold.
#[derive(Debug, Clone, Copy)]
pub struct LogForm {
    /// They name the groups above the subscription.
    pub chains: bool,
}

fn event(change: Change, what: LoggedChange) -> Event {
    let record = format!("{:?}", std::mem::discriminant(&what));
    Event { begun: change.begun(), done: change.done(), change: what, evidence: evidence(&record) }
}

fn life_events(life: &Life, events: &mut Vec<Event>) {
    // An answer to a write claims a start that is not what is stored.
    let written = Grant { start: None, end: None, ..life.grant() };
    events.push(event(life.made, LoggedChange::Granted(Box::new(written.clone()))));
    events.extend(life.updated.map(|change| event(change, LoggedChange::Granted(Box::new(written.clone())))));
    if let Some(end) = life.ended {
        let revoked = LoggedChange::Revoked {
            id: life.name.clone(),
            scope: life.scope.clone(),
            role_id: Some(written.role_id),
            principal_id: Some(written.principal_id),
            principal_kind: life.direct.then(|| "ForeignGroup".to_owned()),
            created: life.direct.then_some(life.made.at),
            ended: life.direct.then_some(end.at),
        };
        events.push(event(end, revoked));
    }
}

fn place_events(place: &Place) -> Option<Event> {
    let (change, to) = place.moved.as_ref()?;
    Some(event(*change, LoggedChange::Placed { child: place.child.clone(), parent: to.clone() }))
}

/// The log of a subscription or of a group.
pub fn log(world: &World, place: &str, start: Instant, end: Instant, form: LogForm) -> Log {
    let place = scope(place);
    let mut events = Vec::new();
    for life in &world.lives {
        if place == life.scope || !place.is_above_subscriptions() && place.contains(&life.scope) {
            life_events(life, &mut events);
        }
    }
    for moved in world.places.iter().filter(|other| {
        place.is_above_subscriptions()
            && other.moved.as_ref().is_some_and(|(_, to)| *to == place || other.parent == place)
    }) {
        events.extend(place_events(moved));
    }
    // A record is there when it is done.
    events.retain(|event| start <= event.done && event.done <= end);
    if form.chains && !place.is_above_subscriptions() {
        for at in events.iter().map(|event| event.done).collect::<Vec<_>>() {
            // While a move is under way nobody can tell.
            let moving = world.places.iter().filter_map(|place| place.moved.as_ref());
            if moving.clone().any(|(change, _)| change.begun() <= at && at <= change.done()) {
                continue;
            }
            let mut groups = world.chain(&place, at);
            groups.reverse();
            let subscription = place.subscription_id().unwrap();
            let chain = LoggedChange::Chain { tenant_id: Some(tenant()), subscription, groups };
            events.push(Event { begun: at, done: at, change: chain, evidence: evidence("chain") });
        }
    }
    Log {
        file: format!("log-{}.json", place.as_str().rsplit('/').next().unwrap()),
        tenant_id: Some(tenant()),
        scopes: vec![place],
        start,
        end,
        span_assumed: false,
        complete: true,
        events,
    }
}

/// Whether a moment lies in no operation: what lists show during one nobody can tell.
pub fn is_calm(world: &World, at: Instant) -> bool {
    let lives = world.lives.iter().flat_map(|life| [Some(life.made), life.ended, life.updated]);
    let places = world.places.iter().map(|place| place.moved.as_ref().map(|(change, _)| *change));
    lives.chain(places).flatten().all(|change| at < change.begun() || change.done() < at)
}

/// One thing that a collector did.
#[derive(Debug, Clone)]
pub enum Taken {
    List { place: &'static str, at: Instant, dated: bool, complete: bool },
    Schedules { place: &'static str, at: Instant },
    Tree { at: Instant },
    Log { place: &'static str, start: Instant, end: Instant, chains: bool },
}

pub fn chronicle(world: &World, taken: &[Taken]) -> Chronicle {
    let mut chronicle = Chronicle::default();
    for one in taken {
        match *one {
            Taken::List { place, at, dated, complete } => {
                let mut list = list(world, place, at, dated);
                list.complete = complete;
                if !complete {
                    list.grants.truncate(1);
                }
                chronicle.snapshots.push(list);
            }
            Taken::Schedules { place, at } => chronicle.snapshots.push(schedules(world, place, at)),
            Taken::Tree { at } => chronicle.snapshots.push(tree(world, at)),
            Taken::Log { place, start, end, chains } => {
                chronicle.logs.push(log(world, place, start, end, LogForm { chains }));
            }
        }
    }
    chronicle
}

pub const SUBS: [&str; 2] = [SUB_A, SUB_B];
