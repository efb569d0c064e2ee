//! The calculator against the independent oracle, from a shell: `cargo xtask differential` runs it, and `answer` says what the
//! calculator does, to compare one by one.
#![forbid(unsafe_code)]

use std::io::{BufRead, Write};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use azure_pec_conformance::{differential, reply};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.split_first() {
        Some((&"differential", options)) => compare(options),
        Some((&"answer", [])) => answer(),
        _ => Err("usage: differential [--cases N] [--seed S] [--show N] | answer".to_owned()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// Random worlds through both; an error where any differs.
fn compare(options: &[&str]) -> Result<(), String> {
    let (mut cases, mut seed, mut show) = (10_000, 1, 3);
    for pair in options.chunks(2) {
        let [name, value] = pair else { return Err(format!("{} needs a number", pair.concat())) };
        let number = value.replace('_', "").parse().map_err(|_| format!("{name} needs a number"))?;
        match *name {
            "--cases" => cases = number,
            "--seed" => seed = number,
            "--show" => show = number,
            _ => return Err(format!("no option {name}")),
        }
    }
    let oracle = Path::new(env!("CARGO_MANIFEST_DIR")).join("oracle");
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
    for disagreement in comparison.disagreements.iter().take(usize::try_from(show).unwrap_or(usize::MAX)) {
        println!(
            "\nworld:  {}\nours:   {}\noracle: {}",
            disagreement.world, disagreement.ours, disagreement.oracle
        );
    }
    if comparison.differing == 0 { Ok(()) } else { Err(format!("{} worlds differ", comparison.differing)) }
}

/// Questions on standard input, an answer for each on standard output: what the oracle does, to compare one by one.
fn answer() -> Result<(), String> {
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
