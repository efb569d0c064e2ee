//! Faults and floods around the command, as its own tests bring them about, in any size.

use std::process::Command;

use crate::{number, root};

/// Runs the tests, which print what they took.
pub fn run(options: &[String]) -> Result<(), String> {
    let files = number(options, "--files", 20_000)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let tests = [
        "test",
        "--quiet",
        "--package",
        "azure-pec-cli",
        "--test",
        "pec",
        "--",
        "--nocapture",
        "faults",
        "floods",
    ];
    let status =
        Command::new(cargo).args(tests).env("PEC_FILES", files.to_string()).current_dir(root()).status();
    let status = status.map_err(|error| format!("cargo: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("the tests ended with {status}")) }
}
