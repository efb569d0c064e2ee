//! FOCUS with Microsoft's columns.

use azure_pec::Field;

use crate::fixture::*;

fn one(values: &[(&str, &str)]) -> Read {
    let read = read(table(&names(FOCUS), &[values])).unwrap();
    assert!(read.rejects.is_empty(), "{:?}", read.rejects);
    read
}

#[test]
fn a_line_is_what_it_is_in_cost_management() {
    let renamed = FOCUS
        .replace("x_PricingCurrency", "PricingCurrency")
        .replace("x_InvoiceId", "InvoiceId")
        .replace("x_SkuMeterName", "SkuMeter");
    let values = [("PricingCurrency", "USD")];
    for read in [one(&[]), read(table(&names(&renamed), &[&values])).unwrap()] {
        for (field, text) in [
            (Field::CustomerId, "a8098c1a-f86e-11da-bd1a-00112444be1e"),
            (Field::ResellerId, "2222222"),
            (Field::PlanId, "plan-1"),
            (Field::PlanName, "Azure plan"),
            (Field::SubscriptionId, SUBSCRIPTION),
            (Field::MeterId, METER),
            (Field::ProductId, "DZH318Z0ABCD"),
            (Field::SkuId, "00XY"),
            (Field::ChargeType, "Usage"),
            (Field::PricingModel, "OnDemand"),
            (Field::PublisherType, "Microsoft"),
            (Field::ReservationId, ""),
            (Field::Currency, "USD"),
            (Field::BillingCurrency, "EUR"),
            (Field::ExchangeRate, "0.9"),
            (Field::ExchangeRateDate, "2026-10-01"),
            (Field::ObservedRate, "0.15"),
            (Field::ObservedBasis, "stated"),
            (Field::PriceBasis, ""),
            (Field::QuantityDoubt, ""),
            (Field::Unit, "1 Hour"),
        ] {
            assert_eq!(read.text(field), text, "{}", field.name());
        }
        assert_eq!(read.batch.dates()[0].to_string(), "2026-10-05");
        // 0.099 EUR at 0.9 EUR a dollar.
        assert_eq!(read.batch.list_prices()[0].as_ref().unwrap().to_string(), "0.11");
    }
}

#[test]
fn dates_come_in_three_forms() {
    for date in ["2026-10-05T00:00Z", "2026-10-05T00:00:00Z", "2026-10-05 00:00:00"] {
        assert_eq!(one(&[("ChargePeriodStart", date)]).batch.dates()[0].to_string(), "2026-10-05");
    }
}

#[test]
fn a_price_without_an_exact_way_back_stays_in_the_billing_currency() {
    for (price, rate, pricing, shown, currency, basis) in [
        ("0.0380791199700", "0.846202666", "USD", "0.045", "USD", ""),
        ("0.03807912", "0.846202666", "USD", "0.03807912", "EUR", "billing"),
        ("0.099", "", "USD", "0.099", "EUR", "billing"),
        ("0.099", "0", "USD", "0.099", "EUR", "billing"),
        ("0.099", "NULL", "EUR", "0.099", "EUR", ""),
        ("0.099", "NULL", "NULL", "0.099", "EUR", ""),
        ("0", "0.846202666", "USD", "0", "USD", ""),
    ] {
        let values = [
            ("ListUnitPrice", price),
            ("x_BillingExchangeRate", rate),
            ("x_PricingCurrency", pricing),
            ("ListCost", ""),
        ];
        let read = one(&values);
        assert_eq!(read.batch.list_prices()[0].as_ref().unwrap().to_string(), shown, "{values:?}");
        assert_eq!(
            (read.text(Field::Currency), read.text(Field::PriceBasis)),
            (currency, basis),
            "{values:?}"
        );
    }
    let read = one(&[("ListUnitPrice", "NULL")]);
    assert_eq!((read.batch.list_prices()[0].as_ref(), read.text(Field::Currency)), (None, "USD"));
}

#[test]
fn a_quantity_that_contradicts_the_list_cost_is_named_and_kept() {
    for (quantity, cost, doubt) in [
        // A unit of 10,000, divided once more, as in files of 2024-09.
        ("0.0024", "2.376", "block_size"),
        ("-0.0024", "-2.376", "block_size"),
        ("24", "2.3760000001", ""),
        ("24", "2.376", ""),
        // Cut at 11 decimals.
        ("0.00000000016", "0.0000000000158", ""),
        ("24", "", ""),
        ("24", "0", "block_size"),
    ] {
        let read = one(&[("PricingQuantity", quantity), ("ListCost", cost)]);
        assert_eq!(read.text(Field::QuantityDoubt), doubt, "{quantity} {cost}");
        assert_eq!(read.batch.quantities()[0], quantity.parse().unwrap());
    }
}

