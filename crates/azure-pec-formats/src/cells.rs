//! Records side by side, as every reader of usage hands them over: a cell is the bytes of one column in one record.

use std::borrow::Cow;
use std::ops::Range;

use azure_pec::{Amount, Combination, Day, TextId, TextPool, UsageBatch};

use crate::column_memo::ColumnMemo;
use crate::combination_memo::CombinationMemo;
use crate::error::Fault;
use crate::value;

/// The bytes of a cell and what stands behind it, and how many of them are the cell's.
pub(crate) type CellAndOn<'c> = (&'c [u8], usize);

/// The cell without what stands behind it.
#[inline]
pub(crate) fn alone<'c>((bytes, length): CellAndOn<'c>) -> &'c [u8] {
    bytes.get(..length).unwrap_or_default()
}

/// Some records of a file. What is made of a column is made for all of them at once.
pub(crate) trait Cells {
    /// The bytes of a cell as they stand in the file; nothing where there is no such cell.
    fn cell(&self, row: usize, column: usize) -> &[u8];

    /// The bytes of a cell and what stands behind it, and how many of them are the cell's.
    #[inline]
    fn cell_and_on(&self, row: usize, column: usize) -> CellAndOn<'_> {
        let cell = self.cell(row, column);
        (cell, cell.len())
    }

    /// Whether a separator ends each cell, but for the last of a file: the bytes of several side by side are then the same where
    /// the cells are.
    #[inline]
    fn are_separated(&self) -> bool {
        false
    }

    /// Of a record the cells of several columns as one, with what separates them; only where something does.
    #[inline]
    fn neighbours_and_on<'c>(&'c self, row: usize) -> impl Fn(Neighbours) -> CellAndOn<'c>
    where
        Self: Sized,
    {
        move |columns| self.cell_and_on(row, columns.first)
    }

    /// The text of a cell, without the quotes of CSV. Only of columns that [`Dialect`] and rules do not reach: those that
    /// are looked at record by record.
    fn text(&self, row: usize, column: usize) -> Result<&str, Fault>;

    /// The place of a record: the line at which it starts, the row of a table.
    fn line(&self, row: usize) -> u64;

    /// The day in a cell, where it stands there as a day and not as a text.
    fn day(&self, _row: usize, _column: usize) -> Option<Day> {
        None
    }

    /// The number in a cell.
    fn number(&self, row: usize, column: usize, dialect: Dialect) -> Result<Amount, Fault> {
        dialect.number(self.cell_and_on(row, column))
    }

    /// The number in a cell; none where nothing stands there.
    fn number_if_any(&self, row: usize, column: usize, dialect: Dialect) -> Result<Option<Amount>, Fault> {
        dialect.number_if_any(self.cell_and_on(row, column))
    }

    /// The ids of a column's cells. Where one cannot be read, tells its place among these and adds the empty text.
    fn fill(
        &self,
        rows: Range<usize>,
        column: usize,
        memo: &mut ColumnMemo,
        pool: &mut TextPool,
        ids: &mut Vec<TextId>,
        on_fault: &mut dyn FnMut(usize, Fault),
    ) {
        memo.fill(rows.map(|row| self.cell_and_on(row, column)), pool, ids, on_fault);
    }

    /// The combinations of a bundle, as [`CombinationMemo::fill`] has them.
    fn combine(
        &self,
        rows: Range<usize>,
        memo: &mut CombinationMemo,
        batch: &mut UsageBatch,
        found: &mut Vec<Combination>,
        on_fault: &mut dyn FnMut(usize, Fault, usize),
    ) where
        Self: Sized,
    {
        memo.fill(self, rows, batch, found, on_fault);
    }
}

/// Columns side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Neighbours {
    pub first: usize,
    pub last: usize,
}

/// How the bytes of a cell say a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Dialect {
    /// A cell may stand in quotes, as CSV has it.
    pub quotes: bool,
    /// The text `NULL` stands for none.
    pub nulls: bool,
}

