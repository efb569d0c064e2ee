//! Usage that the price list's tiers rate.

use std::collections::BTreeMap;
use std::path::Path;

use azure_pec::{Amount, StatementDocument};
use azure_pec_formats::{Amounts, BatchSink, LinesWriter, LoadOptions, RunOptions, load, run};

use crate::fixture::{Table, contoso_facts, example, options};

/// Contoso's statement by the price list; with the table of lines where one is asked for.
fn rated(usage: &Path, options: &RunOptions, lines: Option<&Path>) -> StatementDocument {
    rated_under("exact", usage, options, lines)
}

fn rated_under(
    rounding: &str,
    usage: &Path,
    options: &RunOptions,
    lines: Option<&Path>,
) -> StatementDocument {
    let mut paths = contoso_facts();
    paths.push(usage.to_owned());
    let policy = [("price_source", "list"), ("rounding", rounding)];
    let policy = policy.map(|(key, value)| (key.to_owned(), value.to_owned())).to_vec();
    let inputs = load(&paths, &LoadOptions { policy, ..LoadOptions::default() }).unwrap();
    let calculator = inputs.calculator().unwrap();
    assert!(calculator.rates_tiers());
    let mut writer = lines.map(|path| LinesWriter::create(path, &calculator, Amounts::Decimal).unwrap());
    let sink = writer.as_mut().map(|writer| writer as &mut dyn BatchSink);
    let run = run(&inputs, &calculator, options, sink, &|_| ()).unwrap();
    writer.map(LinesWriter::finish).transpose().unwrap();
    StatementDocument::new(run.statement.body(&calculator), run.inputs)
}

#[test]
fn files_threads_and_sinks_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("lines.csv");
    let whole = rated(&example("contoso/usage"), &options(1), None);
    for threads in [1, 4] {
        let other = rated(&example("contoso/usage"), &options(threads), Some(&table));
        assert_eq!(other.body_sha256, whole.body_sha256);
        let counts = |document: &StatementDocument| -> Vec<_> {
            document.inputs.iter().map(|input| (input.records, input.used, input.rejected)).collect()
        };
        assert_eq!(counts(&other), counts(&whole));
    }
    // Every other line in a file of its own, the later days first.
    let month = Table::contoso();
    let parts = folder.path().join("usage");
    std::fs::create_dir(&parts).unwrap();
    month.write(&parts.join("part_0.csv"), month.rows.iter().rev().step_by(2));
    month.write(&parts.join("part_1.csv"), month.rows.iter().rev().skip(1).step_by(2));
    assert_eq!(rated(&parts, &options(2), None).body_sha256, whole.body_sha256);
}

#[test]
fn the_lines_sum_to_the_statement_and_show_one_price_or_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.csv");
    let document = rated(&example("contoso/usage"), &options(1), Some(&path));
    let rows: Vec<BTreeMap<String, String>> =
        csv::Reader::from_path(&path).unwrap().deserialize().map(Result::unwrap).collect();
    let amount = |text: &str| text.parse::<Amount>().unwrap_or_default();
    for reason in &document.body.reasons {
        let own = rows.iter().filter(|row| row["reason"] == reason.reason);
        let sum = own.fold(Amount::ZERO, |sum, row| &sum + &amount(&row["list_amount"]));
        assert_eq!(sum, reason.list_amount, "{}", reason.reason);
    }
    let several =
        |row: &&BTreeMap<String, String>| row["list_price"].is_empty() && !row["list_amount"].is_empty();
    assert!(rows.iter().any(|row| several(&row)));
    // Of 31 x 40 GB the first 100 are free.
    let egress = rows.iter().filter(|row| row["resource_id"].to_lowercase().ends_with("/ip-egress"));
    let sum = egress.fold(Amount::ZERO, |sum, row| &sum + &amount(&row["list_amount"]));
    assert_eq!(sum.to_string(), "99.18");
    for row in rows.iter().filter(|row| !row["list_price"].is_empty()) {
        assert_eq!(&amount(&row["quantity"]) * &amount(&row["list_price"]), amount(&row["list_amount"]));
    }
}

#[test]
fn a_statement_that_begins_within_the_month_counts_the_days_before() {
    let from: azure_pec::Day = "2026-10-20".parse().unwrap();
    let whole = rated(&example("contoso/usage"), &options(1), None);
    for lines in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines.csv");
        let late = RunOptions { from: Some(from), ..options(2) };
        let late = rated(&example("contoso/usage"), &late, lines.then_some(&path));
        let own = |document: &StatementDocument| -> Vec<String> {
            let groups = document.body.groups.iter().flatten();
            let late = groups.filter(|group| group.values().nth(1).unwrap().1 >= from.to_string().as_str());
            late.map(|group| serde_json::to_string(&group).unwrap()).collect()
        };
        assert_eq!(own(&late), own(&whole));
        assert_eq!(late.body.period.first, Some(from));
        let usage = |kind: &Option<String>| kind.as_ref().is_some_and(|kind| kind.starts_with("usage"));
        let files = late.inputs.iter().filter(|input| usage(&input.kind));
        let used: u64 = files.map(|input| input.used).sum();
        assert_eq!(used, late.body.totals.iter().map(|total| total.lines).sum::<u64>());
    }
}

/// Lines that tie are told apart by all they say where sums are rounded; else what is summed together is not.
#[test]
fn a_text_that_only_ties_need_is_read_of_lines_with_tiers_alone_and_where_they_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.csv");
    let month = Table::contoso();
    let (price, resource) = (month.column("effectivePrice"), month.column("ResourceId"));
    let has_tiers = |row: &csv::StringRecord| row[resource].to_lowercase().ends_with("/ip-egress");
    for rounding in ["exact", "meter_month_cents"] {
        let whole = rated_under(rounding, &example("contoso/usage"), &options(1), None);
        for broken in [true, false] {
            let mut rows = month.rows.clone();
            let row = rows.iter_mut().find(|row| has_tiers(row) == broken).unwrap();
            let cells = row.iter().enumerate().map(|(at, cell)| if at == price { "no number" } else { cell });
            *row = cells.collect();
            month.write(&path, &rows);
            let document = rated_under(rounding, &path, &options(1), None);
            let rejected: u64 = document.inputs.iter().map(|input| input.rejected).sum();
            let is_read = broken && rounding != "exact";
            assert_eq!(rejected, u64::from(is_read));
            assert_eq!(document.body_sha256 == whole.body_sha256, !is_read);
        }
    }
}
