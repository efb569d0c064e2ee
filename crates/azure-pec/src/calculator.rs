//! The calculator: compiled once, immutable, shared; batches of usage in, credits out.
//!
//! Every way in ([`Calculator::credit`], [`Calculator::credit_batch`]) goes through a [`Session`], the hot path.

use std::sync::Arc;

use crate::access::{AccessIndex, Judged, NodeAt};
use crate::account::Account;
use crate::amount::Amount;
use crate::bundle::Bundle;
use crate::coverage::Coverage;
use crate::credits::CreditBatch;
use crate::error::Error;
use crate::fx::FxRates;
use crate::grant::{AccessHistory, Observed};
use crate::partner::{Partner, PartnerIndex};
use crate::policy::{Policy, PriceSource};
use crate::price::{PriceList, on_day};
use crate::price_index::PriceIndex;
use crate::product::listed_prices;
use crate::rule::Rule;
use crate::scope::Scope;
use crate::session::Session;
use crate::standing::{Context, GrantStanding};
use crate::usage::{Field, UsageLine};
use crate::usage_batch::UsageBatch;
use crate::verdict::{Credit, Reason, Verdict};

/// Puts a [`Calculator`] together.
#[derive(Debug, Default)]
pub struct CalculatorBuilder {
    pub(crate) access: Arc<AccessHistory>,
    prices: Option<PriceList>,
    compiled_prices: Option<Arc<PriceIndex>>,
    pub(crate) partner: Option<Partner>,
    pub(crate) policy: Policy,
    rule: Option<Rule>,
    pub(crate) exchange_rates: FxRates,
}

impl CalculatorBuilder {
    /// Who held what where and when. Left out, nothing was observed and no access is known.
    #[must_use]
    pub fn access(mut self, access: impl Into<Arc<AccessHistory>>) -> Self {
        self.access = access.into();
        self
    }

    /// The price list. Left out, products are judged by the usage line alone.
    #[must_use]
    pub fn prices(mut self, prices: PriceList) -> Self {
        self.prices = Some(prices);
        self
    }

    /// Who is billed and whose a principal is. Left out, every partner id on a grant counts.
    #[must_use]
    pub fn partner(mut self, partner: Partner) -> Self {
        self.partner = Some(partner);
        self
    }

    /// The answers to what Microsoft leaves open. Left out, the careful ones.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Other rule data than the published.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rule = Some(rule);
        self
    }

    /// Rates for lines that need one and name none; only `rounding = invoice_nested` needs any.
    #[must_use]
    pub fn exchange_rates(mut self, rates: FxRates) -> Self {
        self.exchange_rates = rates;
        self
    }

    /// The access, to be changed.
    pub(crate) fn access_mut(&mut self) -> &mut AccessHistory {
        Arc::make_mut(&mut self.access)
    }

    /// A price list that is compiled already.
    pub(crate) fn compiled_prices(mut self, prices: PriceIndex) -> Self {
        self.compiled_prices = Some(Arc::new(prices));
        self
    }

    /// Checks everything and compiles it.
    ///
    /// # Errors
    /// `grant.inverted`, `hierarchy.cycle`, `hierarchy.two_parents`, `partner.duplicate`, `partner.conflict`,
    /// `price.overlap`, `price.tier_invalid`, `policy.invalid`, `rule.invalid`.
    pub fn build(self) -> Result<Calculator, Error> {
        // An empty list says nothing; it is as none.
        let prices = match self.prices.as_ref().filter(|list| !list.is_empty()) {
            Some(list) => Some(Arc::new(PriceIndex::new(list)?)),
            None => self.compiled_prices,
        };
        Ok(Calculator {
            access: AccessIndex::new(self.access, self.partner.as_ref())?,
            prices,
            partner: self.partner.map(PartnerIndex::new).transpose()?,
            policy: self.policy,
            rule: match self.rule {
                Some(rule) => rule,
                None => Rule::published()?,
            },
            exchange_rates: self.exchange_rates,
        })
    }
}

/// Works out the credit of usage lines. Immutable; share it between threads as it is.
#[derive(Debug, Clone)]
pub struct Calculator {
    pub(crate) access: AccessIndex,
    prices: Option<Arc<PriceIndex>>,
    pub(crate) partner: Option<PartnerIndex>,
    policy: Policy,
    rule: Rule,
    exchange_rates: FxRates,
}

impl Calculator {
    /// Starts to put one together.
    #[must_use]
    pub fn builder() -> CalculatorBuilder {
        CalculatorBuilder::default()
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The rule.
    #[must_use]
    pub const fn rule(&self) -> &Rule {
        &self.rule
    }

    /// The access history that it was made from.
    #[must_use]
    pub fn access_history(&self) -> &AccessHistory {
        self.access.history()
    }

    pub(crate) const fn exchange_rates(&self) -> &FxRates {
        &self.exchange_rates
    }

    /// Whether a price list was given.
    #[must_use]
    pub const fn has_prices(&self) -> bool {
        self.prices.is_some()
    }

    /// Whether lines are rated by tiers (`price_source = list` and a price list that has some). Then the amount of a
    /// line of such a meter depends on the month before it: see [`CreditBatch::needs_rating`].
    #[must_use]
    pub fn rates_tiers(&self) -> bool {
        self.policy.price_source == PriceSource::List && self.prices().is_some_and(PriceIndex::has_tiers)
    }

    /// Whether tiers may decide on the amount of a meter's lines, whatever else they say; of lines without a meter they
    /// may wherever tiers are rated. Only of such lines a statement needs its
    /// [further fields](crate::Statement::further_fields) where tiers are rated.
    #[must_use]
    pub fn may_rate_by_tiers(&self, meter: &str) -> bool {
        let meter = meter.trim();
        self.rates_tiers()
            && (meter.is_empty() || self.prices().is_some_and(|index| index.has_tiered_meter(meter)))
    }

    pub(crate) const fn context(&self) -> Context<'_> {
        Context { rule: &self.rule, policy: &self.policy, partner: self.partner.as_ref() }
    }

