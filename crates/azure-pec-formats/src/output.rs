//! Tables written out: CSV, packed or not, and Parquet, under their name only when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
#[cfg(feature = "arrow")]
use std::sync::Arc;

#[cfg(feature = "arrow")]
use arrow_schema::SchemaRef;
use azure_pec::Amount;
use csv::Writer;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use zip::ZipWriter;

#[cfg(feature = "arrow")]
use crate::arrow_rows::{ArrowRows, BatchTable, Emit};
use crate::csv_rows::{CsvRows, Known};
use crate::error::{Error, Fault, Place};
use crate::new_file::NewFile;
#[cfg(feature = "parquet")]
use crate::parquet_table::ParquetTable;

/// A table on its way to a file.
pub(crate) struct TableFile {
    path: PathBuf,
    form: Form,
}

/// How Parquet holds quantities, prices and amounts; CSV always holds text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Amounts {
    /// As decimals of a fixed precision; what does not fit exactly is `amount.too_precise`.
    #[default]
    Decimal,
    /// As text, exact whatever its length.
    String,
}

enum Form {
    Csv(Box<Writer<Packing>>),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable>),
    /// Record batches, handed on as they come.
    #[cfg(feature = "arrow")]
    Batches(Box<BatchTable>),
}

/// Where the bytes go.
enum Packing {
    Plain(BufWriter<NewFile>),
    Gzip(Box<GzEncoder<BufWriter<NewFile>>>),
}

impl Write for Packing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Gzip(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Gzip(file) => file.flush(),
        }
    }
}

