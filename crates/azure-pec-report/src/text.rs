//! Numbers and days as a reader of English sees them, with the exact value beside: the page's script shows them as the
//! reader's own language does.

use azure_pec::{Amount, Day, Rounding, minor_units};
use maud::{Markup, html};

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
/// Decimals of a currency that ISO 4217 does not list.
const USUAL_DECIMALS: u32 = 2;

/// An amount of money, rounded for reading to the decimals of its currency.
pub fn money(amount: &Amount, currency: &str) -> Markup {
    let decimals = decimals(currency);
    let text = rounded(amount, decimals);
    let other = (decimals != USUAL_DECIMALS).then_some(decimals);
    html! { data value=(amount) data-d=[other] { (text) } }
}

/// The same as plain text, for what speaks of a drawing.
pub fn money_text(amount: &Amount, currency: &str) -> String {
    rounded(amount, decimals(currency))
}

/// A number that is neither money nor whole, with all its digits.
pub fn plain(amount: &Amount) -> Markup {
    html! { data value=(amount) data-d="x" { (amount) } }
}

/// A whole number.
pub fn count(number: u64) -> Markup {
    html! { data value=(number) data-d="0" { (thousands(&number.to_string())) } }
}

/// `1 line`, `2,672 lines`
pub fn counted(number: u64, what: &str) -> Markup {
    let s = if number == 1 { "" } else { "s" };
    html! { (count(number)) " " (what) (s) }
}

/// A fraction in per cent, cut: nothing short of everything reads as 100 %.
pub fn percent(fraction: Option<&Amount>) -> Markup {
    let Some(fraction) = fraction else { return html! { span title="nothing could be earned" { "none" } } };
    let cut = (fraction * &Amount::from(100)).round(2, Rounding::TowardZero);
    html! { data value=(fraction) data-d="p" { (rounded(&cut, 2)) " %" } }
}

/// A day.
pub fn day(day: Day) -> Markup {
    html! { time datetime=(day) { (day_text(day)) } }
}

/// The same as plain text: `12 Oct 2026`.
pub fn day_text(day: Day) -> String {
    let text = day.to_string();
    let mut parts = text.rsplit('-');
    let (Some(number), Some(month), Some(year)) = (parts.next(), parts.next(), parts.next()) else {
        return text;
    };
    let month = month.parse::<usize>().ok().and_then(|month| MONTHS.get(month.checked_sub(1)?));
    let Some(month) = month else { return text };
    format!("{} {month} {year}", number.trim_start_matches('0'))
}

/// Two days, or one.
pub fn days(first: Day, last: Day) -> Markup {
    if first == last {
        return day(first);
    }
    html! { span.days data-first=(first) data-last=(last) { (day_text(first)) " to " (day_text(last)) } }
}

/// The text with a capital letter.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Text of the data: it stands by itself, whatever direction it is written in.
pub fn own(text: &str) -> Markup {
    html! { bdi { (text) } }
}

fn decimals(currency: &str) -> u32 {
    minor_units(currency).unwrap_or(USUAL_DECIMALS)
}

/// An amount rounded for reading, never for reckoning: `16,228.76`.
#[must_use]
pub fn rounded(amount: &Amount, decimals: u32) -> String {
    let text = amount.round(decimals, Rounding::HalfAwayFromZero).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let point = if decimals == 0 { "" } else { "." };
    let width = decimals as usize;
    format!("{}{point}{fraction:0<width$}", thousands(whole))
}

/// A whole number by its digits: `2,672`.
#[must_use]
pub fn thousands(whole: &str) -> String {
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut text = sign.to_owned();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well_and_stay_exact() {
        let show = |text: &str, currency: &str| money(&text.parse().unwrap(), currency).into_string();
        assert_eq!(
            show("16228.756885399640396", "USD"),
            r#"<data value="16228.756885399640396">16,228.76</data>"#
        );
        assert_eq!(show("-31837.5", "JPY"), r#"<data value="-31837.5" data-d="0">-31,838</data>"#);
        assert_eq!(show("1", "XQQ"), r#"<data value="1">1.00</data>"#);
        let percent = |text: &str| percent(Some(&text.parse().unwrap())).into_string();
        assert_eq!(percent("0.999999"), r#"<data value="0.999999" data-d="p">99.99 %</data>"#);
    }

    #[test]
    fn days_read_well() {
        assert_eq!(day_text("2026-10-02".parse().unwrap()), "2 Oct 2026");
        let day = "2026-10-12".parse().unwrap();
        assert_eq!(days(day, day).into_string(), r#"<time datetime="2026-10-12">12 Oct 2026</time>"#);
    }
}
