//! Holds the calculator to language-neutral cases and to an independent oracle.
//!
//! The form of the cases is told in `cases/README.md`.
#![forbid(unsafe_code)]

mod arithmetic;
mod case;
mod differential;
mod files;
mod request;

pub use arithmetic::replay_arithmetic;
pub use case::{Case, CaseFile, Difference, read_cases, replay};
pub use differential::{Comparison, Disagreement, differential};
pub use files::{lay_out, replay_files};
pub use request::{Answer, Request, answer};
