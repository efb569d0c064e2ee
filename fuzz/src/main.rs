//! Runs the fuzz targets on inputs that follow from a seed: `cargo xtask fuzz`.
#![forbid(unsafe_code)]

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use azure_pec_fuzz::{Rng, TARGETS, Target, change, kept_for, target, write_seeds};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// No input may take more of these: inputs have at most 64 KiB.
const MOST_MEMORY: usize = 512 << 20;
const MOST_PROCESSOR: Duration = Duration::from_secs(30);
/// So much is shown of what a failure says.
const SHOWN: usize = 1500;
/// So many tries make an input smaller.
const TRIES: usize = 3000;

const USAGE: &str = "\
cargo xtask fuzz [--seconds N] [--seed S] [--target NAME]   random inputs, N seconds in all (60)
cargo xtask fuzz --target NAME --replay FILE                one input
cargo xtask fuzz --list                                     the names of the targets
cargo xtask fuzz --write-seeds DIR                          the seeds, a folder for each target";

thread_local! {
    /// What the last panic said, and where.
    static SAID: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

/// Why an input fails.
#[derive(Debug, Clone)]
struct Failure {
    place: String,
    message: String,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string).unwrap_or_default();
        let message = info.payload();
        let text = message.downcast_ref::<&str>().map(ToString::to_string);
        let message = text.or_else(|| message.downcast_ref::<String>().cloned()).unwrap_or_default();
        let message = message.chars().take(SHOWN).collect();
        SAID.with(|said| *said.borrow_mut() = Some((place, message)));
    }));
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn value<'a>(arguments: &'a [String], name: &str) -> Option<&'a str> {
    let at = arguments.iter().position(|argument| argument == name)?;
    arguments.get(at + 1).map(String::as_str)
}

fn number(arguments: &[String], name: &str, default: u64) -> Result<u64, String> {
    value(arguments, name)
        .map_or(Ok(default), |text| text.parse().map_err(|_| format!("{name} needs a number\n{USAGE}")))
}

fn run(arguments: &[String]) -> Result<(), String> {
    if arguments.iter().any(|argument| argument == "--list") {
        TARGETS.iter().for_each(|target| println!("{}", target.name));
        return Ok(());
    }
    if let Some(folder) = value(arguments, "--write-seeds") {
        return TARGETS
            .iter()
            .try_for_each(|target| write_seeds(target, &Path::new(folder).join(target.name)));
    }
    let chosen: Vec<&Target> = match value(arguments, "--target") {
        Some(name) => vec![target(name).ok_or_else(|| format!("no target {name}; --list tells them"))?],
        None => TARGETS.iter().collect(),
    };
    if let (Some(file), [target]) = (value(arguments, "--replay"), chosen.as_slice()) {
        let bytes = std::fs::read(file).map_err(|error| format!("{file}: {error}"))?;
        return tried(target, &bytes).map_err(|failure| format!("{}: {}", failure.place, failure.message));
    }
    let (seconds, seed) = (number(arguments, "--seconds", 60)?, number(arguments, "--seed", 1)?);
    let share = Duration::from_secs(seconds) / u32::try_from(chosen.len()).unwrap_or(1);
    println!("{:<26}{:>12}{:>14}{:>12}", "target", "inputs", "processor s", "peak MiB");
    let mut failed = Vec::new();
    for target in chosen {
        if let Err(message) = fuzz(target, share, seed) {
            println!("{message}");
            failed.push(target.name);
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", "))) }
}

/// Where what fails is put.
fn found() -> Result<PathBuf, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fuzz");
    std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(folder)
}

