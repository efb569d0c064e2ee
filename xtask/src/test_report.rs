//! The report in a real browser: what is shown, what can be done with it, and what it looks like.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Where Debian puts the browser.
const CHROMIUM: &str = "/usr/bin/chromium";
const BROWSER: &str = "crates/azure-pec-report/browser";

/// Builds the command and the tests, has reports written, and looks at them in headless Chromium. Pages, screenshots and
/// a PDF stay in `target/report-test`.
pub fn run() -> Result<(), String> {
    let root = crate::root();
    let chromium = std::env::var_os("CHROMIUM").map_or_else(|| PathBuf::from(CHROMIUM), PathBuf::from);
    if !chromium.exists() {
        println!("== no {}: installing Debian's", chromium.display());
        step(&root, "apt-get", &["update", "--quiet"])?;
        step(
            &root,
            "apt-get",
            &["install", "--yes", "--no-install-recommends", "chromium", "chromium-driver"],
        )?;
    }
    step(&root, "cargo", &["build", "--quiet", "--package", "azure-pec-cli"])?;
    step(&root, "npm", &["ci", "--prefix", BROWSER])?;
    step(&root, "npm", &["test", "--prefix", BROWSER])
}

fn step(root: &Path, program: &str, words: &[&str]) -> Result<(), String> {
    println!("== {program} {}", words.join(" "));
    let target = crate::generate::target();
    let mut command = Command::new(program);
    command.args(words).current_dir(root);
    command.env("PEC", target.join("debug/pec")).env("REPORT_OUT", target.join("report-test"));
    let status = command.status().map_err(|error| format!("cannot run {program}: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{program} {} ended with {status}", words.join(" "))) }
}
