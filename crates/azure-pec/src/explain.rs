//! Why a resource's day is what it is: who held what when, what counts and what does not, and what would mend it.

use serde::Serialize;

use crate::account::{Account, AccountKey};
use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::coverage::{Coverage, day_span};
use crate::day::{Day, Instant, Interval, IntervalSet};
use crate::error::Error;
use crate::grant::Observed;
use crate::grant_explanation::GrantExplanation;
use crate::price::{Price, on_day};
use crate::product::{list_price, listed_prices};
use crate::remedy::Remedy;
use crate::scope::Scope;
use crate::standing::{GrantStanding, Sight, Standing, together};
use crate::usage::line_scope;
use crate::usage::{Field, UsageLine};
use crate::verdict::{Credit, Reason, Verdict};

/// `azure-pec/explanation/1`: one resource on one day.
#[derive(Debug, Clone, Serialize)]
pub struct Explanation {
    /// `azure-pec/explanation/1`.
    pub schema: &'static str,
    /// The resource, resource group or subscription.
    pub resource: String,
    /// The day.
    pub date: Day,
    /// The span that the day's access is tested over.
    pub day: Stretch,
    /// What the access alone comes to.
    pub access: AccessAnswer,
    /// The usage lines of the day.
    pub lines: Vec<LineExplanation>,
    /// The day in stretches, without gap or overlap.
    pub timeline: Vec<TimelineStretch>,
    /// The first stretch that no qualifying grant covers.
    pub gap: Option<Stretch>,
    /// Every grant that reaches the resource, and what it was that day.
    pub grants: Vec<GrantExplanation>,
    /// What is not proved.
    pub not_proved: Vec<String>,
    /// The rows of the rule that were used, each with its source.
    pub rules: Vec<RuleUsed>,
    /// The smallest change that makes the day earned; none where it is earned, or where nothing makes it so.
    pub remedy: Option<Remedy>,
}

/// A half-open stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Stretch {
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
}

impl From<Interval> for Stretch {
    fn from(interval: Interval) -> Self {
        Self { start: interval.start, end: interval.end }
    }
}

/// Outcome and reason in words.
#[derive(Debug, Clone, Serialize)]
pub struct AccessAnswer {
    /// Outcome and reason.
    pub outcome: crate::verdict::Outcome,
    /// The code.
    pub reason: Reason,
    /// The reason in words.
    pub says: String,
}

/// A usage line and its credit.
#[derive(Debug, Clone, Serialize)]
pub struct LineExplanation {
    /// The file.
    pub file: String,
    /// The line of it.
    pub line: u64,
    /// The meter.
    pub meter_id: String,
    /// Its name.
    pub meter_name: String,
    /// In units of measure.
    pub quantity: Amount,
    /// For one unit; none where several tiers made the amount.
    pub list_price: Option<Amount>,
    /// The month's quantity of the meter before the line, where tiers rate it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity_before: Option<Amount>,
    /// The pricing currency.
    pub currency: String,
    /// The answer.
    #[serde(flatten)]
    pub credit: Credit,
    /// The reason in words.
    pub says: String,
    /// The row of the price list that judged the product.
    pub price: Option<PriceUsed>,
}

/// A row of the price list.
#[derive(Debug, Clone, Serialize)]
pub struct PriceUsed {
    /// From when it holds.
    pub start: Option<Instant>,
    /// Until when.
    pub end: Option<Instant>,
    /// The row.
    #[serde(flatten)]
    pub price: Price,
}

/// A stretch of the day and what stands over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimelineStretch {
    /// Its first instant.
    pub start: Instant,
    /// The first instant after it.
    pub end: Instant,
    /// `qualifies`, `denied`, `unobserved`, `unproven`, `partner_unknown`, `role_unknown`, `eligible_only`,
    /// `pal_missing`, `other_partner`, `role_not_eligible` or `none`: the first of these that holds.
    pub standing: &'static str,
    /// The grants that are so.
    pub grants: Vec<String>,
}

