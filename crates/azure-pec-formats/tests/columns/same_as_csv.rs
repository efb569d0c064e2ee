//! One data set, as CSV and in columns.

use std::path::Path;

use arrow_schema::{DataType, TimeUnit};
use azure_pec::{Field, UsageBatch};
use azure_pec_formats::{FieldSet, Source, UsageReader};
use csv::StringRecord;
use parquet::basic::{Compression, GzipLevel};

use crate::fixture::{DICTIONARY, Table, batch, typed, write, zstd};
use crate::shared::{contoso_body, contoso_facts, options, run_paths};

/// Every field of every line of a file, and every reject.
fn lines(path: &Path, wanted: FieldSet) -> (Vec<String>, Vec<String>) {
    let source = Source::open(path).unwrap().remove(0);
    let mut reader = UsageReader::open(&source, wanted).unwrap();
    let (mut lines, mut batch) = (Vec::new(), UsageBatch::new());
    while reader.fill(&mut batch, 1000).unwrap() > 0 {
        for row in 0..batch.len() {
            let texts: Vec<&str> = Field::ALL.iter().map(|field| batch.text(*field, row)).collect();
            let price = batch.list_prices()[row].as_ref().map(ToString::to_string);
            lines.push(format!("{} {} {price:?} {texts:?}", batch.dates()[row], batch.quantities()[row]));
        }
        batch.clear();
    }
    let rejects = reader.take_rejects();
    let shown = |reject: &azure_pec_formats::Reject| {
        format!("{:?} {}", reject.error.place.column, reject.error.fault)
    };
    (lines, rejects.iter().map(shown).collect())
}

fn same(table: &Table, data_type: impl Fn(&str) -> DataType) {
    let folder = tempfile::tempdir().unwrap();
    let (csv, parquet) = (folder.path().join("u.csv"), folder.path().join("u.parquet"));
    table.write(&csv, &table.rows);
    write(&batch(table, data_type), &parquet, Compression::SNAPPY, 700);
    // Without the observed rate the columns go in as they are, with it record by record.
    for wanted in [FieldSet::all(), FieldSet::all().without(Field::ObservedRate)] {
        let (expected, found) = (lines(&csv, wanted), lines(&parquet, wanted));
        assert_eq!(expected.0.len(), table.rows.len() - expected.1.len());
        assert_eq!(expected, found);
    }
}

#[test]
fn the_statement_of_contoso_is_the_same_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::contoso();
    let csv = folder.path().join("u.csv");
    table.write(&csv, &table.rows);
    let expected = contoso_body(&csv, &options(1)).unwrap();
    let packings = [
        (Compression::UNCOMPRESSED, 1000),
        (Compression::SNAPPY, 1_000_000),
        (Compression::GZIP(GzipLevel::default()), 999),
        (zstd(), 123),
    ];
    for (at, (packing, group_rows)) in packings.into_iter().enumerate() {
        let parquet = folder.path().join(format!("{at}.parquet"));
        write(&batch(&table, typed), &parquet, packing, group_rows);
        for threads in [1, 2, 7] {
            assert_eq!(contoso_body(&parquet, &options(threads)).unwrap(), expected, "{packing:?}");
        }
    }
}

/// Its batches go to all threads.
#[test]
fn one_row_group_keeps_several_threads_busy_and_says_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::contoso();
    table.rows = table.rows.iter().cycle().take(50_000).cloned().collect();
    table.change("quantity", |row, text| if row % 7001 == 5 { "?".to_owned() } else { text.to_owned() });
    let (csv, parquet) = (folder.path().join("u.csv"), folder.path().join("u.parquet"));
    table.write(&csv, &table.rows);
    write(&batch(&table, |_| DataType::Utf8), &parquet, Compression::UNCOMPRESSED, usize::MAX);
    let expected = contoso_body(&csv, &options(1)).unwrap();
    for threads in [1, 2, 7] {
        assert_eq!(contoso_body(&parquet, &options(threads)).unwrap(), expected, "{threads}");
    }
}

