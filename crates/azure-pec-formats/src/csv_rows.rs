//! Rows of CSV, put together without asking the `csv` crate about each field: tables may have many million.

use std::ops::Range;

use azure_pec::Amount;

/// Rows of more than one field, as the `csv` crate writes them.
#[derive(Default)]
pub(crate) struct CsvRows {
    text: String,
    /// The row that is being put together has a field.
    begun: bool,
}

/// Fields of rows that are put together, and where they stand. They are told by where their texts are in memory: it is soon
/// known that they are the same, and those that are not are written again.
pub(crate) struct Known<'t> {
    texts: Vec<&'t str>,
    /// With whether others stood before them in their row: then a separator did.
    places: Vec<(Vec<&'t str>, bool, Range<usize>)>,
    /// So many are remembered; the first goes where there are more.
    most: usize,
}

impl Known<'_> {
    pub const fn at_most(most: usize) -> Self {
        Self { texts: Vec::new(), places: Vec::new(), most }
    }
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

    /// The next field, a number.
    pub fn number(&mut self, number: u64) {
        self.separate();
        self.text.push_str(itoa::Buffer::new().format(number));
    }

    /// The next fields, which stand as they did before where they are known.
    pub fn known<'t>(&mut self, known: &mut Known<'t>, texts: impl Iterator<Item = &'t str>) {
        known.texts.clear();
        known.texts.extend(texts);
        let Known { texts, places, most } = known;
        if texts.is_empty() {
            return;
        }
        let is_one = |one: &Vec<&str>| {
            one.len() == texts.len() && one.iter().zip(&*texts).all(|(one, text)| std::ptr::eq(*one, *text))
        };
        let begun = std::mem::replace(&mut self.begun, true);
        if let Some((.., place)) = places.iter().find(|(one, others, _)| *others == begun && is_one(one)) {
            self.text.extend_from_within(place.clone());
            return;
        }
        let start = self.text.len();
        self.begun = begun;
        texts.iter().for_each(|text| self.field(text));
        if places.len() == *most {
            places.remove(0);
        }
        places.push((texts.clone(), begun, start..self.text.len()));
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
                own.amount(&amount);
                own.amount_twice(&amount);
                own.number(u64::from(*scale));
                own.end_row();
                let (shown, number) = (amount.to_string(), scale.to_string());
                let behind = [&shown, &shown, &shown, &number];
                other.write_record(row.iter().chain(behind)).unwrap();
            }
            prop_assert_eq!(own.as_bytes(), other.into_inner().unwrap());
        }
    }

    proptest! {
        /// The first or others of a row, empty ones too, whatever is remembered.
        #[test]
        fn known_fields_are_written_as_any(
            picked in prop::collection::vec((prop::collection::vec(0_usize..4, 0..3), 0_usize..4, any::<bool>()), 0..40),
            most in 1_usize..4,
        ) {
            let texts = ["", "a", "a,b", "\""];
            let (mut own, mut other) = (CsvRows::default(), CsvRows::default());
            let mut known = Known::at_most(most);
            for (several, alone, alone_first) in picked {
                for rows in [&mut own, &mut other] {
                    if alone_first {
                        rows.field(texts[alone]);
                    }
                }
                own.known(&mut known, several.iter().map(|text| texts[*text]));
                several.iter().for_each(|text| other.field(texts[*text]));
                for rows in [&mut own, &mut other] {
                    rows.number(7);
                    rows.end_row();
                }
            }
            prop_assert_eq!(own.as_bytes(), other.as_bytes());
        }
    }
}
