//! Subscriptions that move, and the month that is still open.

use azure_pec::{Calculator, Day, Forecast, Observed, Transfer, TransferCheck, UsageLine, Workload};
use serde_json::{Value, json};

use crate::fixes::{body, on, workload};
use crate::world::*;

fn transfer(at: &str, from: Option<&str>, to: &str) -> Transfer {
    read(json!({"subscription_id": SUBSCRIPTION_ID, "at": at, "from_partner": from, "to_partner": to}))
}

/// A world in whose partner file the move stands.
fn moving(world: World, transfer: &Transfer) -> World {
    let transfers = json!([serde_json::to_value(transfer).unwrap()]);
    World { partner: Some(partner(&json!({"transfers": transfers}))), ..world }
}

/// Each move begins where the one before it ended; one that is told twice is one.
#[test]
fn moves_of_a_subscription_follow_each_other() {
    let built = |transfers: &[Transfer]| {
        let told = partner(&json!({"transfers": transfers}));
        Calculator::builder().partner(told).build().map(|_| ()).map_err(|error| error.code().to_owned())
    };
    let day = |number: u32| format!("2026-10-{number:02}T00:00:00Z");
    let (away, back) = (transfer(&day(5), Some("1"), "2"), transfer(&day(9), Some("2"), "1"));
    assert_eq!(built(&[back.clone(), away.clone()]), Ok(()));
    assert_eq!(built(&[away.clone(), away.clone(), transfer(&day(9), None, "1")]), Ok(()));
    assert_eq!(
        built(&[away.clone(), transfer(&day(5), Some("1"), "3")]),
        Err("partner.duplicate".to_owned())
    );
    assert_eq!(built(&[away, transfer(&day(9), Some("3"), "1")]), Err("partner.conflict".to_owned()));
}

/// A day's usage at a price of a unit: ten units.
fn at_price(number: u32, price: &str) -> UsageLine {
    UsageLine { list_price: Some(amount(price)), ..on(number) }
}

fn checked(world: &World, lines: &[UsageLine], transfer: &Transfer, services: bool) -> TransferCheck {
    let calculator = moving(world.clone(), transfer).calculator();
    let backup =
        azure_pec::ServiceRole { service: "backup".to_owned(), role_id: CONTRIBUTOR.parse().unwrap() };
    let services: Vec<azure_pec::ServiceRole> = services.then_some(backup).into_iter().collect();
    let last = lines.iter().map(|line| line.date).max().unwrap();
    calculator.check_transfer(&workload(&calculator, lines), transfer, last, &services).unwrap()
}

