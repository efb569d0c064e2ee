//! Reads the real files into the model of `azure-pec`, and writes its tables out.

mod access;
mod access_read;
mod activity_log;
mod ahead;
mod archive;
#[cfg(feature = "arrow")]
mod arrow_cells;
#[cfg(feature = "arrow")]
mod arrow_portion;
#[cfg(feature = "arrow")]
mod arrow_rows;
#[cfg(feature = "arrow")]
mod arrow_source;
mod ask;
mod assignment;
mod azure_plan;
mod billing_price;
mod blocks;
#[cfg(feature = "arrow")]
mod bundle_texts;
mod cells;
mod column_memo;
mod combination_memo;
mod cost_management;
mod csv_rows;
mod daily_rated;
mod day_sink;
mod deny_assignments;
mod dispute;
mod document_kind;
#[cfg(feature = "arrow")]
mod entry_ids;
mod error;
mod error_document;
mod exchange_rates;
mod export;
mod field_set;
mod fields;
mod fingerprint;
mod focus;
mod further;
mod groups;
mod header;
mod history;
mod inputs;
mod inspect;
mod invoice;
#[cfg(feature = "arrow")]
mod ipc;
mod json;
mod json_kind;
mod json_outline;
mod json_records;
mod json_split;
mod key_names;
mod kind;
mod known_cells;
#[cfg(feature = "arrow")]
mod known_keys;
mod lighthouse;
mod lines;
mod load;
mod log_chains;
mod log_change;
mod log_facts;
mod log_record;
mod management_groups;
mod manifest;
mod mapping;
mod masks;
mod missing;
mod new_file;
mod observed;
mod output;
mod overlap;
mod own_document;
mod packed;
#[cfg(feature = "parquet")]
mod parquet_file;
#[cfg(feature = "parquet")]
mod parquet_table;
mod partner;
mod partner_link;
mod pim;
mod policy;
mod portion;
mod price_adjustment;
mod price_sheet;
mod put;
mod queue;
#[cfg(feature = "arrow")]
mod quiet;
mod read_ahead;
mod reconcile;
mod record;
mod record_index;
mod records;
mod refusal;
mod rejects;
mod role_definitions;
mod rule;
mod run;
mod separators;
mod side_by_side;
mod sniff;
mod source;
mod sparse;
mod steady;
mod subscription_sink;
mod table;
mod table_blocks;
mod tap;
mod usage;
mod usage_survey;
pub mod value;
mod walk;
mod watch;
mod worker;

pub use access::read_access;
pub use access_read::AccessRead;
#[cfg(feature = "arrow")]
pub use ask::LineBatches;
pub use ask::{
    Advised, Compiled, Job, LineSums, LoadRequest, Operation, PolicyKeys, Refused, Request, WhatIf, advise,
    ask, load_part, only_calendar, what_if,
};
pub use azure_plan::read_azure_plan;
pub use day_sink::DaySink;
pub use dispute::{findings_table, write_dispute_pack};
pub use document_kind::document_kind;
pub use error::{Error, Fault, Place};
pub use error_document::ErrorDocument;
pub use exchange_rates::{ExchangeRate, read_exchange_rates};
pub use field_set::FieldSet;
pub use groups::{body_on, write_groups};
pub use header::Header;
pub use history::{read_history, write_history, write_history_file};
pub use inputs::{Inputs, InvoiceFile, UsageFile};
pub use inspect::inspect;
pub use invoice::{InvoiceRead, InvoiceReader, read_invoice};
#[cfg(feature = "arrow")]
pub use ipc::LinesIpc;
pub use kind::Kind;
pub use lines::LinesWriter;
pub use load::{LoadOptions, Part, load, load_all, load_by_role};
pub use manifest::{ExportManifest, read_manifest};
pub use output::{Amounts, write_file};
pub use partner::read_partner;
pub use policy::{PolicyEntry, read_policy, read_policy_entries};
pub use price_sheet::{PricesRead, read_price_sheet, read_retail};
pub use reconcile::{ReconcileOptions, Reconciled, first_kind, reconcile};
pub use rejects::RejectsWriter;
pub use rule::read_rule;
pub use run::{BatchSink, Run, RunOptions, Sinks, run};
pub use sniff::{Shape, shape, sniff, table_kind};
pub use source::Source;
pub use subscription_sink::SubscriptionSink;
pub use usage::{Reject, UsageReader};
pub use watch::Watch;

/// The README's program compiles.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
struct Readme;
