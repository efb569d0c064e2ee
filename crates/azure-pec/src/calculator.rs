//! The calculator: compiled once, immutable, shared; batches of usage in, credits out.
//!
//! A [`Session`] is one worker's memory: what a distinct product or resource is gets worked out when it is first seen,
//! and a line is then a few look-ups, one multiplication and one verdict. Every other way in ([`Calculator::credit`],
//! [`Calculator::credit_batch`]) goes through it.

use std::fmt;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::access::{AccessIndex, Context, GrantStanding};
use crate::account::{Account, AccountKey};
use crate::amount::Amount;
use crate::coverage::{Coverage, day_span};
use crate::day::{Day, Interval};
use crate::error::Error;
use crate::evidence::{DayEvidence, EvidenceMemory};
use crate::grant::AccessHistory;
use crate::ids::{Guid, SubscriptionId, TenantId};
use crate::partner::{Partner, PartnerIndex};
use crate::policy::{Policy, PriceSource, RoundingPolicy};
use crate::price::{PriceIndex, PriceList};
use crate::product::{Market, PRODUCT_FIELDS, Product, ProductKey};
use crate::rule::Rule;
use crate::scope::Scope;
use crate::usage::{Field, TextId, UsageBatch, UsageLine};
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
            access: AccessIndex::new(self.access)?,
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

/// The answers for the lines of a batch, in columns.
#[derive(Debug, Clone, Default)]
pub struct CreditBatch {
    verdicts: Vec<Verdict>,
    list_amounts: Vec<Option<Amount>>,
    rates: Vec<Option<usize>>,
    flags: Vec<Flags>,
}

/// What is to be warned of, line by line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Flags {
    /// The reseller of the line is not the partner file's.
    pub reseller_conflict: bool,
    /// The only market given was taken for the customer's.
    pub market_assumed: bool,
}

impl CreditBatch {
    /// The number of lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.verdicts.len()
    }

    /// Whether there is no line.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_empty()
    }

    /// Outcome and reason of each line.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.verdicts
    }

    /// The list amount of each line; none where no price is known.
    #[must_use]
    pub fn list_amounts(&self) -> &[Option<Amount>] {
        &self.list_amounts
    }

    /// The place of each line's rate in the rate table; none where the rate is 0.
    pub(crate) fn rates(&self) -> &[Option<usize>] {
        &self.rates
    }

    pub(crate) fn flags(&self) -> &[Flags] {
        &self.flags
    }

    /// The whole answer for one line.
    #[must_use]
    pub fn credit(&self, row: usize, rule: &Rule) -> Option<Credit> {
        let rate = rule.rate_at(self.rates.get(row).copied().flatten());
        Some(Credit::new(*self.verdicts.get(row)?, self.list_amounts.get(row)?.clone(), rate))
    }

    fn clear(&mut self) {
        self.verdicts.clear();
        self.list_amounts.clear();
        self.rates.clear();
        self.flags.clear();
    }
}

/// What tells a place in the eyes of the rule: the fields that decide on access.
const PLACE_FIELDS: [Field; 7] = [
    Field::CustomerId,
    Field::PlanId,
    Field::SubscriptionId,
    Field::ResellerId,
    Field::PartnerTenantId,
    Field::ResourceGroup,
    Field::ResourceId,
];

type PlaceKey = [TextId; PLACE_FIELDS.len()];

/// Where a line stands, worked out.
#[derive(Debug, Clone, Copy)]
struct Place {
    account: usize,
    coverage: usize,
    /// The line's partner tenant is the billed partner's, or one of the two is not known.
    tenant_fits: bool,
}

/// The answers of one coverage by day.
#[derive(Debug)]
struct DayTable {
    coverage: Coverage,
    /// For whom and where it is.
    account: usize,
    node: Box<str>,
    exact: bool,
    first: i32,
    verdicts: Vec<Option<Verdict>>,
}

/// Days that a table keeps; a line further from the first is worked out anew each time.
const TABLE_DAYS: i32 = 4096;

/// One worker's memory of what it has seen; a calculator may have any number of them at once.
pub struct Session<'c> {
    calculator: &'c Calculator,
    pool: Option<u64>,
    products: FxHashMap<ProductKey, usize>,
    product_table: Vec<Product<'c>>,
    places: FxHashMap<PlaceKey, Option<Place>>,
    markets: FxHashMap<[TextId; 3], Market>,
    account_keys: FxHashMap<AccountKey, usize>,
    accounts: Vec<Account>,
    coverage_keys: FxHashMap<(usize, Box<str>, bool), usize>,
    coverages: Vec<DayTable>,
    evidence: EvidenceMemory<'c>,
}

impl fmt::Debug for Session<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("products", &self.product_table.len())
            .field("places", &self.places.len())
            .field("coverages", &self.coverages.len())
            .finish_non_exhaustive()
    }
}

