//! The Azure plan price list, as Partner Center exports it: 18 columns, every field quoted.

use std::io::{self, Write};

use crate::catalogue::{Meter, NEW_VERSION_DAY, region_of, service_of};
use crate::estate::Estate;
use crate::text::{decimal, number, quoted};

/// The market that the list is of.
pub const MARKET: &str = "US";

const COLUMNS: [&str; 18] = [
    "ProductTitle",
    "ProductId",
    "SkuId",
    "SkuTitle",
    "Publisher",
    "SkuDescription",
    "UnitOfMeasure",
    "TermDuration",
    "Market",
    "Currency",
    "UnitPrice",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "EffectiveStartDate",
    "EffectiveEndDate",
    "MeterIds",
    "MeterType",
    "Tags",
];
const FIRST_START: &str = "3/1/2018 12:00:00 AM";
const OPEN_END: &str = "11/30/9999 11:59:59 PM";

/// Writes the price list: a row for each version of each listed meter.
///
/// # Errors
/// What the writer says.
pub fn write_prices(estate: &Estate, out: &mut impl Write) -> io::Result<()> {
    write_list(estate, &|_, _| None, out)
}

/// A tier: above and up to so many units (none is any number), at a price in 10^-15.
pub(crate) type PriceTier = (u64, Option<u64>, i128);

/// The list with the tiers of some meters.
pub(crate) fn write_list(
    estate: &Estate,
    tiers: &dyn Fn(u64, &Meter) -> Option<[PriceTier; 3]>,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut row = String::with_capacity(512);
    push_row(&mut row, &COLUMNS);
    out.write_all(row.as_bytes())?;
    let mut change = String::from("10/");
    number(&mut change, NEW_VERSION_DAY + 1);
    change.push_str("/2026 12:00:00 AM");
    let mut last = String::from("10/");
    number(&mut last, NEW_VERSION_DAY);
    last.push_str("/2026 11:59:59 PM");
    let meters = (0u64..).zip(&estate.catalogue.meters);
    for (at, meter) in meters.filter(|(_, meter)| meter.listed) {
        row.clear();
        if let Some(tiers) = tiers(at, meter) {
            for tier in tiers {
                push_version(&mut row, at, meter, tier, [FIRST_START, OPEN_END]);
            }
        } else if meter.versions {
            push_version(&mut row, at, meter, untiered(meter.price(0)), [FIRST_START, &last]);
            push_version(&mut row, at, meter, untiered(meter.price(NEW_VERSION_DAY)), [&change, OPEN_END]);
        } else {
            push_version(&mut row, at, meter, untiered(meter.price(0)), [FIRST_START, OPEN_END]);
        }
        out.write_all(row.as_bytes())?;
    }
    Ok(())
}

const fn untiered(price: i128) -> PriceTier {
    (0, None, price)
}

/// The largest bound of real lists.
const NO_BOUND: &str = "9223372036854780000";

fn push_version(
    out: &mut String,
    at: u64,
    meter: &Meter,
    (above, up_to, price): PriceTier,
    [start, end]: [&str; 2],
) {
    let service = service_of(at);
    let title = format!("{} - {}", service.category, region_of(at).1);
    let mut text = String::new();
    decimal(&mut text, price, 15);
    // Lists print no zero before the point.
    let price = text.strip_prefix('0').filter(|rest| !rest.is_empty()).unwrap_or(&text);
    let (mut first, mut last) = (String::new(), String::new());
    if above > 0 || up_to.is_some() {
        // Tiers of the list count from 1.
        number(&mut first, above + 1);
        match up_to {
            Some(bound) => number(&mut last, bound),
            None => last.push_str(NO_BOUND),
        }
    }
    let tags = if meter.third_party { "Azure,Third Party" } else { "Azure" };
    push_row(
        out,
        &[
            service.category,
            &meter.product,
            &meter.sku,
            &title,
            if service.marketplace { "Proseware" } else { "Microsoft" },
            service.sub_category,
            service.unit,
            "payG-1",
            MARKET,
            "USD",
            price,
            &first,
            &last,
            start,
            end,
            &meter.id,
            service.unit,
            tags,
        ],
    );
}

fn push_row(out: &mut String, fields: &[&str; 18]) {
    for (at, field) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        quoted(out, field);
    }
    out.push('\n');
}
