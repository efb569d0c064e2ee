//! Parquet that is broken, or holds what is not read.

use std::path::Path;
use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, RecordBatch, types::Int32Type};
use arrow_schema::{DataType, Field, Schema};
use azure_pec::UsageBatch;
use azure_pec_formats::{Error, FieldSet, Kind, Shape, Source, UsageReader, sniff};
use parquet::basic::Compression;

use crate::fixture::{Table, batch, typed, write, zstd};

/// Reads a file to its end and says how many lines it has.
fn read(bytes: &[u8]) -> Result<usize, Error> {
    let source = Source::from_bytes("u.parquet", bytes)?.remove(0);
    let (mut reader, mut lines) = (UsageReader::open(&source, FieldSet::all())?, UsageBatch::new());
    while reader.fill(&mut lines, 1000)? > 0 {}
    Ok(lines.len())
}

fn bytes_of(batch: &RecordBatch, compression: Compression) -> Vec<u8> {
    let file = tempfile::NamedTempFile::new().unwrap();
    write(batch, file.path(), compression, 500);
    std::fs::read(file.path()).unwrap()
}

fn small() -> Table {
    let mut table = Table::contoso();
    table.rows.truncate(40);
    table
}

#[test]
fn floats_are_refused_by_column_with_a_way_out() {
    for name in ["quantity", "PayGPrice"] {
        let floats = |column: &str| if column == name { DataType::Float64 } else { typed(column) };
        let error = read(&bytes_of(&batch(&small(), floats), zstd())).unwrap_err();
        assert_eq!(error.code(), "number.binary_float");
        assert_eq!(error.place.column.as_deref(), Some(name));
        assert!(error.help().contains("decimals"), "{}", error.help());
    }
    // A column that nobody asks for may be what it likes.
    let floats = |column: &str| if column == "costInUsd" { DataType::Float64 } else { typed(column) };
    assert_eq!(read(&bytes_of(&batch(&small(), floats), zstd())).unwrap(), 40);
}

#[test]
fn lists_are_refused() {
    let plain = batch(&small(), typed);
    let at = plain.schema().index_of("productOrderName").unwrap();
    let list = ListArray::from_iter_primitive::<Int32Type, _, _>((0..40).map(|n| Some(vec![Some(n)])));
    let mut fields: Vec<_> = plain.schema().fields().iter().cloned().collect();
    fields[at] = Arc::new(Field::new("productOrderName", arrow_array::Array::data_type(&list).clone(), true));
    let mut columns: Vec<ArrayRef> = plain.columns().to_vec();
    columns[at] = Arc::new(list);
    let listed = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let error = read(&bytes_of(&listed, zstd())).unwrap_err();
    assert_eq!(
        (error.code(), error.place.column.as_deref()),
        ("input.column_type", Some("productOrderName"))
    );
}

#[test]
fn a_cut_file_is_truncated_wherever_it_is_cut() {
    let whole = bytes_of(&batch(&small(), typed), Compression::SNAPPY);
    assert_eq!(read(&whole).unwrap(), 40);
    for length in (4..whole.len()).step_by(whole.len() / 97) {
        assert_eq!(read(&whole[..length]).unwrap_err().code(), "input.truncated", "{length}");
    }
}

/// A changed byte may go unseen where it is in a column that is not read, but nothing worse.
#[test]
fn changed_bytes_never_panic() {
    for packing in [Compression::UNCOMPRESSED, Compression::SNAPPY, zstd()] {
        let whole = bytes_of(&batch(&small(), typed), packing);
        for at in (4..whole.len()).step_by(whole.len() / 400) {
            for change in [0x01, 0x80, 0xff] {
                let mut broken = whole.clone();
                broken[at] ^= change;
                let _ = read(&broken);
            }
        }
    }
}

#[test]
fn other_tables_as_parquet_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let shape = |header: &str| {
        let header: csv::StringRecord = header.split(',').collect();
        let rows = vec![std::iter::repeat_n("1", header.len()).collect()];
        let path = folder.path().join("x.parquet");
        write(&batch(&Table { header, rows }, |_| DataType::Utf8), &path, zstd(), 10);
        shape_of(&path)
    };
    assert_eq!(shape("date,quantity,list_amount"), Shape::Other("a table that pec wrote".to_owned()));
    let found = shape("ProductTitle,SkuTitle,TermDuration,Market,Tags");
    assert!(matches!(&found, Shape::Other(text) if text.contains("as Parquet")), "{found:?}");
    assert!(matches!(shape("a,b"), Shape::Other(text) if text.contains("columns a, b")));
}

fn shape_of(path: &Path) -> Shape {
    sniff(&Source::open(path).unwrap()[0]).unwrap()
}

#[test]
fn packed_parquet_is_unpacked() {
    use std::io::Write;
    let whole = bytes_of(&batch(&small(), typed), zstd());
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(&whole).unwrap();
    let packed = packer.finish().unwrap();
    let source = Source::from_bytes("u", packed.as_slice()).unwrap().remove(0);
    assert_eq!(sniff(&source).unwrap(), Shape::Table(Kind::UsageCostManagement));
    assert_eq!(read(&packed).unwrap(), 40);
}
