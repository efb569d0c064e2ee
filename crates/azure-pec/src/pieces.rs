//! Rows of items that stay where they are while more come.

/// Rows of items, all of one width, numbered as they come, from 0.
///
/// They are held in pieces: of what grows as one, a half may be empty, and all of it is moved again and again. Where there are
/// few, they take little.
#[derive(Debug, Clone)]
pub struct Pieces<T> {
    width: usize,
    pieces: Vec<Vec<T>>,
    len: usize,
}

/// The rows of a piece.
const ROWS: usize = 1 << 10;
/// The first rows that room is made for.
const FEW: usize = 4;

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self::new(1)
    }
}

impl<T> Pieces<T> {
    /// Rows of so many items.
    #[must_use]
    pub const fn new(width: usize) -> Self {
        Self { width, pieces: Vec::new(), len: 0 }
    }

    /// The number of rows.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A row; nothing where there is none.
    #[must_use]
    #[inline]
    pub fn row(&self, at: usize) -> &[T] {
        let rest = self.pieces.get(at / ROWS).and_then(|piece| piece.get(self.start(at)..));
        rest.and_then(|rest| rest.get(..self.width)).unwrap_or_default()
    }

    /// A row, to be changed.
    #[inline]
    pub fn row_mut(&mut self, at: usize) -> &mut [T] {
        let (start, width) = (self.start(at), self.width);
        let rest = self.pieces.get_mut(at / ROWS).and_then(|piece| piece.get_mut(start..));
        rest.and_then(|rest| rest.get_mut(..width)).unwrap_or_default()
    }

    /// Where a row begins in its piece.
    #[inline]
    const fn start(&self, at: usize) -> usize {
        // What is beyond every piece is in none.
        (at % ROWS).wrapping_mul(self.width)
    }

    /// The item of a row, where rows have one.
    #[must_use]
    #[inline]
    pub fn get(&self, at: usize) -> Option<&T> {
        self.pieces.get(at / ROWS).and_then(|piece| piece.get(at % ROWS))
    }

    /// About the bytes that they take.
    #[must_use]
    pub fn memory(&self) -> usize {
        let items: usize = self.pieces.iter().map(Vec::capacity).sum();
        items * size_of::<T>() + self.pieces.capacity() * size_of::<Vec<T>>()
    }
}

impl<T: Clone + Default> Pieces<T> {
    /// Adds a row that begins with these items; the others are as they are by default.
    pub fn push(&mut self, items: &[T]) {
        let at = self.len % ROWS;
        if at == 0 {
            self.pieces.push(Vec::new());
        }
        let is_first = self.pieces.len() == 1;
        let Some(piece) = self.pieces.last_mut() else { return };
        let end = (at + 1) * self.width;
        if piece.capacity() < end {
            let rows = if is_first { (at * 2).max(FEW) } else { ROWS };
            piece.reserve_exact(rows * self.width - piece.len());
        }
        piece.extend_from_slice(items.get(..self.width).unwrap_or(items));
        piece.resize(end, T::default());
        self.len += 1;
    }

    /// Puts the rows in this order, which names each once.
    pub(crate) fn put_in_order(&mut self, order: impl Iterator<Item = usize>) {
        let mut ordered = Vec::with_capacity(self.len * self.width);
        order.for_each(|at| ordered.extend_from_slice(self.row(at)));
        for (piece, rows) in self.pieces.iter_mut().zip(ordered.chunks((ROWS * self.width).max(1))) {
            piece.clear();
            piece.extend_from_slice(rows);
        }
    }

    /// Puts an item somewhere, where rows have one; those before it that are not there yet are as they are by default.
    pub fn put(&mut self, at: usize, item: T) {
        while self.len <= at {
            self.push(&[]);
        }
        if let Some(first) = self.row_mut(at).first_mut() {
            *first = item;
        }
    }
}

/// Puts an item at a place, and `nothing` before it where there was none.
pub(crate) fn put_at<T: Clone>(items: &mut Vec<T>, place: usize, item: T, nothing: T) {
    if items.len() <= place {
        items.resize(place + 1, nothing);
    }
    if let Some(at) = items.get_mut(place) {
        *at = item;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_there_and_what_it_lacks_is_filled() {
        for width in [0, 1, 3] {
            let mut pieces: Pieces<usize> = Pieces::new(width);
            assert!(pieces.is_empty() && pieces.row(0).is_empty());
            for at in 0..ROWS * 2 + 5 {
                pieces.push(&[at, at + 1, at + 2, at + 3][..at % 5]);
            }
            for at in 0..pieces.len() {
                let given = |place: usize| if place < at % 5 { at + place } else { 0 };
                let row: Vec<usize> = (0..width).map(given).collect();
                assert_eq!(pieces.row(at), row, "{width} {at}");
                assert!(width != 1 || pieces.get(at) == row.first());
            }
            let end = pieces.len();
            assert!(end == ROWS * 2 + 5 && !pieces.is_empty());
            assert!(pieces.row(end).is_empty() && pieces.row_mut(end).is_empty());
            assert!(width != 1 || pieces.get(end).is_none());
            pieces.row_mut(ROWS).iter_mut().for_each(|item| *item = 7);
            assert!(pieces.row(ROWS).iter().all(|item| *item == 7) && pieces.row(ROWS).len() == width);
            assert!(!pieces.row(ROWS - 1).contains(&7) && !pieces.row(ROWS + 1).contains(&7));
        }
    }

    #[test]
    fn rows_stand_in_the_order_that_they_are_put_in() {
        for width in [0, 1, 3] {
            for count in [0, 1, ROWS, ROWS * 2 + 5] {
                let mut pieces: Pieces<usize> = Pieces::new(width);
                (0..count).for_each(|at| pieces.push(&[at, at + 1, at + 2][..width]));
                let before = pieces.memory();
                let order = |at: usize| (at * 7 + 3) % count;
                pieces.put_in_order((0..count).map(order));
                for at in 0..count {
                    assert_eq!(pieces.row(at), &[order(at), order(at) + 1, order(at) + 2][..width]);
                }
                assert_eq!((pieces.len(), pieces.memory()), (count, before));
            }
        }
    }

    #[test]
    fn what_is_put_somewhere_is_there_alone() {
        let mut pieces: Pieces<u8> = Pieces::default();
        pieces.put(ROWS, 2);
        pieces.put(3, 1);
        let there: Vec<usize> = (0..pieces.len()).filter(|at| pieces.get(*at) != Some(&0)).collect();
        assert_eq!((there, pieces.len()), (vec![3, ROWS], ROWS + 1));
        assert_eq!((pieces.get(3), pieces.get(ROWS)), (Some(&1), Some(&2)));
    }

    /// A piece more is all that may be empty.
    #[test]
    fn memory_follows_rows() {
        for count in [0, 1, 5, 700, ROWS, ROWS + 1, ROWS * 9] {
            let mut pieces: Pieces<u32> = Pieces::new(3);
            (0..count).for_each(|_| pieces.push(&[1, 2, 3]));
            let held = count * 3 * size_of::<u32>();
            let more = held.max(FEW * 3 * size_of::<u32>()).min(ROWS * 3 * size_of::<u32>());
            let about = pieces.pieces.capacity() * size_of::<Vec<u32>>();
            assert!((held + about..=held + more + about).contains(&pieces.memory()), "{count}");
        }
    }
}
