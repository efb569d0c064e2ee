//! What the second export of the usage says otherwise than the first.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use crate::amount::Amount;
use crate::charged_meter::{ChargedMeter, MeterKey};
use crate::day::Day;
use crate::findings::{MeterNames, Work, evidence, only};
use crate::names::{Name, Names};
use crate::parcel::References;
use crate::reconcile::Reconciliation;
use crate::witness::{DayBalance, Place};

/// Lines of a place and day that the second export has more of, or less (below 0).
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub place: Place,
    pub day: Day,
    pub lines: i64,
    /// All lines of the second export.
    shown: u64,
    pub quantity: Amount,
    pub rated: Amount,
    expected: Option<Amount>,
    pub references: References,
}

impl Entry {
    /// Lines that one export has more of; where both have as many, all of them.
    const fn lines_in_question(&self) -> u64 {
        if self.lines == 0 { self.shown } else { self.lines.unsigned_abs() }
    }
}

/// Invoice, customer, plan, product and SKU.
type Key = (Name, Name, Name, Name, Name);

/// What the two exports do not agree on.
pub(crate) struct OtherExport<'r> {
    names: &'r Names,
    entries: FxHashMap<Key, Vec<Entry>>,
    /// Entries that stand in a finding already.
    taken: FxHashSet<(Place, Day)>,
    known: FxHashMap<Key, MeterNames>,
    /// They differ, and nobody has looked where.
    unseen: bool,
}

impl<'r> OtherExport<'r> {
    pub fn new(reconciliation: &'r Reconciliation) -> Self {
        let names = &reconciliation.names;
        let witness = &reconciliation.witness;
        let mut entries: FxHashMap<Key, Vec<Entry>> = FxHashMap::default();
        for ((place, day), balance) in witness.days.iter().filter(|(_, balance)| !balance.is_even()) {
            let key = (place.invoice, place.customer, place.plan, place.product, place.sku);
            entries.entry(key).or_default().push(entry(*place, *day, balance));
        }
        let order =
            |entry: &Entry| (entry.day, names.text(entry.place.subscription), names.number(entry.place.rate));
        entries.values_mut().for_each(|entries| entries.sort_by(|a, b| order(a).cmp(&order(b))));
        let unseen = witness.days.is_empty() && reconciliation.is_in_doubt();
        Self { names, entries, taken: FxHashSet::default(), known: FxHashMap::default(), unseen }
    }

    /// What the second export alone shows at a rate of an invoice line.
    pub fn at_rate(&self, key: &MeterKey, rate: &Amount) -> Vec<Entry> {
        let entries = self.entries.get(&place_of(key)).into_iter().flatten();
        entries.filter(|entry| self.names.number(entry.place.rate) == rate).cloned().collect()
    }

    pub fn take(&mut self, entries: &[Entry]) {
        self.taken.extend(entries.iter().map(|entry| (entry.place, entry.day)));
    }

    /// Keeps what findings say of a meter that the exports do not agree on; of several, the first.
    pub fn know(&mut self, key: &MeterKey, meter: &ChargedMeter<'_>) {
        let place = place_of(key);
        if self.entries.contains_key(&place) {
            let names = MeterNames { key: *key, reseller: meter.reseller, name: meter.name };
            self.known.entry(place).or_insert(names);
        }
    }

    /// Finds what no invoice line is about. No money is in it: the bill follows the first export.
    pub fn find(&self, work: &mut Work<'_>) {
        let unseen = u64::from(self.unseen);
        work.note(
            "usage.exports_differ",
            "two exports of the same usage differ, and their days were not compared",
            unseen,
        );
        for (key, entries) in &self.entries {
            let Some(meter) = self.known.get(key) else {
                work.note(
                    "usage.export_only",
                    "products in one usage export that the other does not hold",
                    1,
                );
                continue;
            };
            let left: Vec<&Entry> =
                entries.iter().filter(|entry| !self.taken.contains(&(entry.place, entry.day))).collect();
            self.find_of(work, meter, &left);
        }
    }

    fn find_of(&self, work: &mut Work<'_>, meter: &MeterNames, left: &[&Entry]) {
        let mut classes: BTreeMap<(&'static str, &Amount), Vec<&Entry>> = BTreeMap::new();
        for entry in left {
            let same: Vec<&Entry> =
                left.iter().filter(|other| is_same_usage(entry, other)).copied().collect();
            if let Some(outcome) = self.outcome(entry, &same) {
                classes.entry((outcome, self.names.number(entry.place.rate))).or_default().push(entry);
            }
        }
        for ((outcome, rate), entries) in classes {
            let mut own = meter.finding(self.names, (outcome, Some("other_export")), (Amount::ZERO, None));
            let row = &mut own.difference;
            row.rate = Some(rate.clone());
            row.lines = entries.iter().map(|entry| entry.lines_in_question()).sum();
            let days = || entries.iter().map(|entry| entry.day);
            (row.first, row.last) = (days().min(), days().max());
            row.subscription = only(entries.iter().map(|entry| self.names.text(entry.place.subscription)));
            let references: Vec<_> = entries.iter().map(|entry| entry.references).collect();
            row.evidence = evidence(self.names, &references);
            work.found.push(own);
        }
    }

    /// What an entry comes to, beside those of the same usage at whatever rate; none where another entry tells it, or where
    /// the second export is the one that says what the rule expects.
    fn outcome(&self, entry: &Entry, same: &[&Entry]) -> Option<&'static str> {
        let lines: i64 = same.iter().map(|entry| entry.lines).sum();
        let quantity: Amount = same.iter().map(|entry| &entry.quantity).sum();
        if lines != 0 || !quantity.is_zero() {
            // Usage that one of them lacks.
            return Some("unexplained");
        }
        // The same usage at another rate is told at the rate that the second shows. A correction is a line more as any other,
        // and its quantity is below zero.
        match (entry.lines, &entry.quantity).cmp(&(0, &Amount::ZERO)) {
            Ordering::Equal => return Some("difference.price"),
            Ordering::Less => return None,
            Ordering::Greater => {}
        }
        let shown = self.names.number(entry.place.rate);
        match &entry.expected {
            None => Some("unexplained"),
            Some(expected) if expected == shown => None,
            Some(_) if shown.is_zero() => Some("observed.missing"),
            Some(expected) if expected.is_zero() => Some("observed.unexpected"),
            Some(_) => Some("difference.rate"),
        }
    }
}

fn entry(place: Place, day: Day, balance: &DayBalance) -> Entry {
    Entry {
        place,
        day,
        lines: balance.lines,
        shown: balance.shown,
        quantity: balance.quantity.clone(),
        rated: balance.rated.clone(),
        expected: balance.expected.clone(),
        references: balance.references,
    }
}

fn is_same_usage(one: &Entry, other: &Entry) -> bool {
    (one.day, one.place.subscription) == (other.day, other.place.subscription)
}

const fn place_of(key: &MeterKey) -> Key {
    (key.invoice, key.customer, key.plan, key.product, key.sku)
}
