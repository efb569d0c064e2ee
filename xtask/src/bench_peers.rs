//! `pec` beside DuckDB and Polars on the same data: `benches/peers/JOB.md` says what each does.

use std::path::Path;
use std::process::Command;

use crate::{generate, measure, python};

/// What the peers need.
const NEEDED: &[&str] = &["duckdb", "polars"];

/// Makes the data and an environment, builds, and runs the programs in turn.
pub fn run(options: &[String]) -> Result<(), String> {
    let root = crate::root();
    let size = generate::size(options)?;
    let pairs = super::number(options, "--pairs", 5)?.to_string();
    let threads = super::number(options, "--threads", 2)?.to_string();
    let codec = super::text(options, "--parquet", "")?;
    let folder = generate::target().join("peers");
    let (data, environment) = (folder.join(format!("data-{}", size.lines)), folder.join("environment"));
    let peers = root.join("benches/peers");
    generate::write(&data, size)?;
    let pec = measure::build(measure::RELEASE, if codec.is_empty() { "" } else { "parquet" })?;
    let run = |program: &Path, words: &[&str]| {
        let status = Command::new(program).args(words).status();
        let status = status.map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", program.display())) }
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    let interpreter = python::inside(&environment, "python");
    if !interpreter.exists() {
        run("python3".as_ref(), &["-m", "venv", &text(&environment)])?;
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        run(&interpreter, &[&install[..], NEEDED].concat())?;
    }
    if !codec.is_empty() {
        run(&interpreter, &[&text(&peers.join("to_parquet.py")), &text(&data), &codec])?;
    }
    let roles = root.join("crates/azure-pec/data/roles.csv");
    let (script, pec, data, roles) = (text(&peers.join("run.py")), text(&pec), text(&data), text(&roles));
    let mut words = vec![script.as_str(), &pec, &data, &roles, "--pairs", &pairs, "--threads", &threads];
    words.extend((!codec.is_empty()).then_some("--parquet"));
    run(&interpreter, &words)
}
