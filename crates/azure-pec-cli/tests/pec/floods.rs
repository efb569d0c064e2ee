//! Input beyond all measure: fields of gigabytes, brackets without end, small files that unpack to large ones, any number of
//! files. Memory stays bounded, and what is refused is refused with a clear error.

use std::fs::{self, File};
use std::io::{Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::pec::{CONTOSO, command, root};

const GIB: u64 = 1 << 30;
/// What the command may take, in KiB of addresses; threads and the program itself need some of it.
const ROOM_KIB: u64 = 1 << 20;
const GRANTS: &str = r#"{"schema": "azure-pec/access/1", "observed": "complete", "grants": ["#;
const PARTNER: &str = "schema = \"azure-pec/partner/1\"\n";

/// The command, with so much memory and no more.
fn bounded(words: &[&str]) -> Output {
    let command = command(words);
    let mut shell = Command::new("sh");
    shell.args(["-c", r#"ulimit -v "$0"; exec "$@""#]).arg(ROOM_KIB.to_string());
    shell.arg(command.get_program()).args(command.get_args()).current_dir(root()).output().unwrap()
}

#[track_caller]
fn assert_refused(output: &Output, code: &str, path: &Path) {
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{}: {err}", path.display());
    assert!(err.starts_with(&format!("error[{code}]: {}", path.display())), "{err}");
    assert_eq!(err.lines().count(), 2, "{err}");
}

fn example(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

/// The first line of a table of the examples.
fn header(path: &str) -> String {
    example(path).lines().next().unwrap().to_owned() + "\n"
}

fn usage_header() -> String {
    header(&format!("{CONTOSO}/usage/part_1_0001.csv"))
}

fn price_list() -> String {
    example(&format!("{CONTOSO}/prices/azure-plan-US-2026-10.csv"))
}

/// A file of a field of two GiB: a hole, which takes no room on the disk.
fn with_field(path: &Path, before: &str, behind: &str) {
    let mut file = File::create(path).unwrap();
    // What tells the kind of a file is its first 64 KiB.
    file.write_all(before.as_bytes()).unwrap();
    file.write_all(&[b'x'; 1 << 17]).unwrap();
    file.seek(SeekFrom::Start(2 * GIB)).unwrap();
    file.write_all(behind.as_bytes()).unwrap();
}

#[test]
fn a_field_of_two_gigabytes() {
    let folder = tempfile::tempdir().unwrap();
    let invoice = header("examples/contoso-reconcile/clean/invoice/reconciliation-G070310266.csv");
    let rated = r#"{"UsageDate": "2026-10-01", "EntitlementId": "e", "ResourceURI": "/", "Quantity": "1"}"#;
    for (name, before, behind) in [
        ("usage.csv", usage_header() + "\"", "\"\n"),
        ("open.csv", usage_header() + "\"", "\n"),
        ("usage.json", format!("{rated}\n{{\"UsageDate\": \""), "\"}\n"),
        ("list.json", format!("[{rated}, {{\"UsageDate\": \""), "\"}]\n"),
        ("prices.csv", header(&format!("{CONTOSO}/prices/azure-plan-US-2026-10.csv")) + "\"", "\"\n"),
        ("invoice.csv", invoice + "\"", "\"\n"),
        ("access.json", format!("{GRANTS}{{\"id\": \""), "\"}]}\n"),
        ("partner.toml", format!("{PARTNER}x = \""), "\"\n"),
    ] {
        let path = folder.path().join(name);
        with_field(&path, &before, behind);
        let own = path.to_str().unwrap();
        let output = match name {
            "invoice.csv" => bounded(&["reconcile", own, "examples/contoso-reconcile/clean/usage"]),
            "usage.csv" | "open.csv" | "usage.json" | "list.json" => bounded(&["statement", own]),
            _ => bounded(&["statement", own, "examples/contoso/usage"]),
        };
        assert_refused(&output, "input.too_large", &path);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn brackets_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let deep = "[".repeat(1 << 20);
    let objects = r#"{"a":"#.repeat(1 << 18);
    for (name, text, code) in [
        ("access.json", format!("{GRANTS}{deep}"), "input.too_deep"),
        ("closed.json", format!("{GRANTS}{deep}{}]}}", "]".repeat(1 << 20)), "input.too_deep"),
        (
            "assignments.json",
            format!(r#"[{{"roleDefinitionId": "a", "principalId": {objects}"#),
            "input.too_deep",
        ),
        (
            "partner.json",
            format!(r#"{{"schema": "azure-pec/partner/1", "bill_to": {objects}"#),
            "input.too_deep",
        ),
        ("policy.json", format!(r#"{{"schema": "azure-pec/policy/1", "day": {deep}"#), "input.too_deep"),
        ("partner.toml", format!("{PARTNER}x = {deep}"), "json.malformed"),
        (
            "usage.json",
            format!(r#"[{{"UsageDate": "2026-10-01", "EntitlementId": "e", "ResourceURI": {deep}"#),
            "",
        ),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        let output = bounded(&["statement", path.to_str().unwrap(), "examples/contoso/usage"]);
        if code.is_empty() {
            assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        } else {
            assert_refused(&output, code, &path);
        }
    }
}

/// So many copies of a text as gzip files behind one another, which are one: whoever unpacks it unpacks all.
fn gzipped(first: &str, text: &str, copies: usize) -> Vec<u8> {
    let member = |text: &str| {
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(text.as_bytes()).unwrap();
        packer.finish().unwrap()
    };
    [member(first), member(text).repeat(copies)].concat()
}

fn zipped(text: &str) -> Vec<u8> {
    let mut pack = ZipWriter::new(Cursor::new(Vec::new()));
    pack.start_file("inside", SimpleFileOptions::default()).unwrap();
    pack.write_all(text.as_bytes()).unwrap();
    pack.finish().unwrap().into_inner()
}

/// So much of one text again and again, in MiB.
fn again(text: &str, mib: usize) -> String {
    text.repeat((mib << 20) / text.len())
}

#[test]
fn small_files_that_unpack_to_large_ones() {
    let folder = tempfile::tempdir().unwrap();
    let grants = again(r#"{"id": "a"}, "#, 16);
    let prices = price_list();
    let mut lines = prices.split_inclusive('\n');
    let (head, row) = (lines.next().unwrap(), lines.next().unwrap());
    let rows = again(row, 16);
    for (name, packed) in [
        ("access.json.gz", gzipped(GRANTS, &grants, 64)),
        ("prices.csv.gz", gzipped(head, &rows, 6)),
        ("access.zip", zipped(&format!("{GRANTS}{}", grants.repeat(6)))),
        ("prices.zip", zipped(&format!("{head}{}", rows.repeat(6)))),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &packed).unwrap();
        let output = bounded(&["statement", path.to_str().unwrap(), "examples/contoso/usage"]);
        let inside = if name.ends_with("zip") { path.join("inside") } else { path };
        assert_refused(&output, "input.too_large", &inside);
        assert!(String::from_utf8_lossy(&output.stderr).contains("unpacked it is larger than "));
    }
    // Usage is never kept, however much of it there is.
    let usage = example(&format!("{CONTOSO}/usage/part_1_0001.csv"));
    let (head, lines) = usage.split_once('\n').unwrap();
    let path = folder.path().join("usage.csv.gz");
    fs::write(&path, gzipped(&format!("{head}\n"), lines, 100)).unwrap();
    let output = bounded(&["statement", path.to_str().unwrap(), "--format", "csv"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// An archive that says twice where the same bytes lie could say it any number of times.
#[test]
fn an_archive_whose_files_lie_one_in_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("usage.zip");
    let mut archive = zipped(&example(&format!("{CONTOSO}/usage/part_1_0001.csv")));
    let end = archive.len() - 22;
    let number = |at: usize| u32::from_le_bytes(archive[at..at + 4].try_into().unwrap()) as usize;
    let directory = archive[number(end + 16)..end].to_vec();
    let mut second = directory.clone();
    second[46..52].copy_from_slice(b"beside");
    let mut tail = archive.split_off(end);
    archive.extend(second);
    tail[8..12].copy_from_slice(&[2, 0, 2, 0]);
    tail[12..16].copy_from_slice(&u32::try_from(directory.len() * 2).unwrap().to_le_bytes());
    archive.extend(tail);
    fs::write(&path, archive).unwrap();
    let output = bounded(&["statement", path.to_str().unwrap()]);
    assert_refused(&output, "input.unknown_kind", &path);
    assert!(String::from_utf8_lossy(&output.stderr).contains("whose files lie one in another"));
}

/// Runs the command to its end and looks how much memory it takes at most, in MiB.
fn peak(words: &[&str]) -> (Output, u64, Duration) {
    let mut shell = Command::new("sh");
    let own = command(words);
    // No more files are open at once than the reading of one takes.
    shell.args(["-c", r#"ulimit -n 32; exec "$@""#, "sh"]).arg(own.get_program()).args(own.get_args());
    let (out, err) = (tempfile::tempfile().unwrap(), tempfile::tempfile().unwrap());
    shell.current_dir(root()).stdout(out.try_clone().unwrap()).stderr(err.try_clone().unwrap());
    let start = Instant::now();
    let mut child = shell.stdin(Stdio::null()).spawn().unwrap();
    let mut most = 0;
    let status = loop {
        let text = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let now =
            text.split_once("VmHWM:").and_then(|(_, rest)| rest.split_whitespace().next()?.parse().ok());
        most = now.unwrap_or(0).max(most);
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let read = |mut file: File| {
        file.rewind().unwrap();
        std::io::read_to_string(file).unwrap().into_bytes()
    };
    (Output { status, stdout: read(out), stderr: read(err) }, most / 1024, start.elapsed())
}

/// Usage, lists of access, texts that are nothing and empty files, so many in all; `PEC_FILES=1000000` for a long run.
#[test]
fn any_number_of_tiny_files() {
    let count: usize = std::env::var("PEC_FILES").map_or(20_000, |count| count.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let usage = example(&format!("{CONTOSO}/usage/part_1_0001.csv"));
    let two: String = usage.split_inclusive('\n').take(2).collect();
    let parts: Vec<PathBuf> =
        (0..count.div_ceil(1000)).map(|part| folder.path().join(part.to_string())).collect();
    parts.iter().for_each(|part| fs::create_dir(part).unwrap());
    let mut expected = [0_usize; 4];
    for at in 0..count {
        let (name, content) = match at % 4 {
            0 => ("csv", two.replacen(",24,1 Hour,", &format!(",{at}.5,1 Hour,"), 1)),
            1 => (
                "json",
                format!(
                    r#"{{"taken_at": "2026-10-{:02}T00:00:00Z", "scope": "/subscriptions/5b0a1ca1-7d3e-4f60-9a11-{at:012}",
                "command": "az role assignment list", "value": []}}"#,
                    at % 28 + 1
                ),
            ),
            2 => ("txt", format!("note {at}")),
            _ => ("log", String::new()),
        };
        expected[at % 4] += 1;
        fs::write(parts[at / 1000].join(format!("{at}.{name}")), content).unwrap();
    }
    let path = folder.path().to_str().unwrap();
    for words in [["statement", path], ["inspect", path]] {
        let (output, mib, time) = peak(&[&words[..], &["--threads", "2", "--format", "json"]].concat());
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{words:?}: {err}");
        let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        println!("{} of {count} files: {} s, peak {mib} MiB", words[0], time.as_secs());
        if words[0] == "inspect" {
            assert_eq!(document["inputs"].as_array().unwrap().len(), count);
            continue;
        }
        assert_eq!(document["body"]["totals"][0]["lines"], expected[0]);
        assert_eq!(document["inputs"].as_array().unwrap().len(), count);
        let kinds = [
            "\"usage.cost_management\"",
            "\"access.role_assignments\"",
            "text that is no table",
            "an empty file",
        ];
        for (kind, count) in kinds.into_iter().zip(expected) {
            assert_eq!(text.matches(kind).count(), count, "{kind}");
        }
    }
}
