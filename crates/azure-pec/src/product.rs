//! What a line's product is in the eyes of the rule: worked out once for each distinct product.

use crate::amount::Amount;
use crate::calculator::Calculator;
use crate::day::{Day, Instant};
use crate::ids::TenantId;
use crate::listed::{Listed, Quote};
use crate::policy::PriceSource;
use crate::price::Price;
use crate::price_index::PriceIndex;
use crate::rule::Rule;
use crate::usage::Field;
use crate::usage::line_scope;
use crate::verdict::Reason;

/// Whose price list judges a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Market {
    /// Its place among the markets of the lists; none where the customer's is not stated and several are given, or
    /// where it is stated and no list is of it.
    index: Option<u32>,
    /// The only market given was taken.
    pub assumed: bool,
}

impl Market {
    /// The market of a line's customer, whom the partner file may know by the subscription.
    pub fn of<'t>(calculator: &Calculator, text: &impl Fn(Field) -> &'t str) -> Self {
        let by_subscription = || {
            let subscription = line_scope(text)?.subscription_id()?;
            calculator.partner.as_ref().and_then(|partner| partner.tenants.get(&subscription).copied())
        };
        let customer: Option<TenantId> = text(Field::CustomerId).parse().ok().or_else(by_subscription);
        let markets = calculator.prices().map(PriceIndex::markets).unwrap_or_default();
        let named =
            customer.and_then(|id| calculator.partner.as_ref().and_then(|partner| partner.market(id)));
        let find = |name: &str| {
            let at = markets.iter().position(|market| market == name)?;
            u32::try_from(at).ok()
        };
        // A list that names no market, as price sheets do, is of any.
        match (named, markets) {
            (Some(name), _) => Self { index: find(name).or_else(|| find("")), assumed: false },
            (None, [only]) => Self { index: Some(0), assumed: !only.is_empty() },
            (None, _) => Self { index: find(""), assumed: false },
        }
    }

    /// A number of its own, which is never the largest.
    #[inline]
    pub fn number(self) -> u32 {
        // There are far fewer markets.
        self.index.map_or(0, |index| (index + 1) << 1) | u32::from(self.assumed)
    }
}

/// What the price list says of a product.
#[derive(Debug, Clone, Copy)]
pub(crate) enum PriceMatch<'c> {
    /// No price list was given.
    NoList,
    /// The prices of the product in the customer's market; none where it is not listed or the market is not known.
    Listed(Listed<'c>),
}

/// What is used, judged, however it is charged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goods<'c> {
    /// Its name says so.
    spot: bool,
    low_priority: bool,
    prices: PriceMatch<'c>,
    /// Its quantity moves the tiers of its meter.
    tiered: bool,
}

impl<'c> Goods<'c> {
    /// Of the fields of [`Bundle::Product`](crate::bundle::Bundle::Product).
    pub fn new<'t>(calculator: &'c Calculator, market: Market, text: &impl Fn(Field) -> &'t str) -> Self {
        let names = [text(Field::SkuName), text(Field::MeterName)];
        let is_named = |words: &[&str]| names.iter().any(|name| has_words(name, words));
        let prices = find_prices(calculator, market, text);
        Self {
            spot: is_named(&["spot"]),
            low_priority: is_named(&["low", "priority"]) || is_named(&["lowpriority"]),
            prices,
            tiered: is_tiered(calculator, prices, text(Field::MeterId).trim()),
        }
    }
}

/// What may rule a product out, one bit for each: the day and the list decide whether it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Marks(u8);

impl Marks {
    /// Nothing does.
    pub const NONE: Self = Self(0);
    /// The exclusions, in the order of the reasons.
    const EXCLUSIONS: [Reason; 4] =
        [Reason::Reservation, Reason::SavingsPlan, Reason::Spot, Reason::Marketplace];
    /// Behind them.
    const LOW_PRIORITY: u8 = 1 << Self::EXCLUSIONS.len();

    fn new(exclusions: [bool; Self::EXCLUSIONS.len()], low_priority: bool) -> Self {
        let bits = exclusions.iter().rev().fold(0, |bits, fits| bits << 1 | u8::from(*fits));
        Self(if low_priority { bits | Self::LOW_PRIORITY } else { bits })
    }

    fn exclusions(self) -> impl Iterator<Item = Reason> {
        (0..).zip(Self::EXCLUSIONS).filter_map(move |(at, reason)| (self.0 >> at & 1 == 1).then_some(reason))
    }

    const fn low_priority(self) -> bool {
        self.0 & Self::LOW_PRIORITY != 0
    }
}

/// A distinct product, judged.
#[derive(Debug, Clone)]
pub(crate) struct Product<'c> {
    line: Option<Reason>,
    marks: Marks,
    prices: PriceMatch<'c>,
    /// Its quantity moves the tiers of its meter.
    tiered: bool,
}

