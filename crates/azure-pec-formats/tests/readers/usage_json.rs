//! Daily rated usage as JSON: API v1 and Graph v2.

use azure_pec::Field;
use azure_pec_formats::{FieldSet, Kind, UsageReader};
use serde_json::{Value, json};

use crate::fixture::*;

/// A record of API v1; numbers stand as they are in its samples.
fn v1() -> Value {
    json!({
        "partnerId": TENANT, "customerId": "a8098c1a-f86e-11da-bd1a-00112444be1e", "customerName": "Proseware",
        "productId": "DZH318Z0ABCD", "skuId": "00XY", "availabilityId": "DZH318Z08B80", "skuName": "D2 v5",
        "publisherName": "Microsoft", "subscriptionId": "plan-1", "subscriptionDescription": "Azure plan",
        "chargeStartDate": "2026-10-01T00:00:00", "usageDate": "2026-10-05T00:00:00Z", "meterCategory": "Compute",
        "meterId": METER, "meterName": "D2 v5", "unitOfMeasure": "1 Hour", "resourceGroup": "web",
        "resourceUri": "/subscriptions/3F2504E0-4F89-41D3-9A0C-0305E82C3301/resourceGroups/web",
        "tags": "", "customerCountry": "", "resellerMpnId": "2222222", "chargeType": "New", "unitPrice": 0.11,
        "quantity": 24.0, "unitType": "", "billingPreTaxTotal": 2.01, "billingCurrency": "EUR",
        "pricingPreTaxTotal": 2.244, "pricingCurrency": "USD", "entitlementId": SUBSCRIPTION,
        "pcToBCExchangeRate": 0.9, "pcToBCExchangeRateDate": "2026-10-01T00:00:00Z", "effectiveUnitPrice": 0.0935,
        "rateOfPartnerEarnedCredit": 0.15, "rateOfCredit": 0.15, "invoiceLineItemType": "usage_line_items",
        "billingProvider": "one_time", "attributes": {"objectType": "DailyRatedUsageLineItem"}
    })
}

/// A record of Graph's attribute set `basic`: neither credit nor meter.
fn basic() -> Value {
    json!({
        "PartnerId": TENANT, "CustomerId": "a8098c1a-f86e-11da-bd1a-00112444be1e", "ProductId": "DZH318Z0ABCD",
        "SkuId": "00XY", "SubscriptionId": "plan-1", "UsageDate": "2026-10-05T00:00:00Z", "UnitPrice": 0.868,
        "Quantity": 29, "EffectiveUnitPrice": 0.737586206896552, "PricingCurrency": "USD",
        "EntitlementId": SUBSCRIPTION, "CreditPercentage": 0, "ResourceURI": null, "BenefitType": null
    })
}

fn with(mut record: Value, changes: &Value) -> String {
    for (key, value) in changes.as_object().unwrap() {
        record[key] = value.clone();
    }
    record.to_string()
}

pub fn lines() -> String {
    format!("{}\n{}\n", v1(), v1())
}

pub fn page() -> String {
    serde_json::to_string_pretty(&json!({"totalCount": 2, "items": [v1(), v1()], "links": {"self": {}}}))
        .unwrap()
}

#[test]
fn api_v1_is_the_line_that_the_table_is() {
    let table = read(table(&names(DAILY_55), &[&[("ResourceGroup", "web")]])).unwrap();
    let json = read(v1().to_string()).unwrap();
    assert!(json.rejects.is_empty(), "{:?}", json.rejects);
    for field in [
        Field::CustomerId,
        Field::ResellerId,
        Field::PartnerTenantId,
        Field::PlanId,
        Field::PlanName,
        Field::SubscriptionId,
        Field::ResourceGroup,
        Field::ResourceId,
        Field::MeterId,
        Field::ProductId,
        Field::SkuId,
        Field::ChargeType,
        Field::Currency,
        Field::BillingCurrency,
        Field::ExchangeRate,
        Field::ObservedRate,
        Field::ObservedBasis,
    ] {
        assert_eq!(json.text(field), table.text(field), "{}", field.name());
    }
    assert_eq!(
        (json.batch.dates(), json.batch.quantities()),
        (table.batch.dates(), table.batch.quantities())
    );
    assert_eq!(json.batch.list_prices(), table.batch.list_prices());
    for (field, text) in [
        (Field::ObservedRate, "0.15"),
        (Field::ObservedBasis, "stated"),
        (Field::BillingProvider, "one_time"),
        (Field::AvailabilityId, "DZH318Z08B80"),
        (Field::Unit, "1 Hour"),
        (Field::EffectiveUnitPrice, "0.0935"),
        (Field::PricingTotal, "2.244"),
        (Field::BillingTotal, "2.01"),
        (Field::ExchangeRateDate, "2026-10-01"),
        (Field::CreditPercentage, "15"),
    ] {
        assert_eq!(json.text(field), text, "{}", field.name());
    }
}

