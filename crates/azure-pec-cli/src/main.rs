//! The command `pec`.
#![forbid(unsafe_code)]

fn main() {}
