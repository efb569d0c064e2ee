//! Nothing that a file may hold makes a reader panic, and every record is either a line or a reject.

use azure_pec_formats::{
    FieldSet, Source, read_azure_plan, read_exchange_rates, read_invoice, read_price_sheet, read_retail,
    shape, sniff, value,
};
use proptest::prelude::*;

use crate::fixture::*;

fn read_everything(bytes: &[u8]) {
    let _ = shape(bytes, true);
    let Ok(sources) = Source::from_bytes("f", bytes) else { return };
    for source in sources {
        let _ = sniff(&source);
        let _ = read_source(&source, FieldSet::all());
        let _ = read_azure_plan(&source);
        let _ = (read_invoice(&source).is_ok(), read_exchange_rates(&source).is_ok());
        let _ = (read_price_sheet(&source).is_ok(), read_retail(&source).is_ok());
    }
}

fn good() -> impl Strategy<Value = Vec<u8>> {
    let prices = "ProductTitle,ProductId,SkuId,Market,Currency,UnitPrice,PricingTierRangeMin,PricingTierRangeMax,\
EffectiveStartDate,EffectiveEndDate,MeterIds,Tags\nS,P,K,DE,USD,.5,1,100,3/1/2018 12:00:00 AM,10/14/2026,m,Azure\n";
    let quoted: &[(&str, &str)] = &[("tags", "a \"b\",\nc"), ("Tags", "é")];
    prop_oneof![
        Just(table(&names(MPA_70), &[&[], quoted]).into_bytes()),
        Just(table(&names(DAILY_55), &[quoted, &[]]).replace('\n', "\r\n").into_bytes()),
        Just(prices.as_bytes().to_vec()),
        Just(
            table(&names(FOCUS), &[&[], &[("PricingQuantity", "NULL"), ("ChargeCategory", "Tax")]])
                .into_bytes()
        ),
        Just(crate::usage_json::lines().into_bytes()),
        Just(crate::usage_json::page().into_bytes()),
        Just(crate::invoices::table_of(&[&[]]).into_bytes()),
        Just(crate::list_prices::RETAIL.as_bytes().to_vec()),
        Just(crate::list_prices::sheet(&[&[]]).into_bytes()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        read_everything(&bytes);
        read_everything(&[b"PK\x03\x04", bytes.as_slice()].concat());
        read_everything(&[b"\x1f\x8b\x08", bytes.as_slice()].concat());
    }

    #[test]
    fn changed_files(
        mut bytes in good(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..12),
    ) {
        for (at, byte, how) in changes {
            let at = at.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
        }
        read_everything(&bytes);
    }

    #[test]
    fn cut_files(bytes in good(), at in any::<prop::sample::Index>()) {
        read_everything(&bytes[..at.index(bytes.len())]);
    }

    #[test]
    fn any_value(text in "\\PC{0,30}|[0-9/:TZ. APM+-]{0,30}") {
        let _ = (value::usage_day(&text), value::price_start(&text), value::price_end(&text));
        let _ = (value::number(&text), value::rate(&text), value::percentage(&text), value::truth(&text));
        let _ = (value::focus_product(&text, &text), value::last_guid(&text), value::percentage_of_fraction(&text));
        let _ = value::scaled_rate(&text, value::Scale::Open, &[]);
        let _ = (value::product_and_sku(&text), value::subscription_of(&text), value::guid(&text));
    }
}
