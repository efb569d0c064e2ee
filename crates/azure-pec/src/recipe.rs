//! What a calculator is made of, as data: for another process that makes the same one.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::amount::Amount;
use crate::calculator::{Calculator, CalculatorBuilder};
use crate::day::Day;
use crate::error::Error;
use crate::fx::FxRates;
use crate::grant::{
    AccessHistory, DenyAssignment, Grant, NamelessGrant, Observed, ObservedWindow, ResourceMove,
};
use crate::partner::{Partner, Principal};
use crate::policy::Policy;
use crate::price_recipe::PriceRecipe;
use crate::role_definition::RoleDefinition;
use crate::rule::{Rule, RuleData};
use crate::scope::HierarchyEntry;

/// What a calculator is made of. Whoever makes one of it answers every line as the first does, whatever version of the
/// rule is compiled into his program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// The windows that were observed; none is everything at all times.
    pub observed: Option<Vec<ObservedWindow>>,
    /// The grants, in their order.
    pub grants: Vec<Grant>,
    /// The deny assignments.
    pub denies: Vec<DenyAssignment>,
    /// The management group hierarchy.
    pub hierarchy: Vec<HierarchyEntry>,
    /// Role definitions.
    pub roles: Vec<RoleDefinition>,
    /// Partner admin links of exports.
    pub links: Vec<Principal>,
    /// Grants of which only the name is known.
    pub nameless: Vec<NamelessGrant>,
    /// Resources that moved away.
    pub moves: Vec<ResourceMove>,
    /// The price list, as far as it decides on anything.
    pub prices: Option<PriceRecipe>,
    /// The partner.
    pub partner: Option<Partner>,
    /// Every key of the policy with its value.
    pub policy: Vec<(String, String)>,
    /// The rule, with its role table.
    pub rule: RuleData,
    /// USD for a unit of a currency in a month.
    pub exchange_rates: Vec<(Day, String, Amount)>,
}

impl Calculator {
    /// What it is made of.
    ///
    /// With `meters` the price list is restricted to these: lines of other meters, and lines that name none, are then
    /// `product.unlisted`. Lines of these meters are answered as before.
    #[must_use]
    pub fn recipe(&self, meters: Option<&[&str]>) -> Recipe {
        let CalculatorBuilder { access, partner, policy, exchange_rates, .. } = self.to_builder();
        let access = Arc::unwrap_or_clone(access);
        let mut rule = self.rule().data().clone();
        if rule.roles.is_empty() {
            rule.roles = self.rule().roles().all().into_iter().cloned().collect();
        }
        let policy = policy.entries().into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        Recipe {
            observed: match access.observed {
                Observed::Complete => None,
                Observed::Windows(windows) => Some(windows),
            },
            grants: access.grants,
            denies: access.denies,
            hierarchy: access.hierarchy,
            roles: access.roles,
            links: access.links,
            nameless: access.nameless,
            moves: access.moves,
            prices: self.prices().map(|index| index.recipe(meters)),
            partner,
            policy,
            rule,
            exchange_rates: exchange_rates.entries().collect(),
        }
    }
}

