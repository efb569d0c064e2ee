//! `pec inspect`.

use std::process::ExitCode;

use azure_pec::{InputSummary, Inspection, InspectionFault, Instant, KindInspection, ObservedWindow};
use azure_pec_formats::{Error, Watch, load_all};

use crate::args::{InspectArgs, TableFormat};
use crate::job::{progress, request};
use crate::look::{Look, Tone};
use crate::number::{count, counted};
use crate::output;
use crate::table::{Align, Columns};

/// Columns of the page where standard output is no terminal.
const PIPED_WIDTH: usize = 80;

/// Lists what each file is taken for, and what is missing for an answer.
pub fn inspect(args: &InspectArgs) -> Result<ExitCode, Error> {
    let inputs = load_all(&args.input.paths, &request(&args.input).load_options(&Watch::default()))?;
    let progress = progress(&inputs);
    let inspection = azure_pec_formats::inspect(inputs, &|bytes| progress.add(bytes));
    drop(progress);
    output::print(&match args.format {
        TableFormat::Json => output::json(&inspection),
        TableFormat::Table => {
            InspectionPage { inspection: &inspection, look: Look::of_stdout(PIPED_WIDTH) }.render()
        }
    })?;
    Ok(if inspection.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An inspection as a page for people.
struct InspectionPage<'a> {
    inspection: &'a Inspection,
    look: Look,
}

impl InspectionPage<'_> {
    fn render(&self) -> String {
        [self.kinds(), self.observed(), self.missing(), self.broken(), self.files(), self.passed_over()]
            .concat()
    }

    fn broken(&self) -> String {
        let fault = |fault: &InspectionFault| {
            let line = fault.line.map(|line| format!("line {line}"));
            let column = fault.column.as_ref().map(|column| format!("column {column}"));
            let place: Vec<String> = [fault.file.clone(), line, column].into_iter().flatten().collect();
            let place = if place.is_empty() { String::new() } else { place.join(", ") + ": " };
            let says = format!("{place}{} ({})", fault.message, fault.code);
            self.look.wrap("  - ", &says) + &self.look.wrap("    ", fault.help)
        };
        let faults: String = self.inspection.broken.iter().map(fault).collect();
        if faults.is_empty() { faults } else { self.look.heading("What cannot be read") + &faults }
    }

    fn kinds(&self) -> String {
        let mut table = Columns::new(
            &self.look,
            &[
                ("kind", Align::Left),
                ("files", Align::Right),
                ("records", Align::Right),
                ("rejected", Align::Right),
                ("days", Align::Words),
            ],
        );
        for kind in &self.inspection.kinds {
            table.row(&[
                (kind.kind.clone(), Tone::Plain),
                (count(kind.files), Tone::Plain),
                (count(kind.records), Tone::Plain),
                rejected(kind.rejected),
                (days(kind), Tone::Plain),
            ]);
        }
        self.look.paint(Tone::Heading, "What there is") + "\n" + &table.render()
    }

    fn observed(&self) -> String {
        const SHOWN: usize = 20;
        let windows = &self.inspection.observed;
        let line = |window: &ObservedWindow| {
            let time =
                |at: Option<Instant>, open: &str| at.map_or_else(|| open.to_owned(), |at| at.to_string());
            let (start, end) = (time(window.start, "ever"), time(window.end, "now and after"));
            let when = if start == end { format!("at {start}") } else { format!("from {start} to {end}") };
            let tenant = window.tenant_id.map_or_else(String::new, |tenant| format!(" of tenant {tenant}"));
            self.look.hang("  ", 4, &format!("{}{tenant}: {when}", window.scope))
        };
        let mut lines: String = windows.iter().take(SHOWN).map(line).collect();
        if windows.len() > SHOWN {
            lines += &self.look.hang("  ", 4, &format!("and {} more", windows.len() - SHOWN));
        }
        if lines.is_empty() { lines } else { self.look.heading("Access was observed") + &lines }
    }

    fn missing(&self) -> String {
        let missing = &self.inspection.missing;
        if missing.is_empty() {
            return self.look.heading("Nothing is missing for an answer to everything");
        }
        let notes = missing.iter().map(|note| self.look.wrap("  - ", note));
        self.look.heading("What is missing for an answer to everything") + &notes.collect::<String>()
    }

    fn files(&self) -> String {
        let read = self.inspection.inputs.iter().filter_map(|input| Some((input, input.kind.as_ref()?)));
        let file = |(input, kind): (&InputSummary, &String)| {
            let rejected = match input.rejected {
                0 => String::new(),
                number => format!(", {} rejected", count(number)),
            };
            let words = format!("{}: {kind}, {}{rejected}", input.path, counted(input.records, "record"));
            let notes = input.notes.iter().map(|note| self.look.hang("    - ", 6, note));
            self.look.hang("  ", 4, &words) + &notes.collect::<String>()
        };
        self.look.heading("Files read") + &read.map(file).collect::<String>()
    }

    fn passed_over(&self) -> String {
        let broken: Vec<&str> =
            self.inspection.broken.iter().filter_map(|fault| fault.file.as_deref()).collect();
        let passed_over =
            |input: &&InputSummary| input.kind.is_none() && !broken.contains(&input.path.as_str());
        let inputs = self.inspection.inputs.iter().filter(passed_over);
        let file = |input: &InputSummary| {
            self.look.hang("  ", 4, &format!("{}: {}", input.path, input.notes.join("; ")))
        };
        let files: String = inputs.map(file).collect();
        if files.is_empty() { files } else { self.look.heading("Files passed over") + &files }
    }
}

fn rejected(number: u64) -> (String, Tone) {
    match number {
        0 => ("-".to_owned(), Tone::Quiet),
        number => (count(number), Tone::Bad),
    }
}

/// The days of a kind, or when it was exported.
fn days(kind: &KindInspection) -> String {
    let days = match (kind.first, kind.last) {
        (Some(first), Some(last)) => format!("{first} to {last}"),
        (Some(first), None) => format!("from {first}"),
        (None, Some(last)) => format!("to {last}"),
        (None, None) => String::new(),
    };
    let taken: Vec<String> = kind.taken_at.iter().map(ToString::to_string).collect();
    match (days.is_empty(), taken.is_empty()) {
        (_, true) => days,
        (true, false) => format!("taken {}", taken.join(", ")),
        (false, false) => format!("{days}, taken {}", taken.join(", ")),
    }
}
