//! Changes as people write them.

use azure_pec::{AccessHistory, Calculator, Change, ChangeSpec, Grant, Observed, SpecText};
use serde_json::{Value, json};

use crate::world::*;

fn world() -> World {
    World::of(vec![grant("known", &json!({}))])
}

fn spec(text: &str) -> SpecText {
    text.parse().unwrap()
}

fn granted_by(calculator: &Calculator, text: SpecText) -> Grant {
    match calculator.changes(&[ChangeSpec::Grant(text)]).unwrap().remove(0) {
        Change::AddGrant { grant } => *grant,
        other => panic!("{other:?}"),
    }
}

fn granted(text: &str) -> Grant {
    granted_by(&world().calculator(), spec(text))
}

/// The code and the words of what is wrong.
fn refused(spec: ChangeSpec) -> (String, String) {
    let error = world().calculator().changes(&[spec]).unwrap_err();
    (error.code().to_owned(), error.to_string())
}

fn usual(more: &str) -> String {
    format!("role=Owner,scope={SUBSCRIPTION}{more}")
}

#[test]
fn a_grant_that_is_told_in_short_is_our_admins_since_ever() {
    let short = granted(&usual(""));
    let expected: Grant = read(json!({
        "id": "what-if-1", "path": "aobo", "scope": SUBSCRIPTION, "role_id": OWNER, "principal_id": OUR_GROUP,
        "principal_kind": "ForeignGroup", "partner_id": "1",
    }));
    assert_eq!(short, expected);
    let nobody = World { partner: None, ..world() };
    let short = granted_by(&nobody.calculator(), spec(&usual("")));
    assert_eq!(short.principal_id.to_string(), "00000000-0000-0000-0000-000000000000");
}

#[test]
fn a_grant_is_what_each_key_says() {
    let long = granted(&usual(&format!(
        " , path=directory,start=2026-10-01,end=2026-10-02T00:00:00Z,id=mine,principal={UNLINKED},partner=7,\
         tenant={THEIR_TENANT},eligible_only=true,condition=one, and=two"
    )));
    let expected: Grant = read(json!({
        "id": "mine", "path": "directory", "scope": SUBSCRIPTION, "role_id": OWNER, "principal_id": UNLINKED,
        "partner_id": "7", "tenant_id": THEIR_TENANT, "eligible_only": true, "condition": "one, and=two",
        "start": "2026-10-01T00:00:00Z", "end": "2026-10-02T00:00:00Z",
    }));
    assert_eq!(long, expected);
    // Whose a principal is that is named, the partner data says.
    let named = granted(&usual(&format!(",principal={UNLINKED}")));
    assert_eq!((named.partner_id, named.principal_kind.as_deref()), (None, Some("ForeignGroup")));
    for path in ["aobo", "lighthouse_offer", "lighthouse_template", "directory"] {
        let one = granted(&usual(&format!(",path={path}")));
        assert_eq!(serde_json::to_value(one.path).unwrap(), json!(path));
        assert_eq!(one.principal_kind.is_some(), path == "aobo");
    }
    let not = granted(&usual(",eligible_only=false"));
    assert!(!not.eligible_only);
}

#[test]
fn roles_are_known_by_name_or_id() {
    let role = |text: &str| granted(&format!("scope=/,role={text}")).role_id.to_string();
    assert_eq!(role("oWNER"), OWNER);
    assert_eq!(role(" Monitoring Contributor "), MONITORING);
    assert_eq!(role(UNLISTED), UNLISTED);
    let defined = read(json!({"role_id": UNLISTED, "name": "Ours alone", "custom": true, "permissions": []}));
    let access =
        AccessHistory { observed: Observed::Complete, roles: vec![defined], ..AccessHistory::default() };
    let calculator = Calculator::builder().access(access).build().unwrap();
    assert_eq!(calculator.role(" ours ALONE").unwrap().to_string(), UNLISTED);
    let (code, _) = refused(ChangeSpec::Grant(spec("role=Nobody,scope=/")));
    assert_eq!(code, "id.invalid");
}

