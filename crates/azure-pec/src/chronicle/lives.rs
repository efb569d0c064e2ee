//! From what was seen of one thing to the spans in which it was there.
//!
//! A thing has a name and lives once, or again after an end: templates make assignments anew under the name they had.
//! Everything is proved or left open: a life surely lasts from `from` until `until`; it began no earlier than `lower`
//! and was over by `latest`.

use super::spans::Spans;
use crate::day::{Instant, TICKS_PER_SECOND};

/// A time from the command line has lost its seventh decimal.
const MICROSECOND: i64 = 10;
/// A list may come out of a cache for so long after a change.
/// Source: "Troubleshoot Azure RBAC", Microsoft Learn.
const LIST_LAG: i64 = 600 * TICKS_PER_SECOND;

/// How a piece of a life is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum How {
    /// With the stored time of creation.
    Stored,
    /// With the announced start of a schedule.
    Scheduled,
    /// An earlier history says so; its spans stand.
    Kept,
    /// Seen, since when is not said.
    Seen,
    /// A log recorded that it was written, begun at this moment: made, or changed.
    Written(Instant),
}

/// A span in which it surely was there, both ends inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Piece {
    /// From when.
    pub from: Instant,
    /// Until when.
    pub until: Instant,
    /// The earliest start: `from` where it is exact, [`Instant::MIN`] where nothing is known.
    pub lower: Instant,
    /// How it is known.
    pub how: How,
}

/// An end: there until `sure`, gone by `gone`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ending {
    /// The cautious end.
    pub sure: Instant,
    /// The latest end.
    pub gone: Instant,
    /// What ended it is known from its beginning on; else that may have been later than `sure`.
    pub begun_seen: bool,
    /// What it was made at moved away: it may still be listed, and counts no more.
    pub moved: bool,
    /// A history says it, and not how it came: a move may have left it behind.
    pub kept: bool,
}

/// Everything seen of one thing.
#[derive(Debug, Clone, Default)]
pub(super) struct Facts {
    /// When it was there.
    pub pieces: Vec<Piece>,
    /// When it ended.
    pub endings: Vec<Ending>,
    /// Moments at which it surely was not there.
    pub absences: Vec<Instant>,
    /// When every change of it was recorded.
    pub covered: Spans,
    /// The announced ends: when they were read, and the end.
    pub announced: Vec<(Instant, Instant)>,
    /// Operations on it of which nothing tells the outcome.
    pub begun: Vec<Begun>,
    /// It is at a resource, which may move away.
    pub may_move: bool,
    /// Times in which it may have been there, sure at no moment.
    pub possible: Vec<Possible>,
}

/// An operation without an outcome: when it began, and whether it was to give and not to take away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Begun {
    pub at: Instant,
    pub gives: bool,
}

/// A time in which something may have been there, around a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Possible {
    /// The earliest start; [`Instant::MIN`] where nothing is known.
    pub earliest: Instant,
    /// The moment.
    pub at: Instant,
    /// The latest end; [`Instant::MAX`] where nothing is known.
    pub latest: Instant,
}

/// One life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Life {
    /// The earliest start; `from` where that is exact, [`Instant::MIN`] where nothing is known.
    pub lower: Instant,
    /// From when it surely was there.
    pub from: Instant,
    /// Until when it surely was there.
    pub until: Instant,
    /// The latest end; `until` where that is exact, [`Instant::MAX`] where nothing is known.
    pub latest: Instant,
    /// `latest` was announced, and nothing that was seen speaks against it.
    pub announced: bool,
    /// It may have been no life at all: sure at no moment.
    pub possible: bool,
}

impl Life {
    /// Takes away what is only possible; what was there when its place was last observed stays open.
    pub fn keep_sure(&mut self, observed: Option<(Instant, Instant)>) {
        let open = self.latest == Instant::MAX && observed.is_none_or(|(_, last)| self.until >= last);
        self.lower = self.from;
        self.announced = false;
        if !open {
            self.latest = self.until;
        }
    }
}

/// What the facts do not agree on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Doubt {
    /// There since the first moment, as it says of itself; not listed at the second.
    Unlisted(Instant, Instant),
    /// Gone at the first moment; listed at the second.
    Survived(Instant, Instant),
    /// Seen at the moment, and no log that covers it recorded that it was made.
    Appeared(Instant),
    /// Not there any more at the moment, and no log that covers it recorded an end.
    Vanished(Instant),
    /// Two times of creation for one life.
    TwoStarts(Instant, Instant),
}

