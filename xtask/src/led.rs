//! Fuzzing that is led by what an input reaches: the targets of `cargo xtask fuzz` under libFuzzer.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{host, step};
use crate::{generate, root};

/// Where every edge of the code counts what comes by it, as cargo-fuzz has it built.
const COUNTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing";
/// As the targets bear it without being led: bytes of an input, MiB of memory, seconds of one input.
const LIMITS: [&str; 3] = ["-max_len=65536", "-rss_limit_mb=2048", "-timeout=60"];

/// Every target for its share of the time. What was found to reach something new is kept beside and begun with the next time.
pub fn run(options: &[String]) -> Result<(), String> {
    let chosen = crate::text(options, "--target", "")?;
    let seconds = crate::number(options, "--seconds", 3400)?;
    let folder = generate::target().join("led");
    let built = ["build", "--package", "azure-pec-fuzz", "--bin", "led", "--features", "led"];
    let build = [&built[..], &["--profile", "led", "--target", host()]].concat();
    let environment = [("RUSTFLAGS", OsStr::new(COUNTED)), ("CARGO_TARGET_DIR", folder.as_os_str())];
    step("fuzz, led", "cargo", &build, &environment)?;
    let led = folder.join(host()).join("led").join("led");
    let listed =
        Command::new(&led).output().map_err(|error| format!("cannot run {}: {error}", led.display()))?;
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    let names: Vec<&str> = names.lines().filter(|name| chosen.is_empty() || *name == chosen).collect();
    if names.is_empty() {
        return Err(format!("no target {chosen}; `cargo xtask fuzz --list` tells them"));
    }
    let share = (seconds / names.len() as u64).max(1);
    println!("{:<26}{:>9}{:>12}{:>10}{:>10}", "target", "seconds", "inputs", "edges", "kept");
    let mut failed = Vec::new();
    for name in names {
        let corpus = folder.join("corpus").join(name);
        match target(&led, name, share, &corpus, &folder.join("seeds").join(name)) {
            Ok(row) => println!("{row}"),
            Err(message) => {
                println!("{message}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// One target; its row of the table.
fn target(led: &Path, name: &str, seconds: u64, corpus: &Path, seeds: &Path) -> Result<String, String> {
    let found: PathBuf = root().join("target/fuzz");
    for folder in [corpus, seeds, &found] {
        fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    let mut command = Command::new(led);
    command.args(LIMITS).arg(format!("-max_total_time={seconds}")).arg("-print_final_stats=1");
    command.arg(format!("-artifact_prefix={}/{name}-led-", found.display()));
    command.arg(corpus).arg(seeds).env("PEC_FUZZ_TARGET", name).env("PEC_FUZZ_SEEDS", seeds);
    let output = command.output().map_err(|error| format!("cannot run {}: {error}", led.display()))?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    if !output.status.success() {
        // What it says of itself, and where the input is; libFuzzer says much beside.
        let is_told = |line: &&str| line.starts_with("artifact_prefix") || line.contains("ERROR: libFuzzer");
        let panic = said.lines().skip_while(|line| !line.contains("panicked at")).take(4);
        let told: Vec<&str> = panic.chain(said.lines().filter(is_told)).collect();
        let told = told.join("\n  ");
        return Err(format!("{name} FAILS\n  {told}\n  cargo xtask fuzz --target {name} --replay FILE"));
    }
    let stat =
        |of: &str| said.lines().find_map(|line| line.strip_prefix(of)).unwrap_or_default().trim().to_owned();
    let edges = said
        .lines()
        .rev()
        .find_map(|line| line.split_once(" cov: ")?.1.split(' ').next())
        .unwrap_or_default();
    let kept = fs::read_dir(corpus).map_or(0, Iterator::count);
    Ok(format!("{name:<26}{seconds:>9}{:>12}{edges:>10}{kept:>10}", stat("stat::number_of_executed_units:")))
}
