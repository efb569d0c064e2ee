//! Fuzz targets: for every reader, for the rule, for numbers, days and scopes, and for the command line's arguments.
//!
//! A target takes any bytes and panics where something is wrong: not only where the code under it panics, but also where an
//! error has no code or place, the same bytes are answered twice differently, or parts do not make up the whole. The program
//! `fuzz` runs them on changed seeds; any other fuzzer can call them as well.
#![forbid(unsafe_code)]

mod changes;
mod checks;
mod choices;
mod rng;
mod seeds;
mod targets;

use std::path::{Path, PathBuf};

pub use changes::change;
pub use rng::Rng;
pub use targets::{TARGETS, target};

/// What inputs of a target look like: which changes keep enough of it whole to get somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// CSV.
    Table,
    /// JSON, JSON lines or TOML.
    Document,
    /// A short text in lines.
    Text,
    /// Bytes of a packed or columnar file, or of choices.
    Bytes,
}

/// Something that is fuzzed.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What its inputs look like.
    pub form: Form,
    /// Inputs to begin with.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Panics where something is wrong with what is made of these bytes.
    pub check: fn(&[u8]),
}

/// The folder of kept inputs: each once made its target fail.
#[must_use]
pub fn kept() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/kept"))
}

/// The inputs kept for a target, with their paths.
#[must_use]
pub fn kept_for(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    seeds::files(&kept().join(target.name))
}

/// Writes the inputs that a target begins with into a folder, a file each.
///
/// # Errors
/// What the system says, in words.
pub fn write_seeds(target: &Target, folder: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    std::fs::create_dir_all(folder).map_err(failed)?;
    let kept = kept_for(target).into_iter().map(|(_, bytes)| bytes);
    for (at, seed) in (target.seeds)().into_iter().chain(kept).enumerate() {
        std::fs::write(folder.join(format!("seed{at:05}")), seed).map_err(failed)?;
    }
    Ok(())
}
