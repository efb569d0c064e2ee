//! The smallest change that makes a day earned, and what is said of grants that do not count.

use azure_pec::{Grant, Observed, UsageLine};
use serde_json::{Value, json};

use crate::world::*;

/// The reason of the access, what the remedy says, and its changes.
fn remedy_of(world: &World, context: &UsageLine, lines: &[UsageLine]) -> (String, Option<(String, Value)>) {
    let explained = world.explained(context, lines);
    let remedy = explained.remedy.map(|one| (one.says, serde_json::to_value(one.changes).unwrap()));
    (explained.access.reason.code().to_owned(), remedy)
}

fn remedy(world: &World) -> (String, String, Value) {
    let (reason, remedy) = remedy_of(world, &line(), &[]);
    let (says, changes) = remedy.unwrap();
    (reason, says, changes)
}

fn all_day() -> Value {
    json!({"start": DAY_START, "end": DAY_END})
}

/// A grant that is added, as far as is asked.
fn added<'c>(changes: &'c Value, keys: &[&str]) -> Vec<&'c Value> {
    keys.iter().map(|key| &changes[0]["grant"][key]).collect()
}

#[test]
fn what_is_only_eligible_is_made_permanent() {
    let world = World::of(vec![grant("e", &json!({"eligible_only": true}))]);
    let (reason, says, changes) = remedy(&world);
    assert_eq!(reason, "access.eligible_only");
    assert_eq!(says, format!("make the eligible assignment of Owner to {OUR_GROUP} permanent"));
    assert_eq!(changes, json!([{"change": "make_permanent", "grant_id": "e"}]));
}

/// What held on other days alone is no candidate, however well it would do.
#[test]
fn what_stands_over_another_day_is_not_mended() {
    let grants = vec![
        grant("before", &json!({"eligible_only": true, "end": DAY_START})),
        grant("after", &json!({"eligible_only": true, "start": DAY_END})),
        grant("reader", &json!({"role_id": READER})),
    ];
    let (reason, says, _) = remedy(&World::of(grants));
    assert_eq!(reason, "access.role_not_eligible");
    assert!(says.starts_with("assign an earning role"), "{says}");
}

/// The link is made in the tenant of the grant, else in the line's, the partner file's, the hierarchy's; for a template in our own.
#[test]
fn a_link_is_made_where_it_is_looked_for() {
    let link = |tenant: Option<&str>| {
        let tenant = tenant.map_or(Value::Null, |tenant| json!(tenant));
        let change = json!({"change": "link", "principal_id": UNLINKED, "tenant_id": tenant});
        json!([with(change, &all_day())])
    };
    let says = format!("link your partner id for {UNLINKED} (partner admin link)");
    let told = |world: &World, context: &UsageLine| {
        let (reason, remedy) = remedy_of(world, context, &[]);
        assert_eq!(reason, "access.pal_missing");
        let (own, changes) = remedy.unwrap();
        assert_eq!(own, says);
        changes
    };
    let world = World::of(vec![user("u", &json!({}))]);
    assert_eq!(told(&world, &line()), link(None));
    let named = UsageLine { customer_id: THEIR_TENANT.to_owned(), ..line() };
    assert_eq!(told(&world, &named), link(Some(THEIR_TENANT)));
    let dated = World::of(vec![user("u", &json!({"tenant_id": THEIR_TENANT}))]);
    assert_eq!(told(&dated, &named), link(Some(THEIR_TENANT)));
    let customers = json!([{"customer_id": THEIR_TENANT, "subscriptions": [SUBSCRIPTION_ID]}]);
    let filed = World { partner: Some(partner(&json!({"customers": customers}))), ..world.clone() };
    assert_eq!(told(&filed, &line()), link(Some(THEIR_TENANT)));
    let template = World::of(vec![user("u", &json!({"path": "lighthouse_template"}))]);
    assert_eq!(told(&template, &named), link(Some(OUR_TENANT)));

    let under = |tenant: Option<&str>, start: Option<&str>, end: Option<&str>| {
        read(json!({"tenant_id": tenant, "child": SUBSCRIPTION, "start": start, "end": end,
            "parent": "/providers/Microsoft.Management/managementGroups/mg"}))
    };
    let placed = |hierarchy| told(&World { hierarchy, ..world.clone() }, &line());
    let (before, after) = (Some("2026-09-01T00:00:00Z"), Some("2026-09-01T00:00:00Z"));
    assert_eq!(placed(vec![under(Some(THEIR_TENANT), None, None)]), link(Some(THEIR_TENANT)));
    // Without a tenant, and in one: the one.
    let one = vec![under(None, None, before), under(Some(THEIR_TENANT), after, None)];
    assert_eq!(placed(one), link(Some(THEIR_TENANT)));
    // In one tenant and then in another: in neither.
    let two = vec![under(Some(OUR_TENANT), None, before), under(Some(THEIR_TENANT), after, None)];
    assert_eq!(placed(two), link(None));
}

