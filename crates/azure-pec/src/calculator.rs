//! The calculator: compiled once, immutable, shared; batches of usage in, credits out.
//!
//! Every way in ([`Calculator::credit`], [`Calculator::credit_batch`]) goes through a [`Session`], the hot path.

use std::sync::Arc;

use crate::access::AccessIndex;
use crate::account::Account;
use crate::coverage::Coverage;
use crate::credits::CreditBatch;
use crate::error::Error;
use crate::grant::AccessHistory;
use crate::partner::{Partner, PartnerIndex};
use crate::policy::{Policy, PriceSource, RoundingPolicy};
use crate::price::{PriceIndex, PriceList};
use crate::product::PRODUCT_FIELDS;
use crate::rule::Rule;
use crate::session::{PLACE_FIELDS, Session};
use crate::standing::{Context, GrantStanding};
use crate::usage::{Field, UsageBatch, UsageLine};
use crate::verdict::{Credit, Reason, Verdict};

/// Puts a [`Calculator`] together.
#[derive(Debug, Default)]
pub struct CalculatorBuilder {
    pub(crate) access: AccessHistory,
    prices: Option<PriceList>,
    compiled_prices: Option<Arc<PriceIndex>>,
    pub(crate) partner: Option<Partner>,
    pub(crate) policy: Policy,
    rule: Option<Rule>,
}

impl CalculatorBuilder {
    /// Who held what where and when. Left out, nothing was observed and no access is known.
    #[must_use]
    pub fn access(mut self, access: AccessHistory) -> Self {
        self.access = access;
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

    /// Checks everything and compiles it.
    ///
    /// # Errors
    /// `grant.inverted`, `hierarchy.cycle`, `hierarchy.two_parents`, `partner.duplicate`, `partner.conflict`,
    /// `price.overlap`, `price.tier_invalid`, `policy.invalid`, `rule.invalid`.
    pub fn build(self) -> Result<Calculator, Error> {
        // An empty list says nothing; it is as none.
        let prices = match self.prices.as_ref().filter(|list| !list.rows().is_empty()) {
            Some(list) => Some(Arc::new(PriceIndex::new(list)?)),
            None => self.compiled_prices,
        };
        refuse_what_is_not_rated(&self.policy, prices.as_deref())?;
        Ok(Calculator {
            access: AccessIndex::new(self.access, self.partner.as_ref())?,
            prices,
            partner: self.partner.map(PartnerIndex::new).transpose()?,
            policy: self.policy,
            rule: match self.rule {
                Some(rule) => rule,
                None => Rule::published()?,
            },
        })
    }
}

/// Tiers and rounding are not worked out yet: a number that ignored them would be wrong without a word.
fn refuse_what_is_not_rated(policy: &Policy, prices: Option<&PriceIndex>) -> Result<(), Error> {
    if policy.price_source == PriceSource::List && prices.is_some_and(PriceIndex::has_tiers) {
        return Err(Error::PolicyInvalid {
            key: "price_source".to_owned(),
            expected: "line, as the price list has tiers, which this version does not rate".to_owned(),
            found: "list".to_owned(),
        });
    }
    if policy.rounding != RoundingPolicy::Exact {
        return Err(Error::PolicyInvalid {
            key: "rounding".to_owned(),
            expected: "exact, the one rounding of this version".to_owned(),
            found: policy.rounding.as_str().to_owned(),
        });
    }
    Ok(())
}

/// Works out the credit of usage lines. Immutable; share it between threads as it is.
#[derive(Debug, Clone)]
pub struct Calculator {
    pub(crate) access: AccessIndex,
    prices: Option<Arc<PriceIndex>>,
    pub(crate) partner: Option<PartnerIndex>,
    policy: Policy,
    rule: Rule,
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

    /// Whether a price list was given.
    #[must_use]
    pub const fn has_prices(&self) -> bool {
        self.prices.is_some()
    }

    pub(crate) const fn context(&self) -> Context<'_> {
        Context { rule: &self.rule, policy: &self.policy, partner: self.partner.as_ref() }
    }

    pub(crate) fn prices(&self) -> Option<&PriceIndex> {
        self.prices.as_deref()
    }

    /// The inputs again, to be changed.
    pub(crate) fn to_builder(&self) -> CalculatorBuilder {
        CalculatorBuilder {
            access: self.access.history().clone(),
            prices: None,
            compiled_prices: self.prices.clone(),
            partner: self.partner.as_ref().map(|index| index.data.clone()),
            policy: self.policy.clone(),
            rule: Some(self.rule.clone()),
        }
    }

    /// The texts of a line that the answer depends on. A reader that leaves others out changes nothing.
    pub fn fields() -> impl Iterator<Item = Field> {
        PLACE_FIELDS.into_iter().chain(PRODUCT_FIELDS)
    }

    /// A worker's memory for any number of batches.
    #[must_use]
    pub fn session(&self) -> Session<'_> {
        Session::new(self)
    }

    /// The credit of one line.
    ///
    /// # Errors
    /// `id.invalid` where an id of the line is none: a line that cannot be placed is not judged.
    pub fn credit(&self, line: &UsageLine) -> Result<Credit, Error> {
        line.check()?;
        let mut batch = UsageBatch::new();
        batch.push_line(line, 1);
        let nowhere = || Credit::new(Verdict::of(Reason::NoScope), None, self.rule.rate(line.date));
        Ok(self.credit_batch(&batch).credit(0, &self.rule).unwrap_or_else(nowhere))
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
    /// The access at a node for an account.
    pub(crate) fn coverage(&self, account: &Account, node: &str, exact: bool) -> Coverage {
        let sight = self.access.sight(account, node);
        let standings = self.access.standings(self.context(), account, node, exact, &sight);
        Coverage::new(&self.policy, &standings, &sight)
    }

    /// What every grant that reaches a node is for an account.
    pub(crate) fn standings(&self, account: &Account, node: &str, exact: bool) -> Vec<GrantStanding> {
        let sight = self.access.sight(account, node);
        self.access.standings(self.context(), account, node, exact, &sight)
    }
}
