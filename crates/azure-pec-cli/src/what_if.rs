//! `pec whatif`.

use std::process::ExitCode;

use azure_pec::{Policy, SpecText};
use azure_pec_formats::{Error, Fault, Job, Place, Request, Watch};

use crate::args::{TableFormat, WhatIfArgs};
use crate::look::Look;
use crate::what_if_page::WhatIfPage;
use crate::{failure, job, output};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 100;

/// Reads the usage as it is and with the changes, and prints the difference.
pub fn what_if(args: &WhatIfArgs) -> Result<ExitCode, Error> {
    let json = args.format == TableFormat::Json;
    args.set.iter().try_for_each(|text| check_policy(text))?;
    let request = Request {
        operation: azure_pec_formats::Operation::Whatif,
        grant: specs("--grant", &args.grant)?,
        revoke: specs("--revoke", &args.revoke)?,
        set: specs("--set", &args.set)?,
        transfer: specs("--transfer", &args.transfer)?,
        suggest: args.suggest,
        forecast: args.forecast,
        service: args.service.clone(),
        ..job::request(&args.input)
    };
    request.check()?;
    let opened = Job::open(&request, &Watch::default())?;
    let read = job::ask(
        &opened,
        &request,
        json,
        |tell| azure_pec_formats::what_if(&opened, &request, tell),
        |read| &read.run,
    )?;
    output::print(&match args.format {
        TableFormat::Json => read.document.to_json(),
        TableFormat::Table => {
            WhatIfPage { body: &read.document.body, look: Look::of_stdout(PIPED_WIDTH) }.render()
        }
    })?;
    opened.leave();
    Ok(ExitCode::SUCCESS)
}

/// A policy that does not exist is wrong usage, as it is in an option of its own.
fn check_policy(text: &str) -> Result<(), Error> {
    let Some((key, value)) = text.split_once('=') else { return Ok(()) };
    let set = Policy::default().set(key.trim(), value);
    set.map_err(|error| failure::arguments(format!("--set: {error}")))
}

fn specs(option: &str, texts: &[String]) -> Result<Vec<SpecText>, Error> {
    let parse = |text: &String| {
        text.parse().map_err(|error| match error {
            azure_pec::Error::ChangeInvalid { problem } => failure::arguments(format!("{option}: {problem}")),
            error => Fault::Value(error).at(Place::default()),
        })
    };
    texts.iter().map(parse).collect()
}
