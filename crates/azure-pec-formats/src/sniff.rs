//! What a file is, told by its first bytes. Every file is a document, a table of a known kind, or something with a name.

use csv::{ByteRecord, ReaderBuilder};

use crate::cost_management::PARTNER_COLUMNS;
use crate::document_kind::{IS_READ, WRITTEN};
use crate::error::{Error, Fault};
use crate::header::Header;
use crate::json_kind::json_kind;
use crate::kind::Kind;
use crate::records::is_json;
use crate::source::Source;

/// So much of the plain text is looked at; a header has a few thousand bytes.
const HEAD_BYTES: usize = 64 * 1024;
/// So many column names are shown of a table that is not known.
const SHOWN_COLUMNS: usize = 6;

/// What a file looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// JSON, JSON lines or TOML: its keys say more.
    Document,
    /// A table of this kind, or JSON with records of it, to be read record by record.
    Table(Kind),
    /// Nothing that is read: what it seems to be, for people.
    Other(String),
}

/// Looks at the beginning of a source.
///
/// # Errors
/// `input.not_found`, `input.truncated` where not even the beginning can be read.
pub fn sniff(source: &Source) -> Result<Shape, Error> {
    #[cfg(feature = "arrow")]
    if let Some(batches) = source.arrow() {
        return Ok(columns_shape(&batches.header()));
    }
    let head = source.head(HEAD_BYTES)?;
    #[cfg(feature = "parquet")]
    if crate::parquet_file::is_parquet(&head) {
        return parquet_shape(source);
    }
    Ok(shape(&head, head.len() == HEAD_BYTES))
}

#[cfg(feature = "parquet")]
fn parquet_shape(source: &Source) -> Result<Shape, Error> {
    Ok(columns_shape(&crate::parquet_file::ParquetFile::open(source)?.header()))
}

/// What columns of these names are; only usage is read from columns.
#[cfg(feature = "arrow")]
fn columns_shape(header: &Header) -> Shape {
    match table_kind(header) {
        Ok(kind) if kind.is_usage() => Shape::Table(kind),
        Ok(kind) => Shape::Other(format!("{kind} as Parquet or Arrow; export it as CSV")),
        Err(found) => Shape::Other(found),
    }
}

/// What the first bytes of a plain text look like; `more` follow or not.
#[must_use]
pub fn shape(head: &[u8], more: bool) -> Shape {
    if let Some(name) = packed_or_binary(head) {
        return Shape::Other(name.to_owned());
    }
    match head.trim_ascii_start().first() {
        None => return Shape::Other("an empty file".to_owned()),
        Some(b'{' | b'[') if is_json(head) => {
            return json_kind(head).map_or(Shape::Document, Shape::Table);
        }
        Some(b'<') => return Shape::Other("an HTML or XML page".to_owned()),
        _ if is_toml(head) => return Shape::Document,
        _ => {}
    }
    match header_of(head, more).and_then(|header| table_kind(&header)) {
        Ok(kind) => Shape::Table(kind),
        Err(found) => Shape::Other(found),
    }
}

/// Formats known by their first bytes, and bytes that are no text.
fn packed_or_binary(head: &[u8]) -> Option<&'static str> {
    let signatures: [(&[u8], &str); 11] = [
        (b"PAR1", "a Parquet file, which this build does not read"),
        (b"PK", "a zip archive inside another"),
        (&[0x1f, 0x8b], "a gzip file inside another"),
        (&[0xff, 0xfe], UTF_16),
        (&[0xfe, 0xff], UTF_16),
        (&[0xd0, 0xcf, 0x11, 0xe0], "an old Excel workbook; save the sheet as CSV (UTF-8)"),
        (b"%PDF", "a PDF file"),
        (b"BZh", "a bzip2 file; unpack it first"),
        (&[0x28, 0xb5, 0x2f, 0xfd], "a zstd file; unpack it first"),
        (&[0xfd, b'7', b'z', b'X', b'Z'], "an xz file; unpack it first"),
        (b"7z\xbc\xaf", "a 7z archive; unpack it first"),
    ];
    let known = signatures.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, name)| *name);
    known.or_else(|| head.contains(&0).then_some("binary data"))
}

/// Whether the first line that is no comment is `key = value`.
fn is_toml(head: &[u8]) -> bool {
    let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let Some(line) = lines.find(|line| !line.is_empty() && !line.starts_with(b"#")) else { return false };
    let Some(at) = line.iter().position(|byte| *byte == b'=') else { return line.starts_with(b"[") };
    let key = line.get(..at).unwrap_or_default().trim_ascii();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'"' | b'\'');
    !key.is_empty() && key.iter().all(plain)
}

fn header_of(head: &[u8], more: bool) -> Result<Header, String> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(head);
    let mut record = ByteRecord::new();
    let found = reader.read_byte_record(&mut record).unwrap_or(false);
    let length = usize::try_from(reader.position().byte()).unwrap_or(usize::MAX);
    if !found || (more && length >= head.len()) {
        return Err("text whose first line has no end within 64 KiB".to_owned());
    }
    Header::new(&record).map_err(|_| NOT_UTF_8.to_owned())
}

