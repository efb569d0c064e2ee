//! A Parquet file: its schema, and its row groups as record batches of the columns that are wanted.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::RecordBatch;
use arrow_schema::{DataType, Field, Schema};
use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use parquet::basic::Compression;
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, RowGroupMetaData};
use parquet::file::reader::{ChunkReader, Length};

use crate::arrow_portion::{Batches, header_of};
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::quiet;
use crate::source::{Source, Whole, read_fault};

const MAGIC: &[u8] = b"PAR1";
/// Rows decoded at once.
const BATCH_ROWS: usize = 8192;

/// Whether a file of this beginning is Parquet.
pub(crate) fn is_parquet(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// An open Parquet file whose footer is read.
#[derive(Clone)]
pub(crate) struct ParquetFile {
    source: Source,
    whole: Whole,
    metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    /// Opens a source and reads the footer.
    ///
    /// # Errors
    /// `input.truncated` where the footer is not there or broken, `input.unknown_kind` where the columns are packed in a
    /// way that is not read.
    pub fn open(source: &Source) -> Result<Self, Error> {
        let faulty = |fault| source.error(fault);
        let whole = source.whole().map_err(faulty)?;
        let chunks = Chunks::open(&whole).map_err(|error| faulty(read_fault(&error)))?;
        let load = || {
            let metadata = ArrowReaderMetadata::load(&chunks, ArrowReaderOptions::new())?;
            refuse_packing(metadata.metadata())?;
            Ok(metadata)
        };
        let metadata = guarded(load).map_err(|error: ParquetError| faulty(parquet_fault(&error)))?;
        let groups = metadata.metadata().row_groups().iter();
        let plain = groups.fold(0, |sum: i64, group| sum.saturating_add(group.total_byte_size().max(0)));
        source.allow(plain).map_err(faulty)?;
        Ok(Self { source: source.clone(), whole, metadata })
    }

    /// The names of its columns.
    pub fn header(&self) -> Header {
        header_of(self.metadata.schema())
    }

    /// Its row groups, to be handed out.
    pub fn row_groups(self) -> RowGroups {
        let mut first_line = 1;
        let mut left = BTreeMap::new();
        for (group, metadata) in self.metadata.metadata().row_groups().iter().enumerate() {
            let rows = u64::try_from(metadata.num_rows()).unwrap_or(0);
            left.insert(group, (first_line, rows));
            first_line += rows;
        }
        RowGroups { file: self, left, begun: Vec::new() }
    }
}

/// What reads a row group: its text columns as dictionaries, where it holds them so, and an entry is then looked up once for
/// the group, not for each row. Writers give a dictionary up where it does not pay, in one group and not in another; those
/// texts are read where they stand and not copied.
fn as_stored(metadata: &ArrowReaderMetadata, group: &RowGroupMetaData) -> ArrowReaderMetadata {
    let schema = metadata.schema();
    let fields = schema.fields().iter().enumerate().map(|(root, field)| {
        let is_text = matches!(field.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View);
        let mut leaves = (0..metadata.parquet_schema().num_columns())
            .filter(|leaf| metadata.parquet_schema().get_column_root_idx(*leaf) == root);
        let only = leaves.next().filter(|_| is_text && leaves.next().is_none());
        only.map_or_else(
            || Arc::clone(field),
            |leaf| {
                let stored = if has_dictionary(group, leaf) {
                    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
                } else {
                    DataType::Utf8View
                };
                Arc::new(Field::new(field.name(), stored, field.is_nullable()))
            },
        )
    });
    let schema = Schema::new_with_metadata(fields.collect::<Vec<_>>(), schema.metadata().clone());
    let options = ArrowReaderOptions::new().with_schema(schema.into());
    let parquet = Arc::clone(metadata.metadata());
    ArrowReaderMetadata::try_new(parquet, options).unwrap_or_else(|_| metadata.clone())
}

fn has_dictionary(group: &RowGroupMetaData, leaf: usize) -> bool {
    group.columns().get(leaf).is_some_and(|chunk| chunk.dictionary_page_offset().is_some())
}

/// Says what is read where another packing was chosen.
fn refuse_packing(parquet: &ParquetMetaData) -> Result<(), ParquetError> {
    let mut chunks = parquet.row_groups().iter().flat_map(RowGroupMetaData::columns);
    let other = chunks.find_map(|chunk| match chunk.compression() {
        Compression::UNCOMPRESSED | Compression::SNAPPY | Compression::GZIP(_) | Compression::ZSTD(_) => None,
        other => Some(other),
    });
    match other {
        None => Ok(()),
        Some(other) => Err(ParquetError::NYI(format!("packed with {other}"))),
    }
}

fn parquet_fault(error: &ParquetError) -> Fault {
    match error {
        ParquetError::NYI(found) => Fault::UnknownKind {
            found: format!(
                "a Parquet file of a form that is not read ({found}); write it with snappy, zstd or gzip"
            ),
        },
        ParquetError::External(inner) => match inner.downcast_ref::<io::Error>() {
            Some(error) => read_fault(error),
            None => Fault::Truncated { problem: inner.to_string() },
        },
        ParquetError::General(problem) | ParquetError::EOF(problem) | ParquetError::ArrowError(problem) => {
            Fault::Truncated { problem: problem.clone() }
        }
        other => Fault::Truncated { problem: other.to_string() },
    }
}

/// Where the reader panics over a file, the file is broken.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    quiet::guarded(read)
        .unwrap_or_else(|| Err(ParquetError::General("its data contradicts itself".to_owned())))
}

