//! What is told beside sums, by worlds that differ in one thing.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod fixes;
mod lines;
mod remedies;
mod specs;
mod transfers;
mod world;
