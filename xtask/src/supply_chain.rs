//! What is built in: licences and sources of every package, known holes in them, and the oldest versions that do.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Output};

use serde_json::Value;
use spdx::expression::Expression;
use spdx::{Licensee, ParseMode};

use crate::{generate, python, root};

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Checks licences and sources, which needs nothing but cargo; with `--audit` asks for known holes besides, as far as
/// whoever knows of them can be reached.
pub fn run(options: &[String]) -> Result<(), String> {
    let packages = packages()?;
    let allowed = allowed()?;
    let foreign: Vec<&Package> = packages.iter().filter(|package| package.source.is_some()).collect();
    let bad: Vec<String> = foreign.iter().filter_map(|package| package.fault(&allowed)).collect();
    if !bad.is_empty() {
        return Err(bad.join("\n"));
    }
    println!("{} packages of crates.io, each under a licence that deny.toml allows", foreign.len());
    for (name, versions) in twice(&foreign) {
        println!("  in several versions: {name} {}", Vec::from_iter(versions).join(", "));
    }
    if options.iter().any(|option| option == "--audit") { audit() } else { Ok(()) }
}

struct Package {
    name: String,
    version: String,
    /// None of the workspace's own.
    source: Option<String>,
    licence: Option<String>,
}

impl Package {
    fn fault(&self, allowed: &[Licensee]) -> Option<String> {
        let Self { name, version, source, licence } = self;
        if source.as_deref() != Some(CRATES_IO) {
            return Some(format!(
                "{name} {version}: it comes from {}",
                source.as_deref().unwrap_or("nowhere")
            ));
        }
        let Some(text) = licence else { return Some(format!("{name} {version}: it names no licence")) };
        let expression = Expression::parse_mode(text, ParseMode::LAX);
        let is_allowed = |expression: Expression| {
            expression.evaluate(|asked| allowed.iter().any(|one| one.satisfies(asked)))
        };
        match expression.map(is_allowed) {
            Ok(true) => None,
            Ok(false) => {
                Some(format!("{name} {version}: the licence {text} is not among those of deny.toml"))
            }
            Err(error) => Some(format!("{name} {version}: the licence {text} cannot be read: {error}")),
        }
    }
}

/// Every package that any feature of the workspace builds in, on any machine.
fn packages() -> Result<Vec<Package>, String> {
    let mut cargo = Command::new(cargo());
    cargo.args(["metadata", "--format-version", "1", "--all-features", "--locked"]).current_dir(root());
    let output = ran(&mut cargo)?;
    let document: Value = serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())?;
    let list =
        document.get("packages").and_then(Value::as_array).ok_or("cargo metadata names no packages")?;
    Ok(list
        .iter()
        .map(|package| {
            let text = |key: &str| package.get(key).and_then(Value::as_str).map(str::to_owned);
            Package {
                name: text("name").unwrap_or_default(),
                version: text("version").unwrap_or_default(),
                source: text("source"),
                licence: text("license"),
            }
        })
        .collect())
}

fn allowed() -> Result<Vec<Licensee>, String> {
    let path = root().join("deny.toml");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let document: toml::Table = toml::from_str(&text).map_err(|error| error.to_string())?;
    let list =
        document.get("licenses").and_then(|licences| licences.get("allow")).and_then(toml::Value::as_array);
    let names = list.ok_or("deny.toml allows no licence")?.iter().filter_map(toml::Value::as_str);
    names.map(|name| Licensee::parse(name).map_err(|error| error.to_string())).collect()
}

