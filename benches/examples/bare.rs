//! The least that others need for the same bytes, as whole processes to be timed beside `pec`:
//!
//! - `bare csv FILE`: every record by the `csv` crate
//! - `bare simd-csv FILE`: every field by `simd-csv`
//! - `bare inflate FILE`: gzip unpacked, by the crate that `pec` unpacks with
//!
//! Prints how many records, fields or bytes there were.
#![expect(clippy::print_stdout, reason = "what it was asked for")]

use std::error::Error;
use std::fs::File;
use std::io::{BufReader, Read};

use flate2::read::MultiGzDecoder;

/// As much as `pec` reads at once.
const BLOCK_BYTES: usize = 256 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [what, path] = arguments.as_slice() else {
        return Err("csv, simd-csv or inflate, and a file".into());
    };
    let file = File::open(path)?;
    let count = match what.as_str() {
        "csv" => records(file)?,
        "simd-csv" => fields(file)?,
        "inflate" => bytes(file)?,
        other => return Err(format!("{other}: csv, simd-csv or inflate").into()),
    };
    println!("{count}");
    Ok(())
}

fn records(file: File) -> Result<u64, Box<dyn Error>> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(BLOCK_BYTES).from_reader(file);
    let (mut record, mut records) = (csv::ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record)? {
        records += 1;
    }
    Ok(records)
}

fn fields(file: File) -> Result<u64, Box<dyn Error>> {
    let mut reader = simd_csv::ZeroCopyReader::from_reader(BufReader::with_capacity(BLOCK_BYTES, file));
    let mut fields = 0;
    while let Some(record) = reader.read_byte_record()? {
        fields += record.len() as u64;
    }
    Ok(fields)
}

fn bytes(file: File) -> Result<u64, Box<dyn Error>> {
    let mut reader = MultiGzDecoder::new(BufReader::with_capacity(BLOCK_BYTES, file));
    let (mut block, mut bytes) = (vec![0; BLOCK_BYTES], 0);
    loop {
        match reader.read(&mut block)? {
            0 => return Ok(bytes),
            length => bytes += length as u64,
        }
    }
}
