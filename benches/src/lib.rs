//! Made-up data of any size in the real formats: one month of a partner's usage, the price list, who held what where,
//! and the partner. The same number of lines and seed give the same bytes on every machine.
//!
//! The benchmarks of the calculator and its readers (`cargo bench -p azure-pec-benches`) run on it, as do
//! `cargo xtask generate` and `cargo xtask measure`.
#![forbid(unsafe_code)]

mod access;
mod catalogue;
mod estate;
mod exports;
mod partner;
mod prices;
mod rng;
mod text;
mod usage;

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

pub use access::write_access;
pub use estate::{Estate, Size};
pub use exports::{ExportSize, write_assignments, write_log};
pub use partner::write_partner;
pub use prices::write_prices;
pub use usage::write_usage;

const BUFFER_BYTES: usize = 1 << 20;

/// What was written.
#[derive(Debug, Clone, Copy)]
pub struct Written {
    /// Bytes of usage.csv.
    pub usage_bytes: u64,
    /// Resources that the lines are of.
    pub resources: u64,
    /// Subscriptions that they are in.
    pub subscriptions: u64,
    /// Grants in access.json.
    pub grants: u64,
}

/// Writes usage.csv, prices.csv, access.json and partner.json into a folder, which is made where it is not there.
///
/// # Errors
/// What the file system says.
pub fn write_folder(folder: &Path, size: Size) -> io::Result<Written> {
    std::fs::create_dir_all(folder)?;
    let estate = Estate::new(size);
    let create =
        |name: &str| File::create(folder.join(name)).map(|file| BufWriter::with_capacity(BUFFER_BYTES, file));
    let mut usage = create("usage.csv")?;
    let usage_bytes = write_usage(&estate, size.lines, &mut usage)?;
    usage.flush()?;
    let mut prices = create("prices.csv")?;
    write_prices(&estate, &mut prices)?;
    prices.flush()?;
    let mut access = create("access.json")?;
    let grants = write_access(&estate, &mut access)?;
    access.flush()?;
    let mut partner = create("partner.json")?;
    write_partner(&estate, &mut partner)?;
    partner.flush()?;
    let subscriptions = estate.subscriptions();
    Ok(Written { usage_bytes, resources: estate.resources(), subscriptions, grants })
}