/// The kind of a table with these columns; where it is none that is read, what it seems to be.
///
/// # Errors
/// A description, for people.
pub fn table_kind(header: &Header) -> Result<Kind, String> {
    let has = |name: &str| header.has(name);
    let any = |names: &[&str]| names.iter().any(|name| has(name));
    let count = |names: &[&str]| names.iter().filter(|name| has(name)).count();
    // Partner Center's files share most names: what only one of them has decides.
    if any(&["UsageDate", "EntitlementId", "ResourceURI"]) && count(DAILY_RATED) >= 3 {
        return Ok(Kind::UsageDailyRated);
    }
    if any(PARTNER_COLUMNS) && any(COST_MANAGEMENT) {
        return Ok(Kind::UsageCostManagement);
    }
    if has("BilledCost") && has("ChargePeriodStart") {
        return Ok(Kind::UsageFocus);
    }
    if any(RECONCILIATION) {
        return Ok(Kind::InvoiceReconciliation);
    }
    if has("USDPerUnit") {
        return Ok(Kind::PricesFx);
    }
    if has("TierMinimumUnits") && has("MarketPrice") {
        return Ok(Kind::PricesPriceSheet);
    }
    if count(AZURE_PLAN) >= 3 && !any(&["Segment", "ERP Price", "BillingPlan"]) {
        return Ok(Kind::PricesAzurePlan);
    }
    Err(stranger(header))
}

const DAILY_RATED: &[&str] = &[
    "UsageDate",
    "EntitlementId",
    "ResourceURI",
    "CustomerDomainName",
    "SubscriptionDescription",
    "AvailabilityId",
    "PCToBCExchangeRate",
    "MeterType",
    "PartnerEarnedCreditPercentage",
    "ConsumedService",
];
const COST_MANAGEMENT: &[&str] = &[
    "PayGPrice",
    "marketPrice",
    "productOrderId",
    "effectivePrice",
    "costInBillingCurrency",
    "exchangeRatePricingToBilling",
    "servicePeriodStartDate",
];
/// `PriceAdjusmentDescription` is how one published page spells it.
const RECONCILIATION: &[&str] =
    &["PriceAdjustmentDescription", "PriceAdjusmentDescription", "TermAndBillingCycle", "BillableQuantity"];
const AZURE_PLAN: &[&str] = &[
    "ProductTitle",
    "SkuTitle",
    "TermDuration",
    "PricingTierRangeMin",
    "PricingTierRangeMax",
    "MeterIds",
    "EffectiveEndDate",
    "Market",
    "Tags",
];

const OWN_TABLE: &str = "a table that pec wrote";
/// The header of the rejects' table.
pub(crate) const REJECTS: [&str; 6] = ["file", "line", "column", "code", "message", "record"];

/// Whether the description of something that is not read says that it is our own work.
pub(crate) fn is_own(description: &str) -> bool {
    description == OWN_TABLE || description.ends_with(WRITTEN)
}

const UTF_16: &str = "text in UTF-16; save it as UTF-8";
const NOT_UTF_8: &str = "text that is not UTF-8";
const WITH_COMMAS: &str = "save it with commas";

/// Whether the description of something that is not read says that it may well be an export: in another encoding, with
/// other marks between its columns, of an unknown form, cut short or broken.
pub(crate) fn is_unread(description: &str) -> bool {
    let broken =
        [Fault::Truncated { problem: String::new() }, Fault::JsonMalformed { problem: String::new() }];
    description == UTF_16
        || description == NOT_UTF_8
        || description.ends_with(WITH_COMMAS)
        || description.ends_with(IS_READ)
        || broken.iter().any(|fault| description.contains(&fault.to_string()))
}

/// Tables that are known by name and not read: any of the columns of a row tells one.
const STRANGERS: &[(&[&str], &str)] = &[
    (&["list_amount"], OWN_TABLE),
    (&["BilledCost"], "a FOCUS export without ChargePeriodStart, which says nothing of days"),
    (
        &["TierMinimumUnits", "BasePrice"],
        "a price sheet without MarketPrice, which holds an account's own prices and no list prices",
    ),
    (&["ERP Price", "Segment"], "a price list of licences, which earn no credit"),
    (
        &["EnrollmentNumber", "AccountOwnerId", "AccountOwnerName", "PartNumber", "OfferId", "ResourceRate"],
        "a usage export of an Enterprise Agreement or pay-as-you-go account, which earns no partner credit",
    ),
    (
        &["billingProfileId", "invoiceSectionId", "PayGPrice", "costInBillingCurrency"],
        "a Cost Management export of an account that is not a partner's (it has no partner columns)",
    ),
    (&["RoleDefinitionId", "RoleDefinitionName"], "role assignments as a table; export them as JSON"),
    (&["OperationNameValue"], "an activity log as a table, which is not read yet"),
];

fn stranger(header: &Header) -> String {
    let known = STRANGERS.iter().find(|(columns, _)| columns.iter().any(|name| header.has(name)));
    if let Some((_, name)) = known {
        return (*name).to_owned();
    }
    let names = header.names();
    if names == REJECTS {
        return OWN_TABLE.to_owned();
    }
    if let [only] = names {
        let separator = [(';', "semicolons"), ('\t', "tabs"), ('|', "bars")];
        return match separator.iter().find(|(mark, _)| only.matches(*mark).count() >= 2) {
            Some((_, marks)) => format!("a table with {marks} between its columns; {WITH_COMMAS}"),
            None => "text that is no table".to_owned(),
        };
    }
    let shown = |name: &String| name.chars().filter(|c| !c.is_control()).take(40).collect::<String>();
    let first: Vec<_> = names.iter().take(SHOWN_COLUMNS).map(shown).collect();
    let rest = names.len().saturating_sub(SHOWN_COLUMNS);
    let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
    format!("a table with the columns {}{more}", first.join(", "))
}
