//! Since when and until when one assignment held, at the very edges of what exports say.

use azure_pec::{
    AccessHistory, Chronicle, Event, Grant, Instant, Listing, LoggedChange, Observed, ObservedWindow,
    Snapshot, Twin,
};

use crate::by_hand::{EARLIEST, NAME, at, codes};
use crate::exporter::snapshot;
use crate::short::{
    MINUTE, SECOND, TAKES, begun, dated, day, deleting, deleting_of, done, done_by, empty, ended, lives,
    messages, mine, put_together, scheduled, shown, text, undated, whole, writing,
};
use crate::world::{SUB_A, scope};

const CONTRADICTION: &str = "access.contradiction";

/// The spans of the one assignment, and what exports do not agree on.
fn told(snapshots: Vec<Snapshot>, events: Option<Vec<Event>>) -> (Vec<String>, Vec<String>) {
    let logs = events.map(|events| whole(day(1), day(20), events)).into_iter().collect();
    let (history, findings) = put_together(snapshots, logs);
    history.check().unwrap();
    let name = format!("{NAME} at {} ", SUB_A.to_ascii_lowercase());
    let said = messages(&findings, CONTRADICTION);
    (lives(&history), said.iter().map(|said| said.replace(&name, "")).collect())
}

/// Nothing speaks against the spans.
fn agreed(spans: &[&str]) -> (Vec<String>, Vec<String>) {
    (spans.iter().map(|span| (*span).to_owned()).collect(), vec![])
}

/// This speaks against them.
fn disputed(spans: &[&str], said: &str) -> (Vec<String>, Vec<String>) {
    (agreed(spans).0, vec![said.to_owned()])
}

// --- lists with dates ---

#[test]
fn what_was_made_when_a_list_was_taken_may_lack_from_it() {
    let lists = |start| vec![empty(day(5)), dated(day(10), start)];
    assert_eq!(told(lists(day(5)), None), agreed(&["5 to -"]));
    let unlisted = "was made at 2026-10-04T23:59:59.9999999Z, as it says of itself, and the complete list of 2026-10-05T00:00:00Z lacks it";
    assert_eq!(told(lists(day(5).plus(-1)), None), disputed(&["5-1~10 to -"], unlisted));
}

#[test]
fn of_lists_that_lack_what_was_made_before_them_the_last_is_told() {
    let lists = vec![empty(day(5)), empty(day(7)), dated(day(10), day(3))];
    let unlisted = "was made at 2026-10-03T00:00:00Z, as it says of itself, and the complete list of 2026-10-07T00:00:00Z lacks it";
    assert_eq!(told(lists, None), disputed(&["3~10 to -"], unlisted));
}

#[test]
fn what_ended_between_two_lists_is_sure_until_the_first_and_possible_until_the_second() {
    assert_eq!(told(vec![dated(day(10), day(3)), empty(day(20))], None), agreed(&["3 to 10~20"]));
    // A list that is not whole says nothing of it.
    let unfinished = Snapshot { complete: false, ..empty(day(20)) };
    assert_eq!(told(vec![dated(day(10), day(3)), unfinished], None), agreed(&["3 to 10~?"]));
}

#[test]
fn a_list_that_lacks_it_parts_two_lives_without_dates() {
    let lists = vec![undated(day(5)), empty(day(10)), undated(day(15))];
    assert_eq!(told(lists, None), agreed(&["- to 5~10", "10~15 to -"]));
}

#[test]
fn of_two_lists_of_one_moment_the_one_that_shows_it_parts_no_lives() {
    assert_eq!(told(vec![undated(day(5)), empty(day(10)), undated(day(10))], None), agreed(&["- to -"]));
    assert_eq!(told(vec![dated(day(10), day(3)), empty(day(10))], None), agreed(&["3 to -"]));
}

/// Known to a history since the fifteenth, and possible since a day before.
fn kept_since(earliest: Instant, snapshots: Vec<Snapshot>) -> Vec<String> {
    let grants = vec![Grant { start_earliest: Some(earliest), ..mine(Some(day(15))) }];
    let kept = AccessHistory { grants, ..AccessHistory::default() };
    lives(&Chronicle { histories: vec![kept], snapshots, ..Chronicle::default() }.history().0)
}

