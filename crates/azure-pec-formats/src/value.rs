//! The values of a field: numbers, days, times, rates and ids as the real files write them.

use azure_pec::{Amount, Day, Guid, Instant, TICKS_PER_SECOND};

use crate::error::Fault;

const DAY_FORMS: &str = "a usage date such as 10/31/2026 (month first) or 2026-10-31";
const TIME_FORMS: &str = "a time such as 10/31/2026 11:59:59 PM (month first) or 2026-10-31T23:59:59Z";
/// A usage day outside these years is a default that was never set (0001, 9999), or a slip.
const USAGE_YEARS: std::ops::RangeInclusive<&str> = "2000-01-01"..="2199-12-31";

/// Partner Center's ids: a product of 12 characters, a SKU of 4.
const SKU_LENGTH: usize = 4;
const PRODUCT_AND_SKU_LENGTH: usize = 16;

/// A number, exact.
///
/// # Errors
/// `number.invalid`, `number.too_precise`.
pub fn number(text: &str) -> Result<Amount, Fault> {
    Ok(Amount::parse_bytes(text.trim().as_bytes())?)
}

/// The UTC day of a date (`M/D/YYYY`, two-digit years being 20YY, or `YYYY-MM-DD`) or of a date with a time and zone.
///
/// # Errors
/// `date.invalid`, also for days that do not exist, and for 0001-01-01 and 9999-12-31, which stand for no date.
pub fn usage_day(text: &str) -> Result<Day, Fault> {
    let day = parse_time(text, DAY_FORMS)?.day();
    if !USAGE_YEARS.contains(&day.to_string().as_str()) {
        return Err(date_invalid(DAY_FORMS, text));
    }
    Ok(day)
}

/// The start of a price: none where it is empty or 0001-01-01.
///
/// # Errors
/// `date.invalid`.
pub fn price_start(text: &str) -> Result<Option<Instant>, Fault> {
    price_time(text)
}

/// The end of a price, excluded: none where it is empty or in the year 9999.
///
/// Lists print the last second that still counts (`11:59:59 PM`); the end is the second after it. A date without a time
/// is the last day that counts. Any other time is the end itself.
///
/// # Errors
/// `date.invalid`.
pub fn price_end(text: &str) -> Result<Option<Instant>, Fault> {
    let Some(end) = price_time(text)? else { return Ok(None) };
    if !text.contains(':') {
        return Ok(Some(end.day().next().start()));
    }
    let seconds = end.ticks().div_euclid(TICKS_PER_SECOND);
    let last_of_a_minute = seconds.rem_euclid(60) == 59;
    Ok(Some(if last_of_a_minute { Instant::from_ticks((seconds + 1) * TICKS_PER_SECOND) } else { end }))
}

fn price_time(text: &str) -> Result<Option<Instant>, Fault> {
    if text.trim().is_empty() {
        return Ok(None);
    }
    let time = parse_time(text, TIME_FORMS)?;
    let is_before = |year| Day::from_ymd(year, 1, 1).is_some_and(|first| time.day() < first);
    Ok((!is_before(2) && is_before(9999)).then_some(time))
}

/// An id; empty for `NULL` and for the GUID of zeros, which mean "none".
#[must_use]
pub fn id(text: &str) -> &str {
    let text = text.trim();
    let none = text.eq_ignore_ascii_case("null") || Guid::parse(text.as_bytes()) == Some(Guid::NIL);
    if none { "" } else { text }
}

/// A GUID; empty for anything else.
#[must_use]
pub fn guid(text: &str) -> &str {
    let text = id(text);
    if Guid::parse(text.as_bytes()).is_some() { text } else { "" }
}

/// A GUID, or nothing: what a line is placed by must not be guessed.
///
/// # Errors
/// `id.invalid` for any other text.
pub fn placing<'t>(text: &'t str, expected: &'static str) -> Result<&'t str, Fault> {
    let id = id(text);
    if id.is_empty() || Guid::parse(id.as_bytes()).is_some() {
        return Ok(id);
    }
    Err(Fault::Value(azure_pec::Error::IdInvalid { expected, found: id.to_owned() }))
}

