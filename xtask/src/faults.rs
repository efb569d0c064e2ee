//! Faults and floods around the command, as its own tests bring them about, in any size.

use crate::number;
use crate::step::step;

/// Runs the tests, which print what they took.
pub fn run(options: &[String]) -> Result<(), String> {
    let files = number(options, "--files", 20_000)?;
    let tests = ["test", "--quiet", "--workspace", "--test", "pec", "--", "--nocapture", "faults", "floods"];
    step("faults and floods", "cargo", &tests, &[("PEC_FILES", files.to_string().as_ref())])
}
