//! Cost Management usage of a partner: the 70 columns of the MPA schema 2023-12-01-preview.
//!
//! Source of the columns: MicrosoftDocs/azure-docs, cost-usage-details-mca-partner.

use std::io::{self, Write};

use crate::catalogue::{METERS, Meter, SERVICES, Service, region_of};
use crate::estate::{DAYS, Estate, Holding, Resource, push_group_name};
use crate::rng::{Rng, entry};
use crate::text::{decimal, guid, number, push_guid};

pub(crate) const COLUMNS: &str = "invoiceId,previousInvoiceId,billingAccountId,billingAccountName,billingProfileId,billingProfileName,invoiceSectionId,invoiceSectionName,partnerTenantId,partnerName,resellerName,resellerMpnId,customerTenantId,customerName,costCenter,billingPeriodEndDate,billingPeriodStartDate,servicePeriodEndDate,servicePeriodStartDate,date,serviceFamily,productOrderId,productOrderName,consumedService,meterId,meterName,meterCategory,meterSubCategory,meterRegion,ProductId,ProductName,SubscriptionId,subscriptionName,publisherType,publisherId,publisherName,resourceGroupName,ResourceId,resourceLocation,location,effectivePrice,quantity,unitOfMeasure,chargeType,billingCurrency,pricingCurrency,costInBillingCurrency,costInPricingCurrency,costInUsd,paygCostInBillingCurrency,paygCostInUsd,exchangeRatePricingToBilling,exchangeRateDate,isAzureCreditEligible,serviceInfo1,serviceInfo2,additionalInfo,tags,partnerEarnedCreditRate,partnerEarnedCreditApplied,PayGPrice,frequency,term,reservationId,reservationName,PricingModel,unitPrice,benefitId,benefitName,provider\n";
const BUFFER_BYTES: usize = 1 << 18;

/// Meters of a service that a subscription may use; few enough for 2.4 lines of a meter and day.
const SLOTS: u64 = 9;

const KIND_SERIES: u64 = 30;
const KIND_METER: u64 = 31;
const KIND_LINE: u64 = 32;
const KIND_ACCOUNT: u64 = 33;
const KIND_BENEFIT: u64 = 34;
const KIND_TAGS: u64 = 35;

/// A series: what a resource uses of one meter, a line on each day.
pub(crate) struct Series {
    pub meter: u64,
    pub model: &'static str,
    quantity_decimals: u32,
}

impl Series {
    pub fn of(estate: &Estate, resource: &Resource, index: u64) -> Self {
        let mut rng = Rng::of(estate.size.seed, KIND_SERIES, resource.number * 8 + index);
        // A subscription has some meters of each service, and uses the first of them most.
        let slot = rng.below(SLOTS).min(rng.below(SLOTS));
        let services = SERVICES.len() as u64;
        let place = (resource.subscription * services + resource.service) * SLOTS + slot;
        let mut choice = Rng::of(estate.size.seed, KIND_METER, place);
        // Some meters are used everywhere.
        let most = 1 + choice.below(METERS / services - 1);
        let meter = choice.below(most) * services + resource.service;
        let model = match rng.below(100) {
            0..=2 => "Spot",
            3..=5 => "Reservation",
            6..=7 => "SavingsPlan",
            _ => "OnDemand",
        };
        let quantity_decimals = rng.pick(&[0, 0, 0, 3, 3, 6, 6, 6, 10, 10]);
        Self { meter, model, quantity_decimals }
    }

    /// A quantity, in 10^-10 units.
    pub fn quantity(&self, rng: &mut Rng) -> i128 {
        let most = match self.quantity_decimals {
            0 => 720,
            3 => 500_000,
            6 => 40_000_000,
            _ => 2_000_000_000_000,
        };
        i128::from(1 + rng.below(most)) * 10i128.pow(10 - self.quantity_decimals)
    }
}

/// The numbers of one line.
struct Numbers {
    charge: &'static str,
    credited: bool,
    breaks: bool,
    quantity: String,
    list_price: String,
    effective_price: String,
    cost: String,
    list_cost: String,
}

impl Numbers {
    const fn new() -> Self {
        Self {
            charge: "Usage",
            credited: false,
            breaks: false,
            quantity: String::new(),
            list_price: String::new(),
            effective_price: String::new(),
            cost: String::new(),
            list_cost: String::new(),
        }
    }

