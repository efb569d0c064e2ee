//! Each text and each number of a reconciliation once: what is kept of many lines holds their places only.

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::amount::Amount;

/// A text among [`Names`]; the empty one is 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub(crate) struct Name(u32);

/// A number among [`Names`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Number(u32);

/// Texts and numbers, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(crate) struct Names {
    texts: IndexSet<Box<str>, FxBuildHasher>,
    numbers: IndexSet<Amount, FxBuildHasher>,
}

/// Where the names and numbers of others stand among one's own.
#[derive(Debug)]
pub(crate) struct Moved {
    texts: Vec<Name>,
    numbers: Vec<Number>,
}

impl Names {
    pub fn put(&mut self, text: &str) -> Name {
        if text.is_empty() {
            return Name::default();
        }
        let at = match self.texts.get_index_of(text) {
            Some(at) => at,
            None => self.texts.insert_full(text.into()).0,
        };
        Name(u32::try_from(at + 1).unwrap_or(u32::MAX))
    }

    pub fn put_number(&mut self, number: &Amount) -> Number {
        let at = match self.numbers.get_index_of(number) {
            Some(at) => at,
            None => self.numbers.insert_full(number.clone()).0,
        };
        Number(u32::try_from(at).unwrap_or(u32::MAX))
    }

    pub fn text(&self, name: Name) -> &str {
        let at = name.0.checked_sub(1).map(|at| at as usize);
        at.and_then(|at| self.texts.get_index(at)).map_or("", |text| text)
    }

    pub fn number(&self, number: Number) -> &Amount {
        self.numbers.get_index(number.0 as usize).unwrap_or(const { &Amount::ZERO })
    }

    /// Takes in what others hold.
    pub fn merge(&mut self, other: &Self) -> Moved {
        Moved {
            texts: other.texts.iter().map(|text| self.put(text)).collect(),
            numbers: other.numbers.iter().map(|number| self.put_number(number)).collect(),
        }
    }
}

/// Gives texts and numbers their places.
pub(crate) trait Interning {
    fn name(&mut self, text: &str) -> Name;
    fn value(&mut self, number: &Amount) -> Number;
}

impl Interning for Names {
    fn name(&mut self, text: &str) -> Name {
        self.put(text)
    }

    fn value(&mut self, number: &Amount) -> Number {
        self.put_number(number)
    }
}

/// What is not among the names has a place that nothing else has.
impl Interning for &Names {
    fn name(&mut self, text: &str) -> Name {
        if text.is_empty() {
            return Name::default();
        }
        let at = self.texts.get_index_of(text).and_then(|at| u32::try_from(at + 1).ok());
        Name(at.unwrap_or(u32::MAX))
    }

    fn value(&mut self, number: &Amount) -> Number {
        let at = self.numbers.get_index_of(number).and_then(|at| u32::try_from(at).ok());
        Number(at.unwrap_or(u32::MAX))
    }
}

impl Name {
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub fn moved(self, moved: &Moved) -> Self {
        let at = self.0.checked_sub(1).map(|at| at as usize);
        at.and_then(|at| moved.texts.get(at)).copied().unwrap_or_default()
    }
}

impl Number {
    pub fn moved(self, moved: &Moved) -> Self {
        moved.numbers.get(self.0 as usize).copied().unwrap_or(self)
    }
}
