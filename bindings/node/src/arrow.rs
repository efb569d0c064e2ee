//! Record batches as Arrow IPC streams: bytes in, bytes out.

use std::sync::{Arc, Mutex, PoisonError};

use azure_pec_formats::{Error as Fault, LinesIpc, Source};
use napi::bindgen_prelude::{Buffer, Object};
use napi::{Env, Result};
use napi_derive::napi;

use crate::work;

/// Usage as an Arrow IPC stream. Its bytes are taken over piece by piece, so that the event loop never waits for all of
/// them, and are copied, so that nobody changes them while they are read.
#[napi]
#[derive(Debug)]
pub struct Ipc {
    bytes: Mutex<Vec<u8>>,
}

#[napi]
impl Ipc {
    /// Room for so many bytes.
    #[napi(constructor)]
    #[must_use]
    pub fn new(length: i64) -> Self {
        Self { bytes: Mutex::new(Vec::with_capacity(usize::try_from(length).unwrap_or(0))) }
    }

    /// Takes the next bytes over.
    #[napi]
    pub fn add(&self, piece: &[u8]) {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(piece);
    }
}

impl Ipc {
    /// What was taken over.
    pub fn take(&self) -> Vec<u8> {
        std::mem::take(&mut *self.bytes.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Streams as sources; their names are `data`, or `data[1]` for the second of several.
pub fn sources(streams: Vec<Vec<u8>>) -> std::result::Result<Vec<Source>, Fault> {
    let only = streams.len() == 1;
    let name = |at: usize| if only { "data".to_owned() } else { format!("data[{at}]") };
    streams.into_iter().enumerate().map(|(at, bytes)| Source::from_ipc(&name(at), bytes)).collect()
}

/// The table of lines as an Arrow IPC stream, which is worked out while it is taken.
#[napi]
#[derive(Debug)]
pub struct Lines {
    inner: Arc<Mutex<Option<LinesIpc>>>,
}

impl Lines {
    /// Of a table that was begun.
    pub(crate) fn new(lines: LinesIpc) -> Self {
        Self { inner: Arc::new(Mutex::new(Some(lines))) }
    }
}

#[napi]
impl Lines {
    /// The next piece of the stream; null behind its end.
    #[napi(ts_return_type = "Promise<Uint8Array | null>")]
    pub fn next<'e>(&self, env: &'e Env) -> Result<Object<'e>> {
        let lines = Arc::clone(&self.inner);
        work::promise(env, move || {
            let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
            let piece = lines.as_mut().and_then(Iterator::next).transpose()?;
            Ok(piece.map(Buffer::from))
        })
    }

    /// Lets the work go, finished or not.
    #[napi(ts_return_type = "Promise<void>")]
    pub fn close<'e>(&self, env: &'e Env) -> Result<Object<'e>> {
        let lines = Arc::clone(&self.inner);
        work::promise(env, move || {
            lines.lock().unwrap_or_else(PoisonError::into_inner).take();
            Ok(())
        })
    }
}
