//! Lines of tiered meters, kept until their month can be put in order.
//!
//! A graduated amount depends on every line of the meter before it in the month, and lines come in no order. So they
//! are kept by day, resource and content, quantities summed: memory follows the distinct resources and days of tiered
//! meters. Everything else streams.

use std::cmp::Ordering;

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};

use crate::amount::Amount;
use crate::day::Day;
use crate::sheet::intern;
use crate::text_pool::TextId;
use crate::usage::{FIELDS, Field};
use crate::usage_batch::UsageBatch;
use crate::verdict::{Outcome, Verdict};

/// The texts of a line beside its resource, in the order in which ties are told apart: first what decides on its answer
/// ([`Calculator::fields`](crate::Calculator::fields)), then what lines are grouped by, then the others. So lines that have
/// the first of them in common, up to the last that anything is summed by, may stand in any order among themselves: each
/// sum is the same.
pub(crate) const CONTENT: [Field; FIELDS - 1] = [
    Field::CustomerId,
    Field::ResellerId,
    Field::PartnerTenantId,
    Field::PlanId,
    Field::PlanName,
    Field::SubscriptionId,
    Field::ResourceGroup,
    Field::MeterId,
    Field::MeterName,
    Field::ProductId,
    Field::SkuId,
    Field::SkuName,
    Field::ChargeType,
    Field::PricingModel,
    Field::BenefitType,
    Field::ReservationId,
    Field::PublisherType,
    Field::PublisherName,
    Field::BillingProvider,
    Field::CreditPercentage,
    Field::Currency,
    Field::CustomerName,
    Field::SubscriptionName,
    Field::Service,
    Field::InvoiceId,
    Field::BillingCurrency,
    Field::ExchangeRate,
    Field::ObservedRate,
    Field::ObservedBasis,
    Field::PriceBasis,
    Field::QuantityDoubt,
    Field::AvailabilityId,
    Field::Unit,
    Field::EffectiveUnitPrice,
    Field::PricingTotal,
    Field::BillingTotal,
    Field::ExchangeRateDate,
    Field::PreviousInvoiceId,
];

/// Where each field stands in [`CONTENT`].
const PLACES: [usize; FIELDS] = {
    let mut places = [usize::MAX; FIELDS];
    let mut at = 0;
    while at < CONTENT.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "worked out at compile time, where a wrong index does not compile"
        )]
        {
            places[CONTENT[at] as usize] = at;
        }
        at += 1;
    }
    places
};

/// The ids of the texts of [`CONTENT`].
pub(crate) type Content = [u32; CONTENT.len()];

/// Quantity and own list price of a line.
pub(crate) type OneLine = Box<(Amount, Option<Amount>)>;

/// What lines are kept by. Lines that have these in common stand beside each other in the order of the month, have one
/// verdict and one price, and fall into one group.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LotKey {
    pub day: Day,
    pub resource: u32,
    pub content: u32,
    /// Quantity and own list price, where lines are told apart to the last.
    pub line: Option<OneLine>,
}

/// Lines that have their key in common.
#[derive(Debug, Clone)]
pub(crate) struct Lot {
    pub verdict: Verdict,
    pub lines: u64,
    pub quantity: Amount,
}

impl Lot {
    /// Whether the lines move the month's quantity: those that can never earn do not.
    pub fn counts(&self) -> bool {
        self.verdict.outcome != Outcome::Never
    }
}

/// The lines of tiered meters.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    contents: IndexSet<Content, FxBuildHasher>,
    lots: IndexMap<LotKey, Lot, FxBuildHasher>,
    /// Lines are told apart to the last, so that each can be rated.
    by_line: bool,
    seen: Seen,
}

/// Which ids the texts of a pool have.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen {
    pool: Option<u64>,
    texts: FxHashMap<TextId, u32>,
    contents: FxHashMap<[TextId; CONTENT.len()], u32>,
}

impl Seen {
    fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.texts.clear();
            self.contents.clear();
        }
    }
}

impl Ledger {
    pub fn new(by_line: bool) -> Self {
        Self { by_line, ..Self::default() }
    }

    pub const fn is_by_line(&self) -> bool {
        self.by_line
    }

    pub fn is_empty(&self) -> bool {
        self.lots.is_empty()
    }

    /// About the bytes that it takes.
    pub fn memory(&self) -> usize {
        let contents = self.contents.capacity() * size_of::<Content>();
        let seen = self.seen.contents.capacity() * size_of::<([TextId; CONTENT.len()], u32)>();
        self.lots.capacity() * (size_of::<(LotKey, Lot)>() + size_of::<usize>()) + contents + seen
    }

