//! Which files are meant by the paths: folders opened, every file once, in the order of their names.

use std::collections::BTreeMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;

use crate::error::{Error, Fault, Place};

/// Standard input, among the paths.
const STDIN: &str = "-";

/// A file to look into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub path: PathBuf,
    /// It was given by its own name, not found in a folder: whoever named it wants it read.
    pub by_name: bool,
}

/// What the paths come to.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// In the order of their names.
    pub files: Vec<Found>,
    /// Names that are not looked into, each with the reason.
    pub passed_over: Vec<(String, String)>,
}

/// Opens folders, whatever their depth; a folder or file that is reached twice counts once.
///
/// # Errors
/// `input.not_found` for a path that does not exist and a folder that may not be read.
pub(crate) fn walk(paths: &[PathBuf]) -> Result<Walk, Error> {
    let mut walker = Walker::default();
    // Files that are named come first, so that a folder they lie in does not make them less than named.
    let mut folders = Vec::new();
    for path in paths {
        if path.as_os_str() == STDIN {
            walker.files.insert(path.clone(), true);
            continue;
        }
        let metadata = std::fs::metadata(path).map_err(|error| not_found(path, &error))?;
        if metadata.is_dir() { folders.push(path.clone()) } else { walker.file(path.clone(), true)? }
    }
    folders.sort();
    for folder in folders {
        walker.folder(folder)?;
    }
    let Walker { files, passed_over, .. } = walker;
    let passed_over = passed_over.into_iter().filter(|(path, _)| !files.contains_key(path));
    Ok(Walk {
        passed_over: passed_over.map(|(path, reason)| (name(&path), reason)).collect(),
        files: files.into_iter().map(|(path, by_name)| Found { path, by_name }).collect(),
    })
}

#[derive(Default)]
struct Walker {
    /// By their paths and not by their names as text, which two paths may share; and whether each was named.
    files: BTreeMap<PathBuf, bool>,
    passed_over: BTreeMap<PathBuf, String>,
    /// The true paths of the files and folders seen so far.
    seen: FxHashSet<PathBuf>,
}

impl Walker {
    fn file(&mut self, path: PathBuf, by_name: bool) -> Result<(), Error> {
        if self.first_time(&path)? {
            self.files.insert(path, by_name);
        } else if !self.files.contains_key(&path) {
            self.passed_over.insert(path, "a file that is read by another name already".to_owned());
        }
        Ok(())
    }

    fn folder(&mut self, top: PathBuf) -> Result<(), Error> {
        let mut waiting = vec![top];
        while let Some(folder) = waiting.pop() {
            if !self.first_time(&folder)? {
                self.passed_over.insert(folder, "a folder that is walked already".to_owned());
                continue;
            }
            let entries = std::fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut inner: Vec<PathBuf> = entries
                .map_err(|error| not_found(&folder, &error))?
                .into_iter()
                .map(|entry| entry.path())
                .collect();
            inner.sort();
            // The last one put on the stack is the next one taken off.
            let mut folders = Vec::new();
            for path in inner {
                self.entry(path, &mut folders)?;
            }
            waiting.extend(folders.into_iter().rev());
        }
        Ok(())
    }

    /// Something in a folder.
    fn entry(&mut self, path: PathBuf, folders: &mut Vec<PathBuf>) -> Result<(), Error> {
        let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
        let reason = match std::fs::metadata(&path) {
            _ if hidden => "hidden",
            Ok(metadata) if metadata.is_dir() => {
                folders.push(path);
                return Ok(());
            }
            Ok(metadata) if metadata.is_file() => return self.file(path, false),
            Ok(metadata) => device(&metadata),
            Err(error) if error.kind() == io::ErrorKind::NotFound => "a link to nothing",
            Err(error) if is_link_loop(&path) => {
                self.passed_over.insert(path, format!("a link that leads nowhere: {error}"));
                return Ok(());
            }
            Err(error) => return Err(not_found(&path, &error)),
        };
        self.passed_over.insert(path, reason.to_owned());
        Ok(())
    }

    fn first_time(&mut self, path: &Path) -> Result<bool, Error> {
        let true_path = path.canonicalize().map_err(|error| not_found(path, &error))?;
        Ok(self.seen.insert(true_path))
    }
}

/// Links that lead to one another have no end, and no metadata but their own.
fn is_link_loop(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

#[cfg(unix)]
fn device(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    if metadata.file_type().is_fifo() { "a pipe (FIFO)" } else { "a device or socket" }
}

#[cfg(not(unix))]
fn device(_metadata: &Metadata) -> &'static str {
    "a device"
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn not_found(path: &Path, error: &io::Error) -> Error {
    Fault::NotFound { problem: error.to_string() }.at(Place::file(&name(path)))
}
