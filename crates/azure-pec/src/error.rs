//! What can be wrong with an input, and what to do about it.

use crate::day::{Day, Instant};

/// A fault in what the calculator was given.
///
/// Every variant has a stable [`code`](Error::code), the same in Rust, Python, Node and the command, and a
/// [`help`](Error::help) that says what to do. Readers of files wrap it with the file, line and column.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The text is no number.
    #[error("expected a number in plain digits, found {found:?}")]
    NumberInvalid {
        /// The text as it stood.
        found: String,
    },
    /// The number has more digits than the calculator reads exactly.
    #[error("the number {found:?} has more than 28 digits before or 40 after the point")]
    NumberTooPrecise {
        /// The text as it stood.
        found: String,
    },
    /// The amount does not fit the type it is asked in without losing a digit.
    #[error("the amount {amount} does not fit {target} without losing a digit")]
    AmountTooPrecise {
        /// The amount, exact.
        amount: String,
        /// The type that it was asked in.
        target: &'static str,
    },
    /// The text is no date or time, or names a day that does not exist.
    #[error("expected {expected}, found {found:?}")]
    DateInvalid {
        /// The forms that are read.
        expected: &'static str,
        /// The text as it stood.
        found: String,
    },
    /// The text is not an id of the kind that is needed here.
    #[error("expected {expected}, found {found:?}")]
    IdInvalid {
        /// What kind of id is needed.
        expected: &'static str,
        /// The text as it stood.
        found: String,
    },
    /// Two rows of the price list say different things about the same price.
    #[error("two prices for {price} on the same day: {first} and {second}")]
    PriceOverlap {
        /// Product, SKU, meter and market.
        price: String,
        /// The one row, its price and span.
        first: String,
        /// The other row, its price and span.
        second: String,
    },
    /// The tier ranges of a price do not make one ladder.
    #[error("the price tiers of product {product}, SKU {sku} are not one ladder: {problem}")]
    PriceTierInvalid {
        /// Product id.
        product: String,
        /// SKU id.
        sku: String,
        /// What is wrong.
        problem: String,
    },
    /// A line that is rated by tiers cannot be rated alone.
    #[error("meter {meter} has price tiers on {date}: the amount of a line depends on the month before it")]
    PriceTiered {
        /// The meter.
        meter: String,
        /// The day.
        date: Day,
    },
    /// No rate is known between two currencies.
    #[error("no exchange rate from {from} to {to}{}", .month.as_ref().map(|month| format!(" for {month}")).unwrap_or_default())]
    FxMissing {
        /// The currency of the amount.
        from: String,
        /// The currency wanted.
        to: String,
        /// The month; none where a usage line had to name the rate.
        month: Option<String>,
    },
    /// Two rates for one currency and month.
    #[error("two exchange rates for {currency} in {month}: {first} and {second} USD for one unit")]
    FxOverlap {
        /// The currency.
        currency: String,
        /// The month.
        month: String,
        /// One rate.
        first: String,
        /// The other.
        second: String,
    },
    /// A span of time ends before it starts, or at its start.
    #[error("{what} {id} ends at {end}, which is not after its start {start}")]
    GrantInverted {
        /// `grant`, `deny`, `observed window`, `hierarchy entry` or the like.
        what: &'static str,
        /// Its id.
        id: String,
        /// Its start.
        start: Instant,
        /// Its end.
        end: Instant,
    },
    /// A management group stands above itself.
    #[error("the management group hierarchy has a cycle through {through}")]
    HierarchyCycle {
        /// A scope on the cycle.
        through: String,
    },
    /// A scope has two parents at one time.
    #[error("{child} has two parents at the same time: {first} and {second}")]
    HierarchyTwoParents {
        /// The child.
        child: String,
        /// One parent.
        first: String,
        /// The other.
        second: String,
    },
    /// The partner data says one thing twice, differently.
    #[error("the partner data names {what} twice")]
    PartnerDuplicate {
        /// What is named twice.
        what: String,
    },
    /// The partner data contradicts itself.
    #[error("the partner data contradicts itself: {what}")]
    PartnerConflict {
        /// The contradiction.
        what: String,
    },
    /// A policy key or value that does not exist.
    #[error("policy {key}: expected {expected}, found {found:?}")]
    PolicyInvalid {
        /// The key.
        key: String,
        /// The values that exist.
        expected: String,
        /// The value as it stood.
        found: String,
    },
    /// Columns of usage that do not belong together.
    #[error("expected columns of {lines} lines each, found other lengths")]
    UsageColumns {
        /// The number of days given.
        lines: usize,
    },
    /// A change that is not written as changes are.
    #[error("{problem}")]
    ChangeInvalid {
        /// What is wrong.
        problem: String,
    },
    /// Rule data that cannot be used.
    #[error("rule data: {problem}")]
    RuleInvalid {
        /// What is wrong.
        problem: String,
    },
}

