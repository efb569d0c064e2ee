//! One door for the checks of the workspace: `cargo xtask <task>`.
#![forbid(unsafe_code)]

mod api;
mod bench_peers;
mod coverage;
mod faults;
mod generate;
mod led;
mod measure;
mod programs;
mod python;
mod step;
mod supply_chain;
mod test;
mod test_report;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const TASKS: &str = "\
cargo xtask test                                  everything quick: format, lints, tests, documentation, examples
cargo xtask test-python                           of these, what is Python's: the wheel in a fresh environment
cargo xtask test-spark [--lines N] [--partitions P]
                                                  a local Spark job over a generated month, held against one process
cargo xtask test-report                           the report in headless Chromium: numbers, keyboard, accessibility, screenshots
cargo xtask faults [--files N]                    faults and floods around the command, with so many tiny files
cargo xtask coverage [--least N]                  the core's lines and regions that tests run; wants cargo-llvm-cov
cargo xtask mutants [--file GLOB] [--jobs N] [--longest SECONDS] [--draw N]
                                                  every mutant of the core, or N drawn of them: how many tests catch, and
                                                  the others; without tests that take longer; wants cargo-mutants
cargo xtask supply-chain [--audit]                 licences and sources of all packages; known holes, where they can be asked
cargo xtask minimal-versions                      the workspace built with the oldest versions that it names; wants nightly
cargo xtask api [--write] [--where-possible]      the public names of the crates against their api.txt; wants nightly
cargo xtask differential [--cases N] [--seed S]   random worlds through the calculator and the oracle
cargo xtask fuzz [--seconds N] [--seed S] [--target NAME] [--replay FILE]
                                                  every reader, the rule and the arguments on changed inputs, N seconds in
                                                  all; what fails is made small and put into target/fuzz
cargo xtask fuzz --led [--seconds N] [--target NAME]
                                                  the same under libFuzzer, led by what an input reaches; wants a C++ compiler
cargo xtask benches                               the benchmarks, each once: that they run
cargo xtask generate --lines N [--seed S] [--out DIR] [--grants-factor F] [--billed [--cost-management]]
                                                  a month of usage, prices, access and partner; target/generated;
                                                  billed: as daily rated usage with its invoices
cargo xtask bench-peers [--lines N] [--pairs N] [--parquet CODEC] [--threads T] [--seed S]
                                                  the same job in DuckDB, Polars and `pec` in turn: benches/peers/JOB.md
cargo xtask measure --lines N [--by KEYS] [--runs R] [--threads T] [--max-mib M] [--seed S] [--grants-factor F]
                    [--profile P]                 `pec statement` on such data: time, speed and peak memory; the release
                                                  build, or that of another profile
cargo xtask measure-reconcile --lines N [--cost-management] [--runs R] [--threads T] [--max-mib M] [--seed S] [--profile P]
                                                  `pec reconcile` on a billed month: the same, and every bridge closes
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some((task, options)) = arguments.split_first() else {
        eprint!("{TASKS}");
        return ExitCode::from(2);
    };
    let done = match task.as_str() {
        "test" => test::run(),
        "test-python" => python::run(),
        "test-spark" => python::run_spark(options),
        "test-report" => test_report::run(),
        "api" => api::run(options),
        "coverage" => coverage::run(options),
        "faults" => faults::run(options),
        "supply-chain" => supply_chain::run(options),
        "minimal-versions" => supply_chain::minimal_versions(),
        "differential" => programs::differential(options),
        "fuzz" if options.iter().any(|option| option == "--led") => led::run(options),
        "fuzz" => programs::fuzz(options),
        "mutants" => programs::mutants(options),
        "benches" => programs::benches(),
        "generate" => generate::run(options),
        "bench-peers" => bench_peers::run(options),
        "measure" => measure::run(options),
        "measure-reconcile" => measure::run_reconcile(options),
        _ => {
            eprint!("{TASKS}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The value of an option that is a whole number.
fn number(options: &[String], name: &str, default: u64) -> Result<u64, String> {
    let Some(at) = options.iter().position(|option| option == name) else { return Ok(default) };
    let value = options.get(at + 1).ok_or_else(|| format!("{name} needs a number"))?;
    value.replace('_', "").parse().map_err(|_| format!("{name} needs a number, found {value:?}"))
}

/// The value of an option.
fn text(options: &[String], name: &str, default: &str) -> Result<String, String> {
    let Some(at) = options.iter().position(|option| option == name) else { return Ok(default.to_owned()) };
    options.get(at + 1).cloned().ok_or_else(|| format!("{name} needs a value"))
}