#[test]
fn who_is_not_known_is_to_be_named() {
    let unnamed = |key: &str| Some(partner(&json!({key: null})));
    for (world, principal, is_group) in [
        (
            World { partner: unnamed("aobo_groups"), ..World::of(vec![grant("g", &json!({}))]) },
            OUR_GROUP,
            true,
        ),
        (World { partner: unnamed("principals"), ..World::of(vec![user("u", &json!({}))]) }, UNLINKED, false),
    ] {
        let (reason, says, changes) = remedy(&world);
        assert_eq!(reason, "access.partner_unknown");
        assert_eq!(says, format!("name {principal} in the partner file, if it is yours"));
        let change =
            json!({"change": "name_principal", "principal_id": principal, "foreign_group": is_group});
        assert_eq!(changes, json!([change]));
    }
}

#[test]
fn a_role_that_does_not_earn_or_may_not_is_replaced_by_one_that_does() {
    for (role, reason) in [(READER, "access.role_not_eligible"), (UNLISTED, "access.role_unknown")] {
        let more = json!({"role_id": role, "condition": "c", "evidence": [{"file": "f", "record": "1"}]});
        let (own, says, changes) = remedy(&World::of(vec![grant("r", &more)]));
        assert_eq!(own, reason);
        let expected =
            format!("assign an earning role, such as Contributor, to {OUR_GROUP} at {SUBSCRIPTION}");
        assert_eq!(says, expected);
        assert_eq!(changes.as_array().unwrap().len(), 1);
        let keys = ["id", "role_id", "scope", "principal_id", "partner_id", "start", "end", "condition"];
        let expected =
            ["r-kept", CONTRIBUTOR, SUBSCRIPTION, OUR_GROUP, "1", DAY_START, DAY_END].map(|text| json!(text));
        let expected: Vec<&Value> = expected.iter().chain([&Value::Null]).collect();
        assert_eq!(added(&changes, &keys), expected);
        // What was read of the one that there is was not read of this one.
        assert_eq!(changes[0]["grant"].get("evidence"), None);
    }
}

/// The last that qualified is kept up; one that never did is not.
#[test]
fn what_was_held_last_is_held_on() {
    let grants = vec![
        grant("later", &json!({"role_id": CONTRIBUTOR, "scope": GROUP, "end": "2026-10-20T00:00:00Z"})),
        grant("sooner", &json!({"end": "2026-10-19T00:00:00Z"})),
        grant("theirs", &json!({"principal_id": OTHER_GROUP, "end": "2026-10-29T00:00:00Z"})),
    ];
    let (reason, says, changes) = remedy(&World::of(grants));
    assert_eq!(reason, "access.none");
    assert_eq!(
        says,
        format!("have Contributor held at {GROUP} by {OUR_GROUP} from {DAY_START} to {DAY_END}")
    );
    let expected = ["later-kept", CONTRIBUTOR, GROUP, OUR_GROUP, DAY_START, DAY_END];
    assert_eq!(added(&changes, &["id", "role_id", "scope", "principal_id", "start", "end"]), expected);
}

/// Our admins stand behind another's and our helpdesk in the file; where there is the helpdesk alone, it is to it.
#[test]
fn where_nothing_was_held_the_smallest_grant_is_new() {
    let (reason, says, changes) = remedy(&World::default());
    assert_eq!(reason, "access.none");
    assert_eq!(
        says,
        format!("have Contributor held at {MACHINE} by {OUR_GROUP} from {DAY_START} to {DAY_END}")
    );
    let expected = ["new", "aobo", CONTRIBUTOR, MACHINE, OUR_GROUP, "ForeignGroup", "1", DAY_START, DAY_END];
    let keys =
        ["id", "path", "role_id", "scope", "principal_id", "principal_kind", "partner_id", "start", "end"];
    assert_eq!(added(&changes, &keys), expected);
    let helpdesk = json!([{"principal_id": HELPDESK, "partner_id": "1", "group": "HelpdeskAgents"}]);
    let alone = World { partner: Some(partner(&json!({"aobo_groups": helpdesk}))), ..World::default() };
    let (_, _, changes) = remedy(&alone);
    assert_eq!(added(&changes, &["principal_id"]), [HELPDESK]);
    let nobody = World { partner: None, ..World::default() };
    let (_, _, changes) = remedy(&nobody);
    assert_eq!(added(&changes, &["principal_id"]), ["00000000-0000-0000-0000-000000000000"]);
}

