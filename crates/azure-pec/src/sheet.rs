//! One table of exact sums by keys, merged in any order.

use indexmap::{Equivalent, IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::day::Day;
use crate::group_key::GroupKey;
use crate::policy::TierScope;
use crate::usage::{Field, TextId, UsageBatch};
use crate::verdict::Verdict;

/// What falls into one row of a sheet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub lines: u64,
    pub without_price: u64,
    pub list: Amount,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.without_price += other.without_price;
        self.list += &other.list;
    }
}

/// Verdict and rate, as they stand behind the keys of a row.
pub(crate) type Slot = (Verdict, Option<usize>);

/// What a sheet may be kept by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetKey {
    Group(GroupKey),
    /// The pricing currency; absent is USD: the Azure plan is priced in it.
    Currency,
    /// The currency of the invoice; absent is the pricing currency.
    BillingCurrency,
    /// Pricing to billing currency, as the line says.
    ExchangeRate,
    /// What tiers count over and rounding sums up.
    Scope(TierScope),
}

impl SheetKey {
    const fn fields(self) -> &'static [Field] {
        match self {
            Self::Group(key) => key.fields(),
            Self::Currency => &[Field::Currency],
            Self::BillingCurrency => &[Field::BillingCurrency, Field::Currency],
            Self::ExchangeRate => &[Field::ExchangeRate],
            // Of a line without a plan, or where subscriptions count.
            Self::Scope(_) => &[Field::SubscriptionId, Field::ResourceId],
        }
    }

    fn value<'t>(self, text: &impl Fn(Field) -> &'t str, day: Day) -> String {
        match self {
            Self::Group(key) => key.value(text, day),
            Self::Currency => currency(text),
            Self::BillingCurrency => match text(Field::BillingCurrency).trim() {
                "" => currency(text),
                code => code.to_ascii_uppercase(),
            },
            // One spelling; what is no number stays as it stands, and is no rate.
            Self::ExchangeRate => {
                let text = text(Field::ExchangeRate).trim();
                text.parse::<Amount>().map_or_else(|_| text.to_owned(), |rate| rate.to_string())
            }
            Self::Scope(scope) => scope.value(text),
        }
    }
}

fn currency<'t>(text: &impl Fn(Field) -> &'t str) -> String {
    match text(Field::Currency).trim() {
        "" => "USD".to_owned(),
        code => code.to_ascii_uppercase(),
    }
}

/// Stands for a plan that names none.
const NO_PLAN: u32 = u32::MAX;

/// A row: the ids of the values of its keys, verdict and rate.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Row {
    ids: Box<[u32]>,
    slot: Slot,
}

/// A row that is looked for, without a copy of its ids. Hashes as [`Row`] does: the same parts in the same order.
#[derive(Hash)]
struct Wanted<'k> {
    ids: &'k [u32],
    slot: Slot,
}

impl Equivalent<Row> for Wanted<'_> {
    fn equivalent(&self, row: &Row) -> bool {
        *self.ids == *row.ids && self.slot == row.slot
    }
}

/// Sums by keys, verdict and rate.
#[derive(Debug, Clone)]
pub(crate) struct Sheet {
    keys: Box<[SheetKey]>,
    texts: IndexSet<Box<str>, FxBuildHasher>,
    tallies: IndexMap<Row, Tally, FxBuildHasher>,
    pool: Option<u64>,
    seen: FxHashMap<(usize, TextId, TextId), u32>,
    seen_days: FxHashMap<(usize, Day), u32>,
    key: Vec<u32>,
}

impl Sheet {
    pub fn new(keys: Box<[SheetKey]>) -> Self {
        Self {
            keys,
            texts: IndexSet::default(),
            tallies: IndexMap::default(),
            pool: None,
            seen: FxHashMap::default(),
            seen_days: FxHashMap::default(),
            key: Vec::new(),
        }
    }

