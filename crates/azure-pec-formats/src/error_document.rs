//! An error as every face tells it.

use serde::Serialize;

use crate::error::{Error, Place};

/// An error as JSON, its keys in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorDocument {
    /// The stable code.
    pub code: &'static str,
    /// What is wrong, without the place.
    pub message: String,
    /// The file, as it was named.
    pub file: Option<String>,
    /// The physical line at which the record starts; the first line is 1.
    pub line: Option<u64>,
    /// The column's name in a table, the path of the field in a document.
    pub column: Option<String>,
    /// What to do about it.
    pub help: &'static str,
}

impl From<&Error> for ErrorDocument {
    fn from(error: &Error) -> Self {
        let Place { file, line, column } = error.place.clone();
        Self { code: error.code(), message: error.fault.to_string(), file, line, column, help: error.help() }
    }
}