/// A life as it is put together: the piece it begins with tells how its start is known.
struct Draft {
    first: Piece,
    until: Instant,
    ending: Option<Ending>,
}

impl Facts {
    /// The lives, in order, and what speaks against them.
    pub fn lives(mut self) -> (Vec<Life>, Vec<Doubt>) {
        let mut doubts = Vec::new();
        self.settle_starts();
        self.settle_endings();
        self.cut_by_endings(&mut doubts);
        self.cut_by_absences(&mut doubts);
        self.absences.sort_unstable();
        self.open_begun();
        // What has its stored start comes first of what begins together.
        self.pieces.sort_unstable_by_key(|piece| (piece.from, piece.lower != piece.from, piece.how, *piece));
        let drafts = self.drafts(&mut doubts);
        let mut lives: Vec<Life> = Vec::with_capacity(drafts.len());
        for (at, draft) in drafts.iter().enumerate() {
            let (lower, from) = self.start(draft, lives.last(), &mut doubts);
            let next = drafts
                .get(at + 1)
                .map(|next| if next.first.lower > draft.until { next.first.lower } else { next.first.from });
            let (until, latest, announced) = self.end(draft, next, &mut doubts);
            let (until, latest) = (until.max(from), latest.max(until));
            lives.push(Life { lower, from, until, latest, announced, possible: false });
        }
        self.add_possible(&mut lives);
        doubts.sort_unstable();
        doubts.dedup();
        (lives, doubts)
    }

    /// An operation without an outcome is a hole in the log, until the thing is seen or missed again.
    fn open_begun(&mut self) {
        let pieces = self.pieces.iter().flat_map(|piece| [piece.from, piece.until]);
        let mut known: Vec<Instant> = pieces.chain(self.absences.iter().copied()).collect();
        known.extend(self.endings.iter().map(|ending| ending.sure));
        for Begun { at, gives } in self.begun.iter().copied() {
            let next = known.iter().copied().filter(|known| *known > at).min().unwrap_or(Instant::MAX);
            self.covered = self.covered.without(at, next);
            if gives {
                self.possible.push(Possible { earliest: at, at, latest: next });
            }
        }
    }

    /// What may have been there besides, but for the moments at which it surely was not.
    fn add_possible(&mut self, lives: &mut Vec<Life>) {
        self.possible.sort_unstable();
        self.possible.dedup();
        let sure = lives.len();
        for Possible { earliest, at, latest } in &self.possible {
            let (gone, missed) = (self.absence_before(*at), self.absence_after(*at));
            let lower = gone.map_or(*earliest, |gone| gone.max(*earliest));
            let latest = missed.map_or(*latest, |missed| missed.min(*latest));
            let told = lives.iter().take(sure).any(|life| life.lower <= lower && latest <= life.latest);
            if !told {
                let (from, until) = (*at, *at);
                lives.push(Life { lower, from, until, latest, announced: false, possible: true });
            }
        }
    }

    /// Stored times that differ by a rounding are one, the finer; a schedule's start gives way to a stored one.
    fn settle_starts(&mut self) {
        let stored = |piece: &Piece| piece.how == How::Stored && piece.lower == piece.from;
        let mut starts: Vec<Instant> = self.pieces.iter().filter(|p| stored(p)).map(|p| p.from).collect();
        starts.sort_unstable();
        starts.dedup();
        let endings = &self.endings;
        for piece in &mut self.pieces {
            if stored(piece) {
                let last =
                    starts.partition_point(|start| *start <= piece.from.plus(MICROSECOND)).checked_sub(1);
                let finest = last.and_then(|at| starts.get(at)).copied().unwrap_or(piece.from);
                (piece.from, piece.lower) = (finest, finest);
                piece.until = piece.until.max(finest);
            } else if piece.how == How::Scheduled {
                let last = starts.partition_point(|start| *start <= piece.until).checked_sub(1);
                let Some(start) = last.and_then(|at| starts.get(at)).copied() else { continue };
                if !endings.iter().any(|ending| start < ending.gone && ending.gone <= piece.from) {
                    (piece.from, piece.lower) = (start, start);
                }
            }
        }
    }

