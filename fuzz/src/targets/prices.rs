//! Prices, exchange rates and invoices.

use azure_pec::{Calculator, FxRates, PriceList};
use azure_pec_formats::{
    Error, InvoiceReader, Source, read_azure_plan, read_exchange_rates, read_invoice, read_price_sheet,
    read_retail,
};

use crate::checks::{self, NAME};

fn of_sources(bytes: &[u8], check: impl Fn(&Source)) {
    match Source::from_bytes(NAME, bytes) {
        Ok(sources) => sources.iter().for_each(check),
        Err(error) => checks::names(&error, bytes),
    }
}

/// The same bytes give the same list, and the list twice is the list.
fn list(bytes: &[u8], read: impl Fn(&Source) -> Result<PriceList, Error>) {
    of_sources(bytes, |source| {
        let prices = match (read(source), read(source)) {
            (Ok(prices), Ok(again)) => {
                assert_eq!(prices, again, "read twice, two lists");
                prices
            }
            (once, again) => {
                let error = once.err();
                assert_eq!(error, again.err(), "read twice, two answers");
                if let Some(error) = error {
                    checks::names(&error, bytes);
                }
                return;
            }
        };
        let built = |prices: PriceList| Calculator::builder().prices(prices).build().map(|_| ());
        let mut twice = prices.clone();
        twice.merge(prices.clone());
        let once = built(prices);
        assert_eq!(once.is_ok(), built(twice).is_ok(), "the list twice is not the list: {once:?}");
        if let Err(error) = once {
            checks::is_code(error.code());
        }
    });
}

/// The Azure plan price list.
pub fn azure_plan(bytes: &[u8]) {
    list(bytes, read_azure_plan);
}

/// The Cost Management price sheet.
pub fn price_sheet(bytes: &[u8]) {
    list(bytes, |source| read_price_sheet(source).map(|read| read.list));
}

/// Pages of retail prices.
pub fn retail(bytes: &[u8]) {
    list(bytes, |source| read_retail(source).map(|read| read.list));
}

/// Exchange rates.
pub fn exchange_rates(bytes: &[u8]) {
    of_sources(bytes, |source| match read_exchange_rates(source) {
        Ok(rates) => {
            let mut all = FxRates::new();
            for rate in rates.iter().chain(&rates) {
                if let Err(error) = all.insert(rate.month, &rate.currency, rate.usd_per_unit.clone()) {
                    checks::is_code(error.code());
                }
            }
        }
        Err(error) => checks::names(&error, bytes),
    });
}

/// Invoices: one by one as all at once, each record a line or a reject.
pub fn invoice(bytes: &[u8]) {
    of_sources(bytes, |source| {
        let all = read_invoice(source);
        let mut reader = match InvoiceReader::open(source) {
            Ok(reader) => reader,
            Err(error) => {
                checks::names(&error, bytes);
                assert_eq!(all.err(), Some(error), "opened twice, two answers");
                return;
            }
        };
        let (mut lines, mut rejects) = (Vec::new(), Vec::new());
        let broken = loop {
            match reader.next() {
                Ok(Some(Ok(line))) => lines.push(line),
                Ok(Some(Err(reject))) => rejects.push(reject),
                Ok(None) => break None,
                Err(error) => break Some(error),
            }
        };
        rejects.iter().for_each(|reject| checks::rejects(reject, bytes));
        if let Some(error) = broken {
            checks::names(&error, bytes);
            assert_eq!(all.err(), Some(error), "read twice, two answers");
            return;
        }
        assert_eq!(
            reader.records(),
            (lines.len() + rejects.len()) as u64,
            "a record that is neither a line nor a reject"
        );
        let all = all.ok().map(|all| (all.lines, all.rejects));
        assert_eq!(all, Some((lines, rejects)), "one by one it reads otherwise");
    });
}
