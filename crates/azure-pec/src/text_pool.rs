//! The texts of usage lines, each once.

use std::sync::atomic::{AtomicU64, Ordering};

use indexmap::IndexSet;
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

/// Each distinct text once. Memory follows the number of distinct texts, never that of lines.
#[derive(Debug)]
pub struct TextPool {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    /// The length of all.
    bytes: usize,
    id: u64,
}

/// What the table and the allocator need for a text, beside its letters.
const TEXT_BYTES: usize = 48;

static NEXT_POOL: AtomicU64 = AtomicU64::new(0);

impl Default for TextPool {
    fn default() -> Self {
        let mut texts = IndexSet::default();
        texts.insert(Box::from(""));
        Self { texts, bytes: 0, id: NEXT_POOL.fetch_add(1, Ordering::Relaxed) }
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
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether it holds only the empty text.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.len() <= 1
    }

    /// About the bytes that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.bytes + self.texts.capacity() * TEXT_BYTES
    }

    /// The place of a text, which is put in where it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        let at = match self.texts.get_index_of(text) {
            Some(at) => at,
            None => {
                self.bytes += text.len();
                self.texts.insert_full(Box::from(text)).0
            }
        };
        // Four thousand million distinct texts do not fit the memory of any machine this runs on.
        TextId(u32::try_from(at).unwrap_or(0))
    }

    /// The text at a place; empty for a place of another pool.
    #[must_use]
    pub fn get(&self, id: TextId) -> &str {
        self.texts.get_index(id.index()).map_or("", |text| text)
    }
}
