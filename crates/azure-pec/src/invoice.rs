//! Lines of a Partner Center invoice reconciliation: what Microsoft billed, and by which adjustments of the price.

use serde::Serialize;

use crate::amount::Amount;
use crate::day::Day;

/// One line of an invoice. Absent texts are empty; amounts are exact.
///
/// A line of usage is of a plan, a product, a SKU and an availability over a span of days: at most one for the days with
/// credit and one for those without (MicrosoftDocs/partner-center, azure-plan-billing, 2021-05-19; a later text does not
/// say so any more, so nothing here relies on it).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvoiceLine {
    /// The file.
    pub file: String,
    /// The line of the file at which the record starts.
    pub line: u64,
    /// The invoice; empty where it is not billed yet.
    pub invoice_number: String,
    /// The customer's tenant.
    pub customer_id: String,
    /// The customer's name.
    pub customer_name: String,
    /// The reseller (MPN id).
    pub reseller_id: String,
    /// The Azure plan: what Partner Center calls the subscription.
    pub plan_id: String,
    /// The plan's name.
    pub plan_name: String,
    /// Partner Center's product id.
    pub product_id: String,
    /// Its SKU id.
    pub sku_id: String,
    /// Its availability id.
    pub availability_id: String,
    /// The product's name.
    pub product_name: String,
    /// The SKU's name.
    pub sku_name: String,
    /// What the meter counts.
    pub meter_name: String,
    /// The publisher.
    pub publisher_name: String,
    /// new, renew, cancelImmediate, customerCredit ...
    pub charge_type: String,
    /// The first day that is charged.
    pub charge_start: Option<Day>,
    /// The last day that is charged, as it is printed.
    pub charge_end: Option<Day>,
    /// List price of a unit, in the pricing currency.
    pub unit_price: Option<Amount>,
    /// What a unit came to, in the pricing currency.
    pub effective_unit_price: Option<Amount>,
    /// The unit of measure.
    pub unit: String,
    /// The quantity that was billed, in units of measure.
    pub billable_quantity: Option<Amount>,
    /// Before tax, in the billing currency.
    pub subtotal: Amount,
    /// The tax.
    pub tax: Option<Amount>,
    /// With tax.
    pub total: Option<Amount>,
    /// The billing currency.
    pub currency: String,
    /// The pricing currency.
    pub pricing_currency: String,
    /// Pricing to billing currency.
    pub exchange_rate: Option<Amount>,
    /// The day of that rate.
    pub exchange_rate_date: Option<Day>,
    /// The reservation's order.
    pub reservation_order_id: String,
    /// Why a customer credit was given; such a credit is no partner earned credit.
    pub credit_reason: String,
    /// What was done to the price, in the order of the file.
    pub adjustments: Vec<PriceAdjustment>,
}

/// Something that was done to a price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PriceAdjustment {
    /// What.
    pub kind: PriceAdjustmentKind,
    /// By how much off, in hundreds: 15 is 15 %. None where the text names no percentage.
    pub percent: Option<Amount>,
    /// The text as it stood.
    pub text: String,
}

/// What was done to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PriceAdjustmentKind {
    /// Partner earned credit.
    PartnerEarnedCredit,
    /// The discount of a price tier, by its number.
    TierDiscount(u32),
    /// Anything else, or a text that is not understood.
    Other,
}

impl InvoiceLine {
    /// The rate of partner earned credit that the line states, as a fraction; 0 where it states none ("This column is
    /// blank if no requirements for PEC are met", partner-earned-credit-explanation).
    #[must_use]
    pub fn credit_rate(&self) -> Amount {
        let credit = |adjustment: &&PriceAdjustment| {
            adjustment.kind == PriceAdjustmentKind::PartnerEarnedCredit && adjustment.percent.is_some()
        };
        let percent = self.adjustments.iter().find(credit).and_then(|adjustment| adjustment.percent.as_ref());
        percent.map_or(Amount::ZERO, |percent| percent * &Amount::new(1, 2))
    }
}
