//! The access given, held against the services delivered: what is kept, made less, given back or lacks.

use azure_pec::{AccessAdvice, AdviceBody, AdviceDocument, Grant, UsageLine};
use serde_json::{Value, json};

use crate::fixes::{body, workload};
use crate::world::*;

const MANAGEMENT_GROUP: &str = "/providers/Microsoft.Management/managementGroups/mg";
const AUTOMATION_OPERATOR: &str = "d3881f73-407a-4167-8283-e981cbba0404";
/// In the catalogue, and in no table of earning roles.
const PLAN_EXPERT: &str = "7859c0b0-0bb9-4994-bd12-cd529af7d646";
const BACKUP_CONTRIBUTOR: &str = "5e467623-bb1f-42f4-a55d-6e525e11384b";

fn advised(world: &World, lines: &[UsageLine], services: &[&str]) -> AdviceBody {
    let calculator = world.calculator();
    let period = body(&calculator, lines, &[]).period;
    let services: Vec<String> = services.iter().map(|service| (*service).to_owned()).collect();
    calculator.advise(&workload(&calculator, lines), period, &services).unwrap()
}

/// The advice on the only grant.
fn only(grants: Vec<Grant>, lines: &[UsageLine], services: &[&str]) -> AccessAdvice {
    let mut all = advised(&World::of(grants), lines, services).access;
    assert_eq!(all.len(), 1);
    all.remove(0)
}

/// What to do, and what would do: roles at a scope, and whether the credit stays.
fn short(advice: &AccessAdvice) -> (&'static str, Option<(String, String, bool)>) {
    let less = advice.narrower.as_ref();
    let less = less.map(|less| (less.roles.join(" and "), less.scope.to_string(), less.credit_survives));
    (advice.advice.as_str(), less)
}

fn would_do(roles: &str, scope: &str) -> Option<(String, String, bool)> {
    Some((roles.to_owned(), scope.to_owned(), true))
}

fn at(resource: &str) -> UsageLine {
    UsageLine { resource_id: resource.to_owned(), ..line() }
}

fn in_group(group: &str) -> UsageLine {
    at(&format!("{SUBSCRIPTION}/resourcegroups/{group}/providers/x/y/z"))
}

fn elsewhere() -> UsageLine {
    at(&format!("{OTHER_SUBSCRIPTION}/resourcegroups/rg/providers/x/y/z"))
}

#[test]
fn less_is_tried_where_the_usage_stands() {
    let owner = |scope: &str| vec![grant("g", &json!({"scope": scope}))];
    let automation = &["automation"];
    let advice = only(owner(SUBSCRIPTION), &[line()], automation);
    assert_eq!(short(&advice), ("narrow", would_do("Automation Operator", GROUP)));
    assert_eq!(advice.says, format!("Automation Operator at {GROUP} would do, and the credit stays"));
    assert_eq!(
        (advice.needed_for.as_slice(), advice.earns),
        (["automation".to_owned()].as_slice(), Some(true))
    );
    assert_eq!(advice.serves.len(), 13);
    let money =
        serde_json::to_value((&advice.credit, &advice.narrower.as_ref().unwrap().credit_change)).unwrap();
    assert_eq!(money, json!([[{"currency": "USD", "amount": "3"}], [{"currency": "USD", "amount": "0"}]]));
    let changes = serde_json::to_value(&advice.narrower.unwrap().changes).unwrap();
    assert_eq!(changes[0], json!({"change": "revoke", "grant_id": "g"}));
    let given = &changes[1]["grant"];
    let expected = [&json!("g-narrower-1"), &json!(AUTOMATION_OPERATOR), &json!(GROUP)];
    assert_eq!([&given["id"], &given["role_id"], &given["scope"]], expected);
    // Where the old one was read, and whether its role was a custom one, says nothing of the new.
    let read = json!({"custom_role": false, "evidence": [{"file": "list.json", "record": "g"}]});
    let advice = only(vec![grant("g", &read)], &[line()], automation);
    assert_eq!(&serde_json::to_value(&advice.narrower.unwrap().changes).unwrap()[1]["grant"], given);

    // Two groups: the subscription is the least above both. One that stands there already may still be a lesser role.
    let two = [line(), in_group("other")];
    let advice = only(owner(SUBSCRIPTION), &two, automation);
    assert_eq!(short(&advice), ("narrow", would_do("Automation Operator", SUBSCRIPTION)));
    // Usage at a subscription itself.
    let advice = only(owner(SUBSCRIPTION), &[at(SUBSCRIPTION)], automation);
    assert_eq!(short(&advice), ("narrow", would_do("Automation Operator", SUBSCRIPTION)));
    let same_role = |scope: &str, lines: &[UsageLine]| {
        let own = json!({"role_id": AUTOMATION_OPERATOR, "scope": scope});
        short(&only(vec![grant("g", &own)], lines, automation))
    };
    assert_eq!(same_role(SUBSCRIPTION, &two), ("keep", None));
    assert_eq!(same_role(GROUP, &[line()]), ("keep", None));
    assert_eq!(same_role(SUBSCRIPTION, &[line()]), ("narrow", would_do("Automation Operator", GROUP)));
    // A grant at the resource is narrower than its group.
    assert_eq!(same_role(MACHINE, &[line()]), ("keep", None));
    let kept = only(
        vec![grant("g", &json!({"role_id": AUTOMATION_OPERATOR, "scope": GROUP}))],
        &[line()],
        automation,
    );
    assert_eq!(kept.says, "Automation Operator is the least that serves what is delivered and earns");
}

