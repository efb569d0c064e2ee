//! `pec report`.

use std::process::ExitCode;

use azure_pec_formats::{Error, Request, Watch, write_file};
use azure_pec_report::{Report, ReportJob, command_words};

use crate::args::ReportArgs;
use crate::job::request;
use crate::number::counted;
use crate::progress::Progress;
use crate::{output, rejects};

/// Reads the usage, and the invoices where there are any, and writes the page.
pub fn report(args: &ReportArgs) -> Result<ExitCode, Error> {
    let request = Request { out: Some(args.out.clone()), ..request(&args.input) };
    let mut job = ReportJob::open(&request, &Watch::default())?;
    let progress = Progress::start(job.packed_bytes());
    let answers = job.read(&request, &|bytes| progress.add(bytes));
    drop(progress);
    let answers = answers?;
    rejects::show(&answers.run, false);
    answers.run.check_rejects(request.allow_rejected)?;
    let report = Report::new(answers, command_words(&request));
    let page = report.to_html();
    write_file(&args.out, page.as_bytes())?;
    output::say(&format!("{}: {}", args.out.display(), counted(page.len() as u64, "byte")));
    // This process ends now, and takes the memory of both along at once.
    std::mem::forget(report);
    job.leave();
    Ok(ExitCode::SUCCESS)
}
