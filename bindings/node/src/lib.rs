//! The calculator for Node.js, as the package's own TypeScript uses it: requests and answers are JSON texts.
//!
//! A call that works for long starts a thread of its own and answers with a promise: neither the event loop nor the few
//! threads of Node's pool wait for it. What goes wrong is an error whose message is the error document.

mod arrow;
mod calculator;
mod work;

use std::sync::Arc;

use azure_pec_formats::{Inputs, LoadRequest, Refused, Request, ask, load_part};
use napi::bindgen_prelude::Object;
use napi::{Env, Result};
use napi_derive::napi;

pub use arrow::{Ipc, Lines};
pub use calculator::{Calculator, LineSums};

/// Watches work that goes on elsewhere, and stops it.
#[napi]
#[derive(Debug, Default)]
pub struct Watch {
    inner: azure_pec_formats::Watch,
}

#[napi]
impl Watch {
    /// Watches nothing yet.
    #[napi(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has the work stop at its next read.
    #[napi]
    pub fn stop(&self) {
        self.inner.stop();
    }

    /// The bytes of usage read so far, as the files are packed.
    #[napi(getter)]
    #[must_use]
    pub fn read(&self) -> i64 {
        i64::try_from(self.inner.read()).unwrap_or(i64::MAX)
    }

    /// The bytes of usage to read; 0 until the files are found.
    #[napi(getter)]
    #[must_use]
    pub fn total(&self) -> i64 {
        i64::try_from(self.inner.total()).unwrap_or(i64::MAX)
    }
}

/// A part of some files, or a document, loaded for any number of calculators.
#[napi]
#[derive(Debug)]
pub struct Loaded {
    inner: Arc<Inputs>,
}

/// Loads what the request says.
#[napi(ts_return_type = "Promise<Loaded>")]
pub fn load<'e>(env: &'e Env, request: String, watch: &Watch) -> Result<Object<'e>> {
    let watch = watch.inner.clone();
    work::promise(env, move || {
        let request = LoadRequest::from_json(&request)?;
        Ok(Loaded { inner: Arc::new(load_part(&request, &watch)?) })
    })
}

/// The page of a report.
#[napi(ts_return_type = "Promise<string>")]
pub fn report<'e>(env: &'e Env, request: String, watch: &Watch) -> Result<Object<'e>> {
    let watch = watch.inner.clone();
    work::promise(env, move || azure_pec_report::report(&Request::from_json(&request)?, &watch))
}

/// Answers a question from its files alone.
#[napi(js_name = "ask", ts_return_type = "Promise<string>")]
pub fn answer<'e>(env: &'e Env, request: String, watch: &Watch) -> Result<Object<'e>> {
    let watch = watch.inner.clone();
    work::promise(env, move || -> std::result::Result<String, Refused> {
        ask(&Request::from_json(&request)?, &watch)
    })
}
