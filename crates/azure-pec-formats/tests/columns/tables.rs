//! Tables written as Parquet say what they say as CSV.

use std::fs::File;
use std::path::Path;

use arrow_array::cast::AsArray;
use arrow_array::types::{Date32Type, Decimal128Type, Int64Type};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use azure_pec::{Amount, Day, StatementDocument};
use azure_pec_formats::{Amounts, Error, LinesWriter, Shape, Source, run, sniff, write_groups};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::shared::{Table, contoso_facts, example, load_paths, options};

/// Contoso's lines and groups, written under these names.
fn written(lines: &Path, groups: &Path, amounts: Amounts) {
    tables(&example("contoso/usage"), lines, groups, amounts).unwrap();
}

fn tables(usage: &Path, lines: &Path, groups: &Path, amounts: Amounts) -> Result<(), Error> {
    let mut paths = contoso_facts();
    paths.push(usage.to_owned());
    let inputs = load_paths(&paths)?;
    let calculator = inputs.calculator()?;
    let mut writer = LinesWriter::create(lines, &calculator, amounts)?;
    let run = run(&inputs, &calculator, &options(1), Some(&mut writer), &|_| ())?;
    writer.finish()?;
    let document = StatementDocument::new(run.statement.body(&calculator), run.inputs);
    write_groups(&document.body, groups, 2, amounts)
}

fn cell(column: &dyn Array, row: usize) -> String {
    if column.is_null(row) {
        return String::new();
    }
    match column.data_type() {
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row).to_string(),
        DataType::Date32 => Day::from_number(column.as_primitive::<Date32Type>().value(row)).to_string(),
        DataType::Decimal128(_, scale) => {
            let mantissa = column.as_primitive::<Decimal128Type>().value(row);
            Amount::new(mantissa, u32::try_from(*scale).unwrap()).to_string()
        }
        _ => column.as_string::<i32>().value(row).to_owned(),
    }
}

/// A Parquet table as its CSV would be, and the types of its columns.
fn read(path: &Path) -> (Vec<Vec<String>>, Vec<String>) {
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(path).unwrap()).unwrap();
    let schema = builder.schema().clone();
    let types = schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type()));
    let mut rows = vec![schema.fields().iter().map(|field| field.name().clone()).collect()];
    let batches: Vec<RecordBatch> = builder.build().unwrap().map(Result::unwrap).collect();
    for batch in &batches {
        rows.extend((0..batch.num_rows()).map(|row| batch.columns().iter().map(|c| cell(c, row)).collect()));
    }
    (rows, types.collect())
}

fn csv(path: &Path) -> Vec<Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(path).unwrap();
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn parquet_and_csv_hold_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    written(&at("lines.csv"), &at("groups.csv"), Amounts::Decimal);
    for amounts in [Amounts::Decimal, Amounts::String] {
        written(&at("lines.parquet"), &at("groups.parquet"), amounts);
        let (lines, types) = read(&at("lines.parquet"));
        assert_eq!(lines, csv(&at("lines.csv")));
        assert_eq!(read(&at("groups.parquet")).0, csv(&at("groups.csv")));
        let has = |column: &str| types.contains(&column.to_owned());
        match amounts {
            Amounts::Decimal => {
                for column in
                    ["quantity Decimal128(38, 18)", "list_price Decimal128(38, 22)", "net Decimal128(38, 28)"]
                {
                    assert!(has(column), "{types:?}");
                }
            }
            Amounts::String => assert!(has("quantity Utf8") && has("credit Utf8")),
        }
        assert!(has("line Int64") && has("date Date32"));
        let shape = sniff(&Source::open(&at("lines.parquet")).unwrap()[0]).unwrap();
        assert_eq!(shape, Shape::Other("a table that pec wrote".to_owned()));
    }
}

#[test]
fn the_same_table_is_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    written(&at("a.parquet"), &at("ga.parquet"), Amounts::Decimal);
    written(&at("b.parquet"), &at("gb.parquet"), Amounts::Decimal);
    for (first, second) in [("a.parquet", "b.parquet"), ("ga.parquet", "gb.parquet")] {
        assert_eq!(std::fs::read(at(first)).unwrap(), std::fs::read(at(second)).unwrap());
    }
}

#[test]
fn what_no_decimal_holds_is_refused_and_may_be_text() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let mut table = Table::contoso();
    let long = [("quantity", "1.123456789"), ("PayGPrice", "0.1999968000511991808131")];
    for (name, text) in long {
        let column = table.column(name);
        let row = &mut table.rows[0];
        *row = row.iter().enumerate().map(|(at, old)| if at == column { text } else { old }).collect();
    }
    table.write(&at("u.csv"), &table.rows[..1]);
    let refused = tables(&at("u.csv"), &at("l.parquet"), &at("g.parquet"), Amounts::Decimal).unwrap_err();
    assert_eq!(
        (refused.code(), refused.place.column.as_deref()),
        ("amount.too_precise", Some("list_amount"))
    );
    assert!(!at("l.parquet").exists());
    tables(&at("u.csv"), &at("l.parquet"), &at("g.parquet"), Amounts::String).unwrap();
    let (rows, _) = read(&at("g.parquet"));
    assert!(rows[1].contains(&"0.2246877627957952672757157351359".to_owned()), "{rows:?}");
}
