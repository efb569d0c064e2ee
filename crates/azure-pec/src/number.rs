//! Reading numbers from the text of files, exactly or not at all.

use num_bigint::BigInt;

use crate::amount::{Amount, widened};
use crate::error::Error;

/// Digits before the point that a number may have when it is read.
const MAX_INTEGER_DIGITS: usize = 28;
/// Digits after the point that a number may have when it is read.
const MAX_DECIMALS: usize = 40;

/// Reads optional sign, digits with an optional point, optional exponent.
pub(crate) fn parse(text: &[u8]) -> Result<Amount, Error> {
    match parse_by_eight(text).or_else(|| parse_short(text)) {
        Some(amount) => Ok(amount),
        None => parse_long(text),
    }
}

/// Digits that are read at once.
const EIGHT: usize = 8;

/// Nearly every number of a usage file: at most eight digits before the point and sixteen behind it, no exponent, no `+`. No
/// digit is looked at alone.
fn parse_by_eight(text: &[u8]) -> Option<Amount> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, text),
    };
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, decimals) = digits.split_at_checked(point.unwrap_or(digits.len()))?;
    let decimals = decimals.get(1..).unwrap_or_default();
    if whole.is_empty() && decimals.is_empty() {
        return None;
    }
    let (more, last) = decimals.split_at_checked(decimals.len().saturating_sub(EIGHT))?;
    let [whole, more, last] = [eight(whole)?, eight(more)?, eight(last)?];
    let scale = u32::try_from(decimals.len()).ok()?;
    let value = widened(whole.into(), scale)? + i128::from(more * 100_000_000 + last);
    Some(Amount::new(if negative { -value } else { value }, scale))
}

/// The number of at most eight digits; none is 0.
#[inline]
fn eight(digits: &[u8]) -> Option<u64> {
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    let four = |digits: &[u8; 4]| u64::from(u32::from_le_bytes(*digits));
    let short = match *digits {
        [] => return Some(0),
        [one] => one.into(),
        [one, two] => u16::from_le_bytes([one, two]).into(),
        [one, two, three] => u32::from_le_bytes([one, two, three, 0]).into(),
        // Two fours that lie over each other.
        _ if digits.len() <= EIGHT => {
            four(digits.first_chunk()?) | four(digits.last_chunk()?) << (8 * (digits.len() - 4))
        }
        _ => return None,
    };
    // The first digit is the lowest byte: zeros go in front of it.
    let missing = 8 * (EIGHT - digits.len()) as u32;
    let all = if missing == 0 { short } else { short << missing | ZEROS >> (64 - missing) };
    // A digit is 3 in its upper half, and stays so with 6 more.
    let upper = 0xf0f0_f0f0_f0f0_f0f0;
    if all & upper != ZEROS || all.wrapping_add(0x0606_0606_0606_0606) & upper != ZEROS {
        return None;
    }
    // Neighbours are put together, then pairs, then fours.
    let pairs = (all & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul((10 << 8) + 1) >> 8;
    let fours = (pairs & 0x00ff_00ff_00ff_00ff).wrapping_mul((100 << 16) + 1) >> 16;
    Some((fours & 0x0000_ffff_0000_ffff).wrapping_mul((10_000 << 32) + 1) >> 32)
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
        }

        #[test]
        fn digits_are_read_by_eight_as_one_by_one(
            text in numbers("-?[0-9]{0,10}\\.?[0-9]{0,18}"),
        ) {
            let parts = |text: &[u8]| parse_short(text).and_then(|amount| amount.small());
            if let Some(amount) = parse_by_eight(&text) {
                // The zeros at the end stay as well.
                prop_assert_eq!(amount.small(), parts(&text));
            }
            let digits = text.strip_prefix(b"-").unwrap_or(&text);
            let (whole, decimals) = match digits.iter().position(|byte| *byte == b'.') {
                Some(point) => (point, digits.len() - point - 1),
                None => (digits.len(), 0),
            };
            if whole <= 8 && decimals <= 16 {
                prop_assert_eq!(parse_by_eight(&text).is_some(), parts(&text).is_some());
            }
        }
    }
}
