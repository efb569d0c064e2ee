//! Runs the command in the project's folder, so that pages show the same paths everywhere.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

pub const CONTOSO: &str = "examples/contoso";

/// What the command did.
#[derive(Debug)]
pub struct Done {
    pub status: i32,
    pub out: String,
    pub err: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn command(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pec"));
    command.args(args).current_dir(root()).env_remove("NO_COLOR").stdin(Stdio::null());
    command
}

pub fn pec(args: &[&str]) -> Done {
    let output = command(args).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Done { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

/// The result of a command that must succeed and say nothing beside it.
pub fn page(args: &[&str]) -> String {
    let done = pec(args);
    assert_eq!((done.status, done.err.as_str()), (0, ""), "{args:?}");
    done.out
}