#[test]
fn what_was_not_seen_is_to_be_shown() {
    let observe = with(json!({"change": "observe", "scope": SUBSCRIPTION}), &all_day());
    let noon = seen(&[(None, "2026-10-30T12:00:00Z")]);
    let held = World { observed: noon.clone(), ..World::of(vec![grant("g", &json!({}))]) };
    let (reason, says, changes) = remedy(&held);
    assert_eq!(reason, "access.unobserved");
    let expected = "give an access export or log that covers the day, and shows the access as it is known";
    assert_eq!((says.as_str(), changes), (expected, json!([observe])));
    // Neither held nor seen.
    let (_, says, changes) = remedy(&World { observed: noon, ..World::default() });
    assert!(says.ends_with(&format!("to {DAY_END}, and export the access after the day")), "{says}");
    assert_eq!((&changes[0]["change"], &changes[1]), (&json!("add_grant"), &observe));
    assert_eq!(changes.as_array().unwrap().len(), 2);
}

/// Only the denies over the day; those that may hold too where one of them makes the day unproven.
#[test]
fn denies_over_the_day_are_lifted() {
    let held = || World::of(vec![grant("g", &json!({}))]);
    let lifted = |ids: &[&str]| {
        let lift = |id: &&str| json!({"change": "lift_deny", "deny_id": id});
        Value::Array(ids.iter().map(lift).collect())
    };
    let yesterday = || deny("yesterday", &json!({"end": DAY_START}));
    let tomorrow = || deny("tomorrow", &json!({"start": DAY_END}));
    let sure = |id| deny(id, &json!({}));
    let evening = || {
        deny("evening", &json!({"start": "2026-11-05T00:00:00Z", "start_earliest": "2026-10-30T18:00:00Z"}))
    };
    for policy in ["unknown", "block"] {
        for (denies, says, ids) in [
            (vec![yesterday(), sure("d"), tomorrow()], "have the deny assignment d lifted", vec!["d"]),
            (vec![sure("d"), sure("e")], "have the deny assignment d, e lifted", vec!["d", "e"]),
            (
                vec![deny("d", &json!({"end": "2026-10-30T12:00:00Z"})), evening()],
                "have the deny assignment d, evening lifted",
                vec!["d", "evening"],
            ),
            (
                vec![yesterday(), evening()],
                "give an export that shows that the deny assignment evening did not hold",
                vec!["evening"],
            ),
        ] {
            let world = World { denies, policy: vec![("deny", policy)], ..held() };
            let (_, told, changes) = remedy(&world);
            assert_eq!((told.as_str(), changes), (says, lifted(&ids)), "{policy}");
        }
    }
}

/// Where one holds and another may, both have to go; where the one that holds is enough, it goes alone.
#[test]
fn a_deny_that_may_hold_is_lifted_with_the_one_that_does() {
    let sure = |more: &Value| deny("sure", more);
    let perhaps = |more: Value| {
        let bounds = json!({"start": "2026-11-05T00:00:00Z", "start_earliest": "2026-10-01T00:00:00Z"});
        deny("perhaps", &with(bounds, &more))
    };
    let lifted = |ids: &[&str]| {
        let lift = |id: &&str| json!({"change": "lift_deny", "deny_id": id});
        Value::Array(ids.iter().map(lift).collect())
    };
    for policy in ["unknown", "block"] {
        let of = |grants, denies| World { denies, policy: vec![("deny", policy)], ..World::of(grants) };
        let held = || vec![grant("g", &json!({}))];
        let (reason, says, changes) = remedy(&of(held(), vec![sure(&json!({})), perhaps(json!({}))]));
        assert_eq!(reason, "access.denied");
        assert_eq!(says, "have the deny assignment sure, perhaps lifted", "{policy}");
        assert_eq!(changes, lifted(&["sure", "perhaps"]));
        // What may be denied to another of our groups stands in no way.
        let helpdesk = json!({"everyone": false, "principal_ids": [HELPDESK]});
        let unproven =
            json!({"principal_id": HELPDESK, "end": "2026-10-01T00:00:00Z", "end_latest": DAY_END});
        let ours = json!({"everyone": false, "principal_ids": [OUR_GROUP]});
        let both = || vec![grant("g", &json!({})), grant("h", &unproven)];
        let (_, says, changes) = remedy(&of(both(), vec![sure(&ours), perhaps(helpdesk.clone())]));
        assert_eq!(says, "have the deny assignment sure lifted", "{policy}");
        assert_eq!(changes, lifted(&["sure"]));
        // The same the other way round.
        let denies = vec![sure(&helpdesk), perhaps(ours)];
        let (_, says, changes) = remedy(&of(both(), denies));
        let expected = "give an export that shows that the deny assignment perhaps did not hold";
        assert_eq!((says.as_str(), changes), (expected, lifted(&["perhaps"])), "{policy}");
    }
}