#[test]
fn an_azure_credit_is_read_by_either_of_its_names() {
    for (record, changes, percentage) in [
        (basic(), json!({"CreditPercentage": 100}), "100"),
        (v1(), json!({"rateOfCredit": 1}), "100"),
        (v1(), json!({"rateOfCredit": null}), ""),
    ] {
        let read = read(with(record, &changes)).unwrap();
        assert_eq!(read.text(Field::CreditPercentage), percentage, "{changes}");
    }
}

#[test]
fn numbers_keep_every_digit_as_numbers_and_as_texts() {
    let price = "0.1999968000511991808131";
    for written in [price.to_owned(), format!("\"{price}\""), "1.999968000511991808131e-1".to_owned()] {
        let text = v1().to_string().replace("\"unitPrice\":0.11", &format!("\"unitPrice\":{written}"));
        assert!(text.contains(&written));
        let read = read(text).unwrap();
        assert_eq!(read.batch.list_prices()[0].as_ref().unwrap().to_string(), price);
    }
}

#[test]
fn every_form_of_records_is_read_with_its_lines() {
    let one = v1().to_string();
    for (text, starts) in [
        (format!("{one}\n\n{one}\n{one}"), vec![1, 3, 4]),
        (format!("[{one},\n{one}]\n"), vec![1, 2]),
        (format!("{{\"items\":[{one}],\"totalCount\":1}}\n{{\"items\":[{one}]}}\n"), vec![1, 2]),
        (format!("[\n{{\"value\":\n[{one}]}},\n{{\"items\":[]}},\n{{\"Items\":[\n{one}]}}]"), vec![3, 6]),
        (format!("{{\"count\":1, \"x\": {{\"a\": [\"}}]\"]}},\n\"value\": [\n{one}\n]}}"), vec![3]),
        (serde_json::to_string_pretty(&v1()).unwrap() + "\n" + &one, vec![1, 43]),
    ] {
        let read = read(text.as_str()).unwrap();
        assert!(read.rejects.is_empty(), "{text}: {:?}", read.rejects);
        assert_eq!(read.batch.lines(), starts, "{text}");
        // The same behind a byte order mark and with other line ends.
        let marked = [b"\xef\xbb\xbf", text.replace('\n', "\r\n").as_bytes()].concat();
        assert_eq!(crate::fixture::read(marked).unwrap().batch.lines(), starts);
    }
    assert_eq!(read(page()).unwrap().batch.lines(), [3, 45]);
}

#[test]
fn a_bad_record_is_rejected_alone() {
    let good = v1().to_string();
    let text = [
        good.clone(),
        with(v1(), &json!({"quantity": "12,5"})),
        with(v1(), &json!({"usageDate": "31/10/2026"})),
        with(v1(), &json!({"entitlementId": "mine"})),
        with(v1(), &json!({"unitPrice": {"amount": 1}})),
        good.replacen(':', "", 1),
        good.replacen("\"quantity\":24.0", "\"quantity\":24.0,\"Quantity\":25", 1),
        with(v1(), &json!({"quantity": null})),
        "[1, 2]".to_owned(),
        good.clone(),
        good.chars().take(200).collect(),
    ];
    let read = read(text.join("\n")).unwrap();
    assert_eq!(
        read.rejected(),
        [
            ("number.invalid", 2, "quantity"),
            ("date.invalid", 3, "usageDate"),
            ("id.invalid", 4, "entitlementId"),
            ("json.malformed", 5, "unitPrice"),
            ("json.malformed", 6, ""),
            ("json.malformed", 7, "quantity"),
            ("number.invalid", 8, "quantity"),
            ("json.malformed", 9, ""),
            ("input.truncated", 11, ""),
        ]
    );
    assert_eq!(read.batch.lines(), [1, 10]);
    assert_eq!(read.rejects[0].record, text[1]);
}

#[test]
fn a_list_that_breaks_off_is_an_error_of_the_file() {
    let one = v1().to_string();
    for (text, code, line) in [
        (format!("[\n{one},\n{one}"), "input.truncated", 3),
        (format!("[\n{one}\n{one}]"), "json.malformed", 3),
        (format!("{{\"items\":[{one}],\n\"x\" 1}}"), "json.malformed", 2),
        (format!("[{one},\n{}1{}]", "[".repeat(80), "]".repeat(80)), "json.malformed", 2),
        (format!("[{one},\n{{\"a\":{}1{}}}]", "[".repeat(80), "]".repeat(80)), "input.too_deep", 2),
    ] {
        let error = read(text.as_str()).err().unwrap();
        assert_eq!((error.code(), error.place.line), (code, Some(line)), "{text}");
    }
}

