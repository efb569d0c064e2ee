//! Numbers, days, times, scopes and ids out of text.

use azure_pec::{Amount, Day, Guid, Instant, PartnerId, Rounding, Scope, TICKS_PER_DAY};
use azure_pec_formats::value;
use num_bigint::BigInt;

use crate::checks;
use crate::seeds::texts;

pub fn number_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "0.045 1",
        "6.19947E-09 24",
        "-1.50 .5",
        "9999999999999999999999999999.9999999999999999999999999999999999999999 -1",
        "1e27 1e-40",
        "+7 0.15",
        "170141183460469231731687303715884105727 3",
        "15% 15",
        "0,5 1",
    ])
}

/// A number as an integer over a power of ten, worked out here and not by the project: sign, digits, exponent.
fn by_hand(text: &str) -> Option<(BigInt, i64)> {
    let (sign, rest) = match text.as_bytes().first()? {
        b'-' => (-1, text.get(1..)?),
        b'+' => (1, text.get(1..)?),
        _ => (1, text),
    };
    let (number, exponent) = match rest.find(['e', 'E']) {
        Some(at) => (rest.get(..at)?, rest.get(at + 1..)?.parse::<i64>().ok()?),
        None => (rest, 0),
    };
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{whole}{part}");
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa = is_number.then(|| digits.parse::<BigInt>().ok())??;
    Some((mantissa * sign, exponent.checked_sub(i64::try_from(part.len()).ok()?)?))
}

/// Two numbers and what comes of them.
pub fn numbers(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let read = |text: &str| {
        let amount = match Amount::parse_bytes(text.as_bytes()) {
            Ok(amount) => amount,
            Err(error) => {
                checks::is_code(error.code());
                return None;
            }
        };
        let shown = amount.to_string();
        assert_eq!(shown.parse().as_ref(), Ok(&amount), "{text:?} shown as {shown} is another");
        let mut appended = String::new();
        amount.append_to(&mut appended);
        assert_eq!(appended, shown);
        if let (Some((mine, scale)), Some((theirs, shown_scale))) = (by_hand(text), by_hand(&shown)) {
            // The same number: both at the finer scale, unless the exponent is out of all measure (then it is zero).
            if mine == BigInt::ZERO {
                assert!(amount.is_zero(), "{text:?} is zero, read as {shown}");
            } else {
                let least = scale.min(shown_scale);
                let at = |number: BigInt, scale: i64| {
                    number * BigInt::from(10).pow(u32::try_from(scale - least).unwrap_or(0))
                };
                assert_eq!(at(mine, scale), at(theirs, shown_scale), "{text:?} was read as {shown}");
            }
        }
        Some(amount)
    };
    let mut words = text.split([' ', '\n']);
    let one = words.next().and_then(read);
    let two = words.next().and_then(read);
    for word in text.split([' ', '\n']).take(4) {
        let of_rates = (value::rate(word), value::percentage(word), value::percentage_of_fraction(word));
        let _ = (of_rates, value::scaled_rate(word, value::Scale::Open, &[]), value::truth(word));
        assert_eq!(value::number(word).is_ok(), Amount::parse_bytes(word.trim().as_bytes()).is_ok());
    }
    let (Some(a), Some(b)) = (one, two) else { return };
    let minus_b = -&b;
    assert_eq!(&(&a + &b) + &minus_b, a, "{a} + {b} - {b}");
    assert_eq!(&a * &b, &b * &a);
    assert_eq!(&(&a + &b) * &a, &(&a * &a) + &(&b * &a), "({a} + {b}) * {a}");
    assert_eq!(a.cmp(&b), (&a + &minus_b).cmp(&Amount::ZERO), "{a} against {b}");
    for rounding in [Rounding::TowardZero, Rounding::HalfAwayFromZero] {
        for digits in [0, 2, 15, 28] {
            let rounded = a.round(digits, rounding);
            assert_eq!(rounded.round(digits, rounding), rounded, "{a} rounded twice");
            assert_eq!((-&a).round(digits, rounding), -&rounded, "{a} and its negative");
            let Some(quotient) = a.divide(&b, digits, rounding) else {
                assert!(b.is_zero());
                continue;
            };
            // Off by less than one unit of the last digit, and by at most half of one where rounded to the nearest.
            let off = &(&quotient * &b) + &-&a;
            let limit = &b * &Amount::new(1, digits);
            let size = |amount: &Amount| if amount.is_negative() { -amount } else { amount.clone() };
            let twice = &size(&off) + &size(&off);
            match rounding {
                Rounding::HalfAwayFromZero => assert!(twice <= size(&limit), "{a} / {b} = {quotient}"),
                Rounding::TowardZero => assert!(size(&off) < size(&limit), "{a} / {b} = {quotient}"),
            }
        }
    }
}

