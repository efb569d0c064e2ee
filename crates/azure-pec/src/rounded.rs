//! Sums as they are charged: rounded for each meter and month.
//!
//! What is known (facts of published numbers): usage is summed for each meter in its plan or subscription, credited and
//! not credited apart, over the billing month, and the sum is cut to what the currency has ("we then use the lower limit
//! of the function to limit the value to two digits after the decimal point": effective-unit-price-calculation,
//! 2020-11-11). The invoice cuts once more after the exchange rate: `ROUNDDOWN(ROUNDDOWN(EffectiveUnitPrice *
//! BillableQuantity, 2) * PCToBCExchangeRate, 2)` (modern-invoice-reconciliation-file, 2022-01-18). Negative sums are
//! cut toward zero, as ROUNDDOWN does.

use std::collections::{BTreeMap, BTreeSet};

use crate::amount::{Amount, Rounding};
use crate::calculator::Calculator;
use crate::cells::Tally;
use crate::currency::minor_units;
use crate::day::Day;
use crate::fx::{FxRates, line_rate};
use crate::group_key::GroupKey;
use crate::policy::{RoundingPolicy, TierScope};
use crate::sheet::Sheet;
use crate::sheet_key::{SheetKey, Slot};
use crate::statement_document::{RoundedSums, Warning};
use crate::sums::{RowKey, Sums};
use crate::verdict::Outcome;

/// What is rounded as one: meter and product in their scope, month and currencies.
pub(crate) fn cell_keys(policy: RoundingPolicy, scope: TierScope) -> Vec<SheetKey> {
    let group = SheetKey::Group;
    let mut keys = vec![
        SheetKey::Scope(scope),
        group(GroupKey::Meter),
        group(GroupKey::Product),
        group(GroupKey::Month),
    ];
    if policy == RoundingPolicy::InvoiceNested {
        keys.extend([SheetKey::BillingCurrency, SheetKey::ExchangeRate]);
    }
    keys
}

/// The currencies of a cell.
#[derive(Debug, Clone)]
struct Currencies<'s> {
    pricing: &'s str,
    /// The currency of the charge where it is another, and the rate to it.
    billing: Option<(&'s str, Amount)>,
    /// A rate was needed and is not known.
    lacks_rate: bool,
    /// It was needed, and the list of rates has it.
    listed: bool,
}

impl<'s> Currencies<'s> {
    /// Of the values of a cell's keys, as [`cell_keys`] has them.
    fn of(pricing: &'s str, values: &[&'s str], listed: &FxRates) -> Self {
        let at = |at: usize| values.get(at).copied();
        let none = Self { pricing, billing: None, lacks_rate: false, listed: false };
        // Where nothing is converted there is no currency of the invoice.
        let Some((billing, own)) = at(4).zip(at(5)).filter(|(billing, _)| *billing != pricing) else {
            return none;
        };
        if let Ok(rate) = line_rate(pricing, billing, own) {
            return Self { billing: Some((billing, rate)), ..none };
        }
        let month = at(3).and_then(|month| format!("{month}-01").parse::<Day>().ok());
        // Printed as lines print their rates. A text that is no rate is not guessed at.
        let rate = month.filter(|_| own.is_empty()).and_then(|month| {
            listed.convert(month, (pricing, billing), &Amount::ONE, 9, Rounding::HalfAwayFromZero).ok()
        });
        let listed = rate.is_some();
        Self { pricing, billing: rate.map(|rate| (billing, rate)), lacks_rate: !listed, listed }
    }

    /// The currency of the charge.
    fn shown(&self) -> &'s str {
        self.billing.as_ref().map_or(self.pricing, |(billing, _)| billing)
    }

    fn charge(&self, amount: &Amount) -> Amount {
        let amount = cut(amount, self.pricing);
        self.billing
            .as_ref()
            .map_or_else(|| amount.clone(), |(billing, rate)| cut(&(&amount * rate), billing))
    }
}

/// An amount in a currency whose decimals are not known stays exact.
fn cut(amount: &Amount, currency: &str) -> Amount {
    minor_units(currency).map_or_else(|| amount.clone(), |units| amount.round(units, Rounding::TowardZero))
}

/// A row of the statement by the names that it is told apart by: currency, outcome, reason; a total has the first only.
type RowName<'s> = (&'s str, &'static str, &'static str);

