//! Reading numbers from the text of files, exactly or not at all.

use num_bigint::BigInt;

use crate::amount::{Amount, power, widened};
use crate::error::Error;

/// Digits before the point that a number may have when it is read.
const MAX_INTEGER_DIGITS: usize = 28;
/// Digits after the point that a number may have when it is read.
const MAX_DECIMALS: usize = 40;

/// Reads optional sign, digits with an optional point, optional exponent.
pub(crate) fn parse(text: &[u8]) -> Result<Amount, Error> {
    let mut room = [0; ROOM];
    if let Some(place) = room.get_mut(..text.len()) {
        place.copy_from_slice(text);
    }
    plain(&room, text.len()).map_or_else(|| parse_otherwise(text), Ok)
}

/// As [`parse`] reads the first `length` bytes, quicker where more stand behind them.
#[inline]
pub(crate) fn parse_prefix(bytes: &[u8], length: usize) -> Result<Amount, Error> {
    let text = bytes.get(..length).unwrap_or(bytes);
    match bytes.first_chunk() {
        Some(room) => plain(room, length).map_or_else(|| parse_otherwise(text), Ok),
        None => parse(text),
    }
}

fn parse_otherwise(text: &[u8]) -> Result<Amount, Error> {
    parse_short(text).map_or_else(|| parse_long(text), Ok)
}

/// Digits that are read at once.
const EIGHT: usize = 8;
/// Digits behind the point that are.
const SIXTEEN: usize = 2 * EIGHT;
/// What is looked at of a number: its sign, eight digits, the point, and sixteen more.
const ROOM: usize = 2 + EIGHT + SIXTEEN;

/// Nearly every number of a usage file: at most eight digits before the point and sixteen behind it, no exponent, no `+`. As
/// numbers differ in length from line to line, nothing is done that hangs on it: all are read as if they had as many digits
/// as they may have, from bytes that may stand behind them.
#[inline]
fn plain(bytes: &[u8; ROOM], length: usize) -> Option<Amount> {
    let negative = length > 0 && bytes.first() == Some(&b'-');
    let sign = usize::from(negative);
    let (digits, length) = (bytes.get(sign..)?, length - sign);
    let first = u64::from_le_bytes(*digits.first_chunk()?);
    let before = before_point(first).min(length);
    if before < length && digits.get(before) != Some(&b'.') {
        return None;
    }
    let behind = length.saturating_sub(before + 1);
    if behind > SIXTEEN || before + behind == 0 {
        return None;
    }
    let second = u128::from_le_bytes(*digits.get(before + 1..)?.first_chunk()?);
    // The first digit is the lowest byte: zeros go in front of it.
    let missing = |all: usize, there: usize| 8 * (all - there) as u32;
    let whole = (first ^ ZEROS as u64).checked_shl(missing(EIGHT, before)).unwrap_or(0);
    let decimals = (second ^ ZEROS).checked_shl(missing(SIXTEEN, behind)).unwrap_or(0);
    let parts = [whole, decimals as u64, (decimals >> 64) as u64];
    if parts.into_iter().any(|part| !are_digits(part)) {
        return None;
    }
    let [whole, more, last] = parts.map(eight);
    let scale = behind as u32;
    // Less than 10^8, 10^16 and 10^16.
    let value = u128::from(whole) * power(scale)?.cast_unsigned() + u128::from(more * 100_000_000 + last);
    let value = value.cast_signed();
    Some(Amount::new(if negative { -value } else { value }, scale))
}

const ZEROS: u128 = u128::from_le_bytes([b'0'; SIXTEEN]);

/// How many of eight bytes stand before the first point.
const fn before_point(bytes: u64) -> usize {
    let others = bytes ^ u64::from_le_bytes([b'.'; EIGHT]);
    // The lowest byte of 0 is the lowest that borrows (Mycroft 1987).
    let found = others.wrapping_sub(0x0101_0101_0101_0101) & !others & 0x8080_8080_8080_8080;
    found.trailing_zeros() as usize / 8
}

/// Whether no byte is more than 9.
const fn are_digits(bytes: u64) -> bool {
    (bytes | bytes.wrapping_add(0x7676_7676_7676_7676)) & 0x8080_8080_8080_8080 == 0
}

/// The number of eight digits, the first in the lowest byte: neighbours are put together, then pairs, then fours.
const fn eight(digits: u64) -> u64 {
    let pairs = digits.wrapping_mul((10 << 8) + 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul((100 << 16) + 1) >> 16;
    (fours & 0x0000_ffff_0000_ffff).wrapping_mul((10_000 << 32) + 1) >> 32
}

/// Digits that are put together in 64 bits before they go over to 128.
const CHUNK_DIGITS: u32 = 18;
/// So many digits always fit 127 bits.
const SHORT_DIGITS: usize = 37;

/// The common case: at most 37 digits, no exponent, no `+`.
fn parse_short(text: &[u8]) -> Option<Amount> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    if digits.len() > SHORT_DIGITS {
        return None;
    }
    let (mut high, mut chunk, mut in_chunk) = (0_i128, 0_i64, 0);
    let mut seen: u32 = 0;
    let mut point: Option<u32> = None;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                // Once, or there are too many digits before the point.
                if in_chunk == CHUNK_DIGITS {
                    (high, chunk, in_chunk) = (chunk.into(), 0, 0);
                }
                chunk = chunk * 10 + i64::from(byte - b'0');
                in_chunk += 1;
                seen += 1;
            }
            b'.' if point.is_none() => point = Some(seen),
            _ => return None,
        }
    }
    let before = point.unwrap_or(seen);
    // Zeros in front do not count: the long way takes them off.
    if seen == 0 || before as usize > MAX_INTEGER_DIGITS {
        return None;
    }
    let value = widened(high, in_chunk)? + i128::from(chunk);
    Some(Amount::new(if negative { -value } else { value }, seen - before))
}

