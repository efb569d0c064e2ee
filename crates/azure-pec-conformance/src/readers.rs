//! The parts of a question through the readers that files go through.

use azure_pec::{AccessHistory, Partner, Policy};
use azure_pec_formats::{Error, read_history, read_partner, read_policy};
use serde_json::value::RawValue;

use crate::request::Refusal;

fn told<T>(read: Result<T, Error>) -> Result<T, Refusal> {
    read.map_err(|error| (error.code().to_owned(), error.to_string()))
}

pub(crate) fn policy(raw: &RawValue) -> Result<Policy, Refusal> {
    told(read_policy("policy", raw.get().as_bytes()))
}

pub(crate) fn partner(raw: &RawValue) -> Result<Partner, Refusal> {
    told(read_partner("partner", raw.get().as_bytes()))
}

pub(crate) fn access(raw: &RawValue) -> Result<AccessHistory, Refusal> {
    Ok(told(read_history("access", raw.get().as_bytes()))?.chronicle.history().0)
}
