//! Rows of CSV, put together without asking the `csv` crate about each field: tables may have many million.

use azure_pec::Amount;

/// Rows of more than one field, as the `csv` crate writes them.
#[derive(Default)]
pub(crate) struct CsvRows {
    text: String,
    /// The row that is being put together has a field.
    begun: bool,
}

impl CsvRows {
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

    /// The next field, an amount.
    pub fn amount(&mut self, amount: &Amount) {
        self.separate();
        amount.append_to(&mut self.text);
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
            let mut own = CsvRows::default();
            let mut other = csv::Writer::from_writer(Vec::new());
            for (row, (mantissa, scale)) in rows.iter().zip(&amounts) {
                let amount = Amount::new(*mantissa, *scale);
                row.iter().for_each(|field| own.field(field));
                own.amount(&amount);
                own.end_row();
                other.write_record(row.iter().chain([&amount.to_string()])).unwrap();
            }
            prop_assert_eq!(own.as_bytes(), other.into_inner().unwrap());
        }
    }
}