fn parse_long(text: &[u8]) -> Result<Amount, Error> {
    let shown = || String::from_utf8_lossy(text).chars().take(80).collect::<String>();
    let invalid = || Error::NumberInvalid { found: shown() };
    let too_precise = || Error::NumberTooPrecise { found: shown() };

    let (negative, rest) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let (number, exponent) = match rest.iter().position(|b| matches!(b, b'e' | b'E')) {
        Some(at) => {
            let (number, exponent) = rest.split_at_checked(at).ok_or_else(invalid)?;
            let digits = exponent.get(1..).ok_or_else(invalid)?;
            let exponent = std::str::from_utf8(digits).ok().filter(|e| is_exponent(e)).ok_or_else(invalid)?;
            // However long, it only moves the point: of zeros nowhere, of all else too far.
            let too_far = if exponent.starts_with('-') { i32::MIN } else { i32::MAX };
            (number, i64::from(exponent.parse::<i32>().unwrap_or(too_far)))
        }
        None => (rest, 0),
    };
    let mut digits = Vec::with_capacity(number.len().min(128));
    let mut decimals: i64 = 0;
    let mut point = false;
    let mut any = false;
    for &byte in number {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if !(digits.is_empty() && byte == b'0') {
                    digits.push(byte);
                }
                decimals += i64::from(point);
            }
            b'.' if !point => point = true,
            _ => return Err(invalid()),
        }
    }
    if !any {
        return Err(invalid());
    }
    let mut scale = decimals - exponent;
    while digits.last() == Some(&b'0') {
        digits.pop();
        scale -= 1;
    }
    if digits.is_empty() {
        return Ok(Amount::ZERO);
    }
    let integer_digits = i64::try_from(digits.len()).map_err(|_| too_precise())? - scale;
    if scale > MAX_DECIMALS as i64 || integer_digits > MAX_INTEGER_DIGITS as i64 {
        return Err(too_precise());
    }
    while scale < 0 {
        digits.push(b'0');
        scale += 1;
    }
    let mantissa = BigInt::parse_bytes(&digits, 10).ok_or_else(invalid)?;
    let mantissa = if negative { -mantissa } else { mantissa };
    Ok(Amount::from_big(mantissa, u32::try_from(scale).map_err(|_| too_precise())?))
}

fn is_exponent(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Texts of a pattern, of which one byte may be any other.
    fn numbers(pattern: &'static str) -> impl Strategy<Value = Vec<u8>> {
        let other = prop_oneof![3 => Just(None), 1 => any::<u8>().prop_map(Some)];
        (pattern, any::<prop::sample::Index>(), other).prop_map(|(text, place, other)| {
            let mut text = text.into_bytes();
            if let Some(other) = other.filter(|_| !text.is_empty()) {
                let at = place.index(text.len());
                text[at] = other;
            }
            text
        })
    }

    proptest! {
        #[test]
        fn the_short_way_reads_what_the_long_one_does(
            text in numbers("-?[0-9]{0,30}\\.?[0-9]{0,20}"),
        ) {
            prop_assert_eq!(parse(&text).ok(), parse_long(&text).ok());
            prop_assert_eq!(parse_prefix(&text, text.len()).ok(), parse(&text).ok());
        }

        /// Whatever stands behind it, and however little.
        #[test]
        fn a_plain_number_is_read_as_digit_by_digit(
            text in numbers("-?[0-9]{0,10}\\.?[0-9]{0,18}"),
            more in prop_oneof!["[0-9.,-]{0,30}", "\\PC{0,30}"],
        ) {
            let parts = |text: &[u8]| parse_short(text).and_then(|amount| amount.small());
            let line = [&text, more.as_bytes(), &[b'7'; ROOM]].concat();
            let read = plain(line.first_chunk().unwrap(), text.len());
            if let Some(amount) = &read {
                // The zeros at the end stay as well.
                prop_assert_eq!(amount.small(), parts(&text));
            }
            let digits = text.strip_prefix(b"-").unwrap_or(&text);
            let (whole, decimals) = match digits.iter().position(|byte| *byte == b'.') {
                Some(point) => (point, digits.len() - point - 1),
                None => (digits.len(), 0),
            };
            if whole <= 8 && decimals <= 16 {
                prop_assert_eq!(read.is_some(), parts(&text).is_some());
            }
            let short = [&text, more.as_bytes()].concat();
            for line in [&line, &short] {
                prop_assert_eq!(parse_prefix(line, text.len()).ok(), parse_long(&text).ok());
            }
        }
    }
}
