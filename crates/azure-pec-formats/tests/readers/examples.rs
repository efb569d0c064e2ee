//! The example months, as a user reads them.

use std::path::PathBuf;

use azure_pec::{Amount, Field, UsageBatch};
use azure_pec_formats::{FieldSet, Kind, Shape, Source, UsageReader, read_azure_plan, sniff};

fn example(path: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", "..", "examples", path].iter().collect()
}

fn sources(folder: &str) -> Vec<Source> {
    let mut paths: Vec<_> =
        std::fs::read_dir(example(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| Source::open(path).unwrap()).collect()
}

/// Lines and list amount of the totals that were worked out by hand.
fn expected(folder: &str) -> (usize, Amount) {
    let text = std::fs::read_to_string(example(folder).join("expected.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let total = &document["totals"][0];
    (total["lines"].as_u64().unwrap() as usize, total["list_amount"].as_str().unwrap().parse().unwrap())
}

#[test]
fn every_line_is_read_and_none_rejected() {
    for (folder, kind, count) in
        [("contoso", Kind::UsageCostManagement, 2672), ("contoso-daily-rated", Kind::UsageDailyRated, 2605)]
    {
        let (mut lines, mut amount, mut batch) = (0, Amount::ZERO, UsageBatch::new());
        for source in sources(&format!("{folder}/usage")) {
            assert_eq!(sniff(&source).unwrap(), Shape::Table(kind));
            let mut reader = UsageReader::open(&source, FieldSet::all()).unwrap();
            while reader.fill(&mut batch, 500).unwrap() > 0 {
                lines += batch.len();
                for (quantity, price) in batch.quantities().iter().zip(batch.list_prices()) {
                    amount += &(quantity * price.as_ref().unwrap_or(&Amount::ZERO));
                }
                assert!(
                    (0..batch.len())
                        .all(|row| matches!(batch.text(Field::SubscriptionId, row).len(), 0 | 36))
                );
                batch.clear();
            }
            assert_eq!(reader.take_rejects(), []);
        }
        assert_eq!(lines, count);
        assert_eq!((lines, amount), expected(folder));
    }
}

#[test]
fn price_lists_are_read_whole() {
    for source in sources("contoso/prices") {
        assert_eq!(sniff(&source).unwrap(), Shape::Table(Kind::PricesAzurePlan));
        let text = String::from_utf8(source.read_to_limit(1 << 20).unwrap()).unwrap();
        let rows = read_azure_plan(&source).unwrap().len();
        assert_eq!(rows, text.lines().count() - 1);
    }
}
