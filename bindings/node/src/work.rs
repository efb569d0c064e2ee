//! Work off the event loop, and promises of it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use azure_pec_formats::Refused;
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, Error, Result, Status};

/// Starts the work on a thread of its own and promises its answer.
///
/// Node's pool would be no place for it: it has four threads, which files and names of hosts wait for.
pub fn promise<T: ToNapiValue + Send + 'static>(
    env: &Env,
    work: impl FnOnce() -> std::result::Result<T, Refused> + Send + 'static,
) -> Result<Object<'_>> {
    let (deferred, promise) = env.create_deferred()?;
    let run = move || match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(answer)) => deferred.resolve(move |_| Ok(answer)),
        Ok(Err(refused)) => deferred.reject(error(&refused)),
        // What it panicked over was told on standard error; a promise must be kept or broken all the same.
        Err(_) => deferred.reject(Error::new(Status::GenericFailure, "the calculator panicked")),
    };
    let started = thread::Builder::new().name("azure-pec".to_owned()).spawn(run);
    started.map_err(|problem| Error::new(Status::GenericFailure, format!("no thread: {problem}")))?;
    Ok(promise)
}

/// The error document, for the package's own code to read.
pub fn error(refused: &Refused) -> Error {
    Error::new(Status::GenericFailure, refused.to_json())
}
