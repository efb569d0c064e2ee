//! Which usage lines stand behind the findings of a reconciliation: for a second pass over the usage.

use indexmap::IndexSet;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::findings::Found;
use crate::names::Names;
use crate::origin::Origin;
use crate::parcel::ParcelKey;
use crate::reconcile::{Reconciliation, differs};
use crate::sheet_key::Slot;
use crate::usage_batch::UsageBatch;

/// Tells the findings that a usage line belongs to.
#[derive(Debug, Clone, Default)]
pub struct DisputedLines {
    names: Names,
    origins: IndexSet<Origin, FxBuildHasher>,
    /// Findings of lines.
    by_parcel: FxHashMap<ParcelKey, usize>,
    /// Findings of invoice lines, by the usage that they are of.
    by_origin: FxHashMap<u32, Vec<usize>>,
}

impl DisputedLines {
    /// Of the findings in their order.
    pub(crate) fn new(reconciliation: &Reconciliation, findings: &[Found]) -> Self {
        let mut lines = Self {
            names: reconciliation.names.clone(),
            origins: reconciliation.origins.clone(),
            by_parcel: FxHashMap::default(),
            by_origin: FxHashMap::default(),
        };
        for (at, found) in findings.iter().enumerate() {
            lines.by_parcel.extend(found.parcels.iter().map(|key| (*key, at)));
            for origin in &found.origins {
                let known = lines.by_origin.entry(*origin).or_default();
                if !known.contains(&at) {
                    known.push(at);
                }
            }
        }
        lines
    }

    /// The places of the findings that a line belongs to, among those of the body.
    #[must_use]
    pub fn of(
        &self,
        batch: &UsageBatch,
        credits: &CreditBatch,
        row: usize,
        calculator: &Calculator,
    ) -> Vec<usize> {
        let (Some(day), Some(verdict)) = (batch.dates().get(row), credits.verdicts().get(row)) else {
            return Vec::new();
        };
        let origin = Origin::new(&mut &self.names, &|field| batch.text(field, row));
        let Some(at) = self.origins.get_index_of(&origin).and_then(|at| u32::try_from(at).ok()) else {
            return Vec::new();
        };
        if origin.is_outside(verdict.reason) {
            return Vec::new();
        }
        let slot: Slot = (*verdict, credits.rates().get(row).copied().flatten());
        let differs = differs(&self.names, &origin, slot, calculator);
        let day = if differs { *day } else { day.month_start() };
        let own = self.by_parcel.get(&ParcelKey { origin: at, day, slot });
        own.into_iter().chain(self.by_origin.get(&at).into_iter().flatten()).copied().collect()
    }
}
