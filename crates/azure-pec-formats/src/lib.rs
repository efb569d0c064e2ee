//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]

mod archive;
mod azure_plan;
mod cost_management;
mod daily_rated;
mod error;
mod field_set;
mod header;
mod kind;
mod mapping;
mod sniff;
mod source;
mod table;
mod tap;
mod usage;
pub mod value;

pub use azure_plan::read_azure_plan;
pub use error::{Error, Fault, Place};
pub use field_set::FieldSet;
pub use header::Header;
pub use kind::Kind;
pub use sniff::{Shape, shape, sniff, table_kind};
pub use source::Source;
pub use usage::{Reject, UsageReader};
