//! A subscription day by day, as a page for people.

use std::collections::BTreeMap;

use azure_pec::{Break, Calendar, CalendarDay, Day, DayMark};

use crate::command_text::CommandText;
use crate::look::{Look, Tone};
use crate::number::{cents, counted, percent};
use crate::statement_page::name;
use crate::table::{Align, Columns};

/// Breaks shown; all of them are in the JSON.
const MANY: usize = 20;
const WEEK: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];
const MARKS: [DayMark; 7] = [
    DayMark::Earned,
    DayMark::Missed,
    DayMark::Unknown,
    DayMark::Never,
    DayMark::PartMissed,
    DayMark::PartUnknown,
    DayMark::MissedAndUnknown,
];

/// Everything that the page tells.
#[derive(Debug)]
pub struct CalendarPage<'a> {
    pub calendar: &'a Calendar,
    pub command: &'a CommandText,
    pub look: Look,
}

impl CalendarPage<'_> {
    pub fn render(&self) -> String {
        [self.header(), self.months(), self.breaks()].concat()
    }

    fn header(&self) -> String {
        let one = self.calendar;
        let mut title = name(one);
        if let (Some(first), Some(last)) = (one.period.first, one.period.last) {
            title += &format!(", {first} to {last}");
        }
        let mut page = self.look.paint(Tone::Heading, &title) + "\n";
        page += &self.look.paint(Tone::Quiet, &format!("/subscriptions/{}\n", one.subscription));
        page += "\n";
        let right = |heading| (heading, Align::Right);
        let columns = ["list price", "earned", "missed", "unknown", "coverage"].map(right);
        let mut table = Columns::new(&self.look, &[&[("", Align::Left)][..], &columns].concat());
        for total in &one.totals {
            table.row(&[
                (total.currency.clone(), Tone::Plain),
                (cents(&total.list_amount), Tone::Plain),
                (cents(&total.earned), Tone::Good),
                (cents(&total.missed), Tone::Bad),
                (cents(&total.unknown), Tone::Doubtful),
                (total.coverage.as_ref().map_or("none".to_owned(), percent), Tone::Heading),
            ]);
        }
        page + &table.render()
    }

    /// A grid of weeks for each month, one mark a day.
    fn months(&self) -> String {
        let mut months: BTreeMap<String, BTreeMap<Day, DayMark>> = BTreeMap::new();
        for CalendarDay { date, mark, .. } in &self.calendar.days {
            months.entry(date.month()).or_default().insert(*date, *mark);
        }
        let mut page = String::new();
        for (month, days) in &months {
            page += &self.look.heading(month);
            page += &self.look.paint(Tone::Quiet, &format!("   {}", WEEK.join("    ")));
            page += "\n";
            page += &self.weeks(month, days);
        }
        let used = MARKS.iter().filter(|mark| self.calendar.days.iter().any(|day| day.mark == **mark));
        let legend = used.map(|mark| format!("{} {}", letter(*mark), mark.words()));
        page += "\n";
        page + &self.look.wrap("  ", &legend.collect::<Vec<_>>().join(",  "))
    }

    fn weeks(&self, month: &str, days: &BTreeMap<Day, DayMark>) -> String {
        let Ok(first) = format!("{month}-01").parse::<Day>() else { return String::new() };
        // 1970-01-01 was a Thursday.
        let before = (first.number() + 3).rem_euclid(7);
        let mut cells = vec!["      ".to_owned(); usize::try_from(before).unwrap_or_default()];
        let mut day = first;
        while day.month() == month {
            let number = day.number() - first.number() + 1;
            cells.push(match days.get(&day) {
                Some(mark) => format!(
                    "{} {} ",
                    self.look.paint(Tone::Quiet, &format!("{number:>3}")),
                    self.painted(*mark)
                ),
                None => self.look.paint(Tone::Quiet, &format!("{number:>3}   ")),
            });
            day = day.next();
        }
        cells.chunks(7).map(|week| format!(" {}\n", week.concat().trim_end())).collect()
    }

    fn painted(&self, mark: DayMark) -> String {
        let tone = match mark {
            DayMark::Earned => Tone::Good,
            DayMark::Missed | DayMark::PartMissed | DayMark::MissedAndUnknown => Tone::Bad,
            DayMark::Unknown | DayMark::PartUnknown => Tone::Doubtful,
            DayMark::Never => Tone::Quiet,
        };
        self.look.paint(tone, letter(mark))
    }

    fn breaks(&self) -> String {
        let breaks = &self.calendar.breaks;
        if breaks.is_empty() {
            return self.look.heading("Nothing was missed and nothing is unknown");
        }
        let mut page = self.look.heading("When it broke");
        page += &breaks.iter().take(MANY).map(|one| self.a_break(one)).collect::<Vec<_>>().join("\n");
        if breaks.len() > MANY {
            page += &self
                .look
                .wrap("  ", &format!("... and {} more: --format json lists all", breaks.len() - MANY));
        }
        page
    }

    fn a_break(&self, one: &Break) -> String {
        let days = if one.first == one.last {
            one.first.to_string()
        } else {
            format!("{} to {}", one.first, one.last)
        };
        let first = format!("  {}  ", self.look.paint(Tone::of_outcome(one.outcome), &days));
        let mut page = self.look.wrap(&first, &format!("{} {}: {}", one.outcome, one.reason, one.says));
        let resources = one
            .resources
            .map_or(String::new(), |number| format!(" of {}", counted(number as u64, "resource")));
        let (currency, each) = (&one.currency, cents(&one.last_day_potential));
        let further = match one.open {
            true => format!("; each further day costs {each} {currency}"),
            false if one.days > 1 => format!("; the last of them {each} {currency}"),
            false => String::new(),
        };
        let cost = format!(
            "{}{resources}: {} {currency}{further}",
            counted(one.days as u64, "day"),
            cents(&one.potential)
        );
        page += &self.look.wrap("    ", &cost);
        page += &self.look.wrap("    ", &format!("to mend it: {}", one.mend));
        let subscription = format!("/subscriptions/{}", self.calendar.subscription);
        let resource = one.resource.as_deref().filter(|path| path.starts_with('/')).unwrap_or(&subscription);
        let options = [("resource", resource), ("date", &one.first.to_string())];
        page + &self.look.paint(Tone::Quiet, &self.command.line(&self.look, 4, "explain", &options))
    }
}

fn letter(mark: DayMark) -> &'static str {
    match mark {
        DayMark::Earned => "E",
        DayMark::Missed => "M",
        DayMark::Unknown => "U",
        DayMark::Never => "N",
        DayMark::PartMissed => "m",
        DayMark::PartUnknown => "u",
        DayMark::MissedAndUnknown => "+",
    }
}
