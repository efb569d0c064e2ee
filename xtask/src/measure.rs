//! What a statement or a reconciliation of a month costs: time, speed and peak memory of `pec`, the release
//! build unless another profile is named.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::generate;
use crate::step::{step, tested};

const TIME: &str = "/usr/bin/time";
/// What users run.
pub const RELEASE: &str = "release";

/// One run of the command.
struct Cost {
    time: Duration,
    peak_kib: Option<u64>,
}

/// Generates, builds, runs and prints.
pub fn run(options: &[String]) -> Result<(), String> {
    let size = generate::size(options)?;
    let runs = super::number(options, "--runs", 3)?.max(1);
    let threads = super::text(options, "--threads", "")?;
    let profile = super::text(options, "--profile", RELEASE)?;
    let by = super::text(options, "--by", "")?;
    let most = super::number(options, "--max-mib", u64::MAX)?;
    let folder = generate::target().join(format!("measure-{}", std::process::id()));
    let data = folder.join("data");
    let measured = generate::write(&data, size)
        .and_then(|bytes| build(&profile, "").map(|pec| (bytes, pec)))
        .and_then(|(bytes, pec)| {
            for _ in 0..runs {
                let cost = statement(&pec, &data, &folder, &threads, &by)?;
                println!("{}", row(size.lines, bytes, &cost));
                within(&cost, most)?;
            }
            Ok(())
        });
    let removed = std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()));
    measured.and(removed)
}

/// As [`run`], with `pec reconcile` on a billed month and its invoices.
pub fn run_reconcile(options: &[String]) -> Result<(), String> {
    let size = generate::size(options)?;
    let runs = super::number(options, "--runs", 1)?.max(1);
    let threads = super::text(options, "--threads", "")?;
    let profile = super::text(options, "--profile", RELEASE)?;
    let most = super::number(options, "--max-mib", u64::MAX)?;
    let cost_management = options.iter().any(|option| option == "--cost-management");
    let folder = generate::target().join(format!("measure-{}", std::process::id()));
    let data = folder.join("data");
    let written = generate::write_billed(&data, size, cost_management);
    let measured =
        written.and_then(|bytes| build(&profile, "").map(|pec| (bytes, pec))).and_then(|(bytes, pec)| {
            for _ in 0..runs {
                let cost = reconciliation(&pec, &data, &folder, &threads)?;
                println!("{}", row(size.lines, bytes, &cost));
                within(&cost, most)?;
            }
            Ok(())
        });
    let removed = std::fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()));
    measured.and(removed)
}

fn within(cost: &Cost, most: u64) -> Result<(), String> {
    match cost.peak_kib.map(|kib| kib.div_ceil(1024)) {
        Some(mib) if mib > most => Err(format!("peak {mib} MiB, at most {most} are allowed")),
        None if most < u64::MAX => Err("the peak is not known on this machine".to_owned()),
        _ => Ok(()),
    }
}

/// One reconciliation. Its bridges must close: a quick wrong answer is no result.
fn reconciliation(pec: &Path, data: &Path, folder: &Path, threads: &str) -> Result<Cost, String> {
    let (document, report) = (folder.join("reconciliation.json"), folder.join("time.txt"));
    let mut arguments = vec!["reconcile".into(), data.as_os_str().to_owned()];
    arguments.extend(["--format", "json"].map(Into::into));
    if !threads.is_empty() {
        arguments.extend(["--threads", threads].map(Into::into));
    }
    let cost = cost(pec.as_os_str(), &arguments, &document, &report)?;
    let text = std::fs::read_to_string(&document).map_err(|error| error.to_string())?;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    // Two-space indents, keys in their order: the charge stands on the line behind.
    let residuals = lines.iter().zip(lines.iter().skip(1)).filter(|(line, _)| **line == "\"residual\": {");
    let (closed, open): (Vec<_>, Vec<_>) = residuals.partition(|(_, next)| **next == "\"charge\": \"0\",");
    if closed.is_empty() || !open.is_empty() || text.contains("\"unexplained\"") {
        return Err(format!(
            "{} bridges close, {} do not, or findings are unexplained",
            closed.len(),
            open.len()
        ));
    }
    Ok(cost)
}

/// Builds the command under this profile with these features of it; where it is. Under the profile of the tests it is what
/// they run.
pub fn build(profile: &str, features: &str) -> Result<PathBuf, String> {
    if profile == "dev" {
        return tested("pec", "pec");
    }
    let package = ["build", "--package", "azure-pec-cli", "--bin", "pec"];
    step("pec", "cargo", &[&package[..], &["--profile", profile, "--features", features]].concat(), &[])?;
    Ok(generate::target().join(profile).join(format!("pec{}", std::env::consts::EXE_SUFFIX)))
}

