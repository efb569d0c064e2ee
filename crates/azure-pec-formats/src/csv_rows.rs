//! Rows of CSV, put together without asking the `csv` crate about each field: tables may have many million.

use azure_pec::Amount;

/// Rows of more than one field, as the `csv` crate writes them.
#[derive(Default)]
pub(crate) struct CsvRows {
    text: String,
    /// The row that is being put together has a field.
    begun: bool,
}

/// As long as most rows are at most: what is too short has to be moved while it grows.
const ROW_BYTES: usize = 192;

impl CsvRows {
    /// With room for so many rows.
    pub fn with_room(rows: usize) -> Self {
        Self { text: String::with_capacity(rows * ROW_BYTES), begun: false }
    }

    /// The next field of a row.
    pub fn field(&mut self, text: &str) {
        self.separate();
        // Every byte is looked at, so that many are at once: nearly no field needs quotes.
        let is_special = |byte| matches!(byte, b',' | b'"' | b'\n' | b'\r');
        if text.bytes().fold(false, |any, byte| any | is_special(byte)) {
            self.text.push('"');
            for (at, part) in text.split('"').enumerate() {
                if at > 0 {
                    self.text.push_str("\"\"");
                }
                self.text.push_str(part);
            }
            self.text.push('"');
        } else {
            self.text.push_str(text);
        }
    }

    /// The next field of a row, which is known to need no quotes.
    pub fn plain(&mut self, text: &str) {
        self.separate();
        self.text.push_str(text);
    }

    /// The next field, an amount.
    pub fn amount(&mut self, amount: &Amount) {
        self.separate();
        amount.append_to(&mut self.text);
    }

    /// The next two fields, an amount twice.
    pub fn amount_twice(&mut self, amount: &Amount) {
        self.separate();
        let start = self.text.len();
        amount.append_to(&mut self.text);
        let end = self.text.len();
        self.text.push(',');
        self.text.extend_from_within(start..end);
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.text.push('\n');
        self.begun = false;
    }

    /// The rows so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.text.as_bytes()
    }

    fn separate(&mut self) {
        if self.begun {
            self.text.push(',');
        }
        self.begun = true;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn rows_are_those_of_the_csv_crate(
            rows in prop::collection::vec(prop::collection::vec("[a\"',;\r\n\u{e9} .-]{0,6}", 3), 0..5),
            amounts in prop::collection::vec((any::<i128>(), 0_u32..60), 5),
        ) {
            let mut own = CsvRows::with_room(rows.len() / 2);
            let mut other = csv::Writer::from_writer(Vec::new());
            for (row, (mantissa, scale)) in rows.iter().zip(&amounts) {
                let amount = Amount::new(*mantissa, *scale);
                row.iter().for_each(|field| own.field(field));
                own.plain("plain");
                own.amount(&amount);
                own.amount_twice(&amount);
                own.end_row();
                let shown = amount.to_string();
                let behind = ["plain", &shown, &shown, &shown].map(str::to_owned);
                other.write_record(row.iter().chain(&behind)).unwrap();
            }
            prop_assert_eq!(own.as_bytes(), other.into_inner().unwrap());
        }
    }
}
