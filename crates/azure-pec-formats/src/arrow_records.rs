//! Arrow record batches as records, and column by column where that can be.

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use azure_pec::UsageBatch;
use csv::ByteRecord;

use crate::arrow_cells::Cells;
use crate::arrow_lines::Columns;
use crate::error::{Error, Fault, Place};
use crate::header::Header;
use crate::mapping::Mapping;
use crate::table::{Fields, Row};

/// Record batches of one schema, one after the other.
pub(crate) trait Batches: Send {
    /// Gives only these columns from now on, in this order.
    fn want(&mut self, columns: &[usize]);

    /// The next batch, and the row number of its first row; the first row of all is 1.
    fn next(&mut self) -> Result<Option<(u64, RecordBatch)>, Error>;
}

/// Records out of record batches.
pub(crate) struct ArrowRecords {
    name: String,
    header: Header,
    batches: Box<dyn Batches>,
    /// The columns that are read, in their order in the batches.
    wanted: Vec<usize>,
    batch: Option<Taken>,
    columns: Columns,
    /// A record as a reader of tables has it: for what is made of several columns.
    record: ByteRecord,
    raw: Vec<u8>,
    room: String,
    nulls: bool,
    failed: Option<Error>,
}

/// A batch of which some rows are read.
struct Taken {
    /// The cells of the columns wanted.
    cells: Vec<Cells>,
    rows: usize,
    next: usize,
    first_line: u64,
    /// Its columns do not go in as a whole: a record of it is faulty.
    by_record: bool,
}

/// The names of a schema's columns, as a header.
pub(crate) fn header_of(schema: &Schema) -> Header {
    let names: ByteRecord = schema.fields().iter().map(|field| field.name().as_bytes()).collect();
    // Names of a schema are UTF-8.
    Header::new(&names).unwrap_or_default()
}

impl ArrowRecords {
    pub fn new(name: &str, schema: &Schema, batches: Box<dyn Batches>) -> Self {
        Self {
            name: name.to_owned(),
            header: header_of(schema),
            batches,
            wanted: Vec::new(),
            batch: None,
            columns: Columns::default(),
            record: ByteRecord::new(),
            raw: Vec::new(),
            room: String::new(),
            nulls: false,
            failed: None,
        }
    }

    pub fn header(&self) -> &Header {
        &self.header
    }

    /// From now on the text `NULL` is read as none.
    pub fn without_nulls(&mut self) {
        self.nulls = true;
    }

    /// The columns that will be asked for.
    pub fn want(&mut self, columns: &[usize]) {
        self.wanted = columns.to_vec();
        self.wanted.sort_unstable();
        self.wanted.dedup();
        self.batches.want(&self.wanted);
    }

    pub fn place(&self, line: u64) -> Place {
        Place::file(&self.name).at_line(line)
    }

    /// Puts up to `most` lines into the batch, column by column, and says how many; none where the next records have to
    /// be read one by one.
    pub fn append(
        &mut self,
        mapping: &mut Mapping,
        lines: &mut UsageBatch,
        most: usize,
    ) -> Result<Option<usize>, Error> {
        if !Columns::serve(mapping) || !self.load()? {
            return Ok(None);
        }
        let Some(taken) = self.batch.as_mut().filter(|taken| !taken.by_record) else { return Ok(None) };
        let rows = taken.next..taken.rows.min(taken.next + most);
        let count = rows.len();
        let first_line = taken.first_line + taken.next as u64;
        if self.columns.append(&taken.cells, &self.wanted, rows, first_line, mapping, lines) {
            taken.next += count;
            return Ok(Some(count));
        }
        // Which record it is, and what is wrong with it, is found record by record.
        taken.by_record = true;
        Ok(None)
    }

    /// The next record, none at the end.
    pub fn read(&mut self) -> Result<Option<Row<'_>>, Error> {
        if !self.load()? {
            return Ok(None);
        }
        let Some(taken) = &mut self.batch else { return Ok(None) };
        let (row, line) = (taken.next, taken.first_line + taken.next as u64);
        taken.next += 1;
        self.record.clear();
        self.raw.clear();
        let mut cells = self.wanted.iter().zip(&taken.cells).peekable();
        for column in 0..self.header.names().len() {
            let Some((_, cells)) = cells.next_if(|(wanted, _)| **wanted == column) else {
                self.record.push_field(b"");
                continue;
            };
            let text = cells.text(row, &mut self.room);
            self.record.push_field(text.as_bytes());
            if !self.raw.is_empty() {
                self.raw.push(b',');
            }
            self.raw.extend_from_slice(text.as_bytes());
        }
        let fields = Fields::of(&self.record).map(|fields| fields.nulls_as_empty(self.nulls));
        Ok(Some(Row { line, raw: &self.raw, fields: fields.map_err(|fault| (fault, None)) }))
    }

    /// Whether there is a row to be read.
    fn load(&mut self) -> Result<bool, Error> {
        if let Some(error) = &self.failed {
            return Err(error.clone());
        }
        while self.batch.as_ref().is_none_or(|taken| taken.next >= taken.rows) {
            match self.batches.next().and_then(|next| next.map(|next| self.take(next)).transpose()) {
                Ok(Some(taken)) => self.batch = Some(taken),
                Ok(None) => return Ok(false),
                Err(error) => {
                    self.failed = Some(error.clone());
                    return Err(error);
                }
            }
        }
        Ok(true)
    }

    fn take(&self, (first_line, batch): (u64, RecordBatch)) -> Result<Taken, Error> {
        let in_column = |fault: Fault, column: usize| {
            fault.at(Place::file(&self.name).in_column(self.header.name(column)))
        };
        let cells: Result<Vec<Cells>, Error> = self
            .wanted
            .iter()
            .zip(batch.columns())
            .map(|(column, array)| Cells::of(array).map_err(|fault| in_column(fault, *column)))
            .collect();
        Ok(Taken { cells: cells?, rows: batch.num_rows(), next: 0, first_line, by_record: false })
    }
}
