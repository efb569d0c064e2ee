//! The table of Azure roles that earn, keyed by GUID: names change ("(Preview)" was dropped twice), GUIDs do not.

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};

use crate::day::{Day, Instant, Interval, IntervalSet};
use crate::error::Error;
use crate::ids::RoleId;

/// One row: what a role earns from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleRow {
    /// The role definition's GUID.
    pub role_id: RoleId,
    /// The name in the published table.
    pub name: String,
    /// Whether it earns.
    pub earns: bool,
    /// The first day on which the row holds.
    pub start: Day,
    /// The date of the page that was read.
    pub as_of: Day,
    /// The page.
    pub source: String,
}

/// What a role earns, over time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RoleTimes {
    /// When it earns.
    pub earns: IntervalSet,
    /// When it surely does not.
    pub never: IntervalSet,
}

/// The checked table.
#[derive(Debug, Clone)]
pub struct RoleTable {
    rows: FxHashMap<RoleId, Vec<RoleRow>>,
}

impl RoleTable {
    /// The 122 published roles: 98 earn, 24 do not.
    ///
    /// # Errors
    /// `rule.invalid`, which the tests rule out for the table that is compiled in.
    pub fn published() -> Result<Self, Error> {
        let mut rows = Vec::with_capacity(122);
        for line in include_str!("../data/roles.csv").lines().skip(1) {
            rows.push(parse_row(line)?);
        }
        Self::new(rows)
    }

    /// A table of other rows; several of one role hold from their `start` on.
    ///
    /// # Errors
    /// `rule.invalid` where two rows of one role start on one day.
    pub fn new(rows: Vec<RoleRow>) -> Result<Self, Error> {
        let mut table: FxHashMap<RoleId, Vec<RoleRow>> = FxHashMap::default();
        for row in rows {
            let of_role = table.entry(row.role_id).or_default();
            if of_role.iter().any(|other| other.start == row.start) {
                return Err(Error::RuleInvalid {
                    problem: format!("role {} has two rows from {}", row.role_id, row.start),
                });
            }
            of_role.push(row);
            of_role.sort_by_key(|row| row.start);
        }
        Ok(Self { rows: table })
    }

    /// The rows of a role, the oldest first; none for a role that no row names.
    #[must_use]
    pub fn rows(&self, role: RoleId) -> &[RoleRow] {
        self.rows.get(&role).map(Vec::as_slice).unwrap_or_default()
    }

    /// The name of a role in the table.
    #[must_use]
    pub fn name(&self, role: RoleId) -> Option<&str> {
        self.rows(role).last().map(|row| row.name.as_str())
    }

    /// Every row, ordered by name.
    #[must_use]
    pub fn all(&self) -> Vec<&RoleRow> {
        let mut all: Vec<_> = self.rows.values().flatten().collect();
        all.sort_by(|a, b| a.name.cmp(&b.name).then(a.start.cmp(&b.start)));
        all
    }

    /// When the role earns and when it surely does not; before its first row it is as in the first row.
    pub(crate) fn times(&self, role: RoleId) -> Option<RoleTimes> {
        let rows = self.rows(role);
        let ends = rows.iter().skip(1).map(|row| row.start.start()).chain([Instant::MAX]);
        let mut times = RoleTimes::default();
        for (at, (row, end)) in rows.iter().zip(ends).enumerate() {
            let start = if at == 0 { Instant::MIN } else { row.start.start() };
            let span = IntervalSet::from(Interval { start, end });
            let side = if row.earns { &mut times.earns } else { &mut times.never };
            *side = side.union(&span);
        }
        (!rows.is_empty()).then_some(times)
    }
}

/// A row of `data/roles.csv`, whose fields hold neither commas nor quotes.
fn parse_row(line: &str) -> Result<RoleRow, Error> {
    let fields: Vec<&str> = line.split(',').collect();
    let [role_id, name, earns, start, as_of, source, guid_source] = fields.as_slice() else {
        return Err(Error::RuleInvalid {
            problem: format!("a row of seven fields is needed, found {line:?}"),
        });
    };
    Ok(RoleRow {
        role_id: role_id.parse()?,
        name: (*name).to_owned(),
        earns: *earns == "yes",
        start: start.parse()?,
        as_of: as_of.parse()?,
        source: format!("{source}; GUID: {guid_source}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_table() {
        let table = RoleTable::published().unwrap();
        let all = table.all();
        assert_eq!((all.len(), all.iter().filter(|row| row.earns).count()), (122, 98));
        // Not what the names suggest: azure-roles-perms-pec, 2022-11-08.
        for (name, earns) in
            [("Reader and Data Access", true), ("Cognitive Services User", false), ("Reader", false)]
        {
            assert_eq!(all.iter().find(|row| row.name == name).unwrap().earns, earns, "{name}");
        }
    }

    #[test]
    fn a_later_row_holds_from_its_day() {
        let id = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
        let row = |start: &str, earns| RoleRow {
            role_id: id.parse().unwrap(),
            name: "Owner".into(),
            earns,
            start: start.parse().unwrap(),
            as_of: start.parse().unwrap(),
            source: "test".into(),
        };
        let table = RoleTable::new(vec![row("2027-01-01", false), row("2019-11-01", true)]).unwrap();
        let times = table.times(id.parse().unwrap()).unwrap();
        assert!(times.earns.contains("2019-01-01".parse().unwrap()));
        assert!(!times.earns.contains("2027-01-01".parse().unwrap()));
        assert!(times.never.contains("2027-01-01".parse().unwrap()));
        assert_eq!(RoleTable::new(vec![row("2027-01-01", true); 2]).unwrap_err().code(), "rule.invalid");
    }
}
