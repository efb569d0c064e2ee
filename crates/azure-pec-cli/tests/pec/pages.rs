//! Every page of the example, as it stands in a pipe.

use insta::assert_snapshot;

use crate::pec::{CONTOSO, page};

const SHOP: &str = "/subscriptions/5b0a1ca3-7d3e-4f60-9a11-2f6c0d5e0a30/resourceGroups/shop-rg/providers\
                    /Microsoft.Compute/virtualMachines/vm-shop-01";
const PAYMENTS: &str = "/subscriptions/5b0a1ca5-7d3e-4f60-9a11-2f6c0d5e0a50/resourceGroups/payments-rg/providers\
                        /Microsoft.Compute/virtualMachines/vm-payments-01";

fn widest(page: &str) -> usize {
    page.lines().map(|line| line.chars().count()).max().unwrap_or_default()
}

#[test]
fn statement() {
    let page = page(&["statement", CONTOSO]);
    assert!(widest(&page) <= 80, "{}", widest(&page));
    assert_snapshot!(page);
}

#[test]
fn statement_by_customer_and_month() {
    let page =
        page(&["statement", CONTOSO, "--by", "customer,month", "--from", "2026-10-06", "--to", "2026-10-12"]);
    assert!(widest(&page) <= 80, "{}", widest(&page));
    assert_snapshot!(page);
}

#[test]
fn statement_keeps_the_policy_in_the_commands_it_advises() {
    let page = page(&["statement", CONTOSO, "--absence", "assume", "--deny", "block"]);
    assert!(page.contains("--absence assume"), "{page}");
    assert!(!page.contains("access.unproven") && page.contains("missed: a deny"), "{page}");
}

#[test]
fn statement_of_no_day() {
    assert_snapshot!(page(&["statement", CONTOSO, "--from", "2027-01-01"]).lines().next().unwrap(),
        @"Partner earned credit: no usage lines in that time");
}

#[test]
fn explain_a_partial_day() {
    assert_snapshot!(page(&["explain", CONTOSO, "--resource", SHOP, "--date", "2026-10-12"]));
}

#[test]
fn explain_a_denied_day() {
    assert_snapshot!(page(&["explain", CONTOSO, "--resource", PAYMENTS, "--date", "2026-10-06"]));
}

#[test]
fn explain_a_day_without_usage() {
    let page = page(&["explain", CONTOSO, "--resource", SHOP, "--date", "2026-09-12"]);
    assert!(page.contains("No usage of it on that day"), "{page}");
    assert!(page.contains("earned   eligible access covered the whole day"), "{page}");
}

#[test]
fn explain_a_subscription() {
    assert_snapshot!(page(&["explain", CONTOSO, "--subscription", "adatum-access-removed"]));
}

#[test]
fn explain_a_subscription_by_its_id_and_since_a_day() {
    let by_id = page(&[
        "explain",
        CONTOSO,
        "--subscription",
        "5B0A1CA3-7D3E-4F60-9A11-2F6C0D5E0A30",
        "--since",
        "2026-10-14",
    ]);
    assert!(by_id.starts_with("adatum-access-removed, 2026-10-14 to 2026-10-31\n"), "{by_id}");
}

#[test]
fn explain_a_subscription_of_several_stories() {
    assert_snapshot!(page(&["explain", CONTOSO, "--subscription", "adatum-two-grants"]));
}

#[test]
fn inspect() {
    let page = page(&["inspect", CONTOSO]);
    assert!(widest(&page) <= 80, "{}", widest(&page));
    assert_snapshot!(page);
}

#[test]
fn pages_have_no_colours_in_a_pipe() {
    for args in [&["statement", CONTOSO][..], &["explain", CONTOSO, "--subscription", "adatum-two-grants"]] {
        assert!(!page(args).contains('\u{1b}'), "{args:?}");
    }
}
