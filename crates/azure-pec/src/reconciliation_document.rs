//! The reconciliation as a document (`azure-pec/reconciliation/1`).

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::amount::Amount;
use crate::day::Day;
use crate::statement_document::{InputSummary, Period, RuleSummary, Warning};

/// `azure-pec/reconciliation/1`.
#[derive(Debug, Clone, Serialize)]
pub struct ReconciliationDocument {
    /// `azure-pec/reconciliation/1`.
    pub schema: &'static str,
    /// What the same data always gives, to the byte.
    pub body: ReconciliationBody,
    /// SHA-256 of the body as compact JSON.
    pub body_sha256: String,
    /// The first usage lines of each finding, by its place among the findings (the first is 1).
    pub evidence: Vec<FindingEvidence>,
    /// What was read.
    pub inputs: Vec<InputSummary>,
}

impl ReconciliationDocument {
    /// The document of a body and what it was read from.
    #[must_use]
    pub fn new(body: ReconciliationBody, mut inputs: Vec<InputSummary>) -> Self {
        inputs.sort_by(|a, b| a.path.cmp(&b.path));
        let digest = Sha256::digest(serde_json::to_vec(&body).unwrap_or_default());
        let body_sha256 = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        let evidence = body
            .findings
            .iter()
            .zip(1..)
            .filter(|(row, _)| !row.evidence.is_empty())
            .map(|(row, finding)| FindingEvidence { finding, lines: row.evidence.clone() })
            .collect();
        Self { schema: "azure-pec/reconciliation/1", body, body_sha256, evidence, inputs }
    }

    /// The document as it is printed: two-space indents, a newline at the end.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// The body of a reconciliation.
#[derive(Debug, Clone, Serialize)]
pub struct ReconciliationBody {
    /// The first and last day of the usage.
    pub period: Period,
    /// By what rule.
    pub rule: RuleSummary,
    /// How many usage lines have which outcome; `outside` are no usage that is charged at its meter's price.
    pub lines: BTreeMap<&'static str, u64>,
    /// What the rule cannot say: it agrees, whatever was applied.
    pub undecided: Vec<Undecided>,
    /// What does not agree.
    pub findings: Vec<Difference>,
    /// The invoice's lines whose expected and observed charge differ.
    pub invoice_lines: Vec<InvoiceComparison>,
    /// From list price to total, by month, customer, reseller and currencies.
    pub bridges: Vec<Bridge>,
    /// What to know before trusting the numbers.
    pub warnings: Vec<Warning>,
}

impl ReconciliationBody {
    /// Whether anything but agreement, and what is pending, was found.
    #[must_use]
    pub fn differs(&self) -> bool {
        let differs = |row: &Difference| !matches!(row.outcome, "observed.pending" | "rounding");
        let left = |bridge: &Bridge| {
            let left = [Some(&bridge.residual.charge), bridge.residual.total.as_ref()];
            left.into_iter().flatten().any(|amount| !amount.is_zero())
        };
        self.findings.iter().any(differs) || self.bridges.iter().any(left)
    }
}

/// Lines of which the rule cannot say whether they earn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Undecided {
    /// The customer's tenant.
    pub customer: String,
    /// The Azure subscription.
    pub subscription: String,
    /// The code of the reason.
    pub reason: &'static str,
    /// The number of lines.
    pub lines: u64,
    /// Quantity times list price.
    pub list_amount: Amount,
    /// That times the rate of the day.
    pub potential: Amount,
}

