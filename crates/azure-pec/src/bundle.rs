//! Texts of a line that mostly come together: what the product is, how it is charged, and where it stands.

use crate::id_rows::IdRows;
use crate::text_pool::TextId;
use crate::usage::{FIELDS, Field};

/// Fields whose texts mostly come together. A month has many lines and far fewer products and places, so a batch keeps
/// each combination of their texts once, and a line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Bundle {
    /// The fields that say what is used. The meter mostly tells the others.
    Product,
    /// The fields that say how it is charged; a month has a few dozen combinations of them.
    Terms,
    /// The fields that decide on access.
    Place,
}

const PRODUCT: &[Field] = &[Field::ProductId, Field::SkuId, Field::SkuName, Field::MeterId, Field::MeterName];

const TERMS: &[Field] = &[
    Field::ChargeType,
    Field::PlanName,
    Field::CreditPercentage,
    Field::PricingModel,
    Field::BenefitType,
    Field::ReservationId,
    Field::PublisherType,
    Field::PublisherName,
    Field::BillingProvider,
];

const PLACE: &[Field] = &[
    Field::CustomerId,
    Field::PlanId,
    Field::SubscriptionId,
    Field::ResellerId,
    Field::PartnerTenantId,
    Field::ResourceGroup,
    Field::ResourceId,
    // Of no weight for access; they come with the place, and pages ask for them.
    Field::CustomerName,
    Field::SubscriptionName,
];

impl Bundle {
    /// Every bundle.
    pub const ALL: [Self; 3] = [Self::Product, Self::Terms, Self::Place];

    /// Its fields, in the order of their texts in a combination. No field is in two bundles.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Product => PRODUCT,
            Self::Terms => TERMS,
            Self::Place => PLACE,
        }
    }

    /// The field whose text mostly tells those of the others.
    const fn leader(self) -> Field {
        match self {
            Self::Product => Field::MeterId,
            Self::Terms => Field::PricingModel,
            Self::Place => Field::ResourceId,
        }
    }

    /// The bundle of a field, and its place there; none for a field that stands alone.
    #[must_use]
    #[inline]
    pub fn of(field: Field) -> Option<(Self, usize)> {
        SLOTS.get(field as usize).copied().flatten()
    }
}

/// Where each field is.
const SLOTS: [Option<(Bundle, usize)>; FIELDS] = placed(
    placed(placed([None; FIELDS], PRODUCT, Bundle::Product), TERMS, Bundle::Terms),
    PLACE,
    Bundle::Place,
);

/// The places with those of a bundle's fields.
const fn placed(
    mut slots: [Option<(Bundle, usize)>; FIELDS],
    fields: &[Field],
    bundle: Bundle,
) -> [Option<(Bundle, usize)>; FIELDS] {
    let mut at = 0;
    while at < fields.len() {
        #[expect(
            clippy::indexing_slicing,
            reason = "worked out at compile time, where a wrong index does not compile"
        )]
        {
            slots[fields[at] as usize] = Some((bundle, at));
        }
        at += 1;
    }
    slots
}

/// A combination of the texts of a bundle, by its place in the batch's memory of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Combination(u32);

impl Combination {
    /// Every text is empty.
    pub const EMPTY: Self = Self(0);

    /// Its place among the combinations of its bundle.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// No combination.
const NONE: u32 = u32::MAX;

/// The combinations of a bundle that a batch has seen, and those of its lines.
#[derive(Debug)]
pub(crate) struct Combined {
    bundle: Bundle,
    known: IdRows<TextId>,
    leader: usize,
    /// The combination that a leader had last, by the place of its text: one look where it is always the same.
    near: Vec<u32>,
    pub rows: Vec<Combination>,
}

impl Combined {
    pub fn new(bundle: Bundle) -> Self {
        let fields = bundle.fields();
        let mut known = IdRows::new(fields.len());
        known.row(&vec![TextId::EMPTY; fields.len()]);
        let leader = fields.iter().position(|field| *field == bundle.leader()).unwrap_or_default();
        Self { bundle, known, leader, near: Vec::new(), rows: Vec::new() }
    }

    pub const fn bundle(&self) -> Bundle {
        self.bundle
    }

    /// The number of combinations, the empty one included.
    pub const fn len(&self) -> usize {
        self.known.len()
    }

