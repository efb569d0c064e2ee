//! The fuzz targets, which are a package of their own: it needs Parquet, which takes minutes to build.

use std::process::Command;

/// Hands the options on to `fuzz`.
pub fn run(options: &[String]) -> Result<(), String> {
    let mut command = Command::new("cargo");
    command.args(["run", "--quiet", "--package", "azure-pec-fuzz", "--bin", "fuzz", "--"]).args(options);
    let status = command.status().map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("fuzz ended with {status}")) }
}
