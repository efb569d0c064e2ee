//! Statements in parts, as data: what is none of the calculator's is refused.

use azure_pec::{Calculator, GroupKey, Statement, StatementPart, UsageBatch, UsageLine};
use serde_json::{Value, json};

use crate::fixes::on;
use crate::world::*;

fn statement(calculator: &Calculator, lines: &[UsageLine], by: &[GroupKey]) -> Statement {
    let mut batch = UsageBatch::new();
    for (at, line) in lines.iter().enumerate() {
        batch.push_line(line, at as u64 + 1);
    }
    let mut statement = Statement::new(by);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement
}

fn lines() -> Vec<UsageLine> {
    let of = |number: u32, group: &str, currency: &str| UsageLine {
        resource_id: format!("{SUBSCRIPTION}/resourcegroups/{group}/providers/x/y/z"),
        currency: currency.to_owned(),
        ..on(number)
    };
    vec![
        of(1, "a", "USD"),
        of(1, "b", "EUR"),
        of(2, "a", ""),
        UsageLine { list_price: None, ..of(3, "c", "USD") },
    ]
}

fn part(calculator: &Calculator, by: &[GroupKey]) -> Value {
    serde_json::to_value(statement(calculator, &lines(), by).into_part()).unwrap()
}

/// The body of the statement of a part; or the code of the refusal.
fn body(calculator: &Calculator, part: Value) -> Result<Value, &'static str> {
    let part: StatementPart = read(part);
    let told = Statement::of_part(part, calculator, |_| "known").map_err(|error| error.code())?;
    Ok(serde_json::to_value(told.body(calculator)).unwrap())
}

const BY_DAY: [GroupKey; 2] = [GroupKey::Resource, GroupKey::Date];

#[test]
fn the_statement_of_a_part_is_the_statement() {
    let calculator = World::of(vec![grant("g", &json!({}))]).calculator();
    for by in [&[][..], &BY_DAY, &[GroupKey::Subscription, GroupKey::Product, GroupKey::Month]] {
        let whole = statement(&calculator, &lines(), by).body(&calculator);
        assert_eq!(body(&calculator, part(&calculator, by)), Ok(serde_json::to_value(whole).unwrap()));
    }
}

/// Lines that tiers rate are in no sum yet: they go along one by one.
#[test]
fn a_part_takes_tiered_lines_along() {
    let tier = |price: &str, more: Value| {
        let usual = json!({"product_id": "P", "sku_id": "0001", "market": "DE", "currency": "USD"});
        read(with(with(usual, &json!({"unit_price": price})), &more))
    };
    let prices =
        vec![tier("2", json!({"tier_min": "1", "tier_max": "15"})), tier("1", json!({"tier_min": "16"}))];
    let world =
        World { prices, policy: vec![("price_source", "list")], ..World::of(vec![grant("g", &json!({}))]) };
    let calculator = world.calculator();
    let tiered =
        |line: UsageLine| UsageLine { product_id: "P".to_owned(), sku_id: "0001".to_owned(), ..line };
    let lines: Vec<UsageLine> = lines().into_iter().map(tiered).collect();
    let whole = statement(&calculator, &lines, &BY_DAY);
    let told = serde_json::to_value(whole.clone().body(&calculator)).unwrap();
    assert_ne!(told["totals"], json!([]));
    assert_eq!(body(&calculator, serde_json::to_value(whole.into_part()).unwrap()), Ok(told));
}

/// Texts have other ids in another batch.
#[test]
fn a_statement_takes_batches_of_other_texts_in_turn() {
    let calculator = World::of(vec![grant("g", &json!({}))]).calculator();
    let (lines, by) = (lines(), [GroupKey::Subscription, GroupKey::ResourceGroup, GroupKey::Date]);
    let batch = |lines: &mut dyn Iterator<Item = &UsageLine>| {
        let mut batch = UsageBatch::new();
        lines.for_each(|line| batch.push_line(line, 1));
        batch
    };
    let (one, other) = (batch(&mut lines.iter()), batch(&mut lines.iter().rev()));
    let (mut own, mut whole) = (Statement::new(&by), Vec::new());
    for batch in [&one, &other, &one] {
        own.add(batch, &calculator.credit_batch(batch));
        whole.extend((0..batch.len()).filter_map(|row| batch.line(row)));
    }
    let told = |statement: Statement| serde_json::to_value(statement.body(&calculator)).unwrap();
    assert_eq!(told(own), told(statement(&calculator, &whole, &by)));
}

#[test]
fn a_part_of_another_form_is_refused() {
    let calculator = World::of(vec![grant("g", &json!({}))]).calculator();
    let refused = |by: &[GroupKey], place: &str, value: Value| {
        let mut part = part(&calculator, by);
        let at = part.pointer_mut(place).unwrap();
        assert_ne!(*at, value, "{place}");
        *at = value;
        assert_eq!(body(&calculator, part).unwrap_err(), "policy.invalid", "{place}");
    };
    let row = "/sums/days/0/1/0/0";
    let ids = part(&calculator, &BY_DAY).pointer(row).unwrap().as_array().unwrap().clone();
    let width = ids.len();
    assert!(width > 1);
    let class = format!("{row}/{}", width - 1);
    // An id of no text, and of no class: one more than there are.
    let part = part(&calculator, &BY_DAY);
    let count = |place: &str| json!(part.pointer(place).unwrap().as_array().unwrap().len());
    refused(&BY_DAY, &format!("{row}/0"), count("/sums/texts"));
    refused(&BY_DAY, &class, count("/sums/classes"));
    refused(&BY_DAY, "/sums/classes/0/0", count("/sums/texts"));
    // Rows of another width.
    refused(&BY_DAY, row, json!([]));
    refused(&BY_DAY, row, Value::Array(ids[1..].to_vec()));
    let longer: Vec<Value> = ids.iter().chain(&ids[width - 1..]).cloned().collect();
    refused(&BY_DAY, row, Value::Array(longer));
    // By day where the statement is not, and the other way round.
    refused(&BY_DAY, "/sums/days/0/0", Value::Null);
    refused(&[GroupKey::Resource], "/sums/days/0/0", json!("2026-10-01"));
    // Verdicts that there are none of, and keys.
    refused(&BY_DAY, "/sums/classes/0/1", json!("perhaps"));
    refused(&BY_DAY, "/sums/classes/0/2", json!("access.perhaps"));
    let mut other = part;
    other["by"][0] = json!("moon");
    assert_eq!(body(&calculator, other).unwrap_err(), "id.invalid");
}
