//! Best fixes: the few changes that bring back most of what is missed, each proved by judging the usage anew.
//!
//! What the missed days lack says what might mend them ([`candidate`]); every set of up to three of these is weighed,
//! or ruled out because it cannot bring more ([`search`]); what is suggested is told with its money ([`suggestion`]).

mod candidate;
mod search;
mod suggestion;

pub use candidate::{Actor, Right, ServiceRole};
pub(crate) use suggestion::FAIRNESS;
pub use suggestion::{DayMoney, LeftMissed, Suggestion, Suggestions};
