//! What is missing for an answer, in lines that a person understands.

use std::collections::{BTreeMap, BTreeSet};

use azure_pec::{
    Absence, Amount, Calculator, Day, ForeignGroup, Interval, Partner, PriceList, SubscriptionId, TenantId,
    UsageLine,
};

use crate::error::{Error, Fault, Place};
use crate::inputs::Inputs;
use crate::inspect::days_of;
use crate::manifest::two_runs;
use crate::usage_survey::{Survey, Used};

/// So many of a list are shown by name.
const SHOWN: usize = 3;

/// What is missing: of the usage, the access, the prices and the partner, in this order.
pub(crate) fn missing(
    inputs: &Inputs,
    calculator: &Calculator,
    survey: &Survey,
) -> Result<Vec<String>, Error> {
    let mut lines = Vec::new();
    usage(inputs, survey, &mut lines);
    access(inputs, calculator, survey, &mut lines)?;
    prices(inputs, survey, &mut lines);
    if inputs.partner.is_none() {
        lines.push(match inputs.policy.foreign_group {
            ForeignGroup::Unknown => "no partner file: foreign groups stay unknown".to_owned(),
            ForeignGroup::Trust => {
                "no partner file: every partner id counts, and whose a user or group is stays unknown"
                    .to_owned()
            }
        });
    }
    Ok(lines)
}

fn usage(inputs: &Inputs, survey: &Survey, lines: &mut Vec<String>) {
    if inputs.usage.is_empty() {
        lines.push("no usage file: nothing can be credited".to_owned());
    }
    if survey.periods.len() > 1 {
        let names: Vec<&str> = survey.periods.keys().map(|kind| kind.name()).collect();
        let kinds = names.join(" and ");
        lines.push(format!("one kind of usage only: there are {kinds}; choose with --usage"));
    }
    if let Some(runs) = two_runs(&inputs.manifests, &inputs.usage) {
        lines.push(format!("one run of an export only: {runs}"));
    }
    if let (Some(first), Some(last)) = (survey.days.first(), survey.days.last()) {
        let (mut empty, mut day) = (Vec::new(), *first);
        // A stray date a century away is no gap to list day by day.
        while day < *last && last.number() - first.number() <= 3660 {
            if !survey.days.contains(&day) {
                empty.push(day.interval());
            }
            day = day.next();
        }
        lines.extend(stretches(&empty).iter().map(|days| format!("no usage of {days}")));
    }
    if survey.without_prices && inputs.needs_own_prices() {
        lines.push("no list prices, neither in the usage nor by a price list: no amounts".to_owned());
    }
}

fn access(
    inputs: &Inputs,
    calculator: &Calculator,
    survey: &Survey,
    lines: &mut Vec<String>,
) -> Result<(), Error> {
    if inputs.access.is_none() {
        lines.push("no access data: every day that could earn stays unknown".to_owned());
        return Ok(());
    }
    let mut unseen = Vec::new();
    let mut seen_in_part: BTreeMap<Vec<String>, Vec<SubscriptionId>> = BTreeMap::new();
    for (id, used) in &survey.subscriptions {
        let span = Interval { start: used.first.start(), end: used.last.next().start() };
        let observed = calculator.observation(&place(*id, used), &span);
        let observed = observed.map_err(|error| Fault::Value(error).at(Place::default()))?;
        if !observed.any {
            unseen.push(*id);
        } else if !observed.gaps.is_empty() {
            seen_in_part.entry(stretches(&observed.gaps)).or_default().push(*id);
        }
    }
    if !unseen.is_empty() {
        let count = counted(unseen.len(), "subscription");
        lines.push(format!("usage of {count} has no access export: {}", some(&unseen)));
    }
    let then = match inputs.policy.absence {
        Absence::RequireProof => "stay unknown",
        Absence::Assume => "are taken for days without access, as the policy says",
    };
    for (days, ids) in seen_in_part {
        let days = days.join(", ");
        let of = if ids.len() == 1 { "subscription" } else { "the subscriptions" };
        lines.push(format!(
            "no access history covers {days} of {of} {}: days without a grant {then}",
            some(&ids)
        ));
    }
    for finding in inputs.findings.iter().filter(|finding| finding.code != "access.time_assumed") {
        lines.push(match next_export(finding.code) {
            Some(next) => format!("{}: {next}", finding.message),
            None => finding.message.clone(),
        });
    }
    if inputs.warnings.iter().any(|(code, _)| *code == "access.time_assumed") {
        lines.push(
            "when an access export was taken: nothing says it; state it with --taken-at or an envelope"
                .to_owned(),
        );
    }
    Ok(())
}

