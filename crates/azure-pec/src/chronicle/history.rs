//! From the facts of exports to the history that they prove.

use std::collections::BTreeMap;
use std::rc::Rc;

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::emit::{self, Stated};
use super::finding::{self, Findings};
use super::gather::{DenyThread, GrantThread, Move, NamelessEvent, Threads};
use super::kept::Observations;
use super::lives::{Doubt, Ending, Facts, How, Life, Possible};
use super::places::{ListPlaces, LogPlaces, Shot, compatible};
use super::spans::Spans;
use super::trace::{Trace, View};
use super::tree::Tree;
use super::windows::Observer;
use super::{Chronicle, Finding, Listing};
use crate::day::{Instant, Interval, IntervalSet};
use crate::grant::{AccessHistory, DenyAssignment, Evidence, Grant, GrantPath, NamelessGrant, Observed};
use crate::ids::{Guid, PrincipalId, RoleId, SubscriptionId, TenantId};
use crate::scope::{Scope, ScopeLevel};

/// Which lists show a place, or an assignment there: of what, where, whose.
type Showing<'w> = (Listing, &'w Scope, Option<TenantId>);

impl Chronicle {
    /// Puts the facts together: since when and until when each grant held, within what bounds, and what was observed.
    ///
    /// How each export is read stands in the documentation of the module's types and in DESIGN.md. The findings tell
    /// what exports do not agree on, what they do not show, and what was assumed; sorted, each once. Their codes:
    ///
    /// | code | what was found |
    /// | --- | --- |
    /// | `access.contradiction` | two exports do not agree; the time between is left open |
    /// | `access.log_hole` | no log covers a stretch between two logs of a place |
    /// | `access.log_incomplete` | a log lacks events of its span: it proves what it shows, and no absence |
    /// | `access.log_without_list` | no complete list was taken in the span of a log, which so proves no absence |
    /// | `access.log_tail` | the list was taken in the last minutes of a log, whose events arrive minutes late |
    /// | `access.group_uncovered` | groups above a subscription have no log and list for all of the time of its log |
    /// | `access.no_hierarchy` | nothing says what stands above a subscription: its own log is taken to show all |
    /// | `access.reach_unproven` | a group's grant is listed for a subscription whose place is not known all the time |
    /// | `access.moved` | resources moved, and grants made at their old place count no more |
    /// | `access.nameless_event` | something was given or taken that no export describes; the time is not observed |
    /// | `access.time_assumed` | nobody said when an export was taken, or what span a log has |
    /// | `access.partner_conflict` | histories name different partners for one grant |
    #[must_use]
    pub fn history(&self) -> (AccessHistory, Vec<Finding>) {
        if self.snapshots.is_empty() && self.logs.is_empty() {
            return self.clone().into_history();
        }
        let mut findings = Findings::default();
        self.tell_assumptions(&mut findings);
        let logs = LogPlaces::new(self);
        let tree = Tree::new(self, &logs, &mut findings);
        let lists = ListPlaces::new(self, &tree);
        let threads = Threads::new(self, &mut findings);
        let nameless: Vec<NamelessGrant> =
            threads.nameless.iter().map(|event| nameless(event, &lists, &mut findings)).collect();
        let observer =
            Observer { chronicle: self, logs: &logs, lists: &lists, tree: &tree, nameless: &nameless };
        let windows = observer.windows(&mut findings);
        let observed = Observations::of_windows(&windows);
        let kept = self.histories.iter().map(Observations::of_history).collect();
        let mut weaver = Weaver {
            chronicle: self,
            logs: &logs,
            lists: &lists,
            tree: &tree,
            threads: &threads,
            nameless: &nameless,
            observed: &observed,
            kept,
            triples: FxHashMap::default(),
            covered: FxHashMap::default(),
            showing: FxHashMap::default(),
            showing_subscription: FxHashMap::default(),
            findings,
        };
        weaver.index();
        let (grants, denies) = (weaver.grants(), weaver.denies());
        let findings = weaver.findings.finish();
        let hierarchy = tree.entries(|child| observed.around(child, None).map(|(_, last)| last));
        let complete = self.histories.iter().any(|history| history.observed == Observed::Complete);
        let mut history = self.roles_and_links();
        history.observed = if complete { Observed::Complete } else { Observed::Windows(windows) };
        let moves = threads.moves();
        (AccessHistory { grants, denies, hierarchy, nameless, moves, ..history }, findings)
    }