/// The rounded sums of a statement.
#[derive(Debug)]
pub(crate) struct RoundedSheet<'s> {
    rows: BTreeMap<RowName<'s>, BTreeMap<&'s str, RoundedSums>>,
    /// Lines without a rate to the currency of their invoice.
    rate_missing: u64,
    /// Lines that take the rate of the list.
    rate_listed: u64,
    /// Lines in currencies whose decimals are not known, and these.
    unknown_lines: u64,
    unknown: BTreeSet<&'s str>,
}

impl<'s> RoundedSheet<'s> {
    pub fn new(cells: &'s Sheet, calculator: &Calculator) -> Self {
        let mut sheet = Self {
            rows: BTreeMap::new(),
            rate_missing: 0,
            rate_listed: 0,
            unknown_lines: 0,
            unknown: BTreeSet::new(),
        };
        let listed = calculator.exchange_rates();
        // By row and cell; in a total what is credited and what is not are charged apart.
        let mut charges: BTreeMap<(RowName<'s>, bool, Vec<&'s str>), Sums> = BTreeMap::new();
        for (values, currency, slot, tally) in cells.rows() {
            sheet.count(&Currencies::of(currency, &values, listed), &tally);
            let rate = calculator.rule().rate_at(slot.1);
            let (credited, sums) = (is_credited(slot), Sums::new(tally, slot.0, &rate));
            let reason = (currency, slot.0.outcome.as_str(), slot.0.reason.code());
            charges.entry((reason, credited, values.clone())).or_default().add(&sums);
            charges.entry(((currency, "", ""), credited, values)).or_default().add(&sums);
        }
        for ((row, _, values), sums) in charges {
            let currencies = Currencies::of(row.0, &values, listed);
            let charged = sheet.rows.entry(row).or_default().entry(currencies.shown());
            let charged = charged.or_insert_with(|| nothing(currencies.shown(), !row.1.is_empty()));
            let list = currencies.charge(&sums.list_amount);
            let net = currencies.charge(&(&sums.list_amount - &sums.credit));
            let least = currencies.charge(&(&sums.list_amount - &sums.potential));
            charged.credit += &(&list - &net);
            if let Some(potential) = &mut charged.potential {
                *potential += &(&list - &least);
            }
            charged.list_amount += &list;
            charged.net += &net;
        }
        sheet
    }

    fn count(&mut self, currencies: &Currencies<'s>, tally: &Tally) {
        self.rate_missing += if currencies.lacks_rate { tally.lines } else { 0 };
        self.rate_listed += if currencies.listed { tally.lines } else { 0 };
        let mut unknown = false;
        for currency in [currencies.pricing, currencies.shown()] {
            if minor_units(currency).is_none() {
                self.unknown.insert(currency);
                unknown = true;
            }
        }
        self.unknown_lines += if unknown { tally.lines } else { 0 };
    }

    /// The charges of a currency.
    pub fn total(&self, currency: &str) -> Vec<RoundedSums> {
        self.row((currency, "", ""))
    }

    /// The charges of a reason.
    pub fn reason(&self, key: &RowKey<'_>) -> Vec<RoundedSums> {
        self.row((key.currency, key.outcome, key.reason))
    }

    fn row(&self, name: RowName<'_>) -> Vec<RoundedSums> {
        self.rows.get(&name).into_iter().flatten().map(|(_, sums)| sums.clone()).collect()
    }

    /// What to know before trusting them.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut warnings = Vec::new();
        if self.rate_missing > 0 {
            warnings.push(Warning {
                code: "fx.missing",
                message: "lines that name no exchange rate to the currency of their invoice; their rounded sums are in \
                          the pricing currency"
                    .to_owned(),
                count: self.rate_missing,
            });
        }
        if self.rate_listed > 0 {
            warnings.push(Warning {
                code: "fx.listed",
                message: "lines that name no exchange rate to the currency of their invoice; the rate of the list of \
                          their month was taken for their rounded sums"
                    .to_owned(),
                count: self.rate_listed,
            });
        }
        if self.unknown_lines > 0 {
            let names: Vec<&str> = self.unknown.iter().copied().collect();
            warnings.push(Warning {
                code: "currency.unknown",
                message: format!(
                    "lines in currencies whose decimals are not known, which are not rounded: {}",
                    names.join(", ")
                ),
                count: self.unknown_lines,
            });
        }
        warnings
    }
}

fn is_credited((verdict, _): Slot) -> bool {
    verdict.outcome == Outcome::Earned
}

fn nothing(currency: &str, of_reason: bool) -> RoundedSums {
    RoundedSums {
        currency: currency.to_owned(),
        list_amount: Amount::ZERO,
        potential: of_reason.then_some(Amount::ZERO),
        credit: Amount::ZERO,
        net: Amount::ZERO,
    }
}
