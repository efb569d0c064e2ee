//! The usage of tiered meters in a reconciliation: put in the order of its month, rated, and summed as other usage is.

use std::borrow::Cow;

use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::invoice_months::InvoiceMonths;
use crate::ledger::{Ledger, LotKey};
use crate::names::Interning;
use crate::origin::Origin;
use crate::parcel::{Parcel, ParcelKey, expected_rate};
use crate::price::Price;
use crate::rating::{RatedLot, rate};
use crate::reconcile::{Reconciliation, differs};
use crate::sheet_key::Slot;
use crate::usage::Field;

/// A quantity of a tiered meter at its place in the month.
#[derive(Debug)]
pub(crate) struct Climb<'c> {
    /// The rate of credit that was applied.
    pub applied: Amount,
    pub before: Amount,
    pub quantity: Amount,
    pub price: Option<&'c Price>,
    /// The same quantity, not moving the ladder, so many times.
    pub times: u64,
}

/// Lines that have their key in common, and their steps on the ladder.
#[derive(Debug, Default)]
pub(crate) struct TieredParcel<'c> {
    pub parcel: Parcel,
    pub climbs: Vec<Climb<'c>>,
}

/// All of it.
pub(crate) struct TieredUsage<'c>(IndexMap<ParcelKey, TieredParcel<'c>, FxBuildHasher>);

impl<'c> TieredUsage<'c> {
    /// Corrections do not move the ladder of the month that they correct.
    pub fn new(reconciliation: &Reconciliation, calculator: &'c Calculator, months: &InvoiceMonths) -> Self {
        let all = &reconciliation.ledger;
        let corrects = |ledger: &Ledger, key: &LotKey| {
            let invoice = ledger.text(key, Field::InvoiceId).trim();
            months.is_correction((&reconciliation.names).name(invoice), key.day)
        };
        let ledger = if all.lots().any(|(key, _)| corrects(all, key)) {
            Cow::Owned(all.only(|ledger, key| !corrects(ledger, key)))
        } else {
            Cow::Borrowed(all)
        };
        let mut places = Places { reconciliation, calculator, known: FxHashMap::default() };
        let mut usage: IndexMap<ParcelKey, TieredParcel<'c>, FxBuildHasher> = IndexMap::default();
        for lot in rate(&ledger, calculator) {
            let Some((key, origin)) = places.of(&ledger, lot.key, lot.lot.verdict) else { continue };
            let applied = origin.applied.map(|rate| reconciliation.names.number(rate).clone());
            let applied = applied.or_else(|| expected_rate(key.slot, calculator.rule()));
            let tiered = usage.entry(key).or_default();
            tiered.parcel.add(&parcel(&lot));
            tiered.climbs.push(climb(&lot, applied.unwrap_or_default()));
        }
        if matches!(ledger, Cow::Owned(_)) {
            for (key, lot) in all.lots().filter(|(key, _)| corrects(all, key)) {
                let Some((place, _)) = places.of(all, key, lot.verdict) else { continue };
                let mut parcel =
                    Parcel { lines: lot.lines, quantity: lot.quantity.clone(), ..Parcel::default() };
                parcel.see(key.day);
                usage.entry(place).or_default().parcel.add(&parcel);
            }
        }
        for (key, tiered) in &mut usage {
            tiered.parcel.references = reconciliation.tiered.get(key).copied().unwrap_or_default();
        }
        Self(usage)
    }

    pub fn parcels(&self) -> impl Iterator<Item = (&ParcelKey, &TieredParcel<'c>)> {
        self.0.iter()
    }

    pub fn get(&self, at: usize) -> Option<(&ParcelKey, &TieredParcel<'c>)> {
        self.0.get_index(at)
    }
}

/// Which parcels lots belong to.
struct Places<'r> {
    reconciliation: &'r Reconciliation,
    calculator: &'r Calculator,
    /// The origin of a content (and of a resource, which may name the subscription).
    known: FxHashMap<(u32, u32), Option<u32>>,
}

impl<'r> Places<'r> {
    fn of(
        &mut self,
        ledger: &Ledger,
        key: &LotKey,
        verdict: crate::verdict::Verdict,
    ) -> Option<(ParcelKey, &'r Origin)> {
        let reconciliation = self.reconciliation;
        let at = *self.known.entry((key.content, key.resource)).or_insert_with(|| {
            let origin = Origin::new(&mut &reconciliation.names, &|field| ledger.text(key, field));
            reconciliation.origins.get_index_of(&origin).and_then(|at| u32::try_from(at).ok())
        });
        let at = at?;
        let origin = reconciliation.origins.get_index(at as usize)?;
        let slot: Slot = (verdict, self.calculator.rule().rate_index(key.day));
        let differs = differs(&reconciliation.names, origin, slot, self.calculator);
        let day = if differs { key.day } else { key.day.month_start() };
        Some((ParcelKey { origin: at, day, slot }, origin))
    }
}

fn parcel(lot: &RatedLot<'_, '_>) -> Parcel {
    let rated = lot.list_amount();
    let top = lot.price.and_then(|price| price.tiers.iter().map(|tier| &tier.unit_price).max());
    let list = top.map_or(Amount::ZERO, |top| top * &lot.lot.quantity);
    let without_price = if rated.is_none() { lot.lot.lines } else { 0 };
    let rated = rated.unwrap_or_default();
    let mut parcel = Parcel {
        lines: lot.lot.lines,
        quantity: lot.lot.quantity.clone(),
        tiers: &rated - &list,
        rated,
        without_price,
        ..Parcel::default()
    };
    parcel.see(lot.key.day);
    parcel
}

fn climb<'c>(lot: &RatedLot<'_, 'c>, applied: Amount) -> Climb<'c> {
    let (quantity, times) = lot.step();
    Climb { applied, before: lot.before.clone(), quantity: quantity.clone(), price: lot.price, times }
}
