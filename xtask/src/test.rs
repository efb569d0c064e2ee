//! Everything quick, in every language.

use std::ffi::OsStr;

use crate::step::{built, of_tests, step};

/// A step: what it is, the program, its arguments, its environment.
type Step = (&'static str, &'static str, &'static [&'static str], &'static [(&'static str, &'static str)]);

const STEPS: &[Step] = &[
    ("format", "cargo", &["fmt", "--all", "--check"], &[]),
    (
        "lints",
        "cargo",
        &["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"],
        &[],
    ),
    ("tests", "cargo", &["test", "--quiet", "--workspace"], &[]),
    (
        "documentation",
        "cargo",
        &["doc", "--quiet", "--workspace", "--no-deps"],
        &[("RUSTDOCFLAGS", "--deny warnings")],
    ),
    (
        "the oracle on the shared cases",
        "python3",
        &["crates/azure-pec-conformance/oracle/oracle.py", "--cases", "crates/azure-pec-conformance/cases"],
        &[],
    ),
    ("the example data, made again", "python3", &["examples/contoso/make.py"], &[]),
    ("the example numbers, worked out again", "python3", &["examples/contoso/expected.py"], &[]),
    ("the billed month, compared", "python3", &["examples/contoso-reconcile/make.py", "--check"], &[]),
    ("its printed files, held against each other", "python3", &["examples/contoso-reconcile/check.py"], &[]),
    ("the Node package: what it is built with", "npm", &["ci", "--prefix", "bindings/node"], &[]),
    // With all packages, since they were built together: alone it would build anew what it stands on.
    (
        "the Node package, built",
        "npm",
        &["run", "build:native", "--prefix", "bindings/node", "--", "--", "--workspace", "--lib", "--tests"],
        &[],
    ),
    ("the Node package, its JavaScript", "npm", &["run", "build:js", "--prefix", "bindings/node"], &[]),
    ("the Node package, tested", "npm", &["test", "--prefix", "bindings/node"], &[]),
    ("the example service: what it stands on", "npm", &["ci", "--prefix", "examples/node"], &[]),
    ("the example service, called", "npm", &["test", "--prefix", "examples/node"], &[]),
    ("nothing changed by that", "git", &["diff", "--exit-code", "--stat", "--", "examples"], &[]),
];

/// Runs every step; stops at the first that fails.
pub fn run() -> Result<(), String> {
    let pec = built("pec");
    for (what, program, words, environment) in STEPS {
        let own = environment.iter().map(|(name, value)| (*name, OsStr::new(*value)));
        let environment: Vec<(&str, &OsStr)> =
            own.chain(of_tests()).chain([("PEC", pec.as_os_str())]).collect();
        step(what, program, words, &environment)?;
    }
    crate::python::run()?;
    println!("== all passed");
    Ok(())
}