    fn set(&mut self, rng: &mut Rng, holding: Holding, series: &Series, meter: &Meter, day: u64) {
        let digits = [&mut self.quantity, &mut self.list_price, &mut self.effective_price];
        digits.into_iter().chain([&mut self.cost, &mut self.list_cost]).for_each(String::clear);
        self.charge = match rng.below(1000) {
            0..=4 => "Purchase",
            5..=7 => "Refund",
            _ => "Usage",
        };
        self.breaks = rng.below(10_000) == 0;
        let quantity = series.quantity(rng);
        let quantity = if self.charge == "Refund" { -quantity } else { quantity };
        self.credited = self.charge == "Usage"
            && series.model == "OnDemand"
            && !meter.third_party
            && matches!(holding, Holding::Whole | Holding::AboveIt | Holding::Relay);
        let list_price = meter.price(day);
        let effective = list_price * if self.credited { 85 } else { 100 };
        decimal(&mut self.quantity, quantity, 10);
        decimal(&mut self.list_price, list_price, 15);
        if meter.averaged {
            let average = effective * 100_000 / 8 * 7 + i128::from(rng.below(100_000));
            decimal(&mut self.effective_price, average, 22);
        } else {
            decimal(&mut self.effective_price, effective, 17);
        }
        // Cut to 15 decimals: 8 of the quantity, then 17 of the price, less 10.
        decimal(&mut self.cost, quantity / 100 * effective / 10_000_000_000, 15);
        decimal(&mut self.list_cost, quantity / 100 * list_price / 100_000_000, 15);
    }
}

/// Writes the first `lines` lines of the month, all at most, and says how many bytes they are.
///
/// # Errors
/// What the writer says.
pub fn write_usage(estate: &Estate, lines: u64, out: &mut impl Write) -> io::Result<u64> {
    let heads: Vec<String> = (0..estate.subscriptions()).map(|at| head(estate, at)).collect();
    let mut numbers = Numbers::new();
    let mut rows = Rows::new(COLUMNS, out);
    each_line(estate, lines, |resource, index, day| {
        rows.put(|buffer| push_line(buffer, estate, &heads, resource, index, day, &mut numbers))
    })?;
    rows.end()
}

/// Rows on their way into a file.
pub(crate) struct Rows<'o, W> {
    buffer: String,
    out: &'o mut W,
    written: u64,
}

impl<'o, W: Write> Rows<'o, W> {
    pub fn new(header: &str, out: &'o mut W) -> Self {
        let mut buffer = String::with_capacity(BUFFER_BYTES + 4096);
        buffer.push_str(header);
        Self { buffer, out, written: 0 }
    }

