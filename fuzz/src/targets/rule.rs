//! The rule: questions in the form of the shared cases, changed, and worlds chosen by bytes.

use std::collections::BTreeMap;

use azure_pec::Amount;
use azure_pec_conformance::{Answer, Reply, Request, reply};
use serde_json::{Value, json};

use crate::checks;
use crate::choices::Choices;

/// A question of a case, changed.
pub fn question(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    holds(text);
}

/// A world chosen by bytes.
pub fn world(bytes: &[u8]) {
    holds(&World::new(bytes).question().to_string());
}

/// What holds of every question, and what it is answered with.
fn holds(text: &str) {
    let ask = |text: &str| serde_json::from_str::<Request>(text).ok().map(|request| reply(&request));
    let Some(answered) = ask(text) else { return };
    let said = match answered {
        Ok(said) => said,
        Err((code, message)) => {
            checks::is_code(&code);
            let again = ask(text).and_then(Result::err);
            return assert_eq!(again, Some((code, message)), "asked twice, two answers");
        }
    };
    said.answers.iter().for_each(consistent);
    sums(&said);
    let Ok(question) = serde_json::from_str::<Value>(text) else { return };
    // Lines in another order are answered the same. Equal lines may change places, so all are compared as a bag. What is
    // written twice in an object is gone here, so the question is asked anew as it is now.
    let asked = |question: &Value| match ask(&question.to_string()) {
        Some(Ok(said)) => Some(said),
        Some(Err((code, message))) => {
            assert!(code != "runner.differs", "{message}");
            None
        }
        None => None,
    };
    let Some(plain) = asked(&question) else { return };
    let mut turned = question.clone();
    if let Some(lines) = turned.get_mut("lines").and_then(Value::as_array_mut) {
        lines.reverse();
    }
    let other = asked(&turned);
    assert!(other.is_some(), "turned round it is refused");
    let Some(other) = other else { return };
    assert_eq!(bag(&question, &plain), bag(&turned, &other), "lines turned round are answered otherwise");
    assert_eq!(
        (&plain.totals, &plain.reasons, &plain.warned),
        (&other.totals, &other.reasons, &other.warned)
    );
    // The same access said twice says no more.
    let mut twice = question.clone();
    for part in ["grants", "denies", "hierarchy"] {
        let all =
            twice.get_mut("access").and_then(|access| access.get_mut(part)).and_then(Value::as_array_mut);
        if let Some(all) = all {
            let again = all.clone();
            all.extend(again);
        }
    }
    let other = asked(&twice).map(|said| said.answers);
    assert_eq!(Some(plain.answers), other, "access said twice says more");
}

/// Each line's own words with its answer, how often.
fn bag(question: &Value, said: &Reply) -> BTreeMap<String, usize> {
    let lines = question.get("lines").and_then(Value::as_array).into_iter().flatten();
    let mut bag = BTreeMap::new();
    for (line, answer) in lines.zip(&said.answers) {
        *bag.entry(format!("{line} {answer:?}")).or_default() += 1;
    }
    bag
}

fn amount(text: &str) -> Amount {
    let read = text.parse::<Amount>();
    // An exact product may have more digits than a file's number: then it is not worked out anew.
    read.unwrap_or_default()
}

/// What an answer says of itself: its amounts follow from each other.
fn consistent(answer: &Answer) {
    let kinds = ["earned", "missed", "never", "unknown"];
    assert!(kinds.contains(&answer.outcome.as_str()), "{answer:?}");
    assert_eq!(answer.outcome == "earned", answer.reason == "earned", "{answer:?}");
    let (Some(list), Some(potential), Some(credit), Some(net)) =
        (&answer.list_amount, &answer.potential, &answer.credit, &answer.net)
    else {
        return assert!(answer.net.is_none() && answer.list_amount.is_none(), "{answer:?}");
    };
    assert!(credit == potential || credit == "0", "{answer:?}");
    assert!(answer.outcome == "earned" || credit == "0", "credit that was not earned: {answer:?}");
    assert!(answer.outcome != "never" || potential == "0", "what never earns has a potential: {answer:?}");
    if list.len() < 24 {
        let (list, credit) = (amount(list), amount(credit));
        assert_eq!(amount(net), &list + &-&credit, "{answer:?}");
        if answer.outcome != "never" {
            assert_eq!(amount(potential), &list * &amount(&answer.rate), "{answer:?}");
        }
    }
}

