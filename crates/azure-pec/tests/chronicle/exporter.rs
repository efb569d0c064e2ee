//! What a collector would have exported of a world.

use azure_pec::{
    Chronicle, DenyAssignment, Event, Evidence, Grant, HierarchyEntry, Instant, Listing, Log, LoggedChange,
    Scope, Snapshot, TenantId, Twin,
};

use crate::world::{Change, Denial, Life, MACHINE, SUB_A, SUB_B, SUB_C, World, other_tenant, scope, tenant};

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

/// A place of one of the two tenants, which have a group of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spot {
    pub place: &'static str,
    pub theirs: bool,
}

impl Spot {
    pub const fn ours(place: &'static str) -> Self {
        Self { place, theirs: false }
    }

    pub const fn theirs(place: &'static str) -> Self {
        Self { place, theirs: true }
    }

    pub fn tenant(self) -> TenantId {
        if self.theirs { other_tenant() } else { tenant() }
    }

    /// Whether a list taken here shows what is granted there.
    fn shows(self, world: &World, place: &Scope, tenant: TenantId, at: Instant) -> bool {
        let own = scope(self.place);
        let below = own.subscription_id().is_some() && own.contains(place);
        let above = || world.chain(&own, tenant, at).contains(place);
        tenant == self.tenant() && (below || own == *place || above())
    }

    /// Whether a log taken here records what happens there.
    fn records(self, place: &Scope, tenant: TenantId) -> bool {
        let own = scope(self.place);
        tenant == self.tenant() && (own == *place || !own.is_above_subscriptions() && own.contains(place))
    }
}

/// The list of a place's role assignments, with those above it.
pub fn list(world: &World, spot: Spot, at: Instant, dated: bool) -> Snapshot {
    let place = scope(spot.place);
    let mut list = snapshot(Listing::RoleAssignments, vec![place.clone()], at);
    list.tenant_id = Some(spot.tenant());
    let there = world.lives.iter().filter(|life| life.holds(at) && !life.delegated);
    for life in there.filter(|life| spot.shows(world, &life.scope, life.tenant, at)) {
        let mut grant = Grant { start: dated.then_some(life.made.at), end: None, ..life.grant() };
        if life.scope.is_above_subscriptions() {
            grant.reaches = place.subscription_id().into_iter().collect();
        }
        grant.evidence = vec![evidence(&life.name)];
        list.grants.push(grant);
    }
    list
}

