//! Exact decimal amounts.
//!
//! Price lists carry prices of 22 decimals and usage files quantities of 15; a product has 37 digits after the point,
//! times the rate 39. `f64` is wrong at once, and `rust_decimal` rounds its 29th digit away without a word in
//! `from_str`, `*` and `checked_mul`. An [`Amount`] never loses a digit: it multiplies and adds in 128 bits where the
//! result fits and in as many bits as it takes where it does not.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

use crate::error::Error;
use crate::number;

/// An exact decimal number: a price, a quantity, a rate, an amount of money.
///
/// The unit is the caller's: units of measure for quantities, the pricing currency for prices and amounts. All
/// operators are exact; rounding happens only in [`Amount::round`] and [`Amount::divide`], by a named [`Rounding`].
///
/// ```
/// use azure_pec::Amount;
/// let price: Amount = "0.1999968000511991808131".parse()?;
/// let quantity: Amount = "1234567.123456".parse()?;
/// let rate: Amount = "0.15".parse()?;
/// let credit = &(&price * &quantity) * &rate;
/// assert_eq!(credit.to_string(), "37036.42112094206492695987412431104");
/// # Ok::<(), azure_pec::Error>(())
/// ```
#[derive(Clone)]
pub struct Amount(Repr);

// INVARIANT: `Big` only holds what does not fit `Small`; trailing zeros may stand in either.
#[derive(Clone)]
enum Repr {
    Small { mantissa: i128, scale: u32 },
    Big(Box<Big>),
}

#[derive(Clone)]
struct Big {
    mantissa: BigInt,
    scale: u32,
}

/// How a digit is dropped where one has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rounding {
    /// Cut: what Microsoft's `ROUNDDOWN(x, 2)` does, also for negative amounts.
    TowardZero,
    /// Half away from zero: what people call commercial rounding.
    HalfAwayFromZero,
}

const POWERS: [i128; 39] = {
    let mut powers = [1i128; 39];
    let mut i = 1;
    while i < 39 {
        #[expect(
            clippy::indexing_slicing,
            reason = "worked out at compile time, where a wrong index does not compile"
        )]
        {
            powers[i] = powers[i - 1] * 10;
        }
        i += 1;
    }
    powers
};

/// 10 to the power, where it fits 127 bits.
pub(crate) fn power(exponent: u32) -> Option<i128> {
    POWERS.get(usize::try_from(exponent).ok()?).copied()
}

/// The mantissa of the same number with `more` digits behind it, where that fits.
pub(crate) fn widened(mantissa: i128, more: u32) -> Option<i128> {
    let power = power(more)?;
    let Ok(short) = u64::try_from(power) else { return mantissa.checked_mul(power) };
    // By halves: sums are widened line by line, and this is far quicker than to multiply 128 bits by 128.
    let low = u128::from(mantissa as u64) * u128::from(short);
    let high = (mantissa >> 64) * i128::from(short) + (low >> 64) as i128;
    let high = i64::try_from(high).ok()?;
    Some(i128::from(high) << 64 | i128::from(low as u64))
}

