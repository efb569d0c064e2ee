use azure_pec::{Calculator, PriceRow};
use azure_pec_formats::{Error, read_azure_plan};

use crate::fixture::source;

const HEADER: &str = r#""ProductTitle","ProductId","SkuId","SkuTitle","Publisher","SkuDescription","UnitOfMeasure","TermDuration","Market","Currency","UnitPrice","PricingTierRangeMin","PricingTierRangeMax","EffectiveStartDate","EffectiveEndDate","MeterIds","MeterType","Tags""#;

fn row(price: &str, min: &str, max: &str, end: &str, meters: &str, tags: &str) -> String {
    format!(
        r#""Storage","DZH318Z0ABCD","00XY","Hot, LRS","Microsoft","","1 GB","payG-1","DE","USD","{price}","{min}","{max}","3/1/2018 12:00:00 AM","{end}","{meters}","1 GB","{tags}""#
    )
}

fn read(text: &str) -> Result<Vec<PriceRow>, Error> {
    read_azure_plan(&source("list.csv", text)).map(|list| list.rows().cloned().collect())
}

const OPEN: &str = "11/30/9999 11:59:59 PM";

#[test]
fn a_ladder_of_tiers_is_read() {
    let rows = [
        row(".50", "100001", "9223372036854780000", OPEN, "m1", "Azure"),
        row(".80", "101", "100000", OPEN, "m1", "Azure"),
        row("1", "1", "100", OPEN, "m1", "Azure"),
    ];
    let text = format!("\u{feff}{HEADER}\r\n{}\r\n", rows.join("\r\n"));
    let list = read_azure_plan(&source("list.csv", text)).unwrap();
    let rows: Vec<&PriceRow> = list.rows().collect();
    assert_eq!(rows[0].unit_price.to_string(), "0.5");
    assert_eq!(rows[1].tier_max.as_ref().unwrap().to_string(), "100000");
    assert_eq!((rows[0].start.unwrap().to_string().as_str(), rows[0].end), ("2018-03-01T00:00:00Z", None));
    assert!(Calculator::builder().prices(list).build().is_ok());
}

#[test]
fn lists_in_a_field_and_drifted_names() {
    let header = HEADER.replace("\"SkuId\"", "\"SKuId\"").replace("\"ProductId\"", "\"ProductID\"");
    // The published page closes the last name with a curly quote.
    let header = header.replace("\"Tags\"", "“Tags”");
    let text = format!(
        "{header}\n{}\n",
        row("1", "", "", "10/14/2026 11:59:59 PM", "m1; m2,m3", "Azure, Third Party")
    );
    let row = read(&text).unwrap().remove(0);
    assert_eq!(row.meter_ids, ["m1", "m2", "m3"]);
    assert_eq!(row.tags, ["Azure", "Third Party"]);
    assert_eq!(row.end.unwrap().to_string(), "2026-10-15T00:00:00Z");
    assert_eq!(
        (row.market.as_str(), row.sku_id.as_str(), row.publisher.as_str()),
        ("DE", "00XY", "Microsoft")
    );
}

#[test]
fn a_broken_row_is_an_error_of_the_file() {
    let good = row("1", "", "", OPEN, "m1", "Azure");
    for (bad, code, column) in [
        (row("one", "", "", OPEN, "m1", "Azure"), "number.invalid", Some("UnitPrice")),
        (row("", "", "", OPEN, "m1", "Azure"), "number.invalid", Some("UnitPrice")),
        (row("1", "a", "", OPEN, "m1", "Azure"), "number.invalid", Some("PricingTierRangeMin")),
        (row("1", "", "", "31/10/2026", "m1", "Azure"), "date.invalid", Some("EffectiveEndDate")),
        (good.replace("00XY", ""), "id.invalid", Some("SkuId")),
        (format!("{good},\"more\""), "csv.malformed", None),
    ] {
        let error = read(&format!("{HEADER}\n{good}\n{bad}\n{good}\n")).unwrap_err();
        assert_eq!((error.code(), error.place.line, error.place.column.as_deref()), (code, Some(3), column));
    }
    let error = read(&HEADER.replace(",\"Tags\"", "")).unwrap_err();
    assert_eq!(error.to_string(), "list.csv: the column Tags is missing from this prices.azure_plan file");
    assert_eq!(read(&format!("{HEADER},\"Market\"\n")).unwrap_err().code(), "input.duplicate_column");
}
