//! The access given, held against the services delivered.

use std::collections::{BTreeMap, BTreeSet};

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::change::Change;
use crate::error::Error;
use crate::fix::Actor;
use crate::grant::Grant;
use crate::ids::{RoleId, SubscriptionId};
use crate::scope::{Scope, ScopeLevel};
use crate::standing::Standing;
use crate::statement_document::Period;
use crate::workload::{WorkPlace, Workload};

use super::catalogue::{Catalogue, Service, earns};
use super::document::{AccessAdvice, AdviceBody, AdviceKind, Money, Narrower, Proposal, ServiceAdvice};

/// The grants of the partner's by their place in the history, each with the places of usage that it reaches.
type Held = BTreeMap<usize, BTreeSet<usize>>;

struct Adviser<'a> {
    calculator: &'a Calculator,
    workload: &'a Workload,
    catalogue: &'a Catalogue,
    delivered: Vec<&'a Service>,
    held: Held,
}

impl Calculator {
    /// What the partner's access of a workload is for, and whether less would do. `services`: those delivered.
    ///
    /// # Errors
    /// `id.invalid` for a service that the catalogue does not hold; those of [`with`](Calculator::with).
    pub fn advise(
        &self,
        workload: &Workload,
        period: Period,
        services: &[String],
    ) -> Result<AdviceBody, Error> {
        let catalogue = Catalogue::published()?;
        let found: Result<Vec<&Service>, Error> = services.iter().map(|name| catalogue.find(name)).collect();
        let found = found?;
        // In the order of the catalogue, each once.
        let delivered: Vec<&Service> =
            catalogue.services().iter().filter(|service| found.contains(service)).collect();
        let adviser = Adviser {
            calculator: self,
            workload,
            catalogue: &catalogue,
            held: self.held_by_us(workload),
            delivered,
        };
        let mut access = Vec::new();
        for (at, places) in &adviser.held {
            if let Some(grant) = self.access.grants().get(*at) {
                access.push(adviser.access(grant, places)?);
            }
        }
        access.sort_by(|a, b| (&a.scope, &a.role, &a.grant_id).cmp(&(&b.scope, &b.role, &b.grant_id)));
        let told = |service: &Service| ServiceAdvice::new(service, self.rule());
        let shown = catalogue.services().iter();
        let is_shown =
            |service: &&Service| adviser.delivered.is_empty() || adviser.delivered.contains(service);
        Ok(AdviceBody {
            period,
            delivered: adviser.delivered.iter().map(|service| service.id.clone()).collect(),
            services: shown.filter(is_shown).map(told).collect(),
            access,
            proposals: adviser.proposals(),
            fairness: AdviceBody::FAIRNESS,
        })
    }

    /// The grants of the partner's that reach usage.
    fn held_by_us(&self, workload: &Workload) -> Held {
        let mut held = Held::new();
        for (at, place) in workload.places.iter().enumerate() {
            let account = self.access.account(self.context(), &place.key);
            let (node, exact) = self.access.nearest(&place.scope);
            for one in self.standings(&account, node, exact) {
                if !matches!(one.standing, Standing::OtherPartner | Standing::PartnerUnknown) {
                    held.entry(one.grant).or_default().insert(at);
                }
            }
        }
        held
    }
}