/// The statement's lines are the answers, and its sums by reason those of the answers.
fn sums(said: &Reply) {
    let counted: u64 = rows(&said.totals).filter_map(|row| row.get("lines")?.as_u64()).sum();
    assert_eq!(counted, said.answers.len() as u64, "lines that are in no total");
    let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
    for answer in &said.answers {
        *by_reason.entry(&answer.reason).or_default() += 1;
    }
    let mut told: BTreeMap<&str, u64> = BTreeMap::new();
    for row in rows(&said.reasons) {
        let reason = row.get("reason").and_then(Value::as_str).unwrap_or_default();
        *told.entry(reason).or_default() += row.get("lines").and_then(Value::as_u64).unwrap_or(0);
    }
    assert_eq!(by_reason, told, "lines by reason");
}

fn rows(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

const SUBSCRIPTIONS: [&str; 3] = [
    "aaaaaaaa-1111-4111-8111-000000000001",
    "aaaaaaaa-1111-4111-8111-000000000002",
    "bbbbbbbb-1111-4111-8111-000000000001",
];
const TENANTS: [&str; 2] = ["aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000001"];
const PARTNER_TENANT: &str = "99999999-0000-4000-8000-000000000001";
const ROLES: [&str; 5] = [
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
    "b24988ac-6180-42a0-ab88-20f7382dd24c",
    "acdd72a7-3385-48ef-bd42-f606fba81ae7",
    "f58310d9-a9f6-439a-9e8d-f62e7b41a168",
    "0c0ffee0-0000-4000-8000-000000000001",
];
const PRINCIPALS: [&str; 4] = [
    "d0000001-0000-4000-8000-0000000000d1",
    "d0000004-0000-4000-8000-0000000000d4",
    "e0000001-0000-4000-8000-0000000000e1",
    "e0000003-0000-4000-8000-0000000000e3",
];
const PARTNERS: [&str; 3] = ["1111111", "2222222", "3333333"];
const GROUPS: [&str; 2] = [
    "/providers/Microsoft.Management/managementGroups/root",
    "/providers/Microsoft.Management/managementGroups/mg",
];
const POLICIES: [(&str, &[&str]); 13] = [
    ("day", &["entire", "any", "end_of_day"]),
    ("day_offset", &["+00:00", "+02:00", "-08:00", "+05:30", "+14:00"]),
    ("gap_tolerance", &["0s", "1s", "10m", "12h", "36h"]),
    ("absence", &["require_proof", "assume"]),
    ("foreign_group", &["unknown", "trust"]),
    ("management_group", &["inherit", "ignore"]),
    ("deny", &["unknown", "block", "ignore"]),
    ("condition", &["accept", "unknown"]),
    ("custom_role", &["unknown", "never"]),
    ("unlisted_role", &["unknown", "never"]),
    ("helpdesk_group", &["accept", "ignore"]),
    ("price_source", &["line", "list"]),
    ("rounding", &["exact", "meter_month_cents"]),
];

/// A small world, each part of which a byte or two choose.
struct World<'b> {
    choices: Choices<'b>,
}

impl<'b> World<'b> {
    const fn new(bytes: &'b [u8]) -> Self {
        Self { choices: Choices::new(bytes) }
    }

    fn question(&mut self) -> Value {
        let mut policy = serde_json::Map::new();
        for _ in 0..self.choices.below(4) {
            let (key, values) = self.choices.pick(&POLICIES);
            policy.insert(key.to_owned(), self.choices.pick(values).into());
        }
        let grants: Vec<Value> = (0..self.choices.below(5)).map(|at| self.grant(at)).collect();
        let denies: Vec<Value> = (0..self.choices.below(3)).map(|at| self.deny(at)).collect();
        let lines: Vec<Value> = (0..1 + self.choices.below(4)).map(|_| self.line()).collect();
        let observed = if self.choices.chance(90) {
            (0..self.choices.below(3)).map(|_| self.window()).collect::<Vec<_>>().into()
        } else {
            Value::from("complete")
        };
        let hierarchy: Vec<Value> = (0..self.choices.below(4)).map(|_| self.link()).collect();
        let mut question = json!({
            "policy": policy, "lines": lines,
            "access": {"schema": "azure-pec/access/1", "observed": observed, "grants": grants, "denies": denies, "hierarchy": hierarchy},
        });
        let (partner, prices) = (self.partner(), self.prices());
        if let Some(question) = question.as_object_mut() {
            question.extend(partner.map(|partner| ("partner".to_owned(), partner)));
            question.extend(prices.map(|prices| ("prices".to_owned(), prices)));
        }
        question
    }

    /// A time of a few days, on borders of days and a tick off them.
    fn time(&mut self) -> String {
        let (day, kind) = (4 + self.choices.below(4), self.choices.below(8));
        match kind {
            0 | 1 => format!("2026-10-{day:02}T00:00:00Z"),
            2 => format!("2026-10-{day:02}T12:00:00Z"),
            3 => format!("2026-10-{day:02}T23:59:59.9999999Z"),
            4 => format!("2026-10-{day:02}T00:00:00.0000001Z"),
            5 => format!("2026-10-{day:02}T00:10:00Z"),
            6 => format!("2026-10-{day:02}T22:00:00Z"),
            _ => format!(
                "2026-10-{day:02}T{:02}:{:02}:00+02:00",
                self.choices.below(24),
                self.choices.below(60)
            ),
        }
    }

