//! What documents tell beside their sums: notes and what they are counted by, and changes as they are meant.
#![expect(clippy::unwrap_used, reason = "a test may stop where it is wrong")]

use azure_pec::{
    AccessHistory, Amount, Calculator, Change, ChangeSpec, Day, GroupKey, Partner, Reconciliation, Statement,
    StatementDifference, UsageBatch, UsageLine,
};

const SUBSCRIPTION: &str = "aaaaaaaa-0000-0000-0000-000000000001";

fn line(charge_type: &str) -> UsageLine {
    let mut line = UsageLine::new("2026-10-30".parse::<Day>().unwrap(), Amount::ONE);
    line.resource_id = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/x/y/z");
    line.charge_type = charge_type.to_owned();
    line.list_price = Some("2.5".parse().unwrap());
    line
}

fn statement(calculator: &Calculator, lines: &[UsageLine]) -> Statement {
    let mut batch = UsageBatch::new();
    lines.iter().for_each(|line| batch.push_line(line, 1));
    let mut statement = Statement::new(&[GroupKey::Date, GroupKey::Subscription]);
    statement.add(&batch, &calculator.credit_batch(&batch));
    statement
}

#[test]
fn equal_notes_are_counted_wherever_they_come_from() {
    let calculator = Calculator::builder().build().unwrap();
    let mut one = statement(&calculator, &[]);
    one.note_times("rejects.allowed", "left out", 2);
    one.note_times("rejects.allowed", "left out", 3);
    one.note_times("rejects.allowed", "of nothing", 0);
    one.note("rejects.allowed", "something else");
    let mut other = statement(&calculator, &[]);
    other.note_times("rejects.allowed", "left out", 4);
    one.merge(other).unwrap();
    let counts = |warnings: &[azure_pec::Warning]| -> Vec<(String, u64)> {
        let own = warnings.iter().filter(|warning| warning.code == "rejects.allowed");
        own.map(|warning| (warning.message.clone(), warning.count)).collect()
    };
    let expected = [("left out".to_owned(), 9), ("something else".to_owned(), 1)];
    assert_eq!(counts(&one.body(&calculator).warnings), expected);

    let mut one = Reconciliation::new(false);
    one.note("rejects.allowed", "left out", 2);
    one.note("rejects.allowed", "left out", 3);
    one.note("rejects.allowed", "something else", 1);
    let mut other = Reconciliation::new(false);
    other.note("rejects.allowed", "left out", 4);
    one.merge(other).unwrap();
    assert_eq!(counts(&one.finish(&calculator).warnings), expected);
}

/// Without a price list third parties' products are not told from Microsoft's: in lines that are judged by nothing before.
#[test]
fn lines_that_no_list_tells_of_are_those_that_come_so_far() {
    let calculator = Calculator::builder().build().unwrap();
    let mut spot = line("Usage");
    spot.pricing_model = "Spot".to_owned();
    let lines = [line("Usage"), line("Usage"), line("Purchase"), spot];
    let body = statement(&calculator, &lines).body(&calculator);
    let warning = body.warnings.iter().find(|warning| warning.code == "price.no_list").unwrap();
    assert_eq!(warning.count, 2);
    assert!(warning.message.contains("in 5 USD"), "{}", warning.message);
}

#[test]
fn what_differs_is_not_nothing() {
    let calculator = Calculator::builder().build().unwrap();
    let one = statement(&calculator, &[line("Usage")]).body(&calculator);
    let two = statement(&calculator, &[line("Usage"), line("Usage")]).body(&calculator);
    assert!(StatementDifference::new(&one, &one).is_nothing());
    assert!(!StatementDifference::new(&one, &two).is_nothing());
}

/// A transfer that says when or to whom is that one; only one that says nothing is what the partner file tells.
#[test]
fn a_transfer_is_the_one_that_is_told_before_those_of_the_file() {
    let partner: Partner = serde_json::from_value(serde_json::json!({
        "schema": "azure-pec/partner/1",
        "bill_to": {"partner_id": "1"},
        "transfers": [{"subscription_id": SUBSCRIPTION, "at": "2026-09-01T00:00:00Z", "to_partner": "1"}],
    }))
    .unwrap();
    let calculator = Calculator::builder().partner(partner).build().unwrap();
    let told = |words: &str| {
        let spec = ChangeSpec::Transfer(format!("subscription={SUBSCRIPTION}{words}").parse().unwrap());
        let changes = calculator.changes(&[spec]).unwrap();
        let [Change::Transfers { transfers, .. }] = changes.as_slice() else { panic!("{changes:?}") };
        let ends = transfers.iter().map(|one| (one.at.to_string(), one.to_partner.to_string()));
        ends.collect::<Vec<_>>()
    };
    let pair = |at: &str, to: &str| vec![(at.to_owned(), to.to_owned())];
    assert_eq!(told(""), pair("2026-09-01T00:00:00Z", "1"));
    assert_eq!(told(",at=2026-10-05T00:00:00Z"), pair("2026-10-05T00:00:00Z", "1"));
    assert_eq!(told(",at=2026-10-05T00:00:00Z,to=7"), pair("2026-10-05T00:00:00Z", "7"));
    let lacks_when = ChangeSpec::Transfer(format!("subscription={SUBSCRIPTION},to=7").parse().unwrap());
    assert_eq!(calculator.changes(&[lacks_when]).unwrap_err().code(), "usage.arguments");
}

/// A subscription has one parent at a time, and is in one tenant.
#[test]
fn a_subscription_under_one_group_of_two_tenants_has_two_parents() {
    let under = |tenant: &str, group: &str, start: &str, end: Option<&str>| {
        serde_json::json!({
            "tenant_id": format!("cccccccc-0000-0000-0000-00000000000{tenant}"),
            "child": format!("/subscriptions/{SUBSCRIPTION}"),
            "parent": format!("/providers/Microsoft.Management/managementGroups/{group}"),
            "start": start, "end": end,
        })
    };
    let (first, second) = ("2026-10-01T00:00:00Z", "2026-10-05T00:00:00Z");
    for (one, other, is_refused) in [
        (under("1", "mg", first, None), under("2", "mg", second, None), true),
        (under("1", "mg", first, None), under("2", "other", second, None), true),
        (under("1", "mg", first, Some(second)), under("2", "mg", second, None), false),
        (under("1", "mg", first, None), under("1", "mg", second, None), false),
    ] {
        let hierarchy = serde_json::from_value(serde_json::json!([one, other])).unwrap();
        let access = AccessHistory { hierarchy, ..AccessHistory::default() };
        let built = Calculator::builder().access(access).build();
        let code = built.err().map(|error| error.code());
        assert_eq!(code, is_refused.then_some("hierarchy.two_parents"), "{one} {other}");
    }
}