impl Adviser<'_> {
    fn access(&self, grant: &Grant, places: &BTreeSet<usize>) -> Result<AccessAdvice, Error> {
        let calculator = self.calculator;
        let revoke = Change::Revoke { grant_id: grant.id.clone(), at: None };
        let cells = self.cells(places);
        let credit = self.change_of_credit(&cells, std::slice::from_ref(&revoke))?;
        let serves = |services: &mut dyn Iterator<Item = &Service>| -> Vec<String> {
            services
                .filter(|service| service.is_served_by(grant.role_id))
                .map(|service| service.id.clone())
                .collect()
        };
        let needed: Vec<&Service> =
            self.delivered.iter().copied().filter(|service| service.is_served_by(grant.role_id)).collect();
        let narrower = self.narrower(grant, places, &needed, &cells, &revoke)?;
        let advice = match (self.delivered.is_empty(), needed.is_empty(), &narrower) {
            (true, ..) => AdviceKind::NameServices,
            (false, true, _)
                if earns(calculator.rule(), grant.role_id).is_none() && !self.is_known(grant) =>
            {
                AdviceKind::Unknown
            }
            (false, true, _) => AdviceKind::GiveBack,
            (false, false, Some(_)) => AdviceKind::Narrow,
            (false, false, None) => AdviceKind::Keep,
        };
        Ok(AccessAdvice {
            grant_id: grant.id.clone(),
            role: calculator.role_name(grant.role_id),
            role_id: grant.role_id,
            scope: grant.scope.clone(),
            principal_id: grant.principal_id,
            earns: earns(calculator.rule(), grant.role_id),
            credit: self.money(&credit.iter().map(|amount| -amount).collect::<Vec<_>>()),
            serves: serves(&mut self.catalogue.services().iter()),
            needed_for: needed.iter().map(|service| service.id.clone()).collect(),
            says: says(advice, &calculator.role_name(grant.role_id), narrower.as_ref()),
            advice,
            narrower,
        })
    }

    /// Whether the catalogue knows the role.
    fn is_known(&self, grant: &Grant) -> bool {
        self.catalogue.services().iter().any(|service| service.is_served_by(grant.role_id))
    }

    /// Less that serves what the grant is needed for: the narrowest roles that earn, where the usage stands if the credit
    /// is the same there, else where the grant stands. Without services Contributor in place of Owner: it serves all the
    /// same and gives nobody access.
    fn narrower(
        &self,
        grant: &Grant,
        places: &BTreeSet<usize>,
        needed: &[&Service],
        cells: &[usize],
        revoke: &Change,
    ) -> Result<Option<Narrower>, Error> {
        let rule = self.calculator.rule();
        let mut roles: Vec<(RoleId, &str)> = Vec::new();
        for role in needed.iter().filter_map(|service| service.narrowest(rule)) {
            if !roles.iter().any(|(own, _)| *own == role.role_id) {
                roles.push((role.role_id, role.level.as_str()));
            }
        }
        if self.delivered.is_empty() {
            let contributor = self.calculator.role("Contributor")?;
            let owner = self.calculator.role("Owner")?;
            roles.extend((grant.role_id == owner).then_some((contributor, "subscription")));
        }
        if roles.is_empty() {
            return Ok(None);
        }
        let same_role = roles.iter().all(|(role, _)| *role == grant.role_id);
        let above = self.scope_above(places);
        let narrow_scope = above.filter(|scope| {
            let group = roles.iter().all(|(_, level)| *level == "resource_group");
            let fits = group || scope.level() == ScopeLevel::Subscription;
            fits && !self.delivered.is_empty() && is_below(scope, &grant.scope)
        });
        if let Some(scope) = narrow_scope {
            let tried = self.tried(grant, &roles, &scope, cells, revoke)?;
            if tried.credit_survives {
                return Ok(Some(tried));
            }
        }
        if same_role {
            return Ok(None);
        }
        self.tried(grant, &roles, &grant.scope, cells, revoke).map(Some)
    }

    fn tried(
        &self,
        grant: &Grant,
        roles: &[(RoleId, &str)],
        scope: &Scope,
        cells: &[usize],
        revoke: &Change,
    ) -> Result<Narrower, Error> {
        let mut changes = vec![revoke.clone()];
        for (at, (role_id, _)) in roles.iter().enumerate() {
            let narrower = Grant {
                id: format!("{}-narrower-{}", grant.id, at + 1),
                role_id: *role_id,
                scope: scope.clone(),
                custom_role: None,
                evidence: Vec::new(),
                ..grant.clone()
            };
            changes.push(Change::AddGrant { grant: Box::new(narrower) });
        }
        let change = self.change_of_credit(cells, &changes)?;
        Ok(Narrower {
            roles: roles.iter().map(|(role, _)| self.calculator.role_name(*role)).collect(),
            role_ids: roles.iter().map(|(role, _)| *role).collect(),
            scope: scope.clone(),
            credit_survives: change.iter().all(Amount::is_zero),
            credit_change: self.money(&change),
            changes,
        })
    }

    fn cells(&self, places: &BTreeSet<usize>) -> Vec<usize> {
        let cells = self.workload.cells.iter().enumerate();
        cells.filter(|(_, cell)| places.contains(&cell.place)).map(|(at, _)| at).collect()
    }

    fn change_of_credit(&self, cells: &[usize], changes: &[Change]) -> Result<Vec<Amount>, Error> {
        let here = self.calculator.narrowed(&self.workload.subscriptions(cells))?;
        let before = self.workload.judge(&here, cells);
        let after = self.workload.judge(&here.with(changes)?, cells);
        Ok(self.workload.gain(cells, &before, &after))
    }

    fn money(&self, amounts: &[Amount]) -> Vec<Money> {
        let pairs = self.workload.currencies.iter().zip(amounts);
        let mut money: Vec<Money> = pairs
            .map(|(currency, amount)| Money { currency: currency.clone(), amount: amount.clone() })
            .collect();
        money.sort_by(|a, b| a.currency.cmp(&b.currency));
        money
    }

    /// The narrowest resource group or subscription above all the places; none above several subscriptions.
    fn scope_above(&self, places: &BTreeSet<usize>) -> Option<Scope> {
        above(places.iter().filter_map(|at| self.workload.places.get(*at)))
    }

    /// For each service delivered the subscriptions in which no access of the partner's serves it.
    fn proposals(&self) -> Vec<Proposal> {
        let calculator = self.calculator;
        let mut by_subscription: BTreeMap<SubscriptionId, Vec<(usize, &WorkPlace)>> = BTreeMap::new();
        for (at, place) in self.workload.places.iter().enumerate() {
            by_subscription.entry(place.key.subscription).or_default().push((at, place));
        }
        let mut proposals = Vec::new();
        for service in &self.delivered {
            let Some(role) = service.narrowest(calculator.rule()) else { continue };
            for (subscription, places) in &by_subscription {
                let served = self.held.iter().any(|(grant, reached)| {
                    let grant = calculator.access.grants().get(*grant);
                    grant.is_some_and(|grant| service.is_served_by(grant.role_id) && !grant.eligible_only)
                        && places.iter().any(|(at, _)| reached.contains(at))
                });
                let group = role.level == "resource_group";
                let scope = above(places.iter().map(|(_, place)| *place)).filter(|_| group);
                if served {
                    continue;
                }
                let scope = scope.unwrap_or_else(|| Scope::subscription(*subscription));
                proposals.push(Proposal {
                    service: service.id.clone(),
                    subscription: *subscription,
                    role: role.name.clone(),
                    role_id: role.role_id,
                    says: format!(
                        "if {} is delivered here, {} at {scope} is the least that serves it and earns; the customer \
                         decides",
                        service.name, role.name
                    ),
                    scope,
                    who: Actor::Customer,
                });
            }
        }
        proposals
    }
}