fn big_power(exponent: u32) -> BigInt {
    BigInt::from(10u8).pow(exponent)
}

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(Repr::Small { mantissa: 0, scale: 0 });
    /// One.
    pub const ONE: Self = Self(Repr::Small { mantissa: 1, scale: 0 });

    /// `mantissa` with the point `scale` digits from its right: `(45, 3)` is 0.045.
    #[must_use]
    pub const fn new(mantissa: i128, scale: u32) -> Self {
        Self(Repr::Small { mantissa, scale })
    }

    /// Whether the amount is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Repr::Small { mantissa: 0, .. })
    }

    /// Whether the amount is below zero.
    #[must_use]
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Repr::Small { mantissa, .. } => *mantissa < 0,
            Repr::Big(big) => big.mantissa.is_negative(),
        }
    }

    fn scale(&self) -> u32 {
        match &self.0 {
            Repr::Small { scale, .. } => *scale,
            Repr::Big(big) => big.scale,
        }
    }

    /// Mantissa and scale, where the mantissa fits 128 bits.
    pub(crate) const fn small(&self) -> Option<(i128, u32)> {
        match &self.0 {
            Repr::Small { mantissa, scale } => Some((*mantissa, *scale)),
            Repr::Big(_) => None,
        }
    }

    fn big_mantissa(&self) -> BigInt {
        match &self.0 {
            Repr::Small { mantissa, .. } => BigInt::from(*mantissa),
            Repr::Big(big) => big.mantissa.clone(),
        }
    }

    pub(crate) fn from_big(mantissa: BigInt, scale: u32) -> Self {
        match mantissa.to_i128() {
            Some(mantissa) => Self(Repr::Small { mantissa, scale }),
            None => Self(Repr::Big(Box::new(Big { mantissa, scale }))),
        }
    }

    /// The mantissa of the same number with the point `scale` digits from the right, `scale` at least its own.
    fn big_at(&self, scale: u32) -> BigInt {
        self.big_mantissa() * big_power(scale.saturating_sub(self.scale()))
    }

    /// The two mantissas at their common scale, where both fit 128 bits.
    fn aligned(&self, other: &Self) -> Option<(i128, i128, u32)> {
        let (Repr::Small { mantissa: a, scale: sa }, Repr::Small { mantissa: b, scale: sb }) =
            (&self.0, &other.0)
        else {
            return None;
        };
        match sa.cmp(sb) {
            Ordering::Equal => Some((*a, *b, *sa)),
            Ordering::Less => Some((widened(*a, sb - sa)?, *b, *sb)),
            Ordering::Greater => Some((*a, widened(*b, sa - sb)?, *sa)),
        }
    }

    /// The same number without zeros at the end of its decimals: mantissa and scale.
    pub(crate) fn stripped(&self) -> (BigInt, u32) {
        let (mut mantissa, mut scale) = (self.big_mantissa(), self.scale());
        if mantissa.is_zero() {
            return (mantissa, 0);
        }
        let ten = BigInt::from(10u8);
        while scale > 0 && (&mantissa % &ten).is_zero() {
            mantissa /= &ten;
            scale -= 1;
        }
        (mantissa, scale)
    }

    /// The amount with at most `decimals` digits after the point.
    ///
    /// ```
    /// use azure_pec::{Amount, Rounding};
    /// let billable: Amount = "21.3962".parse()?;
    /// assert_eq!(billable.round(2, Rounding::TowardZero).to_string(), "21.39");
    /// # Ok::<(), azure_pec::Error>(())
    /// ```
    #[must_use]
    pub fn round(&self, decimals: u32, rounding: Rounding) -> Self {
        if self.scale() <= decimals {
            return self.clone();
        }
        let divisor = big_power(self.scale() - decimals);
        Self::from_big(divide_rounded(&self.big_mantissa(), &divisor, rounding), decimals)
    }

    /// The quotient with `decimals` digits after the point; none where `divisor` is zero.
    #[must_use]
    pub fn divide(&self, divisor: &Self, decimals: u32, rounding: Rounding) -> Option<Self> {
        if divisor.is_zero() {
            return None;
        }
        // self / divisor = (a / 10^sa) / (b / 10^sb) = a * 10^(sb + decimals) / (b * 10^sa) / 10^decimals
        let numerator = self.big_mantissa() * big_power(divisor.scale()) * big_power(decimals);
        let denominator = divisor.big_mantissa() * big_power(self.scale());
        Some(Self::from_big(divide_rounded(&numerator, &denominator, rounding), decimals))
    }

    /// Reads a number from the bytes of a file: optional sign, digits with an optional point, optional exponent.
    ///
    /// # Errors
    /// `number.invalid` where the bytes are no number, `number.too_precise` beyond 28 digits before or 40 after the
    /// point (zeros at either end do not count).
    pub fn parse_bytes(text: &[u8]) -> Result<Self, Error> {
        number::parse(text)
    }

    /// Reads the number in the first `length` bytes, as [`parse_bytes`](Self::parse_bytes) reads it: quicker where more bytes
    /// follow, which are looked at and do not count.
    ///
    /// ```
    /// let line = b"1.25,EUR,something else";
    /// assert_eq!(azure_pec::Amount::parse_prefix(line, 4)?.to_string(), "1.25");
    /// # Ok::<(), azure_pec::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`parse_bytes`](Self::parse_bytes).
    #[inline]
    pub fn parse_prefix(bytes: &[u8], length: usize) -> Result<Self, Error> {
        number::parse_prefix(bytes, length)
    }
}

impl Amount {
    /// Adds its digits to a text, as they are shown: what writers of many rows use.
    ///
    /// ```
    /// let mut text = "total ".to_owned();
    /// azure_pec::Amount::new(-1500, 2).append_to(&mut text);
    /// assert_eq!(text, "total -15");
    /// ```
    pub fn append_to(&self, text: &mut String) {
        // A text takes whatever is written to it.
        let _ = self.write_to(text);
    }

