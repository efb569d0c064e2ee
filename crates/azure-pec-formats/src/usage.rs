//! Usage files of every kind, read into batches as a stream.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use azure_pec::{Rule, UsageBatch};

#[cfg(feature = "arrow")]
use crate::arrow_portion::ArrowPortion;
use crate::cells::Dialect;
use crate::error::{Error, Fault, Place};
use crate::field_set::FieldSet;
use crate::further::Further;
use crate::header::Header;
use crate::json_records::{JsonParser, splitter};
use crate::kind::Kind;
use crate::mapping::Mapping;
use crate::observed::rates_of;
use crate::portion::{Portion, Supply};
use crate::put::{Faulty, Putter};
use crate::records::{SPACE_BYTES, is_json};
use crate::sniff::{Shape, sniff, table_kind};
use crate::source::Source;
use crate::table_blocks::TableBlocks;
use crate::{cost_management, daily_rated, focus};

/// So much of a rejected record is kept.
const SHOWN_CHARACTERS: usize = 2000;

/// A record that could not be read as a usage line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// What is wrong, with the file, the line at which the record starts and the column.
    pub error: Error,
    /// The record as it stands in the file, cut after 2000 characters.
    pub record: String,
}

/// Reads the usage lines of a file, whatever its size, in batches.
///
/// ```
/// use azure_pec::{Field, UsageBatch};
/// use azure_pec_formats::{FieldSet, Source, UsageReader};
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/contoso/usage/part_2_0001.csv.gz");
///
/// let (mut lines, mut batch) = (0, UsageBatch::new());
/// for source in Source::open(path.as_ref())? {
///     let mut reader = UsageReader::open(&source, FieldSet::EMPTY.with(Field::ResourceId))?;
///     while reader.fill(&mut batch, 8192)? > 0 {
///         lines += batch.len();
///         batch.clear();
///     }
///     assert!(reader.take_rejects().is_empty());
/// }
/// assert_eq!(lines, 1638);
/// # Ok::<(), azure_pec_formats::Error>(())
/// ```
pub struct UsageReader {
    input: Arc<UsageInput>,
    putter: Putter,
    portion: Portion,
    /// The records of the portion that are still to be read.
    rows: Range<usize>,
    records: u64,
    rejected: u64,
    rejects: Vec<Reject>,
    strange_rates: u64,
}

impl std::fmt::Debug for UsageReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UsageReader")
            .field("kind", &self.input.kind)
            .field("records", &self.records)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

/// A usage file that was opened. Any number of readers share its records, each of which goes to one of them.
pub(crate) struct UsageInput {
    name: String,
    kind: Kind,
    header: Header,
    wanted: FieldSet,
    list_prices: bool,
    form: Form,
    supply: Mutex<Supply>,
}

/// What a file is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Csv,
    Json,
    #[cfg(feature = "arrow")]
    Columns,
}

impl UsageInput {
    /// As [`UsageReader::open`]; without `list_prices`, those are not read, but where other fields are made of them.
    pub fn open(source: &Source, wanted: FieldSet, list_prices: bool) -> Result<Self, Error> {
        let (form, (supply, header, kind)) = opened(source)?;
        let kind = kind.map_err(|found| source.error(Fault::UnknownKind { found }))?;
        let (name, supply) = (source.name().to_owned(), Mutex::new(supply));
        let input = Self { name, kind, header, wanted, list_prices, form, supply };
        input.mapping().map_err(|fault| source.error(fault))?;
        Ok(input)
    }

    fn mapping(&self) -> Result<Mapping, Fault> {
        let mut mapping = match self.kind {
            Kind::UsageCostManagement => cost_management::map(&self.header, self.wanted),
            Kind::UsageDailyRated => daily_rated::map(&self.header, self.wanted),
            Kind::UsageFocus => focus::map(&self.header, self.wanted),
            other => Err(Fault::UnknownKind { found: format!("{other}, which holds no usage") }),
        }?;
        if !self.list_prices && mapping.observed.is_none() && mapping.focus.is_none() {
            mapping.list_price = None;
        }
        Ok(mapping)
    }

