//! One target under libFuzzer, which leads its changes by what an input reaches: `cargo xtask fuzz --led`.
//!
//! `PEC_FUZZ_TARGET` names it, and `PEC_FUZZ_SEEDS` a folder for its seeds; without a target their names are told.
#![no_main]
#![expect(clippy::print_stdout, clippy::exit, reason = "libFuzzer has the main function")]

use std::path::Path;
use std::sync::LazyLock;

use azure_pec_fuzz::{TARGETS, Target, target, write_seeds};
use libfuzzer_sys::fuzz_target;

static CHOSEN: LazyLock<Option<&Target>> =
    LazyLock::new(|| target(&std::env::var("PEC_FUZZ_TARGET").unwrap_or_default()));

fuzz_target!(
    init: {
        let Some(target) = *CHOSEN else {
            TARGETS.iter().for_each(|target| println!("{}", target.name));
            std::process::exit(0);
        };
        if let Ok(folder) = std::env::var("PEC_FUZZ_SEEDS") {
            let written = write_seeds(target, Path::new(&folder));
            assert!(written.is_ok(), "{written:?}");
        }
    },
    |bytes: &[u8]| CHOSEN.iter().for_each(|target| (target.check)(bytes))
);
