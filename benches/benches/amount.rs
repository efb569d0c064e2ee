//! Exact amounts beside `rust_decimal` (28 digits, then rounds) and `f64` (rounds always): the price of exactness.
#![expect(clippy::expect_used, reason = "a benchmark without its data has nothing to measure")]

use std::hint::black_box;
use std::str::FromStr;

use azure_pec::Amount;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rust_decimal::Decimal;

/// Quantities and list prices as the files write them.
fn texts() -> Vec<(String, String)> {
    let forms = [
        ("24", "0.115"),
        ("150.218", "2.33782"),
        ("0.000417", "12.5"),
        ("213.9650125467", "0.123456789012345"),
    ];
    let pair = |at: usize| {
        let (quantity, price) = forms.get(at % forms.len()).expect("an index below the length");
        (format!("{}{quantity}", at % 89), format!("{}{price}", at % 7))
    };
    (0..1000).map(pair).collect()
}

fn numbers<T: FromStr>(texts: &[(String, String)]) -> Vec<(T, T)> {
    let parse = |text: &str| text.parse::<T>().ok().expect("a number");
    texts.iter().map(|(quantity, price)| (parse(quantity), parse(price))).collect()
}

fn parse(c: &mut Criterion) {
    let texts = texts();
    let mut group = c.benchmark_group("parse");
    group.throughput(Throughput::Elements(texts.len() as u64));
    fn all<T: FromStr>(texts: &[(String, String)]) -> usize {
        texts.iter().filter(|(_, price)| black_box(black_box(price).parse::<T>()).is_ok()).count()
    }
    group.bench_function("amount", |b| b.iter(|| all::<Amount>(&texts)));
    group.bench_function("rust_decimal", |b| b.iter(|| all::<Decimal>(&texts)));
    group.bench_function("f64", |b| b.iter(|| all::<f64>(&texts)));
    group.finish();
}

#[expect(clippy::float_arithmetic, reason = "what exactness is measured against")]
fn multiply(c: &mut Criterion) {
    let texts = texts();
    let (exact, decimal, float) =
        (numbers::<Amount>(&texts), numbers::<Decimal>(&texts), numbers::<f64>(&texts));
    let mut group = c.benchmark_group("multiply");
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("amount", |b| {
        b.iter(|| exact.iter().for_each(|(quantity, price)| drop(black_box(black_box(quantity) * price))));
    });
    group.bench_function("rust_decimal", |b| {
        b.iter(|| decimal.iter().for_each(|(quantity, price)| _ = black_box(black_box(*quantity) * price)));
    });
    group.bench_function("f64", |b| {
        b.iter(|| float.iter().for_each(|(quantity, price)| _ = black_box(black_box(*quantity) * price)));
    });
    group.finish();
}

#[expect(clippy::float_arithmetic, reason = "what exactness is measured against")]
fn sum(c: &mut Criterion) {
    let texts = texts();
    let exact: Vec<Amount> =
        numbers::<Amount>(&texts).iter().map(|(quantity, price)| quantity * price).collect();
    let decimal: Vec<Decimal> =
        numbers::<Decimal>(&texts).iter().map(|(quantity, price)| quantity * price).collect();
    let float: Vec<f64> = numbers::<f64>(&texts).iter().map(|(quantity, price)| quantity * price).collect();
    let mut group = c.benchmark_group("sum");
    group.throughput(Throughput::Elements(texts.len() as u64));
    group.bench_function("amount", |b| b.iter(|| black_box(&exact).iter().sum::<Amount>()));
    group.bench_function("rust_decimal", |b| b.iter(|| black_box(&decimal).iter().sum::<Decimal>()));
    group.bench_function("f64", |b| b.iter(|| black_box(&float).iter().sum::<f64>()));
    group.finish();
}

criterion_group!(benches, parse, multiply, sum);
criterion_main!(benches);