/// Partner Center's product and SKU id out of the two in one: the SKU is what follows a `/`, else the last 4
/// characters (`DZH318Z0BQPM0015` is `DZH318Z0BQPM` and `0015`). An id too short for two is a product.
#[must_use]
pub fn product_and_sku(text: &str) -> (&str, &str) {
    let text = id(text);
    text.split_once('/').unwrap_or_else(|| {
        let cut = text.char_indices().nth_back(3).map(|(at, _)| at).filter(|at| *at > 0);
        cut.and_then(|at| text.split_at_checked(at)).unwrap_or((text, ""))
    })
}

/// The subscription in a resource's path; empty where there is none.
#[must_use]
pub fn subscription_of(path: &str) -> &str {
    let mut segments = path.trim().split('/').skip_while(|part| !part.eq_ignore_ascii_case("subscriptions"));
    id(segments.nth(1).unwrap_or_default())
}

/// The last GUID among the segments of a path, or a GUID alone; empty where there is none.
#[must_use]
pub fn last_guid(path: &str) -> &str {
    path.rsplit('/').map(guid).find(|id| !id.is_empty()).unwrap_or_default()
}

/// Product and SKU of FOCUS's `SkuId` and `SkuPriceId`. The SKU may stand alone (`0015`), behind the product
/// (`DZH318Z0BQPM_0015_...`), or in `SkuId` itself (`DZH318Z0BQPM0015`, which is what Cost Management calls ProductId).
#[must_use]
pub fn focus_product<'t>(sku_id: &'t str, price_id: &'t str) -> (&'t str, &'t str) {
    let (product, price) = (id(sku_id), id(price_id));
    if product.is_empty() {
        return product_and_sku(price);
    }
    let mark = |c: char| matches!(c, '_' | '/' | '-');
    let behind = price.strip_prefix(product).map(|rest| rest.trim_start_matches(mark));
    if let Some(sku) = behind.and_then(|rest| rest.split(mark).next()).filter(|sku| !sku.is_empty()) {
        return (product, sku);
    }
    let both = product.contains('/') || product.len() == PRODUCT_AND_SKU_LENGTH;
    match price.len() {
        SKU_LENGTH if !both => (product, price),
        _ if both => product_and_sku(product),
        _ => (product, price),
    }
}

/// Yes or no, as the exports write it; nothing is no.
///
/// # Errors
/// `number.invalid`.
pub fn truth(text: &str) -> Result<bool, Fault> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" | "" => Ok(false),
        _ => Err(Fault::Coded {
            code: "number.invalid",
            help: "write true or false",
            problem: format!("expected true or false, found {:?}", shown(text)),
        }),
    }
}

/// A rate as a fraction: `0.15`, `15`, `15%` and `15.0%` are all 0.15. Above 1 it is a percentage: the same credit is
/// written as a fraction by one format and in percent by another.
///
/// # Errors
/// `number.invalid`, also below 0 and above 100 %.
pub fn rate(text: &str) -> Result<Amount, Fault> {
    let text = text.trim();
    let digits = text.strip_suffix('%');
    let value = number(digits.unwrap_or(text))?;
    let percent = digits.is_some() || value > Amount::ONE;
    let rate = if percent { &value * &Amount::new(1, 2) } else { value };
    if rate.is_negative() || rate > Amount::ONE { Err(number_invalid(text)) } else { Ok(rate) }
}

/// How a format writes a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scale {
    /// 15 is 0.15.
    Percent,
    /// 0.15 is 0.15.
    Fraction,
    /// Nobody has said: above 1 it is in percent.
    Open,
}

/// A rate as a fraction, and whether it is 0 or one of the `known`.
///
/// A `%` sign says percent. Else the scale of the format is taken; where that makes a rate that is not known and the
/// other scale one that is, the other: `0.15` in a column of percent is 15 %, and 0.0015 is nobody's rate.
///
/// # Errors
/// `number.invalid`, also below 0 and above 100 %.
pub fn scaled_rate(text: &str, scale: Scale, known: &[Amount]) -> Result<(Amount, bool), Fault> {
    let text = text.trim();
    let digits = text.strip_suffix('%');
    let value = number(digits.unwrap_or(text))?;
    let is_known = |rate: &Amount| rate.is_zero() || known.contains(rate);
    let percent = &value * &Amount::new(1, 2);
    let (first, second) = match scale {
        _ if digits.is_some() => (percent.clone(), percent),
        Scale::Percent => (percent, value),
        Scale::Open if value > Amount::ONE => (percent, value),
        Scale::Fraction | Scale::Open => (value, percent),
    };
    let in_range = |rate: &Amount| !rate.is_negative() && *rate <= Amount::ONE;
    if is_known(&first) || (in_range(&second) && is_known(&second)) {
        return Ok((if is_known(&first) { first } else { second }, true));
    }
    if in_range(&first) { Ok((first, false)) } else { Err(number_invalid(text)) }
}

