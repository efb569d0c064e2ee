//! The example months, turned into other formats, come to the same statements.

use std::path::Path;

use azure_pec::{Amount, StatementDocument};
use serde_json::Value;

use crate::fixture::*;

/// The rows of a folder of tables, each by column name.
fn rows(folder: &str) -> Vec<Vec<(String, String)>> {
    let mut paths: Vec<_> =
        std::fs::read_dir(example(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let mut rows = Vec::new();
    for path in paths {
        let source = azure_pec_formats::Source::open(&path).unwrap().remove(0);
        let mut reader = csv::Reader::from_reader(source.reader().unwrap());
        let header = reader.headers().unwrap().clone();
        for record in reader.records() {
            let record = record.unwrap();
            rows.push(
                header.iter().zip(&record).map(|(name, text)| (name.to_owned(), text.to_owned())).collect(),
            );
        }
    }
    rows
}

fn document(usage: &Path) -> StatementDocument {
    let mut paths = contoso_facts();
    paths.push(usage.to_owned());
    run_paths(&paths, &by_subscription()).unwrap().1
}

/// The numbers of a statement.
fn sums(document: &StatementDocument) -> Value {
    let body = serde_json::to_value(&document.body).unwrap();
    serde_json::json!([body["totals"], body["reasons"], body["groups"]])
}

/// A record as JSON: numbers as they stand in the table, blanks as null.
fn json(row: &[(String, String)], spell: impl Fn(&str) -> String) -> String {
    let field = |(name, text): &(String, String)| {
        let value = match text.as_str() {
            "" => "null".to_owned(),
            number if serde_json::from_str::<serde_json::Number>(number).is_ok() => number.to_owned(),
            text => serde_json::to_string(text).unwrap(),
        };
        format!("{}:{value}", serde_json::to_string(&spell(name)).unwrap())
    };
    format!("{{{}}}", row.iter().map(field).collect::<Vec<_>>().join(","))
}

fn camel_case(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().into_iter().map(|first| first.to_ascii_lowercase()).chain(letters).collect()
}

#[test]
fn daily_rated_usage_as_json_is_the_table() {
    let rows = rows("contoso-daily-rated/usage");
    let expected = document(&example("contoso-daily-rated/usage"));
    let folder = tempfile::tempdir().unwrap();
    let api_name = |name: &str| match name {
        "Tier2MpnId" => "resellerMpnId".to_owned(),
        "Unit" => "unitOfMeasure".to_owned(),
        _ => camel_case(name),
    };
    let lines: Vec<String> = rows.iter().map(|row| json(row, str::to_owned)).collect();
    let pages = rows.chunks(2000).map(|rows| {
        let items: Vec<String> = rows.iter().map(|row| json(row, api_name)).collect();
        format!("{{\"totalCount\":{},\"items\":[\n{}\n],\"links\":{{}}}}\n", rows.len(), items.join(",\n"))
    });
    for (name, text) in [("lines.json", lines.join("\n")), ("pages.json", pages.collect())] {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        let found = document(&path);
        assert_eq!(sums(&found), sums(&expected), "{name}");
        assert_eq!(found.body.warnings.len(), expected.body.warnings.len());
    }
}

/// A Cost Management row in FOCUS's words, with the list price in the billing currency as FOCUS has it.
fn focus(row: &[(String, String)]) -> Vec<(&'static str, String)> {
    let get = |name: &str| row.iter().find(|(own, _)| own == name).map_or("", |(_, text)| text.as_str());
    let amount = |text: &str| text.parse::<Amount>().ok();
    let [month, day, year]: [&str; 3] = get("date").split('/').collect::<Vec<_>>().try_into().unwrap();
    let (charge, model) = (get("chargeType"), get("PricingModel"));
    let (category, class) = match charge {
        "Refund" => ("Purchase", "Correction"),
        "RoundingAdjustment" => ("Adjustment", ""),
        "UnusedReservation" | "UnusedSavingsPlan" => ("Usage", ""),
        other => (other, ""),
    };
    let commitment = match (charge, model) {
        ("UnusedReservation", _) | (_, "Reservation") => "Reservation",
        ("UnusedSavingsPlan", _) | (_, "SavingsPlan") => "Savings Plan",
        _ => "",
    };
    let list = amount(get("PayGPrice")).zip(amount(get("exchangeRatePricingToBilling")));
    let list = list.map(|(price, rate)| &price * &rate);
    let cost = list.clone().zip(amount(get("quantity"))).map(|(price, quantity)| &price * &quantity);
    let shown = |amount: Option<Amount>| amount.map_or("NULL".to_owned(), |amount| amount.to_string());
    let subscription = get("SubscriptionId");
    let account =
        if subscription.is_empty() { String::new() } else { format!("/subscriptions/{subscription}") };
    let publisher = if get("publisherType") == "Marketplace" { "Vendor" } else { "Cloud Provider" };
    let status = if charge.starts_with("Unused") { "Unused" } else { "NULL" };
    let same = |name: &str| get(name).to_owned();
    vec![
        ("BilledCost", same("costInBillingCurrency")),
        ("BillingCurrency", same("billingCurrency")),
        ("ChargeCategory", category.to_owned()),
        ("ChargeClass", class.to_owned()),
        ("ChargeDescription", same("ProductName")),
        ("ChargePeriodStart", format!("{year}-{month:0>2}-{day:0>2}T00:00Z")),
        ("CommitmentDiscountId", same("reservationId")),
        ("CommitmentDiscountStatus", status.to_owned()),
        ("CommitmentDiscountType", commitment.to_owned()),
        ("ListCost", shown(cost)),
        ("ListUnitPrice", shown(list)),
        ("PricingCategory", if model == "Spot" { "Dynamic" } else { "Standard" }.to_owned()),
        ("PricingQuantity", same("quantity")),
        ("ProviderName", "Microsoft".to_owned()),
        ("PublisherName", same("publisherName")),
        ("ResourceId", same("ResourceId")),
        ("SkuId", same("ProductId")),
        ("SkuPriceId", "NULL".to_owned()),
        ("SubAccountId", account),
        ("SubAccountName", same("subscriptionName")),
        ("x_BillingExchangeRate", same("exchangeRatePricingToBilling")),
        ("x_CustomerId", same("customerTenantId")),
        ("x_InvoiceIssuerId", same("partnerTenantId")),
        ("x_PricingCurrency", same("pricingCurrency")),
        ("x_PublisherCategory", publisher.to_owned()),
        ("x_ResellerId", same("resellerMpnId")),
        ("x_ResourceGroupName", same("resourceGroupName")),
        ("x_SkuMeterId", same("meterId")),
        ("x_SkuMeterName", same("meterName")),
        ("x_SkuOrderId", same("productOrderId")),
        ("x_SkuOrderName", same("productOrderName")),
    ]
}

fn write_focus(path: &Path, rows: &[Vec<(&'static str, String)>]) {
    let mut writer = csv::Writer::from_path(path).unwrap();
    writer.write_record(rows[0].iter().map(|(name, _)| name)).unwrap();
    for row in rows {
        writer.write_record(row.iter().map(|(_, text)| text)).unwrap();
    }
    writer.flush().unwrap();
}

#[test]
fn cost_management_as_focus_is_the_same_statement() {
    let rows: Vec<_> = rows("contoso/usage").iter().map(|row| focus(row)).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("focus.csv");
    write_focus(&path, &rows);
    let (found, expected) = (document(&path), document(&example("contoso/usage")));
    assert_eq!(sums(&found), sums(&expected));
    assert!(found.body.warnings.iter().all(|warning| !warning.code.starts_with("quantity.")));
}

#[test]
fn doubts_of_a_reader_are_warnings_with_their_counts() {
    let mut rows: Vec<_> = rows("contoso/usage").iter().map(|row| focus(row)).collect();
    rows.retain(|row| {
        row.iter().any(|(name, text)| *name == "ListUnitPrice" && text != "NULL" && text != "0")
    });
    rows.truncate(10);
    for (at, row) in rows.iter_mut().enumerate() {
        for (name, text) in row.iter_mut() {
            match (at, *name) {
                (0 | 1, "PricingQuantity") => {
                    *text = (&text.parse().unwrap() * &Amount::new(1, 4)).to_string();
                }
                (2..5, "x_BillingExchangeRate") => text.clear(),
                _ => {}
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("focus.csv");
    write_focus(&path, &rows);
    let body = document(&path).body;
    let count =
        |code: &str| body.warnings.iter().find(|warning| warning.code == code).map(|warning| warning.count);
    assert_eq!((count("quantity.block_size"), count("price.billing_currency")), (Some(2), Some(3)));
    let currencies: Vec<&str> = body.totals.iter().map(|total| total.currency.as_str()).collect();
    assert_eq!(currencies, ["EUR", "USD"]);
}

#[test]
fn invoices_prices_and_rates_are_listed_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    let invoice = "CustomerId,ProductId,SkuId,Subtotal,Currency,PriceAdjustmentDescription,SubscriptionId\n,P,S,1,EUR,[],plan\n\
                   ,P,S,x,EUR,[],plan\n";
    let sheet = "ProductId,SkuId,MeterId,TierMinimumUnits,EffectiveStartDate,MarketPrice,Currency,PriceType\n\
                 DZH318Z0ABCD,00XY,m,0,10/1/2026,1,USD,Consumption\nDZH318Z0ABCD,00XY,m,0,10/1/2026,1,USD,SavingsPlan\n";
    for (name, text) in [
        ("invoice.csv", invoice),
        ("sheet.csv", sheet),
        ("fx.csv", "CurrencyCode,USDPerUnit,Month\nEUR,1.1,202610\n"),
    ] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let inputs = load_paths(&[folder.path().to_owned()]).unwrap();
    assert_eq!((inputs.invoices.len(), inputs.fx.len()), (1, 1));
    assert_eq!(inputs.prices.as_ref().unwrap().len(), 1);
    assert!(inputs.warnings.iter().any(|(code, _)| *code == "price.no_tags"));
    let inspection = azure_pec_formats::inspect(inputs, &|_| ());
    let counts: Vec<_> = inspection
        .inputs
        .iter()
        .map(|file| (file.kind.as_deref().unwrap(), file.records, file.used))
        .collect();
    assert_eq!(counts, [("prices.fx", 1, 1), ("invoice.reconciliation", 2, 1), ("prices.price_sheet", 2, 1)]);
    let kinds = inspection.kinds.iter().map(|kind| serde_json::to_value(kind).unwrap());
    assert_eq!(kinds.map(|kind: Value| kind["files"].clone()).collect::<Vec<_>>(), [1, 1, 1]);
}