#[test]
fn what_may_have_begun_at_the_last_sight_of_a_life_is_the_same_life() {
    let listed = || dated(day(10), day(3));
    assert_eq!(kept_since(day(10), vec![listed()]), ["3 to -"]);
    assert_eq!(kept_since(day(10).plus(1), vec![listed()]), ["3 to 10~10+1", "10+1~15 to -"]);
    // A list between that lacks it parts them, and ends the first.
    assert_eq!(kept_since(day(10), vec![listed(), empty(day(12))]), ["3 to 10~12", "12~15 to -"]);
}

#[test]
fn a_second_stored_start_is_a_second_life_after_the_last_sight_of_the_first() {
    let lists = |start| vec![dated(day(10), day(3)), dated(day(20), start)];
    let twice = "was made at 2026-10-03T00:00:00Z and at 2026-10-10T00:00:00Z, as exports say";
    assert_eq!(told(lists(day(10)), None), disputed(&["3 to -"], twice));
    assert_eq!(told(lists(day(10).plus(1)), None), agreed(&["3 to 10~10+1", "10+1 to -"]));
}

#[test]
fn stored_starts_within_a_microsecond_are_one_and_the_later_is_the_finer() {
    let lists = |ticks| vec![dated(day(10), day(3)), dated(day(20), day(3).plus(ticks))];
    assert_eq!(told(lists(10), None), agreed(&["3+10 to -"]));
    let twice = "was made at 2026-10-03T00:00:00Z and at 2026-10-03T00:00:00.0000011Z, as exports say";
    assert_eq!(told(lists(11), None), disputed(&["3 to -"], twice));
    // Taken at once, as it says: it is no older than its finer start.
    assert_eq!(
        told(vec![dated(day(3), day(3)), dated(day(20), day(3).plus(10))], None),
        agreed(&["3+10 to -"])
    );
}

// --- deletions ---

#[test]
fn a_list_may_show_what_was_deleted_until_the_deletion_was_done() {
    let gone = || Some(vec![done(day(15), deleting())]);
    for at in [day(15), day(15).plus(1), day(15).plus(TAKES)] {
        assert_eq!(told(vec![dated(at, day(3))], gone()), agreed(&["3 to 15~15+5s"]), "{at}");
    }
    let survived =
        |taken: &str| format!("was deleted at 2026-10-15T00:00:05Z, and a list of {taken} still shows it");
    // A list out of a cache is ten minutes late at most; later it contradicts the record.
    for (late, until) in [(1, "15+50000001"), (10 * MINUTE, "15+605s"), (10 * MINUTE + 1, "?")] {
        let taken = day(15).plus(TAKES + late);
        let span = format!("3 to 15~{until}");
        assert_eq!(
            told(vec![dated(taken, day(3))], gone()),
            disputed(&[&span], &survived(&taken.to_string()))
        );
    }
}

#[test]
fn what_was_made_while_its_deletion_was_under_way_is_another_life() {
    let gone = || Some(vec![done(day(15), deleting())]);
    let lists = |start| vec![dated(day(18), start)];
    assert_eq!(told(lists(day(15).plus(1)), gone()), agreed(&["- to 15~15+5s", "15+1 to -"]));
    let survived = "was deleted at 2026-10-15T00:00:05Z, and a list of 2026-10-18T00:00:00Z still shows it";
    assert_eq!(told(lists(day(15)), gone()), disputed(&["15 to 15~?"], survived));
}

#[test]
fn a_list_without_dates_shows_what_was_deleted_for_ten_minutes_and_a_new_life_after() {
    let gone = || Some(vec![done(day(15), deleting())]);
    let lists = |late| vec![undated(day(5)), undated(day(15).plus(TAKES + late))];
    for early in [0, 1 - TAKES, -TAKES] {
        assert_eq!(told(lists(early), gone()), agreed(&["- to 15~15+5s"]), "{early}");
    }
    let survived = "was deleted at 2026-10-15T00:00:05Z, and a list of 2026-10-15T00:10:05Z still shows it";
    assert_eq!(told(lists(10 * MINUTE), gone()), disputed(&["- to 15~15+605s"], survived));
    let appeared = "was there at 2026-10-15T00:10:05.0000001Z, and the log of the time before does not record that it was made";
    let two = ["- to 15~15+5s", &format!("15+5s~{} to -", text(day(15).plus(TAKES + 10 * MINUTE + 1)))];
    assert_eq!(told(lists(10 * MINUTE + 1), gone()), disputed(&two, appeared));
}

