//! How values are written.

use std::fmt::Write as _;

use crate::rng::Rng;

/// `value / 10^scale` in plain digits, without zeros at the end; `scale` is at most 36.
pub fn decimal(out: &mut String, value: i128, scale: usize) {
    const CHUNK: u128 = 10u128.pow(18);
    let mut digits = [0u8; 40];
    let mut rest = value.unsigned_abs();
    for places in digits.chunks_mut(18) {
        let mut part = u64::try_from(rest % CHUNK).unwrap_or(0);
        rest /= CHUNK;
        for place in places {
            *place = u8::try_from(part % 10).unwrap_or(0);
            part /= 10;
        }
        if rest == 0 {
            break;
        }
    }
    let top = digits.iter().rposition(|digit| *digit != 0).unwrap_or(0).max(scale);
    let end = digits.iter().take(scale).position(|digit| *digit != 0).unwrap_or(scale);
    if value < 0 {
        out.push('-');
    }
    for at in (end..=top).rev() {
        if at + 1 == scale {
            out.push('.');
        }
        out.push(char::from(b'0' + digits.get(at).copied().unwrap_or(0)));
    }
}

/// A GUID: the `index`-th of a kind.
#[must_use]
pub fn guid(seed: u64, kind: u64, index: u64) -> String {
    let mut text = String::with_capacity(36);
    push_guid(&mut text, seed, kind, index);
    text
}

/// Writes [`guid`].
pub fn push_guid(out: &mut String, seed: u64, kind: u64, index: u64) {
    let mut rng = Rng::of(seed, kind, index);
    let bits = u128::from(rng.bits()) << 64 | u128::from(rng.bits());
    // Version 4, variant 1, as Azure's are.
    let bits = bits & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    for at in 0..32u32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        let digit = u8::try_from(bits >> (124 - 4 * at) & 0xf).unwrap_or(0);
        out.push(char::from(if digit < 10 { b'0' + digit } else { b'a' + digit - 10 }));
    }
}

/// Writes a number; writing to a `String` cannot fail.
pub fn number(out: &mut String, value: u64) {
    let _ = write!(out, "{value}");
}

/// Writes a field in quotes, the quotes in it doubled.
pub fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for (at, part) in text.split('"').enumerate() {
        if at > 0 {
            out.push_str("\"\"");
        }
        out.push_str(part);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_plain_and_short() {
        let text = |value, scale| {
            let mut out = String::new();
            decimal(&mut out, value, scale);
            out
        };
        let cases = [
            (0, 0, "0"),
            (0, 10, "0"),
            (5, 3, "0.005"),
            (-1500, 3, "-1.5"),
            (1_000, 3, "1"),
            (120, 0, "120"),
            (1, 22, "0.0000000000000000000001"),
            (i128::MAX, 22, "17014118346046923.1731687303715884105727"),
            (i128::MIN, 36, "-170.141183460469231731687303715884105728"),
        ];
        for (value, scale, expected) in cases {
            assert_eq!(text(value, scale), expected);
        }
    }

    #[test]
    fn guids_have_their_version_and_quotes_are_doubled() {
        let id = guid(1, 2, 3);
        assert!(id.len() == 36 && id.as_bytes()[14] == b'4' && b"89ab".contains(&id.as_bytes()[19]), "{id}");
        let mut out = String::new();
        quoted(&mut out, r#"a "b" c"#);
        assert_eq!(out, r#""a ""b"" c""#);
    }
}