/// The row groups of a file.
pub(crate) struct RowGroups {
    file: ParquetFile,
    /// Those that are not begun, each with the row number of its first row and the number of rows.
    left: BTreeMap<usize, (u64, u64)>,
    begun: Vec<RowGroup>,
}

/// Who finds fewer rows left of a row group leaves them to those who read it: its dictionaries would have to be looked up again.
const WORTH_HELP: u64 = 2 * BATCH_ROWS as u64;

impl RowGroups {
    /// A row group for a reader that had this one before, of which only these columns are read; whoever takes it unpacks it.
    /// Where all are begun, one of which there is more to read: its batches go to all who have it.
    pub fn next(&mut self, columns: &[usize], before: Option<usize>) -> Option<RowGroup> {
        self.begun.retain(|group| group.left() > WORTH_HELP);
        let place = self.place(before);
        let Some((group, (next_line, rows))) = place.and_then(|place| self.left.remove_entry(&place)) else {
            let same = self.begun.iter().filter(|group| *group.columns == *columns);
            return same.max_by_key(|group| group.left()).cloned();
        };
        let reader = GroupReader { file: self.file.clone(), group, next_line, reader: None, ended: false };
        let left = Arc::new(AtomicU64::new(rows));
        let reader = Arc::new(Mutex::new(reader));
        let group = RowGroup { number: group, columns: columns.into(), left, reader };
        self.begun.push(group.clone());
        Some(group)
    }

    /// Which row group comes next: that behind the one before. Usage mostly comes day by day, so each reader then sees few days
    /// that others see too, and adds up few groups that others do. Where that one is begun, the middle of what is left
    /// together longest: the other half is left to whoever reads on to there.
    fn place(&self, before: Option<usize>) -> Option<usize> {
        let behind = before.map_or(0, |before| before + 1);
        if self.left.contains_key(&behind) {
            return Some(behind);
        }
        let mut longest = 0..0;
        let mut own = 0..0;
        for place in self.left.keys() {
            own = if own.end == *place { own.start..place + 1 } else { *place..place + 1 };
            if own.len() > longest.len() {
                longest = own.clone();
            }
        }
        (!longest.is_empty()).then(|| longest.start + longest.len() / 2)
    }
}

/// A row group that is being read, by one or several.
#[derive(Clone)]
pub(crate) struct RowGroup {
    /// Its place in the file.
    number: usize,
    columns: Arc<[usize]>,
    /// The rows that nobody has.
    left: Arc<AtomicU64>,
    reader: Arc<Mutex<GroupReader>>,
}

struct GroupReader {
    file: ParquetFile,
    group: usize,
    next_line: u64,
    reader: Option<ParquetRecordBatchReader>,
    /// Its end was met, or a fault.
    ended: bool,
}

impl RowGroup {
    pub const fn number(&self) -> usize {
        self.number
    }

    fn left(&self) -> u64 {
        self.left.load(Ordering::Relaxed)
    }
}

