//! What Microsoft bills for the month: worked out in whole numbers of the smallest digits, apart from the calculator.
//!
//! Quantities are in 10^-10, list prices in 10^-15, so list amounts in 10^-25. An invoice line is of a customer's plan, a
//! meter and whether it is credited (`examples/contoso-reconcile/BRIDGE.md`): its charge is cut to cents, and the price of
//! a unit is that over the quantity, to 15 digits.

use std::collections::BTreeMap;
use std::io;

use crate::access::gap_meets;
use crate::catalogue::{Meter, SERVICES};
use crate::estate::{Estate, Holding, Resource};
use crate::prices::PriceTier;
use crate::rng::{Rng, entry};
use crate::text::decimal;
use crate::usage::{Series, each_line};

const KIND_BILLED: u64 = 36;

/// A line of usage as it is billed.
pub(crate) struct BilledLine {
    pub resource: Resource,
    pub series: Series,
    pub customer: u64,
    pub credited: bool,
    /// In 10^-10.
    pub quantity: i128,
}

impl BilledLine {
    pub fn of(estate: &Estate, resource: &Resource, index: u64, day: u64) -> Self {
        let mut resource = Resource { ..*resource };
        if entry(SERVICES, resource.service).marketplace {
            // The daily file has no line of the Marketplace.
            resource.service = 0;
        }
        let mut series = Series::of(estate, &resource, index);
        if matches!(series.model, "Spot" | "Reservation") {
            // Reservations stand in no daily file, and Spot is a SKU of its own.
            series.model = "OnDemand";
        }
        let subscription = estate.subscription(resource.subscription);
        let covered = match subscription.holding {
            Holding::Whole | Holding::AboveIt | Holding::Relay => true,
            Holding::Gap => !gap_meets(estate.size.seed, resource.subscription, day),
            _ => false,
        };
        let third_party = estate.catalogue.meter(series.meter).third_party;
        let mut rng = Rng::of(estate.size.seed, KIND_BILLED, (resource.number * 8 + index) * 32 + day);
        let quantity = series.quantity(&mut rng);
        Self {
            resource,
            series,
            customer: subscription.customer,
            credited: covered && !third_party,
            quantity,
        }
    }

    /// A commitment pays it.
    pub fn is_committed(&self) -> bool {
        self.series.model != "OnDemand"
    }

    const fn place(&self) -> Place {
        (self.customer, self.series.meter, self.credited)
    }
}

/// Customer, meter, and whether it is credited.
type Place = (u64, u64, bool);

/// The tiers of some meters: the first hundred units at the full price, and less beyond.
pub(crate) fn tiers(number: u64, meter: &Meter) -> Option<[PriceTier; 3]> {
    let tiered = number % 32 == 9 && meter.listed && !meter.versions && !meter.third_party;
    let price = meter.price(0);
    tiered.then(|| [(0, Some(100), price), (100, Some(1000), price * 4 / 5), (1000, None, price / 2)])
}

/// A number of 15 significant digits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Fifteen {
    pub mantissa: i128,
    pub scale: usize,
}

impl Fifteen {
    /// `numerator / denominator * 10^-scale`, the last digit rounded.
    pub fn of(numerator: i128, denominator: i128, scale: usize) -> Self {
        let (mut numerator, mut scale) = (numerator, scale);
        if numerator == 0 {
            return Self::default();
        }
        while numerator / denominator < 10i128.pow(15) && scale < 35 {
            numerator *= 10;
            scale += 1;
        }
        let mut quotient = numerator / denominator;
        while quotient >= 10i128.pow(16) && scale > 1 {
            quotient /= 10;
            scale -= 1;
        }
        Self { mantissa: (quotient + 5) / 10, scale: scale.saturating_sub(1) }
    }

    pub fn push(self, out: &mut String) {
        decimal(out, self.mantissa, self.scale);
    }
}

/// A line of the invoice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Charge {
    /// In 10^-10.
    pub quantity: i128,
    /// In 10^-25.
    rated: i128,
    /// In 10^-2.
    pub cents: i128,
    pub effective: Fifteen,
    /// The least number of its subscriptions' services, which its unit is of.
    pub service: u64,
}