    /// Start and end, mostly in their order, either open.
    fn span(&mut self) -> (Option<String>, Option<String>) {
        let start = self.choices.chance(140).then(|| self.time());
        let end = self.choices.chance(120).then(|| self.time());
        match (start, end) {
            (Some(start), Some(end)) if end < start && !self.choices.chance(8) => (Some(end), Some(start)),
            (Some(start), Some(end)) if end == start => (Some(start), None),
            other => other,
        }
    }

    fn scope(&mut self) -> String {
        let subscription = self.choices.pick(&SUBSCRIPTIONS);
        match self.choices.below(7) {
            0 => "/".to_owned(),
            1 => self.choices.pick(&GROUPS).to_owned(),
            2 | 3 => format!("/subscriptions/{subscription}"),
            4 => format!("/subscriptions/{subscription}/resourceGroups/rg1"),
            5 => format!("/subscriptions/{subscription}/resourceGroups/RG10"),
            _ => self.resource(subscription),
        }
    }

    fn resource(&mut self, subscription: &str) -> String {
        let (group, name) = (self.choices.pick(&["rg1", "rg10"]), self.choices.pick(&["vm", "vm2"]));
        format!(
            "/subscriptions/{subscription}/resourceGroups/{group}/providers/Microsoft.Compute/virtualMachines/{name}"
        )
    }

