//! The groups of a statement, in their order.

use std::cmp::Ordering;
use std::ops::Range;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::cells::{Cells, Tally};
use crate::digits::{Digits, put_in_order};
use crate::group_key::GroupKey;
use crate::session::AT_ONCE;
use crate::sheet::{ClassSums, Part, Sheet, rows_of};
use crate::sheet_key::{Class, Slot};
use crate::statement_document::ReasonSums;
use crate::sums::{RowKey, Sums, reason_sums};
use crate::work_piece::WorkPiece;

/// The sums by the keys asked for, and by currency, outcome and reason, in that order.
///
/// There may be many million. They are held as small as a statement holds them, and each is put together when it is asked
/// for.
#[derive(Debug, Clone)]
pub struct Groups {
    by: Vec<GroupKey>,
    texts: Vec<Box<str>>,
    classes: Vec<GroupClass>,
    parts: Vec<GroupPart>,
    /// The rows of all parts, counted through, in the order of the groups.
    order: Vec<u32>,
    /// Where each group begins in that order, where one may have several rows: days of different rates.
    starts: Option<Vec<u32>>,
    class_sums: ClassSums,
}

#[derive(Debug, Clone)]
struct GroupClass {
    class: Class,
    currency: String,
    rate: Amount,
}

#[derive(Debug, Clone)]
struct GroupPart {
    part: Part,
    /// The day as groups show it.
    day: String,
    /// The number of its first row, all parts counted through, and of each all tables.
    first: u32,
}

/// A row that was looked up.
struct Placed<'g> {
    part: &'g Part,
    day: &'g str,
    /// Its number in the part.
    at: u32,
    ids: &'g [u32],
    class: &'g GroupClass,
}

impl Placed<'_> {
    fn tally(&self) -> Tally {
        self.part.cells.tally(self.at)
    }
}

/// One group: the values of its keys, and its sums.
#[derive(Debug, Clone)]
pub struct GroupRow<'g> {
    groups: &'g Groups,
    ids: &'g [u32],
    day: &'g str,
    /// The pricing currency.
    pub currency: &'g str,
    /// The outcome.
    pub outcome: &'static str,
    /// The code of the reason.
    pub reason: &'static str,
    /// The number of lines.
    pub lines: u64,
    /// The list amounts.
    pub list_amount: Amount,
    /// List amount times rate; 0 for `never`.
    pub potential: Amount,
    /// The potential of what earned.
    pub credit: Amount,
}

/// The sums of a group and reason, on their own.
#[derive(Debug, Clone)]
pub struct GroupSums {
    /// The values of the keys.
    pub keys: Vec<(GroupKey, String)>,
    /// The sums.
    pub sums: ReasonSums,
}

impl Groups {
    pub(crate) fn new(
        by: &[GroupKey],
        sheet: Sheet,
        calculator: &Calculator,
        all: impl FnOnce(Vec<WorkPiece<'_>>),
    ) -> Self {
        let content = sheet.into_content();
        let currency =
            |class: &Class| content.texts.get(class.currency as usize).cloned().unwrap_or_default();
        let classes = content.classes.iter().map(|class| GroupClass {
            class: *class,
            currency: currency(class).into(),
            rate: calculator.rule().rate_at(class.slot.1),
        });
        let classes: Vec<GroupClass> = classes.collect();
        let parts = content.parts.into_iter().map(|part| {
            let day = part.day.map(|day| day.to_string()).unwrap_or_default();
            GroupPart { part, day, first: 0 }
        });
        let mut groups = Self {
            by: by.to_vec(),
            parts: parts.collect(),
            texts: content.texts,
            classes,
            order: Vec::new(),
            starts: None,
            class_sums: ClassSums::new(content.classes.len()),
        };
        groups.put_in_order(all);
        groups
    }

    /// The sums by currency, verdict and rate alone, in no order.
    pub(crate) fn by_class(&self) -> Vec<(&str, Slot, Tally)> {
        let classes = self.classes.iter().zip(self.class_sums.tallies());
        classes.map(|(class, tally)| (class.currency.as_str(), class.class.slot, tally)).collect()
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[GroupKey] {
        &self.by
    }

    /// The number of groups.
    #[must_use]
    pub fn len(&self) -> usize {
        self.starts.as_ref().map_or(self.order.len(), Vec::len)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = GroupRow<'_>> {
        self.range(0..self.len())
    }

    /// Some of them: for those who work on several stretches at once.
    pub fn range(&self, range: Range<usize>) -> impl Iterator<Item = GroupRow<'_>> {
        // Their places are looked up together, so that look-ups that wait for memory wait together.
        let starts = range.clone().step_by(AT_ONCE);
        starts.flat_map(move |start| self.together(start..range.end.min(start + AT_ONCE)))
    }

    fn together(&self, range: Range<usize>) -> impl Iterator<Item = GroupRow<'_>> {
        let alone = self.order.get(range.clone()).filter(|_| self.starts.is_none()).unwrap_or_default();
        let mut near = 0;
        let found: Vec<Placed<'_>> = alone.iter().filter_map(|row| self.placed(*row, &mut near)).collect();
        let tallies: Vec<Tally> = found.iter().map(Placed::tally).collect();
        let several = range.filter(|_| self.starts.is_some()).filter_map(|at| self.group(at));
        found.into_iter().zip(tallies).map(|(row, tally)| self.group_of(&row, tally)).chain(several)
    }

