//! Price sheets, retail prices and exchange rates.

use azure_pec::{Calculator, PriceList, PriceSource, UsageLine};
use azure_pec_formats::{Error, PricesRead, read_exchange_rates, read_price_sheet, read_retail};

use crate::fixture::*;

const SHEET_VALUES: &[(&str, &str)] = &[
    ("Product", "D2 v5 - EU West"),
    ("ProductId", "DZH318Z0ABCD"),
    ("SkuId", "00XY"),
    ("MeterId", METER),
    ("TierMinimumUnits", "0.0"),
    ("EffectiveStartDate", "10/01/2026"),
    ("EffectiveEndDate", "10/31/2026"),
    ("UnitPrice", "0.09"),
    ("BasePrice", "0.10"),
    ("MarketPrice", "0.11"),
    ("Currency", "USD"),
    ("BillingCurrency", "EUR"),
    ("PriceType", "Consumption"),
];

pub const RETAIL: &str = r#"{"BillingCurrency":"USD","CustomerEntityId":"Default","CustomerEntityType":"Retail","Items":[
{"currencyCode":"USD","tierMinimumUnits":0.0,"retailPrice":0.11,"unitPrice":0.11,"meterId":"936da01f-9abd-4d9d-80c7-02af85c822a8",
 "effectiveStartDate":"2026-10-01T00:00:00Z","productId":"DZH318Z0ABCD","skuId":"DZH318Z0ABCD/00XY","type":"Consumption",
 "savingsPlan":[{"unitPrice":0.07,"term":"1 Year"}]},
{"currencyCode":"USD","tierMinimumUnits":100,"retailPrice":0.1763460000000000000001,"meterId":"936da01f-9abd-4d9d-80c7-02af85c822a8",
 "effectiveStartDate":"2026-10-01T00:00:00Z","productId":"DZH318Z0ABCD","skuId":"DZH318Z0ABCD/00XY","type":"Consumption"},
{"currencyCode":"USD","retailPrice":0.2,"meterId":"m2","effectiveStartDate":"2026-10-01T00:00:00Z",
 "productId":"DZH318Z0ABCE","skuId":"DZH318Z0ABCE/0001","type":"Consumption"},
{"currencyCode":"USD","retailPrice":500,"meterId":"m2","effectiveStartDate":"2026-10-01T00:00:00Z","reservationTerm":"1 Year",
 "productId":"DZH318Z0ABCE","skuId":"DZH318Z0ABCE/0001","type":"Reservation"},
{"currencyCode":"USD","retailPrice":0.1,"meterId":"m2","effectiveStartDate":"2026-10-01T00:00:00Z",
 "productId":"DZH318Z0ABCE","skuId":"DZH318Z0ABCE/0001","type":"DevTestConsumption"}
],"NextPageLink":null,"Count":5}
"#;

pub fn sheet(records: &[&[(&str, &str)]]) -> String {
    let header = names(PRICE_SHEET_25);
    assert_eq!(header.len(), 25);
    let of = |pairs: &[(&str, &str)], column: &str| {
        pairs.iter().find(|(name, _)| *name == column).map(|(_, value)| (*value).to_owned())
    };
    let line = |values: &&[(&str, &str)]| {
        let fields =
            header.iter().map(|name| of(values, name).or_else(|| of(SHEET_VALUES, name)).unwrap_or_default());
        fields.collect::<Vec<_>>().join(",") + "\n"
    };
    header.join(",") + "\n" + &records.iter().map(line).collect::<String>()
}

fn read_sheet(records: &[&[(&str, &str)]]) -> Result<PricesRead, Error> {
    read_price_sheet(&source("sheet", sheet(records)))
}

/// Product, SKU, price of each row, and the units above which its tier begins.
fn shown(list: &PriceList) -> Vec<String> {
    list.rows()
        .map(|row| {
            let above = row.tier_above.as_ref().map_or("-".to_owned(), ToString::to_string);
            format!("{} {} {} {above}", row.product_id, row.sku_id, row.unit_price)
        })
        .collect()
}

