//! Tiers of a price: graduated, so that each unit costs what the tier it falls into says.
//!
//! Source: azure-plan-price-list (ms.date 2023-06-05): 1 for units 1-100, 0.80 for 101-100000, 0.50 above: "101 units"
//! cost 100.80.

use serde::Serialize;

use crate::amount::Amount;
use crate::price::Price;

/// A tier: so many units, each at this price.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tier {
    /// Units before the tier: it holds the quantity in `(above, up_to]`.
    pub above: Amount,
    /// The last unit; none is without end.
    pub up_to: Option<Amount>,
    /// For one unit of measure.
    pub unit_price: Amount,
}

impl Price {
    /// What a quantity costs where the month has reached `before`: exact, unit by unit through the tiers. A negative
    /// quantity walks back down; below 0 the first tier's price goes on.
    ///
    /// ```
    /// use azure_pec::{Price, Tier};
    /// let tier = |above: &str, up_to: Option<&str>, price: &str| {
    ///     Ok(Tier { above: above.parse()?, up_to: up_to.map(str::parse).transpose()?, unit_price: price.parse()? })
    /// };
    /// let tiers = vec![tier("0", Some("100"), "1")?, tier("100", None, "0.80")?];
    /// let price = Price::of_tiers("USD", tiers);
    /// assert_eq!(price.amount(&"0".parse()?, &"101".parse()?).to_string(), "100.8");
    /// assert_eq!(price.amount(&"101".parse()?, &"-2".parse()?).to_string(), "-1.8");
    /// # Ok::<(), azure_pec::Error>(())
    /// ```
    #[must_use]
    pub fn amount(&self, before: &Amount, quantity: &Amount) -> Amount {
        match self.tiers.as_slice() {
            [only] => quantity * &only.unit_price,
            tiers => &cost(tiers, &(before + quantity)) - &cost(tiers, before),
        }
    }

    /// The price of a unit where one tier alone makes the amount of the quantity; none where several do.
    #[must_use]
    pub fn unit_price(&self, before: &Amount, quantity: &Amount) -> Option<&Amount> {
        let after = before + quantity;
        let (low, high) = if after < *before { (&after, before) } else { (before, &after) };
        let holds = |tier: &&Tier| tier.up_to.as_ref().is_none_or(|end| high <= end);
        let at = self.tiers.iter().position(|tier| holds(&tier))?;
        self.tiers.get(at).filter(|tier| at == 0 || tier.above <= *low).map(|tier| &tier.unit_price)
    }
}

/// What the units from 0 to a quantity cost.
fn cost(tiers: &[Tier], quantity: &Amount) -> Amount {
    let mut sum = Amount::ZERO;
    for (at, tier) in tiers.iter().enumerate() {
        // Below 0 the first tier goes on.
        if at > 0 && *quantity <= tier.above {
            break;
        }
        let end = tier.up_to.as_ref().filter(|end| *end < quantity).unwrap_or(quantity);
        sum += &(&(end - &tier.above) * &tier.unit_price);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    /// The published ladder.
    fn published() -> Price {
        let tier = |above: &str, up_to: Option<&str>, price: &str| Tier {
            above: amount(above),
            up_to: up_to.map(amount),
            unit_price: amount(price),
        };
        Price::of_tiers(
            "USD",
            vec![
                tier("0", Some("100"), "1"),
                tier("100", Some("100000"), "0.80"),
                tier("100000", None, "0.50"),
            ],
        )
    }

    #[test]
    fn the_published_example_and_its_ends() {
        let price = published();
        for (before, quantity, shown) in [
            ("0", "101", "100.8"),
            ("0", "100", "100"),
            ("0", "100001", "80020.5"),
            ("99.5", "1", "0.9"),
            ("100", "0", "0"),
            ("101", "-2", "-1.8"),
            ("0", "-3", "-3"),
            ("-5", "10", "10"),
            ("100000.25", "-0.5", "-0.325"),
        ] {
            let found = price.amount(&amount(before), &amount(quantity));
            assert_eq!(found.to_string(), shown, "{before} {quantity}");
        }
    }

    #[test]
    fn one_price_is_told_where_one_tier_made_the_amount() {
        let price = published();
        for (before, quantity, shown) in [
            ("0", "100", Some("1")),
            ("100", "5", Some("0.8")),
            ("99", "2", None),
            ("101", "-1", Some("0.8")),
            ("101", "-2", None),
            ("100", "0", Some("1")),
            ("-7", "3", Some("1")),
            ("99999", "2", None),
            ("1e9", "1", Some("0.5")),
        ] {
            let found = price.unit_price(&amount(before), &amount(quantity)).map(ToString::to_string);
            assert_eq!(found.as_deref(), shown, "{before} {quantity}");
        }
    }
}
