//! The cells of an Arrow column as what exports write: texts, exact numbers, days.

use std::fmt::Write;
use std::hint::select_unpredictable;
use std::ops::Range;
use std::sync::Arc;

use arrow_array::array::AnyDictionaryArray;
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Date64Type, Decimal32Type, Decimal64Type, Decimal128Type, Decimal256Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{
    Array, ArrayRef, ArrowPrimitiveType, BooleanArray, Decimal128Array, Decimal256Array, Int64Array,
    LargeStringArray, PrimitiveArray, StringArray, StringViewArray,
};
use arrow_buffer::ScalarBuffer;
use arrow_schema::{DataType, TimeUnit};
use azure_pec::{Amount, Day, Instant, TICKS_PER_SECOND};

use crate::cells::CellAndOn;
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
    /// The place of each row's entry in the dictionary; [`NO_ENTRY`] where the row is empty.
    keys: ScalarBuffer<i32>,
    /// The dictionary.
    pub values: ArrayRef,
    cells: Box<Cells>,
}

/// The key of an empty row.
const NO_ENTRY: i32 = -1;

impl Entries {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.keys.len()
    }

    /// The place of a row's entry in the dictionary; none where the row is empty.
    pub fn key(&self, row: usize) -> Option<usize> {
        self.keys.get(row).filter(|key| **key != NO_ENTRY).map(|key| key.cast_unsigned() as usize)
    }

    /// The place of a row's entry in the dictionary, beyond it where the row is empty.
    pub fn key_or_beyond(&self, row: usize) -> u32 {
        self.keys.get(row).copied().unwrap_or(NO_ENTRY).cast_unsigned()
    }

    /// The same of rows.
    pub fn keys(&self, rows: Range<usize>) -> impl Iterator<Item = u32> {
        self.keys.get(rows).unwrap_or_default().iter().map(|key| key.cast_unsigned())
    }

    /// Whether they are of this dictionary; readers of files share one through a row group. If so it is told at once the next
    /// time, as the next rows of a batch have the very same.
    pub fn are_of(&self, dictionary: &mut ArrayRef) -> bool {
        if Arc::ptr_eq(dictionary, &self.values) {
            return true;
        }
        let same = dictionary.to_data().ptr_eq(&self.values.to_data());
        if same {
            *dictionary = Arc::clone(&self.values);
        }
        same
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
            keys: keys_of(dictionary),
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

    /// The cell of a column of texts; nothing where it is null.
    pub fn text_and_on(&self, row: usize) -> CellAndOn<'_> {
        let found = match self {
            Self::Text(texts) => cell(texts, row, |row| text_and_on(texts, row)).flatten(),
            Self::TextView(texts) => cell(texts, row, |row| view_and_on(texts, row)).flatten(),
            _ => None,
        };
        found.unwrap_or_else(|| {
            let text = self.as_text(row).as_bytes();
            (text, text.len())
        })
    }

    /// The day in a cell of days; none where there is none, or the column is another.
    pub fn day(&self, row: usize) -> Option<Day> {
        if let Self::Day(days) = self { day_number(days, row) } else { None }
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

/// The keys of a dictionary's rows. The keys of null rows may be anything.
fn keys_of(dictionary: &dyn AnyDictionaryArray) -> ScalarBuffer<i32> {
    let nulls = dictionary.nulls().filter(|nulls| nulls.null_count() > 0);
    let own = dictionary.keys().as_primitive_opt::<Int32Type>().map(PrimitiveArray::values);
    let mut keys: Vec<i32> = match (own, nulls) {
        // As they are: most columns have no null.
        (Some(keys), None) => return keys.clone(),
        (Some(keys), _) => keys.to_vec(),
        (None, _) => {
            dictionary.normalized_keys().into_iter().map(|key| key.try_into().unwrap_or(NO_ENTRY)).collect()
        }
    };
    let nulls = nulls.into_iter().flatten();
    keys.iter_mut().zip(nulls).filter(|(_, valid)| !valid).for_each(|(key, _)| *key = NO_ENTRY);
    keys.into()
}

/// The value of a row; none where it is null or there is no such row.
fn cell<T>(array: &dyn Array, row: usize, value: impl FnOnce(usize) -> T) -> Option<T> {
    (row < array.len() && array.is_valid(row)).then(|| value(row))
}

fn text_and_on(texts: &StringArray, row: usize) -> Option<CellAndOn<'_>> {
    let [start, end] = *texts.value_offsets().get(row..)?.first_chunk()?;
    let onwards = texts.value_data().get(start.cast_unsigned() as usize..)?;
    Some((onwards, (end - start).cast_unsigned() as usize))
}

/// Longer texts stand behind their view.
const SHORT: u32 = 12;

/// None for a short text, which stands in the view itself.
fn view_and_on(texts: &StringViewArray, row: usize) -> Option<CellAndOn<'_>> {
    // From the lowest bits on: the length, the beginning of the text, the number of its buffer, and its place there.
    let view = *texts.views().get(row)?;
    let [length, buffer, place] = [view, view >> 64, view >> 96].map(|part| part as u32);
    let buffer = texts.data_buffers().get(buffer as usize).filter(|_| length > SHORT)?;
    Some((buffer.get(place as usize..)?, length as usize))
}

fn day_number(days: &Int64Array, row: usize) -> Option<Day> {
    let number = cell(days, row, |row| days.value(row))?;
    i32::try_from(number).ok().map(Day::from_number)
}