    pub fn put(&mut self, row: impl FnOnce(&mut String)) -> io::Result<()> {
        row(&mut self.buffer);
        if self.buffer.len() >= BUFFER_BYTES {
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(self.buffer.as_bytes())?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The bytes of all rows.
    pub fn end(mut self) -> io::Result<u64> {
        self.flush()?;
        Ok(self.written)
    }
}

/// Each of the first `lines` lines of the month: its resource, its place among the resource's, and its day.
pub(crate) fn each_line(
    estate: &Estate,
    lines: u64,
    mut line: impl FnMut(&Resource, u64, u64) -> io::Result<()>,
) -> io::Result<()> {
    let mut left = lines.min(estate.size.lines);
    let (resources, step) = (estate.resources(), stride(estate.resources()));
    for day in 0..DAYS {
        for at in 0..resources {
            // Real files are in no order within a day.
            let resource = estate.resource((at * step + day * 7919) % resources);
            if day < resource.first_day {
                continue;
            }
            for index in 0..resource.lines_a_day.min(left) {
                line(&resource, index, day)?;
                left -= 1;
            }
        }
    }
    Ok(())
}

/// A step that comes to every resource once.
fn stride(resources: u64) -> u64 {
    let common = |mut a: u64, mut b: u64| {
        while b != 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    // Near the golden ratio, so that neighbours come far apart.
    let start = resources * 618 / 1000;
    (start.max(1)..).find(|step| common(*step, resources) == 1).unwrap_or(1)
}

/// The first 17 columns, which are the same for a whole subscription.
fn head(estate: &Estate, at: u64) -> String {
    let seed = estate.size.seed;
    let customer = estate.subscription(at).customer;
    let reseller = if customer.is_multiple_of(3) { "Relecloud,2222222" } else { "," };
    format!(
        "G{:09},,{}:{}_2019-05-31,Contoso Distribution,CNTS-DIST-BG7-PGB,Contoso Distribution,,,{},Contoso Distribution,{reseller},{},Customer {customer} Ltd,,10/31/2026,10/01/2026,",
        70_310_266 + customer,
        guid(seed, KIND_ACCOUNT, 0),
        guid(seed, KIND_ACCOUNT, 1),
        estate.partner_tenant,
        estate.customer_id(customer),
    )
}

fn push_line(
    out: &mut String,
    estate: &Estate,
    heads: &[String],
    resource: &Resource,
    index: u64,
    day: u64,
    numbers: &mut Numbers,
) {
    let series = Series::of(estate, resource, index);
    let meter = estate.catalogue.meter(series.meter);
    let subscription = estate.subscription(resource.subscription);
    let mut rng = Rng::of(estate.size.seed, KIND_LINE, (resource.number * 8 + index) * 32 + day);
    numbers.set(&mut rng, subscription.holding, &series, meter, day);
    let service: &Service = entry(SERVICES, resource.service);
    let head: &String = entry(heads, resource.subscription);
    out.push_str(head);
    // Service period end and start, date.
    for _ in 0..3 {
        out.push_str("10/");
        out.push(char::from(b'0' + u8::try_from((day + 1) / 10).unwrap_or(0)));
        out.push(char::from(b'0' + u8::try_from((day + 1) % 10).unwrap_or(0)));
        out.push_str("/2026,");
    }
    push_product(out, service, &subscription.plan, &series, meter);
    push_place(out, estate, resource, service);
    push_money(out, service, numbers);
    push_details(out, estate, resource, service, numbers.breaks);
    push_credit(out, estate, &series, numbers);
}

pub(crate) fn push_all(out: &mut String, parts: &[&str]) {
    for part in parts {
        out.push_str(part);
    }
}

/// serviceFamily to ProductName.
pub(crate) fn push_product(out: &mut String, service: &Service, plan: &str, series: &Series, meter: &Meter) {
    let region = region_of(series.meter).1;
    push_all(out, &[service.family, ",", plan, ",Azure plan,", service.provider, ",", &meter.id, ",M"]);
    number(out, series.meter % 97);
    push_all(out, &[" ", service.category, ",", service.category, ",", service.sub_category, ",", region]);
    push_all(out, &[",", &meter.product, &meter.sku, ",\"", service.category, ", ", service.sub_category]);
    push_all(out, &[" - ", region, "\","]);
}

/// SubscriptionId to location.
pub(crate) fn push_place(out: &mut String, estate: &Estate, resource: &Resource, service: &Service) {
    let publisher = if service.marketplace { ",Marketplace,,Proseware," } else { ",Microsoft,,Microsoft," };
    push_all(out, &[&estate.subscription(resource.subscription).id, ",sub-"]);
    number(out, resource.subscription);
    out.push_str(publisher);
    push_group_name(out, resource.group);
    out.push(',');
    let start = out.len();
    estate.push_resource_id(out, resource);
    if resource.number % 10 == 7
        && let Some(id) = out.get_mut(start..)
    {
        // The same resource is not always spelled the same way.
        id.make_ascii_uppercase();
    }
    let (location, region) = region_of(resource.number * SERVICES.len() as u64);
    push_all(out, &[",", location, ",", region, ","]);
}

/// effectivePrice to isAzureCreditEligible.
fn push_money(out: &mut String, service: &Service, numbers: &Numbers) {
    push_all(
        out,
        &[&numbers.effective_price, ",", &numbers.quantity, ",", service.unit, ",", numbers.charge],
    );
    push_all(out, &[",USD,USD,", &numbers.cost, ",", &numbers.cost, ",", &numbers.cost]);
    push_all(out, &[",", &numbers.list_cost, ",", &numbers.list_cost, ",1,10/01/2026,True,"]);
}

/// serviceInfo1 to tags.
pub(crate) fn push_details(
    out: &mut String,
    estate: &Estate,
    resource: &Resource,
    service: &Service,
    breaks: bool,
) {
    out.push_str(",,");
    if !service.info.is_empty() {
        out.push('"');
        for (at, part) in service.info.split('"').enumerate() {
            push_all(out, &[if at > 0 { "\"\"" } else { "" }, part]);
        }
        out.push('"');
    }
    if breaks {
        out.push_str(",\"\"\"note\"\": \"\"first line\nsecond line\"\"\",");
        return;
    }
    let mut rng = Rng::of(estate.size.seed, KIND_TAGS, resource.number);
    match rng.below(4) {
        0 => out.push_str(",,"),
        1 => out.push_str(",\"\"\"env\"\": \"\"production\"\"\","),
        2 => {
            out.push_str(",\"\"\"env\"\": \"\"test\"\",\"\"owner\"\": \"\"team-");
            number(out, rng.below(60));
            out.push_str("\"\",\"\"costCentre\"\": \"\"");
            number(out, 1000 + rng.below(9000));
            out.push_str("\"\"\",");
        }
        _ => {
            out.push_str(",\"\"\"application\"\": \"\"ERP, Köln\"\",\"\"created by\"\": \"\"user");
            number(out, rng.below(700));
            out.push_str("@customer.example\"\",\"\"criticality\"\": \"\"high\"\"\",");
        }
    }
}

/// partnerEarnedCreditRate to provider.
fn push_credit(out: &mut String, estate: &Estate, series: &Series, numbers: &Numbers) {
    out.push_str(if numbers.credited { "15,True," } else { "0,False," });
    push_all(out, &[&numbers.list_price, ",UsageBased,"]);
    let benefit = |out: &mut String| push_guid(out, estate.size.seed, KIND_BENEFIT, series.meter % 16);
    if series.model == "Reservation" {
        out.push_str("P1Y,");
        benefit(out);
        out.push_str(",reserved");
    } else {
        out.push_str(",,");
    }
    push_all(out, &[",", series.model, ",", &numbers.list_price, ","]);
    if series.model == "SavingsPlan" {
        benefit(out);
        out.push_str(",plan");
    } else {
        out.push(',');
    }
    out.push_str(",Microsoft.Azure\n");
}
