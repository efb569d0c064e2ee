//! Tables written out: CSV, packed or not, under their name only when they are whole.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use csv::Writer;
use flate2::write::GzEncoder;
use flate2::{Compression, GzBuilder};
use tempfile::{Builder, NamedTempFile};
use zip::ZipWriter;

use crate::error::{Error, Fault, Place};

/// A table on its way to a file.
///
/// It grows beside the place where it is to stand, and is put there at the end: whoever looks never sees a part of it.
pub(crate) struct TableFile {
    path: PathBuf,
    writer: Writer<Packing>,
}

/// Where the bytes go.
enum Packing {
    Plain(BufWriter<NamedTempFile>),
    Gzip(Box<GzEncoder<BufWriter<NamedTempFile>>>),
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
    fn finish(self) -> io::Result<NamedTempFile> {
        let file = match self {
            Self::Plain(file) => file,
            Self::Gzip(file) => file.finish()?,
        };
        file.into_inner().map_err(io::IntoInnerError::into_error)
    }
}

impl TableFile {
    /// Begins a table; the ending of its name says how it is packed.
    ///
    /// # Errors
    /// `usage.arguments` for an ending that is not written, `output.write_failed`.
    pub fn create(path: &Path, header: &[&str]) -> Result<Self, Error> {
        let name = path.to_string_lossy().to_lowercase();
        let gzip = name.ends_with(".csv.gz");
        if !gzip && !name.ends_with(".csv") {
            let problem = "tables are written as .csv or .csv.gz".to_owned();
            return Err(Fault::Arguments { problem }.at(Place::file(&path.to_string_lossy())));
        }
        let file = beside(path).map_err(|error| failed(path, &error))?;
        let file = BufWriter::new(file);
        let packing = if gzip {
            // Neither time nor name: the same table is the same bytes.
            let packer = GzBuilder::new().mtime(0).write(file, Compression::default());
            Packing::Gzip(Box::new(packer))
        } else {
            Packing::Plain(file)
        };
        let mut table = Self { path: path.to_owned(), writer: Writer::from_writer(packing) };
        table.row(header)?;
        Ok(table)
    }

    /// Ends a record with these fields, after those written singly.
    pub fn row<T: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = T>) -> Result<(), Error> {
        self.writer.write_record(fields).map_err(|error| failed(&self.path, &error.into()))
    }

    /// One field of the record that [`row`](Self::row) ends.
    pub fn field(&mut self, field: impl AsRef<[u8]>) -> Result<(), Error> {
        self.writer.write_field(field).map_err(|error| failed(&self.path, &error.into()))
    }

    /// The table from here on, for records that come as bytes.
    pub fn into_records(self) -> Result<RecordsFile, Error> {
        let Self { path, writer } = self;
        let packing = writer.into_inner().map_err(|error| failed(&path, error.error()))?;
        Ok(RecordsFile { path, packing })
    }

    /// Puts the whole table in its place.
    ///
    /// # Errors
    /// `output.write_failed`; then what stood there before still does.
    pub fn finish(self) -> Result<(), Error> {
        self.into_records()?.finish()
    }
}

/// A table whose records are put together elsewhere.
pub(crate) struct RecordsFile {
    path: PathBuf,
    packing: Packing,
}

impl RecordsFile {
    /// Adds whole records, each with its line end.
    pub fn write(&mut self, records: &[u8]) -> Result<(), Error> {
        self.packing.write_all(records).map_err(|error| failed(&self.path, &error))
    }

    /// As [`TableFile::finish`].
    pub fn finish(self) -> Result<(), Error> {
        let Self { path, packing } = self;
        let file = packing.finish().map_err(|error| failed(&path, &error))?;
        file.persist(&path).map_err(|error| failed(&path, &error.error))?;
        Ok(())
    }
}

/// Writes a file that is no table, and puts it in its place when it is whole.
///
/// # Errors
/// What `write` says, and `output.write_failed`.
pub(crate) fn whole_file(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut file = BufWriter::new(beside(path).map_err(|error| failed(path, &error))?);
    write(&mut file)?;
    let file = file.into_inner().map_err(|error| failed(path, error.error()))?;
    file.persist(path).map_err(|error| failed(path, &error.error))?;
    Ok(())
}

/// Writes a zip, and puts it in its place when it is whole.
///
/// # Errors
/// What `write` says, and `output.write_failed`.
pub(crate) fn whole_zip(
    path: &Path,
    write: impl FnOnce(&mut ZipWriter<BufWriter<NamedTempFile>>) -> Result<(), Error>,
) -> Result<(), Error> {
    let file = beside(path).map_err(|error| failed(path, &error))?;
    let mut pack = ZipWriter::new(BufWriter::new(file));
    write(&mut pack)?;
    let file = pack.finish().map_err(|error| failed(path, &error.into()))?;
    let file = file.into_inner().map_err(|error| failed(path, error.error()))?;
    file.persist(path).map_err(|error| failed(path, &error.error))?;
    Ok(())
}

/// A file in the folder of the path: from there a rename is one step.
fn beside(path: &Path) -> io::Result<NamedTempFile<File>> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut builder = Builder::new();
    // Hidden, so that a run over the folder passes over what an ended one left.
    builder.prefix(".pec-").suffix(".tmp");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the user's mask takes away what it takes away.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

pub(crate) fn failed(path: &Path, error: &io::Error) -> Error {
    Fault::WriteFailed { problem: error.to_string() }.at(Place::file(&path.to_string_lossy()))
}
