//! Folders as they are found on disks.

use std::path::Path;

use crate::fixture::{Table, code, example, load_paths, options, run_paths};

/// Paths below the folder, whether each has a kind, and the notes.
fn listed(folder: &Path) -> Vec<(String, bool, String)> {
    let inputs = load_paths(&[folder.to_owned()]).unwrap();
    let name = |path: &str| path.strip_prefix(&*folder.to_string_lossy()).unwrap().to_owned();
    inputs.files.iter().map(|file| (name(&file.path), file.kind.is_some(), file.notes.concat())).collect()
}

fn seen(list: &[(String, bool, String)]) -> Vec<(&str, bool)> {
    list.iter().map(|(name, read, _)| (name.as_str(), *read)).collect()
}

#[test]
#[cfg(unix)]
fn links_pipes_and_hidden_files_are_named() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::create_dir_all(at("a/deep")).unwrap();
    std::fs::create_dir_all(at(".git")).unwrap();
    let usage = example("contoso/usage/part_0_0001.csv");
    std::fs::copy(&usage, at("a/deep/usage.csv")).unwrap();
    std::fs::copy(&usage, at(".git/usage.csv")).unwrap();
    std::fs::copy(&usage, at("a/.usage.csv.swp")).unwrap();
    std::fs::write(at("a/empty.csv"), "").unwrap();
    symlink(folder.path(), at("a/deep/up")).unwrap();
    symlink(at("a/deep/usage.csv"), at("b.csv")).unwrap();
    symlink(at("nowhere"), at("c.csv")).unwrap();
    symlink(at("round"), at("round")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(at("pipe")).status().unwrap();
    assert!(made.success());

    let list = listed(folder.path());
    assert_eq!(
        seen(&list),
        [
            ("/.git", false),
            ("/a/.usage.csv.swp", false),
            ("/a/deep/up", false),
            ("/a/deep/usage.csv", false),
            ("/a/empty.csv", false),
            ("/b.csv", true),
            ("/c.csv", false),
            ("/pipe", false),
            ("/round", false),
        ]
    );
    let note = |at: usize| list[at].2.as_str();
    assert_eq!((note(0), note(2)), ("hidden", "a folder that is walked already"));
    assert_eq!((note(3), note(6)), ("a file that is read by another name already", "a link to nothing"));
    assert_eq!((note(4), note(7)), ("an empty file", "a pipe (FIFO)"));
    assert!(note(8).starts_with("a link that leads nowhere"), "{}", note(8));
}

#[test]
fn a_file_named_twice_is_read_once() {
    let usage = example("contoso/usage");
    let part = usage.join("part_0_0001.csv");
    let once = run_paths(std::slice::from_ref(&part), &options(1)).unwrap().0;
    let roundabout = usage.join("../usage/part_0_0001.csv");
    let twice = run_paths(&[part.clone(), part.clone()], &options(1)).unwrap().0;
    assert_eq!((once.statement.lines(), once.inputs.len()), (twice.statement.lines(), twice.inputs.len()));
    let other = run_paths(&[part.clone(), roundabout], &options(1)).unwrap().0;
    assert_eq!((other.statement.lines(), other.inputs.len()), (517, 2));
    let whole = run_paths(&[part, usage], &options(1)).unwrap().0;
    assert_eq!(whole.statement.lines(), 2672);
}

#[test]
fn archives_are_opened_and_archives_in_them_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::contoso();
    let text = |rows: &[csv::StringRecord]| {
        let path = folder.path().join("scratch");
        table.write(&path, rows);
        let text = std::fs::read(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        text
    };
    let zipped = |files: &[(&str, Vec<u8>)]| {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, content) in files {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut zip, content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let inner = zipped(&[("usage.csv", text(&table.rows[..9]))]);
    let archive = zipped(&[
        ("usage/one.csv", text(&table.rows[10..40])),
        ("usage/two.csv", text(&table.rows[40..90])),
        ("inner.zip", inner.clone()),
        ("__MACOSX/usage/._one.csv", b"\0\x05\x16\x07".to_vec()),
        ("readme.txt", b"hello".to_vec()),
    ]);
    std::fs::write(folder.path().join("all.zip"), archive).unwrap();
    let list = listed(folder.path());
    assert_eq!(
        seen(&list),
        [
            ("/all.zip/__MACOSX/usage/._one.csv", false),
            ("/all.zip/inner.zip", false),
            ("/all.zip/readme.txt", false),
            ("/all.zip/usage/one.csv", true),
            ("/all.zip/usage/two.csv", true),
        ]
    );
    assert_eq!(list[1].2, "a zip archive inside another");
    let (run, _) = run_paths(&[folder.path().join("all.zip")], &options(2)).unwrap();
    assert_eq!(run.statement.lines(), 80);

    let nested = folder.path().join("nested.zip");
    std::fs::write(&nested, zipped(&[("inner.zip", inner)])).unwrap();
    assert_eq!(code(load_paths(&[nested])), "input.unknown_kind");
}

#[test]
fn what_is_named_must_be_readable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    assert_eq!(code(load_paths(std::slice::from_ref(&path))), "input.not_found");
    assert_eq!(code(load_paths(&[folder.path().to_owned()])), "input.nothing_usable");
    for content in ["", "hello", "{\"some\": \"thing\"}", "a,b\n1,2\n"] {
        std::fs::write(&path, content).unwrap();
        assert_eq!(code(load_paths(std::slice::from_ref(&path))), "input.unknown_kind", "{content:?}");
        assert_eq!(code(load_paths(&[folder.path().to_owned()])), "input.nothing_usable", "{content:?}");
    }
    // A manifest alone is of no use, and says first what it lacks.
    for (blobs, lacks) in
        [("[]", "input.nothing_usable"), ("[{\"blobName\": \"a/part_0.csv\"}]", "input.part_missing")]
    {
        std::fs::write(&path, format!("{{\"blobCount\": 1, \"blobs\": {blobs}}}")).unwrap();
        assert_eq!(code(load_paths(std::slice::from_ref(&path))), lacks);
    }
    // Cut in the middle: what it would have been does not matter.
    let packed = std::fs::read(example("contoso/usage/part_2_0001.csv.gz")).unwrap();
    std::fs::write(&path, &packed[..9]).unwrap();
    assert_eq!(code(load_paths(&[folder.path().to_owned()])), "input.truncated");
}
