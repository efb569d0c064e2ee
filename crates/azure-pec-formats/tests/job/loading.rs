//! What several files say together.

use std::path::PathBuf;

use azure_pec::{Absence, InputSummary};
use azure_pec_formats::{Kind, LoadOptions, load};

use crate::fixture::{Table, code, contoso_facts, example, load_paths, options, run_paths};

fn both_kinds() -> Vec<PathBuf> {
    let mut paths = contoso_facts();
    paths.extend([example("contoso/usage"), example("contoso-daily-rated")]);
    paths
}

#[test]
fn two_kinds_of_usage_need_a_choice() {
    let error = load_paths(&both_kinds()).unwrap_err();
    assert_eq!(error.code(), "input.usage_overlap");
    let said = error.to_string();
    for part in
        ["daily-rated-1.csv", "part_0_0001.csv", "--usage usage.cost_management", "--usage usage.daily_rated"]
    {
        assert!(said.contains(part), "{said}");
    }
    let options = LoadOptions { usage: Some(Kind::UsageDailyRated), ..LoadOptions::default() };
    let inputs = load(&both_kinds(), &options).unwrap();
    assert_eq!(inputs.usage.len(), 2);
    let left = |file: &&InputSummary| file.notes == ["not chosen"];
    assert_eq!(inputs.files.iter().filter(left).count(), 3);
}

#[test]
fn two_partner_files_are_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(example("contoso/partner.json"), folder.path().join("other.json")).unwrap();
    let error = load_paths(&[folder.path().to_owned(), example("contoso")]).unwrap_err();
    assert_eq!(error.code(), "partner.duplicate");
    let said = error.to_string();
    assert!(said.contains("other.json") && said.contains("partner.json"), "{said}");
}

#[test]
fn policies_come_together_and_options_win() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    at("one.toml", "absence = \"assume\"\nday = \"any\"\n");
    at("two.toml", "absence = \"assume\"\n");
    let paths = [folder.path().to_owned(), example("contoso")];
    assert_eq!(load_paths(&paths).unwrap().policy.absence, Absence::Assume);
    let options = LoadOptions {
        policy: vec![("absence".to_owned(), "require-proof".replace('-', "_"))],
        ..LoadOptions::default()
    };
    assert_eq!(load(&paths, &options).unwrap().policy.absence, Absence::RequireProof);
    at("two.toml", "absence = \"require_proof\"\n");
    let error = load_paths(&paths).unwrap_err();
    assert_eq!(error.code(), "policy.invalid");
    let said = error.to_string();
    assert!(said.contains("one.toml") && said.contains("two.toml"), "{said}");
}

#[test]
fn an_assumed_time_is_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    let assignment = r#"[{"id": "/subscriptions/5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10/providers/Microsoft.Authorization/roleAssignments/0a0a0a0a-7d3e-4f60-9a11-2f6c0d5e0a10",
        "name": "0a0a0a0a-7d3e-4f60-9a11-2f6c0d5e0a10", "scope": "/subscriptions/5b0a1ca1-7d3e-4f60-9a11-2f6c0d5e0a10",
        "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "principalId": "22222222-2222-2222-2222-222222222222", "principalType": "ForeignGroup",
        "createdOn": "2026-01-02T03:04:05Z", "updatedOn": "2026-01-02T03:04:05Z"}]"#;
    std::fs::write(folder.path().join("export.json"), assignment).unwrap();
    let table = Table::contoso();
    table.write(&folder.path().join("usage.csv"), &table.rows[..10]);
    let paths = [folder.path().to_owned()];
    let (run, document) = run_paths(&paths, &options(1)).unwrap();
    assert!(document.body.warnings.iter().any(|warning| warning.code == "access.time_assumed"));
    assert_eq!(run.inputs[0].notes.len(), 1);
    let stated =
        LoadOptions { taken_at: Some("2026-11-02T00:00:00Z".parse().unwrap()), ..LoadOptions::default() };
    let inputs = load(&paths, &stated).unwrap();
    assert_eq!(inputs.warnings, []);
    assert_eq!(
        inputs.taken_at.values().map(ToString::to_string).collect::<Vec<_>>(),
        ["2026-11-02T00:00:00Z"]
    );
}

#[test]
fn a_broken_file_of_a_known_kind_is_an_error_in_a_folder_too() {
    let folder = tempfile::tempdir().unwrap();
    let history = std::fs::read(example("contoso/access/history.json")).unwrap();
    std::fs::write(folder.path().join("history.json"), &history[..history.len() / 2]).unwrap();
    let paths = [folder.path().to_owned(), example("contoso/usage")];
    let error = load_paths(&paths).unwrap_err();
    assert!(error.to_string().contains("history.json"), "{error}");
    assert_ne!(error.code(), "input.unknown_kind");
}

#[test]
fn what_the_files_say_together_names_the_file_where_it_can() {
    let folder = tempfile::tempdir().unwrap();
    let mut reader = csv::Reader::from_path(example("contoso/prices/azure-plan-DE-2026-10.csv")).unwrap();
    let header = reader.headers().unwrap().clone();
    let mut rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let unit = header.iter().position(|name| name == "UnitPrice").unwrap();
    let dearer = |(column, text)| if column == unit { "99" } else { text };
    rows.push(rows[0].iter().enumerate().map(dearer).collect());
    Table { header, rows: rows.clone() }.write(&folder.path().join("prices.csv"), &rows);
    let error = load_paths(&[folder.path().to_owned()]).unwrap().calculator().unwrap_err();
    assert_eq!(error.code(), "price.overlap");
    assert!(error.to_string().contains("prices.csv"), "{error}");
    assert_eq!(code(load_paths(&[folder.path().to_owned()])), "none");
}