fn json_of(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

fn sums(days: usize, earned: &str, missed: &str, unknown: &str, not_billed: &str) -> Value {
    json!([{"currency": "USD", "days": days, "earned": earned, "missed": missed, "unknown": unknown,
        "not_billed": not_billed}])
}

/// Two lines a day from the 20th to the 31st: 3 of credit a day, on the 30th 6.
fn usage() -> Vec<UsageLine> {
    let price = |number| if number == 30 { "2" } else { "1" };
    (20..=31).flat_map(|number| [at_price(number, price(number)), at_price(number, price(number))]).collect()
}

#[test]
fn a_subscription_that_comes_to_us_is_ours_from_the_day_of_its_last_tick() {
    let comes = transfer("2026-10-28T10:00:00Z", Some("7"), "1");
    let check = checked(&World::default(), &usage(), &comes, false);
    assert_eq!((json_of(check.moves), check.first_day), (json!("to_us"), day("2026-10-28")));
    assert_eq!(json_of(&check.before), sums(8, "0", "0", "0", "24"));
    assert_eq!(json_of(&check.after), sums(4, "0", "15", "0", "0"));
    let at_risk: Vec<(String, String, &str)> = check
        .days_at_risk
        .iter()
        .map(|row| (row.date.to_string(), row.potential.to_string(), row.reason.code()))
        .collect();
    let row = |date: &str, potential: &str| (date.to_owned(), potential.to_owned(), "access.none");
    assert_eq!(
        at_risk,
        [row("2026-10-28", "3"), row("2026-10-29", "3"), row("2026-10-30", "6"), row("2026-10-31", "3")]
    );
    let costs = |low: &str, high: &str| json!([{"currency": "USD", "costs": {"low": low, "high": high}}]);
    assert_eq!(json_of(&check.open_day), costs("3", "6"));
    // What to grant is told on the days of usage from then on.
    assert_eq!(check.grant_before.len(), 1);
    assert_eq!((check.grant_before[0].brings.to_string(), check.grant_before[0].left.len()), ("0".into(), 1));
    let served = checked(&World::default(), &usage(), &comes, true).grant_before.remove(0);
    assert_eq!(served.brings.to_string(), "15");
    assert_eq!(served.best[0].start.unwrap().to_string(), "2026-10-28T00:00:00Z");

    // With the access in place nothing is open; the days before stay another's.
    let held = World::of(vec![grant("g", &json!({}))]);
    let check = checked(&held, &usage(), &comes, true);
    assert_eq!(json_of(&check.after), sums(4, "15", "0", "0", "0"));
    assert_eq!(json_of(&check.before), sums(8, "0", "0", "0", "24"));
    assert!(check.days_at_risk.is_empty() && check.open_day.is_empty());
    assert!(check.grant_before[0].best.is_empty());
    // As it was last seen it goes on.
    let seen = World { observed: seen(&[(None, "2026-10-27T12:00:00Z")]), ..held };
    let check = checked(&seen, &usage(), &comes, false);
    assert_eq!(json_of(&check.after), sums(4, "0", "0", "15", "0"));
    assert_eq!(check.days_at_risk.len(), 4);
    assert!(check.open_day.is_empty());
}

/// Where no usage reaches so far, the first day costs what the last days did: a quiet one nothing, the greatest the most.
#[test]
fn a_day_to_come_costs_what_the_last_days_did() {
    let comes = transfer("2026-11-05T10:00:00Z", None, "1");
    // The 24th is more than seven days before the last.
    let mut lines = vec![at_price(24, "100"), at_price(25, "4"), at_price(26, "2"), at_price(31, "3")];
    let check = checked(&World::default(), &lines, &comes, true);
    let costs = |low: &str, high: &str| json!([{"currency": "USD", "costs": {"low": low, "high": high}}]);
    assert_eq!(json_of(&check.open_day), costs("0", "6"));
    assert!(check.after.is_empty());
    let told = &check.grant_before[0];
    assert_eq!((told.brings.to_string(), told.best.len()), ("6".to_owned(), 1));
    let span = [told.best[0].start, told.best[0].end].map(|at| at.unwrap().to_string());
    assert_eq!(span, ["2026-11-05T00:00:00Z", "2026-11-06T00:00:00Z"]);
    lines.extend((27..=30).map(|number| at_price(number, "2")));
    assert_eq!(json_of(&checked(&World::default(), &lines, &comes, true).open_day), costs("3", "6"));
    // Usage that began within the last days has no quiet days before.
    let begun = [at_price(30, "2"), at_price(31, "4")];
    assert_eq!(json_of(&checked(&World::default(), &begun, &comes, true).open_day), costs("3", "6"));
    // What else there is in other subscriptions is not this one's.
    let elsewhere = UsageLine { resource_id: OTHER_SUBSCRIPTION.to_owned(), ..on(31) };
    let check = checked(&World::default(), &[elsewhere], &comes, true);
    assert!(check.open_day.is_empty() && check.before.is_empty());
}

#[test]
fn a_subscription_that_leaves_us_needs_no_grant() {
    let leaves = transfer("2026-10-28T00:00:00Z", Some("1"), "7");
    let held = World::of(vec![grant("g", &json!({"start": "2026-10-22T00:00:00Z"}))]);
    let check = checked(&held, &usage(), &leaves, true);
    assert_eq!(json_of(check.moves), json!("from_us"));
    assert_eq!(json_of(&check.before), sums(8, "18", "6", "0", "0"));
    assert_eq!(json_of(&check.after), sums(4, "0", "0", "0", "15"));
    assert!(check.grant_before.is_empty() && check.days_at_risk.is_empty());
}

#[test]
fn which_way_a_subscription_moves_is_told_by_the_organisation() {
    let family = partner(&json!({"organisation": {"1": ["2"]}}));
    let world = World { partner: Some(family), ..World::default() };
    let moves = |world: &World, from: Option<&str>, to: &str| {
        let calculator = world.calculator();
        let one = transfer("2026-10-28T00:00:00Z", from, to);
        let lines = workload(&calculator, &[on(30)]);
        json_of(calculator.check_transfer(&lines, &one, day("2026-10-30"), &[]).unwrap().moves)
    };
    for (from, to, expected) in [
        (None, "1", "to_us"),
        (Some("7"), "2", "to_us"),
        (Some("1"), "7", "from_us"),
        (Some("2"), "7", "from_us"),
        (Some("1"), "2", "elsewhere"),
        (Some("7"), "8", "elsewhere"),
        (None, "8", "elsewhere"),
    ] {
        assert_eq!(moves(&world, from, to), json!(expected), "{from:?} {to}");
    }
    let nobody = World { partner: None, ..World::default() };
    assert_eq!(moves(&nobody, Some("7"), "1"), json!("elsewhere"));
}

#[test]
fn a_day_is_billed_by_whoever_is_at_its_end() {
    let first = |offset: &'static str, at: &str| {
        let world = World { policy: vec![("day_offset", offset)], ..World::default() };
        checked(&world, &[on(30)], &transfer(at, None, "1"), false).first_day.to_string()
    };
    for (offset, at, expected) in [
        ("+00:00", "2026-10-28T00:00:00Z", "2026-10-28"),
        ("+00:00", "2026-10-28T23:59:59.9999999Z", "2026-10-28"),
        ("+02:00", "2026-10-27T21:59:59.9999999Z", "2026-10-27"),
        ("+02:00", "2026-10-27T22:00:00Z", "2026-10-28"),
        ("+02:00", "2026-10-28T21:59:59.9999999Z", "2026-10-28"),
        ("-02:00", "2026-10-28T01:59:59.9999999Z", "2026-10-27"),
        ("-02:00", "2026-10-28T02:00:00Z", "2026-10-28"),
    ] {
        assert_eq!(first(offset, at), expected, "{offset} {at}");
    }
}