#[test]
fn of_a_management_group_less_is_tried_below_it() {
    let under = |child: &str| read(json!({"child": child, "parent": MANAGEMENT_GROUP}));
    let hierarchy = || vec![under(SUBSCRIPTION), under(OTHER_SUBSCRIPTION)];
    let of = |role: &str, lines: &[UsageLine]| {
        let own = json!({"scope": MANAGEMENT_GROUP, "role_id": role});
        let world = World { hierarchy: hierarchy(), ..World::of(vec![grant("g", &own)]) };
        let advice = advised(&world, lines, &["automation"]);
        short(&advice.access[0])
    };
    let group = MANAGEMENT_GROUP.to_ascii_lowercase();
    assert_eq!(of(OWNER, &[line()]), ("narrow", would_do("Automation Operator", GROUP)));
    assert_eq!(
        of(OWNER, &[line(), in_group("other")]),
        ("narrow", would_do("Automation Operator", SUBSCRIPTION))
    );
    // Nothing but the group stands above two subscriptions.
    assert_eq!(of(OWNER, &[line(), elsewhere()]), ("narrow", would_do("Automation Operator", &group)));
    assert_eq!(of(AUTOMATION_OPERATOR, &[line(), elsewhere()]), ("keep", None));
    // Also where another grant would do for one of the two.
    let grants = vec![grant("g", &json!({"scope": MANAGEMENT_GROUP})), grant("h", &json!({}))];
    let world = World { hierarchy: hierarchy(), ..World::of(grants) };
    let advice = advised(&world, &[line(), elsewhere()], &["automation"]).access;
    let own = advice.iter().find(|advice| advice.grant_id == "g").unwrap();
    assert_eq!(short(own), ("narrow", would_do("Automation Operator", &group)));
    assert_eq!(of(AUTOMATION_OPERATOR, &[line()]), ("narrow", would_do("Automation Operator", GROUP)));
}

/// A role that serves at subscriptions only is not tried at a group; a role that serves several services is given once.
#[test]
fn each_role_is_given_where_it_serves() {
    let owner = || vec![grant("g", &json!({}))];
    let of = |lines: &[UsageLine], services: &[&str]| short(&only(owner(), lines, services));
    assert_eq!(
        of(&[line()], &["estate_monitoring"]),
        ("narrow", would_do("Monitoring Contributor", SUBSCRIPTION))
    );
    assert_eq!(
        of(&[line()], &["patching", "automation", "patching"]),
        ("narrow", would_do("Automation Operator", GROUP))
    );
    assert_eq!(
        of(&[line()], &["log_analytics", "automation"]),
        ("narrow", would_do("Automation Operator and Monitoring Contributor", GROUP))
    );
    assert_eq!(
        of(&[line()], &["estate_monitoring", "automation"]),
        ("narrow", would_do("Automation Operator and Monitoring Contributor", SUBSCRIPTION))
    );
    // What serves one of two services is needed for that one.
    let own = json!({"role_id": MONITORING, "scope": GROUP});
    let advice = only(vec![grant("g", &own)], &[line()], &["log_analytics", "automation"]);
    assert_eq!((short(&advice), advice.needed_for.len()), (("keep", None), 1));
}

