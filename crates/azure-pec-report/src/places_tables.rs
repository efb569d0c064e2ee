//! Credit by customer and by subscription.

use maud::{Markup, html};

use crate::chart::stripe;
use crate::frame::{Column, ColumnKind, column, left_out, section, table};
use crate::places::PlaceSums;
use crate::report::Report;
use crate::text::{count, money, own, percent};

/// Rows of a table: the page stays small whatever the partner's size.
const MOST: usize = 500;

const CUSTOMERS: [Column; 8] = [
    column("Customer", ColumnKind::Text),
    column("Shares", ColumnKind::Drawing),
    column("Missed", ColumnKind::Sorted),
    column("Unknown", ColumnKind::Number),
    column("Earned", ColumnKind::Number),
    column("Coverage", ColumnKind::Number),
    column("Subscriptions", ColumnKind::Number),
    column("Currency", ColumnKind::Text),
];
const SUBSCRIPTIONS: [Column; 8] = [
    column("Subscription", ColumnKind::Text),
    column("Customer", ColumnKind::Text),
    column("Shares", ColumnKind::Drawing),
    column("Missed", ColumnKind::Sorted),
    column("Unknown", ColumnKind::Number),
    column("Earned", ColumnKind::Number),
    column("Coverage", ColumnKind::Number),
    column("Currency", ColumnKind::Text),
];

/// Customers and subscriptions.
pub fn by_place(report: &Report) -> Markup {
    let places = &report.places;
    let lead = html! {
        "Customers and their subscriptions, the most missed and unknown first. A customer leads to its subscriptions, a "
        "subscription to its breaks."
    };
    let groups =
        |by: &str| html! { code { (report.command("statement", &format!("--by {by} --groups {by}.csv"))) } };
    let content = html! {
        h3 { "Customers" }
        (table("customers-table", "Credit by customer", report.columns(&CUSTOMERS), &html! {
            @for place in places.customers.iter().take(MOST) { (customer(place, report)) }
        }))
        (left_out(MOST, places.customers.len(), "customers", &groups("customer")))
        h3 { "Subscriptions" }
        (table("subscriptions-table", "Credit by subscription", report.columns(&SUBSCRIPTIONS), &html! {
            @for place in places.subscriptions.iter().take(MOST) { (subscription(place, report)) }
        }))
        (left_out(MOST, places.subscriptions.len(), "subscriptions", &groups("subscription")))
    };
    section("places", "Where", &lead, &content)
}

fn customer(place: &PlaceSums, report: &Report) -> Markup {
    html! {
        tr {
            th scope="row" {
                a href="#subscriptions-table" data-table="subscriptions-table" data-filter=(place.id) {
                    (own(report.places.customer(&place.id)))
                }
            }
            td.drawing { (stripe(&place.money)) }
            (sums(place))
            td.n { (count(place.subscriptions as u64)) }
            @if report.has_several_currencies() { td { (place.currency) } }
        }
    }
}

fn subscription(place: &PlaceSums, report: &Report) -> Markup {
    html! {
        tr data-also=(place.customer) {
            th scope="row" {
                a href="#breaks" data-table="breaks-table" data-filter=(place.id) { (own(report.places.subscription(&place.id))) }
                @if !place.name.is_empty() { span.id { (place.id) } }
            }
            td { (own(report.places.customer(&place.customer))) }
            td.drawing { (stripe(&place.money)) }
            (sums(place))
            @if report.has_several_currencies() { td { (place.currency) } }
        }
    }
}

fn sums(place: &PlaceSums) -> Markup {
    let money = |amount| money(amount, &place.currency);
    html! {
        td.n { (money(&place.money.missed)) }
        td.n { (money(&place.money.unknown)) }
        td.n { (money(&place.money.earned)) }
        td.n { (percent(place.money.coverage().as_ref())) }
    }
}
