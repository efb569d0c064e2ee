//! What came of each mutant, kept in a file of JSON lines, so that a run that was stopped goes on.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A test failed.
    Caught,
    /// A test took more processor time or memory than it may, or fell into an endless recursion.
    Limits,
    Missed,
    /// No test comes by, so none can fail.
    Unreached,
    /// What it would run is no Rust.
    Unviable,
    /// The compiler does not take the switch, though it might take the mutant.
    Unswitched,
    /// It stands in a constant, where nothing is switched at run time.
    Constant,
}

impl Outcome {
    pub const fn is_caught(self) -> bool {
        matches!(self, Self::Caught | Self::Limits)
    }

    pub const fn is_not_run(self) -> bool {
        matches!(self, Self::Unviable | Self::Unswitched | Self::Constant)
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// Stands for the text of the file that the mutant is in, without its tests: of another text nothing is known.
    pub source: u64,
    pub name: String,
    pub outcome: Outcome,
    /// The tests that failed or that ran into a limit.
    #[serde(default)]
    pub by: String,
}

pub struct Records {
    file: Mutex<File>,
    known: HashMap<(u64, String), Record>,
}

impl Records {
    pub fn open(path: &Path) -> Result<Self, String> {
        let told = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let mut known = HashMap::new();
        for line in std::fs::read_to_string(path).unwrap_or_default().lines() {
            let record: Record = serde_json::from_str(line).map_err(|error| told(&error))?;
            known.insert((record.source, record.name.clone()), record);
        }
        let file = OpenOptions::new().create(true).append(true).open(path).map_err(|error| told(&error))?;
        Ok(Self { file: Mutex::new(file), known })
    }

    pub fn of(&self, source: u64, name: &str) -> Option<&Record> {
        self.known.get(&(source, name.to_owned()))
    }

    pub fn append(&self, record: &Record) -> Result<(), String> {
        let line = serde_json::to_string(record).map_err(|error| error.to_string())?;
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        writeln!(file, "{line}").map_err(|error| error.to_string())
    }
}

/// What stands for a text.
pub fn digest(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}
