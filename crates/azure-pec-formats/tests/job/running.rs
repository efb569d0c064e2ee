//! What a statement does not depend on, and what a run refuses.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use azure_pec::{Calendar, GroupKey};
use azure_pec_formats::{BatchSink, RunOptions, Sinks, run};
use proptest::prelude::*;

use crate::fixture::{Table, code, contoso_body, contoso_facts, example, load_paths, options, run_paths};

#[test]
fn threads_and_the_order_of_paths_change_nothing() {
    let one = contoso_body(&example("contoso/usage"), &options(1)).unwrap();
    let usage = ["part_2_0001.csv.gz", "part_0_0001.csv", "part_1_0001.csv"]
        .map(|part| example("contoso/usage").join(part));
    let mut paths = usage.to_vec();
    paths.extend(contoso_facts());
    for threads in [0, 1, 2, 3, 16] {
        let (_, document) = run_paths(&paths, &options(threads)).unwrap();
        assert_eq!(serde_json::to_string(&document.body).unwrap(), one, "{threads} threads");
        assert!(document.inputs.is_sorted_by(|a, b| a.path < b.path));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn parts_of_an_export_are_the_export_and_never_overlap(
        parts in 1_usize..9,
        seed in prop::collection::vec(any::<u8>(), 2672),
        threads in 1_usize..4,
        shuffled in any::<bool>(),
    ) {
        let table = Table::contoso();
        let folder = tempfile::tempdir().unwrap();
        let mut rows: Vec<(&u8, &csv::StringRecord)> = seed.iter().zip(&table.rows).collect();
        if shuffled {
            rows.sort_by_key(|(mark, _)| mark.reverse_bits());
        }
        for part in 0..parts {
            let own = rows.iter().filter(|(mark, _)| usize::from(**mark) % parts == part);
            table.write(&folder.path().join(format!("part_{part}.csv")), own.map(|(_, row)| *row));
        }
        let whole = contoso_body(&example("contoso/usage"), &options(1)).unwrap();
        prop_assert_eq!(contoso_body(folder.path(), &options(threads)).unwrap(), whole);
    }
}

#[test]
fn sums_beside_are_a_statement_of_their_own() {
    let inputs = load_paths(&[example("contoso")]).unwrap();
    let calculator = inputs.calculator().unwrap();
    let body = |by: &[GroupKey], threads, sink: Option<&mut dyn BatchSink>| {
        let beside = Calendar::KEYS.to_vec();
        let options = RunOptions { beside, threads, ..RunOptions::by(by, (None, None)) };
        let run = run(&inputs, &calculator, &options, sink, &|_| {}).unwrap();
        (run.statement.body(&calculator), run.beside.unwrap().body(&calculator))
    };
    let (expected, _) = body(&Calendar::KEYS, 1, None);
    let mut all = Sinks::default();
    for (asked, beside) in
        [body(&[GroupKey::Meter], 1, None), body(&[], 3, None), body(&[GroupKey::Meter], 2, Some(&mut all))]
    {
        assert_eq!(
            serde_json::to_string(&beside.groups).unwrap(),
            serde_json::to_string(&expected.groups).unwrap()
        );
        assert_eq!(
            serde_json::to_string(&asked.totals).unwrap(),
            serde_json::to_string(&expected.totals).unwrap()
        );
    }
}

#[test]
fn days_outside_are_left_out() {
    let window = RunOptions {
        from: Some("2026-10-05".parse().unwrap()),
        to: Some("2026-10-09".parse().unwrap()),
        ..options(2)
    };
    let (run, document) = run_paths(&[example("contoso")], &window).unwrap();
    let body = serde_json::to_value(&document.body).unwrap();
    assert_eq!(
        (&body["period"]["first"], &body["period"]["last"]),
        (&"2026-10-05".into(), &"2026-10-09".into())
    );
    let (whole, _) = run_paths(&[example("contoso")], &options(1)).unwrap();
    let table = Table::contoso();
    let date = table.column("date");
    // Cost Management writes month/day/year.
    let inside = table.rows.iter().filter(|row| (5..=9).any(|day| row[date] == format!("10/{day:02}/2026")));
    assert_eq!(run.statement.lines(), inside.count() as u64);
    let counts = |inputs: &[azure_pec::InputSummary]| {
        let usage = inputs.iter().filter(|file| file.kind.as_deref() == Some("usage.cost_management"));
        usage.fold((0, 0), |sum, file| (sum.0 + file.records, sum.1 + file.used))
    };
    assert_eq!(counts(&whole.inputs), (2672, 2672));
    assert_eq!(counts(&run.inputs), (2672, run.statement.lines()));
}

#[test]
fn progress_comes_to_the_size_of_the_files() {
    let inputs = load_paths(&[example("contoso")]).unwrap();
    let calculator = inputs.calculator().unwrap();
    let size: u64 = inputs.usage.iter().map(|file| file.source.packed_bytes()).sum();
    for threads in [1, 3] {
        let told = AtomicU64::new(0);
        let tell = |bytes: u64| {
            told.fetch_add(bytes, Ordering::Relaxed);
        };
        run(&inputs, &calculator, &options(threads), None, &tell).unwrap();
        assert_eq!(told.into_inner(), size);
    }
}

#[test]
fn rejects_are_counted_and_handed_over() {
    let mut table = Table::contoso();
    let folder = tempfile::tempdir().unwrap();
    table.change("quantity", |row, text| if [5, 2000].contains(&row) { "much" } else { text }.to_owned());
    table.write(&folder.path().join("b.csv"), &table.rows[..1000]);
    table.write(&folder.path().join("a.csv"), &table.rows[1000..]);
    let mut paths = contoso_facts();
    paths.push(folder.path().to_owned());
    for threads in [1, 2] {
        let (run, document) = run_paths(&paths, &options(threads)).unwrap();
        let places: Vec<_> = run.rejects.iter().map(|reject| reject.error.place.to_string()).collect();
        let [first, second] = places.as_slice() else { panic!("{places:?}") };
        // Some records before it hold line ends.
        let text = std::fs::read_to_string(folder.path().join("a.csv")).unwrap();
        let line = text.lines().position(|line| line.contains(",much,")).unwrap() + 1;
        assert!(line >= 1002 && first.ends_with(&format!("a.csv, line {line}, column quantity")), "{first}");
        assert!(second.ends_with("b.csv, line 7, column quantity"), "{second}");
        assert_eq!((run.rejected, run.statement.lines()), (2, 2670));
        assert_eq!(code(run.check_rejects(1)), "rejects.too_many");
        assert_eq!(code(run.check_rejects(2)), "none");
        let warned = document.body.warnings.iter().find(|warning| warning.code == "rejects.allowed");
        assert_eq!(warned.map(|warning| warning.count), Some(2));
    }
}

#[test]
fn one_file_is_the_same_on_any_number_of_threads() {
    let mut table = Table::contoso();
    // More rejects than are kept, in every portion of the file.
    table.change("quantity", |row, text| if row % 2 == 0 { "much" } else { text }.to_owned());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("whole.csv");
    table.write(&path, &table.rows);
    let mut paths = contoso_facts();
    paths.push(path.clone());
    let answer = |threads| {
        let (run, document) = run_paths(&paths, &options(threads)).unwrap();
        assert_eq!((run.rejected, run.rejects.len()), (1336, 1000));
        (run.rejects, serde_json::to_string(&document).unwrap())
    };
    let alone = answer(1);
    for threads in [2, 7] {
        assert_eq!(answer(threads), alone, "{threads} threads");
    }
    // And so is what breaks it off.
    let mut text = std::fs::read(&path).unwrap();
    text.extend_from_slice(b"a,\"never closed\n");
    std::fs::write(&path, text).unwrap();
    let broken = |threads| run_paths(&paths, &options(threads)).unwrap_err();
    assert_eq!(broken(1).code(), "input.truncated");
    for threads in [2, 7] {
        assert_eq!(broken(threads), broken(1), "{threads} threads");
    }
}

/// It is unpacked ahead where there are more threads than files.
#[test]
fn a_long_packed_file_is_the_same_on_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed) = (folder.path().join("whole.csv"), folder.path().join("whole.csv.gz"));
    let table = Table::contoso();
    table.write(&plain, &table.rows);
    // As long as it is: not packed any smaller.
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    packer.write_all(&std::fs::read(&plain).unwrap()).unwrap();
    let bytes = packer.finish().unwrap();
    assert!(bytes.len() > 1 << 20, "{}", bytes.len());
    std::fs::write(&packed, &bytes).unwrap();
    let whole = contoso_body(&plain, &options(1)).unwrap();
    for threads in [1, 2, 7] {
        assert_eq!(contoso_body(&packed, &options(threads)).unwrap(), whole, "{threads} threads");
    }
    // Cut in the middle, and at the very end of the text.
    for length in [bytes.len() - 1_000, bytes.len() - 4] {
        std::fs::write(&packed, &bytes[..length]).unwrap();
        let broken = |threads| contoso_body(&packed, &options(threads)).unwrap_err();
        assert_eq!(broken(1).code(), "input.truncated");
        assert!([2, 7].into_iter().all(|threads| broken(threads) == broken(1)), "{length}");
    }
}

