//! Which texts of a usage line somebody wants.

use azure_pec::Field;

/// A set of [`Field`]s. A reader takes the columns of these and leaves the others alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FieldSet(u64);

impl FieldSet {
    /// No field: days, quantities and list prices alone.
    pub const EMPTY: Self = Self(0);

    /// Every field.
    #[must_use]
    pub fn all() -> Self {
        Field::ALL.iter().copied().collect()
    }

    /// The set with one field more.
    #[must_use]
    pub const fn with(self, field: Field) -> Self {
        Self(self.0 | 1 << field as u8)
    }

    /// The set without a field.
    #[must_use]
    pub const fn without(self, field: Field) -> Self {
        Self(self.0 & !(1 << field as u8))
    }

    /// The fields of either set.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The fields of this set that are not in the other.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the field is in the set.
    #[must_use]
    pub const fn contains(self, field: Field) -> bool {
        self.0 >> field as u8 & 1 == 1
    }
}

// One bit a field.
const _: () = assert!(Field::ALL.len() <= 64);

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        fields.into_iter().fold(Self::EMPTY, Self::with)
    }
}