    /// A group by its place.
    #[must_use]
    pub fn group(&self, at: usize) -> Option<GroupRow<'_>> {
        let Some(starts) = &self.starts else { return self.row(*self.order.get(at)?) };
        let (start, end) = (*starts.get(at)? as usize, starts.get(at + 1).map(|end| *end as usize));
        let rows = self.order.get(start..end.unwrap_or(self.order.len()))?;
        let (first, others) = rows.split_first()?;
        let mut group = self.row(*first)?;
        for other in others.iter().filter_map(|other| self.row(*other)) {
            group.lines += other.lines;
            group.list_amount += &other.list_amount;
            group.potential += &other.potential;
            group.credit += &other.credit;
        }
        Some(group)
    }

    /// A row of the parts as a group.
    fn row(&self, row: u32) -> Option<GroupRow<'_>> {
        self.placed(row, &mut 0).map(|row| self.group_of(&row, row.tally()))
    }

    /// `near` is the number of the part where it is looked for first, and then of the part where it is.
    fn placed(&self, row: u32, near: &mut usize) -> Option<Placed<'_>> {
        let (GroupPart { part, day, .. }, at) = self.find(row, near)?;
        let (class, ids) = part.cells.ids(at).split_last()?;
        Some(Placed { part, day, at, ids, class: self.classes.get(*class as usize)? })
    }

    fn group_of<'g>(&'g self, row: &Placed<'g>, tally: Tally) -> GroupRow<'g> {
        let Placed { day, ids, class, .. } = *row;
        let verdict = class.class.slot.0;
        let sums = Sums::new(tally, verdict, &class.rate);
        GroupRow {
            groups: self,
            ids,
            day,
            currency: &class.currency,
            outcome: verdict.outcome.as_str(),
            reason: verdict.reason.code(),
            lines: sums.lines,
            list_amount: sums.list_amount,
            potential: sums.potential,
            credit: sums.credit,
        }
    }

    /// The part of a row, and its number there.
    fn find(&self, row: u32, near: &mut usize) -> Option<(&GroupPart, u32)> {
        let is_in = |part: &&GroupPart| rows_of(&part.part.cells).contains(&row.wrapping_sub(part.first));
        let part = self.parts.get(*near).filter(is_in).or_else(|| {
            *near = self.parts.partition_point(|part| part.first <= row).checked_sub(1)?;
            self.parts.get(*near)
        })?;
        Some((part, row - part.first))
    }

    /// The columns that groups are ordered by, as numbers that compare as the texts do.
    fn put_in_order(&mut self, all: impl FnOnce(Vec<WorkPiece<'_>>)) {
        let ranks = Ranks::new(self);
        // A row stands behind its key: so both are one number, which is quickly compared.
        let row_bits = bits_of(self.number() as usize);
        let bits = ranks.bits(&self.by) + row_bits;
        if bits > u128::BITS || self.parts.len() < 2 {
            // No row is moved, so none can be added to another on the way.
            self.parts.iter_mut().for_each(|part| part.part.settle());
            self.number();
        }
        self.order = if bits <= u64::BITS {
            self.in_order::<u64>(&ranks, row_bits, bits, all)
        } else if bits <= u128::BITS {
            self.in_order::<u128>(&ranks, row_bits, bits, all)
        } else {
            self.in_order_of_long(&ranks)
        };
        if ranks.classes_tie {
            let key = |at: &u32| {
                let (part, row) = self.find(*at, &mut 0)?;
                let (class, ids) = part.part.cells.ids(row).split_last()?;
                Some((ids, part.first, *ranks.classes.get(*class as usize)?))
            };
            let begins = |at: &usize| {
                let before = at.checked_sub(1).and_then(|before| self.order.get(before));
                before.is_none_or(|before| self.order.get(*at).map(key) != Some(key(before)))
            };
            let starts = (0..self.order.len()).filter(begins);
            self.starts = Some(starts.map(|at| u32::try_from(at).unwrap_or(u32::MAX)).collect());
        }
    }

    /// Counts the rows of all parts through, and says how many they are.
    fn number(&mut self) -> u32 {
        self.parts.iter_mut().fold(0, |first, part| {
            part.first = first;
            part.part.tables().fold(first, |end, cells| rows_of(cells).end.saturating_add(end))
        })
    }

    /// The rows in the order of their keys, which have so many bits together with the row: those of each day, then all by what
    /// stands before the day. The rows of a day are moved into that order: whoever goes through the groups then finds those of
    /// a day side by side. On the way those of the same ids become one, and all are added up by class.
    fn in_order<N: Digits>(
        &mut self,
        ranks: &Ranks,
        row_bits: u32,
        bits: u32,
        all: impl FnOnce(Vec<WorkPiece<'_>>),
    ) -> Vec<u32> {
        let mut keys = vec![N::default(); self.number() as usize];
        let mut sums = vec![self.class_sums.clone(); self.parts.len()];
        let (mut rest, by, of_several) = (keys.as_mut_slice(), self.by.as_slice(), self.parts.len() > 1);
        let pieces = self.parts.iter_mut().zip(0..).zip(&mut sums).map(|((part, place), sums)| {
            let rows = part.part.tables().map(Cells::len).sum();
            let (own, others) = std::mem::take(&mut rest).split_at_mut_checked(rows).unwrap_or_default();
            rest = others;
            WorkPiece::new(move || {
                part.part.tables().for_each(|cells| sums.add(cells));
                let add = |key, bits, value: u32| key << bits | value.into();
                let part_keys = part.keys(by, ranks, place, N::default(), add);
                own.iter_mut()
                    .zip(part_keys)
                    .for_each(|(own, (key, row))| *own = key << row_bits | row.into());
                put_in_order(own, row_bits, bits);
                if of_several {
                    part.put_in_order(own, row_bits);
                }
            })
        });
        all(pieces.collect());
        sums.iter().for_each(|sums| self.class_sums.add_sums(sums));
        if !of_several {
            return keys.into_iter().map(|key| row_of(key, row_bits)).collect();
        }
        self.close_ranks(&mut keys, row_bits);
        // What stands before the day, and the day: rows that are the same in these stay side by side, and a row's number is its
        // place here.
        let before_day = self.by.iter().take_while(|key| **key != GroupKey::Date).count() as u32;
        let below_day = bits - before_day * ranks.text_bits - ranks.part_bits;
        let runs = keys.chunk_by(|one, next| *one >> below_day == *next >> below_day);
        let mut runs: Vec<N> = runs.filter_map(|run| run.first().copied()).collect();
        put_in_order(&mut runs, below_day + ranks.part_bits, bits);
        let mut order = Vec::with_capacity(keys.len());
        for first in runs {
            let rows = keys.get(row_of(first, row_bits) as usize..).unwrap_or_default().iter();
            let of_run = rows.take_while(|key| **key >> below_day == first >> below_day);
            order.extend(of_run.map(|key| row_of(*key, row_bits)));
        }
        order
    }

    /// Counts the rows through again where some became one, and lets go of the keys that are left over.
    fn close_ranks<N: Digits>(&mut self, keys: &mut Vec<N>, row_bits: u32) {
        let mut end = 0;
        for part in &mut self.parts {
            let start = std::mem::replace(&mut part.first, u32::try_from(end).unwrap_or(u32::MAX)) as usize;
            let rows = part.part.cells.len();
            if start > end {
                keys.copy_within(start..start + rows, end);
                part.number(keys.get_mut(end..end + rows).unwrap_or_default(), row_bits);
            }
            end += rows;
        }
        keys.truncate(end);
    }

    /// The same for keys of any length; no row is moved.
    fn in_order_of_long(&mut self, ranks: &Ranks) -> Vec<u32> {
        self.parts.iter().for_each(|part| self.class_sums.add(&part.part.cells));
        let add = |mut key: Vec<u32>, _, value| {
            key.push(value);
            key
        };
        let start = Vec::with_capacity(self.by.len() + 1);
        let of_part = |(part, place): (&GroupPart, u32)| {
            part.keys(&self.by, ranks, place, start.clone(), add).collect::<Vec<_>>()
        };
        let mut keys: Vec<_> = self.parts.iter().zip(0..).flat_map(of_part).collect();
        keys.sort_unstable();
        keys.into_iter().map(|(_, row)| row).collect()
    }
}

impl GroupPart {
    /// The keys of its rows, put together column by column, each with the row. It has such a place among the parts, which are in
    /// the order of their days.
    fn keys<K: Clone>(
        &self,
        by: &[GroupKey],
        ranks: &Ranks,
        place: u32,
        start: K,
        add: impl Fn(K, u32, u32) -> K + Copy,
    ) -> impl Iterator<Item = (K, u32)> {
        let Self { part, first, .. } = self;
        let rows = part.tables().flat_map(|cells| rows_of(cells).map(|at| cells.ids(at)));
        rows.zip(*first..).map(move |(ids, row)| (ranks.packed(by, ids, place, start.clone(), add), row))
    }

    /// Puts its rows in the order of keys, and numbers them so in the keys. Those of the same ids become one, so there may be
    /// fewer of them than keys; the last keys mean nothing then.
    fn put_in_order<N: Digits>(&mut self, keys: &mut [N], row_bits: u32) {
        let first = self.first;
        let rows = keys.iter().map(|key| row_of(*key, row_bits).wrapping_sub(first));
        if self.part.others.is_empty() {
            self.part.cells.put_in_order(rows);
        } else {
            self.put_together(keys, row_bits);
        }
        self.number(keys, row_bits);
    }

    /// Puts the rows of all its tables in the order of keys, those of the same ids together, and their keys too.
    fn put_together<N: Digits>(&mut self, keys: &mut [N], row_bits: u32) {
        let first = self.first;
        let ends = self.part.tables().scan(first, |end, cells| {
            *end += rows_of(cells).end;
            Some((*end, cells))
        });
        let tables: Vec<(u32, &Cells)> = ends.collect();
        let mut all = Cells::new(self.part.cells.width());
        let mut last = None;
        for at in 0..keys.len() {
            let Some(key) = keys.get(at).copied() else { continue };
            let row = row_of(key, row_bits);
            let Some((end, cells)) = tables.iter().find(|(end, _)| row < *end) else { continue };
            let row = row + rows_of(cells).end - end;
            let own = u32::try_from(all.len()).unwrap_or(u32::MAX);
            // Rows of different rates may have the same key.
            let same = last == Some(key >> row_bits)
                && own.checked_sub(1).is_some_and(|before| all.ids(before) == cells.ids(row));
            if same {
                all.add_row_of(own - 1, cells, row);
                continue;
            }
            all.push_row_of(cells, row);
            last = Some(key >> row_bits);
            keys.get_mut(own as usize).into_iter().for_each(|place| *place = key);
        }
        self.part.cells = all;
        self.part.others.clear();
    }

    /// Numbers its rows in keys, in whose order they are.
    fn number<N: Digits>(&self, keys: &mut [N], row_bits: u32) {
        for (key, row) in keys.iter_mut().zip(self.first..) {
            *key = *key >> row_bits << row_bits | row.into();
        }
    }
}

/// Places of texts and classes in their order.
struct Ranks {
    texts: Vec<u32>,
    classes: Vec<u32>,
    /// Two classes are the same currency, outcome and reason, at different rates.
    classes_tie: bool,
    text_bits: u32,
    class_bits: u32,
    part_bits: u32,
}

impl Ranks {
    fn new(groups: &Groups) -> Self {
        let (texts, _) = ranked(&groups.texts, Ord::cmp);
        let key = |class: &GroupClass| {
            let verdict = class.class.slot.0;
            (verdict.outcome.as_str(), verdict.reason.code())
        };
        let (classes, classes_tie) = ranked(&groups.classes, |one: &GroupClass, other: &GroupClass| {
            (&one.currency, key(one)).cmp(&(&other.currency, key(other)))
        });
        Self {
            text_bits: bits_of(texts.len()),
            class_bits: bits_of(classes.len()),
            part_bits: bits_of(groups.parts.len()),
            texts,
            classes,
            classes_tie,
        }
    }

    fn bits(&self, by: &[GroupKey]) -> u32 {
        let keys = by.iter().map(|key| if *key == GroupKey::Date { self.part_bits } else { self.text_bits });
        keys.sum::<u32>() + self.class_bits
    }

    /// The key of a row of ids in such a part.
    fn packed<K>(
        &self,
        by: &[GroupKey],
        ids: &[u32],
        part: u32,
        start: K,
        add: impl Fn(K, u32, u32) -> K,
    ) -> K {
        let rank = |ranks: &[u32], id: Option<&u32>| {
            id.and_then(|id| ranks.get(*id as usize)).copied().unwrap_or_default()
        };
        let (mut key, mut ids) = (start, ids.iter());
        for by in by {
            key = match by {
                GroupKey::Date => add(key, self.part_bits, part),
                _ => add(key, self.text_bits, rank(&self.texts, ids.next())),
            };
        }
        add(key, self.class_bits, rank(&self.classes, ids.next()))
    }
}

/// The place of each item in the order of all, those that are the same on one place; and whether any are.
fn ranked<T>(items: &[T], compare: impl Fn(&T, &T) -> Ordering) -> (Vec<u32>, bool) {
    let mut order: Vec<(usize, &T)> = items.iter().enumerate().collect();
    order.sort_by(|(_, one), (_, other)| compare(one, other));
    let (mut ranks, mut rank, mut tie) = (vec![0; items.len()], 0, false);
    let mut before: Option<&T> = None;
    for (at, item) in order {
        match before.map(|before| compare(before, item)) {
            Some(Ordering::Equal) => tie = true,
            Some(_) => rank += 1,
            None => {}
        }
        before = Some(item);
        if let Some(place) = ranks.get_mut(at) {
            *place = rank;
        }
    }
    (ranks, tie)
}

/// The row that stands in the lowest bits of a key.
fn row_of<N: Digits>(key: N, row_bits: u32) -> u32 {
    key.low() & below(row_bits)
}

/// So many bits, the lowest ones.
const fn below(bits: u32) -> u32 {
    if bits < u32::BITS { (1 << bits) - 1 } else { u32::MAX }
}

/// The bits that tell so many things apart.
const fn bits_of(count: usize) -> u32 {
    usize::BITS - count.leading_zeros()
}

impl<'g> GroupRow<'g> {
    /// The values of the keys, in the order in which they were asked for.
    pub fn values(&self) -> impl Iterator<Item = (GroupKey, &'g str)> {
        let (groups, day, mut ids) = (self.groups, self.day, self.ids.iter());
        groups.by.iter().map(move |key| {
            let value = match key {
                GroupKey::Date => day,
                _ => ids.next().and_then(|id| groups.texts.get(*id as usize)).map_or("", |text| &**text),
            };
            (*key, value)
        })
    }
}

impl From<GroupRow<'_>> for GroupSums {
    fn from(row: GroupRow<'_>) -> Self {
        let keys = row.values().map(|(key, value)| (key, value.to_owned())).collect();
        Self { keys, sums: row.into() }
    }
}