#[test]
fn no_usage_is_an_error() {
    let inputs = load_paths(&contoso_facts()).unwrap();
    let calculator = inputs.calculator().unwrap();
    assert_eq!(code(run(&inputs, &calculator, &options(1), None, &|_| ())), "input.usage_missing");
}

#[test]
fn the_first_broken_file_is_named_whatever_the_threads() {
    let table = Table::contoso();
    let folder = tempfile::tempdir().unwrap();
    for part in 0..6 {
        let path = folder.path().join(format!("{part}.csv"));
        table.write(&path, &table.rows[part * 100..(part + 1) * 100]);
        if part % 2 == 1 {
            let text = std::fs::read_to_string(&path).unwrap();
            std::fs::write(&path, text + "\"never closed").unwrap();
        }
    }
    for threads in [1, 2, 6] {
        let error = contoso_body(folder.path(), &options(threads)).unwrap_err();
        assert_eq!(error.code(), "input.truncated");
        assert!(error.to_string().contains("1.csv"), "{error}");
    }
}

#[test]
fn a_file_without_list_prices_says_so() {
    let table = Table::contoso();
    let price = table.column("PayGPrice");
    let without = |row: &csv::StringRecord| -> csv::StringRecord {
        row.iter().enumerate().filter(|(column, _)| *column != price).map(|(_, text)| text).collect()
    };
    let mut records = [&table.header].into_iter().chain(table.rows.iter().take(50)).map(without);
    let table = Table { header: records.next().unwrap(), rows: records.collect() };
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    table.write(file.path(), &table.rows);
    let (run, _) = run_paths(&[file.path().to_owned()], &options(1)).unwrap();
    assert!(run.inputs[0].notes[0].contains("no list prices"), "{:?}", run.inputs);
    let (run, _) = run_paths(&[file.path().to_owned(), example("contoso/prices")], &options(1)).unwrap();
    assert!(run.inputs.iter().all(|file| file.notes.is_empty()));
}