/// A line that names another partner's tenant is another's, whoever the partner file says is billed.
#[test]
fn lines_of_another_partners_tenant_stay_theirs() {
    let leaves = transfer("2026-10-28T00:00:00Z", Some("1"), "7");
    let of = |number, tenant: &str| UsageLine {
        partner_tenant_id: tenant.to_owned(),
        customer_id: THEIR_TENANT.to_owned(),
        ..at_price(number, "2")
    };
    let lines = [of(26, OUR_TENANT), of(26, THEIR_TENANT), of(27, THEIR_TENANT), of(28, OUR_TENANT)];
    let check = checked(&World::of(vec![grant("g", &json!({}))]), &lines, &leaves, false);
    assert_eq!(json_of(&check.before), sums(2, "3", "0", "0", "6"));
    assert_eq!(json_of(&check.after), sums(1, "0", "0", "0", "3"));
}

/// Days that one partner file gives away are ours again where another does not.
#[test]
fn days_that_are_given_away_are_judged_by_the_file_at_hand() {
    let world = World::of(vec![grant("g", &json!({}))]);
    let given = moving(world.clone(), &transfer("2026-10-20T00:00:00Z", Some("1"), "7")).calculator();
    let workload = workload(&given, &usage());
    let leaves = transfer("2026-10-30T00:00:00Z", Some("1"), "7");
    let at_hand = moving(world, &leaves).calculator();
    let check = at_hand.check_transfer(&workload, &leaves, day("2026-10-31"), &[]).unwrap();
    assert_eq!(json_of(&check.before), sums(10, "30", "0", "0", "0"));
    assert_eq!(json_of(&check.after), sums(2, "0", "0", "0", "9"));
}

fn forecast(world: &World, lines: &[UsageLine]) -> Forecast {
    let calculator = world.calculator();
    let body = body(&calculator, lines, &Workload::KEYS);
    calculator.forecast(&body, &Workload::new(&body, &calculator)).unwrap().unwrap()
}

