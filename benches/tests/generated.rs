//! The generated files are read whole, give every kind of answer, and are the same bytes everywhere.
#![expect(clippy::unwrap_used, reason = "a test without its data has failed")]

use azure_pec::{Calculator, CreditBatch, Statement, UsageBatch};
use azure_pec_benches::{Estate, Size, write_access, write_partner, write_prices, write_usage};
use azure_pec_formats::{FieldSet, Source, UsageReader, read_azure_plan, read_history, read_partner};

struct Files {
    usage: Vec<u8>,
    prices: Vec<u8>,
    access: Vec<u8>,
    partner: Vec<u8>,
}

fn files(lines: u64, grants_factor: u64) -> Files {
    let estate = Estate::new(Size { lines, seed: 1, grants_factor });
    let mut files = Files { usage: vec![], prices: vec![], access: vec![], partner: vec![] };
    write_usage(&estate, lines, &mut files.usage).unwrap();
    write_prices(&estate, &mut files.prices).unwrap();
    write_access(&estate, &mut files.access).unwrap();
    write_partner(&estate, &mut files.partner).unwrap();
    files
}

fn source(name: &str, bytes: Vec<u8>) -> Source {
    Source::from_bytes(name, bytes).unwrap().remove(0)
}

#[test]
fn every_line_is_read_and_every_kind_of_answer_given() {
    let files = files(100_000, 1);
    let calculator = Calculator::builder()
        .prices(read_azure_plan(&source("prices.csv", files.prices)).unwrap())
        .access(read_history("access.json", &files.access).unwrap().chronicle.history().0)
        .partner(read_partner("partner.json", &files.partner).unwrap())
        .build()
        .unwrap();
    let (mut batch, mut credits) = (UsageBatch::new(), CreditBatch::default());
    let (mut session, mut statement) = (calculator.session(), Statement::new(&[]));
    let mut reader = UsageReader::open(&source("usage.csv", files.usage), FieldSet::all()).unwrap();
    while reader.fill(&mut batch, 8192).unwrap() > 0 {
        session.credit_batch(&batch, &mut credits);
        statement.add(&batch, &credits);
        batch.clear();
    }
    assert_eq!((reader.records(), reader.rejected(), statement.lines()), (100_000, 0, 100_000));
    let found: Vec<&str> = statement.body(&calculator).reasons.iter().map(|row| row.reason).collect();
    for code in [
        "earned",
        "line.refund",
        "line.not_usage",
        "product.reservation",
        "product.savings_plan",
        "product.spot",
        "product.marketplace",
        "product.third_party",
        "product.unlisted",
        "access.partial_day",
        "access.role_not_eligible",
    ] {
        assert!(found.contains(&code), "{code} is not in {found:?}");
    }
}

#[test]
fn the_same_size_and_seed_give_the_same_bytes() {
    let (one, other) = (files(1000, 1), files(1000, 1));
    assert_eq!(one.usage.split(|byte| *byte == b'\n').count(), 1000 + 2);
    assert!(one.usage == other.usage && one.prices == other.prices);
    assert!(one.access == other.access && one.partner == other.partner);
}
