//! A statement that is not finished, as data: parts are summed up elsewhere and merged here.

use num_bigint::BigInt;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::cells::Tally;
use crate::day::Day;
use crate::error::Error;
use crate::group_key::GroupKey;
use crate::ledger::{CONTENT, Ledger, Lot, LotKey};
use crate::rounded::cell_keys;
use crate::sheet::{Part, Sheet};
use crate::sheet_key::{Class, SheetKey};
use crate::statement::Statement;
use crate::verdict::{Outcome, Reason, Verdict};

/// The sums of a part of the usage. Parts of one calculator, made in any number of processes, merge in any order to the
/// statement of the whole, to the byte.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatementPart {
    by: Vec<String>,
    start: Option<Day>,
    early: Option<Day>,
    first: Option<Day>,
    last: Option<Day>,
    reseller_conflicts: u64,
    markets_assumed: u64,
    notes: Vec<(String, String, u64)>,
    sums: SheetPart,
    cells: Option<SheetPart>,
    ledger: LedgerPart,
}

/// Currency, outcome, reason and place in the rate table, as a row names them.
type ClassPart = (u32, String, String, Option<usize>);
/// Ids, lines, lines without a price, and the list amount.
type RowPart = (Vec<u32>, u64, u64, Exact);
/// Day, resource, content, quantity and list price where a line stands alone; outcome and reason, lines, quantity.
type LotPart = (Day, u32, u32, Option<(Exact, Option<Exact>)>, String, String, u64, Exact);

/// A sum of any length, by its digits and its scale: as a text it would be read as a number of a file, which may only be
/// so long.
#[derive(Debug, Clone)]
struct Exact(Amount);

