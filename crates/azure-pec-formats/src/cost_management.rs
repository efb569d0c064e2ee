//! Cost Management cost and usage details of a partner's billing account: which column is what.
//!
//! Every published version of the partner (MPA) schema has these columns, in its own order and spelling: 70 columns
//! (2023-12-01-preview, 2021-10-01), 67 (2021-01-01), 66 (2019-11-01: `product`, `InstanceName`, `payGPrice`). The schema
//! of subscription and resource group scope (56, 53 and 52 columns) has neither partner tenant nor credit columns.
//! Source: MicrosoftDocs/azure-docs, cost-usage-details-mca-partner and -mca-partner-subscription, 2025-06-26.

use azure_pec::Field;

use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::header::Header;
use crate::kind::Kind;
use crate::mapping::{Layout, Mapping, Rule};
use crate::observed::Observed;
use crate::value::Scale;

const SUBSCRIPTION: &[&str] = &["SubscriptionId", "SubscriptionGuid"];
const METER: &[&str] = &["meterId"];
const PRODUCT: &[&str] = &["ProductId", "productIdentifier"];
const CHARGE_TYPE: &[&str] = &["chargeType"];
/// An export without a pricing currency prices in the billing currency.
const PRICING_CURRENCY: &[&str] =
    &["pricingCurrency", "pricingCurrencyCode", "billingCurrency", "billingCurrencyCode"];
const BILLING_CURRENCY: &[&str] = &["billingCurrency", "billingCurrencyCode"];

/// Columns that only a partner's export has, at every scope.
pub(crate) const PARTNER_COLUMNS: &[&str] =
    &["partnerTenantId", "partnerName", "resellerName", "resellerMpnId", "customerTenantId"];

const LAYOUT: Layout = Layout {
    kind: Kind::UsageCostManagement,
    date: &["date", "usageDate", "UsageDateTime"],
    quantity: &["quantity", "UsageQuantity"],
    list_price: &["PayGPrice", "marketPrice"],
    needed: &[SUBSCRIPTION, METER, PRODUCT, CHARGE_TYPE],
    lines: &[
        (Field::CustomerId, Rule::Placing("a tenant id (GUID)"), &["customerTenantId"]),
        (Field::CustomerName, Rule::Text, &["customerName"]),
        (Field::ResellerId, Rule::Id, &["resellerMpnId"]),
        (Field::PartnerTenantId, Rule::Placing("a tenant id (GUID)"), &["partnerTenantId"]),
        (Field::PlanId, Rule::Id, &["productOrderId"]),
        (Field::PlanName, Rule::Text, &["productOrderName"]),
        (Field::SubscriptionId, Rule::Placing("a subscription id (GUID)"), SUBSCRIPTION),
        (Field::SubscriptionName, Rule::Text, &["subscriptionName"]),
        (Field::ResourceGroup, Rule::Id, &["resourceGroupName", "resourceGroup"]),
        (Field::ResourceId, Rule::Id, &["ResourceId", "InstanceName", "InstanceId"]),
        (Field::MeterId, Rule::Id, METER),
        (Field::MeterName, Rule::Text, &["meterName"]),
        (Field::Service, Rule::Text, &["meterCategory"]),
        (Field::ProductId, Rule::Product, PRODUCT),
        (Field::SkuId, Rule::Sku, PRODUCT),
        (Field::SkuName, Rule::Text, &["ProductName", "product"]),
        (Field::ChargeType, Rule::Text, CHARGE_TYPE),
        (Field::PricingModel, Rule::Text, &["PricingModel"]),
        (Field::ReservationId, Rule::Id, &["reservationId"]),
        (Field::PublisherType, Rule::Text, &["publisherType"]),
        (Field::PublisherName, Rule::Text, &["publisherName"]),
        (Field::InvoiceId, Rule::Id, &["invoiceId"]),
        (Field::Currency, Rule::Text, PRICING_CURRENCY),
        (Field::BillingCurrency, Rule::Text, BILLING_CURRENCY),
        (Field::ExchangeRate, Rule::Number, &["exchangeRatePricingToBilling", "exchangeRate"]),
        (Field::Unit, Rule::Text, &["unitOfMeasure"]),
        (Field::EffectiveUnitPrice, Rule::Number, &["effectivePrice"]),
        (Field::PricingTotal, Rule::Number, &["costInPricingCurrency"]),
        (Field::BillingTotal, Rule::Number, &["costInBillingCurrency"]),
        (Field::ExchangeRateDate, Rule::Date, &["exchangeRateDate"]),
        (Field::PreviousInvoiceId, Rule::Id, &["previousInvoiceId"]),
    ],
};

/// Finds the columns.
pub(crate) fn map(header: &Header, wanted: FieldSet) -> Result<Mapping, Fault> {
    let mut mapping = LAYOUT.map(header, wanted)?;
    if Observed::is_wanted(wanted)
        && let Some(rate) = header.find(&["partnerEarnedCreditRate"])?
        && let Some(applied) = header.find(&["partnerEarnedCreditApplied"])?
    {
        mapping.observed = Some(Observed::new(vec![(rate, Scale::Open)]).applied(applied));
    }
    Ok(mapping)
}
