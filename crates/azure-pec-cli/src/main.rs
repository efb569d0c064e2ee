//! The command `pec`: what the partner earned credit was, what was missed and why.
#![forbid(unsafe_code)]

use std::process::ExitCode;

/// Lines are read into room that is taken and given back all the time, by all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    azure_pec_cli::run(std::env::args_os())
}
