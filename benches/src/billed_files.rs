//! The files of a billed month: daily rated usage (55 columns), the invoice (46), Cost Management (70).
//!
//! Columns as in `examples/contoso-reconcile`.

use std::io::{self, Write};

use crate::bill::{Bill, BilledLine, Fifteen, currency};
use crate::catalogue::{SERVICES, Service, region_of};
use crate::estate::Estate;
use crate::rng::{Rng, entry};
use crate::text::{decimal, guid, number};
use crate::usage::{COLUMNS, Rows, each_line, push_all, push_details, push_place, push_product};

const DAILY: &str = "PartnerId,PartnerName,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,MpnId,Tier2MpnId,InvoiceNumber,ProductId,SkuId,AvailabilityId,SkuName,ProductName,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,UsageDate,MeterType,MeterCategory,MeterId,MeterSubCategory,MeterName,MeterRegion,Unit,ResourceLocation,ConsumedService,ResourceGroup,ResourceURI,ChargeType,UnitPrice,Quantity,UnitType,BillingPreTaxTotal,BillingCurrency,PricingPreTaxTotal,PricingCurrency,ServiceInfo1,ServiceInfo2,Tags,AdditionalInfo,EffectiveUnitPrice,PCToBCExchangeRate,PCToBCExchangeRateDate,EntitlementId,EntitlementDescription,PartnerEarnedCreditPercentage,CreditPercentage,CreditType,BenefitId,BenefitOrderId,BenefitType\n";
const INVOICE: &str = "PartnerId,CustomerId,CustomerName,CustomerDomainName,CustomerCountry,InvoiceNumber,MpnId,ResellerMpnId,OrderId,OrderDate,ProductId,SkuId,AvailabilityId,SkuName,ProductName,ChargeType,UnitPrice,Quantity,Subtotal,TaxTotal,Total,Currency,PriceAdjustmentDescription,PublisherName,PublisherId,SubscriptionDescription,SubscriptionId,ChargeStartDate,ChargeEndDate,TermAndBillingCycle,EffectiveUnitPrice,UnitType,AlternateId,BillableQuantity,BillingFrequency,PricingCurrency,PCToBCExchangeRate,PCToBCExchangeRateDate,MeterDescription,ReservationOrderId,CreditReasonCode,SubscriptionStartDate,SubscriptionEndDate,ReferenceID,ProductQualifiers,PromotionID\n";

const KIND_AVAILABILITY: u64 = 37;
const KIND_BENEFIT: u64 = 38;
const KIND_ORDER: u64 = 39;
const SUBSCRIPTIONS_A_CUSTOMER: u64 = 3;

/// What all lines of a customer share.
struct Customer {
    id: String,
    plan: String,
    reseller: &'static str,
    invoice: String,
    /// Of the billing currency: its name, and units of it for a USD.
    currency: &'static str,
    rate: String,
    rate_mantissa: i128,
}

fn customers(estate: &Estate) -> Vec<Customer> {
    let customer = |at: u64| {
        let (currency, _, rate_mantissa) = currency(at);
        let mut rate = String::new();
        decimal(&mut rate, rate_mantissa, 9);
        Customer {
            id: estate.customer_id(at),
            plan: estate.subscription(at * SUBSCRIPTIONS_A_CUSTOMER).plan.clone(),
            reseller: if at.is_multiple_of(4) { "2222222" } else { "" },
            invoice: format!("G0703102{:02}", 66 + at % 3),
            currency,
            rate,
            rate_mantissa,
        }
    };
    (0..estate.customers()).map(customer).collect()
}

fn availability(seed: u64, meter: u64) -> String {
    let bits = Rng::of(seed, KIND_AVAILABILITY, meter).below(1 << 16);
    format!("DZH318Z{bits:05X}")
}

/// Pricing and billing total of a line.
fn totals(line: &BilledLine, effective: Fifteen, rate: i128) -> [Fifteen; 2] {
    let pricing = Fifteen::of(effective.mantissa * line.quantity, 1, effective.scale + 10);
    [pricing, Fifteen::of(pricing.mantissa * rate, 1, pricing.scale + 9)]
}

