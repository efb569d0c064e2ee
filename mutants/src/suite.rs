//! The tests: what each takes, and which mutants it comes by.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::record::digest;
use crate::tree::{PACKAGES, Tree};

/// One program of tests.
pub struct Binary {
    pub name: String,
    program: PathBuf,
    /// Tests find their data from the folder of their package.
    folder: PathBuf,
}

/// A second of the processor may take so many of the clock, beside whatever else runs: what waits for ever ends too.
const WALL: u64 = 20;

/// So many times as long a test may take while it is recorded what it comes by.
const RECORDING: u64 = 20;

/// What a test may take of memory, in KiB.
pub const MEMORY_KIB: u64 = 4_000_000;

pub struct Test {
    pub binary: usize,
    pub name: String,
    /// Of the processor, with no mutant switched on.
    pub millis: u64,
    pub reached: BTreeSet<u32>,
}

pub struct Suite {
    pub binaries: Vec<Binary>,
    pub tests: Vec<Test>,
}

impl Suite {
    /// Builds all tests, and runs each once. Those that take longer than so many seconds of the processor, or fail, are left
    /// out.
    pub fn new(tree: &Tree, longest: u64, jobs: usize) -> Result<Self, String> {
        let binaries = binaries(tree)?;
        let mut names = Vec::new();
        for (at, binary) in binaries.iter().enumerate() {
            names.extend(binary.names()?.into_iter().map(|name| (at, name)));
        }
        let (queue, tests) = (Mutex::new(names.into_iter()), Mutex::new(Vec::new()));
        let work = || -> Result<(), String> {
            loop {
                let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((at, name)) = next else { return Ok(()) };
                let Some(binary) = binaries.get(at) else { continue };
                match binary.tried(at, &name, longest)? {
                    Ok(test) => tests.lock().unwrap_or_else(PoisonError::into_inner).push(test),
                    Err(why) => println!("   left out, as it {why}: {}: {name}", binary.name),
                }
            }
        };
        side_by_side(jobs, work)?;
        let tests: Vec<Test> = tests.into_inner().unwrap_or_else(PoisonError::into_inner);
        for (at, binary) in binaries.iter().enumerate() {
            let own: Vec<u64> =
                tests.iter().filter(|test| test.binary == at).map(|test| test.millis).collect();
            println!(
                "   {}: {} tests, {} ms of the processor",
                binary.name,
                own.len(),
                own.iter().sum::<u64>()
            );
        }
        Ok(Self { binaries, tests })
    }
}

/// The same work by so many threads.
pub fn side_by_side(jobs: usize, work: impl Fn() -> Result<(), String> + Sync) -> Result<(), String> {
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..jobs).map(|_| scope.spawn(&work)).collect();
        let ends =
            workers.into_iter().map(|worker| worker.join().map_err(|_| "a worker failed".to_owned())?);
        ends.collect()
    })
}

fn binaries(tree: &Tree) -> Result<Vec<Binary>, String> {
    let mut words = vec!["test", "--offline", "--no-run", "--message-format=json-render-diagnostics"];
    words.extend(PACKAGES.iter().flat_map(|package| ["--package", package]));
    let output = tree.cargo(&words).stderr(Stdio::inherit()).output();
    let output = output.map_err(|error| format!("cannot run cargo: {error}"))?;
    if !output.status.success() {
        return Err("the tests do not build".to_owned());
    }
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let messages = lines.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut binaries: Vec<Binary> = messages.filter_map(|message| binary(&message)).collect();
    // What stands nearer to the core comes first.
    let rank = |binary: &Binary| PACKAGES.iter().rposition(|package| binary.program_of(package));
    binaries.sort_by(|one, other| (rank(one), &one.name).cmp(&(rank(other), &other.name)));
    Ok(binaries)
}

fn binary(message: &Value) -> Option<Binary> {
    let is_test = message.pointer("/profile/test");
    let program = message.get("executable")?.as_str().filter(|_| is_test == Some(&Value::Bool(true)))?;
    let folder = Path::new(message.get("manifest_path")?.as_str()?).parent()?.to_owned();
    let package = folder.file_name()?.to_string_lossy().into_owned();
    let target = message.pointer("/target/name")?.as_str()?;
    Some(Binary { name: format!("{package}/{target}"), program: program.into(), folder })
}

impl Binary {
    fn program_of(&self, package: &str) -> bool {
        self.folder.ends_with(package)
    }

