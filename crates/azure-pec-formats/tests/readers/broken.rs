//! Broken lines and broken files: what is said, and where.

use azure_pec::Field;
use azure_pec_formats::FieldSet;

use crate::fixture::*;

#[test]
fn a_bad_value_rejects_its_line_alone() {
    let header = names(MPA_70);
    let text = table(
        &header,
        &[
            &[],
            &[("quantity", "12,5")],
            &[("date", "02/30/2026")],
            &[("PayGPrice", "n/a")],
            &[("date", "31/10/2026")],
            &[("exchangeRatePricingToBilling", "x")],
            &[("quantity", "")],
            &[],
        ],
    );
    let read = read(text.as_str()).unwrap();
    assert_eq!(
        read.rejected(),
        [
            ("number.invalid", 3, "quantity"),
            ("date.invalid", 4, "date"),
            ("number.invalid", 5, "PayGPrice"),
            ("date.invalid", 6, "date"),
            ("number.invalid", 7, "exchangeRatePricingToBilling"),
            ("number.invalid", 8, "quantity"),
        ]
    );
    assert_eq!(read.batch.lines(), [2, 9]);
    let first = &read.rejects[0];
    assert_eq!(first.record, text.lines().nth(2).unwrap());
    assert_eq!(
        first.error.to_string(),
        "usage.csv, line 3, column quantity: expected a number in plain digits, found \"12,5\""
    );
    assert!(read.rejects[3].error.help().contains("month/day/year"), "{}", read.rejects[3].error.help());
}

#[test]
fn a_rejected_line_leaves_nothing_behind() {
    let values = [("resourceGroupName", "gone"), ("exchangeRatePricingToBilling", "x")];
    let read = read(table(&names(MPA_70), &[&values, &[("resourceGroupName", "")]])).unwrap();
    assert_eq!((read.batch.len(), read.text(Field::ResourceGroup)), (1, ""));
}

#[test]
fn lines_are_counted_as_an_editor_counts_them() {
    let header = names(MPA_70);
    let lines: [&[(&str, &str)]; 3] = [&[("tags", "one, \"two\"\nthree\n\nfive")], &[("quantity", "?")], &[]];
    let text = table(&header, &lines);
    for (text, blank) in
        [(text.clone(), 0), (text.replace('\n', "\r\n"), 0), (text.replacen('\n', "\n\n\n", 1), 2)]
    {
        let with_mark = [b"\xef\xbb\xbf", text.as_bytes()].concat();
        for bytes in [text.into_bytes(), with_mark] {
            let read = read(bytes).unwrap();
            assert_eq!(read.rejected(), [("number.invalid", 6 + blank, "quantity")]);
            assert_eq!(read.batch.lines(), [2 + blank, 7 + blank]);
        }
    }
}

#[test]
fn a_wrong_number_of_fields_is_malformed() {
    let header = names(DAILY_55);
    let good = record(&header, &[]);
    let text = format!("{}\n{good}\n{good},more\na,b\n{good}\n{good}", header.join(","));
    let read = read(text).unwrap();
    assert_eq!(read.rejected(), [("csv.malformed", 3, ""), ("csv.malformed", 4, "")]);
    assert_eq!(read.rejects[1].record, "a,b");
    assert_eq!(read.batch.lines(), [2, 5, 6]);
    assert!(read.rejects[0].error.to_string().contains("56 fields where the header has 55"));
}

#[test]
fn a_line_cut_at_the_end_says_so() {
    let header = names(DAILY_55);
    let text = table(&header, &[&[], &[]]);
    let read = read(&text.as_bytes()[..text.len() - 60]).unwrap();
    assert_eq!(read.rejected(), [("csv.malformed", 3, "")]);
    assert!(read.rejects[0].error.to_string().contains("the file ends here"));
}

#[test]
fn a_quote_that_is_never_closed_ends_the_file() {
    let header = names(DAILY_55);
    let text =
        format!("{}{}\nmore\n", table(&header, &[&[]]), record(&header, &[]).replacen("New", "\"New", 1));
    let error = read(text).err().unwrap();
    assert_eq!((error.code(), error.place.line), ("input.truncated", Some(3)));
    // A quoted last field without a line end is whole.
    let whole = table(&header, &[&[("BenefitType", "a, b")]]);
    assert_eq!(read(whole.trim_end()).unwrap().batch.len(), 1);
}

#[test]
fn text_that_is_not_utf_8_is_named() {
    let header = names(MPA_70);
    let text = table(&header, &[&[], &[("customerName", "K#ln")], &[]]);
    let bytes: Vec<u8> = text.bytes().map(|byte| if byte == b'#' { 0xf6 } else { byte }).collect();
    let read = read(bytes).unwrap();
    assert_eq!(read.rejected(), [("input.encoding", 3, "")]);
    assert_eq!(read.batch.len(), 2);
    let header = [b"\xf6,".as_slice(), table(&header, &[&[]]).as_bytes()].concat();
    assert_eq!(crate::fixture::read(header).err().unwrap().code(), "input.encoding");
}

#[test]
fn missing_and_doubled_columns_are_named() {
    for (header, gone) in [
        (MPA_70, "date"),
        (MPA_70, "quantity"),
        (MPA_70, "SubscriptionId"),
        (MPA_70, "meterId"),
        (MPA_70, "ProductId"),
        (MPA_70, "chargeType"),
        (DAILY_55, "UsageDate"),
        (DAILY_55, "Quantity"),
        (DAILY_55, "SkuId"),
        (DAILY_55, "MeterId"),
    ] {
        let header: Vec<_> = names(header).into_iter().filter(|name| *name != gone).collect();
        let error = read_source(&source("u.csv", table(&header, &[])), FieldSet::EMPTY).err().unwrap();
        assert_eq!(error.code(), "input.missing_column", "{gone}");
        assert!(error.to_string().starts_with(&format!("u.csv: the column {gone} is missing")), "{error}");
    }
    let mut header = names(MPA_70);
    header.push("subscriptionid");
    let error = read(table(&header, &[])).err().unwrap();
    assert_eq!(error.code(), "input.duplicate_column");
    // A doubled column that nobody needs does not matter.
    let mut header = names(MPA_70);
    header.push("costCenter");
    assert_eq!(read(table(&header, &[&[]])).unwrap().batch.len(), 1);
}

#[test]
fn an_endless_record_is_refused() {
    let header = names(DAILY_55);
    let text = format!("{}\"{}", table(&header, &[&[]]), "x,\n".repeat(8_000_000));
    assert_eq!(read(text).err().unwrap().code(), "input.too_large");
}
