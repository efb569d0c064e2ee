//! Rows of text as Arrow columns of the contract's types.

use std::sync::Arc;

use arrow_array::builder::{ArrayBuilder, Date32Builder, Decimal128Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use azure_pec::Day;

use crate::error::{Error, Fault, Place};
use crate::output::Amounts;

/// Rows put into columns at once.
pub(crate) const BATCH_ROWS: usize = 8192;
/// Digits of every decimal column.
const PRECISION: u8 = 38;

/// The type of a column of our tables, by its name: the same everywhere.
fn data_type(name: &str, amounts: Amounts) -> DataType {
    let decimal = |scale| match amounts {
        Amounts::Decimal => DataType::Decimal128(PRECISION, scale),
        Amounts::String => DataType::Utf8,
    };
    match name {
        "line" | "lines" => DataType::Int64,
        "date" => DataType::Date32,
        "quantity" | "rate" | "observed_rate" | "exchange_rate" => decimal(18),
        "list_price" => decimal(22),
        "list_amount" | "potential" | "credit" | "net" => decimal(28),
        _ => DataType::Utf8,
    }
}

/// The schema of one of our tables.
pub(crate) fn schema(header: &[&str], amounts: Amounts) -> Schema {
    let fields = header.iter().map(|name| Field::new(*name, data_type(name, amounts), true));
    Schema::new(fields.collect::<Vec<_>>())
}

/// Rows on their way into a record batch.
pub(crate) struct ArrowRows {
    schema: SchemaRef,
    columns: Vec<Column>,
    /// The column of the next field.
    at: usize,
    rows: usize,
}

enum Column {
    Text(StringBuilder),
    Integer(Int64Builder),
    Day(Date32Builder),
    Decimal(Decimal128Builder, i8),
}

impl ArrowRows {
    pub fn new(header: &[&str], amounts: Amounts) -> Self {
        Self::of(Arc::new(schema(header, amounts)))
    }

    /// Of one of our tables' schemas.
    pub fn of(schema: SchemaRef) -> Self {
        let column = |field: &Arc<Field>| match field.data_type() {
            DataType::Int64 => Column::Integer(Int64Builder::new()),
            DataType::Date32 => Column::Day(Date32Builder::new()),
            DataType::Decimal128(_, scale) => {
                let builder = Decimal128Builder::new().with_data_type(field.data_type().clone());
                Column::Decimal(builder, *scale)
            }
            _ => Column::Text(StringBuilder::new()),
        };
        Self { columns: schema.fields().iter().map(column).collect(), schema, at: 0, rows: 0 }
    }

    /// The types of the columns.
    pub fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    /// The number of whole rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The next field of the row; an empty text is null.
    ///
    /// # Errors
    /// `amount.too_precise` where a number does not fit its column exactly, with the column's name.
    pub fn field(&mut self, text: &str) -> Result<(), (Fault, String)> {
        let at = self.at;
        self.at += 1;
        let Some(column) = self.columns.get_mut(at) else { return Ok(()) };
        column.push(text).map_err(|fault| (fault, self.schema.field(at).name().clone()))
    }

    /// Ends a row; fields that were not given are null.
    pub fn end_row(&mut self) {
        for column in self.columns.iter_mut().skip(self.at) {
            // A null fits every column.
            let _ = column.push("");
        }
        self.at = 0;
        self.rows += 1;
    }

    /// The rows so far as a record batch; it begins anew.
    pub fn take(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let columns: Vec<ArrayRef> = self.columns.iter_mut().map(Column::finish).collect();
        RecordBatch::try_new(Arc::clone(&self.schema), columns)
    }
}

/// Whoever takes record batches of a table as they come.
pub(crate) type Emit = Box<dyn FnMut(RecordBatch) -> Result<(), Error> + Send>;

/// A table that is handed on in record batches.
pub(crate) struct BatchTable {
    rows: ArrowRows,
    emit: Emit,
}

impl BatchTable {
    pub fn new(header: &[&str], amounts: Amounts, emit: Emit) -> Self {
        Self { rows: ArrowRows::new(header, amounts), emit }
    }

    /// The next field; where it does not fit its column, the column's name.
    pub fn field(&mut self, text: &str) -> Result<(), (Fault, String)> {
        self.rows.field(text)
    }

    /// Ends a row.
    pub fn end_row(&mut self) -> Result<(), Error> {
        self.rows.end_row();
        if self.rows.rows() >= BATCH_ROWS { self.hand_on() } else { Ok(()) }
    }

    /// The types of the columns.
    pub fn schema(&self) -> SchemaRef {
        self.rows.schema()
    }

    /// Hands rows on that were put together elsewhere.
    pub fn add(&mut self, rows: &mut ArrowRows) -> Result<(), Error> {
        std::mem::swap(&mut self.rows, rows);
        let handed_on = self.hand_on();
        std::mem::swap(&mut self.rows, rows);
        handed_on
    }

    /// Hands on what is left.
    pub fn finish(mut self) -> Result<(), Error> {
        if self.rows.rows() > 0 { self.hand_on() } else { Ok(()) }
    }

    fn hand_on(&mut self) -> Result<(), Error> {
        let batch = self
            .rows
            .take()
            .map_err(|error| Fault::WriteFailed { problem: error.to_string() }.at(Place::default()))?;
        (self.emit)(batch)
    }
}

impl Column {
    fn push(&mut self, text: &str) -> Result<(), Fault> {
        let text = (!text.is_empty()).then_some(text);
        match self {
            Self::Text(builder) => builder.append_option(text),
            Self::Integer(builder) => builder.append_option(text.and_then(|text| text.parse().ok())),
            Self::Day(builder) => {
                let day = |text: &str| text.parse::<Day>().ok().map(Day::number);
                builder.append_option(text.and_then(day));
            }
            Self::Decimal(builder, scale) => {
                builder.append_option(text.map(|text| mantissa(text, *scale)).transpose()?);
            }
        }
        Ok(())
    }

    fn finish(&mut self) -> ArrayRef {
        match self {
            Self::Text(builder) => ArrayBuilder::finish(builder),
            Self::Integer(builder) => ArrayBuilder::finish(builder),
            Self::Day(builder) => ArrayBuilder::finish(builder),
            Self::Decimal(builder, _) => ArrayBuilder::finish(builder),
        }
    }
}

/// A number in plain digits as a whole number of its last place at a scale: exactly or not at all.
fn mantissa(text: &str, scale: i8) -> Result<i128, Fault> {
    let refused = || Fault::Coded {
        code: "amount.too_precise",
        help: "write amounts as text, which holds any number of digits (--amounts string)",
        problem: format!(
            "the number {text} does not fit decimal128({PRECISION},{scale}) without losing a digit"
        ),
    };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let missing = usize::try_from(scale).ok().and_then(|scale| scale.checked_sub(part.len()));
    let zeros = missing.and_then(|missing| u32::try_from(missing).ok()).ok_or_else(refused)?;
    let number = |digits: &str| match digits {
        "" => Some(0),
        digits => digits.parse::<i128>().ok(),
    };
    let places = u32::try_from(part.len()).ok().and_then(|places| 10_i128.checked_pow(places));
    let shifted = number(whole).zip(places).and_then(|(whole, places)| whole.checked_mul(places));
    let all = shifted.zip(number(part)).and_then(|(whole, part)| whole.checked_add(part));
    let mantissa = all.zip(10_i128.checked_pow(zeros)).and_then(|(all, power)| all.checked_mul(power));
    let most = 10_i128.pow(u32::from(PRECISION));
    mantissa.filter(|mantissa| *mantissa < most).map(|mantissa| sign * mantissa).ok_or_else(refused)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_refused() {
        assert_eq!(mantissa("0", 18).unwrap(), 0);
        assert_eq!(mantissa("-1.5", 3).unwrap(), -1500);
        assert_eq!(mantissa("12345678901234567890.123456789012345678", 18).unwrap().to_string().len(), 38);
        assert_eq!(mantissa("0.0000000000000000000000000001", 28).unwrap(), 1);
        assert_eq!(mantissa("9999999999.9999999999999999999999999999", 28).unwrap(), 10_i128.pow(38) - 1);
        for text in ["0.0001", "10000000000", "-10000000000", "123456789012345678901234567890123456789012345"]
        {
            let scale = if text.contains('.') { 3 } else { 28 };
            assert_eq!(mantissa(text, scale).unwrap_err().code(), "amount.too_precise", "{text}");
        }
    }

    #[test]
    fn rows_end_up_in_columns_of_their_types() {
        let mut rows = ArrowRows::new(&["date", "lines", "credit", "reason"], Amounts::Decimal);
        for text in ["2026-10-31", "7", "-0.15", "earned"] {
            rows.field(text).unwrap();
        }
        rows.end_row();
        rows.end_row();
        assert_eq!(rows.rows(), 2);
        let batch = rows.take().unwrap();
        assert_eq!(batch.num_rows(), 2);
        assert!(batch.columns().iter().all(|column| column.null_count() == 1));
        assert_eq!(batch.schema().field(2).data_type(), &DataType::Decimal128(38, 28));
    }
}