    fn names(&self) -> Result<Vec<String>, String> {
        let output = self.command(&["--list", "--format", "terse"], None).output();
        let output = output.map_err(|error| format!("{}: {error}", self.name))?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(text.lines().filter_map(|line| line.strip_suffix(": test")).map(str::to_owned).collect())
    }

    /// What runs the program with these words, and within such limits: seconds of the processor and KiB of memory.
    pub fn command(&self, words: &[&str], limits: Option<(u64, u64)>) -> Command {
        let [seconds, memory, wall] = limits.map_or_else(
            || ["unlimited".to_owned(), "unlimited".to_owned(), "0".to_owned()],
            |(seconds, memory)| [seconds, memory, seconds * WALL].map(|limit| limit.to_string()),
        );
        let mut command = Command::new("sh");
        // No `exec`: the shell tells what the program took.
        let script =
            "ulimit -t $1; ulimit -v $2; shift 2; timeout -s KILL \"$@\"; code=$?; times >&2; exit $code";
        command.args(["-c", script, "sh", &seconds, &memory, &wall]).arg(&self.program).args(words);
        command.current_dir(&self.folder).stdin(Stdio::null());
        // The same worlds in every run; what fails is not made small, and not kept for the next.
        command.env("PROPTEST_RNG_SEED", "1").env("PROPTEST_MAX_SHRINK_ITERS", "0");
        command.env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "1");
        command.env("PEC_DIFFERENCES", "1").env("RUST_BACKTRACE", "0");
        command
    }

    /// The test, run with no mutant switched on; or why it cannot tell mutants apart. Twice: what it takes, and which mutants it
    /// comes by, which takes longer.
    fn tried(&self, at: usize, name: &str, longest: u64) -> Result<Result<Test, String>, String> {
        let told = |error: std::io::Error| format!("{}: {error}", self.name);
        let mut plain = self.command(&["--exact", name], Some((longest, MEMORY_KIB)));
        let output = plain.env("AZURE_PEC_MUTANT", "0").output().map_err(told)?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        if is_beyond(output.status) {
            return Ok(Err(format!("takes longer than {longest} s")));
        }
        if !output.status.success() {
            let told = String::from_utf8_lossy(&output.stdout).into_owned();
            return Ok(Err(format!("fails with no mutant switched on:\n{told}{said}")));
        }
        let millis = millis(&said).unwrap_or_default();
        let file = tempfile(at, name);
        _ = fs::remove_file(&file);
        let mut recorded = self.command(&["--exact", name], Some((longest * RECORDING, MEMORY_KIB)));
        let output = recorded.env("AZURE_PEC_MUTANTS_REACHED", &file).output().map_err(told)?;
        let reached = fs::read_to_string(&file).unwrap_or_default();
        _ = fs::remove_file(&file);
        if !output.status.success() {
            return Ok(Err("ends otherwise where it is looked at what it comes by".to_owned()));
        }
        let reached = reached.lines().filter_map(|number| number.parse().ok()).collect();
        Ok(Ok(Test { binary: at, name: name.to_owned(), millis, reached }))
    }
}

/// Where a test writes what it comes by.
fn tempfile(at: usize, name: &str) -> PathBuf {
    let name = format!("azure-pec-mutants-{}-{at}-{:x}", std::process::id(), digest(name));
    std::env::temp_dir().join(name)
}

/// What the children of a shell took, by the last line of `times`, such as `0m1.250s 0m0.010s`.
fn millis(said: &str) -> Option<u64> {
    let times = said.lines().last()?.split_whitespace().map(|time| {
        let (minutes, seconds) = time.strip_suffix('s')?.split_once('m')?;
        let (seconds, part) = seconds.split_once('.')?;
        let [minutes, seconds, part] =
            [minutes, seconds, part.get(..3)?].map(|digits| digits.parse::<u64>().ok());
        Some((minutes? * 60 + seconds?) * 1000 + part?)
    });
    times.sum()
}

/// Whether a program went beyond its limits: a shell says 128 and the signal that ended it.
pub fn is_beyond(status: ExitStatus) -> bool {
    status.code().is_none_or(|code| code > 128)
}

/// The tests that come by each mutant.
pub fn by_mutant(tests: &[Test]) -> BTreeMap<u32, Vec<&Test>> {
    let mut by_mutant: BTreeMap<u32, Vec<&Test>> = BTreeMap::new();
    for test in tests {
        for number in &test.reached {
            by_mutant.entry(*number).or_default().push(test);
        }
    }
    by_mutant
}
