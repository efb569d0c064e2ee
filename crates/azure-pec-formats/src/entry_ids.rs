//! The entries of a dictionary as texts of a pool, each worked out once however many rows name it.

use std::sync::Arc;

use arrow_array::{Array, ArrayRef};
use azure_pec::{TextId, TextPool};

use crate::arrow_cells::Entries;
use crate::column_memo::ColumnMemo;
use crate::error::Fault;

/// The ids of a dictionary's entries so far.
#[derive(Default)]
pub(crate) struct EntryIds {
    dictionary: Option<ArrayRef>,
    pool: Option<u64>,
    /// Behind them that of an empty row: there are columns of which nearly every row is one.
    ids: Vec<Option<TextId>>,
    /// Keys of which the id is not known yet, by their places among those that are asked for.
    unknown: Vec<(usize, usize)>,
    /// Entries that are looked up together, what became of them, and those that cannot be read by their places among these.
    new: Vec<usize>,
    made: Vec<TextId>,
    faulty: Vec<usize>,
    room: String,
}

/// Entries that are looked up together where all of a dictionary are.
const AT_ONCE: usize = 1 << 10;
/// A new dictionary is looked up whole, as most of its entries are named by some row; but not one that has so many times the
/// entries of the rows at hand.
const MOST_AHEAD: usize = 4;

impl EntryIds {
    /// Adds the id of the text of each row that has one of these keys, in their order. Where one cannot be read, tells its place
    /// among these and adds the empty text.
    pub fn fill(
        &mut self,
        entries: &Entries,
        keys: impl Iterator<Item = u32>,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        if self.begin(entries, pool) && entries.values.len() <= entries.rows() * MOST_AHEAD {
            for start in (0..entries.values.len()).step_by(AT_ONCE) {
                let some = start..entries.values.len().min(start + AT_ONCE);
                self.learn(entries, some, memo, pool);
            }
        }
        let (start, Self { ids: known, unknown, .. }) = (ids.len(), &mut *self);
        unknown.clear();
        let empty = known.len().saturating_sub(1);
        // Most are known: one look at each, and nothing hangs on it.
        ids.extend(keys.enumerate().map(|(at, key)| {
            let key = empty.min(key as usize);
            let id = known.get(key).copied().flatten();
            if id.is_none() {
                unknown.push((at, key));
            }
            id.unwrap_or_default()
        }));
        if unknown.is_empty() {
            return;
        }
        let unknown = std::mem::take(unknown);
        self.learn(entries, unknown.iter().map(|(_, key)| *key).filter(|key| *key < empty), memo, pool);
        for (at, key) in &unknown {
            let id = self.id(entries, *key, memo, pool).unwrap_or_else(|fault| {
                on_fault(*at, fault);
                TextId::EMPTY
            });
            ids.get_mut(start + at).into_iter().for_each(|own| *own = id);
        }
        self.unknown = unknown;
    }

    /// About the bytes that it remembers.
    pub fn memory(&self) -> usize {
        self.ids.capacity() * size_of::<Option<TextId>>()
    }

    /// Keeps the ids where the dictionary is that of the batch before, and says whether it is another.
    fn begin(&mut self, entries: &Entries, pool: &TextPool) -> bool {
        let is_known = self.pool == Some(pool.id());
        if is_known && self.dictionary.as_mut().is_some_and(|known| entries.are_of(known)) {
            return false;
        }
        self.pool = Some(pool.id());
        self.dictionary = Some(Arc::clone(&entries.values));
        self.ids.clear();
        self.ids.resize(entries.values.len() + 1, None);
        true
    }

    /// Looks up the entries with these keys that were not yet, all together: so look-ups that wait for memory wait together.
    /// What is no text, or cannot be read, is left to [`id`](Self::id).
    fn learn(
        &mut self,
        entries: &Entries,
        keys: impl Iterator<Item = usize>,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
    ) {
        let Self { ids, new, made, faulty, .. } = self;
        let cells = entries.cells();
        if !cells.is_text() {
            return;
        }
        new.clear();
        for key in keys {
            if let Some(id @ None) = ids.get_mut(key) {
                *id = Some(TextId::EMPTY);
                new.push(key);
            }
        }
        made.clear();
        faulty.clear();
        let texts = new.iter().map(|key| cells.text_and_on(*key));
        memo.fill(texts, pool, made, |at, _| faulty.push(at));
        let mut put = |key: usize, id| ids.get_mut(key).into_iter().for_each(|own| *own = id);
        new.iter().zip(&*made).for_each(|(key, id)| put(*key, Some(*id)));
        faulty.iter().filter_map(|at| new.get(*at)).for_each(|key| put(*key, None));
    }

    /// The id of an entry's text; behind the last that of an empty row.
    #[inline]
    fn id(
        &mut self,
        entries: &Entries,
        key: usize,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
    ) -> Result<TextId, Fault> {
        let is_empty = key + 1 >= self.ids.len();
        let place = self.ids.get_mut(key);
        if let Some(Some(id)) = place {
            return Ok(*id);
        }
        let text = if is_empty { "" } else { entries.cells().text(key, &mut self.room) };
        let id = memo.id(text.as_bytes(), pool)?;
        // A faulty entry is looked at each time.
        if let Some(place) = place {
            *place = Some(id);
        }
        Ok(id)
    }
}
