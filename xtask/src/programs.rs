//! Programs of other packages, which would take minutes to build with this one.

use crate::step::{step, tested};

/// Every reader, the rule and the arguments on changed inputs.
pub fn fuzz(options: &[String]) -> Result<(), String> {
    step("fuzz", tested("fuzz", "kept")?, &words(options), &[])
}

/// Random worlds through the calculator and the oracle.
pub fn differential(options: &[String]) -> Result<(), String> {
    let program = tested("azure-pec-conformance", "cases")?;
    step("differential", program, &[&["differential"], &words(options)[..]].concat(), &[])
}

fn words(options: &[String]) -> Vec<&str> {
    options.iter().map(String::as_str).collect()
}
