//! What a statement says of the memory that it takes: what its groups take, however many lines there are.

use azure_pec::{GroupKey, Statement, UsageBatch, UsageLine};

use crate::world::*;

const GROUPS: usize = 4096;
/// What a group takes at the least: its text as it is reckoned, its place in the order, its ids and its sums.
const LEAST: usize = 96 + 24 + 8 + 21;

/// A statement by resource, of lines with this price, so many for each resource.
fn memory(lines: usize, price: Option<&str>) -> usize {
    let calculator = World::default().calculator();
    let mut batch = UsageBatch::new();
    for number in 0..GROUPS * lines {
        let line = UsageLine {
            resource_id: format!("{GROUP}/providers/x/y/{}", number % GROUPS),
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
}
