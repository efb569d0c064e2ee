//! The tables that are written.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use azure_pec::Amount;
use azure_pec_formats::{
    Amounts, LinesWriter, LoadOptions, RejectsWriter, Source, load_all, run, write_groups,
};

use crate::fixture::{code, example, load_paths, options, run_paths};

fn write_lines(path: &Path) {
    write_lines_of(&[example("contoso")], path);
}

fn write_lines_of(paths: &[PathBuf], path: &Path) {
    let inputs = load_paths(paths).unwrap();
    let calculator = inputs.calculator().unwrap();
    let mut lines = LinesWriter::create(path, &calculator, Amounts::Decimal).unwrap();
    run(&inputs, &calculator, &options(4), Some(&mut lines), &|_| ()).unwrap();
    assert!(!path.exists());
    lines.finish().unwrap();
}

fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let source = Source::open(path).unwrap().remove(0);
    let mut reader = csv::Reader::from_reader(source.reader().unwrap());
    reader.deserialize().map(Result::unwrap).collect()
}

#[test]
fn the_lines_of_contoso_sum_to_its_statement() {
    let folder = tempfile::tempdir().unwrap();
    let (plain, packed, again) = (
        folder.path().join("lines.csv"),
        folder.path().join("lines.csv.gz"),
        folder.path().join("more.csv.gz"),
    );
    for path in [&plain, &packed, &again] {
        write_lines(path);
    }
    assert_eq!(std::fs::read(&packed).unwrap(), std::fs::read(&again).unwrap());
    let lines = rows(&plain);
    assert_eq!((lines.len(), rows(&packed) == lines), (2672, true));

    let (_, document) = run_paths(&[example("contoso")], &options(1)).unwrap();
    for reason in &document.body.reasons {
        let own: Vec<_> = lines
            .iter()
            .filter(|line| line["reason"] == reason.reason && line["outcome"] == reason.outcome)
            .collect();
        let sum = |column: &str| {
            let amounts = own.iter().filter(|line| !line[column].is_empty());
            amounts.fold(Amount::ZERO, |sum, line| &sum + &line[column].parse().unwrap())
        };
        assert_eq!(own.len() as u64, reason.lines);
        assert_eq!(sum("list_amount"), reason.list_amount);
        assert_eq!(sum("potential"), reason.potential);
        assert_eq!(sum("credit"), reason.credit);
    }
}

#[test]
fn a_line_shows_what_stands_behind_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("lines.csv");
    write_lines(&path);
    let lines = rows(&path);
    assert!(lines.is_sorted_by(|a, b| {
        let place =
            |row: &BTreeMap<String, String>| (row["file"].clone(), row["line"].parse::<u64>().unwrap());
        place(a) < place(b)
    }));
    for line in &lines {
        let amount = |column: &str| line[column].parse::<Amount>().ok();
        if let (Some(price), Some(list)) = (amount("list_price"), amount("list_amount")) {
            assert_eq!(&amount("quantity").unwrap() * &price, list);
            assert_eq!(&list - &amount("credit").unwrap(), amount("net").unwrap());
        }
        let (grants, gap) = (!line["grant_ids"].is_empty(), !line["gap_start"].is_empty());
        let expected = match line["reason"].as_str() {
            "earned" => (true, false),
            "access.partial_day" => (true, true),
            reason if reason.starts_with("access.") => (grants, true),
            _ => (false, false),
        };
        assert_eq!((grants, gap), expected, "{line:?}");
        assert_eq!(line["gap_start"].is_empty(), line["gap_end"].is_empty());
    }
}

