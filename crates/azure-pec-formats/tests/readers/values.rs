use azure_pec_formats::value::*;

#[test]
fn usage_days_in_every_form() {
    for (text, day) in [
        ("10/5/2026", "2026-10-05"),
        ("10/05/2026", "2026-10-05"),
        (" 3/1/21 ", "2021-03-01"),
        ("2026-10-05", "2026-10-05"),
        ("2024-01-01T00:00Z", "2024-01-01"),
        ("2026-04-14T00:00:00Z", "2026-04-14"),
        ("2021-10-01T00:00:00.0000000Z", "2021-10-01"),
        ("2021-05-01T00:00:00", "2021-05-01"),
        ("2024-09-04 00:00:00", "2024-09-04"),
        ("2019-02-04T23:22:40.1767993-08:00", "2019-02-05"),
        ("2026-10-05T00:30+02:00", "2026-10-04"),
        ("10/5/2026 11:59:59 PM", "2026-10-05"),
        ("10/5/2026 23:59", "2026-10-05"),
        ("2/29/2024", "2024-02-29"),
    ] {
        assert_eq!(usage_day(text).unwrap().to_string(), day, "{text}");
    }
    for text in [
        "",
        "NULL",
        "2/29/2026",
        "2026-02-29",
        "13/13/2026",
        "0/1/2026",
        "31/10/2026",
        "1/1/1",
        "1/2/026",
        "10/5",
        "5",
        "1/2/3/2026",
        "0001-01-01",
        "12/31/9999",
        "10/5/2026 25:00",
        "10/5/2026 13:00 PM",
        "10/5/2026 1:00 XM",
        "2026-10-05T",
        "2026-10-05Tx",
        "１/5/2026",
        "+1/5/2026",
        "45935",
    ] {
        assert_eq!(usage_day(text).map_err(|fault| fault.code()), Err("date.invalid"), "{text}");
    }
}

#[test]
fn price_spans_end_after_their_last_second() {
    let start = |text| price_start(text).unwrap().map(|time| time.to_string());
    let end = |text| price_end(text).unwrap().map(|time| time.to_string());
    assert_eq!(start("3/1/2018 12:00:00 AM").as_deref(), Some("2018-03-01T00:00:00Z"));
    assert_eq!(start("0001-01-01T00:00:00Z"), None);
    assert_eq!(start("1/1/0001 12:00:00 AM"), None);
    assert_eq!(end("10/14/2026 11:59:59 PM").as_deref(), Some("2026-10-15T00:00:00Z"));
    assert_eq!(end("2026-10-14T23:59:59.9999999Z").as_deref(), Some("2026-10-15T00:00:00Z"));
    assert_eq!(end("10/15/2026 12:00:00 AM").as_deref(), Some("2026-10-15T00:00:00Z"));
    assert_eq!(end("10/14/2026").as_deref(), Some("2026-10-15T00:00:00Z"));
    for open in ["", "11/30/9999 11:59:59 PM", "9999-12-31", "12/31/9999 11:59:59 PM"] {
        assert_eq!(end(open), None, "{open}");
    }
}

#[test]
fn rates_in_every_scale() {
    for (text, shown) in [("15", "0.15"), ("0.15", "0.15"), ("15.0%", "0.15"), ("0%", "0"), ("0.5%", "0.005")]
    {
        assert_eq!(rate(text).unwrap().to_string(), shown);
    }
    for text in ["", "%", "-1", "101", "15,0%", "15 percent"] {
        assert_eq!(rate(text).unwrap_err().code(), "number.invalid", "{text}");
    }
}

#[test]
fn product_and_sku_are_cut() {
    for (text, parts) in [
        ("DZH318Z0BQPM0015", ("DZH318Z0BQPM", "0015")),
        ("DZH318Z0BQPS/00TG", ("DZH318Z0BQPS", "00TG")),
        ("ABCD", ("ABCD", "")),
        ("", ("", "")),
        ("NULL", ("", "")),
        ("ab€", ("ab€", "")),
    ] {
        assert_eq!(product_and_sku(text), parts);
    }
    assert_eq!(subscription_of("/SUBSCRIPTIONS/abc/resourceGroups/x"), "abc");
    assert_eq!((subscription_of("/x/y"), subscription_of("/subscriptions")), ("", ""));
    assert_eq!((guid("1111111"), guid("00000000-0000-0000-0000-000000000000")), ("", ""));
}