impl<'c> Session<'c> {
    fn new(calculator: &'c Calculator) -> Self {
        Self {
            calculator,
            pool: None,
            products: FxHashMap::default(),
            product_table: Vec::new(),
            places: FxHashMap::default(),
            markets: FxHashMap::default(),
            account_keys: FxHashMap::default(),
            accounts: Vec::new(),
            coverage_keys: FxHashMap::default(),
            coverages: Vec::new(),
            evidence: EvidenceMemory::default(),
        }
    }

    /// Fills `credits` with the answers for the lines of the batch, in their order.
    pub fn credit_batch(&mut self, batch: &UsageBatch, credits: &mut CreditBatch) {
        credits.clear();
        self.know_pool(batch);
        for row in 0..batch.len() {
            self.credit_row(batch, row, credits);
        }
    }

    /// Ids of another pool mean other texts.
    fn know_pool(&mut self, batch: &UsageBatch) {
        if self.pool != Some(batch.texts().id()) {
            self.pool = Some(batch.texts().id());
            self.products.clear();
            self.product_table.clear();
            self.places.clear();
            self.markets.clear();
        }
    }

    /// The list price that a line's amount was made with; none where there is none or several tiers made it.
    pub fn list_price<'s>(&'s mut self, batch: &'s UsageBatch, row: usize) -> Option<&'s Amount> {
        self.know_pool(batch);
        let day = batch.dates().get(row).copied()?;
        let market = self.market(batch, row);
        let product = self.product(batch, row, market);
        let own = batch.list_prices().get(row).and_then(Option::as_ref);
        self.product_table.get(product)?.list_price(self.calculator.policy.price_source, own, day)
    }