/// How something is charged, judged, whatever it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// What the line itself rules out.
    line: Option<Reason>,
    reservation: bool,
    savings_plan: bool,
    spot: bool,
    low_priority: bool,
    marketplace: Marketplace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Marketplace {
    Yes,
    No,
    /// Where no price list has the SKU: the daily file names the publisher alone.
    Unlisted,
}

impl Terms {
    /// Of the fields of [`Bundle::Terms`](crate::bundle::Bundle::Terms).
    pub fn new<'t>(text: impl Fn(Field) -> &'t str) -> Self {
        let (charge, model) = (text(Field::ChargeType), text(Field::PricingModel));
        let benefit = text(Field::BenefitType);
        Self {
            line: line_reason(&text),
            reservation: is(charge, "unusedreservation")
                || is(model, "reservation")
                || is(benefit, "reservation")
                || names_something(text(Field::ReservationId)),
            savings_plan: is(charge, "unusedsavingsplan")
                || is(model, "savingsplan")
                || is(benefit, "savingsplan"),
            spot: is(model, "spot"),
            low_priority: is(model, "lowpriority"),
            marketplace: Marketplace::of(&text),
        }
    }
}

impl Marketplace {
    /// By publisher type or billing provider; the daily file has neither, there a publisher that is not Microsoft and a
    /// SKU that is in no Azure plan list.
    fn of<'t>(text: &impl Fn(Field) -> &'t str) -> Self {
        let publisher_type = text(Field::PublisherType);
        if is(publisher_type, "marketplace") || is(text(Field::BillingProvider), "marketplace") {
            return Self::Yes;
        }
        let publisher = text(Field::PublisherName).trim();
        let is_other = publisher_type.trim().is_empty()
            && !publisher.is_empty()
            && !publisher.to_ascii_lowercase().starts_with("microsoft");
        if is_other { Self::Unlisted } else { Self::No }
    }
}

impl<'c> Product<'c> {
    /// The product of a line that uses these goods and is charged so.
    pub fn on_terms<'t>(
        terms: &Terms,
        goods: &Goods<'c>,
        calculator: &Calculator,
        text: &impl Fn(Field) -> &'t str,
    ) -> Self {
        let is_unlisted = || {
            let has_sku = |prices: &PriceIndex| {
                prices.has_sku(text(Field::ProductId).trim(), text(Field::SkuId).trim())
            };
            calculator.prices().is_some_and(|prices| !has_sku(prices))
        };
        let is_marketplace = match terms.marketplace {
            Marketplace::Yes => true,
            Marketplace::No => false,
            Marketplace::Unlisted => is_unlisted(),
        };
        let is_spot = terms.spot || !terms.low_priority && goods.spot;
        Self {
            line: terms.line,
            marks: Marks::new(
                [terms.reservation, terms.savings_plan, is_spot, is_marketplace],
                terms.low_priority || goods.low_priority,
            ),
            prices: goods.prices,
            tiered: goods.tiered,
        }
    }

    /// Whether its lines have to be seen together, month by month: tiers are applied, and its meter has some.
    pub const fn is_tiered(&self) -> bool {
        self.tiered
    }

    /// What the line itself rules out.
    pub const fn line_reason(&self) -> Option<Reason> {
        self.line
    }

    /// What may rule it out. Those of the same goods and marks are the same on any day.
    pub const fn marks(&self) -> Marks {
        self.marks
    }

    /// What the product rules out on a day, and what the list says of it then.
    pub fn on(&self, rule: &Rule, day: Day) -> (Option<Reason>, Option<Quote<'c>>) {
        let listed = match self.prices {
            PriceMatch::NoList => None,
            PriceMatch::Listed(prices) => Some(prices.on(day)),
        };
        let quote = listed.flatten();
        let tagged = |tag: fn(&Quote<'_>) -> bool, reason| {
            (quote.as_ref().is_some_and(tag) && rule.excludes(reason, day)).then_some(reason)
        };
        let reason = tagged(|quote| quote.reservation, Reason::Reservation)
            .or_else(|| self.marks.exclusions().find(|reason| rule.excludes(*reason, day)))
            .or_else(|| tagged(|quote| quote.third_party, Reason::ThirdParty))
            .or_else(|| listed.is_some_and(|quote| quote.is_none()).then_some(Reason::Unlisted))
            .or_else(|| self.marks.low_priority().then_some(Reason::LowPriority));
        (reason, quote)
    }

    /// The days on which what the list says may change: where a price begins or ends, which counts on the days whose first
    /// instant it holds.
    pub fn changes(&self) -> impl Iterator<Item = Day> {
        let prices = match self.prices {
            PriceMatch::NoList => Listed::NOTHING,
            PriceMatch::Listed(prices) => prices,
        };
        let bounds = prices.spans().flat_map(|span| [span.start, span.end]);
        let bounds = bounds.filter(|at| *at != Instant::MIN && *at != Instant::MAX);
        bounds.flat_map(|at| [at.day(), at.day().next()])
    }
}