/// The agreement comes on top of what the access lacks.
#[test]
fn an_agreement_that_ended_is_renewed() {
    let bill_to = json!({"partner_id": "1", "agreement": [{"end": "2026-10-01T00:00:00Z"}]});
    let ended = Some(partner(&json!({"bill_to": bill_to})));
    let agreement = with(json!({"change": "agreement"}), &all_day());
    let held = World { partner: ended, ..World::of(vec![grant("g", &json!({}))]) };
    let (reason, remedy) = remedy_of(&held, &line(), &[line()]);
    assert_eq!(reason, "earned");
    assert_eq!(remedy.unwrap(), ("renew the partner agreement".to_owned(), json!([agreement])));
    let bare = World { grants: Vec::new(), ..held };
    let (reason, remedy) = remedy_of(&bare, &line(), &[line()]);
    let (says, changes) = remedy.unwrap();
    assert_eq!(reason, "access.none");
    assert!(says.starts_with("have Contributor held at"), "{says}");
    assert_eq!((&changes[0]["change"], &changes[1]), (&json!("add_grant"), &agreement));
}

#[test]
fn a_day_that_is_earned_or_that_no_access_mends_has_no_remedy() {
    let purchase = UsageLine { charge_type: "Purchase".to_owned(), ..line() };
    let has_remedy = |world: &World, lines: &[UsageLine]| remedy_of(world, &line(), lines).1.is_some();
    let held = World::of(vec![grant("g", &json!({}))]);
    assert!(!has_remedy(&held, &[]) && !has_remedy(&held, &[line()]));
    let bare = World::default();
    assert!(has_remedy(&bare, &[]) && has_remedy(&bare, &[line()]));
    assert!(!has_remedy(&bare, std::slice::from_ref(&purchase)));
    assert!(has_remedy(&bare, &[purchase, line()]));
    // Once the subscription is another partner's, its credit is.
    let away = json!([{"subscription_id": SUBSCRIPTION_ID, "at": "2026-10-02T00:00:00Z", "to_partner": "7"}]);
    let moved = World { partner: Some(partner(&json!({"transfers": away}))), ..bare };
    assert!(!has_remedy(&moved, &[line()]));
}

/// What is said of a grant on the day, whether it counts, and its role.
fn whys(world: &World) -> Vec<(String, String, bool)> {
    let grants = world.explained(&line(), &[]).grants;
    grants.into_iter().map(|one| (one.grant.id, one.why, one.counts)).collect()
}

fn why(world: &World) -> String {
    let mut all = whys(world);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0).1
}

