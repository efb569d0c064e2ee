//! The calculator against the independent oracle.

use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use azure_pec_conformance::{differential, reply};

/// Runs and prints; an error where any world differs.
pub fn run(options: &[String]) -> Result<(), String> {
    let cases = super::number(options, "--cases", 10_000)?;
    let seed = super::number(options, "--seed", 1)?;
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/azure-pec-conformance/oracle");
    let start = Instant::now();
    let comparison = differential(&oracle, cases, seed)?;
    println!(
        "{} worlds of seed {seed}, {} lines answered, {} worlds refused by both, {} differ ({} s)",
        comparison.worlds,
        comparison.lines,
        comparison.refused,
        comparison.differing,
        start.elapsed().as_secs()
    );
    let shown = super::number(options, "--show", 3)?;
    for disagreement in comparison.disagreements.iter().take(usize::try_from(shown).unwrap_or(3)) {
        println!(
            "\nworld:  {}\nours:   {}\noracle: {}",
            disagreement.world, disagreement.ours, disagreement.oracle
        );
    }
    if comparison.differing == 0 { Ok(()) } else { Err(format!("{} worlds differ", comparison.differing)) }
}

/// Questions on standard input, an answer for each on standard output: what the oracle does, to compare one by one.
pub fn answer_lines() -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let request = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let reply = match reply(&request) {
            Ok(reply) => serde_json::json!(reply),
            Err((code, _)) => serde_json::json!({ "error": { "code": code } }),
        };
        writeln!(out, "{reply}").and_then(|()| out.flush()).map_err(|error| error.to_string())?;
    }
    Ok(())
}
