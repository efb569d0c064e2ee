//! GUIDs and the newtypes over them, so that a meter is never taken for a role.

use std::fmt;
use std::str::FromStr;

use crate::day::serde_as_text;
use crate::error::Error;

/// A GUID, compared by value: letter case, braces and missing dashes do not count.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(u128);

/// What each byte is as a hexadecimal digit; 255 where it is none.
const DIGITS: [u8; 256] = digits();

#[expect(clippy::indexing_slicing, reason = "of a table made when compiled, by a byte")]
const fn digits() -> [u8; 256] {
    let mut digits = [255; 256];
    let mut digit = 0;
    while digit < 16 {
        let (lower, upper) = (b"0123456789abcdef"[digit as usize], b"0123456789ABCDEF"[digit as usize]);
        digits[lower as usize] = digit;
        digits[upper as usize] = digit;
        digit += 1;
    }
    digits
}

impl Guid {
    /// All zeros: Azure's way to say "none".
    pub const NIL: Self = Self(0);

    /// From its 128 bits.
    #[must_use]
    pub const fn from_u128(value: u128) -> Self {
        Self(value)
    }

    /// Its 128 bits.
    #[must_use]
    pub const fn as_u128(self) -> u128 {
        self.0
    }

    /// Reads 32 hexadecimal digits, with or without dashes in their places, with or without braces.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = match text {
            [b'{', inner @ .., b'}'] => inner,
            _ => text,
        };
        let value = |digits: std::ops::Range<usize>| text.get(digits).and_then(value_of);
        let (high, low) = match text.len() {
            32 => (value(0..16)?, value(16..32)?),
            36 if [8, 13, 18, 23].iter().all(|at| text.get(*at) == Some(&b'-')) => {
                let high = value(0..8)? << 32 | value(9..13)? << 16 | value(14..18)?;
                (high, value(19..23)? << 48 | value(24..36)?)
            }
            _ => return None,
        };
        Some(Self(u128::from(high) << 64 | u128::from(low)))
    }
}

/// What at most 16 hexadecimal digits say.
#[inline]
fn value_of(digits: &[u8]) -> Option<u64> {
    // Looked at in the end: what is no digit has bits above those of one.
    let (mut value, mut bits) = (0, 0);
    for byte in digits {
        let digit = DIGITS.get(usize::from(*byte)).copied().unwrap_or(u8::MAX);
        bits |= digit;
        value = value << 4 | u64::from(digit);
    }
    (bits < 16).then_some(value)
}

impl fmt::Display for Guid {
    /// Lower case with dashes.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let v = self.0;
        write!(
            f,
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            v >> 96,
            v >> 80 & 0xffff,
            v >> 64 & 0xffff,
            v >> 48 & 0xffff,
            v & 0xffff_ffff_ffff
        )
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Guid {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text.as_bytes())
            .ok_or_else(|| Error::IdInvalid { expected: "a GUID", found: text.to_owned() })
    }
}

serde_as_text!(Guid);

macro_rules! guid_ids {
    ($($(#[$doc:meta])* $name:ident: $expected:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub Guid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self, Error> {
                Guid::parse(text.trim().as_bytes())
                    .map(Self)
                    .ok_or_else(|| Error::IdInvalid { expected: $expected, found: text.to_owned() })
            }
        }

        serde_as_text!($name);
    )*};
}

guid_ids! {
    /// An Azure subscription.
    SubscriptionId: "a subscription id (GUID)";
    /// A role definition; the last segment of its path. Names change, the GUID does not.
    RoleId: "a role definition id (GUID)";
    /// A user, group, service principal or foreign group in Entra ID.
    PrincipalId: "a principal's object id (GUID)";
    /// An Entra tenant: a customer's, the partner's, a reseller's.
    TenantId: "a tenant id (GUID)";
}

/// A partner id (MPN id, PartnerID): digits, kept as text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartnerId(Box<str>);

impl PartnerId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Stands for "yours" where no partner file says who you are.
    pub(crate) fn placeholder() -> Self {
        Self("yours".into())
    }
}

impl fmt::Display for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for PartnerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for PartnerId {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        match text.trim() {
            "" => Err(Error::IdInvalid { expected: "a partner id", found: text.to_owned() }),
            id => Ok(Self(id.into())),
        }
    }
}

serde_as_text!(PartnerId);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn guids_are_what_big_numbers_read(bits in any::<u128>(), upper in any::<bool>(), at in 0_usize..36, byte in 32_u8..127) {
            let mut text = Guid(bits).to_string();
            if upper {
                text.make_ascii_uppercase();
            }
            prop_assert_eq!(Guid::parse(text.as_bytes()), Some(Guid(bits)));
            prop_assert_eq!(Guid::from_u128(bits).as_u128(), bits);
            let digits = text.replace('-', "");
            prop_assert_eq!(Guid::parse(digits.as_bytes()), Some(Guid(bits)));
            let mut other = text.into_bytes();
            other[at] = byte;
            let dashes = [8, 13, 18, 23];
            let is_one = other.iter().enumerate().all(|(at, byte)| {
                if dashes.contains(&at) { *byte == b'-' } else { byte.is_ascii_hexdigit() }
            });
            let digits = String::from_utf8(other.clone()).unwrap().replace('-', "");
            let expected = is_one.then(|| Guid(u128::from_str_radix(&digits, 16).unwrap()));
            prop_assert_eq!(Guid::parse(&other), expected);
        }
    }

    #[test]
    fn one_guid_in_every_spelling() {
        let id: Guid = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635".parse().unwrap();
        for text in [
            "8E3AF657-A8FF-443C-A75C-2FE8C4BCB635",
            "{8e3af657-a8ff-443c-a75c-2fe8c4bcb635}",
            "8e3af657a8ff443ca75c2fe8c4bcb635",
        ] {
            assert_eq!(text.parse::<Guid>().unwrap(), id);
        }
        assert_eq!(id.to_string(), "8e3af657-a8ff-443c-a75c-2fe8c4bcb635");
        for text in ["", "8e3af657-a8ff-443c-a75c-2fe8c4bcb63", "8e3af657-a8ff-443c-a75c2-fe8c4bcb635", "zz"]
        {
            assert_eq!(text.parse::<RoleId>().unwrap_err().code(), "id.invalid");
        }
    }
}
