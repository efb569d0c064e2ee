//! The cells of an Arrow column as what exports write: texts, exact numbers, days.

use std::fmt::Write;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Decimal128Array, Decimal256Array, Int64Array,
    LargeStringArray, StringArray, StringViewArray,
};
use arrow_buffer::NullBuffer;
use arrow_schema::{DataType, TimeUnit};
use azure_pec::{Amount, Day, Instant, TICKS_PER_SECOND};

use crate::error::Fault;

/// The cells of one column of one record batch.
pub(crate) enum Cells {
    /// Nothing in any of them.
    Empty,
    Text(StringArray),
    LongText(LargeStringArray),
    TextView(StringViewArray),
    /// Entries of a dictionary, each there once however many rows name it.
    Entries(Entries),
    /// Decimals and integers of up to 128 bits, and the scale of all.
    Number(Decimal128Array, i8),
    LongNumber(Decimal256Array),
    Truth(BooleanArray),
    /// Times in ticks of 100 ns.
    Time(Int64Array),
    /// Days since 1970-01-01.
    Day(Int64Array),
}

/// A column of dictionary entries.
pub(crate) struct Entries {
    pub keys: Vec<usize>,
    nulls: Option<NullBuffer>,
    /// The dictionary.
    pub values: ArrayRef,
    cells: Box<Cells>,
}

impl Entries {
    /// The place of a row's entry in the dictionary; none where the row is empty.
    pub fn key(&self, row: usize) -> Option<usize> {
        if self.nulls.as_ref().is_some_and(|nulls| nulls.is_null(row)) {
            return None;
        }
        self.keys.get(row).copied()
    }

    /// The dictionary's own cells.
    pub fn cells(&self) -> &Cells {
        &self.cells
    }
}

impl Cells {
    /// The cells of an array.
    ///
    /// # Errors
    /// `number.binary_float` for floats, unless all are null, as empty columns of data frames are; `input.column_type`
    /// for lists, structures and bytes.
    pub fn of(array: &ArrayRef) -> Result<Self, Fault> {
        let data_type = array.data_type();
        if array.null_count() == array.len() {
            return Ok(Self::Empty);
        }
        let refused = || Fault::ColumnType { found: data_type.to_string() };
        let cells = match data_type {
            DataType::Null => Some(Self::Empty),
            DataType::Utf8 => array.as_string_opt().cloned().map(Self::Text),
            DataType::LargeUtf8 => array.as_string_opt().cloned().map(Self::LongText),
            DataType::Utf8View => array.as_string_view_opt().cloned().map(Self::TextView),
            DataType::Dictionary(..) => return Self::entries(array),
            DataType::Decimal128(_, scale) => array
                .as_primitive_opt::<Decimal128Type>()
                .map(|numbers| Self::Number(numbers.clone(), *scale)),
            DataType::Decimal32(_, scale) => wide::<Decimal32Type>(array, *scale),
            DataType::Decimal64(_, scale) => wide::<Decimal64Type>(array, *scale),
            DataType::Decimal256(..) => {
                array.as_primitive_opt::<Decimal256Type>().cloned().map(Self::LongNumber)
            }
            DataType::Int8 => wide::<Int8Type>(array, 0),
            DataType::Int16 => wide::<Int16Type>(array, 0),
            DataType::Int32 => wide::<Int32Type>(array, 0),
            DataType::Int64 => wide::<Int64Type>(array, 0),
            DataType::UInt8 => wide::<UInt8Type>(array, 0),
            DataType::UInt16 => wide::<UInt16Type>(array, 0),
            DataType::UInt32 => wide::<UInt32Type>(array, 0),
            DataType::UInt64 => wide::<UInt64Type>(array, 0),
            DataType::Boolean => array.as_boolean_opt().cloned().map(Self::Truth),
            DataType::Date32 => {
                array.as_primitive_opt::<Date32Type>().map(|days| Self::Day(days.unary(i64::from)))
            }
            DataType::Date64 => times::<Date64Type>(array, TICKS_PER_SECOND / 1000, 1),
            DataType::Timestamp(TimeUnit::Second, _) => {
                times::<TimestampSecondType>(array, TICKS_PER_SECOND, 1)
            }
            DataType::Timestamp(TimeUnit::Millisecond, _) => {
                times::<TimestampMillisecondType>(array, TICKS_PER_SECOND / 1000, 1)
            }
            DataType::Timestamp(TimeUnit::Microsecond, _) => times::<TimestampMicrosecondType>(array, 10, 1),
            DataType::Timestamp(TimeUnit::Nanosecond, _) => times::<TimestampNanosecondType>(array, 1, 100),
            DataType::Float16 | DataType::Float32 | DataType::Float64 => {
                return Err(Fault::BinaryFloat { found: data_type.to_string() });
            }
            _ => None,
        };
        cells.ok_or_else(refused)
    }

    fn entries(array: &ArrayRef) -> Result<Self, Fault> {
        let Some(dictionary) = array.as_any_dictionary_opt().filter(|array| !array.values().is_empty())
        else {
            return Ok(Self::Empty);
        };
        Ok(Self::Entries(Entries {
            keys: dictionary.normalized_keys(),
            nulls: dictionary.nulls().cloned(),
            values: dictionary.values().clone(),
            cells: Box::new(Self::of(dictionary.values())?),
        }))
    }

