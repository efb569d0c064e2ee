//! Statements: exact sums by outcome, reason and any keys, merged in any order to the same bytes.

use std::collections::BTreeMap;

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::cells::Tally;
use crate::credits::CreditBatch;
use crate::day::Day;
use crate::error::Error;
use crate::group_key::GroupKey;
use crate::groups::Groups;
use crate::ledger::{CONTENT, Ledger, Lot, LotKey};
use crate::policy::RoundingPolicy;
use crate::rating::{Rating, rate};
use crate::rounded::{RoundedSheet, cell_keys};
use crate::session::AT_ONCE;
use crate::sheet::{Looked, Sheet};
use crate::sheet_key::{SheetKey, Slot};
use crate::statement_document::{Period, RateSummary, RuleSummary, StatementBody, Warning};
use crate::sums::{RowKey, Sums, reason_sums, totals};
use crate::usage::Field;
use crate::usage_batch::UsageBatch;
use crate::work_piece::{WorkPiece, one_by_one};

/// Exact sums over any number of lines. Parts merge in any order to the whole, to the byte.
///
/// Lines that tiers rate are kept, by day and resource, until [`body`](Statement::body) puts their month in order; all
/// others are added up as they come.
#[derive(Debug, Clone)]
pub struct Statement {
    pub(crate) by: Vec<GroupKey>,
    pub(crate) sums: Sheet,
    /// The sums that are rounded, by what they are rounded over; where a policy rounds.
    pub(crate) cells: Option<Sheet>,
    pub(crate) ledger: Ledger,
    /// Earlier days only move tiers.
    pub(crate) start: Option<Day>,
    /// The first of these.
    pub(crate) early: Option<Day>,
    pub(crate) first: Option<Day>,
    pub(crate) last: Option<Day>,
    pub(crate) reseller_conflicts: u64,
    pub(crate) markets_assumed: u64,
    pub(crate) notes: BTreeMap<(&'static str, String), u64>,
}

impl Statement {
    /// An empty statement, grouped by the keys.
    #[must_use]
    pub fn new(by: &[GroupKey]) -> Self {
        let keys: Vec<SheetKey> = by.iter().map(|key| SheetKey::Group(*key)).collect();
        Self {
            by: by.to_vec(),
            sums: Sheet::new(&keys),
            cells: None,
            ledger: Ledger::default(),
            start: None,
            early: None,
            first: None,
            last: None,
            reseller_conflicts: 0,
            markets_assumed: 0,
            notes: BTreeMap::new(),
        }
    }

    /// The same statement, of which a [`Rating`] of single lines can be made. It keeps the lines of tiered meters apart
    /// to the last, which takes memory. To be called before any line is added.
    #[must_use]
    pub fn of_lines(mut self) -> Self {
        self.ledger = Ledger::new(true);
        self
    }

    /// The same statement, beginning with this day. Lines before it are in no sum, but those of its month move tiers: a
    /// statement that begins within a month needs them. To be called before any line is added.
    #[must_use]
    pub const fn starting(mut self, day: Option<Day>) -> Self {
        self.start = day;
        self
    }

    /// The texts of a line that a statement by these keys needs, beside those of the rule.
    #[must_use]
    pub fn fields(by: &[GroupKey]) -> Vec<Field> {
        by.iter().flat_map(|key| key.fields()).copied().chain([Field::Currency]).collect()
    }

    /// The texts of a line that a statement by these keys needs besides, of this calculator: what sums are rounded over; and of
    /// lines that tiers [may rate](Calculator::may_rate_by_tiers) what tells those apart that tie and that the
    /// statement sums apart. One that keeps them [apart to the last](Statement::of_lines) needs every text of them.
    #[must_use]
    pub fn further_fields(calculator: &Calculator, by: &[GroupKey]) -> Vec<Field> {
        let is_rounded = calculator.policy().rounding != RoundingPolicy::Exact;
        if !calculator.rates_tiers() {
            return if is_rounded { vec![Field::BillingCurrency, Field::ExchangeRate] } else { Vec::new() };
        }
        if is_rounded {
            return Field::ALL.to_vec();
        }
        let summed: Vec<Field> = Calculator::fields().chain(Self::fields(by)).collect();
        let last = CONTENT.iter().rposition(|field| summed.contains(field));
        // The last is asked for anyhow.
        CONTENT.iter().take(last.unwrap_or(0)).copied().collect()
    }

