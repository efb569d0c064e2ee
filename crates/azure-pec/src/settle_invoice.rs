//! Invoice line by invoice line: the bill made anew with the rates that were applied, held against the invoice.

use std::collections::BTreeMap;

use crate::amount::{Amount, Rounding};
use crate::billed_line::BilledLine;
use crate::bridge::{Currencies, Steps, coin};
use crate::charged_meter::{ChargedMeter, Lines, MeterKey};
use crate::effective_price::{charge_behind, printed_price};
use crate::names::{Name, Names, Number};
use crate::other_export::{Entry, OtherExport};
use crate::parcel::Parcel;
use crate::reconciliation_document::{ChargedLine, InvoiceComparison};
use crate::tiered_usage::Climb;

/// What was found of an invoice line, without the names that all of its meter share.
#[derive(Debug)]
pub(crate) struct LineFinding {
    pub outcome: &'static str,
    pub of: Option<&'static str>,
    pub rate: Amount,
    pub pricing: Amount,
    pub billing: Option<Amount>,
    /// Usage that the second export alone shows.
    pub witnessed: Vec<Entry>,
    /// None of the group's own usage is in question.
    pub without_usage: bool,
}

/// A meter's month, settled.
#[derive(Debug, Default)]
pub(crate) struct Settled {
    pub expected: Steps,
    /// With everything applied that findings name.
    pub applied: Steps,
    pub observed_charge: Amount,
    pub observed_total: Amount,
    pub findings: Vec<LineFinding>,
    pub comparisons: Vec<InvoiceComparison>,
    /// No rate to the billing currency is known at all.
    pub lacks_exchange: bool,
    /// Usage without an effective price, while there is no invoice.
    pub unobserved: u64,
}

/// The usage of one rate.
#[derive(Debug, Default)]
struct Group<'m, 'r> {
    usage: Vec<&'m Lines<'r>>,
    invoice: Vec<&'r BilledLine>,
}

impl Group<'_, '_> {
    fn sum(&self, pick: impl Fn(&Parcel) -> &Amount) -> Amount {
        self.usage.iter().map(|lines| pick(lines.parcel)).sum()
    }

    /// At the prices of units without any tier's favour, and at those of the list.
    fn list_and_rated(&self) -> (Amount, Amount) {
        let rated = self.sum(|parcel| &parcel.rated);
        (&rated - &self.sum(|parcel| &parcel.tiers), rated)
    }
}

/// Holds the usage of a meter against its invoice lines.
pub(crate) fn settle_meter(
    names: &Names,
    key: &MeterKey,
    meter: &ChargedMeter<'_>,
    other: &OtherExport<'_>,
) -> Settled {
    let currencies = currencies(names, key);
    let right = meter.exchange.clone().unwrap_or_default();
    let mut settled = Settled { lacks_exchange: meter.exchange.is_none(), ..Settled::default() };
    let mut applied: BTreeMap<Amount, Group<'_, '_>> = BTreeMap::new();
    let mut should: BTreeMap<Amount, Group<'_, '_>> = BTreeMap::new();
    for lines in meter.usage.iter().filter(|lines| !lines.correction) {
        applied.entry(lines.applied.clone()).or_default().usage.push(lines);
        should.entry(lines.should()).or_default().usage.push(lines);
    }
    for line in meter.invoice.iter().filter(|line| !line.is_credit && !is_correction(key, line)) {
        applied.entry(names.number(line.credit_rate).clone()).or_default().invoice.push(line);
    }
    let mut expected: BTreeMap<Amount, ChargedLine> = BTreeMap::new();
    for (rate, group) in &should {
        let (list, rated) = group.list_and_rated();
        let steps = Steps::of(&list, &rated, rate, (&right, &right), &currencies);
        expected.insert(rate.clone(), charged(&group.sum(|parcel| &parcel.quantity), &steps, meter.invoiced));
        settled.expected.add(&steps);
    }
    let tiers = Tiers { names, meter, groups: &applied, currencies: &currencies };
    for (rate, group) in &applied {
        let bill = Bill { names, key, meter, rate, group, currencies: &currencies, right: &right };
        let observed = bill.settle(&mut settled, &tiers, other);
        let lines = (expected.remove(rate), observed);
        settled.comparisons.extend(compare(names, (key, meter), (rate, false), lines));
    }
    for (rate, line) in expected {
        settled.comparisons.extend(compare(names, (key, meter), (&rate, false), (Some(line), None)));
    }
    settled
}

