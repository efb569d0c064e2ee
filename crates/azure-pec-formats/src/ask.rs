//! One question in, one answer out: what the command, and every binding, asks of the calculator.
//!
//! A [`Request`] is a JSON document (`{"operation": "statement", "paths": ["examples/contoso"]}`), and its answer is the
//! document that `pec` prints for it, to the byte: `azure-pec/statement/1`, `explanation/1`, `reconciliation/1`,
//! `what-if/1`, `advice/1`, `inspection/1` or `access/1`. What goes wrong is a [`Refused`], a JSON document too.
//!
//! ```
//! use azure_pec_formats::{Request, Watch, ask};
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contoso");
//! # let text = format!(r#"{{"operation": "statement", "paths": ["{folder}"], "by": ["customer"]}}"#);
//!
//! let request = Request::from_json(&text)?;
//! let statement = ask(&request, &Watch::default())?;
//! assert!(statement.starts_with("{\n  \"schema\": \"azure-pec/statement/1\""));
//! # Ok::<(), azure_pec_formats::Refused>(())
//! ```
//!
//! Whoever has many questions loads access, prices and partner once ([`LoadRequest`]), compiles them once
//! ([`Compiled`]), and asks that: then the paths of a request are read for their usage, invoices and exchange rates
//! alone. Lines that stand in no file go through [`Compiled::credits`] and [`LineSums`]. A [`Watch`] tells how far the
//! work is, and stops it.

mod answer;
mod bytes;
mod compiled;
mod job;
#[cfg(feature = "arrow")]
mod line_batches;
mod lines;
mod outputs;
mod parts;
mod refused;
mod request;
mod what_if;

pub use answer::only as only_calendar;
pub use compiled::{Compiled, load_part};
pub use job::Job;
#[cfg(feature = "arrow")]
pub use line_batches::LineBatches;
pub use lines::LineSums;
pub use refused::Refused;
pub use request::{LoadRequest, Operation, PolicyKeys, Request};
pub use what_if::{Advised, WhatIf, advise, what_if};

use crate::watch::Watch;

/// Answers a question from its files alone.
///
/// # Errors
/// As the operation says: see [`load`](crate::load()), [`run`](crate::run()), [`reconcile`](crate::reconcile()),
/// [`inspect`](crate::inspect()); `usage.arguments` for options that do not go together; `rejects.too_many`;
/// `cancelled`.
pub fn ask(request: &Request, watch: &Watch) -> Result<String, Refused> {
    request.check()?;
    match request.operation {
        Operation::Statement | Operation::Explain | Operation::Whatif | Operation::Advise => {
            answer::of(&Job::open(request, watch)?, request)
        }
        Operation::Reconcile => answer::of(&Job::open_by_role(request, watch)?, request),
        Operation::Inspect => answer::inspect(request, watch),
        Operation::History => answer::history(request, watch),
        Operation::Report => {
            Err(request::arguments("a report is no document: azure-pec-report makes it").into())
        }
    }
}