/// The list price of a line: its own, or the list's, as the policy has it.
pub(crate) fn list_price<'p>(
    source: PriceSource,
    own: Option<&'p Amount>,
    listed: Option<&'p Amount>,
) -> Option<&'p Amount> {
    match source {
        PriceSource::Line => own.or(listed),
        PriceSource::List => listed,
    }
}

/// Letters and digits only, without regard to case: `Third Party`, `ThirdParty` and `third-party` are one.
fn is(text: &str, wanted: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).eq(wanted.chars())
}

/// Whether the words, in lower case, stand in the text, one after the other, each as a whole word.
fn has_words(text: &str, wanted: &[&str]) -> bool {
    // Nearly no name has them: a look at its bytes, many at once, mostly tells so.
    let begins = |word: &&str| {
        let (bytes, next) = (text.as_bytes(), text.as_bytes().get(1..).unwrap_or_default());
        word.as_bytes().first_chunk().is_none_or(|[first, second]| {
            let is_it = |one: u8, other: u8| (one | 0x20 == *first) & (other | 0x20 == *second);
            bytes.iter().zip(next).fold(false, |any, (one, other)| any | is_it(*one, *other))
        })
    };
    if !wanted.iter().all(begins) {
        return false;
    }
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    loop {
        let mut run = words.clone();
        if wanted.iter().all(|word| run.next().is_some_and(|own| own.eq_ignore_ascii_case(word))) {
            return true;
        }
        if words.next().is_none() {
            return false;
        }
    }
}

/// A text that names something: not empty and not the empty GUID.
fn names_something(text: &str) -> bool {
    text.chars().any(|c| c.is_alphanumeric() && c != '0')
}

fn is_unused_benefit(charge: &str) -> bool {
    is(charge, "unusedreservation") || is(charge, "unusedsavingsplan")
}

fn line_reason<'t>(text: &impl Fn(Field) -> &'t str) -> Option<Reason> {
    let charge = text(Field::ChargeType).trim();
    if is(charge, "refund") {
        return Some(Reason::Refund);
    }
    if !charge.is_empty() && !is(charge, "usage") && !is_unused_benefit(charge) {
        return Some(Reason::NotUsage);
    }
    let plan = text(Field::PlanName).trim();
    // Only a plan that is named can be told from the Azure plan; "Azure plan for DevTest" is one.
    if !plan.is_empty() && !plan.to_ascii_lowercase().contains("azure plan") {
        return Some(Reason::LegacyOffer);
    }
    let credit: Result<Amount, _> = text(Field::CreditPercentage).trim().trim_end_matches('%').parse();
    if credit.is_ok_and(|percent| percent == Amount::from(100)) {
        return Some(Reason::AzureCredit);
    }
    None
}

/// A line without a meter counts for its SKU; any other for its meter, whatever its own product and market.
fn is_tiered(calculator: &Calculator, prices: PriceMatch<'_>, meter: &str) -> bool {
    calculator.rates_tiers()
        && match prices {
            PriceMatch::Listed(prices) if meter.is_empty() => prices.has_tiers(),
            _ => calculator.prices().is_some_and(|index| index.has_tiered_meter(meter)),
        }
}

/// Every price that the list has for a line's product, the oldest first.
pub(crate) fn listed_prices<'c, 't>(
    calculator: &'c Calculator,
    text: &impl Fn(Field) -> &'t str,
) -> &'c [Price] {
    match list_of(calculator, Market::of(calculator, text)) {
        Some((index, Some(market))) => {
            let [product, sku, meter] = product_ids(text);
            index.find(product, sku, meter, market)
        }
        _ => &[],
    }
}

/// The prices of the product in the market.
fn find_prices<'c, 't>(
    calculator: &'c Calculator,
    market: Market,
    text: &impl Fn(Field) -> &'t str,
) -> PriceMatch<'c> {
    match list_of(calculator, market) {
        None => PriceMatch::NoList,
        Some((_, None)) => PriceMatch::Listed(Listed::NOTHING),
        Some((index, Some(market))) => {
            let [product, sku, meter] = product_ids(text);
            PriceMatch::Listed(index.listed(product, sku, meter, market))
        }
    }
}

/// The price lists, where there are any, and the name of the market, where it is known.
fn list_of(calculator: &Calculator, market: Market) -> Option<(&PriceIndex, Option<&str>)> {
    let index = calculator.prices()?;
    let name = market.index.and_then(|at| index.markets().get(at as usize));
    Some((index, name.map(String::as_str)))
}

/// Product, SKU and meter.
fn product_ids<'t>(text: &impl Fn(Field) -> &'t str) -> [&'t str; 3] {
    [Field::ProductId, Field::SkuId, Field::MeterId].map(|field| text(field).trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert!(has_words("D2 v3 Spot", &["spot"]) && has_words("D2 v3 low Priority", &["low", "priority"]));
        assert!(!has_words("Hotspot", &["spot"]) && !has_words("Priority low", &["low", "priority"]));
        assert!(is("Third-Party", "thirdparty") && !names_something("00000000-0000-0000-0000-000000000000"));
    }
}
