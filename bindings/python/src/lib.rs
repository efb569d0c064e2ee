//! The native half of the Python package `azure_pec`: record batches cross as Arrow streams, everything else as one
//! request document and one answer document. No rule, no arithmetic and no parsing stands here.
#![expect(clippy::needless_pass_by_value, reason = "Python's arguments come by value")]

mod capsule;
mod errors;
mod stream;
mod table;
mod work;

use std::sync::Arc;

use azure_pec_formats::{Compiled, Inputs, LoadRequest, Request, load_part};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyBytes;

use crate::errors::{refused, told};
use crate::stream::Given;
use crate::table::Table;
use crate::work::watched;

/// What files say of access, prices or a partner, loaded once.
#[pyclass(frozen, module = "azure_pec._native")]
struct Part(Inputs);

#[pymethods]
impl Part {
    /// Loads the files, or the document, that the request names.
    #[new]
    #[pyo3(signature = (request, progress=None))]
    fn new(py: Python<'_>, request: &str, progress: Option<Py<PyAny>>) -> PyResult<Self> {
        let request = LoadRequest::from_json(request).map_err(|error| told(py, error))?;
        let loaded = watched(py, progress, |watch| load_part(&request, watch))?;
        loaded.map(Self).map_err(|error| told(py, error))
    }

    /// Every file read or passed over, as a JSON list.
    fn files(&self) -> String {
        serde_json::to_string(&self.0.files).unwrap_or_default()
    }
}

/// A calculator, and what is to be told of the files it was made from.
#[pyclass(frozen, module = "azure_pec._native")]
struct Native(Arc<Compiled>);

#[pymethods]
impl Native {
    /// Puts parts together and compiles them.
    #[new]
    fn new(py: Python<'_>, parts: Vec<Py<Part>>, request: &str) -> PyResult<Self> {
        let parts: Vec<&Inputs> = parts.iter().map(|part| &part.get().0).collect();
        let request = LoadRequest::from_json(request).map_err(|error| told(py, error))?;
        let compiled = py.detach(|| Compiled::new(&parts, &request));
        compiled.map(|compiled| Self(Arc::new(compiled))).map_err(|error| told(py, error))
    }

    /// Answers a question: over the paths of the request, or over tables of Arrow.
    #[pyo3(signature = (request, data, progress=None))]
    fn ask(
        &self,
        py: Python<'_>,
        request: &str,
        data: Vec<Bound<'_, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<String> {
        let request = Request::from_json(request).map_err(|error| told(py, error))?;
        let given = Given::all(py, data)?;
        let answer = watched(py, progress, |watch| self.0.ask_of(&request, given, watch))?;
        answer.map_err(|error| refused(py, error))
    }

    /// The table of lines as a stream that works while it is read.
    #[pyo3(signature = (request, data))]
    fn lines(&self, py: Python<'_>, request: &str, data: Vec<Bound<'_, PyAny>>) -> PyResult<Table> {
        let request = Request::from_json(request).map_err(|error| told(py, error))?;
        Ok(Table::new(Arc::clone(&self.0), request, Given::all(py, data)?))
    }

    /// The sums of a part of the usage, as bytes for `merge`.
    #[pyo3(signature = (request, data, progress=None))]
    fn part<'py>(
        &self,
        py: Python<'py>,
        request: &str,
        data: Vec<Bound<'py, PyAny>>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let request = Request::from_json(request).map_err(|error| told(py, error))?;
        let given = Given::all(py, data)?;
        let part = watched(py, progress, |watch| self.0.part(&request, given, watch))?;
        part.map(|bytes| PyBytes::new(py, &bytes)).map_err(|error| refused(py, error))
    }

    /// The statement of all parts.
    fn merge(&self, py: Python<'_>, request: &str, parts: Vec<PyBackedBytes>) -> PyResult<String> {
        let request = Request::from_json(request).map_err(|error| told(py, error))?;
        let merged = py.detach(|| self.0.merge(&request, parts.iter().map(|part| &**part)));
        merged.map_err(|error| refused(py, error))
    }

    /// The calculator as bytes, with the prices of some meters alone where these are given.
    #[pyo3(signature = (meters=None))]
    fn to_bytes<'py>(&self, py: Python<'py>, meters: Option<Vec<String>>) -> PyResult<Bound<'py, PyBytes>> {
        let meters: Option<Vec<&str>> = meters.as_ref().map(|all| all.iter().map(String::as_str).collect());
        let bytes = py.detach(|| self.0.to_bytes(meters.as_deref())).map_err(|error| told(py, error))?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// The calculator of such bytes.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, bytes: PyBackedBytes) -> PyResult<Self> {
        let compiled = py.detach(|| Compiled::from_bytes(&bytes));
        compiled.map(|compiled| Self(Arc::new(compiled))).map_err(|error| told(py, error))
    }

    /// The credits of lines given as a JSON list, as a JSON list.
    fn credits(&self, py: Python<'_>, lines: &str) -> PyResult<String> {
        py.detach(|| self.0.credits(lines)).map_err(|error| told(py, error))
    }
}

/// Answers a question from its files alone.
#[pyfunction]
#[pyo3(signature = (request, progress=None))]
fn ask(py: Python<'_>, request: &str, progress: Option<Py<PyAny>>) -> PyResult<String> {
    let request = Request::from_json(request).map_err(|error| told(py, error))?;
    let answer = watched(py, progress, |watch| azure_pec_formats::ask(&request, watch))?;
    answer.map_err(|error| refused(py, error))
}

/// The page of a report.
#[pyfunction]
#[pyo3(signature = (request, progress=None))]
fn report(py: Python<'_>, request: &str, progress: Option<Py<PyAny>>) -> PyResult<String> {
    let request = Request::from_json(request).map_err(|error| told(py, error))?;
    let page = watched(py, progress, |watch| azure_pec_report::report(&request, watch))?;
    page.map_err(|error| refused(py, error))
}

#[pymodule]
mod _native {
    #[pymodule_export]
    use super::{Native, Part, Table, ask, report};
}
