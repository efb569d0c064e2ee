//! The groups of a statement against sums worked out one line at a time.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

use std::collections::BTreeMap;

use azure_pec::{
    AccessHistory, Amount, Calculator, Day, Field, GroupKey, Observed, RateRow, Rule, Statement, UsageBatch,
    UsageLine,
};
use proptest::prelude::*;

/// A rate of 15 % until the second day of October 2026, of 10 % from the third on.
fn calculator() -> Calculator {
    let mut data = Rule::published().unwrap().data().clone();
    data.rate.push(RateRow {
        start: "2026-10-03".parse().unwrap(),
        rate: "0.10".parse().unwrap(),
        source: data.rate[0].source.clone(),
    });
    let access = AccessHistory { observed: Observed::Complete, ..AccessHistory::default() };
    Calculator::builder().access(access).rule(Rule::new(data).unwrap()).build().unwrap()
}

/// A line whose values of keys are its texts as they stand: `numbers` are the day, then one for each text.
fn line(numbers: &[usize]) -> UsageLine {
    let number = |at: usize| numbers[at % numbers.len()];
    let first: Day = "2026-10-01".parse().unwrap();
    let mut line = UsageLine::new(Day::from_number(first.number() + number(0) as i32 % 40), Amount::ONE);
    line.list_price = Some(Amount::new(number(1) as i128 + 1, 2));
    let group = format!("rg{}", number(2));
    let subscription = format!("aaaaaaaa-0000-0000-0000-{:012}", number(3));
    let disk = format!("/providers/microsoft.compute/disks/d{}", number(4));
    line.resource_id = format!("/subscriptions/{subscription}/resourcegroups/{group}{disk}");
    line.resource_group = group;
    line.subscription_id = subscription;
    line.customer_id = format!("bbbbbbbb-0000-0000-0000-{:012}", number(5));
    line.reseller_id = number(6).to_string();
    line.plan_id = format!("plan{}", number(7));
    line.service = format!("service{}", number(8));
    line.meter_id = format!("m{}", number(9));
    line.product_id = format!("p{}", number(10));
    line.sku_id = format!("s{}", number(11));
    line.invoice_id = if number(12) == 0 { String::new() } else { format!("g{}", number(12)) };
    ["USD", "EUR", ""][number(13) % 3].clone_into(&mut line.currency);
    ["Usage", "Refund"][number(14) % 2].clone_into(&mut line.charge_type);
    line
}

fn value(line: &UsageLine, key: GroupKey) -> String {
    match key {
        GroupKey::Date => line.date.to_string(),
        GroupKey::Month => line.date.month(),
        GroupKey::Product => format!("{}/{}", line.text(Field::ProductId), line.text(Field::SkuId)),
        key => line.text(key.fields()[0]).to_owned(),
    }
}

/// The values of the keys, currency, outcome and reason; lines, list amount, potential and credit.
type Row = (Vec<String>, [String; 3], u64, [String; 3]);

/// What a row is told apart and sorted by.
type Key = (Vec<String>, [String; 3]);

fn expected(lines: &[UsageLine], by: &[GroupKey], calculator: &Calculator) -> Vec<Row> {
    let mut sums: BTreeMap<Key, (u64, [Amount; 3])> = BTreeMap::new();
    for line in lines {
        let credit = calculator.credit(line).unwrap();
        let currency = Some(line.text(Field::Currency)).filter(|text| !text.is_empty()).unwrap_or("USD");
        let row = [currency, credit.outcome.as_str(), credit.reason.code()].map(str::to_owned);
        let key = (by.iter().map(|key| value(line, *key)).collect(), row);
        let (lines, amounts) = sums.entry(key).or_default();
        *lines += 1;
        let of_line = [credit.list_amount, credit.potential, credit.credit].map(Option::unwrap);
        amounts.iter_mut().zip(&of_line).for_each(|(sum, amount)| *sum += amount);
    }
    let row = |((keys, row), (lines, sums)): (Key, (u64, [Amount; 3]))| {
        (keys, row, lines, sums.map(|sum| sum.to_string()))
    };
    sums.into_iter().map(row).collect()
}