pub fn day_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "2026-10-05",
        "10/5/2026",
        "2026-10-05T13:37:00.1234567Z",
        "2026-10-05T13:37:00+02:00",
        "3/1/2018 12:00:00 AM",
        "10/14/2026",
        "2026-10-05T00:00Z",
        "9999-12-31T23:59:59.9999999Z",
        "11/30/9999 11:59:59 PM",
        "2026-10-05T23:59:60Z",
        "0001-01-01T00:00:00",
        "2024-02-29",
    ])
}

/// Days and times.
pub fn days(bytes: &[u8]) {
    for text in String::from_utf8_lossy(bytes).lines() {
        if let Ok(day) = text.parse::<Day>() {
            assert_eq!(day.to_string(), text, "a day is written in one way");
            assert_eq!(Day::from_number(day.number()), day);
            assert!(day.month_start() <= day && day.next() > day && day.start().day() == day);
            assert_eq!(text.parse::<Instant>(), Ok(day.start()));
        }
        if let Ok(time) = text.parse::<Instant>() {
            let shown = time.to_string();
            assert_eq!(shown.parse(), Ok(time), "{text:?} shown as {shown} is another");
            let day = time.day();
            assert!(day.start() <= time && time < day.next().start(), "{text:?} is not on {day}");
            assert_eq!(time.plus(TICKS_PER_DAY).day(), day.next());
        }
        let faults =
            [value::usage_day(text).err(), value::price_start(text).err(), value::price_end(text).err()];
        faults.iter().flatten().for_each(|fault| checks::is_code(fault.code()));
        if let (Ok(Some(start)), Ok(Some(end))) = (value::price_start(text), value::price_end(text)) {
            assert!(start <= end, "{text:?} ends before it starts");
        }
    }
}

pub fn scope_seeds() -> Vec<Vec<u8>> {
    texts(&[
        "/",
        "/subscriptions/3F2504E0-4F89-41D3-9A0C-0305E82C3301",
        "/subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301/resourceGroups/web/providers/Microsoft.Compute/virtualMachines/vm",
        "/providers/Microsoft.Management/managementGroups/root",
        "{3F2504E0-4F89-41D3-9A0C-0305E82C3301}",
        "1111111",
        "DZH318Z0ABCD/00XY",
        "DZH318Z0ABCD00XY",
        "/subscriptions/3f2504e04f8941d39a0c0305e82c3301/resourcegroups/Köln/",
    ])
}

/// Scopes and ids.
pub fn scopes(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for text in text.lines() {
        match text.parse::<Scope>() {
            Ok(scope) => {
                assert_eq!(scope.to_string().parse(), Ok(scope.clone()), "{text:?} shown is another");
                let shouted = text.to_ascii_uppercase().parse::<Scope>();
                assert_eq!(shouted, Ok(scope.clone()), "{text:?} shouted is another");
                assert!(scope.contains(&scope));
                for above in scope.ancestors() {
                    assert!(
                        above == "/" || scope.as_str().starts_with(above),
                        "{text:?} is not below {above}"
                    );
                }
                if let Some(group) = scope.group() {
                    assert!(group.contains(&scope) && group.subscription_id() == scope.subscription_id());
                }
            }
            Err(error) => checks::is_code(error.code()),
        }
        if let Ok(guid) = text.parse::<Guid>() {
            assert_eq!(guid.to_string().parse(), Ok(guid));
            assert_eq!(Guid::from_u128(guid.as_u128()), guid);
        }
        if let Ok(partner) = text.parse::<PartnerId>() {
            assert_eq!(partner.as_str().parse(), Ok(partner.clone()), "{text:?}");
        }
        let (product, sku) = value::product_and_sku(text);
        assert!(product.len() + sku.len() <= text.len());
        let cut = (value::focus_product(text, text), value::last_guid(text), value::guid(text));
        let _ = (cut, value::subscription_of(text), value::id(text));
    }
}
