//! A resource's day as a page for people. Amounts are exact here: this is where a number is checked.

use azure_pec::{Explanation, GrantExplanation, GrantPath, LineExplanation, ReasonSums, Rule, RuleUsed};

use crate::look::{Look, Tone};
use crate::number::counted;
use crate::timeline::{bar, clock, clock_end};

/// Everything that the page tells.
#[derive(Debug)]
pub struct DayPage<'a> {
    pub explanation: &'a Explanation,
    /// What the day's lines come to, by reason.
    pub sums: &'a [ReasonSums],
    pub rule: &'a Rule,
    /// Whether any usage names the resource's subscription.
    pub known: bool,
    pub look: Look,
}

impl DayPage<'_> {
    pub fn render(&self) -> String {
        [
            self.header(),
            self.usage(),
            self.day(),
            self.grants(),
            self.remedy(),
            self.not_proved(),
            self.rules(),
        ]
        .concat()
    }

    fn header(&self) -> String {
        let one = self.explanation;
        let name = one.resource.rsplit('/').next().unwrap_or_default();
        let mut page = self.look.paint(Tone::Heading, &format!("{name} on {}", one.date)) + "\n";
        page += &self.look.paint(Tone::Quiet, &format!("{}\n", one.resource));
        page += "\n";
        if self.sums.is_empty() {
            page += &self.look.wrap("  ", self.no_usage());
            page += &self.answer(one.access.outcome.as_str(), one.access.reason.code(), &one.access.says);
        }
        for row in self.sums {
            let says = row.reason().and_then(|reason| self.rule.words(reason)).map_or("", |row| &row.says);
            page += &self.answer(row.outcome, row.reason, says);
            let list =
                format!("{} at list price {} {}", counted(row.lines, "line"), row.list_amount, row.currency);
            page += &match row.outcome {
                "never" => self.look.wrap("           ", &list),
                outcome => {
                    let credit = format!("credit {outcome}: {} {}", row.potential, row.currency);
                    self.look.wrap("           ", &format!("{credit} ({list})"))
                }
            };
        }
        page
    }

    fn no_usage(&self) -> &'static str {
        match self.known {
            true => "No usage of it on that day in these files. Its access alone comes to:",
            false => "No usage of its subscription in these files at all. Its access alone comes to:",
        }
    }

    fn answer(&self, outcome: &str, reason: &str, says: &str) -> String {
        let first = format!("  {}  ", self.look.paint(Tone::of_outcome(outcome), &format!("{outcome:<7}")));
        let words = if outcome == reason { says.to_owned() } else { format!("{reason}: {says}") };
        self.look.wrap(&first, &words)
    }

    fn usage(&self) -> String {
        if self.explanation.lines.is_empty() {
            return String::new();
        }
        let lines = self.explanation.lines.iter().map(|line| self.line(line));
        self.look.heading("Usage") + &lines.collect::<String>()
    }

    fn line(&self, line: &LineExplanation) -> String {
        let credit = &line.credit;
        let what = match line.meter_name.as_str() {
            "" => &line.meter_id,
            name => name,
        };
        let currency = &line.currency;
        let sum = match (&line.list_price, &credit.list_amount, &credit.potential) {
            (Some(price), Some(list), Some(potential)) if credit.outcome.as_str() != "never" => {
                format!(
                    "{} x {price} = {list} {currency}, x {} = {potential} {currency}",
                    line.quantity, credit.rate
                )
            }
            (Some(price), Some(list), _) => format!("{} x {price} = {list} {currency}", line.quantity),
            (None, Some(list), Some(potential)) if credit.outcome.as_str() != "never" => {
                format!(
                    "{} through several tiers = {list} {currency}, x {} = {potential} {currency}",
                    line.quantity, credit.rate
                )
            }
            (None, Some(list), _) => format!("{} through several tiers = {list} {currency}", line.quantity),
            _ => format!("{} without a list price", line.quantity),
        };
        let mut page = self.look.wrap("  ", &format!("{what}: {sum}; {}", credit.reason));
        page += &self.look.wrap("    ", &format!("{} line {}", line.file, line.line));
        if let Some(before) = &line.quantity_before {
            let words = format!("units of the meter in the month before it: {before}");
            page += &self.look.wrap("    ", &words);
        }
        if let Some(price) = &line.price {
            let tiers: Vec<String> =
                price.price.tiers.iter().map(|tier| tier.unit_price.to_string()).collect();
            let start = price.start.map_or("ever".to_owned(), |at| at.to_string());
            let end = price.end.map_or("on".to_owned(), |at| format!("to {at}"));
            let tag = if price.price.third_party { ", tagged Third Party" } else { "" };
            let words = format!(
                "price list: {} {} from {start} {end}{tag}",
                tiers.join(", then "),
                price.price.currency
            );
            page += &self.look.wrap("    ", &words);
        }
        page
    }

    fn day(&self) -> String {
        let one = self.explanation;
        let mut page = self.look.heading(&format!("The day in UTC, {} to {}", one.day.start, one.day.end));
        page += &bar(&self.look, one.day, &one.timeline);
        if let Some(gap) = one.gap {
            let words = format!("first gap: {} to {}", clock(gap.start), clock_end(gap.end));
            page += &self.look.wrap("  ", &words);
        }
        page
    }

    fn grants(&self) -> String {
        let page = self.look.heading("Access that reaches it");
        if self.explanation.grants.is_empty() {
            return page + &self.look.wrap("  ", "none in these files");
        }
        let (counting, others): (Vec<_>, Vec<_>) = self.explanation.grants.iter().partition(|one| one.counts);
        page + &counting.into_iter().chain(others).map(|one| self.grant(one)).collect::<String>()
    }

    fn grant(&self, one: &GrantExplanation) -> String {
        let grant = &one.grant;
        let (tone, counts) = if one.counts { (Tone::Good, "counts") } else { (Tone::Bad, "no    ") };
        let role = one.role_name.clone().unwrap_or_else(|| format!("role {}", grant.role_id));
        let kind = grant.principal_kind.as_deref().unwrap_or("principal");
        let partner =
            grant.partner_id.as_ref().map_or(String::new(), |id| format!(" of partner {}", id.as_str()));
        let first = format!("  {}  ", self.look.paint(tone, counts));
        let blank = "          ";
        let mut page = self.look.wrap(&first, &format!("{role}: {}", one.why));
        page +=
            &self.look.wrap(blank, &format!("{kind} {}{partner}, {}", grant.principal_id, path(grant.path)));
        page += &self.look.wrap(blank, &format!("at {}", grant.scope));
        page += &self.look.wrap(blank, &grant.held());
        for place in &one.read_from {
            page += &self.look.wrap(blank, &format!("read from {}, {}", place.file, place.record));
        }
        page
    }

    fn remedy(&self) -> String {
        match &self.explanation.remedy {
            None => String::new(),
            Some(remedy) => {
                self.look.heading("What would have made it earned (tried: the day would be earned)")
                    + &self.look.wrap("  ", &remedy.says)
            }
        }
    }

    fn not_proved(&self) -> String {
        if self.explanation.not_proved.is_empty() {
            return String::new();
        }
        let notes = self.explanation.not_proved.iter().map(|note| self.look.wrap("  - ", note));
        self.look.heading("What is not proved") + &notes.collect::<String>()
    }

    fn rules(&self) -> String {
        let rule = |rule: &RuleUsed| {
            let start = rule.start.map_or(String::new(), |day| format!(", since {day}"));
            self.look.wrap("  - ", &format!("{}{start}", rule.says))
                + &self.look.paint(Tone::Quiet, &self.look.wrap("    ", &rule.source))
        };
        self.look.heading("By these rules") + &self.explanation.rules.iter().map(rule).collect::<String>()
    }
}

fn path(path: GrantPath) -> &'static str {
    match path {
        GrantPath::Aobo => "admin on behalf of",
        GrantPath::LighthouseOffer => "Azure Lighthouse by a Marketplace offer",
        GrantPath::LighthouseTemplate => "Azure Lighthouse by a template",
        GrantPath::Directory => "in the customer's tenant",
    }
}
