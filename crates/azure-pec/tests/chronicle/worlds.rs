//! Worlds cut into exports, put together again, and compared with the truth day by day.

use azure_pec::{Instant, Interval, Log, Outcome, TICKS_PER_DAY};
use proptest::prelude::*;

use crate::compare::{cases, verdicts};
use crate::exporter::{LogForm, SUBS, Spot, Taken, changes, chronicle, is_calm, known};
use crate::world::{Change, LEFT, OWNER, RIGHT, TOP, World, day, instants, scope, worlds};

const GROUPS: [Spot; 4] = [Spot::ours(LEFT), Spot::ours(RIGHT), Spot::ours(TOP), Spot::theirs(LEFT)];

/// The places that have logs.
fn places() -> impl Iterator<Item = Spot> {
    SUBS.into_iter().chain(GROUPS)
}

fn forms() -> impl Strategy<Value = LogForm> {
    (any::<bool>(), prop::option::weighted(0.4, any::<u32>()))
        .prop_map(|(chains, late)| LogForm { chains, late })
}

/// What a collector did, in any order, and a tree so that there is hierarchy data.
pub fn collections() -> impl Strategy<Value = Vec<Taken>> {
    let subscription = || prop::sample::select(SUBS.to_vec());
    let list = (subscription(), instants(0..41), prop::bool::weighted(0.8), prop::bool::weighted(0.9))
        .prop_map(|(spot, at, dated, complete)| Taken::List { spot, at, dated, complete });
    let others = (subscription(), instants(0..41), 0..3).prop_map(|(spot, at, kind)| match kind {
        0 => Taken::Schedules { spot, at },
        1 => Taken::Delegations { spot, at },
        _ => Taken::Denies { spot, at },
    });
    let tree = instants(0..41).prop_map(|at| Taken::Tree { at });
    let all: Vec<Spot> = places().collect();
    let log = (prop::sample::select(all), instants(-4..36), 1i64..30, forms()).prop_map(
        |(spot, start, quarters, form)| Taken::Log {
            spot,
            start,
            end: start.plus(quarters * TICKS_PER_DAY / 4),
            form,
        },
    );
    let some = prop::collection::vec(prop_oneof![4 => list, 3 => others, 1 => tree, 5 => log], 0..8);
    (prop::collection::vec(rounds(), 0..3), some, instants(0..41)).prop_map(|(rounds, some, at)| {
        let mut taken: Vec<Taken> = rounds.into_iter().flatten().chain(some).collect();
        taken.push(Taken::Tree { at });
        taken
    })
}

/// A collector's round: the logs of every place over a span, and lists and trees in it; at times something is left out.
fn rounds() -> impl Strategy<Value = Vec<Taken>> {
    let left_out = prop::collection::vec(prop::bool::weighted(0.1), 24);
    (instants(-6..30), 2i64..40, 0i64..101, any::<bool>(), forms(), left_out).prop_map(
        |(start, quarters, list, dated, form, left_out)| {
            let end = start.plus(quarters * TICKS_PER_DAY / 4);
            let at = start.plus((end.ticks() - start.ticks()) / 100 * list);
            let all = round(start, end, at, dated, form);
            all.into_iter().zip(left_out).filter(|(_, out)| !out).map(|(one, _)| one).collect()
        },
    )
}

/// Everything that a collector takes at a moment, and the logs of a span.
fn round(start: Instant, end: Instant, at: Instant, dated: bool, form: LogForm) -> Vec<Taken> {
    let trees = [Taken::Tree { at: start }, Taken::Tree { at }];
    let logs = places().map(|spot| Taken::Log { spot, start, end, form });
    let lists = SUBS.into_iter().flat_map(|spot| {
        [
            Taken::List { spot, at, dated, complete: true },
            Taken::Delegations { spot, at },
            Taken::Denies { spot, at },
        ]
    });
    // The group above all is seen from a subscription below it; the others may have none, and list themselves.
    let groups = GROUPS.into_iter().map(|spot| Taken::List { spot, at, dated: true, complete: true });
    trees.into_iter().chain(logs).chain(lists).chain(groups).collect()
}

/// Lists are taken when nothing happens, and one name is one assignment where lists have no dates.
pub fn is_fair(world: &World, taken: &[Taken]) -> bool {
    let undated = taken.iter().any(|one| matches!(one, Taken::List { dated: false, .. }));
    let again = world.lives.iter().enumerate().any(|(at, life)| {
        let anew = world.lives.iter().skip(at + 1).any(|other| other.name == life.name);
        anew && (undated || life.delegated)
    });
    !(world.comes_back() || again)
        && taken.iter().all(|one| match one {
            Taken::List { at, .. }
            | Taken::Schedules { at, .. }
            | Taken::Delegations { at, .. }
            | Taken::Denies { at, .. }
            | Taken::Tree { at } => is_calm(world, *at),
            Taken::Log { .. } => true,
        })
}