#[test]
fn each_grant_says_what_it_was_that_day() {
    let of = |grant: Grant| why(&World::of(vec![grant]));
    let owner = |more: Value| of(grant("g", &more));
    assert_eq!(owner(json!({})), "counts (all day)");
    assert_eq!(owner(json!({"end": "2026-10-30T13:37:00Z"})), "counts (00:00 to 13:37)");
    assert_eq!(owner(json!({"start": "2026-10-30T13:37:05Z"})), "counts (13:37:05 to 24:00)");
    assert_eq!(owner(json!({"eligible_only": true})), "only eligible, not active (all day)");
    assert_eq!(owner(json!({"role_id": READER})), "its role does not earn (all day)");
    let unlisted = json!({"role_id": UNLISTED});
    assert_eq!(owner(unlisted), "its role is in no table, or under a condition (all day)");
    assert_eq!(owner(json!({"principal_id": OTHER_GROUP})), "another partner's (all day)");
    assert_eq!(of(user("u", &json!({}))), "its principal has no partner admin link (all day)");
    // Until the day's first moment, and from the next day's.
    assert_eq!(owner(json!({"end": DAY_START})), format!("ended at {DAY_START}"));
    assert_eq!(owner(json!({"start": DAY_END})), format!("starts at {DAY_END}"));
    let stranger = json!({"principal_id": "eeeeeeee-0000-0000-0000-000000000009"});
    assert_eq!(of(user("u", &stranger)), "the customer's own, or nobody's that counts");
    let eligible = with(stranger, &json!({"eligible_only": true}));
    assert_eq!(of(user("u", &eligible)), "only eligible, and by no earning role of yours");
    let denied =
        World { denies: vec![deny("d", &json!({"end": "2026-10-30T06:00:00Z"}))], ..World::default() };
    let denied = World { grants: vec![grant("g", &json!({}))], ..denied };
    assert_eq!(why(&denied), "under a deny assignment (00:00 to 06:00); counts (06:00 to 24:00)");
}

#[test]
fn a_grant_that_a_policy_or_nothing_seen_rules_out_says_so() {
    let group = "/providers/Microsoft.Management/managementGroups/mg";
    let under = || vec![read(json!({"child": SUBSCRIPTION, "parent": group}))];
    let above = || vec![grant("g", &json!({"scope": group}))];
    let ignored =
        World { policy: vec![("management_group", "ignore")], hierarchy: under(), ..World::of(above()) };
    assert_eq!(why(&ignored), "above the subscription, and the policy management_group is ignore");
    let below =
        World { policy: vec![("management_group", "ignore")], ..World::of(vec![grant("g", &json!({}))]) };
    assert_eq!(why(&below), "counts (all day)");
    let stranger = user("u", &json!({"principal_id": "eeeeeeee-0000-0000-0000-000000000009"}));
    let nobodys = World { policy: vec![("management_group", "ignore")], ..World::of(vec![stranger]) };
    assert_eq!(why(&nobodys), "the customer's own, or nobody's that counts");
    for (last, expected) in [
        (DAY_START, format!("not observed after {DAY_START}")),
        ("2026-10-30T00:00:01Z", "counts (00:00 to 00:00:01)".to_owned()),
    ] {
        let unseen = World { observed: seen(&[(None, last)]), ..World::of(vec![grant("g", &json!({}))]) };
        assert_eq!(why(&unseen), expected);
    }
    // A grant that reaches another place is not told of.
    let elsewhere = World::of(vec![
        grant("other", &json!({"scope": OTHER_SUBSCRIPTION})),
        grant("other-group", &json!({"scope": format!("{GROUP}2")})),
    ]);
    assert!(whys(&elsewhere).is_empty());
}

#[test]
fn grants_are_told_in_the_order_of_their_starts() {
    let at = |id: &str, start: Value| grant(id, &json!({"start": start, "scope": GROUP}));
    let first = json!("2026-10-01T00:00:00Z");
    let world = World::of(vec![
        at("d", json!("2026-10-02T00:00:00Z")),
        at("c", first.clone()),
        at("b", first),
        at("e", Value::Null),
    ]);
    let ids: Vec<String> = whys(&world).into_iter().map(|(id, ..)| id).collect();
    assert_eq!(ids, ["e", "b", "c", "d"]);
    assert!(whys(&world).iter().all(|(_, _, counts)| *counts));
    let reader = World::of(vec![grant("r", &json!({"role_id": READER}))]);
    assert!(whys(&reader).iter().all(|(_, _, counts)| !*counts));
    let explained = reader.explained(&line(), &[]);
    assert_eq!(explained.grants[0].role_name.as_deref(), Some("Reader"));
    // Where it was read stands beside it.
    let read_from = json!({"evidence": [{"file": "f", "record": "1"}], "role_id": UNLISTED});
    let one = World::of(vec![grant("r", &read_from)]).explained(&line(), &[]).grants.remove(0);
    assert_eq!((one.read_from.len(), one.grant.evidence.len(), one.role_name), (1, 0, None));
}