#[test]
fn a_grant_is_in_the_tenant_that_is_known_of_its_subscription() {
    let tenant = |world: &World, text: &str| {
        granted_by(&world.calculator(), spec(text)).tenant_id.map(|tenant| tenant.to_string())
    };
    let (theirs, ours) = (Some(THEIR_TENANT.to_owned()), Some(OUR_TENANT.to_owned()));
    assert_eq!(tenant(&world(), &usual("")), None);
    let under = |child: &str| {
        read(json!({"tenant_id": THEIR_TENANT, "child": child,
            "parent": "/providers/Microsoft.Management/managementGroups/mg"}))
    };
    let placed = World { hierarchy: vec![under(SUBSCRIPTION)], ..world() };
    assert_eq!(tenant(&placed, &usual("")), theirs);
    assert_eq!(tenant(&placed, &format!("role=Owner,scope={OTHER_SUBSCRIPTION}")), None);
    assert_eq!(tenant(&placed, "role=Owner,scope=/"), None);
    // The partner file goes before the hierarchy, and what is said before both.
    let customers = json!([{"customer_id": OUR_TENANT, "subscriptions": [SUBSCRIPTION_ID]}]);
    let filed = World { partner: Some(partner(&json!({"customers": customers}))), ..world() };
    assert_eq!(tenant(&filed, &usual("")), ours);
    assert_eq!(tenant(&filed, &usual(&format!(",tenant={THEIR_TENANT}"))), theirs);
}

/// Each change is told with those before it in mind.
#[test]
fn ids_are_ones_that_no_grant_has() {
    let many = [usual(""), usual(",id=what-if-3"), usual(""), usual("")];
    let specs: Vec<ChangeSpec> = many.iter().map(|text| ChangeSpec::Grant(spec(text))).collect();
    let changes = world().calculator().changes(&specs).unwrap();
    let id = |change: &Change| match change {
        Change::AddGrant { grant } => grant.id.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        changes.iter().map(id).collect::<Vec<_>>(),
        ["what-if-1", "what-if-3", "what-if-2", "what-if-4"]
    );
    let (code, _) = refused(ChangeSpec::Grant(spec(&usual(",id=known"))));
    assert_eq!(code, "id.invalid");
}

#[test]
fn a_change_that_cannot_be_meant_is_refused() {
    let keys = "its keys are role, scope, path, start, end, id, principal, partner, tenant, eligible_only, condition";
    let grant = |text: &str| ChangeSpec::Grant(spec(text));
    for (spec, problem) in [
        (grant("colour=red,role=Owner"), format!("a grant has no key \"colour\"; {keys}")),
        (grant(&usual(",role=Reader")), "a grant names role twice".to_owned()),
        (grant("role=,scope=/"), "a grant leaves role empty".to_owned()),
        (grant("role=Owner"), format!("a grant needs scope; {keys}")),
        (grant("scope=/"), format!("a grant needs role; {keys}")),
        // A key of another change is one, and none of a grant.
        (grant(&usual(",at=2026-10-01")), format!("a grant has no key \"at\"; {keys}")),
        (grant(&usual(",eligible_only=yes")), "eligible_only is true or false, found \"yes\"".to_owned()),
        (ChangeSpec::Revoke(spec("at=2026-10-01")), "a revocation needs id; its keys are id, at".to_owned()),
        (ChangeSpec::Set(spec("id=1,at=2")), "a policy is set as key=value".to_owned()),
        (
            ChangeSpec::Transfer(spec("at=2026-10-01")),
            "a transfer needs subscription; its keys are subscription, at, to, from".to_owned(),
        ),
    ] {
        let (code, words) = refused(spec);
        assert_eq!(code, "usage.arguments");
        assert!(words.contains(&problem), "{words}: {problem}");
    }
    for text in ["", "Owner", "Owner,role=Owner"] {
        let error = text.parse::<SpecText>().unwrap_err();
        assert_eq!(error.code(), "usage.arguments", "{text}");
        assert!(
            error.to_string().contains(&format!("expected key=value with commas between, found {text:?}"))
        );
    }
    let (code, words) = refused(grant(&usual(",path=by air")));
    assert!(code == "id.invalid" && words.contains("by air"), "{code} {words}");
    for times in [",start=2026-10-02,end=2026-10-01", ",start=2026-10-01,end=2026-10-01"] {
        assert_eq!(refused(grant(&usual(times))).0, "grant.inverted", "{times}");
    }
}

