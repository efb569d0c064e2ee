//! The facts of one grant or deny assignment, gathered from all exports.

use smallvec::SmallVec;

use super::Listing;
use super::lives::{Begun, Ending, Facts, How, Piece, Possible};
use crate::day::Instant;
use crate::ids::SubscriptionId;

/// The unknown start and the unknown end as histories write them: the first and the last moment that has a date.
pub(super) const EARLIEST: Instant = Instant::from_ticks(-621_355_968_000_000_000);
pub(super) const LATEST: Instant = Instant::from_ticks(2_534_023_007_999_999_999);

/// Seen in a list.
#[derive(Debug, Clone)]
pub(super) struct Sight {
    pub listing: Listing,
    /// Which snapshot.
    pub shot: u32,
    pub at: Instant,
    /// The stored or announced start.
    pub start: Option<Instant>,
    /// The announced end.
    pub end: Option<Instant>,
    pub reaches: Vec<SubscriptionId>,
}

/// Deleted, as a log recorded it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Removal {
    pub begun: Instant,
    /// The log has its beginning; else it began no earlier than `begun`.
    pub begun_seen: bool,
    pub done: Instant,
    pub created: Option<Instant>,
    pub ended: Option<Instant>,
}

/// In an earlier history.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub history: u32,
    pub start: Option<Instant>,
    pub end: Option<Instant>,
    pub earliest: Option<Instant>,
    pub latest: Option<Instant>,
    pub reaches: Vec<SubscriptionId>,
}

/// Everything that exports say of one thing.
#[derive(Debug, Clone, Default)]
pub(super) struct Trace {
    pub sights: SmallVec<[Sight; 1]>,
    /// Written, as a log recorded it: begun, done.
    pub writes: SmallVec<[(Instant, Instant); 1]>,
    pub removals: Vec<Removal>,
    /// Operations on it that began, and no record says how they ended.
    pub begun: Vec<Begun>,
    pub held: Vec<Held>,
}

/// Which part of a trace is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// That it was there.
    Whole,
    /// That it was there for a subscription below it, which stood there as long.
    Settled(SubscriptionId),
    /// That lists showed it for a subscription below it, which may have come there later.
    Shown(SubscriptionId),
}

impl View {
    fn takes(self, reaches: &[SubscriptionId]) -> bool {
        match self {
            Self::Whole => true,
            Self::Settled(id) | Self::Shown(id) => reaches.contains(&id),
        }
    }
}

impl Trace {
    /// Whether any list of this kind showed it.
    pub fn is_listed(&self, listing: Listing) -> bool {
        self.sights.iter().any(|sight| sight.listing == listing)
    }

    /// Whether a log speaks of it.
    pub fn is_logged(&self) -> bool {
        !self.writes.is_empty() || !self.removals.is_empty() || !self.begun.is_empty()
    }

    /// Whether a history tells beside it of the whole: what it says for some subscriptions alone begins and ends where it
    /// was proved for them, which is no beginning and no end.
    fn is_a_part(&self, view: View, held: &Held) -> bool {
        let whole = |other: &Held| other.history == held.history && other.reaches.is_empty();
        view == View::Whole && !held.reaches.is_empty() && self.held.iter().any(whole)
    }

    /// Whether a list or a history describes it as it surely was.
    pub fn is_described(&self) -> bool {
        !self.sights.is_empty() || self.held.iter().any(|held| held.possible().is_none())
    }

    /// An operation without an outcome in one log may have it in another: the whole pair, or the end alone.
    pub fn settle(&mut self) {
        let Self { writes, removals, begun, .. } = self;
        for removal in removals.iter_mut().filter(|removal| !removal.begun_seen) {
            let inside = |one: &&Begun| !one.gives && removal.begun <= one.at && one.at <= removal.done;
            if let Some(one) = begun.iter().filter(inside).min_by_key(|one| one.at) {
                (removal.begun, removal.begun_seen) = (one.at, true);
            }
        }
        let whole = |one: &Begun| match one.gives {
            true => writes.iter().any(|(start, done)| *start <= one.at && one.at < *done),
            false => removals.iter().any(|removal| removal.begun <= one.at && one.at < removal.done),
        };
        begun.retain(|one| !whole(one));
        let mut met = Vec::new();
        let mut beginning = |done: Instant, gives: bool| {
            let before = begun.iter().filter(|one| one.gives == gives && one.at <= done);
            let last = before.map(|one| one.at).max();
            met.extend(last.map(|at| (at, gives)));
            last.unwrap_or(done)
        };
        for (start, done) in writes.iter_mut().filter(|(start, done)| start == done) {
            *start = beginning(*done, true);
        }
        for removal in removals.iter_mut().filter(|removal| removal.begun == removal.done) {
            removal.begun = beginning(removal.done, false);
        }
        begun.retain(|one| !met.contains(&(one.at, one.gives)));
    }

