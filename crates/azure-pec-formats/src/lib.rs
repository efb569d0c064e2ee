//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]

mod access;
mod access_read;
mod activity_log;
mod archive;
mod assignment;
mod azure_plan;
mod cost_management;
mod daily_rated;
mod deny_assignments;
mod document_kind;
mod error;
mod export;
mod field_set;
mod fields;
mod groups;
mod header;
mod history;
mod inputs;
mod inspect;
mod json;
mod kind;
mod lighthouse;
mod lines;
mod load;
mod log_chains;
mod log_change;
mod log_facts;
mod log_record;
mod management_groups;
mod mapping;
mod missing;
mod output;
mod overlap;
mod own_document;
mod partner;
mod partner_link;
mod pim;
mod policy;
mod record;
mod refusal;
mod rejects;
mod role_definitions;
mod rule;
mod run;
mod sniff;
mod source;
mod table;
mod tap;
mod usage;
mod usage_survey;
pub mod value;
mod walk;
mod worker;

pub use access::read_access;
pub use access_read::AccessRead;
pub use azure_plan::read_azure_plan;
pub use document_kind::document_kind;
pub use error::{Error, Fault, Place};
pub use field_set::FieldSet;
pub use groups::write_groups;
pub use header::Header;
pub use history::{read_history, write_history, write_history_file};
pub use inputs::{Inputs, UsageFile};
pub use inspect::inspect;
pub use kind::Kind;
pub use lines::LinesWriter;
pub use load::{LoadOptions, load, load_all};
pub use partner::read_partner;
pub use policy::{PolicyEntry, read_policy, read_policy_entries};
pub use rejects::RejectsWriter;
pub use rule::read_rule;
pub use run::{BatchSink, Run, RunOptions, Sinks, run};
pub use sniff::{Shape, shape, sniff, table_kind};
pub use source::Source;
pub use usage::{Reject, UsageReader};

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
