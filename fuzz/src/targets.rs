//! The targets by name.

mod access;
mod arguments;
mod asking;
mod documents;
mod prices;
mod rule;
mod usage;
mod values;

use crate::{Form, Target, seeds};

/// Every target.
pub const TARGETS: &[Target] = &[
    table("usage_cost_management", || seeds::of("cost_management"), usage::text),
    table("usage_daily_rated", || seeds::of("daily_rated"), usage::text),
    table("usage_focus", || seeds::of("focus"), usage::text),
    document("usage_json", || seeds::of("usage_json"), usage::text),
    bytes("usage_packed", seeds::packed, usage::any),
    bytes("usage_parquet", seeds::parquet, usage::any),
    bytes("usage_arrow", seeds::ipc, usage::ipc),
    table("invoice", || seeds::of("invoice"), prices::invoice),
    table("prices_azure_plan", || seeds::of("azure_plan"), prices::azure_plan),
    table("prices_price_sheet", || seeds::of("price_sheet"), prices::price_sheet),
    document("prices_retail", || seeds::of("retail"), prices::retail),
    table("prices_fx", || seeds::of("exchange_rates"), prices::exchange_rates),
    document("access_role_assignments", || seeds::of("role_assignments"), access::exports),
    document("access_role_definitions", || seeds::of("role_definitions"), access::exports),
    document("access_activity_log", || seeds::of("activity_log"), access::exports),
    document("access_pim", || seeds::of("pim"), access::exports),
    document("access_lighthouse", || seeds::of("lighthouse"), access::exports),
    document("access_deny_assignments", || seeds::of("deny_assignments"), access::exports),
    document("access_management_groups", || seeds::of("management_groups"), access::exports),
    document("access_partner_link", || seeds::of("partner_links"), access::exports),
    document("access_history", || seeds::of("history"), access::history),
    document("partner", || seeds::of("partner"), documents::partner),
    document("policy", || seeds::of("policy"), documents::policy),
    document("rule_data", || seeds::of("rule"), documents::rule),
    document("export_manifest", || seeds::of("manifest"), documents::manifest),
    text("numbers", values::number_seeds, values::numbers),
    text("days", values::day_seeds, values::days),
    text("scopes", values::scope_seeds, values::scopes),
    text("changes", asking::change_seeds, asking::changes),
    document("requests", asking::request_seeds, asking::requests),
    document("lines", asking::line_seeds, asking::lines),
    bytes("calculator_bytes", asking::byte_seeds, asking::bytes),
    document("rule_questions", seeds::questions, rule::question),
    bytes("rule_worlds", seeds::choices, rule::world),
    text("arguments", arguments::seeds, arguments::check),
];

type Seeds = fn() -> Vec<Vec<u8>>;
type Check = fn(&[u8]);

const fn table(name: &'static str, seeds: Seeds, check: Check) -> Target {
    Target { name, form: Form::Table, seeds, check }
}

const fn document(name: &'static str, seeds: Seeds, check: Check) -> Target {
    Target { name, form: Form::Document, seeds, check }
}

const fn text(name: &'static str, seeds: Seeds, check: Check) -> Target {
    Target { name, form: Form::Text, seeds, check }
}

const fn bytes(name: &'static str, seeds: Seeds, check: Check) -> Target {
    Target { name, form: Form::Bytes, seeds, check }
}

/// The target of a name.
#[must_use]
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}