#[test]
fn groups_and_rejects_have_their_columns() {
    let folder = tempfile::tempdir().unwrap();
    let (groups, rejects) = (folder.path().join("groups.csv.gz"), folder.path().join("rejects.csv"));
    let (_, document) = run_paths(&[example("contoso")], &options(1)).unwrap();
    write_groups(&document.body, &groups, 2, Amounts::Decimal).unwrap();
    RejectsWriter::create(&rejects).unwrap().finish().unwrap();
    let json = serde_json::to_value(&document.body.groups).unwrap();
    let table: Vec<_> = rows(&groups).iter().map(|row| serde_json::to_value(row).unwrap()).collect();
    for (row, group) in table.iter().zip(json.as_array().unwrap()) {
        for (key, value) in group.as_object().unwrap() {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            assert_eq!(row[key], text, "{key}");
        }
    }
    assert_eq!(table.len(), json.as_array().unwrap().len());
    assert_eq!(std::fs::read_to_string(&rejects).unwrap(), "file,line,column,code,message,record\n");
    assert_eq!(
        code(write_groups(&document.body, &folder.path().join("groups.xlsx"), 2, Amounts::Decimal)),
        "usage.arguments"
    );
    assert_eq!(
        code(write_groups(&document.body, &folder.path().join("no/groups.csv"), 2, Amounts::Decimal)),
        "output.write_failed"
    );

    // What pec wrote is known again, and no usage.
    write_lines(&folder.path().join("lines.csv"));
    std::fs::write(folder.path().join("statement.json"), document.to_json()).unwrap();
    let own = load_all(&[folder.path().to_owned(), example("contoso")], &LoadOptions::default()).unwrap();
    let written = own.files.iter().filter(|file| file.path.starts_with(&*folder.path().to_string_lossy()));
    let notes: Vec<_> = written.map(|file| (file.kind.is_none(), file.notes.concat())).collect();
    assert_eq!(notes.len(), 4);
    assert!(
        notes
            .iter()
            .all(|(unread, note)| *unread && note.contains("pec wrote") || note.contains("written by pec"))
    );
    assert_eq!(own.usage.len(), 3);
}

#[test]
fn a_run_that_fails_leaves_no_table() {
    let folder = tempfile::tempdir().unwrap();
    let inputs = load_paths(&[example("contoso")]).unwrap();
    let calculator = inputs.calculator().unwrap();
    drop(LinesWriter::create(&folder.path().join("lines.csv"), &calculator, Amounts::Decimal).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn every_reject_is_written_and_few_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let good =
        Source::open(&example("contoso/usage/part_1_0001.csv")).unwrap().remove(0).read_to_limit(1 << 20);
    let good = String::from_utf8(good.unwrap()).unwrap();
    let mut text = good.lines().take(2).map(|line| format!("{line}\n")).collect::<String>();
    text.extend(std::iter::repeat_n("broken\n", 3000));
    std::fs::write(folder.path().join("usage.csv"), text).unwrap();
    let inputs = load_paths(&[folder.path().to_owned()]).unwrap();
    let path = folder.path().join("rejects.csv");
    let mut rejects = RejectsWriter::create(&path).unwrap();
    let calculator = inputs.calculator().unwrap();
    let run = run(&inputs, &calculator, &options(1), Some(&mut rejects), &|_| ()).unwrap();
    rejects.finish().unwrap();
    assert_eq!((run.rejected, run.rejects.len(), rows(&path).len()), (3000, 1000, 3000));
    assert_eq!(rows(&path)[2999]["code"], "csv.malformed");
}

/// The daily rated file holds usage only; what it holds is answered as in the Cost Management file, line for line.
#[test]
fn both_kinds_of_usage_agree_line_for_line() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, daily) = (folder.path().join("ours.csv"), folder.path().join("daily.csv"));
    write_lines(&ours);
    let parts = ["access", "prices", "partner.json"].map(|name| example(&format!("contoso/{name}")));
    write_lines_of(&[vec![example("contoso-daily-rated")], parts.to_vec()].concat(), &daily);
    let columns = [
        "date",
        "subscription_id",
        "resource_id",
        "meter_id",
        "product_id",
        "sku_id",
        "quantity",
        "list_price",
        "outcome",
        "reason",
        "rate",
        "list_amount",
        "potential",
        "credit",
        "net",
        "grant_ids",
        "gap_start",
        "gap_end",
    ];
    let counted = |path: &Path| {
        let mut lines: BTreeMap<Vec<String>, i64> = BTreeMap::new();
        for row in rows(path) {
            let line = columns.iter().map(|column| row[*column].to_lowercase()).collect();
            *lines.entry(line).or_default() += 1;
        }
        lines
    };
    let mut left = counted(&ours);
    for (line, count) in counted(&daily) {
        *left.entry(line).or_default() -= count;
    }
    let mut only_ours: BTreeMap<String, i64> = BTreeMap::new();
    for (line, count) in left.into_iter().filter(|(_, count)| *count != 0) {
        assert!(count > 0, "only in the daily file: {line:?}");
        *only_ours.entry(line[9].clone()).or_default() += count;
    }
    let expected =
        [("line.not_usage", 4), ("line.refund", 1), ("product.marketplace", 31), ("product.reservation", 31)];
    assert_eq!(only_ours, expected.map(|(reason, count)| (reason.to_owned(), count)).into_iter().collect());
}
