//! Holds the calculator to language-neutral cases and to an independent oracle.
//!
//! The form of the cases is told in `cases/README.md`.
#![forbid(unsafe_code)]

mod arithmetic;
mod case;
mod codes;
mod differential;
#[cfg(feature = "files")]
mod files;
#[cfg(feature = "files")]
mod readers;
mod request;
#[cfg(not(feature = "files"))]
mod serde_readers;

pub use arithmetic::replay_arithmetic;
pub use case::{Case, CaseFile, Difference, case_files, read_case_file, read_cases, replay};
pub use codes::CODES;
pub use differential::{Comparison, Disagreement, differential};
#[cfg(feature = "files")]
pub use files::{lay_out, replay_files};
pub use request::{Answer, Reply, Request, answer, reply};