    /// As [`Self::history`], of a chronicle that nobody needs any more: histories alone are not held twice.
    #[must_use]
    pub fn into_history(self) -> (AccessHistory, Vec<Finding>) {
        if !self.snapshots.is_empty() || !self.logs.is_empty() {
            return self.history();
        }
        let Self { mut histories, roles, links, .. } = self;
        if !roles.is_empty() || !links.is_empty() {
            histories.push(AccessHistory { roles, links, ..AccessHistory::default() });
        }
        let mut whole = AccessHistory::default();
        for history in histories {
            whole.merge(history);
        }
        (whole, Vec::new())
    }

    fn roles_and_links(&self) -> AccessHistory {
        let mut whole = AccessHistory::default();
        let own = [(&self.roles, &self.links)];
        let kept = self.histories.iter().map(|history| (&history.roles, &history.links));
        for (roles, links) in kept.chain(own) {
            let (roles, links) = (roles.clone(), links.clone());
            whole.merge(AccessHistory { roles, links, ..AccessHistory::default() });
        }
        whole
    }

    fn tell_assumptions(&self, findings: &mut Findings) {
        let whole = |file: &str, record: &Option<&Scope>| Evidence {
            file: file.to_owned(),
            record: record.map_or_else(String::new, ToString::to_string),
        };
        for snapshot in self.snapshots.iter().filter(|snapshot| snapshot.time_assumed) {
            let message = format!(
                "nobody said when a list was taken: {}, the newest time in it, is taken for it",
                snapshot.taken_at
            );
            findings.add(finding::TIME_ASSUMED, message, &[whole(&snapshot.file, &snapshot.scopes.first())]);
        }
        for log in &self.logs {
            let evidence = [whole(&log.file, &log.scopes.first())];
            if log.span_assumed {
                let message = format!(
                    "nobody said what span a log has: from its oldest event to its newest, {} to {}, is taken for it",
                    log.start, log.end
                );
                findings.add(finding::TIME_ASSUMED, message, &evidence);
            }
            if !log.complete {
                let message = format!(
                    "a log lacks events of its span, {} to {}: it proves no absence",
                    log.start, log.end
                );
                findings.add(finding::LOG_INCOMPLETE, message, &evidence);
            }
        }
    }
}

/// When something may have held that nothing describes.
fn nameless(event: &NamelessEvent, lists: &ListPlaces<'_>, findings: &mut Findings) -> NamelessGrant {
    let shots = lists.showing(event.listing, &event.scope, None);
    let before = shots.iter().map(|(at, _)| *at).filter(|at| *at < event.at).max();
    let after = shots.iter().map(|(at, _)| *at).filter(|at| *at > event.at).min();
    let start = event.created.or(before);
    let end = event.gone.or(after).map(|end| end.max(start.unwrap_or(Instant::MIN)));
    let delegated = event.listing == Listing::Delegations;
    let what = if delegated { "delegation" } else { "role assignment" };
    let message = format!(
        "no export says what the {what} {} at {} granted, which was there at {}: nothing is proved absent there while it \
         may have been",
        event.id, event.scope, event.at
    );
    findings.add(finding::NAMELESS, message, &event.evidence);
    let (id, scope, evidence) = (event.id.clone(), event.scope.clone(), event.evidence.clone());
    NamelessGrant { id, delegated, scope, at: event.at, start, end, evidence }
}

/// In the order of their places and names. They are large, so they are moved only once.
fn sorted(grants: Vec<Grant>) -> Vec<Grant> {
    let key = |at: &usize| {
        grants.get(*at).map(|grant| {
            let Grant { scope, id, principal_id, role_id, start, reaches, .. } = grant;
            (scope, id, *principal_id, *role_id, *start, reaches)
        })
    };
    let mut order: Vec<usize> = (0..grants.len()).collect();
    order.sort_by(|one, other| key(one).cmp(&key(other)));
    let mut grants: Vec<Option<Grant>> = grants.into_iter().map(Some).collect();
    order.into_iter().filter_map(|at| grants.get_mut(at)?.take()).collect()
}