impl From<GroupRow<'_>> for ReasonSums {
    fn from(row: GroupRow<'_>) -> Self {
        let key = RowKey { currency: row.currency, outcome: row.outcome, reason: row.reason };
        let GroupRow { lines, list_amount, potential, credit, .. } = row;
        reason_sums(&key, &Sums { lines, list_amount, potential, credit }, None)
    }
}

impl<'g> IntoIterator for &'g Groups {
    type Item = GroupRow<'g>;
    type IntoIter = Box<dyn Iterator<Item = GroupRow<'g>> + 'g>;

    fn into_iter(self) -> Self::IntoIter {
        Box::new(self.iter())
    }
}

impl Serialize for Groups {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.len()))?;
        for row in self.iter() {
            rows.serialize_element(&row)?;
        }
        rows.end()
    }
}

impl Serialize for GroupRow<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (key, value) in self.values() {
            map.serialize_entry(key.name(), value)?;
        }
        map.serialize_entry("currency", self.currency)?;
        map.serialize_entry("outcome", self.outcome)?;
        map.serialize_entry("reason", self.reason)?;
        map.serialize_entry("lines", &self.lines)?;
        map.serialize_entry("list_amount", &self.list_amount)?;
        map.serialize_entry("potential", &self.potential)?;
        map.serialize_entry("credit", &self.credit)?;
        map.end()
    }
}
