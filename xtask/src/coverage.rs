//! How much of the core's code tests run.

use crate::step::step;

/// Runs the tests of core, readers, shared cases, report and command, and fails where they run fewer of the core's lines or
/// regions than so many per cent.
pub fn run(options: &[String]) -> Result<(), String> {
    let least = super::number(options, "--least", 95)?.to_string();
    let packages =
        ["azure-pec", "azure-pec-formats", "azure-pec-conformance", "azure-pec-report", "azure-pec-cli"];
    let mut words = vec!["llvm-cov", "--summary-only"];
    words.extend(packages.iter().flat_map(|package| ["--package", package]));
    // The files of the core alone.
    words.extend(["--ignore-filename-regex", "crates/azure-pec-"]);
    words.extend(["--fail-under-lines", &least, "--fail-under-regions", &least]);
    // What is counted is written to files: tests in which nothing can be written say other things then.
    words.extend(["--", "--quiet", "--skip", "faults::"]);
    step("coverage", "cargo", &words, &[]).map_err(|error| {
        format!("{error}; it wants `cargo install cargo-llvm-cov` and `rustup component add llvm-tools`")
    })
}
