//! `pec inspect`.

use std::process::ExitCode;

use azure_pec_formats::Error;

use crate::args::InspectArgs;

/// Lists what each file is taken for.
pub fn inspect(_args: &InspectArgs) -> Result<ExitCode, Error> {
    Ok(ExitCode::SUCCESS)
}