fn range(low: &str, high: &str) -> Value {
    json!({"low": low, "high": high})
}

fn outcomes(earned: &Value, missed: &Value, unknown: &Value) -> Value {
    json!({"earned": earned, "missed": missed, "unknown": unknown})
}

/// From the 14th to the 20th: 3 of credit a day, on the 14th 6.
fn week() -> Vec<UsageLine> {
    (14..=20).map(|number| at_price(number, if number == 14 { "4" } else { "2" })).collect()
}

fn risks(told: &Forecast) -> Vec<(Value, String, String, u32, Value)> {
    let row = |one: &azure_pec::Risk| {
        (json_of(one.kind), one.id.clone(), one.says.clone(), one.days, json_of(&one.costs))
    };
    told.risks.iter().map(row).collect()
}

#[test]
fn days_to_come_use_what_the_last_seven_did() {
    let world = World::of(vec![grant("g", &json!({"end": "2026-10-25T00:00:00Z"}))]);
    let mut lines = week();
    lines.extend([at_price(13, "200"), at_price(1, "2"), UsageLine { date: day("2026-09-30"), ..line() }]);
    let told = forecast(&world, &lines);
    assert_eq!((told.month.as_str(), told.days_to_come), ("2026-10", 11));
    assert_eq!((told.known_to, told.last), (day("2026-10-20"), day("2026-10-31")));
    assert!(told.assumptions[0].contains("from 2026-10-14 to 2026-10-20"), "{:?}", told.assumptions);
    let money = json_of(&told.money);
    // 300 on the 13th, 3 on the 1st, 6 and six times 3.
    assert_eq!(money[0]["so_far"], json!({"earned": "327", "missed": "0", "unknown": "0"}));
    // From the 21st to the 24th, and from the 25th to the 31st.
    let none = || range("0", "0");
    assert_eq!(money[0]["to_come"], outcomes(&range("12", "24"), &range("21", "42"), &none()));
    assert_eq!(money[0]["month"], outcomes(&range("339", "351"), &range("21", "42"), &none()));
    assert_eq!(money[0]["at_risk"], range("21", "42"));
    let says = format!("Owner at {SUBSCRIPTION} ends at 2026-10-25T00:00:00Z");
    assert_eq!(risks(&told), [(json!("grant_ends"), "g".to_owned(), says, 7, range("21", "42"))]);
    // A day without usage is one of none.
    lines.retain(|line| line.date != day("2026-10-18"));
    assert_eq!(json_of(&forecast(&world, &lines).money)[0]["to_come"]["missed"], range("0", "42"));
}

#[test]
fn what_is_missed_or_unknown_stays_so() {
    let missed = json_of(&forecast(&World::default(), &week()).money);
    let none = || range("0", "0");
    assert_eq!(missed[0]["to_come"], outcomes(&none(), &range("33", "66"), &none()));
    assert_eq!(missed[0]["so_far"], json!({"earned": "0", "missed": "24", "unknown": "0"}));
    let unnamed = World {
        partner: Some(partner(&json!({"aobo_groups": null}))),
        ..World::of(vec![grant("g", &json!({}))])
    };
    let unknown = json_of(&forecast(&unnamed, &week()).money);
    assert_eq!(unknown[0]["to_come"], outcomes(&none(), &none(), &range("33", "66")));
    assert_eq!(unknown[0]["month"]["unknown"], range("57", "90"));
    // As it was last seen it goes on, whatever was seen before.
    let held = World::of(vec![grant("g", &json!({}))]);
    let ends = [(None, "2026-10-05T00:00:00Z"), (Some("2026-10-08T00:00:00Z"), "2026-10-20T12:00:00Z")];
    for windows in [&ends[..], &ends[1..]] {
        let told = forecast(&World { observed: seen(windows), ..held.clone() }, &week());
        assert_eq!(json_of(&told.money)[0]["to_come"]["earned"], range("33", "66"));
        assert!(told.risks.is_empty());
    }
    // Each place as it was itself seen last.
    let elsewhere = json!({"scope": OTHER_SUBSCRIPTION, "end": "2026-10-20T18:00:00Z"});
    let Observed::Windows(here) = seen(&[(None, "2026-10-20T12:00:00Z")]) else { panic!() };
    let both = Observed::Windows(here.into_iter().chain([read(elsewhere)]).collect());
    let told = forecast(&World { observed: both, ..held }, &week());
    assert_eq!(json_of(&told.money)[0]["to_come"]["earned"], range("33", "66"));
    // What was not seen between two looks is not known, though both are behind the newest day.
    let twice = [(None, "2026-10-20T12:00:00Z"), (Some("2026-10-24T00:00:00Z"), "2026-10-26T00:00:00Z")];
    let told = forecast(&World { observed: seen(&twice), ..World::default() }, &week());
    // From the 21st to the 23rd, and from the 24th to the 31st.
    assert_eq!(json_of(&told.money)[0]["to_come"], outcomes(&none(), &range("24", "48"), &range("9", "18")));
}

