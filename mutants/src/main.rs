//! Every mutant of the core in one program, switched on one by one: `cargo xtask mutants`.
#![forbid(unsafe_code)]

mod insertions;
mod mutant;
mod record;
mod report;
mod suite;
mod switch;
mod tree;
mod trial;
mod viable;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::PoisonError;

use mutant::Mutant;
use record::{Outcome, Record, Records};
use suite::Suite;
use tree::Tree;
use viable::Sources;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// What was caught before, in files that are as they were, is taken over.
fn run(words: &[String]) -> Result<(), String> {
    let (mut files, mut jobs, mut longest, mut drawn) = (Vec::new(), 1_usize, 600, usize::MAX);
    let mut rest = words.iter();
    while let Some(option) = rest.next() {
        match (option.as_str(), rest.next()) {
            ("--file", Some(file)) => files.push(file.clone()),
            ("--jobs", Some(number)) => jobs = number.parse().map_err(|_| "--jobs needs a number")?,
            ("--longest", Some(seconds)) => {
                longest = seconds.parse().map_err(|_| "--longest needs seconds")?;
            }
            ("--draw", Some(number)) => drawn = number.parse().map_err(|_| "--draw needs a number")?,
            _ => {
                return Err("mutants [--file GLOB]... [--jobs N] [--longest SECONDS] [--draw N]".to_owned());
            }
        }
    }
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| project.join("target"), PathBuf::from)
        .join("mutants");
    // All are switched whatever is asked for, so that nothing is built again for another file.
    let mutants = mutant::listed(&project, &[])?;
    let mut asked: Vec<String> =
        mutant::listed(&project, &files)?.into_iter().map(|mutant| mutant.name).collect();
    // An order that has nothing to do with the files: the first of it speak for the whole.
    asked.sort_by_key(|name| record::digest(name));
    asked.truncate(drawn);
    println!("== {} mutants listed, {} asked for", mutants.len(), asked.len());
    let asked: HashSet<String> = asked.into_iter().collect();
    // All is built offline. Where there is no network, what is needed may be there already.
    let _ = Command::new("cargo").args(["fetch", "--locked", "--quiet"]).current_dir(&project).status();
    let tree = Tree::new(&project, folder.join("tree"))?;
    let sources = tree::sources(&project)?;
    let records = Records::open(&folder.join("records.jsonl"))?;
    let mut course =
        Course { mutants: &mutants, sources: &sources, records: &records, outcomes: BTreeMap::new() };
    course.take_over();
    println!("== those that can be switched");
    let mut out = course.outcomes.clone();
    out.retain(|_, outcome| outcome.is_not_run());
    viable::rewrite(&tree, &sources, &mutants, &mut out)?;
    for (number, outcome) in out {
        course.note(number, outcome, String::new())?;
    }
    println!("== the tests");
    let suite = Suite::new(&tree, longest, jobs)?;
    println!("== the mutants");
    course.try_all(&suite, jobs, &asked)?;
    course
        .outcomes
        .retain(|number, _| at(&mutants, *number).is_some_and(|mutant| asked.contains(&mutant.name)));
    print!("{}", report::report(&mutants, &course.outcomes));
    Ok(())
}

/// The mutant of a number.
fn at(mutants: &[Mutant], number: u32) -> Option<&Mutant> {
    mutants.get(usize::try_from(number).ok()?.checked_sub(1)?)
}

/// The way through all mutants.
struct Course<'a> {
    mutants: &'a [Mutant],
    sources: &'a Sources,
    records: &'a Records,
    outcomes: BTreeMap<u32, Outcome>,
}

impl Course<'_> {
    fn source(&self, mutant: &Mutant) -> u64 {
        // Not what stands below it: its tests.
        let text =
            self.sources.get(&mutant.file).and_then(|text| text.split("\n#[cfg(test)]\nmod tests").next());
        text.map(record::digest).unwrap_or_default()
    }

    /// What is known and cannot change by another test.
    fn take_over(&mut self) {
        for (number, mutant) in (1..).zip(self.mutants) {
            let known = self.records.of(self.source(mutant), &mutant.name).map(|record| record.outcome);
            if let Some(outcome) = known.filter(|outcome| outcome.is_caught() || outcome.is_not_run()) {
                self.outcomes.insert(number, outcome);
            }
        }
    }

    fn note(&mut self, number: u32, outcome: Outcome, by: String) -> Result<(), String> {
        let Some(mutant) = at(self.mutants, number) else { return Ok(()) };
        if self.outcomes.insert(number, outcome) == Some(outcome) {
            return Ok(());
        }
        self.records.append(&Record { source: self.source(mutant), name: mutant.name.clone(), outcome, by })
    }

    /// In the order in which they are drawn, so that a run that is stopped has tried what speaks for the whole.
    fn try_all(&mut self, suite: &Suite, jobs: usize, asked: &HashSet<String>) -> Result<(), String> {
        let mut left: Vec<(u32, &Mutant)> = (1..).zip(self.mutants).collect();
        left.retain(|(number, mutant)| !self.outcomes.contains_key(number) && asked.contains(&mutant.name));
        left.sort_by_key(|(_, mutant)| record::digest(&mutant.name));
        let (by_mutant, all) = (suite::by_mutant(&suite.tests), left.len());
        let (queue, course) = (Mutex::new(left.into_iter().enumerate()), Mutex::new(self));
        let work = || -> Result<(), String> {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((place, (number, mutant))) = next else { return Ok(()) };
                let tests = by_mutant.get(&number).map(Vec::as_slice).unwrap_or_default();
                let (outcome, by) = trial::tried(suite, number, tests)?;
                println!("   {} of {all}: {outcome:?}: {}", place + 1, mutant.name);
                course.lock().unwrap_or_else(PoisonError::into_inner).note(number, outcome, by)?;
            }
        };
        suite::side_by_side(jobs, work)
    }
}
