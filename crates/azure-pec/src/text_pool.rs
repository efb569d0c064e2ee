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
    texts: Texts,
    places: HashTable<Place>,
    id: u64,
}

/// Texts one behind the other, in pieces that stay where they are: there may be hundreds of thousands of texts, and what
/// grows in one piece is moved again and again.
#[derive(Debug, Default)]
struct Texts {
    pieces: Vec<String>,
    spots: Vec<Spot>,
}

/// Where a text stands.
#[derive(Debug, Clone, Copy)]
struct Spot {
    piece: u32,
    start: u32,
    /// [`LONG`] for all that follows in the piece.
    length: u32,
}

const LONG: u32 = u32::MAX;
/// The bytes of the first piece and of the largest: each has twice as many as the one before. A longer text has one of its
/// own.
const FIRST: usize = 1 << 10;
const LARGEST: usize = 1 << 17;

impl Texts {
    fn add(&mut self, text: &str) {
        if self.pieces.last().is_none_or(|piece| piece.capacity() - piece.len() < text.len()) {
            let next = self.pieces.last().map_or(FIRST, |piece| (piece.capacity() * 2).min(LARGEST));
            self.pieces.push(String::with_capacity(next.max(text.len())));
        }
        let piece = self.pieces.len().saturating_sub(1);
        let Some(room) = self.pieces.last_mut() else { return };
        // A piece of several texts is short, and there are fewer pieces than texts.
        let [piece, start] = [piece, room.len()].map(|number| u32::try_from(number).unwrap_or(u32::MAX));
        room.push_str(text);
        self.spots.push(Spot { piece, start, length: u32::try_from(text.len()).unwrap_or(LONG) });
    }

    #[inline]
    fn get(&self, at: u32) -> &str {
        let Some(Spot { piece, start, length }) = self.spots.get(at as usize) else { return "" };
        let rest = self.pieces.get(*piece as usize).and_then(|piece| piece.get(*start as usize..));
        let text =
            rest.and_then(|rest| if *length == LONG { Some(rest) } else { rest.get(..*length as usize) });
        text.unwrap_or_default()
    }

    fn memory(&self) -> usize {
        let pieces: usize = self.pieces.iter().map(String::capacity).sum();
        pieces + self.spots.capacity() * size_of::<Spot>()
    }
}

/// Where a text is, with its hash: the text itself, which waits for memory, is looked at only where it is most likely the one.
#[derive(Debug, Clone, Copy)]
struct Place {
    hash: u32,
    at: u32,
}

static NEXT_POOL: AtomicU64 = AtomicU64::new(0);

impl Default for TextPool {
    fn default() -> Self {
        let mut texts = Texts::default();
        texts.add("");
        Self { texts, places: HashTable::new(), id: NEXT_POOL.fetch_add(1, Ordering::Relaxed) }
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
        self.texts.spots.len()
    }

    /// Whether it holds only the empty text.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.texts.spots.len() <= 1
    }

    /// About the bytes that it takes.
    pub(crate) fn memory(&self) -> usize {
        self.texts.memory() + self.places.allocation_size()
    }

    /// The place of a text, which is put in where it is new.
    pub fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        let Self { texts, places, .. } = self;
        let hash = hash_of(text);
        let is_it = |place: &Place| place.hash == hash && texts.get(place.at) == text;
        if let Some(known) = places.find(spread(hash), is_it) {
            return TextId(known.at);
        }
        // Four thousand million distinct texts do not fit the memory of any machine this runs on.
        let at = u32::try_from(texts.spots.len()).unwrap_or(0);
        texts.add(text);
        places.insert_unique(spread(hash), Place { hash, at }, |place| spread(place.hash));
        TextId(at)
    }

    /// The text at a place; empty for a place of another pool.
    #[must_use]
    #[inline]
    pub fn get(&self, id: TextId) -> &str {
        self.texts.get(id.0)
    }
}

fn hash_of(text: &str) -> u32 {
    let hash = FxBuildHasher.hash_one(text);
    (hash >> 32) as u32 ^ hash as u32
}

/// A table looks at the highest bits and at the lowest.
const fn spread(hash: u32) -> u64 {
    (hash as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_piece_is_full_before_the_next_which_has_twice_its_bytes() {
        let mut texts = Texts::default();
        let text = "x".repeat(100);
        for _ in 0..4000 {
            texts.add(&text);
        }
        let sizes: Vec<usize> = texts.pieces.iter().map(String::capacity).collect();
        let twice = std::iter::successors(Some(FIRST), |size| Some((size * 2).min(LARGEST)));
        assert_eq!(sizes, twice.take(sizes.len()).collect::<Vec<_>>());
        assert_eq!(sizes.last(), Some(&LARGEST));
        // All but the last.
        let mut full = texts.pieces.iter().rev().skip(1);
        assert!(full.all(|piece| piece.capacity() - piece.len() < text.len()));
    }

    #[test]
    fn a_text_may_fill_a_piece_or_be_one() {
        let sizes_of = |lengths: &[usize]| {
            let mut texts = Texts::default();
            lengths.iter().for_each(|length| texts.add(&"x".repeat(*length)));
            texts.pieces.iter().map(String::capacity).collect::<Vec<_>>()
        };
        assert_eq!(sizes_of(&[24, FIRST - 24]), [FIRST]);
        assert_eq!(sizes_of(&[24, FIRST - 24, 1]), [FIRST, 2 * FIRST]);
        assert_eq!(sizes_of(&[24, 3 * FIRST, 1]), [FIRST, 3 * FIRST, 6 * FIRST]);
        assert_eq!(sizes_of(&[3 * LARGEST, 1]), [3 * LARGEST, LARGEST]);
    }

    /// No less than what is held, and no more than two and a half times as much.
    #[test]
    fn the_memory_of_a_pool_is_about_what_it_holds() {
        let mut pool = TextPool::default();
        assert!(pool.is_empty() && pool.intern("").is_empty() && pool.is_empty());
        assert_eq!(pool.len(), 1);
        for count in [1_000_usize, 10_000, 50_000] {
            (0..count).for_each(|number| _ = pool.intern(&format!("{number:020}")));
            assert!(!pool.is_empty() && pool.len() == count + 1);
            let held = count * (20 + size_of::<Spot>() + size_of::<Place>());
            let told = pool.memory();
            assert!(held <= told && told <= held * 5 / 2, "{told} for {held}");
        }
    }

    /// Of so many texts some have the same short hash.
    #[test]
    fn texts_of_one_hash_are_told_apart() {
        let texts: Vec<String> = (0..300_000).map(|number| format!("meter-{number}")).collect();
        let hashes: std::collections::BTreeSet<u32> = texts.iter().map(|text| hash_of(text)).collect();
        assert!(hashes.len() < texts.len());
        let mut pool = TextPool::default();
        for text in &texts {
            let id = pool.intern(text);
            assert_eq!(pool.get(id), text);
        }
        assert_eq!(pool.len(), texts.len() + 1);
    }

    proptest! {
        #[test]
        fn a_text_has_one_place_and_stays_there(
            texts in prop::collection::vec(
                prop_oneof![
                    20 => "[ab\u{e9}]{0,4}",
                    1 => (1_usize..4, 0_usize..3).prop_map(|(size, more)| "x".repeat(size * FIRST - 1 + more)),
                ],
                0..200,
            ),
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