    fn place(&self, line: u64) -> Place {
        Place::file(&self.name).at_line(line)
    }
}

/// Looks at what it is and opens it.
fn opened(source: &Source) -> Result<(Form, Opened), Error> {
    #[cfg(feature = "arrow")]
    if let Some(batches) = source.arrow() {
        let header = batches.header();
        let kind = table_kind(&header);
        return Ok((Form::Columns, (Supply::Arrow(batches.batches(source)?, None), header, kind)));
    }
    let head = source.head(SPACE_BYTES)?;
    #[cfg(feature = "parquet")]
    if crate::parquet_file::is_parquet(&head) {
        let file = crate::parquet_file::ParquetFile::open(source)?;
        let header = file.header();
        let kind = table_kind(&header);
        return Ok((Form::Columns, (Supply::Parquet(file.row_groups()), header, kind)));
    }
    if is_json(&head) { Ok((Form::Json, json(source)?)) } else { Ok((Form::Csv, table(source)?)) }
}

type Opened = (Supply, Header, Result<Kind, String>);

fn table(source: &Source) -> Result<Opened, Error> {
    let TableBlocks { header, supply, .. } = TableBlocks::open(source, source.reader()?)?;
    let kind = table_kind(&header);
    Ok((Supply::Csv(supply), header, kind))
}

fn json(source: &Source) -> Result<Opened, Error> {
    let kind = match sniff(source)? {
        Shape::Table(kind) => Ok(kind),
        Shape::Document => Err("a document".to_owned()),
        Shape::Other(found) => Err(found),
    };
    let header = JsonParser::new(daily_rated::json_columns()).header().clone();
    Ok((Supply::json(splitter(source, source.reader()?)?), header, kind))
}

impl UsageReader {
    /// Opens a usage file of any kind and finds the columns of the `wanted` fields. Days, quantities and list prices are
    /// always read; a field that the file does not have stays empty.
    ///
    /// # Errors
    /// `input.unknown_kind`, `input.missing_column`, `input.duplicate_column`, `input.encoding` for the header; and what
    /// [`Source::reader`] says.
    pub fn open(source: &Source, wanted: FieldSet) -> Result<Self, Error> {
        Self::of(Arc::new(UsageInput::open(source, wanted, true)?))
    }

    /// Another reader of a file that is open.
    pub(crate) fn of(input: Arc<UsageInput>) -> Result<Self, Error> {
        let mapping = input.mapping().map_err(|fault| fault.at(Place::file(&input.name)))?;
        let nulls = input.form != Form::Json && mapping.focus.is_some();
        let dialect = Dialect { quotes: input.form == Form::Csv, nulls };
        let portion = match input.form {
            Form::Csv => Portion::csv(input.header.names().len(), mapping.by_record()),
            Form::Json => Portion::json(daily_rated::json_columns, mapping.used()),
            #[cfg(feature = "arrow")]
            Form::Columns => {
                let wanted = [mapping.used(), mapping.by_record()].concat();
                Portion::Arrow(Box::new(ArrowPortion::new(&input.name, &input.header, wanted)))
            }
        };
        Ok(Self {
            input,
            putter: Putter::new(mapping, dialect),
            portion,
            rows: 0..0,
            records: 0,
            rejected: 0,
            rejects: Vec::new(),
            strange_rates: 0,
        })
    }

    /// Takes the rates of credit that exist from a rule other than the published one.
    #[must_use]
    pub fn with_rule(mut self, rule: &Rule) -> Self {
        if let Some(observed) = &mut self.putter.mapping.observed {
            observed.set_rates(rates_of(rule));
        }
        self
    }

    /// How many lines so far state a rate of credit that is neither 0 nor one of the rule; counted where
    /// [`Field::ObservedRate`](azure_pec::Field::ObservedRate) is wanted.
    #[must_use]
    pub fn strange_rates(&self) -> u64 {
        self.strange_rates
    }

