//! What tiers count over, and what rounding sums up: the plan or the subscription of a line.

use crate::group_key::GroupKey;
use crate::policy::TierScope;
use crate::usage::{Field, line_scope};

impl TierScope {
    /// The plan of a line, in the one spelling that plans are compared by.
    pub(crate) fn plan<'t>(text: &impl Fn(Field) -> &'t str) -> Option<String> {
        Some(GroupKey::Plan.text(text)).filter(|plan| !plan.is_empty())
    }

    /// The plan or the subscription of a line. A line without a plan counts in its subscription.
    pub(crate) fn value<'t>(self, text: &impl Fn(Field) -> &'t str) -> String {
        let subscription = || {
            let placed = line_scope(text).and_then(|scope| scope.subscription_id());
            placed.map_or_else(|| GroupKey::Subscription.text(text), |id| id.to_string())
        };
        match self {
            Self::Plan => Self::plan(text).unwrap_or_else(subscription),
            Self::Subscription => subscription(),
        }
    }
}
