//! Faults on demand: a library in front of the C library's calls has the command's own reads and writes fail, or does
//! something in the middle of them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// What goes wrong.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'f> {
    /// `read`, `write` or `fsync`.
    pub call: &'f str,
    /// A part of the file's path.
    pub path: &'f str,
    /// The how-manieth such call; the first is 1.
    pub at: usize,
    /// [`KILL`], the number of an error, or a command of the shell.
    pub does: &'f str,
}

pub const KILL: &str = "kill";
/// No space left on the device.
pub const ENOSPC: &str = "28";
/// The device failed.
pub const EIO: &str = "5";

/// Built once by the C compiler that the project needs anyhow.
static LIBRARY: LazyLock<(TempDir, PathBuf)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("hook.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pec/hook.c");
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let words = ["-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o"];
    let status =
        Command::new(compiler).args(words).arg(&library).arg(source).args(["-ldl", "-lpthread"]).status();
    assert!(status.unwrap().success());
    (folder, library)
});

/// Runs the command with the fault; what it did, and whether it came to the fault.
pub fn with_fault(command: &mut Command, fault: Fault<'_>) -> (Output, bool) {
    let log = tempfile::NamedTempFile::new().unwrap();
    command
        .env("LD_PRELOAD", &LIBRARY.1)
        .env("FAULT_CALL", fault.call)
        .env("FAULT_PATH", fault.path)
        .env("FAULT_AT", fault.at.to_string())
        .env("FAULT_DO", fault.does)
        .env("FAULT_LOG", log.path());
    let output = command.output().unwrap();
    (output, log.path().metadata().unwrap().len() > 0)
}