/// The list price of a line of October under a list.
fn price_of(list: PriceList) -> Option<String> {
    let policy = azure_pec::Policy { price_source: PriceSource::List, ..azure_pec::Policy::default() };
    let calculator = Calculator::builder().prices(list).policy(policy).build().unwrap();
    let mut line = UsageLine::new("2026-10-31".parse().unwrap(), azure_pec::Amount::ONE);
    (line.product_id, line.sku_id, line.meter_id) = ("DZH318Z0ABCD".into(), "00XY".into(), METER.into());
    line.subscription_id = SUBSCRIPTION.into();
    calculator.credit(&line).unwrap().list_amount.map(|amount| amount.to_string())
}

#[test]
fn the_market_price_is_the_list_price() {
    for values in [
        &[][..],
        &[("ProductId", "DZH318Z0ABCD00XY")],
        &[("ProductId", "DZH318Z0ABCD00XY"), ("SkuId", "")],
        &[("SkuId", "DZH318Z0ABCD/00XY")],
        &[("TierMinimumUnits", "")],
    ] {
        let read = read_sheet(&[values]).unwrap();
        assert_eq!(shown(&read.list), ["DZH318Z0ABCD 00XY 0.11 0"], "{values:?}");
        assert_eq!(price_of(read.list).as_deref(), Some("0.11"));
    }
}

#[test]
fn tiers_are_counted_from_zero() {
    let at = |units, price| [("TierMinimumUnits", units), ("MarketPrice", price)];
    let read = read_sheet(&[&at("100000", "0.5"), &at("0", "1"), &at("100.0", "0.8")]).unwrap();
    assert_eq!(
        shown(&read.list),
        ["DZH318Z0ABCD 00XY 0.5 100000", "DZH318Z0ABCD 00XY 1 0", "DZH318Z0ABCD 00XY 0.8 100"]
    );
    // The calculator takes it for one ladder.
    assert!(Calculator::builder().prices(read.list).build().is_ok());
    // A broken start is kept to the digit: the tier holds (0.5, ...].
    let read = read_sheet(&[&at("0.5", "2"), &at("0", "1")]).unwrap();
    assert_eq!(shown(&read.list), ["DZH318Z0ABCD 00XY 2 0.5", "DZH318Z0ABCD 00XY 1 0"]);
    assert!(Calculator::builder().prices(read.list).build().is_ok());
}

#[test]
fn months_do_not_meet() {
    let month = |start, end, units| {
        [("EffectiveStartDate", start), ("EffectiveEndDate", end), ("TierMinimumUnits", units)]
    };
    let september = month("9/1/2026", "9/30/2026", "0");
    let (october, above) = (month("10/1/2026", "10/31/2026", "0"), month("10/1/2026", "10/31/2026", "10"));
    let read = read_sheet(&[&september, &october, &above]).unwrap();
    // September's one tier is without end although October's ends at 10.
    assert!(Calculator::builder().prices(read.list).build().is_ok());
}

#[test]
fn what_is_no_price_of_usage_is_counted() {
    let other = |kind| [("PriceType", kind), ("Term", "P1Y")];
    let read =
        read_sheet(&[&other("SavingsPlan"), &[], &other("ReservedInstance"), &other("SavingsPlan")]).unwrap();
    assert_eq!((read.records, read.list.len()), (4, 1));
    assert_eq!(
        read.notes,
        ["1 prices of ReservedInstance passed over", "2 prices of SavingsPlan passed over"]
    );
}

#[test]
fn a_broken_price_breaks_the_list() {
    for (values, code, column) in [
        (("MarketPrice", ""), "number.invalid", "MarketPrice"),
        (("TierMinimumUnits", "-1"), "number.invalid", "TierMinimumUnits"),
        (("EffectiveStartDate", "31/10/2026"), "date.invalid", "EffectiveStartDate"),
        (("ProductId", ""), "id.invalid", "ProductId"),
        (("Currency", ""), "id.invalid", "Currency"),
    ] {
        let error = read_sheet(&[&[], &[values]]).unwrap_err();
        let place = (error.place.line, error.place.column.as_deref());
        assert_eq!((error.code(), place), (code, (Some(3), Some(column))));
    }
    let text = sheet(&[]).replace("MarketPrice", "Market");
    assert_eq!(read_price_sheet(&source("s", text)).unwrap_err().code(), "input.missing_column");
}

