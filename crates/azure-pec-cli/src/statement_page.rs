//! A statement as a page for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use azure_pec::{Amount, Calendar, Day, GroupKey, InputSummary, ReasonSums, Rule, StatementBody};

use crate::command_text::CommandText;
use crate::look::{Look, Tone};
use crate::number::{cents, count, counted, percent};
use crate::output;
use crate::table::{Align, Columns};

/// Files passed over that are named.
const FEW: usize = 5;
/// Groups shown; all of them go into a file.
const MANY: usize = 100;
/// From this width on the reasons stand in words beside their codes.
const WORDS_BESIDE: usize = 96;
/// The order in which a person reads them.
const OUTCOMES: [&str; 4] = ["earned", "missed", "unknown", "never"];

/// Everything that the page tells.
#[derive(Debug)]
pub struct StatementPage<'a> {
    pub body: &'a StatementBody,
    pub inputs: &'a [InputSummary],
    /// Of every subscription, the most missed and unknown first.
    pub calendars: &'a [Calendar],
    pub rule: &'a Rule,
    pub command: &'a CommandText,
    /// The first day asked for, which advised commands keep.
    pub since: Option<Day>,
    pub look: Look,
}

impl StatementPage<'_> {
    pub fn render(&self) -> String {
        let parts = [
            self.headline(),
            self.reasons(),
            self.groups(),
            self.worst(),
            self.next_steps(),
            self.warnings(),
            self.files(),
        ];
        parts.concat()
    }

    fn headline(&self) -> String {
        let body = self.body;
        let (Some(first), Some(last)) = (body.period.first, body.period.last) else {
            return "Partner earned credit: no usage lines in that time\n".to_owned();
        };
        let title = format!("Partner earned credit, {first} to {last}");
        let mut page = self.look.paint(Tone::Heading, &title) + "\n\n";
        let right = |heading| (heading, Align::Right);
        let columns = ["list price", "earned", "missed", "unknown", "net", "coverage"].map(right);
        let mut table = Columns::new(&self.look, &[&[("", Align::Left)][..], &columns].concat());
        for total in &body.totals {
            table.row(&[
                (total.currency.clone(), Tone::Plain),
                (cents(&total.list_amount), Tone::Plain),
                (cents(&total.earned), Tone::Good),
                (cents(&total.missed), Tone::Bad),
                (cents(&total.unknown), Tone::Doubtful),
                (cents(&total.net), Tone::Plain),
                (total.coverage.as_ref().map_or("none".to_owned(), percent), Tone::Heading),
            ]);
        }
        page += &table.render();
        let lines: u64 = body.totals.iter().map(|total| total.lines).sum();
        let never: u64 = body.reasons.iter().filter(|row| row.outcome == "never").map(|row| row.lines).sum();
        let words = format!(
            "Coverage is what was earned of what could be; {} of {} can never earn. Rounded for reading; exact with \
             --format json.",
            count(never),
            counted(lines, "line")
        );
        page += "\n";
        page + &self.look.wrap("  ", &words)
    }

    fn reasons(&self) -> String {
        if self.body.reasons.is_empty() {
            return String::new();
        }
        let mut rows: Vec<&ReasonSums> = self.body.reasons.iter().collect();
        let place = |outcome: &str| OUTCOMES.iter().position(|own| *own == outcome);
        rows.sort_by(|a, b| {
            let money = || (&b.potential, &b.list_amount).cmp(&(&a.potential, &a.list_amount));
            place(a.outcome).cmp(&place(b.outcome)).then_with(money)
        });
        let beside = self.look.width >= WORDS_BESIDE;
        let words = if beside { &[("", Align::Words)][..] } else { &[] };
        let numbers = ["lines", "list price", "potential"].map(|heading| (heading, Align::Right));
        let mut table = Columns::new(&self.look, &[&[("reason", Align::Left)][..], words, &numbers].concat());
        for row in &rows {
            let words = beside.then(|| (self.words(row), Tone::Plain));
            let cells = [(row.reason.to_owned(), Tone::of_outcome(row.outcome))].into_iter().chain(words);
            let numbers = numbers_of(row.lines, row.outcome, &row.list_amount, &row.potential);
            table.row(&cells.chain(numbers).collect::<Vec<_>>());
        }
        let table = table.render();
        let heading = self.look.heading("By reason");
        if beside {
            return heading + &table;
        }
        // Too narrow for the words: they stand below each row, which has one line then.
        let mut lines = table.lines();
        let mut page = heading + lines.next().unwrap_or_default() + "\n";
        for (line, row) in lines.zip(&rows) {
            page += &format!("{line}\n");
            page += &self.look.wrap("    ", &self.words(row));
        }
        page
    }

    /// Outcome and reason in words; the currency where there are several.
    fn words(&self, row: &ReasonSums) -> String {
        let says = row.reason().and_then(|reason| self.rule.words(reason)).map_or("", |row| &row.says);
        let outcome = if row.outcome == row.reason { String::new() } else { format!("{}: ", row.outcome) };
        let several = self.body.totals.len() > 1;
        let currency = if several { format!(" ({})", row.currency) } else { String::new() };
        format!("{outcome}{says}{currency}")
    }

    /// The groups that were asked for with `--by`.
    fn groups(&self) -> String {
        let Some(groups) = &self.body.groups else { return String::new() };
        let mut table = Columns::new(
            &self.look,
            &[
                ("", Align::Words),
                ("lines", Align::Right),
                ("list price", Align::Right),
                ("potential", Align::Right),
            ],
        );
        let (mut before, mut shown) = (None, 0);
        for row in groups.iter() {
            let values: Vec<(GroupKey, &str)> = row.values().collect();
            if before.as_ref() != Some(&values) {
                shown += 1;
                if shown <= MANY {
                    let names: Vec<String> =
                        values.iter().map(|(key, value)| self.value(*key, value)).collect();
                    let none = || (String::new(), Tone::Plain);
                    table.row(&[(names.join("  "), Tone::Heading), none(), none(), none()]);
                }
                before = Some(values);
            }
            if shown <= MANY {
                // No-break spaces: comfy-table takes leading blanks away where it wraps.
                let reason = (format!("\u{a0}\u{a0}{}", row.reason), Tone::of_outcome(row.outcome));
                let numbers = numbers_of(row.lines, row.outcome, &row.list_amount, &row.potential);
                table.row(&std::iter::once(reason).chain(numbers).collect::<Vec<_>>());
            }
        }
        let keys: Vec<&str> = groups.keys().iter().map(|key| key.name()).collect();
        let mut page = self.look.heading(&format!("By {}", keys.join(", "))) + &table.render();
        if shown > MANY {
            let more = count((shown - MANY) as u64);
            page += &self.look.wrap("  ", &format!("... and {more} more: --groups FILE writes all of them"));
        }
        page
    }

    /// The value of a key; a subscription by its name where that is known.
    fn value(&self, key: GroupKey, value: &str) -> String {
        let named = |calendar: &&Calendar| calendar.subscription == value;
        match key {
            _ if value.is_empty() => format!("(no {key})"),
            GroupKey::Subscription => self.calendars.iter().find(named).map_or(value.to_owned(), name),
            _ => value.to_owned(),
        }
    }

    fn warnings(&self) -> String {
        let warnings = &self.body.warnings;
        if warnings.is_empty() {
            return String::new();
        }
        let mut page = self.look.heading("Know before you trust the numbers");
        for warning in warnings {
            let (words, times) = output::told(warning);
            let times = times.map(|times| format!(", {times}")).unwrap_or_default();
            page += &self.look.wrap("  ", &format!("{words} ({}{times})", warning.code));
        }
        page
    }

    fn files(&self) -> String {
        let mut kinds: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        let mut passed_over = Vec::new();
        for input in self.inputs {
            match &input.kind {
                Some(kind) => {
                    let (files, used) = kinds.entry(kind).or_default();
                    *files += 1;
                    *used += input.used;
                }
                None => passed_over.push(input),
            }
        }
        let read = kinds.iter().map(|(kind, (files, used))| match used {
            0 => format!("{files} {kind}"),
            used => format!("{files} {kind} ({})", counted(*used, "record")),
        });
        let mut page = self.look.heading("Files");
        page += &self.look.wrap("  read: ", &read.collect::<Vec<_>>().join(", "));
        if !passed_over.is_empty() {
            page += "  passed over:\n";
            for input in passed_over.iter().take(FEW) {
                let name = input.path.rsplit(['/', '\\']).next().unwrap_or(&input.path);
                page += &self.look.hang("    ", 6, &format!("{name}: {}", input.notes.join("; ")));
            }
            let more = passed_over.len().saturating_sub(FEW);
            if more > 0 {
                page += &format!("    and {} more\n", count(more as u64));
            }
        }
        let _ = write!(page, "  each of them:\n{}", self.command.line(&self.look, 4, "inspect", &[]));
        page
    }
}

/// Lines, list price and potential of a row.
fn numbers_of(lines: u64, outcome: &str, list_amount: &Amount, potential: &Amount) -> [(String, Tone); 3] {
    let potential = if outcome == "never" { "-".to_owned() } else { cents(potential) };
    [count(lines), cents(list_amount), potential].map(|text| (text, Tone::Plain))
}

/// The name of a subscription, or its id.
pub fn name(calendar: &Calendar) -> String {
    let id = || match calendar.subscription.as_str() {
        "" => "(no subscription)".to_owned(),
        id => id.to_owned(),
    };
    calendar.name.clone().unwrap_or_else(id)
}
