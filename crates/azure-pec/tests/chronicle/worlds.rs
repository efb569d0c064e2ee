//! Worlds cut into exports, put together again, and compared with the truth day by day.

use azure_pec::{Interval, Log, Outcome, TICKS_PER_DAY};
use proptest::prelude::*;

use crate::compare::verdicts;
use crate::exporter::{SUBS, Taken, chronicle, is_calm};
use crate::world::{Change, LEFT, OWNER, RIGHT, TOP, World, day, instants, scope, worlds};

const PLACES: [&str; 5] = [SUBS[0], SUBS[1], TOP, LEFT, RIGHT];

/// What a collector did, in any order, and a tree so that there is hierarchy data.
pub fn collections() -> impl Strategy<Value = Vec<Taken>> {
    let list = (0usize..2, instants(0..41), prop::bool::weighted(0.8), prop::bool::weighted(0.9))
        .prop_map(|(place, at, dated, complete)| Taken::List { place: SUBS[place], at, dated, complete });
    let schedules =
        (0usize..2, instants(0..41)).prop_map(|(place, at)| Taken::Schedules { place: SUBS[place], at });
    let tree = instants(0..41).prop_map(|at| Taken::Tree { at });
    let log = (0usize..5, instants(-4..36), 1i64..30, any::<bool>()).prop_map(
        |(place, start, quarters, chains)| Taken::Log {
            place: PLACES[place],
            start,
            end: start.plus(quarters * TICKS_PER_DAY / 4),
            chains,
        },
    );
    let some = prop::collection::vec(prop_oneof![4 => list, 1 => schedules, 1 => tree, 5 => log], 0..8);
    (prop::collection::vec(rounds(), 0..3), some, instants(0..41)).prop_map(|(rounds, some, at)| {
        let mut taken: Vec<Taken> = rounds.into_iter().flatten().chain(some).collect();
        taken.push(Taken::Tree { at });
        taken
    })
}

/// A collector's round: the logs of every place over a span, and lists and trees in it; at times something is left out.
fn rounds() -> impl Strategy<Value = Vec<Taken>> {
    let left_out = prop::collection::vec(prop::bool::weighted(0.1), 12);
    (instants(-6..30), 2i64..40, 0i64..101, any::<bool>(), left_out).prop_map(
        |(start, quarters, list, dated, left_out)| {
            let end = start.plus(quarters * TICKS_PER_DAY / 4);
            let at = start.plus((end.ticks() - start.ticks()) / 100 * list);
            let logs = PLACES.iter().map(|place| Taken::Log { place, start, end, chains: dated });
            let lists = SUBS.iter().map(|place| Taken::List { place, at, dated, complete: true });
            let groups = [LEFT, RIGHT, TOP].into_iter().map(|place| Taken::List {
                place,
                at,
                dated: true,
                complete: true,
            });
            let trees = [Taken::Tree { at: start }, Taken::Tree { at }];
            let all = trees.into_iter().chain(logs).chain(lists).chain(groups);
            all.zip(left_out).filter(|(_, out)| !out).map(|(one, _)| one).collect()
        },
    )
}

/// Lists are taken when nothing happens, and one name is one assignment where lists have no dates.
pub fn is_fair(world: &World, taken: &[Taken]) -> bool {
    let undated = taken.iter().any(|one| matches!(one, Taken::List { dated: false, .. }));
    let again = world
        .lives
        .iter()
        .enumerate()
        .any(|(at, life)| world.lives.iter().skip(at + 1).any(|other| other.name == life.name));
    !(world.comes_back() || undated && again)
        && taken.iter().all(|one| match one {
            Taken::List { at, .. } | Taken::Schedules { at, .. } | Taken::Tree { at } => is_calm(world, *at),
            // A record is written when the operation is done: what is under way at the end of a log is not in it.
            Taken::Log { end, .. } => is_calm(world, *end),
        })
}

/// The operations of a world: what happens in them is only possible.
fn operations(world: &World) -> Vec<Interval> {
    let lives = world.lives.iter().flat_map(|life| [Some(life.made), life.ended, life.updated]);
    let places = world.places.iter().map(|place| place.moved.as_ref().map(|(change, _)| *change));
    let span = |change: Change| Interval { start: change.begun(), end: change.done().plus(1) };
    lives.chain(places).flatten().map(span).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, max_global_rejects: 100_000, ..ProptestConfig::default() })]

    #[test]
    fn never_the_opposite_of_the_truth((world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t))) {
        let (history, _) = chronicle(&world, &taken).history();
        history.check().unwrap();
        let truth = verdicts(&world.truth());
        for (rebuilt, truth) in verdicts(&history).into_iter().zip(truth) {
            let same = rebuilt.2.outcome == truth.2.outcome;
            prop_assert!(same || rebuilt.2.outcome == Outcome::Unknown, "{rebuilt:?} but {truth:?}\n{history:#?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_global_rejects: 100_000, ..ProptestConfig::default() })]

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
        let mut taken: Vec<Taken> = PLACES.iter().map(|place| Taken::Log { place, start, end, chains }).collect();
        taken.extend(SUBS.iter().map(|place| Taken::List { place, at, dated: true, complete: true }));
        // A move tells the new parent only: where it stood before takes a tree.
        taken.extend([Taken::Tree { at: start }, Taken::Tree { at }]);
        // The group above all is seen from a subscription below it; the others may have none, and list themselves.
        taken.extend([LEFT, RIGHT, TOP].iter().map(|place| Taken::List { place, at, dated: true, complete: true }));
        let (history, _) = chronicle(&world, &taken).history();
        let truth = verdicts(&world.truth());
        let blurred = operations(&world);
        for (rebuilt, truth) in verdicts(&history).into_iter().zip(truth) {
            let span = day(rebuilt.1).interval();
            let inside = start <= span.start && span.end <= end;
            // Written in the log, gone before the list, without the stored time: it may have been there before.
            let excused = world.lives.iter().any(|life| {
                life.ended.is_some_and(|gone| gone.at <= at) && !life.direct
            });
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
            let Taken::List { place, at, dated: true, complete: true } = *one else { continue };
            let owners = world.lives.iter().filter(|life| life.holds(at) && life.role == OWNER && life.scope == scope(place));
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