impl Dialect {
    /// The text of a cell, without spaces around it.
    pub fn text<'c>(self, cell: &'c [u8]) -> Result<Cow<'c, str>, Fault> {
        let bytes = if self.quotes { unquoted(cell) } else { Cow::Borrowed(cell) };
        let text = match bytes {
            Cow::Borrowed(bytes) => Cow::Borrowed(self.plain(bytes)?),
            Cow::Owned(bytes) => Cow::Owned(self.plain(&bytes)?.to_owned()),
        };
        Ok(text)
    }

    fn plain(self, bytes: &[u8]) -> Result<&str, Fault> {
        let text = std::str::from_utf8(bytes).map_err(|_| Fault::Encoding)?.trim();
        Ok(if self.nulls && text == "NULL" { "" } else { text })
    }

    /// The number in a cell.
    pub fn number(self, cell: CellAndOn<'_>) -> Result<Amount, Fault> {
        // Nearly every cell is a number as it stands; the others take the long way, which says what is wrong.
        Amount::parse_prefix(cell.0, cell.1).or_else(|_| value::number(&self.text(alone(cell))?))
    }

    /// The number in a cell; none where nothing stands there.
    pub fn number_if_any(self, cell: CellAndOn<'_>) -> Result<Option<Amount>, Fault> {
        if cell.1 == 0 {
            return Ok(None);
        }
        if let Ok(amount) = Amount::parse_prefix(cell.0, cell.1) {
            return Ok(Some(amount));
        }
        let text = self.text(alone(cell))?;
        if text.is_empty() { Ok(None) } else { value::number(&text).map(Some) }
    }
}

/// What a cell of CSV holds: of `"a ""b"""` it is `a "b"`. What follows the closing quote belongs to it too, and a quote
/// that opens elsewhere than at the beginning is one of its characters, as the `csv` crate has it.
pub(crate) fn unquoted(cell: &[u8]) -> Cow<'_, [u8]> {
    let Some(inner) = cell.strip_prefix(b"\"") else { return Cow::Borrowed(cell) };
    if let Some(plain) = inner.strip_suffix(b"\"").filter(|plain| !plain.contains(&b'"')) {
        return Cow::Borrowed(plain);
    }
    let mut text = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            text.push(byte);
            continue;
        }
        match bytes.next() {
            Some(b'"') => text.push(b'"'),
            Some(other) => {
                // The quotes are closed; what is left stands as it is.
                text.push(other);
                text.extend(bytes.by_ref());
            }
            None => {}
        }
    }
    Cow::Owned(text)
}

/// Whether two cells are the same bytes. The cells of a column are mostly short and of one length, where a call costs
/// more than the look.
#[inline]
pub(crate) fn same(one: &[u8], other: &[u8]) -> bool {
    if one.len() != other.len() {
        return false;
    }
    match one.len() {
        0 => true,
        1..4 => one == other,
        4..8 => one.first_chunk::<4>() == other.first_chunk() && one.last_chunk::<4>() == other.last_chunk(),
        8..17 => one.first_chunk::<8>() == other.first_chunk() && one.last_chunk::<8>() == other.last_chunk(),
        17..33 => {
            one.first_chunk::<16>() == other.first_chunk() && one.last_chunk::<16>() == other.last_chunk()
        }
        33..49 => {
            one.first_chunk::<32>() == other.first_chunk() && one.last_chunk::<16>() == other.last_chunk()
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_are_read_as_the_csv_crate_reads_them() {
        for cell in [
            "a",
            "",
            "\"a\"",
            "\"\"",
            "\"a\"\"b\"",
            "\"a\"b",
            "\"a\"b\"c\"",
            "a\"b\"",
            "\"\"\"\"",
            "\"a,\"\"\"",
        ] {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(cell.as_bytes());
            let record = reader.byte_records().next();
            let expected = record.map(|record| record.unwrap()[0].to_vec()).unwrap_or_default();
            assert_eq!(unquoted(cell.as_bytes()), expected, "{cell}");
        }
    }

    #[test]
    fn cells_of_any_length_are_compared_whole() {
        for length in 0..70usize {
            let one: Vec<u8> = (0..length).map(|at| at as u8).collect();
            assert!(same(&one, &one.clone()));
            for at in 0..length {
                let mut other = one.clone();
                other[at] ^= 0x80;
                assert!(!same(&one, &other), "{length} {at}");
            }
            assert!(!same(&one, &[one.as_slice(), b"x"].concat()));
        }
    }
}
