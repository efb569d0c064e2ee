//! Programs of other packages, which would take minutes to build with this one.

use crate::step::{of_tests, step, tested};

/// Every reader, the rule and the arguments on changed inputs.
pub fn fuzz(options: &[String]) -> Result<(), String> {
    step("fuzz", tested("fuzz", "kept")?, &words(options), &[])
}

/// Random worlds through the calculator and the oracle.
pub fn differential(options: &[String]) -> Result<(), String> {
    let program = tested("azure-pec-conformance", "cases")?;
    step("differential", program, &[&["differential"], &words(options)[..]].concat(), &[])
}

/// Every mutant of the core, and which of them no test catches. The program builds alone: it stands on none of the crates.
pub fn mutants(options: &[String]) -> Result<(), String> {
    let run = ["run", "--quiet", "--package", "azure-pec-mutants", "--"];
    step("mutants", "cargo", &[&run, &words(options)[..]].concat(), &[])
}

/// The benchmarks, each once, as they were built with the tests: that they run, not how fast.
pub fn benches() -> Result<(), String> {
    step("benchmarks", "cargo", &["test", "--quiet", "--workspace", "--bench", "*"], &of_tests())
}

fn words(options: &[String]) -> Vec<&str> {
    options.iter().map(String::as_str).collect()
}
