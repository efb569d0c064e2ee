//! A mutant, as cargo-mutants lists it.

use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// What is changed, where, and into what. Its number is its place in the list, from 1 on.
#[derive(Debug, Clone, Deserialize)]
pub struct Mutant {
    /// File, line, column and change in words: as cargo-mutants names it.
    pub name: String,
    pub file: String,
    pub genre: Genre,
    pub span: Span,
    pub replacement: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum Genre {
    FnValue,
    BinaryOperator,
    UnaryOperator,
    MatchArm,
    MatchArmGuard,
    StructField,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub struct Span {
    pub start: Place,
    pub end: Place,
}

/// Both counted from 1 on, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub struct Place {
    pub line: usize,
    pub column: usize,
}

/// All mutants of the core but those that `.cargo/mutants.toml` excludes; of the files alone that the patterns name.
pub fn listed(root: &Path, files: &[String]) -> Result<Vec<Mutant>, String> {
    let mut command = Command::new("cargo");
    command.args(["mutants", "--list", "--json", "--package", "azure-pec"]).current_dir(root);
    for file in files {
        command.args(["--file", file]);
    }
    let output = command.output().map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}; it wants `cargo install cargo-mutants --locked`", said.trim()));
    }
    serde_json::from_slice(&output.stdout).map_err(|error| format!("the list of cargo-mutants: {error}"))
}
