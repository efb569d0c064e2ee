//! Reads the real files into the model of `azure-pec`, and writes its tables out.
#![forbid(unsafe_code)]

mod access_read;
mod archive;
mod assignment;
mod azure_plan;
mod base_zero_tiers;
mod billing_price;
mod cost_management;
mod daily_rated;
mod document_kind;
mod error;
mod exchange_rates;
mod export;
mod field_set;
mod fields;
mod focus;
mod groups;
mod header;
mod history;
mod inputs;
mod inspect;
mod invoice;
mod json;
mod json_kind;
mod json_records;
mod json_split;
mod kind;
mod lines;
mod load;
mod management_groups;
mod mapping;
mod missing;
mod observed;
mod output;
mod overlap;
mod own_document;
mod partner;
mod policy;
mod price_adjustment;
mod price_sheet;
mod records;
mod refusal;
mod rejects;
mod role_assignments;
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

pub use access_read::AccessRead;
pub use azure_plan::read_azure_plan;
pub use document_kind::document_kind;
pub use error::{Error, Fault, Place};
pub use exchange_rates::{ExchangeRate, read_exchange_rates};
pub use field_set::FieldSet;
pub use groups::write_groups;
pub use header::Header;
pub use history::{read_history, write_history};
pub use inputs::{Inputs, InvoiceFile, UsageFile};
pub use inspect::inspect;
pub use invoice::{InvoiceRead, InvoiceReader, read_invoice};
pub use kind::Kind;
pub use lines::LinesWriter;
pub use load::{LoadOptions, load, load_all};
pub use management_groups::read_management_groups;
pub use partner::read_partner;
pub use policy::{PolicyEntry, read_policy, read_policy_entries};
pub use price_sheet::{PricesRead, read_price_sheet, read_retail};
pub use rejects::RejectsWriter;
pub use role_assignments::read_role_assignments;
pub use rule::read_rule;
pub use run::{BatchSink, Run, RunOptions, Sinks, run};
pub use sniff::{Shape, shape, sniff, table_kind};
pub use source::Source;
pub use usage::{Reject, UsageReader};

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