    /// Plain digits: no exponent, no `+`, no zeros at the end of the decimals, `0` for zero.
    fn write_to(&self, out: &mut impl fmt::Write) -> fmt::Result {
        let (mut room, long);
        let (digits, scale) = match &self.0 {
            Repr::Small { mantissa, scale } => {
                room = itoa::Buffer::new();
                let mantissa = mantissa.unsigned_abs();
                // Most fit 64 bits, which are far quicker to write.
                let digits = match u64::try_from(mantissa) {
                    Ok(mantissa) => room.format(mantissa),
                    Err(_) => room.format(mantissa),
                };
                (digits, *scale)
            }
            Repr::Big(big) => {
                long = big.mantissa.magnitude().to_string();
                (long.as_str(), big.scale)
            }
        };
        let scale = usize::try_from(scale).unwrap_or(usize::MAX);
        let (integer, decimals) = digits.split_at(digits.len().saturating_sub(scale));
        let kept = decimals.bytes().rposition(|digit| digit != b'0').map_or(0, |last| last + 1);
        if self.is_negative() {
            out.write_char('-')?;
        }
        out.write_str(if integer.is_empty() { "0" } else { integer })?;
        if kept > 0 {
            out.write_char('.')?;
            let mut zeros = scale - decimals.len();
            while zeros > 0 {
                let some = ZEROS.get(..zeros).unwrap_or(ZEROS);
                out.write_str(some)?;
                zeros -= some.len();
            }
            out.write_str(decimals.get(..kept).unwrap_or_default())?;
        }
        Ok(())
    }
}

/// What stands between the point and the first digit of a small number.
const ZEROS: &str = "00000000000000000000000000000000";

fn divide_rounded(numerator: &BigInt, denominator: &BigInt, rounding: Rounding) -> BigInt {
    let quotient = numerator / denominator;
    let rest = numerator - &quotient * denominator;
    let away = match rounding {
        Rounding::TowardZero => false,
        Rounding::HalfAwayFromZero => rest.abs() * 2u8 >= denominator.abs(),
    };
    if !away {
        quotient
    } else if numerator.is_negative() == denominator.is_negative() {
        quotient + 1u8
    } else {
        quotient - 1u8
    }
}

impl FromStr for Amount {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse_bytes(text.as_bytes())
    }
}

impl fmt::Display for Amount {
    /// As [`append_to`](Amount::append_to) has it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_to(f)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Amount({self})")
    }
}

impl Default for Amount {
    fn default() -> Self {
        Self::ZERO
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        match self.aligned(other) {
            Some((a, b, _)) => a.cmp(&b),
            None => {
                let scale = self.scale().max(other.scale());
                self.big_at(scale).cmp(&other.big_at(scale))
            }
        }
    }
}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.small().is_some_and(|small| Some(small) == other.small()) || self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Amount {}

impl Hash for Amount {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.stripped().hash(state);
    }
}

impl<'a> Mul<&'a Amount> for &Amount {
    type Output = Amount;

    fn mul(self, other: &'a Amount) -> Amount {
        let scale = self.scale() + other.scale();
        if let (Repr::Small { mantissa: a, .. }, Repr::Small { mantissa: b, .. }) = (&self.0, &other.0) {
            // Prices and quantities mostly fit 64 bits, and then their product always fits.
            if let (Ok(a), Ok(b)) = (i64::try_from(*a), i64::try_from(*b)) {
                return Amount::new(i128::from(a) * i128::from(b), scale);
            }
            if let Some(mantissa) = a.checked_mul(*b) {
                return Amount::new(mantissa, scale);
            }
        }
        Amount::from_big(self.big_mantissa() * other.big_mantissa(), scale)
    }
}

impl<'a> Add<&'a Amount> for &Amount {
    type Output = Amount;

    fn add(self, other: &'a Amount) -> Amount {
        if let Some((a, b, scale)) = self.aligned(other)
            && let Some(mantissa) = a.checked_add(b)
        {
            return Amount::new(mantissa, scale);
        }
        let scale = self.scale().max(other.scale());
        Amount::from_big(self.big_at(scale) + other.big_at(scale), scale)
    }
}

impl<'a> AddAssign<&'a Amount> for Amount {
    fn add_assign(&mut self, other: &'a Amount) {
        *self = &*self + other;
    }
}

impl Neg for &Amount {
    type Output = Amount;

    fn neg(self) -> Amount {
        match &self.0 {
            Repr::Small { mantissa, scale } if *mantissa != i128::MIN => Amount::new(-mantissa, *scale),
            _ => Amount::from_big(-self.big_mantissa(), self.scale()),
        }
    }
}

impl<'a> Sub<&'a Amount> for &Amount {
    type Output = Amount;

    fn sub(self, other: &'a Amount) -> Amount {
        self + &-other
    }
}

impl<'a> Sum<&'a Amount> for Amount {
    fn sum<I: Iterator<Item = &'a Amount>>(amounts: I) -> Amount {
        amounts.fold(Amount::ZERO, |sum, amount| &sum + amount)
    }
}

impl From<Decimal> for Amount {
    fn from(value: Decimal) -> Self {
        Self::new(value.mantissa(), value.scale())
    }
}

impl From<i64> for Amount {
    fn from(value: i64) -> Self {
        Self::new(i128::from(value), 0)
    }
}

impl TryFrom<&Amount> for Decimal {
    type Error = Error;