    pub(crate) fn prices(&self) -> Option<&PriceIndex> {
        self.prices.as_deref()
    }

    /// The inputs again, to be changed.
    pub(crate) fn to_builder(&self) -> CalculatorBuilder {
        self.builder_with(Arc::clone(self.access.history()))
    }

    /// The inputs again, with the access at and above some scopes alone.
    pub(crate) fn to_builder_of(&self, keeps: &dyn Fn(&Scope) -> bool) -> CalculatorBuilder {
        let history = self.access.history();
        let access = AccessHistory {
            observed: match &history.observed {
                Observed::Complete => Observed::Complete,
                Observed::Windows(windows) => {
                    Observed::Windows(windows.iter().filter(|window| keeps(&window.scope)).cloned().collect())
                }
            },
            grants: history.grants.iter().filter(|grant| keeps(&grant.scope)).cloned().collect(),
            denies: history.denies.iter().filter(|deny| keeps(&deny.scope)).cloned().collect(),
            hierarchy: history.hierarchy.iter().filter(|entry| keeps(&entry.child)).cloned().collect(),
            roles: history.roles.clone(),
            links: history.links.clone(),
            nameless: history.nameless.iter().filter(|one| keeps(&one.scope)).cloned().collect(),
            moves: history.moves.iter().filter(|moved| keeps(&moved.scope)).cloned().collect(),
        };
        self.builder_with(Arc::new(access))
    }

    fn builder_with(&self, access: Arc<AccessHistory>) -> CalculatorBuilder {
        CalculatorBuilder {
            access,
            prices: None,
            compiled_prices: self.prices.clone(),
            partner: self.partner.as_ref().map(|index| index.data.clone()),
            policy: self.policy.clone(),
            rule: Some(self.rule.clone()),
            exchange_rates: self.exchange_rates.clone(),
        }
    }

    /// The texts of a line that the answer depends on. A reader that leaves others out changes nothing, but where tiers
    /// are [rated](Calculator::rates_tiers): there every text has its say in the order of lines that tie, as far as
    /// they are not [summed up together](crate::Statement::further_fields).
    pub fn fields() -> impl Iterator<Item = Field> {
        let names = [Field::CustomerName, Field::SubscriptionName];
        let fields = Bundle::ALL.into_iter().flat_map(Bundle::fields).copied();
        fields.filter(move |field| !names.contains(field))
    }

    /// A worker's memory for any number of batches.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        Session::new(self)
    }

    /// The credit of one line.
    ///
    /// # Errors
    /// `id.invalid` where an id of the line is none: a line that cannot be placed is not judged. `price.tiered` where
    /// tiers rate the line: then [`credit_after`](Calculator::credit_after) is to be asked.
    pub fn credit(&self, line: &UsageLine) -> Result<Credit, Error> {
        let (credit, needs_rating) = self.credit_unrated(line)?;
        if needs_rating {
            return Err(Error::PriceTiered { meter: line.meter_id.clone(), date: line.date });
        }
        Ok(credit)
    }

    /// The credit of one line before which the month's quantity of its meter (in the plan or subscription, by the policy
    /// `tier_scope`) has reached `before`. For a line that no tiers rate, what [`credit`](Calculator::credit) says.
    ///
    /// # Errors
    /// `id.invalid` as there.
    pub fn credit_after(&self, line: &UsageLine, before: &Amount) -> Result<Credit, Error> {
        let (credit, needs_rating) = self.credit_unrated(line)?;
        if !needs_rating {
            return Ok(credit);
        }
        let price = on_day(listed_prices(self, &|field| line.text(field)), line.date);
        let list = price.map(|price| price.amount(before, &line.quantity));
        let verdict = Verdict { outcome: credit.outcome, reason: credit.reason };
        Ok(Credit::new(verdict, list, credit.rate))
    }

    /// The credit of a line, and whether its amounts wait for the quantity before it.
    pub(crate) fn credit_unrated(&self, line: &UsageLine) -> Result<(Credit, bool), Error> {
        line.check()?;
        let mut batch = UsageBatch::new();
        batch.push_line(line, 1);
        let credits = self.credit_batch(&batch);
        let nowhere = || Credit::new(Verdict::of(Reason::NoScope), None, self.rule.rate(line.date));
        Ok((credits.credit(0, &self.rule).unwrap_or_else(nowhere), credits.needs_rating(0)))
    }

    /// The credits of a batch, one for each line in the same order. For many batches keep a [`Session`].
    #[must_use]
    pub fn credit_batch(&self, batch: &UsageBatch) -> CreditBatch {
        let mut credits = CreditBatch::default();
        self.session().credit_batch(batch, &mut credits);
        credits
    }
}

impl Calculator {
    /// The access at a node for an account, for which grants may have been judged before.
    pub(crate) fn coverage(
        &self,
        account: &Account,
        node: NodeAt,
        exact: bool,
        judged: &mut Judged,
    ) -> Coverage {
        let sight = self.access.sight(account, node);
        let sets = self.access.standing_sets(self.context(), account, node, exact, &sight, judged);
        Coverage::new(&self.policy, sets, &sight)
    }

    /// What every grant that reaches a node is for an account.
    pub(crate) fn standings(&self, account: &Account, node: NodeAt, exact: bool) -> Vec<GrantStanding> {
        let sight = self.access.sight(account, node);
        self.access.standings(self.context(), account, node, exact, &sight)
    }
}