/// Kept inputs, then seeds, then changed seeds until the time is over.
fn fuzz(target: &Target, share: Duration, seed: u64) -> Result<(), String> {
    let (seeds, folder) = ((target.seeds)(), found()?);
    if seeds.is_empty() {
        return Err(format!("{} has no seeds", target.name));
    }
    let name: u64 =
        target.name.bytes().fold(0, |sum: u64, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut rng = Rng::new(seed ^ name);
    let given: Vec<Vec<u8>> =
        kept_for(target).into_iter().map(|(_, bytes)| bytes).chain(seeds.iter().cloned()).collect();
    let current = folder.join(format!("{}-current", target.name));
    let (start, before, mut inputs, mut peak) = (Instant::now(), processor(), 0_usize, 0);
    // What was told beforehand takes its own time.
    while inputs == 0 || start.elapsed() < share {
        let bytes = match given.get(inputs) {
            // Large sets of seeds are seeds, not a list to be gone through.
            Some(bytes) if inputs < 64 => bytes.clone(),
            _ => {
                let mut own = Rng::new(rng.bits());
                own.pick(&seeds).map(|seed| change(target.form, seed, &seeds, &mut own)).unwrap_or_default()
            }
        };
        inputs += 1;
        // What no runner can catch, such as a stack that overflows, leaves its input behind.
        std::fs::write(&current, &bytes).map_err(|error| format!("{}: {error}", current.display()))?;
        match tried(target, &bytes) {
            Ok(()) => peak = peak.max(MEMORY.peak_usage()),
            Err(failure) => return Err(told(target, &bytes, &failure, &folder)),
        }
    }
    std::fs::remove_file(&current).map_err(|error| format!("{}: {error}", current.display()))?;
    let spent = processor().saturating_sub(before).as_secs_f64();
    println!("{:<26}{inputs:>12}{spent:>14.1}{:>12}", target.name, peak >> 20);
    Ok(())
}

/// The smallest input found that fails in the same place, written down, and how to try it again.
fn told(target: &Target, bytes: &[u8], failure: &Failure, folder: &Path) -> String {
    let small = smaller(target, bytes, failure);
    let hash = small.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("{}-{hash:016x}", target.name));
    let written =
        std::fs::write(&path, &small).map_or_else(|error| error.to_string(), |()| path.display().to_string());
    format!(
        "{} FAILS at {}\n  {}\n  input of {} bytes, made from {}: {written}\n  cargo xtask fuzz --target {} --replay {written}",
        target.name,
        failure.place,
        failure.message,
        small.len(),
        bytes.len(),
        target.name,
    )
}

fn smaller(target: &Target, bytes: &[u8], failure: &Failure) -> Vec<u8> {
    let (mut small, mut tries) = (bytes.to_vec(), 0);
    let mut length = small.len() / 2;
    while length > 0 {
        let (mut at, mut changed) = (0, false);
        while at < small.len() && tries < TRIES {
            tries += 1;
            let end = (at + length).min(small.len());
            let mut less = small.clone();
            less.drain(at..end);
            if tried(target, &less).is_err_and(|other| other.place == failure.place) {
                (small, changed) = (less, true);
            } else {
                at = end;
            }
        }
        if !changed {
            length /= 2;
        }
    }
    small
}

/// Runs a target on an input.
fn tried(target: &Target, bytes: &[u8]) -> Result<(), Failure> {
    MEMORY.reset_peak_usage();
    let (start, before, held) = (Instant::now(), processor(), MEMORY.current_usage());
    let outcome = catch_unwind(AssertUnwindSafe(|| (target.check)(bytes)));
    if outcome.is_err() {
        let (place, message) = SAID.with(RefCell::take).unwrap_or_default();
        return Err(Failure { place, message });
    }
    let limit = |what: &str, message: String| Err(Failure { place: what.to_owned(), message });
    let taken = MEMORY.peak_usage().saturating_sub(held);
    if taken > MOST_MEMORY {
        return limit("memory", format!("{} MiB for an input of {} bytes", taken >> 20, bytes.len()));
    }
    if start.elapsed() > MOST_PROCESSOR {
        let spent = processor().saturating_sub(before);
        if spent > MOST_PROCESSOR {
            return limit("processor", format!("{spent:?} for an input of {} bytes", bytes.len()));
        }
    }
    Ok(())
}

/// Processor time of this thread, however many others wait for the processor; none where the system does not tell.
fn processor() -> Duration {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|nanos| nanos.parse().ok()).map(Duration::from_nanos).unwrap_or_default()
}
