//! A CSV table read in blocks of whole records, by as many threads as there are: for tables that are kept.

use std::io::Read;
use std::sync::{Mutex, PoisonError};

use crate::blocks::Blocks;
use crate::cells::Cells;
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::json_split::LineFault;
use crate::portion::{CsvPortion, CsvSupply};
use crate::side_by_side::{side_by_side, worth};
use crate::source::Source;
use crate::table::Fields;

/// A table of which the header was read.
pub(crate) struct TableBlocks<'s> {
    source: &'s Source,
    pub header: Header,
    pub supply: CsvSupply,
}

/// What became of the records of a block, and its place in the file.
type Made<T> = (u64, Result<Vec<T>, Error>);

impl<'s> TableBlocks<'s> {
    /// Opens the plain text of a source and reads the header.
    pub fn open(source: &'s Source, text: Box<dyn Read + Send>) -> Result<Self, Error> {
        let at = |(fault, line): LineFault| fault.at(source.place().at_line(line));
        let (supply, header) = CsvSupply::open(Blocks::new(text)).map_err(at)?;
        let Some((header, line)) = header else {
            return Err(source.error(Fault::UnknownKind { found: "a file without a line".to_owned() }));
        };
        Ok(Self { source, header: header.map_err(|fault| at((fault, line)))?, supply })
    }

    /// What is made of each record, in their order, by the blocks that they came in, on so many threads. `wanted` are the
    /// columns that are looked at; where nothing can be made of a record, `make` says why and in which column, and the first
    /// one so is the error. It has a memory of its own on each thread.
    pub fn read<T: Send, M: Default>(
        self,
        threads: usize,
        wanted: &[usize],
        make: impl Fn(&mut M, &Fields<'_>) -> Result<T, (Fault, usize)> + Sync,
    ) -> Result<Vec<Vec<T>>, Error> {
        let Self { source, header, supply } = self;
        let supply = Mutex::new((supply, false));
        let work = || {
            let mut portion = CsvPortion::new(header.names().len(), wanted.to_vec());
            let (mut made, mut memory) = (Vec::<Made<T>>::new(), M::default());
            loop {
                let taken = {
                    // Whoever panicked has left nothing half done that another would miss.
                    let mut supply = supply.lock().unwrap_or_else(PoisonError::into_inner);
                    // Blocks before the one that failed are all taken, so the first fault of the file is found.
                    if supply.1 { Ok(false) } else { supply.0.next(&mut portion) }
                };
                let block = match taken {
                    Ok(false) => return made,
                    Ok(true) => (
                        portion.number(),
                        rows_of(&mut portion, source, &header, |fields| make(&mut memory, fields)),
                    ),
                    Err((fault, line)) => (u64::MAX, Err(fault.at(source.place().at_line(line)))),
                };
                if block.1.is_err() {
                    supply.lock().unwrap_or_else(PoisonError::into_inner).1 = true;
                }
                made.push(block);
            }
        };
        let threads = threads.clamp(1, worth(source.packed_bytes()));
        let mut blocks: Vec<Made<T>> = side_by_side(vec![work; threads]).into_iter().flatten().collect();
        blocks.sort_by_key(|(number, _)| *number);
        blocks.into_iter().map(|(_, made)| made).collect()
    }
}

fn rows_of<T>(
    portion: &mut CsvPortion,
    source: &Source,
    header: &Header,
    mut make: impl FnMut(&Fields<'_>) -> Result<T, (Fault, usize)>,
) -> Result<Vec<T>, Error> {
    let rows = portion.open();
    let mut made = Vec::with_capacity(rows.len());
    for row in rows {
        let fields = portion.fields(row).map_err(|fault| (fault, None));
        let one = fields.and_then(|fields| make(&fields).map_err(|(fault, column)| (fault, Some(column))));
        made.push(one.map_err(|(fault, column)| {
            let mut place = source.place().at_line(portion.line(row));
            place.column = column.map(|column| header.name(column).to_owned());
            fault.at(place)
        })?);
    }
    Ok(made)
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use super::*;

    /// A table of so many records, one of which may be another text.
    fn table(records: usize, other: Option<(usize, &str)>) -> String {
        let mut text = "n,\"a text\"\r\n".to_owned();
        for at in 0..records {
            match other.filter(|(place, _)| *place == at) {
                Some((_, other)) => text.push_str(other),
                None => write!(text, "{at},\"line {at},\n\"\"quoted\"\"\"\r\n").unwrap(),
            }
        }
        text
    }

    fn read(text: &str, threads: usize) -> Result<Vec<(u64, String)>, Error> {
        let source = Source::from_bytes("t.csv", text.as_bytes())?.remove(0);
        let table = TableBlocks::open(&source, source.reader()?)?;
        assert_eq!(table.header.names(), ["n", "a text"]);
        let blocks = table.read(threads, &[0, 1], |(): &mut (), fields| {
            let text = |column| fields.get(column).map_err(|fault| (fault, column));
            let wrong = |_| (Fault::Encoding, 0);
            Ok((text(0)?.parse().map_err(wrong)?, text(1)?.to_owned()))
        });
        Ok(blocks?.into_iter().flatten().collect())
    }

    #[test]
    fn records_come_in_their_order_and_the_first_fault_is_told() {
        for threads in [1, 2, 7] {
            let rows = read(&table(60_000, None), threads).unwrap();
            assert_eq!(rows.len(), 60_000);
            for (at, (number, text)) in rows.iter().enumerate() {
                assert_eq!((*number, text.as_str()), (at as u64, format!("line {at},\n\"quoted\"").as_str()));
            }
            for (wrong, column, code) in [
                ("x,\"y\"\r\nz,\r\n", Some("n"), "input.encoding"),
                ("1\r\n", None, "csv.malformed"),
                ("1,\"open", None, "input.truncated"),
            ] {
                let error = read(&table(39_001, Some((39_000, wrong))), threads).unwrap_err();
                assert_eq!(
                    (error.place.line, error.place.column.as_deref()),
                    (Some(78_002), column),
                    "{error}"
                );
                assert_eq!(error.code(), code);
            }
        }
    }
}