impl Serialize for Exact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mantissa, scale) = self.0.stripped();
        (mantissa.to_string(), scale).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Exact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (digits, scale) = <(String, u32)>::deserialize(deserializer)?;
        let mantissa: BigInt = digits.parse().map_err(D::Error::custom)?;
        Ok(Self(Amount::from_big(mantissa, scale)))
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct SheetPart {
    texts: Vec<String>,
    classes: Vec<ClassPart>,
    days: Vec<(Option<Day>, Vec<RowPart>)>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct LedgerPart {
    texts: Vec<String>,
    contents: Vec<Vec<u32>>,
    lots: Vec<LotPart>,
}

/// A part that is none.
fn broken(found: &str) -> Error {
    let expected = "a part of a statement of this calculator".to_owned();
    Error::PolicyInvalid { key: "part".to_owned(), expected, found: found.to_owned() }
}

fn verdict_of(outcome: &str, reason: &str) -> Result<Verdict, Error> {
    let outcomes = [Outcome::Earned, Outcome::Missed, Outcome::Never, Outcome::Unknown];
    let outcome = outcomes.into_iter().find(|one| one.as_str() == outcome).ok_or_else(|| broken(outcome))?;
    let reason = Reason::ALL.iter().find(|one| one.code() == reason).ok_or_else(|| broken(reason))?;
    Ok(Verdict { outcome, reason: *reason })
}

impl SheetPart {
    fn of(sheet: Sheet) -> Self {
        let mut content = sheet.into_content();
        content.parts.iter_mut().for_each(Part::settle);
        let class = |class: &Class| {
            let (Verdict { outcome, reason }, rate) = class.slot;
            (class.currency, outcome.as_str().to_owned(), reason.code().to_owned(), rate)
        };
        let days = content.parts.iter().map(|part| {
            let row = |at| {
                let Tally { lines, without_price, list } = part.cells.tally(at);
                (part.cells.ids(at).to_vec(), lines, without_price, Exact(list))
            };
            (part.day, crate::sheet::rows_of(&part.cells).map(row).collect())
        });
        Self {
            classes: content.classes.iter().map(class).collect(),
            days: days.collect(),
            texts: content.texts.into_iter().map(String::from).collect(),
        }
    }

    fn sheet(self, keys: &[SheetKey]) -> Result<Sheet, Error> {
        let mut sheet = Sheet::new(keys);
        let class = |(currency, outcome, reason, rate): ClassPart| {
            Ok(Class { currency, slot: (verdict_of(&outcome, &reason)?, rate) })
        };
        let classes = self.classes.into_iter().map(class).collect::<Result<Vec<_>, Error>>()?;
        sheet.know(self.texts, classes);
        for (day, rows) in self.days {
            for (ids, lines, without_price, Exact(list)) in rows {
                let tally = Tally { lines, without_price, list };
                if !sheet.add_row(day, &ids, &tally) {
                    return Err(broken("a row of another table"));
                }
            }
        }
        Ok(sheet)
    }
}

impl LedgerPart {
    fn of(ledger: &Ledger) -> Self {
        let lots = ledger.lots().map(|(key, lot)| {
            let (outcome, reason) =
                (lot.verdict.outcome.as_str().to_owned(), lot.verdict.reason.code().to_owned());
            let line = key.line.as_deref().map(|(one, two)| (Exact(one.clone()), two.clone().map(Exact)));
            (
                key.day,
                key.resource,
                key.content,
                line,
                outcome,
                reason,
                lot.lines,
                Exact(lot.quantity.clone()),
            )
        });
        Self {
            lots: lots.collect(),
            texts: ledger.texts().map(str::to_owned).collect(),
            contents: ledger.contents().map(|content| content.to_vec()).collect(),
        }
    }

    fn ledger(self) -> Result<Ledger, Error> {
        let mut ledger = Ledger::default();
        let contents =
            self.contents.iter().map(|content| <[u32; CONTENT.len()]>::try_from(content.as_slice()));
        let contents =
            contents.collect::<Result<Vec<_>, _>>().map_err(|_| broken("a line of other texts"))?;
        ledger.know(self.texts, contents);
        for (day, resource, content, line, outcome, reason, lines, Exact(quantity)) in self.lots {
            let line = line.map(|(Exact(one), two)| Box::new((one, two.map(|Exact(two)| two))));
            let key = LotKey { day, resource, content, line };
            ledger.enter(key, &Lot { verdict: verdict_of(&outcome, &reason)?, lines, quantity });
        }
        Ok(ledger)
    }
}

impl Statement {
    /// The sums as data, for [`of_part`](Statement::of_part) elsewhere.
    #[must_use]
    pub fn into_part(self) -> StatementPart {
        StatementPart {
            by: self.by.iter().map(|key| key.name().to_owned()).collect(),
            start: self.start,
            early: self.early,
            first: self.first,
            last: self.last,
            reseller_conflicts: self.reseller_conflicts,
            markets_assumed: self.markets_assumed,
            notes: self
                .notes
                .into_iter()
                .map(|((code, says), count)| (code.to_owned(), says, count))
                .collect(),
            sums: SheetPart::of(self.sums),
            cells: self.cells.map(SheetPart::of),
            ledger: LedgerPart::of(&self.ledger),
        }
    }

    /// The statement of a part, made by a calculator that is the same as this one. `code` gives the codes of its notes.
    ///
    /// # Errors
    /// `policy.invalid` where it is no part of this calculator.
    pub fn of_part(
        part: StatementPart,
        calculator: &Calculator,
        code: impl Fn(&str) -> &'static str,
    ) -> Result<Self, Error> {
        let by = part.by.iter().map(|name| name.parse()).collect::<Result<Vec<GroupKey>, Error>>()?;
        let mut statement = Self::new(&by).starting(part.start);
        let keys: Vec<SheetKey> = by.iter().map(|key| SheetKey::Group(*key)).collect();
        statement.sums = part.sums.sheet(&keys)?;
        let policy = calculator.policy();
        let cells = part.cells.map(|cells| cells.sheet(&cell_keys(policy.rounding, policy.tier_scope)));
        statement.cells = cells.transpose()?;
        statement.ledger = part.ledger.ledger()?;
        statement.early = part.early;
        statement.first = part.first;
        statement.last = part.last;
        statement.reseller_conflicts = part.reseller_conflicts;
        statement.markets_assumed = part.markets_assumed;
        for (name, says, count) in &part.notes {
            statement.note_times(code(name), says, *count);
        }
        Ok(statement)
    }
}
