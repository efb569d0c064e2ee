//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]

mod access_read;
mod archive;
mod assignment;
mod azure_plan;
mod cost_management;
mod daily_rated;
mod document_kind;
mod error;
mod export;
mod field_set;
mod fields;
mod header;
mod history;
mod json;
mod kind;
mod management_groups;
mod mapping;
mod own_document;
mod partner;
mod policy;
mod refusal;
mod role_assignments;
mod rule;
mod sniff;
mod source;
mod table;
mod tap;
mod usage;
pub mod value;

pub use access_read::AccessRead;
pub use azure_plan::read_azure_plan;
pub use document_kind::document_kind;
pub use error::{Error, Fault, Place};
pub use field_set::FieldSet;
pub use header::Header;
pub use history::{read_history, write_history};
pub use kind::Kind;
pub use management_groups::read_management_groups;
pub use partner::read_partner;
pub use policy::{PolicyEntry, read_policy, read_policy_entries};
pub use role_assignments::read_role_assignments;
pub use rule::read_rule;
pub use sniff::{Shape, shape, sniff, table_kind};
pub use source::Source;
pub use usage::{Reject, UsageReader};
