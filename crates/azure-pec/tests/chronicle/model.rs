//! One assignment over a small clock, against every life that it may have had.
//!
//! The model knows nothing of how exports are read: it tries each life from any beginning to any end and keeps those
//! in which each list and each record says what it says. What holds in all of them is sure, in some of them possible.

use azure_pec::{AccessHistory, Event, Instant, Log, Observed, ObservedWindow, Snapshot};
use proptest::prelude::*;

use crate::compare::cases;
use crate::short::{SECOND, deleting, done_by, mine, put_together, shown, whole, writing};

/// Exports speak of every fourth moment of the clock, and it is asked for what lies between.
const STEP: i64 = 4;
const LAST: i64 = 32;

fn moment(at: i64) -> Instant {
    crate::short::day(1).plus(at * 3600 * SECOND)
}

/// A beginning and an end, both in the clock or beyond it; the end excluded.
type Life = (i64, i64);

/// When the log has the beginning and the end of an operation.
type Record = (i64, i64);

#[derive(Debug, Clone)]
struct Told {
    /// When a list was taken; whether it says when what it shows was made.
    lists: Vec<(i64, bool)>,
    logs: Vec<(i64, i64)>,
    life: Life,
    made: Record,
    gone: Record,
}

fn holds(life: Life, at: i64) -> bool {
    life.0 <= at && at < life.1
}

impl Told {
    /// Whether a log has an operation.
    fn has(&self, record: Record) -> bool {
        self.logs.iter().any(|log| log.0 <= record.0 && record.1 <= log.1)
    }

    fn in_a_log(&self, at: i64) -> bool {
        self.logs.iter().any(|log| log.0 <= at && at <= log.1)
    }

    /// Operations lie in a log or outside of it, and not at its edge; lists are taken when nothing is under way.
    fn is_fair(&self) -> bool {
        let apart = |record: Record| {
            self.logs.iter().all(|log| {
                let outside = record.1 < log.0 || log.1 < record.0;
                outside || log.0 <= record.0 && record.1 <= log.1
            }) && self.lists.iter().all(|(at, _)| *at < record.0 || record.1 < *at)
        };
        let known = self.has(self.made) || self.has(self.gone);
        self.life.0 < self.life.1
            && self.made.1 < self.gone.0
            && apart(self.made)
            && apart(self.gone)
            && (known || self.lists.iter().any(|(at, _)| holds(self.life, *at)))
    }

    /// Whether the exports would be the same if this had been its life.
    fn allows(&self, life: Life) -> bool {
        let listed = self.lists.iter().all(|(at, dated)| {
            let shown = holds(self.life, *at);
            shown == holds(life, *at) && !(shown && *dated && life.0 != self.life.0)
        });
        let within = |at: i64, record: Record| record.0 <= at && at <= record.1;
        // The record of a writing may be of its making or of a change; what began in a log is recorded.
        let made = match self.has(self.made) {
            true => {
                within(life.0, self.made)
                    || life.0 < self.made.0 && self.made.1 < life.1 && !self.in_a_log(life.0)
            }
            false => !self.in_a_log(life.0),
        };
        let gone = match self.has(self.gone) {
            true => within(life.1, self.gone),
            false => !self.in_a_log(life.1),
        };
        listed && made && gone
    }

    fn possible_lives(&self) -> Vec<Life> {
        let clock = -2 * STEP..LAST + 2 * STEP;
        let pairs = clock.clone().flat_map(|start| clock.clone().map(move |end| (start, end)));
        pairs.filter(|life| life.0 < life.1 && self.allows(*life)).collect()
    }

    fn snapshots(&self) -> Vec<Snapshot> {
        let list = |(at, dated): &(i64, bool)| {
            let start = dated.then(|| moment(self.life.0));
            let grants = if holds(self.life, *at) { vec![mine(start)] } else { vec![] };
            shown(moment(*at), grants)
        };
        self.lists.iter().map(list).collect()
    }

    fn logs(&self) -> Vec<Log> {
        let made = (self.made, writing());
        let gone = (self.gone, deleting());
        let within = |log: &(i64, i64), record: Record| log.0 <= record.0 && record.1 <= log.1;
        let log = |log: &(i64, i64)| {
            let events = [made.clone(), gone.clone()].into_iter().filter(|(record, _)| within(log, *record));
            let events: Vec<Event> =
                events.map(|(record, change)| done_by(moment(record.0), moment(record.1), change)).collect();
            whole(moment(log.0), moment(log.1), events)
        };
        self.logs.iter().map(log).collect()
    }
}

/// The first and the last moment that was observed at all.
fn observed(history: &AccessHistory) -> Option<(Instant, Instant)> {
    let Observed::Windows(windows) = &history.observed else { return None };
    let spans = windows.iter().map(ObservedWindow::interval);
    Some((spans.clone().map(|span| span.start).min()?, spans.map(|span| span.end).max()?))
}

/// Whether the history says that it surely held, and that it may have.
fn said(history: &AccessHistory, at: Instant) -> (bool, bool) {
    let within = |start: Option<Instant>, end: Option<Instant>| {
        start.is_none_or(|start| start <= at) && end.is_none_or(|end| at < end)
    };
    let sure = history.grants.iter().any(|grant| within(grant.start, grant.end));
    let possible = history
        .grants
        .iter()
        .any(|grant| within(grant.start_earliest.or(grant.start), grant.end_latest.or(grant.end)));
    (sure, possible)
}

fn told() -> impl Strategy<Value = Told> {
    let steps = || (0..=LAST / STEP).prop_map(|at| at * STEP);
    let lists = prop::collection::btree_map(steps(), any::<bool>(), 0..5);
    let logs = prop::collection::vec((steps(), steps()), 0..3);
    // At a moment of its own or between two that exports speak of.
    let change = || (-1..=LAST / STEP, prop::bool::weighted(0.7), 0..STEP);
    (lists, logs, change(), change()).prop_map(|(lists, logs, made, gone)| {
        let at = |(step, spread, inside): (i64, bool, i64)| {
            let at = step * STEP;
            if spread { (at + inside, (at, at + STEP)) } else { (at, (at, at)) }
        };
        let ((start, made), (end, gone)) = (at(made), at(gone));
        let logs = logs.into_iter().filter(|(start, end)| start < end).collect();
        Told { lists: lists.into_iter().collect(), logs, life: (start, end), made, gone }
    })
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn what_holds_in_every_life_is_sure_and_in_some_possible(told in told().prop_filter("fair", Told::is_fair)) {
        let lives = told.possible_lives();
        prop_assert!(lives.contains(&told.life));
        let (history, findings) = put_together(told.snapshots(), told.logs());
        prop_assert!(!findings.iter().any(|finding| finding.code == "access.contradiction"), "{findings:#?}");
        let Some((first, last)) = observed(&history) else { return Ok(()) };
        for at in (0..=LAST / STEP).map(|step| step * STEP + STEP / 2) {
            let asked = moment(at);
            if asked < first || last <= asked {
                continue;
            }
            let sure = lives.iter().all(|life| holds(*life, at));
            let possible = lives.iter().any(|life| holds(*life, at));
            let (said_sure, said_possible) = said(&history, asked);
            // An end is left open to the list that lacks it, though a log between would have it: never less than that.
            let possible = possible || said_possible && lives.iter().all(|life| life.1 <= at);
            let spans = crate::short::lives(&history);
            prop_assert_eq!((said_sure, said_possible), (sure, possible), "at {} of {:#?}\n{:?}", at, told, spans);
        }
    }
}
