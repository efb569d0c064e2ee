use azure_pec::{Amount, Field};
use azure_pec_formats::{Kind, UsageReader};

use crate::fixture::*;

/// Every published list of columns, with the number of columns that its page counts.
fn versions() -> Vec<(Vec<&'static str>, usize)> {
    let newest = names(MPA_70);
    let first_67 = newest[..67].to_vec();
    let renamed = |name: &&'static str| match *name {
        "ProductName" => "product",
        "SubscriptionId" => "subscriptionId",
        "ResourceId" => "InstanceName",
        "location" => "Location",
        "PayGPrice" => "payGPrice",
        other => other,
    };
    let oldest = first_67.iter().map(renamed).filter(|name| *name != "PricingModel").collect();
    // As recorded of a live account in 2025: one column more, another spelling.
    let mut live: Vec<_> =
        newest.iter().map(|n| if *n == "PricingModel" { "pricingModel" } else { *n }).collect();
    live.insert(67, "costAllocationRuleName");
    vec![(newest, 70), (first_67, 67), (oldest, 66), (live, 71)]
}

/// What subscription and resource group scope leave out.
fn subscription_scope(columns: usize) -> Vec<&'static str> {
    let absent = [
        "invoiceId",
        "previousInvoiceId",
        "billingAccountId",
        "billingProfileId",
        "billingProfileName",
        "invoiceSectionId",
        "invoiceSectionName",
        "partnerTenantId",
        "costInPricingCurrency",
        "paygCostInBillingCurrency",
        "paygCostInUsd",
        "partnerEarnedCreditRate",
        "partnerEarnedCreditApplied",
        "unitPrice",
    ];
    names(MPA_70).into_iter().filter(|name| !absent.contains(name)).take(columns).collect()
}

#[test]
fn every_version_reads_the_same_line() {
    for (header, columns) in versions() {
        assert_eq!(header.len(), columns);
        let read = read(table(&header, &[&[]])).unwrap();
        assert!(read.rejects.is_empty(), "{columns}: {:?}", read.rejects);
        assert_eq!(read.batch.dates()[0].to_string(), "2026-10-05");
        assert_eq!(read.batch.quantities()[0], Amount::from(24));
        assert_eq!(read.batch.list_prices()[0], Some("0.11".parse().unwrap()));
        assert_eq!(read.batch.lines(), [2]);
        for (field, text) in [
            (Field::CustomerId, "a8098c1a-f86e-11da-bd1a-00112444be1e"),
            (Field::ResellerId, "2222222"),
            (Field::PartnerTenantId, TENANT),
            (Field::PlanId, "plan-1"),
            (Field::PlanName, "Azure plan"),
            (Field::SubscriptionId, SUBSCRIPTION),
            (Field::ResourceGroup, "web"),
            (Field::ResourceId, "/subscriptions/s/resourceGroups/web/providers/P/t/vm"),
            (Field::MeterId, METER),
            (Field::Service, "Virtual Machines"),
            (Field::ProductId, "DZH318Z0ABCD"),
            (Field::SkuId, "00XY"),
            (Field::SkuName, "D2 v5 - EU West"),
            (Field::ChargeType, "Usage"),
            (Field::PricingModel, if columns == 66 { "" } else { "OnDemand" }),
            (Field::Currency, "USD"),
            (Field::BillingCurrency, "EUR"),
            (Field::ExchangeRate, "0.9"),
            (Field::ObservedRate, "0.15"),
            (Field::InvoiceId, "G000000001"),
            (Field::BillingProvider, ""),
        ] {
            assert_eq!(read.text(field), text, "{columns} columns, {}", field.name());
        }
    }
}

#[test]
fn subscription_scope_has_no_observed_rate() {
    for columns in [56, 53, 52] {
        let header = subscription_scope(columns);
        assert_eq!(header.len(), columns);
        let read = read(table(&header, &[&[]])).unwrap();
        assert!(read.rejects.is_empty(), "{:?}", read.rejects);
        assert_eq!(read.text(Field::ObservedRate), "");
        assert_eq!(read.text(Field::Currency), "USD");
        assert_eq!(read.text(Field::SubscriptionId), SUBSCRIPTION);
    }
    let header: Vec<_> =
        subscription_scope(52).into_iter().filter(|name| *name != "pricingCurrency").collect();
    assert_eq!(read(table(&header, &[&[]])).unwrap().text(Field::Currency), "EUR");
}

