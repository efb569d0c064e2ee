use azure_pec::Field;

use crate::fixture::*;

#[test]
fn every_version_reads_the_same_line() {
    let full = names(DAILY_55);
    assert_eq!(full.len(), 55);
    let mut swapped = full.clone();
    swapped.swap(52, 53);
    let without_benefits = full[..52].to_vec();
    let api_names = |name: &&'static str| match *name {
        "Tier2MpnId" => "resellerMpnId",
        "Unit" => "UnitOfMeasure",
        other => other,
    };
    let drifted: Vec<_> = full.iter().map(api_names).collect();
    for header in [full, swapped, without_benefits, drifted] {
        let read = read(table(&header, &[&[]])).unwrap();
        assert!(read.rejects.is_empty(), "{:?}", read.rejects);
        assert_eq!(read.batch.dates()[0].to_string(), "2026-10-05");
        assert_eq!(read.batch.list_prices()[0].as_ref().unwrap().to_string(), "0.11");
        for (field, text) in [
            (Field::PartnerTenantId, TENANT),
            (Field::ResellerId, "2222222"),
            (Field::PlanId, "plan-1"),
            (Field::PlanName, "Azure plan"),
            (Field::SubscriptionId, SUBSCRIPTION),
            (Field::ProductId, "DZH318Z0ABCD"),
            (Field::SkuId, "00XY"),
            (Field::Currency, "USD"),
            (Field::ExchangeRate, "0.9"),
            (Field::ObservedRate, "0.15"),
            (Field::CreditPercentage, "0"),
            (Field::ChargeType, "Usage"),
            (Field::BillingProvider, ""),
        ] {
            assert_eq!(read.text(field), text, "{}", field.name());
        }
    }
}

#[test]
fn the_file_of_2019_names_no_entitlement() {
    let later = [
        "EffectiveUnitPrice",
        "ResourceGroup",
        "PCToBCExchangeRate",
        "PCToBCExchangeRateDate",
        "EntitlementId",
        "EntitlementDescription",
        "PartnerEarnedCreditPercentage",
        "CreditPercentage",
        "CreditType",
        "BenefitOrderId",
        "BenefitId",
        "BenefitType",
        "MeterRegion",
    ];
    let header: Vec<_> = names(DAILY_55).into_iter().filter(|name| !later.contains(name)).collect();
    assert_eq!(header.len(), 42);
    let read = read(table(&header, &[&[("PartnerId", "1111111")]])).unwrap();
    assert_eq!(read.text(Field::SubscriptionId), SUBSCRIPTION);
    assert_eq!(read.text(Field::PartnerTenantId), "", "an MPN id is no tenant");
    assert_eq!(read.text(Field::ObservedRate), "");
}

#[test]
fn customer_credits_are_not_usage() {
    let header = names(DAILY_55);
    for (text, read_as) in [
        ("customerCredit", "Credit"),
        ("CREDIT", "Credit"),
        ("New", "Usage"),
        ("", "Usage"),
        ("Refund", "Usage"),
    ] {
        let read = read(table(&header, &[&[("ChargeType", text), ("CreditPercentage", "100")]])).unwrap();
        assert_eq!((read.text(Field::ChargeType), read.text(Field::CreditPercentage)), (read_as, "100"));
    }
}
