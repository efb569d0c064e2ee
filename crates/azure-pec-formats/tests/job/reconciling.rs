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
        assert!(body.bridges.len() == 4 && body.warnings.is_empty(), "{:?}", body.warnings);
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
