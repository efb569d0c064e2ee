//! Drawings of sums. Each is one element of SVG whose parts are placed in per cent: it grows with the page, and its text
//! does not. A table with the same numbers stands behind each.

use azure_pec::{Amount, Day};
use maud::{Markup, html};

use crate::money::Money;
use crate::scale::{Scale, nth, part};
use crate::text::{day_text, money_text};

/// Pixels of the half above the line, and of the one below.
const HALF: u32 = 132;
/// So many days may be told apart; of more, the bars have no gaps.
const MANY: usize = 62;

/// A stripe of what was earned, missed and unknown of all that could be.
pub fn stripe(money: &Money) -> Markup {
    let could = money.could();
    let earned = part(&money.earned, &could);
    let missed = part(&money.missed, &could);
    let unknown = part(&money.unknown, &could);
    html! {
        svg.stripe aria-hidden="true" width="100%" height="10" {
            rect.v width="100%" height="10" {}
            (stretch("e", &Amount::ZERO, &earned))
            (stretch("m", &earned, &missed))
            (stretch("u", &(&earned + &missed), &unknown))
        }
    }
}

/// A bar of an amount beside the largest of its table.
pub fn bar(class: &str, amount: &Amount, most: &Scale) -> Markup {
    html! {
        svg.stripe aria-hidden="true" width="100%" height="10" {
            (stretch(class, &Amount::ZERO, &most.place(amount)))
        }
    }
}

fn stretch(class: &str, from: &Amount, width: &Amount) -> Markup {
    html! { @if !width.is_zero() { rect class=(class) x={ (from) "%" } width={ (width) "%" } height="10" {} } }
}

/// Every day as a bar: what was earned above the line, what was missed and unknown below it, all by one measure.
pub fn days(days: &[(Day, &Money)], currency: &str, id: &str) -> Markup {
    let above = days.iter().map(|(_, money)| money.earned.clone());
    let below = days.iter().map(|(_, money)| money.at_stake());
    let scale = Scale::to(above.chain(below));
    let title = format!("Credit by day in {currency}: earned above the line, missed and unknown below it");
    html! {
        figure.days {
            svg.axis aria-hidden="true" width="100%" height=(2 * HALF + 40) { (axis(&scale, currency)) }
            svg.plot role="group" aria-label=(title) width="100%" height=(2 * HALF + 40) {
                (lines(&scale))
                @for (at, (day, money)) in days.iter().enumerate() {
                    (day_bar(at, days.len(), *day, money, (&scale, currency, id)))
                }
                line.zero x1="0" x2="100%" y1=(HALF + 10) y2=(HALF + 10) {}
                @for (at, (day, _)) in days.iter().enumerate().filter(|(at, _)| is_labelled(*at, days.len())) {
                    text.label x={ (nth(2 * at + 1, 2 * days.len())) "%" } y=(2 * HALF + 34) text-anchor="middle" {
                        (short_day(*day))
                    }
                }
            }
        }
    }
}

fn axis(scale: &Scale, currency: &str) -> Markup {
    html! {
        @for tick in scale.ticks() {
            @for (sign, height) in heights(scale, &tick) {
                text.label x="100%" y=(height) dy="4" text-anchor="end" { (sign) (money_text(&tick, currency).trim_end_matches('0').trim_end_matches('.')) }
            }
        }
        text.label x="100%" y=(HALF + 10) dy="4" text-anchor="end" { "0" }
    }
}

fn lines(scale: &Scale) -> Markup {
    html! {
        @for tick in scale.ticks() {
            @for (_, height) in heights(scale, &tick) { line.grid x1="0" x2="100%" y1=(height) y2=(height) {} }
        }
    }
}

/// The heights of an amount above and below the line.
fn heights(scale: &Scale, tick: &Amount) -> [(&'static str, Amount); 2] {
    let height = pixels(scale, tick);
    let zero = Amount::from(i64::from(HALF + 10));
    [("", &zero - &height), ("", &zero + &height)]
}

/// The length of an amount in pixels.
fn pixels(scale: &Scale, amount: &Amount) -> Amount {
    &scale.place(amount) * &Amount::new(i128::from(HALF), 2)
}

fn day_bar(at: usize, of: usize, day: Day, money: &Money, (scale, currency, id): (&Scale, &str, &str)) -> Markup {
    let zero = Amount::from(i64::from(HALF + 10));
    let [earned, missed, unknown] =
        [&money.earned, &money.missed, &money.unknown].map(|amount| pixels(scale, amount));
    let says = format!(
        "{}: earned {}, missed {}, unknown {} {currency}",
        day_text(day),
        money_text(&money.earned, currency),
        money_text(&money.missed, currency),
        money_text(&money.unknown, currency)
    );
    let (left, slot) = (nth(at, of), nth(1, of));
    let inset = if of <= MANY { &slot * &Amount::new(12, 2) } else { Amount::ZERO };
    let (x, width) = (&left + &inset, &slot - &(&inset + &inset));
    let bar = |class: &str, y: &Amount, height: &Amount| {
        html! { @if !height.is_zero() { rect class=(class) x={ (x) "%" } width={ (width) "%" } y=(y) height=(height) {} } }
    };
    html! {
        a href={ "#" (id) "-" (day) } aria-label=(says) {
            title { (says) }
            rect.hit x={ (left) "%" } width={ (slot) "%" } y="0" height=(2 * HALF + 20) {}
            (bar("e", &(&zero - &earned), &earned))
            (bar("m", &zero, &missed))
            (bar("u", &(&zero + &missed), &unknown))
        }
    }
}

/// Whether a day's date stands below it: about eight do.
fn is_labelled(at: usize, of: usize) -> bool {
    let step = of.div_ceil(8).max(1);
    at.is_multiple_of(step) && (of < 4 || at + step / 2 < of)
}

fn short_day(day: Day) -> String {
    let text = day_text(day);
    text.rsplit_once(' ').map_or(text.clone(), |(start, _)| start.to_owned())
}

/// A stretch of days within a period.
pub fn span(class: &str, (first, last): (Day, Day), (start, end): (Day, Day)) -> Markup {
    let number = |days: i64| usize::try_from(days).unwrap_or_default();
    let all = number(i64::from(end.number()) - i64::from(start.number()) + 1);
    let from = number(i64::from(first.number()) - i64::from(start.number()));
    let length = number(i64::from(last.number()) - i64::from(first.number()) + 1);
    html! {
        svg.span aria-hidden="true" width="100%" height="12" {
            line.zero x1="0" x2="100%" y1="6" y2="6" {}
            rect class=(class) x={ (nth(from, all)) "%" } width={ (nth(length, all)) "%" } height="12" rx="2" {}
        }
    }
}

/// The hatching of what is unknown, told by more than its colour.
pub fn patterns() -> Markup {
    html! {
        svg.patterns aria-hidden="true" width="0" height="0" {
            defs {
                pattern id="hatch" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect.hatch-ground width="5" height="5" {}
                    rect.hatch-line width="2.2" height="5" {}
                }
            }
        }
    }
}
