//! The generated files are read whole, give every kind of answer, and are the same bytes everywhere.
#![expect(clippy::unwrap_used, reason = "a test without its data has failed")]

use azure_pec::{Amount, Calculator, CreditBatch, Reconciliation, Statement, UsageBatch};
use azure_pec_benches::{
    Estate, Size, write_access, write_billed_folder, write_partner, write_prices, write_usage,
};
use azure_pec_formats::{
    FieldSet, LoadOptions, ReconcileOptions, Source, UsageReader, load_by_role, read_azure_plan,
    read_history, read_partner, reconcile,
};

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

#[test]
fn a_billed_month_closes_to_the_last_digit() {
    let folder = std::env::temp_dir().join(format!("azure-pec-billed-{}", std::process::id()));
    let size = Size { lines: 20_000, seed: 3, grants_factor: 1 };
    write_billed_folder(&folder, size, true).unwrap();
    let inputs = load_by_role(std::slice::from_ref(&folder), &LoadOptions::default()).unwrap();
    let calculator = Reconciliation::calculator(&inputs.calculator().unwrap()).unwrap();
    let read = reconcile(&inputs, &calculator, &ReconcileOptions { threads: 1 }, None, &|_| ()).unwrap();
    read.run.check_rejects(0).unwrap();
    let body = read.reconciliation.finish(&calculator);
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!(body.lines.values().sum::<u64>(), 20_000);
    assert!(body.bridges.iter().any(|bridge| !bridge.tiers.is_zero()));
    for bridge in &body.bridges {
        let residual = &bridge.residual;
        assert!(
            residual.charge.is_zero() && residual.total.as_ref().is_some_and(Amount::is_zero),
            "{bridge:?}"
        );
    }
    // What the bill withholds, of grants on resource groups and resources; what that makes of cuts; and nothing else.
    let outcomes: Vec<&str> = body.findings.iter().map(|row| row.outcome).collect();
    assert!(outcomes.contains(&"observed.missing"));
    assert!(
        outcomes.iter().all(|outcome| matches!(*outcome, "observed.missing" | "rounding")),
        "{outcomes:?}"
    );
}