    /// Adds a line.
    pub fn add(&mut self, batch: &UsageBatch, row: usize, day: Day, verdict: Verdict) {
        let Some(quantity) = batch.quantities().get(row) else { return };
        self.seen.know_pool(batch);
        let resource = self.text_id(batch, batch.id(Field::ResourceId, row));
        let content = self.content_id(batch, row);
        // Lines that do not move the month's quantity are each priced at the same place: their sum is not enough.
        let line = (self.by_line || verdict.outcome == Outcome::Never).then(|| line_of(batch, row, quantity));
        self.enter(
            LotKey { day, resource, content, line },
            &Lot { verdict, lines: 1, quantity: quantity.clone() },
        );
    }

    /// Adds lines that have their key in common.
    pub fn enter(&mut self, key: LotKey, lot: &Lot) {
        match self.lots.get_mut(&key) {
            Some(known) => {
                known.lines += lot.lines;
                known.quantity += &lot.quantity;
            }
            None => {
                self.lots.insert(key, lot.clone());
            }
        }
    }

    fn text_id(&mut self, batch: &UsageBatch, id: TextId) -> u32 {
        let texts = &mut self.texts;
        *self.seen.texts.entry(id).or_insert_with(|| intern(texts, batch.texts().get(id)))
    }

    fn content_id(&mut self, batch: &UsageBatch, row: usize) -> u32 {
        let ids = CONTENT.map(|field| batch.id(field, row));
        if let Some(known) = self.seen.contents.get(&ids) {
            return *known;
        }
        let content = ids.map(|id| self.text_id(batch, id));
        let at = u32::try_from(self.contents.insert_full(content).0).unwrap_or(u32::MAX);
        self.seen.contents.insert(ids, at);
        at
    }

    /// The key of a line of the ledger; none for any other.
    pub fn find(&self, seen: &mut Seen, batch: &UsageBatch, row: usize, day: Day) -> Option<LotKey> {
        seen.know_pool(batch);
        let text_id = |id: TextId| {
            u32::try_from(self.texts.get_index_of(batch.texts().get(id)).unwrap_or(usize::MAX))
                .unwrap_or(u32::MAX)
        };
        let ids = CONTENT.map(|field| batch.id(field, row));
        let content = *seen.contents.entry(ids).or_insert_with(|| {
            let at = self.contents.get_index_of(&ids.map(text_id)).unwrap_or(usize::MAX);
            u32::try_from(at).unwrap_or(u32::MAX)
        });
        let resource = batch.id(Field::ResourceId, row);
        let resource = *seen.texts.entry(resource).or_insert_with(|| text_id(resource));
        let line = Some(line_of(batch, row, batch.quantities().get(row)?));
        let key = LotKey { day, resource, content, line };
        self.lots.contains_key(&key).then_some(key)
    }

    /// Adds what another ledger holds.
    pub fn merge(&mut self, other: Self) {
        self.by_line |= other.by_line;
        let texts: Vec<u32> = other.texts.iter().map(|text| intern(&mut self.texts, text)).collect();
        let text = |id: u32| texts.get(id as usize).copied().unwrap_or_default();
        let contents: Vec<u32> = other
            .contents
            .iter()
            .map(|content| u32::try_from(self.contents.insert_full(content.map(text)).0).unwrap_or(u32::MAX))
            .collect();
        for (key, lot) in other.lots {
            let content = contents.get(key.content as usize).copied().unwrap_or_default();
            self.enter(LotKey { resource: text(key.resource), content, ..key }, &lot);
        }
    }

    /// The ledger without the lots that are not wanted.
    pub fn only(&self, wanted: impl Fn(&Self, &LotKey) -> bool) -> Self {
        let mut kept = self.clone();
        kept.lots.retain(|key, _| wanted(self, key));
        kept
    }

    /// Takes in the texts and contents that the ids of keys stand for; to be called before any lot is entered.
    pub fn know(
        &mut self,
        texts: impl IntoIterator<Item = String>,
        contents: impl IntoIterator<Item = Content>,
    ) {
        self.texts.extend(texts.into_iter().map(String::into_boxed_str));
        self.contents.extend(contents);
    }

    /// The texts, in the order of their ids.
    pub fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }

    /// The contents, in the order of their ids.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        self.contents.iter()
    }

    /// Every lot, in no order.
    pub fn lots(&self) -> impl Iterator<Item = (&LotKey, &Lot)> {
        self.lots.iter()
    }

    /// A text of a lot.
    pub fn text(&self, key: &LotKey, field: Field) -> &str {
        let id = if field == Field::ResourceId {
            Some(key.resource)
        } else {
            let content = self.contents.get_index(key.content as usize);
            content.zip(PLACES.get(field as usize)).and_then(|(content, at)| content.get(*at)).copied()
        };
        self.text_at(id.unwrap_or(u32::MAX))
    }

    pub fn text_at(&self, id: u32) -> &str {
        self.texts.get_index(id as usize).map_or("", |text| text)
    }

    /// The order of lots of a day.
    pub fn order(&self) -> Order<'_> {
        let resources: FxHashSet<u32> = self.lots.keys().map(|key| key.resource).collect();
        let mut order: Vec<(String, u32)> =
            resources.into_iter().map(|id| (self.text_at(id).to_lowercase(), id)).collect();
        order.sort_unstable();
        let mut resources = vec![0; self.texts.len()];
        let same = order.chunk_by(|(one, _), (next, _)| one == next);
        for (rank, spellings) in (0..).zip(same) {
            for (_, id) in spellings {
                if let Some(place) = resources.get_mut(*id as usize) {
                    *place = rank;
                }
            }
        }
        Order { ledger: self, resources }
    }
}

