//! `pec explain`.

use std::process::ExitCode;

use azure_pec::{Calendar, Day, Scope, Statement, UsageBatch};
use azure_pec_formats::Error;

use crate::args::{ExplainArgs, TextFormat};
use crate::calendar_page::CalendarPage;
use crate::command_text::CommandText;
use crate::day_page::DayPage;
use crate::day_sink::DaySink;
use crate::job::Job;
use crate::look::Look;
use crate::statement_page::name;
use crate::subscription_sink::SubscriptionSink;
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
    let job = Job::open(&args.input, args.format == TextFormat::Json)?;
    let mut sink = DaySink::new(scope, date);
    job.run(&[], (None, None), Some(&mut sink))?;
    let explanation = job
        .calculator
        .explain(sink.context(), &sink.lines)
        .map_err(|error| azure_pec_formats::Fault::Value(error).at(azure_pec_formats::Place::default()))?;
    if args.format == TextFormat::Json {
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
    let job = Job::open(&args.input, args.format == TextFormat::Json)?;
    let mut sink = SubscriptionSink::one(wanted);
    job.run(&[], (args.since, None), Some(&mut sink))?;
    let calendars = sink.calendars(&job.calculator);
    let calendar = match calendars.as_slice() {
        [one] => one,
        [] => return Err(failure::arguments(format!("no usage line names the subscription {wanted}"))),
        several => return Err(failure::arguments(ambiguous(wanted, several))),
    };
    if args.format == TextFormat::Json {
        return Ok(output::json(calendar));
    }
    let page = CalendarPage {
        calendar,
        command: &CommandText::new(&args.input),
        look: Look::of_stdout(PIPED_WIDTH),
    };
    Ok(page.render())
}

fn ambiguous(wanted: &str, several: &[Calendar]) -> String {
    let ids: Vec<&str> = several.iter().map(|calendar| calendar.subscription.as_str()).collect();
    let shown = several.first().map_or(wanted.to_owned(), name);
    format!("several subscriptions are called {shown}: {}; give the id of one", ids.join(", "))
}
