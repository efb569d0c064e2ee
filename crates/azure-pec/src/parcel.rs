//! Usage lines that a reconciliation need not tell apart, summed exactly.

use crate::amount::Amount;
use crate::day::Day;
use crate::fx::line_rate;
use crate::group_key::GroupKey;
use crate::rule::Rule;
use crate::sheet::Slot;
use crate::usage::{Field, UsageBatch};
use crate::verdict::{Outcome, Reason};

/// The texts of a line that a reconciliation goes by.
pub(crate) const ORIGIN_FIELDS: [Field; 18] = [
    Field::InvoiceId,
    Field::CustomerId,
    Field::ResellerId,
    Field::PlanId,
    Field::SubscriptionId,
    Field::ProductId,
    Field::SkuId,
    Field::AvailabilityId,
    Field::MeterName,
    Field::Currency,
    Field::BillingCurrency,
    Field::ExchangeRate,
    Field::ObservedRate,
    Field::EffectiveUnitPrice,
    Field::BenefitType,
    Field::PricingModel,
    Field::ChargeType,
    Field::Unit,
];

/// What those texts say, in one spelling.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Origin {
    pub invoice: String,
    pub customer: String,
    pub reseller: String,
    pub plan: String,
    pub subscription: String,
    pub product: String,
    pub sku: String,
    pub availability: String,
    pub meter: String,
    pub pricing_currency: String,
    pub billing_currency: String,
    /// None where the line names none and one is needed.
    pub exchange_rate: Option<Amount>,
    /// The rate that was applied; none where the line does not say.
    pub applied: Option<Amount>,
    pub effective_price: Option<Amount>,
    pub unit: String,
    /// A commitment pays it.
    pub committed: bool,
    /// A credit to the customer.
    pub customer_credit: bool,
}

impl Origin {
    pub fn new<'t>(text: &impl Fn(Field) -> &'t str) -> Self {
        let trimmed = |field: Field| text(field).trim().to_owned();
        let number = |field: Field| text(field).trim().parse::<Amount>().ok();
        let pricing_currency = match text(Field::Currency).trim() {
            "" => "USD".to_owned(),
            code => code.to_ascii_uppercase(),
        };
        let billing_currency = match text(Field::BillingCurrency).trim() {
            "" => pricing_currency.clone(),
            code => code.to_ascii_uppercase(),
        };
        let model = letters(text(Field::PricingModel));
        Self {
            invoice: trimmed(Field::InvoiceId),
            customer: GroupKey::Customer.text(text),
            reseller: trimmed(Field::ResellerId),
            plan: GroupKey::Plan.text(text),
            subscription: GroupKey::Subscription.text(text),
            product: trimmed(Field::ProductId).to_ascii_uppercase(),
            sku: trimmed(Field::SkuId).to_ascii_uppercase(),
            availability: trimmed(Field::AvailabilityId).to_ascii_uppercase(),
            meter: trimmed(Field::MeterName),
            exchange_rate: line_rate(&pricing_currency, &billing_currency, text(Field::ExchangeRate)).ok(),
            applied: number(Field::ObservedRate),
            effective_price: number(Field::EffectiveUnitPrice),
            unit: trimmed(Field::Unit),
            committed: !text(Field::BenefitType).trim().is_empty()
                || matches!(model.as_str(), "reservation" | "savingsplan"),
            customer_credit: letters(text(Field::ChargeType)) == "customercredit",
            pricing_currency,
            billing_currency,
        }
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// What lines have in common that are summed as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ParcelKey {
    pub origin: u32,
    /// The day where something other than expected was applied; else the first of the month.
    pub day: Day,
    pub slot: Slot,
}

/// The most lines that are named as evidence.
const REFERENCES: usize = 3;

/// Lines that have their key in common.
#[derive(Debug, Clone, Default)]
pub(crate) struct Parcel {
    pub lines: u64,
    pub quantity: Amount,
    /// At the price of a unit without any tier's favour.
    pub list: Amount,
    /// At the price that the list has for them.
    pub rated: Amount,
    /// Lines whose own price was taken, as the list has none.
    pub own_price: u64,
    /// Lines without any price.
    pub without_price: u64,
    /// The first and last day.
    pub days: Option<(Day, Day)>,
    /// The first lines, as the places of their files and the lines there.
    pub references: Vec<(u32, u64)>,
}

impl Parcel {
    pub fn see(&mut self, day: Day) {
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    /// Adds what another holds, but its references.
    pub fn add(&mut self, other: &Self) {
        self.lines += other.lines;
        self.quantity += &other.quantity;
        self.list += &other.list;
        self.rated += &other.rated;
        self.own_price += other.own_price;
        self.without_price += other.without_price;
        for day in other.days.into_iter().flat_map(|(first, last)| [first, last]) {
            self.see(day);
        }
    }

    /// Names a line; the first of them by file and line are kept.
    pub fn refer(&mut self, place: (u32, u64), name: impl Fn(u32) -> String) {
        if self.references.len() >= REFERENCES
            && let Some(last) = self.references.last()
            && ((last.0 == place.0 && last.1 <= place.1)
                || (last.0 != place.0 && name(last.0) < name(place.0)))
        {
            return;
        }
        self.references.push(place);
        self.references.sort_by_cached_key(|(file, line)| (name(*file), *line));
        self.references.truncate(REFERENCES);
    }
}

/// The rate that should have been applied; none where the rule cannot say.
pub(crate) fn expected_rate(slot: Slot, rule: &Rule) -> Option<Amount> {
    match slot.0.outcome {
        Outcome::Earned => Some(rule.rate_at(slot.1)),
        Outcome::Missed | Outcome::Never => Some(Amount::ZERO),
        Outcome::Unknown => None,
    }
}

/// Whether the line is no usage that is charged at its meter's own price.
pub(crate) fn is_outside(origin: &Origin, reason: Reason) -> bool {
    origin.committed
        || matches!(
            reason,
            Reason::Refund
                | Reason::NotUsage
                | Reason::Reservation
                | Reason::SavingsPlan
                | Reason::Marketplace
        )
}

/// The origin of a line of a batch.
pub(crate) fn origin_of(batch: &UsageBatch, row: usize) -> Origin {
    Origin::new(&|field| batch.text(field, row))
}