/// The order of lots of a day: by resource, and where they tie by content.
#[derive(Debug)]
pub(crate) struct Order<'l> {
    ledger: &'l Ledger,
    /// The ranks of resources without regard to case, as their ids are ordered, by the places of texts.
    resources: Vec<u32>,
}

impl Order<'_> {
    pub fn of(&self, one: &LotKey, other: &LotKey) -> Ordering {
        let rank = |key: &LotKey| self.resources.get(key.resource as usize).copied();
        let text = |id: u32| self.ledger.text_at(id);
        rank(one)
            .cmp(&rank(other))
            .then_with(|| self.of_contents(one.content, other.content))
            .then_with(|| text(one.resource).cmp(text(other.resource)))
            .then_with(|| one.line.cmp(&other.line))
    }

    fn of_contents(&self, one: u32, other: u32) -> Ordering {
        let content = |at: u32| self.ledger.contents.get_index(at as usize).into_iter().flatten();
        let mut differing = content(one).zip(content(other)).filter(|(one, other)| one != other);
        let differing = differing.next();
        differing.map_or(Ordering::Equal, |(one, other)| {
            self.ledger.text_at(*one).cmp(self.ledger.text_at(*other))
        })
    }
}

fn line_of(batch: &UsageBatch, row: usize, quantity: &Amount) -> OneLine {
    Box::new((quantity.clone(), batch.list_prices().get(row).cloned().flatten()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Calculator, GroupKey, Statement};

    #[test]
    fn every_text_of_a_lot_is_found_by_its_field() {
        let mut batch = UsageBatch::new();
        for field in Field::ALL {
            batch.set(*field, field.name());
        }
        batch.push(Day::from_number(1), Amount::ONE, None, 1);
        let mut ledger = Ledger::new(true);
        ledger.add(&batch, 0, Day::from_number(1), Verdict::of(crate::verdict::Reason::Earned));
        let (key, _) = ledger.lots().next().unwrap();
        assert!(Field::ALL.iter().all(|field| ledger.text(key, *field) == field.name()));
        assert_eq!(CONTENT.len() + 1, Field::ALL.len());
        assert!(!CONTENT.contains(&Field::ResourceId));
    }

    /// What is told is no less than lots, contents and what the pool's texts are, and not much more: tables grow by doubling.
    #[test]
    fn memory_follows_lots_and_contents() {
        let earned = Verdict::of(crate::verdict::Reason::Earned);
        let told = |resources: usize, meters: usize| {
            let mut batch = UsageBatch::new();
            for row in 0..resources.max(meters) {
                batch.set(Field::ResourceId, &format!("resource {}", row % resources));
                batch.set(Field::MeterId, &format!("meter {}", row % meters));
                batch.push(Day::from_number(1), Amount::ONE, None, row as u64 + 1);
            }
            let mut ledger = Ledger::new(false);
            (0..resources.max(meters)).for_each(|row| ledger.add(&batch, row, Day::from_number(1), earned));
            (ledger.memory(), ledger.lots().count(), ledger.contents().count())
        };
        // A table keeps the hash of each beside it.
        let lot = size_of::<LotKey>() + size_of::<Lot>() + size_of::<usize>();
        let content = 2 * size_of::<Content>();
        // The most that a table holds before it grows: there is no room to spare.
        for count in [448, 1792] {
            for (resources, meters) in [(count, 1), (1, count), (count, count)] {
                let (memory, lots, contents) = told(resources, meters);
                assert_eq!((lots, contents), (count, meters));
                let held = lots * lot + contents * content;
                assert!((held..=held * 3 / 2 + 4000).contains(&memory), "{memory} of {held}");
            }
        }
        assert_eq!((Ledger::new(false).memory(), Ledger::new(true).memory()), (0, 0));
        assert!(Ledger::new(false).is_empty());
    }

    #[test]
    fn what_decides_comes_first_then_what_lines_are_grouped_by() {
        let deciding = || Calculator::fields().filter(|field| *field != Field::ResourceId);
        let (first, others) = CONTENT.split_at(deciding().count());
        assert!(deciding().all(|field| first.contains(&field)));
        let keys = GroupKey::ALL.iter().chain(&[GroupKey::CustomerName, GroupKey::SubscriptionName]);
        let grouping = Statement::fields(&keys.copied().collect::<Vec<_>>());
        let grouped = others.iter().take_while(|field| grouping.contains(field)).count();
        assert!(others[grouped..].iter().all(|field| !grouping.contains(field)));
    }
}
