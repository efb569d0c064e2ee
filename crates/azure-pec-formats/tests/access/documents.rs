use azure_pec::{DayRule, Policy, RolePolicy};
use azure_pec_formats::{Kind, document_kind, read_partner, read_policy, read_policy_entries, read_rule};

use crate::fixtures::*;

fn kind(text: &str) -> Result<Kind, String> {
    document_kind("x", text.as_bytes())
}

#[test]
fn what_is_not_read_is_named() {
    for (text, reason) in [
        ("", "no records"),
        ("[]", "no records"),
        ("{}", "no records"),
        (r#"{"value": []}"#, "no records"),
        (r#"{"schema": "azure-pec/statement/1"}"#, "written by pec, passed over"),
        (r#"{"schema": "azure-pec/cases/1"}"#, "written by pec, passed over"),
        (r#"{"schema": "azure-pec/partner/2"}"#, "only version 1"),
        (r#"{"schema": "azure-pec/partners/1"}"#, "no such form is read: access, partner, policy"),
        (r#"{"parameters": {}, "responses": {}}"#, "a REST example, not an export"),
        (
            r#"{"BillingCurrency": "USD", "Items": [{"retailPrice": 1, "meterId": "x"}], "NextPageLink": null}"#,
            "retail prices",
        ),
        (r#"{"totalCount": 1, "items": [{"usageDate": "x", "meterId": "y"}]}"#, "usage as JSON"),
        (r#"{"name": "a", "version": 1}"#, "the keys name, version"),
        ("[1, 2]", "expected an object"),
        ("a,b,c\n1,2,3\n", "neither JSON nor TOML"),
        ("[package]\nname = \"x\"\n", "the keys package"),
        ("{\"a\": ", "line 1"),
        ("schema = \"azure-pec/rule/1\"", "JSON only"),
    ] {
        let said = kind(text).unwrap_err();
        assert!(said.contains(reason), "{text}: {said}");
    }
}

#[test]
fn what_is_read_is_known_whole_or_broken() {
    for (text, is) in [
        (r#"[{"properties": {"roleName": "x", "assignableScopes": ["/"]}}]"#, Kind::AccessRoleDefinitions),
        (r#"[{"Name": "x", "Id": "y", "IsCustom": true, "Actions": []}]"#, Kind::AccessRoleDefinitions),
        (r#"[{"properties": {"denyAssignmentName": "x"}}]"#, Kind::AccessDenyAssignments),
        (
            r#"[{"properties": {"roleAssignmentScheduleId": "x", "roleDefinitionId": "y", "principalId": "z"}}]"#,
            Kind::AccessPim,
        ),
        (r#"[{"properties": {"registrationDefinitionId": "x"}}]"#, Kind::AccessLighthouse),
        (r#"{"value": [{"eventTimestamp": "x", "operationName": {}}]}"#, Kind::AccessActivityLog),
        (r#"{"value": [{"eventTimestamp": "x", "operationName": {"#, Kind::AccessActivityLog),
        (r#"{"TimeGenerated": "x", "OperationNameValue": "y"}"#, Kind::AccessActivityLog),
        (r#"{"type": "Microsoft.ManagementPartner/partner", "properties": {}}"#, Kind::AccessPartnerLink),
        (r#"{"RoleAssignmentId": "x", "ObjectId": "y"}"#, Kind::AccessRoleAssignments),
        (
            r#"{"data": [{"type": "microsoft.authorization/roleassignments", "properties": {"principalId": "p", "roleDefinitionId": "r"}}]}"#,
            Kind::AccessRoleAssignments,
        ),
        (r#"{"command": "az role assignment list --all", "value": []}"#, Kind::AccessRoleAssignments),
        (r#"{"command": "az rest --url .../denyAssignments?x", "value": []}"#, Kind::AccessDenyAssignments),
        ("schema = \"azure-pec/partner/1\"\n", Kind::Partner),
        (r#"{"schema": "azure-pec/partner/1", "bill_to": {"#, Kind::Partner),
        (r#"{"schema": "azure-pec/access/1", "observed": nothing}"#, Kind::AccessHistory),
        ("# how\nday = \"any\"\n", Kind::Policy),
        ("[custom_role]\n", Kind::Policy),
        ("day = any\n", Kind::Policy),
        ("day = \"any\"\nabsense = \"assume\"\n", Kind::Policy),
        (r#"{"day": "any", "absence": "assume"}"#, Kind::Policy),
        ("[{\"principalId\": 1, \"roleDefinitionId\": 2,", Kind::AccessRoleAssignments),
    ] {
        assert_eq!(kind(text), Ok(is), "{text}");
    }
}

const PARTNER: &str = r#"{"schema": "azure-pec/partner/1",
"bill_to": {"partner_id": "1", "agreement": [{"start": "2019-11-01"}]},
"customers": [
  {"customer_id": "7e7e7e7e-1111-4222-8333-444444444444", "subscriptions": []},
  {"customer_id": "7e7e7e7e-1111-4222-8333-444444444445",
   "subscriptions": ["0a0a0a0a-1111-4222-8333-444444444444"]}
]}"#;

const PARTNER_TOML: &str = "schema = \"azure-pec/partner/1\"\n\n[bill_to]\npartner_id = \"1\"\nagreement = [{ start = \"2019-11-01\" }]\n
[[customers]]\ncustomer_id = \"7e7e7e7e-1111-4222-8333-444444444444\"\n
[[customers]]\ncustomer_id = \"7e7e7e7e-1111-4222-8333-444444444445\"\nsubscriptions = [\"0a0a0a0a-1111-4222-8333-444444444444\"]\n";

#[test]
fn a_partner_file_in_both_spellings() {
    let json = read_partner("p.json", PARTNER.as_bytes()).unwrap();
    let toml = read_partner("p.toml", format!("\u{feff}{PARTNER_TOML}").as_bytes()).unwrap();
    assert_eq!(json, toml);
    assert_eq!(json.customers.len(), 2);
}

#[test]
fn a_wrong_partner_file_is_told_with_its_place() {
    for (text, code, line, column) in [
        (PARTNER.replace("0a0a0a0a-1111", "oh"), "id.invalid", 5, "customers[1].subscriptions[0]"),
        (PARTNER.replace("2019-11-01", "2019-11-31"), "date.invalid", 2, "bill_to.agreement[0].start"),
        (PARTNER.replace("\"agreement\"", "\"agreements\""), "json.malformed", 2, "bill_to.agreements"),
        (PARTNER.replace("\"partner_id\": \"1\", ", ""), "json.malformed", 2, "bill_to.partner_id"),
        (PARTNER.replace("\"1\"", "1"), "json.malformed", 2, "bill_to.partner_id"),
        (PARTNER.replace("customers", "schema"), "json.malformed", 3, "schema"),
        (PARTNER_TOML.replace("0a0a0a0a-1111", "oh"), "id.invalid", 12, "customers[1].subscriptions[0]"),
        (PARTNER_TOML.replace("agreement", "agreements"), "json.malformed", 5, "bill_to.agreements"),
        (PARTNER_TOML.replace("[bill_to]", "[bill_to"), "json.malformed", 3, ""),
    ] {
        let error = read_partner("p", text.as_bytes()).unwrap_err();
        let (is, file, at, field) = told(&error);
        assert_eq!((is, file, at, field.unwrap_or_default()), (code, "p", Some(line), column), "{error}");
    }
}

#[test]
fn a_date_of_toml_is_told_to_stand_in_quotes() {
    let text = "schema = \"azure-pec/partner/1\"\n[bill_to]\npartner_id = \"1111111\"\n\
                tenant_id = \"6b29fc40-ca47-1067-b31d-00dd010662da\"\nagreement = [{ start = 2019-11-01 }]\n";
    let error = read_partner("p.toml", text.as_bytes()).unwrap_err();
    assert_eq!(error.place.column.as_deref(), Some("bill_to.agreement[0].start"));
    assert!(error.to_string().ends_with("found 2019-11-01: a date stands in quotes"), "{error}");
}

#[test]
fn a_policy_in_both_spellings() {
    let toml = format!("day = \"any\"\n\n[custom_role]\n\"{ROLE}\" = \"earns\"\n\"{TENANT}\" = \"never\"\n");
    let json = format!(r#"{{"day": "any", "custom_role": {{"{ROLE}": "earns", "{TENANT}": "never"}}}}"#);
    let policy = read_policy("p", toml.as_bytes()).unwrap();
    assert_eq!(policy, read_policy("p", json.as_bytes()).unwrap());
    assert_eq!(policy.day, DayRule::Any);
    assert!(matches!(&policy.custom_role, RolePolicy::Map(roles) if roles.len() == 2));
    let entries = read_policy_entries("p", toml.as_bytes()).unwrap();
    let custom = entries.iter().find(|entry| entry.key == "custom_role").unwrap();
    assert_eq!((custom.place.line, custom.value.contains(&format!("{ROLE}=earns"))), (Some(3), true));
    assert_eq!(read_policy("p", b"").unwrap(), Policy::default());
    for form in [
        "{\"schema\": \"azure-pec/policy/1\", \"day\": \"any\"}",
        "schema = \"azure-pec/policy/1\"\nday = \"any\"\n",
    ] {
        assert_eq!(kind(form), Ok(Kind::Policy));
        assert_eq!(read_policy("p", form.as_bytes()).unwrap().day, DayRule::Any);
    }
    assert_eq!(read_policy("p", b"schema = \"azure-pec/partner/1\"").unwrap_err().code(), "policy.invalid");
}

#[test]
fn a_wrong_policy_is_told_with_its_place() {
    for (text, code, line, column) in [
        ("day = \"any\"\n\nabsense = \"assume\"\n", "policy.invalid", 3, "absense"),
        ("deny = \"block\"\nday = \"some\"\n", "policy.invalid", 2, "day"),
        ("deny = \"block\"\ngap_tolerance = 10\n", "policy.invalid", 2, "gap_tolerance"),
        ("[custom_role]\nowner = \"earns\"\n", "policy.invalid", 1, "custom_role"),
        ("{\"deny\": \"block\",\n\"day\": \"some\"}", "policy.invalid", 2, "day"),
        ("{\"deny\": \"block\",\n\"day\": 1}", "json.malformed", 2, "day"),
        ("day = \"any\"\nday = \"any\"\n", "json.malformed", 2, ""),
        ("{\"day\": \"any\", \"day\": \"any\"}", "json.malformed", 1, "day"),
    ] {
        let error = read_policy("p", text.as_bytes()).unwrap_err();
        let (is, file, at, field) = told(&error);
        assert_eq!((is, file, at, field.unwrap_or_default()), (code, "p", Some(line), column), "{error}");
    }
}

#[test]
fn rule_data() {
    let text = include_str!("../../../azure-pec/data/rule.json");
    assert_eq!(kind(text), Ok(Kind::Rule));
    read_rule("r", text.as_bytes()).unwrap();
    let error = read_rule("r", text.replace("\"0.15\"", "\"1.5\"").as_bytes()).unwrap_err();
    assert_eq!((error.code(), error.place.file.as_deref()), ("rule.invalid", Some("r")));
    let error = read_rule("r", text.replace("\"0.15\"", "\"x\"").as_bytes()).unwrap_err();
    assert_eq!((error.code(), error.place.column.as_deref()), ("number.invalid", Some("rate[0].rate")));
}