/// Writes the daily rated usage; its bytes.
///
/// # Errors
/// What the writer says.
pub(crate) fn write_daily(estate: &Estate, bill: &Bill, out: &mut impl Write) -> io::Result<u64> {
    let customers = customers(estate);
    let mut rows = Rows::new(DAILY, out);
    each_line(estate, estate.size.lines, |resource, index, day| {
        let line = BilledLine::of(estate, resource, index, day);
        let customer: &Customer = entry(&customers, line.customer);
        rows.put(|out| push_daily(out, estate, customer, &line, bill.effective(&line), day))
    })?;
    rows.end()
}

fn push_daily(
    out: &mut String,
    estate: &Estate,
    customer: &Customer,
    line: &BilledLine,
    effective: Fifteen,
    day: u64,
) {
    let service: &Service = entry(SERVICES, line.resource.service);
    let meter = estate.catalogue.meter(line.series.meter);
    let (location, region) = region_of(line.series.meter);
    push_all(out, &[&estate.partner_tenant, ",Contoso Distribution,", &customer.id, ",Customer "]);
    number(out, line.customer);
    push_all(
        out,
        &[" Ltd,customer", ".onmicrosoft.com,US,1111111,", customer.reseller, ",", &customer.invoice],
    );
    push_all(
        out,
        &[",", &meter.product, ",", &meter.sku, ",", &availability(estate.size.seed, line.series.meter)],
    );
    push_all(out, &[",", service.category, " - ", region, ",", service.category, ",Microsoft,,Azure plan,"]);
    push_all(out, &[&customer.plan, ",10/1/2026,10/31/2026,10/"]);
    number(out, day + 1);
    push_all(
        out,
        &["/2026,", service.unit, ",", service.category, ",", &meter.id, ",\"", service.sub_category],
    );
    out.push_str("\",M");
    number(out, line.series.meter % 97);
    push_all(
        out,
        &[" ", service.category, ",", region, ",", service.unit, ",", location, ",", service.provider],
    );
    out.push_str(",rg-team-");
    number(out, line.resource.group);
    out.push(',');
    estate.push_resource_id(out, &line.resource);
    out.push_str(",New,");
    decimal(out, meter.price(day), 15);
    out.push(',');
    decimal(out, line.quantity, 10);
    push_all(out, &[",", service.unit, ","]);
    let [pricing, billing] = totals(line, effective, customer.rate_mantissa);
    billing.push(out);
    push_all(out, &[",", customer.currency, ","]);
    pricing.push(out);
    out.push_str(",USD,");
    // ServiceInfo1, ServiceInfo2, Tags, AdditionalInfo.
    push_details(out, estate, &line.resource, service, false);
    effective.push(out);
    push_all(out, &[",", &customer.rate, ",10/1/2026,", &estate.subscription(line.resource.subscription).id]);
    out.push_str(",sub-");
    number(out, line.resource.subscription);
    out.push_str(if line.credited && !line.is_committed() { ",15,0,," } else { ",0,0,," });
    if line.is_committed() {
        let id = guid(estate.size.seed, KIND_BENEFIT, line.series.meter % 16);
        push_all(out, &[&id, ",", &id, ",SavingsPlan\n"]);
    } else {
        out.push_str(",,\n");
    }
}

