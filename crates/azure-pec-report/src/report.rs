//! What the page is made of, worked out once.

use std::collections::BTreeMap;

use azure_pec::{Calendar, Day, InputSummary, ReconciliationBody, Rule, StatementBody};

use crate::fixes::{Fix, of_reasons};
use crate::frame::Column;
use crate::money::Money;
use crate::page;
use crate::places::Places;
use crate::reading::Answers;

/// A report, ready to be written as a page.
#[derive(Debug)]
pub struct Report {
    /// The statement, without its groups.
    pub(crate) statement: StatementBody,
    /// SHA-256 of that, as `pec statement` says it.
    pub(crate) sha256: String,
    pub(crate) rule: Rule,
    pub(crate) places: Places,
    /// Every subscription day by day, the most missed and unknown first.
    pub(crate) calendars: Vec<Calendar>,
    /// The sums of each day, by currency.
    pub(crate) days: BTreeMap<String, BTreeMap<Day, Money>>,
    /// What would bring the most, the most first.
    pub(crate) fixes: Vec<Fix>,
    pub(crate) reconciliation: Option<ReconciliationBody>,
    pub(crate) inputs: Vec<InputSummary>,
    /// How many lines could not be read.
    pub(crate) rejected: u64,
    /// The words behind `pec` and a command's name.
    pub(crate) command: Vec<String>,
}

impl Report {
    /// A report of what was read. `command` holds the words that advised commands begin with
    /// ([`command_words`](crate::command_words)).
    #[must_use]
    pub fn new(answers: Answers, command: Vec<String>) -> Self {
        let Answers { mut statement, reconciliation, run, rule } = answers;
        let (calendars, places) = std::thread::scope(|scope| {
            let places = scope.spawn(|| statement.groups.as_ref().map(Places::new).unwrap_or_default());
            (Calendar::all(&statement, &rule), places.join())
        });
        let places = match places {
            Ok(places) => places,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        // Its digest is that of the statement without groups, which anyone can make again.
        statement.groups = None;
        let mut inputs = run.inputs;
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        Self {
            sha256: statement.sha256(),
            days: by_day(&calendars),
            fixes: of_reasons(&statement.reasons, &calendars, &places, &rule),
            statement,
            rule,
            places,
            calendars,
            reconciliation,
            inputs,
            rejected: run.rejected,
            command,
        }
    }

    /// Puts other fixes in the place of those that the reasons name.
    #[must_use]
    pub fn with_fixes(mut self, fixes: Vec<Fix>) -> Self {
        self.fixes = fixes;
        self
    }

    /// The page: HTML that needs nothing from outside. The same report is the same to the byte.
    #[must_use]
    pub fn to_html(&self) -> String {
        page::page(self).into_string()
    }

    /// `pec explain ... --subscription ...`
    pub(crate) fn command(&self, name: &str, options: &str) -> String {
        let words = self.command.join(" ");
        format!("pec {name} {words} {options}").trim_end().to_owned()
    }

    /// The columns of a table whose last is the currency: it stands there only where there are several.
    pub(crate) fn columns<'c>(&self, columns: &'c [Column]) -> &'c [Column] {
        match columns.split_last() {
            Some((_, others)) if !self.has_several_currencies() => others,
            _ => columns,
        }
    }

    /// Whether amounts are in more than one currency.
    pub(crate) fn has_several_currencies(&self) -> bool {
        self.statement.totals.len() > 1
    }
}

fn by_day(calendars: &[Calendar]) -> BTreeMap<String, BTreeMap<Day, Money>> {
    let mut days: BTreeMap<String, BTreeMap<Day, Money>> = BTreeMap::new();
    for calendar in calendars {
        for day in &calendar.days {
            for row in &day.reasons {
                let own = days.entry(row.currency.clone()).or_default();
                let money = own.entry(day.date).or_default();
                money.add(row.outcome, row.lines, &row.list_amount, &row.potential);
            }
        }
    }
    days
}