type Triple<'t> = (&'t Scope, RoleId, PrincipalId);

/// Puts each thread together.
struct Weaver<'w> {
    chronicle: &'w Chronicle,
    logs: &'w LogPlaces,
    lists: &'w ListPlaces<'w>,
    tree: &'w Tree,
    threads: &'w Threads<'w>,
    nameless: &'w [NamelessGrant],
    observed: &'w Observations<'w>,
    kept: Vec<Observations<'w>>,
    /// The threads of one scope, role and principal, of which Azure holds one assignment at a time.
    triples: FxHashMap<Triple<'w>, SmallVec<[usize; 1]>>,
    covered: FxHashMap<&'w Scope, Spans>,
    showing: FxHashMap<Showing<'w>, Rc<[Shot]>>,
    showing_subscription: FxHashMap<(Listing, SubscriptionId), Rc<[Shot]>>,
    findings: Findings,
}

const fn listing(grant: &Grant) -> Listing {
    match grant.path {
        GrantPath::LighthouseOffer | GrantPath::LighthouseTemplate => Listing::Delegations,
        _ if grant.eligible_only => Listing::EligibleSchedules,
        _ => Listing::RoleAssignments,
    }
}

impl<'w> Weaver<'w> {
    fn index(&mut self) {
        self.triples.reserve(self.threads.grants.len());
        for (at, GrantThread { grant, .. }) in self.threads.grants.iter().enumerate() {
            self.triples.entry((&grant.scope, grant.role_id, grant.principal_id)).or_default().push(at);
        }
    }

    fn rivals(&self, thread: &'w GrantThread<'w>) -> impl Iterator<Item = &'w GrantThread<'w>> {
        let grant = &thread.grant;
        let same = self.triples.get(&(&grant.scope, grant.role_id, grant.principal_id));
        let threads = same.into_iter().flatten().filter_map(|at| self.threads.grants.get(*at));
        threads.filter(move |rival| !std::ptr::eq(*rival, thread))
    }

    fn grants(&mut self) -> Vec<Grant> {
        let mut grants = Vec::with_capacity(self.threads.grants.len());
        for thread in &self.threads.grants {
            match thread.grant.scope.is_above_subscriptions() {
                true => self.group_grant(thread, &mut grants),
                false => {
                    let lives = self.lives(thread, View::Whole);
                    let observed = self.observed.around(&thread.grant.scope, thread.grant.tenant_id);
                    emit::grants(thread.told(), &lives, &thread.conditions, observed, &mut grants);
                }
            }
        }
        sorted(grants)
    }

    /// A grant above subscriptions: where it reaches by the hierarchy, and each subscription that lists name below it.
    fn group_grant(&mut self, thread: &'w GrantThread<'w>, grants: &mut Vec<Grant>) {
        let sights = thread.trace.sights.iter().map(|sight| &sight.reaches);
        let held = thread.trace.held.iter().map(|held| &held.reaches);
        let mut reached: Vec<SubscriptionId> = sights.chain(held).flatten().copied().collect();
        reached.sort_unstable();
        reached.dedup();
        // An open end is one for every subscription below, wherever it was last observed.
        let observed = self.observed.around(&thread.grant.scope, thread.grant.tenant_id);
        let root = thread.grant.scope == Scope::root();
        let mut parts: BTreeMap<Vec<Life>, Vec<SubscriptionId>> = BTreeMap::new();
        let mut unproven = false;
        for id in &reached {
            // A tenant's root is above its subscriptions wherever they stand in it.
            let settled = root || !self.tree.knows(&Scope::subscription(*id));
            let view = if settled { View::Settled(*id) } else { View::Shown(*id) };
            let mut lives = self.lives(thread, view);
            if !settled && self.hierarchy_proves(&thread.grant, *id, &lives) {
                continue;
            }
            unproven |= !settled;
            if !settled {
                // Where it may have reached it besides is what the hierarchy leaves open.
                lives.retain(|life| !life.possible);
                lives.iter_mut().for_each(|life| life.keep_sure(observed));
            }
            parts.entry(lives).or_default().push(*id);
        }
        let mut parts: Vec<(Vec<Life>, Vec<SubscriptionId>)> = parts.into_iter().collect();
        if parts.is_empty() || unproven || self.tree.has_below(&thread.grant.scope, thread.grant.tenant_id) {
            parts.push((self.lives(thread, View::Whole), Vec::new()));
        }
        for (lives, reaches) in parts {
            let grant = Grant { reaches, ..thread.told() };
            emit::grants(grant, &lives, &thread.conditions, observed, grants);
        }
        if unproven {
            let message = format!(
                "the grant {} at {} is listed for subscriptions whose place in the hierarchy is not known for all of the \
                 time: it counts for them from list to list, and where the hierarchy proves it",
                thread.grant.id, thread.grant.scope
            );
            self.findings.add(finding::REACH_UNPROVEN, message, thread.evidence.iter().copied());
        }
    }