    /// Fails with `amount.too_precise` where a digit would be lost.
    fn try_from(amount: &Amount) -> Result<Self, Error> {
        let (mantissa, scale) = amount.stripped();
        mantissa
            .to_i128()
            .and_then(|mantissa| Decimal::try_from_i128_with_scale(mantissa, scale).ok())
            .ok_or_else(|| Error::AmountTooPrecise {
                amount: amount.to_string(),
                target: "rust_decimal::Decimal",
            })
    }
}

impl serde::Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> serde::Deserialize<'de> for Amount {
    /// From a text only: a number of a JSON document may already have gone through a binary float.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(crate::error::serde_error)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    proptest! {
        #[test]
        fn widening_is_multiplying(mantissa in any::<i128>(), shift in 0_u32..127, more in 0_u32..40) {
            for mantissa in [mantissa, mantissa >> shift, -1, i128::MIN >> shift, i128::MAX >> shift] {
                let expected = 10_i128.checked_pow(more).and_then(|power| mantissa.checked_mul(power));
                prop_assert_eq!(widened(mantissa, more), expected);
            }
        }
    }

    #[test]
    fn reads_what_real_files_hold() {
        for (text, shown) in [
            ("0.045", "0.045"),
            (".50", "0.5"),
            ("15", "15"),
            ("-0.000", "0"),
            ("6.19947E-09", "0.00000000619947"),
            ("1e3", "1000"),
            ("5.", "5"),
            ("0.1999968000511991808131", "0.1999968000511991808131"),
            ("9223372036854780000", "9223372036854780000"),
            ("0000000000000000000000000000000000000000001.5", "1.5"),
            (
                "9999999999999999999999999999.9999999999999999999999999999999999999999",
                "9999999999999999999999999999.9999999999999999999999999999999999999999",
            ),
            ("0e99999999", "0"),
            ("0e99999999999999999999", "0"),
            ("-0.00e-99999999999999999999", "0"),
        ] {
            assert_eq!(amount(text).to_string(), shown, "{text}");
        }
    }

    #[test]
    fn short_and_long_numbers_are_written_alike() {
        for (mantissa, scale, shown) in [
            (0, 0, "0"),
            (0, 7, "0"),
            (10, 1, "1"),
            (-10, 2, "-0.1"),
            (5, 3, "0.005"),
            (1_050, 2, "10.5"),
            (-120, 0, "-120"),
            (i128::MAX, 0, "170141183460469231731687303715884105727"),
            (i128::MIN, 39, "-0.170141183460469231731687303715884105728"),
            (100_000_000_000_000_000_000_000, 22, "10"),
            (
                1,
                90,
                "0.000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
            ),
        ] {
            assert_eq!(Amount::new(mantissa, scale).to_string(), shown);
        }
    }

    #[test]
    fn refuses_what_is_no_number_or_too_long() {
        for text in ["", "-", ".", "1,5", "1_000", "NaN", "1e", "1e+", " 1", "0x1", "1.2.3", "--1", "1e5e5"] {
            assert_eq!(text.parse::<Amount>().unwrap_err().code(), "number.invalid", "{text}");
        }
        for text in
            ["1e28", "1e-41", "10000000000000000000000000000", "1e999999999999999999999", "1e9999999999"]
        {
            assert_eq!(text.parse::<Amount>().unwrap_err().code(), "number.too_precise", "{text}");
        }
    }

    #[test]
    fn rust_decimal_only_without_loss() {
        assert_eq!(Decimal::try_from(&amount("0.03825")).unwrap().to_string(), "0.03825");
        let exact = &amount("0.1999968000511991808131") * &amount("1234567.123456");
        assert_eq!(Decimal::try_from(&exact).unwrap_err().code(), "amount.too_precise");
        assert_eq!(Amount::from(Decimal::new(45, 3)), amount("0.045"));
    }

    #[test]
    fn division_cuts_to_the_digits_published() {
        // effective-unit-price-calculation, 2020-11-11: billable cost over quantity.
        for (cost, quantity, shown) in [
            ("21.39", "29", "0.737586206896552"),
            ("155.63", "210.950039", "0.737757626107858"),
            ("410.17", "555.950039", "0.737782122900436"),
        ] {
            let price = amount(cost).divide(&amount(quantity), 15, Rounding::HalfAwayFromZero).unwrap();
            assert_eq!(price.to_string(), shown);
        }
        assert_eq!(amount("-1").divide(&amount("3"), 2, Rounding::TowardZero).unwrap(), amount("-0.33"));
        assert_eq!(
            amount("-2").divide(&amount("3"), 2, Rounding::HalfAwayFromZero).unwrap(),
            amount("-0.67")
        );
        assert_eq!(amount("1").divide(&Amount::ZERO, 2, Rounding::TowardZero), None);
    }
}
