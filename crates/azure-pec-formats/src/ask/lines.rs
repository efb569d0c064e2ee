//! Usage lines that stand in no file: as JSON, all at once or piece by piece.

use std::sync::Arc;

use azure_pec::{
    Amount, Calculator, Credit, CreditBatch, InputSummary, Statement, StatementDocument, UsageBatch,
    UsageLine,
};
use serde::Serialize;

use super::compiled::Compiled;
use super::request::{Operation, Request, arguments};
use crate::error::{Error, Fault, Place};
use crate::own_document::from_json;

/// The name of lines that stand in no file.
const LINES: &str = "lines";
/// A pool of more texts is let go between two pieces.
const POOL_TEXTS: usize = 1_000_000;

/// The answer for a line, and the price of a unit that its amount was made with; none where there is none or several tiers
/// made it.
#[derive(Serialize)]
struct Priced {
    #[serde(flatten)]
    credit: Credit,
    list_price: Option<Amount>,
}

/// The credits of all lines together.
pub(super) fn credits(calculator: &Calculator, lines: &str) -> Result<String, Error> {
    let mut batch = UsageBatch::new();
    fill(&mut batch, lines, 0)?;
    let (mut session, mut credits) = (calculator.session(), CreditBatch::default());
    session.credit_batch(&batch, &mut credits);
    // Under tiers the amount of a line depends on the others of its month.
    if calculator.rates_tiers() {
        let mut statement = Statement::new(&[]).of_lines();
        statement.add(&batch, &credits);
        if let Some(mut rating) = statement.rating(calculator) {
            rating.rate(&batch, &mut credits);
        }
    }
    let priced = |row| {
        let credit = credits.credit(row, calculator.rule())?;
        let list_price = credits.tier_price(row).or_else(|| session.list_price(&batch, row)).cloned();
        Some(Priced { credit, list_price })
    };
    let priced: Vec<Priced> = (0..batch.len()).filter_map(priced).collect();
    Ok(serde_json::to_string(&priced).unwrap_or_default())
}

/// Reads lines into a batch; `before` is the number of lines before them.
fn fill(batch: &mut UsageBatch, lines: &str, before: u64) -> Result<(), Error> {
    let lines: Vec<UsageLine> = from_json(LINES, lines.as_bytes()).map_err(|error| told(error, before))?;
    for (at, line) in (0u64..).zip(&lines) {
        line.check().map_err(|error| Fault::Value(error).at(column(&format!("[{}]", before + at))))?;
        batch.push_line(line, before + at + 1);
    }
    Ok(())
}

fn column(path: &str) -> Place {
    Place { column: Some(format!("{LINES}{path}")), ..Place::default() }
}

/// The place is the field's path, and a number that is not written as text is told for what it is.
fn told(error: Error, before: u64) -> Error {
    let path = error.place.column.unwrap_or_default();
    let counted = path.strip_prefix('[').and_then(|rest| {
        let (at, field) = rest.split_once(']')?;
        Some(format!("[{}]{field}", before + at.parse::<u64>().ok()?))
    });
    // Text that is no JSON has no path.
    let place = column(&counted.unwrap_or_default());
    let number = match &error.fault {
        Fault::JsonMalformed { problem } => ["integer `", "floating point `"].iter().find_map(|kind| {
            let (found, _) = problem.strip_prefix("invalid type: ")?.strip_prefix(kind)?.split_once('`')?;
            Some(found.to_owned())
        }),
        _ => None,
    };
    let Some(found) = number else { return error.fault.at(place) };
    let fault = Fault::Coded {
        code: "number.invalid",
        help: "write it as text, such as \"0.045\": a binary number may have lost digits before it came here",
        problem: format!("expected an exact decimal as text, found the number {found}"),
    };
    fault.at(place)
}

/// A statement of lines that come piece by piece. Memory follows what they are summed by, never their number.
#[derive(Debug)]
pub struct LineSums {
    compiled: Arc<Compiled>,
    request: Request,
    statement: Statement,
    batch: UsageBatch,
    lines: u64,
    used: u64,
}

impl LineSums {
    /// Begins a statement; of `request` the keys to group by and the days are taken.
    ///
    /// # Errors
    /// `usage.arguments` for paths, tables to write, and another operation.
    pub fn new(compiled: Arc<Compiled>, request: Request) -> Result<Self, Error> {
        request.check()?;
        let is_of_files = !request.paths.is_empty()
            || request.operation != Operation::Statement
            || request.lines.is_some()
            || request.rejects.is_some();
        if is_of_files {
            return Err(arguments("lines make a statement, without paths and tables of lines"));
        }
        let statement = Statement::new(&request.by)
            .starting(request.from.filter(|_| compiled.calculator().rates_tiers()));
        Ok(Self { compiled, request, statement, batch: UsageBatch::new(), lines: 0, used: 0 })
    }

    /// Adds lines, a JSON list as for [`Compiled::credits`].
    ///
    /// # Errors
    /// As there; then none of them was added.
    pub fn add(&mut self, lines: &str) -> Result<(), Error> {
        if self.batch.remembered() > POOL_TEXTS {
            self.batch = UsageBatch::new();
        }
        self.batch.clear();
        fill(&mut self.batch, lines, self.lines)?;
        self.lines += self.batch.len() as u64;
        let calculator = self.compiled.calculator();
        let Request { from, to, .. } = self.request;
        // Earlier days of the month move the tiers.
        let first = if calculator.rates_tiers() { from.map(azure_pec::Day::month_start) } else { from };
        self.batch.retain_days(|day| first.is_none_or(|first| first <= day) && to.is_none_or(|to| day <= to));
        let early = self.batch.dates().iter().filter(|day| from.is_some_and(|from| **day < from)).count();
        self.used += (self.batch.len() - early) as u64;
        let credits = calculator.credit_batch(&self.batch);
        self.statement.add(&self.batch, &credits);
        Ok(())
    }

    /// The statement of all lines, `azure-pec/statement/1`.
    #[must_use]
    pub fn finish(mut self) -> String {
        let given = self.compiled.given();
        for (code, message) in &given.warnings {
            self.statement.note(code, message);
        }
        let mut inputs = given.files.clone();
        let (path, kind, notes) = (LINES.to_owned(), None, Vec::new());
        inputs.push(InputSummary { path, kind, records: self.lines, used: self.used, rejected: 0, notes });
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let body = self.statement.into_body(self.compiled.calculator());
        StatementDocument::new(body, inputs).to_json()
    }
}