    /// Whether the grant's group is known to have stood over the subscription whenever lists name it there.
    fn hierarchy_proves(&self, grant: &Grant, id: SubscriptionId, lives: &[Life]) -> bool {
        let subscription = Scope::subscription(id);
        let above = self.tree.above(&subscription);
        let mut above = above
            .iter()
            .filter(|((group, tenant), _)| *group == grant.scope && compatible(*tenant, grant.tenant_id));
        let Some((_, times)) = above.next() else { return false };
        // A history puts it there only while what stands above the group is known too.
        let known = times.intersection(&self.tree.chain_known(&subscription));
        lives.iter().all(|life| {
            let sure = Interval { start: life.from, end: life.until.plus(1) };
            IntervalSet::from(sure).difference(&known).is_empty()
        })
    }

    fn lives(&mut self, thread: &'w GrantThread<'w>, view: View) -> Vec<Life> {
        let mut facts = self.facts(&thread.trace, view, &thread.grant.scope, thread.grant.tenant_id);
        self.add_absences(&mut facts, thread, view);
        if !matches!(view, View::Shown(_)) && self.is_recorded(thread) {
            facts.covered = self.coverage(&thread.grant.scope, thread.grant.tenant_id);
        }
        facts.may_move = thread.grant.scope.level() == ScopeLevel::Resource;
        self.add_moves(&mut facts, thread);
        let (lives, doubts) = facts.lives();
        for doubt in doubts {
            self.tell(doubt, &thread.grant.id, &thread.grant.scope, thread.evidence.iter().copied());
        }
        lives
    }

    fn facts(&self, trace: &Trace, view: View, scope: &Scope, tenant: Option<TenantId>) -> Facts {
        let place = match view {
            View::Whole => scope.clone(),
            View::Settled(id) | View::Shown(id) => Scope::subscription(id),
        };
        trace.facts(view, |history| {
            let kept = self.kept.get(history as usize)?;
            // A history without observations says nothing of until when.
            kept.around(&place, tenant)
        })
    }

    /// Whether the logs of its place would have recorded an end of it, under the name that it has here.
    fn is_recorded(&self, thread: &'w GrantThread<'w>) -> bool {
        let grant = &thread.grant;
        match listing(grant) {
            Listing::EligibleSchedules => false,
            Listing::Delegations => !grant.eligible_only || thread.trace.is_listed(Listing::Delegations),
            _ if thread.trace.is_listed(Listing::RoleAssignments)
                || thread.trace.is_logged()
                || thread.is_twin =>
            {
                true
            }
            _ if thread.trace.is_listed(Listing::ActiveSchedules) => false,
            // Known from a history alone: its name may be one that the logs do not use.
            _ => {
                Guid::parse(grant.id.as_bytes()).is_some()
                    && !self.rivals(thread).any(|rival| !rival.trace.removals.is_empty())
                    && !self.nameless.iter().any(|nameless| nameless.scope == grant.scope)
            }
        }
    }

