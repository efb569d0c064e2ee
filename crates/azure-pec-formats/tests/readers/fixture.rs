//! Tables put together by column name, and what a reader makes of them.

use azure_pec::{Field, UsageBatch};
use azure_pec_formats::{Error, FieldSet, Reject, Source, UsageReader};

/// Partner columns of 2023-12-01-preview and 2021-10-01.
pub const MPA_70: &str = "invoiceId,previousInvoiceId,billingAccountId,billingAccountName,billingProfileId,\
billingProfileName,invoiceSectionId,invoiceSectionName,partnerTenantId,partnerName,resellerName,resellerMpnId,\
customerTenantId,customerName,costCenter,billingPeriodEndDate,billingPeriodStartDate,servicePeriodEndDate,\
servicePeriodStartDate,date,serviceFamily,productOrderId,productOrderName,consumedService,meterId,meterName,\
meterCategory,meterSubCategory,meterRegion,ProductId,ProductName,SubscriptionId,subscriptionName,publisherType,\
publisherId,publisherName,resourceGroupName,ResourceId,resourceLocation,location,effectivePrice,quantity,\
unitOfMeasure,chargeType,billingCurrency,pricingCurrency,costInBillingCurrency,costInPricingCurrency,costInUsd,\
paygCostInBillingCurrency,paygCostInUsd,exchangeRatePricingToBilling,exchangeRateDate,isAzureCreditEligible,\
serviceInfo1,serviceInfo2,additionalInfo,tags,partnerEarnedCreditRate,partnerEarnedCreditApplied,PayGPrice,\
frequency,term,reservationId,reservationName,PricingModel,unitPrice,benefitId,benefitName,provider";

/// The 55 columns of the daily rated usage file.
pub const DAILY_55: &str = "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,\
Tier2MpnId,InvoiceNumber,ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,\
SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,\
MeterSubCategory,MeterName,MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,\
UnitPrice,Quantity,UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,\
ServiceInfo2,Tags,AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,\
EntitlementDescription,PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitOrderId,BenefitId,BenefitType";

/// Columns of FOCUS 1.0 that are read, and a few more.
pub const FOCUS: &str = "BilledCost,BillingAccountId,BillingCurrency,ChargeCategory,ChargeClass,ChargeDescription,\
ChargePeriodEnd,ChargePeriodStart,CommitmentDiscountCategory,CommitmentDiscountId,CommitmentDiscountStatus,\
CommitmentDiscountType,ConsumedQuantity,ContractedCost,ListCost,ListUnitPrice,PricingCategory,PricingQuantity,\
PricingUnit,ProviderName,PublisherName,ResourceId,ServiceName,SkuId,SkuPriceId,SubAccountId,SubAccountName,Tags,\
x_BillingExchangeRate,x_BillingExchangeRateDate,x_CustomerId,x_CustomerName,x_EffectiveUnitPrice,x_InvoiceId,\
x_InvoiceIssuerId,x_PartnerCreditApplied,x_PartnerCreditRate,x_PricingCurrency,x_PricingSubcategory,\
x_PricingUnitDescription,x_PublisherCategory,x_ResellerId,x_ResourceGroupName,x_SkuMeterCategory,x_SkuMeterId,\
x_SkuMeterName,x_SkuOrderId,x_SkuOrderName";

/// The 46 columns of an invoice reconciliation file.
pub const RECONCILIATION_46: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,\
MPNID,ResellerMPNID,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,\
Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,\
SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,\
BillableQuantity,BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,\
ReservationOrderId,CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,ProductQualifiers,PromotionID";

/// The 25 columns of a price sheet export.
pub const PRICE_SHEET_25: &str = "BillingAccountId,BillingAccountName,BillingProfileId,BillingProfileName,ServiceFamily,\
Product,ProductId,SkuId,UnitOfMeasure,MeterId,MeterName,MeterType,MeterCategory,MeterSubCategory,MeterRegion,\
TierMinimumUnits,EffectiveStartDate,EffectiveEndDate,UnitPrice,BasePrice,MarketPrice,Currency,BillingCurrency,Term,\
PriceType";

