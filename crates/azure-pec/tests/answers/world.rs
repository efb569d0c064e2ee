//! A small world that tests change in one thing: one partner, one customer, one machine on one day.

use azure_pec::{
    AccessHistory, Amount, Calculator, Day, DenyAssignment, Explanation, Grant, HierarchyEntry, LocatedLine,
    Observed, Partner, Policy, PriceList, PriceRow, Principal, UsageLine,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

pub const SUBSCRIPTION: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001";
pub const SUBSCRIPTION_ID: &str = "aaaaaaaa-0000-0000-0000-000000000001";
pub const OTHER_SUBSCRIPTION: &str = "/subscriptions/bbbbbbbb-0000-0000-0000-000000000002";
pub const GROUP: &str = "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001/resourcegroups/rg";
pub const MACHINE: &str =
    "/subscriptions/aaaaaaaa-0000-0000-0000-000000000001/resourcegroups/rg/providers/x/y/vm";
pub const OWNER: &str = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635";
pub const CONTRIBUTOR: &str = "b24988ac-6180-42a0-ab88-20f7382dd24c";
pub const READER: &str = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
pub const MONITORING: &str = "749f88d5-cbae-40b8-bcfc-e573ddc772fa";
/// A role that no table holds.
pub const UNLISTED: &str = "12345678-0000-0000-0000-000000000001";
pub const OUR_TENANT: &str = "cccccccc-0000-0000-0000-000000000001";
pub const THEIR_TENANT: &str = "cccccccc-0000-0000-0000-000000000002";
pub const OUR_GROUP: &str = "dddddddd-0000-0000-0000-000000000001";
pub const OTHER_GROUP: &str = "dddddddd-0000-0000-0000-000000000002";
pub const HELPDESK: &str = "dddddddd-0000-0000-0000-000000000003";
/// Ours, without a partner admin link.
pub const UNLINKED: &str = "eeeeeeee-0000-0000-0000-000000000001";
pub const DAY: &str = "2026-10-30";
pub const DAY_START: &str = "2026-10-30T00:00:00Z";
pub const DAY_END: &str = "2026-10-31T00:00:00Z";

pub fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// An object with some keys set otherwise.
pub fn with(mut value: Value, more: &Value) -> Value {
    let own = value.as_object_mut().unwrap();
    for (key, value) in more.as_object().unwrap() {
        own.insert(key.clone(), value.clone());
    }
    value
}

/// Owner of the subscription for our AdminAgents group since ever, but for `more`.
pub fn grant(id: &str, more: &Value) -> Grant {
    let usual = json!({
        "id": id, "path": "aobo", "scope": SUBSCRIPTION, "role_id": OWNER, "principal_id": OUR_GROUP,
        "principal_kind": "ForeignGroup",
    });
    read(with(usual, more))
}

/// Owner for our user that is not linked.
pub fn user(id: &str, more: &Value) -> Grant {
    let usual = json!({"path": "directory", "principal_id": UNLINKED, "principal_kind": "User"});
    grant(id, &with(usual, more))
}

/// A deny of everything to everyone at the subscription, but for `more`.
pub fn deny(id: &str, more: &Value) -> DenyAssignment {
    read(with(json!({"id": id, "scope": SUBSCRIPTION, "everyone": true, "actions": ["*"]}), more))
}

/// Another partner's group stands first in our file, and our helpdesk before our admins.
pub fn partner(more: &Value) -> Partner {
    let usual = json!({
        "schema": "azure-pec/partner/1",
        "bill_to": {"partner_id": "1", "tenant_id": OUR_TENANT},
        "aobo_groups": [
            {"principal_id": OTHER_GROUP, "partner_id": "7", "group": "AdminAgents"},
            {"principal_id": HELPDESK, "partner_id": "1", "group": "HelpdeskAgents"},
            {"principal_id": OUR_GROUP, "partner_id": "1", "group": "AdminAgents"},
        ],
        "principals": [{"principal_id": UNLINKED, "partner_id": "1", "linked": null}],
    });
    let usual = with(usual, more);
    let given = usual.as_object().unwrap().clone();
    read(given.into_iter().filter(|(_, value)| !value.is_null()).collect::<serde_json::Map<_, _>>().into())
}

#[derive(Clone)]
pub struct World {
    pub observed: Observed,
    pub grants: Vec<Grant>,
    pub denies: Vec<DenyAssignment>,
    pub hierarchy: Vec<HierarchyEntry>,
    pub links: Vec<Principal>,
    pub partner: Option<Partner>,
    pub policy: Vec<(&'static str, &'static str)>,
    pub prices: Vec<PriceRow>,
}

impl Default for World {
    fn default() -> Self {
        Self {
            observed: Observed::Complete,
            grants: Vec::new(),
            denies: Vec::new(),
            hierarchy: Vec::new(),
            links: Vec::new(),
            partner: Some(partner(&json!({}))),
            policy: Vec::new(),
            prices: Vec::new(),
        }
    }
}

impl World {
    pub fn of(grants: Vec<Grant>) -> Self {
        Self { grants, ..Self::default() }
    }

    pub fn calculator(&self) -> Calculator {
        let mut policy = Policy::default();
        for (key, value) in &self.policy {
            policy.set(key, value).unwrap();
        }
        let access = AccessHistory {
            observed: self.observed.clone(),
            grants: self.grants.clone(),
            denies: self.denies.clone(),
            hierarchy: self.hierarchy.clone(),
            links: self.links.clone(),
            ..AccessHistory::default()
        };
        let mut builder = Calculator::builder().access(access).policy(policy);
        if let Some(partner) = &self.partner {
            builder = builder.partner(partner.clone());
        }
        if !self.prices.is_empty() {
            builder = builder.prices(PriceList::new(self.prices.clone()));
        }
        builder.build().unwrap()
    }

    /// What is said of the machine's day, with these lines of it.
    pub fn explained(&self, context: &UsageLine, lines: &[UsageLine]) -> Explanation {
        let located = |(at, line): (usize, &UsageLine)| LocatedLine {
            file: "usage.csv".to_owned(),
            number: at as u64 + 2,
            line: line.clone(),
            quantity_before: None,
        };
        let lines: Vec<LocatedLine> = lines.iter().enumerate().map(located).collect();
        self.calculator().explain(context, &lines).unwrap()
    }
}

/// Windows over the subscription, from and to these moments.
pub fn seen(windows: &[(Option<&str>, &str)]) -> Observed {
    let window = |(start, end): &(Option<&str>, &str)| {
        read(json!({"scope": SUBSCRIPTION, "start": start, "end": end}))
    };
    Observed::Windows(windows.iter().map(window).collect())
}

/// Ten units at 2 a unit: 3 of credit.
pub fn line() -> UsageLine {
    let mut line = UsageLine::new(day(DAY), amount("10"));
    line.resource_id = MACHINE.to_owned();
    line.list_price = Some(amount("2"));
    line
}