    fn coverage(&mut self, scope: &'w Scope, tenant: Option<TenantId>) -> Spans {
        if scope.is_above_subscriptions() {
            return self.logs.covered(scope, tenant);
        }
        self.covered.entry(scope).or_insert_with(|| self.logs.covered(scope, tenant)).clone()
    }

    fn shots(&mut self, listing: Listing, scope: &'w Scope, tenant: Option<TenantId>) -> Rc<[Shot]> {
        let tenant = tenant.filter(|_| scope.is_above_subscriptions());
        let lists = self.lists;
        let shots = self.showing.entry((listing, scope, tenant));
        Rc::clone(shots.or_insert_with(|| lists.showing(listing, scope, tenant).into()))
    }

    fn shots_of_subscription(&mut self, listing: Listing, id: SubscriptionId) -> Rc<[Shot]> {
        let lists = self.lists;
        let shots = self.showing_subscription.entry((listing, id));
        Rc::clone(shots.or_insert_with(|| lists.showing(listing, &Scope::subscription(id), None).into()))
    }

    /// The lists that would have shown it and did not, and histories that observed its place and do not know it.
    fn add_absences(&mut self, facts: &mut Facts, thread: &'w GrantThread<'w>, view: View) {
        let (grant, trace) = (&thread.grant, &thread.trace);
        let own = listing(grant);
        let mut seen: SmallVec<[u32; 4]> = trace.sights.iter().map(|sight| sight.shot).collect();
        let listed = trace.is_listed(own) || trace.is_logged();
        if !listed {
            // Under another name it may be the same assignment.
            seen.extend(self.rivals(thread).flat_map(|rival| &rival.trace.sights).map(|sight| sight.shot));
        }
        let shots = match view {
            View::Whole => self.shots(own, &grant.scope, grant.tenant_id),
            View::Settled(id) | View::Shown(id) => self.shots_of_subscription(own, id),
        };
        let mut lack = |shots: &[Shot]| {
            facts.absences.extend(shots.iter().filter(|(_, shot)| !seen.contains(shot)).map(|(at, _)| *at));
        };
        lack(&shots);
        if view == View::Whole
            && !trace.is_listed(Listing::RoleAssignments)
            && trace.is_listed(Listing::ActiveSchedules)
        {
            lack(&self.shots(Listing::ActiveSchedules, &grant.scope, grant.tenant_id));
        }
        if own == Listing::RoleAssignments && trace.is_listed(own) && view == View::Whole {
            facts.absences.extend(self.unknown_to_histories(thread));
        }
    }

    fn unknown_to_histories(&self, thread: &'w GrantThread<'w>) -> Vec<Instant> {
        let scope = &thread.grant.scope;
        let mut moments = Vec::new();
        for (index, history) in (0u32..).zip(&self.chronicle.histories) {
            let Observed::Windows(windows) = &history.observed else { continue };
            let holds = |trace: &Trace| trace.held.iter().any(|held| held.history == index);
            if holds(&thread.trace) || self.rivals(thread).any(|rival| holds(&rival.trace)) {
                continue;
            }
            let over = windows.iter().filter(|window| {
                let above = window.scope.is_above_subscriptions();
                !above && window.scope.contains(scope) && window.start < window.end && window.end.is_some()
            });
            moments.extend(over.filter_map(|window| window.end).map(|end| end.plus(-1)));
        }
        moments
    }

    /// What was made at resources that moved away, or below them, ended with the move.
    fn add_moves(&mut self, facts: &mut Facts, thread: &'w GrantThread<'w>) {
        if self.threads.moves.is_empty() {
            return;
        }
        for path in thread.grant.scope.ancestors() {
            for moved in self.threads.moves.get(path).into_iter().flatten() {
                let &Move { begun, begun_seen, done, ref evidence } = moved;
                let latest = if begun_seen { begun } else { done };
                if !facts.pieces.iter().any(|piece| piece.from <= latest || piece.lower == Instant::MIN) {
                    continue;
                }
                facts.endings.push(Ending { sure: begun, gone: done, begun_seen, moved: true, kept: false });
                let message = format!(
                    "the grant {} at {} did not move with its resource at {begun}, and counts no more",
                    thread.grant.id, thread.grant.scope
                );
                self.findings.add(
                    finding::MOVED,
                    message,
                    evidence.iter().chain(thread.evidence.iter().copied()),
                );
            }
        }
    }

