//! The public names of the crates, held against the lists that stand beside them.

use std::process::Command;

use crate::supply_chain::ran;
use crate::{generate, root};

/// The crates that others build on.
const CRATES: [&str; 3] = ["azure-pec", "azure-pec-formats", "azure-pec-report"];

/// The form of rustdoc's JSON that is read here. Only nightly writes it, and each in the form of its day: this is that of
/// May 2026.
const FORM: u64 = 57;

/// Fails where a list is not what the crate offers; with `--write` makes the lists anew; with `--where-possible` passes,
/// and says so, where no compiler is there that can list the names.
pub fn run(options: &[String]) -> Result<(), String> {
    let has = |name: &str| options.iter().any(|option| option == name);
    match (form(), has("--where-possible")) {
        (Ok(FORM), _) => compare(has("--write")),
        (Ok(other), false) => {
            Err(format!("nightly's rustdoc writes JSON of the form {other}, {FORM} is read here"))
        }
        (Err(error), false) => Err(error),
        (form, true) => {
            println!(
                "not checked: the public names want a nightly whose rustdoc writes JSON of the form {FORM}; here is {form:?}"
            );
            Ok(())
        }
    }
}

/// The form that nightly writes, seen on an empty crate.
fn form() -> Result<u64, String> {
    let folder = generate::target().join("api-form");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let source = folder.join("form.rs");
    std::fs::write(&source, "").map_err(|error| format!("{}: {error}", source.display()))?;
    let mut rustdoc = Command::new("rustdoc");
    rustdoc.args(["+nightly", "-Z", "unstable-options", "--output-format", "json", "--out-dir"]);
    ran(rustdoc.arg(&folder).arg(&source))?;
    let text = std::fs::read_to_string(folder.join("form.json")).map_err(|error| error.to_string())?;
    let document: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    document
        .get("format_version")
        .and_then(serde_json::Value::as_u64)
        .ok_or_else(|| "no form is told".to_owned())
}

fn compare(write: bool) -> Result<(), String> {
    let mut changed = Vec::new();
    for name in CRATES {
        let api = listed(name)?;
        let path = root().join("crates").join(name).join("api.txt");
        let kept = std::fs::read_to_string(&path).unwrap_or_default();
        if write {
            std::fs::write(&path, &api).map_err(|error| format!("{}: {error}", path.display()))?;
        } else if kept != api {
            changed.push(name);
            difference(&kept, &api).for_each(|line| println!("{name}: {line}"));
        }
        println!("{name}: {} public names", api.lines().count());
    }
    match changed.as_slice() {
        [] => Ok(()),
        names => Err(format!(
            "the public names of {} changed: where that is meant, say so in CHANGELOG.md, and make the lists anew with \
             cargo xtask api --write",
            names.join(", ")
        )),
    }
}

/// The public names of a crate with their types, a line each, without what every type has.
fn listed(name: &str) -> Result<String, String> {
    let target = generate::target().join("api");
    let mut cargo = Command::new("cargo");
    cargo.args(["+nightly", "rustdoc", "--quiet", "--lib", "--package", name]).current_dir(root());
    cargo.env("CARGO_TARGET_DIR", &target).env_remove("RUSTFLAGS");
    ran(cargo.args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow"]))?;
    let json = target.join("doc").join(format!("{}.json", name.replace('-', "_")));
    let api = public_api::Builder::from_rustdoc_json(json)
        .omit_blanket_impls(true)
        .omit_auto_trait_impls(true)
        .omit_auto_derived_impls(true)
        .build()
        .map_err(|error| error.to_string())?;
    Ok(api.to_string())
}

/// Lines of one list alone.
fn difference<'t>(old: &'t str, new: &'t str) -> impl Iterator<Item = String> {
    let (before, after): (Vec<&str>, Vec<&str>) = (old.lines().collect(), new.lines().collect());
    let gone = before.iter().filter(|line| !after.contains(line)).map(|line| format!("- {line}"));
    let come = after.iter().filter(|line| !before.contains(line)).map(|line| format!("+ {line}"));
    gone.chain(come).collect::<Vec<_>>().into_iter()
}
