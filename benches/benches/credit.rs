//! From a batch of lines to a statement: coverage of days, credits and sums, in time per line.
#![expect(clippy::expect_used, reason = "a benchmark without its data has nothing to measure")]

mod data;

use std::hint::black_box;

use azure_pec::{
    Calculator, CreditBatch, Day, GroupKey, Instant, Interval, IntervalSet, Statement, TICKS_PER_DAY,
    UsageBatch,
};
use azure_pec_benches::{Estate, write_access, write_partner, write_prices};
use azure_pec_formats::{FieldSet, UsageReader, read_azure_plan, read_history, read_partner};
use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};

const LINES: u64 = 8192;
const KEYS: [&[GroupKey]; 3] =
    [&[], &[GroupKey::Subscription], &[GroupKey::Subscription, GroupKey::Date, GroupKey::Meter]];

/// The first lines of an estate's usage, all in one batch.
fn batch_of(estate: &Estate) -> UsageBatch {
    let mut batch = UsageBatch::new();
    let mut reader = UsageReader::open(&data::usage(estate, LINES), FieldSet::all()).expect("a usage file");
    reader.fill(&mut batch, usize::MAX).expect("a whole file");
    assert_eq!(reader.rejected(), 0, "{:?}", reader.take_rejects().first());
    batch
}

/// The calculator of an estate: its prices, access history and partner.
fn calculator_of(estate: &Estate) -> Calculator {
    let (mut prices, mut access, mut partner) = (Vec::new(), Vec::new(), Vec::new());
    write_prices(estate, &mut prices).expect("memory takes every byte");
    write_access(estate, &mut access).expect("memory takes every byte");
    write_partner(estate, &mut partner).expect("memory takes every byte");
    Calculator::builder()
        .prices(read_azure_plan(&data::source("prices.csv", prices)).expect("a price list"))
        .access(read_history("access.json", &access).expect("an access history").chronicle.history().0)
        .partner(read_partner("partner.json", &partner).expect("a partner file"))
        .build()
        .expect("data without contradictions")
}

/// The days of a month that sets of 1, 10 and 100 intervals cover whole.
fn coverage(c: &mut Criterion) {
    let first = Day::from_ymd(2026, 10, 1).expect("a day");
    let days: Vec<Interval> = (0..31).map(|at| Day::from_number(first.number() + at).interval()).collect();
    let mut group = c.benchmark_group("coverage");
    for intervals in [1i64, 10, 100] {
        let step = 31 * TICKS_PER_DAY / intervals;
        let at = |ticks: i64| Instant::from_ticks(first.start().ticks() + ticks);
        let held = move |number: i64| Interval {
            start: at(number * step),
            end: at(number * step + step - step / 50),
        };
        group.throughput(Throughput::Elements(days.len() as u64));
        let set: IntervalSet = (0..intervals).map(held).collect();
        group.bench_function(format!("covers/intervals={intervals}"), |b| {
            b.iter(|| days.iter().filter(|day| black_box(&set).covers(day)).count());
        });
        group.bench_function(format!("collect/intervals={intervals}"), |b| {
            b.iter(|| (0..black_box(intervals)).map(held).collect::<IntervalSet>());
        });
    }
    group.finish();
}

/// Credits of a batch: `cold` sees every resource for the first time, `warm` has seen them.
fn credit(c: &mut Criterion) {
    let mut group = c.benchmark_group("credit_batch");
    group.throughput(Throughput::Elements(LINES));
    for (resources, grants) in [(200, 1), (200, 10), (3000, 1), (3000, 10)] {
        let estate = data::estate(resources, grants);
        let calculator = calculator_of(&estate);
        let batch = batch_of(&estate);
        let name = format!("resources={resources}/grants={grants}x");
        let mut credits = CreditBatch::default();
        group.bench_function(format!("cold/{name}"), |b| {
            b.iter(|| calculator.session().credit_batch(black_box(&batch), &mut credits));
        });
        let mut session = calculator.session();
        group.bench_function(format!("warm/{name}"), |b| {
            b.iter(|| session.credit_batch(black_box(&batch), &mut credits));
        });
    }
    group.finish();
}

fn credited() -> (Calculator, UsageBatch, CreditBatch) {
    let estate = data::estate(3000, 1);
    let calculator = calculator_of(&estate);
    let batch = batch_of(&estate);
    let credits = calculator.credit_batch(&batch);
    (calculator, batch, credits)
}

fn statement(c: &mut Criterion) {
    let (calculator, batch, credits) = credited();
    let filled = |by: &[GroupKey]| {
        let mut statement = Statement::new(by);
        statement.add(&batch, &credits);
        statement
    };
    let mut group = c.benchmark_group("statement");
    group.throughput(Throughput::Elements(LINES));
    for by in KEYS {
        let keys = by.len();
        // The groups are there already, as they are for all but a file's first lines.
        let mut statement = filled(by);
        group.bench_function(format!("add/keys={keys}"), |b| {
            b.iter(|| statement.add(black_box(&batch), &credits));
        });
        group.bench_function(format!("merge/keys={keys}"), |b| {
            let pair = || (filled(by), filled(by));
            b.iter_batched(
                pair,
                |(mut whole, part)| {
                    whole.merge(part).expect("the same keys");
                    whole
                },
                BatchSize::LargeInput,
            );
        });
        group.bench_function(format!("body/keys={keys}"), |b| b.iter(|| statement.body(&calculator)));
    }
    group.finish();
}

criterion_group!(benches, coverage, credit, statement);
criterion_main!(benches);
