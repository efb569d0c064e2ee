//! Usage files of every kind, read into batches as a stream.

use azure_pec::{Amount, Day, Field, Rule, UsageBatch};

use crate::error::{Error, Fault};
use crate::field_set::FieldSet;
use crate::header::Header;
use crate::kind::Kind;
use crate::mapping::Mapping;
use crate::observed::rates_of;
use crate::records::Records;
use crate::sniff::{Shape, sniff, table_kind};
use crate::source::Source;
use crate::table::Fields;
use crate::{cost_management, daily_rated, focus, value};

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
    records_in: Records,
    mapping: Mapping,
    /// The last date text and its day: dates repeat from line to line.
    day: (String, Option<Day>),
    records: u64,
    rejected: u64,
    rejects: Vec<Reject>,
    strange_rates: u64,
}

impl std::fmt::Debug for UsageReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UsageReader")
            .field("kind", &self.mapping.kind)
            .field("records", &self.records)
            .field("rejected", &self.rejected)
            .finish_non_exhaustive()
    }
}

impl UsageReader {
    /// Opens a usage file of any kind and finds the columns of the `wanted` fields. Days, quantities and list prices are
    /// always read; a field that the file does not have stays empty.
    ///
    /// # Errors
    /// `input.unknown_kind`, `input.missing_column`, `input.duplicate_column`, `input.encoding` for the header; and what
    /// [`Source::reader`] says.
    pub fn open(source: &Source, wanted: FieldSet) -> Result<Self, Error> {
        let mut records_in = Records::open(source, daily_rated::json_columns)?;
        let kind = match &records_in {
            Records::Table(table) => table_kind(table.header()),
            #[cfg(feature = "arrow")]
            Records::Arrow(records) => table_kind(records.header()),
            Records::Json(_) => match sniff(source)? {
                Shape::Table(kind) => Ok(kind),
                Shape::Document => Err("a document".to_owned()),
                Shape::Other(found) => Err(found),
            },
        };
        let mapping = map(kind, records_in.header(), wanted).map_err(|fault| source.error(fault))?;
        records_in.want(&mapping.used());
        if mapping.focus.is_some() {
            records_in.without_nulls();
        }
        let day = (String::new(), None);
        let (records, rejected, strange_rates) = (0, 0, 0);
        Ok(Self { records_in, mapping, day, records, rejected, rejects: Vec::new(), strange_rates })
    }

    /// Takes the rates of credit that exist from a rule other than the published one.
    #[must_use]
    pub fn with_rule(mut self, rule: &Rule) -> Self {
        if let Some(observed) = &mut self.mapping.observed {
            observed.set_rates(rates_of(rule));
        }
        self
    }

    /// How many lines so far state a rate of credit that is neither 0 nor one of the rule; counted where
    /// [`Field::ObservedRate`] is wanted.
    #[must_use]
    pub fn strange_rates(&self) -> u64 {
        self.strange_rates
    }

    /// The kind of the file.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.mapping.kind
    }

    /// Whether the file has a column of list prices. Where it has none, every list price of its lines is empty.
    #[must_use]
    pub fn has_list_price(&self) -> bool {
        self.mapping.list_price.is_some()
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
        let mut lines = 0;
        while lines < max_lines {
            #[cfg(feature = "arrow")]
            if let Records::Arrow(records) = &mut self.records_in
                && let Some(added) = records.append(&mut self.mapping, batch, max_lines - lines)?
            {
                lines += added;
                self.records += added as u64;
                continue;
            }
            let Some(row) = self.records_in.read()? else { break };
            self.records += 1;
            let put =
                row.fields.and_then(|fields| put(&mut self.mapping, &mut self.day, &fields, row.line, batch));
            let (fault, column) = match put {
                Ok(strange) => {
                    lines += 1;
                    self.strange_rates += u64::from(strange);
                    continue;
                }
                Err(faulty) => faulty,
            };
            batch.discard();
            self.rejected += 1;
            let (line, record) = (row.line, shown(row.raw));
            on_reject(Reject { error: fault.at(self.records_in.place(line, column)), record });
        }
        Ok(lines)
    }
}

/// What the columns of a usage file mean.
fn map(kind: Result<Kind, String>, header: &Header, wanted: FieldSet) -> Result<Mapping, Fault> {
    match kind {
        Ok(Kind::UsageCostManagement) => cost_management::map(header, wanted),
        Ok(Kind::UsageDailyRated) => daily_rated::map(header, wanted),
        Ok(Kind::UsageFocus) => focus::map(header, wanted),
        Ok(other) => Err(Fault::UnknownKind { found: format!("{other}, which holds no usage") }),
        Err(found) => Err(Fault::UnknownKind { found }),
    }
}

/// Puts a record into the batch and says whether its rate of credit is a strange one; where it cannot be put, the fault
/// and its column.
fn put(
    mapping: &mut Mapping,
    day: &mut (String, Option<Day>),
    fields: &Fields<'_>,
    line: u64,
    batch: &mut UsageBatch,
) -> Result<bool, (Fault, Option<usize>)> {
    let date = usage_day(day, fields, mapping.date).map_err(|fault| (fault, Some(mapping.date)))?;
    let number = |column| {
        let amount = fields.get(column).and_then(value::number);
        amount.map_err(|fault| (fault, Some(column)))
    };
    let may_lack = mapping.focus.as_ref().filter(|_| fields.get(mapping.quantity) == Ok(""));
    let quantity = match may_lack.is_some_and(|focus| focus.may_lack_quantity(fields)) {
        true => Amount::ZERO,
        false => number(mapping.quantity)?,
    };
    let mut list_price: Option<Amount> = match mapping.list_price {
        Some(column) if fields.get(column) != Ok("") => Some(number(column)?),
        _ => None,
    };
    let in_column = |(fault, column)| (fault, Some(column));
    for column in &mut mapping.columns {
        let field = column.field;
        let text = column.value(fields).map_err(in_column)?;
        batch.set(field, text);
    }
    let mut strange = false;
    if let Some(observed) = &mut mapping.observed {
        let seen = observed.read(fields, &quantity).map_err(in_column)?;
        batch.set(Field::ObservedRate, seen.rate);
        batch.set(Field::ObservedBasis, seen.basis);
        strange = seen.strange;
    }
    if let Some(focus) = &mut mapping.focus {
        list_price = focus.put(fields, &quantity, list_price, batch).map_err(in_column)?;
    }
    batch.push(date, quantity, list_price, line);
    Ok(strange)
}

fn usage_day(known: &mut (String, Option<Day>), fields: &Fields<'_>, column: usize) -> Result<Day, Fault> {
    let text = fields.get(column)?;
    if let (last, Some(day)) = known
        && last == text
    {
        return Ok(*day);
    }
    let day = value::usage_day(text)?;
    text.clone_into(&mut known.0);
    known.1 = Some(day);
    Ok(day)
}

/// As much of a record as is kept.
pub(crate) fn shown(raw: &[u8]) -> String {
    String::from_utf8_lossy(raw.get(..SHOWN_CHARACTERS * 4).unwrap_or(raw))
        .chars()
        .take(SHOWN_CHARACTERS)
        .collect()
}