/// A deletion of what no list showed before ends it as well, also one of which the log has the end alone.
#[test]
fn what_is_listed_only_after_its_deletion_was_deleted_or_is_made_again() {
    let lag = 10 * MINUTE;
    let survived = "was deleted at 2026-10-15T00:00:00Z, and a list of 2026-10-15T00:10:00Z still shows it";
    let appeared = "was there at 2026-10-15T00:10:00.0000001Z, and the log of the time before does not record that it was made";
    let gone = [
        (done_by(day(14), day(15), deleting()), "-"),
        // Nothing says since when it was there.
        (ended(day(14), day(15), deleting()), "?~14"),
    ];
    for (gone, since) in gone {
        let of = |late| told(vec![undated(day(15).plus(late))], Some(vec![gone.clone()]));
        assert_eq!(of(0), agreed(&[&format!("{since} to 14~15")]));
        assert_eq!(of(lag), disputed(&[&format!("{since} to 14~15+600s")], survived));
        let again = format!("15~{} to -", text(day(15).plus(lag + 1)));
        assert_eq!(of(lag + 1), disputed(&[&format!("{since} to 14~15"), &again], appeared));
    }
}

#[test]
fn what_a_history_saw_soon_after_a_deletion_stands() {
    let after = |minutes| day(15).plus(TAKES + minutes * MINUTE);
    let window = ObservedWindow {
        tenant_id: None,
        scope: scope(SUB_A),
        start: Some(after(1)),
        end: Some(after(5)),
        reaches: vec![],
    };
    let again = Grant { start_earliest: Some(at(EARLIEST)), ..mine(Some(after(1))) };
    let kept = AccessHistory {
        observed: Observed::Windows(vec![window]),
        grants: vec![again],
        ..AccessHistory::default()
    };
    let (histories, logs) =
        (vec![kept], vec![whole(day(1), day(15).plus(TAKES), vec![done(day(15), deleting())])]);
    let chronicle = Chronicle { histories, snapshots: vec![undated(day(5))], logs, ..Chronicle::default() };
    assert_eq!(lives(&chronicle.history().0), ["- to 15~15+5s", "15+5s~15+65s to -"]);
}

#[test]
fn what_was_written_again_soon_after_its_deletion_is_listed_rightly() {
    let again = done(day(15).plus(MINUTE), writing());
    let events = vec![done(day(15), deleting()), again];
    let lists = vec![undated(day(5)), undated(day(15).plus(5 * MINUTE))];
    assert_eq!(told(lists, Some(events)), agreed(&["- to 15~15+5s", "15+60s~15+65s to -"]));
}

/// Only what was written or made since the deletion began is there again; else the list is late.
#[test]
fn what_was_made_until_its_deletion_began_is_not_there_again() {
    let late = || undated(day(15).plus(TAKES + 5 * MINUTE));
    let survived = "was deleted at 2026-10-15T00:00:05Z, and a list of 2026-10-15T00:05:05Z still shows it";
    let put = |events| told(vec![empty(day(5)), late()], Some(events));
    let written = vec![done(day(15).plus(-TAKES), writing()), done(day(15), deleting())];
    assert_eq!(put(written), disputed(&["15-5s~15 to 15~15+305s"], survived));
    // Made while the deletion was under way, which then went no earlier.
    let made = vec![done(day(15), deleting_of(Some(day(15).plus(SECOND)), None))];
    assert_eq!(put(made), disputed(&["15+1s to 15+1s~15+305s"], survived));
}

#[test]
fn what_was_made_again_soon_after_its_deletion_is_listed_rightly() {
    let lists =
        vec![undated(day(5)), undated(day(15).plus(5 * MINUTE)), dated(day(18), day(15).plus(MINUTE))];
    let gone = Some(vec![done(day(15), deleting())]);
    assert_eq!(told(lists, gone), agreed(&["- to 15~15+5s", "15+60s to -"]));
}

