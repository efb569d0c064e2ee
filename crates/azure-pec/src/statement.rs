//! Statements: exact sums by outcome, reason and any keys, merged in any order to the same bytes.

use std::collections::BTreeMap;

use indexmap::{Equivalent, IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::{Amount, Rounding};
use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::day::Day;
use crate::error::Error;
use crate::group_key::GroupKey;
use crate::statement_document::{
    GroupSums, Period, RateSummary, ReasonSums, RuleSummary, StatementBody, Totals, Warning,
};
use crate::usage::{Field, TextId, UsageBatch};
use crate::verdict::{Credit, Outcome, Verdict};

/// What falls into one group.
#[derive(Debug, Clone, Default)]
struct Tally {
    lines: u64,
    without_price: u64,
    list: Amount,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.without_price += other.without_price;
        self.list += &other.list;
    }
}

/// Verdict and rate, as they stand behind the keys of a group.
type Slot = (Verdict, Option<usize>);

/// A group: the ids of its keys and its currency, verdict and rate.
#[derive(Debug, PartialEq, Eq, Hash)]
struct Group {
    ids: Box<[u32]>,
    slot: Slot,
}

/// A group that is looked for, without a copy of its ids. Hashes as [`Group`] does: the same parts in the same order.
#[derive(Hash)]
struct Wanted<'k> {
    ids: &'k [u32],
    slot: Slot,
}

impl Equivalent<Group> for Wanted<'_> {
    fn equivalent(&self, group: &Group) -> bool {
        *self.ids == *group.ids && self.slot == group.slot
    }
}

/// Exact sums over any number of lines. Parts merge in any order to the whole, to the byte.
#[derive(Debug)]
pub struct Statement {
    by: Vec<GroupKey>,
    texts: IndexSet<Box<str>, FxBuildHasher>,
    tallies: IndexMap<Group, Tally, FxBuildHasher>,
    first: Option<Day>,
    last: Option<Day>,
    reseller_conflicts: u64,
    markets_assumed: u64,
    notes: BTreeMap<(&'static str, String), u64>,
    pool: Option<u64>,
    seen: FxHashMap<(usize, TextId, TextId), u32>,
    seen_days: FxHashMap<(usize, Day), u32>,
    key: Vec<u32>,
}

impl Statement {
    /// An empty statement, grouped by the keys.
    #[must_use]
    pub fn new(by: &[GroupKey]) -> Self {
        Self {
            by: by.to_vec(),
            texts: IndexSet::default(),
            tallies: IndexMap::default(),
            first: None,
            last: None,
            reseller_conflicts: 0,
            markets_assumed: 0,
            notes: BTreeMap::new(),
            pool: None,
            seen: FxHashMap::default(),
            seen_days: FxHashMap::default(),
            key: Vec::new(),
        }
    }

    /// The texts of a line that a statement by these keys needs, beside those of the rule.
    #[must_use]
    pub fn fields(by: &[GroupKey]) -> Vec<Field> {
        by.iter().flat_map(|key| key.fields()).copied().chain([Field::Currency]).collect()
    }

    /// Adds the lines of a batch with their credits.
    pub fn add(&mut self, batch: &UsageBatch, credits: &CreditBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
        for row in 0..batch.len().min(credits.len()) {
            self.add_row(batch, credits, row);
        }
    }

    fn add_row(&mut self, batch: &UsageBatch, credits: &CreditBatch, row: usize) {
        let (Some(day), Some(verdict)) = (batch.dates().get(row), credits.verdicts().get(row)) else {
            return;
        };
        self.first = Some(self.first.map_or(*day, |first| first.min(*day)));
        self.last = Some(self.last.map_or(*day, |last| last.max(*day)));
        if let Some(flags) = credits.flags().get(row) {
            self.reseller_conflicts += u64::from(flags.reseller_conflict);
            self.markets_assumed += u64::from(flags.market_assumed);
        }
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        for at in 0..=self.by.len() {
            key.push(self.key_part(at, batch, row, *day));
        }
        let slot = (*verdict, credits.rates().get(row).copied().flatten());
        let list = credits.list_amounts().get(row).and_then(Option::as_ref);
        let line = |tally: &mut Tally| {
            tally.lines += 1;
            match list {
                Some(list) => tally.list += list,
                None => tally.without_price += 1,
            }
        };
        match self.tallies.get_mut(&Wanted { ids: &key, slot }) {
            Some(tally) => line(tally),
            None => line(self.tallies.entry(Group { ids: key.as_slice().into(), slot }).or_default()),
        }
        self.key = key;
    }

