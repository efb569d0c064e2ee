//! The lines that could not be read: the first few are shown.

use azure_pec_formats::{Reject, Run};

use crate::number::counted;
use crate::output;

const SHOWN: usize = 20;

/// Shows the first of them on standard error.
pub fn show(run: &Run, json: bool) {
    for Reject { error, .. } in run.rejects.iter().take(SHOWN) {
        if json {
            output::say_json("rejected", error);
        } else {
            output::say(&format!("rejected[{}]: {error}", error.code()));
        }
    }
    let more = run.rejected.saturating_sub(SHOWN as u64);
    if more > 0 && !json {
        output::say(&format!("... and {} more", counted(more, "rejected line")));
    }
}
