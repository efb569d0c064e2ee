//! Partner Center daily rated usage: which column is what.
//!
//! CSV: 55 columns as of 2025, 52 from 2020-06 on, 42 in 2019-11 (without credit, entitlement and exchange rate). The
//! benefit columns come in either order, so columns are found by name. Source: MicrosoftDocs/partner-center,
//! daily-rated-usage-recon-files, and its history.
//!
//! JSON: the same names. Partner Center's API v1 writes them in camelCase and the credit's rate as a fraction
//! (MicrosoftDocs/partner-center-sdk, get-invoice-billed-consumption-lineitems). Microsoft Graph writes them as the CSV
//! does; its attribute set `basic` has neither the credit nor the meter (microsoft-graph-docs-contrib,
//! partners-billing-attributeset), so that the rate can only be inferred from the prices.

use azure_pec::Field;

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::header::Header;
use crate::json_records::Names;
use crate::kind::Kind;
use crate::mapping::{Layout, Mapping, Rule};
use crate::observed::Observed;
use crate::value::Scale;

const ENTITLEMENT: &[&str] = &["EntitlementId"];
const RESOURCE: &[&str] = &["ResourceURI", "ResourceId"];
const METER: &[&str] = &["MeterId"];
const PRODUCT: &[&str] = &["ProductId"];
const SKU: &[&str] = &["SkuId"];
const EFFECTIVE_PRICE: &[&str] = &["EffectiveUnitPrice"];
const PERCENTAGE: &[&str] = &["PartnerEarnedCreditPercentage"];
const RATE: &[&str] = &["rateOfPartnerEarnedCredit"];
const APPLIED: &[&str] = &["hasPartnerEarnedCredit"];
const RATE_OF_CREDIT: &[&str] = &["rateOfCredit"];
/// The columns of JSON that are found apart from the lines below.
const MORE: &[Names] = &[ENTITLEMENT, PERCENTAGE, RATE, APPLIED, RATE_OF_CREDIT];

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
        (Field::BillingProvider, Rule::Text, &["billingProvider"]),
        (Field::AvailabilityId, Rule::Id, &["AvailabilityId"]),
        (Field::Unit, Rule::Text, &["Unit", "UnitOfMeasure", "UnitType"]),
        (Field::EffectiveUnitPrice, Rule::Number, EFFECTIVE_PRICE),
        (Field::PricingTotal, Rule::Number, &["PricingPreTaxTotal"]),
        (Field::BillingTotal, Rule::Number, &["BillingPreTaxTotal"]),
        (Field::ExchangeRateDate, Rule::Date, &["PCToBCExchangeRateDate"]),
    ],
};

/// The columns that JSON may have.
pub(crate) fn json_columns() -> Vec<Names> {
    LAYOUT.columns(MORE)
}

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
    if wanted.contains(Field::CreditPercentage)
        && let Some(index) = header.find(RATE_OF_CREDIT)?
    {
        mapping.add(Field::CreditPercentage, index, Rule::PercentageOfFraction);
    }
    if Observed::is_wanted(wanted) {
        mapping.observed = observed(header, mapping.list_price)?;
    }
    Ok(mapping)
}

/// The rate as the line states it, else by its prices; a column that is there and empty states nothing.
fn observed(header: &Header, list_price: Option<usize>) -> Result<Option<Observed>, Fault> {
    let percentage = header.find(PERCENTAGE)?.map(|index| (index, Scale::Percent));
    let rate = header.find(RATE)?.map(|index| (index, Scale::Fraction));
    let mut observed = Observed::new(percentage.into_iter().chain(rate).collect());
    if let Some(index) = header.find(APPLIED)? {
        observed = observed.applied_if_said(index);
    }
    // In JSON every column may be there, and writers leave null out.
    let may_be_basic = observed.is_empty() || rate.is_some();
    if may_be_basic && let (Some(price), Some(effective)) = (list_price, header.find(EFFECTIVE_PRICE)?) {
        observed = observed.inferred(price, effective);
    }
    Ok((!observed.is_empty()).then_some(observed))
}