/// One statement, its document written beside the data and looked at, so that an empty answer is no result.
fn statement(pec: &Path, data: &Path, folder: &Path, threads: &str, by: &str) -> Result<Cost, String> {
    let (document, report) = (folder.join("statement.json"), folder.join("time.txt"));
    let mut arguments = vec!["statement".into(), data.as_os_str().to_owned()];
    arguments.extend(["--format", "json"].map(Into::into));
    if !by.is_empty() {
        arguments.extend(["--by", by].map(Into::into));
    }
    if !threads.is_empty() {
        arguments.extend(["--threads", threads].map(Into::into));
    }
    let cost = cost(pec.as_os_str(), &arguments, &document, &report)?;
    let bytes = std::fs::metadata(&document).map_err(|error| error.to_string())?.len();
    if bytes == 0 {
        return Err("pec printed no statement".to_owned());
    }
    Ok(cost)
}

/// Runs a program with its output in a file, under `time` where there is one.
fn cost(
    program: &std::ffi::OsStr,
    arguments: &[std::ffi::OsString],
    output: &Path,
    report: &Path,
) -> Result<Cost, String> {
    let file = File::create(output).map_err(|error| format!("{}: {error}", output.display()))?;
    let timed = Path::new(TIME).exists();
    let mut command = if timed {
        let mut command = Command::new(TIME);
        command.args(["-v", "-o"]).arg(report).arg(program);
        command
    } else {
        Command::new(program)
    };
    let start = Instant::now();
    let child = command.args(arguments).stdout(Stdio::from(file)).spawn();
    let mut child = child.map_err(|error| format!("{}: {error}", program.display()))?;
    let (status, polled) = if timed {
        (child.wait(), None)
    } else {
        let proc = PathBuf::from(format!("/proc/{}/status", child.id()));
        let mut peak = None;
        loop {
            // The high-water mark only rises; the last one seen before the end stands.
            peak = kib_after(&std::fs::read_to_string(&proc).unwrap_or_default(), "VmHWM:").max(peak);
            match child.try_wait() {
                Ok(None) => std::thread::sleep(Duration::from_millis(5)),
                Ok(Some(status)) => break (Ok(status), peak),
                Err(error) => break (Err(error), peak),
            }
        }
    };
    let time = start.elapsed();
    let status = status.map_err(|error| error.to_string())?;
    if !status.success() {
        return Err(format!("{} ended with {status}", program.display()));
    }
    let reported = std::fs::read_to_string(report).unwrap_or_default();
    let peak_kib = kib_after(&reported, "Maximum resident set size (kbytes):").or(polled);
    Ok(Cost { time, peak_kib })
}

/// The whole number behind a label, in KiB.
fn kib_after(text: &str, label: &str) -> Option<u64> {
    let (_, rest) = text.split_once(label)?;
    rest.split_whitespace().next()?.parse().ok()
}

fn row(lines: u64, bytes: u64, cost: &Cost) -> String {
    let micros = u64::try_from(cost.time.as_micros()).unwrap_or(u64::MAX).max(1);
    let lines_a_second = u128::from(lines) * 1_000_000 / u128::from(micros);
    let peak = cost.peak_kib.map_or_else(|| "?".to_owned(), |kib| kib.div_ceil(1024).to_string());
    format!(
        "{lines} lines, {}.{:03} s, {lines_a_second} lines/s, {} MB/s, peak {peak} MiB",
        micros / 1_000_000,
        micros / 1000 % 1000,
        bytes / micros
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_are_read_from_both_forms() {
        let time = "\tMaximum resident set size (kbytes): 10240\n\tAverage resident set size (kbytes): 0\n";
        assert_eq!(kib_after(time, "Maximum resident set size (kbytes):"), Some(10_240));
        assert_eq!(kib_after("VmPeak:\t 9 kB\nVmHWM:\t    2048 kB\n", "VmHWM:"), Some(2048));
        assert_eq!(kib_after("", "VmHWM:"), None);
    }

    #[test]
    fn rows_are_of_whole_numbers() {
        let cost = Cost { time: Duration::from_millis(2_050), peak_kib: Some(1025) };
        let expected = "1000000 lines, 2.050 s, 487804 lines/s, 520 MB/s, peak 2 MiB";
        assert_eq!(row(1_000_000, 1_066_000_000, &cost), expected);
    }

    #[cfg(unix)]
    #[test]
    fn a_program_is_measured_and_its_failure_told() {
        let folder = generate::target().join(format!("measure-test-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (output, report) = (folder.join("out"), folder.join("time"));
        let sh = |script: &str| {
            let arguments = ["-c".into(), script.into()];
            cost("/bin/sh".as_ref(), &arguments, &output, &report)
        };
        assert!(sh("sleep 0.05; echo done").unwrap().peak_kib.is_some_and(|kib| kib > 0));
        assert_eq!(std::fs::read_to_string(&output).unwrap(), "done\n");
        assert!(sh("exit 3").is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