/// More rejects than are kept, of row groups that threads have in different orders.
#[test]
fn the_first_rejects_are_kept_whoever_reads_the_row_groups() {
    let folder = tempfile::tempdir().unwrap();
    let mut table = Table::contoso();
    table.change("quantity", |row, _| format!("{row}?"));
    let path = folder.path().join("u.parquet");
    write(&batch(&table, |_| DataType::Utf8), &path, zstd(), 100);
    let mut paths = contoso_facts();
    paths.push(path);
    for threads in [1, 2, 7] {
        let (run, _) = run_paths(&paths, &options(threads)).unwrap();
        assert_eq!(run.rejected, table.rows.len() as u64);
        let lines: Vec<_> = run.rejects.iter().map(|reject| reject.error.place.line).collect();
        assert_eq!(lines, (1..=1000).map(Some).collect::<Vec<_>>(), "{threads}");
        assert!(run.rejects.iter().zip(0..).all(|(reject, row)| reject.record.contains(&format!("{row}?"))));
    }
}

#[test]
fn parts_of_both_forms_make_one_month() {
    let folder = tempfile::tempdir().unwrap();
    let table = Table::contoso();
    let whole = folder.path().join("whole.csv");
    table.write(&whole, &table.rows);
    let expected = contoso_body(&whole, &options(2)).unwrap();
    let parts = folder.path().join("parts");
    std::fs::create_dir(&parts).unwrap();
    let (first, second) = table.rows.split_at(table.rows.len() / 3);
    table.write(&parts.join("a.csv"), first);
    let second = Table { header: table.header.clone(), rows: second.to_vec() };
    write(&batch(&second, typed), &parts.join("b.parquet"), zstd(), 500);
    assert_eq!(contoso_body(&parts, &options(2)).unwrap(), expected);
}

#[test]
fn texts_are_read_from_every_type_of_text() {
    let table = Table::contoso();
    let dictionary = |key| DataType::Dictionary(Box::new(key), Box::new(DataType::Utf8));
    for text in [DataType::Utf8, DataType::LargeUtf8, DataType::Utf8View, DICTIONARY()] {
        same(&table, |_| text.clone());
    }
    // Few enough entries for short keys.
    same(&table, |name| match name {
        "chargeType" | "publisherType" | "PricingModel" => dictionary(DataType::Int8),
        "date" | "meterId" => dictionary(DataType::UInt16),
        other => typed(other),
    });
}

#[test]
fn days_and_numbers_are_read_from_every_exact_type() {
    let table = Table::contoso();
    let utc = || DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()));
    same(&table, typed);
    same(&table, |name| match typed(name) {
        DataType::Date32 => utc(),
        DataType::Decimal128(..) => DataType::Decimal256(76, 34),
        other => other,
    });
    same(&table, |name| match typed(name) {
        DataType::Date32 => DataType::Timestamp(TimeUnit::Microsecond, None),
        DataType::Decimal128(..) => DICTIONARY(),
        _ if name == "resellerMpnId" => DataType::Int64,
        other => other,
    });
}

#[test]
fn empty_columns_of_any_type_are_empty() {
    let mut table = Table::contoso();
    table.change("reservationId", |_, _| String::new());
    for empty in [DataType::Null, DataType::Int64, DataType::Float64, DataType::Boolean, DICTIONARY()] {
        same(&table, |name| if name == "reservationId" { empty.clone() } else { typed(name) });
    }
}

#[test]
fn bad_cells_reject_their_line_alone() {
    let mut table = Table::contoso();
    let put = |table: &mut Table, row: usize, name: &str, text: &str| {
        table.change(name, |at, old| if at == row { text } else { old }.to_owned());
    };
    put(&mut table, 3, "quantity", "");
    put(&mut table, 900, "SubscriptionId", "not a guid");
    put(&mut table, 901, "quantity", "");
    same(&table, typed);
    put(&mut table, 5, "date", "31/12/2026");
    put(&mut table, 6, "quantity", "1e-60");
    same(&table, |_| DataType::Utf8);
    // One entry of a dictionary, of several lines: side by side, in two row groups, and beside a fault of the same bundle.
    for row in [900, 901, 1400] {
        put(&mut table, row, "SubscriptionId", "no guid either");
    }
    put(&mut table, 901, "customerTenantId", "nor this");
    put(&mut table, 902, "customerTenantId", "nor this");
    same(&table, |_| DICTIONARY());
}

