//! The same usage twice among the files of a run: a daily export beside the month-to-date one, actual beside amortized
//! costs, a copied file. Parts of one export share next to nothing.
//!
//! A line's key is what two runs of an export agree on: day, subscription, resource, meter, quantity, product, SKU and
//! charge type; prices and costs are not in it. Of each file the keys whose hash lies below a limit are kept, and the
//! limit is halved whenever they become too many. So two files are compared by the keys below the lower of their limits,
//! all of which both have kept: their share of all keys is what it is in the files. (The smallest 256 of each, the usual
//! sketch, would find a single day in a month-to-date export only every other time: 256 / 31 keys of it are left.)

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use azure_pec::{Field, InvoiceLine, UsageBatch};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::error::{Error, Fault, Place};

/// So many keys are kept of all files together, 8 bytes each and as much again for the table.
const KEYS_IN_ALL: usize = 1 << 21;
/// The fewest and most of one file.
const KEYS_OF_A_FILE: (usize, usize) = (256, 1 << 18);
/// Fewer keys in common may be chance: lines that are alike in everything exist.
const FEWEST_SHARED: usize = 8;
/// As may a smaller part than one in so many.
const LEAST_PART: usize = 10;
/// A key that more files have says nothing of a pair; each is held against the next only.
const MOST_HOLDERS: usize = 32;

/// The texts of a key.
const KEY_FIELDS: [Field; 6] = [
    Field::SubscriptionId,
    Field::ResourceId,
    Field::MeterId,
    Field::ProductId,
    Field::SkuId,
    Field::ChargeType,
];

/// What is kept of a file.
#[derive(Debug)]
pub(crate) struct Sketch {
    most: usize,
    keys: FxHashSet<u64>,
    /// Every key of the file up to here is kept.
    limit: u64,
    lines: u64,
    /// Of all keys, whatever their order.
    sum: u64,
}

impl Sketch {
    /// The keys to keep of each of so many files.
    pub fn keys_for(files: usize) -> usize {
        let (fewest, most) = KEYS_OF_A_FILE;
        (KEYS_IN_ALL / files.max(1)).clamp(fewest, most)
    }

    pub fn new(most: usize) -> Self {
        Self { most, keys: FxHashSet::default(), limit: u64::MAX, lines: 0, sum: 0 }
    }

    /// Adds a line of an invoice by what two downloads of it agree on.
    pub fn add_invoice_line(&mut self, line: &InvoiceLine) {
        let texts = [
            &line.invoice_number,
            &line.customer_id,
            &line.plan_id,
            &line.product_id,
            &line.sku_id,
            &line.availability_id,
            &line.charge_type,
        ];
        let numbers = (&line.billable_quantity, &line.effective_unit_price, &line.subtotal);
        let mut key = mixed(hash(&(line.charge_start, line.charge_end, numbers)));
        for text in texts {
            key = mixed(key ^ hash(&text.trim().to_lowercase()));
        }
        self.add(key);
    }

    fn add(&mut self, key: u64) {
        self.lines += 1;
        self.sum = self.sum.wrapping_add(mixed(key));
        if key > self.limit {
            return;
        }
        self.keys.insert(key);
        self.shrink();
    }

    /// Whoever sketches a file, and in which shares: the limit that is left is the same.
    fn shrink(&mut self) {
        while self.keys.len() > self.most && self.limit > 0 {
            self.limit /= 2;
            let limit = self.limit;
            self.keys.retain(|key| *key <= limit);
        }
    }

    /// The sketch of a file of which two workers have each sketched a share.
    pub fn merged(self, other: Self) -> Self {
        let mut whole = Self {
            limit: self.limit.min(other.limit),
            lines: self.lines + other.lines,
            sum: self.sum.wrapping_add(other.sum),
            ..self
        };
        let limit = whole.limit;
        whole.keys.extend(other.keys);
        whole.keys.retain(|key| *key <= limit);
        whole.shrink();
        whole
    }

    fn below(&self, limit: u64) -> usize {
        if limit >= self.limit {
            return self.keys.len();
        }
        self.keys.iter().filter(|key| **key <= limit).count()
    }

