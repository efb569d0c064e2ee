//! The table of lines as a stream of record batches.

use std::sync::{Arc, Mutex};

use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};
use azure_pec_formats::{Compiled, LineBatches, Request, Source, Watch};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::capsule;
use crate::errors::refused;

/// Lines that are worked out each time they are read.
#[pyclass(frozen, module = "azure_pec._native")]
#[derive(Debug)]
pub struct Table {
    compiled: Arc<Compiled>,
    request: Request,
    given: Vec<Source>,
    told: Told,
}

/// What a stream ended in, as the error document: whoever reads it hands on no more than a text.
type Told = Arc<Mutex<Option<String>>>;

impl Table {
    pub fn new(compiled: Arc<Compiled>, request: Request, given: Vec<Source>) -> Self {
        Self { compiled, request, given, told: Told::default() }
    }
}

#[pymethods]
impl Table {
    /// The stream, for whoever reads Arrow. The schema asked for is not looked at: types are the contract's.
    #[pyo3(signature = (requested_schema=None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        let (request, given) = (self.request.clone(), self.given.clone());
        let batches = LineBatches::begin(&self.compiled, request, given, Watch::default());
        let batches = batches.map_err(|error| refused(py, error))?;
        capsule::export(py, Box::new(Lines { batches, told: Arc::clone(&self.told) }))
    }

    /// The error document of the stream that failed last; none where none did since it was asked.
    fn take_error(&self) -> Option<String> {
        self.told.lock().ok()?.take()
    }
}

/// Batches with their schema.
struct Lines {
    batches: LineBatches,
    told: Told,
}

impl Iterator for Lines {
    type Item = Result<RecordBatch, ArrowError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.batches.next()?;
        Some(next.map_err(|refused| {
            if let Ok(mut told) = self.told.lock() {
                *told = Some(refused.to_json());
            }
            ArrowError::ExternalError(format!("[{}] {refused}", refused.error.code()).into())
        }))
    }
}

impl RecordBatchReader for Lines {
    fn schema(&self) -> SchemaRef {
        self.batches.schema()
    }
}
