//! Units of measure: one spelling of each, and whether a unit is one that Azure bills in.
//!
//! Quantities stand in units of measure already ("1K" and 499.399 cost 499.399 times the price), so a unit is never
//! calculated with: it only tells whether two documents speak of the same thing. The words are those of the 88 units of the
//! Microsoft Customer Agreement in the FinOps toolkit (microsoft/finops-toolkit, PricingUnits.csv, 2025-05-28), with those
//! that Microsoft writes in other languages.

/// Words of other languages that stand in files, and the English ones.
const TRANSLATED: [(&str, &str); 6] =
    [("hora", "hour"), ("mes", "month"), ("por", "/"), ("小时", "hour"), ("月", "month"), ("天", "day")];

/// The words of units.
const WORDS: [&str; 45] = [
    "api",
    "call",
    "calls",
    "callingminutes",
    "count",
    "cubic",
    "day",
    "days",
    "gb",
    "gib",
    "hour",
    "hours",
    "iops",
    "job",
    "kb",
    "kib",
    "mb",
    "meter",
    "mib",
    "million",
    "minute",
    "minute(s)",
    "minutes",
    "month",
    "months",
    "node",
    "pb",
    "per",
    "pib",
    "print",
    "privacy",
    "request",
    "requests",
    "rights",
    "rotation",
    "s",
    "second",
    "seconds",
    "subject",
    "tb",
    "text",
    "tib",
    "transactions",
    "unit",
    "year",
];
/// Words that only stand behind a number.
const COUNTED: [&str; 7] = ["k", "m", "b", "units", "user", "users", "nodes"];

/// A unit in one spelling: lower case, single spaces, none about `/`, English words.
pub(crate) fn unit_spelling(unit: &str) -> String {
    let spaced = unit.to_lowercase().replace('/', " / ");
    let words = spaced
        .split_whitespace()
        .map(|word| TRANSLATED.iter().find(|(other, _)| *other == word).map_or(word, |(_, english)| english));
    words.collect::<Vec<_>>().join(" ").replace(" / ", "/").replace(" /", "/").replace("/ ", "/")
}

/// Whether a unit, in that spelling, is made of words that units of Azure are made of.
pub(crate) fn is_known_unit(unit: &str) -> bool {
    !unit.is_empty() && unit.split([' ', '/']).all(is_known_word)
}

fn is_known_word(word: &str) -> bool {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit());
    rest.is_empty() || WORDS.contains(&rest) || COUNTED.contains(&rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_of_azure_are_known() {
        for unit in [
            "1 Hour",
            "1/Month",
            "10K",
            "1M/Month",
            "100 GB Seconds",
            "10K Transactions",
            "1 GiB/Day",
            "10000s",
            "128 MB",
            "Gb / Month",
            "Hours",
            "Per Call",
            "per Privacy Subject Rights Request",
            "print job",
            "1 Node/Month",
            "Minute(s)",
            "1 IOPS/Month",
            "1/3 Months",
            "1 Million",
            "1 API Calls",
            "1 GB ",
            "1 Cubic Meter/Month",
            "1\u{a0}GB/mes",
            "1 hora",
        ] {
            assert!(is_known_unit(&unit_spelling(unit)), "{unit}");
        }
        for unit in ["", "1 Fortnight", "Stunden", "1 GB/Fortnight", "-"] {
            assert!(!is_known_unit(&unit_spelling(unit)), "{unit}");
        }
    }

    #[test]
    fn spellings_of_one_unit() {
        for (one, other) in [
            ("1 GB/Month", "1 Gb / Month"),
            ("1 por mes", "1/Month"),
            ("1 GB/月", "1 GB/Month"),
            ("1 小时", "1 hora"),
            ("1 Hour ", "1\u{a0}hour"),
        ] {
            assert_eq!(unit_spelling(one), unit_spelling(other));
        }
        assert!(unit_spelling("1 Hour") != unit_spelling("10 Hour"));
    }
}