#[test]
fn records_of_one_deletion_that_meet_are_one() {
    let two = |first, second| {
        let (one, other) =
            (done_by(day(15), first, deleting()), done_by(second, second.plus(TAKES), deleting()));
        told(vec![dated(day(10), day(3))], Some(vec![one, other]))
    };
    // Both agree on the moments that lie in both.
    assert_eq!(two(day(15).plus(TAKES), day(15).plus(2 * SECOND)), agreed(&["3 to 15+2s~15+5s"]));
    assert_eq!(two(day(15).plus(TAKES), day(15).plus(TAKES)), agreed(&["3 to 15+5s"]));
    let appeared =
        "was there at 2026-10-16T00:00:00Z, and the log of the time before does not record that it was made";
    assert_eq!(
        two(day(15).plus(TAKES), day(16)),
        disputed(&["3 to 15~15+5s", "15+5s~16 to 16~16+5s"], appeared)
    );
}

#[test]
fn a_deletion_that_holds_the_stored_object_is_exact() {
    let gone = |created, ended| Some(vec![done(day(15), deleting_of(created, ended))]);
    let (created, end) = (Some(day(3)), Some(day(15).plus(2 * SECOND)));
    assert_eq!(told(vec![], gone(created, end)), agreed(&["3 to 15+2s"]));
    assert_eq!(told(vec![], gone(created, None)), agreed(&["3 to 15~15+5s"]));
    assert_eq!(told(vec![empty(day(18))], gone(None, end)), agreed(&["- to 15+2s"]));
    // Made when it ended is made for no time; a start after the end is none of this life.
    assert_eq!(told(vec![empty(day(18))], gone(end, end)), agreed(&[]));
    assert_eq!(told(vec![empty(day(18))], gone(Some(day(16)), end)), agreed(&["- to 15~15+5s"]));
    // Made while its deletion was under way, with what it stood on, or at the very end of that.
    assert_eq!(told(vec![empty(day(18))], gone(Some(day(15).plus(TAKES)), None)), agreed(&[]));
    assert_eq!(
        told(vec![empty(day(18))], gone(Some(day(15).plus(SECOND)), None)),
        agreed(&["15+1s to 15+1s~15+5s"])
    );
}

#[test]
fn a_deletion_of_which_the_log_has_the_end_alone_began_after_the_last_sight() {
    let gone = || vec![ended(day(14), day(15), deleting())];
    // Some moment of the operation saw it, and whether that was this life nothing says.
    let seen = |at| told(vec![dated(day(10), day(3)), undated(at)], Some(gone()));
    assert_eq!(seen(day(10)), agreed(&["3 to 14~15", "?~14 to 14~15"]));
    // It was there: the deletion began later.
    assert_eq!(seen(day(14).plus(MINUTE)), agreed(&["3 to 14+60s~15", "?~14 to 14~15"]));
    assert_eq!(seen(day(15).plus(-1)), agreed(&["3 to 15-1~15", "?~14 to 14~15"]));
    assert_eq!(seen(day(15)), agreed(&["3 to 14~15", "?~14 to 14~15"]));
    // Nothing else knows it: some moment of the operation saw it, and nothing says which.
    assert_eq!(told(vec![empty(day(18))], Some(gone())), agreed(&["?~14 to 14~15"]));
}

#[test]
fn a_late_list_shows_the_life_that_was_seen_and_no_other() {
    let (seen, late) = (undated(day(14).plus(MINUTE)), undated(day(15).plus(10 * MINUTE)));
    let survived = "was deleted at 2026-10-15T00:00:00Z, and a list of 2026-10-15T00:10:00Z still shows it";
    let gone = vec![ended(day(14), day(15), deleting())];
    assert_eq!(
        told(vec![dated(day(10), day(3)), seen, late], Some(gone)),
        disputed(&["3 to 14+60s~15+600s", "?~14 to 14~15"], survived)
    );
}

#[test]
fn a_beginning_in_another_log_belongs_to_the_end_that_it_lies_before() {
    let gone = |at| vec![ended(day(14), day(15), deleting()), begun(at, deleting())];
    let lists = || vec![dated(day(10), day(3))];
    for at in [day(14), day(14).plus(MINUTE), day(15)] {
        let span = if at == day(15) { "3 to 15".to_owned() } else { format!("3 to {}~15", text(at)) };
        assert_eq!(told(lists(), Some(gone(at))), agreed(&[&span]), "{at}");
    }
    // Of two the earlier.
    let mut two = gone(day(14).plus(MINUTE));
    two.push(begun(day(14).plus(2 * MINUTE), deleting()));
    assert_eq!(told(lists(), Some(two)), agreed(&["3 to 14+60s~15"]));
}