/// A row of the rule.
#[derive(Debug, Clone, Serialize)]
pub struct RuleUsed {
    /// What it says.
    pub says: String,
    /// From which day.
    pub start: Option<Day>,
    /// Its source.
    pub source: String,
}

/// A usage line with the place it was read from.
#[derive(Debug, Clone)]
pub struct LocatedLine {
    /// The file.
    pub file: String,
    /// The line of it.
    pub number: u64,
    /// The line.
    pub line: UsageLine,
    /// The month's quantity of its meter before it, where tiers rate it (see
    /// [`CreditBatch`](crate::CreditBatch::quantity_before)); without it such a line has no amounts.
    pub quantity_before: Option<Amount>,
}

/// The access of a line, taken apart.
pub(crate) struct Facts {
    pub scope: Scope,
    pub account: Account,
    pub sight: Sight,
    pub standings: Vec<GrantStanding>,
    pub coverage: Coverage,
    pub span: Interval,
}

impl Calculator {
    /// Explains the lines of one resource and day. The first line says which; where there was no usage, a line of
    /// quantity 0 asks for the access alone.
    ///
    /// # Errors
    /// `id.invalid` where the first line names no place.
    pub fn explain(&self, context: &UsageLine, lines: &[LocatedLine]) -> Result<Explanation, Error> {
        let facts = self.facts(context)?;
        let verdict = facts.coverage.verdict(&facts.span);
        let lines: Vec<LineExplanation> =
            lines.iter().map(|line| self.explain_line(line)).collect::<Result<_, _>>()?;
        // A day that the product rules out has nothing to mend; one that is earned neither.
        let hopeless =
            !lines.is_empty() && lines.iter().all(|line| !line.credit.reason.is_mended_by_access());
        let agreement = lines.iter().any(|line| line.credit.reason == Reason::NoAgreement);
        let remedy = if hopeless { None } else { self.remedy(context, &facts, verdict, agreement)? };
        Ok(Explanation {
            schema: "azure-pec/explanation/1",
            resource: facts.scope.to_string(),
            date: context.date,
            day: facts.span.into(),
            access: AccessAnswer {
                outcome: verdict.outcome,
                reason: verdict.reason,
                says: self.says(verdict.reason),
            },
            timeline: timeline(&facts, self),
            gap: facts.coverage.qualified().first_gap(&facts.span).map(Stretch::from),
            grants: self.explain_grants(&facts),
            not_proved: self.not_proved(&facts),
            rules: self.rules_used(context.date, verdict, &lines),
            lines,
            remedy,
        })
    }

    /// The access of a line, taken apart.
    pub(crate) fn facts(&self, line: &UsageLine) -> Result<Facts, Error> {
        line.check()?;
        let text = |field: Field| line.text(field);
        let nowhere = || Error::IdInvalid {
            expected: "a resource, a resource group or a subscription",
            found: line.resource_id.clone(),
        };
        let scope = line_scope(&text).ok_or_else(nowhere)?;
        let subscription = scope.subscription_id().ok_or_else(nowhere)?;
        let key = AccountKey {
            subscription,
            customer: line.customer_id.parse().ok(),
            plan: line.plan_id.trim().to_ascii_lowercase(),
            reseller: line.reseller_id.parse().ok(),
        };
        let account = self.access.account(self.context(), &key);
        let (node, exact) = self.access.nearest(&scope);
        let sight = self.access.sight(&account, node);
        let standings = self.access.standings(self.context(), &account, node, exact, &sight);
        let coverage = Coverage::new(
            self.policy(),
            together(standings.iter().map(|one| (one.standing, &one.times))),
            &sight,
        );
        let span = day_span(self.policy(), line.date);
        Ok(Facts { account, sight, standings, coverage, span, scope })
    }

