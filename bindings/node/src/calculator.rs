//! A calculator that was compiled once, and statements of lines that come piece by piece.
#![expect(clippy::needless_pass_by_value, reason = "napi hands texts over as they are")]

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use azure_pec_formats::{
    Compiled, Error as Fault, Inputs, LineBatches, LinesIpc, LoadRequest, Refused, Request,
};
use napi::bindgen_prelude::Object;
use napi::{Env, Error, Result, Status};
use napi_derive::napi;

use crate::arrow::{Ipc, Lines, sources};
use crate::{Loaded, Watch, work};

/// Compiles what was loaded when it is first asked, so that the event loop never waits for it.
#[napi]
#[derive(Debug)]
pub struct Calculator {
    inner: Arc<Lazy>,
}

#[derive(Debug)]
struct Lazy {
    request: LoadRequest,
    parts: Mutex<Vec<Arc<Inputs>>>,
    compiled: OnceLock<std::result::Result<Arc<Compiled>, Fault>>,
}

impl Lazy {
    /// Compiles once; whoever else asks meanwhile waits on a thread of its own.
    fn get(&self) -> std::result::Result<Arc<Compiled>, Refused> {
        let compile = || {
            // What was loaded is let go with it: the calculator has all that it needs.
            let parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
            let parts: Vec<&Inputs> = parts.iter().map(AsRef::as_ref).collect();
            Compiled::new(&parts, &self.request).map(Arc::new)
        };
        Ok(self.compiled.get_or_init(compile).clone()?)
    }
}

#[napi]
impl Calculator {
    /// Of loaded parts, with the policy and rule of the request.
    #[napi(constructor)]
    pub fn new(parts: Vec<&Loaded>, request: String) -> Result<Self> {
        let request = LoadRequest::from_json(&request).map_err(|fault| work::error(&fault.into()))?;
        let parts = parts.into_iter().map(|part| Arc::clone(&part.inner)).collect();
        Ok(Self { inner: Arc::new(Lazy { request, parts: Mutex::new(parts), compiled: OnceLock::new() }) })
    }

    /// Compiles it now.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn ready<'e>(&self, env: &'e Env) -> Result<Object<'e>> {
        let lazy = Arc::clone(&self.inner);
        work::promise(env, move || lazy.get().map(|_| ()))
    }

    /// Answers a question whose paths, and streams of Arrow beside them, hold the usage.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn ask<'e>(
        &self,
        env: &'e Env,
        request: String,
        data: Vec<&Ipc>,
        watch: &Watch,
    ) -> Result<Object<'e>> {
        let (lazy, watch) = (Arc::clone(&self.inner), watch.inner.clone());
        let data = data.into_iter().map(Ipc::take).collect();
        work::promise(env, move || {
            let request = Request::from_json(&request)?;
            lazy.get()?.ask_of(&request, sources(data)?, &watch)
        })
    }

    /// The table of lines of such usage, as a stream of Arrow.
    #[napi(ts_return_type = "Promise<Lines>")]
    pub fn lines<'e>(
        &self,
        env: &'e Env,
        request: String,
        data: Vec<&Ipc>,
        watch: &Watch,
    ) -> Result<Object<'e>> {
        let (lazy, watch) = (Arc::clone(&self.inner), watch.inner.clone());
        let data = data.into_iter().map(Ipc::take).collect();
        work::promise(env, move || {
            let request = Request::from_json(&request)?;
            let batches = LineBatches::begin(&*lazy.get()?, request, sources(data)?, watch)?;
            Ok(Lines::new(LinesIpc::new(batches)?))
        })
    }

    /// The credits of lines, a JSON list for a JSON list.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn credits<'e>(&self, env: &'e Env, lines: String) -> Result<Object<'e>> {
        let lazy = Arc::clone(&self.inner);
        work::promise(env, move || Ok(lazy.get()?.credits(&lines)?))
    }

    /// Begins a statement of lines.
    #[napi(ts_return_type = "Promise<LineSums>")]
    pub fn sums<'e>(&self, env: &'e Env, request: String) -> Result<Object<'e>> {
        let lazy = Arc::clone(&self.inner);
        work::promise(env, move || {
            let sums = azure_pec_formats::LineSums::new(lazy.get()?, Request::from_json(&request)?)?;
            Ok(LineSums { inner: Arc::new(Mutex::new(Some(sums))) })
        })
    }
}

/// A statement of lines that come piece by piece.
#[napi]
#[derive(Debug)]
pub struct LineSums {
    inner: Arc<Mutex<Option<azure_pec_formats::LineSums>>>,
}

#[napi]
impl LineSums {
    /// Adds a JSON list of lines.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn add<'e>(&self, env: &'e Env, lines: String) -> Result<Object<'e>> {
        let sums = Arc::clone(&self.inner);
        work::promise(env, move || {
            let mut sums = sums.lock().unwrap_or_else(PoisonError::into_inner);
            sums.as_mut().map_or(Ok(()), |sums| sums.add(&lines).map_err(Into::into))
        })
    }

    /// The statement of all lines.
    #[napi(ts_return_type = "Promise<string>")]
    pub fn finish<'e>(&self, env: &'e Env) -> Result<Object<'e>> {
        let sums = self.inner.lock().unwrap_or_else(PoisonError::into_inner).take();
        let sums = sums.ok_or_else(|| Error::new(Status::GenericFailure, "the statement is finished"))?;
        work::promise(env, move || Ok(sums.finish()))
    }
}