    fn denies(&mut self) -> Vec<DenyAssignment> {
        let mut denies = Vec::with_capacity(self.threads.denies.len());
        for thread in &self.threads.denies {
            self.deny(thread, &mut denies);
        }
        denies.sort_by_cached_key(|deny| (deny.scope.clone(), deny.id.clone(), deny.start, deny.end));
        denies
    }

    fn deny(&mut self, thread: &'w DenyThread, denies: &mut Vec<DenyAssignment>) {
        let DenyThread { deny, trace } = thread;
        let mut facts = self.facts(trace, View::Whole, &deny.scope, deny.tenant_id);
        let described = trace.is_described();
        let changed = self.threads.changed_deny(deny);
        if changed {
            // A log does not say which of the contents was written: only lists and histories tell them apart.
            facts.pieces.retain(|piece| !matches!(piece.how, How::Written(_)));
        } else {
            facts.covered = self.logs.covered(&deny.scope, deny.tenant_id);
        }
        let seen: FxHashSet<u32> = trace.sights.iter().map(|sight| sight.shot).collect();
        let shots = self.shots(Listing::DenyAssignments, &deny.scope, deny.tenant_id);
        facts.absences.extend(shots.iter().filter(|(_, shot)| !seen.contains(shot)).map(|(at, _)| *at));
        if !described {
            // What began to be removed may have been there; nobody says since when.
            let begun = trace.begun.iter().filter(|one| !one.gives).map(|one| one.at);
            let (earliest, latest) = (Instant::MIN, Instant::MAX);
            facts.possible.extend(begun.map(|at| Possible { earliest, at, latest }));
        }
        let (lives, doubts) = facts.lives();
        for doubt in doubts {
            self.tell(doubt, &deny.id, &deny.scope, &deny.evidence);
        }
        let mut reaches: Vec<SubscriptionId> =
            trace.sights.iter().flat_map(|sight| &sight.reaches).copied().collect();
        reaches.extend(trace.held.iter().flat_map(|held| &held.reaches).copied());
        reaches
            .retain(|id| deny.scope.is_above_subscriptions() && !self.tree.knows(&Scope::subscription(*id)));
        reaches.sort_unstable();
        reaches.dedup();
        // Grants may be proved before anything was observed, and a deny assignment of which nothing says since when is not.
        let observed =
            self.observed.around(&deny.scope, deny.tenant_id).map(|(_, last)| (Instant::MIN, last));
        for life in &lives {
            let Some(mut stated) = Stated::new(life, observed) else { continue };
            if !described {
                // It may have denied anybody or nobody: then no moment of it is sure.
                stated = Stated::possible(life);
            }
            let Stated { start, end, start_earliest, end_latest } = stated;
            denies.push(DenyAssignment {
                start,
                end,
                start_earliest,
                end_latest,
                reaches: reaches.clone(),
                ..deny.clone()
            });
        }
    }

    fn tell<'e>(
        &mut self,
        doubt: Doubt,
        id: &str,
        scope: &Scope,
        evidence: impl IntoIterator<Item = &'e Evidence>,
    ) {
        let what = format!("{id} at {scope}");
        let message = match doubt {
            Doubt::Unlisted(since, at) => {
                format!(
                    "{what} was made at {since}, as it says of itself, and the complete list of {at} lacks it"
                )
            }
            Doubt::Survived(gone, at) => {
                format!("{what} was deleted at {gone}, and a list of {at} still shows it")
            }
            Doubt::Appeared(at) => {
                format!(
                    "{what} was there at {at}, and the log of the time before does not record that it was made"
                )
            }
            Doubt::Vanished(at) => {
                format!(
                    "{what} was not there any more at {at}, and the log of the time before does not record its end"
                )
            }
            Doubt::TwoStarts(one, two) => format!("{what} was made at {one} and at {two}, as exports say"),
        };
        self.findings.add(finding::CONTRADICTION, message, evidence);
    }
}
