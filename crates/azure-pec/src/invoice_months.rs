//! Which month an invoice is of, and which invoice usage belongs to.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::day::Day;
use crate::names::{Interning, Name};
use crate::origin::Origin;
use crate::reconcile::Reconciliation;
use crate::usage::Field;

/// The months of the invoices: the latest day that they charge or that usage under their number has. Months are given by
/// their first day.
#[derive(Debug)]
pub(crate) struct InvoiceMonths {
    last: FxHashMap<Name, Day>,
    /// Those that there are lines of.
    at_hand: FxHashSet<Name>,
    /// By customer and month, where there is only one that no usage names.
    only: FxHashMap<(Name, Day), Option<Name>>,
}

impl InvoiceMonths {
    pub fn new(reconciliation: &Reconciliation) -> Self {
        let mut last: FxHashMap<Name, Day> = FxHashMap::default();
        let mut see = |invoice: Name, day: Day| {
            if !invoice.is_empty() {
                let known = last.entry(invoice).or_insert(day);
                *known = day.max(*known);
            }
        };
        for line in &reconciliation.billed {
            if let Some(day) = line.end {
                see(line.invoice, day);
            }
        }
        for (key, parcel) in &reconciliation.parcels {
            let origin = reconciliation.origins.get_index(key.origin as usize);
            for (origin, (_, day)) in origin.into_iter().zip(parcel.days) {
                see(origin.invoice, day);
            }
        }
        for (key, _) in reconciliation.ledger.lots() {
            let number = reconciliation.ledger.text(key, Field::InvoiceId).trim();
            see((&reconciliation.names).name(number), key.day);
        }
        let mut months = Self { last, at_hand: FxHashSet::default(), only: FxHashMap::default() };
        let used: FxHashSet<(Name, Name)> =
            reconciliation.origins.iter().map(|origin| (origin.customer, origin.invoice)).collect();
        for line in reconciliation.billed.iter().filter(|line| !line.is_credit) {
            months.at_hand.insert(line.invoice);
            let Some(month) = months.month(line.invoice) else { continue };
            if !used.contains(&(line.customer, line.invoice)) {
                let only = months.only.entry((line.customer, month)).or_insert(Some(line.invoice));
                if *only != Some(line.invoice) {
                    *only = None;
                }
            }
        }
        months
    }

    pub fn month(&self, invoice: Name) -> Option<Day> {
        self.last.get(&invoice).map(|day| day.month_start())
    }

    /// Whether usage of a day is set right by an invoice of a later month.
    pub fn is_correction(&self, invoice: Name, day: Day) -> bool {
        self.month(invoice).is_some_and(|month| day.month_start() < month)
    }

    /// The invoice of usage: its own, else the only one of its customer and month that no usage names.
    pub fn of(&self, origin: &Origin, day: Day) -> Name {
        if !origin.invoice.is_empty() {
            return origin.invoice;
        }
        self.only.get(&(origin.customer, day.month_start())).copied().flatten().unwrap_or_default()
    }

    /// Whether there are lines of it.
    pub fn is_at_hand(&self, invoice: Name) -> bool {
        self.at_hand.contains(&invoice)
    }
}
