//! What is told beside sums, by worlds that differ in one thing.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may stop where it is wrong"
)]

mod advice;
mod billed;
mod calendars;
mod changes;
mod fixes;
mod lines;
mod memory;
mod parts;
mod reconciled;
mod remedies;
mod scopes;
mod specs;
mod transfers;
mod world;