    /// The pieces, endings and announced ends; `observed` says the first and last moment that an earlier history
    /// observed at the place.
    pub fn facts(&self, view: View, observed: impl Fn(u32) -> Option<(Instant, Instant)>) -> Facts {
        let mut facts = Facts::default();
        for sight in self.sights.iter().filter(|sight| view.takes(&sight.reaches)) {
            facts.pieces.push(sight.piece(view));
            if let Some(end) = sight.end {
                facts.announced.push((sight.at, end));
            }
        }
        for held in self.held.iter().filter(|held| view.takes(&held.reaches)) {
            match held.possible() {
                Some(possible) => facts.possible.push(possible),
                None => held.add(&mut facts, observed(held.history), self.is_a_part(view, held)),
            }
        }
        let shown = matches!(view, View::Shown(_));
        facts.begun = self.begun.iter().map(|one| Begun { gives: one.gives && !shown, ..*one }).collect();
        for &(begun, done) in self.writes.iter().filter(|_| !shown) {
            facts.pieces.push(Piece {
                from: done,
                until: done,
                lower: Instant::MIN,
                how: How::Written(begun),
            });
        }
        for removal in &self.removals {
            let ended = removal.ended.filter(|ended| removal.created.is_none_or(|created| created <= *ended));
            let (sure, gone) = ended.map_or((removal.begun, removal.done), |ended| (ended, ended));
            let created = removal.created.filter(|created| *created <= gone);
            // What was made while its place was being deleted went no earlier.
            let sure = created.map_or(sure, |created| sure.max(created));
            let begun_seen = removal.begun_seen || ended.is_some();
            facts.endings.push(Ending { sure, gone: gone.max(sure), begun_seen, moved: false, kept: false });
            if !begun_seen && removal.created.is_none() && !shown {
                // Some moment of the operation saw it, and nothing says which.
                let (earliest, latest) = (Instant::MIN, gone);
                facts.possible.push(Possible { earliest, at: sure, latest });
            } else if !shown {
                let how = if created.is_some() { How::Stored } else { How::Seen };
                let (from, lower) = (created.unwrap_or(sure), created.unwrap_or(Instant::MIN));
                facts.pieces.push(Piece { from, until: sure, lower, how });
            }
        }
        facts
    }
}

impl Sight {
    fn piece(&self, view: View) -> Piece {
        let Self { at, start, listing, .. } = *self;
        let shown = matches!(view, View::Shown(_));
        match (start, listing) {
            // When it was made it may not have reached the subscription yet.
            (Some(start), _) if shown => Piece { from: at, until: at, lower: start.min(at), how: How::Seen },
            (Some(start), Listing::RoleAssignments | Listing::Delegations) => {
                Piece { from: start, until: at.max(start), lower: start, how: How::Stored }
            }
            (Some(start), _) => {
                Piece { from: start, until: at.max(start), lower: start, how: How::Scheduled }
            }
            (None, _) => Piece { from: at, until: at, lower: Instant::MIN, how: How::Seen },
        }
    }
}

impl Held {
    /// Sure at no moment, as histories write it.
    pub fn possible(&self) -> Option<Possible> {
        let at = self.start.filter(|start| self.end == Some(*start))?;
        let bound =
            |bound: Instant, none: Instant| if bound > EARLIEST && bound < LATEST { bound } else { none };
        let (earliest, latest) = (bound(self.earliest?, Instant::MIN), bound(self.latest?, Instant::MAX));
        Some(Possible { earliest, at, latest })
    }

    fn add(&self, facts: &mut Facts, observed: Option<(Instant, Instant)>, is_a_part: bool) {
        let (first, last) = observed.unzip();
        let bound = |bound: Option<Instant>| bound.filter(|at| *at > EARLIEST && *at < LATEST);
        // Since before anything observed; over before that, if it ended before.
        let before = first.map(|first| self.end.map_or(first, |end| first.min(end)));
        let from = self.start.or(before).or(self.end).unwrap_or(Instant::MIN);
        // An announced end lies after what was observed.
        let ended = self.end.filter(|end| self.latest.is_some() || last.is_none_or(|last| *end <= last));
        let until = ended.or(last).unwrap_or(from).max(from);
        let lower = match (self.start, self.earliest) {
            (Some(start), None) => start,
            (Some(_), earliest) => bound(earliest).unwrap_or(Instant::MIN),
            (None, _) => Instant::MIN,
        };
        if is_a_part {
            facts.pieces.push(Piece { from, until, lower: Instant::MIN, how: How::Kept });
            return;
        }
        facts.pieces.push(Piece { from, until, lower, how: How::Kept });
        match (self.end, self.latest) {
            (Some(end), None) if ended.is_some() => {
                facts.endings.push(Ending {
                    sure: end,
                    gone: end,
                    begun_seen: true,
                    moved: false,
                    kept: true,
                });
            }
            (Some(end), None) => facts.announced.push((until, end)),
            (_, latest) => facts.absences.extend(bound(latest)),
        }
    }
}
