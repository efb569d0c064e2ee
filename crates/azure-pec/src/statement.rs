//! Statements: exact sums by outcome, reason and any keys, merged in any order to the same bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};

use crate::amount::{Amount, Rounding};
use crate::calculator::{Calculator, CreditBatch, line_scope};
use crate::day::Day;
use crate::error::Error;
use crate::ids::Guid;
use crate::policy::Policy;
use crate::rule::RateRow;
use crate::scope::Scope;
use crate::usage::{Field, TextId, UsageBatch};
use crate::verdict::{Credit, Outcome, Reason, Verdict};

/// What a statement may be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// The customer's tenant.
    Customer,
    /// The reseller that the line names.
    Reseller,
    /// The Azure plan.
    Plan,
    /// The Azure subscription.
    Subscription,
    /// The resource group's name, in lower case.
    ResourceGroup,
    /// The resource's path, in lower case.
    Resource,
    /// The service.
    Service,
    /// The meter.
    Meter,
    /// Product and SKU, with a slash between them.
    Product,
    /// The invoice.
    Invoice,
    /// The day.
    Date,
    /// The month.
    Month,
}

impl GroupKey {
    /// Every key.
    pub const ALL: &'static [Self] = &[
        Self::Customer,
        Self::Reseller,
        Self::Plan,
        Self::Subscription,
        Self::ResourceGroup,
        Self::Resource,
        Self::Service,
        Self::Meter,
        Self::Product,
        Self::Invoice,
        Self::Date,
        Self::Month,
    ];

    /// Its name in options, documents and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::Reseller => "reseller",
            Self::Plan => "plan",
            Self::Subscription => "subscription",
            Self::ResourceGroup => "resource_group",
            Self::Resource => "resource",
            Self::Service => "service",
            Self::Meter => "meter",
            Self::Product => "product",
            Self::Invoice => "invoice",
            Self::Date => "date",
            Self::Month => "month",
        }
    }

    /// The fields that its value is made of.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Customer => &[Field::CustomerId],
            Self::Reseller => &[Field::ResellerId],
            Self::Plan => &[Field::PlanId],
            Self::Subscription => &[Field::SubscriptionId, Field::ResourceId],
            Self::ResourceGroup => &[Field::ResourceGroup, Field::ResourceId],
            Self::Resource => &[Field::ResourceId],
            Self::Service => &[Field::Service],
            Self::Meter => &[Field::MeterId],
            Self::Product => &[Field::ProductId, Field::SkuId],
            Self::Invoice => &[Field::InvoiceId],
            Self::Date | Self::Month => &[],
        }
    }

    /// The value of a line whose texts are given, in the one spelling that groups are compared by.
    fn value<'t>(self, text: &impl Fn(Field) -> &'t str, day: Day) -> String {
        match self {
            Self::Customer => id_text(text(Field::CustomerId)),
            Self::Reseller => text(Field::ResellerId).trim().to_owned(),
            Self::Plan => id_text(text(Field::PlanId)),
            Self::Subscription => {
                let own = text(Field::SubscriptionId);
                if !own.trim().is_empty() {
                    return id_text(own);
                }
                let scope: Option<Scope> = text(Field::ResourceId).parse().ok();
                scope.and_then(|scope| scope.subscription_id()).map(|id| id.to_string()).unwrap_or_default()
            }
            Self::ResourceGroup => {
                let own = text(Field::ResourceGroup).trim();
                if !own.is_empty() {
                    return own.to_lowercase();
                }
                let scope = line_scope(text).map(|scope| scope.to_string()).unwrap_or_default();
                scope.split('/').nth(4).unwrap_or_default().to_owned()
            }
            Self::Resource => {
                let own = text(Field::ResourceId);
                own.parse::<Scope>().map_or_else(|_| own.trim().to_lowercase(), |scope| scope.to_string())
            }
            Self::Service => text(Field::Service).trim().to_owned(),
            Self::Meter => text(Field::MeterId).trim().to_ascii_lowercase(),
            Self::Product => {
                let [product, sku] = [Field::ProductId, Field::SkuId].map(|field| text(field).trim());
                if sku.is_empty() { product.to_owned() } else { format!("{product}/{sku}") }
            }
            Self::Invoice => text(Field::InvoiceId).trim().to_owned(),
            Self::Date => day.to_string(),
            Self::Month => day.month(),
        }
    }
}