    /// Records of one end are one: overlapping logs, and the record that holds the stored time. What a move left behind
    /// ends once more.
    fn settle_endings(&mut self) {
        // What nobody saw begin began when the thing was there.
        for ending in self.endings.iter_mut().filter(|ending| !ending.begun_seen) {
            let there = self.pieces.iter().map(|piece| piece.from).filter(|from| *from < ending.gone);
            ending.sure = ending.sure.max(there.max().unwrap_or(Instant::MIN));
        }
        self.endings.sort_unstable();
        let mut kept: Vec<Ending> = Vec::with_capacity(self.endings.len());
        for ending in self.endings.drain(..) {
            match kept.last_mut() {
                Some(last) if ending.sure <= last.gone && ending.moved == last.moved => {
                    last.sure = last.sure.max(ending.sure);
                    last.gone = last.gone.min(ending.gone);
                    last.kept &= ending.kept;
                }
                _ => kept.push(ending),
            }
        }
        self.endings = kept;
    }

    /// A list that still shows what had ended was late, or contradicts the record.
    fn cut_by_endings(&mut self, doubts: &mut Vec<Doubt>) {
        for ending in &mut self.endings {
            // Once a move began, nothing that is listed counts for sure, whether the move was done or not.
            let recorded = if ending.moved { ending.sure } else { ending.gone };
            for piece in &mut self.pieces {
                if piece.from <= ending.sure && piece.until <= recorded {
                    // Seen while it was being deleted, and not sure any more.
                    piece.until = piece.until.min(ending.sure);
                    continue;
                }
                let dated = piece.lower == piece.from;
                let since = piece.from <= ending.sure && (dated || ending.moved);
                if !since || piece.from == piece.until {
                    continue;
                }
                if !ending.moved {
                    doubts.push(Doubt::Survived(recorded, piece.until));
                    let late = piece.until <= recorded.plus(LIST_LAG);
                    ending.gone = ending.gone.max(if late { piece.until } else { Instant::MAX });
                } else if !dated {
                    let (earliest, latest) = (Instant::MIN, Instant::MAX);
                    self.possible.push(Possible { earliest, at: piece.until, latest });
                }
                piece.until = ending.sure;
            }
            let (sure, moved) = (ending.sure, ending.moved || ending.kept && self.may_move);
            let rewritten = self
                .pieces
                .iter()
                .any(|piece| matches!(piece.how, How::Written(_)) && piece.from > sure || piece.lower > sure);
            let mut gone = ending.gone;
            // What has no dates: orphans of a move, and lists out of a cache.
            self.pieces.retain(|piece| {
                let seen = piece.how == How::Seen || piece.how == How::Kept && moved;
                let undated = seen && piece.lower == Instant::MIN && piece.from > sure;
                if !undated || rewritten {
                    return true;
                }
                if moved {
                    // Left behind by the move, or made since: nothing says.
                    let (earliest, latest) = (Instant::MIN, Instant::MAX);
                    self.possible.push(Possible { earliest, at: piece.from, latest });
                }
                let late = piece.until <= recorded.plus(LIST_LAG);
                if late && !moved && piece.until > recorded {
                    doubts.push(Doubt::Survived(recorded, piece.until));
                    gone = gone.max(piece.until);
                }
                !(late || moved)
            });
            // Where no sight is sure before it, what was possible until then is possible as long as it was listed.
            for possible in &mut self.possible {
                if possible.at == sure && possible.latest == ending.gone {
                    possible.latest = gone;
                }
            }
            ending.gone = gone;
        }
    }

    /// A list that lacks what was made before it: then only the last sight is sure, and the time before it possible.
    fn cut_by_absences(&mut self, doubts: &mut Vec<Doubt>) {
        for piece in &mut self.pieces {
            let inside = self.absences.iter().filter(|at| piece.from < **at && **at < piece.until).max();
            let Some(at) = inside else { continue };
            doubts.push(Doubt::Unlisted(piece.from, *at));
            if piece.how != How::Kept {
                piece.from = piece.until;
            }
        }
    }

    /// Joins pieces that nothing separates.
    fn drafts(&self, doubts: &mut Vec<Doubt>) -> Vec<Draft> {
        let mut drafts: Vec<Draft> = Vec::new();
        for piece in &self.pieces {
            if let Some(last) = drafts.last_mut() {
                let joined = piece.from <= last.until || !self.separated(last.until, piece);
                if joined {
                    let exact = |one: &Piece| one.how == How::Stored && one.lower == one.from;
                    if exact(piece) && exact(&last.first) && piece.from != last.first.from {
                        doubts.push(Doubt::TwoStarts(last.first.from, piece.from));
                    }
                    last.until = last.until.max(piece.until);
                    continue;
                }
                last.ending = self.ending(last.until, Some(piece.from));
            }
            drafts.push(Draft { first: *piece, until: piece.until, ending: None });
        }
        if let Some(last) = drafts.last_mut() {
            last.ending = self.ending(last.until, None);
        }
        drafts
    }