    /// The id of the value of one key of a line; the currency stands behind the keys.
    fn key_part(&mut self, at: usize, batch: &UsageBatch, row: usize, day: Day) -> u32 {
        let text = |field: Field| batch.text(field, row);
        let Some(key) = self.by.get(at).copied() else {
            let id = (at, batch.id(Field::Currency, row), TextId::EMPTY);
            if let Some(known) = self.seen.get(&id) {
                return *known;
            }
            let known = intern(&mut self.texts, &currency(text(Field::Currency)));
            self.seen.insert(id, known);
            return known;
        };
        if key.fields().is_empty() {
            if let Some(known) = self.seen_days.get(&(at, day)) {
                return *known;
            }
            let known = intern(&mut self.texts, &key.value(&text, day));
            self.seen_days.insert((at, day), known);
            return known;
        }
        let mut ids = key.fields().iter().map(|field| batch.id(*field, row));
        let id = (at, ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        if let Some(known) = self.seen.get(&id) {
            return *known;
        }
        let known = intern(&mut self.texts, &key.value(&text, day));
        self.seen.insert(id, known);
        known
    }

    /// Adds what another statement by the same keys holds.
    ///
    /// # Errors
    /// `policy.invalid` where the keys differ.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        if self.by != other.by {
            let names = |keys: &[GroupKey]| keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(",");
            return Err(Error::PolicyInvalid {
                key: "by".to_owned(),
                expected: names(&self.by),
                found: names(&other.by),
            });
        }
        let translated: Vec<u32> = other.texts.iter().map(|text| intern(&mut self.texts, text)).collect();
        for (Group { ids, slot }, tally) in other.tallies {
            let ids =
                ids.iter().map(|id| translated.get(*id as usize).copied().unwrap_or_default()).collect();
            self.tallies.entry(Group { ids, slot }).or_default().add(&tally);
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        self.reseller_conflicts += other.reseller_conflicts;
        self.markets_assumed += other.markets_assumed;
        for (note, count) in other.notes {
            *self.notes.entry(note).or_default() += count;
        }
        Ok(())
    }

    /// Notes something that whoever reads the statement must know; equal notes are counted.
    pub fn note(&mut self, code: &'static str, message: &str) {
        self.note_times(code, message, 1);
    }

    /// As [`note`](Statement::note), for something that was met so many times.
    pub fn note_times(&mut self, code: &'static str, message: &str, count: u64) {
        if count > 0 {
            *self.notes.entry((code, message.to_owned())).or_default() += count;
        }
    }

    /// The number of lines.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.tallies.values().map(|tally| tally.lines).sum()
    }