impl Batches for RowGroup {
    fn next(&mut self) -> Result<Option<(u64, RecordBatch)>, Fault> {
        // Where one of them panicked, what the others find is at its end.
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        let next = reader.next(&self.columns);
        let left = match &next {
            Ok(Some((_, batch))) => self.left().saturating_sub(batch.num_rows() as u64),
            _ => 0,
        };
        self.left.store(left, Ordering::Relaxed);
        next
    }
}

impl GroupReader {
    fn begin(&self, columns: &[usize]) -> Result<ParquetRecordBatchReader, ParquetError> {
        let metadata = &self.file.metadata;
        let group = metadata.metadata().row_groups().get(self.group);
        let metadata = group.map_or_else(|| metadata.clone(), |group| as_stored(metadata, group));
        let mask = ProjectionMask::roots(metadata.parquet_schema(), columns.iter().copied());
        let chunks = Chunks::open(&self.file.whole)?;
        ParquetRecordBatchReaderBuilder::new_with_metadata(chunks, metadata)
            .with_projection(mask)
            .with_row_groups(vec![self.group])
            .with_batch_size(BATCH_ROWS)
            .build()
    }

    fn read(&mut self, columns: &[usize]) -> Result<Option<RecordBatch>, ParquetError> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            None => {
                let begun = self.begin(columns)?;
                self.reader.insert(begun)
            }
        };
        Ok(reader.next().transpose()?)
    }

    fn next(&mut self, columns: &[usize]) -> Result<Option<(u64, RecordBatch)>, Fault> {
        if std::mem::replace(&mut self.ended, true) {
            return Ok(None);
        }
        self.file.source.go_on().map_err(|error| read_fault(&error))?;
        let batch = guarded(|| self.read(columns)).map_err(|error| parquet_fault(&error))?;
        let Some(batch) = batch else {
            self.reader = None;
            if let Whole::File(file) = &self.file.whole {
                file.open().map_err(|error| read_fault(&error))?;
            }
            let group = self.file.metadata.metadata().row_groups().get(self.group);
            let packed = group.map_or(0, RowGroupMetaData::compressed_size);
            self.file.source.count(u64::try_from(packed).unwrap_or(0));
            return Ok(None);
        };
        self.ended = false;
        let line = self.next_line;
        self.next_line += batch.num_rows() as u64;
        Ok(Some((line, batch)))
    }
}

/// Any part of a file, for the Parquet reader. Each reader opens its own, so that none moves another's place.
enum Chunks {
    File(Arc<File>),
    Memory(Bytes),
}

impl Chunks {
    fn open(whole: &Whole) -> io::Result<Self> {
        Ok(match whole {
            Whole::File(file) => Self::File(file.open()?.file),
            Whole::Kept(path) => Self::File(Arc::new(File::open(&**path)?)),
            Whole::Spooled(file) => Self::File(Arc::new(file.reopen()?)),
            Whole::Memory(bytes) => Self::Memory(Bytes::from_owner(Arc::clone(bytes))),
        })
    }
}

impl Length for Chunks {
    fn len(&self) -> u64 {
        match self {
            Self::File(file) => file.len(),
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }
}

impl ChunkReader for Chunks {
    type T = Box<dyn Read + Send>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        Ok(match self {
            Self::File(file) => Box::new(file.get_read(start)?),
            Self::Memory(bytes) => Box::new(bytes.get_read(start)?),
        })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // A broken file may ask for more than there is: no room is made for it.
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            return Err(ParquetError::EOF("a part lies behind the end of the file".to_owned()));
        }
        match self {
            Self::File(file) => file.get_bytes(start, length),
            Self::Memory(bytes) => bytes.get_bytes(start, length),
        }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{ArrayRef, Int64Array};
    use parquet::arrow::ArrowWriter;
    use parquet::basic::ZstdLevel;
    use parquet::file::properties::WriterProperties;
    use proptest::prelude::*;

    use super::*;

    /// A file of two columns alike and so many rows, in one row group.
    fn file(rows: i64) -> Vec<u8> {
        file_of(rows, None)
    }

