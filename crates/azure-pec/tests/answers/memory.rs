//! What a statement says of the memory that it takes: what its groups take, however many lines there are. And what a
//! reconciliation keeps.

use azure_pec::{GroupKey, Reconciliation, Statement, UsageBatch, UsageLine};
use serde_json::json;

use crate::billed::without_tiers;
use crate::reconciled::{METERED, rated};
use crate::world::*;

const GROUPS: usize = 4096;
/// What a group takes at the least: its text as it is reckoned, its place in the order, its ids and its sums.
const LEAST: usize = 96 + 24 + 8 + 21;

/// A statement by resource, of lines with this price, so many for each resource.
fn memory(lines: usize, price: Option<&str>) -> usize {
    memory_in(&World::default(), lines, price)
}

fn memory_in(world: &World, lines: usize, price: Option<&str>) -> usize {
    let calculator = world.calculator();
    let mut batch = UsageBatch::new();
    for number in 0..GROUPS * lines {
        let line = UsageLine {
            resource_id: format!("{GROUP}/providers/x/y/{}", number % GROUPS),
            meter_id: (number % GROUPS).to_string(),
            list_price: price.map(amount),
            ..line()
        };
        batch.push_line(&line, number as u64 + 1);
    }
    let mut statement = Statement::new(&[GroupKey::Resource]);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement.memory()
}

#[test]
fn the_memory_of_a_statement_follows_its_groups() {
    let once = memory(1, Some("2"));
    assert!((GROUPS * LEAST..=4 * GROUPS * LEAST).contains(&once), "{once}");
    assert_eq!(memory(3, Some("2")), once);
    // What no short sum holds stands beside: lines without a price, and amounts of many digits.
    for price in [None, Some("1234567890123456789012345678.0123456789012345678901234567890123456789")] {
        let beside = memory(1, price);
        assert!((once + 40 * GROUPS..=2 * once + 4 * GROUPS * LEAST).contains(&beside), "{beside} {once}");
        assert_eq!(memory(2, price), beside);
    }
    assert!(Statement::new(&[]).memory() < LEAST * 100);
    // Charges that are rounded are kept by meter as well.
    let rounding = World { policy: vec![("rounding", "meter_month_cents")], ..World::default() };
    let rounded = memory_in(&rounding, 1, Some("2"));
    assert!((once + GROUPS * LEAST..=once + 5 * GROUPS * LEAST).contains(&rounded), "{rounded} {once}");
}

/// Lines of tiered meters are kept until their month is whole: by resource and day, however many there are of each.
#[test]
fn the_memory_of_tiered_lines_follows_their_resources() {
    let tier = |more| {
        read(with(json!({"product_id": "P", "sku_id": "0001", "market": "DE", "currency": "USD"}), &more))
    };
    let prices = vec![
        tier(json!({"unit_price": "2", "tier_min": "1", "tier_max": "10"})),
        tier(json!({"unit_price": "1", "tier_min": "11"})),
    ];
    let calculator =
        World { prices, policy: vec![("price_source", "list")], ..World::default() }.calculator();
    let memory = |lines: usize, product: &str| {
        let mut batch = UsageBatch::new();
        for number in 0..GROUPS * lines {
            let line = UsageLine {
                resource_id: format!("{GROUP}/providers/x/y/{}", number % GROUPS),
                product_id: product.to_owned(),
                sku_id: "0001".to_owned(),
                ..line()
            };
            batch.push_line(&line, number as u64 + 1);
        }
        let mut statement = Statement::new(&[]);
        statement.add(&batch, &calculator.credit_batch(&batch));
        (statement.memory(), statement.lines())
    };
    let (kept, lines) = memory(1, "P");
    // The day, the resource and the content; the verdict, the number of lines and the quantity.
    let least = 4 + 4 + 4 + 2 + 8 + 16;
    assert!((GROUPS * least..=GROUPS * least * 8).contains(&kept), "{kept}");
    assert_eq!((memory(3, "P").0, lines), (kept, GROUPS as u64));
    assert!(memory(1, "another").0 < 10_000);
}

/// What a batch says is what its texts and combinations take, each once.
#[test]
fn the_memory_of_a_batch_follows_its_texts() {
    let memory = |lines: usize, texts: usize, length: usize| {
        let mut batch = UsageBatch::new();
        for number in 0..lines {
            let line = UsageLine { resource_id: format!("{:0length$}", number % texts), ..line() };
            batch.push_line(&line, number as u64 + 1);
        }
        batch.memory()
    };
    let (short, long) = (memory(1000, 1000, 10), memory(1000, 1000, 1010));
    assert!((1_000_000..2_500_000).contains(&(long - short)), "{short} {long}");
    assert!((1000 * (10 + 4 * 7)..1000 * (10 + 4 * 7) * 8).contains(&short), "{short}");
    assert_eq!(memory(5000, 1000, 10), short);
}

/// Lines that have the rate that they should are kept by month, others by day.
#[test]
fn the_memory_of_a_reconciliation_follows_what_differs() {
    let calculator = Reconciliation::calculator(&without_tiers().calculator()).unwrap();
    let kept = |applied: &str| {
        let mut batch = UsageBatch::new();
        for number in 1..11 {
            batch.push_line(&rated(number, METERED, "I1", applied), u64::from(number));
        }
        let mut one = Reconciliation::new(false);
        one.usage("usage.csv", &batch, &calculator.credit_batch(&batch), &calculator);
        format!("{one:?}")
    };
    let (agreeing, differing) = (kept("0.15"), kept("0"));
    assert!(agreeing.contains("parcels: 1,"), "{agreeing}");
    assert!(differing.contains("parcels: 10,"), "{differing}");
}