impl Packing {
    fn finish(self) -> io::Result<NewFile> {
        let file = match self {
            Self::Plain(file) => file,
            Self::Gzip(file) => file.finish()?,
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl TableFile {
    /// Begins a table; the ending of its name says how it is written.
    ///
    /// # Errors
    /// `usage.arguments` for an ending that is not written, `output.write_failed`.
    pub fn create(path: &Path, header: &[&str], amounts: Amounts) -> Result<Self, Error> {
        let name = path.to_string_lossy().to_lowercase();
        let gzip = name.ends_with(".csv.gz");
        let parquet = cfg!(feature = "parquet") && name.ends_with(".parquet");
        if !gzip && !parquet && !name.ends_with(".csv") {
            let problem = format!("tables are written as {}", endings());
            return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
        }
        let file = BufWriter::new(NewFile::create(path).map_err(|error| failed(path, &error))?);
        #[cfg(feature = "parquet")]
        if parquet {
            let table = ParquetTable::create(file, header, amounts).map_err(|error| failed(path, &error))?;
            return Ok(Self { path: path.to_owned(), form: Form::Parquet(Box::new(table)) });
        }
        let _ = amounts;
        let packing = if gzip {
            // Neither time nor name: the same table is the same bytes.
            let packer = GzBuilder::new().mtime(0).write(file, Compression::default());
            Packing::Gzip(Box::new(packer))
        } else {
            Packing::Plain(file)
        };
        let writer = Box::new(Writer::from_writer(packing));
        let mut table = Self { path: path.to_owned(), form: Form::Csv(writer) };
        table.row(header)?;
        Ok(table)
    }

    /// Begins a table of record batches, which are handed to `emit` as they come; an error of it ends the table.
    #[cfg(feature = "arrow")]
    pub fn batches(header: &[&str], amounts: Amounts, emit: Emit) -> Self {
        Self {
            path: PathBuf::from("lines"),
            form: Form::Batches(Box::new(BatchTable::new(header, amounts, emit))),
        }
    }

    /// Ends a record with these fields, after those written singly.
    pub fn row<T: AsRef<str>>(&mut self, fields: impl IntoIterator<Item = T>) -> Result<(), Error> {
        match &mut self.form {
            Form::Csv(writer) => {
                let mut fields = fields.into_iter();
                fields
                    .try_for_each(|field| writer.write_field(field.as_ref()))
                    .and_then(|()| writer.write_record(None::<&[u8]>))
                    .map_err(|error| failed(&self.path, &error.into()))
            }
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => {
                let mut fields = fields.into_iter();
                fields.try_for_each(|field| {
                    table.field(field.as_ref()).map_err(|faulty| placed(faulty, &self.path))
                })?;
                table.end_row().map_err(|error| failed(&self.path, &error))
            }
            #[cfg(feature = "arrow")]
            Form::Batches(table) => {
                let mut fields = fields.into_iter();
                fields.try_for_each(|field| {
                    table.field(field.as_ref()).map_err(|faulty| placed(faulty, &self.path))
                })?;
                table.end_row()
            }
        }
    }

    /// One field of the record that [`row`](Self::row) ends.
    pub fn field(&mut self, field: impl AsRef<str>) -> Result<(), Error> {
        match &mut self.form {
            Form::Csv(writer) => {
                writer.write_field(field.as_ref()).map_err(|error| failed(&self.path, &error.into()))
            }
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => table.field(field.as_ref()).map_err(|faulty| placed(faulty, &self.path)),
            #[cfg(feature = "arrow")]
            Form::Batches(table) => table.field(field.as_ref()).map_err(|faulty| placed(faulty, &self.path)),
        }
    }

    /// The table from here on, for rows that are put together elsewhere.
    pub fn into_rows(self) -> Result<RowsFile, Error> {
        let Self { path, form } = self;
        let form = match form {
            Form::Csv(writer) => {
                RowsForm::Csv(writer.into_inner().map_err(|error| failed(&path, error.error()))?)
            }
            #[cfg(feature = "parquet")]
            Form::Parquet(table) => RowsForm::Parquet(table),
            #[cfg(feature = "arrow")]
            Form::Batches(table) => RowsForm::Batches(table),
        };
        Ok(RowsFile { path, form })
    }

    /// Puts the whole table in its place.
    ///
    /// # Errors
    /// `output.write_failed`; then what stood there before still does.
    pub fn finish(self) -> Result<(), Error> {
        self.into_rows()?.finish()
    }
}

/// A table whose rows are put together elsewhere.
pub(crate) struct RowsFile {
    path: PathBuf,
    form: RowsForm,
}

enum RowsForm {
    Csv(Packing),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetTable>),
    #[cfg(feature = "arrow")]
    Batches(Box<BatchTable>),
}

impl RowsFile {
    /// What makes room for rows of this table, wherever they are put together.
    pub fn room(&self) -> Room {
        match &self.form {
            RowsForm::Csv(_) => Room::Csv,
            #[cfg(feature = "parquet")]
            RowsForm::Parquet(table) => Room::Columns(table.schema()),
            #[cfg(feature = "arrow")]
            RowsForm::Batches(table) => Room::Columns(table.schema()),
        }
    }

    /// Adds rows that were put together elsewhere, after those before.
    pub fn add(&mut self, rows: RowsApart) -> Result<(), Error> {
        let path = &self.path;
        match (&mut self.form, rows) {
            (RowsForm::Csv(packing), RowsApart::Csv(rows)) => {
                packing.write_all(rows.as_bytes()).map_err(|error| failed(path, &error))
            }
            #[cfg(feature = "parquet")]
            (RowsForm::Parquet(table), RowsApart::Columns(mut rows)) => {
                table.add(&mut rows).map_err(|error| failed(path, &error))
            }
            #[cfg(feature = "arrow")]
            (RowsForm::Batches(table), RowsApart::Columns(mut rows)) => table.add(&mut rows),
            // Rows are always of the table that made them.
            #[cfg(feature = "arrow")]
            _ => Ok(()),
        }
    }

    /// The file, where it is one, for whoever brings what was written so far to the disk while more is written.
    pub fn file(&self) -> Option<File> {
        match &self.form {
            RowsForm::Csv(Packing::Plain(file)) => file.get_ref().file(),
            _ => None,
        }
    }

    /// A failure to write this table.
    pub fn failed(&self, error: &io::Error) -> Error {
        failed(&self.path, error)
    }

    /// As [`TableFile::finish`].
    pub fn finish(self) -> Result<(), Error> {
        let Self { path, form } = self;
        let finished = match form {
            RowsForm::Csv(packing) => packing.finish(),
            #[cfg(feature = "parquet")]
            RowsForm::Parquet(table) => table.finish(),
            #[cfg(feature = "arrow")]
            RowsForm::Batches(table) => return table.finish(),
        };
        finished.and_then(NewFile::put).map_err(|error| failed(&path, &error))
    }
}

/// The kind of a table's rows.
pub(crate) enum Room {
    Csv,
    #[cfg(feature = "arrow")]
    Columns(SchemaRef),
}

impl Room {
    /// Room for so many rows of the table.
    pub fn rows(&self, count: usize) -> RowsApart {
        match self {
            Self::Csv => RowsApart::Csv(CsvRows::with_room(count)),
            #[cfg(feature = "arrow")]
            Self::Columns(schema) => RowsApart::Columns(Box::new(ArrowRows::of(Arc::clone(schema)))),
        }
    }
}

/// Rows of a table, put together apart from it.
pub(crate) enum RowsApart {
    Csv(CsvRows),
    #[cfg(feature = "arrow")]
    Columns(Box<ArrowRows>),
}

impl RowsApart {
    /// The next field of a row.
    pub fn field(&mut self, text: &str) -> Result<(), Error> {
        match self {
            Self::Csv(rows) => {
                rows.field(text);
                Ok(())
            }
            #[cfg(feature = "arrow")]
            Self::Columns(rows) => rows.field(text).map_err(|faulty| placed(faulty, Path::new(""))),
        }
    }

    /// The next field of a row, a number.
    pub fn number(&mut self, number: u64) -> Result<(), Error> {
        match self {
            Self::Csv(rows) => {
                rows.number(number);
                Ok(())
            }
            #[cfg(feature = "arrow")]
            Self::Columns(_) => self.field(&number.to_string()),
        }
    }

    /// The next fields of a row, which often stand as they did before.
    pub fn fields<'t>(
        &mut self,
        known: &mut Known<'t>,
        texts: impl Iterator<Item = &'t str>,
    ) -> Result<(), Error> {
        match self {
            Self::Csv(rows) => {
                rows.known(known, texts);
                Ok(())
            }
            #[cfg(feature = "arrow")]
            Self::Columns(_) => {
                let mut texts = texts;
                texts.try_for_each(|text| self.field(text))
            }
        }
    }

    /// The next two fields of a row, amounts that are mostly the same.
    pub fn amounts(&mut self, one: &Amount, other: &Amount) -> Result<(), Error> {
        match self {
            Self::Csv(rows) if one == other => {
                rows.amount_twice(one);
                Ok(())
            }
            _ => self.amount(one).and_then(|()| self.amount(other)),
        }
    }

    /// The next field of a row, an amount.
    pub fn amount(&mut self, amount: &Amount) -> Result<(), Error> {
        match self {
            Self::Csv(rows) => {
                rows.amount(amount);
                Ok(())
            }
            #[cfg(feature = "arrow")]
            Self::Columns(_) => self.field(&amount.to_string()),
        }
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        match self {
            Self::Csv(rows) => rows.end_row(),
            #[cfg(feature = "arrow")]
            Self::Columns(rows) => rows.end_row(),
        }
    }
}

/// A field that does not fit its column, and the column.
#[cfg(feature = "arrow")]
fn placed((fault, column): (Fault, String), path: &Path) -> Error {
    fault.at(Place { column: Some(column), ..Place::file(&path.to_string_lossy()) })
}

const fn endings() -> &'static str {
    if cfg!(feature = "parquet") { ".csv, .csv.gz or .parquet" } else { ".csv or .csv.gz" }
}

