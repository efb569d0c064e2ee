//! Usage lines, one by one.

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::day::Day;
use crate::error::Error;
use crate::ids::{Guid, SubscriptionId};
use crate::scope::Scope;

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident $name:ident,)*) => {
        /// The texts of a usage line. Every reader maps its columns to these; nothing else knows a column's name.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Field { $($(#[$doc])* $variant,)* }

        impl Field {
            /// Every field.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in documents and tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name)),* }
            }
        }

        /// One usage line. Absent texts are empty.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct UsageLine {
            /// The day of the usage.
            pub date: Day,
            /// In units of measure; negative for corrections.
            pub quantity: Amount,
            /// For one unit of measure, in the pricing currency, before any credit.
            #[serde(default)]
            pub list_price: Option<Amount>,
            $($(#[$doc])* #[serde(default, skip_serializing_if = "String::is_empty")] pub $name: String,)*
        }

        impl UsageLine {
            /// A line of a day and a quantity, everything else empty.
            #[must_use]
            pub fn new(date: Day, quantity: Amount) -> Self {
                Self { date, quantity, list_price: None, $($name: String::new(),)* }
            }

            /// Checks the ids that a line is placed by.
            ///
            /// # Errors
            /// `id.invalid` where a subscription or customer is named by something that is no GUID.
            pub fn check(&self) -> Result<(), Error> {
                check_ids(|field| self.text(field))
            }

            /// The text of a field.
            #[must_use]
            pub fn text(&self, field: Field) -> &str {
                match field { $(Field::$variant => &self.$name),* }
            }

            pub(crate) fn set_text(&mut self, field: Field, text: String) {
                match field { $(Field::$variant => self.$name = text),* }
            }

            /// Where the line stands: its resource, else its resource group, else its subscription.
            #[must_use]
            pub fn scope(&self) -> Option<Scope> {
                line_scope(&|field| self.text(field))
            }
        }
    };
}

fields! {
    /// The customer's tenant.
    CustomerId customer_id,
    /// The customer's name.
    CustomerName customer_name,
    /// The reseller that the line names (MPN id).
    ResellerId reseller_id,
    /// The tenant of the partner that is billed.
    PartnerTenantId partner_tenant_id,
    /// The Azure plan.
    PlanId plan_id,
    /// The plan's name: `Azure plan`.
    PlanName plan_name,
    /// The Azure subscription.
    SubscriptionId subscription_id,
    /// Its name.
    SubscriptionName subscription_name,
    /// The resource group's name.
    ResourceGroup resource_group,
    /// The resource's path.
    ResourceId resource_id,
    /// The meter; mostly a GUID.
    MeterId meter_id,
    /// Its name.
    MeterName meter_name,
    /// The service, as cost analysis groups by it.
    Service service,
    /// Partner Center's product id.
    ProductId product_id,
    /// Partner Center's SKU id.
    SkuId sku_id,
    /// The SKU's title.
    SkuName sku_name,
    /// Usage, Purchase, Refund ...; empty is usage.
    ChargeType charge_type,
    /// OnDemand, Reservation, SavingsPlan, Spot.
    PricingModel pricing_model,
    /// The benefit that pays: Reservation, SavingsPlan.
    BenefitType benefit_type,
    /// The reservation that pays.
    ReservationId reservation_id,
    /// Microsoft, Azure, Marketplace.
    PublisherType publisher_type,
    /// The publisher.
    PublisherName publisher_name,
    /// `marketplace` or `one_time`.
    BillingProvider billing_provider,
    /// 100 where an Azure credit pays.
    CreditPercentage credit_percentage,
    /// The invoice.
    InvoiceId invoice_id,
    /// The pricing currency; empty is USD.
    Currency currency,
    /// The currency of the invoice.
    BillingCurrency billing_currency,
    /// Pricing to billing currency.
    ExchangeRate exchange_rate,
    /// The rate that Microsoft applied, such as 0.15; empty where the format does not say.
    ObservedRate observed_rate,
    /// How that rate is known: `stated` by the line, or `inferred` from its prices.
    ObservedBasis observed_basis,
    /// `billing` where list price and currency are the billing currency's, since no exact way leads back to the pricing
    /// currency; empty else.
    PriceBasis price_basis,
    /// `block_size` where the quantity contradicts the line's own list cost, as one does that was divided by the size
    /// of its pricing block; empty else.
    QuantityDoubt quantity_doubt,
    /// Partner Center's availability id.
    AvailabilityId availability_id,
    /// The unit of measure that quantity and price are in, as it is written.
    Unit unit,
    /// What a unit came to after credit, tiers and rounding, in the pricing currency (FOCUS: in the billing currency).
    EffectiveUnitPrice effective_unit_price,
    /// The line's total before tax in the pricing currency.
    PricingTotal pricing_total,
    /// The line's total before tax in the billing currency.
    BillingTotal billing_total,
    /// The day of the exchange rate, as 2026-10-31.
    ExchangeRateDate exchange_rate_date,
    /// The invoice that a refund corrects.
    PreviousInvoiceId previous_invoice_id,
}

/// Checks the ids that a line is placed by.
fn check_ids<'t>(text: impl Fn(Field) -> &'t str) -> Result<(), Error> {
    for (field, expected) in
        [(Field::SubscriptionId, "a subscription id (GUID)"), (Field::CustomerId, "a tenant id (GUID)")]
    {
        let id = text(field).trim();
        if !id.is_empty() && Guid::parse(id.as_bytes()).is_none() {
            return Err(Error::IdInvalid { expected, found: id.to_owned() });
        }
    }
    Ok(())
}

/// The number of fields.
pub(crate) const FIELDS: usize = Field::ALL.len();

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
