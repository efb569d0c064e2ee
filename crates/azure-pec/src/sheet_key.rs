//! What a sheet may be kept by, and what always tells its rows apart.

use std::hash::{Hash, Hasher};

use crate::amount::Amount;
use crate::bundle::Bundle;
use crate::day::Day;
use crate::group_key::GroupKey;
use crate::policy::TierScope;
use crate::usage::Field;
use crate::verdict::{Outcome, Verdict};

/// Verdict and rate, as they stand behind the keys of a row.
pub(crate) type Slot = (Verdict, Option<usize>);

/// What a sheet may be kept by, beside the pricing currency, verdict and rate, which always tell rows apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SheetKey {
    Group(GroupKey),
    /// The currency of the invoice; absent is the pricing currency.
    BillingCurrency,
    /// Pricing to billing currency, as the line says.
    ExchangeRate,
    /// What tiers count over and rounding sums up.
    Scope(TierScope),
}

/// The most fields that a key's value is made of.
pub(crate) const KEY_FIELDS: usize = 3;

impl SheetKey {
    pub const fn fields(self) -> &'static [Field] {
        match self {
            Self::Group(key) => key.fields(),
            Self::BillingCurrency => &[Field::BillingCurrency, Field::Currency],
            Self::ExchangeRate => &[Field::ExchangeRate],
            Self::Scope(_) => &[Field::PlanId, Field::SubscriptionId, Field::ResourceId],
        }
    }

    /// The bundle that all its fields are of.
    pub fn bundle(self) -> Option<Bundle> {
        let mut bundles = self.fields().iter().map(|field| Bundle::of(*field).map(|(bundle, _)| bundle));
        let first = bundles.next().flatten()?;
        bundles.all(|bundle| bundle == Some(first)).then_some(first)
    }

    pub fn value<'t>(self, text: &impl Fn(Field) -> &'t str, day: Day) -> String {
        match self {
            Self::Group(key) => key.value(text, day),
            Self::BillingCurrency => match text(Field::BillingCurrency).trim() {
                "" => currency(text),
                code => code.to_ascii_uppercase(),
            },
            // One spelling; what is no number stays as it stands, and is no rate.
            Self::ExchangeRate => {
                let text = text(Field::ExchangeRate).trim();
                text.parse::<Amount>().map_or_else(|_| text.to_owned(), |rate| rate.to_string())
            }
            Self::Scope(scope) => scope.value(text),
        }
    }
}

/// The pricing currency; absent is USD: the Azure plan is priced in it.
pub(crate) fn currency<'t>(text: &impl Fn(Field) -> &'t str) -> String {
    match text(Field::Currency).trim() {
        "" => "USD".to_owned(),
        code => code.to_ascii_uppercase(),
    }
}

/// What always tells rows apart. There are few of them, so they are one id of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    /// The pricing currency, among the texts of the sheet.
    pub currency: u32,
    pub slot: Slot,
}

impl Hash for Class {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.currency, verdict_index(self.slot.0), self.slot.1).hash(state);
    }
}

/// Verdicts that there may be: four outcomes, at most 32 reasons.
pub(crate) const VERDICTS: usize = 128;

pub(crate) const fn verdict_index(verdict: Verdict) -> usize {
    let outcome = match verdict.outcome {
        Outcome::Earned => 0,
        Outcome::Missed => 1,
        Outcome::Never => 2,
        Outcome::Unknown => 3,
    };
    outcome * 32 + verdict.reason as usize
}