#[test]
fn a_reject_names_the_row_and_the_column() {
    let mut table = Table::contoso();
    table.change("quantity", |row, text| if row == 1234 { "?".to_owned() } else { text.to_owned() });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("u.parquet");
    write(&batch(&table, |_| DataType::Utf8), &path, zstd(), 500);
    let source = Source::open(&path).unwrap().remove(0);
    let mut reader = UsageReader::open(&source, FieldSet::EMPTY).unwrap();
    let mut lines = UsageBatch::new();
    while reader.fill(&mut lines, 100).unwrap() > 0 {}
    let rejects = reader.take_rejects();
    assert_eq!((rejects.len(), lines.len()), (1, table.rows.len() - 1));
    let place = &rejects[0].error.place;
    assert_eq!((place.line, place.column.as_deref()), (Some(1235), Some("quantity")));
    assert_eq!(rejects[0].error.code(), "number.invalid");
    assert!(rejects[0].record.contains('?'), "{}", rejects[0].record);
    let numbers: Vec<u64> = (1..).take(table.rows.len()).filter(|line| *line != 1235).collect();
    assert_eq!(lines.lines(), numbers);
}

#[test]
fn focus_is_read_as_from_csv() {
    let header = "ChargePeriodStart,PricingQuantity,ListUnitPrice,SkuId,SkuPriceId,SubAccountId,ChargeCategory,\
ProviderName,BillingCurrency,x_PricingCurrency,x_BillingExchangeRate,ListCost,CommitmentDiscountType,\
x_PartnerCreditApplied,x_PartnerCreditRate,x_CustomerId,Tags,BilledCost";
    let subscription = "/subscriptions/3f2504e0-4f89-41d3-9a0c-0305e82c3301";
    let customer = "6b29fc40-ca47-1067-b31d-00dd010662da";
    let row = |text: String| text.split(',').map(str::to_owned).collect::<StringRecord>();
    let rows = [
        "2026-10-05T00:00:00Z,3,0.09,DZH318Z0BQPM,0015,SUB,Usage,Microsoft,EUR,USD,0.9,0.27,,1,15,CUST,t,0.1",
        "2026-10-06T00:00:00Z,3,0.1,NULL,DZH318Z0BQPM0015,SUB,Usage,Microsoft,EUR,EUR,,0.3,Reservation,0,,CUST,,0.1",
        "2026-10-07T00:00:00Z,,,DZH318Z0BQPM,0015,SUB,Tax,Microsoft,EUR,USD,0.9,,,,,NULL,,0.1",
        "2026-10-08T00:00:00Z,,,DZH318Z0BQPM,0015,SUB,Usage,Microsoft,EUR,USD,0.9,,,,,NULL,,0.1",
        "2026-10-09T00:00:00Z,1,0.07,DZH318Z0BQPM,0015,SUB,Usage,Other,EUR,USD,0.3,0.7,Savings Plan,1,0.15,CUST,,0.1",
    ];
    let rows = rows.map(|text| row(text.replace("SUB", subscription).replace("CUST", customer))).to_vec();
    let table = Table { header: header.split(',').collect(), rows };
    same(&table, |_| DataType::Utf8);
    same(&table, |name| match name {
        "ChargePeriodStart" => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
        "PricingQuantity" | "ListUnitPrice" | "ListCost" => DataType::Decimal128(38, 18),
        "x_PartnerCreditRate" | "x_BillingExchangeRate" => DataType::Decimal256(50, 10),
        "SkuId" | "Tags" => DICTIONARY(),
        _ => DataType::Utf8View,
    });
}