    fn says(&self, reason: Reason) -> String {
        self.rule().words(reason).map(|row| row.says.clone()).unwrap_or_default()
    }

    fn explain_line(&self, located: &LocatedLine) -> Result<LineExplanation, Error> {
        let line = &located.line;
        let before = located.quantity_before.as_ref();
        let credit = match before {
            Some(before) => self.credit_after(line, before)?,
            None => self.credit_unrated(line)?.0,
        };
        let on_list = on_day(listed_prices(self, &|field| line.text(field)), line.date);
        let price = on_list.map(|price| PriceUsed {
            start: (price.span.start != Instant::MIN).then_some(price.span.start),
            end: (price.span.end != Instant::MAX).then_some(price.span.end),
            price: price.clone(),
        });
        let own = line.list_price.as_ref();
        let listed = on_list.and_then(Price::single);
        let tier_price = before
            .and_then(|before| on_list.and_then(|price| price.unit_price(before, &line.quantity)).cloned());
        Ok(LineExplanation {
            file: located.file.clone(),
            line: located.number,
            meter_id: line.meter_id.clone(),
            meter_name: line.meter_name.clone(),
            quantity: line.quantity.clone(),
            list_price: list_price(self.policy().price_source, own, listed).cloned().or(tier_price),
            quantity_before: located.quantity_before.clone(),
            currency: if line.currency.is_empty() { "USD".to_owned() } else { line.currency.clone() },
            says: self.says(credit.reason),
            credit,
            price,
        })
    }

    fn not_proved(&self, facts: &Facts) -> Vec<String> {
        let mut notes = Vec::new();
        if facts.sight.last < facts.span.end {
            notes.push(if facts.sight.last == Instant::MIN {
                "no access export reaches this resource".to_owned()
            } else {
                format!("nothing was observed after {}", facts.sight.last)
            });
        }
        let seen = Interval { start: facts.span.start, end: facts.span.end.min(facts.sight.last) };
        if let Some(gap) = facts.sight.times.first_gap(&seen)
            && !facts.coverage.qualified().covers(&facts.span)
        {
            notes.push(format!("no history proves what was there {}", clock(&gap)));
        }
        notes.extend(self.uncertain_ends(facts));
        if facts.coverage.qualified().overlaps(&facts.span)
            && facts.standings.iter().any(|one| {
                one.standing == Standing::Qualifies
                    && self.access.grants().get(one.grant).is_some_and(|g| g.scope.is_above_subscriptions())
            })
        {
            notes.push("that access by a management group earns is inferred; no page says it".to_owned());
        }
        if matches!(self.access.history().observed, Observed::Complete) {
            notes.push("that the access history is complete is stated, not proved".to_owned());
        }
        notes
    }

    fn rules_used(&self, day: Day, verdict: Verdict, lines: &[LineExplanation]) -> Vec<RuleUsed> {
        let data = self.rule().data();
        let source = |name: &str| data.sources.get(name).cloned().unwrap_or_else(|| name.to_owned());
        let mut rules = Vec::new();
        if let Some(row) = self.rule().rate_index(day).and_then(|at| data.rate.get(at)) {
            rules.push(RuleUsed {
                says: format!("the rate is {}", row.rate),
                start: Some(row.start),
                source: source(&row.source),
            });
        }
        let mut reasons: Vec<Reason> =
            lines.iter().map(|line| line.credit.reason).chain([verdict.reason]).collect();
        reasons.sort_unstable();
        reasons.dedup();
        for reason in reasons {
            if let Some(row) = self.rule().words(reason) {
                let exclusion = data.exclusions.iter().find(|row| row.reason == reason.code());
                rules.push(RuleUsed {
                    says: format!("{reason}: {}", row.says),
                    start: exclusion.map(|row| row.start),
                    source: source(&row.source),
                });
            }
        }
        rules
    }
}

