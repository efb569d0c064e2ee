//! Which usage lines stand behind the findings of a reconciliation: for a second pass over the usage.

use rustc_hash::FxHashMap;

use crate::calculator::Calculator;
use crate::credits::CreditBatch;
use crate::parcel::{Origin, ParcelKey, is_outside, origin_of};
use crate::reconcile::differs;
use crate::sheet::Slot;
use crate::usage::UsageBatch;

/// Tells the findings that a usage line belongs to.
#[derive(Debug, Clone, Default)]
pub struct DisputedLines {
    pub(crate) origins: FxHashMap<Origin, u32>,
    /// Findings of lines.
    pub(crate) by_parcel: FxHashMap<ParcelKey, usize>,
    /// Findings of invoice lines, by the usage that they are of.
    pub(crate) by_origin: FxHashMap<u32, Vec<usize>>,
}

impl DisputedLines {
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
        let origin = origin_of(batch, row);
        let Some(at) = self.origins.get(&origin) else { return Vec::new() };
        if is_outside(&origin, verdict.reason) {
            return Vec::new();
        }
        let slot: Slot = (*verdict, credits.rates().get(row).copied().flatten());
        let day = if differs(&origin, slot, calculator) { *day } else { day.month_start() };
        let own = self.by_parcel.get(&ParcelKey { origin: *at, day, slot });
        own.into_iter().chain(self.by_origin.get(at).into_iter().flatten()).copied().collect()
    }
}