    fn separated(&self, until: Instant, piece: &Piece) -> bool {
        let started_later = piece.lower > until;
        // What was written after a time that no log covers may have been made anew, under the name it had.
        let anew = match piece.how {
            How::Written(begun) => self.covered.around(until).is_none_or(|(_, end)| end < begun),
            _ => false,
        };
        started_later
            || anew
            || self.ending(until, Some(piece.from)).is_some()
            || self.absence_after(until).is_some_and(|at| at < piece.from)
    }

    /// The end that comes after the last sight and before the next.
    fn ending(&self, until: Instant, next: Option<Instant>) -> Option<Ending> {
        let first = self.endings.partition_point(|ending| ending.sure < until);
        let ending = self.endings.get(first).copied()?;
        next.is_none_or(|next| ending.sure < next).then_some(ending)
    }

    fn absence_after(&self, until: Instant) -> Option<Instant> {
        self.absences.get(self.absences.partition_point(|at| *at <= until)).copied()
    }

    fn absence_before(&self, from: Instant) -> Option<Instant> {
        self.absences
            .partition_point(|at| *at < from)
            .checked_sub(1)
            .and_then(|at| self.absences.get(at))
            .copied()
    }

    /// The earliest and the sure start.
    fn start(&self, draft: &Draft, before: Option<&Life>, doubts: &mut Vec<Doubt>) -> (Instant, Instant) {
        let Piece { from, lower, how, .. } = draft.first;
        // Exact; or a list lacks it although it was there by its own word.
        if lower == from || how == How::Stored {
            return (lower, from);
        }
        let ended = before.map(|life| if life.latest < from { life.latest } else { life.until });
        // An end of what nothing saw surely is an end too.
        let recorded = self.endings.iter().map(|ending| ending.gone).filter(|gone| *gone < from).max();
        let ended = ended.max(recorded);
        let gone = self.absence_before(from).max(ended).unwrap_or(Instant::MIN).max(lower);
        let covered = self.covered.around(from).map(|(start, _)| start);
        // The log around the moment at which it was not there would have recorded that it was made.
        let told = self.covered.around(gone).map(|(_, end)| end).filter(|end| gone > lower && *end < from);
        let gone = told.unwrap_or(gone);
        // Seen while it was being written, or kept from a log that recorded the same.
        let how = self.written(from).map_or(how, How::Written);
        match (how, covered) {
            // The log that recorded it would have recorded an earlier one: this made it.
            (How::Written(begun), Some(start)) if gone >= start => (gone.max(begun).min(from), from),
            (How::Written(_), _) | (_, None) => (gone, from),
            (_, Some(start)) if gone >= start && gone > Instant::MIN => {
                doubts.push(Doubt::Appeared(from));
                (gone, from)
            }
            (_, Some(start)) => (gone, start),
        }
    }

    /// When the writing began that was under way at the moment, or done by then.
    fn written(&self, at: Instant) -> Option<Instant> {
        self.pieces.iter().find_map(|piece| match piece.how {
            How::Written(begun) if begun <= at && at <= piece.from => Some(begun),
            _ => None,
        })
    }

    /// The sure and the latest end, and whether the latter was announced.
    fn end(&self, draft: &Draft, next: Option<Instant>, doubts: &mut Vec<Doubt>) -> (Instant, Instant, bool) {
        let until = draft.until;
        let covered = self.covered.around(until).map(|(_, end)| end);
        if let Some(ending) = draft.ending {
            let reached = covered.is_some_and(|end| end >= ending.sure);
            return (if reached { ending.sure } else { until }, ending.gone, false);
        }
        let said =
            self.announced.iter().filter(|(read, _)| *read <= until && *read >= draft.first.from).max();
        let said = said.map(|(_, end)| *end).filter(|end| *end > until);
        let gone = match (self.absence_after(until), next) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        let announced = said.filter(|end| gone.is_none_or(|gone| *end <= gone));
        let latest = announced.or(gone).unwrap_or(Instant::MAX);
        match covered {
            Some(end) if announced.is_none() && end >= latest => {
                doubts.push(Doubt::Vanished(latest));
                (until, latest, false)
            }
            Some(end) => (until.max(end.min(latest)), latest, announced.is_some()),
            None => (until, latest, announced.is_some()),
        }
    }
}