/// Something that was billed otherwise than it should have been. Amounts are what was billed less what should have been:
/// above 0 the partner paid too much.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The outcome, one of the contract's.
    pub outcome: &'static str,
    /// Which of several: `credit_rate`, `exchange_rate`, `tier`, `list_price` and the like.
    pub of: Option<&'static str>,
    /// The month of the invoice; while unbilled, of the usage.
    pub month: String,
    /// The invoice; none while unbilled.
    pub invoice: Option<String>,
    /// The customer's tenant.
    pub customer: String,
    /// The reseller.
    pub reseller: Option<String>,
    /// The Azure plan.
    pub plan: Option<String>,
    /// The Azure subscription, where there is only one.
    pub subscription: Option<String>,
    /// The product.
    pub product: Option<String>,
    /// The SKU.
    pub sku: Option<String>,
    /// The meter's name.
    pub meter: Option<String>,
    /// The first day of the usage.
    pub first: Option<Day>,
    /// Its last day.
    pub last: Option<Day>,
    /// The number of usage lines.
    pub lines: u64,
    /// The pricing currency.
    pub pricing_currency: String,
    /// In the pricing currency.
    pub pricing: Amount,
    /// The billing currency.
    pub billing_currency: String,
    /// In the billing currency; none where nothing was invoiced.
    pub billing: Option<Amount>,
    /// The rate of the invoice line in question.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Amount>,
    /// The earlier finding that a correction takes back.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrected>,
    /// The first lines in question; they stand beside the body, which names no files.
    #[serde(skip)]
    pub evidence: Vec<LineReference>,
}

/// What a correction takes back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Corrected {
    /// Its outcome.
    pub outcome: &'static str,
    /// Its month.
    pub month: String,
    /// Its first day.
    pub first: Option<Day>,
    /// Its last day.
    pub last: Option<Day>,
    /// Its money in the pricing currency.
    pub pricing: Amount,
    /// What is left of it.
    pub left: Amount,
}

/// The first usage lines of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FindingEvidence {
    /// The finding's place; the first is 1.
    pub finding: usize,
    /// The lines.
    pub lines: Vec<LineReference>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LineReference {
    /// The file.
    pub file: String,
    /// The line at which the record starts.
    pub line: u64,
}

/// What a line of the invoice should be and is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct InvoiceComparison {
    /// The month of the invoice.
    pub month: String,
    /// The invoice; none while unbilled.
    pub invoice: Option<String>,
    /// The customer's tenant.
    pub customer: String,
    /// The Azure plan.
    pub plan: String,
    /// The product.
    pub product: String,
    /// The SKU.
    pub sku: String,
    /// The availability.
    pub availability: String,
    /// The meter's name.
    pub meter: String,
    /// The rate of credit.
    pub rate: Amount,
    /// Usage of an earlier month.
    pub correction: bool,
    /// What should be there.
    pub expected: Option<ChargedLine>,
    /// What is there.
    pub observed: Option<ChargedLine>,
}

/// What a line of the invoice charges.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChargedLine {
    /// In units of measure.
    pub quantity: Amount,
    /// In the pricing currency, cut to its decimals.
    pub charge: Amount,
    /// The charge over the quantity, to 15 significant digits.
    pub effective_unit_price: Option<Amount>,
    /// In the billing currency; none while unbilled.
    pub subtotal: Option<Amount>,
}

/// The charge in the pricing currency and the total in the billing currency; none where nothing was invoiced.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ChargeAndTotal {
    /// In the pricing currency.
    pub charge: Amount,
    /// In the billing currency.
    pub total: Option<Amount>,
}

/// From list price to total: `list + tiers + credit + cents = charge` in the pricing currency, `exchanged + exchange_cut =
/// total` in the billing currency, and `total + differences + residual = observed`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bridge {
    /// The month of the invoice.
    pub month: String,
    /// The customer's tenant.
    pub customer: String,
    /// The reseller.
    pub reseller: String,
    /// The pricing currency.
    pub pricing_currency: String,
    /// The billing currency.
    pub billing_currency: String,
    /// The one exchange rate; none where there are several.
    pub exchange_rate: Option<Amount>,
    /// Quantity times the price of a unit without any tier's favour.
    pub list: Amount,
    /// What tiers take off.
    pub tiers: Amount,
    /// What the credit takes off.
    pub credit: Amount,
    /// What the cut to the decimals of the pricing currency takes off.
    pub cents: Amount,
    /// What should be charged.
    pub charge: Amount,
    /// The charges times their exchange rates.
    pub exchanged: Amount,
    /// What the cut to the decimals of the billing currency takes off.
    pub exchange_cut: Amount,
    /// What the total before tax should be.
    pub total: Amount,
    /// The sum of the findings.
    pub differences: ChargeAndTotal,
    /// What was billed.
    pub observed: ChargeAndTotal,
    /// What is left: computed, at most a cent for each meter and month.
    pub residual: ChargeAndTotal,
}
