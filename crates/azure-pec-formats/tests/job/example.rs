//! The example months come to the numbers that were worked out apart from this program.

use std::path::PathBuf;

use serde_json::Value;

use crate::fixture::{by_subscription, contoso_facts, example, run_paths};

fn expected(folder: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(example(folder).join("expected.json")).unwrap()).unwrap()
}

/// Totals, reasons and subscriptions, number by number.
fn assert_as_expected(folder: &str, paths: &[PathBuf]) {
    let (run, document) = run_paths(paths, &by_subscription()).unwrap();
    assert_eq!(run.rejects, []);
    let (found, mut expected) = (serde_json::to_value(&document.body).unwrap(), expected(folder));
    assert_eq!(found["totals"], expected["totals"]);
    assert_eq!(found["reasons"], expected["reasons"]);
    let rows = expected["subscriptions"].as_array_mut().unwrap();
    assert!(rows.len() > 20);
    for row in rows.iter_mut() {
        row.as_object_mut().unwrap().remove("name");
    }
    assert_eq!(found["groups"], expected["subscriptions"]);
}

#[test]
fn contoso_is_as_worked_out() {
    assert_as_expected("contoso", &[example("contoso")]);
}

#[test]
fn contoso_daily_rated_is_as_worked_out() {
    let mut paths = contoso_facts();
    paths.push(example("contoso-daily-rated"));
    assert_as_expected("contoso-daily-rated", &paths);
}

#[test]
fn every_file_is_listed_with_what_became_of_it() {
    let (run, _) = run_paths(&[example("contoso")], &by_subscription()).unwrap();
    let top = example("contoso");
    let listed: Vec<_> = run
        .inputs
        .iter()
        .map(|file| {
            let name = file.path.strip_prefix(&*top.to_string_lossy()).unwrap();
            (name, file.kind.as_deref().unwrap_or("-"), file.records, file.used, file.rejected)
        })
        .collect();
    assert_eq!(
        listed,
        [
            ("/README.md", "-", 0, 0, 0),
            ("/access/history.json", "access.history", 40, 40, 0),
            ("/access/role-assignments-northwind-clinic.json", "access.role_assignments", 2, 2, 0),
            ("/access/role-assignments-northwind-new-grant.json", "access.role_assignments", 2, 2, 0),
            ("/expected.json", "-", 0, 0, 0),
            ("/expected.py", "-", 0, 0, 0),
            ("/make.py", "-", 0, 0, 0),
            ("/partner.json", "partner", 1, 1, 0),
            ("/prices/azure-plan-DE-2026-10.csv", "prices.azure_plan", 19, 19, 0),
            ("/prices/azure-plan-US-2026-10.csv", "prices.azure_plan", 19, 19, 0),
            ("/usage/part_0_0001.csv", "usage.cost_management", 517, 517, 0),
            ("/usage/part_1_0001.csv", "usage.cost_management", 517, 517, 0),
            ("/usage/part_2_0001.csv.gz", "usage.cost_management", 1638, 1638, 0),
        ]
    );
}
