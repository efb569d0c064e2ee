//! A copy of the crates, in which the core's sources are rewritten and everything is built.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Whose tests are run, the nearest to the core first: its own, the shared cases, the readers, the report, the command. The last two
/// start `pec` as a process, which hears from its environment what is switched on.
pub const PACKAGES: [&str; 5] =
    ["azure-pec", "azure-pec-conformance", "azure-pec-formats", "azure-pec-report", "azure-pec-cli"];

pub struct Tree {
    root: PathBuf,
}

impl Tree {
    /// Copies what differs, so that only this is built again; not the core's sources, which are written one by one.
    pub fn new(project: &Path, root: PathBuf) -> Result<Self, String> {
        let tree = Self { root };
        for folder in ["crates", "examples"] {
            tree.copy(project, Path::new(folder))?;
        }
        for file in ["Cargo.lock", "README.md"] {
            tree.write(Path::new(file), &read(&project.join(file))?)?;
        }
        let manifest = String::from_utf8_lossy(&read(&project.join("Cargo.toml"))?).into_owned();
        let members = PACKAGES.map(|package| format!("\"crates/{package}\"")).join(", ");
        let lines = manifest.lines().filter_map(|line| match line.split_once(" = ") {
            Some(("members", _)) => Some(format!("members = [{members}]\n")),
            Some(("default-members", _)) => None,
            _ => Some(format!("{line}\n")),
        });
        tree.write(Path::new("Cargo.toml"), lines.collect::<String>().as_bytes())?;
        tree.write(Path::new(SWITCHES_FILE), SWITCHES.as_bytes())?;
        Ok(tree)
    }

    fn copy(&self, project: &Path, path: &Path) -> Result<(), String> {
        let entries =
            fs::read_dir(project.join(path)).map_err(|error| format!("{}: {error}", path.display()))?;
        for entry in entries {
            let entry = entry.map_err(|error| format!("{}: {error}", path.display()))?;
            let path = path.join(entry.file_name());
            if entry.path().is_dir() {
                self.copy(project, &path)?;
            } else if !path.starts_with(SOURCES) {
                self.write(&path, &read(&entry.path())?)?;
            }
        }
        Ok(())
    }

    /// Writes a file unless it says just this already.
    pub fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), String> {
        let path = self.root.join(path);
        if fs::read(&path).is_ok_and(|there| there == bytes) {
            return Ok(());
        }
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(&path, bytes))
            .map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The functions that were found to stay constant: kept, so that a second run writes the same and builds nothing.
    pub fn constant(&self) -> BTreeSet<String> {
        let text = fs::read_to_string(self.root.join(CONSTANT_FILE)).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    pub fn keep_constant(&self, functions: &BTreeSet<String>) -> Result<(), String> {
        let text: String = functions.iter().map(|function| format!("{function}\n")).collect();
        self.write(Path::new(CONSTANT_FILE), text.as_bytes())
    }

    /// Cargo in the copy. No warning matters there.
    pub fn cargo(&self, words: &[&str]) -> Command {
        let mut command = Command::new("cargo");
        command.args(words).current_dir(&self.root);
        command.env("CARGO_TARGET_DIR", self.root.with_file_name("build"));
        command.env("RUSTFLAGS", "--cap-lints=allow").env("CARGO_PROFILE_DEV_DEBUG", "none");
        command
    }
}

const CONSTANT_FILE: &str = "constant-functions";

/// The core's sources.
pub const SOURCES: &str = "crates/azure-pec/src";

/// What the rewritten sources ask for, as a module of the core.
const SWITCHES: &str = include_str!("../switches/mutant.rs");
const SWITCHES_FILE: &str = "crates/azure-pec/src/mutant.rs";

pub fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// The core's sources by path, as they were written.
pub fn sources(project: &Path) -> Result<BTreeMap<String, String>, String> {
    let (mut sources, mut folders) = (BTreeMap::new(), vec![PathBuf::from(SOURCES)]);
    while let Some(folder) = folders.pop() {
        let told = |error: std::io::Error| format!("{}: {error}", folder.display());
        for entry in fs::read_dir(project.join(&folder)).map_err(told)? {
            let path = folder.join(entry.map_err(told)?.file_name());
            if project.join(&path).is_dir() {
                folders.push(path);
            } else {
                let text = String::from_utf8_lossy(&read(&project.join(&path))?).into_owned();
                sources.insert(path.to_string_lossy().into_owned(), text);
            }
        }
    }
    Ok(sources)
}
