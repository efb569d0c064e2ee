//! The entries of a zip archive, each readable by itself as a stream.

use std::io::{self, Read, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;
use zip::{CompressionMethod, ZipArchive};

use crate::error::Fault;
use crate::source::Bytes;

/// Whether the bytes begin a zip archive (the second form is an archive of nothing).
pub(crate) fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// One file of an archive: where its bytes lie and how they are packed.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Its path in the archive.
    pub name: String,
    start: u64,
    /// So many bytes of the archive are its own.
    pub packed_bytes: u64,
    crc: u32,
    deflated: bool,
}

/// The files of an archive, in its own order.
pub(crate) fn entries(bytes: Box<dyn Bytes>) -> Result<Vec<Entry>, Fault> {
    let broken = |error: zip::result::ZipError| Fault::Truncated { problem: error.to_string() };
    let unknown = |found: &str| Fault::UnknownKind { found: found.to_owned() };
    let mut archive = ZipArchive::new(bytes).map_err(broken)?;
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let file = archive.by_index_raw(at).map_err(broken)?;
        if file.is_dir() {
            continue;
        }
        let name: String =
            file.name().map_err(broken)?.chars().map(|c| if c.is_control() { '?' } else { c }).collect();
        if name == "[Content_Types].xml" {
            return Err(unknown("an Office workbook or document; save the sheet as CSV (UTF-8)"));
        }
        if file.encrypted() {
            return Err(unknown("a zip archive with a password"));
        }
        let deflated = match file.compression() {
            CompressionMethod::Stored => false,
            CompressionMethod::Deflated => true,
            _ => return Err(unknown("a zip archive packed in another way than deflate")),
        };
        let start = file.data_start().ok_or_else(|| unknown("a zip archive without the place of a file"))?;
        entries.push(Entry {
            name,
            start,
            packed_bytes: file.compressed_size(),
            crc: file.crc32(),
            deflated,
        });
    }
    if entries.is_empty() {
        return Err(unknown("an empty zip archive"));
    }
    if overlap(&entries) {
        return Err(unknown("a zip archive whose files lie one in another"));
    }
    Ok(entries)
}

/// Whether two files are made of the same bytes: so a small archive claims to hold any number of large files.
fn overlap(entries: &[Entry]) -> bool {
    let mut spans: Vec<(u64, u64)> =
        entries.iter().map(|entry| (entry.start, entry.start.saturating_add(entry.packed_bytes))).collect();
    spans.sort_unstable();
    spans.iter().zip(spans.iter().skip(1)).any(|(one, next)| next.0 < one.1)
}

impl Entry {
    /// The entry's own bytes, out of those of the archive.
    pub fn open(&self, mut archive: Box<dyn Bytes>) -> io::Result<Box<dyn Read + Send>> {
        archive.seek(SeekFrom::Start(self.start))?;
        let packed = archive.take(self.packed_bytes);
        let reader: Box<dyn Read + Send> =
            if self.deflated { Box::new(DeflateDecoder::new(packed)) } else { Box::new(packed) };
        Ok(Box::new(Checked { reader, crc: Crc::new(), expected: self.crc }))
    }
}

/// Holds what was read against the checksum of the archive when the end is reached.
struct Checked<R> {
    reader: R,
    crc: Crc,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        self.crc.update(buffer.get(..length).unwrap_or_default());
        if length == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the file in the zip does not match its checksum",
            ));
        }
        Ok(length)
    }
}