pub const SUBSCRIPTION: &str = "3F2504E0-4F89-41D3-9A0C-0305E82C3301";
pub const TENANT: &str = "6b29fc40-ca47-1067-b31d-00dd010662da";
pub const METER: &str = "936da01f-9abd-4d9d-80c7-02af85c822a8";

/// A header's names.
pub fn names(header: &str) -> Vec<&str> {
    header.split(',').collect()
}

/// What a Cost Management record holds unless a test says otherwise; names that differ between versions are all here.
const COST_MANAGEMENT: &[(&str, &str)] = &[
    ("invoiceId", "G000000001"),
    ("partnerTenantId", TENANT),
    ("resellerMpnId", "2222222"),
    ("customerTenantId", "a8098c1a-f86e-11da-bd1a-00112444be1e"),
    ("customerName", "Proseware"),
    ("date", "10/05/2026"),
    ("productOrderId", "plan-1"),
    ("productOrderName", "Azure plan"),
    ("meterId", METER),
    ("meterName", "D2 v5"),
    ("meterCategory", "Virtual Machines"),
    ("ProductId", "DZH318Z0ABCD00XY"),
    ("ProductName", "D2 v5 - EU West"),
    ("product", "D2 v5 - EU West"),
    ("SubscriptionId", SUBSCRIPTION),
    ("resourceGroupName", "web"),
    ("ResourceId", "/subscriptions/s/resourceGroups/web/providers/P/t/vm"),
    ("InstanceName", "/subscriptions/s/resourceGroups/web/providers/P/t/vm"),
    ("quantity", "24"),
    ("chargeType", "Usage"),
    ("billingCurrency", "EUR"),
    ("pricingCurrency", "USD"),
    ("exchangeRatePricingToBilling", "0.9"),
    ("partnerEarnedCreditRate", "0.15"),
    ("partnerEarnedCreditApplied", "True"),
    ("PayGPrice", "0.11"),
    ("PricingModel", "OnDemand"),
    ("publisherType", "Microsoft"),
];

const DAILY_RATED: &[(&str, &str)] = &[
    ("PartnerId", TENANT),
    ("CustomerId", "a8098c1a-f86e-11da-bd1a-00112444be1e"),
    ("Tier2MpnId", "2222222"),
    ("resellerMpnId", "2222222"),
    ("ProductId", "DZH318Z0ABCD"),
    ("SkuId", "00XY"),
    ("SubscriptionDescription", "Azure plan"),
    ("SubscriptionId", "plan-1"),
    ("UsageDate", "10/5/2026"),
    ("MeterCategory", "Virtual Machines"),
    ("MeterId", METER),
    ("ResourceURI", "/subscriptions/3F2504E0-4F89-41D3-9A0C-0305E82C3301/resourceGroups/web"),
    ("ChargeType", "New"),
    ("UnitPrice", ".11"),
    ("Quantity", "24"),
    ("BillingCurrency", "EUR"),
    ("PricingCurrency", "USD"),
    ("PCToBCExchangeRate", "0.90"),
    ("EntitlementId", SUBSCRIPTION),
    ("PartnerEarnedCreditPercentage", "15"),
    ("CreditPercentage", "0"),
];