    /// Ids of another pool mean other texts.
    pub fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.seen.clear();
        }
    }

    /// Adds a line; its pool is known.
    pub fn add(&mut self, batch: &UsageBatch, row: usize, day: Day, slot: Slot, list: Option<&Amount>) {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        for at in 0..self.keys.len() {
            key.push(self.key_part(at, batch, row, day));
        }
        let line = |tally: &mut Tally| {
            tally.lines += 1;
            match list {
                Some(list) => tally.list += list,
                None => tally.without_price += 1,
            }
        };
        match self.tallies.get_mut(&Wanted { ids: &key, slot }) {
            Some(tally) => line(tally),
            None => line(self.tallies.entry(Row { ids: key.as_slice().into(), slot }).or_default()),
        }
        self.key = key;
    }

    /// Adds lines that have these texts in common.
    pub fn add_tally<'t>(&mut self, text: &impl Fn(Field) -> &'t str, day: Day, slot: Slot, tally: &Tally) {
        let texts = &mut self.texts;
        let ids = self.keys.iter().map(|key| intern(texts, &key.value(text, day))).collect();
        self.tallies.entry(Row { ids, slot }).or_default().add(tally);
    }

    /// The id of the value of one key of a line.
    fn key_part(&mut self, at: usize, batch: &UsageBatch, row: usize, day: Day) -> u32 {
        let text = |field: Field| batch.text(field, row);
        let Some(key) = self.keys.get(at).copied() else { return 0 };
        let fields = key.fields();
        if fields.is_empty() {
            if let Some(known) = self.seen_days.get(&(at, day)) {
                return *known;
            }
            let known = intern(&mut self.texts, &key.value(&text, day));
            self.seen_days.insert((at, day), known);
            return known;
        }
        if key == SheetKey::Scope(TierScope::Plan)
            && let Some(plan) = self.plan(batch, row)
        {
            return plan;
        }
        let mut ids = fields.iter().map(|field| batch.id(*field, row));
        let id = (at, ids.next().unwrap_or_default(), ids.next().unwrap_or_default());
        if let Some(known) = self.seen.get(&id) {
            return *known;
        }
        let known = intern(&mut self.texts, &key.value(&text, day));
        self.seen.insert(id, known);
        known
    }

    /// The id of the plan of a line; none where it names none.
    fn plan(&mut self, batch: &UsageBatch, row: usize) -> Option<u32> {
        let id = (self.keys.len(), batch.id(Field::PlanId, row), TextId::EMPTY);
        let texts = &mut self.texts;
        let known = *self.seen.entry(id).or_insert_with(|| {
            TierScope::plan(&|field| batch.text(field, row)).map_or(NO_PLAN, |plan| intern(texts, &plan))
        });
        (known != NO_PLAN).then_some(known)
    }

    /// Adds what another sheet by the same keys holds.
    pub fn merge(&mut self, other: Self) {
        let translated: Vec<u32> = other.texts.iter().map(|text| intern(&mut self.texts, text)).collect();
        for (Row { ids, slot }, tally) in other.tallies {
            let ids =
                ids.iter().map(|id| translated.get(*id as usize).copied().unwrap_or_default()).collect();
            self.tallies.entry(Row { ids, slot }).or_default().add(&tally);
        }
    }

    /// The rows, in no order: the values of the keys, verdict and rate, and the sums.
    pub fn rows(&self) -> impl Iterator<Item = (Vec<&str>, Slot, &Tally)> {
        let text = |id: &u32| self.texts.get_index(*id as usize).map_or("", |text| &**text);
        self.tallies.iter().map(move |(row, tally)| (row.ids.iter().map(text).collect(), row.slot, tally))
    }

    /// The number of lines.
    pub fn lines(&self) -> u64 {
        self.tallies.values().map(|tally| tally.lines).sum()
    }
}

/// The id of a text in a pool of its own.
pub(crate) fn intern(texts: &mut IndexSet<Box<str>, FxBuildHasher>, text: &str) -> u32 {
    let at = match texts.get_index_of(text) {
        Some(at) => at,
        None => texts.insert_full(text.into()).0,
    };
    u32::try_from(at).unwrap_or(u32::MAX)
}
