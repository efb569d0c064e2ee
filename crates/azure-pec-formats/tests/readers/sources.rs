//! Plain, gzipped, zipped, cut and empty files.

use std::io::Write;

use azure_pec_formats::{FieldSet, Source};
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder};

use crate::fixture::*;

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A zip archive, written by hand: local headers, data, the directory.
fn zip(files: &[(&str, &[u8])], deflated: bool) -> Vec<u8> {
    let (mut body, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let packed = if deflated {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
            encoder.write_all(content).unwrap();
            encoder.finish().unwrap()
        } else {
            content.to_vec()
        };
        let mut crc = flate2::Crc::new();
        crc.update(content);
        let method = if deflated { 8u16 } else { 0 };
        let mut common = Vec::new();
        common.extend([20, 0, 0, 0]);
        common.extend(method.to_le_bytes());
        common.extend([0; 4]);
        common.extend(crc.sum().to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend((content.len() as u32).to_le_bytes());
        common.extend((name.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        directory.extend(b"PK\x01\x02\x14\x00");
        directory.extend(&common);
        directory.extend([0; 10]);
        directory.extend((body.len() as u32).to_le_bytes());
        directory.extend(name.as_bytes());
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(name.as_bytes());
        body.extend(&packed);
    }
    let start = body.len() as u32;
    body.extend(&directory);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend((files.len() as u16).to_le_bytes());
    body.extend((files.len() as u16).to_le_bytes());
    body.extend((directory.len() as u32).to_le_bytes());
    body.extend(start.to_le_bytes());
    body.extend([0, 0]);
    body
}

#[test]
fn packed_or_not_the_lines_are_the_same() {
    let text = table(&names(MPA_70), &[&[], &[("quantity", "-1")], &[("quantity", "?")]]);
    let marked = ["\u{feff}".as_bytes(), text.as_bytes()].concat();
    let two_members = [gzip(&text.as_bytes()[..500]), gzip(&text.as_bytes()[500..])].concat();
    for bytes in
        [text.clone().into_bytes(), marked.clone(), gzip(text.as_bytes()), gzip(&marked), two_members]
    {
        let read = read(bytes).unwrap();
        assert_eq!(read.batch.len(), 2);
        assert_eq!(read.rejected(), [("number.invalid", 4, "quantity")]);
    }
}

#[test]
fn a_zip_is_as_many_sources_as_it_has_files() {
    let one = table(&names(MPA_70), &[&[]]);
    let two = gzip(table(&names(DAILY_55), &[&[], &[]]).as_bytes());
    for deflated in [false, true] {
        let bytes =
            zip(&[("folder/", b""), ("folder/one.csv", one.as_bytes()), ("two.csv.gz", &two)], deflated);
        let sources = Source::from_bytes("month.zip", bytes).unwrap();
        let read: Vec<_> = sources
            .iter()
            .map(|source| (source.name(), read_source(source, FieldSet::all()).unwrap().batch.len()))
            .collect();
        assert_eq!(read, [("month.zip/folder/one.csv", 1), ("month.zip/two.csv.gz", 2)]);
    }
}

#[test]
fn cut_and_broken_packs_are_truncated() {
    let records: Vec<&[(&str, &str)]> = vec![&[]; 400];
    let text = table(&names(MPA_70), &records);
    let packed = gzip(text.as_bytes());
    for length in [2, 9, 60, packed.len() / 2, packed.len() - 1] {
        let source = source("cut.csv.gz", &packed[..length]);
        let error = read_source(&source, FieldSet::all()).err().unwrap();
        assert_eq!((error.code(), error.place.file.as_deref()), ("input.truncated", Some("cut.csv.gz")));
    }
    let archive = zip(&[("a.csv", text.as_bytes())], false);
    let cut = Source::from_bytes("a.zip", &archive[..archive.len() / 2]).unwrap_err();
    assert_eq!(cut.code(), "input.truncated");
    let mut changed = archive;
    changed[4000] ^= 1;
    let sources = Source::from_bytes("a.zip", changed).unwrap();
    assert_eq!(read_source(&sources[0], FieldSet::EMPTY).err().unwrap().code(), "input.truncated");
}

#[test]
fn nothing_and_other_archives_are_named() {
    let says = |bytes: Vec<u8>| Source::from_bytes("f", bytes).unwrap_err().to_string();
    assert!(says(Vec::new()).ends_with("an empty file"));
    assert!(says(zip(&[], false)).ends_with("an empty zip archive"));
    assert!(says(zip(&[("[Content_Types].xml", b"<x/>")], true)).contains("save the sheet as CSV"));
    let folder = Source::open(std::env::temp_dir().as_path()).unwrap_err();
    assert_eq!((folder.code(), folder.to_string().contains("a folder")), ("input.not_found", true));
    assert_eq!(Source::open("no such file".as_ref()).unwrap_err().code(), "input.not_found");
}

#[test]
fn a_source_opens_again_and_documents_have_a_limit() {
    let packed = source("bomb.json.gz", gzip(&vec![b' '; 1 << 20]));
    assert_eq!(packed.head(10).unwrap(), b"          ");
    assert_eq!(packed.read_to_limit(1 << 20).unwrap().len(), 1 << 20);
    assert_eq!(packed.read_to_limit((1 << 20) - 1).unwrap_err().code(), "input.too_large");
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "\u{feff}{}").unwrap();
    let source = Source::open(file.path()).unwrap().remove(0);
    assert_eq!((source.head(9).unwrap(), source.read_to_limit(9).unwrap()), (b"{}".to_vec(), b"{}".to_vec()));
}

#[test]
fn readers_go_to_other_threads() {
    fn send<T: Send>() {}
    fn share<T: Send + Sync>() {}
    send::<azure_pec_formats::UsageReader>();
    share::<Source>();
}
