//! Data of Python as sources of usage.

use std::sync::Mutex;

use arrow_array::RecordBatchReader;
use azure_pec_formats::{Error, Fault, Place, Source};
use pyo3::prelude::*;

use crate::capsule;

/// Tables of Arrow that are given in place of paths.
pub struct Given;

impl Given {
    /// A source for each object; its name is `data`, or `data[1]` for the second of several.
    pub fn all(py: Python<'_>, data: Vec<Bound<'_, PyAny>>) -> PyResult<Vec<Source>> {
        let only = data.len() == 1;
        let name = |at: usize| if only { "data".to_owned() } else { format!("data[{at}]") };
        let sources = data.into_iter().enumerate();
        sources.map(|(at, object)| source(py, &name(at), object)).collect()
    }
}

/// An object is asked for its stream anew each time that it is read; a stream that can be read once is read once.
fn source(_: Python<'_>, name: &str, object: Bound<'_, PyAny>) -> PyResult<Source> {
    let first = capsule::import(&object)?;
    let (schema, first) = (first.schema(), Mutex::new(Some(first)));
    let object = object.unbind();
    let named = name.to_owned();
    let open = move || -> Result<Box<dyn RecordBatchReader + Send>, Error> {
        let kept = first.lock().ok().and_then(|mut first| first.take());
        match kept {
            Some(first) => Ok(Box::new(first)),
            None => match Python::attach(|py| capsule::import(object.bind(py))) {
                Ok(again) => Ok(Box::new(again)),
                Err(error) => {
                    let problem = format!("the stream cannot be read a second time ({error}); give a table");
                    Err(Fault::Arguments { problem }.at(Place::file(&named)))
                }
            },
        }
    };
    Ok(Source::from_batches(name, schema, open))
}
