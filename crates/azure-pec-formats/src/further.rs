//! Fields that are wanted of lines of some meters alone, and the records that need them.

use std::ops::Range;

use azure_pec::{Combination, Field, UsageBatch};

use crate::field_set::FieldSet;

/// Fields that are wanted of lines of some meters alone; of others they stay empty.
#[derive(Clone, Copy)]
pub(crate) struct Further<'f> {
    pub fields: FieldSet,
    pub is_needed: &'f dyn Fn(&str) -> bool,
}

impl Further<'_> {
    /// Every field is wanted of every line.
    pub const NONE: Self = Self { fields: FieldSet::EMPTY, is_needed: &|_| true };
}

/// The records that need further fields.
#[derive(Default)]
pub(crate) struct Needing {
    /// One for each row; none where all do.
    rows: Vec<bool>,
    /// Whether the meter of a combination does, by its place; of one pool.
    by_product: Vec<Option<bool>>,
    pool: Option<u64>,
}

impl Needing {
    fn is(&self, at: usize) -> bool {
        self.rows.get(at).copied().unwrap_or(true)
    }

    /// The stretches of rows that all need them or all do not, and which.
    pub fn stretches(&self, rows: usize) -> impl Iterator<Item = (Range<usize>, bool)> {
        let mut start = 0;
        std::iter::from_fn(move || {
            let needs = self.is(start);
            let stretch = start..(start + 1..rows).find(|at| self.is(*at) != needs).unwrap_or(rows);
            (start < rows).then(|| {
                start = stretch.end;
                (stretch, needs)
            })
        })
    }

    /// Looks at the products of some rows; where these are not read as one, all need everything.
    pub fn find(&mut self, products: Option<&[Combination]>, further: Further<'_>, batch: &UsageBatch) {
        self.rows.clear();
        let Some(products) = products.filter(|_| further.fields != FieldSet::EMPTY) else { return };
        if self.pool.replace(batch.texts().id()) != Some(batch.texts().id()) {
            self.by_product.clear();
        }
        for product in products {
            if self.by_product.len() <= product.index() {
                self.by_product.resize(product.index() + 1, None);
            }
            let Some(known) = self.by_product.get_mut(product.index()) else { continue };
            let needs =
                *known.get_or_insert_with(|| (further.is_needed)(batch.text_of(Field::MeterId, *product)));
            self.rows.push(needs);
        }
    }
}