#[test]
fn charges_are_told_apart() {
    let savings_plan = "/providers/Microsoft.BillingBenefits/savingsPlanOrders/o/savingsPlans/s1";
    let reservation = "/providers/Microsoft.Capacity/reservationOrders/o/reservations/r1";
    for (values, charge, model, id) in [
        (vec![("ChargeCategory", "Purchase")], "Purchase", "OnDemand", ""),
        (vec![("ChargeCategory", "Credit"), ("PricingQuantity", "NULL")], "Credit", "OnDemand", ""),
        (vec![("ChargeCategory", "Tax"), ("PricingQuantity", "NULL")], "Tax", "OnDemand", ""),
        (vec![("ChargeCategory", "Adjustment")], "Adjustment", "OnDemand", ""),
        (vec![("ChargeClass", "Correction")], "Refund", "OnDemand", ""),
        (vec![("ProviderName", "AWS")], "OtherProvider", "OnDemand", ""),
        (vec![("PricingCategory", "Dynamic")], "Usage", "Spot", ""),
        (vec![("x_PricingSubcategory", "Spot")], "Usage", "Spot", ""),
        (
            vec![("CommitmentDiscountType", "Reservation"), ("CommitmentDiscountId", reservation)],
            "Usage",
            "Reservation",
            "r1",
        ),
        (
            vec![("CommitmentDiscountCategory", "Usage"), ("CommitmentDiscountStatus", "Unused")],
            "UnusedReservation",
            "Reservation",
            "",
        ),
        (
            vec![("CommitmentDiscountType", "Savings Plan"), ("CommitmentDiscountStatus", "Unused")],
            "UnusedSavingsPlan",
            "SavingsPlan",
            "",
        ),
        (
            vec![("PricingCategory", "Committed"), ("CommitmentDiscountId", reservation)],
            "Usage",
            "Reservation",
            "r1",
        ),
        (
            vec![("PricingCategory", "Committed"), ("CommitmentDiscountId", savings_plan)],
            "Usage",
            "SavingsPlan",
            "",
        ),
        (
            vec![("PricingCategory", "Committed"), ("x_PricingSubcategory", "Committed Spend")],
            "Usage",
            "SavingsPlan",
            "",
        ),
        (vec![("PricingCategory", "Committed")], "Usage", "Reservation", ""),
    ] {
        let read = one(&values);
        let found =
            [Field::ChargeType, Field::PricingModel, Field::ReservationId].map(|field| read.text(field));
        assert_eq!(found, [charge, model, id], "{values:?}");
    }
    assert_eq!(one(&[("x_PublisherCategory", "Vendor")]).text(Field::PublisherType), "Marketplace");
    let read = read(table(&names(FOCUS), &[&[("PricingQuantity", "NULL")]])).unwrap();
    assert_eq!(read.rejected(), [("number.invalid", 2, "PricingQuantity")]);
}

#[test]
fn product_and_sku_come_in_several_forms() {
    for (sku, price, product, read_as) in [
        ("DZH318Z0ABCD", "00XY", "DZH318Z0ABCD", "00XY"),
        ("DZH318Z0ABCD", "DZH318Z0ABCD_00XY_1 Hour", "DZH318Z0ABCD", "00XY"),
        ("DZH318Z0ABCD", "DZH318Z0ABCD/00XY", "DZH318Z0ABCD", "00XY"),
        ("DZH318Z0ABCD", "DZH318Z0ABCD00XY", "DZH318Z0ABCD", "00XY"),
        ("DZH318Z0ABCD00XY", "NULL", "DZH318Z0ABCD", "00XY"),
        ("DZH318Z0ABCD00XY", "00XY", "DZH318Z0ABCD", "00XY"),
        ("1099985", "1099986", "1099985", "1099986"),
    ] {
        let read = one(&[("SkuId", sku), ("SkuPriceId", price)]);
        assert_eq!(
            (read.text(Field::ProductId), read.text(Field::SkuId)),
            (product, read_as),
            "{sku} {price}"
        );
    }
}

#[test]
fn the_credit_is_text_of_two_columns() {
    for (applied, rate, seen) in [
        ("True", "0.15", "0.15"),
        ("1", "15%", "0.15"),
        ("0", "15", "0"),
        ("NULL", "NULL", "0"),
        ("false", "", "0"),
    ] {
        let read = one(&[("x_PartnerCreditApplied", applied), ("x_PartnerCreditRate", rate)]);
        assert_eq!(read.text(Field::ObservedRate), seen, "{applied} {rate}");
    }
}
