//! The figures, by file and in all, and what no test catches.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::mutant::Mutant;
use crate::record::Outcome;

#[derive(Default)]
struct Counts {
    caught: u32,
    limits: u32,
    missed: u32,
    unviable: u32,
    unswitched: u32,
    constant: u32,
}

impl Counts {
    fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Caught => self.caught += 1,
            Outcome::Limits => self.limits += 1,
            Outcome::Missed | Outcome::Unreached => self.missed += 1,
            Outcome::Unviable => self.unviable += 1,
            Outcome::Unswitched => self.unswitched += 1,
            Outcome::Constant => self.constant += 1,
        }
    }

    fn row(&self, of: &str) -> String {
        let Self { caught, limits, missed, unviable, unswitched, constant } = self;
        let (all_caught, run) = (caught + limits, caught + limits + missed);
        // Per mille, cut: never more than there is.
        let share = (all_caught * 1000).checked_div(run).unwrap_or(1000);
        let share = format!("{}.{} %", share / 10, share % 10);
        format!(
            "| {of} | {run} | {all_caught} | {limits} | {missed} | {share} | {unviable} | {unswitched} | {constant} |\n"
        )
    }
}

pub fn report(mutants: &[Mutant], outcomes: &BTreeMap<u32, Outcome>) -> String {
    let (mut files, mut all): (BTreeMap<&str, Counts>, _) = (BTreeMap::new(), Counts::default());
    let mut missed = String::new();
    for (number, mutant) in (1..).zip(mutants) {
        let Some(outcome) = outcomes.get(&number) else { continue };
        files.entry(&mutant.file).or_default().add(*outcome);
        all.add(*outcome);
        let words = match outcome {
            Outcome::Missed => "missed",
            Outcome::Unreached => "missed, no test comes by",
            Outcome::Unswitched => "cannot be switched",
            Outcome::Constant => "constant",
            Outcome::Caught | Outcome::Limits | Outcome::Unviable => continue,
        };
        _ = writeln!(missed, "{words}: {}", mutant.name);
    }
    let mut text = missed;
    text.push_str("\n| file | run | caught | of these by limits | missed | caught | no Rust | cannot be switched | constant |\n");
    text.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    for (file, counts) in &files {
        text.push_str(&counts.row(&format!("`{}`", file.trim_start_matches("crates/azure-pec/src/"))));
    }
    text.push_str(&all.row("all"));
    text
}
