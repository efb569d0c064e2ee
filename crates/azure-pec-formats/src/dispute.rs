//! The dispute pack: what to attach to a support request, in one zip.
//!
//! `letter.txt` says who, which invoice, what and how much, by class, with the published lines of the rule; `findings.csv`
//! and `reconciliation.json` hold the whole answer; `lines.csv` every usage line in question with its evidence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write;
use std::path::Path;

use azure_pec::{
    Amount, Calculator, CreditBatch, Difference, DisputedLines, Field, Reconciliation, ReconciliationBody,
    ReconciliationDocument, Session, UsageBatch,
};
use zip::write::SimpleFileOptions;

use crate::error::Error;
use crate::field_set::FieldSet;
use crate::inputs::{Inputs, UsageFile};
use crate::output::{failed, whole_zip};
use crate::reconcile::{Reader, first_kind};
use crate::run::{BatchSink, RunOptions};
use crate::worker::Worker;

const FINDINGS: [&str; 21] = [
    "finding",
    "outcome",
    "of",
    "month",
    "invoice",
    "customer",
    "reseller",
    "plan",
    "subscription",
    "product",
    "sku",
    "meter",
    "rate",
    "first",
    "last",
    "lines",
    "pricing_currency",
    "pricing",
    "billing_currency",
    "billing",
    "corrects",
];

const LINES: [&str; 24] = [
    "findings",
    "file",
    "line",
    "date",
    "invoice",
    "customer_id",
    "plan_id",
    "subscription_id",
    "resource_id",
    "product_id",
    "sku_id",
    "availability_id",
    "meter_id",
    "meter_name",
    "quantity",
    "list_price",
    "outcome",
    "reason",
    "expected_rate",
    "observed_rate",
    "effective_unit_price",
    "grant_ids",
    "gap_start",
    "gap_end",
];

/// The texts of a line in question.
const LINE_FIELDS: [Field; 10] = [
    Field::InvoiceId,
    Field::CustomerId,
    Field::PlanId,
    Field::SubscriptionId,
    Field::ResourceId,
    Field::ProductId,
    Field::SkuId,
    Field::AvailabilityId,
    Field::MeterId,
    Field::MeterName,
];

/// What a class of findings says, in words.
const CLASSES: [(&str, &str); 8] = [
    ("observed.missing", "Credit was earned and not given"),
    ("observed.unexpected", "Credit was given that the access on record does not earn"),
    (
        "difference.rate",
        "Another rate was applied than the published one, or another exchange rate than the usage's",
    ),
    ("difference.price", "Another price was charged than the price list's"),
    ("difference.product", "A product was treated as one that earns no credit, or the other way round"),
    ("correction", "What this or a later invoice set right of earlier months"),
    ("unexplained", "Charges that the usage does not explain, or usage that was not charged"),
    ("rounding", "What cutting to cents makes of the above"),
];

/// The findings as a table of CSV.
#[must_use]
pub fn findings_table(body: &ReconciliationBody) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(FINDINGS);
    for (number, row) in body.findings.iter().enumerate() {
        let _ = writer.write_record(finding(number + 1, row));
    }
    writer.into_inner().unwrap_or_default()
}

fn finding(number: usize, row: &Difference) -> [String; 21] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let shown = |value: Option<String>| value.unwrap_or_default();
    let corrects = row.corrects.as_ref();
    [
        number.to_string(),
        row.outcome.to_owned(),
        row.of.unwrap_or_default().to_owned(),
        row.month.clone(),
        text(&row.invoice),
        row.customer.clone(),
        text(&row.reseller),
        text(&row.plan),
        text(&row.subscription),
        text(&row.product),
        text(&row.sku),
        text(&row.meter),
        shown(row.rate.as_ref().map(ToString::to_string)),
        shown(row.first.map(|day| day.to_string())),
        shown(row.last.map(|day| day.to_string())),
        row.lines.to_string(),
        row.pricing_currency.clone(),
        row.pricing.to_string(),
        row.billing_currency.clone(),
        shown(row.billing.as_ref().map(ToString::to_string)),
        shown(
            corrects.map(|earlier| format!("{} of {} {}", earlier.outcome, earlier.month, earlier.pricing)),
        ),
    ]
}

/// Writes the dispute pack. The usage is read once more for its lines.
///
/// # Errors
/// `output.write_failed`, and a usage file that cannot be read any more; then what stood there before still does.
pub fn write_dispute_pack(
    path: &Path,
    document: &ReconciliationDocument,
    disputed: &DisputedLines,
    inputs: &Inputs,
    calculator: &Calculator,
) -> Result<(), Error> {
    whole_zip(path, |pack| {
        // Without a time of its own: the same pack is the same bytes.
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .large_file(true);
        let whole = |pack: &mut zip::ZipWriter<_>, name: &str, content: &[u8]| {
            pack.start_file(name, options)
                .map_err(std::io::Error::from)
                .and_then(|()| pack.write_all(content))
        };
        let parts = [
            ("letter.txt", letter(document, calculator).into_bytes()),
            ("findings.csv", findings_table(&document.body)),
            ("reconciliation.json", document.to_json().into_bytes()),
        ];
        for (name, content) in parts {
            whole(pack, name, &content).map_err(|error| failed(path, &error))?;
        }
        pack.start_file("lines.csv", options).map_err(|error| failed(path, &error.into()))?;
        let mut sink = LinesInQuestion {
            path,
            writer: csv::Writer::from_writer(pack),
            session: calculator.session(),
            disputed,
        };
        sink.row(LINES)?;
        let Some(first) = first_kind(inputs) else { return Ok(()) };
        let files: Vec<(usize, &UsageFile)> =
            inputs.usage.iter().enumerate().filter(|(_, file)| file.kind == first).collect();
        let reader = Reader { calculator, files: &files, witness: false, progress: &|_| () };
        let run = RunOptions::default();
        let job = reader.job(&run, sink.fields());
        let mut worker = Worker::for_sink(&job);
        for (_, file) in &files {
            worker.file(&file.source, Some(&mut sink))?;
        }
        sink.writer.flush().map_err(|error| failed(path, &error))
    })
}

