//! FOCUS cost and usage details with Microsoft's `x_` columns: which column is what.
//!
//! FOCUS 1.0 and 1.0r2 have 96 columns, 1.2 about 105, where `InvoiceId`, `PricingCurrency` and `SkuMeter` lose their
//! `x_`. What the columns mean in terms of Cost Management: microsoft/finops-toolkit, docs-mslearn/focus/convert.md
//! and mapping.md.

use azure_pec::{Amount, Field};

use crate::billing_price::{BillingPrice, Price};
use crate::error::Fault;
use crate::field_set::FieldSet;
use crate::header::Header;
use crate::kind::Kind;
use crate::mapping::{Layout, Mapping, Rule};
use crate::observed::Observed;
use crate::table::Fields;
use crate::value::{self, Scale};

const SKU: &[&str] = &["SkuId"];
const SUBSCRIPTION: &[&str] = &["SubAccountId", "x_SubscriptionId"];
const CATEGORY: &[&str] = &["ChargeCategory"];
/// A quantity is in doubt where it is off the line's own list cost by a hundredth and by more than this; the exports
/// cut quantities at 11 decimals.
const COST_TOLERANCE: Amount = Amount::new(1, 9);

const LAYOUT: Layout = Layout {
    kind: Kind::UsageFocus,
    date: &["ChargePeriodStart"],
    quantity: &["PricingQuantity"],
    list_price: &["ListUnitPrice"],
    needed: &[SKU, SUBSCRIPTION, CATEGORY],
    lines: &[
        (Field::CustomerId, Rule::Placing("a tenant id (GUID)"), &["x_CustomerId"]),
        (Field::CustomerName, Rule::Text, &["x_CustomerName"]),
        (Field::ResellerId, Rule::Id, &["x_ResellerId"]),
        (Field::PartnerTenantId, Rule::Guid, &["x_InvoiceIssuerId"]),
        (Field::PlanId, Rule::Id, &["x_SkuOrderId"]),
        (Field::PlanName, Rule::Text, &["x_SkuOrderName"]),
        (Field::SubscriptionId, Rule::LastGuid, SUBSCRIPTION),
        (Field::SubscriptionName, Rule::Text, &["SubAccountName", "x_SubscriptionName"]),
        (Field::ResourceGroup, Rule::Id, &["x_ResourceGroupName"]),
        (Field::ResourceId, Rule::Id, &["ResourceId"]),
        (Field::MeterId, Rule::Id, &["x_SkuMeterId"]),
        (Field::MeterName, Rule::Text, &["SkuMeter", "x_SkuMeterName"]),
        (Field::Service, Rule::Text, &["x_SkuMeterCategory", "ServiceName"]),
        (Field::SkuName, Rule::Text, &["ChargeDescription", "x_SkuDescription"]),
        (Field::PublisherName, Rule::Text, &["PublisherName"]),
        (Field::InvoiceId, Rule::Id, &["InvoiceId", "x_InvoiceId"]),
        (Field::BillingCurrency, Rule::Text, &["BillingCurrency"]),
        (Field::ExchangeRate, Rule::Number, &["x_BillingExchangeRate"]),
        (Field::ExchangeRateDate, Rule::Date, &["x_BillingExchangeRateDate"]),
        (Field::Unit, Rule::Text, &["x_PricingUnitDescription", "PricingUnit"]),
        (Field::EffectiveUnitPrice, Rule::Number, &["x_EffectiveUnitPrice"]),
        (Field::BillingTotal, Rule::Number, &["BilledCost"]),
    ],
};

/// Finds the columns.
pub(crate) fn map(header: &Header, wanted: FieldSet) -> Result<Mapping, Fault> {
    let mut mapping = LAYOUT.map(header, wanted)?;
    if Observed::is_wanted(wanted)
        && let Some(rate) = header.find(&["x_PartnerCreditRate"])?
        && let Some(applied) = header.find(&["x_PartnerCreditApplied"])?
    {
        mapping.observed = Some(Observed::new(vec![(rate, Scale::Open)]).applied(applied));
    }
    mapping.focus = Some(Box::new(Focus::find(header, wanted)?));
    Ok(mapping)
}