#[test]
fn what_serves_nothing_that_is_delivered_is_given_back() {
    let of = |role: &str| {
        let advice = only(vec![grant("g", &json!({"role_id": role}))], &[line()], &["automation"]);
        assert_eq!(short(&advice).1, None);
        (advice.advice.as_str(), advice.earns, advice.says)
    };
    let (advice, earns, says) = of(BACKUP_CONTRIBUTOR);
    assert_eq!((advice, earns), ("give_back", Some(true)));
    assert_eq!(says, "by the catalogue Backup Contributor serves no service that is delivered: give it back");
    // Of a role that the table or the catalogue holds it is known.
    assert_eq!(of(READER).0, "give_back");
    assert_eq!((of(PLAN_EXPERT).0, of(PLAN_EXPERT).1), ("give_back", None));
    let (advice, earns, says) = of(UNLISTED);
    assert_eq!((advice, earns), ("unknown", None));
    assert!(says.starts_with("no catalogue says what ") && says.ends_with(" serves"), "{says}");
}

/// Without services Contributor does what Owner does, and what else is needed nobody knows.
#[test]
fn without_services_they_are_to_be_named() {
    let name = "name the services that you deliver to see what it is needed for";
    let owner = only(vec![grant("g", &json!({}))], &[line()], &[]);
    assert_eq!(short(&owner), ("name_services", would_do("Contributor", SUBSCRIPTION)));
    assert_eq!(owner.says, format!("Contributor at {SUBSCRIPTION} would do, and the credit stays; {name}"));
    assert!(owner.needed_for.is_empty());
    let contributor = only(vec![grant("g", &json!({"role_id": CONTRIBUTOR}))], &[line()], &[]);
    assert_eq!((short(&contributor), contributor.says.as_str()), (("name_services", None), name));
    let all = advised(&World::default(), &[line()], &[]);
    assert_eq!((all.services.len(), all.access.len(), all.proposals.len()), (13, 0, 0));
    assert_eq!(all.period.first, Some(day(DAY)));
}

/// Another's access is not ours to advise on, nor is that of nobody we know.
#[test]
fn only_our_access_that_reaches_usage_is_told() {
    let ids = |world: &World| -> Vec<String> {
        let advice = advised(world, &[line()], &["automation"]);
        advice.access.into_iter().map(|one| one.grant_id).collect()
    };
    let world = World::of(vec![
        grant("z", &json!({})),
        grant("theirs", &json!({"principal_id": OTHER_GROUP})),
        grant("elsewhere", &json!({"scope": OTHER_SUBSCRIPTION})),
        grant("a", &json!({})),
        grant("contributor", &json!({"role_id": CONTRIBUTOR})),
        grant("group", &json!({"scope": GROUP, "role_id": CONTRIBUTOR})),
        grant("eligible", &json!({"scope": GROUP, "eligible_only": true})),
    ]);
    // By scope, role and id.
    assert_eq!(ids(&world), ["contributor", "a", "z", "group", "eligible"]);
    let unnamed = Some(partner(&json!({"aobo_groups": null})));
    assert!(ids(&World { partner: unnamed, ..World::of(vec![grant("g", &json!({}))]) }).is_empty());
}

/// Two that cover the same days: neither alone is what the credit hangs on.
#[test]
fn credit_is_what_would_be_lost_without_it() {
    let world = World::of(vec![grant("a", &json!({})), grant("b", &json!({"scope": GROUP}))]);
    let euros = UsageLine { currency: "EUR".to_owned(), ..line() };
    let dollars = UsageLine { currency: "USD".to_owned(), ..in_group("other") };
    let advice = advised(&world, &[dollars, euros], &["automation"]);
    let money: Vec<Value> =
        advice.access.iter().map(|one| serde_json::to_value(&one.credit).unwrap()).collect();
    let of = |euros: &str, dollars: &str| json!([{"currency": "EUR", "amount": euros}, {"currency": "USD", "amount": dollars}]);
    assert_eq!(money, [of("0", "3"), of("0", "0")]);
}

