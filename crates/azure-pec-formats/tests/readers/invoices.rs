//! Invoice reconciliation, as a table of every version and as JSON.

use azure_pec::PriceAdjustmentKind;
use azure_pec_formats::{Error, InvoiceRead, read_invoice};

use crate::fixture::*;

const VALUES: &[(&str, &str)] = &[
    ("PartnerId", TENANT),
    ("CustomerId", "a8098c1a-f86e-11da-bd1a-00112444be1e"),
    ("InvoiceNumber", "G000000001"),
    ("MPNID", "1111111"),
    ("ResellerMPNID", "2222222"),
    ("ProductId", "DZH318Z0ABCD"),
    ("SkuId", "00XY"),
    ("AvailabilityId", "DZH318Z08B80"),
    ("ChargeType", "New"),
    // Prices and quantity of the published row.
    ("UnitPrice", "0.045"),
    ("EffectiveUnitPrice", "0.03825"),
    ("BillableQuantity", "0.005001"),
    ("Quantity", "1"),
    ("Subtotal", "0"),
    ("TaxTotal", "0"),
    ("Total", "0"),
    ("Currency", "EUR"),
    ("PricingCurrency", "USD"),
    ("PCToBCExchangeRate", "0.846202666"),
    ("PCToBCExchangeRateDate", "9/30/2020"),
    (
        "PriceAdjustmentDescription",
        "[\"15.0% Partner earned credit for services managed\",\"100.0% Tier 1 Discount\"]",
    ),
    ("SubscriptionDescription", "Azure plan"),
    ("SubscriptionId", "plan-1"),
    ("ChargeStartDate", "9/1/2020"),
    ("ChargeEndDate", "9/30/2020"),
];

fn table_under(header: &[&str], records: &[&[(&str, &str)]]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    for values in records {
        let of = |pairs: &[(&str, &str)], column: &str| {
            pairs
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(column))
                .map(|(_, value)| (*value).to_owned())
        };
        let fields = header.iter().map(|column| {
            let usual = column.replace("PriceAdjusment", "PriceAdjustment");
            of(values, &usual).or_else(|| of(VALUES, &usual)).unwrap_or_default()
        });
        writer.write_record(fields).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

pub fn table_of(records: &[&[(&str, &str)]]) -> String {
    table_under(&names(RECONCILIATION_46), records)
}

fn invoice(text: impl Into<Vec<u8>>) -> Result<InvoiceRead, Error> {
    read_invoice(&source("invoice", text))
}

#[test]
fn every_version_reads_the_same_line() {
    let full = names(RECONCILIATION_46);
    assert_eq!(full.len(), 46);
    let (before_june, before_april) = (full[..41].to_vec(), full[..40].to_vec());
    let drifted = RECONCILIATION_46.replace("PriceAdjustment", "PriceAdjusment").replace("MPNID", "MpnId");
    for header in [full.clone(), before_june, before_april, names(&drifted)] {
        let read = invoice(table_under(&header, &[&[]])).unwrap();
        assert!(read.rejects.is_empty() && read.notes.is_empty(), "{:?}", read.rejects);
        let line = &read.lines[0];
        assert_eq!((line.file.as_str(), line.line), ("invoice", 2));
        assert_eq!((line.plan_id.as_str(), line.plan_name.as_str()), ("plan-1", "Azure plan"));
        assert_eq!((line.reseller_id.as_str(), line.availability_id.as_str()), ("2222222", "DZH318Z08B80"));
        assert_eq!(line.charge_start.unwrap().to_string(), "2020-09-01");
        assert_eq!(line.charge_end.unwrap().to_string(), "2020-09-30");
        assert_eq!(line.exchange_rate.as_ref().unwrap().to_string(), "0.846202666");
        assert_eq!(line.exchange_rate_date.unwrap().to_string(), "2020-09-30");
        assert_eq!(line.credit_rate().to_string(), "0.15");
        let kinds: Vec<_> = line.adjustments.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [PriceAdjustmentKind::PartnerEarnedCredit, PriceAdjustmentKind::TierDiscount(1)]);
        // The published row is exact: price less credit.
        let (unit, effective) =
            (line.unit_price.as_ref().unwrap(), line.effective_unit_price.as_ref().unwrap());
        assert_eq!(&(unit * &(&azure_pec::Amount::ONE - &line.credit_rate())), effective);
    }
}

#[test]
fn json_reads_the_same_line() {
    let table = invoice(table_of(&[&[]])).unwrap();
    let camel = |name: &str| match name {
        "Total" => "totalForCustomer".to_owned(),
        _ => name.chars().take(1).map(|c| c.to_ascii_lowercase()).chain(name.chars().skip(1)).collect(),
    };
    let record = |spell: &dyn Fn(&str) -> String, as_text: bool| {
        let pairs = VALUES.iter().map(|(name, value)| {
            let number = !as_text && value.parse::<f64>().is_ok();
            let value = if number { (*value).to_owned() } else { serde_json::to_string(value).unwrap() };
            format!("{}:{value}", serde_json::to_string(&spell(name)).unwrap())
        });
        format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
    };
    for text in [
        format!("{{\"totalCount\":1,\"items\":[\n{}]}}", record(&camel, false)),
        format!("[\n{}]", record(&camel, true)),
        format!("\n{}", record(&str::to_owned, false)),
    ] {
        let read = invoice(text.as_str()).unwrap();
        assert_eq!(read.lines, table.lines, "{text}");
    }
}

#[test]
fn bad_values_are_rejected_with_their_place() {
    let read = invoice(table_of(&[
        &[],
        &[("Subtotal", "")],
        &[("CustomerId", "someone")],
        &[("ChargeStartDate", "30/9/2020")],
        &[("UnitPrice", "NA"), ("EffectiveUnitPrice", "")],
        &[("PCToBCExchangeRate", "x")],
    ]))
    .unwrap();
    let places: Vec<_> = read
        .rejects
        .iter()
        .map(|reject| {
            (
                reject.error.code(),
                reject.error.place.line.unwrap(),
                reject.error.place.column.clone().unwrap(),
            )
        })
        .collect();
    let expected = [
        ("number.invalid", 3, "Subtotal"),
        ("id.invalid", 4, "CustomerId"),
        ("date.invalid", 5, "ChargeStartDate"),
        ("number.invalid", 7, "PCToBCExchangeRate"),
    ];
    assert_eq!(places, expected.map(|(code, line, column)| (code, line, column.to_owned())));
    assert_eq!((read.lines.len(), read.lines[1].unit_price.as_ref()), (2, None));
    for gone in ["CustomerId", "SubscriptionId", "Subtotal", "Currency", "PriceAdjustmentDescription"] {
        let header: Vec<_> = names(RECONCILIATION_46).into_iter().filter(|name| *name != gone).collect();
        assert_eq!(
            invoice(table_under(&header, &[])).err().unwrap().code(),
            "input.missing_column",
            "{gone}"
        );
    }
}

#[test]
fn other_adjustments_are_kept_and_counted() {
    let other = [("PriceAdjustmentDescription", r#"["Price for given term","15% something"]"#)];
    let none = [("PriceAdjustmentDescription", "")];
    let read = invoice(table_of(&[&other, &none, &[]])).unwrap();
    assert_eq!(read.notes, ["1 lines with price adjustments other than credit and tier discounts"]);
    assert_eq!(read.lines[0].adjustments.len(), 2);
    let rates: Vec<_> = read.lines.iter().map(|line| line.credit_rate().to_string()).collect();
    assert_eq!(rates, ["0", "0", "0.15"]);
}
