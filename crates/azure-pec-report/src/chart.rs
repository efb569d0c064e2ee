//! Drawings of sums. Each is one element of SVG whose parts are placed in per cent: it grows with the page, and its text
//! does not. A table with the same numbers stands behind each.

use azure_pec::{Amount, Day};
use maud::{Markup, html};

use crate::money::Money;
use crate::scale::{Scale, nth, part};
use crate::text::{day_text, money_text};

/// Pixels from the largest bar above the line to the largest below it.
const HEIGHT: u32 = 230;
/// Pixels above that.
const TOP: u32 = 8;
/// Pixels of the days' names below it.
const NAMES: u32 = 26;
/// Pixels that a name on the axis needs.
const LETTER: u32 = 12;
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

/// Heights in pixels, above and below the line.
struct Heights {
    /// Both together.
    scale: Scale,
    above: Amount,
    below: Amount,
    zero: Amount,
}

impl Heights {
    fn of(days: &[(Day, &Money)]) -> Self {
        let above =
            days.iter().map(|(_, money)| money.earned.clone()).max().unwrap_or_default().max(Amount::ZERO);
        let below =
            days.iter().map(|(_, money)| money.at_stake()).max().unwrap_or_default().max(Amount::ZERO);
        let mut heights =
            Self { scale: Scale::to([&above + &below].into_iter()), above, below, zero: Amount::ZERO };
        heights.zero = &heights.pixels(&heights.above) + &Amount::from(i64::from(TOP));
        heights
    }

    fn pixels(&self, amount: &Amount) -> Amount {
        &self.scale.place(amount) * &Amount::new(i128::from(HEIGHT), 2)
    }

    /// The amounts that lines are drawn for, and where.
    fn ticks(&self) -> Vec<(Amount, Amount)> {
        let letter = Amount::from(i64::from(LETTER));
        let ticks = self.scale.ticks();
        let above = ticks.iter().filter(|tick| **tick <= self.above);
        let above = above.map(|tick| (tick.clone(), &self.zero - &self.pixels(tick)));
        let below = ticks.iter().filter(|tick| **tick <= self.below && letter <= self.pixels(tick));
        let below = below.map(|tick| (tick.clone(), &self.zero + &self.pixels(tick)));
        above.chain(below).collect()
    }
}

/// Every day as a bar: what was earned above the line, what was missed and unknown below it, all by one measure.
pub fn days(days: &[(Day, &Money)], currency: &str, id: &str) -> Markup {
    let heights = Heights::of(days);
    let title = format!("Credit by day in {currency}: earned above the line, missed and unknown below it");
    let (zero, all) = (&heights.zero, TOP + HEIGHT + NAMES);
    html! {
        figure.by-day {
            svg.axis aria-hidden="true" width="100%" height=(all) {
                @for (tick, height) in heights.ticks() { (name(&short_money(&tick, currency), &height)) }
                (name("0", zero))
            }
            svg.plot role="group" aria-label=(title) width="100%" height=(all) {
                @for (_, height) in heights.ticks() { line.grid x1="0" x2="100%" y1=(height) y2=(height) {} }
                @for (at, (day, money)) in days.iter().enumerate() {
                    (day_bar((at, days.len()), *day, money, (&heights, currency, id)))
                }
                line.zero x1="0" x2="100%" y1=(zero) y2=(zero) {}
                (names(days.iter().map(|(day, _)| *day), days.len(), all - 4))
            }
        }
    }
}

/// The names of some days, each below the middle of its place.
fn names(days: impl Iterator<Item = Day>, of: usize, height: u32) -> Markup {
    html! {
        @for (at, day) in days.enumerate().filter(|(at, _)| is_labelled(*at, of)) {
            text.label x={ (nth(2 * at + 1, 2 * of)) "%" } y=(height) text-anchor="middle" { (short_day(day)) }
        }
    }
}

/// The names of the days of a period, below marks that stand side by side.
pub fn day_names(first: Day, last: Day) -> Markup {
    let of = usize::try_from(last.number() - first.number() + 1).unwrap_or_default();
    let days = (first.number()..=last.number()).map(Day::from_number);
    html! { svg.names aria-hidden="true" width="100%" height="16" { (names(days, of, 12)) } }
}

/// A name on the axis.
fn name(text: &str, height: &Amount) -> Markup {
    html! { text.label x="100%" y=(height) dy="4" text-anchor="end" { (text) } }
}

fn short_money(tick: &Amount, currency: &str) -> String {
    let text = money_text(tick, currency);
    text.strip_suffix(".00").map_or(text.clone(), ToOwned::to_owned)
}

fn day_bar(
    (at, of): (usize, usize),
    day: Day,
    money: &Money,
    (heights, currency, id): (&Heights, &str, &str),
) -> Markup {
    let zero = &heights.zero;
    let [earned, missed, unknown] =
        [&money.earned, &money.missed, &money.unknown].map(|amount| heights.pixels(amount));
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
        html! {
            @if !height.is_zero() { rect class=(class) x={ (x) "%" } width={ (width) "%" } y=(y) height=(height) {} }
        }
    };
    html! {
        a href={ "#" (id) "-" (day) } aria-label=(says) {
            title { (says) }
            rect.hit x={ (left) "%" } width={ (slot) "%" } y="0" height=(TOP + HEIGHT + 2) {}
            (bar("e", &(zero - &earned), &earned))
            (bar("m", zero, &missed))
            (bar("u", &(zero + &missed), &unknown))
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
