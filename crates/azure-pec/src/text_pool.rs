//! The texts of usage lines, each once.

use std::hash::BuildHasher;
use std::sync::atomic::{AtomicU64, Ordering};

use hashbrown::HashTable;
use rustc_hash::FxBuildHasher;

/// A text of a batch: its place in the batch's [`TextPool`]. The empty text is [`TextId::EMPTY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TextId(u32);

impl TextId {
    /// The empty text.
    pub const EMPTY: Self = Self(0);

    /// Its place in the pool.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// Whether the text is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Each distinct text once. Memory follows the distinct texts, never the lines.
#[derive(Debug)]
pub struct TextPool {
    /// The texts, one behind the other: there may be hundreds of thousands of them.
    all: String,
    /// Where each of them ends.
    ends: Vec<usize>,
    places: HashTable<u32>,
    id: u64,
}

static NEXT_POOL: AtomicU64 = AtomicU64::new(0);

impl Default for TextPool {
    fn default() -> Self {
        // The empty text is the first.
        Self {
            all: String::new(),
            ends: vec![0],
            places: HashTable::new(),
            id: NEXT_POOL.fetch_add(1, Ordering::Relaxed),
        }
    }
}

impl TextPool {
    /// Tells this pool from every other of the process, so that what was worked out for its texts can be kept.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// The number of distinct texts, the empty one included.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it holds only the empty text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.ends.len() <= 1
    }

    /// About the bytes that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.all.capacity() + self.ends.capacity() * size_of::<usize>() + self.places.allocation_size()
    }

    /// The place of a text, which is put in where it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        let Self { all, ends, places, .. } = self;
        let hash = hash_of(text);
        if let Some(known) = places.find(hash, |at| text_at(all, ends, *at) == text) {
            return TextId(*known);
        }
        // Grows by quarters: what is doubled is half empty, and there may be many MiB of it.
        if all.capacity() - all.len() < text.len() {
            all.reserve_exact(text.len() + all.len() / 4);
        }
        // Four thousand million distinct texts do not fit the memory of any machine this runs on.
        let at = u32::try_from(ends.len()).unwrap_or(0);
        all.push_str(text);
        ends.push(all.len());
        places.insert_unique(hash, at, |at| hash_of(text_at(all, ends, *at)));
        TextId(at)
    }

    /// The text at a place; empty for a place of another pool.
    #[must_use]
    #[inline]
    pub fn get(&self, id: TextId) -> &str {
        text_at(&self.all, &self.ends, id.0)
    }
}

#[inline]
fn text_at<'p>(all: &'p str, ends: &[usize], at: u32) -> &'p str {
    let at = at as usize;
    let start = at.checked_sub(1).and_then(|before| ends.get(before));
    let range = start.zip(ends.get(at)).map(|(start, end)| *start..*end);
    range.and_then(|range| all.get(range)).unwrap_or_default()
}

fn hash_of(text: &str) -> u64 {
    FxBuildHasher.hash_one(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_text_has_one_place_and_stays_there(
            texts in prop::collection::vec("[ab\u{e9}]{0,4}", 0..200),
        ) {
            let mut pool = TextPool::default();
            let ids: Vec<TextId> = texts.iter().map(|text| pool.intern(text)).collect();
            let distinct: std::collections::BTreeSet<&str> =
                texts.iter().map(String::as_str).chain([""]).collect();
            prop_assert_eq!(pool.len(), distinct.len());
            for (text, id) in texts.iter().zip(ids) {
                prop_assert_eq!(pool.get(id), text);
                prop_assert_eq!(pool.intern(text), id);
            }
            prop_assert_eq!(pool.get(TextId(u32::MAX)), "");
        }
    }
}
