//! The example months, as a user reads them.

use std::path::PathBuf;

use azure_pec::{Field, UsageBatch};
use azure_pec_formats::{FieldSet, Kind, Shape, Source, UsageReader, read_azure_plan, sniff};

fn sources(folder: &str) -> Vec<Source> {
    let root: PathBuf = [env!("CARGO_MANIFEST_DIR"), "..", "..", "examples", folder].iter().collect();
    let mut paths: Vec<_> = std::fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().flat_map(|path| Source::open(path).unwrap()).collect()
}

#[test]
fn every_line_is_read_and_none_rejected() {
    for (folder, kind, expected) in [
        ("contoso/usage", Kind::UsageCostManagement, 2672),
        ("contoso-daily-rated/usage", Kind::UsageDailyRated, 2605),
    ] {
        let (mut lines, mut batch) = (0, UsageBatch::new());
        for source in sources(folder) {
            assert_eq!(sniff(&source).unwrap(), Shape::Table(kind));
            let mut reader = UsageReader::open(&source, FieldSet::all()).unwrap();
            loop {
                batch.clear();
                let filled = reader.fill(&mut batch, 500).unwrap();
                if filled == 0 {
                    break;
                }
                lines += filled;
                assert!(
                    (0..filled).all(|row| matches!(batch.text(Field::SubscriptionId, row).len(), 0 | 36))
                );
                assert!(batch.list_prices().iter().any(Option::is_some));
            }
            assert_eq!(reader.take_rejects(), []);
        }
        assert_eq!(lines, expected, "{folder}");
    }
}

#[test]
fn price_lists_are_read_whole() {
    for source in sources("contoso/prices") {
        assert_eq!(sniff(&source).unwrap(), Shape::Table(Kind::PricesAzurePlan));
        let text = String::from_utf8(source.read_to_limit(1 << 20).unwrap()).unwrap();
        let rows = read_azure_plan(&source).unwrap().rows().len();
        assert_eq!(rows, text.lines().count() - 1);
    }
}