    /// Adds the lines of a batch with their credits.
    pub fn add(&mut self, batch: &UsageBatch, credits: &CreditBatch) {
        self.sums.know_pool(batch);
        if let Some((policy, scope)) = credits.rounding() {
            self.cells.get_or_insert_with(|| Sheet::new(&cell_keys(policy, scope))).know_pool(batch);
        }
        let lines = batch.len().min(credits.len());
        let (mut looked, mut cells_looked) = (Looked::default(), Looked::default());
        let start_day = self.start;
        for start in (0..lines).step_by(AT_ONCE) {
            let rows = start..lines.min(start + AT_ONCE);
            let to_add = rows.clone().map(|row| {
                let (day, slot) = (*batch.dates().get(row)?, slot(credits, row)?);
                // Lines that tiers rate, and those before the start, are not added here.
                credits.flags().get(row).filter(|flags| !flags.tiered)?;
                start_day.is_none_or(|start| start <= day).then_some((row, day, slot))
            });
            self.sums.look_up(batch, to_add.clone(), &mut looked);
            if let Some(cells) = &mut self.cells {
                cells.look_up(batch, to_add, &mut cells_looked);
            }
            for (at, row) in rows.enumerate() {
                self.add_row(batch, credits, row, [&looked, &cells_looked], at);
            }
        }
    }

    /// `looked`: the lines that were looked up, where the sums are and where those that are rounded are, and `at` the place of
    /// this one among them.
    fn add_row(
        &mut self,
        batch: &UsageBatch,
        credits: &CreditBatch,
        row: usize,
        [looked, cells_looked]: [&Looked; 2],
        at: usize,
    ) {
        let (Some(day), Some(verdict), Some(flags)) =
            (batch.dates().get(row), credits.verdicts().get(row), credits.flags().get(row))
        else {
            return;
        };
        if flags.tiered {
            self.ledger.add(batch, row, *day, *verdict);
        }
        if self.start.is_some_and(|start| *day < start) {
            self.early = Some(self.early.map_or(*day, |early| early.min(*day)));
            return;
        }
        self.first = Some(self.first.map_or(*day, |first| first.min(*day)));
        self.last = Some(self.last.map_or(*day, |last| last.max(*day)));
        self.reseller_conflicts += u64::from(flags.reseller_conflict);
        self.markets_assumed += u64::from(flags.market_assumed);
        if flags.tiered {
            return;
        }
        let list = credits.list_amounts().get(row).and_then(Option::as_ref);
        self.sums.add_looked(looked, at, list);
        if let Some(cells) = &mut self.cells {
            cells.add_looked(cells_looked, at, list);
        }
    }

    /// Adds what another statement by the same keys holds.
    ///
    /// # Errors
    /// `policy.invalid` where the keys or the days that they begin with differ.
    pub fn merge(&mut self, other: Self) -> Result<(), Error> {
        self.merge_by(other, one_by_one)
    }