/// A GUID in its one spelling; any other id as it stands; the empty GUID as nothing.
fn id_text(text: &str) -> String {
    match Guid::parse(text.trim().as_bytes()) {
        Some(Guid::NIL) => String::new(),
        Some(id) => id.to_string(),
        None => text.trim().to_ascii_lowercase(),
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GroupKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().find(|key| key.name() == text.trim()).copied().ok_or_else(|| Error::IdInvalid {
            expected: "one of customer, reseller, plan, subscription, resource_group, resource, service, meter, product, invoice, date, month",
            found: text.to_owned(),
        })
    }
}

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

/// Exact sums over any number of lines. Parts merge in any order to the whole, to the byte.
#[derive(Debug)]
pub struct Statement {
    by: Vec<GroupKey>,
    texts: IndexSet<Box<str>, FxBuildHasher>,
    tallies: FxHashMap<(Box<[u32]>, Slot), Tally>,
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
            tallies: FxHashMap::default(),
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
        // The key is only copied for a new group.
        let looked_up = (Box::from(key.as_slice()), slot);
        line(self.tallies.entry(looked_up).or_default());
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
        for ((key, slot), tally) in other.tallies {
            let key =
                key.iter().map(|id| translated.get(*id as usize).copied().unwrap_or_default()).collect();
            self.tallies.entry((key, slot)).or_default().add(&tally);
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
        let mut groups: BTreeMap<(Vec<String>, RowKey), Sums> = BTreeMap::new();
        let mut reasons: BTreeMap<RowKey, Sums> = BTreeMap::new();
        let mut without_price = 0;
        for ((key, (verdict, rate)), tally) in &self.tallies {
            let mut texts: Vec<String> = key
                .iter()
                .map(|id| self.texts.get_index(*id as usize).map_or("", |t| t).to_owned())
                .collect();
            let currency = texts.pop().unwrap_or_default();
            let row = RowKey { currency, outcome: verdict.outcome.as_str(), reason: verdict.reason.code() };
            let sums = Sums::new(tally, *verdict, calculator.rule().rate_at(*rate));
            without_price += tally.without_price;
            reasons.entry(row.clone()).or_default().add(&sums);
            if !self.by.is_empty() {
                groups.entry((texts, row)).or_default().add(&sums);
            }
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
            reasons: reasons.iter().map(|(key, sums)| ReasonSums::new(key, sums)).collect(),
            groups: (!self.by.is_empty()).then(|| {
                let row = |((values, key), sums): (&(Vec<String>, RowKey), &Sums)| GroupSums {
                    keys: self.by.iter().copied().zip(values.iter().cloned()).collect(),
                    sums: ReasonSums::new(key, sums),
                };
                groups.iter().map(row).collect()
            }),
            warnings,
        }
    }

