//! Outcome and reason: what is said of a usage line.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::amount::Amount;

/// What became of a line's credit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Product and access earn.
    Earned,
    /// The product earns, the access did not: money that could have been had.
    Missed,
    /// The product or the line cannot earn.
    Never,
    /// Not provable either way; never rounded to yes or no.
    Unknown,
}

impl Outcome {
    /// What a list amount could earn: nothing where the outcome is `never`.
    pub(crate) fn potential(self, list: &Amount, rate: &Amount) -> Amount {
        if self == Self::Never { Amount::ZERO } else { list * rate }
    }

    /// The word in documents.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Earned => "earned",
            Self::Missed => "missed",
            Self::Never => "never",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

macro_rules! reasons {
    ($($(#[$doc:meta])* $name:ident = $code:literal => $outcome:ident;)*) => {
        /// Why a line has its outcome. The order is the order in which the tests are made; the first that holds is given.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason {
            $($(#[$doc])* $name,)*
        }

        impl Reason {
            /// Every reason, in the order of the tests.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $(Self::$name => $code),* }
            }

            /// The outcome that goes with it. `access.denied` is `missed` here, and `unknown` where the policy `deny`
            /// is `unknown`; the [`Verdict`] says which.
            #[must_use]
            pub const fn usual_outcome(self) -> Outcome {
                match self { $(Self::$name => Outcome::$outcome),* }
            }
        }
    };
}

reasons! {
    /// Charge type Refund.
    Refund = "line.refund" => Never;
    /// A purchase, rounding adjustment, tax or fee.
    NotUsage = "line.not_usage" => Never;
    /// Not under the Azure plan.
    LegacyOffer = "line.legacy_offer" => Never;
    /// Paid by an Azure credit.
    AzureCredit = "line.azure_credit" => Never;
    /// Neither a resource, a group nor a subscription is named.
    NoScope = "line.no_scope" => Unknown;
    /// Covered by a reservation, or an unused one.
    Reservation = "product.reservation" => Never;
    /// Covered by a savings plan, or an unused one.
    SavingsPlan = "product.savings_plan" => Never;
    /// A Spot machine.
    Spot = "product.spot" => Never;
    /// Sold through the Marketplace.
    Marketplace = "product.marketplace" => Never;
    /// `Third Party` in the price list's tags.
    ThirdParty = "product.third_party" => Never;
    /// Not in the price list given, for that date and market.
    Unlisted = "product.unlisted" => Unknown;
    /// A Low Priority machine: no page names it.
    LowPriority = "product.low_priority" => Unknown;
    /// Another partner was billed.
    NotBilled = "partner.not_billed" => Never;
    /// No active partner agreement that day.
    NoAgreement = "partner.no_agreement" => Missed;
    /// Qualifying access covers the day.
    Earned = "earned" => Earned;
    /// Without deny assignments the access would cover the day.
    Denied = "access.denied" => Missed;
    /// Time after the last observation.
    Unobserved = "access.unobserved" => Unknown;
    /// Time for which no history proves an absence.
    Unproven = "access.unproven" => Unknown;
    /// Grants whose partner is not known.
    PartnerUnknown = "access.partner_unknown" => Unknown;
    /// The partner's grants by a role that is in no table, or under a condition.
    RoleUnknown = "access.role_unknown" => Unknown;
    /// Qualifying access covers a part of the day.
    PartialDay = "access.partial_day" => Missed;
    /// Eligible just in time, not active.
    EligibleOnly = "access.eligible_only" => Missed;
    /// An earning role without a partner admin link.
    PalMissing = "access.pal_missing" => Missed;
    /// Another partner holds an earning role.
    OtherPartner = "access.other_partner" => Missed;
    /// The partner's role does not earn.
    RoleNotEligible = "access.role_not_eligible" => Missed;
    /// Nobody's grant reaches the resource, other than the customer's own.
    NoAccess = "access.none" => Missed;
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Outcome and reason together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Verdict {
    /// What became of the credit.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
}

impl Verdict {
    /// The reason with its usual outcome.
    #[must_use]
    pub const fn of(reason: Reason) -> Self {
        Self { outcome: reason.usual_outcome(), reason }
    }
}

/// The answer for one usage line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Credit {
    /// What became of the credit.
    pub outcome: Outcome,
    /// Why.
    pub reason: Reason,
    /// Quantity times list price in the pricing currency, exact; none where no price is known.
    pub list_amount: Option<Amount>,
    /// The rate of the day, such as 0.15.
    pub rate: Amount,
    /// `list_amount` times `rate`; 0 where the outcome is `never`, none where no price is known.
    pub potential: Option<Amount>,
    /// `potential` where the outcome is `earned`, else 0.
    pub credit: Option<Amount>,
    /// `list_amount` less `credit`; none where no price is known.
    pub net: Option<Amount>,
}

impl Credit {
    /// Works the amounts out from verdict, list amount and rate.
    #[must_use]
    pub fn new(verdict: Verdict, list_amount: Option<Amount>, rate: Amount) -> Self {
        let Verdict { outcome, reason } = verdict;
        let potential = match (&list_amount, outcome) {
            (_, Outcome::Never) => Some(Amount::ZERO),
            (list, _) => list.as_ref().map(|list| outcome.potential(list, &rate)),
        };
        let credit = if outcome == Outcome::Earned { potential.clone() } else { Some(Amount::ZERO) };
        let net = list_amount.as_ref().zip(credit.as_ref()).map(|(list, credit)| list - credit);
        Self { outcome, reason, list_amount, rate, potential, credit, net }
    }
}
