//! Inputs to begin with: small cuts of every kind of file, the shared cases, and files packed from these.

use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema};
use flate2::Compression;
use flate2::write::GzEncoder;
use parquet::arrow::ArrowWriter;
use serde_json::Value;

/// The files of a folder in the order of their names; none where there is no such folder.
pub fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<_> = entries
        .map(|entry| entry.path())
        .filter_map(|path| std::fs::read(&path).ok().map(|bytes| (path, bytes)))
        .collect();
    found.sort();
    found
}

/// The seeds that are kept as files.
pub fn of(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds")).join(name);
    files(&folder).into_iter().map(|(_, bytes)| bytes).collect()
}

/// The questions of the shared cases, but for the largest.
pub fn questions() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/azure-pec-conformance/cases");
    let mut found = Vec::new();
    for part in ["good", "bad"] {
        for (path, bytes) in files(&folder.join(part)) {
            if path.extension().is_none_or(|ending| ending != "json") {
                continue;
            }
            let Ok(Value::Object(mut file)) = serde_json::from_slice(&bytes) else { continue };
            let Some(Value::Array(cases)) = file.remove("cases") else { continue };
            for mut case in cases {
                let Some(case) = case.as_object_mut() else { continue };
                if !case.contains_key("lines") {
                    continue;
                }
                case.retain(|key, _| {
                    ["policy", "partner", "access", "prices", "lines"].contains(&key.as_str())
                });
                let text = Value::Object(std::mem::take(case)).to_string();
                if text.len() <= 8192 {
                    found.push(text.into_bytes());
                }
            }
        }
    }
    found
}

/// The usage seeds that are tables.
fn tables() -> Vec<Vec<u8>> {
    ["cost_management", "daily_rated", "focus"].into_iter().flat_map(of).collect()
}

/// Every column a text, empty cells null.
fn batches() -> Vec<RecordBatch> {
    let batch = |bytes: Vec<u8>| {
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let header = reader.headers().ok()?.clone();
        let rows: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>().ok()?;
        let column = |at: usize| -> ArrayRef {
            let texts = rows.iter().map(|row| row.get(at).filter(|text| !text.is_empty()));
            Arc::new(texts.collect::<StringArray>())
        };
        let fields: Vec<Field> = header.iter().map(|name| Field::new(name, DataType::Utf8, true)).collect();
        RecordBatch::try_new(Arc::new(Schema::new(fields)), (0..header.len()).map(column).collect()).ok()
    };
    tables().into_iter().filter_map(batch).collect()
}

/// Usage as Parquet.
pub fn parquet() -> Vec<Vec<u8>> {
    let pack = |batch: RecordBatch| {
        let mut bytes = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), None).ok()?;
        writer.write(&batch).ok()?;
        writer.close().ok()?;
        Some(bytes)
    };
    batches().into_iter().filter_map(pack).collect()
}

/// Usage as Arrow IPC streams.
pub fn ipc() -> Vec<Vec<u8>> {
    let pack = |batch: RecordBatch| {
        let mut writer = arrow_ipc::writer::StreamWriter::try_new(Vec::new(), &batch.schema()).ok()?;
        writer.write(&batch).ok()?;
        writer.finish().ok()?;
        writer.into_inner().ok()
    };
    batches().into_iter().filter_map(pack).collect()
}

/// Bytes as gzip.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).and_then(|()| packer.finish()).unwrap_or_default()
}

/// Usage in gzip and zip files.
pub fn packed() -> Vec<Vec<u8>> {
    let zip = |entries: &[Vec<u8>]| {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (at, bytes) in entries.iter().enumerate() {
            let options = zip::write::SimpleFileOptions::default();
            writer.start_file(format!("part{at}.csv"), options).ok()?;
            writer.write_all(bytes).ok()?;
        }
        Some(writer.finish().ok()?.into_inner())
    };
    let tables = tables();
    let mut found: Vec<Vec<u8>> = tables.iter().map(|bytes| gzip(bytes)).collect();
    found.extend(zip(&tables));
    found.extend(zip(&found.clone()));
    found
}

/// Lines of text.
pub fn texts(lines: &[&str]) -> Vec<Vec<u8>> {
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
}

/// Bytes that choose at random.
pub fn choices() -> Vec<Vec<u8>> {
    let mut rng = crate::Rng::new(7);
    (0..200)
        .map(|at| (0..40 + at * 2).map(|_| u8::try_from(rng.bits() & 0xff).unwrap_or(0)).collect())
        .collect()
}
