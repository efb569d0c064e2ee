//! What-if, suggestions, moves, the open month and advice over contoso, against its numbers worked out by hand.

use azure_pec_formats::{Refused, Request, Watch, ask};
use serde_json::{Value, json};

use crate::fixture::example;

/// Four machines whose access was removed on the 12th and given back on the 17th.
const REMOVED: &str = "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30";
const TRANSFERRED: &str = "5b0a1cf3-7d3e-4f60-9a11-2f6c0d5e0f30";

fn text(operation: &str, more: &Value) -> Result<String, Refused> {
    let mut question = json!({"operation": operation, "paths": [example("contoso")]});
    question.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    ask(&Request::from_json(&question.to_string())?, &Watch::default())
}

fn body(operation: &str, more: &Value) -> Value {
    let document: Value = serde_json::from_str(&text(operation, more).unwrap()).unwrap();
    document["body"].clone()
}

fn code(operation: &str, more: &Value) -> &'static str {
    text(operation, more).unwrap_err().error.code()
}

/// The lines of a member of a document, shifted to the left margin.
fn member(document: &str, indent: usize, name: &str) -> String {
    let (head, tail) = (format!("{}\"{name}\": {{", " ".repeat(indent)), format!("{}}}", " ".repeat(indent)));
    let lines = document.lines().skip_while(|line| *line != head).skip(1);
    lines
        .take_while(|line| !line.starts_with(&tail))
        .map(|line| line.split_at(indent).1.to_owned() + "\n")
        .collect()
}

#[test]
fn the_removed_principal_brings_back_what_its_days_missed() {
    let grant = format!("role=Owner,scope={REMOVED},start=2026-10-12T13:37:00Z,end=2026-10-17T09:05:00Z");
    let answer = body("whatif", &json!({"grant": [grant]}));
    let difference = &answer["difference"];
    let total = &difference["totals"][0];
    assert_eq!((&total["earned"], &total["missed"]), (&json!("19.872"), &json!("-19.872")));
    assert_eq!(
        (&total["unknown"], &total["net"], &total["list_amount"]),
        (&json!("0"), &json!("-19.872"), &json!("0"))
    );
    let days: Vec<_> =
        difference["days"].as_array().unwrap().iter().map(|day| (&day["date"], &day["earned"])).collect();
    let expected: Vec<_> = (12..=17).map(|day| (json!(format!("2026-10-{day}")), json!("3.312"))).collect();
    assert!(
        days.iter().zip(&expected).all(|(found, (date, money))| *found == (date, money)) && days.len() == 6
    );
    assert_eq!(difference["subscriptions"].as_array().unwrap().len(), 1);
    assert_eq!(answer["statement"]["totals"][0]["earned"], "2106.3115328099460594227934");
    // The same grant as an object.
    let fields = json!({"role": "Owner", "scope": REMOVED, "start": "2026-10-12T13:37:00Z", "end": "2026-10-17T09:05:00Z"});
    assert_eq!(body("whatif", &json!({"grant": [fields]})), answer);
}

#[test]
fn revoking_it_loses_what_it_earned() {
    let ids = ["id=adatum-removed-first", "id=adatum-removed-again"];
    let answer = body("whatif", &json!({"revoke": ids}));
    // 36.432 on the days 1 to 11 and 46.368 on the days 18 to 31.
    let total = &answer["difference"]["totals"][0];
    assert_eq!((&total["earned"], &total["missed"]), (&json!("-82.8"), &json!("82.8")));
    // Revoked at a moment it keeps what was before it: 7 of the 14 days.
    let later = body("whatif", &json!({"revoke": ["id=adatum-removed-again,at=2026-10-25"]}));
    assert_eq!(later["difference"]["totals"][0]["earned"], "-23.184");
}

#[test]
fn what_is_undone_leaves_the_first_statement() {
    let first = text("statement", &json!({})).unwrap();
    let grant = format!("id=back,role=Owner,scope={REMOVED},start=2026-10-12");
    let undone = json!({"grant": [grant], "revoke": ["id=back"]});
    let answer = text("whatif", &undone).unwrap();
    let statement = member(&answer, 4, "statement");
    assert!(!statement.is_empty() && statement == member(&first, 2, "body"));
    assert_eq!(body("whatif", &undone)["difference"]["groups"], json!([]));
}

