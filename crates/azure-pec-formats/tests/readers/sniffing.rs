use azure_pec_formats::{Kind, Shape, shape};

use crate::fixture::*;

#[test]
fn tables_are_told_by_their_columns() {
    let prices = "ProductTitle,ProductId,SkuId,Market,UnitPrice,MeterIds,EffectiveEndDate,Tags\n";
    for (header, kind) in [
        (MPA_70, Kind::UsageCostManagement),
        (DAILY_55, Kind::UsageDailyRated),
        (FOCUS, Kind::UsageFocus),
        (RECONCILIATION_46, Kind::InvoiceReconciliation),
        (PRICE_SHEET_25, Kind::PricesPriceSheet),
        ("CurrencyCode,USDPerUnit,Month\n", Kind::PricesFx),
        (prices, Kind::PricesAzurePlan),
    ] {
        for text in [header.to_owned(), header.to_uppercase(), format!("{header}\nx,y\n")] {
            assert_eq!(shape(text.as_bytes(), false), Shape::Table(kind));
        }
    }
}

#[test]
fn json_is_told_by_the_keys_of_its_first_whole_record() {
    let usage = r#"{"usageDate":"2026-10-05","quantity":1,"effectiveUnitPrice":1}"#;
    let invoice = r#"{"subtotal":1,"priceAdjustmentDescription":""}"#;
    let retail = r#"{"retailPrice":1,"skuId":"a/b","meterId":"m"}"#;
    for (record, kind) in
        [(usage, Kind::UsageDailyRated), (invoice, Kind::InvoiceReconciliation), (retail, Kind::PricesRetail)]
    {
        let pascal = record.replace("usageDate", "UsageDate").replace("retailPrice", "RetailPrice");
        for text in [
            format!("{record}\n{record}\n"),
            format!("[{record},"),
            format!("\n [ {pascal} ]"),
            format!("{{\"totalCount\": 2, \"Items\": [{record}, {{\"cut"),
            format!("{{\"broken\n{record}\n{record}\n"),
        ] {
            assert_eq!(shape(text.as_bytes(), false), Shape::Table(kind), "{text}");
        }
        let ours = record.replacen('{', "{\"schema\":\"azure-pec/access/1\",", 1);
        assert_eq!(shape(ours.as_bytes(), false), Shape::Document);
    }
    assert_eq!(shape(br#"{"items":[]}"#, false), Shape::Document);
}

#[test]
fn documents_are_told_by_their_first_sign() {
    for text in ["{}", " \n[1]", "[bill_to]\n", "# policy\nday = \"any\"\n", "\nbill_to.kind=1"] {
        assert_eq!(shape(text.as_bytes(), false), Shape::Document, "{text}");
    }
}

#[test]
fn strangers_are_named() {
    let not_a_partner: Vec<_> = names(MPA_70)
        .into_iter()
        .filter(|n| !n.starts_with("partner") && !n.starts_with("reseller"))
        .collect();
    let not_a_partner = not_a_partner.join(",").replace("customerTenantId,", "");
    for (text, says) in [
        ("BilledCost,ChargePeriodEnd,x_SkuMeterId", "a FOCUS export without ChargePeriodStart"),
        ("MeterId,TierMinimumUnits,BasePrice", "a price sheet without MarketPrice"),
        ("AccountOwnerId,SubscriptionId,Date,Quantity,Cost", "Enterprise Agreement"),
        ("Abonnement-GUID (SubscriptionGuid),Angebot (OfferId)", "Enterprise Agreement"),
        (not_a_partner.as_str(), "not a partner's"),
        ("ProductTitle,SkuTitle,TermDuration,Market,Segment,ERP Price,Tags", "licences"),
        ("file,line,date,outcome,reason,list_amount", "a table that pec wrote"),
        ("a,b,c", "a table with the columns a, b, c"),
        ("a,b,c,d,e,f,g,h", "a table with the columns a, b, c, d, e, f and 2 more"),
        ("a;b;c", "semicolons"),
        ("hello", "text that is no table"),
        ("", "an empty file"),
        (" \n\n", "an empty file"),
        ("<html>", "HTML"),
        ("PAR1", "Parquet"),
        ("\u{0}\u{1}", "binary data"),
    ] {
        match shape(text.as_bytes(), false) {
            Shape::Other(found) => assert!(found.contains(says), "{text}: {found}"),
            other => panic!("{text}: {other:?}"),
        }
    }
    assert_eq!(shape(b"\xff\xfea\0", false), Shape::Other("text in UTF-16; save it as UTF-8".to_owned()));
    assert_eq!(shape(b"a,\xe4\n", false), Shape::Other("text that is not UTF-8".to_owned()));
    assert!(matches!(shape(b"a,b", true), Shape::Other(found) if found.contains("no end")));
}