fn above<'p>(places: impl Iterator<Item = &'p WorkPlace>) -> Option<Scope> {
    let mut scope: Option<Scope> = None;
    for place in places {
        let own = place.above();
        scope = Some(match scope {
            None => own,
            Some(known) if known.contains(&own) => known,
            Some(known) if known.subscription_id() == own.subscription_id() => {
                Scope::subscription(place.key.subscription)
            }
            Some(_) => return None,
        });
    }
    scope
}

/// Whether a scope is narrower than another that stands above it.
fn is_below(scope: &Scope, other: &Scope) -> bool {
    scope != other && (other.is_above_subscriptions() || other.contains(scope))
}

fn says(advice: AdviceKind, role: &str, narrower: Option<&Narrower>) -> String {
    let instead = narrower.map(|less| {
        let credit = if less.credit_survives { "the credit stays" } else { "the credit changes" };
        format!("{} at {} would do, and {credit}", less.roles.join(" and "), less.scope)
    });
    match advice {
        AdviceKind::Keep => format!("{role} is the least that serves what is delivered and earns"),
        AdviceKind::Narrow => instead.unwrap_or_default(),
        AdviceKind::GiveBack => {
            format!("by the catalogue {role} serves no service that is delivered: give it back")
        }
        AdviceKind::Unknown => format!("no catalogue says what {role} serves"),
        AdviceKind::NameServices => {
            let name = "name the services that you deliver to see what it is needed for".to_owned();
            instead.map_or(name.clone(), |less| format!("{less}; {name}"))
        }
    }
}
