//! Tables of text as record batches of given types, and as Parquet.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, Date32Builder, Decimal128Builder, Float64Builder, Int64Builder, LargeStringBuilder,
    StringBuilder, StringDictionaryBuilder, StringViewBuilder, TimestampMicrosecondBuilder,
};
use arrow_array::types::{Int8Type, Int32Type, UInt16Type};
use arrow_array::{ArrayRef, Decimal256Array, NullArray, RecordBatch};
use arrow_buffer::i256;
use arrow_schema::{DataType, Field, Schema, TimeUnit};
use azure_pec::{Amount, Day};
use azure_pec_formats::value;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::properties::WriterProperties;

pub use crate::shared::Table;

pub const DICTIONARY: fn() -> DataType =
    || DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));

/// The types of an export: texts, a date, decimals.
pub fn typed(name: &str) -> DataType {
    match name.to_ascii_lowercase().as_str() {
        "date" => DataType::Date32,
        "quantity" | "exchangeratepricingtobilling" | "partnerearnedcreditrate" => {
            DataType::Decimal128(38, 18)
        }
        "paygprice" | "effectiveprice" | "costinpricingcurrency" => DataType::Decimal128(38, 28),
        "costinbillingcurrency" => DataType::Decimal128(38, 32),
        _ => DataType::Utf8,
    }
}

/// The mantissa of a number at a scale.
fn mantissa(text: &str, scale: i8) -> i128 {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = part.trim_end_matches('0');
    let zeros = usize::try_from(scale).unwrap() - part.len();
    format!("{whole}{part}{}", "0".repeat(zeros)).parse().unwrap()
}

/// A column of a type out of texts; empty ones are null.
pub fn array(data_type: &DataType, texts: &[&str]) -> ArrayRef {
    let some = || texts.iter().map(|text| (!text.is_empty()).then_some(*text));
    let day = |text: &str| value::usage_day(text).unwrap();
    let number = |text: &str| text.parse::<Amount>().unwrap().to_string();
    match data_type {
        DataType::Null => Arc::new(NullArray::new(texts.len())),
        DataType::Utf8 => {
            let mut builder = StringBuilder::new();
            some().for_each(|text| builder.append_option(text));
            Arc::new(builder.finish())
        }
        DataType::LargeUtf8 => {
            let mut builder = LargeStringBuilder::new();
            some().for_each(|text| builder.append_option(text));
            Arc::new(builder.finish())
        }
        DataType::Utf8View => {
            let mut builder = StringViewBuilder::new();
            some().for_each(|text| builder.append_option(text));
            Arc::new(builder.finish())
        }
        DataType::Dictionary(key, _) => match key.as_ref() {
            DataType::Int8 => Arc::new(some().collect::<arrow_array::DictionaryArray<Int8Type>>()),
            DataType::UInt16 => Arc::new(some().collect::<arrow_array::DictionaryArray<UInt16Type>>()),
            _ => {
                let mut builder = StringDictionaryBuilder::<Int32Type>::new();
                some().for_each(|text| builder.append_option(text));
                Arc::new(builder.finish())
            }
        },
        DataType::Decimal128(precision, scale) => {
            let mut builder = Decimal128Builder::new();
            some().for_each(|text| builder.append_option(text.map(|text| mantissa(&number(text), *scale))));
            Arc::new(builder.finish().with_precision_and_scale(*precision, *scale).unwrap())
        }
        DataType::Decimal256(precision, scale) => {
            let wide = some().map(|text| text.map(|text| i256::from_i128(mantissa(&number(text), *scale))));
            let array: Decimal256Array = wide.collect();
            Arc::new(array.with_precision_and_scale(*precision, *scale).unwrap())
        }
        DataType::Int64 => {
            let mut builder = Int64Builder::new();
            some().for_each(|text| builder.append_option(text.map(|text| text.parse().unwrap())));
            Arc::new(builder.finish())
        }
        DataType::Float64 => {
            let mut builder = Float64Builder::new();
            some().for_each(|text| builder.append_option(text.map(|text| text.parse().unwrap())));
            Arc::new(builder.finish())
        }
        DataType::Boolean => {
            let mut builder = BooleanBuilder::new();
            some().for_each(|text| builder.append_option(text.map(|text| text == "True")));
            Arc::new(builder.finish())
        }
        DataType::Date32 => {
            let mut builder = Date32Builder::new();
            some().for_each(|text| builder.append_option(text.map(|text| day(text).number())));
            Arc::new(builder.finish())
        }
        DataType::Timestamp(TimeUnit::Microsecond, zone) => {
            let mut builder = TimestampMicrosecondBuilder::new();
            let noon = |day: Day| (i64::from(day.number()) * 24 + 12) * 3_600_000_000;
            some().for_each(|text| builder.append_option(text.map(|text| noon(day(text)))));
            Arc::new(builder.finish().with_timezone_opt(zone.clone()))
        }
        other => panic!("no column of type {other}"),
    }
}

/// A table as one record batch.
pub fn batch(table: &Table, data_type: impl Fn(&str) -> DataType) -> RecordBatch {
    let columns = table.header.iter().enumerate().map(|(at, name)| {
        let texts: Vec<&str> = table.rows.iter().map(|row| &row[at]).collect();
        let data_type = data_type(name);
        (Field::new(name, data_type.clone(), true), array(&data_type, &texts))
    });
    let (fields, columns): (Vec<_>, Vec<_>) = columns.unzip();
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap()
}

/// Writes a record batch as Parquet.
pub fn write(batch: &RecordBatch, path: &Path, compression: Compression, group_rows: usize) {
    let properties = WriterProperties::builder()
        .set_compression(compression)
        .set_max_row_group_row_count(Some(group_rows))
        .build();
    let file = File::create(path).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
}

pub fn zstd() -> Compression {
    Compression::ZSTD(ZstdLevel::default())
}
