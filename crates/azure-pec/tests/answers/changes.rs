//! Changes that are made and taken back.

use azure_pec::{AccessHistory, Calculator, Change, Grant, Instant, Period};
use serde_json::{Value, json};

use crate::world::*;

fn moment(text: &str) -> Instant {
    text.parse().unwrap()
}

/// Each span in short.
fn spans(history: &AccessHistory) -> Vec<Value> {
    let short = |grant: &Grant| json!([grant.id, grant.start, grant.end, grant.end_latest]);
    history.grants.iter().map(short).collect()
}

fn revoke(id: &str, at: Option<&str>) -> Change {
    Change::Revoke { grant_id: id.to_owned(), at: at.map(moment) }
}

/// The spans of the assignment `g`.
fn held(calculator: &Calculator) -> Vec<Grant> {
    calculator.access_history().grants.iter().filter(|grant| grant.id == "g").cloned().collect()
}

/// Two spans of one assignment, and another that no change names.
fn held_twice() -> World {
    let first = json!({"start": "2026-10-01T00:00:00Z", "end": "2026-10-05T00:00:00Z", "end_latest": "2026-10-05T12:00:00Z"});
    World::of(vec![
        grant("g", &first),
        grant("g", &json!({"start": "2026-10-10T00:00:00Z"})),
        grant("other", &json!({"start": "2026-10-10T00:00:00Z"})),
    ])
}

#[test]
fn a_revocation_ends_what_is_held_and_takes_away_what_comes_later() {
    let calculator = held_twice().calculator();
    let after = |at: Option<&str>| spans(calculator.with(&[revoke("g", at)]).unwrap().access_history());
    let [first, second, other] = <[Value; 3]>::try_from(spans(calculator.access_history())).unwrap();
    let until = |span: &Value, at: &str| json!(["g", span[1], at, null]);
    assert_eq!(after(None), std::slice::from_ref(&other));
    let at = "2026-10-02T00:00:00Z";
    assert_eq!(after(Some(at)), [until(&first, at), other.clone()]);
    let at = "2026-10-12T00:00:00Z";
    assert_eq!(after(Some(at)), [first.clone(), until(&second, at), other.clone()]);
    // At the moment at which a span begins it never came to be.
    assert_eq!(after(Some("2026-10-10T00:00:00Z")), [first, other]);
    // Nor may an earlier span have been held beyond it.
    let mut again = held_twice();
    again.grants[1] = grant("g", &json!({"start": "2026-10-05T00:00:00Z"}));
    let calculator_of_both = again.calculator();
    let ends = |at: &str| {
        let changed = calculator_of_both.with(&[revoke("g", Some(at))]).unwrap();
        held(&changed).iter().map(|grant| [grant.end, grant.end_latest]).collect::<Vec<_>>()
    };
    let first_end = Some(moment("2026-10-05T00:00:00Z"));
    assert_eq!(ends("2026-10-05T00:00:00Z"), [[first_end, None]]);
    let at = Some(moment("2026-10-05T06:00:00Z"));
    assert_eq!(ends("2026-10-05T06:00:00Z"), [[first_end, at], [at, None]]);
    let later = Some(moment("2026-10-05T18:00:00Z"));
    let latest = Some(moment("2026-10-05T12:00:00Z"));
    assert_eq!(ends("2026-10-05T18:00:00Z"), [[first_end, latest], [later, None]]);
    // One that may have begun before the moment may have been held until then, and surely never was.
    again.grants[1] = grant(
        "g",
        &json!({"start": "2026-10-05T00:00:00Z", "start_earliest": "2026-10-04T00:00:00Z", "end": "2026-10-06T00:00:00Z"}),
    );
    let before = again.calculator().with(&[revoke("g", Some("2026-10-04T06:00:00Z"))]).unwrap();
    let [first, maybe] = <[Grant; 2]>::try_from(held(&before)).unwrap();
    let [at, earliest] = [Some(moment("2026-10-04T06:00:00Z")), Some(moment("2026-10-04T00:00:00Z"))];
    assert_eq!((first.end, first.end_latest), (at, None));
    assert_eq!((maybe.start, maybe.start_earliest, maybe.end, maybe.end_latest), (at, earliest, at, None));
    let before = again.calculator().with(&[revoke("g", Some("2026-10-04T00:00:00Z"))]).unwrap();
    assert_eq!(held(&before).len(), 1);
    for (id, at) in [("g", Some("2026-10-07T00:00:00Z")), ("nobody", None)] {
        assert!(calculator.with(&[revoke(id, at)]).is_err(), "{id}");
    }
}

