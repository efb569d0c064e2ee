//! Bytes as choices: what they choose does not depend on how many there are, and after the last each choice is the first one.

/// Choices that are left.
#[derive(Debug)]
pub struct Choices<'b>(&'b [u8]);

impl<'b> Choices<'b> {
    /// All of them.
    pub const fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    /// A number below `limit`, which is at most 256.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.byte()) % limit.max(1)
    }

    /// Whether something happens, so many times in 256.
    pub fn chance(&mut self, times: u8) -> bool {
        // The last ones, so that nothing happens where no choices are left.
        self.byte() > 255 - times
    }

    /// One of some.
    #[expect(
        clippy::indexing_slicing,
        reason = "the number is below their count; of none there is none to pick"
    )]
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
