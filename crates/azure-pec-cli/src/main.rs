//! The command `pec`: what the partner earned credit was, what was missed and why.
#![forbid(unsafe_code)]

use std::process::ExitCode;

fn main() -> ExitCode {
    azure_pec_cli::run(std::env::args_os())
}
