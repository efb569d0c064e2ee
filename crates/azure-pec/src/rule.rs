//! The published rule as data: the dated rate, the dated exclusions, the role table, the reasons in words.
//!
//! Everything here comes from `data/rule.json` and `data/roles.csv`, each row with its source; a rule file replaces it.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::day::Day;
use crate::error::Error;
use crate::role::{RoleRow, RoleTable};
use crate::verdict::Reason;

/// Rule data as it stands in a file (`azure-pec/rule/1`).
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuleData {
    /// `azure-pec/rule/1`.
    pub schema: String,
    /// The version of the data, which is not the version of the program.
    pub version: String,
    /// Short name of a source to its page.
    pub sources: std::collections::BTreeMap<String, String>,
    /// The rate from each day on; before the first it is 0.
    pub rate: Vec<RateRow>,
    /// The products that never earn, from each day on.
    pub exclusions: Vec<ExclusionRow>,
    /// The reasons in words.
    pub reasons: Vec<ReasonRow>,
    /// The role table; left out, the published one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<RoleRow>,
}

/// A rate and the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateRow {
    /// The first day.
    pub start: Day,
    /// The fraction of the list amount: 0.15.
    pub rate: Amount,
    /// Where it is published.
    pub source: String,
}

/// A product exclusion and the day from which it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExclusionRow {
    /// The code of the reason.
    pub reason: String,
    /// The first day.
    pub start: Day,
    /// Where it is published.
    pub source: String,
}

/// A reason in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReasonRow {
    /// The code.
    pub code: String,
    /// What it says, as half a sentence.
    pub says: String,
    /// What would mend it.
    pub remedy: String,
    /// Where it is published.
    pub source: String,
}

/// The checked rule.
#[derive(Debug, Clone)]
pub struct Rule {
    data: RuleData,
    roles: RoleTable,
    excluded_from: [Option<Day>; Reason::ALL.len()],
}

impl Rule {
    /// The rule as published, compiled into the program.
    ///
    /// # Errors
    /// `rule.invalid`, which the tests rule out for the data that is compiled in.
    pub fn published() -> Result<Self, Error> {
        let data = serde_json::from_str(include_str!("../data/rule.json"))
            .map_err(|error| Error::RuleInvalid { problem: error.to_string() })?;
        Self::new(data)
    }

    /// A rule from other data.
    ///
    /// # Errors
    /// `rule.invalid` where rows are missing, doubled or name a reason that does not exist.
    pub fn new(mut data: RuleData) -> Result<Self, Error> {
        let invalid = |problem: String| Error::RuleInvalid { problem };
        if data.schema != "azure-pec/rule/1" {
            return Err(invalid(format!("expected schema azure-pec/rule/1, found {:?}", data.schema)));
        }
        data.rate.sort_by_key(|row| row.start);
        for (one, two) in data.rate.iter().zip(data.rate.iter().skip(1)) {
            if one.start == two.start {
                return Err(invalid(format!("two rates start on {}", one.start)));
            }
        }
        if let Some(row) = data.rate.iter().find(|row| row.rate.is_negative() || row.rate > Amount::ONE) {
            return Err(invalid(format!("the rate {} is not between 0 and 1", row.rate)));
        }
        let mut excluded_from = [None; Reason::ALL.len()];
        for row in &data.exclusions {
            let place = Reason::ALL
                .iter()
                .position(|reason| reason.code() == row.reason && row.reason.starts_with("product."))
                .and_then(|at| excluded_from.get_mut(at))
                .ok_or_else(|| invalid(format!("{:?} is no exclusion", row.reason)))?;
            *place = Some(row.start);
        }
        if let Some(reason) =
            Reason::ALL.iter().find(|r| !data.reasons.iter().any(|row| row.code == r.code()))
        {
            return Err(invalid(format!("the reason {reason} has no words")));
        }
        let roles =
            if data.roles.is_empty() { RoleTable::published()? } else { RoleTable::new(data.roles.clone())? };
        Ok(Self { data, roles, excluded_from })
    }

    /// The data it was made of.
    #[must_use]
    pub const fn data(&self) -> &RuleData {
        &self.data
    }

    /// The role table.
    #[must_use]
    pub const fn roles(&self) -> &RoleTable {
        &self.roles
    }

    /// The place of the day's rate in the rate table; none before the first, when the rate is 0.
    #[must_use]
    pub fn rate_index(&self, day: Day) -> Option<usize> {
        self.data.rate.partition_point(|row| row.start <= day).checked_sub(1)
    }

    /// The rate of the day.
    #[must_use]
    pub fn rate(&self, day: Day) -> Amount {
        self.rate_at(self.rate_index(day))
    }

    /// The rate at a place of the rate table; 0 for none.
    #[must_use]
    pub fn rate_at(&self, index: Option<usize>) -> Amount {
        index.and_then(|at| self.data.rate.get(at)).map_or(Amount::ZERO, |row| row.rate.clone())
    }

    /// Whether the exclusion holds on the day.
    #[must_use]
    pub fn excludes(&self, reason: Reason, day: Day) -> bool {
        let start = self.excluded_from.get(reason as usize).copied().flatten();
        start.is_some_and(|start| start <= day)
    }

    /// The days on which exclusions begin.
    pub(crate) fn exclusion_days(&self) -> impl Iterator<Item = Day> {
        self.excluded_from.iter().copied().flatten()
    }

    /// The reason in words.
    #[must_use]
    pub fn words(&self, reason: Reason) -> Option<&ReasonRow> {
        self.data.reasons.iter().find(|row| row.code == reason.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_rule_is_whole() {
        let rule = Rule::published().unwrap();
        let day = |text: &str| text.parse::<Day>().unwrap();
        assert_eq!(rule.rate(day("2019-10-31")), Amount::ZERO);
        assert_eq!(rule.rate(day("2019-11-01")).to_string(), "0.15");
        assert!(
            !rule.excludes(Reason::Spot, day("2020-09-08")) && rule.excludes(Reason::Spot, day("2020-09-09"))
        );
        for row in &rule.data.reasons {
            assert!(rule.data.sources.contains_key(&row.source), "{}", row.source);
        }
    }
}
