//! Exports of access read and put together, beside `serde_json` alone over the same bytes.
//!
//! `cargo bench -p azure-pec-benches --bench access` takes 200,000 role assignments and 1,000,000 log records of 100
//! subscriptions and prints the processor times of both, their ratio and the peak memory of reading. What is parsed alone are the
//! same fields into records of texts, everything else skipped, the JSON within texts not opened; `Value` is shown beside
//! it. With `-- --test`, or as a test, it takes a hundredth.
#![expect(clippy::expect_used, reason = "a benchmark without its data has nothing to measure")]
#![expect(clippy::float_arithmetic, reason = "ratios of times")]

use std::time::{Duration, Instant};

use azure_pec::Chronicle;
use azure_pec_benches::{ExportSize, write_assignments, write_log};
use azure_pec_formats::read_access;
use serde::Deserialize;

const RUNS: usize = 2;

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Page<R> {
    value: Vec<R>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Assignment {
    id: String,
    name: String,
    r#type: String,
    properties: Held,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Held {
    role_definition_id: String,
    principal_id: String,
    principal_type: String,
    scope: String,
    created_on: String,
    updated_on: String,
    condition: Option<String>,
}

#[derive(Deserialize)]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Word {
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Event {
    event_timestamp: String,
    event_data_id: String,
    operation_id: String,
    operation_name: Word,
    resource_id: String,
    status: Word,
    subscription_id: String,
    properties: Change,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "what is parsed is not looked at")]
struct Change {
    requestbody: Option<String>,
    response_body: Option<String>,
    hierarchy: Option<String>,
}

/// Processor time of this thread where the system tells it, so that a busy machine changes little; else the clock's.
struct Stopwatch(Instant, Option<Duration>);

impl Stopwatch {
    fn start() -> Self {
        Self(Instant::now(), on_processor())
    }

    fn elapsed(&self) -> Duration {
        let used = self.1.zip(on_processor()).map(|(start, end)| end.saturating_sub(start));
        used.unwrap_or_else(|| self.0.elapsed())
    }
}

fn on_processor() -> Option<Duration> {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}

/// The two files of each subscription, one after the other.
fn each_file(size: &ExportSize, mut take: impl FnMut(&str, bool, &[u8])) {
    let mut bytes = Vec::new();
    for at in 0..size.subscriptions {
        for is_log in [false, true] {
            bytes.clear();
            let written = if is_log {
                write_log(size, at, &mut bytes)
            } else {
                write_assignments(size, at, &mut bytes)
            };
            written.expect("memory takes every byte");
            let name = if is_log {
                format!("{at}/activity-log.json")
            } else {
                format!("{at}/role-assignments.json")
            };
            take(&name, is_log, &bytes);
        }
    }
}

/// Reads everything and puts it together; the times of both, how many grants came of it, and of how many bytes.
fn history(size: &ExportSize) -> (Duration, Duration, usize, usize) {
    let (mut reading, mut length) = (Duration::ZERO, 0);
    let mut whole = Chronicle::default();
    each_file(size, |name, _, bytes| {
        let start = Stopwatch::start();
        let read = read_access(name, bytes, None).expect("an export");
        whole.snapshots.extend(read.chronicle.snapshots);
        whole.logs.extend(read.chronicle.logs);
        reading += start.elapsed();
        length += bytes.len();
    });
    let start = Stopwatch::start();
    let (history, _) = whole.history();
    (reading, start.elapsed(), history.grants.len(), length)
}

/// The times of `serde_json` alone into records and into `Value`.
fn parsed(size: &ExportSize) -> (Duration, Duration) {
    let (mut records, mut values) = (Duration::ZERO, Duration::ZERO);
    each_file(size, |_, is_log, bytes| {
        let start = Stopwatch::start();
        match is_log {
            true => drop(serde_json::from_slice::<Page<Event>>(bytes).expect("events")),
            false => drop(serde_json::from_slice::<Page<Assignment>>(bytes).expect("assignments")),
        }
        records += start.elapsed();
        let start = Stopwatch::start();
        drop(serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON"));
        values += start.elapsed();
    });
    (records, values)
}

/// The most memory that was ever taken, in MiB, where the system says.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let (_, rest) = status.split_once("VmHWM:")?;
    Some(rest.split_whitespace().next()?.parse::<u64>().ok()?.div_ceil(1024))
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let has = |name: &str| arguments.iter().any(|argument| argument == name);
    let (part, runs) = if has("--bench") && !has("--test") { (1, RUNS) } else { (100, 1) };
    let subscriptions = 100 / part;
    let size = ExportSize { subscriptions, assignments: 2_000, events: 10_000, seed: 1 };
    let (mut least, mut bytes, mut memory) = ([Duration::MAX; 4], 0, None);
    for _ in 0..runs {
        let (reading, put_together, grants, length) = history(&size);
        bytes = length;
        // Only ever higher, so it is looked at before anything else runs.
        memory = memory.or_else(peak);
        assert!(grants as u64 >= size.subscriptions * size.assignments, "{grants} grants");
        let (alone, values) = parsed(&size);
        for (least, time) in least.iter_mut().zip([reading + put_together, put_together, alone, values]) {
            *least = time.min(*least);
        }
    }
    let [whole, put_together, alone, values] = least.map(|time| time.as_secs_f64());
    println!(
        "{} role assignments, {} log records, {} MB",
        size.subscriptions * size.assignments,
        size.subscriptions * size.events,
        bytes / 1_000_000
    );
    println!("read and put together   {whole:7.3} s, of which put together {put_together:.3} s");
    println!("parsed into records     {alone:7.3} s, ratio {:.2}", whole / alone);
    println!("parsed into Value       {values:7.3} s, ratio {:.2}", whole / values);
    println!("peak of reading         {} MiB", memory.map_or_else(|| "?".to_owned(), |mib| mib.to_string()));
}