/// What is made of several columns together.
pub(crate) struct Focus {
    wanted: FieldSet,
    sku: Option<usize>,
    price_id: Option<usize>,
    category: Option<usize>,
    class: Option<usize>,
    provider: Option<usize>,
    publisher: Option<usize>,
    pricing: Option<usize>,
    pricing_detail: Option<usize>,
    commitment: Option<usize>,
    commitment_type: Option<usize>,
    commitment_category: Option<usize>,
    commitment_status: Option<usize>,
    list_cost: Option<usize>,
    price: BillingPrice,
}

/// What a commitment discount is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Commitment {
    Reservation,
    SavingsPlan,
}

type At<T> = Result<T, (Fault, usize)>;

/// The text of a column; empty where there is no such column.
pub(crate) fn text<'f>(fields: &Fields<'f>, column: Option<usize>) -> At<&'f str> {
    column.map_or(Ok(""), |at| fields.get(at).map_err(|fault| (fault, at)))
}

impl Focus {
    fn find(header: &Header, wanted: FieldSet) -> Result<Self, Fault> {
        let find = |name: &'static str| header.find(&[name]);
        Ok(Self {
            wanted,
            sku: header.find(SKU)?,
            price_id: find("SkuPriceId")?,
            category: header.find(CATEGORY)?,
            class: find("ChargeClass")?,
            provider: find("ProviderName")?,
            publisher: find("x_PublisherCategory")?,
            pricing: find("PricingCategory")?,
            pricing_detail: find("x_PricingSubcategory")?,
            commitment: find("CommitmentDiscountId")?,
            commitment_type: find("CommitmentDiscountType")?,
            commitment_category: find("CommitmentDiscountCategory")?,
            commitment_status: find("CommitmentDiscountStatus")?,
            list_cost: find("ListCost")?,
            price: BillingPrice {
                pricing_currency: header.find(&["PricingCurrency", "x_PricingCurrency"])?,
                billing_currency: find("BillingCurrency")?,
                exchange_rate: find("x_BillingExchangeRate")?,
                last: None,
            },
        })
    }

    /// The columns that are looked at.
    pub fn columns(&self) -> impl Iterator<Item = usize> {
        let BillingPrice { pricing_currency, billing_currency, exchange_rate, .. } = self.price;
        [
            self.sku,
            self.price_id,
            self.category,
            self.class,
            self.provider,
            self.publisher,
            self.pricing,
            self.pricing_detail,
            self.commitment,
            self.commitment_type,
            self.commitment_category,
            self.commitment_status,
            self.list_cost,
            pricing_currency,
            billing_currency,
            exchange_rate,
        ]
        .into_iter()
        .flatten()
    }

    /// Whether the line may stand without a quantity: taxes, credits and adjustments have none.
    pub fn may_lack_quantity(&self, fields: &Fields<'_>) -> bool {
        text(fields, self.category).is_ok_and(|category| !category.is_empty() && !is(category, "usage"))
    }

    /// Sets what several columns say together, and hands the list price on in the currency that the line is then in.
    pub fn put(
        &mut self,
        fields: &Fields<'_>,
        quantity: &Amount,
        list_price: Option<Amount>,
        set: &mut dyn FnMut(Field, &str),
    ) -> At<Option<Amount>> {
        let (product, sku) = value::focus_product(text(fields, self.sku)?, text(fields, self.price_id)?);
        let commitment = self.commitment(fields)?;
        let benefit = match commitment {
            Some(Commitment::Reservation) => "Reservation",
            Some(Commitment::SavingsPlan) => "SavingsPlan",
            None => "",
        };
        let reservation = match commitment {
            Some(Commitment::Reservation) => last_segment(text(fields, self.commitment)?),
            _ => "",
        };
        for (field, made) in [
            (Field::ProductId, product),
            (Field::SkuId, sku),
            (Field::ChargeType, self.charge_type(fields, commitment)?),
            (Field::PricingModel, self.pricing_model(fields, commitment)?),
            (Field::BenefitType, benefit),
            (Field::ReservationId, reservation),
            (Field::PublisherType, publisher_type(text(fields, self.publisher)?)),
        ] {
            if self.wanted.contains(field) {
                set(field, made);
            }
        }
        if self.wanted.contains(Field::QuantityDoubt)
            && let Some(price) = &list_price
            && self.is_doubtful(fields, quantity, price)?
        {
            set(Field::QuantityDoubt, "block_size");
        }
        let Price { amount, currency, is_billing } = self.price.back(fields, list_price)?;
        if self.wanted.contains(Field::Currency) {
            set(Field::Currency, currency);
        }
        if self.wanted.contains(Field::PriceBasis) && is_billing {
            set(Field::PriceBasis, "billing");
        }
        Ok(amount)
    }