#[test]
fn changes_may_be_given_as_objects() {
    let object =
        json!({"role": "Owner", "scope": SUBSCRIPTION, "eligible_only": true, "end": null, "id": "mine"});
    let own = granted_by(&world().calculator(), read(object));
    assert_eq!(own, granted(&usual(",eligible_only=true,id=mine")));
    let text = granted_by(&world().calculator(), read(json!(usual(",id=mine"))));
    assert_eq!(text, granted(&usual(",id=mine")));
    assert!(serde_json::from_value::<SpecText>(json!("none")).is_err());
}

#[test]
fn revocations_and_policies_are_what_they_say() {
    let told = |specs: &[ChangeSpec]| -> Value {
        serde_json::to_value(world().calculator().changes(specs).unwrap()).unwrap()
    };
    let revoked = told(&[ChangeSpec::Revoke(spec("id=known,at=2026-10-02"))]);
    assert_eq!(revoked, json!([{"change": "revoke", "grant_id": "known", "at": "2026-10-02T00:00:00Z"}]));
    let gone = told(&[ChangeSpec::Revoke(spec("id=known"))]);
    assert_eq!(gone, json!([{"change": "revoke", "grant_id": "known"}]));
    let set = told(&[ChangeSpec::Set(SpecText::pair("price-source", "list"))]);
    assert_eq!(set, json!([{"change": "set_policy", "key": "price_source", "value": "list"}]));
    let first = ChangeSpec::Revoke(spec("id=known"));
    let twice = world().calculator().changes(&[first.clone(), first]).unwrap_err();
    assert_eq!(twice.code(), "id.invalid");
}

/// Who leaves us is ours before; who comes to us comes from nobody that we know.
#[test]
fn a_transfer_is_to_us_unless_it_says_to_whom() {
    let told = |words: &str| {
        let spec = ChangeSpec::Transfer(spec(&format!("at=2026-10-05{words}")));
        serde_json::to_value(world().calculator().changes(&[spec]).unwrap()).unwrap()
    };
    let transfer = |from: Option<&str>, to: &str| {
        let one = json!({"subscription_id": SUBSCRIPTION_ID, "at": "2026-10-05T00:00:00Z", "from_partner": from,
            "to_partner": to});
        json!([{"change": "transfers", "subscription_id": SUBSCRIPTION_ID, "transfers": [one]}])
    };
    for place in [SUBSCRIPTION, SUBSCRIPTION_ID, MACHINE] {
        assert_eq!(told(&format!(",subscription={place}")), transfer(None, "1"));
    }
    let own = format!(",subscription={SUBSCRIPTION_ID}");
    assert_eq!(told(&format!("{own},to=7")), transfer(Some("1"), "7"));
    assert_eq!(told(&format!("{own},to=7,from=8")), transfer(Some("8"), "7"));
    assert_eq!(told(&format!("{own},from=8")), transfer(Some("8"), "1"));
    for place in ["/", "/providers/Microsoft.Management/managementGroups/mg", "nowhere"] {
        let spec = ChangeSpec::Transfer(spec(&format!("at=2026-10-05,subscription={place}")));
        assert_eq!(refused(spec).0, "id.invalid", "{place}");
    }
}
