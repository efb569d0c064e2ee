//! The same usage twice is refused, whatever its form.

use std::path::Path;

use proptest::prelude::*;

use crate::fixture::{Table, contoso_body, options};

fn refusal(folder: &Path) -> Option<String> {
    let one = contoso_body(folder, &options(1)).err();
    let two = contoso_body(folder, &options(2)).err();
    assert_eq!(one, two);
    one.map(|error| format!("{}: {error}", error.code()))
}

fn assert_refused(folder: &Path) {
    let said = refusal(folder).unwrap();
    assert!(said.starts_with("input.usage_overlap"), "{said}");
    assert!(
        said.contains("a.csv") && said.contains("b.csv") && said.contains("two runs of one export"),
        "{said}"
    );
}

#[test]
fn a_copy_in_another_order_is_refused() {
    let (table, folder) = (Table::contoso(), tempfile::tempdir().unwrap());
    table.write(&folder.path().join("a.csv"), &table.rows);
    table.write(&folder.path().join("b.csv"), table.rows.iter().rev());
    assert_refused(folder.path());
}

#[test]
fn a_day_beside_the_month_is_refused() {
    let (table, folder) = (Table::contoso(), tempfile::tempdir().unwrap());
    table.write(&folder.path().join("a.csv"), &table.rows);
    let date = table.column("date");
    table.write(&folder.path().join("b.csv"), table.rows.iter().filter(|row| &row[date] == "10/17/2026"));
    assert_refused(folder.path());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, ..ProptestConfig::default() })]

    #[test]
    fn a_part_exported_again_is_refused(start in 0_usize..2600, length in 2_usize..2600) {
        let (table, folder) = (Table::contoso(), tempfile::tempdir().unwrap());
        table.write(&folder.path().join("a.csv"), &table.rows);
        table.write(&folder.path().join("b.csv"), table.rows.iter().skip(start).take(length));
        assert_refused(folder.path());
    }

    #[test]
    fn other_effective_prices_are_the_same_usage(factor in 1_u32..100, first in 0_usize..2000) {
        let (table, folder) = (Table::contoso(), tempfile::tempdir().unwrap());
        let changed: Vec<usize> =
            ["effectivePrice", "costInBillingCurrency", "costInPricingCurrency", "costInUsd", "ResourceId"]
                .iter()
                .map(|name| table.column(name))
                .collect();
        let again: Vec<csv::StringRecord> = table.rows.iter().skip(first).map(|row| {
            row.iter().enumerate().map(|(column, text)| match changed.iter().position(|at| *at == column) {
                // Ids come in capitals in one export and not in the next.
                Some(4) => text.to_uppercase(),
                Some(_) => format!("{factor}.25"),
                None => text.to_owned(),
            }).collect::<Vec<_>>().into()
        }).collect();
        table.write(&folder.path().join("a.csv"), &table.rows);
        table.write(&folder.path().join("b.csv"), &again);
        assert_refused(folder.path());
    }
}