/// The schedules of a subscription and above it.
pub fn schedules(world: &World, spot: Spot, at: Instant) -> Snapshot {
    let mut list = Snapshot { listing: Listing::ActiveSchedules, ..list(world, spot, at, true) };
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

/// The Lighthouse delegations at and below a subscription, which carry no dates.
pub fn delegations(world: &World, spot: Spot, at: Instant) -> Snapshot {
    let mut list = snapshot(Listing::Delegations, vec![scope(spot.place)], at);
    let there = world.lives.iter().filter(|life| life.holds(at) && life.delegated);
    let seen = there.filter(|life| spot.shows(world, &life.scope, life.tenant, at));
    list.grants = seen
        .map(|life| Grant { start: None, end: None, evidence: vec![evidence(&life.name)], ..life.grant() })
        .collect();
    Snapshot { tenant_id: Some(spot.tenant()), ..list }
}

/// The deny assignments of a place and above it, which carry no dates.
pub fn denies(world: &World, spot: Spot, at: Instant) -> Snapshot {
    let mut list = snapshot(Listing::DenyAssignments, vec![scope(spot.place)], at);
    let there = world.denials.iter().filter(|denial| denial.holds(at));
    let seen = there.filter(|denial| spot.shows(world, &denial.scope, tenant(), at));
    list.denies = seen.map(|denial| DenyAssignment { start: None, end: None, ..denial.deny() }).collect();
    Snapshot { tenant_id: Some(spot.tenant()), ..list }
}

/// Where everything stands.
pub fn tree(world: &World, at: Instant) -> Snapshot {
    let mut tree = snapshot(Listing::Hierarchy, Vec::new(), at);
    tree.hierarchy = world
        .places
        .iter()
        .map(|place| HierarchyEntry {
            tenant_id: Some(place.tenant),
            child: place.child.clone(),
            parent: place.parent_at(at).clone(),
            start: None,
            end: None,
        })
        .collect();
    tree
}

/// An operation: what its two records say together, and what the one of its end says alone.
struct Operation {
    change: Change,
    whole: LoggedChange,
    end: LoggedChange,
}

impl Operation {
    fn told_by_its_end(change: Change, what: LoggedChange) -> Self {
        Self { change, end: what.clone(), whole: what }
    }

    /// The event of the records that the log has. The beginning of an operation whose end is at the beginning of a log
    /// may lie before it; of one whose end is in its newest part it may be late.
    fn event(self, log_start: Instant, whole_until: Instant, begun: bool, done: bool) -> Option<Event> {
        let (start, end) = (self.change.begun(), self.change.done());
        let earliest =
            if end.plus(-Log::LATE) < log_start { log_start.plus(-Log::LATE) } else { whole_until };
        let begun_seen = begun;
        let event = |begun: Instant, done: Instant, change: LoggedChange| {
            let record = format!("{:?}", std::mem::discriminant(&change));
            Some(Event { begun, begun_seen, done, change, evidence: evidence(&record) })
        };
        match (begun, done) {
            (true, true) => event(start, end, self.whole),
            (true, false) => event(start, start, LoggedChange::Begun(Box::new(self.whole))),
            (false, true) => event(earliest.min(end), end, self.end),
            (false, false) => None,
        }
    }
}

fn life_operations(life: &Life) -> Vec<Operation> {
    let (id, scope) = (life.name.clone(), life.scope.clone());
    if life.delegated {
        let made = LoggedChange::Delegated { id: id.clone(), scope: scope.clone() };
        let ended = LoggedChange::Undelegated { id, scope };
        let ended = life.ended.map(|end| Operation::told_by_its_end(end, ended));
        return [Operation::told_by_its_end(life.made, made)].into_iter().chain(ended).collect();
    }
    // An answer to a write claims a start that is not what is stored.
    let written = Grant { start: None, end: None, ..life.grant() };
    let writes = [Some(life.made), life.updated].into_iter().flatten().map(|change| Operation {
        change,
        whole: LoggedChange::Granted(Box::new(written.clone())),
        end: LoggedChange::Assigned { id: id.clone(), scope: scope.clone() },
    });
    let ended = life.ended.map(|end| {
        let revoked = |told: bool| LoggedChange::Revoked {
            id: id.clone(),
            scope: scope.clone(),
            role_id: told.then_some(written.role_id),
            principal_id: told.then_some(written.principal_id),
            principal_kind: life.direct.then(|| "ForeignGroup".to_owned()),
            created: life.direct.then_some(life.made.at),
            ended: life.direct.then_some(end.at),
        };
        Operation::told_by_its_end(end, revoked(true))
    });
    writes.chain(ended).collect()
}

fn denial_operations(denial: &Denial) -> Vec<Operation> {
    let (id, scope) = (denial.name.clone(), denial.scope.clone());
    let made = LoggedChange::Denied { id: id.clone(), scope: scope.clone() };
    let ended = LoggedChange::Undenied { id, scope };
    let ended = denial.ended.map(|end| Operation::told_by_its_end(end, ended));
    [Operation::told_by_its_end(denial.made, made)].into_iter().chain(ended).collect()
}

/// The operations that a log of the place records.
fn operations(world: &World, spot: Spot) -> Vec<Operation> {
    let own = scope(spot.place);
    let mut operations = Vec::new();
    for life in world.lives.iter().filter(|life| spot.records(&life.scope, life.tenant)) {
        operations.extend(life_operations(life));
    }
    for denial in world.denials.iter().filter(|denial| spot.records(&denial.scope, tenant())) {
        operations.extend(denial_operations(denial));
    }
    for place in world.places.iter().filter(|place| place.tenant == spot.tenant()) {
        let Some((change, to)) = &place.moved else { continue };
        // A subscription is taken from under one group and put under another; a group is written itself.
        let group = place.child.is_above_subscriptions();
        let records = if group { place.child == own } else { *to == own || place.parent == own };
        if records {
            let placed = LoggedChange::Placed { child: place.child.clone(), parent: to.clone() };
            operations.push(Operation::told_by_its_end(*change, placed));
        }
    }
    if let Some(change) = world.moved.filter(|_| spot.records(&scope(MACHINE), tenant())) {
        let to = scope(&format!("{SUB_A}/resourceGroups/rg2"));
        let moved = LoggedChange::Moved { from: vec![scope(MACHINE)], to };
        operations.push(Operation::told_by_its_end(change, moved));
    }
    operations
}

/// What a log is like.
#[derive(Debug, Clone, Copy)]
pub struct LogForm {
    /// Records name the groups above the subscription.
    pub chains: bool,
    /// It was asked for at its end: of the newest records only those are in it whose bits are set.
    pub late: Option<u32>,
}

/// The log of a subscription or of a group.
pub fn log(world: &World, spot: Spot, start: Instant, end: Instant, form: LogForm) -> Log {
    let place = scope(spot.place);
    let whole_until = if form.late.is_some() { end.plus(-Log::LATE) } else { end };
    let mut bits = form.late.unwrap_or_default();
    let mut has = |at: Instant| {
        bits = bits.rotate_left(1);
        start <= at && (at <= whole_until || at <= end && bits & 1 == 1)
    };
    let mut events = Vec::new();
    for operation in operations(world, spot) {
        let (begun, done) = (has(operation.change.begun()), has(operation.change.done()));
        events.extend(operation.event(start, whole_until, begun, done));
    }
    if form.chains && !place.is_above_subscriptions() {
        for at in events.iter().map(|event| event.done).collect::<Vec<_>>() {
            // While a move is under way nobody can tell.
            let moving = world.places.iter().filter_map(|place| place.moved.as_ref());
            if moving.clone().any(|(change, _)| change.begun() <= at && at <= change.done()) {
                continue;
            }
            let mut groups = world.chain(&place, spot.tenant(), at);
            groups.reverse();
            let subscription = place.subscription_id().unwrap();
            let chain = LoggedChange::Chain { tenant_id: Some(spot.tenant()), subscription, groups };
            events.push(Event {
                begun: at,
                begun_seen: true,
                done: at,
                change: chain,
                evidence: evidence("chain"),
            });
        }
    }
    Log {
        file: format!("log-{}.json", place.as_str().rsplit('/').next().unwrap()),
        tenant_id: Some(spot.tenant()),
        scopes: vec![place],
        start,
        end,
        asked_at: form.late.map(|_| end),
        span_assumed: false,
        complete: true,
        events,
    }
}

/// The changes of a world.
pub fn changes(world: &World) -> Vec<Change> {
    let lives = world.lives.iter().flat_map(|life| [Some(life.made), life.ended, life.updated]);
    let denials = world.denials.iter().flat_map(|denial| [Some(denial.made), denial.ended]);
    let places = world.places.iter().map(|place| place.moved.as_ref().map(|(change, _)| *change));
    lives.chain(denials).chain(places).chain([world.moved]).flatten().collect()
}

/// Whether a moment lies in no operation: what lists show during one nobody can tell.
pub fn is_calm(world: &World, at: Instant) -> bool {
    changes(world).iter().all(|change| at < change.begun() || change.done() < at)
}

/// One thing that a collector did.
#[derive(Debug, Clone)]
pub enum Taken {
    List { spot: Spot, at: Instant, dated: bool, complete: bool },
    Schedules { spot: Spot, at: Instant },
    Delegations { spot: Spot, at: Instant },
    Denies { spot: Spot, at: Instant },
    Tree { at: Instant },
    Log { spot: Spot, start: Instant, end: Instant, form: LogForm },
}

pub fn chronicle(world: &World, taken: &[Taken]) -> Chronicle {
    let mut chronicle = Chronicle::default();
    for one in taken {
        match *one {
            Taken::List { spot, at, dated, complete } => {
                let mut list = list(world, spot, at, dated);
                list.complete = complete;
                if !complete {
                    list.grants.truncate(1);
                }
                chronicle.snapshots.push(list);
            }
            Taken::Schedules { spot, at } => chronicle.snapshots.push(schedules(world, spot, at)),
            Taken::Delegations { spot, at } => chronicle.snapshots.push(delegations(world, spot, at)),
            Taken::Denies { spot, at } => chronicle.snapshots.push(denies(world, spot, at)),
            Taken::Tree { at } => chronicle.snapshots.push(tree(world, at)),
            Taken::Log { spot, start, end, form } => {
                chronicle.logs.push(log(world, spot, start, end, form));
            }
        }
    }
    chronicle
}

/// The world without what no export names: of Lighthouse, deny assignments and moves of resources that nobody exports
/// nobody can know.
pub fn known(world: &World, chronicle: &Chronicle) -> World {
    let events = || chronicle.logs.iter().flat_map(|log| &log.events).map(|event| &event.change);
    let names = |own: &str, change: &LoggedChange| {
        let change = if let LoggedChange::Begun(change) = change { change } else { change };
        match change {
            LoggedChange::Delegated { id, .. }
            | LoggedChange::Undelegated { id, .. }
            | LoggedChange::Denied { id, .. }
            | LoggedChange::Undenied { id, .. } => id == own,
            LoggedChange::Moved { .. } => own.is_empty(),
            _ => false,
        }
    };
    let listed = |own: &str| {
        let lists = || chronicle.snapshots.iter();
        lists().flat_map(|list| &list.grants).any(|grant| grant.id == own)
            || lists().flat_map(|list| &list.denies).any(|deny| deny.id == own)
    };
    let told = |name: &str, id: &str| listed(id) || events().any(|change| names(name, change));
    World {
        lives: world
            .lives
            .iter()
            .filter(|life| !life.delegated || told(&life.name, &life.id()))
            .cloned()
            .collect(),
        denials: world.denials.iter().filter(|one| told(&one.name, &one.name)).cloned().collect(),
        moved: world.moved.filter(|_| events().any(|change| names("", change))),
        places: world.places.clone(),
    }
}

pub const SUBS: [Spot; 3] = [Spot::ours(SUB_A), Spot::ours(SUB_B), Spot::theirs(SUB_C)];
