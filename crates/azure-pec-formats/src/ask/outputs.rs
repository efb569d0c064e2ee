//! What a question writes must not take the place of what it is answered from.

use std::fs;
use std::path::{Path, PathBuf};

use azure_pec::InputSummary;

use super::request::{Operation, Request};
use crate::error::{Error, Fault, Place};
use crate::inputs::Inputs;
use crate::kind::Kind;

impl Request {
    /// Refuses to write over a file that was read, or two tables into one file. A history may be continued in its place.
    ///
    /// # Errors
    /// `usage.arguments`.
    pub fn check_outputs(&self, inputs: &Inputs) -> Result<(), Error> {
        let named = [&self.lines, &self.groups, &self.rejects, &self.out].into_iter().flatten();
        let mut outputs: Vec<(&Path, PathBuf)> = Vec::new();
        for path in named {
            let Some(true_path) = true_path(path) else { continue };
            if outputs.iter().any(|(_, other)| *other == true_path) {
                return Err(refused(path, "two tables would be written there, one over the other"));
            }
            outputs.push((path, true_path));
        }
        // What is not there yet is no input.
        outputs.retain(|(path, _)| fs::metadata(path).is_ok_and(|metadata| metadata.is_file()));
        if outputs.is_empty() {
            return Ok(());
        }
        for file in inputs.files.iter().filter(|file| self.keeps(file)) {
            let Some(read) = self.file_of(file) else { continue };
            if let Some((path, _)) = outputs.iter().find(|(_, output)| *output == read) {
                return Err(refused(path, "it was read for the answer, and would be lost"));
            }
        }
        Ok(())
    }

    /// Whether an input is lost when something else takes its place. What was passed over is not: a table of an earlier run.
    fn keeps(&self, file: &InputSummary) -> bool {
        let continued = self.operation == Operation::History;
        file.kind.as_deref().is_some_and(|kind| !(continued && kind == Kind::AccessHistory.name()))
    }

    /// The true path of an input, of an archive where it lies in one; none for what lies in no file.
    fn file_of(&self, file: &InputSummary) -> Option<PathBuf> {
        let path =
            self.base.as_deref().map_or_else(|| PathBuf::from(&file.path), |base| base.join(&file.path));
        path.ancestors().find_map(|path| path.canonicalize().ok()).filter(|path| path.is_file())
    }
}

/// The path without links, of a file that need not be there yet; none where it cannot be there.
fn true_path(path: &Path) -> Option<PathBuf> {
    path.canonicalize().ok().or_else(|| {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    })
}

fn refused(path: &Path, why: &str) -> Error {
    Fault::Arguments { problem: format!("nothing is written there: {why}") }
        .at(Place::file(&path.to_string_lossy()))
}
