//! The Python package: built as a wheel, installed into a fresh environment, tested there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::generate;

/// What the tests need besides the wheel.
const NEEDED: &[&str] = &[
    "maturin>=1.14,<2",
    "pytest>=8",
    "mypy>=1.18",
    "duckdb",
    "pandas>=2.2",
    "polars>=1",
    "pyarrow>=17",
    "matplotlib",
];

/// Builds, installs and tests; stops at the first step that fails.
pub fn run() -> Result<(), String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folder = generate::target().join("python");
    let (environment, wheels) = (folder.join("environment"), folder.join("wheels"));
    for old in [&environment, &wheels] {
        if old.exists() {
            std::fs::remove_dir_all(old).map_err(|error| format!("{}: {error}", old.display()))?;
        }
    }
    let step = |what: &str, program: &Path, words: &[&str]| {
        println!("== {what}: {} {}", program.display(), words.join(" "));
        let status = Command::new(program).args(words).current_dir(&root).status();
        let status = status.map_err(|error| format!("cannot run {}: {error}", program.display()))?;
        if status.success() { Ok(()) } else { Err(format!("{what}: ended with {status}")) }
    };
    let text = |path: &Path| path.to_string_lossy().into_owned();
    step("a fresh environment", "python3".as_ref(), &["-m", "venv", &text(&environment)])?;
    let python = inside(&environment, "python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    step("what the tests need", &python, &[&install[..], NEEDED].concat())?;
    let manifest = "bindings/python/Cargo.toml";
    let build = ["build", "--profile", "dev", "--quiet", "--manifest-path", manifest, "--out"];
    step("the wheel", &inside(&environment, "maturin"), &[&build[..], &[&text(&wheels)]].concat())?;
    let wheel = ["--no-index", "--find-links", &text(&wheels), "azure-pec"];
    step("the wheel, installed", &python, &[&install[..], &wheel[..]].concat())?;
    let flags = "doctest_optionflags=ELLIPSIS";
    step("the Python tests", &python, &["-m", "pytest", "bindings/python/tests"])?;
    let examples = ["-m", "pytest", "-q", "--doctest-modules", "-o", flags, "--pyargs", "azure_pec"];
    step("the examples of the docstrings", &python, &examples)?;
    let readme = ["-m", "pytest", "-q", "--doctest-glob=README.md", "bindings/python/README.md"];
    step("the examples of its README", &python, &readme)?;
    let config = ["--mypy-config-file", "bindings/python/pyproject.toml"];
    step("the stubs", &python, &[&["-m", "mypy.stubtest", "azure_pec"][..], &config[..]].concat())
}

/// A program of an environment.
pub fn inside(environment: &Path, program: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment.join(folder).join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}