/// Whoever the partner file says that a principal is; else it is ours.
#[test]
fn a_link_is_whose_the_principal_is() {
    let link = |principal: &str, partner| {
        let change = json!({"change": "link", "principal_id": principal, "tenant_id": null, "start": DAY_START,
            "end": DAY_END});
        let world = World { partner, ..World::default() };
        let changed = world.calculator().with(&[read(change)]).unwrap();
        changed.access_history().links[0].partner_id.to_string()
    };
    let file = || Some(partner(&json!({})));
    let theirs = Some(partner(&json!({"principals": [{"principal_id": UNLINKED, "partner_id": "7"}]})));
    assert_eq!([link(OTHER_GROUP, file()), link(OUR_GROUP, file())], ["7", "1"]);
    assert_eq!([link(UNLINKED, file()), link(UNLINKED, theirs)], ["1", "7"]);
    assert_eq!(link(UNLINKED, Some(partner(&json!({"principals": null})))), "1");
}

#[test]
fn what_was_changed_is_as_it_was_when_it_is_taken_back() {
    let eligible = grant("eligible", &json!({"eligible_only": true}));
    let proven = grant("maybe", &json!({"start": DAY_START, "start_earliest": "2026-10-10T00:00:00Z"}));
    let world = held_twice();
    let world = World { grants: [world.grants.clone(), vec![eligible, proven]].concat(), ..world };
    let calculator = world.calculator();
    let named = |id: &str| id.to_owned();
    let changes = [
        revoke("g", None),
        revoke("g", Some("2026-10-12T00:00:00Z")),
        Change::MakePermanent { grant_id: named("eligible") },
        Change::Prove { grant_id: named("maybe") },
        Change::AddGrant { grant: Box::new(grant("g", &json!({}))) },
        Change::SetPolicy { key: named("day"), value: named("any") },
        Change::SetPolicy { key: named("deny"), value: named("ignore") },
    ];
    for change in changes {
        let changed = calculator.with(std::slice::from_ref(&change)).unwrap();
        let undone = changed.with(&calculator.undo(std::slice::from_ref(&change)).unwrap().unwrap()).unwrap();
        let told = |of: &Calculator| {
            let mut grants = of.access_history().grants.clone();
            grants.sort_by_key(|grant| (grant.id.clone(), grant.start));
            (serde_json::to_value(grants).unwrap(), of.policy().entries())
        };
        assert_ne!(told(&changed), told(&calculator), "{change:?}");
        assert_eq!(told(&undone), told(&calculator), "{change:?}");
    }
    let shown = Change::LiftDeny { deny_id: named("d") };
    assert!(calculator.undo(&[shown]).unwrap().is_none());
}

/// Of a month that is still open any of its days may come.
#[test]
fn a_change_that_no_day_of_the_usage_tells_of_is_refused() {
    let calculator = held_twice().calculator();
    let october = |number: u32| day(&format!("2026-10-{number:02}"));
    let period = Period { first: Some(october(5)), last: Some(october(8)) };
    let refused = |change: Change, forecast| calculator.check_within(&[change], &period, forecast).is_err();
    let at = |number: u32| revoke("g", Some(&format!("2026-10-{number:02}T00:00:00Z")));
    assert_eq!([refused(at(1), false), refused(at(8), false), refused(at(9), false)], [false, false, true]);
    assert_eq!([refused(at(9), true), refused(revoke("g", None), false)], [false; 2]);
    let held = |number: u32| {
        let span = json!({"start": "2026-10-01T00:00:00Z", "end": format!("2026-10-{number:02}T00:00:00Z")});
        Change::AddGrant { grant: Box::new(grant("new", &span)) }
    };
    assert_eq!([refused(held(5), false), refused(held(6), false)], [true, false]);
}