    /// The kind of the file.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.input.kind
    }

    /// Whether the file has a column of list prices. Where it has none, every list price of its lines is empty.
    #[must_use]
    pub fn has_list_price(&self) -> bool {
        self.putter.mapping.list_price.is_some()
    }

    /// About the bytes that it remembers.
    pub(crate) fn memory(&self) -> usize {
        self.putter.memory() + self.portion.memory()
    }

    /// Records read so far, the rejected ones included.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.records
    }

    /// Records rejected so far.
    #[must_use]
    pub fn rejected(&self) -> u64 {
        self.rejected
    }

    /// The records rejected since the last call.
    pub fn take_rejects(&mut self) -> Vec<Reject> {
        std::mem::take(&mut self.rejects)
    }

    /// Adds up to `max_lines` lines to the batch and says how many; 0 at the end of the file. Records that cannot be
    /// read wait for [`take_rejects`](Self::take_rejects).
    ///
    /// # Errors
    /// Where the file cannot be read on: `input.truncated`, `input.too_large` for a record of more than 16 MiB,
    /// `input.not_found`. The lines before stay in the batch.
    pub fn fill(&mut self, batch: &mut UsageBatch, max_lines: usize) -> Result<usize, Error> {
        let mut rejects = std::mem::take(&mut self.rejects);
        let filled = self.fill_and(batch, max_lines, &mut |reject| rejects.push(reject));
        self.rejects = rejects;
        filled
    }

    /// As [`fill`](Self::fill), with rejected records handed on at once: for files where they might be too many to keep.
    ///
    /// # Errors
    /// As [`fill`](Self::fill).
    pub fn fill_and(
        &mut self,
        batch: &mut UsageBatch,
        max_lines: usize,
        on_reject: &mut dyn FnMut(Reject),
    ) -> Result<usize, Error> {
        self.fill_in_order(batch, max_lines, Further::NONE, &mut |_, reject| on_reject(reject))
    }

    /// As [`fill_and`](Self::fill_and), with the place of each rejected record's portion in the file. `further` are wanted
    /// of some lines alone.
    pub(crate) fn fill_in_order(
        &mut self,
        batch: &mut UsageBatch,
        max_lines: usize,
        further: Further<'_>,
        on_reject: &mut dyn FnMut(u64, Reject),
    ) -> Result<usize, Error> {
        let mut lines = 0;
        while lines < max_lines {
            if self.rows.is_empty() {
                if !self.advance()? {
                    break;
                }
                continue;
            }
            let most = self.rows.start.saturating_add(max_lines - lines);
            let rows = self.rows.start..self.rows.end.min(most);
            self.rows.start = rows.end;
            self.records += rows.len() as u64;
            let put = self.portion.put(&mut self.putter, rows, further, batch);
            lines += put.lines;
            self.strange_rates += put.strange;
            self.rejected += put.faulty.len() as u64;
            for faulty in put.faulty {
                on_reject(self.portion.number(), self.reject(faulty));
            }
        }
        Ok(lines)
    }

    /// Takes the next portion; none at the end.
    fn advance(&mut self) -> Result<bool, Error> {
        if self.portion.advance()? {
            self.rows = self.portion.open()?;
            return Ok(true);
        }
        let taken = {
            // A reader that panicked has left nothing half done that another would miss.
            let mut supply = self.input.supply.lock().unwrap_or_else(PoisonError::into_inner);
            supply.next(&mut self.portion)
        };
        let taken = taken.map_err(|(fault, line)| match line {
            0 => fault.at(Place::file(&self.input.name)),
            line => fault.at(self.input.place(line)),
        })?;
        if taken {
            self.rows = self.portion.open()?;
        }
        Ok(taken)
    }

    fn reject(&self, (row, fault, column): Faulty) -> Reject {
        let (line, raw) = self.portion.record(row);
        let mut place = self.input.place(line);
        place.column = column.map(|column| {
            let own = self.portion.column_name(row, column);
            own.unwrap_or_else(|| self.input.header.name(column).to_owned())
        });
        Reject { error: fault.at(place), record: shown(&raw) }
    }
}

/// As much of a record as is kept.
pub(crate) fn shown(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw.get(..SHOWN_CHARACTERS * 4).unwrap_or(raw))
        .chars()
        .take(SHOWN_CHARACTERS)
        .collect()
}
