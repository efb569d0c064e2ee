//! The example's months against what each of them must give.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use azure_pec::{Reconciliation, ReconciliationBody};
use azure_pec_formats::{Kind, LoadOptions, ReconcileOptions, load_by_role, reconcile};
use serde_json::Value;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/contoso-reconcile").join(name)
}

/// Everything but the answer itself.
fn paths(folder: &Path) -> Vec<PathBuf> {
    ["usage", "invoice", "prices", "access", "partner.json"]
        .into_iter()
        .map(|part| folder.join(part))
        .filter(|path| path.exists())
        .collect()
}

fn body(paths: &[PathBuf], usage: Option<Kind>, threads: usize) -> ReconciliationBody {
    let inputs = load_by_role(paths, &LoadOptions { usage, ..LoadOptions::default() }).unwrap();
    let calculator = Reconciliation::calculator(&inputs.calculator().unwrap()).unwrap();
    let read = reconcile(&inputs, &calculator, &ReconcileOptions { threads }, None, &|_| ()).unwrap();
    read.run.check_rejects(0).unwrap();
    read.reconciliation.finish(&calculator)
}

/// What the answer states of a row, and nothing else; absent is as null.
fn only_stated(row: &Value, like: &Value) -> Value {
    match (row, like) {
        (Value::Object(row), Value::Object(like)) => {
            let part = |(key, like): (&String, &Value)| {
                (key.clone(), only_stated(row.get(key).unwrap_or(&Value::Null), like))
            };
            Value::Object(like.iter().map(part).collect())
        }
        _ => row.clone(),
    }
}

/// Rows without regard to their order; of the answer's rows those that are to be compared.
fn same_rows(name: &str, found: &Value, stated: &[Value]) {
    let found = found.as_array().unwrap();
    let keys = |rows: &[Value]| rows.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let shown: Vec<Value> = found
        .iter()
        .map(|row| {
            let like = stated
                .iter()
                .find(|like| like.get("outcome") == row.get("outcome") && like.get("of") == row.get("of"));
            like.or_else(|| stated.first()).map_or_else(|| row.clone(), |like| only_stated(row, like))
        })
        .collect();
    let (found, stated) = (keys(&shown), keys(stated));
    let (more, less): (Vec<_>, Vec<_>) =
        (found.difference(&stated).collect(), stated.difference(&found).collect());
    assert!(more.is_empty() && less.is_empty(), "{name}\nfound: {more:#?}\nstated: {less:#?}");
    assert_eq!(shown.len(), stated.len(), "{name}");
}

fn check(name: &str, usage: Option<Kind>) -> ReconciliationBody {
    let folder = folder(name);
    let body = body(&paths(&folder), usage, 1);
    let found = serde_json::to_value(&body).unwrap();
    let stated: Value =
        serde_json::from_slice(&std::fs::read(folder.join("expected.json")).unwrap()).unwrap();
    if usage.is_none() {
        assert_eq!(found["lines"], stated["lines"], "{name}");
    }
    for part in ["undecided", "findings", "invoice_lines", "bridges"] {
        let mut rows = stated[part].as_array().unwrap().clone();
        if part == "invoice_lines" {
            rows.retain(|row| row["expected"] != row["observed"]);
        }
        same_rows(&format!("{name} {part} {usage:?}"), &found[part], &rows);
    }
    body
}

const BREAKS: [&str; 9] = [
    "1-withheld",
    "2-wrong-rate",
    "3-wrong-tier",
    "4-wrong-exchange",
    "5-corrected-later",
    "6-product-excluded",
    "7-without-access",
    "8-invoice-line-absent",
    "9-usage-line-absent",
];

#[test]
fn the_clean_month_agrees_to_the_last_digit() {
    for usage in [None, Some(Kind::UsageDailyRated), Some(Kind::UsageCostManagement)] {
        let body = check("clean", usage);
        assert!(!body.differs() && body.findings.is_empty());
        // Contoso has one product that its price list does not hold.
        let warned: Vec<_> = body.warnings.iter().map(|one| (one.code, one.count)).collect();
        assert_eq!((body.bridges.len(), warned), (4, vec![("price.unlisted", 31)]));
    }
}

#[test]
fn every_break_is_found_classed_and_priced() {
    for name in BREAKS {
        let body = check(&format!("breaks/{name}"), None);
        assert!(body.differs(), "{name}");
    }
}

#[test]
fn cost_management_alone_says_the_same() {
    // It has no usage of November, and it has the line that the daily file of the last lacks.
    for name in BREAKS.into_iter().filter(|name| !name.starts_with(['5', '9'])) {
        check(&format!("breaks/{name}"), Some(Kind::UsageCostManagement));
    }
    check("pending", Some(Kind::UsageCostManagement));
}

#[test]
fn what_is_pending_is_not_lost() {
    for usage in [None, Some(Kind::UsageDailyRated)] {
        assert!(!check("pending", usage).differs());
    }
}

