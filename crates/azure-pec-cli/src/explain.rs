//! `pec explain`.

use std::process::ExitCode;

use azure_pec::{Day, Scope, Statement, UsageBatch};
use azure_pec_formats::{DaySink, Error, Job, RunOptions, SubscriptionSink, Watch, only_calendar};

use crate::args::{ExplainArgs, TextFormat};
use crate::calendar_page::CalendarPage;
use crate::command_text::CommandText;
use crate::day_page::DayPage;
use crate::job::{read, request};
use crate::look::Look;
use crate::{failure, output};

/// Columns of the page where standard output is no terminal: the day is a bar of 96.
const PIPED_WIDTH: usize = 100;

/// Explains a resource's day, or a subscription day by day.
pub fn explain(args: &ExplainArgs) -> Result<ExitCode, Error> {
    let text = match (&args.resource, args.date, &args.subscription) {
        (Some(scope), Some(date), None) => explain_day(args, scope, date)?,
        (None, None, Some(subscription)) => explain_subscription(args, subscription)?,
        _ => return Err(failure::arguments("give --resource with --date, or --subscription")),
    };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

fn explain_day(args: &ExplainArgs, scope: &Scope, date: Day) -> Result<String, Error> {
    if scope.subscription_id().is_none() {
        let problem = format!("--resource {scope} is no place in a subscription");
        return Err(failure::arguments(problem));
    }
    let (request, json) = (request(&args.input), args.format == TextFormat::Json);
    let job = Job::open(&request, &Watch::default())?;
    let mut sink = DaySink::new(scope, date);
    read(&job, &request, json, RunOptions::default(), Some(&mut sink))?;
    let explanation = job
        .calculator
        .explain(sink.context(), &sink.lines)
        .map_err(|error| azure_pec_formats::Fault::Value(error).at(azure_pec_formats::Place::default()))?;
    if json {
        return Ok(output::json(&explanation));
    }
    // What the day comes to is summed by the core, as every statement is.
    let mut batch = UsageBatch::new();
    sink.lines.iter().for_each(|line| batch.push_line(&line.line, line.number));
    let mut statement = Statement::new(&[]);
    statement.add(&batch, &sink.credits);
    let page = DayPage {
        explanation: &explanation,
        sums: &statement.body(&job.calculator).reasons,
        rule: job.calculator.rule(),
        known: sink.knows_the_subscription(),
        look: Look::of_stdout(PIPED_WIDTH),
    };
    Ok(page.render())
}

fn explain_subscription(args: &ExplainArgs, wanted: &str) -> Result<String, Error> {
    let (request, json) = (request(&args.input), args.format == TextFormat::Json);
    let job = Job::open(&request, &Watch::default())?;
    let mut sink = SubscriptionSink::one(wanted);
    read(&job, &request, json, RunOptions::by(&[], (args.since, None)), Some(&mut sink))?;
    let calendars = sink.calendars(&job.calculator);
    let calendar = only_calendar(wanted, &calendars)?;
    if json {
        return Ok(output::json(calendar));
    }
    let page = CalendarPage {
        calendar,
        command: &CommandText::new(&args.input),
        look: Look::of_stdout(PIPED_WIDTH),
    };
    Ok(page.render())
}