/// An end counts from the first moment behind the newest day on, and before the month does.
#[test]
fn only_ends_in_the_days_to_come_are_a_risk() {
    let ending = |end: &str| World::of(vec![grant("g", &json!({"end": end}))]);
    for (end, days) in [
        ("2026-10-20T12:00:00Z", None),
        ("2026-10-21T00:00:00Z", Some(11)),
        ("2026-10-31T23:59:59Z", Some(1)),
        ("2026-11-01T00:00:00Z", None),
    ] {
        let told = forecast(&ending(end), &week());
        assert_eq!(told.risks.iter().map(|one| one.days).next(), days, "{end}");
    }
    for (at, days) in [
        // It is gone already.
        ("2026-10-10T00:00:00Z", None),
        ("2026-10-21T00:00:00Z", Some(11)),
        ("2026-10-28T10:00:00Z", Some(4)),
        ("2026-10-31T23:59:59Z", Some(1)),
        ("2026-11-01T00:00:00Z", None),
    ] {
        let leaves = transfer(at, Some("1"), "7");
        let told = forecast(&moving(World::of(vec![grant("g", &json!({}))]), &leaves), &week());
        assert_eq!(told.risks.iter().map(|one| one.days).next(), days, "{at}");
        let at_risk = &json_of(&told.money)[0]["at_risk"];
        let days = i64::from(days.unwrap_or_default());
        assert_eq!(*at_risk, range(&(days * 3).to_string(), &(days * 6).to_string()), "{at}");
    }
    // Who comes to us takes nothing from us.
    for at in ["2026-10-28T10:00:00Z", "2026-11-01T00:00:00Z"] {
        let comes = transfer(at, Some("7"), "1");
        let told = forecast(&moving(World::of(vec![grant("g", &json!({}))]), &comes), &week());
        assert_eq!(risks(&told), [], "{at}");
        assert_eq!(json_of(&told.money)[0]["at_risk"], range("0", "0"), "{at}");
    }
    // Until it comes back: the 24th to the 27th are another's.
    let moves = json!([
        transfer("2026-10-24T00:00:00Z", Some("1"), "7"),
        transfer("2026-10-28T00:00:00Z", Some("7"), "1")
    ]);
    let away = World {
        partner: Some(partner(&json!({"transfers": moves}))),
        ..World::of(vec![grant("g", &json!({}))])
    };
    let told = forecast(&away, &week());
    assert_eq!(
        told.risks.iter().map(|one| (one.days, one.at.to_string())).collect::<Vec<_>>(),
        [(4, moves[0]["at"].as_str().unwrap().to_owned())]
    );
    assert_eq!(json_of(&told.money)[0]["at_risk"], range("12", "24"));
    // What the partner file says twice happens once.
    let leaves = transfer("2026-10-28T10:00:00Z", Some("1"), "7");
    let twice = partner(&json!({"transfers": [leaves, leaves]}));
    let told = forecast(&World { partner: Some(twice), ..away }, &week());
    assert_eq!(told.risks.iter().map(|one| one.days).collect::<Vec<_>>(), [4]);
}