/// What to export so that a finding is settled, where an export can settle it.
fn next_export(code: &str) -> Option<&'static str> {
    Some(match code {
        "access.log_hole" => "export the log of that time, while it is kept (90 days)",
        "access.log_without_list" => "export the role assignments of the place, taken before the log ends",
        "access.log_incomplete" => "export the log again, from before its first event, with all its pages",
        "access.log_tail" => "export the log again some minutes after the list",
        "access.group_uncovered" => "export the logs and role assignments of the management groups too",
        "access.no_hierarchy" | "access.reach_unproven" => {
            "export the management groups (az account management-group entities list)"
        }
        "access.nameless_event" => "export the role assignments and the Lighthouse delegations after it",
        _ => return None,
    })
}

/// The subscription as a place to ask about.
fn place(id: SubscriptionId, used: &Used) -> UsageLine {
    let mut line = UsageLine::new(used.first, Amount::ZERO);
    line.subscription_id = id.to_string();
    line.customer_id = used.customer.map(|id| id.to_string()).unwrap_or_default();
    line
}

fn prices(inputs: &Inputs, survey: &Survey, lines: &mut Vec<String>) {
    let Some(list) = inputs.prices.as_ref().filter(|list| !list.is_empty()) else {
        lines.push("no price list: third-party products cannot be told from Microsoft's".to_owned());
        return;
    };
    let listed: BTreeSet<String> = list.rows().map(|row| row.market.trim().to_uppercase()).collect();
    let mut wanted: BTreeMap<String, (Day, Day)> = BTreeMap::new();
    let mut homeless = BTreeSet::new();
    for (id, used) in &survey.subscriptions {
        let market = market(inputs.partner.as_ref(), *id, used).or_else(|| match listed.first() {
            Some(only) if listed.len() == 1 => Some(only.clone()),
            _ => None,
        });
        match (market, used.customer) {
            (Some(market), _) => {
                let days = wanted.entry(market).or_insert((used.first, used.last));
                *days = (days.0.min(used.first), days.1.max(used.last));
            }
            (None, Some(customer)) => {
                homeless.insert(customer);
            }
            (None, None) => {}
        }
    }
    for (market, (first, last)) in wanted {
        if listed.contains(&market) {
            lines.extend(uncovered(list, &market, first, last));
        } else {
            lines.push(format!("no price list of market {market}: its customers' products stay unknown"));
        }
    }
    if !homeless.is_empty() {
        let count = counted(homeless.len(), "customer");
        let ids = some(&homeless.into_iter().collect::<Vec<TenantId>>());
        lines.push(format!("no market of {count}, with several markets' price lists given: {ids}"));
    }
}

/// The market of a subscription's customer by the partner file.
fn market(partner: Option<&Partner>, id: SubscriptionId, used: &Used) -> Option<String> {
    let customers = &partner?.customers;
    let named = customers.iter().find(|customer| Some(customer.customer_id) == used.customer);
    let of = named.or_else(|| customers.iter().find(|customer| customer.subscriptions.contains(&id)))?;
    of.market.as_ref().map(|market| market.trim().to_uppercase())
}

/// The days before the first and after the last price of a market.
fn uncovered(list: &PriceList, market: &str, first: Day, last: Day) -> Vec<String> {
    let rows = list.rows().filter(|row| row.market.trim().eq_ignore_ascii_case(market));
    let (start, end) = days_of(rows.map(|row| Interval::new(row.start, row.end)));
    let mut gaps = Vec::new();
    if let Some(start) = start.filter(|start| first < *start) {
        gaps.push(Interval { start: first.start(), end: start.start().min(last.next().start()) });
    }
    if let Some(end) = end.filter(|end| *end < last) {
        gaps.push(Interval { start: end.next().start().max(first.start()), end: last.next().start() });
    }
    stretches(&gaps).into_iter().map(|days| format!("no price of market {market} for {days}")).collect()
}

/// The days that spans touch, neighbours together: `2026-10-01 to 2026-10-31`.
fn stretches(spans: &[Interval]) -> Vec<String> {
    let mut runs: Vec<(Day, Day)> = Vec::new();
    for span in spans {
        let (first, last) = (span.start.day(), span.end.plus(-1).day());
        match runs.last_mut() {
            Some((_, end)) if first.number() <= end.number() + 1 => *end = last.max(*end),
            _ => runs.push((first, last)),
        }
    }
    let words = |(first, last): (Day, Day)| match first == last {
        true => first.to_string(),
        false => format!("{first} to {last}"),
    };
    runs.into_iter().map(words).collect()
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

/// The first few by name, the others by number.
pub(crate) fn some<T: ToString>(ids: &[T]) -> String {
    let shown: Vec<String> = ids.iter().take(SHOWN).map(ToString::to_string).collect();
    match ids.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