#[test]
fn what_is_stated_or_inferred_is_told_as_that() {
    let notes = |world: &World| world.explained(&line(), &[]).not_proved;
    let stated = "that the access history is complete is stated, not proved".to_owned();
    let inferred = "that access by a management group earns is inferred; no page says it".to_owned();
    let group = "/providers/Microsoft.Management/managementGroups/mg";
    let under = || vec![read(json!({"child": SUBSCRIPTION, "parent": group}))];
    let by_group = |more: Value| World {
        hierarchy: under(),
        ..World::of(vec![grant("g", &with(json!({"scope": group}), &more))])
    };
    assert_eq!(notes(&World::of(vec![grant("g", &json!({}))])), [stated.as_str()]);
    assert_eq!(notes(&by_group(json!({}))), [inferred, stated.clone()]);
    // What does not earn, and what ended before, infers nothing.
    assert_eq!(notes(&by_group(json!({"role_id": READER}))), [stated.as_str()]);
    assert_eq!(notes(&by_group(json!({"end": DAY_START}))), [stated]);
    let observed = Observed::Windows(Vec::new());
    let unseen = World { observed, ..World::default() };
    assert_eq!(notes(&unseen), ["no access export reaches this resource"]);
    let whole = World { observed: seen(&[(None, DAY_END)]), ..World::default() };
    assert!(notes(&whole).is_empty());
}

/// Two grants that nothing proves for all the day are each told once.
#[test]
fn what_may_have_ended_within_the_day_is_told_once() {
    let perhaps = json!({"end": "2026-10-30T09:00:00Z", "end_latest": "2026-10-30T10:00:00Z"});
    let world = World::of(vec![grant("g", &perhaps)]);
    let notes = world.explained(&line(), &[]).not_proved;
    let held = "since ever, to between 2026-10-30T09:00:00Z and 2026-10-30T10:00:00Z";
    assert_eq!(notes[0], format!("whether g was held all day: {held}"));
    assert_eq!(notes.len(), 2);
    let (reason, says, changes) =
        remedy(&World::of(vec![grant("g", &with(perhaps, &json!({"end_latest": DAY_END})))]));
    assert_eq!(reason, "access.unproven");
    let expected = format!(
        "give the activity log, or an access export, that shows Owner of {OUR_GROUP} all day: it is known to be held since \
         ever, to between 2026-10-30T09:00:00Z and {DAY_END}"
    );
    assert_eq!((says, changes), (expected, json!([{"change": "prove", "grant_id": "g"}])));
}

/// A group that the policy ignores mends nothing.
#[test]
fn a_new_grant_is_to_a_group_that_counts() {
    let ignored = World { policy: vec![("helpdesk_group", "ignore")], ..World::default() };
    let (_, _, changes) = remedy(&ignored);
    assert_eq!(added(&changes, &["principal_id"]), [OUR_GROUP]);
}

/// What is denied to others takes nothing from us.
#[test]
fn only_denies_of_our_access_are_lifted() {
    let theirs = deny("theirs", &json!({"everyone": false, "principal_ids": [OTHER_GROUP]}));
    let data = deny("data", &json!({"actions": [], "data_actions": ["*"]}));
    let world = World {
        denies: vec![theirs, deny("d", &json!({})), data],
        ..World::of(vec![grant("g", &json!({}))])
    };
    let (_, says, changes) = remedy(&world);
    assert_eq!(says, "have the deny assignment d lifted");
    assert_eq!(changes, json!([{"change": "lift_deny", "deny_id": "d"}]));
}

/// An eligible assignment of a bounded time that cannot earn gives way to one that does, for all of the day.
#[test]
fn what_is_assigned_in_place_of_another_is_active_all_day() {
    let more = json!({
        "role_id": READER, "eligible_only": true, "start": "2026-10-01T00:00:00Z", "end": "2026-11-05T00:00:00Z",
        "start_earliest": "2026-09-01T00:00:00Z", "end_latest": "2026-12-01T00:00:00Z",
    });
    let (reason, says, changes) = remedy(&World::of(vec![grant("r", &more)]));
    assert_eq!(reason, "access.role_not_eligible");
    assert!(says.starts_with("assign an earning role"), "{says}");
    let given = &changes[0]["grant"];
    assert_eq!(
        added(&changes, &["eligible_only", "start", "end"]),
        [&json!(false), &json!(DAY_START), &json!(DAY_END)]
    );
    assert_eq!((given.get("start_earliest"), given.get("end_latest")), (None, None));
}
