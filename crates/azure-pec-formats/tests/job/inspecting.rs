//! What `inspect` finds and misses.

use azure_pec_formats::{LoadOptions, inspect, load_all};

use crate::fixture::{Table, contoso_facts, example};

fn inspected(paths: &[std::path::PathBuf]) -> serde_json::Value {
    let inputs = load_all(paths, &LoadOptions::default()).unwrap();
    serde_json::to_value(inspect(inputs, &|_| ())).unwrap()
}

fn missing(document: &serde_json::Value) -> Vec<&str> {
    document["missing"].as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect()
}

#[test]
fn contoso_lacks_what_its_unknown_days_say() {
    let document = inspected(&[example("contoso")]);
    assert_eq!(document["schema"], "azure-pec/inspection/1");
    let kinds: Vec<_> = document["kinds"]
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| (kind["kind"].as_str().unwrap(), kind["records"].as_u64().unwrap()))
        .collect();
    assert_eq!(
        kinds,
        [
            ("access.history", 40),
            ("access.role_assignments", 4),
            ("partner", 1),
            ("prices.azure_plan", 38),
            ("usage.cost_management", 2672)
        ]
    );
    let usage = &document["kinds"][4];
    assert_eq!(
        (&usage["first"], &usage["last"], &usage["files"]),
        (&"2026-10-01".into(), &"2026-10-31".into(), &3.into())
    );
    let lines = missing(&document);
    assert!(lines.iter().any(|line| line.starts_with("no access history covers")), "{lines:?}");
    assert_eq!(document, inspected(&[example("contoso")]));
}

#[test]
fn what_is_not_there_is_said() {
    let (table, folder) = (Table::contoso(), tempfile::tempdir().unwrap());
    let date = table.column("date");
    let rows =
        table.rows.iter().filter(|row| !matches!(&row[date], "10/08/2026" | "10/09/2026" | "10/20/2026"));
    table.write(&folder.path().join("usage.csv"), rows);
    let usage = folder.path().to_owned();
    let document = inspected(std::slice::from_ref(&usage));
    assert_eq!(
        missing(&document),
        [
            "no usage of 2026-10-08 to 2026-10-09",
            "no usage of 2026-10-20",
            "no access data: every day that could earn stays unknown",
            "no price list: third-party products cannot be told from Microsoft's",
            "no partner file: foreign groups stay unknown",
        ]
    );
    let document = inspected(&[
        example("contoso/access"),
        example("contoso/partner.json"),
        example("contoso/prices/azure-plan-US-2026-10.csv"),
        usage,
    ]);
    assert!(
        missing(&document).iter().any(|line| line.starts_with("no price list of market DE")),
        "{document:#}"
    );
    let document = inspected(&contoso_facts());
    assert_eq!(missing(&document), ["no usage file: nothing can be credited"]);
    let document =
        inspected(&[example("contoso/usage"), example("contoso-daily-rated"), example("contoso/access")]);
    assert!(missing(&document)[0].starts_with("one kind of usage only"), "{document:#}");
}

/// Contoso's three parts with the manifest of their run; without some of them, and with other rows than it counts.
#[test]
fn parts_are_held_against_their_manifest() {
    let told = |parts: &[&str], rows: u64| {
        let folder = tempfile::tempdir().unwrap();
        for part in parts {
            std::fs::copy(example("contoso/usage").join(part), folder.path().join(part)).unwrap();
        }
        let blobs: Vec<_> = ["part_0_0001.csv", "part_1_0001.csv", "part_2_0001.csv.gz"]
            .iter()
            .map(|part| serde_json::json!({"blobName": format!("exports/run/{part}")}))
            .collect();
        let manifest =
            serde_json::json!({"manifestVersion": "2024-04-01", "dataRowCount": rows, "blobs": blobs});
        std::fs::write(folder.path().join("manifest.json"), manifest.to_string()).unwrap();
        let document = inspected(&[folder.path().to_owned()]);
        let own =
            document["inputs"].as_array().unwrap().iter().find(|file| file["kind"] == "export.manifest");
        let own = own.unwrap();
        assert_eq!((&own["records"], &own["used"]), (&3.into(), &3.into()));
        let broken = document["broken"].as_array().unwrap().iter();
        (
            broken.map(|fault| fault["code"].as_str().unwrap().to_owned()).collect::<Vec<_>>(),
            own["notes"].to_string(),
        )
    };
    let all = ["part_0_0001.csv", "part_1_0001.csv", "part_2_0001.csv.gz"];
    assert_eq!(told(&all, 2672), (Vec::new(), "[]".to_owned()));
    let (broken, notes) = told(&all, 2673);
    assert_eq!((broken.len(), notes.as_str()), (0, r#"["it counts 2673 rows, its parts hold 2672"]"#));
    let (broken, notes) = told(&all[..1], 2672);
    assert_eq!(broken, ["input.part_missing"]);
    assert!(notes.contains("part_1_0001.csv is missing: the files lack 2 of the 3 parts"), "{notes}");
}

/// Two days of a daily export of the month so far.
#[test]
fn runs_over_the_same_days_are_told() {
    let folder = tempfile::tempdir().unwrap();
    for day in [29, 30] {
        let run = folder.path().join(day.to_string());
        std::fs::create_dir(&run).unwrap();
        std::fs::copy(example("contoso/usage/part_0_0001.csv"), run.join("part_0_0001.csv")).unwrap();
        let manifest = serde_json::json!({
            "manifestVersion": "2024-04-01", "blobs": [{"blobName": "part_0_0001.csv"}],
            "exportConfig": {"resourceId": "/subscriptions/1/providers/Microsoft.CostManagement/exports/daily"},
            "runInfo": {
                "submittedTime": format!("2026-10-{}T04:00:00Z", day + 1),
                "startDate": "2026-10-01T00:00:00", "endDate": format!("2026-10-{day}T00:00:00"),
            },
        });
        std::fs::write(run.join("manifest.json"), manifest.to_string()).unwrap();
    }
    let paths = [folder.path().to_owned()];
    let document = inspected(&paths);
    let line = missing(&document)[0];
    assert!(line.starts_with("one run of an export only") && line.contains("--newest-run"), "{line}");
    let inputs = load_all(&paths, &LoadOptions { newest_run: true, ..LoadOptions::default() }).unwrap();
    let notes: Vec<usize> = inputs.files.iter().map(|file| file.notes.len()).collect();
    assert_eq!((notes, inputs.usage.len()), (vec![1, 1, 0, 0], 1));
}
