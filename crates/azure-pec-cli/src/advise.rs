//! `pec advise`.

use std::process::ExitCode;

use azure_pec_formats::{Error, Job, Operation, Request, Watch};

use crate::advice_page::AdvicePage;
use crate::args::{AdviseArgs, TableFormat};
use crate::look::Look;
use crate::{job, output};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 100;

/// Holds the access against the services delivered.
pub fn advise(args: &AdviseArgs) -> Result<ExitCode, Error> {
    let json = args.format == TableFormat::Json;
    let request =
        Request { operation: Operation::Advise, service: args.service.clone(), ..job::request(&args.input) };
    let opened = Job::open(&request, &Watch::default())?;
    let read = job::ask(
        &opened,
        &request,
        json,
        |tell| azure_pec_formats::advise(&opened, &request, tell),
        |read| &read.run,
    )?;
    output::print(&match args.format {
        TableFormat::Json => read.document.to_json(),
        TableFormat::Table => {
            AdvicePage { body: &read.document.body, look: Look::of_stdout(PIPED_WIDTH) }.render()
        }
    })?;
    opened.leave();
    Ok(ExitCode::SUCCESS)
}