    /// Why two files with so many keys in common hold the same usage.
    fn overlap(&self, other: &Self, shared: usize) -> Option<String> {
        let limit = self.limit.min(other.limit);
        let smaller = self.below(limit).min(other.below(limit));
        let every = shared == smaller && shared >= if limit == u64::MAX { 2 } else { 4 };
        if !every && (shared < FEWEST_SHARED || shared * LEAST_PART < smaller) {
            return None;
        }
        let sampled = if limit == u64::MAX { "" } else { " sampled" };
        Some(format!("{shared} of the {smaller}{sampled} lines of the smaller one are in the other too"))
    }
}

/// Makes keys of the lines of batches; a text that comes back costs one look-up.
#[derive(Debug, Default)]
pub(crate) struct Sketcher {
    pool: Option<u64>,
    texts: Vec<Option<u64>>,
}

impl Sketcher {
    pub fn add(&mut self, batch: &UsageBatch, sketch: &mut Sketch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.texts.clear();
        }
        self.texts.resize(batch.texts().len(), None);
        for (row, (date, quantity)) in batch.dates().iter().zip(batch.quantities()).enumerate() {
            let mut key = mixed(hash(&(date, quantity)));
            for field in KEY_FIELDS {
                key = mixed(key ^ self.text(batch, field, row));
            }
            sketch.add(key);
        }
    }

    /// Exports write the same id in capitals or not.
    fn text(&mut self, batch: &UsageBatch, field: Field, row: usize) -> u64 {
        let known = self.texts.get_mut(batch.id(field, row).index());
        if let Some(Some(known)) = known {
            return *known;
        }
        let made = hash(&batch.text(field, row).trim().to_lowercase());
        if let Some(place) = known {
            *place = Some(made);
        }
        made
    }
}

