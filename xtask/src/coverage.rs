//! What of the core's code its tests run.

use crate::step::step;

/// Runs the tests of the core, of the readers and of the command, and fails where they run fewer of the core's lines or
/// regions than so many per cent.
pub fn run(options: &[String]) -> Result<(), String> {
    let least = super::number(options, "--least", 95)?.to_string();
    let words = [
        "llvm-cov",
        "--quiet",
        "--summary-only",
        "--package=azure-pec",
        "--package=azure-pec-formats",
        "--package=azure-pec-conformance",
        "--package=azure-pec-report",
        "--package=azure-pec-cli",
        // Files of the other crates.
        "--ignore-filename-regex=azure-pec-",
        "--fail-under-lines",
        &least,
        "--fail-under-regions",
        &least,
    ];
    step("coverage", "cargo", &words, &[]).map_err(|error| {
        format!("{error}; it wants `cargo install cargo-llvm-cov` and `rustup component add llvm-tools`")
    })
}