/// Writes a file, and puts it in its place when it is whole.
///
/// # Errors
/// `output.write_failed`; then what stood there before still does.
pub fn write_file(path: &Path, content: &[u8]) -> Result<(), Error> {
    whole_file(path, |file| file.write_all(content).map_err(|error| failed(path, &error)))
}

/// Writes a file that is no table, and puts it in its place when it is whole.
///
/// # Errors
/// What `write` says, and `output.write_failed`.
pub(crate) fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut file = BufWriter::new(NewFile::create(path).map_err(|error| failed(path, &error))?);
    write(&mut file)?;
    put(file).map_err(|error| failed(path, &error))
}

/// Writes a zip, and puts it in its place when it is whole.
///
/// # Errors
/// What `write` says, and `output.write_failed`.
pub(crate) fn whole_zip(
    path: &Path,
    write: impl FnOnce(&mut ZipWriter<BufWriter<NewFile>>) -> Result<(), Error>,
) -> Result<(), Error> {
    let file = NewFile::create(path).map_err(|error| failed(path, &error))?;
    let mut pack = ZipWriter::new(BufWriter::new(file.telling_late()));
    write(&mut pack)?;
    pack.finish().map_err(io::Error::from).and_then(put).map_err(|error| failed(path, &error))
}

fn put(file: BufWriter<NewFile>) -> io::Result<()> {
    file.into_inner().map_err(io::IntoInnerError::into_error)?.put()
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> Error {
    // Not the name of the file beside it, which nobody asked for.
    let own = error.get_ref().and_then(std::error::Error::source).map(ToString::to_string);
    Fault::WriteFailed { problem: own.unwrap_or_else(|| error.to_string()) }
        .at(Place::file(&path.to_string_lossy()))
}
