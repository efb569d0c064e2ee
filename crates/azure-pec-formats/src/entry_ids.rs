//! The entries of a dictionary as texts of a pool, each worked out once however many rows name it.

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
    ids: Vec<Option<TextId>>,
    /// That of an empty row.
    empty: Option<TextId>,
    room: String,
}

impl EntryIds {
    /// Begins a batch. Keeps the ids, and says so, where the dictionary is that of the batch before: readers of files share
    /// it through a row group.
    pub fn begin(&mut self, entries: &Entries, pool: &TextPool) -> bool {
        let same = |known: &ArrayRef| known.to_data().ptr_eq(&entries.values.to_data());
        let stays = self.pool == Some(pool.id()) && self.dictionary.as_ref().is_some_and(same);
        if !stays {
            self.pool = Some(pool.id());
            self.dictionary = Some(entries.values.clone());
            self.empty = None;
            self.ids.clear();
            self.ids.resize(entries.values.len(), None);
        }
        stays
    }

    /// The id of a row's text.
    #[inline]
    pub fn id(
        &mut self,
        entries: &Entries,
        row: usize,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
    ) -> Result<TextId, Fault> {
        let key = entries.key(row);
        let place = key.map_or(Some(&mut self.empty), |key| self.ids.get_mut(key));
        if let Some(Some(id)) = place {
            return Ok(*id);
        }
        let text = key.map_or("", |key| entries.cells().text(key, &mut self.room));
        let id = memo.id(text.as_bytes(), pool)?;
        // A faulty entry is looked at each time.
        if let Some(place) = place {
            *place = Some(id);
        }
        Ok(id)
    }
}
