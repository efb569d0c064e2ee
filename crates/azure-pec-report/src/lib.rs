//! The report: a month's credit as one page of HTML that a person shows to their boss.
//!
//! The page is whole in itself: no network, no script from outside, and a security policy that allows nothing but the style
//! and the script it was written with. Every number of it is one of the statement or of the reconciliation; it is shown as
//! the reader's language shows numbers, and exact on demand.
//!
//! ```
//! use azure_pec_formats::{Request, Watch};
//! use azure_pec_report::report;
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contoso");
//! # let text = format!(r#"{{"operation": "report", "paths": ["{folder}"]}}"#);
//!
//! let request = Request::from_json(&text)?; // {"operation": "report", "paths": ["examples/contoso"]}
//! let page = report(&request, &Watch::default())?;
//! assert!(page.starts_with("<!DOCTYPE html>"));
//! # Ok::<(), azure_pec_formats::Refused>(())
//! ```
#![forbid(unsafe_code)]

mod breaks;
mod bridge;
mod calendar;
mod chart;
mod command;
mod days;
mod files;
mod fixes;
mod frame;
mod headline;
mod money;
mod page;
mod places;
mod places_tables;
mod reading;
mod reasons;
mod remedies;
mod report;
mod scale;
mod text;

use azure_pec_formats::{Refused, Request, Watch, write_file};

pub use command::{command_words, quoted};
pub use fixes::Fix;
pub use reading::{Answers, ReportJob};
pub use report::Report;
pub use text::{rounded, thousands};

/// The page of the files of a request, written into the file that `out` names, if any. Of its options those count that any
/// statement has: files, policy, rule, rejects, threads.
///
/// # Errors
/// As [`Request::check`], [`ReportJob::open`] and [`ReportJob::read`]; `rejects.too_many`, `output.write_failed`.
pub fn report(request: &Request, watch: &Watch) -> Result<String, Refused> {
    request.check()?;
    let answers = ReportJob::open(request, watch)?.read(request, &|_| ())?;
    Refused::over_rejects(&answers.run, request.allow_rejected)?;
    let page = Report::new(answers, command_words(request)).to_html();
    if let Some(path) = &request.out {
        write_file(path, page.as_bytes())?;
    }
    Ok(page)
}