#[test]
fn the_removed_principal_is_suggested_first() {
    let answer = body("whatif", &json!({"suggest": true}));
    let suggestions = &answer["suggestions"][0];
    assert_eq!((&suggestions["currency"], &suggestions["exhaustive"]), (&json!("USD"), &json!(true)));
    let first = &suggestions["best"][0];
    assert_eq!((&first["role"], &first["scope"]), (&json!("Owner"), &json!(REMOVED)));
    assert_eq!((&first["brings"], &first["per_day"]), (&json!("19.872"), &json!("3.312")));
    assert_eq!((&first["who"], &first["right"]), (&json!("customer"), &json!("held")));
    // 19.872, 15.12 by a link, and 22.32 where the eligible assignment is permanent.
    assert_eq!(suggestions["brings"], "57.312");
    assert_eq!(answer["difference"]["totals"][0]["earned"], "57.312");
    // Without a service nothing is suggested that was never held; what that leaves is told.
    let all = || ["best", "others"].iter().flat_map(|list| suggestions[list].as_array().unwrap());
    assert!(
        all().all(|one| one["services"] == json!([]) && one["right"] != "new" && one["right"] != "wider")
    );
    assert!(suggestions["fairness"].as_str().unwrap().contains("may not press a customer"));
    let left: Vec<_> =
        suggestions["left"].as_array().unwrap().iter().map(|one| (&one["reason"], &one["missed"])).collect();
    assert!(left.contains(&(&json!("access.role_not_eligible"), &json!("25.668"))), "{left:?}");
    // With one, the role is the least that serves it and earns.
    let served = body("whatif", &json!({"suggest": true, "service": "log_analytics"}));
    let best = served["suggestions"][0]["best"].as_array().unwrap().clone();
    let given: Vec<_> = best.iter().filter(|one| one["services"] == json!(["log_analytics"])).collect();
    assert_eq!(given.len(), 2);
    assert!(given.iter().all(|one| one["role"] == "Monitoring Contributor"));
}

#[test]
fn policies_are_changed_too() {
    // The denied group's 16.56 are missed where a deny blocks, and earned where it is ignored.
    let blocked = body("whatif", &json!({"set": ["deny=block"]}));
    assert_eq!(blocked["difference"]["totals"][0]["missed"], "16.56");
    let ignored = body("whatif", &json!({"set": ["deny=ignore"]}));
    assert_eq!(ignored["difference"]["totals"][0]["earned"], "16.56");
    assert_eq!(ignored["statement"]["rule"]["policy"]["deny"], "ignore");
}

#[test]
fn a_move_is_checked() {
    let answer = body("whatif", &json!({"transfer": [format!("subscription={TRANSFERRED}")]}));
    let check = &answer["transfers"][0];
    assert_eq!((&check["moves"], &check["first_day"]), (&json!("to_us"), &json!("2026-10-12")));
    assert_eq!(
        (&check["before"][0]["not_billed"], &check["after"][0]["missed"]),
        (&json!("15.84"), &json!("12.96"))
    );
    assert_eq!(check["days_at_risk"].as_array().unwrap().len(), 9);
    assert_eq!(check["open_day"][0]["costs"], json!({"low": "1.44", "high": "1.44"}));
    let grant = &check["grant_before"][0]["best"][0];
    assert_eq!((&grant["brings"], &grant["start"]), (&json!("12.96"), &json!("2026-10-12T00:00:00Z")));
    // Moved three days earlier, three more days are at risk.
    let earlier = format!("subscription={TRANSFERRED},at=2026-10-09T09:30:00Z,from=4444444,to=1111111");
    let earlier = body("whatif", &json!({"transfer": [earlier]}));
    assert_eq!(earlier["transfers"][0]["days_at_risk"].as_array().unwrap().len(), 12);
    assert_eq!(earlier["difference"]["totals"][0]["missed"], "4.32");
    // And away from us the credit goes: twelve days of fabrikam-core.
    let away = "subscription=5b0a1cf1-7d3e-4f60-9a11-2f6c0d5e0f10,at=2026-10-20,to=9999999";
    let away = body("whatif", &json!({"transfer": [away]}));
    assert_eq!(away["transfers"][0]["moves"], "from_us");
    // (1488 + 1488 + 505.92) x 0.15 x 12 / 31
    assert_eq!(away["difference"]["totals"][0]["earned"], "-202.176");
}

#[test]
fn the_open_month_is_a_range() {
    let paths = ["usage/part_0_0001.csv", "usage/part_1_0001.csv", "access", "prices", "partner.json"];
    let paths: Vec<_> = paths.iter().map(|path| example("contoso").join(path)).collect();
    let answer = body("whatif", &json!({"paths": paths, "forecast": true}));
    let forecast = &answer["forecast"];
    assert_eq!((&forecast["month"], &forecast["known_to"]), (&json!("2026-10"), &json!("2026-10-12")));
    assert_eq!((&forecast["last"], &forecast["days_to_come"]), (&json!("2026-10-31"), &json!(19)));
    assert!(forecast["assumptions"][0].as_str().unwrap().contains("2026-10-06 to 2026-10-12"));
    // The activation of fabrikam-just-in-time ends on the 21st: ten days at 24 x 0.2 x 0.15 would be earned if it stayed.
    // The grant of adatum-two-grants ends on the 15th at noon: from then on vm-elsewhere misses 24 x 0.115 x 0.15 a day.
    let risks = [
        ("fabrikam-oncall-activated", 10, json!({"low": "7.2", "high": "7.2"})),
        ("adatum-two-subscription", 17, json!({"low": "7.038", "high": "7.038"})),
    ];
    for (risk, (id, days, costs)) in forecast["risks"].as_array().unwrap().iter().zip(&risks) {
        assert_eq!((&risk["kind"], &risk["id"]), (&json!("grant_ends"), &json!(id)));
        assert_eq!((&risk["days"], &risk["costs"]), (&json!(days), costs));
    }
    assert_eq!(forecast["risks"].as_array().unwrap().len(), 2);
    let money = &forecast["money"][0];
    assert_eq!(money["at_risk"], json!({"low": "14.238", "high": "14.238"}));
    assert_eq!(money["so_far"]["earned"], answer["statement"]["totals"][0]["earned"]);
}