/// The operations of a world: what happens in them is only possible.
fn operations(world: &World) -> Vec<Interval> {
    let span = |change: &Change| Interval { start: change.begun(), end: change.done().plus(1) };
    changes(world).iter().map(span).collect()
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn never_the_opposite_of_the_truth((world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t))) {
        let chronicle = chronicle(&world, &taken);
        let (history, _) = chronicle.history();
        history.check().unwrap();
        let truth = verdicts(&known(&world, &chronicle).truth());
        for (rebuilt, truth) in verdicts(&history).into_iter().zip(truth) {
            let same = rebuilt.2.outcome == truth.2.outcome;
            prop_assert!(same || rebuilt.2.outcome == Outcome::Unknown, "{rebuilt:?} but {truth:?}\n{history:#?}");
        }
    }
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn logs_that_cover_the_span_tell_every_day(
        world in worlds(),
        start in instants(-12..8),
        quarters in 8i64..48,
        chains in any::<bool>(),
        list in 0i64..100,
    ) {
        let end = start.plus(quarters * TICKS_PER_DAY / 4);
        let at = start.plus((end.ticks() - start.ticks()) / 100 * list);
        prop_assume!(is_calm(&world, at) && is_calm(&world, start));
        // A move tells the new parent only: where it stood before takes a tree.
        let taken = round(start, end, at, true, LogForm { chains, late: None });
        let chronicle = chronicle(&world, &taken);
        let (history, _) = chronicle.history();
        let truth = verdicts(&known(&world, &chronicle).truth());
        let blurred = operations(&world);
        for (rebuilt, truth) in verdicts(&history).into_iter().zip(truth) {
            let span = day(rebuilt.1).interval();
            let inside = start <= span.start && span.end <= end;
            // Written in the log, gone before the list, without the stored time: it may have been there before.
            let excused = world.lives.iter().any(|life| {
                life.ended.is_some_and(|gone| gone.at <= at) && !life.direct
            });
            // A log does not say what a delegation grants, nor whom a deny assignment denies; and to write one may be to
            // write it again.
            let nameless = world.lives.iter().any(|life| life.delegated && (!life.holds(at) || life.made.done() >= start))
                || world.denials.iter().any(|denial| {
                    // Lists show the denies above and below a subscription, not those of a group without one.
                    let listed = chronicle.snapshots.iter().flat_map(|list| &list.denies).any(|deny| deny.id == denial.name);
                    !listed || denial.made.done() >= start
                });
            // What was granted at a resource that moved may have gone with it or been left behind: possible only.
            let left = world.moved.is_some() && world.lives.iter().any(|life| life.scope == scope(&rebuilt.0));
            let excused = excused || nameless || left;
            if inside && !excused && blurred.iter().all(|blur| blur.intersection(&span).is_none()) {
                prop_assert!(rebuilt.2 == truth.2, "{rebuilt:?} but {truth:?}\n{history:#?}");
            }
        }
    }

    /// A dated list proves the days from the stored start to the moment it was taken, whatever else there is.
    #[test]
    fn what_a_list_shows_with_its_start_is_earned((world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t))) {
        let (history, _) = chronicle(&world, &taken).history();
        let rebuilt = verdicts(&history);
        for one in &taken {
            let Taken::List { spot: Spot { place, .. }, at, dated: true, complete: true } = *one else { continue };
            let owners = world.lives.iter().filter(|life| life.holds(at) && !life.delegated && life.role == OWNER && life.scope == scope(place));
            if !world.denials.is_empty() {
                continue;
            }
            for life in owners {
                for (resource, number, verdict) in &rebuilt {
                    let span = day(*number).interval();
                    if resource.starts_with(place) && life.made.at <= span.start && span.end <= at {
                        prop_assert_eq!(verdict.outcome, Outcome::Earned, "{} {}", resource, number);
                    }
                }
            }
        }
    }

    #[test]
    fn order_and_splitting_change_nothing(
        (world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t)),
        turn in 0usize..12,
        cut in instants(-4..40),
    ) {
        let whole = chronicle(&world, &taken);
        let mut turned = whole.clone();
        turned.logs = Vec::new();
        for log in &whole.logs {
            if log.start < cut && cut < log.end {
                let (first, second) = log.events.iter().cloned().partition(|event| event.done <= cut);
                turned.logs.push(Log { end: cut, events: first, ..log.clone() });
                turned.logs.push(Log { start: cut, events: second, ..log.clone() });
            } else {
                turned.logs.push(log.clone());
            }
        }
        let (snapshots, logs) = (turned.snapshots.len(), turned.logs.len());
        turned.snapshots.rotate_left(turn % snapshots.max(1));
        turned.snapshots.iter_mut().for_each(|snapshot| snapshot.grants.reverse());
        turned.logs.rotate_left(turn % logs.max(1));
        turned.logs.iter_mut().for_each(|log| log.events.reverse());
        prop_assert_eq!(turned.history(), whole.history());
    }
}