    /// What stands behind the access on a line's day; nothing for a line that stands nowhere.
    pub fn evidence(&mut self, batch: &UsageBatch, row: usize) -> DayEvidence<'_> {
        self.know_pool(batch);
        let nothing = DayEvidence::default();
        let Some(day) = batch.dates().get(row).copied() else { return nothing };
        let Some(place) = self.place(batch, row) else { return nothing };
        let Some(table) = self.coverages.get(place.coverage) else { return nothing };
        let Some(account) = self.accounts.get(table.account) else { return nothing };
        let standings = || self.calculator.standings(account, &table.node, table.exact);
        let span = day_span(&self.calculator.policy, day);
        let grants = self.calculator.access.grants();
        self.evidence.of(place.coverage, &span, &table.coverage, grants, standings)
    }

    fn credit_row(&mut self, batch: &UsageBatch, row: usize, credits: &mut CreditBatch) {
        let Some(day) = batch.dates().get(row).copied() else { return };
        let calculator = self.calculator;
        let market = self.market(batch, row);
        let product = self.product(batch, row, market);
        let place = self.place(batch, row);
        let mut flags = Flags { market_assumed: market.assumed, ..Flags::default() };
        let own = batch.list_prices().get(row).and_then(Option::as_ref);
        let price = self
            .product_table
            .get(product)
            .and_then(|product| product.list_price(calculator.policy.price_source, own, day));
        let list_amount = price.zip(batch.quantities().get(row)).map(|(price, quantity)| quantity * price);
        let verdict = self.verdict(product, place, day, &mut flags);
        credits.verdicts.push(verdict);
        credits.list_amounts.push(list_amount);
        credits.rates.push(calculator.rule.rate_index(day));
        credits.flags.push(flags);
    }

    /// The tests in the order of the contract; the first that holds is given.
    fn verdict(&mut self, product: usize, place: Option<Place>, day: Day, flags: &mut Flags) -> Verdict {
        let calculator = self.calculator;
        let Some(product) = self.product_table.get(product) else { return Verdict::of(Reason::NoScope) };
        if let Some(reason) = product.line_reason() {
            return Verdict::of(reason);
        }
        let Some(place) = place else { return Verdict::of(Reason::NoScope) };
        let account = self.accounts.get(place.account);
        let span = day_span(&calculator.policy, day);
        let last_tick = span.end.plus(-1);
        flags.reseller_conflict = account.is_some_and(|account| account.reseller_conflicts(last_tick));
        if let Some(reason) = product.product_reason(&calculator.rule, day) {
            return Verdict::of(reason);
        }
        if let (Some(partner), Some(account)) = (&calculator.partner, account) {
            if !place.tenant_fits || !partner.bills_us(account.subscription, last_tick) {
                return Verdict::of(Reason::NotBilled);
            }
            if !partner.has_agreement(&span) {
                return Verdict::of(Reason::NoAgreement);
            }
        }
        match self.coverages.get_mut(place.coverage) {
            Some(table) => table.verdict(day, &span),
            None => Verdict::of(Reason::NoScope),
        }
    }

    fn market(&mut self, batch: &UsageBatch, row: usize) -> Market {
        let customer = batch.id(Field::CustomerId, row);
        // Without a customer the subscription tells whose market it is.
        let key = if customer.is_empty() {
            [customer, batch.id(Field::SubscriptionId, row), batch.id(Field::ResourceId, row)]
        } else {
            [customer, TextId::EMPTY, TextId::EMPTY]
        };
        if let Some(market) = self.markets.get(&key) {
            return *market;
        }
        let market = Market::of(self.calculator, &|field| batch.text(field, row));
        self.markets.insert(key, market);
        market
    }

    fn product(&mut self, batch: &UsageBatch, row: usize, market: Market) -> usize {
        let key = Product::key(batch, row, market);
        if let Some(at) = self.products.get(&key) {
            return *at;
        }
        let at = self.product_table.len();
        self.product_table.push(Product::new(self.calculator, market, |field| batch.text(field, row)));
        self.products.insert(key, at);
        at
    }

    fn place(&mut self, batch: &UsageBatch, row: usize) -> Option<Place> {
        let key: PlaceKey = PLACE_FIELDS.map(|field| batch.id(field, row));
        if let Some(place) = self.places.get(&key) {
            return *place;
        }
        let place = self.find_place(|field| batch.text(field, row));
        self.places.insert(key, place);
        place
    }

    fn find_place<'t>(&mut self, text: impl Fn(Field) -> &'t str) -> Option<Place> {
        let calculator = self.calculator;
        let scope = line_scope(&text)?;
        let subscription = scope.subscription_id()?;
        let account = self.account(AccountKey {
            subscription,
            customer: text(Field::CustomerId).parse().ok(),
            plan: text(Field::PlanId).trim().to_ascii_lowercase(),
            reseller: text(Field::ResellerId).parse().ok(),
        });
        let (node, exact) = calculator.access.nearest_node(&scope);
        let coverage = self.coverage(account, node, exact);
        let own_tenant = calculator.partner.as_ref().and_then(|partner| partner.data.bill_to.tenant_id);
        let line_tenant =
            text(Field::PartnerTenantId).parse::<TenantId>().ok().filter(|id| id.0 != Guid::NIL);
        let tenant_fits = own_tenant.zip(line_tenant).is_none_or(|(own, line)| own == line);
        Some(Place { account, coverage, tenant_fits })
    }

    fn account(&mut self, key: AccountKey) -> usize {
        if let Some(at) = self.account_keys.get(&key) {
            return *at;
        }
        let at = self.accounts.len();
        self.accounts.push(self.calculator.access.account(self.calculator.context(), &key));
        self.account_keys.insert(key, at);
        at
    }

    fn coverage(&mut self, account: usize, node: &str, exact: bool) -> usize {
        let key = (account, Box::from(node), exact);
        if let Some(at) = self.coverage_keys.get(&key) {
            return *at;
        }
        let at = self.coverages.len();
        if let Some(whose) = self.accounts.get(account) {
            let coverage = self.calculator.coverage(whose, node, exact);
            let node = Box::from(node);
            self.coverages.push(DayTable { coverage, account, node, exact, first: 0, verdicts: Vec::new() });
        }
        self.coverage_keys.insert(key, at);
        at
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
    fn standings(&self, account: &Account, node: &str, exact: bool) -> Vec<GrantStanding> {
        let sight = self.access.sight(account, node);
        self.access.standings(self.context(), account, node, exact, &sight)
    }
}

impl DayTable {
    fn verdict(&mut self, day: Day, span: &Interval) -> Verdict {
        if self.verdicts.is_empty() {
            // Usage mostly comes by the month: room before the first day seen, too.
            self.first = day.number().saturating_sub(31);
        }
        let at = day.number().checked_sub(self.first).filter(|at| (0..TABLE_DAYS).contains(at));
        let Some(at) = at.and_then(|at| usize::try_from(at).ok()) else { return self.coverage.verdict(span) };
        if self.verdicts.len() <= at {
            self.verdicts.resize(at + 1, None);
        }
        match self.verdicts.get_mut(at) {
            Some(Some(known)) => *known,
            Some(place) => *place.insert(self.coverage.verdict(span)),
            None => self.coverage.verdict(span),
        }
    }
}

/// Where a line stands: its resource, else its resource group, else its subscription.
pub(crate) fn line_scope<'t>(text: &impl Fn(Field) -> &'t str) -> Option<Scope> {
    let resource = text(Field::ResourceId);
    if !resource.is_empty()
        && let Ok(scope) = resource.parse::<Scope>()
        && scope.subscription_id().is_some()
    {
        return Some(scope);
    }
    let subscription: SubscriptionId = text(Field::SubscriptionId).parse().ok()?;
    if subscription.0 == Guid::NIL {
        return None;
    }
    let group = text(Field::ResourceGroup).trim();
    if group.is_empty() {
        return Some(Scope::subscription(subscription));
    }
    Scope::resource_group(subscription, group).ok().or_else(|| Some(Scope::subscription(subscription)))
}