impl Recipe {
    /// The calculator.
    ///
    /// # Errors
    /// As [`CalculatorBuilder::build`]; `policy.invalid`, `fx.overlap`: none of them for what a calculator gave.
    pub fn calculator(self) -> Result<Calculator, Error> {
        let mut policy = Policy::default();
        self.policy.iter().try_for_each(|(key, value)| policy.set(key, value))?;
        let mut rates = FxRates::new();
        for (month, currency, usd_per_unit) in self.exchange_rates {
            rates.insert(month, &currency, usd_per_unit)?;
        }
        let access = AccessHistory {
            observed: self.observed.map_or(Observed::Complete, Observed::Windows),
            grants: self.grants,
            denies: self.denies,
            hierarchy: self.hierarchy,
            roles: self.roles,
            links: self.links,
            nameless: self.nameless,
            moves: self.moves,
        };
        let mut builder = Calculator::builder();
        if let Some(prices) = self.prices {
            builder = builder.compiled_prices(prices.index()?);
        }
        if let Some(partner) = self.partner {
            builder = builder.partner(partner);
        }
        builder.access(access).policy(policy).rule(Rule::new(self.rule)?).exchange_rates(rates).build()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::price::{PriceList, PriceRow};
    use crate::usage::UsageLine;
    use crate::verdict::Reason;

    fn row(text: &str) -> PriceRow {
        serde_json::from_str(text).unwrap()
    }

    fn line(meter: &str) -> UsageLine {
        let text = format!(
            r#"{{"date": "2026-10-05", "quantity": "150", "product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_id": "{meter}",
                "subscription_id": "5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    fn calculator() -> Calculator {
        let mut policy = Policy::default();
        policy.set("price_source", "list").unwrap();
        policy.set("unlisted_role", "8e3af657-a8ff-443c-a75c-2fe8c4bcb635=earns").unwrap();
        let list = [
            r#"{"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_ids": ["A", "B"], "market": "DE", "currency": "USD", "unit_price": "0.045",
                "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z"}"#,
            r#"{"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_ids": ["C"], "market": "DE", "currency": "USD", "unit_price": "2",
                "tier_min": "1", "tier_max": "100"}"#,
            r#"{"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_ids": ["C"], "market": "DE", "currency": "USD", "unit_price": "1",
                "tier_min": "101", "tier_max": "9223372036854775807"}"#,
            r#"{"product_id": "DZH318Z0BNVX", "sku_id": "0003", "market": "DE", "currency": "USD", "unit_price": "7", "tags": ["Third Party"]}"#,
            r#"{"product_id": "OTHER", "sku_id": "0001", "meter_ids": ["D"], "market": "CH", "currency": "CHF", "unit_price": "3"}"#,
        ];
        let prices = PriceList::new(list.into_iter().map(row).collect());
        let mut rates = FxRates::new();
        rates.insert("2026-10-01".parse().unwrap(), "CHF", "1.2".parse().unwrap()).unwrap();
        Calculator::builder().prices(prices).policy(policy).exchange_rates(rates).build().unwrap()
    }

    /// As another process would: through JSON.
    fn again(calculator: &Calculator, meters: Option<&[&str]>) -> Calculator {
        let text = serde_json::to_string(&calculator.recipe(meters)).unwrap();
        serde_json::from_str::<Recipe>(&text).unwrap().calculator().unwrap()
    }

    #[test]
    fn the_same_calculator_is_made_of_it() {
        let first = calculator();
        let second = again(&first, None);
        assert_eq!(first.policy(), second.policy());
        assert_eq!(first.rule().roles().all(), second.rule().roles().all());
        assert_eq!(first.exchange_rates(), second.exchange_rates());
        assert!(!second.exchange_rates().is_empty());
        for meter in ["a", "B", "C", "E", ""] {
            let (line, before) = (line(meter), "90".parse().unwrap());
            assert_eq!(first.credit_after(&line, &before), second.credit_after(&line, &before), "{meter}");
        }
        let text = |calculator: &Calculator| serde_json::to_string(&calculator.recipe(None)).unwrap();
        assert_eq!(text(&first), text(&second));
    }

    #[test]
    fn a_restricted_list_answers_its_meters_alone() {
        let first = calculator();
        let second = again(&first, Some(&["c"]));
        let (before, reason) = ("90".parse().unwrap(), |credit: crate::Credit| credit.reason);
        assert_eq!(first.credit_after(&line("C"), &before), second.credit_after(&line("C"), &before));
        for meter in ["A", "E", ""] {
            assert_eq!(second.credit(&line(meter)).map(reason), Ok(Reason::Unlisted), "{meter}");
        }
        assert!(second.rates_tiers() && !again(&first, Some(&["A"])).rates_tiers());
        assert_eq!(first.prices().unwrap().markets(), second.prices().unwrap().markets());
        // A SKU is of the list, whatever is kept of it.
        assert!(second.prices().unwrap().has_sku("Other", "0001"));
        // Restricted again, it is of both.
        for meter in ["A", "C"] {
            assert_eq!(again(&second, Some(&["A"])).credit(&line(meter)).map(reason), Ok(Reason::Unlisted));
        }
        // Handed on as it is, it stays restricted.
        assert_eq!(again(&second, None).credit(&line("A")).map(reason), Ok(Reason::Unlisted));
    }
}