/// Each risk is priced alone: what another takes anyway is not its.
#[test]
fn the_greatest_risk_comes_first() {
    let leaves = transfer("2026-10-28T10:00:00Z", Some("1"), "7");
    let machine = |name: &str, number, price| UsageLine {
        resource_id: format!("{SUBSCRIPTION}/resourceGroups/{name}"),
        ..at_price(number, price)
    };
    let scope = |name: &str| json!({"scope": format!("{SUBSCRIPTION}/resourceGroups/{name}")});
    let grants = vec![
        grant("a", &with(scope("a"), &json!({"end": "2026-10-25T00:00:00Z"}))),
        grant("b", &scope("b")),
        grant("c", &with(scope("c"), &json!({"end": "2026-10-27T00:00:00Z"}))),
    ];
    let lines: Vec<UsageLine> = (14..=20)
        .flat_map(|number| [machine("a", number, "2"), machine("b", number, "4"), machine("c", number, "1")])
        .collect();
    let told = forecast(&moving(World::of(grants), &leaves), &lines);
    let own: Vec<(Value, String, u32, String)> = risks(&told)
        .into_iter()
        .map(|(kind, id, _, days, costs)| (kind, id, days, costs["high"].to_string()))
        .collect();
    let row =
        |kind: &str, id: &str, days, high: &str| (json!(kind), id.to_owned(), days, format!("{high:?}"));
    let expected = [
        // The days from the 28th on, of what is still held then.
        row("transfer", SUBSCRIPTION_ID, 4, "24"),
        row("grant_ends", "a", 3, "9"),
        row("grant_ends", "c", 1, "1.5"),
    ];
    assert_eq!(own, expected);
    assert!(told.risks[0].says.contains("moves to 7 at 2026-10-28T10:00:00Z"), "{}", told.risks[0].says);
    // Together: seven days of a, four of b, five of c.
    assert_eq!(json_of(&told.money)[0]["at_risk"]["high"], json!("52.5"));
}

#[test]
fn a_month_ends_with_its_last_day() {
    for (known, last, days) in [
        ("2026-10-31", "2026-10-31", 0),
        ("2026-11-01", "2026-11-30", 29),
        ("2026-02-10", "2026-02-28", 18),
        ("2024-02-28", "2024-02-29", 1),
        ("2026-12-30", "2026-12-31", 1),
        ("2026-01-31", "2026-01-31", 0),
    ] {
        let told = forecast(&World::default(), &[UsageLine { date: day(known), ..line() }]);
        assert_eq!((told.last, told.days_to_come), (day(last), days), "{known}");
        assert_eq!(told.money.len(), 1);
    }
    let calculator = World::default().calculator();
    let nothing = body(&calculator, &[], &Workload::KEYS);
    assert!(calculator.forecast(&nothing, &Workload::new(&nothing, &calculator)).unwrap().is_none());
}

/// Each currency has its own money, also where nothing of it is to come.
#[test]
fn currencies_stay_apart() {
    let euros = |number| UsageLine { currency: "EUR".to_owned(), ..at_price(number, "10") };
    let pounds = UsageLine { currency: "GBP".to_owned(), ..at_price(2, "10") };
    let mut lines = week();
    lines.extend([euros(19), euros(20), pounds]);
    let told = forecast(&World::of(vec![grant("g", &json!({"end": "2026-10-30T00:00:00Z"}))]), &lines);
    let own: Vec<(String, Value, Value)> = told
        .money
        .iter()
        .map(|one| (one.currency.clone(), json_of(&one.to_come.earned), json_of(&one.at_risk)))
        .collect();
    let row = |code: &str, earned, at_risk| (code.to_owned(), earned, at_risk);
    let expected = [
        // On five of the last seven days there were none.
        row("EUR", range("0", "135"), range("0", "30")),
        row("GBP", range("0", "0"), range("0", "0")),
        row("USD", range("27", "54"), range("6", "12")),
    ];
    assert_eq!(own, expected);
    let ours: Vec<(&str, u32)> = told.risks.iter().map(|one| (one.currency.as_str(), one.days)).collect();
    assert_eq!(ours, [("EUR", 2), ("USD", 2)]);
    assert_eq!(told.known_to, Day::from_number(day("2026-10-20").number()));
}