#[test]
fn a_beginning_within_a_whole_pair_is_the_pairs_own() {
    let lists = || vec![dated(day(10), day(3))];
    let pair = |at| vec![done(day(15), deleting()), begun(at, deleting())];
    for at in [day(15), day(15).plus(TAKES - 1)] {
        assert_eq!(told(lists(), Some(pair(at))), agreed(&["3 to 15~15+5s"]), "{at}");
    }
    // So of a pair of writing.
    for at in [day(12), day(12).plus(SECOND), day(12).plus(TAKES - 1)] {
        let pair = vec![done(day(12), writing()), begun(at, writing())];
        assert_eq!(told(vec![empty(day(5))], Some(pair)), agreed(&["12~12+5s to -"]), "{at}");
    }
    // It began before, without an outcome: from there on it is not sure any more.
    assert_eq!(told(lists(), Some(pair(day(15).plus(-1)))), agreed(&["3 to 15~15+5s"]));
    // What began when a pair was done is another operation, and nothing tells its outcome.
    let after = vec![done(day(12), writing()), begun(day(12).plus(TAKES), writing())];
    assert_eq!(told(vec![empty(day(5))], Some(after)), agreed(&["12~12+5s to 12+5s~?"]));
}

#[test]
fn a_beginning_of_another_operation_is_none_of_the_end() {
    let put = |at, change| {
        let events = vec![ended(day(14), day(15), deleting()), begun(at, change)];
        told(vec![dated(day(10), day(3))], Some(events)).0
    };
    // Begun before this one could, nothing tells whether it was done: then the log proves nothing since.
    assert_eq!(put(day(13), deleting()), ["3 to 10~15", "?~14 to 14~15"]);
    // What was to give it did not take it.
    let given = put(day(14).plus(MINUTE), writing());
    assert_eq!(given[..2], ["3 to 14~15", "?~14 to 14~15"]);
    assert_eq!(given[2..], ["14+60s~14+60s to 14+60s~?"]);
}

#[test]
fn a_beginning_that_its_pair_completes_leaves_no_hole_in_the_log() {
    let events = |at| Some(vec![done(day(15), deleting()), begun(at, deleting())]);
    let lists = || vec![undated(day(5)), undated(day(18))];
    let spans = ["- to 15~15+5s", "15+5s~18 to -"];
    let appeared =
        "was there at 2026-10-18T00:00:00Z, and the log of the time before does not record that it was made";
    for at in [day(15), day(15).plus(TAKES - 1)] {
        assert_eq!(told(lists(), events(at)), disputed(&spans, appeared), "{at}");
    }
    assert_eq!(told(lists(), events(day(15).plus(TAKES))), agreed(&spans));
}

// --- logs without a record ---

#[test]
fn a_whole_log_without_its_making_proves_it_from_the_logs_beginning() {
    let lists = |lacks| vec![empty(lacks), undated(day(10))];
    assert_eq!(told(lists(day(0)), Some(vec![])), agreed(&["0~1 to -"]));
    assert_eq!(told(lists(day(1).plus(-1)), Some(vec![])), agreed(&["1-1~1 to -"]));
    let appeared =
        "was there at 2026-10-10T00:00:00Z, and the log of the time before does not record that it was made";
    assert_eq!(told(lists(day(1)), Some(vec![])), disputed(&["1~10 to -"], appeared));
}

#[test]
fn a_whole_log_without_its_end_proves_it_to_the_logs_end() {
    let lists = |lacks| vec![undated(day(5)), empty(lacks)];
    assert_eq!(told(lists(day(20).plus(1)), Some(vec![])), agreed(&["- to 20~20+1"]));
    let vanished = "was not there any more at 2026-10-20T00:00:00Z, and the log of the time before does not record its end";
    assert_eq!(told(lists(day(20)), Some(vec![])), disputed(&["- to 5~20"], vanished));
}

