//! Usage lines that a reconciliation need not tell apart, summed exactly.

use crate::amount::Amount;
use crate::day::Day;
use crate::names::{Name, Names};
use crate::rule::Rule;
use crate::sheet_key::Slot;
use crate::verdict::Outcome;

/// What lines have in common that are summed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ParcelKey {
    pub origin: u32,
    /// The day where something other than expected was applied; else the first of the month.
    pub day: Day,
    pub slot: Slot,
}

/// Lines that have their key in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parcel {
    pub lines: u64,
    pub quantity: Amount,
    /// At the price that the list has for them.
    pub rated: Amount,
    /// What tiers take off the price of a unit without any tier's favour.
    pub tiers: Amount,
    /// Lines whose own price was taken, as the list has none.
    pub own_price: u64,
    /// Lines without any price.
    pub without_price: u64,
    /// The first and last day.
    pub days: Option<(Day, Day)>,
    pub references: References,
}

impl Parcel {
    /// At the price of a unit without any tier's favour.
    pub fn list(&self) -> Amount {
        &self.rated - &self.tiers
    }

    pub fn see(&mut self, day: Day) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    /// Adds what another holds, but its references.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.quantity += &other.quantity;
        self.rated += &other.rated;
        self.tiers += &other.tiers;
        self.own_price += other.own_price;
        self.without_price += other.without_price;
        for day in other.days.into_iter().flat_map(|(first, last)| [first, last]) {
            self.see(day);
        }
    }
}

/// The most lines that are named as evidence.
const REFERENCES: usize = 3;

/// The first lines by file and line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct References {
    lines: [u64; REFERENCES],
    /// The files; the empty name where there is none.
    files: [Name; REFERENCES],
}

impl References {
    /// Names a line; the first of them are kept.
    pub fn add(&mut self, file: Name, line: u64, names: &Names) {
        let (mut file, mut line) = (file, line);
        for (known_file, known_line) in self.files.iter_mut().zip(&mut self.lines) {
            if known_file.is_empty() {
                (*known_file, *known_line) = (file, line);
                return;
            }
            let before = if *known_file == file {
                *known_line <= line
            } else {
                names.text(*known_file) <= names.text(file)
            };
            if !before {
                std::mem::swap(known_file, &mut file);
                std::mem::swap(known_line, &mut line);
            }
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = (Name, u64)> {
        self.files.into_iter().zip(self.lines).filter(|(file, _)| !file.is_empty())
    }
}

/// The rate that should have been applied; none where the rule cannot say.
pub(crate) fn expected_rate(slot: Slot, rule: &Rule) -> Option<Amount> {
    match slot.0.outcome {
        Outcome::Earned => Some(rule.rate_at(slot.1)),
        Outcome::Missed | Outcome::Never => Some(Amount::ZERO),
        Outcome::Unknown => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Whatever the order in which they come.
        #[test]
        fn the_first_lines_by_file_and_line_are_named(lines in prop::collection::vec((0_usize..4, 1_u64..5), 0..8)) {
            let files = ["b.csv", "a.csv", "c.csv", "B.csv"];
            let (mut names, mut references) = (Names::default(), References::default());
            for (file, line) in &lines {
                let file = names.put(files[*file]);
                references.add(file, *line, &names);
            }
            let mut expected: Vec<(&str, u64)> = lines.iter().map(|(file, line)| (files[*file], *line)).collect();
            expected.sort_unstable();
            expected.truncate(REFERENCES);
            let found: Vec<(&str, u64)> = references.iter().map(|(file, line)| (names.text(file), line)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
