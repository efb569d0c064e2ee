//! Lines of tiered meters, kept until their month can be put in order.
//!
//! A graduated amount depends on every line of the meter before it in the month, and lines come in no order. So they
//! are kept by day, resource and content, quantities summed: memory follows the distinct resources and days of tiered
//! meters. Everything else streams.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::day::Day;
use crate::sheet::intern;
use crate::text_pool::TextId;
use crate::usage::Field;
use crate::usage_batch::UsageBatch;
use crate::verdict::{Outcome, Verdict};

/// The texts of a line beside its resource, in the order in which ties are told apart.
pub(crate) const CONTENT: [Field; Field::ALL.len() - 1] = {
    let mut content = [Field::CustomerId; Field::ALL.len() - 1];
    let (mut from, mut to) = (0, 0);
    while from < Field::ALL.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "worked out at compile time, where a wrong index does not compile"
        )]
        {
            let field = Field::ALL[from];
            if field as u8 != Field::ResourceId as u8 {
                content[to] = field;
                to += 1;
            }
        }
        from += 1;
    }
    content
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

    fn enter(&mut self, key: LotKey, lot: &Lot) {
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

    /// Every lot, in no order.
    pub fn lots(&self) -> impl Iterator<Item = (&LotKey, &Lot)> {
        self.lots.iter()
    }

    /// A text of a lot.
    pub fn text(&self, key: &LotKey, field: Field) -> &str {
        let id = if field == Field::ResourceId {
            Some(key.resource)
        } else {
            let at = field as usize - usize::from(field > Field::ResourceId);
            self.contents.get_index(key.content as usize).and_then(|content| content.get(at)).copied()
        };
        self.text_at(id.unwrap_or(u32::MAX))
    }

    pub fn text_at(&self, id: u32) -> &str {
        self.texts.get_index(id as usize).map_or("", |text| text)
    }

    /// The place of each text and of each content in the order of ties.
    pub fn ranks(&self) -> Ranks {
        Ranks {
            resources: ranked(self.texts.iter().map(|text| text.to_lowercase())),
            texts: ranked(self.texts.iter()),
            contents: ranked(self.contents.iter().map(|content| content.map(|id| self.text_at(id)))),
        }
    }
}

/// The places of texts and contents in the order of the month.
#[derive(Debug)]
pub(crate) struct Ranks {
    /// Of texts without regard to case, as resource ids are ordered.
    resources: Vec<u32>,
    texts: Vec<u32>,
    contents: Vec<u32>,
}

impl Ranks {
    /// What lots of a day are ordered by.
    pub fn of<'k>(&self, key: &'k LotKey) -> (u32, u32, u32, &'k Option<OneLine>) {
        let rank = |ranks: &[u32], id: u32| ranks.get(id as usize).copied().unwrap_or_default();
        (
            rank(&self.resources, key.resource),
            rank(&self.contents, key.content),
            rank(&self.texts, key.resource),
            &key.line,
        )
    }
}

/// The rank of each item; equal items have the same.
fn ranked<T: Ord>(items: impl Iterator<Item = T>) -> Vec<u32> {
    let mut order: Vec<(T, usize)> = items.zip(0..).collect();
    order.sort_unstable();
    let mut ranks = vec![0; order.len()];
    let mut rank = 0;
    let mut before: Option<&T> = None;
    for (item, at) in &order {
        rank += u32::from(before.is_some_and(|before| before != item));
        before = Some(item);
        if let Some(place) = ranks.get_mut(*at) {
            *place = rank;
        }
    }
    ranks
}

fn line_of(batch: &UsageBatch, row: usize, quantity: &Amount) -> OneLine {
    Box::new((quantity.clone(), batch.list_prices().get(row).cloned().flatten()))
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert!(CONTENT.is_sorted() && !CONTENT.contains(&Field::ResourceId));
    }
}