    fn tenant(&mut self) -> Option<&'static str> {
        self.choices.chance(100).then(|| self.choices.pick(&TENANTS))
    }

    fn grant(&mut self, at: usize) -> Value {
        let (start, end) = self.span();
        json!({
            "id": format!("g{at}"), "tenant_id": self.tenant(), "scope": self.scope(), "start": start, "end": end,
            "path": self.choices.pick(&["aobo", "directory", "lighthouse_offer", "lighthouse_template"]),
            "eligible_only": self.choices.chance(30), "role_id": self.choices.pick(&ROLES),
            "principal_id": self.choices.pick(&PRINCIPALS),
            "principal_kind": self.choices.pick(&["ForeignGroup", "User", "ServicePrincipal", "Group"]),
            "partner_id": self.choices.chance(100).then(|| self.choices.pick(&PARTNERS)),
            "condition": self.choices.chance(20).then_some("@Resource[x]"),
        })
    }

    fn deny(&mut self, at: usize) -> Value {
        let (start, end) = self.span();
        json!({
            "id": format!("d{at}"), "tenant_id": self.tenant(), "scope": self.scope(), "start": start, "end": end,
            "principal_ids": [self.choices.pick(&PRINCIPALS)], "everyone": self.choices.chance(128),
            "exclude_principal_ids": if self.choices.chance(60) { vec![self.choices.pick(&PRINCIPALS)] } else { Vec::new() },
            "actions": [self.choices.pick(&["*", "*/write", "*/read", "Microsoft.Compute/virtualMachines/read", "a/b*c"])],
            "applies_to_children": !self.choices.chance(60), "system_protected": self.choices.chance(20),
        })
    }

    fn window(&mut self) -> Value {
        let (start, end) = self.span();
        json!({"tenant_id": self.tenant(), "scope": self.scope(), "start": start, "end": end})
    }

    fn link(&mut self) -> Value {
        let (start, end) = self.span();
        let child = match self.choices.below(4) {
            0 => self.choices.pick(&GROUPS).to_owned(),
            _ => format!("/subscriptions/{}", self.choices.pick(&SUBSCRIPTIONS)),
        };
        json!({"tenant_id": self.tenant(), "child": child, "parent": self.choices.pick(&GROUPS), "start": start, "end": end})
    }

    fn partner(&mut self) -> Option<Value> {
        if self.choices.chance(60) {
            return None;
        }
        let mut partner = json!({
            "schema": "azure-pec/partner/1",
            "bill_to": {"partner_id": "1111111", "tenant_id": PARTNER_TENANT,
                        "kind": self.choices.pick(&["direct_bill", "indirect_provider"])},
        });
        let fields = partner.as_object_mut()?;
        if self.choices.chance(40) {
            let (start, end) = self.span();
            let agreement = json!([{"start": start.unwrap_or_else(|| "2026-10-01".to_owned()), "end": end}]);
            if let Some(bill_to) = fields.get_mut("bill_to").and_then(Value::as_object_mut) {
                bill_to.insert("agreement".to_owned(), agreement);
            }
        }
        if self.choices.chance(120) {
            let group = self.choices.pick(&["AdminAgents", "HelpdeskAgents"]);
            fields.insert(
                "aobo_groups".to_owned(),
                json!([
                {"principal_id": PRINCIPALS[0], "partner_id": self.choices.pick(&PARTNERS), "group": group}]),
            );
        }
        if self.choices.chance(120) {
            let (start, end) = self.span();
            let linked = self.choices.chance(160).then(|| {
                json!({"tenant_id": self.choices.pick(&[TENANTS[0], TENANTS[1], PARTNER_TENANT]), "start": start, "end": end})
            });
            fields.insert("principals".to_owned(), json!([
                {"principal_id": PRINCIPALS[2], "partner_id": self.choices.pick(&PARTNERS), "linked": linked}]));
        }
        if self.choices.chance(80) {
            let (start, end) = self.span();
            fields.insert("resellers_of_record".to_owned(), json!([
                {"customer_id": TENANTS[0], "plan_id": null, "partner_id": "2222222", "start": start, "end": end}]));
        }
        if self.choices.chance(60) {
            fields.insert(
                "customers".to_owned(),
                json!([
                {"customer_id": TENANTS[0], "market": "DE", "subscriptions": [SUBSCRIPTIONS[0]]}]),
            );
        }
        if self.choices.chance(40) {
            fields.insert("transfers".to_owned(), json!([
                {"subscription_id": SUBSCRIPTIONS[0], "at": self.time(), "from_partner": self.choices.pick(&PARTNERS),
                 "to_partner": self.choices.pick(&PARTNERS)}]));
        }
        Some(partner)
    }

    fn prices(&mut self) -> Option<Value> {
        let of = self.choices.below(3);
        if of == 0 {
            return None;
        }
        let row = |from: Option<&str>, to: Option<&str>, price: &str, tags: &[&str]| {
            json!({"product_id": "DZH318Z0BNVX", "sku_id": "0003", "meter_ids": [], "market": "DE", "currency": "USD",
                   "unit_price": price, "tier_min": from, "tier_max": to, "start": null, "end": null, "tags": tags,
                   "publisher": "Microsoft"})
        };
        let rows = match of {
            1 => {
                let tags: &[&str] = if self.choices.chance(60) { &["Third Party"] } else { &[] };
                vec![row(None, None, self.choices.pick(&["1", "0.045", "0"]), tags)]
            }
            _ => vec![row(Some("1"), Some("100"), "1", &[]), row(Some("101"), None, "0.80", &[])],
        };
        Some(rows.into())
    }

    fn line(&mut self) -> Value {
        let subscription = self.choices.pick(&SUBSCRIPTIONS);
        let mut line = json!({
            "date": format!("2026-10-{:02}", 4 + self.choices.below(5)),
            "quantity": self.choices.pick(&["1", "100", "60", "0", "-1", "6.19947E-09", "3.1415926535897932384626433832795"]),
            "subscription_id": subscription, "product_id": "DZH318Z0BNVX", "sku_id": "0003",
        });
        let Some(fields) = line.as_object_mut() else { return line };
        let mut put = |key: &str, value: &str| {
            fields.insert(key.to_owned(), value.into());
        };
        if !self.choices.chance(30) {
            put("list_price", self.choices.pick(&["1", "0.045", "0", "12.5", "0.0000000000000001"]));
        }
        match self.choices.below(4) {
            0 => put("resource_group", "rg1"),
            1 => {}
            _ => {
                let resource = self.resource(subscription);
                put("resource_id", &resource);
            }
        }
        if self.choices.chance(120) {
            put("customer_id", self.choices.pick(&TENANTS));
        }
        if self.choices.chance(80) {
            put("reseller_id", self.choices.pick(&PARTNERS));
        }
        if self.choices.chance(80) {
            put(
                "partner_tenant_id",
                self.choices.pick(&[PARTNER_TENANT, "99999999-0000-4000-8000-000000000003"]),
            );
        }
        if self.choices.chance(60) {
            let (key, value) = self.choices.pick(&[
                ("charge_type", "Refund"),
                ("charge_type", "Purchase"),
                ("charge_type", "UnusedReservation"),
                ("plan_name", "Azure plan"),
                ("plan_name", "Microsoft Azure"),
                ("credit_percentage", "100"),
                ("pricing_model", "Spot"),
                ("pricing_model", "SavingsPlan"),
                ("sku_name", "D2 v5 Low Priority"),
                ("publisher_type", "Marketplace"),
                ("benefit_type", "Reservation"),
                ("billing_currency", "EUR"),
            ]);
            put(key, value);
        }
        line
    }
}
