//! What can be wrong with a file, where, and what to do about it.

use std::fmt::{self, Write};

/// Where in the input something stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// The file, as it was named.
    pub file: Option<String>,
    /// The physical line at which the record starts; the first line is 1.
    pub line: Option<u64>,
    /// The column's name in a table, the path of the field in a document.
    pub column: Option<String>,
}

impl Place {
    /// A whole file.
    #[must_use]
    pub fn file(name: &str) -> Self {
        Self { file: Some(name.to_owned()), line: None, column: None }
    }

    /// A line of the file.
    #[must_use]
    pub fn at_line(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// A column or field.
    #[must_use]
    pub fn in_column(mut self, column: &str) -> Self {
        self.column = Some(column.to_owned());
        self
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        parts.extend(self.file.clone());
        parts.extend(self.line.map(|line| format!("line {line}")));
        parts.extend(self.column.as_ref().map(|column| format!("column {column}")));
        f.write_str(&parts.join(", "))
    }
}

/// A fault and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// What is wrong.
    pub fault: Fault,
    /// Where.
    pub place: Place,
}

/// What can be wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// A value, or what the values say together.
    #[error(transparent)]
    Value(#[from] azure_pec::Error),
    /// A value of a document that its type refused; serde carries only the text, with the code in front.
    #[error("{problem}")]
    Coded {
        /// The code of the core's error.
        code: &'static str,
        /// What it says to do.
        help: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// A date whose first number can only be a day, in a format that writes the month first.
    #[error("expected a date with the month first, found {found:?}")]
    DayFirst {
        /// The text as it stood.
        found: String,
    },
    /// There is no such file, or it may not be read.
    #[error("cannot read it: {problem}")]
    NotFound {
        /// What the system says.
        problem: String,
    },
    /// The content is of no kind that is read.
    #[error("the content is of no kind that is read: {found}")]
    UnknownKind {
        /// What it looks like.
        found: String,
    },
    /// Nothing in the folders given can be used.
    #[error("nothing here can be used ({passed_over} files passed over)")]
    NothingUsable {
        /// How many files were looked at.
        passed_over: usize,
    },
    /// A column that is needed is not there.
    #[error("the column {column} is missing from this {kind} file")]
    MissingColumn {
        /// The column.
        column: String,
        /// The kind of file.
        kind: &'static str,
    },
    /// Two columns have one name.
    #[error("the column {column} stands twice")]
    DuplicateColumn {
        /// The column.
        column: String,
    },
    /// The text is not UTF-8.
    #[error("the text is not UTF-8")]
    Encoding,
    /// The file ends in the middle.
    #[error("the file ends in the middle: {problem}")]
    Truncated {
        /// What was cut.
        problem: String,
    },
    /// A field or file is larger than what is read.
    #[error("{what} is larger than {limit} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// The file was written while it was read, or another one took its name.
    #[error("the file changed while it was read")]
    Changed,
    /// A packed file that holds far more than an export of its size.
    #[error("unpacked it is larger than {limit} bytes, which no export of its packed size is")]
    Unpacked {
        /// The limit.
        limit: u64,
    },
    /// JSON nested deeper than what is read.
    #[error("the document is nested too deep")]
    TooDeep,
    /// The same usage is there twice.
    #[error("the same usage is given twice: {problem}")]
    UsageOverlap {
        /// Which files and why.
        problem: String,
    },
    /// A part of an export is not among the files, and its manifest is.
    #[error("{part} is missing: the files lack {missing} of the {all} parts that this manifest names")]
    PartMissing {
        /// The first that is missing.
        part: String,
        /// How many are.
        missing: usize,
        /// How many there are.
        all: usize,
    },
    /// There is no usage among the files.
    #[error("no usage file among the {files} files given")]
    UsageMissing {
        /// How many files were read.
        files: usize,
    },
    /// The CSV is broken.
    #[error("the CSV is broken: {problem}")]
    CsvMalformed {
        /// How.
        problem: String,
    },
    /// The JSON or TOML is broken, or of another shape.
    #[error("the document is broken: {problem}")]
    JsonMalformed {
        /// How.
        problem: String,
    },
    /// A column of binary floats where exact numbers belong.
    #[error("the column holds binary floats ({found}), which cannot hold every decimal number")]
    BinaryFloat {
        /// The column's type.
        found: String,
    },
    /// A column of a type that holds neither texts nor numbers nor times.
    #[error("the column is of type {found}, which is not read")]
    ColumnType {
        /// The column's type.
        found: String,
    },
    /// A grant without dates, where nothing else gives them.
    #[error("the grant {id} has no dates")]
    GrantNoDates {
        /// The grant.
        id: String,
    },
    /// Two partner files.
    #[error("two partner files: {first} and {second}")]
    TwoPartners {
        /// The one.
        first: String,
        /// The other.
        second: String,
    },
    /// More lines were rejected than allowed.
    #[error("{rejected} lines were rejected, {allowed} are allowed")]
    TooManyRejects {
        /// How many were.
        rejected: u64,
        /// How many may be.
        allowed: u64,
    },
    /// Sums and texts would take more memory than they may.
    #[error("the sums and texts take more than the {limit} bytes of memory that they may (--max-memory)")]
    MemoryExceeded {
        /// What they may take.
        limit: u64,
    },
    /// An output cannot be written.
    #[error("cannot write it: {problem}")]
    WriteFailed {
        /// What the system says.
        problem: String,
    },
    /// Whoever asked no longer wants the answer.
    #[error("stopped before the answer was there")]
    Cancelled,
    /// Arguments that do not go together.
    #[error("{problem}")]
    Arguments {
        /// What is wrong.
        problem: String,
    },
}

impl Fault {
    /// The fault at a place.
    #[must_use]
    pub const fn at(self, place: Place) -> Error {
        Error { fault: self, place }
    }

    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Value(error) => error.code(),
            Self::Coded { code, .. } => code,
            Self::DayFirst { .. } => "date.invalid",
            Self::NotFound { .. } => "input.not_found",
            Self::UnknownKind { .. } => "input.unknown_kind",
            Self::NothingUsable { .. } => "input.nothing_usable",
            Self::MissingColumn { .. } => "input.missing_column",
            Self::DuplicateColumn { .. } => "input.duplicate_column",
            Self::Encoding => "input.encoding",
            Self::Truncated { .. } => "input.truncated",
            Self::Changed => "input.changed",
            Self::TooLarge { .. } | Self::Unpacked { .. } => "input.too_large",
            Self::TooDeep => "input.too_deep",
            Self::UsageOverlap { .. } => "input.usage_overlap",
            Self::PartMissing { .. } => "input.part_missing",
            Self::UsageMissing { .. } => "input.usage_missing",
            Self::CsvMalformed { .. } => "csv.malformed",
            Self::JsonMalformed { .. } => "json.malformed",
            Self::BinaryFloat { .. } => "number.binary_float",
            Self::ColumnType { .. } => "input.column_type",
            Self::GrantNoDates { .. } => "grant.no_dates",
            Self::TwoPartners { .. } => "partner.duplicate",
            Self::TooManyRejects { .. } => "rejects.too_many",
            Self::MemoryExceeded { .. } => "memory.exceeded",
            Self::WriteFailed { .. } => "output.write_failed",
            Self::Cancelled => "cancelled",
            Self::Arguments { .. } => "usage.arguments",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Value(error) => error.help(),
            Self::Coded { help, .. } => help,
            Self::DayFirst { .. } => {
                "dates with slashes are read as month/day/year; a spreadsheet may have turned them round: export the file again, or write 2026-10-31"
            }
            Self::NotFound { .. } => "check the path and that the file may be read",
            Self::UnknownKind { .. } => {
                "see the list of file kinds in the documentation; `pec inspect` shows what each file is taken for"
            }
            Self::NothingUsable { .. } => {
                "point at the folder that holds the exports; `pec inspect` says why each file was passed over"
            }
            Self::MissingColumn { .. } => {
                "export the file again with all columns; columns are found by their name, in any order"
            }
            Self::DuplicateColumn { .. } => "remove one of the two columns",
            Self::Encoding => "save the file as UTF-8",
            Self::Truncated { .. } => "download or copy the file again",
            Self::Changed => "wait until it is written whole, then ask again; or copy it and ask of the copy",
            Self::TooLarge { .. } => "the file is broken, or not what it seems; open it and look",
            Self::Unpacked { .. } => "it is not what it seems; if it is, unpack it and give it as it is",
            Self::TooDeep => "the file is broken, or not what it seems; open it and look",
            Self::UsageOverlap { .. } => "leave one of them out, or choose one kind with --usage",
            Self::PartMissing { .. } => {
                "download or copy every part of the export; to go on without, leave its manifest out"
            }
            Self::UsageMissing { .. } => "add a Cost Management, daily rated or FOCUS usage export",
            Self::CsvMalformed { .. } => "export the file again; quotes inside a quoted field are doubled",
            Self::JsonMalformed { .. } => "export the file again, or mend the field that is named",
            Self::BinaryFloat { .. } => {
                "read the column as decimals or as text from its source, such as dtype=str in pandas.read_csv, schema_overrides in polars.read_csv or types in DuckDB's read_csv; a cast from floats does not bring the digits back"
            }
            Self::ColumnType { .. } => "cast the column to text, decimals or dates",
            Self::GrantNoDates { .. } => "give the activity log beside it, or an export that holds createdOn",
            Self::TwoPartners { .. } => "give one partner file",
            Self::TooManyRejects { .. } => "see each with --rejects FILE; allow them with --allow-rejected N",
            Self::MemoryExceeded { .. } => {
                "group by fewer keys, take fewer days at once (--from, --to), or allow more with --max-memory"
            }
            Self::WriteFailed { .. } => "check the path and the space on the disk",
            Self::Cancelled => "ask again",
            Self::Arguments { .. } => "see --help",
        }
    }
}

impl Error {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.fault.code()
    }

    /// What to do about it.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        self.fault.help()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said = match self.place.to_string().as_str() {
            "" => self.fault.to_string(),
            place => format!("{place}: {}", self.fault),
        };
        // Names out of files may hold anything; an error is one line.
        for letter in said.chars() {
            if letter.is_control() {
                write!(f, "{}", letter.escape_default())?;
            } else {
                f.write_char(letter)?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.fault)
    }
}