    /// The body of the statement document.
    #[must_use]
    pub fn body(&self, calculator: &Calculator) -> StatementBody {
        let mut groups: BTreeMap<(Vec<&str>, RowKey<'_>), Sums> = BTreeMap::new();
        let mut tallies: BTreeMap<(RowKey<'_>, Slot), Tally> = BTreeMap::new();
        let text = |id: &u32| self.texts.get_index(*id as usize).map_or("", |text| text);
        for (Group { ids, slot }, tally) in &self.tallies {
            let (currency, keys) =
                ids.split_last().map_or(("", [].as_slice()), |(last, keys)| (text(last), keys));
            let row = RowKey::new(currency, slot.0);
            tallies.entry((row, *slot)).or_default().add(tally);
            if !self.by.is_empty() {
                let group = groups.entry((keys.iter().map(text).collect(), row)).or_default();
                group.add(&Sums::new(tally, *slot, calculator));
            }
        }
        let without_price = tallies.values().map(|tally| tally.without_price).sum();
        let mut reasons: BTreeMap<RowKey<'_>, Sums> = BTreeMap::new();
        for ((row, slot), tally) in &tallies {
            // The rate is taken of the sum: the same as the sum of all, and worked out once.
            reasons.entry(*row).or_default().add(&Sums::new(tally, *slot, calculator));
        }
        let warnings = self.warnings(calculator, &reasons, without_price);
        StatementBody {
            period: Period { first: self.first, last: self.last },
            rule: RuleSummary {
                version: calculator.rule().data().version.clone(),
                rate: calculator.rule().data().rate.iter().map(RateSummary::from).collect(),
                policy: calculator.policy().clone(),
            },
            totals: totals(&reasons),
            reasons: reasons.iter().map(|(key, sums)| reason_sums(key, sums)).collect(),
            groups: (!self.by.is_empty()).then(|| {
                let row = |((values, key), sums): (&(Vec<&str>, RowKey<'_>), &Sums)| GroupSums {
                    keys: self.by.iter().copied().zip(values.iter().map(ToString::to_string)).collect(),
                    sums: reason_sums(key, sums),
                };
                groups.iter().map(row).collect()
            }),
            warnings,
        }
    }

    fn warnings(
        &self,
        calculator: &Calculator,
        reasons: &BTreeMap<RowKey<'_>, Sums>,
        without_price: u64,
    ) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = self
            .notes
            .iter()
            .map(|((code, message), count)| Warning { code, message: message.clone(), count: *count })
            .collect();
        let mut warn = |code, count, message: String| {
            if count > 0 {
                warnings.push(Warning { code, message, count });
            }
        };
        warn(
            "price.missing",
            without_price,
            "lines without a list price; they count as 0 in every sum".to_owned(),
        );
        warn(
            "partner.conflict",
            self.reseller_conflicts,
            "lines that name another reseller than the partner file, which was followed".to_owned(),
        );
        warn(
            "price.market_assumed",
            self.markets_assumed,
            "lines judged by the only market's price list, as their customer's market is not stated"
                .to_owned(),
        );
        if !calculator.has_prices() {
            let judged =
                |key: &RowKey| !(key.reason.starts_with("line.") || key.reason.starts_with("product."));
            let mut money: BTreeMap<&str, Amount> = BTreeMap::new();
            let mut lines = 0;
            for (key, sums) in reasons.iter().filter(|(key, _)| judged(key)) {
                *money.entry(key.currency).or_default() += &sums.list_amount;
                lines += sums.lines;
            }
            let money: Vec<String> =
                money.iter().map(|(currency, sum)| format!("{sum} {currency}")).collect();
            warn(
                "price.no_list",
                lines,
                format!(
                    "no price list was given: third-party products could not be told from Microsoft's in {}",
                    money.join(", ")
                ),
            );
        }
        warnings.sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
        warnings
    }
}

fn intern(texts: &mut IndexSet<Box<str>, FxBuildHasher>, text: &str) -> u32 {
    let at = match texts.get_index_of(text) {
        Some(at) => at,
        None => texts.insert_full(text.into()).0,
    };
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// An absent pricing currency is USD: the Azure plan is priced in it.
fn currency(text: &str) -> String {
    match text.trim() {
        "" => "USD".to_owned(),
        code => code.to_ascii_uppercase(),
    }
}

/// What rows of a statement are told apart and sorted by, behind their keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey<'s> {
    currency: &'s str,
    outcome: &'static str,
    reason: &'static str,
}

impl<'s> RowKey<'s> {
    const fn new(currency: &'s str, verdict: Verdict) -> Self {
        Self { currency, outcome: verdict.outcome.as_str(), reason: verdict.reason.code() }
    }
}

#[derive(Debug, Clone, Default)]
struct Sums {
    lines: u64,
    list_amount: Amount,
    potential: Amount,
    credit: Amount,
}

impl Sums {
    fn new(tally: &Tally, (verdict, rate): Slot, calculator: &Calculator) -> Self {
        let credit = Credit::new(verdict, Some(tally.list.clone()), calculator.rule().rate_at(rate));
        Self {
            lines: tally.lines,
            list_amount: tally.list.clone(),
            potential: credit.potential.unwrap_or_default(),
            credit: credit.credit.unwrap_or_default(),
        }
    }

    fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.list_amount += &other.list_amount;
        self.potential += &other.potential;
        self.credit += &other.credit;
    }
}

fn reason_sums(key: &RowKey<'_>, sums: &Sums) -> ReasonSums {
    ReasonSums {
        currency: key.currency.to_owned(),
        outcome: key.outcome,
        reason: key.reason,
        lines: sums.lines,
        list_amount: sums.list_amount.clone(),
        potential: sums.potential.clone(),
        credit: sums.credit.clone(),
    }
}

fn totals(reasons: &BTreeMap<RowKey<'_>, Sums>) -> Vec<Totals> {
    let mut totals: BTreeMap<&str, Totals> = BTreeMap::new();
    for (key, sums) in reasons {
        let total = totals.entry(key.currency).or_insert_with(|| Totals::of(key.currency));
        total.lines += sums.lines;
        total.list_amount += &sums.list_amount;
        total.earned += &sums.credit;
        if key.outcome == Outcome::Missed.as_str() {
            total.missed += &sums.potential;
        }
        if key.outcome == Outcome::Unknown.as_str() {
            total.unknown += &sums.potential;
        }
    }
    let mut totals: Vec<Totals> = totals.into_values().collect();
    for total in &mut totals {
        total.net = &total.list_amount - &total.earned;
        let could = &(&total.earned + &total.missed) + &total.unknown;
        total.coverage = total.earned.divide(&could, 6, Rounding::TowardZero);
    }
    totals
}