/// The same in every run of the program: its keys are fixed.
fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// SplitMix64's last step: every bit of the result hangs on every bit given.
const fn mixed(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Refuses files that hold the same usage.
///
/// # Errors
/// `input.usage_overlap`, with the first two files of the list that do.
pub(crate) fn refuse_overlap(files: &[(&str, &Sketch)]) -> Result<(), Error> {
    let Some(pair) = first_overlap(files) else { return Ok(()) };
    let problem = format!(
        "{pair}, as in two runs of one export (a day beside the month to date, actual beside amortized costs) or a copy"
    );
    Err(Fault::UsageOverlap { problem }.at(Place::default()))
}

/// Refuses files that hold the same lines of an invoice: each would be held against the usage as if it were billed again.
///
/// # Errors
/// `input.usage_overlap`, with the first two files of the list that do.
pub(crate) fn refuse_invoices_twice(files: &[(&str, &Sketch)]) -> Result<(), Error> {
    let Some(pair) = first_overlap(files) else { return Ok(()) };
    let fault = Fault::Coded {
        code: "input.usage_overlap",
        help: "leave one of them out",
        problem: format!(
            "the same invoice lines are given twice: {pair}, as in two downloads of one invoice or a copy"
        ),
    };
    Err(fault.at(Place::default()))
}

/// The first two files of the list that hold the same, and why.
fn first_overlap(files: &[(&str, &Sketch)]) -> Option<String> {
    let shared = Shared::of(files);
    let pair = |(one, other): (usize, usize), why: String| {
        let ((first, _), (second, _)) = (files.get(one)?, files.get(other)?);
        Some(format!("{first} and {second}: {why}"))
    };
    for ((one, other), keys) in &shared.pairs {
        let (Some((_, a)), Some((_, b))) = (files.get(*one), files.get(*other)) else { continue };
        let why = match a.lines == b.lines && a.sum == b.sum {
            true => Some("their lines are the same".to_owned()),
            false => a.overlap(b, *keys),
        };
        if let Some(told) = why.and_then(|why| pair((*one, *other), why)) {
            return Some(told);
        }
    }
    // Two runs in many parts each: a file has little in common with any other, and most of it with all others.
    let limit = files.iter().map(|(_, sketch)| sketch.limit).min().unwrap_or(u64::MAX);
    for (at, (_, sketch)) in files.iter().enumerate() {
        let (elsewhere, own) = (shared.elsewhere.get(&at).copied().unwrap_or(0), sketch.below(limit));
        if elsewhere >= FEWEST_SHARED && elsewhere * 2 >= own {
            let why = format!("{elsewhere} of {own} lines of the first are in other files too");
            return shared.closest(at).and_then(|other| pair((at, other), why));
        }
    }
    None
}

/// What files have in common.
#[derive(Default)]
struct Shared {
    /// How many keys two files share.
    pairs: BTreeMap<(usize, usize), usize>,
    /// How many keys of a file, below the lowest limit of all, are in any other.
    elsewhere: FxHashMap<usize, usize>,
}

impl Shared {
    fn of(files: &[(&str, &Sketch)]) -> Self {
        let limit = files.iter().map(|(_, sketch)| sketch.limit).min().unwrap_or(u64::MAX);
        let keys = files.iter().enumerate();
        let keys = keys.flat_map(|(at, (_, sketch))| sketch.keys.iter().map(move |key| (*key, at)));
        let mut keys: Vec<(u64, usize)> = keys.collect();
        keys.sort_unstable();
        let mut shared = Self::default();
        for holders in keys.chunk_by(|one, other| one.0 == other.0).filter(|holders| holders.len() > 1) {
            let reach = if holders.len() > MOST_HOLDERS { 1 } else { holders.len() };
            for (at, (key, one)) in holders.iter().enumerate() {
                *shared.elsewhere.entry(*one).or_default() += usize::from(*key <= limit);
                for (_, other) in holders.iter().skip(at + 1).take(reach) {
                    *shared.pairs.entry((*one, *other)).or_default() += 1;
                }
            }
        }
        shared
    }

    /// The file that has the most in common with one.
    fn closest(&self, to: usize) -> Option<usize> {
        let pairs = self.pairs.iter().filter(|((one, other), _)| *one == to || *other == to);
        let ((one, other), _) = pairs.max_by_key(|(_, keys)| **keys)?;
        Some(if *one == to { *other } else { *one })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sketch(most: usize, keys: impl Iterator<Item = u64>) -> Sketch {
        let mut sketch = Sketch::new(most);
        keys.for_each(|key| sketch.add(mixed(key)));
        sketch
    }

    fn refused(one: &Sketch, other: &Sketch) -> bool {
        refuse_overlap(&[("a", one), ("b", other)]).is_err()
    }

    #[test]
    fn a_day_is_found_in_a_year_of_which_little_is_kept() {
        let year = sketch(4096, 0..365_000);
        assert!(year.keys.len() <= 4096 && year.limit < u64::MAX / 64);
        for day in [0_u64, 100, 364] {
            assert!(refused(&sketch(4096, day * 1000..(day + 1) * 1000), &year), "{day}");
        }
        assert!(!refused(&sketch(4096, 365_000..366_000), &year));
    }

    #[test]
    fn chance_is_no_overlap() {
        let one = sketch(4096, 0..1000);
        // Five lines alike, and seven of seventy.
        assert!(!refused(&one, &sketch(4096, 995..2000)));
        assert!(!refused(&one, &sketch(4096, 993..1063)));
        assert!(refused(&one, &sketch(4096, 900..1900)));
        assert!(refused(&one, &sketch(4096, 998..1000)));
        assert!(!refused(&one, &sketch(4096, 999..1000)));
    }

    #[test]
    fn two_runs_in_many_parts_each_are_found() {
        // Each part of the one run has a fortieth of each part of the other.
        let runs = (0..80_u64).map(|at| match at {
            0..40 => sketch(4096, at * 1000..(at + 1) * 1000),
            _ => sketch(4096, (0..40_000).filter(move |key| key % 40 == at - 40)),
        });
        let runs: Vec<Sketch> = runs.collect();
        let named: Vec<(&str, &Sketch)> = runs.iter().map(|sketch| ("part", sketch)).collect();
        assert!(refuse_overlap(&named).is_err());
        assert!(refuse_overlap(&named[..40]).is_ok() && refuse_overlap(&named[40..]).is_ok());
    }

    #[test]
    fn nothing_is_the_same_as_nothing() {
        assert!(!refused(&sketch(256, 0..0), &sketch(256, 0..0)));
        assert!(refused(&sketch(256, 7..8), &sketch(256, 7..8)));
    }
}
