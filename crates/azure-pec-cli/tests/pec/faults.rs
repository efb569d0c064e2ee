//! Faults around the command: disks that are full or fail, an end in the middle, files that change while they are read,
//! places where nothing may be written. Each ends with a clear error and nothing lost.

use std::fs::{self, Permissions};
use std::io::Write;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::hook::{EIO, ENOSPC, Fault, KILL, with_fault};
use crate::pec::{CONTOSO, command, root};

const ACCESS: &str = "examples/contoso/access";
const PARTNER: &str = "examples/contoso/partner.json";
const PRICES: &str = "examples/contoso/prices";
const BILLED: &str = "examples/contoso-reconcile/breaks/1-withheld";
/// What stands where the command is to write.
const OLD: &str = "what stood there before";
/// The files that the command writes into until they are whole.
const UNFINISHED: &str = "/.pec-";

/// Everything that writes a file: its name, and the command without it.
fn writers() -> Vec<(&'static str, Vec<&'static str>)> {
    let statement =
        ["statement", "USAGE", ACCESS, PARTNER, PRICES, "--allow-rejected", "1", "--format", "csv"];
    let with = |words: &[&'static str]| [&statement[..], words].concat();
    vec![
        ("lines.csv", with(&["--lines"])),
        ("lines.csv.gz", with(&["--lines"])),
        #[cfg(feature = "parquet")]
        ("lines.parquet", with(&["--lines"])),
        ("groups.csv", with(&["--by", "resource,date", "--groups"])),
        #[cfg(feature = "parquet")]
        ("groups.parquet", with(&["--by", "resource,date", "--groups"])),
        ("rejects.csv", with(&["--rejects"])),
        ("report.html", vec!["report", "USAGE", ACCESS, PARTNER, PRICES, "--allow-rejected", "1", "--out"]),
        ("history.json", vec!["history", ACCESS, "--out"]),
        ("pack.zip", vec!["reconcile", BILLED, "--format", "csv", "--out"]),
    ]
}

/// A folder with some usage, of which one line is broken, and an empty folder beside it.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("out")).unwrap();
        let place = Self { folder };
        fs::write(place.usage(), usage(100).replacen(",24,1 Hour,", ",much,1 Hour,", 1)).unwrap();
        place
    }

    fn usage(&self) -> PathBuf {
        self.folder.path().join("usage.csv")
    }

    fn out(&self, name: &str) -> PathBuf {
        self.folder.path().join("out").join(name)
    }

    /// The command that writes to the path.
    fn command(&self, words: &[&str], path: &Path) -> Command {
        let usage = self.usage();
        let usage = usage.to_str().unwrap();
        let words = words.iter().map(|word| if *word == "USAGE" { usage } else { word });
        command(&words.chain([path.to_str().unwrap()]).collect::<Vec<_>>())
    }

    /// The names in the folder that is written to.
    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.folder.path().join("out")).unwrap();
        let mut names: Vec<String> =
            names.map(|name| name.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

/// The first lines of the example's usage.
fn usage(lines: usize) -> String {
    let text = fs::read_to_string(root().join(CONTOSO).join("usage/part_1_0001.csv")).unwrap();
    text.split_inclusive('\n').take(lines).collect()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// One error, one help, and nothing else.
#[track_caller]
fn assert_refused(output: &Output, code: &str, said: &str) {
    let err = err(output);
    assert_eq!(output.status.code(), Some(1), "{err}");
    let errors: Vec<&str> = err.lines().filter(|line| !line.starts_with("rejected[")).collect();
    let [error, help] = errors[..] else { panic!("{err}") };
    assert!(error.starts_with(&format!("error[{code}]: ")) && error.contains(said), "{err}");
    assert!(help.starts_with("help: "), "{err}");
    assert!(output.stdout.is_empty());
}

/// Lets every write of every file fail in turn, until none is left.
#[test]
fn a_disk_that_is_full_at_any_write() {
    let mut writes = 0;
    for (name, words) in writers() {
        let place = Place::new();
        let path = place.out(name);
        fs::write(&path, OLD).unwrap();
        for at in 1.. {
            let fault = Fault { call: "write", path: UNFINISHED, at, does: ENOSPC };
            let (output, struck) = with_fault(&mut place.command(&words, &path), fault);
            if !struck {
                assert!(at > 1 && output.status.success(), "{name}: {}", err(&output));
                break;
            }
            let said = format!("{}: cannot write it: No space left on device (os error 28)", path.display());
            if words[0] == "history" {
                // What was read is told before the history is written.
                assert!(err(&output).contains(&format!("error[output.write_failed]: {said}\nhelp: ")));
                assert_eq!(output.status.code(), Some(1));
            } else {
                assert_refused(&output, "output.write_failed", &said);
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), OLD, "{name} at {at}");
            assert_eq!(place.names(), [name], "{name} at {at}");
            writes += 1;
        }
        assert_ne!(fs::read(&path).unwrap(), OLD.as_bytes());
    }
    println!("{writes} writes failed in turn");
}

/// What is written has to be on the disk before it gets its name: where that fails the name stays what it was.
#[test]
fn a_disk_that_fails_at_the_end() {
    for (name, words) in writers() {
        let place = Place::new();
        let path = place.out(name);
        fs::write(&path, OLD).unwrap();
        let fault = Fault { call: "fsync", path: UNFINISHED, at: 1, does: EIO };
        let (output, struck) = with_fault(&mut place.command(&words, &path), fault);
        assert!(struck, "{name}");
        assert_eq!(output.status.code(), Some(1), "{name}");
        assert!(err(&output).contains("error[output.write_failed]: "), "{}", err(&output));
        assert_eq!(fs::read_to_string(&path).unwrap(), OLD, "{name}");
        assert_eq!(place.names(), [name]);
    }
}

/// Ends the command at every write and before the end. What it leaves is hidden, and no later run reads it.
#[test]
fn an_end_in_the_middle() {
    let mut ends = 0;
    for (name, words) in writers() {
        let place = Place::new();
        let path = place.out(name);
        fs::write(&path, OLD).unwrap();
        for (call, at) in (1..).map(|at| ("write", at)).take_while(|(_, at)| *at < 4).chain([("fsync", 1)]) {
            let fault = Fault { call, path: UNFINISHED, at, does: KILL };
            let (output, struck) = with_fault(&mut place.command(&words, &path), fault);
            if !struck {
                // So few writes, and the file stands.
                assert!(at > 1 && output.status.success(), "{name}: {}", err(&output));
                fs::write(&path, OLD).unwrap();
                continue;
            }
            assert_eq!(output.status.signal(), Some(9), "{name}: {}", err(&output));
            assert_eq!(fs::read_to_string(&path).unwrap(), OLD, "{name}");
            ends += 1;
        }
        let left = place.names();
        assert!(left.len() > 1, "{left:?}");
        assert!(
            left.iter().all(|left| left == name || (left.starts_with(".pec-") && left.ends_with(".tmp")))
        );
        fs::remove_file(&path).unwrap();
        fs::copy(place.usage(), place.out("usage.csv")).unwrap();
        let folder = path.parent().unwrap().to_str().unwrap();
        let words = ["statement", folder, "--allow-rejected", "1", "--format", "json"];
        let output = command(&words).output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert_eq!(said.matches("\"hidden\"").count(), left.len() - 1, "{said}");
        assert_eq!(said.matches("\"usage.cost_management\"").count(), 1, "{said}");
    }
    println!("{ends} ends in the middle of writing");
}

/// The system's own limit, which whoever has no right to mount a small disk can set too.
#[test]
fn a_real_limit_of_the_system() {
    let place = Place::new();
    let path = place.out("lines.csv");
    fs::write(&path, OLD).unwrap();
    let (_, words) = &writers()[0];
    let limited = |script: &str| {
        let command = place.command(words, &path);
        let mut shell = Command::new("sh");
        shell.args(["-c", script, "sh"]).arg(command.get_program()).args(command.get_args());
        shell.current_dir(root()).output().unwrap()
    };
    let output = limited(r#"trap "" XFSZ; ulimit -f 8; exec "$@""#);
    assert_refused(&output, "output.write_failed", "cannot write it: File too large (os error 27)");
    assert_eq!((fs::read_to_string(&path).unwrap().as_str(), place.names().len()), (OLD, 1));
    // Without a word of the shell the system ends the command.
    let output = limited(r#"ulimit -c 0; ulimit -f 8; exec "$@""#);
    assert!(output.status.signal().is_some(), "{:?}", output.status);
    assert_eq!(fs::read_to_string(&path).unwrap(), OLD);
}

/// Pipes and devices are written through and stay what they are.
#[test]
fn a_device_in_the_place_of_a_file() {
    let place = Place::new();
    let (_, report) = writers().into_iter().find(|(name, _)| *name == "report.html").unwrap();
    let run = |path: &Path| place.command(&report, path).output().unwrap();
    let page = place.out("report.html");
    assert!(run(&page).status.success());
    let page = fs::read(page).unwrap();

    let output = run(Path::new("/dev/full"));
    assert_refused(&output, "output.write_failed", "/dev/full: cannot write it: No space left on device");
    assert!(run(Path::new("/dev/null")).status.success());
    for device in ["/dev/full", "/dev/null"] {
        assert!(fs::metadata(device).unwrap().file_type().is_char_device(), "{device}");
    }
    // To standard output, a pipe here.
    let output = run(Path::new("/dev/stdout"));
    assert!(output.status.success() && output.stdout == page, "{}", err(&output));

    let pipe = place.out("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    assert!(run(&pipe).status.success());
    assert_eq!(reader.join().unwrap(), page);
    assert!(fs::symlink_metadata(&pipe).unwrap().file_type().is_fifo());
    assert_eq!(place.names(), ["pipe", "report.html"]);
}

/// What stands in a file that standard output is appended to stays.
#[test]
fn standard_output_by_its_path() {
    let place = Place::new();
    let (_, report) = writers().into_iter().find(|(name, _)| *name == "report.html").unwrap();
    let log = place.out("log");
    fs::write(&log, "before\n").unwrap();
    let file = fs::OpenOptions::new().append(true).open(&log).unwrap();
    let status = place.command(&report, Path::new("/dev/stdout")).stdout(file).stderr(Stdio::null()).status();
    assert!(status.unwrap().success());
    let text = fs::read_to_string(&log).unwrap();
    assert!(text.starts_with("before\n<!DOCTYPE html>") && text.trim_end().ends_with("</html>"));
}

#[test]
fn links_are_followed_and_stay() {
    let place = Place::new();
    let (_, words) = &writers()[0];
    let run = |path: &Path| place.command(words, path).output().unwrap();
    let (target, link, chain) = (place.out("target.csv"), place.out("link.csv"), place.out("chain.csv"));
    fs::write(&target, OLD).unwrap();
    fs::set_permissions(&target, Permissions::from_mode(0o600)).unwrap();
    symlink("target.csv", &link).unwrap();
    symlink(&link, &chain).unwrap();
    assert!(run(&chain).status.success());
    let lines = fs::read_to_string(&target).unwrap();
    assert!(lines.starts_with("file,line,date,"));
    assert!(
        fs::symlink_metadata(&link).unwrap().is_symlink()
            && fs::symlink_metadata(&chain).unwrap().is_symlink()
    );
    // What nobody else could read stays so.
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o777, 0o600);

    // A link to what is not there yet.
    fs::remove_file(&target).unwrap();
    assert!(run(&chain).status.success());
    assert_eq!(fs::read_to_string(&target).unwrap(), lines);
    assert_eq!(place.names(), ["chain.csv", "link.csv", "target.csv"]);

    let ring = place.out("ring.csv");
    symlink("ring.csv", &ring).unwrap();
    assert_refused(&run(&ring), "output.write_failed", "cannot write it: Too many levels of symbolic links");
    assert!(fs::symlink_metadata(&ring).unwrap().is_symlink());
}

#[test]
fn places_where_nothing_can_stand() {
    let place = Place::new();
    let folder = place.out("folder.csv");
    fs::create_dir(&folder).unwrap();
    let protected = place.out("protected.csv");
    fs::write(&protected, OLD).unwrap();
    fs::set_permissions(&protected, Permissions::from_mode(0o444)).unwrap();
    let (_, words) = &writers()[0];
    for (path, said) in [
        (folder.clone(), "is a directory"),
        (protected.clone(), "permission denied"),
        (place.out("none/lines.csv"), "No such file or directory"),
        (protected.join("lines.csv"), "Not a directory"),
    ] {
        assert_refused(&place.command(words, &path).output().unwrap(), "output.write_failed", said);
    }
    assert_eq!(fs::read_to_string(&protected).unwrap(), OLD);
    assert_eq!(place.names(), ["folder.csv", "protected.csv"]);
}

/// What is read is not written over, by whatever name; a history may be continued in its place.
#[test]
fn a_file_that_was_read_is_not_written_over() {
    let place = Place::new();
    let before = fs::read(place.usage()).unwrap();
    let link = place.out("link.csv");
    symlink(place.usage(), &link).unwrap();
    let refused = |words: &[&str], path: &Path| {
        let output = place.command(words, path).output().unwrap();
        let said = err(&output);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with(&format!("error[usage.arguments]: {}: ", path.display())), "{said}");
    };
    let written =
        writers().into_iter().filter(|(name, words)| name.contains(".csv") && words.contains(&"USAGE"));
    for (_, words) in written {
        refused(&words, &place.usage());
        refused(&words, &link);
    }
    assert_eq!(fs::read(place.usage()).unwrap(), before);

    let access = place.out("access.json");
    fs::copy(root().join(ACCESS).join("history.json"), &access).unwrap();
    let list = place.out("list.json");
    fs::copy(root().join(ACCESS).join("role-assignments-northwind-clinic.json"), &list).unwrap();
    let (old, new) = (access.to_str().unwrap(), list.to_str().unwrap());
    refused(&["history", old, new, "--out"], &list);
    assert!(place.command(&["history", old, new, "--out"], &access).output().unwrap().status.success());

    // Two tables in one file.
    let both = place.out("both.csv");
    let by = ["statement", "USAGE", ACCESS, "--by", "date", "--lines", both.to_str().unwrap(), "--groups"];
    refused(&by, &both);
    assert!(!both.exists());
}

/// Every command to a full standard output, and to one that is closed before anything is written.
#[test]
fn a_standard_output_that_takes_nothing() {
    let contoso = |words: &[&'static str]| [&words[..1], &[CONTOSO][..], &words[1..]].concat();
    for words in [
        contoso(&["statement"]),
        contoso(&["statement", "--format", "csv"]),
        contoso(&["statement", "--format", "json", "--by", "resource,date"]),
        contoso(&["explain", "--subscription", "fabrikam-just-in-time"]),
        contoso(&["whatif", "--suggest", "--format", "json"]),
        contoso(&["advise"]),
        contoso(&["inspect"]),
        vec!["reconcile", BILLED],
        vec!["--help"],
        vec!["--version"],
    ] {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command(&words).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = err(&output);
        assert_eq!(
            (output.status.code(), said.lines().count()),
            (Some(1), if is_json(&words) { 1 } else { 2 })
        );
        for part in ["output.write_failed", "standard output", "cannot write it: No space left on device"] {
            assert!(said.contains(part), "{words:?}: {said}");
        }

        let mut child = command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = err(&output);
        let quiet = said.lines().all(|line| line.starts_with("warning["));
        assert_eq!((output.status.code(), quiet), (Some(0), true), "{words:?}: {said}");
    }
}

fn is_json(words: &[&str]) -> bool {
    words.contains(&"json")
}

/// Nobody hears an error, and the status says it all the same.
#[test]
fn a_standard_error_that_takes_nothing() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = command(&["statement", "nowhere"]).stderr(full).status().unwrap();
    assert_eq!(status.code(), Some(1));
    let mut child = command(&["statement", "nowhere"]).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stderr.take());
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

/// Standard input is kept among temporary files, whose disk may be full or not there.
#[test]
fn standard_input_without_room() {
    let usage = usage(100);
    let begin = || {
        let mut command = command(&["statement", "-", ACCESS, PARTNER, PRICES]);
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), &usage).unwrap();
        command.stdin(fs::File::open(file.path()).unwrap());
        command
    };
    let said = "standard input: cannot write it: there is no room to keep it among temporary files: ";
    let fault = Fault { call: "write", path: UNFINISHED, at: 1, does: ENOSPC };
    let (output, _) = with_fault(&mut begin(), fault);
    assert_refused(&output, "output.write_failed", &format!("{said}No space left on device (os error 28)"));
    let folder = tempfile::tempdir().unwrap();
    let output = begin().env("TMPDIR", folder.path().join("none")).output().unwrap();
    assert_refused(&output, "output.write_failed", &format!("{said}No such file or directory (os error 2)"));
    let output = begin().env("TMPDIR", folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// One read of one file, at which it is written, cut, exchanged or taken away.
#[test]
fn a_file_that_changes_while_it_is_read() {
    let mut reads = 0;
    let whole = usage(517);
    let other = usage(300);
    let history = fs::read(root().join(ACCESS).join("history.json")).unwrap();
    let prices = fs::read(root().join(PRICES).join("azure-plan-US-2026-10.csv")).unwrap();
    let inputs: [(&str, Vec<u8>, Vec<u8>); 5] = [
        ("usage.csv", whole.clone().into_bytes(), other.clone().into_bytes()),
        ("usage.csv.gz", gzip(whole.as_bytes()), gzip(other.as_bytes())),
        ("usage.zip", zip(whole.as_bytes()), zip(other.as_bytes())),
        ("history.json", history.clone(), [&history[..], b"\n"].concat()),
        ("prices.csv", prices.clone(), [&prices[..], b"\n"].concat()),
    ];
    for (name, content, changed) in inputs {
        let place = Place::new();
        let (path, new) = (place.out(name), place.out("new"));
        let own = path.to_str().unwrap();
        let rest: &[&str] = match name {
            "history.json" => &["examples/contoso/usage", PARTNER, PRICES],
            "prices.csv" => &["examples/contoso/usage", PARTNER, ACCESS],
            _ => &[PARTNER, PRICES, ACCESS],
        };
        let words = [&["statement", own, "--format", "csv", "--threads", "1"][..], rest].concat();
        fs::write(&path, &content).unwrap();
        let unchanged = command(&words).output().unwrap();
        assert!(unchanged.status.success(), "{name}: {}", err(&unchanged));
        let shell = |script: &str| script.replace("FILE", own).replace("NEW", new.to_str().unwrap());
        for (script, told) in [
            ("echo >> 'FILE'", &["input.changed"][..]),
            ("truncate -s 1000 'FILE'", &["input.changed"]),
            ("cat 'NEW' > 'FILE'", &["input.changed"]),
            // Whoever has the file open reads it to its end, whatever becomes of its name.
            ("mv 'NEW' 'FILE'", &["input.changed", ""]),
            ("rm 'FILE'", &["input.not_found", ""]),
        ] {
            let mut codes = Vec::new();
            for at in 1.. {
                fs::write(&path, &content).unwrap();
                fs::write(&new, &changed).unwrap();
                let script = shell(script);
                let fault = Fault { call: "read", path: own, at, does: &script };
                let (output, struck) = with_fault(&mut command(&words), fault);
                if !struck {
                    assert!(at > 1);
                    break;
                }
                let said = err(&output);
                let code = said
                    .split_once("error[")
                    .and_then(|(_, rest)| rest.split_once(']'))
                    .map_or("", |code| code.0);
                assert!(told.contains(&code), "{name}, {script}, read {at}: {said}");
                if code.is_empty() {
                    assert!(
                        output.status.success() && output.stdout == unchanged.stdout,
                        "{name}, {script}, {at}"
                    );
                } else {
                    assert_refused(&output, code, own);
                }
                codes.push(code.to_owned());
                reads += 1;
            }
            assert!(codes.contains(&told[0].to_owned()), "{name}, {script}: {codes:?}");
        }
    }
    println!("{reads} reads at which a file was changed");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

fn zip(bytes: &[u8]) -> Vec<u8> {
    let mut pack = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    pack.start_file("usage.csv", zip::write::SimpleFileOptions::default()).unwrap();
    pack.write_all(bytes).unwrap();
    pack.finish().unwrap().into_inner()
}

/// The command as somebody without rights: as another user where the tests have all of them.
struct Nobody {
    program: PathBuf,
    _folder: TempDir,
    is_root: bool,
}

impl Nobody {
    fn new() -> Self {
        // Where the project lies may be closed to others.
        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let program = folder.path().join("pec");
        fs::copy(env!("CARGO_BIN_EXE_pec"), &program).unwrap();
        let is_root = fs::metadata(folder.path()).unwrap().uid() == 0;
        Self { program, _folder: folder, is_root }
    }

    fn pec(&self, words: &[&str]) -> Output {
        let mut command = Command::new(&self.program);
        command.args(words).current_dir("/").stdin(Stdio::null());
        if self.is_root {
            command.uid(65_534).gid(65_534);
        }
        command.output().unwrap()
    }
}

#[test]
fn what_may_not_be_read_or_written() {
    let nobody = Nobody::new();
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode: u32| fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    mode(folder.path(), 0o755);
    let (month, closed) = (folder.path().join("month"), folder.path().join("closed"));
    fs::create_dir(&month).unwrap();
    fs::create_dir(&closed).unwrap();
    let (usage_file, out) = (month.join("usage.csv"), closed.join("lines.csv"));
    fs::write(&usage_file, usage(100)).unwrap();
    fs::write(&out, OLD).unwrap();
    let (month, usage_path, out_path) =
        (month.to_str().unwrap(), usage_file.to_str().unwrap(), out.to_str().unwrap());

    mode(&usage_file, 0o000);
    for path in [usage_path, month] {
        let said = format!("{usage_path}: cannot read it: Permission denied (os error 13)");
        assert_refused(&nobody.pec(&["statement", path]), "input.not_found", &said);
    }
    mode(&usage_file, 0o644);
    mode(&closed, 0o000);
    let output = nobody.pec(&["statement", folder.path().to_str().unwrap()]);
    assert_refused(&output, "input.not_found", "closed: cannot read it: Permission denied (os error 13)");
    mode(&closed, 0o555);
    let output = nobody.pec(&["statement", month, "--lines", out_path]);
    assert_refused(&output, "output.write_failed", "cannot write it: Permission denied (os error 13)");
    mode(&closed, 0o755);
    assert_eq!(fs::read_to_string(&out).unwrap(), OLD);
}