impl Standing {
    /// The word in documents.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Qualifies => "qualifies",
            Self::Denied => "denied",
            Self::Unproven => "unproven",
            Self::PartnerUnknown => "partner_unknown",
            Self::RoleUnknown => "role_unknown",
            Self::EligibleOnly => "eligible_only",
            Self::PalMissing => "pal_missing",
            Self::OtherPartner => "other_partner",
            Self::RoleNotEligible => "role_not_eligible",
        }
    }

    /// In words.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Qualifies => "counts",
            Self::Denied => "under a deny assignment",
            Self::Unproven => "not proved to reach or to have been there",
            Self::PartnerUnknown => "its partner is not known",
            Self::RoleUnknown => "its role is in no table, or under a condition",
            Self::EligibleOnly => "only eligible, not active",
            Self::PalMissing => "its principal has no partner admin link",
            Self::OtherPartner => "another partner's",
            Self::RoleNotEligible => "its role does not earn",
        }
    }
}

impl Reason {
    /// Whether a change of access could turn it into `earned`.
    #[must_use]
    pub fn is_mended_by_access(self) -> bool {
        self == Self::NoAgreement || self >= Self::Earned
    }
}

/// `00:00-13:37` within a day; with the date where it is longer.
pub(crate) fn clock(span: &Interval) -> String {
    let time = |at: Instant| {
        let text = at.to_string();
        text.split_once('T').map(|(_, time)| time.trim_end_matches('Z').to_owned()).unwrap_or(text)
    };
    let short = |text: String| text.strip_suffix(":00").map(ToOwned::to_owned).unwrap_or(text);
    let end =
        if span.end == span.start.day().next().start() { "24:00".to_owned() } else { short(time(span.end)) };
    format!("{} to {end}", short(time(span.start)))
}

/// The day in stretches, each with the first standing that holds over it.
fn timeline(facts: &Facts, calculator: &Calculator) -> Vec<TimelineStretch> {
    let mut points = vec![facts.span.start, facts.span.end];
    let sets = facts.standings.iter().map(|one| &one.times).chain([&facts.sight.times]);
    for interval in sets.flat_map(IntervalSet::intervals) {
        points.extend([interval.start, interval.end]);
    }
    points.push(facts.sight.last);
    points.retain(|point| facts.span.start <= *point && *point <= facts.span.end);
    points.sort_unstable();
    points.dedup();
    let mut stretches: Vec<TimelineStretch> = Vec::new();
    for (start, end) in points.iter().zip(points.iter().skip(1)) {
        let (standing, grants) = standing_at(facts, calculator, *start);
        match stretches.last_mut() {
            Some(last) if last.standing == standing && last.grants == grants => last.end = *end,
            _ => stretches.push(TimelineStretch { start: *start, end: *end, standing, grants }),
        }
    }
    stretches
}

fn standing_at(facts: &Facts, calculator: &Calculator, at: Instant) -> (&'static str, Vec<String>) {
    let here: Vec<&GrantStanding> = facts.standings.iter().filter(|one| one.times.contains(at)).collect();
    let of = |standing: Standing| -> Vec<String> {
        let grants = here.iter().filter(|one| one.standing == standing);
        let mut ids: Vec<String> = grants
            .filter_map(|one| calculator.access.grants().get(one.grant))
            .map(|g| g.id.clone())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        ids
    };
    let strongest = |from: Standing, to: Standing| {
        here.iter().map(|one| one.standing).filter(|one| (from..=to).contains(one)).min()
    };
    if let Some(standing) = strongest(Standing::Qualifies, Standing::Denied) {
        return (standing.code(), of(standing));
    }
    if at >= facts.sight.last {
        return ("unobserved", Vec::new());
    }
    if let Some(standing) = strongest(Standing::Unproven, Standing::RoleNotEligible) {
        return (standing.code(), of(standing));
    }
    if facts.sight.times.contains(at) { ("none", Vec::new()) } else { ("unproven", Vec::new()) }
}
