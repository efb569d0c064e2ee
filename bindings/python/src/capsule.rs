//! The Arrow PyCapsule interface: streams of record batches in and out, without a copy and without pyarrow.
#![expect(unsafe_code, reason = "a capsule holds a pointer to a C structure")]

use std::ffi::CStr;

use arrow_array::RecordBatchReader;
use arrow_array::ffi_stream::{FFI_ArrowArrayStream, RecordBatchStreamReader};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

const NAME: &CStr = c"arrow_array_stream";

/// The stream of an object that has one.
///
/// # Errors
/// `TypeError` for an object without `__arrow_c_stream__`, `ValueError` for a stream that breaks the interface's rules.
pub fn import(data: &Bound<'_, PyAny>) -> PyResult<RecordBatchStreamReader> {
    if !data.hasattr("__arrow_c_stream__")? {
        let kind = data.get_type();
        return Err(PyTypeError::new_err(format!(
            "expected a path or an object with __arrow_c_stream__ (a data frame, a table), found {kind}; \
             a lazy frame has to be collected first"
        )));
    }
    let stream = data.call_method0("__arrow_c_stream__")?;
    let capsule = stream.cast::<PyCapsule>()?;
    let pointer = capsule.pointer_checked(Some(NAME))?.cast::<FFI_ArrowArrayStream>();
    // SAFETY: a capsule of this name holds such a structure by the interface's rules, and whoever takes it out leaves
    // an empty one behind, which `from_raw` does.
    let stream = unsafe { FFI_ArrowArrayStream::from_raw(pointer.as_ptr()) };
    RecordBatchStreamReader::try_new(stream).map_err(|error| PyValueError::new_err(error.to_string()))
}

/// A capsule of a stream.
pub fn export(py: Python<'_>, stream: Box<dyn RecordBatchReader + Send>) -> PyResult<Bound<'_, PyCapsule>> {
    // Who reads it takes the structure out; what nobody read is released with the capsule.
    PyCapsule::new_with_value(py, FFI_ArrowArrayStream::new(stream), NAME)
}
