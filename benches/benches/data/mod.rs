//! Generated data in memory, read as the real files are.

use std::sync::Arc;

use azure_pec::{Calculator, UsageBatch};
use azure_pec_benches::{Estate, Size, write_access, write_partner, write_prices, write_usage};
use azure_pec_formats::{FieldSet, Source, UsageReader, read_azure_plan, read_history, read_partner};

/// An estate of about so many resources, with so many times the usual grants.
pub fn estate(resources: u64, grants_factor: u64) -> Estate {
    Estate::new(Size { lines: resources * 85, seed: 1, grants_factor })
}

/// The first lines of its usage file.
pub fn usage(estate: &Estate, lines: u64) -> Source {
    let mut bytes = Vec::new();
    write_usage(estate, lines, &mut bytes).expect("memory takes every byte");
    source("usage.csv", bytes)
}

pub fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source::from_bytes(name, Arc::from(bytes)).expect("a plain file").remove(0)
}

/// The lines of a source, all in one batch.
pub fn batch(source: &Source) -> UsageBatch {
    let mut batch = UsageBatch::new();
    let mut reader = UsageReader::open(source, FieldSet::all()).expect("a usage file");
    reader.fill(&mut batch, usize::MAX).expect("a whole file");
    assert_eq!(reader.rejected(), 0, "{:?}", reader.take_rejects().first());
    batch
}

/// The calculator of an estate: its prices, access history and partner.
pub fn calculator(estate: &Estate) -> Calculator {
    let (mut prices, mut access, mut partner) = (Vec::new(), Vec::new(), Vec::new());
    write_prices(estate, &mut prices).expect("memory takes every byte");
    write_access(estate, &mut access).expect("memory takes every byte");
    write_partner(estate, &mut partner).expect("memory takes every byte");
    Calculator::builder()
        .prices(read_azure_plan(&source("prices.csv", prices)).expect("a price list"))
        .access(read_history("access.json", &access).expect("an access history").history)
        .partner(read_partner("partner.json", &partner).expect("a partner file"))
        .build()
        .expect("data without contradictions")
}