    /// The same in pieces, which may be done side by side, by `all`.
    ///
    /// # Errors
    /// As [`merge`](Statement::merge).
    pub fn merge_by(&mut self, other: Self, all: impl FnOnce(Vec<WorkPiece<'_>>)) -> Result<(), Error> {
        let differ = |key: &str, expected: String, found: String| Error::PolicyInvalid {
            key: key.to_owned(),
            expected,
            found,
        };
        if self.by != other.by {
            let names = |keys: &[GroupKey]| keys.iter().map(|key| key.name()).collect::<Vec<_>>().join(",");
            return Err(differ("by", names(&self.by), names(&other.by)));
        }
        if self.start != other.start {
            let name = |start: Option<Day>| start.map_or("none".to_owned(), |day| day.to_string());
            return Err(differ("from", name(self.start), name(other.start)));
        }
        let mut pieces = Vec::new();
        self.sums.merge(other.sums, &mut pieces);
        match (&mut self.cells, other.cells) {
            (Some(cells), Some(others)) => cells.merge(others, &mut pieces),
            (cells @ None, others) => *cells = others,
            (Some(_), None) => {}
        }
        all(pieces);
        self.ledger.merge(other.ledger);
        self.early = [self.early, other.early].into_iter().flatten().min();
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = [self.last, other.last].into_iter().flatten().max();
        self.reseller_conflicts += other.reseller_conflicts;
        self.markets_assumed += other.markets_assumed;
        for (note, count) in other.notes {
            *self.notes.entry(note).or_default() += count;
        }
        Ok(())
    }

    /// What gives each line that tiers rate its amount, once every line of its month was added; none where the
    /// statement was not made [of lines](Statement::of_lines). The calculator is the one that the lines were credited by.
    #[must_use]
    pub fn rating<'s>(&'s self, calculator: &'s Calculator) -> Option<Rating<'s>> {
        self.ledger.is_by_line().then(|| Rating::new(&self.ledger, calculator))
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

    /// About the bytes that it takes, and that its body takes for a while: memory follows the groups, never the lines.
    #[must_use]
    pub fn memory(&self) -> usize {
        self.sums.memory() + self.cells.as_ref().map_or(0, Sheet::memory) + self.ledger.memory()
    }

    /// The number of lines.
    #[must_use]
    pub fn lines(&self) -> u64 {
        let own = |(key, _): &(&LotKey, &Lot)| self.start.is_none_or(|start| start <= key.day);
        self.sums.lines() + self.ledger.lots().filter(own).map(|(_, lot)| lot.lines).sum::<u64>()
    }

    /// The lines that tiers rate, rated and put to the others.
    fn rate_tiers(&mut self, calculator: &Calculator) {
        let ledger = std::mem::take(&mut self.ledger);
        let own = |day: Day| self.start.is_none_or(|start| start <= day);
        // Earlier days of the month may have been used and not been given.
        let within = self.early.or(self.first).filter(|first| *first != first.month_start());
        let mut from_within = 0;
        for lot in rate(&ledger, calculator).iter().filter(|lot| own(lot.key.day)) {
            if within.is_some_and(|first| first.month_start() == lot.key.day.month_start()) {
                from_within += lot.lot.lines;
            }
            let text = |field: Field| ledger.text(lot.key, field);
            let slot = (lot.lot.verdict, calculator.rule().rate_index(lot.key.day));
            let list = lot.list_amount();
            let without_price = if list.is_none() { lot.lot.lines } else { 0 };
            let tally = Tally { lines: lot.lot.lines, without_price, list: list.unwrap_or_default() };
            self.sums.add_tally(&text, lot.key.day, slot, &tally);
            if let Some(cells) = &mut self.cells {
                cells.add_tally(&text, lot.key.day, slot, &tally);
            }
        }
        if let Some(first) = within {
            let message = format!(
                "usage begins within a month, on {first}, and the tiers of that month are counted from there: give its earlier \
                 days too, or these lines may cost other amounts"
            );
            self.note_times("price.tier_start", &message, from_within);
        }
    }

    /// The body of the statement document. Lines that tiers rate are rated here, by the calculator that credited them.
    /// What is not needed any more should go [`into_body`](Statement::into_body): this one copies it.
    #[must_use]
    pub fn body(&self, calculator: &Calculator) -> StatementBody {
        self.clone().into_body(calculator)
    }

    /// As [`body`](Statement::body), of a statement that is done.
    #[must_use]
    pub fn into_body(self, calculator: &Calculator) -> StatementBody {
        self.into_body_by(calculator, one_by_one)
    }

    /// The same, its groups summed up and put in order in pieces, which may be done side by side, by `all`.
    #[must_use]
    pub fn into_body_by(
        mut self,
        calculator: &Calculator,
        all: impl FnOnce(Vec<WorkPiece<'_>>),
    ) -> StatementBody {
        if !self.ledger.is_empty() {
            self.rate_tiers(calculator);
        }
        let groups = (!self.by.is_empty()).then(|| {
            let sums = std::mem::replace(&mut self.sums, Sheet::new(&[]));
            Groups::new(&self.by, sums, calculator, all)
        });
        let by_class = groups.as_ref().map_or_else(|| self.sums.by_class(), Groups::by_class);
        let (mut reasons, mut without_price) = (BTreeMap::<RowKey<'_>, Sums>::new(), 0);
        for (currency, (verdict, rate), tally) in by_class {
            without_price += tally.without_price;
            // The rate is taken of the sum: the same as the sum of all, and worked out once.
            let sums = Sums::new(tally, verdict, &calculator.rule().rate_at(rate));
            reasons.entry(RowKey::new(currency, verdict)).or_default().add(&sums);
        }
        let rounded = self.cells.as_ref().map(|cells| RoundedSheet::new(cells, calculator));
        let mut warnings = self.warnings(calculator, &reasons, without_price);
        warnings.extend(rounded.iter().flat_map(RoundedSheet::warnings));
        warnings.sort_by(|a, b| (a.code, &a.message).cmp(&(b.code, &b.message)));
        let rounded = rounded.as_ref();
        let mut body = StatementBody {
            period: Period { first: self.first, last: self.last },
            rule: RuleSummary {
                version: calculator.rule().data().version.clone(),
                rate: calculator.rule().data().rate.iter().map(RateSummary::from).collect(),
                policy: calculator.policy().clone(),
            },
            totals: totals(&reasons, rounded),
            reasons: reasons
                .iter()
                .map(|(key, sums)| reason_sums(key, sums, rounded.map(|rounded| rounded.reason(key))))
                .collect(),
            groups: None,
            warnings,
        };
        body.groups = groups;
        body
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
        warnings
    }
}

/// Verdict and rate of a line.
fn slot(credits: &CreditBatch, row: usize) -> Option<Slot> {
    Some((*credits.verdicts().get(row)?, credits.rates().get(row).copied().flatten()))
}