/// A month of the example as text, to be changed: the daily file, the invoice, and everything else as it stands.
fn changed(month: &str, part: &str, change: impl Fn(&str) -> String) -> ReconciliationBody {
    let folder = folder(month);
    let own = tempfile::tempdir().unwrap();
    let mut inputs: Vec<PathBuf> =
        ["prices", "access", "partner.json"].into_iter().map(|name| folder.join(name)).collect();
    if part == "prices" {
        inputs.remove(0);
        for file in std::fs::read_dir(folder.join("prices")).unwrap() {
            let file = file.unwrap();
            let text = std::fs::read_to_string(file.path()).unwrap();
            std::fs::write(own.path().join(file.file_name()), change(&text)).unwrap();
        }
    }
    let daily = text(&folder.join("usage/daily-rated-2026-10.csv.gz"));
    let daily = if part == "daily" { change(&daily) } else { daily };
    std::fs::write(own.path().join("daily.csv"), daily).unwrap();
    let invoice = text(&folder.join("invoice/reconciliation-G070310266.csv"));
    let invoice = if part == "invoice" { change(&invoice) } else { invoice };
    if !invoice.is_empty() {
        std::fs::write(own.path().join("invoice.csv"), invoice).unwrap();
    }
    inputs.push(own.path().to_owned());
    body(&inputs, None, 1)
}

fn text(path: &Path) -> String {
    use std::io::Read;
    let bytes = std::fs::read(path).unwrap();
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    } else {
        text = String::from_utf8(bytes).unwrap();
    }
    text
}

/// Whatever is wrong is named, and every bridge still sums with nothing left over.
fn named_and_closed(body: &ReconciliationBody, code: &str) {
    let codes: Vec<&str> = body.warnings.iter().map(|warning| warning.code).collect();
    assert!(codes.contains(&code), "{code}: {codes:?}");
    for bridge in &body.bridges {
        let sum = [&bridge.list, &bridge.tiers, &bridge.credit, &bridge.cents]
            .into_iter()
            .sum::<azure_pec::Amount>();
        assert_eq!(sum, bridge.charge);
        assert_eq!(&bridge.exchanged + &bridge.exchange_cut, bridge.total);
        let residual = &bridge.residual;
        assert!(
            residual.charge.is_zero() && residual.total.as_ref().is_none_or(azure_pec::Amount::is_zero),
            "{bridge:?}"
        );
    }
}

const SMALL: &str = "breaks/1-withheld";

#[test]
fn what_is_wrong_is_named_and_the_bridges_still_sum() {
    // A unit that nobody knows.
    named_and_closed(&changed(SMALL, "invoice", |text| text.replace(",1 Hour,", ",Hours,")), "unit.unknown");
    // An adjustment that is not understood: its rate is 0, and the rest is unexplained.
    let body = changed(SMALL, "invoice", |text| {
        text.replace("Partner earned credit for services managed", "Rebate")
    });
    named_and_closed(&body, "adjustment.unknown");
    assert!(body.findings.iter().any(|row| row.outcome == "unexplained"));
    // No exchange rate anywhere but on the invoice, and no list of them either.
    let body =
        changed(SMALL, "daily", |text| text.replace(",0.912345678,", ",,").replace(",151.234567,", ",,"));
    assert!(body.bridges.iter().all(|bridge| bridge.exchange_rate.is_some()));
    // The list of another market only.
    let body = changed(SMALL, "prices", |text| text.replace("\"DE\"", "\"FR\""));
    named_and_closed(&body, "price.unlisted");
    // An invoice of another month than the usage.
    let body = changed(SMALL, "invoice", |text| text.replace("G070310266", "G999999999"));
    named_and_closed(&body, "invoice.missing");
}

#[test]
fn two_currencies_are_kept_apart() {
    let body = changed(SMALL, "invoice", |text| text.replacen(",EUR,", ",CHF,", 1));
    assert!(body.bridges.iter().any(|bridge| bridge.billing_currency == "CHF"));
    named_and_closed(&body, "currency.mixed");
}

#[test]
fn parts_in_any_order_on_any_threads_are_the_whole() {
    let folder = folder(SMALL);
    let whole = serde_json::to_string(&body(&paths(&folder), None, 1)).unwrap();
    assert_eq!(whole, serde_json::to_string(&body(&paths(&folder), None, 3)).unwrap());
    let own = tempfile::tempdir().unwrap();
    let daily = text(&folder.join("usage/daily-rated-2026-10.csv.gz"));
    let (header, lines) = daily.split_once('\n').unwrap();
    let lines: Vec<&str> = lines.lines().collect();
    for part in 0..3 {
        let mine = lines.iter().enumerate().filter(|(at, _)| at % 3 == part).map(|(_, line)| *line);
        let mine: Vec<&str> = std::iter::once(header.trim_end()).chain(mine).collect();
        std::fs::write(own.path().join(format!("{}.csv", 9 - part)), mine.join("\n") + "\n").unwrap();
    }
    std::fs::copy(folder.join("usage/cost-management-2026-10.csv.gz"), own.path().join("cost.csv.gz"))
        .unwrap();
    let mut parts = paths(&folder);
    parts.retain(|path| !path.ends_with("usage"));
    parts.push(own.path().to_owned());
    for threads in [1, 3] {
        assert_eq!(whole, serde_json::to_string(&body(&parts, None, threads)).unwrap());
    }
}

#[test]
fn usage_of_no_invoice_number_meets_the_invoice_of_its_month() {
    let body = changed(SMALL, "daily", |text| text.replace("G070310266", ""));
    assert!(body.findings.iter().any(|row| row.outcome == "observed.missing"), "{:?}", body.findings);
    assert!(body.findings.iter().all(|row| row.outcome != "observed.pending"));
}
