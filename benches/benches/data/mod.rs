//! Generated data in memory, read as the real files are.

use azure_pec_benches::{Estate, Size, write_usage};
use azure_pec_formats::Source;

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

/// Bytes as a file.
pub fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source::from_bytes(name, bytes).expect("a plain file").remove(0)
}