#[test]
fn retail_prices_are_read_page_after_page() {
    let read = read_retail(&source("retail", RETAIL)).unwrap();
    let rows = [
        "DZH318Z0ABCD 00XY 0.11 0",
        "DZH318Z0ABCD 00XY 0.1763460000000000000001 100",
        "DZH318Z0ABCE 0001 0.2 0",
    ];
    assert_eq!(shown(&read.list), rows);
    assert_eq!(
        read.notes,
        ["1 prices of DevTestConsumption passed over", "1 prices of Reservation passed over"]
    );
    let pages = format!("[{RETAIL},{RETAIL}]");
    for text in [RETAIL.repeat(2), pages] {
        let read = read_retail(&source("retail", text)).unwrap();
        assert_eq!(read.records, 10);
        // Rows that say the same may stand twice.
        assert!(Calculator::builder().prices(read.list).build().is_ok());
    }
    let error = read_retail(&source("retail", RETAIL.replace("0.2,", "\"?\","))).unwrap_err();
    assert_eq!((error.code(), error.place.line), ("number.invalid", Some(7)));
    assert_eq!(error.place.column.as_deref(), Some("retailPrice"));
}

#[test]
fn a_list_without_a_market_is_of_any() {
    let partner: azure_pec::Partner = serde_json::from_str(&format!(
        r#"{{"schema": "azure-pec/partner/1", "bill_to": {{"partner_id": "1111111", "kind": "direct_bill"}},
            "customers": [{{"customer_id": "{TENANT}", "market": "DE", "subscriptions": ["{SUBSCRIPTION}"]}}]}}"#
    ))
    .unwrap();
    let list = read_sheet(&[&[]]).unwrap().list;
    let policy = azure_pec::Policy { price_source: PriceSource::List, ..azure_pec::Policy::default() };
    let calculator = Calculator::builder().prices(list).policy(policy).partner(partner).build().unwrap();
    let mut line = UsageLine::new("2026-10-31".parse().unwrap(), azure_pec::Amount::ONE);
    (line.product_id, line.sku_id, line.meter_id) = ("DZH318Z0ABCD".into(), "00XY".into(), METER.into());
    line.subscription_id = SUBSCRIPTION.into();
    assert_eq!(calculator.credit(&line).unwrap().list_amount, Some("0.11".parse().unwrap()));
}

#[test]
fn exchange_rates_are_of_a_month() {
    let text = "\"CurrencyCode\",\"USDPerUnit\",\"Month\"\n\"AED\",\"0.27224589249009701\",\"202609\"\n\
                \"eur\",\"1.1\",\"2026-10\"\n";
    let rates = read_exchange_rates(&source("fx", text)).unwrap();
    let shown: Vec<_> = rates
        .iter()
        .map(|rate| (rate.currency.as_str(), rate.usd_per_unit.to_string(), rate.month.to_string()))
        .collect();
    assert_eq!(
        shown,
        [
            ("AED", "0.27224589249009701".to_owned(), "2026-09-01".to_owned()),
            ("EUR", "1.1".to_owned(), "2026-10-01".to_owned())
        ]
    );
    for (from, to, code, column) in [
        ("202609", "2026", "date.invalid", "Month"),
        ("202609", "202613", "date.invalid", "Month"),
        ("1.1", "0", "number.invalid", "USDPerUnit"),
        ("eur", "€", "id.invalid", "CurrencyCode"),
    ] {
        let error = read_exchange_rates(&source("fx", text.replace(from, to))).unwrap_err();
        assert_eq!((error.code(), error.place.column.as_deref()), (code, Some(column)));
    }
    // As a page prints it, with a curly quote.
    let error = read_exchange_rates(&source("fx", text.replace("2026-10\"", "2026-10”"))).unwrap_err();
    assert!(error.code() == "input.truncated" && error.to_string().contains("curly"), "{error}");
}