/// An amount of a mantissa and a scale, without the zeros that a fixed scale puts at the end: short mantissas multiply
/// in fewer bits.
fn amount(mantissa: i128, scale: i8) -> Amount {
    let Ok(scale) = u32::try_from(scale) else {
        // A negative scale: so many zeros more.
        let mut amount = Amount::new(mantissa, 0);
        for _ in scale..0 {
            amount = &amount * &Amount::from(10);
        }
        return amount;
    };
    if mantissa == 0 {
        return Amount::ZERO;
    }
    let (digits, scale) = without_zeros(mantissa.unsigned_abs(), scale);
    Amount::new(digits.cast_signed().wrapping_mul(mantissa.signum()), scale)
}

/// A number without its last zeros, at most so many, and how many digits of the scale are left. How many there are differs
/// from line to line, so nothing hangs on it but whether 64 bits hold the number: those that it fits as it is, or without
/// sixteen zeros, are far quicker.
fn without_zeros(digits: u128, scale: u32) -> (u128, u32) {
    let (shorts, longs @ [sixteen, ..]) = (&Zeros::<u64>::ALL, &Zeros::<u128>::ALL);
    let all = if u64::try_from(digits).is_ok() { (digits, scale) } else { sixteen.off((digits, scale)) };
    match u64::try_from(all.0) {
        Ok(digits) => {
            let (digits, scale) = shorts.iter().fold((digits, all.1), |all, zeros| zeros.off(all));
            (digits.into(), scale)
        }
        Err(_) => longs.iter().fold(all, |all, zeros| zeros.off(all)),
    }
}

/// What takes zeros off the end of a number: a multiple of 5^n times the inverse of 5^n is its quotient, a multiple of 2^n has n
/// bits less, and what is no multiple gives more than any quotient is (Granlund and Montgomery 1994). Dividing takes many times
/// as long.
struct Zeros<N> {
    count: u32,
    /// Of 5^n, modulo the numbers that there are.
    inverse: N,
    /// The largest quotient.
    most: N,
}

macro_rules! zeros_of {
    ($number:ty) => {
        impl Zeros<$number> {
            /// Together they take off 31 zeros: more than 64 bits have, and what is left of 128 without sixteen.
            const ALL: [Self; 5] = [Self::of(16), Self::of(8), Self::of(4), Self::of(2), Self::of(1)];

            const fn of(count: u32) -> Self {
                let five: $number = 5;
                let divisor = five.pow(count);
                // Newton's method: each step makes twice as many bits right, beginning with three.
                let (mut inverse, mut bits) = (divisor, 3);
                while bits < <$number>::BITS {
                    let two: $number = 2;
                    inverse = inverse.wrapping_mul(two.wrapping_sub(divisor.wrapping_mul(inverse)));
                    bits *= 2;
                }
                let ten: $number = 10;
                Self { count, inverse, most: <$number>::MAX / ten.pow(count) }
            }

            #[inline]
            fn off(&self, (digits, scale): ($number, u32)) -> ($number, u32) {
                let quotient = digits.wrapping_mul(self.inverse).rotate_right(self.count);
                let goes = (scale >= self.count) & (quotient <= self.most);
                (
                    select_unpredictable(goes, quotient, digits),
                    select_unpredictable(goes, scale.wrapping_sub(self.count), scale),
                )
            }
        }
    };
}

zeros_of!(u64);
zeros_of!(u128);

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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn zeros_at_the_end_are_no_part_of_an_amount(
            digits in prop_oneof![any::<i128>(), any::<i64>().prop_map(i128::from), -1_000_000_i128..1_000_000],
            zeros in 0_u32..38,
            scale in 0_i8..40,
        ) {
            let mantissa = digits.checked_mul(10_i128.pow(zeros)).unwrap_or(digits);
            let found = amount(mantissa, scale);
            let plain = Amount::new(mantissa, scale.unsigned_abs().into());
            prop_assert_eq!(&found, &plain);
            prop_assert_eq!(found.to_string(), plain.to_string());
        }
    }

    proptest! {
        /// Of a column that is a part of another, too.
        #[test]
        fn texts_are_the_same_with_what_stands_behind_them(
            texts in prop::collection::vec(prop::option::weighted(0.8, "[aé]{0,20}"), 1..20),
            cut in any::<prop::sample::Index>(),
        ) {
            let cut = cut.index(texts.len());
            let all: [ArrayRef; 3] = [
                Arc::new(StringArray::from(texts.clone())),
                Arc::new(LargeStringArray::from(texts.clone())),
                Arc::new(StringViewArray::from(texts.clone())),
            ];
            for array in all {
                let cells = Cells::of(&array.slice(cut, texts.len() - cut)).unwrap();
                for (row, text) in texts[cut..].iter().enumerate() {
                    let (bytes, length) = cells.text_and_on(row);
                    prop_assert_eq!(&bytes[..length], text.as_deref().unwrap_or_default().as_bytes());
                    prop_assert_eq!(cells.as_text(row), text.as_deref().unwrap_or_default());
                }
            }
        }
    }

    #[test]
    fn the_ends_of_the_range_are_amounts_too() {
        for mantissa in [i128::MIN, i128::MIN + 1, i128::MAX, -10, 10, 0] {
            assert_eq!(amount(mantissa, 2), Amount::new(mantissa, 2));
        }
    }
}
