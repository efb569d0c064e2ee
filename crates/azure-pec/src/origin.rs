//! What a usage line says of where its charge belongs, in one spelling.

use crate::amount::Amount;
use crate::fx::line_rate;
use crate::group_key::GroupKey;
use crate::names::{Interning, Moved, Name, Number};
use crate::usage::Field;
use crate::verdict::Reason;

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

/// What those texts say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Origin {
    pub invoice: Name,
    pub customer: Name,
    pub reseller: Name,
    pub plan: Name,
    pub subscription: Name,
    pub product: Name,
    pub sku: Name,
    pub availability: Name,
    pub meter: Name,
    pub pricing_currency: Name,
    pub billing_currency: Name,
    pub unit: Name,
    /// None where the line names none and one is needed.
    pub exchange_rate: Option<Number>,
    /// The rate that was applied; none where the line does not say.
    pub applied: Option<Number>,
    pub effective_price: Option<Number>,
    /// A commitment pays it.
    pub committed: bool,
    /// A credit to the customer.
    pub customer_credit: bool,
}

impl Origin {
    pub fn new<'t>(names: &mut impl Interning, text: &impl Fn(Field) -> &'t str) -> Self {
        let pricing = currency(text(Field::Currency), "USD");
        let billing = currency(text(Field::BillingCurrency), &pricing);
        let model = letters(text(Field::PricingModel));
        let exchange_rate = line_rate(&pricing, &billing, text(Field::ExchangeRate)).ok();
        let mut number = |field: Field| {
            let number = text(field).trim().parse::<Amount>().ok()?;
            Some(names.value(&number))
        };
        let (applied, effective_price) = (number(Field::ObservedRate), number(Field::EffectiveUnitPrice));
        let mut trimmed = |field: Field| names.name(text(field).trim());
        let [invoice, reseller, meter, unit] =
            [Field::InvoiceId, Field::ResellerId, Field::MeterName, Field::Unit].map(&mut trimmed);
        let mut upper = |field: Field| names.name(&text(field).trim().to_ascii_uppercase());
        let [product, sku, availability] =
            [Field::ProductId, Field::SkuId, Field::AvailabilityId].map(&mut upper);
        Self {
            invoice,
            customer: names.name(&GroupKey::Customer.text(text)),
            reseller,
            plan: names.name(&GroupKey::Plan.text(text)),
            subscription: names.name(&GroupKey::Subscription.text(text)),
            product,
            sku,
            availability,
            meter,
            unit,
            exchange_rate: exchange_rate.map(|rate| names.value(&rate)),
            applied,
            effective_price,
            committed: !text(Field::BenefitType).trim().is_empty()
                || matches!(model.as_str(), "reservation" | "savingsplan"),
            customer_credit: letters(text(Field::ChargeType)) == "customercredit",
            pricing_currency: names.name(&pricing),
            billing_currency: names.name(&billing),
        }
    }

    /// The same among other names.
    pub fn moved(self, moved: &Moved) -> Self {
        let name = |name: Name| name.moved(moved);
        let number = |number: Option<Number>| number.map(|number| number.moved(moved));
        Self {
            invoice: name(self.invoice),
            customer: name(self.customer),
            reseller: name(self.reseller),
            plan: name(self.plan),
            subscription: name(self.subscription),
            product: name(self.product),
            sku: name(self.sku),
            availability: name(self.availability),
            meter: name(self.meter),
            pricing_currency: name(self.pricing_currency),
            billing_currency: name(self.billing_currency),
            unit: name(self.unit),
            exchange_rate: number(self.exchange_rate),
            applied: number(self.applied),
            effective_price: number(self.effective_price),
            ..self
        }
    }

    /// Whether the line is no usage that is charged at its meter's own price.
    pub const fn is_outside(&self, reason: Reason) -> bool {
        self.committed
            || matches!(
                reason,
                Reason::Refund
                    | Reason::NotUsage
                    | Reason::Reservation
                    | Reason::SavingsPlan
                    | Reason::Marketplace
            )
    }
}

/// A currency's code; of a line that names none, another's.
pub(crate) fn currency(text: &str, absent: &str) -> String {
    match text.trim() {
        "" => absent.to_owned(),
        code => code.to_ascii_uppercase(),
    }
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::Names;

    /// Each field has a text of its own, and a number where one is read.
    #[test]
    fn what_is_moved_says_the_same_among_other_names() {
        let texts = Field::ALL.iter().enumerate().map(|(at, field)| match field {
            Field::Currency => "EUR".to_owned(),
            Field::ExchangeRate | Field::ObservedRate | Field::EffectiveUnitPrice => format!("1.{at}"),
            _ => format!("text {at}"),
        });
        let texts: Vec<String> = texts.collect();
        let text = |field| Field::ALL.iter().position(|own| *own == field).map_or("", |at| &*texts[at]);
        let (mut one, mut other) = (Names::default(), Names::default());
        let origin = Origin::new(&mut one, &text);
        assert!(
            origin.exchange_rate.is_some() && origin.applied.is_some() && origin.effective_price.is_some()
        );
        // What stands there already moves every place.
        other.put("another");
        other.put_number(&Amount::from(99));
        let moved = origin.moved(&other.merge(&one));
        assert_eq!(moved, Origin::new(&mut other, &text));
    }
}
