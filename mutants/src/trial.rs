//! A mutant, tried by the tests that come by it, the quickest first, until one fails.

use std::collections::BTreeMap;
use std::process::Stdio;

use crate::record::Outcome;
use crate::suite::{MEMORY_KIB, Suite, Test, is_beyond};

/// So long may tests run together in one process, as they run with no mutant; a longer one runs alone.
const TOGETHER_MILLIS: u64 = 400;

pub fn tried(suite: &Suite, number: u32, tests: &[&Test]) -> Result<(Outcome, String), String> {
    if tests.is_empty() {
        return Ok((Outcome::Unreached, String::new()));
    }
    for tests in processes(tests) {
        let outcome = run(suite, number, &tests)?;
        if outcome != Outcome::Missed {
            let names: Vec<&str> = tests.iter().map(|test| test.name.as_str()).collect();
            let binary = tests.first().and_then(|test| suite.binaries.get(test.binary));
            let binary = binary.map(|binary| binary.name.as_str()).unwrap_or_default();
            return Ok((outcome, format!("{binary}: {}", names.join(" "))));
        }
    }
    Ok((Outcome::Missed, String::new()))
}

/// The tests of each process, the quickest process first.
fn processes<'t>(tests: &[&'t Test]) -> Vec<Vec<&'t Test>> {
    let mut by_binary: BTreeMap<usize, Vec<&Test>> = BTreeMap::new();
    for test in tests {
        by_binary.entry(test.binary).or_default().push(test);
    }
    let mut processes: Vec<Vec<&Test>> = Vec::new();
    for mut tests in by_binary.into_values() {
        tests.sort_by_key(|test| test.millis);
        let mut together = Vec::new();
        for test in tests {
            if !together.is_empty() && millis(&together) + test.millis > TOGETHER_MILLIS {
                processes.push(std::mem::take(&mut together));
            }
            together.push(test);
        }
        processes.push(together);
    }
    processes.sort_by_key(|tests| millis(tests));
    processes
}

fn millis(tests: &[&Test]) -> u64 {
    tests.iter().map(|test| test.millis).sum()
}

fn run(suite: &Suite, number: u32, tests: &[&Test]) -> Result<Outcome, String> {
    let Some(binary) = tests.first().and_then(|test| suite.binaries.get(test.binary)) else {
        return Ok(Outcome::Missed);
    };
    let mut words = vec!["--exact", "--test-threads", "1"];
    words.extend(tests.iter().map(|test| test.name.as_str()));
    // Ten times what they take, and time to start.
    let limit = millis(tests) / 100 + 5;
    let mut command = binary.command(&words, Some((limit, MEMORY_KIB)));
    command.env("AZURE_PEC_MUTANT", number.to_string()).stdout(Stdio::null()).stderr(Stdio::null());
    let status = command.status().map_err(|error| format!("{}: {error}", binary.name))?;
    Ok(match status.success() {
        true => Outcome::Missed,
        false if is_beyond(status) => Outcome::Limits,
        false => Outcome::Caught,
    })
}