impl Error {
    /// The stable code of the error, as listed in the project's documentation.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NumberInvalid { .. } => "number.invalid",
            Self::NumberTooPrecise { .. } => "number.too_precise",
            Self::AmountTooPrecise { .. } => "amount.too_precise",
            Self::DateInvalid { .. } => "date.invalid",
            Self::IdInvalid { .. } => "id.invalid",
            Self::PriceOverlap { .. } => "price.overlap",
            Self::PriceTierInvalid { .. } => "price.tier_invalid",
            Self::PriceTiered { .. } => "price.tiered",
            Self::FxMissing { .. } => "fx.missing",
            Self::FxOverlap { .. } => "fx.overlap",
            Self::GrantInverted { .. } => "grant.inverted",
            Self::HierarchyCycle { .. } => "hierarchy.cycle",
            Self::HierarchyTwoParents { .. } => "hierarchy.two_parents",
            Self::PartnerDuplicate { .. } => "partner.duplicate",
            Self::PartnerConflict { .. } => "partner.conflict",
            Self::PolicyInvalid { .. } => "policy.invalid",
            Self::UsageColumns { .. } => "usage.arguments",
            Self::ChangeInvalid { .. } => "usage.arguments",
            Self::RuleInvalid { .. } => "rule.invalid",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NumberInvalid { .. } => {
                "write digits with a point, such as 0.045 or 6.1E-09; a decimal comma or a thousands separator is not read"
            }
            Self::NumberTooPrecise { .. } => {
                "the value cannot be read without losing a digit; check how the file was written"
            }
            Self::AmountTooPrecise { .. } => {
                "ask for the amount as text, or round it by a named rounding first"
            }
            Self::DateInvalid { .. } => "write it as 2026-10-31 or 2026-10-31T00:00:00Z",
            Self::IdInvalid { .. } => {
                "check the id; it is used to tell subscriptions, resources and roles apart"
            }
            Self::PriceOverlap { .. } => {
                "give one price list for each market and month; rows that are the same to the letter may stand twice"
            }
            Self::PriceTierInvalid { .. } => {
                "tier ranges follow each other without gap or overlap: 1-100, 101-..."
            }
            Self::PriceTiered { .. } => {
                "give the month-to-date quantity before the line (`credit_after`), or rate the month in a statement"
            }
            Self::FxMissing { .. } => {
                "give the exchange rates of the month, or usage that names its own rate for each line"
            }
            Self::FxOverlap { .. } => "give one list of exchange rates for each month",
            Self::GrantInverted { .. } => "spans are half-open, [start, end): the end comes after the start",
            Self::HierarchyCycle { .. } => {
                "export the hierarchy again; a group has one parent and never itself above it"
            }
            Self::HierarchyTwoParents { .. } => {
                "end the earlier entry where the later begins, or name the tenant of each entry"
            }
            Self::PartnerDuplicate { .. } => "give one partner file, and name each thing once in it",
            Self::PartnerConflict { .. } => "mend the partner file",
            Self::PolicyInvalid { .. } => {
                "see the policy keys in the documentation, or leave the key out for its default"
            }
            Self::UsageColumns { .. } => "give a day, quantity, list price and line number for each line",
            Self::ChangeInvalid { .. } => {
                "write role=Contributor,scope=/subscriptions/..., id=..., key=value or subscription=...,at=...,to=..."
            }
            Self::RuleInvalid { .. } => {
                "start from the rule data that comes with the program and change what is needed"
            }
        }
    }
}

/// The error as serde carries it: with the code in front, so that readers of documents can tell it from a wrong shape.
pub(crate) fn serde_error<E: serde::de::Error>(error: impl std::borrow::Borrow<Error>) -> E {
    let error = error.borrow();
    E::custom(format_args!("[{}] {error}", error.code()))
}
