//! The usage reader beside a bare loop of the `csv` crate over the same bytes: what checks and columns cost.
#![expect(clippy::expect_used, reason = "a benchmark without its data has nothing to measure")]

mod data;

use azure_pec::UsageBatch;
use azure_pec_formats::{FieldSet, Source, UsageReader, read_azure_plan};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use csv::{ByteRecord, ReaderBuilder};

const LINES: u64 = 10_000;

fn read(source: &Source, wanted: FieldSet) -> usize {
    let mut batch = UsageBatch::new();
    let mut reader = UsageReader::open(source, wanted).expect("a usage file");
    let mut lines = 0;
    loop {
        let filled = reader.fill(&mut batch, 8192).expect("a whole file");
        if filled == 0 {
            return lines;
        }
        lines += filled;
        batch.clear();
    }
}

fn bare(source: &Source) -> usize {
    let mut reader = ReaderBuilder::new().from_reader(source.reader().expect("bytes in memory"));
    let (mut record, mut records) = (ByteRecord::new(), 0);
    while reader.read_byte_record(&mut record).expect("well-formed records") {
        records += 1;
    }
    records
}

fn reading(c: &mut Criterion) {
    let source = data::usage(&data::estate(200, 1), LINES);
    let bytes = source.read_to_limit(u64::MAX).expect("bytes in memory").len();
    assert_eq!(bare(&source), read(&source, FieldSet::EMPTY));
    let mut group = c.benchmark_group("usage");
    group.sample_size(20).throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("bare_csv", |b| b.iter(|| bare(&source)));
    group.bench_function("reader/fields=none", |b| b.iter(|| read(&source, FieldSet::EMPTY)));
    group.bench_function("reader/fields=all", |b| b.iter(|| read(&source, FieldSet::all())));
    group.finish();
}

fn prices(c: &mut Criterion) {
    let mut bytes = Vec::new();
    azure_pec_benches::write_prices(&data::estate(10, 1), &mut bytes).expect("memory takes every byte");
    let mut group = c.benchmark_group("prices");
    group.sample_size(10).throughput(Throughput::Bytes(bytes.len() as u64));
    let source = data::source("prices.csv", bytes);
    group.bench_function("bare_csv", |b| b.iter(|| bare(&source)));
    group.bench_function("read_azure_plan", |b| b.iter(|| read_azure_plan(&source).expect("a price list")));
    group.finish();
}

criterion_group!(benches, reading, prices);
criterion_main!(benches);