#[test]
fn a_log_that_was_there_when_it_was_not_would_have_its_making_too() {
    let first = |end| whole(day(1), end, vec![]);
    let lists = || vec![empty(day(3)), undated(day(10))];
    let put = |logs| lives(&put_together(lists(), logs).0);
    assert_eq!(put(vec![first(day(5)), whole(day(8), day(20), vec![])]), ["5~8 to -"]);
    assert_eq!(put(vec![first(day(5))]), ["5~10 to -"]);
    // A log that touches the sight is the log of the sight.
    let (history, findings) = put_together(lists(), vec![first(day(10))]);
    assert_eq!(lives(&history), ["3~10 to -"]);
    assert!(codes(&findings).contains(&CONTRADICTION));
}

#[test]
fn a_log_of_all_time_proves_it_since_ever() {
    let (history, findings) =
        put_together(vec![undated(day(10))], vec![whole(Instant::MIN, day(20), vec![])]);
    assert_eq!(lives(&history), ["- to -"]);
    assert!(!codes(&findings).contains(&CONTRADICTION));
}

#[test]
fn a_hole_in_a_log_leaves_the_log_before_it_as_it_is() {
    let ending = vec![begun(day(12), deleting())];
    let logs = vec![whole(day(1), day(8), vec![]), whole(day(10), day(20), ending)];
    let seen = snapshot(Listing::Delegations, vec![scope(SUB_A)], day(18));
    assert_eq!(lives(&put_together(vec![dated(day(5), day(3)), seen], logs).0), ["3 to 8~?"]);
}

/// Possible since the tenth, says a history; a log around that moment moves it only where it surely was not there.
#[test]
fn what_a_history_leaves_possible_a_log_of_the_time_leaves() {
    let put = |lists: Vec<Snapshot>| {
        let grants = vec![Grant { start_earliest: Some(day(10)), ..mine(Some(day(15))) }];
        let histories = vec![AccessHistory { grants, ..AccessHistory::default() }];
        let (snapshots, logs) = (lists, vec![whole(day(8), day(12), vec![])]);
        lives(&Chronicle { histories, snapshots, logs, ..Chronicle::default() }.history().0)
    };
    assert_eq!(put(vec![undated(day(18))]), ["10~15 to -"]);
    assert_eq!(put(vec![empty(day(11)), undated(day(18))]), ["12~15 to -"]);
}

// --- records of writing ---

#[test]
fn a_record_of_writing_made_it_where_a_list_in_the_log_lacks_it() {
    let events = || Some(vec![done(day(12), writing())]);
    let lacks = |at| told(vec![empty(at)], events());
    assert_eq!(lacks(day(1)), agreed(&["12~12+5s to -"]));
    assert_eq!(lacks(day(12)), agreed(&["12~12+5s to -"]));
    assert_eq!(lacks(day(12).plus(2 * SECOND)), agreed(&["12+2s~12+5s to -"]));
    // Before the log it may have been made, and be written again in it.
    assert_eq!(lacks(day(1).plus(-1)), agreed(&["1-1~12+5s to -"]));
    assert_eq!(lacks(day(12).plus(TAKES)), agreed(&["?~12+5s to -"]));
}

#[test]
fn a_list_while_it_was_written_is_a_sight_of_the_same_making() {
    let seen = |at| told(vec![empty(day(5)), undated(at)], Some(vec![done(day(12), writing())]));
    assert_eq!(seen(day(12).plus(2 * SECOND)), agreed(&["12~12+2s to -"]));
    assert_eq!(seen(day(12)), agreed(&["12 to -"]));
    let appeared = "was there at 2026-10-11T23:59:59.9999999Z, and the log of the time before does not record that it was made";
    assert_eq!(seen(day(12).plus(-1)), disputed(&["5~12-1 to -"], appeared));
}

#[test]
fn what_was_written_after_a_time_that_no_log_covers_may_be_made_anew() {
    let put = |first_ends| {
        let logs =
            vec![whole(day(1), first_ends, vec![]), whole(day(14), day(20), vec![done(day(15), writing())])];
        lives(&put_together(vec![dated(day(10), day(3))], logs).0)
    };
    assert_eq!(put(day(11)), ["3 to 11~15+5s", "11~15+5s to -"]);
    // Logs that meet are one, and would have its end.
    assert_eq!(put(day(14)), ["3 to -"]);
    // A log may end while it is written.
    let logs = |end| {
        let written = whole(day(16), day(20), vec![done_by(day(15), day(17), writing())]);
        lives(&put_together(vec![dated(day(10), day(3))], vec![whole(day(1), end, vec![]), written]).0)
    };
    assert_eq!(logs(day(15)), ["3 to -"]);
    assert_eq!(logs(day(15).plus(-1)), ["3 to 15-1~17", "15-1~17 to -"]);
}