/// A line of a meter with tiers, in the order of the ladder: day, resource, place.
type Step = (u64, String, u64, i128, bool);

/// The invoice lines of the month.
pub(crate) struct Bill(BTreeMap<Place, Charge>);

impl Bill {
    pub fn of(estate: &Estate) -> io::Result<Self> {
        let mut charges: BTreeMap<Place, Charge> = BTreeMap::new();
        let mut ladders: BTreeMap<(u64, u64), Vec<Step>> = BTreeMap::new();
        each_line(estate, estate.size.lines, |resource, index, day| {
            let line = BilledLine::of(estate, resource, index, day);
            if line.is_committed() {
                return Ok(());
            }
            let meter = estate.catalogue.meter(line.series.meter);
            let charge = charges.entry(line.place()).or_default();
            charge.quantity += line.quantity;
            charge.service = line.resource.service;
            if tiers(line.series.meter, meter).is_some() {
                let mut id = String::new();
                estate.push_resource_id(&mut id, &line.resource);
                id.make_ascii_lowercase();
                let step = (day, id, index, line.quantity, line.credited);
                ladders.entry((line.customer, line.series.meter)).or_default().push(step);
            } else {
                charge.rated += line.quantity * meter.price(day);
            }
            Ok(())
        })?;
        for ((customer, number), mut steps) in ladders {
            let Some(tiers) = tiers(number, estate.catalogue.meter(number)) else { continue };
            steps.sort_unstable();
            let mut reached = 0;
            for (_, _, _, quantity, credited) in steps {
                let charge = charges.entry((customer, number, credited)).or_default();
                charge.rated += climb(&tiers, reached, quantity);
                reached += quantity;
            }
        }
        for ((_, _, credited), charge) in &mut charges {
            let net = charge.rated * if *credited { 85 } else { 100 };
            charge.cents = net / 10i128.pow(25);
            charge.effective = if charge.cents == 0 {
                Fifteen::of(net, charge.quantity, 17)
            } else {
                Fifteen::of(charge.cents * 10i128.pow(8), charge.quantity, 0)
            };
        }
        Ok(Self(charges))
    }

    /// What a unit came to.
    pub fn effective(&self, line: &BilledLine) -> Fifteen {
        let none = Fifteen::default();
        if line.is_committed() {
            none
        } else {
            self.0.get(&line.place()).map_or(none, |charge| charge.effective)
        }
    }

    pub fn lines(&self) -> impl Iterator<Item = (&Place, &Charge)> {
        self.0.iter()
    }
}

/// The list amount of the units behind those reached.
fn climb(tiers: &[PriceTier; 3], reached: i128, quantity: i128) -> i128 {
    let unit = 10i128.pow(10);
    let part = |(above, up_to, price): &PriceTier| {
        let first = reached.max(i128::from(*above) * unit);
        let end = reached + quantity;
        let last = up_to.map_or(end, |bound| end.min(i128::from(bound) * unit));
        (last - first).max(0) * price
    };
    tiers.iter().map(part).sum()
}

/// The currency of a customer's invoice: its decimals, and units of it for a USD in 10^-9.
pub(crate) const fn currency(customer: u64) -> (&'static str, u32, i128) {
    match customer % 3 {
        0 => ("EUR", 2, 912_345_678),
        1 => ("USD", 2, 1_000_000_000),
        _ => ("JPY", 0, 151_234_567_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_prices() {
        // 0.868 less 15 %: MicrosoftDocs/partner-center, effective-unit-price-calculation.
        for (cents, quantity, expected) in [
            (2139, 290_000_000_000, "0.737586206896552"),
            (15563, 2_109_500_390_000, "0.737757626107858"),
            (41017, 5_559_500_390_000, "0.737782122900436"),
        ] {
            let mut text = String::new();
            Fifteen::of(cents * 10i128.pow(8), quantity, 0).push(&mut text);
            assert_eq!(text, expected);
        }
    }

    #[test]
    fn the_published_tiers() {
        let unit = 10i128.pow(10);
        let price = 10i128.pow(15);
        let tiers = [(0, Some(100), price), (100, Some(100_000), price * 4 / 5), (100_000, None, price / 2)];
        assert_eq!(climb(&tiers, 0, 101 * unit), 1008 * 10i128.pow(24));
    }
}