/// A percentage as it is counted in hundreds, of a fraction: `1`, `100` and `100%` are 100, `0.15` is 15.
///
/// # Errors
/// `number.invalid`.
pub fn percentage_of_fraction(text: &str) -> Result<Amount, Fault> {
    let value = number(text.trim().strip_suffix('%').unwrap_or(text))?;
    let is_fraction = value <= Amount::ONE && !text.contains('%');
    Ok(if is_fraction { &value * &Amount::from(100) } else { value })
}

/// A percentage as it is counted in hundreds: `100` and `100%` are 100.
///
/// # Errors
/// `number.invalid`.
pub fn percentage(text: &str) -> Result<Amount, Fault> {
    let text = text.trim();
    number(text.strip_suffix('%').unwrap_or(text))
}

fn number_invalid(text: &str) -> Fault {
    azure_pec::Error::NumberInvalid { found: shown(text) }.into()
}

fn date_invalid(expected: &'static str, text: &str) -> Fault {
    azure_pec::Error::DateInvalid { expected, found: shown(text) }.into()
}

/// As much of a broken value as a message can hold.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

fn parse_time(text: &str, forms: &'static str) -> Result<Instant, Fault> {
    let text = text.trim();
    // Times are ASCII and short; what is longer is not worth the look.
    let invalid = || date_invalid(forms, text);
    if !text.is_ascii() || text.len() > 40 || text.ends_with('T') {
        return Err(invalid());
    }
    let (date, time) = match text.split_once([' ', 'T']) {
        Some((date, time)) => (date, time.trim()),
        None => (text, ""),
    };
    if date.contains('/') {
        let day = slashed_day(date, text, forms)?;
        let ticks = if time.is_empty() { Some(0) } else { clock_ticks(time) };
        return Ok(day.start().plus(ticks.ok_or_else(invalid)?));
    }
    // Most are written as they are read here.
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let iso = if time.is_empty() { date.to_owned() } else { format!("{date}T{}", with_seconds(time)) };
    iso.parse().map_err(|_| invalid())
}

/// `M/D/YYYY` or `M/D/YY`.
fn slashed_day(date: &str, text: &str, forms: &'static str) -> Result<Day, Fault> {
    let invalid = || date_invalid(forms, text);
    let mut parts = date.split('/').map(digits);
    let (Some(Some(month)), Some(Some(day)), Some(Some(year)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid());
    };
    let year = match date.rsplit('/').next().map_or(0, str::len) {
        2 => 2000 + year,
        4 => year,
        _ => return Err(invalid()),
    };
    if (13..=31).contains(&month) && (1..=12).contains(&day) {
        return Err(Fault::DayFirst { found: shown(text) });
    }
    let year = i32::try_from(year).map_err(|_| invalid())?;
    Day::from_ymd(year, month, day).ok_or_else(invalid)
}

/// A few digits and nothing else.
fn digits(text: &str) -> Option<u32> {
    let plain = (1..=4).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if plain { text.parse().ok() } else { None }
}

/// 100 ns ticks since midnight of `11:59:59 PM`, `23:59:59` or `23:59`.
fn clock_ticks(time: &str) -> Option<i64> {
    let (clock, half) = match time.split_once(' ') {
        Some((clock, half)) => (clock, Some(half.trim().to_ascii_uppercase())),
        None => (time, None),
    };
    let mut parts = clock.split(':').map(digits);
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    if parts.next().is_some() || minute > 59 || second > 59 {
        return None;
    }
    let hour = match half.as_deref() {
        None if hour < 24 => hour,
        Some("AM") if (1..=12).contains(&hour) => hour % 12,
        Some("PM") if (1..=12).contains(&hour) => hour % 12 + 12,
        _ => return None,
    };
    Some(i64::from(hour * 3600 + minute * 60 + second) * TICKS_PER_SECOND)
}

/// `00:00Z` as `00:00:00Z`: FOCUS and some exports leave the seconds out.
fn with_seconds(time: &str) -> String {
    let clock_end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    match time.split_at_checked(clock_end) {
        Some((clock, zone)) if clock.matches(':').count() == 1 => format!("{clock}:00{zone}"),
        _ => time.to_owned(),
    }
}
