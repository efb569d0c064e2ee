//! From list price to the invoice's total: the steps of a charge, each exact.

use crate::amount::{Amount, Rounding};
use crate::currency::minor_units;

/// The two currencies of a charge and their decimals; an unknown currency is not cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Currencies {
    pub pricing: Option<u32>,
    pub billing: Option<u32>,
}

impl Currencies {
    pub fn new(pricing: &str, billing: &str) -> Self {
        Self { pricing: minor_units(pricing), billing: minor_units(billing) }
    }
}

/// The smallest coin; nothing where it is not known.
pub(crate) fn coin(decimals: Option<u32>) -> Amount {
    decimals.map_or(Amount::ZERO, |decimals| Amount::new(1, decimals))
}

fn cut(amount: &Amount, decimals: Option<u32>) -> Amount {
    decimals.map_or_else(|| amount.clone(), |decimals| amount.round(decimals, Rounding::TowardZero))
}

/// The steps of a charge, or of a sum of charges.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Steps {
    pub list: Amount,
    pub rated: Amount,
    pub credit: Amount,
    pub charge: Amount,
    pub exchanged: Amount,
    pub total: Amount,
    /// What the first cut takes, at the right exchange rate.
    pub cents_exchanged: Amount,
}

impl Steps {
    /// The charge of one line of an invoice. `right` is the exchange rate that should be, `exchange` the one that is
    /// applied.
    pub fn of(
        list: &Amount,
        rated: &Amount,
        rate: &Amount,
        (right, exchange): (&Amount, &Amount),
        currencies: &Currencies,
    ) -> Self {
        let credit = rated * rate;
        let net = rated - &credit;
        let charge = cut(&net, currencies.pricing);
        let exchanged = &charge * exchange;
        Self {
            list: list.clone(),
            rated: rated.clone(),
            total: cut(&exchanged, currencies.billing),
            cents_exchanged: &(&charge - &net) * right,
            credit,
            charge,
            exchanged,
        }
    }

    pub fn add(&mut self, other: &Self) {
        self.list += &other.list;
        self.rated += &other.rated;
        self.credit += &other.credit;
        self.charge += &other.charge;
        self.exchanged += &other.exchanged;
        self.total += &other.total;
        self.cents_exchanged += &other.cents_exchanged;
    }

    /// What the tiers take off.
    pub fn tiers(&self) -> Amount {
        &self.rated - &self.list
    }

    /// What the cut to the pricing currency's decimals takes off.
    pub fn cents(&self) -> Amount {
        &self.charge - &(&self.rated - &self.credit)
    }

    /// What the cut to the billing currency's decimals takes off.
    pub fn exchange_cut(&self) -> Amount {
        &self.total - &self.exchanged
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn the_steps_of_a_charge_in_yen() {
        // 1920 hours at 0.129 less 15 %, at 151.234567 yen for a dollar.
        let (list, rate, fx) = (amount("247.68"), amount("0.15"), amount("151.234567"));
        let steps = Steps::of(&list, &list, &rate, (&fx, &fx), &Currencies::new("USD", "JPY"));
        assert_eq!((steps.charge.clone(), steps.cents()), (amount("210.52"), amount("-0.008")));
        assert_eq!((steps.total.clone(), steps.tiers()), (amount("31837"), Amount::ZERO));
        assert_eq!(&steps.exchanged + &steps.exchange_cut(), steps.total);
    }
}