    /// The same, with so many rows in a row group.
    fn file_of(rows: i64, group_rows: Option<usize>) -> Vec<u8> {
        let value = |row: i64| row * row % 1009;
        let column: ArrayRef = Arc::new((0..rows).map(value).collect::<Int64Array>());
        let batch = RecordBatch::try_from_iter([("a", Arc::clone(&column)), ("b", column)]).unwrap();
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder()
            .set_compression(zstd)
            .set_dictionary_enabled(false)
            .set_max_row_group_row_count(group_rows);
        let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties.build())).unwrap();
        writer.write(&batch).unwrap();
        writer.into_inner().unwrap()
    }

    fn row_groups(bytes: &[u8]) -> RowGroups {
        let source = Source::from_bytes("u.parquet", bytes).unwrap().remove(0);
        ParquetFile::open(&source).unwrap().row_groups()
    }

    #[test]
    fn a_row_group_is_read_by_all_who_find_no_other() {
        let rows = 5 * BATCH_ROWS as i64 + 100;
        let mut groups = row_groups(&file(rows));
        let mut readers: Vec<RowGroup> = (0..3).map(|_| groups.next(&[0], None).unwrap()).collect();
        assert!(groups.next(&[0, 1], None).is_none(), "other columns");
        let mut next = 1;
        for turn in 0.. {
            let Some((line, batch)) = readers[turn % 3].next().unwrap() else { break };
            assert_eq!((line, batch.num_columns()), (next, 1));
            next += batch.num_rows() as u64;
            // What is hardly worth the help is left to those who are there.
            assert_eq!(groups.next(&[0], None).is_some(), rows as u64 + 1 - next > WORTH_HELP);
        }
        assert_eq!(next, rows as u64 + 1);
        for reader in &mut readers {
            assert!(reader.next().unwrap().is_none());
        }
    }

    /// The row groups that readers have, who ask in this order.
    fn taken(groups: &mut RowGroups, readers: usize, asking: impl Iterator<Item = usize>) -> Vec<Vec<usize>> {
        let mut had: Vec<Vec<usize>> = vec![Vec::new(); readers];
        for reader in asking {
            let before = had[reader].last().copied();
            let Some(group) = groups.next(&[0], before) else { break };
            had[reader].push(group.number());
        }
        had
    }

    #[test]
    fn a_reader_goes_on_where_it_is() {
        let bytes = file_of(90, Some(10));
        let of = |readers, asking: &[usize]| taken(&mut row_groups(&bytes), readers, asking.iter().copied());
        assert_eq!(of(1, &[0; 9]), [(0..9).collect::<Vec<_>>()]);
        // The second begins in the middle; who is done first helps where most is left.
        assert_eq!(of(2, &[0, 1, 0, 1, 0, 1, 0, 1, 0]), [vec![0, 1, 2, 3, 4], vec![5, 6, 7, 8]]);
        assert_eq!(of(2, &[0, 1, 1, 1, 1, 1, 1, 0, 0]), [vec![0, 1, 2], vec![5, 6, 7, 8, 3, 4]]);
        assert_eq!(of(3, &[0, 1, 2, 0, 1, 2, 0, 1, 2]), [vec![0, 1, 2], vec![5, 6, 7], vec![3, 4, 8]]);
    }

    proptest! {
        #[test]
        fn every_row_group_is_read_by_one(asking in prop::collection::vec(0_usize..4, 40)) {
            let mut groups = row_groups(&file_of(90, Some(10)));
            let mut all = taken(&mut groups, 4, asking.into_iter()).concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..9).collect::<Vec<_>>());
        }
    }

    #[test]
    fn one_of_them_tells_what_is_wrong_with_it() {
        let mut bytes = file(20 * BATCH_ROWS as i64);
        // Within the first column.
        let pages = bytes.len() / 4..bytes.len() * 3 / 8;
        bytes[pages].fill(0xA5);
        let mut groups = row_groups(&bytes);
        let mut readers = [groups.next(&[0], None).unwrap(), groups.next(&[0], None).unwrap()];
        let told: Vec<_> = (0..50).map(|turn| readers[turn % 2].next()).collect();
        let faults = told.iter().filter(|told| told.is_err()).count();
        let at = told.iter().position(Result::is_err).unwrap();
        assert_eq!(faults, 1);
        assert!(at > 0 && told[..at].iter().all(|told| matches!(told, Ok(Some(_)))));
        assert!(
            told[at + 1..].iter().all(|told| matches!(told, Ok(None))) && groups.next(&[0], None).is_none()
        );
    }
}
