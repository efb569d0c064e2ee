//! Errors of the calculator as `azure_pec.PecError`, which is a class of Python.

use azure_pec_formats::{Error, Refused};
use pyo3::prelude::*;

/// A refused question.
pub fn refused(py: Python<'_>, refused: impl Into<Refused>) -> PyErr {
    let document = refused.into().to_json();
    let error =
        py.import("azure_pec._errors").and_then(|module| module.call_method1("error_of", (document,)));
    // Where even that fails, the failure is told.
    error.map_or_else(|failure| failure, PyErr::from_value)
}

/// An error.
pub fn told(py: Python<'_>, error: Error) -> PyErr {
    refused(py, error)
}
