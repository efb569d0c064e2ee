//! One worker's memory: what a distinct product or place is gets worked out when it is first seen, and a line is then a
//! few look-ups by id, one multiplication and one verdict that is kept by day.

use std::fmt;

use rustc_hash::FxHashMap;

use crate::account::{Account, AccountKey};
use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::coverage::{Coverage, day_span};
use crate::credits::{CreditBatch, Flags};
use crate::day::{Day, Interval};
use crate::evidence::{DayEvidence, EvidenceMemory};
use crate::ids::{Guid, TenantId};
use crate::product::{Market, Product, ProductKey};
use crate::usage::{Field, TextId, UsageBatch, line_scope};
use crate::verdict::{Reason, Verdict};

/// What tells a place in the eyes of the rule: the fields that decide on access.
pub(crate) const PLACE_FIELDS: [Field; 7] = [
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
    pub(crate) fn new(calculator: &'c Calculator) -> Self {
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
        credits.set_rounding(self.calculator.policy());
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
        self.product_table.get(product)?.list_price(self.calculator.policy().price_source, own, day)
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
        let span = day_span(self.calculator.policy(), day);
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
        let known = self.product_table.get(product);
        let price = known.and_then(|product| product.list_price(calculator.policy().price_source, own, day));
        let list_amount = price.zip(batch.quantities().get(row)).map(|(price, quantity)| quantity * price);
        if let Some(product) = known.filter(|product| product.is_tiered()) {
            flags.tiered = true;
            flags.unrated = product.price(day).is_some_and(|price| price.single().is_none());
        }
        let verdict = self.verdict(product, place, day, &mut flags);
        credits.push(verdict, list_amount, calculator.rule().rate_index(day), flags);
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
        let span = day_span(calculator.policy(), day);
        let last_tick = span.end.plus(-1);
        flags.reseller_conflict = account.is_some_and(|account| account.reseller_conflicts(last_tick));
        if let Some(reason) = product.product_reason(calculator.rule(), day) {
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