#[test]
fn the_applied_rate_is_a_fraction_whatever_its_form() {
    let header = names(MPA_70);
    for (applied, rate, read_as) in [
        ("True", "0.15", Some("0.15")),
        ("true", "15", Some("0.15")),
        ("1", "15%", Some("0.15")),
        ("TRUE", "15.0%", Some("0.15")),
        ("True", "0", Some("0")),
        ("False", "0.15", Some("0")),
        ("0", "", Some("0")),
        ("", "", Some("0")),
        ("True", "", None),
        ("True", "fifteen", None),
        ("perhaps", "0.15", None),
        ("True", "150", None),
        ("True", "-0.15", None),
    ] {
        let values = [("partnerEarnedCreditApplied", applied), ("partnerEarnedCreditRate", rate)];
        let text = table(&header, &[&values]);
        let all = read(text.as_str()).unwrap();
        let shown = format!("{applied} {rate}");
        match read_as {
            Some(rate) => assert_eq!(all.text(Field::ObservedRate), rate, "{shown}"),
            None => assert_eq!(all.rejects[0].error.code(), "number.invalid", "{shown}"),
        }
        // Who does not ask for it is not stopped by it.
        let wanted = azure_pec_formats::FieldSet::all().without(Field::ObservedRate);
        let without = read_source(&source("u", text), wanted).unwrap();
        assert_eq!((without.batch.len(), without.text(Field::ObservedRate)), (1, ""), "{shown}");
    }
}

#[test]
fn numbers_lose_no_digit() {
    let values = [("quantity", "6.19947E-09"), ("PayGPrice", "0.1999968000511991808131")];
    let header = names(MPA_70);
    let read = read(table(&header, &[&values, &[("quantity", "-.50"), ("PayGPrice", "")]])).unwrap();
    assert_eq!(read.batch.quantities()[0].to_string(), "0.00000000619947");
    assert_eq!(read.batch.list_prices()[0].as_ref().unwrap().to_string(), "0.1999968000511991808131");
    assert_eq!(read.batch.quantities()[1].to_string(), "-0.5");
    assert_eq!(read.batch.list_prices()[1], None);
}

#[test]
fn ids_that_mean_none_are_empty() {
    let nil = "00000000-0000-0000-0000-000000000000";
    let values =
        [("reservationId", nil), ("SubscriptionId", nil), ("ResourceId", "NULL"), ("productOrderId", "null")];
    let read = read(table(&names(MPA_70), &[&values])).unwrap();
    for field in [Field::ReservationId, Field::SubscriptionId, Field::ResourceId, Field::PlanId] {
        assert_eq!(read.text(field), "", "{}", field.name());
    }
}

#[test]
fn headers_in_any_case_and_language() {
    let german: Vec<String> = names(MPA_70)
        .into_iter()
        .map(|name| match name {
            "SubscriptionId" => "Abonnement-GUID (SubscriptionGuid)".to_owned(),
            "quantity" => "Menge (Quantity)".to_owned(),
            other => other.to_uppercase(),
        })
        .collect();
    let records = record(&names(MPA_70), &[]);
    let read = read(format!("{}\n{records}\n", german.join(","))).unwrap();
    assert_eq!(read.text(Field::SubscriptionId), SUBSCRIPTION);
    assert_eq!(read.text(Field::ObservedRate), "0.15");
}

#[test]
fn the_list_price_column_may_be_absent() {
    let header: Vec<_> = names(MPA_70).into_iter().filter(|name| *name != "PayGPrice").collect();
    let text = table(&header, &[&[]]);
    let reader = UsageReader::open(&source("u", text.as_str()), azure_pec_formats::FieldSet::EMPTY).unwrap();
    assert_eq!((reader.has_list_price(), reader.kind()), (false, Kind::UsageCostManagement));
    assert_eq!(read(text).unwrap().batch.list_prices(), [None]);
}

#[test]
fn only_wanted_fields_are_read() {
    let wanted = azure_pec_formats::FieldSet::EMPTY.with(Field::SubscriptionId);
    let text = table(&names(MPA_70), &[&[("exchangeRatePricingToBilling", "abc")]]);
    let read = read_source(&source("u", text), wanted).unwrap();
    assert_eq!(read.text(Field::SubscriptionId), SUBSCRIPTION);
    assert_eq!((read.text(Field::MeterId), read.batch.texts().len()), ("", 2));
}
