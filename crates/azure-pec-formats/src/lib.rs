//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]

mod error;
mod kind;

pub use error::{Error, Fault, Place};
pub use kind::Kind;
