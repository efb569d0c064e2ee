//! Data of any size to try things on.

use std::path::{Path, PathBuf};
use std::time::Instant;

use azure_pec_benches::{Size, write_billed_folder, write_folder};

/// The size that the options ask for.
pub fn size(options: &[String]) -> Result<Size, String> {
    Ok(Size {
        lines: super::number(options, "--lines", 100_000)?,
        seed: super::number(options, "--seed", 1)?,
        grants_factor: super::number(options, "--grants-factor", 1)?,
    })
}

/// Writes the folder and says what is in it.
pub fn run(options: &[String]) -> Result<(), String> {
    let folder = super::text(options, "--out", "target/generated")?;
    if options.iter().any(|option| option == "--billed") {
        let cost_management = options.iter().any(|option| option == "--cost-management");
        write_billed(Path::new(&folder), size(options)?, cost_management)?;
    } else {
        write(Path::new(&folder), size(options)?)?;
    }
    Ok(())
}

/// Writes the files; the bytes of the usage.
pub fn write(folder: &Path, size: Size) -> Result<u64, String> {
    let start = Instant::now();
    let written = write_folder(folder, size).map_err(|error| format!("{}: {error}", folder.display()))?;
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX).max(1);
    println!(
        "{}: {} lines of seed {}, {} MB usage ({} MB/s), {} resources, {} subscriptions, {} grants",
        folder.display(),
        size.lines,
        size.seed,
        written.usage_bytes / 1_000_000,
        written.usage_bytes / micros,
        written.resources,
        written.subscriptions,
        written.grants
    );
    Ok(written.usage_bytes)
}

/// Writes a billed month; the bytes of its usage.
pub fn write_billed(folder: &Path, size: Size, with_cost_management: bool) -> Result<u64, String> {
    let written = write_billed_folder(folder, size, with_cost_management)
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    println!(
        "{}: {} lines of seed {}, {} MB usage, {} invoice lines, {} customers, {} subscriptions",
        folder.display(),
        size.lines,
        size.seed,
        written.usage_bytes / 1_000_000,
        written.invoice_lines,
        written.customers,
        written.subscriptions
    );
    Ok(written.usage_bytes)
}

/// The workspace's target folder.
pub fn target() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target");
    std::env::var_os("CARGO_TARGET_DIR").map_or(workspace, PathBuf::from)
}