    /// The cell as an export writes it; empty where it is null. `room` holds what has to be put together.
    pub fn text<'s>(&'s self, row: usize, room: &'s mut String) -> &'s str {
        room.clear();
        // Writing to a text cannot fail.
        let _ = match self {
            Self::Empty => Ok(()),
            Self::Text(texts) => return cell(texts, row, |row| texts.value(row)).unwrap_or_default(),
            Self::LongText(texts) => return cell(texts, row, |row| texts.value(row)).unwrap_or_default(),
            Self::TextView(texts) => return cell(texts, row, |row| texts.value(row)).unwrap_or_default(),
            Self::Entries(entries) => {
                return entries.key(row).map_or("", |key| entries.cells.text(key, room));
            }
            Self::Number(numbers, scale) => match cell(numbers, row, |row| numbers.value(row)) {
                Some(mantissa) => write!(room, "{}", amount(mantissa, *scale)),
                None => Ok(()),
            },
            Self::LongNumber(numbers) => match cell(numbers, row, |row| numbers.value_as_string(row)) {
                Some(digits) => write!(room, "{digits}"),
                None => Ok(()),
            },
            Self::Truth(truths) => match cell(truths, row, |row| truths.value(row)) {
                Some(truth) => write!(room, "{truth}"),
                None => Ok(()),
            },
            Self::Time(times) => match cell(times, row, |row| times.value(row)) {
                Some(ticks) => write!(room, "{}", Instant::from_ticks(ticks)),
                None => Ok(()),
            },
            Self::Day(days) => match day_number(days, row) {
                Some(day) => write!(room, "{day}"),
                None => Ok(()),
            },
        };
        room
    }

    /// Whether every cell is a text as it stands.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Empty | Self::Text(_) | Self::LongText(_) | Self::TextView(_))
    }

    /// The cell of a column of texts; empty where it is null.
    pub fn as_text(&self, row: usize) -> &str {
        match self {
            Self::Text(texts) => cell(texts, row, |row| texts.value(row)),
            Self::LongText(texts) => cell(texts, row, |row| texts.value(row)),
            Self::TextView(texts) => cell(texts, row, |row| texts.value(row)),
            _ => None,
        }
        .unwrap_or_default()
    }

    /// The number in a cell of decimals or integers; none where there is none, or the column is another.
    pub fn decimal(&self, row: usize) -> Option<Amount> {
        match self {
            Self::Number(numbers, scale) => {
                cell(numbers, row, |row| numbers.value(row)).map(|mantissa| amount(mantissa, *scale))
            }
            _ => None,
        }
    }

    /// What tells a cell from others: equal marks are equal cells. None where a cell has no mark.
    pub fn mark(&self, row: usize) -> Option<i64> {
        match self {
            Self::Day(days) => cell(days, row, |row| days.value(row)),
            Self::Time(times) => cell(times, row, |row| times.value(row)),
            Self::Truth(truths) => cell(truths, row, |row| i64::from(truths.value(row))),
            Self::Number(numbers, _) => {
                cell(numbers, row, |row| numbers.value(row)).and_then(|n| n.try_into().ok())
            }
            Self::Entries(entries) => entries.key(row).and_then(|key| key.try_into().ok()),
            _ => None,
        }
    }
}

/// The value of a row; none where it is null or there is no such row.
fn cell<T>(array: &dyn Array, row: usize, value: impl FnOnce(usize) -> T) -> Option<T> {
    (row < array.len() && array.is_valid(row)).then(|| value(row))
}

fn day_number(days: &Int64Array, row: usize) -> Option<Day> {
    let number = cell(days, row, |row| days.value(row))?;
    i32::try_from(number).ok().map(Day::from_number)
}

/// An amount of a mantissa and a scale, without the zeros that a fixed scale puts at the end: short mantissas multiply
/// in fewer bits.
fn amount(mantissa: i128, scale: i8) -> Amount {
    let Ok(mut scale) = u32::try_from(scale) else {
        // A negative scale: so many zeros more.
        let mut amount = Amount::new(mantissa, 0);
        for _ in scale..0 {
            amount = &amount * &Amount::from(10);
        }
        return amount;
    };
    let mut mantissa = mantissa;
    for (zeros, power) in [(16, 10_000_000_000_000_000), (8, 100_000_000), (4, 10_000), (2, 100), (1, 10)] {
        // A multiple of 10^n is one of 2^n, which is seen at once.
        while scale >= zeros && mantissa.trailing_zeros() >= zeros && mantissa % power == 0 && mantissa != 0 {
            mantissa /= power;
            scale -= zeros;
        }
    }
    if mantissa == 0 { Amount::ZERO } else { Amount::new(mantissa, scale) }
}

fn wide<T: ArrowPrimitiveType>(array: &ArrayRef, scale: i8) -> Option<Cells>
where
    i128: From<T::Native>,
{
    let numbers: Decimal128Array = array.as_primitive_opt::<T>()?.unary(i128::from);
    Some(Cells::Number(numbers, scale))
}

fn times<T: ArrowPrimitiveType<Native = i64>>(array: &ArrayRef, multiple: i64, part: i64) -> Option<Cells> {
    let ticks = |time: i64| time.div_euclid(part).saturating_mul(multiple);
    Some(Cells::Time(array.as_primitive_opt::<T>()?.unary(ticks)))
}