#[test]
fn what_was_written_again_began_when_the_life_before_may_have_ended() {
    // The end that a schedule announced.
    let written = vec![whole(day(14), day(20), vec![done(day(15), writing())])];
    let (history, _) = put_together(vec![as_twin(scheduled(day(10), day(9), day(12)))], written);
    assert_eq!(lives(&history), ["9 to 12", "12~15+5s to -"]);
    // A deletion that was under way still.
    let again = done_by(day(15).plus(SECOND), day(15).plus(2 * SECOND), writing());
    assert_eq!(
        told(vec![dated(day(10), day(3))], Some(vec![done(day(15), deleting()), again])),
        agreed(&["3 to 15~15+5s", "15+1s~15+2s to -"])
    );
}

#[test]
fn a_record_with_the_end_of_writing_alone_takes_its_beginning_from_another_log() {
    let alone = |done, begun_at| {
        let events = vec![done_by(done, done, writing()), begun(begun_at, writing())];
        told(vec![empty(day(5))], Some(events))
    };
    assert_eq!(alone(day(12), day(11)), agreed(&["11~12 to -"]));
    assert_eq!(alone(day(12), day(12)), agreed(&["12 to -"]));
    // What began later is another operation.
    assert_eq!(alone(day(12), day(13)), agreed(&["12 to 13~?"]));
    // Of several the last; what came of the first nothing tells.
    let events =
        vec![done_by(day(12), day(12), writing()), begun(day(10), writing()), begun(day(11), writing())];
    assert_eq!(told(vec![empty(day(5))], Some(events)), agreed(&["10~12 to -"]));
    // A deletion that began is no beginning of it, but may hide that it was there.
    let events = vec![done_by(day(12), day(12), writing()), begun(day(11), deleting())];
    assert_eq!(told(vec![empty(day(5))], Some(events)), agreed(&["11~12 to -"]));
}

// --- operations without an outcome ---

#[test]
fn what_began_to_be_deleted_is_sure_until_then_and_possible_until_it_is_missed() {
    let lists = |then: Vec<Snapshot>| [vec![dated(day(10), day(3))], then].concat();
    let events = || Some(vec![begun(day(15), deleting())]);
    assert_eq!(told(lists(vec![]), events()), agreed(&["3 to 15~?"]));
    assert_eq!(told(lists(vec![empty(day(18))]), events()), agreed(&["3 to 15~18"]));
    assert_eq!(told(lists(vec![undated(day(18))]), events()), agreed(&["3 to -"]));
    // A list at that very moment tells nothing of what came of it.
    assert_eq!(told(lists(vec![undated(day(15))]), events()), agreed(&["3 to 15~?"]));
    // A record of a later end tells that this one came to nothing.
    let later = Some(vec![begun(day(15), deleting()), done(day(17), deleting())]);
    assert_eq!(told(lists(vec![]), later), agreed(&["3 to 17~17+5s"]));
}

#[test]
fn what_began_to_be_made_is_possible_from_then_until_it_is_missed() {
    let events = || Some(vec![begun(day(10), writing())]);
    assert_eq!(told(vec![empty(day(5)), empty(day(18))], events()), agreed(&["10~10 to 10~18"]));
    assert_eq!(told(vec![empty(day(5))], events()), agreed(&["10~10 to 10~?"]));
    // A list at that very moment lacks it: it was made no earlier.
    assert_eq!(told(vec![empty(day(10)), empty(day(18))], events()), agreed(&["10~10 to 10~18"]));
    // What is there all the time need not be told to be possible.
    assert_eq!(told(vec![dated(day(18), day(3))], events()), agreed(&["3 to -"]));
}

// --- schedules ---

/// The schedule's role assignment bears its name.
fn as_twin(snapshot: Snapshot) -> Snapshot {
    let twins = vec![Twin { schedule: NAME.to_owned(), assignment: NAME.to_owned() }];
    Snapshot { twins, ..snapshot }
}

