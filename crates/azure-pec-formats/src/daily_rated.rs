//! Partner Center daily rated usage: which column is what.
//!
//! 55 columns as of 2025, 52 from 2020-06 on, 42 in 2019-11 (without credit, entitlement and exchange rate). The benefit
//! columns come in either order, so columns are found by name. Source: MicrosoftDocs/partner-center,
//! daily-rated-usage-recon-files, and its history.

use azure_pec::Field;

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::header::Header;
use crate::kind::Kind;
use crate::mapping::{Layout, Mapping, Rule};

const ENTITLEMENT: &[&str] = &["EntitlementId"];
const RESOURCE: &[&str] = &["ResourceURI", "ResourceId"];
const METER: &[&str] = &["MeterId"];
const PRODUCT: &[&str] = &["ProductId"];
const SKU: &[&str] = &["SkuId"];

const LAYOUT: Layout = Layout {
    kind: Kind::UsageDailyRated,
    date: &["UsageDate"],
    quantity: &["Quantity", "ConsumedQuantity"],
    list_price: &["UnitPrice"],
    needed: &[PRODUCT, SKU, METER],
    lines: &[
        (Field::CustomerId, Rule::Placing("a tenant id (GUID)"), &["CustomerId"]),
        (Field::CustomerName, Rule::Text, &["CustomerName"]),
        (Field::ResellerId, Rule::Id, &["Tier2MpnId", "resellerMpnId"]),
        // Older files hold the partner's MPN id here.
        (Field::PartnerTenantId, Rule::Guid, &["PartnerId"]),
        // Partner Center's subscription is the Azure plan; the Azure subscription is the entitlement.
        (Field::PlanId, Rule::Id, &["SubscriptionId"]),
        (Field::PlanName, Rule::Text, &["SubscriptionDescription"]),
        (Field::SubscriptionName, Rule::Text, &["EntitlementDescription"]),
        (Field::ResourceGroup, Rule::Id, &["ResourceGroup"]),
        (Field::ResourceId, Rule::Id, RESOURCE),
        (Field::MeterId, Rule::Id, METER),
        (Field::MeterName, Rule::Text, &["MeterName"]),
        (Field::Service, Rule::Text, &["MeterCategory"]),
        (Field::ProductId, Rule::Id, PRODUCT),
        (Field::SkuId, Rule::Id, SKU),
        (Field::SkuName, Rule::Text, &["SkuName"]),
        (Field::ChargeType, Rule::UsageOrCredit, &["ChargeType"]),
        (Field::BenefitType, Rule::Text, &["BenefitType"]),
        (Field::PublisherName, Rule::Text, &["PublisherName"]),
        (Field::CreditPercentage, Rule::Percentage, &["CreditPercentage"]),
        (Field::InvoiceId, Rule::Id, &["InvoiceNumber"]),
        (Field::Currency, Rule::Text, &["PricingCurrency"]),
        (Field::BillingCurrency, Rule::Text, &["BillingCurrency"]),
        (Field::ExchangeRate, Rule::Number, &["PCToBCExchangeRate"]),
        (Field::ObservedRate, Rule::Rate, &["PartnerEarnedCreditPercentage"]),
    ],
};

/// Finds the columns. Files of 2019 name no entitlement: their subscription is the one in the resource's path.
pub(crate) fn map(header: &Header, wanted: FieldSet) -> Result<Mapping, Fault> {
    let mut mapping = LAYOUT.map(header, wanted)?;
    let (index, rule) = match header.find(ENTITLEMENT)? {
        Some(index) => (index, Rule::Placing("a subscription id (GUID)")),
        None => (header.need(LAYOUT.kind.name(), RESOURCE)?, Rule::SubscriptionOfPath),
    };
    if wanted.contains(Field::SubscriptionId) {
        mapping.add(Field::SubscriptionId, index, rule);
    }
    Ok(mapping)
}
