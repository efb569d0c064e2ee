//! Every input that once made a target fail passes, and so does every seed.

use azure_pec_fuzz::{TARGETS, kept, kept_for, target};

#[test]
fn kept_inputs_pass() {
    for entry in std::fs::read_dir(kept()).unwrap() {
        let folder = entry.unwrap().file_name().into_string().unwrap();
        assert!(target(&folder).is_some(), "inputs are kept for {folder}, which is no target");
    }
    for target in TARGETS {
        for (path, bytes) in kept_for(target) {
            println!("{}", path.display());
            (target.check)(&bytes);
        }
    }
}

#[test]
fn seeds_pass() {
    for target in TARGETS {
        let seeds = (target.seeds)();
        assert!(!seeds.is_empty(), "{} has no seeds", target.name);
        // Of many, some: the shared cases are replayed elsewhere.
        for seed in seeds.iter().step_by(1 + seeds.len() / 64) {
            (target.check)(seed);
        }
    }
}
