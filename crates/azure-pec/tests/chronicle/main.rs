//! Histories rebuilt from exports, against what was true.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may stop where it is wrong"
)]

mod by_hand;
mod compare;
mod continued;
mod exporter;
mod gathered;
mod kept;
mod lives;
mod model;
mod seen;
mod short;
mod trees;
mod world;
mod worlds;