/// Writes the lines of the invoices; how many they are.
///
/// # Errors
/// What the writer says.
pub(crate) fn write_invoice(estate: &Estate, bill: &Bill, out: &mut impl Write) -> io::Result<u64> {
    let customers = customers(estate);
    let mut rows = Rows::new(INVOICE, out);
    let mut count = 0;
    for ((at, number_of_meter, credited), charge) in bill.lines() {
        let customer: &Customer = entry(&customers, *at);
        let meter = estate.catalogue.meter(*number_of_meter);
        let service: &Service = entry(SERVICES, charge.service);
        let (_, decimals, rate) = currency(*at);
        // 10^-2 of a USD times 10^-9, cut to the decimals of the currency.
        let total = charge.cents * rate / 10i128.pow(11 - decimals);
        count += 1;
        rows.put(|out| {
            push_all(out, &[&estate.partner_tenant, ",", &customer.id, ",Customer "]);
            number(out, *at);
            push_all(
                out,
                &[" Ltd,customer.onmicrosoft.com,US,", &customer.invoice, ",1111111,", customer.reseller],
            );
            push_all(
                out,
                &[",", &guid(estate.size.seed, KIND_ORDER, *at), ",5/2/2024,", &meter.product, ","],
            );
            push_all(out, &[&meter.sku, ",", &availability(estate.size.seed, *number_of_meter), ","]);
            push_all(out, &[service.category, ",", service.category, ",New,"]);
            decimal(out, meter.price(0), 15);
            out.push_str(",1,");
            decimal(out, total, usize::try_from(decimals).unwrap_or_default());
            out.push_str(",0,");
            decimal(out, total, usize::try_from(decimals).unwrap_or_default());
            push_all(out, &[",", customer.currency, ","]);
            if *credited {
                out.push_str("\"[\"\"15.0% Partner earned credit for services managed\"\"]\"");
            }
            push_all(out, &[",Microsoft,NA,Azure plan,", &customer.plan, ",10/1/2026,10/31/2026,Usage,"]);
            charge.effective.push(out);
            push_all(out, &[",", service.unit, ",,"]);
            decimal(out, charge.quantity, 10);
            push_all(out, &[",,USD,", &customer.rate, ",10/1/2026,", service.category, " - M"]);
            number(out, number_of_meter % 97);
            out.push_str(",,,,,,,\n");
        })?;
    }
    rows.end().map(|_| count)
}

/// Writes the same lines as Cost Management shows them.
///
/// # Errors
/// What the writer says.
pub(crate) fn write_cost_management(estate: &Estate, bill: &Bill, out: &mut impl Write) -> io::Result<u64> {
    let customers = customers(estate);
    let mut rows = Rows::new(COLUMNS, out);
    each_line(estate, estate.size.lines, |resource, index, day| {
        let line = BilledLine::of(estate, resource, index, day);
        let customer: &Customer = entry(&customers, line.customer);
        rows.put(|out| push_cost(out, estate, customer, &line, bill.effective(&line), day))
    })?;
    rows.end()
}

fn push_cost(
    out: &mut String,
    estate: &Estate,
    customer: &Customer,
    line: &BilledLine,
    effective: Fifteen,
    day: u64,
) {
    let service: &Service = entry(SERVICES, line.resource.service);
    let meter = estate.catalogue.meter(line.series.meter);
    push_all(out, &[&customer.invoice, ",,account,Contoso Distribution,profile,Contoso Distribution,,,"]);
    let reseller = if customer.reseller.is_empty() { "" } else { "Relecloud" };
    push_all(out, &[&estate.partner_tenant, ",Contoso Distribution,", reseller, ",", customer.reseller]);
    push_all(out, &[",", &customer.id, ",Customer "]);
    number(out, line.customer);
    out.push_str(" Ltd,,10/31/2026,10/01/2026,");
    for _ in 0..3 {
        out.push_str("10/");
        out.push(char::from(b'0' + u8::try_from((day + 1) / 10).unwrap_or(0)));
        out.push(char::from(b'0' + u8::try_from((day + 1) % 10).unwrap_or(0)));
        out.push_str("/2026,");
    }
    push_product(out, service, &customer.plan, &line.series, meter);
    push_place(out, estate, &line.resource, service);
    effective.push(out);
    out.push(',');
    decimal(out, line.quantity, 10);
    push_all(out, &[",", service.unit, ",Usage,", customer.currency, ",USD,"]);
    let [pricing, billing] = totals(line, effective, customer.rate_mantissa);
    for total in [billing, pricing, pricing, billing, pricing] {
        total.push(out);
        out.push(',');
    }
    push_all(out, &[&customer.rate, ",10/01/2026,True,"]);
    push_details(out, estate, &line.resource, service, false);
    let credited = line.credited && !line.is_committed();
    out.push_str(if credited { "0.15,True," } else { "0,False," });
    decimal(out, meter.price(day), 15);
    push_all(out, &[",UsageBased,,,,", line.series.model, ","]);
    decimal(out, meter.price(day), 15);
    if line.is_committed() {
        push_all(out, &[",", &guid(estate.size.seed, KIND_BENEFIT, line.series.meter % 16), ",plan,Azure\n"]);
    } else {
        out.push_str(",,,Azure\n");
    }
}