    fn warnings(
        &self,
        calculator: &Calculator,
        reasons: &BTreeMap<RowKey, Sums>,
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
                *money.entry(&key.currency).or_default() += &sums.list_amount;
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

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct RowKey {
    currency: String,
    outcome: &'static str,
    reason: &'static str,
}

#[derive(Debug, Clone, Default)]
struct Sums {
    lines: u64,
    list_amount: Amount,
    potential: Amount,
    credit: Amount,
}

impl Sums {
    fn new(tally: &Tally, verdict: Verdict, rate: Amount) -> Self {
        let credit = Credit::new(verdict, Some(tally.list.clone()), rate);
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

fn totals(reasons: &BTreeMap<RowKey, Sums>) -> Vec<Totals> {
    let mut totals: BTreeMap<&str, Totals> = BTreeMap::new();
    for (key, sums) in reasons {
        let total = totals.entry(&key.currency).or_insert_with(|| Totals::of(&key.currency));
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

/// `azure-pec/statement/1`.
#[derive(Debug, Clone, Serialize)]
pub struct StatementDocument {
    /// `azure-pec/statement/1`.
    pub schema: &'static str,
    /// What the same data always gives, to the byte.
    pub body: StatementBody,
    /// SHA-256 of the body as compact JSON: `jq -cj .body | sha256sum`.
    pub body_sha256: String,
    /// What was read.
    pub inputs: Vec<InputSummary>,
}

impl StatementDocument {
    /// The document of a body and what it was read from.
    #[must_use]
    pub fn new(body: StatementBody, mut inputs: Vec<InputSummary>) -> Self {
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let compact = serde_json::to_vec(&body).unwrap_or_default();
        let digest = Sha256::digest(&compact);
        let body_sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        Self { schema: "azure-pec/statement/1", body, body_sha256, inputs }
    }

    /// The document as it is printed: two-space indents, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The body of a statement.
#[derive(Debug, Clone, Serialize)]
pub struct StatementBody {
    /// The first and last day of the usage.
    pub period: Period,
    /// By what rule.
    pub rule: RuleSummary,
    /// The sums by currency.
    pub totals: Vec<Totals>,
    /// The sums by currency, outcome and reason.
    pub reasons: Vec<ReasonSums>,
    /// The sums by the keys asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub groups: Option<Vec<GroupSums>>,
    /// What to know before trusting the numbers.
    pub warnings: Vec<Warning>,
}

/// The days of the usage, both included.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Period {
    /// The first day.
    pub first: Option<Day>,
    /// The last day.
    pub last: Option<Day>,
}

/// The rule in a statement.
#[derive(Debug, Clone, Serialize)]
pub struct RuleSummary {
    /// The version of the rule data.
    pub version: String,
    /// The rates.
    pub rate: Vec<RateSummary>,
    /// The policy.
    pub policy: Policy,
}

/// A rate and its first day.
#[derive(Debug, Clone, Serialize)]
pub struct RateSummary {
    /// The first day.
    pub start: Day,
    /// The rate.
    pub rate: Amount,
}

impl From<&RateRow> for RateSummary {
    fn from(row: &RateRow) -> Self {
        Self { start: row.start, rate: row.rate.clone() }
    }
}

/// The sums of a currency.
#[derive(Debug, Clone, Serialize)]
pub struct Totals {
    /// The pricing currency.
    pub currency: String,
    /// The number of lines.
    pub lines: u64,
    /// The list amounts.
    pub list_amount: Amount,
    /// The credits.
    pub earned: Amount,
    /// What the missed lines could have had.
    pub missed: Amount,
    /// What the unknown lines may have had.
    pub unknown: Amount,
    /// List amount less earned.
    pub net: Amount,
    /// Earned over earned, missed and unknown, cut to six decimals.
    pub coverage: Option<Amount>,
}

impl Totals {
    fn of(currency: &str) -> Self {
        Self {
            currency: currency.to_owned(),
            lines: 0,
            list_amount: Amount::ZERO,
            earned: Amount::ZERO,
            missed: Amount::ZERO,
            unknown: Amount::ZERO,
            net: Amount::ZERO,
            coverage: None,
        }
    }
}

/// The sums of a reason.
#[derive(Debug, Clone, Serialize)]
pub struct ReasonSums {
    /// The pricing currency.
    pub currency: String,
    /// The outcome.
    pub outcome: &'static str,
    /// The code of the reason.
    pub reason: &'static str,
    /// The number of lines.
    pub lines: u64,
    /// The list amounts.
    pub list_amount: Amount,
    /// List amount times rate; 0 for `never`.
    pub potential: Amount,
    /// The potential of what earned.
    pub credit: Amount,
}

impl ReasonSums {
    fn new(key: &RowKey, sums: &Sums) -> Self {
        Self {
            currency: key.currency.clone(),
            outcome: key.outcome,
            reason: key.reason,
            lines: sums.lines,
            list_amount: sums.list_amount.clone(),
            potential: sums.potential.clone(),
            credit: sums.credit.clone(),
        }
    }

    /// The reason.
    #[must_use]
    pub fn reason(&self) -> Option<Reason> {
        Reason::ALL.iter().find(|reason| reason.code() == self.reason).copied()
    }
}

/// The sums of a group and reason.
#[derive(Debug, Clone)]
pub struct GroupSums {
    /// The values of the keys.
    pub keys: Vec<(GroupKey, String)>,
    /// The sums.
    pub sums: ReasonSums,
}

impl Serialize for GroupSums {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.keys.len() + 7))?;
        for (key, value) in &self.keys {
            map.serialize_entry(key.name(), value)?;
        }
        map.serialize_entry("currency", &self.sums.currency)?;
        map.serialize_entry("outcome", self.sums.outcome)?;
        map.serialize_entry("reason", self.sums.reason)?;
        map.serialize_entry("lines", &self.sums.lines)?;
        map.serialize_entry("list_amount", &self.sums.list_amount)?;
        map.serialize_entry("potential", &self.sums.potential)?;
        map.serialize_entry("credit", &self.sums.credit)?;
        map.end()
    }
}

/// Something to know before trusting the numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Warning {
    /// The stable code.
    pub code: &'static str,
    /// In words; it names no file.
    pub message: String,
    /// How often.
    pub count: u64,
}

/// A file that was read or passed over.
#[derive(Debug, Clone, Serialize)]
pub struct InputSummary {
    /// The path, as it was given or found.
    pub path: String,
    /// The kind; none for a file that was passed over.
    pub kind: Option<String>,
    /// The records in it.
    pub records: u64,
    /// The records that took part.
    pub used: u64,
    /// The records that could not be read.
    pub rejected: u64,
    /// What there is to say of it.
    pub notes: Vec<String>,
}