fn twice<'p>(packages: &[&'p Package]) -> BTreeMap<&'p str, BTreeSet<&'p str>> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in packages {
        versions.entry(&package.name).or_default().insert(&package.version);
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

/// Asks the lists of known holes. What cannot be asked is told, and is no failure; what is found is.
fn audit() -> Result<(), String> {
    let mut found = Vec::new();
    let mut ask = |what: &str, unanswered: &[&str], command: &mut Command| {
        let output = command.current_dir(root()).output();
        let (ok, said) = match output {
            Ok(output) => (output.status.success(), said(&output)),
            Err(error) => (false, error.to_string()),
        };
        let outcome = match ok {
            true => "nothing known",
            false if unanswered.iter().any(|sign| said.contains(sign)) => "not to be asked from here",
            false => "FOUND",
        };
        println!("== {what}: {outcome}\n{}", said.trim());
        if outcome == "FOUND" {
            found.push(what.to_owned());
        }
    };
    let deny = ["deny", "--all-features", "check", "--hide-inclusion-graph"];
    ask(
        "cargo deny (advisories, bans, licenses, sources)",
        &["no such command", "failed to fetch advisory database"],
        Command::new(cargo()).args(deny),
    );
    for folder in ["bindings/node", "examples/node"] {
        ask(
            &format!("npm audit of {folder}"),
            &["audit endpoint returned an error", "ENOTFOUND"],
            Command::new("npm").args(["audit", "--prefix", folder]),
        );
    }
    match python::audited() {
        Ok(mut command) => ask(
            "pip-audit of what the Python package is tested with",
            &["not found on PyPI", "could not be audited", "Connection"],
            &mut command,
        ),
        Err(error) => println!("== pip-audit: not to be asked from here\n{error}"),
    }
    if found.is_empty() { Ok(()) } else { Err(format!("known holes: {}", found.join(", "))) }
}

/// Builds the workspace with the oldest versions of what its `Cargo.toml`s name, in a copy of it: cargo's nightly chooses
/// them, and the usual one builds.
pub fn minimal_versions() -> Result<(), String> {
    let copy = generate::target().join("minimal-versions");
    if copy.exists() {
        std::fs::remove_dir_all(&copy).map_err(|error| format!("{}: {error}", copy.display()))?;
    }
    let files = ran(Command::new("git").args(["ls-files", "-z"]).current_dir(root()))?;
    for file in String::from_utf8_lossy(&files.stdout).split_terminator('\0') {
        let (from, to) = (root().join(file), copy.join(file));
        let copied =
            to.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::copy(&from, &to));
        copied.map_err(|error| format!("{file}: {error}"))?;
    }
    ran(Command::new("cargo")
        .args(["+nightly", "update", "-Z", "direct-minimal-versions"])
        .current_dir(&copy))?;
    let mut check = Command::new("cargo");
    check.args(["check", "--quiet", "--workspace", "--all-features"]).current_dir(&copy);
    check.env("CARGO_TARGET_DIR", generate::target().join("minimal-versions-target"));
    ran(&mut check)?;
    println!("the workspace builds with the oldest versions that its Cargo.tomls name");
    Ok(())
}

/// Runs a program; what it said where it fails.
pub fn ran(command: &mut Command) -> Result<Output, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|error| format!("cannot run {program}: {error}"))?;
    if output.status.success() {
        Ok(output)
    } else {
        Err(format!("{program} ended with {}\n{}", output.status, said(&output)))
    }
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn cargo() -> std::ffi::OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(source: &str, licence: Option<&str>) -> Package {
        let (name, version) = ("name".to_owned(), "1.0.0".to_owned());
        Package { name, version, source: Some(source.to_owned()), licence: licence.map(str::to_owned) }
    }

    #[test]
    fn licences_and_sources_are_told_apart() {
        let allowed = allowed().unwrap();
        let fault = |licence| package(CRATES_IO, licence).fault(&allowed);
        for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0-only OR Zlib", "(MIT OR GPL-2.0-only) AND Unicode-3.0"]
        {
            assert_eq!(fault(Some(good)), None, "{good}");
        }
        for bad in [
            None,
            Some("GPL-3.0-only"),
            Some("MIT AND LGPL-2.1-or-later"),
            Some("Apache-2.0 WITH Classpath-exception-2.0"),
        ] {
            assert!(fault(bad).is_some(), "{bad:?}");
        }
        assert!(package("git+https://example.org/name", Some("MIT")).fault(&allowed).is_some());
    }
}
