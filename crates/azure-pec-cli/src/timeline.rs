//! A day as a bar: a mark for every quarter of an hour.

use azure_pec::{Instant, Stretch, TICKS_PER_DAY, TimelineStretch};

use crate::look::{Look, Tone};

const QUARTERS: usize = 96;
/// Marks of the bar on a page too narrow for quarters.
const HALVES: usize = 48;
const TICKS_PER_MINUTE: i64 = TICKS_PER_DAY / 1440;

/// What stands over a stretch of time.
#[derive(Debug, Clone, Copy)]
struct Sign {
    mark: char,
    tone: Tone,
    words: &'static str,
}

fn sign(standing: &str) -> Sign {
    let (mark, tone, words) = match standing {
        "qualifies" => ('#', Tone::Good, "access that counts"),
        "denied" => ('x', Tone::Doubtful, "access under a deny assignment"),
        "unobserved" => ('?', Tone::Doubtful, "not observed any more"),
        "unproven" => ('?', Tone::Doubtful, "no history proves what was there"),
        "partner_unknown" => ('p', Tone::Doubtful, "access of an unknown partner's principal"),
        "role_unknown" => ('r', Tone::Doubtful, "access by a role that is in no table, or under a condition"),
        "eligible_only" => ('e', Tone::Bad, "only eligible, not active"),
        "pal_missing" => ('l', Tone::Bad, "access without a partner admin link"),
        "other_partner" => ('o', Tone::Bad, "another partner's access"),
        "role_not_eligible" => ('n', Tone::Bad, "access by a role that does not earn"),
        _ => ('.', Tone::Bad, "no partner's access"),
    };
    Sign { mark, tone, words }
}

/// The bar with its hours, and what each stretch is, with exact times.
pub fn bar(look: &Look, day: Stretch, stretches: &[TimelineStretch]) -> String {
    let marks = if look.width >= QUARTERS + 4 { QUARTERS } else { HALVES };
    let step = TICKS_PER_DAY / marks as i64;
    let mut page = String::from("  ");
    for at in 0..marks {
        let start = day.start.plus(step * at as i64);
        let sign = sign(shown(stretches, start, start.plus(step)));
        page += &look.paint(sign.tone, &sign.mark.to_string());
    }
    page += &format!("\n  {}\n", look.paint(Tone::Quiet, &hours(day, marks)));
    for stretch in stretches {
        let sign = sign(stretch.standing);
        let times = format!("{} to {}", clock(stretch.start), clock_end(stretch.end));
        let grants = match stretch.grants.as_slice() {
            [] => String::new(),
            grants => format!(": {}", grants.join(", ")),
        };
        let first = format!("  {}  {times}  ", look.paint(sign.tone, &sign.mark.to_string()));
        page += &look.wrap(&first, &format!("{}{grants}", sign.words));
    }
    page
}

/// The standing that a mark shows: a gap in it wins, however short, since the day is all or nothing.
fn shown(stretches: &[TimelineStretch], start: Instant, end: Instant) -> &'static str {
    let mut inside = stretches.iter().filter(|stretch| stretch.start < end && start < stretch.end);
    let first = inside.clone().next().map_or("none", |stretch| stretch.standing);
    inside.find(|stretch| stretch.standing != "qualifies").map_or(first, |stretch| stretch.standing)
}

/// The time of every third hour, where it stands below the bar.
fn hours(day: Stretch, marks: usize) -> String {
    let step = TICKS_PER_DAY / 8;
    let width = marks / 8;
    let label = |at: i64| format!("{:<width$}", clock(day.start.plus(step * at)));
    let labels: String = (0..7).map(label).collect();
    // The last two stand at either end of the last stretch.
    let last = clock(day.start.plus(step * 7));
    let end = clock_end(day.end);
    match width > last.len() + end.len() {
        true => format!("{labels}{last}{end:>rest$}", rest = width - last.len()),
        false => format!("{labels}{last}"),
    }
}

/// `13:37`, `13:37:05`
pub fn clock(at: Instant) -> String {
    let text = at.to_string();
    let time = text.split_once('T').map_or(text.as_str(), |(_, time)| time).trim_end_matches('Z');
    let short = time.get(..5).filter(|_| at.ticks() % TICKS_PER_MINUTE == 0);
    short.unwrap_or(time).to_owned()
}

/// As [`clock`], with midnight as the end of the day.
pub fn clock_end(at: Instant) -> String {
    match clock(at).as_str() {
        "00:00" => "24:00".to_owned(),
        time => time.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_short_as_they_can_be() {
        let times = ["00:00:00", "03:00:00", "13:37:00", "13:37:05", "13:37:00.5"];
        let clocks = times.map(|time| clock(format!("2026-10-12T{time}Z").parse().unwrap()));
        assert_eq!(clocks, ["00:00", "03:00", "13:37", "13:37:05", "13:37:00.5"]);
        assert_eq!(clock_end("2026-10-13".parse().unwrap()), "24:00");
    }

    /// The bar fits its page, and a gap of a second shows.
    #[test]
    fn bars_are_as_wide_as_their_hours() {
        let at = |time: &str| -> Instant { format!("2026-10-12T{time}Z").parse().unwrap() };
        let stretch = |start, end, standing| TimelineStretch { start, end, standing, grants: Vec::new() };
        let day = Stretch { start: at("00:00:00"), end: "2026-10-13".parse().unwrap() };
        let stretches = [
            stretch(day.start, at("12:00:00"), "qualifies"),
            stretch(at("12:00:00"), at("12:00:01"), "none"),
            stretch(at("12:00:01"), day.end, "qualifies"),
        ];
        for (width, marks) in [(100, 96), (80, 48)] {
            let page = bar(&Look { width, color: false }, day, &stretches);
            let lines: Vec<&str> = page.lines().collect();
            let halves = ["#".repeat(marks / 2), "#".repeat(marks / 2 - 1)];
            assert_eq!(lines[0], format!("  {}", halves.join(".")));
            // A narrow bar has no room for the end of the day beside the last of its hours.
            assert_eq!(lines[1].ends_with("21:00"), marks == 48, "{page}");
            assert!(lines[1].len() <= marks + 3, "{page}");
        }
    }
}
