//! One target under libFuzzer, which leads its changes by what an input reaches: `cargo xtask fuzz --led`.
#![no_main]

use std::sync::LazyLock;

use azure_pec_fuzz::{Target, target};
use libfuzzer_sys::fuzz_target;

/// The one that the environment names.
static CHOSEN: LazyLock<Option<&Target>> =
    LazyLock::new(|| target(&std::env::var("PEC_FUZZ_TARGET").unwrap_or_default()));

fuzz_target!(|bytes: &[u8]| {
    let chosen = CHOSEN.as_ref().map(|target| target.check);
    assert!(chosen.is_some(), "PEC_FUZZ_TARGET names no target");
    chosen.into_iter().for_each(|check| check(bytes));
});