    /// The combination of these texts, in the order of the fields; texts that are not given are empty.
    pub fn combination(&mut self, texts: &[TextId]) -> Combination {
        let leader = texts.get(self.leader).copied().unwrap_or_default().index();
        if let Some(near) = self.near.get(leader)
            && texts.len() == self.bundle.fields().len()
            && self.known.is(*near, texts)
        {
            return Combination(*near);
        }
        let row = if texts.len() == self.bundle.fields().len() {
            self.known.row(texts)
        } else {
            let mut all = texts.to_vec();
            all.resize(self.bundle.fields().len(), TextId::EMPTY);
            self.known.row(&all)
        };
        if self.near.len() <= leader {
            self.near.resize(leader + 1, NONE);
        }
        if let Some(near) = self.near.get_mut(leader) {
            *near = row;
        }
        Combination(row)
    }

    /// The combinations of lines, as [`combination`](Self::combination) tells each, with every text given.
    pub fn combinations(&mut self, texts: &[TextId], found: &mut Vec<Combination>) {
        let width = self.bundle.fields().len();
        let near = |texts: &[TextId]| {
            let leader = texts.get(self.leader).copied().unwrap_or_default().index();
            Combination(self.near.get(leader).copied().unwrap_or(NONE))
        };
        let before = found.len();
        found.extend(texts.chunks_exact(width).map(near));
        let own = found.get_mut(before..).unwrap_or_default();
        for (made, texts) in own.iter_mut().zip(texts.chunks_exact(width)) {
            if !self.known.is(made.0, texts) {
                *made = Combination(NONE);
            }
        }
        for (made, texts) in own.iter_mut().zip(texts.chunks_exact(width)) {
            if made.0 == NONE {
                *made = self.combination(texts);
            }
        }
    }

    /// The combination of a line.
    #[inline]
    pub fn at(&self, row: usize) -> Combination {
        self.rows.get(row).copied().unwrap_or_default()
    }

    /// One text of a line.
    #[inline]
    pub fn id(&self, field: usize, row: usize) -> TextId {
        self.id_of(field, self.at(row))
    }

    /// One text of a combination.
    #[inline]
    pub fn id_of(&self, field: usize, combination: Combination) -> TextId {
        self.known.ids(combination.0).get(field).copied().unwrap_or_default()
    }

    /// Adds lines whose texts stand in columns, one for each field of the bundle; they may be short.
    pub fn append(&mut self, columns: &[&[TextId]], lines: usize) {
        if columns.iter().all(|column| column.is_empty()) {
            self.rows.resize(self.rows.len() + lines, Combination::EMPTY);
            return;
        }
        let mut texts = vec![TextId::EMPTY; columns.len()];
        for row in 0..lines {
            for (text, column) in texts.iter_mut().zip(columns) {
                *text = column.get(row).copied().unwrap_or_default();
            }
            let combination = self.combination(&texts);
            self.rows.push(combination);
        }
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.known.memory() + self.near.capacity() * size_of::<u32>()
    }

    /// How many lines have a text in a field.
    pub fn count(&self, field: usize) -> usize {
        (0..self.rows.len()).filter(|row| !self.id(field, *row).is_empty()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text_pool::TextPool;

    const COUNT: usize = 1000;

    /// The memory of so many combinations that differ in the leader alone, or in another text alone.
    fn memory(by_leader: bool) -> usize {
        let (mut pool, mut combined) = (TextPool::default(), Combined::new(Bundle::Product));
        let mut texts = vec![TextId::EMPTY; Bundle::Product.fields().len()];
        let place = if by_leader { combined.leader } else { (combined.leader + 1) % texts.len() };
        for number in 1..=COUNT {
            texts[place] = pool.intern(&number.to_string());
            for _ in 0..2 {
                assert_eq!(combined.combination(&texts).index(), number);
            }
        }
        assert_eq!((combined.len(), combined.combination(&[]).index()), (COUNT + 1, 0));
        combined.memory()
    }

    /// What a leader had last is remembered by the place of its text, so it takes as much as there are leaders.
    #[test]
    fn memory_follows_combinations_and_leaders() {
        let (leaders, others) = (memory(true), memory(false));
        let known = COUNT * size_of::<u32>() * (Bundle::Product.fields().len() + 1);
        assert!((known..=known * 5 / 2).contains(&others), "{others} of {known}");
        let near = COUNT * size_of::<u32>();
        assert!((near..=near * 5 / 2).contains(&(leaders - others)), "{leaders} {others}");
    }
}
