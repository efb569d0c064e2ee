//! The Python package: built as a wheel, installed into a fresh environment, tested there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::{of_tests, step, tested};
use crate::{generate, number};

/// What the tests need besides the wheel.
const NEEDED: &[&str] = &[
    "pytest>=8",
    "mypy>=1.18",
    "duckdb",
    "pandas>=2.2",
    "polars>=1",
    "pyarrow>=17",
    "matplotlib",
    "nbclient",
    "ipykernel",
];
/// What a Spark job needs. Its Java is 17: `apt-get install openjdk-17-jre-headless`.
const OF_SPARK: &[&str] = &["pyspark>=4", "pyarrow>=17", "pandas>=2.2"];

/// Builds, installs and tests; stops at the first step that fails.
pub fn run() -> Result<(), String> {
    let pec = tested("pec", "pec")?;
    let environment = Environment::fresh("python", NEEDED)?;
    let python = inside(&environment.folder, "python");
    step(
        "the Python tests",
        python,
        &["-m", "pytest", "bindings/python/tests"],
        &[("PEC", pec.as_os_str())],
    )?;
    let flags = "doctest_optionflags=ELLIPSIS";
    let of_docstrings = ["-m", "pytest", "-q", "--doctest-modules", "-o", flags, "--pyargs", "azure_pec"];
    environment.run("the examples of the docstrings", &of_docstrings)?;
    let of_readme = ["-m", "pytest", "-q", "--doctest-glob=README.md", "bindings/python/README.md"];
    environment.run("the examples of its README", &of_readme)?;
    environment.run("the example script", &["examples/python/contoso.py"])?;
    environment.run("the notebook", &["examples/python/execute.py"])?;
    let stubs = ["-m", "mypy.stubtest", "azure_pec", "--mypy-config-file", "bindings/python/pyproject.toml"];
    environment.run("the stubs", &stubs)
}

/// A local Spark job over a generated month, held against one process: to the byte.
pub fn run_spark(options: &[String]) -> Result<(), String> {
    let (lines, partitions) = (number(options, "--lines", 2_000_000)?, number(options, "--partitions", 8)?);
    let data = generate::target().join("spark-data");
    let words = ["--lines".to_owned(), lines.to_string(), "--out".to_owned(), text(&data)];
    generate::run(&words)?;
    let environment = Environment::fresh("spark", OF_SPARK)?;
    let job = ["bindings/python/spark/job.py", &text(&data), &partitions.to_string()];
    environment.run("the Spark job", &job)
}

/// What asks for known holes of everything that the tests of the package install, in an environment of its own. It is
/// strict: else it passes where nobody could tell it anything of a package.
pub fn audited() -> Result<Command, String> {
    let folder = generate::target().join("audit");
    step("a fresh environment", "python3", &["-m", "venv", "--clear", &text(&folder)], &[])?;
    let python = inside(&folder, "python");
    step(
        "pip-audit",
        &python,
        &["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "pip-audit"],
        &[],
    )?;
    let list = folder.join("needed.txt");
    let needed = [&["maturin>=1.14,<2"], NEEDED, OF_SPARK].concat().join("\n");
    std::fs::write(&list, needed).map_err(|error| format!("{}: {error}", list.display()))?;
    let mut command = Command::new(python);
    command.args(["-m", "pip_audit", "--strict", "--progress-spinner", "off", "--requirement"]).arg(list);
    Ok(command)
}

/// A virtual environment with the wheel in it.
struct Environment {
    folder: PathBuf,
}

impl Environment {
    /// Builds the wheel and installs it into a fresh environment, with what else is needed.
    fn fresh(name: &str, needed: &[&str]) -> Result<Self, String> {
        let folder = generate::target().join(name);
        let (environment, wheels) = (folder.join("environment"), folder.join("wheels"));
        for old in [&environment, &wheels] {
            if old.exists() {
                std::fs::remove_dir_all(old).map_err(|error| format!("{}: {error}", old.display()))?;
            }
        }
        step("a fresh environment", "python3", &["-m", "venv", &text(&environment)], &[])?;
        let made = Self { folder: environment };
        let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
        made.run("what is needed", &[&install[..], &["maturin>=1.14,<2"], needed].concat())?;
        let manifest = "bindings/python/Cargo.toml";
        let build = ["build", "--profile", "dev", "--quiet", "--manifest-path", manifest, "--out"];
        // In the environment of the tests: what it stands on was built with them.
        let into = text(&wheels);
        let build = [&build[..], &[into.as_str()]].concat();
        step("the wheel", inside(&made.folder, "maturin"), &build, &of_tests())?;
        let wheel = ["--no-index", "--find-links", &text(&wheels), "azure-pec"];
        made.run("the wheel, installed", &[&install[..], &wheel[..]].concat())?;
        Ok(made)
    }

    /// Runs its Python at the root of the project.
    fn run(&self, what: &str, words: &[&str]) -> Result<(), String> {
        step(what, inside(&self.folder, "python"), words, &[])
    }
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A program of an environment.
pub fn inside(environment: &Path, program: &str) -> PathBuf {
    let folder = if cfg!(windows) { "Scripts" } else { "bin" };
    environment.join(folder).join(format!("{program}{}", std::env::consts::EXE_SUFFIX))
}