#[test]
fn what_a_service_lacks_is_proposed_by_subscription() {
    let proposals = |grants: Vec<Grant>, lines: &[UsageLine], services: &[&str]| -> Vec<String> {
        let advice = advised(&World::of(grants), lines, services);
        let proposals = advice.proposals.iter();
        proposals.map(|one| format!("{}: {} at {}", one.service, one.role, one.scope)).collect()
    };
    let automation = format!("automation: Automation Operator at {GROUP}");
    assert_eq!(proposals(vec![], &[line()], &["automation"]), std::slice::from_ref(&automation));
    let monitoring = format!("estate_monitoring: Monitoring Contributor at {SUBSCRIPTION}");
    let both = &["estate_monitoring", "automation"];
    assert_eq!(proposals(vec![], &[line()], both), [automation.clone(), monitoring.clone()]);
    // Several machines of one group.
    let machines = [line(), at(&format!("{GROUP}/providers/x/y/other")), at(GROUP)];
    assert_eq!(proposals(vec![], &machines, &["automation"]), std::slice::from_ref(&automation));
    // Two groups, two subscriptions.
    let across = [line(), in_group("other"), elsewhere()];
    let expected = [
        format!("automation: Automation Operator at {SUBSCRIPTION}"),
        format!("automation: Automation Operator at {OTHER_SUBSCRIPTION}/resourcegroups/rg"),
    ];
    assert_eq!(proposals(vec![], &across, &["automation"]), expected);
    // What serves it anywhere in the subscription, and is active.
    let serving = |more: Value| vec![grant("g", &with(json!({"role_id": AUTOMATION_OPERATOR}), &more))];
    assert_eq!(proposals(serving(json!({})), &[line()], both), [monitoring]);
    assert_eq!(proposals(serving(json!({"scope": GROUP})), &across, &["automation"]), [expected[1].clone()]);
    let eligible = serving(json!({"eligible_only": true}));
    assert_eq!(proposals(eligible, &[line()], &["automation"]), std::slice::from_ref(&automation));
    let reader = vec![grant("g", &json!({"role_id": READER}))];
    assert_eq!(proposals(reader, &[line()], &["automation"]), [automation]);
    assert!(proposals(vec![grant("g", &json!({}))], &[line()], both).is_empty());
    let body = advised(&World::default(), &[line()], &["automation"]);
    let says = format!(
        "if automation and orchestration is delivered here, Automation Operator at {GROUP} is the least that serves it and \
         earns; the customer decides"
    );
    assert_eq!(body.proposals[0].says, says);
    assert_eq!((body.delivered, body.services.len()), (vec!["automation".to_owned()], 1));
    assert_eq!(body.services[0].narrowest.as_ref().unwrap().role, "Automation Operator");
    let first = &body.services[0].roles[0];
    assert_eq!(
        (first.role.as_str(), first.earns, first.level.as_str()),
        ("Automation Operator", Some(true), "resource_group")
    );
}

#[test]
fn services_are_found_by_id_and_name_in_the_order_of_the_catalogue() {
    let delivered =
        advised(&World::default(), &[line()], &["Patching and Updates", "AUTOMATION", "log-analytics"])
            .delivered;
    assert_eq!(delivered, ["automation", "patching", "log_analytics"]);
    let calculator = World::default().calculator();
    let period = body(&calculator, &[line()], &[]).period;
    let refused = calculator.advise(&workload(&calculator, &[line()]), period, &["billing".to_owned()]);
    assert_eq!(refused.unwrap_err().code(), "id.invalid");
}

#[test]
fn the_document_is_the_body_and_what_was_read() {
    let document = AdviceDocument::new(advised(&World::default(), &[line()], &["automation"]), Vec::new());
    let json: Value = serde_json::from_str(&document.to_json()).unwrap();
    assert_eq!(
        (&json["schema"], &json["body"]["delivered"]),
        (&json!("azure-pec/advice/1"), &json!(["automation"]))
    );
    assert!(document.to_json().ends_with("}\n") && document.body_sha256.len() == 64);
    assert_eq!(json["body"]["proposals"][0]["who"], json!("customer"));
}