#[test]
fn the_basic_attribute_set_shows_its_rate_by_the_prices() {
    for (changes, rate, basis) in [
        (json!({}), "0.15", "inferred"),
        (json!({"EffectiveUnitPrice": 0.868}), "0", "inferred"),
        (json!({"EffectiveUnitPrice": 0.7}), "", ""),
        (json!({"EffectiveUnitPrice": null}), "", ""),
        (json!({"PartnerEarnedCreditPercentage": 15, "EffectiveUnitPrice": 0.868}), "0.15", "stated"),
        (json!({"PartnerEarnedCreditPercentage": 0}), "0", "stated"),
    ] {
        let read = read(with(basic(), &changes)).unwrap();
        assert!(read.rejects.is_empty(), "{:?}", read.rejects);
        assert_eq!(
            (read.text(Field::ObservedRate), read.text(Field::ObservedBasis)),
            (rate, basis),
            "{changes}"
        );
    }
    let read = read(basic().to_string()).unwrap();
    assert_eq!((read.text(Field::MeterId), read.text(Field::ProductId)), ("", "DZH318Z0ABCD"));
    assert_eq!(read.text(Field::SubscriptionId), SUBSCRIPTION);
}

#[test]
fn the_scale_of_a_rate_is_the_formats() {
    for (changes, rate) in [
        (json!({"rateOfPartnerEarnedCredit": 0.15}), "0.15"),
        (json!({"rateOfPartnerEarnedCredit": "0.15"}), "0.15"),
        (json!({"rateOfPartnerEarnedCredit": 15}), "0.15"),
        (json!({"rateOfPartnerEarnedCredit": "15.0%"}), "0.15"),
        (json!({"rateOfPartnerEarnedCredit": 0}), "0"),
        (json!({"rateOfPartnerEarnedCredit": 1}), "1"),
        (json!({"rateOfPartnerEarnedCredit": 0.15, "hasPartnerEarnedCredit": true}), "0.15"),
        (json!({"rateOfPartnerEarnedCredit": 0.15, "hasPartnerEarnedCredit": false}), "0"),
    ] {
        assert_eq!(read(with(v1(), &changes)).unwrap().text(Field::ObservedRate), rate, "{changes}");
    }
    let header = names(DAILY_55);
    for (written, rate) in
        [("15", "0.15"), ("0.15", "0.15"), ("15.0%", "0.15"), ("15.0", "0.15"), ("1", "0.01")]
    {
        let read = read(table(&header, &[&[("PartnerEarnedCreditPercentage", written)]])).unwrap();
        assert_eq!(read.text(Field::ObservedRate), rate, "{written}");
    }
    let read = read(table(&header, &[&[("PartnerEarnedCreditPercentage", "115")]])).unwrap();
    assert_eq!(read.rejected(), [("number.invalid", 2, "PartnerEarnedCreditPercentage")]);
}

#[test]
fn strange_rates_are_counted() {
    let rates = ["15", "0", "10", "0.15", "7.5", ""];
    let records: Vec<_> = rates.iter().map(|rate| [("PartnerEarnedCreditPercentage", *rate)]).collect();
    let records: Vec<&[(&str, &str)]> = records.iter().map(<[_; 1]>::as_slice).collect();
    let source = source("u", table(&names(DAILY_55), &records));
    for (wanted, strange) in [(FieldSet::all(), 2), (FieldSet::EMPTY, 0)] {
        let mut reader = UsageReader::open(&source, wanted).unwrap();
        assert_eq!(reader.kind(), Kind::UsageDailyRated);
        assert_eq!(reader.fill(&mut azure_pec::UsageBatch::new(), 100).unwrap(), rates.len());
        assert_eq!(reader.strange_rates(), strange);
    }
}

#[test]
fn the_marketplace_is_told_by_its_provider() {
    let blank = json!({"billingProvider": "marketplace", "productId": "", "skuId": "", "availabilityId": "",
        "customerId": "", "chargeType": "", "meterId": "4core", "tags": null});
    let read = read(with(v1(), &blank)).unwrap();
    assert_eq!((read.text(Field::BillingProvider), read.text(Field::MeterId)), ("marketplace", "4core"));
}
