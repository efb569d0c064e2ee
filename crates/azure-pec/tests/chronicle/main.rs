//! Histories rebuilt from exports, against what was true.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

mod by_hand;
mod compare;
mod exporter;
mod kept;
mod world;
mod worlds;