const FOCUS_VALUES: &[(&str, &str)] = &[
    ("BilledCost", "2.0196"),
    ("BillingCurrency", "EUR"),
    ("ChargeCategory", "Usage"),
    ("ChargeClass", "NULL"),
    ("ChargeDescription", "D2 v5 - EU West"),
    ("ChargePeriodStart", "2026-10-05T00:00Z"),
    ("CommitmentDiscountId", "NULL"),
    ("CommitmentDiscountType", "NULL"),
    ("ListCost", "2.376"),
    ("ListUnitPrice", "0.099"),
    ("PricingCategory", "Standard"),
    ("PricingQuantity", "24.000000"),
    ("ProviderName", "Microsoft"),
    ("PublisherName", "Microsoft"),
    ("ResourceId", "/subscriptions/3F2504E0-4F89-41D3-9A0C-0305E82C3301/resourceGroups/web"),
    ("SkuId", "DZH318Z0ABCD"),
    ("SkuPriceId", "00XY"),
    ("SubAccountId", "/subscriptions/3F2504E0-4F89-41D3-9A0C-0305E82C3301"),
    ("x_BillingExchangeRate", "0.9"),
    ("x_BillingExchangeRateDate", "2026-10-01T00:00Z"),
    ("x_CustomerId", "a8098c1a-f86e-11da-bd1a-00112444be1e"),
    ("x_PartnerCreditApplied", "1"),
    ("x_PartnerCreditRate", "15"),
    ("x_PricingCurrency", "USD"),
    ("x_PricingUnitDescription", "1 Hour"),
    ("x_PublisherCategory", "Cloud Provider"),
    ("x_ResellerId", "2222222"),
    ("x_SkuMeterId", METER),
    ("x_SkuOrderId", "plan-1"),
    ("x_SkuOrderName", "Azure plan"),
];

/// A field as CSV writes it.
fn quoted(text: &str) -> String {
    if text.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.into()
    }
}

/// One record under a header, the defaults overruled by `values`.
pub fn record(header: &[&str], values: &[(&str, &str)]) -> String {
    let defaults = match header {
        _ if header.contains(&"UsageDate") => DAILY_RATED,
        _ if header.contains(&"BilledCost") => FOCUS_VALUES,
        _ => COST_MANAGEMENT,
    };
    let field = |column: &&str| {
        let of = |pairs: &[(&str, &str)]| {
            pairs.iter().find(|(name, _)| name.eq_ignore_ascii_case(column)).map(|(_, value)| quoted(value))
        };
        of(values).or_else(|| of(defaults)).unwrap_or_default()
    };
    header.iter().map(field).collect::<Vec<_>>().join(",")
}

/// A table of a header and records, with a line feed behind each.
pub fn table(header: &[&str], records: &[&[(&str, &str)]]) -> String {
    let mut text = header.join(",") + "\n";
    for values in records {
        text += &record(header, values);
        text.push('\n');
    }
    text
}

pub fn source(name: &str, bytes: impl Into<Vec<u8>>) -> Source {
    let mut sources = Source::from_bytes(name, bytes.into()).unwrap();
    assert_eq!(sources.len(), 1, "{name}");
    sources.remove(0)
}

/// A whole file in one batch, and what was rejected.
pub struct Read {
    pub batch: UsageBatch,
    pub rejects: Vec<Reject>,
}

impl Read {
    pub fn text(&self, field: Field) -> &str {
        self.batch.text(field, 0)
    }

    /// Code, line and column of each reject.
    pub fn rejected(&self) -> Vec<(&'static str, u64, &str)> {
        let places = self.rejects.iter().map(|reject| (reject.error.code(), &reject.error.place));
        places.map(|(code, at)| (code, at.line.unwrap(), at.column.as_deref().unwrap_or_default())).collect()
    }
}

pub fn read_source(source: &Source, wanted: FieldSet) -> Result<Read, Error> {
    let mut reader = UsageReader::open(source, wanted)?;
    let mut batch = UsageBatch::new();
    // A small step, so that every reading crosses the border of a batch.
    while reader.fill(&mut batch, 3)? > 0 {}
    let rejects = reader.take_rejects();
    assert_eq!(reader.records(), batch.len() as u64 + rejects.len() as u64);
    assert_eq!(reader.rejected(), rejects.len() as u64);
    Ok(Read { batch, rejects })
}

pub fn read(bytes: impl Into<Vec<u8>>) -> Result<Read, Error> {
    read_source(&source("usage.csv", bytes), FieldSet::all())
}
