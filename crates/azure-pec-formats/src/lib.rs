//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]
#![expect(
    clippy::result_large_err,
    reason = "an error ends a file or rejects a line; it is not on the way of good ones"
)]

mod access_read;
mod assignment;
mod document_kind;
mod error;
mod export;
mod fields;
mod history;
mod json;
mod kind;
mod management_groups;
mod own_document;
mod partner;
mod policy;
mod refusal;
mod role_assignments;
mod rule;

pub use access_read::AccessRead;
pub use document_kind::document_kind;
pub use error::{Error, Fault, Place};
pub use history::{read_history, write_history};
pub use kind::Kind;
pub use management_groups::read_management_groups;
pub use partner::read_partner;
pub use policy::{PolicyEntry, read_policy, read_policy_entries};
pub use role_assignments::read_role_assignments;
pub use rule::read_rule;
