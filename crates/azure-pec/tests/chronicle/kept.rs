//! Histories kept from an earlier month, continued by newer exports.

use azure_pec::{AccessHistory, Chronicle, Instant, Outcome};
use proptest::prelude::*;

use crate::compare::{cases, verdicts};
use crate::exporter::{Taken, chronicle, is_calm, known};
use crate::world::{World, instants, worlds};
use crate::worlds::{collections, is_fair};

/// When it was in the collector's hands.
fn taken_by(one: &Taken) -> Instant {
    match one {
        Taken::List { at, .. }
        | Taken::Schedules { at, .. }
        | Taken::Delegations { at, .. }
        | Taken::Denies { at, .. }
        | Taken::Tree { at } => *at,
        Taken::Log { end, .. } => *end,
    }
}

fn continued(world: &World, taken: &[Taken], cut: Instant) -> AccessHistory {
    let (old, new): (Vec<Taken>, Vec<Taken>) = taken.iter().cloned().partition(|one| taken_by(one) <= cut);
    let (kept, _) = chronicle(world, &old).history();
    kept.check().unwrap();
    let newer = Chronicle { histories: vec![kept], ..chronicle(world, &new) };
    newer.history().0
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_kept_history_and_newer_exports_say_what_all_exports_say(
        (world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t)),
        cut in instants(4..36),
        early in instants(0..4),
    ) {
        prop_assume!(is_calm(&world, early));
        // Without any hierarchy data a subscription's own log counts; the first month is to have some.
        let mut taken = taken;
        taken.push(Taken::Tree { at: early });
        let whole = chronicle(&world, &taken);
        let truth = verdicts(&known(&world, &whole).truth());
        let whole = verdicts(&whole.history().0);
        let kept = continued(&world, &taken, cut);
        for ((kept_day, whole), truth) in verdicts(&kept).into_iter().zip(whole).zip(truth) {
            let known = |outcome| outcome != Outcome::Unknown;
            if known(kept_day.2.outcome) {
                prop_assert_eq!(kept_day.2.outcome, truth.2.outcome, "{:?}\n{:#?}", kept_day, kept);
                if known(whole.2.outcome) {
                    prop_assert_eq!(kept_day.2.outcome, whole.2.outcome);
                }
            }
        }
    }

    #[test]
    fn histories_alone_are_merged_as_ever(
        (world, taken) in (worlds(), collections()).prop_filter("fair", |(w, t)| is_fair(w, t)),
        cut in instants(4..36),
    ) {
        let (old, new): (Vec<Taken>, Vec<Taken>) = taken.iter().cloned().partition(|one| taken_by(one) <= cut);
        let histories = vec![chronicle(&world, &old).history().0, chronicle(&world, &new).history().0];
        let mut merged = AccessHistory::default();
        histories.iter().for_each(|history| merged.merge(history.clone()));
        let (history, findings) = Chronicle { histories, ..Chronicle::default() }.history();
        prop_assert_eq!(history, merged);
        prop_assert!(findings.is_empty());
    }
}
