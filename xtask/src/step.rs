//! One thing that is run: what it is, what it took.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

use crate::{generate, root};

/// Says what is run, runs it at the root of the project with this environment besides, and says how long it took.
pub fn step(
    what: &str,
    program: impl AsRef<OsStr>,
    words: &[&str],
    environment: &[(&str, &OsStr)],
) -> Result<(), String> {
    let program = program.as_ref().to_string_lossy();
    println!("== {what}: {program} {}", words.join(" "));
    let start = Instant::now();
    let mut command = Command::new(program.as_ref());
    command.args(words).current_dir(root()).envs(environment.iter().copied());
    let status = command.status().map_err(|error| format!("cannot run {program}: {error}"))?;
    println!("   {what}: {} s", start.elapsed().as_secs());
    if status.success() { Ok(()) } else { Err(format!("{what}: {program} ended with {status}")) }
}

/// This machine as Rust names it. The tests are built for it by name: so is the Node package in any case, and what is built with
/// no name and with one shares nothing.
pub fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| {
        let said = Command::new("rustc").arg("-vV").output().map(|output| output.stdout).unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap_or_default().to_owned()
    })
}

/// The environment in which `cargo test` and whatever shares with it is run. The native half of the Python package is a module
/// that Python loads, which finds there what it needs.
pub fn of_tests() -> [(&'static str, &'static OsStr); 2] {
    [("CARGO_BUILD_TARGET", OsStr::new(host())), ("PYO3_BUILD_EXTENSION_MODULE", OsStr::new("1"))]
}

/// Where the tests have built a program of the workspace.
pub fn built(program: &str) -> PathBuf {
    let folder = generate::target().join(host()).join("debug");
    folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}

/// A program of the workspace, built as `cargo test --workspace` builds it for this test. A package that is built alone is
/// built with fewer features of what it stands on, and that with it once more.
pub fn tested(program: &str, test: &str) -> Result<PathBuf, String> {
    let words = ["test", "--quiet", "--workspace", "--no-run", "--test", test];
    step(&format!("{program}, as it is tested"), "cargo", &words, &of_tests())?;
    Ok(built(program))
}