#[test]
fn advice_says_what_access_is_for() {
    let advice = body("advise", &json!({}));
    assert_eq!((advice["services"].as_array().unwrap().len(), &advice["proposals"]), (13, &json!([])));
    let access = |body: &Value, id: &str| {
        let all = body["access"].as_array().unwrap();
        all.iter().find(|one| one["grant_id"] == id).unwrap().clone()
    };
    // May Owner be given up? Contributor keeps the credit.
    let core = access(&advice, "fabrikam-core");
    assert_eq!((&core["advice"], &core["credit"][0]["amount"]), (&json!("name_services"), &json!("522.288")));
    assert_eq!(
        (&core["narrower"]["roles"], &core["narrower"]["credit_survives"]),
        (&json!(["Contributor"]), &json!(true))
    );
    let served = body("advise", &json!({"service": ["log_analytics", "backup_and_recovery"]}));
    assert_eq!(served["delivered"], json!(["backup_and_recovery", "log_analytics"]));
    let core = access(&served, "fabrikam-core");
    assert_eq!((&core["advice"], &core["narrower"]["credit_survives"]), (&json!("narrow"), &json!(true)));
    assert_eq!(core["narrower"]["roles"], json!(["Backup Operator", "Monitoring Contributor"]));
    assert_eq!(access(&served, "adatum-reader")["advice"], "give_back");
    assert_eq!(access(&served, "fabrikam-custom")["advice"], "unknown");
    // Every proposal is for a service delivered.
    let proposals = served["proposals"].as_array().unwrap();
    assert!(!proposals.is_empty() && proposals.iter().all(|one| one["who"] == "customer"));
    assert!(served["fairness"].as_str().unwrap().contains("may not press a customer"));
}

#[test]
fn what_is_wrong_has_its_code() {
    let grant = |text: &str| json!({"grant": [text]});
    let at = |more: &str| grant(&format!("role=Owner,scope={REMOVED},{more}"));
    for (more, expected) in [
        (grant("role=Overlord,scope=/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30"), "id.invalid"),
        (grant("role=Owner,scope=nowhere"), "id.invalid"),
        (at("path=backdoor"), "id.invalid"),
        (at("id=adatum-denied"), "id.invalid"),
        (at("principal=me"), "id.invalid"),
        (json!({"revoke": ["id=nobody"]}), "id.invalid"),
        (json!({"revoke": ["id=adatum-removed-first,at=2026-10-20"]}), "date.invalid"),
        (at("start=yesterday"), "date.invalid"),
        (at("start=2027-01-01"), "date.invalid"),
        (at("end=2026-09-01"), "date.invalid"),
        (at("start=2026-10-20,end=2026-10-10"), "grant.inverted"),
        (at("start=2026-10-20,end=2026-10-20"), "grant.inverted"),
        (json!({"set": ["deny=perhaps"]}), "policy.invalid"),
        (json!({"set": ["nothing=1"]}), "policy.invalid"),
        (json!({"transfer": ["subscription=nowhere,at=2026-10-10"]}), "id.invalid"),
        (json!({"transfer": ["subscription=5b0a1cf1-7d3e-4f60-9a11-2f6c0d5e0f10"]}), "usage.arguments"),
        (json!({"suggest": true, "service": ["billing"]}), "id.invalid"),
        (grant("role=Owner"), "usage.arguments"),
        (grant("scope=/"), "usage.arguments"),
        (at("role=Reader"), "usage.arguments"),
        (at("end="), "usage.arguments"),
        (grant("nonsense"), "usage.arguments"),
        (json!({"grant": [{"role": "Owner", "scope": REMOVED, "colour": "red"}]}), "usage.arguments"),
        (json!({}), "usage.arguments"),
        (json!({"suggest": true, "set": ["deny=block"]}), "usage.arguments"),
        (json!({"forecast": true, "service": ["patching"]}), "usage.arguments"),
        (json!({"forecast": true, "by": ["date"]}), "usage.arguments"),
    ] {
        assert_eq!(code("whatif", &more), expected, "{more}");
    }
    assert_eq!(code("advise", &json!({"service": ["billing"]})), "id.invalid");
    assert_eq!(code("advise", &json!({"grant": ["role=Owner,scope=/"]})), "usage.arguments");
    assert_eq!(code("statement", &json!({"suggest": true})), "usage.arguments");
}
