//! What a statement may be grouped by.

use std::fmt;
use std::str::FromStr;

use crate::day::Day;
use crate::error::Error;
use crate::ids::Guid;
use crate::scope::Scope;
use crate::usage::{Field, line_scope};

/// What a statement may be grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GroupKey {
    /// The customer's tenant.
    Customer,
    /// The customer's name: for pages, beside the customer.
    CustomerName,
    /// The reseller that the line names.
    Reseller,
    /// The Azure plan.
    Plan,
    /// The Azure subscription.
    Subscription,
    /// The subscription's name: for pages, beside the subscription.
    SubscriptionName,
    /// The resource group's name, in lower case.
    ResourceGroup,
    /// The resource's path, in lower case.
    Resource,
    /// The service.
    Service,
    /// The meter.
    Meter,
    /// Product and SKU, with a slash between them.
    Product,
    /// The invoice.
    Invoice,
    /// The day.
    Date,
    /// The month.
    Month,
}

impl GroupKey {
    /// Every key that a user may ask for.
    pub const ALL: &'static [Self] = &[
        Self::Customer,
        Self::Reseller,
        Self::Plan,
        Self::Subscription,
        Self::ResourceGroup,
        Self::Resource,
        Self::Service,
        Self::Meter,
        Self::Product,
        Self::Invoice,
        Self::Date,
        Self::Month,
    ];

    /// Its name in options, documents and tables.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::CustomerName => "customer_name",
            Self::Reseller => "reseller",
            Self::Plan => "plan",
            Self::Subscription => "subscription",
            Self::SubscriptionName => "subscription_name",
            Self::ResourceGroup => "resource_group",
            Self::Resource => "resource",
            Self::Service => "service",
            Self::Meter => "meter",
            Self::Product => "product",
            Self::Invoice => "invoice",
            Self::Date => "date",
            Self::Month => "month",
        }
    }

    /// The fields that its value is made of.
    #[must_use]
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Customer => &[Field::CustomerId],
            Self::CustomerName => &[Field::CustomerName],
            Self::Reseller => &[Field::ResellerId],
            Self::Plan => &[Field::PlanId],
            Self::Subscription => &[Field::SubscriptionId, Field::ResourceId],
            Self::SubscriptionName => &[Field::SubscriptionName],
            Self::ResourceGroup => &[Field::ResourceGroup, Field::ResourceId],
            Self::Resource => &[Field::ResourceId],
            Self::Service => &[Field::Service],
            Self::Meter => &[Field::MeterId],
            Self::Product => &[Field::ProductId, Field::SkuId],
            Self::Invoice => &[Field::InvoiceId],
            Self::Date | Self::Month => &[],
        }
    }

    /// Whether the first of its fields alone says the value wherever it is not blank.
    pub(crate) const fn is_said_by_first(self) -> bool {
        self.fields().len() == 1 || matches!(self, Self::Subscription | Self::ResourceGroup)
    }

    /// The value where no day is asked for.
    pub(crate) fn text<'t>(self, text: &impl Fn(Field) -> &'t str) -> String {
        self.value(text, Day::from_number(0))
    }

    /// The value of a line whose texts are given, in the one spelling that groups are compared by.
    pub(crate) fn value<'t>(self, text: &impl Fn(Field) -> &'t str, day: Day) -> String {
        match self {
            Self::Customer => id_text(text(Field::CustomerId)),
            Self::CustomerName => text(Field::CustomerName).trim().to_owned(),
            Self::SubscriptionName => text(Field::SubscriptionName).trim().to_owned(),
            Self::Reseller => text(Field::ResellerId).trim().to_owned(),
            Self::Plan => id_text(text(Field::PlanId)),
            Self::Subscription => {
                let own = text(Field::SubscriptionId);
                if !own.trim().is_empty() {
                    return id_text(own);
                }
                let scope: Option<Scope> = text(Field::ResourceId).parse().ok();
                scope.and_then(|scope| scope.subscription_id()).map(|id| id.to_string()).unwrap_or_default()
            }
            Self::ResourceGroup => {
                let own = text(Field::ResourceGroup).trim();
                if !own.is_empty() {
                    return own.to_lowercase();
                }
                let scope = line_scope(text).map(|scope| scope.to_string()).unwrap_or_default();
                scope.split('/').nth(4).unwrap_or_default().to_owned()
            }
            Self::Resource => {
                let own = text(Field::ResourceId);
                own.parse::<Scope>().map_or_else(|_| own.trim().to_lowercase(), |scope| scope.to_string())
            }
            Self::Service => text(Field::Service).trim().to_owned(),
            Self::Meter => text(Field::MeterId).trim().to_ascii_lowercase(),
            Self::Product => {
                let [product, sku] = [Field::ProductId, Field::SkuId].map(|field| text(field).trim());
                if sku.is_empty() { product.to_owned() } else { format!("{product}/{sku}") }
            }
            Self::Invoice => text(Field::InvoiceId).trim().to_owned(),
            Self::Date => day.to_string(),
            Self::Month => day.month(),
        }
    }
}

/// A GUID in its one spelling; any other id as it stands; the empty GUID as nothing.
fn id_text(text: &str) -> String {
    match Guid::parse(text.trim().as_bytes()) {
        Some(Guid::NIL) => String::new(),
        Some(id) => id.to_string(),
        None => text.trim().to_ascii_lowercase(),
    }
}

impl fmt::Display for GroupKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for GroupKey {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::ALL.iter().find(|key| key.name() == text.trim()).copied().ok_or_else(|| Error::IdInvalid {
            expected: "one of customer, reseller, plan, subscription, resource_group, resource, service, meter, product, invoice, date, month",
            found: text.to_owned(),
        })
    }
}
