//! A CSV table as a stream of records, each with the line at which it starts and the text it was.

use std::io;

use csv::{ByteRecord, Position, ReaderBuilder};

use crate::blocks::BYTE_ORDER_MARK;
use crate::cells::Cells;
use crate::error::{Error, Fault, Place};
use crate::header::Header;
use crate::source::{Source, read_fault};
use crate::tap::{RECORD_LIMIT_BYTES, Tap};

const BUFFER_BYTES: usize = 64 * 1024;

/// A table that is being read.
pub(crate) struct Table {
    name: String,
    header: Header,
    reader: csv::Reader<Tap>,
    record: ByteRecord,
    /// A file that failed once stays failed.
    failed: Option<Error>,
}

/// One record.
pub(crate) struct Row<'a> {
    /// The physical line at which it starts; the first line of the file is 1.
    pub line: u64,
    /// As it stands in the file, without the line end.
    pub raw: &'a [u8],
    /// Its fields, or what is wrong with it and in which column.
    pub fields: Result<Fields<'a>, (Fault, Option<usize>)>,
}

/// The fields of a record that has as many as the header.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    of: Of<'a>,
    nulls: bool,
}

#[derive(Clone, Copy)]
enum Of<'a> {
    Record(&'a ByteRecord, &'a str),
    Row(&'a dyn Cells, usize),
}

impl<'a> Fields<'a> {
    /// The fields of a record that was put together.
    pub fn of(record: &'a ByteRecord) -> Result<Self, Fault> {
        let text = std::str::from_utf8(record.as_slice()).map_err(|_| Fault::Encoding)?;
        Ok(Self { of: Of::Record(record, text), nulls: false })
    }

    /// The fields of a record among others.
    pub fn of_row(cells: &'a dyn Cells, row: usize, nulls: bool) -> Self {
        Self { of: Of::Row(cells, row), nulls }
    }

    /// A column as it stands: equal bytes are equal texts.
    pub fn raw(&self, column: usize) -> &'a [u8] {
        match self.of {
            Of::Record(record, _) => record.get(column).unwrap_or_default(),
            Of::Row(cells, row) => cells.cell(row, column),
        }
    }

    /// The text of a column, without spaces around it.
    pub fn get(&self, column: usize) -> Result<&'a str, Fault> {
        let text = match self.of {
            Of::Record(record, text) => {
                let range = record.range(column).ok_or(Fault::Encoding)?;
                // A range that is off a character's border: two fields that are UTF-8 only together.
                text.get(range).ok_or(Fault::Encoding)?
            }
            Of::Row(cells, row) => cells.text(row, column)?,
        };
        let text = text.trim();
        Ok(if self.nulls && text == "NULL" { "" } else { text })
    }
}

impl Table {
    /// Opens a source and reads the header.
    pub fn open(source: &Source) -> Result<Self, Error> {
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .buffer_capacity(BUFFER_BYTES)
            .from_reader(Tap::new(source.reader_to_keep()?));
        let mut table = Self {
            name: source.name().to_owned(),
            header: Header::default(),
            reader,
            record: ByteRecord::new(),
            failed: None,
        };
        let Some((line, ..)) = table.advance()? else {
            return Err(source.error(Fault::UnknownKind { found: "a file without a line".to_owned() }));
        };
        table.header = Header::new(&table.record).map_err(|fault| fault.at(source.place().at_line(line)))?;
        Ok(table)
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// A place in this file.
    pub fn place(&self, line: u64) -> Place {
        Place::file(&self.name).at_line(line)
    }

    /// The next record, none at the end.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        let (line, start, end) = match self.advance() {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(error) => {
                self.failed = Some(error.clone());
                return Err(error);
            }
        };
        let fields = self.fields().map_err(|fault| (fault, None));
        Ok(Some(Row { line, raw: self.reader.get_ref().between(start, end), fields }))
    }

    fn fields(&self) -> Result<Fields<'_>, Fault> {
        let (found, expected) = (self.record.len(), self.header.names().len());
        if found != expected {
            let cut =
                if self.reader.get_ref().ended() { "; the file ends here without a line end" } else { "" };
            let problem = format!("{found} fields where the header has {expected}{cut}");
            return Err(Fault::CsvMalformed { problem });
        }
        Fields::of(&self.record)
    }

    /// Reads a record: its line, and where it begins and ends in the file.
    fn advance(&mut self) -> Result<Option<(u64, u64, u64)>, Error> {
        let before = self.reader.position().clone();
        self.reader.get_mut().keep_from(before.byte());
        match self.reader.read_byte_record(&mut self.record) {
            Err(error) => Err(csv_fault(&error).at(self.place(before.line()))),
            Ok(false) => Ok(None),
            Ok(true) => self.span(&before).map(Some),
        }
    }

    /// The CSV reader's place of a record is where the last one stopped: before the line feed of CRLF, and before
    /// empty lines.
    fn span(&self, before: &Position) -> Result<(u64, u64, u64), Error> {
        let (start, end) = (before.byte(), self.reader.position().byte());
        let raw = self.reader.get_ref().between(start, end);
        let skipped = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n'));
        let (mut line, mut first) = (before.line(), start);
        for byte in skipped {
            first += 1;
            line += u64::from(*byte == b'\n');
        }
        let kept = self.reader.get_ref().between(first, end);
        // The CSV reader passes over a mark at the beginning, and a quote behind it opens a field.
        let own = kept.strip_prefix(BYTE_ORDER_MARK).filter(|_| first == 0).unwrap_or(kept);
        if self.reader.get_ref().ended() && is_open(own) {
            let curly = std::str::from_utf8(kept).is_ok_and(|text| text.contains(['“', '”', '„']));
            let hint = if curly { ": it has curly quotes where straight ones belong" } else { "" };
            let problem = format!("a quoted field is never closed{hint}");
            return Err(Fault::Truncated { problem }.at(self.place(line)));
        }
        let line_end = kept.iter().rev().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        Ok((line, first, end - u64::try_from(line_end).unwrap_or(0)))
    }
}

/// Whether the last record of a file stops inside quotes: then a record put behind it becomes a part of it.
fn is_open(last: &[u8]) -> bool {
    // Another stands before it: a byte order mark counts at the beginning of a file alone.
    let more = [b"x\n", last, b"\nx\n"].concat();
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(more.as_slice());
    reader.byte_records().count() < 3
}

fn csv_fault(error: &csv::Error) -> Fault {
    match error.kind() {
        csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
            Fault::TooLarge { what: "a record", limit: RECORD_LIMIT_BYTES }
        }
        csv::ErrorKind::Io(error) => read_fault(error),
        _ => Fault::CsvMalformed { problem: error.to_string() },
    }
}