#[test]
fn an_announced_end_counts_unless_a_list_speaks_against_it() {
    let seen = || scheduled(day(10), day(9), day(12));
    assert_eq!(told(vec![seen()], None), agreed(&["9 to 12"]));
    // A list after it lacks it, as it should; one before it says that it ended early.
    assert_eq!(told(vec![seen(), empty(day(20))], None), agreed(&["9 to 10~12"]));
    assert_eq!(told(vec![seen(), empty(day(12))], None), agreed(&["9 to 10~12"]));
    assert_eq!(told(vec![seen(), empty(day(11))], None), agreed(&["9 to 10~11"]));
    // An end that was over when it was read is none.
    assert_eq!(told(vec![scheduled(day(10), day(9), day(10))], None), agreed(&["9 to -"]));
    // Announced starts are no stored ones: two of them contradict nothing.
    assert_eq!(told(vec![seen(), scheduled(day(11), day(8), day(12))], None), agreed(&["8 to 12"]));
    // The last that was read counts.
    let extended = scheduled(day(11), day(9), day(14));
    assert_eq!(told(vec![seen(), extended], None), agreed(&["9 to 14"]));
}

#[test]
fn a_list_of_schedules_says_nothing_of_a_listed_role_assignment() {
    let schedules = snapshot(Listing::ActiveSchedules, vec![scope(SUB_A)], day(10));
    assert_eq!(
        told(vec![dated(day(5), day(3)), schedules, dated(day(15), day(3))], None),
        agreed(&["3 to -"])
    );
}

#[test]
fn a_whole_log_proves_a_schedule_until_its_announced_end() {
    let put = |end| {
        lives(
            &put_together(
                vec![as_twin(scheduled(day(10), day(9), day(12)))],
                vec![whole(day(1), end, vec![])],
            )
            .0,
        )
    };
    assert_eq!(put(day(20)), ["9 to 12"]);
    assert_eq!(put(day(12)), ["9 to 12"]);
    assert_eq!(put(day(11)), ["9 to 12"]);
    // Something observed later, and no log of the time between.
    let lists = vec![as_twin(scheduled(day(10), day(9), day(12))), empty(day(20))];
    let (history, _) = put_together(lists, vec![whole(day(1), day(11), vec![])]);
    assert_eq!(lives(&history), ["9 to 11~12"]);
}

#[test]
fn a_schedules_start_gives_way_to_the_stored_one_unless_an_end_lies_between() {
    let schedule = || as_twin(scheduled(day(10), day(8), day(19)));
    let put = |start, events| told(vec![dated(day(4), start), schedule()], events);
    assert_eq!(put(day(3), None), agreed(&["3 to 19"]));
    let gone = |from| Some(vec![done_by(from, day(8), deleting())]);
    assert_eq!(put(day(3), gone(day(7))), agreed(&["3 to 7~8", "8 to 19"]));
    // An end that was over when it was made is that of a life before.
    let before = Some(vec![done_by(day(2), day(3), deleting())]);
    assert_eq!(put(day(3), before), agreed(&["- to 2~3", "3 to 19"]));
    // A start that was stored after the schedule was read is none of its.
    let (history, _) = put_together(vec![schedule(), dated(day(12), day(10).plus(1))], vec![]);
    assert_eq!(lives(&history), ["8 to 10~10+1", "10+1 to -"]);
    let (history, _) = put_together(vec![schedule(), dated(day(12), day(10))], vec![]);
    assert_eq!(lives(&history), ["10 to 19"]);
}

#[test]
fn a_grant_that_a_list_shows_twice_is_one() {
    let twice = shown(day(10), vec![mine(Some(day(3))), mine(Some(day(3)))]);
    let (history, _) = put_together(vec![twice], vec![]);
    assert_eq!(lives(&history), ["3 to -"]);
    assert_eq!(history.grants[0].evidence, mine(None).evidence);
}

#[test]
fn a_record_that_says_less_than_the_whole_grant_is_of_the_same_assignment() {
    let Grant { id, scope, .. } = mine(None);
    let assigned = LoggedChange::Assigned { id, scope };
    let events = Some(vec![done(day(12), assigned)]);
    // The list of the fifth lacks it, and the one of the fourteenth says what it is.
    assert_eq!(told(vec![empty(day(5)), undated(day(14))], events), agreed(&["12~12+5s to -"]));
}