/// The groups of these lines, of which those before the cut are added in two statements that are merged, some behind it in a
/// third that is merged with them, and the others to what was merged.
fn found(lines: &[UsageLine], by: &[GroupKey], calculator: &Calculator, cut: usize) -> Vec<Row> {
    let add = |statement: &mut Statement, lines: &[UsageLine]| {
        let mut batch = UsageBatch::new();
        lines.iter().for_each(|line| batch.push_line(line, 1));
        statement.add(&batch, &calculator.credit_batch(&batch));
    };
    let of = |lines: &[UsageLine]| {
        let mut statement = Statement::new(by);
        add(&mut statement, lines);
        statement
    };
    let (before, behind) = lines.split_at(cut);
    let (first, second) = before.split_at(cut / 2);
    let (third, last) = behind.split_at(behind.len() / 2);
    let mut statement = of(first);
    statement.merge(of(second)).unwrap();
    statement.merge(of(third)).unwrap();
    add(&mut statement, last);
    let groups = statement.into_body(calculator).groups.unwrap();
    assert_eq!((groups.iter().count(), lines.is_empty()), (groups.len(), groups.is_empty()));
    let rows = groups.iter().map(|group| {
        let keys = group.values().map(|(_, value)| value.to_owned()).collect();
        let row = [group.currency, group.outcome, group.reason].map(str::to_owned);
        let amounts = [&group.list_amount, &group.potential, &group.credit].map(Amount::to_string);
        (keys, row, group.lines, amounts)
    });
    let rows: Vec<Row> = rows.collect();
    // A stretch begins anywhere.
    let middle = rows.len() / 3..rows.len() * 2 / 3;
    let lines: Vec<u64> = groups.range(middle.clone()).map(|group| group.lines).collect();
    assert_eq!(lines, rows[middle].iter().map(|row| row.2).collect::<Vec<_>>());
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn groups_are_the_sums_of_their_lines_in_the_order_of_their_keys(
        numbers in prop::collection::vec(prop::collection::vec(0_usize..3, 15), 0..60),
        by in prop::sample::subsequence(GroupKey::ALL.to_vec(), 1..6).prop_shuffle(),
        cut in any::<prop::sample::Index>(),
    ) {
        let calculator = calculator();
        let lines: Vec<UsageLine> = numbers.iter().map(|numbers| line(numbers)).collect();
        let cut = cut.index(lines.len() + 1);
        prop_assert_eq!(found(&lines, &by, &calculator, cut), expected(&lines, &by, &calculator));
    }
}

/// Places of values are put together in 64 bits, in 128, or one behind the other.
#[test]
fn groups_are_in_order_however_many_keys_there_are() {
    let calculator = calculator();
    let numbers = |at: usize| Vec::from_iter((0..15).map(|place| at * (place * 7 + 3) % 1201));
    let lines: Vec<UsageLine> = (0..2000).map(|at| line(&numbers(at))).collect();
    for count in 1..=GroupKey::ALL.len() {
        let by = &GroupKey::ALL[..count];
        assert_eq!(found(&lines, by, &calculator, 700), expected(&lines, by, &calculator), "{count} keys");
    }
}

/// Of one kind, and more than few.
#[test]
fn many_groups_by_one_key_are_in_order() {
    let calculator = calculator();
    let lines: Vec<UsageLine> =
        (0..2500).map(|at| line(&[0, 0, at * 7 % 2500, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])).collect();
    let by = [GroupKey::ResourceGroup];
    assert!(found(&lines, &by, &calculator, 700) == expected(&lines, &by, &calculator));
}

/// Days are put in order each for itself, and then by what stands before the day.
#[test]
fn many_groups_are_in_order_wherever_the_day_stands() {
    let calculator = calculator();
    let numbers = |at: usize| [at * 5 % 3, 0, at * 7 % 50, 0, 0, 0, 0, 0, 0, at * 11 % 61, 0, 0, 0, 0, 0];
    let lines: Vec<UsageLine> = (0..8000).map(|at| line(&numbers(at))).collect();
    let (day, group, meter) = (GroupKey::Date, GroupKey::ResourceGroup, GroupKey::Meter);
    for by in [[day, group, meter], [group, day, meter], [group, meter, day]] {
        let expected = expected(&lines, &by, &calculator);
        assert!(expected.len() > 7000 && found(&lines, &by, &calculator, 700) == expected, "{by:?}");
    }
}

#[test]
fn without_usage_there_is_no_group() {
    assert_eq!(found(&[], &[GroupKey::Date], &calculator(), 0), []);
}

/// The group that a line names goes before the one that its resource stands in.
#[test]
fn a_resource_group_is_the_lines_own_or_its_resources() {
    let value = |group: &str, resource: &str| {
        let mut own = line(&[0; 15]);
        own.resource_group = group.to_owned();
        own.resource_id = resource.to_owned();
        found(&[own], &[GroupKey::ResourceGroup], &calculator(), 1)[0].0[0].clone()
    };
    let stands = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000000/resourceGroups/There/providers/x/y/z";
    assert_eq!(value(" Named ", stands), "named");
    assert_eq!([value("", stands), value(" ", stands)], ["there", "there"]);
    assert_eq!([value("Named", ""), value("", "")], ["named", ""]);
}

#[test]
fn a_key_is_read_as_it_is_written() {
    for key in GroupKey::ALL {
        assert_eq!(key.to_string().parse::<GroupKey>().as_ref(), Ok(key));
    }
}