/// Whether an invoice line charges usage of an earlier month.
pub(crate) fn is_correction(key: &MeterKey, line: &BilledLine) -> bool {
    line.end.is_some_and(|day| Some(day.month_start()) < key.month)
}

pub(crate) fn currencies(names: &Names, key: &MeterKey) -> Currencies {
    Currencies::new(names.text(key.pricing_currency), names.text(key.billing_currency))
}

fn charged(quantity: &Amount, steps: &Steps, invoiced: bool) -> ChargedLine {
    let net = &steps.rated - &steps.credit;
    let amount = if steps.charge.is_zero() { &net } else { &steps.charge };
    ChargedLine {
        quantity: quantity.clone(),
        charge: steps.charge.clone(),
        effective_unit_price: printed_price(amount, quantity),
        subtotal: invoiced.then(|| steps.total.clone()),
    }
}

/// A line of the invoice that is not what it should be; none where it is.
pub(crate) fn compare(
    names: &Names,
    (key, meter): (&MeterKey, &ChargedMeter<'_>),
    (rate, correction): (&Amount, bool),
    (expected, observed): (Option<ChargedLine>, Option<ChargedLine>),
) -> Option<InvoiceComparison> {
    let told = |line: &ChargedLine| (line.quantity.clone(), line.charge.clone(), line.subtotal.clone());
    if expected.as_ref().map(told) == observed.as_ref().map(told) {
        return None;
    }
    let text = |name: Name| names.text(name).to_owned();
    Some(InvoiceComparison {
        month: key.month_text(),
        invoice: (!key.invoice.is_empty()).then(|| text(key.invoice)),
        customer: text(key.customer),
        plan: text(key.plan),
        product: text(key.product),
        sku: text(key.sku),
        availability: text(key.availability),
        meter: text(meter.name),
        rate: rate.clone(),
        correction,
        expected,
        observed,
    })
}

/// What invoice lines charge, read back.
pub(crate) fn observed_charge(names: &Names, lines: &[&BilledLine], pricing: Option<u32>) -> Amount {
    let charge = |line: &&BilledLine| {
        let quantity = line.billable_quantity.clone().unwrap_or(Amount::ONE);
        let price = names.number(line.effective_unit_price.or(line.unit_price)?);
        Some(charge_behind(&[(price.clone(), quantity)], pricing))
    };
    lines.iter().filter_map(charge).fold(Amount::ZERO, |sum, charge| &sum + &charge)
}

/// What usage says that it is charged, read back from its effective prices.
pub(crate) fn effective_charge(usage: &[&Lines<'_>], pricing: Option<u32>) -> Amount {
    let price = |lines: &&Lines<'_>| Some((lines.effective_price?.clone(), lines.parcel.quantity.clone()));
    charge_behind(&usage.iter().filter_map(price).collect::<Vec<_>>(), pricing)
}

/// One invoice line: usage of one rate, and what was billed of it.
struct Bill<'m, 'r> {
    names: &'m Names,
    key: &'m MeterKey,
    meter: &'m ChargedMeter<'r>,
    rate: &'m Amount,
    group: &'m Group<'m, 'r>,
    currencies: &'m Currencies,
    right: &'m Amount,
}

impl Bill<'_, '_> {
    fn settle(
        &self,
        settled: &mut Settled,
        tiers: &Tiers<'_, '_>,
        other: &OtherExport<'_>,
    ) -> Option<ChargedLine> {
        let group = self.group;
        let (list, mut rated) = group.list_and_rated();
        let quantity = group.sum(|parcel| &parcel.quantity);
        if !self.meter.invoiced {
            return self.unbilled(settled, &list, &rated, &quantity, tiers);
        }
        if group.invoice.is_empty() {
            let steps = self.steps(&list, &rated, self.right);
            settled.applied.add(&steps);
            if !(steps.charge.is_zero() && steps.total.is_zero()) {
                let money = (-&steps.charge, Some(-&steps.total));
                self.find(settled, ("unexplained", Some("invoice_line_absent")), money);
            }
            return None;
        }
        let billed = group.invoice.iter().filter_map(|line| line.billable_quantity.as_ref()).sum::<Amount>();
        let charge = observed_charge(self.names, &group.invoice, self.currencies.pricing);
        let total = group.invoice.iter().fold(Amount::ZERO, |sum, line| &sum + &line.subtotal);
        if billed != quantity {
            rated += &self.absent(settled, &(&billed - &quantity), other);
        }
        let exchange = self.first(|line| line.exchange_rate).unwrap_or(self.right);
        let steps = self.charged_as(settled, (&list, &rated), exchange, (&charge, &quantity), tiers);
        if exchange != self.right && !settled.lacks_exchange {
            let money = &steps.charge * &(exchange - self.right);
            self.find(settled, ("difference.rate", Some("exchange_rate")), (Amount::ZERO, Some(money)));
        }
        let left = (&charge - &steps.charge, &total - &steps.total);
        let most = (coin(self.currencies.pricing), coin(self.currencies.billing));
        if settled.lacks_exchange && !left.1.is_zero() {
            self.find(settled, ("unexplained", Some("fx.missing")), (left.0, Some(left.1)));
        } else if size(&left.0) > most.0 || size(&left.1) > most.1 {
            self.find(settled, ("unexplained", None), (left.0, Some(left.1)));
        }
        settled.observed_charge += &charge;
        settled.observed_total += &total;
        settled.applied.add(&steps);
        let printed = match group.invoice.as_slice() {
            [only] => only.effective_unit_price.map(|price| self.names.number(price).clone()),
            _ => printed_price(&charge, &billed),
        };
        Some(ChargedLine { quantity: billed, charge, effective_unit_price: printed, subtotal: Some(total) })
    }

    /// Without an invoice, the lines' own effective prices say what is charged.
    fn unbilled(
        &self,
        settled: &mut Settled,
        list: &Amount,
        rated: &Amount,
        quantity: &Amount,
        tiers: &Tiers<'_, '_>,
    ) -> Option<ChargedLine> {
        let mut prices: BTreeMap<Amount, Amount> = BTreeMap::new();
        let mut unobserved = 0;
        for lines in &self.group.usage {
            match lines.effective_price {
                Some(price) => *prices.entry(price.clone()).or_default() += &lines.parcel.quantity,
                None => unobserved += lines.parcel.lines,
            }
        }
        let prices: Vec<(Amount, Amount)> = prices.into_iter().collect();
        let charge = if unobserved == 0 {
            charge_behind(&prices, self.currencies.pricing)
        } else {
            self.steps(list, rated, self.right).charge
        };
        settled.unobserved += unobserved;
        let steps = self.charged_as(settled, (list, rated), self.right, (&charge, quantity), tiers);
        let left = &charge - &steps.charge;
        if size(&left) > coin(self.currencies.pricing) {
            self.find(settled, ("unexplained", None), (left, None));
        }
        settled.observed_charge += &charge;
        settled.applied.add(&steps);
        let printed = match prices.as_slice() {
            [(only, _)] => Some(only.clone()),
            _ => printed_price(&charge, quantity),
        };
        Some(ChargedLine {
            quantity: quantity.clone(),
            charge,
            effective_unit_price: printed,
            subtotal: None,
        })
    }

    /// The first number of its invoice lines.
    fn first(&self, pick: impl Fn(&BilledLine) -> Option<Number>) -> Option<&Amount> {
        let number = self.group.invoice.iter().find_map(|line| pick(line))?;
        Some(self.names.number(number))
    }

    fn steps(&self, list: &Amount, rated: &Amount, exchange: &Amount) -> Steps {
        Steps::of(list, rated, self.rate, (self.right, exchange), self.currencies)
    }

    /// The steps with the prices that were applied, where these explain the charge.
    fn charged_as(
        &self,
        settled: &mut Settled,
        (list, rated): (&Amount, &Amount),
        exchange: &Amount,
        (charge, quantity): (&Amount, &Amount),
        tiers: &Tiers<'_, '_>,
    ) -> Steps {
        let steps = self.steps(list, rated, exchange);
        if steps.charge == *charge {
            return steps;
        }
        let net = &Amount::ONE - self.rate;
        let mut tries: Vec<(&'static str, Amount)> = Vec::new();
        if let Some(other) = tiers.left_out().and_then(|mut rated| rated.remove(self.rate)) {
            tries.push(("tier", other));
        }
        if self.meter.climbs.is_empty() {
            let prices = self.group.invoice.iter().filter_map(|line| line.unit_price);
            tries.extend(prices.map(|price| ("list_price", self.names.number(price) * quantity)));
        }
        for (of, other) in tries {
            let with = self.steps(list, &other, exchange);
            if with.charge == *charge && other != *rated {
                let money = &(&other - rated) * &net;
                let billing = self.meter.invoiced.then(|| &money * self.right);
                self.find(settled, ("difference.price", Some(of)), (money, billing));
                return with;
            }
        }
        steps
    }

    /// Units that were billed and stand in no usage line, at the price of their meter.
    fn absent(&self, settled: &mut Settled, lacking: &Amount, other: &OtherExport<'_>) -> Amount {
        let named = other.at_rate(self.key, self.rate);
        let quantity: Amount = named.iter().map(|entry| &entry.quantity).sum();
        let (rated, named) = if quantity == *lacking {
            (named.iter().map(|entry| &entry.rated).sum(), named)
        } else {
            let price = self.first(|line| line.unit_price);
            (price.map_or(Amount::ZERO, |price| price * lacking), Vec::new())
        };
        let money: Amount = &rated * &(&Amount::ONE - self.rate);
        settled.findings.push(LineFinding {
            outcome: "unexplained",
            of: Some("usage_line_absent"),
            rate: self.rate.clone(),
            billing: Some(&money * self.right),
            pricing: money,
            witnessed: named,
            without_usage: true,
        });
        rated
    }

    fn find(
        &self,
        settled: &mut Settled,
        (outcome, of): (&'static str, Option<&'static str>),
        (pricing, billing): (Amount, Option<Amount>),
    ) {
        settled.findings.push(LineFinding {
            outcome,
            of,
            rate: self.rate.clone(),
            pricing,
            billing,
            witnessed: Vec::new(),
            without_usage: false,
        });
    }
}

fn size(amount: &Amount) -> Amount {
    if amount.is_negative() { -amount } else { amount.clone() }
}

/// The ladder of a meter, and what its groups are charged.
struct Tiers<'m, 'r> {
    names: &'m Names,
    meter: &'m ChargedMeter<'r>,
    groups: &'m BTreeMap<Amount, Group<'m, 'r>>,
    currencies: &'m Currencies,
}

impl Tiers<'_, '_> {
    /// A ladder with one tier left out that explains every charge: what it rates the usage of each rate at.
    fn left_out(&self) -> Option<BTreeMap<Amount, Amount>> {
        let prices = self.meter.climbs.iter().filter_map(|climb| climb.price);
        let most = prices.map(|price| price.tiers.len()).max()?;
        (0..most).find_map(|out| {
            let mut rated: BTreeMap<Amount, Amount> = BTreeMap::new();
            for climb in &self.meter.climbs {
                *rated.entry(climb.applied.clone()).or_default() += &without_tier(climb, out)?;
            }
            self.groups.iter().all(|(rate, group)| self.explains(&rated, rate, group)).then_some(rated)
        })
    }

    fn explains(&self, rated: &BTreeMap<Amount, Amount>, rate: &Amount, group: &Group<'_, '_>) -> bool {
        let pricing = self.currencies.pricing;
        let net = &rated.get(rate).cloned().unwrap_or_default() * &(&Amount::ONE - rate);
        let charge = pricing.map_or(net.clone(), |places| net.round(places, Rounding::TowardZero));
        charge
            == if self.meter.invoiced {
                observed_charge(self.names, &group.invoice, pricing)
            } else {
                effective_charge(&group.usage, pricing)
            }
    }
}

/// What a quantity costs where one tier is left out: the one before it goes on; for the first, the second begins at 0.
fn without_tier(climb: &Climb<'_>, out: usize) -> Option<Amount> {
    let mut price = climb.price?.clone();
    if price.tiers.len() > 1 && out < price.tiers.len() {
        let gone = price.tiers.remove(out);
        match out.checked_sub(1) {
            Some(before) => price.tiers.get_mut(before)?.up_to = gone.up_to,
            None => price.tiers.first_mut()?.above = gone.above,
        }
    }
    let times = Amount::new(i128::from(climb.times), 0);
    Some(&price.amount(&climb.before, &climb.quantity) * &times)
}
