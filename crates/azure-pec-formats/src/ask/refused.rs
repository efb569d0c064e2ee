//! Why a question is not answered.

use serde::Serialize;

use crate::error::Error;
use crate::error_document::ErrorDocument;
use crate::run::Run;

/// So many rejected lines are told.
const TOLD: usize = 20;

/// Why a question is not answered, and the first lines that could not be read where it hangs on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// What is wrong.
    pub error: Error,
    /// The first 20 rejected lines.
    pub rejected: Vec<Error>,
}

#[derive(Serialize)]
struct Document {
    #[serde(flatten)]
    error: ErrorDocument,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rejected: Vec<ErrorDocument>,
}

impl Refused {
    /// Refuses a run of which too many lines were rejected.
    ///
    /// # Errors
    /// `rejects.too_many`, with the first rejected lines.
    pub fn over_rejects(run: &Run, allowed: u64) -> Result<(), Self> {
        run.check_rejects(allowed).map_err(|error| {
            let rejected = run.rejects.iter().take(TOLD).map(|reject| reject.error.clone()).collect();
            Self { error, rejected }
        })
    }

    /// The error as JSON: `code`, `message`, `file`, `line`, `column`, `help`, and where lines were rejected `rejected`,
    /// a list of the same.
    #[must_use]
    pub fn to_json(&self) -> String {
        let error = ErrorDocument::from(&self.error);
        let rejected = self.rejected.iter().map(ErrorDocument::from).collect();
        serde_json::to_string(&Document { error, rejected }).unwrap_or_default()
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self { error, rejected: Vec::new() }
    }
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Refused {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.error)
    }
}
