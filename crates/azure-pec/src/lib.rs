#![doc = "placeholder"]
#![forbid(unsafe_code)]
pub mod amount;
pub mod day;
mod error;
pub mod grant;
pub mod ids;
pub mod partner;
pub mod policy;
pub mod price;
pub mod role;
pub mod rule;
pub mod scope;
pub mod usage;
pub mod verdict;
pub use amount::{Amount, Rounding};
pub use error::Error;
