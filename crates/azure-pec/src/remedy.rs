//! The smallest change that makes a day earned, checked by making it.

use serde::Serialize;

use crate::calculator::Calculator;
use crate::change::Change;
use crate::day::Interval;
use crate::denial::Denial;
use crate::error::Error;
use crate::explain::Facts;
use crate::grant::{Grant, GrantPath};
use crate::ids::{Guid, PartnerId, PrincipalId, RoleId, TenantId};
use crate::partner::AoboGroupKind;
use crate::scope::Scope;
use crate::standing::Standing;
use crate::usage::UsageLine;
use crate::verdict::{Reason, Verdict};

/// Contributor: earns by the published table, and manages without giving access to others.
const CONTRIBUTOR: RoleId = RoleId(Guid::from_u128(0xb249_88ac_6180_42a0_ab88_20f7_382d_d24c));

/// What would have made the day earned.
#[derive(Debug, Clone, Serialize)]
pub struct Remedy {
    /// In words.
    pub says: String,
    /// The changes, which were tried and made the day earned.
    pub changes: Vec<Change>,
}

impl Calculator {
    /// The first of the candidate changes, the smallest first, that makes the day earned.
    pub(crate) fn remedy(
        &self,
        line: &UsageLine,
        facts: &Facts,
        verdict: Verdict,
        agreement: bool,
    ) -> Result<Option<Remedy>, Error> {
        let mut first = Vec::new();
        if agreement {
            first.push(Change::Agreement { start: facts.span.start, end: facts.span.end });
        } else if verdict.reason == Reason::Earned {
            return Ok(None);
        }
        for (says, mut changes) in self.candidates(facts, verdict) {
            changes.extend(first.iter().cloned());
            // A change that needs what was not given (a partner file) is no remedy here; the next may be.
            let Ok(changed) = self.with(&changes) else { continue };
            let after = changed.facts(line)?;
            if after.coverage.verdict(&after.span).reason == Reason::Earned {
                return Ok(Some(Remedy { says, changes }));
            }
        }
        Ok(None)
    }

    fn candidates(&self, facts: &Facts, verdict: Verdict) -> Vec<(String, Vec<Change>)> {
        if verdict.reason == Reason::Earned {
            return vec![("renew the partner agreement".to_owned(), Vec::new())];
        }
        let mut candidates = self.mended_standings(facts);
        let observe = Change::Observe {
            scope: Scope::subscription(facts.account.subscription),
            start: facts.span.start,
            end: facts.span.end,
        };
        candidates.push((
            "give an access export or log that covers the day, and shows the access as it is known"
                .to_owned(),
            vec![observe.clone()],
        ));
        let grant = self.reinstated(facts).unwrap_or_else(|| self.fresh_grant(facts));
        let role = self.rule().roles().name(grant.role_id).unwrap_or("the role").to_owned();
        let says = format!(
            "have {role} held at {} by {} from {} to {}",
            grant.scope, grant.principal_id, facts.span.start, facts.span.end
        );
        let add = Change::AddGrant { grant: Box::new(grant) };
        candidates.push((says.clone(), vec![add.clone()]));
        candidates.push((format!("{says}, and export the access after the day"), vec![add, observe]));
        candidates
    }

    /// What a grant that stands over the day lacks.
    fn mended_standings(&self, facts: &Facts) -> Vec<(String, Vec<Change>)> {
        let mut candidates = Vec::new();
        candidates.extend(self.lifted_denies(facts));
        for one in facts.standings.iter().filter(|one| one.times.overlaps(&facts.span)) {
            let Some(grant) = self.access.grants().get(one.grant) else { continue };
            let role = self.rule().roles().name(grant.role_id).unwrap_or("the role").to_owned();
            let principal = grant.principal_id;
            match one.standing {
                Standing::Unproven if grant.bounds().uncertain().overlaps(&facts.span) => candidates.push((
                    format!(
                        "give the activity log, or an access export, that shows {role} of {principal} all \
                         day: it is known to be held {}",
                        grant.held()
                    ),
                    vec![Change::Prove { grant_id: grant.id.clone() }],
                )),
                Standing::EligibleOnly => candidates.push((
                    format!("make the eligible assignment of {role} to {principal} permanent"),
                    vec![Change::MakePermanent { grant_id: grant.id.clone() }],
                )),
                Standing::PalMissing => candidates.push((
                    format!("link your partner id for {principal} (partner admin link)"),
                    vec![Change::Link {
                        principal_id: principal,
                        tenant_id: self.link_tenant(grant, facts),
                        start: facts.span.start,
                        end: facts.span.end,
                    }],
                )),
                Standing::PartnerUnknown => candidates.push((
                    format!("name {principal} in the partner file, if it is yours"),
                    vec![Change::NamePrincipal {
                        principal_id: principal,
                        foreign_group: grant.is_foreign_group(),
                    }],
                )),
                Standing::RoleUnknown | Standing::RoleNotEligible => {
                    let wider = self.of_the_day(grant, facts, CONTRIBUTOR);
                    candidates.push((
                        format!(
                            "assign an earning role, such as Contributor, to {principal} at {}",
                            grant.scope
                        ),
                        vec![Change::AddGrant { grant: Box::new(wider) }],
                    ));
                }
                _ => {}
            }
        }
        candidates
    }

