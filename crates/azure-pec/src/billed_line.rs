//! A line of an invoice as a reconciliation keeps it.

use crate::amount::Amount;
use crate::day::Day;
use crate::invoice::{InvoiceLine, PriceAdjustmentKind};
use crate::names::{Moved, Name, Names, Number};
use crate::origin::currency;

/// What an invoice line charges, and of what.
#[derive(Debug, Clone)]
pub(crate) struct BilledLine {
    pub invoice: Name,
    pub customer: Name,
    pub reseller: Name,
    pub plan: Name,
    pub product: Name,
    pub sku: Name,
    pub availability: Name,
    pub meter: Name,
    pub pricing_currency: Name,
    pub billing_currency: Name,
    pub unit: Name,
    pub credit_rate: Number,
    pub exchange_rate: Option<Number>,
    /// A credit to the customer.
    pub is_credit: bool,
    /// It holds a text on its price that is not understood.
    pub is_strange: bool,
    /// The latest day that is charged.
    pub end: Option<Day>,
    pub unit_price: Option<Number>,
    pub effective_unit_price: Option<Number>,
    pub billable_quantity: Option<Amount>,
    pub subtotal: Amount,
}

impl BilledLine {
    /// None for a line that is no usage of the Azure plan at its meter's own price, and no credit to the customer.
    pub fn new(names: &mut Names, line: &InvoiceLine) -> Option<Self> {
        if !is_ours(line) {
            return None;
        }
        let is_credit = line.charge_type.trim().eq_ignore_ascii_case("customerCredit");
        let pricing = currency(&line.pricing_currency, "USD");
        let other = |one: &crate::invoice::PriceAdjustment| one.kind == PriceAdjustmentKind::Other;
        let mut number = |number: &Option<Amount>| number.as_ref().map(|number| names.put_number(number));
        let (exchange_rate, unit_price) = (number(&line.exchange_rate), number(&line.unit_price));
        let effective_unit_price = number(&line.effective_unit_price);
        let mut upper = |text: &str| names.put(&text.trim().to_ascii_uppercase());
        let [product, sku, availability] =
            [&line.product_id, &line.sku_id, &line.availability_id].map(|text| upper(text));
        Some(Self {
            invoice: names.put(line.invoice_number.trim()),
            customer: names.put(&line.customer_id.trim().to_ascii_lowercase()),
            reseller: names.put(line.reseller_id.trim()),
            plan: names.put(&line.plan_id.trim().to_ascii_lowercase()),
            product,
            sku,
            availability,
            meter: names.put(&line.meter_name),
            billing_currency: names.put(&currency(&line.currency, &pricing)),
            pricing_currency: names.put(&pricing),
            unit: names.put(line.unit.trim()),
            credit_rate: names.put_number(&line.credit_rate()),
            exchange_rate,
            is_credit,
            is_strange: !is_credit && line.adjustments.iter().any(other),
            end: line.charge_end.or(line.charge_start),
            unit_price,
            effective_unit_price,
            billable_quantity: line.billable_quantity.clone(),
            subtotal: line.subtotal.clone(),
        })
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
            product: name(self.product),
            sku: name(self.sku),
            availability: name(self.availability),
            meter: name(self.meter),
            pricing_currency: name(self.pricing_currency),
            billing_currency: name(self.billing_currency),
            unit: name(self.unit),
            credit_rate: self.credit_rate.moved(moved),
            exchange_rate: number(self.exchange_rate),
            unit_price: number(self.unit_price),
            effective_unit_price: number(self.effective_unit_price),
            ..self
        }
    }
}

fn is_ours(line: &InvoiceLine) -> bool {
    let publisher = line.publisher_name.trim().to_ascii_lowercase();
    let plan = line.plan_name.trim().to_ascii_lowercase();
    (publisher.is_empty() || publisher.starts_with("microsoft"))
        && line.reservation_order_id.trim().is_empty()
        && (plan.is_empty() || plan.contains("azure plan"))
}