    /// By the charge's words, and of what is committed by what became of it. Refunds are corrections in FOCUS.
    fn charge_type<'f>(&self, fields: &Fields<'f>, commitment: Option<Commitment>) -> At<&'f str> {
        let provider = text(fields, self.provider)?;
        if !provider.is_empty() && !provider.to_ascii_lowercase().starts_with("microsoft") {
            return Ok("OtherProvider");
        }
        if is(text(fields, self.class)?, "correction") {
            return Ok("Refund");
        }
        let category = text(fields, self.category)?;
        let unused = is(category, "usage") && is(text(fields, self.commitment_status)?, "unused");
        Ok(match commitment {
            Some(Commitment::Reservation) if unused => "UnusedReservation",
            Some(Commitment::SavingsPlan) if unused => "UnusedSavingsPlan",
            _ => category,
        })
    }

    fn pricing_model<'f>(&self, fields: &Fields<'f>, commitment: Option<Commitment>) -> At<&'f str> {
        let (pricing, detail) = (text(fields, self.pricing)?, text(fields, self.pricing_detail)?);
        Ok(match commitment {
            _ if is(pricing, "dynamic") || is(detail, "spot") => "Spot",
            Some(Commitment::Reservation) => "Reservation",
            Some(Commitment::SavingsPlan) => "SavingsPlan",
            None if is(pricing, "standard") => "OnDemand",
            None => pricing,
        })
    }

    /// By its type, else by its category, the kind of its price or its id: a commitment to usage is a reservation, one to
    /// spend a savings plan. A price that is committed and says no more is one of the two, and neither earns.
    fn commitment(&self, fields: &Fields<'_>) -> At<Option<Commitment>> {
        let kind = text(fields, self.commitment_type)?;
        let category = text(fields, self.commitment_category)?;
        let words = if kind.is_empty() { category } else { kind };
        if is(words, "reservation") || is(words, "usage") {
            return Ok(Some(Commitment::Reservation));
        }
        if is(words, "savingsplan") || is(words, "spend") {
            return Ok(Some(Commitment::SavingsPlan));
        }
        let (pricing, detail) = (text(fields, self.pricing)?, text(fields, self.pricing_detail)?);
        let id = text(fields, self.commitment)?.to_ascii_lowercase();
        if is(detail, "committedspend") || id.contains("savingsplan") {
            return Ok(Some(Commitment::SavingsPlan));
        }
        let committed =
            is(detail, "committedusage") || id.contains("reservation") || is(pricing, "committed");
        Ok(committed.then_some(Commitment::Reservation))
    }

    /// Whether the quantity contradicts the line's own list cost. Until 2024-11 Microsoft divided quantities by the size
    /// of the pricing block that were counted in blocks already (finops-toolkit issue 727).
    fn is_doubtful(&self, fields: &Fields<'_>, quantity: &Amount, price: &Amount) -> At<bool> {
        let Some(column) = self.list_cost else { return Ok(false) };
        let cost = text(fields, Some(column))?;
        if cost.is_empty() || price.is_zero() {
            return Ok(false);
        }
        let cost = value::number(cost).map_err(|fault| (fault, column))?;
        let magnitude = |amount: Amount| if amount.is_negative() { -&amount } else { amount };
        let gap = magnitude(&(quantity * price) - &cost);
        Ok(gap > COST_TOLERANCE && &gap * &Amount::from(100) > magnitude(cost))
    }
}

/// Letters only, without regard to case: `Savings Plan` and `SavingsPlan` are one.
fn is(text: &str, wanted: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_lowercase()).eq(wanted.chars())
}

/// `Cloud Provider` is Microsoft, `Vendor` somebody in the Marketplace.
fn publisher_type(category: &str) -> &str {
    match category {
        _ if is(category, "vendor") => "Marketplace",
        _ if is(category, "cloudprovider") => "Microsoft",
        _ => category,
    }
}

fn last_segment(path: &str) -> &str {
    value::id(path.trim_end_matches('/').rsplit('/').next().unwrap_or_default())
}
