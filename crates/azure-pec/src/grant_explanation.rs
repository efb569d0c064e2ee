//! What each grant was on a day, in words.

use serde::Serialize;

use crate::calculator::Calculator;
use crate::day::Instant;
use crate::explain::{Facts, clock};
use crate::grant::{Evidence, Grant};
use crate::policy::ManagementGroup;
use crate::reach::Reach;
use crate::standing::{GrantStanding, Standing};

/// A grant, and what it was on the day.
#[derive(Debug, Clone, Serialize)]
pub struct GrantExplanation {
    /// The grant.
    #[serde(flatten)]
    pub grant: Grant,
    /// The role's name in the table.
    pub role_name: Option<String>,
    /// Whether it counts for any part of the day.
    pub counts: bool,
    /// What it was that day, in words.
    pub why: String,
    /// Where it was read.
    pub read_from: Vec<Evidence>,
}

impl Calculator {
    /// Every grant that reaches the place at some time, or may.
    pub(crate) fn explain_grants(&self, facts: &Facts) -> Vec<GrantExplanation> {
        let mut reaching: Vec<usize> = self.access.grants_over(&facts.scope).collect();
        reaching.retain(|at| {
            self.access.grants().get(*at).is_some_and(|grant| {
                Reach::new(&grant.scope, grant.tenant_id, &grant.reaches, &facts.account).is_any()
            })
        });
        reaching.sort_by(|a, b| self.order(*a).cmp(&self.order(*b)));
        reaching
            .into_iter()
            .filter_map(|at| {
                let grant = self.access.grants().get(at)?;
                let parts: Vec<&GrantStanding> = facts
                    .standings
                    .iter()
                    .filter(|one| one.grant == at && one.times.overlaps(&facts.span))
                    .collect();
                let counts = parts.iter().any(|one| one.standing == Standing::Qualifies);
                Some(GrantExplanation {
                    role_name: self.rule().roles().name(grant.role_id).map(ToOwned::to_owned),
                    counts,
                    why: self.why(grant, &parts, facts),
                    read_from: grant.evidence.clone(),
                    grant: Grant { evidence: Vec::new(), ..grant.clone() },
                })
            })
            .collect()
    }

    /// Grants in the order of their start, then id.
    fn order(&self, at: usize) -> (Option<Instant>, &str) {
        self.access.grants().get(at).map_or((None, ""), |grant| (grant.start, grant.id.as_str()))
    }

    /// What a grant was that day, in words.
    fn why(&self, grant: &Grant, parts: &[&GrantStanding], facts: &Facts) -> String {
        if parts.is_empty() {
            return self.why_not(grant, facts);
        }
        let mut words = Vec::new();
        for part in parts {
            let times = part.times.within(&facts.span);
            let whole = times.covers(&facts.span);
            let spans: Vec<String> = times.intervals().iter().map(clock).collect();
            let when = if whole { "all day".to_owned() } else { spans.join(", ") };
            words.push(format!("{} ({when})", part.standing.words()));
        }
        words.join("; ")
    }

    fn why_not(&self, grant: &Grant, facts: &Facts) -> String {
        let bounds = grant.bounds();
        if bounds.widest.end <= facts.span.start {
            return format!("ended {}", when(bounds.sure.end, bounds.widest.end));
        }
        if bounds.widest.start >= facts.span.end {
            return format!("starts {}", when(bounds.widest.start, bounds.sure.start));
        }
        if grant.scope.is_above_subscriptions() && self.policy().management_group == ManagementGroup::Ignore {
            return "above the subscription, and the policy management_group is ignore".to_owned();
        }
        if facts.sight.last <= facts.span.start {
            return format!("not observed after {}", facts.sight.last);
        }
        if bounds.sure.end <= facts.span.start {
            let ended = when(bounds.sure.end, bounds.widest.end);
            return format!("ended {ended}, and is not taken to have held that day");
        }
        if bounds.sure.start >= facts.span.end {
            let started = when(bounds.widest.start, bounds.sure.start);
            return format!("started {started}, and is not taken to have held that day");
        }
        if grant.eligible_only {
            return "only eligible, and by no earning role of yours".to_owned();
        }
        "the customer's own, or nobody's that counts".to_owned()
    }

    /// The ends within the day that are known only within bounds, of grants that would help.
    pub(crate) fn uncertain_ends(&self, facts: &Facts) -> Vec<String> {
        let unproven = facts.standings.iter().filter(|one| one.standing == Standing::Unproven);
        let grants = unproven.filter_map(|one| self.access.grants().get(one.grant));
        let uncertain = grants.filter(|grant| grant.bounds().uncertain().overlaps(&facts.span));
        let mut notes: Vec<String> = uncertain
            .map(|grant| format!("whether {} was held all day: {}", grant.id, grant.held()))
            .collect();
        notes.dedup();
        notes
    }
}

impl Grant {
    /// From when to when it was held, in words; where an end is known only within bounds, between which.
    #[must_use]
    pub fn held(&self) -> String {
        let bounds = self.bounds();
        let start = match self.start {
            None => "since ever".to_owned(),
            Some(start) => format!("from {}", moment(bounds.widest.start, start)),
        };
        let end = match self.end {
            None => "still held".to_owned(),
            Some(end) => format!("to {}", moment(end, bounds.widest.end)),
        };
        format!("{start}, {end}")
    }
}

/// `at` a moment, or between two.
fn when(from: Instant, to: Instant) -> String {
    let at = if from == to { "at " } else { "" };
    format!("{at}{}", moment(from, to))
}

/// A moment that is known to lie between two, which may be the same.
fn moment(from: Instant, to: Instant) -> String {
    if from == to { to.to_string() } else { format!("between {from} and {to}") }
}