    /// The deny assignments over the day: those that hold have to be lifted; of those that may hold it could be shown that they did
    /// not; where neither is enough, both have to go.
    fn lifted_denies(&self, facts: &Facts) -> Vec<(String, Vec<Change>)> {
        let is = |standing: Standing| facts.standings.iter().any(|one| one.standing == standing);
        let (node, exact) = self.access.nearest(&facts.scope);
        let mut denials = self.access.denials(&facts.account, node, exact);
        // What is denied to others alone takes nothing from the access that would count.
        let held = facts
            .standings
            .iter()
            .filter(|one| [Standing::Denied, Standing::Unproven].contains(&one.standing));
        let held: Vec<&Grant> = held.filter_map(|one| self.access.grants().get(one.grant)).collect();
        denials.retain(|one| held.iter().any(|grant| one.deny.reaches_principal(grant.principal_id)));
        let sure = |one: &&Denial<'_>| one.reach.sure.overlaps(&facts.span);
        let maybe = |one: &&Denial<'_>| one.reach.maybe.overlaps(&facts.span);
        let ids = |over: &dyn Fn(&&Denial<'_>) -> bool| -> Vec<&str> {
            denials.iter().filter(over).map(|one| one.deny.id.as_str()).collect()
        };
        let gone = |list: &str| format!("have the deny assignment {list} lifted");
        let shown =
            |list: &str| format!("give an export that shows that the deny assignment {list} did not hold");
        let lifted = |says: &dyn Fn(&str) -> String, ids: &[&str]| {
            let lift = |id: &&str| Change::LiftDeny { deny_id: (*id).to_owned() };
            (says(&ids.join(", ")), ids.iter().map(lift).collect::<Vec<_>>())
        };
        let (denied, unproven) = (is(Standing::Denied), is(Standing::Unproven));
        let mut candidates = Vec::new();
        candidates.extend(denied.then(|| lifted(&gone, &ids(&sure))));
        candidates.extend(unproven.then(|| lifted(&shown, &ids(&maybe))));
        candidates.extend(denied.then(|| lifted(&gone, &ids(&|one| sure(one) || maybe(one)))));
        candidates.retain(|(_, changes)| !changes.is_empty());
        candidates
    }

    fn link_tenant(&self, grant: &Grant, facts: &Facts) -> Option<TenantId> {
        match grant.path {
            GrantPath::LighthouseTemplate => self.partner.as_ref().and_then(|p| p.data.bill_to.tenant_id),
            _ => grant.tenant_id.or_else(|| facts.account.tenant()),
        }
    }

    /// The same grant for the day, by a role and as the billed partner's.
    fn of_the_day(&self, grant: &Grant, facts: &Facts, role_id: RoleId) -> Grant {
        Grant {
            id: format!("{}-kept", grant.id),
            role_id,
            eligible_only: false,
            partner_id: Some(self.own_partner()),
            condition: None,
            start: Some(facts.span.start),
            end: Some(facts.span.end),
            start_earliest: None,
            end_latest: None,
            evidence: Vec::new(),
            ..grant.clone()
        }
    }

    /// The partner's own grant that qualified last before the day or during it, kept up.
    fn reinstated(&self, facts: &Facts) -> Option<Grant> {
        let qualified = facts.standings.iter().filter(|one| one.standing == Standing::Qualifies);
        let until = |one: &&crate::standing::GrantStanding| one.times.intervals().last().map(|last| last.end);
        let last = qualified.max_by_key(until)?;
        let grant = self.access.grants().get(last.grant)?;
        Some(self.of_the_day(grant, facts, grant.role_id))
    }

    /// A new grant of the smallest scope, to the partner's own group where one is named: to AdminAgents before HelpdeskAgents,
    /// which a policy may ignore.
    fn fresh_grant(&self, facts: &Facts) -> Grant {
        let own = self.partner.iter().flat_map(|p| {
            let groups = p.data.aobo_groups.iter().flatten();
            groups.filter(|group| group.partner_id == p.data.bill_to.partner_id)
        });
        let group = own.min_by_key(|group| group.group != AoboGroupKind::AdminAgents);
        Grant {
            principal_id: group.map_or(PrincipalId(Guid::NIL), |group| group.principal_id),
            ..self.new_grant("new".to_owned(), CONTRIBUTOR, &facts.scope, facts.account.tenant(), facts.span)
        }
    }

    /// A grant to the billed partner's own AdminAgents group, for a span.
    pub(crate) fn new_grant(
        &self,
        id: String,
        role_id: RoleId,
        scope: &Scope,
        tenant_id: Option<TenantId>,
        span: Interval,
    ) -> Grant {
        Grant {
            id,
            tenant_id,
            path: GrantPath::Aobo,
            eligible_only: false,
            scope: scope.clone(),
            role_id,
            principal_id: self.own_group(),
            principal_kind: Some("ForeignGroup".to_owned()),
            partner_id: Some(self.own_partner()),
            start: Some(span.start),
            end: Some(span.end),
            start_earliest: None,
            end_latest: None,
            condition: None,
            reaches: Vec::new(),
            custom_role: None,
            evidence: Vec::new(),
        }
    }

    /// The billed partner's id; without a partner file every partner id counts.
    pub(crate) fn own_partner(&self) -> PartnerId {
        self.partner.as_ref().map_or_else(PartnerId::placeholder, |p| p.data.bill_to.partner_id.clone())
    }
}