/// Writes the lines that stand behind findings.
struct LinesInQuestion<'p, W: Write> {
    path: &'p Path,
    writer: csv::Writer<W>,
    session: Session<'p>,
    disputed: &'p DisputedLines,
}

impl<W: Write> LinesInQuestion<'_, W> {
    fn row<T: AsRef<[u8]>>(&mut self, fields: impl IntoIterator<Item = T>) -> Result<(), Error> {
        self.writer.write_record(fields).map_err(|error| failed(self.path, &error.into()))
    }
}

impl<W: Write> BatchSink for LinesInQuestion<'_, W> {
    fn fields(&self) -> FieldSet {
        Reconciliation::fields().chain(LINE_FIELDS).collect()
    }

    fn take(
        &mut self,
        file: &str,
        batch: &UsageBatch,
        credits: &CreditBatch,
        calculator: &Calculator,
    ) -> Result<(), Error> {
        for row in 0..batch.len() {
            let findings = self.disputed.of(batch, credits, row, calculator);
            let Some(credit) = credits.credit(row, calculator.rule()) else { continue };
            if findings.is_empty() {
                continue;
            }
            let numbers: Vec<String> = findings.iter().map(|at| (at + 1).to_string()).collect();
            let mut fields = vec![numbers.join(";"), file.to_owned()];
            fields.push(batch.lines().get(row).map(ToString::to_string).unwrap_or_default());
            fields.push(batch.dates().get(row).map(ToString::to_string).unwrap_or_default());
            fields.extend(LINE_FIELDS.map(|field| batch.text(field, row).to_owned()));
            fields.push(batch.quantities().get(row).map(ToString::to_string).unwrap_or_default());
            let own = batch.list_prices().get(row).and_then(Option::as_ref);
            fields.push(own.map(Amount::to_string).unwrap_or_default());
            fields.push(credit.outcome.as_str().to_owned());
            fields.push(credit.reason.code().to_owned());
            fields.push(match credit.outcome.as_str() {
                "earned" => credit.rate.to_string(),
                "unknown" => String::new(),
                _ => "0".to_owned(),
            });
            fields.push(batch.text(Field::ObservedRate, row).to_owned());
            fields.push(batch.text(Field::EffectiveUnitPrice, row).to_owned());
            let evidence = self.session.evidence(batch, row);
            fields.push(evidence.grants.iter().map(ToString::to_string).collect::<Vec<_>>().join(";"));
            let gap = evidence.gap.map(|gap| (gap.start.to_string(), gap.end.to_string()));
            let (start, end) = gap.unwrap_or_default();
            fields.extend([start, end]);
            self.row(fields)?;
        }
        Ok(())
    }
}

/// Month, customer, pricing and billing currency of what is disputed.
type ClassKey<'d> = (&'d str, &'d str, &'d str, &'d str);
/// How many usage lines, and their money in the pricing and the billing currency.
type ClassSums = (u64, Amount, Option<Amount>);

/// The covering text.
fn letter(document: &ReconciliationDocument, calculator: &Calculator) -> String {
    let body = &document.body;
    let invoices: BTreeSet<&str> = body.findings.iter().filter_map(|row| row.invoice.as_deref()).collect();
    let months: BTreeSet<&str> = body.findings.iter().map(|row| row.month.as_str()).collect();
    let list = |names: &BTreeSet<&str>| names.iter().copied().collect::<Vec<_>>().join(", ");
    let mut text = String::from("Partner earned credit: request to correct a bill\n\n");
    // Writing to a text cannot fail.
    let _ = writeln!(
        text,
        "Invoices: {}",
        if invoices.is_empty() { "none yet".to_owned() } else { list(&invoices) }
    );
    let _ = writeln!(text, "Months:   {}\n", list(&months));
    text += "We held the usage, the access and the price lists of these months against what was billed. Amounts are\n\
             what was billed less what should have been: above 0, we paid too much.\n";
    for (outcome, words) in CLASSES {
        let rows: Vec<&Difference> = body.findings.iter().filter(|row| row.outcome == outcome).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(text, "\n{words} ({outcome}):");
        let mut sums: BTreeMap<ClassKey<'_>, ClassSums> = BTreeMap::new();
        for row in rows {
            let key = (&*row.month, &*row.customer, &*row.pricing_currency, &*row.billing_currency);
            let sum = sums.entry(key).or_insert((0, Amount::ZERO, Some(Amount::ZERO)));
            sum.0 += row.lines;
            sum.1 += &row.pricing;
            sum.2 = sum.2.take().zip(row.billing.as_ref()).map(|(sum, billing)| &sum + billing);
        }
        for ((month, customer, pricing, billing), (lines, amount, billed)) in sums {
            let billed = billed.map(|amount| format!(", {billing} {amount}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "  {month}, customer {customer}: {lines} usage lines, {pricing} {amount}{billed}"
            );
        }
    }
    text += "\nEach finding stands in findings.csv, each usage line behind it in lines.csv with the grants that held on\n\
             its day, the bridge from list price to total in reconciliation.json.\n\nThe rule, as published:\n";
    for (name, source) in &calculator.rule().data().sources {
        let _ = writeln!(text, "  {name}: {source}");
    }
    let _ = writeln!(
        text,
        "\nRule data {}; SHA-256 of the reconciliation {}",
        body.rule.version, document.body_sha256
    );
    text
}
