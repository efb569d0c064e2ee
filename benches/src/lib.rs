//! Made-up data of any size in the real formats: one month of a partner's usage, the price list, who held what where,
//! and the partner. The same number of lines and seed give the same bytes on every machine.
//!
//! The benchmarks of the calculator and its readers (`cargo bench -p azure-pec-benches`) run on it, as do
//! `cargo xtask generate` and `cargo xtask measure`.
#![forbid(unsafe_code)]

mod access;
mod bill;
mod billed_files;
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

/// What was written of a billed month.
#[derive(Debug, Clone, Copy)]
pub struct WrittenBill {
    /// Bytes of the usage files.
    pub usage_bytes: u64,
    /// Lines of the invoices.
    pub invoice_lines: u64,
    /// Customers, each with one Azure plan.
    pub customers: u64,
    /// Subscriptions that the lines are in.
    pub subscriptions: u64,
}

/// Writes a month as it is billed into a folder: daily.csv, invoice.csv, prices.csv (with tiers), access.json,
/// partner.json, and cost.csv where a second export is wanted.
///
/// # Errors
/// What the file system says.
pub fn write_billed_folder(folder: &Path, size: Size, with_cost_management: bool) -> io::Result<WrittenBill> {
    std::fs::create_dir_all(folder)?;
    let estate = Estate::new(size);
    let bill = bill::Bill::of(&estate)?;
    let create =
        |name: &str| File::create(folder.join(name)).map(|file| BufWriter::with_capacity(BUFFER_BYTES, file));
    let mut daily = create("daily.csv")?;
    let mut usage_bytes = billed_files::write_daily(&estate, &bill, &mut daily)?;
    daily.flush()?;
    if with_cost_management {
        let mut cost = create("cost.csv")?;
        usage_bytes += billed_files::write_cost_management(&estate, &bill, &mut cost)?;
        cost.flush()?;
    }
    let mut invoice = create("invoice.csv")?;
    let invoice_lines = billed_files::write_invoice(&estate, &bill, &mut invoice)?;
    invoice.flush()?;
    let mut prices = create("prices.csv")?;
    prices::write_list(&estate, &bill::tiers, &mut prices)?;
    prices.flush()?;
    let mut access = create("access.json")?;
    write_access(&estate, &mut access)?;
    access.flush()?;
    let mut partner = create("partner.json")?;
    write_partner(&estate, &mut partner)?;
    partner.flush()?;
    let (customers, subscriptions) = (estate.customers(), estate.subscriptions());
    Ok(WrittenBill { usage_bytes, invoice_lines, customers, subscriptions })
}
